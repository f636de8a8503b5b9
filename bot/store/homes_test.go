package store_test

import (
	"crypto/rand"
	"errors"
	"strings"
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

// happen stores a new request.
func happen(t *testing.T, s *store.Store) {
	t.Helper()
	insert(t, s, newRequest(rand.Text()))
}

// refuse appends to the audit trail that somebody was refused, and that somebody
// was shown what there is.
func refuse(t *testing.T, s *store.Store, about string) {
	t.Helper()
	if err := s.Update(t.Context(), start, func(tx *store.Tx) error {
		tx.Record(about, request.Event{At: start, Kind: "refused", Actor: "U9"})
		tx.Record(about, request.Event{At: start, Kind: "details shown", Actor: "U8"})
		return nil
	}); err != nil {
		t.Fatal(err)
	}
}

// claimHome claims the one Home tab that has to be drawn; nil if there is none.
func claimHome(t *testing.T, s *store.Store, now time.Time) (*store.Home, store.Lease) {
	t.Helper()
	h, l, err := s.ClaimHome(t.Context(), now, time.Minute, false)
	if err != nil {
		t.Fatal(err)
	}
	at, due, err := next(t, s, now, store.Waiting{Table: store.Homes})
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
		if h == nil || h.UserID != "U1" || h.News != 0 {
			t.Fatalf("opened, claimed %+v", h)
		}
		if again, _ := claimHome(t, s, now); again != nil {
			t.Fatal("claimed twice")
		}
		happen(t, s) // while it is drawn
		if err := s.HomeDrawn(t.Context(), h, l, "v", now); err != nil {
			t.Fatal(err)
		}
		if h, _ := claimHome(t, s, now); h != nil {
			t.Error("drawn again without a pause")
		}
		now = now.Add(time.Minute)
		if h, l = claimHome(t, s, now); h == nil || h.News != 1 {
			t.Fatalf("something has happened, claimed %+v", h)
		}
		if err := s.HomeDrawn(t.Context(), h, l, "v", now); err != nil {
			t.Fatal(err)
		}
		now = now.Add(time.Minute)
		if h, _ := claimHome(t, s, now); h != nil {
			t.Errorf("nothing has happened, and it is drawn: %+v", h)
		}
		if at, due, err := next(t, s, now, store.Waiting{Table: store.Homes}); due || err != nil {
			t.Errorf("nothing has happened, and it is due at %v, %v", at, err)
		}
		happen(t, s)
		if h, l = claimHome(t, s, now); h == nil || h.News != 2 {
			t.Fatalf("something has happened, claimed %+v", h)
		}
		if err := s.HomeDrawn(t.Context(), h, l, "v", now); err != nil {
			t.Fatal(err)
		}
		happen(t, s)
		if h, _ := claimHome(t, s, now.Add(24*time.Hour)); h != nil {
			t.Errorf("looked at a day ago, and still drawn: %+v", h)
		}
	})
}

// What people were refused or shown is nothing that a Home tab shows.
func TestHomeIsNotDrawnForRefusals(t *testing.T) {
	onEach(t, func(t *testing.T, open func() *store.Store) {
		s, now := open(), start
		insert(t, s, newRequest("r1"))
		openHome(t, s, "U1", now)
		h, l := claimHome(t, s, now)
		if err := s.HomeDrawn(t.Context(), h, l, "v", now); err != nil {
			t.Fatal(err)
		}
		now = now.Add(time.Minute)
		for _, about := range []string{"", "r1"} {
			refuse(t, s, about)
			if h, _ := claimHome(t, s, now); h != nil {
				t.Fatalf("somebody was refused (%q), and it is drawn: %+v", about, h)
			}
			if at, due, err := next(t, s, now, store.Waiting{Table: store.Homes}); due || err != nil {
				t.Errorf("somebody was refused (%q), and it is due at %v, %v", about, at, err)
			}
		}
		if err := found(t, s, "r1", "wf1"); err != nil {
			t.Fatal(err)
		}
		if h, _ = claimHome(t, s, now); h == nil || h.View != "v" || h.Opened {
			t.Errorf("it was found, claimed %+v", h)
		}
	})
}

// A card that is posted gives a tab its links.
func TestHomeIsDrawnForACard(t *testing.T) {
	onEach(t, func(t *testing.T, open func() *store.Store) {
		s, now := open(), start
		for _, all := range [][]string{{"alone"}, {"r1", "r2"}} {
			insertCard(t, s, all...)
			foundAll(t, s, all...)
			openHome(t, s, "U1", now)
			h, l := claimHome(t, s, now)
			if err := s.HomeDrawn(t.Context(), h, l, "v", now); err != nil {
				t.Fatal(err)
			}
			c, lease := claimCard(t, s, now)
			if err := cardResult(t, s, c.ID, lease, now, func(c *request.Card) { c.Posted(place, c.Asks(), now) }); err != nil {
				t.Fatal(err)
			}
			now = now.Add(time.Minute)
			if h, l = claimHome(t, s, now); h == nil {
				t.Fatalf("the card of %q: it is not drawn again", all)
			}
			if err := s.HomeDrawn(t.Context(), h, l, "v", now); err != nil {
				t.Fatal(err)
			}
		}
	})
}

