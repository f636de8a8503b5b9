package main

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"wfbot/bot/check"
	"wfbot/bot/sandbox"
	"wfbot/bot/slacksim"
	"wfbot/workfront/workfrontsim"
)

// report is what "wfbot check" printed.
type report struct {
	status           int
	Findings         []check.Finding
	Faults, Warnings int
}

// checkup runs "wfbot check" and fails where what it prints holds a secret.
func checkup(t *testing.T, vars map[string]string, flags ...string) (r report) {
	t.Helper()
	status, stdout, stderr := start(t, vars, "", append([]string{"check", "-json"}, flags...)...)
	if err := json.Unmarshal([]byte(stdout), &r); err != nil {
		t.Fatalf("status %d, %v\n%s%s", status, err, stdout, stderr)
	}
	r.status = status
	_, forPeople, more := start(t, vars, "", append([]string{"check"}, flags...)...)
	if lines := strings.Count(forPeople, "\n"); lines != len(r.Findings)+1 {
		t.Errorf("%d lines for %d findings:\n%s", lines, len(r.Findings), forPeople)
	}
	for name, value := range vars {
		if strings.HasSuffix(name, "_TOKEN") || strings.HasSuffix(name, "_KEY") || strings.HasSuffix(name, "_SECRET") {
			refuseSecret(t, name, value, stdout+stderr+forPeople+more)
		}
	}
	refuseSecret(t, "a marked secret", "S3CRET", stdout+stderr+forPeople+more)
	return r
}

func refuseSecret(t *testing.T, name, secret, printed string) {
	t.Helper()
	if strings.Contains(printed, secret) {
		t.Errorf("%s is in what was printed:\n%s", name, printed)
	}
}

// says reports whether a finding is of that severity and subject, and holds the parts in
// what it says and in what is to be done.
func (r report) says(severity check.Severity, subject, what, do string) bool {
	return slices.ContainsFunc(r.Findings, func(f check.Finding) bool {
		return f.Severity == severity && f.Subject == subject && strings.Contains(f.What, what) && strings.Contains(f.Do, do)
	})
}

// String lists what is not ok.
func (r report) String() string {
	var b strings.Builder
	for _, f := range r.Findings {
		if f.Severity != check.OK {
			fmt.Fprintf(&b, "%s %s: %s → %s\n", f.Severity, f.Subject, f.What, f.Do)
		}
	}
	return b.String()
}

