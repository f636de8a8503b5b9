package store

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"os"

	"github.com/pressly/goose/v3"
	"modernc.org/sqlite" // also the driver "sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// nowSQLite is the SQL for the time of the database.
const nowSQLite = "CAST(unixepoch('subsec') * 1000 AS INTEGER)"

func openSQLite(ctx context.Context, name string, log *slog.Logger) (*Store, error) {
	file, err := resolveFile(name)
	if err != nil {
		return nil, fmt.Errorf("the database %s: %w", name, err)
	}
	lock, err := take(file)
	if err != nil {
		return nil, fmt.Errorf("the database %s: %w", file, err)
	}
	files, err := openedNow(file, file+".lock")
	if err != nil {
		unlockFile(lock)
		return nil, fmt.Errorf("the database %s: %w", file, err)
	}
	connector, err := sqlite.NewConnector(sqliteName(file, sqliteOptions()))
	if err != nil {
		unlockFile(lock)
		return nil, fmt.Errorf("opening the database: %w", err)
	}
	db := sql.OpenDB(keeping{connector})
	db.SetMaxOpenConns(1)
	s := &Store{
		db: db, intake: db, process: rand.Text(), file: file, lock: lock, opened: files,
		now: nowSQLite, turns: make(chan struct{}, 1),
	}
	s.holder.Store(newHolder(""))
	err = refuseForeign(ctx, db)
	if err == nil {
		err = s.prepare(ctx, goose.DialectSQLite3, log)
	}
	if err == nil {
		err = voidLeases(ctx, db)
	}
	if err != nil {
		s.Close()
		return nil, fmt.Errorf("opening the database %s: %w", file, explainedFile(err))
	}
	return s, nil
}

// voidLeases frees what a process before was working on.
func voidLeases(ctx context.Context, db *sql.DB) error {
	// We hold the lock: whoever held a lease is dead, and may have drawn more than is stored.
	if _, err := db.ExecContext(ctx, `UPDATE homes SET view = ''`); err != nil {
		return fmt.Errorf("voiding old leases: %w", err)
	}
	for _, table := range claimedTables {
		if _, err := db.ExecContext(ctx, voidLease(table)); err != nil {
			return fmt.Errorf("voiding old leases: %w", err)
		}
	}
	return nil
}

func voidLease(table Table) string {
	return `UPDATE ` + string(table) + ` SET lease_token = '', lease_until = 0 WHERE ` + claimedIn(table)
}

// refuseForeign refuses the file of another program: it would belong to both from now on.
func refuseForeign(ctx context.Context, db *sql.DB) error {
	var tables, ours int
	if err := db.QueryRowContext(ctx, `SELECT COUNT(*), COUNT(*) FILTER (WHERE name = 'goose_db_version') FROM sqlite_master WHERE type = 'table'`).
		Scan(&tables, &ours); err != nil {
		return fmt.Errorf("looking into it: %w", err)
	}
	if tables > 0 && ours == 0 {
		return errors.New("it holds the tables of another program: name another file in WFBOT_DATABASE_URL")
	}
	return nil
}

// explainedFile adds to why SQLite did not take the file what the operator can do
// about it.
func explainedFile(err error) error {
	lite, ok := errors.AsType[*sqlite.Error](err)
	if !ok {
		return err
	}
	switch lite.Code() & 0xff { // the rest says which call it was
	case sqlite3.SQLITE_FULL:
		return fmt.Errorf("%w. Make room where it is", err)
	case sqlite3.SQLITE_NOTADB:
		return fmt.Errorf("%w. Name another file in WFBOT_DATABASE_URL, or put a copy of the database in its place", err)
	case sqlite3.SQLITE_CORRUPT:
		return fmt.Errorf("%w. It is damaged: put the newest copy of the database in its place, and remove the files beside it that end in -wal and -shm", err)
	}
	return err
}

// take makes a resolved file ours: it exists, and nobody else can work on it for
// as long as the lock that it returns is open.
func take(file string) (lock *os.File, err error) {
	if err := checkAccess(file); err != nil { // first: of a folder that is closed nothing else can be seen
		return nil, err
	}
	if err := checkFile(file); err != nil {
		return nil, err
	}
	if lock, err = lockFile(file + ".lock"); err != nil {
		return nil, err
	}
	if err := createPrivate(file); err != nil {
		unlockFile(lock)
		return nil, err
	}
	return lock, nil
}
