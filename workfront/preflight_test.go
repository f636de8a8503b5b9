package workfront_test

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"wfbot/workfront"
	"wfbot/workfront/secret"
	"wfbot/workfront/workfrontsim"
)

// What the metadata says is what comes of the questions, whichever name a tenant
// lacks.
func TestPreflightForetells(t *testing.T) {
	t.Parallel()
	for _, without := range [][]string{
		nil, {"RRUL.defaultAssignedToID"}, {"RRUL"}, {"TASK.assignments"}, {"TASK.assignedToID"}, {"TASK.assignments", "TASK.assignedToID"}, {"TASK.status"},
		{"ASSGN.assignedToID"}, {"PROJ.resourceManagerIDs"}, {"PTLSEC.isReport"}, {"PTLSEC.runAsUserID"}, {"ARVPRC.approvalPaths"}, {"ARVPRC.isActive"},
		{"SPAPVR.userID"}, {"AWAPVL"}, {"AWAPVL.userID"}, {"AWAPVL.approverID"}, {"TSHET.approvers"}, {"TSHET.approverID"}, {"TSPRO.approvers"}, {"PRFAPL.isAwaitingDecision"},
		{"DOCU.checkedOutByID"}, {"USER.managerID"}, {"PORT.ownerID"}, {"SCHREP"},
	} {
		sim, url, jane := busyTenant(t, workfrontsim.Config{Without: without})
		client := simClient(t, sim, url)
		forecasts, err := client.Preflight(t.Context())
		if err != nil {
			t.Errorf("%q: %v", without, err)
			continue
		}
		held := client.Holdings(t.Context(), jane.ID)
		for i, f := range forecasts[1 : 1+len(held)] {
			h := held[i]
			want := workfront.Works
			switch {
			case h.Err != nil:
				want = workfront.Fails
			case h.AtLeast:
				want = workfront.Partly
			}
			if f.Kind != h.Kind || f.Outcome != want {
				t.Errorf("%q: %s is foretold %d (%q, %v), and came out as %d (%v)", without, f.Kind, f.Outcome, f.Missing, f.Err, want, h.Err)
			}
			if (f.Outcome == workfront.Works) != (len(f.Missing) == 0) {
				t.Errorf("%q: %s is foretold %d with %q missing", without, f.Kind, f.Outcome, f.Missing)
			}
		}
	}
}

func TestPreflight(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		why     string
		tenant  workfrontsim.Config
		client  workfront.Config
		what    string
		outcome workfront.Outcome
		missing []string
	}{
		{why: "a right tenant", what: "user"},
		{why: "an optional field", tenant: workfrontsim.Config{Without: []string{"USER.title", "ACSLVL.licenseType"}}, what: "user",
			outcome: workfront.Partly, missing: []string{"USER.title", "ACSLVL.licenseType"}},
		{why: "a needed field", tenant: workfrontsim.Config{Without: []string{"ACSLVL.isAdmin"}}, what: "user", outcome: workfront.Fails, missing: []string{"ACSLVL.isAdmin"}},
		{why: "a custom field that is there", tenant: workfrontsim.Config{CustomFields: []string{"Employee ID"}}, client: workfront.Config{UserFields: []string{"DE:Employee ID"}}, what: "user"},
		{why: "a custom field that is not", client: workfront.Config{UserFields: []string{"DE:Employee: ID", "company:name"}}, what: "user",
			outcome: workfront.Partly, missing: []string{"USER.DE:Employee: ID"}},
		{why: "an object", tenant: workfrontsim.Config{Without: []string{"SCHREP"}}, what: "scheduled reports", outcome: workfront.Fails, missing: []string{"SCHREP"}},
		{why: "names", tenant: workfrontsim.Config{Without: []string{"PORT.name"}}, what: "portfolios", outcome: workfront.Nameless, missing: []string{"PORTFOLIO.name"}},
		{why: "some names of several", tenant: workfrontsim.Config{Without: []string{"DOCU.name"}}, what: "approvals"},
		{why: "the statuses of the tenant's own", tenant: workfrontsim.Config{Without: []string{"CSTEM.equatesWith"}}, what: "own statuses", outcome: workfront.Fails, missing: []string{"CSTEM.equatesWith"}},
		{why: "no approvals of users", tenant: workfrontsim.Config{Without: []string{"USRAPV"}}, what: "approvals of new users", outcome: workfront.Fails, missing: []string{"USRAPV"}},
		{why: "an object that is not described", tenant: workfrontsim.Config{NoPartMetadata: true}, what: "approval processes", outcome: workfront.Unknown},
	} {
		sim, url, _ := simulate(t, tc.tenant)
		tc.client.URL, tc.client.APIKey = url, secret.Value(sim.APIKey())
		forecasts, err := newClient(t, tc.client).Preflight(t.Context())
		i := slices.IndexFunc(forecasts, func(f workfront.Forecast) bool { return f.What == tc.what })
		if err != nil || i < 0 {
			t.Errorf("%s: %v, %+v", tc.why, err, forecasts)
			continue
		}
		if f := forecasts[i]; f.Outcome != tc.outcome || !slices.Equal(f.Missing, tc.missing) || (f.Err != nil) != (tc.outcome == workfront.Unknown) {
			t.Errorf("%s: %+v, want outcome %d and %q", tc.why, f, tc.outcome, tc.missing)
		}
		for _, call := range sim.Journal() {
			if call.Method != http.MethodGet {
				t.Errorf("%s: %s %s was sent", tc.why, call.Method, call.Path)
			}
		}
	}
	if _, err := serve(t, func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte(`{"data":{}}`)) }).Preflight(t.Context()); err == nil {
		t.Error("metadata without fields was taken for some")
	}
}

