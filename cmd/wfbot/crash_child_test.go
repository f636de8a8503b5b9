package main

import (
	"database/sql"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"

	"modernc.org/sqlite"

	"wfbot/bot/bottest/machine"
)

// The variables that make this test binary the program itself.
const (
	crashChild  = "CRASH_TEST_CHILD"
	crashCommit = "CRASH_TEST_COMMIT" // the commit of this life where it dies, as point.String writes it; empty: none
)

// TestMain is the real program where crash tests start this binary again.
func TestMain(m *testing.M) {
	if os.Getenv(crashChild) == "" {
		machine.Prepare()
		os.Exit(m.Run())
	}
	sqlite.RegisterConnectionHook((&commits{
		out: os.Stdout, dieAt: os.Getenv(crashCommit), tables: map[string]bool{}, count: map[string]int{},
	}).hook)
	if os.Args[0] = "wfbot"; len(os.Args) == 1 {
		os.Args = append(os.Args, "run")
	}
	main()
}

// commits watches the one connection of the program's SQLite file through the hooks
// that the driver offers: every transaction that changed rows is named on out
// after the tables it changed, and the process dies at one of them.
type commits struct {
	out   io.Writer
	dieAt string

	mu     sync.Mutex
	tables map[string]bool // changed by the open transaction
	count  map[string]int  // commits by name
}

// hook implements sqlite.ConnectionHookFn. The program's own connections are
// those that ask for immediate transactions.
func (c *commits) hook(conn sqlite.ExecQuerierContext, dsn string) error {
	own, watched := conn.(sqlite.HookRegisterer)
	if !strings.Contains(dsn, "_txlock=immediate") {
		return nil
	}
	if !watched {
		return fmt.Errorf("the driver offers no hooks on a %T", conn)
	}
	own.RegisterPreUpdateHook(func(change sqlite.SQLitePreUpdateData) {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.tables[change.TableName] = true
	})
	own.RegisterRollbackHook(func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		clear(c.tables)
	})
	own.RegisterCommitHook(func() int32 { return c.commit(dsn) })
	return nil
}

// commit is called when everything is written but the commit itself.
func (c *commits) commit(dsn string) int32 {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.tables) == 0 { // looked for something and found nothing
		return 0
	}
	p := point{what: "commit " + strings.Join(slices.Sorted(maps.Keys(c.tables)), "+"), phase: before}
	clear(c.tables)
	c.count[p.what]++
	p.nth = c.count[p.what]
	fmt.Fprintln(c.out, p.what)
	if c.dieAt == p.String() {
		die()
	}
	p.phase = after
	if c.dieAt == p.String() {
		c.dieAfter(dsn)
	}
	return 0
}

// dieAfter lets the process die as soon as another connection can see the commit
// that is about to be made. SQLite has a hook for that, which the driver does
// not offer, so the other connection asks until it sees it: for some microseconds
// the program goes on.
func (c *commits) dieAfter(dsn string) {
	file, _, _ := strings.Cut(dsn, "?")
	db, err := sql.Open("sqlite", file)
	if err != nil {
		panic(err)
	}
	db.SetMaxOpenConns(1)
	version := func() (v int64) {
		if err := db.QueryRow("PRAGMA data_version").Scan(&v); err != nil {
			panic(err)
		}
		return v
	}
	old := version()
	go func() {
		for version() == old {
		}
		die()
	}()
}

// die ends the process as a power cut would, as far as it is concerned.
func die() {
	_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
	select {}
}
