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

// aboutPeople are the steps that ask Slack who somebody is; they wait until it has said
// who the bot is.
var aboutPeople = []request.Step{request.LookUp, request.FindManager}

// full is which steps cannot be done now: requests that are due for one are not
// claimed before a place is free, or Slack has said who the bot is, and the claim loop
// is woken then.
func (w *Worker) full() []request.Step {
	switch {
	case len(w.places) == cap(w.places):
		return atWorkfront
	case w.Slack.Self() == nil:
		return aboutPeople
	}
	return nil
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
