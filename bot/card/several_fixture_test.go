package card_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"wfbot/bot/card"
	"wfbot/bot/request"
)

// crew is a card about several people, told step by step.
type crew struct {
	*request.Card
	t *testing.T
	v card.View
}

// gathered is a card about n people who have not been looked up yet.
func gathered(t *testing.T, n int, change ...func(*request.Request)) crew {
	t.Helper()
	base := request.Request{
		ID: "batch-1", Action: request.Deactivate, Reason: "the project ends", Requester: rita, Place: request.Place{Channel: "C1"},
	}
	for _, f := range change {
		f(&base)
	}
	var members []*request.Request
	for i := range n {
		r := base
		r.ID, r.CardID, r.Email = fmt.Sprintf("batch-1-%d", i+1), "batch-1", fmt.Sprintf("person%d@acme.com", i+1)
		members = append(members, request.New(r, t0, 72*time.Hour))
	}
	return crew{request.NewCard(request.Card{
		ID: "batch-1", Action: base.Action, Reason: base.Reason, NotBefore: base.NotBefore, NotBeforeWords: base.NotBeforeWords,
		Requester: rita, Place: base.Place, DryRun: base.DryRun,
	}, members, t0), t, painted()}
}

func (c crew) do(err error) {
	c.t.Helper()
	if err != nil {
		c.t.Fatal(err)
	}
}

// find finds the i-th member, who needs so many approvals.
func (c crew) find(i, needed int) *request.Request {
	c.t.Helper()
	r := c.Requests[i]
	c.do(r.Found(request.Finding{
		Target: request.Target{
			ID: fmt.Sprintf("5f1c00%02d", i), Email: r.Email, Name: fmt.Sprintf("Person Number %d", i+1), Title: "Designer",
			Admin: needed > 1, Active: r.Action == request.Deactivate,
		},
		TargetIDs: []string{fmt.Sprintf("UTARGET%d", i)}, Manager: maria, Needed: needed,
	}, after(1)))
	return r
}

// begin approves for a found member and begins.
func (c crew) begin(i int) *request.Request {
	c.t.Helper()
	r := c.find(i, 1)
	c.do(r.Approve(anna, 0, after(5)))
	c.do(r.Begin(after(5)))
	return r
}

func (c crew) posted() crew {
	c.Posted(request.Place{Channel: "C1", TS: "1.1"}, c.Asks(), after(1))
	for _, r := range c.Requests {
		r.Place = c.Place // as when it is read
	}
	return c
}

// everything is a card where each person stands differently.
func everything(t *testing.T, change ...func(*request.Request)) crew {
	c := gathered(t, 19, change...).posted()
	m := c.Requests
	c.do(m[1].LookUpFailed("Workfront does not answer.", 0, after(1)))
	c.find(2, 1)
	c.do(c.find(3, 2).Approve(anna, 0, after(5)))
	m[3].Manager = request.Identity{}
	m[3].Holdings = []request.Holding{{Kind: "tasks", Count: 12}, {Kind: "reports", Trouble: "no right"}}
	c.do(c.find(4, 1).Deny(bert, "she *stays*", after(7)))
	c.do(c.find(5, 1).Cancel(rita, "", after(7)))
	c.find(6, 1)
	c.do(m[6].Expire(m[6].ExpiresAt))
	c.do(c.find(7, 1).Approve(anna, time.Hour, after(5)))
	c.do(c.begin(8).Postpone("Workfront answered 503: <maintenance>", 0, after(6)))
	c.begin(9)
	r := c.begin(10)
	if !r.DryRun {
		c.do(r.WriteAttempted(after(6)))
		c.do(r.Unresolved("Workfront does not answer.", false, 0, after(6)))
	}
	c.do(c.begin(11).Succeed(after(7)))
	r = c.begin(12)
	if !r.DryRun {
		c.do(r.WriteAttempted(after(6)))
		r.VerifyAfter = time.Hour
		c.do(r.Succeed(after(7)))
		c.do(r.Verify(request.Drifted, after(70)))
	}
	c.do(c.begin(13).Fail("Workfront answered 403: You do not have access.", after(7)))
	c.do(m[14].Reject(request.RefusedNotFound, "", after(1)))
	c.do(m[15].Reject(request.RefusedAlreadyOpen, m[2].ID, after(1)))
	c.do(m[16].Reject(request.RefusedAlreadyOpen, "another", after(1)))
	c.do(m[17].Reject(request.RefusedProtected, "", after(1)))
	c.do(c.begin(18).Pause("Workfront refuses the bot's credential.", false, after(7), after(6)))
	return c
}

