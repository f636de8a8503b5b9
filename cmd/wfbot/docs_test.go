package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/joho/godotenv"
)

var update = flag.Bool("update", false, "rewrite the tables in docs/configuration.md and .env.example")

// root is the repository's directory.
var root = filepath.Join("..", "..")

// TestTablesOfVariables compares the tables in docs/configuration.md with the variables.
func TestTablesOfVariables(t *testing.T) {
	t.Parallel()
	const begin, end = "<!-- variables -->\n", "<!-- end of variables -->\n"
	file := filepath.Join(root, "docs", "configuration.md")
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok := strings.Cut(string(text), begin)
	table, after, ok2 := strings.Cut(rest, end)
	if !ok || !ok2 {
		t.Fatalf("docs/configuration.md has no %q and %q around the tables", begin, end)
	}
	if want := tablesOfVariables(); *update {
		write(t, file, before+begin+want+end+after)
	} else if diff := cmp.Diff(want, table); diff != "" {
		t.Errorf("the tables in docs/configuration.md are out of date; go test ./cmd/wfbot -update mends it (-want +got):\n%s", diff)
	}
}

func tablesOfVariables() string {
	var b strings.Builder
	for _, v := range variables[config]() {
		if v.Section != "" {
			b.WriteString("\n### " + v.Section + "\n\n| variable | default | meaning |\n|---|---|---|\n")
		}
		def := "none"
		switch {
		case v.Required:
			def = "required"
		case v.Default != "":
			def = "`" + v.Default + "`"
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", v.Name, def, v.About)
	}
	return b.String()
}

// TestEnvExample compares .env.example with the variables.
func TestEnvExample(t *testing.T) {
	t.Parallel()
	file := filepath.Join(root, ".env.example")
	want := envExample()
	if *update {
		write(t, file, want)
		return
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, string(text)); diff != "" {
		t.Errorf(".env.example is out of date; go test ./cmd/wfbot -update mends it (-want +got):\n%s", diff)
	}
}

func envExample() string {
	var b strings.Builder
	b.WriteString("# Configuration of \"wfbot run\": copy this file to " + dotenv + " and fill it in. The file\n" +
		"# holds secrets: let nobody else read it (chmod 600 " + dotenv + ").\n" +
		"#\n" +
		"# A variable of the environment takes precedence over this file. A value with\n" +
		"# spaces, quotation marks, # or $ stands in 'single quotes'. Tokens, keys and the\n" +
		"# database address can be read from files instead: NAME_FILE=/path/to/file.\n")
	for _, v := range variables[config]() {
		if v.Section != "" {
			b.WriteString("\n# --- " + v.Section + " ---\n")
		}
		b.WriteString("\n")
		for _, line := range wrap(v.About, 78) {
			b.WriteString("# " + line + "\n")
		}
		if v.Required {
			b.WriteString(v.Name + "=\n")
		} else {
			b.WriteString("#" + v.Name + "=" + v.Default + "\n")
		}
	}
	return b.String()
}

// wrap breaks text into lines of at most width bytes, if its words allow.
func wrap(text string, width int) []string {
	var lines []string
	line := ""
	for _, word := range strings.Fields(text) {
		if line != "" && len(line)+1+len(word) > width {
			lines, line = append(lines, line), ""
		}
		line = strings.TrimSpace(line + " " + word)
	}
	return append(lines, line)
}

func write(t *testing.T, file, text string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// TestEnvExampleWorks fills in what .env.example leaves empty and uncomments the
// rest: the result is the configuration with all its defaults.
func TestEnvExampleWorks(t *testing.T) {
	t.Parallel()
	text := envExample()
	for name, value := range variablesOf(nil) {
		text = strings.Replace(text, "\n"+name+"=\n", "\n"+name+"="+value+"\n", 1)
		text = strings.Replace(text, "\n#"+name+"=\n", "\n"+name+"="+value+"\n", 1)
	}
	for _, v := range variables[config]() {
		if v.Default != "" {
			text = strings.Replace(text, "\n#"+v.Name+"=", "\n"+v.Name+"=", 1)
		}
	}
	vars, err := godotenv.Unmarshal(text)
	if err != nil {
		t.Fatal(err)
	}
	got, err := loadConfig(environ(vars), noFile(t))
	if err != nil {
		t.Fatal(err)
	}
	want, err := loadConfig(environ(variablesOf(nil)), noFile(t))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(config{}, reads{})); diff != "" {
		t.Errorf("configuration (-want +got):\n%s", diff)
	}
}
