package slacksim

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

// maxConnections is how many Socket Mode connections an app may have open.
const maxConnections = 10

// SocketMode is how the Socket Mode endpoint misbehaves. The zero value is a
// healthy one.
type SocketMode struct {
	// Off is the app's setting: apps.connections.open answers socket_mode_not_enabled.
	// Connections that stand get link_disabled from whoever switches it off; see
	// Disconnect.
	Off           bool
	NoPings       bool // the server sends no WebSocket pings
	NoHello       bool // a new connection gets no hello
	RefuseUpgrade int  // HTTP status that answers the WebSocket handshake (409, …); 0: none
	// DisconnectAtOnce is the reason of a disconnect message sent right after
	// hello, on every connection; empty: none.
	DisconnectAtOnce string
	// Lingering is how many connections are counted besides those that stand, as
	// those are for a while whose client is gone without a word.
	Lingering int
	Lose      int // so many envelopes from now on are never sent
	Duplicate int // so many envelopes from now on are sent twice
}

// SetSocketMode changes how the Socket Mode endpoint behaves from now on.
func (s *Server) SetSocketMode(change func(*SocketMode)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change(&s.socket)
}

// Connection is an open Socket Mode connection.
type Connection struct {
	ID       int
	OpenedAt time.Time
	Remote   string // address of the client
	Pongs    int    // answers to the server's pings
	Leaving  bool   // was told to disconnect
}

type connection struct {
	Connection      // guarded by Server.mu
	ready      bool // the client was greeted; guarded by Server.mu
	socket     *websocket.Conn
	frames     *frameWatch
	write      sync.Mutex // the WebSocket library allows one writer
	done       chan struct{}
}

// send writes one text frame.
func (c *connection) send(frame any) error {
	c.write.Lock()
	defer c.write.Unlock()
	return c.sendLocked(frame)
}

func (c *connection) sendLocked(frame any) error {
	if err := c.socket.SetWriteDeadline(time.Now().Add(10 * time.Second)); err != nil {
		return err
	}
	if raw, ok := frame.([]byte); ok {
		return c.socket.WriteMessage(websocket.TextMessage, raw)
	}
	return c.socket.WriteJSON(frame)
}

// drop closes the TCP connection without a WebSocket close frame.
func (c *connection) drop() { _ = c.socket.Close() }

// appsConnectionsOpen implements apps.connections.open.
// Source: https://docs.slack.dev/reference/methods/apps.connections.open
func (s *Server) appsConnectionsOpen(*request) (object, *refusal) {
	if s.socket.Off {
		return nil, refuse("socket_mode_not_enabled")
	}
	ticket := s.uuid()
	s.tickets[ticket] = s.cfg.Now().Add(s.cfg.TicketLife)
	base := "ws" + strings.TrimPrefix(s.base, "http")
	return object{"url": base + "/link/?ticket=" + url.QueryEscape(ticket) + "&app_id=" + s.cfg.AppID}, nil
}

// admit takes the ticket of a handshake and returns the HTTP status that refuses
// it, or 0.
func (s *Server) admit(r *http.Request) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.socket.RefuseUpgrade != 0 {
		return s.socket.RefuseUpgrade
	}
	ticket := r.URL.Query().Get("ticket")
	expires, known := s.tickets[ticket]
	delete(s.tickets, ticket)
	if !known || !s.cfg.Now().Before(expires) {
		return http.StatusUnauthorized // the status Slack gives is not known
	}
	return 0
}

// serveLink serves one Socket Mode connection until either side ends it.
func (s *Server) serveLink(w http.ResponseWriter, r *http.Request) {
	if status := s.admit(r); status != 0 {
		http.Error(w, http.StatusText(status), status)
		return
	}
	watched := &frameWatch{}
	upgrader := websocket.Upgrader{
		ReadBufferSize: 4096, // not zero, so that reads go through the watched connection
		CheckOrigin:    func(*http.Request) bool { return true },
	}
	socket, err := upgrader.Upgrade(&watchingWriter{ResponseWriter: w, watch: watched}, r, nil)
	if err != nil {
		s.cfg.Log.Warn("WebSocket handshake failed", "error", err)
		return
	}
	socket.SetReadLimit(maxBody)
	c := &connection{socket: socket, frames: watched, done: make(chan struct{})}
	defer context.AfterFunc(s.ctx, c.drop)()
	socket.SetPongHandler(func(string) error {
		s.mu.Lock()
		defer s.mu.Unlock()
		c.Pongs++
		s.touch()
		return nil
	})
	s.greet(c, r)
	var pinging sync.WaitGroup
	pinging.Go(func() { s.ping(c) })
	s.read(c)
	close(c.done)
	c.drop()
	pinging.Wait()
	s.mu.Lock()
	s.connections = slices.DeleteFunc(s.connections, func(o *connection) bool { return o == c })
	s.touch()
	s.mu.Unlock()
}

