package main

import (
	"fmt"
	"os"
	"slices"
	"strings"
)

// A point is a moment in a story when the program can die.
type point struct {
	what  string // "slack chat.update", "workfront user/put", "envelope interactive", "commit audit+requests"
	nth   int    // of that name in the story, 1 the first
	phase string
}

// The phases of points.
const (
	before       = "before"       // nothing has happened: the call is lost, the commit not made
	unanswered   = "unanswered"   // the call has taken effect, and the program cannot know
	after        = "after"        // the call was answered, the commit made
	acknowledged = "acknowledged" // the envelope was
)

func (p point) String() string { return fmt.Sprintf("%s#%d %s", p.what, p.nth, p.phase) }

// ambush is a point that is told by how much happens before it. The zero value
// is none.
type ambush struct {
	in    int // so many points of the phase, the first of them 1
	phase string
}

// met counts a point, and reports whether it is the one.
func (a *ambush) met(p point) bool {
	if a.in == 0 || p.phase != a.phase {
		return false
	}
	a.in--
	return a.in == 0
}

// commitAhead is the commit where the next life of the program dies, as the child reads
// it; empty: none. A life counts only what it does itself.
func (w *crashWorld) commitAhead() string {
	p := w.die
	if w.database.proxy != nil || !strings.HasPrefix(p.what, "commit ") {
		return ""
	}
	for _, done := range w.committed() {
		if done.what == p.what {
			p.nth--
		}
	}
	if p.nth < 1 {
		return ""
	}
	return p.String()
}

// committed returns the commits that the program said it made on SQLite, or was
// about to make, as points.
func (w *crashWorld) committed() []point {
	w.t.Helper()
	text, err := os.ReadFile(w.commits.Name())
	if err != nil {
		w.t.Fatal(err)
	}
	var points []point
	count := map[string]int{}
	for line := range strings.Lines(string(text)) {
		if what := strings.TrimSpace(line); strings.HasPrefix(what, "commit ") {
			count[what]++
			points = append(points, point{what: what, nth: count[what]})
		}
	}
	return points
}

// points returns every point that comes after the first skip ones.
func (w *crashWorld) points(skipCommits, skipOutside int) []point {
	var all []point
	for _, p := range w.committed()[skipCommits:] {
		for _, p.phase = range []string{before, after} {
			all = append(all, p)
		}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, p := range w.seen[skipOutside:] {
		if p.phase == acknowledged {
			all = append(all, p)
			continue
		}
		for _, p.phase = range []string{before, unanswered, after} {
			all = append(all, p)
		}
	}
	return slices.Clip(all)
}
