package check_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"

	"wfbot/bot/check"
	"wfbot/bot/request"
	"wfbot/bot/slacksim"
	"wfbot/bot/store"
	"wfbot/workfront"
	"wfbot/workfront/secret"
	"wfbot/workfront/workfrontsim"
)

// world is a Slack and a Workfront, and the set-up that fits both.
type world struct {
	slack  *slacksim.Server
	tenant *workfrontsim.Server
	url    string // of the tenant
	config check.Config
}

func newWorld(t *testing.T, inSlack slacksim.Config, inTenant workfrontsim.Config) *world {
	t.Helper()
	w := &world{slack: slacksim.New(inSlack), tenant: workfrontsim.New(inTenant)}
	t.Cleanup(w.slack.Close)
	if _, err := w.slack.Start("127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(w.tenant)
	t.Cleanup(server.Close)
	t.Cleanup(w.tenant.Close)
	w.url = server.URL
	for _, name := range []string{"rita", "ada", "ben"} {
		w.slack.AddUser(slacksim.User{ID: "U0" + strings.ToUpper(name), Name: name, Email: name + "@acme.com"})
	}
	w.slack.AddChannel(slacksim.Channel{ID: "C0IT", Name: "it", Private: true, Members: []string{w.slack.BotUserID(), "U0RITA", "U0ADA", "U0BEN"}})
	w.tenant.AddUser(workfrontsim.User{Name: "Jane Doe", Email: "jane@acme.com", Active: true})
	w.config = check.Config{
		AppToken: secret.Value(w.slack.AppToken()), BotToken: secret.Value(w.slack.BotToken()), SlackURL: w.slack.APIURL(),
		Workfront: w.client(t, workfront.Config{}), Database: secret.Value("sqlite:" + filepath.Join(t.TempDir(), "wfbot.db")),
		Policy:  request.Policy{Requesters: request.Members{Users: []string{"U0RITA"}}, Approvers: request.Members{Users: []string{"U0ADA"}}, Approvals: 1, AdminApprovals: 2},
		Channel: "C0IT", OpsChannel: "C0IT",
	}
	return w
}

// client is one for the tenant.
func (w *world) client(t *testing.T, config workfront.Config) *workfront.Client {
	t.Helper()
	config.URL, config.APIKey = w.url, secret.Value(w.tenant.APIKey())
	client, err := workfront.New(config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.CloseIdleConnections)
	return client
}

// worse are the findings that are not ok, except for a database on what machines for tests
// have.
func worse(found []check.Finding) (bad []check.Finding) {
	for _, f := range found {
		if f.Severity != check.OK && !(f.Subject == "WFBOT_DATABASE_URL" && strings.Contains(f.What, " is on ")) {
			bad = append(bad, f)
		}
	}
	return bad
}

func TestRun(t *testing.T) {
	t.Parallel()
	people := func(w *world, requesters, approvers request.Members) {
		w.config.Policy.Requesters, w.config.Policy.Approvers = requesters, approvers
	}
	users := func(ids ...string) request.Members { return request.Members{Users: ids} }
	groups := func(ids ...string) request.Members { return request.Members{Groups: ids} }
	level := func(w *world, l workfrontsim.AccessLevel) {
		id := w.tenant.AddAccessLevel(l).ID
		w.tenant.UpdateUser(w.tenant.Caller().ID, func(u *workfrontsim.User) { u.AccessLevelID = id })
	}
	for _, tc := range []struct {
		why       string
		slack     slacksim.Config
		tenant    workfrontsim.Config
		change    func(*world)
		severity  check.Severity // empty: nothing is worse than unknown
		subject   string
		what, do  string
		otherwise bool // there may be other findings
	}{
		{why: "a right set-up"},
		{why: "a large group", change: func(w *world) {
			var all []string
			for i := range 130 {
				all = append(all, w.slack.AddUser(slacksim.User{Name: fmt.Sprintf("it%d", i), Email: fmt.Sprintf("it%d@acme.com", i)}).ID)
			}
			w.slack.AddGroup(slacksim.Group{ID: "S0ALL", Handle: "all", Members: all})
			people(w, groups("S0ALL"), users("U0ADA"))
		}},
		{why: "a manager as the only approver", change: func(w *world) { people(w, users("U0RITA"), request.Members{Manager: true}) }},
		{why: "two ids of one person are one approver", change: func(w *world) {
			w.slack.AddUser(slacksim.User{ID: "U0ADATOO", Name: "ada.too", Email: "Ada@acme.com"})
			people(w, users("U0RITA"), users("U0ADA", "U0ADATOO"))
			w.config.Policy.Approvals = 2
		}, severity: check.Fault, subject: "WFBOT_APPROVALS", what: "asks for 2 approvals", do: "add another approver", otherwise: true},
		{why: "who asks has a second account that approves", change: func(w *world) {
			w.slack.AddUser(slacksim.User{ID: "U0RITATOO", Name: "rita.too", Email: "RITA@acme.com"})
			people(w, users("U0RITA"), users("U0RITATOO"))
		}, severity: check.Fault, subject: "WFBOT_APPROVALS", what: "nobody approves their own request", otherwise: true},
		{why: "a group of former and foreign people", change: func(w *world) {
			w.slack.AddUser(slacksim.User{ID: "U0OLD", Name: "old", Kind: slacksim.Deactivated})
			w.slack.AddUser(slacksim.User{ID: "U0PIA", Name: "pia", Kind: slacksim.External})
			w.slack.AddGroup(slacksim.Group{ID: "S0GONE", Handle: "gone", Members: []string{"U0OLD", "U0PIA"}})
			people(w, users("U0RITA"), groups("S0GONE"))
		}, severity: check.Fault, subject: "WFBOT_APPROVERS", what: "nobody in the user group S0GONE may do anything: old (U0OLD) is deactivated in Slack, pia (U0PIA) is not a member of this workspace"},
		{why: "a group of which one has left", change: func(w *world) {
			w.slack.AddUser(slacksim.User{ID: "U0OLD", Name: "old", Kind: slacksim.Deactivated})
			w.slack.AddGroup(slacksim.Group{ID: "S0MIXED", Handle: "mixed", Members: []string{"U0OLD", "U0ADA"}})
			people(w, users("U0RITA"), groups("S0MIXED"))
		}, severity: check.Warning, subject: "WFBOT_APPROVERS", what: "old (U0OLD) is deactivated", do: "take them out of the group"},
		{why: "a group that is disabled", change: func(w *world) {
			w.slack.AddGroup(slacksim.Group{ID: "S0OFF", Handle: "off", Members: []string{"U0ADA"}, Disabled: true})
			people(w, users("U0RITA"), groups("S0OFF"))
		}, severity: check.Fault, subject: "WFBOT_APPROVERS", what: "no user group S0OFF, or it is disabled"},
		{why: "a person of a sister workspace", slack: slacksim.Config{EnterpriseID: "E0ACME"}, change: func(w *world) {
			w.slack.AddUser(slacksim.User{ID: "U0SIS", Name: "sis", Kind: slacksim.OtherWorkspace})
			people(w, users("U0RITA"), users("U0ADA", "U0SIS"))
		}, severity: check.Fault, subject: "WFBOT_APPROVERS", what: "sis (U0SIS) is not a member of this workspace"},
		{why: "a member of this one whose account is at home in a sister workspace", slack: slacksim.Config{EnterpriseID: "E0ACME"}, change: func(w *world) {
			w.slack.AddUser(slacksim.User{ID: "U0SIS", Name: "sis", Kind: slacksim.OtherWorkspace, Teams: []string{"T0SISTER", "T0ACME"}})
			w.slack.Invite("C0IT", "U0SIS")
			people(w, users("U0RITA"), users("U0SIS"))
		}},
		{why: "an archived channel", change: func(w *world) {
			w.slack.UpdateChannel("C0IT", func(c *slacksim.Channel) { c.Archived = true })
		}, severity: check.Fault, subject: "WFBOT_CHANNEL", what: "C0IT is archived", otherwise: true},
		{why: "a channel of the whole organisation is internal", change: func(w *world) {
			w.slack.UpdateChannel("C0IT", func(c *slacksim.Channel) { c.OrgWide, c.OrgShared = true, true })
		}},
		{why: "approvers outside of the channel", change: func(w *world) { w.slack.Kick("C0IT", "U0ADA") },
			severity: check.Fault, subject: "WFBOT_CHANNEL", what: "no approver is in it", do: "invite them"},
		{why: "no scope for private channels", slack: slacksim.Config{BotScopes: slices.DeleteFunc(slacksim.DefaultBotScopes(), func(s string) bool { return s == "groups:read" })},
			severity: check.Fault, subject: "WFBOT_CHANNEL", what: "missing_scope, needed: groups:read", do: "install the app again", otherwise: true},
		{why: "no scope for commands", slack: slacksim.Config{BotScopes: slices.DeleteFunc(slacksim.DefaultBotScopes(), func(s string) bool { return s == "commands" })},
			severity: check.Fault, subject: "SLACK_BOT_TOKEN", what: "lacks the scope commands", do: "wfbot manifest"},
		{why: "an app token without its scope", slack: slacksim.Config{AppScopes: []string{"authorizations:read"}},
			severity: check.Fault, subject: "SLACK_APP_TOKEN", what: "missing_scope", do: "connections:write"},
		{why: "Slack limits calls", change: func(w *world) {
			w.slack.Inject(slacksim.Fault{Method: "users.info", Count: -1, Answer: slacksim.RateLimited(30)})
		}, severity: check.Unknown, subject: "WFBOT_REQUESTERS", what: "for 30s", do: "try again", otherwise: true},
		{why: "Slack's clock is another", slack: slacksim.Config{Now: func() time.Time { return time.Now().Add(-5 * time.Minute) }},
			severity: check.Fault, subject: "clock", what: "ahead of Slack's", do: "NTP"},
		{why: "Slack is out of order", change: func(w *world) {
			w.slack.Inject(slacksim.Fault{Method: "users.info", Count: -1, Answer: slacksim.Status(http.StatusServiceUnavailable)})
		}, severity: check.Fault, subject: "WFBOT_REQUESTERS", what: "U0RITA", do: "try again", otherwise: true},
		{why: "as many connections as there may be", change: func(w *world) {
			w.config.Connect = true
			w.slack.SetSocketMode(func(m *slacksim.SocketMode) { m.NoHello, m.DisconnectAtOnce = true, slacksim.TooManyWebSockets })
		}, severity: check.Fault, subject: "Slack connections", what: "as many as it may", do: "end other programs that use the app"},

		{why: "Workfront has moved", change: func(w *world) {
			w.tenant.Inject(workfrontsim.Fault{Answer: workfrontsim.Answer{Kind: workfrontsim.Redirect, Status: http.StatusMovedPermanently, Header: http.Header{"Location": {"https://acme.my.workfront.adobe.com/x?token=S3CRET"}}}})
		}, severity: check.Fault, subject: "WORKFRONT_URL", what: "redirects (301) to acme.my.workfront.adobe.com", do: "WFBOT_MOVED_FROM"},
		{why: "a user that edits users", change: func(w *world) {
			level(w, workfrontsim.AccessLevel{Name: "Offboarding", LicenseType: "F", Users: workfrontsim.EditUsers})
		}},
		{why: "a user with a light licence", change: func(w *world) {
			level(w, workfrontsim.AccessLevel{Name: "Light", LicenseType: "C", Users: workfrontsim.EditUsers})
		}, severity: check.Fault, subject: "Workfront credential", what: "may not edit users"},
		{why: "a user that sees nobody", change: func(w *world) {
			level(w, workfrontsim.AccessLevel{Name: "Blind", LicenseType: "F", Users: workfrontsim.NoUsers})
		}, severity: check.Fault, subject: "Workfront credential", what: "sees no other user", otherwise: true},
		{why: "a user that sees no e-mails", change: func(w *world) {
			level(w, workfrontsim.AccessLevel{Name: "Offboarding", LicenseType: "F", Users: workfrontsim.EditUsers})
			for _, u := range w.tenant.Users() {
				if u.ID != w.tenant.Caller().ID {
					w.tenant.UpdateUser(u.ID, func(u *workfrontsim.User) { u.Email = "" })
				}
			}
		}, severity: check.Fault, subject: "Workfront credential", what: "sees no e-mail addresses", do: "View Contact Info"},
		{why: "a tenant that lacks what is needed", tenant: workfrontsim.Config{Without: []string{"SCHREP", "TASK.assignments", "PORT.name", "CSTEM.equatesWith"}},
			severity: check.Warning, subject: "Workfront fields", what: "tasks are counted in part", do: "at least", otherwise: true},
		{why: "the same: an object", tenant: workfrontsim.Config{Without: []string{"SCHREP"}}, severity: check.Warning, subject: "Workfront fields", what: "lacks SCHREP: scheduled reports cannot be counted"},
		{why: "the same: names", tenant: workfrontsim.Config{Without: []string{"PORT.name"}}, severity: check.Warning, subject: "Workfront fields", what: "portfolios are counted, and not named"},
		{why: "the same: statuses", tenant: workfrontsim.Config{Without: []string{"CSTEM.equatesWith"}}, severity: check.Warning, subject: "Workfront fields", what: "own statuses cannot be read", do: "WORKFRONT_CLOSED_STATUSES"},
		{why: "the metadata is closed", change: func(w *world) {
			w.tenant.Inject(workfrontsim.Fault{Operation: "*/metadata", Answer: workfrontsim.Answer{Kind: workfrontsim.JSONError, Status: http.StatusForbidden, Class: "x", Message: "no"}})
		}, severity: check.Unknown, subject: "Workfront fields", what: "does not describe its objects", otherwise: true},
	} {
		t.Run(tc.why, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, tc.slack, tc.tenant)
			if tc.change != nil {
				tc.change(w)
			}
			found := check.Run(t.Context(), w.config)
			if i := slices.IndexFunc(found, func(f check.Finding) bool { return strings.Contains(f.What+f.Do, "S3CRET") }); i >= 0 {
				t.Errorf("a secret is in %+v", found[i])
			}
			bad := slices.DeleteFunc(worse(found), func(f check.Finding) bool { return f.Severity == check.Unknown && tc.severity != check.Unknown })
			hit := slices.ContainsFunc(bad, func(f check.Finding) bool {
				return f.Severity == tc.severity && f.Subject == tc.subject && strings.Contains(f.What, tc.what) && strings.Contains(f.Do, tc.do)
			})
			if hit == (tc.severity == "") || !tc.otherwise && tc.severity != "" && len(bad) != 1 || tc.severity == "" && len(bad) > 0 {
				t.Errorf("%s %s: %q, %q is not what was found: %+v", tc.severity, tc.subject, tc.what, tc.do, bad)
			}
		})
	}
}

