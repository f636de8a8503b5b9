package main

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"wfbot/bot/request"
	"wfbot/workfront"
)

// variablesOf is a configuration without mistakes, changed by changes. An empty
// value removes a variable.
func variablesOf(changes map[string]string) map[string]string {
	vars := map[string]string{
		"SLACK_APP_TOKEN":   "xapp-1-A012-345-abcdef",
		"SLACK_BOT_TOKEN":   "xoxb-012-345-abcdef",
		"WORKFRONT_URL":     "https://acme.my.workfront.adobe.com",
		"WORKFRONT_API_KEY": "k3yk3yk3y",
		"WFBOT_REQUESTERS":  "U0RITA S0SUPPORT",
		"WFBOT_APPROVERS":   "U0ADA,U0BEN",
	}
	maps.Copy(vars, changes)
	maps.DeleteFunc(vars, func(_, value string) bool { return value == "" })
	return vars
}

func environ(vars map[string]string) []string {
	var list []string
	for name, value := range vars {
		list = append(list, name+"="+value)
	}
	return list
}

// noFile is a file of variables that does not exist.
func noFile(t *testing.T) string { return filepath.Join(t.TempDir(), "none") }

func writeFile(t *testing.T, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func TestConfigDefaults(t *testing.T) {
	t.Parallel()
	c, err := loadConfig(environ(variablesOf(nil)), noFile(t))
	if err != nil {
		t.Fatal(err)
	}
	want := config{
		SlackAppToken:    "xapp-1-A012-345-abcdef",
		SlackBotToken:    "xoxb-012-345-abcdef",
		SlackAPIURL:      "https://slack.com/api/",
		Workfront:        workfrontHost{URL: "https://acme.my.workfront.adobe.com", APIVersion: "v22.0"},
		WorkfrontAPIKey:  "k3yk3yk3y",
		DatabaseAddress:  DatabaseAddress{"sqlite:wfbot.db"},
		Requesters:       "U0RITA S0SUPPORT",
		Approvers:        "U0ADA,U0BEN",
		Approvals:        1,
		AdminApprovals:   2,
		RequestTTL:       72 * time.Hour,
		RemindEvery:      24 * time.Hour,
		VerifyAfter:      24 * time.Hour,
		SlackConnections: 2, WorkfrontConcurrency: 6,
		LogLevel:  slog.LevelInfo,
		LogFormat: "text",
		policy: request.Policy{
			Requesters:     request.Members{Users: []string{"U0RITA"}, Groups: []string{"S0SUPPORT"}},
			Approvers:      request.Members{Users: []string{"U0ADA", "U0BEN"}},
			Approvals:      1,
			AdminApprovals: 2,
		},
	}
	if diff := cmp.Diff(want, c, cmp.AllowUnexported(config{}, reads{})); diff != "" {
		t.Errorf("configuration (-want +got):\n%s", diff)
	}
}

func TestConfigAccepts(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		why  string
		vars map[string]string
		got  func(config) any
		want any
	}{
		{"ids in every separation, repeated", map[string]string{"WFBOT_APPROVERS": " U2BB,U1AA;W3CC\tmanager , S1DD U1AA,"},
			func(c config) any { return c.policy.Approvers },
			request.Members{Users: []string{"U1AA", "U2BB", "W3CC"}, Groups: []string{"S1DD"}, Manager: true}},
		{"protected e-mails", map[string]string{"WFBOT_PROTECTED": "boss@acme.com, jane+x@mail.acme.com"},
			func(c config) any { return c.policy.Protected }, []string{"boss@acme.com", "jane+x@mail.acme.com"}},
		{"protected e-mails as people and their programs write them", map[string]string{"WFBOT_PROTECTED": "\"Boss@Acme.com, o’brien@acme.com\";\u200bceo@acme.com mailto:cfo@acme.com\n<coo@acme.com>"},
			func(c config) any { return c.policy.Protected }, []string{"boss@acme.com", "o'brien@acme.com", "ceo@acme.com", "cfo@acme.com", "coo@acme.com"}},
		{"a list of JSON protects whom it names", map[string]string{"WFBOT_PROTECTED": `["boss@acme.com","rene` + "\u0301" + `@acme.com"]`},
			func(c config) any { return c.policy.Protected }, []string{"boss@acme.com", "ren\u00e9@acme.com"}},
		{"set but empty is not set", map[string]string{"WFBOT_APPROVALS": " ", "WFBOT_DATABASE_URL": " "},
			func(c config) any { return []any{c.Approvals, c.DatabaseURL.Reveal()} }, []any{1, "sqlite:wfbot.db"}},
		{"spaces around a value", map[string]string{"SLACK_BOT_TOKEN": " xoxb-1-2 "},
			func(c config) any { return c.SlackBotToken.Reveal() }, "xoxb-1-2"},
		{"Slack's address without its path", map[string]string{"SLACK_API_URL": "https://slack-gov.com"},
			func(c config) any { return c.SlackAPIURL }, "https://slack-gov.com/api/"},
		{"Slack's address without the last slash", map[string]string{"SLACK_API_URL": "https://slack-gov.com/api"},
			func(c config) any { return c.SlackAPIURL }, "https://slack-gov.com/api/"},
		{"a simulator", map[string]string{"SLACK_API_URL": "http://127.0.0.1:8081/api/", "WORKFRONT_URL": "http://[::1]:8082"},
			func(c config) any { return []string{c.SlackAPIURL, c.Workfront.URL} }, []string{"http://127.0.0.1:8081/api/", "http://[::1]:8082"}},
		{"a quorum out of a group", map[string]string{"WFBOT_APPROVERS": "S1AA", "WFBOT_APPROVALS": "3"},
			func(c config) any { return c.policy.Approvals }, 3},
		{"one person and the manager", map[string]string{"WFBOT_APPROVERS": "U1AA manager", "WFBOT_APPROVALS": "2"},
			func(c config) any { return c.policy.Approvals }, 2},
		{"administrators are not allowed, so their quorum does not matter", map[string]string{"WFBOT_APPROVERS": "U1AA", "WFBOT_ADMIN_APPROVALS": "5"},
			func(c config) any { return c.policy.AllowAdmins }, false},
		{"the one approver also asks, but others do too", map[string]string{"WFBOT_APPROVERS": "U1AA", "WFBOT_REQUESTERS": "U1AA U2BB"},
			func(c config) any { return c.policy.Approvals }, 1},
		{"a quiet log", map[string]string{"WFBOT_LOG_LEVEL": "ERROR", "WFBOT_LOG_FORMAT": "json"},
			func(c config) any { return []any{c.LogLevel, c.LogFormat} }, []any{slog.LevelError, "json"}},
		{"other programs' variables", map[string]string{"SLACK_WEBHOOK_URL": "x", "WORKFRONT_USERNAME": "x", "PATH": "/bin"},
			func(c config) any { return c.DryRun }, false},
		{"fields with spaces around and within", map[string]string{"WORKFRONT_USER_FIELDS": " title , DE:Employee ID,"},
			func(c config) any { return c.workfront(nil).UserFields }, []string{"title", "DE:Employee ID"}},
		{"managers who are read", map[string]string{"WORKFRONT_USER_FIELDS": "managerID,manager:name,manager:emailAddr", "WFBOT_APPROVERS": "manager"},
			func(c config) any { return c.policy.Approvers.Manager }, true},
		{"statuses", map[string]string{"WORKFRONT_CLOSED_STATUSES": "tasks:ABC, tasks:CPL:A timesheets:X1", "WORKFRONT_DECIDED_STATUSES": "AP RJ"},
			func(c config) any { return []any{c.workfront(nil).ClosedStatuses, c.workfront(nil).DecidedStatuses} },
			[]any{map[workfront.HoldingKind][]string{"tasks": {"ABC", "CPL:A"}, "timesheets": {"X1"}}, []string{"AP", "RJ"}}},
		{"never reminded, never read again", map[string]string{"WFBOT_REMIND_EVERY": "0", "WFBOT_VERIFY_AFTER": "0"},
			func(c config) any {
				return []time.Duration{c.bot(nil, nil, nil).RemindEvery, c.bot(nil, nil, nil).VerifyAfter}
			}, []time.Duration{0, 0}},
		{"the way back for all", map[string]string{"WFBOT_REACTIVATE_ANY": "true"},
			func(c config) any { return c.bot(nil, nil, nil).Policy.ReactivateAny }, true},
		{"a Workfront that has moved", map[string]string{"WFBOT_MOVED_FROM": "Acme.my.workfront.com."},
			func(c config) any { return c.bot(nil, nil, nil).MovedFrom }, "acme.my.workfront.com"},
		{"the old address as it was configured", map[string]string{"WFBOT_MOVED_FROM": "http://127.0.0.1:8081/"},
			func(c config) any { return c.bot(nil, nil, nil).MovedFrom }, "127.0.0.1:8081"},
		{"PostgreSQL", map[string]string{"WFBOT_DATABASE_URL": "postgres://wfbot:pw@db.example.com/wfbot"},
			func(c config) any { return c.DatabaseURL.Reveal() }, "postgres://wfbot:pw@db.example.com/wfbot"},
	} {
		c, err := loadConfig(environ(variablesOf(tc.vars)), noFile(t))
		if err != nil {
			t.Errorf("%s: %v", tc.why, err)
			continue
		}
		if diff := cmp.Diff(tc.want, tc.got(c)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tc.why, diff)
		}
	}
}

