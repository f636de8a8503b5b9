package bot_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"wfbot/bot/bottest/machine"
	"wfbot/bot/card"
	"wfbot/bot/request"
	"wfbot/bot/slacksim"
	"wfbot/bot/slacksim/story"
	"wfbot/bot/store"
	"wfbot/workfront"
	"wfbot/workfront/workfrontsim"
)

// Every kind of thing that Workfront is asked for has a name on the card.
func TestEveryKindHasAName(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, kind := range workfront.HoldingKinds() {
		r := &request.Request{State: request.Pending, Holdings: []request.Holding{{Kind: string(kind), Count: 2}}}
		words := card.Details(r, []card.HeldList{{Kind: string(kind)}})
		if strings.Contains(words, "another kind") || seen[words] {
			t.Errorf("%s has no name of its own: %s", kind, words)
		}
		seen[words] = true
	}
}

// askHolding is ask for a jane who holds something.
func (w *world) askHolding() *story.Message {
	w.t.Helper()
	w.As(w.rita).Types(w.channel, "/wf-deactivate jane@acme.com left the company")
	card := w.Channel(w.channel).ExpectMessage("Jane Doe")
	card.ExpectButtons("See all", "Approve", "Deny", "Cancel request")
	w.ExpectPrivate(w.rita, "Sent to")
	return card
}

func TestWhatIsStillHeldIsOnTheCard(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.workfront.AddWork(w.target.ID, workfrontsim.Work{Tasks: 12, SharedTasks: 2, DoneTasks: 3, Issues: 1, Projects: 2, Reports: 1})
	w.start()
	card := w.askHolding()
	card.ExpectText("18 items to hand over", "14 tasks · 2 projects · 1 issue · 1 report that runs as them")
	w.settle()
	if now := card.Now(); strings.Contains(now.Text, "Not counted") {
		t.Error("the card is not complete")
	}
	card.Click(w.anna, "Approve")
	w.ExpectDM(w.rita, "Deactivated: ")
	card.ExpectText("Confirmed in Workfront", "reassign 18 items")
	w.quiet()
}

// One query that is refused costs one count, and the card says why.
func TestRefusedCount(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.workfront.AddWork(w.target.ID, workfrontsim.Work{Tasks: 3})
	w.workfront.Inject(workfrontsim.Fault{Operation: "ptlsec/count", Answer: workfrontsim.Answer{
		Kind: workfrontsim.JSONError, Status: 403, Message: "No <!channel> reports",
	}})
	w.start()
	card := w.askHolding()
	card.ExpectText("At least 3 items to hand over", "3 tasks", "Could not be counted: reports that run as them")
	card.Click(w.anna, "See all") // and why
	w.ExpectModal(w.anna, "3 tasks: ", "reports that run as them: could not be counted", "403", "none: issues").Close()
	w.settle()
	if r := w.requests()[0]; r.NeedsCount() || r.Counts != 1 {
		t.Errorf("read %d times: what is refused for good is not asked for again", r.Counts)
	}
	w.quiet()
}

// What cannot be counted in time does not keep the card; a repaint completes it.
func TestCountsThatComeLate(t *testing.T) {
	t.Parallel()
	for name, bad := range map[string]workfrontsim.Answer{
		"no answer": {Kind: workfrontsim.Hang}, "an error that passes": {Kind: workfrontsim.JSONError, Status: 503},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.workfront.AddWork(w.target.ID, workfrontsim.Work{Tasks: 3, Issues: 4})
			fault := w.workfront.Inject(workfrontsim.Fault{Operation: "optask/count", Answer: bad})
			w.start()
			card := w.askHolding()
			card.ExpectText("3 tasks", "Not counted yet: issues")
			w.workfront.RemoveFault(fault)
			card.ExpectText("3 tasks", "4 issues")
			w.settle()
			if r := w.requests()[0]; r.NeedsCount() {
				t.Error("it is asked again although all is known")
			}
			w.quiet()
		})
	}
}

