package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// Inspection is what can be seen of a database without changing it.
type Inspection struct {
	File string // of SQLite, resolved; empty: PostgreSQL
	// Missing: there is none yet. "wfbot run" can make it where it is to be.
	Missing bool

	Schema, Newest int64   // the form it has, and the one that this version makes
	Binding        Binding // what it works for; zero: nothing yet

	// Processes are the wfbots that have been seen at work lately, and Connections how
	// many connections to Slack they hold at most.
	Processes, Connections int

	Place Place // of the file of SQLite
}

// Files are the files of a SQLite database, those that exist now; none for PostgreSQL.
func (i Inspection) Files() []string { return existing(i.File) }

// Place is what a file is on.
type Place struct {
	FileSystem string // such as ext4; empty: not known
	// Trouble is why a database should not be there, and what to do; empty: nothing
	// is known against it.
	Trouble string
}

// Inspect looks at the database at address, which is as for Open, beside the wfbot
// that works on it if there is one. It takes no lock, changes nothing and never
// migrates. The error says what keeps a wfbot from working on it, as Open would, and
// what was found out before is returned with it.
func Inspect(ctx context.Context, address string) (found Inspection, err error) {
	ctx, cancel := context.WithTimeout(ctx, 4*callFor)
	defer cancel()
	if err := CheckAddress(address); err != nil {
		return found, fmt.Errorf("the database address %w", err)
	}
	if found.Newest, err = newestSchema(); err != nil {
		return found, err
	}
	if name, ok := strings.CutPrefix(address, "sqlite:"); ok {
		if found.File, err = resolveFile(name); err == nil {
			err = found.lookAtFile()
		}
		if err != nil {
			return found, fmt.Errorf("the database %s: %w", name, err)
		}
		if found.Missing {
			return found, nil
		}
	}
	r, err := found.open(ctx, address)
	if errors.Is(err, errNotOurs) && found.File == "" { // a database that somebody has made for wfbot
		found.Missing = true
		return found, nil
	}
	if err != nil {
		return found, err
	}
	defer r.Close()
	return found, found.lookInto(ctx, r)
}

// open opens the database for reading. If nobody works on a file of SQLite, even the
// files that readers of one share are not made.
func (i *Inspection) open(ctx context.Context, address string) (*Reader, error) {
	if i.File == "" {
		return OpenReader(ctx, address)
	}
	options := url.Values{"mode": {"ro"}, "_pragma": {"busy_timeout(5000)", "query_only(1)"}}
	if _, err := os.Lstat(i.File + "-wal"); errors.Is(err, fs.ErrNotExist) {
		options.Set("immutable", "1")
	}
	return readFile(ctx, i.File, options)
}

// lookAtFile looks at a file of SQLite and what it is on.
func (i *Inspection) lookAtFile() error {
	i.Place = placeOf(filepath.Dir(i.File))
	if err := checkAccess(i.File); err != nil {
		return err
	}
	if err := checkFile(i.File); err != nil {
		return err
	}
	_, err := os.Lstat(i.File)
	i.Missing = errors.Is(err, fs.ErrNotExist)
	return nil
}

// lookInto reads what the database says of itself. What an older schema does not have
// stays zero.
func (i *Inspection) lookInto(ctx context.Context, r *Reader) error {
	i.Schema = r.schema
	if i.Schema > i.Newest {
		return fmt.Errorf("a newer wfbot has worked on the database (schema %d, this one knows %d): use that version", i.Schema, i.Newest)
	}
	if i.Schema >= bindingSchema {
		if err := r.db.QueryRowContext(ctx, readBinding).Scan(&i.Binding.Workfront, &i.Binding.Slack); err != nil {
			return fmt.Errorf("reading what the database works for: %w", err)
		}
	}
	if i.Schema >= processesSchema {
		now := nowSQLite
		if i.File == "" {
			now = nowPostgres
		}
		if err := r.db.QueryRowContext(ctx, `SELECT COUNT(*), COALESCE(SUM(connections), 0) FROM processes WHERE seen_at >= `+now+` - $1`,
			seenLately.Milliseconds()).Scan(&i.Processes, &i.Connections); err != nil {
			return fmt.Errorf("reading who works on the database: %w", err)
		}
	}
	return nil
}

// The schemas that brought the tables that Inspect reads.
const (
	bindingSchema   = 5
	processesSchema = 8
)

// seenLately is how long ago a wfbot that works has been seen at most.
const seenLately = time.Minute
