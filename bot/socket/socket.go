package socket

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"github.com/slack-go/slack"
	"golang.org/x/sync/errgroup"

	"wfbot/workfront/secret"
)

// Handler stores what an envelope asks for and says whether it may be
// acknowledged.
//
// A nil error acknowledges the envelope; response, unless it is nil, travels
// inside the acknowledgement if the envelope accepts one (see
// [Envelope.AcceptsResponse]) and is dropped otherwise. A response that Slack
// would ignore for its size (20 KiB) is dropped too and the envelope acknowledged
// without it, since what it asks for is stored already. An error leaves the
// envelope unacknowledged: Slack then shows the person an error of its own, and
// sends an event again. The error is logged, so it must not quote the payload.
//
// Handlers run concurrently, in no particular order; Slack promises none either.
// ctx ends ackTimeout (2.5 s) after the envelope was read and not earlier: the
// end of Run does not interrupt a handler, it waits for it.
type Handler func(ctx context.Context, e Envelope) (response any, err error)

// Config configures a [Pool]. AppToken and Handler are required.
type Config struct {
	// AppToken is the app-level token (xapp-…) with scope connections:write.
	AppToken secret.Value
	// APIURL is the address of Slack's Web API, with or without a final slash;
	// https unless it points to this machine. Empty is https://slack.com/api/.
	APIURL string
	// Connections is the number of WebSocket connections kept open, 1 to 10; 0 is
	// 2. Slack allows one app 10 connections, counting all its processes and, for
	// some seconds, connections that are being replaced.
	Connections int
	// Handler is called for each envelope.
	Handler Handler
	// TooMany, unless it is nil, is called when Slack turns a connection away because
	// the app has as many as it may, and not again before the connections turned away
	// have stood and ended. It may take its time, within ctx.
	TooMany func(ctx context.Context)
	// Greeted, unless it is nil, is called with the number of connections that the app
	// has, as Slack says with each new connection of this process. It must not block.
	Greeted func(connections int)
	// Acknowledged, unless it is nil, is called for each envelope, with how long it
	// took from when the envelope was read, and whether it was acknowledged. It must not
	// block.
	Acknowledged func(took time.Duration, ok bool)
	// Wrap, unless it is nil, is put around what carries the calls of
	// apps.connections.open.
	Wrap func(http.RoundTripper) http.RoundTripper
	// Log receives what happens to the connections; nil discards it. No token, no
	// WebSocket address and nothing from inside a payload is logged.
	Log *slog.Logger

	// Timeout limits each step on the way to a working connection: the call of
	// apps.connections.open, the WebSocket handshake, the wait for Slack's hello.
	// 0 is 10 s.
	Timeout time.Duration
	// Pace limits the calls of apps.connections.open. The zero value allows 3 at
	// once, at least 3 s apart, then one every 11 s, each after the first delayed
	// by up to 1 s more.
	Pace Pace
}

// Pool keeps a number of Socket Mode connections to Slack open and passes what
// arrives on them to its handler. It is safe for concurrent use.
type Pool struct {
	cfg      Config
	api      *slack.Client
	dial     dialFunc
	throttle *throttle

	opened    atomic.Bool  // a connection has been opened
	connected atomic.Int64 // connections Slack has greeted and not asked to replace
	inHand    atomic.Int64 // envelopes being handled, over all connections
	refused   atomic.Int64 // places for a connection that is one too many
	held      held
	asked     chan struct{} // holds an element while Ask has not been heeded
}

// maxConnections is Slack's limit for one app.
// https://docs.slack.dev/apis/events-api/using-socket-mode
const maxConnections = 10

const (
	// ackTimeout limits the handler, counted from the moment the envelope was read,
	// and then the writing of the acknowledgement. Slack waits 3 s for one.
	ackTimeout = 2500 * time.Millisecond
	// pingEvery is how often each connection is pinged.
	pingEvery = 10 * time.Second
	// deadAfter is how long a connection may be silent, without as much as an answer
	// to a ping, before it is replaced.
	deadAfter = 30 * time.Second
	// drainTimeout is how long a connection that Slack asked to replace is still read
	// from, unless Slack closes it earlier. Slack warns about 10 s ahead.
	drainTimeout = 15 * time.Second
)

// surplusPause is the wait after a connection that was one too many, where others
// of this process stand. Somebody has to change the number of connections, or a
// process that is being replaced has to end.
const surplusPause = time.Minute

// New returns a Pool that opens nothing before Run is called. It reports every
// mistake in cfg at once.
func New(cfg Config) (*Pool, error) {
	cfg.setDefaults()
	if err := cfg.validate(); err != nil {
		return nil, err
	}
	return newPool(cfg, (&net.Dialer{Timeout: cfg.Timeout}).DialContext), nil
}

// dialFunc opens a network connection, as [net.Dialer.DialContext] does.
type dialFunc func(ctx context.Context, network, address string) (net.Conn, error)

// newPool returns a Pool whose network connections are made by dial, to Slack or
// to the proxy that the environment names (HTTPS_PROXY, NO_PROXY).
func newPool(cfg Config, dial dialFunc) *Pool {
	client := &http.Client{
		Timeout: cfg.Timeout,
		Transport: secret.Hide(cfg.Wrap(&http.Transport{
			Proxy:             http.ProxyFromEnvironment,
			DialContext:       dial,
			DisableKeepAlives: true, // the next call is hours away
		}), cfg.AppToken),
		// net/http sends the token along on the same host, in clear if it is
		// pointed to http.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return &Pool{
		cfg: cfg,
		api: slack.New("",
			slack.OptionAppLevelToken(cfg.AppToken.Reveal()),
			slack.OptionAPIURL(cfg.APIURL),
			slack.OptionHTTPClient(client)),
		dial:     dial,
		throttle: newThrottle(cfg.Pace),
		asked:    make(chan struct{}, 1),
	}
}

