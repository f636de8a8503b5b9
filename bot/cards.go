package bot

import (
	"context"
	"errors"
	"fmt"
	"time"

	"wfbot/bot/card"
	"wfbot/bot/loop"
	"wfbot/bot/request"
	"wfbot/bot/slackapi"
	"wfbot/bot/store"
)

// claimCard takes the next due card, nil if there is none.
func (b *Bot) claimCard(ctx context.Context) (*loop.Step, error) {
	c, lease, err := b.config.Store.ClaimCard(ctx, b.now(), loop.LeaseFor)
	if err != nil || c == nil {
		return nil, err
	}
	return &loop.Step{Row: "card " + c.ID, Lease: lease, Do: func(ctx context.Context) error { return b.stepCard(ctx, c, lease) }}, nil
}

// stepCard does the one thing that a claimed card needs now.
func (b *Bot) stepCard(ctx context.Context, c *request.Card, lease store.Lease) error {
	step, at := c.Next(b.now())
	if step == request.Nothing || at.After(b.now()) {
		return b.cardResult(ctx, c.ID, lease, func(*request.Card) error { return nil })
	}
	b.log.Debug("step", "card", c.ID, "step", string(step))
	switch step {
	case request.PostCard:
		return b.postCard(ctx, c, lease)
	case request.PaintCard:
		return b.paintCard(ctx, c, lease)
	case request.Tell:
		return b.tellRequester(ctx, c, lease)
	case request.Remind:
		return b.remindApprovers(ctx, c, lease)
	}
	return fmt.Errorf("unreachable: step %q of a card", step)
}

// cardResult applies what a step found to the card and its requests as they stand
// now, if the lease is still ours, and ends the claim. What is known is stored even
// if the step has run out of time.
func (b *Bot) cardResult(ctx context.Context, id string, lease store.Lease, apply func(*request.Card) error) error {
	return b.config.Store.Update(context.WithoutCancel(ctx), b.now(), func(tx *store.Tx) error {
		c, err := tx.ClaimedCard(id, lease)
		if err != nil {
			return err
		}
		if err := apply(c); err != nil {
			return err
		}
		return tx.SaveCardAndRelease(c)
	})
}

// postCard posts the card without buttons. Those are painted once its place is
// stored: a copy posted by a process that died before has none.
func (b *Bot) postCard(ctx context.Context, c *request.Card, lease store.Lease) error {
	asks := c.Asks() // as drawn; others may be found meanwhile
	channel, ts, err := b.slack.Post(ctx, c.Channel, b.draw(c, false))
	// A crash here: the message stands without buttons, and another one will be
	// posted that becomes the card.
	if err != nil {
		return b.cannotPost(ctx, c, lease, err)
	}
	return b.cardResult(ctx, c.ID, lease, func(c *request.Card) error {
		c.Posted(request.Place{Channel: channel, TS: ts}, asks, b.now())
		return nil
	})
}

// cannotPost rejects the requests that nobody can decide about if their card can
// never be posted, and tries again otherwise. Those who have not been looked up yet
// follow when they have.
func (b *Bot) cannotPost(ctx context.Context, c *request.Card, lease store.Lease, err error) error {
	if cut(ctx) {
		return ctx.Err()
	}
	trouble, wait := b.slack.Trouble(ctx, err)
	var no request.Refusal
	if errors.As(err, &no) {
		trouble = slackapi.NoPlace
	}
	b.log.Warn("a card could not be posted", "card", c.ID, "channel", c.Channel, "error", err)
	unseen := false
	stored := b.cardResult(ctx, c.ID, lease, func(c *request.Card) error {
		givenUp := c.PaintFailed(wait, b.now())
		why := no
		switch {
		case !trouble.ForGood() && !givenUp:
			return nil
		case !trouble.ForGood():
			why = request.RefusedCard
		case no == request.Allowed:
			why = slackapi.PostRefusal(err)
		}
		unseen = givenUp || trouble == slackapi.Unfit || why == request.RefusedCard
		for _, r := range c.Requests {
			switch {
			case r.State != request.Pending:
			case len(r.Decisions) > 0: // people have seen it
				unseen = true
			default:
				if err := r.Reject(why, "", b.now()); err != nil {
					return err
				}
			}
		}
		return nil
	})
	if unseen {
		b.alarmUnseen(ctx, nameOf(c), c.Channel, err)
	}
	return stored
}

// nameOf is what the operator calls a card by.
func nameOf(c *request.Card) string {
	if c.One() != nil {
		return "request " + c.ID
	}
	return "batch " + c.ID
}

// alarmUnseen tells the operator that people do not see where a request stands.
func (b *Bot) alarmUnseen(ctx context.Context, what, channel string, err error) {
	reason := "it does not answer"
	if says := slackapi.Says(err); says != "" {
		reason = "it answers " + says
	}
	b.operator.Alarm(ctx, "a card cannot be shown: "+slackapi.Code(err), "Slack does not take the card of %s in the channel %s: %s. "+
		"The request goes on, and its requester is told by direct message how it ends, but its card does not show where it stands. "+
		"Check that wfbot is a member of the channel and that the channel is not archived.", what, channel, reason)
}

