package main

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"wfbot/bot/card"
	"wfbot/bot/slacksim"
	"wfbot/workfront/workfrontsim"
)

// connected waits until the program takes in what people do, and notes that they
// are about to do something.
func (w *crashWorld) connected() {
	w.t.Helper()
	w.await("the program is connected", w.isConnected)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.acted = time.Now()
}

// isConnected reports whether the process that runs now has a connection.
func (w *crashWorld) isConnected() bool {
	started, _ := w.program.now()
	return slices.ContainsFunc(w.slack.Connections(), func(c slacksim.Connection) bool { return c.OpenedAt.After(started) })
}

// types has a person type a command, again if Slack shows them an error, or the
// answer is that it could not be stored.
func (w *crashWorld) types(user, command string) {
	w.t.Helper()
	for {
		w.connected()
		reply, err := w.slack.Command(user, w.channel, command)
		if err != nil {
			w.t.Fatal(err)
		}
		if reply.Failure == "" && (reply.Message == nil || reply.Message.Text != card.NotStored) {
			return
		}
	}
}

// asks has rita ask for jane.
func (w *crashWorld) asks() {
	w.t.Helper()
	w.types(w.rita, "/wf-deactivate jane@acme.com left the company")
	w.await("there is a card", func() bool { _, _, ok := w.button("Approve"); return ok })
}

// button finds the live button of that text on any message in the channel.
func (w *crashWorld) button(text string) (ts string, b slacksim.Button, ok bool) {
	for _, m := range w.slack.Messages(w.channel) {
		if b, ok := m.Button(text); ok && !m.Deleted {
			if b.Confirm != nil {
				b.Answer = b.Confirm.Confirm
			}
			return m.TS, b, true
		}
	}
	return "", slacksim.Button{}, false
}

// presses has a person press a button, again if Slack shows them an error and the
// button is still there. What was acknowledged is never repeated.
func (w *crashWorld) presses(user, text string) {
	w.t.Helper()
	w.await("there is a button "+text, func() bool { _, _, ok := w.button(text); return ok })
	for {
		w.connected()
		ts, b, ok := w.button(text)
		if !ok {
			return // the press of before took effect
		}
		reply, err := w.slack.Click(user, w.channel, ts, b)
		if err == nil && reply.Failure == "" {
			return
		}
	}
}

// pressesUnlessDone has a person press a button when it appears, unless rita is told
// first that there is nothing left to press it for.
func (w *crashWorld) pressesUnlessDone(user, text string) {
	w.t.Helper()
	done := func() bool { return w.heard("Deactivated: ") }
	w.await("there is a button "+text+", or it is done", func() bool { _, _, ok := w.button(text); return ok || done() })
	if !done() {
		w.presses(user, text)
	}
}

// awaitButtons waits until a card in the channel has just these buttons.
func (w *crashWorld) awaitButtons(texts ...string) {
	w.t.Helper()
	w.await(fmt.Sprintf("a card has the buttons %q", texts), func() bool {
		return slices.ContainsFunc(w.slack.Messages(w.channel), func(m slacksim.Message) bool {
			return !m.Deleted && slices.EqualFunc(m.Buttons(), texts, func(b slacksim.Button, text string) bool { return b.Text == text })
		})
	})
}

// breaks lets an operation of Workfront fail until end is called.
func (w *crashWorld) breaks(operation string) (end func()) {
	id := w.workfront.Inject(workfrontsim.Fault{
		Operation: operation, Answer: workfrontsim.Answer{Kind: workfrontsim.JSONError, Status: http.StatusServiceUnavailable},
	})
	return func() { w.workfront.RemoveFault(id) }
}

// breaksAfter is breaks, from the moment on when the first operation has been applied.
// broken waits for that.
func (w *crashWorld) breaksAfter(first, operation string) (broken func() (end func())) {
	var once sync.Once
	ends := make(chan func(), 1)
	stop := w.workfront.Observe(func(c workfrontsim.Call, phase workfrontsim.Phase) {
		if c.Operation == first && phase == workfrontsim.Applied {
			once.Do(func() { ends <- w.breaks(operation) })
		}
	})
	return func() func() {
		defer stop()
		select {
		case end := <-ends:
			return end
		case <-time.After(patience):
			w.t.Fatalf("in vain waited until %s was applied", first)
			return nil
		}
	}
}

// declines has a person press Deny or Cancel until the form opens, and submit it.
func (w *crashWorld) declines(user, button, comment string) {
	w.t.Helper()
	for len(w.slack.OpenViews(user)) == 0 {
		said := len(w.slack.Ephemerals(user)) + len(w.slack.DirectMessages(user))
		w.presses(user, button)
		// An old process may have taken the press and the right to open the form with
		// it. Then the new one says so.
		w.await("a form opens, or an answer says why not", func() bool {
			return len(w.slack.OpenViews(user)) > 0 || len(w.slack.Ephemerals(user))+len(w.slack.DirectMessages(user)) > said
		})
	}
	w.submits(user, map[string]any{"comment": comment})
}

// submits has a person fill in the form they have open, and submit it, again if
// Slack shows them an error.
func (w *crashWorld) submits(user string, values map[string]any) {
	w.t.Helper()
	for {
		w.connected()
		open := w.slack.OpenViews(user)
		if len(open) == 0 {
			return
		}
		result, err := w.slack.Submit(user, open[0].ID, values)
		if err != nil {
			w.t.Fatal(err)
		}
		if result.Failure == "" && len(result.Errors) == 0 {
			return
		}
	}
}

// heard reports whether rita got a direct message of the bot with that text.
func (w *crashWorld) heard(text string) bool {
	return slices.ContainsFunc(w.slack.DirectMessages(w.rita), func(m slacksim.Message) bool { return m.Contains(text) })
}

func (w *crashWorld) hears(text string) {
	w.t.Helper()
	w.await(fmt.Sprintf("rita is told %q", text), func() bool { return w.heard(text) })
}

// learns waits until a person is told something by the bot, privately or in a modal.
func (w *crashWorld) learns(user, text string) {
	w.t.Helper()
	w.await(fmt.Sprintf("they are told %q", text), func() bool {
		return slices.ContainsFunc(slices.Concat(w.slack.Ephemerals(user), w.slack.DirectMessages(user)),
			func(m slacksim.Message) bool { return m.BotID != "" && m.Contains(text) }) ||
			slices.ContainsFunc(w.slack.OpenViews(user), func(v slacksim.View) bool { return strings.Contains(v.PlainText(), text) })
	})
}
