package store_test

import (
	"context"
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

// place is where the cards of the tests are posted.
var place = request.Place{Channel: "C1", TS: "1.1"}

// insertCard stores a card about these: one of the same id about one, c1 about
// several.
func insertCard(t *testing.T, s *store.Store, ids ...string) {
	t.Helper()
	var all []*request.Request
	for _, id := range ids {
		r := newRequest(id)
		r.Reason = "left"
		if len(ids) > 1 {
			r.CardID = "c1"
		}
		all = append(all, r)
	}
	insert(t, s, all...)
}

// foundAll makes requests pending.
func foundAll(t *testing.T, s *store.Store, ids ...string) {
	t.Helper()
	for _, id := range ids {
		if err := found(t, s, id, "wf-"+id); err != nil {
			t.Fatal(err)
		}
	}
}

func readCard(t *testing.T, s *store.Store, id string) *request.Card {
	t.Helper()
	c, err := s.Card(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// claimCard claims the card that is due.
func claimCard(t *testing.T, s *store.Store, now time.Time) (*request.Card, store.Lease) {
	t.Helper()
	c, lease, err := s.ClaimCard(t.Context(), now, time.Hour)
	if err != nil || c == nil {
		t.Fatalf("claiming a card: %v, %v", c, err)
	}
	return c, lease
}

// wantNoCard fails the test if a card can be claimed.
func wantNoCard(t *testing.T, s *store.Store, now time.Time) {
	t.Helper()
	if c, _, err := s.ClaimCard(t.Context(), now, time.Minute); c != nil || err != nil {
		t.Fatalf("a card was claimed: %v, %v", c, err)
	}
}

// cardResult stores what became of a claimed card.
func cardResult(t *testing.T, s *store.Store, id string, lease store.Lease, now time.Time, apply func(*request.Card)) error {
	t.Helper()
	return s.Update(t.Context(), now, func(tx *store.Tx) error {
		c, err := tx.ClaimedCard(id, lease)
		if err != nil {
			return err
		}
		apply(c)
		return tx.SaveCardAndRelease(c)
	})
}

// settleCard claims the card that is due, shows all and tells all of it.
func settleCard(t *testing.T, s *store.Store, now time.Time) {
	t.Helper()
	c, lease := claimCard(t, s, now)
	if err := cardResult(t, s, c.ID, lease, now, func(c *request.Card) {
		if c.TS == "" {
			c.Posted(place, c.Asks(), now)
		}
		c.Paint(c.Look, now)
		c.TellRequester(c.News())
	}); err != nil {
		t.Fatal(err)
	}
}

func TestCardIsStoredWithItsRequests(t *testing.T) {
	onEach(t, func(t *testing.T, open func() *store.Store) {
		s := open()
		insertCard(t, s, "alone")
		insertCard(t, s, "r3", "r1", "r2")
		s.Close()
		s = open()
		c := readCard(t, s, "c1")
		if got := idsOf(c.Requests); !slices.Equal(got, []string{"r3", "r1", "r2"}) || c.Look != 1 || c.Reason != "left" || c.Channel != "C1" {
			t.Errorf("requests %q, look %d, reason %q, in %q", got, c.Look, c.Reason, c.Channel)
		}
		if one := readCard(t, s, "alone").One(); one == nil || one.ID != "alone" || one.Version != 1 {
			t.Errorf("a card about one is about %v", one)
		}
		all, err := s.Cards(t.Context())
		if err != nil || len(all) != 2 || len(all[0].Requests) != 1 || len(all[1].Requests) != 3 {
			t.Errorf("%d cards, %v", len(all), err)
		}
		if _, err := s.Card(t.Context(), "c2"); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("reading a card that there is not: %v, want ErrNotFound", err)
		}
		// It is stored with all of them, or not at all.
		second := newRequest("alone")
		second.CardID = "c2"
		if err := s.Update(t.Context(), start, func(tx *store.Tx) error { return tx.InsertCard(newCard(second)) }); err == nil {
			t.Error("a card was stored with a request that there is already")
		}
		if _, err := s.Card(t.Context(), "c2"); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("after that: %v, want ErrNotFound", err)
		}
	})
}

func TestCardIsClaimed(t *testing.T) {
	onEach(t, func(t *testing.T, open func() *store.Store) {
		s, ctx := open(), t.Context()
		insertCard(t, s, "r1", "r2")
		wantNoCard(t, s, start) // while its people are looked up
		if at, ok, err := next(t, s, start, store.Waiting{Table: store.Cards}); err != nil || !ok || !at.After(start) {
			t.Errorf("next due %v, %v, %v: want a while after the command", at, ok, err)
		}
		foundAll(t, s, "r1", "r2")
		c, first := claimCard(t, s, start)
		if len(c.Requests) != 2 {
			t.Fatalf("claimed with %d requests", len(c.Requests))
		}
		wantNoCard(t, s, start)
		// Its requests are claimed apart.
		for range 2 {
			if r, _, err := s.ClaimRequest(ctx, start, time.Minute); err != nil || r == nil {
				t.Fatalf("claiming a request of it: %v, %v", r, err)
			}
		}
		pass(t, s, time.Hour)
		c, second := claimCard(t, s, start)
		posted := func(c *request.Card) {
			c.Posted(place, c.Asks(), start)
			c.Requests[0].Told = 1
			if err := c.Requests[1].Deny(anna, "", start); err != nil {
				t.Fatal(err)
			}
		}
		// What somebody else works on now is not theirs to write, nor are its requests.
		before, entries := readCard(t, s, "c1"), entriesOf(t, s)
		if err := cardResult(t, s, c.ID, first, start, posted); !errors.Is(err, store.ErrLeaseLost) {
			t.Errorf("a result under a lost lease: %v, want ErrLeaseLost", err)
		}
		after := readCard(t, s, "c1")
		if after.Place != before.Place || after.Look != before.Look || entriesOf(t, s) != entries || after.Requests[0].Told != 0 || after.Requests[1].State != request.Pending {
			t.Errorf("it changed something: card %+v, told %d, %s", after.Place, after.Requests[0].Told, after.Requests[1].State)
		}
		if err := cardResult(t, s, c.ID, second, start, posted); err != nil {
			t.Errorf("a result under the lease: %v", err)
		}
		after = readCard(t, s, "c1")
		if after.Place != place || after.Requests[0].Told != 1 || after.Requests[1].State != request.Denied {
			t.Errorf("card %+v, told %d, %s", after.Place, after.Requests[0].Told, after.Requests[1].State)
		}
		trail, err := s.Trail(ctx, 0, 100)
		if err != nil {
			t.Fatal(err)
		}
		if last := trail[len(trail)-1]; last.Kind != "card posted" || last.RequestID != "c1" {
			t.Errorf("the last entry is %+v", last)
		}
		if last := trail[len(trail)-2]; last.Kind != "deny" || last.RequestID != "r2" {
			t.Errorf("the one before is %+v", last)
		}
	})
}

func entriesOf(t *testing.T, s *store.Store) int64 {
	t.Helper()
	n, err := s.VerifyTrail(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return n.Entries
}

// A request that has something new to show raises the look of its card, once for
// each transaction, in that transaction, whoever works on the card meanwhile.
func TestRequestsRaiseTheirCard(t *testing.T) {
	onEach(t, func(t *testing.T, open func() *store.Store) {
		s := open()
		insertCard(t, s, "r1", "r2", "r3")
		foundAll(t, s, "r1", "r2", "r3")
		_, lease := claimCard(t, s, start)
		before := readCard(t, s, "c1")
		change := func(do func(tx *store.Tx, all []*request.Request) error) error {
			return s.Update(t.Context(), start, func(tx *store.Tx) error {
				all, err := tx.CardRequests("c1")
				if err != nil {
					return err
				}
				return do(tx, all)
			})
		}
		approveAll := func(tx *store.Tx, all []*request.Request) error {
			for _, r := range all {
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
		if err := change(func(tx *store.Tx, all []*request.Request) error {
			return errors.Join(approveAll(tx, all), broken)
		}); !errors.Is(err, broken) {
			t.Fatal(err)
		}
		if c := readCard(t, s, "c1"); c.Look != before.Look {
			t.Errorf("a transaction that failed left look %d after %d", c.Look, before.Look)
		}
		if err := change(approveAll); err != nil {
			t.Fatal(err)
		}
		if c := readCard(t, s, "c1"); c.Look != before.Look+1 {
			t.Errorf("three requests, each saved twice: look %d after %d", c.Look, before.Look)
		}
		// Nothing new to show.
		if err := change(func(tx *store.Tx, all []*request.Request) error {
			all[0].Told = all[0].News
			return tx.Save(all[0])
		}); err != nil {
			t.Fatal(err)
		}
		if c := readCard(t, s, "c1"); c.Look != before.Look+1 {
			t.Errorf("nothing new to show, and look is %d", c.Look)
		}
		// Whoever drew the card before has not drawn that, and it is claimed again.
		if err := cardResult(t, s, "c1", lease, start, func(c *request.Card) {
			c.Posted(place, c.Asks(), start)
			c.Paint(before.Look, start)
			c.TellRequester(c.News())
		}); err != nil {
			t.Fatalf("the claim was lost: %v", err)
		}
		if c, _ := claimCard(t, s, start.Add(time.Minute)); c.Painted >= c.Look {
			t.Errorf("look %d of %d is painted", c.Painted, c.Look)
		}
	})
}

// A card that is done with wakes up when a request of it changes, one that is behind
// is due no later than before.
func TestRequestWakesItsCard(t *testing.T) {
	onEach(t, func(t *testing.T, open func() *store.Store) {
		s := open()
		insertCard(t, s, "r1")
		foundAll(t, s, "r1")
		settleCard(t, s, start)
		if at, ok, err := next(t, s, start, store.Waiting{Table: store.Cards}); ok || err != nil {
			t.Fatalf("the card wants something at %v, %v", at, err)
		}
		now := start.Add(time.Minute)
		step(t, s, "r1", now, func(r *request.Request) error { return r.Approve(anna, time.Hour, now) })
		for range 2 {
			if at, ok, err := next(t, s, start, store.Waiting{Table: store.Cards}); !ok || err != nil || !at.Equal(now) {
				t.Errorf("the card is due %v, %v, %v: want %v", at, ok, err, now)
			}
			later := now.Add(time.Minute)
			step(t, s, "r1", later, func(r *request.Request) error { r.Look++; return nil })
		}
		settleCard(t, s, now)
		wantNoCard(t, s, now.Add(time.Hour))
	})
}

// When the manager is looked for decides when people are asked, and shows nothing: the
// card is due, is not painted again, and tries that have failed are not forgotten.
func TestManagerToBeFoundIsNothingToShow(t *testing.T) {
	onEach(t, func(t *testing.T, open func() *store.Store) {
		s := open()
		insertCard(t, s, "r1")
		foundAll(t, s, "r1")
		settleCard(t, s, start)
		before := readCard(t, s, "r1")
		step(t, s, "r1", start, func(r *request.Request) error { r.ManagerAt = start.Add(time.Hour); return nil })
		if c, lease := claimCard(t, s, start); c.Look != before.Look {
			t.Errorf("look %d after %d", c.Look, before.Look)
		} else if err := cardResult(t, s, "r1", lease, start, func(c *request.Card) {}); err != nil {
			t.Fatal(err)
		}
		wantNoCard(t, s, start)

		// Each time the message vanishes the new manager is looked for first, and the next
		// one is posted ever later.
		now, pauses := start, []time.Duration{}
		step(t, s, "r1", now, func(r *request.Request) error {
			r.Manager = anna
			r.Look++
			return nil
		})
		for range 4 {
			_, lease := claimCard(t, s, now)
			if err := cardResult(t, s, "r1", lease, now, func(c *request.Card) {
				if c.TS == "" {
					c.Posted(place, c.Asks(), now)
				}
				c.Lost(now)
			}); err != nil {
				t.Fatal(err)
			}
			step(t, s, "r1", now, func(r *request.Request) error { r.ManagerFound(r.Managing(), true, now); return nil })
			step, at := readCard(t, s, "r1").Next(now)
			if step != request.PostCard {
				t.Fatalf("next is %q", step)
			}
			pauses, now = append(pauses, at.Sub(now)), at
		}
		if want := []time.Duration{2 * time.Second, 4 * time.Second, 8 * time.Second, 16 * time.Second}; !slices.Equal(pauses, want) {
			t.Errorf("posted again after %v, want %v", pauses, want)
		}
	})
}

// Of the requests of a card only those that have changed are stored with it.
func TestCardStoresChangedRequestsOnly(t *testing.T) {
	onEach(t, func(t *testing.T, open func() *store.Store) {
		s := open()
		insertCard(t, s, "r1", "r2", "r3")
		foundAll(t, s, "r1", "r2", "r3")
		before := readCard(t, s, "c1")
		_, lease := claimCard(t, s, start)
		if err := cardResult(t, s, "c1", lease, start, func(c *request.Card) {
			c.Posted(place, []int64{0, 1, 0}, start)
			if err := c.Requests[2].Deny(anna, "no", start); err != nil {
				t.Fatal(err)
			}
		}); err != nil {
			t.Fatal(err)
		}
		after := readCard(t, s, "c1")
		for i, want := range []int64{0, 1, 1} {
			was, is := before.Requests[i], after.Requests[i]
			if is.Version-was.Version != want {
				t.Errorf("%s was stored %d times, want %d", is.ID, is.Version-was.Version, want)
			}
		}
		if after.Requests[1].Asked != 1 || len(after.Requests[2].Decisions) != 1 {
			t.Errorf("asked %d, decisions %v", after.Requests[1].Asked, after.Requests[2].Decisions)
		}
		if after.Look != before.Look+1 {
			t.Errorf("look %d after %d, want that the denial is shown", after.Look, before.Look)
		}
	})
}

// Whoever works on a request and on its card at the same time stores both.
func TestRequestAndCardSideBySide(t *testing.T) {
	onEach(t, func(t *testing.T, open func() *store.Store) {
		s, ctx := open(), t.Context()
		insertCard(t, s, "r1")
		foundAll(t, s, "r1")
		c, ofCard := claimCard(t, s, start)
		r, ofRequest, err := s.ClaimRequest(ctx, start, time.Hour)
		if err != nil || r == nil || c.One().ID != r.ID {
			t.Fatalf("claimed the card of %s and %v, %v", c.One().ID, r, err)
		}
		if err := cardResult(t, s, c.ID, ofCard, start, func(c *request.Card) {
			c.Posted(place, c.Asks(), start)
			c.Paint(c.Look, start)
			c.TellRequester(c.News())
		}); err != nil {
			t.Fatal(err)
		}
		if err := s.Update(ctx, start, func(tx *store.Tx) error {
			r, err := tx.Claimed("r1", ofRequest)
			if err != nil {
				return err
			}
			if r.Place != place || r.Told != r.News {
				t.Errorf("the request does not know what the card has done: %+v, told %d of %d", r.Place, r.Told, r.News)
			}
			if err := r.Counted(nil, start); err != nil {
				return err
			}
			return tx.SaveAndRelease(r)
		}); err != nil {
			t.Fatal(err)
		}
		after := readCard(t, s, "r1")
		if after.TS != place.TS || after.Look != c.Look+1 || after.Painted != c.Look || after.One().Counts != 1 || after.One().Told != 1 {
			t.Errorf("look %d, painted %d, counts %d, told %d", after.Look, after.Painted, after.One().Counts, after.One().Told)
		}
	})
}

// patiently is Update, tried again where a slow machine had no time to begin: what
// waits for somebody who waits for it has begun.
func patiently(t *testing.T, s *store.Store, do func(*store.Tx) error) error {
	for {
		begun := false
		err := s.Update(t.Context(), start, func(tx *store.Tx) error {
			begun = true
			return do(tx)
		})
		if begun || t.Context().Err() != nil || !errors.Is(err, context.DeadlineExceeded) {
			return err
		}
	}
}

// Everybody works on one card at once: people decide for all, requests are executed, the
// card is painted. Nobody waits for another who waits for them, every decision is kept,
// and the card knows of every change.
func TestLocksAreTakenInOneOrder(t *testing.T) {
	onEach(t, func(t *testing.T, open func() *store.Store) {
		s, ctx := open(), t.Context()
		ids := []string{"r5", "r2", "r4", "r1", "r3"} // not in the order that they are locked
		insertCard(t, s, ids...)
		foundAll(t, s, ids...)
		before := readCard(t, s, "c1")
		const rounds = 5
		var changes, painted atomic.Int64
		var group sync.WaitGroup
		update := func(what string, do func(*store.Tx) error) {
			if err := patiently(t, s, do); err != nil {
				t.Errorf("%s: %v", what, err)
			}
		}
		for person := range 4 {
			group.Go(func() {
				for round := range rounds {
					update("approving for all", func(tx *store.Tx) error {
						all, err := tx.CardRequests("c1")
						if err != nil {
							return err
						}
						for _, r := range all {
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
						if err := r.Counted(nil, start); err != nil {
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
				c, lease, err := s.ClaimCard(ctx, start.Add(time.Hour), time.Minute)
				if err != nil || c == nil {
					continue // somebody raises it
				}
				update("painting", func(tx *store.Tx) error {
					c, err := tx.ClaimedCard("c1", lease)
					if err != nil {
						return err
					}
					c.Posted(place, c.Asks(), start)
					for _, r := range c.Requests { // all are stored with it
						r.Told++
						r.News++
					}
					return tx.SaveCardAndRelease(c)
				})
				painted.Add(1)
			}
		})
		group.Wait()
		after := readCard(t, s, "c1")
		if want := before.Look + changes.Load() + painted.Load(); after.Look != want {
			t.Errorf("look is %d, want %d: one for each change", after.Look, want)
		}
		for i, r := range after.Requests {
			if len(r.Decisions) != 4*rounds || r.Told-before.Requests[i].Told != painted.Load() {
				t.Errorf("%s has %d decisions, want %d; told %d times of %d", r.ID, len(r.Decisions), 4*rounds, r.Told, painted.Load())
			}
		}
		if _, err := s.VerifyTrail(ctx); err != nil {
			t.Error(err)
		}
	})
}

// Whoever changes requests of several cards raises those in one order too, whatever
// that of the requests is.
func TestCardsAreRaisedInOneOrder(t *testing.T) {
	onEach(t, func(t *testing.T, open func() *store.Store) {
		s := open()
		const cards, rounds, workers = 4, 5, 4
		var ids []string
		for i := range cards {
			r := newRequest(fmt.Sprint("r", i))
			r.CardID = fmt.Sprint("c", cards-i)
			insert(t, s, r)
			ids = append(ids, r.ID)
		}
		foundAll(t, s, ids...)
		before := readCard(t, s, "c1").Look
		var group sync.WaitGroup
		for range workers {
			group.Go(func() {
				for range rounds {
					if err := patiently(t, s, func(tx *store.Tx) error {
						for _, id := range ids {
							r, err := tx.Request(id)
							if err != nil {
								return err
							}
							r.Look++
							if err := tx.Save(r); err != nil {
								return err
							}
						}
						return nil
					}); err != nil {
						t.Error(err)
					}
				}
			})
		}
		for i := range cards {
			id := fmt.Sprint("c", i+1)
			group.Go(func() {
				for range rounds {
					if err := patiently(t, s, func(tx *store.Tx) error {
						c, err := tx.ClaimedCard(id, store.Lease{}) // nobody has claimed it
						if err != nil {
							return err
						}
						return tx.SaveCardAndRelease(c)
					}); err != nil {
						t.Error(err)
					}
				}
			})
		}
		group.Wait()
		for _, id := range []string{"c1", "c4"} {
			if look := readCard(t, s, id).Look; look != before+workers*rounds {
				t.Errorf("the look of %s is %d, want %d", id, look, before+workers*rounds)
			}
		}
	})
}

// A channel whose id changes takes its cards along, while a step on one is under way
// as well. Only what people can act on is shown again, and nothing a second time.
func TestCardsFollowTheirChannel(t *testing.T) {
	onEach(t, func(t *testing.T, open func() *store.Store) {
		s, ctx := open(), t.Context()
		insert(t, s, newRequest("open"))
		over := newRequest("over")
		if err := over.Reject(request.RefusedNotFound, "", start); err != nil {
			t.Fatal(err)
		}
		insert(t, s, over)
		if err := found(t, s, "open", "wf-1"); err != nil {
			t.Fatal(err)
		}
		looks := map[string]int64{"open": readCard(t, s, "open").Look, "over": readCard(t, s, "over").Look}
		claimed, lease := claimCard(t, s, start)
		move := func(from, to string, want int64) {
			t.Helper()
			if err := s.Update(ctx, start, func(tx *store.Tx) error {
				n, err := tx.MoveChannel(from, to)
				if n != want {
					t.Errorf("%d cards have moved, want %d", n, want)
				}
				return err
			}); err != nil {
				t.Fatal(err)
			}
		}
		move("C1", "C2", 2)
		move("C1", "C2", 0)
		if err := s.Update(ctx, start, func(tx *store.Tx) error {
			c, err := tx.ClaimedCard(claimed.ID, lease)
			if err != nil {
				return err
			}
			c.PaintFailed(0, start)
			return tx.SaveCardAndRelease(c)
		}); err != nil {
			t.Fatal(err)
		}
		for id, rise := range map[string]int64{"open": 1, "over": 0} {
			if c := readCard(t, s, id); c.Channel != "C2" || c.Look != looks[id]+rise {
				t.Errorf("the card of %s is in %s with look %d, want C2 and %d", id, c.Channel, c.Look, looks[id]+rise)
			}
		}
	})
}

// The channels of what has not ended are found, each once, and what stands in one is
// shown again.
func TestOpenChannels(t *testing.T) {
	onEach(t, func(t *testing.T, open func() *store.Store) {
		s, ctx := open(), t.Context()
		over, unposted, failed := newRequest("over"), newRequest("unposted"), newRequest("failed")
		if err := over.Reject(request.RefusedNotFound, "", start); err != nil {
			t.Fatal(err)
		}
		for _, r := range []*request.Request{newRequest("r1"), newRequest("r2"), newRequest("elsewhere"), over, unposted, failed} {
			insert(t, s, r)
		}
		if err := found(t, s, "failed", "wf"); err != nil {
			t.Fatal(err)
		}
		anna := request.Identity{ID: "U2", Email: "anna@acme.com"}
		step(t, s, "failed", start, func(r *request.Request) error {
			return errors.Join(r.Approve(anna, 0, start), r.Begin(start), r.Fail("no", start))
		})
		places := map[string]request.Place{
			"r1": {Channel: "C1", TS: "1.1"}, "r2": {Channel: "C1", TS: "1.2"}, "elsewhere": {Channel: "C2", TS: "2.1"},
			"over": {Channel: "C3", TS: "3.1"}, "unposted": {Channel: "C4"}, "failed": {Channel: "C5", TS: "5.1"},
		}
		for id, place := range places {
			if err := s.Update(ctx, start, func(tx *store.Tx) error {
				c, err := tx.ClaimedCard(id, store.Lease{}) // nobody has claimed it
				if err != nil {
					return err
				}
				c.Place, c.Hidden = place, id == "r2"
				return tx.SaveCardAndRelease(c)
			}); err != nil {
				t.Fatal(err)
			}
		}
		if got, err := s.OpenChannels(ctx); err != nil || !slices.Equal(slices.Sorted(slices.Values(got)), []string{"C1", "C2", "C5"}) {
			t.Errorf("the channels are %q, %v", got, err)
		}
		for channel, want := range map[string][]string{"C1": {"r1"}, "C2": {"elsewhere"}, "C3": nil, "C4": nil, "C5": {"failed"}} {
			if got, err := s.ShownCards(ctx, channel); err != nil || !slices.Equal(got, want) {
				t.Errorf("the cards that are shown in %s are %q, %v, want %q", channel, got, err, want)
			}
		}
		before := map[string]int64{}
		for id := range places {
			before[id] = readCard(t, s, id).Look
		}
		if err := s.Update(ctx, start, func(tx *store.Tx) error { tx.RaiseCard("elsewhere"); return tx.RaiseChannel("C1") }); err != nil {
			t.Fatal(err)
		}
		for id, rise := range map[string]int64{"r1": 1, "r2": 1, "elsewhere": 1, "over": 0, "unposted": 0} {
			if c := readCard(t, s, id); c.Look != before[id]+rise || c.Hidden != (id == "r2") {
				t.Errorf("%s has look %d, want %d more than %d; hidden: %v", id, c.Look, rise, before[id], c.Hidden)
			}
		}
	})
}
