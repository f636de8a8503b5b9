package main

import (
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"regexp"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"

	"wfbot/bot/bottest/machine"
)

// The runtime reads a proxy from the environment of the process alone, so these are
// processes. Whatever the proxy says, its user name and password are shown nowhere. They
// are needed for a connection only, so that commands which make none are left out.
func TestNoSecretOfAProxyInAnyOutput(t *testing.T) {
	t.Parallel()
	machine.Slow(t, "runs every sub-command in many worlds")
	user := url.UserPassword(proxyUser, proxyWord).String() + "@"
	var asked atomic.Int32
	proxy := func(answer func(w http.ResponseWriter, told string)) string {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			asked.Add(1)
			told, err := httputil.DumpRequest(r, true)
			if err != nil {
				t.Error(err)
			}
			answer(w, string(told))
		}))
		t.Cleanup(server.Close)
		return user + strings.TrimPrefix(server.URL, "http://")
	}
	refuses := proxy(func(w http.ResponseWriter, _ string) {
		w.Header().Set("Proxy-Authenticate", `Basic realm="proxy"`)
		w.WriteHeader(http.StatusProxyAuthRequired)
	})
	echoes := proxy(func(w http.ResponseWriter, told string) { http.Error(w, told, http.StatusForbidden) })
	for why, vars := range map[string]map[string]string{
		"a proxy that refuses":           {"HTTPS_PROXY": "http://" + refuses},
		"a proxy without its scheme":     {"https_proxy": refuses},
		"a proxy that shows what it got": {"HTTPS_PROXY": "http://" + echoes},
		"a proxy that speaks no TLS":     {"HTTPS_PROXY": "https://" + refuses},
		"a proxy that speaks no SOCKS":   {"HTTPS_PROXY": "socks5://" + refuses},
		"nobody is there":                {"HTTPS_PROXY": "http://" + user + nobody},
		"an address that is none":        {"HTTPS_PROXY": "http://" + proxyUser + ":" + proxyWord + "@[::1", "SLACK_API_URL": "http://" + nobody, "WORKFRONT_URL": "http://" + nobody},
		"a password in PGPASSWORD, and a database that refuses": {
			"PGPASSWORD": dbPassword, "WFBOT_DATABASE_URL": "postgres://wfbot@" + refusingDatabase(t) + "/wfbot?sslmode=disable", "SLACK_API_URL": "http://" + nobody, "WORKFRONT_URL": "http://" + nobody,
		},
	} {
		vars = altered(vars, []string{"WFBOT_LOG_LEVEL", "debug"})
		for name, value := range byKey() {
			vars[name] = value
		}
		vars = variablesOf(vars)
		for _, args := range [][]string{{"run"}, {"check"}, {"apikey", "-username", "admin@acme.com"}} {
			t.Run(why+": "+args[0], func(t *testing.T) {
				t.Parallel()
				cmd, stderr := child(t, vars, args...)
				var stdout output
				cmd.Stdout, cmd.Stdin = &stdout, strings.NewReader(loginWord)
				if err := cmd.Start(); err != nil {
					t.Fatal(err)
				}
				if args[0] == "run" {
					stderr.await(t, regexp.MustCompile(`level=(WARN|ERROR)|wfbot: `))
					_ = cmd.Process.Signal(syscall.SIGTERM) // unless it has ended
				}
				_ = cmd.Wait() // none of them succeeds, as the text shows
				said := stdout.String() + stderr.String()
				refuseMarks(t, strings.Join(args, " "), said)
				if said == "" {
					t.Errorf("%q says nothing", args)
				}
			})
		}
	}
	t.Cleanup(func() {
		if asked.Load() == 0 {
			t.Error("no proxy was asked")
		}
	})
}
