package store

import (
	"context"
	"fmt"
	"time"
)

// AddDuty adds something that is to be done from time to time, at first, unless it is
// there: all processes share it.
func (s *Store) AddDuty(ctx context.Context, name string, first time.Time) error {
	ctx, cancel := context.WithTimeout(ctx, callFor)
	defer cancel()
	if _, err := s.db.ExecContext(ctx, `INSERT INTO duties (id, due_at) VALUES ($1, $2) ON CONFLICT (id) DO NOTHING`, name, millis(first)); err != nil {
		return fmt.Errorf("storing a duty: %w", err)
	}
	return nil
}

// ClaimDuty hands a duty that is due to the caller, for the length of lease. name is
// empty when none is due at now.
func (s *Store) ClaimDuty(ctx context.Context, now time.Time, lease time.Duration) (name string, l Lease, err error) {
	l, err = s.claimDue(ctx, Duties, "id", "due_at", now, lease, nil, func(_ context.Context, row scanner) error { return row.Scan(&name) })
	return name, l, err
}

// DutyDone ends the claim on a duty, which is due again at next. ErrLeaseLost if
// somebody else has claimed it.
func (s *Store) DutyDone(ctx context.Context, l Lease, next time.Time) error {
	ctx, cancel := context.WithTimeout(ctx, callFor)
	defer cancel()
	result, err := s.db.ExecContext(ctx, `UPDATE duties SET due_at = $1, lease_token = '', lease_until = 0 WHERE lease_token = $2`, millis(next), l.Token)
	if err != nil {
		return fmt.Errorf("storing when a duty is due: %w", err)
	}
	if n, err := result.RowsAffected(); err != nil || n == 1 {
		return err
	}
	return fmt.Errorf("a duty: %w", ErrLeaseLost)
}

// Head is the end of the audit trail as it is now.
func (s *Store) Head(ctx context.Context) (Head, error) {
	ctx, cancel := context.WithTimeout(ctx, callFor)
	defer cancel()
	return readHead(ctx, s.db)
}
