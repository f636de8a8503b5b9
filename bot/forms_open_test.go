package bot_test

import (
	"database/sql"
	"strings"
	"sync"
	"testing"
	"time"

	"wfbot/bot/bottest/machine"
	"wfbot/bot/request"
	"wfbot/bot/slacksim"
)

// While somebody else holds the database, forms open all the same; what is
// submitted meanwhile is not accepted, and said so at the form.
func TestFormOpensWhileTheDatabaseIsBusy(t *testing.T) {
	t.Parallel()
	w := newWorldWith(t, slacksim.Config{AckDeadline: 20 * time.Second})
	w.start()
	w.settle()
	db, err := sql.Open("sqlite", strings.TrimPrefix(w.database, "sqlite:")+"?_pragma=busy_timeout(20000)")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	writer, err := db.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer writer.Close()
	if _, err := writer.ExecContext(t.Context(), "BEGIN IMMEDIATE"); err != nil {
		t.Fatal(err)
	}
	w.As(w.rita).Types(w.channel, "/wf-deactivate")
	form := w.ExpectModal(w.rita, "Deactivate in Workfront") // Slack opens none after three seconds
	for at, says := range form.SubmitRefused(jane1(nil)) {
		if at != "emails" || !strings.Contains(says, "could not store this") {
			t.Errorf("the form says %q at %s", says, at)
		}
	}
	if _, err := writer.ExecContext(t.Context(), "ROLLBACK"); err != nil {
		t.Fatal(err)
	}
	form.Submit(nil)
	card := w.Channel(w.channel).ExpectMessage("Jane Doe")
	card.ExpectButtons("Approve", "Deny", "Cancel request")
	w.ExpectPrivate(w.rita, "Sent to")
	w.quiet()
}

// Whoever cannot be shown the form is told, whatever the reason.
func TestFormThatDoesNotOpenIsSaid(t *testing.T) {
	t.Parallel()
	faults := map[string]slacksim.Fault{
		"Slack refuses":     {Method: "views.open", Answer: slacksim.ErrorCode("internal_error")},
		"Slack is silent":   {Method: "views.open", Answer: slacksim.NoErrorCode()},
		"Slack fails":       {Method: "views.open", Answer: slacksim.HTML(503)},
		"too many calls":    {Method: "views.open", Answer: slacksim.RateLimited(30)},
		"too late":          {Method: "views.open", Answer: slacksim.ErrorCode("expired_trigger_id")},
		"Slack breaks off":  {Method: "views.open", Answer: slacksim.Reset()},
		"nobody knows them": {Method: "users.info", Answer: slacksim.Status(500)},
	}
	for name, fault := range faults {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.start()
			w.Inject(fault)
			w.As(w.rita).Types(w.channel, "/wf-deactivate")
			w.ExpectPrivate(w.rita, "could not open the form", "try again")
			w.clock.Skip(30 * time.Second) // Slack may want to be left alone meanwhile
			w.As(w.rita).Types(w.channel, "/wf-deactivate")
			w.ExpectModal(w.rita, "Deactivate").Close()
			w.quiet()
		})
	}
}

// The same envelope delivered twice opens one form and says nothing.
func TestFormDeliveredTwiceOpensOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.start()
	w.As(w.rita).Types(w.channel, "/wf-deactivate")
	w.ExpectModal(w.rita, "Deactivate")
	for _, e := range w.Envelopes() {
		if e.Type == slacksim.SlashCommands {
			if reply := w.Redeliver(e, true); !reply.Acked {
				t.Errorf("not acknowledged: %+v", reply)
			}
		}
	}
	w.waitFor("it has been tried again", func() bool { return len(w.Calls("views.open")) == 2 })
	w.ExpectModal(w.rita, "Deactivate").Submit(jane1(nil))
	w.Channel(w.channel).ExpectMessage("Jane Doe").ExpectButtons("Approve", "Deny", "Cancel request")
	w.ExpectPrivate(w.rita, "Sent to")
	w.quiet()
	if all := w.requests(); len(all) != 1 || all[0].State != request.Pending {
		t.Errorf("requests: %+v", all)
	}
}

// A form that is open when the bot ends can be submitted to the next one.
func TestFormOutlivesARestart(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.start()
	w.As(w.rita).Types(w.channel, "/wf-deactivate")
	form := w.ExpectModal(w.rita, "Deactivate")
	w.stop()
	w.start()
	form.Submit(jane1(nil))
	w.Channel(w.channel).ExpectMessage("Jane Doe").ExpectButtons("Approve", "Deny", "Cancel request")
	w.ExpectPrivate(w.rita, "Sent to")
	w.quiet()
}

// Forms that are not open when the bot ends are said by the next one, also those
// that nobody has begun to open.
func TestFormsThatWaitAtTheEndAreSaid(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.start()
	release := make(chan struct{})
	remove := w.Inject(slacksim.Fault{Method: "users.info", Count: -1, Answer: slacksim.Held(release)})
	const many = 12 // more than are opened at once
	for range many {
		w.As(w.rita).Types(w.channel, "/wf-deactivate")
	}
	w.stop()
	remove()
	close(release)
	if n := len(w.Calls("views.open")); n != 0 {
		t.Errorf("%d forms were opened", n)
	}
	w.start()
	for range many {
		w.ExpectPrivate(w.rita, "could not open the form")
	}
	w.quiet()
}

// More forms at once than can be opened in time: each opens or is said.
func TestTooManyFormsAtOnceAreSaid(t *testing.T) {
	t.Parallel()
	machine.Slow(t, "keeps the machine busy")
	w := newWorldWith(t, slacksim.Config{AckDeadline: 30 * time.Second})
	w.start()
	release := make(chan struct{})
	remove := w.Inject(slacksim.Fault{Method: "users.info", Count: -1, Answer: slacksim.Held(release)})
	const many = 100 // more than are opened at once and may wait for it
	var people sync.WaitGroup
	for range many {
		people.Go(func() {
			if reply, err := w.Command(w.rita, w.channel, "/wf-deactivate"); err != nil || !reply.Acked {
				t.Errorf("not acknowledged: %+v, %v", reply, err)
			}
		})
	}
	people.Wait()
	remove()
	close(release)
	w.pollFor(3*time.Minute, "each form was opened or said", func() bool {
		_, unfinished, err := w.st.Interactions(t.Context())
		return err == nil && unfinished == 0 && w.violation(true) == nil
	})
	w.Forgive()
	w.quiet()
}

// What could not be opened in time is opened when it is pressed again.
func TestFormThatWasLateIsOpenedAtTheNextPress(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.start()
	card := w.ask()
	w.Inject(slacksim.Fault{Method: "views.open", Count: 2, Answer: slacksim.ErrorCode("expired_trigger_id")})
	w.cancels(card, w.rita, "she stays")
	card.ExpectText("Cancelled", "she stays").ExpectButtons()
	w.ExpectDM(w.rita, "ancelled")
	w.quiet()
	if n := len(w.Calls("views.open")); n < 3 {
		t.Errorf("%d forms were asked for, want one after two that were late", n)
	}
}
