package workfront_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"wfbot/workfront"
	"wfbot/workfront/secret"
)

var testKey = sync.OnceValue(func() *rsa.PrivateKey {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return key
})

func pemOf(kind string, der []byte) secret.Value {
	return secret.Value(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
}

func testApp() *workfront.OAuth {
	der, err := x509.MarshalPKCS8PrivateKey(testKey())
	if err != nil {
		panic(err)
	}
	return &workfront.OAuth{
		ClientID: "client-1", ClientSecret: "cl1ent+s3cret/&", CustomerID: "customer-1", UserID: "user-1",
		PrivateKey: pemOf("PRIVATE KEY", der),
	}
}

// tenant is a server with a token exchange that counts.
type tenant struct {
	mu        sync.Mutex
	exchanges int
	valid     string // the token the API accepts
	bodies    []string
	reply     func(exchange int) (int, string) // of the exchange
	api       http.HandlerFunc
}

// newTenant starts a server whose n-th exchange gives token-n, valid for the
// API until the next.
func newTenant(t *testing.T, change func(*tenant)) (*workfront.Client, *tenant, *syncBuffer) {
	t.Helper()
	tn := &tenant{api: answers(200, `{"data":`+strings.Replace(jane, "true", "false", 1)+`}`)}
	tn.reply = func(n int) (int, string) { return 200, fmt.Sprintf(`{"access_token":"token-%d"}`, n) }
	if change != nil {
		change(tn)
	}
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/integrations/oauth2/api/v1/jwt/exchange" {
			tn.exchange(t, w, r)
			return
		}
		body, _ := io.ReadAll(r.Body)
		tn.mu.Lock()
		tn.bodies = append(tn.bodies, string(body))
		ok := r.Header.Get("sessionID") == tn.valid && tn.valid != ""
		tn.mu.Unlock()
		if strings.Contains(r.RequestURI, "token-") || r.Header.Get("apiKey") != "" {
			t.Errorf("credential in the wrong place: %s", r.RequestURI)
		}
		if !ok {
			answers(401, `{"error":{"message":"Invalid session ID `+r.Header.Get("sessionID")+`."}}`)(w, r)
			return
		}
		tn.api(w, r)
	}))
	t.Cleanup(srv.Close)
	log := new(syncBuffer)
	return newClient(t, workfront.Config{URL: srv.URL, OAuth: testApp(), Log: debugLog(log)}), tn, log
}

func (tn *tenant) exchange(t *testing.T, w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPost || r.Header.Get("Content-Type") != "application/x-www-form-urlencoded" || r.URL.RawQuery != "" {
		t.Errorf("exchange: %s %s, %s", r.Method, r.RequestURI, r.Header.Get("Content-Type"))
	}
	app := testApp()
	if id, s := r.PostFormValue("client_id"), r.PostFormValue("client_secret"); id != app.ClientID || s != app.ClientSecret.Reveal() {
		t.Errorf("exchange: client %q, secret %q", id, s)
	}
	var claims jwt.RegisteredClaims
	_, err := jwt.ParseWithClaims(r.PostFormValue("jwt_token"), &claims, func(*jwt.Token) (any, error) { return &testKey().PublicKey, nil },
		jwt.WithValidMethods([]string{"RS256"}), jwt.WithExpirationRequired(), jwt.WithIssuer(app.CustomerID), jwt.WithSubject(app.UserID))
	if err != nil {
		t.Errorf("exchange: %v", err)
	} else if life := claims.ExpiresAt.Sub(claims.IssuedAt.Time); life > 5*time.Minute {
		t.Errorf("exchange: the JWT lives for %v", life)
	}
	tn.mu.Lock()
	tn.exchanges++
	n := tn.exchanges
	status, body := tn.reply(n)
	tn.valid = fmt.Sprintf("token-%d", n)
	tn.mu.Unlock()
	// The answer repeats the secrets, as a careless service would.
	body = strings.ReplaceAll(body, "ECHO", r.PostFormValue("client_secret")+" "+r.PostFormValue("jwt_token"))
	answers(status, body)(w, r)
}

func (tn *tenant) revoke() { tn.mu.Lock(); tn.valid = ""; tn.mu.Unlock() }

func (tn *tenant) counts() (exchanges, requests int) {
	tn.mu.Lock()
	defer tn.mu.Unlock()
	return tn.exchanges, len(tn.bodies)
}

