package request_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"wfbot/bot/request"
)

// cardRow is a card, and what it wants.
type cardRow struct {
	why    string
	change func(*request.Card)
	want   request.Step
	at     time.Time // zero: now
}

// What a failed effect may have left.
var (
	aMinuteLater = t0.Add(time.Minute)
	anHourLater  = aMinuteLater.Add(time.Hour)
	trouble      = request.Retry{Failures: 1, Since: aMinuteLater, At: anHourLater}
	givenUp      = request.Retry{Failures: 200, Since: t0.Add(-request.RetryFor), At: t0.Add(time.Hour)}
)

// hidden makes a card one that others can read.
func hidden(at time.Time) func(*request.Card) {
	return func(c *request.Card) {
		c.Hide(true, at)
		c.Paint(c.Look, at)
	}
}

// TestNextOfOne: a card about one person follows the request from look to look.
func TestNextOfOne(t *testing.T) {
	t.Parallel()
	now := aMinuteLater
	uncounted := func(found time.Time) func(*request.Card) {
		return func(c *request.Card) {
			r := c.One()
			r.Counts, r.ExpiresAt, c.Painted = 0, found.Add(r.TTL), 0
		}
	}
	tests := []struct {
		in situation
		cardRow
	}{
		{"received", cardRow{"nobody has been found", nil, request.Nothing, time.Time{}}},
		{"received", cardRow{"the look-up failed: the requester is told meanwhile", func(c *request.Card) { c.One().News = 1 }, request.Tell, time.Time{}}},

		{"pending, no card", cardRow{"posted as soon as the person is found", nil, request.PostCard, time.Time{}}},
		{"pending, no card", cardRow{"also where nothing is counted yet", func(c *request.Card) { c.One().Counts = 0 }, request.PostCard, time.Time{}}},
		{"pending, no card", cardRow{"posting failed", func(c *request.Card) { c.PaintRetry = trouble }, request.PostCard, anHourLater}},
		{"pending, no card", cardRow{"posting given up: it ends in time", func(c *request.Card) { c.PaintRetry = givenUp }, request.Nothing, time.Time{}}},
		{"pending", cardRow{"posted without buttons", func(c *request.Card) { c.Painted = 0 }, request.PaintCard, time.Time{}}},
		{"pending", cardRow{"buttons wait for the count", uncounted(now), request.PaintCard, now.Add(5 * time.Second)}},
		{"pending", cardRow{"but no longer than five seconds", uncounted(now.Add(-5 * time.Second)), request.PaintCard, time.Time{}}},
		{"pending", cardRow{"and not while painting fails", func(c *request.Card) {
			uncounted(now)(c)
			c.PaintRetry = trouble
		}, request.PaintCard, anHourLater}},
		{"pending", cardRow{"not for what cannot be read at first", func(c *request.Card) {
			uncounted(now)(c)
			c.One().Counts, c.One().Holdings = 1, []request.Holding{{Kind: "tasks", Pending: true}}
		}, request.PaintCard, time.Time{}}},
		{"pending", cardRow{"nor where nothing is counted", func(c *request.Card) {
			uncounted(now)(c)
			c.One().Action = request.Reactivate
		}, request.PaintCard, time.Time{}}},
		{"pending", cardRow{"once they are there they wait for nothing", func(c *request.Card) {
			uncounted(now)(c)
			c.Paint(c.Look, now)
			raise(c)
		}, request.PaintCard, time.Time{}}},
		{"pending", cardRow{"the news of a pending request names its card", func(c *request.Card) {
			c.Painted, c.One().Told, c.PaintRetry = 0, 0, givenUp
		}, request.Nothing, time.Time{}}},
		{"pending", cardRow{"card painted, requester not told", func(c *request.Card) { c.One().Told = 0 }, request.Tell, time.Time{}}},
		{"pending", cardRow{"waiting for people", nil, request.Nothing, time.Time{}}},
		{"pending", cardRow{"what comes first of what lies ahead", func(c *request.Card) {
			c.Look, c.PaintRetry, c.RemindAt = 9, trouble, anHourLater.Add(time.Hour)
		}, request.PaintCard, anHourLater}},
		{"pending", cardRow{"what came first was painted a moment ago", func(c *request.Card) {
			c.Paint(c.Look, now)
			raise(c)
		}, request.PaintCard, time.Time{}}},

		{"approved", cardRow{"people see the approval", raise, request.PaintCard, time.Time{}}},
		{"approved", cardRow{"painting failed", func(c *request.Card) {
			raise(c)
			c.PaintRetry = trouble
		}, request.PaintCard, anHourLater}},
		{"approved", cardRow{"painting given up", func(c *request.Card) {
			raise(c)
			c.PaintRetry = givenUp
		}, request.Nothing, time.Time{}}},
		{"approved", cardRow{"the card is gone", func(c *request.Card) { c.Lost(now) }, request.PostCard, now.Add(2 * time.Second)}},
		{"executing, waiting", cardRow{"the trouble is shown while waiting", raise, request.PaintCard, time.Time{}}},

		{"pending", cardRow{"the requester is told that the card is hidden", hidden(now), request.Tell, time.Time{}}},
		{"pending", cardRow{"it is looked at again, and nobody is reminded", func(c *request.Card) {
			hidden(now)(c)
			tell(c)
		}, request.PaintCard, now.Add(15 * time.Minute)}},
		{"pending", cardRow{"hiding failed", func(c *request.Card) {
			hidden(now)(c)
			tell(c)
			c.PaintRetry = trouble
		}, request.PaintCard, anHourLater}},
		{"pending", cardRow{"it is shown again, and the requester told", func(c *request.Card) {
			hidden(now)(c)
			tell(c)
			c.Hide(false, now)
			c.Paint(c.Look, now)
		}, request.Tell, time.Time{}}},
		{"pending", cardRow{"what is gone is hidden no more", func(c *request.Card) {
			hidden(now)(c)
			tell(c)
			c.Lost(now)
		}, request.PostCard, now.Add(10 * time.Second)}},
		{"done", cardRow{"hidden after the end: only looked at, ever less often", func(c *request.Card) {
			tell(c)
			hidden(c.CreatedAt.Add(3 * time.Hour))(c)
		}, request.PaintCard, t0.Add(6 * time.Hour)}},

		{"done", cardRow{"the outcome is painted, then told", raise, request.PaintCard, time.Time{}}},
		{"done", cardRow{"a card given up keeps no outcome from the requester", func(c *request.Card) {
			raise(c)
			c.PaintRetry = givenUp
		}, request.Tell, time.Time{}}},
		{"done", cardRow{"painted", nil, request.Tell, time.Time{}}},
		{"done", cardRow{"telling failed", func(c *request.Card) { c.TellRetry = trouble }, request.Tell, anHourLater}},
		{"done", cardRow{"at rest", tell, request.Nothing, time.Time{}}},
		{"done", cardRow{"an ended request needs no card any more", func(c *request.Card) {
			c.TS, c.Painted = "", 0
			tell(c)
		}, request.Nothing, time.Time{}}},
		{"failed", cardRow{"a failed one does: Retry is on it", func(c *request.Card) {
			c.TS, c.Painted = "", 0
			tell(c)
		}, request.PostCard, time.Time{}}},
		{"failed", cardRow{"who can retry the failed one is told as well", tell, request.Remind, time.Time{}}},
		{"failed", cardRow{"telling them failed", func(c *request.Card) { tell(c); c.RemindRetry = trouble }, request.Remind, anHourLater}},
		{"failed", cardRow{"once", func(c *request.Card) { tell(c); c.Reminded(c.Asks(), t0) }, request.Nothing, time.Time{}}},
		{"rejected", cardRow{"rejected: no card, but an answer", nil, request.Tell, time.Time{}}},
		{"rejected", cardRow{"rejected and told", tell, request.Nothing, time.Time{}}},
	}
	for _, tt := range tests {
		t.Run(tt.why, func(t *testing.T) {
			t.Parallel()
			r := tt.in.request(t)
			c := alone(r)
			if r.TS == "" {
				c = unposted(r)
			}
			if tt.change != nil {
				tt.change(c)
			}
			wantNext(t, c, now, tt.want, tt.at)
		})
	}
}

