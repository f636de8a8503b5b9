package slacksim_test

import (
	"encoding/json"
	"errors"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/slack-go/slack"

	"wfbot/bot/slacksim"
)

// rawBlocks posts blocks as they are; slack-go would drop or refuse some.
func rawBlocks(t *testing.T, w *world, blocks string) error {
	t.Helper()
	_, _, err := w.api.PostMessageContext(t.Context(), w.it, slack.UnsafeMsgOptionEndpoint(w.APIURL()+"chat.postMessage", func(v url.Values) {
		v.Set("text", "fallback")
		v.Set("blocks", blocks)
	}))
	return err
}

func long(n int) string { return strings.Repeat("x", n) }

func TestBlocksThatSlackRefuses(t *testing.T) {
	t.Parallel()
	w := newWorld(t, slacksim.Config{})
	many := func(n int, one string) string { return "[" + strings.TrimSuffix(strings.Repeat(one+",", n), ",") + "]" }
	section := func(members string) string { return `[{"type":"section",` + members + `}]` }
	actions := func(members string) string { return `[{"type":"actions","elements":[` + members + `]}]` }
	button := func(members string) string {
		return actions(`{"type":"button","text":{"type":"plain_text","text":"Go"}` + members + `}`)
	}
	for _, row := range []struct{ why, blocks, want string }{
		{"text too long", section(`"text":{"type":"mrkdwn","text":"` + long(3001) + `"}`), "must be less than 3001 characters [json-pointer:/blocks/0/text/text]"},
		{"the text object is named too", section(`"text":{"type":"mrkdwn","text":"` + long(3001) + `"}`), "failed to match all allowed schemas [json-pointer:/blocks/0/text]"},
		{"empty text", section(`"text":{"type":"mrkdwn","text":""}`), "must be more than 0 characters [json-pointer:/blocks/0/text/text]"},
		{"text as a string", section(`"text":"hello"`), "must provide an object [json-pointer:/blocks/0/text]"},
		{"neither text nor fields", `[{"type":"section"}]`, "one of text, fields"},
		{"eleven fields", section(`"fields":` + many(11, `{"type":"plain_text","text":"x"}`)), "no more than 10 items"},
		{"field too long", section(`"fields":[{"type":"mrkdwn","text":"` + long(2001) + `"}]`), "/blocks/0/fields/0/text"},
		{"unknown member", section(`"text":{"type":"mrkdwn","text":"x"},"colour":"red"`), "invalid additional property: colour"},
		{"unknown block", `[{"type":"sections"}]`, "unsupported type: sections [json-pointer:/blocks/0/type]"},
		{"no type", `[{}]`, "missing required field: type"},
		{"not an object", `["x"]`, "must provide an object"},
		{"51 blocks", many(51, `{"type":"divider"}`), "no more than 50 items allowed [json-pointer:/blocks]"},
		{"header in mrkdwn", `[{"type":"header","text":{"type":"mrkdwn","text":"x"}}]`, "unsupported type: mrkdwn"},
		{"header too long", `[{"type":"header","text":{"type":"plain_text","text":"` + long(151) + `"}}]`, "less than 151"},
		{"context with 11 elements", `[{"type":"context","elements":` + many(11, `{"type":"mrkdwn","text":"x"}`) + `}]`, "no more than 10"},
		{"context with a button", `[{"type":"context","elements":[{"type":"button","text":{"type":"plain_text","text":"x"}}]}]`, "unsupported type: button"},
		{"actions empty", `[{"type":"actions","elements":[]}]`, "no fewer than 1"},
		{"26 buttons", `[{"type":"actions","elements":` + many(26, `{"type":"button","text":{"type":"plain_text","text":"x"}}`) + `}]`, "no more than 25"},
		{"button text in mrkdwn", actions(`{"type":"button","text":{"type":"mrkdwn","text":"x"}}`), "/blocks/0/elements/0/text"},
		{"button text too long", actions(`{"type":"button","text":{"type":"plain_text","text":"` + long(76) + `"}}`), "less than 76"},
		{"button value too long", button(`,"value":"` + long(2001) + `"`), "less than 2001"},
		{"button value empty", button(`,"value":""`), "more than 0"},
		{"button style", button(`,"style":"default"`), "must be one of: primary, danger"},
		{"button url empty", button(`,"url":""`), "/blocks/0/elements/0/url"},
		{"button url relative", button(`,"url":"acme"`), "must be a valid URL"},
		{"action_id too long", button(`,"action_id":"` + long(256) + `"`), "less than 256"},
		{"action_id not a string", button(`,"action_id":7`), "must provide a string"},
		{"confirm text too long", button(`,"confirm":{"text":{"type":"plain_text","text":"` + long(301) + `"}}`), "less than 301"},
		{"confirm without text", button(`,"confirm":{"title":{"type":"plain_text","text":"x"}}`), "missing required field: text"},
		{"confirm button too long", button(`,"confirm":{"text":{"type":"plain_text","text":"x"},"confirm":{"type":"plain_text","text":"` + long(31) + `"}}`), "less than 31"},
		{"action_id twice in a block", actions(`{"type":"button","action_id":"a","text":{"type":"plain_text","text":"x"}},{"type":"button","action_id":"a","text":{"type":"plain_text","text":"y"}}`), `action_id "a" already exists`},
		{"block_id twice", `[{"type":"divider","block_id":"b"},{"type":"divider","block_id":"b"}]`, `block_id "b" already exists [json-pointer:/blocks/1/block_id]`},
		{"six overflow options", actions(`{"type":"overflow","options":` + many(6, `{"text":{"type":"plain_text","text":"x"},"value":"v"}`) + `}`), "no more than 5"},
		{"select without options", actions(`{"type":"static_select"}`), "exactly one of options, option_groups"},
		{"option value too long", actions(`{"type":"static_select","options":[{"text":{"type":"plain_text","text":"x"},"value":"` + long(76) + `"}]}`), "less than 76"},
		{"initial option not offered", actions(`{"type":"static_select","initial_option":{"text":{"type":"plain_text","text":"y"},"value":"w"},"options":[{"text":{"type":"plain_text","text":"x"},"value":"v"}]}`), "must exactly match one of the options"},
		{"eleven radio buttons", actions(`{"type":"radio_buttons","options":` + many(11, `{"text":{"type":"plain_text","text":"x"},"value":"v"}`) + `}`), "no more than 10"},
		{"101 options", actions(`{"type":"static_select","options":` + many(101, `{"text":{"type":"plain_text","text":"x"},"value":"v"}`) + `}`), "no more than 100 items allowed [json-pointer:/blocks/0/elements/0/options]"},
		{"no options", actions(`{"type":"static_select","options":[]}`), "no fewer than 1 items allowed [json-pointer:/blocks/0/elements/0/options]"},
		{"options and groups", actions(`{"type":"static_select",` + options + `,"option_groups":[{"label":{"type":"plain_text","text":"x"},` + options + `}]}`), "exactly one of options, option_groups is required [json-pointer:/blocks/0/elements/0]"},
		{"group label too long", actions(`{"type":"multi_static_select","option_groups":[{"label":{"type":"plain_text","text":"` + long(76) + `"},` + options + `}]}`), "less than 76 characters [json-pointer:/blocks/0/elements/0/option_groups/0/label/text]"},
		{"option text too long", actions(`{"type":"overflow","options":[{"text":{"type":"plain_text","text":"` + long(76) + `"},"value":"v"}]}`), "less than 76 characters [json-pointer:/blocks/0/elements/0/options/0/text/text]"},
		{"option without value", actions(`{"type":"radio_buttons","options":[{"text":{"type":"plain_text","text":"x"}}]}`), "missing required field: value [json-pointer:/blocks/0/elements/0/options/0]"},
		{"option description too long", actions(`{"type":"checkboxes","options":[{"text":{"type":"plain_text","text":"x"},"value":"v","description":{"type":"plain_text","text":"` + long(76) + `"}}]}`), "less than 76 characters [json-pointer:/blocks/0/elements/0/options/0/description/text]"},
		{"option in mrkdwn in a menu", actions(`{"type":"static_select","options":[{"text":{"type":"mrkdwn","text":"x"},"value":"v"}]}`), "unsupported type: mrkdwn [json-pointer:/blocks/0/elements/0/options/0/text/type]"},
		{"link outside an overflow menu", actions(`{"type":"static_select","options":[{"text":{"type":"plain_text","text":"x"},"value":"v","url":"https://example.com"}]}`), "invalid additional property: url [json-pointer:/blocks/0/elements/0/options/0]"},
		{"placeholder too long", actions(`{"type":"users_select","placeholder":{"type":"plain_text","text":"` + long(151) + `"}}`), "less than 151 characters [json-pointer:/blocks/0/elements/0/placeholder/text]"},
		{"eleven checkboxes", actions(`{"type":"checkboxes","options":` + many(11, `{"text":{"type":"plain_text","text":"x"},"value":"v"}`) + `}`), "no more than 10 items allowed [json-pointer:/blocks/0/elements/0/options]"},
		{"none to be chosen", actions(`{"type":"multi_users_select","max_selected_items":0}`), "must be between 1 and 100 [json-pointer:/blocks/0/elements/0/max_selected_items]"},
		{"filter without members", actions(`{"type":"conversations_select","filter":{}}`), "one of include, exclude_external_shared_channels, exclude_bot_users [json-pointer:/blocks/0/elements/0/filter]"},
		{"filter that includes nothing", actions(`{"type":"conversations_select","filter":{"include":[]}}`), "no fewer than 1 items allowed [json-pointer:/blocks/0/elements/0/filter/include]"},
		{"filter on channels", actions(`{"type":"channels_select","filter":{"include":["public"]}}`), "invalid additional property: filter [json-pointer:/blocks/0/elements/0]"},
		{"two accessories", section(`"text":{"type":"mrkdwn","text":"x"},"accessory":[{"type":"users_select"},{"type":"users_select"}]`), "must provide an object [json-pointer:/blocks/0/accessory]"},
		{"text input as an accessory", section(`"text":{"type":"mrkdwn","text":"x"},"accessory":{"type":"plain_text_input"}`), "unsupported type: plain_text_input [json-pointer:/blocks/0/accessory/type]"},
		{"time", actions(`{"type":"timepicker","initial_time":"24:00"}`), "HH:mm [json-pointer:/blocks/0/elements/0/initial_time]"},
		{"date that is none", actions(`{"type":"datepicker","initial_date":"2026-02-30"}`), "YYYY-MM-DD"},
		{"date", actions(`{"type":"datepicker","initial_date":"1.2.2026"}`), "YYYY-MM-DD"},
		{"image without url", `[{"type":"image","alt_text":"x"}]`, "exactly one of image_url, slack_file"},
		{"alert in a message", `[{"type":"alert","text":{"type":"plain_text","text":"x"}}]`, "unsupported type: alert"},
		{"two tables", many(2, `{"type":"table","rows":[[{"type":"raw_text","text":"x"}]]}`), "only one table"},
		{"markdown in all", many(2, `{"type":"markdown","text":"`+long(6001)+`"}`), "less than 12001"},
		{"rich text", `[{"type":"rich_text","elements":[{"type":"rich_text_section","elements":[{"type":"text"}]}]}]`, "missing required field: text [json-pointer:/blocks/0/elements/0/elements/0]"},
	} {
		t.Run(row.why, func(t *testing.T) {
			t.Parallel()
			err := rawBlocks(t, w, row.blocks)
			var refused slack.SlackErrorResponse
			if !errors.As(err, &refused) || refused.Err != "invalid_blocks" {
				t.Fatalf("error = %v, want invalid_blocks", err)
			}
			if !slices.ContainsFunc(refused.ResponseMetadata.Messages, func(m string) bool { return strings.Contains(m, row.want) }) {
				t.Errorf("messages = %q, want one with %q", refused.ResponseMetadata.Messages, row.want)
			}
		})
	}
}

