package request

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// New returns a request as it is first stored, in state Received. r carries the
// identifying fields (ID, CardID, Action, Email, Reason, NotBefore, Requester, Channel,
// DryRun, VerifyAfter, RemindEvery); the life cycle's own are set here. ttl is how long
// it may wait for decisions.
func New(r Request, now time.Time, ttl time.Duration) *Request {
	r.State, r.CreatedAt, r.TTL, r.ExpiresAt = Received, now, ttl, now.Add(ttl)
	detail := map[string]string{
		"action": string(r.Action), "email": r.Email, "reason": r.Reason, "channel": r.Channel,
	}
	if !r.NotBefore.IsZero() {
		detail["not_before"] = stamp(r.NotBefore)
	}
	if r.CardID != r.ID {
		detail["card"] = r.CardID
	}
	r.record(now, "requested", r.Requester.ID, detail)
	return &r
}

// Finding is what the look-up found out.
type Finding struct {
	Target    Target
	TargetIDs []string // Slack users with the target's e-mail
	Manager   Identity // approver by being the target's manager; zero: none
	NoManager NoManager
	Needed    int       // approvals needed
	ClearAt   time.Time // see Request.ClearAt
}

// Found takes the look-up's result: the request is now pending.
func (r *Request) Found(f Finding, now time.Time) error {
	if r.State != Received {
		return r.cannot("take a look-up")
	}
	r.Target, r.TargetIDs, r.Manager, r.NoManager, r.Needed = f.Target, f.TargetIDs, f.Manager, f.NoManager, f.Needed
	r.ClearAt = f.ClearAt
	if r.Email == "" { // asked for by their Workfront ID
		r.Email = strings.ToLower(f.Target.Email)
	}
	r.Trouble = ""
	r.ExpiresAt = now.Add(r.TTL) // the look-up may have taken long
	r.Ask = 1
	r.managerLater(now)
	r.move(Pending)
	r.tell()
	found := map[string]string{
		"workfront_id": f.Target.ID, "email": f.Target.Email, "name": f.Target.Name,
		"needed": strconv.Itoa(f.Needed), "manager": f.Manager.ID,
	}
	if len(f.Target.Twins) > 0 {
		found["twins"] = strings.Join(f.Target.Twins, " ")
	}
	r.record(now, "found", Bot, found)
	return nil
}

// Reject ends a request because of what the look-up found or because its card
// cannot be posted, so that nobody has seen it. other is the open request
// in the way, if that is the reason.
func (r *Request) Reject(why Refusal, other string, now time.Time) error {
	if r.State != Received && (r.State != Pending || r.TS != "" || len(r.Decisions) > 0) {
		return r.cannot("be rejected")
	}
	r.Refused, r.InTheWay = why, other
	r.move(Rejected)
	r.tell()
	r.record(now, "rejected", Bot, map[string]string{"why": string(why), "open_request": other})
	return nil
}

// LookUpFailed notes that Workfront or Slack did not answer the look-up. The
// requester is told once; after RetryFor the request is rejected.
func (r *Request) LookUpFailed(trouble string, wait time.Duration, now time.Time) error {
	if r.State != Received {
		return r.cannot("fail a look-up")
	}
	r.PausedSince = time.Time{}
	r.LookUpRetry = r.LookUpRetry.Failed(now, wait)
	r.Trouble = trouble
	if r.LookUpRetry.GivenUp() {
		return r.Reject(RefusedUnreachable, "", now)
	}
	if r.LookUpRetry.Failures == 1 {
		r.tell()
	}
	r.Look++ // the card of several may be there already
	r.record(now, "look-up failed", Bot, map[string]string{"why": trouble})
	return nil
}

