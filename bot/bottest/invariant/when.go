package invariant

import (
	"time"

	"wfbot/bot/request"
)

const (
	// overdueAfter is how late a request may be executed if nobody has tried before.
	overdueAfter = 24 * time.Hour
	// stored is how precisely the trail keeps times.
	stored = time.Millisecond
)

// checkTime demands that nothing is begun before its time, and nothing begun or
// written so late that people have to be asked again. Both are by the program's own clock.
func (c *checker) checkTime(l *life, e Entry) {
	switch e.Kind {
	case "approve":
		l.dueSince = latest(e.At.Add(c.StopWindow), l.r.NotBefore)
		l.notBefore = l.dueSince
	case "retry":
		l.dueSince = e.At
	case "postponed":
		if next, err := time.Parse(time.RFC3339, e.Detail["next"]); err == nil {
			l.dueSince = next.Add(time.Second) // written down to the second
		}
	case "held", "paused", "asked again": // for as long as it takes, which no entry says
		l.dueSince = time.Time{}
	case "execution started":
		if e.At.Before(l.notBefore.Truncate(stored)) {
			c.violated(NotEarly, l.r.ID, "begun at %s, not before %s was approved", stamp(e.At), stamp(l.notBefore))
		}
		l.notBefore = time.Time{} // from now on it was due before, also if the clock is set back
		due := latest(l.dueSince, l.r.ClearAt)
		if !l.dueSince.IsZero() && e.At.Sub(due) > overdueAfter+stored {
			c.violated(NotLate, l.r.ID, "begun at %s, due at %s", stamp(e.At), stamp(due))
		}
		if !l.dueSince.IsZero() {
			l.dueSince = latest(due, e.At) // by then it was begun, or tried
		}
	case "write attempted":
		if due := latest(l.dueSince, l.r.ClearAt); !l.dueSince.IsZero() && e.At.Sub(due) > overdueAfter+stored {
			c.violated(NotLate, l.r.ID, "written at %s, due at %s", stamp(e.At), stamp(due))
		}
	}
}

func latest(times ...time.Time) (last time.Time) {
	for _, t := range times {
		if t.After(last) {
			last = t
		}
	}
	return last
}

// checkVerified demands that what was found later was read then, and that the
// request says what its trail says.
func (c *checker) checkVerified(l *life) {
	r := l.r
	var found string
	for _, e := range l.verified {
		found = e.Detail["found"]
		from := l.doneAt.Add(r.VerifyAfter - stored)
		if e.At.Before(from) {
			c.violated(Verified, r.ID, "verified at %s, not before %s was asked for", stamp(e.At), stamp(from))
		}
		switch wanted := active(r); request.Drift(found) {
		case request.NoDrift:
			c.verifiedBy(r, wanted, from, e)
		case request.Drifted:
			c.verifiedBy(r, !wanted, from, e)
		case request.Superseded:
			if !c.opposed(r) {
				c.violated(Verified, r.ID, "superseded, it says, and nobody has asked for the opposite")
			}
		}
	}
	if string(r.Verified.Result) != found {
		c.violated(Verified, r.ID, "it says %q, its trail %q", r.Verified.Result, found)
	}
}

func (c *checker) verifiedBy(r *request.Request, value bool, from time.Time, e Entry) {
	if !c.read(r.Target.ID, value, from, e.At) {
		c.violated(Verified, r.ID, "%q at %s: user %s was not read as isActive=%t since %s",
			e.Detail["found"], stamp(e.At), r.Target.ID, value, stamp(from))
	}
}

// opposed reports whether the opposite of r was asked for too.
func (c *checker) opposed(r *request.Request) bool {
	for _, other := range c.Requests {
		if other.Target.ID == r.Target.ID && active(other) != active(r) {
			return true
		}
	}
	return false
}

// checkSeen demands that only those see details who asked or may decide.
func (c *checker) checkSeen(l *life, e Entry) {
	asked := e.Actor == l.r.Requester.ID
	may := c.mayApprove(l, e) && !l.own(e)
	if !asked && !may {
		c.violated(Details, l.r.ID, "shown to %s at %s", e.Actor, stamp(e.At))
	}
}
