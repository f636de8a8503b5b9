package workfront_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"wfbot/workfront"
	"wfbot/workfront/secret"
)

func TestNewRefusesBadConfiguration(t *testing.T) {
	t.Parallel()
	const good = "https://acme.my.workfront.adobe.com"
	for _, tc := range []struct {
		why  string
		cfg  workfront.Config
		want []string
	}{
		{"nothing at all", workfront.Config{}, []string{"URL is required", "APIKey or OAuth"}},
		{"everything wrong is said at once", workfront.Config{URL: "http://acme.com/x", Version: "22", APIKey: "k", OAuth: &workfront.OAuth{}, Timeout: -1},
			[]string{"URL is", "malformed Version", "exclude", "OAuth.ClientID", "OAuth.ClientSecret", "OAuth.CustomerID", "OAuth.UserID", "OAuth.PrivateKey", "negative Timeout"}},
		{"plain http carries the key in the clear", workfront.Config{URL: "http://acme.my.workfront.adobe.com", APIKey: "k"}, []string{"https"}},
		{"a name that only begins like loopback", workfront.Config{URL: "http://localhost.example.com", APIKey: "k"}, []string{"https"}},
		{"another scheme", workfront.Config{URL: "ftp://acme.com", APIKey: "k"}, []string{"https://"}},
		{"a host without scheme", workfront.Config{URL: "acme.my.workfront.adobe.com", APIKey: "k"}, []string{"whole address"}},
		{"a port without host", workfront.Config{URL: "https://:443", APIKey: "k"}, []string{"whole address"}},
		{"a path", workfront.Config{URL: good + "/attask/api", APIKey: "k"}, []string{"host alone"}},
		{"a query", workfront.Config{URL: good + "?apiKey=s3cret", APIKey: "k"}, []string{"host alone"}},
		{"an empty query", workfront.Config{URL: good + "?", APIKey: "k"}, []string{"host alone"}},
		{"a fragment", workfront.Config{URL: good + "#x", APIKey: "k"}, []string{"host alone"}},
		{"user info", workfront.Config{URL: "https://me:s3cret@acme.com", APIKey: "k"}, []string{"user name or password"}},
		{"no URL, with a secret in it", workfront.Config{URL: "https://acme.com/%zz?apiKey=s3cret", APIKey: "k"}, []string{"whole address"}},
		{"a version without v", workfront.Config{URL: good, APIKey: "k", Version: "22.0"}, []string{"malformed Version"}},
		{"a version that climbs", workfront.Config{URL: good, APIKey: "k", Version: "v22.0/../.."}, []string{"malformed Version"}},
		{"a key with a line break", workfront.Config{URL: good, APIKey: "s3cret\n"}, []string{"APIKey holds"}},
		{"a damaged key", workfront.Config{URL: good, OAuth: &workfront.OAuth{ClientID: "c", ClientSecret: "s3cret", CustomerID: "x", UserID: "u", PrivateKey: "s3cret"}}, []string{"OAuth.PrivateKey: not in PEM form"}},
	} {
		_, err := workfront.New(tc.cfg)
		if err == nil {
			t.Errorf("%s: accepted", tc.why)
			continue
		}
		for _, want := range tc.want {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("%s: error does not say %q:\n%v", tc.why, want, err)
			}
		}
		if lines := strings.Count(err.Error(), "\n") + 1; lines != len(tc.want) {
			t.Errorf("%s: %d mistakes named, want %d:\n%v", tc.why, lines, len(tc.want), err)
		}
		noSecret(t, []secret.Value{"s3cret"}, err.Error())
	}
}

func TestNewAccepts(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		why string
		cfg workfront.Config
	}{
		{"the usual", workfront.Config{URL: "https://acme.my.workfront.adobe.com", APIKey: "k"}},
		{"a trailing slash, as copied from a browser", workfront.Config{URL: "https://acme.my.workfront.adobe.com/", APIKey: "k"}},
		{"another version and time-out", workfront.Config{URL: "https://acme.sb01.workfront.com", APIKey: "k", Version: "v19.0", Timeout: time.Second}},
		{"loopback", workfront.Config{URL: "http://127.0.0.1:8081", APIKey: "k"}},
		{"loopback, IPv6", workfront.Config{URL: "http://[::1]:8081", APIKey: "k"}},
		{"loopback by name", workfront.Config{URL: "http://localhost:8081", APIKey: "k"}},
		{"OAuth", workfront.Config{URL: "https://acme.my.workfront.adobe.com", OAuth: testApp()}},
	} {
		if _, err := workfront.New(tc.cfg); err != nil {
			t.Errorf("%s: %v", tc.why, err)
		}
	}
}

func TestPrintingShowsNoSecret(t *testing.T) {
	t.Parallel()
	app := testApp()
	cfg := workfront.Config{URL: "https://acme.my.workfront.adobe.com", APIKey: apiKey, OAuth: app}
	secrets := []secret.Value{apiKey, app.ClientSecret, app.PrivateKey}
	cfg2 := cfg
	cfg2.OAuth = nil
	c := newClient(t, cfg2)
	for _, v := range []any{cfg, &cfg, *app, app, c} {
		noSecret(t, secrets, fmt.Sprintf("%v", v), fmt.Sprintf("%+v", v), fmt.Sprintf("%#v", v), fmt.Sprint(v))
	}
}
