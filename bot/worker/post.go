package worker

import (
	"context"
	"errors"

	"wfbot/bot/request"
	"wfbot/bot/slackapi"
	"wfbot/bot/store"
)

// post posts the card without buttons. Those are painted once its place is
// stored: a copy posted by a process that died before has none.
func (w *Worker) post(ctx context.Context, c *request.Card, lease store.Lease) error {
	asks := c.Asks() // as drawn; others may be found meanwhile
	channel, ts, err := w.Slack.Post(ctx, c.Channel, w.draw(c, false))
	// A crash here: the message stands without buttons, and another one will be
	// posted that becomes the card.
	if err != nil {
		return w.cannotPost(ctx, c, lease, err)
	}
	return w.storeCard(ctx, c.ID, lease, func(c *request.Card) error {
		c.Posted(request.Place{Channel: channel, TS: ts}, asks, w.Now())
		return nil
	})
}

// cannotPost rejects the requests that nobody can decide about if their card can
// never be posted, and tries again otherwise. Those who have not been looked up yet
// follow when they have.
func (w *Worker) cannotPost(ctx context.Context, c *request.Card, lease store.Lease, err error) error {
	if cut(ctx) {
		return ctx.Err()
	}
	trouble, wait := w.Slack.Trouble(ctx, err)
	no, refused := errors.AsType[request.Refusal](err)
	if refused {
		trouble = slackapi.NoPlace
	}
	w.Log.Warn("a card could not be posted", "card", c.ID, "channel", c.Channel, "error", err)
	unseen := false
	stored := w.storeCard(ctx, c.ID, lease, func(c *request.Card) error {
		givenUp := c.PaintFailed(wait, w.Now())
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
				if err := r.Reject(why, "", w.Now()); err != nil {
					return err
				}
			}
		}
		return nil
	})
	if unseen {
		w.alarmUnseen(ctx, nameOf(c), c.Channel, err)
	}
	return stored
}

// alarmUnseen tells the operator that people do not see where a request stands.
func (w *Worker) alarmUnseen(ctx context.Context, what, channel string, err error) {
	reason := "it does not answer"
	if says := slackapi.Says(err); says != "" {
		reason = "it answers " + says
	} else if no, ok := errors.AsType[request.Refusal](err); ok {
		reason = "cards may not stand there: " + string(no)
	}
	w.Operator.Alarm(ctx, "a card cannot be shown: "+slackapi.Code(err), "Slack does not take the card of %s in the channel %s: %s. "+
		"The request goes on, and its requester is told by direct message how it ends, but its card does not show where it stands. "+
		"Check that wfbot is a member of the channel and that the channel is not archived.", what, channel, reason)
}