func TestDetails(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.workfront.AddWork(w.target.ID, workfrontsim.Work{Tasks: 7, Issues: 1, Projects: 1})
	w.workfront.Inject(workfrontsim.Fault{Operation: "proj/search", Answer: workfrontsim.Answer{Kind: workfrontsim.JSONError, Status: 403, Message: "Not yours"}})
	w.start()
	card := w.askHolding()
	for _, who := range []string{w.rita, w.anna, w.otto} { // who asked, and who may decide
		card.Click(who, "See all")
		w.ExpectModal(who, "shown to you alone", "7 tasks: ", "and more", "1 issue: ", "1 project: the names could not be read", "Not yours").Close()
	}
	card.Click(w.mark, "See all")
	w.ExpectPrivate(w.mark, "not an approver")
	w.quiet()
	var shown []string
	for _, e := range w.trail() {
		if e.Kind == "details shown" {
			shown = append(shown, e.Actor)
		}
	}
	if want := []string{w.rita, w.anna, w.otto}; !slices.Equal(shown, want) {
		t.Errorf("the trail says that details were shown to %v, want %v", shown, want)
	}
	for _, r := range w.requests() {
		if len(r.Decisions) > 0 || r.State != request.Pending {
			t.Errorf("looking at details changed the request: %s", r.State)
		}
	}
}

// The counts are shown at once, and the names when they are read.
func TestDetailsOpenBeforeTheNamesAreRead(t *testing.T) {
	t.Parallel()
	machine.Slow(t, "waits for a call that hangs")
	w := newWorld(t)
	w.workfront.AddWork(w.target.ID, workfrontsim.Work{Tasks: 3, Issues: 2})
	w.start()
	card := w.askHolding()
	w.settle()
	hang := w.workfront.Inject(workfrontsim.Fault{Operation: "task/search", Answer: workfrontsim.Answer{Kind: workfrontsim.Hang}})
	w.opensDetails(card, w.anna)
	counts := w.ExpectModal(w.anna, "Items to hand over", "3 tasks\n", "2 issues\n", "being read", w.target.ID)
	names := w.ExpectModal(w.anna, "3 tasks: the names could not be read", "2 issues: ") // that hung for too long
	if names.ID() != counts.ID() || len(w.Calls("views.open")) != 1 {
		t.Error("the names are in another modal")
	}
	w.workfront.RemoveFault(hang)
	w.quiet()
}

// Who may not see what is held sees no modal, not for a moment; neither does anybody
// where others can read the channel.
func TestDetailsOpenForNobodyElse(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.workfront.AddWork(w.target.ID, workfrontsim.Work{Tasks: 3})
	w.start()
	card := w.askHolding()
	card.Click(w.mark, "See all")
	w.ExpectPrivate(w.mark, "not an approver")
	w.settle()
	w.clock.Skip(2 * time.Minute) // what is known of the channel is too old
	w.UpdateChannel(w.channel, func(c *slacksim.Channel) { c.ExternallyShared = true })
	card.Click(w.anna, "See all")
	w.ExpectPrivate(w.anna, "People of another organisation can read")
	if n := len(w.Calls("views.open")); n != 0 {
		t.Errorf("%d modals were opened", n)
	}
	w.Forgive()
}

// A modal that does not open, or does not take the names, leaves the private answer.
func TestDetailsWithoutAModal(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]slacksim.Fault{
		"too late":              {Method: "views.open", Answer: slacksim.ErrorCode("expired_trigger_id")},
		"Slack fails":           {Method: "views.open", Answer: slacksim.HTML(503)},
		"opened, unknown to us": {Method: "views.open", Apply: true, Answer: slacksim.Reset()},
		"closed by its reader":  {Method: "views.update", Answer: slacksim.ErrorCode("not_found")},
		"too many calls":        {Method: "views.update", Answer: slacksim.RateLimited(30)},
		"Slack is silent":       {Method: "views.update", Answer: slacksim.NoErrorCode()},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.workfront.AddWork(w.target.ID, workfrontsim.Work{Tasks: 3})
			w.start()
			card := w.askHolding()
			w.settle()
			w.Inject(fault)
			card.Click(w.anna, "See all")
			w.ExpectPrivate(w.anna, "shown to you alone", "3 tasks: ")
			w.quiet()
			if text := trailText(w.trail()); strings.Count(text, "workfront_id="+w.target.ID) == 0 {
				t.Errorf("the trail does not say that names were shown: %s", text)
			}
		})
	}
}

