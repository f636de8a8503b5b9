package invariant_test

import (
	"slices"
	"time"

	"wfbot/bot/bottest/invariant"
	"wfbot/bot/request"
)

// cardsGoodWorlds are those of cards and what they are about, most of several people.
var cardsGoodWorlds = []goodWorld{
	{"several, some of them carried out", func(s *story) {
		c := s.askAll("r1", "r2", "r3")
		s.approve(c.Requests[0], anna)
		s.carryOut(c.Requests[0])
		s.step(c.Requests[1], func(now time.Time) error { return c.Requests[1].Deny(anna, "", now) })
		s.paint(c.Requests[1])
	}},
	{"several, all of them carried out", func(s *story) {
		c := s.askAll("r1", "r2")
		s.w.Deeds = []invariant.Deed{{By: "UANNA", Kind: request.Approve, Requests: []string{"r1", "r2"}}}
		for _, r := range c.Requests {
			s.approve(r, anna)
			s.carryOut(r)
		}
		s.w.Told = map[string]bool{"c1": true}
	}},
	{"several, whose card was removed when all was over", func(s *story) {
		c := s.askAll("r1", "r2")
		for _, r := range c.Requests {
			s.approve(r, anna)
			s.carryOut(r)
		}
		s.message("ts-c1").Deleted = true
	}},
	{"several, one of whom cannot be told about", func(s *story) {
		c := s.askAll("r1", "r2")
		for _, r := range c.Requests {
			s.approve(r, anna)
			s.carryOut(r)
		}
		s.w.Told = map[string]bool{}
		s.entry(c.Requests[0], "requester not reached", request.Bot, nil)
	}},
	{"the outcome of one, which cannot be told", func(s *story) {
		r := s.ask("r1", 1, false)
		s.approve(r, anna)
		s.carryOut(r)
		s.w.Told = map[string]bool{}
		s.entry(r, "requester not reached", request.Bot, nil)
	}},
	{"a card that was given up", func(s *story) {
		r := s.ask("r1", 1, false)
		c := s.card(r)
		c.Look++
		s.entry(r, "card given up", request.Bot, nil)
	}},
	{"a card that is gone", func(s *story) {
		r := s.ask("r1", 1, false)
		s.step(r, func(now time.Time) error { return r.Deny(anna, "", now) })
		s.paint(r)
		s.entry(r, "card lost", request.Bot, nil)
		s.w.Messages = nil
	}},
}

