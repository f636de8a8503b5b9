package main

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"
	"github.com/joho/godotenv"
)

func TestDotenv(t *testing.T) {
	t.Parallel()
	file := writeFile(t, "\n# comment\nSLACK_APP_TOKEN=xapp-1-file\nexport SLACK_BOT_TOKEN=\"xoxb-1-file\" # comment\n"+
		"WORKFRONT_API_KEY='a$b#c(d'\r\nWFBOT_APPROVALS=2\nWFBOT_DRY_RUN=true\n")
	vars := variablesOf(map[string]string{"SLACK_APP_TOKEN": "", "SLACK_BOT_TOKEN": "", "WORKFRONT_API_KEY": ""})
	list := append(environ(vars), "WFBOT_APPROVALS=1", "WFBOT_DRY_RUN=false")
	c, err := loadConfig(list, file)
	if err != nil {
		t.Fatal(err)
	}
	if c.SlackAppToken.Reveal() != "xapp-1-file" || c.SlackBotToken.Reveal() != "xoxb-1-file" || c.WorkfrontAPIKey.Reveal() != "a$b#c(d" {
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
		{"two variables in a line", "A=1\nB='2' C=3\n", 2},
		{"something behind a quotation mark", "A=1\nB='it's " + token + "'\n", 2},
		{"a key of several lines without quotation marks", "A=-----BEGIN PRIVATE KEY-----\n" + token + "/+\n", 2},
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
	if !errors.As(err, &wrong) || !strings.Contains(wrong.text, "is a folder and has to be a file") {
		t.Errorf("error %v, want a *misuse about the directory", err)
	}
}

// TestDotenvReads reads what editors and people write into such a file.
func TestDotenvReads(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ why, text, want string }{ // want is A's value
		{"a byte order mark", "\ufeffA=1\n", "1"},
		{"the line ends of Windows", "# c\r\nA=1\r\nB=2\r\n", "1"},
		{"the line ends of an old Mac", "# c\rA=1\rB=2\r", "1"},
		{"no line end", "A=1", "1"},
		{"export", "export A=1", "1"},
		{"tabs and spaces", "\tA\t=\t1\t", "1"},
		{"a colon", "A: 1", "1"},
		{"a comment behind a value", "A=1 # one", "1"},
		{"a comment behind quotation marks", "A='1' # one", "1"},
		{"a # within a value", "A=a#b", "a#b"},
		{"a $ that expands nothing", "A=a$b$", "a$b$"},
		{"an escaped $", `A=x\$27`, "x$27"},
		{"everything in single quotes", `A='a$27 # \n "b"'`, `a$27 # \n "b"`},
		{"lines in quotation marks", "A=\"a\nb\"\nB=2", "a\nb"},
		{"line ends that are spelt out in quotation marks", `A="a\nb"`, "a\nb"},
		{"escapes in quotation marks", `A="\"a\"\\b\$C"`, `"a"\b$C`},
		{"quotation marks within a value", `A=a"b"c`, `a"b"c`},
		{"nothing", "A=", ""},
		{"nothing in quotation marks", `A=""`, ""},
	} {
		var m mistakes
		settings, err := readDotenv(writeFile(t, tc.text), &m)
		if err != nil || len(m.lines) > 0 || len(settings) == 0 || settings[0].name != "A" || settings[0].value != tc.want {
			t.Errorf("%s: %+v, mistakes %q, error %v, want %q", tc.why, settings, m.lines, err, tc.want)
		}
	}
}

