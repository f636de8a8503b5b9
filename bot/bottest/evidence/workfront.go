package evidence

import (
	"cmp"
	"net/http"
	"slices"
	"strings"
	"time"

	"wfbot/bot/bottest/invariant"
	"wfbot/workfront/workfrontsim"
)

// calls returns the reads of single users that were answered, and everything
// that was written to isActive or tried to, in order of time.
func calls(s *workfrontsim.Server) []invariant.Call {
	writes, bot := s.Writes(), s.Caller().ID
	var all []invariant.Call
	for _, c := range s.Journal() {
		switch {
		case c.Operation == "user/get" && answered(c):
			for _, id := range c.Targets {
				if active, known := activeAt(s, writes, id, c.Time); known {
					all = append(all, invariant.Call{At: c.Time, UserID: id, Active: active, Other: c.CallerID != bot})
				}
			}
		case c.Operation == "user/put" && !slices.ContainsFunc(writes, func(w workfrontsim.Write) bool { return w.Call == c.Seq }):
			// It arrived and was not applied: lost, refused, or without effect.
			for _, id := range c.Targets {
				all = append(all, invariant.Call{
					At: c.Time, UserID: id, Write: true, Active: !strings.Contains(c.Body+c.Query, "false"),
					Other: c.CallerID != "" && c.CallerID != bot,
				})
			}
		}
	}
	for _, w := range writes {
		all = append(all, invariant.Call{
			At: w.At, UserID: w.UserID, Write: true, Active: w.To, Effective: w.Effective(), Other: w.Call == 0 || w.CallerID != bot,
		})
	}
	slices.SortStableFunc(all, func(a, b invariant.Call) int { return a.At.Compare(b.At) })
	return all
}

// answered reports whether a read told its caller the user. Faults that show the
// user all the same are the ones named after their kind. The journal learns of an
// answer a moment after the caller has it.
func answered(c workfrontsim.Call) bool {
	underWay := !c.Done && c.Applied
	if !underWay && (c.Status != http.StatusOK || c.Error != "") {
		return false
	}
	kind, _, _ := strings.Cut(cmp.Or(c.Fault, "normal"), " after ")
	return slices.Contains([]string{"normal", string(workfrontsim.Unchanged), string(workfrontsim.SlowBody)}, kind)
}

// activeAt returns isActive of a user at a time, worked out from the writes.
func activeAt(s *workfrontsim.Server, writes []workfrontsim.Write, id string, at time.Time) (active, known bool) {
	for _, w := range writes {
		switch {
		case w.UserID != id:
		case w.At.After(at):
			if !known {
				active, known = w.From, true
			}
			return active, known
		default:
			active, known = w.To, true
		}
	}
	if !known {
		u, exists := s.User(id)
		return u.Active, exists
	}
	return active, known
}

func inactive(s *workfrontsim.Server) map[string]bool {
	all := make(map[string]bool)
	for _, u := range s.Users() {
		all[u.ID] = !u.Active
	}
	return all
}
