package workfrontsim

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

// needsNormal reports whether the answer is made from what the call would answer.
func (a Answer) needsNormal() bool {
	switch a.Kind {
	case Normal, Unchanged, SlowBody, Truncated, CutShort, GzipGarbage:
		return true
	}
	return false
}

// message returns the text of an error answer, for the journal.
func (a Answer) message(out reply) string {
	switch a.Kind {
	case JSONError, PlainError, ErrorIn200:
		return a.text()
	case Normal, Unchanged, SlowBody:
		return out.message
	}
	return ""
}

func (a Answer) text() string { return cmp.Or(a.Message, http.StatusText(a.status())) }

func (a Answer) status() int {
	if a.Kind == Redirect {
		return cmp.Or(a.Status, http.StatusFound)
	}
	return cmp.Or(a.Status, http.StatusInternalServerError)
}

// respond puts the answer on the wire and flushes it. Status 0 says that there was
// no answer; abort asks the caller to break the connection.
func (s *Server) respond(w http.ResponseWriter, q *request, a Answer, out reply) (status int, abort bool) {
	if !s.pause(q.http.Context(), s.cfg.Latency+a.Delay) {
		return 0, true
	}
	w.Header().Set("Date", s.cfg.Now().UTC().Format(http.TimeFormat))
	for name, values := range a.Header {
		w.Header()[http.CanonicalHeaderKey(name)] = values
	}
	contentType := "application/json;charset=utf-8"
	switch a.Kind {
	case Reset:
		return 0, !reset(w)
	case Hang:
		s.pause(q.http.Context(), -1)
		return 0, true
	case JSONError:
		out = s.errorReply(&apiError{status: a.status(), class: a.Class, message: a.text()})
	case PlainError:
		out = s.errorReply(&apiError{status: a.status(), message: a.text(), plain: true})
	case ErrorIn200:
		out = s.errorReply(&apiError{status: http.StatusOK, class: cmp.Or(a.Class, classUnsupported), message: a.text()})
	case HTMLPage:
		contentType = "text/html; charset=utf-8"
		out = reply{status: a.status(), body: fmt.Appendf(nil,
			"<html><head><title>%d</title></head><body><h1>%s</h1></body></html>\n", a.status(), a.text())}
	case GatewayJSON:
		out = reply{status: a.status(), body: encode(map[string]any{"status": a.status(), "message": a.text()})}
	case EmptyBody:
		out = reply{status: a.status()}
	case Verbatim:
		out = reply{status: a.status(), body: []byte(a.Body)}
	case NotJSON:
		out = reply{status: http.StatusOK, body: []byte("OK, but this is no JSON")}
	case Redirect:
		if w.Header().Get("Location") == "" {
			w.Header().Set("Location", "/redirected") // here, so that the journal shows who follows it
		}
		out = reply{status: a.status()}
	case GzipGarbage:
		w.Header().Set("Content-Encoding", "gzip")
		out.body = append([]byte{0x1f, 0x8b}, "these bytes are not compressed"...)
	case Truncated:
		out.body = out.body[:len(out.body)/2]
	}
	w.Header().Set("Content-Type", contentType)
	if a.Kind != GzipGarbage && len(out.body) > 0 && s.compress(q.http) {
		w.Header().Set("Content-Encoding", "gzip")
		out.body = compressed(out.body)
	}
	w.Header().Set("Content-Length", strconv.Itoa(len(out.body)))
	w.WriteHeader(out.status)
	return out.status, s.writeBody(w, q, a, out.body)
}

// writeBody reports whether the connection has to be broken afterwards.
func (s *Server) writeBody(w http.ResponseWriter, q *request, a Answer, body []byte) (abort bool) {
	flush := func() { _ = http.NewResponseController(w).Flush() } // a recorder cannot flush
	switch a.Kind {
	case CutShort:
		_, _ = w.Write(body[:len(body)/2])
		flush()
		return !reset(w)
	case SlowBody:
		piece := max(1, len(body)/4)
		for len(body) > 0 {
			n := min(piece, len(body))
			if _, err := w.Write(body[:n]); err != nil {
				return true
			}
			flush()
			if body = body[n:]; len(body) > 0 && !s.pause(q.http.Context(), cmp.Or(a.Pause, time.Second)) {
				return true
			}
		}
		return false
	}
	_, err := w.Write(body)
	flush()
	return err != nil
}

// pause waits for d, for ever if negative, and reports whether it was neither cut
// short by the client nor by Close.
func (s *Server) pause(ctx context.Context, d time.Duration) bool {
	if d == 0 {
		return true
	}
	var passed <-chan time.Time
	if d > 0 {
		timer := time.NewTimer(d)
		defer timer.Stop()
		passed = timer.C
	}
	select {
	case <-passed:
		return true
	case <-ctx.Done():
	case <-s.closed:
	}
	return false
}

// reset breaks the TCP connection with RST and reports whether it could.
func reset(w http.ResponseWriter) bool {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return false
	}
	raw := conn
	if t, ok := conn.(*tls.Conn); ok {
		raw = t.NetConn()
	}
	if t, ok := raw.(*net.TCPConn); ok {
		_ = t.SetLinger(0) // close sends RST instead of FIN
	}
	_ = raw.Close()
	return true
}

func (s *Server) compress(r *http.Request) bool {
	switch s.cfg.Gzip {
	case GzipNever:
		return false
	case GzipAlways:
		return true
	case GzipAlternate:
		s.mu.Lock()
		defer s.mu.Unlock()
		s.answers++
		return s.answers%2 == 0
	}
	return strings.Contains(r.Header.Get("Accept-Encoding"), "gzip")
}

// packers are kept: a new one takes more of the processor than all that it packs here.
var packers = sync.Pool{New: func() any { return gzip.NewWriter(nil) }}

func compressed(body []byte) []byte {
	var b bytes.Buffer
	z := packers.Get().(*gzip.Writer)
	defer packers.Put(z)
	z.Reset(&b)
	_, _ = z.Write(body) // a buffer takes everything
	_ = z.Close()
	return b.Bytes()
}