func TestBlocksFormat(t *testing.T) {
	t.Parallel()
	w := newWorld(t, slacksim.Config{})
	for _, blocks := range []string{`{"type":"divider"}`, `[{"type":`, `"x"`} {
		if err := rawBlocks(t, w, blocks); err == nil || err.Error() != "invalid_blocks_format" {
			t.Errorf("blocks %s: error = %v, want invalid_blocks_format", blocks, err)
		}
	}
}

func TestBlocksThatSlackTakes(t *testing.T) {
	t.Parallel()
	w := newWorld(t, slacksim.Config{})
	plain := func(s string) *slack.TextBlockObject { return slack.NewTextBlockObject("plain_text", s, false, false) }
	mrkdwn := func(s string) *slack.TextBlockObject { return slack.NewTextBlockObject("mrkdwn", s, false, true) }
	approve := slack.NewButtonBlockElement("approve", "r1", plain("Approve")).
		WithStyle(slack.StylePrimary).
		WithConfirm(slack.NewConfirmationBlockObject(plain("Sure?"), mrkdwn("*Jane*"), plain("Deactivate"), plain("Back")))
	option := slack.NewOptionBlockObject("a", plain("A"), nil)
	blocks := []slack.Block{
		slack.NewHeaderBlock(&slack.TextBlockObject{Type: "plain_text", Text: long(150)}),
		slack.NewSectionBlock(mrkdwn(strings.Repeat("é", 3000)), nil, slack.NewAccessory(slack.NewOverflowBlockElement("more", option))),
		slack.NewSectionBlock(nil, []*slack.TextBlockObject{mrkdwn("a"), plain("b")}, nil),
		slack.NewContextBlock("", mrkdwn("c"), slack.NewImageBlockElement("https://example.com/i.png", "i")),
		slack.NewDividerBlock(),
		slack.NewActionBlock("", approve, slack.NewOptionsSelectBlockElement("static_select", plain("p"), "s", option)),
		slack.NewRichTextBlock("", slack.NewRichTextSection(slack.NewRichTextSectionTextElement("x", nil))),
		slack.NewImageBlock("https://example.com/i.png", "i", "", nil),
	}
	_, ts, err := w.api.PostMessageContext(t.Context(), w.it, slack.MsgOptionText("fallback", false), slack.MsgOptionBlocks(blocks...))
	if err != nil {
		t.Fatal(err)
	}
	m, ok := w.Message(w.it, ts)
	if !ok {
		t.Fatal("message not stored")
	}
	for i, b := range m.Blocks {
		if b["block_id"] == "" || b["block_id"] == nil {
			t.Errorf("block %d has no block_id", i)
		}
	}
	encoded, err := json.Marshal(m.Blocks[0])
	if err != nil || !strings.Contains(string(encoded), `"emoji":true`) {
		t.Errorf("plain_text without emoji:true: %s, %v", encoded, err)
	}
	button, ok := m.Button("Approve")
	if !ok || button.Confirm == nil || button.Confirm.Confirm != "Deactivate" || button.Value != "r1" {
		t.Errorf("button = %+v, %v", button, ok)
	}
}

