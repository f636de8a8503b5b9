package workfrontsim

import (
	"cmp"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// match decides a term for one value. The negative modifiers match null, as
// observed for ne.
func (t term) match(value any) bool {
	value = t.folded(value)
	switch t.modifier {
	case "isnull":
		return value == nil
	case "notnull":
		return value != nil
	case "isblank":
		return value == nil || value == ""
	case "notblank":
		return value != nil && value != ""
	case "ne", "notin", "notcontains", "notbetween":
		positive := t
		positive.modifier = map[string]string{"ne": "eq", "notin": "in", "notcontains": "contains", "notbetween": "between"}[t.modifier]
		return !positive.match(value)
	}
	if value == nil {
		return false
	}
	if t.modifier == "in" {
		return slices.ContainsFunc(t.operands, func(o any) bool { return compareValues(value, o) == 0 })
	}
	return t.matchOne(value, t.operands[0])
}

// matchOne decides the modifiers with one operand for a value that is not null.
func (t term) matchOne(value, operand any) bool {
	text, _ := value.(string)
	other, _ := operand.(string)
	switch c := compareValues(value, operand); t.modifier {
	case "eq":
		return c == 0
	case "lt":
		return c < 0
	case "lte":
		return c <= 0
	case "gt":
		return c > 0
	case "gte":
		return c >= 0
	case "between":
		return c >= 0 && compareValues(value, t.upper) <= 0
	case "contains":
		return strings.Contains(text, other)
	case "startswith":
		return strings.HasPrefix(text, other)
	case "like":
		return like(text, other)
	}
	return false // unreachable unless modifiers names one that is not here
}

// like matches SQL's wildcards % and _.
func like(text, pattern string) bool {
	quoted := strings.NewReplacer("%", ".*", "_", ".").Replace(regexp.QuoteMeta(pattern))
	return regexp.MustCompile(`(?s)^` + quoted + `$`).MatchString(text)
}

func (t term) folded(v any) any {
	if t.fold {
		return folded(v)
	}
	return v
}

func folded(v any) any {
	if s, ok := v.(string); ok {
		return strings.ToLower(s)
	}
	return v
}

// compareValues orders two values of one field; null comes first.
func compareValues(a, b any) int {
	if a == nil || b == nil {
		return cmp.Compare(rank(a != nil), rank(b != nil))
	}
	switch a := a.(type) {
	case string:
		b, _ := b.(string)
		return strings.Compare(a, b)
	case float64:
		b, _ := b.(float64)
		return cmp.Compare(a, b)
	case time.Time:
		b, _ := b.(time.Time)
		return a.Compare(b)
	case bool:
		b, _ := b.(bool)
		return cmp.Compare(rank(a), rank(b))
	}
	return 0
}

func rank(b bool) int {
	if b {
		return 1
	}
	return 0
}

// parseValue reads a value of a query for a field, with Workfront's wildcards.
// ok is false where the text is no value of the field.
func (s *Server) parseValue(q *request, f field, text string) (value any, ok bool) {
	switch f.kind {
	case booleanField:
		switch strings.ToLower(text) {
		case "true":
			return true, true
		case "false":
			return false, true
		}
		return nil, false
	case numberField:
		n, err := strconv.ParseFloat(text, 64)
		return n, err == nil
	case dateField:
		return s.parseDateValue(text)
	}
	if text == "$$CUSTOMER" {
		return s.customerID, true
	}
	if rest, ok := strings.CutPrefix(text, "$$USER"); ok {
		name := strings.TrimPrefix(rest, ".")
		if rest == "" {
			name = "ID"
		}
		path, _, err := s.resolve(q, s.types["USER"], name)
		if err != nil {
			return nil, false
		}
		return s.values(q, s.types["USER"], s.tables["USER"].rows[q.caller], path)[0], true
	}
	return text, true
}

func (s *Server) parseDateValue(text string) (any, bool) {
	t, ok := s.parseDate(text)
	return t, ok
}