// quoted is the configuration without mistakes, with quotation marks around some
// of its values.
func quoted(mark string, names ...string) map[string]string {
	changes := map[string]string{}
	for _, name := range names {
		changes[name] = mark + variablesOf(nil)[name] + mark
	}
	return changes
}

func TestConfigRefuses(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		why  string
		vars map[string]string
		want []string // one for each mistake, in any order
	}{
		{"nothing required is there", map[string]string{"SLACK_APP_TOKEN": "", "SLACK_BOT_TOKEN": " ", "WORKFRONT_URL": "", "WORKFRONT_API_KEY": "", "WFBOT_REQUESTERS": "", "WFBOT_APPROVERS": " "},
			[]string{"SLACK_APP_TOKEN is missing", "SLACK_BOT_TOKEN is missing", "WORKFRONT_URL is missing", "WORKFRONT_API_KEY is missing", "WFBOT_REQUESTERS is missing", "WFBOT_APPROVERS is missing"}},
		{"one mistake of every kind", map[string]string{"SLACK_API_URL": "slack.com", "WORKFRONT_URL": "http://acme.com", "WFBOT_APPROVALS": "two", "WFBOT_ALLOW_ADMINS": "maybe", "WFBOT_REQUEST_TTL": "3d", "WFBOT_LOG_LEVEL": "loud", "WFBOT_CHANNEL": "#it", "WFBOT_APROVERS": "U1AA"},
			[]string{"SLACK_API_URL must be a whole address", "WORKFRONT_URL is wrong: the URL is https", "WFBOT_APPROVALS must be a whole number", "WFBOT_ALLOW_ADMINS must be true or false", "WFBOT_REQUEST_TTL must be a duration", "WFBOT_LOG_LEVEL must be debug, info, warn or error", "WFBOT_CHANNEL takes the id", "WFBOT_APROVERS is not a variable of wfbot; did you mean WFBOT_APPROVERS?"}},

		{"swapped tokens", map[string]string{"SLACK_APP_TOKEN": "xoxb-1-2", "SLACK_BOT_TOKEN": "xapp-1-2"},
			[]string{"SLACK_APP_TOKEN holds a bot token (xoxb-…); what belongs there begins with xapp-", "SLACK_BOT_TOKEN holds an app-level token (xapp-…); what belongs there begins with xoxb-"}},
		{"a user token", map[string]string{"SLACK_BOT_TOKEN": "xoxp-1-2"}, []string{"SLACK_BOT_TOKEN holds a user token"}},
		{"a rotated token", map[string]string{"SLACK_BOT_TOKEN": "xoxe.xoxb-1-2"}, []string{"SLACK_BOT_TOKEN holds a token that expires"}},
		{"quotation marks", map[string]string{"SLACK_BOT_TOKEN": `"xoxb-1-2"`}, []string{"SLACK_BOT_TOKEN stands in quotation marks"}},
		{"a prefix alone, and a sentence", map[string]string{"SLACK_APP_TOKEN": "xapp-", "SLACK_BOT_TOKEN": "xoxb-1 # mine"},
			[]string{"SLACK_APP_TOKEN holds no whole token", "SLACK_BOT_TOKEN holds no whole token"}},
		{"tokens in the clear", map[string]string{"SLACK_API_URL": "http://slack.com/api/"}, []string{"SLACK_API_URL must begin with https://"}},
		{"a password in an address", map[string]string{"SLACK_API_URL": "https://u:p@slack.com/api/", "WORKFRONT_URL": "https://u:p@acme.com"},
			[]string{"SLACK_API_URL must be an address without user name", "WORKFRONT_URL is wrong: the URL holds a user name"}},

		{"a link out of the browser", map[string]string{"WORKFRONT_URL": "https://acme.my.workfront.adobe.com/home"}, []string{"WORKFRONT_URL is wrong: the URL is the host alone"}},
		{"a version without its v", map[string]string{"WORKFRONT_API_VERSION": "22"}, []string{"WORKFRONT_API_VERSION must look like v22.0"}},
		{"two credentials", map[string]string{"WORKFRONT_CLIENT_ID": "c"}, []string{"WORKFRONT_API_KEY and variables of an OAuth2 application"}},
		{"half an application", map[string]string{"WORKFRONT_API_KEY": "", "WORKFRONT_CLIENT_ID": "c", "WORKFRONT_USER_ID": "u"},
			[]string{"WORKFRONT_CLIENT_SECRET is missing", "WORKFRONT_CUSTOMER_ID is missing", "WORKFRONT_PRIVATE_KEY is missing"}},
		{"a key with a space", map[string]string{"WORKFRONT_API_KEY": "abc def"}, []string{"WORKFRONT_API_KEY holds spaces"}},
		{"another database", map[string]string{"WFBOT_DATABASE_URL": "mysql://db"}, []string{"WFBOT_DATABASE_URL must be sqlite:"}},
		{"a database without a file", map[string]string{"WFBOT_DATABASE_URL": "sqlite:"}, []string{"WFBOT_DATABASE_URL names no file"}},
		{"a database in memory", map[string]string{"WFBOT_DATABASE_URL": "sqlite::memory:"}, []string{"WFBOT_DATABASE_URL must be sqlite: and a plain file name"}},
		{"an @ in a password", map[string]string{"WFBOT_DATABASE_URL": "postgres://wfbot:S3@CRET@db.example.com/wfbot"}, []string{"WFBOT_DATABASE_URL has an @ where none belongs"}},
		{"a malformed URL", map[string]string{"WFBOT_DATABASE_URL": "postgres://wfbot@db.example.com:port/wfbot"}, []string{"WFBOT_DATABASE_URL is not a valid postgres:// URL"}},
		{"a CA that is not there", map[string]string{"WFBOT_DATABASE_URL": "postgres://db.example.com/wfbot?sslrootcert=/none/ca.pem"}, []string{"WFBOT_DATABASE_URL names a file that cannot be used: open /none/ca.pem"}},
		{"parameters of a database file", map[string]string{"WFBOT_DATABASE_URL": "sqlite:wfbot.db?mode=ro"}, []string{"WFBOT_DATABASE_URL takes no parameters"}},

		{"names and e-mails for ids", map[string]string{"WFBOT_REQUESTERS": "U1AA @rita rita@acme.com", "WFBOT_APPROVERS": "<@U1AA>"},
			[]string{"WFBOT_REQUESTERS takes ids such as U012ABCDEF for a person (in Slack: profile, ⋮, Copy member ID) and S012ABCDEF for a user group: entry 2 is not a Slack id, entry 3 is an e-mail, not a Slack id", "WFBOT_APPROVERS takes ids"}},
		{"nobody", map[string]string{"WFBOT_APPROVERS": ", ,"}, []string{"WFBOT_APPROVERS is missing: it lists nobody"}},
		{"a manager who asks", map[string]string{"WFBOT_REQUESTERS": "manager"}, []string{"WFBOT_REQUESTERS takes ids such as U012ABCDEF for a person (in Slack: profile, ⋮, Copy member ID) and S012ABCDEF for a user group: entry 1 is the word manager"}},
		{"more approvals than approvers", map[string]string{"WFBOT_APPROVALS": "3"}, []string{"WFBOT_APPROVALS asks for 3 approvals, but WFBOT_APPROVERS lists 2 people"}},
		{"more approvals than a manager can give", map[string]string{"WFBOT_APPROVERS": "U1AA manager", "WFBOT_APPROVALS": "3"}, []string{"WFBOT_APPROVALS asks for 3 approvals, but WFBOT_APPROVERS lists 1 person and the manager"}},
		{"the same approver twice", map[string]string{"WFBOT_APPROVERS": "U1AA U1AA", "WFBOT_APPROVALS": "2"}, []string{"WFBOT_APPROVALS asks for 2 approvals, but WFBOT_APPROVERS lists 1 person"}},
		{"the one approver is the one requester", map[string]string{"WFBOT_APPROVERS": "U1AA", "WFBOT_REQUESTERS": "U1AA"}, []string{"WFBOT_APPROVALS asks for 1 approval, but nobody approves their own request"}},
		{"too few for administrators", map[string]string{"WFBOT_APPROVERS": "U1AA", "WFBOT_ALLOW_ADMINS": "true"}, []string{"WFBOT_ADMIN_APPROVALS asks for 2 approvals"}},
		{"too few with the manager", map[string]string{"WFBOT_APPROVERS": "manager U1AA", "WFBOT_APPROVALS": "3", "WFBOT_ADMIN_APPROVALS": "3"}, []string{"WFBOT_APPROVALS asks for 3 approvals, but WFBOT_APPROVERS lists 1 person and the manager"}},
		{"the manager alone for administrators", map[string]string{"WFBOT_APPROVERS": "manager", "WFBOT_ALLOW_ADMINS": "true"}, []string{"WFBOT_ADMIN_APPROVALS asks for 2 approvals, but WFBOT_APPROVERS lists the manager alone"}},
		{"the manager and the one who asks", map[string]string{"WFBOT_APPROVERS": "manager U1AA", "WFBOT_REQUESTERS": "U1AA", "WFBOT_APPROVALS": "2"}, []string{"WFBOT_APPROVALS asks for 2 approvals, but nobody approves their own request"}},
		{"fewer for administrators", map[string]string{"WFBOT_APPROVERS": "S1AA", "WFBOT_APPROVALS": "3", "WFBOT_ALLOW_ADMINS": "1"}, []string{"WFBOT_ADMIN_APPROVALS is less than WFBOT_APPROVALS"}},
		{"no approval at all", map[string]string{"WFBOT_APPROVALS": "0", "WFBOT_ADMIN_APPROVALS": "-1"}, []string{"WFBOT_APPROVALS must be a whole number, at least 1", "WFBOT_ADMIN_APPROVALS must be a whole number, at least 1"}},
		{"protected by id", map[string]string{"WFBOT_PROTECTED": "boss@acme.com U1AA"}, []string{"WFBOT_PROTECTED takes whole e-mail addresses, as they are in Workfront, and nothing else, no names and no patterns: entry 2 is none"}},
		{"protected patterns, labels, names", map[string]string{"WFBOT_PROTECTED": "boss@acme.com *@acme.com CEO:ceo@acme.com @acme.com Jane <jane@acme.com>"},
			[]string{"WFBOT_PROTECTED takes whole e-mail addresses, as they are in Workfront, and nothing else, no names and no patterns: entry 2 is none, because of “*”, entry 3 is none, because of “:”, entry 4 is none, entry 5 is none"}},
		{"a protected letter of another alphabet", map[string]string{"WFBOT_PROTECTED": "b\u043ess@acme.com"}, []string{"WFBOT_PROTECTED takes whole e-mail addresses, as they are in Workfront, and nothing else, no names and no patterns: entry 1 is none, because of “\u043e” (Cyrillic, U+043E)"}},
		{"two protected with what is no separator", map[string]string{"WFBOT_PROTECTED": "a@acme.com|b@acme.com"}, []string{"WFBOT_PROTECTED takes whole e-mail"}},
		{"a list that protects nobody", map[string]string{"WFBOT_PROTECTED": ","}, []string{"WFBOT_PROTECTED holds no e-mail address"}},
		{"protected by nothing but quotation marks", map[string]string{"WFBOT_PROTECTED": `""`}, []string{"WFBOT_PROTECTED takes whole e-mail"}},
		{"quotation marks everywhere", quoted(`"`, "SLACK_APP_TOKEN", "SLACK_BOT_TOKEN", "WORKFRONT_URL", "WORKFRONT_API_KEY", "WFBOT_REQUESTERS", "WFBOT_APPROVERS"),
			[]string{"SLACK_APP_TOKEN stands in quotation marks", "SLACK_BOT_TOKEN stands in quotation marks", "WORKFRONT_URL stands in quotation marks", "WORKFRONT_API_KEY stands in quotation marks", "WFBOT_REQUESTERS stands in quotation marks", "WFBOT_APPROVERS stands in quotation marks"}},
		{"other quotation marks", map[string]string{"WORKFRONT_API_KEY": "'k3y'", "WFBOT_CHANNEL": "“C012ABC”", "WFBOT_DATABASE_URL": "'sqlite:wfbot.db'", "WFBOT_APPROVALS": `"1"`, "WFBOT_DRY_RUN": "'true'", "WFBOT_LOG_FORMAT": "`json`"},
			[]string{"WORKFRONT_API_KEY stands in quotation marks", "WFBOT_CHANNEL stands in quotation marks", "WFBOT_DATABASE_URL stands in quotation marks", "WFBOT_APPROVALS stands in quotation marks", "WFBOT_DRY_RUN stands in quotation marks", "WFBOT_LOG_FORMAT stands in quotation marks"}},
		{"quotation marks around the name of a file", map[string]string{"WORKFRONT_API_KEY": "", "WORKFRONT_API_KEY_FILE": `"/run/secrets/key"`}, []string{"WORKFRONT_API_KEY_FILE stands in quotation marks", "WORKFRONT_API_KEY cannot be read"}},
		{"one quotation mark", map[string]string{"WORKFRONT_API_KEY": `k3y"`}, []string{"WORKFRONT_API_KEY holds spaces, quotation marks or other"}},
		{"a place for a key", map[string]string{"WORKFRONT_API_KEY": "<key>"}, []string{"WORKFRONT_API_KEY holds spaces, quotation marks or other"}},
		{"a key and what followed it", map[string]string{"WORKFRONT_API_KEY": "k3y\nk3y"}, []string{"WORKFRONT_API_KEY holds spaces, quotation marks or other"}},
		{"what nobody sees", map[string]string{"WORKFRONT_URL": "https://acme\u200b.my.workfront.adobe.com", "WORKFRONT_API_KEY": "k3y\ufeff", "WFBOT_DATABASE_URL": "sqlite:wfbot.db\u00ad", "WFBOT_CHANNEL": "C012\u2060ABC", "WFBOT_OPS_CHANNEL": "C012\x7fABC", "WORKFRONT_USER_FIELDS": "title,DE:Employee\u00a0ID"},
			[]string{"WORKFRONT_URL holds an invisible character (U+200B)", "WORKFRONT_API_KEY holds an invisible character (U+FEFF)", "WFBOT_DATABASE_URL holds an invisible character (U+00AD)", "WFBOT_CHANNEL holds an invisible character (U+2060)", "WFBOT_OPS_CHANNEL holds an invisible character (U+007F)", "WORKFRONT_USER_FIELDS holds an invisible character (U+00A0)"}},
		{"what is not UTF-8", map[string]string{"WORKFRONT_USER_FIELDS": "DE:B\xfcro"}, []string{"WORKFRONT_USER_FIELDS holds a character that cannot be read"}},
		{"an application with quotation marks, spaces and an e-mail", map[string]string{"WORKFRONT_API_KEY": "", "WORKFRONT_CLIENT_ID": `"c"`, "WORKFRONT_CLIENT_SECRET": "s3 cr3t", "WORKFRONT_CUSTOMER_ID": "c'", "WORKFRONT_USER_ID": "wfbot@acme.com", "WORKFRONT_PRIVATE_KEY": `-----BEGIN PRIVATE KEY-----\nabc\n-----END PRIVATE KEY-----`},
			[]string{"WORKFRONT_CLIENT_ID stands in quotation marks", "WORKFRONT_CLIENT_SECRET holds spaces", "WORKFRONT_CUSTOMER_ID takes an ID", "WORKFRONT_USER_ID takes an ID as Workfront shows it, letters and digits alone, and no name or e-mail", `WORKFRONT_PRIVATE_KEY is wrong: not in PEM form: its lines are joined by a literal \n`}},
		{"a comma behind the address", map[string]string{"SLACK_API_URL": "https://slack.com,"}, []string{"SLACK_API_URL must be a whole address"}},
		{"a move from where it is", map[string]string{"WFBOT_MOVED_FROM": "ACME.my.workfront.adobe.com:443"}, []string{"WFBOT_MOVED_FROM names the host of WORKFRONT_URL"}},
		{"a move from a page", map[string]string{"WFBOT_MOVED_FROM": "https://acme.my.workfront.com/home"}, []string{"WFBOT_MOVED_FROM takes the host that your Workfront had"}},
		{"a move from a sentence", map[string]string{"WFBOT_MOVED_FROM": "the old one"}, []string{"WFBOT_MOVED_FROM takes the host that your Workfront had"}},
		{"a direct message", map[string]string{"WFBOT_OPS_CHANNEL": "D012ABC"}, []string{"WFBOT_OPS_CHANNEL takes the id of a channel (C…, G…); this looks like a direct message"}},
		{"a page of no user", map[string]string{"WORKFRONT_USER_PAGE": "https://acme.my.workfront.adobe.com/user/5f1"}, []string{"WORKFRONT_USER_PAGE must be an https:// address with {id}"}},
		{"times that make no sense", map[string]string{"WFBOT_REQUEST_TTL": "0s", "WFBOT_STOP_WINDOW": "-1m"}, []string{"WFBOT_REQUEST_TTL must be a minute", "WFBOT_STOP_WINDOW must not be negative"}},
		{"a number without a unit", map[string]string{"WFBOT_REQUEST_TTL": "72"}, []string{"WFBOT_REQUEST_TTL must be a duration"}},
		{"no calls at once", map[string]string{"WORKFRONT_CONCURRENCY": "0"}, []string{"WORKFRONT_CONCURRENCY must be a whole number from 1 to 10"}},
		{"more calls at once than Workfront takes", map[string]string{"WORKFRONT_CONCURRENCY": "11"}, []string{"WORKFRONT_CONCURRENCY must be a whole number from 1 to 10"}},
		{"more connections than Slack allows", map[string]string{"WFBOT_SLACK_CONNECTIONS": "11"}, []string{"WFBOT_SLACK_CONNECTIONS must be a whole number from 1 to 10"}},
		{"an unknown log format", map[string]string{"WFBOT_LOG_FORMAT": "xml"}, []string{"WFBOT_LOG_FORMAT must be text or json"}},

		{"like no variable of ours", map[string]string{"WFBOT_GREETING": "hello"}, []string{"WFBOT_GREETING is not a variable of wfbot"}},
		{"a port without a host to it", map[string]string{"WFBOT_HTTP_ADDR": "9464"}, []string{"WFBOT_HTTP_ADDR takes a host and a port"}},
		{"no port that there can be", map[string]string{"WFBOT_HTTP_ADDR": "127.0.0.1:70000"}, []string{"WFBOT_HTTP_ADDR takes a host and a port"}},
		{"any port", map[string]string{"WFBOT_HTTP_ADDR": ":0"}, []string{"WFBOT_HTTP_ADDR takes a host and a port"}},
		{"reminders without end, and reading again before", map[string]string{"WFBOT_REMIND_EVERY": "1s", "WFBOT_VERIFY_AFTER": "-1h"},
			[]string{"WFBOT_REMIND_EVERY must be 0, or a minute", "WFBOT_VERIFY_AFTER must not be negative"}},
		{"what is no field", map[string]string{"WORKFRONT_USER_FIELDS": "title, no field"}, []string{"WORKFRONT_USER_FIELDS takes names of fields, such as title,company:name,DE:Employee ID: entry 2 is none"}},
		{"managers approve whom nobody reads", map[string]string{"WORKFRONT_USER_FIELDS": "title,managerID,manager:name", "WFBOT_APPROVERS": "manager"},
			[]string{"WORKFRONT_USER_FIELDS must also hold manager:emailAddr, since WFBOT_APPROVERS holds the word manager"}},
		{"statuses of what has none, and what is no status", map[string]string{"WORKFRONT_CLOSED_STATUSES": "tasks:ABC portfolios:DEF", "WORKFRONT_DECIDED_STATUSES": "AP,%%"},
			[]string{"WORKFRONT_CLOSED_STATUSES takes entries such as tasks:ABC, for tasks, issues, projects, managed_projects and timesheets: entry 2 is none", "WORKFRONT_DECIDED_STATUSES takes codes of statuses, such as CPL: that of entry 2 is none"}},
		{"a kind without its status", map[string]string{"WORKFRONT_CLOSED_STATUSES": "tasks:A, tasks:"}, []string{"WORKFRONT_CLOSED_STATUSES takes codes of statuses, such as CPL: that of entry 2 is none"}},
		{"an unknown variable", map[string]string{"WFBOT_COFFEE_MACHINE": "1"}, []string{"WFBOT_COFFEE_MACHINE is not a variable of wfbot"}},
		{"small letters", map[string]string{"wfbot_protected": "boss@acme.com"}, []string{"wfbot_protected is not a variable of wfbot; did you mean WFBOT_PROTECTED?"}},
		{"a list out of a file, which only secrets are", map[string]string{"WFBOT_PROTECTED_FILE": "/etc/wfbot/protected"}, []string{"WFBOT_PROTECTED_FILE is not a variable of wfbot"}},
	} {
		_, err := loadConfig(environ(variablesOf(tc.vars)), noFile(t))
		var wrong *misuse
		if !errors.As(err, &wrong) {
			t.Errorf("%s: error %v, want a *misuse", tc.why, err)
			continue
		}
		lines := strings.Split(wrong.text, "\n")
		lines = lines[1 : len(lines)-1] // between the heading and the pointer to --help
		for _, want := range tc.want {
			if !slices.ContainsFunc(lines, func(line string) bool { return strings.HasPrefix(line, "  "+want) }) {
				t.Errorf("%s: no line begins with %q in\n%s", tc.why, want, wrong.text)
			}
		}
		if len(lines) != len(tc.want) {
			t.Errorf("%s: %d mistakes, want %d:\n%s", tc.why, len(lines), len(tc.want), wrong.text)
		}
	}
}

