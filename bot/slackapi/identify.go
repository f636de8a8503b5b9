package slackapi

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/slack-go/slack"

	"wfbot/bot/request"
)

// Identity is who the bot is in Slack, as auth.test says it.
// Source: https://docs.slack.dev/reference/methods/auth.test
type Identity struct {
	TeamID       string // of the workspace, T…
	EnterpriseID string // of the organisation on Enterprise Grid, E…; empty: none
	UserID       string // of the bot user
	URL          string // of the workspace, ending in "/"; may be empty
}

// isHome reports whether a person is a member of the bot's workspace. On Enterprise
// Grid their account may be at home in a sister workspace or in the organisation
// itself (team_id is its E… id); Slack lists the workspaces then.
func (i Identity) isHome(user *slack.User) bool {
	return user.TeamID == i.TeamID ||
		i.EnterpriseID != "" && user.Enterprise.EnterpriseID == i.EnterpriseID && slices.Contains(user.Enterprise.Teams, i.TeamID)
}

// scopes are what the bot token must be granted, and groupScope what else where the
// rules name user groups.
var scopes = []string{"chat:write", "channels:read", "groups:read", "users:read", "users:read.email"}

const groupScope = "usergroups:read"

// unusableToken is the error of a bot token that Slack does not let the bot work with. It
// says what the operator has to set.
type unusableToken struct{ error }

func (e unusableToken) Unwrap() error { return e.error }

// endsWork are the answers of auth.test that stay the same until somebody fixes the
// app or its token. From any other method they may be about what it was asked for.
// Source: https://docs.slack.dev/reference/methods/auth.test
var endsWork = map[string]bool{
	"invalid_auth": true, "not_authed": true, "account_inactive": true, "token_revoked": true, "token_expired": true,
	"not_allowed_token_type": true, "missing_scope": true, "no_permission": true, "access_denied": true, "team_access_not_granted": true,
}

// Identify asks Slack who the bot is, until it answers. A refused token and missing
// scopes are errors, in words for the operator; so is the end of ctx.
func (c *Client) Identify(ctx context.Context) (Identity, error) {
	var retry request.Retry
	for {
		self, err := c.identifyOnce(ctx)
		switch {
		case err == nil:
			return self, nil
		case Unusable(err):
			return Identity{}, err
		case ctx.Err() != nil:
			return Identity{}, ctx.Err()
		}
		_, wait := Classify(err)
		retry = retry.Failed(c.now(), wait)
		pause := min(retry.At.Sub(c.now()), 30*time.Second)
		c.log.Warn("Slack does not answer, trying again", "error", err, "in", pause)
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return Identity{}, ctx.Err()
		}
	}
}

// identifyOnce asks Slack once who the bot is. The error is an unusableToken if
// Slack refuses the token or the app lacks a scope; any other error says nothing of
// that.
func (c *Client) identifyOnce(ctx context.Context) (Identity, error) {
	_, self, err := c.authTest(ctx)
	return self, err
}

// authTest is identifyOnce, with all that Slack answered. Where only scopes are
// missing, it is known who the bot is.
func (c *Client) authTest(ctx context.Context) (*slack.AuthTestResponse, Identity, error) {
	answer, err := c.web.AuthTestContext(ctx)
	switch {
	case err == nil && (answer.UserID == "" || answer.TeamID == ""):
		return nil, Identity{}, errSilent
	case endsWork[Code(err)]:
		return nil, Identity{}, unusableToken{fmt.Errorf("the bot token is refused by Slack (%w): set SLACK_BOT_TOKEN to the Bot User OAuth Token of the installed app", err)}
	case err != nil:
		return nil, Identity{}, err
	}
	self := Identity{TeamID: answer.TeamID, EnterpriseID: answer.EnterpriseID, UserID: answer.UserID, URL: answer.URL}
	if err := c.checkScopes(scopesIn(answer.Header)); err != nil {
		return answer, self, unusableToken{err}
	}
	return answer, self, nil
}

// checkScopes names all missing scopes at once. granted are those that Slack lists;
// without any nothing is known and nothing refused.
func (c *Client) checkScopes(granted []string) error {
	need := scopes
	if len(c.groups) > 0 {
		need = append(slices.Clone(need), groupScope)
	}
	if missing := (Token{Granted: granted}).Lacking(need); missing != nil {
		return fmt.Errorf("the Slack app lacks the bot scopes %s: add them under OAuth & Permissions and reinstall the app", strings.Join(missing, ", "))
	}
	return nil
}

// identifyEvery is how often Slack is asked at most whether the token works.
const identifyEvery = 3 * time.Second

// tokenCheck is what auth.test last said of the token.
type tokenCheck struct {
	turn  chan struct{} // holds one while somebody asks
	asked time.Time     // by the machine's own clock
	said  error         // of identifyOnce
}

func newTokenCheck() *tokenCheck { return &tokenCheck{turn: make(chan struct{}, 1)} }

// StillIdentified asks Slack again who the bot is, after a call that may have been
// refused because the token does not work any more. It reports whether Slack says
// that it works and has all its scopes. If Slack says that it does not,
// Config.Unusable is told; no answer is false as well.
func (c *Client) StillIdentified(ctx context.Context) bool {
	said := c.identifyAgain(ctx)
	if Unusable(said) {
		c.config.Unusable(said)
	}
	return said == nil
}

// identifyAgain is identifyOnce for a crowd: one answer serves all whose calls
// failed before it was asked for.
func (c *Client) identifyAgain(ctx context.Context) error {
	failed := time.Now()
	check := c.check
	select {
	case check.turn <- struct{}{}:
		defer func() { <-check.turn }()
	case <-ctx.Done():
		return ctx.Err()
	}
	if check.asked.After(failed) {
		return check.said
	}
	if !check.asked.IsZero() {
		select {
		case <-time.After(time.Until(check.asked.Add(identifyEvery))):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	check.asked = time.Now()
	_, check.said = c.identifyOnce(ctx)
	return check.said
}
