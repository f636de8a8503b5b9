package workfront_test

import (
	"bytes"
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
	"time"

	"wfbot/workfront"
	"wfbot/workfront/secret"
)

const (
	apiKey = "k3y-of-the-tests"
	janeID = "592125e6000a1b2c3d4e5f6071829304"
	root   = "/attask/api/v22.0"
	jane   = `{"ID":"` + janeID + `","name":"Jane Doe","objCode":"USER","emailAddr":"jane@acme.com","isActive":true}`
)

// serve starts a server that answers with handler and a client that talks to
// it. The server insists on what every request must have.
func serve(t *testing.T, handler http.HandlerFunc) *workfront.Client {
	t.Helper()
	return serveConfig(t, workfront.Config{APIKey: apiKey}, handler)
}

func serveConfig(t *testing.T, cfg workfront.Config, handler http.HandlerFunc) *workfront.Client {
	t.Helper()
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasPrefix(r.URL.Path, root+"/user") {
			t.Errorf("request to %s, want it below %s/user", r.URL.Path, root)
		}
		if got := r.Header.Get("apiKey"); got != string(cfg.APIKey) {
			t.Errorf("header apiKey = %q, want %q", got, string(cfg.APIKey))
		}
		if strings.Contains(r.RequestURI, apiKey) || strings.Contains(strings.ToLower(r.RequestURI), "apikey") {
			t.Errorf("a credential is in the URL: %s", r.RequestURI)
		}
		if r.Method == http.MethodDelete {
			t.Error("a DELETE on a user")
		}
		handler(w, r)
	}))
	t.Cleanup(srv.Close)
	cfg.URL = srv.URL
	return newClient(t, cfg)
}

func newClient(t *testing.T, cfg workfront.Config) *workfront.Client {
	t.Helper()
	c, err := workfront.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.CloseIdleConnections)
	return c
}

// answers replies to every request with body.
func answers(status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

// inMemory is a transport that runs the handler itself, so that a test with
// retries can run on synctest's clock. As on a wire, the caller does not wait
// for the handler once its context has ended.
type inMemory http.HandlerFunc

func (h inMemory) RoundTrip(r *http.Request) (*http.Response, error) {
	rec := httptest.NewRecorder()
	done := make(chan struct{})
	go func() { defer close(done); h(rec, r) }()
	select {
	case <-done:
		return rec.Result(), nil
	case <-r.Context().Done():
		return nil, r.Context().Err()
	}
}

func inMemoryClient(t *testing.T, handler http.HandlerFunc) *workfront.Client {
	t.Helper()
	return newClient(t, workfront.Config{URL: "https://acme.my.workfront.adobe.com", APIKey: apiKey, Transport: inMemory(handler)})
}

// pipeClient returns a client whose connections are pipes to a server that
// answers with handler, so that HTTP itself runs on synctest's clock.
func pipeClient(t *testing.T, handler http.HandlerFunc) *workfront.Client {
	t.Helper()
	pipes := &pipeListener{conns: make(chan net.Conn), closed: make(chan struct{})}
	srv := &http.Server{Handler: handler}
	done := make(chan struct{})
	go func() { defer close(done); _ = srv.Serve(pipes) }()
	t.Cleanup(func() { _ = srv.Close(); <-done })
	return newClient(t, workfront.Config{URL: "http://127.0.0.1", APIKey: apiKey, Transport: &http.Transport{DialContext: pipes.dial}})
}

type pipeListener struct {
	conns  chan net.Conn
	closed chan struct{}
}

func (l *pipeListener) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	client, server := net.Pipe()
	select {
	case l.conns <- server:
		return client, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (l *pipeListener) Accept() (net.Conn, error) {
	select {
	case c := <-l.conns:
		return c, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

func (l *pipeListener) Close() error   { close(l.closed); return nil }
func (l *pipeListener) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)} }

// asError returns the *workfront.Error that err must be.
func asError(t *testing.T, err error) *workfront.Error {
	t.Helper()
	var e *workfront.Error
	if !errors.As(err, &e) {
		t.Fatalf("error is %v (%T), want a *workfront.Error", err, err)
	}
	return e
}

// syncBuffer is a log's destination.
type syncBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *syncBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *syncBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}

func debugLog(w io.Writer) *slog.Logger {
	return slog.New(slog.NewTextHandler(w, &slog.HandlerOptions{Level: slog.LevelDebug}))
}

// within gives a context that ends a hanging test, long after any slow machine.
func within(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	t.Cleanup(cancel)
	return ctx
}

// noSecret fails if any text shows one of the secrets.
func noSecret(t *testing.T, secrets []secret.Value, texts ...string) {
	t.Helper()
	for _, text := range texts {
		for _, s := range secrets {
			if strings.Contains(text, s.Reveal()) {
				t.Errorf("%q is shown in %q", s.Reveal(), text)
			}
		}
	}
}