func TestNextOfSeveral(t *testing.T) {
	t.Parallel()
	now := aMinuteLater
	lastExpiry := t0.Add(time.Second + ttl)
	asked := func(c *request.Card) { paint(c, t0); c.Told = true }
	type states = []request.State
	tests := []struct {
		states states
		now    time.Time // zero: a minute after t0
		cardRow
	}{
		{states{request.Received, request.Pending}, t0, cardRow{"look-ups are under way", nil, request.PostCard, t0.Add(10 * time.Second)}},
		{states{request.Received, request.Pending}, now, cardRow{"and take too long", nil, request.PostCard, time.Time{}}},
		{states{request.Pending, request.Pending}, t0, cardRow{"all are found", nil, request.PostCard, time.Time{}}},
		{states{request.Rejected, request.Pending}, t0, cardRow{"one was not", nil, request.PostCard, time.Time{}}},
		{states{request.Rejected, request.Rejected}, t0, cardRow{"nobody was: there is nothing to decide", nil, request.Tell, time.Time{}}},
		{states{request.Rejected, request.Rejected}, t0, cardRow{"nobody was, and the requester knows", tell, request.Nothing, time.Time{}}},
		{states{request.Pending, request.Pending}, now, cardRow{"posting failed", func(c *request.Card) { c.PaintRetry = trouble }, request.PostCard, anHourLater}},
		{states{request.Pending, request.Pending}, now, cardRow{"posted without buttons",
			func(c *request.Card) { c.Posted(request.Place{Channel: "C1", TS: "1.1"}, c.Asks(), t0) }, request.PaintCard, time.Time{}}},
		{states{request.Pending, request.Pending}, now, cardRow{"whose buttons wait for no count", func(c *request.Card) {
			c.Posted(request.Place{Channel: "C1", TS: "1.1"}, c.Asks(), now)
			c.Requests[0].Counts, c.Requests[0].ExpiresAt = 0, now.Add(ttl)
		}, request.PaintCard, time.Time{}}},
		{states{request.Pending, request.Rejected}, now, cardRow{"posting given up: the requester is told when all has ended",
			func(c *request.Card) { c.PaintRetry = givenUp }, request.Nothing, time.Time{}}},
		{states{request.Pending, request.Received}, t0, cardRow{"the requester is not told while people are looked up",
			func(c *request.Card) { c.PaintRetry = givenUp }, request.Nothing, time.Time{}}},
		{states{request.Pending, request.Pending}, now, cardRow{"painted: the requester is told that people are asked",
			func(c *request.Card) { paint(c, t0) }, request.Tell, time.Time{}}},
		{states{request.Pending, request.Done}, now, cardRow{"people are asked: a reminder after a day", asked, request.Remind, t0.Add(24 * time.Hour)}},
		{states{request.Pending, request.Done}, now, cardRow{"no reminder after the last has expired",
			func(c *request.Card) { asked(c); c.Reminded(c.Asks(), lastExpiry) }, request.Nothing, time.Time{}}},
		{states{request.Approved, request.Done}, now, cardRow{"nobody has to decide", asked, request.Nothing, time.Time{}}},
		{states{request.Pending, request.Pending}, now, cardRow{"somebody was found late", func(c *request.Card) { asked(c); raise(c) }, request.PaintCard, time.Time{}}},
		{states{request.Pending, request.Pending}, now, cardRow{"it was repainted just now",
			func(c *request.Card) { paint(c, now); c.Told = true; raise(c) }, request.PaintCard, now.Add(2 * time.Second)}},
		{states{request.Done, request.Executing}, now, cardRow{"some have ended, others not", asked, request.Nothing, time.Time{}}},
		{states{request.Failed, request.Pending}, now, cardRow{"something went wrong while others may take days", asked, request.Tell, time.Time{}}},
		{states{request.Failed, request.Executing}, now, cardRow{"which waits for those who are under way", asked, request.Nothing, time.Time{}}},
		{states{request.Failed, request.Pending}, now, cardRow{"who can retry is told at once", func(c *request.Card) { paint(c, t0); tell(c) }, request.Remind, time.Time{}}},
		{states{request.Failed, request.Failed}, now, cardRow{"once for all", func(c *request.Card) { paint(c, t0); tell(c); c.Reminded(c.Asks(), t0) }, request.Nothing, time.Time{}}},
		{states{request.Done, request.Denied, request.Failed, request.Rejected}, now, cardRow{"all have ended", asked, request.Tell, time.Time{}}},
		{states{request.Done, request.Denied}, now, cardRow{"telling failed", func(c *request.Card) { asked(c); c.TellRetry = trouble }, request.Tell, anHourLater}},
		{states{request.Done, request.Denied}, now, cardRow{"all have ended and the requester knows", func(c *request.Card) { paint(c, t0); tell(c) }, request.Nothing, time.Time{}}},
		{states{request.Done, request.Denied}, now, cardRow{"drift is told afterwards",
			func(c *request.Card) { paint(c, t0); tell(c); c.Requests[0].News++ }, request.Tell, time.Time{}}},
		{states{request.Done, request.Failed}, now, cardRow{"the card was removed while it is needed",
			func(c *request.Card) { paint(c, t0); tell(c); c.Lost(now) }, request.PostCard, now.Add(2 * time.Second)}},
		{states{request.Done, request.Denied}, now, cardRow{"the card was removed when all was over",
			func(c *request.Card) { paint(c, t0); tell(c); raise(c); c.Lost(now) }, request.Nothing, time.Time{}}},
	}
	for _, tt := range tests {
		t.Run(tt.why, func(t *testing.T) {
			t.Parallel()
			c := cardOf(t, tt.states...)
			if tt.change != nil {
				tt.change(c)
			}
			if tt.now.IsZero() {
				tt.now = now
			}
			wantNext(t, c, tt.now, tt.want, tt.at)
		})
	}
}

