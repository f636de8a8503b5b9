package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"
)

// output collects what the program prints while tests look at it.
type output struct {
	mu      sync.Mutex
	b       bytes.Buffer
	changed chan struct{} // closed at the next change; nil: nobody waits
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.changed != nil {
		close(o.changed)
		o.changed = nil
	}
	return o.b.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.String()
}

// await waits until the output matches and returns the match.
func (o *output) await(t *testing.T, pattern *regexp.Regexp) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	found := o.seen(ctx, pattern)
	if found == "" {
		t.Fatalf("%s never appeared in the output:\n%s", pattern, o)
	}
	return found
}

// seen waits until the output matches and returns the match, or nothing when ctx ends.
func (o *output) seen(ctx context.Context, pattern *regexp.Regexp) string {
	for {
		o.mu.Lock()
		if o.changed == nil {
			o.changed = make(chan struct{})
		}
		text, changed := o.b.String(), o.changed
		o.mu.Unlock()
		if found := pattern.FindString(text); found != "" {
			return found
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return pattern.FindString(o.String())
		}
	}
}

// patience is how long a test waits for what will come unless something is wrong.
const patience = 2 * time.Minute

// start runs the program to its end, in the test's directory, which has no .env.
func start(t *testing.T, vars map[string]string, stdin string, args ...string) (status int, stdout, stderr string) {
	t.Helper()
	if _, err := os.Stat(dotenv); err == nil {
		t.Fatalf("the tests want no %s in their directory", dotenv)
	}
	var out, errs output
	p := process{environ: environ(vars), stdin: strings.NewReader(stdin), stdout: &out, stderr: &errs}
	status = p.report(run(t.Context(), args, p))
	return status, out.String(), errs.String()
}

// background runs the program until stop is called, which returns its exit status.
func background(t *testing.T, vars map[string]string, args ...string) (stdout, stderr *output, stop func() int) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	stdout, stderr = new(output), new(output)
	p := process{environ: environ(vars), stdin: strings.NewReader(""), stdout: stdout, stderr: stderr}
	var status int
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		status = p.report(run(ctx, args, p))
	}()
	stop = func() int {
		cancel()
		<-ended
		return status
	}
	t.Cleanup(func() { stop() })
	return stdout, stderr, stop
}

