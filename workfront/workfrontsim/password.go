package workfrontsim

import (
	"cmp"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"time"
)

// Five wrong passwords in a row lock an account for ten minutes, Workfront's
// default password policy.
const (
	maxWrongPasswords = 5
	lockedFor         = 10 * time.Minute
)

type password struct {
	text        string
	wrong       int
	lockedUntil time.Time
}

// SetPassword lets a user log in and manage their API key with a password, and
// ends a lock-out.
func (s *Server) SetPassword(userID, text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.passwords[userID] = &password{text: text}
}

// byPassword checks the parameters username and password. What a locked account
// or an organisation without passwords answers is not known: like a wrong one.
func (s *Server) byPassword(q *request) (userID string, err error) {
	username, given := q.credentials()
	if !s.cfg.PasswordLogin && !isKeyAction(q) {
		return "", wrongPassword()
	}
	for id, r := range s.tables["USER"].rows {
		p := s.passwords[id]
		if p == nil || r.text("username") != username || !s.mayAct(id) {
			continue
		}
		if s.cfg.Now().Before(p.lockedUntil) {
			return "", wrongPassword()
		}
		if p.text == given {
			p.wrong = 0
			return id, nil
		}
		if p.wrong++; p.wrong >= maxWrongPasswords {
			p.wrong, p.lockedUntil = 0, s.cfg.Now().Add(lockedFor)
		}
	}
	return "", wrongPassword()
}

// credentials reads username and password from parameters or a JSON body.
func (q *request) credentials() (username, password string) {
	var body struct{ Username, Password string }
	if q.body != nil {
		_ = json.Unmarshal(q.body, &body) // not credentials, then
	}
	return cmp.Or(q.params.value("username"), body.Username), cmp.Or(q.params.value("password"), body.Password)
}

// login serves POST /login, which Adobe-managed organisations no longer have.
func (s *Server) login(q *request) (any, error) {
	if !s.cfg.PasswordLogin {
		return nil, &apiError{status: http.StatusUnauthorized, class: classAuthentication,
			message: "Login with username and password is no longer available for this organization"}
	}
	id, err := s.byPassword(q)
	if err != nil {
		return nil, err
	}
	q.call.CallerID = id
	return s.openSession(q, id), nil
}

// session serves GET /session, which turns an API key into a session.
func (s *Server) session(q *request) (any, error) { return s.openSession(q, q.caller), nil }

func (s *Server) openSession(q *request, userID string) any {
	id := newToken()
	if q.commit {
		s.sessions[id] = s.newCredential(userID, s.cfg.SessionLifetime)
	}
	return data(map[string]any{
		"sessionID": id, "userID": userID, "isAdmin": s.isAdmin(userID), "customerID": s.customerID,
	})
}

func (s *Server) logout(q *request) (any, error) {
	if _, err := s.authenticate(q); err != nil {
		return nil, err
	}
	if q.commit {
		delete(s.sessions, cmp.Or(q.http.Header.Get("SessionID"), q.params.value("sessionID")))
	}
	return data(map[string]any{"success": true}), nil
}

var keyActions = []string{"generateApiKey", "getApiKey", "clearApiKey"}

func isKeyAction(q *request) bool {
	return q.object != nil && q.object.code == "USER" && q.verb == http.MethodPut && slices.Contains(keyActions, q.action)
}

// keyAction serves PUT /user?action=generateApiKey and its siblings, for the user
// of username and password, else for the caller, else (administrators) for the
// user of the ID. A user has one key: generating replaces it, since what a
// second generateApiKey does is not documented and this is the harsher reading.
func (s *Server) keyAction(q *request) (any, error) {
	userID, err := s.keyOwner(q)
	if err != nil {
		return nil, err
	}
	var current string
	for key, c := range s.keys {
		if _, err := s.byCredential(s.keys, key, notLoggedIn()); err == nil && c.userID == userID {
			current = key
		}
	}
	if q.action == "getApiKey" {
		return data(map[string]any{"result": current}), nil
	}
	if q.commit {
		for key, c := range s.keys {
			if c.userID == userID {
				delete(s.keys, key)
			}
		}
	}
	if q.action == "clearApiKey" {
		return data(map[string]any{"success": true}), nil
	}
	key := strings.ToLower(newToken())
	if q.commit {
		s.keys[key] = s.newCredential(userID, s.cfg.APIKeyLifetime)
	}
	return data(map[string]any{"result": key}), nil
}

func (s *Server) keyOwner(q *request) (userID string, err error) {
	if username, _ := q.credentials(); username != "" {
		if s.cfg.RefusePasswordKeys {
			return "", wrongPassword()
		}
		userID, err = s.byPassword(q)
	} else {
		userID, err = s.authenticate(q)
	}
	if err != nil {
		return "", err
	}
	q.caller, q.call.CallerID = userID, userID
	if len(q.targets) == 0 || q.targets[0] == "$$USER" || q.targets[0] == userID {
		return userID, nil
	}
	if !s.isAdmin(userID) {
		return "", noAccess("edit", q.object)
	}
	if _, ok := s.tables["USER"].rows[q.targets[0]]; !ok {
		return "", notFound(q.object, q.targets[0])
	}
	return q.targets[0], nil
}
