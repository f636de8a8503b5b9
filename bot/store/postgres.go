package store

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
)

// nowPostgres is the SQL for the time of the database.
const nowPostgres = "CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT)"

func openPostgres(ctx context.Context, address string, log *slog.Logger) (*Store, error) {
	config, err := parsePostgres(address)
	if err != nil {
		return nil, fmt.Errorf("the database address %w", err)
	}
	return openPostgresAt(ctx, config, log)
}

func openPostgresAt(ctx context.Context, config *pgx.ConnConfig, log *slog.Logger) (*Store, error) {
	if config.ConnectTimeout == 0 {
		config.ConnectTimeout = 5 * time.Second
	}
	// No process holds up the others for long: one that is frozen inside a
	// transaction loses it, and with it the lock on the head of the audit trail.
	for name, value := range map[string]string{
		"idle_in_transaction_session_timeout": "10s", "statement_timeout": "10s", "lock_timeout": "5s",
	} {
		if _, set := config.RuntimeParams[name]; !set {
			config.RuntimeParams[name] = value
		}
	}
	pool := func(connections int) *sql.DB {
		db := stdlib.OpenDB(*config)
		db.SetMaxOpenConns(connections)
		db.SetMaxIdleConns(connections) // signing in is the slowest of all
		db.SetConnMaxIdleTime(time.Minute)
		return db
	}
	s := &Store{
		db: pool(8), intake: pool(4), process: rand.Text(), skip: " FOR UPDATE SKIP LOCKED", forUpd: " FOR UPDATE",
		now:    nowPostgres,
		config: config, others: others{tables: map[Table]bool{}, more: make(chan struct{}, 1)},
	}
	s.holder.Store(newHolder(""))
	err := refusePooler(ctx, s.db)
	if err == nil {
		err = s.prepare(ctx, goose.DialectPostgres, log)
	}
	if err != nil {
		s.Close()
		return nil, fmt.Errorf("opening the PostgreSQL database: %w", explained(err, config))
	}
	return s, nil
}

// errPooler: a session of ours is not one of PostgreSQL's.
var errPooler = errors.New("a connection pooler in transaction mode stands before PostgreSQL (PgBouncer, say). wfbot's locks and settings belong to a session, " +
	"and there nobody keeps one: put the address of PostgreSQL itself into WFBOT_DATABASE_URL, or that of a pool in session mode")

// refusePooler holds two connections at once and asks each several times which process of
// PostgreSQL serves it. It must always be the same one, and not that of the other
// connection. A pooler in transaction mode gives whichever is free.
func refusePooler(ctx context.Context, db *sql.DB) error {
	var held [2]*sql.Conn
	for i := range held {
		conn, err := db.Conn(ctx)
		if err != nil {
			return fmt.Errorf("connecting: %w", err)
		}
		defer conn.Close()
		held[i] = conn
	}
	var servers [len(held)]int
	for _, i := range []int{0, 1, 1, 0, 0, 1} { // no order that a pooler may have too
		var pid int
		// A prepared statement would fail for the same reason, without saying it.
		if err := held[i].QueryRowContext(ctx, `SELECT pg_backend_pid()`, pgx.QueryExecModeSimpleProtocol).Scan(&pid); err != nil {
			return fmt.Errorf("asking which process serves a connection: %w", err)
		}
		if servers[i] != 0 && servers[i] != pid {
			return errPooler
		}
		servers[i] = pid
	}
	if servers[0] == servers[1] {
		return errPooler
	}
	return nil
}

// migrationLock is the number of the advisory lock that replicas starting at the
// same time take in turn ("wfbot" in ASCII).
const migrationLock = 0x7766626f74

// sayEvery is how often a process that waits for the lock says so in the log.
const sayEvery = 10 * time.Second

func (s *Store) lockMigrations(ctx context.Context, log *slog.Logger) (unlock func(), err error) {
	conn, err := s.db.Conn(ctx)
	if err != nil {
		return nil, fmt.Errorf("connecting: %w", err)
	}
	start := time.Now()
	for wait := time.Second; ; wait = sayEvery { // who has it at once is not worth a word
		// PostgreSQL gives the lock in the order it was asked for, so that nobody waits
		// for ever where many start. A statement gets as long as that takes.
		_, err := conn.ExecContext(ctx, `SELECT set_config('statement_timeout', '0', false), set_config('lock_timeout', $1, false)`,
			strconv.FormatInt(wait.Milliseconds(), 10))
		if err == nil {
			_, err = conn.ExecContext(ctx, `SELECT pg_advisory_lock($1)`, int64(migrationLock))
		}
		if err == nil {
			break
		}
		var refused *pgconn.PgError
		switch {
		case ctx.Err() != nil:
			conn.Close()
			return nil, fmt.Errorf("waiting for another wfbot to bring the database to its newest form: %w", ctx.Err())
		case !errors.As(err, &refused) || refused.Code != "55P03": // lock_not_available, after lock_timeout
			conn.Close()
			return nil, fmt.Errorf("locking the migrations: %w", err)
		}
		log.Info("waiting for another wfbot, which is upgrading the database", "for", time.Since(start).Round(time.Second))
	}
	return func() {
		// Ending the session would release the lock too, but the connection
		// goes back to the pool.
		_, _ = conn.ExecContext(context.WithoutCancel(ctx), `SELECT pg_advisory_unlock($1)`, int64(migrationLock))
		_, _ = conn.ExecContext(context.WithoutCancel(ctx), `RESET statement_timeout; RESET lock_timeout`)
		conn.Close()
	}, nil
}
