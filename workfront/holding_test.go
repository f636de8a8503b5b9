package workfront_test

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"wfbot/workfront"
	"wfbot/workfront/secret"
	"wfbot/workfront/workfrontsim"
)

// everything is a different number of each kind, so that none can stand for another.
func everything() (workfrontsim.Work, map[workfront.HoldingKind]int) {
	return workfrontsim.Work{
			Tasks: 2, SharedTasks: 3, DoneTasks: 4, Issues: 6, Projects: 7, Portfolios: 8, Programs: 9, Templates: 10, Reports: 11,
			ManagedProjects: 12, ManagedTemplates: 13, RoutingRules: 14, ApprovalProcesses: 15, Approvals: 16, Proofs: 17,
			Timesheets: 18, TimesheetProfiles: 19, ScheduledReports: 20, CheckedOut: 1,
		}, map[workfront.HoldingKind]int{
			"tasks": 5, "issues": 6, "projects": 7, "portfolios": 8,
			"programs": 9, "templates": 10, "reports": 11,
			"managed_projects": 12, "managed_templates": 13, "routing_rules": 14,
			"approval_processes": 15, "approvals": 16, "proofs": 17,
			"timesheets": 18, "timesheet_profiles": 19, "direct_reports": 2,
			"scheduled_reports": 20, "checked_out_documents": 1,
		}
}

// busyTenant is a tenant where jane holds everything, and so does her manager.
func busyTenant(t *testing.T, cfg workfrontsim.Config) (sim *workfrontsim.Server, url string, jane workfrontsim.User) {
	t.Helper()
	sim, url, jane = simulate(t, cfg)
	work, _ := everything()
	sim.AddWork(jane.ID, work)
	sim.AddWork(jane.ManagerID, work)
	for _, report := range []workfrontsim.User{
		{Email: "one@acme.com", Active: true}, {Email: "two@acme.com", Active: true}, {Email: "gone@acme.com"},
	} {
		report.ManagerID = jane.ID
		sim.AddUser(report)
	}
	return sim, url, jane
}

func simClient(t *testing.T, sim *workfrontsim.Server, url string) *workfront.Client {
	t.Helper()
	return newClient(t, workfront.Config{URL: url, APIKey: secret.Value(sim.APIKey())})
}

// counts fails for every kind that is missing, out of order or could not be read.
func counts(t *testing.T, held []workfront.Holding) map[workfront.HoldingKind]int {
	t.Helper()
	got := make(map[workfront.HoldingKind]int)
	for _, h := range kinds(t, held) {
		got[h.Kind] = h.Count
		if h.Err != nil || h.AtLeast {
			t.Errorf("%s: at least %v, %v", h.Kind, h.AtLeast, h.Err)
		}
	}
	return got
}

func kinds(t *testing.T, held []workfront.Holding) []workfront.Holding {
	t.Helper()
	var got []workfront.HoldingKind
	for _, h := range held {
		got = append(got, h.Kind)
	}
	if !slices.Equal(got, workfront.HoldingKinds()) {
		t.Errorf("kinds are %v", got)
	}
	return held
}

func TestHoldings(t *testing.T) {
	t.Parallel()
	for _, cfg := range []workfrontsim.Config{{}, {Gzip: workfrontsim.GzipAlways}, {ErrorsWithoutClass: true}, {NewestVersion: 22, UnknownFieldStatus: 400}} {
		sim, url, jane := busyTenant(t, cfg)
		c, ctx := simClient(t, sim, url), within(t)
		_, want := everything()
		if diff := cmp.Diff(want, counts(t, c.Holdings(ctx, jane.ID))); diff != "" {
			t.Errorf("%+v (-want +got):\n%s", cfg, diff)
		}
		nothing := sim.AddUser(workfrontsim.User{Email: "new@acme.com", Active: true})
		for kind, n := range counts(t, c.Holdings(ctx, nothing.ID)) {
			if n != 0 {
				t.Errorf("a newcomer holds %d %s", n, kind)
			}
		}
	}
}

