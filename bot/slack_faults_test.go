package bot_test

import (
	"strings"
	"testing"
	"time"

	"wfbot/bot/bottest/machine"
	"wfbot/bot/slacksim"
)

// slackMethods are those on the way of a request that can be answered badly.
var slackMethods = []string{
	"auth.test", "users.info", "users.lookupByEmail", "usergroups.users.list", "conversations.info",
	"chat.postMessage", "chat.update", "response_url",
}

// slackAnswer says nothing about whether the call is possible.
type slackAnswer struct {
	name   string
	answer slacksim.Answer
}

var slackAnswers = []slackAnswer{
	{"429 with Retry-After", slacksim.RateLimited(1)},
	{"429 without Retry-After", slacksim.RateLimited(-1)},
	{"500", slacksim.Status(500)},
	{"a page instead of JSON", slacksim.HTML(200)},
	{"503 with a page", slacksim.HTML(503)},
	{"refused without a code", slacksim.NoErrorCode()},
	{"half an answer", slacksim.Truncated()},
	{"a reset connection", slacksim.Reset()},
	{"internal_error", slacksim.ErrorCode("internal_error")},
	{"no answer at all", slacksim.Hang()},
}

// One answer of Slack that is no good, at each method on the way: the request
// ends as it would have without.
func TestSlackFaultsAreOutlasted(t *testing.T) {
	t.Parallel()
	machine.Slow(t, "many worlds, each with a fault that is waited out")
	for i, method := range slackMethods {
		for k, bad := range slackAnswers {
			if !machine.Pair(i, k) {
				continue
			}
			t.Run(method+"/"+bad.name, func(t *testing.T) {
				t.Parallel()
				newWorld(t).outlastsSlack(method, bad)
			})
		}
	}
}

// outlastsSlack is one row of the matrix.
func (w *world) outlastsSlack(method string, bad slackAnswer) {
	w.t.Helper()
	if bad.name == "no answer at all" {
		w.config.SlackTimeout = 3 * time.Second // enough for the other calls, on a slow machine too
	}
	w.Inject(slacksim.Fault{Method: method, Answer: bad.answer})
	w.start()
	w.As(w.rita).Types(w.channel, "/wf-deactivate jane@acme.com left the company")
	card := w.Channel(w.channel).ExpectMessage("Jane Doe")
	card.ExpectButtons("Approve", "Deny", "Cancel")
	w.ExpectPrivate(w.rita, "I asked in") // by whichever way it went
	card.Click(w.otto, "Approve")         // by group
	card.ExpectButtons("Reactivate")
	w.ExpectDM(w.rita, "deactivated in Workfront")
	w.settle()
	w.check(true)
	w.Forgive() // what was said twice
	if n := len(w.writes()); n != 1 {
		w.t.Errorf("%d writes reached Workfront, want 1", n)
	}
}

// Applied by Slack, but the answer is lost: a second card is posted, and only
// the recorded one has buttons. A press that is forged to come from the other is
// answered and decides nothing.
func TestLostAnswerToPostingLeavesOneLiveCard(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.config.Policy.Approvals = 2
	w.Inject(slacksim.Fault{Method: "chat.postMessage", Apply: true, Answer: slacksim.Reset()})
	w.start()
	w.As(w.rita).Types(w.channel, "/wf-deactivate jane@acme.com left")
	w.ExpectPrivate(w.rita, "I asked in")
	w.settle()
	orphan := ""
	var live []string
	for _, m := range w.Messages(w.channel) {
		switch {
		case !strings.Contains(m.Text, "Jane Doe"):
		case len(m.Buttons()) > 0:
			live = append(live, m.TS)
		default:
			orphan = m.TS
		}
	}
	if len(live) != 1 || orphan == "" {
		t.Fatalf("live cards %v, another %q; want one of each", live, orphan)
	}
	w.Channel(w.channel).ExpectMessage("Jane Doe") // the one of the lost answer
	card := w.Channel(w.channel).ExpectMessage("Jane Doe")
	card.Click(w.anna, "Approve")
	card.ExpectText("1 of 2")
	w.pressOn(orphan, w.otto)
	w.ExpectPrivate(w.otto, "not the request's card", "/p"+strings.ReplaceAll(card.TS(), ".", ""))
	card.ExpectText("1 of 2").ExpectButtons("Approve", "Deny", "Cancel")
	w.quiet()
	if !w.active() {
		t.Error("jane was switched off")
	}
}

// pressOn sends a press of Approve as if it came from the message ts, after
// somebody has pressed on the card.
func (w *world) pressOn(ts, user string) {
	w.t.Helper()
	payload := w.pressed(user, "approve")
	payload["container"].(map[string]any)["message_ts"] = ts
	if reply := w.SendEnvelope(slacksim.Interactive, payload); !reply.Acked {
		w.t.Fatalf("not acknowledged: %s", reply.Failure)
	}
}
