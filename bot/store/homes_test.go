package store_test

import (
	"errors"
	"testing"
	"time"

	"wfbot/bot/request"
	"wfbot/bot/store"
)

func openHome(t *testing.T, s *store.Store, user string, now time.Time) {
	t.Helper()
	if err := s.OpenHome(t.Context(), user, now); err != nil {
		t.Fatal(err)
	}
}

// happen appends an entry to the audit trail.
func happen(t *testing.T, s *store.Store) {
	t.Helper()
	if err := s.Update(t.Context(), start, func(tx *store.Tx) error {
		tx.Record("", request.Event{At: start, Kind: "refused", Actor: "U9"})
		return nil
	}); err != nil {
		t.Fatal(err)
	}
}

// claimHome claims the one Home tab that has to be drawn; nil if there is none.
func claimHome(t *testing.T, s *store.Store, now time.Time) (*store.Home, store.Lease) {
	t.Helper()
	h, l, err := s.ClaimHome(t.Context(), now, time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	at, due, err := s.NextHome(t.Context(), now)
	if err != nil {
		t.Fatal(err)
	}
	if due && !at.After(now) {
		t.Fatalf("at %v something is due at %v after the claim", now, at)
	}
	return h, l
}

func TestHomeIsDrawnWhenItIsOpenedAndWhenSomethingHappens(t *testing.T) {
	onEach(t, func(t *testing.T, open func() *store.Store) {
		s, now := open(), start
		if h, _ := claimHome(t, s, now); h != nil {
			t.Fatalf("nobody has opened theirs, and %v is drawn", h)
		}
		openHome(t, s, "U1", now) // before anything has ever happened
		h, l := claimHome(t, s, now)
		if h == nil || h.UserID != "U1" || h.Seq != 0 {
			t.Fatalf("opened, claimed %+v", h)
		}
		if again, _ := claimHome(t, s, now); again != nil {
			t.Fatal("claimed twice")
		}
		happen(t, s) // while it is drawn
		if err := s.HomeDrawn(t.Context(), h, l, now); err != nil {
			t.Fatal(err)
		}
		if h, _ := claimHome(t, s, now); h != nil {
			t.Error("drawn again without a pause")
		}
		now = now.Add(time.Minute)
		if h, l = claimHome(t, s, now); h == nil || h.Seq != 1 {
			t.Fatalf("something has happened, claimed %+v", h)
		}
		if err := s.HomeDrawn(t.Context(), h, l, now); err != nil {
			t.Fatal(err)
		}
		now = now.Add(time.Minute)
		if h, _ := claimHome(t, s, now); h != nil {
			t.Errorf("nothing has happened, and it is drawn: %+v", h)
		}
		if at, due, err := s.NextHome(t.Context(), now); due || err != nil {
			t.Errorf("nothing has happened, and it is due at %v, %v", at, err)
		}
		happen(t, s)
		if h, l = claimHome(t, s, now); h == nil || h.Seq != 2 {
			t.Fatalf("something has happened, claimed %+v", h)
		}
		if err := s.HomeDrawn(t.Context(), h, l, now); err != nil {
			t.Fatal(err)
		}
		happen(t, s)
		if h, _ := claimHome(t, s, now.Add(24*time.Hour)); h != nil {
			t.Errorf("looked at a day ago, and still drawn: %+v", h)
		}
	})
}

func TestHomeIsOpenedAgainWhileItIsDrawn(t *testing.T) {
	onEach(t, func(t *testing.T, open func() *store.Store) {
		s := open()
		openHome(t, s, "U1", start)
		h, l := claimHome(t, s, start)
		now := start.Add(time.Millisecond)
		openHome(t, s, "U1", now)
		if again, _, err := s.ClaimHome(t.Context(), now, time.Minute); again != nil || err != nil {
			t.Errorf("it is drawn by two at a time: %v, %v", again, err)
		}
		if err := s.HomeDrawn(t.Context(), h, l, now); err != nil {
			t.Errorf("the first drawing: %v", err)
		}
		if h, l = claimHome(t, s, now); h == nil {
			t.Fatal("it is not drawn for who opened it again")
		}
		if err := s.HomeDrawn(t.Context(), h, l, now); err != nil {
			t.Error(err)
		}
		if h, _ = claimHome(t, s, now.Add(time.Minute)); h != nil {
			t.Error("it is drawn a third time")
		}
	})
}

func TestHomeThatCannotBeDrawn(t *testing.T) {
	onEach(t, func(t *testing.T, open func() *store.Store) {
		s, ctx, now := open(), t.Context(), start
		openHome(t, s, "U1", now)
		for failures := range 3 {
			h, l := claimHome(t, s, now)
			if h == nil || h.Failures != failures {
				t.Fatalf("claimed %+v after %d failures", h, failures)
			}
			until := now.Add(time.Minute)
			if err := s.HomeFailed(ctx, h, l, until); err != nil {
				t.Fatal(err)
			}
			if h, _ := claimHome(t, s, now); h != nil {
				t.Error("tried again at once")
			}
			if at, due, err := s.NextHome(ctx, now); !due || err != nil || !at.Equal(until) {
				t.Errorf("due %v, %v, %v, want %v", at, due, err, until)
			}
			now = until
		}
		h, l := claimHome(t, s, now)
		if err := s.ForgetHome(ctx, h, l); err != nil {
			t.Fatal(err)
		}
		happen(t, s)
		if h, _ := claimHome(t, s, now.Add(time.Hour)); h != nil {
			t.Errorf("forgotten, and drawn: %+v", h)
		}
		openHome(t, s, "U1", now)
		if h, _ := claimHome(t, s, now); h == nil || h.Failures != 0 {
			t.Errorf("opened again, claimed %+v", h)
		}
	})
}

// Whoever dies while drawing is followed by another.
func TestHomeOfADeadProcess(t *testing.T) {
	onEach(t, func(t *testing.T, open func() *store.Store) {
		s := open()
		openHome(t, s, "U1", start)
		first, lease := claimHome(t, s, start)
		pass(t, s, time.Minute)
		second, next := claimHome(t, s, start)
		if second == nil {
			t.Fatal("not claimed after the lease")
		}
		if err := s.HomeDrawn(t.Context(), first, lease, start); !errors.Is(err, store.ErrLeaseLost) {
			t.Errorf("a result under a lost lease: %v, want ErrLeaseLost", err)
		}
		if err := s.HomeDrawn(t.Context(), second, next, start); err != nil {
			t.Error(err)
		}
	})
}
