package card_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// absent, as a value, takes the member away.
type absent struct{}

// put returns a copy of document with the value at a JSON pointer.
func put(t *testing.T, document any, pointer string, value any) any {
	t.Helper()
	copied := asJSON(t, document)
	if pointer == "" {
		return asJSON(t, value)
	}
	steps := strings.Split(pointer[1:], "/")
	at := copied
	for i, step := range steps {
		last := i == len(steps)-1
		switch here := at.(type) {
		case object:
			if _, away := value.(absent); last && away {
				delete(here, step)
			} else if last {
				here[step] = asJSON(t, value)
			}
			at = here[step]
		case []any:
			n, err := strconv.Atoi(step)
			if err != nil || n >= len(here) {
				t.Fatalf("%s leads nowhere", pointer)
			}
			if last {
				here[n] = asJSON(t, value)
			}
			at = here[n]
		default:
			t.Fatalf("%s leads nowhere", pointer)
		}
	}
	return copied
}

func letters(n int) string { return strings.Repeat("é", n) } // two bytes, one character

func words(kind string, n int) object { return object{"type": kind, "text": letters(n)} }

// many are n values, each different.
func many(n int, one func(i int) any) []any {
	list := make([]any, n)
	for i := range list {
		list[i] = one(i)
	}
	return list
}

func dividers(n int) []any { return many(n, func(int) any { return object{"type": "divider"} }) }

func option(i int) any { return object{"text": words("plain_text", 75), "value": strconv.Itoa(i)} }

// specimen is a document that holds everything the schema knows.
func specimen(surface string) object {
	button := object{
		"type": "button", "action_id": "a", "text": words("plain_text", 1), "value": "v", "style": "danger", "accessibility_label": "l",
		"confirm": object{
			"title": words("plain_text", 1), "text": words("mrkdwn", 1), "confirm": words("plain_text", 1), "deny": words("plain_text", 1), "style": "danger",
		},
	}
	menu := object{
		"type": "static_select", "action_id": "m", "placeholder": words("plain_text", 1),
		"options": []any{object{"text": words("plain_text", 1), "value": "v", "description": words("plain_text", 1)}}, "confirm": button["confirm"],
	}
	more := object{"type": "overflow", "action_id": "o", "options": menu["options"]}
	blocks := []any{
		object{"type": "header", "block_id": "b0", "text": words("plain_text", 1)},
		object{"type": "section", "block_id": "b1", "text": words("mrkdwn", 1), "fields": []any{words("plain_text", 1)}, "accessory": button},
		object{"type": "context", "block_id": "b2", "elements": []any{words("mrkdwn", 1)}},
		object{"type": "divider", "block_id": "b3"},
		object{"type": "actions", "block_id": "b4", "elements": []any{button, menu, more}},
	}
	for i, element := range []object{
		{
			"type": "conversations_select", "action_id": "a", "placeholder": words("plain_text", 1), "default_to_current_conversation": true,
			"filter": object{"include": []any{"public"}, "exclude_external_shared_channels": true, "exclude_bot_users": true},
		},
		{"type": "multi_users_select", "action_id": "a", "placeholder": words("plain_text", 1), "max_selected_items": 1},
		{"type": "plain_text_input", "action_id": "a", "placeholder": words("plain_text", 1), "multiline": true, "max_length": 1, "focus_on_load": true},
		{"type": "datepicker", "action_id": "a"},
		{"type": "timepicker", "action_id": "a"},
		{"type": "checkboxes", "action_id": "a", "options": []any{object{"text": words("plain_text", 1), "value": "v", "description": words("plain_text", 1)}}},
	} {
		blocks = append(blocks, object{
			"type": "input", "block_id": fmt.Sprintf("b%d", 5+i), "label": words("plain_text", 1), "hint": words("plain_text", 1), "optional": true, "element": element,
		})
	}
	switch surface {
	case aMessage:
		return object{"text": "t", "blocks": blocks}
	case aHome:
		return object{"type": "home", "blocks": blocks}
	}
	return object{
		"type": "modal", "title": words("plain_text", 1), "submit": words("plain_text", 1), "close": words("plain_text", 1),
		"callback_id": "c", "private_metadata": "p", "blocks": blocks,
	}
}

// limit is one rule of Block Kit: what is just allowed at a place of the specimen,
// and what is not.
type limit struct {
	surface, pointer string
	good, bad        any
	// ours: the rule is stricter than Slack's own, or about what Slack has and the
	// bot does not use.
	ours bool
}

