package workfront_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"wfbot/workfront"
	"wfbot/workfront/secret"
)

// TestAnswers classifies what may come back to a write, which is never repeated.
func TestAnswers(t *testing.T) {
	t.Parallel()
	const authentication = "com.attask.common.AuthenticationException"
	for _, tc := range []struct {
		why            string
		status         int
		body           string
		class, message string
		temporary      bool
		maybeApplied   bool
		is             error
	}{
		{"an object", 422, `{"error":{"class":"com.attask.X","message":"Invalid Parameter: isActive value \"x\""}}`,
			"com.attask.X", `Invalid Parameter: isActive value "x"`, false, false, nil},
		{"an object with all members", 400, `{"error":{"class":"c","message":"m","title":"t","msgKey":"k","attributes":[1,{}],"code":0}}`, "c", "m", false, false, nil},
		{"an object without class", 403, `{"error":{"message":"You do not have sufficient access to edit this user"}}`,
			"", "You do not have sufficient access to edit this user", false, true, nil},
		{"a title alone", 400, `{"error":{"title":"t","message":null}}`, "", "t", false, true, nil},
		{"a string", 400, `{"error":"unrecognized URI format: too many parts"}`, "", "unrecognized URI format: too many parts", false, true, nil},
		{"a number", 400, `{"error":7}`, "", "", false, true, nil},
		{"an empty object", 400, `{"error":{}}`, "", "", false, true, nil},
		{"nothing", 400, `{}`, "", "", true, true, nil},
		{"a message of its own", 400, `{"message":"m"}`, "", "m", true, true, nil},
		{"as the token exchange writes", 400, `{"statusCode":400,"error":true,"type":"t","message":"m"}`, "t", "m", false, true, nil},
		{"as OAuth writes", 400, `{"error":"invalid_grant","error_description":"expired"}`, "", "invalid_grant: expired", false, true, nil},
		{"inside a 200", 200, `{"error":{"class":"java.lang.UnsupportedOperationException","message":"you must specify an action"}}`,
			"java.lang.UnsupportedOperationException", "you must specify an action", false, true, nil},
		{"inside a 200, beside data", 200, `{"data":{"ID":"` + janeID + `","isActive":false},"error":"no"}`, "", "no", false, true, nil},
		{"not an error inside a 200 that misses", 200, `{"error":null}`, "", "", true, true, nil},
		{"401", 401, `{"error":{"message":"You are not currently logged in."}}`, "", "You are not currently logged in.", false, false, workfront.ErrUnauthorized},
		{"401 as a page", 401, `<html><title>Sign in</title>`, "", "Sign in", false, true, workfront.ErrUnauthorized},
		{"401, empty", 401, ``, "", "", false, true, workfront.ErrUnauthorized},
		{"an authentication error by another status", 403, `{"error":{"class":"` + authentication + `","message":"m"}}`, authentication, "m", false, false, workfront.ErrUnauthorized},
		{"an authentication error inside a 200", 200, `{"error":{"class":"` + authentication + `","message":"m"}}`, authentication, "m", false, true, workfront.ErrUnauthorized},
		{"404 with a class", 404, `{"error":{"class":"com.attask.X","message":"not found"}}`, "com.attask.X", "not found", false, false, workfront.ErrNotFound},
		{"404 as a gateway's JSON", 404, `{"status":404,"message":"no route"}`, "", "no route", true, true, nil},
		{"403 as another gateway's", 403, `{"error":{"code":403,"message":"blocked"}}`, "", "blocked", false, true, nil},
		{"409 with a class", 409, `{"error":{"class":"com.attask.X","message":"conflict"}}`, "com.attask.X", "conflict", true, true, nil},
		{"404", 404, `{"error":{"message":"not found"}}`, "", "not found", false, true, workfront.ErrNotFound},
		{"410", 410, `{"error":{"message":"gone in this version"}}`, "", "gone in this version", false, true, nil},
		{"404 as a page: a gateway, not the user", 404, `<html><title>Not found</title>`, "", "Not found", true, true, nil},
		{"403 as a page: maintenance, a firewall", 403, `<html><title>Back soon</title>`, "", "Back soon", true, true, nil},
		{"403, empty", 403, ``, "", "", true, true, nil},
		{"404, cut short", 404, `{"error":{"message":"User wi`, "", `{"error":{"message":"User wi`, true, true, nil},
		{"410 as a page", 410, `<html><title>Gone</title>`, "", "Gone", false, true, nil},
		{"408", 408, ``, "", "", true, true, nil},
		{"409", 409, `{"error":{"message":"conflict"}}`, "", "conflict", true, true, nil},
		{"429", 429, `{"error":{"message":"429 Too many concurrent API requests"}}`, "", "429 Too many concurrent API requests", true, true, nil},
		{"429 as text", 429, `slow down`, "", "slow down", true, true, nil},
		{"500", 500, `{"error":{"message":"unexpected"}}`, "", "unexpected", true, true, nil},
		{"502 as a page", 502, "<html><head><title>502 Bad\n Gateway</title></head>x", "", "502 Bad Gateway", true, true, nil},
		{"503, empty", 503, ``, "", "", true, true, nil},
		{"503, bytes", 503, "\xff\xfe\x00", "", "", true, true, nil},
		{"200 as a page: maintenance, a proxy", 200, `<html><title>Maintenance</title>`, "", "", true, true, nil},
		{"200, cut short", 200, `{"data":{"ID":"` + janeID + `","isActi`, "", "", true, true, nil},
		{"200, empty", 200, ``, "", "", true, true, nil},
		{"204", 204, ``, "", "", true, true, nil},
		{"an array", 200, `[]`, "", "", true, true, nil},
		{"304", 304, ``, "", "", true, true, nil},
	} {
		_, err := serve(t, answers(tc.status, tc.body)).SetActive(within(t), janeID, false)
		e := asError(t, err)
		if e.Status != tc.status || e.Class != tc.class || e.Message != tc.message {
			t.Errorf("%s: %d, class %q, message %q; want %d, %q, %q", tc.why, e.Status, e.Class, e.Message, tc.status, tc.class, tc.message)
		}
		if e.Temporary() != tc.temporary || e.MaybeApplied() != tc.maybeApplied {
			t.Errorf("%s: temporary %v, maybe applied %v; want %v, %v", tc.why, e.Temporary(), e.MaybeApplied(), tc.temporary, tc.maybeApplied)
		}
		for _, sentinel := range []error{workfront.ErrUnauthorized, workfront.ErrNotFound, workfront.ErrUnchanged} {
			if errors.Is(err, sentinel) != (sentinel == tc.is) {
				t.Errorf("%s: errors.Is(%v, %v) = %v", tc.why, err, sentinel, sentinel != tc.is)
			}
		}
		if !strings.HasPrefix(err.Error(), "deactivating user "+janeID+": ") {
			t.Errorf("%s: %q does not say what was being done", tc.why, err)
		}
	}
}

