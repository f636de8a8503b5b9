package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"wfbot/bot/request"
)

// Standing is how things stand in the database.
type Standing struct {
	// Requests are those that have not ended, and those that failed, by state; the
	// there are more and more others, and none has anything left to be done soon.
	Requests map[request.State]int
	SetAside map[string]int // rows that are set aside: "request", "card", "interaction"
	// PeopleSince is since when the oldest request waits for people, from when it was
	// asked for. BotSince is since when the oldest of what is due waits for the bot: an
	// interaction that is not dealt with, a request that is to be looked up, or one that
	// is approved and due. Zero: none.
	PeopleSince, BotSince time.Time
}

// standing is one question with an index for each of its parts: none of them reads
// what has ended. The states are written as the indexes have them.
const standing = `SELECT 'open', state, COUNT(*), MIN(created_at) FROM requests WHERE state IN ('received', 'pending', 'approved', 'executing') GROUP BY state
	UNION ALL SELECT 'open', 'failed', COUNT(*), 0 FROM requests WHERE state = 'failed'
	UNION ALL SELECT 'aside', 'request', COUNT(*), 0 FROM requests WHERE due_at IS NOT NULL AND set_aside_at > 0
	UNION ALL SELECT 'aside', 'card', COUNT(*), 0 FROM cards WHERE due_at IS NOT NULL AND set_aside_at > 0
	UNION ALL SELECT 'aside', 'interaction', COUNT(*), 0 FROM interactions WHERE due_at IS NOT NULL AND set_aside_at > 0
	UNION ALL SELECT 'waits', 'interaction', COUNT(*), MIN(received_at) FROM interactions WHERE due_at IS NOT NULL AND set_aside_at = 0`

// approved asks for the approved requests that have not ended, to see when each is to be
// executed: the oldest so many.
const approved = `SELECT body FROM requests WHERE state IN ('received', 'pending', 'approved', 'executing') AND state IN ('approved', 'executing')
	ORDER BY created_at LIMIT 1000`

// Standing reads how things stand at now, within the time that ctx has and callFor.
func (s *Store) Standing(ctx context.Context, now time.Time) (Standing, error) {
	ctx, cancel := context.WithTimeout(ctx, callFor)
	defer cancel()
	found := Standing{
		Requests: map[request.State]int{request.Received: 0, request.Pending: 0, request.Approved: 0, request.Executing: 0, request.Failed: 0},
		SetAside: map[string]int{},
	}
	if err := s.inPlace(); err != nil {
		return Standing{}, fmt.Errorf("reading how things stand: %w", err)
	}
	if err := errors.Join(s.counted(ctx, &found), s.dueSince(ctx, &found, now)); err != nil {
		return Standing{}, fmt.Errorf("reading how things stand: %w", err)
	}
	return found, nil
}

func (s *Store) counted(ctx context.Context, found *Standing) error {
	rows, err := s.db.QueryContext(ctx, standing)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var (
			of, name string
			count    int
			since    *int64
		)
		if err := rows.Scan(&of, &name, &count, &since); err != nil {
			return err
		}
		switch {
		case of == "aside":
			found.SetAside[name] = count
			continue
		case of == "open":
			found.Requests[request.State(name)] = count
		}
		switch {
		case since == nil || *since == 0:
		case name == string(request.Pending):
			found.PeopleSince = fromMillis(*since)
		case name == string(request.Received), of == "waits":
			found.BotSince = earliest(found.BotSince, fromMillis(*since))
		}
	}
	return rows.Err()
}

// dueSince finds the approved request that has been due longest. What cannot be
// decoded is passed over: it is set aside, and counted there.
func (s *Store) dueSince(ctx context.Context, found *Standing, now time.Time) error {
	rows, err := s.db.QueryContext(ctx, approved)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var body string
		if err := rows.Scan(&body); err != nil {
			return err
		}
		var r request.Request
		if json.Unmarshal([]byte(body), &r) == nil && !r.DueAt.IsZero() && !r.DueAt.After(now) {
			found.BotSince = earliest(found.BotSince, r.DueAt)
		}
	}
	return rows.Err()
}

// earliest is the earlier of two times, where the zero time is none.
func earliest(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

// Answers reports whether the database answers: it reads a row.
func (s *Store) Answers(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, callFor)
	defer cancel()
	if err := s.inPlace(); err != nil {
		return err
	}
	var seq int64
	if err := s.db.QueryRowContext(ctx, `SELECT seq FROM audit_head WHERE id = 1`).Scan(&seq); err != nil {
		return fmt.Errorf("reading from the database: %w", err)
	}
	return nil
}
