package store_test

import (
	"path/filepath"
	"testing"
	"time"

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

// ages makes it so long ago that the processes with so many connections were seen.
func ages(t *testing.T, s *store.Store, connections int, by time.Duration) {
	t.Helper()
	if _, err := s.DB().ExecContext(t.Context(), `UPDATE processes SET seen_at = seen_at - $1 WHERE connections = $2`,
		by.Milliseconds(), connections); err != nil {
		t.Fatal(err)
	}
}

// Each process counts what the others hold, as noted last, for two minutes after they
// were seen last.
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
	two.Close() // Slack counts its connections for a while
	wantOthers(t, one, 4)
	ages(t, one, 3, 121*time.Second)
	wantOthers(t, one, 1)
	seen(t, one, 2)
	for age, others := range map[time.Duration]int{99 * time.Second: 1, 121 * time.Second: 0} {
		seen(t, three, 1)
		ages(t, one, 1, age)
		wantOthers(t, one, others)
		seen(t, one, 2)
		if n := processes(t, one); n != 1+others {
			t.Errorf("%d processes are kept when one was not seen for %v", n, age)
		}
	}
}

// Also whoever opens a file of SQLite, and so is the only one, counts what those of
// before held: Slack does for a while.
func TestProcessesOfBeforeAgeOutOnSQLite(t *testing.T) {
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
	seen(t, s, 3)
	wantOthers(t, s, 2)
	ages(t, s, 2, 99*time.Second)
	wantOthers(t, s, 2)
	ages(t, s, 2, 22*time.Second)
	wantOthers(t, s, 0)
	seen(t, s, 3)
	if n := processes(t, s); n != 1 {
		t.Errorf("%d processes are noted two minutes after the start, want 1", n)
	}
}
