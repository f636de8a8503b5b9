package workfrontsim_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"wfbot/workfront/workfrontsim"
)

// staff is a tenant with four known users.
func staff(t *testing.T, c workfrontsim.Config) (tn tenant, boss workfrontsim.User) {
	tn = newTenant(t, c)
	boss = tn.AddUser(workfrontsim.User{Name: "Boss", Email: "boss@acme.com", Active: true, Title: "Head of IT",
		LastLogin: time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)})
	tn.AddUser(workfrontsim.User{Name: "Ann", Email: "Ann+wf@Acme.com", Active: true, ManagerID: boss.ID, Title: "clerk",
		LastLogin: time.Date(2026, 10, 1, 0, 0, 0, 0, time.UTC)})
	tn.AddUser(workfrontsim.User{Name: "bob", Email: "bob@acme.com", ManagerID: boss.ID, Title: "50% clerk"})
	tn.AddUser(workfrontsim.User{Name: "Zoë", Email: "zoe@example.com", Active: true})
	return tn, boss
}

func TestFilters(t *testing.T) {
	t.Parallel()
	tn, boss := staff(t, workfrontsim.Config{})
	zoe, _ := tn.UserByEmail("zoe@example.com")
	all := []string{"Ann", "Boss", "Workfront Integration", "Zoë", "bob"}
	for _, tt := range []struct {
		why, query string
		want       []string
	}{
		{"no filter", "", all},
		{"eq is the default and sees case", "emailAddr=ann%2Bwf@acme.com", nil},
		{"cieq does not", "emailAddr=ann%2Bwf@acme.com&emailAddr_Mod=cieq", []string{"Ann"}},
		{"a raw plus is a space", "emailAddr=ann+wf@acme.com&emailAddr_Mod=cieq", nil},
		{"boolean", "isActive=false", []string{"bob"}},
		{"ne matches null", "title=clerk&title_Mod=ne", []string{"Boss", "Workfront Integration", "Zoë", "bob"}},
		{"cine", "title=CLERK&title_Mod=cine", []string{"Boss", "Workfront Integration", "Zoë", "bob"}},
		{"contains", "title=clerk&title_Mod=contains", []string{"Ann", "bob"}},
		{"cicontains", "title=IT&title_Mod=cicontains", []string{"Boss"}},
		{"notcontains matches null", "title=clerk&title_Mod=notcontains", []string{"Boss", "Workfront Integration", "Zoë"}},
		{"startswith", "title=50&title_Mod=startswith", []string{"bob"}},
		{"like", "title=%25clerk&title_Mod=like", []string{"Ann", "bob"}},
		{"cilike with one character", "name=B_B&name_Mod=cilike", []string{"bob"}},
		{"in takes repeated values", "name=Ann&name=Boss&name_Mod=in", []string{"Ann", "Boss"}},
		{"in does not split text", "name=Ann,Boss&name_Mod=in", nil},
		{"in splits identifiers", "ID=" + boss.ID + "," + zoe.ID + "&ID_Mod=in", []string{"Boss", "Zoë"}},
		{"ciin", "name=ANN&name_Mod=ciin", []string{"Ann"}},
		{"notin", "name=Ann&name=Boss&name_Mod=notin", []string{"Workfront Integration", "Zoë", "bob"}},
		{"isnull needs no value", "managerID_Mod=isnull", []string{"Boss", "Workfront Integration", "Zoë"}},
		{"notnull", "managerID=&managerID_Mod=notnull", []string{"Ann", "bob"}},
		{"isblank", "title_Mod=isblank", []string{"Workfront Integration", "Zoë"}},
		{"notblank", "title_Mod=notblank", []string{"Ann", "Boss", "bob"}},
		{"gt on a date", "lastLoginDate=2026-10-15T00:00:00.000Z&lastLoginDate_Mod=gt", []string{"Boss"}},
		{"lte on a date as Workfront writes it", "lastLoginDate=2026-10-01T02:00:00:000%2B0200&lastLoginDate_Mod=lte", []string{"Ann"}},
		{"cinotbetween", "name=A&name_Range=C&name_Mod=cinotbetween", []string{"Workfront Integration", "Zoë"}},
		{"between", "lastLoginDate=2026-01-01&lastLoginDate_Range=2026-10-20&lastLoginDate_Mod=between", []string{"Ann"}},
		{"gte on text", "name=Z&name_Mod=gte", []string{"Zoë", "bob"}},
		{"through a reference", "manager:emailAddr=boss@acme.com", []string{"Ann", "bob"}},
		{"derived field through a reference", "accessLevel:isAdmin=true", []string{"Workfront Integration"}},
		{"derived field", "isAdmin=true", []string{"Workfront Integration"}},
		{"through a collection", "directReports:name=bob", []string{"Boss"}},
		{"wildcard", "ID=$$USER", []string{"Workfront Integration"}},
		{"wildcard encoded, with field", "ID=%24%24USER.ID", []string{"Workfront Integration"}},
		{"all filters hold together", "managerID=" + boss.ID + "&isActive=true", []string{"Ann"}},
		{"alternatives", "name=Ann&OR:1:name=Boss&OR:2:title=x", []string{"Ann", "Boss"}},
		{"an alternative carries its own modifier", "OR:a:name=ann&OR:a:name_Mod=cieq", []string{"Ann"}},
		{"filters do not carry over", "isActive=true&name=Ann&OR:1:managerID=" + boss.ID, []string{"Ann", "bob"}},
		{"JSON filters", `filters={"username":"BOB@acme.com","username_Mod":"cieq","isActive":false}`, []string{"bob"}},
		{"an enum without such a value", "licenseType=?", nil},
	} {
		a := tn.get("/user/search?name_Sort=asc&" + tt.query)
		if a.status != 200 {
			t.Errorf("%s: %d %s", tt.why, a.status, a.text)
			continue
		}
		if got := a.names(t); !slices.Equal(got, tt.want) {
			t.Errorf("%s: %q, want %q", tt.why, got, tt.want)
		}
		count := tn.get("/user/count?" + tt.query).object(t)["count"]
		if count != float64(len(tt.want)) {
			t.Errorf("%s: count %v, want %d", tt.why, count, len(tt.want))
		}
	}
}

