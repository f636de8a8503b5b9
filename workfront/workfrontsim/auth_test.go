package workfrontsim_test

import (
	"crypto/rand"
	"crypto/rsa"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"wfbot/workfront/workfrontsim"
)

const aKey = "0123456789abcdef0123456789abcdef"

func TestCredentials(t *testing.T) {
	t.Parallel()
	tn := newTenant(t, workfrontsim.Config{APIKey: aKey})
	session := tn.NewSession(tn.Caller().ID)
	me := api + "/user?id=$$USER"
	for _, tt := range []struct {
		why     string
		r       request
		status  int
		message string
	}{
		{"key in the header", request{method: "GET", path: me, header: map[string]string{"apiKey": aKey}}, 200, ""},
		{"key in the query", request{method: "GET", path: me + "&apiKey=" + aKey, header: map[string]string{}}, 200, ""},
		{"session in the header", request{method: "GET", path: me, header: map[string]string{"sessionID": session}}, 200, ""},
		{"session in the query", request{method: "GET", path: me + "&sessionID=" + session, header: map[string]string{}}, 200, ""},
		{"nothing", request{method: "GET", path: me, header: map[string]string{}}, 401, "You are not currently logged in."},
		{"wrong key", request{method: "GET", path: me, header: map[string]string{"apiKey": "x"}}, 401, "You are not currently logged in."},
		{"wrong session", request{method: "GET", path: me, header: map[string]string{"sessionID": "x"}}, 401, "Invalid session ID."},
		{"a key is no session", request{method: "GET", path: me, header: map[string]string{"sessionID": aKey}}, 401, "You are not currently logged in."},
		{"a key as bearer token", request{method: "GET", path: me, header: map[string]string{"Authorization": "Bearer " + aKey}}, 401, "You are not currently logged in."},
		{"key in a form body", request{method: "PUT", path: api + "/user/" + tn.Caller().ID, header: map[string]string{},
			body: form("apiKey", aKey, "title", "x"), kind: formType}, 401, "AuthenticationException: {0}"},
		{"username is a credential, not a filter", request{method: "GET", path: api + "/user/search?username=integration@acme.com"},
			401, "That username/password combination wasn't quite right. Try again?"},
		{"cookie reads", request{method: "GET", path: me, header: map[string]string{"Cookie": "attask=" + session}}, 200, ""},
		{"cookie writes", request{method: "PUT", path: api + "/user/" + tn.Caller().ID + "?title=x", header: map[string]string{"Cookie": "attask=" + session}},
			403, "Writes are not allowed with cookie authentication"},
		{"cookie writes over GET", request{method: "GET", path: api + "/user/" + tn.Caller().ID + "?title=x&method=put", header: map[string]string{"Cookie": "attask=" + session}},
			403, "Writes are not allowed with cookie authentication"},
	} {
		a := tn.do(tt.r)
		if a.status != tt.status || a.message() != tt.message {
			t.Errorf("%s: %d %s, want %d %q", tt.why, a.status, a.text, tt.status, tt.message)
		}
	}
	for _, c := range tn.Journal() {
		if strings.Contains(c.Query+c.Body, aKey) || strings.Contains(c.Query+c.Body, session) {
			t.Errorf("call %d shows a credential: %s %s", c.Seq, c.Query, c.Body)
		}
	}
	if got := tn.Journal()[1].Credential; got != "query apiKey" {
		t.Errorf("the journal says the key came as %q", got)
	}
}

func TestCredentialsEnd(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	tn := newTenant(t, workfrontsim.Config{Now: func() time.Time { return now }})
	caller := tn.Caller().ID
	second := tn.AddUser(workfrontsim.User{Email: "second@acme.com", Active: true, AccessLevelID: workfrontsim.AccessAdministrator})
	session := func(id string) map[string]string { return map[string]string{"sessionID": id} }
	status := func(header map[string]string) int {
		return tn.do(request{method: "GET", path: api + "/user?id=$$USER", header: header}).status
	}

	s := tn.NewSession(caller)
	now = now.Add(8*time.Hour - time.Second)
	if got := status(session(s)); got != 200 {
		t.Errorf("session within its life: %d", got)
	}
	now = now.Add(time.Second)
	if got := status(session(s)); got != 401 {
		t.Errorf("session after its life: %d", got)
	}
	now = now.Add(30 * 24 * time.Hour)
	if got := status(nil); got != 401 {
		t.Errorf("API key after its month: %d", got)
	}
	tn.SetAPIKey(second.ID, "second", time.Time{})
	if got := status(map[string]string{"apiKey": "second"}); got != 200 {
		t.Errorf("key without end: %d", got)
	}
	tn.UpdateUser(second.ID, func(u *workfrontsim.User) { u.Active = false })
	if got := status(map[string]string{"apiKey": "second"}); got != 401 {
		t.Errorf("key of an inactive user: %d", got)
	}
	tn.UpdateUser(second.ID, func(u *workfrontsim.User) { u.Active = true })
	tn.RevokeKeys()
	if got := status(map[string]string{"apiKey": "second"}); got != 401 {
		t.Errorf("revoked key: %d", got)
	}
	s = tn.NewSession(second.ID)
	tn.RevokeSessions()
	if got := status(session(s)); got != 401 {
		t.Errorf("revoked session: %d", got)
	}
}

