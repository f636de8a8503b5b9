package slacksim_test

import (
	"cmp"
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/slack-go/slack"
	"github.com/slack-go/slack/socketmode"

	"wfbot/bot/slacksim"
)

// world is a small workspace with a running server and the real client.
type world struct {
	*slacksim.Server
	api                *slack.Client
	jane, mary, guest  string
	partner            string // external
	it, private, other string // channels: with the bot, private with the bot, without the bot
}

// newWorld starts a simulator on loopback; everything ends with the test. Unless
// the test is about the deadlines they are long, for slow machines.
func newWorld(t *testing.T, cfg slacksim.Config) *world {
	t.Helper()
	cfg.AckDeadline = cmp.Or(cfg.AckDeadline, time.Minute)
	cfg.TriggerLife = cmp.Or(cfg.TriggerLife, time.Minute)
	s := slacksim.New(cfg)
	if _, err := s.Start("127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	w := &world{Server: s}
	w.jane = s.AddUser(slacksim.User{ID: "U0JANE", Name: "jane", RealName: "Jane Roe", Email: "jane@acme.com"}).ID
	w.mary = s.AddUser(slacksim.User{ID: "U0MARY", Name: "mary", RealName: "Mary Major", Email: "mary@acme.com"}).ID
	w.guest = s.AddUser(slacksim.User{ID: "U0GUEST", Name: "guest", Kind: slacksim.SingleChannelGuest}).ID
	w.partner = s.AddUser(slacksim.User{ID: "U0PARTNER", Name: "pat", Email: "pat@example.com", Kind: slacksim.External}).ID
	w.it = s.AddChannel(slacksim.Channel{ID: "C0IT", Name: "it", Members: []string{s.BotUserID(), w.jane, w.mary, w.guest, w.partner}}).ID
	w.private = s.AddChannel(slacksim.Channel{ID: "C0PRIV", Name: "secret", Private: true, Members: []string{s.BotUserID(), w.jane}}).ID
	w.other = s.AddChannel(slacksim.Channel{ID: "C0OTHER", Name: "other", Members: []string{w.jane}}).ID
	w.api = w.client(s.BotToken())
	return w
}

func (w *world) client(botToken string) *slack.Client {
	return slack.New(botToken, slack.OptionAPIURL(w.APIURL()), slack.OptionAppLevelToken(w.AppToken()),
		slack.OptionHTTPClient(&http.Client{Timeout: 20 * time.Second}))
}

// connect runs the real Socket Mode client until the test ends and waits for its
// connection. handle gets every event but those of the connection itself.
func (w *world) connect(t *testing.T, handle func(*socketmode.Client, socketmode.Event)) *socketmode.Client {
	t.Helper()
	before := len(w.Connections())
	client := socketmode.New(w.api)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{}, 2)
	go func() {
		_ = client.RunContext(ctx)
		done <- struct{}{}
	}()
	go func() {
		defer func() { done <- struct{}{} }()
		for {
			select {
			case event := <-client.Events:
				switch event.Type {
				case socketmode.EventTypeSlashCommand, socketmode.EventTypeInteractive,
					socketmode.EventTypeEventsAPI, socketmode.EventTypeErrorBadMessage:
					handle(client, event)
				}
			case <-ctx.Done():
				return
			}
		}
	}()
	t.Cleanup(func() {
		cancel()
		<-done
		<-done
	})
	w.wait(t, "a connection", func() bool { return len(w.Connections()) > before })
	return client
}

// wait fails the test unless cond comes true in good time.
func (w *world) wait(t *testing.T, what string, cond func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	if err := w.WaitFor(ctx, cond); err != nil {
		t.Fatalf("waiting for %s: %v", what, err)
	}
}

// ack acknowledges every event with the given payload.
func ack(payload any) func(*socketmode.Client, socketmode.Event) {
	return func(c *socketmode.Client, e socketmode.Event) { _ = c.Ack(*e.Request, payload) }
}
