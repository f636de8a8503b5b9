package request_test

import (
	"errors"
	"testing"
	"time"

	"wfbot/bot/request"
)

// longOverdue is when an approved request of these tests has become overdue.
var longOverdue = t0.Add(request.OverdueAfter + 4*time.Second)

func TestDueAt(t *testing.T) {
	t.Parallel()
	approved := t0.Add(time.Minute)
	day := t0.Add(24 * time.Hour)
	tests := []struct {
		why              string
		notBefore, clear time.Time
		stopWindow       time.Duration
		want             time.Time
	}{
		{why: "at once", want: approved},
		{why: "after the stop window", stopWindow: time.Hour, want: approved.Add(time.Hour)},
		{why: "at the time asked for", notBefore: day, want: day},
		{why: "the stop window ends before that", notBefore: day, stopWindow: time.Hour, want: day},
		{why: "the stop window ends after that", notBefore: day, stopWindow: 48 * time.Hour, want: approved.Add(48 * time.Hour)},
		{why: "approved after the time asked for", notBefore: t0, want: approved},
		{why: "an opposite write may still arrive", clear: approved.Add(time.Hour), want: approved.Add(time.Hour)},
		{why: "which ends before the time asked for", clear: approved.Add(time.Hour), notBefore: day, want: day},
		{why: "which has ended", clear: t0, want: approved},
	}
	for _, tt := range tests {
		t.Run(tt.why, func(t *testing.T) {
			t.Parallel()
			r := newRequest()
			r.NotBefore = tt.notBefore
			f := finding()
			f.ClearAt = tt.clear
			if err := errors.Join(r.Found(f, t0), r.Approve(anna, tt.stopWindow, approved)); err != nil {
				t.Fatal(err)
			}
			if !r.DueAt.Equal(tt.want) {
				t.Errorf("due at %v, want %v", r.DueAt, tt.want)
			}
			if step, at := r.Next(approved); step != request.Execute || !at.Equal(tt.want) {
				t.Errorf("next is %q at %v, want it to be carried out at %v", step, at, tt.want)
			}
			if err := r.Begin(tt.want.Add(-1)); err == nil {
				t.Error("begun too early")
			}
			if err := r.Begin(tt.want); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestOverdue: what counts is how long nobody tried, not how long it took.
func TestOverdue(t *testing.T) {
	t.Parallel()
	tests := []struct {
		why     string
		request func(*request.Request) // an approved one, due at t0
		after   time.Duration
		want    bool
	}{
		{"due now", nil, 0, false},
		{"a day late", nil, request.OverdueAfter, false},
		{"more than a day late", nil, request.OverdueAfter + 1, true},
		{"asked for a month ago, due only now", func(r *request.Request) { r.DueAt = t0.Add(720 * time.Hour) }, 721 * time.Hour, false},
		{"it is tried again all the time", func(r *request.Request) {
			r.ExecuteRetry = request.Retry{Failures: 90, Since: t0, At: t0.Add(40 * time.Hour)}
		}, 40 * time.Hour, false},
		{"it was tried, then the program was down", func(r *request.Request) {
			r.ExecuteRetry = request.Retry{Failures: 90, Since: t0, At: t0.Add(40 * time.Hour)}
		}, 65 * time.Hour, true},
		{"paused for days", func(r *request.Request) {
			for hour := range 100 {
				must := r.Pause("refused", false, t0.Add(time.Duration(hour+1)*time.Hour), t0.Add(time.Duration(hour)*time.Hour))
				if must != nil {
					panic(must)
				}
			}
		}, 100 * time.Hour, false},
		{"being carried out: only a read can tell", func(r *request.Request) { r.State = request.Executing }, 1000 * time.Hour, false},
		{"not approved", func(r *request.Request) { r.State = request.Pending }, 1000 * time.Hour, false},
		{"retried by a person an hour ago", func(r *request.Request) {
			now := t0.Add(1000 * time.Hour)
			r.ExpiresAt, r.State = now.Add(time.Hour), request.Failed
			retry(r, now)
		}, 1001 * time.Hour, false},
	}
	for _, tt := range tests {
		t.Run(tt.why, func(t *testing.T) {
			t.Parallel()
			r := in(t, request.Approved)
			r.DueAt = t0
			if tt.request != nil {
				tt.request(r)
			}
			now := t0.Add(tt.after)
			if got := r.Overdue(now); got != tt.want {
				t.Errorf("Overdue() = %t", got)
			}
			if step, _ := r.Next(now); (step == request.AskAnew) != tt.want {
				t.Errorf("next is %q", step)
			}
		})
	}
}

// retry lets Bert retry r at now.
func retry(r *request.Request, now time.Time) {
	if err := r.Retry(bert, now); err != nil {
		panic(err)
	}
}

// TestAskedAgain: approvals from before stay in the record and count no more; the
// same person may approve again.
func TestAskedAgain(t *testing.T) {
	t.Parallel()
	r := in(t, request.Approved)
	if err := r.AskAgain(longOverdue); err != nil {
		t.Fatal(err)
	}
	if n := len(r.Approvals()); n != 0 || r.IsApproved() || len(r.Decisions) != 1 {
		t.Errorf("%d approvals count, of %d decisions", n, len(r.Decisions))
	}
	if !r.DueAt.IsZero() || !r.ExpiresAt.Equal(longOverdue.Add(ttl)) {
		t.Errorf("due at %v, expires at %v", r.DueAt, r.ExpiresAt)
	}
	if err := r.Begin(longOverdue); err == nil {
		t.Error("carried out on approvals from before")
	}
	r.Needed = 2
	for _, who := range []request.Identity{anna, bert} {
		if err := r.Approve(who, 0, longOverdue); err != nil {
			t.Fatalf("%s cannot approve: %v", who.Name, err)
		}
		if err := r.Approve(who, 0, longOverdue); err == nil {
			t.Errorf("%s approved twice", who.Name)
		}
	}
	if r.State != request.Approved || !r.DueAt.Equal(longOverdue) || r.Overdue(longOverdue) {
		t.Errorf("it is %s, due at %v", r.State, r.DueAt)
	}
	// Overdue again: it asks again, and only what is said then counts.
	again := longOverdue.Add(request.OverdueAfter + 1)
	if err := r.AskAgain(again); err != nil {
		t.Fatal(err)
	}
	if err := r.Expire(again.Add(ttl)); err != nil || r.State != request.Expired {
		t.Errorf("nobody answers: %s, %v", r.State, err)
	}
}
