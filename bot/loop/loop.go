// Package loop is the claim loop: it hands each row that is due to a goroutine,
// under a lease, which does the one thing that the row needs now.
//
// There is one loop for each [Kind] of row, with places of its own: however long one
// kind takes, the others go on. A loop claims a row if it has a place and there is one,
// as far as is known: the store tells of what this process commits ([Loops.Due]), so that
// a loop is woken only by what concerns it. What has become due by the passing of time,
// or has been committed by another process on the same database, is found by one question
// for all kinds: when the first row is due, after a loop has found nothing, and each
// second, since a clock may be set or a machine suspended.
//
// A step runs under a deadline that is shorter than its lease. It deals itself with
// what goes wrong outside; an error means that its result could not be stored, and
// the claim is given back, so that the step is soon done again. A row that cannot be
// decoded, a transition that does not exist and a panic would end like that each time:
// then the row is set aside, and the others go on. A crash leaves the claim to end with
// its lease, or with the next start.
//
// A step whose claim is not held any more, since the database lost sight of this process, is
// cut short, except for what it has sent ([Sent]).
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
	// lookEvery is how often the database is asked what is due at least, and lookAfter
	// how long after it was asked at the soonest.
	lookEvery = time.Second
	lookAfter = 20 * time.Millisecond
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
	// Aside tells those it concerns that the row has been set aside; may be nil.
	Aside func(context.Context)
}

// Kind is one kind of row.
type Kind struct {
	// Claim takes the next row that is due; nil if there is none. An error means that
	// the database does not answer.
	Claim func(context.Context) (*Step, error)
	// Waiting are the rows that Claim may take now.
	Waiting func() store.Waiting
	Table   store.Table // where they are
	Places  int         // how many rows are worked on at once
	// Limited: rows may wait for more than a place until a step of the kind ends.
	Limited bool
}

// Once is the kind, without rows to claim before ready reports true. Whoever makes it
// true wakes the loops.
func (k Kind) Once(ready func() bool) Kind {
	claim, waiting := k.Claim, k.Waiting
	k.Claim = func(ctx context.Context) (*Step, error) {
		if !ready() {
			return nil, nil
		}
		return claim(ctx)
	}
	k.Waiting = func() store.Waiting {
		if !ready() {
			return store.Waiting{}
		}
		return waiting()
	}
	return k
}

// Config is what loops work with. All fields must be set.
type Config struct {
	Kinds []Kind
	// Next is when the first row of each of these is due; the zero time: none is.
	Next func(ctx context.Context, now time.Time, of ...store.Waiting) ([]time.Time, error)
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
	kinds  []*kind

	look chan struct{} // something has to be looked at sooner than was known

	mu    sync.Mutex
	stale bool // the database has to be asked again soon

	watched moment // when it was last seen to that the loops are woken
}

// kind is one loop.
type kind struct {
	Kind
	places chan struct{}
	wake   chan struct{} // there is something to claim
	wanted atomic.Int64  // how many rows can be claimed, as far as is known
	looked moment        // when it looked for a row last, or since when one is wanted

	// Guarded by mu of Loops.
	next  time.Time // when the next row can be claimed, as far as is known; zero: not soon
	known bool      // of all rows, not just of those that this process has told of
}

// all is more rows than there are: claim until there is none.
const all = 1 << 40

// New returns loops that do not run yet.
func New(config Config) *Loops {
	l := &Loops{config: config, log: config.Log, look: make(chan struct{}, 1)}
	l.watched.set()
	for _, k := range config.Kinds {
		l.kinds = append(l.kinds, &kind{Kind: k, places: make(chan struct{}, k.Places), wake: make(chan struct{}, 1)})
	}
	return l
}

// Wake makes all loops look at once, or as soon as they run. It never blocks, and
// may be called by several goroutines.
func (l *Loops) Wake() {
	for _, k := range l.kinds {
		k.want(all)
	}
}

// Due says that one more row of a table can be claimed from a time on; with the zero time,
// that some may be, however many. It is as Wake otherwise.
func (l *Loops) Due(table store.Table, at time.Time) {
	now := l.config.Now()
	for _, k := range l.kinds {
		switch {
		case k.Table != table:
		case at.IsZero():
			k.want(all)
		case !at.After(now):
			k.want(1)
		case at.Before(now.Add(lookEvery)): // else it is found in time
			l.mu.Lock()
			sooner := k.next.IsZero() || at.Before(k.next)
			if sooner {
				k.next = at
			}
			l.mu.Unlock()
			if sooner {
				signal(l.look)
			}
		}
	}
}

// want has rows claimed.
func (k *kind) want(rows int64) {
	if k.wanted.Add(rows) == rows { // there was none
		k.looked.set()
	}
	signal(k.wake)
}

// signal wakes whoever waits for c, now or next.
func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default: // it will look anyway
	}
}

// moment is a time that several goroutines set and compare, by the clock that nobody
// sets. The zero value is none.
type moment struct{ at atomic.Pointer[time.Time] }

func (m *moment) set() {
	now := time.Now()
	m.at.Store(&now)
}

// since is how long ago it was; 0 for none.
func (m *moment) since() time.Duration {
	if at := m.at.Load(); at != nil {
		return time.Since(*at)
	}
	return 0
}