var rsaKeys = sync.OnceValue(func() (keys struct{ good, short, ed string }) {
	encode := func(key any) string {
		der, err := x509.MarshalPKCS8PrivateKey(key)
		if err != nil {
			panic(err)
		}
		return string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
	}
	good, _ := rsa.GenerateKey(rand.Reader, 2048)
	short, _ := rsa.GenerateKey(rand.Reader, 1024)
	_, ed, _ := ed25519.GenerateKey(rand.Reader)
	keys.good, keys.short, keys.ed = encode(good), encode(short), encode(ed)
	return keys
})

func TestConfigOAuth(t *testing.T) {
	t.Parallel()
	application := func(file string) map[string]string {
		return map[string]string{
			"WORKFRONT_API_KEY": "", "WORKFRONT_CLIENT_ID": "client", "WORKFRONT_CLIENT_SECRET": "s3cr3t", "WORKFRONT_CUSTOMER_ID": "customer",
			"WORKFRONT_USER_ID": "user", "WORKFRONT_PRIVATE_KEY_FILE": file,
		}
	}
	c, err := loadConfig(environ(variablesOf(application(writeFile(t, rsaKeys().good)))), noFile(t))
	if err != nil {
		t.Fatal(err)
	}
	got := c.workfront(slog.New(slog.DiscardHandler))
	if got.APIKey != "" || got.OAuth == nil || got.OAuth.ClientID != "client" || got.OAuth.ClientSecret.Reveal() != "s3cr3t" || got.OAuth.CustomerID != "customer" ||
		got.OAuth.UserID != "user" || got.OAuth.PrivateKey.Reveal() != strings.TrimSpace(rsaKeys().good) {
		t.Errorf("Workfront's configuration is %+v", got)
	}
	for _, tc := range []struct{ why, key, want string }{
		{"too short", rsaKeys().short, "1024 bits"},
		{"another algorithm", rsaKeys().ed, "not an RSA key"},
		{"no key", "s3cr3t", "not in PEM form"},
		{"an empty file", "\n", "is empty"},
	} {
		_, err := loadConfig(environ(variablesOf(application(writeFile(t, tc.key)))), noFile(t))
		if err == nil || !strings.Contains(err.Error(), "WORKFRONT_PRIVATE_KEY is ") || !strings.Contains(err.Error(), tc.want) || strings.Contains(err.Error(), "s3cr3t") {
			t.Errorf("%s: %v, want %q", tc.why, err, tc.want)
		}
	}
}

