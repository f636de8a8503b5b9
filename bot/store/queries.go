package store

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"wfbot/bot/request"
)

// Requests returns all requests, oldest first.
func (s *Store) Requests(ctx context.Context) ([]*request.Request, error) {
	return s.find(ctx, `ORDER BY created_at, id`)
}

// OpenRequests returns up to limit requests that have not ended, newest first.
// Failed ones that can still be retried at now count as open.
func (s *Store) OpenRequests(ctx context.Context, now time.Time, limit int) ([]*request.Request, error) {
	found, err := s.find(ctx, `WHERE state IN ('received', 'pending', 'approved', 'executing', 'failed')
		ORDER BY created_at DESC, id LIMIT $1`, limit)
	var open []*request.Request
	for _, r := range found {
		if r.State != request.Failed || now.Before(r.ExpiresAt) {
			open = append(open, r)
		}
	}
	return open, err
}

// RequestsAbout returns up to limit requests for the user with that e-mail,
// newest first. Case does not matter.
func (s *Store) RequestsAbout(ctx context.Context, email string, limit int) ([]*request.Request, error) {
	return s.find(ctx, `WHERE email = $1 ORDER BY created_at DESC, id LIMIT $2`, strings.ToLower(email), limit)
}

// RequestsBy returns up to limit requests that a Slack user asked for, newest
// first.
func (s *Store) RequestsBy(ctx context.Context, userID string, limit int) ([]*request.Request, error) {
	return s.find(ctx, `WHERE requester_id = $1 ORDER BY created_at DESC, id LIMIT $2`, userID, limit)
}

// EndedRequests returns up to limit requests that have ended, newest first.
func (s *Store) EndedRequests(ctx context.Context, limit int) ([]*request.Request, error) {
	return s.find(ctx, `WHERE state IN ('done', 'denied', 'cancelled', 'expired', 'failed') ORDER BY created_at DESC, id LIMIT $1`, limit)
}

// RequestsFor returns all requests for a Workfront user, newest first.
func (s *Store) RequestsFor(ctx context.Context, workfrontID string) ([]*request.Request, error) {
	return s.find(ctx, `WHERE workfront_id = $1 ORDER BY created_at DESC, id`, workfrontID)
}

// RequestsFor returns all requests for a Workfront user as they stand in this
// transaction, newest first. They are for reading only.
func (t *Tx) RequestsFor(workfrontID string) ([]*request.Request, error) {
	all, err := requests(t.ctx, t.tx, `WHERE workfront_id = $1 ORDER BY created_at DESC, id`, workfrontID)
	if err != nil {
		return nil, fmt.Errorf("reading requests: %w", err)
	}
	return all, nil
}

func (s *Store) find(ctx context.Context, which string, args ...any) ([]*request.Request, error) {
	all, err := requests(ctx, s.db, which, args...)
	if err != nil {
		return nil, fmt.Errorf("reading requests: %w", err)
	}
	return all, nil
}

// requests reads requests with their decisions, in two queries however many there
// are. which follows FROM requests.
func requests(ctx context.Context, q queryer, which string, args ...any) (all []*request.Request, err error) {
	rows, err := q.QueryContext(ctx, `SELECT body, lease_token FROM requests `+which, args...)
	if err != nil {
		return nil, err
	}
	byID := map[string]*request.Request{}
	for rows.Next() {
		r, _, err := scanRequest(rows)
		if err != nil {
			rows.Close()
			return nil, err
		}
		all, byID[r.ID] = append(all, r), r
	}
	// SQLite's one connection is needed for the decisions.
	if err := errors.Join(rows.Err(), rows.Close()); err != nil || len(all) == 0 {
		return nil, err
	}
	rows, err = q.QueryContext(ctx, `SELECT request_id, kind, slack_id, name, email, at, comment FROM decisions
		WHERE request_id IN (SELECT id FROM requests `+which+`) ORDER BY request_id, seq`, args...)
	if err != nil {
		return nil, fmt.Errorf("reading decisions: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var id string
		d, err := scanDecision(rows, &id)
		if err != nil {
			return nil, fmt.Errorf("reading decisions: %w", err)
		}
		if r := byID[id]; r != nil { // else it came between the two queries
			r.Decisions = append(r.Decisions, d)
		}
	}
	return all, rows.Err()
}
