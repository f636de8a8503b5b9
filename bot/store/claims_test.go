package store_test

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"wfbot/bot/request"
	"wfbot/bot/store"
)

func TestClaim(t *testing.T) {
	onEach(t, func(t *testing.T, open func() *store.Store) {
		s, ctx := open(), t.Context()
		insert(t, s, newRequest("r1"))

		r, first, err := s.ClaimRequest(ctx, start, time.Minute)
		if err != nil || r == nil || r.ID != "r1" {
			t.Fatalf("claiming: %v, %v", r, err)
		}
		if again, _, err := s.ClaimRequest(ctx, start.Add(time.Minute-1), time.Minute); again != nil || err != nil {
			t.Fatalf("claimed twice: %v, %v", again, err)
		}
		if at, ok, err := s.NextRequest(ctx); err != nil || !ok || !at.Equal(first.Until) {
			t.Errorf("next due %v %v %v, want the end of the lease", at, ok, err)
		}
		// The lease is over: somebody else may have it, and the first result is void.
		r, second, err := s.ClaimRequest(ctx, start.Add(time.Minute), time.Minute)
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
		// What is left is to tell the requester, at once: the claim has ended.
		if r, _, err := s.ClaimRequest(ctx, start, time.Minute); err != nil || r == nil || r.State != request.Rejected {
			t.Errorf("claiming the next step: %v, %v", r, err)
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
		if err := s.Release(ctx, lease, start.Add(time.Second)); err != nil {
			t.Fatal(err)
		}
		if r, _, err := s.ClaimRequest(ctx, start, time.Hour); r != nil || err != nil {
			t.Errorf("claimed before the time it was released for: %v, %v", r, err)
		}
		if r, _, err := s.ClaimRequest(ctx, start.Add(time.Second), time.Hour); r == nil || err != nil {
			t.Errorf("not claimable after the release: %v, %v", r, err)
		}
	})
}

func TestWishIsJudgedUnderItsClaim(t *testing.T) {
	onEach(t, func(t *testing.T, open func() *store.Store) {
		s, ctx := open(), t.Context()
		if _, err := s.Accept(ctx, store.Wish{ID: "w1", Key: "k", Kind: store.Click, ReceivedAt: start}); err != nil {
			t.Fatal(err)
		}
		save := func(w *store.Wish, l store.Lease, done bool) error {
			return s.Update(ctx, start, func(tx *store.Tx) error { return tx.SaveWish(w, l, done) })
		}
		w, lease, err := s.ClaimWish(ctx, start, time.Minute)
		if err != nil || w == nil {
			t.Fatalf("claiming a fresh wish: %v, %v", w, err)
		}
		if again, _, err := s.ClaimWish(ctx, start, time.Minute); again != nil || err != nil {
			t.Fatalf("claimed twice: %v, %v", again, err)
		}
		w.Decided, w.Answer = true, "No."
		if err := save(w, lease, false); err != nil {
			t.Fatal(err)
		}
		if err := save(w, lease, true); !errors.Is(err, store.ErrLeaseLost) {
			t.Errorf("saving without a claim: %v, want ErrLeaseLost", err)
		}
		w, lease, err = s.ClaimWish(ctx, start, time.Minute)
		if err != nil || w == nil || w.Answer != "No." {
			t.Fatalf("claiming the answer: %v, %v", w, err)
		}
		if err := save(w, lease, true); err != nil {
			t.Fatal(err)
		}
		if w, _, err := s.ClaimWish(ctx, start.Add(time.Hour), time.Minute); w != nil || err != nil {
			t.Errorf("a finished wish was claimed: %v, %v", w, err)
		}
		if _, ok, err := s.NextWish(ctx); ok || err != nil {
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
