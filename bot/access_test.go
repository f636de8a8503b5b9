package bot_test

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"wfbot/bot/bottest/machine"
	"wfbot/bot/request"
	"wfbot/workfront"
	"wfbot/workfront/secret"
	"wfbot/workfront/workfrontsim"
)

// withOAuth gives the world a tenant with an OAuth2 application, whose clock is
// ahead of the bot's machine.
func (w *world) withOAuth(ahead time.Duration) {
	w.t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		w.t.Fatal(err)
	}
	encoded, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		w.t.Fatal(err)
	}
	w.workfront = workfrontsim.New(workfrontsim.Config{
		Now:   func() time.Time { return time.Now().Add(ahead) },
		OAuth: &workfrontsim.OAuthApp{ClientID: "app", ClientSecret: "cl1ent-s3cret", PublicKey: &key.PublicKey},
	})
	tenant := w.workfront
	server := httptest.NewServer(tenant)
	w.t.Cleanup(func() { tenant.Close(); server.Close() })
	w.wfURL = server.URL
	w.target = w.workfront.AddUser(workfrontsim.User{Name: "Jane Doe", Email: "jane@acme.com", Active: true})
	w.oauth = &workfront.OAuth{ClientID: "app", ClientSecret: "cl1ent-s3cret", CustomerID: w.workfront.CustomerID(), UserID: w.workfront.Caller().ID,
		PrivateKey: secret.Value(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: encoded}))}
}

// A refused exchange is told in Workfront's words, harmless and without secrets,
// with what fits as a cause: in the log and in the operations channel.
func TestRefusedExchangeIsExplained(t *testing.T) {
	t.Parallel()
	type mistake struct {
		name  string
		ahead time.Duration
		spoil func(*world)
		says  []string
		never []string
	}
	for _, row := range []mistake{
		{"the clock is behind", 10 * time.Minute, nil, []string{"token is expired", "clock is ", "behind Workfront's"}, nil},
		{"the clock is ahead", -10 * time.Minute, nil, []string{"clock is ", "ahead of Workfront's"}, nil},
		{"another customer id", 0, func(w *world) { w.oauth.CustomerID = "5f00" }, []string{"WORKFRONT_CUSTOMER_ID"}, []string{"clock"}},
		{"another secret", 0, func(w *world) { w.oauth.ClientSecret = "an0ther" }, []string{"client authentication failed", "WORKFRONT_CLIENT_SECRET"}, []string{"clock"}},
		{"words that are no words", 0, func(w *world) {
			w.workfront.Inject(workfrontsim.Fault{Operation: "jwt/exchange", Answer: workfrontsim.Answer{Kind: workfrontsim.JSONError, Status: 400,
				Message: "No <!channel> *for* eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiI1ZjAwIn0.c2ln and client_secret=cl1ent-s3cret Bearer abcdef " + strings.Repeat("x", 5000)}})
		}, []string{"&lt;!channel&gt; *for* REDACTED"}, []string{"<!channel>", "eyJ", "cl1ent", "abcdef", strings.Repeat("x", 400)}},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			ops := w.withOps()
			w.withOAuth(row.ahead)
			if row.spoil != nil {
				row.spoil(w)
			}
			if row.ahead < 0 { // a JWT of the future is refused by its expiry alone in the simulator
				w.workfront.Inject(workfrontsim.Fault{Operation: "jwt/exchange", Answer: workfrontsim.Answer{
					Kind: workfrontsim.JSONError, Status: 400, Message: "iat is in the future"}})
			}
			w.start()
			w.As(w.rita).Types(w.channel, "/wf-deactivate jane@acme.com left")
			w.ExpectPrivate(w.rita, "refuses the bot's credential")
			message := w.Channel(ops).ExpectMessage(append([]string{"refuses wfbot's credential", "OAuth2"}, row.says...)...)
			for _, no := range row.never {
				if strings.Contains(message.Now().Text, no) || no != "clock" && no != "<!channel>" && strings.Contains(w.log.String(), no) {
					t.Errorf("it says %q: %s", no, message.Now().Text)
				}
			}
			if !strings.Contains(w.log.String(), "exchanging the JWT") {
				t.Error("the log does not say what was refused")
			}
			w.Forgive()
		})
	}
}

