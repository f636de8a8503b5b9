package workfrontsim_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"wfbot/workfront/workfrontsim"
)

func TestDeactivateInEveryForm(t *testing.T) {
	t.Parallel()
	const id = "{id}"
	for _, tt := range []struct {
		why string
		r   request
	}{
		{"JSON body", request{method: "PUT", path: "/user/{id}?fields=isActive", body: `{"isActive":false}`, kind: "application/json"}},
		{"JSON body with a string", request{method: "PUT", path: "/USER/{id}?fields=isActive", body: `{"isActive":"false"}`, kind: "application/json;charset=utf-8"}},
		{"JSON body that names the ID", request{method: "PUT", path: "/user?fields=isActive", body: `{"ID":"{id}","isActive":false}`, kind: "application/json"}},
		{"parameter in the query", request{method: "PUT", path: "/user/{id}?isActive=false&fields=isActive"}},
		{"parameter in a form", request{method: "PUT", path: "/user/{id}", body: "isActive=FALSE&fields=isActive", kind: formType}},
		{"updates in the query", request{method: "PUT", path: "/user/{id}?fields=isActive&updates=" + url.QueryEscape(`{"isActive":"false"}`)}},
		{"updates with bare keys", request{method: "PUT", path: "/user/{id}?fields=isActive&updates=" + url.QueryEscape(`{isActive: false, title:"a,b:{c"}`)}},
		{"updates in a form", request{method: "PUT", path: "/user/{id}", body: form("updates", `{"isActive":false}`, "fields", "isActive"), kind: formType}},
		{"method= over GET, as Adobe's page has it", request{method: "GET", path: "/USER/{id}?updates=" + url.QueryEscape(`{"isActive":"false"}`) + "&method=put&fields=isActive"}},
		{"method= over POST", request{method: "POST", path: "/user/{id}?method=PUT&isActive=false&fields=isActive"}},
		{"id as a parameter", request{method: "PUT", path: "/user?id={id}&isActive=false&fields=isActive"}},
	} {
		tn := newTenant(t, workfrontsim.Config{})
		jane := tn.AddUser(workfrontsim.User{Name: "Jane", Email: "jane@acme.com", Active: true})
		r := tt.r
		r.path = api + strings.ReplaceAll(r.path, id, jane.ID)
		r.body = strings.ReplaceAll(r.body, id, jane.ID)
		a := tn.do(r)
		want := fmt.Sprintf(`{"data":{"ID":%q,"isActive":false,"name":"Jane","objCode":"USER"}}`, jane.ID)
		if a.status != 200 || a.text != want {
			t.Errorf("%s: %d %s", tt.why, a.status, a.text)
		}
		changes := tn.Changes()
		if tn.active(jane.ID) || len(changes) != 1 || changes[0].CallerID != tn.Caller().ID || changes[0].UserID != jane.ID || changes[0].Call != 1 {
			t.Errorf("%s: changes %+v", tt.why, changes)
		}
		if c := tn.Journal()[0]; c.Operation != "user/put" || len(c.Targets) == 0 || c.Targets[0] != jane.ID {
			t.Errorf("%s: journal %+v", tt.why, c)
		}
	}
}