// The bot ends while the names are being read: the next one answers privately.
func TestDetailsOutliveARestart(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.workfront.AddWork(w.target.ID, workfrontsim.Work{Tasks: 3})
	w.start()
	card := w.askHolding()
	w.settle()
	hang := w.workfront.Inject(workfrontsim.Fault{Operation: "task/search", Answer: workfrontsim.Answer{Kind: workfrontsim.Hang}})
	w.opensDetails(card, w.anna)
	w.stop()
	w.workfront.RemoveFault(hang)
	w.start()
	w.ExpectPrivate(w.anna, "shown to you alone", "3 tasks: ")
	w.ExpectModal(w.anna, "3 tasks", "or in a private message")
	w.quiet()
}

// opensDetails has somebody press See all, and waits for the modal.
func (w *world) opensDetails(card *story.Message, who string) {
	w.t.Helper()
	card.Click(who, "See all")
	w.waitFor("the modal opens", func() bool { return len(w.OpenViews(who)) > 0 })
}

// What the names are goes into neither the audit trail nor the log, and is not kept
// once it has been told.
func TestNamesAreNotKept(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	if _, err := w.workfront.AddRecord("PORT", map[string]any{"name": "Secret merger", "ownerID": w.target.ID}); err != nil {
		t.Fatal(err)
	}
	w.start()
	card := w.askHolding()
	card.Click(w.anna, "See all")
	w.ExpectModal(w.anna, "Secret merger")
	w.quiet()
	if strings.Contains(trailText(w.trail()), "Secret merger") || strings.Contains(w.log.String(), "Secret merger") {
		t.Error("the name of what jane holds is in the audit trail or the log")
	}
	interactions, _, err := w.st.Interactions(t.Context())
	if err != nil || !strings.Contains(fmt.Sprint(interactions), "shown to you alone") || strings.Contains(fmt.Sprint(interactions), "Secret merger") {
		t.Errorf("stored of the answer: %v, %v", interactions, err)
	}
	if strings.Contains(card.Now().Text, "Secret merger") {
		t.Error("the channel can read the name")
	}
}

func trailText(entries []store.Entry) string {
	var text strings.Builder
	for _, e := range entries {
		for key, value := range e.Detail {
			text.WriteString(key + "=" + value + "\n")
		}
	}
	return text.String()
}

// A tenant that refuses a field of users loses that field and not the look-up.
func TestRefusedUserField(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.workfront.Inject(workfrontsim.RefuseField("user", "User", "lastLoginDate"))
	w.start()
	card := w.ask()
	card.ExpectText("Designer", "Mark Boss", "Last login: not known")
	w.quiet()
}

func TestConfiguredUserFields(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.userFields = []string{"phoneNumber", "title", "noSuchField"}
	w.workfront.UpdateUser(w.target.ID, func(u *workfrontsim.User) { u.Phone = "+44 20 <7946>" })
	w.config.Policy.Approvers.Manager = true
	w.start()
	card := w.ask()
	card.ExpectText("phoneNumber: +44 20 <7946>", "Designer", "Manager: not known", "Workfront did not say who it is") // plain_text
	w.quiet()
}

