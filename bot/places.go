package bot

import (
	"context"
	"time"

	"wfbot/bot/store"
)

const (
	// workfrontPlaces is how many requests may be at a step in Workfront at once.
	// The client sends two calls at a time, so more would only wait, and keep
	// repaints and messages waiting with them.
	workfrontPlaces = parallel / 2
	// placeSoon is when a request comes back that found no place.
	placeSoon = time.Second
)

// inWorkfront runs a step that talks to Workfront, or gives the claim back for a
// moment if as many as may be are at one: however long Workfront takes, cards are
// painted and people told.
func (b *Bot) inWorkfront(ctx context.Context, lease store.Lease, do func() error) error {
	select {
	case b.workfront <- struct{}{}:
		defer func() { <-b.workfront }()
		return do()
	default:
		return b.config.Store.Release(ctx, b.now(), lease, placeSoon)
	}
}
