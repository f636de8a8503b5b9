package worker

import (
	"context"

	"wfbot/bot/card"
	"wfbot/bot/request"
	"wfbot/bot/slackapi"
	"wfbot/bot/store"
)

// remind mentions those who can still decide, or can retry what has failed, in the
// thread of the card, which notifies them; or a new manager alone.
func (w *Worker) remind(ctx context.Context, c *request.Card, lease store.Lease) error {
	asks := c.Asks()
	_, _, err := w.Slack.Post(ctx, c.Channel, slackapi.Message{Text: card.Reminder(c, w.view(true), w.Now()), Thread: c.TS})
	if err != nil && cut(ctx) {
		return ctx.Err()
	}
	// A crash here: people are reminded twice.
	if err != nil {
		w.Log.Warn("a reminder could not be posted", "card", c.ID, "error", err)
	}
	trouble, wait := w.Slack.Trouble(ctx, err)
	givenUp := false
	stored := w.storeCard(ctx, c.ID, lease, func(c *request.Card) error {
		if err != nil {
			givenUp = c.RemindFailed(asks, wait, w.Now())
			return nil
		}
		c.Reminded(asks, w.Now())
		return nil
	})
	if givenUp || trouble.ForGood() {
		w.Operator.Alarm(ctx, "people cannot be reminded", "Slack does not take a reminder in the thread of %s in the channel %s (%s). "+
			"The people who can decide were not reminded. The card still shows that it waits for them.", nameOf(c), c.Channel, slackapi.Says(err))
	}
	return stored
}
