package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"database/sql"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib"

	"wfbot/bot/slacksim"
)

// A fleet is the program as several processes on one PostgreSQL database, in the
// world of the crash tests.
type fleet struct {
	*crashWorld
	replicas []*replica
	url      string // of Workfront, for all of them

	mu    sync.Mutex
	trap  *trap
	byKey map[string]*replica // by the API key that it was given
}

// replica is one process, with an API key of its own: by that its calls are told from
// those of the others.
type replica struct {
	cmd    *exec.Cmd
	stderr output
	ended  chan struct{} // closed when the process has ended
}

// newFleet is a world where no process has been started yet.
func newFleet(t *testing.T, database string) *fleet {
	t.Helper()
	w := emptyCrashWorld(t, slacksim.Config{AckDeadline: 10 * time.Second}, point{})
	w.database = &crashDatabase{t: t, url: database, direct: database, driver: "pgx", dsn: database}
	w.furnish(nil)
	f := &fleet{crashWorld: w, byKey: map[string]*replica{}}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, call *http.Request) {
		f.mu.Lock()
		r := f.byKey[call.Header.Get("apiKey")]
		f.mu.Unlock()
		call.Header.Set("apiKey", f.workfront.APIKey())
		f.serve(r, w, call)
	}))
	t.Cleanup(server.Close)
	f.url = server.URL
	return f
}

// launch starts three processes at once and waits until all are connected.
func (f *fleet) launch() *fleet {
	f.t.Helper()
	for range 3 {
		f.replicas = append(f.replicas, f.start())
	}
	f.await("all replicas are connected", func() bool { return len(f.slack.Connections()) == len(f.replicas) })
	return f
}

// start starts a process, which the end of the test ends.
func (f *fleet) start() *replica {
	f.t.Helper()
	r := &replica{ended: make(chan struct{})}
	vars, key := maps.Clone(f.vars), rand.Text()
	vars["WORKFRONT_URL"], vars["WORKFRONT_API_KEY"] = f.url, key
	f.mu.Lock()
	f.byKey[key] = r
	f.mu.Unlock()
	r.cmd = exec.Command(os.Args[0])
	r.cmd.Dir = f.t.TempDir()
	r.cmd.Env = environ(vars)
	r.cmd.Stderr = &r.stderr
	if err := r.cmd.Start(); err != nil {
		f.t.Fatal(err)
	}
	go func() {
		defer close(r.ended)
		_ = r.cmd.Wait() // how it ended is in ProcessState
	}()
	f.t.Cleanup(func() {
		_ = r.cmd.Process.Kill()
		<-r.ended
		if f.t.Failed() {
			f.t.Logf("the log of a replica:\n%s", &r.stderr)
		}
	})
	return r
}

func (r *replica) signal(t *testing.T, s syscall.Signal) {
	t.Helper()
	if err := r.cmd.Process.Signal(s); err != nil {
		t.Fatal(err)
	}
}

// end asks all replicas to end and looks for violations, when everything has come
// to rest.
func (f *fleet) end(killed ...*replica) {
	f.t.Helper()
	f.database.settle()
	for _, r := range f.replicas {
		_ = r.cmd.Process.Signal(syscall.SIGTERM) // one that was killed is gone
	}
	for _, r := range f.replicas {
		<-r.ended
		wanted := 0
		for _, k := range killed {
			if r == k {
				wanted = -1
			}
		}
		if code := r.cmd.ProcessState.ExitCode(); code != wanted {
			f.t.Errorf("a replica ended with %v", r.cmd.ProcessState)
		}
	}
	f.check()
}

// A trap holds one call to Workfront: the first that matches, whoever makes it.
type trap struct {
	method string
	answer bool          // hold the answer rather than the call
	caught chan *replica // gets who made the call
	open   chan struct{} // closed to let it go
	sprung bool
}

// setTrap holds the next call with that method about jane.
func (f *fleet) setTrap(method string, answer bool) *trap {
	t := &trap{method: method, answer: answer, caught: make(chan *replica, 1), open: make(chan struct{})}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.trap = t
	f.t.Cleanup(t.release)
	return t
}

func (t *trap) release() {
	select {
	case <-t.open:
	default:
		close(t.open)
	}
}

// catch waits until a call is held and returns who made it.
func (f *fleet) catch(t *trap) *replica {
	f.t.Helper()
	select {
	case r := <-t.caught:
		return r
	case <-time.After(patience):
		f.t.Fatalf("no %s was made", t.method)
		return nil
	}
}

