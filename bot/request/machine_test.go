package request_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	"pgregory.net/rapid"

	"wfbot/bot/invariant"
	"wfbot/bot/request"
)

// machine is a bot in miniature with the world around it: a disk that stores
// requests as the database does, a Workfront, a Slack, and a clock. Whatever is
// in the memory of a step is gone when it crashes; the disk and the world stay.
type machine struct {
	now     time.Time
	disk    map[string]row
	ids     []string // in the order of asking
	trail   []invariant.Entry
	calls   []invariant.Call
	wishes  []invariant.Wish
	told    map[string]bool
	users   map[string]request.Target // Workfront's, by id
	cards   map[string]picture        // by ts
	posts   int
	calm    bool // nothing fails or crashes any more
	mistake mistake
}

// row is a stored request.
type row struct {
	version   int64
	body      string
	decisions []request.Decision
}

// picture is what a message shows.
type picture struct {
	id      string
	look    int64
	buttons []request.DecisionKind
	deleted bool
}

// mistake is one that a program could make, to show that it would be found.
type mistake string

const (
	ackBeforeCommit mistake = "acknowledge before the commit"
	writeUnclaimed  mistake = "write before the claim"
	writeUnread     mistake = "write again without reading first"
	countSelf       mistake = "count a self-approval"
	believeAnswer   mistake = "believe the answer without reading back"
	postWithButtons mistake = "post the card with its buttons"
	ignoreOpen      mistake = "open a second request for the same user"
)

func newMachine() *machine {
	users := make(map[string]request.Target)
	for _, u := range []request.Target{
		{ID: "wf-jane", Email: "jane@acme.com", Name: "Jane Doe", Active: true},
		{ID: "wf-root", Email: "root@acme.com", Name: "Root", Active: true, Admin: true}, // two must approve
	} {
		users[u.ID] = u
	}
	return &machine{
		now: t0, disk: make(map[string]row), told: make(map[string]bool), users: users, cards: make(map[string]picture),
	}
}

// tick passes a moment, so that no two things happen at the same time.
func (m *machine) tick() time.Time {
	m.now = m.now.Add(time.Millisecond)
	return m.now
}

// copy returns a machine that can go on without this one.
func (m *machine) copy() *machine {
	c := *m
	c.disk, c.told, c.users, c.cards = maps.Clone(m.disk), maps.Clone(m.told), maps.Clone(m.users), maps.Clone(m.cards)
	c.ids, c.trail, c.calls, c.wishes = slices.Clone(m.ids), slices.Clone(m.trail), slices.Clone(m.calls), slices.Clone(m.wishes)
	return &c
}

// load reads a request from the disk.
func (m *machine) load(id string) *request.Request {
	var r request.Request
	if err := json.Unmarshal([]byte(m.disk[id].body), &r); err != nil {
		panic(err)
	}
	r.Decisions = slices.Clone(m.disk[id].decisions)
	return &r
}

// save commits a request with its events, in one go, if nobody else did since.
func (m *machine) save(r *request.Request) {
	if r.Version != m.disk[r.ID].version {
		panic(fmt.Sprintf("request %s was changed meanwhile", r.ID))
	}
	r.Version++
	body, err := json.Marshal(r)
	if err != nil {
		panic(err)
	}
	m.disk[r.ID] = row{version: r.Version, body: string(body), decisions: slices.Clone(r.Decisions)}
	for _, e := range r.TakeEvents() {
		m.trail = append(m.trail, invariant.Entry{RequestID: r.ID, Kind: e.Kind, Actor: e.Actor, At: e.At, Detail: e.Detail})
	}
}

// openFor returns the open request for a Workfront user, or "".
func (m *machine) openFor(userID string) string {
	for _, id := range m.ids {
		if r := m.load(id); r.State.Open() && r.Target.ID == userID {
			return id
		}
	}
	return ""
}

// chance draws whether something goes wrong. When all is calm nothing does.
func (m *machine) chance(t *rapid.T, what string) bool {
	return !m.calm && rapid.IntRange(0, 5).Draw(t, what) == 0
}

