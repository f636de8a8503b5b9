package request_test

import (
	"fmt"
	"time"

	"pgregory.net/rapid"

	"wfbot/bot/bottest/invariant"
	"wfbot/bot/request"
)

// work does what a row needs next, as the worker of the bot does it: one effect
// outside, its result saved. It may be killed before and after each, and other rows
// are worked on meanwhile.
func (m *machine) work(t *rapid.T, one row) error {
	step, at := m.wants(one)
	if m.claimed[one] || step == request.Nothing || at.After(m.now) {
		return nil
	}
	for other := range m.claimed {
		m.sideBySide = m.sideBySide || other.card != one.card && m.cardOf(other) == m.cardOf(one)
	}
	m.claimed[one] = true
	defer delete(m.claimed, one)
	if one.card {
		return m.workCard(t, m.loadCard(one.id), step)
	}
	return m.workRequest(t, m.load(one.id), step)
}

// cardOf is the id of the card that a row is, or is on.
func (m *machine) cardOf(one row) string {
	if one.card {
		return one.id
	}
	return m.look(one.id).CardID
}

func (m *machine) workRequest(t *rapid.T, r *request.Request, step request.Step) error {
	switch step {
	case request.Expiry:
		return m.result(r.ID, func(r *request.Request, now time.Time) error { return r.Expire(now) })
	case request.LookUp:
		return m.lookUp(t, r)
	case request.FindManager:
		found, read := m.findManager(t, r)
		if m.killed(t, "after finding the manager") {
			return errCrash
		}
		return m.result(r.ID, func(r *request.Request, now time.Time) error {
			if !read {
				r.ManagerFailed(0, now)
				return nil
			}
			return m.managerFound(r, found, now)
		})
	case request.CountHoldings:
		held := []request.Holding{{Kind: "tasks", Count: 1, Pending: m.chance(t, "not all that is held can be read")}}
		if m.killed(t, "after counting") {
			return errCrash
		}
		return m.result(r.ID, func(r *request.Request, now time.Time) error { return r.Counted(held, now) })
	case request.AskAnew:
		return m.result(r.ID, m.asksAgain)
	case request.Verify:
		return m.verify(t, r)
	case request.Execute:
		return m.execute(t, r)
	}
	return fmt.Errorf("a request wants to %s", step)
}

// asksAgain is what becomes of a request that is long overdue.
func (m *machine) asksAgain(r *request.Request, now time.Time) error {
	if m.mistake == neverAskAgain {
		r.State = request.Executing
		m.trail = append(m.trail, invariant.Entry{RequestID: r.ID, Kind: "execution started", Actor: request.Bot, At: now})
		return nil
	}
	if err := r.AskAgain(now); err != nil {
		return err
	}
	if m.mistake == countVoid {
		r.Void, r.State, r.DueAt = 0, request.Approved, now
	}
	return nil
}

// verify reads the user again, a day after it was done.
func (m *machine) verify(t *rapid.T, r *request.Request) error {
	if m.mistake == verifyUnread {
		return m.result(r.ID, func(r *request.Request, now time.Time) error { return r.Verify(request.NoDrift, now) })
	}
	found := request.NoDrift
	u, read := m.get(t, r.Target.ID)
	switch {
	case !read:
		return m.result(r.ID, func(r *request.Request, now time.Time) error { return r.VerifyFailed(0, now) })
	case m.opposed(r):
		found = request.Superseded
	case u.Active != r.Action.Active():
		found = request.Drifted
	}
	if m.killed(t, "after reading") {
		return errCrash
	}
	return m.result(r.ID, func(r *request.Request, now time.Time) error {
		news := r.News
		err := r.Verify(found, now)
		if m.mistake == driftUntold {
			r.News = news
		}
		return err
	})
}

// opposed reports whether the opposite of r has been asked for since it was done.
func (m *machine) opposed(r *request.Request) bool {
	for _, id := range m.ids {
		other := m.look(id)
		if other.Target.ID == r.Target.ID && other.Action != r.Action && (other.State.Open() || other.WriteSentAt.After(r.Outcome.ReadAt)) {
			return true
		}
	}
	return false
}

// meanwhile lets a person click and another row be worked on while a step is under
// way.
func (m *machine) meanwhile(t *rapid.T) {
	if m.chance(t, "a click meanwhile") {
		m.click(t)
	}
	if m.chance(t, "a step of another row meanwhile") {
		m.workSomething(t)
	}
}

