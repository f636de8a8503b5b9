package bot_test

import (
	"net/http"
	"strings"
	"testing"

	"wfbot/bot/bottest/machine"
	"wfbot/bot/request"
	"wfbot/workfront/workfrontsim"
)

// oddBodies are answers of status 200 that are not what was asked for, whatever that
// was; @ID stands for jane's.
var oddBodies = map[string]string{
	"data is a number":     `{"data":7}`,
	"data is a list":       `{"data":[[]]}`,
	"data holds nobody":    `{"data":[null]}`,
	"no object":            `[]`,
	"a byte order mark":    "\ufeff" + `{"data":[]}`,
	"another user":         `{"data":{"ID":"000000000000000000000000000000ff","name":"X","emailAddr":"x@acme.com","isActive":false}}`,
	"not known if active":  `{"data":{"ID":"@ID","name":"Jane Doe","emailAddr":"Jane@acme.com","isActive":0}}`,
	"two users that clash": `{"data":[{"ID":"@ID","isActive":false},{"ID":"@ID","isActive":true}]}`,
}

// A success that is none is neither taken for one nor for a refusal, and nobody is
// told that Workfront answered "200 OK".
func TestOddSuccessesAreNoneAndSayWhatIsWrong(t *testing.T) {
	t.Parallel()
	machine.Slow(t, "many worlds")
	for name, body := range oddBodies {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			answer := workfrontsim.Answer{Kind: workfrontsim.Verbatim, Status: http.StatusOK,
				Body: strings.ReplaceAll(body, "@ID", w.target.ID)}
			w.workfront.Inject(workfrontsim.Fault{Operation: "user/put", Times: 1, Answer: answer})
			w.start()
			card := w.ask()
			card.Click(w.anna, "Approve")
			w.poll("the write was sent", func() bool { return w.puts() > 0 })
			card.ExpectText("Workfront's answer could not be understood")
			w.ExpectDM(w.rita, "Deactivated: ")
			card.ExpectButtons("Request reactivation")
			w.quiet()
			if r := w.requests()[0]; r.State != request.Done || w.active() || len(w.workfront.Changes()) != 1 {
				t.Errorf("the request is %s, active: %v, %d changes", r.State, w.active(), len(w.workfront.Changes()))
			}
		})
	}
}

// A write that is answered with nobody has failed, and the card says what happened.
func TestWriteAnsweredWithNobodyFails(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.workfront.Inject(workfrontsim.Fault{Operation: "user/put", Times: 1,
		Answer: workfrontsim.Answer{Kind: workfrontsim.Verbatim, Status: http.StatusOK, Body: `{"data":null}`}})
	w.start()
	card := w.ask()
	card.Click(w.anna, "Approve")
	card.ExpectText("Failed", "has no such user, or does not show them", "Nothing was changed").ExpectButtons("Retry")
	w.ExpectDM(w.rita, "Failed: ", "has no such user")
	card.ExpectReply("Failed: ", "has no such user")
	w.quiet()
}

// Workfront keeps an address as somebody typed it: whoever it belongs to in Slack is
// the manager all the same.
func TestManagerWhoseAddressWasTypedOddly(t *testing.T) {
	t.Parallel()
	for _, typed := range []string{" mark@acme.com", "mark@acme.com\u00a0", "MARK@acme.com\u200b", "mailto:mark@acme.com", "mark@acme.com;"} {
		t.Run(typed, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			byManagers(w)
			boss, _ := w.workfront.User(w.target.ManagerID)
			w.workfront.UpdateUser(boss.ID, func(u *workfrontsim.User) { u.Email = typed })
			w.start()
			card := w.ask()
			card.ExpectText("<@" + w.mark + ">")
			card.Click(w.mark, "Approve")
			w.ExpectDM(w.rita, "Deactivated: ")
			w.quiet()
		})
	}
}
