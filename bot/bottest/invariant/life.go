package invariant

import (
	"slices"
	"strings"
	"time"

	"wfbot/bot/request"
)

// life is a request as the trail tells it.
type life struct {
	r         *request.Request
	needed    int // approvals
	state     request.State
	managers  []string // Slack ids of who could approve as the target's manager so far, now the last
	approvals []Entry  // those that count
	decisions []Entry  // all
	short     bool     // executed without enough approvals: said once

	attempts  []*attempt
	groundAt  time.Time // the last start of an execution or attempt: what is known was read since
	doneAt    time.Time // of the entry; zero: none
	doneSince time.Time // groundAt of that time

	notBefore time.Time // what was approved last is not begun before
	dueSince  time.Time // from when it was to be executed, or tried again; zero: not known
	verified  []Entry

	unreachable bool // its requester, as far as the program knows
}

// walkTrail lets every request live again along the trail.
func (c *checker) walkTrail() {
	open := make(map[string]string) // request by Workfront user
	for _, e := range c.Trail {
		card := c.cards[e.RequestID]
		if card != nil {
			card.note(e)
		}
		l := c.lives[e.RequestID]
		if l == nil && card != nil {
			continue
		}
		if l == nil {
			if inLifeCycle(e.Kind) {
				c.violated(LifeCycle, e.RequestID, "the trail says %q of a request that is not stored", e.Kind)
			}
			continue
		}
		l.note(e)
		if e.Kind == "details shown" {
			c.checkManager(l, e)
			c.checkSeen(l, e)
		}
		if !inLifeCycle(e.Kind) {
			continue
		}
		c.checkManager(l, e)
		c.checkApprovals(l, e)
		c.checkTime(l, e)
		from := l.state
		to, ok := l.follow(e)
		if !ok {
			c.violated(LifeCycle, l.r.ID, "the trail says %q when it was %q", e.Kind, from)
		}
		l.state = to
		user := l.r.Target.ID
		switch {
		case to.Open() && !from.Open():
			if other := open[user]; other != "" {
				c.violated(OneOpen, l.r.ID, "opened at %s for user %s, while %s was open", stamp(e.At), user, other)
			}
			open[user] = l.r.ID
		case !to.Open() && open[user] == l.r.ID:
			delete(open, user)
		}
	}
	for _, r := range c.Requests {
		l := c.lives[r.ID]
		switch {
		case l.state == r.State:
		case l.state == request.Pending && r.State == request.Approved:
			c.violated(Approvals, r.ID, "it is approved with %d of %d valid approvals", len(l.approvals), l.needed)
		default:
			c.violated(LifeCycle, r.ID, "it is %q, its trail leads to %q", r.State, l.state)
		}
	}
}

func inLifeCycle(kind string) bool {
	switch kind {
	case "requested", "found", "rejected", "approve", "deny", "cancel", "retry", "expired", "execution started",
		"write attempted", "done", "dry run", "failed", "postponed", "held", "paused", "asked again", "verified":
		return true
	}
	return false
}

// follow returns the state after an entry, and whether the life cycle has that
// step. Whether enough people approved is checked apart.
func (l *life) follow(e Entry) (to request.State, ok bool) {
	s := l.state
	switch e.Kind {
	case "requested":
		return request.Received, s == ""
	case "found":
		return request.Pending, s == request.Received
	case "rejected":
		return request.Rejected, s == request.Received || s == request.Pending && len(l.decisions) == 0
	case "approve":
		if len(l.approvals) < l.needed {
			return request.Pending, s == request.Pending
		}
		return request.Approved, s == request.Pending
	case "deny":
		return request.Denied, s == request.Pending
	case "cancel":
		return request.Cancelled, s == request.Pending || s == request.Approved
	case "retry":
		if s == request.Approved || s == request.Executing {
			return s, true
		}
		return request.Approved, s == request.Failed
	case "expired":
		return request.Expired, s == request.Pending
	case "asked again":
		return request.Pending, s == request.Approved || s == request.Executing
	case "execution started":
		return request.Executing, s == request.Approved || s == request.Pending && l.short
	case "write attempted":
		return request.Executing, s == request.Executing && !l.r.DryRun
	case "done":
		return request.Done, s == request.Executing
	case "dry run":
		return request.Done, s == request.Executing && l.r.DryRun
	case "failed":
		return request.Failed, s == request.Executing
	case "verified":
		return request.Done, s == request.Done
	case "postponed":
		to = request.State(e.Detail["state"])
		return to, s == request.Executing && (to == request.Approved || to == request.Executing)
	case "held", "paused":
		to = request.State(e.Detail["state"])
		return to, to == s || s == request.Executing && to == request.Approved
	}
	return s, false
}

