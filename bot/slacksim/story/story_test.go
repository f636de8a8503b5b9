package story_test

import (
	"context"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/slack-go/slack"
	"github.com/slack-go/slack/socketmode"

	"wfbot/bot/slacksim"
	"wfbot/bot/slacksim/story"
)

// startBot runs a small approval bot on the real clients until the test ends.
func startBot(t *testing.T, st *story.Story) {
	t.Helper()
	api := slack.New(st.BotToken(), slack.OptionAPIURL(st.APIURL()), slack.OptionAppLevelToken(st.AppToken()))
	client := socketmode.New(api)
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { _ = client.RunContext(ctx) })
	running.Go(func() {
		for {
			select {
			case e := <-client.Events:
				serve(t, api, client, e)
			case <-ctx.Done():
				return
			}
		}
	})
	t.Cleanup(func() { cancel(); running.Wait() })
	if err := st.WaitFor(t.Context(), func() bool { return len(st.Connections()) == 1 }); err != nil {
		t.Fatal(err)
	}
}

func plain(s string) *slack.TextBlockObject {
	return slack.NewTextBlockObject("plain_text", s, false, false)
}

func serve(t *testing.T, api *slack.Client, client *socketmode.Client, e socketmode.Event) {
	var err error
	switch data := e.Data.(type) {
	case slack.SlashCommand:
		_ = client.Ack(*e.Request, map[string]string{"text": "Asked for " + data.Text})
		button := slack.NewButtonBlockElement("approve", "r1", plain("Approve")).WithConfirm(
			slack.NewConfirmationBlockObject(plain("Sure?"), plain("Sam"), plain("Deactivate"), plain("Back")))
		_, _, err = api.PostMessage(data.ChannelID, slack.MsgOptionText("Deactivate "+data.Text, false), slack.MsgOptionBlocks(
			slack.NewSectionBlock(plain("Deactivate "+data.Text), nil, nil), slack.NewActionBlock("b", button)))
	case slack.InteractionCallback:
		_ = client.Ack(*e.Request)
		if data.User.ID == "U0JANE" {
			_, err = api.PostEphemeral(data.Channel.ID, data.User.ID, slack.MsgOptionText("Not your own request", false))
			break
		}
		_, _, _, err = api.UpdateMessage(data.Channel.ID, data.Message.Timestamp, slack.MsgOptionText("Done", false))
		if err == nil {
			_, _, err = api.PostMessage("U0JANE", slack.MsgOptionText("Sam is deactivated", false))
		}
	}
	if err != nil {
		t.Errorf("bot: %v", err)
	}
}

func newStory(t *testing.T) *story.Story {
	st := story.Start(t, slacksim.Config{AckDeadline: time.Minute}) // for slow machines
	st.AddUser(slacksim.User{ID: "U0JANE", Name: "jane"})
	st.AddUser(slacksim.User{ID: "U0MARY", Name: "mary"})
	st.AddChannel(slacksim.Channel{ID: "C0IT", Name: "it", Members: []string{"U0JANE", "U0MARY", st.BotUserID()}})
	return st
}

func TestStory(t *testing.T) {
	t.Parallel()
	st := newStory(t)
	startBot(t, st)

	st.As("U0JANE").Types("C0IT", "/wf-deactivate sam@acme.com")
	st.ExpectPrivate("U0JANE", "Asked for", "sam@acme.com")
	card := st.Channel("C0IT").ExpectMessage("Deactivate", "sam@acme.com").ExpectButtons("Approve")
	card.Click("U0JANE", "Approve")
	st.ExpectPrivate("U0JANE", "Not your own request")
	card.Dismiss("U0MARY", "Approve")
	card.ExpectButtons("Approve")
	card.Click("U0MARY", "Approve")
	card.ExpectText("Done").ExpectButtons()
	st.ExpectDM("U0JANE", "Sam is deactivated")
}

// failing is a test that may fail without failing the test around it.
type failing struct {
	testing.TB
	said string
}

func (f *failing) Errorf(format string, args ...any) { f.said += fmt.Sprintf(format, args...) }
func (f *failing) Cleanup(func())                    {}
func (f *failing) Helper()                           {}

// Fatal implements testing.TB as far as story needs it.
func (f *failing) Fatalf(format string, args ...any) {
	f.said += fmt.Sprintf(format, args...)
	runtime.Goexit()
}

func TestLeftoversFail(t *testing.T) {
	t.Parallel()
	st := newStory(t)
	api := slack.New(st.BotToken(), slack.OptionAPIURL(st.APIURL()))
	if _, _, err := api.PostMessage("C0IT", slack.MsgOptionText("surprise", false)); err != nil {
		t.Fatal(err)
	}
	f := &failing{TB: t}
	story.New(f, st.Server).NoLeftovers()
	if !strings.Contains(f.said, "surprise") {
		t.Errorf("the leftover was not reported: %q", f.said)
	}
	st.Forgive()
	st.NoLeftovers()
}

func TestUnacknowledgedCommandFails(t *testing.T) {
	t.Parallel()
	st := newStory(t)
	f := &failing{TB: t}
	done := make(chan struct{})
	go func() {
		defer close(done)
		story.New(f, st.Server).As("U0JANE").Types("C0IT", "/wf-deactivate") // no bot is there
	}()
	<-done
	if !strings.Contains(f.said, "dispatch_failed") {
		t.Errorf("said %q", f.said)
	}
	st.ExpectPrivate("U0JANE", "dispatch_failed")
}
