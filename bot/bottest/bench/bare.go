package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"strings"

	"github.com/slack-go/slack"
	"github.com/slack-go/slack/socketmode"
)

// bareArgument makes this program the bare one.
const bareArgument = "bare-program"

// bare is the program to compare with: slack-go and the calls that cannot be done
// without. A command is two calls to Slack and one to Workfront, an approval three and
// one. It keeps nothing, so that whatever it has in hand is gone when it ends; it
// checks nobody, reads nothing before or after the write, and an error is only logged.
type bare struct {
	slack     *slack.Client
	socket    *socketmode.Client
	http      *http.Client
	workfront string // base URL of the API
	key       string
}

// runBare runs it until ctx ends.
func runBare(ctx context.Context, getenv func(string) string) error {
	api := slack.New(getenv("SLACK_BOT_TOKEN"), slack.OptionAppLevelToken(getenv("SLACK_APP_TOKEN")), slack.OptionAPIURL(getenv("SLACK_API_URL")))
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.MaxConnsPerHost = 8 // of the ten that Workfront takes at once; one that it refuses is lost
	b := &bare{
		slack: api, socket: socketmode.New(api, socketmode.OptionLog(log.New(os.Stderr, "", 0))), http: &http.Client{Transport: transport},
		workfront: getenv("WORKFRONT_URL") + "/attask/api/v22.0/user", key: getenv("WORKFRONT_API_KEY"),
	}
	go func() {
		for event := range b.socket.Events {
			go b.take(ctx, event)
		}
	}()
	err := b.socket.RunContext(ctx)
	if ctx.Err() != nil {
		return nil
	}
	return err
}

func (b *bare) take(ctx context.Context, event socketmode.Event) {
	if event.Type != socketmode.EventTypeSlashCommand && event.Type != socketmode.EventTypeInteractive {
		return
	}
	err := b.socket.Ack(*event.Request)
	switch data := event.Data.(type) {
	case slack.SlashCommand:
		if err == nil {
			err = b.ask(ctx, data)
		}
	case slack.InteractionCallback:
		if err == nil {
			err = b.approve(ctx, data)
		}
	}
	if err != nil && ctx.Err() == nil {
		log.Print("bare program: ", err)
	}
}

var mailPattern = regexp.MustCompile(`<mailto:([^|>]+)`)

// ask posts the card for the first person that a command names.
func (b *bare) ask(ctx context.Context, command slack.SlashCommand) error {
	m := mailPattern.FindStringSubmatch(command.Text)
	if m == nil {
		return fmt.Errorf("nobody is named in %q", command.Text)
	}
	if _, err := b.slack.GetUserInfoContext(ctx, command.UserID); err != nil {
		return err
	}
	var found struct {
		Data []struct{ ID, Name string }
	}
	query := url.Values{"emailAddr": {m[1]}, "emailAddr_Mod": {"cieq"}, "fields": {"name,emailAddr,isActive"}}
	if err := b.call(ctx, http.MethodGet, "/search?"+query.Encode(), &found); err != nil {
		return err
	}
	if len(found.Data) != 1 {
		return fmt.Errorf("%d users have the e-mail %s", len(found.Data), m[1])
	}
	text := slack.NewTextBlockObject(slack.PlainTextType, found.Data[0].Name+" "+m[1], false, false)
	button := slack.NewButtonBlockElement("approve", found.Data[0].ID+" "+command.UserID, slack.NewTextBlockObject(slack.PlainTextType, "Approve", false, false))
	_, _, err := b.slack.PostMessageContext(ctx, command.ChannelID, slack.MsgOptionText(m[1], false),
		slack.MsgOptionBlocks(slack.NewSectionBlock(text, nil, nil), slack.NewActionBlock("", button)))
	return err
}

// approve makes the change, shows it and tells who asked.
func (b *bare) approve(ctx context.Context, click slack.InteractionCallback) error {
	if len(click.ActionCallback.BlockActions) != 1 {
		return nil
	}
	target, requester, _ := strings.Cut(click.ActionCallback.BlockActions[0].Value, " ")
	if _, err := b.slack.GetUserInfoContext(ctx, click.User.ID); err != nil {
		return err
	}
	if err := b.call(ctx, http.MethodPut, "/"+target+"?isActive=false", nil); err != nil {
		return err
	}
	if _, _, _, err := b.slack.UpdateMessageContext(ctx, click.Channel.ID, click.Message.Timestamp, slack.MsgOptionText("done", false),
		slack.MsgOptionBlocks(slack.NewSectionBlock(slack.NewTextBlockObject(slack.PlainTextType, "done", false, false), nil, nil))); err != nil {
		return err
	}
	_, _, err := b.slack.PostMessageContext(ctx, requester, slack.MsgOptionText("done", false))
	return err
}

// call asks Workfront. into may be nil.
func (b *bare) call(ctx context.Context, method, path string, into any) error {
	request, err := http.NewRequestWithContext(ctx, method, b.workfront+path, nil)
	if err != nil {
		return err
	}
	request.Header.Set("apiKey", b.key)
	answer, err := b.http.Do(request)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	var discarded any
	if into == nil {
		into = &discarded
	}
	if err := json.NewDecoder(answer.Body).Decode(into); err != nil || answer.StatusCode != http.StatusOK {
		return fmt.Errorf("answered by Workfront with %s (%v)", answer.Status, err)
	}
	return nil
}
