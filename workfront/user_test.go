package workfront_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"wfbot/workfront"
)

// fullJane is written as the API writes: escaped slashes and letters, colon
// milliseconds, null for what is absent.
const fullJane = `{"ID":"` + janeID + `","name":"J\u00e1ne \u003cDoe\u003e","objCode":"USER","emailAddr":"Jane+wf@acme.com",
"username":"jane@acme.com","title":"IT\/Ops","isActive":true,"lastLoginDate":"2026-07-08T17:00:01:278+0400",
"accessLevel":{"ID":"a1","name":"Planner","isAdmin":false,"licenseType":"F"},
"managerID":"m1","manager":{"ID":"m1","name":"Max","emailAddr":"max@acme.com"},
"homeGroup":{"ID":"g1","name":"Marketing"},"homeTeam":null}`

func fullJaneUser() workfront.User {
	return workfront.User{
		ID: janeID, Name: "Jáne <Doe>", Email: "Jane+wf@acme.com", Title: "IT/Ops", Active: true,
		LastLogin:   time.Date(2026, 7, 8, 13, 0, 1, 278e6, time.UTC),
		AccessLevel: workfront.AccessLevel{Name: "Planner", LicenseType: "F", AdminKnown: true},
		Manager:     workfront.Manager{ID: "m1", Name: "Max", Email: "max@acme.com"},
		HomeGroup:   "Marketing",
	}
}

// findOne is FindByEmail for an address that one user has.
func findOne(ctx context.Context, c *workfront.Client, email string) (workfront.User, error) {
	users, err := c.FindByEmail(ctx, email)
	switch {
	case err != nil:
		return workfront.User{}, err
	case len(users) != 1:
		return workfront.User{}, fmt.Errorf("%d users have the address %s", len(users), email)
	}
	return users[0], nil
}

func TestFindByEmail(t *testing.T) {
	t.Parallel()
	c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet || r.URL.Path != root+"/user/search" {
			t.Errorf("%s %s", r.Method, r.URL.Path)
		}
		if !strings.Contains(r.URL.RawQuery, "emailAddr=jane%2Bwf%40acme.com") {
			t.Errorf("the + of the address is not encoded: %s", r.URL.RawQuery)
		}
		q := r.URL.Query()
		for name, want := range map[string]string{"emailAddr": "jane+wf@acme.com", "emailAddr_Mod": "cieq", "ID_Sort": "asc", "$$LIMIT": "10"} {
			if got := q.Get(name); got != want {
				t.Errorf("%s = %q, want %q", name, got, want)
			}
		}
		for _, field := range []string{"isActive", "accessLevel:isAdmin", "manager:emailAddr"} {
			if !strings.Contains(","+q.Get("fields")+",", ","+field+",") {
				t.Errorf("fields = %q lacks %s", q.Get("fields"), field)
			}
		}
		answers(200, `{"data":[`+fullJane+`]}`)(w, r)
	})
	got, err := findOne(within(t), c, "jane+wf@acme.com")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(fullJaneUser(), got); diff != "" {
		t.Errorf("user (-want +got):\n%s", diff)
	}
}

func TestFindByEmailNone(t *testing.T) {
	t.Parallel()
	_, err := serve(t, answers(200, `{"data":[]}`)).FindByEmail(within(t), "nobody@acme.com")
	if !errors.Is(err, workfront.ErrNotFound) || asError(t, err).Temporary() {
		t.Errorf("error is %v, want a final ErrNotFound", err)
	}
}

// All users of one address are told, and where there may be more of them, nobody.
func TestFindByEmailSeveral(t *testing.T) {
	t.Parallel()
	var ids, users []string
	for i := range 10 {
		ids = append(ids, fmt.Sprintf("692125e6000a1b2c3d4e5f607182930%d", i))
		users = append(users, fmt.Sprintf(`{"ID":"%s","name":"Jane %d","emailAddr":"JANE@acme.com","isActive":%t}`, ids[i], i, i == 3))
	}
	find := func(n int) ([]workfront.User, error) {
		return serve(t, answers(200, `{"data":[`+strings.Join(users[:n], ",")+`]}`)).FindByEmail(within(t), "jane@acme.com")
	}
	for _, n := range []int{2, 9} {
		found, err := find(n)
		if err != nil || len(found) != n || found[1].ID != ids[1] || found[1].Active {
			t.Errorf("of %d: %+v, %v", n, found, err)
		}
	}
	_, err := find(10)
	var ambiguous *workfront.AmbiguousError
	if !errors.As(err, &ambiguous) || ambiguous.Email != "jane@acme.com" || len(ambiguous.Users) != 10 {
		t.Fatalf("error is %v, want an AmbiguousError", err)
	}
	for _, want := range []string{ids[0], ids[9], "inactive", "active", "jane@acme.com"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q does not say %q", err, want)
		}
	}
}

