package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestDotenv(t *testing.T) {
	t.Parallel()
	file := writeFile(t, "\n# comment\nSLACK_APP_TOKEN=xapp-1-file\nexport SLACK_BOT_TOKEN=\"xoxb-1-file\" # comment\n"+
		"WORKFRONT_API_KEY='a$b#c\"d'\r\nWFBOT_APPROVALS=2\nWFBOT_DRY_RUN=true\n")
	vars := variablesOf(map[string]string{"SLACK_APP_TOKEN": "", "SLACK_BOT_TOKEN": "", "WORKFRONT_API_KEY": ""})
	list := append(environ(vars), "WFBOT_APPROVALS=1", "WFBOT_DRY_RUN=")
	c, err := loadConfig(list, file)
	if err != nil {
		t.Fatal(err)
	}
	if c.SlackAppToken.Reveal() != "xapp-1-file" || c.SlackBotToken.Reveal() != "xoxb-1-file" || c.WorkfrontAPIKey.Reveal() != `a$b#c"d` {
		t.Errorf("tokens %q, %q, key %q", c.SlackAppToken.Reveal(), c.SlackBotToken.Reveal(), c.WorkfrontAPIKey.Reveal())
	}
	if c.Approvals != 1 || c.DryRun {
		t.Errorf("approvals %d, dry run %t: the environment does not take precedence over the file", c.Approvals, c.DryRun)
	}
	if _, set := os.LookupEnv("SLACK_APP_TOKEN"); set {
		t.Error("the file's variables were exported into the environment")
	}
}

func TestDotenvMalformed(t *testing.T) {
	t.Parallel()
	const token = "xapp-SECRET-SECRET"
	for _, tc := range []struct {
		why, text string
		line      int
	}{
		{"a name with a hyphen", "A=1\nBAD-NAME=2\nSLACK_APP_TOKEN=" + token, 2},
		{"a name with a space", "# x\n\nSLACK APP TOKEN=" + token + "\n", 3},
		{"no equals sign", "A=1\nSLACK_APP_TOKEN " + token + "\nB=2\n", 2},
		{"no equals sign in the last line", "A=1\n" + token, 2},
		{"a word alone in the last line", "A=1\nB=2\nSECRET", 3},
		{"an open quotation mark", "A=1\nSLACK_APP_TOKEN=\"" + token + "\nB=2\nC=3\n", 2},
		{"an open quotation mark in the first line", "SLACK_APP_TOKEN='" + token, 1},
		{"a byte order mark", "\ufeffSLACK_APP_TOKEN=" + token + "\n", 1},
		{"another character set", "S\x00L\x00A\x00C\x00K\x00=\x00x\x00", 1},
		{"after a value of several lines", "A='1\n2\n3'\nB B=" + token, 4},
		{"an empty name", "=" + token, 1},
	} {
		_, err := loadConfig(environ(variablesOf(nil)), writeFile(t, tc.text))
		var wrong *misuse
		if !errors.As(err, &wrong) || !strings.Contains(wrong.text, fmt.Sprintf("is malformed in line %d ", tc.line)) || !strings.Contains(wrong.text, "NAME=value") {
			t.Errorf("%s: %v, want line %d named", tc.why, err, tc.line)
		}
		if err != nil && strings.Contains(err.Error(), "SECRET") {
			t.Errorf("%s: the error quotes the file: %v", tc.why, err)
		}
	}
}

func TestDotenvUnreadable(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	_, err := loadConfig(environ(variablesOf(nil)), dir)
	var wrong *misuse
	if !errors.As(err, &wrong) || !strings.Contains(wrong.text, "cannot be read: is a directory") {
		t.Errorf("error %v, want a *misuse about the directory", err)
	}
}

