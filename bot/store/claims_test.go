package store_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"wfbot/bot/request"
	"wfbot/bot/store"
)

// pass lets d go by for all leases.
func pass(t *testing.T, s *store.Store, d time.Duration) {
	t.Helper()
	for _, table := range []string{"interactions", "requests", "cards", "homes"} {
		if _, err := s.DB().ExecContext(t.Context(), "UPDATE "+table+" SET lease_until = lease_until - $1", d.Milliseconds()); err != nil {
			t.Fatal(err)
		}
	}
}

// next is when the first of these can be claimed, if there is one.
func next(t *testing.T, s *store.Store, now time.Time, of store.Waiting) (at time.Time, ok bool, err error) {
	t.Helper()
	all, err := s.Next(t.Context(), now, store.Waiting{}, of) // beside rows of no table: none can be claimed
	if err != nil {
		return time.Time{}, false, err
	}
	if !all[0].IsZero() {
		t.Errorf("of no table something is due at %v", all[0])
	}
	return all[1], !all[1].IsZero(), nil
}

func TestClaim(t *testing.T) {
	onEach(t, func(t *testing.T, open func() *store.Store) {
		s, ctx := open(), t.Context()
		insert(t, s, newRequest("r1"))

		r, first, err := s.ClaimRequest(ctx, start, time.Minute)
		if err != nil || r == nil || r.ID != "r1" {
			t.Fatalf("claiming: %v, %v", r, err)
		}
		pass(t, s, 30*time.Second)
		if again, _, err := s.ClaimRequest(ctx, start, time.Minute); again != nil || err != nil {
			t.Fatalf("claimed twice: %v, %v", again, err)
		}
		if at, ok, err := next(t, s, start, store.Waiting{Table: store.Requests}); err != nil || !ok || !at.After(start) || at.After(start.Add(30*time.Second)) {
			t.Errorf("next due %v %v %v, want the end of the lease", at, ok, err)
		}
		// The lease is over: somebody else may have it, and the first result is void.
		pass(t, s, 30*time.Second)
		r, second, err := s.ClaimRequest(ctx, start, time.Minute)
		if err != nil || r == nil {
			t.Fatalf("claiming after the lease: %v, %v", r, err)
		}
		reject := func(l store.Lease) error {
			return s.Update(ctx, start, func(tx *store.Tx) error {
				r, err := tx.Claimed("r1", l)
				if err != nil {
					return err
				}
				if err := r.Reject(request.RefusedNotFound, "", start); err != nil {
					return err
				}
				return tx.SaveAndRelease(r)
			})
		}
		if err := reject(first); !errors.Is(err, store.ErrLeaseLost) {
			t.Errorf("a result under a lost lease: %v, want ErrLeaseLost", err)
		}
		if err := reject(second); err != nil {
			t.Errorf("a result under the lease: %v", err)
		}
		// What is left is to tell the requester, at once, which is the card's to do.
		if c, _, err := s.ClaimCard(ctx, start, time.Minute); err != nil || c == nil || c.One().State != request.Rejected {
			t.Errorf("claiming the card: %v, %v", c, err)
		}
		if r, _, err := s.ClaimRequest(ctx, start, time.Minute); err != nil || r != nil {
			t.Errorf("claiming a request that has ended: %v, %v", r, err)
		}
	})
}

func TestReleaseGivesARowBack(t *testing.T) {
	onEach(t, func(t *testing.T, open func() *store.Store) {
		s, ctx := open(), t.Context()
		insert(t, s, newRequest("r1"))
		_, lease, err := s.ClaimRequest(ctx, start, time.Hour)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Release(ctx, lease, 10*time.Minute); err != nil {
			t.Fatal(err)
		}
		if r, _, err := s.ClaimRequest(ctx, start, time.Hour); r != nil || err != nil {
			t.Errorf("claimed before the time it was released for: %v, %v", r, err)
		}
		pass(t, s, 10*time.Minute)
		if r, _, err := s.ClaimRequest(ctx, start, time.Hour); r == nil || err != nil {
			t.Errorf("not claimable after the release: %v, %v", r, err)
		}
	})
}