// A look-up must never hand over the wrong person, or an active one as inactive.
func TestUnusableUsers(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ why, data string }{
		{"another e-mail: a filter was ignored", strings.Replace(jane, "jane@", "eve@", 1)},
		{"another e-mail among several", `[` + jane + `,` + strings.Replace(jane, "jane@", "eve@", 1) + `]`},
		{"no isActive", strings.Replace(jane, `,"isActive":true`, "", 1)},
		{"isActive null", strings.Replace(jane, `:true`, ":null", 1)},
		{"isActive a word", strings.Replace(jane, `:true`, `:"yes"`, 1)},
		{"no ID", strings.Replace(jane, `"ID"`, `"IDs"`, 1)},
		{"no e-mail", strings.Replace(jane, `"emailAddr"`, `"x"`, 1)},
		{"an empty object", `{}`},
		{"a null among the users", `[null]`},
		{"a string", `"jane"`},
		{"a number", `1`},
	} {
		_, err := inMemoryClient(t, answers(200, `{"data":`+tc.data+`}`)).FindByEmail(within(t), "jane@acme.com")
		if err == nil || errors.Is(err, workfront.ErrNotFound) {
			t.Errorf("%s: error is %v", tc.why, err)
			continue
		}
		if e := asError(t, err); !e.Temporary() {
			t.Errorf("%s: %v counts as Workfront's refusal", tc.why, err)
		}
	}
}

func TestGet(t *testing.T) {
	t.Parallel()
	for _, body := range []string{`{"data":` + fullJane + `}`, `{"data":[` + fullJane + `]}`} {
		c := serve(t, func(w http.ResponseWriter, r *http.Request) {
			if r.Method != http.MethodGet || r.URL.Path != root+"/user/"+janeID || r.URL.Query().Get("fields") == "" {
				t.Errorf("%s %s", r.Method, r.RequestURI)
			}
			answers(200, body)(w, r)
		})
		got, err := c.Get(within(t), janeID)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(fullJaneUser(), got); diff != "" {
			t.Errorf("user (-want +got):\n%s", diff)
		}
	}
}

func TestGetNotThere(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		why    string
		status int
		body   string
		want   bool
	}{
		{"absent, or hidden", 404, `{"error":{"message":"User with primary key value(s) \"x\" not found"}}`, true},
		{"hidden", 200, `{"data":[]}`, true},
		{"null", 200, `{"data":null}`, true},
		{"a gateway's 404 is not about the user", 404, `<html><title>Not Found</title>`, false},
		{"an empty 404 is not about the user", 404, ``, false},
		{"no data at all", 200, `{}`, false},
		{"another user", 200, `{"data":{"ID":"000025e6000a1b2c3d4e5f6071829304","isActive":true}}`, false},
		{"two users", 200, `{"data":[` + jane + `,` + jane + `]}`, false},
		{"a removed version is not about the user", 410, `{"error":{"message":"gone"}}`, false},
	} {
		t.Run(tc.why, func(t *testing.T) {
			t.Parallel() // some are tried again after a while
			_, err := serve(t, answers(tc.status, tc.body)).Get(within(t), janeID)
			if err == nil || errors.Is(err, workfront.ErrNotFound) != tc.want {
				t.Errorf("error is %v; ErrNotFound: want %v", err, tc.want)
			}
		})
	}
}

func TestWhoami(t *testing.T) {
	t.Parallel()
	for _, body := range []string{`{"data":` + fullJane + `}`, `{"data":[` + fullJane + `]}`} {
		c := serve(t, func(w http.ResponseWriter, r *http.Request) {
			if r.Method != http.MethodGet || r.URL.Path != root+"/user" || r.URL.Query().Get("id") != "$$USER" {
				t.Errorf("%s %s", r.Method, r.RequestURI)
			}
			answers(200, body)(w, r)
		})
		if got, err := c.Whoami(within(t)); err != nil || got.ID != janeID {
			t.Errorf("Whoami() = %+v, %v", got, err)
		}
	}
}

