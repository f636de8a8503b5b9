package request_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"wfbot/bot/request"
)

// errProgram stands in the table for an error that is no Refusal: a transition
// that only a mistake in the program can ask for.
var errProgram = errors.New("a mistake in the program")

// change is what an allowed transition does.
type change struct {
	to         request.State
	look, news int64  // by how much they rise
	event      string // its audit entry; empty: none
	decision   request.DecisionKind
}

// transition is what a transition does from each situation that allows it, and
// what it answers from all others.
type transition struct {
	name      string
	do        func(r *request.Request, now time.Time) error
	at        time.Duration // after t0; 0: one minute
	allowed   map[situation]change
	otherwise error               // in all other situations …
	but       map[situation]error // … but in these
}

// transitions are the life cycle, together with laterTransitions.
var transitions = []transition{
	{
		name:      "Found",
		do:        func(r *request.Request, now time.Time) error { return r.Found(finding(), now) },
		allowed:   map[situation]change{"received": {to: request.Pending, look: 1, news: 1, event: "found"}},
		otherwise: errProgram,
	},
	{
		name: "Reject",
		do:   func(r *request.Request, now time.Time) error { return r.Reject(request.RefusedNotFound, "", now) },
		allowed: map[situation]change{
			"received": {to: request.Rejected, look: 1, news: 1, event: "rejected"},
			// The card cannot be posted there, and nobody has seen one.
			"pending, no card": {to: request.Rejected, look: 1, news: 1, event: "rejected"},
		},
		otherwise: errProgram,
	},
	{
		name: "LookUpFailed",
		do: func(r *request.Request, now time.Time) error {
			return r.LookUpFailed("Workfront is down", 0, now)
		},
		allowed:   map[situation]change{"received": {to: request.Received, look: 1, news: 1, event: "look-up failed"}},
		otherwise: errProgram,
	},
	{
		name: "Approve",
		do:   func(r *request.Request, now time.Time) error { return r.Approve(bert, 0, now) },
		allowed: map[situation]change{
			"pending, asked again": {to: request.Approved, look: 1, event: "approve", decision: request.Approve},
			"pending":              {to: request.Approved, look: 1, event: "approve", decision: request.Approve},
			"pending, no card":     {to: request.Approved, look: 1, event: "approve", decision: request.Approve},
		},
		otherwise: request.RefusedNotOpen,
	},
	{
		name: "Approve too late",
		do:   func(r *request.Request, now time.Time) error { return r.Approve(bert, 0, now) },
		at:   ttl + time.Second, // it became pending after a second
		allowed: map[situation]change{ // it waits again
			"pending, asked again": {to: request.Approved, look: 1, event: "approve", decision: request.Approve},
		},
		otherwise: request.RefusedNotOpen,
		but: map[situation]error{
			"pending": request.RefusedExpired, "pending, no card": request.RefusedExpired,
		},
	},
	{
		name: "Deny",
		do:   func(r *request.Request, now time.Time) error { return r.Deny(bert, "still needed", now) },
		allowed: map[situation]change{
			"pending, asked again": {to: request.Denied, look: 1, news: 1, event: "deny", decision: request.Deny},
			"pending":              {to: request.Denied, look: 1, news: 1, event: "deny", decision: request.Deny},
			"pending, no card":     {to: request.Denied, look: 1, news: 1, event: "deny", decision: request.Deny},
		},
		otherwise: request.RefusedNotOpen,
	},
	{
		name: "Cancel",
		do:   func(r *request.Request, now time.Time) error { return r.Cancel(rita, "", now) },
		allowed: map[situation]change{
			"pending, asked again": {to: request.Cancelled, look: 1, news: 1, event: "cancel", decision: request.Cancel},
			"pending":              {to: request.Cancelled, look: 1, news: 1, event: "cancel", decision: request.Cancel},
			"pending, no card":     {to: request.Cancelled, look: 1, news: 1, event: "cancel", decision: request.Cancel},
			"approved":             {to: request.Cancelled, look: 1, news: 1, event: "cancel", decision: request.Cancel},
			// Postponed means that nothing was changed.
			"approved, waiting": {to: request.Cancelled, look: 1, news: 1, event: "cancel", decision: request.Cancel},
		},
		otherwise: request.RefusedNotOpen,
		but: map[situation]error{
			// Workfront may have been written already.
			"executing": request.RefusedUnderWay, "executing, waiting": request.RefusedUnderWay,
			"executing, dry run": request.RefusedUnderWay,
		},
	},
	{
		name: "Retry",
		do:   func(r *request.Request, now time.Time) error { return r.Retry(bert, now) },
		allowed: map[situation]change{
			"failed":             {to: request.Approved, look: 1, event: "retry", decision: request.RunAgain},
			"approved, waiting":  {to: request.Approved, look: 1, event: "retry", decision: request.RunAgain},
			"executing, waiting": {to: request.Executing, look: 1, event: "retry", decision: request.RunAgain},
		},
		otherwise: request.RefusedNotOpen,
	},
	{
		name:      "Retry too late",
		do:        func(r *request.Request, now time.Time) error { return r.Retry(bert, now) },
		at:        ttl + time.Minute,
		otherwise: request.RefusedNotOpen,
		but:       map[situation]error{"failed": request.RefusedExpired},
	},
	{
		name: "Expire",
		do:   func(r *request.Request, now time.Time) error { return r.Expire(now) },
		at:   ttl + time.Second,
		allowed: map[situation]change{
			"pending":          {to: request.Expired, look: 1, news: 1, event: "expired"},
			"pending, no card": {to: request.Expired, look: 1, news: 1, event: "expired"},
		},
		otherwise: errProgram,
	},
	{
		name:      "Expire too early",
		do:        func(r *request.Request, now time.Time) error { return r.Expire(now) },
		at:        ttl - 1,
		otherwise: errProgram,
	},
	{
		name: "Begin",
		do:   func(r *request.Request, now time.Time) error { return r.Begin(now) },
		allowed: map[situation]change{
			"approved":          {to: request.Executing, event: "execution started"},
			"approved, waiting": {to: request.Executing, event: "execution started"},
			// Again after a crash.
			"executing":          {to: request.Executing},
			"executing, waiting": {to: request.Executing},
			"executing, dry run": {to: request.Executing},
		},
		otherwise: errProgram,
	},
	{
		name: "WriteAttempted",
		do:   func(r *request.Request, now time.Time) error { return r.WriteAttempted(now) },
		allowed: map[situation]change{
			"executing":          {to: request.Executing, event: "write attempted"},
			"executing, waiting": {to: request.Executing, event: "write attempted"},
		},
		otherwise: errProgram, // also for a dry run
	},
	{
		name: "Succeed",
		do:   func(r *request.Request, now time.Time) error { return r.Succeed(now) },
		allowed: map[situation]change{
			"executing":          {to: request.Done, look: 1, news: 1, event: "done"},
			"executing, waiting": {to: request.Done, look: 1, news: 1, event: "done"},
			"executing, dry run": {to: request.Done, look: 1, news: 1, event: "done"}, // was inactive already
		},
		otherwise: errProgram,
	},
	{
		name:      "Rehearsed",
		do:        func(r *request.Request, now time.Time) error { return r.Rehearsed(now) },
		allowed:   map[situation]change{"executing, dry run": {to: request.Done, look: 1, news: 1, event: "dry run"}},
		otherwise: errProgram,
	},
	{
		name: "Fail",
		do:   func(r *request.Request, now time.Time) error { return r.Fail("refused", now) },
		allowed: map[situation]change{
			"executing":          {to: request.Failed, look: 1, news: 1, event: "failed"},
			"executing, waiting": {to: request.Failed, look: 1, news: 1, event: "failed"},
			"executing, dry run": {to: request.Failed, look: 1, news: 1, event: "failed"},
		},
		otherwise: errProgram,
	},
	{
		name: "Postpone",
		do:   func(r *request.Request, now time.Time) error { return r.Postpone("down", 0, now) },
		allowed: map[situation]change{
			"executing":          {to: request.Approved, look: 1, event: "postponed"},
			"executing, waiting": {to: request.Approved, look: 1, event: "postponed"},
			"executing, dry run": {to: request.Approved, look: 1, event: "postponed"},
		},
		otherwise: errProgram,
	},
	{
		name: "Unresolved",
		do:   func(r *request.Request, now time.Time) error { return r.Unresolved("hangs", true, 0, now) },
		allowed: map[situation]change{
			"executing":          {to: request.Executing, look: 1, event: "postponed"},
			"executing, waiting": {to: request.Executing, look: 1, event: "postponed"},
			"executing, dry run": {to: request.Executing, look: 1, event: "postponed"},
		},
		otherwise: errProgram,
	},
}

