package store_test

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"wfbot/bot/store"
)

// A fault that the trail had before it is hashed again locks nobody out, but is said for
// good.
func TestFaultInTheOldTrailIsKept(t *testing.T) {
	for name, tc := range map[string]struct {
		damage, fault string
		still         string // what VerifyTrail says, since it still shows
	}{
		"a changed actor":      {`UPDATE audit SET actor = 'U9' WHERE seq = 7`, "audit entry 7 was changed after it was written", ""},
		"a changed detail":     {`UPDATE audit SET detail = '{}' WHERE seq = 89`, "audit entry 89 was changed after it was written", ""},
		"two changed entries":  {`UPDATE audit SET at = at + 1 WHERE seq IN (12, 40)`, "audit entry 12 was changed after it was written", ""},
		"a changed last entry": {`UPDATE audit SET hash = prev WHERE seq = 90`, "audit entry 90 was changed after it was written", ""},
		"a changed head":       {`UPDATE audit_head SET hash = 'x'`, "the audit trail ends at entry 90, but its head says 90", ""},
		"a removed entry":      {`DELETE FROM audit WHERE seq = 30`, "audit entry 30 is missing", "audit entry 30 is missing"},
		"a removed last entry": {`DELETE FROM audit WHERE seq = 90`, "the audit trail ends at entry 89, but its head says 90", "audit entry 90 is missing"},
		"an emptied trail":     {`DELETE FROM audit`, "the audit trail ends at entry 0, but its head says 90", "audit entry 1 is missing"},
	} {
		t.Run(name, func(t *testing.T) {
			onEachOf(t, 5, func(t *testing.T, db *sql.DB, address string) {
				if _, err := db.ExecContext(t.Context(), tc.damage); err != nil {
					t.Fatal(err)
				}
				db.Close()
				var log bytes.Buffer
				s, err := store.Open(t.Context(), address, slog.New(slog.NewTextHandler(&log, nil)))
				if err != nil {
					t.Fatalf("the operator is locked out: %v", err)
				}
				if !strings.Contains(log.String(), tc.fault) {
					t.Errorf("the log says %q, want %q", log.String(), tc.fault)
				}
				insert(t, s, newRequest("new"))
				s.Close()
				s = mustOpen(t, address)
				found, err := s.VerifyTrail(t.Context())
				if tc.still == "" && (found.Before != tc.fault || err != nil) || tc.still != "" && (err == nil || err.Error() != tc.still) {
					t.Errorf("VerifyTrail = %+v, %v", found, err)
				}
				entries, err := s.Trail(t.Context(), 90, 10)
				if err != nil || len(entries) != 2 {
					t.Fatalf("%d entries after the old ones, %v, want 2", len(entries), err)
				}
				if e := entries[0]; e.Seq != 91 || e.Detail["verified"] != "false" || e.Detail["fault"] != tc.fault {
					t.Errorf("entry %d says %v, want %q", e.Seq, e.Detail, tc.fault)
				}
			})
		})
	}
}

// A trail of more than a page of the migration is hashed again whole, and the hashes of
// before can be compared.
func TestLongTrailIsHashedAnew(t *testing.T) {
	onEachOf(t, 5, func(t *testing.T, db *sql.DB, address string) {
		const more = 1410 // with the 90 entries of before three whole pages
		head := lengthen(t, db, more)
		db.Close()
		s := mustOpen(t, address)
		inOrder(t, s, 90+more+1, 0)
		entries, err := s.Trail(t.Context(), 90+more, 2)
		if err != nil || len(entries) != 1 {
			t.Fatalf("%v, %v", entries, err)
		}
		want := map[string]string{"entries": "1500", "old_head": head, "old_head_number": "1500", "verified": "true", "fault": ""}
		if got := entries[0].Detail; fmt.Sprint(got) != fmt.Sprint(want) || entries[0].Actor != "wfbot" {
			t.Errorf("the last entry says %v, want %v", got, want)
		}
	})
}

// lengthen appends entries to the trail of a database of schema 5 as its version did,
// and returns the hash of the last.
func lengthen(t *testing.T, db *sql.DB, more int) (hash string) {
	t.Helper()
	tx, err := db.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback()
	var seq int64
	if err := tx.QueryRowContext(t.Context(), `SELECT seq, hash FROM audit_head`).Scan(&seq, &hash); err != nil {
		t.Fatal(err)
	}
	for range more {
		seq++
		if hash, err = appendOld(t.Context(), tx, seq, hash); err != nil {
			t.Fatal(err)
		}
	}
	if err := tx.Commit(); err != nil {
		t.Fatal(err)
	}
	return hash
}

// appendOld appends an entry as the version of schema 5 did.
func appendOld(ctx context.Context, tx *sql.Tx, seq int64, prev string) (hash string, err error) {
	const detail = `{"comment":"\u003cü \"€\"\u003e"}`
	hash = store.OldHash(seq, 1794474025000+seq, "R1", "reminded", "wfbot", detail, prev)
	_, err = tx.ExecContext(ctx, `INSERT INTO audit (seq, at, request_id, kind, actor, detail, prev, hash) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
		seq, 1794474025000+seq, "R1", "reminded", "wfbot", detail, prev, hash)
	if err == nil {
		_, err = tx.ExecContext(ctx, `UPDATE audit_head SET seq = $1, hash = $2`, seq, hash)
	}
	return hash, err
}

// A program of the version before that still runs fails to append, and breaks
// nothing.
func TestOlderProgramCannotAppend(t *testing.T) {
	onEachOf(t, 5, func(t *testing.T, db *sql.DB, address string) {
		s := mustOpen(t, address)
		before, err := s.VerifyTrail(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		tx, err := s.DB().BeginTx(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		_, err = appendOld(t.Context(), tx, before.Entries+1, "x")
		if err := tx.Rollback(); err != nil && !errors.Is(err, sql.ErrTxDone) {
			t.Fatal(err)
		}
		if err == nil {
			t.Error("an entry of the old form was appended")
		}
		if after, err := s.VerifyTrail(t.Context()); after != before || err != nil {
			t.Errorf("VerifyTrail = %+v, %v", after, err)
		}
	})
}

// A new database has no old hashes to tell of.
func TestNewTrailIsEmpty(t *testing.T) {
	onEach(t, func(t *testing.T, open func() *store.Store) {
		if found, err := open().VerifyTrail(t.Context()); found != (store.Verified{}) || err != nil {
			t.Errorf("VerifyTrail = %+v, %v", found, err)
		}
	})
}
