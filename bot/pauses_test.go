package bot_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"wfbot/bot/bottest/machine"
	"wfbot/bot/slacksim"
	"wfbot/workfront/workfrontsim"
)

// While Slack wants a method left alone, nothing of it is sent: for this card or any
// other, whatever happens to it meanwhile.
func TestPauseHoldsTheMethod(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	users := w.staff(4)
	w.config.Policy.Approvals = 2
	w.start()
	for _, u := range users {
		w.As(w.rita).Types(w.channel, "/wf-deactivate "+u.Email+" left")
	}
	w.settle()
	w.Forgive()
	const seconds = 3
	w.Inject(slacksim.Fault{Method: "chat.update", Answer: slacksim.RateLimited(seconds)})
	first := w.requests()[0]
	w.approves(w.anna, first.ID, first.TS)
	w.poll("the demand was met", func() bool { return w.cards()[0].PaintRetry.Failures > 0 })
	for i, r := range w.requests() {
		if i > 0 {
			w.approves(w.anna, r.ID, r.TS)
		}
		w.approves(w.otto, r.ID, r.TS)
	}
	w.waitFor("all are done", func() bool { return len(w.writes()) == len(users) })
	w.settle()
	var limited slacksim.Call
	for _, c := range w.Calls("chat.update") {
		switch {
		case c.Faulted:
			limited = c
		case limited.Seq > 0 && c.ArrivedAt.Before(limited.ArrivedAt.Add(seconds*time.Second-time.Millisecond)): // stored times are that precise
			t.Errorf("chat.update was sent %v into a pause of %d s", c.ArrivedAt.Sub(limited.ArrivedAt), seconds)
		}
	}
	if limited.Seq == 0 {
		t.Error("the rate limit was not met")
	}
	w.settle()
	for _, r := range w.requests() {
		if m, _ := w.Message(r.Channel, r.TS); !strings.Contains(m.Text, "Confirmed in Workfront") {
			t.Errorf("a card was left behind: %s", m.Text)
		}
	}
	w.Forgive()
}

// approves sends a press of Approve as the card of a request has it.
func (w *world) approves(who, id, ts string) {
	w.t.Helper()
	reply := w.SendEnvelope(slacksim.Interactive, map[string]any{
		"type": "block_actions", "user": map[string]any{"id": who, "team_id": "T0ACME"},
		"container": map[string]any{"channel_id": w.channel, "message_ts": ts},
		"actions":   []any{map[string]any{"action_id": "approve", "value": id, "action_ts": fmt.Sprint(time.Now().UnixNano())}},
	})
	if !reply.Acked {
		w.t.Errorf("not acknowledged: %s", reply.Failure)
	}
}

// However Slack, or something in between, words its demand, the method is left alone
// for a while and then works again: neither at once nor only tomorrow.
func TestPauseIsWithinReason(t *testing.T) {
	t.Parallel()
	machine.Slow(t, "many worlds")
	in := func(after string) slacksim.Answer {
		a := slacksim.RateLimited(-1)
		a.Header = http.Header{"Content-Type": {"application/json"}}
		if after != "" {
			a.Header.Set("Retry-After", after)
		}
		return a
	}
	for _, after := range []string{"", "0", "-5", "soon", "1.5", "Sun, 06 Nov 1994 08:49:37 GMT", "Fri, 31 Dec 2100 23:59:59 GMT", "172801", "99999999999999", "99999999999999999999"} {
		t.Run(after, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.start()
			w.Inject(slacksim.Fault{Method: "chat.postMessage", Match: w.toChannel(), Answer: in(after)})
			w.As(w.rita).Types(w.channel, "/wf-deactivate jane@acme.com left")
			w.poll("the demand was met", func() bool {
				return slices.ContainsFunc(w.Calls("chat.postMessage"), func(c slacksim.Call) bool { return c.Faulted }) && w.cards()[0].PaintRetry.Failures > 0
			})
			if at := w.cards()[0].PaintRetry.At; at.After(w.clock.Now().Add(11 * time.Minute)) {
				t.Errorf("the card is to be tried again at %v", at)
			}
			w.clock.Skip(11 * time.Minute)
			w.Channel(w.channel).ExpectMessage("Jane Doe").ExpectButtons("Approve", "Deny", "Cancel request")
			w.ExpectPrivate(w.rita, "Sent to")
			w.quiet()
		})
	}
}

// Other methods are not held, and a clock that is set back does not lengthen a pause.
func TestPauseHoldsNoOtherMethod(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.start()
	card := w.ask()
	w.settle()
	w.Inject(slacksim.Fault{Method: "chat.update", Answer: slacksim.RateLimited(500)})
	card.Click(w.anna, "Approve")
	w.ExpectDM(w.rita, "Deactivated: ")
	w.poll("the demand was met", func() bool { return w.cards()[0].PaintRetry.Failures > 0 })
	w.clock.Skip(-time.Hour)
	w.workfront.AddUser(joe)
	w.As(w.rita).Types(w.channel, "/wf-deactivate joe@acme.com left")
	w.Channel(w.channel).ExpectMessage("Joe").ExpectButtons("Approve", "Deny", "Cancel request")
	w.ExpectPrivate(w.rita, "Sent to")
	w.clock.Skip(2 * time.Hour)
	card.ExpectButtons("Request reactivation")
	w.quiet()
}

// joe is somebody else who leaves.
var joe = workfrontsim.User{Name: "Joe Roe", Email: "joe@acme.com", Active: true}
