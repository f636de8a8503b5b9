package request_test

import (
	"fmt"
	"slices"

	"wfbot/bot/bottest/invariant"
	"wfbot/bot/request"
)

// picture is what a message shows.
type picture struct {
	card    string
	shows   string
	buttons []invariant.Button
	deleted bool
}

// press is a button on a card about several as somebody saw it.
type press struct {
	ts, card, selection string
	kind                request.DecisionKind
}

// post posts the message of a card, without buttons.
func (m *machine) post(c *request.Card) (ts string) {
	m.posts++
	ts = fmt.Sprint("ts-", m.posts)
	p := picture{card: c.ID}
	if m.mistake == postWithButtons {
		p.buttons = buttonsOf(c)
	}
	m.messages[ts] = p
	return ts
}

// update repaints the message of a card, unless a person removed it.
func (m *machine) update(c *request.Card) (ok bool) {
	if m.messages[c.TS].deleted {
		return false
	}
	p := picture{card: c.ID, shows: shows(c, m.mistake == leaveOutDone), buttons: buttonsOf(c)}
	m.messages[c.TS] = p
	for _, b := range p.buttons {
		if c.One() == nil {
			selection := c.Selection(func(r *request.Request) bool { return slices.Contains(b.Requests, r.ID) })
			m.presses = append(m.presses, press{ts: c.TS, card: c.ID, selection: selection, kind: b.Kind})
		}
	}
	return true
}

// shows is what a card drawn now would show.
func shows(c *request.Card, withoutDone bool) (shown string) {
	for _, r := range c.Requests {
		if c.One() != nil || !withoutDone || r.State != request.Done {
			shown += fmt.Sprint(r.ID, ":", r.Look, " ")
		}
	}
	return shown
}

// buttonsOf is what a card drawn now would offer.
func buttonsOf(c *request.Card) (all []invariant.Button) {
	for _, kind := range []request.DecisionKind{request.Cancel, request.RunAgain, request.Deny, request.Approve} {
		button := invariant.Button{Kind: kind, CardID: c.ID}
		for _, r := range c.Requests {
			if slices.Contains(offered(r.State), kind) {
				button.Requests = append(button.Requests, r.ID)
			}
		}
		if len(button.Requests) > 0 {
			all = append(all, button)
		}
	}
	return all
}

// offered is what people are offered about a request.
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