// TestDotenvNames reads what does not mean what it seems to.
func TestDotenvNames(t *testing.T) {
	t.Parallel()
	const changed, process = "is not read from FILE as line %d has it", "has no effect in FILE (line %d): set it in the environment"
	twice := func(lines string) string { return "stands in FILE in the lines " + lines + ": keep one of them" }
	for _, tc := range []struct{ why, text, name, want string }{
		{"a $ and digits", "B=1\nA=xTvDqw$27", "A", fmt.Sprintf(changed, 2)},
		{"a $ and capitals", "A=x$ABC", "A", fmt.Sprintf(changed, 1)},
		{"another variable", "B=1\n\nA=${B}", "A", fmt.Sprintf(changed, 3)},
		{"braces around nothing known", "A=x${Q}y", "A", fmt.Sprintf(changed, 1)},
		{"a quotation mark at the end", `A="\"x\""`, "A", fmt.Sprintf(changed, 1)},
		{"a command", "A=x$(DATE)", "A", fmt.Sprintf(changed, 1)},
		{"a $ in quotation marks", `A="x$27"`, "A", fmt.Sprintf(changed, 1)},
		{"a backslash in quotation marks", `A="pass\word"`, "A", fmt.Sprintf(changed, 1)},
		{"a comment in the place of a value", "A= # nobody", "A", fmt.Sprintf(changed, 1)},
		{"a comment within a comment", "A=1 # one # two", "A", fmt.Sprintf(changed, 1)},
		{"the same behind quotation marks", "A='1' A=2", "A", fmt.Sprintf(changed, 1)},
		{"twice", "A=1\nB=2\nA=1", "A", twice("1, 3")},
		{"three times, once behind several lines", "A=1\nB='\n\n'\nexport A=2\nA: 3", "A", twice("1, 5, 6")},
		{"a proxy", "HTTPS_PROXY=http://proxy:3128", "HTTPS_PROXY", fmt.Sprintf(process, 1)},
		{"a proxy in small letters", "\nno_proxy=acme.com", "no_proxy", fmt.Sprintf(process, 2)},
		{"certificates", "SSL_CERT_FILE=/ca.pem", "SSL_CERT_FILE", fmt.Sprintf(process, 1)},
		{"the runtime", "GODEBUG=x=1", "GODEBUG", fmt.Sprintf(process, 1)},
		{"the time zone", "TZ=Europe/Berlin", "TZ", fmt.Sprintf(process, 1)},
		{"the password of the database", "PGPASSWORD=S3CRET", "PGPASSWORD", fmt.Sprintf(process, 1)},
		{"the certificate of the database", "PGSSLROOTCERT=/ca.pem", "PGSSLROOTCERT", fmt.Sprintf(process, 1)},
		{"empty in the environment", "\nWFBOT_OPS_CHANNEL=C012", "WFBOT_OPS_CHANNEL", "is set in FILE and empty in the environment"},
		{"a name that is nearly one", "WORKFRONT_CLOSED_STATUS=tasks:ABC", "WORKFRONT_CLOSED_STATUS", "is not a variable of wfbot (line 1 of FILE); did you mean WORKFRONT_CLOSED_STATUSES?"},
		{"a name without its first letter", "FBOT_PROTECTED=boss@acme.com", "FBOT_PROTECTED", "is not a variable of wfbot (line 1 of FILE); did you mean WFBOT_PROTECTED?"},
		{"small letters", "workfront_user_fields=title", "workfront_user_fields", "is not a variable of wfbot (line 1 of FILE); did you mean WORKFRONT_USER_FIELDS?"},
		{"a file for what is no secret", "WORKFRONT_USER_FIELDS_FILE=/fields", "WORKFRONT_USER_FIELDS_FILE", "is not a variable of wfbot (line 1 of FILE): only tokens, keys and the database address are read from files; set WORKFRONT_USER_FIELDS"},
	} {
		file := writeFile(t, tc.text)
		said := mistakesOf(t, loadConfigError(append(environ(variablesOf(nil)), "WFBOT_OPS_CHANNEL="), file))
		want := tc.name + " " + strings.ReplaceAll(tc.want, "FILE", file)
		if len(said) != 1 || !strings.HasPrefix(said[0], want) {
			t.Errorf("%s: the mistakes are %q, want %q", tc.why, said, want)
		}
	}
	for _, tc := range []struct{ why, text string }{
		{"another program's variables", "COMPOSE_PROJECT_NAME=it\nPGDATA=/data\nSLACK_WEBHOOK_URL=x\nWORKFRONT_USERNAME=x\nA.B=1"},
		{"what looks like a variable that is set", "SLACK_API_TOKEN=x\nSLACK_BOT_TOKEN_2=x"},
	} {
		if said := mistakesOf(t, loadConfigError(environ(variablesOf(nil)), writeFile(t, tc.text))); len(said) != 0 {
			t.Errorf("%s: the mistakes are %q", tc.why, said)
		}
	}
}

// TestDotenvEncodings reads what Windows writes when it is not told otherwise.
func TestDotenvEncodings(t *testing.T) {
	t.Parallel()
	const text = "SLACK_APP_TOKEN=xapp-S3CRET\r\n"
	wide := func(order binary.AppendByteOrder, text string) string {
		var b []byte
		for _, unit := range utf16.Encode([]rune(text)) {
			b = order.AppendUint16(b, unit)
		}
		return string(b)
	}
	for _, tc := range []struct{ why, text, want string }{
		{"UTF-16, little end first", wide(binary.LittleEndian, "\ufeff"+text), "is in UTF-16; save it as UTF-8"},
		{"UTF-16, big end first", wide(binary.BigEndian, "\ufeff"+text), "is in UTF-16; save it as UTF-8"},
		{"UTF-16 without a mark", wide(binary.LittleEndian, text), "is not plain text; save it as UTF-8"},
		{"a program", "\x7fELF\x02\x01\x00", "is not plain text; save it as UTF-8"},
	} {
		file := writeFile(t, tc.text)
		err := loadConfigError(environ(variablesOf(nil)), file)
		var wrong *misuse
		if !errors.As(err, &wrong) || !strings.HasPrefix(wrong.text, file+" "+tc.want) || strings.Contains(wrong.text, "S3CRET") {
			t.Errorf("%s: %v, want %q", tc.why, err, tc.want)
		}
	}
}

