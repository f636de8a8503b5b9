package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"wfbot/bot/request"
)

// insert stores a new request with the events of its making.
func (t *Tx) insert(r *request.Request, position int) error {
	r.Version = 1
	body, err := json.Marshal(r)
	if err != nil {
		return fmt.Errorf("encoding request %s: %w", r.ID, err)
	}
	step, due := dueOf(r, t.now)
	t.due(Requests, due)
	if _, err := t.exec(`INSERT INTO requests
		(id, version, state, workfront_id, created_at, body, step, due_at, email, requester_id, card_id, position)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
		r.ID, r.Version, string(r.State), r.Target.ID, millis(r.CreatedAt), string(body), step, due,
		r.Email, r.Requester.ID, r.CardID, position); err != nil {
		return fmt.Errorf("inserting request %s: %w", r.ID, conflict(err))
	}
	return t.saveRest(r)
}

// Request reads a request to change it in this transaction. ErrNotFound if there
// is none.
func (t *Tx) Request(id string) (*request.Request, error) {
	r, _, err := t.lock(id)
	return r, err
}

// Claimed reads a claimed request to write its result. ErrLeaseLost if somebody
// else has claimed it since: the result must not be used.
func (t *Tx) Claimed(id string, lease Lease) (*request.Request, error) {
	r, token, err := t.lock(id)
	if err == nil && token != lease.Token {
		return nil, fmt.Errorf("request %s: %w", id, ErrLeaseLost)
	}
	return r, err
}

func (t *Tx) lock(id string) (r *request.Request, leaseToken string, err error) {
	r, token, err := scanRequest(t.tx.QueryRowContext(t.ctx,
		`SELECT `+requestColumns+` FROM requests WHERE id = $1`+t.store.forUpd, id))
	if err != nil {
		return nil, "", fmt.Errorf("reading request %s: %w", id, err)
	}
	err = readDecisions(t.ctx, t.tx, r)
	t.read[id] = stored{shownOf(r), len(r.Decisions), token != ""}
	return r, token, err
}

// Save stores a changed request, which was read in this transaction, with its new
// decisions and the events of what changed it. A lease on it stays as it is.
func (t *Tx) Save(r *request.Request) error { return t.save(r, "", t.read[r.ID].claimed) }

// SaveAndRelease is Save, and ends the claim on the request: the one it was changed
// under, or one whose result is not wanted any more.
func (t *Tx) SaveAndRelease(r *request.Request) error {
	return t.save(r, `, lease_token = '', lease_until = 0`, false)
}

// SaveAndKeep is Save, and starts the claim's lease again.
func (t *Tx) SaveAndKeep(r *request.Request, lease time.Duration) error {
	return t.save(r, fmt.Sprintf(`, lease_until = %s + %d`, t.store.now, lease.Milliseconds()), true)
}

func (t *Tx) save(r *request.Request, leases string, claimed bool) error {
	before := r.Version
	r.Version++
	body, err := json.Marshal(r)
	if err != nil {
		return fmt.Errorf("encoding request %s: %w", r.ID, err)
	}
	step, due := dueOf(r, t.now)
	if !claimed {
		t.due(Requests, due)
	}
	changed, err := t.exec(`UPDATE requests SET version = $1, state = $2, workfront_id = $3, body = $4, step = $5, due_at = $6, email = $7`+leases+
		` WHERE id = $8 AND version = $9`,
		r.Version, string(r.State), r.Target.ID, string(body), step, due, r.Email, r.ID, before)
	if err != nil {
		return fmt.Errorf("saving request %s: %w", r.ID, conflict(err))
	}
	if changed != 1 {
		return fmt.Errorf("saving request %s: %w", r.ID, ErrConflict)
	}
	return t.saveRest(r)
}

// conflict makes ErrConflict of what a database says when two transactions
// cannot both have their way: a second open request for a user, a deadlock, a lock
// that did not come. Whatever was tried is then done again from the start.
func conflict(err error) error {
	var lite *sqlite.Error
	if errors.As(err, &lite) && lite.Code() == sqlite3.SQLITE_CONSTRAINT_UNIQUE {
		return ErrConflict
	}
	var postgres *pgconn.PgError
	if errors.As(err, &postgres) && slices.Contains([]string{
		"23505", // unique_violation
		"40001", // serialization_failure
		"40P01", // deadlock_detected
		"55P03", // lock_not_available
	}, postgres.Code) {
		return ErrConflict
	}
	return err
}

// shown is the part of a request that its card goes by: what it shows and says, who it
// asks, and, apart, when it may ask them.
type shown struct {
	look, news, ask int64
	managerAt       time.Time
}

func shownOf(r *request.Request) shown { return shown{r.Look, r.News, r.Ask, r.ManagerAt} }

// stored is how a request stands in the database.
type stored struct {
	shown
	decisions int
	claimed   bool // or was, and nobody has said how it ended
}

// raise notes that the card of r, which was as was when it was read, has something new to
// do, and whether it has something new to show: only then do tries that have failed begin
// again.
func (t *Tx) raise(r *request.Request, was shown) {
	now := shownOf(r)
	if was == now {
		return
	}
	was.managerAt = now.managerAt
	t.raised[r.CardID] = t.raised[r.CardID] || was != now
}

// saveRest appends the decisions that are not stored yet, and the events, and notes
// whether the request's card has something new to do.
func (t *Tx) saveRest(r *request.Request) error {
	was := t.read[r.ID]
	for i := was.decisions; i < len(r.Decisions); i++ {
		d := r.Decisions[i]
		if _, err := t.exec(`INSERT INTO decisions (request_id, seq, kind, slack_id, name, email, at, comment)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
			r.ID, i+1, string(d.Kind), d.By.ID, d.By.Name, d.By.Email, millis(d.At), d.Comment); err != nil {
			return fmt.Errorf("appending a decision to %s: %w", r.ID, err)
		}
	}
	for _, e := range r.TakeEvents() {
		t.record(r.ID, e, newsOfRequest)
	}
	t.raise(r, was.shown)
	t.read[r.ID] = stored{shownOf(r), len(r.Decisions), was.claimed}
	return nil
}

