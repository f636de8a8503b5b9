package slacksim_test

import (
	"testing"

	"wfbot/bot/slacksim"
)

func TestWhatAPersonSees(t *testing.T) {
	t.Parallel()
	w := newWorld(t, slacksim.Config{})
	if got, want := w.Escape("@jane & <b> in #it"), "<@U0JANE> &amp; &lt;b&gt; in <#C0IT|it>"; got != want {
		t.Errorf("escaped %q, want %q", got, want)
	}
	listed := map[string]bool{}
	menu := map[string]any{"type": "conversations_select", "filter": map[string]any{"include": []any{"private"}}}
	for _, c := range w.Conversations(w.jane, menu) {
		listed[c.ID] = true
	}
	if !listed["C0PRIV"] || listed["C0IT"] {
		t.Errorf("a menu of private channels lists %v", listed)
	}
	if got := w.State(w.jane, w.it, "1.000001"); got != nil {
		t.Errorf("a message that is not there has the state %v", got)
	}
	if got := w.ViewState(w.jane, "V0"); got != nil {
		t.Errorf("a view that is not there has the state %v", got)
	}
	if err := rawBlocks(t, w, `[{"type":"actions","block_id":"b","elements":[{"type":"datepicker","action_id":"act","initial_date":"2026-01-31"}]}]`); err != nil {
		t.Fatal(err)
	}
	ts := w.Messages(w.it)[0].TS
	same(t, "state", at(t, w.State(w.jane, w.it, ts), "b", "act", "selected_date"), `"2026-01-31"`)
}
