package request

import (
	"slices"
	"time"
)

// Action is what a request wants done to the Workfront user.
type Action string

// The actions.
const (
	Deactivate Action = "deactivate" // switch the user off: isActive=false
	Reactivate Action = "reactivate" // the way back: isActive=true
)

// Known reports whether it is an action: a newer version may have stored others.
func (a Action) Known() bool { return a == Deactivate || a == Reactivate }

// Active is the value of isActive that the action leaves behind.
func (a Action) Active() bool { return a == Reactivate }

// Meant picks the one that action is meant for from all the Workfront users with the
// e-mail that was asked for, and notes the others as its Twins. wanted is the
// Workfront ID where it is known; empty: only the e-mail is. requests are those that
// wfbot knows for each, by Workfront ID.
//
// Twins are usual: the Admin Console makes a new user of somebody who comes back, and
// leaves the old one inactive. For a deactivation the only active one is meant. For a
// reactivation the one that wfbot deactivated is, the last if there are several; never
// beside one that is active, since two active users of one e-mail cannot be told apart.
func Meant(action Action, wanted string, all []Target, requests map[string][]*Request) (Target, Refusal) {
	var active, inactive []Target
	for _, t := range all {
		if t.Active {
			active = append(active, t)
		} else {
			inactive = append(inactive, t)
		}
	}
	choose := func(t Target) (Target, Refusal) {
		for _, other := range all {
			if other.ID != t.ID {
				t.Twins = append(t.Twins, other.ID)
			}
		}
		return t, Allowed
	}
	switch {
	case len(all) == 0:
		return Target{}, RefusedNotFound
	case len(all) == 1 && (wanted == "" || wanted == all[0].ID):
		return choose(all[0]) // however it stands
	case action == Deactivate && len(active) == 0:
		return Target{}, RefusedInactive
	case action == Deactivate && len(active) > 1:
		return Target{}, RefusedAmbiguous
	case action == Deactivate:
		return choose(active[0])
	case len(active) > 0:
		return Target{}, RefusedActiveTwin
	case wanted != "":
		for _, t := range inactive {
			if t.ID == wanted {
				return choose(t)
			}
		}
		return Target{}, RefusedNotFound
	}
	var meant Target
	var last *Request
	for _, t := range inactive {
		if r := deactivatedByUs(requests[t.ID]); r != nil && (last == nil || r.WriteSentAt.After(last.WriteSentAt)) {
			meant, last = t, r
		}
	}
	if last == nil {
		return Target{}, RefusedAmbiguous
	}
	return choose(meant)
}

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
// its time is asked for again, a few times, and the card painted again.
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
