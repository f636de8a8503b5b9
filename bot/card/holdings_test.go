package card_test

import (
	"encoding/json"
	"strings"
	"testing"

	"wfbot/bot/card"
	"wfbot/bot/request"
)

// shownOf is the card as JSON, as it stands.
func shownOf(t *testing.T, blocks any) string {
	t.Helper()
	var b strings.Builder
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(blocks); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// TestHoldings: the card of one person counts what they hold by kind, that of
// several in all, and neither says of a gap that it is nothing.
func TestHoldings(t *testing.T) {
	t.Parallel()
	some, none := request.Holding{Kind: "tasks", Count: 2}, request.Holding{Kind: "issues"}
	for _, row := range []struct {
		name         string
		held         []request.Holding
		one, several string // empty: nothing of the kind
	}{
		{"nothing read", nil, "", ""},
		{"nothing", []request.Holding{none}, "*Nothing to hand over*, as far as I could count.\"", ""},
		{"some", []request.Holding{some}, "*2 items to hand over:* 2 tasks\"", "\\n2 items to hand over\""},
		{"some of one kind", []request.Holding{some, none}, "*2 items to hand over:* 2 tasks\"", "\\n2 items to hand over\""},
		{"one", []request.Holding{{Kind: "tasks", Count: 1}}, "*1 item to hand over:* 1 task\"", "\\n1 item to hand over\""},
		{"perhaps more", []request.Holding{{Kind: "tasks", Count: 2, AtLeast: true}}, "*At least 2 items to hand over:* at least 2 tasks\"", "\\nAt least 2 items to hand over\""},
		{"perhaps some", []request.Holding{{Kind: "tasks", AtLeast: true}}, "*Not known what there is to hand over.*\"", "\\nNot known what there is to hand over\""},
		{"not read", []request.Holding{{Kind: "tasks", Trouble: "no"}}, "*Not known what there is to hand over.*\\nCould not be counted: tasks\"", "\\nNot known what there is to hand over\""},
		{"one kind not read", []request.Holding{some, {Kind: "issues", Trouble: "no"}}, "*At least 2 items to hand over:* 2 tasks\\nCould not be counted: issues\"", "\\nAt least 2 items"},
		{"another kind read", []request.Holding{{Kind: "issues", Trouble: "no"}, some}, "*At least 2 items to hand over:* 2 tasks\\nCould not be counted: issues\"", "\\nAt least 2 items"},
		{"not read yet", []request.Holding{{Kind: "tasks", Pending: true}}, "*Not known what there is to hand over.*\\nNot counted yet: tasks\"", "\\nNot known what there is to hand over\""},
		{
			"of many kinds the weightiest", []request.Holding{
				{Kind: "tasks", Count: 17}, {Kind: "issues", Count: 5}, {Kind: "projects", Count: 3}, {Kind: "reports", Count: 1},
				{Kind: "proofs", Count: 2}, {Kind: "templates", Count: 13}, {Kind: "approvals", Count: 3},
			}, "*44 items to hand over:* 17 tasks · 13 templates · 5 issues · 3 projects · 6 more\"", "\\n44 items to hand over\"",
		},
		{
			"no others for the sake of one kind", []request.Holding{
				{Kind: "tasks", Count: 5}, {Kind: "issues", Count: 4}, {Kind: "projects", Count: 3}, {Kind: "reports", Count: 2}, {Kind: "proofs", Count: 1},
			}, "*15 items to hand over:* 5 tasks · 4 issues · 3 projects · 2 reports that run as them · 1 proof to decide\"", "\\n15 items to hand over\"",
		},
	} {
		r := found(t, 1).r
		r.Holdings = row.held
		c := inTurn(t)
		c.Requests[1].Holdings = row.held
		_, one := card.Message(alone(r), painted())
		_, several := card.Message(c.Card, c.v)
		check := func(what, words, want, none string) {
			if want == "" && strings.Contains(words, none) || !strings.Contains(words, want) {
				t.Errorf("%s, %s: want %q: %s", row.name, what, want, words)
			}
		}
		check("one", shownOf(t, one), row.one, "hand over")
		check("several", shownOf(t, several), row.several, "hand over")
	}
	r := asked(t).r
	r.Holdings = []request.Holding{some, {Kind: "issues", Trouble: "no"}}
	if err := r.Reject(request.RefusedProtected, "", after(1)); err != nil {
		t.Fatal(err)
	}
	if _, blocks := card.Message(alone(r), painted()); strings.Contains(shownOf(t, blocks), "hand over") {
		t.Error("it is said of somebody who cannot be asked about")
	}
}

// TestBeingCounted: the card of one person says so until there is a first count,
// where there is to be one, with buttons and without.
func TestBeingCounted(t *testing.T) {
	t.Parallel()
	denied := counting(t)
	denied.do(denied.r.Deny(bert, "", after(2)))
	for _, row := range []struct {
		name string
		s    story
		want bool
	}{
		{"not counted", counting(t), true}, {"a dry run", counting(t, dryRun), true},
		{"counted, to be counted again", counted(t, []request.Holding{{Kind: "tasks", Pending: true}}), false},
		{"counted, no kinds", counted(t, nil), false}, {"the way back", counting(t, backwards), false}, {"denied meanwhile", denied, false},
	} {
		for _, buttons := range []bool{true, false} {
			_, blocks := card.Message(alone(row.s.r), card.View{Buttons: buttons, Approvers: approvers})
			if got := strings.Contains(shownOf(t, blocks), "*Items to hand over:* being counted…\""); got != row.want {
				t.Errorf("%s, buttons %v: it is being counted: %v, want %v", row.name, buttons, got, row.want)
			}
		}
	}
	c := inTurn(t)
	if _, blocks := card.Message(c.Card, c.v); strings.Contains(shownOf(t, blocks), "being counted") {
		t.Error("the card of several says it too")
	}
}
