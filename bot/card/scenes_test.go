package card_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"wfbot/bot/card"
	"wfbot/bot/request"
)

// scenes are all states in their variants.
func scenes(t *testing.T) []scene {
	t.Helper()
	var all []scene
	add := func(name string, s story, v card.View) { all = append(all, scene{name, s.r, v}) }

	add("received", asked(t), painted())
	s := asked(t)
	s.do(s.r.LookUpFailed("Workfront does not answer.", 0, after(1)))
	s.r.Look = 0 // its card was not drawn before
	add("received_trouble", s, painted())
	s = asked(t)
	add("received_held", s.do(s.r.Pause("Workfront refuses the bot's credential.", false, after(2), after(1))), painted())
	s = asked(t)
	add("rejected_not_found", s.do(s.r.Reject(request.RefusedNotFound, "", after(1))), painted())
	s = asked(t)
	add("rejected_already_open", s.do(s.r.Reject(request.RefusedAlreadyOpen, "req-0", after(1))), painted())
	s = asked(t)
	add("rejected_unreachable", s.do(s.r.LookUpFailed("Workfront does not answer.", request.RetryFor, after(1))), painted())

	add("pending_posted", found(t, 1), card.View{Approvers: approvers})
	add("pending", found(t, 1), painted())
	add("pending_counting", counting(t), painted())
	add("pending_counting_posted", counting(t), card.View{Approvers: approvers})
	add("pending_linked", found(t, 1), card.View{Buttons: true, Approvers: approvers, UserPage: "https://acme.my.workfront.adobe.com/user/{id}/updates"})
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
	add("approved_held", s.do(s.r.Pause("Workfront refuses the bot's credential.", false, after(7), after(6))), painted())
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

// declared are the values of the constants of a string type, read from the source
// of package request, so that a new one cannot be left without a golden file.
func declared[T ~string](t *testing.T, file, kind string) (all []T) {
	t.Helper()
	parsed, err := parser.ParseFile(token.NewFileSet(), "../request/"+file, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(parsed, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok {
			return true
		}
		if named, ok := spec.Type.(*ast.Ident); !ok || named.Name != kind {
			return true
		}
		for _, value := range spec.Values {
			text, err := strconv.Unquote(value.(*ast.BasicLit).Value)
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, T(text))
		}
		return true
	})
	if len(all) == 0 {
		t.Fatalf("%s declares no %s", file, kind)
	}
	return all
}

// variant is a way that a request differs from the usual, whatever its state.
type variant struct {
	name   string
	change func(*request.Request)
	is     func(*request.Request) bool
}

func variants() []variant {
	return []variant{
		{"usual", func(*request.Request) {}, func(r *request.Request) bool { return !r.DryRun && r.Action == request.Deactivate }},
		{"dry run", dryRun, func(r *request.Request) bool { return r.DryRun && r.Action == request.Deactivate }},
		{"way back", backwards, func(r *request.Request) bool { return !r.DryRun && r.Action == request.Reactivate }},
	}
}

// otherwise are the states that the further scenes leave out, as a dry run and for
// the way back.
func otherwise(t *testing.T, add func(name string, s story, v card.View)) {
	t.Helper()
	for _, v := range variants()[1:] {
		prefix := map[string]string{"dry run": "dry_run_", "way back": "back_"}[v.name]
		also := func(name string, s story, err error) { add(prefix+name, s.do(err), painted()) }

		also("received", asked(t, v.change), nil)
		s := asked(t, v.change)
		also("rejected", s, s.r.Reject(request.RefusedNotFound, "", after(1)))
		s = found(t, 1, v.change)
		also("cancelled", s, s.r.Cancel(rita, "", after(7)))
		s = found(t, 1, v.change)
		also("expired", s, s.r.Expire(s.r.ExpiresAt))
		also("executing", begun(t, v.change), nil)
	}
	s := found(t, 1, dryRun)
	add("dry_run_denied", s.do(s.r.Deny(bert, "not yet", after(7))), painted())
	add("dry_run_approved", approved(t, 0, dryRun), painted())
	s = begun(t, dryRun)
	add("dry_run_failed", s.do(s.r.Fail("Workfront answered 403: You do not have access.", after(7))), painted())
	s = begun(t, backwards)
	s.do(s.r.WriteAttempted(after(6)))
	add("back_executing_not_known", s.do(s.r.Unresolved("Workfront does not answer.", false, 0, after(6))), painted())
}

// TestEveryStateHasAGoldenFile: every state is drawn alone and among several, in
// earnest, as a dry run and for the way back; and every finding about the manager
// and about what was read again later is drawn.
func TestEveryStateHasAGoldenFile(t *testing.T) {
	t.Parallel()
	var single, several []*request.Request
	for _, s := range scenes(t) {
		single = append(single, s.r)
	}
	for _, c := range crews(t) {
		several = append(several, c.Requests...)
	}
	drawn := func(where string, all []*request.Request, is func(*request.Request) bool) {
		if !slices.ContainsFunc(all, is) {
			t.Errorf("no golden file: %s", where)
		}
	}
	for _, v := range variants() {
		for _, state := range declared[request.State](t, "request.go", "State") {
			is := func(r *request.Request) bool { return r.State == state && v.is(r) }
			drawn(string(state)+", "+v.name, single, is)
			drawn(string(state)+", "+v.name+", among several", several, is)
		}
	}
	for _, why := range declared[request.NoManager](t, "manager.go", "NoManager") {
		drawn("manager "+string(why), single, func(r *request.Request) bool { return r.NoManager == why })
	}
	for _, what := range declared[request.Drift](t, "afterwards.go", "Drift") {
		drawn("read again: "+string(what), single, func(r *request.Request) bool { return r.Verified.Result == what })
	}
}