func TestRefusedUpdates(t *testing.T) {
	t.Parallel()
	tn := newTenant(t, workfrontsim.Config{})
	jane := tn.AddUser(workfrontsim.User{Name: "Jane", Email: "jane@acme.com", Active: true})
	hidden := tn.AddUser(workfrontsim.User{Email: "hidden@acme.com", Active: true})
	readOnly := tn.AddUser(workfrontsim.User{Email: "readonly@acme.com", Active: true})
	tn.SetAccess(workfrontsim.Everyone, hidden.ID, workfrontsim.Hidden)
	tn.SetAccess(tn.Caller().ID, readOnly.ID, workfrontsim.ReadOnly)
	nobody := strings.Repeat("0", 32)
	many := "[" + strings.TrimSuffix(strings.Repeat(`{"ID":"`+jane.ID+`","isActive":false},`, 101), ",") + "]"
	for _, tt := range []struct {
		why, path, body string
		status          int
		message         string
	}{
		{"unknown user", "/user/" + nobody, `{"isActive":false}`, 404, `User with primary key value(s) "` + nobody + `" not found`},
		{"hidden user", "/user/" + hidden.ID, `{"isActive":false}`, 404, `User with primary key value(s) "` + hidden.ID + `" not found`},
		{"user that may be seen only", "/user/" + readOnly.ID, `{"isActive":false}`, 403, "You do not have sufficient access to edit this User"},
		{"unknown field", "/user/" + jane.ID, `{"active":false}`, 422, "APIModel V22_0 does not support field active (User)"},
		{"unknown field asked for", "/user/" + jane.ID + "?fields=isActve", `{"isActive":false}`, 422, "APIModel V22_0 does not support field isActve (User)"},
		{"neither true nor false", "/user/" + jane.ID, `{"isActive":"no"}`, 422, `Invalid Parameter: isActive value "no"`},
		{"a number", "/user/" + jane.ID, `{"isActive":0}`, 422, `Invalid Parameter: isActive value "0"`},
		{"null", "/user/" + jane.ID, `{"isActive":null}`, 422, `Invalid Parameter: isActive value "<nil>"`},
		{"not editable", "/user/" + jane.ID, `{"emailAddr":"x@acme.com"}`, 422, `Invalid Parameter: emailAddr value "x@acme.com"`},
		{"unknown manager", "/user/" + jane.ID, `{"managerID":"` + nobody + `"}`, 404, `User with primary key value(s) "` + nobody + `" not found`},
		{"updates beside a parameter", "/user/" + jane.ID + "?updates=" + url.QueryEscape(`{"isActive":false}`) + "&title=x", "", 422,
			"Cannot mix 'updates' JSON parameter with non-JSON update parameter 'title'"},
		{"a body beside a parameter", "/user/" + jane.ID + "?title=x", `{"isActive":false}`, 422,
			"Cannot mix 'updates' JSON parameter with non-JSON update parameter 'title'"},
		{"a body beside updates", "/user/" + jane.ID + "?updates={}", `{"isActive":false}`, 422, "Cannot mix 'updates' JSON parameter with a JSON body"},
		{"nothing to do", "/user/" + jane.ID, "", 422, "no updates given"},
		{"no JSON", "/user/" + jane.ID, `isActive=false`, 400, "updates are no JSON object or array"},
		{"no ID", "/user", `{"isActive":false}`, 400, "you must specify an ID"},
		{"two IDs", "/user/" + jane.ID, `{"ID":"` + hidden.ID + `","isActive":false}`, 422, `Invalid Parameter: ID value "` + hidden.ID + `"`},
		{"unknown action", "/user/" + jane.ID + "/deactivate", `{}`, 422, "APIModel V22_0 does not support action deactivate (USER)"},
		{"more than 100", "/user", many, 422, "Can not add more than 100 objects at once."},
		{"bulk without ID", "/user", `[{"isActive":false}]`, 422, `Invalid Parameter: ID value "<nil>"`},
		{"other objects", "/task/" + nobody, `{"status":"CPL"}`, 501, "workfrontsim does not simulate writes of TASK"},
	} {
		a := tn.put(tt.path, tt.body)
		if a.status != tt.status || a.message() != tt.message {
			t.Errorf("%s: %d %s, want %d %q", tt.why, a.status, a.text, tt.status, tt.message)
		}
	}
	text := tn.do(request{method: "PUT", path: api + "/user/" + jane.ID, body: "isActive=false", kind: "text/plain"})
	if text.status != 400 {
		t.Errorf("unsupported content type: %d %s", text.status, text.text)
	}
	if w := tn.Writes(); len(w) != 0 {
		t.Errorf("a refused update wrote %+v", w)
	}
	if post := tn.do(request{method: "POST", path: api + "/user", body: `{}`, kind: "application/json"}); post.status != 501 {
		t.Errorf("create: %d %s", post.status, post.text)
	}
}

