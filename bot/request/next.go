package request

import "time"

// Step is one outside effect, or the passing of a deadline, that a request or a
// card needs.
type Step string

// The steps of a request, which are Workfront's and deadlines, and those of a card,
// which are Slack's; in the order that they are done when several are due.
const (
	Nothing Step = ""

	Expiry        Step = "expire"       // end a pending request whose time is over
	LookUp        Step = "look up"      // find the user in Workfront
	FindManager   Step = "find manager" // find out who manages the target now
	CountHoldings Step = "count"        // count what the target holds in Workfront
	AskAnew       Step = "ask anew"     // let people decide again about what is long overdue
	Execute       Step = "execute"      // read, write, read back in Workfront
	Verify        Step = "verify"       // read the user again, a while after it was done

	PostCard  Step = "post"   // post the card, without buttons
	PaintCard Step = "paint"  // make the card show its requests
	Tell      Step = "tell"   // tell the requester
	Remind    Step = "remind" // remind those who can decide
)

// Next returns what the request needs next and when. A time that is not after
// now means: do it now. Nothing means that only a person's decision can go on
// with it. When several steps are due, the first in the order of the constants
// is returned.
func (r *Request) Next(now time.Time) (Step, time.Time) {
	var next earliest
	switch r.State {
	case Received:
		next.want(now, LookUp, r.LookUpRetry.At)
	case Pending:
		next.want(now, Expiry, r.ExpiresAt)
		if !r.ManagerAt.IsZero() {
			next.want(now, FindManager, later(r.ManagerAt, r.ManagerRetry.At))
		}
		if r.NeedsCount() {
			next.want(now, CountHoldings, r.CountRetry.At)
		}
	case Approved:
		if r.Overdue(now) {
			next.want(now, AskAnew, time.Time{})
		} else {
			next.want(now, Execute, later(r.DueAt, r.ExecuteRetry.At))
		}
	case Executing:
		next.want(now, Execute, r.ExecuteRetry.At)
	case Done:
		if !r.VerifyAt.IsZero() {
			next.want(now, Verify, later(r.VerifyAt, r.VerifyRetry.At))
		}
	}
	return next.step, next.at
}

// earliest is the step that is due first of those that were wanted. If several are due
// already, it is the one that was wanted first.
type earliest struct {
	step Step
	at   time.Time
}

func (e *earliest) want(now time.Time, step Step, at time.Time) {
	if e.step == Nothing || e.at.After(now) && at.Before(e.at) {
		e.step, e.at = step, at
	}
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// Retry counts the failures of one kind of outside effect and says when it is
// tried again. The zero value means: no failure, now.
type Retry struct {
	Failures int       `json:"failures,omitempty"`
	Since    time.Time `json:"since,omitzero"` // first failure of the row
	At       time.Time `json:"at,omitzero"`    // not before
}

// Failed returns the next Retry after one more failure at now. wait, when
// positive, is how long the other side asked us to wait (Retry-After).
func (r Retry) Failed(now time.Time, wait time.Duration) Retry {
	if r.Failures == 0 {
		r.Since = now
	}
	r.Failures++
	r.At = now.Add(max(wait, pause(r.Failures)))
	return r
}

// GivenUp reports whether the next try would come after the whole of RetryFor.
// It does not look at the clock: a program that was not running for two days
// still tries once more.
func (r Retry) GivenUp() bool {
	return r.Failures > 0 && r.At.Sub(r.Since) >= RetryFor
}

const (
	// RetryFor is how long a failing effect is tried again before it is given
	// up. Adobe's maintenance windows last up to 40 hours.
	RetryFor = 48 * time.Hour

	firstPause   = 2 * time.Second
	longestPause = 30 * time.Minute
)

// pause is the wait after the n-th failure in a row: 2 s, 4 s, … up to 30 min.
func pause(n int) time.Duration {
	d := firstPause
	for ; n > 1 && d < longestPause; n-- {
		d *= 2
	}
	return min(d, longestPause)
}

// TriedBefore reports whether a step was begun before and has not come to its end: it
// failed, or what became of it is open.
func (r *Request) TriedBefore(step Step) bool {
	retry := map[Step]Retry{
		LookUp: r.LookUpRetry, FindManager: r.ManagerRetry, CountHoldings: r.CountRetry, Execute: r.ExecuteRetry, Verify: r.VerifyRetry,
	}[step]
	return retry.Failures > 0 || step == Execute && r.State == Executing
}

// TriedBefore is [Request.TriedBefore] for the steps of a card.
func (c *Card) TriedBefore(step Step) bool {
	retry := map[Step]Retry{PostCard: c.PaintRetry, PaintCard: c.PaintRetry, Tell: c.TellRetry, Remind: c.RemindRetry}[step]
	return retry.Failures > 0
}
