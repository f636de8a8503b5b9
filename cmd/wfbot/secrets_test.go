package main

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/pem"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"wfbot/bot/bottest/machine"
)

// The secrets of these tests. Each holds a mark, which no output may hold in any form;
// what stands around the mark is what such a secret has, or has to be written another
// way in an address.
const (
	appToken     = "xapp-1-A0WFBOT-7-M4rkOfTheAppToken9"
	botToken     = "xoxb-7-M4rkOfTheBotToken2"
	apiKey       = "M4rkOfTheWorkfrontKey5q"
	clientSecret = "M4rkOfTheClientSecret8v"
	dbPassword   = "p%/ +M4rkOfTheDatabase6?#"
	proxyUser    = "M4rkOfTheProxyUser3"
	proxyWord    = "p%/ +M4rkOfTheProxyPassword1?#"
	loginWord    = "p%/ +M4rkOfTheLoginPassword4&="
	misplaced    = "M4rkOfWhatIsInTheWrongPlace0"
)

var markOf = regexp.MustCompile(`M4rk\w+`)

// privateKey is that of the OAuth2 application, in PEM form.
var privateKey = sync.OnceValues(func() (*rsa.PrivateKey, string) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		panic(err)
	}
	return key, string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
})

// needles are the forms that a secret would be seen in, by what they are.
var needles = sync.OnceValue(func() map[string]string {
	forms := map[string]string{}
	for _, secret := range []string{appToken, botToken, apiKey, clientSecret, dbPassword, proxyUser, proxyWord, loginWord, misplaced} {
		mark := markOf.FindString(secret)
		forms[mark] = mark // letters and digits: quoted, escaped and percent-encoded they are the same
		forms[mark+" in hex"] = hex.EncodeToString([]byte(mark))
		forms[mark+" backwards"] = backwards(mark)
		for before := range 3 { // wherever it stands in what is encoded
			for name, encoding := range map[string]*base64.Encoding{"base64": base64.RawStdEncoding, "base64url": base64.RawURLEncoding} {
				inside := encoding.EncodeToString([]byte("~~~"[:before] + mark))
				forms[fmt.Sprintf("%s as %s, %d", mark, name, before)] = inside[(before*8+5)/6 : (before+len(mark))*8/6]
			}
		}
	}
	key, text := privateKey()
	for i, line := range strings.Split(strings.TrimSpace(text), "\n") {
		if !strings.HasPrefix(line, "-") {
			forms[fmt.Sprintf("line %d of the private key", i)] = line
		}
	}
	for name, number := range map[string]string{"exponent": key.D.String(), "prime": key.Primes[0].String(), "other prime": key.Primes[1].String()} {
		forms["the private key's "+name] = number
	}
	forms["the ticket of a connection"] = "?ticket="
	forms["a signed assertion"] = base64.RawURLEncoding.EncodeToString([]byte(`{"alg":`))
	return forms
})

func backwards(text string) string {
	runes := []rune(text)
	slices.Reverse(runes)
	return string(runes)
}

// refuseMarks fails the test for each secret in text, in any form. more are secrets that
// the services have made.
func refuseMarks(t *testing.T, where, text string, more ...string) {
	t.Helper()
	lower := strings.ToLower(text)
	held := maps.Clone(needles())
	for _, secret := range more {
		held["a secret of a service, "+secret] = secret
	}
	for _, name := range slices.Sorted(maps.Keys(held)) {
		if at := strings.Index(lower, strings.ToLower(held[name])); at >= 0 {
			t.Errorf("%s: %s is in\n%s", where, name, text[max(0, at-200):min(len(text), at+200)])
			return
		}
	}
}

func TestNeedles(t *testing.T) {
	t.Parallel()
	_, key := privateKey()
	for _, text := range []string{
		"a " + botToken, strings.ToUpper(apiKey), fmt.Sprintf("%q", dbPassword), fmt.Sprintf("%x", loginWord), backwards(proxyUser), key[100:300],
		base64.StdEncoding.EncodeToString([]byte(proxyUser + ":" + proxyWord)), base64.URLEncoding.EncodeToString([]byte("x" + clientSecret + "y")), base64.StdEncoding.EncodeToString([]byte(":?" + appToken)),
	} {
		if !slices.ContainsFunc(slices.Collect(maps.Values(needles())), func(form string) bool { return strings.Contains(strings.ToLower(text), strings.ToLower(form)) }) {
			t.Errorf("no secret is seen in %s", text)
		}
	}
	for name, form := range needles() {
		if len(form) < 8 {
			t.Errorf("%s is %q, which may be anything", name, form)
		}
	}
}

