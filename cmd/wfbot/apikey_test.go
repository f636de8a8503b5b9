package main

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"wfbot/workfront/workfrontsim"
)

// tenant starts a simulated Workfront where admin@acme.com has a password.
func tenant(t *testing.T, cfg workfrontsim.Config) (sim *workfrontsim.Server, url string) {
	t.Helper()
	sim = workfrontsim.New(cfg)
	server := httptest.NewServer(sim)
	t.Cleanup(func() {
		sim.Close()
		server.Close()
	})
	admin := sim.AddUser(workfrontsim.User{Name: "Ada Okafor", Email: "admin@acme.com", Username: "admin@acme.com", Active: true, AccessLevelID: workfrontsim.AccessAdministrator})
	sim.SetPassword(admin.ID, "pa ss&w+rd%")
	return sim, server.URL
}

func TestAPIKey(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		why, stdin     string
		cfg            workfrontsim.Config
		version        string
		status         int
		stdout, stderr string // what they contain
	}{
		{"a password with an end of line", "pa ss&w+rd%\n", workfrontsim.Config{}, "", 0, "", "it expires after a month"},
		{"a password without one", "pa ss&w+rd%", workfrontsim.Config{}, "v21.0", 0, "", "for WORKFRONT_API_KEY"},
		{"from Windows, with more behind it", "pa ss&w+rd%\r\nmore\n", workfrontsim.Config{}, "", 0, "", "for WORKFRONT_API_KEY"},
		{"a wrong password", "wrong-S3CRET\n", workfrontsim.Config{}, "", 1, "", "Either the username or the password is wrong"},
		{"an organisation without passwords", "pa ss&w+rd%\n", workfrontsim.Config{RefusePasswordKeys: true}, "", 1, "", "Setup > System > Customer Info"},
		{"no password", "\n", workfrontsim.Config{}, "", 1, "", "no password was given"},
		{"nothing at all", "", workfrontsim.Config{}, "", 1, "", "no password was given"},
		{"a version that is gone", "pa ss&w+rd%\n", workfrontsim.Config{}, "v7.0", 1, "", "410"},
	} {
		sim, url := tenant(t, tc.cfg)
		status, stdout, stderr := start(t, map[string]string{"WORKFRONT_URL": url, "WORKFRONT_API_VERSION": tc.version}, tc.stdin, "apikey", "-username", "admin@acme.com")
		if status != tc.status || !strings.Contains(stderr, tc.stderr) {
			t.Errorf("%s: exit status %d, want %d; standard error %q, want %q in it", tc.why, status, tc.status, stderr, tc.stderr)
		}
		key := strings.TrimSuffix(stdout, "\n")
		if works := status == 0; works != (len(key) > 8) || strings.ContainsAny(key, " \n") || works && strings.Contains(stderr, key) {
			t.Errorf("%s: standard output %q", tc.why, stdout)
		}
		if strings.Contains(stderr, "S3CRET") || strings.Contains(stderr, "pa ss") || strings.Contains(stderr, "pa+ss") {
			t.Errorf("%s: the password is in %q", tc.why, stderr)
		}
		for _, call := range sim.Journal() {
			if strings.Contains(call.Path, "pa") && strings.Contains(call.Path, "ss&w") {
				t.Errorf("%s: the password went into the URL %q", tc.why, call.Path)
			}
		}
	}
}

// What an organisation without passwords answers is not known: a page, perhaps.
func TestAPIKeyRefusedWithAPage(t *testing.T) {
	t.Parallel()
	for status, explained := range map[int]bool{http.StatusForbidden: true, http.StatusTooManyRequests: false} {
		sim, url := tenant(t, workfrontsim.Config{})
		sim.Inject(workfrontsim.Fault{Answer: workfrontsim.Answer{Kind: workfrontsim.HTMLPage, Status: status}})
		_, _, stderr := start(t, map[string]string{"WORKFRONT_URL": url}, "pa ss&w+rd%\n", "apikey", "-username", "admin@acme.com")
		if strings.Contains(stderr, "Setup > System > Customer Info") != explained {
			t.Errorf("%d: standard error %q, explained: want %v", status, stderr, explained)
		}
	}
}

func TestAPIKeyInterrupted(t *testing.T) {
	t.Parallel()
	stdin, typing := io.Pipe() // nobody types
	defer typing.Close()
	ctx, interrupt := context.WithCancel(t.Context())
	interrupt()
	var out, errs output
	p := process{environ: []string{"WORKFRONT_URL=https://acme.com"}, stdin: stdin, stdout: &out, stderr: &errs}
	if status := p.report(run(ctx, []string{"apikey", "-username", "jane"}, p)); status != 1 || out.String() != "" {
		t.Errorf("exit status %d, standard output %q, standard error %q", status, out.String(), errs.String())
	}
}
