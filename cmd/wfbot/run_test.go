package main

import (
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"wfbot/bot/slacksim"
	"wfbot/bot/slacksim/story"
	"wfbot/workfront/workfrontsim"
)

// TestRun lets the program do its job with nothing but its environment, and
// looks for its secrets wherever it writes.
func TestRun(t *testing.T) {
	t.Parallel()
	slack := story.Start(t, slacksim.Config{AppToken: "xapp-1-A012-S3CRET-app", BotToken: "xoxb-S3CRET-bot"})
	rita := slack.AddUser(slacksim.User{Name: "rita", RealName: "Rita Young", Email: "rita@acme.com"}).ID
	ada := slack.AddUser(slacksim.User{Name: "ada", RealName: "Ada Okafor", Email: "ada@acme.com"}).ID
	channel := slack.AddChannel(slacksim.Channel{Name: "it", Private: true, Members: []string{slack.BotUserID(), rita, ada}}).ID
	sim, url := tenant(t, workfrontsim.Config{APIKey: "S3CRETworkfrontkey"})
	jane := sim.AddUser(workfrontsim.User{Name: "Jane Doe", Email: "jane@acme.com", Active: true})
	dir := t.TempDir()
	vars := map[string]string{
		"SLACK_APP_TOKEN_FILE": writeFile(t, "xapp-1-A012-S3CRET-app\n"), "SLACK_BOT_TOKEN": "xoxb-S3CRET-bot", "SLACK_API_URL": slack.URL(),
		"WORKFRONT_URL": url, "WORKFRONT_API_KEY": "S3CRETworkfrontkey", "WFBOT_DATABASE_URL": "sqlite:" + filepath.Join(dir, "wfbot.db"),
		"WFBOT_REQUESTERS": rita, "WFBOT_APPROVERS": ada, "WFBOT_LOG_LEVEL": "debug",
	}

	stdout, stderr, stop := background(t, vars, "run")
	stderr.await(t, regexp.MustCompile(`wfbot starts`))
	if err := slack.WaitFor(t.Context(), func() bool { return len(slack.Connections()) > 0 }); err != nil {
		t.Fatal(err)
	}

	// A second process on the same file is turned away and disturbs nothing.
	if status, _, said := start(t, vars, "", "run"); status != 1 || !strings.Contains(said, "another wfbot is working on it") {
		t.Errorf("a second process: exit status %d, standard error %q", status, said)
	}

	slack.As(rita).Types(channel, "/wf-deactivate jane@acme.com left the company")
	card := slack.Channel(channel).ExpectMessage("jane@acme.com")
	card.ExpectButtons("Approve", "Deny", "Cancel request")
	slack.ExpectPrivate(rita, "Sent to", "jane@acme.com")
	card.Click(ada, "Approve")
	card.ExpectButtons("Request reactivation")
	slack.ExpectDM(rita, "Jane Doe")
	if user, _ := sim.User(jane.ID); user.Active {
		t.Error("jane is still active")
	}

	if status := stop(); status != 0 {
		t.Errorf("exit status %d, standard error:\n%s", status, stderr)
	}
	texts := map[string]string{"standard output": stdout.String(), "the log": stderr.String()}
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no database file: %v", err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		texts[file] = string(text)
	}
	for where, text := range texts {
		if strings.Contains(text, "S3CRET") {
			t.Errorf("a token is in %s", where)
		}
	}
}

func TestRunFails(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		why    string
		slack  slacksim.Config
		vars   map[string]string
		stderr string
	}{
		{"a token that Slack refuses", slacksim.Config{BotToken: "xoxb-another"}, nil, "SLACK_BOT_TOKEN"},
		{"a scope that is missing", slacksim.Config{BotScopes: []string{"commands", "chat:write", "channels:read", "groups:read", "users:read"}}, nil, "users:read.email"},
		{"a database in a folder that does not exist", slacksim.Config{}, map[string]string{"WFBOT_DATABASE_URL": "sqlite:/nonexistent/wfbot.db"}, "the folder /nonexistent does not exist: create it"},
	} {
		slack := slacksim.New(tc.slack)
		if _, err := slack.Start("127.0.0.1:0"); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(slack.Close)
		vars := map[string]string{
			"SLACK_APP_TOKEN": slacksim.DefaultAppToken, "SLACK_BOT_TOKEN": slacksim.DefaultBotToken, "SLACK_API_URL": slack.URL(),
			"WORKFRONT_URL": "http://127.0.0.1:9", "WORKFRONT_API_KEY": "k3y", "WFBOT_DATABASE_URL": "sqlite:" + filepath.Join(t.TempDir(), "wfbot.db"),
		}
		for name, value := range tc.vars {
			vars[name] = value
		}
		status, _, stderr := start(t, variablesOf(vars), "", "run")
		if status != 1 || !strings.Contains(stderr, tc.stderr) {
			t.Errorf("%s: exit status %d, standard error %q, want %q in it", tc.why, status, stderr, tc.stderr)
		}
	}
}

