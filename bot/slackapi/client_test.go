package slackapi

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/slack-go/slack"

	"wfbot/bot/request"
	"wfbot/workfront/secret"
)

// fake answers Slack's methods with fixed texts, and keeps what was called.
type fake struct {
	*httptest.Server
	mu      sync.Mutex
	answers map[string]string // by method; may be set between calls
	header  http.Header       // of every answer
	status  int               // of every answer; 0: 200
	calls   []call
}

type call struct {
	method string
	form   url.Values
	body   string // of a response_url
}

func newFake(t *testing.T) *fake {
	f := &fake{answers: map[string]string{}, header: http.Header{}}
	f.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		f.mu.Lock()
		defer f.mu.Unlock()
		method := strings.TrimPrefix(r.URL.Path, "/")
		c := call{method: method}
		if r.Header.Get("Content-Type") == "application/json" {
			body, _ := io.ReadAll(r.Body)
			c.body = string(body)
		} else {
			_ = r.ParseForm()
			c.form = r.Form
		}
		f.calls = append(f.calls, c)
		for name, values := range f.header {
			w.Header()[name] = values
		}
		if f.status != 0 {
			w.WriteHeader(f.status)
		}
		fmt.Fprint(w, f.answers[method])
	}))
	t.Cleanup(f.Close)
	return f
}

func (f *fake) answer(method, text string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.answers[method] = text
}

func (f *fake) called(method string) (all []call) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, c := range f.calls {
		if c.method == method {
			all = append(all, c)
		}
	}
	return all
}

func (f *fake) client(change ...func(*Config)) *Client {
	config := Config{Token: "xoxb-1", URL: f.URL + "/", Log: slog.New(slog.DiscardHandler)}
	for _, c := range change {
		c(&config)
	}
	return New(config)
}

// A fact is asked for once by a crowd, kept for a minute, and not kept past a clock
// that is set in either direction.
func TestKnown(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC)
	c := New(Config{Now: func() time.Time { return now }})
	asked := 0
	ask := func(context.Context) (int, error) { asked++; return asked, nil }
	for _, step := range []struct {
		why  string
		by   time.Duration
		want int
	}{
		{"asked for", 0, 1}, {"kept", FactsFor - time.Millisecond, 1}, {"a minute old", time.Millisecond, 2},
		{"of the future", -time.Second, 3}, {"kept again", 0, 3}, {"set forward", time.Hour, 4},
	} {
		now = now.Add(step.by)
		if got, err := Known(t.Context(), c, "key", ask); got != step.want || err != nil {
			t.Errorf("%s: %d, %v, want %d", step.why, got, err, step.want)
		}
	}
	if len(c.facts.known) != 1 {
		t.Errorf("%d facts are kept", len(c.facts.known))
	}
	no := errors.New("no")
	if _, err := Known(t.Context(), c, "other", func(context.Context) (int, error) { return 0, no }); !errors.Is(err, no) {
		t.Errorf("the error is %v", err)
	}
	if got, err := Known(t.Context(), c, "other", ask); got != asked || err != nil {
		t.Errorf("an error was kept: %d, %v", got, err)
	}
}

// Who waits for a fact may give up: the question goes on for the others.
func TestKnownOutlivesWhoGaveUp(t *testing.T) {
	t.Parallel()
	c := New(Config{})
	begun, answer := make(chan struct{}), make(chan struct{})
	ctx, giveUp := context.WithCancel(t.Context())
	var asked atomic.Int32
	ask := func(ctx context.Context) (string, error) {
		asked.Add(1)
		close(begun)
		<-answer
		return "said", ctx.Err()
	}
	gaveUp := make(chan error)
	go func() { _, err := Known(ctx, c, "key", ask); gaveUp <- err }()
	<-begun
	giveUp()
	if err := <-gaveUp; !errors.Is(err, context.Canceled) {
		t.Errorf("who gave up was told %v", err)
	}
	close(answer)
	if got, err := Known(t.Context(), c, "key", ask); got != "said" || err != nil || asked.Load() != 1 {
		t.Errorf("the others were told %q, %v after %d questions", got, err, asked.Load())
	}
}

