package main

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"wfbot/bot/request"
	"wfbot/bot/slacksim"
	"wfbot/workfront/workfrontsim"
)

// crashStory is what people do while the program dies once, and how it ends.
type crashStory struct {
	name   string
	before func(*crashWorld) // nil: nothing
	// opening is a part that other stories have as well; its points are tried
	// there. Nil: there is none.
	opening func(*crashWorld)
	rest    func(*crashWorld)
	end     request.State // of the one request that is not a repetition; empty: there is none
	changes int           // of jane
}

// crashStories go through the life cycle. A request that expires is missing: the
// shortest time for it is a minute.
var crashStories = []crashStory{
	{
		name: "approved", end: request.Done, changes: 1,
		rest: func(w *crashWorld) { w.asks(); w.presses(w.ada, "Approve"); w.hears("deactivated in Workfront") },
	},
	{
		name: "denied", end: request.Denied, opening: (*crashWorld).asks,
		rest: func(w *crashWorld) { w.declines(w.ada, "Deny", "She stays."); w.hears("denied") },
	},
	{
		name: "cancelled", end: request.Cancelled, opening: (*crashWorld).asks,
		rest: func(w *crashWorld) { w.declines(w.rita, "Cancel", "She stays."); w.hears("cancelled") },
	},
	{
		name: "not found", end: request.Rejected,
		rest: func(w *crashWorld) {
			w.types(w.rita, "/wf-deactivate nobody@acme.com left the company")
			w.learns(w.rita, "nobody@acme.com")
		},
	},
	{
		name: "not allowed",
		rest: func(w *crashWorld) {
			w.types(w.eve, "/wf-deactivate jane@acme.com left the company")
			w.learns(w.eve, "not")
		},
	},
	{
		name: "failed and retried", end: request.Done, changes: 1, opening: (*crashWorld).asks,
		before: func(w *crashWorld) { // a success that changes nothing
			w.workfront.Inject(workfrontsim.Fault{Operation: "user/put", Times: 1})
		},
		rest: func(w *crashWorld) {
			w.presses(w.ada, "Approve")
			// A program that dies before it knows of the failure reads the user, who is
			// active, and writes again: then there is nothing to retry.
			w.await("it has failed or is done", func() bool { return w.heard("deactivated in Workfront") || w.heard("failed") })
			if !w.heard("deactivated in Workfront") {
				w.presses(w.ada, "Retry")
			}
			w.hears("deactivated in Workfront")
		},
	},
	{
		name: "answer lost", end: request.Done, changes: 1, opening: (*crashWorld).asks,
		before: func(w *crashWorld) {
			w.workfront.Inject(workfrontsim.Fault{
				Operation: "user/put", Times: 1, Apply: true, Answer: workfrontsim.Answer{Kind: workfrontsim.Reset},
			})
		},
		rest: func(w *crashWorld) { w.presses(w.ada, "Approve"); w.hears("deactivated in Workfront") },
	},
}

