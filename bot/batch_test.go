package bot_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"wfbot/bot/bottest/machine"
	"wfbot/bot/request"
	"wfbot/bot/slacksim/story"
	"wfbot/bot/store"
	"wfbot/workfront/workfrontsim"
)

// staff adds n active users, person1@acme.com and so on, and returns them.
func (w *world) staff(n int, change ...func(int, *workfrontsim.User)) []workfrontsim.User {
	var all []workfrontsim.User
	for i := range n {
		u := workfrontsim.User{Name: fmt.Sprintf("Person %d", i+1), Email: fmt.Sprintf("person%d@acme.com", i+1), Active: true}
		for _, f := range change {
			f(i, &u)
		}
		all = append(all, w.workfront.AddUser(u))
	}
	return all
}

func emails(users []workfrontsim.User) string {
	var all []string
	for _, u := range users {
		all = append(all, u.Email)
	}
	return strings.Join(all, " ")
}

// askForAll types the command for several people and returns the card once it is
// there.
func (w *world) askForAll(people string) *story.Message {
	w.t.Helper()
	before := len(w.requests())
	w.As(w.rita).Types(w.channel, "/wf-deactivate "+people+" the project ends")
	w.pollFor(time.Minute, "everybody is looked up", func() bool {
		return len(w.requests()) > before && w.stands()[request.Received] == 0
	})
	return w.Channel(w.channel).ExpectMessage("people in Workfront")
}

// stands returns how many members of the batches stand how.
func (w *world) stands() map[request.State]int {
	count := map[request.State]int{}
	for _, r := range w.requests() {
		if r.CardID != r.ID {
			count[r.State]++
		}
	}
	return count
}

// switchedOff returns how many of the users are inactive.
func (w *world) switchedOff(users []workfrontsim.User) (n int) {
	for _, u := range users {
		if now, ok := w.workfront.User(u.ID); ok && !now.Active {
			n++
		}
	}
	return n
}

// Whoever cannot be asked for is listed with the reason and stops nobody.
func TestBatchIsCarriedOut(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	users := w.staff(20)
	w.workfront.AddUser(workfrontsim.User{Name: "Ina Active", Email: "ina@acme.com"})
	w.workfront.AddUser(workfrontsim.User{Name: "Twin One", Email: "twin@acme.com", Active: true})
	w.workfront.AddUser(workfrontsim.User{Name: "Twin Two", Email: "twin@acme.com", Active: true})
	w.workfront.AddUser(workfrontsim.User{Name: "Big Boss", Email: "boss@acme.com", Active: true})
	w.workfront.AddUser(workfrontsim.User{Name: "Root", Email: "root@acme.com", Active: true, AccessLevelID: workfrontsim.AccessAdministrator})
	w.start()
	single := w.ask()
	card := w.askForAll(emails(users) + " nobody@acme.com ina@acme.com, twin@acme.com; boss@acme.com root@acme.com jane@acme.com")
	card.ExpectText("20 ⏳ waiting for approval · 6 🚫 not possible", "the project ends",
		"not found in Workfront", "inactive already", "several Workfront users", "protected", "a Workfront administrator", "another request for them is open")
	card.ExpectButtons("Approve all (20)", "Deny all (20)", "Cancel all (20)")
	w.ExpectPrivate(w.rita, ": deactivate")
	card.Click(w.anna, "Approve all (20)")
	w.ExpectPrivate(w.anna, "You approved this for 20 people.")
	card.ExpectText("Done: 20 of 26 people deactivated (6 not possible)", "20 ✅ done").ExpectButtons()
	w.ExpectDM(w.rita, "20 people deactivated", "jane@acme.com`: another request") // and who it was not done for
	if n := w.switchedOff(users); n != 20 {
		t.Errorf("%d of 20 are switched off", n)
	}
	if n := len(w.writes()); n != 20 {
		t.Errorf("%d writes, want 20", n)
	}
	single.Click(w.anna, "Approve")
	w.ExpectDM(w.rita, "Jane Doe", "Deactivated: ")
	single.ExpectButtons("Request reactivation")
	w.quiet()
}

