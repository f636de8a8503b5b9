package store

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"wfbot/bot/request"
)

// Table is one of those whose rows are claimed.
type Table string

// The tables whose rows are claimed.
const (
	Requests     Table = "requests"
	Cards        Table = "cards"
	Interactions Table = "interactions"
	Homes        Table = "homes"
	Duties       Table = "duties"
)

// WhenDue has tell called whenever this process has committed that a row of a table is
// due from a time on; at the zero time some may be, however many. It is not called for a
// row that is claimed: whoever has it says so at the end. tell must not block, may be
// called by several goroutines, and takes the place of the one before.
func (s *Store) WhenDue(tell func(table Table, at time.Time)) { s.whenDue.Store(&tell) }

// due tells of rows, one after the other.
func (s *Store) due(rows ...dueRow) {
	if tell := s.whenDue.Load(); tell != nil {
		for _, row := range rows {
			(*tell)(row.table, row.at)
		}
	}
}

// dueRow is one row that is due from a time on.
type dueRow struct {
	table Table
	at    time.Time
}

// due notes that a row, which nobody has claimed, is to be told of after the commit. at
// is its due_at, nil if it is not due.
func (t *Tx) due(table Table, at any) {
	if ms, ok := at.(int64); ok {
		t.rows = append(t.rows, dueRow{table, fromMillis(ms)})
	}
}

// Waiting are the rows of a table that somebody can work on.
type Waiting struct {
	Table                     // empty: none
	Except     []request.Step // of Requests: not those for one of these
	OpenedOnly bool           // of Homes: only those that somebody has just opened
}

// Next returns when, by the caller's clock that shows now, the first of each of these
// can be claimed, in one question for all; the zero time where there is none.
func (s *Store) Next(ctx context.Context, now time.Time, of ...Waiting) ([]time.Time, error) {
	ctx, cancel := context.WithTimeout(ctx, callFor)
	defer cancel()
	end, err := s.turn(ctx)
	if err != nil {
		return nil, err
	}
	defer end()
	query, args := s.nextStatement(now, of)
	found, scan := make([]sql.NullInt64, 2*len(of)), make([]any, 2*len(of))
	for i := range found {
		scan[i] = &found[i]
	}
	if err := s.db.QueryRowContext(ctx, query, args...).Scan(scan...); err != nil {
		return nil, fmt.Errorf("looking for what is due next: %w", err)
	}
	var next []time.Time
	for pair := range slices.Chunk(found, 2) {
		next = append(next, first(pair[0], pair[1]))
	}
	return next, nil
}

func (s *Store) nextStatement(now time.Time, of []Waiting) (query string, args arguments) {
	var firsts []string
	for _, w := range of {
		free, claimed := s.firsts(w, now, &args)
		firsts = append(firsts, free, claimed)
	}
	return `SELECT ` + strings.Join(firsts, ", "), args
}

// first is the earlier of two times. 0 is a time too. Zero: there is none.
func first(a, b sql.NullInt64) time.Time {
	if !a.Valid || b.Valid && b.Int64 < a.Int64 {
		a = b
	}
	if !a.Valid {
		return time.Time{}
	}
	return time.UnixMilli(a.Int64).UTC()
}

// firsts are two expressions for when the first of these can be claimed. One is for those
// that nobody has claimed: an index finds them. The other is for those that somebody has:
// they are few.
func (s *Store) firsts(w Waiting, now time.Time, args *arguments) (free, claimed string) {
	condition, own := func() string { return ` due_at IS NOT NULL AND set_aside_at = 0` + notFor(w.Except, args) }, ``
	switch w.Table {
	case "":
		return "NULL", "NULL"
	case Homes:
		condition = func() string { return ` ` + homeStale(args.add(millis(now.Add(-homeFor))), w.OpenedOnly) }
	case Interactions:
		own = `lease_token = ` + args.add(s.holder.Load().id) + ` OR ` // which holds them back for itself
	}
	ends := `lease_until - ` + s.now + ` + ` + args.add(millis(now)) // of the lease, by the caller's clock
	return `(SELECT MIN(due_at) FROM ` + string(w.Table) + ` WHERE` + condition() + ` AND lease_until <= 0)`,
		`(SELECT MIN(CASE WHEN ` + own + `due_at > ` + ends + ` THEN due_at ELSE ` + ends + ` END) FROM ` +
			string(w.Table) + ` WHERE` + condition() + ` AND lease_until > 0)`
}

// arguments are those of a statement that is put together.
type arguments []any

// add returns the name of one more.
func (a *arguments) add(value any) string {
	*a = append(*a, value)
	return "$" + strconv.Itoa(len(*a))
}
