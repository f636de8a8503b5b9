package workfrontsim

import (
	"cmp"
	"fmt"
	"net/http"
	"path"
	"slices"
	"strings"
	"time"
)

// A Fault changes how matching calls are answered. Apply says what happened to
// the state, Answer what the client gets to know of it: a lost answer is
// Apply with [Reset], a silent no-op is no Apply with [Normal].
//
// Operations are user/search, user/get (by ID, one or many), user/count,
// user/metadata, user/put, user/delete, user/generateApiKey (and other actions),
// the same for each object by its objCode in lower case (task/count, proj/search), and
// session, login, logout, jwt/exchange, batch. A fault of an operation also meets it in a
// batch: an error of Workfront's that one call alone, as [Batch] has it, anything else the
// whole batch. A request that cannot be read is "unknown".
type Fault struct {
	Name      string // for the journal; empty: Answer.String()
	Operation string // pattern of path.Match, such as user/*; empty: every call
	UserID    string // only calls that name this user, by ID anywhere or by an e-mail filter; empty: all
	Field     string // only calls that ask for this path in fields= or filter by it, also within a longer one; empty: all
	Skip      int    // leave so many matching calls alone first
	Times     int    // apply to so many calls; 0: until removed
	Apply     bool   // carry the call out before answering
	Answer    Answer
}

// An Answer is what the client gets. Delay passes before it, in real time.
type Answer struct {
	Kind    AnswerKind
	Status  int           // of JSONError, PlainError, HTMLPage, GatewayJSON, EmptyBody, Verbatim, Redirect; 0 is 500, for Redirect 302
	Body    string        // of Verbatim
	Class   string        // of JSONError and ErrorIn200
	Message string        // of the errors; empty: the status text
	Header  http.Header   // added to the answer, such as Retry-After
	Delay   time.Duration // before the answer
	Pause   time.Duration // between the pieces of SlowBody; 0 is a second
}

// AnswerKind is the shape of an answer.
type AnswerKind string

const (
	Normal      AnswerKind = ""             // what the call would answer; without Apply: as if it had been applied
	Unchanged   AnswerKind = "unchanged"    // 200 with the state as it was; implies that Apply is false
	JSONError   AnswerKind = "json error"   // {"error":{"class","message"}}
	PlainError  AnswerKind = "plain error"  // {"error":"message"}
	ErrorIn200  AnswerKind = "error in 200" // status 200 with an error object
	HTMLPage    AnswerKind = "html page"    // as a proxy or a maintenance page answers
	GatewayJSON AnswerKind = "gateway json" // {"status","message"}: JSON of something in between, not of Workfront's API
	EmptyBody   AnswerKind = "empty body"   // the status and nothing else
	Reset       AnswerKind = "reset"        // the connection is reset
	Hang        AnswerKind = "hang"         // nothing until the client goes or the server closes
	SlowBody    AnswerKind = "slow body"    // the normal answer in pieces, Pause between them
	Truncated   AnswerKind = "truncated"    // half of the normal answer, as if complete
	CutShort    AnswerKind = "cut short"    // half of the normal answer, then the connection is reset
	GzipGarbage AnswerKind = "gzip garbage" // Content-Encoding: gzip over bytes that are none
	Verbatim    AnswerKind = "verbatim"     // Status and Body as they stand, called JSON
	NotJSON     AnswerKind = "not json"     // 200 with text that is no JSON
	Redirect    AnswerKind = "redirect"     // Location of Header, else a path on this server that does not exist
)

// String describes the answer in a few words.
func (a Answer) String() string {
	words := []string{string(cmp.Or(a.Kind, "normal"))}
	if a.Status != 0 {
		words = append(words, fmt.Sprint(a.Status))
	}
	if a.Delay != 0 {
		words = append(words, "after", a.Delay.String())
	}
	return strings.Join(words, " ")
}

func (f Fault) name() string {
	if f.Name != "" {
		return f.Name
	}
	return f.Answer.String()
}

// InjectedFault is a fault in force.
type InjectedFault struct {
	ID      int
	Fault   Fault
	Skipped int // matching calls left alone so far
	Hits    int // calls it was applied to
}

