package invariant_test

import (
	"cmp"
	"slices"
	"testing"
	"time"

	"wfbot/bot/bottest/invariant"
	"wfbot/bot/request"
)

var t0 = time.Date(2026, 5, 4, 9, 0, 0, 0, time.UTC)

var (
	rita = request.Identity{ID: "URITA", Name: "Rita", Email: "rita@acme.com"} // asks
	anna = request.Identity{ID: "UANNA", Name: "Anna", Email: "anna@acme.com"} // approves
	bert = request.Identity{ID: "UBERT", Name: "Bert", Email: "bert@acme.com"} // approves too
	jane = request.Identity{ID: "UJANE", Name: "Jane", Email: "jane@acme.com"} // leaves
)

// story tells a world step by step, each a millisecond after the one before.
type story struct {
	t    *testing.T
	now  time.Time
	user string // who read, write, lose and meddle are about
	w    invariant.World
}

func tell(t *testing.T) *story {
	return &story{t: t, now: t0, user: "wf-jane", w: invariant.World{Inactive: map[string]bool{"wf-jane": false}}}
}

// step passes a moment and then does something to r. The card knows of it.
func (s *story) step(r *request.Request, do func(now time.Time) error) {
	s.t.Helper()
	s.now = s.now.Add(time.Millisecond)
	look := r.Look
	if err := do(s.now); err != nil {
		s.t.Fatal(err)
	}
	r.Version++
	for _, c := range s.w.Cards {
		if c.ID == r.CardID && r.Look != look {
			c.Look++
		}
	}
	for _, e := range r.TakeEvents() {
		s.w.Trail = append(s.w.Trail, invariant.Entry{RequestID: r.ID, Kind: e.Kind, Actor: e.Actor, At: e.At, Detail: e.Detail})
	}
}

func (s *story) ask(id string, needed int, dry bool) *request.Request {
	s.t.Helper()
	return s.askFor(request.Request{ID: id, DryRun: dry}, needed)
}

// askFor is ask for a request that is special.
func (s *story) askFor(special request.Request, needed int) *request.Request {
	s.t.Helper()
	special.Action = cmp.Or(special.Action, request.Deactivate)
	special.CardID, special.Email, special.Requester = special.ID, "jane@acme.com", rita
	r, id := request.New(special, s.now, 72*time.Hour), special.ID
	s.w.Requests = append(s.w.Requests, r)
	s.w.Interactions = append(s.w.Interactions, invariant.Interaction{ID: "w" + id, Acknowledged: true, Stored: true, Ended: true, Answered: true})
	s.step(r, func(now time.Time) error {
		return r.Found(request.Finding{
			Target:    request.Target{ID: "wf-jane", Email: "jane@acme.com", Name: "Jane Doe", Active: !r.Action.Active()},
			TargetIDs: []string{"UJANE"}, Needed: needed,
		}, now)
	})
	s.post(request.NewCard(request.Card{ID: id, Action: r.Action, NotBefore: r.NotBefore, Requester: rita, DryRun: r.DryRun}, []*request.Request{r}, s.now))
	return r
}

// post stores the card, posts and paints it.
func (s *story) post(c *request.Card) {
	s.w.Cards = append(s.w.Cards, c)
	s.now = s.now.Add(time.Millisecond)
	c.Posted(request.Place{Channel: "C1", TS: "ts-" + c.ID}, c.Asks(), s.now)
	s.w.Messages = append(s.w.Messages, invariant.Message{Channel: "C1", TS: "ts-" + c.ID})
	s.paint(c.Requests[0])
}

// card is the card of r as it was stored.
func (s *story) card(r *request.Request) *request.Card {
	for _, c := range s.w.Cards {
		if slices.Contains(c.Requests, r) {
			return c
		}
	}
	s.t.Fatalf("no card of %s", r.ID)
	return nil
}

// managed is a request that nobody but the target's manager may approve, who is anna.
func (s *story) managed() *request.Request {
	s.t.Helper()
	r := s.ask("r1", 1, false)
	s.step(r, func(now time.Time) error {
		r.ManagerFound(request.Managing{Manager: anna}, true, now)
		return nil
	})
	s.paint(r)
	s.w.Approver = func(id string, r *request.Request) bool { return id == r.Manager.ID }
	return r
}

// offered is what people can decide about a request in the state.
var offered = map[request.State][]request.DecisionKind{
	request.Pending:  {request.Approve, request.Deny, request.Cancel},
	request.Approved: {request.Cancel},
	request.Failed:   {request.RunAgain},
}

// paint makes the card of r show it, and tells the requester what there is to tell.
func (s *story) paint(r *request.Request) {
	c := s.card(r)
	c.Look++
	c.Attach(c.Requests)
	c.Paint(c.Look, s.now)
	for _, e := range c.TakeEvents() {
		s.w.Trail = append(s.w.Trail, invariant.Entry{RequestID: c.ID, Kind: e.Kind, Actor: e.Actor, At: e.At, Detail: e.Detail})
	}
	m := s.message("ts-" + c.ID)
	m.Current, m.Buttons = true, nil
	ended := true
	for _, kind := range []request.DecisionKind{request.Approve, request.Deny, request.Cancel, request.RunAgain} {
		button := invariant.Button{Kind: kind, CardID: c.ID}
		for _, r := range c.Requests {
			ended = ended && r.State.Ended()
			if slices.Contains(offered[r.State], kind) {
				button.Requests = append(button.Requests, r.ID)
			}
		}
		if len(button.Requests) > 0 {
			m.Buttons = append(m.Buttons, button)
		}
	}
	news := c.News()
	if c.One() == nil && !ended { // of several it is told at first, and when all have ended
		news = make([]int64, len(news))
	}
	c.TellRequester(news)
}