// Each mistake that people make is found, with what to do about it.
func TestCheckFindsPlantedMistakes(t *testing.T) {
	t.Parallel()
	planted := map[string]bool{}
	for _, tc := range []struct {
		fault             string // of the services
		services, flags   []string
		severity          check.Severity
		subject, what, do string
	}{
		{"tokens-swapped", nil, nil, check.Fault, "SLACK_APP_TOKEN", "holds a bot token", "wfbot run --help"},
		{"tokens-swapped", nil, nil, check.Fault, "SLACK_BOT_TOKEN", "holds an app-level token (xapp-…); what belongs there begins with xoxb-", ""},
		{"user-token", nil, nil, check.Fault, "SLACK_BOT_TOKEN", "holds a user token (xoxp-…); what belongs there begins with xoxb-", ""},
		{"token-revoked", nil, nil, check.Fault, "SLACK_BOT_TOKEN", "is refused by Slack (account_inactive)", "set SLACK_BOT_TOKEN to the Bot User OAuth Token"},
		{"scope-missing", nil, nil, check.Fault, "SLACK_BOT_TOKEN", "lacks the bot scopes usergroups:read", "add them under OAuth & Permissions and reinstall the app"},
		{"socket-mode-off", nil, nil, check.Fault, "SLACK_APP_TOKEN", "socket_mode_not_enabled", "switch Socket Mode on in the app's settings"},
		{"approvers-empty", nil, nil, check.Fault, "WFBOT_APPROVERS", "the user group S0ITMANAGERS has no members", "add people to it in Slack"},
		{"one-person", nil, nil, check.Fault, "WFBOT_APPROVALS", "nobody approves their own request", "add another approver or another requester"},
		{"bot-not-in-channel", nil, nil, check.Fault, "WFBOT_CHANNEL", "wfbot is not in C0OFFBOARDING", "type /invite @wfbot in it"},
		{"channel-shared", nil, nil, check.Fault, "WFBOT_CHANNEL", "is shared with another organisation", "only your organisation is in"},
		{"key-expired", nil, nil, check.Fault, "Workfront credential", "is refused by Workfront (You are not currently logged in.)", "replace WORKFRONT_API_KEY"},
		{"key-without-rights", nil, nil, check.Fault, "Workfront credential", "may not edit users in Workfront", "make it a system administrator, or give its access level Users: Edit"},
		{"version-removed", nil, nil, check.Fault, "WORKFRONT_API_VERSION", "does not have the API version v22.0, or not any more", "set it to a version that Adobe supports"},
		{"clock-wrong", []string{"-oauth"}, nil, check.Fault, "Workfront credential", "is refused by Workfront", "behind Workfront's: set it (NTP)"},
		{"clock-wrong", nil, nil, check.Fault, "clock", "behind Workfront's", "keep it right with NTP"},
		{"customer-wrong", nil, nil, check.Fault, "Workfront credential", "is refused by Workfront", "Check that WORKFRONT_CLIENT_ID, WORKFRONT_CLIENT_SECRET, WORKFRONT_CUSTOMER_ID"},
		{"database-closed", nil, nil, check.Fault, "WFBOT_DATABASE_URL", "the folder ", ""}, // see also TestCheckClosedFolder
		{"second-deployment", nil, []string{"-connect"}, check.Fault, "Slack connections", "the app has 2, and wfbots on this database hold 0: another wfbot", "give each its own Slack app, or end one"},
		{"field-missing", nil, nil, check.Warning, "Workfront fields", "lacks RRUL.defaultAssignedToID: routing rules cannot be counted", "look them up in Workfront before you approve"},
		{"workfront-down", nil, nil, check.Fault, "WORKFRONT_URL", "Workfront does not answer", "https://status.adobe.com"},
		{"slack-down", nil, nil, check.Fault, "Slack", "does not answer", "see that this machine may open connections to Slack"},
	} {
		t.Run(tc.fault, func(t *testing.T) {
			t.Parallel()
			r := checkup(t, services(t, append([]string{"-fault", tc.fault}, tc.services...)...), tc.flags...)
			want := 2
			if tc.severity == check.Warning {
				want = 1
			}
			if !r.says(tc.severity, tc.subject, tc.what, tc.do) || r.status != want {
				t.Errorf("exit status %d, want %d, and a %s about %s: %q, %q in\n%s", r.status, want, tc.severity, tc.subject, tc.what, tc.do, r)
			}
		})
		planted[tc.fault] = true
	}
	for _, name := range sandbox.FaultNames() {
		passing := name == "workfront-slow" || name == "workfront-loses" || name == "workfront-lies" || name == "slack-late"
		if !planted[name] && !passing {
			t.Errorf("nobody looks for %s", name)
		}
	}
}

// A right set-up is all right, also beside a wfbot that works with it.
func TestCheckOfARightSetup(t *testing.T) {
	t.Parallel()
	for _, way := range [][]string{nil, {"-oauth"}} {
		vars := services(t, way...)
		allRight := func(when string, flags ...string) {
			t.Helper()
			r := checkup(t, vars, flags...)
			bad := slices.DeleteFunc(slices.Clone(r.Findings), func(f check.Finding) bool {
				onThisMachine := f.Severity == check.Warning && f.Subject == "WFBOT_DATABASE_URL" && strings.Contains(f.What, " is on ") // as in a container
				return f.Severity == check.OK || f.Severity == check.Unknown || onThisMachine
			})
			if len(bad) > 0 || r.Warnings == 0 && r.status != 0 {
				t.Errorf("%s: exit status %d, %+v", when, r.status, bad)
			}
		}
		allRight("before the first start")
		allRight("before the first start, with a connection", "-connect")
		_, log, end := background(t, vars, "run")
		log.await(t, regexp.MustCompile(`connected to Slack`))
		allRight("beside a wfbot")
		if status := end(); status != 0 {
			t.Errorf("run ended with %d:\n%s", status, log)
		}
		allRight("after it has ended")
	}
}

