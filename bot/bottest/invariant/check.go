package invariant

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"wfbot/bot/request"
)

// Invariant names what must hold.
type Invariant string

// The invariants.
const (
	InteractionStored Invariant = "an interaction is stored before it is acknowledged"
	InteractionEnds   Invariant = "every accepted interaction reaches an end"               // when settled
	LifeCycle         Invariant = "a request follows its life cycle"                        // and stands where its trail leads
	Consistent        Invariant = "what a request says of itself agrees"                    // counters, card, outcome
	OneOpen           Invariant = "a user has at most one open request"                     // at any time
	Decisions         Invariant = "decisions are what the trail says"                       // each once, in order
	Decided           Invariant = "decisions are what people did"                           // each of them, about the people they saw
	NotOwn            Invariant = "nobody decides about themselves"                         // denying and retrying
	Approvals         Invariant = "nothing is carried out without enough valid approvals"   // before, in the order of the trail
	NotEarly          Invariant = "nothing is begun before its time"                        // asked for, and after the stop window
	NotLate           Invariant = "what is long overdue is asked for again"                 //
	Attempted         Invariant = "every write was recorded as attempted before"            // and each record stands for one
	ReadFirst         Invariant = "every write rests on a read since the one before"        // that showed that it is needed
	OneWrite          Invariant = "a request changes its user at most once"                 // unless somebody else changes them back
	AsAsked           Invariant = "a user is changed only as was asked"                     //
	Proven            Invariant = "done is proven by a read"                                // and by a change, or needs none
	Verified          Invariant = "what was verified was read again"                        // after its time, and showed that
	ManagerNow        Invariant = "who decides as the manager was just found to be it"      // by a read of the target
	Details           Invariant = "details are shown only to those who may see them"        // those who may decide, and who asked
	Cards             Invariant = "a card stands for its requests"                          // each has one, and is as was asked
	Buttons           Invariant = "live buttons are on the card alone and fit its request"  //
	CardShowsRow      Invariant = "the card shows the request"                              // when settled
	Hidden            Invariant = "what others can read says nothing about people"          // once the bot knew, and the card is hidden
	Told              Invariant = "the requester was told"                                  // when settled
	AtRest            Invariant = "a settled request has ended or waits for people's words" // when settled
)

// Violation is one invariant that does not hold, with the evidence.
type Violation struct {
	Invariant Invariant
	Request   string // its id; empty: about none
	Evidence  string
}

// Error implements error.
func (v *Violation) Error() string {
	if v.Request == "" {
		return fmt.Sprintf("violated: %s: %s", v.Invariant, v.Evidence)
	}
	return fmt.Sprintf("violated: %s: request %s: %s", v.Invariant, v.Request, v.Evidence)
}

// Check returns every violated invariant as a joined error of *Violation values,
// or nil. It changes nothing.
func Check(w World) error {
	c := &checker{World: w, lives: make(map[string]*life), cards: make(map[string]*cardLife)}
	for _, r := range w.Requests {
		if c.lives[r.ID] != nil {
			c.violated(Consistent, r.ID, "stored twice")
		}
		c.lives[r.ID] = &life{r: r, needed: c.needed(r)}
	}
	for _, card := range w.Cards {
		c.cards[card.ID] = &cardLife{Card: card}
	}
	c.walkTrail()
	c.matchDecisions()
	c.matchWrites()
	for _, r := range w.Requests {
		l := c.lives[r.ID]
		c.checkNumbers(l)
		c.checkDecisions(l)
		c.checkOutcome(l)
		c.checkVerified(l)
		c.checkMember(l)
		if w.Settled {
			c.checkRest(l)
		}
	}
	for _, card := range w.Cards {
		c.checkCard(c.cards[card.ID])
	}
	c.checkButtons()
	c.checkInteractions()
	return errors.Join(c.violations...)
}

type checker struct {
	World
	lives      map[string]*life
	cards      map[string]*cardLife
	violations []error
}

func (c *checker) violated(i Invariant, requestID, format string, args ...any) {
	c.violations = append(c.violations, &Violation{Invariant: i, Request: requestID, Evidence: fmt.Sprintf(format, args...)})
}

// notAfter reports whether a may have been before b, or at the same time.
func (c *checker) notAfter(a, b time.Time) bool { return !a.After(b.Add(c.Tolerance)) }

func (c *checker) needed(r *request.Request) int {
	needed := max(1, r.Needed)
	if c.Needed != nil {
		needed = max(needed, c.Needed(r.Target))
	}
	return needed
}

// checkNumbers looks at what one request says of itself.
func (c *checker) checkNumbers(l *life) {
	r := l.r
	for _, wrong := range []struct {
		is   bool
		what string
	}{
		{r.Version < 1, "it was stored without a version"},
		{r.Told > r.News || r.Told < 0, "the requester was told what has not happened yet"},
		{r.Asked > r.Ask || r.Asked < 0, "people were asked what was not to be asked yet"},
		{(r.State == request.Rejected) != (r.Refused != request.Allowed), "rejected without a reason, or a reason without being rejected"},
		{(r.State == request.Approved || r.State == request.Executing) && r.DueAt.IsZero(), "approved, but never due"},
		{r.Outcome != (request.Outcome{}) && r.State != request.Done, "an outcome without being done"},
		{r.Outcome.Already && r.Writes > r.WritesRefused, "a write although the user was inactive already"},
		{r.Writes != len(l.attempts), fmt.Sprintf("%d writes counted, %d in the trail", r.Writes, len(l.attempts))},
	} {
		if wrong.is {
			c.violated(Consistent, r.ID, "%s (%s, version %d)", wrong.what, r.State, r.Version)
		}
	}
}

// checkDecisions compares the stored decisions with those of the trail.
func (c *checker) checkDecisions(l *life) {
	if len(l.r.Decisions) != len(l.decisions) {
		c.violated(Decisions, l.r.ID, "%d are stored, %d in the trail", len(l.r.Decisions), len(l.decisions))
		return
	}
	for i, d := range l.r.Decisions {
		if e := l.decisions[i]; string(d.Kind) != e.Kind || d.By.ID != e.Actor {
			c.violated(Decisions, l.r.ID, "decision %d is %q by %s, in the trail %q by %s", i+1, d.Kind, d.By.ID, e.Kind, e.Actor)
		}
	}
}

// matchDecisions finds the deed behind every decision of the trail.
func (c *checker) matchDecisions() {
	if c.Deeds == nil {
		return
	}
	type about struct {
		deed    int
		request string
	}
	taken := make(map[about]bool)
	for _, r := range c.Requests {
		for _, e := range c.lives[r.ID].decisions {
			found := false
			for i, d := range c.Deeds {
				one := about{i, r.ID}
				if d.By == e.Actor && string(d.Kind) == e.Kind && slices.Contains(d.Requests, r.ID) && !taken[one] {
					found, taken[one] = true, true
					break
				}
			}
			if !found {
				c.violated(Decided, r.ID, "%q by %s at %s, who did no such thing", e.Kind, e.Actor, stamp(e.At))
			}
		}
	}
}
