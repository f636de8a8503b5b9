package workfront_test

import (
	"errors"
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

// A field that the tenant does not have is lost, and the look-up is not; it is
// asked for once only and reported once.
func TestRefusedFields(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		without string
		missing []string
		lose    func(*workfront.User)
	}{
		{"USER.title", []string{"title"}, func(u *workfront.User) { u.Title = "" }},
		{"USER.homeTeam", []string{"homeTeam:name"}, func(u *workfront.User) { u.HomeTeam = "" }},
		{"ACSLVL.licenseType", []string{"accessLevel:licenseType"}, func(u *workfront.User) { u.AccessLevel.LicenseType = "" }},
		{"TEAMOB.name", []string{"homeTeam:name"}, func(u *workfront.User) { u.HomeTeam = "" }},
		{"USER.manager", []string{"manager:name", "manager:emailAddr"}, func(u *workfront.User) { u.Manager.Name, u.Manager.Email = "", "" }},
	} {
		t.Run(tc.without, func(t *testing.T) {
			t.Parallel()
			for _, status := range []int{400, 422} {
				sim, url, jane := simulate(t, workfrontsim.Config{Without: []string{tc.without}, UnknownFieldStatus: status})
				var log syncBuffer
				c, ctx := newClient(t, workfront.Config{URL: url, APIKey: secret.Value(sim.APIKey()), Log: debugLog(&log)}), within(t)
				want := workfront.User{
					ID: jane.ID, Name: jane.Name, Email: jane.Email, Title: jane.Title, Active: true, LastLogin: jane.LastLogin,
					LicenseType: "F", AccessLevel: workfront.AccessLevel{Name: "Standard", LicenseType: "F", AdminKnown: true},
					Manager:   workfront.Manager{ID: jane.ManagerID, Name: "Max", Email: "max@acme.com"},
					HomeGroup: "Marketing", HomeTeam: "Brand", Missing: tc.missing,
				}
				tc.lose(&want)
				for range 2 {
					got, err := findOne(ctx, c, jane.Email)
					if diff := cmp.Diff(want, got); diff != "" || err != nil {
						t.Errorf("FindByEmail: %v (-want +got):\n%s", err, diff)
					}
				}
				if got, err := c.Get(ctx, jane.ID); err != nil || !cmp.Equal(got, want) {
					t.Errorf("Get: %+v, %v", got, err)
				}
				if me, err := c.Whoami(ctx); err != nil || !slices.Equal(me.Missing, tc.missing) {
					t.Errorf("Whoami: %+v, %v", me, err)
				}
				if sent := len(sim.Journal()); sent != 5 {
					t.Errorf("%d requests for four calls, want one more", sent)
				}
				if n := strings.Count(log.String(), "not asked for again"); n != 1 {
					t.Errorf("reported %d times:\n%s", n, log.String())
				}
			}
		})
	}
}

// Several at once, asked for by several callers at once.
func TestRefusedFieldsConcurrently(t *testing.T) {
	t.Parallel()
	sim, url, jane := simulate(t, workfrontsim.Config{Without: []string{"USER.title", "USER.lastLoginDate", "GROUP.name"}})
	c, ctx := simClient(t, sim, url), within(t)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			u, err := c.Get(ctx, jane.ID)
			if err != nil || !slices.Equal(u.Missing, []string{"title", "lastLoginDate", "homeGroup:name"}) || u.HomeTeam != "Brand" {
				t.Errorf("%+v, %v", u, err)
			}
		})
	}
	wg.Wait()
}

// Without a field that says who somebody is, nobody is found.
func TestRefusedNeededFields(t *testing.T) {
	t.Parallel()
	for without, name := range map[string]string{
		"USER.name": "name (User)", "USER.isActive": "isActive (User)", "ACSLVL.isAdmin": "isAdmin (AccessLevel)",
		"USER.accessLevel": "accessLevel (User)", "USER.emailAddr": "emailAddr (User)",
	} {
		sim, url, jane := simulate(t, workfrontsim.Config{Without: []string{without}})
		c, ctx := simClient(t, sim, url), within(t)
		for range 2 { // the first time may have cost optional fields
			_, err := c.Get(ctx, jane.ID)
			if e := asError(t, err); e.Temporary() || e.Status != 422 || !strings.Contains(e.Error(), "nobody can be judged: "+name) || errors.Is(err, workfront.ErrNotFound) {
				t.Errorf("without %s: %v", without, err)
			}
		}
	}
}

