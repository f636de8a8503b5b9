package store

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
)

func openPostgres(ctx context.Context, address string) (*Store, error) {
	config, err := pgx.ParseConfig(address)
	if err != nil { // its text quotes the address
		return nil, errors.New("the database address is not a valid postgres:// URL")
	}
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
		now: "CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT)",
	}
	if err := s.prepare(ctx, goose.DialectPostgres); err != nil {
		s.Close()
		return nil, fmt.Errorf("opening the PostgreSQL database: %w", err)
	}
	return s, nil
}

// migrationLock is the number of the advisory lock that replicas starting at the
// same time take in turn ("wfbot" in ASCII).
const migrationLock = 0x7766626f74

func (s *Store) lockMigrations(ctx context.Context) (unlock func(), err error) {
	conn, err := s.db.Conn(ctx)
	if err != nil {
		return nil, fmt.Errorf("connecting: %w", err)
	}
	// Whoever comes first may need longer than a statement usually gets.
	if _, err := conn.ExecContext(ctx, `SELECT set_config('statement_timeout', '0', false), set_config('lock_timeout', '0', false)`); err != nil {
		conn.Close()
		return nil, fmt.Errorf("locking the migrations: %w", err)
	}
	if _, err := conn.ExecContext(ctx, `SELECT pg_advisory_lock($1)`, int64(migrationLock)); err != nil {
		conn.Close()
		return nil, fmt.Errorf("locking the migrations: %w", err)
	}
	return func() {
		// Ending the session would release the lock too, but the connection
		// goes back to the pool.
		_, _ = conn.ExecContext(context.WithoutCancel(ctx), `SELECT pg_advisory_unlock($1)`, int64(migrationLock))
		_, _ = conn.ExecContext(context.WithoutCancel(ctx), `RESET statement_timeout; RESET lock_timeout`)
		conn.Close()
	}, nil
}
