package bot_test

import (
	"strings"
	"testing"
	"time"

	"wfbot/bot/request"
	"wfbot/bot/slacksim"
)

// aside makes the next things that people do be set aside.
func (w *world) aside() {
	w.exec(`CREATE TRIGGER garble AFTER INSERT ON interactions BEGIN UPDATE interactions SET body = replace(body, '"kind":"', '"kind":1,"was":"') WHERE id = NEW.id; END`)
}

// mendAside undoes aside, so that the bot can be looked at.
func (w *world) mendAside() {
	w.settle()
	w.exec(`DROP TRIGGER garble`)
	w.exec(`UPDATE interactions SET body = replace(body, '"kind":1,"was":"', '"kind":"')`)
	w.Forgive()
}

// What happens once and Slack does not take is told to the operator when Slack does.
func TestOperatorIsToldWhenSlackIsBack(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ops := w.withOps()
	w.start()
	w.settle()
	w.aside()
	w.Inject(slacksim.Fault{Method: "chat.postMessage", Count: 2, Answer: slacksim.Status(503),
		Match: func(call slacksim.Call) bool { return call.Args["channel"] == ops }})
	w.As(w.rita).Types(w.channel, "/wf-deactivate jane@acme.com left the company")
	w.ExpectPrivate(w.rita, "Because of a fault in wfbot")
	w.clock.Skip(time.Minute)
	w.Channel(ops).ExpectMessage("go on with interaction")
	w.mendAside()
}

// A user group that is gone lets nobody in, which the operator is told.
func TestOperatorIsToldOfGroupThatIsGone(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ops := w.withOps()
	w.Inject(slacksim.Fault{Method: "usergroups.users.list", Count: -1, Answer: slacksim.ErrorCode("no_such_subteam")})
	w.start()
	card := w.ask()
	card.Click(w.otto, "Approve")
	w.ExpectPrivate(w.otto, "approver")
	w.Channel(ops).ExpectMessage("does not know the user group", w.group)
	w.settle()
	w.Forgive()
}

// An event, or a press, that cannot be read is told to the operator.
func TestOperatorIsToldOfWhatSlackSends(t *testing.T) {
	t.Parallel()
	for name, send := range map[string]func(*world){
		"an event": func(w *world) {
			w.SendEnvelope("events_api", map[string]any{"type": "event_callback", "event": map[string]any{"type": "app_home_opened", "user": 7, "tab": "home"}})
		},
		"a press": func(w *world) { w.SendEnvelope("interactive", map[string]any{"type": "block_actions", "user": "anna"}) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorldWith(t, slacksim.Config{AckDeadline: time.Second})
			ops := w.withOps()
			w.start()
			send(w)
			w.Channel(ops).ExpectMessage("could not read", "install a newer version")
			w.settle()
			w.Forgive()
		})
	}
}

// An answer that Slack does not take for as long as it is tried is told to the operator.
func TestOperatorIsToldOfAnswerThatIsGivenUp(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ops := w.withOps()
	w.start()
	for _, method := range []string{"response_url", "chat.postEphemeral"} {
		w.Inject(slacksim.Fault{Method: method, Count: -1, Answer: slacksim.Status(503)})
	}
	w.Inject(slacksim.Fault{Method: "chat.postMessage", Count: -1, Answer: slacksim.Status(503),
		Match: func(call slacksim.Call) bool { return call.Args["channel"] == w.rita }})
	w.As(w.rita).Types(w.channel, "/wf-deactivate help")
	w.poll("it has failed once", func() bool { return strings.Contains(w.log.String(), "an answer could not be given") })
	w.clock.Skip(request.RetryFor)
	w.Channel(ops).ExpectMessage("does not let wfbot answer", w.rita)
	w.Forgive()
}
