package workfront_test

import (
	"errors"
	"fmt"
	"net/http"
	"testing"
	"testing/synctest"

	"wfbot/workfront"
	"wfbot/workfront/workfrontsim"

	"github.com/google/go-cmp/cmp"
)

// operations are those of the calls since the n-th.
func operations(sim *workfrontsim.Server, n int) (all []string) {
	for _, call := range sim.Journal()[n:] {
		all = append(all, call.Operation)
	}
	return all
}

// However a tenant takes several reads in one call, each number is right, and what it
// takes is learnt once.
func TestBatches(t *testing.T) {
	t.Parallel()
	without := []string{"PRFAPL"}
	for _, tt := range []struct {
		why   string
		sim   workfrontsim.Config
		first int // calls of the first time
		later int // and of the fifth
	}{
		{"the usual", workfrontsim.Config{}, 1, 1},
		{"there is none", workfrontsim.Config{Batch: workfrontsim.Batch{Status: 404}}, 19, 18},
		{"not for this account", workfrontsim.Config{Batch: workfrontsim.Batch{Status: 403}}, 19, 18},
		{"not with this credential", workfrontsim.Config{Batch: workfrontsim.Batch{Status: 401}}, 19, 18},
		{"malformed", workfrontsim.Config{Batch: workfrontsim.Batch{Status: 400}}, 19, 18},
		{"fifteen at most", workfrontsim.Config{Batch: workfrontsim.Batch{Most: 15}}, 19, 2},
		{"ten at most", workfrontsim.Config{Batch: workfrontsim.Batch{Most: 10}}, 19, 3},
		{"seven at most", workfrontsim.Config{Batch: workfrontsim.Batch{Most: 7}}, 19, 18},
		{"the rest is cut off behind the fifteenth", workfrontsim.Config{Batch: workfrontsim.Batch{Most: 15, CutsOff: true}}, 7, 2},
		{"the rest is cut off behind the tenth", workfrontsim.Config{Batch: workfrontsim.Batch{Most: 10, CutsOff: true}}, 13, 3},
		{"in another order", workfrontsim.Config{Batch: workfrontsim.Batch{Shuffled: true}}, 19, 18},
		{"each counts as a call", workfrontsim.Config{Batch: workfrontsim.Batch{Threads: true}, MaxConcurrent: 30}, 1, 1},
		{"a field is missing", workfrontsim.Config{Without: []string{"TASK.assignments"}}, 3, 1},
		{"a field is missing, which refuses all", workfrontsim.Config{Without: []string{"TASK.assignments"}, Batch: workfrontsim.Batch{Failure: workfrontsim.FailsWhole}}, 20, 1},
		{"an object is missing", workfrontsim.Config{Without: without}, 2, 2},
		{"an object is missing, which refuses all", workfrontsim.Config{Without: without, Batch: workfrontsim.Batch{Failure: workfrontsim.FailsWhole}}, 19, 2},
		{"an object is missing, which leaves a gap", workfrontsim.Config{Without: without, Batch: workfrontsim.Batch{Failure: workfrontsim.FailsMissing}}, 7, 2},
		{"an object is missing, which is null", workfrontsim.Config{Without: without, Batch: workfrontsim.Batch{Failure: workfrontsim.FailsNull}}, 2, 2},
	} {
		t.Run(tt.why, func(t *testing.T) {
			t.Parallel()
			sim, url, jane := busyTenant(t, tt.sim)
			c, ctx := simClient(t, sim, url), within(t)
			if _, _, err := c.HeldNames(ctx, jane.ID, "tasks", 1); err != nil { // reads the statuses
				t.Fatal(err)
			}
			for round := range 5 {
				before := len(sim.Journal())
				checkEverything(t, c.Holdings(ctx, jane.ID), tt.sim.Without)
				sent := operations(sim, before)
				if want := map[int]int{0: tt.first, 4: tt.later}[round]; want > 0 && len(sent) != want {
					t.Errorf("round %d: %d calls, want %d: %v", round+1, len(sent), want, sent)
				}
			}
		})
	}
}

