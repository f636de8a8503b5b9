package request_test

import (
	"testing"
	"time"

	"wfbot/bot/request"
)

func TestNext(t *testing.T) {
	t.Parallel()
	now := t0.Add(time.Minute)
	soon, late := now.Add(time.Hour), now.Add(2*time.Hour)
	waits := func(at time.Time) request.Retry { return request.Retry{Failures: 1, Since: now, At: at} }
	givenUp := request.Retry{Failures: 200, Since: t0.Add(-request.RetryFor), At: t0.Add(time.Hour)}
	tests := []struct {
		why    string
		in     situation
		change func(*request.Request)
		want   request.Step
		at     time.Time // zero: now
	}{
		{why: "just stored", in: "received", want: request.LookUp},
		{why: "look-up failed", in: "received", want: request.LookUp, at: soon,
			change: func(r *request.Request) { r.LookUpRetry = waits(soon) }},
		{why: "the requester is told of it meanwhile", in: "received", want: request.Tell,
			change: func(r *request.Request) { r.LookUpRetry, r.News = waits(soon), 1 }},

		{why: "no card yet", in: "pending, no card", want: request.PostCard},
		{why: "posting failed", in: "pending, no card", want: request.PostCard, at: soon,
			change: func(r *request.Request) { r.PaintRetry = waits(soon) }},
		{why: "posting given up: it ends in time", in: "pending, no card", want: request.Expiry, at: t0.Add(ttl),
			change: func(r *request.Request) { r.PaintRetry = givenUp }},
		{why: "posted without buttons", in: "pending", want: request.PaintCard,
			change: func(r *request.Request) { r.Card.Painted = 0 }},
		{why: "the news of a pending request names its card", in: "pending", want: request.Expiry, at: t0.Add(time.Second + ttl),
			change: func(r *request.Request) { r.Card.Painted, r.Told, r.PaintRetry = 0, 0, givenUp }},
		{why: "card painted, requester not told", in: "pending", want: request.Tell,
			change: func(r *request.Request) { r.Told = 0 }},
		{why: "waiting for people", in: "pending", want: request.Expiry, at: t0.Add(time.Second + ttl)},
		{why: "time over", in: "pending", want: request.Expiry,
			change: func(r *request.Request) { r.ExpiresAt = now }},
		{why: "time over comes before everything", in: "pending, no card", want: request.Expiry,
			change: func(r *request.Request) { r.ExpiresAt = now }},
		{why: "what comes first of what lies ahead", in: "pending", want: request.PaintCard, at: soon,
			change: func(r *request.Request) { r.Look, r.PaintRetry = 9, waits(soon) }},

		{why: "people see the approval first", in: "approved", want: request.PaintCard},
		{why: "a card that cannot be painted holds nothing up", in: "approved", want: request.Execute,
			change: func(r *request.Request) { r.PaintRetry = waits(soon) }},
		{why: "a card given up holds nothing up", in: "approved", want: request.Execute,
			change: func(r *request.Request) { r.PaintRetry = givenUp }},
		{why: "a lost card holds nothing up", in: "approved", want: request.Execute,
			change: func(r *request.Request) { r.CardLost(now) }},
		{why: "stop window", in: "approved", want: request.Execute, at: soon,
			change: func(r *request.Request) { r.Card.Painted, r.DueAt = r.Look, soon }},
		{why: "next try after the stop window", in: "approved", want: request.Execute, at: late,
			change: func(r *request.Request) { r.Card.Painted, r.DueAt, r.ExecuteRetry = r.Look, soon, waits(late) }},
		{why: "stop window after the next try", in: "approved", want: request.Execute, at: late,
			change: func(r *request.Request) { r.Card.Painted, r.DueAt, r.ExecuteRetry = r.Look, late, waits(soon) }},
		{why: "approved requests do not expire", in: "approved", want: request.Execute,
			change: func(r *request.Request) { r.Card.Painted, r.ExpiresAt = r.Look, t0 }},

		{why: "after a crash in the middle", in: "executing", want: request.Execute,
			change: func(r *request.Request) { r.Card.Painted = r.Look }},
		{why: "the trouble is shown while waiting", in: "executing, waiting", want: request.PaintCard},
		{why: "the outcome of a write is looked for again", in: "executing, waiting", want: request.Execute, at: t0.Add(7*time.Second + time.Hour),
			change: func(r *request.Request) { r.Card.Painted = r.Look }},
		{why: "Retry now", in: "executing, waiting", want: request.Execute,
			change: func(r *request.Request) {
				if err := r.Retry(anna, now); err != nil {
					panic(err)
				}
				r.Card.Painted = r.Look
			}},

		{why: "the outcome is painted, then told", in: "done", want: request.PaintCard},
		{why: "a card given up keeps no outcome from the requester", in: "done", want: request.Tell,
			change: func(r *request.Request) { r.PaintRetry = givenUp }},
		{why: "painted", in: "done", want: request.Tell,
			change: func(r *request.Request) { r.Card.Painted = r.Look }},
		{why: "telling failed", in: "done", want: request.Tell, at: soon,
			change: func(r *request.Request) { r.Card.Painted, r.TellRetry = r.Look, waits(soon) }},
		{why: "at rest", in: "done", want: request.Nothing,
			change: func(r *request.Request) { r.Card.Painted, r.Told = r.Look, r.News }},
		{why: "an ended request needs no card any more", in: "done", want: request.Nothing,
			change: func(r *request.Request) { r.Card, r.Told = request.Card{}, r.News }},
		{why: "a failed one does: Retry is on it", in: "failed", want: request.PostCard,
			change: func(r *request.Request) { r.Card, r.Told = request.Card{}, r.News }},
		{why: "the failed one rests", in: "failed", want: request.Nothing,
			change: func(r *request.Request) { r.Card.Painted, r.Told = r.Look, r.News }},
		{why: "rejected: no card, but an answer", in: "rejected", want: request.Tell},
		{why: "rejected and told", in: "rejected", want: request.Nothing,
			change: func(r *request.Request) { r.Told = r.News }},
	}
	for _, tt := range tests {
		t.Run(tt.why, func(t *testing.T) {
			t.Parallel()
			r := tt.in.request(t)
			if tt.change != nil {
				tt.change(r)
			}
			step, at := r.Next(now)
			if step != tt.want {
				t.Fatalf("next is %q at %v, want %q", step, at, tt.want)
			}
			switch {
			case tt.want == request.Nothing && !at.IsZero():
				t.Errorf("nothing to do, but at %v", at)
			case tt.at.IsZero() && at.After(now):
				t.Errorf("%q waits until %v, want now", step, at)
			case !tt.at.IsZero() && !at.Equal(tt.at):
				t.Errorf("%q waits until %v, want %v", step, at, tt.at)
			}
		})
	}
}

