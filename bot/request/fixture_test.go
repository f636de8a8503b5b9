package request_test

import (
	"fmt"
	"testing"
	"time"

	"wfbot/bot/request"
)

// t0 is when the requests of the tests are made; ttl how long they wait.
var t0 = time.Date(2026, 5, 4, 9, 0, 0, 0, time.UTC)

const ttl = 72 * time.Hour

// The people of the tests.
var (
	rita  = request.Identity{ID: "URITA", Name: "Rita", Email: "rita@acme.com"} // asks
	anna  = request.Identity{ID: "UANNA", Name: "Anna", Email: "anna@acme.com"} // approves
	bert  = request.Identity{ID: "UBERT", Name: "Bert", Email: "bert@acme.com"} // approves too
	maria = request.Identity{ID: "UMARIA", Name: "Maria", Email: "maria@acme.com"}
	jane  = request.Identity{ID: "UJANE", Name: "Jane", Email: "jane@acme.com"} // leaves
)

var janeInWorkfront = request.Target{ID: "wf-jane", Email: "jane@acme.com", Name: "Jane Doe", Active: true}

func newRequest() *request.Request {
	return request.New(request.Request{
		ID: "r1", CardID: "r1", Action: request.Deactivate, Email: "jane@acme.com", Reason: "left the company",
		Requester: rita, Place: request.Place{Channel: "C1"},
	}, t0, ttl)
}

func finding() request.Finding {
	return request.Finding{Target: janeInWorkfront, TargetIDs: []string{"UJANE"}, Manager: maria, Needed: 1}
}

// in returns a request that its own methods brought into the state, within the
// first minute after t0. About a pending one and those after it people were asked,
// which the requester knows.
func in(t *testing.T, state request.State) *request.Request {
	t.Helper()
	return reach(t, newRequest(), state)
}

// reach brings a received request into the state.
func reach(t *testing.T, r *request.Request, state request.State) *request.Request {
	t.Helper()
	do := func(err error) {
		if err != nil {
			t.Fatalf("on the way to %q: %v", state, err)
		}
	}
	at := func(seconds int) time.Time { return t0.Add(time.Duration(seconds) * time.Second) }
	switch state {
	case request.Received:
		return r
	case request.Rejected:
		do(r.Reject(request.RefusedNotFound, "", at(1)))
		return r
	}
	do(r.Found(finding(), at(1)))
	do(r.Counted(nil, at(1)))
	r.TS, r.Asked, r.Told = "1.1", r.Ask, r.News
	switch state {
	case request.Pending:
		return r
	case request.Denied:
		do(r.Deny(anna, "still needed", at(3)))
		return r
	case request.Expired:
		do(r.Expire(r.ExpiresAt))
		return r
	}
	do(r.Approve(anna, 0, at(3)))
	switch state {
	case request.Approved:
		return r
	case request.Cancelled:
		do(r.Cancel(rita, "", at(4)))
		return r
	}
	do(r.Begin(at(4)))
	switch state {
	case request.Executing:
	case request.Done:
		do(r.Succeed(at(6)))
	case request.Failed:
		do(r.Fail("Workfront refused it", at(6)))
	default:
		t.Fatalf("no way to %q", state)
	}
	return r
}

var allStates = []request.State{
	request.Received, request.Rejected, request.Pending, request.Denied, request.Cancelled, request.Expired,
	request.Approved, request.Executing, request.Done, request.Failed,
}

// A situation is a state, or a state with something more that matters.
type situation string

func (s situation) request(t *testing.T) *request.Request {
	t.Helper()
	must := func(err error) {
		if err != nil {
			t.Fatalf("reaching %q: %v", s, err)
		}
	}
	var r *request.Request
	switch s {
	case "pending, no card":
		r = newRequest()
		must(r.Found(finding(), t0))
		must(r.Counted(nil, t0))
	case "approved, waiting":
		r = in(t, request.Executing)
		must(r.Postpone("Workfront is down", time.Hour, t0.Add(6*time.Second)))
	case "executing, waiting":
		r = in(t, request.Executing)
		must(r.WriteAttempted(t0.Add(6 * time.Second)))
		must(r.Unresolved("no answer", false, time.Hour, t0.Add(7*time.Second)))
	case "executing, dry run":
		r = newRequest()
		r.DryRun = true
		r = reach(t, r, request.Executing)
	case "pending, asked again":
		r = in(t, request.Approved)
		must(r.AskAgain(longOverdue))
	case "done, to be verified":
		r = newRequest()
		r.VerifyAfter = 24 * time.Hour
		r = reach(t, r, request.Done)
	default:
		r = in(t, request.State(s))
	}
	r.TakeEvents()
	return r
}

// alone returns the card about r and nobody else, posted and painted as r stands.
func alone(r *request.Request) *request.Card {
	c := unposted(r)
	paint(c, t0.Add(2*time.Second))
	return c
}

// unposted returns a card about these that is not posted yet.
func unposted(all ...*request.Request) *request.Card {
	r := all[0]
	c := request.NewCard(request.Card{
		ID: r.CardID, Action: r.Action, Requester: r.Requester, Place: request.Place{Channel: "C1"}, RemindEvery: r.RemindEvery,
	}, all, t0)
	c.Attach(all) // as when it is read
	return c
}

// cardOf returns a card about several that is not posted yet, in these states within
// the first minute after t0. Nobody was asked about those who are pending, and the
// requester was told nothing.
func cardOf(t *testing.T, states ...request.State) *request.Card {
	t.Helper()
	var all []*request.Request
	for i, s := range states {
		r := newRequest()
		r.ID, r.CardID, r.RemindEvery = fmt.Sprint("r", i+1), "c1", 24*time.Hour
		r = reach(t, r, s)
		r.TS, r.Told = "", 0
		if s == request.Pending {
			r.Asked = 0
		}
		r.ManagerUnneeded()
		all = append(all, r)
	}
	return unposted(all...)
}

// paint posts the card, if it is not, and paints it.
func paint(c *request.Card, at time.Time) {
	if c.TS == "" {
		c.Posted(request.Place{Channel: "C1", TS: "1.1"}, c.Asks(), at)
	}
	c.Paint(c.Look, at)
}

// tell tells the requester how all stand.
func tell(c *request.Card) { c.TellRequester(c.News()) }

// raise lets the card know that a request has changed, as the store does.
func raise(c *request.Card) {
	c.Look++
	c.Attach(c.Requests)
}

// wantNext fails the test unless what wants the step, at that time; at or before now
// if at is zero.
func wantNext(t *testing.T, what interface {
	Next(time.Time) (request.Step, time.Time)
}, now time.Time, want request.Step, at time.Time) {
	t.Helper()
	step, when := what.Next(now)
	switch {
	case step != want:
		t.Fatalf("next is %q at %v, want %q", step, when, want)
	case step == request.Nothing && !when.IsZero():
		t.Errorf("nothing to do, but at %v", when)
	case at.IsZero() && when.After(now):
		t.Errorf("%q waits until %v, want now", step, when)
	case !at.IsZero() && !when.Equal(at):
		t.Errorf("%q waits until %v, want %v", step, when, at)
	}
}

func situations() []situation {
	all := []situation{
		"pending, no card", "pending, asked again", "approved, waiting", "executing, waiting", "executing, dry run", "done, to be verified",
	}
	for _, s := range allStates {
		all = append(all, situation(s))
	}
	return all
}
