package evidence

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"wfbot/bot/bottest/invariant"
	"wfbot/bot/card"
	"wfbot/bot/request"
	"wfbot/bot/slacksim"
)

// workspace is the simulated Slack, looked at with the stored requests in hand.
type workspace struct {
	*slacksim.Server
	requests []*request.Request
	cards    []*request.Card
	view     card.View // how cards are drawn
}

// kinds says what pressing a button means.
var kinds = map[string]request.DecisionKind{
	card.ActionApprove: request.Approve, card.ActionDeny: request.Deny,
	card.ActionCancel: request.Cancel, card.ActionRetry: request.RunAgain, card.ActionLeaveOut: request.Cancel,
}

// posted returns what the bot wrote in channels, direct messages left out.
func (s workspace) posted() []slacksim.Message {
	var all []slacksim.Message
	for _, c := range s.Channels() {
		if c.IM {
			continue
		}
		for _, m := range s.Server.Messages(c.ID) {
			if m.BotID != "" {
				all = append(all, m)
			}
		}
	}
	return all
}

// messages returns the bot's messages in channels, each compared with the card
// that it is recorded as.
func (s workspace) messages() ([]invariant.Message, error) {
	var all []invariant.Message
	leaks := s.leaks()
	for _, m := range s.posted() {
		seen := invariant.Message{Channel: m.Channel, TS: m.TS, Deleted: m.Deleted, Buttons: s.buttons(m)}
		seen.Leaked = leaks[request.Place{Channel: m.Channel, TS: m.TS}]
		var err error
		if c, is := s.cardOf(m); is {
			text, blocks := card.Message(c, s.view)
			seen.Current, err = shows(m, text, blocks)
		}
		if err != nil {
			return nil, err
		}
		all = append(all, seen)
	}
	return all, nil
}

// shows reports whether the message is the card as it is drawn now.
func shows(m slacksim.Message, text string, blocks any) (bool, error) {
	encoded, err := json.Marshal(blocks)
	if err != nil {
		return false, fmt.Errorf("drawing a card: %w", err)
	}
	var drawn []any
	if err := json.Unmarshal(encoded, &drawn); err != nil {
		return false, fmt.Errorf("drawing a card: %w", err)
	}
	stored := make([]any, len(m.Blocks))
	for i, b := range m.Blocks {
		stored[i] = b
	}
	return m.Text == text && within(drawn, stored), nil
}

// within reports whether a stored value is the drawn one, apart from members that
// Slack fills in where they are missing.
func within(drawn, stored any) bool {
	switch drawn := drawn.(type) {
	case map[string]any:
		stored, ok := stored.(map[string]any)
		for key, value := range drawn {
			if !ok || !within(value, stored[key]) {
				return false
			}
		}
		return ok
	case []any:
		stored, ok := stored.([]any)
		return ok && slices.EqualFunc(drawn, stored, within)
	default:
		return drawn == stored
	}
}

// link is the address of a message, made from what auth.test answered the bot.
func (s workspace) link(m slacksim.Message) string {
	base := ""
	for _, c := range s.Calls("auth.test") {
		if url, ok := c.Answer["url"].(string); ok {
			base = strings.TrimSuffix(url, "/")
		}
	}
	return base + "/archives/" + m.Channel + "/p" + strings.ReplaceAll(m.TS, ".", "")
}

// idOf is the id that a person has in the workspace, whichever of theirs is given.
func (s workspace) idOf(user string) string {
	if u, ok := s.User(user); ok {
		return u.ID
	}
	return user
}

// reads reports whether the bot said that, or something that begins with these
// lines, to a person alone.
func (s workspace) reads(user, text string) bool {
	user = s.idOf(user)
	begins := func(said string) bool { return said == text || strings.HasPrefix(said, text+"\n") }
	return text != "" && (slices.ContainsFunc(s.inModals(user), func(said string) bool { return strings.HasPrefix(said, unformatted.Replace(text)+"\n") }) ||
		slices.ContainsFunc(slices.Concat(s.Ephemerals(user), s.DirectMessages(user)),
			func(m slacksim.Message) bool { return m.BotID != "" && begins(m.Text) }))
}

// unformatted turns an answer into plain text, as modals show it.
var unformatted = strings.NewReplacer("*", "", "`", "", "&lt;", "<", "&gt;", ">", "&amp;", "&")

// inModals is what modals that opened for a person were made to say since, whether they
// are still open or not.
func (s workspace) inModals(user string) (said []string) {
	triggers := map[any]bool{}
	for _, e := range s.Envelopes() {
		if p := payload(e.Payload); p.in("user").text("id") == user {
			triggers[p["trigger_id"]] = true
		}
	}
	theirs := map[any]bool{}
	for _, c := range s.Calls("views.open") {
		if c.Applied && c.OK && triggers[c.Args["trigger_id"]] {
			theirs[payload(c.Answer).in("view")["id"]] = true
		}
	}
	for _, c := range s.Calls("views.update") {
		if !c.Applied || !c.OK || !theirs[c.Args["view_id"]] {
			continue
		}
		var words strings.Builder
		blocks, _ := payload(c.Args).in("view")["blocks"].([]any)
		for _, b := range blocks {
			block, _ := b.(map[string]any)
			words.WriteString(payload(block).in("text").text("text"))
		}
		said = append(said, words.String())
	}
	return said
}

// approver returns who may approve a request, by the members that the groups
// have now.
func (s workspace) approver(members request.Members) func(string, *request.Request) bool {
	allowed := slices.Clone(members.Users)
	for _, g := range s.Groups() {
		if slices.Contains(members.Groups, g.ID) {
			allowed = append(allowed, g.Members...)
		}
	}
	for i, id := range allowed {
		allowed[i] = s.idOf(id)
	}
	return func(user string, r *request.Request) bool {
		user = s.idOf(user)
		return slices.Contains(allowed, user) || members.Manager && user != "" && user == r.Manager.ID
	}
}
