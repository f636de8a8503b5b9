package workfront

import (
	"context"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"math"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"golang.org/x/oauth2"

	"wfbot/workfront/secret"
)

// OAuth is an OAuth2 server-to-server application as registered in Workfront
// under Setup > System > OAuth2 Applications. All fields are required.
// https://github.com/AdobeDocs/workfront.en/blob/main/help/quicksilver/wf-api/api/oauth-app-jwt-flow.md
type OAuth struct {
	ClientID     string
	ClientSecret secret.Value

	// CustomerID is the tenant's, shown beside the client ID. It is the JWT's issuer.
	CustomerID string

	// UserID is the Workfront ID of the user the application acts as: that
	// user's access level decides what the client may do.
	UserID string

	// PrivateKey is the application's RSA key in PEM form; see [ParsePrivateKey].
	PrivateKey secret.Value
}

// assertionLife is how long a signed JWT can be exchanged. Adobe asks for a few
// minutes at most.
const assertionLife = 3 * time.Minute

// session holds the token of an OAuth2 application.
//
// It is what oauth2.ReuseTokenSource would be, had that a context and a way to
// forget a token that was refused before its time.
type session struct {
	app   OAuth
	key   *rsa.PrivateKey
	lock  chan struct{} // holds one element while token is used; a channel, so that waiting ends with a context
	token *oauth2.Token // nil before the first exchange
}

func newSession(app OAuth) (*session, error) {
	var errs []error
	for _, f := range []struct {
		name    string
		missing bool
	}{
		{"ClientID", app.ClientID == ""},
		{"ClientSecret", app.ClientSecret == ""},
		{"CustomerID", app.CustomerID == ""},
		{"UserID", app.UserID == ""},
		{"PrivateKey", app.PrivateKey == ""},
	} {
		if f.missing {
			errs = append(errs, fmt.Errorf("OAuth.%s is required", f.name))
		}
	}
	s := &session{app: app, lock: make(chan struct{}, 1)}
	if app.PrivateKey != "" {
		key, err := ParsePrivateKey(app.PrivateKey)
		if err != nil {
			errs = append(errs, fmt.Errorf("OAuth.PrivateKey: %w", err))
		}
		s.key = key
	}
	return s, errors.Join(errs...)
}

// ParsePrivateKey reads an unencrypted RSA key of at least 2048 bits in PEM
// form (PKCS #8 or PKCS #1). Its errors say what the text is instead, and show
// none of it.
func ParsePrivateKey(text secret.Value) (*rsa.PrivateKey, error) {
	block, _ := pem.Decode([]byte(text.Reveal()))
	if block == nil {
		if strings.Contains(text.Reveal(), `\n`) {
			return nil, errors.New(`not in PEM form: its lines are joined by a literal \n instead of line breaks`)
		}
		return nil, errors.New("not in PEM form: no complete -----BEGIN … PRIVATE KEY----- block")
	}
	var parsed any
	var err error
	switch {
	case block.Type == "ENCRYPTED PRIVATE KEY", block.Headers["DEK-Info"] != "":
		return nil, errors.New("encrypted with a passphrase; store it decrypted")
	case block.Type == "PRIVATE KEY":
		parsed, err = x509.ParsePKCS8PrivateKey(block.Bytes)
	case block.Type == "RSA PRIVATE KEY":
		parsed, err = x509.ParsePKCS1PrivateKey(block.Bytes)
	case block.Type == "OPENSSH PRIVATE KEY":
		return nil, errors.New("an OpenSSH key; an RSA key in PKCS #8 form is wanted")
	default:
		return nil, errors.New("a PEM block of another kind (a public key or certificate, perhaps); a PRIVATE KEY is wanted")
	}
	if err != nil { // not shown: it is about the key's bytes
		return nil, errors.New("the PEM block is damaged")
	}
	key, ok := parsed.(*rsa.PrivateKey)
	if !ok {
		return nil, errors.New("not an RSA key")
	}
	if bits := key.N.BitLen(); bits < 2048 {
		return nil, fmt.Errorf("an RSA key of %d bits; RS256 wants 2048 or more", bits)
	}
	return key, nil
}

