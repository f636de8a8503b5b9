// Package loop is the claim loop: it hands each row that is due to a goroutine,
// under a lease, which does the one thing that the row needs now.
//
// There is one loop for each [Kind] of row, with places of its own: however long one
// kind takes, the others go on. A loop claims a row if it has a place, or else
// sleeps until its earliest row is due, [Loops.Wake] is called, or a second has
// passed: other processes may share the database, and a clock may be set or a
// machine suspended. When a step ends all loops look again, since the row, or
// another one, may want something else now.
//
// A step runs under a deadline that is shorter than its lease. It deals itself with
// what goes wrong outside; an error means that its result could not be stored, and
// the claim is given back, so that the step is soon done again. A row that cannot be
// decoded, a transition that there is not and a panic would end like that each time:
// then the row is set aside, and the others go on. A crash leaves the
// claim to end with its lease, or with the next start.
//
// When [Loops.Run] is asked to end no row is claimed any more, and steps in hand may
// go on for [ShutdownGrace].
package loop

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"wfbot/bot/request"
	"wfbot/bot/store"
)

const (
	// LeaseFor is how long a claim is to keep others away. Every step ends before:
	// stepFor is its deadline, and a write renews the lease just before it is sent.
	LeaseFor = 60 * time.Second
	stepFor  = 45 * time.Second
	// ShutdownGrace is how long the steps in hand may go on after Run was asked to
	// end. What they found out is stored after that, and what stops the process
	// waits 10 seconds for its end before it kills it (docker stop).
	ShutdownGrace = 6 * time.Second
	// lookEvery bounds how long a loop sleeps.
	lookEvery = time.Second
	// againAfter is when a row comes back whose step could not be stored.
	againAfter = time.Second
	// asideFor bounds setting a row aside and telling people so.
	asideFor = 10 * time.Second
)

// Step is what is to be done with a claimed row.
type Step struct {
	Row   string      // names the row in the log and to the operator
	Lease store.Lease // under which it was claimed, for LeaseFor
	// Do does it, stores the result under the lease and ends the claim. An error
	// means that the result could not be stored.
	Do func(context.Context) error
	// Aside tells whomever it concerns that the row has been set aside; may be nil.
	Aside func(context.Context)
}

// Kind is one kind of row.
type Kind struct {
	// Claim takes the next row that is due; nil if there is none. An error means that
	// the database does not answer.
	Claim func(context.Context) (*Step, error)
	// Next is when the next row is due; not ok if none is waiting for a time.
	Next   func(ctx context.Context, now time.Time) (at time.Time, ok bool, err error)
	Places int // how many rows are worked on at once
}

// Config is what loops work with. All fields must be set.
type Config struct {
	Kinds []Kind
	// Release gives a claim back: the row is due again after wait.
	Release func(ctx context.Context, lease store.Lease, wait time.Duration) error
	// SetAside ends a claim on a row that cannot be handled, because of why, and tells
	// the operator.
	SetAside func(ctx context.Context, lease store.Lease, row string, why error) error
	// Failed is told each time that the database did not do what it was asked to. It
	// must not block.
	Failed func(error)
	// NotStored is told, besides, that the result of a step was lost.
	NotStored func(ctx context.Context, row string, err error)

	Log *slog.Logger
	Now func() time.Time // the time of day
}

// Loops are the claim loops of one process.
type Loops struct {
	config Config
	log    *slog.Logger
	wake   []chan struct{} // there is something to look at, by kind

	made   time.Time
	looked []atomic.Int64 // when a loop looked for a row last, in nanoseconds since made; by kind
}

// New returns loops that do not run yet.
func New(config Config) *Loops {
	l := &Loops{config: config, log: config.Log, made: time.Now(), looked: make([]atomic.Int64, len(config.Kinds))}
	for range config.Kinds {
		l.wake = append(l.wake, make(chan struct{}, 1))
	}
	return l
}

// Wake makes the loops look at once, or as soon as they run. It never blocks, and
// may be called by several goroutines.
func (l *Loops) Wake() {
	for _, wake := range l.wake {
		select {
		case wake <- struct{}{}:
		default: // it will look anyway
		}
	}
}

// stuckAfter is longer than any step may take, all its tries to store a result included.
const stuckAfter = 3 * LeaseFor

// Working is nil while each loop looks for rows. It returns an error if one has not
// looked for so long that no step, however slow, can be the reason: only a new start helps.
func (l *Loops) Working() error {
	for i := range l.looked {
		if idle := time.Since(l.made) - time.Duration(l.looked[i].Load()); idle > stuckAfter {
			return fmt.Errorf("a loop has not looked for work for %v", idle.Round(time.Second))
		}
	}
	return nil
}

