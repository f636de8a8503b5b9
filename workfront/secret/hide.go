package secret

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"net/url"
)

// Hide returns a transport like next whose answers hold none of the secrets: where one
// stands in a body, as it is or as an address has it, it reads REDACTED. What is behind
// a service, such as a gateway that is being debugged, may answer with what it was sent,
// and words of an answer go into errors, logs and the database. The zero Value hides
// nothing.
//
// Bodies are read into memory as a whole, before the answer is returned.
func Hide(next http.RoundTripper, secrets ...Value) http.RoundTripper {
	h := hiding{next: next}
	for _, one := range secrets {
		if one == "" {
			continue
		}
		text := one.Reveal()
		h.forms = append(h.forms, []byte(text))
		if escaped := url.QueryEscape(text); escaped != text {
			h.forms = append(h.forms, []byte(escaped))
		}
	}
	return h
}

type hiding struct {
	next  http.RoundTripper
	forms [][]byte
}

// RoundTrip implements http.RoundTripper.
func (h hiding) RoundTrip(call *http.Request) (*http.Response, error) {
	answer, err := h.next.RoundTrip(call)
	if err != nil {
		return nil, err
	}
	if answer.StatusCode == http.StatusSwitchingProtocols { // the body is the connection
		return answer, nil
	}
	body, err := io.ReadAll(answer.Body)
	var rest io.Reader = bytes.NewReader(nil)
	if err = errors.Join(err, answer.Body.Close()); err != nil {
		rest = failed{err}
	}
	for _, form := range h.forms {
		body = bytes.ReplaceAll(body, form, []byte(redacted))
	}
	answer.Body = io.NopCloser(io.MultiReader(bytes.NewReader(body), rest))
	answer.ContentLength = -1
	answer.Header.Del("Content-Length")
	return answer, nil
}

// failed is the end of a body that could not be read to its end.
type failed struct{ err error }

// Read implements io.Reader.
func (f failed) Read([]byte) (int, error) { return 0, f.err }
