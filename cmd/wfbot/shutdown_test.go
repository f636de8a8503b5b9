package main

import (
	"database/sql"
	"errors"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"wfbot/workfront/workfrontsim"
)

// dockerWaits is how long "docker stop" waits before it kills.
const dockerWaits = 10 * time.Second

// stopped runs the program until the write of an approved request hangs, tells it to
// end as docker does, and returns its exit status; -1: it had to be killed. meanwhile
// is called before it is told.
func stopped(t *testing.T, w *crashWorld, meanwhile func()) (status int, log string) {
	t.Helper()
	w.workfront.Inject(workfrontsim.Fault{Operation: "user/put", Times: 1, Apply: true, Answer: workfrontsim.Answer{Kind: workfrontsim.Hang}})
	out := new(output)
	cmd := w.program.command(out)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	t.Cleanup(func() { _ = cmd.Process.Kill() })
	w.asks()
	w.presses(w.ada, "Approve")
	w.await("the write has arrived", func() bool {
		w.mu.Lock()
		defer w.mu.Unlock()
		return w.count["workfront user/put"] > 0
	})
	meanwhile()
	_ = cmd.Process.Signal(syscall.SIGTERM)
	loses := time.AfterFunc(dockerWaits, func() { _ = cmd.Process.Kill() })
	defer loses.Stop()
	err := <-ended
	exit, _ := errors.AsType[*exec.ExitError](err)
	if exit == nil {
		return 0, out.String()
	}
	return exit.ExitCode(), out.String()
}

// A write that hangs is given up in time, and found out about after the next start.
func TestStopWhileTheWriteHangs(t *testing.T) {
	t.Parallel()
	w := newCrashWorld(t, onSQLite, point{}, nil)
	if status, log := stopped(t, w, func() {}); status != 0 {
		t.Errorf("exit status %d (-1: killed), want 0; the log:\n%s", status, log)
	}
	w.run()
	w.hears("Deactivated: ")
	w.program.end()
	w.check()
}

// A database that hangs as well does not keep the program from ending.
func TestStopWhileTheDatabaseHangs(t *testing.T) {
	t.Parallel()
	w := newCrashWorld(t, onSQLite, point{}, nil)
	other, err := sql.Open("sqlite", w.database.file())
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	other.SetMaxOpenConns(1)
	status, log := stopped(t, w, func() {
		if _, err := other.ExecContext(t.Context(), "PRAGMA busy_timeout = 30000; BEGIN IMMEDIATE"); err != nil {
			t.Fatal(err)
		}
	})
	if status != 1 || !strings.Contains(log, "not everything came to its end within 8s") {
		t.Errorf("exit status %d (-1: killed), want 1; the log:\n%s", status, log)
	}
	if _, err := other.ExecContext(t.Context(), "ROLLBACK"); err != nil {
		t.Fatal(err)
	}
	w.run()
	w.hears("Deactivated: ")
	w.program.end()
	w.check()
}
