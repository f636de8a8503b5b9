package bot_test

import (
	"strings"
	"testing"
	"time"

	"wfbot/bot/bottest/machine"
	"wfbot/bot/request"
	"wfbot/bot/slacksim"
	"wfbot/bot/slacksim/story"
	"wfbot/workfront/workfrontsim"
)

// withOps gives the bot a channel for the operator and returns its id.
func (w *world) withOps() string {
	w.config.OpsChannel = w.AddChannel(slacksim.Channel{Name: "wfbot-ops", Members: []string{w.BotUserID()}}).ID
	return w.config.OpsChannel
}

// restoreKey makes Workfront accept the bot's key again.
func (w *world) restoreKey() {
	w.workfront.SetAPIKey(w.workfront.Caller().ID, w.workfront.APIKey(), time.Time{})
}

// askFor adds a user to Workfront and asks for their deactivation.
func (w *world) askFor(name string) *story.Message {
	w.t.Helper()
	email := strings.ToLower(name) + "@acme.com"
	w.workfront.AddUser(workfrontsim.User{Name: name, Email: email, Active: true})
	w.As(w.rita).Types(w.channel, "/wf-deactivate "+email+" left")
	card := w.Channel(w.channel).ExpectMessage(email)
	card.ExpectButtons("Approve", "Deny", "Cancel")
	w.ExpectPrivate(w.rita, "I asked in")
	return card
}

// refusedCalls is how many calls Workfront has answered with 401.
func (w *world) refusedCalls() (n int) {
	for _, c := range w.workfront.Journal() {
		if c.Status == 401 {
			n++
		}
	}
	return n
}

// A revoked key holds all requests back, at every place, without asking again
// for each of them; none of them fails, however long it takes, and all go on.
func TestRefusedCredentialHoldsEverything(t *testing.T) {
	t.Parallel()
	machine.Slow(t, "waits until the way to Workfront is tried again")
	w := newWorld(t)
	ops := w.withOps()
	w.start()
	cards := []*story.Message{w.askFor("Abe"), w.askFor("Bea"), w.askFor("Cleo")}
	w.workfront.RevokeKeys()
	revoked := time.Now()
	for _, card := range cards {
		card.Click(w.anna, "Approve")
		card.ExpectText("refuses the bot's credential", "Paused", "operator has been told").ExpectButtons("Retry now", "Cancel")
	}
	w.As(w.rita).Types(w.channel, "/wf-deactivate jane@acme.com left")
	w.ExpectPrivate(w.rita, "refuses the bot's credential", "operator has been told", "need not do anything")
	w.Channel(ops).ExpectMessage("WORKFRONT_API_KEY")
	// Two may meet the refusal before the first of them is answered, and it is asked
	// about again as time passes.
	most := 2
	for _, after := range []time.Duration{2 * time.Second, 7 * time.Second, 22 * time.Second, 82 * time.Second} {
		if time.Since(revoked) >= after {
			most++
		}
	}
	if n := w.refusedCalls(); n > most {
		t.Errorf("%d calls for four requests while the credential is refused, want %d at most", n, most)
	}

	w.atRest() // a step must not be under way when time jumps
	// Three days: longer than anything is retried for, shorter than requests live.
	for range 3 {
		before := w.refusedCalls()
		w.clock.Skip(23 * time.Hour)
		w.waitFor("one of them asks", func() bool { return w.refusedCalls() > before })
		w.atRest()
		if n := w.refusedCalls() - before; n != 1 {
			t.Errorf("%d calls after a day, want one for all", n)
		}
		w.Channel(ops).ExpectMessage("WORKFRONT_API_KEY") // once an hour at most
	}
	for _, card := range cards {
		card.ExpectText("Paused").ExpectButtons("Retry now", "Cancel")
	}
	w.cancels(cards[2], w.rita, "") // still possible: nothing was sent
	w.ExpectDM(w.rita, "cancelled")

	w.restoreKey()
	cards[0].Click(w.otto, "Retry now") // asks at once
	w.ExpectDM(w.rita, "abe@acme.com", "deactivated in Workfront")
	w.Channel(ops).ExpectMessage("accepts wfbot's credential again")
	w.atRest()
	w.clock.Skip(time.Minute) // the others do so by themselves
	w.ExpectDM(w.rita, "bea@acme.com", "deactivated in Workfront")
	w.Channel(w.channel).ExpectMessage("Jane Doe").ExpectButtons("Approve", "Deny", "Cancel")
	w.ExpectDM(w.rita, "I asked in")
	w.quiet()
	if n := len(w.writes()); n != 2 {
		t.Errorf("%d writes, want 2", n)
	}
}

