package request_test

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"pgregory.net/rapid"

	"wfbot/bot/bottest/invariant"
	"wfbot/bot/request"
)

// stopWindow is the machine's.
const stopWindow = time.Minute

// ask is a command about one person, or about several.
func (m *machine) ask(t *rapid.T) {
	who := rapid.SampledFrom(slices.Concat([]request.Person{{Identity: rita}, {Identity: rita}, {Identity: anna}}, crowd)).Draw(t, "who")
	several := rapid.IntRange(0, 2).Draw(t, "several") == 0
	about := []string{rapid.SampledFrom([]string{"jane@acme.com", "root@acme.com", "nobody@acme.com"}).Draw(t, "about")}
	if several {
		about = [][]string{{"jane@acme.com", "root@acme.com"}, {"root@acme.com", "nobody@acme.com", "jane@acme.com"}, {"nobody@acme.com"}}[rapid.IntRange(0, 2).Draw(t, "whom")]
	}
	r := request.Request{
		Action: request.Deactivate, Requester: who.Identity, Place: request.Place{Channel: "C1"}, DryRun: m.chance(t, "dry run"),
		VerifyAfter: 24 * time.Hour * time.Duration(rapid.IntRange(0, 1).Draw(t, "days until it is verified")),
		RemindEvery: 24 * time.Hour * time.Duration(rapid.IntRange(0, 1).Draw(t, "days between reminders")),
	}
	// Mostly what there is a reason to ask for.
	if inactive := !m.users["wf-jane"].Active; inactive != (rapid.IntRange(0, 5).Draw(t, "for no reason") == 0) {
		r.Action = request.Reactivate
	}
	if rapid.IntRange(0, 2).Draw(t, "later") == 0 {
		r.NotBefore = m.now.Add(rapid.SampledFrom([]time.Duration{time.Hour, 30 * time.Hour}).Draw(t, "after"))
	}
	interaction := invariant.Interaction{ID: fmt.Sprint("w", len(m.interactions)+1), Acknowledged: true, Stored: true, Ended: true, Answered: true}
	if m.mistake == ackBeforeCommit && m.chance(t, "killed after the acknowledgement") {
		interaction.Stored, interaction.Ended, interaction.Answered = false, false, false
	}
	m.interactions = append(m.interactions, interaction)
	if life.MayRequest(who) != request.Allowed || !interaction.Stored || len(m.ids)+len(about) > 6 {
		return
	}
	r.CardID = fmt.Sprint("r", len(m.ids)+1)
	if several && len(about) > 1 {
		r.CardID = fmt.Sprint("c", len(m.cardIDs)+1)
	}
	var all []*request.Request
	for i, email := range about {
		r := r
		r.ID, r.Email = fmt.Sprint("r", len(m.ids)+i+1), email
		all = append(all, request.New(r, m.tick(), ttl))
	}
	c := request.NewCard(request.Card{
		ID: r.CardID, Action: r.Action, NotBefore: r.NotBefore, Requester: r.Requester, Place: r.Place, DryRun: r.DryRun, RemindEvery: r.RemindEvery,
	}, all, m.now)
	for _, r := range all {
		m.store(r)
		m.ids = append(m.ids, r.ID)
	}
	m.saveCard(c)
	m.cardIDs = append(m.cardIDs, c.ID)
}

