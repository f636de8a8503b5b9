package request

import (
	"cmp"
	"time"
)

// Display is what people see of a request or a batch, and how far that has got:
// the message that is its card, what its requester was told, and reminders.
type Display struct {
	// Look is raised by every change that the card shows, News by every change
	// that the requester is told. They are done when Card.Painted and Told have
	// caught up; any number of changes collapse into one repaint.
	Look int64 `json:"look"`
	Card Card  `json:"card"`
	News int64 `json:"news"`
	Told int64 `json:"told"`

	PaintRetry Retry `json:"paint_retry,omitzero"`
	TellRetry  Retry `json:"tell_retry,omitzero"`

	// RemindEvery is how often those who can decide are reminded in the card's
	// thread; 0: never. RemindAt is when they are next; zero: not.
	RemindEvery time.Duration `json:"remind_every,omitempty"`
	RemindAt    time.Time     `json:"remind_at,omitzero"`
	RemindRetry Retry         `json:"remind_retry,omitzero"`

	events []Event
}

// Card is where a message stands and what it shows. Buttons exist only on this
// message; a click from any other is refused.
type Card struct {
	Channel string `json:"channel,omitempty"`
	TS      string `json:"ts,omitempty"` // empty: not posted yet
	Painted int64  `json:"painted"`      // the Look the message shows; 0: posted, not painted
}

// Event is one entry for the audit trail.
type Event struct {
	At     time.Time
	Kind   string            // "approve", "write attempted", …
	Actor  string            // Slack user id, or Bot
	Detail map[string]string // never a secret
}

// Bot is the Actor of what the program does by itself.
const Bot = "wfbot"

// TakeEvents returns what happened since the last call and forgets it. The store
// calls it to write the entries in the transaction that saves the change.
func (d *Display) TakeEvents() []Event {
	events := d.events
	d.events = nil
	return events
}

func (d *Display) record(now time.Time, kind, actor string, detail map[string]string) {
	d.events = append(d.events, Event{At: now, Kind: kind, Actor: actor, Detail: detail})
}

// Posted notes the message that from now on is the card. It was posted without
// buttons; painting adds them. Only painting ends a run of failures: a message
// that vanishes each time is posted again ever more slowly.
func (d *Display) Posted(channel, ts string, now time.Time) {
	d.Card = Card{Channel: channel, TS: ts}
	d.record(now, "card posted", Bot, map[string]string{"channel": channel, "ts": ts})
}

// Paint notes that the card shows look, which is Look at the time it was drawn.
// It may have been raised since.
func (d *Display) Paint(look int64) {
	d.Card.Painted = max(d.Card.Painted, look)
	d.PaintRetry = Retry{}
}

// PaintFailed notes that the card could not be posted or repainted, and reports
// whether that has been given up until there is something new to show.
func (d *Display) PaintFailed(wait time.Duration, now time.Time) (givenUp bool) {
	d.PaintRetry = d.PaintRetry.Failed(now, wait)
	if d.PaintRetry.GivenUp() {
		d.record(now, "card given up", Bot, map[string]string{"channel": d.Card.Channel, "ts": d.Card.TS})
	}
	return d.PaintRetry.GivenUp()
}

// cardLost notes that the message is gone. Where a card is still needed, a new
// one is posted after a pause.
func (d *Display) cardLost(needed bool, now time.Time) {
	d.record(now, "card lost", Bot, map[string]string{"channel": d.Card.Channel, "ts": d.Card.TS})
	if needed {
		d.Card = Card{}
		d.PaintFailed(0, now)
		return
	}
	d.Card.Painted = d.Look
}

// HasButtons reports whether a click on the card can count: only the recorded
// message ever had buttons.
func (d *Display) HasButtons(channel, ts string) bool {
	return ts != "" && d.Card.Channel == channel && d.Card.TS == ts
}

// tell marks that the requester is to be told where things stand now.
func (d *Display) tell() {
	d.News++
	d.TellRetry = Retry{}
}

// TellRequester notes that the requester was told about news, which is News at
// the time the words were chosen.
func (d *Display) TellRequester(news int64) {
	d.Told = max(d.Told, news)
	d.TellRetry = Retry{}
}

// TellFailed notes that the requester could not be reached. It is tried for
// RetryFor, then given up, which it reports; the card and the audit trail still
// say it.
func (d *Display) TellFailed(wait time.Duration, now time.Time) (givenUp bool) {
	d.TellRetry = d.TellRetry.Failed(now, wait)
	if d.TellRetry.GivenUp() {
		d.Told = d.News
		d.record(now, "requester not reached", Bot, nil)
	}
	return d.TellRetry.GivenUp()
}

// startReminding sets the first reminder, if there are to be any.
func (d *Display) startReminding(now time.Time) {
	d.RemindAt, d.RemindRetry = time.Time{}, Retry{}
	if d.RemindEvery > 0 {
		d.RemindAt = now.Add(d.RemindEvery)
	}
}

// remindNow makes a reminder due at once, also where there are to be no others.
func (d *Display) remindNow(now time.Time) { d.RemindAt, d.RemindRetry = now, Retry{} }

// Reminded notes that those who can decide were reminded.
func (d *Display) Reminded(now time.Time) {
	d.startReminding(now)
	d.record(now, "reminded", Bot, nil)
}

// RemindFailed notes that a reminder could not be posted. It is tried again until
// the next one would be due, or for a day where there are no others; then it is
// given up, which it reports.
func (d *Display) RemindFailed(wait time.Duration, now time.Time) (givenUp bool) {
	d.RemindRetry = d.RemindRetry.Failed(now, wait)
	if !d.RemindRetry.At.Before(d.RemindAt.Add(cmp.Or(d.RemindEvery, 24*time.Hour))) {
		d.startReminding(now)
		return true
	}
	return false
}

// remindAt is when a reminder is due, if one is due before the deadline.
func (d *Display) remindAt(deadline time.Time) (at time.Time, ok bool) {
	at = later(d.RemindAt, d.RemindRetry.At)
	return at, !d.RemindAt.IsZero() && d.Card.Painted > 0 && at.Before(deadline)
}
