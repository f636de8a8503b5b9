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

		{why: "just found", in: "pending", want: request.CountHoldings,
			change: func(r *request.Request) { r.Counts = 0 }},
		{why: "counted in part", in: "pending", want: request.CountHoldings, at: soon,
			change: func(r *request.Request) {
				r.Holdings, r.CountRetry = []request.Holding{{Kind: "tasks", Pending: true}}, waits(soon)
			}},
		{why: "waiting for people", in: "pending", want: request.Expiry, at: t0.Add(time.Second + ttl)},
		{why: "also where no card has been posted", in: "pending, no card", want: request.Expiry, at: t0.Add(ttl)},
		{why: "time over", in: "pending", want: request.Expiry,
			change: func(r *request.Request) { r.ExpiresAt = now }},
		{why: "time over comes before everything", in: "pending", want: request.Expiry,
			change: func(r *request.Request) { r.ExpiresAt, r.ManagerAt, r.Counts = now, t0, 0 }},
		{why: "the manager comes before the count", in: "pending", want: request.FindManager,
			change: func(r *request.Request) { r.ManagerAt, r.Counts = t0, 0 }},
		{why: "what comes first of what lies ahead", in: "pending", want: request.CountHoldings, at: soon,
			change: func(r *request.Request) { r.Counts, r.CountRetry, r.ManagerAt = 0, waits(soon), late }},
		{why: "in whatever order", in: "pending", want: request.FindManager, at: soon,
			change: func(r *request.Request) { r.Counts, r.CountRetry, r.ManagerAt = 0, waits(late), soon }},

		{why: "approved", in: "approved", want: request.Execute},
		{why: "stop window", in: "approved", want: request.Execute, at: soon,
			change: func(r *request.Request) { r.DueAt = soon }},
		{why: "next try after the stop window", in: "approved", want: request.Execute, at: late,
			change: func(r *request.Request) { r.DueAt, r.ExecuteRetry = soon, waits(late) }},
		{why: "stop window after the next try", in: "approved", want: request.Execute, at: late,
			change: func(r *request.Request) { r.DueAt, r.ExecuteRetry = late, waits(soon) }},
		{why: "approved requests do not expire", in: "approved", want: request.Execute,
			change: func(r *request.Request) { r.ExpiresAt = t0 }},

		{why: "after a crash in the middle", in: "executing", want: request.Execute},
		{why: "the outcome of a write is looked for again", in: "executing, waiting", want: request.Execute, at: t0.Add(7*time.Second + time.Hour)},
		{why: "Retry now", in: "executing, waiting", want: request.Execute,
			change: func(r *request.Request) { retry(r, now) }},

		{why: "done", in: "done", want: request.Nothing},
		{why: "to be verified", in: "done, to be verified", want: request.Verify, at: t0.Add(6*time.Second + 24*time.Hour)},
		{why: "failed", in: "failed", want: request.Nothing},
		{why: "rejected", in: "rejected", want: request.Nothing},
		{why: "denied", in: "denied", want: request.Nothing},
		{why: "cancelled", in: "cancelled", want: request.Nothing},
		{why: "expired", in: "expired", want: request.Nothing},
	}
	for _, tt := range tests {
		t.Run(tt.why, func(t *testing.T) {
			t.Parallel()
			r := tt.in.request(t)
			if tt.change != nil {
				tt.change(r)
			}
			wantNext(t, r, now, tt.want, tt.at)
		})
	}
}

// TestStepsOfTheOther: what is Slack's never holds up what is Workfront's, and the
// other way round: a request wants the same however its card stands.
func TestStepsOfTheOther(t *testing.T) {
	t.Parallel()
	now := t0.Add(time.Minute)
	for _, s := range situations() {
		t.Run(string(s), func(t *testing.T) {
			t.Parallel()
			r := s.request(t)
			step, at := r.Next(now)
			for what, change := range map[string]func(*request.Card){
				"behind":   raise,
				"failing":  func(c *request.Card) { c.PaintFailed(time.Hour, now); c.TellFailed(c.News(), time.Hour, now) },
				"given up": func(c *request.Card) { c.PaintFailed(request.RetryFor, now) },
			} {
				c := alone(r)
				change(c)
				wantNext(t, r, now, step, at)
				if step, _ := c.Next(now); step != request.Nothing && step != request.PaintCard && step != request.PostCard && step != request.Tell && step != request.Remind {
					t.Errorf("%s: a card wants to %s", what, step)
				}
			}
		})
	}
}

// TestNothingStarves lets one kind of effect fail for ever and shows that all
// other kinds still get their turn within the time when they are retried.
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
		{"what they hold is never known", request.CountHoldings, request.Done},
		{"Workfront never answers", request.Execute, request.Failed},
		{"the requester cannot be reached", request.Tell, request.Done},
	}
	for _, tt := range tests {
		t.Run(tt.why, func(t *testing.T) {
			t.Parallel()
			r, now := newRequest(), t0
			c := unposted(r)
			for n := 0; ; n++ {
				if n > 2000 {
					t.Fatalf("still busy at %v in state %q", now, r.State)
				}
				step, at := first(now, r, c)
				if step == request.Nothing {
					break
				}
				if at.After(now) {
					now = at
				}
				if step == request.Expiry && c.Painted > 0 {
					t.Fatal("expired with a card that could have been approved")
				}
				perform(t, c, r, step, now, step == tt.fails)
				if r.State == request.Pending && c.Painted > 0 {
					if err := r.Approve(anna, 0, now); err != nil {
						t.Fatal(err)
					}
					raise(c)
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

// first is what a request or its card wants first.
func first(now time.Time, r *request.Request, c *request.Card) (request.Step, time.Time) {
	step, at := r.Next(now)
	if s, when := c.Next(now); s != request.Nothing && (step == request.Nothing || when.Before(at)) {
		step, at = s, when
	}
	return step, at
}

// perform does one step of r or of its card, well or not, and lets the card know
// of what is new.
func perform(t *testing.T, c *request.Card, r *request.Request, step request.Step, now time.Time, fails bool) {
	t.Helper()
	must := func(err error) {
		if err != nil {
			t.Fatalf("%s: %v", step, err)
		}
	}
	look := int64(0)
	if r != nil {
		look = r.Look
	}
	switch step {
	case request.Expiry:
		must(r.Expire(now))
	case request.LookUp:
		if fails {
			must(r.LookUpFailed("down", 0, now))
			break
		}
		must(r.Found(finding(), now))
	case request.FindManager:
		r.ManagerFound(r.Managing(), true, now)
	case request.CountHoldings:
		must(r.Counted([]request.Holding{{Kind: "tasks", Pending: fails}}, now))
	case request.Execute:
		must(r.Begin(now))
		if fails {
			must(r.Postpone("down", 0, now))
			break
		}
		must(r.WriteAttempted(now))
		must(r.Succeed(now))
	case request.PostCard:
		if fails {
			c.PaintFailed(0, now)
			break
		}
		c.Posted(request.Place{Channel: "C1", TS: "1.1"}, c.Asks(), now)
	case request.PaintCard:
		if fails {
			c.Lost(now)
			break
		}
		c.Paint(c.Look, now)
	case request.Tell:
		if fails {
			c.TellFailed(c.News(), 0, now)
			break
		}
		tell(c)
	case request.Remind:
		if fails {
			c.RemindFailed(c.Asks(), 0, now)
			break
		}
		c.Reminded(c.Asks(), now)
	default:
		t.Fatalf("unknown step %q", step)
	}
	if r != nil && r.Look != look {
		raise(c)
	}
}
