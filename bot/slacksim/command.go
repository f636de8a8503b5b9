package slacksim

import (
	"fmt"
	"regexp"
	"strings"
)

// Command has a person type a slash command and send it. It returns at the app's
// acknowledgement or its deadline. The error says that a Slack client would not
// have sent it.
func (s *Server) Command(user, channel, typed string) (Reply, error) {
	payload, err := s.commandPayload(user, channel, typed)
	if err != nil {
		return Reply{}, fmt.Errorf("typing %q: %w", typed, err)
	}
	reply := s.exchange(Envelope{Type: SlashCommands, Payload: payload, Accepts: true})
	s.showReply(&reply, user, channel, typed)
	return reply, nil
}

// commandPayload returns the payload of a slash command.
func (s *Server) commandPayload(user, channel, typed string) (object, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.mayAct(user, channel, false); err != nil {
		return nil, err
	}
	u, c := s.user(user), s.channel(channel)
	name, text, _ := strings.Cut(typed, " ")
	registered, ok := s.cfg.command(name)
	if !ok || !strings.HasPrefix(name, "/") {
		return nil, fmt.Errorf("%s is not a command: %w", name, ErrNotThere)
	}
	if u.Kind == External && !s.cfg.AllowImpossible {
		return nil, fmt.Errorf("an external person: %w", ErrCannotAct)
	}
	if registered.ShouldEscape {
		text = s.escape(text)
	}
	payload := object{
		"token": "deprecated-verification-token", "team_id": u.TeamID, "team_domain": s.cfg.TeamDomain,
		"channel_id": c.ID, "channel_name": c.label(), "user_id": u.ID, "user_name": u.Name,
		"command": name, "text": text, "api_app_id": s.cfg.AppID, "is_enterprise_install": "false",
		"trigger_id": s.trigger(u.ID, c.ID),
	}
	if u.EnterpriseID != "" {
		payload["enterprise_id"], payload["enterprise_name"] = u.EnterpriseID, s.cfg.EnterpriseName
	}
	payload["response_url"] = s.newHook("commands", &hook{user: u.ID, channel: c.ID})
	return payload, nil
}

// showReply shows the person what Slack shows at the acknowledgement of a slash
// command, or instead of it.
func (s *Server) showReply(reply *Reply, user, channel, typed string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	name, _, _ := strings.Cut(typed, " ")
	if len(reply.Payload) > 0 {
		said, refused := s.responseContent(reply.Payload)
		if refused == nil {
			if said.public { // shows the command too
				s.post(&Message{Channel: channel, User: user, Text: typed})
			}
			reply.showed(s.post(s.responseMessage(user, channel, said)))
			return
		}
		reply.Failure = BadResponse
	}
	if reply.Failure != "" {
		reply.showed(s.notice(user, channel, fmt.Sprintf("%s failed with the error %q", name, reply.Failure)))
	}
}

// showed notes the message that the person saw.
func (r *Reply) showed(m *Message) {
	if m == nil {
		return
	}
	copied := m.clone()
	r.Message = &copied
}

// token matches what escaping turns into a control form, in typed text whose
// & < > are already escaped.
var token = regexp.MustCompile(`https?://[^\s|]+` +
	`|[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,}` +
	`|[@#][A-Za-z0-9._-]*[A-Za-z0-9]`)

// escape returns text as a command with should_escape receives it: addresses,
// links, people, groups and channels as control forms, & < > as entities. The
// caller holds s.mu.
func (s *Server) escape(typed string) string {
	if !s.cfg.Unknown.RawAmpersands {
		typed = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(typed)
	}
	return token.ReplaceAllStringFunc(typed, func(word string) string {
		switch {
		case strings.HasPrefix(word, "http"):
			return "<" + word + ">"
		case word[0] == '@':
			return s.escapeMention(word)
		case word[0] == '#':
			return s.escapeChannel(word)
		case s.cfg.Unknown.PlainEmails:
			return word
		default:
			return "<mailto:" + word + "|" + word + ">"
		}
	})
}

// escapeMention returns the control form of @name, or @name if nobody is called
// that. The caller holds s.mu.
func (s *Server) escapeMention(word string) string {
	name := word[1:]
	switch name {
	case "here", "channel", "everyone":
		return "<!" + name + ">"
	}
	for _, u := range s.users {
		if strings.EqualFold(u.Name, name) && u.Kind != Deactivated {
			if s.cfg.Unknown.LabelledMentions {
				return "<@" + u.ID + "|" + u.Name + ">"
			}
			return "<@" + u.ID + ">"
		}
	}
	for _, g := range s.groups {
		if strings.EqualFold(g.Handle, name) && !g.Disabled {
			return "<!subteam^" + g.ID + "|@" + g.Handle + ">"
		}
	}
	return word
}

// escapeChannel returns the control form of #name, or #name if there is no such
// channel; the label of a private one is empty. The caller holds s.mu.
func (s *Server) escapeChannel(word string) string {
	for _, c := range s.channels {
		if c.Name == "" || !strings.EqualFold(c.Name, word[1:]) {
			continue
		}
		if c.Private {
			return "<#" + c.ID + "|>"
		}
		return "<#" + c.ID + "|" + c.Name + ">"
	}
	return word
}
