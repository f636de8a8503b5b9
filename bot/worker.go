package bot

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"wfbot/bot/request"
	"wfbot/bot/store"
)

const (
	// parallel is how many rows of a kind are worked on at once.
	parallel = 8
	// leaseFor is how long a claim keeps others away. Every step ends before:
	// stepFor is its deadline, and a write renews the lease just before it is sent.
	leaseFor = 60 * time.Second
	stepFor  = 45 * time.Second
	// lookEvery bounds how long the loop sleeps: other processes may share the
	// database, and a clock may be set or a machine suspended.
	lookEvery = time.Second
)

// The kinds of row, each with a claim loop and places of its own: however long
// Workfront takes, what people do is judged at once.
const (
	interactions = iota
	requests
	batches
	homes
	kinds // how many there are
)

// nudge makes the loops look at once. It never blocks.
func (b *Bot) nudge() {
	for _, wake := range b.wake {
		select {
		case wake <- struct{}{}:
		default: // it will look anyway
		}
	}
}

// work runs the claim loops until ctx ends, and returns when the effects in hand
// have ended.
func (b *Bot) work(ctx context.Context) error {
	effects, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	// Effects may go on for a while after ctx has ended, but not for ever.
	grace := context.AfterFunc(ctx, func() {
		if sleep(effects, shutdownGrace) {
			cancel()
		}
	})
	defer grace()

	var running sync.WaitGroup
	running.Go(func() { b.loop(ctx, effects, &running, b.wake[interactions], b.claimInteraction, b.nextInteraction) })
	running.Go(func() { b.loop(ctx, effects, &running, b.wake[requests], b.claimRequest, b.nextRequest) })
	running.Go(func() { b.loop(ctx, effects, &running, b.wake[batches], b.claimBatch, b.config.Store.NextBatch) })
	running.Go(func() { b.loop(ctx, effects, &running, b.wake[homes], b.claimHome, b.nextHome) })
	running.Go(func() { b.database.Watch(ctx) })
	running.Wait()
	return nil
}

// job is what to do with a claimed row.
type job func(context.Context)

// loop hands each due row of a kind to a goroutine of its own, until ctx ends.
func (b *Bot) loop(ctx, effects context.Context, running *sync.WaitGroup, wake chan struct{},
	claim func(context.Context) (job, error), next func(context.Context, time.Time) (time.Time, bool, error)) {
	slots := make(chan struct{}, parallel)
	for {
		select {
		case slots <- struct{}{}:
		case <-ctx.Done():
			return
		}
		do, err := claim(effects)
		if do != nil { // also when ctx has ended meanwhile: the row is ours
			running.Go(func() {
				defer func() {
					<-slots
					b.nudge() // the row may want something else now
				}()
				do(effects)
			})
			continue
		}
		<-slots
		if ctx.Err() != nil {
			return
		}
		if err != nil {
			b.log.Warn("the database does not answer, trying again", "error", err)
			b.database.Failed(err)
			sleep(ctx, lookEvery)
			continue
		}
		b.rest(ctx, wake, next)
	}
}

// rest waits until a row is due, somebody nudges, or lookEvery has passed.
func (b *Bot) rest(ctx context.Context, wake chan struct{}, next func(context.Context, time.Time) (time.Time, bool, error)) {
	wait := lookEvery
	if at, ok, err := next(ctx, b.now()); err == nil && ok {
		wait = max(time.Millisecond, min(wait, at.Sub(b.now())))
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-wake:
	case <-timer.C:
	case <-ctx.Done():
	}
}

// claimInteraction takes the next due interaction, nil if there is none. Interactions wait until
// Slack has said who the bot is, and are nudged then: none can be judged before.
func (b *Bot) claimInteraction(ctx context.Context) (job, error) {
	if b.slack.Self() == nil {
		return nil, nil
	}
	w, lease, err := b.config.Store.ClaimInteraction(ctx, b.now(), leaseFor)
	if err != nil || w == nil {
		return nil, err
	}
	return func(ctx context.Context) {
		b.settle(ctx, "interaction "+w.ID, lease, func(ctx context.Context) error { return b.fulfil(ctx, w, lease) })
	}, nil
}

// claimRequest takes the next due request, nil if there is none.
func (b *Bot) claimRequest(ctx context.Context) (job, error) {
	r, lease, err := b.config.Store.ClaimRequest(ctx, b.now(), leaseFor, b.full()...)
	if err != nil || r == nil {
		return nil, err
	}
	return func(ctx context.Context) {
		b.settle(ctx, "request "+r.ID, lease, func(ctx context.Context) error { return b.step(ctx, r, lease) })
	}, nil
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

// settle runs one step under its deadline. Steps deal with what goes wrong
// outside; an error here means that the result could not be stored, and the row
// is soon tried again.
func (b *Bot) settle(ctx context.Context, what string, lease store.Lease, do func(context.Context) error) {
	ctx, cancel := context.WithTimeout(ctx, stepFor)
	defer cancel()
	err := do(ctx)
	switch {
	case err == nil:
		return
	case errors.Is(err, store.ErrLeaseLost):
		b.log.Warn("a result came too late: somebody else has the row", "row", what)
		return
	case errors.Is(err, store.ErrConflict):
		b.log.Info("a row changed meanwhile, doing its step again", "row", what)
	case cut(ctx):
		b.log.Warn("a step was cut short by the shutdown; the next start goes on with it", "row", what, "error", err)
	default:
		b.database.Failed(err)
		b.operator.Alarm(ctx, "a step could not be stored", "wfbot could not store the result for %s and tries again: %v", what, err)
	}
	if err := b.config.Store.Release(context.WithoutCancel(ctx), lease, time.Second); err != nil {
		b.log.Error("a claim could not be given back; it is taken up again", "row", what, "error", err)
	}
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
	case request.Survey:
		return b.inWorkfront(ctx, lease, func() error { return b.survey(ctx, r, lease) })
	case request.AskAnew:
		return b.result(ctx, r.ID, lease, b.ifStill(step, func(r *request.Request) error { return r.AskAgain(b.now()) }))
	case request.PostCard:
		return b.postCard(ctx, r, lease)
	case request.PaintCard:
		return b.paintCard(ctx, r, lease)
	case request.Execute:
		return b.inWorkfront(ctx, lease, func() error { return b.execute(ctx, r, lease) })
	case request.Tell:
		return b.tellRequester(ctx, r, lease)
	case request.Remind:
		return b.remindApprovers(ctx, r, lease)
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
