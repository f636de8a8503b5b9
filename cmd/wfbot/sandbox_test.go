package main

import (
	"errors"
	"net"
	"net/http"
	"regexp"
	"strings"
	"testing"
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
