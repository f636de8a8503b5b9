package sandbox

import (
	"net/url"
	"slices"
	"strings"

	"wfbot/bot/sandbox/render"
)

// form is what every button and form of a message, modal or Home tab sends along.
type form struct {
	Token, As, In string
	TS            string // message
	View          string // modal or Home tab
	Prefix        string // of the ids of elements
}

// id is the id of an HTML element for an element of Block Kit.
func (f form) id(parts ...string) string {
	return strings.Join(strings.Fields(f.Prefix+"-"+strings.Join(parts, "-")), "-")
}

// pressed is a button with what it sends along.
type pressed struct {
	Form form
	*render.Button
}

// pressable is the template function "press".
func pressable(f form, b *render.Button) pressed { return pressed{f, b} }

// ID is that of the button's HTML element.
func (b pressed) ID() string { return b.Form.id(b.ActionID, b.Value) }

// filled is an input with what was entered when it was submitted before.
type filled struct {
	*render.Input
	Form  form
	ID    string // of the HTML element
	Field string // name of the form field
	For   string // id of the form that the field belongs to
	Error string
	Alone bool     // it has no label of its own
	given []string // nil: it was not submitted before
}

// fillable is the template function "fill", for the input blocks of a modal.
func fillable(m *modal, in *render.Input) filled {
	field := inputName(in.BlockID)
	return filled{
		Input: in, Form: m.Form, ID: m.Form.id(in.BlockID), Field: field, For: "modal-form", Error: m.errors[in.BlockID], given: m.values[field],
	}
}

// choosable is the template function "choose", for inputs that stand alone.
func choosable(f form, in *render.Input) filled {
	id := f.id(in.BlockID, in.ActionID)
	return filled{Input: in, Form: f, ID: id, Field: "value", For: id + "-form", Alone: true}
}

// framed is an element of a block with the form that it is in.
type framed struct {
	Form form
	render.Element
}

// frameable is the template function "element".
func frameable(f form, e render.Element) framed { return framed{f, e} }

// inputName is the name of the form field for the input block of that id.
func inputName(blockID string) string { return "input:" + blockID }

// oneBlock is the template function "one": a block as the template "blocks" takes
// it.
func oneBlock(f form, b render.Block) message { return message{Form: f, Blocks: []render.Block{b}} }

// Menu reports whether the input is a button with a list that opens.
func (f filled) Menu() bool { return f.Alone && (f.Kind == "menu" || f.Kind == "select") }

// Several reports whether the input is drawn as one control for each choice.
func (f filled) Several() bool { return f.Kind == "radio" || f.Kind == "checkbox" }

// Text is what a text field holds.
func (f filled) Text() string {
	if len(f.given) > 0 {
		return f.given[0]
	}
	return f.Value()
}

// Choices are the options with those selected that were chosen.
func (f filled) Choices() []render.Option {
	options := slices.Clone(f.Options)
	if f.given == nil {
		return options
	}
	for i := range options {
		options[i].Selected = slices.Contains(f.given, options[i].Value)
	}
	return options
}

// Chosen is the option that was chosen; nil: none.
func (f filled) Chosen() *render.Option {
	for _, o := range f.Choices() {
		if o.Selected {
			return &o
		}
	}
	return nil
}

// draft is a form that was submitted and stayed open.
type draft struct {
	view    string // id of the view
	values  url.Values
	errors  map[string]string // at inputs, by block_id
	failure string            // of the form as a whole
}
