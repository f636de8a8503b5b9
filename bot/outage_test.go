package bot_test

import (
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"wfbot/bot/bottest/machine"
	"wfbot/bot/request"
	"wfbot/workfront/workfrontsim"
)

// maintenance is what Workfront answers during a maintenance window. The client
// does not repeat a call at once that is to wait for longer than 30 seconds.
var maintenance = jsonError(http.StatusServiceUnavailable, http.Header{"Retry-After": {"31"}})

// skipsUntilTried lets d pass and waits until Workfront is asked again.
func (w *world) skipsUntilTried(d time.Duration) {
	w.t.Helper()
	w.atRest() // a step must not be under way when time jumps
	before := len(w.workfront.Journal())
	w.clock.Skip(d)
	w.waitFor("it is tried again", func() bool { return len(w.workfront.Journal()) > before })
}

// A maintenance window of 40 hours is shown on the card and outlasted.
func TestOutageOf40HoursIsOutlasted(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.start()
	card := w.ask()
	outage := w.workfront.Inject(workfrontsim.Fault{Answer: maintenance})
	card.Click(w.anna, "Approve")
	for range 8 {
		card.ExpectText("503", "Nothing was changed", "Next try", "I give up").ExpectButtons("Retry now", "Cancel request")
		w.skipsUntilTried(5 * time.Hour)
	}
	w.workfront.RemoveFault(outage)
	w.atRest()
	w.clock.Skip(time.Hour) // more than any pause
	w.ExpectDM(w.rita, "Deactivated: ")
	card.ExpectButtons("Request reactivation")
	w.quiet()
	if n := w.puts(); n != 1 {
		t.Errorf("%d writes were sent, want 1", n)
	}
}

// After 48 hours the request has failed: who asked is told, and an approver's
// Retry executes it when Workfront is back, without a new approval.
func TestOutageOf48HoursFailsAndIsRetried(t *testing.T) {
	t.Parallel()
	newWorld(t).failsAfter48Hours()
}

func (w *world) failsAfter48Hours() {
	w.t.Helper()
	w.start()
	card := w.ask()
	outage := w.workfront.Inject(workfrontsim.Fault{Answer: maintenance})
	card.Click(w.anna, "Approve")
	card.ExpectText("503", "Next try").ExpectButtons("Retry now", "Cancel request")
	for range 9 {
		w.skipsUntilTried(5 * time.Hour)
	}
	w.atRest()
	if r := w.requests()[0]; r.State != request.Approved {
		w.t.Fatalf("after 45 hours the request is %s, want approved", r.State)
	}
	w.skipsUntilTried(3 * time.Hour)
	card.ExpectText("Failed", "503", "Nothing was changed", "Approvers can press Retry").ExpectButtons("Retry")
	w.ExpectDM(w.rita, "Failed: ", "503", "An approver can press Retry")
	card.ExpectReply("Failed: ", "503", "An approver can press Retry")
	w.quiet()
	if n := w.puts(); n != 0 || !w.active() {
		w.t.Errorf("%d writes were sent, active: %v", n, w.active())
	}

	card.Click(w.otto, "Retry") // too early: another 48 hours begin
	card.ExpectText("503", "Next try", "Retried by").ExpectButtons("Retry now", "Cancel request")
	w.workfront.RemoveFault(outage)
	card.Click(w.otto, "Retry now")
	w.ExpectDM(w.rita, "Deactivated: ")
	card.ExpectText("Confirmed in Workfront").ExpectButtons("Request reactivation")
	w.quiet()
	if n := w.puts(); n != 1 {
		w.t.Errorf("%d writes were sent, want 1", n)
	}
}

// A look-up that does not work for 48 hours is rejected, with one sentence when the
// trouble begins and one when it is given up.
func TestLookUpIsGivenUpAfter48Hours(t *testing.T) {
	t.Parallel()
	machine.Slow(t, "waits for many retries")
	w := newWorld(t)
	w.workfront.Inject(workfrontsim.Fault{Answer: maintenance})
	w.start()
	w.As(w.rita).Types(w.channel, "/wf-deactivate jane@acme.com left")
	w.ExpectPrivate(w.rita, "could not look up", "503", "keep trying until")
	for range 10 {
		w.skipsUntilTried(5 * time.Hour)
	}
	w.ExpectDM(w.rita, "have given up", "when Workfront works")
	w.quiet()
	if r := w.requests()[0]; r.State != request.Rejected {
		t.Errorf("the request is %s, want rejected", r.State)
	}
}

// closePort makes connections to Workfront be refused until reopen is called.
func (w *world) closePort() (reopen func()) {
	w.t.Helper()
	address := w.wfServer.Listener.Addr().String()
	w.wfServer.Close()
	return func() {
		w.t.Helper()
		listener, err := net.Listen("tcp", address)
		if err != nil {
			w.t.Fatal(err)
		}
		server := httptest.NewUnstartedServer(w.workfront)
		server.Listener.Close()
		server.Listener = listener
		server.Start()
		w.wfServer = server
	}
}

// Nothing listens where Workfront should be: the look-up is told and goes on by
// itself.
func TestRefusedConnectionAtTheLookUp(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.start()
	reopen := w.closePort()
	w.As(w.rita).Types(w.channel, "/wf-deactivate jane@acme.com left")
	w.ExpectPrivate(w.rita, "could not look up", "Workfront does not answer", "keep trying until")
	reopen()
	w.clock.Skip(time.Hour)
	w.Channel(w.channel).ExpectMessage("Jane Doe").ExpectButtons("Approve", "Deny", "Cancel request")
	w.ExpectDM(w.rita, "Sent to")
	w.quiet()
}

// The same after the approval: nothing was sent, so it can be cancelled or
// retried at once.
func TestRefusedConnectionAtTheExecution(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.start()
	card := w.ask()
	reopen := w.closePort()
	card.Click(w.anna, "Approve")
	card.ExpectText("Workfront does not answer", "Nothing was changed", "Next try").ExpectButtons("Retry now", "Cancel request")
	w.clock.Skip(-time.Minute) // by itself it would go on much later
	reopen()
	card.Click(w.otto, "Retry now")
	w.ExpectDM(w.rita, "Deactivated: ")
	card.ExpectText("Confirmed in Workfront").ExpectButtons("Request reactivation")
	w.quiet()
	if n := w.puts(); n != 1 {
		t.Errorf("%d writes were sent, want 1", n)
	}
}
