package evidence

import (
	"slices"

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

// told returns the cards whose requester can read how it ended.
func (s workspace) told() map[string]bool {
	links := []string{""}
	for _, m := range s.posted() {
		links = append(links, s.link(m))
	}
	told := make(map[string]bool)
	for _, c := range s.cards {
		told[c.ID] = slices.ContainsFunc(links, func(link string) bool {
			return s.reads(c.Requester.ID, card.Notice(c, link))
		})
	}
	return told
}

// decided says what pressing a button decides at once. The other buttons open a
// form.
var decided = map[string]request.DecisionKind{
	card.ActionApprove: request.Approve, card.ActionRetry: request.RunAgain, card.ActionLeaveOut: request.Cancel,
}

// decisions returns what people pressed and submitted to decide.
func (s workspace) decisions() []invariant.Deed {
	all := []invariant.Deed{} // known, even if there are none
	for _, d := range s.deeds() {
		as := d.as[0]
		kind, value := decided[as.ActionID], as.Value
		if form, err := card.ParseDecisionForm(as.Callback, as.Metadata); as.Kind == store.Form && err == nil {
			kind, value = form.Kind, form.Value
		}
		if kind != "" {
			_, ids := s.about(value)
			all = append(all, invariant.Deed{By: s.idOf(as.UserID), Kind: kind, Requests: ids})
		}
	}
	return all
}
