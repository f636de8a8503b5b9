package bot_test

import (
	"strings"
	"testing"

	"wfbot/bot/slacksim"
)

// One answer of Slack that is no good, at each method on the way: the request
// ends as it would have without.
func TestSlackFaultsAreOutlasted(t *testing.T) {
	t.Parallel()
	answers := map[string]slacksim.Answer{
		"429 with Retry-After":    slacksim.RateLimited(1),
		"429 without Retry-After": slacksim.RateLimited(-1),
		"500":                     slacksim.Status(500),
		"a page instead of JSON":  slacksim.HTML(200),
		"503 with a page":         slacksim.HTML(503),
		"refused without a code":  slacksim.NoErrorCode(),
		"half an answer":          slacksim.Truncated(),
		"a reset connection":      slacksim.Reset(),
		"internal_error":          slacksim.ErrorCode("internal_error"),
	}
	for _, method := range []string{
		"auth.test", "users.info", "users.lookupByEmail", "usergroups.users.list", "conversations.info",
		"chat.postMessage", "chat.update", "response_url",
	} {
		for name, answer := range answers {
			t.Run(method+"/"+name, func(t *testing.T) {
				t.Parallel()
				w := newWorld(t)
				w.Inject(slacksim.Fault{Method: method, Answer: answer})
				w.start()
				w.As(w.rita).Types(w.channel, "/wf-deactivate jane@acme.com left the company")
				card := w.Channel(w.channel).ExpectMessage("Jane Doe")
				card.ExpectButtons("Approve", "Deny", "Cancel")
				w.ExpectPrivate(w.rita, "I asked in") // by whichever way it went
				card.Click(w.otto, "Approve")         // by group
				card.ExpectButtons()
				w.ExpectDM(w.rita, "deactivated in Workfront")
				w.settle()
				w.check(true)
				w.Forgive() // what was said twice
				if n := len(w.writes()); n != 1 {
					t.Errorf("%d writes reached Workfront, want 1", n)
				}
			})
		}
	}
}

// Applied by Slack, but the answer is lost: a second card is posted, and only
// the recorded one has buttons.
func TestLostAnswerToPostingLeavesOneLiveCard(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.Inject(slacksim.Fault{Method: "chat.postMessage", Apply: true, Answer: slacksim.Reset()})
	w.start()
	w.As(w.rita).Types(w.channel, "/wf-deactivate jane@acme.com left")
	w.ExpectPrivate(w.rita, "I asked in")
	w.settle()
	live := 0
	for _, m := range w.Messages(w.channel) {
		if strings.Contains(m.Text, "Jane Doe") && len(m.Buttons()) > 0 {
			live++
		}
	}
	if live != 1 {
		t.Errorf("%d cards have buttons, want 1", live)
	}
	w.check(true)
	w.Forgive()
}
