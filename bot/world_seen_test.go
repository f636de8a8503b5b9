package bot_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"wfbot/bot/bottest/evidence"
	"wfbot/bot/bottest/invariant"
	"wfbot/bot/request"
	"wfbot/bot/slacksim"
	"wfbot/bot/slacksim/story"
	"wfbot/bot/store"
	"wfbot/workfront/workfrontsim"
)

// active reports whether the target is active in Workfront.
func (w *world) active() bool {
	u, ok := w.workfront.User(w.target.ID)
	return ok && u.Active
}

// writes returns what the bot wrote to isActive, effective or not.
func (w *world) writes() []workfrontsim.Write {
	return slices.DeleteFunc(w.workfront.Writes(), func(write workfrontsim.Write) bool { return write.Call == 0 })
}

// requests returns all requests in the database.
func (w *world) requests() []*request.Request {
	w.t.Helper()
	all, err := w.st.Requests(w.t.Context())
	if err != nil && !errors.Is(err, context.Canceled) {
		w.t.Fatal(err)
	}
	return all
}

// cards returns all stored cards, oldest first.
func (w *world) cards() []*request.Card {
	w.t.Helper()
	all, err := w.st.Cards(w.t.Context())
	if err != nil && !errors.Is(err, context.Canceled) {
		w.t.Fatal(err)
	}
	return all
}

// ask types the command for jane and returns the card once it has its buttons.
func (w *world) ask() *story.Message {
	w.t.Helper()
	w.As(w.rita).Types(w.channel, "/wf-deactivate jane@acme.com left the company")
	card := w.Channel(w.channel).ExpectMessage("Jane Doe")
	card.ExpectButtons("Approve", "Deny", "Cancel request")
	w.ExpectPrivate(w.rita, "Sent to")
	return card
}

// cancels has a person press Cancel on a card and submit the form.
func (w *world) cancels(card *story.Message, who, comment string) {
	w.t.Helper()
	w.opens(card, who, "Cancel request")
	w.ExpectModal(who, "Cancel this request", "Deactivate in Workfront").Submit(map[string]any{"comment": comment})
}

// opens has a person press a button that opens a form, again for as long as the
// machine is too slow to open it within the 3 seconds that Slack gives.
func (w *world) opens(card *story.Message, who, button string) {
	w.t.Helper()
	const late = "could not open the form in time"
	told := func() (n int) {
		for _, m := range w.Ephemerals(who) {
			if m.Contains(late) {
				n++
			}
		}
		return n
	}
	for opened := false; !opened; {
		before := told()
		card.Click(who, button)
		w.waitFor("a form opens, or is said to be late", func() bool {
			opened = len(w.OpenViews(who)) > 0
			return opened || told() > before
		})
		if !opened {
			w.ExpectPrivate(who, late)
		}
	}
}

// insist presses a button of the card, again for as long as Slack shows an error,
// as it does when the machine is too slow. It returns when the press is acknowledged
// or the card has no such button any more.
func (w *world) insist(user string, card *story.Message, button slacksim.Button) {
	for range 100 {
		reply, err := w.Click(user, card.ChannelID(), card.TS(), button)
		if err != nil || reply.Acked {
			return
		}
	}
	w.t.Errorf("a press was never acknowledged")
}

// waitFor fails the test unless cond comes true in time. It is tried whenever
// something happens in Slack or in Workfront.
func (w *world) waitFor(what string, cond func() bool) {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.t.Context(), story.Patience)
	defer cancel()
	changed, unsubscribe := w.workfront.Subscribe()
	defer unsubscribe()
	for {
		inSlack := w.Changed()
		if cond() {
			return
		}
		select {
		case <-changed:
		case <-inSlack:
		case <-ctx.Done():
			w.t.Fatalf("in vain waited until %s", what)
		}
	}
}

// quiet waits until the bot has nothing left to do, and fails the test if it
// said anything that was not expected.
func (w *world) quiet() {
	w.t.Helper()
	w.settle()
	w.check(true)
	w.NoLeftovers()
}

