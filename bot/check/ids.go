package check

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"wfbot/bot/request"
	"wfbot/bot/slackapi"
	"wfbot/workfront"
)

// ID is an id for a configuration, or why there is none.
type ID struct {
	Asked string `json:"asked"` // as it was written
	Kind  string `json:"kind"`  // what it is the id of, in words
	ID    string `json:"id,omitempty"`
	About string `json:"about,omitempty"` // what else there is to know of it
	Error string `json:"error,omitempty"` // why there is no id, and what to do
}

// Source is where a name is looked up.
type Source int

// The sources.
const (
	InSlack Source = iota
	InWorkfront
)

// SourceOf says where a name is looked up: those that begin with wf: in Workfront.
func SourceOf(name string) Source {
	if strings.HasPrefix(name, workfrontPrefix) {
		return InWorkfront
	}
	return InSlack
}

const workfrontPrefix = "wf:"

// FindIDs returns the ids behind names: of a person by e-mail, a user group by
// @handle, a channel by #name, and a user of Workfront by wf: and an e-mail, which
// may be several. It takes the bot token and the Workfront client from the set-up. Either
// may be zero if no name needs it.
func FindIDs(ctx context.Context, config Config, names []string) (found []ID) {
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	slack, client := (&check{Config: config}).newSlack(), config.Workfront
	for i, name := range names {
		email, inWorkfront := strings.CutPrefix(name, workfrontPrefix)
		handle, isGroup := strings.CutPrefix(name, "@")
		channel, isChannel := strings.CutPrefix(name, "#")
		switch {
		case inWorkfront:
			found = append(found, workfrontIDs(ctx, client, name, email)...)
		case isGroup:
			ids, err := slack.GroupsNamed(ctx, handle)
			found = append(found, each(name, "Slack user group", ids, err, "there is no user group of that handle; a person is looked up by e-mail")...)
		case isChannel:
			ids, err := slack.ChannelsNamed(ctx, channel)
			found = append(found, each(name, "Slack channel", ids, err, "there is no channel of that name, or it is private and wfbot is not in it: type /invite @wfbot in it")...)
		case strings.Contains(name, "@"):
			id, err := slack.ByEmail(ctx, name)
			var ids []string
			if id != "" {
				ids = []string{id}
			}
			found = append(found, each(name, "Slack user", ids, err, "no active Slack user has that e-mail")...)
		default:
			// Not repeated: it may be a secret in the wrong place.
			found = append(found, ID{Asked: fmt.Sprintf("name %d", i+1), Kind: "of no known kind", Error: "write the e-mail of a person, @handle of a user group, '#name' of a channel, or wf: and the e-mail of a Workfront user"})
		}
	}
	for i := range found {
		found[i].About, found[i].Error = printable(found[i].About), printable(found[i].Error)
	}
	return found
}

// each is an answer for each of the ids, or one that says why there is none.
func each(asked, kind string, ids []string, err error, none string) (found []ID) {
	if err != nil {
		why := err.Error()
		if says := slackapi.Says(err); says != "" {
			why = "Slack says " + says
		}
		return []ID{{Asked: asked, Kind: kind, Error: why}}
	}
	if len(ids) == 0 {
		return []ID{{Asked: asked, Kind: kind, Error: none}}
	}
	for _, id := range ids {
		found = append(found, ID{Asked: asked, Kind: kind, ID: id})
	}
	return found
}

// workfrontIDs are the IDs of the users with an e-mail, which several may have.
func workfrontIDs(ctx context.Context, client *workfront.Client, asked, email string) (found []ID) {
	const kind = "Workfront user"
	users, err := client.FindByEmail(ctx, email)
	if several, ok := errors.AsType[*workfront.AmbiguousError](err); ok {
		users, err = several.Users, nil
	}
	switch {
	case errors.Is(err, workfront.ErrNotFound):
		return []ID{{Asked: asked, Kind: kind, Error: "no Workfront user has that e-mail, or wfbot's own may not see it"}}
	case err != nil:
		return []ID{{Asked: asked, Kind: kind, Error: err.Error()}}
	}
	for _, one := range users {
		found = append(found, ID{Asked: asked, Kind: kind, ID: one.ID, About: one.Name + ", " + request.Standing(one.Active)})
	}
	return found
}
