package slacksim

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"
)

// The types of envelopes.
const (
	SlashCommands = "slash_commands"
	Interactive   = "interactive"
	EventsAPI     = "events_api"
)

// Failure is what Slack shows the acting person when the app did not acknowledge.
type Failure string

// The failures a person can see.
const (
	OperationTimeout Failure = "operation_timeout" // no acknowledgement in time
	DispatchFailed   Failure = "dispatch_failed"   // the app had no connection
	// BadResponse: the acknowledgement carried something Slack cannot use; the
	// person sees the generic "trouble connecting".
	BadResponse Failure = "bad_response"
)

// Reply is what came back, within the deadline, for something a person did.
type Reply struct {
	EnvelopeID string // empty: nothing was sent to the app
	Acked      bool
	After      time.Duration // until the acknowledgement, by the real clock
	Payload    map[string]any
	Failure    Failure // empty: none
	// Message is what the person saw at once: the acknowledgement's message or
	// Slack's own notice of a failure. Nil: nothing.
	Message *Message
}

// maxAck is the size, in bytes, of the smallest acknowledgement that Slack ignores.
const maxAck = 20480

// delivery is an envelope on its way.
type delivery struct {
	Envelope
	done chan struct{} // closed by the acknowledgement
}

// frame returns the envelope as it crosses the wire.
func (d *delivery) frame() object {
	frame := object{
		"envelope_id": d.ID, "type": d.Type, "payload": d.Payload, "accepts_response_payload": d.Accepts,
	}
	if d.Type == EventsAPI {
		frame["retry_attempt"], frame["retry_reason"] = d.RetryAttempt, ""
		if d.RetryAttempt > 0 {
			frame["retry_reason"] = "timeout"
		}
	}
	return frame
}

// exchange sends an envelope on any one connection and waits for its
// acknowledgement or the deadline.
func (s *Server) exchange(e Envelope) Reply {
	started := time.Now()
	d := s.prepare(e)
	if !s.dispatch(d) {
		return Reply{EnvelopeID: d.ID, Failure: DispatchFailed}
	}
	return s.await(d, started)
}

