package slacksim_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"wfbot/bot/slacksim"
)

// openModal opens a modal with those blocks for jane, by a command in #it.
func openModal(t *testing.T, w *world, blocks string) slacksim.View {
	t.Helper()
	if _, err := w.Command(w.jane, w.it, "/form"); err != nil {
		t.Fatal(err)
	}
	view := `{"type":"modal","title":{"type":"plain_text","text":"Form"},"submit":{"type":"plain_text","text":"Go"},"blocks":` + blocks + `}`
	answer := call(t, w, "views.open", map[string]any{
		"trigger_id": sent(t, w)["trigger_id"], "view": json.RawMessage(view),
	})
	if answer["ok"] != true {
		t.Fatal(answer)
	}
	return w.OpenViews(w.jane)[0]
}

func input(id, element, more string) string {
	return fmt.Sprintf(`{"type":"input","block_id":%q,"label":{"type":"plain_text","text":"Label of %s"},"element":%s%s}`, id, id, element, more)
}

func TestEveryInputInModal(t *testing.T) {
	t.Parallel()
	for _, menu := range menus {
		t.Run(menu.kind, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, slacksim.Config{})
			w.connect(t, ack(nil))
			view := openModal(t, w, `[`+input("b", elementJSON(menu.kind, menu.members), `,"optional":true`)+`]`)
			reply, err := w.SelectView(w.jane, view.ID, slacksim.Selection{Label: "Label of b", Value: menu.value})
			if err != nil || reply.EnvelopeID != "" {
				t.Fatalf("an input without dispatch_action told the app: %+v, %v", reply, err)
			}
			if result, err := w.Submit(w.jane, view.ID, nil); err != nil || !result.Acked {
				t.Fatalf("%+v, %v", result, err)
			}
			same(t, "what was entered before", at(t, sent(t, w), "view", "state", "values", "b", "act", menu.key), menu.want)

			view = openModal(t, w, `[`+input("b", elementJSON(menu.kind, menu.members), `,"optional":true,"dispatch_action":true`)+`]`)
			reply, err = w.SelectView(w.jane, view.ID, slacksim.Selection{ActionID: "act", Value: menu.value})
			if err != nil || !reply.Acked {
				t.Fatalf("%+v, %v", reply, err)
			}
			payload := sent(t, w)
			same(t, "action", at(t, payload, "actions", 0, menu.key), menu.want)
			same(t, "state", at(t, payload, "view", "state", "values", "b", "act", menu.key), menu.want)
			same(t, "container", at(t, payload, "container"), fmt.Sprintf(`{"type":"view","view_id":%q}`, view.ID))
			for _, absent := range []string{"channel", "message", "response_url", "state"} {
				if got := at(t, payload, absent); got != "absent" {
					t.Errorf("%s = %s in the payload of a view", absent, got)
				}
			}
			if result, err := w.Submit(w.jane, view.ID, map[string]any{"b": menu.value}); err != nil || !result.Acked {
				t.Fatalf("%+v, %v", result, err)
			}
			same(t, "submitted", at(t, sent(t, w), "view", "state", "values", "b", "act", menu.key), menu.want)
		})
	}
}

func TestErrorsStayAtTheirBlock(t *testing.T) {
	t.Parallel()
	w := newWorld(t, slacksim.Config{})
	w.connect(t, ack(map[string]any{"response_action": "errors", "errors": map[string]string{"when": "In the past"}}))
	view := openModal(t, w, `[`+input("who", elementJSON("multi_users_select", ""), ``)+`,`+input("when", elementJSON("datepicker", ""), ``)+`]`)
	if _, err := w.Submit(w.jane, view.ID, map[string]any{"who": []string{w.mary}}); !errors.Is(err, slacksim.ErrInput) {
		t.Errorf("a required date left out: %v", err)
	}
	if _, err := w.Submit(w.jane, view.ID, map[string]any{"who": []string{w.mary}, "when": "2001-01-01"}); err != nil {
		t.Fatal(err)
	}
	if open := w.OpenViews(w.jane); len(open) != 1 || open[0].Errors["when"] != "In the past" || len(open[0].Errors) != 1 {
		t.Errorf("open views = %+v", open)
	}
	// The rest stays as entered.
	if _, err := w.Submit(w.jane, view.ID, map[string]any{"when": "2002-02-02"}); err != nil {
		t.Fatal(err)
	}
	same(t, "people", at(t, sent(t, w), "view", "state", "values", "who", "act", "selected_users"), `["U0MARY"]`)
}