func TestBulk(t *testing.T) {
	t.Parallel()
	tn := newTenant(t, workfrontsim.Config{})
	ann := tn.AddUser(workfrontsim.User{Name: "Ann", Email: "ann@acme.com", Active: true})
	bob := tn.AddUser(workfrontsim.User{Name: "Bob", Email: "bob@acme.com", Active: true})
	both := fmt.Sprintf(`[{"ID":%q,"isActive":false},{"ID":%q,"isActive":false}]`, ann.ID, bob.ID)
	halfBad := fmt.Sprintf(`[{"ID":%q,"isActive":false},{"ID":%q,"isActive":"x"}]`, ann.ID, bob.ID)

	if a := tn.put("/user?atomic=true", halfBad); a.status != 422 || !tn.active(ann.ID) {
		t.Errorf("atomic, second bad: %d, Ann active %t", a.status, tn.active(ann.ID))
	}
	if a := tn.put("/user", halfBad); a.status != 422 || tn.active(ann.ID) || !tn.active(bob.ID) {
		t.Errorf("not atomic, second bad: %d, Ann active %t", a.status, tn.active(ann.ID))
	}
	a := tn.put("/user?fields=isActive", both)
	if got := a.list(t); len(got) != 2 || got[1]["isActive"] != false || tn.active(bob.ID) {
		t.Errorf("bulk: %s", a.text)
	}
	if a := tn.put("/user?atomic=true", strings.ReplaceAll(both, "false", "true")); a.object(t)["success"] != true || !tn.active(bob.ID) {
		t.Errorf("atomic: %s", a.text)
	}
	if got, want := len(tn.Writes()), 5; got != want {
		t.Errorf("%d writes, want %d", got, want)
	}
	if got, want := len(tn.Changes()), 4; got != want { // Ann was inactive already when both went
		t.Errorf("%d changes, want %d", got, want)
	}
}