// A route ends with the response_url that it holds, and is nobody else's.
func TestReplyRoutes(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC)
	c := New(Config{Now: func() time.Time { return now }})
	c.KeepReplyRoute("1", ReplyRoute{ResponseURL: "https://hooks.slack.com/1", Trigger: "t", At: now})
	if got := c.ReplyRoute("1"); got.ResponseURL.Reveal() != "https://hooks.slack.com/1" || got.Trigger != "t" {
		t.Error("the route is not kept")
	}
	if text := fmt.Sprintf("%v %+v", c.ReplyRoute("1"), c.ReplyRoute("1")); strings.Contains(text, "hooks") {
		t.Errorf("a capability is printed: %s", text)
	}
	if got := c.ReplyRoute("2"); got != (ReplyRoute{}) {
		t.Errorf("another one has %v", got)
	}
	now = now.Add(ResponseURLFor)
	if got := c.ReplyRoute("1"); got.ResponseURL == "" {
		t.Error("the route has ended too early")
	}
	now = now.Add(time.Millisecond)
	if got := c.ReplyRoute("1"); got != (ReplyRoute{}) {
		t.Error("the route has not ended")
	}
	c.KeepReplyRoute("2", ReplyRoute{ResponseURL: "https://hooks.slack.com/2", At: now})
	if len(c.routes.routes) != 1 {
		t.Errorf("%d routes are kept", len(c.routes.routes))
	}
	c.DropReplyRoute("2")
	if got := c.ReplyRoute("2"); got != (ReplyRoute{}) {
		t.Error("the route was not dropped")
	}
}

// The demands of a 429 are kept to within reason, per method, in whole seconds.
func TestPauses(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC)
	for _, row := range []struct {
		after string
		want  time.Duration
	}{
		{"3", 3 * time.Second}, {"", time.Second}, {"0", time.Second}, {"-5", time.Second}, {"soon", time.Second},
		{"600", 10 * time.Minute}, {"601", 10 * time.Minute}, {"9223372036854775807", 10 * time.Minute},
		{now.Add(7 * time.Second).Format(http.TimeFormat), 7 * time.Second}, {now.Add(-time.Hour).Format(http.TimeFormat), time.Second},
	} {
		if got := demanded(row.after, now); got != row.want {
			t.Errorf("Retry-After %q means %v, want %v", row.after, got, row.want)
		}
	}

	f := newFake(t)
	f.answer("chat.update", `{"ok":true,"ts":"1.1"}`)
	c := f.client(func(c *Config) { c.Now = func() time.Time { return now } })
	f.status, f.header = http.StatusTooManyRequests, http.Header{"Retry-After": {"3"}}
	err := c.Update(t.Context(), "C1", "1.1", Message{Text: "a"})
	if trouble, wait := Classify(err); trouble != Passing || wait != 3*time.Second {
		t.Fatalf("refused with %v: %v, %v", err, trouble, wait)
	}
	f.status, f.header = 0, nil
	now = now.Add(1500 * time.Millisecond)
	err = c.Update(t.Context(), "C1", "1.1", Message{Text: "a"})
	if _, wait := Classify(err); wait != 2*time.Second || len(f.called("chat.update")) != 1 {
		t.Errorf("while it is left alone: %v after %d calls", err, len(f.called("chat.update")))
	}
	now = now.Add(1500 * time.Millisecond)
	if err := c.Update(t.Context(), "C1", "1.1", Message{Text: "a"}); err != nil {
		t.Errorf("after that: %v", err)
	}
}

