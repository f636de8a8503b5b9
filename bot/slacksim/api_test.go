package slacksim_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/slack-go/slack"

	"wfbot/bot/slacksim"
)

// errorOf returns Slack's error code.
func errorOf(err error) string {
	var refused slack.SlackErrorResponse
	if errors.As(err, &refused) {
		return refused.Err
	}
	return fmt.Sprint(err)
}

func TestTokensAndScopes(t *testing.T) {
	t.Parallel()
	w := newWorld(t, slacksim.Config{BotScopes: []string{"chat:write", "users:read"}})
	ctx := t.Context()

	t.Run("kinds", func(t *testing.T) {
		for _, row := range []struct{ why, token, want string }{
			{"no token", "", "not_authed"},
			{"unknown token", "xoxb-other", "invalid_auth"},
			{"app token for a bot method", w.AppToken(), "not_allowed_token_type"},
		} {
			_, err := w.client(row.token).AuthTestContext(ctx)
			if got := errorOf(err); got != row.want {
				t.Errorf("%s: error %s, want %s", row.why, got, row.want)
			}
		}
		swapped := slack.New(w.BotToken(), slack.OptionAPIURL(w.APIURL()), slack.OptionAppLevelToken("xapp-other"))
		if _, _, err := swapped.StartSocketModeContext(ctx); errorOf(err) != "invalid_auth" {
			t.Errorf("unknown app token: %v", err)
		}
		swapped = slack.New(w.BotToken(), slack.OptionAPIURL(w.APIURL()), slack.OptionAppLevelToken(w.BotToken()))
		if _, _, err := swapped.StartSocketModeContext(ctx); errorOf(err) != "not_allowed_token_type" {
			t.Errorf("bot token for apps.connections.open: %v", err)
		}
	})
	t.Run("auth.test", func(t *testing.T) {
		answer, err := w.api.AuthTestContext(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if answer.TeamID != w.TeamID() || answer.UserID != w.BotUserID() || answer.BotID == "" {
			t.Errorf("answer = %+v", answer)
		}
		if got := answer.Header.Get("X-OAuth-Scopes"); got != "chat:write,users:read" {
			t.Errorf("X-OAuth-Scopes = %q", got)
		}
	})
	t.Run("missing scope", func(t *testing.T) {
		_, err := w.api.GetUserByEmailContext(ctx, "jane@acme.com")
		var refused slack.SlackErrorResponse
		if !errors.As(err, &refused) || refused.Err != "missing_scope" || refused.Needed != "users:read.email" || refused.Provided != "chat:write,users:read" {
			t.Errorf("error = %#v", err)
		}
	})
	t.Run("e-mail hidden without its scope", func(t *testing.T) {
		u, err := w.api.GetUserInfoContext(ctx, w.jane)
		if err != nil || u.Profile.Email != "" || u.RealName != "Jane Roe" {
			t.Errorf("user = %+v, %v", u, err)
		}
	})
	t.Run("revoked", func(t *testing.T) {
		w.RevokeTokens()
		if _, err := w.api.AuthTestContext(ctx); errorOf(err) != "account_inactive" {
			t.Errorf("error = %v", err)
		}
	})
}

// post sends a raw request and returns the body.
func post(t *testing.T, w *world, method, contentType, body, bearer string) string {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, w.APIURL()+method, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if contentType != "" {
		r.Header.Set("Content-Type", contentType)
	}
	if bearer != "" {
		r.Header.Set("Authorization", "Bearer "+bearer)
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("status %d, %v", resp.StatusCode, err)
	}
	return string(answer)
}

func TestArgumentsInEveryForm(t *testing.T) {
	t.Parallel()
	w := newWorld(t, slacksim.Config{})
	const form, json = "application/x-www-form-urlencoded", "application/json; charset=utf-8"
	blocks := `[{"type":"divider"}]`
	boundary := "--b\r\nContent-Disposition: form-data; name=\"%s\"\r\n\r\n%s\r\n"
	multipart := fmt.Sprintf(boundary, "channel", w.it) + fmt.Sprintf(boundary, "text", "x") + "--b--\r\n"
	for _, row := range []struct{ why, contentType, body, bearer, want string }{
		{"form, token inside", form, "token=" + w.BotToken() + "&channel=" + w.it + "&text=x", "", `"ok":true`},
		{"form, token in the header", form, "channel=" + w.it + "&text=x", w.BotToken(), `"ok":true`},
		{"both, the same", form, "token=" + w.BotToken() + "&channel=" + w.it + "&text=x", w.BotToken(), `"ok":true`},
		{"both, different", form, "token=xoxb-1&channel=" + w.it, w.BotToken(), `"error":"invalid_auth"`},
		{"JSON", json, `{"channel":"` + w.it + `","text":"x","blocks":` + blocks + `}`, w.BotToken(), `"ok":true`},
		{"JSON with blocks as a string", json, `{"channel":"` + w.it + `","blocks":"[{\"type\":\"divider\"}]"}`, w.BotToken(), `"ok":true`},
		{"JSON, token inside", json, `{"token":"` + w.BotToken() + `","channel":"` + w.it + `"}`, "", `"error":"not_authed"`},
		{"broken JSON", json, `{"channel":`, w.BotToken(), `"error":"invalid_json"`},
		{"multipart", "multipart/form-data; boundary=b", multipart, w.BotToken(), `"ok":true`},
		{"no content type", "", "channel=x", w.BotToken(), `"error":"missing_post_type"`},
		{"strange content type", "text/xml", "<a/>", w.BotToken(), `"error":"invalid_post_type"`},
	} {
		if got := post(t, w, "chat.postMessage", row.contentType, row.body, row.bearer); !strings.Contains(got, row.want) {
			t.Errorf("%s: %s, want %s", row.why, got, row.want)
		}
	}
	if got := post(t, w, "chat.shout", form, "x=1", w.BotToken()); !strings.Contains(got, `"error":"unknown_method"`) {
		t.Errorf("unknown method: %s", got)
	}
	for _, call := range w.Calls() {
		if printed := fmt.Sprint(call); strings.Contains(printed, w.BotToken()) {
			t.Errorf("the journal holds the token: %s", printed)
		}
	}
}

func TestPostMessageRefusals(t *testing.T) {
	t.Parallel()
	w := newWorld(t, slacksim.Config{})
	archived := w.AddChannel(slacksim.Channel{Name: "old", Archived: true, Members: []string{w.BotUserID()}}).ID
	hidden := w.AddChannel(slacksim.Channel{Name: "hidden", Private: true, Members: []string{w.jane}}).ID
	gone := w.AddUser(slacksim.User{Name: "gone", Kind: slacksim.Deactivated}).ID
	for _, row := range []struct{ why, channel, text, want string }{
		{"unknown channel", "C0NONE", "x", "channel_not_found"},
		{"private, bot not in it", hidden, "x", "channel_not_found"},
		{"public, bot not in it", w.other, "x", "not_in_channel"},
		{"archived", archived, "x", "is_archived"},
		{"nothing to say", w.it, "", "no_text"},
		{"deactivated person", gone, "x", "channel_not_found"},
	} {
		_, _, err := w.api.PostMessageContext(t.Context(), row.channel, slack.MsgOptionText(row.text, false))
		if got := errorOf(err); got != row.want {
			t.Errorf("%s: %s, want %s", row.why, got, row.want)
		}
	}
	_, _, err := w.api.PostMessageContext(t.Context(), w.it, slack.MsgOptionText("x", false), slack.MsgOptionTS("1.1"))
	if errorOf(err) != "thread_not_found" {
		t.Errorf("reply to nothing: %v", err)
	}
	channel, ts, err := w.api.PostMessageContext(t.Context(), w.jane, slack.MsgOptionText("psst", false))
	if err != nil || channel != w.DM(w.jane) || channel[0] != 'D' {
		t.Errorf("to a user id: %s %s %v", channel, ts, err)
	}
	if dms := w.DirectMessages(w.jane); len(dms) != 1 || dms[0].Text != "psst" {
		t.Errorf("direct messages = %+v", dms)
	}
}

func TestUpdate(t *testing.T) {
	t.Parallel()
	w := newWorld(t, slacksim.Config{})
	ctx := t.Context()
	divider := slack.MsgOptionBlocks(slack.NewDividerBlock())
	metadata := slack.MsgOptionMetadata(slack.SlackMetadata{EventType: "request", EventPayload: map[string]any{"id": "r1"}})
	_, ts, err := w.api.PostMessageContext(ctx, w.it, slack.MsgOptionText("one", false), divider, metadata)
	if err != nil {
		t.Fatal(err)
	}
	now := func() slacksim.Message {
		m, _ := w.Message(w.it, ts)
		return m
	}
	if _, _, _, err := w.api.UpdateMessageContext(ctx, w.it, ts, slack.MsgOptionText("two", false), divider); err != nil {
		t.Fatal(err)
	}
	if m := now(); len(m.Blocks) != 1 || m.Text != "two" || m.Edited || m.Metadata == nil {
		t.Errorf("with blocks: %+v", m)
	}
	if _, _, _, err := w.api.UpdateMessageContext(ctx, w.it, ts, slack.MsgOptionText("three", false)); err != nil {
		t.Fatal(err)
	}
	if m := now(); len(m.Blocks) != 0 || !m.Edited || m.Updates != 2 || m.Metadata == nil {
		t.Errorf("text alone must take the blocks away and mark the edit: %+v", m)
	}

	said, err := w.Say(w.jane, w.it, "mine")
	if err != nil {
		t.Fatal(err)
	}
	ephemeral, err := w.api.PostEphemeralContext(ctx, w.it, w.jane, slack.MsgOptionText("psst", false))
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range []struct{ why, channel, ts, text, want string }{
		{"somebody else's", w.it, said.TS, "x", "cant_update_message"},
		{"no such message", w.it, "1.1", "x", "message_not_found"},
		{"ephemeral", w.it, ephemeral, "x", "message_not_found"},
		{"too long", w.it, ts, long(4001), "msg_too_long"},
		{"user id instead of D…", w.jane, ts, "x", "channel_not_found"},
	} {
		_, _, _, err := w.api.UpdateMessageContext(ctx, row.channel, row.ts, slack.MsgOptionText(row.text, false))
		if got := errorOf(err); got != row.want {
			t.Errorf("%s: %s, want %s", row.why, got, row.want)
		}
	}
	w.DeleteMessage(w.it, ts)
	if _, _, _, err := w.api.UpdateMessageContext(ctx, w.it, ts, slack.MsgOptionText("x", false)); errorOf(err) != "message_not_found" {
		t.Errorf("deleted by a person: %v", err)
	}
}

func TestEphemeralIsForOnePerson(t *testing.T) {
	t.Parallel()
	w := newWorld(t, slacksim.Config{})
	if _, err := w.api.PostEphemeralContext(t.Context(), w.it, w.jane, slack.MsgOptionText("psst", false)); err != nil {
		t.Fatal(err)
	}
	if _, err := w.api.PostEphemeralContext(t.Context(), w.private, w.mary, slack.MsgOptionText("psst", false)); errorOf(err) != "user_not_in_channel" {
		t.Errorf("not a member: %v", err)
	}
	if len(w.Ephemerals(w.jane)) != 1 || len(w.Ephemerals(w.mary)) != 0 || len(w.Messages(w.it)) != 0 {
		t.Error("an ephemeral message was seen by others")
	}
	w.Reload(w.jane)
	if len(w.Ephemerals(w.jane)) != 0 {
		t.Error("an ephemeral message survived a reload")
	}
}

// An answer comes as late as the configuration says, and what was asked has happened
// by then.
func TestLatency(t *testing.T) {
	t.Parallel()
	const late = 20 * time.Millisecond
	w := newWorld(t, slacksim.Config{Latency: late})
	began := time.Now()
	if _, err := w.api.AuthTestContext(t.Context()); err != nil {
		t.Fatal(err)
	}
	if took := time.Since(began); took < late {
		t.Errorf("an answer came after %v, want %v", took, late)
	}
}
