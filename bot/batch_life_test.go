package bot_test

import (
	"net/http"
	"sync"
	"testing"
	"time"

	"wfbot/bot/bottest/machine"
	"wfbot/bot/request"
	"wfbot/bot/slacksim"
	"wfbot/workfront/workfrontsim"
)

// The same thing again and again, whatever stops in the middle: one card, one
// effective write for each.
func TestBatchGoesOnAfterARestart(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	users := w.staff(12)
	stop := w.startUnwatched()
	w.As(w.rita).Types(w.channel, "/wf-deactivate "+emails(users)+" the project ends")
	w.pollFor(time.Minute, "some are found", func() bool { return w.stands()[request.Pending] > 2 })
	stop()
	stop = w.startUnwatched()
	card := w.Channel(w.channel).ExpectMessage("people in Workfront")
	w.ExpectPrivate(w.rita, ": deactivate 12 people")
	card.Click(w.anna, "Approve all (12)")
	w.pollFor(time.Minute, "some are done", func() bool { return w.stands()[request.Done] > 2 })
	stop()
	w.start()
	w.ExpectDM(w.rita, "12 people deactivated")
	card.ExpectText("12 ✅ done").ExpectButtons()
	w.ExpectPrivate(w.anna, "You approved this for 12 people.")
	if n := len(w.workfront.Changes()); n != 12 {
		t.Errorf("%d changes in Workfront, want 12", n)
	}
	w.quiet()
}

// startUnwatched runs the bot until stop is called, in the middle of things.
func (w *world) startUnwatched() (stop func()) {
	w.t.Helper()
	st, _, end := w.launch()
	w.st = st
	return end
}

// A card that Slack will never take ends everybody's request, and both the
// requester and the operator hear of it.
func TestBatchWhoseCardIsRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ops := w.withOps()
	users := w.staff(3)
	w.Inject(slacksim.Fault{Method: "chat.postMessage", Count: -1, Match: func(c slacksim.Call) bool { return c.Args["channel"] == w.channel },
		Answer: slacksim.ErrorCode("invalid_blocks")})
	w.start()
	w.As(w.rita).Types(w.channel, "/wf-deactivate "+emails(users)+" the project ends")
	w.ExpectPrivate(w.rita, "could not ask for any of the 3 people", "the card could not be posted")
	w.Channel(ops).ExpectMessage("does not take the card of request")
	if n := w.stands()[request.Rejected]; n != 3 {
		t.Errorf("%d are rejected, want all", n)
	}
	w.quiet()
}

// A card that is gone is posted again while people can act on it.
func TestBatchWhoseCardIsDeleted(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.config.StopWindow = time.Hour
	users := w.staff(2)
	no := w.workfront.Inject(workfrontsim.Fault{Operation: "user/put", UserID: users[1].ID, Answer: workfrontsim.Answer{
		Kind: workfrontsim.JSONError, Status: http.StatusForbidden, Message: "You do not have access",
	}})
	w.start()
	card := w.askForAll(emails(users))
	w.ExpectPrivate(w.rita, "Sent to")
	card.Click(w.anna, "Approve all (2)")
	w.ExpectPrivate(w.anna, "You approved this for 2 people.")
	card.ExpectButtons("Cancel all (2)")
	w.cardsAtRest()
	w.DeleteMessage(w.channel, card.TS())
	w.clock.Skip(2 * time.Hour)
	second := w.Channel(w.channel).ExpectMessage("people in Workfront")
	w.ExpectDM(w.rita, "1 person deactivated", "Person 2", "failed")
	second.ExpectReply("Failed: deactivate 1 person", "Person 2")
	w.workfront.RemoveFault(no)
	second.Click(w.anna, "Retry (1)")
	w.ExpectPrivate(w.anna, "I try again for 1 person.")
	w.ExpectDM(w.rita, "2 people deactivated")
	second.ExpectButtons()
	w.quiet()
}

