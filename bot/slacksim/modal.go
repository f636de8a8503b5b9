package slacksim

import (
	"fmt"
	"maps"
	"slices"
)

// Submission is what came of submitting a modal.
type Submission struct {
	Reply
	// Errors are the messages the app put at input blocks, by block_id; the modal
	// stays open.
	Errors map[string]string
	// Top is the modal that is on top now; nil: all are closed.
	Top *View
}

// Submit fills in a modal and presses its submit button. values maps an input, by
// block_id, action_id or label, to what the person enters: a string (text, a
// date, the text or value of an option, the id or @name of a person, the id or
// #name of a conversation) or, where several can be chosen, []string. Inputs without
// a value keep what was entered before, or else their initial one. Submit returns at the
// app's acknowledgement or its deadline. The error says that a Slack client would not
// have sent it; ErrInput: an input is missing or wrong.
func (s *Server) Submit(user, viewID string, values map[string]any) (Submission, error) {
	payload, err := s.submission(user, viewID, values)
	if err != nil {
		return Submission{}, fmt.Errorf("submitting view %s: %w", viewID, err)
	}
	reply := s.exchange(Envelope{Type: Interactive, Payload: payload, Accepts: true})
	s.mu.Lock()
	defer s.mu.Unlock()
	result := Submission{Reply: reply}
	if reply.Acked {
		result.Errors, result.Failure = s.respond(user, viewID, reply.Payload)
		if v := s.open(user, viewID); v != nil && len(result.Errors) > 0 {
			v.Errors = maps.Clone(result.Errors)
			s.touch()
		}
	}
	if top := s.top(user); top != nil {
		copied := top.clone()
		result.Top = &copied
	}
	return result, nil
}

// CloseView has a person close a modal; the app is told if it asked for that.
func (s *Server) CloseView(user, viewID string) (Reply, error) {
	s.mu.Lock()
	v := s.open(user, viewID)
	if v == nil {
		s.mu.Unlock()
		return Reply{}, fmt.Errorf("view %s: %w", viewID, ErrNotThere)
	}
	s.views = slices.DeleteFunc(s.views, func(o *view) bool { return o == v })
	s.touch()
	if !v.NotifyOnClose {
		s.mu.Unlock()
		return Reply{}, nil
	}
	payload := s.interaction("view_closed", s.user(user))
	payload["view"], payload["is_cleared"] = s.wireView(v), false
	s.mu.Unlock()
	return s.exchange(Envelope{Type: Interactive, Payload: payload}), nil
}

// open returns the person's open modal of that id, or nil. The caller holds s.mu.
func (s *Server) open(user, viewID string) *view {
	for _, v := range s.views {
		if v.ID == viewID && v.User == user {
			return v
		}
	}
	return nil
}

// submission returns the view_submission payload of a filled-in modal.
func (s *Server) submission(user, viewID string, values map[string]any) (object, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	v := s.open(user, viewID)
	if v == nil {
		return nil, ErrNotThere
	}
	state, err := s.fillIn(viewPlace(v), values)
	if err != nil {
		return nil, err
	}
	v.Errors = nil
	payload := s.interaction("view_submission", s.user(user))
	wire := s.wireView(v)
	wire["state"] = object{"values": state}
	payload["view"] = wire
	payload["trigger_id"] = s.trigger(user, v.channel)
	payload["response_urls"] = s.responseURLs(v, state)
	return payload, nil
}

// respond does what the acknowledgement of a view_submission asks for. The caller
// holds s.mu.
func (s *Server) respond(user, viewID string, payload object) (errors map[string]string, failure Failure) {
	v := s.open(user, viewID)
	switch action := text(payload["response_action"]); {
	case len(payload) == 0:
		s.views = slices.DeleteFunc(s.views, func(o *view) bool { return o == v })
	case action == "clear":
		s.closeViews(user)
	case action == "errors":
		return inputErrors(v, payload["errors"])
	case action == "update" || action == "push":
		return nil, s.respondView(user, v, action, payload["view"])
	default:
		return nil, BadResponse
	}
	s.touch()
	return nil, ""
}

// respondView updates the submitted modal or pushes another. The caller holds
// s.mu.
func (s *Server) respondView(user string, old *view, action string, given any) Failure {
	raw, ok := given.(object)
	if !ok {
		return BadResponse
	}
	v, refused := s.newView(raw, inModal)
	switch {
	case refused != nil:
		return BadResponse
	case action == "push":
		if s.push(user, v) != nil {
			return BadResponse
		}
	case old != nil:
		s.replaceView(old, v)
	}
	s.touch()
	return ""
}

// inputErrors returns the messages at input blocks. Naming any other block is
// what Slack answers with its generic error.
func inputErrors(v *view, given any) (map[string]string, Failure) {
	messages, ok := given.(object)
	if !ok || len(messages) == 0 || v == nil {
		return nil, BadResponse
	}
	found := make(map[string]string)
	for blockID, message := range messages {
		isInput := slices.ContainsFunc(v.Blocks, func(b object) bool {
			return b["block_id"] == blockID && b["type"] == "input"
		})
		if !isInput || text(message) == "" {
			return nil, BadResponse
		}
		found[blockID] = text(message)
	}
	return found, ""
}

// Shortcut has a person choose one of the app's global shortcuts.
func (s *Server) Shortcut(user, callbackID string) (Reply, error) {
	s.mu.Lock()
	u := s.user(user)
	if u == nil || ((u.Kind == Deactivated || u.Kind == Bot || u.Kind == External) && !s.cfg.AllowImpossible) {
		s.mu.Unlock()
		return Reply{}, fmt.Errorf("shortcut %s: %w", callbackID, ErrCannotAct)
	}
	payload := s.interaction("shortcut", u)
	maps.Copy(payload, object{"callback_id": callbackID, "trigger_id": s.trigger(user, ""), "action_ts": s.ts()})
	s.mu.Unlock()
	return s.interact(user, "", payload), nil
}

// MessageShortcut has a person choose one of the app's message shortcuts on a
// message.
func (s *Server) MessageShortcut(user, channel, ts, callbackID string) (Reply, error) {
	s.mu.Lock()
	m, err := s.clickable(user, channel, ts)
	if err == nil && s.user(user).Kind == External && !s.cfg.AllowImpossible {
		err = ErrCannotAct
	}
	if err != nil {
		s.mu.Unlock()
		return Reply{}, fmt.Errorf("shortcut %s: %w", callbackID, err)
	}
	payload := s.interaction("message_action", s.user(user))
	maps.Copy(payload, object{
		"callback_id": callbackID, "trigger_id": s.trigger(user, channel), "action_ts": s.ts(), "message_ts": m.TS,
		"channel": object{"id": channel, "name": s.channel(channel).label()}, "message": s.wireMessage(m),
		"response_url": s.newHook("actions", &hook{user: user, channel: channel, original: m}),
	})
	s.mu.Unlock()
	return s.interact(user, channel, payload), nil
}