func TestInteractionIsJudgedUnderItsClaim(t *testing.T) {
	onEach(t, func(t *testing.T, open func() *store.Store) {
		s, ctx := open(), t.Context()
		if _, err := s.Accept(ctx, store.Interaction{ID: "w1", Key: "k", Kind: store.Click, ReceivedAt: start}); err != nil {
			t.Fatal(err)
		}
		save := func(w *store.Interaction, l store.Lease, done bool) error {
			return s.Update(ctx, start, func(tx *store.Tx) error { return tx.SaveInteraction(w, l, done) })
		}
		w, lease, err := s.ClaimInteraction(ctx, start, time.Minute)
		if err != nil || w == nil {
			t.Fatalf("claiming a fresh interaction: %v, %v", w, err)
		}
		if again, _, err := s.ClaimInteraction(ctx, start, time.Minute); again != nil || err != nil {
			t.Fatalf("claimed twice: %v, %v", again, err)
		}
		w.Handled, w.Answer = true, "No."
		if err := save(w, lease, false); err != nil {
			t.Fatal(err)
		}
		if err := save(w, lease, true); !errors.Is(err, store.ErrLeaseLost) {
			t.Errorf("saving without a claim: %v, want ErrLeaseLost", err)
		}
		w, lease, err = s.ClaimInteraction(ctx, start, time.Minute)
		if err != nil || w == nil || w.Answer != "No." {
			t.Fatalf("claiming the answer: %v, %v", w, err)
		}
		if err := save(w, lease, true); err != nil {
			t.Fatal(err)
		}
		if w, _, err := s.ClaimInteraction(ctx, start.Add(time.Hour), time.Minute); w != nil || err != nil {
			t.Errorf("a finished interaction was claimed: %v, %v", w, err)
		}
		if _, ok, err := next(t, s, start, store.Waiting{Table: store.Interactions}); ok || err != nil {
			t.Errorf("something is still due: %v, %v", ok, err)
		}
	})
}

func TestRowsGoToOneWorkerEach(t *testing.T) {
	onEach(t, func(t *testing.T, open func() *store.Store) {
		s, ctx := open(), t.Context()
		const rows, workers = 40, 8
		for i := range rows {
			insert(t, s, newRequest(fmt.Sprint("r", i)))
		}
		var (
			mu      sync.Mutex
			claimed = map[string]int{}
			group   sync.WaitGroup
		)
		for range workers {
			group.Go(func() {
				for {
					r, _, err := s.ClaimRequest(ctx, start, time.Minute)
					if err != nil {
						t.Error(err)
					}
					if r == nil {
						return
					}
					mu.Lock()
					claimed[r.ID]++
					mu.Unlock()
				}
			})
		}
		group.Wait()
		// A claim that raced may have found nothing; what was given out was given once.
		for r, _, err := s.ClaimRequest(ctx, start, time.Minute); r != nil; r, _, err = s.ClaimRequest(ctx, start, time.Minute) {
			if err != nil {
				t.Fatal(err)
			}
			claimed[r.ID]++
		}
		if len(claimed) != rows {
			t.Errorf("%d of %d rows were claimed", len(claimed), rows)
		}
		for id, n := range claimed {
			if n != 1 {
				t.Errorf("%s was claimed %d times", id, n)
			}
		}
	})
}

// Two processes on PostgreSQL whose clocks differ by minutes: what one has claimed
// or holds back is not the other's before the lease has ended by the database's
// clock, and is then.
func TestLeasesRunByTheDatabasesClock(t *testing.T) {
	t.Parallel()
	address := freshPostgres(t)
	slow, fast := mustOpen(t, address), mustOpen(t, address)
	const ahead = 7 * time.Minute
	ctx, slowNow, fastNow := t.Context(), start, start.Add(ahead)

	insert(t, slow, newRequest("r1"))
	if _, err := slow.Accept(ctx, store.Interaction{ID: "w1", Key: "k", Kind: store.Click, ReceivedAt: slowNow}); err != nil {
		t.Fatal(err)
	}
	for range 2 { // the second time the lease has been renewed
		r, lease, err := slow.ClaimRequest(ctx, slowNow, time.Minute)
		if err != nil || r == nil {
			t.Fatalf("claiming: %v, %v", r, err)
		}
		w, interactionLease, err := slow.ClaimInteraction(ctx, slowNow, time.Minute)
		if err != nil || w == nil {
			t.Fatalf("claiming the own interaction: %v, %v", w, err)
		}
		wantNone(t, fast, fastNow)
		if at, ok, err := next(t, fast, fastNow, store.Waiting{Table: store.Requests}); err != nil || !ok || !at.After(fastNow) || at.After(fastNow.Add(time.Minute)) {
			t.Errorf("the fast clock expects the row at %v (%v, %v), want a lease's length after %v", at, ok, err, fastNow)
		}
		if err := slow.Update(ctx, slowNow, func(tx *store.Tx) error {
			if r, err = tx.Claimed("r1", lease); err != nil {
				return err
			}
			if err := tx.SaveAndKeep(r, time.Minute); err != nil {
				return err
			}
			return tx.SaveInteraction(w, interactionLease, false) // held back again
		}); err != nil {
			t.Fatal(err)
		}
		wantNone(t, fast, fastNow)
		if err := slow.Release(ctx, lease, 20*time.Second); err != nil {
			t.Fatal(err)
		}
		wantNone(t, fast, fastNow)
		pass(t, slow, 20*time.Second)
	}
	// All leases have ended: the other gets them, and its own last as long.
	if r, _, err := fast.ClaimRequest(ctx, fastNow, time.Minute); err != nil || r == nil {
		t.Errorf("claiming a free request: %v, %v", r, err)
	}
	if w, _, err := fast.ClaimInteraction(ctx, fastNow, time.Minute); err != nil || w == nil {
		t.Errorf("claiming a free interaction: %v, %v", w, err)
	}
	wantNone(t, slow, slowNow)
	pass(t, slow, time.Minute)
	if r, _, err := slow.ClaimRequest(ctx, slowNow, time.Minute); err != nil || r == nil {
		t.Errorf("claiming what a fast clock had claimed a minute ago: %v, %v", r, err)
	}
}

