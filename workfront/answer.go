package workfront

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"wfbot/workfront/secret"
)

// envelope is what every answer of the API is: data, or error. The other
// members are those of the token exchange.
// https://github.com/AdobeDocs/workfront.en/blob/main/help/quicksilver/wf-api/general/api-basics.md
type envelope struct {
	Data  json.RawMessage `json:"data"`
	Error json.RawMessage `json:"error"`

	AccessToken text `json:"access_token"`
	ExpiresIn   text `json:"expires_in"`
	Type        text `json:"type"`
	Message     text `json:"message"`
	Description text `json:"error_description"`
}

// failed reports whether the envelope holds an error, of the API or of the token
// exchange. Older versions of the API send one with status 200.
func (env envelope) failed() bool {
	switch string(env.Error) {
	case "", "null", "false", `""`:
		return false
	}
	return true
}

// explain gives the error's class and message. The member error is an object, a
// string, or (in the token exchange) true with the text beside it. own is true for
// an object that says something: so writes the API itself.
func (env envelope) explain() (class, message string, own bool) {
	var object struct {
		Class   text `json:"class"`
		Title   text `json:"title"`
		Message text `json:"message"`
	}
	var str string
	if json.Unmarshal(env.Error, &object) != nil && json.Unmarshal(env.Error, &str) == nil {
		object.Message = text(str)
	}
	own = bytes.HasPrefix(env.Error, []byte("{")) && first(object.Class, object.Message, object.Title) != ""
	class = first(object.Class, env.Type)
	message = first(object.Message, object.Title, env.Message)
	if env.Description != "" {
		message = strings.TrimPrefix(message+": "+string(env.Description), ": ")
	}
	return class, message, own
}

func first(texts ...text) string { return string(cmp.Or(texts...)) }

// errNotAPI is an answer that is not JSON, or JSON that holds no error as the API
// writes them: cut short, or a gateway's, whose 404 is not about a user.
var errNotAPI = errors.New("the answer is cut short or not the API's")

// check tells success from failure. Nothing of a successful answer's text gets
// into an error, for it may hold a key.
func (a answer) check(op string, secrets []secret.Value) (envelope, *Error) {
	var env envelope
	notJSON := json.Unmarshal(a.body, &env)
	e := &Error{Op: op, Status: a.status, Sent: true, RetryAfter: retryAfter(a.header)}
	e.ClockOff, _ = clockOff(a.header)
	ok := a.status >= 200 && a.status < 300
	switch {
	case redirects(a.status):
		e.MovedTo = redirectHost(a.header)
		e.Err = fmt.Errorf("%w to %s, which is not followed", ErrMoved, cmp.Or(e.MovedTo, "another page"))
	case a.status >= 300 && a.status < 400:
		e.Err = errNotAPI
	case ok && a.err != nil:
		e.Err = a.err
	case ok && notJSON != nil:
		e.Err = errNotAPI
	case ok && !env.failed():
		return env, nil
	case notJSON != nil:
		e.Err = errNotAPI
		e.Message = clean(pageText(a.body), secrets)
	default:
		class, message, own := env.explain()
		e.Class, e.Message = clean(class, secrets), clean(message, secrets)
		e.Declined = own && a.status >= 400 && a.status < 500
		if !env.failed() {
			e.Err = errNotAPI
		}
	}
	if a.status == http.StatusUnauthorized || strings.HasSuffix(e.Class, "AuthenticationException") {
		e.Err = ErrUnauthorized
	}
	return envelope{}, e
}

// redirects reports whether a status sends clients elsewhere.
func redirects(status int) bool {
	switch status {
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther, http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
		return true
	}
	return false
}

// redirectHost is a redirect's target without the path and query: sign-in pages hand over
// tokens in those. It is empty if it names no host.
func redirectHost(h http.Header) string {
	u, err := url.Parse(h.Get("Location"))
	if err != nil || len(u.Host) > maxHost {
		return ""
	}
	host, err := Host("https://" + u.Host)
	if err != nil {
		return ""
	}
	return host
}

// maxHost is how long a host with a port can be, in bytes.
const maxHost = 253 + len(":65535")

// clockOff is how far this machine's clock is ahead of the answer's Date.
// https://www.rfc-editor.org/rfc/rfc9110#field.date
func clockOff(h http.Header) (off time.Duration, known bool) {
	at, err := http.ParseTime(h.Get("Date"))
	if err != nil {
		return 0, false
	}
	return time.Since(at), true
}

var titlePattern = regexp.MustCompile(`(?is)<title[^>]*>(.*?)</title>`)

// pageText is what an error page that is not JSON says: an HTML page's title,
// or plain text itself.
func pageText(body []byte) string {
	if m := titlePattern.FindSubmatch(body); m != nil {
		return html.UnescapeString(string(m[1]))
	}
	if body = bytes.TrimSpace(body); bytes.HasPrefix(body, []byte("<")) || !utf8.Valid(body) {
		return ""
	}
	return string(body)
}

// maxText is how many characters of a foreign text an error keeps.
const maxText = 300

var (
	credentialPattern = regexp.MustCompile(`(?i)\b(apiKey|sessionID|password|client_secret|jwt_token|access_token|refresh_token|assertion)(["']?\s*[=:]\s*["']?)[^\s&"',;]+`)
	// bearerPattern is a token as the header Authorization carries it, jwtPattern a
	// JWT or the beginning of one, which is base64 of {".
	bearerPattern = regexp.MustCompile(`(?i)\b(bearer\s+)[^\s&"',;]+`)
	jwtPattern    = regexp.MustCompile(`\beyJ[A-Za-z0-9_-]*(\.[A-Za-z0-9_-]*){0,2}`)
)

// clean makes a foreign text fit for errors and logs: without credentials, on
// one line, of bounded length.
func clean(s string, secrets []secret.Value) string {
	for _, v := range secrets {
		if raw := v.Reveal(); raw != "" {
			for _, form := range []string{raw, url.QueryEscape(raw), url.PathEscape(raw)} {
				s = strings.ReplaceAll(s, form, "REDACTED")
			}
		}
	}
	s = credentialPattern.ReplaceAllString(s, "${1}${2}REDACTED")
	s = bearerPattern.ReplaceAllString(s, "${1}REDACTED")
	s = jwtPattern.ReplaceAllString(s, "REDACTED")
	s = strings.Join(strings.FieldsFunc(strings.ToValidUTF8(s, "\uFFFD"), func(r rune) bool {
		return unicode.IsSpace(r) || unicode.Is(unicode.C, r)
	}), " ")
	if utf8.RuneCountInString(s) > maxText {
		s = string([]rune(s)[:maxText]) + "…"
	}
	return s
}
