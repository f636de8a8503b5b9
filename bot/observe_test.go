package bot_test

import (
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"
)

// httpAt starts the bot with a port for health and metrics, and returns its address.
func (w *world) httpAt() string {
	w.t.Helper()
	w.config.HTTPAddr = "127.0.0.1:0"
	w.start()
	return "http://" + regexp.MustCompile(`serving health and metrics" at=(\S+)`).FindStringSubmatch(w.log.String())[1]
}

// gets is what the bot answers there.
func (w *world) gets(address string) (status int, text string) {
	w.t.Helper()
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	answer, err := client.Get(address)
	if err != nil {
		w.t.Fatal(err)
	}
	defer answer.Body.Close()
	said, err := io.ReadAll(answer.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	return answer.StatusCode, string(said)
}

// What happens is counted, each thing under what it is, and nothing of anybody is told.
func TestMetricsOfARequest(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	at := w.httpAt()
	if status, text := w.gets(at + "/livez"); status != 200 || text != "ok\n" {
		t.Errorf("/livez: %d %q", status, text)
	}
	if status, text := w.gets(at + "/readyz"); status != 200 || text != "database: ok\nslack: ok\nworkfront: ok\n" {
		t.Errorf("/readyz: %d %q", status, text)
	}
	card := w.ask()
	card.Click(w.rita, "Approve")
	w.ExpectPrivate(w.rita, "not an approver")
	_, pending := w.gets(at + "/metrics")
	card.Click(w.anna, "Approve")
	card.ExpectButtons("Request reactivation")
	w.ExpectDM(w.rita, "Deactivated: ")
	var text string
	w.poll("the last step is counted", func() bool {
		_, text = w.gets(at + "/metrics")
		return strings.Contains(text, `wfbot_steps_total{step="tell"} 2`) && strings.Contains(text, `wfbot_requests{state="pending"} 0`) // the database is read every five seconds
	})
	for _, line := range []string{
		`wfbot_requests{state="pending"} 1`,
		`wfbot_requests{state="approved"} 0`,
	} {
		if !strings.Contains(pending, "\n"+line+"\n") {
			t.Errorf("while it waits the page lacks %s", line)
		}
	}
	if regexp.MustCompile(`wfbot_oldest_waiting_seconds{waits_for="people"} 0\n`).MatchString(pending) {
		t.Error("nobody waits for people, says the page, while a request does")
	}
	for _, line := range []string{
		`wfbot_interactions_total{kind="command",result="stored"} 1`,
		`wfbot_interactions_total{kind="click",result="stored"} 2`,
		`wfbot_decisions_total{decision="approve"} 1`,
		`wfbot_refusals_total{reason="not an approver"} 1`,
		`wfbot_events_total{event="requested"} 1`,
		`wfbot_events_total{event="write attempted"} 1`,
		`wfbot_events_total{event="done"} 1`,
		`wfbot_steps_total{step="look up"} 1`,
		`wfbot_steps_total{step="execute"} 1`,
		`wfbot_steps_total{step="post"} 1`,
		`wfbot_calls_total{method="PUT user/{id}",service="workfront",status="200"} 1`,
		`wfbot_calls_total{method="chat.postMessage",service="slack",status="200"} 2`,
		`wfbot_acknowledgement_seconds_count{acknowledged="true"} 3`,
		`wfbot_requests{state="pending"} 0`,
		`wfbot_slack_connections_wanted 2`,
		`wfbot_rows_set_aside{row="request"} 0`,
		`wfbot_ready{check="workfront"} 1`, `wfbot_database_read_success 1`,
		`wfbot_oldest_waiting_seconds{waits_for="people"} 0`,
		`wfbot_oldest_waiting_seconds{waits_for="wfbot"} 0`,
	} {
		if !strings.Contains(text, "\n"+line+"\n") {
			t.Errorf("the page lacks %s", line)
		}
	}
	if !regexp.MustCompile(`\nwfbot_slack_connections [12]\n`).MatchString(text) { // the second comes later
		t.Error("the page has no connection")
	}
	for _, of := range []string{"Jane", "jane", "acme", w.target.ID, w.rita, w.anna, w.channel, "left the company", w.BotToken(), "/commands/"} {
		if strings.Contains(text, of) {
			t.Errorf("%q is on the page", of)
		}
	}
	if t.Failed() {
		t.Log(regexp.MustCompile(`(?m)^(#|go_|process_|promhttp_|wfbot_call_duration|wfbot_ack.*bucket).*\n`).ReplaceAllString(text, ""))
	}
}

// A process is ready as long as the database works, a connection to Slack stands and
// Workfront takes the credential; it says what does not, and is alive all the while.
func TestReady(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	at := w.httpAt()
	becomes := func(status int, line string) {
		t.Helper()
		w.poll("/readyz has "+line, func() bool {
			got, text := w.gets(at + "/readyz")
			return got == status && strings.Contains(text, line)
		})
		if status, text := w.gets(at + "/livez"); status != 200 {
			t.Errorf("/livez: %d %q", status, text)
		}
	}
	becomes(200, "workfront: ok\n")
	w.workfront.RevokeKeys()
	w.As(w.rita).Types(w.channel, "/wf-deactivate jane@acme.com left the company")
	w.ExpectPrivate(w.rita, "refuses the bot's credential")
	becomes(503, "workfront: turns wfbot away")
	w.restoreKey()
	becomes(200, "workfront: ok\n")
	w.Channel(w.channel).ExpectMessage("Jane@acme.com").ExpectButtons("Approve", "Deny", "Cancel request")
	w.ExpectPrivate(w.rita, "Sent to")
}

// A wrong credential is found when the process is asked whether it is ready, before
// anybody needs it.
func TestNotReadyWithAWrongCredential(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ops := w.withOps()
	w.workfront.RevokeKeys()
	at := w.httpAt()
	if status, text := w.gets(at + "/readyz"); status != 503 || !strings.Contains(text, "database: ok\nslack: ok\nworkfront: turns wfbot away") {
		t.Errorf("/readyz: %d %q", status, text)
	}
	w.Channel(ops).ExpectMessage("Workfront refuses wfbot's credential")
	w.restoreKey()
	w.poll("it is ready", func() bool { status, _ := w.gets(at + "/readyz"); return status == 200 })
	w.Channel(ops).ExpectMessage("accepts wfbot's credential again")
}

// A port that somebody else has is said at the start.
func TestPortInUse(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	at := w.httpAt()
	other := newWorld(t)
	other.config.HTTPAddr = strings.TrimPrefix(at, "http://")
	err := other.runBriefly(other.config, other.wfURL)
	if err == nil || !strings.Contains(err.Error(), "opening the port of WFBOT_HTTP_ADDR") {
		t.Errorf("Run returned %v", err)
	}
}
