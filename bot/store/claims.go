package store

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"wfbot/bot/request"
)

// Lease is a claim on a row: whoever holds the token may write the row's result.
type Lease struct {
	Token string
	table string // of the row
}

// ClaimRequest hands the request that has been due longest to the caller, for the
// length of lease; those that only want to be counted for come last. It returns nil when
// none is due at now, those for one of the steps in except left out. With an
// *UnreadableError the claim was made, of the request nothing but its ID is known, and it
// is the caller's to set aside. Another error says nothing about whether a claim was
// made; the next call finds out.
func (s *Store) ClaimRequest(ctx context.Context, now time.Time, lease time.Duration, except ...request.Step) (*request.Request, Lease, error) {
	id, l, err := s.claimDue(ctx, "requests", countsLast, now, lease, except...)
	if err != nil || l == (Lease{}) {
		return nil, Lease{}, err
	}
	r, err := s.Request(ctx, id)
	switch {
	case Unreadable(err):
		return &request.Request{ID: id}, l, err
	case err != nil: // it is ours, and nobody works on it
		s.idle.put(l)
		return nil, Lease{}, err
	}
	return r, l, nil
}

// ClaimCard is ClaimRequest for cards.
func (s *Store) ClaimCard(ctx context.Context, now time.Time, lease time.Duration) (*request.Card, Lease, error) {
	id, l, err := s.claimDue(ctx, "cards", "due_at", now, lease)
	if err != nil || l == (Lease{}) {
		return nil, Lease{}, err
	}
	c, err := s.Card(ctx, id)
	switch {
	case Unreadable(err):
		return &request.Card{ID: id}, l, err
	case err != nil: // it is ours, and nobody works on it
		s.idle.put(l)
		return nil, Lease{}, err
	}
	return c, l, nil
}

// countsLast is the order of requests: fifty people of one card are not counted
// for before somebody else is looked up.
const countsLast = `CASE step WHEN '` + string(request.CountHoldings) + `' THEN 1 ELSE 0 END, due_at`

// claimDue claims the first row in that order that is due. The zero Lease means
// that none is.
func (s *Store) claimDue(ctx context.Context, table, order string, now time.Time, lease time.Duration,
	except ...request.Step) (id string, l Lease, err error) {
	l, err = s.claim(ctx, table, func(ctx context.Context, l Lease) error {
		but, args := notFor(except, 4)
		return s.db.QueryRowContext(ctx, `UPDATE `+table+` SET lease_token = $1, lease_until = `+s.now+` + $3 WHERE id = (
				SELECT id FROM `+table+` WHERE due_at <= $2 AND set_aside_at = 0 AND (lease_until <= `+s.now+` OR lease_token = $1)`+but+`
				ORDER BY `+order+` LIMIT 1`+s.skip+`)
			RETURNING id`, append([]any{l.Token, millis(now), lease.Milliseconds()}, args...)...).Scan(&id)
	})
	return id, l, err
}

// notFor is the condition that a row is not due for one of the steps, and its
// arguments, numbered from first.
func notFor(except []request.Step, first int) (condition string, args []any) {
	if len(except) == 0 {
		return "", nil
	}
	var places []string
	for i, step := range except {
		places, args = append(places, "$"+strconv.Itoa(first+i)), append(args, string(step))
	}
	return ` AND step NOT IN (` + strings.Join(places, ", ") + `)`, args
}

// ClaimInteraction hands the oldest due interaction to the caller, for the length of lease. It
// returns nil when none is due at now. For holdFor, what this process accepted or
// judged is given to no other: only it can answer through what Slack lent it. An
// error is as that of ClaimRequest; what can be decoded of the interaction comes with an
// *UnreadableError.
func (s *Store) ClaimInteraction(ctx context.Context, now time.Time, lease time.Duration) (*Interaction, Lease, error) {
	var id, body string
	l, err := s.claim(ctx, "interactions", func(ctx context.Context, l Lease) error {
		return s.db.QueryRowContext(ctx, `UPDATE interactions SET lease_token = $1, lease_until = `+s.now+` + $3 WHERE id = (
				SELECT id FROM interactions WHERE due_at <= $2 AND set_aside_at = 0 AND (lease_until <= `+s.now+` OR lease_token IN ($1, $4))
				ORDER BY due_at LIMIT 1`+s.skip+`)
			RETURNING id, body`, l.Token, millis(now), lease.Milliseconds(), s.process).Scan(&id, &body)
	})
	if err != nil || l == (Lease{}) {
		return nil, Lease{}, err
	}
	w, err := decodeInteraction(id, body)
	return w, l, err
}

// claim runs one claiming statement on a table within callFor. The zero Lease
// means that no row was due.
func (s *Store) claim(ctx context.Context, table string, run func(context.Context, Lease) error) (Lease, error) {
	ctx, cancel := context.WithTimeout(ctx, callFor)
	defer cancel()
	if err := s.inPlace(); err != nil {
		return Lease{}, fmt.Errorf("claiming a row: %w", err)
	}
	l, ok := s.idle.take(table)
	if !ok {
		l = Lease{Token: s.process + "/" + rand.Text(), table: table}
	}
	switch err := run(ctx, l); {
	case errors.Is(err, sql.ErrNoRows):
		return Lease{}, nil
	case err != nil:
		s.idle.put(l)
		return Lease{}, fmt.Errorf("claiming a row: %w", err)
	}
	return l, nil
}

