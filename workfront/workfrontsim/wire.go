package workfrontsim

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"time"
	"unicode/utf16"
	"unicode/utf8"
)

// data is the envelope of every answer that is no error.
func data(value any) any { return map[string]any{"data": value} }

// encode writes JSON as Workfront does: / as \/, < as \u003c and everything
// beyond ASCII as \uXXXX.
func encode(value any) []byte {
	plain, err := json.Marshal(value)
	if err != nil {
		panic(fmt.Sprintf("workfrontsim: encoding an answer: %v", err)) // unreachable unless a value of a new type got in
	}
	var b bytes.Buffer
	for len(plain) > 0 {
		r, n := utf8.DecodeRune(plain)
		plain = plain[n:]
		switch {
		case r == '/':
			b.WriteString(`\/`)
		case r < utf8.RuneSelf:
			b.WriteRune(r)
		case r > 0xffff:
			high, low := utf16.EncodeRune(r)
			fmt.Fprintf(&b, `\u%04x\u%04x`, high, low)
		default:
			fmt.Fprintf(&b, `\u%04x`, r)
		}
	}
	return b.Bytes()
}

// formatDate writes 2017-03-08T17:00:00:000+0400: a colon before the
// milliseconds and none in the offset.
func (s *Server) formatDate(t time.Time) string {
	const layout = "2006-01-02T15:04:05.000-0700"
	return strings.Replace(t.In(s.cfg.Location).Format(layout), ".", ":", 1)
}

// parseDate reads the forms that Workfront writes and documents for queries.
func (s *Server) parseDate(text string) (time.Time, bool) {
	if t, ok := s.parseWildcardDate(text); ok {
		return t, true
	}
	if len(text) > 19 && text[19] == ':' {
		text = text[:19] + "." + text[20:]
	}
	for _, layout := range []string{"2006-01-02T15:04:05.000-0700", "2006-01-02T15:04:05-0700", time.RFC3339, "2006-01-02T15:04:05", "2006-01-02"} {
		if t, err := time.ParseInLocation(layout, text, s.cfg.Location); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}

// parseWildcardDate reads $$NOW and $$TODAY with an optional offset such as
// -30d, +1w, -2m or +1y.
func (s *Server) parseWildcardDate(text string) (time.Time, bool) {
	now := s.cfg.Now().In(s.cfg.Location)
	rest, ok := strings.CutPrefix(text, "$$NOW")
	if !ok {
		if rest, ok = strings.CutPrefix(text, "$$TODAY"); !ok {
			return time.Time{}, false
		}
		year, month, day := now.Date()
		now = time.Date(year, month, day, 0, 0, 0, 0, s.cfg.Location)
	}
	if rest == "" {
		return now, true
	}
	var n int
	var unit string
	if _, err := fmt.Sscanf(rest, "%d%1s", &n, &unit); err != nil {
		return time.Time{}, false
	}
	switch unit {
	case "d":
		return now.AddDate(0, 0, n), true
	case "w":
		return now.AddDate(0, 0, 7*n), true
	case "m":
		return now.AddDate(0, n, 0), true
	case "y":
		return now.AddDate(n, 0, 0), true
	}
	return time.Time{}, false
}

const maxJournalBody = 4 << 10

// secretNames are the parameters whose value the journal does not show.
var secretNames = map[string]bool{
	"apiKey": true, "sessionID": true, "password": true, "client_secret": true, "jwt_token": true,
}

// redacted joins the parameters of the query, or of the form body, without
// credentials.
func (p params) redacted(body bool) string {
	var words []string
	for _, q := range p {
		if q.inBody != body {
			continue
		}
		value := strings.ReplaceAll(url.QueryEscape(q.value), "%24%24", "$$")
		if secretNames[q.name] {
			value = "REDACTED"
		}
		words = append(words, q.name+"="+value)
	}
	return strings.Join(words, "&")
}

// redactedBody is a form without credentials or the JSON as sent, except that
// of a key action, which holds a password.
func (q *request) redactedBody() string {
	body := q.params.redacted(true)
	if q.body != nil {
		body = string(q.body)
		if _, password := q.credentials(); password != "" {
			body = "REDACTED"
		}
	}
	return body[:min(len(body), maxJournalBody)]
}
