package card_test

import (
	"strings"
	"testing"
	"time"

	"wfbot/bot/card"
	"wfbot/bot/request"
)

func backwards(r *request.Request) { r.Action = request.Reactivate }

// dated is carried out at half past four on the day after.
func dated(r *request.Request) {
	r.NotBefore = t0.Add(31*time.Hour + 30*time.Minute)
	r.NotBeforeWords = card.OnTheClock(r.NotBefore.In(time.FixedZone("Europe/Berlin", 2*60*60)))
}

// hinting has a reason that speaks of a day to come, and no date.
func hinting(r *request.Request) { r.Reason = "leaves *Friday* at 17:00" }

// checked is read again a day after it was done.
func checked(r *request.Request) { r.VerifyAfter = 24 * time.Hour }

// holds is what somebody holds, with every kind of gap.
func holds() []request.Holding {
	const refused = "Workfront answered 403: You do not have access to <reports>."
	return []request.Holding{
		{Kind: "tasks", Count: 12}, {Kind: "issues", Count: 1}, {Kind: "projects"}, {Kind: "portfolios"},
		{Kind: "timesheets", Count: 2, AtLeast: true}, {Kind: "reports", Trouble: refused}, {Kind: "routing_rules", Trouble: refused},
		{Kind: "proofs", Trouble: "Workfront does not answer.", Pending: true}, {Kind: "something new", Count: 3},
	}
}

// counted is a pending request whose target holds that.
func counted(t *testing.T, held []request.Holding) story {
	t.Helper()
	s := found(t, 1)
	return s.do(s.r.Surveyed(held, after(2)))
}

func done(t *testing.T, change ...func(*request.Request)) story {
	t.Helper()
	s := begun(t, change...)
	s.do(s.r.WriteAttempted(after(6)))
	return s.do(s.r.Succeed(after(7)))
}

// laterScenes are dates, what is held, the way back, and what is seen later.
func laterScenes(t *testing.T, add func(name string, s story, v card.View)) {
	t.Helper()
	add("pending_holds", counted(t, holds()), painted())
	add("pending_holds_nothing", counted(t, []request.Holding{{Kind: "tasks"}, {Kind: "issues"}}), painted())
	add("pending_holds_unknown", counted(t, []request.Holding{
		{Kind: "tasks", Trouble: "Workfront does not answer.", Pending: true}, {Kind: "issues", Trouble: "Workfront does not answer."},
	}), painted())
	s := counted(t, holds())
	add("denied_holds", s.do(s.r.Deny(bert, "", after(7))), painted())
	s = found(t, 1)
	s.r.Target.Extra = []request.Field{{Name: "DE:Employee ID", Value: "4711"}, {Name: "company:name", Value: "ACME <Europe>"}, {Name: "phoneNumber"}}
	s.r.Target.LastLogin, s.r.Target.Missing = time.Time{}, []string{request.MissingLastLogin, request.MissingManager}
	s.r.Manager, s.r.NoManager = request.Identity{}, request.ManagerUnread
	add("pending_fields", s, painted())
	for _, why := range []request.NoManager{request.ManagerNone, request.ManagerNotHere, request.ManagerRequester, request.ManagerMayNot} {
		s = found(t, 1)
		s.r.Manager, s.r.NoManager = request.Identity{}, why
		add("pending_manager_"+strings.ReplaceAll(string(why), " ", "_"), s, painted())
	}
	s = found(t, 1)
	s.r.Target.Twins = []string{"0a1b", "0a2b", "0a3b", "0a4b"}
	add("pending_twins", s, painted())
	s = found(t, 1)
	s.r.ManagerFound(request.Managing{Name: "Otto", NoManager: request.ManagerNone}, false, after(5))
	add("pending_stuck", s, painted())

	add("pending_dated", found(t, 2, dated), card.View{Buttons: true, Approvers: approvers, StopWindow: time.Hour})
	add("pending_dated_words_unknown", found(t, 1, dated, func(r *request.Request) { r.NotBeforeWords = "" }), painted())
	add("pending_hint", found(t, 1, hinting), painted())
	add("pending_dated_dry_run", found(t, 1, dated, dryRun), painted())
	add("approved_dated", approved(t, 0, dated), painted())
	s = approved(t, 0)
	add("pending_again", s.do(s.r.AskAgain(after(5).Add(25*time.Hour))), painted())

	add("back_pending", found(t, 1, backwards), painted())
	add("back_pending_dry_run", found(t, 1, backwards, dryRun), painted())
	s = found(t, 1, backwards)
	s.r.Target.Admin = true
	add("back_pending_admin", s, painted())
	s = found(t, 1, backwards)
	add("back_denied", s.do(s.r.Deny(bert, "not yet", after(7))), painted())
	add("back_approved", approved(t, 0, backwards), painted())
	add("back_done", done(t, backwards), painted())
	s = begun(t, backwards)
	add("back_done_already", s.do(s.r.Succeed(after(7))), painted())
	s = begun(t, backwards)
	add("back_failed", s.do(s.r.Fail("Workfront answered 422: homeGroupID cannot be null", after(7))), painted())

	add("done_to_be_read", done(t, checked), painted())
	for _, what := range []request.Drift{request.NoDrift, request.Drifted, request.TargetGone, request.Unread, request.Superseded} {
		s = done(t, checked)
		add("done_"+strings.ReplaceAll(string(what), " ", "_"), s.do(s.r.Verify(what, after(7).Add(24*time.Hour))), painted())
	}
	s = done(t, checked)
	add("done_changed_again", s.do(s.r.Supersede("req-2", after(90))), painted())
	s = done(t, checked, backwards)
	add("back_done_drifted", s.do(s.r.Verify(request.Drifted, after(7).Add(24*time.Hour))), painted())
}
