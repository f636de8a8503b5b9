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
		{"nothing", []request.Holding{none}, "nothing of what could be counted.", ""},
		{"some", []request.Holding{some}, "*Still holds in Workfront:* 2 open tasks\"", "\\nStill holds 2 things\""},
		{"some of one kind", []request.Holding{some, none}, "2 open tasks\\n*Nothing:* open issues", "\\nStill holds 2 things\""},
		{"one", []request.Holding{{Kind: "tasks", Count: 1}}, "1 open task\"", "Still holds 1 thing\""},
		{"perhaps more", []request.Holding{{Kind: "tasks", Count: 2, AtLeast: true}}, "at least 2 open tasks", "Still holds at least 2 things"},
		{"perhaps some", []request.Holding{{Kind: "tasks", AtLeast: true}}, "at least 0 open tasks", "What they hold could not be counted"},
		{"not read", []request.Holding{{Kind: "tasks", Trouble: "no"}}, "not known.", "What they hold could not be counted"},
		{"one kind not read", []request.Holding{some, {Kind: "issues", Trouble: "no"}}, "2 open tasks\"", "Still holds at least 2 things"},
		{"another kind read", []request.Holding{{Kind: "issues", Trouble: "no"}, some}, "2 open tasks\"", "Still holds at least 2 things"},
		{"not read yet", []request.Holding{{Kind: "tasks", Pending: true}}, "*Not counted yet:* open tasks", "What they hold could not be counted"},
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
		check("one", shownOf(t, one), row.one, "*Still holds")
		check("several", shownOf(t, several), row.several, "Still holds")
	}
	r := asked(t).r
	r.Holdings = []request.Holding{some, {Kind: "issues", Trouble: "no"}}
	if err := r.Reject(request.RefusedProtected, "", after(1)); err != nil {
		t.Fatal(err)
	}
	if _, blocks := card.Message(alone(r), painted()); strings.Contains(shownOf(t, blocks), "-held") || strings.Contains(shownOf(t, blocks), "-unread") {
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
			if got := strings.Contains(shownOf(t, blocks), "*Still holds in Workfront:* being counted…\""); got != row.want {
				t.Errorf("%s, buttons %v: it is being counted: %v, want %v", row.name, buttons, got, row.want)
			}
		}
	}
	c := inTurn(t)
	if _, blocks := card.Message(c.Card, c.v); strings.Contains(shownOf(t, blocks), "being counted") {
		t.Error("the card of several says it too")
	}
}
