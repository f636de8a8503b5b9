package request_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"wfbot/bot/request"
)

func TestCounts(t *testing.T) {
	t.Parallel()
	unknown := []request.Holding{{Kind: "tasks", Count: 3}, {Kind: "reports", Trouble: "no answer", Pending: true}}
	known := []request.Holding{{Kind: "tasks", Count: 4}, {Kind: "reports", Trouble: "not visible"}}
	r := newRequest()
	now := t0
	count := func(found []request.Holding) {
		t.Helper()
		step, at := r.Next(now)
		if step != request.CountHoldings {
			t.Fatalf("next is %q, want what they hold counted", step)
		}
		if at.After(now) {
			now = at
		}
		if err := r.Counted(found, now); err != nil {
			t.Fatal(err)
		}
	}
	if err := r.Found(finding(), now); err != nil {
		t.Fatal(err)
	}
	c := unposted(r)
	count(unknown)
	wantNext(t, c, now, request.PostCard, time.Time{}) // it shows what is known
	paint(c, now)
	tell(c)
	count(unknown)
	raise(c)
	wantNext(t, c, now, request.PaintCard, time.Time{})
	paint(c, now)
	count(known)
	wantNext(t, r, now, request.Expiry, r.ExpiresAt)
	if r.NeedsCount() {
		t.Error("counted again although everything is known that can be")
	}
	if diff := cmp.Diff(known, r.Holdings); diff != "" {
		t.Errorf("holdings (-want +got):\n%s", diff)
	}
}

// TestCountOfAnOldRequest: one whose card was posted before there were counts gets its
// card painted again.
func TestCountOfAnOldRequest(t *testing.T) {
	t.Parallel()
	r := in(t, request.Pending)
	r.Counts = 0
	c := alone(r)
	if step, _ := r.Next(t0); step != request.CountHoldings {
		t.Fatalf("next is %q, want what they hold counted", step)
	}
	if err := r.Counted([]request.Holding{{Kind: "tasks", Count: 3}}, t0); err != nil {
		t.Fatal(err)
	}
	raise(c)
	wantNext(t, c, t0, request.PaintCard, time.Time{})
}

// TestCountingEnds: what stays unknown keeps nobody waiting for ever.
func TestCountingEnds(t *testing.T) {
	t.Parallel()
	r := newRequest()
	if err := r.Found(finding(), t0); err != nil {
		t.Fatal(err)
	}
	for n := 0; r.NeedsCount(); n++ {
		if n == 10 {
			t.Fatal("never ends")
		}
		if err := r.Counted([]request.Holding{{Kind: "tasks", Pending: true}}, t0); err != nil {
			t.Fatal(err)
		}
	}
	if r.Holdings[0].Pending {
		t.Error("the card still promises that it will be known")
	}
	back := newRequest()
	back.Action = request.Reactivate
	if err := back.Found(finding(), t0); err != nil || back.NeedsCount() {
		t.Errorf("what somebody holds who comes back: %v", err)
	}
	for _, s := range allStates {
		r := in(t, s)
		look := r.Look
		if err := r.Counted(nil, t0); err != nil || r.State != s || s != request.Pending && r.Look != look {
			t.Errorf("a count that ends when it is %s: %v, now %s", s, err, r.State)
		}
	}
}

// A count that was read once stays when it cannot be read again.
func TestCountKeepsWhatIsKnown(t *testing.T) {
	t.Parallel()
	r := newRequest()
	if err := r.Found(finding(), t0); err != nil {
		t.Fatal(err)
	}
	slow := request.Holding{Trouble: "Workfront does not answer.", Pending: true}
	of := func(h request.Holding, kind string) request.Holding { h.Kind = kind; return h }
	for _, count := range [][]request.Holding{
		{{Kind: "tasks", Count: 3}, of(slow, "issues"), of(slow, "reports")},
		{of(slow, "tasks"), {Kind: "issues"}, {Kind: "reports", Trouble: "Workfront answered 403."}},
	} {
		if err := r.Counted(count, t0); err != nil {
			t.Fatal(err)
		}
	}
	want := []request.Holding{{Kind: "tasks", Count: 3}, {Kind: "issues"}, {Kind: "reports", Trouble: "Workfront answered 403."}}
	if diff := cmp.Diff(want, r.Holdings); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if r.NeedsCount() {
		t.Error("it is asked again although all is known")
	}
}
