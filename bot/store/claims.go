package store

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"wfbot/bot/request"
)

// Lease is a claim on a row: whoever holds the token may write the row's result.
type Lease struct {
	Token string
	table Table   // of the row
	by    *holder // who claimed it
}

// Held ends when others may void the lease before its time, since the database lost sight
// of this process; see [Store.Attend].
func (l Lease) Held() context.Context {
	if l.by == nil {
		return context.Background()
	}
	return l.by.held
}

// ClaimRequest hands the request that has been due longest to the caller, for the
// length of lease; those that only want to be counted for come last. It returns nil when
// none is due at now, those for one of the steps in except left out. With an
// *UnreadableError the claim was made, only the ID of the request is known, and the
// caller has to set it aside. Another error says nothing about whether a claim was made;
// the next call finds out.
func (s *Store) ClaimRequest(ctx context.Context, now time.Time, lease time.Duration, except ...request.Step) (r *request.Request, l Lease, err error) {
	l, err = s.claimDue(ctx, Requests, requestColumns, countsLast, now, lease, except, func(ctx context.Context, row scanner) (err error) {
		if r, _, err = scanRequest(row); err != nil {
			return err
		}
		return readDecisions(ctx, s.db, r)
	})
	if l == (Lease{}) { // there is none, or nobody works on it
		return nil, l, err
	}
	return r, l, err
}

// ClaimCard is ClaimRequest for cards.
func (s *Store) ClaimCard(ctx context.Context, now time.Time, lease time.Duration) (c *request.Card, l Lease, err error) {
	l, err = s.claimDue(ctx, Cards, cardColumns, "due_at", now, lease, nil, func(ctx context.Context, row scanner) (err error) {
		if c, _, err = scanCard(row); err != nil {
			return err
		}
		return s.attach(ctx, c)
	})
	if l == (Lease{}) {
		return nil, l, err
	}
	return c, l, err
}

// countsLast is the order of requests: fifty people of one card are not counted
// for before somebody else is looked up.
const countsLast = `CASE step WHEN '` + string(request.CountHoldings) + `' THEN 1 ELSE 0 END, due_at`

// claimDue claims the first row in that order that is due, and reads those columns of
// it. The zero Lease means that none is.
func (s *Store) claimDue(ctx context.Context, table Table, columns, order string, now time.Time, lease time.Duration,
	except []request.Step, read func(context.Context, scanner) error) (Lease, error) {
	return s.claim(ctx, table, func(ctx context.Context, l, idle Lease) error {
		query, args := s.claimStatement(l, idle, columns, order, now, lease, except)
		return read(ctx, s.db.QueryRowContext(ctx, query, args...))
	})
}

func (s *Store) claimStatement(l, idle Lease, columns, order string, now time.Time, lease time.Duration, except []request.Step) (query string, args arguments) {
	args = arguments{l.Token, millis(now), lease.Milliseconds(), idle.Token}
	return `UPDATE ` + string(l.table) + ` SET lease_token = $1, lease_until = ` + s.now + ` + $3 WHERE id = (
			SELECT id FROM ` + string(l.table) + ` WHERE due_at <= $2 AND set_aside_at = 0 AND (lease_until <= ` + s.now + ` OR lease_token = $4)` + notFor(except, &args) + `
			ORDER BY ` + order + ` LIMIT 1` + s.skip + `)
		RETURNING ` + columns, args
}

// notFor is the condition that a row is not due for one of the steps.
func notFor(except []request.Step, args *arguments) (condition string) {
	if len(except) == 0 {
		return ""
	}
	var names []string
	for _, step := range except {
		names = append(names, args.add(string(step)))
	}
	return ` AND step NOT IN (` + strings.Join(names, ", ") + `)`
}

// ClaimInteraction hands the oldest due interaction to the caller, for the length of lease. It
// returns nil when none is due at now. For holdFor, what this process accepted or
// judged is given to no other: only it can answer through what Slack lent it. An
// error is as that of ClaimRequest; what can be decoded of the interaction comes with an
// *UnreadableError.
func (s *Store) ClaimInteraction(ctx context.Context, now time.Time, lease time.Duration) (*Interaction, Lease, error) {
	var id, body string
	l, err := s.claim(ctx, Interactions, func(ctx context.Context, l, idle Lease) error {
		return s.db.QueryRowContext(ctx, s.claimInteractionStatement(), l.Token, millis(now), lease.Milliseconds(), idle.Token, l.by.id).Scan(&id, &body)
	})
	if err != nil || l == (Lease{}) {
		return nil, Lease{}, err
	}
	w, err := decodeInteraction(id, body)
	return w, l, err
}

