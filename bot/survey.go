package bot

import (
	"context"
	"errors"
	"time"

	"golang.org/x/sync/errgroup"

	"wfbot/bot/card"
	"wfbot/bot/request"
	"wfbot/bot/store"
	"wfbot/workfront"
)

const (
	// surveyFor is how long counting what somebody holds may take: the card waits.
	surveyFor = 5 * time.Second
	// detailsFor is how long reading the names may take: a person waits.
	detailsFor = 10 * time.Second
	// detailsEach is how many names are shown of a kind.
	detailsEach = 5
)

// survey counts what the target still holds. Whatever goes wrong costs a count and
// nothing else. While Workfront turns the bot away nothing is sent, but the card
// does not wait for that.
func (b *Bot) survey(ctx context.Context, r *request.Request, lease store.Lease) error {
	until, why := b.held(ctx, r)
	if !until.IsZero() && r.Surveys > 0 {
		return b.result(ctx, r.ID, lease, func(r *request.Request) error {
			r.SurveyLater(until)
			return nil
		})
	}
	var counted []workfront.Holding
	if until.IsZero() {
		counted, until = b.count(ctx, r.Target.ID)
	} else {
		for _, kind := range workfront.HoldingKinds() {
			counted = append(counted, workfront.Holding{Kind: kind, Err: why})
		}
	}
	if cut(ctx) {
		return ctx.Err()
	}
	held := make([]request.Holding, len(counted))
	for i, h := range counted {
		held[i] = request.Holding{Kind: string(h.Kind), Count: h.Count, AtLeast: h.AtLeast}
		if h.Err != nil {
			b.log.Warn("a count could not be read", "request", r.ID, "kind", h.Kind, "error", h.Err)
			held[i].Trouble, held[i].Pending = explain(h.Err), !refusedForGood(h.Err)
		}
	}
	return b.result(ctx, r.ID, lease, func(r *request.Request) error {
		err := r.Surveyed(held, b.now())
		r.SurveyLater(until)
		return err
	})
}

// count reads what a user holds. until is when it can be read again, if the bot was
// turned away.
func (b *Bot) count(ctx context.Context, userID string) (counted []workfront.Holding, until time.Time) {
	counting, cancel := context.WithTimeout(ctx, surveyFor)
	defer cancel()
	counted = b.config.Workfront.Holdings(counting, userID)
	errs := make([]error, len(counted))
	for i, h := range counted {
		errs[i] = h.Err
	}
	if err := awayIn(errs); err != nil {
		until = b.turned(ctx, err)
	}
	return counted, until
}

// errReading stands for what cannot be read yet, since as many read as may.
var errReading = errors.New("as much is being read for people as may be at once")

// details answers with the names of what the target of r still holds, for those
// who may see them. That they were shown is in the audit trail before they are.
func (b *Bot) details(ctx context.Context, who request.Person, r *request.Request) (verdict, error) {
	v := verdict{about: r}
	if no := b.config.Policy.MaySee(who, r); no != request.Allowed {
		return v, no
	}
	var kinds []string
	for _, h := range r.Holdings {
		if h.Count > 0 {
			kinds = append(kinds, h.Kind)
		}
	}
	if len(kinds) == 0 {
		return v, request.RefusedNothingHeld
	}
	select {
	case b.reading <- struct{}{}:
		defer func() { <-b.reading }()
	default: // however long Workfront takes, there is a place to judge what others press
		return v, errReading
	}
	v.answer = card.Details(r, b.names(ctx, r, kinds))
	v.apply = func(tx *store.Tx) error {
		now, err := tx.Request(r.ID)
		if err != nil {
			return err
		}
		if no := b.config.Policy.MaySee(who, now); no != request.Allowed {
			return no
		}
		tx.Record(r.ID, request.Event{At: b.now(), Kind: "details shown", Actor: who.ID, Detail: map[string]string{
			"workfront_id": r.Target.ID,
		}})
		return nil
	}
	return v, nil
}

// names reads the names of things of these kinds that the target of r holds.
func (b *Bot) names(ctx context.Context, r *request.Request, kinds []string) []card.HeldList {
	ctx, cancel := context.WithTimeout(ctx, detailsFor)
	defer cancel()
	lists := make([]card.HeldList, len(kinds))
	errs := make([]error, len(kinds))
	if until, why := b.held(ctx, r); !until.IsZero() {
		for i, kind := range kinds {
			lists[i] = card.HeldList{Kind: kind, Trouble: explain(why)}
		}
		return lists
	}
	var reading errgroup.Group
	reading.SetLimit(2) // the client sends no more at a time
	for i, kind := range kinds {
		reading.Go(func() error {
			names, more, err := b.config.Workfront.HeldNames(ctx, r.Target.ID, workfront.HoldingKind(kind), detailsEach)
			lists[i], errs[i] = card.HeldList{Kind: kind, Names: names, More: more}, err
			if err != nil {
				b.log.Warn("names of what a user holds could not be read", "workfront_id", r.Target.ID, "kind", kind, "error", err)
				lists[i].Trouble = explain(err)
			}
			return nil
		})
	}
	_ = reading.Wait() // each list has its own trouble
	if err := awayIn(errs); err != nil {
		b.turned(ctx, err)
	}
	return lists
}

// verify reads the user again a while after the request was done, since something
// else may have changed them back.
func (b *Bot) verify(ctx context.Context, r *request.Request, lease store.Lease) error {
	all, err := b.config.Store.RequestsFor(ctx, r.Target.ID)
	if err != nil {
		return err
	}
	if request.LastOpposed(all, r.Action).After(r.Outcome.ReadAt) {
		return b.result(ctx, r.ID, lease, func(r *request.Request) error { return r.Verify(request.Superseded, b.now()) })
	}
	if until, _ := b.held(ctx, r); !until.IsZero() {
		return b.verifyLater(ctx, r.ID, lease, until)
	}
	user, err := b.config.Workfront.Get(ctx, r.Target.ID)
	found := request.NoDrift
	switch {
	case turnedAway(err):
		return b.verifyLater(ctx, r.ID, lease, b.turned(ctx, err))
	case errors.Is(err, workfront.ErrNotFound):
		found = request.TargetGone
	case err != nil && cut(ctx):
		return ctx.Err()
	case err != nil:
		b.log.Warn("a user could not be read again", "request", r.ID, "error", err)
		return b.result(ctx, r.ID, lease, func(r *request.Request) error { return r.VerifyFailed(waitAsked(err), b.now()) })
	case user.Active != r.Action.Active():
		// A write is recorded before it is sent, so one that the read has met is known
		// by now.
		if all, err = b.config.Store.RequestsFor(ctx, r.Target.ID); err != nil {
			return err
		}
		found = request.Superseded
		if !request.LastOpposed(all, r.Action).After(r.Outcome.ReadAt) {
			b.log.Warn("a user was changed back", "request", r.ID, "workfront_id", user.ID, "active", user.Active)
			found = request.Drifted
		}
	}
	return b.result(ctx, r.ID, lease, func(r *request.Request) error { return r.Verify(found, b.now()) })
}

// verifyLater puts the reading off while Workfront turns the bot away.
func (b *Bot) verifyLater(ctx context.Context, id string, lease store.Lease, until time.Time) error {
	return b.result(ctx, id, lease, func(r *request.Request) error {
		r.VerifyLater(until)
		return nil
	})
}
