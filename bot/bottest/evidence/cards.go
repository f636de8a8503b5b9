package evidence

import (
	"slices"
	"strings"

	"wfbot/bot/bottest/invariant"
	"wfbot/bot/card"
	"wfbot/bot/request"
	"wfbot/bot/slacksim"
	"wfbot/bot/store"
)

// cardOf returns the card whose message it is.
func (s workspace) cardOf(m slacksim.Message) (*request.Card, bool) {
	i := slices.IndexFunc(s.cards, func(c *request.Card) bool { return c.HasButtons(m.Channel, m.TS) })
	if i < 0 {
		return nil, false
	}
	return s.cards[i], true
}

// buttons returns what can be pressed on a message.
func (s workspace) buttons(m slacksim.Message) (all []invariant.Button) {
	for _, b := range m.Buttons() {
		action, value := card.Pressed(b.ActionID, b.Value)
		id, ids := s.about(value)
		all = append(all, invariant.Button{Kind: kinds[action], CardID: id, Requests: ids})
	}
	return all
}

// about returns the card and the requests that the value of a button or an option
// is about. A value that means nothing is about a card and a request that nobody
// stored.
func (s workspace) about(value string) (cardID string, ids []string) {
	id, selection, several := card.ParseValue(value)
	for _, c := range s.cards {
		if !several && slices.ContainsFunc(c.Requests, func(r *request.Request) bool { return r.ID == id }) {
			return c.ID, []string{id}
		}
		if !several || c.ID != id {
			continue
		}
		selected, err := c.Selected(selection)
		if err != nil {
			break
		}
		for _, r := range selected {
			ids = append(ids, r.ID)
		}
		return id, ids
	}
	return value, []string{value}
}

// named are the requests about the user that a command names.
func (s workspace) named(who request.Mention) (ids []string) {
	email := who.Email
	if u, ok := s.User(who.UserID); ok {
		email = u.Email
	}
	for _, r := range s.requests {
		if strings.EqualFold(r.Target.Email, email) {
			ids = append(ids, r.ID)
		}
	}
	return ids
}

// told returns the cards whose requester can read how it ended.
func (s workspace) told() map[string]bool {
	links := []string{""}
	for _, m := range s.posted() {
		links = append(links, s.link(m))
	}
	told := make(map[string]bool)
	for _, c := range s.cards {
		shown := *c
		shown.Hidden = false // what is said of a hidden card comes below
		told[c.ID] = slices.ContainsFunc(links, func(link string) bool {
			return s.reads(c.Requester.ID, card.Notice(&shown, link))
		})
	}
	return told
}

// leaks returns the messages that were hidden and on or below which something else was
// written although Slack had told the bot that others can read their channel: what was
// written, by channel and ts.
func (s workspace) leaks() map[request.Place]string {
	hidden, _ := card.Message(&request.Card{Hidden: true}, s.view)
	shared, isHidden, leaks := map[string]bool{}, map[request.Place]bool{}, map[request.Place]string{}
	for _, c := range s.Calls("conversations.info", "chat.update", "chat.postMessage") {
		if !c.Applied {
			continue
		}
		arg := func(name string) string { text, _ := c.Args[name].(string); return text }
		channel, text := arg("channel"), arg("text")
		is := request.Place{Channel: channel, TS: arg("ts") + arg("thread_ts")}
		facts, _ := c.Answer["channel"].(map[string]any)
		switch {
		case c.Method == "conversations.info" && c.OK && !c.Faulted && facts != nil:
			shared[channel] = facts["is_ext_shared"] == true || facts["is_pending_ext_shared"] == true
		case c.Method == "conversations.info" || !c.OK:
		case isHidden[is] && shared[channel] && text != hidden:
			leaks[is] = text
		case c.Method == "chat.update":
			isHidden[is] = text == hidden
		}
	}
	return leaks
}

// decided says what pressing a button decides at once. The other buttons open a
// form.
var decided = map[string]request.DecisionKind{
	card.ActionApprove: request.Approve, card.ActionRetry: request.RunAgain, card.ActionLeaveOut: request.Cancel,
}

// decisions returns what people pressed, submitted and typed to decide.
func (s workspace) decisions() []invariant.Deed {
	all := []invariant.Deed{} // known, even if there are none
	for _, d := range s.deeds() {
		as := d.as[0]
		kind, value := decided[as.ActionID], as.Value
		if form, err := card.ParseDecisionForm(as.Callback, as.Metadata); as.Kind == store.Form && err == nil {
			kind, value = form.Kind, form.Value
		}
		if command, err := request.ParseCommand(as.Text); as.Kind == store.Command && err == nil && command.Verb == request.Withdraw {
			all = append(all, invariant.Deed{By: s.idOf(as.UserID), Kind: request.Cancel, Requests: s.named(command.People[0])})
		}
		if kind != "" {
			_, ids := s.about(value)
			all = append(all, invariant.Deed{By: s.idOf(as.UserID), Kind: kind, Requests: ids})
		}
	}
	return all
}
