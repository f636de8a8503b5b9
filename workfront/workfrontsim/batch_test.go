package workfrontsim_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"wfbot/workfront/workfrontsim"
)

// batch sends reads in one call, and returns the data of the answer as JSON.
func (tn tenant) batch(uris ...string) (answer, string) {
	tn.t.Helper()
	pairs := []string{"atomic", "false", "concurrent", "false"}
	for _, uri := range uris {
		pairs = append(pairs, "uri", uri)
	}
	a := tn.do(request{method: "POST", path: api + "/batch", body: form(pairs...), kind: formType})
	text, err := json.Marshal(a.json["data"])
	if err != nil {
		tn.t.Fatal(err)
	}
	return a, string(text)
}

const (
	anns    = "user/search?name=Ann&fields=name&method=GET"
	all     = "user/count?method=GET"
	actives = "/user/count?isActive=true&method=GET"
	nobody  = "user/count?noSuchField=1&method=GET"
)

func TestBatch(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		why    string
		batch  workfrontsim.Batch
		uris   []string
		status int
		want   string // of the data; with an error of its message
	}{
		{"in the order of the uris", workfrontsim.Batch{}, []string{all, actives, all}, 200, `[{"data":{"count":5}},{"data":{"count":4}},{"data":{"count":5}}]`},
		{"an error in its place", workfrontsim.Batch{}, []string{all, nobody, actives}, 200,
			`[{"data":{"count":5}},{"error":{"class":"com.attask.common.APIModelException","message":"APIModel V22_0 does not support field noSuchField (User)"}},{"data":{"count":4}}]`},
		{"an object that there is not", workfrontsim.Batch{}, []string{"nosuch/count?method=GET"}, 200, `[{"error":{"message":"Unknown object type: nosuch"}}]`},
		{"an error refuses all", workfrontsim.Batch{Failure: workfrontsim.FailsWhole}, []string{all, nobody, actives}, 422, "noSuchField"},
		{"an error leaves its place out", workfrontsim.Batch{Failure: workfrontsim.FailsMissing}, []string{all, nobody, actives}, 200, `[{"data":{"count":5}},{"data":{"count":4}}]`},
		{"an error is null", workfrontsim.Batch{Failure: workfrontsim.FailsNull}, []string{nobody, actives}, 200, `[null,{"data":{"count":4}}]`},
		{"refused", workfrontsim.Batch{Status: 403}, []string{all}, 403, "not available"},
		{"not there", workfrontsim.Batch{Status: 404}, []string{all}, 404, "not available"},
		{"too many", workfrontsim.Batch{Most: 1}, []string{all, all}, 422, "may hold 1"},
		{"too many are cut off", workfrontsim.Batch{Most: 1, CutsOff: true}, []string{all, actives}, 200, `[{"data":{"count":5}}]`},
		{"another order", workfrontsim.Batch{Shuffled: true}, []string{all, actives}, 200, `[{"data":{"count":4}},{"data":{"count":5}}]`},
		{"nothing", workfrontsim.Batch{}, nil, 400, "uri"},
		{"a write", workfrontsim.Batch{}, []string{"user/x?isActive=false&method=PUT"}, 501, "does not simulate"},
		{"without method", workfrontsim.Batch{}, []string{"user/count"}, 501, "does not simulate"},
		{"a batch in a batch", workfrontsim.Batch{}, []string{"batch?method=GET"}, 501, "does not simulate"},
		{"a session", workfrontsim.Batch{}, []string{"session?method=GET"}, 501, "does not simulate"},
	} {
		tn, _ := staff(t, workfrontsim.Config{Batch: tt.batch})
		a, got := tn.batch(tt.uris...)
		if a.status != 200 {
			got = a.message()
		}
		if a.status != tt.status || a.status == 200 && got != tt.want || !strings.Contains(got, tt.want) {
			t.Errorf("%s: %d %s, want %d %s", tt.why, a.status, a.text, tt.status, tt.want)
		}
	}
}

// A fault of an operation also meets it in a batch: an error of Workfront's that call
// alone, anything else all of them.
func TestBatchFaults(t *testing.T) {
	t.Parallel()
	tn, _ := staff(t, workfrontsim.Config{})
	tn.Inject(workfrontsim.Fault{Operation: "user/search", Times: 1, Answer: workfrontsim.Answer{Kind: workfrontsim.JSONError, Status: 403, Message: "no"}})
	if a, got := tn.batch(all, anns); got != `[{"data":{"count":5}},{"error":{"message":"no"}}]` {
		t.Errorf("%d %s", a.status, got)
	}
	for _, answer := range []workfrontsim.Answer{
		{Kind: workfrontsim.JSONError, Status: 401}, {Kind: workfrontsim.JSONError, Status: 429}, {Kind: workfrontsim.HTMLPage, Status: 503},
	} {
		tn.Inject(workfrontsim.Fault{Operation: "user/search", Times: 1, Answer: answer})
		if a, _ := tn.batch(all, anns); a.status != answer.Status {
			t.Errorf("%v: %d", answer, a.status)
		}
	}
	if a := tn.do(request{method: "POST", path: api + "/batch", header: map[string]string{"apiKey": "wrong"}, body: form("uri", all), kind: formType}); a.status != http.StatusUnauthorized {
		t.Errorf("with a wrong key: %d", a.status)
	}
}

// Each call in a batch may count as one that is under way.
func TestBatchThreads(t *testing.T) {
	t.Parallel()
	for threads, status := range map[bool]int{false: 200, true: 429} {
		tn, _ := staff(t, workfrontsim.Config{MaxConcurrent: 2, Batch: workfrontsim.Batch{Threads: threads}, Latency: time.Millisecond})
		for range 2 { // the first one has ended
			if a, _ := tn.batch(all, all, all); a.status != status {
				t.Errorf("threads %v: %d, want %d", threads, a.status, status)
			}
		}
		if a := tn.get("/user/count"); a.status != 200 {
			t.Errorf("threads %v: %d after it", threads, a.status)
		}
	}
}
