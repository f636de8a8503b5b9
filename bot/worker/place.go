package worker

import (
	"context"
	"slices"
	"time"

	"wfbot/bot/request"
	"wfbot/bot/store"
	"wfbot/workfront"
)

// class is steps in Workfront that are equally important. Each has places of its own,
// so that however many look-ups or counts there are, what was approved is executed. The
// client says which of their calls is sent first.
type class struct {
	steps  []request.Step
	how    workfront.Importance
	places int // how many requests may be at such a step at once
}

// classes are the steps that take a place, the most important ones first.
var classes = []class{
	{[]request.Step{request.Execute}, workfront.ForApproved, 6},
	{[]request.Step{request.LookUp, request.FindManager}, workfront.ForLookUp, 5},
	{[]request.Step{request.CountHoldings}, workfront.ForCounts, 3},
	{[]request.Step{request.Verify}, workfront.ForLater, 1},
}

// parallelRequests is how many requests are worked on at once: as many as have a place
// in Workfront, and some that need none.
func parallelRequests() int {
	n := 2
	for _, c := range classes {
		n += c.places
	}
	return n
}

// placeSoon is when a request comes back that found no place after all.
const placeSoon = time.Second

// aboutPeople are the steps that ask Slack who somebody is; they wait until it has said
// who the bot is.
var aboutPeople = []request.Step{request.LookUp, request.FindManager}

// places are those of the classes: a channel for each, which holds one element for each
// request that is at such a step.
type places []chan struct{}

func newPlaces() places {
	all := make(places, len(classes))
	for i, c := range classes {
		all[i] = make(chan struct{}, c.places)
	}
	return all
}

// full is which steps cannot be done now: requests that are due for one are not
// claimed before a place is free, or Slack has said who the bot is, and the claim loop
// is woken then.
func (w *Worker) full() (steps []request.Step) {
	for i, c := range classes {
		if len(w.places[i]) == c.places {
			steps = append(steps, c.steps...)
		}
	}
	if !w.Slack.Identified() {
		for _, step := range aboutPeople {
			if !slices.Contains(steps, step) {
				steps = append(steps, step)
			}
		}
	}
	return steps
}

// inWorkfront runs a step that talks to Workfront, or gives the claim back for a
// moment if as many as may be are at one of its class.
func (w *Worker) inWorkfront(ctx context.Context, step request.Step, lease store.Lease, do func(context.Context) error) error {
	i := slices.IndexFunc(classes, func(c class) bool { return slices.Contains(c.steps, step) })
	if i < 0 { // nobody knows the step, which do says
		return do(ctx)
	}
	select {
	case w.places[i] <- struct{}{}:
		defer func() { <-w.places[i] }()
		return do(workfront.With(ctx, classes[i].how))
	default:
		return w.Store.Release(ctx, lease, placeSoon)
	}
}
