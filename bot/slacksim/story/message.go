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
	button := m.Button(text)
	if button.Confirm != nil {
		button.Answer = button.Confirm.Confirm
	}
	return m.press(user, button)
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

// Modal is a form somebody has open.
type Modal struct {
	st   *Story
	user string
	id   string
}

// ExpectModal waits until the topmost modal of that person contains all parts, in
// its title or its blocks.
func (st *Story) ExpectModal(user string, parts ...string) *Modal {
	st.t.Helper()
	found := &Modal{st: st, user: user}
	st.wait(func() bool {
		open := st.OpenViews(user)
		if len(open) == 0 {
			return false
		}
		top := open[len(open)-1]
		found.id = top.ID
		shown := slacksim.Message{Text: top.Title, Blocks: top.Blocks}
		return shown.Contains(parts...)
	}, func() string {
		return fmt.Sprintf("no modal with %q for %s; open: %+v", parts, user, st.OpenViews(user))
	})
	return found
}

// ExpectNoModal waits until that person has no modal open.
func (st *Story) ExpectNoModal(user string) {
	st.t.Helper()
	st.wait(func() bool { return len(st.OpenViews(user)) == 0 }, func() string {
		return fmt.Sprintf("%s still has a modal open: %+v", user, st.OpenViews(user))
	})
}

// ExpectHome waits until that person's Home tab contains all parts.
func (st *Story) ExpectHome(user string, parts ...string) slacksim.View {
	st.t.Helper()
	var home slacksim.View
	st.wait(func() bool {
		var published bool
		home, published = st.Home(user)
		return published && (slacksim.Message{Blocks: home.Blocks}).Contains(parts...)
	}, func() string {
		return fmt.Sprintf("no Home tab with %q for %s; it says:\n%s", parts, user, home.PlainText())
	})
	return home
}

// ID returns the view's id.
func (m *Modal) ID() string { return m.id }

// Submit fills the form in and submits it; see Server.Submit for values. The test
// fails unless the app takes it without errors.
func (m *Modal) Submit(values map[string]any) slacksim.Submission {
	m.st.t.Helper()
	submission := m.submit(values)
	if len(submission.Errors) > 0 {
		m.st.t.Fatalf("the form has errors: %q", submission.Errors)
	}
	return submission
}

// SubmitRefused is Submit, but the test fails unless the app puts errors at some
// inputs. It returns them by block_id.
func (m *Modal) SubmitRefused(values map[string]any) map[string]string {
	m.st.t.Helper()
	submission := m.submit(values)
	if len(submission.Errors) == 0 {
		m.st.t.Fatal("the form was taken without errors")
	}
	return submission.Errors
}

func (m *Modal) submit(values map[string]any) slacksim.Submission {
	m.st.t.Helper()
	submission, err := m.st.Server.Submit(m.user, m.id, values)
	m.st.acknowledged("submitting the form", submission.Reply, err)
	return submission
}

// Close has the person close the modal without submitting it.
func (m *Modal) Close() {
	m.st.t.Helper()
	reply, err := m.st.CloseView(m.user, m.id)
	m.st.acknowledged("closing the modal", reply, err)
}
