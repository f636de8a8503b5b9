package worker

import (
	"context"

	"wfbot/bot/operator"
	"wfbot/bot/request"
	"wfbot/bot/workfrontapi"
)

// findManager looks for the manager again before people are asked again. A crash here: it
// is done again.
func (w *Worker) findManager(ctx context.Context, r *request.Request) (request.Result, error) {
	if !w.Policy.Approvers.Manager { // the word has been taken out of the policy
		return request.ManagerUnneeded{}, nil
	}
	if until, _ := w.Access.AskIfPaused(ctx, r.LastRetry()); !until.IsZero() {
		return request.ManagerPaused{Until: until}, nil
	}
	managing, err := w.Workfront.Managing(ctx, r)
	switch {
	case err != nil && cut(ctx):
		return nil, ctx.Err()
	case operator.TurnedAway(err):
		return request.ManagerPaused{Until: w.Access.Pause(ctx, err)}, nil
	case err != nil:
		w.Log.Warn("not known who manages a user now", "request", r.ID, "error", err)
		w.alarmLookUp(ctx, err)
		return request.NotManaged{Wait: workfrontapi.WaitAsked(err)}, nil
	}
	return request.Managed{Managing: managing, Policy: w.Policy}, nil
}
