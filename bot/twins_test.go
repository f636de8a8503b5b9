package bot_test

import (
	"strings"
	"sync"
	"testing"
	"time"

	"wfbot/bot/request"
	"wfbot/bot/slacksim/story"
	"wfbot/workfront/workfrontsim"
)

// tenantOfTwins is a Workfront that has a second active user of one e-mail.
func (w *world) tenantOfTwins() {
	w.t.Helper()
	w.serveWorkfront(workfrontsim.Config{DuplicateActiveEmail: true})
}

// twin adds another user with jane's e-mail.
func (w *world) twin(active bool) workfrontsim.User {
	w.t.Helper()
	return w.workfront.AddUser(workfrontsim.User{Name: "Jane Doe", Email: "JANE@acme.com", Username: "jane.old", Active: active, Title: "Trainee"})
}

func (w *world) isActive(u workfrontsim.User) bool {
	now, _ := w.workfront.User(u.ID)
	return now.Active
}

// The Admin Console leaves an inactive user behind: the active one is meant, and the
// card says that there is another.
func TestTwinsDeactivateTheActiveOne(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	older, oldest := w.twin(false), w.twin(false)
	w.start()
	card := w.ask()
	card.ExpectText("2 other Workfront users have the same e-mail", older.ID, oldest.ID, "Inactive when this was asked for", "does not change them", "Designer")
	w.As(w.rita).Types(w.channel, "/wf-deactivate list")
	w.ExpectPrivate(w.rita, "Jane Doe", "Workfront ID "+w.target.ID)
	w.As(w.rita).Types(w.channel, "/wf-deactivate status jane@acme.com")
	w.ExpectPrivate(w.rita, "Workfront ID "+w.target.ID)
	card.Click(w.anna, "Approve")
	w.ExpectDM(w.rita, "Deactivated: ")
	w.quiet()
	for _, u := range w.workfront.Changes() {
		if u.UserID != w.target.ID {
			t.Errorf("user %s was changed", u.UserID)
		}
	}
	// And then there is nothing left to do.
	w.As(w.rita).Types(w.channel, "/wf-deactivate jane@acme.com left")
	w.ExpectPrivate(w.rita, "already inactive")
	w.quiet()
}

// The active one may also be the one that was added later.
func TestTwinsWhereTheOtherIsActive(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.workfront.UpdateUser(w.target.ID, func(u *workfrontsim.User) { u.Active = false })
	other := w.twin(true)
	w.start()
	card := w.ask()
	card.ExpectText("Trainee", "1 other Workfront user has the same e-mail", w.target.ID)
	card.Click(w.anna, "Approve")
	w.ExpectDM(w.rita, "Deactivated: ")
	if w.isActive(other) {
		t.Error("the active one is active")
	}
	w.quiet()
}

// Two active ones cannot be told apart.
func TestTwinsBothActive(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.tenantOfTwins()
	w.twin(true)
	w.twin(false)
	w.start()
	w.As(w.rita).Types(w.channel, "/wf-deactivate jane@acme.com left")
	w.ExpectPrivate(w.rita, "Several active Workfront users")
	w.quiet()
}

// So many that not all are read: it is not known how they stand, and not said either.
func TestTwinsWithoutEnd(t *testing.T) {
	t.Parallel()
	for _, command := range []string{"/wf-deactivate", "/wf-reactivate"} {
		t.Run(command, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			for range 12 {
				w.twin(false)
			}
			w.start()
			w.As(w.rita).Types(w.channel, command+" jane@acme.com left")
			text := w.ExpectPrivate(w.rita, "jane@acme.com", "cannot look at them all").Now().Text
			if strings.Contains(text, "Several") || strings.Contains(text, "deactivated none") {
				t.Errorf("it says what is not known: %s", text)
			}
			w.quiet()
		})
	}
}

// Whoever becomes active between the command and the write makes it uncertain who is
// meant, however their e-mail is written by then.
func TestTwinBecomesActive(t *testing.T) {
	t.Parallel()
	for _, email := range []string{"JANE@acme.com", "jane@acme.com ", "\u200bjane@acme.com"} {
		t.Run(email, func(t *testing.T) {
			t.Parallel()
			newWorld(t).twinBecomesActive(email)
		})
	}
}

