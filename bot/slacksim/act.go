package slacksim

import (
	"errors"
	"fmt"
)

// deed is what a person does with one element.
type deed interface {
	// on finds the element and does it. It returns the member of actions that the
	// app is sent; nil: nothing is sent. The caller holds s.mu.
	on(s *Server, at place) (object, error)
	fmt.Stringer
}

// place is where a person acts.
type place struct {
	user    string
	channel string // conversation the person looks at; empty: none
	id      string // of the message or view
	modal   bool
	blocks  []object
}

// messagePlace is a message as a place. The caller holds s.mu.
func messagePlace(user string, m *Message) place {
	return place{user: user, channel: m.Channel, id: m.Channel + "/" + m.TS, blocks: m.Blocks}
}

// viewPlace is a view as a place.
func viewPlace(v *view) place {
	return place{user: v.User, channel: v.channel, id: v.ID, modal: v.Type == "modal", blocks: v.Blocks}
}

// actOnMessage has a person do something with a message they see.
func (s *Server) actOnMessage(user, channel, ts string, what deed) (Reply, error) {
	payload, err := s.messageActions(user, channel, ts, what)
	if err != nil {
		return Reply{}, fmt.Errorf("%v: %w", what, err)
	}
	if payload == nil {
		return Reply{}, nil
	}
	return s.interact(user, channel, payload), nil
}

// messageActions returns the block_actions payload of a deed, nil if nothing is
// sent.
func (s *Server) messageActions(user, channel, ts string, what deed) (object, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	m, err := s.clickable(user, channel, ts)
	if err != nil {
		return nil, err
	}
	at := messagePlace(user, m)
	action, err := what.on(s, at)
	if err != nil || action == nil {
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
	payload["state"] = object{"values": s.state(at)}
	payload["trigger_id"] = s.trigger(user, channel)
	payload["response_url"] = s.newHook("actions", &hook{user: user, channel: channel, original: m})
	payload["actions"] = []any{action}
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

// actOnView has a person do something in an open modal or on their Home tab.
func (s *Server) actOnView(user, viewID string, what deed) (Reply, error) {
	payload, err := s.viewActions(user, viewID, what)
	if err != nil {
		return Reply{}, fmt.Errorf("%v in view %s: %w", what, viewID, err)
	}
	if payload == nil {
		return Reply{}, nil
	}
	return s.interact(user, "", payload), nil
}

// viewActions is messageActions for views.
func (s *Server) viewActions(user, viewID string, what deed) (object, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	v := s.open(user, viewID)
	if home := s.homes[user]; v == nil && home != nil && home.ID == viewID {
		v = home
	}
	if v == nil {
		return nil, ErrNotThere
	}
	action, err := what.on(s, viewPlace(v))
	if err != nil || action == nil {
		return nil, err
	}
	payload := s.interaction("block_actions", s.user(user))
	payload["container"] = object{"type": "view", "view_id": v.ID}
	wire := s.wireView(v)
	wire["state"] = object{"values": s.state(viewPlace(v))}
	payload["view"] = wire
	payload["trigger_id"] = s.trigger(user, v.channel)
	payload["actions"] = []any{action}
	return payload, nil
}

// actOnHome is actOnView for the person's Home tab.
func (s *Server) actOnHome(user string, what deed) (Reply, error) {
	home, published := s.Home(user)
	if !published {
		return Reply{}, fmt.Errorf("%v: no Home tab: %w", what, ErrNotThere)
	}
	return s.actOnView(user, home.ID, what)
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

// errDenied means that a confirm dialog was denied: nothing happens.
var errDenied = errors.New("denied in the confirm dialog")

// confirmed passes the confirm dialog of an element with what the person presses
// in it.
func confirmed(dialog *Confirm, answer string) error {
	switch {
	case dialog == nil && answer == "":
		return nil
	case dialog == nil:
		return fmt.Errorf("no dialog opened: %w", ErrConfirm)
	case answer == dialog.Confirm:
		return nil
	case answer == dialog.Deny:
		return errDenied
	default:
		return fmt.Errorf("the dialog %q offers %q and %q, not %q: %w",
			dialog.Title, dialog.Confirm, dialog.Deny, answer, ErrConfirm)
	}
}

// action is the member of actions for an element: what every one has, and those
// of its own members that Slack repeats. The caller holds s.mu.
func (s *Server) action(block, el object, repeated ...string) object {
	action := object{
		"type": el["type"], "action_id": el["action_id"], "block_id": block["block_id"], "action_ts": s.ts(),
	}
	for _, key := range repeated {
		if value, ok := el[key]; ok {
			action[key] = clone(value)
		}
	}
	return action
}
