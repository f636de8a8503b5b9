package store

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"

	"wfbot/bot/request"
)

// Entry is one entry of the audit trail.
type Entry struct {
	Seq       int64 // 1, 2, 3, … without gaps
	At        time.Time
	RequestID string // empty for what concerns no request
	Kind      string
	Actor     string // Slack user id, or request.Bot
	Detail    map[string]string
	Hash      string // of this entry and, through it, of all before; hexadecimal SHA-256
}

// entry is an Entry on its way into the database.
type entry struct {
	at                     int64
	requestID, kind, actor string
	detail                 string // JSON, as stored and as hashed

	news news // not stored
}

// news says to what something happened that an entry tells.
type news int

const (
	noNews        news = iota // to nothing: somebody was refused, or shown something
	newsOfCard                // to a card, not to a request of it
	newsOfRequest             // to a request
)

// Record appends an event to the audit trail when the transaction commits.
// requestID is empty for what concerns no request. What happened to a request or
// batch itself is recorded by saving it.
func (t *Tx) Record(requestID string, e request.Event) { t.record(requestID, e, noNews) }

func (t *Tx) record(requestID string, e request.Event, of news) {
	detail := e.Detail
	if detail == nil {
		detail = map[string]string{}
	}
	text, err := json.Marshal(detail)
	if err != nil {
		panic(fmt.Sprintf("unreachable: a map of strings always encodes: %v", err))
	}
	t.trail = append(t.trail, entry{at: millis(e.At), requestID: requestID, kind: e.Kind, actor: e.Actor, detail: string(text), news: of})
}

// appendTrail writes the transaction's entries. It locks the head, so it comes
// last: transactions wait for each other only while they commit.
func (t *Tx) appendTrail() error {
	if len(t.trail) == 0 {
		return nil
	}
	var (
		seq, news int64
		hash      string
	)
	if err := t.tx.QueryRowContext(t.ctx, `SELECT seq, news, hash FROM audit_head WHERE id = 1`+t.store.forUpd).Scan(&seq, &news, &hash); err != nil {
		return fmt.Errorf("reading the head of the audit trail: %w", err)
	}
	newest := map[string]int64{} // by request
	for _, e := range t.trail {
		seq++
		if e.news != noNews {
			news = seq
		}
		if e.news == newsOfRequest {
			newest[e.requestID] = seq
		}
		prev := hash
		hash = e.hash(seq, prev)
		if _, err := t.exec(`INSERT INTO audit (seq, at, request_id, kind, actor, detail, prev, hash)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
			seq, e.at, e.requestID, e.kind, e.actor, e.detail, prev, hash); err != nil {
			return fmt.Errorf("appending to the audit trail: %w", err)
		}
	}
	for id, seq := range newest { // rows that this transaction has locked
		if _, err := t.exec(`UPDATE requests SET news = $1 WHERE id = $2`, seq, id); err != nil {
			return fmt.Errorf("noting the news of %s: %w", id, err)
		}
	}
	if _, err := t.exec(`UPDATE audit_head SET seq = $1, news = $2, hash = $3 WHERE id = 1`, seq, news, hash); err != nil {
		return fmt.Errorf("moving the head of the audit trail: %w", err)
	}
	return nil
}

// hash is the SHA-256 of the entry as a JSON array, with its number and the hash
// of the entry before. An auditor can compute it from an export alone.
func (e entry) hash(seq int64, prev string) string {
	text, err := json.Marshal([]any{seq, e.at, e.requestID, e.kind, e.actor, e.detail, prev})
	if err != nil {
		panic(fmt.Sprintf("unreachable: numbers and strings always encode: %v", err))
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}

// Trail returns up to limit entries after number seq, in order.
func (s *Store) Trail(ctx context.Context, seq int64, limit int) ([]Entry, error) {
	var entries []Entry
	err := s.eachEntry(ctx, seq, limit, func(n int64, e entry, _, hash string) error {
		shown := Entry{Seq: n, At: fromMillis(e.at), RequestID: e.requestID, Kind: e.kind, Actor: e.actor, Hash: hash}
		if err := json.Unmarshal([]byte(e.detail), &shown.Detail); err != nil {
			return fmt.Errorf("decoding audit entry %d: %w", n, err)
		}
		entries = append(entries, shown)
		return nil
	})
	return entries, err
}

// VerifyTrail reads the whole audit trail and checks its numbers and hashes. It
// returns how many entries are in order; the error says where the first fault is.
func (s *Store) VerifyTrail(ctx context.Context) (int64, error) {
	var (
		seq, headSeq           int64
		hash, headHash, atHead string // atHead is the hash of entry headSeq
	)
	// The head as it is now: what is appended meanwhile is checked the next time.
	if err := s.db.QueryRowContext(ctx, `SELECT seq, hash FROM audit_head WHERE id = 1`).Scan(&headSeq, &headHash); err != nil {
		return 0, fmt.Errorf("reading the head of the audit trail: %w", err)
	}
	if err := s.eachEntry(ctx, 0, -1, func(n int64, e entry, prev, have string) error {
		switch {
		case n != seq+1:
			return fmt.Errorf("audit entry %d is missing", seq+1)
		case prev != hash || have != e.hash(n, prev):
			return fmt.Errorf("audit entry %d was changed after it was written", n)
		}
		seq, hash = n, have
		if n == headSeq {
			atHead = have
		}
		return nil
	}); err != nil {
		return seq, err
	}
	if seq < headSeq || atHead != headHash {
		return seq, fmt.Errorf("the audit trail ends at entry %d, but its head says %d", seq, headSeq)
	}
	return seq, nil
}

// eachEntry calls do for up to limit entries after number seq; a negative limit
// means all.
func (s *Store) eachEntry(ctx context.Context, seq int64, limit int, do func(n int64, e entry, prev, hash string) error) error {
	query, args := `SELECT seq, at, request_id, kind, actor, detail, prev, hash FROM audit WHERE seq > $1 ORDER BY seq`, []any{seq}
	if limit >= 0 {
		query, args = query+` LIMIT $2`, append(args, limit)
	}
	rows, err := s.db.QueryContext(ctx, query, args...)
	if err != nil {
		return fmt.Errorf("reading the audit trail: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var (
			n          int64
			e          entry
			prev, hash string
		)
		if err := rows.Scan(&n, &e.at, &e.requestID, &e.kind, &e.actor, &e.detail, &prev, &hash); err != nil {
			return fmt.Errorf("reading the audit trail: %w", err)
		}
		if err := do(n, e, prev, hash); err != nil {
			return err
		}
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("reading the audit trail: %w", err)
	}
	return nil
}
