package evidence

import (
	"slices"

	"wfbot/bot/bottest/invariant"
	"wfbot/bot/card"
	"wfbot/bot/request"
	"wfbot/bot/slacksim"
	"wfbot/bot/store"
)

// batchOf returns the batch whose card the message is.
func (s workspace) batchOf(m slacksim.Message) (*request.Batch, bool) {
	i := slices.IndexFunc(s.batches, func(b *request.Batch) bool { return b.Card.Channel == m.Channel && b.Card.TS == m.TS })
	if i < 0 {
		return nil, false
	}
	return s.batches[i], true
}

// buttons returns what can be pressed on a message.
func (s workspace) buttons(m slacksim.Message) (all []invariant.Button) {
	for _, b := range m.Buttons() {
		button := invariant.Button{Kind: kinds[b.ActionID], RequestID: b.Value}
		if id, _, several := card.ParseValue(b.Value); several {
			button = invariant.Button{Kind: kinds[b.ActionID], BatchID: id, Members: s.about(b.Value)}
		}
		all = append(all, button)
	}
	return all
}

// about returns the requests that the value of a button or an option is about. A
// value that means nothing is about a request that nobody stored.
func (s workspace) about(value string) (ids []string) {
	id, selection, several := card.ParseValue(value)
	i := slices.IndexFunc(s.batches, func(b *request.Batch) bool { return b.ID == id })
	if !several || i < 0 {
		return []string{value}
	}
	members, err := s.batches[i].Selected(selection)
	if err != nil {
		return []string{value}
	}
	for _, r := range members {
		ids = append(ids, r.ID)
	}
	return ids
}

// toldOfBatches adds the batches whose requester can read how it ended for all.
func (s workspace) toldOfBatches(told map[string]bool, links []string) {
	for _, b := range s.batches {
		told[b.ID] = slices.ContainsFunc(links, func(link string) bool {
			return s.reads(b.Requester.ID, card.BatchNotice(b, link))
		})
	}
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
			all = append(all, invariant.Deed{By: s.idOf(as.UserID), Kind: kind, Requests: s.about(value)})
		}
	}
	return all
}
