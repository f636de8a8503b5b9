package slackapi

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/slack-go/slack"
	"golang.org/x/time/rate"

	"wfbot/bot/request"
)

// Message is what a message shows. Links in it are not unfurled.
type Message struct {
	Text   string        // mrkdwn; with Blocks what notifications show
	Blocks []slack.Block // empty: the text alone
	Thread string        // ts of the message that it answers; empty: none
}

// Drawn is the message of a text and blocks, as package card draws them.
func Drawn(text string, blocks []slack.Block) Message { return Message{Text: text, Blocks: blocks} }

// options are the message as slack-go's methods take it.
func (m Message) options() []slack.MsgOption {
	options := []slack.MsgOption{slack.MsgOptionText(m.Text, false), slack.MsgOptionDisableLinkUnfurl(), slack.MsgOptionDisableMediaUnfurl()}
	if len(m.Blocks) > 0 {
		options = append(options, slack.MsgOptionBlocks(m.Blocks...))
	}
	if m.Thread != "" {
		options = append(options, slack.MsgOptionTS(m.Thread))
	}
	return options
}

// Post posts a message in a channel, unless cards may not be posted there, by facts at
// most FactsFor old: the conversation may have been shared since the request was asked
// for. The error is a request.Refusal then. It returns where the message stands.
// Source: https://docs.slack.dev/reference/methods/chat.postMessage
func (c *Client) Post(ctx context.Context, to string, message Message) (channel, ts string, err error) {
	if err := c.limits.wait(ctx, to); err != nil {
		return "", "", err
	}
	facts, err := c.Channel(ctx, to)
	if err != nil {
		return "", "", err
	}
	if no := request.MayPost(facts); no != request.Allowed {
		return "", "", no
	}
	channel, ts, err = c.web.PostMessageContext(ctx, to, message.options()...)
	if err = answered(err, ts != ""); err != nil { // it may not be as it was any more
		c.facts.forget(channelKey(to))
	}
	return channel, ts, err
}

// Update makes the message that stands at ts show something else.
// Source: https://docs.slack.dev/reference/methods/chat.update
func (c *Client) Update(ctx context.Context, channel, ts string, message Message) error {
	_, updated, _, err := c.web.UpdateMessageContext(ctx, channel, ts, message.options()...)
	return answered(err, updated != "")
}

// Say posts a text in a channel that the operator has set, whatever may be posted
// there. Links in it unfurl as the workspace has it.
func (c *Client) Say(ctx context.Context, channel, text string) error {
	if err := c.limits.wait(ctx, channel); err != nil {
		return err
	}
	_, ts, err := c.web.PostMessageContext(ctx, channel, slack.MsgOptionText(text, false))
	return answered(err, ts != "")
}

// TellPrivately says something to one person where they were last: through the
// response_url of the interaction if this process holds it, else by an ephemeral message
// in the channel, else by direct message. It succeeds as soon as one way does. The
// error is that of the direct message.
func (c *Client) TellPrivately(ctx context.Context, interactionID, userID, channelID string, message Message) error {
	var failures []error
	if to := c.ReplyRoute(interactionID).ResponseURL.Reveal(); to != "" && c.mayCall(to) {
		if c.respond(ctx, to, privateMessage(message)) {
			return nil
		}
		failures = append(failures, errors.New("the response_url was refused"))
		c.DropReplyRoute(interactionID)
	}
	if channelID != "" {
		ts, err := c.web.PostEphemeralContext(ctx, channelID, userID, message.options()...)
		if err = answered(err, ts != ""); err == nil {
			return nil
		}
		failures = append(failures, fmt.Errorf("posting an ephemeral message: %w", err))
	}
	err := c.TellDirectly(ctx, userID, message)
	if err == nil || len(failures) == 0 {
		return err
	}
	// Only the last way says whether trying again is of use.
	return fmt.Errorf("%w; before that: %v", err, errors.Join(failures...))
}

// TellDirectly sends a direct message. Slack opens the conversation when a
// message is posted to a user id.
// Source: https://docs.slack.dev/reference/methods/chat.postMessage
func (c *Client) TellDirectly(ctx context.Context, userID string, message Message) error {
	if err := c.limits.wait(ctx, userID); err != nil {
		return err
	}
	_, ts, err := c.web.PostMessageContext(ctx, userID, message.options()...)
	if err = answered(err, ts != ""); err != nil {
		return fmt.Errorf("sending a direct message: %w", err)
	}
	return nil
}