// killed lets things happen after an effect outside, and reports whether the step is
// killed before its result is stored.
func (m *machine) killed(t *rapid.T, when string) bool {
	m.meanwhile(t)
	return m.chance(t, "killed "+when)
}

// result applies what a step found out to the request as it stands on disk.
func (m *machine) result(id string, apply func(*request.Request, time.Time) error) error {
	r := m.load(id)
	if err := apply(r, m.tick()); err != nil {
		return err
	}
	m.save(r)
	return nil
}

func (m *machine) lookUp(t *rapid.T, r *request.Request) error {
	if m.chance(t, "Workfront does not answer the look-up") {
		return m.result(r.ID, func(r *request.Request, now time.Time) error { return r.LookUpFailed("down", 0, now) })
	}
	if m.chance(t, "the credential is refused") {
		return m.pauses(r.ID)
	}
	f := request.Finding{TargetIDs: []string{"UJANE"}}
	for _, u := range m.users {
		if u.Email == r.Email {
			f.Target = u
		}
	}
	if f.Manager = m.managers[f.Target.ID]; f.Manager.ID == "" {
		f.NoManager = request.ManagerNone
	}
	f.Needed = life.Needed(f.Target)
	if f.Target.Email != jane.Email {
		f.TargetIDs = nil
	}
	if m.killed(t, "after the look-up") {
		return errCrash
	}
	return m.result(r.ID, func(r *request.Request, now time.Time) error {
		other := m.openFor(f.Target.ID)
		switch {
		case f.Target.ID == "":
			return r.Reject(request.RefusedNotFound, "", now)
		case f.Target.Active == r.Action.Active():
			return r.Reject(request.RefusedInactive, "", now)
		case other != "" && m.mistake != ignoreOpen:
			return r.Reject(request.RefusedAlreadyOpen, other, now)
		}
		f.ClearAt = m.clearAt(f.Target.ID, r.Action)
		return r.Found(f, now)
	})
}

// clearAt is until when a write for the opposite of action may still arrive.
func (m *machine) clearAt(user string, action request.Action) (at time.Time) {
	for _, id := range m.ids {
		other := m.look(id)
		if until := other.WriteSentAt.Add(clearFor); other.Target.ID == user && other.Action != action && other.Writes > 0 && until.After(at) {
			at = until
		}
	}
	return at
}

func (m *machine) pauses(id string) error {
	return m.result(id, func(r *request.Request, now time.Time) error {
		return r.Pause("refused", false, now.Add(time.Minute), now)
	})
}

// execute reads, writes and reads back.
func (m *machine) execute(t *rapid.T, r *request.Request) error {
	if m.mistake == writeUnclaimed {
		m.put(t, r.Target.ID, r.Action.Active())
	}
	if m.chance(t, "the credential is refused") {
		return m.pauses(r.ID)
	}
	if err := m.result(r.ID, func(r *request.Request, now time.Time) error { return r.Begin(now) }); err != nil {
		return err
	}
	if m.killed(t, "after the claim") {
		return errCrash
	}
	r = m.load(r.ID)
	u, read := m.get(t, r.Target.ID)
	if verdict := beforeWrite(r, u, read); verdict != nil {
		return m.result(r.ID, verdict)
	}
	if r.TooLate(m.now) && m.mistake != neverAskAgain {
		return m.result(r.ID, m.asksAgain)
	}
	if m.killed(t, "after reading") {
		return errCrash
	}
	return m.write(t, r)
}

type verdict = func(*request.Request, time.Time) error

func fails(why string) verdict {
	return func(r *request.Request, now time.Time) error { return r.Fail(why, now) }
}

func postpones(r *request.Request, now time.Time) error { return r.Postpone("no answer", 0, now) }

func succeeds(r *request.Request, now time.Time) error { return r.Succeed(now) }

// beforeWrite is how an execution ends without a write, or nil.
func beforeWrite(r *request.Request, u request.Target, read bool) verdict {
	switch {
	case !read && r.WriteOpen:
		return func(r *request.Request, now time.Time) error { return r.Unresolved("no answer", false, 0, now) }
	case !read:
		return postpones
	case u.Active == r.Action.Active() && r.WriteOpen:
		return succeeds
	case !r.Target.SamePerson(u):
		return fails("somebody else")
	case u.Active == r.Action.Active():
		return succeeds
	case r.Accepted:
		return fails("as before all the same")
	case r.DryRun:
		return func(r *request.Request, now time.Time) error { return r.Rehearsed(now) }
	}
	return nil
}

