package main

import (
	"context"
	"path/filepath"
	"strings"
	"testing"
)

// TestSlips: what an operator writes by a slip is named with what was meant, and
// never goes without a word.
func TestSlips(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ why, inFile, name, value, want string }{
		{"another program's name", "DATABASE_URL=postgres://db/x", "", "", "DATABASE_URL is not a variable of wfbot (line 1 of"},
		{"without prefix", "PROTECTED=dana@acme.com", "", "", "did you mean WFBOT_PROTECTED?"},
		{"the prefix of another", "WORKFRONT_PROTECTED=dana@acme.com", "", "", "did you mean WFBOT_PROTECTED?"},
		{"the prefix of Slack", "SLACK_CHANNEL=C012ABCDEF", "", "", "did you mean WFBOT_CHANNEL?"},
		{"the same in small letters, below", "slack_bot_token=xoxb-new", "", "", "slack_bot_token is not a variable of wfbot (line 1 of"},
		{"a slip in the prefix", "", "WF_BOT_PROTECTED", "dana@acme.com", "WF_BOT_PROTECTED is not a variable of wfbot; did you mean WFBOT_PROTECTED?"},
		{"a hyphen", "", "WFBOT-APPROVALS", "2", "did you mean WFBOT_APPROVALS?"},
		{"Windows' old encoding", "WFBOT_PROTECTED=j\xfcrgen@acme.com", "", "", "WFBOT_PROTECTED holds a character in line 1 of"},
		{"name and value", "", "WORKFRONT_API_KEY", "WORKFRONT_API_KEY=k3y", "WORKFRONT_API_KEY holds its own name and a ="},
		{"name and value in a file", "", "SLACK_BOT_TOKEN_FILE", writeFile(t, "SLACK_BOT_TOKEN=xoxb-1"), "SLACK_BOT_TOKEN holds its own name and a ="},
	} {
		vars := map[string]string{tc.name: tc.value}
		if plain, ok := strings.CutSuffix(tc.name, "_FILE"); ok {
			vars[plain] = ""
		}
		file := noFile(t)
		if tc.inFile != "" {
			file = writeFile(t, tc.inFile+"\n")
		}
		said := mistakesOf(t, loadConfigError(environ(variablesOf(vars)), file))
		if len(said) != 1 || !strings.Contains(said[0], tc.want) {
			t.Errorf("%s: the mistakes are %q, want %q", tc.why, said, tc.want)
		}
	}
	for _, name := range []string{"WEBOT_NAME", "BOT_TOKEN", "LOG_LEVEL", "DATABASE_URL", "SLACK_SIGNING_SECRET"} {
		if said := mistakesOf(t, loadConfigError(environ(variablesOf(map[string]string{name: "1"})), noFile(t))); said != nil {
			t.Errorf("%s in the environment is not wfbot's: %q", name, said)
		}
	}
}

// To be told to end while the database is being opened is no failure.
func TestRunEndsBeforeItBegan(t *testing.T) {
	t.Parallel()
	told, tell := context.WithCancel(t.Context())
	tell()
	out := new(output)
	err := run(told, []string{"run"}, process{
		environ: environ(variablesOf(map[string]string{"WFBOT_DATABASE_URL": "sqlite:" + filepath.Join(t.TempDir(), "wfbot.db")})),
		stdout:  out, stderr: out,
	})
	if err != nil || !strings.Contains(out.String(), "ended before it began") {
		t.Errorf("error %v; the log:\n%s", err, out)
	}
}
