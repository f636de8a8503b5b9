package bot_test

import (
	"testing"
)

// A press that no card offers, of a button about one person with the people of
// another button, decides nothing, is answered, and is not tried for ever.
func TestPressOfAnotherButtonForSeveral(t *testing.T) {
	t.Parallel()
	for _, action := range []string{"details", "reactivate"} {
		t.Run(action, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.config.Policy.Approvals = 2
			w.withOps() // is told nothing
			users := w.staff(2)
			w.start()
			card := w.askForAll(emails(users))
			card.ExpectButtons("Approve all (2)", "Deny all (2)", "Cancel all (2)")
			w.ExpectPrivate(w.rita, "for approval to deactivate 2 people")
			card.Click(w.anna, "Approve all (2)")
			w.ExpectPrivate(w.anna, "You approved for 2 people.")
			w.pressLate(w.otto, action)
			w.ExpectPrivate(w.otto, "do not know this button")
			w.quiet()
		})
	}
}
