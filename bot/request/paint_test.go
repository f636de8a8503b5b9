package request_test

import (
	"testing"
	"time"

	"wfbot/bot/request"
)

// TestCardPainting shows that changes during a repaint are painted too, and that
// the requester hears of changes while being told.
func TestCardPainting(t *testing.T) {
	t.Parallel()
	r := in(t, request.Pending)
	look, news := r.Look, r.News
	if err := r.Deny(anna, "", t0); err != nil {
		t.Fatal(err)
	}
	r.Paint(look) // drawn before the denial
	r.TellRequester(news)
	if r.Card.Painted >= r.Look || r.Told >= r.News {
		t.Error("the denial will neither be painted nor told")
	}
	r.Paint(r.Look)
	r.Paint(look) // late
	r.TellRequester(r.News)
	r.TellRequester(news)
	if r.Card.Painted != r.Look || r.Told != r.News {
		t.Error("a late result took back a newer one")
	}
}

func TestCardLost(t *testing.T) {
	t.Parallel()
	now := t0.Add(time.Minute)
	tests := []struct {
		in   request.State
		want request.Step // besides telling and executing
	}{
		{request.Pending, request.PostCard},
		{request.Approved, request.PostCard},
		{request.Executing, request.PostCard},
		{request.Failed, request.PostCard}, // Retry is on it
		{request.Denied, request.Nothing},
		{request.Done, request.Nothing},
	}
	for _, tt := range tests {
		t.Run(string(tt.in), func(t *testing.T) {
			t.Parallel()
			r := in(t, tt.in)
			r.Told, r.DueAt = r.News, now.Add(time.Hour)
			r.ExecuteRetry.At = r.DueAt
			r.CardLost(now)
			if r.HasButtons("C1", "1.1") && tt.want != request.Nothing {
				t.Error("clicks on the lost message still count")
			}
			if tt.in == request.Pending { // who is asked by the new card?
				if step, at := r.Next(now); step != request.FindManager || at.After(now) {
					t.Errorf("next is %q at %v, want the manager to be looked for", step, at)
				}
				r.ManagerFound(r.Managing(), true, now)
			}
			step, at := r.Next(now)
			if step != tt.want || step != request.Nothing && !at.Equal(now.Add(2*time.Second)) {
				t.Errorf("next is %q at %v, want %q after a pause", step, at, tt.want)
			}
		})
	}
}

// TestChangeIsPaintedAfterGivingUp: what is new is worth a new try.
func TestChangeIsPaintedAfterGivingUp(t *testing.T) {
	t.Parallel()
	r := in(t, request.Pending)
	r.PaintFailed(request.RetryFor, t0)
	r.TellFailed(request.RetryFor, t0)
	if err := r.Deny(anna, "", t0); err != nil {
		t.Fatal(err)
	}
	if step, at := r.Next(t0); step != request.PaintCard || at.After(t0) {
		t.Errorf("next is %q at %v, want the denial painted now", step, at)
	}
	r.Paint(r.Look)
	if step, at := r.Next(t0); step != request.Tell || at.After(t0) {
		t.Errorf("next is %q at %v, want the denial told now", step, at)
	}
}

func TestHasButtons(t *testing.T) {
	t.Parallel()
	posted, none := in(t, request.Pending), situation("pending, no card").request(t)
	tests := []struct {
		why         string
		r           *request.Request
		channel, ts string
		want        bool
	}{
		{"the card", posted, "C1", "1.1", true},
		{"another message", posted, "C1", "1.2", false},
		{"same time stamp elsewhere", posted, "C2", "1.1", false},
		{"no message at all", posted, "", "", false},
		{"not posted yet", none, "", "", false},
	}
	for _, tt := range tests {
		if got := tt.r.HasButtons(tt.channel, tt.ts); got != tt.want {
			t.Errorf("%s: HasButtons() = %t, want %t", tt.why, got, tt.want)
		}
	}
}
