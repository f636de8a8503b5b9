package workfrontsim_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"wfbot/workfront/workfrontsim"
)

// TestAnswers sends a deactivation into every kind of answer, applied and not.
func TestAnswers(t *testing.T) {
	t.Parallel()
	lost := func(a answer, err error) bool { return err != nil }
	status := func(want int, text string) func(answer, error) bool {
		return func(a answer, err error) bool {
			return err == nil && a.status == want && strings.Contains(a.text, text)
		}
	}
	for _, tt := range []struct {
		answer workfrontsim.Answer
		good   func(answer, error) bool
	}{
		{workfrontsim.Answer{}, status(200, `"isActive":false`)},
		{workfrontsim.Answer{Delay: time.Millisecond}, status(200, `"isActive":false`)},
		{workfrontsim.Answer{Kind: workfrontsim.Unchanged}, status(200, `"isActive":true`)},
		{workfrontsim.Answer{Kind: workfrontsim.JSONError, Status: 422, Class: "c", Message: "m"}, status(422, `{"error":{"class":"c","message":"m"}}`)},
		{workfrontsim.Answer{Kind: workfrontsim.JSONError}, status(500, `{"error":{"message":"Internal Server Error"}}`)},
		{workfrontsim.Answer{Kind: workfrontsim.PlainError, Status: 400, Message: "m"}, status(400, `{"error":"m"}`)},
		{workfrontsim.Answer{Kind: workfrontsim.ErrorIn200, Message: "m"}, status(200, `"message":"m"`)},
		{workfrontsim.Answer{Kind: workfrontsim.HTMLPage, Status: 502}, status(502, "<html>")},
		{workfrontsim.Answer{Kind: workfrontsim.GatewayJSON, Status: 409}, status(409, `{"message":"Conflict","status":409}`)},
		{workfrontsim.Answer{Kind: workfrontsim.EmptyBody, Status: 503}, status(503, "")},
		{workfrontsim.Answer{Kind: workfrontsim.NotJSON}, status(200, "no JSON")},
		{workfrontsim.Answer{Kind: workfrontsim.Verbatim, Status: 418, Body: `{"odd":[]}`}, status(418, `{"odd":[]}`)},
		{workfrontsim.Answer{Kind: workfrontsim.Redirect}, status(404, "no such page")}, // the client follows
		{workfrontsim.Answer{Kind: workfrontsim.Redirect, Status: 307}, status(404, "no such page")},
		{workfrontsim.Answer{Kind: workfrontsim.SlowBody, Pause: time.Millisecond}, status(200, `"isActive":false`)},
		{workfrontsim.Answer{Kind: workfrontsim.Truncated}, func(a answer, err error) bool {
			return err == nil && a.status == 200 && len(a.text) > 0 && !json.Valid([]byte(a.text))
		}},
		{workfrontsim.Answer{Kind: workfrontsim.CutShort}, lost},
		{workfrontsim.Answer{Kind: workfrontsim.GzipGarbage}, lost},
		{workfrontsim.Answer{Kind: workfrontsim.Reset}, lost},
	} {
		for _, apply := range []bool{true, false} {
			tn := newTenant(t, workfrontsim.Config{})
			jane := tn.AddUser(workfrontsim.User{Email: "jane@acme.com", Active: true})
			tn.Inject(workfrontsim.Fault{Operation: "user/put", Times: 1, Apply: apply, Answer: tt.answer})
			a, err := tn.try(http.DefaultClient, request{method: "PUT", path: api + "/user/" + jane.ID + "?fields=isActive",
				body: `{"isActive":false}`, kind: "application/json"})
			if !tt.good(a, err) {
				t.Errorf("%s, apply %t: %d %q %v", tt.answer, apply, a.status, a.text, err)
			}
			applied := apply && tt.answer.Kind != workfrontsim.Unchanged
			if tn.active(jane.ID) == applied || len(tn.Changes()) > 0 != applied {
				t.Errorf("%s, apply %t: active %t, changes %v", tt.answer, apply, tn.active(jane.ID), tn.Changes())
			}
			c := tn.Journal()[0]
			if c.Fault != tt.answer.String() || c.Applied != applied {
				t.Errorf("%s, apply %t: journal %+v", tt.answer, apply, c)
			}
			if len(tn.Faults()) != 0 {
				t.Errorf("%s: a fault for one time is still in force", tt.answer)
			}
		}
	}
}

