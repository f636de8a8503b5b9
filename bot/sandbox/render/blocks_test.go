package render_test

import (
	"encoding/json"
	"html/template"
	"testing"

	"github.com/google/go-cmp/cmp"

	"wfbot/bot/sandbox/render"
)

func TestBlocks(t *testing.T) {
	t.Parallel()
	tests := []struct {
		why, json string
		want      render.Block
	}{
		{"header", `{"type":"header","block_id":"h","text":{"type":"plain_text","text":"<b> *x*"}}`,
			render.Block{Type: "header", ID: "h", Text: "&lt;b&gt; *x*"}},
		{"section with fields", `{"type":"section","text":{"type":"mrkdwn","text":"*a*"},
			"fields":[{"type":"plain_text","text":"*b*"},{"type":"mrkdwn","text":"_c_"}]}`,
			render.Block{Type: "section", Text: "<strong>a</strong>", Fields: []template.HTML{"*b*", "<em>c</em>"}}},
		{"divider", `{"type":"divider"}`, render.Block{Type: "divider"}},
		{"context with an image, which is never fetched",
			`{"type":"context","elements":[{"type":"image","image_url":"https://a.example.com/x.png","alt_text":"a <face>"},
			{"type":"plain_text","text":"hi"}]}`,
			render.Block{Type: "context", Elements: []render.Element{{Text: "[image: a &lt;face&gt;]"}, {Text: "hi"}}}},
		{"button with dialog", `{"type":"actions","block_id":"b","elements":[{"type":"button","action_id":"go","value":"r1",
			"accessibility_label":"Go on","style":"primary","text":{"type":"plain_text","text":"Go"},
			"confirm":{"title":{"type":"plain_text","text":"Sure?"},"text":{"type":"mrkdwn","text":"*Really*"},
			"confirm":{"type":"plain_text","text":"Yes!"}}}]}`,
			render.Block{Type: "actions", ID: "b", Elements: []render.Element{{Button: &render.Button{
				ActionID: "go", BlockID: "b", Value: "r1", Label: "Go", Name: "Go on", Style: "primary",
				Confirm: &render.Confirm{Title: "Sure?", Text: "<strong>Really</strong>", Confirm: "Yes!", Deny: "Cancel", Style: "primary"},
			}}}}},
		{"style and address that nothing may make of them", `{"type":"actions","elements":[{"type":"button","action_id":"a",
			"style":"x\" onclick=","url":"javascript:alert(1)","text":{"type":"plain_text","text":"A"}}]}`,
			render.Block{Type: "actions", Elements: []render.Element{{Button: &render.Button{ActionID: "a", Label: "A"}}}}},
		{"input", `{"type":"input","block_id":"why","optional":true,"label":{"type":"plain_text","text":"Why?"},
			"hint":{"type":"plain_text","text":"Shown to all"},"element":{"type":"plain_text_input","multiline":true,
			"max_length":500,"focus_on_load":true,"initial_value":"because","placeholder":{"type":"plain_text","text":"a reason"}}}`,
			render.Block{Type: "input", ID: "why", Input: &render.Input{Kind: "textarea", Type: "plain_text_input", BlockID: "why",
				Label: "Why?", Hint: "Shown to all", Optional: true, Focus: true, Values: []string{"because"}, Placeholder: "a reason", MaxLength: 500}}},
		{"choice", `{"type":"input","block_id":"c","label":{"type":"plain_text","text":"C"},"element":{"type":"radio_buttons",
			"options":[{"value":"1","text":{"type":"plain_text","text":"one"}},{"value":"2","text":{"type":"mrkdwn","text":"*two*"}}],
			"initial_option":{"value":"2","text":{"type":"mrkdwn","text":"*two*"}}}}`,
			render.Block{Type: "input", ID: "c", Input: &render.Input{Kind: "radio", Type: "radio_buttons", BlockID: "c", Label: "C", Values: []string{"2"}, Options: []render.Option{
				{Value: "1", Text: "one", Label: "one"}, {Value: "2", Text: "<strong>two</strong>", Label: "*two*", Selected: true}}}}},
		{"menu of people with dialog, beside a section", `{"type":"section","block_id":"s","accessory":{"type":"users_select","action_id":"who",
			"placeholder":{"type":"plain_text","text":"Somebody"},"initial_user":"U1","confirm":{"title":{"type":"plain_text","text":"Sure?"}}}}`,
			render.Block{Type: "section", ID: "s", Accessory: &render.Element{Input: &render.Input{Kind: "select", Type: "users_select",
				ActionID: "who", BlockID: "s", Name: "Somebody", Placeholder: "Somebody", Values: []string{"U1"},
				Confirm: &render.Confirm{Title: "Sure?", Confirm: "Yes", Deny: "Cancel", Style: "primary"},
				Options: []render.Option{{Value: "U1", Text: "One", Label: "One", Selected: true}, {Value: "U2", Text: "Two", Label: "Two"}}}}}},
		{"what was chosen since goes before what the app chose", `{"type":"actions","block_id":"a","elements":[
			{"type":"multi_static_select","action_id":"m","max_selected_items":2,"initial_options":[{"value":"1"}],
			"option_groups":[{"options":[{"value":"1","text":{"type":"plain_text","text":"<1>"},"description":{"type":"plain_text","text":"first"}}]}]},
			{"type":"overflow","action_id":"o","options":[{"value":"x","text":{"type":"plain_text","text":"X"}}]},
			{"type":"datetimepicker","action_id":"at","initial_date_time":1790000000}]}`,
			render.Block{Type: "actions", ID: "a", Elements: []render.Element{
				{Input: &render.Input{Kind: "checkbox", Type: "multi_static_select", ActionID: "m", BlockID: "a", Name: "Choose", MaxChoices: 2,
					Options: []render.Option{{Value: "1", Text: "&lt;1&gt;", Label: "<1>", Note: "first"}}}},
				{Input: &render.Input{Kind: "menu", Type: "overflow", ActionID: "o", BlockID: "a", Name: "More actions",
					Options: []render.Option{{Value: "x", Text: "X", Label: "X"}}}},
				{Input: &render.Input{Kind: "datetime-local", Type: "datetimepicker", ActionID: "at", BlockID: "a", Name: "Choose",
					Values: []string{"2026-09-21T15:13"}}}}}},
		{"unknown block", `{"type":"<carousel>"}`,
			render.Block{Type: "unknown", Text: "A block of type &lt;carousel&gt;, which is not drawn here."}},
		{"unknown element", `{"type":"actions","elements":[{"type":"workflow_button"}]}`,
			render.Block{Type: "actions", Elements: []render.Element{{Text: "An element of type workflow_button, which is not drawn here."}}}},
		{"wrong types everywhere", `{"type":"section","block_id":7,"text":"x","fields":"y","accessory":[]}`,
			render.Block{Type: "section"}},
	}
	v := viewer(t)
	v.List = func(map[string]any) []render.Option {
		return []render.Option{{Value: "U1", Text: "One", Label: "One"}, {Value: "U2", Text: "Two", Label: "Two"}}
	}
	v.State = map[string]any{"a": map[string]any{
		"m":  map[string]any{"type": "multi_static_select", "selected_options": []any{}},
		"at": map[string]any{"type": "datetimepicker", "selected_date_time": 1790000000},
	}}
	for _, test := range tests {
		t.Run(test.why, func(t *testing.T) {
			t.Parallel()
			var block map[string]any
			if err := json.Unmarshal([]byte(test.json), &block); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff([]render.Block{test.want}, v.Blocks([]map[string]any{block})); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}
