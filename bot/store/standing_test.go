package store_test

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"wfbot/bot/request"
	"wfbot/bot/store"
)

// How things stand: what has not ended, by state, what is set aside, and since when
// the oldest of it waits for people or for the bot.
func TestStanding(t *testing.T) {
	onEach(t, func(t *testing.T, open func() *store.Store) {
		s, ctx := open(), t.Context()
		none := map[request.State]int{request.Received: 0, request.Pending: 0, request.Approved: 0, request.Executing: 0, request.Failed: 0}
		check := func(why string, now time.Time, want store.Standing) {
			t.Helper()
			got, err := s.Standing(ctx, now)
			if err != nil {
				t.Fatalf("%s: %v", why, err)
			}
			requests := map[request.State]int{}
			for state, n := range none {
				requests[state] = n + want.Requests[state]
			}
			want.Requests = requests
			aside := map[string]int{"request": 0, "card": 0, "interaction": 0}
			for row, n := range want.SetAside {
				aside[row] = n
			}
			want.SetAside = aside
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s (-want +got):\n%s", why, diff)
			}
		}
		type states = map[request.State]int
		check("nothing yet", start, store.Standing{})

		for i, id := range []string{"received", "pending", "soon", "later", "denied", "failed"} {
			r := newRequest(id)
			r.CreatedAt = start.Add(time.Duration(i-10) * time.Minute)
			insert(t, s, r)
		}
		check("all to be looked up", start, store.Standing{Requests: states{request.Received: 6}, BotSince: start.Add(-10 * time.Minute)})
		for _, id := range []string{"pending", "soon", "later", "denied", "failed"} {
			if err := found(t, s, id, "user"+id); err != nil {
				t.Fatal(err)
			}
		}
		anna := request.Identity{ID: "U2", Email: "anna@acme.com"}
		step(t, s, "soon", start, func(r *request.Request) error { return r.Approve(anna, 30*time.Second, start) })
		step(t, s, "later", start, func(r *request.Request) error { return r.Approve(anna, 24*time.Hour, start) })
		step(t, s, "denied", start, func(r *request.Request) error { return r.Deny(anna, "", start) })
		step(t, s, "failed", start, func(r *request.Request) error {
			return errors.Join(r.Approve(anna, 0, start), r.Begin(start), r.Fail("no", start))
		})
		now := states{request.Received: 1, request.Pending: 1, request.Approved: 2, request.Failed: 1}
		check("one to be looked up", start, store.Standing{Requests: now, PeopleSince: start.Add(-9 * time.Minute), BotSince: start.Add(-10 * time.Minute)})
		if err := found(t, s, "received", "userreceived"); err != nil {
			t.Fatal(err)
		}
		now = states{request.Pending: 2, request.Approved: 2, request.Failed: 1}
		check("nothing is due", start, store.Standing{Requests: now, PeopleSince: start.Add(-10 * time.Minute)})
		check("one is due", start.Add(time.Hour), store.Standing{Requests: now, PeopleSince: start.Add(-10 * time.Minute), BotSince: start.Add(30 * time.Second)})

		if _, err := s.Accept(ctx, store.Interaction{ID: "i1", Key: "k1", Kind: store.Click, ReceivedAt: start.Add(-time.Hour)}); err != nil {
			t.Fatal(err)
		}
		check("an interaction waits", start, store.Standing{Requests: now, PeopleSince: start.Add(-10 * time.Minute), BotSince: start.Add(-time.Hour)})

		// What cannot be decoded is counted, and keeps nothing else from being.
		if _, err := s.DB().ExecContext(ctx, `UPDATE requests SET body = '{', due_at = -1 WHERE id = 'soon'`); err != nil {
			t.Fatal(err)
		}
		_, lease, err := s.ClaimRequest(ctx, start, time.Minute)
		if !store.Unreadable(err) {
			t.Fatal(err)
		}
		if err := s.SetAside(ctx, lease, "garbled", start); err != nil {
			t.Fatal(err)
		}
		_, lease, err = s.ClaimInteraction(ctx, start, time.Minute)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.SetAside(ctx, lease, "no", start); err != nil {
			t.Fatal(err)
		}
		check("two are set aside", start.Add(time.Hour), store.Standing{
			Requests: now, SetAside: map[string]int{"request": 1, "interaction": 1}, PeopleSince: start.Add(-10 * time.Minute),
		})
	})
}

// To see how things stand, SQLite reads nothing of what has ended: it does nothing else
// meanwhile.
func TestStandingHasAnIndex(t *testing.T) {
	t.Parallel()
	s := mustOpen(t, "sqlite:"+t.TempDir()+"/wfbot.db")
	for _, query := range store.Standings {
		rows, err := s.DB().QueryContext(t.Context(), `EXPLAIN QUERY PLAN `+query)
		if err != nil {
			t.Fatal(err)
		}
		for rows.Next() {
			var id, parent, unused int
			var text string
			if err := rows.Scan(&id, &parent, &unused, &text); err != nil {
				t.Fatal(err)
			}
			if table := regexp.MustCompile(`^(SCAN|SEARCH) (requests|cards|interactions)`); table.MatchString(text) && !strings.Contains(text, "USING") {
				t.Errorf("%s:\n%s", query, text)
			}
		}
		if err := errors.Join(rows.Err(), rows.Close()); err != nil {
			t.Fatal(err)
		}
	}
}

// Whoever wants to know is told of entries that are on disk, in their order, and of
// no others.
func TestOnRecorded(t *testing.T) {
	onEach(t, func(t *testing.T, open func() *store.Store) {
		s := open()
		var told []string
		s.OnRecorded(func(id string, e request.Event) { told = append(told, id+" "+e.Kind+" "+e.Detail["why"]) })
		record := func(tx *store.Tx, kind, why string) {
			tx.Record("r1", request.Event{At: start, Kind: kind, Actor: "U1", Detail: map[string]string{"why": why}})
		}
		changed := errors.New("changed its mind")
		if err := s.Update(t.Context(), start, func(tx *store.Tx) error {
			record(tx, "refused", "own request")
			return changed
		}); !errors.Is(err, changed) {
			t.Fatal(err)
		}
		if err := s.Update(t.Context(), start, func(tx *store.Tx) error {
			record(tx, "refused", "guest")
			record(tx, "details shown", "")
			if len(told) > 0 {
				return fmt.Errorf("told %v before it is on disk", told)
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		if want := []string{"r1 refused guest", "r1 details shown "}; !slices.Equal(told, want) {
			t.Errorf("told %q, want %q", told, want)
		}
	})
}

// A database that has no connection free answers nobody, and keeps nobody for longer
// than they wait.
func TestAnswers(t *testing.T) {
	onEach(t, func(t *testing.T, open func() *store.Store) {
		s := open()
		if err := s.Answers(t.Context()); err != nil {
			t.Fatal(err)
		}
		for range s.DB().Stats().MaxOpenConnections {
			conn, err := s.DB().Conn(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		_, err := s.Standing(ctx, start)
		if answers := s.Answers(ctx); answers == nil || err == nil {
			t.Errorf("it answers without a connection: %v, %v", answers, err)
		}
	})
}
