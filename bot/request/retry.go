package request

import "time"

// Retry counts the failures of one kind of outside effect and says when it is
// tried again. The zero value means: no failure, now.
type Retry struct {
	Failures int       `json:"failures,omitempty"`
	Since    time.Time `json:"since,omitzero"` // first failure of the row
	At       time.Time `json:"at,omitzero"`    // not before
}

// Failed returns the next Retry after one more failure at now. wait, when
// positive, is how long the other side asked us to wait (Retry-After).
func (r Retry) Failed(now time.Time, wait time.Duration) Retry {
	if r.Failures == 0 {
		r.Since = now
	}
	r.Failures++
	r.At = now.Add(max(wait, pause(r.Failures)))
	return r
}

// GivenUp reports whether the next try would come after the whole of RetryFor.
// It does not look at the clock: a program that was not running for two days
// still tries once more.
func (r Retry) GivenUp() bool {
	return r.Failures > 0 && r.At.Sub(r.Since) >= RetryFor
}

const (
	// RetryFor is how long a failing effect is tried again before it is given
	// up. Adobe's maintenance windows last up to 40 hours.
	RetryFor = 48 * time.Hour

	firstPause   = 2 * time.Second
	longestPause = 30 * time.Minute
)

// pause is the wait after the n-th failure in a row: 2 s, 4 s, … up to 30 min.
func pause(n int) time.Duration {
	d := firstPause
	for ; n > 1 && d < longestPause; n-- {
		d *= 2
	}
	return min(d, longestPause)
}
