package bot

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"time"

	"wfbot/bot/request"
	"wfbot/workfront"
)

const (
	// probeSoon is when a request comes back that found another one asking.
	probeSoon = 2 * time.Second
	// steadyAfter is how long Workfront has to work again before trouble is new.
	steadyAfter = 5 * time.Minute
	// clockTolerance is how far the machine's clock may be from Workfront's before
	// the operator is told: far less than the minutes that a signed JWT lives, and
	// more than an answer is under way.
	clockTolerance = 30 * time.Second
)

// probeAfter are the pauses before Workfront is asked again, by one call for all
// requests together; the last one is repeated. A stray refusal costs seconds.
var probeAfter = []time.Duration{2 * time.Second, 5 * time.Second, 15 * time.Second, time.Minute}

// access knows whether Workfront turns the bot away whatever it asks for: its
// credential is refused, or its address answers with redirects. While it does, no
// request sends anything: each would end the same, and a tenant may lock an account
// that keeps knocking. Other processes on the same database find out for themselves.
// The zero value is a bot that nobody has turned away.
type access struct {
	mu      sync.Mutex
	why     error     // the refusal; nil while Workfront takes the bot
	asking  bool      // somebody is finding out whether it still turns the bot away
	asked   time.Time // when that was last found out
	refused int       // how often in a row, each within steadyAfter of the one before
	told    bool      // the operator has read of it, and not of its end
}

// turnedAway reports whether err is about all calls and not about this one.
func turnedAway(err error) bool {
	return errors.Is(err, workfront.ErrUnauthorized) || errors.Is(err, workfront.ErrMoved)
}

// awayIn returns the error of several calls that is about all of them: one that is
// refused the credential, or a redirect if nothing else came back; nil if there is
// none.
func awayIn(errs []error) error {
	for _, err := range errs {
		if errors.Is(err, workfront.ErrUnauthorized) {
			return err
		}
	}
	if len(errs) == 0 || slices.ContainsFunc(errs, func(err error) bool { return !turnedAway(err) }) {
		return nil
	}
	return errs[0]
}

// refuse notes that a call was turned away, and says when to ask again. fresh is
// false if that was known, or was so a short while ago.
func (a *access) refuse(why error, now time.Time) (until time.Time, fresh bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.why != nil { // one of several that were under way together
		return a.next(), false
	}
	if since := now.Sub(a.asked); since > steadyAfter || since < 0 {
		a.refused = 0
	}
	a.again(why, now)
	return a.next(), a.refused == 1
}

// again notes one more refusal in a row.
func (a *access) again(why error, now time.Time) {
	a.why, a.asked = why, now
	a.refused++
}

// next is when to ask again.
func (a *access) next() time.Time {
	return a.asked.Add(probeAfter[min(a.refused, len(probeAfter))-1])
}

// turn says what a request may do now: go on (until and ask are zero), wait until
// then because of why, or ask whether that is still so and report it to answered.
// pressed is when an approver wanted it tried again: that makes it ask at once.
func (a *access) turn(now, pressed time.Time) (until time.Time, why error, ask bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.why == nil {
		return time.Time{}, nil, false
	}
	setBack := now.Before(a.asked) // the clock; what was asked may be long ago
	switch next := a.next(); {
	case a.asking:
		return now.Add(probeSoon), a.why, false
	case now.Before(next) && pressed.Before(a.asked) && !setBack:
		return next, a.why, false
	}
	a.asking = true
	return time.Time{}, a.why, true
}

// answered ends an asking: with why it still turns the bot away, or nil.
func (a *access) answered(why error, now time.Time) (until time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.asking = false
	if why == nil {
		a.why, a.asked = nil, now
		return time.Time{}
	}
	a.again(why, now)
	return a.next()
}

// tell notes that the operator has been told, or forgets it and reports whether
// they had been.
func (a *access) tell(told bool) (before bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	before, a.told = a.told, told
	return before
}

