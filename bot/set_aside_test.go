package bot_test

import (
	"database/sql"
	"strings"
	"testing"
	"time"

	"wfbot/bot/slacksim"
	"wfbot/workfront/workfrontsim"
)

// A request that cannot be decoded keeps nobody else waiting. It still counts as open,
// the operator and who asks are told of it, and the start after it has been fixed goes
// on with it.
func TestRequestThatCannotBeDecodedStarvesNobody(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ops := w.withOps()
	w.start()
	card := w.ask()
	w.settle()
	id := w.requests()[0].ID
	w.exec(`UPDATE requests SET body = 'x' || body, due_at = 0`)
	w.exec(`UPDATE cards SET due_at = 0`)
	w.Channel(ops).ExpectMessage("go on with request " + id)
	w.Channel(ops).ExpectMessage("go on with card " + id)

	w.workfront.AddUser(workfrontsim.User{Name: "Joe Roe", Email: "joe@acme.com", Active: true})
	w.As(w.rita).Types(w.channel, "/wf-deactivate joe@acme.com left the company")
	other := w.Channel(w.channel).ExpectMessage("Joe Roe")
	other.ExpectButtons("Approve", "Deny", "Cancel request")
	w.ExpectPrivate(w.rita, "Sent to")
	other.Click(w.otto, "Approve")
	w.ExpectDM(w.rita, "Joe Roe", "Deactivated: ")

	w.As(w.rita).Types(w.channel, "/wf-deactivate list")
	w.ExpectPrivate(w.rita, "I cannot read 1 request")
	w.As(w.rita).Types(w.channel, "/wf-deactivate jane@acme.com left the company")
	w.ExpectPrivate(w.rita, "There is an open request for")
	card.Click(w.anna, "Approve")
	w.ExpectPrivate(w.anna, "I cannot read all that is stored")
	w.settle()

	w.exec(`UPDATE requests SET body = substr(body, 2) WHERE id = '` + id + `'`)
	w.stop()
	w.start()
	card.Click(w.anna, "Approve")
	w.ExpectDM(w.rita, "Jane Doe", "Deactivated: ")
	w.quiet()
}

// exec changes the world's database behind the bot's back.
func (w *world) exec(query string) {
	w.t.Helper()
	db, err := sql.Open("sqlite", strings.TrimPrefix(w.database, "sqlite:")+"?_pragma=busy_timeout(20000)")
	if err != nil {
		w.t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.ExecContext(w.t.Context(), query); err != nil {
		w.t.Fatal(err)
	}
}

// A press that is set aside is told to the person who pressed; where that is not known,
// or Slack takes no message for them, the operator is told that they do not know.
func TestPressThatIsSetAsideIsTold(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		garble string // what becomes of the stored interaction
		mend   string // and how it is undone
		mute   bool   // Slack takes nothing for who pressed
		known  bool   // who pressed can be read
	}{
		"who pressed can be told": {garble: `replace(body, '"message_ts":"', '"message_ts":1,"was":"')`, mend: `replace(body, '"message_ts":1,"was":"', '"message_ts":"')`, known: true},
		"Slack does not tell":     {garble: `replace(body, '"message_ts":"', '"message_ts":1,"was":"')`, mend: `replace(body, '"message_ts":1,"was":"', '"message_ts":"')`, known: true, mute: true},
		"nobody knows who":        {garble: `'x' || body`, mend: `substr(body, 2)`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			ops := w.withOps()
			w.start()
			card := w.ask()
			w.settle()
			w.exec(`CREATE TRIGGER garble AFTER INSERT ON interactions BEGIN UPDATE interactions SET body = ` + c.garble + ` WHERE id = NEW.id; END`)
			if c.mute {
				w.Inject(slacksim.Fault{Method: "response_url", Count: -1, Answer: slacksim.Status(500)})
				w.Inject(slacksim.Fault{Method: "chat.postEphemeral", Count: -1, Answer: slacksim.ErrorCode("user_not_in_channel")})
				w.Inject(slacksim.Fault{Method: "chat.postMessage", Count: -1, Answer: slacksim.ErrorCode("messages_tab_disabled"),
					Match: func(call slacksim.Call) bool { return call.Args["channel"] == w.anna }})
			}
			card.Click(w.anna, "Approve")
			w.Channel(ops).ExpectMessage("go on with interaction")
			switch {
			case c.mute:
				w.Channel(ops).ExpectMessage("The Slack user "+w.anna+" does not know", "messages_tab_disabled", "list")
			case !c.known:
				w.Channel(ops).ExpectMessage("Somebody does not know", "does not say who")
			default:
				w.ExpectPrivate(w.anna, "Because of a fault in wfbot")
			}
			if n := len(w.writes()); n != 0 {
				t.Errorf("%d writes", n)
			}
			w.settle()
			w.exec(`DROP TRIGGER garble`)
			w.exec(`UPDATE interactions SET body = ` + c.mend + ` WHERE set_aside_at <> 0`)
			w.stop()
			w.start()
			w.ExpectDM(w.rita, "Jane Doe", "Deactivated: ")
			w.settle()
			w.Forgive()
		})
	}
}

// A request that a newer version left behind with a state or an action of its own is
// not taken for another one: nothing is done about it, and the operator is told.
func TestRequestOfANewerVersionIsSetAside(t *testing.T) {
	t.Parallel()
	for name, change := range map[string][2]string{
		"state":  {`"state":"approved"`, `"state":"escalated"`},
		"action": {`"action":"deactivate"`, `"action":"transfer"`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			ops := w.withOps()
			w.config.StopWindow = time.Hour
			w.start()
			card := w.ask()
			card.Click(w.anna, "Approve")
			card.ExpectButtons("Cancel request")
			w.settle()
			id := w.requests()[0].ID
			w.stop()
			w.exec(`UPDATE requests SET body = replace(body, '` + change[0] + `', '` + change[1] + `'), due_at = 0`)
			w.start()
			w.Channel(ops).ExpectMessage("go on with request "+id, "this version of wfbot does not know")
			w.As(w.rita).Types(w.channel, "/wf-deactivate jane@acme.com left the company")
			w.ExpectPrivate(w.rita, "There is an open request for")
			card.Click(w.otto, "Cancel request")
			w.ExpectPrivate(w.otto, "I cannot read all that is stored")
			w.clock.Skip(2 * time.Hour)
			w.settle()
			if n := len(w.writes()); n != 0 {
				t.Errorf("%d writes", n)
			}
			w.exec(`UPDATE requests SET body = replace(body, '` + change[1] + `', '` + change[0] + `')`)
			w.stop()
			w.start()
			w.ExpectDM(w.rita, "Deactivated: ")
			w.settle()
			w.Forgive()
		})
	}
}
