package request

import "slices"

// Reader is what one person may see of the requests of others.
type Reader struct {
	policy Policy
	who    Person
	All    bool // they may see all of them, also if there are none
}

// Reader refuses who may see nothing, whatever there is. Somebody who is an approver
// only where they are the manager sees the requests that they may decide on.
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
