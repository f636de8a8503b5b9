package invariant_test

import (
	"wfbot/bot/bottest/invariant"
	"wfbot/bot/request"
)

// batchBadWorlds are those of several people at once.
var batchBadWorlds = []badWorld{
	{"approved for all, also for somebody whom the card did not show", func(s *story) {
		b := s.askBatch("r1", "r2", "r3")
		s.w.Deeds = []invariant.Deed{{By: "UANNA", Kind: request.Approve, Requests: []string{"r1", "r3"}}}
		for _, r := range b.Members {
			s.approve(r, anna)
		}
	}, invariant.Decided, false},
	{"one press, two approvals", func(s *story) {
		r := s.ask("r1", 2, false)
		s.w.Deeds = []invariant.Deed{{By: "UANNA", Kind: request.Approve, Requests: []string{"r1"}}}
		s.approve(r, anna)
		s.smuggle(r, request.Approve, anna)
	}, invariant.Decided, false},
	{"somebody else pressed", func(s *story) {
		s.w.Deeds = []invariant.Deed{{By: "UBERT", Kind: request.Approve, Requests: []string{"r1"}}}
		s.approve(s.ask("r1", 1, false), anna)
	}, invariant.Decided, false},
	{"Deny was pressed", func(s *story) {
		s.w.Deeds = []invariant.Deed{{By: "UANNA", Kind: request.Deny, Requests: []string{"r1"}}}
		s.approve(s.ask("r1", 1, false), anna)
	}, invariant.Decided, false},
	{"live buttons on a copy", func(s *story) {
		s.askBatch("r1", "r2")
		s.w.Messages = append(s.w.Messages, invariant.Message{Channel: "C1", TS: "ts-copy", Buttons: s.message("ts-b1").Buttons})
	}, invariant.Buttons, true},
	{"live buttons of a batch that nobody stored", func(s *story) {
		s.w.Messages = []invariant.Message{{Channel: "C1", TS: "ts", Buttons: []invariant.Button{{Kind: request.Approve, BatchID: "b0"}}}}
	}, invariant.Buttons, false},
	{"a button about somebody who has been decided about", func(s *story) {
		b := s.askBatch("r1", "r2")
		buttons := s.message("ts-b1").Buttons
		s.approve(b.Members[0], anna)
		s.carryOut(b.Members[0])
		s.message("ts-b1").Buttons = buttons
	}, invariant.Buttons, true},
	{"a button about somebody else's request", func(s *story) {
		s.askBatch("r1")
		s.ask("r2", 1, false)
		s.message("ts-b1").Buttons[0].Members = []string{"r1", "r2"}
	}, invariant.Buttons, true},
	{"a button for one member on another message", func(s *story) {
		s.askBatch("r1")
		s.w.Messages = append(s.w.Messages, invariant.Message{Channel: "C1", TS: "ts-r1", Buttons: []invariant.Button{{Kind: request.Approve, RequestID: "r1"}}})
	}, invariant.Buttons, true},
	{"the card does not show a member as it is", func(s *story) {
		s.askBatch("r1", "r2")
		s.message("ts-b1").Current = false
	}, invariant.CardShowsRow, true},
	{"the card was not repainted", func(s *story) { s.askBatch("r1").Look++ }, invariant.CardShowsRow, true},
	{"the card was never posted", func(s *story) {
		s.askBatch("r1").Card = request.Card{}
		s.w.Messages = nil
	}, invariant.CardShowsRow, true},
	{"a member with a card of its own", func(s *story) {
		s.askBatch("r1", "r2").Members[0].Card = request.Card{Channel: "C1", TS: "ts-b1"}
	}, invariant.Batches, true},
	{"a member of a batch that nobody stored", func(s *story) {
		s.askBatch("r1")
		s.w.Batches, s.w.Messages = nil, nil
	}, invariant.Batches, false},
	{"a member that its batch does not know", func(s *story) {
		b := s.askBatch("r1", "r2")
		b.Members = b.Members[:1]
		s.message("ts-b1").Buttons = nil
	}, invariant.Batches, true},
	{"a member that is another's", func(s *story) {
		b := s.askBatch("r1", "r2")
		b.Members[1].BatchID = ""
		s.message("ts-b1").Buttons = nil
	}, invariant.Batches, false},
	{"a member that wants something else", func(s *story) { s.askBatch("r1").Members[0].NotBefore = t0 }, invariant.Batches, false},
	{"people are asked, and the requester was not told", func(s *story) { s.askBatch("r1").Told = 0 }, invariant.Told, true},
	{"all has ended, and one outcome was not told", func(s *story) {
		b := s.askBatch("r1", "r2")
		for _, r := range b.Members {
			s.approve(r, anna)
			s.carryOut(r)
		}
		b.Members[1].Told = 0
	}, invariant.Told, true},
	{"all has ended, told, it says, but no message came", func(s *story) {
		b := s.askBatch("r1")
		s.approve(b.Members[0], anna)
		s.carryOut(b.Members[0])
		s.w.Told = map[string]bool{"r1": true}
	}, invariant.Told, true},
	{"stored without a version", func(s *story) { s.askBatch("r1").Version = 0 }, invariant.Consistent, true},
	{"a painted look that never was", func(s *story) { s.askBatch("r1").Card.Painted++ }, invariant.Consistent, false},
	{"one of them is approved, and forgotten", func(s *story) {
		s.approve(s.askBatch("r1", "r2").Members[1], anna)
	}, invariant.AtRest, true},
}
