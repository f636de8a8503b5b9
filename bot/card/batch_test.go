package card_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/slack-go/slack"

	"wfbot/bot/card"
	"wfbot/bot/request"
)

// crew is a batch, told step by step.
type crew struct {
	t *testing.T
	b *request.Card
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
	r := c.b.Requests[i]
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
	m := c.b.Requests
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
		c.do(c.b.Requests[2].Reject(request.RefusedInactive, "", after(1)))
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
	c.b.Requests[0].Target.Twins = []string{"0a1b"}
	c.b.Requests[1].Manager = request.Identity{ID: "UBERT"}
	c.b.Requests[1].ManagerFound(request.Managing{NoManager: request.ManagerNotHere}, false, after(5))
	all["pending_twins_stuck"] = c
	all["everything"] = everything(t)
	all["everything_dry_run"] = everything(t, dryRun)
	all["everything_reactivate"] = everything(t, backwards)
	c = gathered(t, 2)
	for _, r := range c.b.Requests {
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

// batchFiles are the golden files of batches.
func batchFiles(t *testing.T) (names []string) {
	for name := range crews(t) {
		names = append(names, "batch_"+name)
	}
	return append(names, "batch_words", "batch_forms")
}

func TestBatchMessageGolden(t *testing.T) {
	t.Parallel()
	for name, c := range crews(t) {
		text, blocks := card.BatchMessage(c.b, c.v)
		golden(t, "batch_"+name, map[string]any{"text": text, "blocks": blocks})
	}
}

// TestBatchWordsGolden keeps all private words about batches in one file.
func TestBatchWordsGolden(t *testing.T) {
	t.Parallel()
	words := map[string]string{}
	for name, c := range crews(t) {
		words["notice "+name] = card.BatchNotice(c.b, permalink)
		if strings.HasPrefix(name, "pending") {
			words["reminder "+name] = card.BatchReminder(c.b, c.v)
		}
	}
	c := crews(t)["pending"]
	c.do(c.b.Requests[0].Approve(anna, 0, after(5)))
	c.do(c.b.Requests[1].Approve(anna, 0, after(5)))
	words["answer approve"] = card.BatchAnswer(request.Approve, c.b.Requests[:2], nil)
	members := everything(t).b.Requests
	for _, kind := range []request.DecisionKind{request.Approve, request.Deny, request.Cancel, request.RunAgain} {
		words["answer partly "+string(kind)] = card.BatchAnswer(kind, members[11:12], []card.Left{
			{Request: members[4], Why: request.RefusedNotOpen}, {Request: members[2], Why: request.RefusedNotApprover},
			{Request: members[3], Why: request.RefusedNotApprover},
		})
	}
	golden(t, "batch_words", words)
}

func TestBatchFormsGolden(t *testing.T) {
	t.Parallel()
	c := crews(t)["pending"]
	golden(t, "batch_forms", []any{
		card.BatchForm(request.Deny, c.b, "3", c.b.Requests[:2], "UANNA"),
		card.BatchForm(request.Cancel, c.b, "3", c.b.Requests[:2], "UANNA"),
	})
}

// TestBatchOnlyDoneSaysDone: what is said of nobody who is done claims nothing.
func TestBatchOnlyDoneSaysDone(t *testing.T) {
	t.Parallel()
	for name, c := range crews(t) {
		if slices.ContainsFunc(c.b.Requests, func(r *request.Request) bool { return r.State == request.Done }) {
			continue
		}
		text, _ := card.BatchMessage(c.b, c.v)
		for _, claim := range []string{"Done", "deactivated in Workfront", "ead back", "read them back"} {
			if said := text + card.BatchNotice(c.b, permalink); strings.Contains(said, claim) {
				t.Errorf("%s says %q: %s", name, claim, said)
			}
		}
	}
}

// TestBatchButtonsAreAboutWhomTheyShow: a selection in a button holds just those
// to whom it applies when the card is drawn.
func TestBatchButtonsAreAboutWhomTheyShow(t *testing.T) {
	t.Parallel()
	c := everything(t)
	_, blocks := card.BatchMessage(c.b, c.v)
	want := map[string][]int{
		card.ActionApprove: {2, 3}, card.ActionDeny: {2, 3}, card.ActionCancel: {2, 3, 7, 8, 18}, card.ActionRetry: {8, 10, 13, 18},
		card.ActionLeaveOut: {2, 3, 7, 8, 18},
	}
	seen := map[string][]int{}
	about := func(action string, r *request.Request) {
		seen[action] = append(seen[action], slices.Index(c.b.Requests, r))
	}
	for _, block := range blocks {
		actions, ok := block.(*slack.ActionBlock)
		if !ok {
			continue
		}
		for _, e := range actions.Elements.ElementSet {
			switch e := e.(type) {
			case *slack.ButtonBlockElement:
				id, selection, several := card.ParseValue(e.Value)
				members, err := c.b.Selected(selection)
				if id != c.b.ID || !several || err != nil {
					t.Errorf("%s has the value %q: %v", e.ActionID, e.Value, err)
				}
				for _, r := range members {
					about(e.ActionID, r)
				}
			case *slack.SelectBlockElement:
				for _, o := range e.Options {
					i := slices.IndexFunc(c.b.Requests, func(r *request.Request) bool { return r.ID == o.Value })
					if i < 0 {
						t.Fatalf("an option with the value %q", o.Value)
					}
					about(e.ActionID, c.b.Requests[i])
				}
			}
		}
	}
	for action, members := range want {
		if !slices.Equal(seen[action], members) {
			t.Errorf("%s is about %v, want %v", action, seen[action], members)
		}
	}
}

// TestBatchAsksThoseWhoCanDecide: managers first, nobody twice, not the requester,
// and not who can decide about nobody any more.
func TestBatchAsksThoseWhoCanDecide(t *testing.T) {
	t.Parallel()
	c := gathered(t, 2).posted()
	c.do(c.find(0, 2).Approve(anna, 0, after(5)))
	c.find(1, 2)
	asked := func() string {
		text, _ := card.BatchMessage(c.b, c.v)
		_, rest, _ := strings.Cut(text, "Please approve or deny: ")
		rest, _, _ = strings.Cut(rest, "\n")
		return rest
	}
	if got, want := asked(), "<@UMARIA>, <!subteam^SLEADS>, <@UANNA>, <@UBERT>"; got != want {
		t.Errorf("asked are %q, want %q: anna can still approve for the second", got, want)
	}
	c.do(c.b.Requests[1].Approve(anna, 0, after(5)))
	if got, want := asked(), "<@UMARIA>, <!subteam^SLEADS>, <@UBERT>"; got != want {
		t.Errorf("asked are %q, want %q", got, want)
	}
}
