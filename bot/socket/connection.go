package socket

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

const (
	// readLimit bounds one message from Slack, in bytes. A message that holds a
	// view of the largest size Slack allows is a tenth of it.
	readLimit = 4 << 20
	// maxInHand bounds the envelopes handled at once, over all connections.
	// Beyond it envelopes are left unacknowledged: the person is told by Slack.
	maxInHand = 1000
	// maxUnreadable is the number of unreadable messages in a row after which the
	// connection is replaced.
	maxUnreadable = 10
	// farewell is the time Slack has for its half of the closing handshake.
	farewell = time.Second
)

// connection is one WebSocket connection from its opening to its end. It is never
// reused: what answers an envelope goes to the connection that delivered it, or
// nowhere.
//
// Its goroutines are the reader (serve), tend, and one for each envelope in hand;
// serve joins them all.
type connection struct {
	pool    *Pool
	ws      *websocket.Conn
	log     *slog.Logger
	hello   func()        // called when Slack has greeted the connection
	retired chan error    // gets one value: why the connection needs a replacement
	ended   chan struct{} // closed when the reader has ended

	// The reader's own.
	greeted bool // hello was seen
	leaving bool // retired has its value

	writing chan struct{} // holds an element while a text frame is written

	mu        sync.Mutex
	finishing bool // set once; no envelope is taken from then on
	inHand    sync.WaitGroup
}

// serve reads from the connection until it ends, and returns after its last
// goroutine. The end of ctx ends it in an orderly way.
func (c *connection) serve(ctx context.Context) {
	var tending sync.WaitGroup
	tending.Go(func() { c.tend(ctx) })
	err := c.read(ctx)
	close(c.ended)
	c.retire(err)
	tending.Wait()
	c.inHand.Wait()
	c.ws.Close() // the connection is done with; an error here tells nothing new
	c.pool.held.end(time.Now())
}

// tend pings Slack, so that a healthy connection is never silent whether or not
// Slack pings of its own accord, and says goodbye when ctx ends.
func (c *connection) tend(ctx context.Context) {
	ticker := time.NewTicker(pingEvery)
	defer ticker.Stop()
	for {
		select {
		case <-c.ended:
			return
		case <-ctx.Done():
			c.finish()
			return
		case now := <-ticker.C:
			// A ping that cannot be written is not answered, and the silence ends
			// the connection.
			_ = c.ws.WriteControl(websocket.PingMessage, nil, now.Add(ackTimeout))
		}
	}
}

// finish takes no more envelopes, waits for those in hand and starts the closing
// handshake. Slack answers it after having read the acknowledgements before it,
// and the answer ends the reader.
func (c *connection) finish() {
	c.mu.Lock()
	c.finishing = true
	c.mu.Unlock()
	c.inHand.Wait()

	deadline := time.Now().Add(farewell)
	goodbye := websocket.FormatCloseMessage(websocket.CloseNormalClosure, "")
	if err := c.ws.WriteControl(websocket.CloseMessage, goodbye, deadline); err != nil {
		deadline = time.Now()
	}
	_ = c.ws.SetReadDeadline(deadline) // fails on a closed connection only
}

// read handles what Slack sends until the connection ends and returns the reason.
func (c *connection) read(ctx context.Context) error {
	c.ws.SetReadLimit(readLimit)
	c.readUntil(time.Now().Add(c.pool.cfg.Timeout))
	pong := c.ws.PingHandler() // the library's own, which answers
	c.ws.SetPingHandler(func(text string) error {
		c.alive()
		return pong(text)
	})
	c.ws.SetPongHandler(func(string) error {
		c.alive()
		return nil
	})

	unreadable := 0
	for {
		_, raw, err := c.ws.ReadMessage()
		if err != nil {
			return fmt.Errorf("reading from the WebSocket: %w", err)
		}
		c.alive()
		f, err := decodeFrame(raw)
		if err != nil {
			unreadable++
			c.log.Warn("ignoring a message from Slack", "reason", err, "bytes", len(raw), "in_a_row", unreadable)
			if unreadable == maxUnreadable {
				return fmt.Errorf("%d in a row: %w", unreadable, err)
			}
			continue
		}
		unreadable = 0
		switch f.kind() {
		case "hello":
			c.greet(f)
		case "disconnect":
			err = c.leave(f)
		default:
			c.take(ctx, f)
		}
		if err != nil {
			return err
		}
	}
}

