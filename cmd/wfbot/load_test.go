package main

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestSecretFiles(t *testing.T) {
	t.Parallel()
	vars := variablesOf(map[string]string{
		"SLACK_APP_TOKEN": "", "SLACK_APP_TOKEN_FILE": writeFile(t, "xapp-1-file\n"),
		"SLACK_BOT_TOKEN": "", "SLACK_BOT_TOKEN_FILE": writeFile(t, "\ufeffxoxb-1-file\r\n"),
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
	wide := writeFile(t, "\xff\xfes\x003\x00")
	long := writeFile(t, "xoxb-"+strings.Repeat("x", maxSecret))
	_, err = loadConfig(environ(variablesOf(map[string]string{
		"SLACK_APP_TOKEN": "", "SLACK_APP_TOKEN_FILE": absent,
		"SLACK_BOT_TOKEN": "", "SLACK_BOT_TOKEN_FILE": long,
		"WORKFRONT_API_KEY": "k3y", "WORKFRONT_API_KEY_FILE": absent,
		"WORKFRONT_CLIENT_SECRET_FILE": wide, "WORKFRONT_PRIVATE_KEY_FILE": "~/key.pem",
		"WFBOT_DATABASE_URL_FILE": "xoxb-SECRET", // the secret itself in place of its file
	})), noFile(t))
	for _, want := range []string{
		fmt.Sprintf("SLACK_APP_TOKEN cannot be read from the file %q of SLACK_APP_TOKEN_FILE: no such file", absent),
		fmt.Sprintf("SLACK_BOT_TOKEN cannot be read from the file %q of SLACK_BOT_TOKEN_FILE: it is too long", long),
		"WORKFRONT_API_KEY and WORKFRONT_API_KEY_FILE are both set",
		"WFBOT_DATABASE_URL cannot be read from the file that WFBOT_DATABASE_URL_FILE names: no such file",
		fmt.Sprintf("WORKFRONT_CLIENT_SECRET cannot be read from the file %q of WORKFRONT_CLIENT_SECRET_FILE: it is in UTF-16", wide),
		"WORKFRONT_PRIVATE_KEY cannot be read from the file that WORKFRONT_PRIVATE_KEY_FILE names: write the whole path",
		"has 6 mistakes",
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v\nlacks %q", err, want)
		}
	}
	if err != nil && strings.Contains(err.Error(), "xoxb-SECRET") {
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
	names := []string{"WFBOT_APROVERS", "WFBOT_HTTP_ADDR"}
	for _, v := range variables[config]() {
		names = append(names, v.Name, v.Name+"_FILE")
	}
	check := func(what string, vars map[string]string, file string) {
		for _, load := range []func() error{
			func() error { _, err := loadConfig(environ(vars), file); return err },
			func() error { _, err := loadPart(environ(vars), file, (*workfrontHost).check); return err },
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