// cardsBadWorlds are those of cards and what they are about, most of several people.
var cardsBadWorlds = []badWorld{
	{"approved for all, also for somebody whom the card did not show", func(s *story) {
		c := s.askAll("r1", "r2", "r3")
		s.w.Deeds = []invariant.Deed{{By: "UANNA", Kind: request.Approve, Requests: []string{"r1", "r3"}}}
		for _, r := range c.Requests {
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
		s.askAll("r1", "r2")
		s.w.Messages = append(s.w.Messages, invariant.Message{Channel: "C1", TS: "ts-copy", Buttons: s.message("ts-c1").Buttons})
	}, invariant.Buttons, true},
	{"live buttons of a card that nobody stored", func(s *story) {
		s.w.Messages = []invariant.Message{{Channel: "C1", TS: "ts", Buttons: []invariant.Button{{Kind: request.Approve, CardID: "c0"}}}}
	}, invariant.Buttons, false},
	{"a button about somebody who has been decided about", func(s *story) {
		c := s.askAll("r1", "r2")
		buttons := s.message("ts-c1").Buttons
		s.approve(c.Requests[0], anna)
		s.carryOut(c.Requests[0])
		s.message("ts-c1").Buttons = buttons
	}, invariant.Buttons, true},
	{"a button about somebody else's request", func(s *story) {
		s.askAll("r1", "r2")
		s.ask("r3", 1, false)
		s.message("ts-c1").Buttons[0].Requests = []string{"r1", "r3"}
	}, invariant.Buttons, true},
	{"a button for one of them on another message", func(s *story) {
		s.askAll("r1", "r2")
		button := invariant.Button{Kind: request.Cancel, CardID: "c1", Requests: []string{"r1"}}
		s.w.Messages = append(s.w.Messages, invariant.Message{Channel: "C1", TS: "ts-r1", Buttons: []invariant.Button{button}})
	}, invariant.Buttons, true},
	{"the card does not show one of them as it is", func(s *story) {
		s.askAll("r1", "r2")
		s.message("ts-c1").Current = false
	}, invariant.CardShowsRow, true},
	{"the card was not repainted", func(s *story) { s.askAll("r1", "r2").Look++ }, invariant.CardShowsRow, true},
	{"the card was never posted", func(s *story) {
		c := s.askAll("r1", "r2")
		c.Place, c.Painted = request.Place{}, 0
		s.w.Messages = nil
	}, invariant.CardShowsRow, true},
	{"one of a card that nobody stored", func(s *story) {
		s.askAll("r1", "r2")
		s.w.Cards, s.w.Messages = nil, nil
		s.w.Trail = slices.DeleteFunc(s.w.Trail, func(e invariant.Entry) bool { return e.RequestID == "c1" })
	}, invariant.Cards, false},
	{"a request without a card", func(s *story) {
		s.ask("r1", 1, false)
		s.w.Cards, s.w.Messages = nil, nil
	}, invariant.Cards, false},
	{"one that its card does not know", func(s *story) {
		c := s.askAll("r1", "r2", "r3")
		c.Requests = c.Requests[:2]
		s.message("ts-c1").Buttons = nil
	}, invariant.Cards, true},
	{"one that is another's", func(s *story) {
		c := s.askAll("r1", "r2")
		s.ask("r3", 1, false)
		c.Requests[1].CardID = "r3"
		s.message("ts-c1").Buttons = nil
	}, invariant.Cards, false},
	{"one that is nobody's", func(s *story) {
		c := s.askAll("r1", "r2")
		c.Requests[1].CardID = ""
		s.message("ts-c1").Buttons = nil
	}, invariant.Cards, false},
	{"a card about somebody whom nobody stored", func(s *story) {
		c := s.askAll("r1", "r2")
		s.w.Requests = s.w.Requests[:1]
		s.w.Trail = slices.DeleteFunc(s.w.Trail, func(e invariant.Entry) bool { return e.RequestID == c.Requests[1].ID })
		s.message("ts-c1").Buttons = nil
	}, invariant.Cards, false},
	{"alone on a card of another id", func(s *story) {
		s.askAll("r1")
	}, invariant.Cards, true},
	{"one that wants something later", func(s *story) { s.askAll("r1", "r2").Requests[0].NotBefore = t0 }, invariant.Cards, false},
	{"one that wants something else", func(s *story) { s.card(s.ask("r1", 1, false)).Action = request.Reactivate }, invariant.Cards, false},
	{"one that somebody else has asked for", func(s *story) { s.card(s.ask("r1", 1, false)).Requester = bert }, invariant.Cards, false},
	{"people are asked about several, and the requester was not told", func(s *story) { s.askAll("r1", "r2").Told = false }, invariant.Told, true},
	{"nobody was asked about several, and the requester was not told", func(s *story) {
		c := s.askAll("r1", "r2")
		for _, r := range c.Requests {
			s.step(r, func(now time.Time) error { return r.Deny(anna, "", now) })
			s.paint(r)
		}
		c.Told = false
	}, invariant.Told, true},
	{"people are asked about one, and the requester was not told", func(s *story) { s.ask("r1", 1, false).Told = 0 }, invariant.Told, true},
	{"all has ended, and one outcome was not told", func(s *story) {
		c := s.askAll("r1", "r2")
		for _, r := range c.Requests {
			s.approve(r, anna)
			s.carryOut(r)
		}
		c.Requests[1].Told = 0
	}, invariant.Told, true},
	{"all has ended, told, it says, but no message came", func(s *story) {
		c := s.askAll("r1", "r2")
		for _, r := range c.Requests {
			s.approve(r, anna)
			s.carryOut(r)
		}
		s.w.Told = map[string]bool{"r1": true}
	}, invariant.Told, true},
	{"a painted look that never was, of several", func(s *story) { s.askAll("r1", "r2").Painted++ }, invariant.Consistent, false},
	{"one of them is approved, and forgotten", func(s *story) {
		s.approve(s.askAll("r1", "r2").Requests[1], anna)
	}, invariant.AtRest, true},
}
