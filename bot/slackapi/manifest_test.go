package slackapi

import (
	"slices"
	"testing"

	"go.yaml.in/yaml/v3"

	"wfbot/bot/manifest"
)

// The app asks for what the bot needs when it is installed: besides the scopes that it
// needs to start, the one that gives it commands at all, and what it takes to write to
// people first.
func TestManifestHasTheScopes(t *testing.T) {
	t.Parallel()
	var m struct {
		OAuth struct {
			Scopes struct{ Bot []string }
		} `yaml:"oauth_config"`
	}
	if err := yaml.Unmarshal([]byte(manifest.YAML), &m); err != nil {
		t.Fatal(err)
	}
	got, want := slices.Sorted(slices.Values(m.OAuth.Scopes.Bot)), slices.Concat([]string{"commands", "im:write"}, scopes, []string{groupScope})
	if slices.Sort(want); !slices.Equal(got, want) {
		t.Errorf("the manifest has the scopes %q, want %q", got, want)
	}
}
