package slacksim_test

import (
	"errors"
	"fmt"
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
	if _, err := w.Click(w.partner, w.it, public, slacksim.Button{Text: "Deny"}); err == nil {
		t.Error("external people press buttons in a channel that is not shared with them")
	}
	w.UpdateChannel(w.it, func(c *slacksim.Channel) { c.ExternallyShared = true })
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
