package bot

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"wfbot/bot/card"
	"wfbot/bot/loop"
	"wfbot/bot/request"
	"wfbot/bot/slackapi"
	"wfbot/bot/store"
)

// claimBatch takes the next due batch, nil if there is none.
func (b *Bot) claimBatch(ctx context.Context) (*loop.Step, error) {
	batch, lease, err := b.config.Store.ClaimBatch(ctx, b.now(), loop.LeaseFor)
	if err != nil || batch == nil {
		return nil, err
	}
	return &loop.Step{Row: "batch " + batch.ID, Lease: lease, Do: func(ctx context.Context) error { return b.stepBatch(ctx, batch, lease) }}, nil
}

// stepBatch does the one thing that a claimed batch needs now.
func (b *Bot) stepBatch(ctx context.Context, batch *request.Batch, lease store.Lease) error {
	step, at := batch.Next(b.now())
	if step == request.Nothing || at.After(b.now()) {
		return b.batchResult(ctx, batch.ID, lease, func(*request.Batch) error { return nil })
	}
	b.log.Debug("step", "batch", batch.ID, "step", string(step))
	switch step {
	case request.PostCard:
		return b.postBatch(ctx, batch, lease)
	case request.PaintCard:
		return b.paintBatch(ctx, batch, lease)
	case request.Tell:
		return b.tellOfBatch(ctx, batch, lease)
	case request.Remind:
		return b.remindOfBatch(ctx, batch, lease)
	}
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

// membersResult is batchResult for a step that changes members as well; change
// reports whether it changed one.
func (b *Bot) membersResult(ctx context.Context, id string, lease store.Lease, change func(*request.Request) (changed bool, err error),
	apply func(*request.Batch) error) error {
	return b.config.Store.Update(context.WithoutCancel(ctx), b.now(), func(tx *store.Tx) error {
		members, err := tx.Members(id)
		if err != nil {
			return err
		}
		for _, r := range members {
			changed, err := change(r)
			if err == nil && changed {
				err = tx.Save(r)
			}
			if err != nil {
				return err
			}
		}
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

// postBatch is postCard for a batch.
func (b *Bot) postBatch(ctx context.Context, batch *request.Batch, lease store.Lease) error {
	asked := batch.Pending() // as drawn; others may be found meanwhile
	channel, ts, err := b.slack.Post(ctx, batch.Channel, b.drawBatch(batch, false))
	// A crash here: the message stands without buttons, and another one will be
	// posted that becomes the card.
	if err != nil {
		return b.cannotPostBatch(ctx, batch, lease, err)
	}
	return b.batchResult(ctx, batch.ID, lease, func(batch *request.Batch) error {
		batch.Posted(channel, ts, b.now())
		batch.Notified(asked)
		return nil
	})
}

// cannotPostBatch rejects the members that nobody can decide about if the card can
// never be posted, and tries again otherwise. Those who have not been looked up yet
// follow when they have.
func (b *Bot) cannotPostBatch(ctx context.Context, batch *request.Batch, lease store.Lease, err error) error {
	if cut(ctx) {
		return ctx.Err()
	}
	trouble, wait := b.slack.Trouble(ctx, err)
	var no request.Refusal
	if errors.As(err, &no) {
		trouble = slackapi.NoPlace
	}
	b.log.Warn("a card could not be posted", "batch", batch.ID, "channel", batch.Channel, "error", err)
	if no == request.Allowed {
		no = slackapi.PostRefusal(err)
	}
	retry := batch.PaintRetry.Failed(b.now(), wait)
	if retry.GivenUp() && !trouble.ForGood() {
		no = request.RefusedCard
	}
	hopeless := trouble.ForGood() || retry.GivenUp()
	stored := b.membersResult(ctx, batch.ID, lease, func(r *request.Request) (bool, error) {
		if !hopeless || r.State != request.Pending || len(r.Decisions) > 0 {
			return false, nil
		}
		return true, r.Reject(no, "", b.now())
	}, func(batch *request.Batch) error {
		batch.PaintFailed(wait, b.now())
		return nil
	})
	if hopeless {
		b.alarmUnseen(ctx, "batch "+batch.ID, batch.Channel, err)
	}
	return stored
}

// paintBatch is paintCard for a batch.
func (b *Bot) paintBatch(ctx context.Context, batch *request.Batch, lease store.Lease) error {
	look := batch.Look
	return paint(ctx, b, "batch "+batch.ID, batch.Card, b.drawBatch(batch, true), func(batch *request.Batch) { batch.Paint(look, b.now()) },
		func(apply func(*request.Batch) error) error { return b.batchResult(ctx, batch.ID, lease, apply) })
}

func (b *Bot) drawBatch(batch *request.Batch, buttons bool) slackapi.Message {
	return slackapi.Drawn(card.BatchMessage(batch, b.view(buttons)))
}

// tellOfBatch tells the requester how it stands with all, as tellRequester does.
func (b *Bot) tellOfBatch(ctx context.Context, batch *request.Batch, lease store.Lease) error {
	text := card.BatchNotice(batch, b.cardLink(batch.Card))
	var err error
	ended := !slices.ContainsFunc(batch.Members, func(r *request.Request) bool { return !r.State.Ended() })
	asked := slices.ContainsFunc(batch.Members, func(r *request.Request) bool { return r.State != request.Rejected })
	if batch.Told < batch.News && b.awaited(batch.CreatedAt) && !(ended && asked) {
		err = b.slack.TellPrivately(ctx, batch.ID, batch.Requester.ID, batch.Channel, text)
	} else {
		err = b.slack.TellDirectly(ctx, batch.Requester.ID, text)
	}
	// A crash here: the requester is told twice.
	trouble, wait := b.slack.Trouble(ctx, err)
	if trouble == slackapi.NoPerson { // nobody there to be told
		wait = request.RetryFor
	}
	givenUp := err != nil && batch.TellRetry.Failed(b.now(), wait).GivenUp()
	told := map[string]int64{} // the news that the words are about
	for _, r := range batch.Members {
		told[r.ID] = r.News
	}
	stored := b.membersResult(ctx, batch.ID, lease, func(r *request.Request) (bool, error) {
		switch {
		case r.Told >= told[r.ID], err != nil && !givenUp:
			return false, nil
		case givenUp:
			r.TellFailed(request.RetryFor, b.now())
		default:
			r.TellRequester(told[r.ID])
		}
		return true, nil
	}, func(batch *request.Batch) error {
		if err == nil {
			batch.TellRequester(batch.News)
			return nil
		}
		b.log.Warn("a requester could not be told", "batch", batch.ID, "error", err)
		batch.TellFailed(wait, b.now())
		return nil
	})
	if givenUp && trouble != slackapi.NoPerson || trouble.ForGood() {
		b.alarmUntold(ctx, "batch "+batch.ID, err)
	}
	return stored
}

// remindOfBatch is remindApprovers for a batch.
func (b *Bot) remindOfBatch(ctx context.Context, batch *request.Batch, lease store.Lease) error {
	asked := batch.Pending()
	return postReminder(ctx, b, "batch "+batch.ID, batch.Card, card.BatchReminder(batch, b.view(true)),
		func(batch *request.Batch) {
			batch.Reminded(b.now())
			batch.Notified(asked)
		},
		func(apply func(*request.Batch) error) error { return b.batchResult(ctx, batch.ID, lease, apply) })
}
