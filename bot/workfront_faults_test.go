package bot_test

import (
	"net/http"
	"testing"

	"wfbot/bot/request"
	"wfbot/workfront/workfrontsim"
)

// One answer of Workfront that is no good, at each call on the way: the request
// ends as it would have without, with one change.
func TestWorkfrontFaultsAreOutlasted(t *testing.T) {
	t.Parallel()
	status := func(code int, header http.Header) workfrontsim.Answer {
		return workfrontsim.Answer{Kind: workfrontsim.JSONError, Status: code, Header: header}
	}
	answers := map[string]workfrontsim.Answer{
		"409":                    status(409, nil),
		"429":                    status(429, nil),
		"429 with Retry-After":   status(429, http.Header{"Retry-After": {"1"}}),
		"500":                    status(500, nil),
		"502 with a page":        {Kind: workfrontsim.HTMLPage, Status: 502},
		"a page with status 200": {Kind: workfrontsim.NotJSON},
		"a reset connection":     {Kind: workfrontsim.Reset},
		"half an answer":         {Kind: workfrontsim.Truncated},
		"an answer cut short":    {Kind: workfrontsim.CutShort},
		"gzip garbage":           {Kind: workfrontsim.GzipGarbage},
		"a redirect":             {Kind: workfrontsim.Redirect},
		"an empty body":          {Kind: workfrontsim.EmptyBody, Status: 200},
	}
	calls := map[string]workfrontsim.Fault{
		"who the bot is":       {Operation: "user/get"},
		"the look-up":          {Operation: "user/search"},
		"the read before":      {Operation: "user/get", Skip: 1},
		"the write, unapplied": {Operation: "user/put"},
		"the write, applied":   {Operation: "user/put", Apply: true},
		"the read after":       {Operation: "user/get", Skip: 2},
	}
	for call, fault := range calls {
		for name, answer := range answers {
			t.Run(call+"/"+name, func(t *testing.T) {
				t.Parallel()
				w := newWorld(t)
				fault := fault
				fault.Times, fault.Answer = 1, answer
				w.workfront.Inject(fault)
				w.start()
				card := w.ask()
				card.Click(w.anna, "Approve")
				w.ExpectDM(w.rita, "deactivated in Workfront")
				card.ExpectButtons()
				w.quiet()
				if n := len(w.workfront.Changes()); n != 1 {
					t.Errorf("%d changes in Workfront, want 1", n)
				}
				if r := w.requests()[0]; r.State != request.Done || r.Outcome.Already {
					t.Errorf("the request is %s, already inactive: %v", r.State, r.Outcome.Already)
				}
			})
		}
	}
}
