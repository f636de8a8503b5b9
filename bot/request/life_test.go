package request_test

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"wfbot/bot/bottest/invariant"
	"wfbot/bot/request"
)

// life is the policy of the machine: a small crowd, so that people meet
// themselves often. Anna also asks, and has a second account that approves.
var life = request.Policy{
	Requesters: request.Members{Users: []string{"URITA", "UANNA"}},
	Approvers:  request.Members{Users: []string{"UANNA", "UANNA2", "UBERT", "URITA", "UJANE"}, Manager: true},
	Approvals:  1, AdminApprovals: 2, AllowAdmins: true,
}

// otto manages somebody at times.
var otto = request.Identity{ID: "UOTTO", Email: "otto@acme.com"}

// crowd are the people, those who are drawn most often first.
var crowd = []request.Person{
	{Identity: bert}, {Identity: bert}, {Identity: maria}, {Identity: anna}, {Identity: rita},
	{Identity: request.Identity{ID: "UANNA2", Email: "Anna@ACME.com"}}, {Identity: jane},
	{Identity: request.Identity{ID: "UGUEST", Email: "guest@acme.com"}, Guest: true},
	{Identity: otto},
}

// The machine lives so often and so long where it has to come across something.
const (
	lives    = 2000
	longLife = 120
)

// errCrash ends a step at once, with all that is only in memory.
var errCrash = errors.New("the program was killed")

// TestLife drives requests by random people, answers, times and crashes. After
// each step every invariant holds, and if from there on everything worked,
// everything would come to rest.
func TestLife(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		m := newMachine()
		actions := m.actions()
		actions[""] = func(t *rapid.T) {
			if err := m.check(); err != nil {
				t.Fatal(err)
			}
		}
		t.Repeat(actions)
	})
}

// TestLifeGoesEverywhere shows that the machine does not pass by standing still:
// it comes to every state and to every entry of the trail.
func TestLifeGoesEverywhere(t *testing.T) {
	t.Parallel()
	missing := map[string]bool{
		"requested": true, "found": true, "rejected": true, "look-up failed": true, "approve": true, "deny": true, "cancel": true,
		"retry": true, "expired": true, "execution started": true, "write attempted": true, "done": true, "dry run": true,
		"failed": true, "postponed": true, "card posted": true, "card lost": true, "paused": true, "reminded": true,
		"asked again": true, "asked again, then done": true, "verified still so": true, "verified changed": true, "verified superseded": true,
		"several: card posted": true, "several: card lost": true, "several: reminded": true,
		"a request and its card at once": true, "way back done": true, "manager changed": true, "approved by a new manager": true,
	}
	for _, s := range allStates {
		missing["state "+string(s)] = true
	}
	run := rapid.Custom(func(t *rapid.T) *machine {
		m := newMachine()
		actions := m.actions()
		names := slices.Sorted(maps.Keys(actions))
		for range longLife {
			actions[rapid.SampledFrom(names).Draw(t, "action")](t)
		}
		return m
	})
	for seed := range lives {
		m := run.Example(seed + 1)
		for _, e := range m.trail {
			delete(missing, e.Kind)
			delete(missing, e.Kind+" "+e.Detail["found"])
			if r := m.look(e.RequestID); r == nil { // a card's about several
				delete(missing, "several: "+e.Kind)
			} else if e.Kind == "done" && r.Action == request.Reactivate && r.Writes > 0 {
				delete(missing, "way back done")
			} else if e.Kind == "approve" && e.Actor == otto.ID {
				delete(missing, "approved by a new manager")
			} else if e.Kind == "done" && r.Void > 0 {
				delete(missing, "asked again, then done")
			}
		}
		if m.sideBySide {
			delete(missing, "a request and its card at once")
		}
		for _, id := range m.ids {
			delete(missing, "state "+string(m.look(id).State))
		}
		if len(missing) == 0 {
			return
		}
	}
	t.Errorf("never came to %q", slices.Sorted(maps.Keys(missing)))
}