func TestExchange(t *testing.T) {
	t.Parallel()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	other, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	tn := newTenant(t, workfrontsim.Config{OAuth: &workfrontsim.OAuthApp{ClientID: "client", ClientSecret: "hush", PublicKey: &key.PublicKey}})
	leaver := tn.AddUser(workfrontsim.User{Email: "gone@acme.com"})
	claims := func(change func(jwt.MapClaims)) jwt.MapClaims {
		c := jwt.MapClaims{"iss": tn.CustomerID(), "sub": tn.Caller().ID, "exp": time.Now().Add(time.Minute).Unix()}
		if change != nil {
			change(c)
		}
		return c
	}
	sign := func(method jwt.SigningMethod, key any, c jwt.MapClaims) string {
		signed, err := jwt.NewWithClaims(method, c).SignedString(key)
		if err != nil {
			t.Fatal(err)
		}
		return signed
	}
	good := sign(jwt.SigningMethodRS256, key, claims(nil))
	for _, tt := range []struct {
		why                   string
		client, secret, token string
		status                int
	}{
		{"all right", "client", "hush", good, 200},
		{"wrong client", "other", "hush", good, 401},
		{"wrong secret", "client", "x", good, 401},
		{"signed by another key", "client", "hush", sign(jwt.SigningMethodRS256, other, claims(nil)), 401},
		{"not RS256", "client", "hush", sign(jwt.SigningMethodRS512, key, claims(nil)), 401},
		{"unsigned", "client", "hush", sign(jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType, claims(nil)), 401},
		{"issuer is the client ID", "client", "hush", sign(jwt.SigningMethodRS256, key, claims(func(c jwt.MapClaims) { c["iss"] = "client" })), 401},
		{"expired", "client", "hush", sign(jwt.SigningMethodRS256, key, claims(func(c jwt.MapClaims) { c["exp"] = time.Now().Add(-time.Minute).Unix() })), 401},
		{"no expiry", "client", "hush", sign(jwt.SigningMethodRS256, key, claims(func(c jwt.MapClaims) { delete(c, "exp") })), 401},
		{"unknown subject", "client", "hush", sign(jwt.SigningMethodRS256, key, claims(func(c jwt.MapClaims) { c["sub"] = aKey })), 401},
		{"inactive subject", "client", "hush", sign(jwt.SigningMethodRS256, key, claims(func(c jwt.MapClaims) { c["sub"] = leaver.ID })), 401},
		{"no token", "client", "hush", "", 401},
	} {
		a := tn.do(request{method: "POST", path: "/integrations/oauth2/api/v1/jwt/exchange", header: map[string]string{},
			kind: formType, body: form("client_id", tt.client, "client_secret", tt.secret, "jwt_token", tt.token)})
		if a.status != tt.status {
			t.Errorf("%s: %d %s, want %d", tt.why, a.status, a.text, tt.status)
		}
		if a.status != 200 {
			continue
		}
		if _, ok := a.json["expires_in"]; ok {
			t.Error("expires_in is answered without being configured")
		}
		token := a.json["access_token"].(string)
		me := tn.do(request{method: "GET", path: api + "/user?id=$$USER", header: map[string]string{"sessionID": token}})
		if got := me.object(t)["ID"]; got != tn.Caller().ID {
			t.Errorf("the token acts as %v", got)
		}
	}
	query := tn.do(request{method: "POST", path: "/integrations/oauth2/api/v1/jwt/exchange?" +
		form("client_id", "client", "client_secret", "hush", "jwt_token", good), header: map[string]string{}})
	if query.status != 400 {
		t.Errorf("secrets in the URL: %d, want 400", query.status)
	}
	for _, c := range tn.Journal() {
		if strings.Contains(c.Query+c.Body, "hush") || strings.Contains(c.Query+c.Body, good) {
			t.Errorf("call %d shows a secret", c.Seq)
		}
	}
}

