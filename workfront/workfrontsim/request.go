package workfrontsim

import (
	"bytes"
	"cmp"
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

const (
	maxURI  = 8892    // bytes, at Workfront's CDN
	maxBody = 8 << 20 // bytes, so that a mistake cannot fill the memory
)

// request is a call as read from the wire, before any state is looked at.
type request struct {
	http      *http.Request
	call      *Call
	verb      string // effective HTTP method
	version   int
	object    *objectType
	operation string
	action    string // last word of the operation
	targets   []string
	params    params     // of the query, then of a form body
	body      []byte     // raw JSON
	caller    string     // user ID, set by authentication
	commit    bool       // keep state changes; else answer as if they had been kept
	unchanged bool       // with !commit: answer the state as it is
	parts     []*request // of a batch
	refused   error      // of a part: why it cannot be read
}

type param struct {
	name, value string
	inBody      bool
}

// params keep the order they were sent in: it decides between sorts.
type params []param

// get returns the first value of a name.
func (p params) get(name string) (string, bool) {
	i := slices.IndexFunc(p, func(q param) bool { return q.name == name })
	if i < 0 {
		return "", false
	}
	return p[i].value, true
}

func (p params) value(name string) string {
	v, _ := p.get(name)
	return v
}

// parseParams reads a query or form body. Names may be raw or percent-encoded.
func parseParams(encoded string, inBody bool) (params, error) {
	var out params
	for pair := range strings.SplitSeq(encoded, "&") {
		if pair == "" {
			continue
		}
		name, value, _ := strings.Cut(pair, "=")
		name, err1 := url.QueryUnescape(name)
		value, err2 := url.QueryUnescape(value)
		if err := errors.Join(err1, err2); err != nil {
			return nil, badRequest("malformed parameter encoding")
		}
		out = append(out, param{name, value, inBody})
	}
	return out, nil
}

// parse reads the request. An error is an answer for the client; the request is
// usable for the journal even then.
func (s *Server) parse(r *http.Request) (*request, error) {
	q := &request{http: r, verb: r.Method, operation: "unknown"}
	if len(r.URL.RequestURI()) > maxURI {
		return q, badRequest("URI longer than %d bytes", maxURI)
	}
	bodyErr := q.readBody()
	query, err := parseParams(r.URL.RawQuery, false)
	q.params = append(query, q.params...)
	if err := cmp.Or(bodyErr, err); err != nil {
		return q, err
	}
	if method, ok := q.params.get("method"); ok {
		q.verb = strings.ToUpper(method)
	}
	return q, s.route(q)
}

func (q *request) readBody() error {
	body, err := io.ReadAll(io.LimitReader(q.http.Body, maxBody+1))
	if err != nil {
		return badRequest("reading the request body: %v", err)
	}
	if len(body) > maxBody {
		return badRequest("request body too large")
	}
	if len(bytes.TrimSpace(body)) == 0 {
		return nil
	}
	mediaType, _, err := mime.ParseMediaType(q.http.Header.Get("Content-Type"))
	switch {
	case err == nil && mediaType == "application/x-www-form-urlencoded":
		form, err := parseParams(string(body), true)
		q.params = form
		return err
	case err == nil && mediaType == "application/json":
		q.body = body
		return nil
	}
	return badRequest("Unsupported content type: %s", q.http.Header.Get("Content-Type"))
}

var (
	versionPattern = regexp.MustCompile(`^v(\d+)\.\d+$`)
	idPattern      = regexp.MustCompile(`^[0-9a-f]{32}$`)
)

// route sets version, object, operation and targets from path and parameters.
func (s *Server) route(q *request) error {
	if q.http.URL.Path == "/integrations/oauth2/api/v1/jwt/exchange" {
		q.operation, q.action = "jwt/exchange", "exchange"
		return nil
	}
	rest, ok := strings.CutPrefix(q.http.URL.EscapedPath(), "/attask/")
	if !ok {
		return &apiError{status: http.StatusNotFound, message: "no such page", plain: true}
	}
	var parts []string
	for part := range strings.SplitSeq(strings.Trim(rest, "/"), "/") {
		part, err := url.PathUnescape(part)
		if err != nil {
			return badRequest("malformed path encoding")
		}
		parts = append(parts, part)
	}
	parts, versionErr := s.routeVersion(q, parts)
	// The object is read even for a refused version, so that the journal names it.
	err := s.routeObject(q, parts)
	return cmp.Or(versionErr, err)
}

// routeVersion takes the API flavour and version off the path.
func (s *Server) routeVersion(q *request, parts []string) ([]string, error) {
	q.version = s.cfg.NewestVersion
	switch parts[0] {
	case "api-unsupported":
		return parts[1:], nil
	case "api-internal":
		return parts[1:], internalRefused()
	case "api":
	default:
		return nil, &apiError{status: http.StatusNotFound, message: "no such page", plain: true}
	}
	parts = parts[1:]
	if len(parts) > 0 && parts[0] == "api-internal" {
		return parts[1:], internalRefused()
	}
	if len(parts) == 0 {
		return nil, nil
	}
	m := versionPattern.FindStringSubmatch(parts[0])
	if m == nil {
		return parts, nil
	}
	q.version, _ = strconv.Atoi(m[1])
	switch {
	case q.version < s.cfg.OldestVersion:
		return parts[1:], &apiError{status: s.cfg.RemovedVersionStatus, class: classModel,
			message: "API version " + parts[0] + " is no longer available"}
	case q.version > s.cfg.NewestVersion:
		return parts[1:], &apiError{status: http.StatusNotFound, class: classModel,
			message: "API version " + parts[0] + " does not exist"}
	}
	return parts[1:], nil
}

func internalRefused() error {
	return &apiError{status: http.StatusForbidden, class: classModel, message: "the internal API is not available to integrations"}
}

// routeObject sets object, operation and targets.
func (s *Server) routeObject(q *request, parts []string) error {
	if len(parts) == 0 || parts[0] == "" {
		return badRequest("unrecognized URI format: no object")
	}
	switch name := strings.ToLower(parts[0]); name {
	case "session", "login", "logout":
		q.operation, q.action = name, name
		return nil
	case "batch":
		return s.parseBatch(q)
	case "metadata":
		return notSimulated("the list of all objects")
	}
	if len(parts) > 3 {
		return badRequest("unrecognized URI format: too many parts")
	}
	var known bool
	if q.object, known = s.objectType(parts[0]); !known {
		return &apiError{status: http.StatusNotFound, message: "Unknown object type: " + parts[0]}
	}
	word := ""
	for i, part := range parts[1:] {
		if i == 0 && (idPattern.MatchString(part) || part == "$$USER") {
			q.targets = []string{part}
		} else if word == "" {
			word = part
		} else {
			return badRequest("unrecognized URI format: too many parts")
		}
	}
	return q.routeVerb(word)
}

// routeVerb decides what is done with the object. word is what the path names
// besides object and ID: a collection verb, action or named query.
func (q *request) routeVerb(word string) error {
	if word == "" && q.verb == http.MethodPut {
		word = q.params.value("action")
	}
	if len(q.targets) == 0 {
		q.targets = q.idParams()
	}
	name := word
	switch {
	case !slices.Contains([]string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodDelete}, q.verb):
		return badRequest("Unsupported HTTP method: %s", q.verb)
	case word == "":
		name = strings.ToLower(q.verb)
	}
	q.action = name
	q.operation = strings.ToLower(q.object.code) + "/" + name
	if word == "" && q.verb == http.MethodPut {
		q.targets = append(q.targets, q.bulkTargets()...)
	}
	return nil
}

// idParams returns the IDs of id=a,b and of id=a&id=b.
func (q *request) idParams() []string {
	var ids []string
	for _, p := range q.params {
		if p.name == "id" || p.name == "ID" && q.verb != http.MethodGet {
			for id := range strings.SplitSeq(p.value, ",") {
				ids = append(ids, strings.TrimSpace(id))
			}
		}
	}
	return ids
}
