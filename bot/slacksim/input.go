package slacksim

import (
	"fmt"
	"net/mail"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

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

// initial returns the state of an element that nobody has touched. The caller
// holds s.mu.
func (s *Server) initial(at place, el object) object {
	kind := text(el["type"])
	keys := stateKey[kind]
	value := clone(el[keys[1]])
	if el["default_to_current_conversation"] == true {
		// An initial conversation goes before the current one, several go after it.
		// Whether the filter holds for the current one too is not documented.
		switch listed := s.lists(at.user, el, s.channel(at.channel)); {
		case keys[0] == "selected_conversations" && listed:
			value = []any{at.channel}
		case keys[0] == "selected_conversations":
			value = nil
		case value == nil && listed:
			value = at.channel
		}
	}
	return newState(kind, value)
}

// newState returns the state of an element of that type.
func newState(kind string, value any) object {
	key := stateKey[kind][0]
	if list, _ := value.([]any); list == nil && strings.HasSuffix(key, "s") {
		value = []any{}
	}
	return object{"type": kind, key: value}
}

// entry returns the state of an element after a person entered something. The
// caller holds s.mu.
func (s *Server) entry(at place, el object, given any) (object, error) {
	kind := text(el["type"])
	keys, ok := stateKey[kind]
	if !ok {
		return nil, fmt.Errorf("a %s cannot be filled in here: %w", kind, ErrNotThere)
	}
	value, err := s.chosen(at, el, keys[0], given)
	if err != nil {
		return nil, err
	}
	return newState(kind, value), nil
}

// chosen turns what a person enters into what the state holds; nil: nothing. The
// caller holds s.mu.
func (s *Server) chosen(at place, el object, key string, given any) (any, error) {
	if strings.HasSuffix(key, "s") {
		return s.choices(at, el, list(given))
	}
	one := ""
	switch given := given.(type) {
	case nil:
	case []string:
		if len(given) > 1 {
			return nil, fmt.Errorf("more than one chosen: %w", ErrInput)
		}
		one = strings.Join(given, "")
	default:
		one = fmt.Sprint(given)
	}
	if key == "selected_date_time" && one != "" {
		seconds, err := strconv.Atoi(one)
		if err != nil {
			return nil, fmt.Errorf("%v is no time in seconds: %w", given, ErrInput)
		}
		return seconds, nil
	}
	switch key {
	case "selected_option", "selected_user", "selected_channel", "selected_conversation":
		if one == "" {
			return nil, nil
		}
		return s.choice(at, el, one)
	}
	if err := checkEntered(el, one); err != nil || one == "" {
		return nil, err
	}
	return one, nil
}

// choices returns several choices of a menu. The caller holds s.mu.
func (s *Server) choices(at place, el object, given []string) (any, error) {
	picked := []any{}
	for _, one := range given {
		choice, err := s.choice(at, el, one)
		if err != nil {
			return nil, err
		}
		picked = append(picked, choice)
	}
	if most, ok := el["max_selected_items"].(float64); ok && float64(len(picked)) > most {
		return nil, fmt.Errorf("more than %v chosen: %w", most, ErrInput)
	}
	return picked, nil
}

// choice returns one choice of a menu as the state holds it, or ErrNotThere if the
// menu does not list it. The caller holds s.mu.
func (s *Server) choice(at place, el object, wanted string) (any, error) {
	switch kind := text(el["type"]); {
	case strings.HasSuffix(kind, "users_select"):
		for _, u := range s.users {
			if (u.ID == wanted || u.Name == strings.TrimPrefix(wanted, "@")) && (u.Kind != Deactivated || s.cfg.AllowImpossible) {
				return u.ID, nil
			}
		}
		return nil, fmt.Errorf("no user %q: %w", wanted, ErrNotThere)
	case strings.HasSuffix(kind, "channels_select"), strings.HasSuffix(kind, "conversations_select"):
		for _, c := range s.channels {
			named := c.Name != "" && c.Name == strings.TrimPrefix(wanted, "#")
			if (c.ID == wanted || named) && (s.lists(at.user, el, c) || s.cfg.AllowImpossible) {
				return c.ID, nil
			}
		}
		return nil, fmt.Errorf("no conversation %q: %w", wanted, ErrNotThere)
	default:
		return option(el, wanted)
	}
}

// lists reports whether a menu of conversations lists one for a person: those they
// see, without archived ones, as the menu's filter says. The caller holds s.mu.
func (s *Server) lists(user string, el object, c *Channel) bool {
	u := s.user(user)
	if c == nil || u == nil || c.Archived || (!c.has(user) && (c.closed() || u.Kind != Member)) {
		return false
	}
	if strings.HasSuffix(text(el["type"]), "channels_select") {
		return !c.closed()
	}
	filter, _ := el["filter"].(object)
	include, limited := filter["include"].([]any)
	withBot := slices.ContainsFunc(c.Members, func(id string) bool {
		other := s.user(id)
		return id != user && other != nil && other.Kind == Bot
	})
	switch {
	case limited && !slices.Contains(include, any(c.kind())):
		return false
	case filter["exclude_external_shared_channels"] == true && c.ExternallyShared:
		return false
	case filter["exclude_bot_users"] == true && c.IM && withBot:
		return false
	}
	return true
}

// list returns one string or several as a list; the empty string is none.
func list(given any) []string {
	switch v := given.(type) {
	case []string:
		return v
	case string:
		if v == "" {
			return nil
		}
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

// offered returns the options of an element, those of groups too.
func offered(el object) []object {
	options, _ := el["options"].([]any)
	found := objects(options)
	groups, _ := el["option_groups"].([]any)
	for _, group := range objects(groups) {
		more, _ := group["options"].([]any)
		found = append(found, objects(more)...)
	}
	return found
}

// option returns the option with that value or text.
func option(el object, wanted string) (object, error) {
	for _, o := range offered(el) {
		if o["value"] == wanted || textOf(o["text"]) == wanted {
			return cloneObject(o), nil
		}
	}
	return nil, fmt.Errorf("no option %q: %w", wanted, ErrNotThere)
}
