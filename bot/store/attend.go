package store

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
)

const (
	// lookEvery is the time between two looks at who is there.
	lookEvery = time.Second
	// tellEvery is the least time between two words to the other processes.
	tellEvery = 50 * time.Millisecond
	// dueChannel is the channel of NOTIFY that tells them that rows are due.
	dueChannel = "wfbot_due"
	// locked begins the ids of holders that hold a lock; others have none, and their
	// leases run by time alone.
	locked = "locked:"
)

// holder is who holds the leases of this process.
type holder struct {
	id   string
	held context.Context // ends when others may void its leases
	lose context.CancelFunc
}

func newHolder(prefix string) *holder {
	held, lose := context.WithCancel(context.Background())
	return &holder{id: prefix + rand.Text(), held: held, lose: lose}
}

// Attend shows the other processes on a PostgreSQL database that this one is there, until
// leave is called. leave waits for the end. A connection of its own holds a lock on the
// id that rows are claimed under: PostgreSQL frees it when the process is gone, however
// it ended, and the others void its leases. If the connection alone is lost that may
// happen as well: claims of before have lost their ground ([Lease.Held]), and the process
// goes on under a new id; without one, leases run by time. On SQLite nobody else is
// there.
func (s *Store) Attend(ctx context.Context, log *slog.Logger) (leave func()) {
	if !s.onPostgres() {
		return func() {}
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	conn, err := s.join(ctx)
	var all sync.WaitGroup
	all.Go(func() { s.attend(ctx, conn, err, log) })
	all.Go(func() { s.tellOthers(ctx) })
	return func() { cancel(); all.Wait() }
}

// attend keeps a lock, and takes another one when it is lost.
func (s *Store) attend(ctx context.Context, conn *pgx.Conn, err error, log *slog.Logger) {
	for ctx.Err() == nil {
		if conn != nil {
			err = s.stay(ctx, conn, log)
			s.holder.Swap(newHolder("")).lose()
			_ = conn.Close(context.WithoutCancel(ctx)) // it may be broken
		}
		if ctx.Err() != nil {
			return
		}
		log.Warn("lost the connection that shows that this process is alive; opening another", "error", err)
		select {
		case <-time.After(lookEvery):
		case <-ctx.Done():
		}
		conn, err = s.join(ctx)
	}
}

// join takes a lock on a new id. Rows are claimed under it from now on.
func (s *Store) join(ctx context.Context) (*pgx.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, callFor)
	defer cancel()
	conn, err := pgx.ConnectConfig(ctx, s.config.Copy())
	if err != nil {
		return nil, fmt.Errorf("connecting: %w", explained(err, s.config))
	}
	h := newHolder(locked)
	var got bool
	err = conn.QueryRow(ctx, `SELECT pg_try_advisory_lock(hashtextextended($1, 0))`, h.id).Scan(&got)
	if err == nil && !got {
		err = errors.New("the lock on a new id is taken")
	}
	if err == nil {
		_, err = conn.Exec(ctx, `LISTEN `+dueChannel)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("taking a lock: %w", err), conn.Close(ctx))
	}
	s.holder.Swap(h).lose()
	return conn, nil
}

// stay looks each second who is gone, and listens for what is due, until the lock is
// lost or ctx ends.
func (s *Store) stay(ctx context.Context, conn *pgx.Conn, log *slog.Logger) error {
	var gone []string // as the last look found
	for {
		now, err := s.look(ctx, conn)
		if err != nil {
			return err
		}
		if twice := both(gone, now); len(twice) > 0 {
			if err := s.voidLeases(ctx, conn, twice, log); err != nil {
				return err
			}
		}
		gone = now
		if err := s.listen(ctx, conn, time.Now().Add(lookEvery)); err != nil {
			return err
		}
	}
}

func both(a, b []string) (all []string) {
	in := map[string]bool{}
	for _, id := range a {
		in[id] = true
	}
	for _, id := range b {
		if in[id] {
			all = append(all, id)
		}
	}
	return all
}

// listen tells of rows that other processes say are due, until then.
func (s *Store) listen(ctx context.Context, conn *pgx.Conn, until time.Time) error {
	listening, cancel := context.WithDeadline(ctx, until)
	defer cancel()
	for {
		n, err := conn.WaitForNotification(listening)
		switch {
		case err != nil && listening.Err() != nil && !conn.IsClosed():
			return ctx.Err()
		case err != nil:
			return fmt.Errorf("listening: %w", err)
		}
		if by, table, _ := strings.Cut(n.Payload, "/"); by != s.process {
			s.due(dueRow{table: Table(table)})
		}
	}
}

