package store_test

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"wfbot/bot/request"
	"wfbot/bot/store"
)

var anna = request.Identity{ID: "U2", Email: "anna@acme.com"}

// insertBatch stores the batch b1 with these members.
func insertBatch(t *testing.T, s *store.Store, ids ...string) {
	t.Helper()
	var members []*request.Request
	for _, id := range ids {
		r := newRequest(id)
		r.BatchID = "b1"
		members = append(members, r)
	}
	b := request.NewBatch(request.Batch{
		ID: "b1", Action: request.Deactivate, Reason: "left", Requester: members[0].Requester, Channel: "C1",
	}, members, start)
	if err := s.Update(t.Context(), start, func(tx *store.Tx) error { return tx.InsertBatch(b) }); err != nil {
		t.Fatal(err)
	}
}

// foundAll makes members pending.
func foundAll(t *testing.T, s *store.Store, ids ...string) {
	t.Helper()
	for _, id := range ids {
		if err := found(t, s, id, "wf-"+id); err != nil {
			t.Fatal(err)
		}
	}
}

func theBatch(t *testing.T, s *store.Store) *request.Batch {
	t.Helper()
	b, err := s.Batch(t.Context(), "b1")
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestBatchIsStoredWithItsMembers(t *testing.T) {
	onEach(t, func(t *testing.T, open func() *store.Store) {
		s := open()
		insert(t, s, newRequest("alone"))
		insertBatch(t, s, "m3", "m1", "m2")
		s.Close()
		s = open()
		b := theBatch(t, s)
		if got := idsOf(b.Members); !slices.Equal(got, []string{"m3", "m1", "m2"}) || b.Look != 1 || b.Version != 1 || b.Reason != "left" {
			t.Errorf("members %q, look %d, version %d, reason %q", got, b.Look, b.Version, b.Reason)
		}
		all, err := s.Batches(t.Context())
		if err != nil || len(all) != 1 || len(all[0].Members) != 3 {
			t.Errorf("%d batches, %v", len(all), err)
		}
		if _, err := s.Batch(t.Context(), "b2"); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("reading a batch that there is not: %v, want ErrNotFound", err)
		}
		// It is stored with all of them, or not at all.
		second := newRequest("alone")
		second.BatchID = "b2"
		err = s.Update(t.Context(), start, func(tx *store.Tx) error {
			return tx.InsertBatch(request.NewBatch(request.Batch{ID: "b2"}, []*request.Request{second}, start))
		})
		if err == nil {
			t.Error("a batch was stored with a member that there is already")
		}
		if _, err := s.Batch(t.Context(), "b2"); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("after that: %v, want ErrNotFound", err)
		}
	})
}

func TestBatchIsClaimed(t *testing.T) {
	onEach(t, func(t *testing.T, open func() *store.Store) {
		s, ctx := open(), t.Context()
		insertBatch(t, s, "m1", "m2")
		if b, _, err := s.ClaimBatch(ctx, start, time.Minute); b != nil || err != nil {
			t.Fatalf("claimed while its members are looked up: %v, %v", b, err)
		}
		if at, ok, err := s.NextBatch(ctx, start); err != nil || !ok || !at.After(start) {
			t.Errorf("next due %v, %v, %v: want a while after the command", at, ok, err)
		}
		foundAll(t, s, "m1", "m2")
		b, first, err := s.ClaimBatch(ctx, start, time.Minute)
		if err != nil || b == nil || len(b.Members) != 2 {
			t.Fatalf("claiming: %v, %v", b, err)
		}
		if again, _, err := s.ClaimBatch(ctx, start, time.Minute); again != nil || err != nil {
			t.Fatalf("claimed twice: %v, %v", again, err)
		}
		pass(t, s, time.Minute)
		b, second, err := s.ClaimBatch(ctx, start, time.Minute)
		if err != nil || b == nil {
			t.Fatalf("claiming after the lease: %v, %v", b, err)
		}
		posted := func(l store.Lease) error {
			return s.Update(ctx, start, func(tx *store.Tx) error {
				b, err := tx.ClaimedBatch("b1", l)
				if err != nil {
					return err
				}
				b.Posted("C1", "1.1", start)
				return tx.SaveBatchAndRelease(b)
			})
		}
		if err := posted(first); !errors.Is(err, store.ErrLeaseLost) {
			t.Errorf("a result under a lost lease: %v, want ErrLeaseLost", err)
		}
		if err := posted(second); err != nil {
			t.Errorf("a result under the lease: %v", err)
		}
		if b := theBatch(t, s); b.Card.TS != "1.1" {
			t.Errorf("the card is %+v", b.Card)
		}
		trail, err := s.Trail(ctx, 0, 100)
		if err != nil {
			t.Fatal(err)
		}
		if last := trail[len(trail)-1]; last.Kind != "card posted" || last.RequestID != "b1" {
			t.Errorf("the last entry is %+v", last)
		}
	})
}

