package render

import "html/template"

// Input is something to be filled in.
type Input struct {
	// Kind says how it is drawn: an HTML input type, "textarea", "select" or
	// "users". Empty: it cannot be filled in here.
	Kind     string
	BlockID  string
	Label    template.HTML
	Hint     template.HTML
	Optional bool
	Focus    bool // when the modal opens

	Value                string // initial one
	Placeholder          string
	MinLength, MaxLength int      // in characters; 0: no limit
	Options              []Option // select, radio, checkbox
}

// Option is something to be chosen.
type Option struct {
	Value    string
	Text     template.HTML
	Label    string // Text without markup, for where HTML has none
	Selected bool
}

// kinds are the elements that can be filled in.
var kinds = map[string]string{
	"plain_text_input": "text", "email_text_input": "email", "url_text_input": "url", "number_input": "number",
	"datepicker": "date", "timepicker": "time", "static_select": "select", "radio_buttons": "radio",
	"checkboxes": "checkbox", "users_select": "users",
}

// input returns the element e of an input block b.
func (v Viewer) input(b, e map[string]any) *Input {
	in := &Input{
		Kind: kinds[str(e["type"])], BlockID: str(b["block_id"]),
		Label: v.Text(obj(b["label"])), Hint: v.Text(obj(b["hint"])), Optional: b["optional"] == true,
		Focus: e["focus_on_load"] == true, Placeholder: str(obj(e["placeholder"])["text"]),
		MinLength: number(e["min_length"]), MaxLength: number(e["max_length"]),
	}
	if e["multiline"] == true {
		in.Kind = "textarea"
	}
	for _, key := range []string{"initial_value", "initial_date", "initial_time", "initial_user"} {
		in.Value = or(in.Value, str(e[key]))
	}
	chosen := list(e["initial_options"])
	if one := obj(e["initial_option"]); one != nil {
		chosen = append(chosen, one)
	}
	options := list(e["options"])
	for _, group := range list(e["option_groups"]) {
		options = append(options, list(group["options"])...)
	}
	for _, o := range options {
		option := Option{Value: str(o["value"]), Text: v.Text(obj(o["text"])), Label: str(obj(o["text"])["text"])}
		for _, c := range chosen {
			option.Selected = option.Selected || str(c["value"]) == option.Value
		}
		in.Options = append(in.Options, option)
	}
	return in
}

func number(v any) int {
	f, _ := v.(float64)
	return int(f)
}
