package operator

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

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
	// askedFor is how long Works tells what it found, where Workfront has not said
	// whether it takes the credential: whoever asks for the bot's health often does not
	// have Workfront asked as often.
	askedFor = 30 * time.Second
)

// probeAfter are the pauses before Workfront is asked again, by one call for all
// requests together; the last one is repeated. A stray refusal costs seconds.
var probeAfter = []time.Duration{2 * time.Second, 5 * time.Second, 15 * time.Second, time.Minute}

// TurnedAway reports whether err is about all calls to Workfront and not about this
// one: the credential is refused, or the address answers with a redirect.
func TurnedAway(err error) bool {
	return errors.Is(err, workfront.ErrUnauthorized) || errors.Is(err, workfront.ErrMoved)
}

// TurnedAwayIn returns the error of several calls that is about all of them: one that
// is refused the credential, or a redirect if nothing else came back; nil if there is
// none.
func TurnedAwayIn(errs []error) error {
	for _, err := range errs {
		if errors.Is(err, workfront.ErrUnauthorized) {
			return err
		}
	}
	if len(errs) == 0 || slices.ContainsFunc(errs, func(err error) bool { return !TurnedAway(err) }) {
		return nil
	}
	return errs[0]
}

// Access knows which user the bot works as in Workfront, and whether Workfront turns it
// away whatever it asks for. While it does, the bot is paused and no request sends
// anything: each would end the same, and a tenant may lock an account that keeps
// knocking. Other processes on the same database find out for themselves. It may be used
// by several goroutines.
type Access struct {
	workfront *workfront.Client
	operator  *Operator
	log       *slog.Logger
	now       func() time.Time

	self  atomic.Pointer[string] // the Workfront ID of the user that the bot works as
	pause pause

	vain atomic.Pointer[vain]
}

// vain is when and how Works last asked in vain.
type vain struct {
	at  time.Time
	err error
}

// NewAccess returns an Access that nobody has turned away. now is the time of day.
func NewAccess(client *workfront.Client, operator *Operator, log *slog.Logger, now func() time.Time) *Access {
	return &Access{workfront: client, operator: operator, log: log, now: now}
}

// Self returns the Workfront ID of the user that the bot works as. Workfront is asked
// until it has said so once.
func (a *Access) Self(ctx context.Context) (string, error) {
	if id := a.self.Load(); id != nil {
		return *id, nil
	}
	user, err := a.workfront.Whoami(ctx)
	if err != nil {
		return "", fmt.Errorf("asking Workfront who the bot is: %w", err)
	}
	a.self.Store(&user.ID)
	return user.ID, nil
}

// Works returns nil if Workfront lets the bot work, as far as is known. Until Workfront
// has said so once it is asked, every 30 seconds at most, and while it turns the bot away
// it is asked as often as AskIfPaused does. A refusal pauses the bot.
func (a *Access) Works(ctx context.Context) error {
	if until, why := a.AskIfPaused(ctx, time.Time{}); !until.IsZero() {
		return why
	}
	if last := a.vain.Load(); last != nil && a.self.Load() == nil {
		if ago := a.now().Sub(last.at); ago >= 0 && ago < askedFor {
			return last.err
		}
	}
	_, err := a.Self(ctx)
	switch {
	case TurnedAway(err):
		a.Pause(ctx, err)
	case err != nil:
		a.vain.Store(&vain{a.now(), err})
	}
	return err
}

// AskIfPaused returns until when the caller has to wait because Workfront turns the
// bot away, and why; zero if it may go on. While the bot is paused one of those who
// wait asks Workfront for all whether it still is, which may tell the operator that
// it is, or that it is over. pressed is when an approver last wanted the request
// tried again: that makes it ask at once; zero: never.
func (a *Access) AskIfPaused(ctx context.Context, pressed time.Time) (until time.Time, why error) {
	until, why, ask := a.pause.turn(a.now(), pressed)
	if !ask {
		return until, why
	}
	user, err := a.workfront.Whoami(ctx)
	switch problem, ok := errors.AsType[*workfront.Error](err); {
	case TurnedAway(err):
		a.Alarm(ctx, err)
		return a.pause.answered(err, a.now()), err
	case ok && problem.Temporary(), errors.Is(ctx.Err(), context.Canceled): // or the process is shut down
		a.log.Warn("not known whether Workfront still turns wfbot away", "error", err)
		return a.pause.answered(why, a.now()), why
	}
	if err == nil {
		a.self.Store(&user.ID)
	}
	goOn := a.pause.answered(nil, a.now())
	a.log.Info("Workfront takes what wfbot sends again")
	if a.pause.tell(false) {
		works := "Workfront accepts wfbot's credential again."
		if errors.Is(why, workfront.ErrMoved) {
			works = "Workfront's address answers without a redirect again."
		}
		a.operator.Note(ctx, works+" What was waiting for that goes on.")
	}
	return goOn, nil
}

// Pause notes that a call was turned away (see TurnedAway), tells the operator, and says
// until when nothing is sent.
func (a *Access) Pause(ctx context.Context, err error) (until time.Time) {
	a.log.Warn("Workfront turns wfbot away", "error", err)
	until, fresh := a.pause.refuse(err, a.now())
	if fresh { // the last time may be less than an hour ago, and was another trouble
		a.operator.forget(credentialRefused)
		a.operator.forget(addressMoved)
	}
	a.Alarm(ctx, err)
	return until
}