// atRest waits until no request wants anything soon, by what is stored: one whose
// step is under way still wants it. Where all that is wanted is due in some seconds,
// they are skipped.
func (w *world) atRest() {
	w.t.Helper()
	w.poll("the bot has come to rest", func() bool {
		now := w.clock.Now()
		soon := time.Duration(-1)
		for _, r := range w.requests() {
			step, at := r.Next(now)
			switch wait := at.Sub(now); {
			case step == request.Nothing || wait > 15*time.Second:
			case wait <= 0:
				return false
			case soon < 0 || wait < soon:
				soon = wait
			}
		}
		if soon > 0 {
			w.clock.Skip(soon)
		}
		return soon < 0
	})
}

func TestRetryNowWhileTheCredentialIsStillRefused(t *testing.T) {
	t.Parallel()
	newWorld(t).outlastsARefusedCredential()
}

func (w *world) outlastsARefusedCredential() {
	w.t.Helper()
	w.withOps()
	w.start()
	card := w.ask()
	w.workfront.RevokeKeys()
	card.Click(w.anna, "Approve")
	card.ExpectText("Paused").ExpectButtons("Retry now", "Cancel")
	w.Channel(w.config.OpsChannel).ExpectMessage("WORKFRONT_API_KEY")
	before := w.refusedCalls()
	card.Click(w.otto, "Retry now")
	w.waitFor("it asks at once", func() bool { return w.refusedCalls() == before+1 })
	card.ExpectText("Retried by", "Paused").ExpectButtons("Retry now", "Cancel")
	w.restoreKey()
	w.clock.Skip(time.Minute)
	w.ExpectDM(w.rita, "deactivated in Workfront")
	w.Channel(w.config.OpsChannel).ExpectMessage("again")
	w.quiet()
}

// The credential is refused in the middle of an execution. What was sent stays
// known as sent, and nothing is sent twice.
func TestCredentialRefusedInTheMiddle(t *testing.T) {
	t.Parallel()
	refused := workfrontsim.Answer{Kind: workfrontsim.JSONError, Status: 401, Message: "You are not currently logged in."}
	rows := []struct {
		name    string
		refuse  func(*world)
		state   request.State
		buttons []string
	}{
		{"at the read before the write", func(w *world) {
			w.workfront.Inject(workfrontsim.Fault{Operation: "user/get", Answer: refused})
		}, request.Approved, []string{"Retry now", "Cancel"}},
		{"at the write", func(w *world) {
			w.workfront.Inject(workfrontsim.Fault{Operation: "user/put", Answer: refused, Times: 1})
		}, request.Approved, []string{"Retry now", "Cancel"}},
		{"at the reading back", func(w *world) {
			w.workfront.Observe(func(c workfrontsim.Call, p workfrontsim.Phase) {
				if c.Operation == "user/put" && p == workfrontsim.Received {
					w.workfront.Inject(workfrontsim.Fault{Operation: "user/get", Answer: refused})
				}
			})
		}, request.Executing, []string{"Retry now"}},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.start()
			card := w.ask()
			row.refuse(w)
			card.Click(w.anna, "Approve")
			card.ExpectText("Paused").ExpectButtons(row.buttons...)
			if r := w.requests()[0]; r.State != row.state {
				t.Errorf("the request is %s, want %s", r.State, row.state)
			}
			w.workfront.ClearFaults()
			w.clock.Skip(time.Minute)
			w.ExpectDM(w.rita, "deactivated in Workfront")
			card.ExpectButtons("Reactivate")
			w.quiet()
			if n := len(w.workfront.Changes()); n != 1 {
				t.Errorf("%d effective writes, want 1", n)
			}
		})
	}
}

// A restart with the new key needs nobody to press anything.
func TestRestartAfterARefusedCredential(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.start()
	card := w.ask()
	w.workfront.RevokeKeys()
	card.Click(w.anna, "Approve")
	card.ExpectText("Paused").ExpectButtons("Retry now", "Cancel")
	w.stop()
	w.restoreKey()
	w.start()
	w.clock.Skip(time.Minute)
	w.ExpectDM(w.rita, "deactivated in Workfront")
	card.ExpectButtons("Reactivate")
}

// What was done is read again when the credential works again, however long that
// takes.
func TestReadAgainWaitsForTheCredential(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ops := w.withOps()
	w.config.VerifyAfter = 24 * time.Hour
	w.start()
	card := w.deactivated()
	w.workfront.RevokeKeys()
	for range 4 {
		w.clock.Skip(25 * time.Hour)
		w.Channel(ops).ExpectMessage("WORKFRONT_API_KEY") // each hour
		w.poll("it is put off", func() bool { return w.requests()[0].VerifyRetry.At.After(w.clock.Now()) })
	}
	w.restoreKey()
	w.clock.Skip(time.Hour)
	w.Channel(ops).ExpectMessage("accepts wfbot's credential again")
	card.ExpectText("it is still so")
	w.quiet()
}