// TestLateRequest: who is found after the card was posted appears on it, and what
// people press until then is not about them.
func TestLateRequest(t *testing.T) {
	t.Parallel()
	c := cardOf(t, request.Pending, request.Received)
	now := t0.Add(10 * time.Second)
	shown := c.Selection(func(r *request.Request) bool { return r.State == request.Pending })
	paint(c, now)
	tell(c)
	if err := c.Requests[1].Found(finding(), now); err != nil {
		t.Fatal(err)
	}
	raise(c)
	wantNext(t, c, now, request.PaintCard, now.Add(2*time.Second))
	pressed, err := c.Selected(shown)
	if err != nil || !slices.Equal(pressed, c.Requests[:1]) {
		t.Errorf("pressing the old button is about %d people, %v", len(pressed), err)
	}
}

// TestPainting shows that changes during a repaint are painted too, and that the
// requester hears of changes while being told.
func TestPainting(t *testing.T) {
	t.Parallel()
	r := in(t, request.Pending)
	c := alone(r)
	look, news := c.Look, c.News()
	if err := r.Deny(anna, "", t0); err != nil {
		t.Fatal(err)
	}
	raise(c)
	c.Paint(look, t0) // drawn before the denial
	c.TellRequester(news)
	if c.Painted >= c.Look || r.Told >= r.News {
		t.Error("the denial will neither be painted nor told")
	}
	c.Paint(c.Look, t0)
	c.Paint(look, t0) // late
	tell(c)
	c.TellRequester(news)
	if c.Painted != c.Look || r.Told != r.News {
		t.Error("a late result took back a newer one")
	}
}

