package worker

import (
	"context"
	"errors"
	"strings"

	"golang.org/x/sync/errgroup"

	"wfbot/bot/request"
	"wfbot/bot/slackapi"
	"wfbot/bot/store"
	"wfbot/bot/workfrontapi"
	"wfbot/workfront"
)

// lookUp finds the user in Workfront and everybody the rules need to know about.
func (w *Worker) lookUp(ctx context.Context, r *request.Request) (request.Result, error) {
	if until, why := w.Access.AskIfPaused(ctx, r.LastRetry()); !until.IsZero() {
		return request.Paused{Why: workfrontapi.Explain(why), Until: until}, nil
	}
	finding, err := w.findTarget(ctx, r)
	if no, ok := errors.AsType[notPossibleError](err); ok {
		return request.NotPossible(no), nil
	}
	if no, ok := errors.AsType[request.Refusal](err); ok {
		return request.NotPossible{Why: no}, nil
	}
	if err != nil && cut(ctx) {
		return nil, ctx.Err()
	}
	if paused, ok := w.paused(ctx, err, false); ok {
		return paused, nil
	}
	if err != nil {
		w.Log.Warn("a look-up failed", "request", r.ID, "error", err)
		w.alarmLookUp(ctx, err)
		return request.NotLookedUp{Why: workfrontapi.Explain(err), Wait: workfrontapi.WaitAsked(err)}, nil
	}
	return request.LookedUp{Finding: finding}, nil
}

// beside is what becomes of a look-up beside the other requests for the user, as they
// stand in the transaction.
//
// What cannot be read of them may be anything: somebody is not brought back who may not
// be wfbot's to bring back, and the opposite may have been sent until now.
func (w *Worker) beside(tx *store.Tx, r *request.Request, found request.LookedUp) (request.Result, store.Unread, error) {
	other, err := tx.OpenRequest(found.Target.ID)
	if err != nil {
		return nil, nil, err
	}
	if other != "" {
		return request.NotPossible{Why: request.RefusedAlreadyOpen, InTheWay: other}, nil, nil
	}
	all, unread, err := tx.RequestsFor(found.Target.ID)
	if err != nil {
		return nil, nil, err
	}
	last := request.LastOpposed(all, r.Action)
	if len(unread) > 0 {
		last = w.Now()
	}
	found.ClearAt = workfrontapi.ClearAfter(last)
	switch {
	case r.Action != request.Reactivate || w.Policy.ReactivateAny:
		return found, unread, nil
	case len(unread) > 0:
		return request.NotPossible{Why: request.RefusedUnreadable}, unread, nil
	case !request.DeactivatedByUs(all):
		return request.NotPossible{Why: request.RefusedNotOurs}, nil, nil
	}
	return found, nil, nil
}

// notPossibleError says why the user may not be asked for.
type notPossibleError request.NotPossible

func (e notPossibleError) Error() string { return "not possible: " + string(e.Why) }

// alarmLookUp tells the operator if, by this error, Slack does not let the bot look
// people up.
func (w *Worker) alarmLookUp(ctx context.Context, err error) {
	if trouble, _ := w.Slack.Trouble(ctx, err); !trouble.ForGood() {
		return
	}
	w.Operator.Alarm(ctx, "Slack refuses a look-up", "Slack refuses to look up somebody a request is about, or somebody who may approve it (%s). "+
		"wfbot tries again for 48 hours. Check what the app is allowed in Slack.", slackapi.Says(err))
}

// findTarget asks Workfront for the user and Slack for the people concerned. The error
// is a request.Refusal or a notPossibleError if the user may not be asked for.
func (w *Worker) findTarget(ctx context.Context, r *request.Request) (request.Finding, error) {
	self, err := w.Access.Self(ctx)
	switch {
	case workfrontapi.RefusedForGood(err):
		return request.Finding{}, w.lookUpRefused(ctx, r, err)
	case err != nil:
		return request.Finding{}, err
	}
	email, err := w.emailOf(ctx, r)
	var users []workfront.User
	if err == nil {
		var beside errgroup.Group
		beside.Go(func() error {
			_, _ = w.Slack.ByEmail(ctx, email) // is known when it is needed, or asked for again
			return nil
		})
		users, err = w.Workfront.FindByEmail(ctx, email)
		_ = beside.Wait()
	}
	switch _, several := errors.AsType[*workfront.AmbiguousError](err); {
	case errors.Is(err, workfront.ErrNotFound):
		return request.Finding{}, request.RefusedNotFound
	case several:
		return request.Finding{}, request.RefusedCrowd
	case workfrontapi.RefusedForGood(err):
		return request.Finding{}, w.lookUpRefused(ctx, r, err)
	case err != nil:
		return request.Finding{}, err
	}
	target, err := w.meant(ctx, r, users)
	if err != nil {
		return request.Finding{}, err
	}
	if no := w.Policy.MayTarget(r.Action, target, self); no != request.Allowed {
		return request.Finding{}, no
	}
	switch {
	case r.Action == request.Reactivate:
		if err := w.wayBack(ctx, target); err != nil {
			return request.Finding{}, err
		}
	case !target.Active:
		return request.Finding{}, w.asWanted(ctx, target, request.RefusedInactive)
	}
	return w.concerned(ctx, r, target)
}

