package slacksim_test

import (
	"errors"
	"fmt"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/slack-go/slack"
	"github.com/slack-go/slack/socketmode"

	"wfbot/bot/slacksim"
)

// card posts a message with an Approve button that asks for confirmation and a
// Deny button that does not, and returns its ts.
func card(t *testing.T, w *world, channel string) string {
	t.Helper()
	_, ts, err := w.api.PostMessageContext(t.Context(), channel, slack.MsgOptionText("fallback", false), cardBlocks())
	if err != nil {
		t.Fatal(err)
	}
	return ts
}

func cardBlocks() slack.MsgOption {
	plain := func(s string) *slack.TextBlockObject { return slack.NewTextBlockObject("plain_text", s, true, false) }
	return slack.MsgOptionBlocks(
		slack.NewSectionBlock(slack.NewTextBlockObject("mrkdwn", "*Jane*", false, false), nil, nil),
		slack.NewActionBlock("decide",
			slack.NewButtonBlockElement("approve", "r1", plain("Approve")).WithConfirm(
				slack.NewConfirmationBlockObject(plain("Sure?"), plain("Jane"), plain("Deactivate"), plain("Back"))),
			slack.NewButtonBlockElement("deny", "r1", plain("Deny"))))
}

// interactions connects and returns the callbacks as they come, acknowledged.
func interactions(t *testing.T, w *world) <-chan slack.InteractionCallback {
	t.Helper()
	got := make(chan slack.InteractionCallback, 10)
	w.connect(t, func(c *socketmode.Client, e socketmode.Event) {
		callback, ok := e.Data.(slack.InteractionCallback)
		if ok {
			got <- callback
		}
		_ = c.Ack(*e.Request)
	})
	return got
}

func TestClick(t *testing.T) {
	t.Parallel()
	w := newWorld(t, slacksim.Config{})
	got := interactions(t, w)
	ts := card(t, w, w.it)
	reply, err := w.Click(w.mary, w.it, ts, slacksim.Button{Text: "Deny"})
	if err != nil || !reply.Acked {
		t.Fatalf("%+v, %v", reply, err)
	}
	c := <-got
	action := c.ActionCallback.BlockActions[0]
	if c.Type != slack.InteractionTypeBlockActions || c.User.ID != w.mary || c.User.TeamID != w.TeamID() ||
		c.Channel.ID != w.it || c.Container.MessageTs != ts || c.Message.Timestamp != ts || c.Team.ID != w.TeamID() ||
		c.TriggerID == "" || c.ResponseURL == "" || c.APIAppID == "" {
		t.Errorf("callback = %+v", c)
	}
	if action.ActionID != "deny" || action.BlockID != "decide" || action.Value != "r1" || action.ActionTs == "" {
		t.Errorf("action = %+v", action)
	}
	if len(c.Message.Blocks.BlockSet) != 2 {
		t.Errorf("message without its blocks: %+v", c.Message)
	}
}

func TestConfirmDialog(t *testing.T) {
	t.Parallel()
	w := newWorld(t, slacksim.Config{})
	got := interactions(t, w)
	ts := card(t, w, w.it)
	for _, row := range []struct {
		why    string
		button slacksim.Button
		want   error
		sent   bool
	}{
		{"dialog not answered", slacksim.Button{Text: "Approve"}, slacksim.ErrConfirm, false},
		{"dialog answered with something else", slacksim.Button{Text: "Approve", Answer: "Yes"}, slacksim.ErrConfirm, false},
		{"answer but no dialog", slacksim.Button{Text: "Deny", Answer: "Deactivate"}, slacksim.ErrConfirm, false},
		{"denied", slacksim.Button{Text: "Approve", Answer: "Back"}, nil, false},
		{"confirmed", slacksim.Button{ActionID: "approve", Answer: "Deactivate"}, nil, true},
		{"no such button", slacksim.Button{Text: "Explode"}, slacksim.ErrNotThere, false},
	} {
		reply, err := w.Click(w.mary, w.it, ts, row.button)
		if !errors.Is(err, row.want) || reply.Acked != row.sent {
			t.Errorf("%s: %+v, %v", row.why, reply, err)
		}
	}
	if c := <-got; c.ActionCallback.BlockActions[0].ActionID != "approve" || len(got) != 0 {
		t.Errorf("callback = %+v and %d more", c, len(got))
	}
}

