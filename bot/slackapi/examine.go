package slackapi

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/slack-go/slack"
)

// What an operator wants to know before the bot works. Nothing here comes from the
// cache, and nothing changes anything.

// Token is what Slack says of the bot token.
type Token struct {
	Identity
	Team    string   // name of the workspace
	Name    string   // of the bot user
	AppID   string   // of the app it belongs to, A…; empty: not known
	Granted []string // its scopes; empty: Slack does not say

	// ClockOff is how far this machine's clock is ahead of Slack's, negative if behind,
	// about a second off; ClockKnown is whether Slack said what time it is.
	ClockOff   time.Duration
	ClockKnown bool
}

// Examine asks Slack once who the bot is. The error is that of [Client.Identify], or
// why Slack did not answer; where only scopes are missing, the Token is known all the
// same.
func (c *Client) Examine(ctx context.Context) (Token, error) {
	answer, self, err := c.authTest(ctx)
	if self.UserID == "" {
		return Token{}, err
	}
	token := Token{Identity: self, Team: answer.Team, Name: answer.User, Granted: scopesIn(answer.Header)}
	if at, wrong := http.ParseTime(answer.Header.Get("Date")); wrong == nil {
		token.ClockOff, token.ClockKnown = time.Since(at), true
	}
	// bots.info names the app, where the token may ask for it.
	if bot, wrong := c.web.GetBotInfoContext(ctx, slack.GetBotInfoParameters{Bot: answer.BotID}); wrong == nil {
		token.AppID = bot.AppID
	}
	return token, err
}

// Unusable reports whether err says that Slack does not let the bot work with its
// token, in words for the operator.
func Unusable(err error) bool {
	_, ok := errors.AsType[unusableToken](err)
	return ok
}

// ErrNoGroup: there is no user group of that id, or it is disabled.
var ErrNoGroup = errors.New("there is no such user group, or it is disabled")

// GroupMembers returns the ids of a user group's members. The error is ErrNoGroup, or
// why Slack did not answer.
func (c *Client) GroupMembers(ctx context.Context, id string) ([]string, error) {
	members, err := c.web.GetUserGroupMembersContext(ctx, id)
	if Code(err) == "no_such_subteam" {
		return nil, ErrNoGroup
	}
	if err = answered(err, members != nil); err != nil { // an empty group has an empty list
		return nil, fmt.Errorf("asking Slack for the members of group %s: %w", id, err)
	}
	return members, nil
}

// GroupsNamed returns the ids of the user groups with that handle, without @.
func (c *Client) GroupsNamed(ctx context.Context, handle string) (ids []string, err error) {
	groups, err := c.web.GetUserGroupsContext(ctx)
	if err != nil {
		return nil, fmt.Errorf("asking Slack for the user groups: %w", err)
	}
	for _, group := range groups {
		if strings.EqualFold(group.Handle, handle) {
			ids = append(ids, group.ID)
		}
	}
	return ids, nil
}

// pages is how many pages of a list are read at most.
const pages = 50

// ChannelsNamed returns the ids of the channels with that name, without #: public ones,
// and private ones that the bot is in.
func (c *Client) ChannelsNamed(ctx context.Context, name string) (ids []string, err error) {
	of := slack.GetConversationsParameters{Types: []string{"public_channel", "private_channel"}, ExcludeArchived: true, Limit: 1000}
	for range pages {
		channels, next, err := c.web.GetConversationsContext(ctx, &of)
		if err != nil {
			return nil, fmt.Errorf("asking Slack for the channels: %w", err)
		}
		for _, channel := range channels {
			if channel.Name == name {
				ids = append(ids, channel.ID)
			}
		}
		if of.Cursor = next; next == "" {
			break
		}
	}
	return ids, nil
}

// ChannelMembers returns the ids of the people in a channel that the bot sees.
func (c *Client) ChannelMembers(ctx context.Context, id string) (members []string, err error) {
	of := slack.GetUsersInConversationParameters{ChannelID: id, Limit: 1000}
	for range pages {
		some, next, err := c.web.GetUsersInConversationContext(ctx, &of)
		if err != nil {
			return nil, fmt.Errorf("asking Slack who is in channel %s: %w", id, err)
		}
		members = append(members, some...)
		if of.Cursor = next; next == "" {
			break
		}
	}
	return members, nil
}

// Lacking returns those of the scopes that are not granted.
func (t Token) Lacking(scopes []string) (lacking []string) {
	for _, scope := range scopes {
		if len(t.Granted) > 0 && !slices.Contains(t.Granted, scope) {
			lacking = append(lacking, scope)
		}
	}
	return lacking
}

// scopesIn are those that an answer of Slack's lists.
func scopesIn(header http.Header) []string {
	return strings.FieldsFunc(header.Get("X-OAuth-Scopes"), func(r rune) bool { return r == ',' || r == ' ' })
}
