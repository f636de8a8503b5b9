package store

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"wfbot/bot/request"
)

// ClaimRequest hands the request that has been due longest to the caller until
// lease after now. It returns nil when none is due.
func (s *Store) ClaimRequest(ctx context.Context, now time.Time, lease time.Duration) (*request.Request, Lease, error) {
	l := s.newLease(now, lease)
	var id string
	err := s.db.QueryRowContext(ctx, `UPDATE requests SET lease_token = $1, lease_until = $2 WHERE id = (
			SELECT id FROM requests WHERE next_at <= $3 AND lease_until <= $3 ORDER BY next_at LIMIT 1`+s.skip+`)
		RETURNING id`, l.Token, millis(l.Until), millis(now)).Scan(&id)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, Lease{}, nil
	}
	if err != nil {
		return nil, Lease{}, fmt.Errorf("claiming a request: %w", err)
	}
	r, err := s.Request(ctx, id)
	return r, l, err
}

// ClaimWish hands the oldest due wish to the caller until lease after now. It
// returns nil when none is due. For holdFor, what this process accepted or judged
// is given to no other: only it can answer through what Slack lent it.
func (s *Store) ClaimWish(ctx context.Context, now time.Time, lease time.Duration) (*Wish, Lease, error) {
	l := s.newLease(now, lease)
	var body string
	err := s.db.QueryRowContext(ctx, `UPDATE wishes SET lease_token = $1, lease_until = $2 WHERE id = (
			SELECT id FROM wishes WHERE next_at <= $3 AND (lease_until <= $3 OR lease_token = $4)
			ORDER BY next_at LIMIT 1`+s.skip+`)
		RETURNING body`, l.Token, millis(l.Until), millis(now), s.process).Scan(&body)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, Lease{}, nil
	}
	if err != nil {
		return nil, Lease{}, fmt.Errorf("claiming a wish: %w", err)
	}
	w, err := decodeWish(body)
	return w, l, err
}

// claimed are the tables whose rows are claimed.
var claimed = []string{"wishes", "requests", "batches", "homes"}

// Release ends a claim without a result: the row may be claimed again at until.
func (s *Store) Release(ctx context.Context, l Lease, until time.Time) error {
	for _, table := range claimed {
		if _, err := s.db.ExecContext(ctx, `UPDATE `+table+` SET lease_until = $1 WHERE lease_token = $2`,
			millis(until), l.Token); err != nil {
			return fmt.Errorf("releasing a claim: %w", err)
		}
	}
	return nil
}

// NextWish returns when the next wish can be claimed by this process; ok is false
// when none is waiting.
func (s *Store) NextWish(ctx context.Context) (at time.Time, ok bool, err error) {
	return s.next(ctx, `SELECT MIN(CASE WHEN next_at > lease_until OR lease_token = $1 THEN next_at ELSE lease_until END)
		FROM wishes WHERE next_at IS NOT NULL`, s.process)
}

// NextRequest returns when the next request can be claimed; ok is false when none
// wants anything.
func (s *Store) NextRequest(ctx context.Context) (at time.Time, ok bool, err error) {
	return s.next(ctx, `SELECT MIN(CASE WHEN next_at > lease_until THEN next_at ELSE lease_until END)
		FROM requests WHERE next_at IS NOT NULL`)
}

func (s *Store) next(ctx context.Context, query string, args ...any) (at time.Time, ok bool, err error) {
	var next sql.NullInt64
	if err := s.db.QueryRowContext(ctx, query, args...).Scan(&next); err != nil {
		return time.Time{}, false, fmt.Errorf("looking for the next due row: %w", err)
	}
	return fromMillis(next.Int64), next.Valid, nil
}

func (s *Store) newLease(now time.Time, d time.Duration) Lease {
	return Lease{Token: s.process + "/" + rand.Text(), Until: now.Add(d)}
}