func TestWhoCanAct(t *testing.T) {
	t.Parallel()
	w := newWorld(t, slacksim.Config{})
	got := interactions(t, w)
	gone := w.AddUser(slacksim.User{Name: "gone", Kind: slacksim.Deactivated}).ID
	w.Invite(w.it, gone)
	public, closed := card(t, w, w.it), card(t, w, w.private)
	for _, row := range []struct {
		why, user       string
		clicks, command bool
	}{
		{"member", w.mary, true, true},
		{"guest", w.guest, true, true},
		{"external people press buttons but type no commands", w.partner, true, false},
		{"deactivated", gone, false, false},
		{"the bot", w.BotUserID(), false, false},
	} {
		_, err := w.Click(row.user, w.it, public, slacksim.Button{Text: "Deny"})
		if (err == nil) != row.clicks {
			t.Errorf("%s clicks: %v", row.why, err)
		}
		if row.clicks {
			if c := <-got; c.User.ID != row.user || (row.user == w.partner) != (c.User.TeamID != w.TeamID()) {
				t.Errorf("%s: user = %+v", row.why, c.User)
			}
		}
		if _, err := w.Command(row.user, w.it, "/wf-deactivate"); (err == nil) != row.command {
			t.Errorf("%s types: %v", row.why, err)
		}
	}
	if _, err := w.Click(w.mary, w.private, closed, slacksim.Button{Text: "Deny"}); !errors.Is(err, slacksim.ErrCannotAct) {
		t.Errorf("outside a private channel: %v", err)
	}
	if _, err := w.Click(w.mary, w.it, "1.1", slacksim.Button{}); !errors.Is(err, slacksim.ErrNotThere) {
		t.Errorf("no such message: %v", err)
	}
}

func TestImpossibleActorsOnRequest(t *testing.T) {
	t.Parallel()
	w := newWorld(t, slacksim.Config{AllowImpossible: true})
	got := interactions(t, w)
	gone := w.AddUser(slacksim.User{Name: "gone", Kind: slacksim.Deactivated}).ID
	if _, err := w.Click(gone, w.it, card(t, w, w.it), slacksim.Button{Text: "Deny"}); err != nil {
		t.Fatal(err)
	}
	if c := <-got; c.User.ID != gone {
		t.Errorf("user = %+v", c.User)
	}
	if reply, err := w.Command(w.partner, w.other, "/wf-deactivate"); err != nil || !reply.Acked {
		t.Errorf("%+v, %v", reply, err)
	}
}

func TestClickWithoutAnswer(t *testing.T) {
	t.Parallel()
	w := newWorld(t, slacksim.Config{})
	ts := card(t, w, w.it)
	reply, err := w.Click(w.mary, w.it, ts, slacksim.Button{Text: "Deny"})
	if err != nil || reply.Failure != slacksim.DispatchFailed || reply.Message == nil {
		t.Errorf("%+v, %v", reply, err)
	}
	if len(w.Ephemerals(w.mary)) != 1 || len(w.Ephemerals(w.jane)) != 0 {
		t.Error("only the person who clicked must see the error")
	}
}

