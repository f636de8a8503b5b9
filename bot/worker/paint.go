package worker

import (
	"context"

	"wfbot/bot/card"
	"wfbot/bot/request"
	"wfbot/bot/slackapi"
	"wfbot/bot/store"
)

// paint makes the card show its requests as they were read with the claim. If
// one has changed since, it is painted again.
func (w *Worker) paint(ctx context.Context, c *request.Card, lease store.Lease) error {
	look := c.Look
	facts, err := slackapi.Known(ctx, w.Slack, "card's channel "+c.Channel, func(ctx context.Context) (request.ChannelFacts, error) {
		return w.Slack.Channel(ctx, c.Channel)
	})
	if err == nil && facts.External {
		return w.hide(ctx, c, lease)
	}
	// Where the channel cannot be read now, the card keeps what it shows and is tried again.
	if err == nil {
		err = w.Slack.Update(ctx, c.Channel, c.TS, w.draw(c, true))
	}
	trouble, wait := w.Slack.Trouble(ctx, err)
	givenUp := false
	stored := w.storeCard(ctx, c.ID, lease, func(c *request.Card) error {
		switch {
		case err == nil:
			c.Paint(look, w.Now())
		case trouble == slackapi.Gone:
			w.Log.Warn("a card is gone", "card", c.ID, "error", err)
			c.Lost(w.Now())
		default:
			w.Log.Warn("a card could not be painted", "card", c.ID, "error", err)
			givenUp = c.PaintFailed(wait, w.Now())
		}
		return nil
	})
	if givenUp || trouble.ForGood() {
		w.alarmUnseen(ctx, nameOf(c), c.Channel, err)
	}
	return stored
}

// hide makes the card of a channel that others can read now a line that says nothing
// about anybody, for good, and tells requester and operator.
func (w *Worker) hide(ctx context.Context, c *request.Card, lease store.Lease) error {
	err := w.Slack.Update(ctx, c.Channel, c.TS, slackapi.Message{Text: card.Hidden, Blocks: card.HiddenBlocks()})
	trouble, wait := w.Slack.Trouble(ctx, err)
	if err == nil {
		// A crash here: the line is painted again.
		w.Operator.Alarm(ctx, "a channel is shared: "+c.Channel, "The channel %s is shared with another organisation now. The card of %s there is hidden, and nobody can approve it there. "+
			"What is approved goes on. Stop sharing the channel, or have requests made in another one.", c.Channel, nameOf(c))
		if told := w.Slack.TellDirectly(ctx, c.Requester.ID, card.HiddenForRequester); told != nil {
			w.Log.Warn("a requester was not told that a card is hidden", "card", c.ID, "error", told)
		}
	}
	return w.storeCard(ctx, c.ID, lease, func(c *request.Card) error {
		switch {
		case err == nil:
			c.Hide(w.Now())
		case trouble == slackapi.Gone:
			c.Lost(w.Now())
		default:
			c.PaintFailed(wait, w.Now())
		}
		return nil
	})
}