// A member that has something new to show makes its batch show it: once for each
// transaction, whoever works on the batch meanwhile.
func TestMembersTouchTheirBatch(t *testing.T) {
	onEach(t, func(t *testing.T, open func() *store.Store) {
		s, ctx := open(), t.Context()
		insertBatch(t, s, "m1", "m2", "m3")
		foundAll(t, s, "m1", "m2", "m3")
		b, lease, err := s.ClaimBatch(ctx, start, time.Hour)
		if err != nil || b == nil {
			t.Fatalf("claiming: %v, %v", b, err)
		}
		before := theBatch(t, s)
		change := func(do func(tx *store.Tx, members []*request.Request) error) error {
			return s.Update(ctx, start, func(tx *store.Tx) error {
				members, err := tx.Members("b1")
				if err != nil {
					return err
				}
				return do(tx, members)
			})
		}
		approveAll := func(tx *store.Tx, members []*request.Request) error {
			for _, r := range members {
				for _, who := range []string{"U7", "U8"} { // saved twice each
					r.Needed = 3
					if err := r.Approve(request.Identity{ID: who}, 0, start); err != nil {
						return err
					}
					if err := tx.Save(r); err != nil {
						return err
					}
				}
			}
			return nil
		}
		broken := errors.New("broken")
		if err := change(func(tx *store.Tx, members []*request.Request) error {
			return errors.Join(approveAll(tx, members), broken)
		}); !errors.Is(err, broken) {
			t.Fatal(err)
		}
		if b := theBatch(t, s); b.Look != before.Look || b.Version != before.Version {
			t.Errorf("a transaction that failed left look %d, version %d", b.Look, b.Version)
		}
		if err := change(approveAll); err != nil {
			t.Fatal(err)
		}
		if b := theBatch(t, s); b.Look != before.Look+1 || b.Version != before.Version+1 {
			t.Errorf("three members, each saved twice: look %d after %d, version %d after %d", b.Look, before.Look, b.Version, before.Version)
		}
		// Nothing new to show.
		if err := change(func(tx *store.Tx, members []*request.Request) error {
			members[0].TellRequester(members[0].News)
			return tx.Save(members[0])
		}); err != nil {
			t.Fatal(err)
		}
		if b := theBatch(t, s); b.Look != before.Look+1 {
			t.Errorf("nothing new to show, and look is %d", b.Look)
		}
		// Whoever drew the batch before has not drawn that.
		if err := s.Update(ctx, start, func(tx *store.Tx) error {
			b, err := tx.ClaimedBatch("b1", lease)
			if err != nil {
				return err
			}
			b.Posted("C1", "1.1", start)
			b.Paint(before.Look, start)
			b.TellRequester(b.News)
			return tx.SaveBatchAndRelease(b)
		}); err != nil {
			t.Fatalf("the claim was lost: %v", err)
		}
		soon := start.Add(time.Minute)
		if b, _, err := s.ClaimBatch(ctx, soon, time.Minute); err != nil || b == nil || b.Card.Painted >= b.Look {
			t.Errorf("it is not painted again: %v, %v", b, err)
		}
	})
}

