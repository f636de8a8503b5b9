package slacksim

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// The longest texts of messages, in characters.
const (
	maxPostText   = 40000
	maxUpdateText = 4000
)

// content is what a message says.
type content struct {
	text     string
	blocks   []object // nil: not given
	metadata object   // nil: not given
}

// readContent checks and returns text, blocks and metadata of a call. The caller
// holds s.mu.
func (s *Server) readContent(q *request) (content, *refusal) {
	c := content{text: q.text("text")}
	value, present, err := q.json("blocks")
	list, isList := value.([]any)
	if err != nil || (present && !isList) {
		return c, refuse("invalid_blocks_format")
	}
	if present {
		if problems := validateBlocks(list, inMessage, "/blocks"); len(problems) > 0 {
			return c, &refusal{code: "invalid_blocks", extra: problemDetails(problems)}
		}
		c.blocks = s.complete(objects(list))
	}
	value, present, err = q.json("metadata")
	if present || err != nil {
		metadata, ok := value.(object)
		if !ok {
			return c, refuse("invalid_metadata_format")
		}
		c.metadata = metadata
	}
	return c, nil
}

// objects returns the elements of a validated list of objects.
func objects(list []any) []object {
	found := make([]object, 0, len(list))
	for _, item := range list {
		if o, ok := item.(object); ok {
			found = append(found, o)
		}
	}
	return found
}

// problemDetails is the response_metadata of a refused block list.
func problemDetails(problems []string) object {
	messages := make([]any, len(problems))
	for i, problem := range problems {
		messages[i] = problem
	}
	return object{"response_metadata": object{"messages": messages}}
}

// target returns the conversation a message is to go to. A user id opens the
// direct message. The caller holds s.mu.
func (s *Server) target(id string) (*Channel, *refusal) {
	if u := s.user(id); u != nil {
		if u.Kind == Deactivated || u.Kind == Bot {
			return nil, refuse("channel_not_found")
		}
		return s.openDM(u.ID), nil
	}
	c := s.visible(id)
	if c == nil {
		return nil, refuse("channel_not_found")
	}
	return c, nil
}

// postable refuses if the app cannot post to the conversation. The caller holds
// s.mu.
func (s *Server) postable(q *request, c *Channel) *refusal {
	switch {
	case c.Archived:
		return refuse("is_archived")
	case c.has(s.bot):
		return nil
	case s.need(q, "chat:write.public") == nil:
		return nil
	default:
		return refuse("not_in_channel")
	}
}

// chatPostMessage implements chat.postMessage.
func (s *Server) chatPostMessage(q *request) (object, *refusal) {
	c, refused := s.target(q.text("channel"))
	if refused != nil {
		return nil, refused
	}
	if refused := s.postable(q, c); refused != nil {
		return nil, refused
	}
	said, refused := s.readContent(q)
	if refused != nil {
		return nil, refused
	}
	if said.text == "" && len(said.blocks) == 0 && q.text("attachments") == "" {
		return nil, refuse("no_text")
	}
	if utf8.RuneCountInString(said.text) > maxPostText {
		if s.cfg.Unknown.RejectLongText {
			return nil, refuse("msg_too_long")
		}
		said.text = string([]rune(said.text)[:maxPostText])
		q.warnings = append(q.warnings, "message_truncated")
	}
	thread := q.text("thread_ts")
	if thread != "" && s.message(c.ID, thread) == nil && !s.cfg.Unknown.AcceptLostThreads {
		return nil, refuse("thread_not_found")
	}
	m := s.post(s.botMessage(c.ID, said))
	m.ThreadTS = thread
	return object{"channel": c.ID, "ts": m.TS, "message": s.wireMessage(m)}, nil
}

// botMessage returns an unposted message of the app. The caller holds s.mu.
func (s *Server) botMessage(channel string, said content) *Message {
	return &Message{
		Channel: channel, User: s.bot, BotID: s.botID,
		Text: said.text, Blocks: said.blocks, Metadata: said.metadata,
	}
}

// own returns the app's message that a call names. The caller holds s.mu.
func (s *Server) own(q *request, notMine string) (*Message, *refusal) {
	channel, ts := q.text("channel"), q.text("ts")
	c := s.visible(channel)
	if c == nil {
		return nil, refuse("channel_not_found")
	}
	m := s.message(channel, ts)
	switch {
	case m == nil:
		return nil, refuse("message_not_found") // ephemeral ones too
	case m.BotID != s.botID:
		return nil, refuse(notMine)
	case c.Archived:
		return nil, refuse("is_inactive")
	}
	return m, nil
}

// chatUpdate implements chat.update: text without blocks takes the blocks away,
// metadata stays unless sent.
func (s *Server) chatUpdate(q *request) (object, *refusal) {
	m, refused := s.own(q, "cant_update_message")
	if refused != nil {
		return nil, refused
	}
	said, refused := s.readContent(q)
	if refused != nil {
		return nil, refused
	}
	if _, given := q.args["text"]; !given && said.blocks == nil && q.text("attachments") == "" {
		return nil, refuse("no_text")
	}
	if utf8.RuneCountInString(said.text) > maxUpdateText {
		return nil, refuse("msg_too_long")
	}
	s.change(m, said)
	return object{"channel": m.Channel, "ts": m.TS, "text": m.Text, "message": s.wireMessage(m)}, nil
}

// change applies an edit to a message. The caller holds s.mu.
func (s *Server) change(m *Message, said content) {
	m.Text = said.text
	m.Blocks = said.blocks
	if said.metadata != nil {
		m.Metadata = said.metadata
		if len(said.metadata) == 0 {
			m.Metadata = nil
		}
	}
	m.Edited = m.Edited || len(said.blocks) == 0
	m.Updates++
	m.ChangedAt = s.cfg.Now()
	s.touch()
}

// chatDelete implements chat.delete.
func (s *Server) chatDelete(q *request) (object, *refusal) {
	m, refused := s.own(q, "cant_delete_message")
	if refused != nil {
		return nil, refused
	}
	s.delete(m)
	return object{"channel": m.Channel, "ts": m.TS}, nil
}

// chatPostEphemeral implements chat.postEphemeral.
func (s *Server) chatPostEphemeral(q *request) (object, *refusal) {
	c := s.visible(q.text("channel"))
	if c == nil {
		return nil, refuse("channel_not_found")
	}
	if refused := s.postable(q, c); refused != nil {
		return nil, refused
	}
	u := s.user(q.text("user"))
	if u == nil || u.Kind == Deactivated || !c.has(u.ID) {
		return nil, refuse("user_not_in_channel")
	}
	said, refused := s.readContent(q)
	if refused != nil {
		return nil, refused
	}
	if said.text == "" && len(said.blocks) == 0 && q.text("attachments") == "" {
		return nil, refuse("no_text")
	}
	m := s.botMessage(c.ID, said)
	m.To = u.ID
	m.ThreadTS = q.text("thread_ts")
	s.post(m)
	return object{"message_ts": m.TS}, nil
}

// chatGetPermalink implements chat.getPermalink.
func (s *Server) chatGetPermalink(q *request) (object, *refusal) {
	c := s.visible(q.text("channel"))
	if c == nil {
		return nil, refuse("channel_not_found")
	}
	m := s.message(c.ID, q.text("message_ts"))
	if m == nil {
		return nil, refuse("message_not_found")
	}
	link := fmt.Sprintf("https://%s.slack.com/archives/%s/p%s", s.cfg.TeamDomain, c.ID, strings.ReplaceAll(m.TS, ".", ""))
	return object{"channel": c.ID, "permalink": link}, nil
}
