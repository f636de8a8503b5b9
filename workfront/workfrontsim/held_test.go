package workfrontsim_test

import (
	"fmt"
	"strings"
	"testing"

	"wfbot/workfront/workfrontsim"
)

func TestAddWork(t *testing.T) {
	t.Parallel()
	tn, boss := staff(t, workfrontsim.Config{})
	tn.AddWork(boss.ID, workfrontsim.Work{Tasks: 9, SharedTasks: 1, DoneTasks: 2, Issues: 3, Projects: 1, ManagedProjects: 2, ManagedTemplates: 1,
		Templates: 4, Reports: 5, RoutingRules: 1, ApprovalProcesses: 4, Approvals: 2, Proofs: 3, Timesheets: 2, TimesheetProfiles: 1, ScheduledReports: 2, CheckedOut: 3})
	for path, want := range map[string]float64{
		"/task/count?assignments:assignedToID=@":                                         12,
		"/task/count?assignments:assignedToID=@&status=CPL&status_Mod=notin":             10,
		"/task/count?assignedToID=@":                                                     11,
		"/optask/count?assignments:assignedToID=@":                                       3,
		"/assgn/count?assignedToID=@&isPrimary=false":                                    1,
		"/proj/count?ownerID=@":                                                          1,
		"/proj/count?resourceManagerIDs=@":                                               2,
		"/proj/count?resourceManagerIDs=@&resourceManagerIDs_Mod=ne":                     1,
		"/tmpl/count?resourceManagers:resourceManagerID=@":                               1,
		"/resmgr/count?resourceManagerID=@&templateID_Mod=notnull":                       1,
		"/schrep/count?runAsUserID=@":                                                    2,
		"/docu/count?checkedOutByID=@":                                                   3,
		"/arvpth/count?approvalSteps:stepApprovers:userID=@":                             4,
		"/arvprc/count?approvalPaths:approvalSteps:stepApprovers:userID=@&isActive=true": 4,
		"/report/count?runAsUserID=@":                                                    5,
		"/PTLSEC/count?runAsUserID=@&isReport=true":                                      5,
		"/rrul/count?defaultAssignedToID=@":                                              1,
		"/approvalprocess/count?approvalPaths:approvalSteps:stepApprovers:userID=@":      4,
		"/arvprc/count?approvalPaths:approvalSteps:stepApprovers:user:emailAddr=x@x.yz":  0,
		"/awapvl/count?approverID=@&OR:1:userID=@":                                       2,
		"/prfapl/count?approverID=@&isAwaitingDecision=true":                             3,
		"/tshet/count?approvers:ID=@":                                                    2,
		"/tspro/count?approverID=@":                                                      1,
	} {
		if got := tn.get(withUser(path, boss.ID)).object(t)["count"]; got != want {
			t.Errorf("%s: %v, want %v", path, got, want)
		}
	}
	names := tn.get(withUser("/task/search?assignments:assignedToID=@&name_Sort=asc", boss.ID)).names(t)
	seen := map[string]bool{}
	for _, name := range names {
		if seen[name] {
			t.Errorf("two tasks called %s", name)
		}
		seen[name] = true
	}
	managed := tn.get(withUser("/proj/search?resourceManagerIDs=@&fields=resourceManagers:resourceManager:name", boss.ID)).list(t)[0]
	if got := fmt.Sprint(managed["resourceManagers"]); !strings.Contains(got, "name:Boss") || !strings.Contains(got, "objCode:RESMGR") {
		t.Errorf("resource managers: %s", got)
	}
	for path, message := range map[string]string{
		"/port/count?status=x":                   "APIModel V22_0 does not support field status (Portfolio)",
		"/report/count?ownerID=x":                "APIModel V22_0 does not support field ownerID (PortalSection)",
		"/task/count?assignments=x":              "APIModel V22_0 does not support field assignments (Task)",
		"/proj/search?resourceManagers=x":        "APIModel V22_0 does not support field resourceManagers (Project)",
		"/tspro/count?approvers:mail=x":          "APIModel V22_0 does not support field mail (User)",
		"/proj/search?fields=resourceManagerIDs": "APIModel V22_0 does not support field resourceManagerIDs (Project)", // to search by only
		"/spapvr/count?userID=x":                 "SPAPVR is not a top level object and can't be requested directly",
		"/ARVSTP/search":                         "ARVSTP is not a top level object and can't be requested directly",
	} {
		if a := tn.get(path); a.message() != message {
			t.Errorf("%s: %d %s, want %q", path, a.status, a.text, message)
		}
	}
}

