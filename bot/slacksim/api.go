package slacksim

import (
	"encoding/json"
	"io"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// maxBody is the most a request may send.
const maxBody = 1 << 20

// request is one Web API call while it is being worked on.
type request struct {
	method   string
	args     object // token removed
	token    string
	inBody   bool // the token came as a parameter
	get      bool
	warnings []string
	refused  *refusal // the request could not even be decoded
}

// refusal is an answer with ok:false.
type refusal struct {
	code  string
	extra object // further members of the answer
}

func refuse(code string) *refusal { return &refusal{code: code} }

// method is one Web API method.
type method struct {
	scopes  []string // all are needed
	app     bool     // takes the app-level token, not the bot token
	tier    int      // calls a minute and workspace allowed; 0: special
	perform func(*Server, *request) (object, *refusal)
}

// methods returns the Web API methods the simulator serves; every other name is
// unknown_method.
func methods() map[string]method {
	return map[string]method{
		"auth.test":             {perform: (*Server).authTest},
		"apps.connections.open": {perform: (*Server).appsConnectionsOpen, app: true, scopes: []string{"connections:write"}, tier: 50},
		"bots.info":             {perform: (*Server).botsInfo, scopes: []string{"users:read"}, tier: 50},
		"chat.postMessage":      {perform: (*Server).chatPostMessage, scopes: []string{"chat:write"}},
		"chat.update":           {perform: (*Server).chatUpdate, scopes: []string{"chat:write"}, tier: 50},
		"chat.delete":           {perform: (*Server).chatDelete, scopes: []string{"chat:write"}, tier: 50},
		"chat.postEphemeral":    {perform: (*Server).chatPostEphemeral, scopes: []string{"chat:write"}, tier: 100},
		"chat.getPermalink":     {perform: (*Server).chatGetPermalink},
		"conversations.open":    {perform: (*Server).conversationsOpen, scopes: []string{"im:write"}, tier: 50},
		"conversations.info":    {perform: (*Server).conversationsInfo, tier: 50},
		"conversations.list":    {perform: (*Server).conversationsList, tier: 20},
		"conversations.members": {perform: (*Server).conversationsMembers, tier: 100},
		"users.info":            {perform: (*Server).usersInfo, scopes: []string{"users:read"}, tier: 100},
		"users.lookupByEmail":   {perform: (*Server).usersLookupByEmail, scopes: []string{"users:read.email"}, tier: 50},
		"usergroups.list":       {perform: (*Server).usergroupsList, scopes: []string{"usergroups:read"}, tier: 20},
		"usergroups.users.list": {perform: (*Server).usergroupsUsersList, scopes: []string{"usergroups:read"}, tier: 20},
		"views.open":            {perform: (*Server).viewsOpen, tier: 100},
		"views.push":            {perform: (*Server).viewsPush, tier: 100},
		"views.update":          {perform: (*Server).viewsUpdate, tier: 100},
		"views.publish":         {perform: (*Server).viewsPublish, tier: 100},
	}
}

// readRequest decodes a form or JSON request. Arguments that are themselves JSON
// (blocks, view) may be JSON strings in either. The token may stand in the
// Authorization header or, with a form, among the arguments; one in the URL or
// in a JSON body is not looked at, as for every app of today.
func readRequest(r *http.Request, method string) *request {
	q := &request{method: method, args: object{}, get: r.Method == http.MethodGet}
	if header, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); ok {
		q.token = strings.TrimSpace(header)
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, maxBody))
	if err != nil {
		q.refused = refuse("request_timeout")
		return q
	}
	mediaType, parameters, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil && len(body) > 0 {
		q.refused = refuse("missing_post_type")
		return q
	}
	q.addForm(r.URL.Query(), false)
	switch mediaType {
	case "application/json":
		q.addJSON(body)
	case "application/x-www-form-urlencoded":
		form, err := url.ParseQuery(string(body))
		if err != nil {
			q.refused = refuse("invalid_form_data")
		}
		q.addForm(form, true)
	case "multipart/form-data":
		form, err := readMultipart(body, parameters["boundary"])
		if err != nil {
			q.refused = refuse("invalid_form_data")
		}
		q.addForm(form, true)
	default:
		if len(body) > 0 {
			q.refused = refuse("invalid_post_type")
		}
	}
	return q
}

func (q *request) addForm(form url.Values, tokenCounts bool) {
	for key, values := range form {
		if key != "token" {
			q.args[key] = values[len(values)-1]
			continue
		}
		q.inBody = true
		if !tokenCounts {
			continue
		}
		if q.token != "" && q.token != values[0] {
			q.refused = refuse("invalid_auth") // two different tokens
		}
		q.token = values[0]
	}
}

func (q *request) addJSON(body []byte) {
	if len(body) == 0 {
		return
	}
	var args object
	if err := json.Unmarshal(body, &args); err != nil {
		q.refused = refuse("invalid_json")
		return
	}
	for key, value := range args {
		if key != "token" {
			q.args[key] = value
		}
	}
}

// text returns a string argument; numbers and booleans are taken as their text.
func (q *request) text(name string) string {
	switch v := q.args[name].(type) {
	case string:
		return v
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	case bool:
		return strconv.FormatBool(v)
	default:
		return ""
	}
}

// flag reports whether a boolean argument is true.
func (q *request) flag(name string) bool {
	v := q.text(name)
	return v == "true" || v == "1"
}

// json returns an argument that is JSON or a string of JSON. present is false if
// it is absent, null or empty.
func (q *request) json(name string) (value any, present bool, err error) {
	value = q.args[name]
	if s, ok := value.(string); ok {
		if strings.TrimSpace(s) == "" {
			return nil, false, nil
		}
		value = nil
		if err := json.Unmarshal([]byte(s), &value); err != nil {
			return nil, true, err
		}
	}
	return value, value != nil, nil
}

// journalArgs returns the arguments with nested JSON decoded, for the journal.
func (q *request) journalArgs() object {
	args := cloneObject(q.args)
	for _, name := range []string{"blocks", "attachments", "metadata", "view"} {
		if value, present, err := q.json(name); present && err == nil {
			args[name] = clone(value)
		}
	}
	return args
}

// authorise checks the token and the scopes. The caller holds s.mu.
func (s *Server) authorise(q *request, m method) *refusal {
	switch {
	case m.app && q.inBody:
		return refuse("missing_args") // the app token is taken from the header only
	case q.token == "":
		return refuse("not_authed")
	case q.token != s.cfg.AppToken && q.token != s.cfg.BotToken:
		return refuse("invalid_auth")
	case s.revoked:
		return refuse(s.cfg.Unknown.RevokedError)
	case (q.token == s.cfg.AppToken) != m.app:
		return refuse("not_allowed_token_type")
	}
	return s.need(q, m.scopes...)
}

// need refuses unless the token has all the scopes. The caller holds s.mu.
func (s *Server) need(q *request, scopes ...string) *refusal {
	granted := s.granted(q)
	for _, scope := range scopes {
		if !slices.Contains(granted, scope) {
			return &refusal{code: "missing_scope", extra: object{
				"needed": strings.Join(scopes, ","), "provided": strings.Join(granted, ","),
			}}
		}
	}
	return nil
}

// granted returns the scopes of the request's token.
func (s *Server) granted(q *request) []string {
	switch q.token {
	case s.cfg.AppToken:
		return s.cfg.AppScopes
	case s.cfg.BotToken:
		return s.cfg.BotScopes
	default:
		return nil
	}
}

// SetBotScopes replaces the scopes granted to the bot token, as when the app is
// installed again with others.
func (s *Server) SetBotScopes(scopes ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.cfg.BotScopes = slices.Clone(scopes)
	s.touch()
}

// RevokeTokens makes both tokens answer Unknown.RevokedError from now on, as when
// the app is uninstalled. Open connections stay; see DropConnections and
// SendEvent for what else happens then.
func (s *Server) RevokeTokens() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.revoked = true
	s.touch()
}
