package bot

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"

	"wfbot/bot/operator"
	"wfbot/bot/request"
	"wfbot/bot/slackapi"
	"wfbot/bot/store"
	"wfbot/workfront"
)

// lookUp finds the user in Workfront and everybody the rules need to know about.
func (b *Bot) lookUp(ctx context.Context, r *request.Request, lease store.Lease) error {
	if until, why := b.access.AskIfPaused(ctx, lastPressed(r)); !until.IsZero() {
		return b.result(ctx, r.ID, lease, func(r *request.Request) error {
			return r.Pause(explain(why), false, until, b.now())
		})
	}
	finding, err := b.find(ctx, r)
	reject := b.rejecting(err)
	switch {
	case reject != nil:
		return b.result(ctx, r.ID, lease, reject)
	case err != nil && cut(ctx):
		return ctx.Err()
	case operator.TurnedAway(err):
		return b.result(ctx, r.ID, lease, b.pausing(ctx, err, false))
	case err != nil:
		b.log.Warn("a look-up failed", "request", r.ID, "error", err)
		if trouble, _ := b.slack.Trouble(ctx, err); trouble.ForGood() {
			b.alarmLookUp(ctx, err)
		}
		return b.result(ctx, r.ID, lease, func(r *request.Request) error {
			return r.LookUpFailed(explain(err), waitAsked(err), b.now())
		})
	}
	return b.config.Store.Update(ctx, b.now(), func(tx *store.Tx) error {
		r, err := tx.Claimed(r.ID, lease)
		if err != nil {
			return err
		}
		other, err := tx.OpenRequest(finding.Target.ID)
		if err != nil {
			return err
		}
		all, err := tx.RequestsFor(finding.Target.ID)
		if err != nil {
			return err
		}
		var no error
		finding.ClearAt, no = b.since(r.Action, all)
		switch reject := b.rejecting(no); {
		case other != "":
			err = r.Reject(request.RefusedAlreadyOpen, other, b.now())
		case reject != nil:
			err = reject(r)
		default:
			err = r.Found(finding, b.now())
		}
		if err != nil {
			return err
		}
		return tx.SaveAndRelease(r)
	})
}

// alarmLookUp tells the operator that Slack does not let the bot look people up.
func (b *Bot) alarmLookUp(ctx context.Context, err error) {
	b.operator.Alarm(ctx, "Slack refuses a look-up", "Slack refuses to say who somebody is that a request is about or who may approve it (%s). "+
		"wfbot tries again for 48 hours. Check what the app is allowed in Slack.", slackapi.Says(err))
}

// find asks Workfront for the user and Slack for the people concerned. The error
// is a request.Refusal if the user may not be asked for.
func (b *Bot) find(ctx context.Context, r *request.Request) (request.Finding, error) {
	self, err := b.access.Self(ctx)
	switch {
	case refusedForGood(err):
		return request.Finding{}, b.lookUpRefused(ctx, r, err)
	case err != nil:
		return request.Finding{}, err
	}
	users, err := b.config.Workfront.FindByEmail(ctx, r.Email)
	var several *workfront.AmbiguousError
	switch {
	case errors.Is(err, workfront.ErrNotFound):
		return request.Finding{}, request.RefusedNotFound
	case errors.As(err, &several):
		return request.Finding{}, request.RefusedCrowd
	case refusedForGood(err):
		return request.Finding{}, b.lookUpRefused(ctx, r, err)
	case err != nil:
		return request.Finding{}, err
	}
	target, err := b.meant(ctx, r, users)
	if err != nil {
		return request.Finding{}, err
	}
	if no := b.config.Policy.MayTarget(r.Action, target, self); no != request.Allowed {
		return request.Finding{}, no
	}
	switch {
	case r.Action == request.Reactivate:
		if err := b.wayBack(ctx, target); err != nil {
			return request.Finding{}, err
		}
	case !target.Active:
		return request.Finding{}, request.RefusedInactive
	}
	return b.concerned(ctx, r, target)
}

