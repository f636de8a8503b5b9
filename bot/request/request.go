package request

import (
	"strings"
	"time"
)

// Action is what a request wants done to the Workfront user.
type Action string

// Deactivate switches the user off (isActive=false).
const Deactivate Action = "deactivate"

// State is where a request stands. The zero value is not a state.
type State string

// The states of a request; the package documentation draws how they follow one another.
const (
	Received  State = "received"  // stored, the user not looked up yet
	Rejected  State = "rejected"  // ended: the look-up found nothing that may be asked for
	Pending   State = "pending"   // waiting for decisions
	Denied    State = "denied"    // ended by an approver
	Cancelled State = "cancelled" // ended by the requester or an approver
	Expired   State = "expired"   // ended without enough approvals in time
	Approved  State = "approved"  // enough approvals; to be carried out when due
	Executing State = "executing" // being carried out, or a write's outcome is not known yet
	Done      State = "done"      // ended: Workfront was read back and shows the change
	Failed    State = "failed"    // ended unless an approver retries: refused for good, or given up
)

// Open reports whether the request still claims its Workfront user: there is at
// most one open request for each.
func (s State) Open() bool { return s == Pending || s == Approved || s == Executing }

// Ended reports whether nothing will happen any more unless a person retries.
func (s State) Ended() bool { return !s.Open() && s != Received }

// Target is the Workfront user as read at the look-up. The card shows it and
// approvals are bound to it; it never changes during the life of a request.
type Target struct {
	ID           string    `json:"id"` // Workfront ID
	Email        string    `json:"email"`
	Name         string    `json:"name"`
	Title        string    `json:"title,omitempty"`
	AccessLevel  string    `json:"access_level,omitempty"`
	License      string    `json:"license,omitempty"`
	Manager      string    `json:"manager,omitempty"`
	ManagerEmail string    `json:"manager_email,omitempty"`
	HomeGroup    string    `json:"home_group,omitempty"`
	HomeTeam     string    `json:"home_team,omitempty"`
	LastLogin    time.Time `json:"last_login,omitzero"`
	Admin        bool      `json:"admin,omitempty"` // Workfront system administrator
	Active       bool      `json:"active"`
}

// SamePerson reports whether other is still who was shown: same Workfront ID,
// e-mail and name. E-mail addresses are compared without regard to case.
func (t Target) SamePerson(other Target) bool {
	return t.ID == other.ID && strings.EqualFold(t.Email, other.Email) && t.Name == other.Name
}

// Identity names a Slack user inside a record.
type Identity struct {
	ID    string `json:"id"`              // Slack user id
	Name  string `json:"name,omitempty"`  // display only, never an identity
	Email string `json:"email,omitempty"` // from the Slack profile
}

// Card is where a request's message stands and what it shows. Buttons exist
// only on this message; a click from any other is refused.
type Card struct {
	Channel string `json:"channel,omitempty"`
	TS      string `json:"ts,omitempty"` // empty: not posted yet
	Painted int64  `json:"painted"`      // the Look the message shows; 0: posted, not painted
}

// Retry counts the failures of one kind of outside effect and says when it is
// tried again. The zero value means: no failure, now.
type Retry struct {
	Failures int       `json:"failures,omitempty"`
	Since    time.Time `json:"since,omitzero"` // first failure of the row
	At       time.Time `json:"at,omitzero"`    // not before
}

// Failed returns the next Retry after one more failure at now. wait, when
// positive, is how long the other side asked us to wait (Retry-After).
func (r Retry) Failed(now time.Time, wait time.Duration) Retry {
	if r.Failures == 0 {
		r.Since = now
	}
	r.Failures++
	r.At = now.Add(max(wait, pause(r.Failures)))
	return r
}

// GivenUp reports whether the next try would come after the whole of RetryFor.
// It does not look at the clock: a program that was not running for two days
// still tries once more.
func (r Retry) GivenUp() bool {
	return r.Failures > 0 && r.At.Sub(r.Since) >= RetryFor
}

const (
	// RetryFor is how long a failing effect is tried again before it is given
	// up. Adobe's maintenance windows last up to 40 hours.
	RetryFor = 48 * time.Hour

	firstPause   = 2 * time.Second
	longestPause = 30 * time.Minute
)

