package check

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"

	"wfbot/bot/slackapi"
	"wfbot/bot/socket"
)

// quiet takes what a client logs: a finding says it.
var quiet = slog.New(slog.DiscardHandler)

const (
	appToken = "SLACK_APP_TOKEN"
	botToken = "SLACK_BOT_TOKEN"
	channels = "WFBOT_CHANNEL"
)

// slack looks at everything that Slack knows.
func (c *check) slack(ctx context.Context) (found []Finding) {
	if c.BotToken != "" {
		token, inToken := c.botToken(ctx)
		found = append(found, inToken...)
		found = append(found, c.appToken(ctx, token.AppID)...)
		if token.UserID == "" {
			return found
		}
		if c.read {
			if err := c.stored.Binding.CheckSlack(token.TeamID, token.URL); err != nil {
				found = append(found, told("WFBOT_DATABASE_URL", err))
			}
		}
		client := c.newSlack()
		people := newPeople(c, client, token)
		found = append(found, people.look(ctx)...)
		found = append(found, c.channels(ctx, client, people)...)
		return append(found, unknown("Interactivity, commands and events", "Slack does not tell an app which of them it has",
			`compare the app's settings with what "wfbot manifest" prints; a card whose buttons show an error has Interactivity switched off`))
	}
	return c.appToken(ctx, "")
}

// botToken says whose token it is and what it may do.
func (c *check) botToken(ctx context.Context) (slackapi.Token, []Finding) {
	groups := slices.Concat(c.Policy.Requesters.Groups, c.Policy.Approvers.Groups) // which take a scope of their own
	token, err := c.newSlack(groups...).Examine(ctx)
	switch {
	case slackapi.Unusable(err) && token.UserID == "":
		return token, []Finding{told(botToken, err)}
	case slackapi.Unusable(err): // scopes
		return token, append([]Finding{told(botToken, err)}, clock("Slack", token.ClockOff, token.ClockKnown)...)
	case err != nil:
		return token, []Finding{fault("Slack", "does not answer: "+err.Error(),
			"see that this machine may open connections to Slack; where that needs a proxy, set HTTPS_PROXY, and SLACK_API_URL only for GovSlack")}
	}
	found := []Finding{ok(botToken, fmt.Sprintf("is that of @%s in the workspace %s (%s)", token.Name, token.Team, token.TeamID))}
	if lacking := token.Lacking([]string{"commands"}); lacking != nil {
		found = append(found, fault(botToken, "lacks the scope commands: nobody has wfbot's commands", `paste what "wfbot manifest" prints as the app's manifest, and install the app again`))
	}
	if lacking := token.Lacking([]string{"im:write"}); lacking != nil {
		found = append(found, warning(botToken, "lacks the scope im:write, with which wfbot writes to people first", `paste what "wfbot manifest" prints as the app's manifest, and install the app again`))
	}
	return token, append(found, clock("Slack", token.ClockOff, token.ClockKnown)...)
}

// appToken says whether Slack lets the app connect. app is that of the bot token.
func (c *check) appToken(ctx context.Context, app string) []Finding {
	if c.AppToken == "" {
		return nil
	}
	// The token names its app: xapp-1-A…-….
	if parts := strings.Split(c.AppToken.Reveal(), "-"); app != "" && len(parts) > 3 && strings.HasPrefix(parts[2], "A") && parts[2] != app {
		return []Finding{fault(appToken, fmt.Sprintf("is of another app (%s) than SLACK_BOT_TOKEN (%s)", parts[2], app), "set both to tokens of the same app")}
	}
	greeting, err := socket.Probe(ctx, c.AppToken, c.SlackURL, c.Connect)
	fatal, isFatal := errors.AsType[*socket.FatalError](err)
	switch {
	case isFatal:
		return []Finding{fault(appToken, fmt.Sprintf("Slack refuses Socket Mode (%s)", fatal.Code), fatal.Remedy)}
	case socket.TooMany(err):
		return []Finding{fault("Slack connections", "the app has as many as it may, 10", "the number of wfbot processes times WFBOT_SLACK_CONNECTIONS must be at most 10; end other programs that use the app")}
	case err != nil:
		return []Finding{fault("Slack", "does not let wfbot connect: "+err.Error(), "see that this machine may open WebSocket connections to Slack (wss); try again")}
	case !c.Connect:
		return []Finding{ok(appToken, "Slack lets the app connect"),
			unknown("Slack connections", "only a connection shows how many the app has", "-connect opens one for a moment; do it when nobody uses the app")}
	}
	return append([]Finding{ok(appToken, "Slack has greeted a connection")}, c.others(greeting.Connections-1))
}

