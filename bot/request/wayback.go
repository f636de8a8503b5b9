package request

import "time"

// DeactivatedByUs reports whether the last thing that wfbot is known to have done
// to a Workfront user was to deactivate them, and that the user was not found
// active since, when they were read again or asked for once more: then it was
// somebody else's doing if they are inactive now. all are the requests for that user,
// in any order; dry runs and those that changed nothing do not count.
func DeactivatedByUs(all []*Request) bool { return deactivatedByUs(all) != nil }

// deactivatedByUs is the request that deactivated the user, if DeactivatedByUs says
// that wfbot did; else nil.
func deactivatedByUs(all []*Request) *Request {
	var last *Request
	for _, r := range all {
		if r.State == Done && !r.DryRun && r.wrote() && (last == nil || r.WriteSentAt.After(last.WriteSentAt)) {
			last = r
		}
	}
	if last == nil || last.Action != Deactivate || last.Verified.Result == Drifted {
		return nil
	}
	for _, r := range all {
		if r != last && r.Target.Active && r.CreatedAt.After(last.Outcome.ReadAt) && !r.WriteOpen {
			return nil
		}
	}
	return last
}

// LastOpposed is when the last write was sent for one of all, the requests for a
// Workfront user, that wanted something else than action does; zero if none was.
// Requests of which Workfront refused every write do not count.
func LastOpposed(all []*Request, action Action) (at time.Time) {
	for _, r := range all {
		if r.Action != action && r.wrote() {
			at = later(at, r.WriteSentAt)
		}
	}
	return at
}