// Approve appends an approval. With enough of them the request is approved, and
// due after the stop window, but not before the time that was asked for.
func (r *Request) Approve(by Identity, stopWindow time.Duration, now time.Time) error {
	switch {
	case r.State != Pending:
		return RefusedNotOpen
	case !now.Before(r.ExpiresAt):
		return RefusedExpired
	case r.ApprovedBy(by):
		return RefusedAlreadyApproved
	}
	r.decide(Approve, by, "", now)
	if !r.IsApproved() {
		r.move(Pending)
		return nil
	}
	r.DueAt = later(later(now.Add(stopWindow), r.NotBefore), r.ClearAt)
	r.move(Approved)
	return nil
}

// MayTake says whether the request can be denied or cancelled as it stands,
// whoever wants to.
func (r *Request) MayTake(kind DecisionKind) Refusal {
	switch {
	case kind == Cancel && r.State == Executing:
		return RefusedUnderWay
	case r.State == Pending, kind == Cancel && r.State == Approved:
		return Allowed
	}
	return RefusedNotOpen
}

// Deny ends a pending request.
func (r *Request) Deny(by Identity, comment string, now time.Time) error {
	return r.end(Denied, Deny, by, comment, now)
}

// Cancel ends a request that is not being executed. Once a write may have reached
// Workfront and its outcome is unknown, it is too late.
func (r *Request) Cancel(by Identity, comment string, now time.Time) error {
	return r.end(Cancelled, Cancel, by, comment, now)
}

// end is a decision that ends the request, if the request can take it.
func (r *Request) end(as State, kind DecisionKind, by Identity, comment string, now time.Time) error {
	if no := r.MayTake(kind); no != Allowed {
		return no
	}
	r.decide(kind, by, comment, now)
	r.move(as)
	r.tell()
	return nil
}

// KeepClear raises ClearAt: the opposite may have been asked for, and sent, since
// the request was found.
func (r *Request) KeepClear(until time.Time) { r.ClearAt = later(r.ClearAt, until) }

// Retry has a failed request executed again, not before ClearAt. A request that waits for
// its next try is tried at once.
func (r *Request) Retry(by Identity, now time.Time) error {
	switch {
	case r.State == Failed && !now.Before(r.ExpiresAt):
		return RefusedExpired
	case r.State == Failed:
		r.ExecuteRetry, r.Accepted, r.Trouble = Retry{}, false, ""
		r.DueAt = later(now, r.ClearAt)
		r.move(Approved)
	case r.State.Open() && r.State != Pending && r.ExecuteRetry.At.After(now):
		r.ExecuteRetry.At = now
		if due := later(now, later(r.NotBefore, r.ClearAt)); r.DueAt.After(due) { // it was due before: the clock has been set back
			r.DueAt = due
		}
		r.move(r.State)
	default:
		return RefusedNotOpen
	}
	r.decide(RunAgain, by, "", now)
	return nil
}

// Expire ends a pending request that did not get its approvals in time.
func (r *Request) Expire(now time.Time) error {
	if r.State != Pending || now.Before(r.ExpiresAt) {
		return r.cannot("expire")
	}
	r.move(Expired)
	r.tell()
	r.record(now, "expired", Bot, nil)
	return nil
}

// Begin starts to execute the request, or goes on with it after a crash. It is the last
// check that enough people approved.
func (r *Request) Begin(now time.Time) error {
	switch {
	case r.State == Executing:
		return nil
	case r.State != Approved || !r.IsApproved() || now.Before(r.DueAt) || r.Overdue(now):
		return r.cannot("be executed")
	}
	r.State = Executing
	r.record(now, "execution started", Bot, nil)
	return nil
}

// Rehearse makes a request that is being executed a dry run: the program has been told to
// write nothing since it was asked for. One with a write already stays what it is, since
// what it says of Workfront has to be true.
func (r *Request) Rehearse(now time.Time) {
	if r.DryRun || r.Writes > 0 {
		return
	}
	r.DryRun = true
	r.record(now, "made a dry run", Bot, nil)
}

