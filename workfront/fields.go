package workfront

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// refusals remembers, by object, which optional fields this tenant does not
// have. Its zero value remembers none; it may be used concurrently.
type refusals struct {
	mu     sync.Mutex
	fields map[string][]string
}

// without returns those of the object's fields that have not been refused.
func (r *refusals) without(object string, fields []string) []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return subtract(fields, r.fields[object])
}

// add remembers fields and returns those that are new.
func (r *refusals) add(object string, fields []string) []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	fresh := subtract(fields, r.fields[object])
	if r.fields == nil {
		r.fields = make(map[string][]string)
	}
	r.fields[object] = append(r.fields[object], fresh...)
	return fresh
}

// subtract returns what is in a and not in b, as a slice of its own; nil if that is nothing.
func subtract(a, b []string) (rest []string) {
	for _, s := range a {
		if !slices.Contains(b, s) {
			rest = append(rest, s)
		}
	}
	return rest
}

// errNeeded is a tenant without a field that the client cannot do without.
var errNeeded = errors.New("this Workfront does not give a field without which nobody can be judged")

// read carries r out with fields=: those needed, and of those wanted whatever
// the tenant has. missing are the wanted ones it has not. A field that is
// refused by name is remembered and never asked for again; a refusal that names
// none leaves out all that is wanted, this once.
func (c *Client) read(ctx context.Context, r request, object string, needed, wanted []string) (data []byte, missing []string, err error) {
	asked := c.refused.without(object, wanted)
	for {
		r.query.Set("fields", strings.Join(slices.Concat(needed, asked), ","))
		data, err := c.do(ctx, r)
		if err == nil {
			return data, subtract(wanted, asked), nil
		}
		name, of, named := unsupportedField(err)
		drop := blamed(asked, name, of, object)
		e, _ := errors.AsType[*Error](err)
		switch {
		case named && len(drop) > 0:
			asked = subtract(asked, drop)
			if fresh := c.refused.add(object, drop); len(fresh) > 0 {
				c.log.WarnContext(ctx, "Workfront does not have these fields; they are not asked for again", "object", object, "fields", fresh)
			}
		case named && slices.ContainsFunc(needed, func(path string) bool { return concerns(path, name) }):
			e.Err = fmt.Errorf("%w: %s (%s)", errNeeded, name, of)
			return nil, nil, e
		case e.malformed() && len(asked) > 0:
			c.log.WarnContext(ctx, "repeating a Workfront request without optional fields", "object", object, "fields", asked, "after", err)
			asked = nil
		default:
			return nil, nil, err
		}
	}
}

// malformed reports whether Workfront did not accept the request as it was
// written. Which of the two statuses an unknown field has is not documented.
func (e *Error) malformed() bool {
	return e != nil && e.Err == nil && (e.Status == http.StatusBadRequest || e.Status == http.StatusUnprocessableEntity)
}

var unsupportedPattern = regexp.MustCompile(`does not support field (.+) \(([^()]*)\)`)

// unsupportedField reads which field of which object an error is about: "APIModel
// V22_0 does not support field licenceType (AccessLevel)".
func unsupportedField(err error) (field, object string, ok bool) {
	e, isError := errors.AsType[*Error](err)
	if !isError || errors.Is(e.Err, ErrUnauthorized) {
		return "", "", false
	}
	m := unsupportedPattern.FindStringSubmatch(e.Message)
	if m == nil {
		return "", "", false
	}
	return m[1], m[2], true
}

// blamed returns those of the paths that a refusal of a field of an object is
// about. The refusal gives a part of a path only, and its object by a word that
// no list explains: of several that go through the field, those are blamed that
// begin with it, where the object is what was read, or that reach it through a
// reference called like the object (homeGroup, Group); if none is, all are.
func blamed(paths []string, field, object, read string) []string {
	all := slices.DeleteFunc(slices.Clone(paths), func(path string) bool { return !concerns(path, field) })
	surely := slices.DeleteFunc(slices.Clone(all), func(path string) bool {
		before, _, nested := strings.Cut(path, ":"+field)
		if !nested || strings.HasPrefix(path, customPrefix) {
			return !strings.EqualFold(object, read)
		}
		return object == "" || !strings.HasSuffix(strings.ToLower(before), strings.ToLower(object))
	})
	if len(surely) > 0 {
		return surely
	}
	return all
}

// concerns reports whether path is field or goes through it.
func concerns(path, field string) bool {
	return path == field || path == customPrefix+field || slices.Contains(segments(path), field) || strings.HasSuffix(path, ":"+field)
}

// customPrefix begins the name of a custom field, which may hold anything else.
const customPrefix = "DE:"

// segments splits a path of field names; a custom field is one.
func segments(path string) []string {
	if strings.HasPrefix(path, customPrefix) {
		return []string{path}
	}
	return strings.Split(path, ":")
}

// Adobe allows paths of up to four names, and no name holds anything but
// letters and digits.
// https://github.com/AdobeDocs/workfront.en/blob/main/help/quicksilver/wf-api/general/api-basics.md
var (
	pathPattern   = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9]*(:[A-Za-z][A-Za-z0-9]*){0,3}$`)
	customPattern = regexp.MustCompile(`^DE:[^,[:cntrl:]]{1,200}$`) // a comma would end the name in fields=
)

// checkFields returns the optional fields to ask for: those of Config, or the
// usual ones, each once and without those that are always asked for.
func checkFields(configured []string) ([]string, error) {
	if len(configured) == 0 {
		return usualFields, nil
	}
	var fields []string
	var errs []error
	for _, name := range configured {
		switch {
		case !pathPattern.MatchString(name) && !customPattern.MatchString(name):
			errs = append(errs, fmt.Errorf("UserFields holds %.60q, which is no field name", name))
		case !slices.Contains(fields, name) && !slices.Contains(neededFields, name):
			fields = append(fields, name)
		}
	}
	return fields, errors.Join(errs...)
}

// showPath gives the text at the end of a path of names through an answer.
func showPath(value any, path string) string {
	for _, name := range segments(path) {
		value = step(value, name)
	}
	return showValue(value)
}

// step follows one name; through a list, for each of its elements.
func step(value any, name string) any {
	switch value := value.(type) {
	case map[string]any:
		return value[name]
	case []any:
		all := make([]any, len(value))
		for i, v := range value {
			all[i] = step(v, name)
		}
		return all
	}
	return nil
}

// showValue gives a value as a text: an object by its name or ID, the elements
// of a list with commas between them, nothing for null.
func showValue(value any) string {
	switch value := value.(type) {
	case string:
		return value
	case bool:
		return strconv.FormatBool(value)
	case json.Number:
		return value.String()
	case float64:
		return strconv.FormatFloat(value, 'f', -1, 64)
	case map[string]any:
		if name := showValue(value["name"]); name != "" {
			return name
		}
		return showValue(value["ID"])
	case []any:
		var texts []string
		for _, v := range value {
			if text := showValue(v); text != "" {
				texts = append(texts, text)
			}
		}
		return strings.Join(texts, ", ")
	}
	return ""
}
