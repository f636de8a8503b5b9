package invariant

import (
	"slices"

	"wfbot/bot/request"
)

// batchLife is a batch as the trail tells it.
type batchLife struct {
	b *request.Batch
	shown
}

// checkMember demands of a member of a batch that it is one, and has no card.
func (c *checker) checkMember(l *life) {
	r := l.r
	if r.BatchID == "" {
		return
	}
	batch := c.batches[r.BatchID]
	switch {
	case batch == nil:
		c.violated(Batches, r.ID, "its batch %s is not stored", r.BatchID)
	case !slices.ContainsFunc(batch.b.Members, func(m *request.Request) bool { return m.ID == r.ID }):
		c.violated(Batches, r.ID, "batch %s does not know it", r.BatchID)
	case r.Card != (request.Card{}):
		c.violated(Batches, r.ID, "it has a card of its own, %s %s", r.Card.Channel, r.Card.TS)
	}
}

// checkBatch looks at one batch and its members as they are stored.
func (c *checker) checkBatch(batch *batchLife) {
	b := batch.b
	c.checkDisplay(b.ID, b.Version, b.Display)
	atRest, ended, behind, needed := true, true, "", false
	for _, m := range b.Members {
		l := c.lives[m.ID]
		if l == nil || l.r.BatchID != b.ID {
			c.violated(Batches, b.ID, "its member %s is none", m.ID)
			return
		}
		r := l.r
		if r.Action != b.Action || r.Requester != b.Requester || !r.NotBefore.Equal(b.NotBefore) {
			c.violated(Batches, r.ID, "it is not what batch %s asks for", b.ID)
		}
		atRest = atRest && (r.State.Ended() || r.State == request.Pending)
		ended = ended && r.State.Ended()
		needed = needed || r.State == request.Pending || r.State == request.Failed
		if r.Told < r.News {
			behind = r.ID
		}
	}
	if !c.Settled || !atRest { // a member that is not at rest is a violation of its own
		return
	}
	c.checkCard(b.ID, "not over", needed, b.Display, batch.shown)
	switch {
	case b.Told < b.News && (ended || b.Card.Painted > 0):
		c.violated(Told, b.ID, "%d of %d news", b.Told, b.News)
	case ended && behind != "":
		c.violated(Told, b.ID, "not of the outcome of %s", behind)
	case ended && c.Told != nil && !c.Told[b.ID] && !batch.unreachable:
		c.violated(Told, b.ID, "no message about the outcome arrived")
	}
}

// checkBatchButton looks at a button that is about several members of a batch.
func (c *checker) checkBatchButton(m Message, b Button) {
	batch := c.batches[b.BatchID]
	if batch == nil {
		c.violated(Buttons, b.BatchID, "message %s %s has %q for a batch that is not stored", m.Channel, m.TS, b.Kind)
		return
	}
	card := batch.b.Card
	if card.Channel != m.Channel || card.TS != m.TS {
		c.violated(Buttons, b.BatchID, "message %s %s has %q, but the card is %s %s", m.Channel, m.TS, b.Kind, card.Channel, card.TS)
		return
	}
	for _, id := range b.Members {
		l := c.lives[id]
		switch {
		case l == nil || l.r.BatchID != b.BatchID:
			c.violated(Buttons, b.BatchID, "%q is about %s, which is no member", b.Kind, id)
		case card.Painted == batch.b.Look && !batch.cardLost && !slices.Contains(buttonsIn(l.r.State), b.Kind):
			c.violated(Buttons, b.BatchID, "%q is about %s, which is %s", b.Kind, id, l.r.State)
		}
	}
}