// What Slack refuses means something to the bot; what nobody knows may pass.
func TestClassify(t *testing.T) {
	t.Parallel()
	for code, want := range map[string]Trouble{
		"invalid_auth": OfToken, "missing_scope": OfToken, "no_permission": NoPlace, "is_archived": NoPlace, "message_not_found": Gone,
		"users_not_found": NoPerson, "not_enabled": NoHome, "expired_trigger_id": Late, "invalid_blocks": Unfit, "access_denied": Unfit,
		"internal_error": Passing, "never_heard_of": Passing, "": Passing,
	} {
		err := fmt.Errorf("doing it: %w", slack.SlackErrorResponse{Err: code})
		if got, wait := Classify(err); got != want || wait != 0 {
			t.Errorf("%q means %d, %v, want %d", code, got, wait, want)
		}
		if Code(err) != code {
			t.Errorf("the code of %q is %q", code, Code(err))
		}
	}
	for _, err := range []error{nil, errSilent, context.DeadlineExceeded} {
		if got, _ := Classify(err); got != Passing || Code(err) != "" || Says(err) != "" {
			t.Errorf("%v means %d", err, got)
		}
	}
	scope := slack.SlackErrorResponse{Err: "missing_scope", Needed: "im:read", Provided: "chat:write"}
	if Says(scope) != "missing_scope, needed: im:read" || !isDirect(scope) {
		t.Errorf("of a direct message it says %q", Says(scope))
	}
	for code, want := range map[string]request.Refusal{
		"is_archived": request.RefusedArchived, "channel_not_found": request.RefusedUnknownChannel,
		"not_in_channel": request.RefusedNotInChannel, "invalid_blocks": request.RefusedCard, "": request.RefusedCard,
	} {
		if got := PostRefusal(slack.SlackErrorResponse{Err: code}); got != want {
			t.Errorf("%q refuses a card with %q, want %q", code, got, want)
		}
	}
}

// Only auth.test decides that the token is of no use, and all whose calls failed
// before it was asked share its answer.
func TestTroubleOfTheToken(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	var told []error
	c := f.client(func(c *Config) { c.Unusable = func(err error) { told = append(told, err) } })
	refused := slack.SlackErrorResponse{Err: "missing_scope"}
	for _, row := range []struct {
		answer string
		want   Trouble
		told   int
	}{
		{`{"ok":true,"user_id":"U1","team_id":"T1"}`, Unfit, 0}, {`{"ok":true}`, Passing, 0}, {`{"ok":false,"error":"token_revoked"}`, Passing, 1},
	} {
		f.answer("auth.test", row.answer)
		c.check = newTokenCheck() // or it would wait for its next turn
		if got, _ := c.Trouble(t.Context(), refused); got != row.want || len(told) != row.told {
			t.Errorf("%s: means %d, want %d; told %v", row.answer, got, row.want, told)
		}
	}
	if len(told) == 1 && !strings.Contains(told[0].Error(), "SLACK_BOT_TOKEN") {
		t.Errorf("the operator is told %v", told[0])
	}
	if got, _ := c.Trouble(t.Context(), slack.SlackErrorResponse{Err: "is_archived"}); got != NoPlace {
		t.Errorf("is_archived means %d", got)
	}
	c.check.asked = time.Now().Add(time.Hour) // as if asked after the call had failed
	before := len(f.called("auth.test"))
	if c.StillIdentified(t.Context()) || len(f.called("auth.test")) != before || len(told) != 2 {
		t.Error("the answer is not shared")
	}
}

