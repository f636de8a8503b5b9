package store_test

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"wfbot/bot/store"
)

// observed opens a store in SQLite and counts what is prepared on it.
func observed(t *testing.T) (s *store.Store, prepared *atomic.Int64) {
	t.Helper()
	s, prepared = mustOpen(t, "sqlite:"+filepath.Join(t.TempDir(), "wfbot.db")), new(atomic.Int64)
	if err := s.Observe(t.Context(), func(query string) {
		if strings.HasPrefix(query, "PREPARE ") {
			prepared.Add(1)
		}
	}); err != nil {
		t.Fatal(err)
	}
	return s, prepared
}

// What has run once is not parsed again, in a transaction or not.
func TestStatementsAreKept(t *testing.T) {
	t.Parallel()
	s, prepared := observed(t)
	round := func(n int) {
		id := fmt.Sprint("r", n)
		if _, err := s.Accept(t.Context(), store.Interaction{ID: id, Key: id, Kind: store.Click, ReceivedAt: start}); err != nil {
			t.Fatal(err)
		}
		insert(t, s, newRequest(id))
		if err := found(t, s, id, "wf"+id); err != nil {
			t.Fatal(err)
		}
		r, lease, err := s.ClaimRequest(t.Context(), start, time.Minute)
		if r == nil || err != nil {
			t.Fatalf("claiming: %v", err)
		}
		if err := s.Release(t.Context(), lease, time.Hour); err != nil {
			t.Fatal(err)
		}
		if _, _, err := s.OpenRequests(t.Context(), start, 100); err != nil {
			t.Fatal(err)
		}
	}
	round(0)
	first := prepared.Load()
	for n := range 5 {
		round(n + 1)
	}
	if more := prepared.Load() - first; first < 10 || more > 0 {
		t.Errorf("%d statements were prepared at first, and %d again", first, more)
	}
}

// A statement that is kept works however it was used before: with rows left unread,
// within its own rows, after an error, after its end was called for and after the
// schema has changed.
func TestKeptStatementsWork(t *testing.T) {
	t.Parallel()
	s, prepared := observed(t)
	for _, id := range []string{"r1", "r2", "r3"} {
		insert(t, s, newRequest(id))
	}
	const query = `SELECT id FROM requests ORDER BY id`
	conn, err := s.DB().Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	all := func() (ids string) {
		rows, err := conn.QueryContext(t.Context(), query)
		if err != nil {
			t.Fatal(err)
		}
		defer rows.Close()
		for rows.Next() {
			var id string
			if err := rows.Scan(&id); err != nil {
				t.Fatal(err)
			}
			ids += id + " "
		}
		if err := rows.Err(); err != nil {
			t.Fatal(err)
		}
		return ids
	}
	want := func(why, want string) {
		t.Helper()
		if got := all(); got != want {
			t.Errorf("%s: %q, want %q", why, got, want)
		}
	}
	want("at first", "r1 r2 r3 ")

	var id string
	if err := conn.QueryRowContext(t.Context(), query).Scan(&id); err != nil || id != "r1" {
		t.Errorf("its first row: %s, %v", id, err)
	}
	want("after rows were left", "r1 r2 r3 ")

	tx, err := conn.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	outer, err := tx.QueryContext(t.Context(), query)
	if err != nil {
		t.Fatal(err)
	}
	seen := ""
	for outer.Next() {
		var inner string
		if err := outer.Scan(&id); err != nil {
			t.Fatal(err)
		}
		if err := tx.QueryRowContext(t.Context(), query).Scan(&inner); err != nil {
			t.Fatal(err)
		}
		seen += id + inner + " "
	}
	if err := outer.Err(); err != nil || seen != "r1r1 r2r1 r3r1 " {
		t.Errorf("within its own rows: %q, %v", seen, err)
	}
	outer.Close()
	if err := tx.Rollback(); err != nil {
		t.Fatal(err)
	}

	const double = `INSERT INTO homes (user_id, opened_at, shown, due_at) VALUES ($1, 0, 0, 0)`
	for n, fails := range []bool{false, true, true} {
		if _, err := conn.ExecContext(t.Context(), double, "U1"); (err != nil) != fails {
			t.Errorf("%d. insertion of the same: %v", n+1, err)
		}
	}
	if _, err := conn.ExecContext(t.Context(), double, "U2"); err != nil {
		t.Errorf("after it had failed: %v", err)
	}

	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := conn.QueryContext(gone, query); err == nil {
		t.Error("a query after its end was answered")
	}
	want("after its end was called for", "r1 r2 r3 ")

	if _, err := conn.ExecContext(t.Context(), `ALTER TABLE requests RENAME COLUMN id TO was; ALTER TABLE requests RENAME COLUMN was TO id; CREATE INDEX more ON requests (id DESC)`); err != nil {
		t.Fatal(err)
	}
	want("after the schema has changed", "r1 r2 r3 ")

	before := prepared.Load()
	for n := range 1000 { // more than are kept
		if _, err := conn.ExecContext(t.Context(), fmt.Sprintf(`UPDATE homes SET shown = %d`, n)); err != nil {
			t.Fatal(err)
		}
	}
	want("beside very many", "r1 r2 r3 ")
	if n := prepared.Load() - before; n < 1000 {
		t.Errorf("%d statements were prepared of 1000", n)
	}
}
