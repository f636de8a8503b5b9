package bot

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/slack-go/slack"
	"golang.org/x/sync/singleflight"

	"wfbot/bot/request"
)

// factsFor is how old facts about people may be when a rule is applied to them.
const factsFor = 60 * time.Second

// people answers questions about Slack users, groups and channels, from a cache
// that is at most factsFor old. It may be used by several goroutines.
type people struct {
	slack  *slack.Client
	log    *slog.Logger
	now    func() time.Time
	groups []string // the user groups that the policy names

	flight singleflight.Group // one call for a crowd that asks the same

	mu    sync.Mutex
	facts map[string]fact
}

type fact struct {
	value any
	asked time.Time // with its monotonic reading, if the clock has one
}

// fresh reports whether the fact may be used at now. The time of day may have been
// set back since it was asked for, and the monotonic clock stands still while a
// machine sleeps: both have to say so.
func (f fact) fresh(now time.Time) bool {
	monotonic, ofDay := now.Sub(f.asked), now.Round(0).Sub(f.asked.Round(0))
	return min(monotonic, ofDay) >= 0 && max(monotonic, ofDay) < factsFor
}

func newPeople(client *slack.Client, log *slog.Logger, policy request.Policy, now func() time.Time) *people {
	groups := slices.Concat(policy.Requesters.Groups, policy.Approvers.Groups)
	slices.Sort(groups)
	return &people{slack: client, log: log, now: now, groups: slices.Compact(groups), facts: map[string]fact{}}
}

// known returns the cached fact under key, or asks for it.
func known[T any](ctx context.Context, p *people, key string, ask func(context.Context) (T, error)) (T, error) {
	p.mu.Lock()
	f, ok := p.facts[key]
	p.mu.Unlock()
	if ok && f.fresh(p.now()) {
		return f.value.(T), nil
	}
	answer := p.flight.DoChan(key, func() (any, error) {
		asked := p.now() // the answer may be as old as the question
		// The answer serves everybody who waits for it, so it must not fail
		// because the first of them gave up.
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), slackTimeout)
		defer cancel()
		value, err := ask(ctx)
		if err != nil {
			return value, err
		}
		p.mu.Lock()
		defer p.mu.Unlock()
		p.forgetOld()
		p.facts[key] = fact{value, asked}
		return value, nil
	})
	var none T
	select {
	case result := <-answer:
		if result.Err != nil {
			return none, result.Err
		}
		return result.Val.(T), nil
	case <-ctx.Done():
		return none, ctx.Err()
	}
}

// forgetOld keeps the cache to what may still be used; p.mu is held.
func (p *people) forgetOld() {
	now := p.now()
	for key, f := range p.facts {
		if !f.fresh(now) {
			delete(p.facts, key)
		}
	}
}

// person returns the facts about a Slack user. self is who the bot is: users of
// other workspaces and organisations are external.
//
// groups is why some user groups could not be read, if so: others are named by
// their id, so that it need not matter, but somebody who is in none of the groups
// that are known may be in one that is not.
func (p *people) person(ctx context.Context, id string, self identity) (who request.Person, groups, err error) {
	user, err := known(ctx, p, "user "+id, func(ctx context.Context) (*slack.User, error) {
		user, err := p.slack.GetUserInfoContext(ctx, id)
		if err == nil && user.ID == "" {
			err = errSlackSilent
		}
		return user, err
	})
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
		who.Zone = zoneNamed(user.TZ, user.TZOffset)
	}
	for _, group := range p.groups {
		members, err := p.members(ctx, group)
		switch {
		case err != nil:
			groups = errors.Join(groups, fmt.Errorf("asking Slack for the members of group %s: %w", group, err))
			if ctx.Err() != nil {
				return who, groups, nil
			}
		case slices.ContainsFunc(members, who.Is):
			who.Groups = append(who.Groups, group)
		}
	}
	return who, groups, nil
}

// members returns the ids of a user group's members.
func (p *people) members(ctx context.Context, group string) ([]string, error) {
	return known(ctx, p, "group "+group, func(ctx context.Context) ([]string, error) {
		members, err := p.slack.GetUserGroupMembersContext(ctx, group)
		if slackCode(err) == "no_such_subteam" {
			p.log.Error("a user group of WFBOT_REQUESTERS or WFBOT_APPROVERS does not exist: remove it there", "group", group)
			return []string{}, nil
		}
		if err == nil && members == nil { // an empty group has an empty list
			err = errSlackSilent
		}
		return members, err
	})
}

// byEmail returns the id of the active Slack user with that e-mail, or "". Workfront
// keeps addresses as somebody typed them, with a space behind it perhaps; Slack knows
// them as they are.
func (p *people) byEmail(ctx context.Context, email string) (string, error) {
	if plain, err := request.ParseAddress(email); err == nil {
		email = plain
	}
	if email == "" {
		return "", nil
	}
	return known(ctx, p, "email "+email, func(ctx context.Context) (string, error) {
		user, err := p.slack.GetUserByEmailContext(ctx, email)
		if trouble, _ := classify(err); err != nil && trouble == noPerson {
			return "", nil
		}
		if err != nil {
			return "", fmt.Errorf("asking Slack for the user with e-mail %s: %w", email, err)
		}
		if user.ID == "" {
			return "", errSlackSilent
		}
		return user.ID, nil
	})
}

// channel returns the facts about a conversation, never from the cache: a person
// who is told to invite the bot does it at once. A conversation that Slack does
// not show the bot is one that the bot is not in.
func (p *people) channel(ctx context.Context, id string) (request.ChannelFacts, error) {
	if strings.HasPrefix(id, "D") {
		return request.ChannelFacts{ID: id, Direct: true}, nil
	}
	channel, err := p.slack.GetConversationInfoContext(ctx, &slack.GetConversationInfoInput{ChannelID: id})
	if trouble, _ := classify(err); err != nil && trouble == noPlace {
		return request.ChannelFacts{ID: id}, nil
	}
	if isDirect(err) {
		return request.ChannelFacts{ID: id, Direct: true}, nil
	}
	if err == nil && channel.ID == "" {
		err = errSlackSilent
	}
	if err != nil {
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

// otherID is the id besides user.ID by which Slack knows a person whom it was asked
// for by the id asked; empty: none.
func otherID(user *slack.User, asked string) string {
	for _, id := range []string{user.Enterprise.ID, asked} {
		if id != "" && id != user.ID {
			return id
		}
	}
	return ""
}

func displayName(user *slack.User) string {
	for _, name := range []string{user.Profile.DisplayName, user.RealName, user.Name} {
		if name != "" {
			return name
		}
	}
	return user.ID
}