// limits are the rules about what is long, many, or one of a few.
func limits() []limit {
	const (
		header, section, fields, context, actions = "/blocks/0", "/blocks/1", "/blocks/1/fields", "/blocks/2/elements", "/blocks/4/elements"
		button, menu, more                        = "/blocks/4/elements/0", "/blocks/4/elements/1", "/blocks/4/elements/2"
		channels, people, typed, day              = "/blocks/5/element", "/blocks/6/element", "/blocks/7/element", "/blocks/8/element"
		boxes                                     = "/blocks/10/element/options"
	)
	text := func(n int) object { return words("plain_text", n) }
	list := func(n int, one any) []any { return many(n, func(int) any { return one }) }
	buttons := func(n int) []any {
		return many(n, func(i int) any {
			return object{"type": "button", "action_id": strconv.Itoa(i), "text": text(1)}
		})
	}
	return []limit{
		{aMessage, "/text", letters(4000), letters(4001), true}, {aMessage, "/text", "t", "", true}, {aMessage, "/text", "t", absent{}, true},
		{aMessage, "/text", "t", 7, true},
		{aMessage, "/blocks", dividers(50), dividers(51), false}, {aMessage, "/blocks", dividers(1), []any{}, true}, {aMessage, "/blocks", absent{}, object{}, false},
		{aModal, "/blocks", dividers(100), dividers(101), false}, {aHome, "/blocks", dividers(100), dividers(101), false},
		{aModal, "/blocks", dividers(1), []any{}, true}, {aHome, "/blocks", dividers(1), object{}, false},
		{aModal, "/blocks", dividers(1), absent{}, false}, {aHome, "/blocks", dividers(1), absent{}, false},
		{aModal, "/type", "modal", "home", false}, {aHome, "/type", "home", "modal", false},
		{aModal, "/title", text(24), text(25), false}, {aModal, "/title", text(1), absent{}, false}, {aModal, "/title", text(1), words("mrkdwn", 1), false},
		{aModal, "/submit", text(24), text(25), false}, {aModal, "/submit", text(1), absent{}, false}, {aModal, "/close", text(24), text(25), false},
		{aModal, "/callback_id", letters(255), letters(256), false},
		{aModal, "/private_metadata", letters(3000), letters(3001), false}, {aModal, "/private_metadata", absent{}, "", true}, {aModal, "/private_metadata", absent{}, 7, false},
		{aMessage, "", object{"text": "t"}, []any{}, true}, {aModal, "", object{"type": "modal", "title": text(1), "blocks": dividers(1)}, []any{}, true}, {aHome, "", specimen(aHome), []any{}, true},

		{aMessage, header, object{"type": "divider"}, 7, false}, {aMessage, header, object{"type": "divider"}, object{"type": "nonsense"}, false},
		{aMessage, header, object{"type": "divider"}, object{"type": "image", "image_url": "https://example.com", "alt_text": "a"}, true},
		{aMessage, header + "/type", "header", absent{}, false},
		{aMessage, header + "/block_id", letters(255), letters(256), false}, {aMessage, header + "/block_id", "b", "", false}, {aMessage, header + "/block_id", "b", 7, false},
		{aMessage, header + "/text", text(150), text(151), false}, {aMessage, header + "/text", text(1), words("mrkdwn", 1), false}, {aMessage, header + "/text", text(1), absent{}, false},
		{aMessage, header + "/text", text(1), "é", false}, {aMessage, header + "/text/text", "é", "", false}, {aMessage, header + "/text/text", "é", absent{}, false},
		{aMessage, header + "/text/text", "é", 7, false}, {aMessage, header + "/text/type", "plain_text", absent{}, false}, {aMessage, header + "/text/emoji", true, "yes", false},
		{aMessage, section + "/text", words("mrkdwn", 3000), words("mrkdwn", 3001), false}, {aMessage, section + "/text", text(1), words("markdown", 1), false},
		{aMessage, section + "/text/verbatim", true, "yes", false},
		{aMessage, fields, list(10, text(2000)), list(11, text(1)), false}, {aMessage, fields + "/0", text(2000), text(2001), false},
		{aMessage, fields, list(1, text(1)), []any{}, false}, {aMessage, fields, list(1, text(1)), text(1), false},
		{aMessage, section, object{"type": "section", "fields": list(1, text(1))}, object{"type": "section"}, false},
		{aMessage, context, list(10, text(3000)), list(11, text(1)), false}, {aMessage, context, list(1, text(1)), []any{}, false},
		{aMessage, context, list(1, text(1)), absent{}, false}, {aMessage, context, list(1, text(1)), text(1), false},
		{aMessage, actions, buttons(25), buttons(26), false}, {aMessage, actions, buttons(1), []any{}, false}, {aMessage, actions, buttons(1), absent{}, false},
		{aMessage, actions, buttons(1), text(1), false}, {aMessage, actions + "/0", buttons(1)[0], 7, false}, {aMessage, button + "/type", "button", absent{}, false},
		{aMessage, actions + "/0", buttons(1)[0], object{"type": "plain_text_input"}, false},
		{aMessage, section + "/accessory", buttons(1)[0], 7, false}, {aMessage, section + "/accessory", buttons(1)[0], object{"type": "plain_text_input"}, false},
		{aMessage, more + "/options", many(5, option), many(6, option), false}, {aMessage, more + "/options", many(1, option), []any{}, false},
		{aMessage, more + "/options", many(1, option), absent{}, false}, {aMessage, more + "/options", many(1, option), text(1), false},
		{aMessage, more + "/action_id", letters(255), letters(256), false},

		{aMessage, button + "/action_id", letters(255), letters(256), false}, {aMessage, button + "/text", text(75), text(76), false}, {aMessage, button + "/text", text(1), absent{}, false},
		{aMessage, button + "/value", letters(2000), letters(2001), false}, {aMessage, button + "/value", "v", "", false}, {aMessage, button + "/value", "v", 7, false},
		{aMessage, button + "/style", "primary", "default", false},
		{aMessage, button + "/accessibility_label", letters(75), letters(76), false}, {aMessage, button + "/accessibility_label", "l", "", false},
		{aMessage, button + "/accessibility_label", "l", 7, false},
		{aMessage, button + "/confirm", absent{}, 7, false},
		{aMessage, button + "/confirm/title", text(100), text(101), false}, {aMessage, button + "/confirm/title", text(1), absent{}, true},
		{aMessage, button + "/confirm/text", words("mrkdwn", 300), words("mrkdwn", 301), false}, {aMessage, button + "/confirm/text", text(1), absent{}, false},
		{aMessage, button + "/confirm/confirm", text(30), text(31), false}, {aMessage, button + "/confirm/deny", text(30), text(31), false},
		{aMessage, menu + "/options", many(100, option), many(101, option), false}, {aMessage, menu + "/options", many(1, option), []any{}, false},
		{aMessage, menu + "/options", many(1, option), absent{}, false}, {aMessage, menu + "/options", many(1, option), text(1), false},
		{aMessage, menu + "/options/0", option(0), 7, false}, {aMessage, menu + "/options/0/text", text(75), text(76), false}, {aMessage, menu + "/options/0/text", text(1), absent{}, false},
		{aMessage, menu + "/options/0/value", letters(75), letters(76), false}, {aMessage, menu + "/options/0/value", "v", "", false},
		{aMessage, menu + "/options/0/value", "v", 7, false}, {aMessage, menu + "/options/0/description", text(75), text(76), false},
		{aMessage, menu + "/placeholder", text(150), text(151), false},

		{aModal, "/blocks/5/label", text(2000), text(2001), false}, {aModal, "/blocks/5/label", text(1), absent{}, false}, {aModal, "/blocks/5/hint", text(2000), text(2001), false},
		{aModal, "/blocks/5/optional", false, "no", false}, {aModal, channels, object{"type": "datepicker"}, absent{}, false},
		{aModal, channels, object{"type": "datepicker"}, object{"type": "button", "text": text(1)}, false}, {aModal, channels, object{"type": "datepicker"}, 7, false},
		{aModal, channels + "/type", "conversations_select", absent{}, false}, {aModal, channels + "/default_to_current_conversation", false, "no", false},
		{aModal, channels + "/filter", object{"include": []any{"im"}}, object{}, false}, {aModal, channels + "/filter", absent{}, 7, false},
		{aModal, channels + "/filter/include", []any{"im", "mpim", "private", "public"}, []any{"im", "mpim", "private", "public", "im"}, false},
		{aModal, channels + "/filter/include", []any{"im"}, []any{}, false}, {aModal, channels + "/filter/include", []any{"im"}, []any{"secret"}, false},
		{aModal, channels + "/filter/include", []any{"im"}, "im", false},
		{aModal, channels + "/filter/exclude_external_shared_channels", false, "no", false}, {aModal, channels + "/filter/exclude_bot_users", false, "no", false},
		{aModal, people + "/max_selected_items", 50, 0, false}, {aModal, people + "/max_selected_items", 50, 1.5, false},
		{aModal, typed + "/max_length", 3000, 3001, false}, {aModal, typed + "/max_length", 1, 0, false}, {aModal, typed + "/max_length", 1, "1", false},
		{aModal, boxes, many(10, option), many(11, option), false}, {aModal, boxes, many(1, option), []any{}, false},
		{aModal, boxes, many(1, option), absent{}, false}, {aModal, boxes, many(1, option), text(1), false},
		{aModal, typed + "/multiline", false, "no", false}, {aModal, typed + "/focus_on_load", false, "no", false}, {aModal, day + "/action_id", letters(255), letters(256), false},
	}
}

