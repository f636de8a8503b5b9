package bot

import (
	"context"
	"fmt"

	"github.com/slack-go/slack"

	"wfbot/bot/card"
	"wfbot/bot/request"
	"wfbot/bot/store"
)

// remindApprovers mentions those who can still decide in the thread of the card, which
// notifies them.
func (b *Bot) remindApprovers(ctx context.Context, r *request.Request, lease store.Lease) error {
	err := b.postInThread(ctx, r.Card, card.Reminder(r, b.view(true)))
	if err != nil && cut(ctx) {
		return ctx.Err()
	}
	// A crash here: people are reminded twice.
	if err != nil {
		b.log.Warn("a reminder could not be posted", "request", r.ID, "error", err)
	}
	trouble, wait := classify(err)
	if trouble == fatal {
		b.fail(fmt.Errorf("reminding people: %w", err))
	}
	givenUp := false
	stored := b.result(ctx, r.ID, lease, func(r *request.Request) error {
		if err != nil {
			givenUp = r.RemindFailed(wait, b.now())
			return nil
		}
		r.Reminded(b.now())
		return nil
	})
	if givenUp || trouble.forGood() {
		b.alarmReminder(ctx, "request "+r.ID, r.Card.Channel, err)
	}
	return stored
}

// alarmReminder tells the operator that people do not hear of what waits for them.
func (b *Bot) alarmReminder(ctx context.Context, what, channel string, err error) {
	b.alarm(ctx, "people cannot be reminded", "Slack does not take a reminder in the thread of "+what+" in the channel "+channel+
		" ("+slackCode(err)+"). Nobody has been told anew that it waits for approval; its card still says it.")
}

// postInThread says something in the thread of a card, if cards may still be
// posted there.
func (b *Bot) postInThread(ctx context.Context, at request.Card, text string) error {
	_, _, err := b.post(ctx, at.Channel, slack.MsgOptionText(text, false), slack.MsgOptionTS(at.TS),
		slack.MsgOptionDisableLinkUnfurl(), slack.MsgOptionDisableMediaUnfurl())
	return err
}
