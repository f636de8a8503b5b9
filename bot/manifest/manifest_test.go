package manifest_test

import (
	"bytes"
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

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

// validate returns what the schema says of a manifest.
func validate(t *testing.T, schema *jsonschema.Schema, m any) error {
	t.Helper()
	encoded, err := json.Marshal(m)
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
	if err := validate(t, schema, manifest.New()); err != nil {
		t.Error(err)
	}
	for why, spoil := range map[string]func(*manifest.Manifest){
		"a name that is too long":         func(m *manifest.Manifest) { m.Display.Name = strings.Repeat("x", 36) },
		"a description too long":          func(m *manifest.Manifest) { m.Display.Description = strings.Repeat("x", 141) },
		"a command without its slash":     func(m *manifest.Manifest) { m.Features.Commands[0].Command = "wf-deactivate" },
		"a command that is too long":      func(m *manifest.Manifest) { m.Features.Commands[0].Command = "/" + strings.Repeat("x", 32) },
		"a shortcut of no kind":           func(m *manifest.Manifest) { m.Features.Shortcuts[0].Type = "everywhere" },
		"a shortcut's name too long":      func(m *manifest.Manifest) { m.Features.Shortcuts[0].Name = strings.Repeat("x", 25) },
		"a shortcut without what it does": func(m *manifest.Manifest) { m.Features.Shortcuts[0].Description = "" },
		"no shortcuts at all":             func(m *manifest.Manifest) { m.Features.Shortcuts = []manifest.Shortcut{} },
		"an event twice":                  func(m *manifest.Manifest) { m.Settings.Events.Bot = []string{"a", "a"} },
		"a bot user without a name":       func(m *manifest.Manifest) { m.Features.BotUser.Name = "" },
	} {
		m := manifest.New()
		spoil(&m)
		if validate(t, schema, m) == nil {
			t.Errorf("the schema takes %s", why)
		}
	}
	if validate(t, schema, map[string]any{"display_information": map[string]any{"name": "x"}, "colour": "red"}) == nil {
		t.Error("the schema takes what Slack does not know")
	}
}

// Slack publishes what a manifest may be a second time, as the types of its client in
// JavaScript. They have no limits, but every scope and event by name.
func TestSlacksClientTakesIt(t *testing.T) {
	t.Parallel()
	manifests := map[string]any{"the manifest": manifest.New(), "wrong: no name": map[string]any{"display_information": map[string]any{}}}
	for name, spoil := range map[string]func(*manifest.Manifest){
		"a scope that there is not":         func(m *manifest.Manifest) { m.OAuth.Scopes.Bot[1] = "users:read.mail" },
		"an event that there is not":        func(m *manifest.Manifest) { m.Settings.Events.Bot[0] = "app_home_closed" },
		"a shortcut of a kind there is not": func(m *manifest.Manifest) { m.Features.Shortcuts[0].Type = "everywhere" },
	} {
		m := manifest.New()
		m.OAuth.Scopes.Bot, m.Settings.Events.Bot = slices.Clone(m.OAuth.Scopes.Bot), slices.Clone(m.Settings.Events.Bot)
		spoil(&m)
		manifests["wrong: "+name] = m
	}
	manifests["wrong: a setting that there is not"] = struct {
		manifest.Manifest
		Settings map[string]any `json:"settings"`
	}{manifest.New(), map[string]any{"socket_mode": true}}
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
	got, want := slices.Sorted(slices.Values(manifest.New().OAuth.Scopes.Bot)), slices.Sorted(slices.Values(slacksim.DefaultBotScopes()))
	if !slices.Equal(got, want) {
		t.Errorf("scopes %q, want %q", got, want)
	}
}

// What the app has is what the code answers to.
func TestNamesAreThoseOfTheCode(t *testing.T) {
	t.Parallel()
	m := manifest.New()
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