// alive puts off the moment when the connection counts as dead. Before the hello and
// after a disconnect the time left is fixed.
func (c *connection) alive() {
	if c.greeted && !c.leaving {
		c.readUntil(time.Now().Add(deadAfter))
	}
}

// readUntil sets the reader's deadline, unless finish has set the last one.
func (c *connection) readUntil(t time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.finishing {
		_ = c.ws.SetReadDeadline(t) // fails on a closed connection only
	}
}

// greet counts the connection as working.
func (c *connection) greet(f frame) {
	if c.greeted || c.leaving {
		return
	}
	c.greeted = true
	c.pool.connected.Add(1)
	c.alive()
	ofApp := field[int](f, "num_connections")
	if c.pool.cfg.Greeted != nil {
		c.pool.cfg.Greeted(ofApp)
	}
	c.log.Info("Socket Mode connection open", "connected", c.pool.Connected(), "connections_of_the_app", ofApp)
	c.hello()
}

// leave acts on a disconnect. Slack closes a connection it recycles some seconds
// later and may deliver on it until then, so it is read further while its
// replacement is opened. For any other reason it ends at once.
func (c *connection) leave(f frame) error {
	asked := disconnectError{reason: field[string](f, "reason")}
	if !asked.routine() {
		return asked
	}
	if !c.leaving {
		c.retire(asked)
		c.readUntil(time.Now().Add(drainTimeout))
	}
	return nil
}

// retire asks for a replacement, once.
func (c *connection) retire(reason error) {
	if c.leaving {
		return
	}
	c.leaving = true
	if c.greeted {
		c.pool.connected.Add(-1)
	}
	c.retired <- reason
}

// take gives the envelope to a goroutine of its own: nothing a handler does keeps
// the reader from reading.
func (c *connection) take(ctx context.Context, f frame) {
	e := f.envelope()
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.finishing {
		return
	}
	if c.pool.inHand.Add(1) > maxInHand {
		c.pool.inHand.Add(-1)
		c.log.Error("envelope not acknowledged: too many are being handled", "envelope", e.ID, "type", e.Type)
		return
	}
	hctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), ackTimeout)
	c.inHand.Go(func() {
		defer c.pool.inHand.Add(-1)
		defer cancel()
		c.handle(hctx, e)
	})
}

func (c *connection) handle(ctx context.Context, e Envelope) {
	start, acknowledged := time.Now(), false
	defer func() { c.pool.cfg.Acknowledged(time.Since(start), acknowledged) }()
	log := c.log.With("envelope", e.ID, "type", e.Type)
	if e.Type == "" || e.Payload == nil {
		log.Error("envelope acknowledged but not handled: it has no type or no payload")
		acknowledged = c.acknowledge(log, e.ID, nil)
		return
	}
	response, err := c.pool.cfg.Handler(ctx, e)
	if err != nil {
		log.Error("envelope not acknowledged", "err", err)
		return
	}
	if response != nil && !e.AcceptsResponse {
		log.Debug("response dropped: the envelope accepts none")
		response = nil
	}
	acknowledged = c.acknowledge(log, e.ID, response)
}

// acknowledge writes the acknowledgement to the connection that delivered the
// envelope. If that fails the interaction is stored all the same, and the person is told
// by Slack that it may not have been; a connection that does not take
// acknowledgements is ended, for it would do so with every envelope. It reports whether
// the acknowledgement was written.
func (c *connection) acknowledge(log *slog.Logger, id string, response any) bool {
	raw, err := encodeAcknowledgement(id, response)
	if err != nil {
		log.Error("envelope acknowledged without its response", "err", err)
	}
	if err := c.write(raw); err != nil {
		log.Error("acknowledgement not written", "err", err)
		c.ws.Close() // ends the reader
		return false
	}
	return true
}

// write writes one text frame within ackTimeout.
func (c *connection) write(raw []byte) error {
	timer := time.NewTimer(ackTimeout)
	defer timer.Stop()
	deadline := time.Now().Add(ackTimeout)
	select {
	case c.writing <- struct{}{}:
		defer func() { <-c.writing }()
	case <-timer.C:
		return errors.New("the frames before it are still being written")
	}
	_ = c.ws.SetWriteDeadline(deadline) // never fails
	return c.ws.WriteMessage(websocket.TextMessage, raw)
}