// Those who can still decide are reminded in the thread of the card, until nobody
// has to.
func TestBatchReminds(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.config.RemindEvery = 24 * time.Hour
	users := w.staff(2)
	w.start()
	card := w.askForAll(emails(users))
	w.ExpectPrivate(w.rita, "Sent to")
	card.ExpectButtons("Approve all (2)", "Deny all (2)", "Cancel all (2)")
	w.settle()
	w.clock.Skip(25 * time.Hour)
	card.ExpectReply("Still waiting: deactivate 2 people", "<@"+w.anna+">")
	card.Click(w.anna, "Approve all (2)")
	w.ExpectPrivate(w.anna, "You approved this for 2 people.")
	w.ExpectDM(w.rita, "2 people deactivated")
	card.ExpectButtons()
	w.clock.Skip(25 * time.Hour)
	w.quiet()
}

// A repaint notifies nobody: who has to decide about somebody that is found after the
// card was posted is told in its thread, once for all of them.
func TestBatchAsksAboutWhoIsFoundLate(t *testing.T) {
	t.Parallel()
	machine.Slow(t, "repaints a card every two seconds")
	for name, tc := range map[string]struct {
		late int // of three
		by   func(*world) request.Members
		asks func(*world) string // who is told; "": nobody, since they know of the card
	}{
		"all of them":                       {3, func(w *world) request.Members { return w.config.Policy.Approvers }, func(w *world) string { return w.anna }},
		"some, whose approvers know":        {2, func(w *world) request.Members { return w.config.Policy.Approvers }, func(w *world) string { return "" }},
		"some, with a manager of their own": {2, func(*world) request.Members { return request.Members{Manager: true} }, func(w *world) string { return w.mark }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.config.Policy.Approvers = tc.by(w)
			mark := w.workfront.AddUser(workfrontsim.User{Name: "Mark", Email: "mark@acme.com"})
			anna := w.workfront.AddUser(workfrontsim.User{Name: "Anna", Email: "anna@acme.com", Active: true})
			users := w.staff(3, func(i int, u *workfrontsim.User) { u.ManagerID = map[bool]string{true: mark.ID, false: anna.ID}[i < 2] })
			var remove []int
			for _, u := range users[:tc.late] {
				remove = append(remove, w.workfront.Inject(workfrontsim.Fault{Operation: "user/search", UserID: u.ID, Answer: workfrontsim.Answer{
					Kind: workfrontsim.JSONError, Status: http.StatusServiceUnavailable,
				}}))
			}
			w.start()
			w.As(w.rita).Types(w.channel, "/wf-deactivate "+emails(users)+" the project ends")
			w.pollFor(time.Minute, "the others are found", func() bool { return len(w.requests()) == 3 && w.stands()[request.Pending] == 3-tc.late })
			w.clock.Skip(11 * time.Second) // nobody waits longer for them
			card := w.Channel(w.channel).ExpectMessage("people in Workfront", "not looked up yet")
			w.ExpectPrivate(w.rita, "not looked up yet")
			for _, id := range remove {
				w.workfront.RemoveFault(id)
			}
			w.settleExceptRetries()
			w.clock.Skip(time.Hour)
			card.ExpectButtons("Approve all (3)", "Deny all (3)", "Cancel all (3)")
			w.settleExceptRetries()
			w.clock.Skip(11 * time.Second)
			if who := tc.asks(w); who != "" {
				card.ExpectReply("Still waiting: deactivate 3 people", "<@"+who+">")
			}
			w.settle()
			w.clock.Skip(time.Hour)
			w.settle()
			w.quiet() // once
		})
	}
}