// WriteAttempted records a write before it is sent. From here on only a read of
// Workfront can tell what happened.
func (r *Request) WriteAttempted(now time.Time) error {
	if r.State != Executing || r.DryRun {
		return r.cannot("be written")
	}
	r.Writes++
	r.WriteSentAt, r.WriteOpen, r.Accepted = now, true, false
	r.record(now, "write attempted", Bot, map[string]string{
		"workfront_id": r.Target.ID, "isActive": strconv.FormatBool(r.Action.Active()), "attempt": strconv.Itoa(r.Writes),
	})
	return nil
}

// refuted notes that the last write changed nothing: Workfront refused it, or showed
// the user active when read afterwards. forGood: it certainly changed nothing and
// never will; if the user is as wanted one day, that is somebody else's doing.
func (r *Request) refuted(forGood bool) {
	r.WriteOpen = false
	if forGood {
		r.WritesRefused++
	}
}

// wrote reports whether a write of the request may have changed the user.
func (r *Request) wrote() bool { return r.Writes > r.WritesRefused }

// Succeed ends the request as done: Workfront was read at now and shows the
// wanted state.
func (r *Request) Succeed(now time.Time) error {
	if r.State != Executing {
		return r.cannot("succeed")
	}
	r.Outcome = Outcome{ReadAt: now, Already: !r.wrote()}
	r.WriteOpen = false
	r.Trouble = ""
	if r.VerifyAfter > 0 {
		r.VerifyAt = now.Add(r.VerifyAfter)
	}
	r.move(Done)
	r.tell()
	r.record(now, "done", Bot, map[string]string{
		"workfront_id": r.Target.ID, "isActive": strconv.FormatBool(r.Action.Active()),
		"already": strconv.FormatBool(r.Outcome.Already), "writes": strconv.Itoa(r.Writes),
	})
	return nil
}

// Dated adds to a deactivation that is done when it was by Workfront's own account;
// zero: Workfront does not say.
func (r *Request) Dated(since time.Time) {
	if r.State == Done && r.Action == Deactivate {
		r.Outcome.InactiveSince = since
	}
}

// Rehearsed ends a dry run as done: everything but the write happened.
func (r *Request) Rehearsed(now time.Time) error {
	if r.State != Executing || !r.DryRun {
		return r.cannot("end as a dry run")
	}
	r.Outcome, r.Trouble = Outcome{}, ""
	r.move(Done)
	r.tell()
	r.record(now, "dry run", Bot, map[string]string{"workfront_id": r.Target.ID})
	return nil
}

// Fail ends the request as failed: trouble says why, for people.
func (r *Request) Fail(trouble string, now time.Time) error {
	if r.State != Executing {
		return r.cannot("fail")
	}
	r.Trouble = trouble
	r.ExpiresAt = later(r.ExpiresAt, now.Add(r.TTL))
	r.move(Failed)
	r.tell()
	r.Ask++ // those who can retry it
	r.record(now, "failed", Bot, map[string]string{"why": trouble})
	return nil
}

// Postpone puts back a request that could not be executed, when it is known that nothing
// was changed: it is approved again and tried later, at the earliest after wait.
func (r *Request) Postpone(trouble string, wait time.Duration, now time.Time) error {
	if r.State == Executing {
		r.WriteOpen = false
	}
	return r.later(Approved, trouble, wait, now)
}

// Unresolved notes that a write may have been applied and Workfront could not be
// read since: the request stays executing and is read again later. accepted says
// that Workfront's answer to the write showed the wanted value.
func (r *Request) Unresolved(trouble string, accepted bool, wait time.Duration, now time.Time) error {
	if r.State == Executing {
		r.Accepted = r.Accepted || accepted
	}
	return r.later(Executing, trouble, wait, now)
}

func (r *Request) later(state State, trouble string, wait time.Duration, now time.Time) error {
	if r.State != Executing {
		return r.cannot("be tried later")
	}
	r.ExecuteRetry = r.ExecuteRetry.Failed(now, wait)
	if r.ExecuteRetry.GivenUp() {
		return r.Fail(trouble, now)
	}
	r.Trouble = trouble
	r.move(state)
	r.record(now, "postponed", Bot, map[string]string{
		"why": trouble, "state": string(state), "next": stamp(r.ExecuteRetry.At),
	})
	return nil
}

