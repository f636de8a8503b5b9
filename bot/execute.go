package bot

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"wfbot/bot/loop"
	"wfbot/bot/operator"
	"wfbot/bot/request"
	"wfbot/bot/slackapi"
	"wfbot/bot/store"
	"wfbot/workfront"
)

// writeFor is the deadline of the write. It is shorter than the lease that is
// renewed just before: while the write is under way nobody else has the request.
const writeFor = 20 * time.Second

// execute carries an approved request out: read, write, read back. It is also
// what goes on with one after a crash, so every step begins with a read.
func (b *Bot) execute(ctx context.Context, r *request.Request, lease store.Lease) error {
	if until, why := b.access.AskIfPaused(ctx, lastPressed(r)); !until.IsZero() {
		return b.result(ctx, r.ID, lease, b.ifStill(request.Execute, func(r *request.Request) error {
			return r.Pause(explain(why), false, until, b.now())
		}))
	}
	r, err := b.begin(ctx, r.ID, lease)
	if err != nil || r == nil {
		return err
	}
	// A crash here: the request is executing and nothing was written. Reading
	// again finds out.
	verdict, err := b.beforeWrite(ctx, r)
	if err != nil && cut(ctx) {
		return ctx.Err()
	}
	if err != nil || verdict != nil {
		if verdict == nil {
			verdict = b.noRead(ctx, r, err)
		}
		return b.concluded(ctx, r.ID, lease, verdict)
	}
	switch {
	case r.DryRun:
		return b.result(ctx, r.ID, lease, func(r *request.Request) error { return r.Rehearsed(b.now()) })
	case b.config.DryRun: // switched on after a write
		return b.result(ctx, r.ID, lease, b.failing("Dry run has been switched on since the first try, so nothing more is written. The user is "+standing(!r.Action.Active())+"."))
	}
	if err := b.recordWrite(ctx, r.ID, lease); err != nil {
		return err
	}
	// A crash from here on, before or after the write arrives: it is recorded as
	// attempted, and the next read tells whether it took effect.
	verdict = b.write(ctx, r)
	if verdict == nil { // the shutdown did not leave the time to find out
		return ctx.Err()
	}
	return b.concluded(ctx, r.ID, lease, verdict)
}

