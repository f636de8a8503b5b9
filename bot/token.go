package bot

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// unusableToken is the error of a bot token with which Slack does not let the bot
// work. It says what the operator has to set.
type unusableToken struct{ error }

func (e unusableToken) Unwrap() error { return e.error }

// endsWork are the answers of auth.test that stay the same until somebody mends the
// app or its token. Of any other method they may be about what it was asked for.
// Source: https://docs.slack.dev/reference/methods/auth.test
var endsWork = map[string]bool{
	"invalid_auth": true, "not_authed": true, "account_inactive": true, "token_revoked": true, "token_expired": true,
	"not_allowed_token_type": true, "missing_scope": true, "no_permission": true, "access_denied": true, "team_access_not_granted": true,
}

// identify asks Slack once who the bot is. The error is an unusableToken if Slack
// refuses the token or the app lacks a scope; any other error says nothing of that.
func (b *Bot) identify(ctx context.Context) (identity, error) {
	answer, err := b.slack.AuthTestContext(ctx)
	switch {
	case err == nil && (answer.UserID == "" || answer.TeamID == ""):
		return identity{}, errSlackSilent
	case endsWork[slackCode(err)]:
		return identity{}, unusableToken{fmt.Errorf("the bot token is refused by Slack (%w): set SLACK_BOT_TOKEN to the Bot User OAuth Token of the installed app", err)}
	case err != nil:
		return identity{}, err
	}
	if err := b.checkScopes(answer.Header.Get("X-OAuth-Scopes")); err != nil {
		return identity{}, unusableToken{err}
	}
	return identity{TeamID: answer.TeamID, EnterpriseID: answer.EnterpriseID, UserID: answer.UserID, URL: answer.URL}, nil
}

// confirmEvery is how often Slack is asked at most whether the token works.
const confirmEvery = 3 * time.Second

// tokenCheck is what auth.test last said of the token.
type tokenCheck struct {
	turn  chan struct{} // holds one while somebody asks
	asked time.Time     // by the machine's own clock
	said  error         // of identify
}

func newTokenCheck() *tokenCheck { return &tokenCheck{turn: make(chan struct{}, 1)} }

// tokenWorks asks Slack whether the token works, after a call that may have been
// refused because it does not. One answer serves all whose calls failed before it
// was asked for. The error is that of identify.
func (b *Bot) tokenWorks(ctx context.Context) error {
	failed := time.Now()
	c := b.token
	select {
	case c.turn <- struct{}{}:
		defer func() { <-c.turn }()
	case <-ctx.Done():
		return ctx.Err()
	}
	if c.asked.After(failed) {
		return c.said
	}
	if !c.asked.IsZero() && !sleep(ctx, time.Until(c.asked.Add(confirmEvery))) {
		return ctx.Err()
	}
	c.asked = time.Now()
	_, c.said = b.identify(ctx)
	return c.said
}

// trouble is classify, but finds out what a refusal means that may be about the
// token: only auth.test decides that it is, and ends Run then, with the words of the
// start. Otherwise the call is refused for what it asks. Where auth.test does not
// answer, nothing is known, and the call is tried again.
func (b *Bot) trouble(ctx context.Context, err error) (trouble slackTrouble, wait time.Duration) {
	trouble, wait = classify(err)
	if trouble != ofToken {
		return trouble, wait
	}
	if b.checkToken(ctx) {
		return unfit, wait
	}
	return passing, wait
}

// checkToken reports whether Slack says that the token works and has all its scopes.
// If it says that it does not, Run ends.
func (b *Bot) checkToken(ctx context.Context) (works bool) {
	said := b.tokenWorks(ctx)
	var unusable unusableToken
	if errors.As(said, &unusable) {
		b.fail(said)
	}
	return said == nil
}
