package slacksim_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"wfbot/bot/slacksim"
)

// options are three options of a menu as JSON.
const options = `"options":[{"text":{"type":"plain_text","text":"One"},"value":"1"},` +
	`{"text":{"type":"plain_text","text":"Two"},"value":"2"},{"text":{"type":"plain_text","text":"Three"},"value":"3"}]`

// menus are elements of every kind, what a person enters in them, and what the app
// then gets in the action and in the state.
var menus = []struct {
	kind, members string
	value         any
	key, want     string // JSON
	initial       string // of key in the state before, JSON
}{
	{"static_select", options, "Two", "selected_option", `{"text":{"type":"plain_text","text":"Two","emoji":true},"value":"2"}`, "null"},
	{"multi_static_select", options, []string{"1", "Three"}, "selected_options",
		`[{"text":{"type":"plain_text","text":"One","emoji":true},"value":"1"},{"text":{"type":"plain_text","text":"Three","emoji":true},"value":"3"}]`, "[]"},
	{"radio_buttons", options, "1", "selected_option", `{"text":{"type":"plain_text","text":"One","emoji":true},"value":"1"}`, "null"},
	{"checkboxes", options, []string{}, "selected_options", `[]`, "[]"},
	{"users_select", `"initial_user":"U0JANE"`, "@mary", "selected_user", `"U0MARY"`, `"U0JANE"`},
	{"multi_users_select", `"max_selected_items":2`, []string{"U0MARY", "U0JANE"}, "selected_users", `["U0MARY","U0JANE"]`, "[]"},
	{"channels_select", ``, "#it", "selected_channel", `"C0IT"`, "null"},
	{"multi_channels_select", ``, []string{"C0IT"}, "selected_channels", `["C0IT"]`, "[]"},
	{"conversations_select", `"default_to_current_conversation":true`, "secret", "selected_conversation", `"C0PRIV"`, `"C0IT"`},
	{"multi_conversations_select", `"default_to_current_conversation":true`, "C0PRIV", "selected_conversations", `["C0PRIV"]`, `["C0IT"]`},
	{"conversations_select", `"default_to_current_conversation":true,"initial_conversation":"C0PRIV"`, "#it", "selected_conversation", `"C0IT"`, `"C0PRIV"`},
	{"multi_conversations_select", `"default_to_current_conversation":true,"initial_conversations":["C0PRIV"]`, []string{}, "selected_conversations", `[]`, `["C0IT"]`},
	{"timepicker", `"initial_time":"09:00"`, []string{}, "selected_time", `null`, `"09:00"`},
	{"datepicker", `"initial_date":"2026-01-31"`, "", "selected_date", `null`, `"2026-01-31"`},
	{"datepicker", `"initial_date":"2026-01-31"`, "2026-12-31", "selected_date", `"2026-12-31"`, `"2026-01-31"`},
	{"timepicker", ``, "17:00", "selected_time", `"17:00"`, "null"},
	{"datetimepicker", ``, "1790000000", "selected_date_time", `1790000000`, "null"},
}

func elementJSON(kind, members string) string {
	if members != "" {
		members = "," + members
	}
	return fmt.Sprintf(`{"type":%q,"action_id":"act"%s}`, kind, members)
}

// sent returns the payload of the newest envelope.
func sent(t *testing.T, w *world) map[string]any {
	t.Helper()
	envelopes := w.Envelopes()
	if len(envelopes) == 0 {
		t.Fatal("nothing was sent")
	}
	return envelopes[len(envelopes)-1].Payload
}

// at returns the value at a path of member names and list indexes, as JSON.
func at(t *testing.T, v any, path ...any) string {
	t.Helper()
	for _, step := range path {
		switch step := step.(type) {
		case string:
			o, _ := v.(map[string]any)
			value, ok := o[step]
			if !ok {
				return "absent"
			}
			v = value
		case int:
			l, _ := v.([]any)
			if step >= len(l) {
				return "absent"
			}
			v = l[step]
		}
	}
	encoded, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(encoded)
}

// same compares two JSON values.
func same(t *testing.T, what, got, want string) {
	t.Helper()
	var g, w any
	if json.Unmarshal([]byte(got), &g) != nil || json.Unmarshal([]byte(want), &w) != nil || !reflect.DeepEqual(g, w) {
		t.Errorf("%s = %s, want %s", what, got, want)
	}
}

