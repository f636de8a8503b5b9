package worker

import (
	"context"
	"time"

	"wfbot/bot/request"
	"wfbot/bot/slackapi"
	"wfbot/bot/store"
)

// channelsEvery is how often it is looked who can read the channels of open cards.
// Nothing may happen on those for days.
const channelsEvery = 5 * time.Minute

// WatchChannels looks at the channels until ctx ends. failed is told each time that the
// database did not do what it was asked to; a second later it is asked again.
func (w *Worker) WatchChannels(ctx context.Context, failed func(error)) {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	var last time.Time
	for ctx.Err() == nil {
		now := w.Now()
		known := w.Slack.Identified()                                               // which workspace the bot is in
		if since := now.Sub(last); known && (since < 0 || since >= channelsEvery) { // below 0: the clock has been set back
			switch err := w.lookAtChannels(ctx); {
			case err == nil:
				last = now
			case ctx.Err() == nil:
				failed(err)
			}
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
		}
	}
}

// lookAtChannels makes cards due that something may still come of, if others can read
// their channel and they are not hidden: painting hides them. A channel that cannot be
// looked at is looked at the next time, and when a card there is pressed or painted.
func (w *Worker) lookAtChannels(ctx context.Context) error {
	channels, err := w.Store.OpenChannels(ctx)
	if err != nil {
		return err
	}
	for _, channel := range channels {
		facts, err := w.Slack.ChannelSeen(ctx, channel)
		if err != nil {
			w.Log.Warn("a channel could not be looked at", "channel", channel, "error", err)
		}
		if !facts.External {
			continue
		}
		shown, err := w.Store.ShownCards(ctx, channel)
		if err == nil && len(shown) > 0 {
			err = w.Store.Update(ctx, w.Now(), func(tx *store.Tx) error { tx.RaiseCard(shown...); return nil })
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// othersRead reports whether people of another organisation can read the card's channel,
// or are about to, by facts at most a minute old. A hidden card is shown again only by
// what Slack says now of a channel that it shows the bot.
func (w *Worker) othersRead(ctx context.Context, c *request.Card) (bool, error) {
	facts, err := w.Slack.ChannelSeen(ctx, c.Channel)
	if err == nil && !facts.External && c.Hidden && facts.Member {
		facts, err = w.Slack.ChannelNow(ctx, c.Channel)
	}
	return facts.External || c.Hidden && !facts.Member, err
}

// alarmShared tells the operator that cards are hidden.
func (w *Worker) alarmShared(ctx context.Context, channel string) {
	w.Operator.Alarm(ctx, "a channel is shared: "+channel, "The channel %s is shared with another organisation, or about to be. "+
		"Open cards there become one line without names and buttons, and every click there is refused. Approved requests go on; the others wait until they expire. "+
		"If you stop sharing the channel, the cards come back. Or use another channel for new requests.", channel)
}

// alarmNotHidden tells the operator of a card that others can read.
func (w *Worker) alarmNotHidden(ctx context.Context, c *request.Card, err error) {
	w.Operator.Alarm(ctx, "a card in a shared channel cannot be hidden: "+c.ID, "People of another organisation can read the card of %s, and Slack does not let wfbot change it (%s). "+
		"Every click on it is refused. Have an admin delete the message in Slack, or stop sharing the channel: %s", nameOf(c), slackapi.Says(err), w.Slack.Link(c.Channel, c.TS))
}