func (m *machine) write(t *rapid.T, r *request.Request) error {
	attempted := func(r *request.Request, now time.Time) error { return r.WriteAttempted(now) }
	if err := m.result(r.ID, attempted); err != nil {
		return err
	}
	if m.killed(t, "before the write") {
		return errCrash
	}
	if m.chance(t, "frozen before the write") {
		m.frozen = append(m.frozen, late{user: r.Target.ID, active: r.Action.Active(), until: m.now.Add(lateFor)})
		return errCrash
	}
	a := m.put(t, r.Target.ID, r.Action.Active())
	if m.killed(t, "after the write") {
		return errCrash
	}
	if m.mistake == writeUnread && a.lost {
		return m.write(t, r)
	}
	if a.refused {
		return m.result(r.ID, fails("refused"))
	}
	if m.mistake == believeAnswer && !a.lost {
		return m.result(r.ID, succeeds)
	}
	u, read := m.get(t, r.Target.ID)
	if m.killed(t, "after reading back") {
		return errCrash
	}
	switch {
	case !read:
		accepted := a.applied && !a.lost
		return m.result(r.ID, func(r *request.Request, now time.Time) error { return r.Unresolved("no answer", accepted, 0, now) })
	case u.Active == r.Action.Active():
		return m.result(r.ID, succeeds)
	case !a.lost:
		return m.result(r.ID, fails("nothing changed"))
	}
	return m.result(r.ID, postpones)
}

// workCard does what a card needs next.
func (m *machine) workCard(t *rapid.T, c *request.Card, step request.Step) error {
	switch step {
	case request.PostCard:
		return m.postCard(t, c)
	case request.PaintCard:
		return m.paintCard(t, c)
	case request.Tell:
		return m.tell(t, c)
	case request.Remind:
		asks, fails := c.Asks(), m.chance(t, "the reminder cannot be posted")
		if m.killed(t, "after reminding") {
			return errCrash
		}
		m.cardResult(c.ID, func(c *request.Card, now time.Time) {
			if fails {
				c.RemindFailed(asks, 0, now)
				return
			}
			c.Reminded(asks, now)
		})
		return nil
	}
	return fmt.Errorf("a card wants to %s", step)
}

// cardResult applies what a step found out to the card and its requests as they
// stand on disk.
func (m *machine) cardResult(id string, apply func(*request.Card, time.Time)) {
	c := m.loadCard(id)
	apply(c, m.tick())
	m.saveCard(c)
}

func (m *machine) postCard(t *rapid.T, c *request.Card) error {
	if m.chance(t, "the card cannot be posted") {
		m.cardResult(c.ID, func(c *request.Card, now time.Time) { c.PaintFailed(0, now) })
		return nil
	}
	asks, ts := c.Asks(), m.post(c)
	if m.killed(t, "after posting") {
		return errCrash
	}
	m.cardResult(c.ID, func(c *request.Card, now time.Time) { c.Posted(request.Place{Channel: "C1", TS: ts}, asks, now) })
	return nil
}

func (m *machine) paintCard(t *rapid.T, c *request.Card) error {
	if m.chance(t, "the card cannot be painted") {
		m.cardResult(c.ID, func(c *request.Card, now time.Time) { c.PaintFailed(0, now) })
		return nil
	}
	look, ok := c.Look, m.update(c)
	if m.killed(t, "after painting") {
		return errCrash
	}
	m.cardResult(c.ID, func(c *request.Card, now time.Time) {
		if !ok {
			c.Lost(now)
			return
		}
		c.Paint(look, now)
	})
	return nil
}

func (m *machine) tell(t *rapid.T, c *request.Card) error {
	news := c.News()
	if m.chance(t, "the requester cannot be told") {
		m.cardResult(c.ID, func(c *request.Card, now time.Time) { c.TellFailed(news, 0, now) })
		return nil
	}
	m.told[c.ID] = outcome(c.Requests...)
	if m.killed(t, "after telling") {
		return errCrash
	}
	m.cardResult(c.ID, func(c *request.Card, _ time.Time) { c.TellRequester(news) })
	return nil
}
