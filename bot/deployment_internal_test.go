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
				if tell := s.seen(what.strange, now); tell != what.tell {
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