// Run works until ctx ends, and returns when the steps in hand have ended. It is
// called once.
func (l *Loops) Run(ctx context.Context) {
	effects, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	// Steps may go on for a while after ctx has ended, but not for ever.
	grace := context.AfterFunc(ctx, func() {
		select {
		case <-time.After(ShutdownGrace):
			cancel()
		case <-effects.Done():
		}
	})
	defer grace()

	var running sync.WaitGroup
	for i, kind := range l.config.Kinds {
		running.Go(func() { l.loop(ctx, effects, &running, kind, l.wake[i], &l.looked[i]) })
	}
	running.Wait()
}

// loop hands each due row of a kind to a goroutine of its own, until ctx ends.
func (l *Loops) loop(ctx, effects context.Context, running *sync.WaitGroup, kind Kind, wake <-chan struct{}, looked *atomic.Int64) {
	places := make(chan struct{}, kind.Places)
	for {
		select {
		case places <- struct{}{}:
		case <-ctx.Done():
			return
		}
		looked.Store(int64(time.Since(l.made)))
		step, err := kind.Claim(effects)
		if step != nil { // also when ctx has ended meanwhile: the row is ours
			running.Go(func() {
				defer func() {
					<-places
					l.Wake()
				}()
				l.run(effects, step)
			})
			continue
		}
		<-places
		if ctx.Err() != nil {
			return
		}
		if err != nil {
			l.log.Warn("the database does not answer, trying again", "error", err)
			l.config.Failed(err)
			select {
			case <-time.After(lookEvery):
			case <-ctx.Done():
			}
			continue
		}
		l.rest(ctx, kind, wake)
	}
}

// rest waits until a row is due, somebody wakes the loop, or lookEvery has passed.
func (l *Loops) rest(ctx context.Context, kind Kind, wake <-chan struct{}) {
	wait := lookEvery
	if at, ok, err := kind.Next(ctx, l.config.Now()); err == nil && ok {
		wait = max(time.Millisecond, min(wait, at.Sub(l.config.Now())))
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-wake:
	case <-timer.C:
	case <-ctx.Done():
	}
}

// run runs a step under its deadline. If its result could not be stored the row is
// soon tried again.
func (l *Loops) run(ctx context.Context, step *Step) {
	ctx, cancel := context.WithTimeout(context.WithValue(ctx, rowKey{}, step.Row), stepFor)
	defer cancel()
	err := l.do(ctx, step)
	switch {
	case err == nil:
		return
	case errors.Is(err, store.ErrLeaseLost):
		l.log.Warn("a result came too late: somebody else has the row", "row", step.Row)
		return
	case errors.Is(err, store.ErrConflict):
		l.log.Info("a row changed meanwhile, doing its step again", "row", step.Row)
	case willNotPass(err):
		l.setAside(context.WithoutCancel(ctx), step, err)
		return
	case errors.Is(ctx.Err(), context.Canceled):
		l.log.Warn("a step was cut short by the shutdown; the next start goes on with it", "row", step.Row, "error", err)
	default:
		l.config.Failed(err)
		l.config.NotStored(ctx, step.Row, err)
	}
	if err := l.config.Release(context.WithoutCancel(ctx), step.Lease, againAfter); err != nil {
		l.log.Error("a claim could not be given back; it is taken up again", "row", step.Row, "error", err)
	}
}

type rowKey struct{}

// Row returns the [Step.Row] of the step that ctx was made for; "" for none.
func Row(ctx context.Context) string {
	row, _ := ctx.Value(rowKey{}).(string)
	return row
}

// panicError is a step that panicked.
type panicError struct{ value any }

// Error does not say with what: that may be text from outside, and is in the log.
func (e *panicError) Error() string {
	return fmt.Sprintf("a panic in its step (%T); the log says where", e.value)
}

// do does a step. A panic ends the step and nothing else.
func (l *Loops) do(ctx context.Context, step *Step) (err error) {
	defer func() {
		if value := recover(); value != nil {
			l.log.Error("a step panicked", "row", step.Row, "panic", value, "stack", string(debug.Stack()))
			err = &panicError{value}
		}
	}()
	return step.Do(ctx)
}

// willNotPass reports whether a step would end like that however often it is tried.
func willNotPass(err error) bool {
	_, panicked := errors.AsType[*panicError](err)
	_, impossible := errors.AsType[*request.ImpossibleError](err)
	return panicked || impossible || store.Unreadable(err)
}

// setAside sets a row aside that cannot be handled: the others go on.
func (l *Loops) setAside(ctx context.Context, step *Step, why error) {
	ctx, cancel := context.WithTimeout(ctx, asideFor)
	defer cancel()
	if err := l.config.SetAside(ctx, step.Lease, step.Row, why); err != nil { // claimed again, and set aside then
		l.log.Error("a row could not be set aside; it is taken up again", "row", step.Row, "error", err)
		l.config.Failed(err)
		return
	}
	if step.Aside != nil {
		step.Aside(ctx)
	}
}