// await waits for the acknowledgement of an envelope or the deadline.
func (s *Server) await(d *delivery, started time.Time) Reply {
	timer := time.NewTimer(s.cfg.AckDeadline)
	defer timer.Stop()
	select {
	case <-d.done:
		s.mu.Lock()
		defer s.mu.Unlock()
		return Reply{EnvelopeID: d.ID, Acked: true, After: time.Since(started), Payload: cloneObject(d.AckPayload)}
	case <-timer.C:
	case <-s.ctx.Done():
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if d.AckedAt.IsZero() {
		d.Late = true // should it still come
	}
	return Reply{EnvelopeID: d.ID, Failure: OperationTimeout}
}

// prepare enters an envelope into the journal, rewritten as tests asked for.
func (s *Server) prepare(e Envelope) *delivery {
	e.Payload = cloneObject(e.Payload)
	s.mu.Lock()
	rewrites := s.rewrites
	s.mu.Unlock()
	for _, f := range rewrites {
		(*f)(e.Type, e.Payload)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if e.ID == "" {
		e.ID = s.uuid()
	}
	e.Seq, e.SentAt = s.seq(), s.cfg.Now()
	d := &delivery{Envelope: e, done: make(chan struct{})}
	s.envelopes = append(s.envelopes, d)
	s.touch()
	return d
}

// dispatch hands an envelope to any one connection. It reports false if there is
// none. A lost or held envelope counts as handed over.
func (s *Server) dispatch(d *delivery) bool {
	s.mu.Lock()
	hold := s.hold
	copies := 1
	switch {
	case s.socket.Lose > 0:
		s.socket.Lose--
		copies = 0
	case s.socket.Duplicate > 0:
		s.socket.Duplicate--
		copies = 2
	}
	s.mu.Unlock()
	if hold == nil {
		return s.transmit(d, copies)
	}
	return s.spawn(func() {
		select {
		case <-hold:
			s.transmit(d, copies)
		case <-s.ctx.Done():
		}
	})
}

// transmit writes so many copies of an envelope, each to a connection chosen at
// random. A connection that cannot be written to is dropped and another tried.
func (s *Server) transmit(d *delivery, copies int) bool {
	for range copies {
		for {
			c := s.choose(d)
			if c == nil {
				return false
			}
			if err := c.send(d.frame()); err == nil {
				break
			}
			s.lose(c)
		}
		s.watch(d, Delivered)
	}
	return true
}

// choose picks the connection for an envelope and notes it; nil if there is none.
func (s *Server) choose(d *delivery) *connection {
	s.mu.Lock()
	defer s.mu.Unlock()
	var able []*connection
	for _, c := range s.connections {
		if c.ready && !c.Leaving {
			able = append(able, c)
		}
	}
	if len(able) == 0 {
		return nil
	}
	c := able[s.rand.IntN(len(able))]
	d.Connection = c.ID
	s.touch()
	return c
}

// lose drops a connection that is broken and keeps envelopes off it.
func (s *Server) lose(c *connection) {
	s.mu.Lock()
	c.Leaving = true
	s.mu.Unlock()
	c.drop()
}

// acknowledge takes one frame from the client.
func (s *Server) acknowledge(c *connection, frame []byte, fragmented bool) {
	var ack struct {
		EnvelopeID string `json:"envelope_id"`
		Payload    object `json:"payload"`
	}
	if err := json.Unmarshal(frame, &ack); err != nil {
		s.ignore(c, frame, "", "not an acknowledgement: "+err.Error())
		return
	}
	switch {
	case len(frame) >= maxAck:
		s.ignore(c, frame, ack.EnvelopeID, "20480 bytes or more")
		return
	case fragmented:
		s.ignore(c, frame, ack.EnvelopeID, "sent in fragments")
		return
	}
	d, reason := s.accept(c, ack.EnvelopeID, ack.Payload)
	if reason != "" {
		s.ignore(c, frame, ack.EnvelopeID, reason)
		return
	}
	s.watch(d, Acknowledged)
}

// accept notes an acknowledgement, or says why it has no effect.
func (s *Server) accept(c *connection, id string, payload object) (d *delivery, reason string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, candidate := range slices.Backward(s.envelopes) { // the newest of that id, an unacknowledged one first
		if candidate.ID == id && (d == nil || candidate.AckedAt.IsZero()) {
			d = candidate
		}
		if d != nil && d.AckedAt.IsZero() {
			break
		}
	}
	switch {
	case id == "" || d == nil:
		return nil, "no such envelope"
	case s.cfg.Unknown.RejectForeignAcks && d.Connection != c.ID:
		return nil, "on another connection"
	case !d.AckedAt.IsZero():
		d.ExtraAcks++
		return nil, "already acknowledged"
	case len(payload) > 0 && !d.Accepts:
		s.ignored = append(s.ignored, IgnoredAck{
			At: s.cfg.Now(), Connection: c.ID, EnvelopeID: id, Reason: "payload not accepted for this envelope",
		})
		payload = nil
	}
	d.AckedAt, d.AckedBy, d.AckPayload = s.cfg.Now(), c.ID, payload
	close(d.done)
	s.touch()
	return d, ""
}

// ignore notes a frame that has no effect.
func (s *Server) ignore(c *connection, frame []byte, id, reason string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ignored = append(s.ignored, IgnoredAck{
		At: s.cfg.Now(), Connection: c.ID, EnvelopeID: id, Bytes: len(frame), Reason: reason,
	})
	s.touch()
}

// ErrNoConnection means that the app has no such Socket Mode connection open.
var ErrNoConnection = errors.New("no Socket Mode connection")

// HoldDeliveries keeps every envelope back from now on, while the deadline of the
// person who caused it runs. release lets them go, in no order.
func (s *Server) HoldDeliveries() (release func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	hold := make(chan struct{})
	s.hold = hold
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.hold == hold {
			s.hold = nil
			close(hold)
		}
	}
}

// SendEnvelope delivers any payload and waits for its acknowledgement; nobody
// sees the outcome but the caller.
func (s *Server) SendEnvelope(envelopeType string, payload map[string]any) Reply {
	return s.exchange(Envelope{Type: envelopeType, Payload: payload, Accepts: envelopeType == SlashCommands})
}

// Redeliver sends an envelope again, under the same envelope_id or a new one, and
// waits for its acknowledgement.
func (s *Server) Redeliver(e Envelope, sameID bool) Reply {
	if !sameID {
		e.ID = ""
	}
	return s.exchange(Envelope{ID: e.ID, Type: e.Type, Payload: e.Payload, Accepts: e.Accepts, RetryAttempt: e.RetryAttempt})
}

// SendRaw writes a text frame as it is, on the connection of that id or, with 0,
// on any one. If the frame is JSON with an envelope_id it counts as an envelope:
// the Reply tells of its acknowledgement.
func (s *Server) SendRaw(frame []byte, connection int) (Reply, error) {
	var envelope struct {
		ID      string `json:"envelope_id"`
		Type    string `json:"type"`
		Payload object `json:"payload"`
		Accepts bool   `json:"accepts_response_payload"`
	}
	_ = json.Unmarshal(frame, &envelope) // what is not JSON is no envelope
	started := time.Now()
	var d *delivery
	if envelope.ID != "" {
		d = s.prepare(Envelope{ID: envelope.ID, Type: envelope.Type, Payload: envelope.Payload, Accepts: envelope.Accepts})
	}
	if err := s.sendRawOn(d, frame, connection); err != nil {
		return Reply{EnvelopeID: envelope.ID, Failure: DispatchFailed}, err
	}
	if d == nil {
		return Reply{}, nil
	}
	return s.await(d, started), nil
}

func (s *Server) sendRawOn(d *delivery, frame []byte, connection int) error {
	var ids []int
	if connection != 0 {
		ids = []int{connection}
	}
	picked := s.pick(ids)
	if len(picked) == 0 {
		return ErrNoConnection
	}
	s.mu.Lock()
	c := picked[s.rand.IntN(len(picked))]
	if d != nil {
		d.Connection = c.ID
	}
	s.mu.Unlock()
	if err := c.send(frame); err != nil {
		return fmt.Errorf("sending a raw frame: %w", err)
	}
	return nil
}
