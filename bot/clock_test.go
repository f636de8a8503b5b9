package bot_test

import (
	"fmt"
	"testing"
	"time"

	"wfbot/bot/bottest/machine"
	"wfbot/bot/slacksim"
	"wfbot/bot/slacksim/story"
	"wfbot/workfront/workfrontsim"
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
	w.ExpectDM(w.rita, "Deactivated: ")
	card.ExpectButtons("Request reactivation")
	w.SetGroupMembers(w.group, w.otto, second) // what the invariants go by
}

// A refused credential is asked about again when an approver wants it, also if
// the clock has been set back since it was refused.
func TestClockSetBackWhileTheCredentialIsRefused(t *testing.T) {
	t.Parallel()
	machine.Slow(t, "waits until the way to Workfront is tried again")
	w := newWorld(t)
	ops := w.withOps()
	w.start()
	card := w.ask()
	w.workfront.RevokeKeys()
	card.Click(w.anna, "Approve")
	card.ExpectText("Paused").ExpectButtons("Retry now", "Cancel request")
	w.Channel(ops).ExpectMessage("WORKFRONT_API_KEY")
	w.atRest()
	w.clock.Skip(-time.Hour)
	card.Click(w.otto, "Retry now")
	w.Channel(ops).ExpectMessage("WORKFRONT_API_KEY") // not known to be within the hour
	card.ExpectText("Retried by", "Paused").ExpectButtons("Retry now", "Cancel request")
	w.atRest()
	w.restoreKey()
	card.Click(w.otto, "Retry now")
	w.ExpectDM(w.rita, "Deactivated: ")
	w.Channel(ops).ExpectMessage("accepts wfbot's credential again")
	card.ExpectButtons("Request reactivation")
	w.quiet()
}

// The clock is set by an hour, and Slack's stamps lie apart from it: what waits
// comes as much earlier or later, and nothing else changes.
func TestClockSetInTheMiddle(t *testing.T) {
	t.Parallel()
	for name, skew := range map[string]time.Duration{"back": -time.Hour, "forward": time.Hour} {
		stamps := func(w *world) { // Slack goes on with the old time
			w.Rewrite(func(_ string, payload map[string]any) {
				if actions, ok := payload["actions"].([]any); ok {
					actions[0].(map[string]any)["action_ts"] = fmt.Sprintf("%d.000100", time.Now().Add(-skew).Unix())
				}
			})
		}
		done := func(t *testing.T, w *world, card *story.Message) {
			w.ExpectDM(w.rita, "Deactivated: ")
			card.ExpectText("Confirmed in Workfront").ExpectButtons("Request reactivation")
			w.quiet()
			if n := w.puts(); n != 1 {
				t.Errorf("%d writes were sent, want 1", n)
			}
		}
		t.Run(name+" before the approval", func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.start()
			card := w.ask()
			stamps(w)
			w.atRest() // a step under way would lose its lease, and be done again
			w.clock.Skip(skew)
			card.Click(w.anna, "Approve")
			done(t, w, card)
		})
		t.Run(name+" in the stop window", func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.config.StopWindow = 30 * time.Minute
			w.start()
			card := w.ask()
			stamps(w)
			card.Click(w.anna, "Approve")
			card.ExpectText("takes effect").ExpectButtons("Cancel request")
			w.atRest()
			w.clock.Skip(skew)
			if skew < 0 {
				w.atRest()
				if n := w.puts(); n != 0 {
					t.Errorf("%d writes within the stop window", n)
				}
				w.clock.Skip(-skew + 30*time.Minute)
			}
			done(t, w, card)
		})
		t.Run(name+" during an outage", func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.start()
			card := w.ask()
			stamps(w)
			outage := w.workfront.Inject(workfrontsim.Fault{Operation: "user/*", Answer: maintenance})
			card.Click(w.anna, "Approve")
			card.ExpectText("503", "Next try").ExpectButtons("Retry now", "Cancel request")
			w.atRest()
			w.workfront.RemoveFault(outage)
			w.clock.Skip(skew) // forward: it goes on by itself
			if skew < 0 {
				card.Click(w.otto, "Retry now")
			}
			done(t, w, card)
		})
	}
}
