package bot

import (
	"context"
	"time"

	"wfbot/bot/request"
)

// lastPressed is when an approver last wanted r tried again.
func lastPressed(r *request.Request) (at time.Time) {
	for _, d := range r.Decisions {
		if d.Kind == request.RunAgain {
			at = d.At
		}
	}
	return at
}

// pausing is what becomes of a request whose call was turned away: it waits like
// all others.
func (b *Bot) pausing(ctx context.Context, err error, accepted bool) change {
	until := b.access.Pause(ctx, err)
	return func(r *request.Request) error { return r.Pause(explain(err), accepted, until, b.now()) }
}
