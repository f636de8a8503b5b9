package evidence_test

import (
	"context"
	"log/slog"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"wfbot/bot"
	"wfbot/bot/card"
	"wfbot/bot/evidence"
	"wfbot/bot/invariant"
	"wfbot/bot/request"
	"wfbot/bot/slacksim"
	"wfbot/bot/slacksim/story"
	"wfbot/bot/store"
	"wfbot/workfront"
	"wfbot/workfront/secret"
	"wfbot/workfront/workfrontsim"
)

// TestGather lets the bot carry one request out and refuse another, and looks at
// the world as it is and with one witness changed.
func TestGather(t *testing.T) {
	t.Parallel()
	slack := story.Start(t, slacksim.Config{})
	rita := slack.AddUser(slacksim.User{Name: "rita", Email: "rita@acme.com"}).ID
	ada := slack.AddUser(slacksim.User{Name: "ada", Email: "ada@acme.com"}).ID
	channel := slack.AddChannel(slacksim.Channel{Name: "it", Members: []string{rita, ada, slack.BotUserID()}}).ID
	wf := workfrontsim.New(workfrontsim.Config{})
	server := httptest.NewServer(wf)
	t.Cleanup(func() { wf.Close(); server.Close() })
	wf.AddUser(workfrontsim.User{Name: "Jane Doe", Email: "jane@acme.com", Active: true})

	client, err := workfront.New(workfront.Config{URL: server.URL, APIKey: secret.Value(wf.APIKey())})
	if err != nil {
		t.Fatal(err)
	}
	st, err := store.Open(t.Context(), "sqlite:"+filepath.Join(t.TempDir(), "wfbot.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	policy := request.Policy{
		Requesters: request.Members{Users: []string{rita}}, Approvers: request.Members{Users: []string{ada}}, Approvals: 1,
	}
	b, err := bot.New(bot.Config{
		AppToken: secret.Value(slack.AppToken()), BotToken: secret.Value(slack.BotToken()), SlackURL: slack.APIURL(),
		Connections: 1, Workfront: client, Store: st, Policy: policy, Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	form := func(comment string) map[string]any { // submitted again with other words when Slack showed an error
		input := map[string]any{card.CommentBlock: map[string]any{card.CommentInput: map[string]any{"value": comment}}}
		view := map[string]any{"id": "V1", "callback_id": "another", "state": map[string]any{"values": input}}
		return map[string]any{"type": "view_submission", "user": map[string]any{"id": ada}, "view": view}
	}
	slack.SendEnvelope(slacksim.Interactive, form("nobody is there"))
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	ended := make(chan error, 1)
	go func() { ended <- b.Run(ctx) }()
	if err := slack.WaitFor(t.Context(), func() bool { return len(slack.Connections()) > 0 }); err != nil {
		t.Fatal(err)
	}
	slack.As(rita).Types(channel, "/wf-deactivate jane@acme.com left the company")
	shown := slack.Channel(channel).ExpectMessage("Jane Doe")
	slack.ExpectPrivate(rita, "I asked in")
	shown.Click(ada, "Approve")
	slack.ExpectDM(rita, "deactivated in Workfront")
	shown.ExpectButtons("Reactivate")
	slack.As(ada).Types(channel, "/wf-deactivate jane@acme.com me too")
	slack.ExpectPrivate(ada)
	slack.SendEnvelope(slacksim.Interactive, form("somebody is there"))
	slack.ExpectDM(ada)
	stop()
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	client.CloseIdleConnections()

	gather := func() invariant.World {
		t.Helper()
		w, err := evidence.Gather(t.Context(), evidence.Sources{Store: st, Slack: slack.Server, Workfront: wf, Policy: policy, Settled: true})
		if err != nil {
			t.Fatal(err)
		}
		return w
	}
	w := gather()
	if len(w.Requests) != 1 || len(w.Wishes) != 4 || len(w.Messages) != 1 || len(w.Told) != 1 || len(w.Trail) == 0 {
		t.Errorf("%d requests, %d wishes, %d messages, told %v, %d entries", len(w.Requests), len(w.Wishes), len(w.Messages), w.Told, len(w.Trail))
	}
	if err := invariant.Check(w); err != nil {
		t.Errorf("nothing is wrong, and it says:\n%v", err)
	}
	for _, tc := range []struct {
		why    string
		change func(*invariant.World)
		want   invariant.Invariant
	}{
		{"another picture on the card", func(w *invariant.World) { w.Messages[0].Current = false }, invariant.CardShowsRow},
		{"nobody was told", func(w *invariant.World) { w.Told = map[string]bool{} }, invariant.Told},
		{"an acknowledged wish that is not stored", func(w *invariant.World) { w.Wishes[0].Stored = false }, invariant.WishStored},
		{"a write without its read", func(w *invariant.World) { w.Calls = w.Calls[len(w.Calls)-1:] }, invariant.ReadFirst},
	} {
		w := gather()
		tc.change(&w)
		if err := invariant.Check(w); err == nil || !strings.Contains(err.Error(), string(tc.want)) {
			t.Errorf("%s: %v, want %q", tc.why, err, tc.want)
		}
	}
}
