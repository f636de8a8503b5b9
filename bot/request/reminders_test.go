package request_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"wfbot/bot/request"
)

// reminded returns the painted card about one pending person. Approvers are reminded of
// it each day; the first time a day after t0.
func reminded(t *testing.T) (*request.Card, *request.Request) {
	t.Helper()
	r := newRequest()
	r.RemindEvery = 24 * time.Hour
	if err := r.Found(finding(), t0); err != nil {
		t.Fatal(err)
	}
	if err := r.Counted(nil, t0); err != nil {
		t.Fatal(err)
	}
	r.ManagerUnneeded()
	c := unposted(r)
	paint(c, t0)
	tell(c)
	return c, r
}

func TestReminders(t *testing.T) {
	t.Parallel()
	day := t0.Add(24 * time.Hour)
	remind := func(at time.Time) func(*request.Card) {
		return func(c *request.Card) { c.Reminded(c.Asks(), at) }
	}
	fail := func(wait time.Duration) func(*request.Card) {
		return func(c *request.Card) { c.RemindFailed(c.Asks(), wait, day) }
	}
	tests := []cardRow{
		{"the first after a day", func(*request.Card) {}, request.Remind, day},
		{"the next a day later", remind(day), request.Remind, day.Add(24 * time.Hour)},
		{"no more when it would end at the same time", func(c *request.Card) {
			remind(day)(c)
			remind(day.Add(24 * time.Hour))(c)
		}, request.Nothing, time.Time{}},
		{"a failed one soon again", fail(0), request.Remind, day.Add(2 * time.Second)},
		{"later if Slack says so", fail(time.Hour), request.Remind, day.Add(time.Hour)},
		{"not both the failed one and the next", fail(25 * time.Hour), request.Remind, day.Add(24 * time.Hour)},
		{"not without a card", func(c *request.Card) { c.Painted = 0 }, request.PaintCard, time.Time{}},
		{"never", func(c *request.Card) {
			c.RemindEvery = 0
			remind(day)(c)
		}, request.Nothing, time.Time{}},
		{"not when it is decided", func(c *request.Card) {
			if err := c.One().Deny(anna, "", t0); err != nil {
				panic(err)
			}
			c.Paint(c.Look, t0)
			tell(c)
		}, request.Nothing, time.Time{}},
	}
	for _, tt := range tests {
		t.Run(tt.why, func(t *testing.T) {
			t.Parallel()
			c, _ := reminded(t)
			tt.change(c)
			wantNext(t, c, t0, tt.want, tt.at)
		})
	}
}

// TestRemindersHoldNothingUp: they fail for ever, and the request still expires.
func TestRemindersHoldNothingUp(t *testing.T) {
	t.Parallel()
	c, r := reminded(t)
	now := t0
	for n := 0; r.State == request.Pending; n++ {
		if n > 1000 {
			t.Fatalf("still pending at %v", now)
		}
		step, at := first(now, r, c)
		if at.After(now) {
			now = at
		}
		if step != request.Remind && step != request.Expiry {
			t.Fatalf("next is %q", step)
		}
		perform(t, c, r, step, now, step == request.Remind)
	}
	if !now.Equal(t0.Add(ttl)) {
		t.Errorf("expired at %v", now)
	}
}

// asks counts the reminders that a card wants until it waits for more than an hour,
// and posts them.
func asks(t *testing.T, c *request.Card, now time.Time) (n int) {
	t.Helper()
	for {
		step, at := c.Next(now)
		switch {
		case step == request.Nothing || at.After(now.Add(time.Hour)):
			return n
		case at.After(now):
			now = at
		}
		if step == request.Remind {
			n++
		}
		if n > 5 {
			t.Fatal("people are asked again and again")
		}
		perform(t, c, nil, step, now, false)
	}
}

// TestSeveralAskAgain: the requester and those who decide hear at once of requests that
// ask again, once of all of them, also where nobody is reminded otherwise.
func TestSeveralAskAgain(t *testing.T) {
	t.Parallel()
	for _, every := range []time.Duration{0, 24 * time.Hour} {
		c := cardOf(t, request.Approved, request.Approved, request.Done)
		c.RemindEvery = every
		paint(c, t0)
		tell(c)
		now := t0.Add(72 * time.Hour)
		for i, want := range []request.Step{request.Nothing, request.Tell} { // of both together
			if err := c.Requests[i].AskAgain(now); err != nil {
				t.Fatal(err)
			}
			raise(c)
			c.Paint(c.Look, now)
			wantNext(t, c, now, want, time.Time{})
		}
		tell(c)
		// Who is to be asked is found out first, if it does not take long.
		wantNext(t, c, now, request.Remind, now.Add(10*time.Second))
		for _, r := range c.Requests[:2] {
			r.ManagerFound(r.Managing(), true, now)
		}
		wantNext(t, c, now, request.Remind, time.Time{})
		if n := asks(t, c, now); n != 1 {
			t.Errorf("reminders every %v: people are asked again %d times", every, n)
		}
		raise(c) // something else
		if n := asks(t, c, now.Add(time.Minute)); n != 0 {
			t.Errorf("reminders every %v: asked once more", every)
		}
	}
}

