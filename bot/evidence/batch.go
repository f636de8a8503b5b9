package evidence

import (
	"slices"

	"wfbot/bot/card"
	"wfbot/bot/invariant"
	"wfbot/bot/request"
	"wfbot/bot/slacksim"
)

// project lets each member of a batch be looked at like any other request: the card
// of the batch is its card, and what was told of the batch was told of it. While the
// batch has not ended for all, it owes nobody news.
func (s workspace) project() {
	for _, b := range s.batches {
		for _, m := range b.Members {
			i := slices.IndexFunc(s.requests, func(r *request.Request) bool { return r.ID == m.ID })
			if i < 0 {
				continue
			}
			r := s.requests[i]
			r.Card = b.Card
			if r.Card.Painted = 0; b.Card.Painted > 0 {
				r.Card.Painted = r.Look - min(b.Look-b.Card.Painted, r.Look)
			}
			if !ended(b) {
				r.Told = r.News
			}
		}
	}
}

func ended(b *request.Batch) bool {
	return !slices.ContainsFunc(b.Members, func(r *request.Request) bool { return !r.State.Ended() })
}

// batchOf returns the batch whose card the message is.
func (s workspace) batchOf(m slacksim.Message) (*request.Batch, bool) {
	i := slices.IndexFunc(s.batches, func(b *request.Batch) bool { return b.Card.Channel == m.Channel && b.Card.TS == m.TS })
	if i < 0 {
		return nil, false
	}
	return s.batches[i], true
}

// buttons returns what can be pressed on a message: a button about several people
// is one for each of them.
func (s workspace) buttons(m slacksim.Message) (all []invariant.Button) {
	for _, b := range m.Buttons() {
		id, selection, several := card.ParseValue(b.Value)
		i := slices.IndexFunc(s.batches, func(b *request.Batch) bool { return b.ID == id })
		if !several || i < 0 {
			all = append(all, invariant.Button{Kind: kinds[b.ActionID], RequestID: b.Value})
			continue
		}
		members, err := s.batches[i].Selected(selection)
		if err != nil {
			all = append(all, invariant.Button{Kind: kinds[b.ActionID], RequestID: b.Value})
		}
		for _, r := range members {
			all = append(all, invariant.Button{Kind: kinds[b.ActionID], RequestID: r.ID})
		}
	}
	return all
}

// toldOfBatches adds the members whose requester can read how it ended for all.
func (s workspace) toldOfBatches(told map[string]bool, links []string) {
	for _, b := range s.batches {
		reads := !ended(b) || slices.ContainsFunc(links, func(link string) bool {
			return s.reads(b.Requester.ID, card.BatchNotice(b, link))
		})
		for _, r := range b.Members {
			told[r.ID] = reads
		}
	}
}