// note remembers what other invariants need of an entry.
func (l *life) note(e Entry) {
	switch e.Kind {
	case "found", "manager changed":
		l.managers = append(l.managers, e.Detail["manager"])
	case "approve", "deny", "cancel", "retry":
		l.decisions = append(l.decisions, e)
	case "asked again": // about another world than the one that was approved
		l.approvals = nil
	case "execution started":
		l.groundAt = e.At
	case "write attempted":
		l.attempts = append(l.attempts, &attempt{at: e.At, since: l.groundAt})
		l.groundAt = e.At
	case "done", "dry run":
		l.doneAt, l.doneSince = e.At, l.groundAt
	case "verified":
		l.verified = append(l.verified, e)
	case "requester not reached":
		l.unreachable = true
	}
}

// checkApprovals counts approvals that are valid, and demands enough of them
// before anything is executed.
func (c *checker) checkApprovals(l *life, e Entry) {
	switch e.Kind {
	case "approve":
		bound := e.Detail["workfront_id"] == l.r.Target.ID && strings.EqualFold(e.Detail["target_email"], l.r.Target.Email)
		again := slices.ContainsFunc(l.approvals, func(a Entry) bool { return samePerson(a, e.Actor, e.Detail["email"]) })
		may := c.mayApprove(l, e)
		if bound && may && !again && !l.own(e) {
			l.approvals = append(l.approvals, e)
		}
	case "deny", "retry":
		if l.own(e) {
			c.violated(NotOwn, l.r.ID, "%s took the decision %q at %s", e.Actor, e.Kind, stamp(e.At))
		}
	case "execution started", "write attempted", "done", "dry run":
		if len(l.approvals) < l.needed && !l.short {
			l.short = true
			c.violated(Approvals, l.r.ID, "%q at %s with %d of %d valid approvals", e.Kind, stamp(e.At), len(l.approvals), l.needed)
		}
	}
}

// managerFor is how long before a decision the manager may have been found: facts
// are at most a minute old when they are used, and what follows takes a while.
const managerFor = time.Minute + 45*time.Second

// checkManager demands that whoever decides, or sees details, only because they manage
// the target was found to do so just before.
func (c *checker) checkManager(l *life, e Entry) {
	switch e.Kind {
	case "approve", "deny", "cancel", "retry", "details shown":
	default:
		return
	}
	if e.Actor == l.r.Requester.ID || c.Approver == nil || c.approves(l, e.Actor, "") {
		return
	}
	if !c.mayApprove(l, e) {
		if slices.Contains(l.managers, e.Actor) {
			c.violated(ManagerNow, l.r.ID, "%q by %s at %s, who was the manager no more", e.Kind, e.Actor, stamp(e.At))
		}
		return
	}
	from := e.At.Add(-managerFor)
	if !c.read(l.r.Target.ID, true, from, e.At) && !c.read(l.r.Target.ID, false, from, e.At) {
		c.violated(ManagerNow, l.r.ID, "%q by %s as the manager at %s, without a read of the target since %s", e.Kind, e.Actor, stamp(e.At), stamp(from))
	}
}

// mayApprove reports whether the entry's actor was an approver of l then.
func (c *checker) mayApprove(l *life, e Entry) bool {
	return e.Actor != request.Bot && c.approves(l, e.Actor, l.manager())
}

// manager is the Slack id of who may approve as the target's manager, "" if nobody.
func (l *life) manager() string {
	if len(l.managers) == 0 {
		return ""
	}
	return l.managers[len(l.managers)-1]
}

// approves reports whether a Slack user may approve l while manager manages the
// target.
func (c *checker) approves(l *life, userID, manager string) bool {
	r := *l.r
	r.Manager.ID = manager
	return c.Approver == nil || c.Approver(userID, &r)
}

// own reports whether the entry's actor is the requester or the target.
func (l *life) own(e Entry) bool {
	email := e.Detail["email"]
	return samePerson(e, l.r.Requester.ID, l.r.Requester.Email) ||
		slices.Contains(l.r.TargetIDs, e.Actor) ||
		email != "" && (strings.EqualFold(email, l.r.Target.Email) || strings.EqualFold(email, l.r.Email))
}

func samePerson(e Entry, id, email string) bool {
	return e.Actor == id || email != "" && strings.EqualFold(e.Detail["email"], email)
}

func stamp(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05.000") }
