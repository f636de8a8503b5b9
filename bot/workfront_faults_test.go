package bot_test

import (
	"net/http"
	"testing"
	"time"

	"wfbot/bot/bottest/machine"
	"wfbot/bot/request"
	"wfbot/workfront/workfrontsim"
)

// badCall is a call on the way of a request that Workfront answers badly once.
type badCall struct {
	name  string
	fault workfrontsim.Fault
}

var badCalls = []badCall{
	{"who the bot is", workfrontsim.Fault{Operation: "user/get"}},
	{"the look-up", workfrontsim.Fault{Operation: "user/search"}},
	{"the read before", workfrontsim.Fault{Operation: "user/get", Skip: 1}},
	{"the write, unapplied", workfrontsim.Fault{Operation: "user/put"}},
	{"the write, applied", workfrontsim.Fault{Operation: "user/put", Apply: true}},
	{"the read after", workfrontsim.Fault{Operation: "user/get", Skip: 2}},
}

// badAnswer is an answer that says nothing about whether the call is possible.
type badAnswer struct {
	name   string
	answer workfrontsim.Answer
}

var badAnswers = []badAnswer{
	{"409", jsonError(409, nil)},
	{"429", jsonError(429, nil)},
	{"429 with Retry-After", jsonError(429, http.Header{"Retry-After": {"1"}})},
	{"500", jsonError(500, nil)},
	{"502 with a page", workfrontsim.Answer{Kind: workfrontsim.HTMLPage, Status: 502}},
	{"409 in a gateway's JSON", workfrontsim.Answer{Kind: workfrontsim.GatewayJSON, Status: 409}},
	{"404 with a page", workfrontsim.Answer{Kind: workfrontsim.HTMLPage, Status: 404}},
	{"a page with status 200", workfrontsim.Answer{Kind: workfrontsim.NotJSON}},
	{"a reset connection", workfrontsim.Answer{Kind: workfrontsim.Reset}},
	{"half an answer", workfrontsim.Answer{Kind: workfrontsim.Truncated}},
	{"an answer cut short", workfrontsim.Answer{Kind: workfrontsim.CutShort}},
	{"gzip garbage", workfrontsim.Answer{Kind: workfrontsim.GzipGarbage}},
	{"an empty body", workfrontsim.Answer{Kind: workfrontsim.EmptyBody, Status: 200}},
	{"no answer at all", workfrontsim.Answer{Kind: workfrontsim.Hang}},
	{"a body too slow to wait for", workfrontsim.Answer{Kind: workfrontsim.SlowBody, Pause: time.Minute}},
}

func jsonError(status int, header http.Header) workfrontsim.Answer {
	return workfrontsim.Answer{Kind: workfrontsim.JSONError, Status: status, Header: header}
}

// One answer of Workfront that is no good, at each call on the way: the request
// ends as it would have without, with one change.
func TestWorkfrontFaultsAreOutlasted(t *testing.T) {
	t.Parallel()
	machine.Slow(t, "many worlds, each with a fault that is waited out")
	for i, call := range badCalls {
		for k, bad := range badAnswers {
			if !machine.Pair(i, k) {
				continue
			}
			t.Run(call.name+"/"+bad.name, func(t *testing.T) {
				t.Parallel()
				newWorld(t).outlastsWorkfront(call, bad)
			})
		}
	}
}

// outlastsWorkfront is one row of the matrix.
func (w *world) outlastsWorkfront(call badCall, bad badAnswer) {
	w.t.Helper()
	switch bad.answer.Kind {
	case workfrontsim.Hang, workfrontsim.SlowBody:
		w.workfrontTimeout = time.Second
	}
	fault := call.fault
	fault.Times, fault.Answer = 1, bad.answer
	id := w.workfront.Inject(fault)
	w.start()
	card := w.ask()
	card.Click(w.anna, "Approve")
	w.ExpectDM(w.rita, "Deactivated: ")
	card.ExpectText("Confirmed in Workfront").ExpectButtons("Request reactivation")
	w.quiet()
	if w.workfront.RemoveFault(id) {
		w.t.Error("the fault met nothing")
	}
	if n := len(w.workfront.Changes()); n != 1 {
		w.t.Errorf("%d changes in Workfront, want 1", n)
	}
	if r := w.requests()[0]; r.State != request.Done || r.Outcome.Already {
		w.t.Errorf("the request is %s, already inactive: %v", r.State, r.Outcome.Already)
	}
}