func TestFaultMatching(t *testing.T) {
	t.Parallel()
	tn := newTenant(t, workfrontsim.Config{})
	jane := tn.AddUser(workfrontsim.User{Name: "Jane", Email: "jane@acme.com", Active: true})
	bob := tn.AddUser(workfrontsim.User{Name: "Bob", Email: "bob@acme.com", Active: true})
	calls := []string{
		"/user/" + jane.ID, "/user/" + bob.ID, "/user?id=" + jane.ID, "/user/search?emailAddr=JANE@acme.com&emailAddr_Mod=cieq",
		"/task/count?assignedToID=" + jane.ID, "/user/search",
	}
	for _, tt := range []struct {
		why   string
		fault workfrontsim.Fault
		hit   string // a mark a call
	}{
		{"every call", workfrontsim.Fault{}, "xxxxxx"},
		{"one operation", workfrontsim.Fault{Operation: "user/get"}, "xxx..."},
		{"a pattern", workfrontsim.Fault{Operation: "user/*"}, "xxxx.x"},
		{"one user", workfrontsim.Fault{UserID: jane.ID}, "x.xxx."},
		{"operation and user", workfrontsim.Fault{Operation: "user/search", UserID: jane.ID}, "...x.."},
		{"times", workfrontsim.Fault{Times: 2}, "xx...."},
		{"skip", workfrontsim.Fault{Skip: 1, Times: 2, Operation: "user/*"}, ".xx..."},
	} {
		tt.fault.Answer = workfrontsim.Answer{Kind: workfrontsim.JSONError, Status: 500}
		id := tn.Inject(tt.fault)
		got := ""
		for _, call := range calls {
			if tn.get(call).status == 500 {
				got += "x"
			} else {
				got += "."
			}
		}
		if got != tt.hit {
			t.Errorf("%s: %s, want %s", tt.why, got, tt.hit)
		}
		tn.RemoveFault(id)
	}
	tn.Inject(workfrontsim.Fault{Answer: workfrontsim.Answer{Kind: workfrontsim.Reset}})
	tn.ClearFaults()
	if a := tn.get("/user/search"); a.status != 200 {
		t.Errorf("after ClearFaults: %d", a.status)
	}
}

func TestHangEndsWithTheClientOrTheServer(t *testing.T) {
	t.Parallel()
	tn := newTenant(t, workfrontsim.Config{})
	jane := tn.AddUser(workfrontsim.User{Email: "jane@acme.com", Active: true})
	tn.Inject(workfrontsim.Fault{Apply: true, Answer: workfrontsim.Answer{Kind: workfrontsim.Hang}})
	put := func(ctx context.Context) error {
		req, err := http.NewRequestWithContext(ctx, "PUT", tn.url+api+"/user/"+jane.ID+"?isActive=false", nil)
		if err != nil {
			return err
		}
		req.Header.Set("apiKey", tn.APIKey())
		resp, err := http.DefaultClient.Do(req)
		if err == nil {
			resp.Body.Close()
		}
		return err
	}

	ctx, cancel := context.WithCancel(t.Context())
	remove := tn.Observe(func(c workfrontsim.Call, p workfrontsim.Phase) {
		if p == workfrontsim.Applied {
			cancel() // the client gives up after it was applied
		}
	})
	if err := put(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("the client that left got %v", err)
	}
	remove()
	done := func() bool { return tn.Journal()[0].Done }
	if err := tn.Wait(t.Context(), done); err != nil || tn.active(jane.ID) || tn.Journal()[0].Status != 0 {
		t.Errorf("%v, journal %+v", err, tn.Journal()[0])
	}

	tn.Observe(func(c workfrontsim.Call, p workfrontsim.Phase) {
		if p == workfrontsim.Applied {
			tn.Close()
		}
	})
	if err := put(t.Context()); err == nil {
		t.Error("a hanging call was answered when the server closed")
	}
}

