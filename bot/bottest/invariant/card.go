package invariant

import (
	"slices"

	"wfbot/bot/request"
)

// cardLife is a card as the trail tells it.
type cardLife struct {
	*request.Card
	givenUp, lost bool
}

func (l *cardLife) note(e Entry) {
	switch e.Kind {
	case "card posted":
		l.givenUp, l.lost = false, false
	case "card given up":
		l.givenUp = true
	case "card lost":
		l.lost = true
	}
}

// checkMember demands that the card of a request knows it.
func (c *checker) checkMember(l *life) {
	r := l.r
	card := c.cards[r.CardID]
	switch {
	case card == nil:
		c.violated(Cards, r.ID, "its card %s is not stored", r.CardID)
	case !slices.ContainsFunc(card.Requests, func(m *request.Request) bool { return m.ID == r.ID }):
		c.violated(Cards, r.ID, "card %s does not know it", r.CardID)
	case len(card.Requests) == 1 && card.ID != r.ID:
		c.violated(Cards, r.ID, "it is alone on card %s, and shares no id with it", r.CardID)
	}
}

// checkCard looks at one card and its requests as they are stored.
func (c *checker) checkCard(card *cardLife) {
	c.checkPlace(card)
	atRest, ended, reachable, behind, needed, painted := true, true, true, "", false, card.Painted > 0
	for _, m := range card.Requests {
		l := c.lives[m.ID]
		if l == nil || l.r.CardID != card.ID {
			c.violated(Cards, card.ID, "its request %s is none", m.ID)
			return
		}
		r := l.r
		if r.Action != card.Action || r.Requester != card.Requester || !r.NotBefore.Equal(card.NotBefore) {
			c.violated(Cards, r.ID, "it is not what card %s asks for", card.ID)
		}
		atRest = atRest && (r.State.Ended() || r.State == request.Pending)
		ended = ended && r.State.Ended()
		needed = needed || r.State == request.Pending || r.State == request.Failed
		reachable = reachable && !l.unreachable
		if r.Told < r.News {
			behind = r.ID
		}
	}
	if !c.Settled || !atRest { // a request that is not at rest is a violation of its own
		return
	}
	c.checkShown(card, needed)
	several := len(card.Requests) > 1
	switch {
	case card.Hidden != card.ToldHidden && needed && painted:
		c.violated(Told, card.ID, "not of whether its card is hidden: %v", card.Hidden)
	case several && !card.Told && (ended || painted):
		c.violated(Told, card.ID, "nothing")
	case behind != "" && (ended || !several && painted):
		c.violated(Told, card.ID, "not of the news of %s", behind)
	case ended && c.Told != nil && !c.Told[card.ID] && reachable:
		c.violated(Told, card.ID, "no message about the outcome arrived")
	}
}

// checkPlace looks at what a card says of its message.
func (c *checker) checkPlace(card *cardLife) {
	for _, wrong := range []struct {
		is   bool
		what string
	}{
		{card.Painted > card.Look || card.Painted < 0, "it shows what has not happened yet"},
		{card.TS != "" && card.Channel == "", "it is in no channel"},
		{card.TS == "" && card.Painted > 0, "it does not exist, and is painted"},
	} {
		if wrong.is {
			c.violated(Consistent, card.ID, "%s", wrong.what)
		}
	}
}

// checkShown demands that the message of a card shows it as it is. needed says
// that people can act on it.
func (c *checker) checkShown(card *cardLife, needed bool) {
	if card.givenUp && (card.TS == "" || card.Painted < card.Look) {
		return
	}
	if card.TS == "" {
		if needed {
			c.violated(CardShowsRow, card.ID, "people can act on it, and it is not posted")
		}
		return
	}
	if card.Painted != card.Look {
		c.violated(CardShowsRow, card.ID, "look %d of %d is painted", card.Painted, card.Look)
		return
	}
	i := slices.IndexFunc(c.Messages, func(m Message) bool { return m.Channel == card.Channel && m.TS == card.TS })
	switch {
	case card.lost:
	case i < 0:
		c.violated(CardShowsRow, card.ID, "there is no message %s %s", card.Channel, card.TS)
	case !c.Messages[i].Current && !c.Messages[i].Deleted:
		c.violated(CardShowsRow, card.ID, "message %s %s shows something else", card.Channel, card.TS)
	}
}

// checkButtons looks at every button that can be pressed, and at what is hidden. While a
// card waits to be repainted it may still have those of before; another message never has
// any.
func (c *checker) checkButtons() {
	for _, m := range c.Messages {
		if m.Leaked != "" {
			c.violated(Hidden, "", "on or below message %s %s: %s", m.Channel, m.TS, m.Leaked)
		}
		if m.Deleted {
			continue
		}
		for _, b := range m.Buttons {
			if b.Kind != "" {
				c.checkButton(m, b)
			}
		}
	}
}

func (c *checker) checkButton(m Message, b Button) {
	card := c.cards[b.CardID]
	if card == nil {
		c.violated(Buttons, b.CardID, "message %s %s has %q for a card that is not stored", m.Channel, m.TS, b.Kind)
		return
	}
	if !card.HasButtons(m.Channel, m.TS) {
		c.violated(Buttons, b.CardID, "message %s %s has %q, but the card is %s %s", m.Channel, m.TS, b.Kind, card.Channel, card.TS)
		return
	}
	if card.Hidden && !card.lost {
		c.violated(Hidden, b.CardID, "message %s %s has %q", m.Channel, m.TS, b.Kind)
	}
	for _, id := range b.Requests {
		l := c.lives[id]
		switch {
		case l == nil || l.r.CardID != b.CardID:
			c.violated(Buttons, b.CardID, "%q is about %s, which is not on it", b.Kind, id)
		case card.Painted == card.Look && !card.lost && !slices.Contains(buttonsIn(l.r.State), b.Kind):
			c.violated(Buttons, b.CardID, "%q is about %s, which is %s", b.Kind, id, l.r.State)
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