func TestSelectInMessage(t *testing.T) {
	t.Parallel()
	for _, menu := range menus {
		for surface, form := range map[string]string{
			"accessory": `[{"type":"section","block_id":"b","text":{"type":"mrkdwn","text":"Choose"},"accessory":%s}]`,
			"actions":   `[{"type":"actions","block_id":"b","elements":[%s]}]`,
		} {
			if surface == "accessory" && menu.kind == "datetimepicker" {
				continue // only in actions and input blocks
			}
			t.Run(menu.kind+" "+surface, func(t *testing.T) {
				t.Parallel()
				w := newWorld(t, slacksim.Config{})
				got := interactions(t, w)
				blocks := fmt.Sprintf(form, elementJSON(menu.kind, menu.members))
				blocks = strings.TrimSuffix(blocks, "]") + `,{"type":"actions","block_id":"more","elements":[{"type":"button","action_id":"go","text":{"type":"plain_text","text":"Go"}}]}]`
				if err := rawBlocks(t, w, blocks); err != nil {
					t.Fatal(err)
				}
				ts := w.Messages(w.it)[0].TS
				if _, err := w.Click(w.jane, w.it, ts, slacksim.Button{Text: "Go"}); err != nil {
					t.Fatal(err)
				}
				same(t, "state before", at(t, sent(t, w), "state", "values", "b", "act", menu.key), menu.initial)
				reply, err := w.Select(w.jane, w.it, ts, slacksim.Selection{ActionID: "act", Value: menu.value})
				if err != nil || !reply.Acked {
					t.Fatalf("%+v, %v", reply, err)
				}
				payload := sent(t, w)
				same(t, "action", at(t, payload, "actions", 0, menu.key), menu.want)
				same(t, "state", at(t, payload, "state", "values", "b", "act", menu.key), menu.want)
				same(t, "type", at(t, payload, "state", "values", "b", "act", "type"), fmt.Sprintf("%q", menu.kind))
				same(t, "container", at(t, payload, "container", "type"), `"message"`)
				<-got
				if c := <-got; c.ActionCallback.BlockActions[0].ActionID != "act" || c.BlockActionState.Values["b"]["act"].Type == "" {
					t.Errorf("the client read %+v", c.ActionCallback.BlockActions[0])
				}
				if _, err := w.Click(w.mary, w.it, ts, slacksim.Button{Text: "Go"}); err != nil {
					t.Fatal(err)
				}
				same(t, "what another person sees", at(t, sent(t, w), "state", "values", "b", "act", menu.key), menu.initial)
			})
		}
	}
}

func TestOverflowAndItsDialog(t *testing.T) {
	t.Parallel()
	w := newWorld(t, slacksim.Config{})
	interactions(t, w)
	confirm := `,"confirm":{"text":{"type":"plain_text","text":"Sure?"},"confirm":{"type":"plain_text","text":"Do it"}}`
	if err := rawBlocks(t, w, `[{"type":"section","text":{"type":"mrkdwn","text":"More"},"accessory":{"type":"overflow",`+options+confirm+`}}]`); err != nil {
		t.Fatal(err)
	}
	m := w.Messages(w.it)[0]
	if e := m.Elements(); len(e) != 1 || e[0].Label != "More" || len(e[0].Options) != 3 || e[0].Confirm == nil {
		t.Errorf("elements = %+v", e)
	}
	for _, row := range []struct {
		value, answer string
		want          error
		sent          bool
	}{
		{"Two", "", slacksim.ErrConfirm, false},
		{"Two", "Cancel", nil, false},
		{"Four", "Do it", slacksim.ErrNotThere, false},
		{"Two", "Do it", nil, true},
	} {
		reply, err := w.Select(w.jane, w.it, m.TS, slacksim.Selection{Label: "More", Value: row.value, Answer: row.answer})
		if !errors.Is(err, row.want) || reply.Acked != row.sent {
			t.Errorf("%+v: %+v, %v", row, reply, err)
		}
	}
	payload := sent(t, w)
	same(t, "action", at(t, payload, "actions", 0, "selected_option", "value"), `"2"`)
	same(t, "state", at(t, payload, "state", "values"), `{}`)
	if b := m.Buttons(); len(b) != 3 || b[1].Text != "Two" || b[1].Value != "2" || b[1].Confirm == nil {
		t.Errorf("buttons = %+v", b)
	}
	if _, err := w.Click(w.jane, w.it, m.TS, slacksim.Button{Text: "Two", Answer: "Do it"}); err != nil {
		t.Fatal(err)
	}
	same(t, "the same, pressed like a button", at(t, sent(t, w), "actions", 0, "selected_option", "value"), `"2"`)
	if n := len(w.Envelopes()); n != 2 {
		t.Errorf("%d envelopes, want 2", n)
	}
}

