package main

import (
	"database/sql"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgproto3"

	"wfbot/bot/slacksim"
	"wfbot/bot/slacksim/story"
	"wfbot/workfront/workfrontsim"
)

// secretWorld is a configuration, right or wrong, with services as they may be.
type secretWorld struct {
	name   string
	marked map[string]string // variables with marks; one that ends in _FILE has its value in a file
	build  func(t *testing.T) *secretScene
	says   string // what run says for certain, so that it has met what is meant
}

// The variables that have the services right.
func byKey(changes ...string) map[string]string {
	return altered(map[string]string{"SLACK_APP_TOKEN": appToken, "SLACK_BOT_TOKEN": botToken, "WORKFRONT_API_KEY": apiKey}, changes)
}

func byApplication(changes ...string) map[string]string {
	_, key := privateKey()
	return altered(map[string]string{
		"SLACK_APP_TOKEN_FILE": appToken, "SLACK_BOT_TOKEN_FILE": botToken, "WORKFRONT_CLIENT_SECRET_FILE": clientSecret, "WORKFRONT_PRIVATE_KEY_FILE": key,
		"WORKFRONT_CLIENT_ID": "simulated", "WORKFRONT_USER_ID": "0123456789abcdef0123456789abcdef", "WORKFRONT_CUSTOMER_ID": "abcdef0123456789abcdef0123456789",
	}, changes)
}

// altered sets variables, given as NAME, value; an empty value removes one.
func altered(vars map[string]string, changes []string) map[string]string {
	for i := 0; i < len(changes); i += 2 {
		vars[changes[i]] = changes[i+1]
		if changes[i+1] == "" {
			delete(vars, changes[i])
		}
	}
	return vars
}

// postgresAt is the address of a database with the marked password.
func postgresAt(host, query string) string {
	return "postgres://wfbot:" + url.QueryEscape(dbPassword) + "@" + host + "/wfbot?connect_timeout=5&" + query
}

const nobody = "127.0.0.1:9" // where nobody listens

var (
	connected = regexp.MustCompile(`Socket Mode connection open`)
	troubled  = regexp.MustCompile(`level=(WARN|ERROR)`)
)