// crews are cards about several people in all their variants.
func crews(t *testing.T) map[string]crew {
	t.Helper()
	c := gathered(t, 2)
	c.Channel = "" // the notice names none
	all := map[string]crew{"received": c}
	pending := func(change ...func(*request.Request)) crew {
		c := gathered(t, 3, change...).posted()
		c.find(0, 1)
		c.find(1, 2)
		c.do(c.Requests[2].Reject(request.RefusedInactive, "", after(1)))
		return c
	}
	all["pending"] = pending()
	c = pending()
	c.v.Buttons = false
	all["pending_posted"] = c
	all["pending_dry_run"] = pending(dryRun)
	all["pending_dated"] = pending(func(r *request.Request) { r.NotBefore = after(3000) })
	all["pending_dated_words"] = pending(dated)
	all["pending_hint"] = pending(hinting)
	all["pending_reactivate"] = pending(func(r *request.Request) { r.Action = request.Reactivate })
	c = pending()
	c.v.StopWindow = 15 * time.Minute
	all["pending_stop_window"] = c
	c = pending(func(r *request.Request) { r.NotBefore = after(3000) })
	c.v.StopWindow = 15 * time.Minute
	all["pending_dated_stop_window"] = c
	c = pending()
	c.v.Approvers = request.Members{Manager: true}
	all["pending_manager_only"] = c
	c = pending()
	c.Requests[0].Target.Twins = []string{"0a1b"}
	c.Requests[1].Manager = request.Identity{ID: "UBERT"}
	c.Requests[1].ManagerFound(request.Managing{NoManager: request.ManagerNotHere}, false, after(5))
	all["pending_twins_stuck"] = c
	all["everything"] = everything(t)
	all["everything_dry_run"] = everything(t, dryRun)
	all["everything_reactivate"] = everything(t, backwards)
	c = gathered(t, 2)
	for _, r := range c.Requests {
		c.do(r.Reject(request.RefusedNotFound, "", after(1)))
	}
	all["rejected"] = c
	c = gathered(t, 2).posted()
	for i := range 2 {
		r := c.begin(i)
		c.do(r.WriteAttempted(after(6)))
		c.do(r.Succeed(after(7)))
	}
	all["done"] = c
	c = gathered(t, 2, dryRun).posted()
	for i := range 2 {
		c.do(c.begin(i).Rehearsed(after(7)))
	}
	all["done_dry_run"] = c
	c = gathered(t, 3).posted()
	c.do(c.begin(0).Fail("Workfront answered 403: You do not have access.", after(7)))
	c.do(c.begin(1).Succeed(after(7)))
	c.do(c.find(2, 1).Deny(bert, "no", after(7)))
	all["failed"] = c
	c = gathered(t, 2).posted()
	c.TellRequester(c.News())
	c.do(c.begin(0).Fail("Workfront answered 403: You do not have access.", after(7)))
	c.find(1, 1)
	all["failed_and_pending"] = c
	return all
}

// vast is a card about as many people as there may be, each standing as one in
// everything does, with everything as long as it gets.
func vast(t *testing.T, text func() string, change ...func(*request.Request)) crew {
	t.Helper()
	c := everything(t, change...)
	some := c.Requests
	c.Requests = nil
	for i := range request.MaxPeople {
		r := *some[(i+2)%len(some)]
		r.Decisions = slices.Clone(r.Decisions)
		r.ID = fmt.Sprintf("%s-%d", strings.Repeat("b", 26), i+1)
		if r.State != request.Received && r.State != request.Rejected {
			r.Target.ID, r.Target.Admin, r.Manager.ID = "5f1c", true, fmt.Sprintf("M%031d", i)
			r.Holdings = []request.Holding{{Kind: "tasks", Count: 123456}, {Kind: "reports", Trouble: "no"}}
		}
		deface(&r, text)
		c.Requests = append(c.Requests, &r)
	}
	c.ID, c.Reason, c.Requester.Name = strings.Repeat("b", 26), text(), text()
	for i := range 60 {
		c.v.Approvers.Users = append(slices.Clip(c.v.Approvers.Users), fmt.Sprintf("U%031d", i))
		c.v.Approvers.Groups = append(slices.Clip(c.v.Approvers.Groups), fmt.Sprintf("S%031d", i))
	}
	c.v.StopWindow = 100*time.Hour + time.Second
	return c
}

// sayings are the private words about several people.
func sayings(c crew) map[string]string {
	var left []card.Left
	for _, r := range c.Requests {
		for _, why := range []request.Refusal{request.RefusedNotOpen, request.RefusedNotApprover, request.RefusedOwnAccount} {
			left = append(left, card.Left{Request: r, Why: why})
		}
	}
	return map[string]string{
		"notice":   card.Notice(c.Card, permalink),
		"reminder": card.Reminder(c.Card, c.v, t0),
		"answer":   card.Decided(request.Approve, c.Requests, left),
	}
}

// ended makes everybody's request end, so that the notice is about the outcome.
func (c crew) ended() crew {
	for _, r := range c.Requests {
		if !r.State.Ended() {
			r.State = request.Failed
		}
	}
	return c
}
