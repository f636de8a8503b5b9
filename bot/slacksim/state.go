package slacksim

import (
	"fmt"
	"maps"
)

// enteredAt is where a person entered something: Slack keeps it as long as block
// and element keep their ids, over updates too.
type enteredAt struct {
	user, place, block, action string
}

// keep stores what a person entered at an element. The caller holds s.mu.
func (s *Server) keep(at place, block, el, entered object) {
	s.entered[enteredAt{at.user, at.id, text(block["block_id"]), text(el["action_id"])}] = entered
	s.touch()
}

// current returns the state of an element: what the person entered, else its
// initial value. The caller holds s.mu.
func (s *Server) current(at place, block, el object) object {
	entered := s.entered[enteredAt{at.user, at.id, text(block["block_id"]), text(el["action_id"])}]
	if entered != nil && entered["type"] == el["type"] {
		return cloneObject(entered)
	}
	return s.initial(at, el)
}

// state returns state.values of a place: every element that has a state, used or
// not. The caller holds s.mu.
func (s *Server) state(at place) object {
	values := object{}
	eachUsable(at.blocks, func(block, el object) bool {
		if _, ok := stateKey[text(el["type"])]; ok {
			put(values, block, el, s.current(at, block, el))
		}
		return true
	})
	return values
}

// put sets the state of one element in state.values.
func put(values, block, el, state object) {
	blockID := text(block["block_id"])
	if values[blockID] == nil {
		values[blockID] = object{}
	}
	values[blockID].(object)[text(el["action_id"])] = state
}

// fillIn enters the values in a modal and returns its state.values, or ErrInput
// where a Slack client would not submit; then nothing is entered. The caller holds
// s.mu.
func (s *Server) fillIn(at place, values map[string]any) (object, error) {
	before := maps.Clone(s.entered)
	state, err := s.fill(at, values)
	if err != nil {
		s.entered = before
	}
	return state, err
}

// fill is fillIn without taking back what was entered before an error.
func (s *Server) fill(at place, values map[string]any) (state object, err error) {
	used := make(map[string]bool)
	eachUsable(at.blocks, func(block, el object) bool {
		if el["type"] == "overflow" {
			return true
		}
		if given, key := valueFor(block, el, values); key != "" {
			used[key] = true
			var entered object
			if entered, err = s.entry(at, el, given); err != nil {
				err = fmt.Errorf("input %q: %w", label(block), err)
				return false
			}
			s.keep(at, block, el, entered)
		}
		if block["type"] == "input" && block["optional"] != true && empty(s.current(at, block, el)) {
			err = fmt.Errorf("input %q is required: %w", label(block), ErrInput)
			return false
		}
		return true
	})
	if err != nil {
		return nil, err
	}
	for key := range values {
		if !used[key] {
			return nil, fmt.Errorf("no input %q: %w", key, ErrNotThere)
		}
	}
	return s.state(at), nil
}

// valueFor returns what was given for an input, and its key; "": nothing.
func valueFor(block, el object, values map[string]any) (given any, key string) {
	for _, key := range []string{text(block["block_id"]), text(el["action_id"]), textOf(block["label"])} {
		if given, ok := values[key]; ok {
			return given, key
		}
	}
	return nil, ""
}

func label(block object) string {
	if l := textOf(block["label"]); l != "" {
		return l
	}
	return text(block["block_id"])
}

// empty reports whether nothing was entered.
func empty(state object) bool {
	for key, value := range state {
		if key == "type" {
			continue
		}
		if l, ok := value.([]any); ok && len(l) > 0 {
			return false
		}
		if _, isList := value.([]any); !isList && value != nil && value != "" {
			return false
		}
	}
	return true
}

// responseURLs is the member response_urls of a submission: one for each
// conversation chosen in an input with response_url_enabled. The caller holds s.mu.
func (s *Server) responseURLs(v *view, state object) []any {
	urls := []any{}
	eachUsable(v.Blocks, func(block, el object) bool {
		if block["type"] != "input" || el["response_url_enabled"] != true {
			return true
		}
		blockID, actionID := text(block["block_id"]), text(el["action_id"])
		chosen := state[blockID].(object)[actionID].(object)
		if channel := text(chosen[stateKey[text(el["type"])][0]]); channel != "" {
			urls = append(urls, object{
				"block_id": blockID, "action_id": actionID, "channel_id": channel,
				"response_url": s.newHook("actions", &hook{user: v.User, channel: channel}),
			})
		}
		return true
	})
	return urls
}
