package slacksim

import (
	"errors"
	"fmt"
	"slices"
)

// Click has a person press a button of a message, or an entry of an overflow menu: one in
// the conversation or one that only they see. A confirm dialog is passed through with
// Button.Answer; its deny text sends nothing. Click returns at the app's acknowledgement
// or its deadline. The error says that a Slack client would not have sent it.
func (s *Server) Click(user, channel, ts string, button Button) (Reply, error) {
	return s.actOnMessage(user, channel, ts, button)
}

// ClickView is Click for a button inside an open modal or on the person's Home
// tab.
func (s *Server) ClickView(user, viewID string, button Button) (Reply, error) {
	return s.actOnView(user, viewID, button)
}

// ClickHome is Click for a button on the person's Home tab.
func (s *Server) ClickHome(user string, button Button) (Reply, error) {
	return s.actOnHome(user, button)
}

// String implements deed.
func (b Button) String() string { return fmt.Sprintf("pressing %q", b.Text+b.ActionID) }

// on implements deed.
func (b Button) on(s *Server, at place) (object, error) {
	for _, block := range at.blocks {
		for _, el := range elements(block) {
			pressable := buttonsOf(block, el)
			i := slices.IndexFunc(pressable, func(button Button) bool { return button.matches(b) })
			if i < 0 {
				continue
			}
			switch err := confirmed(pressable[i].Confirm, b.Answer); {
			case errors.Is(err, errDenied):
				return nil, nil
			case err != nil:
				return nil, err
			}
			if el["type"] == "overflow" {
				return s.use(at, block, el, pressable[i].Text)
			}
			return s.action(block, el, "text", "value", "style", "url", "confirm"), nil
		}
	}
	return nil, fmt.Errorf("button: %w", ErrNotThere)
}
