package request_test

import (
	"testing"
	"time"

	"wfbot/bot/request"
)

// TestVerify: a request that is done is read again once, after its time, and
// rests then whatever was found.
func TestVerify(t *testing.T) {
	t.Parallel()
	for found, told := range map[request.Drift]bool{
		request.NoDrift: false, request.Drifted: true, request.TargetGone: false, request.Superseded: false, request.Unread: false,
	} {
		t.Run(string(found), func(t *testing.T) {
			t.Parallel()
			r := situation("done, to be verified").request(t)
			r.Told = r.News
			due := r.Outcome.ReadAt.Add(24 * time.Hour)
			step, at := r.Next(t0)
			if step != request.Verify || !at.Equal(due) {
				t.Fatalf("next is %q at %v, want to verify at %v", step, at, due)
			}
			if err := r.VerifyFailed(0, due); err != nil {
				t.Fatal(err)
			}
			if step, at := r.Next(due); step != request.Verify || !at.After(due) {
				t.Fatalf("after a failure next is %q at %v, want to verify after a pause", step, at)
			}
			if err := r.Verify(found, due); err != nil {
				t.Fatal(err)
			}
			if want := (request.Verification{At: due, Result: found}); r.Verified != want {
				t.Errorf("verified %+v, want %+v", r.Verified, want)
			}
			if got := r.Told < r.News; got != told {
				t.Errorf("the requester is told: %t, want %t", got, told)
			}
			wantNext(t, r, due, request.Nothing, time.Time{})
		})
	}
}

// TestVerifyGivenUp: a Workfront that cannot be read is asked for two days.
func TestVerifyGivenUp(t *testing.T) {
	t.Parallel()
	r := situation("done, to be verified").request(t)
	now := r.VerifyAt
	for r.Verified == (request.Verification{}) {
		if now.Sub(r.VerifyAt) > request.RetryFor+time.Hour && !r.VerifyAt.IsZero() {
			t.Fatalf("still tried at %v", now)
		}
		if err := r.VerifyFailed(0, now); err != nil {
			t.Fatal(err)
		}
		now = r.VerifyRetry.At
	}
	if r.Verified.Result != request.Unread {
		t.Errorf("verified %+v", r.Verified)
	}
}

// TestNotVerified: what wrote nothing for good has nothing to be read again.
func TestNotVerified(t *testing.T) {
	t.Parallel()
	dry := newRequest()
	dry.DryRun, dry.VerifyAfter = true, time.Hour
	reach(t, dry, request.Executing)
	if err := dry.Rehearsed(t0); err != nil {
		t.Fatal(err)
	}
	for why, r := range map[string]*request.Request{"a dry run": dry, "told never to": in(t, request.Done)} {
		if !r.VerifyAt.IsZero() {
			t.Errorf("%s: verified at %v", why, r.VerifyAt)
		}
	}
}

// TestReactivate: the way back says and wants the opposite.
func TestReactivate(t *testing.T) {
	t.Parallel()
	r := newRequest()
	r.Action = request.Reactivate
	reach(t, r, request.Executing)
	if err := r.WriteAttempted(t0); err != nil {
		t.Fatal(err)
	}
	if err := r.Succeed(t0); err != nil {
		t.Fatal(err)
	}
	wrote := map[string]string{}
	for _, e := range r.TakeEvents() {
		wrote[e.Kind] = e.Detail["isActive"]
	}
	if wrote["write attempted"] != "true" || wrote["done"] != "true" || !r.Action.Active() {
		t.Errorf("the trail says isActive=%q, then %q", wrote["write attempted"], wrote["done"])
	}
}

// earlier is a request for one Workfront user, by what matters to a later one.
func earlier(action request.Action, state request.State, written int, also ...func(*request.Request)) *request.Request {
	r := &request.Request{Action: action, State: state}
	if written > 0 {
		r.Writes, r.WriteSentAt = 1, t0.Add(time.Duration(written)*time.Minute)
		r.Outcome.ReadAt = r.WriteSentAt
	}
	for _, f := range also {
		f(r)
	}
	return r
}