// A refused credential does not keep the card either, and nothing more is sent until
// it works again.
func TestCountsWhileTheCredentialIsRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ops := w.withOps()
	w.workfront.AddWork(w.target.ID, workfrontsim.Work{Tasks: 3})
	// In a batch, and then alone, which shows that it is not the batch that is refused.
	refused := w.workfront.Inject(workfrontsim.Fault{Operation: "task/count", Times: 2, Answer: workfrontsim.Answer{Kind: workfrontsim.JSONError, Status: 401}})
	w.start()
	w.As(w.rita).Types(w.channel, "/wf-deactivate jane@acme.com left the company")
	card := w.Channel(w.channel).ExpectMessage("Jane Doe", "Not counted yet: tasks")
	card.ExpectButtons("Approve", "Deny", "Cancel request")
	w.ExpectPrivate(w.rita, "Sent to")
	w.Channel(ops).ExpectMessage("WORKFRONT_API_KEY")
	w.workfront.RemoveFault(refused)
	w.settleExceptRetries()
	w.poll("the card is complete but for the counts", func() bool {
		c, r := w.cards()[0], w.requests()[0]
		return r.Counts > 0 && c.Painted == c.Look && r.Told == r.News
	})
	calls := len(w.workfront.Journal())
	w.clock.Skip(59 * time.Second)
	if n := len(w.workfront.Journal()); n != calls {
		t.Errorf("%d calls while the credential is refused", n-calls)
	}
	w.clock.Skip(2 * time.Second)
	w.Channel(ops).ExpectMessage("accepts wfbot's credential again")
	card.ExpectText("3 tasks").ExpectButtons("See all", "Approve", "Deny", "Cancel request")
	w.quiet()
}

// Names that are refused with the credential hold back everything else as well, and
// the operator hears of it.
func TestDetailsFindTheCredentialRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ops := w.withOps()
	w.workfront.AddWork(w.target.ID, workfrontsim.Work{Tasks: 3})
	w.start()
	card := w.askHolding()
	w.settle()
	w.workfront.RevokeKeys()
	card.Click(w.anna, "See all")
	w.ExpectModal(w.anna, "3 tasks: the names could not be read", "refuses the bot's credential")
	w.Channel(ops).ExpectMessage("WORKFRONT_API_KEY")
	calls := len(w.workfront.Journal())
	card.Click(w.otto, "See all")
	w.ExpectModal(w.otto, "3 tasks", "refuses the bot's credential")
	if n := len(w.workfront.Journal()) - calls; n > 0 {
		t.Errorf("%d more calls with a refused credential", n)
	}
	w.quiet()
}

// However often somebody presses Details while Workfront hangs, others decide.
func TestDetailsThatHangStarveNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.workfront.AddWork(w.target.ID, workfrontsim.Work{Tasks: 3})
	w.start()
	card := w.askHolding()
	card.ExpectText("3 tasks")
	hang := w.workfront.Inject(workfrontsim.Fault{Operation: "task/search", Answer: workfrontsim.Answer{Kind: workfrontsim.Hang}})
	for range 8 {
		card.Click(w.anna, "See all")
	}
	w.poll("names are being read", func() bool {
		return slices.ContainsFunc(w.workfront.Journal(), func(c workfrontsim.Call) bool { return c.Operation == "task/search" })
	})
	w.opens(card, w.otto, "Deny")
	w.ExpectModal(w.otto, "Deny").Submit(nil)
	card.ExpectText("Denied").ExpectButtons()
	w.ExpectDM(w.rita, "Denied by")
	w.workfront.RemoveFault(hang)
	w.Forgive()
}

// A status of the tenant's own that stands for a closed one is no work, and what
// Workfront plans itself is on the card.
func TestOwnStatusesAndScheduledDeactivation(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.workfront.AddStatus(workfrontsim.ProjectStatus, "ARC", "CPL")
	for _, status := range []string{"ARC", "CUR"} {
		if _, err := w.workfront.AddRecord("PROJ", map[string]any{"name": status, "status": status, "ownerID": w.target.ID}); err != nil {
			t.Fatal(err)
		}
	}
	w.workfront.AddWork(w.target.ID, workfrontsim.Work{ScheduledReports: 2, CheckedOut: 1})
	w.workfront.UpdateUser(w.target.ID, func(u *workfrontsim.User) { u.Deactivation = time.Date(2030, 1, 2, 7, 0, 0, 0, time.UTC) })
	w.start()
	card := w.askHolding()
	card.ExpectText("1 project", "2 scheduled reports", "1 checked-out document", "Scheduled in Workfront: deactivation", "2030-01-02")
	w.quiet()
}
