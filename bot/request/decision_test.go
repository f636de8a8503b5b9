package request_test

import (
	"errors"
	"testing"
	"time"

	"wfbot/bot/request"
)

func decision(kind request.DecisionKind, id, email string) request.Decision {
	return request.Decision{Kind: kind, By: request.Identity{ID: id, Email: email}, At: t0}
}

func yes(id, email string) request.Decision { return decision(request.Approve, id, email) }

// TestIsApproved is the truth table of what approves a request by Rita about
// Jane, whatever let the decisions in.
func TestIsApproved(t *testing.T) {
	t.Parallel()
	a, b := yes("UANNA", "anna@acme.com"), yes("UBERT", "bert@acme.com")
	type ds = []request.Decision
	tests := []struct {
		why       string
		needed    int
		decisions ds
		count     int
		approved  bool
	}{
		{"nobody decided", 1, nil, 0, false},
		{"one of one", 1, ds{a}, 1, true},
		{"one of two", 2, ds{a}, 1, false},
		{"two of two", 2, ds{a, b}, 2, true},
		{"more than needed", 1, ds{a, b}, 2, true},
		{"none needed is never approved", 0, ds{a}, 1, false},
		{"a negative number neither", -1, ds{a}, 1, false},
		{"the same person twice", 2, ds{a, a}, 1, false},
		{"the same e-mail under two ids", 2, ds{a, yes("UANNA2", "anna@acme.com")}, 1, false},
		{"the same e-mail in other case", 2, ds{a, yes("UANNA2", "Anna@ACME.com")}, 1, false},
		{"the same id under two e-mails", 2, ds{a, yes("UANNA", "anna.b@acme.com")}, 1, false},
		{"e-mails unknown, ids differ", 2, ds{yes("U1", ""), yes("U2", "")}, 2, true},
		{"the requester", 1, ds{yes("URITA", "rita@acme.com")}, 0, false},
		{"the requester's second account", 1, ds{yes("URITA2", "RITA@acme.com")}, 0, false},
		{"the requester with another e-mail", 1, ds{yes("URITA", "r@acme.com")}, 0, false},
		{"the target", 1, ds{yes("UJANE", "jane@acme.com")}, 0, false},
		{"the target's second account", 1, ds{yes("UJANE2", "Jane@acme.com")}, 0, false},
		{"the target with another e-mail", 1, ds{yes("UJANE", "j@acme.com")}, 0, false},
		{"a self-approval does not add up", 2, ds{yes("URITA", "rita@acme.com"), a}, 1, false},
		{"a self-approval takes nothing away", 1, ds{yes("URITA", "rita@acme.com"), a}, 1, true},
		{"denied", 1, ds{a, decision(request.Deny, "UBERT", "bert@acme.com")}, 1, false},
		{"denied first", 1, ds{decision(request.Deny, "UBERT", "bert@acme.com"), a}, 1, false},
		{"denied by an approver who approved", 1, ds{a, decision(request.Deny, "UANNA", "anna@acme.com")}, 1, false},
		{"cancelled", 1, ds{a, decision(request.Cancel, "URITA", "rita@acme.com")}, 1, false},
		{"a retry is no approval", 1, ds{decision(request.RunAgain, "UANNA", "anna@acme.com")}, 0, false},
		{"a retry takes nothing away", 1, ds{a, decision(request.RunAgain, "UBERT", "bert@acme.com")}, 1, true},
		{"an unknown kind is nothing", 1, ds{decision("", "UANNA", "anna@acme.com")}, 0, false},
	}
	for _, tt := range tests {
		t.Run(tt.why, func(t *testing.T) {
			t.Parallel()
			r := in(t, request.Pending)
			r.Needed, r.Decisions = tt.needed, tt.decisions
			if got := len(r.Approvals()); got != tt.count {
				t.Errorf("%d approvals count, want %d", got, tt.count)
			}
			if got := r.IsApproved(); got != tt.approved {
				t.Errorf("IsApproved() = %t, want %t", got, tt.approved)
			}
		})
	}
}