// What is finished is not held, whoever is assigned to it and in which place.
func TestHoldingsStatuses(t *testing.T) {
	t.Parallel()
	sim, url, jane := simulate(t, workfrontsim.Config{})
	add := func(code string, values map[string]any) string {
		t.Helper()
		id, err := sim.AddRecord(code, values)
		if err != nil {
			t.Fatal(err)
		}
		return id
	}
	assigned := func(code, via string, statuses ...string) {
		for _, status := range statuses {
			id := add(code, map[string]any{"name": status, "status": status, "assignedToID": jane.ManagerID})
			add("ASSGN", map[string]any{via: id, "assignedToID": jane.ManagerID})
			add("ASSGN", map[string]any{via: id, "assignedToID": jane.ID})
		}
	}
	assigned("TASK", "taskID", "NEW", "INP", "CPL", "CPL:A", "OWN")
	assigned("OPTASK", "opTaskID", "NEW", "INP", "AWF", "ONH", "ROP", "CLS", "RLV", "VCP", "WTR", "CND", "OWN")
	for _, status := range []string{"CUR", "PLN", "ONH", "REQ", "APR", "IDA", "CPL", "DED", "REJ", "OWN"} {
		project := add("PROJ", map[string]any{"name": status, "status": status, "ownerID": jane.ID})
		for _, manager := range []string{jane.ManagerID, jane.ID} {
			add("RESMGR", map[string]any{"projectID": project, "resourceManagerID": manager})
		}
	}
	for _, status := range []string{"O", "S", "C", "OWN"} { // as first approver, and as a further one
		add("TSHET", map[string]any{"displayName": status, "status": status, "approverID": jane.ID})
		add("TSHET", map[string]any{"displayName": status, "status": status, "approverID": jane.ManagerID, "approvers": []string{jane.ManagerID, jane.ID}})
	}
	add("ARVPRC", map[string]any{"name": "Old", "isActive": false})
	add("AWAPVL", map[string]any{"userID": jane.ID})
	add("AWAPVL", map[string]any{"approverID": jane.ID, "userID": jane.ManagerID})
	add("AWAPVL", map[string]any{"submittedByID": jane.ID, "approverID": jane.ManagerID})
	add("PRFAPL", map[string]any{"approverID": jane.ID, "isAwaitingDecision": false})

	want := map[workfront.HoldingKind]int{
		"tasks": 4, "issues": 6, "projects": 7, "managed_projects": 7,
		"timesheets": 6, "approvals": 2, "proofs": 0,
	}
	check := func(c *workfront.Client) {
		t.Helper()
		got := counts(t, c.Holdings(within(t), jane.ID))
		for kind, n := range want {
			if got[kind] != n {
				t.Errorf("%d %s, want %d", got[kind], kind, n)
			}
		}
	}
	check(simClient(t, sim, url))

	// The tenant says that one of them is as good as complete.
	sim.AddStatus(workfrontsim.TaskStatus, "OWN", "CPL")
	sim.AddStatus(workfrontsim.IssueStatus, "OWN", "RLV")
	sim.AddStatus(workfrontsim.IssueStatus, "AWF", "AWF")
	sim.AddStatus(workfrontsim.ProjectStatus, "OWN", "DED")
	for _, kind := range []workfront.HoldingKind{"tasks", "issues", "projects", "managed_projects"} {
		want[kind]--
	}
	check(simClient(t, sim, url))
	// In another group the same code stands for an open one: then it may be held.
	sim.AddStatus(workfrontsim.IssueStatus, "OWN", "INP")
	want["issues"]++
	check(simClient(t, sim, url))

	for _, kind := range []workfront.HoldingKind{"tasks", "projects", "managed_projects"} {
		want[kind]++ // taken off again below
	}
	own := map[workfront.HoldingKind][]string{}
	for _, kind := range []workfront.HoldingKind{"tasks", "issues", "projects",
		"managed_projects", "timesheets"} {
		own[kind] = []string{"OWN"}
		want[kind]--
	}
	want["timesheets"]-- // two of them
	check(newClient(t, workfront.Config{URL: url, APIKey: secret.Value(sim.APIKey()), ClosedStatuses: own}))
}

