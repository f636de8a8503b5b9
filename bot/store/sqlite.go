package store

import (
	"context"
	"crypto/rand"
	"database/sql"
	"fmt"
	"log/slog"
	"net/url"
	"os"

	"github.com/pressly/goose/v3"
	_ "modernc.org/sqlite" // driver "sqlite"
)

func openSQLite(ctx context.Context, name string, log *slog.Logger) (*Store, error) {
	file, err := resolveFile(name)
	if err != nil {
		return nil, fmt.Errorf("the database %s: %w", name, err)
	}
	lock, err := take(file)
	if err != nil {
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
		db: db, intake: db, process: rand.Text(), file: file, lock: lock,
		now: "CAST(unixepoch('subsec') * 1000 AS INTEGER)",
	}
	if err := s.prepare(ctx, goose.DialectSQLite3, log); err != nil {
		s.Close()
		return nil, fmt.Errorf("opening the database %s: %w", file, err)
	}
	// We hold the lock: whoever held a lease is dead, and may have drawn what it had.
	if _, err := db.ExecContext(ctx, `UPDATE homes SET view = '' WHERE lease_until > 0`); err != nil {
		s.Close()
		return nil, fmt.Errorf("voiding old leases: %w", err)
	}
	for _, table := range []string{"wishes", "requests", "batches", "homes"} {
		if _, err := db.ExecContext(ctx, `UPDATE `+table+` SET lease_token = '', lease_until = 0 WHERE lease_until > 0`); err != nil {
			s.Close()
			return nil, fmt.Errorf("voiding old leases: %w", err)
		}
	}
	return s, nil
}

// take makes a resolved file ours: it exists, and nobody else can work on it for
// as long as the lock that it returns is open.
func take(file string) (lock *os.File, err error) {
	if err := checkFile(file); err != nil {
		return nil, err
	}
	if err := checkAccess(file); err != nil {
		return nil, err
	}
	if lock, err = lockFile(file + ".lock"); err != nil {
		return nil, err
	}
	if err := createPrivate(file); err != nil {
		lock.Close()
		return nil, err
	}
	return lock, nil
}