// Inject puts a fault in force and returns its ID. Where several match a call, the
// oldest is applied; one whose Times are used up leaves by itself.
func (s *Server) Inject(f Fault) (id int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	defer s.changedLocked()
	s.lastFault++
	s.faults = append(s.faults, &InjectedFault{ID: s.lastFault, Fault: f})
	return s.lastFault
}

// RemoveFault takes a fault away and reports whether it was in force.
func (s *Server) RemoveFault(id int) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	defer s.changedLocked()
	n := len(s.faults)
	s.faults = slices.DeleteFunc(s.faults, func(f *InjectedFault) bool { return f.ID == id })
	return len(s.faults) < n
}

// ClearFaults takes all faults away.
func (s *Server) ClearFaults() {
	s.mu.Lock()
	defer s.mu.Unlock()
	defer s.changedLocked()
	s.faults = nil
}

// Faults returns the faults in force, oldest first.
func (s *Server) Faults() []InjectedFault {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := make([]InjectedFault, len(s.faults))
	for i, f := range s.faults {
		out[i] = *f
	}
	return out
}

// takeFaultLocked returns the fault for a call and counts it. Without one it
// returns the fault that changes nothing.
func (s *Server) takeFaultLocked(q *request) (f Fault, found bool) {
	return s.takeLocked(q, func(Fault) bool { return true })
}

// takeWholeFaultLocked is takeFaultLocked for a call in a batch, except for faults that
// meet it alone.
func (s *Server) takeWholeFaultLocked(part *request) (f Fault, found bool) {
	return s.takeLocked(part, func(f Fault) bool { return !f.meetsPart() })
}

func (s *Server) takeLocked(q *request, wanted func(Fault) bool) (f Fault, found bool) {
	for i, in := range s.faults {
		if !wanted(in.Fault) || !s.matchesLocked(in.Fault, q) {
			continue
		}
		if in.Skipped < in.Fault.Skip {
			in.Skipped++
			continue
		}
		in.Hits++
		if in.Fault.Times > 0 && in.Hits >= in.Fault.Times {
			s.faults = slices.Delete(s.faults, i, i+1)
		}
		return in.Fault, true
	}
	return Fault{Apply: true}, false
}

func (s *Server) matchesLocked(f Fault, q *request) bool {
	if f.Operation != "" {
		if ok, _ := path.Match(f.Operation, q.operation); !ok {
			return false
		}
	}
	if f.Field != "" && !q.names(f.Field) {
		return false
	}
	if f.UserID == "" || slices.Contains(q.targets, f.UserID) {
		return true
	}
	email := s.tables["USER"].rows[f.UserID].text("emailAddr")
	return slices.ContainsFunc(q.params, func(p param) bool {
		return p.value == f.UserID || p.name == "emailAddr" && email != "" && strings.EqualFold(p.value, email)
	})
}

// names reports whether the call asks for a field or filters by it: title also
// in manager:title, and manager in manager:title.
func (q *request) names(field string) bool {
	within := func(path string) bool { return strings.Contains(":"+strings.TrimSpace(path)+":", ":"+field+":") }
	return slices.ContainsFunc(q.params, func(p param) bool {
		if p.name == "fields" {
			return slices.ContainsFunc(strings.FieldsFunc(p.value, func(r rune) bool { return strings.ContainsRune(`,[]"`, r) }), within)
		}
		name, _ := strings.CutSuffix(p.name, "_Mod")
		return !reserved[name] && within(name)
	})
}

// RefuseField is the fault of a tenant that does not have a field: each call of
// an object's type that names it is refused in Workfront's words. objCode is that
// of the call in lower case, such as user; object and field are what the answer
// names, such as AccessLevel and licenseType. [Config.Without] does the same for
// good.
func RefuseField(objCode, object, field string) Fault {
	return Fault{Name: "no field " + field, Operation: objCode + "/*", Field: field, Answer: Answer{
		Kind: JSONError, Status: http.StatusUnprocessableEntity, Class: classModel,
		Message: fmt.Sprintf("APIModel V22_0 does not support field %s (%s)", field, object)}}
}
