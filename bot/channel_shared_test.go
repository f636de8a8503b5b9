package bot_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"wfbot/bot/request"
	"wfbot/bot/slackapi"
	"wfbot/bot/slacksim"
	"wfbot/bot/slacksim/story"
	"wfbot/workfront/workfrontsim"
)

// saysShared is said of a channel that others can read, to everybody.
const saysShared = "shared with another organisation"

// share makes people of another organisation read the channel of the cards, or not any
// more, and lets the bot's facts about it grow old.
func (w *world) share(shared bool) {
	w.t.Helper()
	w.UpdateChannel(w.channel, func(c *slacksim.Channel) { c.ExternallyShared = shared })
	w.clock.Skip(slackapi.FactsFor + time.Second)
}

// expectHidden waits until the card is a line about nobody, without buttons.
func (w *world) expectHidden(card *story.Message) {
	w.t.Helper()
	card.ExpectText(saysShared)
	card.ExpectButtons()
	if m := card.Now(); m.Contains("Jane") || m.Contains("acme.com") || len(m.Blocks) != 1 {
		w.t.Errorf("the hidden card says %s, with %d blocks", m.Text, len(m.Blocks))
	}
}

// direct counts what the bot told a person directly with these words in it.
func (w *world) directly(user, words string) (n int) {
	for _, m := range w.DirectMessages(user) {
		if m.Contains(words) {
			n++
		}
	}
	return n
}

// A card where nothing happens is hidden when others can read its channel, or are
// invited; requester and operator are told; and it comes back.
func TestIdleCardInSharedChannel(t *testing.T) {
	t.Parallel()
	for what, share := range map[string]func(*slacksim.Channel){
		"shared":  func(c *slacksim.Channel) { c.ExternallyShared = !c.ExternallyShared },
		"pending": func(c *slacksim.Channel) { c.SharePending = !c.SharePending },
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			ops := w.withOps()
			w.config.RemindEvery = time.Hour
			w.start()
			card := w.ask()
			w.settle()
			painted := len(w.Calls("chat.update"))

			w.UpdateChannel(w.channel, share)
			w.clock.Skip(5 * time.Minute)
			w.expectHidden(card)
			w.ExpectDM(w.rita, "deactivate Jane Doe", saysShared, "made internal again")
			w.Channel(ops).ExpectMessage(w.channel, saysShared, "If you stop sharing the channel")
			w.settle()
			for range 3 { // looked at again, and nobody is reminded there
				w.clock.Skip(30 * time.Minute)
				w.settle()
			}
			if n := len(w.Calls("chat.update")); n != painted+1 {
				t.Errorf("the hidden card was painted %d times", n-painted)
			}
			if n := len(w.Messages(w.channel)); n != 1 {
				t.Errorf("%d messages stand in the shared channel, want the hidden card", n)
			}
			if n := w.directly(w.rita, saysShared); n != 1 {
				t.Errorf("the requester was told %d times that the card is hidden", n)
			}

			w.UpdateChannel(w.channel, share)
			w.clock.Skip(15 * time.Minute)
			card.ExpectText("Jane Doe")
			card.ExpectButtons("Approve", "Deny", "Cancel request")
			card.ExpectReply("Still waiting")
			w.ExpectDM(w.rita, "Sent to")
			card.Click(w.anna, "Approve")
			w.ExpectDM(w.rita, "Deactivated: ")
			w.quiet()
		})
	}
}

// What is pressed or submitted in a channel that others can read decides nothing, and
// hides the card at once.
func TestClickInSharedChannelDecidesNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.start()
	card := w.ask()
	w.settle()
	w.opens(card, w.anna, "Deny")
	form := w.ExpectModal(w.anna, "Deny")
	w.share(true)
	card.Click(w.otto, "Approve")
	w.ExpectPrivate(w.otto, "People of another organisation can read")
	w.expectHidden(card)
	form.Submit(map[string]any{"comment": "no"})
	w.ExpectPrivate(w.anna, "People of another organisation can read")
	w.ExpectDM(w.rita, saysShared)
	w.settle()
	r := w.requests()[0]
	if r.State != request.Pending || len(r.Decisions) != 0 || len(w.writes()) != 0 {
		t.Errorf("the request is %s with %d decisions and %d writes", r.State, len(r.Decisions), len(w.writes()))
	}
	refused := 0
	for _, e := range w.trail() {
		if e.Kind == "refused" && e.Detail["why"] == string(request.RefusedSharedChannel) {
			refused++
		}
	}
	if refused != 2 {
		t.Errorf("the trail tells of %d refusals, want 2", refused)
	}
	w.share(false)
	w.clock.Skip(15 * time.Minute)
	card.ExpectButtons("Approve", "Deny", "Cancel request")
	card.Click(w.otto, "Approve")
	w.ExpectDM(w.rita, "Deactivated: ")
	w.settle()
	w.Forgive()
}

