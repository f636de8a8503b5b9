package workfrontsim

import (
	"net/http"

	"github.com/golang-jwt/jwt/v5"
)

// exchange serves POST /integrations/oauth2/api/v1/jwt/exchange of
// https://experienceleague.adobe.com/en/docs/workfront/using/adobe-workfront-api/api-notes/oauth-app-jwt-flow:
// a form of client_id, client_secret and jwt_token, an RS256 assertion whose
// issuer is the customer ID and whose subject is the user to act as. The token in
// the answer is sent as sessionID.
func (s *Server) exchange(q *request) (any, error) {
	app := s.cfg.OAuth
	for _, p := range q.params {
		if !p.inBody {
			return nil, tokenError(http.StatusBadRequest, "invalid_request", "parameters belong into the body")
		}
	}
	switch {
	case q.verb != http.MethodPost:
		return nil, tokenError(http.StatusMethodNotAllowed, "invalid_request", "POST expected")
	case q.body != nil:
		return nil, tokenError(http.StatusBadRequest, "invalid_request", "form expected")
	case app == nil, app.PublicKey == nil, q.params.value("client_id") != app.ClientID, q.params.value("client_secret") != app.ClientSecret:
		return nil, tokenError(http.StatusUnauthorized, "invalid_client", "client authentication failed")
	}
	claims := jwt.RegisteredClaims{}
	_, err := jwt.ParseWithClaims(q.params.value("jwt_token"), &claims,
		func(*jwt.Token) (any, error) { return app.PublicKey, nil },
		jwt.WithValidMethods([]string{"RS256"}), jwt.WithExpirationRequired(),
		jwt.WithIssuer(s.customerID), jwt.WithTimeFunc(s.cfg.Now))
	if err != nil {
		return nil, tokenError(http.StatusUnauthorized, "invalid_grant", err.Error())
	}
	if !s.mayAct(claims.Subject) {
		return nil, tokenError(http.StatusUnauthorized, "invalid_grant", "no active user with the token's subject")
	}
	q.call.CallerID = claims.Subject
	token := newToken()
	if q.commit {
		s.sessions[token] = s.newCredential(claims.Subject, s.cfg.SessionLifetime)
	}
	answer := map[string]any{"access_token": token, "token_type": "sessionID"}
	if s.cfg.ExchangeExpiresIn {
		answer["expires_in"] = int(s.cfg.SessionLifetime.Seconds())
	}
	return answer, nil
}

// tokenError has the shape that a client of the token endpoints reports.
func tokenError(status int, kind, message string) error {
	return &apiError{status: status, message: message,
		body: map[string]any{"statusCode": status, "error": true, "type": kind, "message": message}}
}