// What the operator is told about, as words for Operator.Alarm.
const (
	credentialRefused = "Workfront refuses the credential"
	addressMoved      = "Workfront redirects wfbot"
)

// Alarm tells the operator why Workfront turns the bot away, in Workfront's own words
// where it has any, and what may be the cause. It pauses nothing.
func (a *Access) Alarm(ctx context.Context, err error) {
	problem, ok := errors.AsType[*workfront.Error](err)
	if !ok {
		problem = &workfront.Error{Err: err}
	}
	if errors.Is(err, workfront.ErrMoved) {
		a.alarm(ctx, addressMoved, "Workfront's address redirects (%d) to %s, and wfbot does not follow redirects. Everything approved waits, and nothing is lost. "+
			"If your Workfront has moved, set WORKFRONT_URL to its new address and restart wfbot. If this is only maintenance, wfbot goes on once it is over.",
			problem.Status, cmp.Or(problem.MovedTo, "another page"))
		return
	}
	const waits = " Everything approved waits, and nothing is lost, until the credential works again. "
	if words := cmp.Or(problem.Message, problem.Class); words != "" {
		a.alarm(ctx, credentialRefused, "Workfront refuses wfbot's credential and says \"%s\"."+waits+Causes(problem), strings.TrimRight(words, ". "))
		return
	}
	a.alarm(ctx, credentialRefused, "Workfront refuses wfbot's credential (status %d)."+waits+Causes(problem), problem.Status)
}

// alarm tells the operator, which is done again while it is so, and remembers whether that
// reached the channel.
func (a *Access) alarm(ctx context.Context, what, format string, args ...any) {
	a.log.Error(what, "what_to_do", fmt.Sprintf(format, args...))
	if a.operator.Notify(ctx, what, format, args...) {
		a.pause.tell(true)
	}
}

// Causes are what may have led to a refused credential, and what to do.
func Causes(problem *workfront.Error) (words string) {
	off := problem.ClockOff.Round(time.Second)
	switch {
	case off > clockTolerance:
		words = "This machine's clock is " + off.String() + " ahead of Workfront's: set it (NTP). "
	case off < -clockTolerance:
		words = "This machine's clock is " + (-off).String() + " behind Workfront's: set it (NTP). "
	}
	switch {
	case problem.Exchange:
		words += "Workfront refuses the JWT, before it gives a token. Check that WORKFRONT_CLIENT_ID, WORKFRONT_CLIENT_SECRET, WORKFRONT_CUSTOMER_ID, " +
			"WORKFRONT_USER_ID and the private key belong to the same OAuth2 application, that its user is active"
		if problem.ClockOff == 0 { // the answer did not say what time it is
			words += ", that this machine's clock is right"
		}
		return words + ", and restart wfbot after a change."
	}
	return words + "If it has been revoked or has expired, replace WORKFRONT_API_KEY or the OAuth2 settings and restart wfbot."
}

// pause is whether Workfront turns the bot away, and whose turn it is to ask. The
// zero value is a bot that nobody has turned away.
type pause struct {
	mu      sync.Mutex
	why     error     // the refusal; nil while Workfront takes the bot
	asking  bool      // somebody is finding out whether it still turns the bot away
	asked   time.Time // when that was last found out
	refused int       // how often in a row, each within steadyAfter of the one before
	told    bool      // the operator has read of it, and not of its end
}

// refuse notes that a call was turned away, and says when to ask again. fresh is
// false if that was known, or was so a short while ago.
func (p *pause) refuse(why error, now time.Time) (until time.Time, fresh bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.why != nil { // one of several that were under way together
		return p.next(), false
	}
	if since := now.Sub(p.asked); since > steadyAfter || since < 0 {
		p.refused = 0
	}
	p.again(why, now)
	return p.next(), p.refused == 1
}

// again notes one more refusal in a row.
func (p *pause) again(why error, now time.Time) {
	p.why, p.asked = why, now
	p.refused++
}

// next is when to ask again.
func (p *pause) next() time.Time {
	return p.asked.Add(probeAfter[min(p.refused, len(probeAfter))-1])
}

// turn says what a request may do now: go on (until and ask are zero), wait until
// then because of why, or ask whether that is still so and report it to answered.
// pressed is when an approver wanted it tried again: that makes it ask at once.
func (p *pause) turn(now, pressed time.Time) (until time.Time, why error, ask bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.why == nil {
		return time.Time{}, nil, false
	}
	setBack := now.Before(p.asked) // the clock; what was asked may be long ago
	switch next := p.next(); {
	case p.asking:
		return now.Add(probeSoon), p.why, false
	case now.Before(next) && pressed.Before(p.asked) && !setBack:
		return next, p.why, false
	}
	p.asking = true
	return time.Time{}, p.why, true
}

// answered ends an asking: with why it still turns the bot away, or nil.
func (p *pause) answered(why error, now time.Time) (until time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.asking = false
	if why == nil {
		p.why, p.asked = nil, now
		return time.Time{}
	}
	p.again(why, now)
	return p.next()
}

// tell notes that the operator has been told, or forgets it and reports whether
// they had been.
func (p *pause) tell(told bool) (before bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	before, p.told = p.told, told
	return before
}