// The operator hears of it where Slack takes no reminder.
func TestBatchWhoseReminderIsRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ops := w.withOps()
	w.config.RemindEvery = 24 * time.Hour
	w.start()
	card := w.askForAll(emails(w.staff(2)))
	w.ExpectPrivate(w.rita, "Sent to")
	card.ExpectButtons("Approve all (2)", "Deny all (2)", "Cancel all (2)")
	w.settle()
	mend := w.Inject(slacksim.Fault{Method: "chat.postMessage", Match: w.toChannel(), Count: -1, Answer: slacksim.ErrorCode("restricted_action_thread_only_channel")})
	w.clock.Skip(25 * time.Hour)
	w.Channel(ops).ExpectMessage("does not take a reminder in the thread of request", "restricted_action_thread_only_channel")
	mend()
	w.settleExceptRetries()
	w.clock.Skip(time.Hour)
	card.ExpectReply("Still waiting: deactivate 2 people")
	w.quiet()
}

// How it ended reaches the requester by direct message, also where they could not be
// told before that people had been asked.
func TestBatchThatEndsUnseenIsToldDirectly(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.config.RequestTTL = 20 * time.Minute
	w.withOps()
	w.Inject(slacksim.Fault{Method: "chat.update", Count: -1, Answer: slacksim.ErrorCode("internal_error")})
	w.start()
	w.askForAll(emails(w.staff(2)))
	w.poll("it cannot be painted", func() bool {
		return w.cards()[0].PaintRetry.Failures > 0
	})
	w.settleExceptRetries()
	w.clock.Skip(21 * time.Minute)
	w.ExpectDM(w.rita, "has ended", "expired")
	w.stop()
	w.Forgive()
}

// What went wrong for somebody is told while others may wait for days.
func TestBatchTellsWhatWentWrongBeforeItEnds(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.config.VerifyAfter = 24 * time.Hour
	w.config.Policy.Approvers = request.Members{Manager: true}
	mark := w.workfront.AddUser(workfrontsim.User{Name: "Mark", Email: "mark@acme.com"})
	anna := w.workfront.AddUser(workfrontsim.User{Name: "Anna", Email: "anna@acme.com", Active: true})
	users := w.staff(4, func(i int, u *workfrontsim.User) { u.ManagerID = map[bool]string{true: mark.ID, false: anna.ID}[i < 3] })
	no := w.workfront.Inject(workfrontsim.Fault{Operation: "user/put", UserID: users[1].ID, Answer: workfrontsim.Answer{
		Kind: workfrontsim.JSONError, Status: http.StatusForbidden, Message: "You do not have access",
	}})
	w.start()
	card := w.askForAll(emails(users))
	w.ExpectPrivate(w.rita, ": deactivate 4 people")
	card.Click(w.mark, "Approve all (4)")
	w.ExpectPrivate(w.mark, "You approved this for 3 people.")
	w.ExpectDM(w.rita, "goes on, but", "for 1 of them", "Person 2", "You do not have access", "An approver can press Retry")
	card.ExpectReply("Failed: deactivate 1 person", "Still waiting: deactivate 1 person", "Person 2", "An approver can press Retry")
	w.workfront.RemoveFault(no)
	w.settle()
	w.workfront.UpdateUser(users[0].ID, func(u *workfrontsim.User) { u.Active = true })
	w.clock.Skip(25 * time.Hour)
	w.ExpectDM(w.rita, "goes on, but", "Person 1", "active again when I checked")
	w.settle()
	w.clock.Skip(48 * time.Hour)
	w.ExpectDM(w.rita, "1 person deactivated", "Person 1", "Person 2", "Person 4", "expired")
	card.ExpectText("1 ⌛ expired")
	w.quiet() // and each once
}