// strangers adds a member that nobody knows to each object of a specimen.
func strangers(v any, pointer string) (all []limit) {
	switch v := v.(type) {
	case object:
		all = append(all, limit{pointer: pointer + "/nonsense", good: absent{}, bad: "x"})
		for _, name := range slices.Sorted(maps.Keys(v)) {
			all = append(all, strangers(v[name], pointer+"/"+name)...)
		}
	case []any:
		for i, one := range v {
			all = append(all, strangers(one, pointer+"/"+strconv.Itoa(i))...)
		}
	}
	return all
}

// TestSchemaRefuses holds the schema to each limit on both of its sides, and the
// simulator with it. A rule of the schema that no broken document meets fails.
func TestSchemaRefuses(t *testing.T) {
	t.Parallel()
	slack := newSlackPage(t)
	all := limits()
	for _, surface := range []string{aMessage, aModal, aHome} {
		document := specimen(surface)
		if surface != aMessage {
			delete(document, "blocks") // they are the same
		}
		for _, l := range strangers(asJSON(t, document), "") {
			l.surface, l.ours = surface, surface == aMessage && l.pointer == "/nonsense" // an argument of a call
			all = append(all, l)
		}
	}
	met := map[string]bool{}
	for _, l := range all {
		good, bad := put(t, specimen(l.surface), l.pointer, l.good), put(t, specimen(l.surface), l.pointer, l.bad)
		what := fmt.Sprintf("%s%s of %.40v", l.surface, l.pointer, l.bad)
		if err := bySchema(t, l.surface, good); err != nil {
			t.Errorf("instead of %s: %v", what, err)
		}
		err := bySchema(t, l.surface, bad)
		if err == nil {
			t.Errorf("the schema takes a %s", what)
		}
		rules(err, met)
		if l.ours {
			continue
		}
		if err := slack.show(l.surface, good); err != nil {
			t.Errorf("the simulator, instead of %s: %v", what, err)
		}
		if err := slack.show(l.surface, bad); err == nil {
			t.Errorf("the simulator takes a %s", what)
		}
	}
	for _, rule := range declaredRules(readJSON(t, schemaFile), "#") {
		if !met[rule] {
			t.Errorf("no broken document meets %s", rule)
		}
	}
}