// idleLeases are those under which a row may be claimed and nobody works on it,
// since a claim or a release was not answered. Asking again under the same lease
// finds the row, which would otherwise lie idle until the lease has ended.
type idleLeases struct {
	mu     sync.Mutex
	leases []Lease
}

func (i *idleLeases) take(table string) (l Lease, ok bool) {
	i.mu.Lock()
	defer i.mu.Unlock()
	at := slices.IndexFunc(i.leases, func(l Lease) bool { return l.table == table })
	if at < 0 {
		return Lease{}, false
	}
	l = i.leases[at]
	i.leases = slices.Delete(i.leases, at, at+1)
	return l, true
}

func (i *idleLeases) put(l Lease) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.leases = append(i.leases, l)
}

// Release ends a claim without a result: the row may be claimed again after wait.
// If that fails, this process's next claim gets the row.
func (s *Store) Release(ctx context.Context, l Lease, wait time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, callFor)
	defer cancel()
	if _, err := s.db.ExecContext(ctx, `UPDATE `+l.table+` SET lease_until = `+s.now+` + $1 WHERE lease_token = $2`,
		wait.Milliseconds(), l.Token); err != nil {
		s.idle.put(l)
		return fmt.Errorf("releasing a claim: %w", err)
	}
	return nil
}

// mostWhy bounds, in bytes, the reason that is kept of a row that is set aside: what
// cannot be decoded may stand in it.
const mostWhy = 300

// SetAside ends a claim on a row that cannot be decoded or handled, because of why:
// it is claimed no more before TakeUpSetAside. The audit trail says so. A Home tab is
// forgotten until it is opened again. If that fails, this process's next claim gets the row.
func (s *Store) SetAside(ctx context.Context, l Lease, why string, now time.Time) error {
	ctx, cancel := context.WithTimeout(ctx, callFor)
	defer cancel()
	why = strings.ToValidUTF8(why[:min(len(why), mostWhy)], "")
	err := s.Update(ctx, now, func(t *Tx) error {
		if l.table == "homes" {
			_, err := t.exec(`UPDATE homes SET lease_token = '', lease_until = 0, opened_at = 0 WHERE lease_token = $1`, l.Token)
			return err
		}
		set, err := ids(t.ctx, t.tx, `UPDATE `+l.table+` SET lease_token = '', lease_until = 0, set_aside_at = $2, set_aside_why = $3
			WHERE lease_token = $1 RETURNING id`, l.Token, millis(now), why)
		for _, id := range set {
			t.Record("", request.Event{At: now, Kind: "set aside", Actor: request.Bot, Detail: map[string]string{"in": l.table, "id": id, "why": why}})
		}
		return err
	})
	if err != nil {
		s.idle.put(l)
		return fmt.Errorf("setting a row aside: %w", err)
	}
	return nil
}

// TakeUpSetAside makes all rows that are set aside due again.
func (s *Store) TakeUpSetAside(ctx context.Context) error {
	return s.Update(ctx, time.Time{}, func(t *Tx) error {
		for _, table := range []string{"requests", "cards", "interactions", "duties"} {
			if _, err := t.exec(`UPDATE ` + table + ` SET set_aside_at = 0, set_aside_why = '', due_at = COALESCE(due_at, 0) WHERE set_aside_at > 0`); err != nil {
				return fmt.Errorf("taking up %s that are set aside: %w", table, err)
			}
		}
		return nil
	})
}

// NextInteraction returns when, by the caller's clock that shows now, the next interaction can
// be claimed by this process; ok is false when none is waiting.
func (s *Store) NextInteraction(ctx context.Context, now time.Time) (at time.Time, ok bool, err error) {
	return s.next(ctx, now, `interactions WHERE due_at IS NOT NULL AND set_aside_at = 0`, s.process)
}

// NextRequest returns when, by the caller's clock that shows now, the next request
// can be claimed; ok is false when none wants anything.
func (s *Store) NextRequest(ctx context.Context, now time.Time) (at time.Time, ok bool, err error) {
	return s.NextRequestExcept(ctx, now)
}

// NextRequestExcept is NextRequest, those for one of the steps left out.
func (s *Store) NextRequestExcept(ctx context.Context, now time.Time, except ...request.Step) (at time.Time, ok bool, err error) {
	but, args := notFor(except, 3)
	return s.next(ctx, now, `requests WHERE due_at IS NOT NULL AND set_aside_at = 0`+but, "", args...)
}

// NextCard is NextRequest for cards.
func (s *Store) NextCard(ctx context.Context, now time.Time) (at time.Time, ok bool, err error) {
	return s.next(ctx, now, `cards WHERE due_at IS NOT NULL AND set_aside_at = 0`, "")
}

// next looks for the row that can be claimed first of those that which, a table
// with conditions, names. A lease with the token own is none. The arguments of
// the conditions are numbered from $3.
func (s *Store) next(ctx context.Context, now time.Time, which, own string, args ...any) (at time.Time, ok bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, callFor)
	defer cancel()
	ends := `lease_until - ` + s.now + ` + $1` // of the lease, by the caller's clock
	var next sql.NullInt64
	if err := s.db.QueryRowContext(ctx, `SELECT MIN(CASE WHEN lease_token = $2 OR due_at > `+ends+` THEN due_at ELSE `+ends+` END)
		FROM `+which, append([]any{millis(now), own}, args...)...).Scan(&next); err != nil {
		return time.Time{}, false, fmt.Errorf("looking for the next due row: %w", err)
	}
	return fromMillis(next.Int64), next.Valid, nil
}