func TestDenialAndCancellation(t *testing.T) {
	t.Parallel()
	a := yes("UANNA", "anna@acme.com")
	no := decision(request.Deny, "UBERT", "bert@acme.com")
	off := decision(request.Cancel, "URITA", "rita@acme.com")
	tests := []struct {
		why               string
		decisions         []request.Decision
		denied, cancelled string // who did it
	}{
		{"nothing decided", nil, "", ""},
		{"only approved", []request.Decision{a}, "", ""},
		{"denied after an approval", []request.Decision{a, no}, "UBERT", ""},
		{"cancelled", []request.Decision{a, off}, "", "URITA"},
		{"the last one of a kind", []request.Decision{no, decision(request.Deny, "UANNA", "")}, "UANNA", ""},
	}
	for _, tt := range tests {
		r := request.Request{Decisions: tt.decisions}
		d, denied := r.Last(request.Deny)
		c, cancelled := r.Last(request.Cancel)
		if denied != (tt.denied != "") || d.By.ID != tt.denied {
			t.Errorf("%s: Last(Deny) = %v, %t", tt.why, d, denied)
		}
		if cancelled != (tt.cancelled != "") || c.By.ID != tt.cancelled {
			t.Errorf("%s: Last(Cancel) = %v, %t", tt.why, c, cancelled)
		}
	}
}

func TestApproveByTwo(t *testing.T) {
	t.Parallel()
	r := newRequest()
	f := finding()
	f.Needed = 2
	if err := r.Found(f, t0); err != nil {
		t.Fatal(err)
	}
	if err := r.Approve(anna, time.Hour, t0); err != nil || r.State != request.Pending {
		t.Fatalf("after the first approval: %v, %v", r.State, err)
	}
	if !r.DueAt.IsZero() {
		t.Errorf("due at %v with one of two approvals", r.DueAt)
	}
	look := r.Look
	second := request.Identity{ID: "UANNA2", Email: "Anna@acme.com"}
	for _, again := range []request.Identity{anna, second} {
		if err := r.Approve(again, time.Hour, t0); !errors.Is(err, request.RefusedAlreadyApproved) {
			t.Errorf("the same person again, as %s: %v", again.ID, err)
		}
	}
	if r.Look != look || len(r.Decisions) != 1 {
		t.Errorf("a second click of the same person changed the request")
	}
	last := t0.Add(time.Minute)
	if err := r.Approve(bert, time.Hour, last); err != nil || r.State != request.Approved {
		t.Fatalf("after the second approval: %v, %v", r.State, err)
	}
	if want := last.Add(time.Hour); !r.DueAt.Equal(want) {
		t.Errorf("due at %v, want the stop window after the last approval: %v", r.DueAt, want)
	}
	if err := r.Begin(r.DueAt.Add(-1)); err == nil {
		t.Error("carried out within the stop window")
	}
	if err := r.Begin(r.DueAt); err != nil {
		t.Error(err)
	}
}

// TestBeginCounts shows that the state is not believed: what the decisions say
// counts, in the moment the request is executed.
func TestBeginCounts(t *testing.T) {
	t.Parallel()
	r := in(t, request.Approved)
	r.Decisions = []request.Decision{yes("URITA", "rita@acme.com")}
	if err := r.Begin(t0.Add(time.Hour)); err == nil {
		t.Error("a request that nobody but its requester approved was begun")
	}
}

func TestDecisionIsBoundToWhatWasShown(t *testing.T) {
	t.Parallel()
	r := in(t, request.Pending)
	r.TakeEvents()
	if err := r.Approve(anna, 0, t0); err != nil {
		t.Fatal(err)
	}
	detail := r.TakeEvents()[0].Detail
	for key, want := range map[string]string{
		"workfront_id": "wf-jane", "target_email": "jane@acme.com", "target_name": "Jane Doe", "email": "anna@acme.com",
	} {
		if detail[key] != want {
			t.Errorf("the audit entry has %s %q, want %q", key, detail[key], want)
		}
	}
}

func TestSamePerson(t *testing.T) {
	t.Parallel()
	tests := []struct {
		why    string
		change func(*request.Target)
		want   bool
	}{
		{"unchanged", func(*request.Target) {}, true},
		{"e-mail in other case", func(o *request.Target) { o.Email = "JANE@acme.com" }, true},
		{"other facts may change", func(o *request.Target) { o.Title, o.Active, o.Manager = "CTO", false, "Max" }, true},
		{"another user", func(o *request.Target) { o.ID = "wf-2" }, false},
		{"e-mail given to somebody else", func(o *request.Target) { o.Email = "j@acme.com" }, false},
		{"renamed", func(o *request.Target) { o.Name = "Joan Doe" }, false},
	}
	for _, tt := range tests {
		other := janeInWorkfront
		tt.change(&other)
		if got := janeInWorkfront.SamePerson(other); got != tt.want {
			t.Errorf("%s: SamePerson() = %t, want %t", tt.why, got, tt.want)
		}
	}
}
