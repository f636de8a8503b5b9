package bot_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"wfbot/bot/bottest/machine"
	"wfbot/bot/request"
	"wfbot/bot/slacksim"
	"wfbot/bot/slacksim/story"
	"wfbot/bot/store"
	"wfbot/workfront/workfrontsim"
)

// byManagers lets nobody approve but managers, and the others who are named.
func byManagers(w *world, users ...string) {
	w.config.Policy.Approvers = request.Members{Manager: true, Users: users}
}

// managedBy makes whoever has the e-mail jane's manager in Workfront.
func (w *world) managedBy(email string) {
	w.t.Helper()
	boss, known := w.workfront.UserByEmail(email)
	if !known {
		boss = w.workfront.AddUser(workfrontsim.User{Email: email, Active: true})
	}
	w.workfront.UpdateUser(w.target.ID, func(u *workfrontsim.User) { u.ManagerID = boss.ID })
}

// managersChanged is how often the trail says that a manager changed.
func (w *world) managersChanged() (n int) {
	for _, e := range w.trail() {
		if e.Kind == "manager changed" {
			n++
		}
	}
	return n
}

// mentions waits for the reply that asks a new manager, who alone is mentioned.
func (w *world) mentions(card *story.Message, who string) {
	w.t.Helper()
	if text := card.ExpectReply("has a new manager", "<@"+who+">").Now().Text; strings.Count(text, "<@") != 1 {
		w.t.Errorf("others are mentioned too: %s", text)
	}
}

// Whoever was the manager at the look-up decides about nothing, and sees nothing,
// once somebody else is; who is it now is asked, once, and decides.
func TestFormerManagerDecidesNothing(t *testing.T) {
	t.Parallel()
	machine.Slow(t, "many worlds")
	for _, button := range []string{"See all", "Approve", "Deny", "Cancel request"} {
		t.Run(button, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			byManagers(w)
			w.workfront.AddWork(w.target.ID, workfrontsim.Work{Tasks: 7})
			w.start()
			w.As(w.mark).OpensHome()
			card := w.askHolding()
			card.ExpectText("<@"+w.mark+">", "Mark Boss")
			w.ExpectHome(w.mark, "Jane Doe")
			w.settle()
			w.managedBy("anna@acme.com")

			card.Click(w.mark, button)
			w.ExpectPrivate(w.mark, "You are not the manager of Jane Doe (`Jane@acme.com`) in Workfront any more")
			w.mentions(card, w.anna)
			if text := card.ExpectText("<@"+w.anna+">", "anna@acme.com").Now().Text; strings.Contains(text, w.mark) {
				t.Errorf("the card still asks mark: %s", text)
			}
			w.settle()
			if r := w.requests()[0]; r.State != request.Pending || len(r.Decisions) > 0 || !w.active() {
				t.Fatalf("the request is %s with %d decisions", r.State, len(r.Decisions))
			}
			card.Click(w.mark, button)
			w.ExpectPrivate(w.mark, "in Workfront any more")
			for _, typed := range []string{"list", "status jane@acme.com"} {
				w.As(w.mark).Types(w.channel, "/wf-deactivate "+typed)
				w.ExpectPrivate(w.mark, "Only people who may ask or approve can use me")
			}
			w.ExpectHome(w.mark, "Hello", "ask your IT team")
			w.As(w.anna).Types(w.channel, "/wf-deactivate list")
			w.ExpectPrivate(w.anna, "Jane Doe")

			card.Click(w.anna, "Approve")
			w.ExpectDM(w.rita, "Deactivated: ")
			if n := w.managersChanged(); n != 1 {
				t.Errorf("the trail says %d times that the manager changed", n)
			}
			w.quiet()
		})
	}
}

// A new manager need not wait to be asked.
func TestNewManagerDecidesAtOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	byManagers(w)
	w.start()
	card := w.ask()
	w.managedBy("anna@acme.com")
	w.opens(card, w.anna, "Deny")
	w.ExpectModal(w.anna, "Deny this request", "Deactivate in Workfront").Submit(map[string]any{"comment": "not yet"})
	w.ExpectDM(w.rita, "Denied by", "not yet")
	w.settle()
	w.Forgive() // the mention, if it was quicker
}

