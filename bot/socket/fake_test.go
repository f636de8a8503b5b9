package socket_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gorilla/websocket"
	"go.uber.org/goleak"

	"wfbot/bot/socket"
	"wfbot/workfront/secret"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	appToken = "xapp-1-A0TEST-1-TOKENTEXT"
	ticket   = "TICKETTEXT"
	appID    = "A0TEST"
)

// fake is Slack's side of Socket Mode with nothing of its own: a test says what it
// answers, frame by frame. It lives on a network in memory, so that all of it,
// time included, can run inside a synctest bubble with the real time-outs.
type fake struct {
	t        *testing.T
	listener pipeListener

	// open answers call n (from 1) of apps.connections.open and reports whether
	// it did; nil or false give the caller an address.
	open func(n int, w http.ResponseWriter, r *http.Request) bool
	// upgrade answers WebSocket handshake n (from 1) and reports whether it did;
	// nil or false give the caller a connection.
	upgrade func(n int, w http.ResponseWriter, r *http.Request) bool
	// prepare changes a link before anything is read from it.
	prepare func(*link)

	links chan *link // every WebSocket connection, in the order of opening

	opens, upgrades atomic.Int64
	mu              sync.Mutex
	openedAt        []time.Time
}

// newFake must be called inside the bubble where it is used, if any.
func newFake(t *testing.T) *fake {
	f := &fake{
		t:        t,
		listener: pipeListener{conns: make(chan net.Conn), closed: make(chan struct{})},
		links:    make(chan *link, 1000),
	}
	server := &http.Server{Handler: f, BaseContext: func(net.Listener) context.Context { return t.Context() }}
	served := make(chan struct{})
	go func() {
		defer close(served)
		server.Serve(&f.listener)
	}()
	t.Cleanup(func() {
		server.Close()
		<-served
	})
	return f
}

func (f *fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch r.URL.Path {
	case "/api/apps.connections.open":
		if r.Method != http.MethodPost || r.Header.Get("Authorization") != "Bearer "+appToken {
			f.t.Errorf("apps.connections.open: %s with authorization %q", r.Method, r.Header.Get("Authorization"))
		}
		f.mu.Lock()
		f.openedAt = append(f.openedAt, time.Now())
		f.mu.Unlock()
		n := int(f.opens.Add(1))
		if f.open == nil || !f.open(n, w, r) {
			fmt.Fprintf(w, `{"ok":true,"url":"ws://127.0.0.1/link?ticket=%s&app_id=x"}`, ticket)
		}
	case "/link":
		n := int(f.upgrades.Add(1))
		if f.upgrade != nil && f.upgrade(n, w, r) {
			return
		}
		ws, err := (&websocket.Upgrader{}).Upgrade(w, r, nil)
		if err != nil {
			f.t.Errorf("upgrade: %v", err)
			return
		}
		l := &link{t: f.t, n: n, ws: ws, resume: make(chan struct{}), acks: make(chan ack, 5000), closed: make(chan struct{})}
		close(l.resume)
		if f.prepare != nil {
			f.prepare(l)
		}
		f.links <- l
		l.read()
	default:
		f.t.Errorf("unexpected request %s", r.URL.Path)
	}
}

// next waits for the next connection the pool opens.
func (f *fake) next() *link {
	f.t.Helper()
	return receive(f.t, f.links, "a connection")
}

// greeted is next, with a hello.
func (f *fake) greeted() *link {
	f.t.Helper()
	l := f.next()
	l.hello()
	return l
}

// link is Slack's end of one connection.
type link struct {
	t      *testing.T
	n      int
	ws     *websocket.Conn
	resume chan struct{} // reading starts when it is closed
	acks   chan ack
	closed chan struct{} // closed when the other side is gone

	pings   atomic.Int64
	mu      sync.Mutex
	goodbye int // close code received, 0 = none
}

type ack struct {
	EnvelopeID string          `json:"envelope_id"`
	Payload    json.RawMessage `json:"payload"`
}

func (l *link) read() {
	defer close(l.closed)
	defer l.ws.Close()
	<-l.resume
	answer := l.ws.PingHandler()
	l.ws.SetPingHandler(func(text string) error {
		l.pings.Add(1)
		return answer(text)
	})
	for {
		_, raw, err := l.ws.ReadMessage()
		if err != nil {
			if closing, ok := err.(*websocket.CloseError); ok {
				l.mu.Lock()
				l.goodbye = closing.Code
				l.mu.Unlock()
			}
			return
		}
		var a ack
		if err := json.Unmarshal(raw, &a); err != nil {
			l.t.Errorf("acknowledgement %q: %v", raw, err)
			return
		}
		l.acks <- a
	}
}

