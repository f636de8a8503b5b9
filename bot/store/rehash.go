package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"time"

	"github.com/pressly/goose/v3"

	"wfbot/bot/request"
)

// rehash is the migration after which audit entries hold the hash of their detail in
// place of the detail, so that a detail can be erased and the chain still verifies.
var rehash = goose.NewGoMigration(7, &goose.GoFunc{RunTx: rehashTrail}, nil)

const (
	// rehashed is the kind of the entry that tells what the trail was before.
	rehashed = "trail hashed anew"
	// rehashPage is how many entries are held in memory at once.
	rehashPage = 500
)

// The new columns have no default: an older program that still runs fails to append
// instead of breaking the chain.
const createAudit = `CREATE TABLE audit_anew (
	seq         BIGINT NOT NULL PRIMARY KEY,
	at          BIGINT NOT NULL,
	request_id  TEXT   NOT NULL, -- '' for what concerns no request
	kind        TEXT   NOT NULL,
	actor       TEXT   NOT NULL, -- Slack user id, or wfbot
	salt        TEXT   NOT NULL, -- random; '' with detail '': the detail was erased
	detail      TEXT   NOT NULL, -- JSON object of strings
	detail_hash TEXT   NOT NULL, -- SHA-256 of salt and detail, one after the other
	prev        TEXT   NOT NULL,
	hash        TEXT   NOT NULL  -- holds detail_hash in place of detail
)`

// rehashTrail hashes all audit entries again. The old chain is verified on the way, and
// an entry at its end keeps what its head was: whoever noted that can compare.
//
// A fault in the old chain does not stop it. The fault was there before, the program
// has worked with it, and whoever can damage one entry must not be able to lock
// everybody out of what is approved and waiting. But the new hashes cover the
// damaged entry as it is, and no longer show it: so the entry at the end names it,
// for good, and VerifyTrail and the log say it.
func rehashTrail(ctx context.Context, tx *sql.Tx) error {
	// An older program that is about to append waits for this row, and then finds
	// that it cannot.
	if _, err := tx.ExecContext(ctx, `UPDATE audit_head SET seq = seq WHERE id = 1`); err != nil {
		return fmt.Errorf("locking the head of the audit trail: %w", err)
	}
	var head oldTrail
	if err := tx.QueryRowContext(ctx, `SELECT seq, hash FROM audit_head WHERE id = 1`).Scan(&head.seq, &head.hash); err != nil {
		return fmt.Errorf("reading the head of the audit trail: %w", err)
	}
	if _, err := tx.ExecContext(ctx, createAudit); err != nil {
		return fmt.Errorf("creating the new audit trail: %w", err)
	}
	var old oldTrail
	entries, last := 0, ""
	for after := int64(-1 << 62); ; { // whatever numbers a damaged trail has
		page, err := old.page(ctx, tx, after)
		if err != nil {
			return err
		}
		if len(page) == 0 {
			break
		}
		if last, err = insertSealed(ctx, tx, page, last); err != nil {
			return err
		}
		entries, after = entries+len(page), page[len(page)-1].seq
	}
	if old.fault == "" && (old.seq != head.seq || old.hash != head.hash) {
		old.fault = fmt.Sprintf("the audit trail ends at entry %d, but its head says %d", old.seq, head.seq)
	}
	seq := max(head.seq, old.seq) // no number is given out a second time
	if entries > 0 || old.fault != "" {
		seq++
		end := entry{at: millis(time.Now()), kind: rehashed, actor: request.Bot, detail: rehashDetail(entries, head, old.fault)}
		var err error
		if last, err = insertSealed(ctx, tx, []numbered{{seq, end}}, last); err != nil {
			return err
		}
	}
	if _, err := tx.ExecContext(ctx, `UPDATE audit_head SET seq = $1, hash = $2 WHERE id = 1`, seq, last); err != nil {
		return fmt.Errorf("moving the head of the audit trail: %w", err)
	}
	for _, statement := range []string{
		`DROP TABLE audit`,
		`ALTER TABLE audit_anew RENAME TO audit`,
		`CREATE INDEX audit_request ON audit (request_id, seq)`,
	} {
		if _, err := tx.ExecContext(ctx, statement); err != nil {
			return fmt.Errorf("%s: %w", statement, err)
		}
	}
	return nil
}