func TestRefusedQueries(t *testing.T) {
	t.Parallel()
	tn, _ := staff(t, workfrontsim.Config{})
	for _, tt := range []struct {
		why, path string
		status    int
		message   string
	}{
		{"unknown filter field", "/user/search?mail=x", 422, "APIModel V22_0 does not support field mail (User)"},
		{"field names are case-sensitive", "/user/search?EmailAddr=x", 422, "APIModel V22_0 does not support field EmailAddr (User)"},
		{"so is _Mod", "/user/search?name=x&name_mod=eq", 422, "APIModel V22_0 does not support field name_mod (User)"},
		{"unknown field of a reference", "/user/search?manager:mail=x", 422, "APIModel V22_0 does not support field mail (User)"},
		{"a reference is no value", "/user/search?manager=x", 422, "APIModel V22_0 does not support field manager (User)"},
		{"unknown modifier", "/user/search?name=x&name_Mod=equals", 422, `Invalid Parameter: name_Mod value "equals"`},
		{"modifiers are case-sensitive", "/user/search?name=x&name_Mod=CIEQ", 422, `Invalid Parameter: name_Mod value "CIEQ"`},
		{"length modifier not simulated", "/user/search?name=3&name_Mod=length_lt", 501, "workfrontsim does not simulate the modifier length_lt"},
		{"negated modifier not simulated", "/user/search?name=x&name_Mod=cinotcontainsany", 501, "workfrontsim does not simulate the modifier cinotcontainsany"},
		{"objects of the API", "/metadata", 501, "workfrontsim does not simulate the list of all objects"},
		{"official modifier not simulated", "/user/search?name=x&name_Mod=soundex", 501, "workfrontsim does not simulate the modifier soundex"},
		{"modifier without value", "/user/search?name_Mod=eq", 422, `Invalid Parameter: name value ""`},
		{"two values for one", "/user/search?name=a&name=b", 422, `Invalid Parameter: name value "a,b"`},
		{"contains on a boolean", "/user/search?isActive=t&isActive_Mod=contains", 422, `Invalid Parameter: isActive_Mod value "contains"`},
		{"no boolean", "/user/search?isActive=yes", 422, `Invalid Parameter: isActive value "yes"`},
		{"no date", "/user/search?lastLoginDate=soon", 422, `Invalid Parameter: lastLoginDate value "soon"`},
		{"range without between", "/user/search?name=a&name_Range=b", 422, `Invalid Parameter: name_Range value "b"`},
		{"bad sort", "/user/search?name_Sort=up", 422, `Invalid Parameter: name_Sort value "up"`},
		{"sort by an unknown field", "/user/search?mail_Sort=asc", 422, "APIModel V22_0 does not support field mail (User)"},
		{"limit over the maximum", "/user/search?$$LIMIT=2001", 422, "The requested limit 2001 is greater than the maximum allowed limit of 2000"},
		{"the same, encoded", "/user/search?%24%24LIMIT=2001", 422, "The requested limit 2001 is greater than the maximum allowed limit of 2000"},
		{"negative start", "/user/search?$$FIRST=-1", 422, `Invalid Parameter: $$FIRST value "-1"`},
		{"filters= is no JSON", "/user/search?filters={x", 422, `Invalid Parameter: filters value "{x"`},
		{"report", "/user/report?name_1_GroupBy=true", 501, "workfrontsim does not simulate reports"},
		{"unknown field asked for", "/user/search?fields=ID,deactivatedAt", 422, "APIModel V22_0 does not support field deactivatedAt (User)"},
		{"unknown nested field asked for", "/user/search?fields=manager:mail", 422, "APIModel V22_0 does not support field mail (User)"},
		{"fields too deep", "/user/search?fields=manager:manager:manager:manager:name", 422, `Invalid Parameter: fields value "manager:manager:manager:manager:name"`},
		{"unknown object", "/users/search", 404, "Unknown object type: users"},
		{"unknown named query", "/user/myUsers", 422, "APIModel V22_0 does not support namedQuery myUsers (USER)"},
		{"too many parts", "/user/a/b/c", 400, "unrecognized URI format: too many parts"},
		{"unknown ID", "/user/00000000000000000000000000000000", 404, `User with primary key value(s) "00000000000000000000000000000000" not found`},
		{"stray parameter", "/user?id=$$USER&field=name", 422, "APIModel V22_0 does not support field field (User)"},
	} {
		a := tn.get(tt.path)
		if a.status != tt.status || a.message() != tt.message {
			t.Errorf("%s: %d %s, want %d %q", tt.why, a.status, a.text, tt.status, tt.message)
		}
	}
}

