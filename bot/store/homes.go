package store

import (
	"context"
	"fmt"
	"time"
)

const (
	// homeFor is how long after somebody looked at their Home tab it is kept up to
	// date.
	homeFor = 12 * time.Hour
	// homePause is the least time between two drawings of one Home tab.
	homePause = 2 * time.Second
	// homeSoon is when they are drawn after something has happened: more happens soon.
	homeSoon = 200 * time.Millisecond
)

// Home is the Home tab of one person, to be drawn.
type Home struct {
	UserID   string
	News     int64  // number of the newest audit entry that the drawing will show
	View     string // hash of what Slack shows, as HomeDrawn was told; empty: not known
	Opened   bool   // somebody looks at it and waits; false: something has happened
	Failures int    // in a row

	openedAt int64 // as the row had it when it was claimed
}

// OpenHome notes that a person looks at their Home tab: it is drawn at once, and
// for homeFor again whenever something has happened to a request. A drawing that is under way
// ends first: two at a time could reach Slack in the wrong order.
func (s *Store) OpenHome(ctx context.Context, userID string, now time.Time) error {
	ctx, cancel := context.WithTimeout(ctx, insertFor)
	defer cancel()
	if _, err := s.db.ExecContext(ctx, `INSERT INTO homes (user_id, opened_at, shown, due_at) VALUES ($1, $2, -1, $2)
		ON CONFLICT (user_id) DO UPDATE SET opened_at = $2, shown = -1, due_at = $2, failures = 0`, userID, millis(now)); err != nil {
		return fmt.Errorf("storing an opened Home tab: %w", err)
	}
	s.due(dueRow{Homes, now})
	return nil
}

// ClaimHome hands a Home tab that has to be drawn to the caller, for the length of
// lease; those that were just opened come first, and alone with openedOnly. It
// returns nil when there is none at now.
func (s *Store) ClaimHome(ctx context.Context, now time.Time, lease time.Duration, openedOnly bool) (*Home, Lease, error) {
	h := new(Home)
	l, err := s.claim(ctx, Homes, func(ctx context.Context, l, idle Lease) error {
		// Whoever had it and did not say how that ended may have drawn it.
		return s.db.QueryRowContext(ctx, `UPDATE homes SET lease_token = $1, lease_until = `+s.now+` + $3,
				view = CASE WHEN lease_until > 0 THEN '' ELSE view END WHERE user_id = (
				SELECT user_id FROM homes WHERE due_at <= $2 AND (lease_until <= `+s.now+` OR lease_token = $5) AND `+homeStale("$4", openedOnly)+`
				ORDER BY CASE WHEN shown < 0 THEN 0 ELSE 1 END, due_at LIMIT 1`+s.skip+`)
			RETURNING user_id, failures, opened_at, view, shown < 0, (SELECT news FROM audit_head WHERE id = 1)`,
			l.Token, millis(now), lease.Milliseconds(), millis(now.Add(-homeFor)), idle.Token).
			Scan(&h.UserID, &h.Failures, &h.openedAt, &h.View, &h.Opened, &h.News)
	})
	if err != nil || l == (Lease{}) {
		return nil, Lease{}, err
	}
	return h, l, nil
}

// homeStale is the SQL condition that a Home tab was opened after a time and has
// not been drawn since then or, unless openedOnly, since something has happened.
func homeStale(since string, openedOnly bool) string {
	if openedOnly {
		return `opened_at > ` + since + ` AND shown < 0`
	}
	return `opened_at > ` + since + ` AND shown < (SELECT news FROM audit_head WHERE id = 1)`
}

// HomeDrawn notes that a claimed Home tab shows what h says, and with it a view of
// that hash, and ends the claim. If it was opened meanwhile it is due again.
// ErrLeaseLost if somebody else has claimed it since.
func (s *Store) HomeDrawn(ctx context.Context, h *Home, l Lease, view string, now time.Time) error {
	return s.endHome(ctx, h, l, `failures = 0, view = $6, shown = CASE WHEN opened_at = $3 THEN $4 ELSE shown END,
		due_at = CASE WHEN opened_at = $3 THEN $5 ELSE due_at END`, h.openedAt, h.News, millis(now.Add(homePause)), view)
}

// HomeFailed notes that a claimed Home tab could not be drawn, as far as is known,
// and ends the claim: it is tried again at until.
func (s *Store) HomeFailed(ctx context.Context, h *Home, l Lease, until time.Time) error {
	return s.endHome(ctx, h, l, `failures = failures + 1, view = '', due_at = $3`, millis(until))
}

// ForgetHome ends the claim and forgets the Home tab until it is opened again.
func (s *Store) ForgetHome(ctx context.Context, h *Home, l Lease) error {
	return s.endHome(ctx, h, l, `opened_at = $3`, 0)
}

func (s *Store) endHome(ctx context.Context, h *Home, l Lease, set string, args ...any) error {
	ctx, cancel := context.WithTimeout(ctx, callFor)
	defer cancel()
	result, err := s.db.ExecContext(unsynced(ctx), `UPDATE homes SET lease_token = '', lease_until = 0, `+set+` WHERE user_id = $1 AND lease_token = $2`,
		append([]any{h.UserID, l.Token}, args...)...)
	if err != nil {
		return fmt.Errorf("storing a drawn Home tab: %w", err)
	}
	if n, err := result.RowsAffected(); err != nil || n == 1 {
		s.due(dueRow{table: Homes}) // if it was opened meanwhile
		return err
	}
	return fmt.Errorf("the Home tab of %s: %w", h.UserID, ErrLeaseLost)
}
