package worker

import (
	"context"
	"errors"

	"wfbot/bot/operator"
	"wfbot/bot/request"
	"wfbot/bot/workfrontapi"
	"wfbot/workfront"
)

// verify reads the user again a while after the request was done, since something
// else may have changed them back.
func (w *Worker) verify(ctx context.Context, r *request.Request) (request.Result, error) {
	if opposed, err := w.opposed(ctx, r); err != nil || opposed {
		return request.ReadAgain{Found: request.Superseded}, err
	}
	if until, _ := w.Access.AskIfPaused(ctx, r.LastRetry()); !until.IsZero() {
		return request.ReadingPaused{Until: until}, nil
	}
	user, err := w.Workfront.Get(ctx, r.Target.ID)
	switch {
	case operator.TurnedAway(err):
		return request.ReadingPaused{Until: w.Access.Pause(ctx, err)}, nil
	case errors.Is(err, workfront.ErrNotFound):
		return request.ReadAgain{Found: request.TargetGone}, nil
	case err != nil && cut(ctx):
		return nil, ctx.Err()
	case err != nil:
		w.Log.Warn("a user could not be read again", "request", r.ID, "error", err)
		return request.NotReadAgain{Wait: workfrontapi.WaitAsked(err)}, nil
	case user.Active == r.Action.Active():
		return request.ReadAgain{Found: request.NoDrift}, nil
	}
	// A write is recorded before it is sent, so one that the read has met is known
	// by now.
	if opposed, err := w.opposed(ctx, r); err != nil || opposed {
		return request.ReadAgain{Found: request.Superseded}, err
	}
	w.Log.Warn("a user was changed back", "request", r.ID, "workfront_id", user.ID, "active", user.Active)
	return request.ReadAgain{Found: request.Drifted}, nil
}

// opposed reports whether wfbot itself has tried the opposite since r was done, as far
// as can be read: else people are rather told that the user was changed back.
func (w *Worker) opposed(ctx context.Context, r *request.Request) (bool, error) {
	all, _, err := w.Store.RequestsFor(ctx, r.Target.ID)
	return request.LastOpposed(all, r.Action).After(r.Outcome.ReadAt), err
}
