package bot

import (
	"context"
	"errors"
	"sync"
	"time"

	"wfbot/bot/request"
	"wfbot/workfront"
)

const (
	// probeEvery is how often a refused credential is tried again, by one call
	// for all requests together.
	probeEvery = time.Minute
	// probeSoon is when a request comes back that found another one asking.
	probeSoon = 2 * time.Second
)

// credential knows whether Workfront refuses the bot's credential. While it
// does, no request sends anything: each would be refused, and a tenant may lock
// an account that keeps knocking. Other processes on the same database find out
// for themselves. The zero value is a credential that nobody has refused.
type credential struct {
	mu      sync.Mutex
	refused bool
	asking  bool      // somebody is finding out whether it is still refused
	asked   time.Time // when that was last found out
}

// refuse notes that Workfront has refused the credential.
func (c *credential) refuse(now time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.refused, c.asked = true, now
}

// turn says what a request may do now: go on (both are zero), wait until then,
// or ask whether the credential still is refused and report that to told.
// pressed is when an approver wanted it tried again: that makes it ask at once.
func (c *credential) turn(now, pressed time.Time) (until time.Time, ask bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	next := c.asked.Add(probeEvery)
	setBack := now.Before(c.asked) // the clock; what was asked may be long ago
	switch {
	case !c.refused:
		return time.Time{}, false
	case c.asking:
		return now.Add(probeSoon), false
	case now.Before(next) && pressed.Before(c.asked) && !setBack:
		return next, false
	}
	c.asking = true
	return time.Time{}, true
}

// told ends an asking.
func (c *credential) told(refused bool, now time.Time) (until time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.asking, c.refused, c.asked = false, refused, now
	if !refused {
		return time.Time{}
	}
	return now.Add(probeEvery)
}

// held returns until when r has to wait because the credential is refused; zero
// if it may go on. One of the waiting requests asks for all.
func (b *Bot) held(ctx context.Context, r *request.Request) time.Time {
	until, ask := b.credential.turn(b.now(), lastPressed(r))
	if !ask {
		return until
	}
	user, err := b.config.Workfront.Whoami(ctx)
	var problem *workfront.Error
	switch {
	case errors.Is(err, workfront.ErrUnauthorized):
		b.alarmCredential(ctx)
		return b.credential.told(true, b.now())
	case errors.As(err, &problem) && problem.Temporary(), cut(ctx):
		b.log.Warn("not known whether Workfront still refuses the credential", "error", err)
		return b.credential.told(true, b.now())
	}
	if err == nil {
		b.selfWF.Store(&user.ID)
	}
	goOn := b.credential.told(false, b.now())
	b.alarms.forget(credentialRefused)
	b.log.Info("Workfront accepts the credential again")
	b.note(ctx, "Workfront accepts wfbot's credential again. What was waiting for that goes on.")
	return goOn
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

// credentialRefused is what the operator is told about, as a word for alarm.
const credentialRefused = "Workfront refuses the credential"

func (b *Bot) alarmCredential(ctx context.Context) {
	b.alarm(ctx, credentialRefused, "Workfront refuses wfbot's credential. Everything approved waits, and nothing is lost, until the credential works again. "+
		"If it has been revoked or has expired, replace WORKFRONT_API_KEY or the OAuth2 settings and restart wfbot.")
}

// credentialRefused notes that a call was refused with the credential, and says
// until when nothing is sent.
func (b *Bot) credentialRefused(ctx context.Context) (until time.Time) {
	b.credential.refuse(b.now())
	b.alarmCredential(ctx)
	return b.now().Add(probeEvery)
}

// holding is what becomes of a request whose call was refused with the
// credential: it waits like all others.
func (b *Bot) holding(ctx context.Context, err error, accepted bool) change {
	until := b.credentialRefused(ctx)
	return func(r *request.Request) error { return r.Hold(explain(err), accepted, until, b.now()) }
}
