package health

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// server is one of a process whose checks find that.
func server(live error, checks ...Check) *Server {
	return New(Config{
		Live: func() error { return live }, Ready: checks,
		Metrics: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "wfbot_ready 1\n") }),
		Log:     slog.New(slog.DiscardHandler),
	})
}

func found(name string, err error) Check {
	return Check{Name: name, Works: func(context.Context) error { return err }}
}

func get(t *testing.T, s *Server, method, path string) (status int, text string) {
	t.Helper()
	w := httptest.NewRecorder()
	s.handler().ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), method, path, nil))
	return w.Code, w.Body.String()
}

func TestAnswers(t *testing.T) {
	t.Parallel()
	no := errors.New("does not answer")
	for _, tc := range []struct {
		why          string
		server       *Server
		method, path string
		status       int
		text         string // in it
	}{
		{"it works", server(nil), "GET", "/livez", 200, "ok\n"},
		{"it is stuck", server(errors.New("a loop is stuck")), "GET", "/livez", 503, "a loop is stuck\n"},
		{"not ready is alive", server(nil, found("slack", no)), "GET", "/livez", 200, "ok\n"},
		{"all works", server(nil, found("database", nil), found("slack", nil)), "GET", "/readyz", 200, "database: ok\nslack: ok\n"},
		{"one does not", server(nil, found("database", nil), found("slack", no)), "GET", "/readyz", 503, "database: ok\nslack: does not answer\n"},
		{"metrics", server(nil), "GET", "/metrics", 200, "wfbot_ready 1\n"},
		{"by HEAD", server(nil), "HEAD", "/livez", 200, ""},
		{"nothing else", server(nil), "GET", "/", 404, ""},
		{"no profile", server(nil), "GET", "/debug/pprof/", 404, ""},
		{"nothing is taken in", server(nil), "POST", "/readyz", 405, ""},
	} {
		if status, text := get(t, tc.server, tc.method, tc.path); status != tc.status || !strings.Contains(text, tc.text) {
			t.Errorf("%s: status %d, %q, want %d, %q", tc.why, status, text, tc.status, tc.text)
		}
	}
}

// However many ask, what is checked is asked once in two seconds.
func TestChecksAreShared(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		asked := 0
		s := server(nil, Check{Name: "workfront", Works: func(context.Context) error {
			asked++
			time.Sleep(time.Second)
			return nil
		}})
		var asking sync.WaitGroup
		for range 50 {
			asking.Go(func() { get(t, s, "GET", "/readyz") })
		}
		asking.Wait()
		if asked != 1 {
			t.Errorf("asked %d times, want once", asked)
		}
		time.Sleep(freshFor)
		if get(t, s, "GET", "/readyz"); asked != 2 {
			t.Errorf("asked %d times after a while, want twice", asked)
		}
	})
}

// What hangs is said to hang, beside what works, and in time for whoever asks.
func TestSlowChecks(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		hangs := Check{Name: "database", Works: func(ctx context.Context) error {
			<-ctx.Done()
			return ctx.Err()
		}}
		start := time.Now()
		status, text := get(t, server(nil, hangs, found("slack", nil)), "GET", "/readyz")
		if took := time.Since(start); status != 503 || text != "database: no answer in time\nslack: ok\n" || took > checkFor {
			t.Errorf("status %d, %q after %v", status, text, took)
		}
	})
}

// Serve answers until it is told to end, and then leaves nothing behind.
func TestServe(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() { ended <- server(nil).Serve(ctx, listener) }()
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	answer, err := client.Get("http://" + listener.Addr().String() + "/livez")
	if err != nil || answer.StatusCode != 200 {
		t.Fatalf("%v, %v", answer, err)
	}
	answer.Body.Close()
	cancel()
	if err := <-ended; err != nil {
		t.Errorf("Serve returned %v", err)
	}
	if _, err := client.Get("http://" + listener.Addr().String() + "/livez"); err == nil {
		t.Error("the port is still open")
	}
}

// A port that is gone is an error, since nobody would see how the process is.
func TestServeFails(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	listener.Close()
	if err := server(nil).Serve(t.Context(), listener); err == nil {
		t.Error("Serve returned nil")
	}
}
