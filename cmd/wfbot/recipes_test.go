package main

import (
	"database/sql"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	_ "modernc.org/sqlite"

	"wfbot/bot/request"
	"wfbot/bot/store"
)

// recipe returns the lines of docs/audit.md between two fences, or the indented line,
// that hold word.
func recipe(t *testing.T, word string) string {
	t.Helper()
	return recipeOn(t, "audit.md", word)
}

// recipeOn is recipe on another page in docs.
func recipeOn(t *testing.T, page, word string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, "docs", page))
	if err != nil {
		t.Fatal(err)
	}
	var block []string
	fenced := false
	for line := range strings.Lines(string(text)) {
		switch {
		case strings.HasPrefix(line, "```"):
			if found := strings.Join(block, ""); strings.Contains(found, word) {
				return found
			}
			fenced, block = !fenced && line == "```sh\n", nil
		case fenced:
			block = append(block, line)
		case strings.HasPrefix(line, "    ") && strings.Contains(line, word):
			return strings.TrimPrefix(line, "    ")
		}
	}
	t.Fatalf("docs/%s has no recipe with %s", page, word)
	return ""
}

// typed runs what docs/audit.md says as it stands, in a directory.
func typed(t *testing.T, directory, commands string) (output string, err error) {
	t.Helper()
	shell := exec.CommandContext(t.Context(), "sh", "-c", commands)
	shell.Dir = directory
	out, err := shell.CombinedOutput()
	return string(out), err
}

// needs skips the test where a tool is missing, but fails it in CI.
func needs(t *testing.T, tool, variable string) {
	t.Helper()
	_, err := exec.LookPath(tool)
	switch {
	case err == nil:
	case os.Getenv("CI") != "" || os.Getenv(variable) != "":
		t.Fatalf("%s is needed: %v", tool, err)
	default:
		t.Skipf("%s is needed: %v", tool, err)
	}
}

// trail makes a database with an audit trail where what JSON writes in more than
// one way stands in every column that holds text, and returns its directory.
func trail(t *testing.T) (directory string) {
	t.Helper()
	directory = t.TempDir()
	st, err := store.Open(t.Context(), "sqlite:"+filepath.Join(directory, "wfbot.db"), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	hostile := "<b> & \"q\" 'a' \\ / ü € 😀 \u2028\u2029\u0085 \x01\b\f\n\r\t\x1f\x7f \u202e end"
	for i := range 3 {
		at := time.Now().Add(time.Duration(i) * time.Second)
		if err := st.Update(t.Context(), at, func(tx *store.Tx) error {
			tx.Record("R1", request.Event{At: at, Kind: "denied", Actor: "U1", Detail: map[string]string{"comment": hostile, hostile: "x"}})
			tx.Record("R"+hostile, request.Event{At: at, Kind: hostile, Actor: hostile})
			return nil
		}); err != nil {
			t.Fatal(err)
		}
	}
	return directory
}

func TestRecipeForTheAuditHash(t *testing.T) {
	t.Parallel()
	needs(t, "python3", "WFBOT_REQUIRE_RECIPES")
	commands := recipe(t, "hashlib")
	directory := trail(t)
	if out, err := typed(t, directory, commands); err != nil || out != "6 entries are as they were written, the details of 0 are erased\n" {
		t.Fatalf("on a good trail: %v, %s", err, out)
	}
	for statement, says := range map[string]string{
		"UPDATE audit SET detail = replace(detail, 'end', 'End') WHERE seq = 3": "the detail of entry 3 is not as it was written",
		"UPDATE audit SET salt = '' WHERE seq = 4":                              "the detail of entry 4 is not as it was written",
		"UPDATE audit SET detail_hash = hash WHERE seq = 1":                     "entry 1 is not as it was written",
		"UPDATE audit SET at = at + 1 WHERE seq = 6":                            "entry 6 is not as it was written",
		"DELETE FROM audit WHERE seq = 2":                                       "entry 2 is not as it was written",
		"DELETE FROM audit WHERE seq = 6":                                       "entries after number 5 are missing",
		"DELETE FROM audit":                                                     "entries after number 0 are missing",
	} {
		directory := trail(t)
		alter(t, directory, statement)
		if out, err := typed(t, directory, commands); err == nil || !strings.Contains(out, says) {
			t.Errorf("%s: %v, %q, want %q", statement, err, out, says)
		}
	}
}

// What is erased leaves a trail that can be checked.
func TestRecipeForTheAuditHashOfErasedDetails(t *testing.T) {
	t.Parallel()
	needs(t, "python3", "WFBOT_REQUIRE_RECIPES")
	directory := trail(t)
	alter(t, directory, "UPDATE audit SET detail = '', salt = '' WHERE seq IN (1, 3, 4, 5)")
	if out, err := typed(t, directory, recipe(t, "hashlib")); err == nil || !strings.Contains(out, "the detail of entry 1 is gone") {
		t.Errorf("nothing says that it was erased: %v, %s", err, out)
	}
	st, err := store.Open(t.Context(), "sqlite:"+filepath.Join(directory, "wfbot.db"), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	if err := st.Update(t.Context(), time.Now(), func(tx *store.Tx) error {
		tx.Record("", request.Event{At: time.Now(), Kind: "details erased", Actor: request.Bot, Detail: map[string]string{"entries": "1 3-5"}})
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if out, err := typed(t, directory, recipe(t, "hashlib")); err != nil || out != "7 entries are as they were written, the details of 4 are erased\n" {
		t.Errorf("%v, %s", err, out)
	}
}

// alter does to the database in directory what its programs would not do.
func alter(t *testing.T, directory, statement string) {
	t.Helper()
	db, err := sql.Open("sqlite", filepath.Join(directory, "wfbot.db"))
	if err != nil {
		t.Fatal(err)
	}
	_, err = db.ExecContext(t.Context(), statement)
	if err = errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
}

// The query in docs/audit.md shows the trail.
func TestRecipeForTheTrail(t *testing.T) {
	t.Parallel()
	needs(t, "sqlite3", "WFBOT_REQUIRE_RECIPES")
	out, err := typed(t, trail(t), recipe(t, "FROM audit"))
	if err != nil || strings.Count(out, "denied") != 3 {
		t.Errorf("%v: %s", err, out)
	}
}