// OpenRequest returns the id of the open request for a Workfront user, or "".
func (t *Tx) OpenRequest(workfrontID string) (string, error) {
	var id string
	err := t.tx.QueryRowContext(t.ctx, `SELECT id FROM requests
		WHERE workfront_id = $1 AND state IN ('pending', 'approved', 'executing')`, workfrontID).Scan(&id)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("looking for an open request: %w", err)
	}
	return id, nil
}

// Request reads a request as it stands. ErrNotFound if there is none.
func (s *Store) Request(ctx context.Context, id string) (*request.Request, error) {
	r, _, err := scanRequest(s.db.QueryRowContext(ctx, `SELECT `+requestColumns+` FROM requests WHERE id = $1`, id))
	if err != nil {
		return nil, fmt.Errorf("reading request %s: %w", id, err)
	}
	return r, readDecisions(ctx, s.db, r)
}

// requestColumns are what scanRequest reads.
const requestColumns = `id, body, COALESCE((SELECT channel FROM cards WHERE cards.id = card_id), ''), COALESCE((SELECT ts FROM cards WHERE cards.id = card_id), ''), lease_token`

type scanner interface{ Scan(...any) error }

// scanRequest reads a request without its decisions; what cannot be decoded has its ID
// alone.
func scanRequest(row scanner) (r *request.Request, leaseToken string, err error) {
	r = new(request.Request)
	var id, body string
	if err := row.Scan(&id, &body, &r.Channel, &r.TS, &leaseToken); err != nil {
		if errors.Is(err, sql.ErrNoRows) {
			return nil, "", ErrNotFound
		}
		return nil, "", err
	}
	if err := json.Unmarshal([]byte(body), r); err != nil {
		return &request.Request{ID: id}, "", &UnreadableError{"request " + id, err}
	}
	if r.ID != id {
		return &request.Request{ID: id}, "", &UnreadableError{"request " + id, errNotItself}
	}
	if !r.State.Known() || !r.Action.Known() {
		return &request.Request{ID: id}, "", &UnreadableError{"request " + id, errNewer}
	}
	return r, leaseToken, nil
}

type queryer interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

func readDecisions(ctx context.Context, q queryer, r *request.Request) error {
	rows, err := q.QueryContext(ctx, `SELECT request_id, kind, slack_id, name, email, at, comment FROM decisions
		WHERE request_id = $1 ORDER BY seq`, r.ID)
	if err != nil {
		return fmt.Errorf("reading decisions of %s: %w", r.ID, err)
	}
	defer rows.Close()
	r.Decisions = nil
	for rows.Next() {
		var id string
		d, err := scanDecision(rows, &id)
		if err != nil {
			return &UnreadableError{"request " + r.ID, err}
		}
		r.Decisions = append(r.Decisions, d)
	}
	return rows.Err()
}

func scanDecision(row scanner, requestID *string) (d request.Decision, err error) {
	var at int64
	err = row.Scan(requestID, &d.Kind, &d.By.ID, &d.By.Name, &d.By.Email, &at, &d.Comment)
	d.At = fromMillis(at)
	return d, err
}
