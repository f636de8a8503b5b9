package workfrontsim

import (
	"context"
	"slices"
	"time"
)

// A Call is one request as the journal shows it. Credentials are redacted in
// Query and Body.
type Call struct {
	Seq        int       // 1, 2, 3 … in order of arrival
	Time       time.Time // of arrival
	Method     string    // of HTTP
	Verb       string    // effective method: Method unless overridden by method=
	Path       string
	Query      string
	Body       string // at most 4 KiB
	Version    int    // API version, 0 outside the object API
	Operation  string // user/search, user/get, user/put, jwt/exchange …; see [Fault]
	Targets    []string
	Credential string   // how it came: "header apiKey", "query apiKey", "header sessionID", "cookie" …; empty: none
	CallerID   string   // user, empty: not authenticated
	Fault      string   // name of the fault applied, empty: none
	Deleted    []string // users that this call deleted, which wfbot must never do
	Applied    bool     // the state change, if any, was made
	Status     int      // 0: not answered (yet)
	Error      string   // message of the answer, if it is an error
	Done       bool     // answered, or its connection gone
}

// A Write is a call, or a change by [Server.UpdateUser], that set isActive.
type Write struct {
	Call     int // Call.Seq; 0: no API call
	At       time.Time
	CallerID string // empty: no API call
	UserID   string
	From, To bool
}

// Effective reports whether the write changed the value.
func (w Write) Effective() bool { return w.From != w.To }

// Phase is a moment in the life of a call.
type Phase int

const (
	Received Phase = iota // read and journalled, nothing applied
	Applied               // state changed, not answered; skipped for a fault that does not apply
	Answered              // the answer was written and flushed, or the connection is gone
)

func (p Phase) String() string { return [...]string{"received", "applied", "answered"}[p] }

// Journal returns every request so far, in order of arrival, those still in
// flight included.
func (s *Server) Journal() []Call {
	s.mu.Lock()
	defer s.mu.Unlock()
	calls := make([]Call, len(s.calls))
	for i, c := range s.calls {
		calls[i] = c.copy()
	}
	return calls
}

func (c *Call) copy() Call {
	out := *c
	out.Targets, out.Deleted = slices.Clone(c.Targets), slices.Clone(c.Deleted)
	return out
}

// Writes returns every write of isActive in order, also those that changed
// nothing.
func (s *Server) Writes() []Write {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.writes)
}

// Changes returns the effective writes.
func (s *Server) Changes() []Write {
	return slices.DeleteFunc(s.Writes(), func(w Write) bool { return !w.Effective() })
}

func (s *Server) recordWriteLocked(call int, caller, user string, from, to bool) {
	s.writes = append(s.writes, Write{call, s.cfg.Now(), caller, user, from, to})
}

// Observe calls hook at each phase of every call, in the goroutine that serves
// the call and with no lock held: the call goes on when the hook returns, so a
// hook may change users, inject faults, wait, or kill the client's process at
// that moment. A call whose client dies while it is Received is still applied, as
// one is that has arrived; inject a [Reset] without Apply to have it lost instead.
// Hooks of concurrent calls run concurrently. The returned function takes the hook
// away.
func (s *Server) Observe(hook func(Call, Phase)) (remove func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	entry := &hook
	s.hooks = append(s.hooks, entry)
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.hooks = slices.DeleteFunc(slices.Clone(s.hooks), func(h *func(Call, Phase)) bool { return h == entry })
	}
}

func (s *Server) observe(c *Call, p Phase) {
	s.mu.Lock()
	hooks, call := s.hooks, c.copy()
	s.mu.Unlock()
	for _, hook := range hooks {
		(*hook)(call, p)
	}
}

// Subscribe returns a channel that gets a value after any change of users,
// journal or faults; changes that come while a value waits are one value.
// The returned function ends it.
func (s *Server) Subscribe() (changed <-chan struct{}, unsubscribe func()) {
	c := make(chan struct{}, 1)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.subscribers[c] = true
	return c, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.subscribers, c)
	}
}

// Wait returns when condition holds, which it tries now and after every change,
// or with the error of ctx.
func (s *Server) Wait(ctx context.Context, condition func() bool) error {
	changed, unsubscribe := s.Subscribe()
	defer unsubscribe()
	for !condition() {
		select {
		case <-changed:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

func (s *Server) changedLocked() {
	for c := range s.subscribers {
		select {
		case c <- struct{}{}:
		default:
		}
	}
}