func TestKeyActions(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	tn := newTenant(t, workfrontsim.Config{Now: func() time.Time { return now }})
	jane := tn.AddUser(workfrontsim.User{Email: "jane@acme.com", Active: true})
	tn.SetPassword(jane.ID, "pässword")
	action := func(name, password string) answer {
		return tn.do(request{method: "PUT", path: api + "/user?action=" + name, header: map[string]string{},
			kind: formType, body: form("username", "jane@acme.com", "password", password)})
	}
	if got := action("getApiKey", "pässword").object(t)["result"]; got != "" {
		t.Errorf("key before there is one: %v", got)
	}
	key := action("generateApiKey", "pässword").object(t)["result"].(string)
	me := tn.do(request{method: "GET", path: api + "/user?id=$$USER", header: map[string]string{"apiKey": key}})
	if me.object(t)["ID"] != jane.ID {
		t.Errorf("the key acts as %s", me.text)
	}
	if got := action("getApiKey", "pässword").object(t)["result"]; got != key {
		t.Errorf("getApiKey: %v, want the generated one", got)
	}
	path := tn.do(request{method: "PUT", path: api + "/user/getApiKey", header: map[string]string{"apiKey": key}})
	if path.object(t)["result"] != key {
		t.Errorf("path form: %s", path.text)
	}
	override := tn.do(request{method: "GET", path: api + "/user?action=getApiKey&method=put&username=jane@acme.com&password=p%C3%A4ssword", header: map[string]string{}})
	if override.object(t)["result"] != key {
		t.Errorf("documented GET form: %s", override.text)
	}
	admin := tn.put("/user/"+jane.ID+"/getApiKey", "")
	if admin.object(t)["result"] != key {
		t.Errorf("an administrator asks for Jane's key: %s", admin.text)
	}
	other := tn.do(request{method: "PUT", path: api + "/user/getApiKey?ID=" + tn.Caller().ID, header: map[string]string{"apiKey": key}})
	if other.status != 403 {
		t.Errorf("Jane asks for an administrator's key: %d %s", other.status, other.text)
	}
	body := tn.do(request{method: "PUT", path: api + "/user/getApiKey", header: map[string]string{}, kind: "application/json",
		body: `{"username":"jane@acme.com","password":"pässword"}`})
	if body.object(t)["result"] != key {
		t.Errorf("credentials as JSON: %s", body.text)
	}
	if a := action("clearApiKey", "pässword"); a.object(t)["success"] != true {
		t.Errorf("clearApiKey: %s", a.text)
	}
	if a := tn.do(request{method: "GET", path: api + "/user?id=$$USER", header: map[string]string{"apiKey": key}}); a.status != 401 {
		t.Errorf("cleared key: %d", a.status)
	}
	for range 5 {
		if a := action("generateApiKey", "wrong"); a.status != 401 {
			t.Errorf("wrong password: %d", a.status)
		}
	}
	if a := action("generateApiKey", "pässword"); a.status != 401 {
		t.Errorf("locked account: %d", a.status)
	}
	now = now.Add(10 * time.Minute)
	if a := action("generateApiKey", "pässword"); a.status != 200 {
		t.Errorf("after the lock-out: %d %s", a.status, a.text)
	}
	refusing := newTenant(t, workfrontsim.Config{RefusePasswordKeys: true})
	refusing.SetPassword(refusing.Caller().ID, "secret")
	if a := refusing.do(request{method: "PUT", path: api + "/user?action=generateApiKey", header: map[string]string{}, kind: formType,
		body: form("username", "integration@acme.com", "password", "secret")}); a.status != 401 {
		t.Errorf("RefusePasswordKeys: %d", a.status)
	}
	for _, c := range tn.Journal() {
		if shown := c.Query + c.Body; strings.Contains(shown, "ssword=p") || strings.Contains(shown, "wrong") || strings.Contains(shown, `"p`) {
			t.Errorf("call %d shows a password: %s", c.Seq, c.Query+c.Body)
		}
	}
}

func TestLoginAndSession(t *testing.T) {
	t.Parallel()
	for _, allowed := range []bool{false, true} {
		tn := newTenant(t, workfrontsim.Config{PasswordLogin: allowed})
		tn.SetPassword(tn.Caller().ID, "secret")
		a := tn.do(request{method: "POST", path: api + "/login", header: map[string]string{},
			kind: formType, body: form("username", "integration@acme.com", "password", "secret")})
		if (a.status == 200) != allowed {
			t.Errorf("login with PasswordLogin=%t: %d %s", allowed, a.status, a.text)
		}
		session := tn.get("/session").object(t)["sessionID"].(string)
		header := map[string]string{"sessionID": session}
		if a := tn.do(request{method: "GET", path: api + "/user?id=$$USER", header: header}); a.status != 200 {
			t.Errorf("session of a key: %d", a.status)
		}
		tn.do(request{method: "GET", path: api + "/logout?sessionID=" + session, header: map[string]string{}})
		if a := tn.do(request{method: "GET", path: api + "/user?id=$$USER", header: header}); a.status != 401 {
			t.Errorf("session after logout: %d", a.status)
		}
	}
}