// held returns until when r has to wait because Workfront turns the bot away, and
// why; zero if it may go on. One of the waiting requests asks for all.
func (b *Bot) held(ctx context.Context, r *request.Request) (until time.Time, why error) {
	until, why, ask := b.access.turn(b.now(), lastPressed(r))
	if !ask {
		return until, why
	}
	user, err := b.config.Workfront.Whoami(ctx)
	var problem *workfront.Error
	switch {
	case turnedAway(err):
		b.alarmAccess(ctx, err)
		return b.access.answered(err, b.now()), err
	case errors.As(err, &problem) && problem.Temporary(), cut(ctx):
		b.log.Warn("not known whether Workfront still turns wfbot away", "error", err)
		return b.access.answered(why, b.now()), why
	}
	if err == nil {
		b.selfWF.Store(&user.ID)
	}
	goOn := b.access.answered(nil, b.now())
	b.log.Info("Workfront takes what wfbot sends again")
	if b.access.tell(false) {
		works := "Workfront accepts wfbot's credential again."
		if errors.Is(why, workfront.ErrMoved) {
			works = "Workfront's address answers without a redirect again."
		}
		b.note(ctx, works+" What was waiting for that goes on.")
	}
	return goOn, nil
}

// lastPressed is when an approver last wanted r tried again.
func lastPressed(r *request.Request) (at time.Time) {
	for _, d := range r.Decisions {
		if d.Kind == request.RunAgain {
			at = d.At
		}
	}
	return at
}

// What the operator is told about, as words for alarm.
const (
	credentialRefused = "Workfront refuses the credential"
	addressMoved      = "Workfront redirects wfbot"
)

// alarmAccess tells the operator why Workfront turns the bot away, in Workfront's
// own words where it has any, and what may be the cause.
func (b *Bot) alarmAccess(ctx context.Context, err error) {
	problem, ok := errors.AsType[*workfront.Error](err)
	if !ok {
		problem = &workfront.Error{Err: err}
	}
	if errors.Is(err, workfront.ErrMoved) {
		b.tellAccess(ctx, addressMoved, "Workfront's address answers with a redirect (%d) to %s, which wfbot does not follow. Everything approved waits, and nothing is lost. "+
			"If your Workfront has moved, set WORKFRONT_URL to its new address and restart wfbot. If it is only being maintained, wfbot goes on by itself afterwards.",
			problem.Status, cmp.Or(problem.MovedTo, "another page"))
		return
	}
	const waits = " Everything approved waits, and nothing is lost, until the credential works again. "
	if words := cmp.Or(problem.Message, problem.Class); words != "" {
		b.tellAccess(ctx, credentialRefused, "Workfront refuses wfbot's credential and says \"%s\"."+waits+causes(problem), strings.TrimRight(words, ". "))
		return
	}
	b.tellAccess(ctx, credentialRefused, "Workfront refuses wfbot's credential (status %d)."+waits+causes(problem), problem.Status)
}

// tellAccess is alarm, and remembers whether that reached the operator.
func (b *Bot) tellAccess(ctx context.Context, what, format string, args ...any) {
	if b.alarm(ctx, what, format, args...) {
		b.access.tell(true)
	}
}

// causes are what may have led to a refused credential, and what to do.
func causes(problem *workfront.Error) (words string) {
	off := problem.ClockOff.Round(time.Second)
	switch {
	case off > clockTolerance:
		words = "This machine's clock is " + off.String() + " ahead of Workfront's: set it (NTP). "
	case off < -clockTolerance:
		words = "This machine's clock is " + (-off).String() + " behind Workfront's: set it (NTP). "
	}
	switch {
	case problem.Exchange:
		words += "It is the JWT that is refused, before any token. Check that WORKFRONT_CLIENT_ID, WORKFRONT_CLIENT_SECRET, WORKFRONT_CUSTOMER_ID, " +
			"WORKFRONT_USER_ID and the private key belong to the same OAuth2 application, that its user is active"
		if problem.ClockOff == 0 { // the answer did not say what time it is
			words += ", that this machine's clock is right"
		}
		return words + ", and restart wfbot after a change."
	}
	return words + "If it has been revoked or has expired, replace WORKFRONT_API_KEY or the OAuth2 settings and restart wfbot."
}

// turned notes that a call was turned away, tells the operator, and says until when
// nothing is sent.
func (b *Bot) turned(ctx context.Context, err error) (until time.Time) {
	b.log.Warn("Workfront turns wfbot away", "error", err)
	until, fresh := b.access.refuse(err, b.now())
	if fresh { // the last time may be less than an hour ago, and was another trouble
		b.alarms.forget(credentialRefused)
		b.alarms.forget(addressMoved)
	}
	b.alarmAccess(ctx, err)
	return until
}

// holding is what becomes of a request whose call was turned away: it waits like
// all others.
func (b *Bot) holding(ctx context.Context, err error, accepted bool) change {
	until := b.turned(ctx, err)
	return func(r *request.Request) error { return r.Pause(explain(err), accepted, until, b.now()) }
}