// checkEverything checks the numbers of everything, on a tenant without something.
func checkEverything(t *testing.T, held []workfront.Holding, without []string) {
	t.Helper()
	_, want := everything()
	for _, h := range kinds(t, held) {
		refused := len(without) > 0 && h.Kind == "proofs" && without[0] == "PRFAPL"
		narrow := len(without) > 0 && h.Kind == "tasks" && without[0] == "TASK.assignments"
		switch {
		case refused:
			if h.Err == nil || h.Count != 0 {
				t.Errorf("%+v of an object that there is not", h)
			}
		case narrow:
			if h.Err != nil || !h.AtLeast || h.Count != 2 {
				t.Errorf("%+v, want at least 2", h)
			}
		case h.Err != nil || h.AtLeast || h.Count != want[h.Kind]:
			t.Errorf("%+v, want %d", h, want[h.Kind])
		}
	}
}

// There may be no room for one count alone. Then a whole batch is declined for it. It
// costs that count and nothing else, from the second time on.
func TestOneCountIsBusy(t *testing.T) {
	t.Parallel()
	sim, url, jane := busyTenant(t, workfrontsim.Config{})
	c, ctx := simClient(t, sim, url), within(t)
	sim.Inject(workfrontsim.Fault{Operation: "optask/count", Answer: workfrontsim.Answer{Kind: workfrontsim.JSONError, Status: http.StatusTooManyRequests}})
	c.Holdings(ctx, jane.ID)
	_, want := everything()
	for _, h := range kinds(t, c.Holdings(ctx, jane.ID)) {
		if busy := h.Kind == "issues"; busy != (h.Err != nil) || !busy && h.Count != want[h.Kind] {
			t.Errorf("%+v, want %d", h, want[h.Kind])
		}
	}
}

// A trouble that passes is not learnt from; neither is one that has other causes.
func TestBatchTroublePasses(t *testing.T) {
	t.Parallel()
	sim, url, jane := busyTenant(t, workfrontsim.Config{})
	c, ctx := simClient(t, sim, url), within(t)
	checkEverything(t, c.Holdings(ctx, jane.ID), nil)

	busy := sim.Inject(workfrontsim.Fault{Operation: "batch", Answer: workfrontsim.Answer{Kind: workfrontsim.JSONError, Status: http.StatusTooManyRequests}})
	before := len(sim.Journal())
	for _, h := range c.Holdings(ctx, jane.ID) {
		if e := asError(t, h.Err); e.Status != http.StatusTooManyRequests {
			t.Errorf("%+v of a busy tenant", h)
		}
	}
	if sent := operations(sim, before); len(sent) != 1 {
		t.Errorf("a busy tenant was sent %v: a batch that it declines is no reason for eighteen calls", sent)
	}
	sim.RemoveFault(busy)
	checkEverything(t, c.Holdings(ctx, jane.ID), nil)

	outage := sim.Inject(workfrontsim.Fault{Answer: workfrontsim.Answer{Kind: workfrontsim.HTMLPage, Status: 503}})
	for range 4 {
		for _, h := range c.Holdings(ctx, jane.ID) {
			if h.Err == nil {
				t.Errorf("%+v while nothing is answered", h)
			}
		}
	}
	sim.RemoveFault(outage)

	before = len(sim.Journal())
	checkEverything(t, c.Holdings(ctx, jane.ID), nil)
	if sent := operations(sim, before); len(sent) != 1 {
		t.Errorf("after the trouble: %v, want one batch", sent)
	}

	sim.Inject(workfrontsim.Fault{Answer: workfrontsim.Answer{Kind: workfrontsim.JSONError, Status: http.StatusUnauthorized}})
	before = len(sim.Journal())
	for _, h := range c.Holdings(ctx, jane.ID) {
		if !errors.Is(h.Err, workfront.ErrUnauthorized) {
			t.Errorf("%+v with a credential that is refused", h)
		}
	}
	if sent := operations(sim, before); len(sent) != 2 { // one count makes sure that it is not the batch
		t.Errorf("with a credential that is refused: %v", sent)
	}
}

