// Package story lets a test read like what happens in Slack: somebody types a
// command, a message appears in the channel, somebody presses a button, somebody
// is told privately.
//
//	st := story.Start(t, slacksim.Config{})
//	… people, channels, the bot …
//	st.As(jane).Types(channel, "/wf-deactivate sam@acme.com left")
//	card := st.Channel(channel).ExpectMessage("sam@acme.com")
//	card.Click(mary, "Approve")
//	card.ExpectText("Deactivated").ExpectButtons()
//	st.ExpectDM(jane, "sam@acme.com", "deactivated")
//
// Expectations wait, for Patience at most, on the simulator's own notifications.
// A message that met one is used up; every message of the app that no expectation
// met fails the test at its end, so a test states all that people see.
//
// The methods call t.Fatal and belong into the goroutine of the test.
package story

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"wfbot/bot/slacksim"
)

// Patience is how long an expectation waits before it fails. It is long, since
// only a failing test ever waits for it.
const Patience = 2 * time.Minute

// Story is a test's view of a simulated workspace.
type Story struct {
	*slacksim.Server
	t    testing.TB
	used map[string]bool // messages that met an expectation, by key
}

// Start runs a simulator on loopback until the end of the test and checks for
// leftovers then. Start the bot afterwards, so that it is stopped before that.
func Start(t testing.TB, cfg slacksim.Config) *Story {
	t.Helper()
	s := slacksim.New(cfg)
	if _, err := s.Start("127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return New(t, s)
}

// New tells a story on a simulator that is already running. Leftovers are checked
// for at the end of the test.
func New(t testing.TB, s *slacksim.Server) *Story {
	st := &Story{Server: s, t: t, used: make(map[string]bool)}
	t.Cleanup(func() {
		if !t.Failed() { // a failed test has said more already
			st.NoLeftovers()
		}
	})
	return st
}

// Actor is a person who does something.
type Actor struct {
	st   *Story
	user string
}

// As returns the person of that user id as an actor.
func (st *Story) As(user string) Actor { return Actor{st, user} }

// Types has the person type a slash command. The test fails unless the app
// acknowledges it in time.
func (a Actor) Types(channel, command string) slacksim.Reply {
	a.st.t.Helper()
	reply, err := a.st.Command(a.user, channel, command)
	a.st.acknowledged(command, reply, err)
	return reply
}

// Chooses has the person choose a global shortcut of the app.
func (a Actor) Chooses(callbackID string) slacksim.Reply {
	a.st.t.Helper()
	reply, err := a.st.Shortcut(a.user, callbackID)
	a.st.acknowledged("shortcut "+callbackID, reply, err)
	return reply
}

// OpensHome has the person open the app's Home tab.
func (a Actor) OpensHome() {
	a.st.t.Helper()
	if err := a.st.OpenHome(a.user); err != nil {
		a.st.t.Fatal(err)
	}
}

func (st *Story) acknowledged(what string, reply slacksim.Reply, err error) {
	st.t.Helper()
	if err != nil {
		st.t.Fatal(err)
	}
	if reply.Failure != "" {
		st.t.Fatalf("%s: %s", what, reply.Failure)
	}
}

// Channel is a conversation where messages are expected.
type Channel struct {
	st *Story
	id string
}

// Channel returns the conversation of that id.
func (st *Story) Channel(id string) Channel { return Channel{st, id} }

// ExpectMessage waits for a message of the app that contains all parts and that
// no expectation has met yet.
func (c Channel) ExpectMessage(parts ...string) *Message {
	c.st.t.Helper()
	return c.st.expect("message in "+c.id, parts, func() []slacksim.Message { return c.st.fromApp(c.id) })
}

// ExpectPrivate waits for something only that person sees: an ephemeral message,
// a private answer, or an error notice of Slack.
func (st *Story) ExpectPrivate(user string, parts ...string) *Message {
	st.t.Helper()
	return st.expect("private message to "+user, parts, func() []slacksim.Message { return st.Ephemerals(user) })
}

// ExpectDM waits for a direct message of the app to that person.
func (st *Story) ExpectDM(user string, parts ...string) *Message {
	st.t.Helper()
	return st.expect("direct message to "+user, parts, func() []slacksim.Message { return st.fromApp(st.DM(user)) })
}

// fromApp returns the messages that the app wrote in a conversation.
func (st *Story) fromApp(channel string) []slacksim.Message {
	return slices.DeleteFunc(st.Messages(channel), func(m slacksim.Message) bool { return m.BotID == "" })
}

func key(m slacksim.Message) string { return m.Channel + " " + m.TS + " " + m.To }

// expect waits for an unused message with all parts among those listed.
func (st *Story) expect(what string, parts []string, list func() []slacksim.Message) *Message {
	st.t.Helper()
	var found *slacksim.Message
	st.wait(func() bool {
		for _, m := range list() {
			if !m.Deleted && !st.used[key(m)] && m.Contains(parts...) {
				found = &m
				return true
			}
		}
		return false
	}, func() string {
		return fmt.Sprintf("no %s with %q; there are:\n%s", what, parts, st.describe(list()))
	})
	st.used[key(*found)] = true
	return &Message{st: st, channel: found.Channel, ts: found.TS, to: found.To}
}

// wait fails the test unless cond comes true in time.
func (st *Story) wait(cond func() bool, problem func() string) {
	st.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), Patience)
	defer cancel()
	if err := st.WaitFor(ctx, cond); err != nil {
		st.t.Fatal(problem())
	}
}

// describe lists messages for a failing test.
func (st *Story) describe(messages []slacksim.Message) string {
	if len(messages) == 0 {
		return "  none"
	}
	var b strings.Builder
	for _, m := range messages {
		mark := "new"
		switch {
		case m.Deleted:
			mark = "deleted"
		case st.used[key(m)]:
			mark = "met"
		}
		fmt.Fprintf(&b, "  %s (%s) %s\n", m.TS, mark, strings.ReplaceAll(m.Text+"\n"+m.PlainText(), "\n", "\n    "))
	}
	return b.String()
}

// Leftovers returns what the app, or Slack, told people and no expectation met:
// messages, private answers and error notices.
func (st *Story) Leftovers() []slacksim.Message {
	var left []slacksim.Message
	add := func(messages []slacksim.Message) {
		for _, m := range messages {
			if !m.Deleted && !st.used[key(m)] {
				left = append(left, m)
			}
		}
	}
	for _, c := range st.Channels() {
		add(st.fromApp(c.ID))
	}
	for _, u := range st.Users() {
		add(st.Ephemerals(u.ID))
	}
	return left
}

// NoLeftovers fails the test if there are any; see Leftovers. It runs by itself
// at the end of the test.
func (st *Story) NoLeftovers() {
	st.t.Helper()
	if left := st.Leftovers(); len(left) > 0 {
		st.t.Errorf("messages that nobody expected:\n%s", st.describe(left))
	}
}

// Forgive uses up everything said so far, for tests that look at other things.
func (st *Story) Forgive() {
	for _, m := range st.Leftovers() {
		st.used[key(m)] = true
	}
}
