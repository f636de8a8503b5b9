package store_test

import (
	"database/sql"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"wfbot/bot/store"
)

// A database is read as it is: one of another version is refused, and not changed.
func TestReaderNeverMigrates(t *testing.T) {
	onEachOf(t, 5, func(t *testing.T, db *sql.DB, address string) {
		says := func(want string) {
			t.Helper()
			r, err := store.OpenReader(t.Context(), address)
			if err != nil {
				t.Fatal(err)
			}
			defer r.Close()
			if _, err := r.VerifyTrail(t.Context()); err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("VerifyTrail: %v, want %q", err, want)
			}
			var schema int
			if err := db.QueryRowContext(t.Context(), `SELECT MAX(version_id) FROM goose_db_version`).Scan(&schema); err != nil || schema == 7 {
				t.Errorf("schema %d, %v", schema, err)
			}
		}
		says("an older wfbot has worked on the database last (schema 5)")
		if _, err := db.ExecContext(t.Context(), `INSERT INTO goose_db_version (version_id, is_applied) VALUES (4711, true)`); err != nil {
			t.Fatal(err)
		}
		says("a newer wfbot has worked on the database (schema 4711")
		if _, err := db.ExecContext(t.Context(), `ALTER TABLE goose_db_version RENAME TO other`); err != nil {
			t.Fatal(err)
		}
		if _, err := store.OpenReader(t.Context(), address); err == nil || !strings.Contains(err.Error(), "it is no database of wfbot") {
			t.Errorf("opening another program's: %v", err)
		}
	})
}

// What a killed process left beside the file is read too, and nothing can be written.
func TestReaderOfAKilledProcess(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := filepath.Join(dir, "wfbot.db")
	s := mustOpen(t, "sqlite:"+file)
	insert(t, s, newRequest("r1"))
	left := filepath.Join(dir, "left.db") // as it is on the disk at this moment
	for _, ending := range []string{"", "-wal"} {
		text, err := os.ReadFile(file + ending)
		if err != nil || len(text) == 0 {
			t.Fatalf("nothing in %s: %v", file+ending, err)
		}
		if err := os.WriteFile(left+ending, text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	r, err := store.OpenReader(t.Context(), "sqlite:"+left)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if found, err := r.VerifyTrail(t.Context()); found.Entries != 1 || err != nil {
		t.Errorf("VerifyTrail = %+v, %v, want one entry", found, err)
	}
}

func TestReaderCannotWrite(t *testing.T) {
	onEachAddress(t, func(t *testing.T, address string) {
		s := mustOpen(t, address)
		insert(t, s, newRequest("r1"))
		r, err := store.OpenReader(t.Context(), address)
		if err != nil {
			t.Fatal(err)
		}
		defer r.Close()
		for _, statement := range []string{`DELETE FROM audit`, `UPDATE audit_head SET seq = 0`, `CREATE TABLE more (id BIGINT)`} {
			if _, err := r.DB().ExecContext(t.Context(), statement); err == nil {
				t.Errorf("%s was done", statement)
			}
		}
		inOrder(t, s, 1, 0)
	})
}
