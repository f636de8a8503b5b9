package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
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

// Overviews are the queries of a Home tab, after SELECT … FROM, with an
// example of their arguments.
var Overviews = map[string][]any{
	"requests " + unended: {500}, "requests " + failed: nil, "requests " + ended: {200},
	"requests " + by:                        {"U1", 20},
	"homes WHERE " + homeStale("$1", false): {0}, "homes WHERE " + homeStale("$1", true): {0},
}

// MigrationLock is what a process that migrates holds.
const MigrationLock = migrationLock

// OldHash is the hash of an audit entry before the trail was hashed anew.
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
