package store_test

import (
	"path/filepath"
	"testing"

	"wfbot/bot/store"
)

func processes(t *testing.T, s *store.Store) (n int) {
	t.Helper()
	if err := s.DB().QueryRowContext(t.Context(), `SELECT COUNT(*) FROM processes`).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func seen(t *testing.T, s *store.Store, connections int) {
	t.Helper()
	if err := s.ProcessSeen(t.Context(), connections); err != nil {
		t.Fatal(err)
	}
}

func wantOthers(t *testing.T, s *store.Store, want int) {
	t.Helper()
	if n, err := s.OtherConnections(t.Context()); n != want || err != nil {
		t.Errorf("others hold %d connections, %v, want %d", n, err, want)
	}
}

// Each process counts what the others hold, as noted last, and no longer what one
// holds that has ended or is not seen any more.
func TestProcessesOnPostgres(t *testing.T) {
	t.Parallel()
	address := freshPostgres(t)
	one, two, three := mustOpen(t, address), mustOpen(t, address), mustOpen(t, address)
	wantOthers(t, one, 0)
	seen(t, one, 2)
	seen(t, two, 3)
	seen(t, three, 5)
	wantOthers(t, one, 8)
	wantOthers(t, two, 7)
	seen(t, three, 1)
	seen(t, three, 1)
	wantOthers(t, one, 4)
	if err := two.ForgetProcess(t.Context()); err != nil {
		t.Fatal(err)
	}
	wantOthers(t, one, 1)
	for age, others := range map[int]int{119_000 - 20_000: 1, 121_000: 0} {
		seen(t, three, 1)
		if _, err := one.DB().ExecContext(t.Context(), `UPDATE processes SET seen_at = seen_at - $1 WHERE connections = 1`, age); err != nil {
			t.Fatal(err)
		}
		wantOthers(t, one, others)
		seen(t, one, 2)
		if n := processes(t, one); n != 1+others {
			t.Errorf("%d processes are kept when one was not seen for %d ms", n, age)
		}
	}
}

// Whoever opens a file of SQLite is the only one: the rows of others are those of dead
// processes.
func TestProcessesOfBeforeAreForgottenOnSQLite(t *testing.T) {
	t.Parallel()
	address := "sqlite:" + filepath.Join(t.TempDir(), "wfbot.db")
	s := mustOpen(t, address)
	seen(t, s, 2)
	seen(t, s, 2)
	wantOthers(t, s, 0)
	if n := processes(t, s); n != 1 {
		t.Errorf("%d processes are noted, want 1", n)
	}
	s.Close() // as if killed
	s = mustOpen(t, address)
	wantOthers(t, s, 0)
	if n := processes(t, s); n != 0 {
		t.Errorf("%d processes are noted after the start, want none", n)
	}
}
