package request

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
// Twins are usual: the Admin Console makes a new user of who comes back, and leaves the
// old one inactive. For a deactivation the only active one is meant. For a reactivation
// the one that wfbot deactivated is, the last if there are several; never beside one
// that is active, since two active users of one e-mail cannot be told apart.
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
