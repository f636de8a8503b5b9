package store_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"wfbot/bot/request"
	"wfbot/bot/store"
)

// A row that cannot be decoded is claimed once and set aside; the others go on, and
// each start tries it again.
func TestWhatCannotBeDecodedIsSetAside(t *testing.T) {
	for name, garbled := range map[string]string{
		"not JSON":         `{"ID":`,
		"of another row":   `{"ID":"other"}`,
		"of another shape": `{"ID":17}`,
		"empty":            ``,
		"of a newer state": `{"id":"bad","action":"deactivate","state":"escalated"}`,
		"of a new action":  `{"id":"bad","action":"transfer","state":"approved"}`,
	} {
		t.Run(name, func(t *testing.T) {
			onEach(t, func(t *testing.T, open func() *store.Store) {
				s, ctx := open(), t.Context()
				insert(t, s, newRequest("good"))
				insert(t, s, newRequest("bad"))
				exec := func(query string, args ...any) {
					t.Helper()
					if _, err := s.DB().ExecContext(ctx, query, args...); err != nil {
						t.Fatal(err)
					}
				}
				var body string
				if err := s.DB().QueryRowContext(ctx, `SELECT body FROM requests WHERE id = 'bad'`).Scan(&body); err != nil {
					t.Fatal(err)
				}
				exec(`UPDATE requests SET body = $1, due_at = -1 WHERE id = 'bad'`, garbled)

				r, lease, err := s.ClaimRequest(ctx, start, time.Minute)
				if !store.Unreadable(err) || r == nil || r.ID != "bad" {
					t.Fatalf("claimed %v, %v, want bad, which cannot be decoded", r, err)
				}
				if err := s.SetAside(ctx, lease, strings.Repeat("é", 1000), start); err != nil {
					t.Fatal(err)
				}
				var why string
				if err := s.DB().QueryRowContext(ctx, `SELECT set_aside_why FROM requests WHERE id = 'bad' AND set_aside_at > 0`).Scan(&why); err != nil ||
					len(why) == 0 || len(why) > 300 {
					t.Errorf("set aside because of %q, %v", why, err)
				}
				if r, _, err := s.ClaimRequest(ctx, start, time.Minute); err != nil || r == nil || r.ID != "good" {
					t.Errorf("claimed %v, %v, want good", r, err)
				}
				if r, _, err := s.ClaimRequest(ctx, start.Add(time.Second), time.Minute); err != nil || r != nil {
					t.Errorf("claimed %v, %v, want nothing", r, err)
				}
				all, unread, err := s.OpenRequests(ctx, start, 10)
				if err != nil || len(all) != 1 || unread.Count() != 1 {
					t.Errorf("%d open, %d unread, %v, want one of each", len(all), unread.Count(), err)
				}
				exec(`UPDATE cards SET due_at = 0 WHERE id = 'bad'`)
				c, cardLease, err := s.ClaimCard(ctx, start, time.Minute)
				if !store.Unreadable(err) || c.ID != "bad" {
					t.Fatalf("claimed card %v, %v, want bad, which is set aside with its request", c, err)
				}
				if err := s.SetAside(ctx, cardLease, err.Error(), start); err != nil {
					t.Fatal(err)
				}
				said := 0
				trail, err := s.Trail(ctx, 0, 100)
				if err != nil {
					t.Fatal(err)
				}
				for _, e := range trail {
					if e.Kind == "set aside" {
						said++
					}
				}
				if said != 2 {
					t.Errorf("the audit trail says %d times that something is set aside, want 2", said)
				}

				exec(`UPDATE requests SET body = $1 WHERE id = 'bad'`, body)
				if err := s.TakeUpSetAside(ctx); err != nil {
					t.Fatal(err)
				}
				if r, _, err := s.ClaimRequest(ctx, start, time.Minute); err != nil || r == nil || r.ID != "bad" || r.State != request.Received {
					t.Errorf("claimed %v, %v, want bad, which is mended", r, err)
				}
				if c, _, err := s.ClaimCard(ctx, start, time.Minute); err != nil || c == nil || c.ID != "bad" {
					t.Errorf("claimed card %v, %v, want bad, which is mended", c, err)
				}
			})
		})
	}
}

// A request with a decision that cannot be read is not shown without it: what may
// have been approved or denied is not open to others.
func TestDecisionThatCannotBeReadIsNotLeftOut(t *testing.T) {
	onEach(t, func(t *testing.T, open func() *store.Store) {
		s, ctx := open(), t.Context()
		insert(t, s, newRequest("good"))
		insert(t, s, newRequest("bad"))
		if _, err := s.DB().ExecContext(ctx, `INSERT INTO decisions (request_id, seq, kind, slack_id, name, email, at, comment)
			VALUES ('bad', 1, 'approve', 'U1', 'Mia', 'mia@acme.com', 'yesterday', '')`); err != nil {
			if !strings.Contains(err.Error(), "invalid input syntax for type bigint") {
				t.Fatal(err)
			}
			t.Skip("PostgreSQL takes no such row") // so there is nothing to set aside there; SQLite keeps what it is given
		}
		all, unread, err := s.OpenRequests(ctx, start, 10)
		if err != nil || !slices.Equal(idsOf(all), []string{"good"}) || unread.Count() != 1 || unread[0].Row != "request bad" {
			t.Errorf("open are %q, unread %v, %v", idsOf(all), unread, err)
		}
		if _, err := s.Request(ctx, "bad"); !store.Unreadable(err) {
			t.Errorf("reading it: %v", err)
		}
		if _, err := s.Card(ctx, "bad"); !store.Unreadable(err) {
			t.Errorf("reading its card: %v", err)
		}
	})
}
