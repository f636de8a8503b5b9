package request_test

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"pgregory.net/rapid"

	"wfbot/bot/bottest/invariant"
	"wfbot/bot/request"
)

// machine is a bot in miniature with the world around it: a disk that stores
// requests and cards as the database does, a Workfront, a Slack, and a clock. Each
// row is worked on by one step at a time, a request and its card side by side.
// Whatever is in the memory of a step is gone when it crashes; the disk and the
// world stay.
type machine struct {
	now          time.Time
	requests     map[string]stored
	cards        map[string]storedCard
	ids, cardIDs []string // in the order of asking
	claimed      map[row]bool
	sideBySide   bool // a request and its card were once worked on at the same time
	trail        []invariant.Entry
	calls        []invariant.Call
	interactions []invariant.Interaction
	deeds        []invariant.Deed
	told         map[string]string           // outcome by card
	users        map[string]request.Target   // Workfront's, by id
	managers     map[string]request.Identity // of users, by id
	messages     map[string]picture          // by ts
	presses      []press                     // all that people ever saw on cards about several
	posts        int
	frozen       []late
	calm         bool // nothing fails or crashes any more
	mistake      mistake
}

// row names a stored request or card. A card about one person shares its id.
type row struct {
	id   string
	card bool
}

// late is a write that a frozen process will send when it wakes, if it wakes in
// time.
type late struct {
	user   string
	active bool
	until  time.Time
}

// lateFor is how long a frozen write may still arrive, and clearFor for how long
// the opposite waits for it.
const (
	lateFor  = time.Minute
	clearFor = lateFor + time.Second
)

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
	tooEarly        mistake = "carry out before the time asked for"
	neverAskAgain   mistake = "carry out what is long overdue"
	countVoid       mistake = "count approvals from before asking again"
	approveUnseen   mistake = "approve somebody whom the card did not show"
	leaveOutDone    mistake = "leave out of a card about several who is done"
	forgetCard      mistake = "not paint a card when a request is denied"
	verifyUnread    mistake = "say that it is still so without reading"
	driftUntold     mistake = "keep to itself that somebody changed it back"
	oldManager      mistake = "let the manager of the look-up decide for ever"
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
		now: t0, requests: make(map[string]stored), cards: make(map[string]storedCard), claimed: make(map[row]bool),
		told: make(map[string]string), users: users, messages: make(map[string]picture),
		deeds: []invariant.Deed{}, managers: map[string]request.Identity{"wf-jane": maria, "wf-root": maria},
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
	c.requests, c.cards, c.claimed, c.told = maps.Clone(m.requests), maps.Clone(m.cards), maps.Clone(m.claimed), maps.Clone(m.told)
	c.users, c.managers, c.messages = maps.Clone(m.users), maps.Clone(m.managers), maps.Clone(m.messages)
	c.ids, c.cardIDs, c.trail, c.calls = slices.Clone(m.ids), slices.Clone(m.cardIDs), slices.Clone(m.trail), slices.Clone(m.calls)
	c.interactions, c.deeds = slices.Clone(m.interactions), slices.Clone(m.deeds)
	c.presses, c.frozen = slices.Clone(m.presses), slices.Clone(m.frozen)
	return &c
}

// openFor returns the open request for a Workfront user, or "".
func (m *machine) openFor(userID string) string {
	for _, id := range m.ids {
		if r := m.look(id); r.State.Open() && r.Target.ID == userID {
			return id
		}
	}
	return ""
}

