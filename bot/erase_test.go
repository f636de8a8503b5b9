package bot_test

import (
	"database/sql"
	"fmt"
	"strings"
	"testing"
	"time"

	"wfbot/bot/slacksim/story"
)

// What is known of people is erased in its time, and the way back works as before: by
// the button on the old card and by the command. The trail verifies.
func TestWayBackOfWhatIsErased(t *testing.T) {
	t.Parallel()
	for name, back := range map[string]func(*world, *story.Message){
		"by the button": func(w *world, done *story.Message) { done.Click(w.rita, "Request reactivation") },
		"by the command": func(w *world, _ *story.Message) {
			w.As(w.rita).Types(w.channel, "/wf-reactivate jane@acme.com she stays after all")
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.config.Retain = 48 * time.Hour
			w.start()
			done := w.deactivated()
			w.watched = nil // what would be compared is erased
			w.clock.Skip(72 * time.Hour)
			w.poll("it is erased", func() bool { return !w.requests()[0].ErasedAt.IsZero() })
			db, err := sql.Open("sqlite", "file:"+strings.TrimPrefix(w.database, "sqlite:")+"?_pragma=busy_timeout(5000)")
			if err != nil {
				t.Fatal(err)
			}
			defer db.Close()
			w.poll("what was typed and pressed has gone with it", func() bool {
				var kept int
				if err := db.QueryRow(`SELECT COUNT(*) FROM interactions`).Scan(&kept); err != nil {
					t.Fatal(err)
				}
				return kept == 0
			})
			for _, e := range w.trail() {
				if e.Kind != "details erased" && strings.Contains(strings.ToLower(fmt.Sprint(e.Detail)), "jane") {
					t.Errorf("entry %d still says %v", e.Seq, e.Detail)
				}
			}
			back(w, done)
			card := w.Channel(w.channel).ExpectMessage("reactivate Jane Doe")
			card.ExpectButtons("Approve", "Deny", "Cancel request")
			w.ExpectPrivate(w.rita, ": reactivate Jane Doe")
			card.Click(w.anna, "Approve")
			w.ExpectDM(w.rita, "Reactivated: ")
			w.settle()
			w.poll("the old card says so", func() bool { return !w.requests()[0].SupersededAt.IsZero() })
			done.ExpectText("erased").ExpectButtons()
			if !w.active() {
				t.Error("jane is not active")
			}
			if found, err := w.st.VerifyTrail(t.Context()); err != nil || found.Erased == 0 {
				t.Errorf("VerifyTrail = %+v, %v", found, err)
			}
			for _, r := range w.requests() {
				if r.ErasedAt.IsZero() && r.Email != "jane@acme.com" {
					t.Errorf("the way back is for %q", r.Email)
				}
			}
		})
	}
}
