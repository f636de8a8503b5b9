package socket

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// Pace limits how often a process calls apps.connections.open, over all its
// connections together. The calls follow a token bucket: Burst at once, then one
// per Every. Slack's own pages and SDKs disagree about the limit (1 or 50 calls a
// minute); a Retry-After from Slack is obeyed on top.
type Pace struct {
	// Every is how long it takes until the bucket gains one call.
	Every time.Duration
	// Burst is the bucket's size: how many calls may follow each other after a
	// quiet time.
	Burst int
	// Spacing is the shortest time between two calls. It also staggers the
	// connections, so that Slack, which gives connections opened together the same
	// age, does not recycle them together.
	Spacing time.Duration
	// Jitter is the upper bound of a random delay added to every call but the
	// first, so that the processes of one app do not reconnect in step.
	Jitter time.Duration
}

// defaultPace allows at most 8 calls in any 60 s, however fast connections fail,
// and at most 12 s between two calls while a connection is missing.
var defaultPace = Pace{Every: 11 * time.Second, Burst: 3, Spacing: 3 * time.Second, Jitter: time.Second}

func (p Pace) validate() error {
	if p.Every <= 0 || p.Burst <= 0 || p.Spacing < 0 || p.Jitter < 0 {
		return errors.New("pace: want Every and Burst positive, Spacing and Jitter not negative")
	}
	return nil
}

// throttle applies a Pace. It is safe for concurrent use.
type throttle struct {
	pace   Pace
	bucket *rate.Limiter

	mu     sync.Mutex
	last   time.Time // of the latest call reserved; zero before the first
	closed time.Time // no call before this moment, whatever was reserved
}

func newThrottle(p Pace) *throttle {
	return &throttle{pace: p, bucket: rate.NewLimiter(rate.Every(p.Every), p.Burst)}
}

// reserve returns the earliest moment when the caller may make one call.
func (t *throttle) reserve(now time.Time) time.Time {
	t.mu.Lock()
	defer t.mu.Unlock()
	at := now.Add(t.bucket.ReserveN(now, 1).DelayFrom(now))
	if !t.last.IsZero() {
		at = later(at, t.last.Add(t.pace.Spacing))
		if t.pace.Jitter > 0 {
			at = at.Add(rand.N(t.pace.Jitter))
		}
	}
	t.last = at
	return at
}

// holdOff forbids calls until then, those reserved already included.
func (t *throttle) holdOff(until time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.closed = later(t.closed, until)
}

func (t *throttle) closedUntil() time.Time {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.closed
}

// wait returns nil when the caller may make one call, or ctx's error.
func (t *throttle) wait(ctx context.Context) error {
	at := t.reserve(time.Now())
	for {
		// Read again after each pause: another connection may meanwhile have been
		// told to wait longer.
		at = later(at, t.closedUntil())
		pause := time.Until(at)
		if pause <= 0 {
			return ctx.Err()
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
