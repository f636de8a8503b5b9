package manifest_test

import (
	"bytes"
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v3"

	"wfbot/bot/bottest/node"
	"wfbot/bot/card"
	"wfbot/bot/manifest"
	"wfbot/bot/slacksim"
)

// schema is what Slack publishes of manifests.
func schema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	text, err := os.ReadFile("testdata/manifest.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	compiler := jsonschema.NewCompiler()
	if err := compiler.AddResource("manifest.schema.json", document); err != nil {
		t.Fatal(err)
	}
	compiled, err := compiler.Compile("manifest.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return compiled
}

// decoded is a manifest as it was written.
func decoded(t *testing.T, text string) (m any) {
	t.Helper()
	if err := yaml.Unmarshal([]byte(text), &m); err != nil {
		t.Fatal(err)
	}
	return m
}

// validate returns what the schema says of a manifest.
func validate(t *testing.T, schema *jsonschema.Schema, text string) error {
	t.Helper()
	encoded, err := json.Marshal(decoded(t, text))
	if err != nil {
		t.Fatal(err)
	}
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(encoded))
	if err != nil {
		t.Fatal(err)
	}
	return schema.Validate(document)
}

func TestSlackTakesIt(t *testing.T) {
	t.Parallel()
	schema := schema(t)
	if err := validate(t, schema, manifest.YAML); err != nil {
		t.Error(err)
	}
	for why, spoil := range map[string]struct{ from, to string }{
		"a name that is too long":         {"name: wfbot", "name: " + strings.Repeat("x", 36)},
		"a description too long":          {"description: Switches", "description: " + strings.Repeat("x", 141)},
		"a command without its slash":     {"/wf-deactivate", "wf-deactivate"},
		"a command that is too long":      {"/wf-deactivate", "/" + strings.Repeat("x", 32)},
		"a shortcut of no kind":           {"type: global", "type: everywhere"},
		"a shortcut's name too long":      {"Deactivate in Workfront", strings.Repeat("x", 25)},
		"a shortcut without what it does": {"Opens a form to ask for it", `""`},
		"no shortcuts at all": {"shortcuts:\n    - name: Deactivate in Workfront\n      type: global\n      callback_id: request\n" +
			"      description: Opens a form to ask for it\n", "shortcuts: []\n"},
		"an event twice":            {"channel_id_changed", "app_home_opened"},
		"a bot user without a name": {"display_name: wfbot", `display_name: ""`},
		"what Slack does not know":  {"settings:", "colour: red\nsettings:"},
	} {
		text := strings.Replace(manifest.YAML, spoil.from, spoil.to, 1)
		if text == manifest.YAML || validate(t, schema, text) == nil {
			t.Errorf("the schema takes %s", why)
		}
	}
}

// app is the manifest as far as code answers to it.
func app(t *testing.T) (m struct {
	Features struct {
		Home struct {
			HomeTab     bool `yaml:"home_tab_enabled"`
			MessagesTab bool `yaml:"messages_tab_enabled"`
		} `yaml:"app_home"`
		Shortcuts []struct {
			CallbackID string `yaml:"callback_id"`
		}
		Commands []struct {
			Command string
			Escape  bool `yaml:"should_escape"`
		} `yaml:"slash_commands"`
	}
	OAuth struct {
		Scopes struct{ Bot []string }
	} `yaml:"oauth_config"`
	Settings struct {
		Interactivity struct {
			Enabled bool `yaml:"is_enabled"`
		}
		SocketMode    bool `yaml:"socket_mode_enabled"`
		TokenRotation bool `yaml:"token_rotation_enabled"`
	}
}) {
	t.Helper()
	if err := yaml.Unmarshal([]byte(manifest.YAML), &m); err != nil {
		t.Fatal(err)
	}
	return m
}

// Slack publishes what a manifest may be a second time, as the types of its client in
// JavaScript. They have no limits, but every scope and event by name.
func TestSlacksClientTakesIt(t *testing.T) {
	t.Parallel()
	manifests := map[string]any{"the manifest": decoded(t, manifest.YAML)}
	for name, spoil := range map[string]struct{ from, to string }{
		"no name":                           {"  name: wfbot\n", ""},
		"a scope that there is not":         {"users:read.email", "users:read.mail"},
		"an event that there is not":        {"app_home_opened", "app_home_closed"},
		"a shortcut of a kind there is not": {"type: global", "type: everywhere"},
		"a setting that there is not":       {"socket_mode_enabled", "socket_mode"},
	} {
		text := strings.Replace(manifest.YAML, spoil.from, spoil.to, 1)
		if text == manifest.YAML {
			t.Fatalf("%s: the manifest has no %s", name, spoil.from)
		}
		manifests["wrong: "+name] = decoded(t, text)
	}
	encoded, err := json.Marshal(manifests)
	if err != nil {
		t.Fatal(err)
	}
	node.Run(t, "testdata/types.cjs", "MANIFESTS="+string(encoded))
}

// All tests of the bot run with the scopes that the simulated Slack grants, so that
// the manifest has none too few.
func TestScopesAreThoseOfTheTests(t *testing.T) {
	t.Parallel()
	got, want := slices.Sorted(slices.Values(app(t).OAuth.Scopes.Bot)), slices.Sorted(slices.Values(slacksim.DefaultBotScopes()))
	if !slices.Equal(got, want) {
		t.Errorf("scopes %q, want %q", got, want)
	}
}

// What the app has is what the code answers to.
func TestNamesAreThoseOfTheCode(t *testing.T) {
	t.Parallel()
	m := app(t)
	var commands []string
	for _, c := range m.Features.Commands {
		commands = append(commands, c.Command)
		if !c.Escape {
			t.Errorf("people whom %s mentions would not be understood", c.Command)
		}
	}
	if want := []string{card.Command, card.CommandBack}; !slices.Equal(commands, want) {
		t.Errorf("commands %q, want %q", commands, want)
	}
	if s := m.Features.Shortcuts; len(s) != 1 || s[0].CallbackID != card.CallbackRequest || card.CallbackRequest != card.ActionRequest {
		t.Errorf("shortcuts %+v", s)
	}
	if !m.Settings.SocketMode || !m.Settings.Interactivity.Enabled || m.Settings.TokenRotation || !m.Features.Home.HomeTab || !m.Features.Home.MessagesTab {
		t.Errorf("settings %+v, tabs %+v", m.Settings, m.Features.Home)
	}
}
