package request_test

import (
	"fmt"
	"slices"
	"strconv"
	"testing"
	"time"

	"pgregory.net/rapid"

	"wfbot/bot/request"
)

// batchOf returns a batch whose members are in these states, looked at a minute
// after t0.
func batchOf(t *testing.T, states ...request.State) *request.Batch {
	t.Helper()
	var members []*request.Request
	for i, s := range states {
		r := newRequest()
		r.ID, r.BatchID = fmt.Sprint("r", i+1), "b1"
		r = reach(t, r, s)
		r.Card, r.Told = request.Card{}, 0 // members have no card and are told of by the batch
		members = append(members, r)
	}
	return request.NewBatch(request.Batch{
		ID: "b1", Action: request.Deactivate, Requester: rita, Channel: "C1", Display: request.Display{RemindEvery: 24 * time.Hour},
	}, members, t0)
}

// painted gives the batch its card.
func painted(b *request.Batch, at time.Time) {
	b.Posted("C1", "1.1", at)
	b.Paint(b.Look, at)
}

func told(b *request.Batch) {
	b.TellRequester(b.News)
	for _, r := range b.Members {
		r.TellRequester(r.News)
	}
}

func TestBatchNext(t *testing.T) {
	t.Parallel()
	now := t0.Add(time.Minute)
	type states = []request.State
	late := now.Add(time.Hour)
	trouble := request.Retry{Failures: 1, Since: now, At: late}
	givenUp := request.Retry{Failures: 200, Since: t0.Add(-request.RetryFor), At: t0.Add(time.Hour)}
	lastExpiry := t0.Add(time.Second + ttl)
	tests := []struct {
		why    string
		states states
		change func(*request.Batch)
		now    time.Time // zero: a minute after t0
		want   request.Step
		at     time.Time // zero: now
	}{
		{why: "look-ups are under way", states: states{request.Received, request.Pending}, now: t0, want: request.PostCard, at: t0.Add(10 * time.Second)},
		{why: "and take too long", states: states{request.Received, request.Pending}, want: request.PostCard},
		{why: "all are found", states: states{request.Pending, request.Pending}, now: t0, want: request.PostCard},
		{why: "one was not", states: states{request.Rejected, request.Pending}, now: t0, want: request.PostCard},
		{why: "nobody was: there is nothing to decide", states: states{request.Rejected, request.Rejected}, now: t0, want: request.Tell},
		{why: "nobody was, and the requester knows", states: states{request.Rejected, request.Rejected}, change: told, want: request.Nothing},
		{why: "posting failed", states: states{request.Pending}, want: request.PostCard, at: late, change: func(b *request.Batch) { b.PaintRetry = trouble }},
		{why: "posted without buttons", states: states{request.Pending}, want: request.PaintCard,
			change: func(b *request.Batch) { b.Posted("C1", "1.1", t0) }},
		{why: "posting given up: the requester is told when all has ended", states: states{request.Pending}, want: request.Nothing,
			change: func(b *request.Batch) { b.PaintRetry = givenUp }},
		{why: "painted: the requester is told that people are asked", states: states{request.Pending}, want: request.Tell,
			change: func(b *request.Batch) { painted(b, t0) }},
		{why: "people are asked: a reminder after a day", states: states{request.Pending, request.Done}, want: request.Remind, at: t0.Add(24 * time.Hour),
			change: func(b *request.Batch) { painted(b, t0); b.TellRequester(b.News) }},
		{why: "no reminder after the last has expired", states: states{request.Pending, request.Done}, want: request.Nothing,
			change: func(b *request.Batch) { painted(b, t0); b.TellRequester(b.News); b.Reminded(lastExpiry) }},
		{why: "nobody has to decide", states: states{request.Approved, request.Done}, want: request.Nothing,
			change: func(b *request.Batch) { painted(b, t0); b.TellRequester(b.News) }},
		{why: "somebody was found late", states: states{request.Pending, request.Pending}, want: request.PaintCard,
			change: func(b *request.Batch) { painted(b, t0); b.TellRequester(b.News); b.Changed() }},
		{why: "it was repainted just now", states: states{request.Pending}, want: request.PaintCard, at: now.Add(2 * time.Second),
			change: func(b *request.Batch) { painted(b, now); b.TellRequester(b.News); b.Changed() }},
		{why: "some have ended, others not", states: states{request.Done, request.Executing}, want: request.Nothing,
			change: func(b *request.Batch) { painted(b, t0); b.TellRequester(b.News) }},
		{why: "all have ended", states: states{request.Done, request.Denied, request.Failed, request.Rejected}, want: request.Tell,
			change: func(b *request.Batch) { painted(b, t0); b.TellRequester(b.News) }},
		{why: "telling failed", states: states{request.Done}, want: request.Tell, at: late,
			change: func(b *request.Batch) { painted(b, t0); b.TellRequester(b.News); b.TellRetry = trouble }},
		{why: "all have ended and the requester knows", states: states{request.Done, request.Denied}, want: request.Nothing,
			change: func(b *request.Batch) { painted(b, t0); told(b) }},
		{why: "drift is told afterwards", states: states{request.Done, request.Denied}, want: request.Tell,
			change: func(b *request.Batch) { painted(b, t0); told(b); b.Members[0].News++ }},
		{why: "the card was removed while it is needed", states: states{request.Done, request.Failed}, want: request.PostCard, at: now.Add(2 * time.Second),
			change: func(b *request.Batch) { painted(b, t0); told(b); b.CardLost(now) }},
		{why: "the card was removed when all was over", states: states{request.Done, request.Denied}, want: request.Nothing,
			change: func(b *request.Batch) { painted(b, t0); told(b); b.Changed(); b.CardLost(now) }},
	}
	for _, tt := range tests {
		t.Run(tt.why, func(t *testing.T) {
			t.Parallel()
			b := batchOf(t, tt.states...)
			if tt.change != nil {
				tt.change(b)
			}
			if tt.now.IsZero() {
				tt.now = now
			}
			step, at := b.Next(tt.now)
			if step != tt.want {
				t.Fatalf("next is %q at %v, want %q", step, at, tt.want)
			}
			switch {
			case tt.at.IsZero() && at.After(tt.now):
				t.Errorf("%q waits until %v, want now", step, at)
			case !tt.at.IsZero() && !at.Equal(tt.at):
				t.Errorf("%q waits until %v, want %v", step, at, tt.at)
			}
		})
	}
}

