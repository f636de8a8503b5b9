package sandbox_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"

	"wfbot/bot/sandbox"
)

// lines is where Run prints; the first line is handed to whoever waits for it.
type lines struct {
	mu    sync.Mutex
	text  bytes.Buffer
	ready chan struct{}
	once  sync.Once
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	defer l.once.Do(func() { close(l.ready) })
	return l.text.Write(p)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// start runs a sandbox until stop is called, which returns Run's error. The test
// ends it at the latest.
func start(t *testing.T) (base string, stop func() error) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	out, logged := &lines{ready: make(chan struct{})}, &lines{ready: make(chan struct{})}
	ended := make(chan error, 1)
	go func() {
		ended <- sandbox.Run(ctx, sandbox.Config{Listener: listener, Out: out, Log: slog.New(slog.NewTextHandler(logged, nil))})
	}()
	stop = sync.OnceValue(func() error {
		cancel()
		return <-ended
	})
	t.Cleanup(func() {
		if err := stop(); err != nil {
			t.Errorf("Run ended with %v", err)
		}
		if t.Failed() {
			t.Logf("log of the sandbox:\n%s", logged)
		}
	})
	select {
	case <-out.ready:
	case err := <-ended:
		ended <- err
		t.Fatalf("the sandbox ended before it was ready: %v\n%s", err, logged)
	}
	base = "http://" + listener.Addr().String()
	if !strings.Contains(out.String(), base) {
		t.Errorf("printed %q, which does not name %s", out, base)
	}
	return base, stop
}

func TestRunEndsCleanly(t *testing.T) {
	directory := t.TempDir()
	t.Setenv("TMPDIR", directory)
	base, stop := start(t)
	if files := names(t, directory); len(files) != 1 {
		t.Errorf("while it runs the sandbox has %v, want one directory", files)
	}
	rita := visit(t, base, "U0RITA", "C0OFFBOARDING")
	rita.send("/wf-deactivate jane@acme.com left the company")
	rita.see("messages", "Approval needed")

	if err := stop(); err != nil {
		t.Errorf("Run ended with %v", err)
	}
	if _, err := io.Copy(io.Discard, rita.stream); errors.Is(err, context.DeadlineExceeded) {
		t.Error("the page's events go on after the end")
	}
	if files := names(t, directory); len(files) != 0 {
		t.Errorf("left behind: %v", files)
	}
	if connection, err := net.Dial("tcp", strings.TrimPrefix(base, "http://")); err == nil {
		connection.Close()
		t.Error("the page is still served")
	}
}

func names(t *testing.T, directory string) []string {
	t.Helper()
	entries, err := os.ReadDir(directory)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, e := range entries {
		all = append(all, e.Name())
	}
	return all
}

// elsewhere is a listener on an address that other machines can reach.
type elsewhere struct{ closed chan struct{} }

func (elsewhere) Accept() (net.Conn, error) { return nil, errors.New("must not be served") }
func (e elsewhere) Close() error            { close(e.closed); return nil }
func (elsewhere) Addr() net.Addr            { return &net.TCPAddr{IP: net.IPv4(192, 0, 2, 1), Port: 80} }

func TestRunOnLoopbackOnly(t *testing.T) {
	t.Parallel()
	listener := elsewhere{make(chan struct{})}
	err := sandbox.Run(t.Context(), sandbox.Config{Listener: listener})
	if err == nil || !strings.Contains(err.Error(), "loopback") {
		t.Errorf("Run on %s answered %v, want a refusal", listener.Addr(), err)
	}
	select {
	case <-listener.closed:
	default:
		t.Error("the listener was not closed")
	}
}

func TestRunEndsBeforeReady(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := sandbox.Run(ctx, sandbox.Config{Listener: listener, Log: slog.New(slog.DiscardHandler)}); err != nil && !errors.Is(err, context.Canceled) {
		t.Errorf("Run ended with %v", err)
	}
}

