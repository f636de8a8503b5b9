package request

import "time"

// Hold keeps a request back until a moment because nothing can be sent to
// Workfront for anybody: it turns the bot away, and the operator has to
// mend that. It is no failure of this request, so RetryFor does not run
// meanwhile and starts anew afterwards. Only the first Hold of a row is shown and
// told. accepted is that of Unresolved.
//
// An approved request is held for as long as it takes and can be cancelled,
// unless a write is open. One that was not looked up yet is rejected once its
// time to be decided has passed.
func (r *Request) Hold(trouble string, accepted bool, until, now time.Time) error {
	first, from := r.HeldSince.IsZero(), r.State
	switch {
	case r.State == Received && !now.Before(r.ExpiresAt):
		return r.Reject(RefusedUnreachable, "", now)
	case r.State == Received:
		r.LookUpRetry = Retry{At: until}
		if first {
			r.tell()
		}
	case r.State == Approved, r.State == Executing:
		r.ExecuteRetry = Retry{At: until}
		r.Accepted = r.Accepted || accepted
		if !r.WriteOpen {
			r.State = Approved
		}
	default:
		return r.cannot("be held")
	}
	if first {
		r.changed(r.State)
		r.HeldSince, r.Trouble = now, trouble
	}
	if !first && from != Executing { // as the trail says already
		return nil
	}
	r.record(now, "held", Bot, map[string]string{"why": trouble, "state": string(r.State)})
	return nil
}
