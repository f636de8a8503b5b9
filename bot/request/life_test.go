package request_test

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"wfbot/bot/invariant"
	"wfbot/bot/request"
)

// life is the policy of the machine: a small crowd, so that people meet
// themselves often. Anna also asks, and has a second account that approves.
var life = request.Policy{
	Requesters: request.Members{Users: []string{"URITA", "UANNA"}},
	Approvers:  request.Members{Users: []string{"UANNA", "UANNA2", "UBERT", "URITA", "UJANE"}, Manager: true},
	Approvals:  1, AdminApprovals: 2, AllowAdmins: true,
}

var crowd = []request.Person{
	{Identity: rita}, {Identity: anna}, {Identity: bert}, {Identity: bert}, {Identity: maria}, {Identity: jane},
	{Identity: request.Identity{ID: "UANNA2", Email: "Anna@ACME.com"}},
	{Identity: request.Identity{ID: "UGUEST", Email: "guest@acme.com"}, Guest: true},
	{Identity: request.Identity{ID: "UOTTO", Email: "otto@acme.com"}},
}

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
		"failed": true, "postponed": true, "card posted": true, "card lost": true,
	}
	for _, s := range allStates {
		missing["state "+string(s)] = true
	}
	run := rapid.Custom(func(t *rapid.T) *machine {
		m := newMachine()
		actions := m.actions()
		names := slices.Sorted(maps.Keys(actions))
		for range 60 {
			actions[rapid.SampledFrom(names).Draw(t, "action")](t)
		}
		return m
	})
	for seed := range 500 {
		m := run.Example(seed + 1)
		for _, e := range m.trail {
			delete(missing, e.Kind)
		}
		for _, id := range m.ids {
			delete(missing, "state "+string(m.load(id).State))
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
	}{
		{ackBeforeCommit, invariant.WishStored},
		{writeUnclaimed, invariant.Attempted},
		{writeUnread, invariant.ReadFirst},
		{countSelf, invariant.Approvals},
		{believeAnswer, invariant.Proven},
		{postWithButtons, invariant.Buttons},
		{ignoreOpen, invariant.OneOpen},
	}
	for _, tt := range tests {
		t.Run(string(tt.made), func(t *testing.T) {
			t.Parallel()
			run := rapid.Custom(func(t *rapid.T) error {
				m := newMachine()
				m.mistake = tt.made
				actions := m.actions()
				names := slices.Sorted(maps.Keys(actions))
				for range 60 {
					actions[rapid.SampledFrom(names).Draw(t, "action")](t)
					if err := invariant.Check(m.world()); err != nil {
						return err
					}
				}
				return nil
			})
			for seed := range 500 {
				err := run.Example(seed + 1)
				var v *invariant.Violation
				if errors.As(err, &v) {
					if v.Invariant != tt.want {
						t.Errorf("seed %d: %v\nwant %q first", seed+1, err, tt.want)
					}
					return
				}
			}
			t.Error("not found in 500 runs")
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
		"ask":   m.ask,
		"click": m.click,
		"work":  m.workAWhile,
		"work until nothing is due": func(t *rapid.T) { // the program is faster than people
			for range 10 {
				m.workSomething(t)
			}
		},
		"wait": func(t *rapid.T) {
			m.now = m.now.Add(rapid.SampledFrom([]time.Duration{
				time.Second, time.Minute, time.Minute, time.Hour, 24 * time.Hour,
			}).Draw(t, "for"))
		},
		"somebody else changes a user": func(t *rapid.T) {
			u := m.users[rapid.SampledFrom([]string{"wf-jane", "wf-root"}).Draw(t, "user")]
			if rapid.Bool().Draw(t, "rename") {
				u.Name += "!"
			} else {
				u.Active = !u.Active
				m.calls = append(m.calls, invariant.Call{At: m.tick(), UserID: u.ID, Write: true, Active: u.Active, Effective: true, Other: true})
			}
			m.users[u.ID] = u
		},
		"somebody removes a message": func(t *rapid.T) {
			if m.posts == 0 {
				return
			}
			ts := fmt.Sprint("ts-", rapid.IntRange(1, m.posts).Draw(t, "message"))
			p := m.cards[ts]
			p.deleted, p.buttons = true, nil
			m.cards[ts] = p
		},
		"nothing": func(*rapid.T) {}, // so that something can always happen
	}
}

func (m *machine) ask(t *rapid.T) {
	who := rapid.SampledFrom(crowd).Draw(t, "who")
	email := rapid.SampledFrom([]string{"jane@acme.com", "root@acme.com", "nobody@acme.com"}).Draw(t, "about")
	wish := invariant.Wish{ID: fmt.Sprint("w", len(m.wishes)+1), Acknowledged: true, Stored: true, Ended: true, Answered: true}
	if m.mistake == ackBeforeCommit && m.chance(t, "killed after the acknowledgement") {
		wish.Stored, wish.Ended, wish.Answered = false, false, false
	}
	m.wishes = append(m.wishes, wish)
	if life.MayRequest(who) != request.Allowed || !wish.Stored || len(m.ids) == 3 {
		return
	}
	r := request.New(request.Request{
		ID: fmt.Sprint("r", len(m.ids)+1), Action: request.Deactivate, Email: email, Requester: who.Identity, Channel: "C1",
		DryRun: m.chance(t, "dry run"),
	}, m.tick(), ttl)
	m.save(r)
	m.ids = append(m.ids, r.ID)
}

func (m *machine) click(t *rapid.T) {
	if len(m.ids) == 0 {
		return
	}
	r := m.load(rapid.SampledFrom(m.ids).Draw(t, "request"))
	who := rapid.SampledFrom(crowd).Draw(t, "who")
	kind := rapid.SampledFrom([]request.DecisionKind{
		request.Approve, request.Approve, request.Approve, request.RunAgain, request.RunAgain, // mostly
		request.Deny, request.Cancel,
	}).Draw(t, "kind")
	m.wishes = append(m.wishes, invariant.Wish{ID: fmt.Sprint("w", len(m.wishes)+1), Acknowledged: true, Stored: true, Ended: true, Answered: true})
	no := life.MayDecide(kind, who, r)
	if m.mistake == countSelf && kind == request.Approve && no == request.RefusedOwnRequest && r.State == request.Pending {
		if err := r.Approve(who.Identity, 0, m.tick()); err == nil {
			r.State, r.DueAt = request.Approved, m.now
			m.save(r)
		}
		return
	}
	if no != request.Allowed {
		return
	}
	now := m.tick()
	var err error
	switch kind {
	case request.Approve:
		err = r.Approve(who.Identity, time.Minute, now)
	case request.Deny:
		err = r.Deny(who.Identity, "", now)
	case request.Cancel:
		err = r.Cancel(who.Identity, "", now)
	case request.RunAgain:
		if r.State == request.Failed && m.openFor(r.Target.ID) != "" {
			return
		}
		err = r.Retry(who.Identity, now)
	}
	var refusal request.Refusal
	switch {
	case err == nil:
		m.save(r)
	case !errors.As(err, &refusal):
		t.Fatalf("a click was answered with a mistake of the program: %v", err)
	}
}

// workAWhile does a few steps, with the clock moved on to what is due next.
func (m *machine) workAWhile(t *rapid.T) {
	for range rapid.IntRange(1, 4).Draw(t, "steps") {
		if _, due := m.next(); due.After(m.now) && due.Sub(m.now) < time.Hour {
			m.now = due
		}
		m.workSomething(t)
	}
}

// workSomething does one step of a request that is due, if one is.
func (m *machine) workSomething(t *rapid.T) {
	var due []string
	for _, id := range m.ids {
		if step, at := m.load(id).Next(m.now); step != request.Nothing && !at.After(m.now) {
			due = append(due, id)
		}
	}
	if len(due) == 0 {
		return
	}
	if err := m.work(t, rapid.SampledFrom(due).Draw(t, "due")); err != nil && !errors.Is(err, errCrash) {
		t.Fatal(err)
	}
}
