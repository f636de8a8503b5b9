package worker

import (
	"context"
	"errors"

	"wfbot/bot/card"
	"wfbot/bot/request"
	"wfbot/bot/slackapi"
	"wfbot/bot/store"
)

// tell tells the requester how it stands: privately while they are still
// asking and await that, by direct message later and how it ended.
func (w *Worker) tell(ctx context.Context, c *request.Card, lease store.Lease) error {
	link, err := w.linkFor(ctx, c)
	if err != nil {
		return err
	}
	if text := card.Notice(c, link); text != "" {
		if w.Slack.Awaited(c.CreatedAt) && c.Asking() && !c.Hidden {
			err = w.Slack.TellPrivately(ctx, c.ID, c.Requester.ID, c.Channel, slackapi.Message{Text: text})
		} else {
			err = w.Slack.TellDirectly(ctx, c.Requester.ID, slackapi.Message{Text: text})
		}
	}
	// A crash here: the requester is told twice.
	news, givenUp := c.News(), false // what the words are about
	trouble, wait := w.Slack.Trouble(ctx, err)
	if trouble == slackapi.NoPerson { // nobody there to be told
		wait = request.RetryFor
	}
	stored := w.storeCard(ctx, c.ID, lease, func(c *request.Card) error {
		if err == nil {
			c.TellRequester(news)
			return nil
		}
		w.Log.Warn("a requester could not be told", "card", c.ID, "error", err)
		givenUp = c.TellFailed(news, wait, w.Now())
		return nil
	})
	if givenUp && trouble != slackapi.NoPerson || trouble.ForGood() {
		w.alarmUntold(ctx, nameOf(c), err)
	}
	return stored
}

// alarmUntold tells the operator that a requester does not hear how it stands.
func (w *Worker) alarmUntold(ctx context.Context, what string, err error) {
	w.Operator.Alarm(ctx, "a requester cannot be told", "Slack does not let wfbot tell the requester of %s how it stands (%s). "+
		"The card and the audit trail do. Check that the app's Messages tab is on.", what, slackapi.Says(err))
}

// linkFor is the address of the card that the requester is sent to: that of the
// request in the way, if that is why theirs was rejected.
func (w *Worker) linkFor(ctx context.Context, c *request.Card) (string, error) {
	r := c.One()
	if r == nil || r.InTheWay == "" {
		return w.Slack.Link(c.Channel, c.TS), nil
	}
	other, err := w.Store.Request(ctx, r.InTheWay)
	if errors.Is(err, store.ErrNotFound) || store.Unreadable(err) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	return w.Slack.Link(other.Channel, other.TS), nil
}