// serve passes a call on to Workfront. What is held there arrives all the same,
// also when the process that made the call is gone.
func (f *fleet) serve(r *replica, w http.ResponseWriter, call *http.Request) {
	body, err := io.ReadAll(call.Body)
	if err != nil {
		return
	}
	call.Body = io.NopCloser(bytes.NewReader(body))
	f.mu.Lock()
	t := f.trap
	if t != nil && (t.sprung || t.method != call.Method || !strings.HasSuffix(call.URL.Path, "/user/"+f.jane.ID)) {
		t = nil
	}
	if t != nil {
		t.sprung = true
	}
	f.mu.Unlock()
	if t == nil {
		f.workfront.ServeHTTP(w, call)
		return
	}
	if !t.answer {
		t.caught <- r
		<-t.open
		f.workfront.ServeHTTP(w, call.WithContext(context.WithoutCancel(call.Context())))
		return
	}
	answer := httptest.NewRecorder()
	f.workfront.ServeHTTP(answer, call)
	t.caught <- r
	<-t.open
	maps.Copy(w.Header(), answer.Header())
	w.WriteHeader(answer.Code)
	_, _ = w.Write(answer.Body.Bytes()) // the caller may be gone
}

// voidLease ends the lease on the request that is being executed, as the passing of a
// minute would.
func (f *fleet) voidLease() {
	f.t.Helper()
	db := f.database.open()
	defer db.Close()
	result, err := db.Exec(`UPDATE requests SET lease_until = 0 WHERE state = 'executing' AND lease_until > 0`)
	if err != nil {
		f.t.Fatal(err)
	}
	if n, err := result.RowsAffected(); n != 1 || err != nil {
		f.t.Fatalf("%d leases were ended (%v), want one", n, err)
	}
}

// cutLocks ends the connections that show that the processes are there.
func (f *fleet) cutLocks() {
	f.t.Helper()
	db := f.database.open()
	defer db.Close()
	var n int
	if err := db.QueryRow(`SELECT COUNT(pg_terminate_backend(pid)) FROM pg_locks WHERE locktype = 'advisory'
		AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`).Scan(&n); err != nil || n != len(f.replicas) {
		f.t.Fatalf("%d connections were cut (%v), want %d", n, err, len(f.replicas))
	}
}

// row is the one request as it is stored.
func (f *fleet) row() (row string) {
	f.t.Helper()
	db := f.database.open()
	defer db.Close()
	if err := db.QueryRow(`SELECT state || ' ' || body FROM requests`).Scan(&row); err != nil {
		f.t.Fatal(err)
	}
	return row
}

// card is the card as it is shown.
func (f *fleet) card() string {
	f.t.Helper()
	for _, m := range f.slack.Messages(f.channel) {
		if m.BotID != "" {
			return fmt.Sprint(m.Text, m.Blocks)
		}
	}
	f.t.Fatal("there is no card")
	return ""
}

// freshDatabase makes an empty database on the server that the variable names.
func freshDatabase(t *testing.T) string {
	t.Helper()
	server := os.Getenv("WFBOT_TEST_POSTGRES_URL")
	if server == "" {
		t.Skip("WFBOT_TEST_POSTGRES_URL names no server") // in CI it always does
	}
	db, err := sql.Open("pgx", server)
	if err != nil {
		t.Fatal(err)
	}
	name := fmt.Sprintf("wfbot_fleet_%d", time.Now().UnixNano())
	if _, err := db.Exec("CREATE DATABASE " + name); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if _, err := db.Exec("DROP DATABASE " + name + " WITH (FORCE)"); err != nil {
			t.Error(err)
		}
		db.Close()
	})
	address, err := url.Parse(server)
	if err != nil {
		t.Fatal(err)
	}
	address.Path = "/" + name
	return address.String()
}

// postgres is a server of the test's own, which it can take down and up again.
type postgres struct {
	t       *testing.T
	address string
	tell    io.Writer
	told    output
}

func ownPostgres(t *testing.T) *postgres {
	t.Helper()
	if os.Getenv("WFBOT_TEST_POSTGRES_URL") == "" {
		t.Skip("WFBOT_TEST_POSTGRES_URL names no server") // in CI it always does
	}
	p := &postgres{t: t}
	cmd := exec.Command("../../.ci/postgres", "sh", "-c",
		`echo "$WFBOT_TEST_POSTGRES_URL"; while read -r what; do "$WFBOT_TEST_POSTGRES_CTL" "$what" && echo "$what is done"; done`)
	cmd.Stdout, cmd.Stderr = &p.told, &p.told
	tell, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	p.tell = tell
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		tell.Close()
		if err := cmd.Wait(); err != nil {
			t.Errorf("the PostgreSQL server: %v\n%s", err, &p.told)
		}
	})
	p.address = strings.TrimSpace(p.told.await(t, regexp.MustCompile(`(?m)^postgres://\S+\n`)))
	return p
}

// does takes the server down ("stop", as a crash would) or up ("start").
func (p *postgres) does(what string) {
	p.t.Helper()
	fmt.Fprintln(p.tell, what)
	p.told.await(p.t, regexp.MustCompile(what+" is done"))
}
