package store

import (
	"context"
	"crypto/rand"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"golang.org/x/sys/unix"
	_ "modernc.org/sqlite" // driver "sqlite"

	"wfbot/bot/request"
)

// Errors a caller may branch on.
var (
	// ErrNotFound: there is no row with that id.
	ErrNotFound = errors.New("not found")
	// ErrConflict: the row changed since it was read.
	ErrConflict = errors.New("changed by another transaction")
	// ErrLeaseLost: the row has been claimed by somebody else since.
	ErrLeaseLost = errors.New("lease lost")
	// ErrUnsure: the database did not say whether it has stored something.
	ErrUnsure = errors.New("the database does not answer")
	// ErrInUse: another process works on the same SQLite file.
	ErrInUse = errors.New("another wfbot is working on it: end that one first, or name another file in WFBOT_DATABASE_URL")
)

//go:embed migrations/*.sql
var migrations embed.FS

// Store is an open database. It may be used by several goroutines.
type Store struct {
	db      *sql.DB
	intake  *sql.DB  // for storing wishes: work that waits for locks must not delay that
	process string   // names this process in leases
	lock    *os.File // held while open; nil for PostgreSQL
	skip    string   // what makes a claim pass over rows that another is claiming
	forUpd  string   // what locks a row that is read to be changed
	now     string   // the SQL for the time by which leases run, in milliseconds
	idle    idleLeases
}

const (
	// callFor is the deadline of a single statement, and of a transaction. A database
	// that hangs must hang nobody with it; whatever was tried is tried again.
	callFor = 5 * time.Second
	// insertFor is that of storing a wish, and findFor that of finding out what became
	// of one whose storing was not answered. Slack waits 3 seconds for both together.
	insertFor = 2 * time.Second
	findFor   = 500 * time.Millisecond
)

// Open opens the database at address, migrates it to the newest schema and, for
// SQLite, voids the leases of the process before. address is "sqlite:" and a file
// name, or a postgres:// URL. The error never shows the address of PostgreSQL,
// which may hold a password.
func Open(ctx context.Context, address string) (*Store, error) {
	switch {
	case strings.HasPrefix(address, "sqlite:"):
		return openSQLite(ctx, strings.TrimPrefix(address, "sqlite:"))
	case strings.HasPrefix(address, "postgres://"), strings.HasPrefix(address, "postgresql://"):
		return openPostgres(ctx, address)
	}
	return nil, errors.New(`the database address must be "sqlite:" and a file name, or postgres://…`)
}

func openSQLite(ctx context.Context, file string) (*Store, error) {
	if file == "" {
		return nil, errors.New("the database address names no file")
	}
	if at, err := os.Stat(file); err == nil && at.IsDir() {
		return nil, fmt.Errorf("the database %s is a folder: WFBOT_DATABASE_URL has to name a file", file)
	}
	lock, err := lockFile(file + ".lock")
	if err != nil {
		return nil, fmt.Errorf("the database %s: %w", file, err)
	}
	if err := createPrivate(file); err != nil {
		lock.Close()
		return nil, fmt.Errorf("the database %s: %w", file, err)
	}
	options := url.Values{
		"_pragma": {"busy_timeout(5000)", "journal_mode(WAL)", "synchronous(FULL)", "foreign_keys(1)"},
		"_txlock": {"immediate"},
	}
	db, err := sql.Open("sqlite", "file:"+(&url.URL{Path: file}).EscapedPath()+"?"+options.Encode())
	if err != nil {
		lock.Close()
		return nil, fmt.Errorf("opening the database: %w", err)
	}
	db.SetMaxOpenConns(1)
	s := &Store{
		db: db, intake: db, process: rand.Text(), lock: lock,
		now: "CAST(unixepoch('subsec') * 1000 AS INTEGER)",
	}
	if err := s.prepare(ctx, goose.DialectSQLite3); err != nil {
		s.Close()
		return nil, fmt.Errorf("opening the database %s: %w", file, err)
	}
	// We hold the lock: whoever held a lease is dead.
	for _, table := range []string{"wishes", "requests", "batches", "homes"} {
		if _, err := db.ExecContext(ctx, `UPDATE `+table+` SET lease_token = '', lease_until = 0 WHERE lease_until > 0`); err != nil {
			s.Close()
			return nil, fmt.Errorf("voiding old leases: %w", err)
		}
	}
	return s, nil
}

// createPrivate makes a missing database file that only its owner can read: it
// holds names and e-mails. Nothing has the file open yet, so closing it here
// drops nobody's locks.
func createPrivate(file string) error {
	f, err := os.OpenFile(file, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("creating it: %w", err)
	}
	return f.Close()
}

