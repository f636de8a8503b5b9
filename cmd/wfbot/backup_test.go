package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"wfbot/bot/request"
	"wfbot/bot/store"
)

var headPattern = regexp.MustCompile(`(?m)^head (\d+:[0-9a-f]{64})$`)

// A copy is made while wfbot works, which goes on and is killed later; going back to it
// as docs/operations.md says brings back what there was then, and wfbot goes on from
// there.
func TestBackupAndGoingBack(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	p := newPast(t, "sqlite:"+filepath.Join(dir, "wfbot.db"))
	p.asks("r1", "Jane Doe", "jane@acme.com", "left the company")
	file := filepath.Join(dir, "copy.db")
	status, stdout, stderr := p.wfbot("backup", file)
	head := headPattern.FindStringSubmatch(stdout)
	if status != 0 || head == nil || !strings.Contains(stdout, file+" is a whole copy: 1 request, 4 audit entries.\n") || stderr != "" {
		t.Fatalf("backup: exit status %d, %q, %q", status, stdout, stderr)
	}
	if status, stdout, stderr := p.wfbot("backup", file); status != 1 || stdout != "" || !strings.Contains(stderr, "no copy is overwritten") {
		t.Errorf("backup to the same file: exit status %d, %q, %q", status, stdout, stderr)
	}
	p.deactivated("r1")

	killed := t.TempDir() // with what a killed process leaves
	for _, name := range []string{"wfbot.db", "wfbot.db-wal", "wfbot.db-shm", "copy.db"} {
		text, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(killed, name), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if out, err := typed(t, killed, recipeOn(t, "operations.md", "cp -p copy.db wfbot.db")); err != nil {
		t.Fatalf("going back: %v, %s", err, out)
	}
	if at, err := os.Stat(filepath.Join(killed, "wfbot.db")); err != nil || at.Mode() != 0o600 {
		t.Errorf("the database: %v, %v", at, err)
	}
	back := "sqlite:" + filepath.Join(killed, "wfbot.db")
	goesOn(t, back, head[1])
}

// goesOn checks that a database is as it was when a copy of it was made, with Jane's
// request undecided, and that wfbot works on it.
func goesOn(t *testing.T, address, head string) {
	t.Helper()
	vars := map[string]string{"WFBOT_DATABASE_URL": address}
	if status, stdout, stderr := start(t, vars, "", "audit", "verify", "-head", head); status != 0 || !strings.Contains(stdout, "head "+head+"\n") {
		t.Errorf("verify: exit status %d, %q, %q", status, stdout, stderr)
	}
	st, err := store.Open(t.Context(), address, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	if r, err := st.Request(t.Context(), "r1"); err != nil || r.State != request.Pending {
		t.Errorf("the request after going back: %+v, %v", r, err)
	}
	p := &past{t, st, address, time.Date(2026, 11, 23, 9, 30, 0, 0, time.UTC)}
	p.deactivated("r1")
	if found, err := st.VerifyTrail(t.Context()); err != nil || found.Entries != 8 {
		t.Errorf("after going on: %+v, %v", found, err)
	}
}

func TestBackupOfPostgres(t *testing.T) {
	t.Parallel()
	address := freshDatabase(t)
	p := newPast(t, address)
	file := filepath.Join(t.TempDir(), "copy.db")
	status, stdout, stderr := p.wfbot("backup", file)
	if status != 2 || stdout != "" || !strings.Contains(stderr, "copy it with pg_dump") {
		t.Errorf("backup: exit status %d, %q, %q", status, stdout, stderr)
	}
	needs(t, "pg_dump", "WFBOT_REQUIRE_RECIPES")
	p.asks("r1", "Jane Doe", "jane@acme.com", "left the company")
	_, stdout, _ = p.wfbot("audit", "verify")
	head := headPattern.FindStringSubmatch(stdout)
	run := func(word string) {
		t.Helper()
		shell := exec.CommandContext(t.Context(), "sh", "-c", recipeOn(t, "operations.md", word))
		shell.Dir, shell.Env = filepath.Dir(file), append(os.Environ(), "DATABASE="+address, "NEW_DATABASE="+address)
		if out, err := shell.CombinedOutput(); err != nil {
			t.Fatalf("%s: %v, %s", word, err, out)
		}
	}
	run("pg_dump")
	if at, err := os.Stat(filepath.Join(filepath.Dir(file), "copy.dump")); err != nil || at.Mode() != 0o600 {
		t.Errorf("the copy: %v, %v", at, err)
	}
	p.deactivated("r1")
	address = freshDatabase(t)
	run("pg_restore")
	goesOn(t, address, head[1])
}
