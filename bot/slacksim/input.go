package slacksim

import (
	"fmt"
	"net/mail"
	"net/url"
	"slices"
	"strconv"
	"time"
	"unicode/utf8"
)

// fillIn returns the state.values of a modal whose inputs were given values, or
// ErrInput where a Slack client would not submit.
func fillIn(blocks []object, values map[string]any) (object, error) {
	state := object{}
	used := make(map[string]bool)
	for _, block := range blocks {
		for _, el := range elements(block) {
			if !interactive[text(el["type"])] || el["type"] == "button" || el["type"] == "overflow" {
				continue
			}
			given, key := valueFor(block, el, values)
			used[key] = true
			entered, err := enter(el, given)
			if err != nil {
				return nil, fmt.Errorf("input %q: %w", label(block), err)
			}
			if block["type"] == "input" && block["optional"] != true && empty(entered) {
				return nil, fmt.Errorf("input %q is required: %w", label(block), ErrInput)
			}
			blockID := text(block["block_id"])
			if state[blockID] == nil {
				state[blockID] = object{}
			}
			state[blockID].(object)[text(el["action_id"])] = entered
		}
	}
	for key := range values {
		if !used[key] {
			return nil, fmt.Errorf("no input %q: %w", key, ErrNotThere)
		}
	}
	return state, nil
}

// valueFor returns what was given for an input, and under which key.
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

// stateKey is the member of state.values that holds what was entered, and the
// member of the element with its initial value.
var stateKey = map[string][2]string{
	"plain_text_input":           {"value", "initial_value"},
	"email_text_input":           {"value", "initial_value"},
	"url_text_input":             {"value", "initial_value"},
	"number_input":               {"value", "initial_value"},
	"datepicker":                 {"selected_date", "initial_date"},
	"timepicker":                 {"selected_time", "initial_time"},
	"datetimepicker":             {"selected_date_time", "initial_date_time"},
	"static_select":              {"selected_option", "initial_option"},
	"radio_buttons":              {"selected_option", "initial_option"},
	"external_select":            {"selected_option", "initial_option"},
	"users_select":               {"selected_user", "initial_user"},
	"conversations_select":       {"selected_conversation", "initial_conversation"},
	"channels_select":            {"selected_channel", "initial_channel"},
	"checkboxes":                 {"selected_options", "initial_options"},
	"multi_static_select":        {"selected_options", "initial_options"},
	"multi_external_select":      {"selected_options", "initial_options"},
	"multi_users_select":         {"selected_users", "initial_users"},
	"multi_conversations_select": {"selected_conversations", "initial_conversations"},
	"multi_channels_select":      {"selected_channels", "initial_channels"},
}

// enter returns the state of one input after a person entered given, or left it
// alone if given is nil.
func enter(el object, given any) (object, error) {
	kind := text(el["type"])
	keys, ok := stateKey[kind]
	if !ok {
		return nil, fmt.Errorf("a %s cannot be filled in here: %w", kind, ErrNotThere)
	}
	state := object{"type": kind}
	value := clone(el[keys[1]])
	if given != nil {
		var err error
		if value, err = chosen(el, keys[0], given); err != nil {
			return nil, err
		}
	}
	if list, _ := value.([]any); list == nil && keys[0][len(keys[0])-1] == 's' {
		value = []any{}
	}
	state[keys[0]] = value
	return state, nil
}

// chosen turns what a person enters into what the state holds.
func chosen(el object, key string, given any) (any, error) {
	switch key {
	case "selected_option":
		return option(el, fmt.Sprint(given))
	case "selected_options":
		var picked []any
		for _, one := range list(given) {
			o, err := option(el, one)
			if err != nil {
				return nil, err
			}
			picked = append(picked, o)
		}
		return picked, nil
	case "selected_users", "selected_channels", "selected_conversations":
		return strings2any(list(given)), nil
	case "selected_date_time":
		seconds, err := strconv.Atoi(fmt.Sprint(given))
		if err != nil {
			return nil, fmt.Errorf("%v is no time in seconds: %w", given, ErrInput)
		}
		return seconds, nil
	default:
		entered := fmt.Sprint(given)
		if err := checkEntered(el, entered); err != nil {
			return nil, err
		}
		if entered == "" {
			return nil, nil
		}
		return entered, nil
	}
}

// list returns one string or several as a list.
func list(given any) []string {
	switch v := given.(type) {
	case []string:
		return v
	case string:
		return []string{v}
	default:
		return nil
	}
}

// checkEntered returns ErrInput if a Slack client would complain about the text.
func checkEntered(el object, entered string) error {
	length := float64(utf8.RuneCountInString(entered))
	problem := ""
	if limit, ok := el["min_length"].(float64); ok && length < limit {
		problem = "too short"
	}
	if limit, ok := el["max_length"].(float64); ok && length > limit {
		problem = "too long"
	}
	var err error
	if entered != "" {
		switch el["type"] {
		case "email_text_input":
			_, err = mail.ParseAddress(entered)
		case "url_text_input":
			_, err = url.ParseRequestURI(entered)
		case "number_input":
			_, err = strconv.ParseFloat(entered, 64)
		case "datepicker":
			_, err = time.Parse(time.DateOnly, entered)
		case "timepicker":
			_, err = time.Parse("15:04", entered)
		}
	}
	if err != nil {
		problem = "not a valid " + text(el["type"])
	}
	if problem != "" {
		return fmt.Errorf("%q is %s: %w", entered, problem, ErrInput)
	}
	return nil
}

// option returns the option with that value or text.
func option(el object, wanted string) (object, error) {
	options, _ := el["options"].([]any)
	groups, _ := el["option_groups"].([]any)
	for _, group := range groups {
		if g, ok := group.(object); ok {
			more, _ := g["options"].([]any)
			options = append(slices.Clone(options), more...)
		}
	}
	for _, one := range options {
		if o, ok := one.(object); ok && (o["value"] == wanted || textOf(o["text"]) == wanted) {
			return cloneObject(o), nil
		}
	}
	return nil, fmt.Errorf("no option %q: %w", wanted, ErrNotThere)
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
