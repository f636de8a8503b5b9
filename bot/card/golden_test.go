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
	"time"

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
		text, blocks := card.Message(alone(s.r), s.v)
		golden(t, s.name, map[string]any{"text": text, "blocks": blocks})
	}
}

func TestSeveralMessageGolden(t *testing.T) {
	t.Parallel()
	for name, c := range crews(t) {
		text, blocks := card.Message(c.Card, c.v)
		golden(t, "batch_"+name, map[string]any{"text": text, "blocks": blocks})
	}
}

func TestDecisionFormGolden(t *testing.T) {
	t.Parallel()
	golden(t, "form_deny", formAbout(request.Deny, found(t, 1).r, "UBERT"))
	golden(t, "form_cancel", formAbout(request.Cancel, found(t, 1).r, "UBERT"))
	golden(t, "form_cancel_back", formAbout(request.Cancel, found(t, 1, backwards).r, "UBERT"))
}

func TestSeveralFormsGolden(t *testing.T) {
	t.Parallel()
	c := crews(t)["pending"]
	golden(t, "batch_forms", []any{
		card.DecisionForm(request.Deny, c.Card, c.ID+":3", c.Requests[:2], "UANNA"),
		card.DecisionForm(request.Cancel, c.Card, c.ID+":3", c.Requests[:2], "UANNA"),
	})
}

// TestNoticeGolden keeps all private words in one file, to be read as a page.
func TestNoticeGolden(t *testing.T) {
	t.Parallel()
	notices := map[string]string{}
	for _, s := range scenes(t) {
		notices[s.name] = card.Notice(alone(s.r), permalink)
	}
	notices["help"], notices["help_fixed_channel"] = card.Help(""), card.Help("C1")
	golden(t, "notices", notices)
}

func TestReminderGolden(t *testing.T) {
	t.Parallel()
	again := approved(t, 0)
	again.do(again.r.AskAgain(after(5).Add(25 * time.Hour)))
	half := found(t, 2, backwards)
	half.do(half.r.Approve(anna, 0, after(5)))
	replaced := found(t, 1)
	replaced.r.ManagerFound(request.Managing{Manager: bert}, true, after(5))
	failed := begun(t)
	failed.do(failed.r.Fail("Workfront answered 403: You do not have access.", after(7)))
	said := func(s story, now time.Time) string { return card.Reminder(alone(s.r), painted(), now) }
	golden(t, "reminders", map[string]string{
		"new manager": said(replaced, after(5)), "pending": said(found(t, 1), remindedAt), "half": said(half, remindedAt), "again": said(again, after(5)),
		"failed": said(failed, after(8)),
	})
}

// TestSeveralWordsGolden keeps all private words about several people in one file.
func TestSeveralWordsGolden(t *testing.T) {
	t.Parallel()
	words := map[string]string{}
	for name, c := range crews(t) {
		words["notice "+name] = card.Notice(c.Card, permalink)
		if strings.Contains(name, "pending") || strings.Contains(name, "failed") {
			words["reminder "+name] = card.Reminder(c.Card, c.v, t0)
		}
	}
	c := crews(t)["pending"]
	c.do(c.Requests[0].Approve(anna, 0, after(5)))
	c.do(c.Requests[1].Approve(anna, 0, after(5)))
	words["answer approve"] = card.Decided(request.Approve, c.Requests[:2], nil)
	members := everything(t).Requests
	for _, kind := range []request.DecisionKind{request.Approve, request.Deny, request.Cancel, request.RunAgain} {
		words["answer partly "+string(kind)] = card.Decided(kind, members[11:12], []card.Left{
			{Request: members[4], Why: request.RefusedNotOpen}, {Request: members[2], Why: request.RefusedNotApprover},
			{Request: members[3], Why: request.RefusedNotApprover},
		})
	}
	golden(t, "batch_words", words)
}

// long are lists of more names than are shown at once.
func long() (lists []card.HeldList) {
	for _, kind := range heldKinds {
		names := slices.Repeat([]string{strings.Repeat("Brand <refresh> ", 10)}, 5)
		lists = append(lists, card.HeldList{Kind: kind, Names: names, More: true})
	}
	return lists
}

func TestDetailsGolden(t *testing.T) {
	t.Parallel()
	golden(t, "details", map[string]string{
		"some": card.Details(found(t, 1).r, []card.HeldList{
			{Kind: "tasks", Names: []string{"Write *copy*", "", "R&D <!channel>"}, More: true}, {Kind: "issues"},
			{Kind: "reports", Trouble: "Workfront answered 403: No access to <reports>."},
		}),
		"too many": card.Details(found(t, 1).r, long()),
	})
}

// TestDetailsModalGolden: while the names are being read, with them, with nothing
// counted, and with all that fits.
func TestDetailsModalGolden(t *testing.T) {
	t.Parallel()
	r := counted(t, holds()).r
	golden(t, "details_modal", []any{
		card.DetailsOpening(r),
		card.DetailsModal(r, []card.HeldList{{Kind: "tasks", Names: []string{"Write *copy*", "", "R&D <!channel>"}, More: true}, {Kind: "issues", Trouble: "No <rights>."}}),
		card.DetailsOpening(counted(t, []request.Holding{{Kind: "tasks", Trouble: "No right to <tasks>."}}).r),
		card.DetailsModal(r, long()), // more than a section takes
	})
}

// severalFiles are the golden files of cards about several people.
func severalFiles(t *testing.T) (names []string) {
	for name := range crews(t) {
		names = append(names, "batch_"+name)
	}
	return append(names, "batch_words", "batch_forms")
}

// TestGoldenFilesAreUsed fails for a golden file that no test compares.
func TestGoldenFilesAreUsed(t *testing.T) {
	t.Parallel()
	used := map[string]bool{"notices": true, "form_deny": true, "form_cancel": true, "form_cancel_back": true, "reminders": true, "details": true, "details_modal": true, "refusals": true, "hidden": true}
	for _, s := range scenes(t) {
		used[s.name] = true
	}
	for _, name := range slices.Concat(severalFiles(t), overviewFiles()) {
		used[name] = true
	}
	for _, f := range goldenFiles(t) {
		if name := strings.TrimSuffix(filepath.Base(f), ".json"); !used[name] {
			t.Errorf("%s belongs to no test", f)
		}
	}
}
