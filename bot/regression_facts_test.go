package bot_test

import (
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
	w.workfront.Inject(workfrontsim.Fault{Operation: "user/put", Answer: workfrontsim.Answer{Kind: workfrontsim.JSONError, Status: 503}})
	changed, unsubscribe := w.workfront.Subscribe()
	defer unsubscribe()
	card.Click(w.anna, "Approve")
	for w.active() {
		<-changed
	}
	outage := w.workfront.Inject(workfrontsim.Fault{Answer: workfrontsim.Answer{Kind: workfrontsim.JSONError, Status: 503}})
	w.poll("the outcome is open or known", func() bool {
		r := w.requests()[0]
		return r.State == request.Done || r.WriteOpen && r.Trouble != ""
	})
	if w.requests()[0].State == request.Done {
		t.Skip("the read back was faster than the outage")
	}
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
}

// A card that was lost is not posted again into a channel that is shared now,
// also if somebody has decided already.
func TestLostCardIsNotRepostedToASharedChannel(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.config.Policy.Approvals = 2
	w.start()
	card := w.ask()
	stop := w.Observe(func(c slacksim.Call, p slacksim.Phase) {
		if c.Method == "users.info" && p == slacksim.Answered {
			w.UpdateChannel(w.channel, func(c *slacksim.Channel) { c.ExternallyShared = true })
			w.DeleteMessage(card.ChannelID(), card.TS())
		}
	})
	defer stop()
	w.clock.Skip(2 * time.Minute)
	card.Click(w.anna, "Approve")
	w.poll("the loss was noticed", func() bool { return strings.Contains(w.log.String(), "a card is gone") })
	w.clock.Skip(time.Minute)
	w.settleExceptRetries()
	w.poll("posting was refused", func() bool { return strings.Contains(w.log.String(), "a card could not be posted") })
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
