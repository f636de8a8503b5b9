package bot_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"wfbot/bot/slacksim"
	"wfbot/workfront/workfrontsim"
)

func TestDeletedCardComesBack(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.config.Policy.Approvals = 2
	w.start()
	card := w.ask()
	card.Click(w.anna, "Approve")
	card.ExpectText("1 of 2")
	w.DeleteMessage(card.ChannelID(), card.TS())
	// otto's client still shows it; his press is the news that cannot be painted.
	w.pressLate(w.otto, "approve")
	w.ExpectDM(w.rita, "Deactivated: ")
	w.quiet()
}

func TestCardDeletedWhileOthersAreAskedComesBack(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.config.Policy.Approvals = 2
	w.start()
	card := w.ask()
	shown := card.Button("Approve")
	shown.Answer = shown.Confirm.Confirm
	stop := w.Observe(func(c slacksim.Call, p slacksim.Phase) {
		if c.Method == "users.info" && p == slacksim.Answered {
			w.DeleteMessage(card.ChannelID(), card.TS())
		}
	})
	card.Click(w.anna, "Approve")
	again := w.Channel(w.channel).ExpectMessage("Jane Doe", "1 of 2").ExpectButtons("Approve", "Deny", "Cancel request")
	stop()
	again.Click(w.otto, "Approve")
	w.ExpectDM(w.rita, "Deactivated: ")
	again.ExpectButtons("Request reactivation")
}

// A person deletes the card of a request that waits for decisions: at the next
// change a new one is posted, and the old one never counts again.
func TestOldCopyOfADeletedCardNeverCounts(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.config.Policy.Approvals = 3
	w.config.Policy.Approvers.Users = []string{w.anna, w.mark}
	w.start()
	old := w.ask()
	old.Click(w.anna, "Approve")
	old.ExpectText("1 of 3")
	w.settle()
	w.DeleteMessage(old.ChannelID(), old.TS())
	w.pressLate(w.otto, "approve") // the change; otto's client still shows the old one
	card := w.Channel(w.channel).ExpectMessage("Jane Doe", "2 of 3").ExpectButtons("Approve", "Deny", "Cancel request")
	w.pressOn(old.TS(), w.mark)
	w.ExpectPrivate(w.mark, "not the request's card", "/p"+strings.ReplaceAll(card.TS(), ".", ""))
	card.ExpectText("2 of 3")
	card.Click(w.mark, "Approve")
	w.ExpectDM(w.rita, "Deactivated: ")
	card.ExpectText("approved by").ExpectButtons("Request reactivation")
	w.quiet()
	if n := w.puts(); n != 1 {
		t.Errorf("%d writes were sent, want 1", n)
	}
}

// A card that is deleted while its request waits to be executed: a success needs no new
// one, since who asked is told directly; a failure does, for its Retry button.
func TestCardDeletedBeforeTheOutcome(t *testing.T) {
	t.Parallel()
	deletedInStopWindow := func(t *testing.T) *world {
		w := newWorld(t)
		w.config.StopWindow = time.Hour
		w.start()
		card := w.ask()
		card.Click(w.anna, "Approve")
		card.ExpectButtons("Cancel request")
		w.settle()
		w.DeleteMessage(card.ChannelID(), card.TS())
		return w
	}
	t.Run("done", func(t *testing.T) {
		t.Parallel()
		w := deletedInStopWindow(t)
		w.clock.Skip(time.Hour)
		w.ExpectDM(w.rita, "Deactivated: ")
		w.quiet()
		if n := w.puts(); n != 1 {
			t.Errorf("%d writes were sent, want 1", n)
		}
	})
	t.Run("failed", func(t *testing.T) {
		t.Parallel()
		w := deletedInStopWindow(t)
		no := w.workfront.Inject(workfrontsim.Fault{Operation: "user/put", Answer: jsonError(http.StatusForbidden, nil)})
		w.clock.Skip(time.Hour)
		w.ExpectDM(w.rita, "Failed: ", "403")
		card := w.Channel(w.channel).ExpectMessage("Jane Doe", "Failed", "403").ExpectButtons("Retry")
		card.ExpectReply("Failed: ", "403")
		w.workfront.RemoveFault(no)
		card.Click(w.otto, "Retry")
		w.ExpectDM(w.rita, "Deactivated: ")
		card.ExpectText("Confirmed in Workfront").ExpectButtons("Request reactivation")
		w.quiet()
		if n := w.puts(); n != 2 {
			t.Errorf("%d writes were sent, want the refused one and one more", n)
		}
	})
}

// The channel is archived while a request waits in the stop window: it is executed, the
// requester and the operator are told, and once the channel is back the card shows the
// outcome.
func TestChannelArchivedBeforeTheOutcome(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ops := w.withOps()
	w.config.StopWindow = time.Hour
	w.start()
	card := w.ask()
	card.Click(w.anna, "Approve")
	card.ExpectButtons("Cancel request")
	w.settle()
	w.UpdateChannel(w.channel, func(c *slacksim.Channel) { c.Archived = true })
	w.clock.Skip(time.Hour)
	w.ExpectDM(w.rita, "Deactivated: ")
	w.Channel(ops).ExpectMessage("does not take the card", "archived")
	w.UpdateChannel(w.channel, func(c *slacksim.Channel) { c.Archived = false })
	w.skipUntilPainted()
	card.ExpectText("Confirmed in Workfront").ExpectButtons("Request reactivation")
	w.settle()
	w.check(true)
	w.Forgive() // the operator, if the hour passed before Slack took the card
	if n := w.puts(); n != 1 {
		t.Errorf("%d writes were sent, want 1", n)
	}
}

// The channel is archived while decisions are missing. Its message still stands,
// so that it stays the card: a second one with buttons would mislead people.
func TestChannelArchivedWhilePeopleMustPress(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ops := w.withOps()
	w.config.Policy.Approvals = 3
	w.config.Policy.Approvers.Users = []string{w.anna, w.mark}
	w.start()
	card := w.ask()
	card.Click(w.anna, "Approve")
	card.ExpectText("1 of 3")
	w.settle()
	w.UpdateChannel(w.channel, func(c *slacksim.Channel) { c.Archived = true })
	w.pressLate(w.otto, "approve") // on its way when the channel was archived
	w.Channel(ops).ExpectMessage("does not take the card", "is_inactive")
	w.UpdateChannel(w.channel, func(c *slacksim.Channel) { c.Archived = false })
	w.skipUntilPainted()
	card.ExpectText("2 of 3").ExpectButtons("Approve", "Deny", "Cancel request")
	card.Click(w.mark, "Approve")
	w.ExpectDM(w.rita, "Deactivated: ")
	card.ExpectText("approved by").ExpectButtons("Request reactivation")
	w.settle()
	w.check(true)
	w.Forgive() // the operator, if the hour passed before Slack took the card
	if n := w.puts(); n != 1 {
		t.Errorf("%d writes were sent, want 1", n)
	}
}
