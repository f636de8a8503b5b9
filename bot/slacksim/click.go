package slacksim

import (
	"fmt"
)

// Click has a person press a button of a message: one in the conversation or one
// that only they see. A confirm dialog is passed through with Button.Answer; its
// deny text sends nothing. Click returns at the app's acknowledgement or its
// deadline. The error says that a Slack client would not have sent it.
func (s *Server) Click(user, channel, ts string, button Button) (Reply, error) {
	payload, err := s.clickPayload(user, channel, ts, button)
	if err != nil {
		return Reply{}, fmt.Errorf("pressing %q: %w", button.Text+button.ActionID, err)
	}
	if payload == nil { // denied in the dialog
		return Reply{}, nil
	}
	return s.interact(user, channel, payload), nil
}

// interact sends an interaction that takes no answer in its acknowledgement, and
// shows the person if it failed.
func (s *Server) interact(user, channel string, payload object) Reply {
	accepts := payload["type"] == "block_actions" && s.cfg.Unknown.BlockActionsAcceptPayload
	reply := s.exchange(Envelope{Type: Interactive, Payload: payload, Accepts: accepts})
	if reply.Failure != "" {
		s.mu.Lock()
		defer s.mu.Unlock()
		reply.showed(s.notice(user, channel, fmt.Sprintf("Something went wrong: the app did not respond (%s)", reply.Failure)))
	}
	return reply
}

// clickPayload returns the block_actions payload of a press, nil if the confirm
// dialog was denied.
func (s *Server) clickPayload(user, channel, ts string, selector Button) (object, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	m, err := s.clickable(user, channel, ts)
	if err != nil {
		return nil, err
	}
	button, block, el, err := pressed(m.Blocks, selector)
	if err != nil || el == nil {
		return nil, err
	}
	u, c := s.user(user), s.channel(channel)
	payload := s.interaction("block_actions", u)
	container := object{
		"type": "message", "message_ts": m.TS, "channel_id": c.ID, "is_ephemeral": m.To != "",
	}
	if m.ThreadTS != "" {
		container["thread_ts"] = m.ThreadTS
	}
	payload["container"] = container
	payload["channel"] = object{"id": c.ID, "name": c.label()}
	if m.To == "" { // payloads from ephemeral messages do not carry the message
		payload["message"] = s.wireMessage(m)
	}
	payload["state"] = object{"values": object{}}
	payload["trigger_id"] = s.trigger(user)
	payload["response_url"] = s.newHook("actions", &hook{user: user, channel: channel, original: m})
	payload["actions"] = []any{s.buttonAction(button, block, el)}
	return payload, nil
}

// clickable returns the message with that ts, if this person sees it. The caller
// holds s.mu.
func (s *Server) clickable(user, channel, ts string) (*Message, error) {
	if m := s.ephemeral(user, channel, ts); m != nil {
		return m, nil
	}
	if err := s.mayAct(user, channel, true); err != nil {
		return nil, err
	}
	m := s.message(channel, ts)
	if m == nil {
		return nil, fmt.Errorf("message %s in %s: %w", ts, channel, ErrNotThere)
	}
	if s.channel(channel).Archived {
		return nil, fmt.Errorf("archived channel: %w", ErrCannotAct)
	}
	return m, nil
}

// pressed finds the button and passes its confirm dialog. A nil element without
// error means that the dialog was denied.
func pressed(blocks []object, selector Button) (button Button, block, el object, err error) {
	for _, block := range blocks {
		for _, el := range elements(block) {
			if el["type"] != "button" {
				continue
			}
			button := newButton(block, el)
			if !button.matches(selector) {
				continue
			}
			confirmed, err := answer(button.Confirm, selector.Answer)
			if err != nil || !confirmed {
				return button, nil, nil, err
			}
			return button, block, el, nil
		}
	}
	return Button{}, nil, nil, fmt.Errorf("button: %w", ErrNotThere)
}

// answer reports what pressing answer in a confirm dialog does.
func answer(dialog *Confirm, answer string) (confirmed bool, err error) {
	switch {
	case dialog == nil && answer == "":
		return true, nil
	case dialog == nil:
		return false, fmt.Errorf("no dialog opened: %w", ErrConfirm)
	case answer == dialog.Confirm:
		return true, nil
	case answer == dialog.Deny:
		return false, nil
	default:
		return false, fmt.Errorf("the dialog %q offers %q and %q, not %q: %w",
			dialog.Title, dialog.Confirm, dialog.Deny, answer, ErrConfirm)
	}
}

// buttonAction is the member of actions for a pressed button. The caller holds
// s.mu.
func (s *Server) buttonAction(button Button, block, el object) object {
	action := object{
		"type": "button", "action_id": button.ActionID, "block_id": text(block["block_id"]),
		"text": clone(el["text"]), "action_ts": s.ts(),
	}
	for _, key := range []string{"value", "style", "url", "confirm"} {
		if value, ok := el[key]; ok {
			action[key] = clone(value)
		}
	}
	return action
}
