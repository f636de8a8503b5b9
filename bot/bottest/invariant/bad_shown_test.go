package invariant_test

import (
	"wfbot/bot/bottest/invariant"
	"wfbot/bot/request"
)

// shownBadWorlds are those of what a request says of itself, and of what people
// see of it.
var shownBadWorlds = []badWorld{
	// What a request says of itself.
	{"stored without a version", func(s *story) { s.ask("r1", 1, false).Version = 0 }, invariant.Consistent, true},
	{"an attempt that is not counted", func(s *story) { done(s).Writes = 0 }, invariant.Consistent, true},
	{"already inactive, and written", func(s *story) { done(s).Outcome.Already = true }, invariant.Consistent, true},
	{"an outcome of a pending request", func(s *story) { s.ask("r1", 1, false).Outcome.ReadAt = t0 }, invariant.Consistent, true},
	{"told what never happened", func(s *story) { s.ask("r1", 1, false).Told++ }, invariant.Consistent, true},
	{"told less than nothing", func(s *story) { s.ask("r1", 1, false).Told = -1 }, invariant.Consistent, false},
	{"asked what was not to be asked", func(s *story) { s.ask("r1", 1, false).Asked++ }, invariant.Consistent, true},
	{"asked less than nothing", func(s *story) { s.ask("r1", 1, false).Asked = -1 }, invariant.Consistent, true},
	{"a painted look that never was", func(s *story) { s.card(s.ask("r1", 1, false)).Painted++ }, invariant.Consistent, false},
	{"painted less than nothing", func(s *story) { s.card(s.ask("r1", 1, false)).Painted = -1 }, invariant.Consistent, false},
	{"a card in no channel", func(s *story) {
		s.card(s.ask("r1", 1, false)).Channel = ""
		s.message("ts-r1").Buttons = nil
	}, invariant.Consistent, false},
	{"painted, and never posted", func(s *story) {
		s.card(s.ask("r1", 1, false)).TS = ""
		s.message("ts-r1").Buttons = nil
	}, invariant.Consistent, false},
	{"stored twice", func(s *story) {
		r := s.ask("r1", 1, false)
		s.w.Requests = append(s.w.Requests, r)
	}, invariant.Consistent, true},

	// Slack.
	{"live buttons on a copy", func(s *story) {
		s.ask("r1", 1, false)
		s.w.Messages = append(s.w.Messages, invariant.Message{Channel: "C1", TS: "ts-copy", Buttons: s.message("ts-r1").Buttons})
	}, invariant.Buttons, true},
	{"live buttons after the end", func(s *story) {
		r := s.ask("r1", 1, false)
		buttons := s.message("ts-r1").Buttons
		s.approve(r, anna)
		s.carryOut(r)
		s.message("ts-r1").Buttons = buttons
	}, invariant.Buttons, true},
	{"Approve on a failed one", func(s *story) {
		r := s.ask("r1", 1, false)
		s.approve(r, anna)
		s.begin(r)
		s.fail(r)
		s.message("ts-r1").Buttons = []invariant.Button{{Kind: request.Approve, CardID: "r1", Requests: []string{"r1"}}}
	}, invariant.Buttons, true},
	{"buttons of a card that nobody stored", func(s *story) {
		s.w.Messages = []invariant.Message{{Channel: "C1", TS: "ts", Buttons: []invariant.Button{{Kind: request.Approve, CardID: "r0", Requests: []string{"r0"}}}}}
	}, invariant.Buttons, false},
	{"something is written on a hidden card", func(s *story) {
		hide(s)
		s.message("ts-r1").Leaked = "Jane Doe"
	}, invariant.Hidden, true},
	{"a hidden card has buttons", func(s *story) {
		s.ask("r1", 1, false)
		buttons := s.message("ts-r1").Buttons
		hide(s)
		s.message("ts-r1").Buttons = buttons
	}, invariant.Hidden, true},
	{"nobody was told that a card is hidden", func(s *story) { hide(s).ToldHidden = false }, invariant.Told, true},
	{"the card was not repainted", func(s *story) {
		r := done(s)
		s.card(r).Painted--
	}, invariant.CardShowsRow, true},
	{"the card shows something else", func(s *story) {
		done(s)
		s.message("ts-r1").Current = false
	}, invariant.CardShowsRow, true},
	{"the card was never posted", func(s *story) {
		done(s)
		s.w.Messages = nil
	}, invariant.CardShowsRow, true},
	{"a pending request without a card", func(s *story) {
		r := s.ask("r1", 1, false)
		s.message("ts-r1").Buttons = nil
		c := s.card(r)
		c.Place, c.Painted = request.Place{}, 0
	}, invariant.CardShowsRow, true},
	{"the outcome was not told", func(s *story) { done(s).Told-- }, invariant.Told, true},
	{"told, it says, but no message came", func(s *story) {
		done(s)
		s.w.Told = map[string]bool{}
	}, invariant.Told, true},
	{"approved, and forgotten", func(s *story) { s.approve(s.ask("r1", 1, false), anna) }, invariant.AtRest, true},
}

// hide makes the card of r1, which is asked for if it is not yet, a hidden one.
func hide(s *story) *request.Card {
	if len(s.w.Requests) == 0 {
		s.ask("r1", 1, false)
	}
	c := s.w.Cards[0]
	c.Hide(true, s.now)
	s.paint(s.w.Requests[0])
	s.message("ts-r1").Buttons = nil
	return c
}
