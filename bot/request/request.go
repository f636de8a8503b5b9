package request

import (
	"slices"
	"strings"
	"time"
)

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
	Approved  State = "approved"  // enough approvals; to be executed when due
	Executing State = "executing" // under way in Workfront, or a write's outcome is not known yet
	Done      State = "done"      // ended: Workfront was read back and shows the change
	Failed    State = "failed"    // ended unless an approver retries: refused for good, or given up
)

// Known reports whether it is a state: a newer version may have stored others.
func (s State) Known() bool {
	return s.Open() || slices.Contains([]State{Received, Rejected, Denied, Cancelled, Expired, Done, Failed}, s)
}

// Open reports whether the request still claims its Workfront user: there is at
// most one open request for each.
func (s State) Open() bool { return s == Pending || s == Approved || s == Executing }

// Ended reports whether nothing will happen any more unless a person retries.
func (s State) Ended() bool { return !s.Open() && s != Received }

// Target is the Workfront user as read at the look-up. The card shows it and
// approvals are bound to it; only who manages them changes during the life of a request.
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
	// ScheduledOff is when Workfront itself is to deactivate the user, InactiveSince
	// when it did, or somebody, where the user is inactive. Zero: not, or not known.
	ScheduledOff  time.Time `json:"scheduled_off,omitzero"`
	InactiveSince time.Time `json:"inactive_since,omitzero"`
	Admin         bool      `json:"admin,omitempty"` // Workfront system administrator
	Active        bool      `json:"active"`
	Extra         []Field   `json:"extra,omitempty"` // further fields that the configuration names
	// Missing are those of the above that Workfront was not asked for or did not
	// give, of MissingManager and MissingLastLogin: empty says nothing of them.
	Missing []string `json:"missing,omitempty"`
	// Twins are the Workfront IDs of the other users with the same e-mail, all
	// inactive then.
	Twins []string `json:"twins,omitempty"`
}

// What can be in Target.Missing.
const (
	MissingManager   = "manager"
	MissingLastLogin = "last login"
)

// SameEmail reports whether email is the target's, in whatever form it is written.
func (t Target) SameEmail(email string) bool { return sameEmail(t.Email, email) }

// Field is what Workfront says of a user in a field that the configuration names.
type Field struct {
	Name  string `json:"name"` // as in the configuration, such as company:name
	Value string `json:"value,omitempty"`
}

// SamePerson reports whether other is still who was shown: same Workfront ID,
// e-mail and name. E-mail addresses are compared without regard to case.
func (t Target) SamePerson(other Target) bool {
	return t.ID == other.ID && strings.EqualFold(t.Email, other.Email) && t.Name == other.Name
}

// Identity names a Slack user inside a record.
type Identity struct {
	ID string `json:"id"` // Slack user id
	// OtherID is another id that Slack knows them by: on Enterprise Grid a person has one
	// in the workspace and one in the organisation (U…, W…). Empty: none. Of a Decision
	// it is not stored.
	OtherID string `json:"other_id,omitempty"`
	Name    string `json:"name,omitempty"`  // display only, never an identity
	Email   string `json:"email,omitempty"` // from the Slack profile
}

// Is reports whether id is one of the person's Slack user ids.
func (i Identity) Is(id string) bool { return id != "" && (id == i.ID || id == i.OtherID) }

// sameID reports whether both are one Slack user, by any of their ids.
func (i Identity) sameID(other Identity) bool { return i.Is(other.ID) || i.Is(other.OtherID) }

// Outcome is what Workfront showed when a request was executed.
type Outcome struct {
	ReadAt time.Time `json:"read_at,omitzero"` // when the wanted isActive was read back
	// Already: the user was as wanted, and no write of ours can have made them so.
	Already bool `json:"already,omitempty"`
	// InactiveSince is Workfront's own date of the deactivation, where it gives one.
	InactiveSince time.Time `json:"inactive_since,omitzero"`
}