// rules notes which rules of the schema an error is about.
func rules(err error, met map[string]bool) {
	var failed *jsonschema.ValidationError
	if !errors.As(err, &failed) {
		return
	}
	var note func(e *jsonschema.ValidationError)
	note = func(e *jsonschema.ValidationError) {
		_, place, _ := strings.Cut(e.SchemaURL, "#")
		for _, keyword := range e.ErrorKind.KeywordPath() {
			place += "/" + keyword
		}
		met["#"+place] = true
		for _, cause := range e.Causes {
			note(cause)
		}
	}
	note(failed)
}

// declaredRules are the places of everything in a schema that can refuse.
func declaredRules(schema any, place string) (all []string) {
	o, ok := schema.(object)
	if !ok {
		return nil
	}
	for _, keyword := range slices.Sorted(maps.Keys(o)) {
		at := place + "/" + keyword
		switch keyword {
		case "properties", "$defs":
			for name, inner := range o[keyword].(object) {
				all = append(all, declaredRules(inner, at+"/"+name)...)
			}
		case "allOf":
			for i, inner := range o[keyword].([]any) {
				all = append(all, declaredRules(inner, at+"/"+strconv.Itoa(i))...)
			}
		case "items", "then", "else":
			all = append(all, declaredRules(o[keyword], at)...)
		case "type", "enum", "const", "required", "additionalProperties", "anyOf", "minLength", "maxLength", "minItems", "maxItems",
			"minimum", "maximum", "minProperties":
			all = append(all, at)
		case "$ref", "if", "oneOf", "$schema", "$id", "$comment", "title": // refuse nothing by themselves
		default:
			all = append(all, at+" (unknown to this test)")
		}
	}
	return all
}

// TestSchemaCompilesAsAWhole: anything that Slack shows is one of the three.
func TestSchemaCompilesAsAWhole(t *testing.T) {
	t.Parallel()
	schema, err := jsonschema.NewCompiler().Compile(schemaFile)
	if err != nil {
		t.Fatal(err)
	}
	for _, surface := range []string{aMessage, aModal, aHome} {
		if err := schema.Validate(asJSON(t, specimen(surface))); err != nil {
			t.Error(err)
		}
	}
	if err := schema.Validate(json.Number("7")); err == nil {
		t.Error("a number is taken for something to show")
	}
}
