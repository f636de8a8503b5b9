package bot

import (
	"context"

	"wfbot/bot/request"
)

// linkTo is the address of the card that shows r, or "" where there is none.
func (b *Bot) linkTo(ctx context.Context, r *request.Request) (string, error) {
	display, err := b.displayOf(ctx, r)
	return b.cardLink(display.Card), err
}

// displayOf is what people see of r: its own, or that of its batch.
func (b *Bot) displayOf(ctx context.Context, r *request.Request) (request.Display, error) {
	if r.BatchID == "" {
		return r.Display, nil
	}
	batch, err := b.config.Store.Batch(ctx, r.BatchID)
	if err != nil {
		return request.Display{}, err
	}
	return batch.Display, nil
}

// cardLink is the address of a card, or "" where there is none.
func (b *Bot) cardLink(c request.Card) string { return b.slack.Link(c.Channel, c.TS) }