// What somebody has typed as a name does not steer the operator's terminal.
func TestHostileNames(t *testing.T) {
	t.Parallel()
	const name = "ada\x1b[2J\nok SLACK_BOT_TOKEN: fine\u202e\u2028\u009b31m"
	w := newWorld(t, slacksim.Config{}, workfrontsim.Config{})
	w.slack.UpdateUser("U0ADA", func(u *slacksim.User) { u.Name = name })
	w.tenant.UpdateUser(w.tenant.Caller().ID, func(u *workfrontsim.User) { u.Name = name })
	texts := ""
	for _, f := range check.Run(t.Context(), w.config) {
		texts += f.What + f.Do
	}
	for _, one := range check.FindIDs(t.Context(), w.config, []string{"wf:" + w.tenant.Caller().Email, "\x1b[2J"}) {
		texts += one.Asked + one.About + one.Error
	}
	if !strings.Contains(texts, "[2J") || strings.ContainsFunc(texts, func(r rune) bool { return unicode.Is(unicode.C, r) || r == '\u2028' }) {
		t.Errorf("%q", texts)
	}
}

// Another wfbot's connections are told from those of the wfbot on this database.
func TestConnectionsOfOurOwn(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		counted, ours int
		want          check.Severity
	}{{0, 0, check.OK}, {2, 2, check.OK}, {1, 2, check.OK}, {3, 2, check.Fault}, {2, 0, check.Fault}} {
		w := newWorld(t, slacksim.Config{}, workfrontsim.Config{})
		w.config.Connect = true
		w.slack.SetSocketMode(func(m *slacksim.SocketMode) { m.Lingering = tc.counted })
		s, err := store.Open(t.Context(), w.config.Database.Reveal(), nil)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { s.Close() })
		if tc.ours > 0 {
			if err := s.ProcessSeen(t.Context(), tc.ours); err != nil {
				t.Fatal(err)
			}
		}
		found := check.Run(t.Context(), w.config)
		i := slices.IndexFunc(found, func(f check.Finding) bool { return f.Subject == "Slack connections" })
		if i < 0 || found[i].Severity != tc.want {
			t.Errorf("%d counted, %d ours: %+v", tc.counted, tc.ours, worse(found))
		}
	}
}

// Slack allows 20 questions about groups a minute.
func TestGroupsAreAskedForOnce(t *testing.T) {
	t.Parallel()
	for _, scopes := range [][]string{nil, {"commands", "chat:write", "channels:read", "groups:read", "users:read", "users:read.email"}} {
		w := newWorld(t, slacksim.Config{BotScopes: scopes}, workfrontsim.Config{})
		w.slack.AddGroup(slacksim.Group{ID: "S0IT", Members: []string{"U0RITA", "U0ADA", "U0BEN"}})
		w.config.Policy.Requesters = request.Members{Users: []string{"U0RITA", "U0ADA", "U0BEN"}, Groups: []string{"S0IT"}}
		check.Run(t.Context(), w.config)
		asked := 0
		for _, call := range w.slack.Calls() {
			if call.Method == "usergroups.users.list" {
				asked++
			}
		}
		if asked != 1 {
			t.Errorf("scopes %q: asked %d times", scopes, asked)
		}
	}
}

// Nothing configured, nothing to say; and the end of the context ends it.
func TestRunOfNothing(t *testing.T) {
	t.Parallel()
	if found := check.Run(t.Context(), check.Config{}); len(found) != 0 {
		t.Errorf("%+v", found)
	}
}