// An address that redirects is no passing trouble: everything waits, the operator
// is told where it leads, and nothing fails after 48 hours.
func TestMovedAddressHoldsEverything(t *testing.T) {
	t.Parallel()
	machine.Slow(t, "waits until the way to Workfront is tried again")
	for _, row := range []struct {
		name     string
		status   int
		location string
		says     string
		never    string
	}{
		{"another host", 301, "https://acme.my.workfront.adobe.com/attask/api/v22.0/user/search?apiKey=s3cret", "acme.my.workfront.adobe.com", "s3cret"},
		{"a sign-in page", 302, "https://login.example.com:8443/?token=s3cret", "login.example.com:8443", "s3cret"},
		{"another page of the host", 308, "/maintenance", "another page", "/maintenance"},
		{"no host at all", 307, "https://a<!channel>b/", "another page", "channel"},
		{"no location", 303, "", "another page", "/redirected"},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			ops := w.withOps()
			w.start()
			card := w.ask()
			answer := workfrontsim.Answer{Kind: workfrontsim.Redirect, Status: row.status}
			if row.location != "" {
				answer.Header = http.Header{"Location": {row.location}}
			}
			id := w.workfront.Inject(workfrontsim.Fault{Answer: answer})
			card.Click(w.anna, "Approve")
			card.ExpectText("Paused", "sends the bot to another one", "operator has been told").ExpectButtons("Retry now", "Cancel request")
			message := w.Channel(ops).ExpectMessage("WORKFRONT_URL", row.says)
			if strings.Contains(message.Now().Text, row.never) {
				t.Errorf("it says %q: %s", row.never, message.Now().Text)
			}
			w.atRest()
			for range 3 { // longer than passing trouble is outlasted
				w.clock.Skip(23 * time.Hour)
				w.Channel(ops).ExpectMessage("WORKFRONT_URL")
				w.atRest()
			}
			w.workfront.RemoveFault(id)
			w.clock.Skip(time.Minute)
			w.ExpectDM(w.rita, "Deactivated: ")
			w.Channel(ops).ExpectMessage("without a redirect again")
			w.quiet()
			if n := len(w.workfront.Changes()); n != 1 {
				t.Errorf("%d changes", n)
			}
		})
	}
}

// The token is fetched from an address that redirects.
func TestMovedTokenEndpoint(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ops := w.withOps()
	w.withOAuth(0)
	id := w.workfront.Inject(workfrontsim.Fault{Operation: "jwt/exchange", Answer: workfrontsim.Answer{
		Kind: workfrontsim.Redirect, Status: 301, Header: http.Header{"Location": {"https://acme.my.workfront.adobe.com/"}}}})
	w.start()
	w.As(w.rita).Types(w.channel, "/wf-deactivate jane@acme.com left")
	w.ExpectPrivate(w.rita, "sends the bot to another one", "operator has been told", "need not do anything")
	w.Channel(ops).ExpectMessage("WORKFRONT_URL", "acme.my.workfront.adobe.com")
	w.workfront.RemoveFault(id)
	w.clock.Skip(time.Minute)
	w.Channel(w.channel).ExpectMessage("Jane Doe").ExpectButtons("Approve", "Deny", "Cancel request")
	w.ExpectPrivate(w.rita, "Sent to")
	w.Channel(ops).ExpectMessage("without a redirect again")
	w.quiet()
}

// One stray 401, as a gateway gives it, is over after two seconds by itself.
func TestStrayRefusalCostsSeconds(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.start()
	card := w.ask()
	w.workfront.Inject(workfrontsim.Fault{Operation: "user/get", Times: 1, Answer: workfrontsim.Answer{Kind: workfrontsim.HTMLPage, Status: 401}})
	started := time.Now()
	card.Click(w.anna, "Approve")
	w.ExpectDM(w.rita, "Deactivated: ") // no clock is set forward
	card.ExpectButtons("Request reactivation")
	w.quiet()
	if r := w.requests()[0]; r.State != request.Done {
		t.Errorf("the request is %s after %v", r.State, time.Since(started))
	}
}