// What is wrong with the variables does not keep the rest from being looked at, and
// what stands in the wrong place is not shown.
func TestCheckOfWrongVariables(t *testing.T) {
	t.Parallel()
	right := services(t)
	for _, tc := range []struct {
		why               string
		vars              map[string]string
		severity          check.Severity
		subject, what, do string
	}{
		{"a rule without a value", map[string]string{"WFBOT_APPROVERS": ""}, check.Fault, "WFBOT_APPROVERS", "is missing", ""},
		{"the rest is looked at", map[string]string{"WFBOT_APPROVERS": ""}, check.OK, "Workfront credential", "works as wfbot", ""},
		{"a misspelt variable", map[string]string{"WFBOT_APROVERS": "S3CRET"}, check.Fault, "WFBOT_APROVERS", "did you mean WFBOT_APPROVERS", ""},
		{"a token as a channel", map[string]string{"WFBOT_CHANNEL": "xoxb-S3CRET"}, check.Fault, "WFBOT_CHANNEL", "takes the id of a channel", ""},
		{"a key in an address", map[string]string{"WORKFRONT_URL": "https://acme.com/?apiKey=S3CRET"}, check.Fault, "WORKFRONT_URL", "is the host alone", ""},
		{"a password in the database's address", map[string]string{"WFBOT_DATABASE_URL": "postgres://u:S3CRET@127.0.0.1:9/x"}, check.Fault, "WFBOT_DATABASE_URL", "cannot be used", ""},
		{"a key that is refused", map[string]string{"WORKFRONT_API_KEY": "S3CRETkey"}, check.Fault, "Workfront credential", "is refused", "replace WORKFRONT_API_KEY"},
		{"a bot token that is refused", map[string]string{"SLACK_BOT_TOKEN": "xoxb-S3CRET"}, check.Fault, "SLACK_BOT_TOKEN", "invalid_auth", "set SLACK_BOT_TOKEN"},
		{"an app token that is refused", map[string]string{"SLACK_APP_TOKEN": "xapp-1-A0WFBOT-S3CRET"}, check.Fault, "SLACK_APP_TOKEN", "invalid_auth", "set SLACK_APP_TOKEN"},
		{"an app token of another app", map[string]string{"SLACK_APP_TOKEN": "xapp-1-A0OTHER-S3CRET"}, check.Fault, "SLACK_APP_TOKEN", "is of another app (A0OTHER) than SLACK_BOT_TOKEN (A0WFBOT)", "the same app"},
		{"nobody is there", map[string]string{"SLACK_API_URL": "http://127.0.0.1:9/api/"}, check.Fault, "Slack", "does not answer", "HTTPS_PROXY"},
		{"a guest", map[string]string{"WFBOT_APPROVERS": "U0ADA,U0GUS"}, check.Fault, "WFBOT_APPROVERS", "gus (U0GUS) is a guest", "take U0GUS out"},
		{"a person of a partner", map[string]string{"WFBOT_APPROVERS": "U0ADA,U0PIA"}, check.Fault, "WFBOT_APPROVERS", "pia (U0PIA) is not a member of this workspace", ""},
		{"the bot itself", map[string]string{"WFBOT_APPROVERS": "U0ADA,U0WFBOT"}, check.Fault, "WFBOT_APPROVERS", "is a bot", ""},
		{"somebody whom Slack does not know", map[string]string{"WFBOT_REQUESTERS": "U0NOBODY,U0RITA"}, check.Fault, "WFBOT_REQUESTERS", "U0NOBODY is not known to Slack", "take U0NOBODY out"},
		{"a group that is not there", map[string]string{"WFBOT_APPROVERS": "S0NOBODY"}, check.Fault, "WFBOT_APPROVERS", "there is no user group S0NOBODY", "wfbot check -ids @handle"},
		{"too few for two approvals", map[string]string{"WFBOT_APPROVALS": "2"}, check.Warning, "WFBOT_APPROVALS", "could never be approved: ada", "add another approver"},
		{"too few for administrators", map[string]string{"WFBOT_ALLOW_ADMINS": "true", "WFBOT_ADMIN_APPROVALS": "3"}, check.Fault, "WFBOT_ADMIN_APPROVALS", "asks for 3 approvals", "add another approver"},
		{"an approver who is not in the channel", map[string]string{"WFBOT_CHANNEL": "C0OPERATIONS", "WFBOT_APPROVERS": "U0ADA,U0BEN"}, check.Warning, "WFBOT_CHANNEL", "do not see the cards: ben", "invite them"},
		{"no channel for the operator", map[string]string{"WFBOT_OPS_CHANNEL": ""}, check.Warning, "WFBOT_OPS_CHANNEL", "only in the log", "name a channel"},
		{"a channel that is not there", map[string]string{"WFBOT_OPS_CHANNEL": "C0NOWHERE"}, check.Fault, "WFBOT_OPS_CHANNEL", "wfbot is not in C0NOWHERE", "/invite @wfbot"},
		{"an old version", map[string]string{"WORKFRONT_API_VERSION": "v17.0"}, check.Warning, "WORKFRONT_API_VERSION", "has ended with the release of October 2026", "set v22.0"},
		{"a version that is not there yet", map[string]string{"WORKFRONT_API_VERSION": "v99.0"}, check.Fault, "WORKFRONT_API_VERSION", "does not have the API version v99.0", "Adobe supports"},
		{"a custom field that is not there", map[string]string{"WORKFRONT_USER_FIELDS": "DE:Employee ID"}, check.Warning, "Workfront fields", "USER.DE:Employee ID", "WORKFRONT_USER_FIELDS"},
	} {
		vars := maps.Clone(right)
		maps.Copy(vars, tc.vars)
		if r := checkup(t, vars); !r.says(tc.severity, tc.subject, tc.what, tc.do) {
			t.Errorf("%s: no %s about %s: %q, %q in\n%s", tc.why, tc.severity, tc.subject, tc.what, tc.do, r)
		}
	}
}