func TestObserve(t *testing.T) {
	t.Parallel()
	tn := newTenant(t, workfrontsim.Config{})
	jane := tn.AddUser(workfrontsim.User{Email: "jane@acme.com", Active: true})
	type moment struct {
		Phase          string
		Active, Done   bool
		Status, Caller int
	}
	var mu sync.Mutex
	var got []moment
	answered := make(chan struct{}, 1)
	remove := tn.Observe(func(c workfrontsim.Call, p workfrontsim.Phase) {
		u, _ := tn.User(c.Targets[0]) // hooks may call the server
		mu.Lock()
		defer mu.Unlock()
		got = append(got, moment{Phase: p.String(), Active: u.Active, Done: c.Done, Status: c.Status})
		if p == workfrontsim.Answered {
			answered <- struct{}{}
		}
	})
	tn.put("/user/"+jane.ID, `{"isActive":false}`)
	<-answered
	tn.Inject(workfrontsim.Fault{Answer: workfrontsim.Answer{Kind: workfrontsim.JSONError, Status: 503}})
	tn.put("/user/"+jane.ID, `{"isActive":true}`)
	<-answered
	remove()
	tn.get("/user/" + jane.ID)
	mu.Lock()
	defer mu.Unlock()
	want := []moment{
		{Phase: "received", Active: true}, {Phase: "applied"}, {Phase: "answered", Done: true, Status: 200},
		{Phase: "received"}, {Phase: "answered", Done: true, Status: 503},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("phases (-want +got):\n%s", diff)
	}
}

func TestObserverChangesTheUserBeforeTheCallIsApplied(t *testing.T) {
	t.Parallel()
	tn := newTenant(t, workfrontsim.Config{})
	jane := tn.AddUser(workfrontsim.User{Email: "jane@acme.com", Active: true})
	tn.Observe(func(c workfrontsim.Call, p workfrontsim.Phase) {
		if c.Operation == "user/put" && p == workfrontsim.Received {
			tn.RemoveUser(jane.ID)
		}
	})
	if a := tn.put("/user/"+jane.ID, `{"isActive":false}`); a.status != 404 {
		t.Errorf("PUT on a user that vanished: %d", a.status)
	}
}

func TestConcurrencyLimit(t *testing.T) {
	t.Parallel()
	tn := newTenant(t, workfrontsim.Config{MaxConcurrent: 2})
	release := make(chan struct{})
	hold := tn.Observe(func(c workfrontsim.Call, p workfrontsim.Phase) {
		if p == workfrontsim.Received && c.Seq <= 2 {
			<-release
		}
	})
	defer hold()
	var held sync.WaitGroup
	for range 2 {
		held.Go(func() {
			if a, err := tn.try(http.DefaultClient, request{method: "GET", path: api + "/user/search"}); err != nil || a.status != 200 {
				t.Errorf("held call: %d %v", a.status, err)
			}
		})
	}
	if err := tn.Wait(t.Context(), func() bool { return len(tn.Journal()) == 2 }); err != nil {
		t.Fatal(err)
	}
	if a := tn.get("/user/search"); a.status != 429 || a.message() != "429 Too many concurrent API requests" {
		t.Errorf("third call: %d %s", a.status, a.text)
	}
	close(release)
	held.Wait()
	if err := tn.Wait(t.Context(), func() bool { return tn.Journal()[0].Done && tn.Journal()[1].Done && tn.Journal()[2].Done }); err != nil {
		t.Fatal(err)
	}
	if a := tn.get("/user/search"); a.status != 200 {
		t.Errorf("call after the others: %d", a.status)
	}
}

func TestGzip(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		why    string
		mode   workfrontsim.Gzip
		accept string
		want   string // z compressed, - not, for two calls
	}{
		{"asked for", workfrontsim.GzipWhenAccepted, "gzip", "zz"},
		{"not asked for", workfrontsim.GzipWhenAccepted, "identity", "--"},
		{"never", workfrontsim.GzipNever, "gzip", "--"},
		{"unasked", workfrontsim.GzipAlways, "identity", "zz"},
		{"every second", workfrontsim.GzipAlternate, "identity", "-z"},
	} {
		tn := newTenant(t, workfrontsim.Config{Gzip: tt.mode})
		got := ""
		for range 2 {
			req, err := http.NewRequestWithContext(t.Context(), "GET", tn.url+api+"/user?id=$$USER", nil)
			if err != nil {
				t.Fatal(err)
			}
			req.Header.Set("apiKey", tn.APIKey())
			req.Header.Set("Accept-Encoding", tt.accept)
			resp, err := http.DefaultClient.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			body, _ := io.ReadAll(resp.Body)
			resp.Body.Close()
			switch {
			case resp.Header.Get("Content-Encoding") == "gzip" && strings.HasPrefix(string(body), "\x1f\x8b"):
				got += "z"
			case json.Valid(body):
				got += "-"
			}
		}
		if got != tt.want {
			t.Errorf("%s: %s, want %s", tt.why, got, tt.want)
		}
	}
}