// secretRow is one way to call the program.
type secretRow struct {
	args  []string // DIR is a directory of the test's
	stdin string
	stays bool // until it is told to end
}

// secretRows call every sub-command. The first one works while the others are called.
var secretRows = []secretRow{
	{args: []string{"run"}, stays: true},
	{args: nil},
	{args: []string{"check"}},
	{args: []string{"check", "-json"}},
	{args: []string{"check", "-connect"}},
	{args: []string{"check", "-ids", "ada@acme.com", "@it-managers", "#it", "wf:jane@acme.com", misplaced}},
	{args: []string{"check", "-connect=" + misplaced}},
	{args: []string{"manifest"}},
	{args: []string{"manifest", "-format", "json"}},
	{args: []string{"manifest", "-format", misplaced}},
	{args: []string{"sandbox", "-v", "-addr", "127.0.0.1:0"}, stays: true},
	{args: []string{"sandbox", "-services", "-oauth", "-v", "-addr", "127.0.0.1:0"}, stays: true},
	{args: []string{"sandbox", "-services", "-fault", misplaced}},
	{args: []string{"sandbox", "-services", "-person", misplaced}},
	{args: []string{"sandbox", "-addr", misplaced}},
	{args: []string{"healthcheck"}},
	{args: []string{"healthcheck", "-live"}},
	{args: []string{"healthcheck", "-timeout", misplaced}},
	{args: []string{"apikey", "-username", "admin@acme.com"}, stdin: loginWord + "\n"},
	{args: []string{"apikey", "-username", "nobody@acme.com"}, stdin: loginWord},
	{args: []string{"audit"}},
	{args: []string{"audit", misplaced}},
	{args: []string{"audit", "verify"}},
	{args: []string{"audit", "verify", "-head", misplaced}},
	{args: []string{"audit", "export"}},
	{args: []string{"audit", "export", "-format", "jsonl"}},
	{args: []string{"audit", "export", "-since", misplaced}},
	{args: []string{"audit", "show", "jane@acme.com"}},
	{args: []string{"audit", "show", misplaced}},
	{args: []string{"backup", "DIR/copy.db"}},
	{args: []string{"backup", "DIR/copy.db", misplaced}},
	{args: []string{"version"}},
	{args: []string{"help"}},
	{args: []string{"help", "run"}},
	{args: []string{"help", misplaced}},
	{args: []string{misplaced}},
	{args: []string{"run", "-token=" + misplaced}},
	{args: []string{"run", misplaced}},
	{args: []string{"forget", misplaced}},
	{args: []string{"forget", "jane@acme.com"}},
}

// A sub-command that nobody calls here would print what it likes.
func TestEverySubCommandIsSearchedForSecrets(t *testing.T) {
	t.Parallel()
	called := func(words ...string) bool {
		return slices.ContainsFunc(secretRows, func(row secretRow) bool {
			return len(row.args) >= len(words) && slices.Equal(row.args[:len(words)], words)
		})
	}
	for _, c := range commands() {
		if !called(c.name) {
			t.Errorf("secretRows lacks %s", c.name)
		}
	}
	for _, c := range auditCommands() {
		if !called("audit", c.name) {
			t.Errorf("secretRows lacks audit %s", c.name)
		}
	}
	planted := map[string]bool{}
	for _, world := range secretWorlds {
		for name := range world.marked {
			planted[strings.TrimSuffix(name, "_FILE")] = true
		}
	}
	for _, v := range variables[config]() {
		if v.Secret && !planted[v.Name] {
			t.Errorf("no world has a marked %s", v.Name)
		}
	}
}

