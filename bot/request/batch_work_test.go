package request_test

import (
	"time"

	"pgregory.net/rapid"

	"wfbot/bot/request"
)

// workBatch does what a batch needs next, as the worker of the bot does it.
func (m *machine) workBatch(t *rapid.T, id string) error {
	b := m.loadBatch(id)
	step, at := b.Next(m.now)
	if step == request.Nothing || at.After(m.now) {
		return nil
	}
	switch step {
	case request.PostCard:
		if m.chance(t, "the card cannot be posted") {
			return m.batchResult(id, func(b *request.Batch, now time.Time) { b.PaintFailed(0, now) })
		}
		ts := m.post(id)
		if m.chance(t, "killed after posting") {
			return errCrash
		}
		return m.batchResult(id, func(b *request.Batch, now time.Time) { b.Posted("C1", ts, now) })
	case request.PaintCard:
		if m.chance(t, "the card cannot be painted") {
			return m.batchResult(id, func(b *request.Batch, now time.Time) { b.PaintFailed(0, now) })
		}
		ok := m.update(id, b.Card.TS)
		if m.chance(t, "killed after painting") {
			return errCrash
		}
		m.meanwhile(t)
		return m.batchResult(id, func(after *request.Batch, now time.Time) {
			if !ok {
				after.CardLost(now)
				return
			}
			after.Paint(b.Look, now)
		})
	case request.Remind:
		fails := m.chance(t, "the reminder cannot be posted")
		return m.batchResult(id, func(b *request.Batch, now time.Time) {
			if fails {
				b.RemindFailed(0, now)
				return
			}
			b.Reminded(now)
		})
	}
	return m.tellOfBatch(t, b)
}

func (m *machine) tellOfBatch(t *rapid.T, b *request.Batch) error {
	if m.chance(t, "the requester cannot be told") {
		return m.batchResult(b.ID, func(b *request.Batch, now time.Time) { b.TellFailed(0, now) })
	}
	m.told[b.ID] = outcome(b.Members...)
	if m.chance(t, "killed after telling") {
		return errCrash
	}
	m.meanwhile(t)
	var told []*request.Request
	for _, before := range b.Members {
		r := m.load(before.ID)
		r.TellRequester(before.News)
		told = append(told, r)
	}
	m.save(told...)
	return m.batchResult(b.ID, func(after *request.Batch, _ time.Time) { after.TellRequester(b.News) })
}

// batchResult applies what a step found out to the batch as it stands on disk.
func (m *machine) batchResult(id string, apply func(*request.Batch, time.Time)) error {
	b := m.loadBatch(id)
	apply(b, m.tick())
	m.saveBatch(b)
	return nil
}