// send writes one text frame. It fails silently on a connection that has ended.
func (l *link) send(format string, args ...any) {
	l.ws.WriteMessage(websocket.TextMessage, fmt.Appendf(nil, format, args...))
}

func (l *link) hello() {
	l.send(`{"type":"hello","num_connections":1,"connection_info":{"app_id":%q},"debug_info":{"host":"h","approximate_connection_time":3600}}`, appID)
}

func (l *link) disconnect(reason string) {
	l.send(`{"type":"disconnect","reason":%q,"debug_info":{"host":"h"}}`, reason)
}

// command sends a slash command in an envelope of this id.
func (l *link) command(id string) {
	l.send(`{"envelope_id":%q,"type":"slash_commands","accepts_response_payload":true,"payload":{"command":"/wf-deactivate","text":"PAYLOADTEXT"}}`, id)
}

// ack waits for the next acknowledgement on this connection.
func (l *link) ack() ack {
	l.t.Helper()
	return receive(l.t, l.acks, "an acknowledgement")
}

// wantAck fails unless the next acknowledgement is for id.
func (l *link) wantAck(id string) {
	l.t.Helper()
	if got := l.ack().EnvelopeID; got != id {
		l.t.Errorf("acknowledged %q on connection %d, want %q", got, l.n, id)
	}
}

func (l *link) closeCode() int {
	<-l.closed
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.goodbye
}

// receive takes one value from ch. Its time limit is only there to end a test that
// has failed already.
func receive[T any](t *testing.T, ch <-chan T, what string) T {
	t.Helper()
	select {
	case v := <-ch:
		return v
	case <-time.After(time.Hour):
		t.Fatalf("waited in vain for %s", what)
		panic("unreachable")
	}
}

// running is a Pool under test.
type running struct {
	*socket.Pool
	t    *testing.T
	stop context.CancelFunc
	done chan error // gets what Run returned
	log  *logBuffer
}

// accept is a Handler that acknowledges everything.
func accept(context.Context, socket.Envelope) (any, error) { return nil, nil }

// run starts a Pool on f and sees to its end.
func run(t *testing.T, f *fake, cfg socket.Config) *running {
	t.Helper()
	r := &running{t: t, done: make(chan error, 1), log: new(logBuffer)}
	cfg.AppToken = secret.Value(appToken)
	cfg.APIURL = "http://127.0.0.1/api"
	cfg.Log = slog.New(slog.NewTextHandler(r.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	if cfg.Handler == nil {
		cfg.Handler = accept
	}
	pool, err := socket.NewOn(cfg, f.listener.dial)
	if err != nil {
		t.Fatal(err)
	}
	r.Pool = pool
	ctx, cancel := context.WithCancel(t.Context())
	r.stop = cancel
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		r.done <- pool.Run(ctx)
	}()
	t.Cleanup(func() {
		cancel()
		<-ended
		if n := pool.Connected(); n != 0 {
			t.Errorf("Connected() = %d after Run", n)
		}
		r.log.wantNoSecrets(t)
	})
	return r
}

// wait returns what Run returned.
func (r *running) wait() error {
	r.t.Helper()
	return receive(r.t, r.done, "the end of Run")
}

// inBubble runs a test with its own fake in a synctest bubble.
func inBubble(t *testing.T, test func(t *testing.T, f *fake)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) { test(t, newFake(t)) })
}

// logBuffer keeps a log.
type logBuffer struct {
	mu   sync.Mutex
	text strings.Builder
}

func (b *logBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *logBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

// wantNoSecrets holds after every test: nothing secret is ever logged.
func (b *logBuffer) wantNoSecrets(t *testing.T) {
	t.Helper()
	for _, secret := range []string{"TOKENTEXT", ticket, "PAYLOADTEXT"} {
		if log := b.String(); strings.Contains(log, secret) {
			t.Errorf("the log contains %s:\n%s", secret, log)
		}
	}
}

// pipeListener is a network in memory.
type pipeListener struct {
	conns  chan net.Conn
	once   sync.Once
	closed chan struct{}
}

func (p *pipeListener) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	ours, theirs := net.Pipe()
	select {
	case p.conns <- theirs:
		return ours, nil
	case <-p.closed:
		return nil, net.ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (p *pipeListener) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

func (p *pipeListener) Close() error {
	p.once.Do(func() { close(p.closed) })
	return nil
}

func (p *pipeListener) Addr() net.Addr { return &net.IPAddr{} }
