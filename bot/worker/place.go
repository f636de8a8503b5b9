package worker

import (
	"context"
	"time"
	"wfbot/bot/request"
	"wfbot/bot/store"
)

const (
	// workfrontPlaces is how many requests may be at a step in Workfront at once.
	// The client sends two calls at a time, so more would only wait, and keep
	// repaints and messages waiting with them.
	workfrontPlaces = parallel / 2
	// placeSoon is when a request comes back that found no place after all.
	placeSoon = time.Second
)

// atWorkfront are the steps that take a place.
var atWorkfront = []request.Step{request.LookUp, request.FindManager, request.CountHoldings, request.Execute, request.Verify}

// full is which steps there is no place for now: requests that are due for one are
// not claimed before a place is free, and the claim loop is woken then.
func (w *Worker) full() []request.Step {
	if len(w.places) < cap(w.places) {
		return nil
	}
	return atWorkfront
}

// inWorkfront runs a step that talks to Workfront, or gives the claim back for a
// moment if as many as may be are at one: however long Workfront takes, cards are
// painted and people told.
func (w *Worker) inWorkfront(ctx context.Context, lease store.Lease, do func() error) error {
	select {
	case w.places <- struct{}{}:
		defer func() { <-w.places }()
		return do()
	default:
		return w.Store.Release(ctx, lease, placeSoon)
	}
}
