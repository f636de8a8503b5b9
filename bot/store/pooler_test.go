package store_test

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"wfbot/bot/store"
)

// pgbouncer starts the real PgBouncer before a database and returns its address
// there.
func pgbouncer(t *testing.T, address string, settings ...string) string {
	t.Helper()
	program, err := exec.LookPath("pgbouncer")
	if err != nil {
		t.Skip("pgbouncer is not installed") // in CI it always is
	}
	server, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0") // a free port
	if err != nil {
		t.Fatal(err)
	}
	at := listener.Addr().(*net.TCPAddr)
	listener.Close()
	password, _ := server.User.Password()
	file, err := os.CreateTemp("", "pgbouncer*.ini") // where any user may go
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.Remove(file.Name()) })
	defer file.Close()
	if _, err := fmt.Fprintf(file, "[databases]\n* = host=%s port=%s user=%s password=%s\n[pgbouncer]\nlisten_addr=127.0.0.1\nlisten_port=%d\nauth_type=any\nunix_socket_dir=\n%s\n",
		server.Hostname(), server.Port(), server.User.Username(), password, at.Port, strings.Join(settings, "\n")); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(program, file.Name())
	if os.Getuid() == 0 { // it refuses to run as root
		if err := file.Chown(65534, 65534); err != nil {
			t.Fatal(err)
		}
		cmd = exec.Command("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--", program, file.Name())
	}
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr, cmd.Dir = &said, &said, "/"
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		<-ended
	})
	for {
		conn, err := net.DialTimeout("tcp", at.String(), time.Second)
		if err == nil {
			conn.Close()
			break
		}
		select {
		case err := <-ended:
			ended <- err
			t.Fatalf("pgbouncer ended: %v\n%s", err, said.String())
		case <-time.After(20 * time.Millisecond):
		case <-t.Context().Done():
			t.Fatal("pgbouncer does not listen")
		}
	}
	server.Host = at.String()
	return server.String()
}

// ignored are the settings of a session that wfbot asks for.
const ignored = "ignore_startup_parameters=extra_float_digits,idle_in_transaction_session_timeout,statement_timeout,lock_timeout"

// A pooler that gives each transaction whichever session is free is refused,
// whatever else uses it at the time.
func TestPoolerInTransactionModeIsRefused(t *testing.T) {
	t.Parallel()
	address := freshPostgres(t)
	for _, row := range []struct {
		why  string
		open int // sessions of the pooler that others have used
		set  []string
	}{
		{"transactions", 0, []string{"pool_mode=transaction", ignored}},
		{"statements", 0, []string{"pool_mode=statement", ignored}},
		{"transactions, one session", 0, []string{"pool_mode=transaction", "default_pool_size=1", ignored}},
		{"transactions, in turn", 0, []string{"pool_mode=transaction", "server_round_robin=1", ignored}},
		{"transactions, two in turn", 2, []string{"pool_mode=transaction", "server_round_robin=1", ignored}},
		{"transactions, five in turn", 5, []string{"pool_mode=transaction", "server_round_robin=1", ignored}},
	} {
		t.Run(row.why, func(t *testing.T) {
			pooled := pgbouncer(t, address, row.set...)
			occupy(t, pooled, row.open)
			s, err := store.Open(t.Context(), pooled, nil)
			if err == nil {
				s.Close()
			}
			if err == nil || !strings.Contains(err.Error(), "a connection pooler in transaction mode stands before PostgreSQL") {
				t.Errorf("opened: %v", err)
			}
		})
	}
	t.Run("settings are not ignored", func(t *testing.T) {
		_, err := store.Open(t.Context(), pgbouncer(t, address, "pool_mode=session"), nil)
		if err == nil || !strings.Contains(err.Error(), "put the address of PostgreSQL itself into WFBOT_DATABASE_URL") {
			t.Errorf("opened: %v", err)
		}
	})
	t.Run("sessions", func(t *testing.T) {
		s := mustOpen(t, pgbouncer(t, address, "pool_mode=session", ignored))
		insert(t, s, newRequest("r1"))
		s.Close()
	})
}

// occupy makes a pooler open so many sessions, and leaves them to it.
func occupy(t *testing.T, address string, sessions int) {
	t.Helper()
	db, err := sql.Open("pgx", address+"&default_query_exec_mode=simple_protocol")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for range sessions {
		tx, err := db.BeginTx(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		defer tx.Rollback()
	}
}

// Who waits for another process's migration says so.
func TestWaitingForAMigrationIsSaid(t *testing.T) {
	t.Parallel()
	address := freshPostgres(t)
	db, err := sql.Open("pgx", address)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	other, err := db.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	if _, err := other.ExecContext(t.Context(), `SELECT pg_advisory_lock($1)`, int64(store.MigrationLock)); err != nil {
		t.Fatal(err)
	}
	said := make(lines, 100)
	opened := make(chan error, 1)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	go func() {
		s, err := store.Open(ctx, address, slog.New(slog.NewTextHandler(said, nil)))
		if err == nil {
			s.Close()
		}
		opened <- err
	}()
	select {
	case line := <-said:
		if !strings.Contains(line, "waiting for another wfbot") {
			t.Errorf("it says %q", line)
		}
	case err := <-opened:
		t.Fatalf("it did not wait: %v", err)
	}
	if _, err := other.ExecContext(t.Context(), `SELECT pg_advisory_unlock($1)`, int64(store.MigrationLock)); err != nil {
		t.Fatal(err)
	}
	if err := <-opened; err != nil {
		t.Error(err)
	}
}

// lines is a log whose lines somebody waits for.
type lines chan string

func (l lines) Write(line []byte) (int, error) {
	l <- string(line)
	return len(line), nil
}
