package request

import (
	"fmt"
	"time"
)

// Result is what a step in Workfront, or a deadline, has come to: a plain value, so
// that what a step finds can be compared. [Request.Apply] makes the transition.
//
// Why is for people. Wait is how long the other side asked to wait. Until is when it
// is tried again while nothing can be sent to Workfront for anybody.
type Result interface {
	apply(*Request, time.Time) error
}

// Apply changes the request by what a step has come to.
func (r *Request) Apply(what Result, now time.Time) error { return what.apply(r, now) }

// The results of a look-up.
type (
	// LookedUp: the user was found, and may be asked for.
	LookedUp struct{ Finding }
	// NotPossible: the user may not be asked for, or nobody can be asked.
	NotPossible struct {
		Why       Refusal
		InTheWay  string    // the open request, if that is why
		NoManager NoManager // why nobody can approve, where only the manager may
	}
	// NotLookedUp: Workfront or Slack did not answer.
	NotLookedUp struct {
		Why  string
		Wait time.Duration
	}
)

func (l LookedUp) apply(r *Request, now time.Time) error { return r.Found(l.Finding, now) }

func (n NotPossible) apply(r *Request, now time.Time) error {
	if n.NoManager != "" {
		r.NoManager = n.NoManager
	}
	return r.Reject(n.Why, n.InTheWay, now)
}

func (n NotLookedUp) apply(r *Request, now time.Time) error {
	return r.LookUpFailed(n.Why, n.Wait, now)
}

// The results of executing a request.
type (
	// Confirmed: Workfront was read and shows the wanted state.
	Confirmed struct {
		InactiveSince time.Time // by Workfront's own account; zero: it does not say
	}
	// Rehearsed: everything but the write of a dry run has happened.
	Rehearsed struct{}
	// NotDone: it is known that nothing was changed, and it will not be tried again.
	NotDone struct {
		Why string
		// WriteRefused: Workfront refused the write: certainly it changed nothing and
		// never will.
		WriteRefused bool
	}
	// Unfound: the user is not in Workfront any more, or not visible. What became of
	// an earlier write stays open.
	Unfound struct{}
	// Unconfirmed: a write may have taken effect, and Workfront could not be read
	// since, or does not show it yet.
	Unconfirmed struct {
		Why      string
		Accepted bool // Workfront answered it with the wanted value
		Wait     time.Duration
	}
	// Postponed: it is known that nothing was changed, and it is tried again.
	Postponed struct {
		Why          string
		WriteRefused bool
		Wait         time.Duration
	}
	// Paused: Workfront turns the bot away; see [Request.Pause].
	Paused struct {
		Why      string
		Accepted bool
		// WriteRefuted: the write changed nothing; WriteRefused: and certainly never
		// will.
		WriteRefuted, WriteRefused bool
		Until                      time.Time
	}
	// LongOverdue: nothing was changed, and people are asked again; see
	// [Request.AskAgain].
	LongOverdue struct{}
)

func (c Confirmed) apply(r *Request, now time.Time) error {
	err := r.Succeed(now)
	if err == nil {
		r.Dated(c.InactiveSince)
	}
	return err
}

func (Rehearsed) apply(r *Request, now time.Time) error { return r.Rehearsed(now) }

func (n NotDone) apply(r *Request, now time.Time) error {
	r.refuted(n.WriteRefused)
	return r.Fail(n.Why, now)
}

func (Unfound) apply(r *Request, now time.Time) error {
	return r.Fail("The user is not in Workfront any more, or the bot may not see them.", now)
}

func (u Unconfirmed) apply(r *Request, now time.Time) error {
	return r.Unresolved(u.Why, u.Accepted, u.Wait, now)
}

func (p Postponed) apply(r *Request, now time.Time) error {
	r.refuted(p.WriteRefused)
	return r.Postpone(p.Why, p.Wait, now)
}

func (p Paused) apply(r *Request, now time.Time) error {
	if r.State != Received && r.State != Approved && r.State != Executing { // a decision came first
		return nil
	}
	if p.WriteRefuted {
		r.refuted(p.WriteRefused)
	}
	return r.Pause(p.Why, p.Accepted, p.Until, now)
}

func (LongOverdue) apply(r *Request, now time.Time) error {
	if !r.TooLate(now) { // a decision came first
		return nil
	}
	return r.AskAgain(now)
}

// The results of counting what the target holds.
type (
	// Counted is what was read. Until: what could not be is read again then, where the
	// bot was turned away.
	Counted struct {
		Holdings []Holding
		Until    time.Time
	}
	// CountPaused puts the counting off.
	CountPaused struct{ Until time.Time }
)

