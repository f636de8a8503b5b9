package card_test

import (
	"testing"
	"time"

	"github.com/slack-go/slack"

	"wfbot/bot/card"
	"wfbot/bot/request"
)

// t0 is when the requests of the tests are made.
var t0 = time.Date(2026, 5, 4, 9, 0, 0, 0, time.UTC)

func after(minutes int) time.Time { return t0.Add(time.Duration(minutes) * time.Minute) }

// The people of the tests.
var (
	rita  = request.Identity{ID: "URITA", Name: "Rita", Email: "rita@acme.com"} // asks
	anna  = request.Identity{ID: "UANNA", Name: "Anna", Email: "anna@acme.com"} // approves
	bert  = request.Identity{ID: "UBERT", Name: "Bert", Email: "bert@acme.com"} // approves too
	maria = request.Identity{ID: "UMARIA", Name: "Maria", Email: "maria@acme.com"}
)

const permalink = "https://acme.slack.com/archives/C1/p1?thread_ts=1&cid=C1"

// story is a request, told step by step.
type story struct {
	t *testing.T
	r *request.Request
}

func (s story) do(err error) story {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
	return s
}

func asked(t *testing.T, change ...func(*request.Request)) story {
	t.Helper()
	r := request.Request{
		ID: "req-1", CardID: "req-1", Action: request.Deactivate, Email: "jane@acme.com", Reason: "left the company",
		Requester: rita, Place: request.Place{Channel: "C1"},
	}
	for _, f := range change {
		f(&r)
	}
	return story{t, request.New(r, t0, 72*time.Hour)}
}

func dryRun(r *request.Request) { r.DryRun = true }

func backwards(r *request.Request) { r.Action = request.Reactivate }

// dated is executed at half past four on the day after.
func dated(r *request.Request) {
	r.NotBefore = t0.Add(31*time.Hour + 30*time.Minute)
	r.NotBeforeWords = card.OnTheClock(r.NotBefore.In(time.FixedZone("Europe/Berlin", 2*60*60)))
}

// hinting has a reason that speaks of a day to come, and no date.
func hinting(r *request.Request) { r.Reason = "leaves *Friday* at 17:00" }

// checked is read again a day after it was done.
func checked(r *request.Request) { r.VerifyAfter = 24 * time.Hour }

// holds is what somebody holds, with every kind of gap.
func holds() []request.Holding {
	const refused = "Workfront answered 403: You do not have access to <reports>."
	return []request.Holding{
		{Kind: "tasks", Count: 12}, {Kind: "issues", Count: 1}, {Kind: "projects"}, {Kind: "portfolios"},
		{Kind: "timesheets", Count: 2, AtLeast: true}, {Kind: "reports", Trouble: refused}, {Kind: "routing_rules", Trouble: refused},
		{Kind: "proofs", Trouble: "Workfront does not answer.", Pending: true}, {Kind: "something new", Count: 3},
	}
}

// found is a pending request whose card is posted; what its target holds was counted,
// and there is nothing to say of it.
func found(t *testing.T, needed int, change ...func(*request.Request)) story {
	t.Helper()
	s := asked(t, change...)
	s.do(s.r.Found(request.Finding{
		Target: request.Target{
			ID: "5f1c00aa", Email: "jane@acme.com", Name: "Jane Doe", Title: "Senior Designer", AccessLevel: "Planner",
			License: "Standard", Manager: "Maria Muster", ManagerEmail: "maria@acme.com", HomeGroup: "Marketing",
			HomeTeam: "Web & Print", LastLogin: t0.Add(-50 * time.Hour), Active: true,
		},
		TargetIDs: []string{"UJANE"}, Manager: maria, Needed: needed,
	}, after(1)))
	s.r.Place, s.r.Asked, s.r.Counts = request.Place{Channel: "C1", TS: "1.1"}, s.r.Ask, 1
	return s
}

func approved(t *testing.T, stop time.Duration, change ...func(*request.Request)) story {
	t.Helper()
	s := found(t, 1, change...)
	return s.do(s.r.Approve(anna, stop, after(5)))
}

func begun(t *testing.T, change ...func(*request.Request)) story {
	t.Helper()
	s := approved(t, 0, change...)
	return s.do(s.r.Begin(after(5)))
}

func written(t *testing.T) story {
	t.Helper()
	s := begun(t)
	return s.do(s.r.WriteAttempted(after(6)))
}

// counted is a pending request whose target holds that.
// counting is a pending request while what its target holds is being counted.
func counting(t *testing.T, change ...func(*request.Request)) story {
	t.Helper()
	s := found(t, 1, change...)
	s.r.Counts = 0
	return s
}

func counted(t *testing.T, held []request.Holding) story {
	t.Helper()
	s := found(t, 1)
	return s.do(s.r.Counted(held, after(2)))
}

func done(t *testing.T, change ...func(*request.Request)) story {
	t.Helper()
	s := begun(t, change...)
	s.do(s.r.WriteAttempted(after(6)))
	return s.do(s.r.Succeed(after(7)))
}

var approvers = request.Members{Users: []string{"UANNA", "UBERT", "URITA"}, Groups: []string{"SLEADS"}, Manager: true}

func painted() card.View { return card.View{Buttons: true, Approvers: approvers} }

// remindedAt is when people are reminded next, on the card of one person.
var remindedAt = t0.Add(24 * time.Hour)

// alone is the card about r and nobody else, painted as r stands.
func alone(r *request.Request) *request.Card {
	c := request.NewCard(request.Card{
		ID: r.ID, Action: r.Action, Reason: r.Reason, NotBefore: r.NotBefore, NotBeforeWords: r.NotBeforeWords,
		Requester: r.Requester, DryRun: r.DryRun, Place: r.Place, RemindEvery: 24 * time.Hour, RemindAt: remindedAt,
	}, []*request.Request{r}, r.CreatedAt)
	c.Look, c.Painted = r.Look, r.Look
	return c
}

// formAbout is the decision form that a button on the card about r alone opens.
func formAbout(kind request.DecisionKind, r *request.Request, opener string) slack.ModalViewRequest {
	return card.DecisionForm(kind, alone(r), r.ID, []*request.Request{r}, opener)
}

// scene is a request and how the card about it alone is viewed.
type scene struct {
	name string
	r    *request.Request
	v    card.View
}
