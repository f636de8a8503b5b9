package secret_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"wfbot/workfront/secret"
)

func TestHide(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/cut" {
			w.Header().Set("Content-Length", "100")
		}
		_, _ = io.Copy(w, r.Body)
	}))
	t.Cleanup(server.Close)
	client := &http.Client{Transport: secret.Hide(http.DefaultTransport, "xoxb-1", "", "p/w d")}
	said := func(path, body string) (string, error) {
		t.Helper()
		answer, err := client.Post(server.URL+path, "text/plain", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		text, err := io.ReadAll(answer.Body)
		return string(text), err
	}
	for body, want := range map[string]string{
		"":                          "",
		`{"ok":true}`:               `{"ok":true}`,
		"token=xoxb-1&more=xoxb-12": "token=REDACTED&more=REDACTED2",
		"a p/w d, and p%2Fw+d":      "a REDACTED, and REDACTED",
	} {
		if got, err := said("/", body); got != want || err != nil {
			t.Errorf("%q: %q, %v, want %q", body, got, err, want)
		}
	}
	if got, err := said("/cut", "a token, xoxb-1"); got != "a token, REDACTED" || err == nil {
		t.Errorf("an answer that ends too early: %q, %v", got, err)
	}
	server.Close()
	if _, err := client.Get(server.URL); err == nil {
		t.Error("nobody answered, and there is no error")
	}
}