// TestOneAsksAgain: the same with one person; a reminder that fails is tried again.
func TestOneAsksAgain(t *testing.T) {
	t.Parallel()
	r := in(t, request.Approved)
	c := alone(r)
	now := r.DueAt.Add(request.OverdueAfter + time.Minute)
	if err := r.AskAgain(now); err != nil {
		t.Fatal(err)
	}
	raise(c)
	c.Paint(c.Look, now)
	tell(c)
	wantNext(t, c, now, request.Remind, now.Add(10*time.Second))
	r.ManagerFound(r.Managing(), true, now)
	wantNext(t, c, now, request.Remind, time.Time{})
	c.RemindFailed(c.Asks(), 0, now)
	wantNext(t, c, now, request.Remind, now.Add(2*time.Second))
	c.Reminded(c.Asks(), now)
	if step, _ := c.Next(now.Add(48 * time.Hour)); step == request.Remind {
		t.Error("it is said again, although nobody wants reminders")
	}
}

// TestRemindersStartAnew: one that asks again is reminded of every day from then.
func TestRemindersStartAnew(t *testing.T) {
	t.Parallel()
	c, r := reminded(t)
	c.Reminded(c.Asks(), t0.Add(24*time.Hour))
	approved := t0.Add(25 * time.Hour)
	if err := r.Approve(anna, 0, approved); err != nil {
		t.Fatal(err)
	}
	now := approved.Add(request.OverdueAfter + 1)
	if err := r.AskAgain(now); err != nil {
		t.Fatal(err)
	}
	r.ManagerFound(r.Managing(), true, now)
	raise(c)
	c.Paint(c.Look, now)
	tell(c)
	wantNext(t, c, now, request.Remind, time.Time{})
	c.Reminded(c.Asks(), now)
	wantNext(t, c, now, request.Remind, now.Add(24*time.Hour+10*time.Second))
}

// TestFoundLate: whoever is found after the card was posted is asked about by a
// message, once, unless those who can decide know of the card already.
func TestFoundLate(t *testing.T) {
	t.Parallel()
	now := t0.Add(time.Minute)
	late := func(manager request.Identity) *request.Card {
		c := cardOf(t, request.Pending, request.Received, request.Received)
		c.RemindEvery = 0
		paint(c, t0)
		tell(c)
		f := finding()
		f.Manager = manager
		if err := c.Requests[1].Found(f, now); err != nil {
			t.Fatal(err)
		}
		raise(c)
		c.Paint(c.Look, now)
		return c
	}
	c := late(otto)
	wantNext(t, c, now, request.Remind, now.Add(10*time.Second)) // others may follow
	if n := asks(t, c, now); n != 1 || c.Requests[1].Asked != 1 {
		t.Errorf("those with a manager of their own are asked about %d times, asked is %d", n, c.Requests[1].Asked)
	}
	for why, manager := range map[string]request.Identity{"whose manager knows of the card": maria, "with no manager": {}} {
		c := late(manager)
		if n := asks(t, c, now); n != 0 {
			t.Errorf("%s: asked about %d times", why, n)
		}
		// The first of them all is asked about whoever it is.
		c.Requests[0].Asked = 0
		if n := asks(t, c, now); n != 1 {
			t.Errorf("%s: when nobody was asked yet, asked about %d times", why, n)
		}
	}
	// The card that is posted later asks about them as well.
	c = cardOf(t, request.Pending, request.Pending)
	c.RemindEvery = 0
	paint(c, now)
	tell(c)
	if n := asks(t, c, now); n != 0 {
		t.Errorf("asked about again by %d messages after the card", n)
	}
}

// TestWhatIsAskedMeanwhile: what was not asked when the words were chosen is asked by
// the next message.
func TestWhatIsAskedMeanwhile(t *testing.T) {
	t.Parallel()
	c := cardOf(t, request.Pending, request.Pending, request.Done)
	c.RemindEvery = 0
	words := c.Asks()
	if diff := cmp.Diff([]int64{1, 1, 0}, words); diff != "" {
		t.Fatalf("asks (-want +got):\n%s", diff)
	}
	now := t0.Add(time.Minute)
	c.Requests[1].ManagerFound(byOtto, true, now)
	c.Posted(request.Place{Channel: "C1", TS: "1.1"}, words, now)
	if r := c.Requests[1]; r.Asked != 1 || r.Ask != 2 || r.NewManager != otto.ID {
		t.Errorf("asked %d of %d, new manager %q", r.Asked, r.Ask, r.NewManager)
	}
	c.Paint(c.Look, now)
	tell(c)
	wantNext(t, c, now, request.Remind, time.Time{})
	c.Reminded(c.Asks(), now)
	c.Reminded(words, now) // late
	if r := c.Requests[1]; r.Asked != 2 || r.NewManager != "" {
		t.Errorf("asked %d of %d, new manager %q", r.Asked, r.Ask, r.NewManager)
	}
}

