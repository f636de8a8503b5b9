package worker

import (
	"context"
	"errors"

	"wfbot/bot/loop"
	"wfbot/bot/request"
	"wfbot/bot/store"
	"wfbot/bot/workfrontapi"
	"wfbot/workfront"
)

// execute does an approved request: read, write, read back. It also goes on with one
// after a crash, so every step begins with a read.
func (w *Worker) execute(ctx context.Context, claimed *request.Request, lease store.Lease) (request.Result, error) {
	if until, why := w.Access.AskIfPaused(ctx, claimed.LastRetry()); !until.IsZero() {
		return request.Paused{Why: workfrontapi.Explain(why), Until: until}, nil
	}
	r, err := w.begin(ctx, claimed.ID, lease)
	if err != nil || r == nil {
		return nil, err
	}
	// A crash here: the request is executing and nothing was written. Reading
	// again finds out.
	if result, err := w.beforeWrite(ctx, r); err != nil || result != nil {
		return result, err
	}
	if err := w.recordWrite(ctx, r.ID, lease); err != nil {
		return nil, err
	}
	// A crash from here on, before or after the write arrives: it is recorded as
	// attempted, and the next read tells whether it took effect.
	return w.write(workfront.With(loop.Sent(ctx), workfront.ForApproved), r)
}

// begin makes the request executing: from here on it is too late to cancel. It
// returns nil if a decision has come first.
func (w *Worker) begin(ctx context.Context, id string, lease store.Lease) (begun *request.Request, err error) {
	err = w.Store.Update(ctx, w.Now(), func(tx *store.Tx) error {
		r, err := tx.Claimed(id, lease)
		if err != nil {
			return err
		}
		if wanted, at := r.Next(w.Now()); wanted != request.Execute || at.After(w.Now()) {
			return nil
		}
		if err := r.Begin(w.Now()); err != nil {
			return err
		}
		if w.DryRun {
			r.Rehearse(w.Now())
		}
		begun = r
		return tx.Save(r)
	})
	return begun, err
}

// beforeWrite reads the user as they are now. It returns what the execution has come
// to without a write, or nil if the write is to be made.
func (w *Worker) beforeWrite(ctx context.Context, r *request.Request) (request.Result, error) {
	seen, err := w.see(ctx, r)
	switch {
	case errors.Is(err, workfront.ErrNotFound):
		return request.Unfound{}, nil
	case err != nil && cut(ctx):
		return nil, ctx.Err()
	case err != nil:
		return w.notRead(ctx, r, err), nil
	}
	return w.Policy.BeforeWrite(r, seen, w.DryRun, w.Now()), nil
}

// see reads what has to be known before a write. It reads the user to be changed last: to
// read their twins takes a while.
func (w *Worker) see(ctx context.Context, r *request.Request) (seen request.Seen, err error) {
	if seen.Self, err = w.Access.Self(ctx); err != nil {
		return seen, err
	}
	user, err := w.Workfront.Get(ctx, r.Target.ID)
	if seen.Target = workfrontapi.TargetOf(user); err != nil || user.Active == r.Action.Active() {
		return seen, err
	}
	if len(r.Target.Twins) == 0 {
		return seen, nil
	}
	for _, id := range r.Target.Twins {
		twin, err := w.Workfront.Get(ctx, id)
		switch {
		case errors.Is(err, workfront.ErrNotFound): // merged, or deleted
		case err != nil:
			return seen, err
		case twin.Active && r.Target.SameEmail(twin.Email):
			seen.ActiveTwin = true
		}
	}
	user, err = w.Workfront.Get(ctx, r.Target.ID)
	seen.Target = workfrontapi.TargetOf(user)
	return seen, err
}

// notRead is for a user that could not be read before a write. A request with an
// earlier write stays open in its outcome; one without goes back to approved.
func (w *Worker) notRead(ctx context.Context, r *request.Request, err error) request.Result {
	w.Log.Warn("a user could not be read", "request", r.ID, "error", err)
	paused, ok := w.paused(ctx, err, false)
	switch {
	case ok:
		return paused
	case r.WriteOpen:
		return sentUnread(err, false)
	case workfrontapi.RefusedForGood(err):
		return request.NotDone{Why: workfrontapi.Explain(err)}
	}
	return request.Postponed{Why: workfrontapi.Explain(err), Wait: workfrontapi.WaitAsked(err)}
}

