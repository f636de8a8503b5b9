package workfront

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"
)

var (
	// ErrNotFound means that there is no such user, or that the account this
	// client acts as may not see it. Workfront answers both alike.
	ErrNotFound = errors.New("no such user, or not one this account may see")

	// ErrUnauthorized means that Workfront refused the credential, after a fresh
	// token where there are tokens. No call will succeed until it is replaced.
	ErrUnauthorized = errors.New("the credential is refused")

	// ErrMoved means that the configured address answers with a redirect, which is
	// not followed. No call will succeed until another address is set, or until whatever
	// redirects (maintenance, say) ends.
	ErrMoved = errors.New("redirected")

	// ErrUnchanged means that a write was answered with success while the answer
	// still shows the old value.
	ErrUnchanged = errors.New("answered with success, but the value is unchanged")
)

// Error is a call that Workfront or the network did not carry out.
type Error struct {
	// Op is what was being done, such as "reading user 5921…".
	Op string

	// Status is the answer's HTTP status; 0 means there was no answer.
	Status int

	// Class and Message are Workfront's own account of what is wrong, on one
	// line of bounded length and without credentials. Either may be empty.
	Class, Message string

	// RetryAfter is how long Workfront asks to wait. Zero means it did not say.
	RetryAfter time.Duration

	// Sent is false if the request certainly did not reach Workfront.
	Sent bool

	// Declined means that the API itself says no: with a 4xx and an error object as
	// it writes them. What only stands between the bot and Workfront answers with
	// pages, empty bodies and JSON of its own.
	Declined bool

	// MovedTo is, with ErrMoved, the other host that the redirect names. It is empty if
	// the redirect names nothing that has the form of a host.
	MovedTo string

	// Exchange means that it is the exchange of the OAuth2 application's JWT that
	// failed. The call itself was not sent: it had no token.
	Exchange bool

	// ClockOff is how far this machine's clock is ahead of that of the answer, by its
	// Date header; negative if behind. It is about a second off, and zero also where
	// there was no answer or it had no date.
	ClockOff time.Duration

	// Err is one of this package's sentinels, the context's error, or what is
	// wrong with the connection or the answer. Nil means that Class and
	// Message say it all.
	Err error
}

// Error implements error. The text holds no credential.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.Op)
	if e.Err != nil {
		fmt.Fprintf(&b, ": %v", e.Err)
	}
	if e.Status == 0 {
		return b.String()
	}
	fmt.Fprintf(&b, ": Workfront answered %d", e.Status)
	switch {
	case e.Message != "":
		b.WriteString(": " + e.Message)
	case e.Class != "":
		b.WriteString(": " + e.Class)
	case e.Err == nil:
		b.WriteString(" " + http.StatusText(e.Status))
	}
	return b.String()
}

// Unwrap returns e.Err.
func (e *Error) Unwrap() error { return e.Err }

// Temporary reports whether the same call may succeed later: the connection
// broke, the time ran out, Workfront was busy or out of order (408, 409, 429,
// 5xx), or what answered was not the API: what a gateway answers during
// maintenance is not documented, and need not be a 5xx. It is false where
// Workfront refused, where the API version is gone (410), and for the sentinels.
func (e *Error) Temporary() bool {
	switch {
	case errors.Is(e.Err, ErrUnauthorized), errors.Is(e.Err, ErrMoved), errors.Is(e.Err, ErrNotFound), errors.Is(e.Err, ErrUnchanged):
		return false
	case e.Status == 0, e.Status >= 500, e.busy():
		return true
	case e.Status >= 400:
		return errors.Is(e.Err, errNotAPI) && e.Status != http.StatusGone
	default: // a success; Err says what is wrong with it, an error member leaves it nil
		return e.Err != nil
	}
}

// busy reports whether Workfront only could not do it now.
func (e *Error) busy() bool {
	return e.Status == http.StatusRequestTimeout || e.Status == http.StatusConflict || e.Status == http.StatusTooManyRequests
}

// MaybeApplied reports, for a write, whether Workfront may have carried it out
// all the same. If so, read the user before sending anything again. It is false
// only if the request was not sent, or the API itself refused it: Declined, with
// the class that its refusals have, or with 401, which nothing is passed on after.
// 408, 409 and 429 are no refusals: something in between may answer so about a
// write that has been passed on.
func (e *Error) MaybeApplied() bool {
	refused := e.Declined && !e.busy() && (e.Class != "" || e.Status == http.StatusUnauthorized)
	return e.Sent && !refused
}

// AmbiguousError means that so many users have one e-mail address that not all of
// them were read.
type AmbiguousError struct {
	Email string // as asked for
	Users []User // in the order of their IDs; there may be more
}

// Error implements error.
func (e *AmbiguousError) Error() string {
	names := make([]string, len(e.Users))
	for i, u := range e.Users {
		state := "inactive"
		if u.Active {
			state = "active"
		}
		names[i] = fmt.Sprintf("%s (%s, %s)", u.Name, u.ID, state)
	}
	return fmt.Sprintf("%d Workfront users have the e-mail address %s: %s", len(e.Users), e.Email, strings.Join(names, ", "))
}