func TestPaging(t *testing.T) {
	t.Parallel()
	tn := newTenant(t, workfrontsim.Config{})
	for i := range 149 {
		tn.AddUser(workfrontsim.User{Name: fmt.Sprintf("User %03d", i), Email: fmt.Sprintf("user%d@acme.com", i), Active: true})
	}
	if n := len(tn.get("/user/search").list(t)); n != 100 {
		t.Errorf("default page has %d users, want 100", n)
	}
	if n := len(tn.get("/user/search?$$LIMIT=2000").list(t)); n != 150 {
		t.Errorf("largest page has %d users, want all 150", n)
	}
	page := func(query string) []string { return tn.get("/user/search?" + query).names(t) }
	sorted := append(page("name_Sort=asc&$$FIRST=0&$$LIMIT=80"), page("name_Sort=asc&%24%24FIRST=80&%24%24LIMIT=80")...)
	if len(sorted) != 150 || !slices.IsSorted(sorted) {
		t.Errorf("two sorted pages give %d users", len(sorted))
	}
	if n := len(page("$$FIRST=1000")); n != 0 {
		t.Errorf("page after the end has %d users", n)
	}
	unsorted := append(page("$$LIMIT=80"), page("$$FIRST=80&$$LIMIT=80")...)
	slices.Sort(unsorted)
	if len(slices.Compact(unsorted)) == 150 {
		t.Error("unsorted pages lost nobody; Workfront's repeat and skip rows")
	}
}