func TestExitStatus(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		why            string
		args           []string
		status         int
		stdout, stderr string // what they contain; empty: they are empty
	}{
		{"no command", nil, 2, "", "which command?\n\nwfbot switches off"},
		{"help", []string{"help"}, 0, "Usage: wfbot <command>", ""},
		{"--help", []string{"--help"}, 0, "  sandbox      try it", ""},
		{"-h", []string{"-h"}, 0, "Exit status: 0", ""},
		{"unknown command", []string{"serve"}, 2, "", "there is no such command\n\nwfbot switches off"},
		{"unknown command with --help", []string{"serve", "--help"}, 2, "", "there is no such command"},
		{"help of an unknown command", []string{"help", "serve"}, 2, "", "there is no such command"},
		{"help of run", []string{"help", "run"}, 0, "Usage: wfbot run", ""},
		{"run --help", []string{"run", "--help"}, 0, "    SLACK_APP_TOKEN (required)\n", ""},
		{"run -h", []string{"run", "-h"}, 0, "    WFBOT_REQUEST_TTL (default 72h)\n", ""},
		{"sandbox --help", []string{"sandbox", "--help"}, 0, "  -addr address\n", ""},
		{"audit alone", []string{"audit"}, 2, "", "verify, export or show? See wfbot audit --help"},
		{"audit of something else", []string{"audit", "SECRET"}, 2, "", "see wfbot audit --help"},
		{"audit --help", []string{"audit", "--help"}, 0, "  -head N:HASH\n", ""},
		{"audit verify --help", []string{"audit", "verify", "--help"}, 0, "Usage: wfbot audit verify", ""},
		{"audit verify of something", []string{"audit", "verify", "SECRET"}, 2, "", "see wfbot audit verify --help"},
		{"audit export --help", []string{"audit", "export", "--help"}, 0, "  -after number\n", ""},
		{"audit export in another format", []string{"audit", "export", "-format", "xml"}, 2, "", "see wfbot audit export --help"},
		{"audit export since some day", []string{"audit", "export", "-since", "31.12.2026"}, 2, "", "write a day as 2026-12-31"},
		{"audit export after what", []string{"audit", "export", "-after", "-1"}, 2, "", "the number of an entry"},
		{"audit show --help", []string{"audit", "show", "--help"}, 0, "Usage: wfbot audit show WHO", ""},
		{"audit show nobody", []string{"audit", "show"}, 2, "", "an e-mail, a Slack user id or a Workfront ID is missing; see wfbot audit show --help"},
		{"audit show two", []string{"audit", "show", "jane@acme.com", "SECRET"}, 2, "", "see wfbot audit show --help"},
		{"backup --help", []string{"backup", "--help"}, 0, "Usage: wfbot backup FILE", ""},
		{"backup to where", []string{"backup"}, 2, "", "the file to make is missing; see wfbot backup --help"},
		{"forget --help", []string{"forget", "--help"}, 0, "Usage: wfbot forget WHO", ""},
		{"forget nobody", []string{"forget"}, 2, "", "an e-mail, a Slack user id or a Workfront ID is missing; see wfbot forget --help"},
		{"apikey --help", []string{"apikey", "--help"}, 0, "This works only where Adobe still allows login by password.", ""},
		{"apikey says so first", []string{"apikey"}, 2, "", "This works only where Adobe still allows login by password."},
		{"healthcheck --help", []string{"healthcheck", "--help"}, 0, "  -live\n", ""},
		{"nobody to ask", []string{"healthcheck"}, 2, "", "WFBOT_HTTP_ADDR is not set"},
		{"version --help", []string{"version", "--help"}, 0, "Usage: wfbot version", ""},
		{"version", []string{"version"}, 0, "wfbot ", ""},
		{"version as a flag", []string{"--version"}, 0, "wfbot ", ""},
		{"unknown flag", []string{"run", "-token=x"}, 2, "", "wfbot: flag provided but not defined: -token; see wfbot run --help"},
		{"something behind the flags", []string{"version", "SECRET"}, 2, "", "see wfbot version --help"},
		{"no configuration", []string{"run"}, 2, "", "wfbot: the configuration has 6 mistakes:\n  SLACK_APP_TOKEN is missing"},
		{"nobody's key", []string{"apikey"}, 2, "", "-username"},
		{"no Workfront", []string{"apikey", "-username", "jane"}, 2, "", "the configuration has a mistake:\n  WORKFRONT_URL is missing"},
		{"a page for everybody", []string{"sandbox", "-addr", "0.0.0.0:8080"}, 2, "", "-addr must name this machine"},
		{"a page for everybody, in short", []string{"sandbox", "-addr", ":8080"}, 2, "", "-addr must name this machine"},
		{"a page on another machine", []string{"sandbox", "-addr", "example.com:80"}, 2, "", "-addr must name this machine"},
		{"a page at no port", []string{"sandbox", "-addr", "127.0.0.1:99999"}, 2, "", "-addr takes a host and a port"},
		{"a page without a port", []string{"sandbox", "-addr", "8080"}, 2, "", "-addr takes a host and a port"},
	} {
		status, stdout, stderr := start(t, nil, "", tc.args...)
		if status != tc.status || !matches(stdout, tc.stdout) || !matches(stderr, tc.stderr) {
			t.Errorf("%s: exit status %d, want %d; standard output %q, want %q in it; standard error %q, want %q in it",
				tc.why, status, tc.status, stdout, tc.stdout, stderr, tc.stderr)
		}
		if strings.Contains(stderr, "SECRET") {
			t.Errorf("%s: an argument is repeated: %q", tc.why, stderr)
		}
	}
}

func matches(text, want string) bool {
	return strings.Contains(text, want) && (want != "" || text == "")
}

func TestReport(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		err    error
		status int
		text   string
	}{
		{nil, 0, ""},
		{errors.New("broken"), 1, "wfbot: broken\n"},
		{&misuse{"wrong"}, 2, "wfbot: wrong\n"},
		{fmt.Errorf("reading: %w", &misuse{"wrong"}), 2, "wfbot: reading: wrong\n"},
	} {
		var errs output
		if status := (process{stderr: &errs}).report(tc.err); status != tc.status || errs.String() != tc.text {
			t.Errorf("report(%v) = %d and %q, want %d and %q", tc.err, status, errs.String(), tc.status, tc.text)
		}
	}
}

// TestRunHelpListsEveryVariable guards the table's way into the help text.
func TestRunHelpListsEveryVariable(t *testing.T) {
	t.Parallel()
	_, help, _ := start(t, nil, "", "run", "--help")
	for _, v := range variables[config]() {
		if !strings.Contains(help, "    "+v.Name+" (") && !strings.Contains(help, "    "+v.Name+"\n") || !strings.Contains(help, v.About) {
			t.Errorf("the help lacks %s", v.Name)
		}
	}
}