// Whatever an answer to a batch looks like, it is never a wrong number: what does not
// stand is asked for alone.
func TestOddBatches(t *testing.T) {
	t.Parallel()
	sim, url, jane := busyTenant(t, workfrontsim.Config{})
	list, object := `{"data":[{"ID":"`+jane.ID+`"}]}`, `{"data":{"ID":"`+jane.ID+`"}}`
	other := `{"data":{"ID":"` + jane.ManagerID + `"}}`
	count, wrong := `{"data":{"count":99}}`, `{"data":{"count":-3}}`
	fill := func(n int, part string) (parts []string) {
		for range n {
			parts = append(parts, part)
		}
		return parts
	}
	for _, tt := range []struct {
		why   string
		parts []string
	}{
		{"nothing", nil},
		{"counts alone", fill(18, count)},
		{"as many counts as parts", fill(22, count)},
		{"one mark", append([]string{list}, fill(21, count)...)},
		{"turned round", append(append(fill(21, count)[:7:7], object), list)},
		{"marks of somebody else", append(append([]string{list}, fill(6, count)...), other)},
		{"a mark too early", append(append([]string{list}, fill(5, count)...), object)},
		{"the first mark is an object", append(append([]string{object}, fill(6, count)...), object)},
		{"no counts between marks", append(append([]string{list}, fill(6, wrong)...), object)},
		{"texts between marks", append(append([]string{list}, fill(6, `"3"`)...), object)},
		{"lists between marks", append(append([]string{list}, fill(6, list)...), object)},
	} {
		body := `{"data":[`
		for i, part := range tt.parts {
			if i > 0 {
				body += ","
			}
			body += part
		}
		sim.ClearFaults()
		sim.Inject(workfrontsim.Fault{Operation: "batch", Answer: workfrontsim.Answer{Kind: workfrontsim.Verbatim, Status: 200, Body: body + "]}"}})
		t.Log(tt.why)
		checkEverything(t, simClient(t, sim, url).Holdings(within(t), jane.ID), nil)
	}
	for _, body := range []string{`{}`, `{"data":{}}`, `{"data":null}`, `{"data":"x"}`, `[]`, `{"data":[[],[]]}`, `{"error":{"message":"no"}}`} {
		sim.ClearFaults()
		sim.Inject(workfrontsim.Fault{Operation: "batch", Answer: workfrontsim.Answer{Kind: workfrontsim.Verbatim, Status: 200, Body: body}})
		t.Log(body)
		checkEverything(t, simClient(t, sim, url).Holdings(within(t), jane.ID), nil)
	}
}

// Many counts that begin before anything is learnt do not make a tenant that takes
// smaller batches one that takes none.
func TestBatchesLearntTogether(t *testing.T) {
	t.Parallel()
	sim, url, jane := busyTenant(t, workfrontsim.Config{Batch: workfrontsim.Batch{Most: 15}, MaxConcurrent: -1})
	c, ctx := simClient(t, sim, url), within(t)
	together := make(chan []workfront.Holding)
	for range 8 {
		go func() { together <- c.Holdings(ctx, jane.ID) }()
	}
	for range 8 {
		checkEverything(t, <-together, nil)
	}
	before := len(sim.Journal())
	checkEverything(t, c.Holdings(ctx, jane.ID), nil)
	if sent := operations(sim, before); len(sent) != 2 {
		t.Errorf("%v, want two batches", sent)
	}
}

// A batch that is not answered costs a third of the time, and the counts are asked for
// in what is left.
func TestBatchThatHangs(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := inMemoryClient(t, func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == root+"/batch" {
				<-r.Context().Done()
				return
			}
			fmt.Fprint(w, `{"data":{"count":3}}`)
		})
		want := map[workfront.HoldingKind]int{}
		for _, kind := range workfront.HoldingKinds() {
			want[kind] = 3
		}
		if diff := cmp.Diff(want, counts(t, c.Holdings(within(t), janeID))); diff != "" {
			t.Error(diff)
		}
	})
}

// A tenant that takes each count of a batch for a call, and has room for ten, is not asked
// for more for ever.
func TestBatchesThatNeverFit(t *testing.T) {
	t.Parallel()
	sim, url, jane := busyTenant(t, workfrontsim.Config{Batch: workfrontsim.Batch{Threads: true}, MaxConcurrent: 10})
	c, ctx := simClient(t, sim, url), within(t)
	for range 12 {
		c.Holdings(ctx, jane.ID)
	}
	before := len(sim.Journal())
	checkEverything(t, c.Holdings(ctx, jane.ID), nil)
	if sent := operations(sim, before); len(sent) != 3 {
		t.Errorf("sent %v, want three batches", sent)
	}
}