// TestReminderGivenUp: what people cannot be asked is given up where the next
// reminder is due, or after a day, and is not asked again for ever.
func TestReminderGivenUp(t *testing.T) {
	t.Parallel()
	for _, every := range []time.Duration{0, time.Hour} {
		c, r := reminded(t)
		c.RemindEvery, c.RemindAt = every, time.Time{}
		now := t0.Add(time.Minute)
		if every > 0 {
			c.RemindAt = now.Add(every)
		}
		r.ManagerFound(byOtto, true, now)
		r.ManagerUnneeded()
		for n, givenUp := 0, false; !givenUp; n++ {
			step, at := c.Next(now)
			if step != request.Remind || n > 200 {
				t.Fatalf("every %v: after %d failures next is %q", every, n, step)
			}
			if at.After(now) {
				now = at
			}
			givenUp = c.RemindFailed(c.Asks(), 0, now)
		}
		want := every
		if every == 0 {
			want = 24 * time.Hour
		}
		if d := now.Sub(t0); d < want-time.Hour || d > want+time.Hour {
			t.Errorf("every %v: given up after %v", every, d)
		}
		if r.Asked != r.Ask || r.NewManager != "" {
			t.Errorf("every %v: asked %d of %d, new manager %q", every, r.Asked, r.Ask, r.NewManager)
		}
		if step, at := c.Next(now); every == 0 && step != request.Nothing || every > 0 && !at.Equal(now.Add(every)) {
			t.Errorf("every %v: next is %q at %v", every, step, at)
		}
	}
}

// TestOnlyNewManagers: a message is for new managers alone unless others are to be
// reminded, or asked about somebody, as well.
func TestOnlyNewManagers(t *testing.T) {
	t.Parallel()
	now := t0.Add(time.Hour)
	for why, tt := range map[string]struct {
		change func(*request.Card)
		want   bool
	}{
		"one has a new manager":                {func(*request.Card) {}, true},
		"people are reminded now":              {func(c *request.Card) { c.RemindAt = now }, false},
		"and later":                            {func(c *request.Card) { c.RemindAt = now.Add(1) }, true},
		"another was found late":               {func(c *request.Card) { c.Requests[1].Asked = 0; c.Requests[1].Manager = bert }, false},
		"another asks again":                   {func(c *request.Card) { c.Requests[1].Ask++ }, false},
		"the same one asks again":              {func(c *request.Card) { c.Requests[0].Ask++ }, false},
		"another asked again, and was decided": {func(c *request.Card) { c.Requests[1].Ask++; c.Requests[1].State = request.Denied }, true},
		"another has a new manager too":        {func(c *request.Card) { c.Requests[1].ManagerFound(byOtto, true, now) }, true},
	} {
		c := cardOf(t, request.Pending, request.Pending)
		c.RemindEvery = 0
		paint(c, t0)
		tell(c)
		c.Requests[0].ManagerFound(byOtto, true, now)
		tt.change(c)
		if got := c.OnlyNewManagers(now); got != tt.want {
			t.Errorf("%s: OnlyNewManagers() = %t", why, got)
		}
	}
}

// TestSeveralWithANewManager: a card reminds when the managers are known, and of a
// new one at once.
func TestSeveralWithANewManager(t *testing.T) {
	t.Parallel()
	c := cardOf(t, request.Pending, request.Pending)
	for _, r := range c.Requests {
		r.ManagerFound(r.Managing(), true, t0)
	}
	paint(c, t0)
	tell(c)
	day := t0.Add(24 * time.Hour)
	wantNext(t, c, t0, request.Remind, day.Add(10*time.Second)) // when the managers are known
	for _, r := range c.Requests {
		r.ManagerFound(r.Managing(), true, day)
	}
	wantNext(t, c, day, request.Remind, day)
	c.Reminded(c.Asks(), day)
	now := day.Add(time.Hour)
	c.Requests[1].ManagerFound(byOtto, true, now)
	raise(c)
	c.Paint(c.Look, now)
	wantNext(t, c, now, request.Remind, time.Time{})
	if !c.OnlyNewManagers(now) {
		t.Error("all are reminded")
	}
	c.Reminded(c.Asks(), now)
	raise(c)
	c.Paint(c.Look, now)
	if step, at := c.Next(now); !at.After(now.Add(time.Hour)) {
		t.Errorf("next is %q at %v: the new manager is asked once", step, at)
	}
}