// Pressing the button is about the people that the card showed: somebody found later
// needs a new approval.
func TestApproveAllIsAboutWhomTheCardShowed(t *testing.T) {
	t.Parallel()
	machine.Slow(t, "repaints a card every two seconds")
	w := newWorld(t)
	w.config.Policy.Approvals = 2
	users := w.staff(3)
	late := w.workfront.Inject(workfrontsim.Fault{
		Operation: "user/search", UserID: users[1].ID,
		Answer: workfrontsim.Answer{Kind: workfrontsim.JSONError, Status: http.StatusServiceUnavailable},
	})
	w.start()
	w.As(w.rita).Types(w.channel, "/wf-deactivate "+emails(users)+" the project ends")
	w.pollFor(time.Minute, "two are found", func() bool { return w.stands()[request.Pending] == 2 })
	w.clock.Skip(11 * time.Second) // nobody waits longer for the third
	card := w.Channel(w.channel).ExpectMessage("people in Workfront", "not looked up yet")
	w.ExpectPrivate(w.rita, "1 of them is not looked up yet")
	card.Click(w.otto, "Approve all (2)")
	w.ExpectPrivate(w.otto, "You approved this for 2 people. 2 of them need another approval.")
	w.workfront.RemoveFault(late)
	w.cardsAtRest()
	w.clock.Skip(time.Hour)
	card.ExpectButtons("Approve all (3)", "Deny all (3)", "Cancel all (3)")
	w.pressLate(w.anna, "approve") // with a client that still shows the old card
	w.ExpectPrivate(w.anna, "You approved this for 2 people.")
	card.ExpectText("2 ✅ done").ExpectButtons("Approve all (1)", "Deny all (1)", "Cancel all (1)")
	if w.switchedOff(users[1:2]) != 0 {
		t.Error("somebody was switched off whom nobody had seen")
	}
	card.Click(w.anna, "Approve all (1)")
	w.ExpectPrivate(w.anna, "1 of them needs another approval")
	card.Click(w.otto, "Approve all (1)")
	w.ExpectPrivate(w.otto, "You approved this for 1 person.")
	w.ExpectDM(w.rita, "3 people deactivated")
	card.ExpectButtons()
	w.quiet()
}

// cardsAtRest waits until nothing is under way for interactions and cards: whoever has a
// claim loses it when the clock is put forward.
func (w *world) cardsAtRest() {
	w.t.Helper()
	w.settleExceptRetries()
	w.poll("the cards have come to rest", func() bool {
		next, err := w.st.Next(w.t.Context(), w.clock.Now(), store.Waiting{Table: store.Cards})
		if err != nil {
			w.t.Fatal(err)
		}
		return next[0].IsZero()
	})
}

func TestSomebodyIsLeftOut(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	users := w.staff(3)
	w.start()
	card := w.askForAll(emails(users))
	card.ExpectButtons("Approve all (3)", "Deny all (3)", "Cancel all (3)")
	w.ExpectPrivate(w.rita, ": deactivate 3 people")
	card.Select(w.otto, "leave_out", "2. Person 2 (person2@acme.com)")
	card.ExpectButtons("Approve all (2)", "Deny all (2)", "Cancel all (2)").ExpectText("1 ➖ cancelled")
	card.Click(w.anna, "Approve all (2)")
	w.ExpectPrivate(w.anna, "You approved this for 2 people.")
	w.ExpectDM(w.rita, "2 people deactivated", "Person 2", "cancelled by <@"+w.otto+">")
	card.ExpectButtons()
	if now, _ := w.workfront.User(users[1].ID); !now.Active {
		t.Error("who was left out was switched off")
	}
	w.quiet()
}

