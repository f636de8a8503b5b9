package request_test

import (
	"fmt"

	"wfbot/bot/bottest/invariant"
	"wfbot/bot/request"
)

// press is a button on a batch's card as somebody saw it.
type press struct {
	ts, batch, selection string
	kind                 request.DecisionKind
}

// post posts a card without buttons.
func (m *machine) post(id string) (ts string) {
	m.posts++
	ts = fmt.Sprint("ts-", m.posts)
	p := picture{id: id}
	if m.mistake == postWithButtons {
		p.buttons = m.buttonsOf(id)
	}
	m.cards[ts] = p
	return ts
}

// update repaints a message, unless a person removed it.
func (m *machine) update(id, ts string) (ok bool) {
	if m.cards[ts].deleted {
		return false
	}
	p := picture{id: id, shows: m.shows(id), buttons: m.buttonsOf(id)}
	if r := m.look(id); r == nil {
		p.shows = m.showsBatch(m.loadBatch(id), m.mistake == leaveOutDone)
		for _, b := range p.buttons {
			m.presses = append(m.presses, press{ts: ts, batch: id, selection: selectionOf(m.loadBatch(id), b.Kind), kind: b.Kind})
		}
	}
	m.cards[ts] = p
	return true
}

// shows is what a card drawn now would show.
func (m *machine) shows(id string) string {
	if r := m.look(id); r != nil {
		return fmt.Sprint(r.Look)
	}
	return m.showsBatch(m.loadBatch(id), false)
}

func (m *machine) showsBatch(b *request.Batch, withoutDone bool) (shown string) {
	for _, r := range b.Members {
		if !withoutDone || r.State != request.Done {
			shown += fmt.Sprint(r.ID, ":", r.Look, " ")
		}
	}
	return shown
}

// buttonsOf is what a card drawn now would offer.
func (m *machine) buttonsOf(id string) (all []invariant.Button) {
	if r := m.look(id); r != nil {
		for _, kind := range offered(r.State) {
			all = append(all, invariant.Button{Kind: kind, RequestID: id})
		}
		return all
	}
	b := m.loadBatch(id)
	for _, kind := range []request.DecisionKind{request.Cancel, request.RunAgain, request.Deny, request.Approve} {
		button := invariant.Button{Kind: kind, BatchID: id}
		for _, r := range b.Members {
			if offers(r, kind) {
				button.Members = append(button.Members, r.ID)
			}
		}
		if len(button.Members) > 0 {
			all = append(all, button)
		}
	}
	return all
}

func selectionOf(b *request.Batch, kind request.DecisionKind) string {
	return b.Selection(func(r *request.Request) bool { return offers(r, kind) })
}

func offers(r *request.Request, kind request.DecisionKind) bool {
	for _, k := range offered(r.State) {
		if k == kind {
			return true
		}
	}
	return false
}

// offered is what the card of a request offers.
func offered(s request.State) []request.DecisionKind {
	switch s {
	case request.Pending:
		return []request.DecisionKind{request.Approve, request.Deny, request.Cancel}
	case request.Approved, request.Executing:
		return []request.DecisionKind{request.Cancel, request.RunAgain}
	case request.Failed:
		return []request.DecisionKind{request.RunAgain}
	}
	return nil
}