// A database of another Workfront or workspace is found, as when wfbot starts.
func TestCheckOfAnothersDatabase(t *testing.T) {
	t.Parallel()
	one, other := services(t), services(t)
	_, log, end := background(t, one, "run")
	log.await(t, regexp.MustCompile(`connected to Slack`))
	if status := end(); status != 0 {
		t.Fatalf("run ended with %d:\n%s", status, log)
	}
	other["WFBOT_DATABASE_URL"] = one["WFBOT_DATABASE_URL"]
	host := strings.TrimPrefix(one["WORKFRONT_URL"], "http://")
	if r := checkup(t, other); r.status != 2 || !r.says(check.Fault, "WFBOT_DATABASE_URL", "the database works for the Workfront "+host, "set WFBOT_DATABASE_URL to the database of ") &&
		!r.says(check.Fault, "WFBOT_DATABASE_URL", "works for the Workfront "+host, "") {
		t.Errorf("%s", r)
	}
	other["WFBOT_MOVED_FROM"] = host
	if r := checkup(t, other); r.says(check.Fault, "WFBOT_DATABASE_URL", "", "") {
		t.Errorf("it has moved: %s", r)
	}
}

// What is asked for by name is found, with no more than the variables for it.
func TestCheckIDs(t *testing.T) {
	t.Parallel()
	vars := services(t)
	few := map[string]string{"SLACK_BOT_TOKEN": vars["SLACK_BOT_TOKEN"], "SLACK_API_URL": vars["SLACK_API_URL"], "WORKFRONT_URL": vars["WORKFRONT_URL"], "WORKFRONT_API_KEY": vars["WORKFRONT_API_KEY"]}
	ids := func(names ...string) (status int, found []check.ID) {
		t.Helper()
		status, stdout, stderr := start(t, few, "", append([]string{"check", "-ids", "-json"}, names...)...)
		var answer struct{ IDs []check.ID }
		if err := json.Unmarshal([]byte(stdout), &answer); err != nil {
			t.Fatalf("status %d, %v\n%s%s", status, err, stdout, stderr)
		}
		refuseSecret(t, "a secret", "S3CRET", stdout+stderr)
		return status, answer.IDs
	}
	status, found := ids("ada@acme.com", "@it-managers", "#it-offboarding", "#general", "wf:jane@acme.com")
	var got []string
	for _, one := range found {
		got = append(got, one.ID)
	}
	if want := []string{"U0ADA", "S0ITMANAGERS", "C0OFFBOARDING", "C0GENERAL"}; status != 0 || len(got) != 5 || !slices.Equal(got[:4], want) || len(got[4]) != 32 {
		t.Errorf("status %d, ids %q, want %q and one of Workfront", status, got, want)
	}
	status, found = ids("nobody@acme.com", "@nobody", "#nowhere", "wf:nobody@acme.com", "xoxb-S3CRET")
	for i, want := range []string{"no active Slack user", "no user group", "/invite @wfbot", "no Workfront user", "write the e-mail"} {
		if status != 1 || found[i].ID != "" || !strings.Contains(found[i].Error, want) {
			t.Errorf("status %d, %+v, want %q", status, found[i], want)
		}
	}
	if _, found = ids("wf:kim@acme.com"); len(found) != 2 || found[0].About == found[1].About {
		t.Errorf("two users of one e-mail: %+v", found)
	}
	for _, args := range [][]string{{"-ids"}, {"ada@acme.com"}, {"-ids", "-connect", "ada@acme.com"}} {
		if status, _, _ := start(t, few, "", append([]string{"check"}, args...)...); status != 2 {
			t.Errorf("%q: exit status %d", args, status)
		}
	}
	status, _, said := start(t, map[string]string{"WORKFRONT_URL": vars["WORKFRONT_URL"]}, "", "check", "-ids", "ada@acme.com")
	if status != 2 || !strings.Contains(said, "SLACK_BOT_TOKEN is missing") || strings.Contains(said, "WFBOT_") {
		t.Errorf("without a token: status %d, %q", status, said)
	}
}

