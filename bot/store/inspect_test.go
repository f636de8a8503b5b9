package store_test

import (
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"wfbot/bot/store"
)

// filesIn are the files of a folder with their size and when they were changed. They
// are not opened: to close one again would drop SQLite's locks in this process.
func filesIn(t *testing.T, folder string) map[string]string {
	t.Helper()
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]string{}
	for _, e := range entries {
		at, err := e.Info()
		if err != nil {
			t.Fatal(err)
		}
		all[e.Name()] = fmt.Sprint(at.Size(), at.ModTime().UnixNano())
	}
	return all
}

// A database is looked at whether or not somebody works on it, and stays as it is.
func TestInspect(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	address := "sqlite:" + filepath.Join(folder, "wfbot.db")
	found, err := store.Inspect(t.Context(), address)
	if err != nil || !found.Missing || len(filesIn(t, folder)) != 0 {
		t.Errorf("before it is there: %+v, %v, files %q", found, err, slices.Collect(maps.Keys(filesIn(t, folder))))
	}
	s := mustOpen(t, address)
	if err := s.Update(t.Context(), time.Now(), func(tx *store.Tx) error {
		return tx.Bind(store.Binding{Workfront: "acme.my.workfront.adobe.com", Slack: "T0ACME"})
	}); err != nil {
		t.Fatal(err)
	}
	if err := s.ProcessSeen(t.Context(), 2); err != nil {
		t.Fatal(err)
	}
	look := func(when string) {
		t.Helper()
		before := filesIn(t, folder)
		found, err := store.Inspect(t.Context(), address)
		if err != nil || found.Missing || found.Schema != found.Newest || found.Processes != 1 || found.Connections != 2 ||
			found.Binding != (store.Binding{Workfront: "acme.my.workfront.adobe.com", Slack: "T0ACME"}) {
			t.Errorf("%s: %+v, %v", when, found, err)
		}
		after := filesIn(t, folder)
		for _, name := range []string{"wfbot.db", "wfbot.db-wal"} {
			if before[name] != after[name] {
				t.Errorf("%s: %s was changed", when, name)
			}
		}
	}
	look("while somebody works on it")
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	look("afterwards")
	if s, err := store.Open(t.Context(), address, nil); err != nil {
		t.Errorf("it cannot be opened any more: %v", err)
	} else {
		s.Close()
	}
}

func TestInspectOlderAndNewer(t *testing.T) {
	onEachOf(t, 5, func(t *testing.T, db *sql.DB, address string) {
		found, err := store.Inspect(t.Context(), address)
		if err != nil || found.Schema != 5 || found.Newest <= 5 || found.Missing {
			t.Errorf("an older one: %+v, %v", found, err)
		}
		if _, err := db.ExecContext(t.Context(), `INSERT INTO goose_db_version (version_id, is_applied) VALUES (4711, true)`); err != nil {
			t.Fatal(err)
		}
		if _, err := store.Inspect(t.Context(), address); err == nil || !strings.Contains(err.Error(), "a newer wfbot has worked on the database (schema 4711") {
			t.Errorf("a newer one: %v", err)
		}
		if _, err := db.ExecContext(t.Context(), `DROP TABLE goose_db_version`); err != nil {
			t.Fatal(err)
		}
		found, err = store.Inspect(t.Context(), address)
		if isFile := strings.HasPrefix(address, "sqlite:"); isFile == (err == nil) || found.Missing == isFile {
			t.Errorf("none of wfbot's: %+v, %v", found, err)
		}
	})
}

// What keeps a wfbot from working on a database is said as when it starts.
func TestInspectRefuses(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	hard := filepath.Join(folder, "hard.db")
	if err := errors.Join(os.WriteFile(hard, nil, 0o600), os.Link(hard, filepath.Join(folder, "other.db")), os.WriteFile(filepath.Join(folder, "text.db"), []byte(strings.Repeat("no database ", 999)), 0o600)); err != nil {
		t.Fatal(err)
	}
	for address, want := range map[string]string{
		"sqlite:" + folder + "/none/wfbot.db": "does not exist: create it",
		"sqlite:" + folder:                    "it is a folder",
		"sqlite:" + hard:                      "has 2 names",
		"sqlite:" + folder + "/text.db":       "not a database",
		"mysql://db/wfbot":                    "must be sqlite: and a file name",
		"postgres://u:S3CRET@127.0.0.1:9/x":   "127.0.0.1",
	} {
		if _, err := store.Inspect(t.Context(), address); err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "S3CRET") {
			t.Errorf("%s: %v, want %q", address, err, want)
		}
	}
}

func TestCheckBinding(t *testing.T) {
	t.Parallel()
	b := store.Binding{Workfront: "old.example.com", Slack: "T0ACME"}
	for _, tc := range []struct {
		why string
		err error
		bad bool
	}{
		{"nothing yet", store.Binding{}.CheckWorkfront("new.example.com", ""), false},
		{"the same Workfront", b.CheckWorkfront("old.example.com", ""), false},
		{"it has moved", b.CheckWorkfront("new.example.com", "old.example.com"), false},
		{"another Workfront", b.CheckWorkfront("new.example.com", ""), true},
		{"another one than it has moved from", b.CheckWorkfront("new.example.com", "third.example.com"), true},
		{"no workspace yet", store.Binding{}.CheckSlack("T0ACME", ""), false},
		{"the same workspace", b.CheckSlack("T0ACME", ""), false},
		{"another workspace", b.CheckSlack("T0OTHER", "https://other.slack.com/"), true},
	} {
		if _, is := errors.AsType[*store.BindingError](tc.err); is != tc.bad {
			t.Errorf("%s: %v", tc.why, tc.err)
		}
	}
}
