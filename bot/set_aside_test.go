package bot_test

import (
	"database/sql"
	"strings"
	"testing"

	"wfbot/workfront/workfrontsim"
)

// A request that cannot be decoded keeps nobody else waiting. It still counts as open,
// the operator and who asks are told of it, and the start after it has been mended goes
// on with it.
func TestRequestThatCannotBeDecodedStarvesNobody(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ops := w.withOps()
	w.start()
	card := w.ask()
	w.settle()
	id := w.requests()[0].ID
	exec := func(query string) {
		t.Helper()
		db, err := sql.Open("sqlite", strings.TrimPrefix(w.database, "sqlite:")+"?_pragma=busy_timeout(20000)")
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		if _, err := db.ExecContext(t.Context(), query); err != nil {
			t.Fatal(err)
		}
	}
	exec(`UPDATE requests SET body = 'x' || body, due_at = 0`)
	exec(`UPDATE cards SET due_at = 0`)
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

	exec(`UPDATE requests SET body = substr(body, 2) WHERE id = '` + id + `'`)
	w.stop()
	w.start()
	card.Click(w.anna, "Approve")
	w.ExpectDM(w.rita, "Jane Doe", "Deactivated: ")
	w.quiet()
}
