package workfrontsim

import (
	"net/http"
	"time"
)

// Presets returns the faults that a client has to survive, named for a menu. Each
// meets every call until removed; set Operation, UserID or Times to narrow it.
func Presets() []Fault {
	retryAfter := http.Header{"Retry-After": {"1"}}
	return []Fault{
		{Name: "slow, one second", Apply: true, Answer: Answer{Delay: time.Second}},
		{Name: "reset before it is applied", Answer: Answer{Kind: Reset}},
		{Name: "applied, then reset", Apply: true, Answer: Answer{Kind: Reset}},
		{Name: "applied, answer cut short", Apply: true, Answer: Answer{Kind: CutShort}},
		{Name: "hangs, not applied", Answer: Answer{Kind: Hang}},
		{Name: "applied, then hangs", Apply: true, Answer: Answer{Kind: Hang}},
		{Name: "silent no-op: 200 claims it", Answer: Answer{Kind: Normal}},
		{Name: "silent no-op: 200 shows the old state", Answer: Answer{Kind: Unchanged}},
		{Name: "401 not logged in", Answer: Answer{Kind: JSONError, Status: http.StatusUnauthorized,
			Class: classAuthentication, Message: "You are not currently logged in."}},
		{Name: "403 no access", Answer: Answer{Kind: JSONError, Status: http.StatusForbidden,
			Class: classAccess, Message: "You do not have sufficient access to edit this User"}},
		{Name: "404 not found", Answer: Answer{Kind: JSONError, Status: http.StatusNotFound, Class: classNotFound}},
		{Name: "409 conflict", Answer: Answer{Kind: JSONError, Status: http.StatusConflict}},
		{Name: "410 gone", Answer: Answer{Kind: JSONError, Status: http.StatusGone}},
		{Name: "422 invalid", Answer: Answer{Kind: JSONError, Status: http.StatusUnprocessableEntity,
			Class: classInvalid, Message: `Invalid Parameter: isActive value "false"`}},
		{Name: "429 too many requests", Answer: Answer{Kind: JSONError, Status: http.StatusTooManyRequests,
			Message: "429 Too many concurrent API requests"}},
		{Name: "429 with Retry-After", Answer: Answer{Kind: JSONError, Status: http.StatusTooManyRequests,
			Message: "429 Too many concurrent API requests", Header: retryAfter}},
		{Name: "applied, but 409 page of a proxy", Apply: true, Answer: Answer{Kind: HTMLPage, Status: http.StatusConflict}},
		{Name: "applied, but 429 in a proxy's JSON", Apply: true, Answer: Answer{Kind: GatewayJSON, Status: http.StatusTooManyRequests}},
		{Name: "500", Answer: Answer{Kind: JSONError, Status: http.StatusInternalServerError}},
		{Name: "applied, but 500", Apply: true, Answer: Answer{Kind: JSONError, Status: http.StatusInternalServerError}},
		{Name: "500 with the error as text", Answer: Answer{Kind: PlainError, Status: http.StatusInternalServerError}},
		{Name: "502 page of a proxy", Answer: Answer{Kind: HTMLPage, Status: http.StatusBadGateway}},
		{Name: "503 maintenance page", Answer: Answer{Kind: HTMLPage, Status: http.StatusServiceUnavailable}},
		{Name: "503 without a body", Answer: Answer{Kind: EmptyBody, Status: http.StatusServiceUnavailable}},
		{Name: "error inside 200", Answer: Answer{Kind: ErrorIn200, Message: "you must specify an action"}},
		{Name: "truncated JSON", Apply: true, Answer: Answer{Kind: Truncated}},
		{Name: "gzip garbage", Apply: true, Answer: Answer{Kind: GzipGarbage}},
		{Name: "200 that is no JSON", Apply: true, Answer: Answer{Kind: NotJSON}},
		{Name: "slow body", Apply: true, Answer: Answer{Kind: SlowBody}},
		{Name: "redirect", Answer: Answer{Kind: Redirect}},
	}
}