// laterTransitions are those of what is late, paused, or looked at again.
var laterTransitions = []transition{
	{
		name: "AskAgain",
		do:   func(r *request.Request, now time.Time) error { return r.AskAgain(now) },
		at:   longOverdue.Sub(t0),
		allowed: map[situation]change{
			"approved":           {to: request.Pending, look: 1, news: 1, event: "asked again"},
			"executing":          {to: request.Pending, look: 1, news: 1, event: "asked again"}, // the program ended in the middle
			"executing, dry run": {to: request.Pending, look: 1, news: 1, event: "asked again"},
		},
		otherwise: errProgram, // also of one that was tried an hour ago
	},
	{
		name:      "AskAgain too early",
		do:        func(r *request.Request, now time.Time) error { return r.AskAgain(now) },
		at:        request.OverdueAfter + 3*time.Second, // it was due after three seconds
		otherwise: errProgram,
	},
	{
		name:      "Begin long overdue",
		do:        func(r *request.Request, now time.Time) error { return r.Begin(now) },
		at:        longOverdue.Sub(t0),
		otherwise: errProgram,
		allowed: map[situation]change{
			"approved, waiting":  {to: request.Executing, event: "execution started"},
			"executing":          {to: request.Executing}, // a write may be open
			"executing, waiting": {to: request.Executing},
			"executing, dry run": {to: request.Executing},
		},
	},
	{
		name: "Pause",
		do: func(r *request.Request, now time.Time) error {
			return r.Pause("refused", false, now.Add(time.Minute), now)
		},
		otherwise: errProgram,
		allowed: map[situation]change{
			"received":           {to: request.Received, look: 1, news: 1, event: "paused"},
			"approved":           {to: request.Approved, look: 1, event: "paused"},
			"approved, waiting":  {to: request.Approved, look: 1, event: "paused"},
			"executing":          {to: request.Approved, look: 1, event: "paused"}, // nothing was written
			"executing, waiting": {to: request.Executing, look: 1, event: "paused"},
			"executing, dry run": {to: request.Approved, look: 1, event: "paused"},
		},
	},
	{
		name:      "Verify, still so",
		do:        func(r *request.Request, now time.Time) error { return r.Verify(request.NoDrift, now) },
		allowed:   map[situation]change{"done, to be verified": {to: request.Done, look: 1, event: "verified"}},
		otherwise: errProgram,
	},
	{
		name:      "Verify, changed back",
		do:        func(r *request.Request, now time.Time) error { return r.Verify(request.Drifted, now) },
		allowed:   map[situation]change{"done, to be verified": {to: request.Done, look: 1, news: 1, event: "verified"}},
		otherwise: errProgram,
	},
	{
		name:      "VerifyFailed",
		do:        func(r *request.Request, now time.Time) error { return r.VerifyFailed(0, now) },
		allowed:   map[situation]change{"done, to be verified": {to: request.Done}},
		otherwise: errProgram,
	},
	{
		name:      "VerifyFailed for the last time",
		do:        func(r *request.Request, now time.Time) error { return r.VerifyFailed(request.RetryFor, now) },
		allowed:   map[situation]change{"done, to be verified": {to: request.Done, look: 1, event: "verified"}},
		otherwise: errProgram,
	},
}