// Whoever looks comes first, and alone where nothing else may be drawn.
func TestOpenedHomesComeFirst(t *testing.T) {
	onEach(t, func(t *testing.T, open func() *store.Store) {
		s, now := open(), start
		for _, user := range []string{"U1", "U2"} {
			openHome(t, s, user, now)
			h, l := claimHome(t, s, now)
			if err := s.HomeDrawn(t.Context(), h, l, "v", now); err != nil {
				t.Fatal(err)
			}
		}
		happen(t, s)
		now = now.Add(time.Minute)
		if h, _, err := s.ClaimHome(t.Context(), now, time.Minute, true); h != nil || err != nil {
			t.Fatalf("nobody looks, claimed %+v, %v", h, err)
		}
		if at, due, err := next(t, s, now, store.Waiting{Table: store.Homes, OpenedOnly: true}); due || err != nil {
			t.Errorf("nobody looks, due at %v, %v", at, err)
		}
		openHome(t, s, "U3", now)
		if at, due, err := next(t, s, now, store.Waiting{Table: store.Homes, OpenedOnly: true}); !due || err != nil || at.After(now) {
			t.Errorf("somebody looks, due at %v, %v, %v", at, due, err)
		}
		h, _, err := s.ClaimHome(t.Context(), now, time.Minute, false)
		if err != nil || h == nil || h.UserID != "U3" || !h.Opened {
			t.Errorf("claimed %+v, %v", h, err)
		}
	})
}

// What Slack shows is known only where it was said after the last claim.
func TestHomeKnowsWhatSlackShows(t *testing.T) {
	onEach(t, func(t *testing.T, open func() *store.Store) {
		s, now := open(), start
		openHome(t, s, "U1", now)
		claim := func(want string) (*store.Home, store.Lease) {
			t.Helper()
			h, l, err := s.ClaimHome(t.Context(), now, time.Minute, false)
			if err != nil || h == nil || h.View != want {
				t.Fatalf("claimed %+v, %v, want the view %q", h, err, want)
			}
			return h, l
		}
		drawn := func(h *store.Home, l store.Lease) {
			t.Helper()
			if err := s.HomeDrawn(t.Context(), h, l, "v", now); err != nil {
				t.Fatal(err)
			}
			happen(t, s)
			now = now.Add(time.Minute)
		}
		h, l := claim("")
		drawn(h, l)
		h, l = claim("v")
		if err := s.HomeFailed(t.Context(), h, l, now); err != nil {
			t.Fatal(err)
		}
		h, l = claim("") // it may have reached Slack
		drawn(h, l)
		claim("v")
		pass(t, s, time.Minute) // whoever had it died, and may have drawn it
		h, l = claim("")
		drawn(h, l)
		_, l = claim("v")
		if err := s.Release(t.Context(), l, 0); err != nil { // it could not be stored
			t.Fatal(err)
		}
		pass(t, s, time.Second)
		h, l = claim("")
		drawn(h, l)
		claim("v")
		s.Close() // in the middle of it
		if s = open(); strings.Contains(t.Name(), "postgres") {
			pass(t, s, time.Minute)
		}
		claim("")
	})
}

func TestHomeIsOpenedAgainWhileItIsDrawn(t *testing.T) {
	onEach(t, func(t *testing.T, open func() *store.Store) {
		s := open()
		openHome(t, s, "U1", start)
		h, l := claimHome(t, s, start)
		now := start.Add(time.Millisecond)
		openHome(t, s, "U1", now)
		if again, _, err := s.ClaimHome(t.Context(), now, time.Minute, false); again != nil || err != nil {
			t.Errorf("it is drawn by two at a time: %v, %v", again, err)
		}
		if err := s.HomeDrawn(t.Context(), h, l, "v", now); err != nil {
			t.Errorf("the first drawing: %v", err)
		}
		if h, l = claimHome(t, s, now); h == nil {
			t.Fatal("it is not drawn for who opened it again")
		}
		if err := s.HomeDrawn(t.Context(), h, l, "v", now); err != nil {
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
			if at, due, err := next(t, s, now, store.Waiting{Table: store.Homes}); !due || err != nil || !at.Equal(until) {
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
		if err := s.HomeDrawn(t.Context(), first, lease, "v", start); !errors.Is(err, store.ErrLeaseLost) {
			t.Errorf("a result under a lost lease: %v, want ErrLeaseLost", err)
		}
		if err := s.HomeDrawn(t.Context(), second, next, "v", start); err != nil {
			t.Error(err)
		}
	})
}