func (s *Store) claimInteractionStatement() string {
	return `UPDATE interactions SET lease_token = $1, lease_until = ` + s.now + ` + $3 WHERE id = (
			SELECT id FROM interactions WHERE due_at <= $2 AND set_aside_at = 0 AND (lease_until <= ` + s.now + ` OR lease_token IN ($4, $5))
			ORDER BY due_at LIMIT 1` + s.skip + `)
		RETURNING id, body`
}

// claim runs one claiming statement on a table within callFor. The statement takes what
// is under the lease idle as if nobody had it. The zero Lease means that no row was due.
// With an *UnreadableError one was claimed.
func (s *Store) claim(ctx context.Context, table Table, run func(ctx context.Context, l, idle Lease) error) (Lease, error) {
	ctx, cancel := context.WithTimeout(ctx, callFor)
	defer cancel()
	if err := s.inPlace(); err != nil {
		return Lease{}, fmt.Errorf("claiming a row: %w", err)
	}
	end, err := s.turn(ctx)
	if err != nil {
		return Lease{}, fmt.Errorf("claiming a row: %w", err)
	}
	defer end()
	by := s.holder.Load()
	l := Lease{Token: by.id + "/" + rand.Text(), table: table, by: by}
	idle, found := s.idle.take(table)
	switch {
	case !found:
		idle = l
	case idle.by == by:
		l = idle
	}
	// A claim that is lost with the power is one that nobody works on.
	switch err := run(unsynced(ctx), l, idle); {
	case errors.Is(err, sql.ErrNoRows), errors.Is(err, ErrNotFound):
		return Lease{}, nil
	case Unreadable(err):
		return l, err
	case err != nil:
		s.idle.put(l)
		if idle != l { // it may have its row still
			s.idle.put(idle)
		}
		return Lease{}, fmt.Errorf("claiming a row: %w", err)
	}
	return l, nil
}

// idleLeases are leases that a row may be claimed under while nobody works on it, since a
// claim or a release was not answered. The next claim takes the row, which would
// otherwise lie idle until the lease has ended.
type idleLeases struct {
	mu     sync.Mutex
	leases []Lease
}

func (i *idleLeases) take(table Table) (l Lease, ok bool) {
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
	if _, err := s.db.ExecContext(unsynced(ctx), `UPDATE `+string(l.table)+` SET lease_until = `+s.now+` + $1 WHERE lease_token = $2`,
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
// it is no longer claimed before TakeUpSetAside. The audit trail says so. A Home tab is
// forgotten until it is opened again. If that fails, this process's next claim gets the row.
func (s *Store) SetAside(ctx context.Context, l Lease, why string, now time.Time) error {
	ctx, cancel := context.WithTimeout(ctx, callFor)
	defer cancel()
	why = strings.ToValidUTF8(why[:min(len(why), mostWhy)], "")
	err := s.Update(ctx, now, func(t *Tx) error {
		if l.table == Homes {
			_, err := t.exec(`UPDATE homes SET lease_token = '', lease_until = 0, opened_at = 0 WHERE lease_token = $1`, l.Token)
			return err
		}
		set, err := ids(t.ctx, t.tx, `UPDATE `+string(l.table)+` SET lease_token = '', lease_until = 0, set_aside_at = $2, set_aside_why = $3
			WHERE lease_token = $1 RETURNING id`, l.Token, millis(now), why)
		for _, id := range set {
			t.Record("", request.Event{At: now, Kind: "set aside", Actor: request.Bot, Detail: map[string]string{"in": string(l.table), "id": id, "why": why}})
		}
		return err
	})
	if err != nil {
		s.idle.put(l)
		return fmt.Errorf("setting a row aside: %w", err)
	}
	return nil
}

func takeUp(table Table) string {
	return `UPDATE ` + string(table) + ` SET set_aside_at = 0, set_aside_why = '', due_at = COALESCE(due_at, 0) WHERE set_aside_at > 0`
}

// TakeUpSetAside makes all rows that are set aside due again.
func (s *Store) TakeUpSetAside(ctx context.Context) error {
	return s.Update(ctx, time.Time{}, func(t *Tx) error {
		for _, table := range []Table{Requests, Cards, Interactions, Duties} {
			if _, err := t.exec(takeUp(table)); err != nil {
				return fmt.Errorf("taking up %s that are set aside: %w", table, err)
			}
		}
		return nil
	})
}
