package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"wfbot/bot/bottest/machine"
)

// emptyRoot is a directory with the program as the image has it, and nothing else but
// an empty /data.
func emptyRoot(t *testing.T, user int) (dir string) {
	t.Helper()
	dir = t.TempDir()
	for at := dir; len(at) > len(os.TempDir()); at = filepath.Dir(at) {
		if err := os.Chmod(at, 0o755); err != nil { // the other user has to get there
			t.Fatal(err)
		}
	}
	build := exec.CommandContext(t.Context(), "go", "build", "-o", filepath.Join(dir, "wfbot"), ".")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if said, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, said)
	}
	if err := os.Chmod(filepath.Join(dir, "wfbot"), 0o755); err != nil { // whatever the umask is
		t.Fatal(err)
	}
	data := filepath.Join(dir, "data")
	if err := os.Mkdir(data, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Chown(data, user, user); err != nil {
		t.Fatal(err)
	}
	return dir
}

// The program needs nothing but itself: in an empty root, as another user than root, it
// carries a request out, says that it is ready, and ends in time when it is told to.
func TestInAnEmptyRoot(t *testing.T) {
	t.Parallel()
	machine.Slow(t, realProgram)
	if os.Getuid() != 0 {
		t.Skip("only root may change the root") // in CI it is root
	}
	const nobody = 65532
	dir := emptyRoot(t, nobody)
	c := newCompany(t)
	c.vars["WFBOT_HTTP_ADDR"], c.vars["WFBOT_DATABASE_URL"] = freePort(t), "sqlite:wfbot.db"
	inside := func(args ...string) (cmd *exec.Cmd, said *output) {
		said = new(output)
		cmd = exec.CommandContext(t.Context(), "/wfbot", args...)
		cmd.Dir, cmd.Env, cmd.Stdout, cmd.Stderr = "/data", environ(c.vars), said, said
		cmd.SysProcAttr = &syscall.SysProcAttr{Chroot: dir, Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
		return cmd, said
	}
	run, said := inside("run")
	if err := run.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = run.Process.Kill() })
	said.await(t, regexp.MustCompile(`Socket Mode connection open`))
	c.As(c.rita).Types(c.channel, "/wf-deactivate jane@acme.com left the company")
	card := c.Channel(c.channel).ExpectMessage("jane@acme.com")
	card.ExpectButtons("Approve", "Deny", "Cancel request")
	c.ExpectPrivate(c.rita, "Sent to", "jane@acme.com")
	card.Click(c.ada, "Approve")
	card.ExpectButtons("Request reactivation")
	c.ExpectDM(c.rita, "Jane Doe")
	if user, _ := c.workfront.User(c.jane.ID); user.Active {
		t.Error("jane is still active")
	}
	health, answer := inside("healthcheck")
	if err := health.Run(); err != nil || !strings.Contains(answer.String(), "workfront: ok") {
		t.Errorf("healthcheck: %v, %s", err, answer)
	}
	_ = run.Process.Signal(syscall.SIGTERM)
	killed := time.AfterFunc(dockerWaits, func() { _ = run.Process.Kill() })
	defer killed.Stop()
	if err := run.Wait(); err != nil {
		t.Errorf("it ended with %v; the log:\n%s", err, said)
	}
}

// systemd understands the unit, and what the unit leaves open is little.
func TestSystemdUnit(t *testing.T) {
	t.Parallel()
	analyze := toolAt(t, "systemd-analyze")
	dir := t.TempDir()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	unit := strings.ReplaceAll(deployed(t, "systemd", "wfbot.service"), "/usr/bin/wfbot", self)
	if err := os.WriteFile(filepath.Join(dir, "wfbot.service"), []byte(unit), 0o600); err != nil {
		t.Fatal(err)
	}
	if said, err := tool(t.Context(), dir, analyze, "verify", "./wfbot.service"); err != nil || said != "" {
		t.Errorf("systemd-analyze verify: %v\n%s", err, said)
	}
	if said, err := tool(t.Context(), dir, analyze, "security", "--offline=true", "--no-pager", "--threshold=15", "./wfbot.service"); err != nil {
		t.Errorf("systemd-analyze security: %v\n%s", err, said)
	}
}
