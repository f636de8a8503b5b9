package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/joho/godotenv"
	"go.yaml.in/yaml/v3"
)

// pages are README.md, SECURITY.md and the pages in docs, by their names from root.
func pages(t *testing.T) map[string]string {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(root, "docs", "*.md"))
	if err != nil {
		t.Fatal(err)
	}
	all := make(map[string]string)
	for _, name := range append(names, filepath.Join(root, "README.md"), filepath.Join(root, "SECURITY.md")) {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		name, err := filepath.Rel(root, name)
		if err != nil {
			t.Fatal(err)
		}
		all[filepath.ToSlash(name)] = string(text)
	}
	if len(all) < 12 {
		t.Errorf("there are only %d pages", len(all))
	}
	return all
}

// TestReadmeIsShort keeps README.md a page that people read to its end, and the
// lines of all pages such that a change is seen in a diff.
func TestReadmeIsShort(t *testing.T) {
	t.Parallel()
	for name, text := range pages(t) {
		if lines := strings.Count(text, "\n"); name == "README.md" && lines > 150 {
			t.Errorf("README.md has %d lines, more than 150", lines)
		}
		fenced := false
		for i, line := range strings.Split(text, "\n") {
			fenced = fenced != strings.HasPrefix(strings.TrimSpace(line), "```")
			width := utf8.RuneCountInString(line)
			if width > 120 && (name == "README.md" || !fenced && !strings.HasPrefix(line, "|")) {
				t.Errorf("%s:%d has %d characters, more than 120", name, i+1, width)
			}
		}
	}
}

var (
	fencePattern   = regexp.MustCompile("(?ms)^ *```.*?^ *```$")
	codePattern    = regexp.MustCompile("`[^`\n]+`")
	linkPattern    = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	addressPattern = regexp.MustCompile(`<(https?:[^>\s]+)>`)
	headingPattern = regexp.MustCompile(`(?m)^#+ (.+)$`)
)

// prose is text without what is code.
func prose(text string) string {
	return codePattern.ReplaceAllStringFunc(fencePattern.ReplaceAllString(text, ""), func(code string) string {
		return strings.Repeat("x", len(code)) // keeps a link whose words are code
	})
}

// anchors are those that GitHub makes of the headings of a page.
func anchors(t *testing.T, name, text string) (all []string) {
	t.Helper()
	for _, m := range headingPattern.FindAllStringSubmatch(fencePattern.ReplaceAllString(text, ""), -1) {
		anchor := strings.Map(func(r rune) rune {
			switch {
			case r == ' ':
				return '-'
			case unicode.IsLetter(r), unicode.IsDigit(r), r == '-', r == '_':
				return unicode.ToLower(r)
			}
			return -1
		}, m[1])
		if slices.Contains(all, anchor) {
			t.Errorf("%s has two headings %q", name, m[1])
		}
		all = append(all, anchor)
	}
	return all
}

// Every link in the pages leads to a file that is there, and to a heading in it; and
// README.md leads to every page.
func TestLinksLeadSomewhere(t *testing.T) {
	t.Parallel()
	all := pages(t)
	reached := map[string]bool{"README.md": true}
	for name, text := range all {
		var targets []string
		for _, pattern := range []*regexp.Regexp{linkPattern, addressPattern} {
			for _, m := range pattern.FindAllStringSubmatch(prose(text), -1) {
				targets = append(targets, m[1])
			}
		}
		for _, target := range targets {
			if strings.Contains(target, "://") {
				if !strings.HasPrefix(target, "https://") {
					t.Errorf("%s links to %s, which is not https", name, target)
				}
				continue
			}
			file, anchor, _ := strings.Cut(target, "#")
			to := name
			if file != "" {
				to = path.Join(path.Dir(name), file)
			}
			if _, err := os.Stat(filepath.Join(root, filepath.FromSlash(to))); err != nil {
				t.Errorf("%s links to %s: %v", name, target, err)
			}
			if anchor != "" && !slices.Contains(anchors(t, to, all[to]), anchor) {
				t.Errorf("%s links to %s, and there is no such heading", name, target)
			}
			if name == "README.md" {
				reached[to] = true
			}
		}
	}
	for name := range all {
		if !reached[name] {
			t.Errorf("README.md does not link to %s", name)
		}
	}
}

var (
	variablePattern = regexp.MustCompile(`\b(?:WFBOT|SLACK|WORKFRONT)_[A-Z0-9_]*[A-Z0-9]\b(=tcp:)?`)
	filePattern     = regexp.MustCompile(`(?:\./)?((?:\b(?:bot|cmd|deploy|docs|workfront)|\.ci)(?:/[\w.-]+)+)`)
	callPattern     = regexp.MustCompile("(?:^|[ /`])wfbot ([a-z]+)([^`\n]*)")
	goTestPattern   = regexp.MustCompile("go test([^`\n]*)")
	makePattern     = regexp.MustCompile("`make ([a-z]+)`")
)

