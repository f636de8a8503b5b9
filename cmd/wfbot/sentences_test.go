package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"wfbot/bot/request"
)

var (
	commandPattern = regexp.MustCompile(`(let )?\bwfbot ([a-z]+)`)
	slashPattern   = regexp.MustCompile(`/wf-[a-z]+`)
)

// notCommands are words that follow the name of the program in a sentence. The program's
// verbs end in s or ed, or follow "let wfbot".
var notCommands = strings.Fields("after and again as away at before by can cannot could did for from had has if in is itself may might must never not of on or out over than that then through to until was were when which while will with would")

// commandsIn returns the commands of wfbot that a text seems to name.
func commandsIn(text string) (found []string) {
	for _, m := range commandPattern.FindAllStringSubmatch(text, -1) {
		if word := m[2]; m[1] == "" && !strings.HasSuffix(word, "s") && !strings.HasSuffix(word, "ed") && !slices.Contains(notCommands, word) {
			found = append(found, word)
		}
	}
	return found
}

// Whatever a person reads, in the texts of the program and in the pages, points to no
// command that is not there; and the texts of the program are in plain words.
func TestSentencesNameRealCommands(t *testing.T) {
	t.Parallel()
	real := []string{"help"}
	for _, c := range commands() {
		real = append(real, c.name)
	}
	check := func(where, text string) {
		t.Helper()
		for _, word := range commandsIn(text) {
			if !slices.Contains(real, word) {
				t.Errorf("%s names the command \"wfbot %s\", which is not there: %.200q", where, word, text)
			}
		}
		for _, command := range slashPattern.FindAllString(text, -1) {
			if command != "/wf-deactivate" && command != "/wf-reactivate" {
				t.Errorf("%s names %s, which is not there: %.200q", where, command, text)
			}
		}
	}
	files := pages(t)
	files[".env.example"] = envExample()
	for file, text := range files {
		for line := range strings.Lines(text) {
			check(file, line)
		}
	}
	texts := 0
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && (strings.HasPrefix(entry.Name(), ".") && entry.Name() != ".." || entry.Name() == "node_modules" || entry.Name() == "testdata"):
			return filepath.SkipDir
		case filepath.Ext(path) == ".html", filepath.Ext(path) == ".js":
			text, err := os.ReadFile(path)
			check(path, string(text))
			return err
		case filepath.Ext(path) != ".go" || strings.HasSuffix(path, "_test.go"):
			return nil
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			return err
		}
		ast.Inspect(parsed, func(n ast.Node) bool {
			if literal, ok := n.(*ast.BasicLit); ok && literal.Kind == token.STRING {
				text, err := strconv.Unquote(literal.Value)
				if err != nil {
					t.Errorf("%s: %v", path, err)
				}
				texts++
				check(path, text)
				if words, around := harshIn(text); words != "" && text != string(request.RefusedUnderWay) /* a code, which older trails hold */ && strings.Contains(text, " ") && !strings.Contains(path, "sim/") && !strings.Contains(path, "bottest/") {
					t.Errorf("%s says %q (better: %s): …%s…", path, words, harsh[words], around)
				}
			}
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if texts < 1000 {
		t.Errorf("only %d texts were looked at", texts)
	}
}

func TestCommandsIn(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"with wfbot check.": "check", "`wfbot audit verify`": "audit", "./wfbot run": "run", "go run ./cmd/wfbot apikey -username": "apikey",
		"wfbot asks again, and wfbot itself may": "", "does not let wfbot look it up": "", "wfbot's check": "", "@wfbot check": "check",
	} {
		if got := strings.Join(commandsIn(text), " "); got != want {
			t.Errorf("%q names %q, want %q", text, got, want)
		}
	}
}
