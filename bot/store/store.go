package store

import (
	"context"
	"crypto/rand"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/pressly/goose/v3"

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

// UnreadableError: a row is there and cannot be decoded. Trying again does not help.
type UnreadableError struct {
	Row   string // "request", "card" or "interaction", and its id
	Cause error
}

func (e *UnreadableError) Error() string {
	return fmt.Sprintf("%s cannot be decoded: %v", e.Row, e.Cause)
}

func (e *UnreadableError) Unwrap() error { return e.Cause }

// errNotItself: what is stored in a row can be decoded, but is not what belongs there.
var errNotItself = errors.New("the document is not that of the row")

// errNewer: what is stored in a row is a newer version's, which knows more states and
// actions. What is done about it here might be wrong.
var errNewer = errors.New("it has a state or an action that this version of wfbot does not know")

// Unreadable reports whether err says that a row cannot be decoded.
func Unreadable(err error) bool {
	_, ok := errors.AsType[*UnreadableError](err)
	return ok
}

//go:embed migrations/*.sql
var migrations embed.FS

// Store is an open database. It may be used by several goroutines.
type Store struct {
	db      *sql.DB
	intake  *sql.DB  // for storing interactions: work that waits for locks must not delay that
	process string   // names this process
	file    string   // of SQLite, resolved
	lock    *os.File // held while open; nil for PostgreSQL
	opened  []opened // the database file and its lock; empty for PostgreSQL
	skip    string   // what makes a claim pass over rows that another is claiming
	forUpd  string   // what locks a row that is read to be changed
	now     string   // the SQL for the time that leases run by, in milliseconds
	idle    idleLeases
	turns   chan struct{} // of SQLite: whose turn at its connection it is; see turn
	whenDue atomic.Pointer[func(Table, time.Time)]

	holder atomic.Pointer[holder] // of the leases that are taken now
	config *pgx.ConnConfig        // of PostgreSQL
	others others

	recorded atomic.Pointer[func(requestID string, e request.Event)] // see OnRecorded; nil: nobody is told
}

const (
	// callFor is the deadline of a single statement, and of a transaction. A database
	// that hangs must hang nobody with it; whatever was tried is tried again.
	callFor = 5 * time.Second
	// insertFor is that of storing an interaction, and findFor that of finding out what became
	// of one whose storing was not answered. Slack waits 3 seconds for both together.
	insertFor = 2 * time.Second
	findFor   = 500 * time.Millisecond
)

// CheckAddress says what is wrong with the address of a database, as far as that
// shows without opening it. The sentence has no subject, and of the address only names of
// files: the rest may hold a password.
func CheckAddress(address string) error {
	if file, ok := strings.CutPrefix(address, "sqlite:"); ok {
		return checkFileName(file)
	}
	if strings.HasPrefix(address, "postgres://") || strings.HasPrefix(address, "postgresql://") {
		_, err := parsePostgres(address)
		return err
	}
	return errors.New("must be sqlite: and a file name, such as sqlite:wfbot.db, or begin with postgres://")
}

// Open opens the database at address, migrates it to the newest schema and, for
// SQLite, voids the leases of the process before. address is "sqlite:" and a file
// name, or a postgres:// URL. The error never shows the address of PostgreSQL,
// which may hold a password. log is told if another process has to be waited for;
// it may be nil.
func Open(ctx context.Context, address string, log *slog.Logger) (*Store, error) {
	if err := CheckAddress(address); err != nil {
		return nil, fmt.Errorf("the database address %w", err)
	}
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	if file, ok := strings.CutPrefix(address, "sqlite:"); ok {
		return openSQLite(ctx, file, log)
	}
	return openPostgres(ctx, address, log)
}

func (s *Store) onPostgres() bool { return s.file == "" }

// Files are the files of a SQLite database, those that exist now; none for
// PostgreSQL. They hold names and e-mails.
func (s *Store) Files() []string { return existing(s.file) }

func existing(file string) []string {
	if file == "" {
		return nil
	}
	return slices.DeleteFunc(append([]string{file}, filesBeside(file)...), func(name string) bool {
		_, err := os.Stat(name)
		return err != nil
	})
}

// prepare brings the schema up to date.
func (s *Store) prepare(ctx context.Context, dialect goose.Dialect, log *slog.Logger) error {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return err
	}
	if dialect == goose.DialectPostgres {
		unlock, err := s.lockMigrations(ctx, log)
		if err != nil {
			return err
		}
		defer unlock()
	}
	provider, err := goose.NewProvider(dialect, s.db, files, goose.WithGoMigrations(backfill, cards, rehash), goose.WithDisableGlobalRegistry(true))
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
	if stored > 0 && stored < rehash.Version {
		return s.sayRehashed(ctx, log)
	}
	return nil
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
		err = errors.Join(err, unlockFile(s.lock))
	}
	return err
}