// OpenView opens a form by the trigger of a reply route. Without an error it is
// open, and has that id. request.RefusedFormLate: there is no trigger, or it is too old; what Slack
// says of one that it finds too old is an error of its own.
// Source: https://docs.slack.dev/reference/methods/views.open
func (c *Client) OpenView(ctx context.Context, route ReplyRoute, form slack.ModalViewRequest) (id string, err error) {
	if route.Trigger == "" || c.now().Sub(route.At) >= TriggerFor {
		return "", request.RefusedFormLate
	}
	answer, err := c.web.OpenViewContext(ctx, route.Trigger.Reveal(), form)
	if err = answered(err, answer != nil && answer.Ok); err != nil {
		return "", err
	}
	return answer.View.ID, nil
}

// UpdateView makes an open modal show something else. Without an error it does; it is an
// error if its reader has closed it.
// Source: https://docs.slack.dev/reference/methods/views.update
func (c *Client) UpdateView(ctx context.Context, id string, view slack.ModalViewRequest) error {
	answer, err := c.web.UpdateViewContext(ctx, view, "", "", id)
	return answered(err, answer != nil && answer.Ok)
}

// PublishHome shows a person their Home tab.
// Source: https://docs.slack.dev/reference/methods/views.publish
func (c *Client) PublishHome(ctx context.Context, userID string, view slack.HomeTabViewRequest) error {
	answer, err := c.web.PublishViewContext(ctx, slack.PublishViewContextRequest{UserID: userID, View: view})
	return answered(err, answer != nil && answer.Ok)
}

// respond answers through a response_url and reports whether Slack took it. It does not
// tell why not: the URL is a capability and must not get into an error. What Slack
// answers is not documented; it is seen to be "ok". Anything else that is not plainly a
// success counts as a failure: an answer given twice is better than one that a page of a
// proxy took.
func (c *Client) respond(ctx context.Context, to string, message *slack.WebhookMessage) bool {
	body, err := json.Marshal(message)
	if err != nil {
		return false
	}
	call, err := http.NewRequestWithContext(ctx, http.MethodPost, to, bytes.NewReader(body))
	if err != nil {
		return false
	}
	call.Header.Set("Content-Type", "application/json")
	answer, err := c.http.Do(call)
	if err != nil {
		return false
	}
	defer answer.Body.Close()
	said, err := io.ReadAll(io.LimitReader(answer.Body, 64<<10))
	if err != nil || answer.StatusCode != http.StatusOK {
		return false
	}
	if word := strings.TrimSpace(string(said)); word == "" || word == "ok" {
		return true
	}
	var object struct {
		OK bool `json:"ok"`
	}
	return json.Unmarshal(said, &object) == nil && object.OK
}

// privateMessage is what a response_url is sent.
func privateMessage(m Message) *slack.WebhookMessage {
	private := &slack.WebhookMessage{Text: m.Text, ResponseType: slack.ResponseTypeEphemeral}
	if len(m.Blocks) > 0 {
		private.Blocks = &slack.Blocks{BlockSet: m.Blocks}
	}
	return private
}

// mayCall reports whether a response_url points to Slack: it comes from a
// payload, and what is posted there is meant for one person. The host of a
// configured Slack URL is trusted as well.
func (c *Client) mayCall(to string) bool {
	target, err := url.Parse(to)
	if err != nil {
		return false
	}
	if own, err := url.Parse(c.config.URL); err == nil && own.Host != "" &&
		own.Host == target.Host && own.Scheme == target.Scheme {
		return true
	}
	return target.Scheme == "https" && target.User == nil &&
		slices.Contains([]string{"hooks.slack.com", "hooks.slack-gov.com"}, target.Host)
}

// postLimits keeps to one message a second in each conversation.
// Source: https://docs.slack.dev/apis/web-api/rate-limits
type postLimits struct {
	mu       sync.Mutex
	limiters map[string]*rate.Limiter
}

func newPostLimits() *postLimits { return &postLimits{limiters: map[string]*rate.Limiter{}} }

// wait returns when a message may be posted to the conversation.
func (p *postLimits) wait(ctx context.Context, conversation string) error {
	p.mu.Lock()
	limiter := p.limiters[conversation]
	if limiter == nil {
		for id, idle := range p.limiters { // those that would let anyone pass are not needed
			if idle.Tokens() >= 1 {
				delete(p.limiters, id)
			}
		}
		limiter = rate.NewLimiter(rate.Every(time.Second), 1)
		p.limiters[conversation] = limiter
	}
	p.mu.Unlock()
	if err := limiter.Wait(ctx); err != nil {
		return fmt.Errorf("waiting to post to %s: %w", conversation, err)
	}
	return nil
}
