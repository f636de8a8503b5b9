package render

import (
	"html/template"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Input is something to be filled in or chosen from, in an input block or on its
// own.
type Input struct {
	// Kind says how it is drawn: an HTML input type, "textarea", "select", or
	// "menu" for one that chooses and keeps nothing. "checkbox" is what every
	// element becomes that takes several choices. Empty: it cannot be filled in
	// here.
	Kind              string
	Type              string // of Block Kit
	ActionID, BlockID string
	Nth               int           // of the inputs with this ActionID, from 0
	Label             template.HTML // of an input block
	Name              string        // for screen readers, where there is no Label
	Hint              template.HTML
	Optional          bool
	Focus             bool // when the modal opens
	Dispatch          bool // in an input block: the app is told of every change
	Confirm           *Confirm

	Values               []string // entered or chosen: what the state says, else the initial ones
	Placeholder          string
	MinLength, MaxLength int      // in characters; 0: no limit
	MaxChoices           int      // checkbox; 0: no limit
	Options              []Option // select, radio, checkbox, menu
}

// Option is something to be chosen.
type Option struct {
	Value    string
	Text     template.HTML
	Label    string // Text without markup, for where HTML has none
	Note     string // description; empty: none
	Selected bool
}

// Value is what a field for one value holds.
func (in *Input) Value() string {
	if len(in.Values) == 0 {
		return ""
	}
	return in.Values[0]
}

// dateTimeForm is how HTML writes a date and time.
const dateTimeForm = "2006-01-02T15:04"

// kinds are the elements that can be filled in, with the members of state.values
// and of the element itself that hold their value.
var kinds = map[string]struct{ kind, state, initial string }{
	"plain_text_input":           {"text", "value", "initial_value"},
	"email_text_input":           {"email", "value", "initial_value"},
	"url_text_input":             {"url", "value", "initial_value"},
	"number_input":               {"number", "value", "initial_value"},
	"datepicker":                 {"date", "selected_date", "initial_date"},
	"timepicker":                 {"time", "selected_time", "initial_time"},
	"datetimepicker":             {"datetime-local", "selected_date_time", "initial_date_time"},
	"radio_buttons":              {"radio", "selected_option", "initial_option"},
	"checkboxes":                 {"checkbox", "selected_options", "initial_options"},
	"overflow":                   {"menu", "", ""},
	"static_select":              {"select", "selected_option", "initial_option"},
	"users_select":               {"select", "selected_user", "initial_user"},
	"conversations_select":       {"select", "selected_conversation", "initial_conversation"},
	"channels_select":            {"select", "selected_channel", "initial_channel"},
	"multi_static_select":        {"checkbox", "selected_options", "initial_options"},
	"multi_users_select":         {"checkbox", "selected_users", "initial_users"},
	"multi_conversations_select": {"checkbox", "selected_conversations", "initial_conversations"},
	"multi_channels_select":      {"checkbox", "selected_channels", "initial_channels"},
}

// input returns the element e of a block b.
func (v Viewer) input(b, e map[string]any) *Input {
	kind := kinds[str(e["type"])]
	in := &Input{
		Kind: kind.kind, Type: str(e["type"]), ActionID: str(e["action_id"]), BlockID: str(b["block_id"]),
		Label: v.Text(obj(b["label"])), Hint: v.Text(obj(b["hint"])), Optional: b["optional"] == true,
		Focus: e["focus_on_load"] == true, Dispatch: b["dispatch_action"] == true, Confirm: v.confirm(e),
		Placeholder: str(obj(e["placeholder"])["text"]),
		MinLength:   number(e["min_length"]), MaxLength: number(e["max_length"]), MaxChoices: number(e["max_selected_items"]),
	}
	if e["multiline"] == true {
		in.Kind = "textarea"
	}
	in.Values = values(e[kind.initial])
	if entered := obj(obj(v.State[in.BlockID])[in.ActionID]); entered != nil && kind.state != "" {
		in.Values = values(entered[kind.state])
	}
	if in.Kind == "datetime-local" {
		in.Values = v.dateTimes(in.Values)
	}
	if in.Label == "" {
		in.Name = or(in.Placeholder, defaultName(in))
	}
	in.Options = v.options(e)
	for i := range in.Options {
		in.Options[i].Selected = slices.Contains(in.Values, in.Options[i].Value)
	}
	return in
}

// defaultName says what an element is for that does not say so itself.
func defaultName(in *Input) string {
	if in.Kind == "menu" {
		return "More actions"
	}
	return "Choose"
}

// values returns what a state or an initial value holds: text, a number, an option,
// or several of them.
func values(v any) []string {
	switch v := v.(type) {
	case string:
		if v != "" {
			return []string{v}
		}
	case float64:
		return []string{strconv.FormatInt(int64(v), 10)}
	case int:
		return []string{strconv.Itoa(v)}
	case map[string]any:
		return values(v["value"])
	case []any:
		var all []string
		for _, one := range v {
			all = append(all, values(one)...)
		}
		return all
	}
	return nil
}

// dateTimes turns seconds into the form that HTML has dates and times in.
func (v Viewer) dateTimes(seconds []string) []string {
	var local []string
	for _, s := range seconds {
		if n, err := strconv.ParseInt(s, 10, 64); err == nil {
			local = append(local, time.Unix(n, 0).In(v.location()).Format(dateTimeForm))
		}
	}
	return local
}

// Entered turns what an HTML form sends for an input into what a person enters at
// the element in Slack.
func (v Viewer) Entered(in *Input, given []string) []string {
	var entered []string
	for _, one := range given {
		if in.Kind == "datetime-local" {
			if at, err := time.ParseInLocation(dateTimeForm, one, v.location()); err == nil {
				one = strconv.FormatInt(at.Unix(), 10)
			}
		}
		// Browsers send line breaks as CR LF, Slack as LF.
		entered = append(entered, strings.ReplaceAll(one, "\r\n", "\n"))
	}
	return entered
}

// options returns the choices that an element offers.
func (v Viewer) options(e map[string]any) []Option {
	switch kind := str(e["type"]); {
	case strings.HasSuffix(kind, "users_select"), strings.HasSuffix(kind, "conversations_select"), strings.HasSuffix(kind, "channels_select"):
		if v.List == nil {
			return nil
		}
		return v.List(e)
	}
	offered := list(e["options"])
	for _, group := range list(e["option_groups"]) {
		offered = append(offered, list(group["options"])...)
	}
	var options []Option
	for _, o := range offered {
		options = append(options, Option{
			Value: str(o["value"]), Text: v.Text(obj(o["text"])), Label: str(obj(o["text"])["text"]), Note: str(obj(o["description"])["text"]),
		})
	}
	return options
}

func number(v any) int {
	f, _ := v.(float64)
	return int(f)
}