// TestProcessVariables reads what the Go runtime would pass over without a word.
func TestProcessVariables(t *testing.T) {
	t.Parallel()
	const proxy, unread = "is not the address of a proxy", "names a file that cannot be read"
	pem := writeFile(t, "-----BEGIN CERTIFICATE-----\nS3CRET\n-----END CERTIFICATE-----\n")
	for _, tc := range []struct{ name, value, want string }{
		{"HTTPS_PROXY", "", ""},
		{"HTTPS_PROXY", "http://proxy.acme.com:3128", ""},
		{"HTTPS_PROXY", "https://user:S3CRET@proxy:3128/", ""},
		{"https_proxy", "proxy.acme.com:3128", ""},
		{"HTTPS_PROXY", "proxy", ""},
		{"HTTPS_PROXY", "10.0.0.1:3128", ""},
		{"HTTPS_PROXY", "http://[fd00::1]:3128", ""},
		{"HTTPS_PROXY", "socks5://proxy:1080", ""},
		{"HTTPS_PROXY", `"http://proxy:3128"`, proxy},
		{"HTTPS_PROXY", "“http://proxy:3128”", proxy},
		{"https_proxy", "http://proxy:3128 ", proxy},
		{"HTTPS_PROXY", "http://proxy:port", proxy},
		{"HTTPS_PROXY", "http://proxy:99999", proxy},
		{"HTTPS_PROXY", "http://proxy:", proxy},
		{"HTTPS_PROXY", "http:/proxy:3128", proxy},
		{"HTTPS_PROXY", "http//proxy:3128", proxy},
		{"HTTPS_PROXY", "htps://proxy:3128", proxy},
		{"HTTPS_PROXY", "http://user:S3C#RET@proxy:3128", proxy},
		{"HTTPS_PROXY", "http://proxy:3128/proxy.pac", proxy},
		{"HTTPS_PROXY", "proxy one", proxy},
		{"HTTPS_PROXY", "http://pro\u200bxy:3128", proxy},
		{"SSL_CERT_FILE", "", ""},
		{"SSL_CERT_FILE", "/nonexistent/ca.pem", unread},
		{"SSL_CERT_FILE", t.TempDir(), unread},
		{"SSL_CERT_FILE", pem, "holds no certificate"},
		{"HTTP_PROXY", "not used: every address is https", ""},
	} {
		said := mistakesOf(t, loadConfigError(environ(variablesOf(map[string]string{tc.name: tc.value})), noFile(t)))
		if tc.want == "" && len(said) != 0 || tc.want != "" && (len(said) != 1 || !strings.HasPrefix(said[0], tc.name+" ") || !strings.Contains(said[0], tc.want)) {
			t.Errorf("%s=%q: the mistakes are %q, want %q", tc.name, tc.value, said, tc.want)
		}
		if strings.Contains(fmt.Sprint(said), "S3C") {
			t.Errorf("%s=%q: the mistake shows the value: %q", tc.name, tc.value, said)
		}
	}
}

// FuzzDotenv holds the file's lines against the library's reading of the whole:
// what is not named as changed is the same.
func FuzzDotenv(f *testing.F) {
	for _, text := range []string{"A=1\nB B=2", "A='\n", "export A=\"x\\ny\" # c\nB: $A\n", "A=\"\\\\$B\"", "A= #\n#A=1\r\n"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		settings, err := parseDotenv([]byte(text))
		if err != nil {
			return
		}
		got := map[string]string{}
		for _, s := range settings {
			if s.value != s.written || strings.ContainsRune(text, '\r') || strings.HasPrefix(text, "\ufeff") {
				return
			}
			got[s.name] = s.value
		}
		want, err := godotenv.Unmarshal(text)
		if err != nil {
			t.Fatalf("the library refuses it: %v", err)
		}
		for name, value := range want {
			want[name] = strings.TrimSpace(value)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("(-library +ours):\n%s", diff)
		}
		if !slices.IsSortedFunc(settings, func(a, b setting) int { return a.line - b.line }) {
			t.Errorf("the lines are %+v", settings)
		}
	})
}
