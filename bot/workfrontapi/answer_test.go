package workfrontapi_test

import (
	"errors"
	"net/http"
	"testing"

	"wfbot/bot/workfrontapi"
	"wfbot/workfront"
)

// What people read of a failed call names a status once, and in words where there are
// some.
func TestExplain(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		err  error
		want string
	}{
		{&workfront.Error{Status: http.StatusServiceUnavailable}, "Workfront is unavailable (503)."},
		{&workfront.Error{Status: http.StatusServiceUnavailable, Message: "503"}, "Workfront is unavailable (503)."},
		{&workfront.Error{Status: http.StatusServiceUnavailable, Message: "503 Service Unavailable"}, "Workfront is unavailable (503)."},
		{&workfront.Error{Status: http.StatusServiceUnavailable, Message: "Back at 6"}, "Workfront answered 503: Back at 6"},
		{&workfront.Error{Status: http.StatusBadGateway, Message: "502"}, "Workfront answered 502 Bad Gateway."},
		{&workfront.Error{Status: http.StatusBadGateway, Message: "502 Bad Gateway"}, "Workfront answered 502 Bad Gateway."},
		{&workfront.Error{Status: http.StatusForbidden, Message: "You do not have access."}, "Workfront answered 403: You do not have access."},
		{&workfront.Error{Err: errors.New("reset")}, "Workfront does not answer."},
	} {
		if got := workfrontapi.Explain(tt.err); got != tt.want {
			t.Errorf("%v: %q, want %q", tt.err, got, tt.want)
		}
	}
}
