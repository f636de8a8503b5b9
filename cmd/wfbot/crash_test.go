package main

import (
	"flag"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"wfbot/bot/bottest/machine"
	"wfbot/bot/loop"
	"wfbot/bot/request"
)

var (
	crashFull = flag.Bool("crash.full", false, "TestCrash: try every point, which takes some minutes for each database")
	crashSeed = flag.Uint64("crash.seed", 1, "TestCrash: which points are tried")
)

// crashSample is how many points are tried on each database unless -crash.full is
// given: usually so many for each story that is played, and so many of all stories with
// WFBOT_TEST_ALL. What happens on PostgreSQL is the same, except for the database itself.
var crashSample = map[string]struct{ perStory, all int }{onSQLite: {2, 240}, onPostgres: {1, 80}}

// crashTrial is a story where the program dies at one point.
type crashTrial struct {
	database string
	story    crashStory
	die      point
}

// TestCrash plays each story once and notes every call to Slack and Workfront,
// every acknowledgement and every commit. Then it plays the story again for each
// of them, and kills the program right there: before it has happened, when it has
// happened and the program cannot know, and when the program can. The program is
// started again on the same database, and the story must end as it did without.
//
// Unless -crash.full is given a sample of the points is tried, always the same one
// for the same stories and -crash.seed. Usually it is of a part of the stories, another
// on each database.
func TestCrash(t *testing.T) {
	t.Parallel()
	machine.Slow(t, realProgram)
	var trials []crashTrial
	for d, database := range crashDatabases() {
		var stories []crashStory
		for i, story := range crashStories {
			if *crashFull || machine.Pair(d, i) {
				stories = append(stories, story)
			}
		}
		all := pointsOf(t, database, stories)
		n := crashSample[database].perStory * len(stories)
		switch {
		case *crashFull:
			n = len(all)
		case machine.All():
			n = crashSample[database].all
		}
		n = min(n, len(all))
		rand.New(rand.NewPCG(*crashSeed, 0)).Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
		trials = append(trials, all[:n]...)
		t.Logf("%s: %d points of %d are tried", database, n, len(all))
	}
	if t.Failed() {
		return
	}
	tryAll(t, trials)
}

// pointsOf plays the stories without a crash, and returns their points in the order
// of the stories.
func pointsOf(t *testing.T, database string, stories []crashStory) []crashTrial {
	points := make([][]crashTrial, len(stories))
	slots := make(chan struct{}, atOnce)
	var group sync.WaitGroup
	for i, story := range stories {
		slots <- struct{}{}
		group.Go(func() {
			defer func() { <-slots }()
			t.Run(database+"/"+story.name, func(t *testing.T) {
				for _, p := range story.play(t, database, point{}).pointsOfRest() {
					points[i] = append(points[i], crashTrial{database, story, p})
				}
			})
		})
	}
	group.Wait()
	return slices.Concat(points...)
}

// atOnce is how many programs run at the same time. Mostly they wait: for the
// disk, and for people who wait for Slack.
const atOnce = 8

func tryAll(t *testing.T, trials []crashTrial) {
	var (
		mu            sync.Mutex
		tried, missed int
		resumed       []time.Duration
		group         sync.WaitGroup
	)
	slots := make(chan struct{}, atOnce)
	for _, trial := range trials {
		slots <- struct{}{}
		group.Go(func() {
			defer func() { <-slots }()
			t.Run(trial.database+"/"+trial.story.name+"/"+strings.ReplaceAll(trial.die.String(), "/", " "), func(t *testing.T) {
				w := trial.story.play(t, trial.database, trial.die)
				_, deaths := w.program.now()
				mu.Lock()
				defer mu.Unlock()
				tried++
				if deaths != 1 {
					missed++
					t.Logf("the program died %d times", deaths)
				}
				if w.resumed > 0 {
					resumed = append(resumed, w.resumed)
				}
			})
		})
	}
	group.Wait()
	// The order of what happens at the same time may differ between plays, so a
	// point may not be met; but the test is about those that are.
	if tried == 0 || missed > tried/5 {
		t.Errorf("%d of %d points were not met", missed, tried)
	}
	// The program promises to go on within a second. Here many of them start at
	// once, on whatever machine, so the bound only finds one that waits for a lease.
	slices.Sort(resumed)
	if n := len(resumed); n > 0 {
		t.Logf("%d points, %d not met; work went on after %v in the median, %v in nine of ten, %v at most",
			tried, missed, resumed[n/2], resumed[n*9/10], resumed[n-1])
		if resumed[n-1] > loop.LeaseFor*3/4 {
			t.Errorf("work went on only after %v", resumed[n-1])
		}
	}
}

// play lets the story happen, with the program dying at the point, and looks
// whether it ended as it must.
func (s crashStory) play(t *testing.T, database string, die point) *crashPlay {
	t.Helper()
	w := newCrashWorld(t, database, die, s.vars)
	w.stopWindow = s.stopWindow
	if s.before != nil {
		s.before(w)
	}
	w.run()
	play := &crashPlay{crashWorld: w}
	if s.opening != nil {
		s.opening(w)
		w.database.settle()
		w.mu.Lock()
		play.outside = len(w.seen)
		w.mu.Unlock()
		play.commits = len(w.committed())
	}
	s.rest(w)
	w.database.settle()
	w.awaitDeath()
	w.program.end()
	s.compare(t, w)
	return play
}

// compare looks at how it ended. Besides the requests there may be those that a
// person made by typing the command again after Slack had shown an error; they
// were refused.
func (s crashStory) compare(t *testing.T, w *crashWorld) {
	t.Helper()
	got, want := standings{}, maps.Clone(s.ends)
	for _, r := range w.check() {
		got[r.State]++
	}
	switch {
	case want != nil:
	case s.end == "":
		want = standings{}
	default:
		want = standings{s.end: 1}
	}
	if w.die != (point{}) && len(want) > 0 {
		want[request.Rejected] = max(want[request.Rejected], got[request.Rejected])
	}
	maps.DeleteFunc(want, func(_ request.State, n int) bool { return n == 0 })
	if !maps.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	if n := len(w.workfront.Changes()); n != s.changes {
		t.Errorf("Workfront was changed %d times, want %d", n, s.changes)
	}
	if jane, _ := w.workfront.User(w.jane.ID); jane.Active != (s.changes == 0 || s.back) {
		t.Errorf("jane is active: %t", jane.Active)
	}
}

// crashPlay is a play that has ended.
type crashPlay struct {
	*crashWorld
	commits, outside int // how many points of each belong to the opening
}

func (p *crashPlay) pointsOfRest() []point { return p.points(p.commits, p.outside) }