func TestSecretFiles(t *testing.T) {
	t.Parallel()
	vars := variablesOf(map[string]string{
		"SLACK_APP_TOKEN": "", "SLACK_APP_TOKEN_FILE": writeFile(t, "xapp-1-file\n"),
		"SLACK_BOT_TOKEN": "", "SLACK_BOT_TOKEN_FILE": writeFile(t, "xoxb-1-file\r\n"),
		"WORKFRONT_API_KEY": "", "WORKFRONT_API_KEY_FILE": writeFile(t, "filekey"),
		"WFBOT_DATABASE_URL_FILE": writeFile(t, "postgres://u:p@db/x\n"),
	})
	c, err := loadConfig(environ(vars), noFile(t))
	if err != nil {
		t.Fatal(err)
	}
	got := []string{c.SlackAppToken.Reveal(), c.SlackBotToken.Reveal(), c.WorkfrontAPIKey.Reveal(), c.DatabaseURL.Reveal()}
	if want := []string{"xapp-1-file", "xoxb-1-file", "filekey", "postgres://u:p@db/x"}; !slices.Equal(got, want) {
		t.Errorf("secrets are %q, want %q", got, want)
	}

	absent := filepath.Join(t.TempDir(), "absent")
	long := writeFile(t, "xoxb-"+strings.Repeat("x", maxSecret))
	_, err = loadConfig(environ(variablesOf(map[string]string{
		"SLACK_APP_TOKEN": "", "SLACK_APP_TOKEN_FILE": absent,
		"SLACK_BOT_TOKEN": "", "SLACK_BOT_TOKEN_FILE": long,
		"WORKFRONT_API_KEY": "k3y", "WORKFRONT_API_KEY_FILE": absent,
		"WFBOT_DATABASE_URL_FILE": "xoxb-SECRET", // the secret itself in place of its file
	})), noFile(t))
	for _, want := range []string{
		fmt.Sprintf("SLACK_APP_TOKEN cannot be read from the file %q of SLACK_APP_TOKEN_FILE: no such file", absent),
		fmt.Sprintf("SLACK_BOT_TOKEN cannot be read from the file %q of SLACK_BOT_TOKEN_FILE: it is too long", long),
		"WORKFRONT_API_KEY and WORKFRONT_API_KEY_FILE are both set",
		"WFBOT_DATABASE_URL cannot be read from the file that WFBOT_DATABASE_URL_FILE names: no such file",
		"has 4 mistakes",
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v\nlacks %q", err, want)
		}
	}
	if err != nil && strings.Contains(err.Error(), "SECRET") {
		t.Errorf("the error holds what may be a secret: %v", err)
	}
}

// TestNoSecretInMistakes puts a secret into every variable, right or wrong, in
// many forms: whatever the mistakes are, they do not show it.
func TestNoSecretInMistakes(t *testing.T) {
	t.Parallel()
	const planted = "S3CRET"
	forms := []string{
		"%s", "xapp-1-%s", "xoxb-1-%s", "xoxp-%s", "xoxe.xoxb-1-%s", `"%s"`, "'%s", "#%s", "@%s", "%s@acme.com", "U1AA,%s", "%s %s", "a\n%s",
		"https://%s", "https://u:%s@acme.com", "https://acme.com/%s", "https://acme.com?apiKey=%s", "http://%s.com", "http://[%s", "://%s", "https://acme.com:%s/",
		"sqlite:%s", "postgres://u:%s@db/x", "mysql://%s", "12%s", "1h%s", "v%s", "true%s", "info+%s", "D%s", "./%s", "-----BEGIN PRIVATE KEY-----\n%s\n-----END PRIVATE KEY-----",
	}
	names := append([]string{"WFBOT_APROVERS", "WFBOT_HTTP_ADDR"}, announced...)
	for _, v := range variables[config]() {
		names = append(names, v.Name, v.Name+"_FILE")
	}
	check := func(what string, vars map[string]string, file string) {
		for _, load := range []func() error{
			func() error { _, err := loadConfig(environ(vars), file); return err },
			func() error { _, err := loadWorkfrontHost(environ(vars), file); return err },
		} {
			if err := load(); err != nil && strings.Contains(strings.ToUpper(err.Error()), planted) {
				t.Errorf("%s: the secret is in the error:\n%v", what, err)
			}
		}
	}
	for _, form := range forms {
		value := strings.ReplaceAll(form, "%s", planted)
		everywhere := map[string]string{}
		for _, name := range names {
			check(fmt.Sprintf("%s=%q", name, value), variablesOf(map[string]string{name: value}), noFile(t))
			everywhere[name] = value
		}
		check(fmt.Sprintf("%q everywhere", value), everywhere, noFile(t))
		check(fmt.Sprintf("%q in a file", value), nil, writeFile(t, "SLACK_APP_TOKEN="+value+"\nB-C="+planted))
		check(fmt.Sprintf("%q as a line of a file", value), nil, writeFile(t, value+"\n"))
	}
}

func FuzzDotenv(f *testing.F) {
	f.Add("A=1\nB B=2")
	f.Add("A='\n")
	f.Fuzz(func(t *testing.T, text string) {
		if _, err := readVariables([]byte(text)); err == nil {
			return
		}
		lines := strings.SplitAfter(text, "\n")
		n := malformedLine([]byte(text))
		if n < 1 || n > len(lines) {
			t.Fatalf("line %d of %d", n, len(lines))
		}
		if _, err := readVariables([]byte(strings.Join(lines[:n-1], ""))); err != nil {
			t.Errorf("what precedes line %d is malformed too", n)
		}
	})
}