// sentUnread is for a write when the user could not be read after it.
func sentUnread(err error, accepted bool) request.Unconfirmed {
	return request.Unconfirmed{
		Why:      "The change was sent, but Workfront could not be read since: " + workfrontapi.Explain(err),
		Accepted: accepted, Wait: workfrontapi.WaitAsked(err),
	}
}

// recordWrite stores that a write is about to be sent, if the lease is still
// ours, and renews the lease for as long as the write can take.
func (w *Worker) recordWrite(ctx context.Context, id string, lease store.Lease) error {
	return w.Store.Update(ctx, w.Now(), func(tx *store.Tx) error {
		r, err := tx.Claimed(id, lease)
		if err != nil {
			return err
		}
		if err := r.WriteAttempted(w.Now()); err != nil {
			return err
		}
		return tx.SaveAndKeep(r, loop.LeaseFor)
	})
}

// write sends the one write of this attempt and reads the user back. Whatever
// the write was answered, the read decides; without a read the outcome is open.
// An error means that the shutdown has cut it short: the next start reads first.
func (w *Worker) write(ctx context.Context, r *request.Request) (request.Result, error) {
	writing, cancel := context.WithTimeout(ctx, workfrontapi.WriteFor)
	_, writeErr := w.Workfront.SetActive(writing, r.Target.ID, r.Action.Active())
	cancel()
	if writeErr != nil {
		w.Log.Warn("Workfront did not confirm a write", "request", r.ID, "error", writeErr)
	}
	if problem, ok := errors.AsType[*workfront.Error](writeErr); ok && !problem.MaybeApplied() {
		return w.notWritten(ctx, writeErr), nil
	}
	user, err := w.Workfront.Get(ctx, r.Target.ID)
	if err != nil && cut(ctx) {
		return nil, ctx.Err()
	}
	if err != nil {
		w.Log.Warn("a write could not be read back", "request", r.ID, "error", err)
		if paused, ok := w.paused(ctx, err, writeErr == nil); ok {
			return paused, nil
		}
		return sentUnread(err, writeErr == nil), nil
	}
	return w.afterWrite(ctx, r.Action, writeErr, workfrontapi.TargetOf(user)), nil
}

// afterWrite is what a write that may have been applied has come to, by how it was
// answered and how the user was read since.
func (w *Worker) afterWrite(ctx context.Context, action request.Action, writeErr error, user request.Target) request.Result {
	problem, _ := errors.AsType[*workfront.Error](writeErr)
	switch {
	case user.Active == action.Active():
		return request.Confirmed{InactiveSince: user.InactiveSince}
	case writeErr == nil:
		return request.NotDone{Why: "Workfront answered that the user is " + request.Standing(action.Active()) + ", but shows them " + request.Standing(user.Active) + " when read again."}
	case errors.Is(writeErr, workfront.ErrUnchanged):
		return request.NotDone{Why: "Workfront answered without an error but changed nothing."}
	case problem != nil && problem.Declined: // and the read agrees
		return w.notWritten(ctx, writeErr)
	case workfrontapi.RefusedForGood(writeErr):
		return request.NotDone{Why: workfrontapi.Explain(writeErr)}
	}
	if errors.Is(writeErr, workfront.ErrMoved) { // the write alone: others may go on
		w.Access.Alarm(ctx, writeErr)
	}
	// Not changed, but the write may yet arrive: until it is read again, it is
	// too late to cancel.
	return request.Unconfirmed{Why: workfrontapi.ExplainWrite(writeErr), Wait: workfrontapi.WaitAsked(writeErr)}
}

// notWritten is for a write that changed nothing: Workfront was not reached, or has
// refused it, or only declined it and shows the user unchanged.
func (w *Worker) notWritten(ctx context.Context, err error) request.Result {
	// Where Workfront is only busy, what answers may know nothing for certain.
	problem, ok := errors.AsType[*workfront.Error](err)
	certain := ok && (!problem.Sent || !problem.Temporary())
	if paused, ok := w.paused(ctx, err, false); ok {
		paused.WriteRefuted, paused.WriteRefused = true, certain
		return paused
	}
	if workfrontapi.RefusedForGood(err) {
		return request.NotDone{Why: workfrontapi.Explain(err), WriteRefused: certain}
	}
	return request.Postponed{Why: workfrontapi.Explain(err), WriteRefused: certain, Wait: workfrontapi.WaitAsked(err)}
}
