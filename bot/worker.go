package bot

import (
	"context"
	"fmt"
	"time"

	"wfbot/bot/loop"
	"wfbot/bot/request"
	"wfbot/bot/store"
)

// parallel is how many rows of a kind are worked on at once.
const parallel = 8

// kinds are the kinds of row, each with a claim loop and places of its own: however
// long Workfront takes, what people do is judged at once.
func (b *Bot) kinds() []loop.Kind {
	return []loop.Kind{
		{Claim: b.claimInteraction, Next: b.nextInteraction, Places: parallel},
		{Claim: b.claimRequest, Next: b.nextRequest, Places: parallel},
		{Claim: b.claimCard, Next: b.config.Store.NextCard, Places: parallel},
		{Claim: b.claimHome, Next: b.nextHome, Places: parallel},
	}
}

// claimInteraction takes the next due interaction, nil if there is none. Interactions wait until
// Slack has said who the bot is, and are woken then: none can be judged before.
func (b *Bot) claimInteraction(ctx context.Context) (*loop.Step, error) {
	if b.slack.Self() == nil {
		return nil, nil
	}
	w, lease, err := b.config.Store.ClaimInteraction(ctx, b.now(), loop.LeaseFor)
	if err != nil || w == nil {
		return nil, err
	}
	return &loop.Step{Row: "interaction " + w.ID, Lease: lease, Do: func(ctx context.Context) error { return b.fulfil(ctx, w, lease) }}, nil
}

// claimRequest takes the next due request, nil if there is none.
func (b *Bot) claimRequest(ctx context.Context) (*loop.Step, error) {
	r, lease, err := b.config.Store.ClaimRequest(ctx, b.now(), loop.LeaseFor, b.full()...)
	if err != nil || r == nil {
		return nil, err
	}
	return &loop.Step{Row: "request " + r.ID, Lease: lease, Do: func(ctx context.Context) error { return b.step(ctx, r, lease) }}, nil
}

// nextRequest is when the next request is due that there is a place for.
func (b *Bot) nextRequest(ctx context.Context, now time.Time) (time.Time, bool, error) {
	return b.config.Store.NextRequestExcept(ctx, now, b.full()...)
}

// nextInteraction is when the next interaction is due; not known before interactions can be judged.
func (b *Bot) nextInteraction(ctx context.Context, now time.Time) (time.Time, bool, error) {
	if b.slack.Self() == nil {
		return time.Time{}, false, nil
	}
	return b.config.Store.NextInteraction(ctx, now)
}

// stepNotStored tells the operator of a step whose result could not be stored.
func (b *Bot) stepNotStored(ctx context.Context, row string, err error) {
	b.operator.Alarm(ctx, "a step could not be stored", "wfbot could not store the result for %s and tries again: %v", row, err)
}

// step does the one thing that a claimed request needs now.
func (b *Bot) step(ctx context.Context, r *request.Request, lease store.Lease) error {
	step, at := r.Next(b.now())
	if step == request.Nothing || at.After(b.now()) {
		// A decision changed the row between its claim and its reading.
		return b.result(ctx, r.ID, lease, func(*request.Request) error { return nil })
	}
	b.log.Debug("step", "request", r.ID, "state", string(r.State), "step", string(step))
	switch step {
	case request.Expiry:
		return b.result(ctx, r.ID, lease, b.ifStill(step, func(r *request.Request) error { return r.Expire(b.now()) }))
	case request.LookUp:
		return b.inWorkfront(ctx, lease, func() error { return b.lookUp(ctx, r, lease) })
	case request.FindManager:
		return b.inWorkfront(ctx, lease, func() error { return b.findManager(ctx, r, lease) })
	case request.CountHoldings:
		return b.inWorkfront(ctx, lease, func() error { return b.countHoldings(ctx, r, lease) })
	case request.AskAnew:
		return b.result(ctx, r.ID, lease, b.ifStill(step, func(r *request.Request) error { return r.AskAgain(b.now()) }))
	case request.Execute:
		return b.inWorkfront(ctx, lease, func() error { return b.execute(ctx, r, lease) })
	case request.Verify:
		return b.inWorkfront(ctx, lease, func() error { return b.verify(ctx, r, lease) })
	}
	return fmt.Errorf("unreachable: step %q", step)
}

// ifStill is apply for a request that still wants the step, and nothing for one
// that a decision has changed since it was claimed.
func (b *Bot) ifStill(step request.Step, apply change) change {
	return func(r *request.Request) error {
		if wanted, at := r.Next(b.now()); wanted != step || at.After(b.now()) {
			return nil
		}
		return apply(r)
	}
}

// result applies what a step found to the request as it stands now, if the lease
// is still ours, and ends the claim. What is known is stored even if the step has
// run out of time.
func (b *Bot) result(ctx context.Context, id string, lease store.Lease, apply func(*request.Request) error) error {
	return b.config.Store.Update(context.WithoutCancel(ctx), b.now(), func(tx *store.Tx) error {
		r, err := tx.Claimed(id, lease)
		if err != nil {
			return err
		}
		if err := apply(r); err != nil {
			return err
		}
		return tx.SaveAndRelease(r)
	})
}