// Identify needs the user and the workspace, and all scopes where they are listed.
func TestIdentify(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	f.answer("auth.test", `{"ok":true,"user_id":"U1","team_id":"T1","enterprise_id":"E1","url":"https://acme.slack.com/"}`)
	c := f.client()
	self, err := c.Identify(t.Context())
	if want := (Identity{TeamID: "T1", EnterpriseID: "E1", UserID: "U1", URL: "https://acme.slack.com/"}); err != nil || self != want {
		t.Fatalf("it is %+v, %v", self, err)
	}
	if c.Self() != nil || c.Link("C1", "1.2") != "" {
		t.Error("it works before it is known that it may")
	}
	c.WorkAs(self)
	if *c.Self() != self || c.Link("C1", "1700000000.000100") != "https://acme.slack.com/archives/C1/p1700000000000100" || c.Link("C1", "") != "" {
		t.Errorf("a link is %q", c.Link("C1", "1700000000.000100"))
	}
	f.header = http.Header{"X-Oauth-Scopes": {"chat:write,channels:read,users:read,users:read.email"}}
	if _, err := c.Identify(t.Context()); err == nil || !strings.Contains(err.Error(), "groups:read") || strings.Contains(err.Error(), "usergroups") {
		t.Errorf("without a scope: %v", err)
	}
	if _, err := f.client(func(c *Config) { c.Groups = []string{"S1", "S1"} }).Identify(t.Context()); err == nil || !strings.Contains(err.Error(), "usergroups:read") {
		t.Errorf("without the scope for groups: %v", err)
	}
	f.header = nil
	f.answer("auth.test", `{"ok":false,"error":"account_inactive"}`)
	if _, err := c.Identify(t.Context()); err == nil || Code(err) != "account_inactive" {
		t.Errorf("refused: %v", err)
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := c.Identify(gone); !errors.Is(err, context.Canceled) {
		t.Errorf("after its end: %v", err)
	}
}

// One person is told by the shortest way that works, and only by that.
func TestTellPrivately(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	c := f.client()
	tell := func() error { return c.TellPrivately(t.Context(), "1", "U1", "C1", Message{Text: "hello"}) }
	calls := func() string {
		return fmt.Sprint(len(f.called("respond")), len(f.called("chat.postEphemeral")), len(f.called("chat.postMessage")))
	}
	c.KeepReplyRoute("1", ReplyRoute{ResponseURL: "https://elsewhere.example.com/respond", At: c.now()}) // not Slack's
	f.answer("chat.postEphemeral", `{"ok":true,"message_ts":"1.1"}`)
	if err := tell(); err != nil || calls() != "0 1 0" {
		t.Errorf("without a route: %v, calls %s", err, calls())
	}
	c.KeepReplyRoute("1", ReplyRoute{ResponseURL: "", At: c.now()})
	for _, row := range []struct{ answer, calls string }{{"ok", "1 1 0"}, {"<html>", "2 2 0"}, {"ok", "2 3 0"}} {
		if row.calls != "2 3 0" { // a route that was refused is not tried again
			c.KeepReplyRoute("1", ReplyRoute{ResponseURL: secret.Value(f.URL + "/respond"), At: c.now()})
		}
		f.answer("respond", row.answer)
		if err := tell(); err != nil || calls() != row.calls {
			t.Errorf("the response_url answers %q: %v, calls %s, want %s", row.answer, err, calls(), row.calls)
		}
	}
	f.answer("chat.postEphemeral", `{"ok":false,"error":"user_not_in_channel"}`)
	f.answer("chat.postMessage", `{"ok":false,"error":"user_disabled"}`)
	err := tell()
	if trouble, _ := Classify(err); trouble != NoPerson || !strings.Contains(err.Error(), "user_not_in_channel") || calls() != "2 4 1" {
		t.Errorf("by no way: %v, calls %s", err, calls())
	}
}

// Where cards may not be posted nothing is, and the refusal says why.
func TestPost(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	f.answer("conversations.info", `{"ok":true,"channel":{"id":"C1","is_channel":true,"is_member":true,"is_ext_shared":true}}`)
	f.answer("chat.postMessage", `{"ok":true,"channel":"C1","ts":"1.1"}`)
	_, _, err := f.client().Post(t.Context(), "C1", Message{Text: "a"})
	if no, ok := errors.AsType[request.Refusal](err); !ok || no == request.Allowed || len(f.called("chat.postMessage")) != 0 {
		t.Errorf("in a shared channel: %v", err)
	}
	f.answer("conversations.info", `{"ok":true,"channel":{"id":"C1","is_channel":true,"is_member":true}}`)
	channel, ts, err := f.client().Post(t.Context(), "C1", Message{Text: "a", Thread: "1.0"})
	if err != nil || channel != "C1" || ts != "1.1" {
		t.Fatalf("in a channel of its own: %s %s %v", channel, ts, err)
	}
	form := f.called("chat.postMessage")[0].form
	if form.Get("thread_ts") != "1.0" || form.Get("unfurl_links") != "false" || form.Has("blocks") {
		t.Errorf("it sent %v", form)
	}
	f.answer("chat.postMessage", `{"ok":true}`)
	if _, _, err := f.client().Post(t.Context(), "C1", Message{Text: "a"}); !errors.Is(err, errSilent) {
		t.Errorf("an answer without a ts: %v", err)
	}
}

// That cards may be posted in a channel is known for a while, unless one could not be;
// that they may not is asked for each time.
func TestChannelIsKnown(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	const fit, unfit = `{"ok":true,"channel":{"id":"C1","is_channel":true,"is_member":true}}`, `{"ok":true,"channel":{"id":"C1","is_channel":true}}`
	posted, gone := `{"ok":true,"channel":"C1","ts":"1.1"}`, `{"ok":false,"error":"not_in_channel"}`
	c := f.client()
	for i, step := range []struct {
		why, info, post string
		asked           int // conversations.info so far
		member          bool
	}{
		{"not a member", unfit, posted, 1, false},
		{"invited, which is asked for", fit, posted, 2, true},
		{"still one, as is known", unfit, posted, 2, true},
		{"thrown out, which posting finds", unfit, gone, 2, true},
		{"so it is asked for", unfit, posted, 3, false},
		{"an answer without anything", `{"ok":true}`, posted, 4, false},
	} {
		f.answer("conversations.info", step.info)
		f.answer("chat.postMessage", step.post)
		facts, _ := c.Channel(t.Context(), "C1")
		if n := len(f.called("conversations.info")); n != step.asked || facts.Member != step.member {
			t.Errorf("%d, %s: asked %d times, member %v; want %d, %v", i, step.why, n, facts.Member, step.asked, step.member)
		}
		if facts.Member {
			_, _, _ = c.Post(t.Context(), "C1", Message{Text: "a"})
		}
	}
}

// For cards that are looked at again and again, what is known of a channel serves for a
// minute, whatever it is; for people it does not.
func TestChannelSeen(t *testing.T) {
	t.Parallel()
	f, at := newFake(t), time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC)
	c := f.client(func(c *Config) { c.Now = func() time.Time { return at } })
	f.answer("conversations.info", `{"ok":true,"channel":{"id":"C1","is_member":true,"is_ext_shared":true}}`)
	for i, step := range []struct {
		ask   func(context.Context, string) (request.ChannelFacts, error)
		after time.Duration
		asked int
	}{
		{c.ChannelSeen, 0, 1}, {c.ChannelSeen, FactsFor - 1, 1}, {c.Channel, 0, 2}, {c.ChannelSeen, FactsFor - 1, 2},
		{c.ChannelSeen, 1, 3}, {c.Channel, 0, 4}, {c.Channel, 0, 5},
	} {
		at = at.Add(step.after)
		facts, err := step.ask(t.Context(), "C1")
		if n := len(f.called("conversations.info")); n != step.asked || !facts.External || err != nil {
			t.Errorf("step %d: asked %d times, want %d; %+v, %v", i, n, step.asked, facts, err)
		}
	}
}

