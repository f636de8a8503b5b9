package metrics

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

const (
	// noAnswer is the status of a call that was not answered.
	noAnswer = "none"
	// other is the value of a label for what it does not know.
	other = "other"
)

// Workfront returns a transport for calls to Workfront's API that next carries.
func (m *Metrics) Workfront(next http.RoundTripper) http.RoundTripper {
	return &transport{Metrics: m, next: next, service: "workfront", method: workfrontMethod}
}

// Slack returns a transport for calls to Slack's Web API that next carries.
func (m *Metrics) Slack(next http.RoundTripper) http.RoundTripper {
	return &transport{Metrics: m, next: next, service: "slack", method: slackMethod, refusal: m.codes.of}
}

// SlackReply returns a transport for answers to people by what Slack lent for them.
// The addresses are capabilities, and no part of them is shown.
func (m *Metrics) SlackReply(next http.RoundTripper) http.RoundTripper {
	return &transport{Metrics: m, next: next, service: "slack", method: func(*http.Request) string { return "response_url" }}
}

// transport counts the calls that it passes on, each once it has been answered.
type transport struct {
	*Metrics
	next    http.RoundTripper
	service string
	method  func(*http.Request) string // for the label
	// refusal is what an answer with status 200 says, "" unless that is no; nil: its
	// status says all.
	refusal func(body []byte) string
}

// RoundTrip implements http.RoundTripper.
func (t *transport) RoundTrip(call *http.Request) (*http.Response, error) {
	start, method, status := time.Now(), t.method(call), noAnswer
	defer func() {
		t.calls.WithLabelValues(t.service, method, status).Inc()
		t.callSeconds.WithLabelValues(t.service, method).Observe(time.Since(start).Seconds())
	}()
	answer, err := t.next.RoundTrip(call)
	if err != nil {
		return answer, err
	}
	status = strconv.Itoa(answer.StatusCode)
	if t.refusal != nil && answer.StatusCode == http.StatusOK {
		if code := t.refusal(read(answer)); code != "" {
			status = code
		}
	}
	return answer, nil
}

// CloseIdleConnections closes those of the transport behind this one.
func (t *transport) CloseIdleConnections() {
	if next, ok := t.next.(interface{ CloseIdleConnections() }); ok {
		next.CloseIdleConnections()
	}
}

// maxLooked is how much of an answer of Slack's is read to see what it says, in bytes.
const maxLooked = 1 << 20

// read returns what an answer holds, as far as it can be read, and leaves the answer
// as it was: whoever reads it gets the same, and the same error.
func read(answer *http.Response) []byte {
	body := answer.Body
	text, err := io.ReadAll(io.LimitReader(body, maxLooked))
	rest := io.Reader(body)
	if err != nil {
		rest = failing{err}
	}
	answer.Body = struct {
		io.Reader
		io.Closer
	}{io.MultiReader(bytes.NewReader(text), rest), body}
	return text
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

var slackName = regexp.MustCompile(`^[a-z]+(\.[a-zA-Z]+){1,3}$`)

// slackMethod is the method of Slack's Web API that is called. They are those that
// the program has.
func slackMethod(call *http.Request) string {
	if name := path.Base(call.URL.Path); slackName.MatchString(name) {
		return name
	}
	return other
}

// codes are the error codes of Slack's that are shown by name. Slack has hundreds and
// adds to them; the first few that an app meets are what there is to see.
type codes struct {
	mu    sync.Mutex
	known []string
}

const maxCodes = 30

var codeForm = regexp.MustCompile(`^[a-z_]{1,50}$`)

// of returns the code of an answer that says no; "" for one that says yes, and for
// what is no answer of Slack's.
func (c *codes) of(body []byte) string {
	var said struct {
		OK    *bool  `json:"ok"`
		Error string `json:"error"`
	}
	if json.Unmarshal(body, &said) != nil || said.OK == nil {
		return "garbled"
	}
	if *said.OK {
		return ""
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case !codeForm.MatchString(said.Error):
		return other
	case slices.Contains(c.known, said.Error):
	case len(c.known) == maxCodes:
		return other
	default:
		c.known = append(c.known, said.Error)
	}
	return said.Error
}

var (
	workfrontPath   = regexp.MustCompile(`^/attask/api/v[0-9.]+/([a-zA-Z]{2,12})(?:/([^/]+))?$`)
	workfrontAction = []string{"search", "count", "report", "metadata"}
)

// workfrontMethod is what of Workfront's API is called, without the ID of anything:
// "GET user/search", "PUT user/{id}". The objects are those that the program has.
func workfrontMethod(call *http.Request) string {
	name := other
	switch found := workfrontPath.FindStringSubmatch(call.URL.Path); {
	case found != nil && found[2] == "":
		name = found[1]
	case found != nil && slices.Contains(workfrontAction, found[2]):
		name = found[1] + "/" + found[2]
	case found != nil:
		name = found[1] + "/{id}"
	case strings.HasSuffix(call.URL.Path, "/jwt/exchange"):
		name = "jwt/exchange"
	}
	return call.Method + " " + name
}
