package bot

import (
	"context"
	"errors"
	"time"

	"wfbot/bot/card"
	"wfbot/bot/request"
	"wfbot/bot/slackapi"
	"wfbot/bot/store"
)

// postCard posts the card without buttons. Those are painted once its place is
// stored: a copy posted by a process that died before has none.
func (b *Bot) postCard(ctx context.Context, r *request.Request, lease store.Lease) error {
	channel, ts, err := b.slack.Post(ctx, r.Channel, b.draw(r, false))
	// A crash here: the message stands without buttons, and another one will be
	// posted that becomes the card.
	if err != nil {
		return b.cannotPost(ctx, r, lease, err)
	}
	return b.result(ctx, r.ID, lease, func(r *request.Request) error {
		r.Posted(channel, ts, b.now())
		return nil
	})
}

// cannotPost ends a request whose card can never be posted, and tries again
// otherwise.
func (b *Bot) cannotPost(ctx context.Context, r *request.Request, lease store.Lease, err error) error {
	if cut(ctx) {
		return ctx.Err()
	}
	trouble, wait := b.slack.Trouble(ctx, err)
	var no request.Refusal
	if errors.As(err, &no) {
		trouble = slackapi.NoPlace
	}
	b.log.Warn("a card could not be posted", "request", r.ID, "channel", r.Channel, "error", err)
	givenUp := false
	stored := b.result(ctx, r.ID, lease, func(r *request.Request) error {
		if trouble.ForGood() && r.State == request.Pending && len(r.Decisions) == 0 {
			if no == request.Allowed {
				no = slackapi.PostRefusal(err)
			}
			return r.Reject(no, "", b.now())
		}
		givenUp = r.PaintFailed(wait, b.now())
		if givenUp && r.State == request.Pending && r.Card.TS == "" && len(r.Decisions) == 0 {
			return r.Reject(request.RefusedCard, "", b.now()) // nobody ever saw it
		}
		return nil
	})
	if givenUp || trouble.ForGood() && r.Card.TS == "" && len(r.Decisions) > 0 || trouble == slackapi.Unfit || no == request.RefusedCard {
		b.alarmUnseen(ctx, "request "+r.ID, r.Channel, err)
	}
	return stored
}

// alarmUnseen tells the operator that people do not see where a request or a batch
// stands.
func (b *Bot) alarmUnseen(ctx context.Context, what, channel string, err error) {
	reason := "it does not answer"
	if says := slackapi.Says(err); says != "" {
		reason = "it answers " + says
	}
	b.operator.Alarm(ctx, "a card cannot be shown: "+slackapi.Code(err), "Slack does not take the card of %s in the channel %s: %s. "+
		"The request goes on, and its requester is told by direct message how it ends, but its card does not show where it stands. "+
		"Check that wfbot is a member of the channel and that the channel is not archived.", what, channel, reason)
}

// paintCard makes the card show the request as it was read with the claim. If it
// has changed since, it is painted again.
func (b *Bot) paintCard(ctx context.Context, r *request.Request, lease store.Lease) error {
	look := r.Look
	return paint(ctx, b, "request "+r.ID, r.Card, b.draw(r, true), func(r *request.Request) { r.Paint(look) },
		func(apply func(*request.Request) error) error { return b.result(ctx, r.ID, lease, apply) })
}

// painted is a request or a batch, as far as its card goes.
type painted interface {
	CardLost(now time.Time)
	PaintFailed(wait time.Duration, now time.Time) (givenUp bool)
}

// paint updates a card with what is drawn of something, and applies what came of it
// to that through result.
func paint[T painted](ctx context.Context, b *Bot, what string, at request.Card, drawn slackapi.Message,
	shows func(T), result func(apply func(T) error) error) error {
	err := b.slack.Update(ctx, at.Channel, at.TS, drawn)
	trouble, wait := b.slack.Trouble(ctx, err)
	givenUp := false
	stored := result(func(now T) error {
		switch {
		case err == nil:
			shows(now)
		case trouble == slackapi.Gone:
			b.log.Warn("a card is gone", "of", what, "error", err)
			now.CardLost(b.now())
		default:
			b.log.Warn("a card could not be painted", "of", what, "error", err)
			givenUp = now.PaintFailed(wait, b.now())
		}
		return nil
	})
	if givenUp || trouble.ForGood() {
		b.alarmUnseen(ctx, what, at.Channel, err)
	}
	return stored
}

// draw is the card as Slack's methods take it.
func (b *Bot) draw(r *request.Request, buttons bool) slackapi.Message {
	return slackapi.Drawn(card.Message(r, b.view(buttons)))
}

// view is how this bot's cards are drawn.
func (b *Bot) view(buttons bool) card.View {
	return card.View{Buttons: buttons, Approvers: b.config.Policy.Approvers, StopWindow: b.config.StopWindow}
}

// tellRequester tells the requester where the request stands: privately while it
// is being asked for and they await that, by direct message later and how it ended.
func (b *Bot) tellRequester(ctx context.Context, r *request.Request, lease store.Lease) error {
	link, err := b.linkFor(ctx, r)
	if err != nil {
		return err
	}
	if text := card.Notice(r, link); text != "" {
		if b.awaited(r.CreatedAt) && (r.State == request.Received || r.State == request.Pending && r.Void == 0 || r.State == request.Rejected) {
			err = b.slack.TellPrivately(ctx, r.ID, r.Requester.ID, r.Channel, text)
		} else {
			err = b.slack.TellDirectly(ctx, r.Requester.ID, text)
		}
	}
	// A crash here: the requester is told twice.
	news, givenUp := r.News, false
	trouble, wait := b.slack.Trouble(ctx, err)
	if trouble == slackapi.NoPerson { // nobody there to be told
		wait = request.RetryFor
	}
	stored := b.result(ctx, r.ID, lease, func(r *request.Request) error {
		if err == nil {
			r.TellRequester(news)
			return nil
		}
		b.log.Warn("a requester could not be told", "request", r.ID, "error", err)
		givenUp = r.TellFailed(wait, b.now())
		return nil
	})
	if givenUp && trouble != slackapi.NoPerson || trouble.ForGood() {
		b.alarmUntold(ctx, "request "+r.ID, err)
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

// linkFor is the address of the card that the requester is sent to: the one of
// the request in the way, if that is why theirs was rejected.
func (b *Bot) linkFor(ctx context.Context, r *request.Request) (string, error) {
	if r.InTheWay == "" {
		return b.linkTo(ctx, r)
	}
	other, err := b.config.Store.Request(ctx, r.InTheWay)
	if errors.Is(err, store.ErrNotFound) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	return b.linkTo(ctx, other)
}