// concluded is result for an execution. One that is done makes the cards of earlier
// requests untrue that wanted the opposite for the user; they are changed with it.
func (b *Bot) concluded(ctx context.Context, id string, lease store.Lease, apply change) error {
	return b.config.Store.Update(context.WithoutCancel(ctx), b.now(), func(tx *store.Tx) error {
		r, err := tx.Claimed(id, lease)
		if err != nil {
			return err
		}
		if err := apply(r); err != nil {
			return err
		}
		if err := tx.SaveAndRelease(r); err != nil {
			return err
		}
		all, err := tx.RequestsFor(r.Target.ID)
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
				err = errors.Join(other.Supersede(r.ID, b.now()), tx.Save(other))
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// change is what an execution did to a request.
type change = func(*request.Request) error

// begin makes the request executing: from here on it is too late to cancel. It
// returns nil, and ends the claim, if a decision has come first.
func (b *Bot) begin(ctx context.Context, id string, lease store.Lease) (r *request.Request, err error) {
	err = b.config.Store.Update(ctx, b.now(), func(tx *store.Tx) error {
		if r, err = tx.Claimed(id, lease); err != nil {
			return err
		}
		if wanted, at := r.Next(b.now()); wanted != request.Execute || at.After(b.now()) {
			needless := r
			r = nil
			return tx.SaveAndRelease(needless)
		}
		if err := r.Begin(b.now()); err != nil {
			return err
		}
		if b.config.DryRun {
			r.Rehearse(b.now())
		}
		return tx.Save(r)
	})
	return r, err
}

// beforeWrite reads the user as they are now. It returns the change that ends
// the execution without a write, or nil if the write is to be made. An error
// means that the user could not be read.
func (b *Bot) beforeWrite(ctx context.Context, r *request.Request) (change, error) {
	self, err := b.access.Self(ctx)
	if err != nil {
		return nil, err
	}
	user, err := b.config.Workfront.Get(ctx, r.Target.ID)
	if errors.Is(err, workfront.ErrNotFound) {
		return func(r *request.Request) error { // what became of an earlier write stays open
			return r.Fail("The user is not in Workfront any more, or the bot may not see them.", b.now())
		}, nil
	}
	if err != nil {
		return nil, err
	}
	now := targetOf(user)
	switch {
	case now.Active == r.Action.Active() && r.WriteOpen: // it took effect
		return b.succeeding(now), nil
	case !r.Target.SamePerson(now):
		return b.failing("The Workfront user is not who was approved any more: the name or the e-mail has changed. The user was left as they are. Ask again if it is still wanted."), nil
	case now.Active == r.Action.Active():
		return b.succeeding(now), nil
	case r.Accepted:
		return b.failing("Workfront accepted the change, but the user is " + standing(now.Active) + " all the same."), nil
	}
	if active, err := b.activeTwin(ctx, r); err != nil {
		return nil, err
	} else if active {
		return b.failing("Another Workfront user with the same e-mail has become active since the request was made, so that it is not certain any more who is meant. The user was left as they are. Ask again if it is still wanted."), nil
	}
	switch b.config.Policy.MayTarget(r.Action, now, self) {
	case request.Allowed:
	case request.RefusedAdmin:
		return b.failing("The user has become a Workfront administrator since the request was made, and was left as they are."), nil
	default:
		return b.failing("The user has become protected since the request was made, and was left as they are."), nil
	}
	if needed := b.config.Policy.Needed(now); needed > len(r.Approvals()) {
		return b.failing(fmt.Sprintf("By now %d approvals are needed, and this request has %d. The user was left as they are. Ask again.", needed, len(r.Approvals()))), nil
	}
	if r.TooLate(b.now()) { // the program ended in the middle, and was away for long
		return func(r *request.Request) error { return r.AskAgain(b.now()) }, nil
	}
	return nil, nil
}

// activeTwin reports whether another user with the target's e-mail, who was inactive
// when it was asked for, is active by now.
func (b *Bot) activeTwin(ctx context.Context, r *request.Request) (bool, error) {
	for _, id := range r.Target.Twins {
		twin, err := b.config.Workfront.Get(ctx, id)
		switch {
		case errors.Is(err, workfront.ErrNotFound): // merged, or deleted
		case err != nil:
			return false, err
		case twin.Active && r.Target.SameEmail(twin.Email):
			return true, nil
		}
	}
	return false, nil
}

// recordWrite stores that a write is about to be sent, if the lease is still
// ours, and renews the lease for as long as the write can take.
func (b *Bot) recordWrite(ctx context.Context, id string, lease store.Lease) error {
	return b.config.Store.Update(ctx, b.now(), func(tx *store.Tx) error {
		r, err := tx.Claimed(id, lease)
		if err != nil {
			return err
		}
		if err := r.WriteAttempted(b.now()); err != nil {
			return err
		}
		return tx.SaveAndKeep(r, loop.LeaseFor)
	})
}

// write sends the one write of this attempt and reads the user back. Whatever
// the write was answered, the read decides; without a read the outcome is open.
// It returns nil if the shutdown has cut it short: the next start reads first.
func (b *Bot) write(ctx context.Context, r *request.Request) change {
	writing, cancel := context.WithTimeout(ctx, writeFor)
	_, writeErr := b.config.Workfront.SetActive(writing, r.Target.ID, r.Action.Active())
	cancel()
	if writeErr != nil {
		b.log.Warn("a write was not answered with success", "request", r.ID, "error", writeErr)
	}
	var problem *workfront.Error
	if errors.As(writeErr, &problem) && !problem.MaybeApplied() {
		return b.notWritten(ctx, writeErr)
	}
	user, err := b.config.Workfront.Get(ctx, r.Target.ID)
	accepted := writeErr == nil
	switch {
	case err != nil && cut(ctx):
		return nil
	case operator.TurnedAway(err):
		return b.pausing(ctx, err, accepted)
	case err != nil:
		b.log.Warn("a write could not be read back", "request", r.ID, "error", err)
		return func(r *request.Request) error {
			return r.Unresolved("The change was sent, but Workfront could not be read since: "+explain(err), accepted, waitAsked(err), b.now())
		}
	case user.Active == r.Action.Active():
		return b.succeeding(targetOf(user))
	case accepted:
		return b.failing("Workfront answered that the user is " + standing(r.Action.Active()) + ", but shows them " + standing(user.Active) + " when read again.")
	case errors.Is(writeErr, workfront.ErrUnchanged):
		return b.failing("Workfront answered without an error but changed nothing.")
	case problem != nil && problem.Declined: // and the read agrees
		return b.notWritten(ctx, writeErr)
	case refusedForGood(writeErr):
		return b.failing(explain(writeErr))
	}
	if errors.Is(writeErr, workfront.ErrMoved) { // the write alone: others may go on
		b.access.Alarm(ctx, writeErr)
	}
	// Not changed, but the write may yet arrive: until it is read again, it is
	// too late to cancel.
	return func(r *request.Request) error {
		return r.Unresolved(explainWrite(writeErr), false, waitAsked(writeErr), b.now())
	}
}

// notWritten is for a write that changed nothing: Workfront was not reached, or has
// refused it, or only declined it and shows the user unchanged.
func (b *Bot) notWritten(ctx context.Context, err error) change {
	become := func(r *request.Request) error { return r.Postpone(explain(err), waitAsked(err), b.now()) }
	switch {
	case operator.TurnedAway(err):
		become = b.pausing(ctx, err, false)
	case refusedForGood(err):
		become = b.failing(explain(err))
	}
	// Where Workfront is only busy, what answers may know nothing for certain.
	var problem *workfront.Error
	certain := errors.As(err, &problem) && (!problem.Sent || !problem.Temporary())
	return func(r *request.Request) error {
		if r.WriteRefuted(); certain {
			r.WriteRefused()
		}
		return become(r)
	}
}

// noRead is for a user that could not be read before a write. A request with an
// earlier write stays open in its outcome; one without goes back to approved.
func (b *Bot) noRead(ctx context.Context, r *request.Request, err error) change {
	b.log.Warn("a user could not be read", "request", r.ID, "error", err)
	if operator.TurnedAway(err) {
		return b.pausing(ctx, err, false)
	}
	if r.WriteOpen {
		return func(r *request.Request) error {
			return r.Unresolved("The change was sent, but Workfront could not be read since: "+explain(err), false, waitAsked(err), b.now())
		}
	}
	if refusedForGood(err) {
		return b.failing(explain(err))
	}
	return func(r *request.Request) error { return r.Postpone(explain(err), waitAsked(err), b.now()) }
}

// failing ends the execution while it is known that nothing was changed.
func (b *Bot) failing(trouble string) change {
	return func(r *request.Request) error {
		r.WriteRefuted()
		return r.Fail(trouble, b.now())
	}
}

// standing is how people call a value of isActive.
func standing(active bool) string {
	if active {
		return "active"
	}
	return "inactive"
}

// succeeding ends the execution as done: Workfront was read and shows the user as was
// asked for.
func (b *Bot) succeeding(user request.Target) change {
	return func(r *request.Request) error {
		err := r.Succeed(b.now())
		if err == nil {
			r.Dated(user.InactiveSince)
		}
		return err
	}
}

// refusedForGood reports whether Workfront understood the call and will not do
// it. To be turned away is not that: it is mended without asking again.
func refusedForGood(err error) bool {
	var problem *workfront.Error
	return errors.As(err, &problem) && !problem.Temporary() && !operator.TurnedAway(err)
}

func waitAsked(err error) time.Duration {
	var problem *workfront.Error
	if errors.As(err, &problem) {
		return problem.RetryAfter
	}
	_, wait := slackapi.Classify(err)
	return wait
}

// explain says for people what is wrong with Workfront, without addresses or
// the program's own terms.
func explain(err error) string {
	switch {
	case errors.Is(err, workfront.ErrUnauthorized):
		return "Workfront refuses the bot's credential."
	case errors.Is(err, workfront.ErrMoved):
		return "Workfront's address sends the bot to another one."
	}
	return explainWrite(err)
}

// explainWrite is explain for a write after which Workfront could be read: whatever
// its status is, the credential works.
func explainWrite(err error) string {
	var problem *workfront.Error
	switch {
	case !errors.As(err, &problem):
		return "Slack or Workfront does not answer."
	case problem.Status == 0:
		return "Workfront does not answer."
	case problem.Status == http.StatusTooManyRequests:
		return "Workfront is busy (429)."
	case problem.Message != "":
		return fmt.Sprintf("Workfront answered %d: %s", problem.Status, problem.Message)
	case errors.Is(err, workfront.ErrNotFound):
		return "Workfront has no such user, or does not show them to the bot."
	case errors.Is(err, workfront.ErrUnchanged):
		return "Workfront answered without an error but changed nothing."
	case problem.Status < 300: // what is wrong with a success is for the log
		return "Workfront's answer could not be understood."
	default:
		return fmt.Sprintf("Workfront answered %d %s.", problem.Status, http.StatusText(problem.Status))
	}
}

// cut reports whether the process is being shut down and ctx ended because of
// that: what was under way says nothing about the other side.
func cut(ctx context.Context) bool { return errors.Is(ctx.Err(), context.Canceled) }
