package bot

import (
	"testing"
	"time"
)

// What Slack said when, and whether the operator is told.
func TestUnaccountedConnections(t *testing.T) {
	t.Parallel()
	type said struct {
		after   time.Duration // the one before
		strange bool
		tell    bool
	}
	for name, story := range map[string][]said{
		"never":                               {{0, false, false}, {time.Hour, false, false}},
		"once":                                {{0, true, false}, {time.Hour, false, false}, {time.Hour, true, false}},
		"a restart: both connections at once": {{0, true, false}, {3 * time.Second, true, false}, {time.Minute, false, false}},
		"for a minute":                        {{0, true, false}, {3 * time.Second, true, false}, {57 * time.Second, true, true}},
		"for hours, with a long silence":      {{0, true, false}, {5 * time.Hour, true, true}, {time.Hour, true, true}},
		"again after it was over":             {{0, true, false}, {time.Minute, true, true}, {time.Second, false, false}, {time.Hour, true, false}},
		"the clock is set back":               {{0, true, false}, {-time.Hour, true, false}, {30 * time.Second, true, false}, {30 * time.Second, true, true}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var s unaccounted
			now := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
			for i, what := range story {
				now = now.Add(what.after)
				if tell := s.seen(what.strange, false, now); tell != what.tell {
					t.Errorf("%d. count: tell is %v, want %v", i+1, tell, what.tell)
				}
				if s.ask(now) {
					t.Errorf("%d. count: asked again at once", i+1)
				}
				wait := unaccountedFor
				if what.tell {
					wait = alarmEvery
				}
				later := s
				if asks := later.ask(now.Add(wait)); asks != what.strange && i == 0 {
					t.Errorf("%d. count: asked again after %v is %v", i+1, wait, asks)
				}
				if what.tell && later.ask(now.Add(wait)) {
					t.Errorf("%d. count: asked twice", i+1)
				}
			}
		})
	}
}

// A count that the processes on the database account for says little while some of
// them may have ended: Slack is asked once more when those do not count any more.
func TestCountsSoonAfterAStart(t *testing.T) {
	t.Parallel()
	start := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	for name, test := range map[string]struct {
		after  time.Duration
		others bool
		asks   bool
	}{
		"nobody else":          {time.Second, false, false},
		"others":               {time.Second, true, true},
		"others, when settled": {agedFor, true, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := unaccounted{agedAt: start.Add(agedFor)}
			s.seen(true, test.others, start)
			for range 2 { // each connection of this process is greeted
				if s.seen(false, test.others, start.Add(test.after)) {
					t.Error("told of nothing")
				}
			}
			if s.ask(start.Add(agedFor - time.Second)) {
				t.Error("asked too early")
			}
			if asks := s.ask(start.Add(agedFor)); asks != test.asks {
				t.Errorf("asked is %v, want %v", asks, test.asks)
			}
			s.seen(false, test.others, start.Add(agedFor+time.Second))
			if s.ask(start.Add(24 * time.Hour)) {
				t.Error("asked again")
			}
		})
	}
}
