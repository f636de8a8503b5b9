package slackapi

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/slack-go/slack"
	"golang.org/x/sync/errgroup"

	"wfbot/bot/request"
)

// Person returns the facts about a Slack user. self is who the bot is: users of
// other workspaces and organisations are external.
//
// groups is why some user groups could not be read, if so: others are named by their id,
// so it may not matter. But somebody who is in none of the known groups may be in an
// unknown one.
func (c *Client) Person(ctx context.Context, id string, self Identity) (who request.Person, groups, err error) {
	members, unread := make([][]string, len(c.groups)), make([]error, len(c.groups))
	var beside errgroup.Group
	for i, group := range c.groups {
		beside.Go(func() error {
			members[i], unread[i] = c.members(ctx, group)
			return nil
		})
	}
	user, err := Known(ctx, c, "user "+id, func(ctx context.Context) (*slack.User, error) {
		user, err := c.web.GetUserInfoContext(ctx, id)
		return user, answered(err, user != nil && user.ID != "")
	})
	_ = beside.Wait() // each group has its own error
	if err != nil {
		return request.Person{}, nil, fmt.Errorf("asking Slack about user %s: %w", id, err)
	}
	who = request.Person{
		Identity: request.Identity{ID: user.ID, OtherID: otherID(user, id), Name: displayName(user), Email: user.Profile.Email},
		// IsAppUser is no bot: a person who has authorised this very app.
		Bot:         user.IsBot || user.ID == "USLACKBOT" || user.IsWorkflowBot || user.IsConnectorBot,
		Guest:       user.IsRestricted || user.IsUltraRestricted,
		Deactivated: user.Deleted,
		External:    user.IsStranger || !self.isHome(user),
	}
	if user.TZ != "" {
		who.Zone = ZoneNamed(user.TZ, user.TZOffset)
	}
	for i, group := range c.groups {
		switch {
		case unread[i] != nil:
			groups = errors.Join(groups, unread[i])
		case slices.ContainsFunc(members[i], who.Is):
			who.Groups = append(who.Groups, group)
		}
	}
	return who, groups, nil
}

// members returns the ids of a user group's members.
func (c *Client) members(ctx context.Context, group string) ([]string, error) {
	return Known(ctx, c, "group "+group, func(ctx context.Context) ([]string, error) {
		members, err := c.GroupMembers(ctx, group)
		if errors.Is(err, ErrNoGroup) {
			c.config.NoGroup(group)
			return []string{}, nil
		}
		return members, err
	})
}

// ByEmail returns the id of the active Slack user with that e-mail, or "". Workfront
// keeps addresses as somebody typed them, with a space behind it perhaps; Slack knows
// them as they are.
func (c *Client) ByEmail(ctx context.Context, email string) (string, error) {
	if plain, err := request.ParseAddress(email); err == nil {
		email = plain
	}
	if email == "" {
		return "", nil
	}
	return Known(ctx, c, "email "+email, func(ctx context.Context) (string, error) {
		user, err := c.web.GetUserByEmailContext(ctx, email)
		if trouble, _ := Classify(err); err != nil && trouble == NoPerson {
			return "", nil
		}
		if err != nil {
			return "", fmt.Errorf("asking Slack for the user with e-mail %s: %w", email, err)
		}
		return user.ID, answered(nil, user.ID != "")
	})
}

// Channel returns the facts about a conversation. Those of one where cards may be
// posted are at most FactsFor old, others are always asked for again: a person who is
// told to invite the bot does it at once. A conversation that Slack does not show the bot
// is one that the bot is not in.
func (c *Client) Channel(ctx context.Context, id string) (request.ChannelFacts, error) {
	c.facts.forgetIf(channelKey(id), func(known any) bool {
		return request.MayPost(known.(request.ChannelFacts)) != request.Allowed
	})
	return c.ChannelSeen(ctx, id)
}

// ChannelSeen is Channel, but its facts are at most FactsFor old whatever they are: for
// many cards in one channel it is asked about once.
func (c *Client) ChannelSeen(ctx context.Context, id string) (request.ChannelFacts, error) {
	return Known(ctx, c, channelKey(id), func(ctx context.Context) (request.ChannelFacts, error) { return c.askChannel(ctx, id) })
}

// ChannelNow is Channel, but asks in any case.
func (c *Client) ChannelNow(ctx context.Context, id string) (request.ChannelFacts, error) {
	c.facts.forget(channelKey(id))
	return c.askChannel(ctx, id)
}

func channelKey(id string) string { return "channel " + id }

func (c *Client) askChannel(ctx context.Context, id string) (request.ChannelFacts, error) {
	if strings.HasPrefix(id, "D") {
		return request.ChannelFacts{ID: id, Direct: true}, nil
	}
	channel, err := c.web.GetConversationInfoContext(ctx, &slack.GetConversationInfoInput{ChannelID: id})
	if trouble, _ := Classify(err); err != nil && trouble == NoPlace {
		return request.ChannelFacts{ID: id}, nil
	}
	if isDirect(err) {
		return request.ChannelFacts{ID: id, Direct: true}, nil
	}
	if err = answered(err, channel != nil && channel.ID != ""); err != nil {
		return request.ChannelFacts{}, fmt.Errorf("asking Slack about channel %s: %w", id, err)
	}
	return request.ChannelFacts{
		ID:       channel.ID,
		Direct:   channel.IsIM || channel.IsMpIM,
		External: channel.IsExtShared || channel.IsPendingExtShared, // not where all of one organisation are in it
		Archived: channel.IsArchived,
		Member:   channel.IsMember,
	}, nil
}

// otherID is the id besides user.ID that Slack knows a person by. asked is the id that it
// was asked for. Empty: none.
func otherID(user *slack.User, asked string) string {
	for _, id := range []string{user.Enterprise.ID, asked} {
		if id != "" && id != user.ID {
			return id
		}
	}
	return ""
}

func displayName(user *slack.User) string {
	return cmp.Or(user.Profile.DisplayName, user.RealName, user.Name, user.ID)
}

// ZoneNamed is the zone of that name, or, if this program does not know it, one where it
// is always as late as it was when it was named.
func ZoneNamed(name string, offset int) *time.Location {
	if zone, err := time.LoadLocation(name); err == nil && name != "" {
		return zone
	}
	return time.FixedZone(name, offset)
}

// Actor returns the facts about the person who did something, by the ids of the
// payload; see [Client.Person]. It is called when Slack has said who the bot is.
func (c *Client) Actor(ctx context.Context, userID, teamID string) (who request.Person, groups, err error) {
	self := c.Self()
	who, groups, err = c.Person(ctx, userID, *self)
	// What the payload says of the person's workspace counts against them only. In
	// an organisation it may name a sister workspace; there the profile decides.
	if self.EnterpriseID == "" && teamID != "" && teamID != self.TeamID {
		who.External = true
	}
	return who, groups, err
}