func TestViewsThatSlackRefuses(t *testing.T) {
	t.Parallel()
	w := newWorld(t, slacksim.Config{})
	plain := func(s string) *slack.TextBlockObject { return slack.NewTextBlockObject("plain_text", s, false, false) }
	input := slack.NewInputBlock("b", plain("Label"), nil, slack.NewPlainTextInputBlockElement(nil, "a"))
	modal := func(change func(*slack.ModalViewRequest)) slack.ModalViewRequest {
		v := slack.ModalViewRequest{Type: slack.VTModal, Title: plain("Title"), Submit: plain("Go"), Blocks: slack.Blocks{BlockSet: []slack.Block{input}}}
		change(&v)
		return v
	}
	for _, row := range []struct {
		why  string
		view slack.ModalViewRequest
		want string
	}{
		{"title too long", modal(func(v *slack.ModalViewRequest) { v.Title = plain(long(25)) }), "/view/title/text"},
		{"no title", modal(func(v *slack.ModalViewRequest) { v.Title = nil }), "missing required field: title"},
		{"input without submit", modal(func(v *slack.ModalViewRequest) { v.Submit = nil }), "missing required field: submit"},
		{"metadata too long", modal(func(v *slack.ModalViewRequest) { v.PrivateMetadata = long(3001) }), "less than 3001"},
		{"home as modal", modal(func(v *slack.ModalViewRequest) { v.Type = slack.VTHomeTab }), "must be one of: modal"},
		{"101 blocks", modal(func(v *slack.ModalViewRequest) {
			for range 100 {
				v.Blocks.BlockSet = append(v.Blocks.BlockSet, slack.NewDividerBlock())
			}
		}), "no more than 100 items allowed [json-pointer:/view/blocks]"},
		{"bad block", modal(func(v *slack.ModalViewRequest) {
			v.Blocks.BlockSet = []slack.Block{slack.NewMarkdownBlock("", "x")}
		}), "unsupported type: markdown [json-pointer:/view/blocks/0/type]"},
	} {
		t.Run(row.why, func(t *testing.T) {
			t.Parallel()
			_, err := w.api.OpenViewContext(t.Context(), "any", row.view)
			var refused slack.SlackErrorResponse
			if !errors.As(err, &refused) || refused.Err != "invalid_arguments" {
				t.Fatalf("error = %v, want invalid_arguments", err)
			}
			if !slices.ContainsFunc(refused.ResponseMetadata.Messages, func(m string) bool { return strings.Contains(m, row.want) }) {
				t.Errorf("messages = %q, want one with %q", refused.ResponseMetadata.Messages, row.want)
			}
		})
	}
}

func TestHomeTakesAHundredBlocks(t *testing.T) {
	t.Parallel()
	w := newWorld(t, slacksim.Config{})
	publish := func(n int) map[string]any {
		blocks := "[" + strings.TrimSuffix(strings.Repeat(`{"type":"divider"},`, n), ",") + "]"
		return call(t, w, "views.publish", map[string]any{
			"user_id": w.jane, "view": json.RawMessage(`{"type":"home","blocks":` + blocks + `}`),
		})
	}
	if answer := publish(100); answer["ok"] != true {
		t.Errorf("100 blocks: %v", answer)
	}
	answer := publish(101)
	messages := at(t, answer, "response_metadata", "messages")
	if answer["error"] != "invalid_arguments" || !strings.Contains(messages, "no more than 100 items allowed [json-pointer:/view/blocks]") {
		t.Errorf("101 blocks: %v", answer)
	}
}
