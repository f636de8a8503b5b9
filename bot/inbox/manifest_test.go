package inbox

import (
	"slices"
	"testing"

	"go.yaml.in/yaml/v3"

	"wfbot/bot/manifest"
)

// The app subscribes to the events that are taken in.
func TestManifestHasTheEvents(t *testing.T) {
	t.Parallel()
	var m struct {
		Settings struct {
			Events struct {
				Bot []string `yaml:"bot_events"`
			} `yaml:"event_subscriptions"`
		}
	}
	if err := yaml.Unmarshal([]byte(manifest.YAML), &m); err != nil {
		t.Fatal(err)
	}
	if got, want := m.Settings.Events.Bot, []string{homeOpened, channelRenamed}; !slices.Equal(got, want) {
		t.Errorf("the manifest has the events %q, want %q", got, want)
	}
}
