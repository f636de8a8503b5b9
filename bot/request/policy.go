package request

import (
	"slices"
	"time"
)

// Rules are what the configuration says of requests and their cards.
type Rules struct {
	Policy      Policy
	Channel     string        // Slack channel id for the cards; empty: where the command was typed
	RequestTTL  time.Duration // how long a request waits for decisions; 0, in a bot.Config: 72 hours
	RemindEvery time.Duration // how often people are reminded to decide; 0: never
	UserPage    string        // address of a user's page in Workfront, with {id} for their ID there; empty: not known
	StopWindow  time.Duration // how long an approved request can still be cancelled; 0: not
	VerifyAfter time.Duration // how long after the change Workfront is read again; 0: never
	DryRun      bool          // everything but the write
	Retain      time.Duration // how long what is known of people is kept after a request; 0: for ever
}

// Person is a Slack user with the facts that rules look at. Facts may be up to
// a minute old.
type Person struct {
	Identity
	Bot         bool     // a bot or an app
	Guest       bool     // a single- or multi-channel guest
	Deactivated bool     // switched off in Slack
	External    bool     // not of the workspace: of another one or, by Slack Connect, of another organisation
	Groups      []string // those of the policy's user groups that the person is in
	// Zone is where the person's clock is, as their Slack profile says; nil: not
	// known.
	Zone *time.Location
}

// Members is a set of Slack users.
type Members struct {
	Users   []string // Slack user ids
	Groups  []string // Slack user-group ids
	Manager bool     // the manager of the user in question; only for approvers
}

// Empty reports whether nobody can ever be a member.
func (m Members) Empty() bool { return len(m.Users) == 0 && len(m.Groups) == 0 && !m.Manager }

func (m Members) includes(who Person) bool {
	return slices.ContainsFunc(m.Users, who.Is) ||
		slices.ContainsFunc(m.Groups, func(g string) bool { return slices.Contains(who.Groups, g) })
}

// Policy is who may do what. Its zero value lets nobody do anything.
type Policy struct {
	Requesters Members
	Approvers  Members
	// Approvals is how many people must approve, AdminApprovals how many where
	// the target is a Workfront system administrator; at least 1 each.
	Approvals      int
	AdminApprovals int
	AllowAdmins    bool     // Workfront system administrators may be targets
	Protected      []string // e-mails that may never be deactivated, as ParseAddress returns them
	ReactivateAny  bool     // users that wfbot did not deactivate may come back too
}

// mayAct refuses everyone whose word never counts, whatever the lists say.
func mayAct(who Person) Refusal {
	switch {
	case who.ID == "":
		return RefusedUnknownPerson
	case who.Deactivated:
		return RefusedDeactivated
	case who.Bot:
		return RefusedBot
	case who.External:
		return RefusedExternal
	case who.Guest:
		return RefusedGuest
	}
	return Allowed
}

// MayRequest says whether who may ask for a deactivation. A person whose e-mail
// is unknown is refused: nobody could tell a second account of theirs from an
// approver.
func (p Policy) MayRequest(who Person) Refusal {
	no := mayAct(who)
	switch {
	case no != Allowed:
		return no
	case !p.Requesters.includes(who):
		return RefusedNotRequester
	case who.Email == "":
		return RefusedNoEmail
	}
	return Allowed
}

// MayDecide says whether who may take a decision of this kind on r now, by who
// they are. Whether r can still take it is the transition's own check.
//
// Nobody decides about themselves: the target is refused every kind, also one
// who could cancel as an approver, since cancelling would be denying. Only the
// requester may withdraw what they asked for, even about themselves. A person
// whose e-mail is unknown cannot be told apart from the target, and is refused.
func (p Policy) MayDecide(kind DecisionKind, who Person, r *Request) Refusal {
	if no := mayAct(who); no != Allowed {
		return no
	}
	if kind == Cancel && who.sameID(r.Requester) {
		return Allowed
	}
	switch {
	case !p.Approvers.includes(who) && !p.isManager(who, r):
		if p.Approvers.Manager && slices.ContainsFunc(r.FormerManagers, who.Is) {
			return RefusedManagerNoMore
		}
		return RefusedNotApprover
	case who.Email == "":
		return RefusedNoEmail
	case r.isTarget(who.Identity):
		return RefusedOwnAccount
	case kind != Cancel && r.isRequester(who.Identity):
		return RefusedOwnRequest
	}
	return Allowed
}

func (p Policy) isManager(who Person, r *Request) bool {
	return p.Approvers.Manager && who.sameID(r.Manager)
}

