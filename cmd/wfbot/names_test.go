package main

import (
	"errors"
	"strings"
	"testing"
)

// TestServiceLinks puts into the environment what Kubernetes and Docker put there
// for services whose names begin with those of wfbot's variables.
func TestServiceLinks(t *testing.T) {
	t.Parallel()
	links := map[string]string{"WFBOT_TEST_POSTGRES_URL": "postgres://x"}
	for _, service := range []string{"WFBOT", "WFBOT_DB", "WFBOT_CHANNEL", "WFBOT_PROTECTED", "WFBOT_HTTP_ADDR", "SLACK", "WORKFRONT", "WORKFRONT_URL", "SLACK_API"} {
		for suffix, value := range map[string]string{
			"_SERVICE_HOST": "10.96.0.11", "_SERVICE_PORT": "5432", "_SERVICE_PORT_HTTP_METRICS": "5432", "_PORT": "tcp://10.96.0.11:5432",
			"_PORT_5432_TCP": "tcp://10.96.0.11:5432", "_PORT_5432_TCP_PROTO": "tcp", "_PORT_5432_TCP_PORT": "5432", "_PORT_5432_TCP_ADDR": "10.96.0.11",
			"_PORT_53_UDP": "udp://10.96.0.11:53", "_PORT_53_UDP_PROTO": "udp", "_PORT_9_SCTP_ADDR": "10.96.0.11",
		} {
			links[service+suffix] = value
		}
	}
	if _, err := loadConfig(environ(variablesOf(links)), noFile(t)); err != nil {
		t.Errorf("in the environment: %v", err)
	}
	for name, why := range map[string]string{
		"WFBOT_PROTECTD":            "a misspelt rule",
		"WFBOT_DB_PORTS":            "not what a service is told by",
		"WFBOT_DB_PORT_5432":        "half of what a service is told by",
		"WFBOT_DB_PORT_HTTP_TCP":    "a port by its name",
		"WFBOT_DB_SERVICE":          "half of what a service is told by",
		"WFBOT_PORT_5432_TCP_EXTRA": "more than what a service is told by",
		"WFBOT_DB_NAME":             "a word that no service is told by",
		"WFBOT_TEST":                "not a test's",
		"wfbot_db_port":             "small letters",
	} {
		if said := mistakesOf(t, loadConfigError(environ(variablesOf(map[string]string{name: "1"})), noFile(t))); len(said) != 1 || !strings.HasPrefix(said[0], name+" is not a variable of wfbot") {
			t.Errorf("%s, %s: the mistakes are %q", name, why, said)
		}
	}
	for name := range links {
		if !strings.HasPrefix(name, "WFBOT_") {
			continue
		}
		if said := mistakesOf(t, loadConfigError(environ(variablesOf(nil)), writeFile(t, name+"=1\n"))); len(said) != 1 || !strings.HasPrefix(said[0], name+" is not a variable of wfbot") {
			t.Errorf("%s in the file, where nobody but its writer puts it: the mistakes are %q", name, said)
		}
	}
}

func loadConfigError(environ []string, file string) error {
	_, err := loadConfig(environ, file)
	return err
}

// mistakesOf returns the mistakes that err names, none for nil.
func mistakesOf(t *testing.T, err error) []string {
	t.Helper()
	var wrong *misuse
	switch {
	case err == nil:
		return nil
	case !errors.As(err, &wrong):
		t.Fatalf("error %v, want a *misuse", err)
	}
	lines := strings.Split(wrong.text, "\n  ")[1:]
	for i, line := range lines {
		lines[i], _, _ = strings.Cut(line, "\n")
	}
	return lines
}
