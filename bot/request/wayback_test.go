package request_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"wfbot/bot/request"
)

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

// A retry waits until what was sent meanwhile for the opposite can arrive no more.
func TestRetryKeepsClear(t *testing.T) {
	t.Parallel()
	now := t0.Add(time.Hour)
	r := in(t, request.Failed)
	r.KeepClear(now.Add(time.Minute))
	r.KeepClear(now) // what was known before stands
	if err := r.Retry(bert, now); err != nil {
		t.Fatal(err)
	}
	if step, at := r.Next(now.Add(time.Second)); r.State != request.Approved || step == request.Execute && at.Before(now.Add(time.Minute)) {
		t.Errorf("%s, %q at %v", r.State, step, at)
	}
	if err := r.Begin(now.Add(59 * time.Second)); err == nil {
		t.Error("it is carried out before")
	}
	if err := r.Begin(now.Add(time.Minute)); err != nil {
		t.Error(err)
	}
}

// Where the clock was set back, what is tried again now is not tried before the
// time that was asked for, or before an opposite write can arrive no more.
func TestRetryAfterTheClockWasSetBack(t *testing.T) {
	t.Parallel()
	now, hour := t0.Add(time.Hour), t0.Add(2*time.Hour)
	for name, row := range map[string]struct {
		change func(*request.Request)
		want   time.Time
	}{
		"nothing to wait for":           {func(*request.Request) {}, now},
		"the time asked for":            {func(r *request.Request) { r.NotBefore = hour }, hour},
		"an opposite write":             {func(r *request.Request) { r.ClearAt = hour }, hour},
		"the time asked for was before": {func(r *request.Request) { r.NotBefore = t0 }, now},
	} {
		r := in(t, request.Approved)
		row.change(r)
		r.DueAt, r.ExecuteRetry = t0.Add(3*time.Hour), request.Retry{Failures: 1, At: t0.Add(4 * time.Hour)}
		if err := r.Retry(bert, now); err != nil || !r.DueAt.Equal(row.want) {
			t.Errorf("%s: due at %v, %v, want %v", name, r.DueAt, err, row.want)
		}
	}
}

func TestRejectUnapprovable(t *testing.T) {
	t.Parallel()
	r := in(t, request.Received)
	if err := r.RejectUnapprovable(request.ManagerNotHere, t0); err != nil || r.State != request.Rejected ||
		r.Refused != request.RefusedNoApprover || r.NoManager != request.ManagerNotHere {
		t.Errorf("%v, %s, %q, %q", err, r.State, r.Refused, r.NoManager)
	}
}

// A count that was read once stays when it cannot be read again.
func TestSurveyKeepsWhatIsKnown(t *testing.T) {
	t.Parallel()
	r := newRequest()
	if err := r.Found(finding(), t0); err != nil {
		t.Fatal(err)
	}
	slow := request.Holding{Trouble: "Workfront does not answer.", Pending: true}
	of := func(h request.Holding, kind string) request.Holding { h.Kind = kind; return h }
	for _, survey := range [][]request.Holding{
		{{Kind: "tasks", Count: 3}, of(slow, "issues"), of(slow, "reports")},
		{of(slow, "tasks"), {Kind: "issues"}, {Kind: "reports", Trouble: "Workfront answered 403."}},
	} {
		if err := r.Surveyed(survey, t0); err != nil {
			t.Fatal(err)
		}
	}
	want := []request.Holding{{Kind: "tasks", Count: 3}, {Kind: "issues"}, {Kind: "reports", Trouble: "Workfront answered 403."}}
	if diff := cmp.Diff(want, r.Holdings); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if r.NeedsSurvey() {
		t.Error("it is asked again although all is known")
	}
}

// People are told at once that they have to decide again, also where they are not
// reminded otherwise; and only once then.
func TestAskingAgainReminds(t *testing.T) {
	t.Parallel()
	r := in(t, request.Approved)
	now := r.DueAt.Add(request.OverdueAfter + time.Minute)
	if err := r.AskAgain(now); err != nil {
		t.Fatal(err)
	}
	r.ManagerFound(r.Managing(), true, now)
	r.Paint(r.Look)
	r.TellRequester(r.News)
	if step, at := r.Next(now); step != request.Remind || at.After(now) {
		t.Fatalf("%q at %v, want a reminder now", step, at)
	}
	r.RemindFailed(0, now)
	if step, at := r.Next(now.Add(time.Minute)); step != request.Remind || at.After(now.Add(time.Minute)) {
		t.Fatalf("%q at %v after a failure, want another try", step, at)
	}
	r.Reminded("", now)
	if step, _ := r.Next(now.Add(48 * time.Hour)); step == request.Remind {
		t.Error("it is said again, although nobody wants reminders")
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
