package store

import (
	"context"
	"crypto/rand"
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
	Erased    bool // Detail was erased since

	// What the chain is made of; see docs/audit.md. Salt is empty where Erased.
	Salt, DetailHash, Prev string
	Hash                   string // of this entry and, through it, of all before; hexadecimal SHA-256
}

// entry is an Entry as the database keeps it.
type entry struct {
	at                     int64
	requestID, kind, actor string
	// detail is JSON, and salt a random text of its own, so that nobody can find an
	// erased detail by trying what may have stood there. Both empty: erased.
	salt, detail string
	detailHash   string // stays when the detail is erased, and is what the chain holds

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
// card itself is recorded by saving it.
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
	made := entry{at: millis(e.At), requestID: requestID, kind: e.Kind, actor: e.Actor, detail: string(text), news: of}
	made.seal()
	t.trail = append(t.trail, made)
	t.told = append(t.told, told{requestID, e})
}

// seal gives the entry a salt, and with it the hash of its detail.
func (e *entry) seal() {
	salt := make([]byte, 16)
	rand.Read(salt) // never fails
	e.salt = hex.EncodeToString(salt)
	e.detailHash = hexSHA256(e.salt + e.detail)
}

// erased reports whether the detail was erased since.
func (e entry) erased() bool { return e.salt == "" && e.detail == "" }

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
			t.due(Homes, millis(t.now.Add(homeSoon)))
		}
		if e.news == newsOfRequest {
			newest[e.requestID] = seq
		}
		prev := hash
		hash = e.hash(seq, prev)
		if _, err := t.exec(`INSERT INTO audit (`+auditColumns+`)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
			seq, e.at, e.requestID, e.kind, e.actor, e.salt, e.detail, e.detailHash, prev, hash); err != nil {
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

// auditColumns are in the order that eachEntry reads them in.
const auditColumns = `seq, at, request_id, kind, actor, salt, detail, detail_hash, prev, hash`

// hash is the SHA-256 of the entry as a JSON array, with its number, the hash of its
// detail and the hash of the entry before. An auditor can compute it from an export
// alone, whether or not details are erased.
func (e entry) hash(seq int64, prev string) string {
	return hexSHA256(jsonArray(seq, e.at, e.requestID, e.kind, e.actor, e.detailHash, prev))
}

func jsonArray(values ...any) string {
	text, err := json.Marshal(values)
	if err != nil {
		panic(fmt.Sprintf("unreachable: numbers and strings always encode: %v", err))
	}
	return string(text)
}

func hexSHA256(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

// Trail returns up to limit entries after number seq, in order.
func (s *Store) Trail(ctx context.Context, seq int64, limit int) ([]Entry, error) {
	return readTrail(ctx, s.db, seq, limit)
}

func readTrail(ctx context.Context, q queryer, seq int64, limit int) (entries []Entry, err error) {
	err = auditPage(ctx, q, seq, limit, func(n int64, e entry, prev, hash string) error {
		shown, err := e.shown(n, prev, hash)
		entries = append(entries, shown)
		return err
	})
	return entries, err
}

// shown is the entry as others read it.
func (e entry) shown(n int64, prev, hash string) (Entry, error) {
	shown := Entry{
		Seq: n, At: fromMillis(e.at), RequestID: e.requestID, Kind: e.kind, Actor: e.actor,
		Salt: e.salt, DetailHash: e.detailHash, Prev: prev, Hash: hash,
	}
	if shown.Erased = e.erased(); !shown.Erased {
		if err := json.Unmarshal([]byte(e.detail), &shown.Detail); err != nil {
			return shown, fmt.Errorf("decoding audit entry %d: %w", n, err)
		}
	}
	return shown, nil
}

// pageOfEntries is how many entries are read, and held in memory, at once.
const pageOfEntries = 500

// eachEntry calls do for all entries after number seq. It reads them page by page: no
// statement runs for long, however long the trail is, and nobody waits for it.
func eachEntry(ctx context.Context, q queryer, seq int64, do func(n int64, e entry, prev, hash string) error) error {
	for last, read := seq, pageOfEntries; read == pageOfEntries; {
		read = 0
		if err := auditPage(ctx, q, last, pageOfEntries, func(n int64, e entry, prev, hash string) error {
			last, read = n, read+1
			return do(n, e, prev, hash)
		}); err != nil {
			return err
		}
	}
	return nil
}

// auditPage calls do for up to limit entries after number seq.
func auditPage(ctx context.Context, q queryer, seq int64, limit int, do func(n int64, e entry, prev, hash string) error) error {
	rows, err := q.QueryContext(ctx, `SELECT `+auditColumns+` FROM audit WHERE seq > $1 ORDER BY seq LIMIT $2`, seq, limit)
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
		if err := rows.Scan(&n, &e.at, &e.requestID, &e.kind, &e.actor, &e.salt, &e.detail, &e.detailHash, &prev, &hash); err != nil {
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
