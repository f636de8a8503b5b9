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
		{"a character that nobody sees", workfront.Config{URL: "https://acme\u200b.my.workfront.adobe.com", APIKey: "k"}, []string{"no host name has"}},
		{"a comma behind it", workfront.Config{URL: good + ",", APIKey: "k"}, []string{"no host name has"}},
		{"two full stops", workfront.Config{URL: good + "..", APIKey: "k"}, []string{"no host name has"}},
		{"a port that does not exist", workfront.Config{URL: good + ":65536", APIKey: "k"}, []string{"port"}},
		{"port zero", workfront.Config{URL: good + ":0", APIKey: "k"}, []string{"port"}},
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

// TestHost writes addresses as they are compared: two of one tenant are the same.
func TestHost(t *testing.T) {
	t.Parallel()
	const acme = "acme.my.workfront.adobe.com"
	for _, tc := range []struct{ url, want string }{
		{"https://acme.my.workfront.adobe.com", acme},
		{"HTTPS://Acme.My.Workfront.Adobe.COM/", acme},
		{"https://acme.my.workfront.adobe.com.", acme},
		{"https://acme.my.workfront.adobe.com:443", acme},
		{"https://acme.my.workfront.adobe.com.:443/", acme},
		{"https://acme.my.workfront.adobe.com:", acme},
		{"https://acme.my.workfront.adobe.com:0443", acme},
		{"https://acme.my.workfront.adobe.com:8443", acme + ":8443"},
		{"https://acme.preview.workfront.adobe.com", "acme.preview.workfront.adobe.com"},
		{"http://127.0.0.1:80", "127.0.0.1"},
		{"https://127.0.0.1:80", "127.0.0.1:80"},
		{"http://127.0.0.1:8081", "127.0.0.1:8081"},
		{"http://[0:0::1]:8081", "[::1]:8081"},
		{"http://[::1]", "[::1]"},
	} {
		got, err := workfront.Host(tc.url)
		if err != nil || got != tc.want {
			t.Errorf("Host(%q) = %q, %v, want %q", tc.url, got, err, tc.want)
		}
		c, err := workfront.New(workfront.Config{URL: tc.url, APIKey: "k"})
		if err != nil || c.Host() != tc.want {
			t.Errorf("the client for %q: %v, %v, want the host %q", tc.url, c, err, tc.want)
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