// Writable reports whether the database takes what is written: it stores a row
// of the size of an interaction and removes it in the same transaction.
func (s *Store) Writable(ctx context.Context) error {
	return s.Update(ctx, time.Time{}, func(t *Tx) error {
		name := "probe/" + rand.Text()
		if _, err := t.exec(`INSERT INTO interactions (id, dedupe_key, received_at, body) VALUES ($1, $1, 0, $2)`,
			name, strings.Repeat(" ", 4096)); err != nil {
			return fmt.Errorf("writing to the database: %w", err)
		}
		if _, err := t.exec(`DELETE FROM interactions WHERE id = $1`, name); err != nil {
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
	trail []entry  // appended before the commit
	told  []told   // the same, for OnRecorded
	rows  []dueRow // told of after it

	read      map[string]stored // the requests as they were read or saved last
	documents map[string][]byte // of those that were read with their card
	raised    map[string]bool   // cards with a request that has something new: whether the look rises with it
}

// UpdateUnsynced is Update for what is done again if it is lost, and has nothing for the
// audit trail: where power fails it may be undone after it has returned. What is
// committed later by Update is never there without it.
func (s *Store) UpdateUnsynced(ctx context.Context, now time.Time, change func(*Tx) error) error {
	return s.Update(unsynced(ctx), now, change)
}

// turn waits until nobody else works on the one connection of SQLite, and returns
// what ends the turn. Storing an interaction does not wait for its turn: it must not
// stand behind everything that could also be done a moment later.
func (s *Store) turn(ctx context.Context) (end func(), err error) {
	if s.turns == nil {
		return func() {}, nil
	}
	select {
	case s.turns <- struct{}{}:
		return func() { <-s.turns }, nil
	case <-ctx.Done():
		return nil, fmt.Errorf("waiting for the database: %w", ctx.Err())
	}
}

// Update runs change in one transaction at time now and commits it, unless
// change returns an error, which Update returns as it is. All of it has callFor.
func (s *Store) Update(ctx context.Context, now time.Time, change func(*Tx) error) error {
	tx, err := s.transact(ctx, now, change)
	if err != nil {
		return err
	}
	tx.tell() // before anybody goes on with it
	s.due(tx.rows...)
	for _, row := range tx.rows {
		if row.table != Interactions && !row.at.After(now) { // those are held back for this process
			s.others.add(row.table)
		}
	}
	return nil
}

// transact is Update without telling anybody. The Tx has ended, and says who to tell.
func (s *Store) transact(ctx context.Context, now time.Time, change func(*Tx) error) (*Tx, error) {
	ctx, cancel := context.WithTimeout(ctx, callFor)
	defer cancel()
	if err := s.inPlace(); err != nil {
		return nil, err
	}
	end, err := s.turn(ctx)
	if err != nil {
		return nil, err
	}
	defer end()
	sqlTx, err := s.db.BeginTx(ctx, nil)
	if err != nil {
		return nil, fmt.Errorf("beginning a transaction: %w", err)
	}
	defer sqlTx.Rollback() // does nothing after a commit
	tx := &Tx{ctx: ctx, tx: sqlTx, store: s, now: now, read: map[string]stored{}, documents: map[string][]byte{}, raised: map[string]bool{}}
	if err := change(tx); err != nil {
		return nil, err
	}
	if err := tx.raiseCards(); err != nil {
		return nil, err
	}
	if len(tx.trail) > 0 && ctx.Value(unsyncedKey{}) != nil {
		return nil, errors.New("unreachable: an entry of the audit trail that may be lost")
	}
	if err := tx.appendTrail(); err != nil {
		return nil, err
	}
	// A crash before this point: nothing happened. After it: all of it did.
	if err := sqlTx.Commit(); err != nil {
		return nil, fmt.Errorf("committing: %w", err)
	}
	return tx, nil
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

// dueOf are the columns step and due_at for a request or a card as it stands.
func dueOf(r interface {
	Next(time.Time) (request.Step, time.Time)
}, now time.Time) (step string, due any) {
	what, at := r.Next(now)
	if what == request.Nothing {
		return "", nil
	}
	return string(what), millis(at)
}
