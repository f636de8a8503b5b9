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
			l := c.lives[b.RequestID]
			switch {
			case b.Kind == "":
			case l == nil:
				c.violated(Buttons, b.RequestID, "message %s %s has %q for a request that is not stored", m.Channel, m.TS, b.Kind)
			case l.r.Card.Channel != m.Channel || l.r.Card.TS != m.TS:
				c.violated(Buttons, b.RequestID, "message %s %s has %q, but the card is %s %s", m.Channel, m.TS, b.Kind, l.r.Card.Channel, l.r.Card.TS)
			case l.r.Card.Painted == l.r.Look && !l.cardLost && !slices.Contains(buttonsIn(l.r.State), b.Kind):
				c.violated(Buttons, b.RequestID, "the card has %q, and the request is %s", b.Kind, l.r.State)
			}
		}
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

func (c *checker) checkWishes() {
	for _, w := range c.Wishes {
		switch {
		case !w.Acknowledged: // Slack told the person that it did not work
		case !w.Stored:
			c.violated(WishStored, "", "wish %s is acknowledged and not stored", w.ID)
		case c.Settled && !w.Ended:
			c.violated(WishEnds, "", "wish %s was never dealt with", w.ID)
		case c.Settled && !w.Answered:
			c.violated(WishEnds, "", "wish %s was dealt with and the person cannot know", w.ID)
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
	c.checkCard(l)
	switch {
	case r.Told < r.News && (r.State != request.Pending || r.Card.Painted > 0):
		c.violated(Told, r.ID, "%d of %d news", r.Told, r.News)
	case c.Told != nil && r.State.Ended() && !c.Told[r.ID] && !l.unreachable:
		c.violated(Told, r.ID, "no message about %s arrived", r.State)
	}
}

func (c *checker) checkCard(l *life) {
	r := l.r
	if l.cardGivenUp && (r.Card.TS == "" || r.Card.Painted < r.Look) {
		return
	}
	if r.Card.TS == "" {
		if r.State == request.Pending || r.State == request.Failed {
			c.violated(CardShowsRow, r.ID, "it is %s and has no card", r.State)
		}
		return
	}
	if r.Card.Painted != r.Look {
		c.violated(CardShowsRow, r.ID, "look %d of %d is painted", r.Card.Painted, r.Look)
		return
	}
	i := slices.IndexFunc(c.Messages, func(m Message) bool { return m.Channel == r.Card.Channel && m.TS == r.Card.TS })
	switch {
	case l.cardLost:
	case i < 0:
		c.violated(CardShowsRow, r.ID, "there is no message %s %s", r.Card.Channel, r.Card.TS)
	case !c.Messages[i].Current && !c.Messages[i].Deleted:
		c.violated(CardShowsRow, r.ID, "message %s %s shows something else than %s", r.Card.Channel, r.Card.TS, r.State)
	}
}
