package slackapi

import (
	"context"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"
)

// FactsFor is how old facts about people and channels may be when a rule is applied to
// them.
const FactsFor = 60 * time.Second

// facts keeps what was found out for FactsFor. It may be used by several goroutines.
type facts struct {
	now    func() time.Time
	flight singleflight.Group // one call for a crowd that asks the same

	mu    sync.Mutex
	known map[string]fact
}

type fact struct {
	value any
	asked time.Time // with its monotonic reading, if the clock has one
}

func newFacts(now func() time.Time) *facts { return &facts{now: now, known: map[string]fact{}} }

// fresh reports whether the fact may be used at now. The time of day may have been
// set back since it was asked for, and the monotonic clock stands still while a
// machine sleeps: both have to say so.
func (f fact) fresh(now time.Time) bool {
	monotonic, ofDay := now.Sub(f.asked), now.Round(0).Sub(f.asked.Round(0))
	return min(monotonic, ofDay) >= 0 && max(monotonic, ofDay) < FactsFor
}

// Known returns the fact that the client keeps under key, or asks for it. It is at
// most FactsFor old, counted from when it was asked for. An error is not kept. All who
// want the same fact at once wait for one question, which is asked under a context
// of its own, for up to Timeout: it does not fail because one of them gave up. The
// same key must always be used with the same T.
func Known[T any](ctx context.Context, c *Client, key string, ask func(context.Context) (T, error)) (T, error) {
	f := c.facts
	f.mu.Lock()
	kept, ok := f.known[key]
	f.mu.Unlock()
	if ok && kept.fresh(f.now()) {
		return kept.value.(T), nil
	}
	answer := f.flight.DoChan(key, func() (any, error) {
		asked := f.now() // the answer may be as old as the question
		// The answer serves everybody who waits for it, so it must not fail
		// because the first of them gave up.
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), Timeout)
		defer cancel()
		value, err := ask(ctx)
		if err != nil {
			return value, err
		}
		f.mu.Lock()
		defer f.mu.Unlock()
		f.forgetOld()
		f.known[key] = fact{value, asked}
		return value, nil
	})
	var none T
	select {
	case result := <-answer:
		if result.Err != nil {
			return none, result.Err
		}
		return result.Val.(T), nil
	case <-ctx.Done():
		return none, ctx.Err()
	}
}

// forget makes the fact be asked for again.
func (f *facts) forget(key string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.known, key)
}

// forgetIf makes the fact be asked for again if it is known and is returns true for it.
func (f *facts) forgetIf(key string, is func(known any) bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if kept, ok := f.known[key]; ok && is(kept.value) {
		delete(f.known, key)
	}
}

// forgetOld keeps the cache to what may still be used; f.mu is held.
func (f *facts) forgetOld() {
	now := f.now()
	for key, kept := range f.known {
		if !kept.fresh(now) {
			delete(f.known, key)
		}
	}
}
