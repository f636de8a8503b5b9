package invariant

import (
	"time"

	"wfbot/bot/request"
)

// World is everything that can be seen from outside.
type World struct {
	// Requests are all stored requests with their decisions.
	Requests []*request.Request
	// Cards are all stored cards; of their requests only the IDs are looked at.
	Cards []*request.Card
	// Trail is the audit trail, oldest first. Entries of a kind that Check does
	// not know are passed over.
	Trail []Entry
	// Calls is what reached Workfront about users, in order of arrival.
	Calls []Call
	// Inactive says of Workfront users whether they are switched off now. A user
	// who is not in it is not looked at.
	Inactive map[string]bool
	// Messages are all messages of the bot in channels.
	Messages []Message
	// Interactions is what people asked for, by command, click or form.
	Interactions []Interaction
	// Deeds are the decisions that people pressed or submitted; nil: not known.
	Deeds []Deed
	// Told holds the cards whose requester got a message about the outcome as it is
	// now; nil: not known.
	Told map[string]bool
	// Needed is how many people the policy wants to approve a target's change,
	// such as request.Policy.Needed; nil: what the request says.
	Needed func(request.Target) int
	// Approver says whether a Slack user may approve a request whose Manager is as it
	// was at the time in question; nil: everybody.
	Approver func(userID string, r *request.Request) bool
	// StopWindow is how long the program waits after the last approval.
	StopWindow time.Duration
	// Tolerance is how far a stored time may lie from the clock's.
	Tolerance time.Duration
	// Settled says that everything has come to rest: the program was left alone,
	// with everything around it working, until it had nothing more to do.
	Settled bool
}

// Entry is one entry of the audit trail.
type Entry struct {
	RequestID string // empty: about no request
	Kind      string
	Actor     string // Slack user id, or request.Bot
	At        time.Time
	Detail    map[string]string
}

// Call is a read or write of one Workfront user, as Workfront saw it.
type Call struct {
	At     time.Time // of arrival
	UserID string    // Workfront ID
	Write  bool      // else a read that was answered with the user
	Active bool      // isActive: the value sent, or the value answered
	// Effective: the write changed the user, whether or not it was answered.
	Effective bool
	// Other: somebody else than the bot did it.
	Other bool
}

// Message is one message of the bot in a channel.
type Message struct {
	Channel, TS string
	Buttons     []Button // that can be pressed now
	Deleted     bool     // by a person; its buttons are gone
	// Current: it shows all requests of its card as they are now.
	// The test knows by drawing the card again.
	Current bool
	// Leaked is what was written on or below it when it was hidden and the bot knew that
	// people of another organisation read the channel; empty: nothing.
	Leaked string
}

// Button is a button of a message.
type Button struct {
	Kind     request.DecisionKind // empty: it decides nothing
	CardID   string
	Requests []string // IDs of those that pressing it is about
}

// Deed is a decision as a person took it, on what they saw.
type Deed struct {
	By       string // Slack user id
	Kind     request.DecisionKind
	Requests []string // IDs of those that it was about
}

// Interaction is what a person asked for.
type Interaction struct {
	ID           string
	Acknowledged bool // Slack was told that it arrived
	Stored       bool // it is in the database
	Ended        bool // it became a request or a decision, or was refused
	Answered     bool // the person can see what became of it
}