// Whatever is right or wrong with the configuration and the services, no sub-command
// prints a secret at the level debug, or puts one into a file or the database.
func TestNoSecretInAnyOutput(t *testing.T) {
	t.Parallel()
	machine.Slow(t, "runs every sub-command in many worlds")
	for _, world := range secretWorlds {
		t.Run(world.name, func(t *testing.T) {
			t.Parallel()
			w := world.build(t)
			w.dir = t.TempDir()
			for name, value := range world.marked {
				if from, ok := strings.CutSuffix(name, "_FILE"); ok {
					delete(w.vars, from)
					value = writeFile(t, value+"\n")
				}
				w.vars[name] = value
			}
			w.set("WFBOT_LOG_LEVEL", "debug")
			w.set("WFBOT_HTTP_ADDR", freePort(t))
			w.set("WFBOT_DATABASE_URL", "sqlite:"+filepath.Join(w.dir, "wfbot.db"))
			w.set("WFBOT_REQUESTERS", "U0RITA")
			w.set("WFBOT_APPROVERS", "U0ADA")
			all := w.call(t, secretRows[0], func() {
				if w.play != nil {
					w.play()
				}
				for _, row := range secretRows[1:] {
					refuseMarks(t, fmt.Sprint(row.args), w.call(t, row, func() {}), w.more()...)
				}
				w.pages(t)
				if w.stored != nil {
					refuseMarks(t, "the database", w.stored(), w.more()...)
				}
				w.files(t)
			})
			refuseMarks(t, "run", all, w.more()...)
			if world.says != "" && !strings.Contains(all, world.says) {
				t.Errorf("run never said %q:\n%s", world.says, all)
			}
			w.files(t)
		})
	}
}

// secretScene is a configuration and what it meets.
type secretScene struct {
	vars   map[string]string
	until  *regexp.Regexp // what run logs when it has met that, unless it ends
	play   func()         // what people do then; nil: nothing
	stored func() string  // what is in a database that is no file; nil: nothing
	made   func() []string
	dir    string // where the database is
}

// set sets a variable that is not set.
func (w *secretScene) set(name, value string) {
	if _, ok := w.vars[name]; !ok && w.vars[name+"_FILE"] == "" {
		w.vars[name] = value
	}
}

// more are the secrets that the services have made.
func (w *secretScene) more() []string {
	if w.made == nil {
		return nil
	}
	return w.made()
}

// call runs the program and returns all that it printed. One that stays has during run
// when it has met what it meets, or has ended.
func (w *secretScene) call(t *testing.T, row secretRow, during func()) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	var args []string
	for _, arg := range row.args {
		args = append(args, strings.ReplaceAll(arg, "DIR", w.dir))
	}
	until := w.until
	if row.args != nil && row.args[0] == "sandbox" {
		until = regexp.MustCompile(`http://127\.0\.0\.1:\d+`)
	}
	var said output
	p := process{environ: environ(w.vars), stdin: strings.NewReader(row.stdin), stdout: &said, stderr: &said}
	life, end := context.WithCancel(ctx)
	defer end()
	ended := make(chan struct{})
	met, over := context.WithCancel(ctx)
	go func() {
		defer close(ended)
		defer over()
		p.report(run(life, args, p))
	}()
	if !row.stays {
		<-ended
		return said.String()
	}
	if until == nil {
		<-ended
	} else if said.seen(met, until) == "" && ctx.Err() != nil {
		t.Errorf("%q: %s never appeared in\n%s", row.args, until, &said)
	}
	during()
	end()
	<-ended
	return said.String()
}

// pages searches what run serves, if it does.
func (w *secretScene) pages(t *testing.T) {
	t.Helper()
	client := &http.Client{Timeout: patience, Transport: &http.Transport{DisableKeepAlives: true}}
	for _, path := range []string{"/livez", "/readyz", "/metrics"} {
		answer, err := client.Get("http://" + w.vars["WFBOT_HTTP_ADDR"] + path)
		if err != nil {
			if w.play != nil && w.until == connected && !strings.Contains(t.Name(), "Slack_refuses") {
				t.Errorf("%s: %v", path, err)
			}
			continue
		}
		text, err := io.ReadAll(answer.Body)
		answer.Body.Close()
		if err != nil {
			t.Errorf("%s: %v", path, err)
		}
		refuseMarks(t, path, string(text), w.more()...)
	}
}

// files searches everything in the directory of the database.
func (w *secretScene) files(t *testing.T) {
	t.Helper()
	if err := filepath.WalkDir(w.dir, func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		refuseMarks(t, filepath.Base(name), string(text), w.more()...)
		return nil
	}); err != nil {
		t.Error(err)
	}
}
