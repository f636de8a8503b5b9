package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"time"

	"wfbot/bot/request"
)

// DB lets tests damage a database as an intruder would.
func (s *Store) DB() *sql.DB { return s.db }

// DB lets tests try to write through a Reader.
func (r *Reader) DB() *sql.DB { return r.db }

// What is between an address and a connection: a test puts a name server of its own
// there.
var (
	ParsePostgres  = parsePostgres
	OpenPostgresAt = openPostgresAt
)

// A Statement is one that runs all the time, with an example of its arguments.
type Statement struct {
	Text string
	Args []any
}

// Frequent are the statements of lists and Home tabs, of claims, of what is due next and of
// a start, by what they are for.
func (s *Store) Frequent(now time.Time) map[string]Statement {
	all := map[string]Statement{
		"Home tabs":        {`SELECT * FROM homes WHERE ` + homeStale("$1", false), []any{0}},
		"opened Home tabs": {`SELECT * FROM homes WHERE ` + homeStale("$1", true), []any{0}},
	}
	for which, args := range map[string][]any{
		unended: {500}, failed: nil, ended: {200}, by: {"U1", 20}, about: {"jane@acme.com", 20}, forTheirID: {"wf1"},
		`WHERE card_id = $1 ORDER BY position`: {"c1"},
	} {
		all["requests "+which] = Statement{`SELECT * FROM requests ` + which, args}
		all["decisions of requests "+which] = Statement{decisionsOf(which, s.onPostgres()), args}
	}
	for name, except := range map[string][]request.Step{"all": nil, "some": {request.LookUp, request.Execute}} {
		text, args := s.claimStatement(Lease{Token: "token", table: Requests}, Lease{Token: "idle"}, requestColumns, countsLast, now, time.Minute, except)
		all["claim of requests, "+name] = Statement{text, args}
		text, args = s.nextStatement(now, []Waiting{{Table: Requests, Except: except}, {Table: Cards}, {Table: Interactions}, {Table: Homes}})
		all["next, "+name] = Statement{text, args}
	}
	text, args := s.claimStatement(Lease{Token: "token", table: Cards}, Lease{Token: "idle"}, cardColumns, "due_at", now, time.Minute, nil)
	all["claim of cards"] = Statement{text, args}
	all["claim of interactions"] = Statement{s.claimInteractionStatement(), []any{"token", millis(now), 60000, "idle", "holder"}}
	for _, table := range []Table{Requests, Cards, Interactions} {
		all["set aside of "+string(table)] = Statement{takeUp(table), nil}
		if s.file != "" {
			all["leases of "+string(table)] = Statement{voidLease(table), nil}
		}
	}
	return all
}

// MigrationLock is what a process that migrates holds.
const MigrationLock = migrationLock

// OldHash is the hash of an audit entry before the trail was hashed again.
func OldHash(seq, at int64, requestID, kind, actor, detail, prev string) string {
	return hexSHA256(jsonArray(seq, at, requestID, kind, actor, detail, prev))
}

// Standings are the queries of Standing.
var Standings = []string{standing, approved}

// Observe tells ran of each statement on a store in SQLite, with BEGIN and COMMIT;
// of those that are kept already it does not.
func (s *Store) Observe(ctx context.Context, ran func(query string)) error {
	conn, err := s.db.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	return conn.Raw(func(c any) error {
		kept := c.(*keepingConn)
		err := kept.forget()
		kept.sqliteConn = observedConn{kept.sqliteConn, ran}
		return err
	})
}

// Synced reports whether SQLite syncs what is committed, as it was set last.
func (s *Store) Synced(ctx context.Context) (synced bool, err error) {
	conn, err := s.db.Conn(ctx)
	if err != nil {
		return false, err
	}
	defer conn.Close()
	err = conn.Raw(func(c any) error {
		rows, err := c.(*keepingConn).sqliteConn.(driver.QueryerContext).QueryContext(ctx, "PRAGMA synchronous", nil)
		if err != nil {
			return err
		}
		defer rows.Close()
		level := make([]driver.Value, 1)
		err = rows.Next(level)
		synced = level[0] == int64(2) // FULL
		return err
	})
	return synced, err
}

type observedConn struct {
	sqliteConn
	ran func(string)
}

func (c observedConn) BeginTx(ctx context.Context, options driver.TxOptions) (driver.Tx, error) {
	c.ran("BEGIN")
	tx, err := c.sqliteConn.BeginTx(ctx, options)
	return observedTx{tx, c.ran}, err
}

func (c observedConn) PrepareContext(ctx context.Context, query string) (driver.Stmt, error) {
	s, err := c.sqliteConn.PrepareContext(ctx, query)
	if err != nil {
		return nil, err
	}
	c.ran("PREPARE " + query)
	return observedStmt{s.(sqliteStmt), query, c.ran}, nil
}

type observedTx struct {
	driver.Tx
	ran func(string)
}

func (t observedTx) Commit() error {
	t.ran("COMMIT")
	return t.Tx.Commit()
}

type observedStmt struct {
	sqliteStmt
	query string
	ran   func(string)
}

func (s observedStmt) ExecContext(ctx context.Context, args []driver.NamedValue) (driver.Result, error) {
	s.ran(s.query)
	return s.sqliteStmt.ExecContext(ctx, args)
}

func (s observedStmt) QueryContext(ctx context.Context, args []driver.NamedValue) (driver.Rows, error) {
	s.ran(s.query)
	return s.sqliteStmt.QueryContext(ctx, args)
}

// VerifyTrailIn is VerifyTrail of what a transaction sees.
func VerifyTrailIn(ctx context.Context, tx *sql.Tx) (Verified, error) {
	return verifyTrail(ctx, tx, nil)
}
