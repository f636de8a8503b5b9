package request

import (
	"slices"
	"strings"
	"time"
)

// DecisionKind is what a person decided.
type DecisionKind string

// The kinds of decision.
const (
	Approve  DecisionKind = "approve"
	Deny     DecisionKind = "deny"
	Cancel   DecisionKind = "cancel"
	RunAgain DecisionKind = "retry"
)

// Decision is one person's decision. Decisions are appended and never
// overwritten or removed.
type Decision struct {
	Kind    DecisionKind
	By      Identity
	At      time.Time
	Comment string // may be empty
}

// Approvals returns the approvals that count, oldest first: one for each person,
// where two Slack users with the same e-mail are one person, and none by the
// requester or the target, whatever let them in. Those from before the request
// asked again do not count.
func (r *Request) Approvals() []Decision {
	var counted []Decision
	isTarget := r.targeted()
	for _, d := range r.Decisions[min(r.Void, len(r.Decisions)):] {
		if d.Kind != Approve || r.isRequester(d.By) || isTarget(d.By) || decidedBy(counted, d.By) {
			continue
		}
		counted = append(counted, d)
	}
	return counted
}

// IsApproved reports whether the decisions approve the request: enough
// approvals, no denial and no cancellation. One denial is enough, whatever was
// approved.
func (r *Request) IsApproved() bool {
	_, ended := r.Last(Deny, Cancel)
	return !ended && r.Needed > 0 && len(r.Approvals()) >= r.Needed
}

// Last returns the newest decision of one of the kinds, if there is one; without any
// kinds, of all.
func (r *Request) Last(kinds ...DecisionKind) (Decision, bool) {
	for _, d := range slices.Backward(r.Decisions) {
		if len(kinds) == 0 || slices.Contains(kinds, d.Kind) {
			return d, true
		}
	}
	return Decision{}, false
}

// ApprovedBy reports whether one of the approvals that count is by that person, by
// Slack user id or e-mail.
func (r *Request) ApprovedBy(who Identity) bool { return decidedBy(r.Approvals(), who) }

func (r *Request) isRequester(who Identity) bool { return samePerson(r.Requester, who) }

func (r *Request) isTarget(who Identity) bool { return r.targeted()(who) }

// targeted returns isTarget, for several people: the addresses of the target are
// folded once.
func (r *Request) targeted() func(who Identity) bool {
	target, asked := foldEmail(r.Target.Email), foldEmail(r.Email)
	return func(who Identity) bool {
		theirs := foldEmail(who.Email)
		return slices.ContainsFunc(r.TargetIDs, who.Is) || sameFolded(target, theirs) || sameFolded(asked, theirs)
	}
}

func decidedBy(decisions []Decision, who Identity) bool {
	return slices.ContainsFunc(decisions, func(d Decision) bool { return samePerson(d.By, who) })
}

// samePerson compares by Slack user ids and by e-mail: one person may have two
// Slack accounts. One id of a Decision is enough to know somebody again: whoever acts
// comes with both of theirs, fresh from Slack, and either of them is compared.
func samePerson(a, b Identity) bool { return a.sameID(b) || sameEmail(a.Email, b.Email) }

// sameEmail compares as people do, who do not see case, how a letter and its accent
// are put together, or what takes no place: Workfront and Slack may each have
// another of the forms.
func sameEmail(a, b string) bool { return sameFolded(foldEmail(a), foldEmail(b)) }

func foldEmail(email string) string { return foldAddress(strings.TrimSpace(email)) }

func sameFolded(a, b string) bool { return a != "" && strings.EqualFold(a, b) }

// LastRetry is when an approver last wanted r tried again; zero: never.
func (r *Request) LastRetry() time.Time {
	d, _ := r.Last(RunAgain)
	return d.At
}
