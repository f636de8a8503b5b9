package bot_test

import (
	"testing"
	"time"

	"wfbot/bot/request"
	"wfbot/bot/slacksim"
	"wfbot/bot/slacksim/story"
	"wfbot/workfront/workfrontsim"
)

func TestApprovedRequestIsCarriedOut(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.start()
	card := w.ask()
	card.ExpectText("Jane@acme.com", "Designer", "Mark Boss", "left the company", "0 of 1", "<@"+w.anna+">", "<!subteam^"+w.group+">")
	if !w.active() {
		t.Fatal("jane was switched off before anybody approved")
	}
	card.Click(w.anna, "Approve")
	card.ExpectText("Confirmed in Workfront", "Deactivation date in Workfront").ExpectButtons("Request reactivation")
	w.ExpectDM(w.rita, "Deactivated: ")
	if w.active() {
		t.Error("jane is still active")
	}
	if n := len(w.writes()); n != 1 {
		t.Errorf("%d writes reached Workfront, want 1", n)
	}
}

func TestDeniedRequestIsNot(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.start()
	card := w.ask()
	card.Click(w.otto, "Deny") // by group
	form := w.ExpectModal(w.otto, "Deny", "Jane Doe")
	form.Submit(map[string]any{"comment": "She <!channel> stays & works"})
	card.ExpectText("She", "stays").ExpectButtons()
	w.ExpectDM(w.rita, "Denied by", "&lt;!channel&gt; stays &amp; works")
	if !w.active() {
		t.Error("jane was switched off")
	}
}

func TestDenyNeedsNoComment(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.start()
	card := w.ask()
	w.opens(card, w.anna, "Deny")
	w.ExpectModal(w.anna, "Deny").Submit(nil)
	card.ExpectButtons()
	w.ExpectDM(w.rita, "Denied by")
}

func TestClosedDenyFormDecidesNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.start()
	card := w.ask()
	w.opens(card, w.anna, "Deny")
	w.ExpectModal(w.anna, "Deny").Close()
	card.Click(w.otto, "Approve")
	w.ExpectDM(w.rita, "Deactivated: ")
}

func TestCancel(t *testing.T) {
	t.Parallel()
	for name, who := range map[string]func(*world) string{
		"by the requester": func(w *world) string { return w.rita },
		"by an approver":   func(w *world) string { return w.anna },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.start()
			card := w.ask()
			w.cancels(card, who(w), "She <!here> stays")
			card.ExpectText("ancelled", "She", "stays").ExpectButtons()
			w.ExpectDM(w.rita, "ancelled")
			if !w.active() {
				t.Error("jane was switched off")
			}
		})
	}
}

func TestClosedCancelFormDecidesNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.start()
	card := w.ask()
	w.opens(card, w.rita, "Cancel request")
	w.ExpectModal(w.rita, "Cancel this request").Close()
	card.Click(w.otto, "Approve")
	w.ExpectDM(w.rita, "Deactivated: ")
}

// A form may be open while the request goes on: it comes too late then.
func TestCancelFormSubmittedTooLate(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.start()
	card := w.ask()
	w.opens(card, w.rita, "Cancel request")
	form := w.ExpectModal(w.rita, "Cancel this request")
	card.Click(w.otto, "Approve")
	w.ExpectDM(w.rita, "Deactivated: ")
	form.Submit(map[string]any{"comment": "never mind"})
	w.ExpectPrivate(w.rita, "done already")
	if w.active() {
		t.Error("jane is active")
	}
}

