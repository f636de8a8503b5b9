package workfrontsim

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
)

// Batch says how a tenant serves POST /batch, several calls in one. Only reads are
// simulated, and only with atomic=false. Adobe documents none of it; the form of the
// call and of an answer where all is well are those of Adobe's JavaScript client:
// https://github.com/Workfront/workfront-api/blob/HEAD/src/Api.ts
// The zero value serves it.
type Batch struct {
	Status   int          // that each call is refused with; 0: it is served. 403 and 404 are the candidates
	Failure  BatchFailure // what the answer is where one of the calls in it fails
	Most     int          // calls in one; more are refused (422); 0: any number
	CutsOff  bool         // instead of refusing, leave out of the answer what is more than Most
	Shuffled bool         // answer in another order than asked, a new one each time
	Threads  bool         // each call in it counts against MaxConcurrent; by default all are one
}

// BatchFailure is what becomes of a call in a batch that fails.
type BatchFailure int

const (
	FailsInPlace BatchFailure = iota // its error object stands in its place
	FailsWhole                       // the batch is refused with its error
	FailsMissing                     // its place is left out, so that those behind it move up
	FailsNull                        // null stands in its place
)

// parseBatch reads the calls in a batch.
func (s *Server) parseBatch(q *request) error {
	q.operation, q.action = "batch", "batch"
	for _, p := range q.params {
		switch {
		case p.name == "uri":
			part, err := s.parsePart(q, p.value)
			if err != nil {
				return err
			}
			q.parts = append(q.parts, part)
		case p.name == "atomic" && p.value == "true":
			return notSimulated("atomic batches")
		case (p.name == "atomic" || p.name == "concurrent") && (p.value == "true" || p.value == "false"):
		default:
			return invalidParameter(p.name, p.value)
		}
	}
	switch {
	case q.verb != http.MethodPost:
		return badRequest("Unsupported HTTP method: %s", q.verb)
	case len(q.parts) == 0:
		return badRequest("you must specify a uri")
	}
	return nil
}

// parsePart reads one call of a batch: a path below the version, with its query and
// method=GET. What is wrong with it is its own failure, except for what is not simulated.
func (s *Server) parsePart(q *request, uri string) (*request, error) {
	address, err := url.Parse("/" + strings.TrimPrefix(uri, "/"))
	if err != nil {
		return nil, badRequest("malformed uri")
	}
	sub := q.http.Clone(q.http.Context())
	sub.Method, sub.Body = http.MethodGet, http.NoBody
	sub.URL.Path, sub.URL.RawPath, sub.URL.RawQuery = q.http.URL.Path[:strings.LastIndex(q.http.URL.Path, "/batch")]+address.Path, "", address.RawQuery
	part := &request{http: sub, verb: http.MethodPost, operation: "unknown"} // what is sent with POST is one, unless it says otherwise
	part.params, err = parseParams(address.RawQuery, false)
	if method, ok := part.params.get("method"); ok {
		part.verb = strings.ToUpper(method)
	}
	if err == nil {
		err = s.route(part)
	}
	if part.object == nil && part.operation != "unknown" || part.verb != http.MethodGet {
		return nil, notSimulated("%q in a batch", uri)
	}
	part.refused = err
	return part, nil
}

// batch carries the calls out, one after the other.
func (s *Server) batch(q *request) (any, error) {
	how := s.cfg.Batch
	switch {
	case how.Status != 0:
		return nil, &apiError{status: how.Status, class: classAccess, message: "batch is not available"}
	case how.Most > 0 && len(q.parts) > how.Most && !how.CutsOff:
		return nil, invalid("a batch may hold %d requests", how.Most)
	}
	answers := []any{}
	for _, part := range q.parts {
		part.call, part.commit = q.call, q.commit
		value, err := s.part(part)
		switch {
		case err == nil:
			answers = append(answers, value)
		case how.Failure == FailsWhole:
			return nil, err
		case how.Failure == FailsNull:
			answers = append(answers, nil)
		case how.Failure == FailsInPlace:
			answers = append(answers, s.errorValue(asAPIError(err)))
		}
	}
	if how.Most > 0 && len(answers) > how.Most {
		answers = answers[:how.Most]
	}
	if how.Shuffled {
		shuffle(answers, q.call.Seq)
	}
	return data(answers), nil
}

// shuffle gives answers another order, which is never the one they have unless there
// are fewer than two.
func shuffle(answers []any, seq int) {
	n := len(answers)
	for i := range n / 2 { // turned round, and that moved on
		answers[i], answers[n-1-i] = answers[n-1-i], answers[i]
	}
	if n < 3 {
		return
	}
	by := seq % (n - 1)
	moved := append(append([]any{}, answers[by:]...), answers[:by]...)
	copy(answers, moved)
}

// part carries out one call of a batch, unless a fault meets it.
func (s *Server) part(part *request) (any, error) {
	if part.refused != nil {
		return nil, part.refused
	}
	if f, found := s.takeFaultLocked(part); found {
		e := &apiError{status: f.Answer.status(), class: f.Answer.Class, message: f.Answer.text(), plain: f.Answer.Kind == PlainError}
		return nil, e
	}
	return s.dispatch(part)
}

// meetsPart reports whether a fault is one that a single call in a batch can have: an
// error of Workfront's about it. Whatever else goes wrong goes wrong with the batch.
func (f Fault) meetsPart() bool {
	switch f.Answer.Kind {
	case JSONError, PlainError, ErrorIn200:
		return f.Answer.status() != http.StatusUnauthorized && f.Answer.status() != http.StatusTooManyRequests
	}
	return false
}

// threads is how many calls the request is against Config.MaxConcurrent.
func (s *Server) threads(q *request) int {
	if s.cfg.Batch.Threads && len(q.parts) > 0 {
		return len(q.parts)
	}
	return 1
}

func asAPIError(err error) *apiError {
	if e, ok := errors.AsType[*apiError](err); ok {
		return e
	}
	return &apiError{status: http.StatusInternalServerError, class: "java.lang.RuntimeException", message: err.Error()}
}