func TestCardLost(t *testing.T) {
	t.Parallel()
	now := t0.Add(time.Minute)
	tests := []struct {
		in   request.State
		want request.Step
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
			c := alone(r)
			tell(c)
			c.Lost(now)
			if c.HasButtons("C1", "1.1") && tt.want != request.Nothing {
				t.Error("clicks on the lost message still count")
			}
			if tt.in == request.Pending { // who is asked by the new card?
				wantNext(t, r, now, request.FindManager, time.Time{})
				wantNext(t, c, now, request.PostCard, now.Add(10*time.Second)) // it waits for that, but not for ever
				r.ManagerFound(r.Managing(), true, now)
			}
			if tt.want == request.Nothing {
				wantNext(t, c, now, request.Nothing, time.Time{})
				return
			}
			wantNext(t, c, now, request.PostCard, now.Add(2*time.Second))
			paint(c, now)
			if asks := r.Asked == r.Ask; asks != (tt.in != request.Failed) { // it mentions nobody who can retry
				t.Errorf("the new card asked %d of %d", r.Asked, r.Ask)
			}
		})
	}
}

// A message that vanishes each time is posted again more and more slowly.
func TestLostAgainAndAgain(t *testing.T) {
	t.Parallel()
	r, now := in(t, request.Pending), t0
	c := alone(r)
	var before time.Duration
	for n := range 10 {
		c.Lost(now)
		r.ManagerFound(r.Managing(), true, now)
		_, at := c.Next(now)
		if pause := at.Sub(now); pause <= before {
			t.Fatalf("after %d losses it is posted again after %v, before after %v", n+1, pause, before)
		}
		before, now = at.Sub(now), at
		c.Posted(request.Place{Channel: "C1", TS: fmt.Sprint(n)}, c.Asks(), now)
	}
}