func TestEphemeralButtonsAndResponseURL(t *testing.T) {
	t.Parallel()
	w := newWorld(t, slacksim.Config{})
	got := interactions(t, w)
	if _, err := w.api.PostEphemeralContext(t.Context(), w.it, w.jane, slack.MsgOptionText("private", false), cardBlocks()); err != nil {
		t.Fatal(err)
	}
	private := w.Ephemerals(w.jane)[0]
	if _, err := w.Click(w.mary, w.it, private.TS, slacksim.Button{Text: "Deny"}); !errors.Is(err, slacksim.ErrNotThere) {
		t.Errorf("somebody else's ephemeral message: %v", err)
	}
	if _, err := w.Click(w.jane, w.it, private.TS, slacksim.Button{Text: "Deny"}); err != nil {
		t.Fatal(err)
	}
	c := <-got
	if !c.Container.IsEphemeral || c.Message.Timestamp != "" {
		t.Errorf("callback = %+v", c)
	}
	respond := func(m slack.WebhookMessage) error { return slack.PostWebhookContext(t.Context(), c.ResponseURL, &m) }
	if err := respond(slack.WebhookMessage{Text: "changed", ReplaceOriginal: true}); err != nil {
		t.Fatal(err)
	}
	if now := w.Ephemerals(w.jane); len(now) != 1 || now[0].Text != "changed" || len(now[0].Blocks) != 0 {
		t.Errorf("replaced: %+v", now)
	}
	if err := respond(slack.WebhookMessage{DeleteOriginal: true}); err != nil || !w.Ephemerals(w.jane)[0].Deleted {
		t.Errorf("deleted: %v", err)
	}
	if err := respond(slack.WebhookMessage{Text: "all", ResponseType: "in_channel"}); err != nil || len(w.Messages(w.it)) != 1 {
		t.Errorf("in_channel: %v", err)
	}
}

func TestResponseURLWearsOut(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	now := time.Now()
	clock := func() time.Time { mu.Lock(); defer mu.Unlock(); return now }
	w := newWorld(t, slacksim.Config{Now: clock})
	urls := make(chan string, 2)
	w.connect(t, func(c *socketmode.Client, e socketmode.Event) {
		urls <- e.Data.(slack.SlashCommand).ResponseURL
		_ = c.Ack(*e.Request)
	})
	respond := func(url, text string) string {
		// What MsgOptionResponseURL sends: null blocks and empty metadata included.
		_, _, err := w.api.PostMessageContext(t.Context(), w.it, slack.MsgOptionResponseURL(url, "ephemeral"), slack.MsgOptionText(text, false))
		return fmt.Sprint(err)
	}
	_, _ = w.types("/one")()
	url := <-urls
	if got := respond(url, ""); !strings.Contains(got, "400") {
		t.Errorf("empty: %s", got)
	}
	for range 5 {
		if got := respond(url, "hello"); got != "<nil>" {
			t.Fatalf("use within the limit: %s", got)
		}
	}
	if got := respond(url, "hello"); !strings.Contains(got, "404") {
		t.Errorf("sixth use: %s", got)
	}
	_, _ = w.types("/two")()
	url = <-urls
	mu.Lock()
	now = now.Add(30 * time.Minute)
	mu.Unlock()
	if got := respond(url, "late"); !strings.Contains(got, "404") {
		t.Errorf("after 30 minutes: %s", got)
	}
	if seen := w.Ephemerals(w.jane); len(seen) != 5 {
		t.Errorf("jane sees %d answers, want 5", len(seen))
	}
	if calls := w.Calls("response_url"); len(calls) != 8 || calls[7].Error != "expired_url" {
		t.Errorf("journal: %+v", calls)
	}
}

func form(callbackID string) slack.ModalViewRequest {
	plain := func(s string) *slack.TextBlockObject { return slack.NewTextBlockObject("plain_text", s, false, false) }
	reason := slack.NewInputBlock("reason", plain("Reason"), nil, slack.NewPlainTextInputBlockElement(nil, "text"))
	people := slack.NewInputBlock("people", plain("People"), nil, slack.NewOptionsMultiSelectBlockElement("multi_users_select", nil, "users"))
	people.Optional = true
	return slack.ModalViewRequest{
		Type: slack.VTModal, CallbackID: callbackID, PrivateMetadata: "r1", Title: plain("Deactivate"), Submit: plain("Ask"),
		Blocks: slack.Blocks{BlockSet: []slack.Block{reason, people}},
	}
}