func TestDenyAllAndCancelAll(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		who    func(*world) string
		button string
		title  string
		state  request.State
		told   string
	}{
		"deny":   {func(w *world) string { return w.anna }, "Deny all (2)", "Deny these requests", request.Denied, "denied by"},
		"cancel": {func(w *world) string { return w.rita }, "Cancel all (2)", "Cancel these requests", request.Cancelled, "cancelled by"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			users := w.staff(2)
			w.start()
			card := w.askForAll(emails(users))
			w.ExpectPrivate(w.rita, ": deactivate 2 people")
			card.Click(tc.who(w), tc.button)
			w.ExpectModal(tc.who(w), tc.title, "Person 1, Person 2", "the project ends").Submit(map[string]any{"comment": "they <!channel> stay"})
			w.ExpectPrivate(tc.who(w), "for 2 people")
			card.ExpectButtons().ExpectText("they")
			w.ExpectDM(w.rita, tc.told, "&lt;!channel&gt; stay")
			if n := w.stands()[tc.state]; n != 2 {
				t.Errorf("%d are %s", n, tc.state)
			}
			if n := len(w.writes()); n > 0 {
				t.Errorf("%d writes", n)
			}
			w.quiet()
		})
	}
}

// What fails for one is shown for that one, and tried again for that one alone.
func TestBatchFailsInPart(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	users := w.staff(4)
	no := w.workfront.Inject(workfrontsim.Fault{Operation: "user/put", UserID: users[2].ID, Answer: workfrontsim.Answer{
		Kind: workfrontsim.JSONError, Status: http.StatusForbidden, Message: "You do not have access",
	}})
	w.start()
	card := w.askForAll(emails(users))
	w.ExpectPrivate(w.rita, ": deactivate 4 people")
	card.Click(w.anna, "Approve all (4)")
	w.ExpectPrivate(w.anna, "You approved this for 4 people.")
	card.ExpectText("Failed for 1", "3 ✅ done", "1 ❌ failed", "You do not have access").ExpectButtons("Retry (1)")
	w.ExpectDM(w.rita, "3 people deactivated", "Person 3", "failed", "You do not have access")
	card.ExpectReply("Failed: deactivate 1 person", "<@"+w.anna+">", "Person 3", "You do not have access")
	w.workfront.RemoveFault(no)
	card.Click(w.mark, "Retry (1)")
	w.ExpectPrivate(w.mark, "not an approver")
	card.Click(w.otto, "Retry (1)")
	w.ExpectPrivate(w.otto, "I try again for 1 person.")
	w.ExpectDM(w.rita, "4 people deactivated")
	card.ExpectButtons()
	w.quiet()
}

// A manager decides about their own people and nobody else's.
func TestManagersApproveForTheirOwn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.config.Policy.Approvers = request.Members{Manager: true}
	mark := w.workfront.AddUser(workfrontsim.User{Name: "Mark", Email: "mark@acme.com"})
	anna := w.workfront.AddUser(workfrontsim.User{Name: "Anna", Email: "anna@acme.com", Active: true})
	users := w.staff(5, func(i int, u *workfrontsim.User) {
		switch i {
		case 0, 1:
			u.ManagerID = mark.ID
		case 2, 3:
			u.ManagerID = anna.ID
		}
	})
	w.start()
	card := w.askForAll(emails(users))
	card.ExpectText("<@"+w.mark+">", "<@"+w.anna+">", "only their manager may approve")
	w.ExpectPrivate(w.rita, ": deactivate")
	card.Click(w.otto, "Approve all (4)")
	w.ExpectPrivate(w.otto, "not an approver")
	card.Click(w.mark, "Approve all (4)")
	w.ExpectPrivate(w.mark, "You approved this for 2 people.", "Not for 2 people", "you are not an approver for them: Person 3, Person 4")
	card.ExpectButtons("Approve all (2)", "Deny all (2)", "Cancel all (2)").ExpectText("2 ✅ done")
	if n := w.switchedOff(users); n != 2 {
		t.Errorf("%d are switched off, want two", n)
	}
	card.Click(w.anna, "Approve all (2)")
	w.ExpectPrivate(w.anna, "You approved this for 2 people.")
	w.ExpectDM(w.rita, "4 people deactivated")
	card.ExpectButtons()
	refused := 0
	for _, e := range w.trail() {
		if e.Kind == "refused" && e.Actor == w.mark && strings.Contains(e.RequestID, "-") {
			refused++
		}
	}
	if refused != 2 {
		t.Errorf("the trail has %d refusals of mark's, want one for each of two people", refused)
	}
	w.quiet()
}

