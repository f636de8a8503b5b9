package bot_test

import (
	"errors"
	"testing"
	"time"

	"wfbot/bot/request"
	"wfbot/bot/slacksim"
	"wfbot/bot/store"
	"wfbot/workfront"
	"wfbot/workfront/secret"
)

// A process that dies while it carries a request out, and is away for days: what
// was approved then is not written now, but asked for again. What had arrived is
// done, however late that is found out.
func TestLongDowntimeInTheMiddle(t *testing.T) {
	t.Parallel()
	attempt := func(_ *workfront.Client, r *request.Request, now time.Time) error { return r.WriteAttempted(now) }
	for _, row := range []struct {
		name    string
		crash   func(*workfront.Client, *request.Request, time.Time) error // how far the process came
		arrived bool
	}{
		{"before the write was recorded", func(*workfront.Client, *request.Request, time.Time) error { return nil }, false},
		{"before the write arrived", attempt, false},
		{"after the write arrived", func(client *workfront.Client, r *request.Request, now time.Time) error {
			_, err := client.SetActive(t.Context(), r.Target.ID, false)
			return errors.Join(attempt(client, r, now), err)
		}, true},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.config.StopWindow = time.Hour
			w.start()
			card := w.ask()
			card.Click(w.anna, "Approve")
			card.ExpectText("takes effect")
			w.settle()
			w.stop()
			w.clock.Skip(time.Hour)
			w.dieExecuting(row.crash)
			w.clock.Skip(3 * 24 * time.Hour)
			w.start()
			if !row.arrived {
				card.ExpectText("Please decide again", "Approved before", "0 of 1").ExpectButtons("Approve", "Deny", "Cancel request")
				w.ExpectDM(w.rita, "Approval needed again")
				card.ExpectReply("Approval needed again")
				w.settle()
				if n := len(w.writes()); n > 0 || !w.active() {
					t.Fatalf("%d writes on an approval from three days ago", n)
				}
				card.Click(w.anna, "Approve")
				w.settle()
				w.clock.Skip(time.Hour)
			}
			w.ExpectDM(w.rita, "Deactivated: ")
			card.ExpectText("Confirmed in Workfront")
			w.quiet()
		})
	}
}

// dieExecuting leaves the only request as a process does that dies while it
// carries it out, behind what crash does.
func (w *world) dieExecuting(crash func(*workfront.Client, *request.Request, time.Time) error) {
	w.t.Helper()
	client, err := workfront.New(workfront.Config{URL: w.wfURL, APIKey: secret.Value(w.workfront.APIKey())})
	if err != nil {
		w.t.Fatal(err)
	}
	defer client.CloseIdleConnections()
	st, err := store.Open(w.t.Context(), w.database, nil)
	if err != nil {
		w.t.Fatal(err)
	}
	defer st.Close()
	all, err := st.Requests(w.t.Context())
	if err != nil || len(all) != 1 {
		w.t.Fatalf("%d requests, %v", len(all), err)
	}
	change := func(do func(*request.Request, time.Time) error) {
		now := w.clock.Now().UTC()
		if err := st.Update(w.t.Context(), now, func(tx *store.Tx) error {
			r, err := tx.Request(all[0].ID)
			if err != nil {
				return err
			}
			return errors.Join(do(r, now), tx.Save(r))
		}); err != nil {
			w.t.Fatal(err)
		}
	}
	change((*request.Request).Begin)
	if _, err := client.Get(w.t.Context(), all[0].Target.ID); err != nil {
		w.t.Fatal(err)
	}
	change(func(r *request.Request, now time.Time) error { return crash(client, r, now) })
}

// The requester of a batch is told as well, once however many are asked for again.
func TestBatchLongOverdueAsksAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	users := w.staff(12)
	w.start()
	typed, at := w.tomorrow()
	w.As(w.rita).Types(w.channel, "/wf-deactivate "+emails(users)+" on "+typed)
	card := w.Channel(w.channel).ExpectMessage("12 people in Workfront")
	card.ExpectButtons("Approve all (12)", "Deny all (12)", "Cancel all (12)")
	w.ExpectPrivate(w.rita, ": deactivate 12 people")
	card.Click(w.anna, "Approve all (12)")
	w.ExpectPrivate(w.anna, "You approved this for 12 people")
	card.ExpectText("12 👍 approved")
	w.settle()
	w.stop() // for two days
	w.clock.Skip(at.Add(25 * time.Hour).Sub(w.clock.Now()))
	w.start()
	w.ExpectDM(w.rita, "12 of them were approved", "asking for approval again")
	card.ExpectButtons("Approve all (12)", "Deny all (12)", "Cancel all (12)")
	card.ExpectReply("Still waiting", "<@"+w.anna+">")
	w.quiet()
	card.Click(w.anna, "Approve all (12)")
	w.ExpectPrivate(w.anna, "You approved this for 12 people")
	w.ExpectDM(w.rita, "12 people deactivated")
	w.quiet()
}

// A press that is dealt with only days later was about another world.
func TestApprovalPressedLongAgoDoesNotCount(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.start()
	card := w.ask()
	w.settle()
	seen := make(chan struct{}, 1)
	remove := w.Inject(slacksim.Fault{Method: "users.info", Count: -1, Answer: slacksim.Hang(), Do: func() {
		select {
		case seen <- struct{}{}:
		default:
		}
	}})
	w.clock.Skip(2 * time.Minute) // facts are old
	card.Click(w.anna, "Approve")
	<-seen
	w.stop()
	w.clock.Skip(25 * time.Hour)
	remove()
	w.start()
	w.ExpectDM(w.anna, "more than a day", "press again")
	w.settle()
	if r := w.requests()[0]; r.State != request.Pending || len(w.writes()) > 0 {
		t.Errorf("the request is %s, after %d writes", r.State, len(w.writes()))
	}
	card.Click(w.anna, "Approve")
	w.ExpectDM(w.rita, "Deactivated: ")
	w.quiet()
}