// Every variable, file, flag and test that the pages name is there. (Commands:
// TestSentencesNameRealCommands.)
func TestPagesNameWhatIsThere(t *testing.T) {
	t.Parallel()
	known := make(map[string]bool)
	for _, v := range variables[config]() {
		known[v.Name], known[v.Name+"_FILE"] = true, v.Secret
	}
	makefile, err := os.ReadFile(filepath.Join(root, "Makefile"))
	if err != nil {
		t.Fatal(err)
	}
	tests := sources(t, regexp.MustCompile(`_test\.go$|^\.ci/|/bottest/`))
	for name, text := range pages(t) {
		for _, m := range variablePattern.FindAllStringSubmatch(text, -1) {
			switch isTests := strings.HasPrefix(m[0], "WFBOT_TEST_"); {
			case m[1] != "": // what Docker makes of the name of a service
			case isTests && !strings.Contains(tests, m[0]), !isTests && !known[m[0]]:
				t.Errorf("%s names the variable %s, which is not there", name, m[0])
			}
		}
		for _, m := range filePattern.FindAllStringSubmatch(text, -1) {
			file := strings.TrimRight(strings.TrimSuffix(m[1], "/..."), ".")
			if _, err := os.Stat(filepath.Join(root, filepath.FromSlash(file))); err != nil && path.Dir(name) != "docs" {
				t.Errorf("%s names a file: %v", name, err)
			} else if _, err2 := os.Stat(filepath.Join(root, path.Dir(name), filepath.FromSlash(file))); err != nil && err2 != nil {
				t.Errorf("%s names a file: %v", name, err)
			}
		}
		for _, m := range callPattern.FindAllStringSubmatch(text, -1) {
			checkFlags(t, name, m[1], strings.Fields(m[2]))
		}
		for _, m := range goTestPattern.FindAllStringSubmatch(text, -1) {
			checkGoTest(t, name, tests, strings.Fields(m[1]))
		}
		for _, m := range makePattern.FindAllStringSubmatch(text, -1) {
			if !strings.Contains(string(makefile), "\n"+m[1]+":") {
				t.Errorf("%s names make %s, which is not there", name, m[1])
			}
		}
	}
}