// locks are the keys of all locks on ids, by the process of PostgreSQL that has them.
const locks = `(SELECT (classid::bigint << 32) | objid::bigint AS key, pid FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 1
	AND granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database())) AS locks`

// look returns the holders of leases whose lock nobody has. An error says that the lock
// of this process is lost.
func (s *Store) look(ctx context.Context, conn *pgx.Conn) (gone []string, err error) {
	ctx, cancel := context.WithTimeout(ctx, callFor)
	defer cancel()
	var holders []string
	for _, table := range claimedTables {
		holders = append(holders, `SELECT split_part(lease_token, '/', 1) FROM `+string(table)+` WHERE `+claimedIn(table))
	}
	var have bool
	if err := conn.QueryRow(ctx, `SELECT EXISTS (SELECT 1 FROM `+locks+` WHERE key = hashtextextended($1, 0) AND pid = pg_backend_pid()),
		ARRAY(SELECT holder FROM (`+strings.Join(holders, ` UNION `)+`) AS leases (holder)
			WHERE holder LIKE '`+locked+`%' AND hashtextextended(holder, 0) NOT IN (SELECT key FROM `+locks+`))`,
		s.holder.Load().id).Scan(&have, &gone); err != nil {
		return nil, fmt.Errorf("looking who is there: %w", err)
	}
	if !have { // somebody stands between, and serves it by another session
		return nil, errors.New("the lock of this process is not held any more")
	}
	return gone, nil
}

// voidLeases frees what holders had claimed if nobody has their lock any more. A request
// with a recorded write that has no outcome is left: a process that has only lost its
// connection may have sent the write, so the lease's time decides.
func (s *Store) voidLeases(ctx context.Context, conn *pgx.Conn, gone []string, log *slog.Logger) error {
	ctx, cancel := context.WithTimeout(ctx, callFor)
	defer cancel()
	for _, table := range claimedTables {
		set, but := `lease_token = '', lease_until = 0`, ``
		switch table {
		case Homes:
			set += `, view = ''` // Slack may show what was being drawn
		case Requests:
			but = ` AND position('"write_open":true' IN body) = 0`
		}
		// A row that somebody has locked is left for the next look: waiting for it could
		// cost this process its own lock, or end in a deadlock with who locks several.
		done, err := conn.Exec(ctx, `UPDATE `+string(table)+` SET `+set+` WHERE ctid IN (SELECT ctid FROM `+string(table)+`
			WHERE `+claimedIn(table)+` AND split_part(lease_token, '/', 1) = ANY ($1)
			AND hashtextextended(split_part(lease_token, '/', 1), 0) NOT IN (SELECT key FROM `+locks+`)`+but+` FOR UPDATE SKIP LOCKED)`, gone)
		if err != nil {
			return fmt.Errorf("voiding the leases of a process that is gone: %w", err)
		}
		if n := done.RowsAffected(); n > 0 {
			log.Info("taking over the work of a process that is gone", "in", string(table), "rows", n)
			s.due(dueRow{table: table})
			s.others.add(table)
		}
	}
	return nil
}

// others are the tables that the other processes are to be told about.
type others struct {
	mu     sync.Mutex
	tables map[Table]bool
	more   chan struct{}
}

func (o *others) add(table Table) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.tables == nil { // SQLite
		return
	}
	o.tables[table] = true
	select {
	case o.more <- struct{}{}:
	default:
	}
}

func (o *others) take() (tables []string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for table := range o.tables {
		tables = append(tables, string(table))
	}
	clear(o.tables)
	return tables
}

// tellOthers tells the other processes what this one has made due, until ctx ends. What
// they do not hear they find by asking.
func (s *Store) tellOthers(ctx context.Context) {
	for {
		select {
		case <-s.others.more:
		case <-ctx.Done():
			return
		}
		telling, cancel := context.WithTimeout(ctx, callFor)
		_, _ = s.db.ExecContext(telling, `SELECT pg_notify('`+dueChannel+`', $1 || '/' || name) FROM unnest($2::text[]) AS name`, s.process, s.others.take()) // who is not told looks each second
		cancel()
		select {
		case <-time.After(tellEvery):
		case <-ctx.Done():
			return
		}
	}
}

// claimedTables are in the order that their rows are locked in.
var claimedTables = []Table{Interactions, Requests, Cards, Homes, Duties}

// claimedIn is the condition that a row of a table is claimed. Interactions that are dealt
// with keep their last lease.
func claimedIn(table Table) string {
	if table == Interactions {
		return `lease_until > 0 AND due_at IS NOT NULL`
	}
	return `lease_until > 0`
}