func TestRights(t *testing.T) {
	t.Parallel()
	level := func(l workfrontsim.AccessLevel) func(*workfrontsim.Server) string {
		return func(sim *workfrontsim.Server) string { return sim.AddAccessLevel(l).ID }
	}
	for _, tc := range []struct {
		why    string
		tenant workfrontsim.Config
		level  func(*workfrontsim.Server) string
		want   workfront.Rights
	}{
		{why: "an administrator", want: workfront.MayEdit},
		{why: "an administrator as a list", tenant: workfrontsim.Config{IDParamAlwaysArray: true}, want: workfront.MayEdit},
		{why: "an editor", level: level(workfrontsim.AccessLevel{Name: "Editors", LicenseType: "F", Users: workfrontsim.EditUsers}), want: workfront.MayEdit},
		{why: "a viewer", level: level(workfrontsim.AccessLevel{Name: "Viewers", LicenseType: "F"}), want: workfront.MayNotEdit},
		{why: "a light licence", level: level(workfrontsim.AccessLevel{Name: "Light", LicenseType: "C", Users: workfrontsim.EditUsers}), want: workfront.MayNotEdit},
		{why: "no permissions are shown", level: level(workfrontsim.AccessLevel{Name: "Blind", LicenseType: "F", Users: workfrontsim.NoUsers}), want: workfront.RightsUnknown},
		{why: "a tenant that does not tell", tenant: workfrontsim.Config{Without: []string{"ACSLVL.accessLevelPermissions"}},
			level: level(workfrontsim.AccessLevel{Name: "Editors", LicenseType: "F", Users: workfrontsim.EditUsers}), want: workfront.RightsUnknown},
	} {
		sim, url, _ := simulate(t, tc.tenant)
		if tc.level != nil {
			id := tc.level(sim)
			sim.UpdateUser(sim.Caller().ID, func(u *workfrontsim.User) { u.AccessLevelID = id })
		}
		if got, err := simClient(t, sim, url).Rights(t.Context()); err != nil || got != tc.want {
			t.Errorf("%s: %d, %v, want %d", tc.why, got, err, tc.want)
		}
		if writes := sim.Writes(); len(writes) > 0 {
			t.Errorf("%s: %+v was written", tc.why, writes)
		}
	}
}

func TestClockAndVersion(t *testing.T) {
	t.Parallel()
	sim, url, _ := simulate(t, workfrontsim.Config{Now: func() time.Time { return time.Now().Add(10 * time.Minute) }})
	client := simClient(t, sim, url)
	if _, known := client.ClockOff(); known {
		t.Error("a clock is known before the first answer")
	}
	users, err := client.Sample(t.Context(), 2)
	if err != nil || len(users) != 2 || users[0].Email == "" || strings.Compare(users[0].ID, users[1].ID) >= 0 {
		t.Errorf("some users: %+v, %v", users, err)
	}
	if off, known := client.ClockOff(); !known || off > -9*time.Minute || off < -11*time.Minute {
		t.Errorf("the clock is off by %v, %t", off, known)
	}
	end, ok := workfront.SupportEnds(client.Version())
	if !ok || end.Year() != 2029 || end.Month() != time.April {
		t.Errorf("support of %s ends %v, %t", client.Version(), end, ok)
	}
	if _, ok := workfront.SupportEnds("v99.0"); ok {
		t.Error("the end of an unknown version is known")
	}
	silent := serve(t, func(w http.ResponseWriter, _ *http.Request) { w.Header()["Date"] = nil; w.WriteHeader(http.StatusGone) })
	var e *workfront.Error
	if _, err := silent.Whoami(t.Context()); !errors.As(err, &e) || e.ClockOff != 0 {
		t.Errorf("without a date: %v", err)
	}
	if _, known := silent.ClockOff(); known {
		t.Error("a clock is known from an answer without a date")
	}
}