// TestMemberHasNoCard: a member of a batch never wants a card or a notice of its
// own, and otherwise the same as any request.
func TestMemberHasNoCard(t *testing.T) {
	t.Parallel()
	for _, s := range allStates {
		single := in(t, s)
		single.Card.Painted, single.Told = single.Look, single.News
		member := batchOf(t, s).Members[0]
		step, at := member.Next(t0)
		if want, when := single.Next(t0); step != want && want != request.PostCard || step == want && !at.Equal(when) {
			t.Errorf("when %s a member wants %q at %v, any other request %q at %v", s, step, at, want, when)
		}
	}
}

// TestBatchAsksAgain shows that the requester and those who decide hear at once of
// members that ask again, once, also where nobody is reminded otherwise.
func TestBatchAsksAgain(t *testing.T) {
	t.Parallel()
	for _, every := range []time.Duration{0, 24 * time.Hour} {
		b := batchOf(t, request.Approved, request.Approved, request.Done)
		b.RemindEvery = every
		painted(b, t0)
		told(b)
		now := t0.Add(72 * time.Hour)
		for i, want := range []request.Step{request.Nothing, request.Tell} { // of both together
			if err := b.Members[i].AskAgain(now); err != nil {
				t.Fatal(err)
			}
			b.Changed()
			b.Paint(b.Look, now)
			if step, _ := b.Next(now); step != want {
				t.Errorf("reminders every %v: after %d asked again next is %q, want %q", every, i+1, step, want)
			}
		}
		told(b)
		for _, r := range b.Members[:2] {
			r.ManagerFound(r.Managing(), true, now)
		}
		if step, at := b.Next(now); step != request.Remind || at.After(now) {
			t.Errorf("reminders every %v: next is %q at %v, want a reminder now", every, step, at)
		}
		b.Reminded(now)
		b.Changed() // something else
		b.Paint(b.Look, now)
		if step, at := b.Next(now); step == request.Remind && !at.After(now) {
			t.Errorf("reminders every %v: reminded twice", every)
		}
	}
}