// others says whether somebody else uses the app. count is how many connections it has
// besides ours.
func (c *check) others(count int) Finding {
	const subject = "Slack connections"
	switch known := c.stored.Connections; {
	case count <= 0:
		return ok(subject, "nobody else is connected with this app")
	case c.read && count <= known:
		return ok(subject, fmt.Sprintf("the app has %d, those of the wfbot that works on this database", count))
	case !c.read:
		return warning(subject, fmt.Sprintf("the app has %d already, and the database does not answer whose they are", count), "repair the database first")
	default:
		return fault(subject, fmt.Sprintf("the app has %d, and wfbots on this database hold %d: another wfbot, perhaps with another database, uses the same Slack app", count, known),
			"give each its own Slack app, or end one: Slack gives each a part of what people do. After a wfbot has ended, Slack counts its connections for up to 2 minutes")
	}
}

// channels looks at those that are configured.
func (c *check) channels(ctx context.Context, client *slackapi.Client, people *people) (found []Finding) {
	if c.Channel == "" {
		found = append(found, ok(channels, "is not set: a card appears where the command was typed, if wfbot is in that channel"))
	}
	for _, one := range []struct{ variable, id string }{{channels, c.Channel}, {"WFBOT_OPS_CHANNEL", c.OpsChannel}} {
		if one.id == "" {
			continue
		}
		facts, err := client.Channel(ctx, one.id)
		switch {
		case err != nil:
			found = append(found, notAsked(one.variable, err))
		case facts.Direct:
			found = append(found, fault(one.variable, one.id+" is a direct message", "name a channel (C…)"))
		case facts.Archived:
			found = append(found, fault(one.variable, one.id+" is archived", "bring it back in Slack, or name another channel"))
		case facts.External:
			found = append(found, fault(one.variable, one.id+" is shared with another organisation, and wfbot posts nothing there", "name a channel that only your organisation is in"))
		case !facts.Member:
			found = append(found, fault(one.variable, "wfbot is not in "+one.id+", or there is no such channel", "type /invite @wfbot in it, or name another channel"))
		default:
			found = append(found, ok(one.variable, one.id+" is internal, and wfbot is in it"))
			if one.variable == channels {
				found = append(found, people.inChannel(ctx, one.id)...)
			}
		}
	}
	if c.OpsChannel == "" {
		found = append(found, warning("WFBOT_OPS_CHANNEL", "is not set: trouble that only the operator can end is only in the log", "name a channel that somebody reads"))
	}
	return found
}

// notAsked is what to say where Slack did not answer a question.
func notAsked(subject string, err error) Finding {
	if _, wait := slackapi.Classify(err); wait > 0 {
		return unknown(subject, "not all was checked: Slack wants fewer questions for "+wait.String(), "try again then")
	}
	says := slackapi.Says(err)
	if strings.Contains(says, "missing_scope") {
		return fault(subject, "Slack does not say ("+says+")", "add the scope under OAuth & Permissions and install the app again")
	}
	return fault(subject, err.Error(), "try again; Slack may be out of order")
}

// inChannel says which approvers cannot see the cards.
func (p *people) inChannel(ctx context.Context, id string) []Finding {
	if len(p.approvers) == 0 {
		return nil
	}
	members, err := p.client.ChannelMembers(ctx, id)
	if err != nil {
		return []Finding{notAsked(channels, err)}
	}
	var outside []string
	for _, one := range p.approvers {
		if !slices.ContainsFunc(members, one.Is) {
			outside = append(outside, one.Name)
		}
	}
	switch {
	case len(outside) == 0:
		return []Finding{ok(channels, "every approver is in it")}
	case len(outside) == len(p.approvers):
		return []Finding{fault(channels, "no approver is in it, so nobody who may decide sees the cards", "invite them to it")}
	}
	return []Finding{warning(channels, "not in it, so they do not see the cards: "+list(outside), "invite them to it")}
}