func TestModal(t *testing.T) {
	t.Parallel()
	w := newWorld(t, slacksim.Config{})
	submitted := make(chan slack.InteractionCallback, 5)
	w.connect(t, func(c *socketmode.Client, e socketmode.Event) {
		switch data := e.Data.(type) {
		case slack.SlashCommand:
			if _, err := w.api.OpenView(data.TriggerID, form("ask")); err != nil {
				t.Errorf("opening: %v", err)
			}
			if _, err := w.api.OpenView(data.TriggerID, form("ask")); errorOf(err) != "exchanged_trigger_id" {
				t.Errorf("trigger used twice: %v", err)
			}
			_ = c.Ack(*e.Request)
		case slack.InteractionCallback:
			submitted <- data
			var answer any
			if data.View.State.Values["reason"]["text"].Value == "no" {
				answer = slack.NewErrorsViewSubmissionResponse(map[string]string{"reason": "Give a reason"})
			}
			_ = c.Ack(*e.Request, answer)
		}
	})
	if _, err := w.types("/wf-deactivate")(); err != nil {
		t.Fatal(err)
	}
	open := w.OpenViews(w.jane)
	if len(open) != 1 || open[0].Title != "Deactivate" || open[0].PrivateMetadata != "r1" || len(w.OpenViews(w.mary)) != 0 {
		t.Fatalf("open views = %+v", open)
	}
	id := open[0].ID
	if _, err := w.Submit(w.jane, id, nil); !errors.Is(err, slacksim.ErrInput) {
		t.Errorf("required input left empty: %v", err)
	}
	if _, err := w.Submit(w.mary, id, map[string]any{"Reason": "x"}); !errors.Is(err, slacksim.ErrNotThere) {
		t.Errorf("somebody else's modal: %v", err)
	}
	result, err := w.Submit(w.jane, id, map[string]any{"Reason": "no"})
	if err != nil || result.Errors["reason"] != "Give a reason" || result.Top == nil {
		t.Errorf("errors: %+v, %v", result, err)
	}
	result, err = w.Submit(w.jane, id, map[string]any{"reason": "left", "users": []string{w.mary}})
	if err != nil || result.Top != nil || len(w.OpenViews(w.jane)) != 0 {
		t.Errorf("accepted: %+v, %v", result, err)
	}
	<-submitted
	view := (<-submitted).View
	if view.CallbackID != "ask" || view.ID != id || view.State.Values["reason"]["text"].Value != "left" ||
		view.State.Values["people"]["users"].SelectedUsers[0] != w.mary {
		t.Errorf("submitted view = %+v", view)
	}
	if _, err := w.api.OpenView("1.2.3", form("")); errorOf(err) != "invalid_trigger_id" {
		t.Errorf("unknown trigger: %v", err)
	}
}

func TestViewSubmissionResponses(t *testing.T) {
	t.Parallel()
	w := newWorld(t, slacksim.Config{})
	update, push := form("second"), form("third")
	var answer any
	w.connect(t, func(c *socketmode.Client, e socketmode.Event) {
		if command, ok := e.Data.(slack.SlashCommand); ok {
			if _, err := w.api.OpenView(command.TriggerID, form("first")); err != nil {
				t.Errorf("opening: %v", err)
			}
			_ = c.Ack(*e.Request)
			return
		}
		_ = c.Ack(*e.Request, answer)
	})
	for _, row := range []struct {
		why     string
		answer  any
		failure slacksim.Failure
		top     string // callback id of the topmost view
	}{
		{"errors at a block that is no input", slack.NewErrorsViewSubmissionResponse(map[string]string{"nowhere": "x"}), slacksim.BadResponse, "first"},
		{"unknown action", map[string]string{"response_action": "dance"}, slacksim.BadResponse, "first"},
		{"update", slack.NewUpdateViewSubmissionResponse(&update), "", "second"},
		{"push", slack.NewPushViewSubmissionResponse(&push), "", "third"},
		{"clear", slack.NewClearViewSubmissionResponse(), "", ""},
		{"bare acknowledgement", nil, "", ""},
	} {
		if _, err := w.types("/wf-deactivate")(); err != nil {
			t.Fatal(err)
		}
		answer = row.answer
		result, err := w.Submit(w.jane, w.OpenViews(w.jane)[0].ID, map[string]any{"Reason": "x"})
		if err != nil || result.Failure != row.failure {
			t.Errorf("%s: %+v, %v", row.why, result, err)
		}
		top := ""
		if result.Top != nil {
			top = result.Top.CallbackID
		}
		if top != row.top {
			t.Errorf("%s: top view %q, want %q", row.why, top, row.top)
		}
	}
}

