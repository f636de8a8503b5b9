package metrics_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"

	"wfbot/bot/metrics"
)

// sources are what a process has that has been asked for n things.
func sources(n int) metrics.Sources {
	now := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	return metrics.Sources{
		Standing: func(context.Context) (metrics.Standing, error) {
			return metrics.Standing{
				Requests: map[string]int{"pending": n, "failed": n}, SetAside: map[string]int{"request": n},
				PeopleSince: now.Add(-time.Duration(n) * time.Second),
			}, nil
		},
		Connections: func() (open, wanted int) { return 1, 2 },
		Ready: func(context.Context) map[string]error {
			return map[string]error{"slack": nil, "workfront": errors.New("refused")}
		},
		Now: func() time.Time { return now },
	}
}

// answering is a transport that answers everything like that.
func answering(status int, body string) http.RoundTripper {
	return roundTrip(func(call *http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: status, Body: io.NopCloser(strings.NewReader(body)), Request: call}, nil
	})
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(call *http.Request) (*http.Response, error) { return f(call) }

func call(t *testing.T, with http.RoundTripper, method, url string) (body string, err error) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := with.RoundTrip(request)
	if err != nil {
		return "", err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	return string(text), err
}

// busy is a process where n requests went their way.
func busy(t *testing.T, n int) *metrics.Metrics {
	t.Helper()
	m := metrics.New("v1.2.3")
	m.Watch(sources(n))
	for i := range n {
		m.Interaction("command", metrics.Stored)
		for _, kind := range []string{"requested", "found", "approve", "write attempted", "done"} {
			m.Recorded(kind, fmt.Sprintf("jane%d@acme.com", i)) // a why that is none of a refusal
		}
		m.Recorded("refused", "own request")
		m.Step("execute", i%2 == 0)
		m.Acknowledged(time.Duration(i)*time.Millisecond, i%3 > 0)
		for status, url := range map[int]string{
			200: "https://acme.example.com/attask/api/v22.0/user/search?emailAddr=jane%d@acme.com",
			404: "https://acme.example.com/attask/api/v22.0/user/6f%030d",
			500: "https://acme.example.com/attask/api/v22.0/task/count?assignedToID=6f%030d",
			400: "https://acme.example.com/somewhere/else/%d",
		} {
			if _, err := call(t, m.Workfront(answering(status, "{}")), http.MethodGet, fmt.Sprintf(url, i)); err != nil {
				t.Fatal(err)
			}
		}
		for body, url := range map[string]string{
			`{"ok":true}`:                              "https://slack.com/api/chat.update",
			`{"ok":false,"error":"jane%d@acme.com"}`:   "https://slack.com/api/chat.postMessage",
			`{"ok":false,"error":"user_%c_not_found"}`: "https://slack.com/api/users.info",
			`<html>%d</html>`:                          "https://slack.com/api/views.open",
		} {
			if strings.Contains(body, "%c") {
				body = fmt.Sprintf(body, 'a'+rune(i%5))
			} else if strings.Contains(body, "%d") {
				body = fmt.Sprintf(body, i)
			}
			if _, err := call(t, m.Slack(answering(200, body)), http.MethodPost, url); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := call(t, m.SlackReply(answering(200, "ok")), http.MethodPost, fmt.Sprintf("https://hooks.slack.com/commands/T1/%d/secret", i)); err != nil {
			t.Fatal(err)
		}
	}
	return m
}

// Prometheus' own rules for names, units and help.
func TestLint(t *testing.T) {
	t.Parallel()
	problems, err := testutil.GatherAndLint(busy(t, 10).Gatherer())
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range problems {
		t.Errorf("%s: %s", p.Metric, p.Text)
	}
}

// series are those of wfbot, each once.
func series(t *testing.T, m *metrics.Metrics) (all []string) {
	t.Helper()
	for line := range strings.Lines(page(t, m)) {
		if name, _, ok := strings.Cut(line, "} "); ok && strings.HasPrefix(line, "wfbot_") {
			all = append(all, name+"}")
		} else if name, _, ok := strings.Cut(line, " "); ok && strings.HasPrefix(line, "wfbot_") {
			all = append(all, name)
		}
	}
	return all
}

// page is what Prometheus is given.
func page(t *testing.T, m *metrics.Metrics) string {
	t.Helper()
	w := httptest.NewRecorder()
	m.Handler().ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/metrics", nil))
	if w.Code != http.StatusOK {
		t.Fatalf("status %d: %s", w.Code, w.Body)
	}
	return w.Body.String()
}

// 10,000 requests make no more series than 10, and none of them is about somebody.
func TestSeriesAreBounded(t *testing.T) {
	t.Parallel()
	few, many := busy(t, 10), busy(t, 10_000)
	if a, b := series(t, few), series(t, many); len(a) != len(b) || len(a) < 50 {
		t.Errorf("%d series after 10 requests, %d after 10,000", len(a), len(b))
	}
	for _, text := range []string{"acme", "jane", "6f0", "secret", "T1"} {
		if strings.Contains(page(t, many), text) {
			t.Errorf("%q is on the page", text)
		}
	}
}

// However many different words Slack says no with, few are shown by name.
func TestSlackCodesAreBounded(t *testing.T) {
	t.Parallel()
	m := metrics.New("")
	for i := range 1000 {
		code := string([]rune{'a' + rune(i/26%26), 'a' + rune(i%26), 'a' + rune(i/676)})
		if _, err := call(t, m.Slack(answering(200, `{"ok":false,"error":"`+code+`"}`)), http.MethodPost, "https://slack.com/api/chat.update"); err != nil {
			t.Fatal(err)
		}
	}
	n, err := testutil.GatherAndCount(m.Gatherer(), "wfbot_calls_total")
	if err != nil || n != 31 {
		t.Errorf("%d series, %v, want 31", n, err)
	}
}

// What a call is counted as, by who makes it and what comes back.
func TestCalls(t *testing.T) {
	t.Parallel()
	broken := roundTrip(func(*http.Request) (*http.Response, error) { return nil, errors.New("connection refused") })
	m := metrics.New("")
	for _, tc := range []struct {
		why         string
		with        http.RoundTripper
		method, url string
		want        string
	}{
		{"a search", m.Workfront(answering(200, "{}")), "GET", "https://h/attask/api/v22.0/user/search?q=1", `method="GET user/search",service="workfront",status="200"`},
		{"the write", m.Workfront(answering(500, "")), "PUT", "https://h/attask/api/v22.0/user/6f00", `method="PUT user/{id}",service="workfront",status="500"`},
		{"a login", m.Workfront(answering(200, "")), "POST", "https://h/attask/api/v19.0/user", `method="POST user",service="workfront",status="200"`},
		{"an exchange", m.Workfront(answering(401, "")), "POST", "https://h/integrations/oauth2/api/v1/jwt/exchange", `method="POST jwt/exchange",service="workfront",status="401"`},
		{"a path in a path", m.Workfront(answering(404, "")), "GET", "https://h/attask/api/v22.0/user/a/b", `method="GET other",service="workfront",status="404"`},
		{"nobody there", m.Workfront(broken), "GET", "https://h/attask/api/v22.0/task/count", `method="GET task/count",service="workfront",status="none"`},
		{"yes", m.Slack(answering(200, `{"channel":"C1","ok":true}`)), "POST", "https://slack.com/api/chat.postMessage", `method="chat.postMessage",service="slack",status="200"`},
		{"no", m.Slack(answering(200, `{"error":"is_archived","ok":false}`)), "POST", "https://slack.com/api/chat.postMessage", `method="chat.postMessage",service="slack",status="is_archived"`},
		{"no, without a word", m.Slack(answering(200, `{"ok":false}`)), "POST", "https://slack.com/api/auth.test", `method="auth.test",service="slack",status="other"`},
		{"a page", m.Slack(answering(200, `<html>`)), "POST", "https://slack.com/api/views.open", `method="views.open",service="slack",status="garbled"`},
		{"too many", m.Slack(answering(429, ``)), "POST", "https://slack.com/api/usergroups.users.list", `method="usergroups.users.list",service="slack",status="429"`},
		{"no method", m.Slack(answering(200, `{"ok":true}`)), "POST", "https://slack.com/api/U0RITA", `method="other",service="slack",status="200"`},
		{"a reply", m.SlackReply(answering(404, `expired`)), "POST", "https://hooks.slack.com/commands/T1/2/xyz", `method="response_url",service="slack",status="404"`},
	} {
		_, _ = call(t, tc.with, tc.method, tc.url) // its error is the transport's
		if text := page(t, m); !strings.Contains(text, "wfbot_calls_total{"+tc.want+"} 1\n") {
			t.Errorf("%s: not counted as %s:\n%s", tc.why, tc.want, text)
		}
	}
}

// Whoever made a call gets the answer, and the error, that came.
func TestAnswersStayAsTheyAre(t *testing.T) {
	t.Parallel()
	m := metrics.New("")
	long := `{"ok":true,"text":"` + strings.Repeat("x", 3<<20) + `"}`
	if got, err := call(t, m.Slack(answering(200, long)), "POST", "https://slack.com/api/users.list"); got != long || err != nil {
		t.Errorf("%d bytes, %v, want %d", len(got), err, len(long))
	}
	cut := errors.New("cut")
	half := roundTrip(func(call *http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: 200, Body: io.NopCloser(io.MultiReader(strings.NewReader(`{"ok":`), failing{cut})), Request: call}, nil
	})
	if got, err := call(t, m.Slack(half), "POST", "https://slack.com/api/users.list"); got != `{"ok":` || !errors.Is(err, cut) {
		t.Errorf("%q, %v, want half an answer and %v", got, err, cut)
	}
	if _, err := call(t, m.Slack(roundTrip(func(*http.Request) (*http.Response, error) { return nil, cut })), "POST", "https://slack.com/api/users.list"); !errors.Is(err, cut) {
		t.Errorf("%v, want %v", err, cut)
	}
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

// However many ask, and whether or not the database answers, it is read once in five
// seconds.
func TestTheDatabaseIsReadOnceForAll(t *testing.T) {
	t.Parallel()
	for why, refused := range map[string]error{"it answers": nil, "it does not": errors.New("busy")} {
		synctest.Test(t, func(t *testing.T) {
			read, from := 0, sources(1)
			from.Standing = func(context.Context) (metrics.Standing, error) {
				read++
				time.Sleep(time.Second)
				return metrics.Standing{Requests: map[string]int{"pending": read}}, refused
			}
			m := metrics.New("")
			m.Watch(from)
			gather := func() {
				if _, err := m.Gatherer().Gather(); err != nil {
					t.Error(err)
				}
			}
			var asking sync.WaitGroup
			for range 40 {
				asking.Go(gather)
			}
			asking.Wait()
			for range 4 {
				time.Sleep(time.Second)
				gather()
			}
			if read != 1 {
				t.Errorf("%s: read %d times within five seconds, want once", why, read)
			}
			time.Sleep(time.Second)
			if gather(); read != 2 {
				t.Errorf("%s: read %d times after five seconds, want twice", why, read)
			}
		})
	}
}

// How things stand, and what is left out when the database does not say.
func TestGauges(t *testing.T) {
	t.Parallel()
	m := metrics.New("v1.2.3")
	m.Watch(sources(90))
	text := page(t, m)
	for _, line := range []string{
		`wfbot_requests{state="pending"} 90`, `wfbot_rows_set_aside{row="request"} 90`,
		`wfbot_oldest_waiting_seconds{waits_for="people"} 90`, `wfbot_oldest_waiting_seconds{waits_for="wfbot"} 0`,
		`wfbot_slack_connections 1`, `wfbot_slack_connections_wanted 2`, `wfbot_ready{check="slack"} 1`, `wfbot_ready{check="workfront"} 0`,
		`wfbot_database_read_success 1`, `version="v1.2.3"} 1`,
	} {
		if !strings.Contains(text, line+"\n") {
			t.Errorf("the page lacks %s:\n%s", line, text)
		}
	}
	m, silent := metrics.New(""), sources(1)
	silent.Standing = func(context.Context) (metrics.Standing, error) { return metrics.Standing{}, errors.New("no") }
	m.Watch(silent)
	if text := page(t, m); !strings.Contains(text, "wfbot_database_read_success 0\n") || strings.Contains(text, "wfbot_requests{") {
		t.Errorf("the database says nothing, and the page is\n%s", text)
	}
}