func TestUpdatedViewDropsErrorsAndKeepsEntries(t *testing.T) {
	t.Parallel()
	w := newWorld(t, slacksim.Config{})
	w.connect(t, ack(map[string]any{"response_action": "errors", "errors": map[string]string{"b": "No"}}))
	block := input("b", elementJSON("plain_text_input", ""), ``)
	view := openModal(t, w, `[`+block+`]`)
	if _, err := w.Submit(w.jane, view.ID, map[string]any{"b": "typed"}); err != nil {
		t.Fatal(err)
	}
	next := `{"type":"modal","title":{"type":"plain_text","text":"Next"},"submit":{"type":"plain_text","text":"Go"},"blocks":[{"type":"divider"},` + block + `]}`
	for _, row := range []struct{ hash, want string }{{"1.stale", "hash_conflict"}, {view.Hash, "null"}, {view.Hash, "hash_conflict"}} {
		answer := call(t, w, "views.update", map[string]any{"view_id": view.ID, "hash": row.hash, "view": json.RawMessage(next)})
		if got := strings.Trim(at(t, answer["error"]), `"`); got != row.want {
			t.Errorf("hash %s: %s, want %s", row.hash, got, row.want)
		}
	}
	if open := w.OpenViews(w.jane); len(open[0].Errors) != 0 {
		t.Errorf("errors of the old view: %v", open[0].Errors)
	}
	if _, err := w.Submit(w.jane, view.ID, nil); err != nil {
		t.Fatal(err)
	}
	same(t, "entry", at(t, sent(t, w), "view", "state", "values", "b", "act", "value"), `"typed"`)
}

func TestResponseURLsOfModal(t *testing.T) {
	t.Parallel()
	w := newWorld(t, slacksim.Config{})
	w.connect(t, ack(nil))
	element := elementJSON("conversations_select", `"response_url_enabled":true,"default_to_current_conversation":true`)
	view := openModal(t, w, `[`+input("where", element, ``)+`]`)
	if _, err := w.Submit(w.jane, view.ID, nil); err != nil {
		t.Fatal(err)
	}
	payload := sent(t, w)
	same(t, "channel", at(t, payload, "response_urls", 0, "channel_id"), `"C0IT"`)
	same(t, "block", at(t, payload, "response_urls", 0, "block_id"), `"where"`)
	if url := at(t, payload, "response_urls", 0, "response_url"); !strings.Contains(url, "/hooks/") {
		t.Errorf("response_url = %s", url)
	}
}

func TestSelectAndClickHome(t *testing.T) {
	t.Parallel()
	w := newWorld(t, slacksim.Config{})
	w.connect(t, ack(nil))
	if _, err := w.ClickHome(w.jane, slacksim.Button{Text: "Go"}); !errors.Is(err, slacksim.ErrNotThere) {
		t.Errorf("before anything was published: %v", err)
	}
	blocks := `[{"type":"section","block_id":"b","text":{"type":"mrkdwn","text":"Show"},"accessory":` + elementJSON("static_select", options) +
		`},{"type":"actions","block_id":"more","elements":[{"type":"button","action_id":"go","text":{"type":"plain_text","text":"Go"}}]}]`
	publish := func(hash string) map[string]any {
		return call(t, w, "views.publish", map[string]any{
			"user_id": w.jane, "hash": hash, "view": json.RawMessage(`{"type":"home","blocks":` + blocks + `}`),
		})
	}
	first := publish("")
	if first["ok"] != true {
		t.Fatal(first)
	}
	hash := first["view"].(map[string]any)["hash"].(string)
	if _, err := w.SelectHome(w.jane, slacksim.Selection{Label: "Show", Value: "Two"}); err != nil {
		t.Fatal(err)
	}
	same(t, "action", at(t, sent(t, w), "actions", 0, "selected_option", "value"), `"2"`)
	if again := publish(hash); again["ok"] != true {
		t.Errorf("publishing with the hash: %v", again)
	}
	if stale := publish(hash); stale["error"] != "hash_conflict" {
		t.Errorf("publishing with an old hash: %v", stale)
	}
	if _, err := w.ClickHome(w.jane, slacksim.Button{ActionID: "go"}); err != nil {
		t.Fatal(err)
	}
	payload := sent(t, w)
	same(t, "state", at(t, payload, "view", "state", "values", "b", "act", "selected_option", "value"), `"2"`)
	same(t, "type", at(t, payload, "view", "type"), `"home"`)
	if _, err := w.ClickHome(w.mary, slacksim.Button{Text: "Go"}); !errors.Is(err, slacksim.ErrNotThere) {
		t.Errorf("somebody else's Home tab: %v", err)
	}
}
