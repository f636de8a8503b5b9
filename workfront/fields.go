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
// the tenant has. missing are the wanted ones it has not. One that is refused, by
// name or found out by halves, is remembered and never asked for again.
func (c *Client) read(ctx context.Context, r request, object string, needed, wanted []string) (data []byte, missing []string, err error) {
	asked := c.refused.without(object, wanted)
	for {
		data, err := c.ask(ctx, r, needed, asked)
		if err == nil {
			return data, subtract(wanted, asked), nil
		}
		name, of, named := unsupportedField(err)
		drop := blamed(asked, name, of, object)
		e, _ := errors.AsType[*Error](err)
		switch {
		case named && (len(drop) == 1 || len(drop) > 0 && of != ""):
		case named && len(drop) == 0 && isNeeded(needed, name):
			return nil, nil, lacking(e, name, of)
		case (named || e.malformed()) && len(asked) > 0:
			suspects := asked
			if len(drop) > 0 { // one of these; the refusal does not name the object
				suspects = drop
			}
			c.log.WarnContext(ctx, "looking for the field that Workfront refuses", "object", object, "fields", suspects, "after", err)
			if data, err = c.ask(ctx, r, needed, nil); err != nil {
				switch name, of, named := unsupportedField(err); {
				case named && isNeeded(needed, name):
					return nil, nil, lacking(e, name, of)
				case refusesForm(err):
					return nil, nil, e // which is not about fields
				}
				return nil, nil, err
			}
			if drop, err = c.culprits(ctx, r, needed, suspects); err != nil || len(drop) == 0 {
				return data, wanted, nil // without any, this once
			}
		default:
			return nil, nil, err
		}
		asked = subtract(asked, drop)
		if fresh := c.refused.add(object, drop); len(fresh) > 0 {
			c.log.WarnContext(ctx, "Workfront does not have these fields; they are not asked for again", "object", object, "fields", fresh)
		}
	}
}

func isNeeded(needed []string, field string) bool {
	return slices.ContainsFunc(needed, func(path string) bool { return concerns(path, field) })
}

// lacking makes e say that it is about a needed field.
func lacking(e *Error, field, object string) *Error {
	e.Err = fmt.Errorf("%w: %s", errNeeded, strings.TrimSuffix(field+" ("+object+")", " ()"))
	return e
}

// ask carries r out with these fields.
func (c *Client) ask(ctx context.Context, r request, needed, wanted []string) ([]byte, error) {
	r.query.Set("fields", strings.Join(slices.Concat(needed, wanted), ","))
	return c.do(ctx, r)
}

// culprits returns those of the fields that the tenant refuses, found by asking for
// ever smaller parts of them. An error is about something else.
func (c *Client) culprits(ctx context.Context, r request, needed, fields []string) ([]string, error) {
	_, err := c.ask(ctx, r, needed, fields)
	if err == nil || len(fields) == 0 {
		return nil, err
	}
	e, _ := errors.AsType[*Error](err)
	if _, _, named := unsupportedField(err); !named && !e.malformed() {
		return nil, err
	}
	if len(fields) == 1 {
		return fields, nil
	}
	half := len(fields) / 2
	some, err := c.culprits(ctx, r, needed, fields[:half])
	if err != nil {
		return nil, err
	}
	others, err := c.culprits(ctx, r, needed, fields[half:])
	return slices.Concat(some, others), err
}

// malformed reports whether Workfront did not accept the request as it was
// written. An unknown field has been seen to be 422; 400 is documented beside it.
func (e *Error) malformed() bool {
	return e != nil && e.Err == nil && (e.Status == http.StatusBadRequest || e.Status == http.StatusUnprocessableEntity)
}

// Both forms have been seen; the second does not name the object.
var (
	unsupportedPattern = regexp.MustCompile(`does not support field (.+) \(([^()]*)\)`)
	unsupportedShort   = regexp.MustCompile(`does not support field ["']?(.+?)["'.\s]*$`)
)

// unsupportedField reads the field, and its object, that an error is about: "APIModel
// V22_0 does not support field licenceType (AccessLevel)", or "APIModel INTERNAL does not
// support field licenceType", where object is empty.
func unsupportedField(err error) (field, object string, ok bool) {
	e, isError := errors.AsType[*Error](err)
	if !isError || errors.Is(e.Err, ErrUnauthorized) {
		return "", "", false
	}
	if m := unsupportedPattern.FindStringSubmatch(e.Message); m != nil {
		return m[1], m[2], true
	}
	if m := unsupportedShort.FindStringSubmatch(e.Message); m != nil {
		return m[1], "", true
	}
	return "", "", false
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
