package workfrontsim

import (
	"cmp"
	"crypto/rand"
	"encoding/hex"
	"net/http"
	"time"
)

// credential is an API key, session or access token: it acts as a user until it
// expires.
type credential struct {
	userID  string
	expires time.Time // zero: never
}

func newToken() string {
	b := make([]byte, 16)
	rand.Read(b)
	return hex.EncodeToString(b)
}

// newCredential counts lifetime from now; a negative one never ends.
func (s *Server) newCredential(userID string, lifetime time.Duration) credential {
	c := credential{userID: userID}
	if lifetime > 0 {
		c.expires = s.cfg.Now().Add(lifetime)
	}
	return c
}

// SetAPIKey gives a user an API key besides those they have. A zero expires never
// ends.
func (s *Server) SetAPIKey(userID, key string, expires time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.keys[key] = credential{userID, expires}
}

// RevokeKeys ends every API key, as "Remove all API keys" in Setup does.
func (s *Server) RevokeKeys() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.keys)
}

// RevokeSessions ends every session and every token of the JWT exchange.
func (s *Server) RevokeSessions() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.sessions)
}

// NewSession opens a session for a user, as logging in does, and returns its ID.
func (s *Server) NewSession(userID string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	id := newToken()
	s.sessions[id] = s.newCredential(userID, s.cfg.SessionLifetime)
	return id
}

// authenticate finds the user that the call acts as. A session goes before a key, a
// header before the query, a cookie comes last.
func (s *Server) authenticate(q *request) (userID string, err error) {
	if q.carriesPassword() {
		return s.byPassword(q) // credentials, never filters
	}
	h := q.http.Header
	if session := cmp.Or(h.Get("SessionID"), q.params.value("sessionID")); session != "" {
		return s.bySession(session)
	}
	if key := h.Get("apiKey"); key != "" {
		return s.byCredential(s.keys, key, notLoggedIn())
	}
	for _, p := range q.params {
		if p.name == "apiKey" && p.inBody {
			// Observed on v17: a key in a form body is not understood.
			return "", &apiError{status: http.StatusUnauthorized, class: classAuthentication, message: "AuthenticationException: {0}"}
		}
	}
	if key := q.params.value("apiKey"); key != "" {
		return s.byCredential(s.keys, key, notLoggedIn())
	}
	for _, name := range []string{"attask", "wf-auth"} {
		if c, err := q.http.Cookie(name); err == nil {
			if q.verb != http.MethodGet { // whatever the HTTP method: a forged form can carry method=put
				return "", &apiError{status: http.StatusForbidden, class: classAuthentication,
					message: "Writes are not allowed with cookie authentication"}
			}
			return s.bySession(c.Value)
		}
	}
	return "", notLoggedIn()
}

func (s *Server) bySession(session string) (string, error) {
	if _, isKey := s.keys[session]; isKey {
		return "", notLoggedIn() // a raw API key is no session
	}
	return s.byCredential(s.sessions, session, invalidSession())
}

func (s *Server) byCredential(known map[string]credential, token string, refusal error) (string, error) {
	c, ok := known[token]
	if !ok || !c.expires.IsZero() && !s.cfg.Now().Before(c.expires) || !s.mayAct(c.userID) {
		return "", refusal
	}
	return c.userID, nil
}

// mayAct reports whether credentials of the user are accepted.
func (s *Server) mayAct(userID string) bool {
	r, ok := s.tables["USER"].rows[userID]
	active, _ := r["isActive"].(bool)
	return ok && (active || s.cfg.InactiveKeepsAccess)
}

// carriesPassword reports whether username or password is a parameter: Workfront
// takes them as credentials before it looks at filters or updates.
func (q *request) carriesPassword() bool {
	_, username := q.params.get("username")
	_, password := q.params.get("password")
	return username || password
}

// carrier says how a credential came, for the journal.
func (q *request) carrier() string {
	for _, name := range []string{"sessionID", "apiKey"} {
		if q.http.Header.Get(name) != "" {
			return "header " + name
		}
		for _, p := range q.params {
			switch {
			case p.name == name && p.inBody:
				return "body " + name
			case p.name == name:
				return "query " + name
			}
		}
	}
	for _, p := range q.params {
		switch {
		case (p.name == "password" || p.name == "client_secret") && p.inBody:
			return "body " + p.name
		case p.name == "password" || p.name == "client_secret":
			return "query " + p.name
		}
	}
	if q.http.Header.Get("Authorization") != "" {
		return "header Authorization"
	}
	if len(q.http.Cookies()) > 0 {
		return "cookie"
	}
	return ""
}
