package request_test

import (
	"strings"
	"testing"
	"time"

	"wfbot/bot/request"
)

// What Workfront shows before a write decides how executing ends; nil: the write is made.
func TestBeforeWrite(t *testing.T) {
	t.Parallel()
	day := 24 * time.Hour
	inactive := janeInWorkfront
	inactive.Active, inactive.InactiveSince = false, t0.Add(-day)
	tests := []struct {
		why    string
		change func(*request.Request, *request.Seen, *request.Policy)
		dryRun bool
		later  time.Duration
		want   request.Result
		says   string // of a NotDone; its words
	}{
		{why: "as was approved"},
		{why: "inactive already", want: request.Confirmed{InactiveSince: t0.Add(-day)},
			change: func(_ *request.Request, s *request.Seen, _ *request.Policy) { s.Target = inactive }},
		{why: "an open write took effect, whatever the user is called by now", want: request.Confirmed{InactiveSince: t0.Add(-day)},
			change: func(r *request.Request, s *request.Seen, _ *request.Policy) {
				s.Target, r.WriteOpen = inactive, true
				s.Target.Name = "Jane Roe"
			}},
		{why: "somebody else by now", says: "not who was approved",
			change: func(_ *request.Request, s *request.Seen, _ *request.Policy) { s.Target.Email = "joe@acme.com" }},
		{why: "somebody else by now, and inactive", says: "not who was approved",
			change: func(_ *request.Request, s *request.Seen, _ *request.Policy) {
				s.Target = inactive
				s.Target.Name = "Joe"
			}},
		{why: "a write was accepted and shows nothing", says: "is active all the same",
			change: func(r *request.Request, _ *request.Seen, _ *request.Policy) { r.Accepted = true }},
		{why: "a twin is active", says: "Another Workfront user",
			change: func(_ *request.Request, s *request.Seen, _ *request.Policy) { s.ActiveTwin = true }},
		{why: "an administrator by now, whom nobody may change", says: "administrator",
			change: func(_ *request.Request, s *request.Seen, p *request.Policy) {
				s.Target.Admin, p.AdminApprovals = true, 0
			}},
		{why: "protected by now", says: "protected",
			change: func(_ *request.Request, _ *request.Seen, p *request.Policy) { p.Protected = []string{"jane@acme.com"} }},
		{why: "wfbot itself", says: "protected",
			change: func(_ *request.Request, s *request.Seen, _ *request.Policy) { s.Self = janeInWorkfront.ID }},
		{why: "more approvals are needed by now", says: "By now 2 approvals",
			change: func(_ *request.Request, _ *request.Seen, p *request.Policy) { p.Approvals = 2 }},
		{why: "long overdue", later: 2 * day, want: request.LongOverdue{}},
		{why: "long overdue, and as wanted", later: 2 * day, want: request.Confirmed{InactiveSince: t0.Add(-day)},
			change: func(_ *request.Request, s *request.Seen, _ *request.Policy) { s.Target = inactive }},
		{why: "a dry run", want: request.Rehearsed{}, change: func(r *request.Request, _ *request.Seen, _ *request.Policy) { r.DryRun = true }},
		{why: "dry run was switched on after a write", dryRun: true, says: "Dry run has been switched on",
			change: func(r *request.Request, _ *request.Seen, _ *request.Policy) { r.Writes = 1 }},
	}
	for _, tt := range tests {
		t.Run(tt.why, func(t *testing.T) {
			t.Parallel()
			r, seen, p := in(t, request.Executing), request.Seen{Target: janeInWorkfront, Self: "wf-bot"}, policy
			if tt.change != nil {
				tt.change(r, &seen, &p)
			}
			got := p.BeforeWrite(r, seen, tt.dryRun, t0.Add(time.Minute+tt.later))
			failed, is := got.(request.NotDone)
			switch {
			case tt.says != "" && (!is || !strings.Contains(failed.Why, tt.says) || failed.WriteRefused):
				t.Errorf("%#v, want to have failed because of %q", got, tt.says)
			case tt.says == "" && got != tt.want:
				t.Errorf("%#v, want %#v", got, tt.want)
			}
		})
	}
}

// A result that comes after a decision, or after what it is about is over, changes
// nothing.
func TestResultsThatComeTooLate(t *testing.T) {
	t.Parallel()
	for name, result := range map[string]request.Result{
		"paused": request.Paused{Why: "?", Until: t0.Add(time.Hour), WriteRefuted: true, WriteRefused: true}, "long overdue": request.LongOverdue{}, "time is over": request.TimeIsOver{},
	} {
		for _, state := range allStates {
			r := in(t, state)
			before := *r
			if name == "paused" && (state == request.Received || state == request.Approved || state == request.Executing) {
				continue
			}
			if err := r.Apply(result, t0.Add(time.Minute)); err != nil || r.State != before.State || r.Look != before.Look || r.WritesRefused != before.WritesRefused {
				t.Errorf("%s: %s is %s, look %d after %d, %v", name, state, r.State, r.Look, before.Look, err)
			}
		}
	}
}