func TestSort(t *testing.T) {
	t.Parallel()
	tn, _ := staff(t, workfrontsim.Config{})
	for query, want := range map[string][]string{
		"name_Sort=asc":                    {"Ann", "Boss", "Workfront Integration", "Zoë", "bob"},
		"name_Sort=ciasc":                  {"Ann", "bob", "Boss", "Workfront Integration", "Zoë"},
		"name_Sort=cidesc":                 {"Zoë", "Workfront Integration", "Boss", "bob", "Ann"},
		"isActive_Sort=asc&name_Sort=desc": {"bob", "Zoë", "Workfront Integration", "Boss", "Ann"},
		// The number decides, not the order of the parameters.
		"name_2_Sort=asc&isActive_1_Sort=desc": {"Ann", "Boss", "Workfront Integration", "Zoë", "bob"},
		"manager:name_Sort=desc&name_Sort=asc": {"Ann", "bob", "Boss", "Workfront Integration", "Zoë"},
	} {
		if got := tn.get("/user/search?" + query).names(t); !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", query, got, want)
		}
	}
}

func TestShapes(t *testing.T) {
	t.Parallel()
	tn, boss := staff(t, workfrontsim.Config{})
	bob, _ := tn.UserByEmail("bob@acme.com")
	if got := tn.get("/USER/" + boss.ID).object(t)["name"]; got != "Boss" {
		t.Errorf("object code in capitals: %v", got)
	}
	if got := tn.get("/user?id=" + boss.ID + "," + bob.ID).names(t); !slices.Equal(got, []string{"Boss", "bob"}) {
		t.Errorf("two by one id parameter: %q", got)
	}
	if got := tn.get("/user?id=" + boss.ID + "&id=" + bob.ID).names(t); !slices.Equal(got, []string{"Boss", "bob"}) {
		t.Errorf("two by two id parameters: %q", got)
	}
	if got := tn.get("/user/search?map=true&name=bob").object(t)[bob.ID]; got == nil {
		t.Error("map=true gives no object keyed by ID")
	}
	post := tn.do(request{method: "POST", path: api + "/user/search", kind: formType, body: form("method", "GET", "name", "bob")})
	if got := post.names(t); !slices.Equal(got, []string{"bob"}) {
		t.Errorf("search by POST: %q", got)
	}
	array := newTenant(t, workfrontsim.Config{IDParamAlwaysArray: true})
	if got := len(array.get("/user?id=$$USER").list(t)); got != 1 {
		t.Errorf("IDParamAlwaysArray: %d", got)
	}
	meta := tn.get("/user/metadata").object(t)
	if _, ok := meta["fields"].(map[string]any)["eauthUserID"]; !ok {
		t.Error("metadata of v22 lacks eauthUserID")
	}
}

func TestVersions(t *testing.T) {
	t.Parallel()
	tn := newTenant(t, workfrontsim.Config{})
	for _, tt := range []struct {
		path    string
		status  int
		message string
	}{
		{"/attask/api/v22.0/user?id=$$USER", 200, ""},
		{"/attask/api/v16.0/user?id=$$USER", 200, ""},
		{"/attask/api/user?id=$$USER", 200, ""},
		{"/attask/api-unsupported/user?id=$$USER", 200, ""},
		{"/attask/api/v15.0/user?id=$$USER", 410, "API version v15.0 is no longer available"},
		{"/attask/api/v7.0/user?id=$$USER", 410, "API version v7.0 is no longer available"},
		{"/attask/api/v23.0/user?id=$$USER", 404, "API version v23.0 does not exist"},
		{"/attask/api-internal/user?id=$$USER", 403, "the internal API is not available to integrations"},
		{"/attask/api/api-internal/user?id=$$USER", 403, "the internal API is not available to integrations"},
		{"/attask/api/v21.0/user/search?fields=userLocations", 200, ""},
		{"/attask/api/v22.0/user/search?fields=userLocations", 422, "APIModel V22_0 does not support field userLocations (User)"},
		{"/attask/api/v21.0/user/search?fields=eauthUserID", 422, "APIModel V21_0 does not support field eauthUserID (User)"},
		{"/api/v22.0/user", 404, "no such page"},
	} {
		a := tn.do(request{method: "GET", path: tt.path})
		if a.status != tt.status || a.message() != tt.message {
			t.Errorf("%s: %d %s, want %d %q", tt.path, a.status, a.text, tt.status, tt.message)
		}
	}
	if a := tn.do(request{method: "COPY", path: api + "/user/search"}); a.message() != "Unsupported HTTP method: COPY" {
		t.Errorf("COPY: %d %s", a.status, a.text)
	}
}