// TestNothingStarves lets one kind of effect fail for ever and shows that all
// other kinds still get their turn within the time in which they are retried.
func TestNothingStarves(t *testing.T) {
	t.Parallel()
	tests := []struct {
		why   string
		fails request.Step
		rest  request.State // where the request ends all the same
	}{
		{"Workfront never finds anybody", request.LookUp, request.Rejected},
		{"no card can be posted: nobody can approve", request.PostCard, request.Expired},
		{"every message vanishes: nobody can approve", request.PaintCard, request.Expired},
		{"Workfront never answers", request.Execute, request.Failed},
		{"the requester cannot be reached", request.Tell, request.Done},
	}
	for _, tt := range tests {
		t.Run(tt.why, func(t *testing.T) {
			t.Parallel()
			r, now := newRequest(), t0
			for n := 0; ; n++ {
				if n > 2000 {
					t.Fatalf("still busy at %v in state %q", now, r.State)
				}
				step, at := r.Next(now)
				if step == request.Nothing {
					break
				}
				if at.After(now) {
					now = at
				}
				if step == request.Expiry && r.Card.Painted > 0 {
					t.Fatal("expired with a card that could have been approved")
				}
				perform(t, r, step, now, step == tt.fails)
				if r.State == request.Pending && r.Card.Painted > 0 {
					if err := r.Approve(anna, 0, now); err != nil {
						t.Fatal(err)
					}
				}
			}
			if r.State != tt.rest {
				t.Errorf("ended as %q, want %q", r.State, tt.rest)
			}
			if r.Told != r.News {
				t.Errorf("told %d of %d news", r.Told, r.News)
			}
			if d := now.Sub(t0); d > ttl+time.Hour {
				t.Errorf("rests only after %v", d)
			}
		})
	}
}

// perform does one step, well or not.
func perform(t *testing.T, r *request.Request, step request.Step, now time.Time, fails bool) {
	t.Helper()
	must := func(err error) {
		if err != nil {
			t.Fatalf("%s: %v", step, err)
		}
	}
	switch step {
	case request.Expiry:
		must(r.Expire(now))
	case request.LookUp:
		if fails {
			must(r.LookUpFailed("down", 0, now))
			return
		}
		must(r.Found(finding(), now))
	case request.FindManager:
		r.ManagerFound(r.Managing(), true, now)
	case request.Survey:
		must(r.Surveyed(nil, now))
	case request.PostCard:
		if fails {
			r.PaintFailed(0, now)
			return
		}
		r.Posted("C1", "1.1", now)
	case request.PaintCard:
		if fails {
			r.CardLost(now)
			return
		}
		r.Paint(r.Look)
	case request.Execute:
		must(r.Begin(now))
		if fails {
			must(r.Postpone("down", 0, now))
			return
		}
		must(r.WriteAttempted(now))
		must(r.Succeed(now))
	case request.Tell:
		if fails {
			r.TellFailed(0, now)
			return
		}
		r.TellRequester(r.News)
	}
}