// However a field is refused, it alone is lost, once.
func TestRefusalsInOtherWords(t *testing.T) {
	t.Parallel()
	for _, words := range []string{
		"APIModel INTERNAL does not support field {field}", `APIModel {version} does not support field "{field}".`, "APIModel {version} does not support field {field} ({object})",
		"Unknown field: {field}", "{object}.{field} is not there", "bad request", "?",
	} {
		for _, without := range [][]string{
			{"USER.title"}, {"USER.scheduledDeactivationDate"}, {"USER.actualDeactivationDate", "USER.licenseType"}, {"USER.homeGroup", "USER.lastLoginDate"}, {"TEAMOB.name"}, {"USER.managerID"},
		} {
			for _, status := range []int{400, 422} {
				sim, url, jane := simulate(t, workfrontsim.Config{Without: without, UnknownFieldWords: words, UnknownFieldStatus: status})
				c, ctx := simClient(t, sim, url), within(t)
				var missing []string
				for _, name := range workfront.UsualFields {
					for _, w := range without {
						_, field, _ := strings.Cut(w, ".")
						if name == field || strings.HasPrefix(name, field+":") || w == "TEAMOB.name" && name == "homeTeam:name" {
							missing = append(missing, name)
						}
					}
				}
				for range 2 {
					u, err := findOne(ctx, c, jane.Email)
					if err != nil || !slices.Equal(u.Missing, missing) || u.Manager.Email != "max@acme.com" {
						t.Errorf("%q, without %v: missing %v, manager %v, %v", words, without, u.Missing, u.Manager, err)
					}
				}
				before := len(sim.Journal())
				if _, err := c.Get(ctx, jane.ID); err != nil || len(sim.Journal())-before != 1 {
					t.Errorf("%q, without %v: %d requests for the next call, %v", words, without, len(sim.Journal())-before, err)
				}
			}
		}
	}
}

// A needed field that is refused without its object is named all the same.
func TestRefusedNeededFieldInOtherWords(t *testing.T) {
	t.Parallel()
	for _, without := range []string{"USER.isActive", "USER.emailAddr", "USER.name", "ACSLVL.isAdmin"} {
		sim, url, jane := simulate(t, workfrontsim.Config{Without: []string{without}, UnknownFieldWords: "APIModel INTERNAL does not support field {field}"})
		_, field, _ := strings.Cut(without, ".")
		_, err := simClient(t, sim, url).Get(within(t), jane.ID)
		if e := asError(t, err); e.Temporary() || !strings.Contains(e.Error(), "nobody can be judged: "+field) {
			t.Errorf("without %s: %v", without, err)
		}
	}
}

// A refusal that names no field costs the one that is refused, and not the others.
func TestRefusalWithoutName(t *testing.T) {
	t.Parallel()
	sim, url, jane := simulate(t, workfrontsim.Config{})
	c, ctx := simClient(t, sim, url), within(t)
	fault := sim.Inject(workfrontsim.Fault{Operation: "user/*", Field: "homeGroup", Answer: workfrontsim.Answer{Kind: workfrontsim.JSONError, Status: 422, Message: "bad request"}})
	u, err := findOne(ctx, c, jane.Email)
	if err != nil || u.ID != jane.ID || u.Title != jane.Title || !u.AccessLevel.AdminKnown || !slices.Equal(u.Missing, []string{"homeGroup:name"}) {
		t.Errorf("%+v, %v", u, err)
	}
	sim.RemoveFault(fault)
	sim.Inject(workfrontsim.Fault{Operation: "user/*", Field: "title", Times: 1, Answer: workfrontsim.Answer{Kind: workfrontsim.JSONError, Status: 422, Message: "not now"}})
	if u, err := findOne(ctx, c, jane.Email); err != nil || u.Title != "" || len(u.Missing) != len(workfront.UsualFields) {
		t.Errorf("where none is refused: %+v, %v", u, err)
	}
	if u, err := findOne(ctx, c, jane.Email); err != nil || u.Title != jane.Title || !slices.Equal(u.Missing, []string{"homeGroup:name"}) {
		t.Errorf("after it: %+v, %v", u, err)
	}
}

