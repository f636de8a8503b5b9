package bot

import (
	"context"
	"fmt"

	"wfbot/bot/request"
	"wfbot/bot/store"
)

// claimBatch takes the next due batch, nil if there is none.
func (b *Bot) claimBatch(ctx context.Context) (job, error) {
	batch, lease, err := b.config.Store.ClaimBatch(ctx, b.now(), leaseFor)
	if err != nil || batch == nil {
		return nil, err
	}
	return func(ctx context.Context) {
		b.settle(ctx, "batch "+batch.ID, lease, func(ctx context.Context) error { return b.stepBatch(ctx, batch, lease) })
	}, nil
}

// stepBatch does the one thing that a claimed batch needs now.
func (b *Bot) stepBatch(ctx context.Context, batch *request.Batch, lease store.Lease) error {
	step, at := batch.Next(b.now())
	if step == request.Nothing || at.After(b.now()) {
		return b.batchResult(ctx, batch.ID, lease, func(*request.Batch) error { return nil })
	}
	b.log.Debug("step", "batch", batch.ID, "step", string(step))
	return fmt.Errorf("unreachable: step %q of a batch", step)
}

// batchResult applies what a step found to the batch as it stands now, if the
// lease is still ours, and ends the claim.
func (b *Bot) batchResult(ctx context.Context, id string, lease store.Lease, apply func(*request.Batch) error) error {
	return b.config.Store.Update(context.WithoutCancel(ctx), b.now(), func(tx *store.Tx) error {
		batch, err := tx.ClaimedBatch(id, lease)
		if err != nil {
			return err
		}
		if err := apply(batch); err != nil {
			return err
		}
		return tx.SaveBatchAndRelease(batch)
	})
}
