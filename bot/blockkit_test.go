package bot_test

import (
	"fmt"
	"sync"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// surfaces are the schemas of what Slack shows, by their names; see the schema.
var surfaces = sync.OnceValues(func() (map[string]*jsonschema.Schema, error) {
	compiler := jsonschema.NewCompiler()
	compiled := map[string]*jsonschema.Schema{}
	for _, surface := range []string{"message", "modal", "home"} {
		schema, err := compiler.Compile("card/testdata/blockkit.schema.json#/$defs/" + surface)
		if err != nil {
			return nil, err
		}
		compiled[surface] = schema
	}
	return compiled, nil
})

// checkBlockKit fails the test for whatever the bot gave Slack to show, by any way
// and whether Slack answered or not, that is not Block Kit.
func (w *world) checkBlockKit() {
	w.t.Helper()
	for _, call := range w.Calls() {
		if err := notBlockKit(call.Args); err != nil {
			w.t.Errorf("%s: %v", call.Method, err)
		}
	}
	for _, e := range w.Envelopes() {
		if err := notBlockKit(e.AckPayload); err != nil {
			w.t.Errorf("acknowledging %s: %v", e.Type, err)
		}
	}
}

// notBlockKit is what is wrong with the message or the view among the arguments of
// a call; nil if there is none.
func notBlockKit(args map[string]any) error {
	schemas, err := surfaces()
	if err != nil {
		return err
	}
	if view, ok := args["view"]; ok {
		v, _ := view.(map[string]any)
		surface, _ := v["type"].(string)
		schema := schemas[surface]
		if schema == nil || surface == "message" {
			return fmt.Errorf("a view of type %q", surface)
		}
		return schema.Validate(view)
	}
	message := map[string]any{}
	for _, part := range []string{"text", "blocks", "attachments"} {
		if args[part] != nil { // a client may send what is absent as null
			message[part] = args[part]
		}
	}
	if len(message) == 0 {
		return nil
	}
	return schemas["message"].Validate(message)
}

func TestNotBlockKit(t *testing.T) {
	t.Parallel()
	type object = map[string]any
	divider := []any{object{"type": "divider"}}
	tests := []struct {
		why  string
		args object
		good bool
	}{
		{"nothing to show", object{"user": "U1"}, true},
		{"a sentence", object{"channel": "C1", "text": "Hello"}, true},
		{"a sentence with null blocks", object{"text": "Hello", "blocks": nil}, true},
		{"a card", object{"text": "Hello", "blocks": divider}, true},
		{"a card without words", object{"blocks": divider}, false},
		{"no words", object{"text": ""}, false},
		{"blocks that could not be decoded", object{"text": "Hello", "blocks": "[{"}, false},
		{"an unknown block", object{"text": "Hello", "blocks": []any{object{"type": "nonsense"}}}, false},
		{"attachments", object{"text": "Hello", "attachments": []any{}}, false},
		{"a Home tab", object{"view": object{"type": "home", "blocks": divider}}, true},
		{"a form without a title", object{"view": object{"type": "modal", "blocks": divider}}, false},
		{"a view of no type", object{"view": object{"blocks": divider}}, false},
		{"no view", object{"view": nil}, false},
		{"errors at a form", object{"response_action": "errors", "errors": object{"emails": "Who?"}}, true},
	}
	for _, tt := range tests {
		if err := notBlockKit(tt.args); (err == nil) != tt.good {
			t.Errorf("%s: %v", tt.why, err)
		}
	}
}
