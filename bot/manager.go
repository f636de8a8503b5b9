package bot

import (
	"context"
	"slices"

	"golang.org/x/sync/errgroup"

	"wfbot/bot/operator"
	"wfbot/bot/request"
	"wfbot/bot/slackapi"
	"wfbot/bot/store"
)

// manager returns the Slack user who approves as the target's manager: with the
// e-mail of the Workfront manager, allowed to decide, and not the requester; or
// why there is none.
func (b *Bot) manager(ctx context.Context, r *request.Request, target request.Target) (request.Identity, request.NoManager, error) {
	self := b.slack.Self()
	if self == nil {
		return request.Identity{}, "", slackapi.ErrNotIdentified
	}
	if target.ManagerEmail == "" {
		if slices.Contains(target.Missing, request.MissingManager) {
			return request.Identity{}, request.ManagerUnread, nil
		}
		return request.Identity{}, request.ManagerNone, nil
	}
	id, err := b.slack.ByEmail(ctx, target.ManagerEmail)
	if err != nil || id == "" {
		return request.Identity{}, request.ManagerNotHere, err
	}
	who, _, err := b.slack.Person(ctx, id, *self)
	if err != nil {
		return request.Identity{}, "", err
	}
	as := *r
	as.Target, as.Manager = target, who.Identity
	switch b.config.Policy.MayDecide(request.Approve, who, &as) {
	case request.Allowed:
		return who.Identity, "", nil
	case request.RefusedOwnRequest:
		return request.Identity{}, request.ManagerRequester, nil
	case request.RefusedDeactivated:
		return request.Identity{}, request.ManagerNotHere, nil
	}
	return request.Identity{}, request.ManagerMayNot, nil
}

// managing finds out who manages the target of r now, with facts at most factsFor
// old. Where Workfront does not say it, or has the user no more, it is nobody.
func (b *Bot) managing(ctx context.Context, r *request.Request) (request.Managing, error) {
	target, err := slackapi.Known(ctx, b.slack, "manager of "+r.Target.ID, func(ctx context.Context) (request.Target, error) {
		user, err := b.config.Workfront.Get(ctx, r.Target.ID)
		if refusedForGood(err) {
			b.log.Warn("Workfront does not say who manages a user", "request", r.ID, "workfront_id", r.Target.ID, "error", err)
			return request.Target{Missing: []string{request.MissingManager}}, nil
		}
		return targetOf(user), err
	})
	if err != nil {
		return request.Managing{}, err
	}
	as := r.Target
	as.Manager, as.ManagerEmail, as.Missing = target.Manager, target.ManagerEmail, target.Missing
	m := request.Managing{Name: target.Manager, Email: target.ManagerEmail}
	m.Manager, m.NoManager, err = b.manager(ctx, r, as)
	return m, err
}

// findManager looks for the manager anew before people are asked again. A crash
// here: it is done again.
func (b *Bot) findManager(ctx context.Context, r *request.Request, lease store.Lease) error {
	later := func(change func(*request.Request)) error {
		return b.result(ctx, r.ID, lease, func(r *request.Request) error { change(r); return nil })
	}
	if !b.config.Policy.Approvers.Manager { // the word has been taken out of the policy
		return later((*request.Request).ManagerUnneeded)
	}
	if until, _ := b.access.AskIfPaused(ctx, lastPressed(r)); !until.IsZero() {
		return later(func(r *request.Request) { r.ManagerPaused(until) })
	}
	m, err := b.managing(ctx, r)
	switch {
	case err != nil && cut(ctx):
		return ctx.Err()
	case operator.TurnedAway(err):
		until := b.access.Pause(ctx, err)
		return later(func(r *request.Request) { r.ManagerPaused(until) })
	case err != nil:
		b.log.Warn("not known who manages a user now", "request", r.ID, "error", err)
		if trouble, _ := b.slack.Trouble(ctx, err); trouble.ForGood() {
			b.alarmLookUp(ctx, err)
		}
		return later(func(r *request.Request) { r.ManagerFailed(waitAsked(err), b.now()) })
	}
	return later(func(r *request.Request) { b.managerFound(r, m) })
}

// managerFound is ManagerFound with what the policy says of who is left to approve.
func (b *Bot) managerFound(r *request.Request, m request.Managing) {
	as := *r
	as.Manager = m.Manager
	r.ManagerFound(m, b.config.Policy.Enough(&as), b.now())
}

// managerUnknownError says that it could not be found out whether somebody is the
// manager, as whom alone they might decide.
type managerUnknownError struct{ cause error }

func (e managerUnknownError) Error() string {
	return "finding out who manages a user: " + e.cause.Error()
}

func (e managerUnknownError) Unwrap() error { return e.cause }

// managersNow looks for the managers anew of those of requests about whom who may
// take a decision of this kind only as the manager, and stores those that changed,
// which it reports: the requests are to be read again then. The decision itself is
// judged by what is stored. A crash in between: it is judged anew.
func (b *Bot) managersNow(ctx context.Context, kind request.DecisionKind, who request.Person, requests ...*request.Request) (changed bool, err error) {
	hang := slices.DeleteFunc(slices.Clone(requests), func(r *request.Request) bool {
		return r.Target.ID == "" || !b.config.Policy.AsManager(kind, who, r) // or not looked up yet
	})
	if len(hang) == 0 {
		return false, nil
	}
	found, err := b.readManagers(ctx, hang)
	if err != nil {
		return false, managerUnknownError{err}
	}
	for i, r := range hang {
		if r.Manages(found[i]) {
			continue
		}
		changed = true
		if err := b.config.Store.Update(ctx, b.now(), func(tx *store.Tx) error {
			r, err := tx.Request(r.ID)
			if err != nil {
				return err
			}
			b.managerFound(r, found[i])
			return tx.Save(r)
		}); err != nil {
			return false, err
		}
	}
	return changed, nil
}

// readManagers is managing for several, while somebody waits for it.
func (b *Bot) readManagers(ctx context.Context, requests []*request.Request) ([]request.Managing, error) {
	select {
	case b.reading <- struct{}{}:
		defer func() { <-b.reading }()
	default: // however long Workfront takes, there is a place to judge what others press
		return nil, errReading
	}
	ctx, cancel := context.WithTimeout(ctx, detailsFor)
	defer cancel()
	if until, why := b.access.AskIfPaused(ctx, lastPressed(requests[0])); !until.IsZero() {
		return nil, why
	}
	found := make([]request.Managing, len(requests))
	var reading errgroup.Group
	reading.SetLimit(workfrontPlaces)
	for i, r := range requests {
		reading.Go(func() (err error) {
			found[i], err = b.managing(ctx, r)
			return err
		})
	}
	err := reading.Wait() // what was found is known for a while, so that the next try has less to ask
	if operator.TurnedAway(err) {
		b.access.Pause(ctx, err)
	}
	return found, err
}