func TestErrorText(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		err  workfront.Error
		want string
	}{
		{workfront.Error{Op: "x", Status: 403, Message: "no access"}, "x: Workfront answered 403: no access"},
		{workfront.Error{Op: "x", Status: 403, Class: "com.attask.X"}, "x: Workfront answered 403: com.attask.X"},
		{workfront.Error{Op: "x", Status: 403}, "x: Workfront answered 403 Forbidden"},
		{workfront.Error{Op: "x", Status: 200, Err: workfront.ErrUnchanged}, "x: answered with success, but the value is unchanged: Workfront answered 200"},
		{workfront.Error{Op: "x", Err: context.Canceled}, "x: context canceled"},
	} {
		if got := tc.err.Error(); got != tc.want {
			t.Errorf("%q, want %q", got, tc.want)
		}
	}
}

func TestRetryAfter(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		header   string
		min, max time.Duration
	}{
		{"", 0, 0},
		{"7", 7 * time.Second, 7 * time.Second},
		{"0", 0, 0},
		{"-3", 0, 0},
		{"soon", 0, 0},
		{"999999999", 24 * time.Hour, 24 * time.Hour},
		{time.Now().Add(2 * time.Hour).UTC().Format(http.TimeFormat), time.Hour, 2 * time.Hour},
		{time.Now().Add(-time.Hour).UTC().Format(http.TimeFormat), 0, 0},
	} {
		c := serve(t, func(w http.ResponseWriter, r *http.Request) {
			if tc.header != "" {
				w.Header().Set("Retry-After", tc.header)
			}
			answers(429, `{}`)(w, r)
		})
		_, err := c.SetActive(within(t), janeID, false)
		if got := asError(t, err).RetryAfter; got < tc.min || got > tc.max {
			t.Errorf("Retry-After %q = %v, want %v to %v", tc.header, got, tc.min, tc.max)
		}
	}
}

