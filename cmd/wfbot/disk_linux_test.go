package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"wfbot/bot/slacksim"
)

// full makes every write to a file fail for the program, as on a full disk, or
// lets them work again.
func (w *crashWorld) full(is bool) {
	w.t.Helper()
	w.program.mu.Lock()
	pid := w.program.cmd.Process.Pid
	w.program.mu.Unlock()
	limit := unix.Rlimit{Cur: unix.RLIM_INFINITY, Max: unix.RLIM_INFINITY}
	if is {
		limit.Cur = 0
	}
	if err := unix.Prlimit(pid, unix.RLIMIT_FSIZE, &limit, nil); err != nil {
		w.t.Fatal(err)
	}
}

// rows counts everything that is stored.
func (w *crashWorld) rows() (n int) {
	w.t.Helper()
	db := w.database.open()
	defer db.Close()
	if err := db.QueryRow(`SELECT (SELECT COUNT(*) FROM interactions) + (SELECT SUM(version) FROM requests) +
		(SELECT COUNT(*) FROM decisions) + (SELECT COUNT(*) FROM audit)`).Scan(&n); err != nil {
		w.t.Fatal(err)
	}
	return n
}

// The disk is full for a while. Nothing is accepted, and everybody is told so; when
// there is room again, the program goes on by itself.
func TestDiskIsFull(t *testing.T) {
	t.Parallel()
	w := emptyCrashWorld(t, slacksim.Config{AckDeadline: 10 * time.Second}, point{})
	w.database = newSQLite(t)
	w.furnish(nil)
	ops := w.slack.AddChannel(slacksim.Channel{Name: "wfbot-ops", Members: []string{w.slack.BotUserID()}}).ID
	w.vars["WFBOT_OPS_CHANNEL"] = ops
	told := func(text string) func() bool {
		return func() bool {
			return slices.ContainsFunc(w.slack.Messages(ops), func(m slacksim.Message) bool { return m.Contains(text) })
		}
	}
	w.run()
	w.asks()
	w.presses(w.ada, "Deny")
	w.await("the form opens", func() bool { return len(w.slack.OpenViews(w.ada)) == 1 })
	w.database.settle()
	before := w.rows()

	w.full(true)
	reply, err := w.slack.Command(w.rita, w.channel, "/wf-deactivate joe@acme.com left")
	if text, _ := reply.Payload["text"].(string); err != nil || !reply.Acked || !strings.Contains(text, "could not store this, so nothing will happen") {
		t.Errorf("a command: %+v, %v", reply, err)
	}
	form, err := w.slack.Submit(w.ada, w.slack.OpenViews(w.ada)[0].ID, map[string]any{"comment": "no"})
	if err != nil || form.Failure != "" || len(form.Errors) == 0 {
		t.Errorf("a form: %+v, %v", form, err)
	}
	for _, says := range form.Errors {
		if !strings.Contains(says, "could not store this, so nothing will happen") {
			t.Errorf("the form says %q", says)
		}
	}
	ts, button, _ := w.button("Approve")
	reply, err = w.slack.Click(w.ada, w.channel, ts, button)
	if err != nil || reply.Acked || reply.Failure == "" {
		t.Errorf("a press: %+v, %v; want Slack's own error", reply, err)
	}
	w.await("the operator is told", told("does not take what is written"))
	if after := w.rows(); after != before {
		t.Errorf("%d rows, versions and entries, before it was %d", after, before)
	}

	w.full(false)
	w.await("the operator is told that it works again", told("works again"))
	w.presses(w.ada, "Approve")
	w.hears("Deactivated: ")
	w.database.settle()
	w.program.end()
	w.check()
}

// A second process on the file of a running one is turned away, says what to do,
// and disturbs nothing.
func TestSecondProcessOnAFile(t *testing.T) {
	t.Parallel()
	w := newCrashWorld(t, onSQLite, point{}, nil)
	w.run()
	w.connected()
	second := exec.Command(os.Args[0])
	second.Dir, second.Env = t.TempDir(), environ(w.vars)
	said, _ := second.CombinedOutput() // the status is in ProcessState
	want := "wfbot: the database " + strings.TrimPrefix(w.database.url, "sqlite:") +
		": another wfbot is working on it: end that one first, or name another file in WFBOT_DATABASE_URL\n"
	if status := second.ProcessState.ExitCode(); status != 1 || string(said) != want {
		t.Errorf("exit status %d, output %q, want 1 and %q", status, said, want)
	}
	w.asks()
	w.presses(w.ada, "Approve")
	w.hears("Deactivated: ")
	w.database.settle()
	w.program.end()
	w.check()
}

