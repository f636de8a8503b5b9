package store_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"wfbot/bot/request"
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

// All that was acknowledged, decided or recorded is on disk when it is committed; claims
// and what is noted of steps that may be done again need not be.
func TestOnlyClaimsAndNotesAreUnsynced(t *testing.T) {
	t.Parallel()
	s := mustOpen(t, "sqlite:"+filepath.Join(t.TempDir(), "wfbot.db"))
	insert(t, s, newRequest("r1"), newRequest("r2"))
	interaction := store.Interaction{ID: "i1", Key: "i1", Kind: store.Click, ReceivedAt: start}
	var ofRequest, ofInteraction store.Lease
	for range 2 { // of statements that are prepared for it, and kept
		for _, op := range []struct {
			name   string
			do     func() error
			synced bool
		}{
			{"an interaction that is accepted", func() error {
				_, err := s.Accept(t.Context(), interaction)
				return err
			}, true},
			{"a claim", func() (err error) {
				_, ofInteraction, err = s.ClaimInteraction(t.Context(), start, time.Minute)
				return err
			}, false},
			{"what became of a claim", func() error {
				return s.Update(t.Context(), start, func(tx *store.Tx) error { return tx.SaveInteraction(&interaction, ofInteraction, false) })
			}, true},
			{"a second claim", func() (err error) {
				_, ofRequest, err = s.ClaimRequest(t.Context(), start, time.Minute)
				return err
			}, false},
			{"a change with an audit entry", func() error {
				return s.Update(t.Context(), start, func(tx *store.Tx) error {
					tx.Record("r1", request.Event{Kind: "test", Actor: request.Bot})
					return nil
				})
			}, true},
			{"a claim that is given back", func() error { return s.Release(t.Context(), ofRequest, 0) }, false},
			{"a Home tab", func() error { return s.OpenHome(t.Context(), "U1", start) }, true},
			{"a note", func() error {
				return s.UpdateUnsynced(t.Context(), start, func(tx *store.Tx) error {
					_, err := tx.Request("r1")
					return err
				})
			}, false},
			{"a note that fails", func() error {
				err := s.UpdateUnsynced(t.Context(), start, func(tx *store.Tx) error {
					tx.Record("r1", request.Event{Kind: "test", Actor: request.Bot})
					return nil
				})
				if err == nil {
					return errors.New("an audit entry may be lost")
				}
				return nil
			}, false},
		} {
			if err := op.do(); err != nil {
				t.Fatalf("%s: %v", op.name, err)
			}
			if synced, err := s.Synced(t.Context()); synced != op.synced || err != nil {
				t.Errorf("%s: synced is %v, %v", op.name, synced, err)
			}
		}
	}
}

// However many work on the database, an interaction is stored as soon as whoever has the
// connection now is done.
func TestInteractionsAreStoredFirst(t *testing.T) {
	t.Parallel()
	s := mustOpen(t, "sqlite:"+filepath.Join(t.TempDir(), "wfbot.db"))
	ran := make(chan string, 1000)
	if err := s.Observe(t.Context(), func(query string) { ran <- query }); err != nil {
		t.Fatal(err)
	}
	working, goOn := make(chan struct{}), make(chan struct{})
	var all sync.WaitGroup
	all.Go(func() {
		if err := s.Update(t.Context(), start, func(*store.Tx) error {
			close(working)
			<-goOn
			return nil
		}); err != nil {
			t.Error(err)
		}
	})
	<-working
	for n := range 20 {
		all.Go(func() {
			if n%2 == 0 {
				if _, _, err := s.ClaimCard(t.Context(), start, time.Minute); err != nil {
					t.Error(err)
				}
			} else if err := s.Update(t.Context(), start, func(*store.Tx) error { return nil }); err != nil {
				t.Error(err)
			}
		})
	}
	all.Go(func() {
		fresh, err := s.Accept(t.Context(), store.Interaction{ID: "i1", Key: "i1", Kind: store.Click, ReceivedAt: start})
		if !fresh || err != nil {
			t.Errorf("storing an interaction: %v, %v", fresh, err)
		}
	})
	for s.DB().Stats().WaitCount == 0 { // until it waits for the connection
		runtime.Gosched()
	}
	close(goOn)
	all.Wait()
	close(ran)
	var order []string
	for query := range ran {
		order = append(order, strings.Join(strings.Fields(query)[:1], " "))
	}
	if want := []string{"BEGIN", "COMMIT", "PREPARE", "INSERT"}; !slices.Equal(order[:len(want)], want) {
		t.Errorf("what ran: %q, want %q first", order, want)
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
