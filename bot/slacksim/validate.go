package slacksim

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// surface is where blocks are shown.
type surface int

const (
	inMessage surface = iota
	inModal
	inHome
)

// check collects what is wrong with a list of blocks.
type check struct {
	surface  surface
	problems []string
}

// failf notes one problem, in the wording of response_metadata.messages.
func (c *check) failf(pointer, format string, args ...any) {
	c.problems = append(c.problems, "[ERROR] "+fmt.Sprintf(format, args...)+" [json-pointer:"+pointer+"]")
}

// rule checks the JSON value at a pointer.
type rule func(c *check, pointer string, value any)

// shape is the members an object may have. Names that start with * are required.
type shape map[string]rule

// with returns the shape extended by another.
func (s shape) with(more shape) shape {
	both := maps.Clone(s)
	maps.Copy(both, more)
	return both
}

// rule makes the shape a rule; each further one is applied if the shape fits.
func (s shape) rule(more ...rule) rule {
	return func(c *check, pointer string, value any) {
		o, ok := value.(object)
		if !ok {
			c.failf(pointer, "must provide an object")
			return
		}
		before := len(c.problems)
		for _, name := range slices.Sorted(maps.Keys(s)) {
			plain, required := strings.CutPrefix(name, "*")
			given, present := o[plain]
			switch {
			case present && given != nil:
				s[name](c, pointer+"/"+plain, given)
			case required:
				c.failf(pointer, "missing required field: %s", plain)
			}
		}
		for _, name := range slices.Sorted(maps.Keys(o)) {
			if s[name] == nil && s["*"+name] == nil {
				c.failf(pointer, "invalid additional property: %s", name)
			}
		}
		if len(c.problems) == before {
			for _, rule := range more {
				rule(c, pointer, value)
			}
		}
	}
}

// characters allows a string of that many characters.
func characters(least, most int) rule {
	return func(c *check, pointer string, value any) {
		s, ok := value.(string)
		switch n := utf8.RuneCountInString(s); {
		case !ok:
			c.failf(pointer, "must provide a string")
		case n < least:
			c.failf(pointer, "must be more than %d characters", least-1)
		case n > most:
			c.failf(pointer, "must be less than %d characters", most+1)
		}
	}
}

// link allows an absolute URL of at most that many characters.
func link(most int) rule {
	return func(c *check, pointer string, value any) {
		before := len(c.problems)
		characters(1, most)(c, pointer, value)
		if len(c.problems) > before {
			return
		}
		if u, err := url.Parse(value.(string)); err != nil || u.Scheme == "" {
			c.failf(pointer, "must be a valid URL")
		}
	}
}

// pattern allows a string of that form.
func pattern(expression, description string) rule {
	re := regexp.MustCompile(expression)
	return func(c *check, pointer string, value any) {
		if s, ok := value.(string); !ok || !re.MatchString(s) {
			c.failf(pointer, "must be %s", description)
		}
	}
}

// date allows a day of the calendar.
func date(c *check, pointer string, value any) {
	s, _ := value.(string)
	if _, err := time.Parse(time.DateOnly, s); err != nil {
		c.failf(pointer, "must be a date as YYYY-MM-DD")
	}
}

// oneOf allows the given strings.
func oneOf(allowed ...string) rule {
	return func(c *check, pointer string, value any) {
		if s, ok := value.(string); !ok || !slices.Contains(allowed, s) {
			c.failf(pointer, "must be one of: %s", strings.Join(allowed, ", "))
		}
	}
}

// boolean allows true and false.
func boolean(c *check, pointer string, value any) {
	if _, ok := value.(bool); !ok {
		c.failf(pointer, "must provide a boolean")
	}
}

// whole allows whole numbers of a range.
func whole(least, most float64) rule {
	return func(c *check, pointer string, value any) {
		n, ok := value.(float64)
		if !ok || n != float64(int64(n)) {
			c.failf(pointer, "must provide an integer")
		} else if n < least || n > most {
			c.failf(pointer, "must be between %v and %v", least, most)
		}
	}
}

// listOf allows a list with so many items, each as the rule says.
func listOf(least, most int, item rule) rule {
	return func(c *check, pointer string, value any) {
		list, ok := value.([]any)
		switch {
		case !ok:
			c.failf(pointer, "must provide an array")
			return
		case len(list) < least:
			c.failf(pointer, "no fewer than %d items allowed", least)
		case len(list) > most:
			c.failf(pointer, "no more than %d items allowed", most)
		}
		for i, one := range list {
			item(c, fmt.Sprintf("%s/%d", pointer, i), one)
		}
	}
}

// byType applies the rule for the object's type, one of those given by name.
func byType(rules map[string]rule, names ...string) rule {
	return func(c *check, pointer string, value any) {
		o, ok := value.(object)
		if !ok {
			c.failf(pointer, "must provide an object")
			return
		}
		kind := text(o["type"])
		switch {
		case o["type"] == nil:
			c.failf(pointer, "missing required field: type")
		case !slices.Contains(names, kind) || rules[kind] == nil:
			c.failf(pointer+"/type", "unsupported type: %s", kind)
		default:
			rules[kind](c, pointer, value)
		}
	}
}

// anyOf demands at least one of the members.
func anyOf(names ...string) rule {
	return func(c *check, pointer string, value any) {
		if !slices.ContainsFunc(names, func(name string) bool { return value.(object)[name] != nil }) {
			c.failf(pointer, "missing required field: one of %s", strings.Join(names, ", "))
		}
	}
}

// exactlyOne demands one of the members and forbids more.
func exactlyOne(names ...string) rule {
	return func(c *check, pointer string, value any) {
		given := slices.DeleteFunc(slices.Clone(names), func(name string) bool { return value.(object)[name] == nil })
		if len(given) != 1 {
			c.failf(pointer, "exactly one of %s is required", strings.Join(names, ", "))
		}
	}
}

// textObject allows a text object of the given types.
func textObject(most int, types ...string) rule {
	shapes := map[string]rule{
		"plain_text": shape{"*type": oneOf("plain_text"), "*text": characters(1, most), "emoji": boolean}.rule(),
		"mrkdwn":     shape{"*type": oneOf("mrkdwn"), "*text": characters(1, most), "verbatim": boolean}.rule(),
	}
	inner := byType(shapes, types...)
	return func(c *check, pointer string, value any) {
		inside := &check{}
		inner(inside, pointer, value)
		if len(inside.problems) > 0 {
			c.failf(pointer, "failed to match all allowed schemas")
			c.problems = append(c.problems, inside.problems...)
		}
	}
}

func plain(most int) rule { return textObject(most, "plain_text") }

func anyText(most int) rule { return textObject(most, "plain_text", "mrkdwn") }

// among demands that a member, or each of its items, is one of the options.
func among(name string) rule {
	return func(c *check, pointer string, value any) {
		o := value.(object)
		chosen, isList := o[name].([]any)
		if !isList && o[name] != nil {
			chosen = []any{o[name]}
		}
		var known []string
		options, _ := o["options"].([]any)
		groups, _ := o["option_groups"].([]any)
		for _, group := range groups {
			more, _ := group.(object)["options"].([]any)
			options = append(slices.Clone(options), more...)
		}
		for _, one := range options {
			known = append(known, canonical(one))
		}
		for _, one := range chosen {
			if !slices.Contains(known, canonical(one)) {
				c.failf(pointer+"/"+name, "must exactly match one of the options")
			}
		}
	}
}

// canonical returns JSON that is the same for equal values.
func canonical(v any) string {
	encoded, _ := json.Marshal(v) // decoded JSON always encodes
	return string(encoded)
}
