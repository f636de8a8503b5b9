package request_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"wfbot/bot/request"
)

// byOtto and nobody are what Workfront and Slack may say of jane's manager later.
var (
	byOtto = request.Managing{Name: "Otto", Email: "otto@acme.com", Manager: otto}
	nobody = request.Managing{NoManager: request.ManagerNone}
)

// managedByMaria is reminded with a manager who is looked for again.
func managedByMaria(t *testing.T) (*request.Card, *request.Request) {
	t.Helper()
	c, r := reminded(t)
	r.ManagerFound(r.Managing(), true, t0)
	r.TakeEvents()
	return c, r
}

// Before people are asked again, it is found out who manages the target.
func TestManagerIsLookedForBeforePeopleAreAskedAgain(t *testing.T) {
	t.Parallel()
	day := t0.Add(24 * time.Hour)
	known := func(r *request.Request) { r.ManagerFound(r.Managing(), true, day) }
	reminded := func(c *request.Card) { c.Reminded(c.Asks(), day) }
	tests := []struct {
		why    string
		change func(*request.Card, *request.Request)
		find   time.Time // when the manager is looked for; zero: never
		remind time.Time // zero: never
	}{
		{"before a reminder, which waits a little", func(*request.Card, *request.Request) {}, day, day.Add(10 * time.Second)},
		{"then they are reminded", func(_ *request.Card, r *request.Request) { known(r) }, day.Add(24 * time.Hour), day},
		{"before the next as well", func(c *request.Card, r *request.Request) {
			known(r)
			c.Reminded(c.Asks(), day.Add(time.Second))
		}, day.Add(24 * time.Hour), day.Add(24*time.Hour + 10*time.Second)},
		{"a reminder does not wait for a Workfront that is away", func(_ *request.Card, r *request.Request) { r.ManagerFailed(0, day) },
			day.Add(2 * time.Second), day},
		{"which is asked again", func(c *request.Card, r *request.Request) {
			r.ManagerFailed(0, day)
			reminded(c)
		}, day.Add(2 * time.Second), day.Add(24 * time.Hour)},
		{"later if Workfront says so", func(c *request.Card, r *request.Request) {
			r.ManagerFailed(time.Hour, day)
			reminded(c)
		}, day.Add(time.Hour), day.Add(24 * time.Hour)},
		{"in the end not before the next reminder", func(c *request.Card, r *request.Request) {
			r.ManagerFailed(request.RetryFor, day)
			reminded(c)
		}, day.Add(24 * time.Hour), day.Add(24*time.Hour + 10*time.Second)},
		{"not while nothing may be sent to Workfront", func(_ *request.Card, r *request.Request) { r.ManagerPaused(day.Add(time.Hour)) },
			day.Add(time.Hour), day},
		{"where managers may not approve, never", func(_ *request.Card, r *request.Request) { r.ManagerUnneeded() }, time.Time{}, day},
		{"where there are no reminders, never", func(c *request.Card, r *request.Request) {
			c.RemindEvery, c.RemindAt, r.RemindEvery = 0, time.Time{}, 0
			r.ManagerFound(r.Managing(), true, t0)
		}, time.Time{}, time.Time{}},
		{"where too few can approve, each hour", func(c *request.Card, r *request.Request) {
			r.ManagerFound(nobody, false, day)
			reminded(c)
			c.Paint(c.Look, day)
			tell(c)
		}, day.Add(time.Hour), day.Add(24 * time.Hour)},
	}
	for _, tt := range tests {
		t.Run(tt.why, func(t *testing.T) {
			t.Parallel()
			c, r := managedByMaria(t)
			tt.change(c, r)
			if tt.find.IsZero() {
				wantNext(t, r, t0, request.Expiry, t0.Add(ttl))
			} else {
				wantNext(t, r, t0, request.FindManager, tt.find)
			}
			if tt.remind.IsZero() {
				wantNext(t, c, t0, request.Nothing, time.Time{})
			} else {
				wantNext(t, c, t0, request.Remind, tt.remind)
			}
		})
	}
}

// What is long overdue is asked for again of whoever manages the target then.
func TestAskingAgainLooksForTheManager(t *testing.T) {
	t.Parallel()
	r := in(t, request.Approved)
	c := alone(r)
	now := t0.Add(30 * 24 * time.Hour)
	if err := r.AskAgain(now); err != nil {
		t.Fatal(err)
	}
	raise(c)
	wantNext(t, r, now, request.FindManager, time.Time{})
	r.ManagerFound(byOtto, true, now)
	raise(c)
	if step, _ := r.Next(now); step == request.FindManager {
		t.Error("looked for once more")
	}
	if n := asks(t, c, now); n != 1 || r.NewManager != "" {
		t.Errorf("%d messages ask again, and mention the new manager: want one for both", n)
	}
}

