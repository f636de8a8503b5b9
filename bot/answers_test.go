package bot_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"wfbot/bot/bottest/machine"
	"wfbot/bot/request"
	"wfbot/bot/slacksim"
	"wfbot/bot/store"
)

// toPerson matches messages that the bot sends to a person rather than to a
// channel.
func toPerson(c slacksim.Call) bool {
	to, _ := c.Args["channel"].(string)
	return strings.HasPrefix(to, "U")
}

// Whether a person can still be told is decided by the last way of telling them:
// a channel they have left does not matter, an account that is gone ends it.
func TestPersonWhoCannotBeToldIsGivenUp(t *testing.T) {
	t.Parallel()
	noWayLeft := func(w *world) {
		w.Inject(slacksim.Fault{Method: "response_url", Count: -1, Answer: slacksim.Status(404)})
		w.Inject(slacksim.Fault{Method: "chat.postEphemeral", Count: -1, Answer: slacksim.ErrorCode("user_not_in_channel")})
		w.Inject(slacksim.Fault{Method: "chat.postMessage", Count: -1, Match: toPerson, Answer: slacksim.ErrorCode("user_not_found")})
	}
	t.Run("a requester", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		noWayLeft(w)
		w.start()
		w.As(w.rita).Types(w.channel, "/wf-deactivate jane@acme.com left")
		w.Channel(w.channel).ExpectMessage("Jane Doe").ExpectButtons("Approve", "Deny", "Cancel request")
		w.settle()
		if !slices.ContainsFunc(w.trail(), func(e store.Entry) bool { return e.Kind == "requester not reached" }) {
			t.Error("the trail does not say that rita was not reached")
		}
		if r := w.requests()[0]; r.State != request.Pending {
			t.Errorf("the request is %s, want pending", r.State)
		}
	})
	t.Run("somebody who was refused", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		noWayLeft(w)
		w.start()
		w.As(w.mark).Types(w.channel, "/wf-deactivate jane@acme.com left")
		w.settle()
	})
}

// A person that Slack does not let the bot tell anything: the operator hears of it, and
// it is tried until it works.
func TestPersonWhoCannotBeToldIsReported(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ops := w.withOps()
	w.Inject(slacksim.Fault{Method: "response_url", Answer: slacksim.Status(404)})
	w.Inject(slacksim.Fault{Method: "chat.postEphemeral", Answer: slacksim.ErrorCode("user_not_in_channel")})
	w.Inject(slacksim.Fault{Method: "chat.postMessage", Match: toPerson, Answer: slacksim.ErrorCode("messages_tab_disabled")})
	w.start()
	w.As(w.mark).Types(w.channel, "/wf-deactivate jane@acme.com left")
	w.Channel(ops).ExpectMessage("messages_tab_disabled", "Messages tab")
	w.ExpectPrivate(w.mark, "not on the list")
	w.quiet()
}

// Whose account is gone cannot be told, and the operator cannot fix that: the trail
// says it, for one request and for several.
func TestRequesterWhoIsGoneIsNoTrouble(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.withOps()
	w.start()
	card := w.ask()
	several := w.askForAll(emails(w.staff(2)))
	w.ExpectPrivate(w.rita, ": deactivate 2 people")
	w.Inject(slacksim.Fault{Method: "chat.postMessage", Count: -1, Match: toPerson, Answer: slacksim.ErrorCode("user_disabled")})
	card.Click(w.anna, "Approve")
	card.ExpectText("Confirmed in Workfront").ExpectButtons("Request reactivation")
	several.Click(w.anna, "Approve all (2)")
	w.ExpectPrivate(w.anna, "You approved this for 2 people.")
	several.ExpectText("2 ✅ done")
	w.quiet() // the operator hears nothing
	unreached := 0
	for _, e := range w.trail() {
		if e.Kind == "requester not reached" {
			unreached++
		}
	}
	if unreached < 2 {
		t.Errorf("the trail says %d times that the requester was not reached, want it for the request and the batch", unreached)
	}
}

// The outcome that cannot be told: the operator hears of it, the card shows it,
// and it is told as soon as Slack lets it through.
func TestOutcomeThatCannotBeToldIsToldLater(t *testing.T) {
	t.Parallel()
	machine.Slow(t, "waits for many retries")
	for _, code := range []string{"messages_tab_disabled", "channel_not_found", "msg_too_long", "restricted_action"} {
		t.Run(code, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			ops := w.withOps()
			w.start()
			card := w.ask()
			mend := w.Inject(slacksim.Fault{Method: "chat.postMessage", Count: -1, Match: toPerson, Answer: slacksim.ErrorCode(code)})
			card.Click(w.anna, "Approve")
			card.ExpectText("Confirmed in Workfront").ExpectButtons("Request reactivation")
			w.Channel(ops).ExpectMessage("does not let wfbot tell the requester", code)
			w.poll("it is tried again", func() bool { return w.cards()[0].TellRetry.Failures >= 2 })
			mend()
			w.clock.Skip(50 * time.Minute) // longer than any pause, shorter than until the next alarm
			w.ExpectDM(w.rita, "Deactivated: ")
			w.quiet()
			if n := w.puts(); n != 1 {
				t.Errorf("%d writes were sent, want 1", n)
			}
		})
	}
}
