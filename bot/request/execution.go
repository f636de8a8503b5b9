package request

import (
	"fmt"
	"time"
)

// Seen is what Workfront shows before a request is carried out.
type Seen struct {
	Target     Target // the user, as they are now
	ActiveTwin bool   // another user with the same e-mail, inactive when it was asked for, is active
	Self       string // Workfront ID of the user as whom wfbot works
}

// BeforeWrite is what carrying r out comes to without a write, as seen at now; nil: the
// write is to be made. dryRun says that the program writes nothing.
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
