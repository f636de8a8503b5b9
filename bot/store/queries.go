package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"wfbot/bot/request"
)

// The requests that lists and Home tabs show. Each has an index of its own, since
// there are more and more requests, and SQLite does nothing else while it reads. All pass
// over requests that cannot be decoded, and return them as unread.
const (
	unended    = `WHERE state IN ('received', 'pending', 'approved', 'executing') ORDER BY created_at DESC, id LIMIT $1`
	failed     = `WHERE state = 'failed' ORDER BY created_at DESC, id LIMIT 100`
	about      = `WHERE email = $1 ORDER BY created_at DESC, id LIMIT $2`
	by         = `WHERE requester_id = $1 ORDER BY created_at DESC, id LIMIT $2`
	ended      = `WHERE state IN ('done', 'denied', 'cancelled', 'expired', 'failed') ORDER BY news DESC LIMIT $1`
	forTheirID = `WHERE workfront_id = $1 ORDER BY created_at DESC, id`
)

// Requests returns all requests, oldest first. *UnreadableError if one of them cannot
// be decoded.
func (s *Store) Requests(ctx context.Context) ([]*request.Request, error) {
	return readable(s.find(ctx, `ORDER BY created_at, id`))
}

// OpenRequests returns up to limit requests that have not ended, newest first.
// Failed ones that can still be retried at now count as open, if they are among the
// newest 100 that have failed: the number of those that cannot only grows.
func (s *Store) OpenRequests(ctx context.Context, now time.Time, limit int) (open []*request.Request, unread Unread, err error) {
	open, unread, err = s.find(ctx, unended, limit)
	if err != nil {
		return nil, nil, err
	}
	retriable, more, err := s.find(ctx, failed)
	for _, r := range retriable {
		if now.Before(r.ExpiresAt) {
			open = append(open, r)
		}
	}
	slices.SortStableFunc(open, func(a, b *request.Request) int { return b.CreatedAt.Compare(a.CreatedAt) })
	return open[:min(len(open), limit)], append(unread, more...), err
}

// RequestsAbout returns up to limit requests for the user with that e-mail,
// newest first. Case does not matter.
func (s *Store) RequestsAbout(ctx context.Context, email string, limit int) ([]*request.Request, Unread, error) {
	return s.find(ctx, about, strings.ToLower(email), limit)
}

// RequestsBy returns up to limit requests that somebody asked for, newest first.
// otherID is a further Slack user id of theirs, or empty.
func (s *Store) RequestsBy(ctx context.Context, limit int, userID, otherID string) (asked []*request.Request, unread Unread, err error) {
	asked, unread, err = s.find(ctx, by, userID, limit)
	if err != nil || otherID == "" || otherID == userID {
		return asked, unread, err
	}
	more, besides, err := s.find(ctx, by, otherID, limit) // one question each, since each has its order by an index
	asked = append(asked, more...)
	slices.SortStableFunc(asked, func(a, b *request.Request) int { return b.CreatedAt.Compare(a.CreatedAt) })
	return asked[:min(len(asked), limit)], append(unread, besides...), err
}

// EndedRequests returns up to limit requests that have ended. The one that something
// happened to last is first. That somebody was refused, or was shown what there is to
// see, is nothing that happened to it.
func (s *Store) EndedRequests(ctx context.Context, limit int) ([]*request.Request, Unread, error) {
	return s.find(ctx, ended, limit)
}

// RequestsFor returns all requests for a Workfront user, newest first.
func (s *Store) RequestsFor(ctx context.Context, workfrontID string) ([]*request.Request, Unread, error) {
	return s.find(ctx, forTheirID, workfrontID)
}

// RequestsFor returns all requests for a Workfront user as they stand in this
// transaction, newest first. They are for reading only.
func (t *Tx) RequestsFor(workfrontID string) ([]*request.Request, Unread, error) {
	all, unread, err := requests(t.ctx, t.tx, t.store.onPostgres(), forTheirID, workfrontID)
	if err != nil {
		return nil, nil, fmt.Errorf("reading requests: %w", err)
	}
	return all, unread, nil
}

func (s *Store) find(ctx context.Context, which string, args ...any) ([]*request.Request, Unread, error) {
	all, unread, err := requests(ctx, s.db, s.onPostgres(), which, args...)
	if err != nil {
		return nil, nil, fmt.Errorf("reading requests: %w", err)
	}
	return all, unread, nil
}

// Unread are requests that could not be decoded. One may stand in it twice.
type Unread []*UnreadableError

// Count is how many requests they are.
func (u Unread) Count() int {
	rows := map[string]bool{}
	for _, e := range u {
		rows[e.Row] = true
	}
	return len(rows)
}

// readable is for those who need every request.
func readable(all []*request.Request, unread Unread, err error) ([]*request.Request, error) {
	if err == nil && len(unread) > 0 {
		return nil, unread[0]
	}
	return all, err
}

// requests reads requests with their decisions, in two queries however many there
// are. which follows FROM requests.
func requests(ctx context.Context, q queryer, postgres bool, which string, args ...any) (all []*request.Request, unread Unread, err error) {
	rows, err := q.QueryContext(ctx, `SELECT `+requestColumns+` FROM requests `+which, args...)
	if err != nil {
		return nil, nil, err
	}
	byID := map[string]*request.Request{}
	for rows.Next() {
		r, _, err := scanRequest(rows)
		if bad, ok := errors.AsType[*UnreadableError](err); ok {
			unread = append(unread, bad)
			continue
		}
		if err != nil {
			rows.Close()
			return nil, nil, err
		}
		all, byID[r.ID] = append(all, r), r
	}
	// SQLite's one connection is needed for the decisions.
	if err := errors.Join(rows.Err(), rows.Close()); err != nil || len(all) == 0 {
		return nil, unread, err
	}
	rows, err = q.QueryContext(ctx, decisionsOf(which, postgres), args...)
	if err != nil {
		return nil, nil, fmt.Errorf("reading decisions: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var id string
		d, err := scanDecision(rows, &id)
		r := byID[id]
		switch {
		case r == nil && err != nil:
			return nil, nil, fmt.Errorf("reading decisions: %w", err)
		case err != nil: // without one of its decisions nothing may be said of it
			unread = append(unread, &UnreadableError{"request " + id, err})
			all = slices.DeleteFunc(all, func(other *request.Request) bool { return other == r })
			delete(byID, id)
		case r != nil: // else it came between the two queries
			r.Decisions = append(r.Decisions, d)
		}
	}
	return all, unread, rows.Err()
}

// decisionsOf asks for the decisions of these requests. PostgreSQL would rather read all
// decisions there are than look some hundreds up: OFFSET 0 keeps it from that.
func decisionsOf(which string, postgres bool) string {
	from := `decisions AS d WHERE request_id IN (SELECT id FROM requests ` + which + `)`
	if postgres {
		from = `(SELECT id FROM requests ` + which + `) AS r CROSS JOIN LATERAL (SELECT * FROM decisions WHERE request_id = r.id OFFSET 0) AS d`
	}
	return `SELECT request_id, kind, slack_id, name, email, at, comment FROM ` + from + ` ORDER BY request_id, seq`
}