// One query that fails costs its row, whichever it is and however it fails.
func TestHoldingsOneFails(t *testing.T) {
	t.Parallel()
	operations := map[workfront.HoldingKind]string{
		"tasks": "task/count", "issues": "optask/count", "portfolios": "port/count",
		"programs": "prgm/count", "scheduled_reports": "schrep/count", "checked_out_documents": "docu/count", "routing_rules": "rrul/count",
		"proofs": "prfapl/count", "direct_reports": "user/count",
	}
	answers := []workfrontsim.Answer{
		{Kind: workfrontsim.JSONError, Status: 422, Message: "no"}, {Kind: workfrontsim.JSONError, Status: 403},
		{Kind: workfrontsim.JSONError, Status: 404}, {Kind: workfrontsim.JSONError, Status: 500}, {Kind: workfrontsim.HTMLPage, Status: 503},
		{Kind: workfrontsim.Reset}, {Kind: workfrontsim.Truncated}, {Kind: workfrontsim.NotJSON}, {Kind: workfrontsim.ErrorIn200, Message: "no"},
	}
	t.Run("one by one", func(t *testing.T) {
		t.Parallel()
		oneFails(t, workfrontsim.Batch{Status: 404}, operations, answers)
	})
	t.Run("in a batch", func(t *testing.T) {
		t.Parallel()
		oneFails(t, workfrontsim.Batch{}, operations, answers)
	})
}

func oneFails(t *testing.T, batch workfrontsim.Batch, operations map[workfront.HoldingKind]string, answers []workfrontsim.Answer) {
	sim, url, jane := busyTenant(t, workfrontsim.Config{Batch: batch})
	c, ctx := simClient(t, sim, url), within(t)
	_, want := everything()
	c.Holdings(ctx, jane.ID) // the statuses are read once
	i := 0
	for _, kind := range workfront.HoldingKinds() {
		if operations[kind] == "" {
			continue // of an object that several kinds ask for, or with another form
		}
		answer := answers[i%len(answers)]
		i++
		sim.ClearFaults()
		sim.Inject(workfrontsim.Fault{Operation: operations[kind], Answer: answer})
		before := len(sim.Journal())
		for _, h := range kinds(t, c.Holdings(ctx, jane.ID)) {
			switch {
			case h.Kind == kind && (h.Err == nil || h.Count != 0):
				t.Errorf("%s answered %v: %+v", kind, answer, h)
			case h.Kind != kind && (h.Err != nil || h.Count != want[h.Kind]):
				t.Errorf("%s answered %v: %+v, want %d", kind, answer, h, want[h.Kind])
			}
		}
		// Of a connection that breaks before the first byte net/http makes a new one. A
		// question that is refused as it was put is put in another way.
		sent := len(sim.Journal()) - before
		if kind == "tasks" && answer.Status == 422 {
			sent--
		}
		if batch.Status != 0 && sent != len(want) && answer.Kind != workfrontsim.Reset {
			t.Errorf("%s answered %v: %d requests, want %d: nothing is repeated", kind, answer, sent, len(want))
		}
	}
}

// A tenant without a field answers the narrower question.
func TestHoldingsNarrower(t *testing.T) {
	t.Parallel()
	sim, url, jane := busyTenant(t, workfrontsim.Config{Without: []string{"TASK.assignments", "TSHET.approvers", "AWAPVL.userID", "RRUL.defaultAssignedToID", "OPTASK.assignments", "OPTASK.assignedToID", "PRFAPL", "ARVPRC.isActive", "PTLSEC.isReport"}})
	want := map[workfront.HoldingKind]int{"tasks": 2, "timesheets": 18, "approvals": 16, "approval_processes": 15}
	refused := map[workfront.HoldingKind]string{
		"routing_rules": "APIModel V22_0 does not support field defaultAssignedToID (RoutingRule)",
		"issues":        "APIModel V22_0 does not support field assignments (Issue)",
		"proofs":        "Unknown object type: prfapl",
	}
	for _, h := range kinds(t, simClient(t, sim, url).Holdings(within(t), jane.ID)) {
		n, narrow := want[h.Kind]
		message, isRefused := refused[h.Kind]
		switch {
		case isRefused:
			if h.Count != 0 || h.AtLeast || asError(t, h.Err).Message != message {
				t.Errorf("%+v, want refused: %s", h, message)
			}
		case h.Err != nil || h.AtLeast != narrow || narrow && h.Count != n:
			t.Errorf("%+v, want at least %d: %v", h, n, narrow)
		}
	}
}

func TestHoldingsUnauthorized(t *testing.T) {
	t.Parallel()
	sim, url, jane := busyTenant(t, workfrontsim.Config{})
	c, ctx := simClient(t, sim, url), within(t)
	sim.RevokeKeys()
	for _, h := range kinds(t, c.Holdings(ctx, jane.ID)) {
		if !errors.Is(h.Err, workfront.ErrUnauthorized) || h.Count != 0 {
			t.Errorf("%+v", h)
		}
	}
	if sent := len(sim.Journal()); sent > 2 {
		t.Errorf("%d requests with a refused key", sent)
	}
	for _, h := range kinds(t, c.Holdings(ctx, "search")) {
		if h.Err == nil {
			t.Errorf("%+v of something that is no user", h)
		}
	}
}

