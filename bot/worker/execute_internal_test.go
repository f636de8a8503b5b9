package worker

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"time"

	"wfbot/bot/request"
	"wfbot/workfront"
)

// What a write comes to, by its answer and how the user was read since. Nothing that is
// not known is taken for done, or for not done.
func TestAfterWrite(t *testing.T) {
	t.Parallel()
	w := New(Config{Log: slog.New(slog.DiscardHandler), Now: time.Now})
	answer := func(status int, temporary, declined bool) error {
		e := &workfront.Error{Op: "changing a user", Status: status, Sent: true, Declined: declined}
		if e.Temporary() != temporary {
			t.Fatalf("status %d: temporary is %t", status, e.Temporary())
		}
		return e
	}
	since := time.Date(2026, 5, 4, 9, 0, 0, 0, time.UTC)
	for _, tt := range []struct {
		why    string
		err    error
		active bool
		want   request.Result
	}{
		{"answered and read back", nil, false, request.Confirmed{InactiveSince: since}},
		{"an error, and read back all the same", answer(503, true, false), false, request.Confirmed{InactiveSince: since}},
		{"accepted, and not to be seen", nil, true, request.NotDone{Why: "Workfront answered that the user is inactive, but shows them active when read again."}},
		{"a success that changed nothing", workfront.ErrUnchanged, true, request.NotDone{Why: "Workfront answered without an error but changed nothing."}},
		{"busy: declined, and not to be seen", answer(429, true, true), true, request.Postponed{Why: "Workfront is busy (429)."}},
		{"a gateway in between", answer(502, true, false), true, request.Unconfirmed{Why: "Workfront answered 502 Bad Gateway."}},
		{"refused", answer(403, false, false), true, request.NotDone{Why: "Workfront answered 403 Forbidden."}},
		{"no answer", errors.New("broken"), true, request.Unconfirmed{Why: "Slack or Workfront does not answer."}},
	} {
		user := request.Target{Active: tt.active}
		if !tt.active {
			user.InactiveSince = since
		}
		if got := w.afterWrite(context.Background(), request.Deactivate, tt.err, user); got != tt.want {
			t.Errorf("%s: %#v, want %#v", tt.why, got, tt.want)
		}
	}
}