// What a manager approved stands when somebody else is the manager.
func TestApprovalOfAFormerManagerStands(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	byManagers(w, w.otto)
	w.config.Policy.Approvals = 2
	w.start()
	card := w.ask()
	card.Click(w.mark, "Approve")
	card.ExpectText("1 of 2")
	w.skip(2 * time.Minute)
	w.managedBy("anna@acme.com")
	card.Click(w.anna, "Approve")
	w.ExpectDM(w.rita, "Deactivated: ")
	w.Forgive()
	w.quiet()
}

// Who is the manager is as old as a minute, and no older.
func TestManagerIsKnownForAMinute(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	byManagers(w)
	w.start()
	card := w.ask()
	w.opens(card, w.mark, "Deny") // he is the manager
	w.ExpectModal(w.mark, "Deny this request")
	w.settle()
	w.managedBy("anna@acme.com")
	w.clock.Skip(time.Minute)
	card.Click(w.mark, "Approve")
	w.ExpectPrivate(w.mark, "in Workfront any more")
	w.mentions(card, w.anna)
	w.quiet()
}

// Reminders go to whoever is the manager by then.
func TestRemindersFindTheManager(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	byManagers(w)
	w.config.RemindEvery = 24 * time.Hour
	w.start()
	card := w.ask()
	w.settle()
	w.managedBy("anna@acme.com")
	w.clock.Skip(25 * time.Hour)
	text := card.ExpectReply("Still waiting: deactivate", "<@"+w.anna+">").Now().Text
	if strings.Contains(text, w.mark) {
		t.Errorf("mark is reminded: %s", text)
	}
	card.ExpectText("<@" + w.anna + ">")
	w.quiet() // there is no other message
	card.Click(w.mark, "Approve")
	w.ExpectPrivate(w.mark, "in Workfront any more")
	w.quiet()
}

// So does what is asked for again after a long time.
func TestAskingAgainFindsTheManager(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	byManagers(w)
	w.start()
	typed, at := w.tomorrow()
	w.As(w.rita).Types(w.channel, "/wf-deactivate jane@acme.com on "+typed+" contract ends")
	card := w.Channel(w.channel).ExpectMessage("Jane Doe")
	card.ExpectButtons("Approve", "Deny", "Cancel request")
	w.ExpectPrivate(w.rita, "Sent to")
	card.Click(w.mark, "Approve")
	card.ExpectText("takes effect")
	w.settle()
	w.stop() // for three weeks
	w.managedBy("anna@acme.com")
	w.clock.Skip(at.Add(21 * 24 * time.Hour).Sub(w.clock.Now()))
	w.start()
	w.ExpectDM(w.rita, "Approval needed again")
	if text := card.ExpectReply("Approval needed again", "<@"+w.anna+">").Now().Text; strings.Contains(text, w.mark) {
		t.Errorf("mark is asked again: %s", text)
	}
	w.settle()
	card.Click(w.mark, "Approve")
	w.ExpectPrivate(w.mark, "in Workfront any more")
	card.Click(w.anna, "Approve")
	w.ExpectDM(w.rita, "Deactivated: ")
	w.quiet()
}

// A Slack that refuses to say who the manager is on Slack is for the operator to fix,
// also where nobody waits for the answer; people are reminded all the same.
func TestSlackRefusesToNameTheManager(t *testing.T) {
	t.Parallel()
	for _, code := range []string{"access_denied", "team_access_not_granted"} {
		t.Run(code, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			ops := w.withOps()
			byManagers(w)
			w.config.RemindEvery = 24 * time.Hour
			w.start()
			card := w.ask()
			w.settle()
			w.Inject(slacksim.Fault{Method: "users.lookupByEmail", Count: -1, Answer: slacksim.ErrorCode(code)})
			w.clock.Skip(25 * time.Hour)
			w.Channel(ops).ExpectMessage("who may approve it", code)
			card.ExpectReply("Still waiting: deactivate", "<@"+w.mark+">")
			w.Forgive()
		})
	}
}