// TestTransitions tries every transition from every situation: what it changes
// where it is allowed, what it answers where it is not, and that a refused one
// changes nothing.
func TestTransitions(t *testing.T) {
	t.Parallel()
	for _, tr := range slices.Concat(transitions, laterTransitions) {
		for _, s := range situations() {
			t.Run(tr.name+" when "+string(s), func(t *testing.T) {
				t.Parallel()
				r := s.request(t)
				before := clone(r)
				now := t0.Add(time.Minute)
				if tr.at != 0 {
					now = t0.Add(tr.at)
				}
				err := tr.do(r, now)
				if want, ok := tr.allowed[s]; ok {
					checkChange(t, before, r, err, want)
					return
				}
				want := tr.otherwise
				if special, ok := tr.but[s]; ok {
					want = special
				}
				checkRefused(t, before, r, err, want)
			})
		}
	}
}

func checkChange(t *testing.T, before, after *request.Request, err error, want change) {
	t.Helper()
	if err != nil {
		t.Fatalf("refused: %v", err)
	}
	if after.State != want.to {
		t.Errorf("state is %q, want %q", after.State, want.to)
	}
	if look := after.Look - before.Look; look != want.look {
		t.Errorf("Look rose by %d, want %d", look, want.look)
	}
	if news := after.News - before.News; news != want.news {
		t.Errorf("News rose by %d, want %d", news, want.news)
	}
	var kinds, wanted []string
	for _, e := range after.TakeEvents() {
		kinds = append(kinds, e.Kind)
		if (e.Actor == request.Bot) != (want.decision == "") {
			t.Errorf("the actor of %q is %q", e.Kind, e.Actor)
		}
	}
	if want.event != "" {
		wanted = []string{want.event}
	}
	if !slices.Equal(kinds, wanted) {
		t.Errorf("events are %q, want %q", kinds, wanted)
	}
	var decided []request.DecisionKind
	for _, d := range after.Decisions[len(before.Decisions):] {
		decided = append(decided, d.Kind)
	}
	if want.decision == "" && decided != nil || want.decision != "" && !slices.Equal(decided, []request.DecisionKind{want.decision}) {
		t.Errorf("decisions added are %q, want %q", decided, want.decision)
	}
	if diff := cmp.Diff(before.Decisions, after.Decisions[:len(before.Decisions)], cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("earlier decisions were changed:\n%s", diff)
	}
	if diff := cmp.Diff(before.Target, after.Target); diff != "" && before.State != request.Received {
		t.Errorf("what approvals are bound to was changed:\n%s", diff)
	}
}

