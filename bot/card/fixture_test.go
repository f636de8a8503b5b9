package card_test

import (
	"testing"
	"time"

	"wfbot/bot/card"
	"wfbot/bot/request"
)

// t0 is when the requests of the tests are made.
var t0 = time.Date(2026, 5, 4, 9, 0, 0, 0, time.UTC)

func after(minutes int) time.Time { return t0.Add(time.Duration(minutes) * time.Minute) }

// The people of the tests.
var (
	rita  = request.Identity{ID: "URITA", Name: "Rita", Email: "rita@acme.com"} // asks
	anna  = request.Identity{ID: "UANNA", Name: "Anna", Email: "anna@acme.com"} // approves
	bert  = request.Identity{ID: "UBERT", Name: "Bert", Email: "bert@acme.com"} // approves too
	maria = request.Identity{ID: "UMARIA", Name: "Maria", Email: "maria@acme.com"}
)

const permalink = "https://acme.slack.com/archives/C1/p1?thread_ts=1&cid=C1"

// story is a request, told step by step.
type story struct {
	t *testing.T
	r *request.Request
}

func (s story) do(err error) story {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
	return s
}

func asked(t *testing.T, change ...func(*request.Request)) story {
	t.Helper()
	r := request.Request{
		ID: "req-1", Action: request.Deactivate, Email: "jane@acme.com", Reason: "left the company",
		Requester: rita, Channel: "C1",
	}
	for _, f := range change {
		f(&r)
	}
	return story{t, request.New(r, t0, 72*time.Hour)}
}

func dryRun(r *request.Request) { r.DryRun = true }

func found(t *testing.T, needed int, change ...func(*request.Request)) story {
	t.Helper()
	s := asked(t, change...)
	s.do(s.r.Found(request.Finding{
		Target: request.Target{
			ID: "5f1c00aa", Email: "jane@acme.com", Name: "Jane Doe", Title: "Senior Designer", AccessLevel: "Planner",
			License: "Standard", Manager: "Maria Muster", ManagerEmail: "maria@acme.com", HomeGroup: "Marketing",
			HomeTeam: "Web & Print", LastLogin: t0.Add(-50 * time.Hour), Active: true,
		},
		TargetIDs: []string{"UJANE"}, Manager: maria, Needed: needed,
	}, after(1)))
	s.r.Posted("C1", "1.1", after(1))
	return s
}

func approved(t *testing.T, stop time.Duration, change ...func(*request.Request)) story {
	t.Helper()
	s := found(t, 1, change...)
	return s.do(s.r.Approve(anna, stop, after(5)))
}

func begun(t *testing.T, change ...func(*request.Request)) story {
	t.Helper()
	s := approved(t, 0, change...)
	return s.do(s.r.Begin(after(5)))
}

func written(t *testing.T) story {
	t.Helper()
	s := begun(t)
	return s.do(s.r.WriteAttempted(after(6)))
}

var approvers = request.Members{Users: []string{"UANNA", "UBERT", "URITA"}, Groups: []string{"SLEADS"}, Manager: true}

func painted() card.View { return card.View{Buttons: true, Approvers: approvers} }

// scene is a request and how its card is viewed.
type scene struct {
	name string
	r    *request.Request
	v    card.View
}

// scenes are all states in their variants.
func scenes(t *testing.T) []scene {
	t.Helper()
	var all []scene
	add := func(name string, s story, v card.View) { all = append(all, scene{name, s.r, v}) }

	add("received", asked(t), painted())
	s := asked(t)
	add("received_trouble", s.do(s.r.LookUpFailed("Workfront does not answer.", 0, after(1))), painted())
	s = asked(t)
	add("received_held", s.do(s.r.Hold("Workfront refuses the bot's credential.", false, after(2), after(1))), painted())
	s = asked(t)
	add("rejected_not_found", s.do(s.r.Reject(request.RefusedNotFound, "", after(1))), painted())
	s = asked(t)
	add("rejected_already_open", s.do(s.r.Reject(request.RefusedAlreadyOpen, "req-0", after(1))), painted())
	s = asked(t)
	add("rejected_unreachable", s.do(s.r.LookUpFailed("Workfront does not answer.", request.RetryFor, after(1))), painted())

	add("pending_posted", found(t, 1), card.View{Approvers: approvers})
	add("pending", found(t, 1), painted())
	add("pending_stop_window", found(t, 1), card.View{Buttons: true, Approvers: approvers, StopWindow: 15 * time.Minute})
	add("pending_dry_run", found(t, 1, dryRun), painted())
	s = found(t, 2)
	s.r.Target.Admin = true
	add("pending_admin_half", s.do(s.r.Approve(anna, 0, after(5))), painted())
	s = found(t, 1, func(r *request.Request) { r.Reason = "" })
	s.r.Target = request.Target{ID: "5f1c00aa", Email: "jane@acme.com", Name: "Jane Doe", Active: true}
	s.r.Manager = request.Identity{}
	add("pending_bare", s, painted())

	s = found(t, 1)
	add("denied", s.do(s.r.Deny(bert, "she moves to *another* team\nand stays", after(7))), painted())
	s = found(t, 1)
	add("denied_without_comment", s.do(s.r.Deny(bert, "", after(7))), painted())
	s = found(t, 1)
	add("cancelled_by_requester", s.do(s.r.Cancel(rita, "", after(7))), painted())
	s = approved(t, time.Hour)
	add("cancelled_by_approver", s.do(s.r.Cancel(bert, "", after(7))), painted())
	s = found(t, 2)
	s.do(s.r.Approve(anna, 0, after(5)))
	add("expired", s.do(s.r.Expire(s.r.ExpiresAt)), painted())

	add("approved", approved(t, 0), painted())
	add("approved_stop_window", approved(t, 15*time.Minute), painted())
	s = begun(t)
	add("approved_trouble", s.do(s.r.Postpone("Workfront answered 503: <maintenance> & more", 0, after(6))), painted())
	s = begun(t)
	add("approved_held", s.do(s.r.Hold("Workfront refuses the bot's credential.", false, after(7), after(6))), painted())
	s = begun(t)
	s.do(s.r.Postpone("Workfront does not answer.", time.Hour, after(6)))
	add("approved_retried_now", s.do(s.r.Retry(bert, after(7))), painted())
	add("executing", begun(t), painted())
	s = written(t)
	add("executing_not_known", s.do(s.r.Unresolved("Workfront does not answer.", false, 0, after(6))), painted())
	s = written(t)
	add("executing_accepted", s.do(s.r.Unresolved("Workfront does not answer.", true, 0, after(6))), painted())

	s = written(t)
	add("done", s.do(s.r.Succeed(after(7))), painted())
	s = begun(t)
	add("done_already", s.do(s.r.Succeed(after(7))), painted())
	s = begun(t, dryRun)
	add("done_dry_run", s.do(s.r.Rehearsed(after(7))), painted())
	s = begun(t)
	add("failed", s.do(s.r.Fail("Workfront answered 403: You do not have access.", after(7))), painted())
	s = written(t)
	add("failed_after_write", s.do(s.r.Fail("Workfront answered without an error but changed nothing.", after(7))), painted())
	s = begun(t)
	s.do(s.r.Fail("Workfront answered 403: You do not have access.", after(7)))
	add("failed_retried", s.do(s.r.Retry(bert, after(9))), painted())
	laterScenes(t, add)
	otherwise(t, add)
	return all
}
