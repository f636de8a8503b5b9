package request

import (
	"slices"
	"time"
)

// NoManager says why the target's manager is not asked to decide.
type NoManager string

// The reasons.
const (
	ManagerNone      NoManager = "none"          // Workfront names no manager, or one without e-mail
	ManagerNotHere   NoManager = "not in Slack"  // no active Slack user has the manager's e-mail
	ManagerRequester NoManager = "the requester" // by id or e-mail
	ManagerMayNot    NoManager = "may not"       // a guest, a bot, external, or the target
	ManagerUnread    NoManager = "not read"      // Workfront does not say who it is, or was not asked
)

// stuckEvery is how often the manager of a target is looked for while too few people can
// decide: people wait for that.
const stuckEvery = time.Hour

// Managing is who manages a target at a moment.
type Managing struct {
	Name, Email string    // in Workfront; both empty: nobody, or not known
	Manager     Identity  // approver by that; zero: nobody
	NoManager   NoManager // why Manager is zero
}

// Managing is who manages the target, as far as r knows.
func (r *Request) Managing() Managing {
	return Managing{Name: r.Target.Manager, Email: r.Target.ManagerEmail, Manager: r.Manager, NoManager: r.NoManager}
}

// same reports whether m and other are the same to people. The name and e-mail that
// a manager has in Slack decide nothing.
func (m Managing) same(other Managing) bool {
	return m.Name == other.Name && foldAddress(m.Email) == foldAddress(other.Email) && sameManager(m.Manager, other.Manager) && m.NoManager == other.NoManager
}

// sameManager reports whether both are one Slack user, or both nobody.
func sameManager(a, b Identity) bool { return a.ID == b.ID || a.sameID(b) }

// Manages reports whether m is what r knows already.
func (r *Request) Manages(m Managing) bool { return r.Managing().same(m) }

// ManagerFound takes who manages the target now. Whoever did before can no longer decide
// as the manager; approvals that were given stand. If people are asked about the target,
// a new manager is mentioned in the thread of the card, once. enough says whether as many
// people can approve as have to: the requester is told when that is no longer so.
func (r *Request) ManagerFound(m Managing, enough bool, now time.Time) {
	if !r.Manages(m) {
		r.manage(m, now)
	}
	if stuck := r.State == Pending && !enough; stuck != r.Stuck {
		r.Stuck = stuck
		r.Look++
		if stuck {
			r.tell()
		}
	}
	r.managerLater(now)
}

// manage makes m who manages the target.
func (r *Request) manage(m Managing, now time.Time) {
	before := r.Manager
	r.Target.Manager, r.Target.ManagerEmail, r.Manager, r.NoManager = m.Name, m.Email, m.Manager, m.NoManager
	r.Target.Missing = slices.DeleteFunc(slices.Clone(r.Target.Missing), func(what string) bool { return what == MissingManager })
	if m.NoManager == ManagerUnread {
		r.Target.Missing = append(r.Target.Missing, MissingManager)
	}
	r.Look++
	r.record(now, "manager changed", Bot, map[string]string{"manager": m.Manager.ID, "before": before.ID, "why_none": string(m.NoManager)})
	if sameManager(m.Manager, before) {
		return
	}
	if before.ID != "" {
		r.FormerManagers = append(r.FormerManagers, before.ID)
	}
	r.FormerManagers = slices.DeleteFunc(r.FormerManagers, m.Manager.Is)
	r.NewManager = ""
	if m.Manager.ID != "" && r.State == Pending && !r.ApprovedBy(m.Manager) {
		r.NewManager = m.Manager.ID
		r.Ask++
	}
}

// managed reports whether somebody may approve because they manage the target, or
// might if there were anybody.
func (r *Request) managed() bool { return r.Manager.ID != "" || r.NoManager != "" }

// managerNow has the manager looked for before people are asked again.
func (r *Request) managerNow(now time.Time) {
	if r.State == Pending && r.managed() {
		r.ManagerAt, r.ManagerRetry = now, Retry{}
	}
}

// managerLater is when the manager is looked for again: before the next reminder.
func (r *Request) managerLater(now time.Time) {
	r.ManagerAt, r.ManagerRetry = time.Time{}, Retry{}
	switch {
	case r.Stuck:
		r.ManagerAt = now.Add(stuckEvery)
	case r.RemindEvery > 0 && r.managed():
		r.ManagerAt = now.Add(r.RemindEvery)
	}
}

// managerDue reports whether the manager is to be looked for at that time, and that has
// not failed or been paused yet.
func (r *Request) managerDue(at time.Time) bool {
	return r.State == Pending && !r.ManagerAt.IsZero() && !later(r.ManagerAt, r.ManagerRetry.At).After(at) && r.ManagerRetry.Failures == 0
}

// ManagerFailed notes that it could not be found out who manages the target. It is
// tried again for RetryFor, and until then people are asked as far as they are known:
// whoever decides as the manager is looked for once more.
func (r *Request) ManagerFailed(wait time.Duration, now time.Time) {
	if r.ManagerRetry = r.ManagerRetry.Failed(now, wait); r.ManagerRetry.GivenUp() {
		r.record(now, "manager not found out", Bot, nil)
		r.managerLater(now)
	}
}

// ManagerPaused puts the looking off while nothing can be sent to Workfront for anybody.
// That is no failure.
func (r *Request) ManagerPaused(until time.Time) { r.ManagerRetry.At = until }

// ManagerUnneeded notes that nobody may approve any more because they manage
// somebody.
func (r *Request) ManagerUnneeded() {
	r.ManagerAt, r.ManagerRetry, r.Stuck = time.Time{}, Retry{}, false
}

// ManagerFound is [Request.ManagerFound] with what the policy says of who is left to
// approve.
func (p Policy) ManagerFound(r *Request, m Managing, now time.Time) {
	as := *r
	as.Manager = m.Manager
	r.ManagerFound(m, p.Enough(&as), now)
}
