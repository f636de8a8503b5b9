package bot

import (
	"context"
	"time"

	"wfbot/bot/store"
)

// claimHome takes the next Home tab that has to be drawn, nil if there is none.
// They wait until Slack has said who the bot is.
func (b *Bot) claimHome(ctx context.Context) (job, error) {
	if b.self.Load() == nil {
		return nil, nil
	}
	home, lease, err := b.config.Store.ClaimHome(ctx, b.now(), leaseFor)
	if err != nil || home == nil {
		return nil, err
	}
	return func(ctx context.Context) {
		b.settle(ctx, "Home tab of "+home.UserID, lease, func(ctx context.Context) error { return b.drawHome(ctx, home, lease) })
	}, nil
}

func (b *Bot) nextHome(ctx context.Context, now time.Time) (time.Time, bool, error) {
	if b.self.Load() == nil {
		return time.Time{}, false, nil
	}
	return b.config.Store.NextHome(ctx, now)
}

// drawHome shows a person what there is to see.
func (b *Bot) drawHome(ctx context.Context, home *store.Home, lease store.Lease) error {
	return b.config.Store.ForgetHome(ctx, home, lease)
}