func (w *world) twinBecomesActive(email string) {
	w.t.Helper()
	w.tenantOfTwins()
	other := w.twin(false)
	w.config.StopWindow = time.Hour
	w.start()
	card := w.ask()
	card.Click(w.anna, "Approve")
	card.ExpectText("takes effect")
	w.settle()
	w.workfront.UpdateUser(other.ID, func(u *workfrontsim.User) { u.Active, u.Email = true, email })
	w.clock.Skip(time.Hour)
	w.ExpectDM(w.rita, "Failed: ", "Another Workfront user with the same e-mail has become active", "Nothing was changed")
	card.ExpectReply("Failed: ", "Another Workfront user with the same e-mail has become active")
	if n := len(w.writes()); n != 0 {
		w.t.Errorf("%d writes", n)
	}
	w.quiet()
}

// Reading twins takes a while. Meanwhile the target may become another: what the write
// rests on is read after them.
func TestTargetChangesWhileTwinsAreRead(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.tenantOfTwins()
	other := w.twin(false)
	w.config.StopWindow = time.Hour
	w.start()
	card := w.ask()
	card.Click(w.anna, "Approve")
	card.ExpectText("takes effect")
	w.settle()
	var once sync.Once
	stop := w.workfront.Observe(func(c workfrontsim.Call, phase workfrontsim.Phase) {
		if c.Operation == "user/get" && phase == workfrontsim.Applied && strings.Contains(c.Path+c.Query, other.ID) {
			once.Do(func() {
				w.workfront.UpdateUser(w.target.ID, func(u *workfrontsim.User) { u.Name, u.Email = "Joan Roe", "joan@acme.com" })
			})
		}
	})
	defer stop()
	w.clock.Skip(time.Hour)
	w.ExpectDM(w.rita, "Failed: ", "Nothing was changed")
	if n := len(w.writes()); n != 0 {
		t.Errorf("%d writes", n)
	}
	w.settle()
	w.Forgive()
}

// A twin that is gone by then, or has got an e-mail of its own, changes nothing.
func TestTwinIsGone(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	gone, renamed := w.twin(false), w.twin(false)
	w.config.StopWindow = time.Hour
	w.start()
	card := w.ask()
	card.Click(w.anna, "Approve")
	card.ExpectText("takes effect")
	w.settle()
	w.workfront.RemoveUser(gone.ID)
	w.workfront.UpdateUser(renamed.ID, func(u *workfrontsim.User) { u.Email, u.Active = "jane2@acme.com", true })
	w.clock.Skip(time.Hour)
	w.ExpectDM(w.rita, "Deactivated: ")
	w.quiet()
}

// back asks for jane to come back and returns the card.
func (w *world) back() *story.Message {
	w.t.Helper()
	w.As(w.rita).Types(w.channel, "/wf-reactivate jane@acme.com she stays after all")
	card := w.Channel(w.channel).ExpectMessage("reactivate Jane Doe")
	w.ExpectPrivate(w.rita, ": reactivate Jane Doe")
	card.ExpectButtons("Approve", "Deny", "Cancel request")
	return card
}

// For the way back whoever wfbot deactivated is meant.
func TestTwinsComeBack(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	other := w.twin(false)
	w.start()
	w.deactivated()
	card := w.back()
	card.ExpectText("1 other Workfront user has the same e-mail", other.ID, "Designer")
	w.skip(2 * time.Minute)
	card.Click(w.anna, "Approve")
	w.ExpectDM(w.rita, "Reactivated: ")
	if !w.active() || w.isActive(other) {
		t.Errorf("jane is active: %t, her twin: %t", w.active(), w.isActive(other))
	}
	w.quiet()
}