// A card that is done with wakes up when a member changes.
func TestMemberWakesItsBatch(t *testing.T) {
	onEach(t, func(t *testing.T, open func() *store.Store) {
		s, ctx := open(), t.Context()
		insertBatch(t, s, "m1")
		foundAll(t, s, "m1")
		_, lease, err := s.ClaimBatch(ctx, start, time.Minute)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Update(ctx, start, func(tx *store.Tx) error {
			b, err := tx.ClaimedBatch("b1", lease)
			if err != nil {
				return err
			}
			b.Posted("C1", "1.1", start)
			b.Paint(b.Look, start)
			b.TellRequester(b.News)
			return tx.SaveBatchAndRelease(b)
		}); err != nil {
			t.Fatal(err)
		}
		if at, ok, err := s.NextBatch(ctx, start); ok || err != nil {
			t.Fatalf("the batch wants something at %v, %v", at, err)
		}
		step(t, s, "m1", start, func(r *request.Request) error { return r.Deny(anna, "", start) })
		if at, ok, err := s.NextBatch(ctx, start); !ok || err != nil || at.After(start.Add(time.Minute)) {
			t.Errorf("the batch is due %v, %v, %v: want within a minute", at, ok, err)
		}
	})
}

// Everybody works on one batch at once: people decide for all, members are carried
// out, the card is painted. Nobody waits for another who waits for them, every
// decision is kept, and the batch knows of every change.
func TestLocksAreTakenInOneOrder(t *testing.T) {
	onEach(t, func(t *testing.T, open func() *store.Store) {
		s, ctx := open(), t.Context()
		ids := []string{"m5", "m2", "m4", "m1", "m3"} // not in the order in which they are locked
		insertBatch(t, s, ids...)
		foundAll(t, s, ids...)
		before := theBatch(t, s)
		const rounds = 5
		var changes atomic.Int64
		var group sync.WaitGroup
		update := func(what string, do func(*store.Tx) error) {
			if err := s.Update(ctx, start, do); err != nil {
				t.Errorf("%s: %v", what, err)
			}
		}
		for person := range 4 {
			group.Go(func() {
				for round := range rounds {
					update("approving for all", func(tx *store.Tx) error {
						members, err := tx.Members("b1")
						if err != nil {
							return err
						}
						for _, r := range members {
							r.Needed = 1000
							if err := r.Approve(request.Identity{ID: fmt.Sprintf("U%d-%d", person, round)}, 0, start); err != nil {
								return err
							}
							if err := tx.Save(r); err != nil {
								return err
							}
						}
						return nil
					})
					changes.Add(1)
				}
			})
		}
		for _, id := range ids {
			group.Go(func() {
				for range rounds {
					update("a result of "+id, func(tx *store.Tx) error {
						r, err := tx.Request(id)
						if err != nil {
							return err
						}
						if err := r.Surveyed(nil, start); err != nil {
							return err
						}
						return tx.Save(r)
					})
					changes.Add(1)
				}
			})
		}
		group.Go(func() {
			for range rounds {
				b, lease, err := s.ClaimBatch(ctx, start.Add(time.Hour), time.Minute)
				if err != nil || b == nil {
					continue // somebody touches it
				}
				update("painting", func(tx *store.Tx) error {
					if _, err := tx.Members("b1"); err != nil {
						return err
					}
					b, err := tx.ClaimedBatch("b1", lease)
					if err != nil {
						return err
					}
					b.Posted("C1", "1.1", start)
					return tx.SaveBatchAndRelease(b)
				})
			}
		})
		group.Wait()
		after := theBatch(t, s)
		if want := before.Look + changes.Load(); after.Look != want {
			t.Errorf("look is %d, want %d: one for each change", after.Look, want)
		}
		for _, r := range after.Members {
			if len(r.Decisions) != 4*rounds {
				t.Errorf("%s has %d decisions, want %d", r.ID, len(r.Decisions), 4*rounds)
			}
		}
		if _, err := s.VerifyTrail(ctx); err != nil {
			t.Error(err)
		}
	})
}
