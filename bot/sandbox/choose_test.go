package sandbox

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

// What is chosen on the page reaches the app as Slack says it, and stays chosen.
func TestChoose(t *testing.T) {
	t.Parallel()
	const options = `"options":[{"value":"1","text":{"type":"plain_text","text":"one"}},{"value":"2","text":{"type":"plain_text","text":"two"}}]`
	tests := []struct {
		why, element, kind string
		given              []string
		sent, shown        string
	}{
		{"a menu", `"type":"static_select",` + options, "select", []string{"2"}, `"value":"2"`, `role="option" aria-selected="true">two`},
		{"a menu of people", `"type":"users_select"`, "select", []string{"U0MIA"}, `"selected_user":"U0MIA"`, `role="option" aria-selected="true">Mia Chen`},
		{"a menu of conversations", `"type":"conversations_select","filter":{"include":["private"]}`, "select", []string{offboarding},
			`"selected_conversation":"C0OFFBOARDING"`, `role="option" aria-selected="true"># it-offboarding`},
		{"several", `"type":"multi_static_select",` + options, "checkbox", []string{"1", "2"}, `"value":"1"`, `value="2" checked`},
		{"none of several", `"type":"multi_users_select","initial_users":["U0MIA"]`, "checkbox", nil, `"selected_users":[]`, `value="U0MIA">`},
		{"more actions, which stay nowhere", `"type":"overflow",` + options, "menu", []string{"1"}, `"value":"1"`, `role="menuitem">one`},
		{"a date", `"type":"datepicker"`, "date", []string{"2026-12-31"}, `"selected_date":"2026-12-31"`, `type="date" value="2026-12-31"`},
		{"a time", `"type":"timepicker"`, "time", []string{"17:00"}, `"selected_time":"17:00"`, `type="time" value="17:00"`},
		{"a moment, in the person's zone", `"type":"datetimepicker"`, "datetime-local", []string{"2026-07-01T12:00"},
			`"selected_date_time":1782903600`, `type="datetime-local" value="2026-07-01T12:00"`},
		{"one of a few", `"type":"radio_buttons",` + options, "radio", []string{"1"}, `"value":"1"`, `value="1" checked`},
	}
	for _, test := range tests {
		t.Run(test.why, func(t *testing.T) {
			t.Parallel()
			s := newSilent(t)
			posted := s.app("chat.postMessage", `{"channel":"`+offboarding+`","text":"t","blocks":[
				{"type":"actions","block_id":"b","elements":[{"action_id":"a",`+test.element+`}]}]}`)
			ts, _ := posted["ts"].(string)
			s.post("/choose", url.Values{"ts": {ts}, "action_id": {"a"}, "block_id": {"b"}, "kind": {test.kind}, "value": test.given})
			envelopes := s.slack.Envelopes()
			if len(envelopes) == 0 {
				t.Fatal("nothing was sent")
			}
			sent, err := json.Marshal(envelopes[len(envelopes)-1].Payload["actions"])
			if err != nil || !strings.Contains(string(sent), test.sent) {
				t.Errorf("sent %s, want %s", sent, test.sent)
			}
			s.shows(test.shown)
		})
	}
}

// A menu with a dialog sends nothing unless it was confirmed, and says so when it
// is not there any more.
func TestChooseNotSent(t *testing.T) {
	t.Parallel()
	s := newSilent(t)
	posted := s.app("chat.postMessage", `{"channel":"`+offboarding+`","text":"t","blocks":[
		{"type":"section","block_id":"b","text":{"type":"mrkdwn","text":"x"},"accessory":{"type":"static_select","action_id":"a",
		"options":[{"value":"1","text":{"type":"plain_text","text":"one"}}],"confirm":{"title":{"type":"plain_text","text":"Sure?"},
		"text":{"type":"plain_text","text":"Really?"},"confirm":{"type":"plain_text","text":"Yes!"},"deny":{"type":"plain_text","text":"No"}}}}]}`)
	ts, _ := posted["ts"].(string)
	choose := url.Values{"ts": {ts}, "action_id": {"a"}, "block_id": {"b"}, "kind": {"select"}, "value": {"1"}}
	s.shows("<h2 id=\"confirm-title\">Sure?</h2>")
	s.post("/choose", choose)
	s.shows("Slack does not let Ada Okafor choose that.")
	choose.Set("answer", "No")
	s.post("/choose", choose)
	if sent := s.slack.Envelopes(); len(sent) != 0 {
		t.Errorf("sent %v", sent)
	}
	choose.Set("answer", "Yes!")
	s.post("/choose", choose)
	if sent := s.slack.Envelopes(); len(sent) != 1 {
		t.Errorf("%d envelopes were sent, want 1", len(sent))
	}
	choose.Set("action_id", "gone")
	s.post("/choose", choose)
	s.shows("That is gone")
}

func TestFaults(t *testing.T) {
	t.Parallel()
	s := newSilent(t)
	for _, f := range s.page.faults.list() {
		s.post("/fault", url.Values{"fault": {f.ID}, "on": {"true"}})
		on := 0
		for _, now := range s.page.faults.list() {
			if now.On {
				on++
			}
		}
		if want := map[bool]int{false: 1, true: 0}[f.Once]; on != want {
			t.Errorf("%s: %d faults are on, want %d", f.ID, on, want)
		}
		if !f.Once {
			s.shows(`<b>Switched on:</b> `+f.Name, `aria-checked="true"`)
		}
		s.post("/fault", url.Values{"fault": {f.ID}, "on": {"true"}}) // twice is once
		s.post("/fault", url.Values{"fault": {f.ID}, "on": {"false"}})
		s.post("/fault", url.Values{"fault": {f.ID}, "on": {"false"}})
		for _, now := range s.page.faults.list() {
			if now.On {
				t.Errorf("%s stays on", now.ID)
			}
		}
	}
	if left := s.page.tenant.Faults(); len(left) != 0 {
		t.Errorf("Workfront keeps %v", left)
	}
	request := httptest.NewRequest(http.MethodPost, "http://localhost/fault", strings.NewReader(url.Values{"fault": {"none"}, "token": {s.page.token}}.Encode()))
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	answer := httptest.NewRecorder()
	s.page.handler().ServeHTTP(answer, request)
	if answer.Code != http.StatusNotFound {
		t.Errorf("a fault that does not exist: status %d", answer.Code)
	}
}
