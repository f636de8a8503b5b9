package worker

import (
	"context"

	"wfbot/bot/request"
	"wfbot/bot/slackapi"
	"wfbot/bot/store"
)

// paint makes the card show its requests as they were read with the claim. If
// one has changed since, it is painted again.
func (w *Worker) paint(ctx context.Context, c *request.Card, lease store.Lease) error {
	look := c.Look
	err := w.Slack.Update(ctx, c.Channel, c.TS, w.draw(c, true))
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
