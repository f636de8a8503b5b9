package store_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"wfbot/bot/request"
	"wfbot/bot/store"
)

// step applies a change to a stored request.
func step(t *testing.T, s *store.Store, id string, at time.Time, apply func(*request.Request) error) {
	t.Helper()
	if err := s.Update(t.Context(), at, func(tx *store.Tx) error {
		r, err := tx.Request(id)
		if err != nil {
			return err
		}
		if err := apply(r); err != nil {
			return err
		}
		return tx.Save(r)
	}); err != nil {
		t.Fatal(err)
	}
}

func idsOf(all []*request.Request) (ids []string) {
	for _, r := range all {
		ids = append(ids, r.ID)
	}
	return ids
}

// What ended last comes first, however early it was asked for; somebody who is
// refused at its card changes nothing.
func TestEndedRequestsAreInTheOrderOfTheirEnd(t *testing.T) {
	onEach(t, func(t *testing.T, open func() *store.Store) {
		s := open()
		anna := request.Identity{ID: "U2", Email: "anna@acme.com"}
		for i := range 4 {
			r := newRequest(fmt.Sprint("r", i))
			r.CreatedAt = start.Add(time.Duration(i) * time.Minute)
			insert(t, s, r)
			if err := found(t, s, r.ID, "wf"+r.ID); err != nil {
				t.Fatal(err)
			}
		}
		for _, id := range []string{"r2", "r0", "r1"} { // r3 stays open
			step(t, s, id, start, func(r *request.Request) error { return r.Deny(anna, "", start) })
		}
		if err := s.Update(t.Context(), start, func(tx *store.Tx) error {
			tx.Record("r2", request.Event{At: start, Kind: "refused", Actor: "U3"})
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		for limit, want := range map[int][]string{10: {"r1", "r0", "r2"}, 2: {"r1", "r0"}} {
			ended, _, err := s.EndedRequests(t.Context(), limit)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, idsOf(ended)); diff != "" {
				t.Errorf("up to %d (-want +got):\n%s", limit, diff)
			}
		}
	})
}

// However often people are refused or shown something, what has ended stays.
func TestRefusalsDoNotPushNewsOut(t *testing.T) {
	onEach(t, func(t *testing.T, open func() *store.Store) {
		s := open()
		anna := request.Identity{ID: "U2", Email: "anna@acme.com"}
		for _, id := range []string{"r1", "r2"} {
			insert(t, s, newRequest(id))
			if err := found(t, s, id, "wf"+id); err != nil {
				t.Fatal(err)
			}
			step(t, s, id, start, func(r *request.Request) error { return r.Deny(anna, "", start) })
		}
		for _, about := range []string{"r1", "", "none"} {
			if err := s.Update(t.Context(), start, func(tx *store.Tx) error {
				for range 400 {
					tx.Record(about, request.Event{At: start, Kind: "refused", Actor: "U3"})
					tx.Record(about, request.Event{At: start, Kind: "details shown", Actor: "U4"})
				}
				return nil
			}); err != nil {
				t.Fatal(err)
			}
		}
		ended, _, err := s.EndedRequests(t.Context(), 10)
		if diff := cmp.Diff([]string{"r2", "r1"}, idsOf(ended)); diff != "" || err != nil {
			t.Errorf("%v (-want +got):\n%s", err, diff)
		}
	})
}

// Failed requests are open as long as they can be retried, and those that cannot
// never take the place of open ones.
func TestOpenRequestsHoldTheFailedThatCanBeRetried(t *testing.T) {
	onEach(t, func(t *testing.T, open func() *store.Store) {
		s := open()
		anna := request.Identity{ID: "U2", Email: "anna@acme.com"}
		for i := range 5 {
			r := newRequest(fmt.Sprint("r", i))
			r.CreatedAt = start.Add(time.Duration(i) * time.Minute)
			insert(t, s, r)
			if err := found(t, s, r.ID, "wf"+r.ID); err != nil {
				t.Fatal(err)
			}
		}
		for id, at := range map[string]time.Time{"r1": start.Add(30 * time.Minute), "r3": start, "r4": start} {
			step(t, s, id, at, func(r *request.Request) error {
				if err := r.Approve(anna, 0, start); err != nil {
					return err
				}
				if err := r.Begin(at); err != nil {
					return err
				}
				return r.Fail("no", at)
			})
		}
		now := start.Add(time.Hour + time.Minute) // r3 and r4 cannot be retried any more
		for limit, want := range map[int][]string{10: {"r2", "r1", "r0"}, 2: {"r2", "r1"}} {
			found, _, err := s.OpenRequests(t.Context(), now, limit)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, idsOf(found)); diff != "" {
				t.Errorf("up to %d (-want +got):\n%s", limit, diff)
			}
		}
	})
}

// readable is what was found, without what could not be decoded.
func readable(all []*request.Request, _ store.Unread, err error) ([]*request.Request, error) {
	return all, err
}

// Every request that is read knows where its card stands.
func TestRequestsKnowTheirPlace(t *testing.T) {
	onEach(t, func(t *testing.T, open func() *store.Store) {
		s, ctx := open(), t.Context()
		insertCard(t, s, "alone")
		insertCard(t, s, "r1", "r2")
		foundAll(t, s, "alone", "r1", "r2")
		for _, want := range []request.Place{{Channel: "C1"}, place} {
			for what, find := range map[string]func() ([]*request.Request, error){
				"all":   func() ([]*request.Request, error) { return s.Requests(ctx) },
				"open":  func() ([]*request.Request, error) { return readable(s.OpenRequests(ctx, start, 10)) },
				"about": func() ([]*request.Request, error) { return readable(s.RequestsAbout(ctx, "r2@acme.com", 10)) },
				"by":    func() ([]*request.Request, error) { return readable(s.RequestsBy(ctx, 10, "U1", "")) },
				"for":   func() ([]*request.Request, error) { return readable(s.RequestsFor(ctx, "wf-alone")) },
				"one": func() ([]*request.Request, error) {
					r, err := s.Request(ctx, "r1")
					return []*request.Request{r}, err
				},
			} {
				found, err := find()
				if err != nil || len(found) == 0 {
					t.Fatalf("%s: %d requests, %v", what, len(found), err)
				}
				for _, r := range found {
					if r.Place != want {
						t.Errorf("%s: the card of %s is at %+v, want %+v", what, r.ID, r.Place, want)
					}
				}
			}
			if want == place {
				return
			}
			for id, lease := range claimCards(t, s) {
				if err := cardResult(t, s, id, lease, start, func(c *request.Card) { c.Posted(place, c.Asks(), start) }); err != nil {
					t.Fatal(err)
				}
			}
		}
	})
}

// claimCards claims all cards that are due.
func claimCards(t *testing.T, s *store.Store) map[string]store.Lease {
	t.Helper()
	claimed := map[string]store.Lease{}
	for {
		c, lease, err := s.ClaimCard(t.Context(), start, time.Hour)
		if err != nil {
			t.Fatal(err)
		}
		if c == nil {
			return claimed
		}
		claimed[c.ID] = lease
	}
}
