package operator

import (
	"errors"
	"testing"
	"time"
)

// A refusal is asked about again after 2, 5 and 15 seconds and then each minute, so
// that a stray one costs nobody a minute; after it was over for a short while only,
// it goes on from there.
func TestPausesWhileTurnedAway(t *testing.T) {
	t.Parallel()
	var a pause
	no, now := errors.New("refused"), time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC)
	asks := func(pressed time.Time, wait time.Duration) {
		t.Helper()
		if wait > 0 {
			if until, why, ask := a.turn(now.Add(wait-time.Millisecond), pressed); ask || why == nil || !until.Equal(now.Add(wait)) {
				t.Fatalf("just before %v it waits until %v, asks: %v", wait, until.Sub(now), ask)
			}
		}
		now = now.Add(wait)
		if until, why, ask := a.turn(now, pressed); !ask || why == nil || !until.IsZero() {
			t.Fatalf("after %v it does not ask, but waits until %v", wait, until.Sub(now))
		}
		if until, _, ask := a.turn(now, pressed); ask || !until.Equal(now.Add(probeSoon)) {
			t.Fatalf("two ask at once")
		}
	}
	answered := func(why error, want time.Duration) {
		t.Helper()
		if until := a.answered(why, now); why == nil && !until.IsZero() || why != nil && !until.Equal(now.Add(want)) {
			t.Fatalf("the next question is %v away, want %v", until.Sub(now), want)
		}
	}
	if until, _, ask := a.turn(now, time.Time{}); ask || !until.IsZero() {
		t.Fatal("it waits although nobody has been turned away")
	}
	if until, fresh := a.refuse(no, now); !fresh || !until.Equal(now.Add(2*time.Second)) {
		t.Fatalf("after the first refusal it waits for %v, fresh: %v", until.Sub(now), fresh)
	}
	if until, fresh := a.refuse(no, now.Add(time.Second)); fresh || !until.Equal(now.Add(2*time.Second)) {
		t.Fatalf("a call that was under way makes it wait for %v, fresh: %v", until.Sub(now), fresh)
	}
	asks(time.Time{}, 2*time.Second)
	answered(no, 5*time.Second)
	asks(time.Time{}, 5*time.Second)
	answered(no, 15*time.Second)
	asks(time.Time{}, 15*time.Second)
	answered(no, time.Minute)
	asks(time.Time{}, time.Minute)
	answered(no, time.Minute)
	asks(now.Add(time.Second), 0) // Retry now
	answered(no, time.Minute)
	asks(time.Time{}, time.Minute)
	answered(nil, 0)

	now = now.Add(time.Second)
	if until, fresh := a.refuse(no, now); fresh || !until.Equal(now.Add(time.Minute)) {
		t.Errorf("refused again at once it waits for %v, fresh: %v", until.Sub(now), fresh)
	}
	asks(time.Time{}, time.Minute)
	answered(nil, 0)
	now = now.Add(steadyAfter + time.Second)
	if until, fresh := a.refuse(no, now); !fresh || !until.Equal(now.Add(2*time.Second)) {
		t.Errorf("refused much later it waits for %v, fresh: %v", until.Sub(now), fresh)
	}
	now = now.Add(-time.Hour) // the clock is set back
	asks(time.Time{}, 0)
}