// While Workfront does not say who the manager is, nobody decides as that; the
// others do.
func TestManagerWhileWorkfrontIsAway(t *testing.T) {
	t.Parallel()
	machine.Slow(t, "waits until the way to Workfront is tried again")
	for name, away := range map[string]func(*world) (back func()){
		"no answer": func(w *world) func() {
			fault := w.workfront.Inject(workfrontsim.Fault{Operation: "user/get", Answer: workfrontsim.Answer{Kind: workfrontsim.JSONError, Status: 503}})
			return func() { w.workfront.RemoveFault(fault) }
		},
		"the credential is refused": func(w *world) func() {
			w.workfront.RevokeKeys()
			return w.restoreKey
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			byManagers(w, w.otto)
			w.config.Policy.Approvals = 2
			w.start()
			card := w.ask()
			w.settle()
			back := away(w)
			for _, who := range []string{w.mark, w.anna} { // the manager, and somebody who might be by now
				card.Click(who, "Approve")
				w.poll("the manager has been asked for", func() bool {
					all, _, err := w.st.Interactions(t.Context())
					return err == nil && slices.ContainsFunc(all, func(interaction store.Interaction) bool {
						return interaction.UserID == who && interaction.Retry.Failures > 0
					})
				})
				w.clock.Skip(31 * time.Second)
				w.ExpectPrivate(who, "I could not find out whether you are the manager of Jane Doe", "try again")
			}
			card.Click(w.otto, "Approve")
			card.ExpectText("1 of 2")
			back()
			w.clock.Skip(time.Minute)
			card.Click(w.mark, "Approve")
			w.ExpectDM(w.rita, "Deactivated: ")
			w.Forgive()
			w.quiet()
		})
	}
}

// Workfront is not asked where nothing depends on it.
func TestManagerIsNotAskedForWithoutNeed(t *testing.T) {
	t.Parallel()
	for name, prepare := range map[string]func(*world){
		"for an approver by id, and the requester": func(w *world) { byManagers(w, w.anna) },
		"where managers may not approve":           func(*world) {},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			prepare(w)
			w.config.Policy.Approvals = 2
			w.config.Policy.Approvers.Groups = []string{w.group}
			w.start()
			card := w.ask()
			w.settle()
			before := len(w.workfront.Journal())
			card.Click(w.anna, "Approve")
			card.ExpectText("1 of 2")
			if !w.config.Policy.Approvers.Manager {
				card.Click(w.mark, "Approve")
				w.ExpectPrivate(w.mark, "not an approver")
			}
			w.cancels(card, w.rita, "never mind")
			w.ExpectDM(w.rita, "You cancelled")
			w.quiet()
			if n := len(w.workfront.Journal()); n != before {
				t.Errorf("Workfront was asked %d times", n-before)
			}
		})
	}
}

// When there is no manager any more and nobody else can approve, the card says it
// and the requester hears it; it goes on when there is one.
func TestNobodyIsLeftToApprove(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name, says string
		change     func(*world)
	}{
		{"no manager", "Workfront names no manager with an e-mail", func(w *world) {
			w.workfront.UpdateUser(w.target.ID, func(u *workfrontsim.User) { u.ManagerID = "" })
		}},
		{"not in Slack", "nobody active in Slack has the manager's e-mail", func(w *world) { w.managedBy("new@acme.com") }},
		{"left Slack", "nobody active in Slack has the manager's e-mail", func(w *world) { w.managedBy("zoe@acme.com") }},
		{"the requester", "they asked for this themselves", func(w *world) { w.managedBy("rita@acme.com") }},
		{"the target", "they may not decide", func(w *world) { w.managedBy("jane@acme.com") }},
		{"not to be seen", "Workfront did not say who it is", func(w *world) {
			w.workfront.Inject(workfrontsim.Fault{Operation: "user/get", Times: 1, Answer: workfrontsim.Answer{Kind: workfrontsim.JSONError, Status: 403}})
		}},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			byManagers(w)
			w.start()
			card := w.ask()
			w.settle()
			row.change(w)
			card.Click(w.mark, "Approve")
			w.ExpectPrivate(w.mark, "in Workfront any more")
			w.ExpectPrivateOrDM(w.rita, "Nobody can approve this now", row.says, "or cancel the request")
			card.ExpectText("Their manager cannot be asked: "+row.says, "Too few people can approve this now").
				ExpectButtons("Approve", "Deny", "Cancel request")
			w.quiet()
			w.managedBy("anna@acme.com")
			w.clock.Skip(time.Hour + time.Minute)
			w.mentions(card, w.anna)
			w.quiet()
			card.Click(w.anna, "Approve")
			w.ExpectDM(w.rita, "Deactivated: ")
			w.quiet()
		})
	}
}

