package invariant_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"wfbot/bot/bottest/invariant"
	"wfbot/bot/request"
)

// violated returns the distinct invariants that a world violates.
func violated(t *testing.T, w invariant.World) []invariant.Invariant {
	t.Helper()
	err := invariant.Check(w)
	if err == nil {
		return nil
	}
	var names []invariant.Invariant
	for _, one := range err.(interface{ Unwrap() []error }).Unwrap() {
		var v *invariant.Violation
		if !errors.As(one, &v) {
			t.Fatalf("not a Violation: %v", one)
		}
		t.Log(v)
		if !slices.Contains(names, v.Invariant) {
			names = append(names, v.Invariant)
		}
	}
	return names
}

// goodWorld is one where nothing is wrong, however odd it looks.
type goodWorld struct {
	why  string
	tell func(s *story)
}

var goodWorlds = []goodWorld{
	{"the manager approves, and then another one", func(s *story) {
		r := s.managed()
		r.Needed = 2
		s.read()
		s.approve(r, anna)
		s.wait(time.Hour)
		s.read()
		s.step(r, func(now time.Time) error {
			r.ManagerFound(request.Managing{Manager: bert}, true, now)
			return nil
		})
		s.approve(r, bert)
		s.carryOut(r)
	}},
	{"nothing ever happened", func(*story) {}},
	{"hidden, and shown again", func(s *story) {
		c := hide(s)
		c.Hide(false, s.now)
		s.approve(s.w.Requests[0], anna)
		s.carryOut(s.w.Requests[0])
	}},
	{"hidden, and carried out", func(s *story) {
		r := s.ask("r1", 1, false)
		s.approve(r, anna)
		hide(s)
		s.carryOut(r)
	}},
	{"waiting for people", func(s *story) { s.ask("r1", 1, false) }},
	{"carried out", func(s *story) {
		r := s.ask("r1", 1, false)
		s.approve(r, anna)
		s.carryOut(r)
	}},
	{"two approvals", func(s *story) {
		r := s.ask("r1", 2, false)
		s.approve(r, anna, bert)
		s.carryOut(r)
	}},
	{"a self-approval is recorded, and does not count", func(s *story) {
		r := s.ask("r1", 1, false)
		s.smuggle(r, request.Approve, rita)
		s.approve(r, anna)
		s.carryOut(r)
	}},
	{"inactive already", func(s *story) {
		r := s.ask("r1", 1, false)
		s.approve(r, anna)
		s.meddle(false)
		s.begin(r)
		s.read()
		s.succeed(r)
	}},
	{"dry run", func(s *story) {
		r := s.ask("r1", 1, true)
		s.approve(r, anna)
		s.begin(r)
		s.read()
		s.step(r, r.Rehearsed)
		s.paint(r)
	}},
	{"the answer was lost, the next read shows it", func(s *story) {
		r := s.ask("r1", 1, false)
		s.approve(r, anna)
		s.begin(r)
		s.read()
		s.attempt(r)
		s.write(false)
		s.step(r, func(now time.Time) error { return r.Unresolved("hangs", false, 0, now) })
		s.begin(r)
		s.read()
		s.succeed(r)
	}},
	{"lost on the way, read, sent again", func(s *story) {
		r := s.ask("r1", 1, false)
		s.approve(r, anna)
		s.begin(r)
		s.read()
		s.attempt(r)
		s.read()
		s.attempt(r)
		s.write(false)
		s.read()
		s.succeed(r)
	}},
	{"a frozen process sends its write late, and changes nothing", func(s *story) {
		r := s.ask("r1", 1, false)
		s.approve(r, anna)
		s.begin(r)
		s.read()
		s.attempt(r)
		s.read()
		s.attempt(r)
		s.write(false)
		s.read()
		s.succeed(r)
		s.write(false)
	}},
	{"refused, then retried by a person", func(s *story) {
		r := s.ask("r1", 1, false)
		s.approve(r, anna)
		s.begin(r)
		s.read()
		s.attempt(r)
		s.lose(false)
		s.fail(r)
		s.step(r, func(now time.Time) error { return r.Retry(bert, now) })
		s.carryOut(r)
	}},
	{"refused, then switched off by somebody else, then retried", func(s *story) {
		r := s.ask("r1", 1, false)
		s.approve(r, anna)
		s.begin(r)
		s.read()
		s.attempt(r)
		s.lose(false)
		s.fail(r)
		s.meddle(false)
		s.step(r, func(now time.Time) error { return r.Retry(bert, now) })
		s.begin(r)
		s.read()
		s.succeed(r)
	}},
	{"switched on again by somebody else, asked for again", func(s *story) {
		for _, id := range []string{"r1", "r2"} {
			r := s.ask(id, 1, false)
			s.approve(r, anna)
			s.carryOut(r)
			s.meddle(true)
		}
	}},
	{"switched on again by somebody else before it was read back, and off again", func(s *story) {
		r := s.ask("r1", 1, false)
		s.approve(r, anna)
		s.begin(r)
		s.read()
		s.attempt(r)
		s.write(false)
		s.meddle(true)
		s.read()
		s.attempt(r)
		s.write(false)
		s.read()
		s.succeed(r)
	}},
	{"the way back", func(s *story) {
		s.approve(s.ask("r1", 1, false), anna)
		s.carryOut(s.w.Requests[0])
		r := s.askFor(request.Request{ID: "r2", Action: request.Reactivate}, 1)
		s.approve(r, anna)
		s.carryOut(r)
	}},
	{"active already at the way back", func(s *story) {
		s.meddle(false)
		r := s.askFor(request.Request{ID: "r2", Action: request.Reactivate}, 1)
		s.approve(r, anna)
		s.meddle(true)
		s.begin(r)
		s.read()
		s.succeed(r)
	}},
	{"a late write, without effect, while the way back is recorded", func(s *story) {
		r := s.ask("r1", 1, false)
		s.approve(r, anna)
		s.begin(r)
		s.read()
		s.attempt(r)
		s.read()
		s.attempt(r)
		s.write(false)
		s.read()
		s.succeed(r)
		back := s.askFor(request.Request{ID: "r2", Action: request.Reactivate}, 1)
		s.approve(back, anna)
		s.begin(back)
		s.read()
		s.attempt(back)
		s.write(false)
		s.write(true)
		s.read()
		s.succeed(back)
	}},
	{"denied", func(s *story) {
		r := s.ask("r1", 1, false)
		s.step(r, func(now time.Time) error { return r.Deny(anna, "", now) })
		s.paint(r)
	}},
	{"a copy of the card without buttons", func(s *story) {
		s.ask("r1", 1, false)
		s.w.Messages = append(s.w.Messages, invariant.Message{Channel: "C1", TS: "ts-copy"})
	}},
	{"the card was removed by a person", func(s *story) {
		r := s.ask("r1", 1, false)
		s.step(r, func(now time.Time) error { return r.Deny(anna, "", now) })
		s.paint(r)
		s.message("ts-r1").Deleted = true
	}},
	{"an interaction that Slack said did not work", func(s *story) {
		s.w.Interactions = append(s.w.Interactions, invariant.Interaction{ID: "w9"})
	}},
	{"entries of other kinds", func(s *story) {
		r := s.ask("r1", 1, false)
		s.entry(r, "refused", "UOTTO", nil)
		s.w.Trail = append(s.w.Trail, invariant.Entry{Kind: "refused", Actor: "UOTTO"}, invariant.Entry{RequestID: "r0", Kind: "refused"})
	}},
	{"times stored in milliseconds", func(s *story) {
		r := s.ask("r1", 1, false)
		s.approve(r, anna)
		s.carryOut(r)
		s.w.Tolerance = time.Millisecond
		for i := range s.w.Calls {
			s.w.Calls[i].At = s.w.Calls[i].At.Add(900 * time.Microsecond)
		}
	}},
}

func TestGoodWorlds(t *testing.T) {
	t.Parallel()
	for _, tt := range slices.Concat(goodWorlds, whenGoodWorlds, cardsGoodWorlds) {
		t.Run(tt.why, func(t *testing.T) {
			t.Parallel()
			s := tell(t)
			tt.tell(s)
			s.w.Settled = true
			if names := violated(t, s.w); names != nil {
				t.Errorf("violates %q", names)
			}
		})
	}
}
