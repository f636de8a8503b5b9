package main

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	_ "github.com/jackc/pgx/v5/stdlib" // driver "pgx"
)

// The databases that crash tests run on.
const (
	onSQLite   = "sqlite"
	onPostgres = "postgres" // on the server that WFBOT_TEST_POSTGRES_URL names
)

// crashDatabases are those there are. In CI both are.
func crashDatabases() []string {
	if os.Getenv("WFBOT_TEST_POSTGRES_URL") == "" {
		return []string{onSQLite}
	}
	return []string{onSQLite, onPostgres}
}

// crashDatabase is where the program of a trial keeps its rows. The test looks at
// them beside the program or between two of its lives.
type crashDatabase struct {
	t           *testing.T
	url         string // what the program is given
	direct      string // what leads the test to the same rows
	driver, dsn string
	proxy       *commitProxy // between the program and PostgreSQL; nil: SQLite
}

// newSQLite returns a file that does not exist yet.
func newSQLite(t *testing.T) *crashDatabase {
	t.Helper()
	file := filepath.Join(t.TempDir(), "wfbot.db")
	return &crashDatabase{
		t: t, url: "sqlite:" + file, direct: "sqlite:" + file, driver: "sqlite",
		dsn: "file:" + (&url.URL{Path: file}).EscapedPath() + "?mode=rw&_pragma=busy_timeout(5000)",
	}
}

// newPostgres returns a schema of its own: as good as a database to the program,
// and a tenth of the work. meet is called at the phases of every commit.
func newPostgres(t *testing.T, meet func(commit string) func(phase string) (killed bool)) *crashDatabase {
	t.Helper()
	address, err := url.Parse(os.Getenv("WFBOT_TEST_POSTGRES_URL"))
	if err != nil {
		t.Fatal("WFBOT_TEST_POSTGRES_URL is not a URL")
	}
	schema := "crash_" + rand.Text()
	d := &crashDatabase{t: t, driver: "pgx", dsn: address.String()}
	d.exec(`CREATE SCHEMA "` + schema + `"`)
	t.Cleanup(func() {
		db := d.open()
		defer db.Close()
		if _, err := db.ExecContext(context.Background(), `DROP SCHEMA "`+schema+`" CASCADE`); err != nil {
			t.Error(err)
		}
	})
	d.proxy = newCommitProxy(t, address.Host, meet)
	options := address.Query()
	options.Set("search_path", `"`+schema+`"`)
	address.RawQuery = options.Encode()
	d.dsn, d.direct = address.String(), address.String()
	address.Host = d.proxy.address()
	d.url = address.String()
	return d
}

// file is the name of an SQLite file.
func (d *crashDatabase) file() string { return strings.TrimPrefix(d.direct, "sqlite:") }

func (d *crashDatabase) open() *sql.DB {
	d.t.Helper()
	db, err := sql.Open(d.driver, d.dsn)
	if err != nil {
		d.t.Fatal(err)
	}
	db.SetMaxOpenConns(1)
	return db
}

func (d *crashDatabase) exec(query string, args ...any) {
	d.t.Helper()
	db := d.open()
	defer db.Close()
	if _, err := db.ExecContext(d.t.Context(), query, args...); err != nil {
		d.t.Fatal(err)
	}
}

// voidLeases lets the lease of a dead process on a request end whose write is recorded and
// has no outcome: there nothing but the lease's minute lets the program go on, and this
// is the same as that minute having passed. All its other work the program takes over
// by itself. On SQLite there is nothing to wait for.
func (d *crashDatabase) voidLeases() {
	if d.proxy == nil {
		return
	}
	d.proxy.drain() // what the dead process has sent may still be under way
	db := d.open()
	defer db.Close()
	_, err := db.ExecContext(context.Background(), `UPDATE requests SET lease_token = '', lease_until = 0
		WHERE lease_until > 0 AND position('"write_open":true' IN body) > 0`)
	var missing *pgconn.PgError
	if errors.As(err, &missing) && missing.Code == "42P01" {
		return // it died before the tables were made
	}
	if err != nil {
		d.t.Errorf("voiding leases: %v", err)
	}
}

// settle waits until no row wants anything before somebody decides or hours pass.
func (d *crashDatabase) settle() {
	d.t.Helper()
	db := d.open()
	defer db.Close()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(patience); ; <-tick.C {
		due, err := d.due(db, 45*time.Minute)
		if err == nil && due == 0 {
			return
		}
		if time.Now().After(deadline) {
			d.t.Fatalf("%d rows still want something (%v)", due, err)
		}
	}
}

// due counts the rows that want something within a time.
func (d *crashDatabase) due(db *sql.DB, within time.Duration) (due int, err error) {
	err = db.QueryRow(`SELECT (SELECT COUNT(*) FROM interactions WHERE due_at <= $1) + (SELECT COUNT(*) FROM requests WHERE due_at <= $1)
			+ (SELECT COUNT(*) FROM cards WHERE due_at <= $1)
			+ (SELECT COUNT(*) FROM homes WHERE due_at <= $1 AND opened_at > 0 AND shown < (SELECT seq FROM audit_head WHERE id = 1))`,
		time.Now().Add(within).UnixMilli()).Scan(&due)
	return due, err
}
