package bot_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"wfbot/bot/request"
	"wfbot/bot/slacksim/story"
	"wfbot/workfront/workfrontsim"
)

// deactivated carries a deactivation of jane out and returns its card.
func (w *world) deactivated() *story.Message {
	w.t.Helper()
	card := w.ask()
	card.Click(w.anna, "Approve")
	w.ExpectDM(w.rita, "Deactivated: ")
	card.ExpectText("Confirmed in Workfront").ExpectButtons("Request reactivation")
	w.settle()
	return card
}

// asksBack types the command for the way back and returns the card once it has
// its buttons.
func (w *world) asksBack() *story.Message {
	w.t.Helper()
	w.As(w.rita).Types(w.channel, "/wf-reactivate jane@acme.com she stays after all")
	card := w.Channel(w.channel).ExpectMessage("reactivate Jane Doe", "she stays after all")
	card.ExpectButtons("Approve", "Deny", "Cancel request")
	w.ExpectPrivate(w.rita, ": reactivate Jane Doe")
	return card
}

// skip lets time pass while no step is under way.
func (w *world) skip(d time.Duration) {
	w.t.Helper()
	w.settle()
	w.clock.Skip(d)
}

func TestWayBack(t *testing.T) {
	t.Parallel()
	newWorld(t).goesAndComesBack()
}

func (w *world) goesAndComesBack() {
	w.t.Helper()
	w.start()
	w.deactivated()
	card := w.asksBack()
	card.ExpectText("0 of 1")
	w.skip(2 * time.Minute) // until nothing of the deactivation can arrive any more
	card.Click(w.anna, "Approve")
	w.ExpectDM(w.rita, "Reactivated: ", "access level, proof role and proof licence")
	card.ExpectText("Reactivated: ", "Confirmed in Workfront").ExpectButtons()
	if !w.active() {
		w.t.Error("jane is not active")
	}
	w.quiet()
	if n := len(w.workfront.Changes()); n != 2 {
		w.t.Errorf("%d changes, want off and on", n)
	}
}

func TestWayBackByTheButton(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.start()
	done := w.deactivated()
	done.Click(w.rita, "Request reactivation")
	card := w.Channel(w.channel).ExpectMessage("reactivate Jane Doe", "Asked for on the card of the deactivation")
	w.ExpectPrivate(w.rita, ": reactivate Jane Doe")
	card.Click(w.otto, "Approve")
	card.ExpectText("takes effect") // not yet: see Request.ClearAt
	w.settleExceptRetries()
	w.clock.Skip(2 * time.Minute)
	w.ExpectDM(w.rita, "Reactivated: ")
	w.quiet()
}

// Until a write of the deactivation can no longer arrive, nothing is written, as a
// frozen process might switch jane off again after the proof was read.
func TestWayBackWaitsUntilNothingCanArriveLate(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.start()
	w.deactivated()
	card := w.asksBack()
	card.Click(w.anna, "Approve")
	card.ExpectText("takes effect").ExpectButtons("Cancel request")
	w.settleExceptRetries()
	all := w.requests()
	off, on := all[0], all[1]
	if want := off.WriteSentAt.Add(80 * time.Second); !on.DueAt.Equal(want) {
		t.Errorf("due at %v, the last write was sent at %v", on.DueAt, off.WriteSentAt)
	}
	if n := len(w.writes()); n != 1 {
		t.Errorf("%d writes, want that of the deactivation", n)
	}
	w.clock.Skip(time.Minute + 20*time.Second)
	w.ExpectDM(w.rita, "Reactivated: ")
	card.ExpectText("Confirmed in Workfront")
	w.quiet()
}