// TestRunOnAnothersDatabase starts the program with the database of one Slack and
// Workfront and the configuration of another.
func TestRunOnAnothersDatabase(t *testing.T) {
	t.Parallel()
	workspace := func(id string) string {
		slack := slacksim.New(slacksim.Config{TeamID: id})
		if _, err := slack.Start("127.0.0.1:0"); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(slack.Close)
		return slack.URL()
	}
	one, other := workspace("T0ACME"), workspace("T0OTHER")
	database := "sqlite:" + filepath.Join(t.TempDir(), "wfbot.db")
	vars := func(slack, workfront, movedFrom string) map[string]string {
		return variablesOf(map[string]string{
			"SLACK_APP_TOKEN": slacksim.DefaultAppToken, "SLACK_BOT_TOKEN": slacksim.DefaultBotToken, "SLACK_API_URL": slack,
			"WORKFRONT_URL": workfront, "WFBOT_MOVED_FROM": movedFrom, "WFBOT_DATABASE_URL": database,
		})
	}
	const preview, production = "http://127.0.0.1:9", "http://127.0.0.2:9"
	connects := func(why string, vars map[string]string) {
		_, stderr, stop := background(t, vars, "run")
		stderr.await(t, regexp.MustCompile(`connected to Slack`))
		if status := stop(); status != 0 {
			t.Errorf("%s: exit status %d, standard error:\n%s", why, status, stderr)
		}
	}
	refused := func(why, want string, vars map[string]string) {
		if status, _, stderr := start(t, vars, "", "run"); status != 2 || !strings.Contains(stderr, want) {
			t.Errorf("%s: exit status %d, standard error %q, want %q in it", why, status, stderr, want)
		}
	}
	connects("the first start", vars(one, preview, ""))
	refused("another Workfront", "the database works for the Workfront 127.0.0.1:9, and WORKFRONT_URL names 127.0.0.2:9", vars(one, production, ""))
	refused("a move from a third", "it names another host now", vars(one, production, "127.0.0.3:9"))
	refused("another Slack", "the database works for the Slack workspace T0ACME, and SLACK_BOT_TOKEN is of T0OTHER", vars(other, preview, ""))
	connects("the move", vars(one, production, "127.0.0.1:9"))
	connects("after the move", vars(one, production, ""))
	refused("where it was", "the database works for the Workfront 127.0.0.2:9", vars(one, preview, ""))
}

// TestRunReadsDotenv runs in a directory of its own, so it is not parallel.
func TestRunReadsDotenv(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := os.WriteFile(dotenv, []byte("SLACK_APP_TOKEN=xoxb-S3CRET\nWFBOT_APPROVERS=jane@acme.com\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	var errs output
	p := process{environ: environ(variablesOf(map[string]string{"SLACK_APP_TOKEN": "", "WFBOT_APPROVERS": ""})), stderr: &errs}
	err := run(t.Context(), []string{"run"}, p)
	var wrong *misuse
	if !errors.As(err, &wrong) || strings.Contains(err.Error(), "S3CRET") {
		t.Fatalf("error %v, want a *misuse", err)
	}
	for _, want := range []string{"SLACK_APP_TOKEN holds a bot token", "WFBOT_APPROVERS takes ids", "has 2 mistakes"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("error %v\nlacks %q", err, want)
		}
	}
}

// TestRunNamesFilesThatOthersMayRead runs in a directory of its own, so it is not
// parallel.
func TestRunNamesFilesThatOthersMayRead(t *testing.T) {
	t.Chdir(t.TempDir())
	slack := slacksim.New(slacksim.Config{BotToken: "xoxb-another"}) // ends the run at once
	if _, err := slack.Start("127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(slack.Close)
	vars := variablesOf(map[string]string{
		"SLACK_APP_TOKEN": slacksim.DefaultAppToken, "SLACK_BOT_TOKEN": slacksim.DefaultBotToken, "SLACK_API_URL": slack.URL(),
		"WORKFRONT_URL": "http://127.0.0.1:9", "WORKFRONT_API_KEY": "k3y", "WFBOT_DATABASE_URL": "sqlite:wfbot.db",
	})
	said := func() string {
		var errs output
		if err := run(t.Context(), []string{"run"}, process{environ: environ(vars), stderr: &errs}); err == nil {
			t.Error("it took a token that Slack refuses")
		}
		return errs.String()
	}
	if err := os.WriteFile(dotenv, []byte("# nothing yet\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if text := said(); strings.Contains(text, "chmod") {
		t.Errorf("nobody else may read anything, and it says\n%s", text)
	}
	for name, mode := range map[string]os.FileMode{dotenv: 0o644, "wfbot.db": 0o640, "wfbot.db.lock": 0o666} {
		if err := os.Chmod(name, mode); err != nil {
			t.Fatal(err)
		}
	}
	text := said()
	for _, name := range []string{dotenv, "wfbot.db", "wfbot.db-wal", "wfbot.db.lock"} { // SQLite gives the WAL the database's mode
		if !regexp.MustCompile(`level=WARN .*chmod 600 \S*` + regexp.QuoteMeta(name) + `"`).MatchString(text) {
			t.Errorf("%s is not named in\n%s", name, text)
		}
	}
}
