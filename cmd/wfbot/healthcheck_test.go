package main

import (
	"bytes"
	"encoding/json"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"wfbot/bot/slacksim"
	"wfbot/bot/slacksim/story"
	"wfbot/workfront/workfrontsim"
)

// freePort is an address of this machine that nobody listens at.
func freePort(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().String()
}

// company is a Slack and a Workfront with Rita, who asks, Ada, who approves, and Jane.
type company struct {
	*story.Story
	rita, ada, channel string
	workfront          *workfrontsim.Server
	jane               workfrontsim.User
	vars               map[string]string // of the program
}

func newCompany(t *testing.T) company {
	t.Helper()
	slack := story.Start(t, slacksim.Config{})
	c := company{Story: slack}
	c.rita = slack.AddUser(slacksim.User{Name: "rita", RealName: "Rita Young", Email: "rita@acme.com"}).ID
	c.ada = slack.AddUser(slacksim.User{Name: "ada", RealName: "Ada Okafor", Email: "ada@acme.com"}).ID
	c.channel = slack.AddChannel(slacksim.Channel{Name: "it", Private: true, Members: []string{slack.BotUserID(), c.rita, c.ada}}).ID
	var url string
	c.workfront, url = tenant(t, workfrontsim.Config{APIKey: "k3y"})
	c.jane = c.workfront.AddUser(workfrontsim.User{Name: "Jane Doe", Email: "jane@acme.com", Active: true})
	c.vars = map[string]string{
		"SLACK_APP_TOKEN": slack.AppToken(), "SLACK_BOT_TOKEN": slack.BotToken(), "SLACK_API_URL": slack.URL(),
		"WORKFRONT_URL": url, "WORKFRONT_API_KEY": "k3y", "WFBOT_DATABASE_URL": "sqlite:" + filepath.Join(t.TempDir(), "wfbot.db"),
		"WFBOT_REQUESTERS": c.rita, "WFBOT_APPROVERS": c.ada,
	}
	return c
}

// A container asks with the program itself, which reads nothing but the address.
func TestHealthcheck(t *testing.T) {
	t.Parallel()
	c := newCompany(t)
	c.vars["WFBOT_HTTP_ADDR"] = freePort(t)
	alone := map[string]string{"WFBOT_HTTP_ADDR": c.vars["WFBOT_HTTP_ADDR"], "HTTP_PROXY": "http://127.0.0.1:9"}
	if status, stdout, stderr := start(t, alone, "", "healthcheck"); status != 1 || stdout != "" || !strings.Contains(stderr, "no wfbot answers at 127.0.0.1:") {
		t.Errorf("before the start: exit status %d, %q, %q", status, stdout, stderr)
	}
	_, stderr, stop := background(t, c.vars, "run")
	stderr.await(t, regexp.MustCompile(`Socket Mode connection open`))
	if status, stdout, stderr := start(t, alone, "", "healthcheck"); status != 0 || stdout != "database: ok\nslack: ok\nworkfront: ok\n" || stderr != "" {
		t.Errorf("ready: exit status %d, %q, %q", status, stdout, stderr)
	}
	if status, stdout, stderr := start(t, alone, "", "healthcheck", "-live"); status != 0 || stdout != "ok\n" || stderr != "" {
		t.Errorf("alive: exit status %d, %q, %q", status, stdout, stderr)
	}
	if status := stop(); status != 0 {
		t.Errorf("run: exit status %d:\n%s", status, stderr)
	}
	if status, _, _ := start(t, alone, "", "healthcheck", "-live"); status != 1 {
		t.Errorf("after its end: exit status %d", status)
	}
}

func TestHealthcheckOfOthers(t *testing.T) {
	t.Parallel()
	answers := func(status int, text string) string {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(status)
			_, _ = w.Write([]byte(text))
		}))
		t.Cleanup(server.Close)
		return strings.TrimPrefix(server.URL, "http://")
	}
	_, port, _ := net.SplitHostPort(answers(200, "ok\n"))
	for _, tc := range []struct {
		why, addr      string
		args           []string
		status         int
		stdout, stderr string // in them; empty: they are empty
	}{
		{"all addresses", ":" + port, nil, 0, "ok\n", ""},
		{"all of IPv4", "0.0.0.0:" + port, nil, 0, "ok\n", ""},
		{"by name", "localhost:" + port, nil, 0, "ok\n", ""},
		{"not ready", answers(503, "slack: no connection stands\n"), nil, 1, "slack: no connection stands\n", "wfbot: wfbot is not ready"},
		{"another server", answers(404, "nginx"), nil, 1, "", "is no wfbot (status 404)"},
		{"a redirect", answers(302, ""), nil, 1, "", "is no wfbot (status 302)"},
		{"no address", "", nil, 2, "", "WFBOT_HTTP_ADDR is not set"},
		{"no port", "127.0.0.1", nil, 2, "", "WFBOT_HTTP_ADDR takes a host and a port"},
		{"an address of the web", "http://127.0.0.1:9464", nil, 2, "", "WFBOT_HTTP_ADDR takes a host and a port"},
		{"no time", ":" + port, []string{"-timeout", "0s"}, 2, "", "-timeout takes a duration"},
	} {
		vars := map[string]string{"WFBOT_HTTP_ADDR": tc.addr}
		if tc.addr == "" {
			vars = nil
		}
		status, stdout, stderr := start(t, vars, "", append([]string{"healthcheck"}, tc.args...)...)
		if status != tc.status || !matches(stdout, tc.stdout) || !matches(stderr, tc.stderr) {
			t.Errorf("%s: exit status %d, %q, %q, want %d, %q, %q", tc.why, status, stdout, stderr, tc.status, tc.stdout, tc.stderr)
		}
	}
}

