package invariant

import (
	"time"

	"wfbot/bot/request"
)

// attempt is a write as the trail announces it.
type attempt struct {
	at    time.Time
	since time.Time // the start of the execution, or the attempt before
	used  bool      // a write that arrived stands for it
}

// active is the value that a request wants its user to have.
func active(r *request.Request) bool { return r.Action != request.Deactivate }

// matchWrites finds the attempt behind every write that reached Workfront.
func (c *checker) matchWrites() {
	changed := make(map[*life]bool) // and nobody else has changed the user back since
	for _, call := range c.Calls {
		if call.Write && call.Other && call.Effective {
			c.changedBack(changed, call)
		}
		if !call.Write || call.Other {
			continue
		}
		l, a := c.attemptOf(call)
		if a == nil {
			c.violated(Attempted, "", "isActive=%t of user %s arrived at %s, and no attempt is left for it", call.Active, call.UserID, stamp(call.At))
			continue
		}
		a.used = true
		if call.Active != active(l.r) {
			c.violated(AsAsked, l.r.ID, "isActive=%t of user %s was sent at %s", call.Active, call.UserID, stamp(call.At))
		}
		if call.Effective && changed[l] {
			c.violated(OneWrite, l.r.ID, "user %s was changed again at %s", call.UserID, stamp(call.At))
		}
		changed[l] = changed[l] || call.Effective
	}
	for _, r := range c.Requests {
		l := c.lives[r.ID]
		for n, a := range l.attempts {
			if !c.read(r.Target.ID, !active(r), a.since, a.at) {
				c.violated(ReadFirst, r.ID, "attempt %d at %s: user %s was not read as isActive=%t since %s",
					n+1, stamp(a.at), r.Target.ID, !active(r), stamp(a.since))
			}
		}
	}
}

// changedBack forgets the changes that somebody else has undone by call: a request
// that is not done yet reads the user and rightly changes them again.
func (c *checker) changedBack(changed map[*life]bool, call Call) {
	for l := range changed {
		if l.r.Target.ID == call.UserID && active(l.r) != call.Active {
			delete(changed, l)
		}
	}
}

// attemptOf returns the latest attempt before a write that no other write stands
// for, one that wants its value if there is one. A write may be late, so that it
// belongs to an earlier attempt, and to a request before one that wants the
// opposite.
func (c *checker) attemptOf(call Call) (of *life, latest *attempt) {
	for _, r := range c.Requests {
		if r.Target.ID != call.UserID {
			continue
		}
		for _, a := range c.lives[r.ID].attempts {
			if a.used || !c.notAfter(a.at, call.At) {
				continue
			}
			fits, fitted := active(r) == call.Active, of != nil && active(of.r) == call.Active
			if latest == nil || fits && !fitted || fits == fitted && a.at.After(latest.at) {
				of, latest = c.lives[r.ID], a
			}
		}
	}
	return of, latest
}

// read reports whether the bot read a user with that value between two times.
func (c *checker) read(userID string, active bool, from, to time.Time) bool {
	for _, call := range c.Calls {
		if !call.Write && !call.Other && call.UserID == userID && call.Active == active &&
			c.notAfter(from, call.At) && c.notAfter(call.At, to) {
			return true
		}
	}
	return false
}

// changed reports whether anybody changed a user to that value since a time.
func (c *checker) changed(userID string, active bool, since time.Time) bool {
	for _, call := range c.Calls {
		if call.Write && call.Effective && call.UserID == userID && call.Active == active && c.notAfter(since, call.At) {
			return true
		}
	}
	return false
}

// checkOutcome demands of a request that is done that Workfront shows it: it was
// read back, and if anything was written, somebody did change the user.
func (c *checker) checkOutcome(l *life) {
	r := l.r
	if r.State != request.Done || r.DryRun && !r.Outcome.Already {
		return
	}
	user := r.Target.ID
	if !c.read(user, active(r), l.doneSince, l.doneAt) {
		c.violated(Proven, r.ID, "done at %s: user %s was not read as isActive=%t since %s", stamp(l.doneAt), user, active(r), stamp(l.doneSince))
	}
	if len(l.attempts) > 0 && !c.changed(user, active(r), l.attempts[0].since) {
		c.violated(Proven, r.ID, "done at %s: user %s was never changed to isActive=%t", stamp(l.doneAt), user, active(r))
	}
	inactive, known := c.Inactive[user]
	if known && inactive == active(r) && !c.changed(user, !active(r), l.doneSince) {
		c.violated(Proven, r.ID, "done, but user %s has isActive=%t, and nobody changed them back", user, !inactive)
	}
}