// A count that is none must not read as nothing held.
func TestHoldingsUnusable(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		body string
		want int // -1 means an error
	}{
		{`{"data":{"count":3}}`, 3}, {`{"data":{"count":"3"}}`, 3},
		{`{"data":{}}`, -1}, {`{"data":{"count":null}}`, -1}, {`{"data":{"count":-1}}`, -1}, {`{"data":{"count":1.5}}`, -1},
		{`{"data":[]}`, -1}, {`{"data":null}`, -1}, {`{}`, -1}, {`{"data":{"count":{}}}`, -1},
	} {
		for _, h := range inMemoryClient(t, answers(200, tc.body)).Holdings(within(t), janeID) {
			if (h.Err != nil) != (tc.want < 0) || h.Err == nil && h.Count != tc.want {
				t.Errorf("%s: %+v", tc.body, h)
			}
		}
	}
}

func TestHeldNames(t *testing.T) {
	t.Parallel()
	sim, url, jane := busyTenant(t, workfrontsim.Config{})
	c, ctx := simClient(t, sim, url), within(t)
	_, all := everything()
	for _, kind := range workfront.HoldingKinds() {
		held, more, err := c.HeldNames(ctx, jane.ID, kind, 20)
		if err != nil || more || len(held) != all[kind] {
			t.Errorf("%s: %d, more %v, %v; want %d", kind, len(held), more, err, all[kind])
			continue
		}
		for _, h := range held {
			if h == "" {
				t.Errorf("%s: one without a name in %q", kind, held)
			}
		}
		first, more, err := c.HeldNames(ctx, jane.ID, kind, 1)
		if err != nil || len(first) != 1 || more != (all[kind] > 1) || first[0] != held[0] {
			t.Errorf("%s, the first: %+v, more %v, %v; want %+v", kind, first, more, err, held[0])
		}
	}
	if held, more, err := c.HeldNames(ctx, jane.ID, "issues", 6); err != nil || more || len(held) != 6 {
		t.Errorf("as many as the limit: %d, more %v, %v", len(held), more, err)
	}
	held, more, err := c.HeldNames(ctx, jane.ID, "reports", 1000)
	if err != nil || more || len(held) != 11 {
		t.Errorf("a limit that is too high: %d, %v, %v", len(held), more, err)
	}
	for range 10 {
		sim.AddWork(jane.ID, workfrontsim.Work{Reports: 1})
	}
	if held, more, err := c.HeldNames(ctx, jane.ID, "reports", 1000); err != nil || !more || len(held) != workfront.MaxHeld {
		t.Errorf("more than the most: %d, %v, %v", len(held), more, err)
	}
	if _, _, err := c.HeldNames(ctx, jane.ID, "nonsense", 5); err == nil {
		t.Error("names of a kind that is none")
	}
	if _, _, err := c.HeldNames(ctx, "search", "tasks", 5); err == nil {
		t.Error("names for a user that is none")
	}
	sim.Inject(workfrontsim.Fault{Operation: "task/search", Answer: workfrontsim.Answer{Kind: workfrontsim.JSONError, Status: 403}})
	if _, _, err := c.HeldNames(ctx, jane.ID, "tasks", 5); asError(t, err).Status != 403 {
		t.Errorf("a refused search: %v", err)
	}
}

// Things whose names a tenant does not give are still there.
func TestHeldNamesRefusedFields(t *testing.T) {
	t.Parallel()
	sim, url, jane := busyTenant(t, workfrontsim.Config{Without: []string{"AWAPVL.document", "AWAPVL.timesheet", "PRFAPL.documentVersion", "TASK.assignments", "ARVPRC.approvalPaths", "PTLSEC.isReport"}})
	c, ctx := simClient(t, sim, url), within(t)
	for kind, want := range map[workfront.HoldingKind]struct {
		n     int
		named bool
	}{
		"approval_processes": {15, true}, "reports": {11, true},
		"approvals": {16, true}, "proofs": {17, false}, "tasks": {2, true},
	} {
		held, _, err := c.HeldNames(ctx, jane.ID, kind, 20)
		if err != nil || len(held) != want.n {
			t.Errorf("%s: %d, %v; want %d", kind, len(held), err, want.n)
			continue
		}
		for _, h := range held {
			if (h != "") != want.named {
				t.Errorf("%s: %+v, want %+v", kind, h, want)
			}
		}
	}
}

