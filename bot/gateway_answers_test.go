package bot_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"wfbot/bot/bottest/machine"
	"wfbot/bot/request"
	"wfbot/workfront/workfrontsim"
)

// gatewayAnswers are what something between the bot and Workfront may answer to a
// write that took effect, with a status that seems to say that it did not.
func gatewayAnswers() (answers []workfrontsim.Answer) {
	for _, status := range []int{400, 401, 403, 404, 405, 408, 409, 410, 421, 423, 425, 429} {
		for _, kind := range []workfrontsim.AnswerKind{workfrontsim.HTMLPage, workfrontsim.EmptyBody, workfrontsim.GatewayJSON, workfrontsim.PlainError} {
			answers = append(answers, workfrontsim.Answer{Kind: kind, Status: status})
		}
	}
	for _, status := range []int{408, 409, 429} { // no refusals, even in the API's own words
		answers = append(answers, workfrontsim.Answer{Kind: workfrontsim.JSONError, Status: status, Class: "com.attask.common.X"})
	}
	return answers
}

// A change that took effect is answered as if it had not, and Workfront cannot be
// read afterwards: what is not certain is not said, and it is too late to cancel,
// until it is read. Then it is done, by one write.
func TestAppliedWriteIsNotTakenForRefused(t *testing.T) {
	t.Parallel()
	machine.Slow(t, "many worlds")
	for i, answer := range gatewayAnswers() {
		if !machine.Pair(0, i) {
			continue
		}
		t.Run(fmt.Sprint(answer), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.workfront.Inject(workfrontsim.Fault{Operation: "user/put", Apply: true, Times: 1, Answer: answer})
			w.workfront.Observe(func(c workfrontsim.Call, p workfrontsim.Phase) {
				if c.Operation == "user/put" && p == workfrontsim.Received {
					w.workfront.Inject(workfrontsim.Fault{Name: "away", Operation: "user/get", Answer: jsonError(503, http.Header{"Retry-After": {"3600"}})})
				}
			})
			w.start()
			card := w.ask()
			card.Click(w.anna, "Approve")
			card.ExpectText("Not confirmed yet").ExpectButtons("Retry now")
			if r := w.requests()[0]; r.State != request.Executing || !r.WriteOpen {
				t.Errorf("the request is %s, its write open: %v", r.State, r.WriteOpen)
			}
			w.workfront.ClearFaults()
			w.clock.Skip(2 * time.Hour)
			w.ExpectDM(w.rita, "Deactivated: ")
			card.ExpectButtons("Request reactivation")
			w.quiet()
			if r := w.requests()[0]; r.State != request.Done || r.Outcome.Already || w.puts() != 1 {
				t.Errorf("the request is %s, already inactive: %v, %d writes", r.State, r.Outcome.Already, w.puts())
			}
		})
	}
}

// Workfront itself says that it is too busy, and a read agrees that nothing was
// changed: that is certain enough to wait as approved, and to be cancelled.
func TestBusyWorkfrontLeavesCancel(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.workfront.Inject(workfrontsim.Fault{Operation: "user/put", Answer: workfrontsim.Answer{
		Kind: workfrontsim.JSONError, Status: 429, Message: "429 Too many concurrent API requests", Header: http.Header{"Retry-After": {"3600"}}}})
	w.start()
	card := w.ask()
	card.Click(w.anna, "Approve")
	card.ExpectText("busy (429)").ExpectButtons("Retry now", "Cancel request")
	w.cancels(card, w.rita, "")
	card.ExpectText("Cancelled")
	w.ExpectDM(w.rita, "ancelled")
	w.quiet()
	if !w.active() || w.puts() != 1 {
		t.Errorf("active: %v, %d writes", w.active(), w.puts())
	}
}
