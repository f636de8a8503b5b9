package slacksim

import (
	"cmp"
	"slices"
)

// Channel is a conversation of any kind.
type Channel struct {
	ID      string // C… or D…; default random
	Name    string // without #; empty for direct messages
	Private bool
	IM      bool // direct message between the two Members
	MPIM    bool // group direct message
	// Members are user ids. The app sees and posts to a channel only if its bot
	// user is among them; see Server.BotUserID.
	Members          []string
	ExternallyShared bool // shared with another organisation (Slack Connect)
	SharePending     bool // another organisation is invited, and has not accepted
	OrgShared        bool // shared with other workspaces of the organisation
	OrgWide          bool // is_global_shared: everybody in the organisation is in it
	Archived         bool
}

// AddChannel adds a conversation and returns it with its id.
func (s *Server) AddChannel(c Channel) Channel {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.addChannel(c)
}

// addChannel is AddChannel for callers that hold s.mu.
func (s *Server) addChannel(c Channel) Channel {
	prefix := "C"
	if c.IM {
		prefix = "D"
	}
	c.ID = cmp.Or(c.ID, s.id(prefix))
	c.Members = slices.Clone(c.Members)
	s.channels = append(s.channels, &c)
	s.touch()
	return c
}

// UpdateChannel changes a conversation (archives it, shares it, …) and reports
// whether it exists.
func (s *Server) UpdateChannel(id string, change func(*Channel)) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.channel(id)
	if c == nil {
		return false
	}
	change(c)
	c.ID = id
	s.touch()
	return true
}

// MakePrivate turns a channel into a private one, which keeps its id, and reports
// whether it exists.
func (s *Server) MakePrivate(id string) bool {
	return s.UpdateChannel(id, func(c *Channel) { c.Private = true })
}

// ConvertGroup turns a group direct message into a private channel of that name,
// with its messages and a new id, which it returns; "" if there is no such group.
// The old id is nobody's from then on.
func (s *Server) ConvertGroup(id, name string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.channel(id)
	if c == nil || !c.MPIM {
		return ""
	}
	c.ID, c.Name, c.MPIM, c.Private = s.id("C"), name, false, true
	s.rename(id, c.ID)
	return c.ID
}

// ChangeChannelID gives a channel a new id, as Slack may when it is shared or
// converted, and returns it; "" if there is no such channel. The old one is nobody's
// from then on; apps that subscribe to channel_id_changed are told.
// Source: https://docs.slack.dev/reference/events/channel_id_changed
func (s *Server) ChangeChannelID(id string) string {
	s.mu.Lock()
	c := s.channel(id)
	if c == nil {
		s.mu.Unlock()
		return ""
	}
	c.ID = s.id("C")
	changed := object{"type": "channel_id_changed", "old_channel_id": id, "new_channel_id": c.ID, "event_ts": s.ts()}
	s.rename(id, c.ID)
	s.mu.Unlock()
	s.SendEvent(changed)
	return text(changed["new_channel_id"])
}

// rename moves the messages of a channel to its new id. The caller holds s.mu.
func (s *Server) rename(from, to string) {
	for _, m := range s.messages[from] {
		m.Channel = to
	}
	s.messages[to] = s.messages[from]
	delete(s.messages, from)
	s.touch()
}

// Invite makes users members of a channel.
func (s *Server) Invite(channel string, users ...string) bool {
	return s.UpdateChannel(channel, func(c *Channel) {
		for _, u := range users {
			if !slices.Contains(c.Members, u) {
				c.Members = append(slices.Clone(c.Members), u)
			}
		}
	})
}

// Kick takes users out of a channel.
func (s *Server) Kick(channel string, users ...string) bool {
	return s.UpdateChannel(channel, func(c *Channel) {
		c.Members = slices.DeleteFunc(slices.Clone(c.Members), func(u string) bool {
			return slices.Contains(users, u)
		})
	})
}

// Channels returns all conversations, in the order they came to be.
func (s *Server) Channels() []Channel {
	s.mu.Lock()
	defer s.mu.Unlock()
	channels := make([]Channel, len(s.channels))
	for i, c := range s.channels {
		channels[i] = *c
		channels[i].Members = slices.Clone(c.Members)
	}
	return channels
}

// DM returns the id of the direct message conversation between the app and a
// user, or "" if nobody has opened it.
func (s *Server) DM(user string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c := s.dm(user); c != nil {
		return c.ID
	}
	return ""
}