// The statuses are read once, in three requests, however many people are counted, and
// what cannot be read is neither asked for with each count nor costs one.
func TestStatusesAreReadOnce(t *testing.T) {
	t.Parallel()
	sim, url, jane := busyTenant(t, workfrontsim.Config{})
	asked := func() (n int) {
		for _, c := range sim.Journal() {
			if c.Operation == "cstem/search" {
				n++
			}
		}
		return n
	}
	_, want := everything()
	c, ctx := simClient(t, sim, url), within(t)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			if diff := cmp.Diff(want, counts(t, c.Holdings(ctx, jane.ID))); diff != "" {
				t.Error(diff)
			}
		})
	}
	wg.Wait()
	if n := asked(); n != 3 {
		t.Errorf("%d requests, want 3", n)
	}
	for _, answer := range []workfrontsim.Answer{
		{Kind: workfrontsim.JSONError, Status: 403}, {Kind: workfrontsim.JSONError, Status: 422, Message: "no"}, {Kind: workfrontsim.JSONError, Status: 500},
		{Kind: workfrontsim.Reset}, {Kind: workfrontsim.NotJSON}, {Kind: workfrontsim.ErrorIn200, Message: "no"}, {Kind: workfrontsim.HTMLPage, Status: 404},
	} {
		sim.ClearFaults()
		sim.Inject(workfrontsim.Fault{Operation: "cstem/*", Answer: answer})
		c, before := simClient(t, sim, url), asked()
		for range 3 {
			if diff := cmp.Diff(want, counts(t, c.Holdings(ctx, jane.ID))); diff != "" {
				t.Errorf("%v: %s", answer, diff)
			}
		}
		// Of a connection that breaks before the first byte net/http makes a new one.
		if n := asked() - before; n != 1 && answer.Kind != workfrontsim.Reset {
			t.Errorf("%v: %d requests, want 1", answer, n)
		}
	}
}

// A tenant with more statuses than one answer holds.
func TestStatusesOfSeveralPages(t *testing.T) {
	t.Parallel()
	sim, url, jane := simulate(t, workfrontsim.Config{})
	for i := range 2500 {
		sim.AddStatus(workfrontsim.ProjectStatus, fmt.Sprintf("O%d", i), "CUR")
	}
	for i := range 10 { // wherever in the order of IDs
		status := fmt.Sprintf("C%d", i)
		sim.AddStatus(workfrontsim.ProjectStatus, status, "DED")
		if _, err := sim.AddRecord("PROJ", map[string]any{"name": status, "status": status, "ownerID": jane.ID}); err != nil {
			t.Fatal(err)
		}
	}
	if n := counts(t, simClient(t, sim, url).Holdings(within(t), jane.ID))["projects"]; n != 0 {
		t.Errorf("%d closed projects are held", n)
	}
}

// Values that are no codes cost no count: too long for an address, a wildcard, a list.
func TestStatusesThatAreNoCodes(t *testing.T) {
	t.Parallel()
	sim, url, jane := busyTenant(t, workfrontsim.Config{})
	var rows []string
	for i := range 400 {
		rows = append(rows, fmt.Sprintf(`{"value":"%s%d","equatesWith":"CPL"}`, strings.Repeat("long", 50), i))
	}
	rows = append(rows, `null`, `{"value":"$$TODAY","equatesWith":"CPL"}`, `{"value":"CUR,PLN","equatesWith":"CPL"}`, `{"value":["A"],"equatesWith":{}}`)
	sim.Inject(workfrontsim.Fault{Operation: "cstem/search", Answer: workfrontsim.Answer{
		Kind: workfrontsim.Verbatim, Status: http.StatusOK, Body: `{"data":[` + strings.Join(rows, ",") + `]}`}})
	_, want := everything()
	if diff := cmp.Diff(want, counts(t, simClient(t, sim, url).Holdings(within(t), jane.ID))); diff != "" {
		t.Error(diff)
	}
	for _, c := range sim.Journal() {
		if n := len(c.Query); n > 4000 {
			t.Errorf("%s asks with %d bytes", c.Operation, n)
		}
	}
}
