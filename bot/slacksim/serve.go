package slacksim

import (
	"bytes"
	"encoding/json"
	"fmt"
	"mime/multipart"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// serveAPI answers one Web API call: read, note, apply, answer, with an observer
// called and a fault taken where one is waiting.
func (s *Server) serveAPI(w http.ResponseWriter, r *http.Request, name string) {
	q := readRequest(r, name)
	s.mu.Lock()
	s.learnURL(r)
	call := s.begin(name, q.journalArgs(), q.token == s.cfg.BotToken)
	fault := s.takeFault(call)
	s.mu.Unlock()

	s.run(w, r, call, fault, func() response {
		answer, refused := s.perform(q)
		return s.apiResponse(q, call, answer, refused)
	})
}

// response is an HTTP answer.
type response struct {
	status int
	header http.Header
	body   []byte
}

// run takes one call through its phases. perform is called under s.mu.
func (s *Server) run(w http.ResponseWriter, r *http.Request, call *Call, fault *Fault, perform func() response) {
	s.observe(call, Arrived)
	if fault != nil && fault.Do != nil {
		fault.Do()
	}
	var answer response
	s.mu.Lock()
	if s.dropped[call.Seq] {
		fault = &Fault{Answer: Reset()}
	}
	if fault == nil || fault.Apply {
		call.Applied = true
		answer = perform()
		s.touch()
	}
	s.mu.Unlock()
	if call.Applied {
		s.observe(call, Applied)
	}
	if fault != nil {
		answer = fault.Answer.replace(answer)
		s.mu.Lock()
		call.Faulted = !fault.Answer.passes()
		call.Status = answer.status
		s.mu.Unlock()
		if !fault.Answer.wait(s.ctx.Done(), r.Context().Done()) {
			answer.status = 0
		}
	}
	s.delay(r)
	s.write(w, answer)
	s.mu.Lock()
	call.AnsweredAt = s.cfg.Now()
	s.touch()
	s.mu.Unlock()
	s.observe(call, Answered)
}

// delay is Config.Latency, cut short when the client has gone or the server is closed.
func (s *Server) delay(r *http.Request) {
	if s.cfg.Latency <= 0 {
		return
	}
	timer := time.NewTimer(s.cfg.Latency)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-s.ctx.Done():
	case <-r.Context().Done():
	}
}

// write sends the answer; status 0 resets the connection.
func (s *Server) write(w http.ResponseWriter, answer response) {
	if answer.status == 0 {
		reset(w)
		return
	}
	for key, values := range answer.header {
		w.Header()[key] = values
	}
	w.WriteHeader(answer.status)
	_, _ = w.Write(answer.body) // the client may be gone; nothing to be done about it
	_ = http.NewResponseController(w).Flush()
}

// begin opens the journal entry of a call. The caller holds s.mu.
func (s *Server) begin(method string, args object, bot bool) *Call {
	call := &Call{Seq: s.seq(), Method: method, Args: args, Bot: bot, ArrivedAt: s.cfg.Now()}
	s.calls = append(s.calls, call)
	s.touch()
	return call
}

// perform runs the method. The caller holds s.mu.
func (s *Server) perform(q *request) (object, *refusal) {
	m, known := methods()[q.method]
	switch {
	case !known:
		return nil, &refusal{code: "unknown_method", extra: object{"req_method": q.method}}
	case q.refused != nil:
		return nil, q.refused
	case m.app && q.get:
		return nil, refuse("insecure_request")
	}
	if refused := s.authorise(q, m); refused != nil {
		return nil, refused
	}
	if s.cfg.RateLimits {
		if seconds := s.rate.wait(s.cfg.Now(), q, m); seconds > 0 {
			return nil, &refusal{code: "ratelimited", extra: object{"retry_after": seconds}}
		}
	}
	return m.perform(s, q)
}

// apiResponse encodes the outcome of a method and notes it in the journal. The
// caller holds s.mu.
func (s *Server) apiResponse(q *request, call *Call, answer object, refused *refusal) response {
	header := http.Header{"Content-Type": {"application/json; charset=utf-8"}}
	header.Set("X-Slack-Req-Id", s.secret(32))
	header.Set("Date", s.cfg.Now().UTC().Format(http.TimeFormat))
	if granted := s.granted(q); granted != nil {
		header.Set("X-Oauth-Scopes", strings.Join(granted, ","))
		header.Set("X-Accepted-Oauth-Scopes", strings.Join(methods()[q.method].scopes, ","))
	}
	status := http.StatusOK
	body := object{"ok": true}
	for key, value := range answer {
		body[key] = value
	}
	if len(q.warnings) > 0 {
		warnings := strings.Join(q.warnings, ",")
		body["warning"] = warnings
		body["response_metadata"] = object{"warnings": strings.Split(warnings, ",")}
	}
	if refused != nil {
		body = object{"ok": false, "error": refused.code}
		for key, value := range refused.extra {
			body[key] = value
		}
		if seconds, ok := body["retry_after"].(int); ok {
			status = http.StatusTooManyRequests
			header.Set("Retry-After", strconv.Itoa(seconds))
			delete(body, "retry_after")
		}
		call.Error = refused.code
	}
	encoded, err := json.Marshal(body)
	if err != nil {
		panic(fmt.Sprintf("encoding the answer of %s: %v", q.method, err)) // unreachable unless a method answers with what is not JSON
	}
	var decoded object
	_ = json.Unmarshal(encoded, &decoded) // what was just encoded
	call.OK, call.Status, call.Answer = refused == nil, status, decoded
	return response{status: status, header: header, body: encoded}
}

// readMultipart returns the text fields of a multipart form.
func readMultipart(body []byte, boundary string) (url.Values, error) {
	form, err := multipart.NewReader(bytes.NewReader(body), boundary).ReadForm(maxBody)
	if err != nil {
		return nil, err
	}
	values := url.Values(form.Value)
	return values, form.RemoveAll()
}

// reset closes the connection under an answer, so that the client reads a reset
// or an unexpected end.
func reset(w http.ResponseWriter) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler) // HTTP/2: the server resets the stream
	}
	if tcp, ok := conn.(interface{ SetLinger(int) error }); ok {
		_ = tcp.SetLinger(0) // RST instead of FIN
	}
	_ = conn.Close()
}