func TestUserFields(t *testing.T) {
	t.Parallel()
	sim := workfrontsim.Config{CustomFields: []string{"Employee ID", "Cost: centre (main)", "Not filled"}}
	tenant, url, _ := simulate(t, sim)
	sales := tenant.AddTeam("Sales")
	eve := tenant.AddUser(workfrontsim.User{Name: "Eve", Email: "eve@acme.com", Phone: "+1 555 0100", Active: true, Title: "Lead", TeamIDs: []string{sales, tenant.AddTeam("Night")},
		Custom: map[string]string{"Employee ID": "4711", "Cost: centre (main)": "A/12 <b>"}})
	fields := []string{"DE:Employee ID", "DE:Cost: centre (main)", "DE:Not filled", "DE:Not there", "phoneNumber", "teams:name", "company:name", "homeTeam", "ssoAccessOnly",
		"noSuchField", "accessLevel:rank", "title", "title", "isActive", "accessLevel:isAdmin"}
	c := newClient(t, workfront.Config{URL: url, APIKey: secret.Value(tenant.APIKey()), UserFields: fields})
	want := workfront.User{
		ID: eve.ID, Name: "Eve", Email: "eve@acme.com", Title: "Lead", Active: true, AccessLevel: workfront.AccessLevel{Name: "Standard", AdminKnown: true}, // a reference comes with its name
		Extra: []workfront.Field{{"DE:Employee ID", "4711"}, {"DE:Cost: centre (main)", "A/12 <b>"}, {"DE:Not filled", ""}, {"phoneNumber", "+1 555 0100"},
			{"teams:name", "Sales, Night"}, {"company:name", ""}, {"homeTeam", ""}, {"ssoAccessOnly", ""}, {"accessLevel:rank", ""}},
		// Those of the usual fields that were not asked for are not known either.
		Missing: append([]string{"DE:Not there", "noSuchField"}, slices.DeleteFunc(slices.Clone(workfront.UsualFields), func(name string) bool { return name == "title" })...),
	}
	got, err := findOne(within(t), c, "eve@acme.com")
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
}

// Values of fields are shown as they are written, whatever they are.
func TestExtraValues(t *testing.T) {
	t.Parallel()
	values := map[string]string{
		`"a\/b"`: "a/b", `1234567890123456789`: "1234567890123456789", `1.50`: "1.50", `true`: "true", `null`: "", `["a",null,2]`: "a, 2",
		`{"ID":"x1","name":"Sales"}`: "Sales", `{"ID":"x1"}`: "x1", `{}`: "", `[{"name":"A"},{"name":"B"}]`: "A, B",
	}
	for value, want := range values {
		c := serveConfig(t, workfront.Config{APIKey: apiKey, UserFields: []string{"DE:x"}}, answers(200, `{"data":`+strings.Replace(jane, "{", `{"DE:x":`+value+`,`, 1)+`}`))
		u, err := c.Get(within(t), janeID)
		if err != nil || len(u.Extra) != 1 || u.Extra[0] != (workfront.Field{Name: "DE:x", Value: want}) {
			t.Errorf("%s: %+v, %v; want %q", value, u.Extra, err, want)
		}
	}
}

func TestConfiguredFieldsChecked(t *testing.T) {
	t.Parallel()
	for field, good := range map[string]bool{
		"title": true, "manager:emailAddr": true, "a:b:c:d": true, "DE:Any name: (1)": true,
		"": false, "a:b:c:d:e": false, "*": false, "title,isActive": false, "DE:a,b": false, "DE:": false, "DE:a\n": false, " title": false, "$$USER": false, "a:": false,
	} {
		_, err := workfront.New(workfront.Config{URL: "https://acme.my.workfront.adobe.com", APIKey: apiKey, UserFields: []string{field}})
		if (err == nil) != good || err != nil && !strings.Contains(err.Error(), "UserFields") {
			t.Errorf("%q: %v", field, err)
		}
	}
	_, err := workfront.New(workfront.Config{URL: "https://acme.my.workfront.adobe.com", APIKey: apiKey,
		ClosedStatuses: map[workfront.HoldingKind][]string{"reports": {"X"}, "tasks": {"X"}}})
	if err == nil || !strings.Contains(err.Error(), "reports") || strings.Contains(err.Error(), "tasks") {
		t.Errorf("statuses of what has none: %v", err)
	}
}