func (c Counted) apply(r *Request, now time.Time) error {
	err := r.Counted(c.Holdings, now)
	r.CountLater(c.Until)
	return err
}

func (c CountPaused) apply(r *Request, _ time.Time) error {
	r.CountLater(c.Until)
	return nil
}

// The results of looking for who manages the target now.
type (
	// Managed is who does, and whether as many people can approve as have to is for
	// Policy to say.
	Managed struct {
		Managing
		Policy Policy
	}
	// NotManaged: it could not be found out.
	NotManaged struct{ Wait time.Duration }
	// ManagerPaused puts the looking off.
	ManagerPaused struct{ Until time.Time }
	// ManagerUnneeded: nobody may approve any more because they manage somebody.
	ManagerUnneeded struct{}
)

func (m Managed) apply(r *Request, now time.Time) error {
	m.Policy.ManagerFound(r, m.Managing, now)
	return nil
}

func (n NotManaged) apply(r *Request, now time.Time) error {
	r.ManagerFailed(n.Wait, now)
	return nil
}

func (p ManagerPaused) apply(r *Request, _ time.Time) error {
	r.ManagerPaused(p.Until)
	return nil
}

func (ManagerUnneeded) apply(r *Request, _ time.Time) error {
	r.ManagerUnneeded()
	return nil
}

// The results of reading the user again afterwards.
type (
	// ReadAgain is what that showed.
	ReadAgain struct{ Found Drift }
	// NotReadAgain: Workfront could not be read.
	NotReadAgain struct{ Wait time.Duration }
	// ReadingPaused puts the reading off.
	ReadingPaused struct{ Until time.Time }
)

func (a ReadAgain) apply(r *Request, now time.Time) error { return r.Verify(a.Found, now) }

func (n NotReadAgain) apply(r *Request, now time.Time) error { return r.VerifyFailed(n.Wait, now) }

func (p ReadingPaused) apply(r *Request, _ time.Time) error {
	r.VerifyLater(p.Until)
	return nil
}

// TimeIsOver is the end of a pending request that did not get its approvals in time.
type TimeIsOver struct{}

func (TimeIsOver) apply(r *Request, now time.Time) error {
	if r.State != Pending || now.Before(r.ExpiresAt) { // a decision came first
		return nil
	}
	return r.Expire(now)
}

// Seen is what Workfront shows before a request is executed.
type Seen struct {
	Target     Target // the user, as they are now
	ActiveTwin bool   // another user with the same e-mail, inactive when it was asked for, is active
	Self       string // Workfront ID of the user that wfbot works as
}

// BeforeWrite is how executing r ends without a write, as seen at now; nil: the write is
// to be made. dryRun says that the program writes nothing.
func (p Policy) BeforeWrite(r *Request, seen Seen, dryRun bool, now time.Time) Result {
	user, wanted := seen.Target, r.Action.Active()
	switch {
	case user.Active == wanted && r.WriteOpen: // it took effect
		return Confirmed{InactiveSince: user.InactiveSince}
	case !r.Target.SamePerson(user):
		return NotDone{Why: "The Workfront user is not who was approved any more: the name or the e-mail has changed. The user was left as they are. Ask again if it is still wanted."}
	case user.Active == wanted:
		return Confirmed{InactiveSince: user.InactiveSince}
	case r.Accepted:
		return NotDone{Why: "Workfront accepted the change, but the user is " + Standing(user.Active) + " all the same."}
	case seen.ActiveTwin:
		return NotDone{Why: "Another Workfront user with the same e-mail has become active since the request was made, so that it is not certain any more who is meant. The user was left as they are. Ask again if it is still wanted."}
	}
	switch p.MayTarget(r.Action, user, seen.Self) {
	case Allowed:
	case RefusedAdmin:
		return NotDone{Why: "The user has become a Workfront administrator since the request was made, and was left as they are."}
	default:
		return NotDone{Why: "The user has become protected since the request was made, and was left as they are."}
	}
	needed := p.Needed(user)
	switch {
	case needed > len(r.Approvals()):
		return NotDone{Why: fmt.Sprintf("By now %d approvals are needed, and this request has %d. The user was left as they are. Ask again.", needed, len(r.Approvals()))}
	case r.TooLate(now): // the program ended in the middle, and was away for long
		return LongOverdue{}
	case r.DryRun:
		return Rehearsed{}
	case dryRun: // switched on after a write
		return NotDone{Why: "Dry run has been switched on since the first try, so nothing more is written. The user is " + Standing(!wanted) + "."}
	}
	return nil
}

// Standing is how people call a value of isActive.
func Standing(active bool) string {
	if active {
		return "active"
	}
	return "inactive"
}