func TestRepeatedWriteIsNoChange(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	tn := newTenant(t, workfrontsim.Config{Now: func() time.Time { return now }})
	jane := tn.AddUser(workfrontsim.User{Email: "jane@acme.com", Active: true})
	for range 2 {
		now = now.Add(time.Hour)
		if a := tn.put("/user/"+jane.ID, `{"isActive":false}`); a.status != 200 {
			t.Fatalf("%d %s", a.status, a.text)
		}
	}
	caller := tn.Caller().ID
	want := []workfrontsim.Write{
		{Call: 1, At: now.Add(-time.Hour), CallerID: caller, UserID: jane.ID, From: true, To: false},
		{Call: 2, At: now, CallerID: caller, UserID: jane.ID, From: false, To: false},
	}
	if diff := cmp.Diff(want, tn.Writes()); diff != "" {
		t.Errorf("writes (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(want[:1], tn.Changes()); diff != "" {
		t.Errorf("changes (-want +got):\n%s", diff)
	}
	if u, _ := tn.User(jane.ID); !u.LastUpdated.Equal(want[0].At) || u.UpdatedByID != caller {
		t.Errorf("updated %v by %s", u.LastUpdated, u.UpdatedByID)
	}
}

func TestConfiguredRefusals(t *testing.T) {
	t.Parallel()
	self := func(tn tenant) string { return tn.Caller().ID }
	add := func(u workfrontsim.User) func(tenant) string {
		return func(tn tenant) string { return tn.AddUser(u).ID }
	}
	for _, tt := range []struct {
		why    string
		config workfrontsim.Config
		target func(tenant) string
		body   string
		status int
	}{
		{"self, by default", workfrontsim.Config{}, self, `{"isActive":false}`, 200},
		{"self", workfrontsim.Config{RefuseSelfTarget: true}, self, `{"isActive":false}`, 422},
		{"administrator", workfrontsim.Config{RefuseAdminTarget: true},
			add(workfrontsim.User{Active: true, AccessLevelID: workfrontsim.AccessAdministrator}), `{"isActive":false}`, 403},
		{"repeated", workfrontsim.Config{RepeatStatus: 422}, add(workfrontsim.User{}), `{"isActive":false}`, 422},
		{"activate, by default", workfrontsim.Config{}, add(workfrontsim.User{}), `{"isActive":true}`, 200},
		{"activate without level", workfrontsim.Config{ActivateNeedsLevel: true}, add(workfrontsim.User{}), `{"isActive":true}`, 422},
		{"activate with level", workfrontsim.Config{ActivateNeedsLevel: true}, add(workfrontsim.User{}),
			`{"isActive":true,"accessLevelID":"` + workfrontsim.AccessLight + `"}`, 200},
		{"activate a twin", workfrontsim.Config{}, add(workfrontsim.User{Email: "INTEGRATION@acme.com"}), `{"isActive":true}`, 422},
		{"activate a twin where allowed", workfrontsim.Config{DuplicateActiveEmail: true},
			add(workfrontsim.User{Email: "integration@acme.com"}), `{"isActive":true}`, 200},
	} {
		tn := newTenant(t, tt.config)
		if a := tn.put("/user/"+tt.target(tn), tt.body); a.status != tt.status {
			t.Errorf("%s: %d %s, want %d", tt.why, a.status, a.text, tt.status)
		}
	}
}

func TestWhoMayWhat(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		why             string
		rights          workfrontsim.UserRights
		seen            int // of Ann, Bob and the caller
		get, put, erase int
	}{
		{"sees only", workfrontsim.ViewUsers, 3, 200, 403, 403},
		{"edits", workfrontsim.EditUsers, 3, 200, 200, 403},
		{"sees nobody but themself", workfrontsim.NoUsers, 1, 404, 404, 404},
	} {
		tn := newTenant(t, workfrontsim.Config{})
		level := tn.AddAccessLevel(workfrontsim.AccessLevel{Name: "Integration", Users: tt.rights})
		tn.UpdateUser(tn.Caller().ID, func(u *workfrontsim.User) { u.AccessLevelID = level.ID })
		ann := tn.AddUser(workfrontsim.User{Name: "Ann", Email: "ann@acme.com", Active: true})
		bob := tn.AddUser(workfrontsim.User{Name: "Bob", Email: "bob@acme.com", Active: true, ManagerID: ann.ID})
		if got := len(tn.get("/user/search").list(t)); got != tt.seen {
			t.Errorf("%s: sees %d, want %d", tt.why, got, tt.seen)
		}
		if a := tn.get("/user/" + bob.ID); a.status != tt.get {
			t.Errorf("%s: get %d, want %d", tt.why, a.status, tt.get)
		}
		if a := tn.put("/user/"+bob.ID, `{"isActive":false}`); a.status != tt.put {
			t.Errorf("%s: put %d, want %d", tt.why, a.status, tt.put)
		}
		if a := tn.do(request{method: "DELETE", path: api + "/user/" + bob.ID}); a.status != tt.erase {
			t.Errorf("%s: delete %d, want %d", tt.why, a.status, tt.erase)
		}
	}

	tn := newTenant(t, workfrontsim.Config{HiddenStatus: 403})
	ann := tn.AddUser(workfrontsim.User{Name: "Ann", Email: "ann@acme.com"})
	bob := tn.AddUser(workfrontsim.User{Name: "Bob", Email: "bob@acme.com", ManagerID: ann.ID})
	tn.SetAccess(workfrontsim.Everyone, ann.ID, workfrontsim.Hidden)
	if a := tn.get("/user/" + ann.ID); a.status != 403 {
		t.Errorf("HiddenStatus: %d", a.status)
	}
	if got := tn.get("/user/search?emailAddr=ann@acme.com").text; got != `{"data":[]}` {
		t.Errorf("search for a hidden user: %s", got)
	}
	if got := tn.get("/user/" + bob.ID + "?fields=manager:name").object(t)["manager"]; got != nil {
		t.Errorf("hidden manager: %v", got)
	}
}

func TestDelete(t *testing.T) {
	t.Parallel()
	tn := newTenant(t, workfrontsim.Config{})
	jane := tn.AddUser(workfrontsim.User{Email: "jane@acme.com", Active: true})
	a := tn.do(request{method: "DELETE", path: api + "/user/" + jane.ID + "?force=true"})
	if _, still := tn.User(jane.ID); still || a.object(t)["success"] != true {
		t.Errorf("%d %s", a.status, a.text)
	}
	if c := tn.Journal()[0]; len(c.Deleted) != 1 || c.Deleted[0] != jane.ID {
		t.Errorf("journal does not show the deletion: %+v", c)
	}
}
