package workfront_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"wfbot/workfront"
	"wfbot/workfront/secret"
)

func TestGenerateAPIKey(t *testing.T) {
	t.Parallel()
	const password = "pa ss&w+rd%"
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != root+"/user" || r.URL.RawQuery != "" || r.Method != http.MethodPost {
			t.Errorf("%s %s, want everything in the body of a POST", r.Method, r.RequestURI)
		}
		for name, want := range map[string]string{"method": "PUT", "action": "generateApiKey", "username": "admin@acme.com", "password": password} {
			if got := r.PostFormValue(name); got != want {
				t.Errorf("%s = %q, want %q", name, got, want)
			}
		}
		for _, header := range []string{"apiKey", "sessionID", "Authorization"} {
			if got := r.Header.Get(header); got != "" {
				t.Errorf("header %s = %q", header, got)
			}
		}
		answers(200, `{"data":{"result":"n3wkey"}}`)(w, r)
	}))
	t.Cleanup(srv.Close)
	got, err := workfront.GenerateAPIKey(within(t), workfront.Config{URL: srv.URL, APIKey: "an old one"}, "admin@acme.com", password)
	if err != nil || got.Reveal() != "n3wkey" {
		t.Errorf("GenerateAPIKey() = %q, %v", got.Reveal(), err)
	}
}

func TestGenerateAPIKeyFails(t *testing.T) {
	t.Parallel()
	const password = "pa ss&w+rd%"
	for _, tc := range []struct {
		why    string
		status int
		body   string
		is     error
	}{
		{"wrong password", 401, `{"error":{"class":"com.attask.common.AuthenticationException","message":"That username/password combination wasn't quite right. PASSWORD"}}`, workfront.ErrUnauthorized},
		{"wrong password, status unknown", 200, `{"error":{"class":"com.attask.common.AuthenticationException","message":"PASSWORD"}}`, workfront.ErrUnauthorized},
		{"no longer available", 403, `{"error":"PASSWORD"}`, nil},
		{"down; not repeated, since wrong passwords lock the account", 503, `<title>PASSWORD</title>`, nil},
		{"no key", 200, `{"data":{"result":""}}`, nil},
		{"null", 200, `{"data":{"result":null}}`, nil},
		{"an object", 200, `{"data":{"result":{"key":"PASSWORD"}}}`, nil},
		{"no data", 200, `{}`, nil},
		{"not a key", 200, `{"data":{"result":"PASSWORD"}}`, nil},
	} {
		sent := 0
		srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			sent++
			answers(tc.status, strings.ReplaceAll(tc.body, "PASSWORD", r.PostFormValue("password")))(w, r)
		}))
		t.Cleanup(srv.Close)
		var log syncBuffer
		_, err := workfront.GenerateAPIKey(within(t), workfront.Config{URL: srv.URL, Log: debugLog(&log)}, "admin@acme.com", password)
		if err == nil || tc.is != nil && !errors.Is(err, tc.is) || sent != 1 {
			t.Errorf("%s: %v after %d requests", tc.why, err, sent)
			continue
		}
		noSecret(t, []secret.Value{password}, err.Error(), log.String())
	}
	for _, tc := range []struct {
		why, url, user string
		password       secret.Value
	}{
		{"no URL", "", "u", "p"},
		{"no username", "https://acme.com", "", "p"},
		{"no password", "https://acme.com", "u", ""},
	} {
		if _, err := workfront.GenerateAPIKey(within(t), workfront.Config{URL: tc.url}, tc.user, tc.password); err == nil {
			t.Errorf("%s: accepted", tc.why)
		}
	}
}
