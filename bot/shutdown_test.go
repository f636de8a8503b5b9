package bot_test

import (
	"sync"
	"testing"

	"wfbot/bot/request"
	"wfbot/bot/slacksim"
	"wfbot/workfront/workfrontsim"
)

// The write in hand is finished, read back and stored before Run returns.
func TestShutdownFinishesTheWriteInHand(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.start()
	card := w.ask()
	arrived, release := make(chan struct{}), make(chan struct{})
	var once sync.Once
	w.workfront.Observe(func(c workfrontsim.Call, p workfrontsim.Phase) {
		if c.Operation == "user/put" && p == workfrontsim.Received {
			once.Do(func() { close(arrived) })
			<-release
		}
	})
	card.Click(w.anna, "Approve")
	<-arrived
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		w.stop()
	}()
	w.poll("the bot has left Slack", func() bool { return len(w.Connections()) == 0 })
	close(release)
	<-stopped
	if w.active() {
		t.Error("jane is still active")
	}
	w.start()
	w.ExpectDM(w.rita, "Deactivated: ")
	card.ExpectButtons("Request reactivation")
	if n := len(w.writes()); n != 1 {
		t.Errorf("%d writes reached Workfront, want 1", n)
	}
}

// Slack revokes the token in the middle: Run ends and says why, and with a good
// token the next one goes on.
func TestRevokedTokenEndsRunAndLosesNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	st, ended, end := w.launch()
	w.st = st
	card := w.ask()
	refused := w.Inject(slacksim.Fault{Count: -1, Answer: slacksim.ErrorCode("token_revoked")})
	card.Click(w.anna, "Approve")
	if err := <-ended; err == nil {
		t.Error("Run returned nil although Slack refuses the token")
	}
	end()
	refused()

	w.start()
	w.ExpectDM(w.rita, "Deactivated: ")
	card.ExpectButtons("Request reactivation")
	w.quiet()
	if r := w.requests()[0]; r.State != request.Done {
		t.Errorf("the request is %s, want done", r.State)
	}
}
