package slacksim

import (
	"maps"
	"slices"
	"strings"
	"time"
)

// Message is what stands in a conversation, or is shown to one person only.
type Message struct {
	Channel  string
	TS       string
	ThreadTS string // of the thread's first message; empty: not in a thread
	User     string // author; FromSlack for Slack's own notices
	BotID    string // B… if the app is the author
	Text     string
	Blocks   []map[string]any // as stored, with the ids Slack filled in
	Metadata map[string]any
	Edited   bool // carries the "(edited)" mark
	Updates  int  // how often it was changed
	Deleted  bool
	// To is the only person who sees an ephemeral message; empty: everybody.
	To        string
	PostedAt  time.Time
	ChangedAt time.Time // last update or deletion; zero: none
}

// FromSlack is the author of what Slack itself tells a person privately.
const FromSlack = "USLACKBOT"

// Messages returns the messages of a conversation, oldest first, with the
// deleted ones marked. Ephemeral messages are not among them.
func (s *Server) Messages(channel string) []Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	return cloneMessages(s.messages[channel])
}

// Message returns the message with that ts.
func (s *Server) Message(channel, ts string) (Message, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if m := s.message(channel, ts); m != nil {
		return m.clone(), true
	}
	return Message{}, false
}

// Ephemerals returns what only that person sees, in all conversations, oldest
// first, with the deleted ones marked: ephemeral messages, private answers to
// commands and clicks, and Slack's own error notices.
func (s *Server) Ephemerals(user string) []Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	return cloneMessages(s.private[user])
}

// DirectMessages returns the conversation between the app and that person.
func (s *Server) DirectMessages(user string) []Message {
	return s.Messages(s.DM(user))
}

// Reload makes a person's client reload: ephemeral messages are gone, and so is
// what they entered and did not submit.
func (s *Server) Reload(user string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.private, user)
	maps.DeleteFunc(s.entered, func(at enteredAt, _ object) bool { return at.user == user })
	s.touch()
}

// Say posts a message as a person.
func (s *Server) Say(user, channel, text string) (Message, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.mayAct(user, channel, false); err != nil {
		return Message{}, err
	}
	m := s.post(&Message{Channel: channel, User: user, Text: text})
	return m.clone(), nil
}

// Restore puts a message that the app posted at another time into its conversation,
// under its own ts.
func (s *Server) Restore(m Message) {
	s.mu.Lock()
	defer s.mu.Unlock()
	m.User, m.BotID = s.bot, s.botID
	m = m.clone()
	s.messages[m.Channel] = append(s.messages[m.Channel], &m)
	s.touch()
}

// DeleteMessage deletes a message, as its author or an administrator can. It
// reports whether it was there.
func (s *Server) DeleteMessage(channel, ts string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	m := s.message(channel, ts)
	if m == nil {
		return false
	}
	s.delete(m)
	return true
}

// post stamps and appends a message, to the conversation or, with To, to that
// person's private ones. The caller holds s.mu.
func (s *Server) post(m *Message) *Message {
	m.TS = s.ts()
	m.PostedAt = s.cfg.Now()
	if m.To != "" {
		s.private[m.To] = append(s.private[m.To], m)
	} else {
		s.messages[m.Channel] = append(s.messages[m.Channel], m)
	}
	s.touch()
	return m
}

// notice is an error that Slack itself shows to one person. The caller holds
// s.mu.
func (s *Server) notice(user, channel, text string) *Message {
	return s.post(&Message{Channel: channel, User: FromSlack, To: user, Text: text})
}

// delete marks a message as gone. The caller holds s.mu.
func (s *Server) delete(m *Message) {
	m.Deleted = true
	m.ChangedAt = s.cfg.Now()
	s.touch()
}

// message returns the live message with that ts, or nil. The caller holds s.mu.
func (s *Server) message(channel, ts string) *Message {
	return find(s.messages[channel], channel, ts)
}

// ephemeral returns what that person sees privately under that ts, or nil. The
// caller holds s.mu.
func (s *Server) ephemeral(user, channel, ts string) *Message {
	return find(s.private[user], channel, ts)
}

func find(messages []*Message, channel, ts string) *Message {
	i := slices.IndexFunc(messages, func(m *Message) bool {
		return m.Channel == channel && m.TS == ts && !m.Deleted
	})
	if i < 0 {
		return nil
	}
	return messages[i]
}

func (m *Message) clone() Message {
	copied := *m
	copied.Blocks = cloneBlocks(m.Blocks)
	copied.Metadata = cloneObject(m.Metadata)
	return copied
}

func cloneMessages(messages []*Message) []Message {
	copies := make([]Message, len(messages))
	for i, m := range messages {
		copies[i] = m.clone()
	}
	return copies
}

func cloneBlocks(blocks []object) []object {
	if blocks == nil {
		return nil
	}
	copies := make([]object, len(blocks))
	for i, b := range blocks {
		copies[i] = cloneObject(b)
	}
	return copies
}

// wireMessage returns the message as the API and payloads carry it. The caller
// holds s.mu.
func (s *Server) wireMessage(m *Message) object {
	wire := object{"type": "message", "user": m.User, "ts": m.TS, "text": m.Text, "team": s.cfg.TeamID}
	if m.BotID != "" {
		wire["bot_id"], wire["app_id"] = m.BotID, s.cfg.AppID
		wire["bot_profile"] = object{
			"id": m.BotID, "app_id": s.cfg.AppID, "name": s.cfg.BotName, "deleted": false,
			"updated": 1700000000, "team_id": s.cfg.TeamID, "icons": object{},
		}
	}
	if len(m.Blocks) > 0 {
		wire["blocks"] = anyBlocks(cloneBlocks(m.Blocks))
	}
	if m.ThreadTS != "" {
		wire["thread_ts"] = m.ThreadTS
	}
	if m.Metadata != nil {
		wire["metadata"] = cloneObject(m.Metadata)
	}
	if m.Edited {
		wire["edited"] = object{"user": m.User, "ts": m.TS}
	}
	return wire
}

// anyBlocks returns blocks as encoding/json decodes them.
func anyBlocks(blocks []object) []any {
	list := make([]any, len(blocks))
	for i, b := range blocks {
		list[i] = b
	}
	return list
}

// PlainText returns what the message says to a reader: the text of its blocks,
// with buttons as [Approve], one block a line; its Text if it has no blocks.
// Control forms and escapes stay as they are.
func (m Message) PlainText() string {
	if len(m.Blocks) == 0 {
		return m.Text
	}
	return plainText(m.Blocks)
}

// Contains reports whether every part stands in the message's Text or in its
// PlainText.
func (m Message) Contains(parts ...string) bool {
	all := m.Text + "\n" + m.PlainText()
	return !slices.ContainsFunc(parts, func(part string) bool { return !strings.Contains(all, part) })
}