// TestVariablesAreUsed makes sure that the list is complete and that a parse
// error can be led back to its variable, which the library names by its field.
func TestVariablesAreUsed(t *testing.T) {
	t.Parallel()
	names, fields := map[string]bool{}, map[string]bool{}
	for _, v := range variables[config]() {
		if v.Name == "" || v.About == "" || names[v.Name] || fields[v.field.Name] {
			t.Errorf("variable %+v is incomplete or there twice", v)
		}
		names[v.Name], fields[v.field.Name] = true, true
	}
	if got, want := len(names), reflect.TypeFor[config]().NumField()-3+reflect.TypeFor[workfrontHost]().NumField(); got != want {
		t.Errorf("%d variables for %d fields", got, want)
	}
}

func TestUserPages(t *testing.T) {
	t.Parallel()
	for page, want := range map[string]bool{
		"https://acme.my.workfront.adobe.com/user/{id}/updates":      true,
		"https://experience.adobe.com/#/@acme/so:a/workfront/u/{id}": true,
		"https://acme.my.workfront.adobe.com/user/view?ID={id}":      true,
		"http://acme.my.workfront.adobe.com/user/{id}":               false,
		"https://acme.my.workfront.adobe.com/user/":                  false,
		"https://acme.my.workfront.adobe.com/{id}/{id}":              false,
		"https://a:b@acme.my.workfront.adobe.com/{id}":               false,
		"https://acme.my.workfront.adobe.com/a b/{id}":               false,
		"https://acme.my.workfront.adobe.com/{id}|x>":                false,
		"javascript:{id}": false,
		"/user/{id}":      false,
	} {
		if isUserPage(page) != want {
			t.Errorf("%s: %v", page, !want)
		}
	}
}
