package bot_test

import (
	"testing"
	"time"

	"wfbot/bot/request"
)

// Who asked cancels by a command where the card is hidden and has no buttons, and can
// ask again.
func TestHiddenRequestIsCancelledByCommand(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.start()
	card := w.ask()
	w.settle()
	w.share(true)
	w.clock.Skip(5 * time.Minute)
	w.expectHidden(card)
	w.ExpectDM(w.rita, saysShared, "/wf-deactivate cancel")
	for range 6 { // each is refused, and newer than the one that is open
		w.As(w.rita).Types(w.direct, "/wf-deactivate jane@acme.com left")
		w.settle()
	}
	w.As(w.rita).Types(w.direct, "/wf-deactivate cancel Jane@acme.com wrong channel")
	w.ExpectPrivate(w.rita, "Cancelled: deactivate Jane Doe")
	w.ExpectDM(w.rita, "You cancelled")
	w.settle()
	if r := w.requests()[0]; r.State != request.Cancelled || r.Decisions[0].Comment != "wrong channel" || r.Decisions[0].By.ID != w.rita {
		t.Errorf("the request is %s by %+v", r.State, r.Decisions)
	}
	w.expectHidden(card)
	w.As(w.rita).Types(w.direct, "/wf-deactivate cancel jane@acme.com")
	w.ExpectPrivate(w.rita, "no open request about", "jane@acme.com")
	w.settle()
	w.Forgive()
}

// The command goes by the rules of the button: who asked, and approvers but not the
// person themselves, as long as it has not taken effect.
func TestWhoMayCancelByCommand(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.config.StopWindow = time.Hour
	w.config.Policy.Approvers.Users = append(w.config.Policy.Approvers.Users, w.jane)
	w.start()
	card := w.ask()
	card.Click(w.anna, "Approve")
	card.ExpectButtons("Cancel request")
	w.settle()
	for who, why := range map[string]string{w.mark: "may ask or approve can use me", w.gary: "Guests cannot", w.jane: "about"} {
		w.As(who).Types(w.channel, "/wf-deactivate cancel jane@acme.com")
		w.ExpectPrivate(who, why)
	}
	w.As(w.otto).Types(w.channel, "/wf-deactivate cancel jane")
	w.ExpectPrivate(w.otto, "Please type it like this", "cancel jane@acme.com")
	w.settle()
	if r := w.requests()[0]; r.State != request.Approved {
		t.Fatalf("the request is %s", r.State)
	}
	w.As(w.otto).Types(w.channel, "/wf-deactivate cancel @jane she stays")
	w.ExpectPrivate(w.otto, "Cancelled: deactivate Jane Doe")
	card.ExpectText("Cancelled", "she stays")
	w.ExpectDM(w.rita, "ancelled")
	w.clock.Skip(2 * time.Hour)
	w.settle()
	if n := len(w.writes()); n != 0 {
		t.Errorf("%d writes", n)
	}
	w.Forgive()
}

// Of several the one is cancelled who is named.
func TestOneOfSeveralIsCancelledByCommand(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	people := w.staff(3)
	w.start()
	w.askForAll(emails(people))
	w.settle()
	w.As(w.rita).Types(w.channel, "/wf-deactivate cancel "+people[1].Email)
	w.ExpectPrivate(w.rita, "Cancelled: deactivate "+people[1].Name)
	w.settle()
	for i, r := range w.cards()[0].Requests {
		want := request.Pending
		if i == 1 {
			want = request.Cancelled
		}
		if r.State != want {
			t.Errorf("the request about %s is %s, want %s", r.Target.Name, r.State, want)
		}
	}
	w.Forgive()
}
