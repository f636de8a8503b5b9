package workfrontsim

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/json"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

const (
	defaultLimit = 100
	maximumLimit = 2000
)

// reserved are the parameters that are neither filter nor update.
var reserved = map[string]bool{
	"apiKey": true, "sessionID": true, "username": true, "password": true, "method": true, "action": true,
	"fields": true, "filters": true, "updates": true, "map": true, "atomic": true, "force": true,
	"$$FIRST": true, "$$LIMIT": true,
}

// getByID serves GET /user/<id>, /user?id=a,b and /user?id=$$USER.
func (s *Server) getByID(q *request) (any, error) {
	fields, err := s.parseFields(q)
	if err != nil {
		return nil, err
	}
	for _, p := range q.params {
		if !reserved[p.name] && p.name != "id" {
			return nil, s.fieldError(q.version, p.name, q.object.name)
		}
	}
	if len(q.targets) == 0 {
		return nil, badRequest("you must specify an ID")
	}
	var found []any
	for _, id := range q.targets {
		r, err := s.visible(q, id)
		if err != nil {
			return nil, err
		}
		found = append(found, s.project(q, fields, r))
	}
	if _, byParam := q.params.get("id"); len(found) > 1 || byParam && s.cfg.IDParamAlwaysArray {
		return data(found), nil
	}
	return data(found[0]), nil
}

// visible returns the record of an ID, as far as the caller may see it.
func (s *Server) visible(q *request, id string) (record, error) {
	if id == "$$USER" && q.object.code == "USER" {
		id = q.caller
	}
	r, ok := s.tables[q.object.code].rows[id]
	switch {
	case !ok:
		return nil, notFound(q.object, id)
	case s.access(q, q.object, r) != Hidden:
		return r, nil
	case s.cfg.HiddenStatus == http.StatusForbidden:
		return nil, noAccess("view", q.object)
	}
	return nil, notFound(q.object, id)
}

// search serves /user/search.
func (s *Server) search(q *request) (any, error) {
	fields, err := s.parseFields(q)
	if err != nil {
		return nil, err
	}
	found, err := s.find(q)
	if err != nil {
		return nil, err
	}
	if found, err = page(q, found); err != nil {
		return nil, err
	}
	if q.params.value("map") == "true" {
		byID := make(map[string]any, len(found))
		for _, r := range found {
			byID[r.text("ID")] = s.project(q, fields, r)
		}
		return data(byID), nil
	}
	list := make([]any, len(found))
	for i, r := range found {
		list[i] = s.project(q, fields, r)
	}
	return data(list), nil
}

// count serves /user/count, which takes the filters of a search.
func (s *Server) count(q *request) (any, error) {
	found, err := s.find(q)
	if err != nil {
		return nil, err
	}
	return data(map[string]any{"count": len(found)}), nil
}

// find returns the records that match the filters of q, sorted.
func (s *Server) find(q *request) ([]record, error) {
	filters, sorts, err := s.parseQuery(q)
	if err != nil {
		return nil, err
	}
	t := s.tables[q.object.code]
	var found []record
	for _, id := range t.order {
		r := t.rows[id]
		if s.access(q, q.object, r) != Hidden && s.matches(q, filters, r) {
			found = append(found, r)
		}
	}
	if len(sorts) == 0 && !s.cfg.StableUnsorted {
		disorder(found, q.call.Seq)
	}
	slices.SortStableFunc(found, func(a, b record) int {
		for _, by := range sorts {
			if c := by.compare(s.values(q, q.object, a, by.path)[0], s.values(q, q.object, b, by.path)[0]); c != 0 {
				return c
			}
		}
		return 0
	})
	return found, nil
}

// disorder gives records another order for each call, the same in each run.
func disorder(found []record, seq int) {
	key := func(r record) []byte {
		sum := sha256.Sum256([]byte(strconv.Itoa(seq) + r.text("ID")))
		return sum[:]
	}
	slices.SortFunc(found, func(a, b record) int { return bytes.Compare(key(a), key(b)) })
}