// What was approved before its channel was shared goes on; nothing about it is written
// there any more, and the requester is told how it ends.
func TestApprovedGoesOnInSharedChannel(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.config.StopWindow = time.Hour
	w.config.VerifyAfter = 24 * time.Hour
	w.start()
	card := w.ask()
	w.settle()
	card.Click(w.anna, "Approve")
	card.ExpectButtons("Cancel request")
	w.settle()
	w.share(true)
	w.clock.Skip(5 * time.Minute)
	w.expectHidden(card)
	w.ExpectDM(w.rita, "your request to deactivate Jane Doe", saysShared)
	w.clock.Skip(time.Hour)
	w.ExpectDM(w.rita, "Deactivated: ")
	w.settle()
	w.workfront.UpdateUser(w.target.ID, func(u *workfrontsim.User) { u.Active = true })
	w.clock.Skip(24 * time.Hour)
	w.ExpectDM(w.rita, "active")
	w.settle()
	w.expectHidden(card)
	if n := len(w.Messages(w.channel)); n != 1 {
		t.Errorf("%d messages stand in the shared channel, want the hidden card", n)
	}
	w.Forgive()
}

// The requester is told once, whatever restarts.
func TestHiddenIsToldOnceOverRestarts(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.start()
	card := w.ask()
	w.settle()
	w.Inject(slacksim.Fault{Method: "chat.postMessage", Count: 2, Answer: slacksim.Status(503)})
	w.share(true)
	w.clock.Skip(5 * time.Minute)
	w.expectHidden(card)
	w.poll("it is stored that the card is hidden", func() bool { return w.cards()[0].Hidden })
	w.stop()
	w.start()
	w.clock.Skip(time.Hour)
	w.ExpectDM(w.rita, saysShared)
	w.settle()
	for range 2 {
		w.stop()
		w.start()
		w.clock.Skip(time.Hour)
		w.settle()
	}
	if n := w.directly(w.rita, saysShared); n != 1 {
		t.Errorf("the requester was told %d times", n)
	}
	w.Forgive()
}

// The operator is told, with what to do, of a card that Slack does not let the bot hide;
// what is pressed on it decides nothing.
func TestCardThatCannotBeHidden(t *testing.T) {
	t.Parallel()
	for _, code := range []string{"edit_window_closed", "not_in_channel"} {
		t.Run(code, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			ops := w.withOps()
			w.start()
			card := w.ask()
			w.settle()
			w.Inject(slacksim.Fault{Method: "chat.update", Count: -1, Answer: slacksim.ErrorCode(code)})
			w.share(true)
			w.clock.Skip(5 * time.Minute)
			w.Channel(ops).ExpectMessage("delete the message in Slack", code, card.ChannelID())
			card.Click(w.anna, "Approve")
			w.ExpectPrivate(w.anna, "People of another organisation can read")
			if r := w.requests()[0]; r.State != request.Pending {
				t.Errorf("the request is %s", r.State)
			}
			w.Forgive()
		})
	}
}

// The message of a card is gone, and its channel shared: it is not posted again, and the
// requester is told so.
func TestLostCardOfSharedChannel(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ops := w.withOps()
	w.start()
	card := w.ask()
	w.settle()
	w.share(true)
	w.DeleteMessage(card.ChannelID(), card.TS())
	w.clock.Skip(5 * time.Minute)
	w.Channel(ops).ExpectMessage(saysShared)
	w.poll("the loss was noticed", func() bool { return strings.Contains(w.log.String(), "a card is gone") })
	w.clock.Skip(time.Minute)
	w.ExpectPrivate(w.rita, "People of another organisation can read")
	w.settle()
	w.Forgive()
}

