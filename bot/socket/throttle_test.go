package socket

import (
	"slices"
	"testing"
	"time"
)

// TestThrottle runs connections that fail the moment they are opened against the
// default pace on a clock of its own, for ten minutes.
func TestThrottle(t *testing.T) {
	t.Parallel()
	start := time.Unix(1_700_000_000, 0)
	for _, connections := range []int{1, 2, 10} {
		calls := failing(start, connections)
		if other := failing(start, connections); slices.Equal(calls, other) {
			t.Errorf("%d connections: two processes call in step", connections)
		}
		if !calls[0].Equal(start) {
			t.Errorf("%d connections: first call after %v, want at once", connections, calls[0].Sub(start))
		}
		for i, at := range calls {
			inAMinute := 0
			for _, other := range calls[i:] {
				if other.Sub(at) < time.Minute {
					inAMinute++
				}
			}
			if inAMinute > 8 {
				t.Errorf("%d connections: %d calls in the minute from %v on, want 8 at most", connections, inAMinute, at.Sub(start))
			}
			if i > 0 {
				gap := at.Sub(calls[i-1])
				if gap < 2*time.Second || gap > 12*time.Second {
					t.Errorf("%d connections: %v between two calls, want about 3 s to 12 s", connections, gap)
				}
			}
		}
	}
}

// failing returns the calls of ten minutes while every connection fails at once.
func failing(start time.Time, connections int) (calls []time.Time) {
	th := newThrottle(defaultPace)
	waiting := make([]time.Time, connections) // when each may call next
	for i := range waiting {
		waiting[i] = th.reserve(start)
	}
	for {
		slices.SortFunc(waiting, time.Time.Compare)
		now := waiting[0]
		if now.Sub(start) > 10*time.Minute {
			return calls
		}
		calls = append(calls, now)
		waiting[0] = th.reserve(now)
	}
}
