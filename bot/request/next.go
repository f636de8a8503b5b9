package request

import "time"

// Step is one outside effect, or the passing of a deadline, that a request needs.
type Step string

// The steps, in the order in which they are done when several are due.
const (
	Nothing     Step = ""
	Expiry      Step = "expire"       // end a pending request whose time is over
	LookUp      Step = "look up"      // find the user in Workfront
	FindManager Step = "find manager" // find out who manages the target now
	PostCard    Step = "post"         // post the card, without buttons
	PaintCard   Step = "paint"        // make the card show the request
	Survey      Step = "survey"       // count what the target holds in Workfront
	AskAnew     Step = "ask anew"     // let people decide again about what is long overdue
	Execute     Step = "execute"      // read, write, read back in Workfront
	Tell        Step = "tell"         // tell the requester
	Remind      Step = "remind"       // remind those who can decide
	Verify      Step = "verify"       // read the user again, a while after it was done
)

// Next returns what the request needs next and when. A time that is not after
// now means: do it now. Nothing means that only a person's decision can go on
// with it. When several steps are due, the first in the order of the constants
// is returned: the card is painted before Workfront is written, so that people
// see their click, but a card that cannot be painted holds nothing up, since its
// next try lies in the future.
func (r *Request) Next(now time.Time) (Step, time.Time) {
	step, at := Nothing, time.Time{}
	want := func(s Step, t time.Time) {
		earlier := step == Nothing || (at.After(now) && t.Before(at))
		if earlier {
			step, at = s, t
		}
	}

	switch r.State {
	case Pending:
		want(Expiry, r.ExpiresAt)
		if !r.ManagerAt.IsZero() { // before people are asked again
			want(FindManager, later(r.ManagerAt, r.ManagerRetry.At))
		}
	case Received:
		want(LookUp, r.LookUpRetry.At)
	}
	// The first survey comes before the card, so that it shows what the target holds.
	if r.NeedsSurvey() && r.Surveys == 0 {
		want(Survey, r.SurveyRetry.At)
	}
	if r.BatchID == "" && !r.PaintRetry.GivenUp() { // a batch has one card for all

		switch {
		case r.Card.TS == "" && r.needsCard():
			want(PostCard, r.PaintRetry.At)
		case r.Card.TS != "" && r.Card.Painted < r.Look:
			want(PaintCard, r.PaintRetry.At)
		}
	}
	if r.NeedsSurvey() {
		want(Survey, r.SurveyRetry.At)
	}
	switch {
	case r.State == Approved && r.Overdue(now):
		want(AskAnew, time.Time{})
	case r.State == Approved:
		want(Execute, later(r.DueAt, r.ExecuteRetry.At))
	case r.State == Executing:
		want(Execute, r.ExecuteRetry.At)
	}
	if r.BatchID == "" && r.Told < r.News && r.canTell() { // a batch tells of all
		want(Tell, r.TellRetry.At)
	}
	if at, ok := r.remindAt(r.ExpiresAt); ok && r.State == Pending && r.BatchID == "" {
		want(Remind, at)
	}
	if r.State == Done && !r.VerifyAt.IsZero() {
		want(Verify, later(r.VerifyAt, r.VerifyRetry.At))
	}
	return step, at
}

// canTell reports whether the words for the requester can be chosen: news of a
// pending request names its card.
func (r *Request) canTell() bool { return r.State != Pending || r.Card.Painted > 0 }

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