// get reads a user in Workfront, if it answers.
func (m *machine) get(t *rapid.T, id string) (request.Target, bool) {
	at := m.tick()
	if m.chance(t, "Workfront does not answer the read") {
		return request.Target{}, false
	}
	m.calls = append(m.calls, invariant.Call{At: at, UserID: id, Active: m.users[id].Active})
	return m.users[id], true
}

// answer is what became of a write.
type answer struct {
	applied, lost, refused bool
	status                 string
}

var answers = []answer{
	{applied: true, status: "200, inactive"},
	{applied: true, lost: true, status: "applied, and the answer lost"},
	{lost: true, status: "lost on the way"},
	{refused: true, status: "403"},
	{status: "200, but nothing changed"},
}

// put writes isActive=false.
func (m *machine) put(t *rapid.T, id string) answer {
	a := answers[0]
	if !m.calm {
		a = rapid.SampledFrom(answers).Draw(t, "answer")
	}
	call := invariant.Call{At: m.tick(), UserID: id, Write: true}
	if u := m.users[id]; a.applied {
		call.Effective = u.Active
		u.Active = false
		m.users[id] = u
	}
	m.calls = append(m.calls, call)
	return a
}

// post posts a card without buttons.
func (m *machine) post(r *request.Request) (ts string) {
	m.posts++
	ts = fmt.Sprint("ts-", m.posts)
	p := picture{id: r.ID}
	if m.mistake == postWithButtons {
		p.buttons = buttonsOf(r)
	}
	m.cards[ts] = p
	return ts
}

// update repaints a message, unless a person removed it.
func (m *machine) update(r *request.Request) (ok bool) {
	p := m.cards[r.Card.TS]
	if p.deleted {
		return false
	}
	m.cards[r.Card.TS] = picture{id: r.ID, look: r.Look, buttons: buttonsOf(r)}
	return true
}

// buttonsOf is what the card offers.
func buttonsOf(r *request.Request) []request.DecisionKind {
	switch r.State {
	case request.Pending:
		return []request.DecisionKind{request.Approve, request.Deny, request.Cancel}
	case request.Approved, request.Executing:
		return []request.DecisionKind{request.Cancel, request.RunAgain}
	case request.Failed:
		return []request.DecisionKind{request.RunAgain}
	}
	return nil
}

// world is what can be seen from outside.
func (m *machine) world() invariant.World {
	w := invariant.World{
		Trail: m.trail, Calls: m.calls, Wishes: m.wishes, Told: m.told,
		Inactive: make(map[string]bool), Needed: life.Needed,
		Approver: func(id string, r *request.Request) bool {
			return slices.Contains(life.Approvers.Users, id) || id == r.Manager.ID
		},
	}
	for _, id := range m.ids {
		w.Requests = append(w.Requests, m.load(id))
	}
	for id, u := range m.users {
		w.Inactive[id] = !u.Active
	}
	for _, ts := range slices.Sorted(maps.Keys(m.cards)) {
		p := m.cards[ts]
		message := invariant.Message{Channel: "C1", TS: ts, Deleted: p.deleted, Current: p.look == m.load(p.id).Look}
		for _, kind := range p.buttons {
			message.Buttons = append(message.Buttons, invariant.Button{Kind: kind, RequestID: p.id})
		}
		w.Messages = append(w.Messages, message)
	}
	return w
}

// next returns the request that wants something first, and when; "" if none does.
func (m *machine) next() (id string, due time.Time) {
	for _, one := range m.ids {
		if step, at := m.load(one).Next(m.now); step != request.Nothing && (id == "" || at.Before(due)) {
			id, due = one, at
		}
	}
	return id, due
}

// settle lets time pass while everything works, until nothing is left to do.
func (m *machine) settle() error {
	m.calm = true
	for range 300 {
		next, due := m.next()
		if next == "" {
			w := m.world()
			w.Settled = true
			return invariant.Check(w)
		}
		if due.After(m.now) {
			m.now = due
		}
		if err := m.work(nil, next); err != nil {
			return err
		}
	}
	return fmt.Errorf("still busy after 300 steps")
}
