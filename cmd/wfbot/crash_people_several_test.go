package main

import (
	"fmt"
	"slices"
	"strings"

	"wfbot/bot/slacksim"
)

// asksForAll has rita ask for several people. Nobody knows one of them.
func (w *crashWorld) asksForAll(people string) {
	w.t.Helper()
	w.types(w.rita, "/wf-deactivate nobody@acme.com "+people+" the project ends")
	w.await("there is a card", func() bool { return len(w.live("Approve all")) > 0 })
}

// live returns the messages in the channel that have a button whose text begins
// so.
func (w *crashWorld) live(label string) (all []slacksim.Message) {
	for _, m := range w.slack.Messages(w.channel) {
		if _, ok := labelled(m, label); ok && !m.Deleted {
			all = append(all, m)
		}
	}
	return all
}

func labelled(m slacksim.Message, label string) (slacksim.Button, bool) {
	i := slices.IndexFunc(m.Buttons(), func(b slacksim.Button) bool { return strings.HasPrefix(b.Text, label) })
	if i < 0 {
		return slacksim.Button{}, false
	}
	b := m.Buttons()[i]
	if b.Confirm != nil {
		b.Answer = b.Confirm.Confirm
	}
	return b, true
}

// pressesEach is presses for every card that has a button whose text begins so,
// when all is quiet: whoever types a command for several people again may find
// them on two cards, the first command having worked for some of them.
func (w *crashWorld) pressesEach(user, label string) {
	w.t.Helper()
	w.await("there is a button "+label, func() bool { return len(w.live(label)) > 0 })
	w.database.settle()
	for _, m := range w.live(label) {
		for {
			w.connected()
			now, _ := w.slack.Message(m.Channel, m.TS)
			b, ok := labelled(now, label)
			if !ok {
				break // the press of before took effect
			}
			if reply, err := w.slack.Click(user, m.Channel, m.TS, b); err == nil && reply.Failure == "" {
				break
			}
		}
	}
}

// leavesOut has a person leave somebody of several out, again if Slack shows them
// an error and somebody of that name can still be chosen.
func (w *crashWorld) leavesOut(user, option string) {
	w.t.Helper()
	for {
		w.connected()
		cards := w.live("Cancel all")
		i := slices.IndexFunc(cards, func(m slacksim.Message) bool {
			return slices.ContainsFunc(m.Elements(), func(e slacksim.Element) bool {
				return e.ActionID == "leave_out" && slices.Contains(e.Options, option)
			})
		})
		if i < 0 {
			return // the choice of before took effect
		}
		reply, err := w.slack.Select(user, cards[i].Channel, cards[i].TS, slacksim.Selection{
			ActionID: "leave_out", Value: option, Answer: "Leave out",
		})
		if err == nil && reply.Failure == "" {
			return
		}
	}
}

// opensForm has a person do what opens the form that people ask in, until it is
// open. Until then nothing is promised to them.
func (w *crashWorld) opensForm(user string, do func() (slacksim.Reply, error)) {
	w.t.Helper()
	for len(w.slack.OpenViews(user)) == 0 {
		w.connected()
		_, before := w.program.now()
		said := len(w.slack.Ephemerals(user)) + len(w.slack.DirectMessages(user))
		reply, err := do()
		if err != nil {
			w.t.Fatal(err)
		}
		if reply.Failure != "" {
			continue
		}
		w.await("a form opens, or an answer says why not, or the program dies", func() bool {
			_, deaths := w.program.now()
			return len(w.slack.OpenViews(user)) > 0 || deaths > before ||
				len(w.slack.Ephemerals(user))+len(w.slack.DirectMessages(user)) > said
		})
	}
}

// opensHome has a person open the Home tab and waits until it says that, once it
// has been acknowledged in whatever life of the program. What was not is forgotten,
// and opened again.
func (w *crashWorld) opensHome(user string, parts ...string) {
	w.t.Helper()
	for !w.homeSays(user, parts...) {
		w.connected()
		_, before := w.program.now()
		sent := len(w.slack.Envelopes())
		if err := w.slack.OpenHome(user); err != nil {
			w.t.Fatal(err)
		}
		w.await(fmt.Sprintf("the Home tab says %q, or the program died before it took that in", parts), func() bool {
			_, deaths := w.program.now()
			taken := slices.ContainsFunc(w.slack.Envelopes()[sent:], func(e slacksim.Envelope) bool {
				return e.Type == slacksim.EventsAPI && !e.AckedAt.IsZero()
			})
			return w.homeSays(user, parts...) || deaths > before && !taken
		})
	}
}

func (w *crashWorld) homeSays(user string, parts ...string) bool {
	home, ok := w.slack.Home(user)
	return ok && !slices.ContainsFunc(parts, func(part string) bool { return !strings.Contains(home.PlainText(), part) })
}

// reads waits until a message of the bot in the channel says that.
func (w *crashWorld) reads(parts ...string) {
	w.t.Helper()
	w.await(fmt.Sprintf("a message says %q", parts), func() bool {
		return slices.ContainsFunc(w.slack.Messages(w.channel), func(m slacksim.Message) bool {
			return m.BotID != "" && !m.Deleted && m.Contains(parts...)
		})
	})
}

// areOff waits until these are inactive in Workfront.
func (w *crashWorld) areOff(ids ...string) {
	w.t.Helper()
	w.await("all are switched off", func() bool {
		return !slices.ContainsFunc(ids, func(id string) bool {
			user, _ := w.workfront.User(id)
			return user.Active
		})
	})
}