func TestGuard(t *testing.T) {
	t.Parallel()
	base, _ := start(t)
	host := strings.TrimPrefix(base, "http://")
	_, port, err := net.SplitHostPort(host)
	if err != nil {
		t.Fatal(err)
	}
	rita := visit(t, base, "U0RITA", "C0OFFBOARDING")
	form := "as=U0RITA&in=C0OFFBOARDING&text=hello&token=" + rita.token

	tests := []struct {
		why, method, path, body, host string
		header                        map[string]string
		want                          int
	}{
		{"the page", "GET", "/", "", host, nil, 200},
		{"by another loopback name", "GET", "/", "", "localhost:" + port, nil, 200},
		{"by a forwarded port", "GET", "/", "", "[::1]:9999", nil, 200},
		{"by a name that points here", "GET", "/", "", "evil.example.com:" + port, nil, 421},
		{"by a name that looks like loopback", "GET", "/live", "", "127.0.0.1.example.com", nil, 421},
		{"by an address of the network", "GET", "/static/script.js", "", "192.0.2.1", nil, 421},
		{"by a link on another site", "GET", "/", "", host, map[string]string{"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}, 200},
		{"as a picture on another site", "GET", "/?as=U0RITA&tab=home", "", host, map[string]string{"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "image"}, 403},
		{"in a frame on another port of this machine", "GET", "/?as=U0RITA&tab=home", "", host, map[string]string{"Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "iframe"}, 403},
		{"the page's events for another site", "GET", "/live", "", host, map[string]string{"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "cors", "Sec-Fetch-Dest": "empty"}, 403},
		{"a post from the page", "POST", "/send", form, host, map[string]string{"Origin": base, "Sec-Fetch-Site": "same-origin"}, 200},
		{"a post from another site", "POST", "/send", form, host, map[string]string{"Origin": "https://evil.example.com"}, 403},
		{"a post from another port of this machine", "POST", "/send", form, host, map[string]string{"Origin": "http://127.0.0.1:1"}, 403},
		{"a post from nowhere", "POST", "/send", form, host, map[string]string{"Origin": "null"}, 403},
		{"a post that a browser calls cross-site", "POST", "/press", form, host, map[string]string{"Sec-Fetch-Site": "cross-site"}, 403},
		{"a post without token", "POST", "/send", "as=U0RITA&text=hello", host, nil, 403},
		{"a post with another token", "POST", "/submit", "token=x", host, nil, 403},
		{"a token in the address", "POST", "/send?token=" + rita.token, "text=hello", host, nil, 403},
		{"a body without end", "POST", "/send", "text=" + strings.Repeat("x", 2<<20) + "&token=" + rita.token, host, nil, 403},
		{"an action by link", "GET", "/send?" + form, "", host, nil, 405},
		{"a file that is not there", "GET", "/static/none.js", "", host, nil, 404},
	}
	for _, test := range tests {
		t.Run(test.why, func(t *testing.T) {
			request, err := http.NewRequestWithContext(t.Context(), test.method, base+test.path, strings.NewReader(test.body))
			if err != nil {
				t.Fatal(err)
			}
			request.Host = test.host
			request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			for name, value := range test.header {
				request.Header.Set(name, value)
			}
			answer, err := rita.client.Do(request)
			if err != nil {
				t.Fatal(err)
			}
			defer answer.Body.Close()
			if answer.StatusCode != test.want {
				t.Errorf("status %d, want %d", answer.StatusCode, test.want)
			}
			if policy := answer.Header.Get("Content-Security-Policy"); !strings.Contains(policy, "default-src 'self'") || !strings.Contains(policy, "frame-ancestors 'none'") {
				t.Errorf("Content-Security-Policy is %q", policy)
			}
			_, _ = io.Copy(io.Discard, io.LimitReader(answer.Body, 1<<10))
		})
	}
}