// Answers that come slowly, and whole, are waited for.
func TestSlowWorkfrontIsWaitedFor(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.workfront.Inject(workfrontsim.Fault{Apply: true, Answer: workfrontsim.Answer{
		Kind: workfrontsim.SlowBody, Delay: 50 * time.Millisecond, Pause: 50 * time.Millisecond,
	}})
	w.start()
	card := w.ask()
	card.Click(w.anna, "Approve")
	w.ExpectDM(w.rita, "Deactivated: ")
	card.ExpectText("Confirmed in Workfront").ExpectButtons("Request reactivation")
	w.quiet()
	if n := len(w.writes()); n != 1 {
		t.Errorf("%d writes, want 1", n)
	}
}

// What Workfront understands and will not do is not tried again: who asked is
// told, the card says why, and once it is fixed an approver's Retry works.
func TestWorkfrontRefusalsEndTheRequest(t *testing.T) {
	t.Parallel()
	calls := []badCall{
		{"the read before", workfrontsim.Fault{Operation: "user/get", Skip: 1}},
		{"the write", workfrontsim.Fault{Operation: "user/put"}},
	}
	gone := map[string]string{"the read before": "not in Workfront any more"}
	rows := []struct {
		name   string
		answer workfrontsim.Answer
		says   string
		others map[string]string // what it says at a call where it says something else
	}{
		{"403", workfrontsim.Answer{Kind: workfrontsim.JSONError, Status: 403, Message: "No <!channel> & no"}, "403: No &lt;!channel&gt; &amp; no", nil},
		{"404", workfrontsim.Answer{Kind: workfrontsim.JSONError, Status: 404, Message: "Not here"}, "404: Not here", gone},
		{"410", workfrontsim.Answer{Kind: workfrontsim.JSONError, Status: 410, Message: "Version removed"}, "410: Version removed", nil},
		{"422", workfrontsim.Answer{Kind: workfrontsim.JSONError, Status: 422, Message: "Cannot"}, "422: Cannot", nil},
		{"an error inside 200", workfrontsim.Answer{Kind: workfrontsim.ErrorIn200, Message: "Cannot now"}, "Cannot now", nil},
	}
	for _, call := range calls {
		for _, row := range rows {
			t.Run(call.name+"/"+row.name, func(t *testing.T) {
				t.Parallel()
				w := newWorld(t)
				says := row.says
				if other := row.others[call.name]; other != "" {
					says = other
				}
				fault := call.fault
				fault.Answer = row.answer
				w.workfront.Inject(fault)
				w.start()
				card := w.ask()
				card.Click(w.anna, "Approve")
				card.ExpectText("Failed", says, "Nothing was changed").ExpectButtons("Retry")
				w.ExpectDM(w.rita, "Failed: ", says, "An approver can press Retry")
				card.ExpectReply("Failed: ", says, "<@"+w.anna+">")
				w.quiet()
				before := w.puts()
				if before > 1 || !w.active() {
					t.Errorf("%d writes were sent, active: %v", before, w.active())
				}
				w.workfront.ClearFaults()
				card.Click(w.otto, "Retry")
				w.ExpectDM(w.rita, "Deactivated: ")
				card.ExpectText("Confirmed in Workfront").ExpectButtons("Request reactivation")
				w.quiet()
				if n := w.puts() - before; n != 1 {
					t.Errorf("%d writes were sent after Retry, want 1", n)
				}
			})
		}
	}
}

// A look-up that Workfront refuses ends with a private sentence, and the operator
// is told where it is theirs to fix.
func TestWorkfrontRefusesTheLookUp(t *testing.T) {
	t.Parallel()
	for _, operation := range []string{"user/get", "user/search"} { // who the bot is; the user
		for _, answer := range []workfrontsim.Answer{
			jsonError(403, nil), jsonError(410, nil), jsonError(422, nil), {Kind: workfrontsim.ErrorIn200, Message: "Cannot"},
		} {
			t.Run(operation+"/"+answer.String(), func(t *testing.T) {
				t.Parallel()
				w := newWorld(t)
				ops := w.withOps()
				w.workfront.Inject(workfrontsim.Fault{Operation: operation, Answer: answer})
				w.start()
				w.As(w.rita).Types(w.channel, "/wf-deactivate jane@acme.com left")
				w.ExpectPrivate(w.rita, "Workfront did not let me look up")
				w.Channel(ops).ExpectMessage("WORKFRONT_API_VERSION")
				w.quiet()
				if r := w.requests()[0]; r.State != request.Rejected {
					t.Errorf("the request is %s, want rejected", r.State)
				}
				if n := w.puts(); n != 0 {
					t.Errorf("%d writes", n)
				}
			})
		}
	}
}

// puts is how many writes have reached Workfront, whatever became of them.
func (w *world) puts() (n int) {
	for _, c := range w.workfront.Journal() {
		if c.Operation == "user/put" {
			n++
		}
	}
	return n
}
