package invariant

import (
	"slices"

	"wfbot/bot/request"
)

// checkButtons looks at every button that can be pressed. While a card waits to
// be repainted it may still have those of before; another message never has any.
func (c *checker) checkButtons() {
	for _, m := range c.Messages {
		if m.Deleted {
			continue
		}
		for _, b := range m.Buttons {
			switch {
			case b.Kind == "":
			case b.BatchID != "":
				c.checkBatchButton(m, b)
			default:
				c.checkButton(m, b)
			}
		}
	}
}

func (c *checker) checkButton(m Message, b Button) {
	l := c.lives[b.RequestID]
	if l == nil {
		c.violated(Buttons, b.RequestID, "message %s %s has %q for a request that is not stored", m.Channel, m.TS, b.Kind)
		return
	}
	display, lost := l.r.Display, l.cardLost
	if batch := c.batches[l.r.BatchID]; batch != nil {
		display, lost = batch.b.Display, batch.cardLost
	}
	switch {
	case display.Card.Channel != m.Channel || display.Card.TS != m.TS:
		c.violated(Buttons, b.RequestID, "message %s %s has %q, but the card is %s %s", m.Channel, m.TS, b.Kind, display.Card.Channel, display.Card.TS)
	case display.Card.Painted == display.Look && !lost && !slices.Contains(buttonsIn(l.r.State), b.Kind):
		c.violated(Buttons, b.RequestID, "the card has %q, and the request is %s", b.Kind, l.r.State)
	}
}

// buttonsIn returns what people may be offered. A card is not repainted when the
// execution starts, so it may offer Cancel a moment too long, which is refused.
func buttonsIn(s request.State) []request.DecisionKind {
	switch s {
	case request.Pending:
		return []request.DecisionKind{request.Approve, request.Deny, request.Cancel}
	case request.Approved, request.Executing:
		return []request.DecisionKind{request.Cancel, request.RunAgain}
	case request.Failed:
		return []request.DecisionKind{request.RunAgain}
	}
	return nil
}

func (c *checker) checkInteractions() {
	for _, w := range c.Interactions {
		switch {
		case !w.Acknowledged: // Slack told the person that it did not work
		case !w.Stored:
			c.violated(InteractionStored, "", "interaction %s is acknowledged and not stored", w.ID)
		case c.Settled && !w.Ended:
			c.violated(InteractionEnds, "", "interaction %s was never dealt with", w.ID)
		case c.Settled && !w.Answered:
			c.violated(InteractionEnds, "", "interaction %s was dealt with and the person cannot know", w.ID)
		}
	}
}

// checkRest looks at a request when nothing is left to do.
func (c *checker) checkRest(l *life) {
	r := l.r
	switch r.State {
	case request.Received, request.Approved, request.Executing:
		c.violated(AtRest, r.ID, "it is still %s", r.State)
		return // what it shows and tells is in flux too
	}
	if r.BatchID != "" { // its batch has the card and tells of all
		return
	}
	needed := r.State == request.Pending || r.State == request.Failed
	c.checkCard(r.ID, string(r.State), needed, r.Display, l.shown)
	switch {
	case r.Told < r.News && (r.State != request.Pending || r.Card.Painted > 0):
		c.violated(Told, r.ID, "%d of %d news", r.Told, r.News)
	case c.Told != nil && r.State.Ended() && !c.Told[r.ID] && !l.unreachable:
		c.violated(Told, r.ID, "no message about %s arrived", r.State)
	}
}

// checkCard demands that the card of a request or a batch shows it as it is.
func (c *checker) checkCard(id, what string, needed bool, d request.Display, seen shown) {
	if seen.cardGivenUp && (d.Card.TS == "" || d.Card.Painted < d.Look) {
		return
	}
	if d.Card.TS == "" {
		if needed {
			c.violated(CardShowsRow, id, "it is %s and has no card", what)
		}
		return
	}
	if d.Card.Painted != d.Look {
		c.violated(CardShowsRow, id, "look %d of %d is painted", d.Card.Painted, d.Look)
		return
	}
	i := slices.IndexFunc(c.Messages, func(m Message) bool { return m.Channel == d.Card.Channel && m.TS == d.Card.TS })
	switch {
	case seen.cardLost:
	case i < 0:
		c.violated(CardShowsRow, id, "there is no message %s %s", d.Card.Channel, d.Card.TS)
	case !c.Messages[i].Current && !c.Messages[i].Deleted:
		c.violated(CardShowsRow, id, "message %s %s shows something else than %s", d.Card.Channel, d.Card.TS, what)
	}
}
