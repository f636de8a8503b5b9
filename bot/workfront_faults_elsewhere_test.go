package bot_test

import (
	"slices"
	"testing"
	"time"

	"wfbot/bot/bottest/machine"
	"wfbot/bot/request"
	"wfbot/bot/slacksim/story"
	"wfbot/workfront/workfrontsim"
)

// badWay is a story with a call that Workfront answers badly, once the story has
// come to it.
type badWay struct {
	name  string
	fault workfrontsim.Fault // for one call unless it lasts
	lasts bool
	// tell has it happen and end as it would have without, and looks whether that
	// is so. inject puts the fault in force, before the bot is started or later.
	tell func(w *world, inject func())
}

var badWays = []badWay{
	{"a count", workfrontsim.Fault{Operation: "optask/count"}, true, (*world).countsWithout},
	{"names", workfrontsim.Fault{Operation: "proj/search"}, true, (*world).showsWithout},
	{"reading again", workfrontsim.Fault{Operation: "user/get"}, false, (*world).readsAgainWith},
	{"who is the manager, before a reminder", workfrontsim.Fault{Operation: "user/get"}, false, (*world).remindsAManagerWith},
	{"who is the manager, at a decision", workfrontsim.Fault{Operation: "user/get"}, false, (*world).managerDecidesWith},
	{"who awaits approval", workfrontsim.Fault{Operation: "usrapv/*"}, false, (*world).goesBackWith},
	{"the write back, unapplied", workfrontsim.Fault{Operation: "user/put"}, false, (*world).goesBackWith},
	{"the write back, applied", workfrontsim.Fault{Operation: "user/put", Apply: true}, false, (*world).goesBackWith},
	{"a write of several, unapplied", workfrontsim.Fault{Operation: "user/put"}, false, (*world).changesAllWith},
	{"a write of several, applied", workfrontsim.Fault{Operation: "user/put", Apply: true}, false, (*world).changesAllWith},
}

// One answer of Workfront that is no good, at each call besides those of a
// deactivation: what was asked for ends as it would have without.
func TestWorkfrontFaultsAreOutlastedElsewhere(t *testing.T) {
	t.Parallel()
	machine.Slow(t, "many worlds, each with a fault that is waited out")
	for i, way := range badWays {
		for k, bad := range badAnswers {
			if !machine.Pair(i, k) {
				continue
			}
			t.Run(way.name+"/"+bad.name, func(t *testing.T) {
				t.Parallel()
				newWorld(t).outlastsOn(way, bad)
			})
		}
	}
}

// outlastsOn is one row of the matrix.
func (w *world) outlastsOn(way badWay, bad badAnswer) {
	w.t.Helper()
	switch bad.answer.Kind {
	case workfrontsim.Hang, workfrontsim.SlowBody:
		w.workfrontTimeout = time.Second
	}
	fault, id := way.fault, 0
	fault.Answer = bad.answer
	if !way.lasts {
		fault.Times = 1
	}
	way.tell(w, func() { id = w.workfront.Inject(fault) })
	faults := w.workfront.Faults()
	met := !slices.ContainsFunc(faults, func(f workfrontsim.InjectedFault) bool { return f.ID == id && f.Hits == 0 })
	if id == 0 || !met || !way.lasts && len(faults) > 0 {
		w.t.Error("the fault met nothing")
	}
	w.settle()
	w.check(true)
	w.Forgive() // what was said on the way
}

// countsWithout asks for jane while one count is not to be had: it costs that count
// and nothing else.
func (w *world) countsWithout(inject func()) {
	w.workfront.AddWork(w.target.ID, workfrontsim.Work{Tasks: 3, Issues: 4})
	inject()
	w.start()
	card := w.askHolding()
	card.ExpectText("3 tasks", "issues")
	for _, h := range w.requests()[0].Holdings {
		if unknown := h.Trouble != ""; unknown != (h.Kind == "issues") {
			w.t.Errorf("%q could not be read: %t", h.Kind, unknown)
		}
	}
	card.Click(w.anna, "Approve")
	w.ExpectDM(w.rita, "Deactivated: ")
	card.ExpectText("Confirmed in Workfront")
	if n := len(w.workfront.Changes()); n != 1 {
		w.t.Errorf("%d changes in Workfront, want 1", n)
	}
}

