package request

import "time"

// Erased stands where something that somebody wrote was erased.
const Erased = "(erased)"

// eraseText erases a text that there is.
func eraseText(text *string) {
	if *text != "" {
		*text = Erased
	}
}

// AtRest reports whether nothing is left to do for the request, and nobody can have it
// tried again.
func (r *Request) AtRest(now time.Time) bool {
	step, _ := r.Next(now)
	return r.State.Ended() && step == Nothing && (r.State != Failed || !now.Before(r.ExpiresAt))
}

// Erase forgets what a request that is at rest holds of people, except ids. What later
// rules go by stays: who the Workfront user is by their ID, what was asked and came of
// it, and when it was written and read. No event and no new look comes of it: the store
// records it, and the card stays as it is until it has something new to show.
func (r *Request) Erase(now time.Time) {
	r.ErasedAt = now
	r.Email, r.Holdings = "", nil
	eraseText(&r.Reason)
	eraseText(&r.Trouble)
	r.Target = Target{
		ID: r.Target.ID, Active: r.Target.Active, Admin: r.Target.Admin, Twins: r.Target.Twins,
		ScheduledOff: r.Target.ScheduledOff, InactiveSince: r.Target.InactiveSince,
	}
	r.TargetIDs = nil
	for _, who := range r.people() {
		who.erase()
	}
	for i := range r.Decisions {
		eraseText(&r.Decisions[i].Comment)
	}
}

// Forget forgets the names and e-mails of somebody who asked, decided or may have
// decided, or manages the target in Workfront, and reports whether there were any.
func (r *Request) Forget(is func(Identity) bool) (changed bool) {
	if manages := (Identity{ID: r.Manager.ID, OtherID: r.Manager.OtherID, Email: r.Target.ManagerEmail}); is(manages) {
		changed = r.Target.Manager+r.Target.ManagerEmail != ""
		r.Target.Manager, r.Target.ManagerEmail = "", ""
	}
	for _, who := range r.people() {
		if is(*who) && who.erase() {
			changed = true
		}
	}
	return changed
}

func (r *Request) people() []*Identity {
	all := []*Identity{&r.Requester, &r.Manager}
	for i := range r.Decisions {
		all = append(all, &r.Decisions[i].By)
	}
	return all
}

// erase keeps the ids, and reports whether there was more.
func (i *Identity) erase() bool {
	more := i.Name+i.Email != ""
	i.Name, i.Email = "", ""
	return more
}

// AtRest reports whether there is nothing left to show, to say or to ask on the card
// itself, except for looking whether a hidden one can be shown again: that never ends
// where the channel stays shared.
func (c *Card) AtRest(now time.Time) bool {
	rest := *c
	if c.Hidden && c.Painted >= c.Look {
		rest.PaintRetry = Retry{Failures: 1, At: rest.PaintRetry.Since.Add(RetryFor), Since: rest.PaintRetry.Since} // as if given up
	}
	step, _ := rest.Next(now)
	return step == Nothing
}

// Erase forgets what the card holds of people, when all of its requests are erased.
func (c *Card) Erase() {
	eraseText(&c.Reason)
	c.Requester.erase()
}

// Forget is [Request.Forget] for the card itself.
func (c *Card) Forget(is func(Identity) bool) (changed bool) {
	return is(c.Requester) && c.Requester.erase()
}
