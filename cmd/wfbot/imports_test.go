package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// rule says what a package may import. Its tests may import what they like.
type rule struct {
	own   []string // packages of this module, without "wfbot/"
	other []string // packages of other modules
	// pure is what the package may import of the standard library if it is pure:
	// no network, no files, no database, and it never asks for the time. Nil: it
	// is not pure.
	pure []string
}

// plainValues is what a pure package needs for values and texts.
var plainValues = []string{"cmp", "encoding/json", "errors", "fmt", "maps", "regexp", "slices", "strconv", "strings", "time", "unicode", "unicode/utf8"}

// rules has a row for every package: imports run downwards, and who adds a
// package or an import decides here where it belongs.
var rules = map[string]rule{
	"cmd/wfbot": {
		own:   []string{"bot", "bot/check", "bot/manifest", "bot/metrics", "bot/request", "bot/sandbox", "bot/store", "workfront", "workfront/secret"},
		other: []string{"github.com/caarlos0/env/v11", "github.com/joho/godotenv", "go.yaml.in/yaml/v3", "golang.org/x/term"},
	},
	"bot": {
		own: []string{"bot/handler", "bot/health", "bot/inbox", "bot/loop", "bot/metrics", "bot/operator", "bot/request", "bot/slackapi", "bot/socket", "bot/store", "bot/worker", "bot/workfrontapi",
			"workfront", "workfront/secret"},
		other: []string{"golang.org/x/sync/errgroup"},
	},
	"bot/check":    {own: []string{"bot/operator", "bot/request", "bot/slackapi", "bot/socket", "bot/store", "workfront", "workfront/secret"}},
	"bot/manifest": {},
	// The stages: none knows another.
	"bot/inbox": {own: []string{"bot/card", "bot/metrics", "bot/operator", "bot/request", "bot/slackapi", "bot/socket", "bot/store", "workfront/secret"}},
	"bot/handler": {
		own:   []string{"bot/card", "bot/loop", "bot/operator", "bot/request", "bot/slackapi", "bot/store", "bot/workfrontapi"},
		other: []string{"github.com/slack-go/slack", "golang.org/x/sync/errgroup"},
	},
	"bot/worker": {
		own:   []string{"bot/card", "bot/loop", "bot/metrics", "bot/operator", "bot/request", "bot/slackapi", "bot/store", "bot/workfrontapi", "workfront"},
		other: []string{"github.com/slack-go/slack", "golang.org/x/sync/errgroup", "golang.org/x/time/rate"},
	},
	"bot/workfrontapi": {
		own:   []string{"bot/card", "bot/loop", "bot/operator", "bot/request", "bot/slackapi", "workfront"},
		other: []string{"golang.org/x/sync/errgroup"},
	},
	"bot/metrics":  {other: []string{"github.com/prometheus/client_golang/prometheus", "github.com/prometheus/client_golang/prometheus/collectors", "github.com/prometheus/client_golang/prometheus/promhttp"}},
	"bot/health":   {},
	"bot/loop":     {own: []string{"bot/request", "bot/store"}},
	"bot/operator": {own: []string{"bot/card", "bot/slackapi", "bot/store", "workfront"}},
	"bot/slackapi": {
		own:   []string{"bot/request", "workfront/secret"},
		other: []string{"github.com/slack-go/slack", "golang.org/x/sync/errgroup", "golang.org/x/sync/singleflight", "golang.org/x/time/rate"},
	},
	"bot/request": {other: []string{"golang.org/x/text/unicode/norm"}, pure: slices.Concat(plainValues, []string{"net/url"})},
	"bot/card":    {own: []string{"bot/request"}, other: []string{"github.com/slack-go/slack"}, pure: plainValues},
	"bot/socket": {
		own:   []string{"workfront/secret"},
		other: []string{"github.com/gorilla/websocket", "github.com/slack-go/slack", "golang.org/x/sync/errgroup", "golang.org/x/time/rate"},
	},
	"bot/store": {
		own:   []string{"bot/request"},
		other: []string{"github.com/jackc/pgx/v5", "github.com/jackc/pgx/v5/pgconn", "github.com/jackc/pgx/v5/stdlib", "github.com/pressly/goose/v3", "golang.org/x/sys/unix", "modernc.org/sqlite", "modernc.org/sqlite/lib"},
	},
	"workfront":        {own: []string{"workfront/secret"}, other: []string{"github.com/golang-jwt/jwt/v5", "golang.org/x/oauth2"}},
	"workfront/secret": {},

	// What stands in for the world. A simulator shares nothing with the client it
	// tests: the same mistake would be on both sides.
	"bot/slacksim":           {other: []string{"github.com/gorilla/websocket"}},
	"workfront/workfrontsim": {other: []string{"github.com/golang-jwt/jwt/v5"}},
	"bot/sandbox": {
		own:   []string{"bot", "bot/card", "bot/request", "bot/sandbox/render", "bot/slacksim", "bot/store", "workfront", "workfront/secret", "workfront/workfrontsim"},
		other: []string{"golang.org/x/sync/errgroup"},
	},
	"bot/sandbox/render": {},

	// For tests alone: no row above names them.
	"bot/slacksim/story":    {own: []string{"bot/slacksim"}},
	"bot/bottest/node":      {own: []string{"bot/bottest/machine"}},
	"bot/bottest/invariant": {own: []string{"bot/request"}},
	"bot/bottest/evidence":  {own: []string{"bot/card", "bot/bottest/invariant", "bot/request", "bot/slacksim", "bot/store", "workfront/workfrontsim"}},
	"bot/bottest/bench":     {own: []string{"bot/slacksim", "workfront/workfrontsim"}, other: []string{"github.com/jackc/pgx/v5/stdlib", "github.com/slack-go/slack", "github.com/slack-go/slack/socketmode"}},
	"bot/bottest/machine":   {other: []string{"golang.org/x/sys/unix"}},
}