// setDefaults resolves every zero value that has a documented meaning.
func (c *Config) setDefaults() {
	// slack-go appends the method's name as it is.
	c.APIURL = strings.TrimSuffix(cmp.Or(c.APIURL, slack.APIURL), "/") + "/"
	c.Connections = cmp.Or(c.Connections, 2)
	c.Timeout = cmp.Or(c.Timeout, 10*time.Second)
	c.Pace = cmp.Or(c.Pace, defaultPace)
	c.Log = cmp.Or(c.Log, slog.New(slog.DiscardHandler))
	if c.Acknowledged == nil {
		c.Acknowledged = func(time.Duration, bool) {}
	}
	if c.Wrap == nil {
		c.Wrap = func(carries http.RoundTripper) http.RoundTripper { return carries }
	}
}

func (c *Config) validate() error {
	var errs []error
	if c.AppToken == "" {
		errs = append(errs, errors.New("no app-level token"))
	}
	if c.Handler == nil {
		errs = append(errs, errors.New("no handler"))
	}
	if err := checkURL(c.APIURL, "https", "http"); err != nil {
		errs = append(errs, fmt.Errorf("address of Slack's Web API: %w", err))
	}
	if c.Connections < 1 || c.Connections > maxConnections {
		errs = append(errs, fmt.Errorf("%d connections: want 1 to %d", c.Connections, maxConnections))
	}
	if c.Timeout < 0 {
		errs = append(errs, fmt.Errorf("negative duration %v", c.Timeout))
	}
	errs = append(errs, c.Pace.validate())
	return errors.Join(errs...)
}

// checkURL accepts a URL of the secure scheme, and of the plain one where it
// points to this machine. Its errors do not quote the URL: Slack's WebSocket
// addresses contain a ticket.
func checkURL(raw, secure, plain string) error {
	u, err := url.Parse(raw)
	if err != nil || u.Host == "" {
		return errors.New("not a URL")
	}
	ip := net.ParseIP(u.Hostname())
	local := u.Hostname() == "localhost" || ip.IsLoopback()
	if u.Scheme == secure || u.Scheme == plain && local {
		return nil
	}
	return fmt.Errorf("want %s (%s only to a loopback address)", secure, plain)
}

// Run opens the connections and keeps them open until ctx ends or Slack refuses
// them for good. It must be called once.
//
// When ctx ends, envelopes that arrive from then on are left alone, those in
// hand are finished and acknowledged, the connections are closed with a WebSocket
// closing handshake, and Run returns nil after its last goroutine. That takes at
// most twice ackTimeout and a second. The only error Run returns is a
// [*FatalError].
func (p *Pool) Run(ctx context.Context) error {
	g, gctx := errgroup.WithContext(ctx)
	for range p.cfg.Connections {
		g.Go(func() error { return p.keep(gctx, g) })
	}
	g.Go(func() error { p.answer(gctx); return nil })
	return g.Wait()
}

// Connected returns how many connections can deliver envelopes at this moment:
// opened, greeted by Slack, and not about to be replaced.
func (p *Pool) Connected() int { return int(p.connected.Load()) }

// Wanted returns how many connections the pool keeps open.
func (p *Pool) Wanted() int { return p.cfg.Connections }

// keep keeps one connection open. A connection that Slack wants replaced is read
// further, in g, while keep opens the next one. keep returns nil when ctx ends,
// or a *FatalError.
func (p *Pool) keep(ctx context.Context, g *errgroup.Group) error {
	refused := false // the last connection was one too many
	for {
		if err := p.throttle.wait(ctx); err != nil {
			return nil
		}
		c, err := p.connect(ctx)
		if err == nil {
			p.opened.Store(true)
			g.Go(func() error {
				c.serve(ctx)
				return nil
			})
			err = <-c.retired
			// A greeting alone does not make it one that stood: whether Slack greets
			// what it then turns away is not known.
			if refused && c.greeted && !surplus(err) {
				refused = false
				p.refused.Add(-1)
			}
		}
		if ctx.Err() != nil {
			return nil
		}
		if fatal, ok := asFatal(err); ok && !(fatal.passes() && p.opened.Load()) {
			return fatal
		}
		if wait, ok := retryAfter(err); ok {
			p.throttle.holdOff(time.Now().Add(wait))
		}
		level := slog.LevelWarn
		asked, ok := errors.AsType[disconnectError](err)
		if ok && asked.routine() {
			level = slog.LevelInfo
		}
		p.cfg.Log.Log(ctx, level, "replacing a Socket Mode connection", "reason", err, "connected", p.Connected())
		if surplus(err) {
			p.turnedAway(ctx, !refused)
			refused = true
		}
	}
}

// turnedAway deals with a connection that was one too many: it says so, if that
// is new, and waits, unless this process has none at all.
func (p *Pool) turnedAway(ctx context.Context, first bool) {
	if first && p.refused.Add(1) == 1 && p.cfg.TooMany != nil {
		p.cfg.TooMany(ctx)
	}
	if p.Connected() == 0 {
		return
	}
	select {
	case <-time.After(surplusPause):
	case <-ctx.Done():
	}
}