// emailOf is the e-mail used to look for the user: as asked for, or, where it was erased
// since wfbot deactivated them, as Workfront has it now.
func (w *Worker) emailOf(ctx context.Context, r *request.Request) (string, error) {
	if r.Email != "" || r.Wanted == "" {
		return r.Email, nil
	}
	user, err := w.Workfront.Get(ctx, r.Wanted)
	return user.Email, err
}

// meant is which of the Workfront users with one e-mail r is for; a request.Refusal
// if that cannot be known.
func (w *Worker) meant(ctx context.Context, r *request.Request, users []workfront.User) (request.Target, error) {
	all := make([]request.Target, len(users))
	requests := map[string][]*request.Request{}
	for i, user := range users {
		all[i] = workfrontapi.TargetOf(user)
		if r.Action == request.Reactivate && len(users) > 1 {
			var err error
			var unread store.Unread
			if requests[user.ID], unread, err = w.Store.RequestsFor(ctx, user.ID); err != nil {
				return request.Target{}, err
			}
			if len(unread) > 0 { // it may be what tells them apart
				w.Operator.Unread(ctx, unread)
				return request.Target{}, request.RefusedUnreadable
			}
		}
	}
	target, no := request.Meant(r.Action, r.Wanted, all, requests)
	switch {
	case no == request.RefusedAmbiguous && r.Action == request.Reactivate && !w.Policy.ReactivateAny:
		return request.Target{}, request.RefusedNotOurs
	case no != request.Allowed:
		return request.Target{}, no
	}
	return target, nil
}

// lookUpRefused tells the operator why Workfront does not let the bot look
// anybody up: an API version that has gone, or a right that is missing.
func (w *Worker) lookUpRefused(ctx context.Context, r *request.Request, err error) error {
	w.Log.Error("Workfront refuses the look-up", "request", r.ID, "error", err)
	w.Operator.Alarm(ctx, "Workfront refuses a look-up", "Workfront refuses to let wfbot look a user up: %s. "+
		"Check WORKFRONT_API_VERSION, and in Workfront the access level of wfbot's user.", strings.TrimRight(workfrontapi.Explain(err), ". "))
	return request.RefusedWorkfront
}

// concerned finds the Slack users that rules about this target name.
func (w *Worker) concerned(ctx context.Context, r *request.Request, target request.Target) (request.Finding, error) {
	f := request.Finding{Target: target, Needed: w.Policy.Needed(target)}
	id, err := w.Slack.ByEmail(ctx, target.Email)
	if err != nil {
		return f, err
	}
	if id != "" {
		f.TargetIDs = []string{id}
	}
	approvers := w.Policy.Approvers
	if approvers.Manager {
		if f.Manager, f.NoManager, err = w.Workfront.ManagerOf(ctx, r, target); err != nil {
			return f, err
		}
	}
	as := *r
	as.TargetIDs, as.Manager, as.Needed = f.TargetIDs, f.Manager, f.Needed
	switch {
	case approvers.Manager && f.Manager.ID == "" && len(approvers.Users)+len(approvers.Groups) == 0:
		return f, notPossibleError{Why: request.RefusedNoApprover, NoManager: f.NoManager}
	case !w.Policy.Enough(&as):
		return f, request.RefusedTooFew
	}
	return f, nil
}

// asWanted is why a target who already is as was asked for cannot be asked for: another
// request is open and will change that, or else why.
func (w *Worker) asWanted(ctx context.Context, target request.Target, why request.Refusal) error {
	all, _, err := w.Store.RequestsFor(ctx, target.ID)
	if err != nil {
		return err
	}
	for _, r := range all {
		if r.State.Open() {
			return notPossibleError{Why: request.RefusedAlreadyOpen, InTheWay: r.ID}
		}
	}
	return why
}

// wayBack says whether target may be reactivated, as far as Workfront knows. A
// user who was never active waits for approval there; when in doubt, they do.
func (w *Worker) wayBack(ctx context.Context, target request.Target) error {
	if target.Active {
		return w.asWanted(ctx, target, request.RefusedActive)
	}
	waits, err := w.Workfront.AwaitingApproval(ctx, target.ID)
	if workfrontapi.RefusedForGood(err) {
		w.Log.Warn("not known whether a user awaits approval in Workfront", "workfront_id", target.ID, "error", err)
		return request.RefusedNewUser
	}
	if err == nil && waits {
		return request.RefusedNewUser
	}
	return err
}
