// Package worker does what stored rows want: the steps of a request, which are
// Workfront's and deadlines, and those of a card, which are Slack's; it draws Home
// tabs, and does what is due from time to time. A file holds one step.
//
// A step is claimed with its row by a [loop.Loops], does its one outside effect, and
// stores what it found under the lease, in one transaction with the audit entries
// and with when the row wants attention next. A step of a request returns a
// [request.Result], a plain value; one place applies it ([Worker.store]). A request
// and its card are two rows: they are claimed, tried again and stored apart.
package worker

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"golang.org/x/time/rate"

	"wfbot/bot/loop"
	"wfbot/bot/metrics"
	"wfbot/bot/operator"
	"wfbot/bot/request"
	"wfbot/bot/slackapi"
	"wfbot/bot/store"
	"wfbot/bot/workfrontapi"
)

// Config is what a Worker works with. Pointers, Log and Now must be set.
type Config struct {
	Store     *store.Store
	Slack     *slackapi.Client
	Workfront *workfrontapi.Client
	Operator  *operator.Operator
	Access    *operator.Access
	Metrics   *metrics.Metrics

	request.Rules

	Log *slog.Logger
	Now func() time.Time // in whole milliseconds
}

// Worker does the steps of one process. It may be used by several goroutines.
type Worker struct {
	Config
	places   places        // of the steps in Workfront
	overview overview      // what all Home tabs are made of
	homePace *rate.Limiter // of Home tabs that are drawn again
}

// New returns a Worker.
func New(config Config) *Worker {
	return &Worker{
		Config:   config,
		places:   newPlaces(),
		homePace: rate.NewLimiter(rate.Every(homeEvery), homeBurst),
	}
}

// parallel is how many cards, and how many Home tabs, are worked on at once.
const parallel = 8

// Kinds are the kinds of row that it works on, each with places of its own.
func (w *Worker) Kinds() []loop.Kind {
	requests := func() store.Waiting { return store.Waiting{Table: store.Requests, Except: w.full()} }
	cards := func() store.Waiting { return store.Waiting{Table: store.Cards} }
	homes := func() store.Waiting { return store.Waiting{Table: store.Homes, OpenedOnly: w.openedOnly()} }
	duties := func() store.Waiting { return store.Waiting{Table: store.Duties} }
	// Nothing is shown or told before Slack has said which workspace the bot is in.
	return []loop.Kind{
		{Table: store.Requests, Claim: w.claimRequest, Waiting: requests, Places: parallelRequests(), Limited: true},
		loop.Kind{Table: store.Cards, Claim: w.claimCard, Waiting: cards, Places: parallel}.Once(w.Slack.Identified),
		loop.Kind{Table: store.Homes, Claim: w.claimHome, Waiting: homes, Places: parallel}.Once(w.Slack.Identified),
		loop.Kind{Table: store.Duties, Claim: w.claimDuty, Waiting: duties, Places: 1}.Once(w.Slack.Identified),
	}
}

// claimRequest takes the next due request, nil if there is none.
func (w *Worker) claimRequest(ctx context.Context) (*loop.Step, error) {
	r, lease, err := w.Store.ClaimRequest(ctx, w.Now(), loop.LeaseFor, w.full()...)
	if r == nil {
		return nil, err
	}
	return &loop.Step{Row: "request " + r.ID, Lease: lease, Do: func(ctx context.Context) error {
		if err != nil {
			return err
		}
		return w.stepRequest(ctx, r, lease)
	}}, nil
}

// stepRequest does the one thing that a claimed request needs now.
func (w *Worker) stepRequest(ctx context.Context, r *request.Request, lease store.Lease) error {
	step, at := r.Next(w.Now())
	if step == request.Nothing || at.After(w.Now()) {
		// A decision changed the row between its claim and its reading.
		return w.store(ctx, r.ID, lease, nil)
	}
	w.Metrics.Step(string(step), r.TriedBefore(step))
	w.Log.Debug("step", "request", r.ID, "state", string(r.State), "step", string(step))
	switch step {
	case request.Expiry:
		return w.store(ctx, r.ID, lease, request.TimeIsOver{})
	case request.AskAnew:
		return w.store(ctx, r.ID, lease, request.LongOverdue{})
	}
	return w.inWorkfront(ctx, step, lease, func(ctx context.Context) error {
		result, err := w.find(ctx, step, r, lease)
		if err != nil && cut(ctx) {
			return ctx.Err()
		}
		if err != nil {
			return err
		}
		return w.store(ctx, r.ID, lease, result)
	})
}

// find does a step in Workfront. A nil Result means that a decision came first; an
// error, that the step could not be stored, or was cut short.
func (w *Worker) find(ctx context.Context, step request.Step, r *request.Request, lease store.Lease) (request.Result, error) {
	switch step {
	case request.LookUp:
		return w.lookUp(ctx, r)
	case request.FindManager:
		return w.findManager(ctx, r)
	case request.CountHoldings:
		return w.count(ctx, r)
	case request.Execute:
		return w.execute(ctx, r, lease)
	case request.Verify:
		return w.verify(ctx, r)
	}
	return nil, &request.ImpossibleError{What: fmt.Sprintf("nobody knows the step %q of a request", step)}
}

// store applies what a step found to the request as it stands now, if the lease is
// still ours, and ends the claim; a nil result changes nothing. What is known is
// stored even if the step has run out of time.
func (w *Worker) store(ctx context.Context, id string, lease store.Lease, result request.Result) error {
	var unread store.Unread
	stored := w.Store.Update(context.WithoutCancel(ctx), w.Now(), func(tx *store.Tx) error {
		r, err := tx.Claimed(id, lease)
		if err != nil {
			return err
		}
		if found, ok := result.(request.LookedUp); ok {
			if result, unread, err = w.beside(tx, r, found); err != nil {
				return err
			}
		}
		if result != nil {
			if err := r.Apply(result, w.Now()); err != nil {
				return err
			}
		}
		if err := tx.SaveAndRelease(r); err != nil {
			return err
		}
		if _, done := result.(request.Confirmed); done {
			return w.supersede(tx, r)
		}
		return nil
	})
	w.Operator.Unread(ctx, unread)
	return stored
}

// supersede changes the cards of earlier requests with r, which is done, that wanted
// the opposite for the user: they are untrue from now on.
func (w *Worker) supersede(tx *store.Tx, r *request.Request) error {
	all, _, err := tx.RequestsFor(r.Target.ID)
	if err != nil {
		return err
	}
	slices.SortFunc(all, func(a, b *request.Request) int { return strings.Compare(a.ID, b.ID) })
	for _, other := range all {
		if !r.Supersedes(other) {
			continue
		}
		other, err := tx.Request(other.ID)
		if err == nil && r.Supersedes(other) {
			err = errors.Join(other.Supersede(r.ID, w.Now()), tx.Save(other))
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// paused is the result of a call when Workfront turned the bot away: the request waits
// like all others. ok is false for another error.
func (w *Worker) paused(ctx context.Context, err error, accepted bool) (p request.Paused, ok bool) {
	if !operator.TurnedAway(err) {
		return request.Paused{}, false
	}
	return request.Paused{Why: workfrontapi.Explain(err), Accepted: accepted, Until: w.Access.Pause(ctx, err)}, true
}

// cut reports whether the process is being shut down and ctx ended because of
// that: what was under way says nothing about the other side.
func cut(ctx context.Context) bool { return errors.Is(ctx.Err(), context.Canceled) }