// page cuts $$FIRST and $$LIMIT out of the found records.
func page(q *request, found []record) ([]record, error) {
	first, err := q.number("$$FIRST", 0)
	if err != nil {
		return nil, err
	}
	limit, err := q.number("$$LIMIT", defaultLimit)
	if err != nil {
		return nil, err
	}
	if limit > maximumLimit {
		return nil, &apiError{status: http.StatusUnprocessableEntity, class: classArgument,
			message: "The requested limit " + strconv.Itoa(limit) + " is greater than the maximum allowed limit of 2000"}
	}
	found = found[min(first, len(found)):]
	return found[:min(limit, len(found))], nil
}

// number reads a parameter that is a whole number, not negative.
func (q *request) number(name string, otherwise int) (int, error) {
	value, ok := q.params.get(name)
	if !ok {
		return otherwise, nil
	}
	n, err := strconv.Atoi(value)
	if err != nil || n < 0 {
		return 0, invalidParameter(name, value)
	}
	return n, nil
}

// sortKey is one <field>_Sort.
type sortKey struct {
	path       []string
	fold, down bool
	rank       int // of <field>_<rank>_Sort
}

func (k sortKey) compare(a, b any) int {
	if k.fold {
		a, b = folded(a), folded(b)
	}
	c := compareValues(a, b)
	if k.down {
		return -c
	}
	return c
}

var sortPattern = regexp.MustCompile(`^(.+?)(?:_(\d+))?_Sort$`)

// parseSort reads a parameter that is a sort; ok is false for any other.
func (s *Server) parseSort(q *request, p param) (k sortKey, ok bool, err error) {
	m := sortPattern.FindStringSubmatch(p.name)
	if m == nil {
		return k, false, nil
	}
	if k.path, _, err = s.resolve(q, q.object, m[1]); err != nil {
		return k, true, err
	}
	k.rank, _ = strconv.Atoi(m[2])
	switch p.value {
	case "asc":
	case "desc":
		k.down = true
	case "ciasc":
		k.fold = true
	case "cidesc":
		k.fold, k.down = true, true
	default:
		return k, true, invalidParameter(p.name, p.value)
	}
	return k, true, nil
}

// parseQuery splits the parameters into alternatives of filters and sorts.
func (s *Server) parseQuery(q *request) (alternatives [][]term, sorts []sortKey, err error) {
	all, err := withJSONFilters(q.params)
	if err != nil {
		return nil, nil, err
	}
	var criteria []*criterion
	for _, p := range all {
		if reserved[p.name] {
			continue
		}
		if k, ok, err := s.parseSort(q, p); ok {
			if err != nil {
				return nil, nil, err
			}
			sorts = append(sorts, k)
			continue
		}
		if criteria, err = collect(criteria, p); err != nil {
			return nil, nil, err
		}
	}
	slices.SortStableFunc(sorts, func(a, b sortKey) int { return cmp.Compare(a.rank, b.rank) })
	index := make(map[string]int)
	for _, c := range criteria {
		t, err := s.parseTerm(q, c)
		if err != nil {
			return nil, nil, err
		}
		i, ok := index[c.alternative]
		if !ok {
			i = len(alternatives)
			index[c.alternative] = i
			alternatives = append(alternatives, nil)
		}
		alternatives[i] = append(alternatives[i], t)
	}
	return alternatives, sorts, nil
}

// withJSONFilters adds the entries of filters={json} as parameters.
func withJSONFilters(in params) (params, error) {
	text, ok := in.get("filters")
	if !ok {
		return in, nil
	}
	var entries map[string]any
	if err := json.Unmarshal([]byte(text), &entries); err != nil {
		return nil, invalidParameter("filters", text)
	}
	out := slices.Clone(in)
	for name, value := range entries {
		if strings.HasPrefix(name, "$$") {
			return nil, invalidParameter("filters", name)
		}
		values, ok := value.([]any)
		if !ok {
			values = []any{value}
		}
		for _, v := range values {
			text, ok := scalarText(v)
			if !ok {
				return nil, invalidParameter("filters", name)
			}
			// The name escapes the reserved words: a filter on username is one here.
			out = append(out, param{name: jsonFilter + name, value: text})
		}
	}
	return out, nil
}

// jsonFilter marks a parameter that came from filters={json}.
const jsonFilter = "\x00"

func scalarText(v any) (string, bool) {
	switch v := v.(type) {
	case string:
		return v, true
	case bool:
		return strconv.FormatBool(v), true
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64), true
	}
	return "", false
}
