package invariant_test

import (
	"cmp"
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
	user string // whom read, write, lose and meddle are about
	w    invariant.World
}

func tell(t *testing.T) *story {
	return &story{t: t, now: t0, user: "wf-jane", w: invariant.World{Inactive: map[string]bool{"wf-jane": false}}}
}

// step passes a moment and then does something to r.
func (s *story) step(r *request.Request, do func(now time.Time) error) {
	s.t.Helper()
	s.now = s.now.Add(time.Millisecond)
	if err := do(s.now); err != nil {
		s.t.Fatal(err)
	}
	r.Version++
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
	special.Email, special.Requester, special.Channel = "jane@acme.com", rita, "C1"
	r, id := request.New(special, s.now, 72*time.Hour), special.ID
	s.w.Requests = append(s.w.Requests, r)
	s.w.Interactions = append(s.w.Interactions, invariant.Interaction{ID: "w" + id, Acknowledged: true, Stored: true, Ended: true, Answered: true})
	s.step(r, func(now time.Time) error {
		return r.Found(request.Finding{
			Target:    request.Target{ID: "wf-jane", Email: "jane@acme.com", Name: "Jane Doe", Active: !r.Action.Active()},
			TargetIDs: []string{"UJANE"}, Needed: needed,
		}, now)
	})
	s.step(r, func(now time.Time) error { r.Posted("C1", "ts-"+id, now); return nil })
	s.w.Messages = append(s.w.Messages, invariant.Message{Channel: "C1", TS: "ts-" + id})
	s.paint(r)
	return r
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

// paint makes the card show r, and tells the requester.
func (s *story) paint(r *request.Request) {
	kinds := map[request.State][]request.DecisionKind{
		request.Pending:  {request.Approve, request.Deny, request.Cancel},
		request.Approved: {request.Cancel},
		request.Failed:   {request.RunAgain},
	}[r.State]
	if r.BatchID != "" {
		s.paintBatch(s.w.Batches[0])
		return
	}
	m := s.message("ts-" + r.ID)
	m.Buttons, m.Current = nil, true
	for _, k := range kinds {
		m.Buttons = append(m.Buttons, invariant.Button{Kind: k, RequestID: r.ID})
	}
	r.Paint(r.Look)
	r.TellRequester(r.News)
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

// askBatch asks for several people at once, each a user of their own.
func (s *story) askBatch(ids ...string) *request.Batch {
	s.t.Helper()
	b := request.Batch{ID: "b1", Action: request.Deactivate, Requester: rita, Channel: "C1"}
	var members []*request.Request
	for _, id := range ids {
		r := request.New(request.Request{ID: id, BatchID: b.ID, Action: b.Action, Email: id + "@acme.com", Requester: rita, Channel: "C1"}, s.now, 72*time.Hour)
		s.w.Inactive["wf-"+id] = false
		s.step(r, func(now time.Time) error {
			return r.Found(request.Finding{
				Target: request.Target{ID: "wf-" + id, Email: id + "@acme.com", Name: id, Active: true}, Needed: 1,
			}, now)
		})
		members = append(members, r)
	}
	s.w.Requests = append(s.w.Requests, members...)
	batch := request.NewBatch(b, members, s.now)
	s.w.Batches = append(s.w.Batches, batch)
	batch.Posted("C1", "ts-b1", s.now)
	s.w.Messages = append(s.w.Messages, invariant.Message{Channel: "C1", TS: "ts-b1"})
	s.paintBatch(batch)
	return batch
}

// paintBatch makes the card show the batch, and tells the requester what there is
// to tell.
func (s *story) paintBatch(b *request.Batch) {
	b.Version++
	b.Changed()
	b.Paint(b.Look, s.now)
	for _, e := range b.TakeEvents() {
		s.w.Trail = append(s.w.Trail, invariant.Entry{RequestID: b.ID, Kind: e.Kind, Actor: e.Actor, At: e.At, Detail: e.Detail})
	}
	m := s.message("ts-b1")
	m.Current, m.Buttons = true, nil
	button := invariant.Button{Kind: request.Approve, BatchID: b.ID}
	ended := true
	for _, r := range b.Members {
		ended = ended && r.State.Ended()
		if r.State == request.Pending {
			button.Members = append(button.Members, r.ID)
		}
	}
	if len(button.Members) > 0 {
		m.Buttons = []invariant.Button{button}
	}
	b.TellRequester(b.News)
	for _, r := range b.Members {
		if ended {
			r.TellRequester(r.News)
		}
	}
}

// wait lets time pass.
func (s *story) wait(d time.Duration) { s.now = s.now.Add(d) }

// verify reads the user again and takes what was found.
func (s *story) verify(r *request.Request, found request.Drift) {
	s.t.Helper()
	s.step(r, func(now time.Time) error { return r.Verify(found, now) })
	s.paint(r)
}
