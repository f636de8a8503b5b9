package workfrontsim

import (
	"fmt"
	"maps"
	"time"
)

// Work is how many things of each kind a user is to hold; see [Server.AddWork].
type Work struct {
	Tasks             int // open, as primary assignee
	SharedTasks       int // open, as second assignee of somebody else's
	DoneTasks         int // complete
	Issues            int // open, as primary assignee
	Projects          int // current, owned
	Portfolios        int
	Programs          int
	Templates         int
	Reports           int // that run with the user's rights
	ManagedProjects   int // current, with the user as resource manager
	ManagedTemplates  int
	RoutingRules      int
	ApprovalProcesses int // with a stage that names the user
	Approvals         int // of tasks, waiting for the user
	Proofs            int // waiting for the user's decision
	Timesheets        int // submitted, with the user as approver
	TimesheetProfiles int
	ScheduledReports  int // delivered with the user's rights
	CheckedOut        int // documents
}

// AddWork gives a user things to hold, with names as a marketing department has
// them. It is no API call. It panics if there is no such user, a mistake in the
// caller.
func (s *Server) AddWork(userID string, w Work) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, ok := s.tables["USER"].rows[userID]; !ok {
		panic(fmt.Sprintf("workfrontsim: no user %q to give work to", userID))
	}
	s.addAssignedLocked(userID, w)
	s.addOwnedLocked(userID, w)
	s.addApprovalsLocked(userID, w)
	s.changedLocked()
}

// giveLocked stores n objects of a type, made by values with a name for each.
func (s *Server) giveLocked(n int, objCode string, names []string, values func(name string) record) {
	for i := range n {
		name := names[i%len(names)]
		if round := i / len(names); round > 0 {
			name = fmt.Sprintf("%s %d", name, round+1)
		}
		s.putNewLocked(objCode, values(name))
	}
}

// putNewLocked stores a record and returns its ID, made up where r has none.
func (s *Server) putNewLocked(objCode string, r record) (id string) {
	if id = r.text("ID"); id == "" {
		id = s.nextIDLocked()
		r["ID"] = id
	}
	s.tables[objCode].put(r)
	return id
}

var (
	workNames    = []string{"Spring catalogue", "Website relaunch", "Trade fair stand", "Price list", "Customer letter", "Product video", "Newsletter", "Press kit"}
	requestNames = []string{"Logo is blurred", "Banner for the web shop", "Wrong phone number on the flyer", "New business cards"}
	processNames = []string{"Legal approval", "Brand approval", "Budget approval"}
)

func (s *Server) addAssignedLocked(userID string, w Work) {
	assign := func(via, workID, to string, primary bool) {
		s.putNewLocked("ASSGN", record{via: workID, "assignedToID": to, "isPrimary": primary, "status": "AA"})
	}
	give := func(n int, objCode, via, status, suffix string, names []string, primary string) {
		s.giveLocked(n, objCode, names, func(name string) record {
			r := record{"name": name + suffix, "status": status, "assignedToID": primary, "ID": s.nextIDLocked()}
			assign(via, r.text("ID"), primary, true)
			if primary != userID {
				assign(via, r.text("ID"), userID, false)
			}
			return r
		})
	}
	give(w.Tasks, "TASK", "taskID", "INP", ": copy", workNames, userID)
	give(w.SharedTasks, "TASK", "taskID", "NEW", ": layout", workNames, s.callerID)
	give(w.DoneTasks, "TASK", "taskID", "CPL", ": briefing", workNames, userID)
	give(w.Issues, "OPTASK", "opTaskID", "NEW", "", requestNames, userID)
}

func (s *Server) addOwnedLocked(userID string, w Work) {
	give := func(n int, objCode, suffix string, more record) {
		s.giveLocked(n, objCode, workNames, func(name string) record {
			r := record{"name": name + suffix}
			for field, value := range more {
				r[field] = value
			}
			return r
		})
	}
	give(w.Projects, "PROJ", "", record{"status": "CUR", "ownerID": userID})
	give(w.Portfolios, "PORT", " portfolio", record{"isActive": true, "ownerID": userID})
	give(w.Programs, "PRGM", " program", record{"ownerID": userID})
	give(w.Templates, "TMPL", " template", record{"ownerID": userID})
	give(w.Reports, "PTLSEC", ": hours and costs", record{"isReport": true, "uiObjCode": "PROJ", "runAsUserID": userID})
	manage := func(n int, objCode, suffix, via string, more record) {
		s.giveLocked(n, objCode, workNames, func(name string) record {
			more = maps.Clone(more)
			more["ID"], more["name"] = s.nextIDLocked(), name+suffix
			s.putNewLocked("RESMGR", record{"resourceManagerID": userID, via: more["ID"]})
			return more
		})
	}
	manage(w.ManagedProjects, "PROJ", " (production)", "projectID", record{"status": "CUR"})
	manage(w.ManagedTemplates, "TMPL", " template (production)", "templateID", record{})
	give(w.ScheduledReports, "SCHREP", ": every Monday", record{"runAsUserID": userID})
	give(w.CheckedOut, "DOCU", ".indd", record{"checkedOutByID": userID})
	give(w.RoutingRules, "RRUL", " requests", record{"defaultAssignedToID": userID})
}

func (s *Server) addApprovalsLocked(userID string, w Work) {
	s.giveLocked(w.ApprovalProcesses, "ARVPRC", processNames, func(name string) record {
		r := record{"name": name, "approvalObjCode": "PROJ", "isActive": true, "ID": s.nextIDLocked()}
		path := s.putNewLocked("ARVPTH", record{"name": name, "approvalProcessID": r["ID"]})
		step := s.putNewLocked("ARVSTP", record{"name": "Stage 1", "approvalPathID": path})
		s.putNewLocked("SPAPVR", record{"approvalStepID": step, "userID": userID})
		return r
	})
	s.giveLocked(w.Approvals, "AWAPVL", workNames, func(name string) record {
		task := s.putNewLocked("TASK", record{"name": name + ": final artwork", "status": "CPL:A"})
		return record{"approverID": userID, "taskID": task, "submittedByID": s.callerID, "entryDate": s.cfg.Now()}
	})
	s.giveLocked(w.Proofs, "PRFAPL", workNames, func(name string) record {
		version := s.putNewLocked("DOCV", record{"fileName": name + ".pdf", "version": "1"})
		return record{"approverID": userID, "isAwaitingDecision": true, "documentVersionID": version}
	})
	week := s.cfg.Now().Truncate(24 * time.Hour)
	s.giveLocked(w.Timesheets, "TSHET", workNames, func(string) record {
		week = week.AddDate(0, 0, -7)
		return record{"status": "S", "displayName": "Week of " + week.Format("2 January 2006"), "startDate": week,
			"userID": s.callerID, "approverID": userID, "approvers": []string{userID}}
	})
	s.giveLocked(w.TimesheetProfiles, "TSPRO", []string{"Weekly, marketing", "Weekly, freelancers"}, func(name string) record {
		return record{"name": name, "approverID": userID, "approvers": []string{userID}}
	})
}