func TestWayBackIsRefused(t *testing.T) {
	t.Parallel()
	off := func(w *world) {
		w.workfront.UpdateUser(w.target.ID, func(u *workfrontsim.User) { u.Active = false })
	}
	anybody := func(w *world) { w.config.Policy.ReactivateAny = true }
	rows := []struct {
		name    string
		prepare []func(*world)
		says    string
	}{
		{"active already", nil, "already active in Workfront"},
		{"not switched off by wfbot", []func(*world){off}, "not deactivated through wfbot"},
		{"new, and to be approved in Workfront", []func(*world){off, anybody, func(w *world) {
			if _, err := w.workfront.AddRecord("USRAPV", map[string]any{"userID": w.target.ID}); err != nil {
				w.t.Fatal(err)
			}
		}}, "may still need approval in Workfront"},
		{"when in doubt", []func(*world){off, anybody, func(w *world) {
			w.workfront.Inject(workfrontsim.Fault{Operation: "usrapv/*", Answer: workfrontsim.Answer{Kind: workfrontsim.JSONError, Status: 403}})
		}}, "may still need approval in Workfront"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			for _, prepare := range row.prepare {
				prepare(w)
			}
			w.start()
			w.As(w.rita).Types(w.channel, "/wf-reactivate jane@acme.com she stays")
			w.ExpectPrivate(w.rita, row.says)
			w.quiet()
			if n := len(w.writes()); n != 0 {
				t.Errorf("%d writes", n)
			}
		})
	}
}

// A Workfront that cannot be read says nothing about who awaits approval there:
// it is asked again.
func TestWayBackWaitsForWorkfront(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.config.Policy.ReactivateAny = true
	w.workfront.UpdateUser(w.target.ID, func(u *workfrontsim.User) { u.Active = false })
	w.workfront.Inject(workfrontsim.Fault{Operation: "usrapv/*", Times: 4, Answer: jsonError(503, nil)})
	w.start()
	w.As(w.rita).Types(w.channel, "/wf-reactivate jane@acme.com she stays")
	w.ExpectPrivate(w.rita, "could not look up", "503")
	card := w.Channel(w.channel).ExpectMessage("reactivate Jane Doe")
	w.ExpectPrivate(w.rita, ": reactivate")
	card.Click(w.anna, "Approve")
	w.ExpectDM(w.rita, "Reactivated: ")
	card.ExpectText("Confirmed in Workfront")
	w.quiet()
}

// Who is about to be deactivated is active already, and asking for the opposite leads to
// the open request.
func TestWayBackBesideTheOpenDeactivation(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.start()
	open := w.ask()
	w.As(w.rita).Types(w.channel, "/wf-reactivate jane@acme.com she stays")
	w.ExpectPrivate(w.rita, "open request", "jane@acme.com", strings.ReplaceAll(open.TS(), ".", ""))
	open.ExpectButtons("Approve", "Deny", "Cancel request")
	w.quiet()
}

// Whatever Workfront refuses with a reactivation is said as it is.
func TestWayBackThatWorkfrontRefuses(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.start()
	w.deactivated()
	w.workfront.Inject(workfrontsim.Fault{Operation: "user/put", Times: 1, Answer: workfrontsim.Answer{
		Kind: workfrontsim.JSONError, Status: 422, Message: "homeGroupID cannot be null",
	}})
	card := w.asksBack()
	w.skip(2 * time.Minute)
	card.Click(w.anna, "Approve")
	card.ExpectText("Failed", "homeGroupID cannot be null", "Nothing was changed").ExpectButtons("Retry")
	w.ExpectDM(w.rita, "Failed: reactivate Jane Doe")
	card.ExpectReply("Failed: reactivate Jane Doe")
	card.Click(w.otto, "Retry")
	w.ExpectDM(w.rita, "Reactivated: ")
	card.ExpectText("Confirmed in Workfront")
	w.quiet()
}

func TestWhoMayPressReactivate(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.start()
	card := w.deactivated()
	card.Click(w.anna, "Request reactivation") // approves, and may not ask
	w.ExpectPrivate(w.anna, "not on the list of people who may ask")
	w.workfront.UpdateUser(w.target.ID, func(u *workfrontsim.User) { u.Active = true })
	card.Click(w.rita, "Request reactivation")
	w.ExpectPrivate(w.rita, "already active in Workfront")
	w.settle()
	if !slices.ContainsFunc(w.requests(), func(r *request.Request) bool { return r.Refused == request.RefusedActive }) {
		t.Error("no request was rejected")
	}
}