func TestFields(t *testing.T) {
	t.Parallel()
	tn := newTenant(t, workfrontsim.Config{Location: time.FixedZone("", 4*60*60)})
	boss := tn.AddUser(workfrontsim.User{Name: "A/B <ü𝄞>", Email: "boss@acme.com"})
	group := tn.AddGroup("IT")
	bob := tn.AddUser(workfrontsim.User{Name: "Bob", Email: "bob@acme.com", Active: true, ManagerID: boss.ID, HomeGroupID: group,
		LastLogin: time.Date(2017, 3, 8, 13, 0, 0, 278e6, time.UTC)})
	for _, tt := range []struct {
		why, fields, want string
	}{
		{"default", "", `{"data":{"ID":"BOB","name":"Bob","objCode":"USER"}}`},
		{"own fields", "isActive,title,lastLoginDate",
			`{"data":{"ID":"BOB","isActive":true,"lastLoginDate":"2017-03-08T17:00:00:278+0400","name":"Bob","objCode":"USER","title":null}}`},
		{"escapes of a nested reference", "manager:emailAddr",
			`{"data":{"ID":"BOB","manager":{"ID":"BOSS","emailAddr":"boss@acme.com","name":"A\/B \u003c\u00fc\ud834\udd1e\u003e","objCode":"USER"},"name":"Bob","objCode":"USER"}}`},
		{"null reference", "manager:manager:name,homeTeam:name",
			`{"data":{"ID":"BOB","homeTeam":null,"manager":{"ID":"BOSS","manager":null,"name":"A\/B \u003c\u00fc\ud834\udd1e\u003e","objCode":"USER"},"name":"Bob","objCode":"USER"}}`},
		{"level and group", "accessLevel:isAdmin,homeGroup",
			`{"data":{"ID":"BOB","accessLevel":{"ID":"LEVEL","isAdmin":false,"name":"Standard","objCode":"ACSLVL"},"homeGroup":{"ID":"GROUP","name":"IT","objCode":"GROUP"},"name":"Bob","objCode":"USER"}}`},
		{"collection", "directReports:*", `{"data":{"ID":"BOB","directReports":[],"name":"Bob","objCode":"USER"}}`},
		{"as a JSON array", `["isActive"]`, `{"data":{"ID":"BOB","isActive":true,"name":"Bob","objCode":"USER"}}`},
	} {
		want := tt.want
		for name, id := range map[string]string{`"BOB"`: bob.ID, `"BOSS"`: boss.ID, `"LEVEL"`: workfrontsim.AccessStandard, `"ID":"GROUP"`: group} {
			if name == `"ID":"GROUP"` {
				want = strings.ReplaceAll(want, name, `"ID":"`+id+`"`)
				continue
			}
			want = strings.ReplaceAll(want, name, `"`+id+`"`)
		}
		if diff := cmp.Diff(want, tn.get("/user/"+bob.ID+"?fields="+tt.fields).text); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.why, diff)
		}
	}
	all := tn.get("/user/" + boss.ID + "?fields=*,directReports:*").object(t)
	reports := all["directReports"].([]any)
	if all["emailAddr"] != "boss@acme.com" || len(reports) != 1 || reports[0].(map[string]any)["isActive"] != true {
		t.Errorf("fields=*,directReports:* gives %v", all)
	}
}