func TestFromHere(t *testing.T) {
	t.Parallel()
	for addr, want := range map[string]string{
		":9464": "127.0.0.1:9464", "0.0.0.0:9464": "127.0.0.1:9464", "[::]:9464": "[::1]:9464",
		"127.0.0.1:9464": "127.0.0.1:9464", "10.0.0.5:9464": "10.0.0.5:9464", "[::1]:9464": "[::1]:9464", "localhost:1": "localhost:1",
	} {
		if got := fromHere(addr); got != want {
			t.Errorf("from here %s is %s, want %s", addr, got, want)
		}
	}
}

// One request can be followed in the log by its id, from the command to the proof,
// with the calls to Workfront that were made for it; and no line tells of a person but
// by ids.
func TestARequestIsFollowedInTheLog(t *testing.T) {
	t.Parallel()
	c := newCompany(t)
	c.vars["WFBOT_LOG_FORMAT"], c.vars["WFBOT_LOG_LEVEL"] = "json", "debug"
	_, stderr, stop := background(t, c.vars, "run")
	stderr.await(t, regexp.MustCompile(`Socket Mode connection open`))
	c.As(c.rita).Types(c.channel, "/wf-deactivate jane@acme.com left the company")
	card := c.Channel(c.channel).ExpectMessage("jane@acme.com")
	card.ExpectButtons("Approve", "Deny", "Cancel request")
	c.ExpectPrivate(c.rita, "Sent to", "jane@acme.com")
	card.Click(c.ada, "Approve")
	card.ExpectButtons("Request reactivation")
	c.ExpectDM(c.rita, "Jane Doe")
	stop()

	type line struct {
		Msg, Level, Time                        string
		Request, Card, Interaction              string
		Event, By, Step, Op, Kind, User, Status any
	}
	var id string
	var steps []string
	for text := range bytes.Lines([]byte(stderr.String())) {
		var l line
		if err := json.Unmarshal(text, &l); err != nil || l.Time == "" || l.Level == "" {
			t.Fatalf("%v in %s", err, text)
		}
		if l.Msg == "an interaction is stored" && l.Kind == "command" {
			id = l.Interaction
		}
		if id == "" || l.Request != id && l.Card != id && l.Interaction != id {
			continue
		}
		switch {
		case l.Event != nil:
			steps = append(steps, l.Event.(string)+" by "+l.By.(string))
		case l.Op != nil:
			op, _, _ := strings.Cut(l.Op.(string), " ")
			steps = append(steps, "Workfront: "+op)
		case l.Step != nil:
			steps = append(steps, l.Step.(string))
		default:
			steps = append(steps, l.Msg)
		}
		for _, of := range []string{"jane@", "Jane Doe", "Rita", "left the company"} {
			if bytes.Contains(text, []byte(of)) {
				t.Errorf("%q is in the line %s", of, text)
			}
		}
	}
	rest := steps
	for _, want := range []string{
		"an interaction is stored", "requested by " + c.rita, "look up", "Workfront: finding", "found by wfbot",
		"approve by " + c.ada, "execute", "execution started by wfbot", "Workfront: reading", "write attempted by wfbot", "Workfront: deactivating", "Workfront: reading", "done by wfbot", "tell",
	} {
		at := slices.IndexFunc(rest, func(s string) bool { return strings.HasPrefix(s, want) })
		if at < 0 {
			t.Fatalf("after what is followed so far the log lacks %q; it has\n%s", want, strings.Join(steps, "\n"))
		}
		rest = rest[at+1:]
	}
	for _, want := range []string{"post", "paint", "card posted by wfbot"} {
		if !slices.Contains(steps, want) {
			t.Errorf("the log lacks %q", want)
		}
	}
}
