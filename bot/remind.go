package bot

import (
	"context"
	"time"

	"wfbot/bot/card"
	"wfbot/bot/request"
	"wfbot/bot/slackapi"
	"wfbot/bot/store"
)

// remindApprovers mentions those who can still decide in the thread of the card,
// which notifies them; or a new manager alone.
func (b *Bot) remindApprovers(ctx context.Context, r *request.Request, lease store.Lease) error {
	newManager := r.NewManager
	return postReminder(ctx, b, "request "+r.ID, r.Card, card.Reminder(r, b.view(true)), func(r *request.Request) { r.Reminded(newManager, b.now()) },
		func(apply func(*request.Request) error) error { return b.result(ctx, r.ID, lease, apply) })
}

// reminding is a request or a batch, as far as reminders go.
type reminding interface {
	RemindFailed(wait time.Duration, now time.Time) (givenUp bool)
}

// postReminder posts text in the thread of the card of something, and applies what came
// of it to that through result.
func postReminder[T reminding](ctx context.Context, b *Bot, what string, at request.Card, text string,
	reminded func(T), result func(apply func(T) error) error) error {
	err := b.postInThread(ctx, at, text)
	if err != nil && cut(ctx) {
		return ctx.Err()
	}
	// A crash here: people are reminded twice.
	if err != nil {
		b.log.Warn("a reminder could not be posted", "of", what, "error", err)
	}
	trouble, wait := b.slack.Trouble(ctx, err)
	givenUp := false
	stored := result(func(now T) error {
		if err != nil {
			givenUp = now.RemindFailed(wait, b.now())
			return nil
		}
		reminded(now)
		return nil
	})
	if givenUp || trouble.ForGood() {
		b.operator.Alarm(ctx, "people cannot be reminded", "Slack does not take a reminder in the thread of %s in the channel %s (%s). "+
			"Nobody has been told anew that it waits for approval; its card still says it.", what, at.Channel, slackapi.Says(err))
	}
	return stored
}

// postInThread says something in the thread of a card, if cards may still be
// posted there.
func (b *Bot) postInThread(ctx context.Context, at request.Card, text string) error {
	_, _, err := b.slack.Post(ctx, at.Channel, slackapi.Message{Text: text, Thread: at.TS})
	return err
}