func TestTokenIsExchangedOnceAndKept(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		why, expires string
		exchanges    int // for three calls
	}{
		{"no expires_in: valid until refused", ``, 1},
		{"an hour", `,"expires_in":3600`, 1},
		{"as a string", `,"expires_in":"3600"`, 1},
		{"zero, as the sibling flow documents", `,"expires_in":0`, 1},
		{"null", `,"expires_in":null`, 1},
		{"negative", `,"expires_in":-1`, 1},
		{"huge", `,"expires_in":1e300`, 1},
		{"nonsense", `,"expires_in":{"a":1}`, 1},
		{"over at once", `,"expires_in":1`, 3},
	} {
		c, tn, _ := newTenant(t, func(tn *tenant) {
			tn.reply = func(n int) (int, string) { return 200, fmt.Sprintf(`{"access_token":"token-%d"%s}`, n, tc.expires) }
		})
		for range 3 {
			if _, err := c.Get(within(t), janeID); err != nil {
				t.Fatalf("%s: %v", tc.why, err)
			}
		}
		if exchanges, requests := tn.counts(); exchanges != tc.exchanges || requests != 3 {
			t.Errorf("%s: %d exchanges for %d requests, want %d for 3", tc.why, exchanges, requests, tc.exchanges)
		}
	}
}

func TestRefusedTokenIsExchangedAgainOnce(t *testing.T) {
	t.Parallel()
	c, tn, log := newTenant(t, nil)
	if _, err := c.Get(within(t), janeID); err != nil {
		t.Fatal(err)
	}
	tn.revoke()
	if _, err := c.SetActive(within(t), janeID, false); err != nil {
		t.Fatal(err)
	}
	if exchanges, requests := tn.counts(); exchanges != 2 || requests != 3 {
		t.Errorf("%d exchanges, %d requests; want 2 and 3", exchanges, requests)
	}
	if last := tn.bodies[2]; tn.bodies[1] != last || last != `{"isActive":false}` {
		t.Errorf("the write was repeated with %q after %q", last, tn.bodies[1])
	}
	noSecret(t, []secret.Value{"token-", testApp().ClientSecret}, log.String())
}

func TestFreshTokenRefused(t *testing.T) {
	t.Parallel()
	c, tn, _ := newTenant(t, func(tn *tenant) { tn.api = answers(401, `{"error":{"message":"no"}}`) })
	for _, call := range []func() error{
		func() error { _, err := c.SetActive(within(t), janeID, false); return err },
		func() error { _, err := c.Get(within(t), janeID); return err },
	} {
		e0, r0 := tn.counts()
		err := call()
		e1, r1 := tn.counts()
		if e := asError(t, err); !errors.Is(err, workfront.ErrUnauthorized) || e.MaybeApplied() || e.Temporary() {
			t.Errorf("error is %v", err)
		}
		if e1-e0 > 2 || e1 == e0 || r1-r0 != 2 {
			t.Errorf("%d exchanges and %d requests for one call, want at most 2 and 2", e1-e0, r1-r0)
		}
	}
}