// A check sends nothing that changes anything.
func TestCheckChangesNothing(t *testing.T) {
	t.Parallel()
	slack := slacksim.New(slacksim.Config{})
	if _, err := slack.Start("127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(slack.Close)
	var both []string
	for _, name := range []string{"rita", "ada"} {
		both = append(both, slack.AddUser(slacksim.User{Name: name, Email: name + "@acme.com"}).ID)
	}
	channel := slack.AddChannel(slacksim.Channel{Name: "it", Private: true, Members: append(both, slack.BotUserID())}).ID
	sim, url := tenant(t, workfrontsim.Config{})
	dir := t.TempDir()
	vars := map[string]string{
		"SLACK_APP_TOKEN": slack.AppToken(), "SLACK_BOT_TOKEN": slack.BotToken(), "SLACK_API_URL": slack.APIURL(), "WORKFRONT_URL": url, "WORKFRONT_API_KEY": sim.APIKey(),
		"WFBOT_DATABASE_URL": "sqlite:" + filepath.Join(dir, "wfbot.db"), "WFBOT_REQUESTERS": both[0], "WFBOT_APPROVERS": both[1] + " manager", "WFBOT_CHANNEL": channel, "WFBOT_OPS_CHANNEL": channel,
	}
	if r := checkup(t, vars, "-connect"); r.Faults > 0 {
		t.Errorf("%s", r)
	}
	reads := []string{"auth.test", "apps.connections.open", "bots.info", "users.info", "conversations.info", "conversations.members"}
	for _, call := range slack.Calls() {
		if !slices.Contains(reads, call.Method) {
			t.Errorf("Slack was sent %s", call.Method)
		}
	}
	for _, call := range sim.Journal() {
		if call.Verb != "GET" {
			t.Errorf("Workfront was sent %s %s", call.Verb, call.Path)
		}
	}
	if files, err := filepath.Glob(filepath.Join(dir, "*")); err != nil || len(files) > 0 {
		t.Errorf("files %q, %v", files, err)
	}
	if err := slack.WaitFor(context.Background(), func() bool { return len(slack.Connections()) == 0 }); err != nil {
		t.Error(err)
	}
}