// Of several it is the last; the button on a card is about the user of that card.
func TestTwinsBothDeactivated(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.tenantOfTwins()
	w.start()
	first := w.deactivated()
	other := w.twin(true)
	w.skip(5 * time.Minute)
	second := w.ask()
	second.ExpectText("Trainee")
	second.Click(w.anna, "Approve")
	w.ExpectDM(w.rita, "Deactivated: ")
	w.skip(5 * time.Minute)

	card := w.back()
	card.ExpectText("Trainee", w.target.ID)
	w.cancelsBack(card)
	first.Click(w.rita, "Request reactivation")
	again := w.Channel(w.channel).ExpectMessage("reactivate Jane Doe", "Asked for on the card", "Designer", other.ID)
	w.ExpectPrivate(w.rita, ": reactivate Jane Doe")
	again.Click(w.anna, "Approve")
	w.ExpectDM(w.rita, "Reactivated: ")
	if !w.active() || w.isActive(other) {
		t.Errorf("jane is active: %t, her twin: %t", w.active(), w.isActive(other))
	}
	w.quiet()
}

// cancelsBack has the requester cancel a reactivation.
func (w *world) cancelsBack(card *story.Message) {
	w.t.Helper()
	w.opens(card, w.rita, "Cancel request")
	w.ExpectModal(w.rita, "Cancel this request", "Reactivate").Submit(map[string]any{"comment": ""})
	w.ExpectDM(w.rita, "You cancelled")
}

// Nobody comes back where it is not certain who is meant, or where they would be there
// twice.
func TestTwinsDoNotComeBack(t *testing.T) {
	t.Parallel()
	off := func(w *world) {
		w.workfront.UpdateUser(w.target.ID, func(u *workfrontsim.User) { u.Active = false })
	}
	for _, row := range []struct {
		name    string
		prepare func(*world) // before the command; the bot runs
		any     bool
		says    string
	}{
		{"none by wfbot", func(w *world) { off(w); w.twin(false) }, false, "not deactivated through wfbot"},
		{"none by wfbot, and anybody may", func(w *world) { off(w); w.twin(false) }, true, "Several inactive Workfront users"},
		{"one is active", func(w *world) { w.twin(false) }, true, "is active already. Nobody could tell two active ones apart"},
		{"wfbot deactivated one, and another one is active since", func(w *world) { w.deactivated(); w.twin(true) }, false, "is active already. Nobody could tell"},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.tenantOfTwins()
			w.config.Policy.ReactivateAny = row.any
			w.start()
			row.prepare(w)
			before := len(w.writes())
			w.As(w.rita).Types(w.channel, "/wf-reactivate jane@acme.com she stays")
			text := w.ExpectPrivate(w.rita, row.says).Now().Text
			if !strings.Contains(text, "jane@acme.com") {
				t.Errorf("it does not say who: %s", text)
			}
			w.quiet()
			if n := len(w.writes()); n != before {
				t.Errorf("%d writes", n-before)
			}
		})
	}
}

// In a batch each has their own twins, and what is protected is so by its e-mail.
func TestTwinsInABatch(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.tenantOfTwins()
	users := w.staff(3)
	twin := func(of workfrontsim.User, active bool) {
		w.workfront.AddUser(workfrontsim.User{Name: of.Name, Email: of.Email, Username: of.ID, Active: active})
	}
	twin(users[0], false)
	twin(users[1], true)
	w.start()
	card := w.askForAll(emails(users))
	w.ExpectPrivate(w.rita, ": deactivate")
	card.ExpectText("1 other, inactive user has the same e-mail", "several Workfront users have this e-mail")
	card.Click(w.anna, "Approve all (2)")
	w.ExpectPrivate(w.anna, "You approved this for 2 people")
	w.ExpectDM(w.rita, "2 people deactivated")
	if n := w.switchedOff(users); n != 2 {
		t.Errorf("%d are switched off", n)
	}
	w.quiet()
	for _, r := range w.requests() {
		if r.State == request.Rejected && r.Refused != request.RefusedAmbiguous {
			t.Errorf("%s is rejected: %s", r.Email, r.Refused)
		}
	}
}

// A protected e-mail protects all that have it.
func TestTwinsProtected(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.config.Policy.Protected = append(w.config.Policy.Protected, "jane@acme.com")
	w.twin(false)
	w.start()
	w.As(w.rita).Types(w.channel, "/wf-deactivate jane@acme.com left")
	w.ExpectPrivate(w.rita, "protected")
	w.quiet()
}