func rehashDetail(entries int, head oldTrail, fault string) string {
	detail, err := json.Marshal(map[string]string{
		"entries": strconv.Itoa(entries), "old_head": head.hash, "old_head_number": strconv.FormatInt(head.seq, 10),
		"verified": strconv.FormatBool(fault == ""), "fault": fault,
	})
	if err != nil {
		panic(fmt.Sprintf("unreachable: a map of strings always encodes: %v", err))
	}
	return string(detail)
}

// faultBefore is the fault that an entry of the kind rehashed names; empty: none.
func faultBefore(detail string) string {
	var said struct{ Fault string }
	if json.Unmarshal([]byte(detail), &said) != nil { // erased, which nothing of ours does
		return "what the trail was before it was hashed anew is erased"
	}
	return said.Fault
}

// oldTrail is how far the chain of before has been read: its last entry, and the
// first fault in it.
type oldTrail struct {
	seq         int64
	hash, fault string
}

// numbered is an entry with its number.
type numbered struct {
	seq int64
	entry
}

// page reads the entries after number after, some hundreds at most, and verifies
// them.
func (t *oldTrail) page(ctx context.Context, tx *sql.Tx, after int64) (page []numbered, err error) {
	rows, err := tx.QueryContext(ctx, `SELECT seq, at, request_id, kind, actor, detail, prev, hash FROM audit
		WHERE seq > $1 ORDER BY seq LIMIT $2`, after, rehashPage)
	if err != nil {
		return nil, fmt.Errorf("reading the audit trail: %w", err)
	}
	for rows.Next() {
		var (
			e          numbered
			prev, hash string
		)
		if err := rows.Scan(&e.seq, &e.at, &e.requestID, &e.kind, &e.actor, &e.detail, &prev, &hash); err != nil {
			return nil, errors.Join(fmt.Errorf("reading the audit trail: %w", err), rows.Close())
		}
		switch {
		case t.fault != "": // one is enough to know
		case e.seq != t.seq+1:
			t.fault = fmt.Sprintf("audit entry %d is missing", t.seq+1)
		case prev != t.hash || hash != hexSHA256(jsonArray(e.seq, e.at, e.requestID, e.kind, e.actor, e.detail, prev)):
			t.fault = fmt.Sprintf("audit entry %d was changed after it was written", e.seq)
		}
		t.seq, t.hash = e.seq, hash
		page = append(page, e)
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		return nil, fmt.Errorf("reading the audit trail: %w", err)
	}
	return page, nil
}

// insertSealed appends entries to the new chain, whose last hash is prev, and
// returns the hash of the last of them.
func insertSealed(ctx context.Context, tx *sql.Tx, page []numbered, prev string) (last string, err error) {
	var (
		places []string
		values []any
	)
	for _, e := range page {
		e.seal()
		hash := e.hash(e.seq, prev)
		row := []any{e.seq, e.at, e.requestID, e.kind, e.actor, e.salt, e.detail, e.detailHash, prev, hash}
		names := make([]string, len(row))
		for i := range row {
			names[i] = "$" + strconv.Itoa(len(values)+i+1)
		}
		places, values, prev = append(places, "("+strings.Join(names, ", ")+")"), append(values, row...), hash
	}
	if _, err := tx.ExecContext(ctx, `INSERT INTO audit_anew (`+auditColumns+`) VALUES `+strings.Join(places, ", "), values...); err != nil {
		return "", fmt.Errorf("writing the new audit trail: %w", err)
	}
	return prev, nil
}

// sayRehashed tells the operator of a fault that was found when the trail was hashed
// again.
func (s *Store) sayRehashed(ctx context.Context, log *slog.Logger) error {
	var (
		seq    int64
		detail string
	)
	err := s.db.QueryRowContext(ctx, `SELECT seq, detail FROM audit WHERE kind = $1 ORDER BY seq DESC LIMIT 1`, rehashed).Scan(&seq, &detail)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return nil
	case err != nil:
		return fmt.Errorf("reading what became of the audit trail: %w", err)
	}
	if fault := faultBefore(detail); fault != "" {
		log.Error("the audit trail was not as it had been written: compare it with a copy of the database from before this start. wfbot goes on, "+
			"and the trail keeps this", "fault", fault, "entry", seq)
	}
	return nil
}
