package invariant_test

import (
	"slices"
	"time"

	"wfbot/bot/bottest/invariant"
	"wfbot/bot/request"
)

const day = 24 * time.Hour

// verifiable is done for a request that is to be verified after a day.
func verifiable(s *story) *request.Request {
	r := s.askFor(request.Request{ID: "r1", VerifyAfter: day}, 1)
	s.approve(r, anna)
	s.carryOut(r)
	return r
}

// overdue tells of a request that was approved, and of the program being down.
func overdue(s *story) *request.Request {
	r := s.ask("r1", 1, false)
	s.approve(r, anna)
	s.wait(25 * time.Hour)
	return r
}

// overdueInTheMiddle is overdue for a program that ended while it carried the
// request out.
func overdueInTheMiddle(s *story) *request.Request {
	r := s.ask("r1", 1, false)
	s.approve(r, anna)
	s.begin(r)
	s.wait(25 * time.Hour)
	return r
}

func askAgain(s *story, r *request.Request) {
	s.step(r, r.AskAgain)
	s.paint(r)
}

// beginLate begins r against its own rules.
func beginLate(s *story, r *request.Request) {
	r.State = request.Executing
	s.entry(r, "execution started", request.Bot, nil)
	s.paint(r)
}

// whenGoodWorlds are those of what happens later.
var whenGoodWorlds = []goodWorld{
	{"asked again in the middle", func(s *story) {
		r := overdueInTheMiddle(s)
		s.read()
		askAgain(s, r)
		s.approve(r, anna)
		s.carryOut(r)
	}},
	{"carried out at the time asked for", func(s *story) {
		r := s.askFor(request.Request{ID: "r1", NotBefore: t0.Add(30 * day)}, 1)
		s.approve(r, anna)
		s.wait(30 * day)
		s.carryOut(r)
	}},
	{"carried out a day late", func(s *story) {
		r := s.ask("r1", 1, false)
		s.approve(r, anna)
		s.wait(day - time.Second)
		s.carryOut(r)
	}},
	{"tried for two days", func(s *story) {
		r := s.ask("r1", 1, false)
		s.approve(r, anna)
		for range 47 {
			s.begin(r)
			s.step(r, func(now time.Time) error { return r.Postpone("down", time.Hour, now) })
			s.wait(time.Hour)
		}
		s.carryOut(r)
	}},
	{"paused for days", func(s *story) {
		r := s.ask("r1", 1, false)
		s.approve(r, anna)
		for range 100 {
			s.step(r, func(now time.Time) error { return r.Pause("refused", false, now.Add(time.Hour), now) })
			s.wait(time.Hour)
		}
		s.carryOut(r)
	}},
	{"asked again, and approved by the same person", func(s *story) {
		r := overdue(s)
		askAgain(s, r)
		s.approve(r, anna)
		s.carryOut(r)
	}},
	{"asked again, and nobody answered", func(s *story) {
		r := overdue(s)
		askAgain(s, r)
		s.wait(72 * time.Hour)
		s.step(r, r.Expire)
		s.paint(r)
	}},
	{"still so a day later", func(s *story) {
		r := verifiable(s)
		s.wait(day)
		s.read()
		s.verify(r, request.NoDrift)
	}},
	{"changed back by somebody else", func(s *story) {
		r := verifiable(s)
		s.meddle(true)
		s.wait(day)
		s.read()
		s.verify(r, request.Drifted)
	}},
	{"brought back by wfbot", func(s *story) {
		r := verifiable(s)
		back := s.askFor(request.Request{ID: "r2", Action: request.Reactivate}, 1)
		s.approve(back, anna)
		s.carryOut(back)
		s.wait(day)
		s.read()
		s.verify(r, request.Superseded)
	}},
	{"gone, or not to be read", func(s *story) {
		r := verifiable(s)
		s.wait(day)
		s.verify(r, request.TargetGone)
	}},
	{"details for who asked, and for who may decide", func(s *story) {
		r := s.ask("r1", 1, false)
		s.w.Approver = func(id string, _ *request.Request) bool { return id == "UANNA" }
		s.entry(r, "details shown", "URITA", nil)
		s.entry(r, "details shown", "UANNA", map[string]string{"email": "anna@acme.com"})
	}},
}