// Pause keeps a request back until a moment because nothing can be sent to
// Workfront for anybody: it turns the bot away, and the operator has to fix that. It is
// no failure of this request, so RetryFor does not run meanwhile and starts again
// afterwards. Only the first Pause of a row is shown and told. accepted is that of
// Unresolved.
//
// An approved request is paused for as long as it takes and can be cancelled,
// unless a write is open. One that was not looked up yet is rejected once its
// time to be decided has passed.
func (r *Request) Pause(trouble string, accepted bool, until, now time.Time) error {
	first, from := r.PausedSince.IsZero(), r.State
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
		return r.cannot("be paused")
	}
	if first {
		r.move(r.State)
		r.PausedSince, r.Trouble = now, trouble
	}
	if !first && from != Executing { // as the trail says already
		return nil
	}
	r.record(now, "paused", Bot, map[string]string{"why": trouble, "state": string(r.State)})
	return nil
}

// OverdueAfter is how late a request may be executed without asking again.
const OverdueAfter = 24 * time.Hour

// Overdue reports whether an approved request should have been executed, or tried again,
// so long ago that the approval may have been about another world: the program was not
// running. Tries that failed meanwhile do not make it so.
func (r *Request) Overdue(now time.Time) bool { return r.State == Approved && r.TooLate(now) }

// TooLate is Overdue also for a request that was being executed when the program ended.
// The user is read before that is asked for: it may be done.
func (r *Request) TooLate(now time.Time) bool {
	return (r.State == Approved || r.State == Executing) && now.Sub(later(r.DueAt, r.ExecuteRetry.At)) > OverdueAfter
}

// AskAgain lets people decide once more about a request that is TooLate, if it is known
// that nothing was changed: its approvals stay in the record and no longer count. They
// are asked at once, since a card that is painted again notifies nobody.
func (r *Request) AskAgain(now time.Time) error {
	if !r.TooLate(now) {
		return r.cannot("ask again")
	}
	r.record(now, "asked again", Bot, map[string]string{"due": stamp(r.DueAt)})
	r.Void = len(r.Decisions)
	if r.State == Executing {
		r.WriteOpen = false
	}
	r.DueAt, r.ExecuteRetry, r.Trouble = time.Time{}, Retry{}, ""
	r.ExpiresAt = now.Add(r.TTL)
	r.Counts, r.CountRetry = min(r.Counts, 1), Retry{}
	r.Holdings = slices.Clone(r.Holdings)
	for i, h := range r.Holdings { // what was counted days ago is not what they hold
		r.Holdings[i] = Holding{Kind: h.Kind, Pending: true}
	}
	r.move(Pending)
	r.managerNow(now)
	r.Ask++
	r.tell()
	return nil
}

func (r *Request) decide(kind DecisionKind, by Identity, comment string, now time.Time) {
	r.Decisions = append(r.Decisions, Decision{Kind: kind, By: by, At: now, Comment: comment})
	r.record(now, string(kind), by.ID, map[string]string{
		"name": by.Name, "email": by.Email, "comment": comment,
		// What the decision was about: the approval is bound to these.
		"workfront_id": r.Target.ID, "target_email": r.Target.Email, "target_name": r.Target.Name,
	})
}

// ImpossibleError is a mistake in the program, not of a person: a transition that the
// life cycle does not have, or a step that nobody knows. Trying again does not help.
type ImpossibleError struct{ What string }

func (e *ImpossibleError) Error() string { return e.What }

// cannot is the error of a transition that the request does not have as it stands.
func (r *Request) cannot(do string) error {
	return &ImpossibleError{fmt.Sprintf("request %s is %s and cannot %s", r.ID, r.State, do)}
}

// stamp is how the audit trail writes a time.
func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }
