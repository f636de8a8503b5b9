package slacksim_test

import (
	"errors"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/slack-go/slack"

	"wfbot/bot/slacksim"
)

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