// A date holds for everybody, what each still holds is counted, and its names are
// shown to those who may see them.
func TestBatchWithADateAndDetails(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.config.VerifyAfter = 24 * time.Hour
	users := w.staff(2)
	if _, err := w.workfront.AddRecord("PORT", map[string]any{"name": "Paint the shed", "ownerID": users[1].ID}); err != nil {
		t.Fatal(err)
	}
	w.start()
	day := w.clock.Now().AddDate(0, 0, 2).UTC().Format("2006-01-02")
	card := w.askForAll(emails(users) + " on " + day)
	card.ExpectText("1 item to hand over", "or on each person's approval if that is later")
	w.ExpectPrivate(w.rita, ": deactivate 2 people")
	card.Select(w.anna, "details", "2. Person 2 (person2@acme.com)")
	w.ExpectModal(w.anna, "1 portfolio: ", "Paint the shed").Close()
	card.Click(w.anna, "Approve all (2)")
	w.ExpectPrivate(w.anna, "You approved this for 2 people.")
	card.ExpectText("Takes effect:").ExpectButtons("Cancel all (2)")
	if n := w.switchedOff(users); n != 0 {
		t.Errorf("%d are switched off before the day", n)
	}
	w.cardsAtRest()
	w.clock.Skip(3 * 24 * time.Hour)
	w.ExpectDM(w.rita, "2 people deactivated")
	card.ExpectText("2 ✅ done").ExpectButtons()
	w.cardsAtRest()
	w.workfront.UpdateUser(users[0].ID, func(u *workfrontsim.User) { u.Active = true })
	w.clock.Skip(25 * time.Hour)
	w.ExpectDM(w.rita, "1 person deactivated", "Person 1", "active again when I checked")
	card.ExpectText("1 ⚠️ active again")
	w.quiet()
}

// The way back for several people. wfbot did not deactivate one of them.
func TestBatchOfTheWayBack(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	users := w.staff(2)
	w.workfront.AddUser(workfrontsim.User{Name: "Ina Active", Email: "ina@acme.com"})
	w.start()
	card := w.askForAll(emails(users))
	w.ExpectPrivate(w.rita, ": deactivate 2 people")
	card.Click(w.anna, "Approve all (2)")
	w.ExpectPrivate(w.anna, "You approved this for 2 people.")
	w.ExpectDM(w.rita, "2 people deactivated")
	card.ExpectButtons()
	w.cardsAtRest()
	w.clock.Skip(2 * time.Hour) // until no write of before can arrive any more
	w.As(w.rita).Types(w.channel, "/wf-reactivate "+emails(users)+" ina@acme.com the project goes on")
	back := w.Channel(w.channel).ExpectMessage("reactivate 2 people in Workfront")
	back.ExpectText("not deactivated through wfbot")
	w.ExpectPrivate(w.rita, ": reactivate")
	back.Click(w.otto, "Approve all (2)")
	w.ExpectPrivate(w.otto, "You approved this for 2 people.")
	w.ExpectDM(w.rita, "2 people reactivated", "ina@acme.com")
	back.ExpectButtons()
	if n := w.switchedOff(users); n != 0 {
		t.Errorf("%d are still inactive", n)
	}
	w.quiet()
}

// Two bots on one database share the people of a batch: still one card, and one
// change for each. Both approvers press at the same time.
func TestReplicasShareABatch(t *testing.T) {
	w := newWorld(t)
	w.usePostgres()
	users := w.staff(20)
	w.start()
	_, _, stopSecond := w.launch()
	card := w.askForAll(emails(users))
	w.ExpectPrivate(w.rita, ": deactivate 20 people")
	button := card.Button("Approve all (20)")
	button.Answer = button.Confirm.Confirm
	var clicks sync.WaitGroup
	for _, id := range []string{w.anna, w.otto, w.anna, w.otto} {
		clicks.Go(func() { w.insist(id, card, button) })
	}
	clicks.Wait()
	w.pollFor(time.Minute, "everybody is done", func() bool { return w.stands()[request.Done] == 20 })
	card.ExpectText("20 ✅ done").ExpectButtons()
	w.ExpectDM(w.rita, "20 people deactivated")
	w.settle()
	w.Forgive() // who was first depends
	if n := len(w.workfront.Changes()); n != 20 {
		t.Errorf("%d changes in Workfront, want 20", n)
	}
	if n := len(w.PostTimes(w.channel)); n != 1 {
		t.Errorf("%d messages in the channel, want the card alone", n)
	}
	w.quiet()
	stopSecond()
}
