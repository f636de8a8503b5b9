package store

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"

	"github.com/pressly/goose/v3"
	"golang.org/x/sys/unix"
	_ "modernc.org/sqlite" // driver "sqlite"
)

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
