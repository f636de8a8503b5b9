package request_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"

	"wfbot/bot/bottest/invariant"
	"wfbot/bot/request"
)

// stored is the row of a request: the document, and what has rows or columns of its
// own.
type stored struct {
	version   int64
	body      []byte
	decisions []request.Decision
	request   *request.Request // decoded, only to be looked at
}

// storedCard is the row of a card.
type storedCard struct {
	place request.Place
	look  int64
	card  *request.Card // decoded, only to be looked at
}

// load reads a request from the disk to change it.
func (m *machine) load(id string) *request.Request {
	var r request.Request
	row := m.requests[id]
	decode(row.body, &r)
	r.Decisions, r.Place = slices.Clone(row.decisions), m.cards[r.CardID].place
	return &r
}

// look returns a request as it is on the disk, not to be changed.
func (m *machine) look(id string) *request.Request { return m.requests[id].request }

// loadCard reads a card with its requests, which may be changed too.
func (m *machine) loadCard(id string) *request.Card { return m.attach(id, m.load) }

// lookCard returns a card with its requests as they are on the disk, which are not to
// be changed.
func (m *machine) lookCard(id string) *request.Card { return m.attach(id, m.look) }

func (m *machine) attach(id string, get func(string) *request.Request) *request.Card {
	row := m.cards[id]
	c := *row.card
	c.Place, c.Look = row.place, row.look
	var all []*request.Request
	for _, one := range m.ids {
		if m.look(one).CardID == id {
			all = append(all, get(one))
		}
	}
	c.Attach(all)
	return &c
}

// save commits requests with their events, in one go, if nobody else changed them
// since. If a request has something new to show, the look of its card is raised, whoever
// has the card just now.
func (m *machine) save(all ...*request.Request) {
	for id := range m.store(all...) {
		row := m.cards[id]
		row.look++
		m.cards[id] = row
	}
}

// store writes requests, and returns the cards that have something new to show.
func (m *machine) store(all ...*request.Request) (raised map[string]bool) {
	raised = make(map[string]bool)
	for _, r := range all {
		before := m.look(r.ID)
		if r.Version != m.requests[r.ID].version {
			panic(fmt.Sprintf("%s was changed meanwhile", r.ID))
		}
		r.Version++
		m.requests[r.ID] = stored{version: r.Version, body: encode(r), decisions: slices.Clone(r.Decisions)}
		row := m.requests[r.ID]
		row.request = m.load(r.ID)
		m.requests[r.ID] = row
		m.record(r.ID, r.TakeEvents())
		if before != nil && before.Look != r.Look && (m.mistake != forgetCard || r.State != request.Denied) {
			raised[r.CardID] = true
		}
	}
	return raised
}

// saveCard commits a card with those of its requests that have changed, in one go.
func (m *machine) saveCard(c *request.Card) {
	var changed []*request.Request
	for _, r := range c.Requests {
		if !bytes.Equal(m.requests[r.ID].body, encode(r)) {
			changed = append(changed, r)
		}
	}
	if m.store(changed...)[c.ID] {
		c.Look++
	}
	row := storedCard{place: c.Place, look: c.Look, card: new(request.Card)}
	decode(encode(c), row.card)
	m.cards[c.ID] = row
	for _, id := range m.ids { // the place is the card's
		if row := m.requests[id]; row.request.CardID == c.ID {
			row.request = m.load(id)
			m.requests[id] = row
		}
	}
	m.record(c.ID, c.TakeEvents())
}

func (m *machine) record(id string, events []request.Event) {
	for _, e := range events {
		m.trail = append(m.trail, invariant.Entry{RequestID: id, Kind: e.Kind, Actor: e.Actor, At: e.At, Detail: e.Detail})
	}
}

func encode(document any) []byte {
	body, err := json.Marshal(document)
	if err != nil {
		panic(err)
	}
	return body
}

func decode(body []byte, document any) {
	if err := json.Unmarshal(body, document); err != nil {
		panic(err)
	}
}