// TestChangeIsTriedAfterGivingUp: what is new is worth a new try.
func TestChangeIsTriedAfterGivingUp(t *testing.T) {
	t.Parallel()
	for why, c := range map[string]*request.Card{"one": alone(in(t, request.Pending)), "several": cardOf(t, request.Pending, request.Done)} {
		paint(c, t0)
		tell(c)
		raise(c)
		c.PaintFailed(request.RetryFor, t0)
		c.TellFailed(c.News(), request.RetryFor, t0)
		now := t0.Add(time.Minute)
		c.Attach(c.Requests) // nothing is new
		if step, _ := c.Next(now); step == request.PaintCard || step == request.Tell {
			t.Errorf("%s: after giving up next is %q", why, step)
		}
		if err := c.Requests[0].Deny(anna, "", now); err != nil {
			t.Fatal(err)
		}
		raise(c)
		wantNext(t, c, now, request.PaintCard, time.Time{})
		c.Paint(c.Look, now)
		wantNext(t, c, now, request.Tell, time.Time{})
	}
}

// Telling that fails begins again with what is new, and is not put off by it.
func TestTellingBeginsAnew(t *testing.T) {
	t.Parallel()
	r := in(t, request.Done)
	c := alone(r)
	now := t0.Add(time.Minute)
	c.TellFailed(c.News(), time.Hour, now)
	c.Attach(c.Requests)
	wantNext(t, c, now, request.Tell, now.Add(time.Hour))
	raise(c)
	c.Paint(c.Look, now)
	wantNext(t, c, now, request.Tell, time.Time{})
	if c.TellRetry != (request.Retry{}) {
		t.Errorf("tries are counted on: %+v", c.TellRetry)
	}
}

// Of those that the requester cannot be told of, each is noted in the trail, and is
// told of no more; what is new since the words were chosen still is.
func TestTellFailed(t *testing.T) {
	t.Parallel()
	c := cardOf(t, request.Done, request.Denied, request.Failed)
	paint(c, t0)
	c.Requests[1].Told = c.Requests[1].News // it is known of this one
	for _, r := range c.Requests {
		r.TakeEvents()
	}
	news := c.News()
	if c.TellFailed(news, time.Hour, t0) || c.Told || c.TellRetry.Failures != 1 {
		t.Fatalf("after a failure: told %t, tries %+v", c.Told, c.TellRetry)
	}
	c.Requests[2].News++ // meanwhile
	if !c.TellFailed(news, request.RetryFor, t0) || !c.Told || c.TellRetry != (request.Retry{}) {
		t.Fatalf("after the last: told %t, tries %+v", c.Told, c.TellRetry)
	}
	for i, want := range []struct {
		noted, untold bool
	}{{noted: true}, {}, {noted: true, untold: true}} {
		r := c.Requests[i]
		events := r.TakeEvents()
		if noted := len(events) == 1 && events[0].Kind == "requester not reached"; noted != want.noted || r.Told < r.News != want.untold {
			t.Errorf("request %d: events %v, told %d of %d", i+1, events, r.Told, r.News)
		}
	}
	if events := c.TakeEvents(); len(events) != 1 || events[0].Kind != "card posted" {
		t.Errorf("the card's events are %v", events)
	}
}

