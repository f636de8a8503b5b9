package store

import (
	"context"
	"fmt"
	"time"
)

// ProcessFor is how long a process that is not seen any more counts as one that
// works, also when it is known to have ended: Slack counts its connections for about
// as long.
const ProcessFor = 2 * time.Minute

// ProcessSeen notes that this process works on the database and holds so many
// connections to Slack, and forgets processes that have not been seen for
// ProcessFor.
func (s *Store) ProcessSeen(ctx context.Context, connections int) error {
	ctx, cancel := context.WithTimeout(ctx, callFor)
	defer cancel()
	if _, err := s.db.ExecContext(ctx, `INSERT INTO processes (id, started_at, seen_at, connections) VALUES ($1, `+s.now+`, `+s.now+`, $2)
		ON CONFLICT (id) DO UPDATE SET seen_at = excluded.seen_at, connections = excluded.connections`, s.process, connections); err != nil {
		return fmt.Errorf("noting this process: %w", err)
	}
	if _, err := s.db.ExecContext(ctx, `DELETE FROM processes WHERE seen_at < `+s.now+` - $1`, ProcessFor.Milliseconds()); err != nil {
		return fmt.Errorf("forgetting other processes: %w", err)
	}
	return nil
}

// OtherConnections returns how many connections to Slack the other processes on the
// database hold, as they noted last.
func (s *Store) OtherConnections(ctx context.Context) (connections int, err error) {
	ctx, cancel := context.WithTimeout(ctx, callFor)
	defer cancel()
	if err := s.db.QueryRowContext(ctx, `SELECT COALESCE(SUM(connections), 0) FROM processes WHERE id <> $1 AND seen_at >= `+s.now+` - $2`,
		s.process, ProcessFor.Milliseconds()).Scan(&connections); err != nil {
		return 0, fmt.Errorf("reading the other processes: %w", err)
	}
	return connections, nil
}
