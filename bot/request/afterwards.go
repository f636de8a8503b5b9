package request

import "time"

// Verification is what Workfront showed when it was read again a while after a
// request was done. Zero: it has not been read again.
type Verification struct {
	At     time.Time `json:"at,omitzero"`
	Result Drift     `json:"result,omitempty"`
}

// Drift is what became of a change since it was made.
type Drift string

// What a verification can find.
const (
	NoDrift    Drift = "still so"   // the user is as the request left them
	Drifted    Drift = "changed"    // somebody or something has changed them back
	TargetGone Drift = "not found"  // not in Workfront any more, or not visible
	Unread     Drift = "not read"   // Workfront could not be read for RetryFor
	Superseded Drift = "superseded" // wfbot itself has tried the opposite since
)

// Verify takes the result of reading the user again after the request was done.
// The card shows it; only drift is told to the requester. Nobody needs it any more
// if the request was superseded meanwhile.
func (r *Request) Verify(found Drift, now time.Time) error {
	if !r.SupersededAt.IsZero() {
		return nil
	}
	if r.State != Done || r.VerifyAt.IsZero() {
		return r.cannot("be verified")
	}
	r.VerifyAt, r.VerifyRetry = time.Time{}, Retry{}
	r.Verified = Verification{At: now, Result: found}
	r.move(Done)
	if found == Drifted {
		r.tell()
	}
	r.record(now, "verified", Bot, map[string]string{"workfront_id": r.Target.ID, "found": string(found)})
	return nil
}

// VerifyFailed notes that Workfront could not be read. It is tried again for
// RetryFor.
func (r *Request) VerifyFailed(wait time.Duration, now time.Time) error {
	if !r.SupersededAt.IsZero() {
		return nil
	}
	if r.State != Done || r.VerifyAt.IsZero() {
		return r.cannot("fail a verification")
	}
	r.VerifyRetry = r.VerifyRetry.Failed(now, wait)
	if r.VerifyRetry.GivenUp() {
		return r.Verify(Unread, now)
	}
	return nil
}

// VerifyLater puts the reading off until then, while nothing can be read for
// anybody: it is no failure, and RetryFor starts again afterwards; see Pause.
func (r *Request) VerifyLater(until time.Time) { r.VerifyRetry = Retry{At: until} }

// Supersede notes that a later request has changed the user the opposite way. The
// card says so, and there is nothing left to read again.
func (r *Request) Supersede(by string, now time.Time) error {
	if r.State != Done || r.DryRun || !r.SupersededAt.IsZero() {
		return r.cannot("be superseded")
	}
	r.SupersededAt = now
	r.VerifyAt, r.VerifyRetry = time.Time{}, Retry{}
	r.move(Done)
	r.record(now, "superseded", Bot, map[string]string{"by": by})
	return nil
}

// Supersedes reports whether r, which has just been done, makes what other says
// of the user untrue.
func (r *Request) Supersedes(other *Request) bool {
	return r.State == Done && r.wrote() && other.ID != r.ID && other.Target.ID == r.Target.ID && other.Action != r.Action &&
		other.State == Done && !other.DryRun && other.SupersededAt.IsZero()
}

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

// LastOpposed is when the last write was sent that wanted something else than action
// does; zero if none was. all are the requests for one Workfront user. A request does not
// count if Workfront refused all its writes.
func LastOpposed(all []*Request, action Action) (at time.Time) {
	for _, r := range all {
		if r.Action != action && r.wrote() {
			at = later(at, r.WriteSentAt)
		}
	}
	return at
}
