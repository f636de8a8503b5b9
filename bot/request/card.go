package request

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"time"
)

const (
	// gatherFor is how long the card of several people waits for look-ups that are
	// under way. Whoever is found later appears on it then.
	gatherFor = 10 * time.Second
	// countFor is how long the buttons of a card about one person wait for what
	// that person holds to be counted. What is not known then follows.
	countFor = 5 * time.Second
	// repaintEvery is the pause between two repaints of a card about several, since
	// fifty people change it fifty times in a row. Slack takes fifty updates a minute
	// in all, and other cards need some of them.
	// Source: https://docs.slack.dev/apis/web-api/rate-limits
	repaintEvery = 2 * time.Second
	// lookEvery is how often it is looked whether a hidden card can be shown again.
	lookEvery = 15 * time.Minute
)

// Card is one command: the message that asks people about it and shows how it
// stands, what its requester is told, and reminders. Its Requests are the people it is
// about, one for each person, with rules and guarantees of their own.
//
// It is stored as JSON, its requests apart. It is a plain value without locks: one
// goroutine at a time.
type Card struct {
	ID             string    `json:"id"` // opaque; part of the value of every button; that of its request if it has one
	Action         Action    `json:"action"`
	Reason         string    `json:"reason,omitempty"`
	NotBefore      time.Time `json:"not_before,omitzero"`        // as that of each request
	NotBeforeWords string    `json:"not_before_words,omitempty"` // the same
	Requester      Identity  `json:"requester"`
	DryRun         bool      `json:"dry_run,omitempty"`
	CreatedAt      time.Time `json:"created_at"`

	// Place is where the message goes and stands. Look is raised by every change of
	// a request that the card shows; the store does it. Both are stored beside the
	// document.
	Place `json:"-"`
	Look  int64 `json:"-"`

	// Painted is the Look that the message shows; 0: it is posted without buttons. Any
	// number of changes collapse into one repaint. PaintedAt is when it was last painted
	// or, hidden, looked at.
	Painted    int64     `json:"painted"`
	PaintedAt  time.Time `json:"painted_at,omitzero"`
	PaintRetry Retry     `json:"paint_retry,omitzero"`

	// Hidden: people of another organisation can read the channel, or are about to, so
	// that the message says nothing about anybody. ToldHidden: what of that the
	// requester has been told.
	Hidden     bool `json:"hidden,omitempty"`
	ToldHidden bool `json:"told_hidden,omitempty"`

	// Told: the requester of several has been told for the first time how it stands
	// with all. After that, and with one, the News of each request counts.
	Told      bool  `json:"told,omitempty"`
	TellRetry Retry `json:"tell_retry,omitzero"`

	// RemindEvery is how often those who can decide are reminded in the card's
	// thread; 0: never. RemindAt is when they are next; zero: not.
	RemindEvery time.Duration `json:"remind_every,omitempty"`
	RemindAt    time.Time     `json:"remind_at,omitzero"`
	RemindRetry Retry         `json:"remind_retry,omitzero"`

	// Seen is the Look when tries to paint and to tell last began again.
	Seen int64 `json:"seen"`

	Requests []*Request `json:"-"` // in the order of the command; stored in rows of their own

	trail
}

// Place is a message in Slack.
type Place struct {
	Channel string // Slack conversation id
	TS      string // Slack's name of the message in it; empty: not posted yet
}

// HasButtons reports whether a click on the message can count: only the recorded
// one ever had buttons.
func (p Place) HasButtons(channel, ts string) bool {
	return ts != "" && p == Place{Channel: channel, TS: ts}
}

// NewCard returns a card about requests, which New has made and which carry its ID
// as their CardID. c carries the identifying fields.
func NewCard(c Card, requests []*Request, now time.Time) *Card {
	c.CreatedAt, c.Look, c.Requests = now, 1, requests
	return &c
}

// Attach gives the card its requests as they stand. If they have changed, tries to show,
// tell and ask begin again. But a message that could not be posted could not be, whatever
// it shows: tries to post it begin again only if they were given up.
func (c *Card) Attach(requests []*Request) {
	c.Requests = requests
	if c.Seen == c.Look {
		return
	}
	c.Seen, c.TellRetry, c.RemindRetry = c.Look, Retry{}, Retry{}
	if c.TS != "" || c.PaintRetry.GivenUp() {
		c.PaintRetry = Retry{}
	}
}

// One returns the request of a card about one person; nil: it is about several.
func (c *Card) One() *Request {
	if len(c.Requests) == 1 {
		return c.Requests[0]
	}
	return nil
}