func TestTriggerExpires(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	now := time.Now()
	w := newWorld(t, slacksim.Config{Now: func() time.Time { mu.Lock(); defer mu.Unlock(); return now }})
	got := interactions(t, w)
	if _, err := w.Shortcut(w.jane, "ask"); err != nil {
		t.Fatal(err)
	}
	shortcut := <-got
	if shortcut.Type != slack.InteractionTypeShortcut || shortcut.CallbackID != "ask" || shortcut.User.ID != w.jane {
		t.Errorf("shortcut = %+v", shortcut)
	}
	mu.Lock()
	now = now.Add(3 * time.Second)
	mu.Unlock()
	if _, err := w.api.OpenView(shortcut.TriggerID, form("")); errorOf(err) != "expired_trigger_id" {
		t.Errorf("after 3 s: %v", err)
	}
}

func TestUpdateAndCloseView(t *testing.T) {
	t.Parallel()
	w := newWorld(t, slacksim.Config{})
	got := interactions(t, w)
	if _, err := w.Shortcut(w.jane, "ask"); err != nil {
		t.Fatal(err)
	}
	opened, err := w.api.OpenView((<-got).TriggerID, form("first"))
	if err != nil {
		t.Fatal(err)
	}
	next := form("next")
	next.NotifyOnClose = true
	if _, err := w.api.UpdateView(next, "", "stale", opened.ID); errorOf(err) != "hash_conflict" {
		t.Errorf("stale hash: %v", err)
	}
	updated, err := w.api.UpdateView(next, "", opened.Hash, opened.ID)
	if err != nil || updated.ID != opened.ID || updated.Hash == opened.Hash {
		t.Errorf("update: %+v, %v", updated, err)
	}
	if _, err := w.CloseView(w.jane, opened.ID); err != nil {
		t.Fatal(err)
	}
	if c := <-got; c.Type != slack.InteractionTypeViewClosed || c.View.CallbackID != "next" {
		t.Errorf("closed: %+v", c)
	}
	if _, err := w.api.UpdateView(next, "", "", opened.ID); errorOf(err) != "not_found" {
		t.Errorf("after closing: %v", err)
	}
}

func TestHome(t *testing.T) {
	t.Parallel()
	w := newWorld(t, slacksim.Config{})
	got := interactions(t, w)
	home := slack.HomeTabViewRequest{Type: slack.VTHomeTab, Blocks: slack.Blocks{BlockSet: []slack.Block{
		slack.NewActionBlock("b", slack.NewButtonBlockElement("refresh", "v", slack.NewTextBlockObject("plain_text", "Refresh", false, false))),
	}}}
	published, err := w.api.PublishView(w.jane, home, "")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.api.PublishView(w.jane, home, "stale"); errorOf(err) != "hash_conflict" {
		t.Errorf("stale hash: %v", err)
	}
	view, ok := w.Home(w.jane)
	if !ok || view.ID != published.ID || len(view.Buttons()) != 1 {
		t.Errorf("home = %+v, %v", view, ok)
	}
	if _, err := w.ClickView(w.jane, view.ID, slacksim.Button{Text: "Refresh"}); err != nil {
		t.Fatal(err)
	}
	if c := <-got; c.View.ID != view.ID || c.Container.ViewID != view.ID || c.Channel.ID != "" || c.ResponseURL != "" {
		t.Errorf("callback = %+v", c)
	}
}