// TestCrash plays each story once and notes every call to Slack and Workfront,
// every acknowledgement and every commit. Then it plays the story again for each
// of them, and kills the program right there: before it has happened, when it has
// happened and the program cannot know, and when the program can. The program is
// started again on the same file, and the story must end as it did without.
func TestCrash(t *testing.T) {
	t.Parallel()
	type trial struct {
		story crashStory
		die   point
	}
	var trials []trial
	for _, story := range crashStories {
		t.Run(story.name, func(t *testing.T) {
			for _, p := range story.play(t, point{}).pointsOfRest() {
				trials = append(trials, trial{story, p})
			}
		})
	}
	if t.Failed() {
		return
	}
	var (
		mu            sync.Mutex
		tried, missed int
		resumed       []time.Duration
		group         sync.WaitGroup
	)
	slots := make(chan struct{}, atOnce)
	for i, trial := range trials {
		if testing.Short() && i%5 != 0 {
			continue
		}
		slots <- struct{}{}
		group.Go(func() {
			defer func() { <-slots }()
			t.Run(trial.story.name+"/"+strings.ReplaceAll(trial.die.String(), "/", " "), func(t *testing.T) {
				w := trial.story.play(t, trial.die)
				mu.Lock()
				defer mu.Unlock()
				tried++
				if w.deaths != 1 {
					missed++
					t.Logf("the program died %d times", w.deaths)
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
	// once, so the bound only finds one that waits for a lease.
	slices.Sort(resumed)
	if n := len(resumed); n > 0 {
		t.Logf("%d points, %d not met; work went on after %v in the median, %v in nine of ten, %v at most",
			tried, missed, resumed[n/2], resumed[n*9/10], resumed[n-1])
		if resumed[n-1] > 10*time.Second {
			t.Errorf("work went on only after %v", resumed[n-1])
		}
	}
}

// atOnce is how many programs run at the same time. Mostly they wait: for the
// disk, and for people who wait for Slack.
const atOnce = 8

// play lets the story happen, with the program dying at the point, and looks
// whether it ended as it must.
func (s crashStory) play(t *testing.T, die point) *crashPlay {
	t.Helper()
	w := newCrashWorld(t, die, nil)
	if s.before != nil {
		s.before(w)
	}
	w.run()
	play := &crashPlay{crashWorld: w}
	if s.opening != nil {
		s.opening(w)
		w.settle()
		w.mu.Lock()
		play.outside = len(w.seen)
		w.mu.Unlock()
		play.commits = len(w.committed())
	}
	s.rest(w)
	w.settle()
	w.awaitDeath()
	w.end()
	s.compare(t, w)
	return play
}

// compare looks at how it ended. Besides the request there may be those that a
// person made by typing the command again after Slack had shown an error; they
// were refused.
func (s crashStory) compare(t *testing.T, w *crashWorld) {
	t.Helper()
	requests := w.check()
	states := map[request.State]int{}
	for _, r := range requests {
		states[r.State]++
	}
	switch {
	case s.end == "" && len(requests) > 0:
		t.Errorf("%v, want no request", states)
	case s.end != "" && s.end != request.Rejected && (states[s.end] != 1 || len(requests)-1 != states[request.Rejected]):
		t.Errorf("%v, want one %s", states, s.end)
	case s.end == request.Rejected && (states[s.end] == 0 || states[s.end] != len(requests)):
		t.Errorf("%v, want %s", states, s.end)
	}
	if w.die == (point{}) && s.end != "" && len(requests) != 1 {
		t.Errorf("%d requests without a crash", len(requests))
	}
	if n := len(w.workfront.Changes()); n != s.changes {
		t.Errorf("jane was changed %d times, want %d", n, s.changes)
	}
	if jane, _ := w.workfront.User(w.jane.ID); jane.Active != (s.changes == 0) {
		t.Errorf("jane is active: %t", jane.Active)
	}
}

// crashPlay is a play that has ended.
type crashPlay struct {
	*crashWorld
	commits, outside int // how many points of each belong to the opening
}

func (p *crashPlay) pointsOfRest() []point { return p.points(p.commits, p.outside) }

// connected waits until the program takes in what people do.
func (w *crashWorld) connected() {
	w.t.Helper()
	w.await("the program is connected", w.isConnected)
	w.acted()
}

// isConnected reports whether the process that runs now has a connection.
func (w *crashWorld) isConnected() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.ContainsFunc(w.slack.Connections(), func(c slacksim.Connection) bool { return c.OpenedAt.After(w.started) })
}

// types has a person type a command, again if Slack shows them an error.
func (w *crashWorld) types(user, command string) {
	w.t.Helper()
	for {
		w.connected()
		reply, err := w.slack.Command(user, w.channel, command)
		if err != nil {
			w.t.Fatal(err)
		}
		if reply.Failure == "" {
			return
		}
	}
}

// asks has rita ask for jane.
func (w *crashWorld) asks() {
	w.t.Helper()
	w.types(w.rita, "/wf-deactivate jane@acme.com left the company")
	w.await("there is a card", func() bool { _, _, ok := w.button("Approve"); return ok })
}

// button finds the live button of that text on any message in the channel.
func (w *crashWorld) button(text string) (ts string, b slacksim.Button, ok bool) {
	for _, m := range w.slack.Messages(w.channel) {
		if b, ok := m.Button(text); ok && !m.Deleted {
			if b.Confirm != nil {
				b.Answer = b.Confirm.Confirm
			}
			return m.TS, b, true
		}
	}
	return "", slacksim.Button{}, false
}

// presses has a person press a button, again if Slack shows them an error and the
// button is still there. What was acknowledged is never repeated.
func (w *crashWorld) presses(user, text string) {
	w.t.Helper()
	w.await("there is a button "+text, func() bool { _, _, ok := w.button(text); return ok })
	for {
		w.connected()
		ts, b, ok := w.button(text)
		if !ok {
			return // the press of before was carried out
		}
		reply, err := w.slack.Click(user, w.channel, ts, b)
		if err == nil && reply.Failure == "" {
			return
		}
	}
}

// declines has a person press Deny or Cancel until the form opens, and submit it.
func (w *crashWorld) declines(user, button, comment string) {
	w.t.Helper()
	for len(w.slack.OpenViews(user)) == 0 {
		said := len(w.slack.Ephemerals(user)) + len(w.slack.DirectMessages(user))
		w.presses(user, button)
		// An old process may have taken the press and the right to open the form with
		// it. Then the new one says so.
		w.await("a form opens, or an answer says why not", func() bool {
			return len(w.slack.OpenViews(user)) > 0 || len(w.slack.Ephemerals(user))+len(w.slack.DirectMessages(user)) > said
		})
	}
	for {
		w.connected()
		open := w.slack.OpenViews(user)
		if len(open) == 0 {
			return
		}
		result, err := w.slack.Submit(user, open[0].ID, map[string]any{"comment": comment})
		if err != nil {
			w.t.Fatal(err)
		}
		if result.Failure == "" && len(result.Errors) == 0 {
			return
		}
	}
}

// heard reports whether rita got a direct message of the bot with that text.
func (w *crashWorld) heard(text string) bool {
	return slices.ContainsFunc(w.slack.DirectMessages(w.rita), func(m slacksim.Message) bool { return m.Contains(text) })
}

func (w *crashWorld) hears(text string) {
	w.t.Helper()
	w.await(fmt.Sprintf("rita is told %q", text), func() bool { return w.heard(text) })
}

// learns waits until a person is privately told something by the bot.
func (w *crashWorld) learns(user, text string) {
	w.t.Helper()
	w.await(fmt.Sprintf("they are told %q", text), func() bool {
		return slices.ContainsFunc(slices.Concat(w.slack.Ephemerals(user), w.slack.DirectMessages(user)),
			func(m slacksim.Message) bool { return m.BotID != "" && m.Contains(text) })
	})
}
