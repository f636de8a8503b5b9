package slacksim

import (
	"net/http"
	"slices"
	"strconv"
	"time"
)

// Fault takes the place of the answer to one or more calls.
type Fault struct {
	// Method is the Web API method, "response_url", or "" for any.
	Method string
	// Match limits the fault to some calls of the method; nil: all. It must not
	// use the Server.
	Match func(Call) bool
	// Count is how many calls it meets; 0: one, negative: all until removed.
	Count int
	// Apply lets the method run, so that only its answer is lost.
	Apply bool
	// Do is called when the call has arrived, before anything is applied: a crash
	// test kills the app here. May be nil.
	Do func()
	// Answer is what the client gets instead. The zero Answer passes the true one
	// on, which with Do or with a Hold is of use.
	Answer Answer
}

// Answer is what a fault has the client see. Make one with the functions below.
type Answer struct {
	Status int // HTTP status; 0: the true answer's
	Header http.Header
	Body   string
	// Hold keeps the answer back until it is closed; nil: not at all.
	Hold <-chan struct{}

	reset bool
	hang  bool
}

// RateLimited answers 429; retryAfter is in seconds, negative leaves the header
// out.
func RateLimited(retryAfter int) Answer {
	a := Answer{Status: http.StatusTooManyRequests, Body: `{"ok":false,"error":"ratelimited"}`, Header: jsonHeader()}
	if retryAfter >= 0 {
		a.Header.Set("Retry-After", strconv.Itoa(retryAfter))
	}
	return a
}

// Status answers with that HTTP status and an empty body.
func Status(code int) Answer { return Answer{Status: code} }

// HTML answers with that HTTP status and a page for people.
func HTML(code int) Answer {
	return Answer{
		Status: code,
		Header: http.Header{"Content-Type": {"text/html; charset=utf-8"}},
		Body:   "<!doctype html><title>Slack</title><h1>Something went wrong</h1>",
	}
}

// ErrorCode answers 200 with ok:false and that error.
func ErrorCode(code string) Answer {
	return Answer{Status: http.StatusOK, Header: jsonHeader(), Body: `{"ok":false,"error":` + strconv.Quote(code) + `}`}
}

// MissingScope answers 200 with ok:false, missing_scope and the scopes that it
// would take.
func MissingScope(needed string) Answer {
	return Answer{Status: http.StatusOK, Header: jsonHeader(),
		Body: `{"ok":false,"error":"missing_scope","needed":` + strconv.Quote(needed) + `,"provided":"chat:write"}`}
}

// NoErrorCode answers 200 with ok:false and no error.
func NoErrorCode() Answer {
	return Answer{Status: http.StatusOK, Header: jsonHeader(), Body: `{"ok":false}`}
}

// Truncated answers 200 with half a JSON object.
func Truncated() Answer {
	return Answer{Status: http.StatusOK, Header: jsonHeader(), Body: `{"ok":true,"channel":"C0`}
}

// Reset breaks the TCP connection instead of answering.
func Reset() Answer { return Answer{reset: true} }

// Hang never answers: until the client gives up or the server is closed.
func Hang() Answer { return Answer{hang: true} }

// Held gives the true answer once release is closed.
func Held(release <-chan struct{}) Answer { return Answer{Hold: release} }

func jsonHeader() http.Header {
	return http.Header{"Content-Type": {"application/json; charset=utf-8"}}
}

// Inject adds a fault, behind those already waiting. The returned function
// removes it.
func (s *Server) Inject(f Fault) (remove func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if f.Count == 0 {
		f.Count = 1
	}
	entry := &f
	s.faults = append(s.faults, entry)
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.faults = slices.DeleteFunc(s.faults, func(e *Fault) bool { return e == entry })
	}
}

// DropCall, called by an observer at Arrived, keeps that call from being applied
// and resets its connection.
func (s *Server) DropCall(seq int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.dropped[seq] = true
}

// takeFault returns the first waiting fault that meets the call, or nil. The
// caller holds s.mu.
func (s *Server) takeFault(call *Call) *Fault {
	i := slices.IndexFunc(s.faults, func(f *Fault) bool {
		return (f.Method == "" || f.Method == call.Method) && (f.Match == nil || f.Match(call.clone()))
	})
	if i < 0 {
		return nil
	}
	fault := *s.faults[i]
	if s.faults[i].Count--; s.faults[i].Count == 0 {
		s.faults = slices.Delete(s.faults, i, i+1)
	}
	if fault.Answer.passes() {
		fault.Apply = true
	}
	return &fault
}

// passes reports whether the true answer is given.
func (a Answer) passes() bool { return a.Status == 0 && !a.reset && !a.hang }

// replace returns what is written in place of the true answer.
func (a Answer) replace(real response) response {
	switch {
	case a.reset, a.hang:
		return response{}
	case a.passes():
		return real
	default:
		return response{status: a.Status, header: a.Header, body: []byte(a.Body)}
	}
}

// wait blocks while the answer is held back; false means that it must not be
// given any more.
func (a Answer) wait(closed, gone <-chan struct{}) bool {
	if a.hang {
		select {
		case <-closed:
		case <-gone:
		}
		return false
	}
	if a.Hold == nil {
		return true
	}
	select {
	case <-a.Hold:
		return true
	case <-closed:
	case <-gone:
	}
	return false
}

// rateLimiter counts calls against Slack's tiers. The zero value has seen none.
type rateLimiter struct {
	calls map[string][]time.Time
}

// burst is how many messages a channel takes at once before the limit of one a
// second holds; Slack names no number.
const burst = 3

// wait returns the seconds for Retry-After, 0 if the call may go on.
func (l *rateLimiter) wait(now time.Time, q *request, m method) int {
	if q.method == "chat.postMessage" || q.method == "chat.postEphemeral" {
		if seconds := l.take(now, "post "+q.text("channel"), burst, burst*time.Second); seconds > 0 {
			return seconds
		}
	}
	if m.tier == 0 {
		return 0
	}
	return l.take(now, q.method, m.tier, time.Minute)
}

// take counts one call of a kind. In any window limit of them are allowed.
func (l *rateLimiter) take(now time.Time, kind string, limit int, window time.Duration) int {
	if l.calls == nil {
		l.calls = make(map[string][]time.Time)
	}
	recent := slices.DeleteFunc(l.calls[kind], func(t time.Time) bool { return now.Sub(t) >= window })
	l.calls[kind] = recent
	if len(recent) >= limit {
		return max(1, int((window-now.Sub(recent[0])+time.Second-1)/time.Second))
	}
	l.calls[kind] = append(recent, now)
	return 0
}