// paintCard makes the card show its requests as they were read with the claim. If
// one has changed since, it is painted again.
func (b *Bot) paintCard(ctx context.Context, c *request.Card, lease store.Lease) error {
	look := c.Look
	err := b.slack.Update(ctx, c.Channel, c.TS, b.draw(c, true))
	trouble, wait := b.slack.Trouble(ctx, err)
	givenUp := false
	stored := b.cardResult(ctx, c.ID, lease, func(c *request.Card) error {
		switch {
		case err == nil:
			c.Paint(look, b.now())
		case trouble == slackapi.Gone:
			b.log.Warn("a card is gone", "card", c.ID, "error", err)
			c.Lost(b.now())
		default:
			b.log.Warn("a card could not be painted", "card", c.ID, "error", err)
			givenUp = c.PaintFailed(wait, b.now())
		}
		return nil
	})
	if givenUp || trouble.ForGood() {
		b.alarmUnseen(ctx, nameOf(c), c.Channel, err)
	}
	return stored
}

// draw is the card as Slack's methods take it.
func (b *Bot) draw(c *request.Card, buttons bool) slackapi.Message {
	return slackapi.Drawn(card.Message(c, b.view(buttons)))
}

// view is how this bot's cards are drawn.
func (b *Bot) view(buttons bool) card.View {
	return card.View{Buttons: buttons, Approvers: b.config.Policy.Approvers, StopWindow: b.config.StopWindow}
}

// tellRequester tells the requester how it stands: privately while they are still
// asking and await that, by direct message later and how it ended.
func (b *Bot) tellRequester(ctx context.Context, c *request.Card, lease store.Lease) error {
	link, err := b.linkFor(ctx, c)
	if err != nil {
		return err
	}
	if text := card.Notice(c, link); text != "" {
		if b.awaited(c.CreatedAt) && c.Asking() {
			err = b.slack.TellPrivately(ctx, c.ID, c.Requester.ID, c.Channel, text)
		} else {
			err = b.slack.TellDirectly(ctx, c.Requester.ID, text)
		}
	}
	// A crash here: the requester is told twice.
	news, givenUp := c.News(), false // what the words are about
	trouble, wait := b.slack.Trouble(ctx, err)
	if trouble == slackapi.NoPerson { // nobody there to be told
		wait = request.RetryFor
	}
	stored := b.cardResult(ctx, c.ID, lease, func(c *request.Card) error {
		if err == nil {
			c.TellRequester(news)
			return nil
		}
		b.log.Warn("a requester could not be told", "card", c.ID, "error", err)
		givenUp = c.TellFailed(news, wait, b.now())
		return nil
	})
	if givenUp && trouble != slackapi.NoPerson || trouble.ForGood() {
		b.alarmUntold(ctx, nameOf(c), err)
	}
	return stored
}

// awaited reports whether somebody who did something then may still be waiting for a
// word about it where they did it: later a message that Slack shows only to who
// is there, and does not keep, might never be seen.
func (b *Bot) awaited(done time.Time) bool { return b.now().Sub(done) < slackapi.ResponseURLFor }

// alarmUntold tells the operator that a requester does not hear how it stands.
func (b *Bot) alarmUntold(ctx context.Context, what string, err error) {
	b.operator.Alarm(ctx, "a requester cannot be told", "Slack does not let wfbot tell the requester of %s how it stands (%s). "+
		"The card and the audit trail say it. Check that the app's Messages tab is on.", what, slackapi.Says(err))
}

// linkFor is the address of the card that the requester is sent to: that of the
// request in the way, if that is why theirs was rejected.
func (b *Bot) linkFor(ctx context.Context, c *request.Card) (string, error) {
	r := c.One()
	if r == nil || r.InTheWay == "" {
		return b.slack.Link(c.Channel, c.TS), nil
	}
	other, err := b.config.Store.Request(ctx, r.InTheWay)
	if errors.Is(err, store.ErrNotFound) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	return b.slack.Link(other.Channel, other.TS), nil
}

// remindApprovers mentions those who can still decide in the thread of the card,
// which notifies them; or a new manager alone.
func (b *Bot) remindApprovers(ctx context.Context, c *request.Card, lease store.Lease) error {
	asks := c.Asks()
	_, _, err := b.slack.Post(ctx, c.Channel, slackapi.Message{Text: card.Reminder(c, b.view(true), b.now()), Thread: c.TS})
	if err != nil && cut(ctx) {
		return ctx.Err()
	}
	// A crash here: people are reminded twice.
	if err != nil {
		b.log.Warn("a reminder could not be posted", "card", c.ID, "error", err)
	}
	trouble, wait := b.slack.Trouble(ctx, err)
	givenUp := false
	stored := b.cardResult(ctx, c.ID, lease, func(c *request.Card) error {
		if err != nil {
			givenUp = c.RemindFailed(asks, wait, b.now())
			return nil
		}
		c.Reminded(asks, b.now())
		return nil
	})
	if givenUp || trouble.ForGood() {
		b.operator.Alarm(ctx, "people cannot be reminded", "Slack does not take a reminder in the thread of %s in the channel %s (%s). "+
			"Nobody has been told anew that it waits for approval; its card still says it.", nameOf(c), c.Channel, slackapi.Says(err))
	}
	return stored
}