// A form to deny or to cancel that comes when somebody else has decided, or the request
// has expired, changes nothing, and its person is told what became of it.
func TestFormSubmittedTooLate(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		button    string
		meanwhile func(w *world, card *story.Message)
		says      string
		state     request.State
	}{
		"deny, done": {"Deny", func(w *world, card *story.Message) {
			card.Click(w.otto, "Approve")
			w.ExpectDM(w.rita, "Deactivated: ")
		}, "done already", request.Done},
		"deny, denied": {"Deny", func(w *world, card *story.Message) {
			w.opens(card, w.otto, "Deny")
			w.ExpectModal(w.otto, "Deny").Submit(nil)
			w.ExpectDM(w.rita, "Denied")
		}, "has denied this request already", request.Denied},
		"deny, cancelled": {"Deny", func(w *world, card *story.Message) { w.cancels(card, w.rita, ""); w.ExpectDM(w.rita, "You cancelled") }, "has cancelled this request already", request.Cancelled},
		"deny, expired":   {"Deny", func(w *world, _ *story.Message) { w.clock.Skip(73 * time.Hour); w.ExpectDM(w.rita, "Expired") }, "expired", request.Expired},
		"cancel, denied": {"Cancel request", func(w *world, card *story.Message) {
			w.opens(card, w.otto, "Deny")
			w.ExpectModal(w.otto, "Deny").Submit(nil)
			w.ExpectDM(w.rita, "Denied")
		}, "has denied this request already", request.Denied},
		"cancel, expired":    {"Cancel request", func(w *world, _ *story.Message) { w.clock.Skip(73 * time.Hour); w.ExpectDM(w.rita, "Expired") }, "expired", request.Expired},
		"cancel, by another": {"Cancel request", func(w *world, card *story.Message) { w.cancels(card, w.rita, ""); w.ExpectDM(w.rita, "You cancelled") }, "has cancelled this request already", request.Cancelled},
		"deny, approved, due later": {"Deny", func(w *world, card *story.Message) {
			card.Click(w.otto, "Approve")
			card.ExpectButtons("Cancel request")
		}, "approved", request.Approved},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			if c.state == request.Approved {
				w.config.StopWindow = time.Hour
			}
			w.start()
			card := w.ask()
			w.settle()
			w.opens(card, w.anna, c.button)
			form := w.ExpectModal(w.anna, "")
			c.meanwhile(w, card)
			w.settle()
			before := w.requests()[0]
			form.Submit(map[string]any{"comment": "never mind"})
			w.ExpectPrivate(w.anna, c.says)
			w.settle()
			if r := w.requests()[0]; r.State != c.state || len(r.Decisions) != len(before.Decisions) {
				t.Errorf("the request is %s, with %d decisions, want %s and %d", r.State, len(r.Decisions), c.state, len(before.Decisions))
			}
			w.Forgive()
		})
	}
}

func TestCancelWithinTheStopWindow(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.config.StopWindow = time.Hour
	w.start()
	card := w.ask()
	card.Click(w.anna, "Approve")
	card.ExpectButtons("Cancel request")
	w.cancels(card, w.rita, "")
	card.ExpectButtons()
	w.ExpectDM(w.rita, "ancelled")
	w.settle() // a step must not be under way when time jumps
	w.clock.Skip(2 * time.Hour)
	if !w.active() {
		t.Error("jane was switched off")
	}
}

func TestStopWindowIsWaitedFor(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.config.StopWindow = time.Hour
	w.start()
	card := w.ask()
	card.Click(w.anna, "Approve")
	card.ExpectButtons("Cancel request")
	if !w.active() {
		t.Fatal("jane was switched off before the stop window had passed")
	}
	w.clock.Skip(time.Hour)
	w.ExpectDM(w.rita, "Deactivated: ")
	card.ExpectButtons("Request reactivation")
}

func TestPendingRequestExpires(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.start()
	card := w.ask()
	w.clock.Skip(73 * time.Hour)
	card.ExpectText("xpired").ExpectButtons()
	w.ExpectDM(w.rita, "Expired with")
	if !w.active() {
		t.Error("jane was switched off")
	}
}