// pause is the wait after the n-th failure in a row: 2 s, 4 s, … up to 30 min.
func pause(n int) time.Duration {
	d := firstPause
	for ; n > 1 && d < longestPause; n-- {
		d *= 2
	}
	return min(d, longestPause)
}

// Outcome is what Workfront showed when a request was carried out.
type Outcome struct {
	ReadAt time.Time `json:"read_at,omitzero"` // when isActive=false was read back
	// Already: the user was inactive before anything was written.
	Already bool `json:"already,omitempty"`
}

// Request is one request. Read its fields freely; change it through its methods
// alone. It is a plain value without locks: one goroutine at a time.
//
// It is stored as JSON. Fields may be added; a field's meaning or name must not
// change, since requests outlive upgrades.
type Request struct {
	ID        string    `json:"id"`      // opaque; the value of every button
	Version   int64     `json:"version"` // raised by each save; compared before the next
	Action    Action    `json:"action"`
	State     State     `json:"state"`
	Email     string    `json:"email"` // as asked for, lower case
	Reason    string    `json:"reason,omitempty"`
	Requester Identity  `json:"requester"`
	Channel   string    `json:"channel"` // where the card goes
	DryRun    bool      `json:"dry_run,omitempty"`
	CreatedAt time.Time `json:"created_at"`
	// TTL is how long the request waits for decisions from when it is pending, and
	// for a retry from when it failed. At ExpiresAt a pending request ends, and a
	// failed one can no longer be retried.
	TTL       time.Duration `json:"ttl"`
	ExpiresAt time.Time     `json:"expires_at"`

	// Refused says why the request was rejected; InTheWay is the open request for
	// the same user, if that is why.
	Refused  Refusal `json:"refused,omitempty"`
	InTheWay string  `json:"in_the_way,omitempty"`

	// From the look-up on.
	Target    Target   `json:"target,omitzero"`
	TargetIDs []string `json:"target_ids,omitempty"` // Slack users with the target's e-mail
	Manager   Identity `json:"manager,omitzero"`     // approver by being the target's manager; zero: none
	Needed    int      `json:"needed,omitempty"`     // approvals needed

	Decisions []Decision `json:"-"` // stored in rows of their own, only ever appended

	DueAt       time.Time `json:"due_at,omitzero"`        // not carried out before; set by the last approval
	WriteSentAt time.Time `json:"write_sent_at,omitzero"` // the last write that may have reached Workfront
	Writes      int       `json:"writes,omitempty"`       // writes recorded as attempted, in all
	// WriteOpen: a write may have reached Workfront, and nothing that was read since
	// tells what became of it.
	WriteOpen bool `json:"write_open,omitempty"`
	// Accepted: Workfront answered the last write with the wanted value, but it
	// has not been read back yet.
	Accepted bool    `json:"accepted,omitempty"`
	Trouble  string  `json:"trouble,omitempty"` // for people: why it has not happened (yet)
	Outcome  Outcome `json:"outcome,omitzero"`
	// HeldSince: since then nothing is sent to Workfront for anybody; see Hold.
	// Zero: the request is not held.
	HeldSince time.Time `json:"held_since,omitzero"`

	// Look is raised by every change that the card shows, News by every change
	// that the requester is told. They are done when Card.Painted and Told have
	// caught up; any number of changes collapse into one repaint.
	Look int64 `json:"look"`
	Card Card  `json:"card"`
	News int64 `json:"news"`
	Told int64 `json:"told"`

	LookUpRetry  Retry `json:"look_up_retry,omitzero"`
	ExecuteRetry Retry `json:"execute_retry,omitzero"`
	PaintRetry   Retry `json:"paint_retry,omitzero"`
	TellRetry    Retry `json:"tell_retry,omitzero"`

	events []Event
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
// calls it to write the entries in the transaction that saves the request.
func (r *Request) TakeEvents() []Event {
	events := r.events
	r.events = nil
	return events
}

func (r *Request) record(now time.Time, kind, actor string, detail map[string]string) {
	r.events = append(r.events, Event{At: now, Kind: kind, Actor: actor, Detail: detail})
}

// changed is called by every transition: the card has something new to show.
func (r *Request) changed(to State) {
	r.State = to
	r.HeldSince = time.Time{}
	r.Look++
	r.PaintRetry = Retry{}
}

// tell marks that the requester is to be told where the request stands now.
func (r *Request) tell() {
	r.News++
	r.TellRetry = Retry{}
}