// TestAsking: what is told while it is asked for is said where it was asked.
func TestAsking(t *testing.T) {
	t.Parallel()
	of := func(s situation) *request.Card { return unposted(s.request(t)) }
	again := cardOf(t, request.Pending, request.Done)
	tell(again)
	for why, tt := range map[string]struct {
		card *request.Card
		want bool
	}{
		"received": {of("received"), true}, "pending": {of("pending"), true}, "rejected": {of("rejected"), true},
		"asked again": {of("pending, asked again"), false}, "approved": {of("approved"), false}, "done": {of("done"), false}, "failed": {of("failed"), false},
		"several, asked":             {cardOf(t, request.Pending, request.Received), true},
		"several, some decided":      {cardOf(t, request.Pending, request.Done), true},
		"several, nobody found":      {cardOf(t, request.Rejected, request.Rejected), true},
		"several, all over":          {cardOf(t, request.Done, request.Rejected), false},
		"several, of whom was heard": {again, false},
	} {
		if got := tt.card.Asking(); got != tt.want {
			t.Errorf("%s: Asking() = %t", why, got)
		}
	}
}

func TestHasButtons(t *testing.T) {
	t.Parallel()
	posted, none := alone(in(t, request.Pending)), unposted(situation("pending, no card").request(t))
	tests := []struct {
		why         string
		c           *request.Card
		channel, ts string
		want        bool
	}{
		{"the card", posted, "C1", "1.1", true},
		{"another message", posted, "C1", "1.2", false},
		{"same time stamp elsewhere", posted, "C2", "1.1", false},
		{"no message at all", posted, "", "", false},
		{"not posted yet", none, "", "", false},
		{"not posted yet, in its channel", none, "C1", "", false},
	}
	for _, tt := range tests {
		if got := tt.c.HasButtons(tt.channel, tt.ts); got != tt.want {
			t.Errorf("%s: HasButtons() = %t, want %t", tt.why, got, tt.want)
		}
	}
}

// TestSelection: a button is about just the requests that it was made for, in the order
// of the command.
func TestSelection(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, request.MaxPeople).Draw(t, "people")
		c := &request.Card{ID: "c1"}
		var want []*request.Request
		chosen := map[string]bool{}
		for i := range n {
			r := &request.Request{ID: fmt.Sprint("r", i)}
			c.Requests = append(c.Requests, r)
			if rapid.Bool().Draw(t, "chosen") {
				chosen[r.ID] = true
				want = append(want, r)
			}
		}
		selection := c.Selection(func(r *request.Request) bool { return chosen[r.ID] })
		got, err := c.Selected(selection)
		if err != nil || !slices.Equal(got, want) {
			t.Fatalf("%q selects %d requests, %v; want %d", selection, len(got), err, len(want))
		}
		// Whatever comes in instead is refused, or selects requests of this card by its
		// one and only spelling.
		forged := rapid.OneOf(rapid.StringMatching(`[-+_ 0-9a-fA-Fx]{0,60}`), rapid.String()).Draw(t, "forged")
		got, err = c.Selected(forged)
		if err == nil && c.Selection(func(r *request.Request) bool { return slices.Contains(got, r) }) != forged {
			t.Fatalf("%q was taken for a selection of %d requests", forged, len(got))
		}
	})
}

func TestForgedSelections(t *testing.T) {
	t.Parallel()
	c := cardOf(t, request.Pending, request.Pending, request.Pending)
	for _, forged := range []string{
		"", "8", "f", "10", "-1", "+7", "07", "0x7", " 7", "7 ", "g", "7_0", "٣", "ffffffffffffffff",
		strconv.Itoa(1 << 30), fmt.Sprintf("%0100d", 7),
	} {
		if got, err := c.Selected(forged); err == nil {
			t.Errorf("%q selects %d requests", forged, len(got))
		}
	}
	for spelled, want := range map[string]int{"0": 0, "1": 1, "7": 3} {
		if got, err := c.Selected(spelled); err != nil || len(got) != want {
			t.Errorf("%q selects %d requests, %v", spelled, len(got), err)
		}
	}
}