// credential returns the header for the next request. refused is a token that Workfront
// just refused: it is not used again. Empty means none. Concurrent callers refused with
// one token cause one exchange.
func (c *Client) credential(ctx context.Context, op string, refused secret.Value) (credential, *Error) {
	s := c.session
	switch {
	case s == nil && c.apiKey == "": // GenerateAPIKey
		return credential{}, nil
	case s == nil:
		return credential{"apiKey", c.apiKey}, nil
	}
	select {
	case s.lock <- struct{}{}:
		defer func() { <-s.lock }()
	case <-ctx.Done():
		return credential{}, &Error{Op: op, Err: ctx.Err()}
	}
	if refused != "" && s.token != nil && s.token.AccessToken == refused.Reveal() {
		s.token = nil
	}
	if !s.token.Valid() {
		token, e := c.exchangeJWT(ctx)
		if e != nil {
			e.Op, e.Exchange = op+": "+e.Op, true
			e.Sent = false // it is about the call, which was not sent, or was refused with 401
			return credential{}, e
		}
		s.token = token
	}
	return credential{"sessionID", secret.Value(s.token.AccessToken)}, nil
}

// exchangeJWT exchanges a freshly signed JWT for a token.
// https://github.com/AdobeDocs/workfront.en/blob/main/help/quicksilver/wf-api/api/oauth-app-jwt-flow.md
func (c *Client) exchangeJWT(ctx context.Context) (*oauth2.Token, *Error) {
	const op = "exchanging the JWT"
	s, now := c.session, time.Now()
	signed, err := jwt.NewWithClaims(jwt.SigningMethodRS256, jwt.RegisteredClaims{
		Issuer:    s.app.CustomerID,
		Subject:   s.app.UserID,
		IssuedAt:  jwt.NewNumericDate(now),
		ExpiresAt: jwt.NewNumericDate(now.Add(assertionLife)),
	}).SignedString(s.key)
	if err != nil { // unreachable unless the key passed ParsePrivateKey and cannot sign
		return nil, &Error{Op: op, Err: fmt.Errorf("%w: the private key cannot sign", ErrUnauthorized)}
	}
	var segments []secret.Value // each alone proves nothing, but nobody has to read them
	for part := range strings.SplitSeq(signed, ".") {
		segments = append(segments, secret.Value(part))
	}
	env, e := c.roundTrip(ctx, request{
		op:     op,
		method: http.MethodPost,
		url:    c.host + "/integrations/oauth2/api/v1/jwt/exchange",
		body: url.Values{
			"client_id":     {s.app.ClientID},
			"client_secret": {s.app.ClientSecret.Reveal()},
			"jwt_token":     {signed},
		}.Encode(),
		media:   formMedia,
		secrets: append(segments, s.app.ClientSecret),
	}, credential{})
	switch {
	case e != nil && errors.Is(e, ErrMoved):
		return nil, e
	case e != nil && (!e.Temporary() || e.Status/100 == 4 && !e.busy()):
		e.Err = ErrUnauthorized // whatever the status, and a page too: what is refused here is the credential
		return nil, e
	case e != nil:
		return nil, e
	case !validHeader(secret.Value(env.AccessToken)):
		return nil, &Error{Op: op, Status: http.StatusOK, Err: errors.New("the answer holds no usable access_token")}
	}
	return &oauth2.Token{AccessToken: string(env.AccessToken), Expiry: expiry(now, env.ExpiresIn)}, nil
}

// expiry is when a token ends. The answer of this exchange is not documented:
// without a positive expires_in the token is used until it is refused, which
// the zero time means to oauth2.
func expiry(now time.Time, expiresIn text) time.Time {
	seconds, err := strconv.ParseFloat(string(expiresIn), 64)
	if err != nil || math.IsNaN(seconds) || seconds <= 0 {
		return time.Time{}
	}
	return now.Add(time.Duration(min(seconds, 1e8) * float64(time.Second)))
}
