package bot_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"wfbot/bot/bottest/machine"
	"wfbot/bot/request"
	"wfbot/bot/slacksim"
	"wfbot/workfront/workfrontsim"
)

// approversLook makes so many approvers and lets each open their Home tab.
func (w *world) approversLook(many int) (ids []string) {
	w.t.Helper()
	for i := range many {
		name := fmt.Sprintf("reader%d", i)
		ids = append(ids, w.AddUser(slacksim.User{Name: name, RealName: name, Email: name + "@acme.com"}).ID)
	}
	w.SetGroupMembers(w.group, ids...)
	w.start()
	for _, id := range ids { // one after the other, however slow the machine is
		w.As(id).OpensHome()
		w.ExpectHome(id, "Nothing waits for you")
	}
	w.settle()
	return ids
}

// However often somebody is refused, no Home tab is drawn for it.
func TestRefusalsDrawNoHomeTab(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.approversLook(5)
	before := len(w.Calls("views.publish"))
	for range 5 {
		w.As(w.jane).Types(w.channel, "/wf-deactivate joe@acme.com left")
		w.ExpectPrivate(w.jane, "not on the list")
		w.clock.Skip(3 * time.Second)
		w.settle()
	}
	if after := len(w.Calls("views.publish")); after != before {
		t.Errorf("%d Home tabs were drawn", after-before)
	}
	w.quiet()
}

// What a reader does not see does not draw their Home tab.
func TestHomeTabThatWouldShowTheSameIsNotDrawn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.config.Policy.Approvers = request.Members{Users: []string{w.anna}, Manager: true}
	w.workfront.AddUser(workfrontsim.User{Name: "Joe Roe", Email: "joe@acme.com", Active: true})
	w.start()
	w.As(w.mark).OpensHome() // manages jane alone
	w.ExpectHome(w.mark, "Hello")
	w.cardOf("joe@acme.com", "left")
	w.settle()
	if n := len(w.Calls("views.publish")); n != 1 {
		t.Errorf("it was drawn %d times, want once", n)
	}
	w.cardOf("jane@acme.com", "left too")
	w.ExpectHome(w.mark, "Jane Doe")
	w.quiet()
}

// However many look, and however much happens, what is drawn again stays within
// what Slack takes, and everybody's turn comes.
func TestHomeTabsOfManyReaders(t *testing.T) {
	t.Parallel()
	machine.Slow(t, "keeps the machine busy")
	w := newWorld(t)
	readers := w.approversLook(24)
	before, since := len(w.Calls("views.publish")), w.clock.Now()
	card := w.ask()
	shown := func(words string) func() bool {
		return func() bool {
			w.clock.Skip(time.Second)
			for _, id := range readers {
				if home, ok := w.Home(id); !ok || !strings.Contains(home.PlainText(), words) {
					return false
				}
			}
			return true
		}
	}
	w.pollFor(time.Minute, "all see that it waits", shown("waiting for approval"))
	card.Click(readers[7], "Approve")
	w.ExpectDM(w.rita, "deactivated in Workfront")
	w.pollFor(time.Minute, "all see that it is done", shown("✅ done"))
	w.settle()
	drawn, passed := len(w.Calls("views.publish"))-before, w.clock.Now().Sub(since)
	if most := 10 + 8 + int(passed/(1500*time.Millisecond)); drawn > most {
		t.Errorf("%d Home tabs were drawn in %v, want %d at most", drawn, passed, most)
	}
	t.Logf("%d Home tabs were drawn for %d readers in %v", drawn, len(readers), passed)
	w.quiet()
}
