package evidence_test

import (
	"context"
	"log/slog"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/slack-go/slack"

	"wfbot/bot"
	"wfbot/bot/bottest/evidence"
	"wfbot/bot/bottest/invariant"
	"wfbot/bot/card"
	"wfbot/bot/request"
	"wfbot/bot/slacksim"
	"wfbot/bot/slacksim/story"
	"wfbot/bot/store"
	"wfbot/workfront"
	"wfbot/workfront/secret"
	"wfbot/workfront/workfrontsim"
)

// stage is a bot between a simulated Slack, where Rita asks and Ada approves, and a
// simulated Workfront.
type stage struct {
	t         *testing.T
	slack     *story.Story
	workfront *workfrontsim.Server
	store     *store.Store
	policy    request.Policy
	rita, ada string
	channel   string
	run, stop func()
}

func setUp(t *testing.T) *stage {
	t.Helper()
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
	st, err := store.Open(t.Context(), "sqlite:"+filepath.Join(t.TempDir(), "wfbot.db"), nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { st.Close() })
	policy := request.Policy{
		Requesters: request.Members{Users: []string{rita}}, Approvers: request.Members{Users: []string{ada}}, Approvals: 1,
	}
	b, err := bot.New(bot.Config{
		AppToken: secret.Value(slack.AppToken()), BotToken: secret.Value(slack.BotToken()), SlackURL: slack.APIURL(),
		Connections: 1, Workfront: client, Store: st, Rules: request.Rules{Policy: policy}, Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	return &stage{
		t: t, slack: slack, workfront: wf, store: st, policy: policy, rita: rita, ada: ada, channel: channel,
		run: func() {
			go func() { ended <- b.Run(ctx) }()
			if err := slack.WaitFor(t.Context(), func() bool { return len(slack.Connections()) > 0 }); err != nil {
				t.Fatal(err)
			}
		},
		stop: func() {
			cancel()
			if err := <-ended; err != nil {
				t.Fatal(err)
			}
			client.CloseIdleConnections()
		},
	}
}

// gather is the world when everything has come to rest.
func (s *stage) gather() invariant.World {
	s.t.Helper()
	w, err := evidence.Gather(s.t.Context(), evidence.Sources{
		Store: s.store, Slack: s.slack.Server, Workfront: s.workfront, Policy: s.policy, Settled: true,
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return w
}

// spoiled is a witness changed, and what is wrong with the world then.
type spoiled struct {
	why    string
	change func(*invariant.World)
	want   invariant.Invariant
}

func (s *stage) check(tests ...spoiled) {
	s.t.Helper()
	if err := invariant.Check(s.gather()); err != nil {
		s.t.Errorf("nothing is wrong, and it says:\n%v", err)
	}
	for _, tc := range tests {
		w := s.gather()
		tc.change(&w)
		if err := invariant.Check(w); err == nil || !strings.Contains(err.Error(), string(tc.want)) {
			s.t.Errorf("%s: %v, want %q", tc.why, err, tc.want)
		}
	}
}

// TestGather lets the bot carry one request out and refuse another, and looks at
// the world as it is and with one witness changed.
func TestGather(t *testing.T) {
	t.Parallel()
	s := setUp(t)
	slack, rita, ada, channel := s.slack, s.rita, s.ada, s.channel
	form := func(comment string) map[string]any { // submitted again with other words when Slack showed an error
		input := map[string]any{card.CommentBlock: map[string]any{card.CommentInput: map[string]any{"value": comment}}}
		view := map[string]any{"id": "V1", "callback_id": "another", "state": map[string]any{"values": input}}
		return map[string]any{"type": "view_submission", "user": map[string]any{"id": ada}, "view": view}
	}
	slack.SendEnvelope(slacksim.Interactive, form("nobody is there"))
	s.run()
	slack.As(rita).Types(channel, "/wf-deactivate jane@acme.com left the company")
	shown := slack.Channel(channel).ExpectMessage("Jane Doe")
	slack.ExpectPrivate(rita, "Sent to")
	shown.Click(ada, "Approve")
	slack.ExpectDM(rita, "Deactivated: ")
	shown.ExpectButtons("Request reactivation")
	slack.As(ada).Types(channel, "/wf-deactivate jane@acme.com me too")
	slack.ExpectPrivate(ada)
	slack.SendEnvelope(slacksim.Interactive, form("somebody is there"))
	slack.ExpectDM(ada)
	s.stop()

	w := s.gather()
	if len(w.Requests) != 1 || len(w.Cards) != 1 || len(w.Interactions) != 4 || len(w.Messages) != 1 || len(w.Told) != 1 || len(w.Trail) == 0 || len(w.Deeds) != 1 {
		t.Errorf("%d requests, %d interactions, %d messages, told %v, %d entries, decided %v",
			len(w.Requests), len(w.Interactions), len(w.Messages), w.Told, len(w.Trail), w.Deeds)
	}
	s.check(
		spoiled{"another picture on the card", func(w *invariant.World) { w.Messages[0].Current = false }, invariant.CardShowsRow},
		spoiled{"nobody was told", func(w *invariant.World) { w.Told = map[string]bool{} }, invariant.Told},
		spoiled{"an acknowledged interaction that is not stored", func(w *invariant.World) { w.Interactions[0].Stored = false }, invariant.InteractionStored},
		spoiled{"a write without its read", func(w *invariant.World) { w.Calls = w.Calls[len(w.Calls)-1:] }, invariant.ReadFirst},
		spoiled{"nobody pressed", func(w *invariant.World) { w.Deeds = []invariant.Deed{} }, invariant.Decided},
	)
}

// TestGatherLeak has the bot's token say something about a person where the bot has hidden
// it, which the bot does not.
func TestGatherLeak(t *testing.T) {
	t.Parallel()
	s := setUp(t)
	s.run()
	s.slack.As(s.rita).Types(s.channel, "/wf-deactivate jane@acme.com left")
	shown := s.slack.Channel(s.channel).ExpectMessage("Jane Doe")
	shown.ExpectButtons("Approve", "Deny", "Cancel request")
	s.stop()
	s.slack.UpdateChannel(s.channel, func(c *slacksim.Channel) { c.ExternallyShared = true })
	api := slack.New(s.slack.BotToken(), slack.OptionAPIURL(s.slack.APIURL()))
	says := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	write := func(text, thread string) {
		t.Helper()
		_, _, err := api.PostMessageContext(t.Context(), s.channel, slack.MsgOptionText(text, false), slack.MsgOptionTS(thread))
		says(err)
	}
	leaked := func() string {
		w := s.gather()
		return w.Messages[0].Leaked
	}
	hidden, blocks := card.Message(&request.Card{Hidden: true}, card.View{})
	write("not hidden yet: Jane Doe", shown.TS())
	_, _, _, err := api.UpdateMessageContext(t.Context(), s.channel, shown.TS(), slack.MsgOptionText(hidden, false), slack.MsgOptionBlocks(blocks...))
	says(err)
	write("Slack has not said that it is shared: Jane Doe", shown.TS())
	if got := leaked(); got != "" {
		t.Errorf("leaked: %s", got)
	}
	_, err = api.GetConversationInfoContext(t.Context(), &slack.GetConversationInfoInput{ChannelID: s.channel})
	says(err)
	write("about Jane Doe", shown.TS())
	if got := leaked(); got != "about Jane Doe" {
		t.Errorf("leaked: %q", got)
	}
	s.slack.Forgive()
}

// TestGatherSeveral lets the bot carry out what is asked for three people at once.
func TestGatherSeveral(t *testing.T) {
	t.Parallel()
	s := setUp(t)
	for _, name := range []string{"Max", "Joe"} {
		s.workfront.AddUser(workfrontsim.User{Name: name, Email: strings.ToLower(name) + "@acme.com", Active: true})
	}
	s.run()
	s.slack.As(s.rita).Types(s.channel, "/wf-deactivate jane@acme.com max@acme.com joe@acme.com left")
	shown := s.slack.Channel(s.channel).ExpectMessage("3 people")
	s.slack.ExpectPrivate(s.rita, "Sent to")
	shown.ExpectButtons("Approve all (3)", "Deny all (3)", "Cancel all (3)")
	open := s.gather()
	open.Settled = false // that the requester was told may not be stored yet
	about := func(w invariant.World) (ids []string) {
		for _, r := range w.Cards[0].Requests {
			ids = append(ids, r.ID)
		}
		return ids
	}
	deciding := 0
	for _, b := range open.Messages[0].Buttons {
		if b.CardID != open.Cards[0].ID || !slices.Equal(b.Requests, about(open)) {
			t.Errorf("%+v, want it to be about %q", b, about(open))
		}
		if b.Kind != "" {
			deciding++
		}
	}
	if deciding == 0 {
		t.Errorf("no button decides: %+v", open.Messages[0].Buttons)
	}
	if err := invariant.Check(open); err != nil {
		t.Errorf("people are asked, and it says:\n%v", err)
	}
	shown.Click(s.ada, "Approve all (3)")
	s.slack.ExpectPrivate(s.ada)
	s.slack.ExpectDM(s.rita, "3 people deactivated")
	shown.ExpectButtons()
	s.stop()

	w := s.gather()
	if len(w.Cards) != 1 || len(w.Deeds) != 1 || !slices.Equal(w.Deeds[0].Requests, about(w)) {
		t.Fatalf("%d cards, decided %v", len(w.Cards), w.Deeds)
	}
	s.check(
		spoiled{"another picture on the card", func(w *invariant.World) { w.Messages[0].Current = false }, invariant.CardShowsRow},
		spoiled{"nobody was told", func(w *invariant.World) { w.Told = map[string]bool{} }, invariant.Told},
		spoiled{"the card did not show one of them", func(w *invariant.World) { w.Deeds[0].Requests = w.Deeds[0].Requests[1:] }, invariant.Decided},
		spoiled{"one is on another card", func(w *invariant.World) { w.Requests[0].CardID = w.Requests[0].ID }, invariant.Cards},
		spoiled{"buttons after the end", func(w *invariant.World) { w.Messages[0].Buttons = open.Messages[0].Buttons }, invariant.Buttons},
	)
}