// dm returns the conversation between the app and a user, or nil. The caller
// holds s.mu.
func (s *Server) dm(user string) *Channel {
	for _, c := range s.channels {
		if c.IM && c.has(s.bot) && c.has(user) {
			return c
		}
	}
	return nil
}

// openDM returns the conversation between the app and a user, new if need be.
// The caller holds s.mu.
func (s *Server) openDM(user string) *Channel {
	if c := s.dm(user); c != nil {
		return c
	}
	return s.channel(s.addChannel(Channel{IM: true, Private: true, Members: []string{s.bot, user}}).ID)
}

// channel returns the conversation of that id, or nil. The caller holds s.mu.
func (s *Server) channel(id string) *Channel {
	i := slices.IndexFunc(s.channels, func(c *Channel) bool { return c.ID == id })
	if i < 0 {
		return nil
	}
	return s.channels[i]
}

// visible returns the conversation if the app can see it: private ones only as a
// member. The caller holds s.mu.
func (s *Server) visible(id string) *Channel {
	c := s.channel(id)
	if c == nil || (c.closed() && !c.has(s.bot)) {
		return nil
	}
	return c
}

// closed reports whether only members see the conversation.
func (c *Channel) closed() bool { return c.Private || c.IM || c.MPIM }

func (c *Channel) has(user string) bool { return slices.Contains(c.Members, user) }

// kind is what filters of conversation menus call it.
func (c *Channel) kind() string {
	switch {
	case c.IM:
		return "im"
	case c.MPIM:
		return "mpim"
	case c.Private:
		return "private"
	default:
		return "public"
	}
}

// label is the name that slash commands and interactions carry.
func (c *Channel) label() string {
	switch {
	case c.IM:
		return "directmessage"
	case c.Private || c.MPIM:
		return "privategroup"
	default:
		return c.Name
	}
}

// sharesChannelWithBot reports whether the user is in any conversation with the
// app. The caller holds s.mu.
func (s *Server) sharesChannelWithBot(user string) bool {
	return slices.ContainsFunc(s.channels, func(c *Channel) bool { return c.has(user) && c.has(s.bot) })
}

// readScope is the scope it takes to read about the conversation.
func (c *Channel) readScope() string { return readScopes[c.kind()] }

// readScopes are the scopes to read about conversations, by Channel.kind.
var readScopes = map[string]string{"public": "channels:read", "private": "groups:read", "im": "im:read", "mpim": "mpim:read"}

// wireChannel returns the conversation as conversations.info shows it. The
// caller holds s.mu.
func (s *Server) wireChannel(c *Channel) object {
	wire := object{
		"id": c.ID, "created": 1700000000, "is_im": c.IM, "is_org_shared": c.OrgShared,
		"is_archived": c.Archived, "context_team_id": s.cfg.TeamID,
	}
	if c.IM {
		i := slices.IndexFunc(c.Members, func(u string) bool { return u != s.bot })
		if i >= 0 {
			wire["user"] = c.Members[i]
		}
		wire["is_open"] = true
		return wire
	}
	for key, value := range (object{
		"name": c.Name, "name_normalized": c.Name, "is_channel": !c.Private, "is_group": c.Private,
		"is_mpim": c.MPIM, "is_private": c.closed(), "is_general": false, "is_member": c.has(s.bot),
		"is_shared": c.ExternallyShared || c.OrgShared || c.OrgWide, "is_ext_shared": c.ExternallyShared,
		"is_global_shared":      c.OrgWide,
		"is_pending_ext_shared": c.SharePending, "pending_shared": pendingTeams(c), "unlinked": 0,
		"shared_team_ids": s.sharedTeams(c),
		"topic":           object{"value": "", "creator": "", "last_set": 0},
		"purpose":         object{"value": "", "creator": "", "last_set": 0},
	}) {
		wire[key] = value
	}
	return wire
}

// pendingTeams lists the workspaces that are invited to a channel.
func pendingTeams(c *Channel) []any {
	if !c.SharePending {
		return []any{}
	}
	return []any{"T0INVITED"}
}

// sharedTeams lists the workspaces of a channel's members, the simulated one
// first; without those of other organisations unless it is shared with them. The caller
// holds s.mu.
func (s *Server) sharedTeams(c *Channel) []any {
	teams := []any{s.cfg.TeamID}
	for _, id := range c.Members {
		if u := s.user(id); u != nil && (u.Kind != External || c.ExternallyShared) && !slices.Contains(teams, any(u.TeamID)) {
			teams = append(teams, u.TeamID)
		}
	}
	return teams
}