// chance draws whether something goes wrong. When all is calm nothing does.
func (m *machine) chance(t *rapid.T, what string) bool {
	return !m.calm && rapid.IntRange(0, 9).Draw(t, what) == 6 // smaller numbers come more often
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

// findManager reads who manages the target of r now, if Workfront answers.
func (m *machine) findManager(t *rapid.T, r *request.Request) (request.Managing, bool) {
	_, read := m.get(t, r.Target.ID)
	now := request.Managing{Manager: m.managers[r.Target.ID]}
	if now.Manager.ID == "" {
		now.NoManager = request.ManagerNone
	}
	return now, read
}

// managerFound applies who manages the target now to r.
func (m *machine) managerFound(r *request.Request, found request.Managing, now time.Time) error {
	as := *r
	as.Manager = found.Manager
	r.ManagerFound(found, life.Enough(&as), now)
	return nil
}

// answer is what became of a write.
type answer struct {
	applied, lost, refused bool
	status                 string
}

var answers = []answer{
	{applied: true, status: "200"},
	{applied: true, lost: true, status: "applied, and the answer lost"},
	{lost: true, status: "lost on the way"},
	{refused: true, status: "403"},
	{status: "200, but nothing changed"},
}

// put writes isActive.
func (m *machine) put(t *rapid.T, id string, active bool) answer {
	a := answers[0]
	if !m.calm {
		a = rapid.SampledFrom(answers).Draw(t, "answer")
	}
	m.arrives(id, active, a.applied)
	return a
}

// arrives is a write that reaches Workfront.
func (m *machine) arrives(id string, active, applied bool) {
	call := invariant.Call{At: m.tick(), UserID: id, Write: true, Active: active}
	if u := m.users[id]; applied {
		call.Effective = u.Active != active
		u.Active = active
		m.users[id] = u
	}
	m.calls = append(m.calls, call)
}

// world is what can be seen from outside.
func (m *machine) world() invariant.World {
	w := invariant.World{
		Trail: m.trail, Calls: m.calls, Interactions: m.interactions, Deeds: m.deeds, Told: make(map[string]bool), StopWindow: stopWindow,
		Inactive: make(map[string]bool), Needed: life.Needed,
		Approver: func(id string, r *request.Request) bool {
			return slices.Contains(life.Approvers.Users, id) || id == r.Manager.ID
		},
	}
	for _, id := range m.ids {
		w.Requests = append(w.Requests, m.look(id))
	}
	for _, id := range m.cardIDs {
		c := m.lookCard(id)
		w.Cards = append(w.Cards, c)
		w.Told[id] = m.told[id] == outcome(c.Requests...)
	}
	for id, u := range m.users {
		w.Inactive[id] = !u.Active
	}
	for _, ts := range slices.Sorted(maps.Keys(m.messages)) {
		p := m.messages[ts]
		w.Messages = append(w.Messages, invariant.Message{
			Channel: "C1", TS: ts, Deleted: p.deleted, Buttons: p.buttons, Current: p.shows == shows(m.lookCard(p.card), false),
		})
	}
	return w
}

// outcome is what the requester has to know in the end.
func outcome(all ...*request.Request) (words string) {
	for _, r := range all {
		words += fmt.Sprint(r.ID, " ", r.State, " ", r.Verified.Result == request.Drifted, "\n")
	}
	return words
}

// rows are all that may want something.
func (m *machine) rows() (all []row) {
	for _, id := range m.ids {
		all = append(all, row{id: id})
	}
	for _, id := range m.cardIDs {
		all = append(all, row{id: id, card: true})
	}
	return all
}

// wants is what a row needs next.
func (m *machine) wants(one row) (request.Step, time.Time) {
	if one.card {
		return m.lookCard(one.id).Next(m.now)
	}
	return m.look(one.id).Next(m.now)
}

// next returns the row that wants something first, and when; the zero row if none
// does.
func (m *machine) next() (first row, due time.Time) {
	for _, one := range m.rows() {
		if step, at := m.wants(one); step != request.Nothing && (first == row{} || at.Before(due)) {
			first, due = one, at
		}
	}
	return first, due
}

// settle lets time pass while everything works, until nothing is left to do.
func (m *machine) settle() error {
	m.calm = true
	for range 1000 {
		next, due := m.next()
		if next == (row{}) {
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
	return fmt.Errorf("still busy after 1000 steps")
}