// sources are the files of the repository with such names, one behind the other.
func sources(t *testing.T, names *regexp.Regexp) string {
	t.Helper()
	var all bytes.Buffer
	err := fs.WalkDir(os.DirFS(root), ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !names.MatchString(name) || strings.Contains(name, "node_modules") || path.Base(name) == "pages_test.go" {
			return err
		}
		text, err := os.ReadFile(filepath.Join(root, name))
		all.Write(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all.String()
}

// checkFlags checks the words behind a command of wfbot. That the command is there is
// checked elsewhere.
func checkFlags(t *testing.T, page, command string, words []string) {
	t.Helper()
	var help bytes.Buffer
	p := process{stdout: &help, stderr: &help}
	if run(t.Context(), []string{command, "-help"}, p) != nil {
		return // not a command, but prose
	}
	for _, word := range words {
		flag, isFlag := strings.CutPrefix(word, "-")
		flag, _, _ = strings.Cut(strings.TrimPrefix(flag, "-"), "=")
		if isFlag && flag != "" && flag != "help" && !strings.Contains(help.String(), "\n  -"+flag) {
			t.Errorf("%s: wfbot %s has no flag -%s", page, command, flag)
		}
	}
}

// checkGoTest checks the words behind go test.
func checkGoTest(t *testing.T, page, tests string, words []string) {
	t.Helper()
	for i, word := range words {
		name, isFlag := strings.CutPrefix(word, "-")
		name, _, _ = strings.Cut(name, "=")
		switch {
		case !isFlag || name == "race":
		case flag.Lookup(name) == nil && flag.Lookup("test."+name) == nil:
			t.Errorf("%s: no test has the flag -%s", page, name)
		case name == "run" && i+1 < len(words) && !strings.Contains(tests, "func "+words[i+1]+"("):
			t.Errorf("%s: there is no test %s", page, words[i+1])
		}
	}
}

// harsh are the words that stop a reader, and what the pages say instead.
var harsh = map[string]string{
	"of which": "two sentences", "whom": "who, that", "carried out": "takes effect, is done", "save where": "except where", ", save": "except",
	"by itself": "(nothing)", "at this time": "(nothing)", "is to be": "will be, must be", "the way back": "reactivation", "lately": "recently",
	"hitherto": "until now", "in lieu": "instead", "thereof": "of it", "thus": "so", "whereby": "so that", "thereby": "so",
	"likewise": "also", "lest": "so that … not", "mend": "fix, correct, repair", "mends": "recovers", "mended": "fixed",
	"with nothing to show for it": "and nothing shows it", "to be had": "found", "as it seems": "(nothing)",
}

// harshIn returns the first of the harsh words in a text, with what stands around it.
func harshIn(text string) (words, around string) {
	text = strings.Join(strings.Fields(text), " ")
	for _, words := range slices.Sorted(maps.Keys(harsh)) {
		if at := harshPatterns[words].FindStringIndex(text); at != nil {
			return words, text[max(at[0]-40, 0):min(at[1]+40, len(text))]
		}
	}
	return "", ""
}

var harshPatterns = func() map[string]*regexp.Regexp {
	patterns := map[string]*regexp.Regexp{}
	for words := range harsh {
		patterns[words] = regexp.MustCompile(`(?i)(^|\W)` + regexp.QuoteMeta(words) + `(\W|$)`)
	}
	return patterns
}()

// The pages are in plain words.
func TestPagesAreInPlainWords(t *testing.T) {
	t.Parallel()
	texts := pages(t)
	texts[".env.example"] = strings.ReplaceAll(envExample(), "#", " ")
	for name, text := range texts {
		if words, around := harshIn(prose(text)); words != "" {
			t.Errorf("%s says %q (better: %s): …%s…", name, words, harsh[words], around)
		}
	}
}

// The six lines in README.md are a configuration.
func TestReadmeEnv(t *testing.T) {
	t.Parallel()
	_, rest, _ := strings.Cut(pages(t)["README.md"], "```sh\n")
	block, _, _ := strings.Cut(rest, "   ```")
	vars, err := godotenv.Unmarshal(block)
	if err != nil {
		t.Fatal(err)
	}
	if len(vars) != 6 || strings.Count(block, "\n") != 6 {
		t.Errorf("%d variables in %q, want 6", len(vars), block)
	}
	if _, err := loadConfig(environ(vars), noFile(t)); err != nil {
		t.Error(err)
	}
}

// The manifest in docs/slack.md is the one that the program prints, in both forms.
func TestManifest(t *testing.T) {
	t.Parallel()
	_, rest, _ := strings.Cut(pages(t)["docs/slack.md"], "```yaml\n")
	inPage, _, ok := strings.Cut(rest, "```")
	if !ok {
		t.Fatal("docs/slack.md has no manifest")
	}
	status, printed, stderr := start(t, nil, "", "manifest")
	if diff := cmp.Diff(printed, inPage); status != 0 || diff != "" {
		t.Errorf("exit status %d, %q; docs/slack.md (-printed +page):\n%s", status, stderr, diff)
	}
	status, asJSON, stderr := start(t, nil, "", "manifest", "-format", "json")
	var fromJSON, fromYAML any
	if err := errors.Join(json.Unmarshal([]byte(asJSON), &fromJSON), yaml.Unmarshal([]byte(printed), &fromYAML)); status != 0 || err != nil {
		t.Fatalf("exit status %d, %q, %v", status, stderr, err)
	}
	if diff := cmp.Diff(fromYAML, fromJSON); diff != "" {
		t.Errorf("-format json differs (-yaml +json):\n%s", diff)
	}
	if status, _, _ := start(t, nil, "", "manifest", "-format", "toml"); status != 2 {
		t.Errorf("another format: exit status %d", status)
	}
}

var (
	buttonRowPattern = regexp.MustCompile(`(?m)^\| \*\*[^|]+`)
	buttonPattern    = regexp.MustCompile(`\*\*(.+?)\*\*`)
)

// The table of buttons in docs/using.md names those of the cards.
func TestPagesNameRealButtons(t *testing.T) {
	t.Parallel()
	cells := strings.Join(buttonRowPattern.FindAllString(pages(t)["docs/using.md"], -1), "")
	names := buttonPattern.FindAllStringSubmatch(cells, -1)
	if len(names) < 8 {
		t.Errorf("only %d buttons", len(names))
	}
	code := sources(t, regexp.MustCompile(`^bot/card/[a-z]+(_form)?\.go$`))
	for _, m := range names {
		name, all := strings.CutSuffix(m[1], " all") // of several
		all = all && strings.Contains(code, `"`+name+`"`) && strings.Contains(code, `" all"`)
		if !all && !strings.Contains(code, `"`+m[1]+`"`) {
			t.Errorf("docs/using.md names the button %q, which no card has", m[1])
		}
	}
}