func wantNone(t *testing.T, s *store.Store, now time.Time) {
	t.Helper()
	if r, _, err := s.ClaimRequest(t.Context(), now, time.Minute); r != nil || err != nil {
		t.Fatalf("a request of the other was claimed: %v, %v", r, err)
	}
	if w, _, err := s.ClaimInteraction(t.Context(), now, time.Minute); w != nil || err != nil {
		t.Fatalf("an interaction of the other was claimed: %v, %v", w, err)
	}
}

// A claim whose answer was lost, or that could not be given back, is found again
// at once, not after its lease.
func TestIdleClaimIsFoundAgain(t *testing.T) {
	onEach(t, func(t *testing.T, open func() *store.Store) {
		s, ctx := open(), t.Context()
		insert(t, s, newRequest("r1"))
		if _, err := s.Accept(ctx, store.Interaction{ID: "w1", Key: "k", Kind: store.Click, ReceivedAt: start}); err != nil {
			t.Fatal(err)
		}
		if _, err := s.DB().ExecContext(ctx, "ALTER TABLE decisions RENAME TO gone"); err != nil {
			t.Fatal(err)
		}
		if r, _, err := s.ClaimRequest(ctx, start, time.Hour); err == nil {
			t.Fatalf("a request was read that cannot be: %v", r)
		}
		if _, err := s.DB().ExecContext(ctx, "ALTER TABLE gone RENAME TO decisions"); err != nil {
			t.Fatal(err)
		}
		r, requestLease, err := s.ClaimRequest(ctx, start, time.Hour)
		if r == nil || err != nil {
			t.Fatalf("the claim was not found again: %v", err)
		}
		w, interactionLease, err := s.ClaimInteraction(ctx, start, time.Hour)
		if w == nil || err != nil {
			t.Fatalf("claiming the interaction: %v", err)
		}
		gone, cancel := context.WithCancel(ctx)
		cancel()
		for _, l := range []store.Lease{requestLease, interactionLease} {
			if err := s.Release(gone, l, 0); err == nil {
				t.Fatal("a claim was given back after the end")
			}
		}
		for n, want := range []bool{true, false} { // once each
			r, _, err := s.ClaimRequest(ctx, start, time.Hour)
			if (r != nil) != want || err != nil {
				t.Errorf("%d. claim of the request: %v, %v", n+1, r, err)
			}
			w, _, err := s.ClaimInteraction(ctx, start, time.Hour)
			if (w != nil) != want || err != nil {
				t.Errorf("%d. claim of the interaction: %v, %v", n+1, w, err)
			}
		}
	})
}

// However much work waits for locks, an interaction is stored: Slack waits for that.
func TestWorkDoesNotHoldUpIntake(t *testing.T) {
	t.Parallel()
	s, ctx := mustOpen(t, freshPostgres(t)), t.Context()
	insert(t, s, newRequest("r1"))
	const workers = 30
	begun, release := make(chan struct{}, workers), make(chan struct{})
	var group sync.WaitGroup
	for range workers {
		group.Go(func() {
			// Most get no connection at all, and give up.
			_ = s.Update(ctx, start, func(*store.Tx) error {
				begun <- struct{}{}
				<-release
				return nil
			})
		})
	}
	for range 8 {
		<-begun
	}
	if fresh, err := s.Accept(ctx, store.Interaction{ID: "w1", Key: "k", Kind: store.Click, ReceivedAt: start}); !fresh || err != nil {
		t.Errorf("storing an interaction meanwhile: %v, %v", fresh, err)
	}
	close(release)
	group.Wait()
}
