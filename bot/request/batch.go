package request

import (
	"fmt"
	"slices"
	"strconv"
	"time"
)

const (
	// gatherFor is how long the card of a batch waits for look-ups that are under
	// way. Whoever is found later appears on it then.
	gatherFor = 10 * time.Second
	// repaintEvery is the pause between two repaints of a batch's card, since fifty
	// people change it fifty times in a row. Slack takes fifty updates a minute in
	// all, and other cards need some of them.
	// Source: https://docs.slack.dev/apis/web-api/rate-limits
	repaintEvery = 2 * time.Second
)

// Batch is one command about several people. Each of them is a request of its
// own, with all its rules and guarantees; the batch has the one card that stands
// for all of theirs, and tells the requester of all at once.
//
// It is stored as JSON, its members apart. It is a plain value without locks: one
// goroutine at a time.
type Batch struct {
	ID             string    `json:"id"` // opaque; part of the value of every button
	Version        int64     `json:"version"`
	Action         Action    `json:"action"`
	Reason         string    `json:"reason,omitempty"`
	NotBefore      time.Time `json:"not_before,omitzero"`        // as that of each member
	NotBeforeWords string    `json:"not_before_words,omitempty"` // likewise
	Requester      Identity  `json:"requester"`
	Channel        string    `json:"channel"` // where the card goes
	DryRun         bool      `json:"dry_run,omitempty"`
	CreatedAt      time.Time `json:"created_at"`
	PaintedAt      time.Time `json:"painted_at,omitzero"` // the last repaint
	// RemindedAt is when people were last reminded.
	RemindedAt time.Time `json:"reminded_at,omitzero"`
	// Asked is the Selection of those about whom people were asked by a message that
	// notifies them: the card when it was posted, or a reminder. Empty: not known.
	Asked string `json:"asked,omitempty"`

	// Display is the card's. Its Look is raised whenever a member's is; its News and
	// Told only count that the requester was told for the first time: after that the
	// members' own count.
	Display

	Members []*Request `json:"-"` // in the order of the command; stored in rows of their own
}

// NewBatch returns a batch about members, requests that New has made and that
// carry its ID as their BatchID. b carries the identifying fields.
func NewBatch(b Batch, members []*Request, now time.Time) *Batch {
	b.CreatedAt, b.Look, b.News, b.Members = now, 1, 1, members
	return &b
}

// Changed notes that a member has something new to show. One that asks again has
// people reminded at once, since a repaint notifies nobody; one that is found after
// the card was posted, for whom others have to be asked, when there was time for
// more of them; a new manager is asked at once.
func (b *Batch) Changed() {
	b.Look++
	b.PaintRetry, b.TellRetry = Retry{}, Retry{}
	if r := b.unasked(); r != nil {
		// A pending request was found when its time to be decided began.
		if at := r.ExpiresAt.Add(gatherFor - r.TTL); b.RemindAt.IsZero() || at.Before(b.RemindAt) {
			b.remindNow(at)
		}
	}
	for _, r := range b.Members {
		if pending(r) && (r.Void > 0 || r.NewManager != "") && r.RemindAt.After(b.RemindedAt) && (b.RemindAt.IsZero() || r.RemindAt.Before(b.RemindAt)) {
			b.remindNow(r.RemindAt)
		}
	}
}

// unasked returns a member about whom somebody has to be asked who has not been
// notified yet: their manager, or anybody at all. nil: there is none.
func (b *Batch) unasked() *Request {
	if b.Asked == "" || b.Card.TS == "" { // not known, or the card will do it
		return nil
	}
	asked, err := b.Selected(b.Asked)
	if err != nil {
		return nil
	}
	for _, r := range b.Members {
		if !pending(r) || slices.Contains(asked, r) {
			continue
		}
		theirs := func(other *Request) bool { return r.Manager.ID == "" || sameManager(other.Manager, r.Manager) }
		if !slices.ContainsFunc(asked, theirs) {
			return r
		}
	}
	return nil
}

// Pending is the Selection of those about whom people can decide.
func (b *Batch) Pending() string { return b.Selection(pending) }

// Notified notes that people were asked about those whom a Selection names, by a
// message that notifies them.
func (b *Batch) Notified(selection string) { b.Asked = selection }

// Reminded notes that those who can decide were reminded.
func (b *Batch) Reminded(now time.Time) {
	b.Display.Reminded(now)
	b.RemindedAt = now
}

// Paint notes that the card shows look, since now.
func (b *Batch) Paint(look int64, now time.Time) {
	b.Display.Paint(look)
	b.PaintedAt = now
	if b.RemindAt.IsZero() {
		b.startReminding(now)
	}
}