// A click in a channel that Slack does not show the bot decides nothing: others may read
// it.
func TestClickInUnseenChannelDecidesNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.start()
	card := w.ask()
	w.settle()
	w.Kick(w.channel, w.BotUserID())
	w.clock.Skip(slackapi.FactsFor + time.Second)
	card.Click(w.anna, "Approve")
	w.ExpectPrivate(w.anna, "/invite")
	w.Invite(w.channel, w.BotUserID())
	w.clock.Skip(slackapi.FactsFor + time.Second)
	card.Click(w.anna, "Approve")
	w.ExpectDM(w.rita, "Deactivated: ")
	w.settle()
	w.Forgive()
}

// A card about several is hidden and told like one.
func TestSeveralInSharedChannel(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	people := w.staff(2)
	w.start()
	card := w.askForAll(emails(people))
	w.settle()
	w.share(true)
	w.clock.Skip(5 * time.Minute)
	card.ExpectText(saysShared)
	card.ExpectButtons()
	if m := card.Now(); m.Contains("Person") || len(m.Elements()) != 0 {
		t.Errorf("the hidden card says %s, with %d elements", m.Text, len(m.Elements()))
	}
	w.ExpectDM(w.rita, saysShared)
	w.settle()
	w.share(false)
	w.clock.Skip(15 * time.Minute)
	card.ExpectText("people in Workfront")
	w.settle()
	if kinds := w.kinds(); !slices.Contains(kinds, "card hidden") || !slices.Contains(kinds, "card shown again") {
		t.Errorf("the trail tells of %v", kinds)
	}
	w.Forgive()
}

// A card that has failed, and has Retry, is hidden like one that is open, within five
// minutes; and it comes back with Retry.
func TestFailedCardInSharedChannel(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.start()
	end := w.workfront.Inject(workfrontsim.Fault{
		Operation: "user/put", Answer: workfrontsim.Answer{Kind: workfrontsim.JSONError, Status: http.StatusForbidden},
	})
	card := w.ask()
	card.Click(w.anna, "Approve")
	card.ExpectText("Failed", "403").ExpectButtons("Retry")
	w.ExpectDM(w.rita, "403")
	w.settle()
	w.share(true)
	w.clock.Skip(5 * time.Minute)
	w.expectHidden(card)
	w.settle()
	w.share(false)
	w.clock.Skip(time.Hour)
	card.ExpectText("Failed", "403").ExpectButtons("Retry")
	w.workfront.RemoveFault(end)
	card.Click(w.anna, "Retry")
	w.ExpectDM(w.rita, "Deactivated: ")
	w.settle()
	w.Forgive()
}

// Slack is asked about a shared channel once, however many hidden cards stand in it, and
// nothing is done about a card that is hidden.
func TestSharedChannelIsAskedAboutOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.start()
	for _, name := range []string{"Ada", "Ben", "Cem", "Dan", "Eva"} {
		w.askFor(name)
	}
	w.settle()
	w.share(true)
	w.clock.Skip(5 * time.Minute)
	w.poll("all are hidden", func() bool {
		return !slices.ContainsFunc(w.cards(), func(c *request.Card) bool { return !c.Hidden || !c.ToldHidden })
	})
	w.settle()
	looks := func() (all []int64) {
		for _, c := range w.cards() {
			all = append(all, c.Look)
		}
		return all
	}
	before, asked := looks(), len(w.Calls("conversations.info"))
	const rounds = 4
	for range rounds {
		n := len(w.Calls("conversations.info"))
		w.clock.Skip(5 * time.Minute)
		w.poll("the channel was looked at", func() bool { return len(w.Calls("conversations.info")) > n })
	}
	// In a round it is asked about once, or, after a quarter of an hour, once more for the cards.
	if n := len(w.Calls("conversations.info")) - asked; n > 2*rounds {
		t.Errorf("Slack was asked %d times about one channel in %d rounds, with 5 hidden cards", n, rounds)
	}
	if after := looks(); !slices.Equal(after, before) {
		t.Errorf("hidden cards have the looks %d, then %d", before, after)
	}
	w.Forgive()
}

// kinds are the kinds of entries of the audit trail.
func (w *world) kinds() (kinds []string) {
	w.t.Helper()
	for _, e := range w.trail() {
		kinds = append(kinds, e.Kind)
	}
	return kinds
}