func TestSetActive(t *testing.T) {
	t.Parallel()
	for _, active := range []bool{false, true} {
		value := map[bool]string{false: "false", true: "true"}[active]
		for _, shown := range []string{value, `"` + value + `"`} {
			c := serve(t, func(w http.ResponseWriter, r *http.Request) {
				body, _ := io.ReadAll(r.Body)
				if r.Method != http.MethodPut || r.RequestURI != root+"/user/"+janeID+"?fields=isActive" {
					t.Errorf("%s %s", r.Method, r.RequestURI)
				}
				if got, want := string(body), `{"isActive":`+value+`}`; got != want || r.Header.Get("Content-Type") != "application/json" {
					t.Errorf("body = %s (%s), want %s", got, r.Header.Get("Content-Type"), want)
				}
				answers(200, `{"data":{"ID":"`+janeID+`","name":"Jane","objCode":"USER","isActive":`+shown+`}}`)(w, r)
			})
			got, err := c.SetActive(within(t), janeID, active)
			want := workfront.User{ID: janeID, Name: "Jane", Active: active}
			if err != nil || !cmp.Equal(got, want) {
				t.Errorf("SetActive(%v) = %+v, %v; want %+v", active, got, err, want)
			}
		}
	}
}

func TestSetActiveTakesNothingForGranted(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		why, body string
		unchanged bool
	}{
		{"still active", `{"data":{"ID":"` + janeID + `","isActive":true}}`, true},
		{"still active, as a string", `{"data":{"ID":"` + janeID + `","isActive":"true"}}`, true},
		{"the field is missing", `{"data":{"ID":"` + janeID + `"}}`, false},
		{"the field is null", `{"data":{"ID":"` + janeID + `","isActive":null}}`, false},
		{"another user", `{"data":{"ID":"000025e6000a1b2c3d4e5f6071829304","isActive":false}}`, false},
		{"nobody", `{"data":[]}`, false},
		{"only success, as a transaction answers", `{"data":{"success":true}}`, false},
		{"no data", `{"success":true}`, false},
	} {
		_, err := serve(t, answers(200, tc.body)).SetActive(within(t), janeID, false)
		if err == nil || errors.Is(err, workfront.ErrUnchanged) != tc.unchanged {
			t.Errorf("%s: error is %v; ErrUnchanged: want %v", tc.why, err, tc.unchanged)
			continue
		}
		if e := asError(t, err); !e.MaybeApplied() {
			t.Errorf("%s: %v rules out that it was applied", tc.why, err)
		}
	}
}

func TestArgumentsThatAreNeverSent(t *testing.T) {
	t.Parallel()
	c := serve(t, func(_ http.ResponseWriter, r *http.Request) { t.Errorf("sent: %s %s", r.Method, r.RequestURI) })
	for _, id := range []string{"", ".", "..", "a/b1", "$$USER", "$$USER.ID", "search", "generateApiKey", "1?x=1", "1 2", "1%2f", "é1", strings.Repeat("1", 65)} {
		if _, err := c.Get(within(t), id); err == nil {
			t.Errorf("Get(%q) succeeded", id)
		}
		if _, err := c.SetActive(within(t), id, false); err == nil {
			t.Errorf("SetActive(%q) succeeded", id)
		}
	}
	for _, email := range []string{"", "jane", "$$USER.emailAddr"} {
		if _, err := c.FindByEmail(within(t), email); err == nil {
			t.Errorf("FindByEmail(%q) succeeded", email)
		}
	}
}

func TestAccessLevel(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		why, member string
		want        workfront.AccessLevel
	}{
		{"an administrator", `{"name":"System Administrator","isAdmin":true}`, workfront.AccessLevel{Name: "System Administrator", Admin: true, AdminKnown: true}},
		{"as a string", `{"isAdmin":"true"}`, workfront.AccessLevel{Admin: true, AdminKnown: true}},
		{"no administrator", `{"isAdmin":false,"licenseType":"F"}`, workfront.AccessLevel{LicenseType: "F", AdminKnown: true}},
		{"no access level", `null`, workfront.AccessLevel{AdminKnown: true}},
		{"not said", `{"name":"Planner"}`, workfront.AccessLevel{Name: "Planner"}},
		{"null", `{"name":"Planner","isAdmin":null}`, workfront.AccessLevel{Name: "Planner"}},
		{"something else altogether", `"Planner"`, workfront.AccessLevel{}},
		{"a number for a name", `{"name":7,"isAdmin":false}`, workfront.AccessLevel{Name: "7", AdminKnown: true}},
	} {
		body := `{"data":{"ID":"` + janeID + `","isActive":true,"accessLevel":` + tc.member + `}}`
		got, err := serve(t, answers(200, body)).Get(within(t), janeID)
		if err != nil || got.AccessLevel != tc.want {
			t.Errorf("%s: %+v, %v; want %+v", tc.why, got.AccessLevel, err, tc.want)
		}
	}
	got, err := serve(t, answers(200, `{"data":`+jane+`}`)).Get(within(t), janeID)
	if err != nil || got.AccessLevel != (workfront.AccessLevel{}) {
		t.Errorf("absent: %+v, %v; want it unknown", got.AccessLevel, err)
	}
}