func TestWorkHeld(t *testing.T) {
	t.Parallel()
	tn, boss := staff(t, workfrontsim.Config{Without: []string{"AWAPVL", "PROJ.sponsorID"}})
	add := func(code string, values map[string]any) string {
		id, err := tn.AddRecord(code, values)
		if err != nil {
			t.Fatal(err)
		}
		return id
	}
	project := add("PROJ", map[string]any{"name": "Move", "status": "CUR", "ownerID": boss.ID})
	add("PROJ", map[string]any{"name": "Done", "status": "CPL", "ownerID": boss.ID})
	task := add("TASK", map[string]any{"name": "Pack", "status": "INP", "percentComplete": 50, "projectID": project})
	add("TASK", map[string]any{"name": "Ship", "status": "CPL", "percentComplete": 100, "assignedToID": boss.ID})
	add("ASSGN", map[string]any{"taskID": task, "assignedToID": boss.ID, "status": "AA"})
	for path, want := range map[string]float64{
		"/project/count?ownerID=" + boss.ID + "&status=CPL&status=DED&status=REJ&status_Mod=notin": 1,
		"/task/count?assignments:assignedToID=" + boss.ID + "&status=CPL&status_Mod=ne":            1,
		"/task/count?assignedToID=" + boss.ID + "&percentComplete=100&percentComplete_Mod=lt":      0,
		"/optask/count?assignedToID=" + boss.ID:                                                    0,
		"/user/count?managerID=" + boss.ID + "&isActive=true":                                      1,
	} {
		if got := tn.get(path).object(t)["count"]; got != want {
			t.Errorf("%s: %v, want %v", path, got, want)
		}
	}
	if a := tn.get("/awapvl/count"); a.status != 404 {
		t.Errorf("withheld object: %d %s", a.status, a.text)
	}
	if a := tn.get("/proj/count?sponsorID=" + boss.ID); a.status != 422 {
		t.Errorf("withheld field: %d %s", a.status, a.text)
	}
	for code, values := range map[string]map[string]any{"NOPE": nil, "TASK": {"nope": 1}, "PROJ": {"name": 1}, "PORT": {"ID": "x"}} {
		if _, err := tn.AddRecord(code, values); err == nil {
			t.Errorf("AddRecord(%s, %v) took it", code, values)
		}
	}
}

func TestDatesOfQueries(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	tn := newTenant(t, workfrontsim.Config{Now: func() time.Time { return now }, Location: time.UTC})
	tn.AddUser(workfrontsim.User{Name: "Ann", LastLogin: now.AddDate(0, 0, -10)})
	for value, found := range map[string]bool{ // is Ann's last login before it?
		"$$NOW": true, "$$TODAY": true, "$$TODAY-9d": true, "$$NOW-10d": false, "$$TODAY-1w": true, "$$TODAY-2w": false,
		"$$TODAY-1m": false, "$$TODAY%2B1y": true, "2026-11-14": true, "2026-11-13T11:59:59": false,
		"2026-11-13T13:00:00:000%2B0000": true, "2026-11-13T12:00:00.001Z": true,
	} {
		a := tn.get("/user/search?lastLoginDate_Mod=lt&lastLoginDate=" + value)
		if got := len(a.list(t)) == 1; got != found || a.status != 200 {
			t.Errorf("before %s: %t %s, want %t", value, got, a.text, found)
		}
	}
	for _, value := range []string{"$$TODAY-1x", "$$NOW-", "2026-13-01"} {
		if a := tn.get("/user/search?lastLoginDate_Mod=lt&lastLoginDate=" + value); a.status != 422 {
			t.Errorf("%s: %d, want 422", value, a.status)
		}
	}
}

func TestJSONFilters(t *testing.T) {
	t.Parallel()
	tn, _ := staff(t, workfrontsim.Config{})
	if _, err := tn.AddRecord("TASK", map[string]any{"name": "Pack", "percentComplete": 50}); err != nil {
		t.Fatal(err)
	}
	for path, status := range map[string]int{
		`/task/search?filters={"percentComplete":50}`:                 200,
		`/user/search?filters={"name":["Ann","bob"],"name_Mod":"in"}`: 200,
		`/user/search?filters={"name":null}`:                          422,
		`/user/search?filters={"name":[{}]}`:                          422,
		`/user/search?filters={"$$LIMIT":1}`:                          422,
		`/user/search?filters={"mail":"x"}`:                           422,
		`/user/search?OR:name=x`:                                      422, // no number
		`/user/search?OR:1:fields=x`:                                  422, // reserved words are none after OR
	} {
		if a := tn.get(path); a.status != status {
			t.Errorf("%s: %d %s, want %d", path, a.status, a.text, status)
		}
	}
}
