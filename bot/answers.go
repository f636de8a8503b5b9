package bot

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

	"wfbot/bot/card"
	"wfbot/bot/request"
)

// tellPrivately says something to one person where they were last: through the
// response_url of the interaction if this process holds it, else by an ephemeral message
// in the channel, else by direct message. It succeeds as soon as one way does. The
// error is that of the direct message.
func (b *Bot) tellPrivately(ctx context.Context, interactionID, userID, channelID, text string) error {
	var failures []error
	if to := b.lent.get(interactionID, b.now()).responseURL; to != "" && b.mayCall(to) {
		if b.respond(ctx, to, privateMessage(text)) {
			return nil
		}
		failures = append(failures, errors.New("the response_url was refused"))
		b.lent.drop(interactionID)
	}
	if channelID != "" {
		ts, err := b.slack.PostEphemeralContext(ctx, channelID, userID, slack.MsgOptionText(text, false),
			slack.MsgOptionDisableLinkUnfurl(), slack.MsgOptionDisableMediaUnfurl())
		if err == nil && ts != "" {
			return nil
		}
		failures = append(failures, fmt.Errorf("posting an ephemeral message: %w", silentUnless(err)))
	}
	err := b.tellDirectly(ctx, userID, text)
	if err == nil || len(failures) == 0 {
		return err
	}
	// Only the last way says whether trying again is of use.
	return fmt.Errorf("%w; before that: %v", err, errors.Join(failures...))
}

// respond answers through a response_url and reports whether Slack took it. Why
// not is not told: the URL is a capability and must not get into an error. What
// Slack answers is not documented; it is seen to be "ok". Anything else that is
// not plainly a success counts as none: an answer given twice is better than one
// that a page of a proxy took.
func (b *Bot) respond(ctx context.Context, to string, message *slack.WebhookMessage) bool {
	body, err := json.Marshal(message)
	if err != nil {
		return false
	}
	call, err := http.NewRequestWithContext(ctx, http.MethodPost, to, bytes.NewReader(body))
	if err != nil {
		return false
	}
	call.Header.Set("Content-Type", "application/json")
	answer, err := b.http.Do(call)
	if err != nil {
		return false
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(io.LimitReader(answer.Body, 64<<10))
	if err != nil || answer.StatusCode != http.StatusOK {
		return false
	}
	if word := strings.TrimSpace(string(text)); word == "" || word == "ok" {
		return true
	}
	var said struct {
		OK bool `json:"ok"`
	}
	return json.Unmarshal(text, &said) == nil && said.OK
}

// privateMessage is what a response_url is sent.
func privateMessage(text string) *slack.WebhookMessage {
	return &slack.WebhookMessage{Text: text, ResponseType: slack.ResponseTypeEphemeral}
}

// tellDirectly sends a direct message. Slack opens the conversation when a
// message is posted to a user id.
// Source: https://docs.slack.dev/reference/methods/chat.postMessage
func (b *Bot) tellDirectly(ctx context.Context, userID, text string) error {
	if err := b.posts.wait(ctx, userID); err != nil {
		return err
	}
	_, ts, err := b.slack.PostMessageContext(ctx, userID, slack.MsgOptionText(text, false),
		slack.MsgOptionDisableLinkUnfurl(), slack.MsgOptionDisableMediaUnfurl())
	if err != nil || ts == "" {
		return fmt.Errorf("sending a direct message: %w", silentUnless(err))
	}
	return nil
}

// silentUnless returns err, or errSlackSilent where slack-go saw no error in an
// answer that says nothing.
func silentUnless(err error) error {
	if err == nil {
		return errSlackSilent
	}
	return err
}

// mayCall reports whether a response_url points to Slack: it comes from a
// payload, and what is posted there is meant for one person. The host of a
// configured Slack URL is trusted as well.
func (b *Bot) mayCall(to string) bool {
	target, err := url.Parse(to)
	if err != nil {
		return false
	}
	if own, err := url.Parse(b.config.SlackURL); err == nil && own.Host != "" &&
		own.Host == target.Host && own.Scheme == target.Scheme {
		return true
	}
	return target.Scheme == "https" && target.User == nil &&
		slices.Contains([]string{"hooks.slack.com", "hooks.slack-gov.com"}, target.Host)
}

// linkTo is the address of a message, or "" where there is none.
func (b *Bot) linkTo(p request.Place) string {
	self := b.self.Load()
	if self == nil || self.URL == "" || p.TS == "" {
		return ""
	}
	return strings.TrimSuffix(self.URL, "/") + "/archives/" + p.Channel + "/p" + strings.ReplaceAll(p.TS, ".", "")
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

// alarms keeps the operator from being told the same thing all the time.
type alarms struct {
	mu   sync.Mutex
	last map[string]time.Time
}

func newAlarms() *alarms { return &alarms{last: map[string]time.Time{}} }

const alarmEvery = time.Hour

func (a *alarms) due(what string, now time.Time) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if last, ok := a.last[what]; ok {
		// Before the last one: the clock has been set back.
		if since := now.Sub(last); since >= 0 && since < alarmEvery {
			return false
		}
	}
	a.last[what] = now
	return true
}

func (a *alarms) forget(what string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.last, what)
}

// alarm tells the operator of trouble that needs them: in the log, and in the
// channel for it at most once an hour for each what. A message that fails is
// tried again when the trouble is met again. format is as for [card.Operator]. It
// reports whether the operator was told now.
func (b *Bot) alarm(ctx context.Context, what, format string, args ...any) bool {
	b.log.Error(what, "what_to_do", fmt.Sprintf(format, args...))
	return b.remind(ctx, what, format, args...)
}

// remind is alarm for trouble that is in the log already.
func (b *Bot) remind(ctx context.Context, what, format string, args ...any) bool {
	if b.config.OpsChannel == "" || !b.alarms.due(what, b.now()) {
		return false
	}
	told := b.note(ctx, format, args...)
	if !told {
		b.alarms.forget(what)
	}
	return told
}

// note says something in the operator's channel, if there is one, and reports
// whether that worked. format is as for [card.Operator].
func (b *Bot) note(ctx context.Context, format string, args ...any) bool {
	if b.config.OpsChannel == "" {
		return true
	}
	err := b.posts.wait(ctx, b.config.OpsChannel)
	if err == nil {
		var ts string
		if _, ts, err = b.slack.PostMessageContext(ctx, b.config.OpsChannel, slack.MsgOptionText(card.Operator(format, args...), false)); err == nil && ts == "" {
			err = errSlackSilent
		}
	}
	if err != nil {
		b.log.Error("the operator's channel could not be told", "channel", b.config.OpsChannel, "error", err)
	}
	return err == nil
}
