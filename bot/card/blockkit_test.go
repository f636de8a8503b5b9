package card_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"wfbot/bot/slacksim"
)

const schemaFile = "testdata/blockkit.schema.json"

// The surfaces that the schema defines.
const (
	aMessage = "message"
	aModal   = "modal"
	aHome    = "home"
)

// surfaces are the schemas of what Slack shows.
var surfaces = sync.OnceValues(func() (map[string]*jsonschema.Schema, error) {
	compiler := jsonschema.NewCompiler()
	compiled := map[string]*jsonschema.Schema{}
	for _, surface := range []string{aMessage, aModal, aHome} {
		schema, err := compiler.Compile(schemaFile + "#/$defs/" + surface)
		if err != nil {
			return nil, err
		}
		compiled[surface] = schema
	}
	return compiled, nil
})

// bySchema returns what is wrong with decoded JSON by the schema of a surface.
func bySchema(t *testing.T, surface string, document any) error {
	t.Helper()
	all, err := surfaces()
	if err != nil {
		t.Fatal(err)
	}
	schema := all[surface]
	if schema == nil {
		return fmt.Errorf("no surface is called %q", surface)
	}
	return schema.Validate(document)
}

// slackPage is a simulated Slack to show documents on.
type slackPage struct {
	t             *testing.T
	sim           *slacksim.Server
	channel, user string
	triggers      chan string
}

func newSlackPage(t *testing.T) *slackPage {
	t.Helper()
	sim := slacksim.New(slacksim.Config{AllowImpossible: true})
	if _, err := sim.Start("127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(sim.Close)
	p := &slackPage{t: t, sim: sim, triggers: make(chan string, 1)}
	p.channel = sim.AddChannel(slacksim.Channel{Name: "it", Members: []string{sim.BotUserID()}}).ID
	p.user = sim.AddUser(slacksim.User{Name: "rita"}).ID
	sim.Rewrite(func(_ string, payload map[string]any) {
		if trigger, ok := payload["trigger_id"].(string); ok {
			select {
			case p.triggers <- trigger:
			default:
			}
		}
	})
	return p
}

// trigger returns a trigger_id that opens one modal.
func (p *slackPage) trigger() string {
	p.t.Helper()
	if _, err := p.sim.Shortcut(p.user, "request"); err != nil { // nobody listens: only its trigger is wanted
		p.t.Fatal(err)
	}
	return <-p.triggers
}

// show sends a document just as it is and returns Slack's refusal.
func (p *slackPage) show(surface string, document any) error {
	p.t.Helper()
	switch surface {
	case aModal:
		return p.call("views.open", object{"trigger_id": p.trigger(), "view": document})
	case aHome:
		return p.call("views.publish", object{"user_id": p.user, "view": document})
	}
	args := object{"channel": p.channel}
	maps.Copy(args, document.(object))
	return p.call("chat.postMessage", args)
}

func (p *slackPage) call(method string, args object) error {
	p.t.Helper()
	body, err := json.Marshal(args)
	if err != nil {
		p.t.Fatal(err)
	}
	r, err := http.NewRequestWithContext(p.t.Context(), http.MethodPost, p.sim.APIURL()+method, bytes.NewReader(body))
	if err != nil {
		p.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Authorization", "Bearer "+p.sim.BotToken())
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		p.t.Fatal(err)
	}
	defer response.Body.Close()
	var answer struct {
		OK       bool
		Error    string
		Metadata struct{ Messages []string } `json:"response_metadata"`
	}
	if err := json.NewDecoder(response.Body).Decode(&answer); err != nil {
		p.t.Fatal(err)
	}
	if !answer.OK {
		return fmt.Errorf("%s: %s %q", method, answer.Error, answer.Metadata.Messages)
	}
	return nil
}

// shown is a part of a golden file that is sent to Slack by itself.
type shown struct {
	what     string
	surface  string
	document any
}

// shownIn takes a golden file apart: a message, a view, or a page of several.
func shownIn(what string, v any) (all []shown) {
	switch v := v.(type) {
	case string:
		if v != "" { // a notice where there is nothing to say
			all = append(all, shown{what, aMessage, object{"text": v}})
		}
	case []any:
		for i, part := range v {
			all = append(all, shownIn(fmt.Sprintf("%s %d", what, i), part)...)
		}
	case object:
		surface, isView := v["type"].(string)
		if isView {
			return []shown{{what, surface, v}}
		}
		if _, ok := v["blocks"]; ok {
			return []shown{{what, aMessage, v}}
		}
		for _, name := range slices.Sorted(maps.Keys(v)) {
			all = append(all, shownIn(what+" "+name, v[name])...)
		}
	}
	return all
}

func goldenFiles(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("testdata", "*.json"))
	if err != nil {
		t.Fatal(err)
	}
	return slices.DeleteFunc(files, func(f string) bool { return f == filepath.FromSlash(schemaFile) })
}

func readJSON(t *testing.T, path string) (v any) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err == nil {
		err = json.Unmarshal(data, &v)
	}
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// TestGoldenFilesAreBlockKit holds every golden file to the schema and to the
// rules of the simulator, which nobody has derived from each other.
func TestGoldenFilesAreBlockKit(t *testing.T) {
	t.Parallel()
	slack := newSlackPage(t)
	for _, file := range goldenFiles(t) {
		parts := shownIn(file, readJSON(t, file))
		if len(parts) == 0 {
			t.Errorf("%s shows nothing", file)
		}
		for _, part := range parts {
			if err := bySchema(t, part.surface, part.document); err != nil {
				t.Errorf("%s: %v", part.what, err)
			}
			if err := slack.show(part.surface, part.document); err != nil {
				t.Errorf("%s: %v", part.what, err)
			}
		}
	}
}
