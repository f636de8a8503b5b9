package bot_test

import (
	"testing"
)

func TestApprovedRequestIsCarriedOut(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.start()
	card := w.ask()
	card.Click(w.anna, "Approve")
	card.ExpectText("Jane Doe", "isActive").ExpectButtons()
	w.ExpectDM(w.rita, "deactivated in Workfront")
	if w.active() {
		t.Error("jane is still active")
	}
	if n := len(w.workfront.Changes()); n != 1 {
		t.Errorf("%d changes in Workfront, want 1", n)
	}
}