// Who manages the target decides; who did does not, and what they approved stands.
func TestManagerFound(t *testing.T) {
	t.Parallel()
	c, r := managedByMaria(t)
	r.Needed = 2
	boss, new := person("UMARIA", "maria@acme.com"), person("UOTTO", "otto@acme.com")
	onlyManager := request.Policy{Approvers: request.Members{Manager: true}}
	may := func(who request.Person) request.Refusal { return onlyManager.MayDecide(request.Approve, who, r) }
	if may(boss) != request.Allowed || may(new) != request.RefusedNotApprover {
		t.Fatalf("before: %q, %q", may(boss), may(new))
	}
	if err := r.Approve(maria, 0, t0.Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	r.TakeEvents()
	look, now := r.Look, t0.Add(time.Hour)
	r.ManagerFound(byOtto, true, now)
	if may(boss) != request.RefusedManagerNoMore || may(new) != request.Allowed {
		t.Errorf("after: %q, %q", may(boss), may(new))
	}
	for _, seen := range []struct {
		who  request.Person
		want request.Refusal
	}{{boss, request.RefusedManagerNoMore}, {new, request.Allowed}} {
		if no := onlyManager.MaySee(seen.who, r); no != seen.want {
			t.Errorf("%s may see: %q", seen.who.ID, no)
		}
	}
	if no := (request.Policy{}).MayDecide(request.Approve, boss, r); no != request.RefusedNotApprover {
		t.Errorf("where managers may not approve, a former one is refused as %q", no)
	}
	if len(r.Approvals()) != 1 || !r.ApprovedBy(maria) {
		t.Error("what the former manager approved does not count any more")
	}
	want := []request.Event{{At: now, Kind: "manager changed", Actor: request.Bot, Detail: map[string]string{
		"manager": "UOTTO", "before": "UMARIA", "why_none": "",
	}}}
	if diff := cmp.Diff(want, r.TakeEvents()); diff != "" || r.Look == look {
		t.Errorf("look %d after %d; events (-want +got):\n%s", r.Look, look, diff)
	}
	raise(c)
	wantNext(t, c, now, request.PaintCard, time.Time{})
	c.Paint(c.Look, now)
	wantNext(t, c, now, request.Remind, time.Time{})
	if r.NewManager != "UOTTO" {
		t.Errorf("the new manager to be mentioned is %q", r.NewManager)
	}
	c.Reminded(c.Asks(), now)
	if step, at := c.Next(now); !at.After(now) || r.NewManager != "" {
		t.Errorf("next is %q at %v: the new manager is mentioned once", step, at)
	}
	r.ManagerFound(request.Managing{Name: "Maria", Email: "maria@acme.com", Manager: maria}, true, now)
	if may(boss) != request.Allowed || may(new) != request.RefusedManagerNoMore {
		t.Errorf("when she is the manager again: %q, %q", may(boss), may(new))
	}
}

// A manager who becomes it while another is being mentioned is mentioned too.
func TestNewManagerWhileOneIsMentioned(t *testing.T) {
	t.Parallel()
	c, r := managedByMaria(t)
	now := t0.Add(time.Hour)
	r.ManagerFound(byOtto, true, now)
	asks := c.Asks()
	r.ManagerFound(request.Managing{Name: "Bert", Email: "bert@acme.com", Manager: bert}, true, now)
	c.Reminded(asks, now)
	if r.NewManager != bert.ID {
		t.Errorf("the new manager to be mentioned is %q", r.NewManager)
	}
	wantNext(t, c, now, request.Remind, time.Time{})
}

// Nobody is asked who has approved already, as one of the list.
func TestNewManagerHasApprovedAlready(t *testing.T) {
	t.Parallel()
	_, r := managedByMaria(t)
	r.Needed = 2
	if err := r.Approve(bert, 0, t0); err != nil {
		t.Fatal(err)
	}
	r.ManagerFound(request.Managing{Name: "Bert", Email: "bert@acme.com", Manager: bert}, true, t0.Add(time.Hour))
	if r.NewManager != "" || r.Manager.ID != bert.ID {
		t.Errorf("new %q, manager %q", r.NewManager, r.Manager.ID)
	}
}

// Only what people see is news: what Workfront says again of the same manager, in upper
// or lower case too, is not.
func TestSameManagerIsNoNews(t *testing.T) {
	t.Parallel()
	_, r := managedByMaria(t)
	r.ManagerFound(request.Managing{Name: "Maria", Email: "maria@acme.com", Manager: maria}, true, t0)
	r.TakeEvents()
	look := r.Look
	for i, found := range []request.Managing{
		{Name: "Maria", Email: "Maria@ACME.com", Manager: request.Identity{ID: "UMARIA", Name: "Mia"}},
		{Name: "Maria", Email: "maria\u200b@acme.com", Manager: maria},
		{Name: "Maria", Email: "maria@acme.com", Manager: request.Identity{ID: "WMARIA", OtherID: "UMARIA"}},
	} {
		r.ManagerFound(found, true, t0.Add(time.Hour))
		if events := r.TakeEvents(); len(events) > 0 || r.Look != look || r.NewManager != "" || len(r.FormerManagers) > 0 {
			t.Errorf("%d: %v, look %d after %d, new %q, former %q", i, events, r.Look, look, r.NewManager, r.FormerManagers)
		}
	}
}

// The requester hears it once when too few can approve, and it goes on when enough
// can.
func TestTooFewAfterTheManagerChanged(t *testing.T) {
	t.Parallel()
	_, r := managedByMaria(t)
	now := t0.Add(time.Hour)
	r.ManagerFound(nobody, false, now)
	if !r.Stuck || r.Told >= r.News || r.Manager.ID != "" {
		t.Errorf("stuck %t, told %d of %d", r.Stuck, r.Told, r.News)
	}
	r.Told = r.News
	r.ManagerFound(nobody, false, now.Add(time.Hour))
	if r.Told < r.News {
		t.Error("told twice")
	}
	r.ManagerFound(byOtto, true, now.Add(2*time.Hour))
	if r.Stuck || r.NewManager != "UOTTO" {
		t.Errorf("stuck %t, new manager %q", r.Stuck, r.NewManager)
	}
	for _, state := range []request.State{request.Approved, request.Failed, request.Done} {
		r := in(t, state)
		r.ManagerFound(nobody, false, now)
		if r.Stuck || r.State != state || r.Manager.ID != "" {
			t.Errorf("%s: stuck %t, now %s, manager %q", state, r.Stuck, r.State, r.Manager.ID)
		}
	}
}

// TestManages: one difference is enough to be news.
func TestManages(t *testing.T) {
	t.Parallel()
	_, r := managedByMaria(t)
	r.ManagerFound(request.Managing{Name: "Maria", Email: "maria@acme.com", Manager: maria}, true, t0)
	for _, m := range []request.Managing{
		{Name: "Mary", Email: "maria@acme.com", Manager: maria},
		{Name: "Maria", Email: "mary@acme.com", Manager: maria},
		{Name: "Maria", Email: "maria@acme.com", Manager: anna},
		{Name: "Maria", Email: "maria@acme.com", Manager: maria, NoManager: request.ManagerMayNot},
	} {
		if r.Manages(m) {
			t.Errorf("%+v is no news beside %+v", m, r.Managing())
		}
	}
	// Where nobody may approve as the manager, none is looked for.
	r.ManagerFound(request.Managing{}, true, t0)
	if !r.ManagerAt.IsZero() {
		t.Errorf("a manager is looked for at %v", r.ManagerAt)
	}
}

// Workfront that does not say who the manager is leaves nobody.
func TestManagerUnread(t *testing.T) {
	t.Parallel()
	_, r := managedByMaria(t)
	r.ManagerFound(request.Managing{NoManager: request.ManagerUnread}, true, t0)
	if !slices.Contains(r.Target.Missing, request.MissingManager) || r.Target.ManagerEmail != "" {
		t.Errorf("missing %q, e-mail %q", r.Target.Missing, r.Target.ManagerEmail)
	}
	r.ManagerFound(byOtto, true, t0)
	if len(r.Target.Missing) != 0 || r.Target.ManagerEmail != "otto@acme.com" {
		t.Errorf("missing %q, e-mail %q", r.Target.Missing, r.Target.ManagerEmail)
	}
}

// AsManager is true for those who may only if they are the manager: nobody else costs a
// question.
func TestAsManager(t *testing.T) {
	t.Parallel()
	without := policy
	without.Approvers.Manager = false
	tests := []struct {
		why    string
		policy request.Policy
		kind   request.DecisionKind
		who    request.Person
		want   bool
	}{
		{"the manager as known", policy, request.Approve, person("UMARIA", "maria@acme.com"), true},
		{"anybody else, who may be it by now", policy, request.Deny, person("UOTTO", "otto@acme.com"), true},
		{"an approver by id", policy, request.Approve, person("UANNA", "anna@acme.com"), false},
		{"the requester", policy, request.Approve, person("URITA", "rita@acme.com"), false},
		{"the requester, to cancel", policy, request.Cancel, person("URITA", "rita@acme.com"), false},
		{"the target", policy, request.Approve, person("UJANE", "jane@acme.com"), false},
		{"a guest", policy, request.Approve, person("UGUEST", "guest@acme.com", isGuest), false},
		{"managers may not", without, request.Approve, person("UMARIA", "maria@acme.com"), false},
	}
	for _, tt := range tests {
		if got := tt.policy.AsManager(tt.kind, tt.who, in(t, request.Pending)); got != tt.want {
			t.Errorf("%s: %t", tt.why, got)
		}
	}
}
