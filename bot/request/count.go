package request

import (
	"slices"
	"time"
)

// Holding is how many things of a kind the target has in Workfront, as far as
// that could be read.
type Holding struct {
	Kind  string `json:"kind"` // package card has its name
	Count int    `json:"count,omitempty"`
	// AtLeast: there may be more than Count.
	AtLeast bool `json:"at_least,omitempty"`
	// Trouble says, for people, why the count is not known; empty: it is.
	Trouble string `json:"trouble,omitempty"`
	// Pending: it is not known yet, and will be asked for again.
	Pending bool `json:"pending,omitempty"`
}

// maxCounts is how often what the target holds is read before a count stays
// unknown: people decide with what is known.
const maxCounts = 5

// NeedsCount reports whether what the target holds should be read: while people
// decide, until everything that can be known is.
func (r *Request) NeedsCount() bool {
	if r.State != Pending || r.Action != Deactivate || r.Counts >= maxCounts {
		return false
	}
	return r.Counts == 0 || slices.ContainsFunc(r.Holdings, func(h Holding) bool { return h.Pending })
}

// Counted takes what was read of what the target holds. What could not be read in
// its time is asked for again, a few times, and the card painted anew.
func (r *Request) Counted(holdings []Holding, now time.Time) error {
	if r.State != Pending {
		return nil // decided meanwhile: nobody needs it any more
	}
	r.Counts++
	known := r.Holdings
	r.Holdings = slices.Clone(holdings)
	for i, h := range r.Holdings { // what was read once is better than nothing now
		j := slices.IndexFunc(known, func(k Holding) bool { return k.Kind == h.Kind && k.Trouble == "" && !k.Pending })
		if h.Trouble != "" && j >= 0 {
			r.Holdings[i] = known[j]
		}
	}
	r.CountRetry = r.CountRetry.Failed(now, 0)
	if r.Counts >= maxCounts {
		for i := range r.Holdings {
			r.Holdings[i].Pending = false
		}
	}
	r.Look++
	return nil
}

// CountLater puts the next reading off until then, without counting one.
func (r *Request) CountLater(until time.Time) { r.CountRetry.At = later(r.CountRetry.At, until) }