func TestUsersBehindTheClientsBack(t *testing.T) {
	t.Parallel()
	tn := newTenant(t, workfrontsim.Config{})
	changed, unsubscribe := tn.Subscribe()
	defer unsubscribe()
	jane := tn.AddUser(workfrontsim.User{FirstName: "Jane", LastName: "Doe", Email: "jane@acme.com"})
	<-changed
	if jane.Name != "Jane Doe" || jane.Username != "jane@acme.com" || len(jane.ID) != 32 {
		t.Errorf("filled in: %+v", jane)
	}
	if a := tn.put("/user/"+jane.ID, `{"logTimeInDays":true}`); a.status != 200 {
		t.Fatalf("%d %s", a.status, a.text)
	}
	if !tn.UpdateUser(jane.ID, func(u *workfrontsim.User) { u.Active = true; u.Email = "jd@acme.com" }) {
		t.Error("no such user")
	}
	got := tn.get("/user/" + jane.ID + "?fields=isActive,emailAddr,logTimeInDays").object(t)
	if got["isActive"] != true || got["emailAddr"] != "jd@acme.com" || got["logTimeInDays"] != true {
		t.Errorf("after UpdateUser: %v", got)
	}
	if w := tn.Changes(); len(w) != 1 || w[0].Call != 0 || w[0].CallerID != "" || !w[0].To {
		t.Errorf("changes %+v", w)
	}
	if tn.UpdateUser(strings.Repeat("0", 32), func(*workfrontsim.User) {}) || !tn.RemoveUser(jane.ID) || tn.RemoveUser(jane.ID) {
		t.Error("UpdateUser or RemoveUser is wrong about who exists")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := tn.Wait(ctx, func() bool { return false }); !errors.Is(err, context.Canceled) {
		t.Errorf("Wait: %v", err)
	}
}

// TestConcurrentUse is for the race detector.
func TestConcurrentUse(t *testing.T) {
	t.Parallel()
	tn := newTenant(t, workfrontsim.Config{MaxConcurrent: -1})
	jane := tn.AddUser(workfrontsim.User{Email: "jane@acme.com", Active: true})
	tn.Observe(func(workfrontsim.Call, workfrontsim.Phase) { tn.Users() })
	var all sync.WaitGroup
	for i := range 20 {
		all.Go(func() {
			body := `{"isActive":false}`
			if i%2 == 0 {
				body = `{"isActive":true}`
			}
			_, err := tn.try(http.DefaultClient, request{method: "PUT", path: api + "/user/" + jane.ID, body: body, kind: "application/json"})
			if err != nil {
				t.Error(err)
			}
			tn.Journal()
			tn.Faults()
			tn.RemoveFault(tn.Inject(workfrontsim.Fault{Operation: "user/none"}))
			tn.UpdateUser(jane.ID, func(u *workfrontsim.User) { u.Title = "x" })
		})
	}
	all.Wait()
	active := true
	for _, w := range tn.Writes() {
		if w.From != active {
			t.Fatalf("the journal is no chain: %+v", tn.Writes())
		}
		active = w.To
	}
	if tn.active(jane.ID) != active {
		t.Error("the journal ends elsewhere than the user")
	}
}

func TestPresetsHaveNames(t *testing.T) {
	t.Parallel()
	seen := make(map[string]bool)
	for _, f := range workfrontsim.Presets() {
		if f.Name == "" || seen[f.Name] {
			t.Errorf("name %q is empty or twice", f.Name)
		}
		seen[f.Name] = true
	}
}
