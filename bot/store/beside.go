package store

import (
	"context"
	"crypto/rand"
	"database/sql"
	"fmt"
	"log/slog"
	"net/url"
)

// OpenBeside opens the database at address, which is as for Open, to change it beside
// the wfbot that works on it, if there is one. Other than Open it takes no lock, never
// migrates and voids no leases: the database must be there, in its newest form.
func OpenBeside(ctx context.Context, address string) (*Store, error) {
	r, err := OpenReader(ctx, address)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	if err := r.newest(); err != nil {
		return nil, err
	}
	if r.file == "" { // it is in its newest form, and several processes may share it
		return openPostgres(ctx, address, slog.New(slog.DiscardHandler))
	}
	if err := checkAccess(r.file); err != nil {
		return nil, fmt.Errorf("the database %s: %w", r.file, err)
	}
	options := sqliteOptions()
	options.Set("mode", "rw")
	db, err := sql.Open("sqlite", sqliteName(r.file, options))
	if err != nil {
		return nil, fmt.Errorf("opening the database: %w", err)
	}
	db.SetMaxOpenConns(1)
	s := &Store{db: db, intake: db, process: rand.Text(), file: r.file, now: nowSQLite}
	s.holder.Store(newHolder(""))
	return s, nil
}

// sqliteOptions are those of each connection that writes. What is deleted or erased is
// overwritten in the file.
func sqliteOptions() url.Values {
	return url.Values{
		"_pragma": {"busy_timeout(5000)", "journal_mode(WAL)", "synchronous(FULL)", "foreign_keys(1)", "secure_delete(1)"},
		"_txlock": {"immediate"},
	}
}

// newest refuses a database that is not in its newest form.
func (r *Reader) newest() error {
	if err := r.readable(); err != nil {
		return err
	}
	newest, err := newestSchema()
	if err == nil && r.schema < newest {
		err = fmt.Errorf("an older wfbot has worked on the database last (schema %d): start \"wfbot run\" of this version once, which brings it to its newest form", r.schema)
	}
	return err
}
