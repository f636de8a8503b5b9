package worker

import (
	"context"

	"wfbot/bot/request"
	"wfbot/bot/slackapi"
	"wfbot/bot/store"
)

// paint makes the card show its requests as they were read with the claim. If
// one has changed since, it is painted again. In a channel that others can read it is
// hidden, and nothing is painted on it until they cannot.
func (w *Worker) paint(ctx context.Context, c *request.Card, lease store.Lease) error {
	look, before := c.Look, c.Hidden
	hidden, err := w.othersRead(ctx, c)
	if err == nil && hidden && !before {
		w.alarmShared(ctx, c.Channel)
	}
	if c.Hidden = hidden; err == nil && (hidden != before || !hidden && c.Painted < look) {
		err = w.Slack.Update(ctx, c.Channel, c.TS, w.draw(c, true))
	}
	trouble, wait := w.Slack.Trouble(ctx, err)
	givenUp, keep := false, w.storeCard
	if err == nil && hidden == before {
		keep = w.noteCard
	}
	// A crash here: it is painted again.
	stored := keep(ctx, c.ID, lease, func(c *request.Card) error {
		switch {
		case err == nil:
			c.Hide(hidden, w.Now())
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
	switch {
	case !givenUp && !trouble.ForGood():
	case hidden && !before:
		w.alarmNotHidden(ctx, c, err)
	default:
		w.alarmUnseen(ctx, nameOf(c), c.Channel, err)
	}
	return stored
}
