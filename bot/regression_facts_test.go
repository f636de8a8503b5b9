package bot_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"wfbot/bot/request"
	"wfbot/bot/slacksim"
	"wfbot/workfront/workfrontsim"
)

// A write that took effect is not called a dry run because the operator has
// switched that on since.
func TestDryRunAfterAnOpenWriteIsNotCalledRehearsed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.start()
	card := w.ask()
	w.workfront.Inject(workfrontsim.Fault{Operation: "user/put", Times: 1, Apply: true, Answer: workfrontsim.Answer{Kind: workfrontsim.Reset}})
	// The read before the write is answered, those after it are not.
	outage := w.workfront.Inject(workfrontsim.Fault{Operation: "user/get", Skip: 1, Answer: workfrontsim.Answer{
		Kind: workfrontsim.JSONError, Status: 429, Header: http.Header{"Retry-After": {"600"}},
	}})
	card.Click(w.anna, "Approve")
	w.poll("the outcome is open", func() bool {
		r := w.requests()[0]
		return r.WriteOpen && r.Trouble != ""
	})
	w.stop()
	w.workfront.RemoveFault(outage)
	w.config.DryRun = true
	w.clock.Skip(time.Hour)
	w.start()
	w.settle()
	w.Forgive()
	if text := card.Now().Text; strings.Contains(strings.ToLower(text), "dry run") {
		t.Errorf("%d writes took effect, and the card says: %s", len(w.workfront.Changes()), text)
	}
	if r := w.requests()[0]; r.State != request.Done || r.DryRun {
		t.Errorf("the request is %s, dry run %v, want done for real", r.State, r.DryRun)
	}
}

// A card that was lost is not posted again into a channel that is shared now,
// also if somebody has decided already.
func TestLostCardIsNotRepostedToASharedChannel(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.config.Policy.Approvals = 2
	ops := w.withOps()
	w.start()
	card := w.ask()
	w.settle()
	card.Click(w.anna, "Approve")
	card.ExpectText("1 of 2")
	w.settle()
	stop := w.Observe(func(c slacksim.Call, p slacksim.Phase) {
		if c.Method == "users.info" && p == slacksim.Answered {
			w.UpdateChannel(w.channel, func(c *slacksim.Channel) { c.ExternallyShared = true })
			w.DeleteMessage(card.ChannelID(), card.TS())
		}
	})
	defer stop()
	w.clock.Skip(2 * time.Minute)
	card.Click(w.otto, "Approve")
	w.poll("the loss was noticed", func() bool { return strings.Contains(w.log.String(), "a card is gone") })
	w.clock.Skip(time.Minute)
	w.settleExceptRetries()
	w.Channel(ops).ExpectMessage("does not take the card")
	for _, m := range w.Messages(w.channel) {
		if m.TS != card.TS() && strings.Contains(m.Text, "Jane Doe") {
			t.Error("the card was posted again although the channel is shared with another organisation")
		}
	}
	w.Forgive()
}

// However long Slack asks to wait, a person is answered after half a minute.
func TestJudgingIsBoundedDespiteRetryAfter(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.start()
	card := w.ask()
	w.settle()
	w.clock.Skip(2 * time.Minute)
	w.Inject(slacksim.Fault{Method: "users.info", Answer: slacksim.RateLimited(600)})
	card.Click(w.anna, "Approve")
	w.poll("it was tried once", func() bool { return strings.Contains(w.log.String(), "cannot be judged yet") })
	w.clock.Skip(31 * time.Second)
	w.settleExceptRetries()
	w.Forgive()
}

// A missing scope for user groups is fatal, as elsewhere, and not a refusal of
// everybody for ever.
func TestGroupScopeMissingIsReported(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ops := w.AddChannel(slacksim.Channel{Name: "wfbot-ops", Members: []string{w.BotUserID()}}).ID
	w.config.OpsChannel = ops
	w.start()
	card := w.ask()
	w.settle()
	w.clock.Skip(2 * time.Minute)
	w.Inject(slacksim.Fault{Method: "usergroups.users.list", Count: -1, Answer: slacksim.ErrorCode("plan_upgrade_required")})
	card.Click(w.otto, "Approve")
	w.poll("it was tried once", func() bool { return strings.Contains(w.log.String(), "cannot be judged yet") })
	w.clock.Skip(31 * time.Second)
	w.settleExceptRetries()
	if len(w.Messages(ops)) == 0 {
		t.Error("otto was refused because of a user group, and the operator's channel was not told")
	}
	w.Forgive()
}
