package story

import (
	"fmt"
	"slices"

	"wfbot/bot/slacksim"
)

// Message is a message that met an expectation; its methods see its newest
// version.
type Message struct {
	st          *Story
	channel, ts string
	to          string // of an ephemeral one
}

// TS returns the message's timestamp, its id within the channel.
func (m *Message) TS() string { return m.ts }

// ChannelID returns the conversation the message is in.
func (m *Message) ChannelID() string { return m.channel }

// Now returns the message as it is now; Deleted is set if it is gone.
func (m *Message) Now() slacksim.Message {
	list := m.st.Messages(m.channel)
	if m.to != "" {
		list = m.st.Ephemerals(m.to)
	}
	for _, now := range list {
		if now.Channel == m.channel && now.TS == m.ts {
			return now
		}
	}
	return slacksim.Message{Channel: m.channel, TS: m.ts, To: m.to, Deleted: true}
}

// expect waits until cond holds for the newest version.
func (m *Message) expect(what string, cond func(slacksim.Message) bool) *Message {
	m.st.t.Helper()
	m.st.wait(func() bool { return cond(m.Now()) }, func() string {
		return fmt.Sprintf("message %s never %s; it is now:\n%s", m.ts, what, m.st.describe([]slacksim.Message{m.Now()}))
	})
	return m
}

// ExpectText waits until the message contains all parts.
func (m *Message) ExpectText(parts ...string) *Message {
	m.st.t.Helper()
	return m.expect(fmt.Sprintf("contained %q", parts), func(now slacksim.Message) bool {
		return !now.Deleted && now.Contains(parts...)
	})
}

// ExpectButtons waits until the message has just these buttons, in this order;
// none of them: no button at all.
func (m *Message) ExpectButtons(texts ...string) *Message {
	m.st.t.Helper()
	return m.expect(fmt.Sprintf("had the buttons %q", texts), func(now slacksim.Message) bool {
		return !now.Deleted && slices.EqualFunc(now.Buttons(), texts, func(b slacksim.Button, text string) bool { return b.Text == text })
	})
}

// ExpectDeleted waits until the message is gone.
func (m *Message) ExpectDeleted() *Message {
	m.st.t.Helper()
	return m.expect("was deleted", func(now slacksim.Message) bool { return now.Deleted })
}

// ExpectReply waits for a message of the app in the message's thread.
func (m *Message) ExpectReply(parts ...string) *Message {
	m.st.t.Helper()
	return m.st.expect("reply to "+m.ts, parts, func() []slacksim.Message {
		return slices.DeleteFunc(m.st.fromApp(m.channel), func(r slacksim.Message) bool { return r.ThreadTS != m.ts })
	})
}

// Button waits for the button of that text and returns it, with its confirm
// dialog.
func (m *Message) Button(text string) slacksim.Button {
	m.st.t.Helper()
	var button slacksim.Button
	m.expect(fmt.Sprintf("had the button %q", text), func(now slacksim.Message) bool {
		var ok bool
		button, ok = now.Button(text)
		return ok && !now.Deleted
	})
	return button
}

// Click waits for the button of that text and has the person press it, and the
// confirming button of the dialog if one opens. The test fails unless the app
// acknowledges the press in time.
func (m *Message) Click(user, text string) slacksim.Reply {
	m.st.t.Helper()
	return m.press(user, yes(m.Button(text)))
}

// Dismiss is Click, but the person presses the other button of the dialog: nothing
// reaches the app.
func (m *Message) Dismiss(user, text string) {
	m.st.t.Helper()
	button := m.Button(text)
	if button.Confirm == nil {
		m.st.t.Fatalf("the button %q has no confirm dialog", text)
	}
	button.Answer = button.Confirm.Deny
	m.press(user, button)
}

func (m *Message) press(user string, button slacksim.Button) slacksim.Reply {
	m.st.t.Helper()
	reply, err := m.st.Server.Click(user, m.channel, m.ts, button)
	m.st.acknowledged("pressing "+button.Text, reply, err)
	return reply
}

// Element waits for a menu, picker, input or the like of that label or action id
// and returns it.
func (m *Message) Element(what string) slacksim.Element {
	m.st.t.Helper()
	var found slacksim.Element
	m.expect(fmt.Sprintf("had the element %q", what), func(now slacksim.Message) bool {
		var ok bool
		found, ok = element(now.Elements(), what)
		return ok && !now.Deleted
	})
	return found
}

// Select waits for the element of that label or action id and has the person
// choose the values in it, or type one, and press the confirming button of the
// dialog if one opens; see slacksim.Submit for values. No values: the person takes
// all choices away. The test fails unless the app acknowledges it in time.
func (m *Message) Select(user, what string, values ...string) slacksim.Reply {
	m.st.t.Helper()
	selection := chosen(m.Element(what), values)
	reply, err := m.st.Server.Select(user, m.channel, m.ts, selection)
	m.st.acknowledged(selection.String(), reply, err)
	return reply
}