// TestLifeFindsMistakes shows that the same machine with one mistake in it does
// not pass, and that the invariant which it breaks is named.
func TestLifeFindsMistakes(t *testing.T) {
	t.Parallel()
	tests := []struct {
		made mistake
		want invariant.Invariant
		rest bool // it shows when all has come to rest
	}{
		{made: ackBeforeCommit, want: invariant.InteractionStored},
		{made: writeUnclaimed, want: invariant.Attempted},
		{made: writeUnread, want: invariant.ReadFirst},
		{made: countSelf, want: invariant.Approvals},
		{made: believeAnswer, want: invariant.Proven},
		{made: postWithButtons, want: invariant.Buttons},
		{made: ignoreOpen, want: invariant.OneOpen},
		{made: tooEarly, want: invariant.NotEarly},
		{made: neverAskAgain, want: invariant.NotLate},
		{made: countVoid, want: invariant.Approvals},
		{made: approveUnseen, want: invariant.Decided},
		{made: leaveOutDone, want: invariant.CardShowsRow, rest: true},
		{made: forgetCard, want: invariant.Buttons},
		{made: verifyUnread, want: invariant.Verified},
		{made: driftUntold, want: invariant.Told, rest: true},
		{made: oldManager, want: invariant.ManagerNow},
	}
	for _, tt := range tests {
		t.Run(string(tt.made), func(t *testing.T) {
			t.Parallel()
			run := rapid.Custom(func(t *rapid.T) error {
				m := newMachine()
				m.mistake = tt.made
				actions := m.actions()
				names := slices.Sorted(maps.Keys(actions))
				for range longLife {
					actions[rapid.SampledFrom(names).Draw(t, "action")](t)
					if err := invariant.Check(m.world()); err != nil {
						return err
					}
				}
				if tt.rest {
					return m.check()
				}
				return nil
			})
			for seed := range lives {
				err := run.Example(seed + 1)
				var v *invariant.Violation
				if errors.As(err, &v) {
					if v.Invariant != tt.want {
						t.Errorf("seed %d: %v\nwant %q first", seed+1, err, tt.want)
					}
					return
				}
			}
			t.Errorf("not found in %d runs", lives)
		})
	}
}

// check demands all invariants now, and those of a settled world at the end of
// what would happen if everything worked.
func (m *machine) check() error {
	if err := invariant.Check(m.world()); err != nil {
		return err
	}
	if err := m.copy().settle(); err != nil {
		return fmt.Errorf("once everything works: %w", err)
	}
	return nil
}

// actions are what can happen, by name.
func (m *machine) actions() map[string]func(*rapid.T) {
	return map[string]func(*rapid.T){
		"ask":         m.ask,
		"click":       m.click,
		"click again": m.click,
		"work":        m.workAWhile,
		"work again":  m.workAWhile,
		"work until nothing is due": func(t *rapid.T) { // the program is faster than people
			for range 10 {
				m.workSomething(t)
			}
		},
		"wait": func(t *rapid.T) {
			m.now = m.now.Add(rapid.SampledFrom([]time.Duration{
				time.Second, time.Minute, time.Minute, time.Hour, time.Hour, 24 * time.Hour, 50 * time.Hour,
			}).Draw(t, "for"))
		},
		"a frozen process wakes": func(t *rapid.T) {
			if len(m.frozen) == 0 {
				return
			}
			w := m.frozen[0]
			if m.frozen = m.frozen[1:]; !m.now.After(w.until) {
				m.arrives(w.user, w.active, true)
			}
		},
		"somebody else changes a user": func(t *rapid.T) {
			if !m.chance(t, "a user") && !m.chance(t, "or is there") {
				return
			}
			u := m.users[rapid.SampledFrom([]string{"wf-jane", "wf-root"}).Draw(t, "user")]
			if rapid.Bool().Draw(t, "rename") {
				u.Name += "!"
			} else {
				u.Active = !u.Active
				m.calls = append(m.calls, invariant.Call{At: m.tick(), UserID: u.ID, Write: true, Active: u.Active, Effective: true, Other: true})
			}
			m.users[u.ID] = u
		},
		"somebody gets another manager": func(t *rapid.T) {
			user := rapid.SampledFrom([]string{"wf-jane", "wf-root"}).Draw(t, "user")
			m.managers[user] = rapid.SampledFrom([]request.Identity{maria, otto, {}}).Draw(t, "manager")
		},
		"somebody removes a message": func(t *rapid.T) {
			if m.posts == 0 || !m.chance(t, "a card") {
				return
			}
			ts := fmt.Sprint("ts-", rapid.IntRange(1, m.posts).Draw(t, "message"))
			p := m.messages[ts]
			p.deleted, p.buttons = true, nil
			m.messages[ts] = p
		},
		"nothing": func(*rapid.T) {}, // so that something can always happen
	}
}

// workAWhile does a few steps, with the clock moved on to what is due next.
func (m *machine) workAWhile(t *rapid.T) {
	patience := rapid.SampledFrom([]time.Duration{time.Hour, 30 * time.Hour}).Draw(t, "until")
	for range rapid.IntRange(1, 4).Draw(t, "steps") {
		if _, due := m.next(); due.After(m.now) && due.Sub(m.now) < patience {
			m.now = due
		}
		m.workSomething(t)
	}
}

// workSomething does one step of a row that is due and that nobody works on, if one
// is.
func (m *machine) workSomething(t *rapid.T) {
	var due []row
	for _, one := range m.rows() {
		if step, at := m.wants(one); step != request.Nothing && !at.After(m.now) && !m.claimed[one] {
			due = append(due, one)
		}
	}
	if len(due) == 0 {
		return
	}
	if err := m.work(t, rapid.SampledFrom(due).Draw(t, "due")); err != nil && !errors.Is(err, errCrash) {
		t.Fatal(err)
	}
}