// TestCardRests: whatever cannot be done is given up in the end.
func TestCardRests(t *testing.T) {
	t.Parallel()
	for _, fails := range []request.Step{request.PostCard, request.PaintCard, request.Tell, request.Remind} {
		t.Run(string(fails), func(t *testing.T) {
			t.Parallel()
			c, now := cardOf(t, request.Pending, request.Denied), t0
			r := c.Requests[0]
			for n := 0; ; n++ {
				if n > 3000 {
					t.Fatalf("still busy at %v", now)
				}
				step, at := c.Next(now)
				if r.State == request.Pending && (step == request.Nothing || at.After(r.ExpiresAt)) {
					now = r.ExpiresAt
					perform(t, c, r, request.Expiry, now, false)
					continue
				}
				if step == request.Nothing {
					return
				}
				if at.After(now) {
					now = at
				}
				perform(t, c, nil, step, now, step == fails)
			}
		})
	}
}

// TestCardJSONNames fixes the stored names: cards outlive upgrades.
func TestCardJSONNames(t *testing.T) {
	t.Parallel()
	stored := `{"id":"c1","action":"reactivate","reason":"back","not_before":"2026-05-04T09:01:00Z","not_before_words":"at one past nine",
		"requester":{"id":"URITA","name":"Rita","email":"rita@acme.com"},"dry_run":true,
		"created_at":"2026-05-04T09:00:00Z","painted":3,"painted_at":"2026-05-04T09:02:00Z","paint_retry":{"failures":5},
		"told":true,"tell_retry":{"failures":6},
		"remind_every":3600000000000,"remind_at":"2026-05-04T09:03:00Z","remind_retry":{"failures":4},"seen":2}`
	want := request.Card{
		ID: "c1", Action: request.Reactivate, Reason: "back", NotBefore: t0.Add(time.Minute), NotBeforeWords: "at one past nine",
		Requester: rita, DryRun: true, CreatedAt: t0,
		Painted: 3, PaintedAt: t0.Add(2 * time.Minute), PaintRetry: request.Retry{Failures: 5},
		Told: true, TellRetry: request.Retry{Failures: 6},
		RemindEvery: time.Hour, RemindAt: t0.Add(3 * time.Minute), RemindRetry: request.Retry{Failures: 4}, Seen: 2,
	}
	var got request.Card
	if err := json.Unmarshal([]byte(stored), &got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got, cmpopts.IgnoreUnexported(request.Card{})); diff != "" {
		t.Errorf("read as something else:\n%s", diff)
	}
	// Nothing else is stored of it, of what has columns or rows of its own least.
	got.Place, got.Look, got.Requests = request.Place{Channel: "C1", TS: "1.1"}, 4, []*request.Request{newRequest()}
	written, err := json.Marshal(got)
	if err != nil {
		t.Fatal(err)
	}
	var was, is map[string]any
	for text, into := range map[string]*map[string]any{stored: &was, string(written): &is} {
		if err := json.Unmarshal([]byte(text), into); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(was, is); diff != "" {
		t.Errorf("written as something else:\n%s", diff)
	}
}

// Nobody is told that they can retry what they cannot retry any more.
func TestFailedIsNotToldTooLate(t *testing.T) {
	t.Parallel()
	c := cardOf(t, request.Failed, request.Failed)
	paint(c, t0)
	c.TellRequester(c.News())
	if step, _ := c.Next(t0); step != request.Remind {
		t.Errorf("while it can be retried it wants %q", step)
	}
	late := c.Requests[0].ExpiresAt
	if step, at := c.Next(late); step != request.Nothing || !c.AtRest(late) {
		t.Errorf("when it has expired it wants %q at %v", step, at)
	}
}