// Next returns what the card needs next and when, as [Request.Next] does. It
// depends on the requests as they are now.
func (c *Card) Next(now time.Time) (Step, time.Time) {
	var next earliest
	if !c.PaintRetry.GivenUp() {
		if at, ok := c.postAt(); ok {
			next.want(now, PostCard, c.managersFirst(later(c.PaintRetry.At, at), now))
		}
		if at, ok := c.paintAt(); ok {
			next.want(now, PaintCard, later(c.PaintRetry.At, at))
		}
	}
	// Those who are about to ask again do so one by one; people are told of all.
	if c.any(func(r *Request) bool { return r.Overdue(now) }) {
		return next.step, next.at
	}
	if c.canTell() {
		next.want(now, Tell, c.TellRetry.At)
	}
	if at, ok := c.remindAt(now); ok {
		next.want(now, Remind, c.managersFirst(at, now))
	}
	return next.step, next.at
}

// postAt is when the message can be posted, if it is to be: when everybody has been
// looked up, or those who have been for long enough. Nothing is said about one person
// before they are found.
func (c *Card) postAt() (at time.Time, ok bool) {
	received := c.any(func(r *Request) bool { return r.State == Received })
	switch {
	case c.TS != "" || !received && !c.any(actionable) || received && len(c.Requests) == 1:
		return time.Time{}, false
	case received:
		return c.CreatedAt.Add(gatherFor), true
	}
	return time.Time{}, true
}

// paintAt is when the message can be painted, if there is something new to show, or
// something hidden. What one person holds comes with the buttons, if it is counted in
// time.
func (c *Card) paintAt() (at time.Time, ok bool) {
	r := c.One()
	switch {
	case c.TS == "" || c.Painted >= c.Look && !c.Hidden:
		return time.Time{}, false
	case c.Painted >= c.Look:
		return c.lookAt(), true
	case r == nil && c.Painted > 0:
		return c.PaintedAt.Add(repaintEvery), true
	case r != nil && c.Painted == 0 && r.NeedsCount() && r.Counts == 0:
		return r.pendingSince().Add(countFor), true
	}
	return time.Time{}, true
}

// lookAt is when it is looked again whether a hidden card can be shown: less and less often
// once it has ended.
func (c *Card) lookAt() time.Time {
	every := lookEvery
	if !c.any(func(r *Request) bool { return !r.State.Ended() }) {
		every = max(every, c.PaintedAt.Sub(c.CreatedAt))
	}
	return c.PaintedAt.Add(every)
}

// managersFirst is at, or somewhat later while a manager is to be looked for by then:
// perhaps somebody else has to be asked.
func (c *Card) managersFirst(at, now time.Time) time.Time {
	for _, r := range c.Requests {
		if r.managerDue(later(at, now)) {
			at = later(at, later(r.ManagerAt, now).Add(gatherFor))
		}
	}
	return at
}

// canTell reports whether there is something to tell the requester, and the words
// for it can be chosen: those about a pending request name the card. What there is to
// tell may be that the card is hidden, or shown again. With one person it is whatever is
// new. With several it is first that people have been asked, or that nobody could be
// asked for; then that they are asked again about some, what went wrong for some while
// others may take days, and how it ended for all.
func (c *Card) canTell() bool {
	if c.ToldHidden != c.Hidden && c.Painted > 0 && c.needed() {
		return true
	}
	if r := c.One(); r != nil {
		return r.Told < r.News && (r.State != Pending || c.Painted > 0)
	}
	if c.any(func(r *Request) bool { return r.State == Received }) && c.Painted == 0 {
		return false
	}
	if !c.Told {
		return c.Painted > 0 || !c.needed()
	}
	return c.any(func(r *Request) bool { return r.Told < r.News && pending(r) && (r.Void > 0 || r.Stuck) }) ||
		c.any((*Request).WentWrong) && !c.any(underWay) ||
		!c.any(func(r *Request) bool { return !r.State.Ended() }) && c.any(func(r *Request) bool { return r.Told < r.News })
}

// Asking reports whether what the requester is to be told still belongs to asking:
// that people were asked, that it is not known yet, or that it cannot be asked.
func (c *Card) Asking() bool {
	if r := c.One(); r != nil {
		return r.State == Received || r.State == Pending && r.Void == 0 || r.State == Rejected
	}
	over := !c.any(func(r *Request) bool { return !r.State.Ended() }) && c.any(func(r *Request) bool { return r.State != Rejected })
	return !c.Told && !over
}