// TestLateMember: who is found after the card was posted appears on it, and what
// people press until then is not about them.
func TestLateMember(t *testing.T) {
	t.Parallel()
	b := batchOf(t, request.Pending, request.Received)
	now := t0.Add(10 * time.Second)
	isPending := func(r *request.Request) bool { return r.State == request.Pending }
	shown := b.Selection(isPending)
	painted(b, now)
	b.TellRequester(b.News)
	if err := b.Members[1].Found(finding(), now); err != nil {
		t.Fatal(err)
	}
	b.Changed()
	if step, at := b.Next(now); step != request.PaintCard || !at.Equal(now.Add(2*time.Second)) {
		t.Errorf("next is %q at %v, want the card painted in two seconds", step, at)
	}
	pressed, err := b.Selected(shown)
	if err != nil || !slices.Equal(pressed, b.Members[:1]) {
		t.Errorf("pressing the old button is about %d people, %v", len(pressed), err)
	}
}

// TestSelection: a button is about just the members whom it was made for, in the
// order of the command.
func TestSelection(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, request.MaxPeople).Draw(t, "members")
		b := &request.Batch{ID: "b1"}
		var want []*request.Request
		chosen := map[string]bool{}
		for i := range n {
			r := &request.Request{ID: fmt.Sprint("r", i)}
			b.Members = append(b.Members, r)
			if rapid.Bool().Draw(t, "chosen") {
				chosen[r.ID] = true
				want = append(want, r)
			}
		}
		selection := b.Selection(func(r *request.Request) bool { return chosen[r.ID] })
		got, err := b.Selected(selection)
		if err != nil || !slices.Equal(got, want) {
			t.Fatalf("%q selects %d members, %v; want %d", selection, len(got), err, len(want))
		}
		// Whatever comes in instead is refused, or selects members of this batch by its
		// one and only spelling.
		forged := rapid.OneOf(rapid.StringMatching(`[-+_ 0-9a-fA-Fx]{0,60}`), rapid.String()).Draw(t, "forged")
		got, err = b.Selected(forged)
		if err == nil && b.Selection(func(r *request.Request) bool { return slices.Contains(got, r) }) != forged {
			t.Fatalf("%q was taken for a selection of %d members", forged, len(got))
		}
	})
}

func TestForgedSelections(t *testing.T) {
	t.Parallel()
	b := batchOf(t, request.Pending, request.Pending, request.Pending)
	for _, forged := range []string{
		"", "8", "f", "10", "-1", "+7", "07", "0x7", " 7", "7 ", "g", "7_0", "٣", "ffffffffffffffff",
		strconv.Itoa(1 << 30), fmt.Sprintf("%0100d", 7),
	} {
		if got, err := b.Selected(forged); err == nil {
			t.Errorf("%q selects %d members", forged, len(got))
		}
	}
	for spelled, want := range map[string]int{"0": 0, "1": 1, "7": 3} {
		if got, err := b.Selected(spelled); err != nil || len(got) != want {
			t.Errorf("%q selects %d members, %v", spelled, len(got), err)
		}
	}
}

// TestBatchRest: whatever cannot be done is given up in the end.
func TestBatchRest(t *testing.T) {
	t.Parallel()
	for _, fails := range []request.Step{request.PostCard, request.PaintCard, request.Tell, request.Remind} {
		t.Run(string(fails), func(t *testing.T) {
			t.Parallel()
			b, now := batchOf(t, request.Pending, request.Denied), t0
			for n := 0; ; n++ {
				if n > 3000 {
					t.Fatalf("still busy at %v", now)
				}
				step, at := b.Next(now)
				if due := b.Members[0].ExpiresAt; b.Members[0].State == request.Pending && (step == request.Nothing || at.After(due)) {
					now = due
					if err := b.Members[0].Expire(now); err != nil {
						t.Fatal(err)
					}
					b.Changed()
					continue
				}
				if step == request.Nothing {
					return
				}
				if at.After(now) {
					now = at
				}
				performBatch(t, b, step, now, step == fails)
			}
		})
	}
}

// performBatch does one step of a batch, well or not.
func performBatch(t *testing.T, b *request.Batch, step request.Step, now time.Time, fails bool) {
	t.Helper()
	switch {
	case (step == request.PostCard) && fails:
		b.PaintFailed(0, now)
	case step == request.PostCard:
		b.Posted("C1", "1.1", now)
	case step == request.PaintCard && fails:
		b.CardLost(now)
	case step == request.PaintCard:
		b.Paint(b.Look, now)
	case step == request.Tell && fails:
		if b.TellFailed(0, now) {
			told(b) // there is nobody to tell
		}
	case step == request.Tell:
		told(b)
	case step == request.Remind && fails:
		b.RemindFailed(0, now)
	case step == request.Remind:
		b.Reminded(now)
	default:
		t.Fatalf("a batch wants %q", step)
	}
}
