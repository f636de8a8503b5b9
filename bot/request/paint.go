package request

import "time"

// Posted notes the message that from now on is the request's card. It was
// posted without buttons; painting adds them. Only painting ends a run of
// failures: a message that vanishes each time is posted again ever more slowly.
func (r *Request) Posted(channel, ts string, now time.Time) {
	r.Card = Card{Channel: channel, TS: ts}
	r.record(now, "card posted", Bot, map[string]string{"channel": channel, "ts": ts})
}

// Paint notes that the card shows look, which is Look at the time it was drawn.
// It may have been raised since.
func (r *Request) Paint(look int64) {
	r.Card.Painted = max(r.Card.Painted, look)
	r.PaintRetry = Retry{}
}

// PaintFailed notes that the card could not be posted or repainted, and reports
// whether that has been given up until the request changes again.
func (r *Request) PaintFailed(wait time.Duration, now time.Time) (givenUp bool) {
	r.PaintRetry = r.PaintRetry.Failed(now, wait)
	if r.PaintRetry.GivenUp() {
		r.record(now, "card given up", Bot, map[string]string{"channel": r.Card.Channel, "ts": r.Card.TS})
	}
	return r.PaintRetry.GivenUp()
}

// CardLost notes that the message is gone. A request that still needs a card
// gets a new one after a pause; the outcome of an ended one also reached the
// requester.
func (r *Request) CardLost(now time.Time) {
	r.record(now, "card lost", Bot, map[string]string{"channel": r.Card.Channel, "ts": r.Card.TS})
	if r.needsCard() {
		r.Card = Card{}
		r.PaintFailed(0, now)
		return
	}
	r.Card.Painted = r.Look
}

// needsCard reports whether people can still act on the card.
func (r *Request) needsCard() bool { return r.State.Open() || r.State == Failed }

// HasButtons reports whether a click on the request's card can count: only the
// recorded message ever had buttons.
func (r *Request) HasButtons(channel, ts string) bool {
	return ts != "" && r.Card.Channel == channel && r.Card.TS == ts
}

// TellRequester notes that the requester was told about news, which is News at
// the time the words were chosen.
func (r *Request) TellRequester(news int64) {
	r.Told = max(r.Told, news)
	r.TellRetry = Retry{}
}

// TellFailed notes that the requester could not be reached. It is tried for
// RetryFor, then given up, which it reports; the card and the audit trail still
// say it.
func (r *Request) TellFailed(wait time.Duration, now time.Time) (givenUp bool) {
	r.TellRetry = r.TellRetry.Failed(now, wait)
	if r.TellRetry.GivenUp() {
		r.Told = r.News
		r.record(now, "requester not reached", Bot, nil)
	}
	return r.TellRetry.GivenUp()
}