// click is a press on one of the buttons that there are or ever were, on cards about
// one and about several.
func (m *machine) click(t *rapid.T) {
	if len(m.ids) == 0 {
		return
	}
	who := rapid.SampledFrom(crowd).Draw(t, "who")
	m.interactions = append(m.interactions, invariant.Interaction{ID: fmt.Sprint("w", len(m.interactions)+1), Acknowledged: true, Stored: true, Ended: true, Answered: true})
	if len(m.presses) > 0 && rapid.Bool().Draw(t, "on a card about several") {
		m.pressAll(t, who)
		return
	}
	id := rapid.SampledFrom(m.ids).Draw(t, "request")
	r := m.look(id)
	kind := rapid.SampledFrom([]request.DecisionKind{
		request.Approve, request.Approve, request.RunAgain, request.Deny, request.Cancel, request.RunAgain, request.Approve,
	}).Draw(t, "kind")
	if r.CardID != r.ID && kind != request.Cancel { // nobody but to be left out can be singled out
		return
	}
	m.deeds = append(m.deeds, invariant.Deed{By: who.ID, Kind: kind, Requests: []string{r.ID}})
	if !m.managerNow(t, id, kind, who) {
		return
	}
	r = m.load(id)
	if m.decide(t, r, kind, who) {
		m.save(r)
	}
}

// pressAll is a press on a button about several people.
func (m *machine) pressAll(t *rapid.T, who request.Person) {
	// Mostly what was painted last.
	pressed := m.presses[len(m.presses)-1-min(len(m.presses)-1, rapid.IntRange(0, 5).Draw(t, "button"))]
	c := m.loadCard(pressed.card)
	if !c.HasButtons("C1", pressed.ts) {
		return
	}
	selected, err := c.Selected(pressed.selection)
	if err != nil {
		t.Fatal(err)
	}
	deed := invariant.Deed{By: who.ID, Kind: pressed.kind}
	for _, r := range selected {
		deed.Requests = append(deed.Requests, r.ID)
	}
	m.deeds = append(m.deeds, deed)
	if m.mistake == approveUnseen {
		selected = c.Requests
	}
	for _, r := range selected {
		if !m.managerNow(t, r.ID, pressed.kind, who) {
			return
		}
	}
	var taken []*request.Request
	for _, r := range selected {
		if r := m.load(r.ID); m.decide(t, r, pressed.kind, who) {
			taken = append(taken, r)
		}
	}
	m.save(taken...)
}

// managerNow stores who manages the target now, if who may decide only as the
// manager; false: Workfront does not say it.
func (m *machine) managerNow(t *rapid.T, id string, kind request.DecisionKind, who request.Person) bool {
	r := m.look(id)
	if r.Target.ID == "" || m.mistake == oldManager || !life.AsManager(kind, who, r) {
		return true
	}
	found, read := m.findManager(t, r)
	if !read {
		return false
	}
	if now := m.load(id); !now.Manages(found) {
		if err := m.managerFound(now, found, m.tick()); err != nil {
			t.Fatal(err)
		}
		m.save(now)
	}
	return true
}

// decide takes a decision, if the person may and the request still can.
func (m *machine) decide(t *rapid.T, r *request.Request, kind request.DecisionKind, who request.Person) (taken bool) {
	no := life.MayDecide(kind, who, r)
	if m.mistake == countSelf && kind == request.Approve && no == request.RefusedOwnRequest && r.State == request.Pending {
		if err := r.Approve(who.Identity, 0, m.tick()); err != nil {
			return false
		}
		r.State, r.DueAt = request.Approved, m.now
		return true
	}
	if no != request.Allowed {
		return false
	}
	now := m.tick()
	var err error
	switch kind {
	case request.Approve:
		err = r.Approve(who.Identity, stopWindow, now)
		if m.mistake == tooEarly && r.State == request.Approved {
			r.DueAt = now
		}
	case request.Deny:
		err = r.Deny(who.Identity, "", now)
	case request.Cancel:
		err = r.Cancel(who.Identity, "", now)
	case request.RunAgain:
		if r.State == request.Failed && m.openFor(r.Target.ID) != "" {
			return false
		}
		r.KeepClear(m.clearAt(r.Target.ID, r.Action))
		err = r.Retry(who.Identity, now)
	}
	var refusal request.Refusal
	if err != nil && !errors.As(err, &refusal) {
		t.Fatalf("a click was answered with a mistake of the program: %v", err)
	}
	return err == nil
}