// settle waits until no row wants anything before somebody decides or time
// passes.
func (w *world) settle() {
	w.t.Helper()
	w.pollFor(time.Minute, "the bot has come to rest", func() bool {
		next, err := w.st.Next(w.t.Context(), w.clock.Now(), store.Waiting{Table: store.Interactions},
			store.Waiting{Table: store.Requests}, store.Waiting{Table: store.Cards}, store.Waiting{Table: store.Homes})
		if err != nil {
			w.t.Fatal(err)
		}
		for _, at := range next {
			if !at.IsZero() && !at.After(w.clock.Now().Add(10*time.Minute)) {
				return false
			}
		}
		return true
	})
}

// poll fails the test unless cond comes true in time. It is for what cannot
// announce itself; waitFor is better where something can.
func (w *world) poll(what string, cond func() bool) {
	w.t.Helper()
	w.pollFor(story.Patience, what, cond)
}

// pollFor is poll for what takes its time, if that is longer.
func (w *world) pollFor(patience time.Duration, what string, cond func() bool) {
	w.t.Helper()
	pause := 5 * time.Millisecond
	again := time.NewTimer(pause)
	defer again.Stop()
	for deadline := time.Now().Add(max(patience, story.Patience)); !cond(); <-again.C {
		if time.Now().After(deadline) {
			w.t.Fatalf("in vain waited until %s", what)
		}
		pause = min(pause*3/2, 100*time.Millisecond) // ever longer: others need the processor
		again.Reset(pause)
	}
}

// check fails the test if what can be seen of the world breaks an invariant.
// settled says that the bot has come to rest.
func (w *world) check(settled bool) {
	w.t.Helper()
	if _, err := w.st.Next(context.Background(), w.clock.Now(), store.Waiting{Table: store.Requests}); w.t.Failed() || err != nil { // failed already, or closed on purpose
		return
	}
	if err := w.violation(settled); err != nil {
		w.t.Errorf("invariants: %v", err)
	}
}

// violation is what breaks an invariant in what can be seen now.
func (w *world) violation(settled bool) error {
	seen, err := evidence.Gather(context.Background(), evidence.Sources{
		Store: w.st, Slack: w.Server, Workfront: w.workfront,
		Policy: w.config.Policy, StopWindow: w.config.StopWindow, Settled: settled,
		// The bot's clock is real time and what the test has skipped.
		Tolerance: w.clock.span() + time.Second,
	})
	if err != nil {
		return err
	}
	return invariant.Check(seen)
}

// trail returns the audit trail.
func (w *world) trail() []store.Entry {
	w.t.Helper()
	entries, err := w.st.Trail(w.t.Context(), 0, 10_000)
	if err != nil {
		w.t.Fatal(err)
	}
	return entries
}

// pressed returns the payload of the last press of a button, for another person
// and another button, as a client would send it that still shows an old card.
func (w *world) pressed(user, action string) map[string]any {
	w.t.Helper()
	for _, e := range slices.Backward(w.Envelopes()) {
		if e.Payload["type"] != "block_actions" {
			continue
		}
		e.Payload["user"].(map[string]any)["id"] = user
		delete(e.Payload, "response_url") // it would answer whoever pressed before
		button := e.Payload["actions"].([]any)[0].(map[string]any)
		button["action_id"], button["action_ts"] = action, fmt.Sprintf("%d.%06d", time.Now().Unix(), len(w.Envelopes()))
		return e.Payload
	}
	w.t.Fatal("nobody has pressed a button")
	return nil
}

// pressLate sends what pressed returns.
func (w *world) pressLate(user, action string) {
	w.t.Helper()
	if reply := w.SendEnvelope(slacksim.Interactive, w.pressed(user, action)); !reply.Acked {
		w.t.Fatalf("a late press was not acknowledged: %s", reply.Failure)
	}
}

// settleExceptRetries is settle for worlds where something is tried again for
// ever: it waits until the last interaction has been dealt with.
func (w *world) settleExceptRetries() {
	w.t.Helper()
	w.poll("the interactions have been dealt with", func() bool {
		_, unfinished, err := w.st.Interactions(w.t.Context())
		if err != nil {
			w.t.Fatal(err)
		}
		return unfinished == 0
	})
}
