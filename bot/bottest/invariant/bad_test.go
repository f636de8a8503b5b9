package invariant_test

import (
	"slices"
	"testing"
	"time"

	"wfbot/bot/bottest/invariant"
	"wfbot/bot/request"
)

// done is a world where a request was executed, to be spoiled.
func done(s *story) *request.Request {
	r := s.ask("r1", 1, false)
	s.approve(r, anna)
	s.carryOut(r)
	return r
}

// badWorld violates one invariant: the program had a mistake, and this is what
// could be seen of it.
type badWorld struct {
	why     string
	tell    func(s *story)
	want    invariant.Invariant
	settled bool
}

var badWorlds = []badWorld{
	// Interactions.
	{"acknowledged before the commit, then killed", func(s *story) {
		s.w.Interactions = append(s.w.Interactions, invariant.Interaction{ID: "w9", Acknowledged: true})
	}, invariant.InteractionStored, false},
	{"stored and forgotten", func(s *story) {
		s.w.Interactions = append(s.w.Interactions, invariant.Interaction{ID: "w9", Acknowledged: true, Stored: true})
	}, invariant.InteractionEnds, true},
	{"refused in silence", func(s *story) {
		s.w.Interactions = append(s.w.Interactions, invariant.Interaction{ID: "w9", Acknowledged: true, Stored: true, Ended: true})
	}, invariant.InteractionEnds, true},

	// Approvals.
	{"the requester's approval is counted", func(s *story) {
		r := s.ask("r1", 1, false)
		s.smuggle(r, request.Approve, rita)
		s.forge(r)
		s.read()
		s.attempt(r)
		s.write(false)
		s.read()
		s.succeed(r)
	}, invariant.Approvals, true},
	{"the approval of the requester's second account is counted", func(s *story) {
		r := s.ask("r1", 1, false)
		s.smuggle(r, request.Approve, request.Identity{ID: "URITA2", Email: "Rita@ACME.com"})
		s.forge(r)
	}, invariant.Approvals, false},
	{"the manager of before denies", func(s *story) {
		r := s.managed()
		s.read()
		s.step(r, func(now time.Time) error {
			r.ManagerFound(request.Managing{Manager: bert}, true, now)
			return nil
		})
		s.smuggle(r, request.Deny, anna)
		r.State = request.Denied
		s.paint(r)
	}, invariant.ManagerNow, false},
	{"the manager of the look-up approves two minutes later, and nobody asked who it is now", func(s *story) {
		r := s.managed()
		s.read()
		s.wait(2 * time.Minute)
		s.approve(r, anna)
	}, invariant.ManagerNow, false},
	{"the target's approval is counted", func(s *story) {
		r := s.ask("r1", 1, false)
		s.smuggle(r, request.Approve, request.Identity{ID: "UJANE", Email: "j@acme.com"})
		s.forge(r)
	}, invariant.Approvals, false},
	{"one person approves twice", func(s *story) {
		r := s.ask("r1", 2, false)
		s.smuggle(r, request.Approve, anna)
		s.smuggle(r, request.Approve, request.Identity{ID: "UANNA2", Email: "ANNA@acme.com"})
		s.forge(r)
	}, invariant.Approvals, false},
	{"nobody approved", func(s *story) { s.forge(s.ask("r1", 1, false)) }, invariant.Approvals, false},
	{"approved by the program itself", func(s *story) {
		r := s.ask("r1", 1, false)
		s.smuggle(r, request.Approve, request.Identity{ID: request.Bot})
		s.forge(r)
	}, invariant.Approvals, false},
	{"approved by somebody who may not", func(s *story) {
		done(s)
		s.w.Approver = func(id string, _ *request.Request) bool { return id == "UBERT" }
	}, invariant.Approvals, false},
	{"the approval was about somebody else", func(s *story) {
		done(s)
		for _, e := range s.w.Trail {
			if e.Kind == "approve" {
				e.Detail["workfront_id"] = "wf-joan"
			}
		}
	}, invariant.Approvals, false},
	{"fewer than the policy wants", func(s *story) {
		done(s)
		s.w.Needed = func(request.Target) int { return 2 }
	}, invariant.Approvals, false},
	{"the state says approved, the decisions do not", func(s *story) {
		r := s.ask("r1", 2, false)
		s.approve(r, anna)
		r.State, r.DueAt = request.Approved, s.now
		s.paint(r)
	}, invariant.Approvals, false},
	{"the requester denies as an approver", func(s *story) {
		r := s.ask("r1", 1, false)
		s.step(r, func(now time.Time) error { return r.Deny(rita, "", now) })
	}, invariant.NotOwn, false},
	{"the target retries", func(s *story) {
		r := s.ask("r1", 1, false)
		s.approve(r, anna)
		s.begin(r)
		s.fail(r)
		s.step(r, func(now time.Time) error { return r.Retry(jane, now) })
	}, invariant.NotOwn, false},

	// Writes.
	{"the write is sent before it is recorded", func(s *story) {
		r := s.ask("r1", 1, false)
		s.approve(r, anna)
		s.begin(r)
		s.read()
		s.write(false)
		s.attempt(r)
		s.read()
		s.succeed(r)
	}, invariant.Attempted, true},
	{"the write is sent before the claim", func(s *story) {
		r := s.ask("r1", 1, false)
		s.approve(r, anna)
		s.read()
		s.write(false)
		s.begin(r)
		s.read()
		s.succeed(r)
	}, invariant.Attempted, true},
	{"one attempt, two writes", func(s *story) {
		r := s.ask("r1", 1, false)
		s.approve(r, anna)
		s.begin(r)
		s.read()
		s.attempt(r)
		s.lose(false)
		s.write(false)
		s.read()
		s.succeed(r)
	}, invariant.Attempted, true},
	{"a user without a request is switched off", func(s *story) { s.write(false) }, invariant.Attempted, false},
	{"a denied request is carried out by somebody", func(s *story) {
		r := s.ask("r1", 1, false)
		s.step(r, func(now time.Time) error { return r.Deny(anna, "", now) })
		s.write(false)
	}, invariant.Attempted, false},
	{"sent again without reading first", func(s *story) {
		r := s.ask("r1", 1, false)
		s.approve(r, anna)
		s.begin(r)
		s.read()
		s.attempt(r)
		s.lose(false)
		s.attempt(r)
		s.write(false)
		s.read()
		s.succeed(r)
	}, invariant.ReadFirst, true},
	{"sent without any read", func(s *story) {
		r := s.ask("r1", 1, false)
		s.approve(r, anna)
		s.read() // of before it was begun
		s.begin(r)
		s.attempt(r)
		s.write(false)
		s.read()
		s.succeed(r)
	}, invariant.ReadFirst, true},
	{"sent although the read said inactive", func(s *story) {
		r := s.ask("r1", 1, false)
		s.approve(r, anna)
		s.meddle(false)
		s.begin(r)
		s.read()
		s.attempt(r)
		s.meddle(true)
		s.write(false)
		s.read()
		s.succeed(r)
	}, invariant.ReadFirst, true},
	{"a write comes so late that it undoes the way back", func(s *story) {
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
		s.carryOut(back)
		s.write(false)
	}, invariant.OneWrite, true},
	{"somebody else does the same, which is no reason to do it twice", func(s *story) {
		r := s.ask("r1", 1, false)
		s.approve(r, anna)
		s.begin(r)
		s.read()
		s.attempt(r)
		s.write(false)
		s.meddle(false)
		s.w.Inactive["wf-jane"] = false // nobody knows how
		s.read()
		s.attempt(r)
		s.write(false)
		s.read()
		s.succeed(r)
	}, invariant.OneWrite, true},
	{"the way back, although the read said active", func(s *story) {
		s.meddle(false)
		r := s.askFor(request.Request{ID: "r1", Action: request.Reactivate}, 1)
		s.approve(r, anna)
		s.meddle(true)
		s.begin(r)
		s.read()
		s.attempt(r)
		s.meddle(false)
		s.write(true)
		s.read()
		s.succeed(r)
	}, invariant.ReadFirst, true},
	{"switched off on the way back", func(s *story) {
		s.meddle(false)
		r := s.askFor(request.Request{ID: "r1", Action: request.Reactivate}, 1)
		s.approve(r, anna)
		s.begin(r)
		s.read()
		s.attempt(r)
		s.write(false)
		s.fail(r)
	}, invariant.AsAsked, true},
	{"back, it says, and was read as inactive", func(s *story) {
		s.meddle(false)
		r := s.askFor(request.Request{ID: "r1", Action: request.Reactivate}, 1)
		s.approve(r, anna)
		s.begin(r)
		s.read()
		s.attempt(r)
		s.lose(true)
		s.read()
		s.succeed(r)
	}, invariant.Proven, true},
	{"switched on instead of off", func(s *story) {
		r := s.ask("r1", 1, false)
		s.approve(r, anna)
		s.begin(r)
		s.read()
		s.attempt(r)
		s.write(true)
		s.fail(r)
	}, invariant.AsAsked, true},

	// Outcomes.
	{"done without reading back", func(s *story) {
		r := s.ask("r1", 1, false)
		s.approve(r, anna)
		s.begin(r)
		s.read()
		s.attempt(r)
		s.write(false)
		s.succeed(r)
	}, invariant.Proven, true},
	{"done, although the read said active", func(s *story) {
		r := s.ask("r1", 1, false)
		s.approve(r, anna)
		s.begin(r)
		s.read()
		s.attempt(r)
		s.lose(false)
		s.read()
		s.succeed(r)
	}, invariant.Proven, true},
	{"done, but the user is active", func(s *story) {
		done(s)
		s.w.Inactive["wf-jane"] = false
	}, invariant.Proven, true},

	// The life cycle.
	{"denied, then carried out", func(s *story) {
		r := s.ask("r1", 1, false)
		s.approve(r, anna)
		s.smuggle(r, request.Deny, bert)
		s.forge(r)
	}, invariant.LifeCycle, false},
	{"a dry run writes", func(s *story) {
		r := s.ask("r1", 1, false)
		s.approve(r, anna)
		s.carryOut(r)
		r.DryRun = true
	}, invariant.LifeCycle, false},
	{"done, and no entry says so", func(s *story) {
		done(s)
		s.w.Trail = slices.DeleteFunc(s.w.Trail, func(e invariant.Entry) bool { return e.Kind == "done" })
		s.w.Calls[len(s.w.Calls)-1].At = time.Time{}
	}, invariant.LifeCycle, false},
	{"the trail speaks of a request that nobody stored", func(s *story) {
		s.ask("r1", 1, false)
		s.w.Requests, s.w.Cards, s.w.Messages = nil, nil, nil
	}, invariant.LifeCycle, false},
	{"two open requests for one user", func(s *story) {
		s.ask("r1", 1, false)
		s.ask("r2", 1, false)
	}, invariant.OneOpen, true},
	{"two open requests for one user, one of them ended since", func(s *story) {
		r := s.ask("r1", 1, false)
		s.ask("r2", 1, false)
		s.step(r, func(now time.Time) error { return r.Cancel(rita, "", now) })
		s.paint(r)
	}, invariant.OneOpen, true},
	{"a failed one is retried while another is open", func(s *story) {
		r := s.ask("r1", 1, false)
		s.approve(r, anna)
		s.begin(r)
		s.fail(r)
		s.ask("r2", 1, false)
		s.step(r, func(now time.Time) error { return r.Retry(bert, now) })
	}, invariant.OneOpen, false},
	{"a decision vanished", func(s *story) { done(s).Decisions = nil }, invariant.Decisions, true},
	{"a decision was overwritten", func(s *story) { done(s).Decisions[0].By = bert }, invariant.Decisions, true},
	{"a decision without an entry", func(s *story) {
		r := done(s)
		r.Decisions = append(r.Decisions, request.Decision{Kind: request.Approve, By: bert})
	}, invariant.Decisions, true},
}

func TestBadWorlds(t *testing.T) {
	t.Parallel()
	for _, tt := range slices.Concat(badWorlds, shownBadWorlds, whenBadWorlds, cardsBadWorlds) {
		t.Run(tt.why, func(t *testing.T) {
			t.Parallel()
			s := tell(t)
			tt.tell(s)
			s.w.Settled = tt.settled
			if names := violated(t, s.w); !slices.Equal(names, []invariant.Invariant{tt.want}) {
				t.Errorf("violates %q, want only %q", names, tt.want)
			}
		})
	}
}
