package bot_test

import (
	"testing"
	"time"

	"wfbot/bot/request"
	"wfbot/workfront/workfrontsim"
)

// The user is read again a day later.
func TestReadAgain(t *testing.T) {
	t.Parallel()
	rows := []struct {
		name      string
		meanwhile func(*world)
		shows     []string
		buttons   []string
		told      string
		found     request.Drift
	}{
		{"still so", func(*world) {}, []string{"Still so", "when I checked again"}, []string{"Request reactivation"}, "", request.NoDrift},
		{"changed back", func(w *world) {
			w.workfront.UpdateUser(w.target.ID, func(u *workfrontsim.User) { u.Active = true })
		}, []string{"Changed back", "the user was active again when I checked"}, nil, "is active in Workfront again", request.Drifted},
		{"not there any more", func(w *world) {
			w.workfront.SetAccess(w.workfront.Caller().ID, w.target.ID, workfrontsim.Hidden)
		}, []string{"Checked again", "not in Workfront any more"}, nil, "", request.TargetGone},
		{"after a pause of Workfront", func(w *world) {
			w.workfront.Inject(workfrontsim.Fault{Operation: "user/get", Times: 5, Answer: jsonError(503, nil)})
		}, []string{"Still so", "when I checked again"}, []string{"Request reactivation"}, "", request.NoDrift},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.config.VerifyAfter = 24 * time.Hour
			w.start()
			card := w.ask()
			card.Click(w.anna, "Approve")
			w.ExpectDM(w.rita, "Deactivated: ")
			card.ExpectText("Confirmed in Workfront", "I check again")
			w.settle()
			row.meanwhile(w)
			w.clock.Skip(25 * time.Hour)
			card.ExpectText(row.shows...).ExpectButtons(row.buttons...)
			if row.told != "" {
				w.ExpectDM(w.rita, row.told)
			}
			w.quiet()
			if r := w.requests()[0]; r.Verified.Result != row.found || !r.VerifyAt.IsZero() {
				t.Errorf("found %q, next at %v", r.Verified.Result, r.VerifyAt)
			}
			if n := len(w.writes()); n != 1 {
				t.Errorf("%d writes: nothing is mended by itself", n)
			}
		})
	}
}

// What wfbot itself has changed since is on the card at once, and not taken for
// drift.
func TestReadAgainAfterTheWayBack(t *testing.T) {
	t.Parallel()
	newWorld(t).readAgainAfterTheWayBack()
}

func (w *world) readAgainAfterTheWayBack() {
	w.t.Helper()
	w.config.VerifyAfter = 24 * time.Hour
	w.start()
	off := w.deactivated()
	on := w.asksBack()
	w.skip(2 * time.Minute)
	on.Click(w.anna, "Approve")
	w.ExpectDM(w.rita, "Reactivated: ")
	on.ExpectText("Confirmed in Workfront")
	off.ExpectText("Changed again since", "Done at the time").ExpectButtons()
	w.skip(25 * time.Hour)
	on.ExpectText("Still so", "when I checked again")
	w.quiet()
	if r := w.requests()[0]; r.SupersededAt.IsZero() || r.Verified.Result != "" {
		w.t.Errorf("superseded at %v, verified as %q", r.SupersededAt, r.Verified.Result)
	}
}

// A reactivation that failed may have changed the user all the same: that is not
// taken for drift either.
func TestReadAgainAfterAFailedWayBack(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.config.VerifyAfter = 24 * time.Hour
	w.start()
	off := w.deactivated()
	on := w.asksBack()
	w.skip(2 * time.Minute)
	w.workfront.Inject(workfrontsim.Fault{Operation: "user/put", Times: 1, Answer: workfrontsim.Answer{Kind: workfrontsim.JSONError, Status: 200, Message: "No"}})
	on.Click(w.anna, "Approve")
	w.ExpectDM(w.rita, "Failed: ")
	on.ExpectText("Failed")
	on.ExpectReply("Failed: reactivate")
	w.skip(25 * time.Hour)
	off.ExpectText("Since then wfbot was asked to do the opposite").ExpectButtons()
	w.quiet()
}