func TestDeactivatedByUs(t *testing.T) {
	t.Parallel()
	dry := func(r *request.Request) { r.DryRun = true }
	active := func(r *request.Request) { r.Target.Active, r.CreatedAt = true, t0.Add(10*time.Minute) }
	found := func(drift request.Drift) func(*request.Request) {
		return func(r *request.Request) { r.Verified.Result = drift }
	}
	rows := []struct {
		name string
		all  []*request.Request
		want bool
	}{
		{"nothing was asked for", nil, false},
		{"deactivated", []*request.Request{earlier(request.Deactivate, request.Done, 1)}, true},
		{"found inactive already", []*request.Request{earlier(request.Deactivate, request.Done, 0)}, false},
		{"in a dry run", []*request.Request{earlier(request.Deactivate, request.Done, 0, dry)}, false},
		{"it failed", []*request.Request{earlier(request.Deactivate, request.Failed, 1)}, false},
		{"it was denied", []*request.Request{earlier(request.Deactivate, request.Denied, 0)}, false},
		{"and brought back", []*request.Request{earlier(request.Reactivate, request.Done, 2), earlier(request.Deactivate, request.Done, 1)}, false},
		{"brought back, and deactivated again, in any order", []*request.Request{
			earlier(request.Deactivate, request.Done, 1), earlier(request.Deactivate, request.Done, 3), earlier(request.Reactivate, request.Done, 2),
		}, true},
		{"bringing back found nothing to do", []*request.Request{earlier(request.Reactivate, request.Done, 0), earlier(request.Deactivate, request.Done, 1)}, true},
		{"somebody else brought them back since", []*request.Request{earlier(request.Deactivate, request.Done, 1, found(request.Drifted))}, false},
		{"they were still inactive a day later", []*request.Request{earlier(request.Deactivate, request.Done, 1, found(request.NoDrift))}, true},
		{"brought back by somebody else, and deactivated again", []*request.Request{
			earlier(request.Deactivate, request.Done, 1, found(request.Drifted)), earlier(request.Deactivate, request.Done, 3),
		}, true},
		{"found active when asked for again", []*request.Request{
			earlier(request.Deactivate, request.Done, 1), earlier(request.Deactivate, request.Denied, 0, active),
		}, false},
		{"found active, and deactivated again", []*request.Request{
			earlier(request.Deactivate, request.Done, 1), earlier(request.Deactivate, request.Denied, 0, active), earlier(request.Deactivate, request.Done, 20, active),
		}, true},
		{"found active, and perhaps deactivated again", []*request.Request{
			earlier(request.Deactivate, request.Done, 1), earlier(request.Deactivate, request.Failed, 20, active, func(r *request.Request) { r.WriteOpen = true }),
		}, true},
		{"what it wrote was refused", []*request.Request{earlier(request.Deactivate, request.Done, 1, func(r *request.Request) { r.WritesRefused = 1 })}, false},
		{"bringing back failed", []*request.Request{earlier(request.Reactivate, request.Failed, 2), earlier(request.Deactivate, request.Done, 1)}, true},
	}
	for _, row := range rows {
		if got := request.DeactivatedByUs(row.all); got != row.want {
			t.Errorf("%s: %t, want %t", row.name, got, row.want)
		}
	}
}

func TestLastOpposed(t *testing.T) {
	t.Parallel()
	all := []*request.Request{
		earlier(request.Deactivate, request.Failed, 7), earlier(request.Reactivate, request.Done, 5), earlier(request.Reactivate, request.Failed, 3),
		earlier(request.Deactivate, request.Pending, 0),
	}
	if got, want := request.LastOpposed(all, request.Deactivate), t0.Add(5*time.Minute); !got.Equal(want) {
		t.Errorf("for a deactivation %v, want %v", got, want)
	}
	if got, want := request.LastOpposed(all, request.Reactivate), t0.Add(7*time.Minute); !got.Equal(want) {
		t.Errorf("for a reactivation %v, want %v: what failed may arrive late as well", got, want)
	}
	if got := request.LastOpposed(all[:1], request.Deactivate); !got.IsZero() {
		t.Errorf("%v although nothing opposed it", got)
	}
	refused := earlier(request.Reactivate, request.Failed, 5, func(r *request.Request) { r.WritesRefused = 1 })
	if got := request.LastOpposed([]*request.Request{refused}, request.Deactivate); !got.IsZero() {
		t.Errorf("%v although that was refused", got)
	}
}

func TestSupersede(t *testing.T) {
	t.Parallel()
	written := func(r *request.Request) { r.Target.ID, r.ID = "wf-jane", string(r.Action)+string(r.State) }
	off := earlier(request.Deactivate, request.Done, 1, written)
	rows := []struct {
		name string
		r    *request.Request
		want bool
	}{
		{"the way back", earlier(request.Reactivate, request.Done, 2, written), true},
		{"the way back that found nothing to do", earlier(request.Reactivate, request.Done, 0, written), false},
		{"the way back that failed", earlier(request.Reactivate, request.Failed, 2, written), false},
		{"itself", off, false},
		{"the same again", earlier(request.Deactivate, request.Done, 2, written, func(r *request.Request) { r.ID = "2" }), false},
		{"for somebody else", earlier(request.Reactivate, request.Done, 2, written, func(r *request.Request) { r.Target.ID = "wf-joe" }), false},
	}
	for _, row := range rows {
		if got := row.r.Supersedes(off); got != row.want {
			t.Errorf("%s: %t, want %t", row.name, got, row.want)
		}
	}
	off.VerifyAt = t0.Add(time.Hour)
	look := off.Look
	if err := off.Supersede("r2", t0); err != nil || !off.SupersededAt.Equal(t0) || !off.VerifyAt.IsZero() || off.Look == look {
		t.Errorf("%v, at %v, read again at %v", err, off.SupersededAt, off.VerifyAt)
	}
	if err := off.Supersede("r3", t0); err == nil || rows[0].r.Supersedes(off) {
		t.Error("superseded twice")
	}
}