func checkRefused(t *testing.T, before, after *request.Request, err, want error) {
	t.Helper()
	var refusal request.Refusal
	switch {
	case err == nil:
		t.Fatal("allowed")
	case want == errProgram && errors.As(err, &refusal):
		t.Errorf("answered %v: only a mistake in the program gets here, no person must read it", err)
	case want != errProgram && !errors.Is(err, want):
		t.Errorf("answered %v, want %v", err, want)
	}
	if events := after.TakeEvents(); len(events) > 0 {
		t.Errorf("recorded %v", events)
	}
	if diff := cmp.Diff(before, after, cmpopts.IgnoreUnexported(request.Request{})); diff != "" {
		t.Errorf("a refused transition changed the request:\n%s", diff)
	}
}

func clone(r *request.Request) *request.Request {
	c := *r
	c.Decisions = slices.Clone(r.Decisions)
	c.TargetIDs = slices.Clone(r.TargetIDs)
	c.TakeEvents()
	return &c
}

// A retry waits until what was sent meanwhile for the opposite can no longer arrive.
func TestRetryKeepsClear(t *testing.T) {
	t.Parallel()
	now := t0.Add(time.Hour)
	r := in(t, request.Failed)
	r.KeepClear(now.Add(time.Minute))
	r.KeepClear(now) // what was known before stands
	if err := r.Retry(bert, now); err != nil {
		t.Fatal(err)
	}
	if step, at := r.Next(now.Add(time.Second)); r.State != request.Approved || step != request.Execute || !at.Equal(now.Add(time.Minute)) {
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
// time that was asked for, or before an opposite write can no longer arrive.
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

func TestNobodyCanApprove(t *testing.T) {
	t.Parallel()
	r := in(t, request.Received)
	if err := r.Apply(request.NotPossible{Why: request.RefusedNoApprover, NoManager: request.ManagerNotHere}, t0); err != nil || r.State != request.Rejected ||
		r.Refused != request.RefusedNoApprover || r.NoManager != request.ManagerNotHere {
		t.Errorf("%v, %s, %q, %q", err, r.State, r.Refused, r.NoManager)
	}
}