// Nobody but the manager as it is when they press tries again what failed.
func TestFormerManagerDoesNotRetry(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	byManagers(w)
	w.workfront.Inject(workfrontsim.Fault{Operation: "user/put", Times: 1, Answer: workfrontsim.Answer{Kind: workfrontsim.JSONError, Status: 403, Message: "No"}})
	w.start()
	card := w.ask()
	card.Click(w.mark, "Approve")
	w.ExpectDM(w.rita, "Failed: ")
	card.ExpectButtons("Retry")
	card.ExpectReply("Failed: ", "<@"+w.mark+">")
	w.skip(2 * time.Minute)
	w.managedBy("anna@acme.com")
	card.Click(w.mark, "Retry")
	w.ExpectPrivate(w.mark, "in Workfront any more")
	card.Click(w.anna, "Retry")
	w.ExpectDM(w.rita, "Deactivated: ")
	w.quiet()
}

// In a batch everybody has a manager of their own, then as before.
func TestBatchWithNewManagers(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	byManagers(w)
	mark, _ := w.workfront.UserByEmail("mark@acme.com")
	anna := w.workfront.AddUser(workfrontsim.User{Name: "Anna", Email: "anna@acme.com", Active: true})
	otto := w.workfront.AddUser(workfrontsim.User{Name: "Otto", Email: "otto@acme.com", Active: true})
	users := w.staff(4, func(i int, u *workfrontsim.User) {
		u.ManagerID = map[bool]string{true: mark.ID, false: anna.ID}[i < 3]
	})
	w.start()
	card := w.askForAll(emails(users))
	w.ExpectPrivate(w.rita, ": deactivate")
	for i, boss := range []string{anna.ID, otto.ID} {
		w.workfront.UpdateUser(users[i].ID, func(u *workfrontsim.User) { u.ManagerID = boss })
	}
	card.Click(w.mark, "Approve all (4)")
	w.ExpectPrivate(w.mark, "You approved this for 1 person.", "you are not their manager any more: "+users[0].Name+", "+users[1].Name,
		"you are not an approver for them: "+users[3].Name)
	card.ExpectReply("Still waiting", "<@"+w.anna+">", "<@"+w.otto+">")
	card.ExpectText("1 ✅ done")
	if n := w.switchedOff(users); n != 1 {
		t.Errorf("%d are switched off, want one", n)
	}
	card.Click(w.anna, "Approve all (3)")
	w.ExpectPrivate(w.anna, "You approved this for 2 people.")
	card.Click(w.otto, "Approve all (1)")
	w.ExpectPrivate(w.otto, "You approved this for 1 person.")
	w.ExpectDM(w.rita, "4 people deactivated")
	w.quiet()
}

// The requester of a batch hears which people have nobody left to approve.
func TestBatchWithoutManagers(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	byManagers(w)
	w.config.RemindEvery = 24 * time.Hour
	mark, _ := w.workfront.UserByEmail("mark@acme.com")
	users := w.staff(3, func(_ int, u *workfrontsim.User) { u.ManagerID = mark.ID })
	w.start()
	card := w.askForAll(emails(users))
	w.ExpectPrivate(w.rita, ": deactivate")
	w.settle()
	w.workfront.UpdateUser(users[1].ID, func(u *workfrontsim.User) { u.ManagerID = "" })
	w.clock.Skip(25 * time.Hour)
	w.ExpectDM(w.rita, "cannot be approved for 1 of them now", users[1].Name, "Workfront names no manager with an e-mail")
	card.ExpectReply("Still waiting", "<@"+w.mark+">")
	card.ExpectText("Manager cannot be asked: Workfront names no manager", "Too few people can approve this now")
	w.quiet()
}

// A program that ends between storing the new manager and answering goes on.
func TestManagerChangesWhileTheProgramEnds(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	byManagers(w)
	w.start()
	card := w.ask()
	w.settle()
	w.managedBy("anna@acme.com")
	seen := make(chan struct{}, 1)
	remove := w.Inject(slacksim.Fault{Method: "users.lookupByEmail", Count: -1, Answer: slacksim.Hang(), Do: func() {
		select {
		case seen <- struct{}{}:
		default:
		}
	}})
	card.Click(w.mark, "Approve")
	<-seen
	w.stop()
	remove()
	w.start()
	w.ExpectPrivateOrDM(w.mark, "in Workfront any more")
	w.mentions(card, w.anna)
	w.quiet()
}
