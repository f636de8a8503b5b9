package request

import (
	"slices"
	"time"
)

// OverdueAfter is how late a request may be carried out without asking again.
const OverdueAfter = 24 * time.Hour

// Overdue reports whether an approved request should have been carried out, or
// tried again, so long ago that the approval may have been about another world:
// the program was not running. Tries that failed meanwhile do not make it so.
func (r *Request) Overdue(now time.Time) bool { return r.State == Approved && r.TooLate(now) }

// TooLate is Overdue also for a request that was being carried out when the
// program ended. The user is read before that is asked for: it may be done.
func (r *Request) TooLate(now time.Time) bool {
	return (r.State == Approved || r.State == Executing) && now.Sub(later(r.DueAt, r.ExecuteRetry.At)) > OverdueAfter
}

// AskAgain lets people decide once more about a request that is TooLate, and about
// which it is known that nothing was changed: its approvals stay in the record and
// count no more. They are told at once, since a card that is painted again notifies
// nobody.
func (r *Request) AskAgain(now time.Time) error {
	if !r.TooLate(now) {
		return r.cannot("ask again")
	}
	r.record(now, "asked again", Bot, map[string]string{"due": stamp(r.DueAt)})
	r.Void = len(r.Decisions)
	if r.State == Executing {
		r.WriteRefuted()
	}
	r.DueAt, r.ExecuteRetry, r.Trouble = time.Time{}, Retry{}, ""
	r.ExpiresAt = now.Add(r.TTL)
	r.Surveys, r.SurveyRetry = min(r.Surveys, 1), Retry{}
	r.Holdings = slices.Clone(r.Holdings)
	for i, h := range r.Holdings { // what was counted days ago is not what they hold
		r.Holdings[i] = Holding{Kind: h.Kind, Pending: true}
	}
	r.managerNow(now)
	r.remindNow(now)
	r.changed(Pending)
	r.tell()
	return nil
}