func TestDryRunOfTheWayBack(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.config.DryRun, w.config.Policy.ReactivateAny = true, true
	w.workfront.UpdateUser(w.target.ID, func(u *workfrontsim.User) { u.Active = false })
	w.start()
	card := w.asksBack()
	card.ExpectText("Dry run")
	card.Click(w.anna, "Approve")
	w.ExpectDM(w.rita, "Dry run", "Nothing was changed")
	card.ExpectText("Dry run done", "was not changed").ExpectButtons()
	w.quiet()
	if n := len(w.writes()); n != 0 || w.active() {
		t.Errorf("%d writes reached Workfront in a dry run", n)
	}
	for _, call := range w.workfront.Journal() {
		if call.Method != "GET" {
			t.Errorf("%s %s in a dry run", call.Method, call.Operation)
		}
	}
}

// A failed request is not retried while another one for the same user is open, whose
// card the approver is sent to.
func TestRetryBesideAnOpenRequestNamesItsCard(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	no := w.workfront.Inject(workfrontsim.Fault{Operation: "user/put", Answer: workfrontsim.Answer{
		Kind: workfrontsim.JSONError, Status: http.StatusForbidden, Message: "You do not have access",
	}})
	w.start()
	failed := w.ask()
	failed.Click(w.anna, "Approve")
	failed.ExpectText("Failed").ExpectButtons("Retry")
	failed.ExpectReply("Failed: ")
	w.ExpectDM(w.rita, "Failed: ")
	w.workfront.RemoveFault(no)
	open := w.ask()
	failed.Click(w.anna, "Retry")
	w.ExpectPrivate(w.anna, "open request", strings.ReplaceAll(open.TS(), ".", ""))
	open.Click(w.anna, "Approve")
	w.ExpectDM(w.rita, "Deactivated: ")
	open.ExpectButtons("Request reactivation")
	w.quiet()
}

// Workfront refused the change, and an administrator made it: wfbot did not, and
// offers no way back.
func TestWhatWorkfrontRefusedIsNotOurDoing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.workfront.Inject(workfrontsim.Fault{Operation: "user/put", Answer: workfrontsim.Answer{
		Kind: workfrontsim.JSONError, Status: http.StatusForbidden, Message: "You do not have access",
	}})
	w.start()
	card := w.ask()
	card.Click(w.anna, "Approve")
	card.ExpectText("Failed", "Nothing was changed").ExpectButtons("Retry")
	w.ExpectDM(w.rita, "Failed: ")
	card.ExpectReply("Failed: ")
	w.workfront.UpdateUser(w.target.ID, func(u *workfrontsim.User) { u.Active = false })
	card.Click(w.anna, "Retry")
	card.ExpectText("already inactive", "Nothing was changed").ExpectButtons()
	w.ExpectDM(w.rita, "already inactive", "changed nothing")
	w.As(w.rita).Types(w.channel, "/wf-reactivate jane@acme.com is back")
	w.ExpectPrivate(w.rita, "not deactivated through wfbot")
	w.quiet()
}

// A way back that Workfront refused has changed nothing: a day after the deactivation
// the user is read again all the same.
func TestReadAgainAfterARefusedWayBack(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.config.VerifyAfter = 24 * time.Hour
	w.start()
	done := w.deactivated()
	w.workfront.Inject(workfrontsim.Fault{Operation: "user/put", Answer: workfrontsim.Answer{
		Kind: workfrontsim.JSONError, Status: http.StatusForbidden, Message: "You do not have access",
	}})
	back := w.asksBack()
	w.skip(10 * time.Minute)
	back.Click(w.anna, "Approve")
	back.ExpectText("Failed", "Nothing was changed")
	w.ExpectDM(w.rita, "Failed: ")
	back.ExpectReply("Failed: ")
	w.skip(25 * time.Hour)
	done.ExpectText("Still so", "when I checked again").ExpectButtons("Request reactivation")
	w.quiet()
}
