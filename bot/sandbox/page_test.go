package sandbox

import (
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"wfbot/bot/slacksim"
	"wfbot/bot/store"
	"wfbot/workfront/workfrontsim"
)

// silent is a page around an app that has no connection: what a person does comes
// to nothing, and Slack says so. The test speaks for the app.
type silent struct {
	t     *testing.T
	page  *page
	slack *slacksim.Server
}

func newSilent(t *testing.T) silent {
	t.Helper()
	slack := slacksim.New(slacksim.Config{AckDeadline: time.Millisecond})
	t.Cleanup(slack.Close)
	if _, err := slack.Start("127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	tenant := workfrontsim.New(workfrontsim.Config{})
	t.Cleanup(tenant.Close)
	database, err := store.Open(t.Context(), "sqlite:"+filepath.Join(t.TempDir(), "wfbot.db"), nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = database.Close() })
	p, err := newPage(slack, tenant, database, seed(slack, tenant, time.Now()), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	return silent{t, p, slack}
}

// app makes a Web API call as the app.
func (s silent) app(method, body string) map[string]any {
	s.t.Helper()
	request, err := http.NewRequestWithContext(s.t.Context(), http.MethodPost, s.slack.APIURL()+method, strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+s.slack.BotToken())
	request.Header.Set("Content-Type", "application/json; charset=utf-8")
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	answer, err := client.Do(request)
	if err != nil {
		s.t.Fatal(err)
	}
	defer answer.Body.Close()
	var result map[string]any
	if err := json.NewDecoder(answer.Body).Decode(&result); err != nil || result["ok"] != true {
		s.t.Fatalf("%s: %v %v", method, err, result)
	}
	return result
}

// post acts as Ada on the page.
func (s silent) post(path string, fields url.Values) {
	s.t.Helper()
	fields.Set("token", s.page.token)
	fields.Set("as", approver)
	fields.Set("in", offboarding)
	request := httptest.NewRequest(http.MethodPost, "http://localhost"+path, strings.NewReader(fields.Encode()))
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	answer := httptest.NewRecorder()
	s.page.handler().ServeHTTP(answer, request)
	if answer.Code != http.StatusOK {
		s.t.Fatalf("%s: status %d", path, answer.Code)
	}
}

// shows fails unless Ada's page holds all parts.
func (s silent) shows(parts ...string) {
	s.t.Helper()
	answer := httptest.NewRecorder()
	s.page.handler().ServeHTTP(answer, httptest.NewRequest(http.MethodGet, "http://localhost"+where(approver, offboarding), nil))
	for _, part := range parts {
		if !strings.Contains(answer.Body.String(), part) {
			s.t.Errorf("the page lacks %q", part)
		}
	}
	if s.t.Failed() {
		s.t.Log(answer.Body)
	}
}

func TestAppDoesNotAnswer(t *testing.T) {
	t.Parallel()
	s := newSilent(t)
	s.post("/send", url.Values{"text": {"/wf-deactivate jane@acme.com"}})
	s.shows("Only visible to you", "Slackbot", "dispatch_failed")

	posted := s.app("chat.postMessage", `{"channel":"`+offboarding+`","text":"t","blocks":[
		{"type":"section","text":{"type":"mrkdwn","text":"*Sure*?"},"accessory":
			{"type":"button","action_id":"go","text":{"type":"plain_text","text":"Go on"}}},
		{"type":"divider"},{"type":"markdown","text":"# x"}]}`)
	ts, _ := posted["ts"].(string)
	s.app("chat.postMessage", `{"channel":"`+offboarding+`","text":"in the thread","thread_ts":"`+ts+`"}`)
	s.shows("<strong>Sure</strong>?", ">Go on</button>", "<hr>", "A block of type markdown", ">1 reply</summary>", "in the thread")
	m, _ := s.slack.Message(offboarding, ts)
	s.post("/press", url.Values{"ts": {ts}, "action_id": {"go"}, "block_id": {m.Buttons()[0].BlockID}})
	s.shows("Something went wrong: the app did not respond")
}

func TestModal(t *testing.T) {
	t.Parallel()
	s := newSilent(t)
	s.post("/send", url.Values{"text": {"/wf-deactivate"}})
	envelopes := s.slack.Envelopes()
	trigger, _ := envelopes[len(envelopes)-1].Payload["trigger_id"].(string)
	options := `"options":[{"value":"1","text":{"type":"plain_text","text":"one"}},{"value":"2","text":{"type":"plain_text","text":"two"}}]`
	input := func(id, element string) string {
		return `{"type":"input","block_id":"` + id + `","label":{"type":"plain_text","text":"The ` + id + `"},"element":{` + element + `}}`
	}
	opened := s.app("views.open", `{"trigger_id":"`+trigger+`","view":{"type":"modal","title":{"type":"plain_text","text":"A form"},
		"submit":{"type":"plain_text","text":"Go"},"blocks":[`+strings.Join([]string{
		input("name", `"type":"plain_text_input","action_id":"a","max_length":9,"initial_value":"Jo"`),
		input("day", `"type":"datepicker","action_id":"b","initial_date":"2026-12-31"`),
		input("choice", `"type":"static_select","action_id":"c",`+options),
		input("radio", `"type":"radio_buttons","action_id":"d",`+options),
		input("boxes", `"type":"checkboxes","action_id":"e",`+options),
		input("who", `"type":"users_select","action_id":"f"`),
	}, ",")+`]}}`)
	view, _ := opened["view"].(map[string]any)
	id, _ := view["id"].(string)
	s.shows("A form", `value="Jo"`, `maxlength="9"`, `type="date" value="2026-12-31"`, `<option value="2">two</option>`,
		`type="radio" name="input:radio" value="1"`, `type="checkbox"`, `<option value="U0MIA">Mia Chen</option>`, ">Cancel</button>")

	filledIn := url.Values{"view": {id}, "input:name": {"Joan <b>"}, "input:day": {"2027-01-01"}, "input:choice": {"2"},
		"input:radio": {"1"}, "input:boxes": {"1", "2"}, "input:who": {"U0MIA"}}
	s.post("/submit", filledIn)
	envelopes = s.slack.Envelopes()
	sent, err := json.Marshal(envelopes[len(envelopes)-1].Payload)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"type":"view_submission"`, `"selected_date":"2027-01-01"`, `"selected_user":"U0MIA"`} {
		if !strings.Contains(string(sent), want) {
			t.Errorf("the submission lacks %s: %s", want, sent)
		}
	}
	// Nobody acknowledged it: the form stays, with what was entered.
	s.shows("dispatch_failed", `value="Joan &lt;b&gt;"`, `value="2027-01-01"`, `<option value="2" selected>`, `value="1" checked`,
		`<option value="U0MIA" selected>`)

	filledIn.Del("input:radio")
	s.post("/submit", filledIn)
	s.shows("Something is missing, too long or not of the right form")

	s.page.atDesk(approver, func(d *desk) { d.draft = draft{view: id, errors: map[string]string{"day": "In the past <i>"}} })
	s.shows(`<span class="error" role="alert">In the past &lt;i&gt;</span>`, `aria-invalid="true"`)

	s.post("/close", url.Values{"view": {id}})
	if open := s.slack.OpenViews(approver); len(open) != 0 {
		t.Errorf("the form was not closed")
	}
}

func TestMessageLink(t *testing.T) {
	t.Parallel()
	me := person{ID: "U1"}
	tests := []struct{ why, address, want string }{
		{"a message", "https://acme.slack.com/archives/C1/p1700000000123456", "/?as=U1&in=C1#m-1700000000-123456"},
		{"another host", "https://acme.example.com/archives/C1/p1700000000123456", ""},
		{"a host that ends alike", "https://evilslack.com/archives/C1/p1700000000123456", ""},
		{"no message", "https://acme.slack.com/archives/C1", ""},
		{"a number that is too short", "https://acme.slack.com/archives/C1/p123", ""},
		{"what is between stays within the query", "https://acme.slack.com/archives/C1&as=U2/p1700000000123456", "/?as=U1&in=C1%26as%3DU2#m-1700000000-123456"},
	}
	for _, test := range tests {
		if got, ok := messageLink(me, test.address); got != test.want || ok != (test.want != "") {
			t.Errorf("%s: %q, %t; want %q", test.why, got, ok, test.want)
		}
	}
}