func TestConcurrentRefusalsCauseOneExchange(t *testing.T) {
	t.Parallel()
	c, tn, _ := newTenant(t, nil)
	if _, err := c.Get(within(t), janeID); err != nil {
		t.Fatal(err)
	}
	tn.revoke()
	var wg sync.WaitGroup
	for range 10 {
		wg.Go(func() {
			if _, err := c.Get(within(t), janeID); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if exchanges, _ := tn.counts(); exchanges != 2 {
		t.Errorf("%d exchanges, want 2", exchanges)
	}
}

func TestExchangeFails(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		why          string
		status       int
		body         string
		unauthorized bool
		temporary    bool
	}{
		{"400", 400, `{"statusCode":400,"error":true,"type":"BadRequest","message":"bad ECHO"}`, true, false},
		{"401", 401, `{"error":"ECHO"}`, true, false},
		{"403", 403, `{"error":"invalid_client","error_description":"ECHO"}`, true, false},
		{"404 as a page", 404, `<title>ECHO</title>`, true, false},
		{"an error inside a 200", 200, `{"error":{"message":"ECHO"}}`, true, false},
		{"503", 503, `ECHO`, false, true},
		{"429", 429, `{}`, false, true},
		{"no token", 200, `{}`, false, true},
		{"a token that is no header", 200, `{"access_token":"a\nb ECHO"}`, false, true},
		{"not JSON", 200, `ECHO`, false, true},
	} {
		c, tn, log := newTenant(t, func(tn *tenant) { tn.reply = func(int) (int, string) { return tc.status, tc.body } })
		_, err := c.SetActive(within(t), janeID, false)
		e := asError(t, err)
		if errors.Is(err, workfront.ErrUnauthorized) != tc.unauthorized || e.Temporary() != tc.temporary || e.MaybeApplied() {
			t.Errorf("%s: %v (temporary %v, maybe applied %v)", tc.why, err, e.Temporary(), e.MaybeApplied())
		}
		if !strings.HasPrefix(err.Error(), "deactivating user "+janeID+": exchanging the JWT: ") {
			t.Errorf("%s: %q does not say what was being done", tc.why, err)
		}
		if exchanges, requests := tn.counts(); exchanges != 1 || requests != 0 {
			t.Errorf("%s: %d exchanges, %d requests; want 1 and 0", tc.why, exchanges, requests)
		}
		noSecret(t, []secret.Value{testApp().ClientSecret, "cl1ent", "eyJ"}, err.Error(), e.Message, log.String())
	}
}

func TestExchangeEndsWithTheContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	stop := make(chan struct{})
	c, tn, _ := newTenant(t, func(tn *tenant) {
		tn.reply = func(n int) (int, string) {
			if n == 1 {
				cancel()
				<-stop
			}
			return 200, fmt.Sprintf(`{"access_token":"token-%d"}`, n)
		}
	})
	_, err := c.SetActive(ctx, janeID, false)
	if e := asError(t, err); !errors.Is(err, context.Canceled) || e.MaybeApplied() {
		t.Errorf("error is %v", err)
	}
	close(stop)
	if _, err := c.SetActive(within(t), janeID, false); err != nil {
		t.Errorf("the next call: %v", err)
	}
	if exchanges, _ := tn.counts(); exchanges != 2 {
		t.Errorf("%d exchanges, want 2", exchanges)
	}
}

func TestParsePrivateKey(t *testing.T) {
	t.Parallel()
	key := testKey()
	pkcs8, _ := x509.MarshalPKCS8PrivateKey(key)
	public, _ := x509.MarshalPKIXPublicKey(&key.PublicKey)
	curve, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	onCurve, _ := x509.MarshalPKCS8PrivateKey(curve)
	weak, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	good := pemOf("PRIVATE KEY", pkcs8)
	for _, tc := range []struct {
		why  string
		text secret.Value
		want string // in the error; empty means success
	}{
		{"PKCS #8", good, ""},
		{"PKCS #1", pemOf("RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(key)), ""},
		{"text around it", "Bag Attributes\n" + good + "\n", ""},
		{"Windows line ends", secret.Value(strings.ReplaceAll(good.Reveal(), "\n", "\r\n")), ""},
		{"nothing", "", "not in PEM form"},
		{"half of it", good[:len(good)/2], "not in PEM form"},
		{"literal line breaks", secret.Value(strings.ReplaceAll(good.Reveal(), "\n", `\n`)), `literal \n`},
		{"with a passphrase", pemOf("ENCRYPTED PRIVATE KEY", pkcs8), "passphrase"},
		{"with a passphrase, the old way", "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\nAAAA\n-----END RSA PRIVATE KEY-----\n", "passphrase"},
		{"a public key", pemOf("PUBLIC KEY", public), "public key"},
		{"OpenSSH", pemOf("OPENSSH PRIVATE KEY", pkcs8), "OpenSSH"},
		{"a curve", pemOf("PRIVATE KEY", onCurve), "not an RSA key"},
		{"too short", pemOf("RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(weak)), "1024 bits"},
		{"damaged", pemOf("PRIVATE KEY", pkcs8[:200]), "damaged"},
	} {
		got, err := workfront.ParsePrivateKey(tc.text)
		switch {
		case tc.want == "" && (err != nil || !got.Equal(key)):
			t.Errorf("%s: %v", tc.why, err)
		case tc.want != "" && (err == nil || !strings.Contains(err.Error(), tc.want)):
			t.Errorf("%s: error is %v, want one that says %q", tc.why, err, tc.want)
		}
		if err != nil {
			for line := range strings.Lines(tc.text.Reveal()) {
				if line = strings.TrimSpace(line); len(line) > 30 {
					noSecret(t, []secret.Value{secret.Value(line)}, err.Error())
				}
			}
		}
	}
}
