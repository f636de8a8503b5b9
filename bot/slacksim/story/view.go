package story

import (
	"fmt"
	"slices"

	"wfbot/bot/slacksim"
)

// yes returns a button with the confirming button of its dialog pressed.
func yes(button slacksim.Button) slacksim.Button {
	if button.Confirm != nil {
		button.Answer = button.Confirm.Confirm
	}
	return button
}

// element returns the element of that label or action id.
func element(elements []slacksim.Element, what string) (slacksim.Element, bool) {
	i := slices.IndexFunc(elements, func(e slacksim.Element) bool { return e.Label == what || e.ActionID == what })
	if i < 0 {
		return slacksim.Element{}, false
	}
	return elements[i], true
}

// chosen is the choice of values in an element, with its dialog confirmed.
func chosen(e slacksim.Element, values []string) slacksim.Selection {
	selection := slacksim.Selection{ActionID: e.ActionID, BlockID: e.BlockID, Value: values}
	if len(values) == 1 {
		selection.Value = values[0]
	}
	if e.Confirm != nil {
		selection.Answer = e.Confirm.Confirm
	}
	return selection
}

// Home is somebody's Home tab as it was when it met an expectation; Click and
// Select act on the one that is there by then.
type Home struct {
	slacksim.View
	st *Story
}

// ExpectHome waits until that person's Home tab contains all parts.
func (st *Story) ExpectHome(user string, parts ...string) *Home {
	st.t.Helper()
	home := &Home{st: st}
	st.wait(func() bool {
		var published bool
		home.View, published = st.Home(user)
		return published && (slacksim.Message{Blocks: home.Blocks}).Contains(parts...)
	}, func() string {
		return fmt.Sprintf("no Home tab with %q for %s; it says:\n%s", parts, user, home.PlainText())
	})
	return home
}

// now returns the Home tab of the person as soon as it fits.
func (h *Home) now(user, what string, fits func(slacksim.View) bool) {
	h.st.t.Helper()
	h.st.wait(func() bool {
		home, published := h.st.Home(user)
		return published && fits(home)
	}, func() string {
		home, _ := h.st.Home(user)
		return fmt.Sprintf("the Home tab of %s never had %q; it says:\n%s", user, what, home.PlainText())
	})
}

// Click waits for the button of that text or action id on the person's Home tab and
// has them press it; see Message.Click.
func (h *Home) Click(user, text string) slacksim.Reply {
	h.st.t.Helper()
	var found slacksim.Button
	h.now(user, text, func(home slacksim.View) (ok bool) {
		found, ok = button(home, text)
		return ok
	})
	reply, err := h.st.ClickHome(user, yes(found))
	h.st.acknowledged("pressing "+text, reply, err)
	return reply
}

// Select waits for the element of that label or action id on the person's Home tab
// and has them use it; see Message.Select.
func (h *Home) Select(user, what string, values ...string) slacksim.Reply {
	h.st.t.Helper()
	var found slacksim.Element
	h.now(user, what, func(home slacksim.View) (ok bool) {
		found, ok = element(home.Elements(), what)
		return ok
	})
	selection := chosen(found, values)
	reply, err := h.st.SelectHome(user, selection)
	h.st.acknowledged(selection.String(), reply, err)
	return reply
}

// button returns the button of that text or action id.
func button(view slacksim.View, text string) (slacksim.Button, bool) {
	buttons := view.Buttons()
	i := slices.IndexFunc(buttons, func(b slacksim.Button) bool { return b.Text == text || b.ActionID == text })
	if i < 0 {
		return slacksim.Button{}, false
	}
	return buttons[i], true
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

// view returns the modal as it is now; the test fails if it is closed.
func (m *Modal) view() slacksim.View {
	m.st.t.Helper()
	open := m.st.OpenViews(m.user)
	i := slices.IndexFunc(open, func(v slacksim.View) bool { return v.ID == m.id })
	if i < 0 {
		m.st.t.Fatalf("the modal %s of %s is closed", m.id, m.user)
	}
	return open[i]
}

// Click has the person press the button of that text or action id inside the
// modal; see Message.Click.
func (m *Modal) Click(text string) slacksim.Reply {
	m.st.t.Helper()
	found, ok := button(m.view(), text)
	if !ok {
		m.st.t.Fatalf("no button %q in the modal", text)
	}
	reply, err := m.st.ClickView(m.user, m.id, yes(found))
	m.st.acknowledged("pressing "+text, reply, err)
	return reply
}

// Select has the person use the element of that label or action id inside the
// modal; see Message.Select. An input without dispatch_action tells the app
// nothing.
func (m *Modal) Select(what string, values ...string) slacksim.Reply {
	m.st.t.Helper()
	found, ok := element(m.view().Elements(), what)
	if !ok {
		m.st.t.Fatalf("no element %q in the modal", what)
	}
	selection := chosen(found, values)
	reply, err := m.st.SelectView(m.user, m.id, selection)
	m.st.acknowledged(selection.String(), reply, err)
	return reply
}