// A database that cannot be used ends the start with a sentence that names its
// file.
func TestUnusableDatabase(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name    string
		prepare func(t *testing.T, file string, cmd *exec.Cmd)
		says    string // what to do, besides the file's name
	}{
		{"the disk is full", func(_ *testing.T, _ string, cmd *exec.Cmd) {
			cmd.Args = []string{"sh", "-c", `ulimit -f 0 && exec "$0"`, cmd.Path}
			cmd.Path = "/bin/sh"
		}, ""},
		{"the file is read-only", readOnly, "chmod u+rwX "},
		{"the folder belongs to somebody else", func(t *testing.T, file string, cmd *exec.Cmd) {
			belongsToNobody(t, filepath.Dir(file), cmd)
		}, "belongs to nobody, and wfbot, which runs as root, has to create files in it"},
		{"the WAL belongs to somebody else", func(t *testing.T, file string, cmd *exec.Cmd) {
			for _, name := range []string{file, file + "-wal"} {
				if err := os.WriteFile(name, nil, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			belongsToNobody(t, file+"-wal", cmd)
		}, ".db-wal belongs to nobody, and wfbot, which runs as root, has to read and write it: \"chown 0 "},
		{"the lock belongs to somebody else", func(t *testing.T, file string, cmd *exec.Cmd) {
			if err := os.WriteFile(file+".lock", nil, 0o600); err != nil {
				t.Fatal(err)
			}
			belongsToNobody(t, file+".lock", cmd)
		}, ".db.lock belongs to nobody"},
		{"the file is no database", func(t *testing.T, file string, _ *exec.Cmd) {
			if err := os.WriteFile(file, []byte(strings.Repeat("not a database ", 1000)), 0o600); err != nil {
				t.Fatal(err)
			}
		}, "file is not a database"},
		{"it is a folder", func(t *testing.T, file string, _ *exec.Cmd) {
			if err := os.Mkdir(file, 0o700); err != nil {
				t.Fatal(err)
			}
		}, "it is a folder"},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			w := newCrashWorld(t, onSQLite, point{}, nil)
			cmd := exec.Command(os.Args[0])
			row.prepare(t, w.database.file(), cmd)
			cmd.Dir, cmd.Env = t.TempDir(), environ(w.vars)
			said, _ := cmd.CombinedOutput() // the status is in ProcessState
			lines := strings.Split(strings.TrimSpace(string(said)), "\n")
			last := lines[len(lines)-1]
			if status := cmd.ProcessState.ExitCode(); status != 1 || !strings.HasPrefix(last, "wfbot: ") || !strings.Contains(last, w.database.file()) || !strings.Contains(last, row.says) {
				t.Errorf("exit status %d, want 1, the file's name and %q at the end of:\n%s", status, row.says, said)
			}
			t.Log(last)
		})
	}
}

// readOnly makes the file one that the program may read and not write. Root may
// write everything, unless it gives up that right.
func readOnly(t *testing.T, file string, cmd *exec.Cmd) {
	t.Helper()
	if err := os.WriteFile(file, nil, 0o444); err != nil {
		t.Fatal(err)
	}
	if os.Getuid() == 0 {
		withoutRootsRights(t, cmd)
	}
}

// belongsToNobody gives a file or folder to the user nobody. The program is another user.
func belongsToNobody(t *testing.T, name string, cmd *exec.Cmd) {
	t.Helper()
	if os.Getuid() != 0 {
		t.Skip("giving a file away takes root") // in CI it is root
	}
	if err := os.Chown(name, 65534, 65534); err != nil {
		t.Fatal(err)
	}
	withoutRootsRights(t, cmd)
}

// withoutRootsRights makes the modes of files hold for the program, although it runs as
// root.
func withoutRootsRights(t *testing.T, cmd *exec.Cmd) {
	t.Helper()
	path, err := exec.LookPath("setpriv")
	if err != nil {
		t.Fatal(err)
	}
	cmd.Args = []string{path, "--bounding-set", "-dac_override,-dac_read_search", "--", cmd.Path}
	cmd.Path = path
}