// greet counts a new connection in and sends hello, or turns it away with
// too_many_websockets.
func (s *Server) greet(c *connection, r *http.Request) {
	behaviour, count, admitted := s.countIn(c, r)
	if !admitted {
		_ = c.send(object{
			"type": "disconnect", "reason": TooManyWebSockets, "num_connections": count,
			"connection_info": object{"app_id": s.cfg.AppID}, "debug_info": object{"host": "applink-1"},
		})
		c.closeFrame()
		return
	}
	// From its hello on a client can be sent envelopes: it counts as ready before,
	// and what is sent to it waits until the hello is out.
	c.write.Lock()
	defer c.write.Unlock()
	s.mu.Lock()
	c.ready, c.Leaving = true, behaviour.DisconnectAtOnce != ""
	s.touch()
	s.mu.Unlock()
	if !behaviour.NoHello {
		if err := c.sendLocked(s.hello(count, r.URL.Query().Get("debug_reconnects") == "true")); err != nil {
			c.drop()
			return
		}
	}
	if behaviour.DisconnectAtOnce != "" {
		_ = c.sendLocked(disconnectFrame(behaviour.DisconnectAtOnce))
	}
}

// countIn adds a connection to the open ones, unless there are too many, and
// returns how many Slack counts now.
func (s *Server) countIn(c *connection, r *http.Request) (behaviour SocketMode, count int, admitted bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed || len(s.connections) >= maxConnections {
		return s.socket, len(s.connections), false
	}
	c.ID, c.OpenedAt, c.Remote = s.seq(), s.cfg.Now(), r.RemoteAddr
	s.connections = append(s.connections, c)
	s.touch()
	return s.socket, len(s.connections) + s.socket.Lingering, true
}

// hello is the first message on a connection.
func (s *Server) hello(count int, debugReconnects bool) object {
	seconds := 18060
	if debugReconnects {
		seconds = 360
	}
	return object{
		"type": "hello", "num_connections": count, "connection_info": object{"app_id": s.cfg.AppID},
		"debug_info": object{
			"host": "applink-1", "build_number": 10, "approximate_connection_time": seconds,
			"started": s.cfg.Now().UTC().Format("2006-01-02 15:04:05.000"),
		},
	}
}

// closeFrame starts the WebSocket close handshake.
func (c *connection) closeFrame() {
	bye := websocket.FormatCloseMessage(websocket.CloseNormalClosure, "")
	_ = c.socket.WriteControl(websocket.CloseMessage, bye, time.Now().Add(time.Second))
}

// ping sends WebSocket pings until the connection ends.
func (s *Server) ping(c *connection) {
	ticker := time.NewTicker(s.cfg.PingInterval)
	defer ticker.Stop()
	for {
		s.mu.Lock()
		silent := s.socket.NoPings
		s.mu.Unlock()
		if !silent {
			if err := c.socket.WriteControl(websocket.PingMessage, []byte("Ping from applink-1"), time.Now().Add(10*time.Second)); err != nil {
				c.drop()
				return
			}
		}
		select {
		case <-ticker.C:
		case <-c.done:
			return
		}
	}
}

// read takes the client's frames until the connection ends.
func (s *Server) read(c *connection) {
	for {
		kind, frame, err := c.socket.ReadMessage()
		if err != nil {
			return
		}
		fragmented := c.frames.takeFragmented()
		if kind != websocket.TextMessage {
			s.ignore(c, frame, "", "not a text frame")
			continue
		}
		s.acknowledge(c, frame, fragmented)
	}
}
