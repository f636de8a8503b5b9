package store_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"wfbot/bot/request"
	"wfbot/bot/store"
)

// Counts for many come after whatever else is due, and what there is no place for
// is not claimed.
func TestOrderOfClaims(t *testing.T) {
	onEach(t, func(t *testing.T, open func() *store.Store) {
		s, ctx := open(), t.Context()
		for i := range 3 { // to be counted for
			id := fmt.Sprintf("pending%d", i)
			insert(t, s, newRequest(id))
			if err := found(t, s, id, "user"+id); err != nil {
				t.Fatal(err)
			}
		}
		r := newRequest("received")
		r.LookUpRetry.At = start // due later than the counts
		insert(t, s, r)
		claimed := func(except ...request.Step) string {
			t.Helper()
			r, _, err := s.ClaimRequest(ctx, start, time.Minute, except...)
			if err != nil {
				t.Fatal(err)
			}
			if r == nil {
				return ""
			}
			return r.ID
		}
		if id := claimed(request.LookUp, request.CountHoldings); id != "" {
			t.Errorf("%s is claimed, and there is no place for what it is due for", id)
		}
		if at, ok, err := next(t, s, start, store.Waiting{Table: store.Requests, Except: []request.Step{request.LookUp, request.CountHoldings}}); ok || err != nil {
			t.Errorf("next is %v, %v, %v: want none", at, ok, err)
		}
		if _, ok, err := next(t, s, start, store.Waiting{Table: store.Requests}); !ok || err != nil {
			t.Errorf("no request is due: %v", err)
		}
		if id := claimed(); id != "received" {
			t.Errorf("first comes %q, want what is more than a count", id)
		}
		if id := claimed(request.LookUp); id == "" {
			t.Error("no count is claimed although there is a place for one")
		}
	})
}

// Decisions of many requests are read at once, each request's own in their order,
// also behind a limit.
func TestDecisionsOfMany(t *testing.T) {
	onEach(t, func(t *testing.T, open func() *store.Store) {
		s, ctx := open(), t.Context()
		for i := range 4 {
			id := fmt.Sprintf("r%d", i)
			r := newRequest(id)
			r.CreatedAt = start.Add(time.Duration(i) * time.Minute)
			insert(t, s, r)
			if err := found(t, s, id, "user"+id); err != nil {
				t.Fatal(err)
			}
			err := s.Update(ctx, start, func(tx *store.Tx) error {
				r, err := tx.Request(id)
				if err != nil {
					return err
				}
				r.Needed = 5
				for n := range i {
					if err := r.Approve(request.Identity{ID: fmt.Sprintf("U%d", n)}, 0, start); err != nil {
						return err
					}
				}
				return tx.Save(r)
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		by := func(all []*request.Request) (who []string) {
			for _, r := range all {
				line := r.ID
				for _, d := range r.Decisions {
					line += " " + d.By.ID
				}
				who = append(who, line)
			}
			return who
		}
		all, err := s.Requests(ctx)
		if want := []string{"r0", "r1 U0", "r2 U0 U1", "r3 U0 U1 U2"}; err != nil || !slices.Equal(by(all), want) {
			t.Errorf("%q, %v, want %q", by(all), err, want)
		}
		newest, _, err := s.OpenRequests(ctx, start, 2)
		if want := []string{"r3 U0 U1 U2", "r2 U0 U1"}; err != nil || !slices.Equal(by(newest), want) {
			t.Errorf("%q, %v, want %q", by(newest), err, want)
		}
	})
}
