package bot_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"wfbot/workfront/workfrontsim"
)

// holdBack keeps back what Workfront is asked in these operations until the returned
// function is called, and at the end of the test.
func (w *world) holdBack(operations ...string) (release func()) {
	held := make(chan struct{})
	stop := w.workfront.Observe(func(c workfrontsim.Call, phase workfrontsim.Phase) {
		if phase == workfrontsim.Received && slices.Contains(operations, c.Operation) {
			<-held
		}
	})
	release = sync.OnceFunc(func() { stop(); close(held) })
	w.t.Cleanup(release)
	return release
}

// asked is how many calls of an operation have arrived, and how many were answered.
func (w *world) asked(operation string) (arrived, answered int) {
	for _, c := range w.workfront.Journal() {
		if c.Operation != operation {
			continue
		}
		arrived++
		if c.Done {
			answered++
		}
	}
	return arrived, answered
}

// However many people are being looked up, or are counted for, and however long that
// takes: what was approved is carried out.
func TestWhatWasApprovedGoesFirst(t *testing.T) {
	t.Parallel()
	for operation, wait := range map[string]string{"user/search": "user/search", "batch": "batch", "user/count": "user/count"} {
		t.Run(operation, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			if operation == "user/count" {
				w.serveWorkfront(workfrontsim.Config{Batch: workfrontsim.Batch{Status: 404}})
			}
			w.workfront.AddWork(w.target.ID, workfrontsim.Work{Tasks: 1})
			w.workfrontTimeout = 2 * time.Minute // longer than anything here: nothing is let through because it has timed out
			w.start()
			card := w.askHolding()
			w.settle()
			_, before := w.asked(wait)
			release := w.holdBack(wait)
			var emails []string
			for i := range 30 {
				u := w.workfront.AddUser(workfrontsim.User{Name: fmt.Sprint("Leaver ", i), Email: fmt.Sprintf("leaver%d@acme.com", i), Active: true})
				emails = append(emails, u.Email)
			}
			w.As(w.rita).Types(w.channel, "/wf-deactivate "+strings.Join(emails, " ")+" left the company")
			w.poll("others are being looked at", func() bool {
				arrived, answered := w.asked(wait)
				return arrived > answered
			})
			card.Click(w.anna, "Approve")
			w.ExpectDM(w.rita, "deactivated in Workfront")
			if _, answered := w.asked(wait); operation == "user/search" && answered != before {
				t.Errorf("it was carried out after %d look-ups were answered", answered-before)
			}
			release()
			w.Forgive()
		})
	}
}
