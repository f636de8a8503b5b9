package request_test

import (
	"testing"
	"time"

	"wfbot/bot/request"
)

// reminded returns a pending request with a painted card whose approvers are
// reminded each day; its first reminder is due a day after t0.
func reminded(t *testing.T) *request.Request {
	t.Helper()
	r := newRequest()
	r.RemindEvery = 24 * time.Hour
	if err := r.Found(finding(), t0); err != nil {
		t.Fatal(err)
	}
	if err := r.Surveyed(nil, t0); err != nil {
		t.Fatal(err)
	}
	r.ManagerUnneeded()
	r.Posted("C1", "1.1", t0)
	r.Paint(r.Look)
	r.TellRequester(r.News)
	return r
}

func TestReminders(t *testing.T) {
	t.Parallel()
	day := t0.Add(24 * time.Hour)
	tests := []struct {
		why    string
		change func(*request.Request)
		want   request.Step
		at     time.Time
	}{
		{"the first after a day", func(*request.Request) {}, request.Remind, day},
		{"the next a day later", func(r *request.Request) { r.Reminded("", day) }, request.Remind, day.Add(24 * time.Hour)},
		{"no more when it would end at the same time", func(r *request.Request) {
			r.Reminded("", day)
			r.Reminded("", day.Add(24*time.Hour))
		}, request.Expiry, t0.Add(ttl)},
		{"a failed one soon again", func(r *request.Request) { r.RemindFailed(0, day) }, request.Remind, day.Add(2 * time.Second)},
		{"later if Slack says so", func(r *request.Request) { r.RemindFailed(time.Hour, day) }, request.Remind, day.Add(time.Hour)},
		{"not both the failed one and the next", func(r *request.Request) { r.RemindFailed(25*time.Hour, day) }, request.Remind, day.Add(24 * time.Hour)},
		{"not without a card", func(r *request.Request) { r.Card.Painted = 0 }, request.PaintCard, time.Time{}},
		{"never", func(r *request.Request) {
			r.RemindEvery = 0
			r.Reminded("", day)
		}, request.Expiry, t0.Add(ttl)},
		{"not when it is decided", func(r *request.Request) {
			if err := r.Deny(anna, "", t0); err != nil {
				panic(err)
			}
			r.Paint(r.Look)
			r.TellRequester(r.News)
		}, request.Nothing, time.Time{}},
		{"not in a batch: it has one reminder for all", func(r *request.Request) { r.BatchID = "b1" }, request.Expiry, t0.Add(ttl)},
	}
	for _, tt := range tests {
		t.Run(tt.why, func(t *testing.T) {
			t.Parallel()
			r := reminded(t)
			tt.change(r)
			if step, at := r.Next(t0); step != tt.want || !at.Equal(tt.at) {
				t.Errorf("next is %q at %v, want %q at %v", step, at, tt.want, tt.at)
			}
		})
	}
}

// TestRemindersHoldNothingUp: they fail for ever, and the request still expires.
func TestRemindersHoldNothingUp(t *testing.T) {
	t.Parallel()
	r, now := reminded(t), t0
	for n := 0; r.State == request.Pending; n++ {
		if n > 1000 {
			t.Fatalf("still pending at %v", now)
		}
		step, at := r.Next(now)
		if at.After(now) {
			now = at
		}
		switch step {
		case request.Remind:
			r.RemindFailed(0, now)
		case request.Expiry:
			if err := r.Expire(now); err != nil {
				t.Fatal(err)
			}
		default:
			t.Fatalf("next is %q", step)
		}
	}
	if !now.Equal(t0.Add(ttl)) {
		t.Errorf("expired at %v", now)
	}
}

// TestAskedAgainReminds: the reminders start anew.
func TestAskedAgainReminds(t *testing.T) {
	t.Parallel()
	r := reminded(t)
	r.Reminded("", t0.Add(24*time.Hour))
	approved := t0.Add(25 * time.Hour)
	if err := r.Approve(anna, 0, approved); err != nil {
		t.Fatal(err)
	}
	now := approved.Add(request.OverdueAfter + 1)
	if err := r.AskAgain(now); err != nil {
		t.Fatal(err)
	}
	r.ManagerFound(r.Managing(), true, now)
	r.Paint(r.Look)
	r.TellRequester(r.News)
	if step, at := r.Next(now); step != request.Remind || at.Before(now) || at.After(now.Add(24*time.Hour)) {
		t.Errorf("next is %q at %v, want a reminder within a day from %v", step, at, now)
	}
}
