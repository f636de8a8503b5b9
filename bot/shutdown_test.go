package bot_test

import (
	"sync"
	"testing"

	"wfbot/bot"
	"wfbot/bot/request"
	"wfbot/bot/slacksim"
	"wfbot/bot/store"
	"wfbot/workfront"
	"wfbot/workfront/secret"
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
	w.ExpectDM(w.rita, "deactivated in Workfront")
	card.ExpectButtons()
	if n := len(w.writes()); n != 1 {
		t.Errorf("%d writes reached Workfront, want 1", n)
	}
}

// Slack revokes the token in the middle: Run ends and says why, and with a good
// token the next one goes on.
func TestRevokedTokenEndsRunAndLosesNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	client, err := workfront.New(workfront.Config{URL: w.wfURL, APIKey: secret.Value(w.workfront.APIKey())})
	if err != nil {
		t.Fatal(err)
	}
	defer client.CloseIdleConnections()
	if w.st, err = store.Open(t.Context(), w.database); err != nil {
		t.Fatal(err)
	}
	config := w.config
	config.Workfront, config.Store = client, w.st
	b, err := bot.New(config)
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- b.Run(t.Context()) }()
	w.poll("the bot is ready", b.Ready)
	card := w.ask()
	refused := w.Inject(slacksim.Fault{Count: -1, Answer: slacksim.ErrorCode("token_revoked")})
	card.Click(w.anna, "Approve")
	if err := <-ended; err == nil {
		t.Error("Run returned nil although Slack refuses the token")
	}
	w.st.Close()
	refused()

	w.start()
	w.ExpectDM(w.rita, "deactivated in Workfront")
	card.ExpectButtons()
	w.quiet()
	if r := w.requests()[0]; r.State != request.Done {
		t.Errorf("the request is %s, want done", r.State)
	}
}