// A form opens by a trigger that is young enough, and is not asked for otherwise.
func TestOpenView(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	f.answer("views.open", `{"ok":true,"view":{"id":"V1"}}`)
	c := f.client()
	for _, route := range []ReplyRoute{{}, {At: c.now()}, {Trigger: "t", At: c.now().Add(-TriggerFor)}} {
		if _, err := c.OpenView(t.Context(), route, slack.ModalViewRequest{}); !errors.Is(err, request.RefusedFormLate) || len(f.called("views.open")) != 0 {
			t.Errorf("by the route of %v: %v", route.At, err)
		}
	}
	if id, err := c.OpenView(t.Context(), ReplyRoute{Trigger: "t", At: c.now()}, slack.ModalViewRequest{}); err != nil || id != "V1" || len(f.called("views.open")) != 1 {
		t.Errorf("in time: %q, %v", id, err)
	}
}

// An answer that does not say so is no success.
func TestUpdateView(t *testing.T) {
	t.Parallel()
	for answer, fine := range map[string]bool{`{"ok":true,"view":{"id":"V1"}}`: true, `{"ok":false,"error":"not_found"}`: false, `{}`: false} {
		f := newFake(t)
		f.answer("views.update", answer)
		if err := f.client().UpdateView(t.Context(), "V1", slack.ModalViewRequest{}); (err == nil) != fine {
			t.Errorf("%s: %v", answer, err)
		}
	}
}

func TestZoneNamed(t *testing.T) {
	t.Parallel()
	if got := ZoneNamed("Europe/Berlin", 0); got.String() != "Europe/Berlin" {
		t.Errorf("a known zone is %v", got)
	}
	for _, name := range []string{"Nowhere/Land", ""} {
		if _, offset := time.Unix(0, 0).In(ZoneNamed(name, 4500)).Zone(); offset != 4500 {
			t.Errorf("%q lies %d s east", name, offset)
		}
	}
}