// stuckAfter is longer than any step may take, all its tries to store a result included.
const stuckAfter = 3 * LeaseFor

// Working is nil while the loops look for rows. It returns an error if one has not
// looked for so long that no step, however slow, can be the reason: only a new start helps.
func (l *Loops) Working() error {
	idle := l.watched.since()
	for _, k := range l.kinds {
		if k.wanted.Load() > 0 {
			idle = max(idle, k.looked.since())
		}
	}
	if idle > stuckAfter {
		return fmt.Errorf("a loop has not looked for work for %v", idle.Round(time.Second))
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

	l.Wake() // whatever was due before
	var running sync.WaitGroup
	running.Go(func() { l.watch(ctx) })
	for _, k := range l.kinds {
		running.Go(func() { l.loop(ctx, effects, &running, k) })
	}
	running.Wait()
}

// loop hands each due row of a kind to a goroutine of its own, until ctx ends.
func (l *Loops) loop(ctx, effects context.Context, running *sync.WaitGroup, k *kind) {
	for k.awaits(ctx) {
		k.looked.set()
		wanted := k.wanted.Load()
		step, err := k.Claim(effects)
		if step != nil { // also when ctx has ended meanwhile: the row is ours
			k.wanted.Add(-1)
			running.Go(func() {
				defer k.leave()
				l.run(effects, step)
			})
			continue
		}
		<-k.places
		switch {
		case ctx.Err() != nil:
			return
		case err != nil:
			l.log.Warn("the database does not answer, trying again", "error", err)
			l.config.Failed(err)
			select {
			case <-time.After(lookEvery):
			case <-ctx.Done():
			}
		case k.wanted.CompareAndSwap(wanted, 0): // else more is wanted since
			l.emptied(k)
		}
	}
}

// awaits takes a place, and waits until there is something to claim. It is false when
// ctx has ended.
func (k *kind) awaits(ctx context.Context) bool {
	select {
	case k.places <- struct{}{}:
	case <-ctx.Done():
		return false
	}
	for k.wanted.Load() == 0 {
		select {
		case <-k.wake:
		case <-ctx.Done():
			return false
		}
	}
	return ctx.Err() == nil
}

// leave frees a place.
func (k *kind) leave() {
	<-k.places
	if k.Limited {
		k.want(1)
	}
}

// emptied is for a kind with no row left to claim.
func (l *Loops) emptied(k *kind) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !k.known {
		l.stale = true
		signal(l.look)
	}
}

// watch wakes the loops when rows of theirs become due, until ctx ends.
func (l *Loops) watch(ctx context.Context) {
	var asked time.Time
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-l.look:
		case <-timer.C:
		case <-ctx.Done():
			return
		}
		l.watched.set()
		wait := l.pause() - time.Since(asked)
		if wait <= 0 {
			asked, wait = time.Now(), lookEvery
			l.ask(ctx)
		}
		timer.Reset(min(wait, l.wakeDue()))
	}
}

// pause is how long after the last time the database is to be asked.
func (l *Loops) pause() time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.stale {
		return lookAfter
	}
	return lookEvery
}

// ask finds out when the next row of each kind is due.
func (l *Loops) ask(ctx context.Context) {
	var of []store.Waiting
	l.mu.Lock()
	l.stale = false
	for _, k := range l.kinds {
		k.next, k.known = time.Time{}, true // what is told of meanwhile is added
		of = append(of, k.Waiting())
	}
	l.mu.Unlock()
	next, err := l.config.Next(ctx, l.config.Now(), of...)
	if err != nil { // those who claim say so
		l.Wake()
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for i, k := range l.kinds {
		if at := next[i]; !at.IsZero() && (k.next.IsZero() || at.Before(k.next)) {
			k.next = at
		}
	}
}

// wakeDue wakes the loops that have something to claim by now, and returns how long
// it takes until the next one has, lookEvery at most.
func (l *Loops) wakeDue() time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	wait, now := lookEvery, l.config.Now()
	for _, k := range l.kinds {
		switch {
		case k.next.IsZero():
		case k.next.After(now):
			wait = min(wait, k.next.Sub(now))
		default:
			k.next, k.known = time.Time{}, false // others may follow it
			k.want(all)
		}
	}
	return max(wait, time.Millisecond)
}

// run runs a step under its deadline. If its result could not be stored the row is
// soon tried again.
func (l *Loops) run(ctx context.Context, step *Step) {
	ctx, cancel := context.WithTimeout(context.WithValue(ctx, rowKey{}, step.Row), stepFor)
	defer cancel()
	held, lose := context.WithCancel(context.WithValue(ctx, unheld{}, ctx))
	defer lose()
	defer context.AfterFunc(step.Lease.Held(), lose)()
	err := l.do(held, step)
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
	case ctx.Err() == nil && held.Err() != nil:
		l.log.Warn("a step was cut short because the database lost contact with this process; doing it again", "row", step.Row, "error", err)
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

// unheld is the key of a step's context that goes on when its lease is not held any more.
type unheld struct{}

// Sent is the context of a step for what has been recorded as sent: unlike others, that
// claim is not voided before its time, and the step ends only with its deadline or the
// shutdown.
func Sent(ctx context.Context) context.Context {
	if sent, ok := ctx.Value(unheld{}).(context.Context); ok {
		return sent
	}
	return ctx
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