// showsWithout shows details while names of one kind are not to be had.
func (w *world) showsWithout(inject func()) {
	w.workfront.AddWork(w.target.ID, workfrontsim.Work{Tasks: 3, Projects: 1})
	w.start()
	card := w.askHolding()
	card.ExpectText("1 project")
	inject()
	card.Click(w.anna, "See all")
	w.ExpectModal(w.anna, "shown to you alone", "3 tasks: ", "1 project: the names could not be read")
	w.quiet()
	if r := w.requests()[0]; r.State != request.Pending {
		w.t.Errorf("the request is %s", r.State)
	}
}

// readsAgainWith reads jane again a day after she was deactivated.
func (w *world) readsAgainWith(inject func()) {
	w.config.VerifyAfter = 24 * time.Hour
	w.start()
	card := w.deactivated()
	inject()
	w.clock.Skip(25 * time.Hour)
	card.ExpectText("Still so", "when I checked again")
	w.quiet()
	if n := len(w.writes()); n != 1 {
		w.t.Errorf("%d writes, want that of the deactivation", n)
	}
}

// remindsAManagerWith has somebody asked who has become jane's manager since she was
// asked for, and decide.
func (w *world) remindsAManagerWith(inject func()) {
	byManagers(w)
	w.config.RemindEvery = 24 * time.Hour
	w.start()
	card := w.ask()
	w.settle()
	w.managedBy("anna@acme.com")
	inject()
	w.clock.Skip(25 * time.Hour)
	card.ExpectReply("<@" + w.anna + ">")
	card.Click(w.anna, "Approve")
	w.ExpectDM(w.rita, "Deactivated: ")
}

// managerDecidesWith has whoever was jane's manager press Approve, and then who is.
func (w *world) managerDecidesWith(inject func()) {
	byManagers(w)
	w.start()
	card := w.ask()
	w.settle()
	w.managedBy("anna@acme.com")
	inject()
	card.Click(w.mark, "Approve")
	w.ExpectPrivate(w.mark, "in Workfront any more")
	if n := len(w.writes()); n != 0 {
		w.t.Errorf("%d writes before anybody approved who may", n)
	}
	card.Click(w.anna, "Approve")
	w.ExpectDM(w.rita, "Deactivated: ")
}

// goesBackWith reactivates jane.
func (w *world) goesBackWith(inject func()) {
	w.config.Policy.ReactivateAny = true
	w.workfront.UpdateUser(w.target.ID, func(u *workfrontsim.User) { u.Active = false })
	before := len(w.workfront.Changes())
	inject()
	w.start()
	w.As(w.rita).Types(w.channel, "/wf-reactivate jane@acme.com she stays after all")
	card := w.Channel(w.channel).ExpectMessage("reactivate Jane Doe")
	card.Click(w.anna, "Approve")
	w.ExpectDM(w.rita, "Reactivated: ")
	card.ExpectText("Confirmed in Workfront").ExpectButtons()
	if n := len(w.workfront.Changes()) - before; n != 1 || !w.active() {
		w.t.Errorf("%d changes in Workfront, want 1; active: %t", n, w.active())
	}
}

// changesAllWith deactivates three people at once: each exactly once.
func (w *world) changesAllWith(inject func()) {
	users := w.staff(3)
	inject()
	w.start()
	w.approvesAll(w.askForAll(emails(users)))
	changes := map[string]int{}
	for _, c := range w.workfront.Changes() {
		changes[c.UserID]++
	}
	for _, u := range users {
		if changes[u.ID] != 1 {
			w.t.Errorf("%s was changed %d times, want once", u.Name, changes[u.ID])
		}
	}
}

// approvesAll has three people on a card approved and executed.
func (w *world) approvesAll(card *story.Message) {
	w.t.Helper()
	card.ExpectButtons("Approve all (3)", "Deny all (3)", "Cancel all (3)")
	card.Click(w.anna, "Approve all (3)")
	w.ExpectDM(w.rita, "3 people deactivated")
	card.ExpectText("3 ✅ done").ExpectButtons()
}
