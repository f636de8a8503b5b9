package store_test

import (
	"errors"
	"testing"
	"time"

	"wfbot/bot/store"
)

// A duty is given to one process each time that it is due, and to another one if that
// has died.
func TestDuties(t *testing.T) {
	onEach(t, func(t *testing.T, open func() *store.Store) {
		s, ctx := open(), t.Context()
		claim := func(now time.Time, lease time.Duration) (string, store.Lease) {
			t.Helper()
			name, l, err := s.ClaimDuty(ctx, now, lease)
			if err != nil {
				t.Fatal(err)
			}
			return name, l
		}
		for range 2 { // the second start changes nothing
			if err := s.AddDuty(ctx, "sweep", start.Add(time.Hour)); err != nil {
				t.Fatal(err)
			}
		}
		if name, _ := claim(start.Add(time.Hour-1), time.Minute); name != "" {
			t.Errorf("%s was given out before it is due", name)
		}
		name, died := claim(start.Add(time.Hour), time.Millisecond)
		if name != "sweep" {
			t.Fatalf("%q was given out", name)
		}
		var lease store.Lease
		for name = ""; name == ""; { // the lease ends
			name, lease = claim(start.Add(time.Hour), time.Hour)
		}
		if name, _ := claim(start.Add(2*time.Hour), time.Minute); name != "" {
			t.Error("it was given out to two")
		}
		if err := s.DutyDone(ctx, died, start); !errors.Is(err, store.ErrLeaseLost) {
			t.Errorf("done by who lost it: %v", err)
		}
		if err := s.DutyDone(ctx, lease, start.Add(24*time.Hour)); err != nil {
			t.Error(err)
		}
		if name, _ := claim(start.Add(23*time.Hour), time.Minute); name != "" {
			t.Error("it was given out before it is due again")
		}
		if name, _ := claim(start.Add(24*time.Hour), time.Minute); name != "sweep" {
			t.Error("it is not due again")
		}
	})
}