// WentWrong reports whether r has failed or was changed back, and its requester has not
// been told: somebody may have to do something about it.
func (r *Request) WentWrong() bool {
	return r.Told < r.News && (r.State == Failed || r.State == Done && r.Verified.Result == Drifted)
}

// underWay reports whether r will soon be elsewhere by itself, as far as is known.
func underWay(r *Request) bool {
	return (r.State == Approved || r.State == Executing) && r.Trouble == ""
}

// awaitsPeople reports whether r goes on only if people decide, or press Retry.
func awaitsPeople(r *Request) bool { return pending(r) || r.State == Failed }

// remindAt is when those who can decide are mentioned in the thread of the card, if that
// is before the last request expires: at the next reminder, or when they have not been
// asked about somebody yet, or when somebody's request has failed.
func (c *Card) remindAt(now time.Time) (at time.Time, ok bool) {
	if c.Painted == 0 || c.Hidden {
		return time.Time{}, false
	}
	at, ok = c.RemindAt, !c.RemindAt.IsZero() && c.any(pending)
	var until time.Time
	for _, r := range c.Requests {
		if !awaitsPeople(r) {
			continue
		}
		until = later(until, r.ExpiresAt)
		if ask, due := c.askAt(r); due && (!ok || ask.Before(at)) {
			at, ok = ask, true
		}
	}
	at = later(at, c.RemindRetry.At)
	return at, ok && later(at, now).Before(until)
}

// askAt is when people have to be asked about r by a message that notifies them, if
// none has yet. If they were asked about somebody else on the card, a person who is found
// later waits a while for others. That person needs no message if those who can decide
// know of the card.
func (c *Card) askAt(r *Request) (at time.Time, due bool) {
	switch {
	case r.Asked >= r.Ask:
		return time.Time{}, false
	case r.State == Failed: // those who fail in a row are one message
		return time.Time{}, !c.any(underWay)
	case r.Asked > 0:
		return time.Time{}, true
	}
	for _, other := range c.Requests {
		if other.Asked > 0 && (r.Manager.ID == "" || sameManager(other.Manager, r.Manager)) {
			return time.Time{}, false
		}
	}
	return r.pendingSince().Add(gatherFor), true
}

// OnlyNewManagers reports whether a reminder at now is only for people who became
// managers after people were asked.
func (c *Card) OnlyNewManagers(now time.Time) bool {
	return (c.RemindAt.IsZero() || c.RemindAt.After(now)) && !c.any(func(r *Request) bool {
		_, due := c.askAt(r)
		return pending(r) && due && (r.NewManager == "" || r.Ask-r.Asked > 1)
	})
}

// Asks are what people are asked by a message that notifies them, as the requests
// stand when its words are chosen: the Ask of each that waits for a decision or for
// Retry, else 0.
func (c *Card) Asks() []int64 {
	asks := make([]int64, len(c.Requests))
	for i, r := range c.Requests {
		if awaitsPeople(r) {
			asks[i] = r.Ask
		}
	}
	return asks
}

func (c *Card) asked(asks []int64) {
	for i, r := range c.Requests {
		if r.Asked = max(r.Asked, asks[i]); r.Asked >= r.Ask {
			r.NewManager = ""
		}
	}
}

// Posted notes the message that is the card from now on. It asks people Asks, except
// those who can retry: it does not mention them. It was posted without buttons; painting
// adds them. Only painting ends a run of failures: a message that vanishes each time is
// posted again more and more slowly.
func (c *Card) Posted(at Place, asks []int64, now time.Time) {
	c.Place, c.Painted = at, 0
	for i, r := range c.Requests {
		if r.State == Failed {
			asks[i] = 0
		}
	}
	c.asked(asks)
	c.record(now, "card posted", Bot, map[string]string{"channel": at.Channel, "ts": at.TS})
}

// Paint notes that the card shows look, which is Look at the time it was drawn. It
// may have been raised since.
func (c *Card) Paint(look int64, now time.Time) {
	c.Painted, c.PaintedAt, c.PaintRetry = max(c.Painted, look), now, Retry{}
	if c.RemindAt.IsZero() {
		c.remindLater(now)
	}
}

// Hide notes whether the message says nothing about anybody, since others can read it.
func (c *Card) Hide(hidden bool, now time.Time) {
	if hidden == c.Hidden {
		return
	}
	c.Hidden = hidden
	kind := map[bool]string{true: "card hidden", false: "card shown again"}[hidden]
	c.record(now, kind, Bot, map[string]string{"channel": c.Channel, "ts": c.TS})
}