func TestAwaitingApproval(t *testing.T) {
	t.Parallel()
	sim, url, jane := simulate(t, workfrontsim.Config{})
	record := func(userID, status string) {
		t.Helper()
		if _, err := sim.AddRecord("USRAPV", map[string]any{"userID": userID, "status": status, "requestorID": jane.ManagerID}); err != nil {
			t.Fatal(err)
		}
	}
	pending := sim.AddUser(workfrontsim.User{Email: "pending@acme.com"})
	record(pending.ID, "NEW")
	record(jane.ManagerID, "OK")
	ctx := within(t)
	check := func(c *workfront.Client, want map[string]bool) {
		t.Helper()
		for id, awaiting := range want {
			if got, err := c.AwaitingApproval(ctx, id); err != nil || got != awaiting {
				t.Errorf("%s: %v, %v; want %v", id, got, err, awaiting)
			}
		}
	}
	c := simClient(t, sim, url)
	check(c, map[string]bool{pending.ID: true, jane.ManagerID: true, jane.ID: false})
	decided := newClient(t, workfront.Config{URL: url, APIKey: secret.Value(sim.APIKey()), DecidedStatuses: []string{"OK", "NO"}})
	check(decided, map[string]bool{pending.ID: true, jane.ManagerID: false, jane.ID: false})

	sim.Inject(workfrontsim.Fault{Operation: "usrapv/count", Answer: workfrontsim.Answer{Kind: workfrontsim.JSONError, Status: 403}})
	if _, err := c.AwaitingApproval(ctx, jane.ID); asError(t, err).Status != http.StatusForbidden {
		t.Errorf("refused: %v", err)
	}
	without, url, jane := simulate(t, workfrontsim.Config{Without: []string{"USRAPV"}})
	if _, err := simClient(t, without, url).AwaitingApproval(ctx, jane.ID); err == nil || errors.Is(err, workfront.ErrNotFound) {
		t.Errorf("a tenant without approvals: %v", err)
	}
	if _, err := c.AwaitingApproval(ctx, "search"); err == nil {
		t.Error("approval of a user that is none")
	}
}

// Switching on is refused in Workfront's words, changes nothing and is final.
func TestReactivationRefused(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		why     string
		sim     workfrontsim.Config
		message string
	}{
		{"no access level in the update", workfrontsim.Config{ActivateNeedsLevel: true}, "accessLevelID cannot be null"},
		{"no home group", workfrontsim.Config{ActivateNeedsGroup: true}, "homeGroupID cannot be null"},
		{"awaiting approval", workfrontsim.Config{RefusePending: true}, "The user is pending approval"},
		{"no licence left", workfrontsim.Config{FullLicenses: 3}, "There are no more licenses available"}, // max, jane and the caller
		{"an active twin", workfrontsim.Config{}, `Invalid Parameter: emailAddr value "paul@acme.com"`},
	} {
		sim, url, _ := simulate(t, tc.sim)
		paul := sim.AddUser(workfrontsim.User{Email: "paul@acme.com"})
		if tc.why == "an active twin" {
			sim.AddUser(workfrontsim.User{Email: "PAUL@acme.com", Active: true})
		}
		if _, err := sim.AddRecord("USRAPV", map[string]any{"userID": paul.ID}); err != nil {
			t.Fatal(err)
		}
		_, err := simClient(t, sim, url).SetActive(within(t), paul.ID, true)
		if e := asError(t, err); e.Message != tc.message || e.Temporary() || e.MaybeApplied() {
			t.Errorf("%s: %v", tc.why, err)
		}
		if now, _ := sim.User(paul.ID); now.Active {
			t.Errorf("%s: active all the same", tc.why)
		}
	}
}