// AsManager reports whether who may take a decision of this kind on r if they are
// the target's manager, and not otherwise: then it has to be known who that is now.
func (p Policy) AsManager(kind DecisionKind, who Person, r *Request) bool {
	with, without := *r, *r
	with.Manager, without.Manager = who.Identity, Identity{}
	return p.MayDecide(kind, who, &with) == Allowed && p.MayDecide(kind, who, &without) != Allowed
}

// Enough reports whether as many people can approve r as have to. Those who have approved
// count, those who are named by their ids, and the manager; not the requester and the
// target. User groups are trusted to be large enough.
func (p Policy) Enough(r *Request) bool {
	if len(p.Approvers.Groups) > 0 {
		return true
	}
	// First those whose two ids may both be known: the configuration may hold either, or
	// both.
	var counted []Identity
	add := func(who Identity) {
		if who.ID != "" && !who.sameID(r.Requester) && !slices.ContainsFunc(r.TargetIDs, who.Is) && !slices.ContainsFunc(counted, who.sameID) {
			counted = append(counted, who)
		}
	}
	for _, d := range r.Approvals() {
		add(d.By)
	}
	if p.Approvers.Manager {
		add(r.Manager)
	}
	for _, id := range p.Approvers.Users {
		add(Identity{ID: id})
	}
	return len(counted) >= r.Needed
}

// MayTarget says whether the action may be asked for about t at all. self is the
// Workfront ID of the user that the bot works as: without it the bot could not work on.
// Being protected keeps nobody from coming back.
func (p Policy) MayTarget(action Action, t Target, self string) Refusal {
	switch {
	case t.ID == self:
		return RefusedSelf
	case action == Deactivate && slices.ContainsFunc(p.Protected, func(e string) bool { return sameEmail(e, t.Email) }):
		return RefusedProtected
	case t.Admin && !p.AllowAdmins:
		return RefusedAdmin
	}
	return Allowed
}

// MayRead says whether who may see the requests of others: requesters and
// approvers may.
func (p Policy) MayRead(who Person) Refusal {
	no := mayAct(who)
	if no == Allowed && !p.Requesters.includes(who) && !p.Approvers.includes(who) {
		return RefusedNotReader
	}
	return no
}

// MaySee says whether who may see the details of r: those who may decide on it,
// and who asked for it.
func (p Policy) MaySee(who Person, r *Request) Refusal {
	if no := mayAct(who); no != Allowed || who.sameID(r.Requester) {
		return no
	}
	return p.MayDecide(Approve, who, r)
}

// Needed returns how many people must approve the deactivation of t; for an
// administrator never fewer than for anybody else.
func (p Policy) Needed(t Target) int {
	if t.Admin {
		return max(p.AdminApprovals, p.Approvals, 1)
	}
	return max(p.Approvals, 1)
}

// ChannelFacts is what decides whether cards may be posted to a conversation.
type ChannelFacts struct {
	ID       string
	Direct   bool // a direct message, also of several people
	External bool // shared with another organisation, or about to be
	Archived bool
	Member   bool // the bot is in it
}

// MayPost says whether cards may be posted to the conversation: what they show
// is for people of this organisation only, and approvers must be able to see it.
func MayPost(c ChannelFacts) Refusal {
	switch {
	case c.Direct:
		return RefusedDirectMessage
	case c.External:
		return RefusedSharedChannel
	case c.Archived:
		return RefusedArchived
	case !c.Member:
		return RefusedNotInChannel
	}
	return Allowed
}

// Reader is what one person may see of the requests of others.
type Reader struct {
	policy Policy
	who    Person
	All    bool // they may see all of them, also if there are none
}

// Reader refuses a person who may see nothing, whatever there is. Somebody who is an
// approver only where they are the manager sees the requests that they may decide on.
func (p Policy) Reader(who Person) (Reader, Refusal) {
	no := p.MayRead(who)
	if no == RefusedNotReader && p.Approvers.Manager {
		return Reader{policy: p, who: who}, Allowed
	}
	return Reader{policy: p, who: who, All: no == Allowed}, no
}

// MayDecide reports whether they may approve r.
func (r Reader) MayDecide(about *Request) bool {
	return r.policy.MayDecide(Approve, r.who, about) == Allowed
}

// Sees reports whether they may see a request.
func (r Reader) Sees(about *Request) bool { return r.All || r.MayDecide(about) }

// Visible returns those of all that they may see; all is not used afterwards.
func (r Reader) Visible(all []*Request) []*Request {
	return slices.DeleteFunc(all, func(about *Request) bool { return !r.Sees(about) })
}
