package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// Reader reads a database, beside the wfbot that works on it if there is one. It takes
// no lock, changes nothing and never migrates. It may be used by several goroutines.
type Reader struct {
	db     *sql.DB
	file   string // of SQLite, resolved
	schema int64
}

// OpenReader opens the database at address, which is as for Open, for reading. The
// database must be there. The error never shows the address of PostgreSQL, which may
// hold a password.
func OpenReader(ctx context.Context, address string) (*Reader, error) {
	if err := CheckAddress(address); err != nil {
		return nil, fmt.Errorf("the database address %w", err)
	}
	if file, ok := strings.CutPrefix(address, "sqlite:"); ok {
		return readSQLite(ctx, file)
	}
	config, err := parsePostgres(address)
	if err != nil {
		return nil, fmt.Errorf("the database address %w", err)
	}
	if config.ConnectTimeout == 0 {
		config.ConnectTimeout = 5 * time.Second
	}
	config.RuntimeParams["default_transaction_read_only"] = "on"
	r := &Reader{db: stdlib.OpenDB(*config)}
	if err := r.begin(ctx); err != nil {
		r.Close()
		return nil, fmt.Errorf("opening the PostgreSQL database: %w", explained(err, config))
	}
	return r, nil
}

func readSQLite(ctx context.Context, name string) (*Reader, error) {
	file, err := resolveFile(name)
	if err != nil {
		return nil, fmt.Errorf("the database %s: %w", name, err)
	}
	if _, err := os.Lstat(file); errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("there is no database %s: \"wfbot run\" makes it; what WFBOT_DATABASE_URL names is relative to the working directory", file)
	}
	if err := checkFile(file); err != nil {
		return nil, fmt.Errorf("the database %s: %w", file, err)
	}
	return readFile(ctx, file, url.Values{"mode": {"ro"}, "_pragma": {"busy_timeout(5000)"}})
}

// readFile opens a resolved file.
func readFile(ctx context.Context, file string, options url.Values) (*Reader, error) {
	db, err := sql.Open("sqlite", sqliteName(file, options))
	if err != nil {
		return nil, fmt.Errorf("opening the database: %w", err)
	}
	r := &Reader{db: db, file: file}
	if err := r.begin(ctx); err != nil {
		r.Close()
		return nil, fmt.Errorf("opening the database %s: %w", file, explainedReading(err))
	}
	return r, nil
}

// sqliteName is how the driver is told of a file.
func sqliteName(file string, options url.Values) string {
	return "file:" + (&url.URL{Path: file}).EscapedPath() + "?" + options.Encode()
}

// explainedReading adds to why SQLite did not let us read what the operator can do
// about it.
func explainedReading(err error) error {
	if lite, ok := errors.AsType[*sqlite.Error](err); ok {
		switch lite.Code() & 0xff {
		case sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM, sqlite3.SQLITE_AUTH:
			return fmt.Errorf("%w. Do this as the user as which wfbot runs: also to read, SQLite has to use the files beside the database", err)
		}
	}
	return explainedFile(err)
}

// errNotOurs: there is nothing of wfbot in the database.
var errNotOurs = errors.New("it is no database of wfbot, or \"wfbot run\" has never worked on it")

// begin makes sure that the database is one of wfbot, and not of a newer one.
func (r *Reader) begin(ctx context.Context) error {
	ours := `SELECT COUNT(*) FROM pg_catalog.pg_class WHERE oid = to_regclass('goose_db_version')`
	if r.file != "" {
		ours = `SELECT COUNT(*) FROM sqlite_master WHERE type = 'table' AND name = 'goose_db_version'`
	}
	var tables int
	if err := r.db.QueryRowContext(ctx, ours).Scan(&tables); err != nil {
		return fmt.Errorf("looking into it: %w", err)
	}
	if tables == 0 {
		return errNotOurs
	}
	if err := r.db.QueryRowContext(ctx, `SELECT COALESCE(MAX(version_id), 0) FROM goose_db_version WHERE is_applied`).Scan(&r.schema); err != nil {
		return fmt.Errorf("reading the version of the schema: %w", err)
	}
	return nil
}

// readable refuses a database whose audit trail has another form than is known here.
func (r *Reader) readable() error {
	newest, err := newestSchema()
	switch {
	case err != nil:
		return err
	case r.schema > newest:
		return fmt.Errorf("a newer wfbot has worked on the database (schema %d, this one knows %d): use that version", r.schema, newest)
	case r.schema < rehash.Version:
		return fmt.Errorf("an older wfbot has worked on the database last (schema %d): start \"wfbot run\" of this version once, which brings it to its newest form", r.schema)
	}
	return nil
}

// newestSchema is the schema that this version makes.
func newestSchema() (int64, error) {
	newest := rehash.Version
	files, err := migrations.ReadDir("migrations")
	if err != nil {
		return 0, fmt.Errorf("reading the migrations: %w", err)
	}
	for _, file := range files {
		version, err := goose.NumericComponent(file.Name())
		if err != nil {
			return 0, fmt.Errorf("reading the migrations: %w", err)
		}
		newest = max(newest, version)
	}
	return newest, nil
}

// Close closes the database.
func (r *Reader) Close() error { return r.db.Close() }

// VerifyTrail is [Store.VerifyTrail].
func (r *Reader) VerifyTrail(ctx context.Context, noted ...Head) (Verified, error) {
	if err := r.readable(); err != nil {
		return Verified{}, err
	}
	return verifyTrail(ctx, r.db, noted)
}
