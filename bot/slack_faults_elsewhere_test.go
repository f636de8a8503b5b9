package bot_test

import (
	"testing"
	"time"

	"wfbot/bot/bottest/machine"
	"wfbot/bot/slacksim"
)

// slackWay is a story with a call that Slack answers badly once.
type slackWay struct {
	name   string
	method string
	match  func(w *world, c slacksim.Call) bool // nil: the next call of the method
	tell   func(w *world, inject func())        // as in badWay
}

var slackWays = []slackWay{
	{"the form", "views.open", nil, (*world).opensTheFormWith},
	{"the Home tab", "views.publish", nil, (*world).showsHomeWith},
	{"a reminder", "chat.postMessage", func(_ *world, c slacksim.Call) bool { return c.Args["thread_ts"] != nil }, (*world).remindsWith},
	{"the card of several", "chat.postMessage", func(w *world, c slacksim.Call) bool { return c.Args["channel"] == w.channel }, (*world).asksForAllWith},
	{"the buttons of several", "chat.update", nil, (*world).asksForAllWith},
	{"the outcome on the card of several", "chat.update", nil, (*world).repaintsForAllWith},
	{"the outcome of several, told", "chat.postMessage", nil, (*world).repaintsForAllWith},
}

// One answer of Slack that is no good, at each call besides those of a
// deactivation: it ends as it would have without.
func TestSlackFaultsAreOutlastedElsewhere(t *testing.T) {
	t.Parallel()
	machine.Slow(t, "many worlds, each with a fault that is waited out")
	for i, way := range slackWays {
		for k, bad := range slackAnswers {
			if !machine.Pair(i, k) {
				continue
			}
			t.Run(way.name+"/"+bad.name, func(t *testing.T) {
				t.Parallel()
				newWorld(t).outlastsSlackOn(way, bad)
			})
		}
	}
}

// outlastsSlackOn is one row of the matrix.
func (w *world) outlastsSlackOn(way slackWay, bad slackAnswer) {
	w.t.Helper()
	if bad.name == "no answer at all" {
		w.config.SlackTimeout = time.Second
	}
	fault := slacksim.Fault{Method: way.method, Answer: bad.answer}
	if way.match != nil {
		fault.Match = func(c slacksim.Call) bool { return way.match(w, c) }
	}
	way.tell(w, func() { w.Inject(fault) })
	w.settle()
	w.check(true)
	w.Forgive() // what was said on the way, or twice
	met := false
	for _, c := range w.Calls(way.method) {
		met = met || c.Faulted
	}
	if !met {
		w.t.Error("the fault met nothing")
	}
}

// opensTheFormWith asks with the form. Slack does not let it be opened twice for
// one click, so the person is told and asks again.
func (w *world) opensTheFormWith(inject func()) {
	w.start()
	inject()
	w.As(w.rita).Types(w.channel, "/wf-deactivate")
	w.ExpectPrivate(w.rita, "could not open the form", "try again")
	w.clock.Skip(2 * time.Second) // Slack may want to be left alone for one
	w.As(w.rita).Types(w.channel, "/wf-deactivate")
	w.ExpectModal(w.rita, "Deactivate").Submit(jane1(nil))
	w.Channel(w.channel).ExpectMessage("Jane Doe").ExpectButtons("Approve", "Deny", "Cancel request")
	w.ExpectPrivate(w.rita, "Sent to")
	w.quiet()
}

func (w *world) showsHomeWith(inject func()) {
	w.start()
	w.ask()
	w.settle()
	inject()
	w.As(w.anna).OpensHome()
	w.ExpectHome(w.anna, "Waiting for you", "Jane Doe")
	w.quiet()
}

func (w *world) remindsWith(inject func()) {
	w.config.RemindEvery = 24 * time.Hour
	w.start()
	card := w.ask()
	inject()
	w.skip(25 * time.Hour)
	card.ExpectReply("Still waiting: deactivate")
	w.quiet()
}

// asksForAllWith has trouble until the card has its buttons.
func (w *world) asksForAllWith(inject func()) {
	users := w.staff(3)
	w.start()
	inject()
	w.approvesAll(w.askForAll(emails(users)))
	w.changedAll(3)
}

// repaintsForAllWith has trouble when all is done, except that several are asked
// for.
func (w *world) repaintsForAllWith(inject func()) {
	users := w.staff(3)
	w.start()
	card := w.askForAll(emails(users))
	card.ExpectButtons("Approve all (3)", "Deny all (3)", "Cancel all (3)")
	w.ExpectPrivate(w.rita, ": deactivate 3 people")
	w.settle()
	inject()
	w.approvesAll(card)
	w.changedAll(3)
}

func (w *world) changedAll(n int) {
	w.t.Helper()
	if writes := len(w.writes()); writes != n {
		w.t.Errorf("%d writes reached Workfront, want %d", writes, n)
	}
}
