package store_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"wfbot/bot/request"
	"wfbot/bot/store"
)

// Of each row that somebody could claim from now on the loops are told when it is
// committed, of one that is claimed when its claim ends, and of nothing else.
func TestWhatIsDueIsTold(t *testing.T) {
	onEach(t, func(t *testing.T, open func() *store.Store) {
		s, ctx := open(), t.Context()
		var told []string
		s.WhenDue(func(table store.Table, at time.Time) {
			wait := ""
			if at.After(start) {
				wait = " in " + at.Sub(start).String()
			}
			told = append(told, string(table)+wait)
		})
		want := func(why, want string) {
			t.Helper()
			if got := strings.Join(told, ", "); got != want {
				t.Errorf("%s: told of %q, want %q", why, got, want)
			}
			told = nil
		}
		if _, err := s.Accept(ctx, store.Interaction{ID: "w1", Key: "k", Kind: store.Command, ReceivedAt: start}); err != nil {
			t.Fatal(err)
		}
		want("an interaction is stored", "interactions")
		in, held, err := s.ClaimInteraction(ctx, start, time.Minute)
		if err != nil {
			t.Fatal(err)
		}
		want("it is claimed", "")
		if err := s.Update(ctx, start, func(tx *store.Tx) error { return tx.SaveInteraction(in, held, false) }); err != nil {
			t.Fatal(err)
		}
		want("its answer is owed", "interactions")

		insert(t, s, newRequest("r1"))
		want("a command is handled", "requests, homes in 200ms")
		_, lease, err := s.ClaimRequest(ctx, start, time.Minute)
		if err != nil {
			t.Fatal(err)
		}
		step(t, s, "r1", start, func(r *request.Request) error { r.Look++; return nil })
		want("what is claimed changes", "cards")
		result := func(apply func(*request.Request) error) {
			t.Helper()
			if err := s.Update(ctx, start, func(tx *store.Tx) error {
				r, err := tx.Claimed("r1", lease)
				if err != nil {
					return err
				}
				if err := apply(r); err != nil {
					return err
				}
				return tx.SaveAndRelease(r)
			}); err != nil {
				t.Fatal(err)
			}
		}
		result(func(r *request.Request) error {
			return r.LookUpFailed("Workfront does not answer", 0, start)
		})
		want("it is tried again", "requests in 2s, cards, homes in 200ms")
		step(t, s, "r1", start, func(r *request.Request) error { return r.Reject(request.RefusedNotFound, "", start) })
		want("it ends", "cards, homes in 200ms")

		if err := s.Update(ctx, start, func(tx *store.Tx) error {
			tx.Record("r1", request.Event{At: start, Kind: "refused", Actor: "U3"})
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		want("somebody is refused", "")
		if err := s.Update(ctx, start, func(tx *store.Tx) error {
			if _, err := tx.MoveChannel("C1", "C2"); err != nil {
				return err
			}
			return fmt.Errorf("not committed")
		}); err == nil {
			t.Fatal("committed")
		}
		want("nothing is committed", "")
		if err := s.OpenHome(ctx, "U1", start); err != nil {
			t.Fatal(err)
		}
		want("somebody looks at their Home tab", "homes")
	})
}

// A claim hands out the row that it has changed as it stands, with what is read beside it.
func TestClaimHandsTheRowOut(t *testing.T) {
	onEach(t, func(t *testing.T, open func() *store.Store) {
		s, ctx := open(), t.Context()
		insert(t, s, newRequest("r1"))
		if err := found(t, s, "r1", "wf1"); err != nil {
			t.Fatal(err)
		}
		c, lease, err := s.ClaimCard(ctx, start.Add(time.Minute), time.Minute)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Update(ctx, start, func(tx *store.Tx) error {
			c, err := tx.ClaimedCard(c.ID, lease)
			if err != nil {
				return err
			}
			c.Posted(request.Place{Channel: "C7", TS: "7.1"}, c.Asks(), start)
			return tx.SaveCardAndRelease(c)
		}); err != nil {
			t.Fatal(err)
		}
		step(t, s, "r1", start, func(r *request.Request) error {
			return r.Approve(request.Identity{ID: "U2", Email: "anna@acme.com"}, 0, start)
		})
		r, _, err := s.ClaimRequest(ctx, start, time.Minute)
		if err != nil || r == nil {
			t.Fatalf("claiming: %v, %v", r, err)
		}
		if r.Channel != "C7" || r.TS != "7.1" || r.Target.ID != "wf1" || len(r.Decisions) != 1 || r.Decisions[0].By.ID != "U2" {
			t.Errorf("claimed %+v", r)
		}
		c, _, err = s.ClaimCard(ctx, start, time.Minute)
		if err != nil || c == nil || c.TS != "7.1" || c.One() == nil || len(c.One().Decisions) != 1 {
			t.Errorf("claimed %+v, %v", c, err)
		}
	})
}