// Statuses are objects, a tenant's own among them, and say which base status they
// stand for.
func TestStatuses(t *testing.T) {
	t.Parallel()
	tn := newTenant(t, workfrontsim.Config{})
	tn.AddStatus(workfrontsim.TaskStatus, "DUN", "CPL")
	found := tn.get("/cstem/search?enumClass=STATUS_TASK&equatesWith=CPL&fields=value,equatesWith,enumClass&value_Sort=asc").list(t)
	if len(found) != 2 || found[0]["value"] != "CPL" || found[1]["value"] != "DUN" || found[1]["equatesWith"] != "CPL" {
		t.Errorf("statuses that stand for complete: %v", found)
	}
	if n := tn.get("/customenum/count?enumClass=STATUS_PROJ").object(t)["count"]; n != 9.0 {
		t.Errorf("%v statuses of projects", n)
	}
}

func TestWordsForUnknownFields(t *testing.T) {
	t.Parallel()
	tn := newTenant(t, workfrontsim.Config{UnknownFieldWords: "APIModel INTERNAL does not support field {field}", UnknownFieldStatus: 400})
	if a := tn.get("/task/count?nothing=x"); a.status != 400 || a.message() != "APIModel INTERNAL does not support field nothing" {
		t.Errorf("%d %s", a.status, a.text)
	}
}

func withUser(path, id string) string { return strings.ReplaceAll(path, "=@", "="+id) }

// Faults of one query, of one field and of one user's share of a query.
func TestFaultsOfQueries(t *testing.T) {
	t.Parallel()
	tn, boss := staff(t, workfrontsim.Config{CustomFields: []string{"Cost: centre"}})
	ann, _ := tn.UserByEmail("ann+wf@acme.com")
	statuses := func(want map[string]int) {
		t.Helper()
		for path, status := range want {
			if a := tn.get(path); a.status != status {
				t.Errorf("%s: %d %s, want %d", path, a.status, a.text, status)
			}
		}
	}
	tn.Inject(workfrontsim.RefuseField("user", "User", "title"))
	statuses(map[string]int{
		"/user/search?fields=name,title": 422, "/user/search?fields=manager:title": 422, `/user/search?fields=["title"]`: 422,
		"/user/count?title=x": 422, "/user/count?title_Mod=isnull": 422, "/user/count?manager:title=x&manager:title_Mod=ne": 422,
		"/user/search?fields=name": 200, "/user/search?name=title": 200, "/user/" + boss.ID: 200, "/role/count": 200,
	})
	if a := tn.get("/user/search?fields=title"); a.message() != "APIModel V22_0 does not support field title (User)" {
		t.Errorf("refused with %s", a.text)
	}
	tn.ClearFaults()
	refuse := workfrontsim.Answer{Kind: workfrontsim.JSONError, Status: 403}
	tn.Inject(workfrontsim.Fault{Operation: "user/search", Field: "DE:Cost: centre", Answer: refuse})
	tn.Inject(workfrontsim.Fault{Operation: "rrul/count", Answer: refuse})
	tn.Inject(workfrontsim.Fault{Operation: "task/count", UserID: ann.ID, Answer: refuse})
	statuses(map[string]int{
		"/user/search?fields=DE:Cost:%20centre": 403, "/user/search?DE:Cost:%20centre=x": 403, "/user/count?DE:Cost:%20centre=x": 200,
		"/user/search?fields=DE:Cost": 422, "/rrul/count": 403, "/rrul/search": 200,
		withUser("/task/count?assignments:assignedToID=@", ann.ID): 403, withUser("/task/count?assignments:assignedToID=@", boss.ID): 200,
	})
}