// listed is a package as the go command describes it.
type listed struct {
	ImportPath, Dir, Name string
	GoFiles, Imports      []string
}

func listPackages(t *testing.T) []listed {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "go", "list", "-json=ImportPath,Dir,Name,GoFiles,Imports", "wfbot/...").Output()
	if err != nil {
		t.Fatalf("listing the packages: %v", err)
	}
	var all []listed
	for decoder := json.NewDecoder(bytes.NewReader(out)); ; {
		var p listed
		if err := decoder.Decode(&p); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
}

func TestImports(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, p := range listPackages(t) {
		if len(p.GoFiles) == 0 { // tests only
			continue
		}
		name := strings.TrimPrefix(p.ImportPath, "wfbot/")
		seen[name] = true
		r, ok := rules[name]
		if !ok {
			t.Errorf("%s has no row in rules", name)
			continue
		}
		for _, path := range p.Imports {
			own, isOwn := strings.CutPrefix(path, "wfbot/")
			first, _, _ := strings.Cut(path, "/")
			switch {
			case isOwn && !slices.Contains(r.own, own):
				t.Errorf("%s must not import %s", name, own)
			case !isOwn && strings.Contains(first, ".") && !slices.Contains(r.other, path):
				t.Errorf("%s must not import %s", name, path)
			case !isOwn && !strings.Contains(first, ".") && r.pure != nil && !slices.Contains(r.pure, path):
				t.Errorf("%s must not import %s: it is pure", name, path)
			}
		}
		if r.pure != nil {
			checkPure(t, p)
		}
	}
	for name := range rules {
		if !seen[name] {
			t.Errorf("rules has a row for %s, which does not exist", name)
		}
	}
}

// impure is what a pure package must not use of the packages it may import.
// Anything else that reaches outside takes one of these first.
var impure = map[string][]string{
	"time": {"Now", "Since", "Until", "Sleep", "After", "AfterFunc", "Tick", "NewTimer", "NewTicker", "Local", "LoadLocation"},
	"fmt":  {"Print", "Printf", "Println", "Scan", "Scanf", "Scanln"},
	"slack": {"New", "Client", "PostWebhook", "PostWebhookContext", "PostWebhookCustomHTTP", "PostWebhookCustomHTTPContext",
		"NewRTM", "NewSecretsVerifier", "GetOAuthToken", "GetOAuthV2Response"},
}

func checkPure(t *testing.T, p listed) {
	t.Helper()
	files := token.NewFileSet()
	for _, name := range p.GoFiles {
		file, err := parser.ParseFile(files, filepath.Join(p.Dir, name), nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, spec := range file.Imports {
			if path, _ := strconv.Unquote(spec.Path.Value); spec.Name != nil {
				t.Errorf("%s: %s is imported under another name, which this test does not see through", files.Position(spec.Pos()), path)
			}
		}
		ast.Inspect(file, func(n ast.Node) bool {
			selector, ok := n.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			if from, ok := selector.X.(*ast.Ident); ok && slices.Contains(impure[from.Name], selector.Sel.Name) {
				t.Errorf("%s: %s.%s is not pure", files.Position(n.Pos()), from.Name, selector.Sel.Name)
			}
			return true
		})
	}
}