// meant is which of the Workfront users with one e-mail r is for; a request.Refusal
// if that cannot be known.
func (b *Bot) meant(ctx context.Context, r *request.Request, users []workfront.User) (request.Target, error) {
	all := make([]request.Target, len(users))
	requests := map[string][]*request.Request{}
	for i, user := range users {
		all[i] = targetOf(user)
		if r.Action == request.Reactivate && len(users) > 1 {
			var err error
			if requests[user.ID], err = b.config.Store.RequestsFor(ctx, user.ID); err != nil {
				return request.Target{}, err
			}
		}
	}
	target, no := request.Meant(r.Action, r.Wanted, all, requests)
	switch {
	case no == request.RefusedAmbiguous && r.Action == request.Reactivate && !b.config.Policy.ReactivateAny:
		return request.Target{}, request.RefusedNotOurs
	case no != request.Allowed:
		return request.Target{}, no
	}
	return target, nil
}

// lookUpRefused tells the operator why Workfront does not let the bot look
// anybody up: an API version that has gone, or a right that is missing.
func (b *Bot) lookUpRefused(ctx context.Context, r *request.Request, err error) error {
	b.log.Error("Workfront refuses the look-up", "request", r.ID, "error", err)
	b.operator.Alarm(ctx, "Workfront refuses a look-up", "Workfront refuses to let wfbot look a user up: %s. "+
		"Check WORKFRONT_API_VERSION, and in Workfront the access level of wfbot's user.", strings.TrimRight(explain(err), ". "))
	return request.RefusedWorkfront
}

// concerned finds the Slack users that rules about this target name.
func (b *Bot) concerned(ctx context.Context, r *request.Request, target request.Target) (request.Finding, error) {
	f := request.Finding{Target: target, Needed: b.config.Policy.Needed(target)}
	id, err := b.slack.ByEmail(ctx, target.Email)
	if err != nil {
		return f, err
	}
	if id != "" {
		f.TargetIDs = []string{id}
	}
	approvers := b.config.Policy.Approvers
	if approvers.Manager {
		if f.Manager, f.NoManager, err = b.manager(ctx, r, target); err != nil {
			return f, err
		}
	}
	as := *r
	as.TargetIDs, as.Manager, as.Needed = f.TargetIDs, f.Manager, f.Needed
	switch {
	case approvers.Manager && f.Manager.ID == "" && len(approvers.Users)+len(approvers.Groups) == 0:
		return f, unapprovableError(f.NoManager)
	case !b.config.Policy.Enough(&as):
		return f, request.RefusedTooFew
	}
	return f, nil
}

// licenses are the letters that Workfront has for licences.
// https://github.com/Thousand-Cuts/wf-toolkit/tree/main/tests/fixtures/metadata
var licenses = map[string]string{"F": "Standard", "C": "Light", "R": "Contributor", "X": "External"}

// license names a licence. A letter that is not known, of an older plan, is shown as
// it is.
func license(letter string) string { return cmp.Or(licenses[letter], letter) }

// targetOf is the part of a Workfront user that requests record. A user whose
// access level does not say whether it is an administrator's counts as one.
func targetOf(u workfront.User) request.Target {
	t := request.Target{
		ID: u.ID, Email: u.Email, Name: u.Name, Title: u.Title,
		AccessLevel: u.AccessLevel.Name, License: license(cmp.Or(u.LicenseType, u.AccessLevel.LicenseType)), Admin: u.AccessLevel.Admin || !u.AccessLevel.AdminKnown,
		Manager: u.Manager.Name, ManagerEmail: u.Manager.Email,
		HomeGroup: u.HomeGroup, HomeTeam: u.HomeTeam, LastLogin: u.LastLogin, Active: u.Active,
	}
	if u.Active {
		t.ScheduledOff = u.ScheduledDeactivation
	} else {
		t.InactiveSince = u.Deactivated
	}
	for _, f := range u.Extra {
		t.Extra = append(t.Extra, request.Field{Name: f.Name, Value: f.Value})
	}
	if u.Manager.Email == "" && slices.ContainsFunc(u.Missing, func(name string) bool { return strings.HasPrefix(name, "manager") }) {
		t.Missing = append(t.Missing, request.MissingManager)
	}
	if u.LastLogin.IsZero() && slices.Contains(u.Missing, "lastLoginDate") {
		t.Missing = append(t.Missing, request.MissingLastLogin)
	}
	return t
}
