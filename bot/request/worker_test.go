package request_test

import (
	"time"

	"pgregory.net/rapid"

	"wfbot/bot/request"
)

// work does what a request needs next, as the worker of the bot does it: one
// effect outside, its result saved. It may be killed before and after each.
func (m *machine) work(t *rapid.T, id string) error {
	r := m.load(id)
	step, at := r.Next(m.now)
	if step == request.Nothing || at.After(m.now) {
		return nil
	}
	switch step {
	case request.Expiry:
		return m.result(r.ID, func(r *request.Request, now time.Time) error { return r.Expire(now) })
	case request.LookUp:
		return m.lookUp(t, r)
	case request.PostCard:
		return m.postCard(t, r)
	case request.PaintCard:
		return m.paintCard(t, r)
	case request.Survey:
		return m.result(r.ID, func(r *request.Request, now time.Time) error { return r.Surveyed(nil, now) })
	case request.AskAnew:
		return m.result(r.ID, func(r *request.Request, now time.Time) error { return r.AskAgain(now) })
	case request.Execute:
		return m.execute(t, r)
	case request.Remind:
		if m.chance(t, "the reminder cannot be posted") {
			return m.result(r.ID, func(r *request.Request, now time.Time) error { r.RemindFailed(0, now); return nil })
		}
		return m.result(r.ID, func(r *request.Request, now time.Time) error { r.Reminded(now); return nil })
	}
	if m.chance(t, "the requester cannot be told") {
		return m.result(r.ID, func(r *request.Request, now time.Time) error { r.TellFailed(0, now); return nil })
	}
	if r.State.Ended() {
		m.told[r.ID] = true
	}
	if m.chance(t, "killed after telling") {
		return errCrash
	}
	news := r.News
	m.meanwhile(t)
	return m.result(r.ID, func(r *request.Request, _ time.Time) error { r.TellRequester(news); return nil })
}

// meanwhile lets a person click while a step is under way.
func (m *machine) meanwhile(t *rapid.T) {
	if m.chance(t, "a click meanwhile") {
		m.click(t)
	}
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
	f := request.Finding{TargetIDs: []string{"UJANE"}, Manager: maria}
	for _, u := range m.users {
		if u.Email == r.Email {
			f.Target = u
		}
	}
	f.Needed = life.Needed(f.Target)
	if f.Target.Email != jane.Email {
		f.TargetIDs = nil
	}
	if m.chance(t, "killed after the look-up") {
		return errCrash
	}
	return m.result(r.ID, func(r *request.Request, now time.Time) error {
		other := m.openFor(f.Target.ID)
		switch {
		case f.Target.ID == "":
			return r.Reject(request.RefusedNotFound, "", now)
		case !f.Target.Active:
			return r.Reject(request.RefusedInactive, "", now)
		case other != "" && m.mistake != ignoreOpen:
			return r.Reject(request.RefusedAlreadyOpen, other, now)
		}
		return r.Found(f, now)
	})
}

func (m *machine) postCard(t *rapid.T, r *request.Request) error {
	if m.chance(t, "the card cannot be posted") {
		return m.result(r.ID, func(r *request.Request, now time.Time) error { r.PaintFailed(0, now); return nil })
	}
	ts := m.post(r)
	if m.chance(t, "killed after posting") {
		return errCrash
	}
	return m.result(r.ID, func(r *request.Request, now time.Time) error { r.Posted("C1", ts, now); return nil })
}

func (m *machine) paintCard(t *rapid.T, r *request.Request) error {
	if m.chance(t, "the card cannot be painted") {
		return m.result(r.ID, func(r *request.Request, now time.Time) error { r.PaintFailed(0, now); return nil })
	}
	ok, look := m.update(r), r.Look
	if m.chance(t, "killed after painting") {
		return errCrash
	}
	m.meanwhile(t)
	return m.result(r.ID, func(r *request.Request, now time.Time) error {
		if !ok {
			r.CardLost(now)
			return nil
		}
		r.Paint(look)
		return nil
	})
}

// execute reads, writes and reads back.
func (m *machine) execute(t *rapid.T, r *request.Request) error {
	if m.mistake == writeUnclaimed {
		m.put(t, r.Target.ID)
	}
	if err := m.result(r.ID, func(r *request.Request, now time.Time) error { return r.Begin(now) }); err != nil {
		return err
	}
	if m.chance(t, "killed after the claim") {
		return errCrash
	}
	r = m.load(r.ID)
	u, read := m.get(t, r.Target.ID)
	if verdict := beforeWrite(r, u, read); verdict != nil {
		return m.result(r.ID, verdict)
	}
	if m.chance(t, "killed after reading") {
		return errCrash
	}
	m.meanwhile(t)
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
	case !u.Active && r.WriteOpen:
		return succeeds
	case !r.Target.SamePerson(u):
		return fails("somebody else")
	case !u.Active:
		return succeeds
	case r.Accepted:
		return fails("active all the same")
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
	if m.chance(t, "killed before the write") {
		return errCrash
	}
	m.meanwhile(t)
	a := m.put(t, r.Target.ID)
	if m.chance(t, "killed after the write") {
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
	if m.chance(t, "killed after reading back") {
		return errCrash
	}
	switch {
	case !read:
		accepted := a.applied && !a.lost
		return m.result(r.ID, func(r *request.Request, now time.Time) error { return r.Unresolved("no answer", accepted, 0, now) })
	case !u.Active:
		return m.result(r.ID, succeeds)
	case !a.lost:
		return m.result(r.ID, fails("nothing changed"))
	}
	return m.result(r.ID, postpones)
}
