package slacksim

import (
	"context"
	"fmt"
	"slices"
)

// Phase is a point in the life of a Web API call or of an envelope.
type Phase int

// The phases when observers are called.
const (
	Arrived      Phase = iota + 1 // the call was read; nothing has changed yet
	Applied                       // its effect is in place (or refused); no answer was sent
	Answered                      // the answer was written
	Delivered                     // the envelope was written to a connection
	Acknowledged                  // its acknowledgement was read
)

// String returns the phase's name in lower case.
func (p Phase) String() string {
	names := []string{"none", "arrived", "applied", "answered", "delivered", "acknowledged"}
	if p < 0 || int(p) >= len(names) {
		return fmt.Sprintf("Phase(%d)", int(p))
	}
	return names[p]
}

// Observe has f called synchronously at Arrived, Applied and Answered of every
// Web API call and every use of a response_url (method "response_url"), by the
// goroutine that serves it: the call goes on when f returns. f may use the
// Server. The returned function ends the observation.
func (s *Server) Observe(f func(Call, Phase)) (stop func()) {
	return register(s, &s.observers, f)
}

// ObserveEnvelopes has f called synchronously at Delivered and Acknowledged of
// every envelope. The returned function ends the observation.
func (s *Server) ObserveEnvelopes(f func(Envelope, Phase)) (stop func()) {
	return register(s, &s.watchers, f)
}

// Rewrite has f change the payload of every envelope, of the given type, before
// it is delivered: for shapes an app must survive (a null team, an unknown block
// in the clicked message). The returned function ends it.
func (s *Server) Rewrite(f func(envelopeType string, payload map[string]any)) (stop func()) {
	return register(s, &s.rewrites, f)
}

// register appends f to a list guarded by s.mu and returns what removes it.
func register[F any](s *Server, list *[]*F, f F) (stop func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	entry := &f
	*list = append(slices.Clone(*list), entry)
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		*list = slices.DeleteFunc(slices.Clone(*list), func(e *F) bool { return e == entry })
	}
}

// observe calls the observers of calls. The caller does not hold s.mu.
func (s *Server) observe(c *Call, phase Phase) {
	s.mu.Lock()
	observers, snapshot := s.observers, c.clone()
	s.mu.Unlock()
	for _, f := range observers {
		(*f)(snapshot, phase)
	}
}

// watch calls the observers of envelopes. The caller does not hold s.mu.
func (s *Server) watch(d *delivery, phase Phase) {
	s.mu.Lock()
	watchers, snapshot := s.watchers, d.clone()
	s.mu.Unlock()
	for _, f := range watchers {
		(*f)(snapshot, phase)
	}
}

// Changed returns a channel that is closed at the next change of anything the
// server holds: messages, views, people, connections, journals.
func (s *Server) Changed() <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.changed
}

// WaitFor returns nil once cond holds. cond is called before waiting and after
// each change, without any lock, so it may use the Server. The error is ctx's.
func (s *Server) WaitFor(ctx context.Context, cond func() bool) error {
	for {
		changed := s.Changed()
		if cond() {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// touch tells those who wait that something changed. The caller holds s.mu.
func (s *Server) touch() {
	close(s.changed)
	s.changed = make(chan struct{})
}