// A server that repeats what it was sent must not get the credential into an
// error or the log, however it words it.
func TestEchoedCredentialsAreRedacted(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		why   string
		reply func(key string) (int, string)
	}{
		{"the key alone", func(k string) (int, string) { return 401, `{"error":{"message":"bad key ` + k + `"}}` }},
		{"the key as class", func(k string) (int, string) { return 400, `{"error":{"class":"` + k + `"}}` }},
		{"the key in a page's title", func(k string) (int, string) { return 502, `<title>` + k + `</title>` }},
		{"the key as text", func(k string) (int, string) { return 502, k }},
		{"the key where the text is cut", func(k string) (int, string) { return 500, `{"error":"` + strings.Repeat("x", 290) + k + `"}` }},
		{"another's key in a URL", func(string) (int, string) { return 400, `{"error":"bad URL /x?apiKey=0therK3y&sessionID=0therK3y"}` }},
		{"another's key in a dump", func(string) (int, string) {
			return 400, `{"error":"{\"password\": \"0therK3y\", access_token='0therK3y'}"}`
		}},
		{"the key in place of JSON", func(k string) (int, string) { return 200, `{"data":` + k }},
		{"the key in place of a user", func(k string) (int, string) { return 200, `{"data":"` + k + `"}` }},
	} {
		var log syncBuffer
		c := serveConfig(t, workfront.Config{APIKey: apiKey, Log: debugLog(&log)}, func(w http.ResponseWriter, r *http.Request) {
			status, body := tc.reply(r.Header.Get("apiKey"))
			answers(status, body)(w, r)
		})
		_, err := c.SetActive(within(t), janeID, false)
		e := asError(t, err)
		noSecret(t, []secret.Value{apiKey, "0therK3y"}, err.Error(), e.Message, e.Class, log.String())
	}
}

func TestMessagesAreBoundedAndOnOneLine(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("ä\\n\\u0000\\u202e ", 10_000)
	_, err := serve(t, answers(500, `{"error":"`+long+`"}`)).SetActive(within(t), janeID, false)
	e := asError(t, err)
	if n := utf8.RuneCountInString(e.Message); n > 301 || !utf8.ValidString(e.Message) || strings.ContainsAny(e.Message, "\n\x00\u202e") {
		t.Errorf("message of %d characters: %q", n, e.Message)
	}
}

func TestRedirectsAreNotFollowed(t *testing.T) {
	t.Parallel()
	other := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		t.Errorf("the redirect was followed, apiKey = %q", r.Header.Get("apiKey"))
	}))
	t.Cleanup(other.Close)
	for _, status := range []int{301, 302, 303, 307, 308} {
		for _, location := range []string{other.URL + "/login?token=s3cret", "/login?token=s3cret", "", "https://s3cret%zz"} {
			c := serve(t, func(w http.ResponseWriter, _ *http.Request) {
				if location != "" {
					w.Header().Set("Location", location)
				}
				w.WriteHeader(status)
				_, _ = io.WriteString(w, "moved")
			})
			_, err := c.SetActive(within(t), janeID, false)
			if e := asError(t, err); e.Status != status || !strings.Contains(err.Error(), "redirect") || !e.MaybeApplied() ||
				!errors.Is(err, workfront.ErrMoved) || e.Temporary() || e.MovedTo != map[string]string{other.URL + "/login?token=s3cret": strings.TrimPrefix(other.URL, "http://")}[location] {
				t.Errorf("%d to %q: %v, moved to %q", status, location, err, e.MovedTo)
			}
			noSecret(t, []secret.Value{"s3cret"}, err.Error())
		}
	}
}
