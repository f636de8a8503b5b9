package store

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"strings"
)

// keeping opens connections to SQLite that keep the statements they have prepared:
// parsing most of ours takes longer than running them. pgx does that by itself.
//
// What they commit is on disk when the commit returns, except for what is done with a
// context of [unsynced].
type keeping struct{ driver.Connector }

// mostKept bounds how many statements a connection keeps: migrations run many, once.
const mostKept = 200

// sqliteConn is what a connection to SQLite can do.
type sqliteConn interface {
	driver.Conn
	driver.ExecerContext
	driver.ConnPrepareContext
	driver.ConnBeginTx
	driver.Pinger
	driver.SessionResetter
	driver.Validator
}

// sqliteStmt is what its statements can do.
type sqliteStmt interface {
	driver.Stmt
	driver.StmtExecContext
	driver.StmtQueryContext
}

func (k keeping) Connect(ctx context.Context) (driver.Conn, error) {
	opened, err := k.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	conn, ok := opened.(sqliteConn)
	if !ok {
		return nil, errors.Join(fmt.Errorf("unreachable: a connection to SQLite is a %T", opened), opened.Close())
	}
	return &keepingConn{sqliteConn: conn, kept: map[string]sqliteStmt{}}, nil
}

// keepingConn is one connection. database/sql lets one goroutine at a time use it and
// its rows.
type keepingConn struct {
	sqliteConn
	kept map[string]sqliteStmt // that nobody uses now, by their text

	unsynced      bool // as it is set now
	inTransaction bool
}

type unsyncedKey struct{}

// unsynced is ctx for a statement or a transaction whose loss is as if the process had
// ended before it. SQLite writes it to its log, and syncs that with the next commit
// that must not be lost: if the process is lost, nothing of it is lost; if power is lost,
// what came after the last of those is. PostgreSQL takes no notice.
func unsynced(ctx context.Context) context.Context {
	return context.WithValue(ctx, unsyncedKey{}, true)
}

// set sets whether the next commit is synced. It is no statement that is kept: the
// setting is made while SQLite parses it.
func (c *keepingConn) set(ctx context.Context) error {
	unsynced := ctx.Value(unsyncedKey{}) != nil
	if c.inTransaction || unsynced == c.unsynced {
		return nil
	}
	level := "FULL"
	if unsynced {
		level = "NORMAL"
	}
	if _, err := c.sqliteConn.ExecContext(ctx, "PRAGMA synchronous = "+level, nil); err != nil {
		return fmt.Errorf("setting what SQLite syncs: %w", err)
	}
	c.unsynced = unsynced
	return nil
}

func (c *keepingConn) BeginTx(ctx context.Context, options driver.TxOptions) (driver.Tx, error) {
	if err := c.set(ctx); err != nil {
		return nil, err
	}
	begun, err := c.sqliteConn.BeginTx(ctx, options)
	if err != nil {
		return nil, err
	}
	c.inTransaction = true
	return keptTx{begun, c}, nil
}

// keptTx is a transaction, the one that its connection has.
type keptTx struct {
	driver.Tx
	conn *keepingConn
}

func (t keptTx) Commit() error {
	t.conn.inTransaction = false
	return t.Tx.Commit()
}

func (t keptTx) Rollback() error {
	t.conn.inTransaction = false
	return t.Tx.Rollback()
}

func (c *keepingConn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	if err := c.set(ctx); err != nil {
		return nil, err
	}
	s, err := c.take(ctx, query)
	if err != nil {
		return nil, err
	}
	result, err := s.ExecContext(ctx, args)
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return result, c.keep(query, s)
}

func (c *keepingConn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	if !strings.HasPrefix(query, "SELECT ") { // which commits nothing
		if err := c.set(ctx); err != nil {
			return nil, err
		}
	}
	s, err := c.take(ctx, query)
	if err != nil {
		return nil, err
	}
	rows, err := s.QueryContext(ctx, args)
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return &keptRows{Rows: rows, conn: c, query: query, stmt: s}, nil
}

// take returns a statement that nobody else uses until it is kept or closed.
func (c *keepingConn) take(ctx context.Context, query string) (sqliteStmt, error) {
	if s, ok := c.kept[query]; ok {
		delete(c.kept, query)
		return s, nil
	}
	prepared, err := c.PrepareContext(ctx, query)
	if err != nil {
		return nil, err
	}
	s, ok := prepared.(sqliteStmt)
	if !ok {
		return nil, errors.Join(fmt.Errorf("unreachable: a statement of SQLite is a %T", prepared), prepared.Close())
	}
	return s, nil
}

func (c *keepingConn) keep(query string, s sqliteStmt) error {
	if _, twice := c.kept[query]; twice || len(c.kept) >= mostKept {
		return s.Close()
	}
	c.kept[query] = s
	return nil
}

func (c *keepingConn) Close() error { return errors.Join(c.forget(), c.sqliteConn.Close()) }

// forget closes the statements that nobody uses.
func (c *keepingConn) forget() (all error) {
	for _, s := range c.kept {
		all = errors.Join(all, s.Close())
	}
	clear(c.kept)
	return all
}

// keptRows are the rows of a statement, which is kept when they are closed.
type keptRows struct {
	driver.Rows
	conn  *keepingConn
	query string
	stmt  sqliteStmt
}

func (r *keptRows) Close() error {
	if err := r.Rows.Close(); err != nil {
		return errors.Join(err, r.stmt.Close())
	}
	return r.conn.keep(r.query, r.stmt)
}