// whenBadWorlds are those of what happens later.
var whenBadWorlds = []badWorld{
	{"begun before the time asked for", func(s *story) {
		r := s.askFor(request.Request{ID: "r1", NotBefore: t0.Add(time.Hour)}, 1)
		s.approve(r, anna)
		r.DueAt = s.now // a mistake
		s.carryOut(r)
	}, invariant.NotEarly, false},
	{"begun within the stop window", func(s *story) {
		r := s.ask("r1", 1, false)
		s.w.StopWindow = time.Minute
		s.approve(r, anna) // a mistake
		s.begin(r)
	}, invariant.NotEarly, false},
	{"carried out after a week without asking again", func(s *story) {
		r := s.ask("r1", 1, false)
		s.approve(r, anna)
		s.wait(7 * day)
		beginLate(s, r)
		s.read()
		s.attempt(r)
		s.write(false)
		s.read()
		s.succeed(r)
	}, invariant.NotLate, true},
	{"tried, then not for days, then carried out", func(s *story) {
		r := s.ask("r1", 1, false)
		s.approve(r, anna)
		s.begin(r)
		s.step(r, func(now time.Time) error { return r.Postpone("down", 0, now) })
		s.wait(2 * day)
		beginLate(s, r)
	}, invariant.NotLate, false},
	{"approvals from before it asked again are counted", func(s *story) {
		r := overdue(s)
		askAgain(s, r)
		s.forge(r)
	}, invariant.Approvals, false},
	{"one of two approvals is from before it asked again", func(s *story) {
		r := s.ask("r1", 2, false)
		s.approve(r, anna, bert)
		s.wait(25 * time.Hour)
		askAgain(s, r)
		s.approve(r, anna)
		s.forge(r)
	}, invariant.Approvals, false},
	{"asked again after it failed", func(s *story) {
		r := s.ask("r1", 1, false)
		s.approve(r, anna)
		s.begin(r)
		s.fail(r)
		s.entry(r, "asked again", request.Bot, nil)
		r.State = request.Pending
		s.paint(r)
	}, invariant.LifeCycle, false},
	{"paused when it had ended", func(s *story) {
		r := s.ask("r1", 1, false)
		s.approve(r, anna)
		s.carryOut(r)
		s.entry(r, "paused", request.Bot, map[string]string{"state": "approved"})
		s.entry(r, "done", request.Bot, nil)
	}, invariant.LifeCycle, false},
	{"written days after it was begun", func(s *story) {
		r := overdueInTheMiddle(s)
		s.read()
		s.attempt(r)
		s.write(false)
		s.read()
		s.succeed(r)
	}, invariant.NotLate, true},

	{"still so, it says, and nobody looked", func(s *story) {
		r := verifiable(s)
		s.wait(day)
		s.verify(r, request.NoDrift)
	}, invariant.Verified, true},
	{"still so, it says, and somebody had changed them back", func(s *story) {
		r := verifiable(s)
		s.meddle(true)
		s.wait(day)
		s.read()
		s.verify(r, request.NoDrift)
	}, invariant.Verified, true},
	{"changed back, it says, and they were not", func(s *story) {
		r := verifiable(s)
		s.wait(day)
		s.read()
		s.verify(r, request.Drifted)
	}, invariant.Verified, true},
	{"looked at too early", func(s *story) {
		r := verifiable(s)
		s.wait(day - time.Minute)
		s.read()
		s.verify(r, request.NoDrift)
	}, invariant.Verified, true},
	{"superseded by nothing", func(s *story) {
		r := verifiable(s)
		s.wait(day)
		s.verify(r, request.Superseded)
	}, invariant.Verified, true},
	{"verified, and no entry says so", func(s *story) {
		r := verifiable(s)
		s.wait(day)
		s.read()
		s.verify(r, request.NoDrift)
		s.w.Trail = slices.DeleteFunc(s.w.Trail, func(e invariant.Entry) bool { return e.Kind == "verified" })
	}, invariant.Verified, true},
	{"verified before it was done", func(s *story) {
		r := s.ask("r1", 1, false)
		s.entry(r, "verified", request.Bot, nil)
	}, invariant.LifeCycle, false},
	{"changed back, and the requester was not told", func(s *story) {
		r := verifiable(s)
		s.meddle(true)
		s.wait(day)
		s.read()
		s.verify(r, request.Drifted)
		s.w.Told = map[string]bool{}
	}, invariant.Told, true},
	{"changed back, and nobody is to be told", func(s *story) {
		r := verifiable(s)
		s.meddle(true)
		s.wait(day)
		s.read()
		s.step(r, func(now time.Time) error { return r.Verify(request.Drifted, now) })
		told := r.Told
		s.paint(r)
		r.Told = told
	}, invariant.Told, true},

	{"details for an outsider", func(s *story) {
		r := s.ask("r1", 1, false)
		s.w.Approver = func(id string, _ *request.Request) bool { return id == "UANNA" }
		s.entry(r, "details shown", "UOTTO", nil)
	}, invariant.Details, false},
	{"details for the target, an approver", func(s *story) {
		s.entry(s.ask("r1", 1, false), "details shown", "UJANE", nil)
	}, invariant.Details, false},
	{"details for nobody", func(s *story) {
		s.entry(s.ask("r1", 1, false), "details shown", request.Bot, nil)
	}, invariant.Details, false},
}
