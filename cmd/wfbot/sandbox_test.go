package main

import (
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/joho/godotenv"

	"wfbot/bot/sandbox"
)

func TestSandboxServesAPage(t *testing.T) {
	t.Parallel()
	stdout, stderr, stop := background(t, nil, "sandbox", "-addr", "127.0.0.1:0")
	url := stdout.await(t, regexp.MustCompile(`http://127\.0\.0\.1:[0-9]+/?`))
	client := &http.Client{Timeout: patience, Transport: &http.Transport{DisableKeepAlives: true}}
	response, err := client.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	if response.StatusCode != http.StatusOK {
		t.Errorf("GET %s: %s", url, response.Status)
	}
	if status := stop(); status != 0 {
		t.Errorf("exit status %d; standard error: %s", status, stderr)
	}
}

func TestSandboxPortTaken(t *testing.T) {
	t.Parallel()
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	status, _, stderr := start(t, nil, "", "sandbox", "-addr", taken.Addr().String())
	if status != 1 || !strings.Contains(stderr, "is taken by another program") {
		t.Errorf("exit status %d, standard error %q", status, stderr)
	}
}

func TestListenLoopback(t *testing.T) {
	t.Parallel()
	// Whoever has the default port, two listeners get two ports.
	first, err := listenLoopback(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	defer first.Close()
	second, err := listenLoopback(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	defer second.Close()
	if first.Addr().String() == second.Addr().String() {
		t.Errorf("both listen at %s", first.Addr())
	}
	for _, l := range []net.Listener{first, second} {
		if !l.Addr().(*net.TCPAddr).IP.IsLoopback() {
			t.Errorf("%s is not loopback", l.Addr())
		}
	}
	for _, addr := range []string{"localhost:0", "127.0.0.2:0"} {
		l, err := listenLoopback(t.Context(), addr)
		if err != nil {
			t.Errorf("%s: %v", addr, err)
			continue
		}
		l.Close()
	}
	var wrong *misuse
	if _, err := listenLoopback(t.Context(), "192.0.2.1:80"); !errors.As(err, &wrong) {
		t.Errorf("another machine's address: %v, want a *misuse", err)
	}
}

// services starts the simulators as a person does, and returns the variables that
// are printed.
func services(t *testing.T, args ...string) map[string]string {
	t.Helper()
	stdout, stderr, stop := background(t, nil, append([]string{"sandbox", "-services", "-addr", "127.0.0.1:0"}, args...)...)
	t.Cleanup(func() {
		if status := stop(); status != 0 {
			t.Errorf("exit status %d; standard error: %s", status, stderr)
		}
	})
	stderr.await(t, regexp.MustCompile(`http://127\.0\.0\.1:[0-9]+`))
	vars, err := godotenv.Unmarshal(stdout.String())
	if err != nil {
		t.Fatal(err)
	}
	return vars
}

// A wfbot works with what "wfbot sandbox -services" prints, by a key and by OAuth2.
func TestSandboxServices(t *testing.T) {
	t.Parallel()
	for _, way := range [][]string{nil, {"-oauth", "-person", "Tess Trial <tess@acme.com>"}} {
		stdout, stderr, stop := background(t, nil, append([]string{"sandbox", "-services", "-addr", "127.0.0.1:0"}, way...)...)
		page := stderr.await(t, regexp.MustCompile(`http://127\.0\.0\.1:[0-9]+`))
		vars, err := godotenv.Unmarshal(stdout.String())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := loadConfig(environ(vars), noFile(t)); err != nil {
			t.Errorf("what was printed is no configuration: %v\n%s", err, stdout)
		}
		_, log, end := background(t, vars, "run")
		log.await(t, regexp.MustCompile(`connected to Slack`))
		see(t, page, way != nil)
		if status := end(); status != 0 {
			t.Errorf("run ended with %d:\n%s", status, log)
		}
		if status := stop(); status != 0 {
			t.Errorf("the services ended with %d:\n%s", status, stderr)
		}
		if _, err := os.Stat(strings.TrimPrefix(vars["WFBOT_DATABASE_URL"], "sqlite:")); err == nil {
			t.Error("the database was left behind")
		}
	}
}

// see looks at the page of the services.
func see(t *testing.T, page string, tess bool) {
	t.Helper()
	client := &http.Client{Timeout: patience, Transport: &http.Transport{DisableKeepAlives: true}}
	response, err := client.Get(page)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	html, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK {
		t.Fatalf("%s, %v", response.Status, err)
	}
	for text, want := range map[string]bool{"in the database of the wfbot that you have started": true, "Tess Trial": tess, "Rita Young": true} {
		if strings.Contains(string(html), text) != want {
			t.Errorf("the page says %q: %t, want %t", text, !want, want)
		}
	}
}

func TestSandboxServicesMisuse(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{"-oauth"}, {"-fault", "key-expired"}, {"-services", "-fault", "S3CRET"}, {"-services", "-person", "nobody"}} {
		if status, _, said := start(t, nil, "", append([]string{"sandbox"}, args...)...); status != 2 {
			t.Errorf("%q: exit status %d, %q", args, status, said)
		}
	}
	status, help, _ := start(t, nil, "", "sandbox", "-help")
	for _, name := range sandbox.FaultNames() {
		if status != 0 || !strings.Contains(help, "\n  "+name+" ") {
			t.Errorf("the help does not name %s", name)
		}
	}
}