var secretWorlds = []secretWorld{
	{"right, by key", byKey("SLACK_BOT_TOKEN", "", "SLACK_BOT_TOKEN_FILE", botToken), rightScene, "connected to Slack"},
	{"right, by application", byApplication(), func(t *testing.T) *secretScene {
		w := rightScene(t)
		delete(w.vars, "WORKFRONT_API_KEY")
		return w
	}, "connected to Slack"},
	{"right, on PostgreSQL", byKey(), postgresScene, "connected to Slack"},
	{"Slack refuses", byKey("SLACK_BOT_TOKEN", "xoxb-"+misplaced, "SLACK_APP_TOKEN", "xapp-1-A0WFBOT-"+misplaced), rightScene, "SLACK_BOT_TOKEN"},
	{"Slack refuses the app token", byKey("SLACK_APP_TOKEN", "xapp-1-A0WFBOT-"+misplaced), rightScene, "SLACK_APP_TOKEN"},
	{"Workfront refuses the key", byKey("WORKFRONT_API_KEY", misplaced), rightScene, "connected to Slack"},
	{"Workfront refuses the application", byApplication("WORKFRONT_CLIENT_SECRET_FILE", misplaced), rightScene, "connected to Slack"},
	{"the database refuses", byKey(), func(t *testing.T) *secretScene {
		return &secretScene{vars: altered(servicesAt(nobody), []string{"WFBOT_DATABASE_URL_FILE", writeFile(t, postgresAt(refusingDatabase(t), "sslmode=disable"))})}
	}, "password authentication failed"},
	{"nobody is there", byKey(), func(t *testing.T) *secretScene {
		return &secretScene{vars: servicesAt(nobody), until: troubled}
	}, "connection refused"},
	{"no database is there", byKey("WFBOT_DATABASE_URL", postgresAt(nobody, "sslmode=disable")), func(t *testing.T) *secretScene {
		return &secretScene{vars: servicesAt(nobody), until: troubled}
	}, "connection refused"},
	{"TLS by nobody known", byApplication(), func(t *testing.T) *secretScene {
		server := httptest.NewUnstartedServer(http.NotFoundHandler())
		server.Config.ErrorLog = log.New(io.Discard, "", 0) // of handshakes that fail
		server.StartTLS()
		t.Cleanup(server.Close)
		return &secretScene{vars: map[string]string{"SLACK_API_URL": server.URL, "WORKFRONT_URL": server.URL}, until: troubled}
	}, "certificate"},
	{"a database without TLS", byKey(), func(t *testing.T) *secretScene {
		return &secretScene{vars: altered(servicesAt(nobody), []string{"WFBOT_DATABASE_URL", postgresAt(refusingDatabase(t), "sslmode=require")})}
	}, "TLS"},
	{"addresses that are none", byKey(), func(*testing.T) *secretScene {
		return &secretScene{vars: map[string]string{
			"SLACK_API_URL": "https://u:" + misplaced + "@[::1", "WORKFRONT_URL": "https://acme.com:" + misplaced + "/", "WFBOT_HTTP_ADDR": "127.0.0.1:" + misplaced,
			"WFBOT_DATABASE_URL": "postgres://wfbot:" + dbPassword + "@[db:port/x",
		}}
	}, "mistakes"},
	{"addresses with secrets in them", byKey(), func(*testing.T) *secretScene {
		return &secretScene{vars: map[string]string{
			"SLACK_API_URL": "https://slack.com/api/?token=" + misplaced, "WORKFRONT_URL": "https://u:" + misplaced + "@acme.com", "WFBOT_MOVED_FROM": "https://" + misplaced + "@acme.com:x",
			"WFBOT_DATABASE_URL": "mysql://wfbot:" + misplaced + "@db/x", "SSL_CERT_FILE": "/" + misplaced + "/none",
		}}
	}, "mistakes"},
	{"everything in the wrong place", nil, func(*testing.T) *secretScene {
		w := &secretScene{vars: map[string]string{"WFBOT_APROVERS": misplaced, "HTTPS_PROXY": "http://u:" + misplaced + "@ proxy"}}
		for _, v := range variables[config]() {
			w.vars[v.Name] = misplaced
		}
		return w
	}, "mistakes"},
	{"files that are none", map[string]string{"WFBOT_DATABASE_URL": "sqlite:/" + misplaced + "/wfbot.db\x00"}, func(*testing.T) *secretScene {
		w := &secretScene{vars: map[string]string{}}
		for _, v := range variables[config]() {
			if v.Secret {
				w.vars[v.Name+"_FILE"] = misplaced
			}
		}
		return w
	}, "mistakes"},
	{"the services say what they were told", byKey(), func(t *testing.T) *secretScene { return echoScene(t, http.StatusBadRequest) }, ""},
	{"the services say it to an application", byApplication(), func(t *testing.T) *secretScene { return echoScene(t, http.StatusOK) }, ""},
	{"a gateway shows it", byKey(), func(t *testing.T) *secretScene { return echoScene(t, http.StatusBadGateway) }, ""},
	{"a gateway shows it to an application", byApplication(), func(t *testing.T) *secretScene { return echoScene(t, http.StatusBadGateway) }, ""},
	{"Workfront alone says what it was told", byKey(), func(t *testing.T) *secretScene { return workfrontEchoes(t, http.StatusBadRequest) }, "connected to Slack"},
	{"Workfront alone says it to an application", byApplication(), func(t *testing.T) *secretScene { return workfrontEchoes(t, http.StatusBadRequest) }, "connected to Slack"},
	{"a gateway before Workfront alone shows it", byApplication(), func(t *testing.T) *secretScene { return workfrontEchoes(t, http.StatusBadGateway) }, "connected to Slack"},
	{"Workfront alone has moved", byApplication(), func(t *testing.T) *secretScene { return workfrontEchoes(t, http.StatusPermanentRedirect) }, "connected to Slack"},
	{"they have moved", byKey(), func(t *testing.T) *secretScene { return echoScene(t, http.StatusTemporaryRedirect) }, ""},
	{"an application's have moved", byApplication(), func(t *testing.T) *secretScene { return echoScene(t, http.StatusFound) }, ""},
}

// servicesAt are the addresses of services at a host.
func servicesAt(host string) map[string]string {
	return map[string]string{"SLACK_API_URL": "http://" + host + "/api/", "WORKFRONT_URL": "http://" + host}
}

