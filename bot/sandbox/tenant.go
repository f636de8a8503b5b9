package sandbox

import (
	"fmt"
	"time"

	"wfbot/bot/sandbox/render"
	"wfbot/workfront/workfrontsim"
)

// account is a Workfront user in the list.
type account struct {
	ID, Name, Email, Level string
	Active                 bool
	Changed                string // when it was changed last, and who did it; empty: not since the start
	Holds                  []held // what it still holds; none: nothing
	Total                  int    // of Holds
}

// held is how many things of a kind an account holds.
type held struct {
	What  string
	Count int
}

// accounts is the list of Workfront users, by name.
func (p *page) accounts(viewer render.Viewer) []account {
	changed := map[string]string{}
	for _, w := range p.tenant.Changes() {
		by := "somebody in Workfront"
		if w.CallerID == p.tenant.Caller().ID {
			by = "wfbot"
		}
		changed[w.UserID] = "by " + by + " at " + w.At.In(viewer.Location).Format(time.TimeOnly)
	}
	var list []account
	for _, u := range p.tenant.Users() {
		a := account{
			ID: "u-" + u.ID, Name: u.Name, Email: u.Email, Level: p.world.levels[u.AccessLevelID],
			Active: u.Active, Changed: changed[u.ID], Holds: holds(p.world.work[u.ID]),
		}
		for _, h := range a.Holds {
			a.Total += h.Count
		}
		list = append(list, a)
	}
	return list
}

// holds lists what there is of somebody's work, in the order of Adobe's check-list.
// Nothing in the simulated Workfront takes work from anybody, as nothing in the
// real one does when a user is deactivated.
func holds(w workfrontsim.Work) []held {
	var list []held
	for _, h := range []held{
		{"open tasks", w.Tasks + w.SharedTasks}, {"open issues", w.Issues}, {"current projects owned", w.Projects},
		{"portfolios and programs", w.Portfolios + w.Programs}, {"templates owned", w.Templates}, {"reports that run as them", w.Reports},
		{"projects and templates as resource manager", w.ManagedProjects + w.ManagedTemplates}, {"queue routing rules", w.RoutingRules},
		{"approval stages", w.ApprovalProcesses}, {"approvals waiting", w.Approvals}, {"proofs waiting", w.Proofs},
		{"timesheets to approve", w.Timesheets}, {"timesheet profiles", w.TimesheetProfiles},
	} {
		if h.Count > 0 {
			list = append(list, h)
		}
	}
	return list
}

// String implements fmt.Stringer.
func (h held) String() string { return fmt.Sprintf("%d %s", h.Count, h.What) }
