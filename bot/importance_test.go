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
// takes: what was approved is executed.
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
			w.ExpectDM(w.rita, "Deactivated: ")
			if _, answered := w.asked(wait); operation == "user/search" && answered != before {
				t.Errorf("it was carried out after %d look-ups were answered", answered-before)
			}
			release()
			w.stop()
			w.Forgive()
		})
	}
}

// What somebody holds is still being counted when people decide. They can decide all the
// same, and what they decided is executed. What is counted after that changes nothing.
func TestCountsAfterTheDecision(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.workfrontTimeout = 2 * time.Minute
	w.workfront.AddWork(w.target.ID, workfrontsim.Work{Tasks: 3})
	release := w.holdBack("batch")
	w.start()
	w.As(w.rita).Types(w.channel, "/wf-deactivate jane@acme.com left the company")
	card := w.Channel(w.channel).ExpectMessage("Jane Doe", "being counted")
	w.poll("it is being counted", func() bool { arrived, _ := w.asked("batch"); return arrived > 0 })
	w.clock.Skip(6 * time.Second)
	card.ExpectButtons("Approve", "Deny", "Cancel request")
	w.ExpectPrivate(w.rita, "Sent to")
	card.Click(w.anna, "Approve")
	w.ExpectDM(w.rita, "Deactivated: ")
	release()
	card.ExpectText("Confirmed in Workfront")
	w.quiet()
	if text := card.Now().Text; strings.Contains(text, "counted") || strings.Contains(text, "open task") {
		t.Errorf("the card says what was counted too late:\n%s", text)
	}
	if r := w.requests()[0]; r.Counts != 0 || len(r.Holdings) != 0 {
		t.Errorf("counted %d times, %v", r.Counts, r.Holdings)
	}
}

// What was approved does not wait until a count that hangs has been given up.
func TestSlowCountsDelayNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for i := range 4 { // as many as are counted for at once
		w.workfront.AddUser(workfrontsim.User{Name: fmt.Sprint("Leaver ", i), Email: fmt.Sprintf("leaver%d@acme.com", i), Active: true})
	}
	w.workfront.Inject(workfrontsim.Fault{Operation: "*/count", Answer: workfrontsim.Answer{Kind: workfrontsim.Hang}})
	var mu sync.Mutex
	overtaken := false // a write was sent while a count for the same person was under way
	w.workfront.Observe(func(c workfrontsim.Call, phase workfrontsim.Phase) {
		if c.Operation != "user/put" || phase != workfrontsim.Received {
			return
		}
		for _, other := range w.workfront.Journal() {
			counts := other.Operation == "batch" || strings.HasSuffix(other.Operation, "/count")
			if counts && !other.Done && strings.Contains(other.Query+other.Body, c.Targets[0]) {
				mu.Lock()
				overtaken = true
				mu.Unlock()
			}
		}
	})
	w.start()
	// A count is given up after 5 seconds of the machine's time: however slow it is, it
	// need be quicker than that only once.
	met := func() bool { mu.Lock(); defer mu.Unlock(); return overtaken }
	for i := 0; i < 4 && !met(); i++ {
		w.As(w.rita).Types(w.channel, fmt.Sprintf("/wf-deactivate leaver%d@acme.com left the company", i))
		card := w.Channel(w.channel).ExpectMessage(fmt.Sprint("Leaver ", i))
		w.poll("it is being counted", func() bool {
			return slices.ContainsFunc(w.workfront.Journal(), func(c workfrontsim.Call) bool { return c.Operation == "batch" && !c.Done })
		})
		w.clock.Skip(6 * time.Second)
		card.ExpectButtons("Approve", "Deny", "Cancel request")
		card.Click(w.anna, "Approve")
		w.ExpectDM(w.rita, "Deactivated: ")
	}
	if !met() {
		t.Error("each write waited until the counts were given up")
	}
	w.Forgive()
}