// rightScene is a Slack and a Workfront that take the marked secrets, and people: one
// request is approved, and another is not to be had.
func rightScene(t *testing.T) *secretScene {
	t.Helper()
	key, _ := privateKey()
	slack := story.Start(t, slacksim.Config{AppToken: appToken, BotToken: botToken})
	for id, name := range map[string]string{"U0RITA": "rita", "U0ADA": "ada"} {
		slack.AddUser(slacksim.User{ID: id, Name: name, Email: name + "@acme.com"})
	}
	channel := slack.AddChannel(slacksim.Channel{Name: "it", Private: true, Members: []string{slack.BotUserID(), "U0RITA", "U0ADA"}}).ID
	sim := workfrontsim.New(workfrontsim.Config{
		APIKey: apiKey, CustomerID: "abcdef0123456789abcdef0123456789", Caller: workfrontsim.User{ID: "0123456789abcdef0123456789abcdef", Name: "wfbot", Email: "wfbot@acme.com", Active: true, AccessLevelID: workfrontsim.AccessAdministrator},
		OAuth: &workfrontsim.OAuthApp{ClientID: "simulated", ClientSecret: clientSecret, PublicKey: &key.PublicKey},
	})
	t.Cleanup(sim.Close)
	admin := sim.AddUser(workfrontsim.User{Name: "Ada Okafor", Email: "admin@acme.com", Username: "admin@acme.com", Active: true, AccessLevelID: workfrontsim.AccessAdministrator})
	sim.SetPassword(admin.ID, loginWord)
	sim.AddUser(workfrontsim.User{Name: "Jane Doe", Email: "jane@acme.com", Active: true})
	tokens := &made{next: sim}
	server := httptest.NewServer(tokens)
	t.Cleanup(server.Close)
	w := &secretScene{vars: map[string]string{"SLACK_API_URL": slack.APIURL(), "WORKFRONT_URL": server.URL}, until: connected}
	w.made = func() []string {
		found := tokens.list()
		for _, e := range slack.Envelopes() {
			for _, name := range []string{"response_url", "trigger_id", "token"} {
				if text, ok := e.Payload[name].(string); ok && text != "" {
					found = append(found, text)
				}
			}
		}
		return found
	}
	w.play = func() {
		if len(slack.Connections()) == 0 { // Slack takes no token of this world's
			return
		}
		slack.As("U0RITA").Types(channel, "/wf-deactivate jane@acme.com left the company")
		if strings.Contains(t.Name(), "/Workfront") || strings.Contains(t.Name(), "/a_gateway") { // which does not take what it is told
			slack.ExpectPrivate("U0RITA", "jane@acme.com")
			return
		}
		card := slack.Channel(channel).ExpectMessage("jane@acme.com")
		card.ExpectButtons("Approve", "Deny", "Cancel request")
		slack.ExpectPrivate("U0RITA", "Sent to", "jane@acme.com")
		card.Click("U0ADA", "Approve")
		card.ExpectButtons("Request reactivation")
		slack.ExpectDM("U0RITA", "Jane Doe")
	}
	return w
}

// made notes the tokens that a service makes.
type made struct {
	next http.Handler

	mu     sync.Mutex
	tokens []string
}

var madeToken = regexp.MustCompile(`"(?:access_token|sessionID)":\s*"([^"]+)"`)

// ServeHTTP implements http.Handler.
func (m *made) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !strings.Contains(r.URL.Path, "oauth") {
		m.next.ServeHTTP(w, r)
		return
	}
	r.Header.Set("Accept-Encoding", "identity")
	answer := httptest.NewRecorder()
	m.next.ServeHTTP(answer, r)
	m.mu.Lock()
	for _, match := range madeToken.FindAllStringSubmatch(answer.Body.String(), -1) {
		m.tokens = append(m.tokens, match[1])
	}
	m.mu.Unlock()
	for name, values := range answer.Header() {
		w.Header()[name] = values
	}
	w.WriteHeader(answer.Code)
	_, _ = w.Write(answer.Body.Bytes())
}

func (m *made) list() []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return append([]string(nil), m.tokens...)
}

// postgresScene is rightScene on PostgreSQL, with a user of its own that has the marked
// password.
func postgresScene(t *testing.T) *secretScene {
	t.Helper()
	as := func(address, statement string) {
		t.Helper()
		db, err := sql.Open("pgx", address)
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		if _, err := db.Exec(statement); err != nil {
			t.Error(err)
		}
	}
	role := fmt.Sprintf("wfbot_marked_%d", time.Now().UnixNano())
	if server := os.Getenv("WFBOT_TEST_POSTGRES_URL"); server != "" {
		t.Cleanup(func() { as(server, "DROP ROLE "+role) }) // when its database is gone
	}
	database := freshDatabase(t)
	as(database, fmt.Sprintf("CREATE ROLE %s SUPERUSER LOGIN PASSWORD '%s'", role, dbPassword))
	address, err := url.Parse(database)
	if err != nil {
		t.Fatal(err)
	}
	address.User = url.UserPassword(role, dbPassword)
	w := rightScene(t)
	w.vars["WFBOT_DATABASE_URL"] = address.String()
	w.stored = func() string {
		db, err := sql.Open("pgx", address.String())
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		rows, err := db.QueryContext(t.Context(), "SELECT query_to_xml('SELECT * FROM ' || quote_ident(tablename), true, true, '')::text FROM pg_tables WHERE schemaname = 'public'")
		if err != nil {
			t.Fatal(err)
		}
		defer rows.Close()
		var all strings.Builder
		for rows.Next() {
			var table string
			if err := rows.Scan(&table); err != nil {
				t.Fatal(err)
			}
			all.WriteString(table)
		}
		if rows.Err() != nil || !strings.Contains(all.String(), "jane@acme.com") {
			t.Fatalf("the database holds nothing: %v", rows.Err())
		}
		return all.String()
	}
	return w
}

// refusingDatabase is a PostgreSQL that has no TLS and takes no password.
func refusingDatabase(t *testing.T) (host string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	all.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			all.Go(func() {
				defer conn.Close()
				refusePassword(conn)
			})
		}
	})
	t.Cleanup(func() {
		listener.Close()
		all.Wait()
	})
	return listener.Addr().String()
}

// refusePassword speaks with a client until it has no more to say. Errors are those of a
// client that has gone.
func refusePassword(conn net.Conn) {
	backend := pgproto3.NewBackend(conn, conn)
	for {
		message, err := backend.ReceiveStartupMessage()
		if err != nil {
			return
		}
		if _, ok := message.(*pgproto3.SSLRequest); !ok {
			break
		}
		if _, err := conn.Write([]byte("N")); err != nil {
			return
		}
	}
	backend.Send(&pgproto3.AuthenticationCleartextPassword{})
	if backend.Flush() != nil || backend.SetAuthType(pgproto3.AuthTypeCleartextPassword) != nil {
		return
	}
	if _, err := backend.Receive(); err != nil {
		return
	}
	backend.Send(&pgproto3.ErrorResponse{Severity: "FATAL", Code: "28P01", Message: `password authentication failed for user "wfbot"`})
	_ = backend.Flush()
}

// workfrontEchoes is rightScene with a Workfront as that of echoScene.
func workfrontEchoes(t *testing.T, status int) *secretScene {
	t.Helper()
	w := rightScene(t)
	w.vars["WORKFRONT_URL"] = echoScene(t, status).vars["WORKFRONT_URL"]
	return w
}

// echoScene is a Slack and a Workfront behind something that answers everything with
// what it was told, as a gateway that is being debugged does.
func echoScene(t *testing.T, status int) *secretScene {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		told, err := httputil.DumpRequest(r, true)
		if err != nil {
			t.Error(err)
		}
		text := fmt.Sprintf("%q", told)
		switch {
		case status/100 == 3:
			w.Header().Set("Location", "https://"+nobody+"/?told="+url.QueryEscape(string(told)))
			w.WriteHeader(status)
		case status/100 == 5:
			w.Header().Set("Content-Type", "text/html")
			w.WriteHeader(status)
			fmt.Fprintf(w, "<html><body><h1>%s</h1></body></html>", told)
		case strings.HasPrefix(r.URL.Path, "/api/"):
			w.Header().Set("Content-Type", "application/json")
			fmt.Fprintf(w, `{"ok": false, "error": %s, "needed": %s, "response_metadata": {"messages": [%s]}}`, text, text, text)
		default:
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(status)
			fmt.Fprintf(w, `{"error": {"class": "com.attask.common.AttaskException", "message": %s}}`, text)
		}
	}))
	t.Cleanup(server.Close)
	return &secretScene{vars: servicesAt(strings.TrimPrefix(server.URL, "http://")), until: troubled}
}
