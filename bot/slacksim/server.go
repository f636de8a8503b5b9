package slacksim

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"
)

// object is a JSON object as decoded by encoding/json.
type object = map[string]any

// Server is one simulated workspace with one installed app. It is an
// http.Handler for /api/…, /link and /hooks/…; all its methods may be called by
// any goroutine at any time.
type Server struct {
	cfg    Config
	ctx    context.Context // ends with Close
	cancel context.CancelFunc
	owned  sync.WaitGroup // every request being served and every goroutine started

	mu      sync.Mutex // guards everything below
	closed  bool
	base    string // URL where the server is reached, without a trailing slash
	changed chan struct{}
	rand    *rand.Rand
	lastTS  int64 // microseconds of the newest message ts handed out
	serial  int   // of ids and journal entries
	revoked bool

	bot      string // user id of the app's bot user
	botID    string // B… id of the same
	users    []*User
	groups   []*Group
	channels []*Channel
	messages map[string][]*Message // by channel, oldest first
	private  map[string][]*Message // ephemeral messages by addressee

	views    []*view // open modals, the newest last
	homes    map[string]*view
	entered  map[enteredAt]object // state of elements that people used
	triggers map[string]*trigger
	hooks    map[string]*hook // response_urls by path

	tickets     map[string]time.Time // of /link, with their expiry
	connections []*connection
	socket      SocketMode
	hold        chan struct{} // while set, envelopes wait for its close
	rewrites    []*func(string, map[string]any)

	calls     []*Call
	dropped   map[int]bool // calls that an observer asked to drop
	envelopes []*delivery
	ignored   []IgnoredAck
	faults    []*Fault
	rate      rateLimiter
	observers []*func(Call, Phase)
	watchers  []*func(Envelope, Phase)
}

// New returns a workspace that holds nobody but the app's bot user. Close it.
func New(cfg Config) *Server {
	ctx, cancel := context.WithCancel(context.Background())
	cfg = cfg.withDefaults()
	s := &Server{
		cfg:      cfg,
		ctx:      ctx,
		cancel:   cancel,
		changed:  make(chan struct{}),
		rand:     rand.New(rand.NewPCG(cfg.Seed, cfg.Seed)),
		messages: make(map[string][]*Message),
		private:  make(map[string][]*Message),
		homes:    make(map[string]*view),
		entered:  make(map[enteredAt]object),
		triggers: make(map[string]*trigger),
		hooks:    make(map[string]*hook),
		tickets:  make(map[string]time.Time),
		dropped:  make(map[int]bool),
		botID:    "B0" + strings.ToUpper(cfg.BotName),
	}
	s.bot = s.AddUser(User{ID: "U0" + strings.ToUpper(cfg.BotName), Name: cfg.BotName, Kind: Bot}).ID
	return s
}

// BotUserID returns the id of the app's bot user; list it among the members of
// the channels the app is in.
func (s *Server) BotUserID() string { return s.bot }

// AppToken returns the app-level token (xapp-…) the server accepts.
func (s *Server) AppToken() string { return s.cfg.AppToken }

// BotToken returns the bot token (xoxb-…) the server accepts.
func (s *Server) BotToken() string { return s.cfg.BotToken }

// TeamID returns the id of the workspace.
func (s *Server) TeamID() string { return s.cfg.TeamID }

// SetURL sets the base URL (http://host:port, no trailing slash) where the server is
// reached: WebSocket and response URLs are handed out below it. Until it is set the Host
// of the newest Web API request is used.
func (s *Server) SetURL(base string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.base = strings.TrimRight(base, "/")
}

// URL returns the base URL of the server; see SetURL.
func (s *Server) URL() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.base
}

// APIURL returns the URL clients take as that of the Web API, with a trailing
// slash.
func (s *Server) APIURL() string { return s.URL() + "/api/" }

// Start listens on addr ("127.0.0.1:0"), serves until Close and returns the base
// URL.
func (s *Server) Start(addr string) (string, error) {
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		return "", fmt.Errorf("listening for simulated Slack: %w", err)
	}
	server := &http.Server{Handler: s, ReadHeaderTimeout: 10 * time.Second}
	started := s.spawn(func() {
		if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			s.cfg.Log.Error("simulated Slack stopped serving", "error", err)
		}
	})
	if !started {
		return "", errors.Join(http.ErrServerClosed, listener.Close())
	}
	context.AfterFunc(s.ctx, func() { _ = server.Close() })
	s.SetURL("http://" + listener.Addr().String())
	return s.URL(), nil
}

// Close ends every connection and joins every goroutine of the server. Drivers
// and requests in flight return at once.
func (s *Server) Close() {
	s.mu.Lock()
	s.closed = true
	s.mu.Unlock()
	s.cancel()
	s.owned.Wait()
}

// enter counts one more piece of work that Close waits for; it reports false
// once the server is closed. Call s.owned.Done afterwards.
func (s *Server) enter() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return false
	}
	s.owned.Add(1)
	return true
}

// spawn runs f in a goroutine that Close waits for; it reports false once the
// server is closed.
func (s *Server) spawn(f func()) bool {
	if !s.enter() {
		return false
	}
	go func() {
		defer s.owned.Done()
		f()
	}()
	return true
}

// ServeHTTP implements http.Handler.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !s.enter() {
		http.Error(w, "closed", http.StatusServiceUnavailable)
		return
	}
	defer s.owned.Done()
	switch {
	case strings.HasPrefix(r.URL.Path, "/api/"):
		s.serveAPI(w, r, strings.TrimPrefix(r.URL.Path, "/api/"))
	case r.URL.Path == "/link" || r.URL.Path == "/link/":
		s.serveLink(w, r)
	case strings.HasPrefix(r.URL.Path, "/hooks/"):
		s.serveHook(w, r)
	default:
		http.NotFound(w, r)
	}
}

// learnURL takes the base URL from a request while SetURL was not called. The
// caller holds s.mu.
func (s *Server) learnURL(r *http.Request) {
	if s.base == "" {
		s.base = "http://" + r.Host
	}
}

// id returns a new identifier such as U0K3J2H1G4. The caller holds s.mu.
func (s *Server) id(prefix string) string {
	const letters = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	b := []byte(prefix + "0")
	for range 9 {
		b = append(b, letters[s.rand.IntN(len(letters))])
	}
	return string(b)
}

// secret returns n random characters for what nobody may guess. The caller holds
// s.mu.
func (s *Server) secret(n int) string {
	const letters = "0123456789abcdef"
	b := make([]byte, n)
	for i := range b {
		b[i] = letters[s.rand.IntN(len(letters))]
	}
	return string(b)
}

// uuid returns a random identifier in the form of envelope ids. The caller holds
// s.mu.
func (s *Server) uuid() string {
	h := s.secret(32)
	return h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]
}

// ts returns a new message timestamp, unique in the workspace and later than all
// before. The caller holds s.mu.
func (s *Server) ts() string {
	s.lastTS = max(s.lastTS+1, s.cfg.Now().UnixMicro())
	return fmt.Sprintf("%d.%06d", s.lastTS/1e6, s.lastTS%1e6)
}