// PaintFailed notes that the card could not be posted or repainted, and reports
// whether that has been given up until there is something new to show.
func (c *Card) PaintFailed(wait time.Duration, now time.Time) (givenUp bool) {
	c.PaintRetry = c.PaintRetry.Failed(now, wait)
	if c.PaintRetry.GivenUp() {
		c.record(now, "card given up", Bot, map[string]string{"channel": c.Channel, "ts": c.TS})
	}
	return c.PaintRetry.GivenUp()
}

// Lost notes that the message is gone. A card that people can still act on is posted
// again after a pause, which asks them again. How it ended has reached the requester too.
func (c *Card) Lost(now time.Time) {
	c.record(now, "card lost", Bot, map[string]string{"channel": c.Channel, "ts": c.TS})
	c.Hidden = false
	if !c.needed() {
		c.Painted = c.Look
		return
	}
	c.TS, c.Painted = "", 0
	c.PaintFailed(0, now)
	for _, r := range c.Requests {
		r.managerNow(now)
	}
}

// TellRequester notes that the requester was told about news: the News of each
// request at the time the words were chosen.
func (c *Card) TellRequester(news []int64) {
	c.Told, c.ToldHidden, c.TellRetry = true, c.Hidden, Retry{}
	for i, r := range c.Requests {
		r.Told = max(r.Told, news[i])
	}
}

// TellFailed notes that the requester could not be reached with news. It is tried for
// RetryFor and then given up; TellFailed reports that. The card and the audit trail still
// say it.
func (c *Card) TellFailed(news []int64, wait time.Duration, now time.Time) (givenUp bool) {
	c.TellRetry = c.TellRetry.Failed(now, wait)
	if !c.TellRetry.GivenUp() {
		return false
	}
	for i, r := range c.Requests {
		if r.Told < news[i] {
			r.record(now, "requester not reached", Bot, nil)
		}
	}
	c.TellRequester(news)
	return true
}

// News are the News of each request.
func (c *Card) News() []int64 {
	news := make([]int64, len(c.Requests))
	for i, r := range c.Requests {
		news[i] = r.News
	}
	return news
}

// Reminded notes that those who can decide were asked Asks.
func (c *Card) Reminded(asks []int64, now time.Time) {
	c.asked(asks)
	c.remindLater(now)
	c.record(now, "reminded", Bot, nil)
}

// RemindFailed notes that a reminder could not be posted. It is tried again until
// the next one would be due, or for a day if there are no others. Then it is given up;
// RemindFailed reports that.
func (c *Card) RemindFailed(asks []int64, wait time.Duration, now time.Time) (givenUp bool) {
	c.RemindRetry = c.RemindRetry.Failed(now, wait)
	if c.RemindRetry.At.Sub(c.RemindRetry.Since) < cmp.Or(c.RemindEvery, 24*time.Hour) {
		return false
	}
	c.asked(asks)
	c.remindLater(now)
	return true
}

// remindLater sets the next reminder, if there is to be one.
func (c *Card) remindLater(now time.Time) {
	c.RemindAt, c.RemindRetry = time.Time{}, Retry{}
	if c.RemindEvery > 0 {
		c.RemindAt = now.Add(c.RemindEvery)
	}
}

// needed reports whether people can act on the card, or will be able to.
func (c *Card) needed() bool {
	return c.any(func(r *Request) bool { return r.State == Received || actionable(r) })
}

func (c *Card) any(is func(*Request) bool) bool { return slices.ContainsFunc(c.Requests, is) }

func pending(r *Request) bool { return r.State == Pending }

// actionable reports whether people can act on r.
func actionable(r *Request) bool { return r.State.Open() || r.State == Failed }

// Selection names the requests that is returns true for: a hexadecimal number with a bit
// for each, the first one's the lowest. It goes into a button, so that pressing it is
// about the people that the card showed and no others.
func (c *Card) Selection(is func(*Request) bool) string {
	var set uint64 // MaxPeople fit
	for i, r := range c.Requests {
		if is(r) {
			set |= 1 << i
		}
	}
	return strconv.FormatUint(set, 16)
}

// Selected returns the requests that a Selection names. An error if it is not a
// selection of this card.
func (c *Card) Selected(selection string) ([]*Request, error) {
	set, err := strconv.ParseUint(selection, 16, 64)
	if err != nil || set>>len(c.Requests) != 0 || strconv.FormatUint(set, 16) != selection { // each has one spelling
		return nil, fmt.Errorf("card %s has no selection %.60q", c.ID, selection)
	}
	var selected []*Request
	for i, r := range c.Requests {
		if set&(1<<i) != 0 {
			selected = append(selected, r)
		}
	}
	return selected, nil
}
