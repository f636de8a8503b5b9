package request_test

import (
	"encoding/json"
	"fmt"
	"slices"

	"wfbot/bot/bottest/invariant"
	"wfbot/bot/request"
)

// load reads a request from the disk to change it.
func (m *machine) load(id string) *request.Request {
	var r request.Request
	if err := json.Unmarshal([]byte(m.disk[id].body), &r); err != nil {
		panic(err)
	}
	r.Decisions = slices.Clone(m.disk[id].decisions)
	return &r
}

// look returns a request as it is on the disk, not to be changed.
func (m *machine) look(id string) *request.Request { return m.disk[id].request }

// loadBatch reads a batch with its members, which are not to be changed.
func (m *machine) loadBatch(id string) *request.Batch {
	var b request.Batch
	if err := json.Unmarshal([]byte(m.disk[id].body), &b); err != nil {
		panic(err)
	}
	for _, one := range m.ids {
		if r := m.look(one); r.BatchID == id {
			b.Members = append(b.Members, r)
		}
	}
	return &b
}

// save commits requests with their events, in one go, if nobody else changed them
// since. The batches of those that have something new to show are changed too,
// each once.
func (m *machine) save(all ...*request.Request) {
	touched := make(map[string]bool)
	for _, r := range all {
		before := m.look(r.ID)
		m.store(r)
		if r.BatchID != "" && before != nil && before.Look != r.Look && (m.mistake != forgetBatch || r.State != request.Denied) {
			touched[r.BatchID] = true
		}
	}
	for _, id := range m.batchIDs {
		if touched[id] {
			b := m.loadBatch(id)
			b.Changed()
			m.saveBatch(b)
		}
	}
}

func (m *machine) store(r *request.Request) {
	m.commit(r.ID, &r.Version, r, &r.Display)
	kept := m.disk[r.ID]
	kept.decisions = slices.Clone(r.Decisions)
	m.disk[r.ID] = kept
	kept.request = m.load(r.ID)
	m.disk[r.ID] = kept
}

func (m *machine) saveBatch(b *request.Batch) { m.commit(b.ID, &b.Version, b, &b.Display) }

// commit stores a document and the events of its change.
func (m *machine) commit(id string, version *int64, document any, display *request.Display) {
	if *version != m.disk[id].version {
		panic(fmt.Sprintf("%s was changed meanwhile", id))
	}
	*version++
	body, err := json.Marshal(document)
	if err != nil {
		panic(err)
	}
	m.disk[id] = row{version: *version, body: string(body)}
	for _, e := range display.TakeEvents() {
		m.trail = append(m.trail, invariant.Entry{RequestID: id, Kind: e.Kind, Actor: e.Actor, At: e.At, Detail: e.Detail})
	}
}
