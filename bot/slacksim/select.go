package slacksim

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"strings"
)

// Selection is what a person does with an element that is not a button: they
// choose from a menu, pick a date, tick boxes, type. Empty ActionID, BlockID and
// Label match any element.
type Selection struct {
	ActionID string
	BlockID  string
	Label    string // see Element.Label
	// Value is what is chosen or typed, as in the values of Submit. An empty
	// []string takes everything away where several can be chosen.
	Value any
	// Answer is what is pressed in the confirm dialog, if there is one; see Button.
	Answer string
}

// Element is an element other than a button that a person can use: a menu, a
// picker, boxes, a text input.
type Element struct {
	Type     string
	ActionID string
	BlockID  string
	// Label is what tells a person what it is for: the label of an input, the text
	// of a section, else the placeholder. Empty: none of them.
	Label   string
	Options []string // texts of the options, those of groups too; nil: no list
	Confirm *Confirm // dialog that asks before anything is sent; nil: none
}

// Elements returns the elements of the message that are not buttons, in reading
// order.
func (m Message) Elements() []Element { return usable(m.Blocks) }

// Elements returns the elements of the view that are not buttons, in reading
// order.
func (v View) Elements() []Element { return usable(v.Blocks) }

func usable(blocks []object) []Element {
	var found []Element
	eachUsable(blocks, func(block, el object) bool {
		found = append(found, newElement(block, el))
		return true
	})
	return found
}

// eachUsable calls do for each element that can be used and is no button, until do
// returns false.
func eachUsable(blocks []object, do func(block, el object) bool) {
	for _, block := range blocks {
		for _, el := range elements(block) {
			if kind := text(el["type"]); interactive[kind] && kind != "button" && !do(block, el) {
				return
			}
		}
	}
}

func newElement(block, el object) Element {
	e := Element{
		Type: text(el["type"]), ActionID: text(el["action_id"]), BlockID: text(block["block_id"]),
		Label:   cmp.Or(textOf(block["label"]), textOf(block["text"]), textOf(el["placeholder"])),
		Confirm: newConfirm(el),
	}
	for _, o := range offered(el) {
		e.Options = append(e.Options, textOf(o["text"]))
	}
	return e
}

// Select has a person use an element of a message that is not a button. What was
// entered stays in the message, for this person, until the app gives the block or
// the element another id. Select returns at the app's acknowledgement or its
// deadline. The error says that a Slack client would not have sent it; ErrNotThere:
// the element or the option is not there.
func (s *Server) Select(user, channel, ts string, selection Selection) (Reply, error) {
	return s.actOnMessage(user, channel, ts, selection)
}

// SelectView is Select for an open modal or the person's Home tab. Inputs without
// dispatch_action keep what was entered and send nothing.
func (s *Server) SelectView(user, viewID string, selection Selection) (Reply, error) {
	return s.actOnView(user, viewID, selection)
}

// SelectHome is Select for the person's Home tab.
func (s *Server) SelectHome(user string, selection Selection) (Reply, error) {
	return s.actOnHome(user, selection)
}

// String implements deed.
func (sel Selection) String() string {
	return fmt.Sprintf("choosing %q in %q", sel.Value, sel.Label+sel.ActionID)
}

func (sel Selection) matches(e Element) bool {
	same := func(got, want string) bool { return want == "" || got == want }
	return same(e.ActionID, sel.ActionID) && same(e.BlockID, sel.BlockID) && same(e.Label, sel.Label)
}

// on implements deed.
func (sel Selection) on(s *Server, at place) (action object, err error) {
	err = fmt.Errorf("element: %w", ErrNotThere)
	eachUsable(at.blocks, func(block, el object) bool {
		e := newElement(block, el)
		if !sel.matches(e) {
			return true
		}
		if err = confirmed(e.Confirm, sel.Answer); err == nil {
			action, err = s.use(at, block, el, sel.Value)
		}
		return false
	})
	if errors.Is(err, errDenied) {
		return nil, nil
	}
	return action, err
}

// use enters a value at an element and returns the action that this causes; nil:
// none. The caller holds s.mu.
func (s *Server) use(at place, block, el object, value any) (object, error) {
	if el["type"] == "overflow" { // has no state
		chosen, err := option(el, fmt.Sprint(value))
		if err != nil {
			return nil, err
		}
		action := s.action(block, el, "confirm")
		action["selected_option"] = chosen
		return action, nil
	}
	entered, err := s.entry(at, el, value)
	if err != nil {
		return nil, err
	}
	keys := stateKey[text(el["type"])]
	typed := keys[0] == "value"
	clearable := typed || strings.HasSuffix(keys[0], "s") || keys[0] == "selected_date" || keys[0] == "selected_time"
	if empty(entered) && !clearable && block["optional"] != true {
		return nil, fmt.Errorf("nothing chosen: %w", ErrInput)
	}
	s.keep(at, block, el, entered)
	if block["type"] == "input" && block["dispatch_action"] != true {
		return nil, nil
	}
	var repeated []string
	if !typed {
		repeated = []string{"placeholder", "confirm", "timezone", keys[1]}
	}
	action := s.action(block, el, repeated...)
	maps.Copy(action, entered)
	return action, nil
}