// Request is one request. Read its fields freely; change it through its methods
// alone. It is a plain value without locks: one goroutine at a time.
//
// It is stored as JSON. Fields may be added; a field's meaning or name must not
// change, since requests outlive upgrades.
type Request struct {
	ID      string `json:"id"`      // opaque; the value of every button
	Version int64  `json:"version"` // raised by each save; compared before the next
	Action  Action `json:"action"`
	State   State  `json:"state"`
	Email   string `json:"email"` // as asked for, lower case
	// Wanted is the Workfront ID of the user who is meant, if it is known from the start;
	// empty: the user with Email.
	Wanted string `json:"wanted,omitempty"`
	Reason string `json:"reason,omitempty"`
	// NotBefore is when the change was asked for; zero: as soon as it is approved.
	NotBefore time.Time `json:"not_before,omitzero"`
	// NotBeforeWords is NotBefore by the clock that was meant, with its zone, for
	// whoever asked to check; empty: not known.
	NotBeforeWords string `json:"not_before_words,omitempty"`
	// CardID is the card that asks about the request: of the same ID if it asks about
	// nobody else.
	CardID    string    `json:"card_id"`
	Requester Identity  `json:"requester"`
	DryRun    bool      `json:"dry_run,omitempty"`
	CreatedAt time.Time `json:"created_at"`
	// TTL is how long the request waits for decisions from when it is pending, and
	// for a retry from when it failed. At ExpiresAt a pending request ends, and a
	// failed one can no longer be retried.
	TTL       time.Duration `json:"ttl"`
	ExpiresAt time.Time     `json:"expires_at"`
	// VerifyAfter is how long after it was done Workfront is read again; 0: never.
	VerifyAfter time.Duration `json:"verify_after,omitempty"`

	// Refused says why the request was rejected; InTheWay is the open request for
	// the same user, if that is why.
	Refused  Refusal `json:"refused,omitempty"`
	InTheWay string  `json:"in_the_way,omitempty"`

	// From the look-up on.
	Target    Target   `json:"target,omitzero"`
	TargetIDs []string `json:"target_ids,omitempty"` // Slack users with the target's e-mail
	Manager   Identity `json:"manager,omitzero"`     // approver by being the target's manager; zero: none
	Needed    int      `json:"needed,omitempty"`     // approvals needed
	// NoManager says why Manager is zero although managers may approve.
	NoManager NoManager `json:"no_manager,omitempty"`
	// FormerManagers are the Slack ids of those who were Manager and are no more.
	// NewManager is the id of a manager that no message has mentioned yet; see
	// ManagerFound.
	FormerManagers []string `json:"former_managers,omitempty"`
	NewManager     string   `json:"new_manager,omitempty"`
	// Stuck: fewer people can approve than have to, since the manager changed.
	Stuck bool `json:"stuck,omitempty"`
	// ManagerAt is when the manager of a pending request is looked for again; zero:
	// only when somebody decides as the manager.
	ManagerAt    time.Time `json:"manager_at,omitzero"`
	ManagerRetry Retry     `json:"manager_retry,omitzero"`

	Decisions []Decision `json:"-"` // stored in rows of their own, only ever appended
	// Void is how many of the first Decisions approve nothing any more, since the
	// request asked again; see AskAgain.
	Void int `json:"void,omitempty"`

	// ClearAt is until when a write of an earlier request for the same user, which
	// wanted something else, may still arrive: a frozen process may send it late.
	ClearAt     time.Time `json:"clear_at,omitzero"`
	DueAt       time.Time `json:"due_at,omitzero"`        // not executed before; set by the last approval
	WriteSentAt time.Time `json:"write_sent_at,omitzero"` // the last write that may have reached Workfront
	Writes      int       `json:"writes,omitempty"`       // writes recorded as attempted, in all
	// WritesRefused is how many of Writes Workfront refused: those certainly changed
	// nothing.
	WritesRefused int `json:"writes_refused,omitempty"`
	// WriteOpen: a write may have reached Workfront, and nothing that was read since
	// tells what became of it.
	WriteOpen bool `json:"write_open,omitempty"`
	// Accepted: Workfront answered the last write with the wanted value, but it
	// has not been read back yet.
	Accepted bool    `json:"accepted,omitempty"`
	Trouble  string  `json:"trouble,omitempty"` // for people: why it has not happened (yet)
	Outcome  Outcome `json:"outcome,omitzero"`
	// PausedSince: since then nothing is sent to Workfront for anybody; see Pause.
	// Zero: the request is not paused.
	PausedSince time.Time `json:"held_since,omitzero"`

	LookUpRetry  Retry `json:"look_up_retry,omitzero"`
	ExecuteRetry Retry `json:"execute_retry,omitzero"`

	// Holdings is what the target still holds in Workfront, as last read; see
	// Counted.
	Holdings   []Holding `json:"holdings,omitempty"`
	Counts     int       `json:"surveys,omitempty"` // how often they were read
	CountRetry Retry     `json:"survey_retry,omitzero"`

	// SupersededAt is when a later request had changed the user the opposite way;
	// zero: none has.
	SupersededAt time.Time `json:"superseded_at,omitzero"`

	// VerifyAt is when Workfront is read again after the request was done; zero: not,
	// or not any more. Verified is what that showed.
	VerifyAt    time.Time    `json:"verify_at,omitzero"`
	VerifyRetry Retry        `json:"verify_retry,omitzero"`
	Verified    Verification `json:"verified,omitzero"`

	// ErasedAt is when what it held of people was erased; zero: it is all there.
	ErasedAt time.Time `json:"erased_at,omitzero"`

	// Look is raised by every change that the card shows; News by every change that
	// the requester is told, and Told is the News that they have been; Ask whenever
	// people have to be asked by a message that notifies them, and Asked is the Ask
	// that they have been.
	Look  int64 `json:"look"`
	News  int64 `json:"news"`
	Told  int64 `json:"told"`
	Ask   int64 `json:"ask,omitempty"`
	Asked int64 `json:"asked,omitempty"`

	// RemindEvery is the card's: who manages the target is looked for before people
	// are reminded.
	RemindEvery time.Duration `json:"remind_every,omitempty"`

	// Place is the card's, as it was when the request was read.
	Place `json:"-"`

	trail
}

// move is called by every transition: the card has something new to show.
func (r *Request) move(to State) {
	r.State = to
	r.PausedSince = time.Time{}
	r.Look++
}

// tell marks that the requester is to be told where things stand now.
func (r *Request) tell() { r.News++ }

// pendingSince is when a pending request's time to be decided began: when it was
// found, or asked again.
func (r *Request) pendingSince() time.Time { return r.ExpiresAt.Add(-r.TTL) }

// Event is one entry for the audit trail.
type Event struct {
	At     time.Time
	Kind   string            // "approve", "write attempted", …
	Actor  string            // Slack user id, or Bot
	Detail map[string]string // never a secret
}

// Bot is the Actor of what the program does by itself.
const Bot = "wfbot"

// trail is what has happened to a row since it was saved last.
type trail struct{ events []Event }

// TakeEvents returns what happened since the last call and forgets it. The store
// calls it to write the entries in the transaction that saves the change.
func (t *trail) TakeEvents() []Event {
	events := t.events
	t.events = nil
	return events
}

func (t *trail) record(now time.Time, kind, actor string, detail map[string]string) {
	t.events = append(t.events, Event{At: now, Kind: kind, Actor: actor, Detail: detail})
}
