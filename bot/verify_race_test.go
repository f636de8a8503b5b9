package bot_test

import (
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"wfbot/bot/request"
	"wfbot/workfront/workfrontsim"
)

// hold keeps the next read of the target at Workfront, before it is executed, until the
// returned function is called. held is closed when it has arrived.
func (w *world) hold() (held <-chan struct{}, release func()) {
	var caught atomic.Bool
	arrived, open := make(chan struct{}), make(chan struct{})
	remove := w.workfront.Observe(func(c workfrontsim.Call, phase workfrontsim.Phase) {
		if c.Operation == "user/get" && phase == workfrontsim.Received && slices.Contains(c.Targets, w.target.ID) && caught.CompareAndSwap(false, true) {
			close(arrived)
			<-open
		}
	})
	var released atomic.Bool
	release = func() {
		if released.CompareAndSwap(false, true) {
			remove()
			close(open)
		}
	}
	w.t.Cleanup(release)
	return arrived, release
}

// What is read again while wfbot itself brings the user back is not drift, neither
// before that is known to have worked nor when it is done: nobody is told that
// something has gone wrong.
func TestReadAgainDuringTheWayBack(t *testing.T) {
	t.Parallel()
	for name, done := range map[string]bool{"written and not yet read back": false, "done meanwhile": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.config.VerifyAfter = 24 * time.Hour
			w.withOps()
			w.start()
			w.deactivated()
			on := w.asksBack()
			w.settle()
			verifies, verified := w.hold()
			w.clock.Skip(25 * time.Hour)
			<-verifies
			var readsBack <-chan struct{}
			proven := func() {}
			stop := w.workfront.Observe(func(c workfrontsim.Call, phase workfrontsim.Phase) {
				if c.Operation == "user/put" && phase == workfrontsim.Received && !done {
					readsBack, proven = w.hold()
				}
			})
			on.Click(w.anna, "Approve")
			if done {
				w.ExpectDM(w.rita, "Reactivated: ")
			} else {
				w.waitFor("it is written", w.active)
				<-readsBack
			}
			verified()
			w.poll("the deactivation has been verified or superseded", func() bool {
				off := w.requests()[0]
				return off.VerifyAt.IsZero() && (done || off.Verified.Result != "")
			})
			stop()
			proven()
			if !done {
				w.ExpectDM(w.rita, "Reactivated: ")
			}
			on.ExpectText("Confirmed in Workfront")
			w.quiet() // neither the requester nor the operator hears anything else
			if off := w.requests()[0]; off.SupersededAt.IsZero() || off.Verified.Result == request.Drifted {
				t.Errorf("superseded at %v, verified as %q", off.SupersededAt, off.Verified.Result)
			}
		})
	}
}