func TestSelectionsThatNobodyCanMake(t *testing.T) {
	t.Parallel()
	w := newWorld(t, slacksim.Config{})
	gone := w.AddUser(slacksim.User{Name: "gone", Kind: slacksim.Deactivated}).ID
	dm := w.AddChannel(slacksim.Channel{IM: true, Members: []string{w.jane, w.BotUserID()}}).ID
	shared := w.AddChannel(slacksim.Channel{Name: "shared", ExternallyShared: true, Members: []string{w.jane, w.partner}}).ID
	old := w.AddChannel(slacksim.Channel{Name: "old", Archived: true, Members: []string{w.jane}}).ID
	mary := w.AddChannel(slacksim.Channel{Name: "marys", Private: true, Members: []string{w.mary}}).ID
	for _, row := range []struct {
		why, kind, members string
		value              any
		want               error
	}{
		{"no such option", "static_select", options, "4", slacksim.ErrNotThere},
		{"no choice", "static_select", options, "", slacksim.ErrInput},
		{"two of a kind", "static_select", options, []string{"1", "2"}, slacksim.ErrInput},
		{"two of one", "multi_static_select", options + `,"max_selected_items":1`, []string{"1", "2"}, slacksim.ErrInput},
		{"a former member", "users_select", ``, gone, slacksim.ErrNotThere},
		{"nobody", "users_select", ``, "U0NOBODY", slacksim.ErrNotThere},
		{"an archived channel", "channels_select", ``, old, slacksim.ErrNotThere},
		{"a private channel as a public one", "channels_select", ``, w.private, slacksim.ErrNotThere},
		{"someone else's channel", "conversations_select", ``, mary, slacksim.ErrNotThere},
		{"filtered by kind", "conversations_select", `"filter":{"include":["public"]}`, w.private, slacksim.ErrNotThere},
		{"filtered as shared", "conversations_select", `"filter":{"exclude_external_shared_channels":true}`, shared, slacksim.ErrNotThere},
		{"filtered as a bot's", "conversations_select", `"filter":{"exclude_bot_users":true}`, dm, slacksim.ErrNotThere},
		{"a date that is none", "datepicker", ``, "31.12.2026", slacksim.ErrInput},
		{"a time that is none", "timepicker", ``, "25:00", slacksim.ErrInput},
	} {
		t.Run(row.why, func(t *testing.T) {
			blocks := `[{"type":"actions","elements":[` + elementJSON(row.kind, row.members) + `]}]`
			if err := rawBlocks(t, w, blocks); err != nil {
				t.Fatal(err)
			}
			messages := w.Messages(w.it)
			_, err := w.Select(w.jane, w.it, messages[len(messages)-1].TS, slacksim.Selection{ActionID: "act", Value: row.value})
			if !errors.Is(err, row.want) {
				t.Errorf("error = %v, want %v", err, row.want)
			}
		})
	}
	if n := len(w.Envelopes()); n != 0 {
		t.Errorf("%d envelopes were sent", n)
	}
	messages := w.Messages(w.it)
	if _, err := w.Select(w.jane, w.it, messages[0].TS, slacksim.Selection{Label: "nothing", Value: "1"}); !errors.Is(err, slacksim.ErrNotThere) {
		t.Errorf("no such element: %v", err)
	}
}

func TestSelectKeepsAcrossUpdates(t *testing.T) {
	t.Parallel()
	w := newWorld(t, slacksim.Config{})
	interactions(t, w)
	blocks := func(id string) string {
		return `[{"type":"actions","block_id":"` + id + `","elements":[` + elementJSON("static_select", options) +
			`,{"type":"button","text":{"type":"plain_text","text":"Go"}}]}]`
	}
	if err := rawBlocks(t, w, blocks("b")); err != nil {
		t.Fatal(err)
	}
	ts := w.Messages(w.it)[0].TS
	if _, err := w.Select(w.jane, w.it, ts, slacksim.Selection{ActionID: "act", Value: "Two"}); err != nil {
		t.Fatal(err)
	}
	for _, row := range []struct {
		id, want string
		reload   bool
	}{{"b", `"2"`, false}, {"c", "absent", false}, {"b", "absent", true}} {
		if row.reload {
			w.Reload(w.jane)
		}
		answer := call(t, w, "chat.update", map[string]any{"channel": w.it, "ts": ts, "text": "x", "blocks": json.RawMessage(blocks(row.id))})
		if answer["ok"] != true {
			t.Fatal(answer)
		}
		if _, err := w.Click(w.jane, w.it, ts, slacksim.Button{Text: "Go"}); err != nil {
			t.Fatal(err)
		}
		if got := at(t, sent(t, w), "state", "values", row.id, "act", "selected_option", "value"); got != row.want {
			t.Errorf("block %s: %s, want %s", row.id, got, row.want)
		}
	}
}

// call calls a method with JSON arguments.
func call(t *testing.T, w *world, method string, args map[string]any) map[string]any {
	t.Helper()
	body, err := json.Marshal(args)
	if err != nil {
		t.Fatal(err)
	}
	var answer map[string]any
	if err := json.Unmarshal([]byte(post(t, w, method, "application/json; charset=utf-8", string(body), w.BotToken())), &answer); err != nil {
		t.Fatal(err)
	}
	return answer
}