// CardLost notes that the message is gone; a batch that still needs a card gets
// a new one.
func (b *Batch) CardLost(now time.Time) { b.cardLost(b.needsCard(), now) }

func (b *Batch) needsCard() bool {
	return b.any(func(r *Request) bool { return r.State == Received || r.needsCard() })
}

// Next returns what the batch needs next and when, as [Request.Next] does. It
// depends on the members as they are now.
func (b *Batch) Next(now time.Time) (Step, time.Time) {
	step, at := Nothing, time.Time{}
	want := func(s Step, t time.Time) {
		if step == Nothing || (at.After(now) && t.Before(at)) {
			step, at = s, t
		}
	}
	if !b.PaintRetry.GivenUp() {
		switch {
		case b.Card.TS == "" && b.any(waiting):
			want(PostCard, later(b.PaintRetry.At, b.gathered()))
		case b.Card.TS != "" && b.Card.Painted < b.Look:
			want(PaintCard, later(b.PaintRetry.At, b.PaintedAt.Add(repaintEvery)))
		}
	}
	// Those who are about to ask again do so one by one; people are told of all.
	if b.any(func(r *Request) bool { return r.Overdue(now) }) {
		return step, at
	}
	if b.canTell() {
		want(Tell, b.TellRetry.At)
	}
	if at, ok := b.remindAt(b.expiresAt()); ok && b.any(pending) {
		if b.any(func(r *Request) bool { return r.managerDue(at) }) { // who is asked may be somebody else
			at = at.Add(gatherFor)
		}
		want(Remind, at)
	}
	return step, at
}

// gathered is when the card can be posted: at once when everybody has been looked
// up.
func (b *Batch) gathered() time.Time {
	if b.any(func(r *Request) bool { return r.State == Received }) {
		return b.CreatedAt.Add(gatherFor)
	}
	return time.Time{}
}

// canTell reports whether there is something to tell the requester: first that
// people have been asked, or that nobody could be asked for; then that they are
// asked again about some, what went wrong for some while others may take days, and
// how it ended for all.
func (b *Batch) canTell() bool {
	if b.any(func(r *Request) bool { return r.State == Received }) && b.Card.Painted == 0 {
		return false
	}
	if b.Told < b.News {
		return b.Card.Painted > 0 || !b.any(waiting)
	}
	return b.any(func(r *Request) bool { return r.Told < r.News && pending(r) && (r.Void > 0 || r.Stuck) }) ||
		b.any((*Request).WentWrong) && !b.any(moving) ||
		!b.any(func(r *Request) bool { return !r.State.Ended() }) && b.any(func(r *Request) bool { return r.Told < r.News })
}

// WentWrong reports whether r has failed or was changed back, and its requester has not
// been told: somebody may have to do something about it.
func (r *Request) WentWrong() bool {
	return r.Told < r.News && (r.State == Failed || r.State == Done && r.Verified.Result == Drifted)
}

// moving reports whether r will soon be elsewhere by itself, as far as is known.
func moving(r *Request) bool {
	return (r.State == Approved || r.State == Executing) && r.Trouble == ""
}

// expiresAt is when the last of the pending members expires.
func (b *Batch) expiresAt() (at time.Time) {
	for _, r := range b.Members {
		if r.State == Pending {
			at = later(at, r.ExpiresAt)
		}
	}
	return at
}

func (b *Batch) any(is func(*Request) bool) bool {
	for _, r := range b.Members {
		if is(r) {
			return true
		}
	}
	return false
}

func pending(r *Request) bool { return r.State == Pending }

// waiting reports whether people can act on a member, or will be able to.
func waiting(r *Request) bool { return r.State == Received || r.needsCard() }

// Selection names the members for whom is answers true: a hexadecimal number with
// a bit for each, the first member's the lowest. It goes into a button, so that
// pressing it is about the people whom the card showed and no others.
func (b *Batch) Selection(is func(*Request) bool) string {
	var set uint64 // MaxPeople fit
	for i, r := range b.Members {
		if is(r) {
			set |= 1 << i
		}
	}
	return strconv.FormatUint(set, 16)
}

// Selected returns the members that a Selection names. An error if it is not a
// selection of this batch.
func (b *Batch) Selected(selection string) ([]*Request, error) {
	set, err := strconv.ParseUint(selection, 16, 64)
	if err != nil || set>>len(b.Members) != 0 || strconv.FormatUint(set, 16) != selection { // each has one spelling
		return nil, fmt.Errorf("batch %s has no selection %.60q", b.ID, selection)
	}
	var members []*Request
	for i, r := range b.Members {
		if set&(1<<i) != 0 {
			members = append(members, r)
		}
	}
	return members, nil
}
