package main

import (
	"strings"
	"testing"

	"wfbot/bot/request"
	"wfbot/bot/store"
	"wfbot/workfront/workfrontsim"
)

// The program is killed after See all has opened its modal and before the names are
// read. The next one reads them: they come as a private message, once, as the modal that
// stays open says; and that they were shown is in the audit trail once.
func TestKilledBetweenSeeAllAndItsNames(t *testing.T) {
	t.Parallel()
	for _, database := range crashDatabases() {
		t.Run(database, func(t *testing.T) {
			t.Parallel()
			w := newCrashWorld(t, database, point{}, nil)
			w.workfront.AddWork(w.jane.ID, workfrontsim.Work{Tasks: 3})
			w.run()
			w.asks()
			w.database.settle()
			hang := w.workfront.Inject(workfrontsim.Fault{Operation: "task/search", Answer: workfrontsim.Answer{Kind: workfrontsim.Hang}})
			w.presses(w.ada, "See all")
			w.learns(w.ada, "They follow here, or in a private message.")
			if !w.program.kill() {
				t.Fatal("the program was not killed")
			}
			w.workfront.RemoveFault(hang)
			w.learns(w.ada, "3 tasks: ")
			w.database.settle()
			w.program.end()

			views := w.slack.OpenViews(w.ada)
			if len(views) != 1 || strings.Contains(views[0].PlainText(), "3 tasks: ") || !strings.Contains(views[0].PlainText(), "3 tasks") {
				t.Errorf("the modals: %v", views)
			}
			told := 0
			for _, m := range append(w.slack.Ephemerals(w.ada), w.slack.DirectMessages(w.ada)...) {
				if m.Contains("shown to you alone") {
					told++
				}
			}
			if told != 1 {
				t.Errorf("the names were told %d times, want once", told)
			}
			if n := w.shown(); n != 1 {
				t.Errorf("the trail says %d times that they were shown, want once", n)
			}
			if requests := w.check(); len(requests) != 1 || requests[0].State != request.Pending {
				t.Errorf("the requests: %v", requests)
			}
		})
	}
}

// shown is how often the audit trail says that ada was shown details. The program has
// ended.
func (w *crashWorld) shown() (n int) {
	w.t.Helper()
	st, err := store.Open(w.t.Context(), w.database.direct, nil)
	if err != nil {
		w.t.Fatal(err)
	}
	defer st.Close()
	trail, err := st.Trail(w.t.Context(), 0, 10_000)
	if err != nil {
		w.t.Fatal(err)
	}
	for _, e := range trail {
		if e.Kind == "details shown" && e.Actor == w.ada {
			n++
		}
	}
	return n
}