func (s *story) message(ts string) *invariant.Message {
	for i := range s.w.Messages {
		if s.w.Messages[i].TS == ts {
			return &s.w.Messages[i]
		}
	}
	s.t.Fatalf("no message %s", ts)
	return nil
}

func (s *story) approve(r *request.Request, by ...request.Identity) {
	s.t.Helper()
	for _, who := range by {
		s.step(r, func(now time.Time) error { return r.Approve(who, 0, now) })
	}
	s.paint(r)
}

func (s *story) begin(r *request.Request)   { s.t.Helper(); s.step(r, r.Begin) }
func (s *story) attempt(r *request.Request) { s.t.Helper(); s.step(r, r.WriteAttempted) }
func (s *story) succeed(r *request.Request) { s.t.Helper(); s.step(r, r.Succeed); s.paint(r) }

func (s *story) fail(r *request.Request) {
	s.t.Helper()
	s.step(r, func(now time.Time) error { return r.Fail("refused", now) })
	s.paint(r)
}

// read is a read of the user by the bot that was answered.
func (s *story) read() {
	s.now = s.now.Add(time.Millisecond)
	s.w.Calls = append(s.w.Calls, invariant.Call{At: s.now, UserID: s.user, Active: !s.w.Inactive[s.user]})
}

// write is a write of the bot that Workfront applied.
func (s *story) write(value bool) {
	s.now = s.now.Add(time.Millisecond)
	s.w.Calls = append(s.w.Calls, invariant.Call{
		At: s.now, UserID: s.user, Write: true, Active: value, Effective: s.w.Inactive[s.user] == value,
	})
	s.w.Inactive[s.user] = !value
}

// lose is a write of the bot that Workfront refused or never applied.
func (s *story) lose(value bool) {
	s.now = s.now.Add(time.Millisecond)
	s.w.Calls = append(s.w.Calls, invariant.Call{At: s.now, UserID: s.user, Write: true, Active: value})
}

// meddle is a change by somebody else.
func (s *story) meddle(value bool) {
	s.write(value)
	s.w.Calls[len(s.w.Calls)-1].Other = true
}

// carryOut is the one right way.
func (s *story) carryOut(r *request.Request) {
	s.t.Helper()
	s.user = r.Target.ID
	s.begin(r)
	s.read()
	s.attempt(r)
	s.write(r.Action.Active())
	s.read()
	s.succeed(r)
}

// smuggle adds a decision that the transitions would not take.
func (s *story) smuggle(r *request.Request, kind request.DecisionKind, by request.Identity) {
	s.now = s.now.Add(time.Millisecond)
	r.Decisions = append(r.Decisions, request.Decision{Kind: kind, By: by, At: s.now})
	s.entry(r, string(kind), by.ID, map[string]string{
		"email": by.Email, "workfront_id": r.Target.ID, "target_email": r.Target.Email,
	})
}

func (s *story) entry(r *request.Request, kind, actor string, detail map[string]string) {
	s.w.Trail = append(s.w.Trail, invariant.Entry{RequestID: r.ID, Kind: kind, Actor: actor, At: s.now, Detail: detail})
}

// forge brings r into the executing state against its own rules, as a program
// with a mistake would.
func (s *story) forge(r *request.Request) {
	s.now = s.now.Add(time.Millisecond)
	r.State, r.DueAt = request.Executing, s.now
	s.entry(r, "execution started", request.Bot, nil)
	s.paint(r)
}

// askAll asks for several people at once, each a user of their own.
func (s *story) askAll(ids ...string) *request.Card {
	s.t.Helper()
	var all []*request.Request
	for _, id := range ids {
		r := request.New(request.Request{ID: id, CardID: "c1", Action: request.Deactivate, Email: id + "@acme.com", Requester: rita}, s.now, 72*time.Hour)
		s.w.Inactive["wf-"+id] = false
		s.step(r, func(now time.Time) error {
			return r.Found(request.Finding{
				Target: request.Target{ID: "wf-" + id, Email: id + "@acme.com", Name: id, Active: true}, Needed: 1,
			}, now)
		})
		all = append(all, r)
	}
	s.w.Requests = append(s.w.Requests, all...)
	c := request.NewCard(request.Card{ID: "c1", Action: request.Deactivate, Requester: rita}, all, s.now)
	s.post(c)
	return c
}

// wait lets time pass.
func (s *story) wait(d time.Duration) { s.now = s.now.Add(d) }

// verify reads the user again and takes what was found.
func (s *story) verify(r *request.Request, found request.Drift) {
	s.t.Helper()
	s.step(r, func(now time.Time) error { return r.Verify(found, now) })
	s.paint(r)
}
