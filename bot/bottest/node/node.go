// Package node lets a Go test run clients that are written in JavaScript: what
// a simulator serves is best judged by clients that nobody here wrote.
//
// The packages stand, pinned, in .ci/node/package.json. They are installed with
//
//	npm ci --prefix .ci/node
//
// which .ci/run does before the tests. Where they, or Node.js 20, are missing the
// tests skip, but in CI (CI or WFBOT_REQUIRE_NODE is set) they fail.
//
// Two among them are no clients: the browser tests of the sandbox page judge it with
// axe-core, and TypeScript judges the app's manifest by the types of Slack's client.
//
// A script sees the packages and testdata/check.js under their plain names:
//
//	const { WebClient } = require('@slack/web-api')
//	const { check } = require('check')
package node

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"wfbot/bot/bottest/machine"
)

// patience is how long a script may run; only a failing test waits for it.
const patience = 3 * time.Minute

// Modules returns the directory with the installed packages, node_modules. Without
// it, or without Node.js, the test skips or, in CI, fails; with -short it skips.
func Modules(t testing.TB) string {
	t.Helper()
	machine.Slow(t, "needs Node.js")
	directory := filepath.Join(root(t), ".ci", "node", "node_modules")
	missing := ""
	if _, err := exec.LookPath("node"); err != nil {
		missing = "Node.js 20 or newer is not installed"
	} else if _, err := os.Stat(filepath.Join(directory, ".package-lock.json")); err != nil { // npm writes it last
		missing = "the packages are not installed; run: npm ci --prefix .ci/node"
	}
	switch {
	case missing == "":
	case os.Getenv("CI") != "" || os.Getenv("WFBOT_REQUIRE_NODE") != "":
		t.Fatal(missing)
	default:
		t.Skip(missing) // not everybody who changes the bot has Node.js; in CI it fails above
	}
	return directory
}

// root returns the directory with go.mod, above the one where the test runs.
func root(t testing.TB) string {
	t.Helper()
	directory, err := os.Getwd()
	for err == nil {
		if _, err := os.Stat(filepath.Join(directory, "go.mod")); err == nil {
			return directory
		}
		if parent := filepath.Dir(directory); parent != directory {
			directory = parent
			continue
		}
		break
	}
	t.Fatalf("no go.mod above the test: %v", err)
	return ""
}

// command returns the command that runs a script, killed after patience. The
// variables are NAME=value.
func command(t testing.TB, script string, variables []string) *exec.Cmd {
	t.Helper()
	modules := Modules(t)
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	t.Cleanup(cancel)
	cmd := exec.CommandContext(ctx, "node", script)
	checks := filepath.Join(root(t), "bot", "bottest", "node", "testdata")
	// Looked at here so that go test runs again when they have changed.
	for _, file := range []string{script, filepath.Join(checks, "check.js")} {
		if _, err := os.Stat(file); err != nil {
			t.Fatal(err)
		}
	}
	cmd.Env = append(os.Environ(), "NODE_PATH="+modules+string(os.PathListSeparator)+checks)
	cmd.Env = append(cmd.Env, variables...)
	cmd.WaitDelay = 10 * time.Second
	return cmd
}

// Run runs a script to its end and makes a subtest of each of its checks; see
// testdata/check.js. A script that fails outside of a check, that checks nothing
// or that writes to standard error fails the test.
func Run(t *testing.T, script string, variables ...string) {
	t.Helper()
	cmd := command(t, script, variables)
	var out, complaints bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &complaints
	err := cmd.Run()
	count := 0
	for lines := bufio.NewScanner(&out); lines.Scan(); {
		var result struct {
			Name    string `json:"name"`
			Problem string `json:"problem"` // empty: none
		}
		if err := json.Unmarshal(lines.Bytes(), &result); err != nil || result.Name == "" {
			t.Errorf("%s printed %s", script, lines.Bytes())
			continue
		}
		count++
		t.Run(result.Name, func(t *testing.T) {
			if result.Problem != "" {
				t.Error(result.Problem)
			}
		})
	}
	if err != nil || count == 0 || complaints.Len() > 0 {
		t.Errorf("%s: %d checks, %v\n%s", script, count, err, complaints.String())
	}
}

// Start runs a script until the test ends: then its standard input is closed, and it has
// to end with status 0. Whatever it writes fails the test. Start does not wait for
// anything.
func Start(t *testing.T, script string, variables ...string) {
	t.Helper()
	cmd := command(t, script, variables)
	input, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	var said bytes.Buffer // Wait joins both writers, which are one
	cmd.Stdout, cmd.Stderr = &said, &said
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = input.Close() // the script may have ended by itself, which Wait tells
		if err := cmd.Wait(); err != nil || said.String() != "" {
			t.Errorf("%s: %v\n%s", script, err, said.String())
		}
	})
}
