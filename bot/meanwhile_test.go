package bot_test

import (
	"context"
	"log/slog"
	"sync"
	"testing"
	"time"

	"wfbot/bot/bottest/machine"
	"wfbot/bot/request"
	"wfbot/workfront/workfrontsim"
)

// pausing is a log handler that holds the bot up once, when it has begun a step of
// that kind, until goOn is closed.
type pausing struct {
	slog.Handler
	step  request.Step
	once  *sync.Once
	begun chan<- struct{}
	goOn  <-chan struct{}
}

func (p pausing) Handle(ctx context.Context, record slog.Record) error {
	record.Attrs(func(a slog.Attr) bool {
		if record.Message == "step" && a.Key == "step" && a.Value.String() == string(p.step) {
			p.once.Do(func() {
				close(p.begun)
				<-p.goOn
			})
		}
		return true
	})
	return p.Handler.Handle(ctx, record)
}

// A decision that commits while a step is under way that it makes needless: nothing
// is wrong, and nobody is told that something is.
func TestDecisionWhileTimePasses(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		step    request.Step
		approve bool
		pass    time.Duration
	}{
		{step: request.Expiry, pass: 73 * time.Hour},
		{step: request.AskAnew, approve: true, pass: 50 * time.Hour},
		{step: request.Execute, approve: true, pass: 2 * time.Hour},
	} {
		t.Run(string(row.step), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.withOps() // who hears nothing
			w.config.StopWindow = time.Hour
			begun, goOn := make(chan struct{}), make(chan struct{})
			w.config.Log = slog.New(pausing{Handler: w.config.Log.Handler(), step: row.step, once: new(sync.Once), begun: begun, goOn: goOn})
			w.start()
			card := w.ask()
			if row.approve {
				card.Click(w.anna, "Approve")
				card.ExpectText("takes effect")
			}
			w.opens(card, w.rita, "Cancel request")
			form := w.ExpectModal(w.rita, "Cancel this request")
			w.settle()
			w.clock.Skip(row.pass)
			<-begun
			form.Submit(nil)
			w.poll("it is cancelled", func() bool { return w.requests()[0].State == request.Cancelled })
			close(goOn)
			card.ExpectText("Cancelled").ExpectButtons()
			w.ExpectDM(w.rita, "ancelled")
			w.quiet()
		})
	}
}

// The same while it is found out whether Workfront still refuses the credential.
func TestCancelledWhileTheCredentialIsAskedFor(t *testing.T) {
	t.Parallel()
	machine.Slow(t, "waits until the way to Workfront is tried again")
	w := newWorld(t)
	ops := w.withOps()
	w.start()
	card := w.ask()
	w.workfront.RevokeKeys()
	card.Click(w.anna, "Approve")
	card.ExpectText("Paused").ExpectButtons("Retry now", "Cancel request")
	w.Channel(ops).ExpectMessage("WORKFRONT_API_KEY")
	w.atRest()
	arrived, release := make(chan struct{}), make(chan struct{})
	goOn := sync.OnceFunc(func() { close(release) })
	t.Cleanup(goOn)
	var once sync.Once
	t.Cleanup(w.workfront.Observe(func(c workfrontsim.Call, phase workfrontsim.Phase) {
		if phase == workfrontsim.Received {
			once.Do(func() {
				close(arrived)
				<-release
			})
		}
	}))
	w.clock.Skip(2 * time.Minute)
	<-arrived
	w.cancels(card, w.rita, "")
	w.poll("it is cancelled", func() bool { return w.requests()[0].State == request.Cancelled })
	goOn()
	w.ExpectDM(w.rita, "ancelled")
	card.ExpectText("ancelled").ExpectButtons()
	w.quiet() // the operator hears nothing
}