// lockFile takes the lock that keeps a second process from the database. It is
// released when the file is closed or the process ends, however it ends.
func lockFile(name string) (*os.File, error) {
	f, err := os.OpenFile(name, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("opening its lock: %w", err)
	}
	if err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		f.Close()
		if errors.Is(err, unix.EWOULDBLOCK) {
			return nil, ErrInUse
		}
		return nil, fmt.Errorf("locking it: %w", err)
	}
	return f, nil
}

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

// prepare brings the schema up to date.
func (s *Store) prepare(ctx context.Context, dialect goose.Dialect) error {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return err
	}
	if dialect == goose.DialectPostgres {
		unlock, err := s.lockMigrations(ctx)
		if err != nil {
			return err
		}
		defer unlock()
	}
	provider, err := goose.NewProvider(dialect, s.db, files, goose.WithGoMigrations(backfill), goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return fmt.Errorf("reading the migrations: %w", err)
	}
	known := provider.ListSources()
	newest := known[len(known)-1].Version
	stored, err := provider.GetDBVersion(ctx)
	if err != nil {
		return fmt.Errorf("reading the version of the schema: %w", err)
	}
	if stored > newest { // what it means is not known here
		return fmt.Errorf("a newer wfbot has worked on it (schema %d, this one knows %d): use that version", stored, newest)
	}
	if _, err := provider.Up(ctx); err != nil {
		return fmt.Errorf("migrating the schema: %w", err)
	}
	return nil
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

// Close closes the database and gives up the lock. On SQLite it waits until the one
// connection is free, for callFor at most: closing that moves everything into the
// database file.
func (s *Store) Close() error {
	if s.lock != nil {
		ctx, cancel := context.WithTimeout(context.Background(), callFor)
		defer cancel()
		if last, err := s.db.Conn(ctx); err == nil {
			last.Close() // back to the others, to be closed with them
		}
	}
	err := errors.Join(s.db.Close(), s.intake.Close())
	if s.lock != nil {
		err = errors.Join(err, s.lock.Close())
	}
	return err
}

// Ping reports whether the database answers.
func (s *Store) Ping(ctx context.Context) error { return s.db.PingContext(ctx) }

// Writable reports whether the database takes what is written: it stores a row
// of the size of a wish and removes it in the same transaction.
func (s *Store) Writable(ctx context.Context) error {
	return s.Update(ctx, time.Time{}, func(t *Tx) error {
		name := "probe/" + rand.Text()
		if _, err := t.exec(`INSERT INTO wishes (id, dedupe_key, received_at, body) VALUES ($1, $1, 0, $2)`,
			name, strings.Repeat(" ", 4096)); err != nil {
			return fmt.Errorf("writing to the database: %w", err)
		}
		if _, err := t.exec(`DELETE FROM wishes WHERE id = $1`, name); err != nil {
			return fmt.Errorf("writing to the database: %w", err)
		}
		return nil
	})
}

// Tx is one transaction. It is used by the one goroutine that Update calls.
type Tx struct {
	ctx   context.Context
	tx    *sql.Tx
	store *Store
	now   time.Time
	trail []entry // appended before the commit

	looks   map[string]int64 // of the requests as they were read
	batches map[string]bool  // those of which a member has something new to show
}

// Update runs change in one transaction at time now and commits it, unless
// change returns an error, which Update returns as it is. All of it has callFor.
func (s *Store) Update(ctx context.Context, now time.Time, change func(*Tx) error) error {
	ctx, cancel := context.WithTimeout(ctx, callFor)
	defer cancel()
	sqlTx, err := s.db.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("beginning a transaction: %w", err)
	}
	defer sqlTx.Rollback() // does nothing after a commit
	tx := &Tx{ctx: ctx, tx: sqlTx, store: s, now: now, looks: map[string]int64{}, batches: map[string]bool{}}
	if err := change(tx); err != nil {
		return err
	}
	if err := tx.touchBatches(); err != nil {
		return err
	}
	if err := tx.appendTrail(); err != nil {
		return err
	}
	// A crash before this point: nothing happened. After it: all of it did.
	if err := sqlTx.Commit(); err != nil {
		return fmt.Errorf("committing: %w", err)
	}
	return nil
}

func (t *Tx) exec(query string, args ...any) (int64, error) {
	result, err := t.tx.ExecContext(t.ctx, query, args...)
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

// millis is how times are stored; the zero time is 0.
func millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

func fromMillis(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}

// nextOf are the columns step and next_at for a request or a batch as it stands.
func nextOf(r interface {
	Next(time.Time) (request.Step, time.Time)
}, now time.Time) (what string, next any) {
	step, at := r.Next(now)
	if step == request.Nothing {
		return "", nil
	}
	return string(step), millis(at)
}
