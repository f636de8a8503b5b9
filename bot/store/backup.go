package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// ErrNotSQLite: only a SQLite database is copied by wfbot; for PostgreSQL there is
// pg_dump.
var ErrNotSQLite = errors.New("the database is not SQLite")

// Copy is what is in a copy of the database.
type Copy struct {
	File     string // its absolute name
	Requests int64
	Head     Head // of its audit trail; zero: of a database that an older wfbot has worked on last
}

// Backup copies a SQLite database to a new file, as it is at one moment, while others
// may write to it, and makes sure that the copy opens and is whole. Only its owner may
// read the file. It appears under its name when it is complete; one that is there
// already is never overwritten: fs.ErrExist. ErrNotSQLite for PostgreSQL.
//
// The copy holds nothing that was erased, also not in pages that are free.
func (r *Reader) Backup(ctx context.Context, file string) (c Copy, err error) {
	if r.file == "" {
		return c, ErrNotSQLite
	}
	if c.File, err = filepath.Abs(file); err != nil {
		return c, err
	}
	if _, err := os.Lstat(c.File); err == nil {
		return c, fmt.Errorf("%s: %w", c.File, fs.ErrExist)
	}
	made, err := os.CreateTemp(filepath.Dir(c.File), "."+filepath.Base(c.File)+".*") // its mode is 0600
	if err != nil {
		return c, fmt.Errorf("making the copy: %w", err)
	}
	defer os.Remove(made.Name()) // unless it has its name
	if err := made.Close(); err != nil {
		return c, fmt.Errorf("making the copy: %w", err)
	}
	// SQLite takes an empty file for one that is not there yet.
	if _, err := r.db.ExecContext(ctx, `VACUUM INTO $1`, made.Name()); err != nil {
		return c, fmt.Errorf("copying the database to %s: %w", c.File, explainedFile(err))
	}
	if err := c.check(ctx, made.Name(), r.schema); err != nil {
		return c, fmt.Errorf("the copy is not in order and was removed: %w", err)
	}
	if err := toDisk(made.Name()); err != nil {
		return c, fmt.Errorf("making the copy: %w", err)
	}
	if err := nameNew(made.Name(), c.File); err != nil {
		return c, fmt.Errorf("making the copy: %w", err)
	}
	return c, toDisk(filepath.Dir(c.File))
}

// check opens the copy and reads all of it.
func (c *Copy) check(ctx context.Context, file string, schema int64) error {
	r, err := readSQLite(ctx, file)
	if err != nil {
		return err
	}
	defer r.Close()
	said, err := ids(ctx, r.db, `PRAGMA integrity_check`)
	switch {
	case err != nil:
		return fmt.Errorf("checking it: %w", err)
	case len(said) != 1 || said[0] != "ok":
		return fmt.Errorf("SQLite says of it: %.300q", said)
	case r.schema != schema:
		return fmt.Errorf("its schema is %d, not %d", r.schema, schema)
	}
	if err := r.db.QueryRowContext(ctx, `SELECT COUNT(*) FROM requests`).Scan(&c.Requests); err != nil {
		return fmt.Errorf("counting its requests: %w", err)
	}
	if r.readable() == nil {
		c.Head, err = readHead(ctx, r.db)
	}
	return err
}

// nameNew gives a file its name, unless there is one of that name.
func nameNew(file, name string) error {
	err := os.Link(file, name) // one step that overwrites nothing
	if err == nil || errors.Is(err, fs.ErrExist) {
		return err
	}
	// A file system without links. Somebody who makes the same copy at the same moment is
	// not kept out.
	if _, err := os.Lstat(name); err == nil {
		return fmt.Errorf("%s: %w", name, fs.ErrExist)
	}
	return os.Rename(file, name)
}

// toDisk writes a file or folder to the disk.
func toDisk(name string) error {
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}
