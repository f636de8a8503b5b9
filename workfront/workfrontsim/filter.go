package workfrontsim

import (
	"net/http"
	"slices"
	"strings"
)

// criterion is a filter as sent: <field>, <field>_Mod and <field>_Range of one
// alternative.
type criterion struct {
	alternative string // n of OR:n:, empty without prefix
	name        string
	values      []string
	modifier    string
	upper       string
	hasUpper    bool
}

// collect adds one parameter to the criteria.
func collect(criteria []*criterion, p param) ([]*criterion, error) {
	name := strings.TrimPrefix(p.name, jsonFilter)
	alternative := ""
	if rest, ok := strings.CutPrefix(name, "OR:"); ok {
		if alternative, name, ok = strings.Cut(rest, ":"); !ok || alternative == "" {
			return nil, invalidParameter(p.name, p.value)
		}
	}
	for _, suffix := range []string{"_GroupBy", "_AggFunc"} {
		if strings.HasSuffix(name, suffix) {
			return nil, notSimulated("reports (%s)", p.name)
		}
	}
	base, isModifier := strings.CutSuffix(name, "_Mod")
	base, isRange := strings.CutSuffix(base, "_Range")
	i := slices.IndexFunc(criteria, func(c *criterion) bool { return c.alternative == alternative && c.name == base })
	if i < 0 {
		i = len(criteria)
		criteria = append(criteria, &criterion{alternative: alternative, name: base})
	}
	switch c := criteria[i]; {
	case isModifier:
		c.modifier = p.value
	case isRange:
		c.upper, c.hasUpper = p.value, true
	default:
		c.values = append(c.values, p.value)
	}
	return criteria, nil
}

// term is a criterion that is understood.
type term struct {
	path     []string
	modifier string // without ci
	fold     bool   // ignore case
	operands []any
	upper    any
}

// modifiers are the served ones, with the number of values they take: 0, 1, or
// -1 for a list. Those of Adobe's constants that are missing here are in
// unserved.
var modifiers = map[string]int{
	"eq": 1, "cieq": 1, "ne": 1, "cine": 1, "lt": 1, "lte": 1, "gt": 1, "gte": 1,
	"contains": 1, "cicontains": 1, "notcontains": 1, "cinotcontains": 1, "startswith": 1,
	"like": 1, "cilike": 1, "between": 1, "cibetween": 1, "notbetween": 1, "cinotbetween": 1,
	"in": -1, "ciin": -1, "notin": -1, "cinotin": -1,
	"isnull": 0, "notnull": 0, "isblank": 0, "notblank": 0,
}

var unserved = []string{"nee", "cicontainsany", "cicontainsall", "cinotcontainsany", "cinotcontainsall", "soundex",
	"bitwiseor", "bitwiseand", "bitwisenand", "exacttime", "length_lt", "length_eq", "length_gt", "allof"}

// parseTerm checks a criterion against the object's fields.
func (s *Server) parseTerm(q *request, c *criterion) (term, error) {
	path, f, err := s.resolve(q, q.object, c.name)
	if err != nil {
		return term{}, err
	}
	modifier := c.modifier
	if modifier == "" {
		modifier = "eq"
	}
	arity, ok := modifiers[modifier]
	switch {
	case slices.Contains(unserved, modifier):
		return term{}, notSimulated("the modifier %s", modifier)
	case !ok:
		return term{}, invalidParameter(c.name+"_Mod", c.modifier)
	case arity == 1 && len(c.values) != 1, arity < 0 && len(c.values) == 0:
		return term{}, invalidParameter(c.name, strings.Join(c.values, ","))
	}
	t := term{path: path, modifier: modifier}
	if bare, ok := strings.CutPrefix(modifier, "ci"); ok {
		t.modifier, t.fold = bare, true
	}
	if !t.fits(f.kind) {
		return term{}, invalidParameter(c.name+"_Mod", modifier)
	}
	if (t.modifier == "between" || t.modifier == "notbetween") != c.hasUpper {
		return term{}, invalidParameter(c.name+"_Range", c.upper)
	}
	if arity == 0 {
		return t, nil // a value next to isnull is ignored
	}
	return t, s.parseOperands(q, &t, f, c)
}

// fits reports whether a modifier makes sense for a kind of field.
func (t term) fits(k kind) bool {
	switch t.modifier {
	case "contains", "notcontains", "startswith", "like":
		return k == textField || k == idField
	case "lt", "lte", "gt", "gte", "between", "notbetween":
		return k != booleanField
	}
	return !t.fold || k == textField || k == idField
}

func (s *Server) parseOperands(q *request, t *term, f field, c *criterion) error {
	for _, value := range c.values {
		list := []string{value}
		if modifiers[t.modifier] < 0 && (f.kind != textField || s.cfg.CommasInText) {
			list = strings.Split(value, ",")
		}
		for _, text := range list {
			operand, ok := s.parseValue(q, f, text)
			if !ok {
				return invalidParameter(c.name, text)
			}
			t.operands = append(t.operands, t.folded(operand))
		}
	}
	if c.hasUpper {
		upper, ok := s.parseValue(q, f, c.upper)
		if !ok {
			return invalidParameter(c.name+"_Range", c.upper)
		}
		t.upper = t.folded(upper)
	}
	return nil
}

// resolve follows a path such as manager:emailAddr to its last field, which is
// neither reference nor collection.
func (s *Server) resolve(q *request, t *objectType, path string) ([]string, field, error) {
	names := segments(path)
	for i, name := range names {
		f, err := s.field(t, q.version, name)
		if err != nil {
			return nil, field{}, err
		}
		leads := f.kind == referenceField || f.kind == collectionField
		switch last := i == len(names)-1; {
		case last && !leads:
			return names, f, nil
		case last || !leads:
			return nil, field{}, s.fieldError(q.version, path, t.name)
		}
		t = s.types[f.target]
	}
	return nil, field{}, &apiError{status: http.StatusInternalServerError, message: "empty path"} // unreachable: Split gives a name
}

// values reads the values at the end of a path: one, unless it goes through a
// collection. Where nothing is, the value is null.
func (s *Server) values(q *request, t *objectType, r record, path []string) []any {
	if len(path) == 1 {
		f := t.fields[path[0]]
		if reference, _, _ := strings.Cut(f.from, ":"); t.fields[reference].kind == collectionField {
			return s.values(q, t, r, segments(f.from))
		}
		return []any{s.value(q, t, r, path[0])}
	}
	var all []any
	target := s.types[t.fields[path[0]].target]
	for _, other := range s.related(q, t, r, path[0]) {
		all = append(all, s.values(q, target, other, path[1:])...)
	}
	if len(all) == 0 {
		return []any{nil}
	}
	return all
}

// matches reports whether a record fulfils one of the alternatives; none at all
// match everything.
func (s *Server) matches(q *request, alternatives [][]term, r record) bool {
	fulfilled := func(t term) bool { return slices.ContainsFunc(s.values(q, q.object, r, t.path), t.match) }
	for _, terms := range alternatives {
		if !slices.ContainsFunc(terms, func(t term) bool { return !fulfilled(t) }) {
			return true
		}
	}
	return len(alternatives) == 0
}
