package card_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"wfbot/bot/card"
	"wfbot/bot/request"
)

var update = flag.Bool("update", false, "write the golden files")

// golden compares got, as indented JSON, with the file of that name.
func golden(t *testing.T, name string, got any) {
	t.Helper()
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(got); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join("testdata", name+".json")
	if *update {
		if err := os.WriteFile(path, buf.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v (run the test with -update)", err)
	}
	if diff := cmp.Diff(string(want), buf.String()); diff != "" {
		t.Errorf("%s (-want +got):\n%s", path, diff)
	}
}

func TestMessageGolden(t *testing.T) {
	t.Parallel()
	for _, s := range scenes(t) {
		text, blocks := card.Message(s.r, s.v)
		golden(t, s.name, map[string]any{"text": text, "blocks": blocks})
	}
}

func TestDecisionFormGolden(t *testing.T) {
	t.Parallel()
	golden(t, "form_deny", card.DecisionForm(request.Deny, found(t, 1).r, "UBERT"))
	golden(t, "form_cancel", card.DecisionForm(request.Cancel, found(t, 1).r, "UBERT"))
}

// TestNoticeGolden keeps all private words in one file, to be read as a page.
func TestNoticeGolden(t *testing.T) {
	t.Parallel()
	notices := map[string]string{}
	for _, s := range scenes(t) {
		notices[s.name] = card.Notice(s.r, permalink)
	}
	notices["help"], notices["help_fixed_channel"] = card.Help(""), card.Help("C1")
	golden(t, "notices", notices)
}

// TestGoldenFilesAreUsed fails for a golden file that no test compares.
func TestGoldenFilesAreUsed(t *testing.T) {
	t.Parallel()
	used := map[string]bool{"notices": true, "form_deny": true, "form_cancel": true, "refusals": true}
	for _, s := range scenes(t) {
		used[s.name] = true
	}
	for _, name := range slices.Concat(batchFiles(t), overviewFiles()) {
		used[name] = true
	}
	files, err := filepath.Glob(filepath.Join("testdata", "*.json"))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if name := strings.TrimSuffix(filepath.Base(f), ".json"); !used[name] {
			t.Errorf("%s belongs to no test", f)
		}
	}
}