func TestEscaping(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		why, typed, want string
		unknown          slacksim.Unknown
	}{
		{why: "e-mail", typed: "jane@acme.com", want: "<mailto:jane@acme.com|jane@acme.com>"},
		{why: "e-mail in quotes", typed: `"jane@acme.com",`, want: `"<mailto:jane@acme.com|jane@acme.com>",`},
		{why: "e-mail with a plus", typed: "a+b@acme.co.uk.", want: "<mailto:a+b@acme.co.uk|a+b@acme.co.uk>."},
		{why: "plain e-mail", typed: "jane@acme.com", want: "jane@acme.com", unknown: slacksim.Unknown{PlainEmails: true}},
		{why: "person", typed: "@Jane now", want: "<@U0JANE> now"},
		{why: "person with label", typed: "@jane", want: "<@U0JANE|jane>", unknown: slacksim.Unknown{LabelledMentions: true}},
		{why: "nobody", typed: "@nobody", want: "@nobody"},
		{why: "group", typed: "@it-managers", want: "<!subteam^S0IT|@it-managers>"},
		{why: "everybody", typed: "@here", want: "<!here>"},
		{why: "public channel", typed: "#it", want: "<#C0IT|it>"},
		{why: "private channel has no label", typed: "#secret", want: "<#C0PRIV|>"},
		{why: "link", typed: "see https://acme.com/a?b=1&c=2", want: "see <https://acme.com/a?b=1&amp;c=2>"},
		{why: "typed brackets", typed: "<!channel> & co", want: "&lt;!channel&gt; &amp; co"},
		{why: "typed brackets, raw", typed: "a < b", want: "a < b", unknown: slacksim.Unknown{RawAmpersands: true}},
		{why: "spaces stay", typed: "  a   b ", want: "  a   b "},
	} {
		t.Run(row.why, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, slacksim.Config{Unknown: row.unknown})
			w.AddGroup(slacksim.Group{ID: "S0IT", Handle: "it-managers"})
			if _, err := w.types("/wf-deactivate " + row.typed)(); err != nil {
				t.Fatal(err)
			}
			if got := w.Envelopes()[0].Payload["text"]; got != row.want {
				t.Errorf("text = %q, want %q", got, row.want)
			}
		})
	}
}

func TestCommandsThatAreNotTheApps(t *testing.T) {
	t.Parallel()
	w := newWorld(t, slacksim.Config{Commands: []slacksim.SlashCommand{{Command: "/wf-deactivate"}}})
	for _, typed := range []string{"/other x", "hello"} {
		if _, err := w.types(typed)(); !errors.Is(err, slacksim.ErrNotThere) {
			t.Errorf("%q: %v", typed, err)
		}
	}
	_, _ = w.types("/wf-deactivate jane@acme.com")()
	if got := w.Envelopes()[0].Payload["text"]; got != "jane@acme.com" {
		t.Errorf("without should_escape the text is %q", got)
	}
}

func TestAcknowledgementShownInChannel(t *testing.T) {
	t.Parallel()
	w := newWorld(t, slacksim.Config{})
	w.connect(t, ack(map[string]any{"response_type": "in_channel", "text": "for all"}))
	if _, err := w.types("/wf-deactivate sam@acme.com")(); err != nil {
		t.Fatal(err)
	}
	all := w.Messages(w.it)
	if len(all) != 2 || all[0].Text != "/wf-deactivate sam@acme.com" || all[1].Text != "for all" {
		t.Errorf("messages = %+v", all)
	}
}

func TestAcknowledgementThatSlackCannotShow(t *testing.T) {
	t.Parallel()
	w := newWorld(t, slacksim.Config{})
	w.connect(t, ack(map[string]any{"blocks": []any{map[string]any{"type": "nonsense"}}}))
	if reply, err := w.types("/wf-deactivate")(); err != nil || reply.Failure != slacksim.BadResponse {
		t.Errorf("%+v, %v", reply, err)
	}
}

func TestMountedAsAHandlerTheURLIsLearned(t *testing.T) {
	t.Parallel()
	s := slacksim.New(slacksim.Config{})
	mounted := httptest.NewServer(s)
	t.Cleanup(func() { s.Close(); mounted.Close() })
	api := slack.New(s.BotToken(), slack.OptionAPIURL(mounted.URL+"/api/"), slack.OptionAppLevelToken(s.AppToken()))
	_, url, err := api.StartSocketModeContext(t.Context())
	if err != nil || !strings.HasPrefix(url, strings.Replace(mounted.URL, "http", "ws", 1)+"/link/?ticket=") {
		t.Errorf("url = %s, %v", url, err)
	}
}