// Nobody approves what they asked for, nor about themselves; administrators need
// more approvals than others on the same card.
func TestBatchKeepsEveryRulePerPerson(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.config.Policy.AllowAdmins = true
	w.config.Policy.Approvers.Users = append(w.config.Policy.Approvers.Users, w.rita)
	w.workfront.AddUser(workfrontsim.User{Name: "Anna Approver", Email: "anna@acme.com", Active: true})
	users := w.staff(2, func(i int, u *workfrontsim.User) {
		if i == 1 {
			u.AccessLevelID = workfrontsim.AccessAdministrator
		}
	})
	w.start()
	card := w.askForAll(emails(users) + " anna@acme.com")
	card.ExpectText("Workfront administrator", "0 of 2 approvals", "0 of 1 approval")
	w.ExpectPrivate(w.rita, ": deactivate 3 people")
	card.Click(w.rita, "Approve all (3)")
	w.ExpectPrivate(w.rita, "You asked for this yourself")
	card.Click(w.anna, "Approve all (3)")
	w.ExpectPrivate(w.anna, "You approved this for 2 people. 1 of them needs another approval.", "Not for 1 person", "about your own account: Anna Approver")
	card.ExpectText("1 of 2 approvals", "1 ✅ done").ExpectButtons("Approve all (2)", "Deny all (2)", "Cancel all (2)")
	card.Click(w.anna, "Approve all (2)")
	w.ExpectPrivate(w.anna, "You cannot do that for anybody on this card")
	card.Click(w.otto, "Approve all (2)")
	w.ExpectPrivate(w.otto, "You approved this for 2 people.")
	w.ExpectDM(w.rita, "3 people deactivated")
	card.ExpectButtons()
	w.quiet()
}

// One user through two e-mails is one request.
func TestSameUserTwiceInOneCommand(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	other := w.workfront.AddUser(workfrontsim.User{Name: "Other", Email: "jane.new@acme.com", Active: true})
	fault := w.workfront.Inject(workfrontsim.Fault{
		Operation: "user/search", UserID: other.ID,
		Answer: workfrontsim.Answer{Kind: workfrontsim.JSONError, Status: http.StatusServiceUnavailable},
	})
	w.start()
	w.As(w.rita).Types(w.channel, "/wf-deactivate JANE@acme.com @jane jane.new@acme.com she married")
	w.pollFor(time.Minute, "the first is found", func() bool { return w.stands()[request.Pending] == 1 && len(w.requests()) == 2 })
	w.workfront.UpdateUser(other.ID, func(u *workfrontsim.User) { u.Email = "other@acme.com" })
	w.workfront.UpdateUser(w.target.ID, func(u *workfrontsim.User) { u.Email = "jane.new@acme.com" })
	w.workfront.RemoveFault(fault)
	w.clock.Skip(time.Minute)
	card := w.Channel(w.channel).ExpectMessage("people in Workfront", "Jane Doe")
	card.ExpectText("the same user as no. 1").ExpectButtons("Approve all (1)", "Deny all (1)", "Cancel all (1)")
	w.ExpectPrivate(w.rita, "Sent to")
	w.Forgive()
	w.quiet()
}

// A mentioned person without an e-mail does not stop the others.
func TestBatchWithSomebodyWithoutEmail(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	users := w.staff(2)
	w.start()
	card := w.askForAll(emails(users[:1]) + " @bert " + users[1].Email)
	card.ExpectText("bert", "Slack shows no e-mail address").ExpectButtons("Approve all (2)", "Deny all (2)", "Cancel all (2)")
	w.ExpectPrivate(w.rita, ": deactivate 2 people", "bert")
	w.quiet()
}