func TestTwoApprovalsOfDifferentPeople(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.config.Policy.Approvals = 2
	// A second account of anna's: the same person.
	second := w.AddUser(slacksim.User{Name: "anna2", Email: "Anna@acme.com"}).ID
	w.Invite(w.channel, second)
	w.config.Policy.Approvers.Users = append(w.config.Policy.Approvers.Users, second)
	w.start()
	card := w.ask()
	card.Click(w.anna, "Approve")
	card.ExpectText("1 of 2")
	card.Click(w.anna, "Approve")
	w.ExpectPrivate(w.anna, "approved this already")
	card.Click(second, "Approve")
	w.ExpectPrivate(second, "approved this already")
	if !w.active() {
		t.Fatal("jane was switched off after one approval of two")
	}
	card.Click(w.otto, "Approve")
	card.ExpectText("approved by").ExpectButtons("Request reactivation")
	w.ExpectDM(w.rita, "Deactivated: ")
}

func TestManagerApproves(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.config.Policy.Approvers = request.Members{Manager: true}
	w.start()
	card := w.ask()
	card.ExpectText("<@" + w.mark + ">")
	card.Click(w.anna, "Approve")
	w.ExpectPrivate(w.anna, "not an approver")
	card.Click(w.mark, "Approve")
	w.ExpectDM(w.rita, "Deactivated: ")
	card.ExpectButtons("Request reactivation")
}

func TestOnlyTheManagerMayAndThereIsNone(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.config.Policy.Approvers = request.Members{Manager: true}
	w.UpdateUser(w.mark, func(u *slacksim.User) { u.Kind = slacksim.Deactivated })
	w.start()
	w.As(w.rita).Types(w.channel, "/wf-deactivate jane@acme.com left")
	w.ExpectPrivate(w.rita, "manager")
}

func TestAdministratorNeedsMoreApprovals(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.config.Policy.AllowAdmins = true
	w.workfront.UpdateUser(w.target.ID, func(u *workfrontsim.User) { u.AccessLevelID = workfrontsim.AccessAdministrator })
	w.start()
	card := w.ask()
	card.ExpectText("administrator", "0 of 2")
	card.Click(w.anna, "Approve")
	card.ExpectText("1 of 2")
	card.Click(w.otto, "Approve")
	w.ExpectDM(w.rita, "Deactivated: ")
	card.ExpectButtons("Request reactivation")
}

func TestMentionedPersonIsFoundByTheirEmail(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.start()
	w.As(w.rita).Types(w.channel, "/wf-deactivate @jane left the company")
	w.Channel(w.channel).ExpectMessage("Jane Doe", "left the company").ExpectButtons("Approve", "Deny", "Cancel request")
	w.ExpectPrivate(w.rita, "Sent to")
}

func TestFixedChannel(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.config.Channel = w.channel
	w.start()
	// Typed where the bot is not; the card goes to the channel for it.
	w.As(w.rita).Types(w.secretRoom, "/wf-deactivate jane@acme.com left")
	w.Channel(w.channel).ExpectMessage("Jane Doe").ExpectButtons("Approve", "Deny", "Cancel request")
	w.ExpectPrivate(w.rita, "Sent to", w.channel)
}

func TestDryRunWritesNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.config.DryRun = true
	w.start()
	card := w.ask()
	card.ExpectText("Dry run")
	card.Click(w.anna, "Approve")
	card.ExpectText("ry run").ExpectButtons()
	w.ExpectDM(w.rita, "Dry run")
	if n := len(w.writes()); n != 0 {
		t.Errorf("%d writes reached Workfront in a dry run", n)
	}
}

func TestHelp(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.start()
	w.As(w.rita).Types(w.channel, "/wf-deactivate  HELP ")
	w.ExpectPrivate(w.rita, "/wf-deactivate jane@acme.com")
}

func TestRestartGoesOn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.start()
	card := w.ask()
	w.stop()
	w.start()
	card.Click(w.anna, "Approve")
	w.ExpectDM(w.rita, "Deactivated: ")
	card.ExpectButtons("Request reactivation")
}
