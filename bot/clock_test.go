package bot_test

import (
	"testing"
	"time"

	"wfbot/bot/slacksim"
)

// A clock that is set back does not make old facts fresh: who has left the group
// may not approve.
func TestClockSetBackDoesNotKeepOldFacts(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.config.Policy.Approvals = 2
	w.start()
	card := w.ask()
	card.Click(w.otto, "Approve") // by group; the bot knows its members now
	card.ExpectText("1 of 2")
	w.settle()
	second := w.AddUser(slacksim.User{Name: "olga", Email: "olga@acme.com"}).ID
	w.Invite(w.channel, second)
	w.SetGroupMembers(w.group, second)
	w.clock.Skip(-time.Hour)
	card.Click(second, "Approve") // of the group now, not a minute ago
	w.ExpectDM(w.rita, "deactivated in Workfront")
	card.ExpectButtons()
	w.SetGroupMembers(w.group, w.otto, second) // what the invariants go by
}

// A refused credential is asked about again when an approver wants it, also if
// the clock has been set back since it was refused.
func TestClockSetBackWhileTheCredentialIsRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ops := w.withOps()
	w.start()
	card := w.ask()
	w.workfront.RevokeKeys()
	card.Click(w.anna, "Approve")
	card.ExpectText("Paused").ExpectButtons("Retry now", "Cancel")
	w.Channel(ops).ExpectMessage("WORKFRONT_API_KEY")
	w.atRest()
	w.clock.Skip(-time.Hour)
	card.Click(w.otto, "Retry now")
	w.Channel(ops).ExpectMessage("WORKFRONT_API_KEY") // not known to be within the hour
	card.ExpectText("Retried by", "Paused").ExpectButtons("Retry now", "Cancel")
	w.atRest()
	w.restoreKey()
	card.Click(w.otto, "Retry now")
	w.ExpectDM(w.rita, "deactivated in Workfront")
	w.Channel(ops).ExpectMessage("accepts wfbot's credential again")
	card.ExpectButtons()
	w.quiet()
}
