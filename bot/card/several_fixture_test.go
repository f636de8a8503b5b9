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

// crew is a batch, told step by step.
type crew struct {
	t *testing.T
	b *request.Batch
	v card.View
}

// gathered is a batch of n people who have not been looked up yet.
func gathered(t *testing.T, n int, change ...func(*request.Request)) crew {
	t.Helper()
	base := request.Request{
		ID: "batch-1", Action: request.Deactivate, Reason: "the project ends", Requester: rita, Channel: "C1",
	}
	for _, f := range change {
		f(&base)
	}
	var members []*request.Request
	for i := range n {
		r := base
		r.ID, r.BatchID, r.Email = fmt.Sprintf("batch-1-%d", i+1), "batch-1", fmt.Sprintf("person%d@acme.com", i+1)
		members = append(members, request.New(r, t0, 72*time.Hour))
	}
	return crew{t, request.NewBatch(request.Batch{
		ID: "batch-1", Action: base.Action, Reason: base.Reason, NotBefore: base.NotBefore, NotBeforeWords: base.NotBeforeWords, Requester: rita, Channel: "C1", DryRun: base.DryRun,
	}, members, t0), painted()}
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
	r := c.b.Members[i]
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
	c.b.Posted("C1", "1.1", after(1))
	return c
}

// everything is a batch in which each member stands differently.
func everything(t *testing.T, change ...func(*request.Request)) crew {
	c := gathered(t, 19, change...).posted()
	m := c.b.Members
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
	c.do(c.begin(18).Hold("Workfront refuses the bot's credential.", false, after(7), after(6)))
	return c
}

// crews are batches in all their variants.
func crews(t *testing.T) map[string]crew {
	t.Helper()
	all := map[string]crew{"received": gathered(t, 2)}
	pending := func(change ...func(*request.Request)) crew {
		c := gathered(t, 3, change...).posted()
		c.find(0, 1)
		c.find(1, 2)
		c.do(c.b.Members[2].Reject(request.RefusedInactive, "", after(1)))
		return c
	}
	all["pending"] = pending()
	c := pending()
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
	c.b.Members[0].Target.Twins = []string{"0a1b"}
	c.b.Members[1].Manager = request.Identity{ID: "UBERT"}
	c.b.Members[1].ManagerFound(request.Managing{NoManager: request.ManagerNotHere}, false, after(5))
	all["pending_twins_stuck"] = c
	all["everything"] = everything(t)
	all["everything_dry_run"] = everything(t, dryRun)
	all["everything_reactivate"] = everything(t, backwards)
	c = gathered(t, 2)
	for _, r := range c.b.Members {
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
	c.b.TellRequester(c.b.News)
	c.do(c.begin(0).Fail("Workfront answered 403: You do not have access.", after(7)))
	c.find(1, 1)
	all["failed_and_pending"] = c
	return all
}

// vast is a batch of as many people as there may be, each standing as one in
// everything does, with everything as long as it gets.
func vast(t *testing.T, text func() string, change ...func(*request.Request)) crew {
	t.Helper()
	c := everything(t, change...)
	some := c.b.Members
	c.b.Members = nil
	for i := range request.MaxPeople {
		r := *some[(i+2)%len(some)]
		r.Decisions = slices.Clone(r.Decisions)
		r.ID = fmt.Sprintf("%s-%d", strings.Repeat("b", 26), i+1)
		if r.State != request.Received && r.State != request.Rejected {
			r.Target.ID, r.Target.Admin, r.Manager.ID = "5f1c", true, fmt.Sprintf("M%031d", i)
			r.Holdings = []request.Holding{{Kind: "tasks", Count: 123456}, {Kind: "reports", Trouble: "no"}}
		}
		deface(&r, text)
		c.b.Members = append(c.b.Members, &r)
	}
	c.b.ID, c.b.Reason, c.b.Requester.Name = strings.Repeat("b", 26), text(), text()
	for i := range 60 {
		c.v.Approvers.Users = append(slices.Clip(c.v.Approvers.Users), fmt.Sprintf("U%031d", i))
		c.v.Approvers.Groups = append(slices.Clip(c.v.Approvers.Groups), fmt.Sprintf("S%031d", i))
	}
	c.v.StopWindow = 100*time.Hour + time.Second
	return c
}

// sayings are the private words about a batch.
func sayings(c crew) map[string]string {
	var left []card.Left
	for _, r := range c.b.Members {
		for _, why := range []request.Refusal{request.RefusedNotOpen, request.RefusedNotApprover, request.RefusedOwnAccount} {
			left = append(left, card.Left{Request: r, Why: why})
		}
	}
	return map[string]string{
		"notice":   card.BatchNotice(c.b, permalink),
		"reminder": card.BatchReminder(c.b, c.v),
		"answer":   card.BatchAnswer(request.Approve, c.b.Members, left),
	}
}

// ended makes everybody's request end, so that the notice is about the outcome.
func (c crew) ended() crew {
	for _, r := range c.b.Members {
		if !r.State.Ended() {
			r.State = request.Failed
		}
	}
	return c
}
