package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
)

// listening are the ports where a process listens, in hexadecimal, with the address.
func listening(t *testing.T, pid int) (ports []string) {
	t.Helper()
	sockets := map[string]bool{}
	names, err := filepath.Glob(fmt.Sprintf("/proc/%d/fd/*", pid))
	if err != nil || len(names) == 0 {
		t.Fatalf("no open files: %v", err)
	}
	for _, name := range names {
		to, _ := os.Readlink(name) // it may have been closed
		if inode, ok := strings.CutPrefix(to, "socket:["); ok {
			sockets[strings.TrimSuffix(inode, "]")] = true
		}
	}
	for _, table := range []string{"tcp", "tcp6", "udp", "udp6"} {
		text, err := os.ReadFile(fmt.Sprintf("/proc/%d/net/%s", pid, table))
		if err != nil {
			continue // a machine without IPv6
		}
		for row := range strings.Lines(string(text)) {
			f := strings.Fields(row)
			// A socket of TCP that listens has the state 0A; one of UDP that has no other end, 07.
			if len(f) > 9 && sockets[f[9]] && (f[3] == "0A" || strings.HasPrefix(table, "udp") && f[3] == "07") {
				ports = append(ports, f[1])
			}
		}
	}
	return ports
}

// child is the program as a process of its own, with nothing but vars in its
// environment. Without args it is "wfbot run". Its log is in stderr.
func child(t *testing.T, vars map[string]string, args ...string) (cmd *exec.Cmd, stderr *output) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	stderr = new(output)
	cmd = exec.CommandContext(t.Context(), self, args...)
	cmd.Dir, cmd.Stderr = t.TempDir(), stderr
	cmd.Env = append(environ(vars), crashChild+"=1")
	return cmd, stderr
}

// Without WFBOT_HTTP_ADDR the program opens no port; with it, that one.
func TestRunOpensNoPort(t *testing.T) {
	t.Parallel()
	for _, addr := range []string{"", freePort(t)} {
		c := newCompany(t)
		c.vars["WFBOT_HTTP_ADDR"] = addr
		if addr == "" {
			delete(c.vars, "WFBOT_HTTP_ADDR")
		}
		cmd, stderr := child(t, c.vars)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = cmd.Process.Kill() })
		stderr.await(t, regexp.MustCompile(`Socket Mode connection open`))
		ports := listening(t, cmd.Process.Pid)
		if want := min(1, len(addr)); len(ports) != want {
			t.Errorf("WFBOT_HTTP_ADDR=%s: listens at %v, want %d port", addr, ports, want)
		}
		_ = cmd.Process.Signal(syscall.SIGTERM)
		if err := cmd.Wait(); err != nil {
			t.Errorf("%v; the log:\n%s", err, stderr)
		}
	}
}
