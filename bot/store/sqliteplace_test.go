package store_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"wfbot/bot/store"
)

// What would be stored in a file that is gone from its place, or next to another
// process that has a lock of its own, is refused instead, until it is back.
func TestSQLiteStoresNothingOutOfPlace(t *testing.T) {
	t.Parallel()
	for _, ending := range []string{"", ".lock"} {
		for what, replace := range map[string]func(name string) error{
			"removed":  func(string) error { return nil },
			"replaced": func(name string) error { return os.WriteFile(name, nil, 0o600) },
			"a link":   func(name string) error { return os.Symlink(name+".aside", name) },
		} {
			file := filepath.Join(t.TempDir(), "wfbot.db")
			s := mustOpen(t, "sqlite:"+file)
			insert(t, s, newRequest("r1"))
			name := file + ending
			if err := os.Rename(name, name+".aside"); err != nil {
				t.Fatal(err)
			}
			if err := replace(name); err != nil {
				t.Fatal(err)
			}
			_, accepted := s.Accept(t.Context(), store.Interaction{ID: "w1", Key: "k", ReceivedAt: start})
			_, _, claimed := s.ClaimRequest(t.Context(), start.Add(time.Hour), time.Minute)
			updated := s.Update(t.Context(), start, func(*store.Tx) error { return nil })
			for call, err := range map[string]error{"Accept": accepted, "ClaimRequest": claimed, "Update": updated} {
				if err == nil || !strings.Contains(err.Error(), name+" has been removed or replaced") {
					t.Errorf("wfbot.db%s is %s: %s: %v", ending, what, call, err)
				}
			}
			if err := os.Rename(name+".aside", name); err != nil {
				t.Fatal(err)
			}
			if fresh, err := s.Accept(t.Context(), store.Interaction{ID: "w1", Key: "k", ReceivedAt: start}); err != nil || !fresh {
				t.Errorf("wfbot.db%s was %s and is back: %v, %v", ending, what, fresh, err)
			}
		}
	}
}

// A lock that is not a file of its own beside the database locks something else.
func TestSQLiteWantsALockOfItsOwn(t *testing.T) {
	t.Parallel()
	for what, put := range map[string]func(folder, lock string) error{
		"a link to the database": func(_, lock string) error { return os.Symlink("wfbot.db", lock) },
		"a link to nowhere":      func(folder, lock string) error { return os.Symlink(filepath.Join(folder, "elsewhere"), lock) },
		"a folder":               func(_, lock string) error { return os.Mkdir(lock, 0o700) },
	} {
		folder := t.TempDir()
		lock := filepath.Join(folder, "wfbot.db.lock")
		if err := put(folder, lock); err != nil {
			t.Fatal(err)
		}
		s, err := store.Open(t.Context(), "sqlite:"+filepath.Join(folder, "wfbot.db"), nil)
		if err == nil {
			s.Close()
		}
		if err == nil || !strings.Contains(err.Error(), lock+" is no ordinary file") {
			t.Errorf("%s: %v", what, err)
		}
	}
}

// What is no database of wfbot's is left alone, and the message says what to do.
func TestSQLiteRefusesWhatIsNotItsOwn(t *testing.T) {
	t.Parallel()
	text := filepath.Join(t.TempDir(), "notes.txt")
	if err := os.WriteFile(text, []byte(strings.Repeat("remember the milk\n", 100)), 0o600); err != nil {
		t.Fatal(err)
	}
	foreign := filepath.Join(t.TempDir(), "other.db")
	s := mustOpen(t, "sqlite:"+foreign)
	rows, err := s.DB().Query(`SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name <> 'requests'`)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			t.Fatal(err)
		}
		names = append(names, name)
	}
	rows.Close()
	for _, name := range names { // "requests" is not only a name of ours
		if _, err := s.DB().Exec(`DROP TABLE ` + name); err != nil {
			t.Fatal(err)
		}
	}
	s.Close()
	for file, say := range map[string]string{text: "Name another file in WFBOT_DATABASE_URL", foreign: "the tables of another program: name another file"} {
		if _, err := store.Open(t.Context(), "sqlite:"+file, nil); err == nil || !strings.Contains(err.Error(), file) || !strings.Contains(err.Error(), say) {
			t.Errorf("%s: %v, want %q", file, err, say)
		}
	}
}

func TestSQLiteNamesAreTakenAsTheySeem(t *testing.T) {
	t.Parallel()
	for _, name := range []string{" wfbot.db", "wfbot.db ", `"wfbot.db"`, "'/data/wfbot.db'", "wfbot.db\t", "“wfbot.db”"} {
		if err := store.CheckAddress("sqlite:" + name); err == nil || !strings.Contains(err.Error(), "a space or a quotation mark around the file name") {
			t.Errorf("%q: %v", name, err)
		}
	}
	for _, name := range []string{"wfbot.db", "our bot's.db", "/data/a b.db"} {
		if err := store.CheckAddress("sqlite:" + name); err != nil {
			t.Errorf("%q: %v", name, err)
		}
	}
}
