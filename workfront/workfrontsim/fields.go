package workfrontsim

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

// maxDepth is how many names a path in fields= may have.
const maxDepth = 4

// projection is what fields= asks of an object, besides the default fields.
type projection struct {
	object *objectType
	names  []string
	nested map[string]*projection
}

// parseFields reads every fields= of a call: a list with commas or, as Adobe's
// OpenAPI document has it, a JSON array. One unknown name fails the call.
func (s *Server) parseFields(q *request) (*projection, error) {
	root := &projection{object: q.object}
	for _, p := range q.params {
		if p.name != "fields" {
			continue
		}
		list := strings.Split(p.value, ",")
		if strings.HasPrefix(p.value, "[") {
			list = nil
			if err := json.Unmarshal([]byte(p.value), &list); err != nil {
				return nil, invalidParameter("fields", p.value)
			}
		}
		for _, path := range list {
			path = strings.TrimSpace(path)
			if path == "" {
				continue
			}
			names := segments(path)
			if len(names) > maxDepth {
				return nil, invalidParameter("fields", path)
			}
			if err := s.addField(q, root, names); err != nil {
				return nil, err
			}
		}
	}
	return root, nil
}

// addField puts one path of names into a projection.
func (s *Server) addField(q *request, p *projection, names []string) error {
	if names[0] == "*" {
		return s.addAll(q, p, names[1:])
	}
	f, err := s.field(p.object, q.version, names[0])
	if err != nil {
		return err
	}
	if f.search {
		return s.fieldError(q.version, names[0], p.object.name)
	}
	if f.kind != referenceField && f.kind != collectionField {
		if len(names) > 1 {
			return s.fieldError(q.version, strings.Join(names, ":"), p.object.name)
		}
		p.names = append(p.names, names[0])
		return nil
	}
	if p.nested == nil {
		p.nested = make(map[string]*projection)
	}
	if p.nested[names[0]] == nil {
		p.nested[names[0]] = &projection{object: s.types[f.target]}
	}
	if len(names) == 1 {
		return nil
	}
	return s.addField(q, p.nested[names[0]], names[1:])
}

// addAll serves * (all fields but references and collections) and *:x (x of
// each reference).
func (s *Server) addAll(q *request, p *projection, rest []string) error {
	for name, f := range p.object.fields {
		plain := f.kind != referenceField && f.kind != collectionField
		switch {
		case !f.in(q.version), f.search:
		case len(rest) == 0 && plain:
			p.names = append(p.names, name)
		case len(rest) > 0 && f.kind == referenceField:
			if err := s.addField(q, p, append([]string{name}, rest...)); err != nil {
				return err
			}
		}
	}
	return nil
}

// project makes the answer for one record: ID, objCode, name if the object has
// one, and what was asked for.
func (s *Server) project(q *request, p *projection, r record) map[string]any {
	out := map[string]any{"ID": r["ID"], "objCode": p.object.code}
	if _, named := p.object.fields["name"]; named {
		out["name"] = r["name"]
	}
	for _, name := range p.names {
		value := s.value(q, p.object, r, name)
		if t, ok := value.(time.Time); ok {
			value = s.formatDate(t)
		}
		out[name] = value
	}
	for name, nested := range p.nested {
		list := make([]any, 0)
		for _, other := range s.related(q, p.object, r, name) {
			list = append(list, s.project(q, nested, other))
		}
		switch {
		case p.object.fields[name].kind == collectionField:
			out[name] = list
		case len(list) == 0:
			out[name] = nil
		default:
			out[name] = list[0]
		}
	}
	return out
}

// metadata serves /user/metadata: the names and kinds of the fields that this
// simulator has in the version asked for, in the form of a tenant's answer on API
// version 17. A name that leads to other objects has their objCode as typeObjCode,
// also among those to search by.
//
// Source: https://github.com/Thousand-Cuts/wf-toolkit/tree/main/tests/fixtures/metadata
func (s *Server) metadata(q *request) any {
	of := map[string]map[string]any{"fields": {}, "references": {}, "collections": {}, "search": {}, "custom": {}}
	for name, f := range q.object.fields {
		if !f.in(q.version) {
			continue
		}
		custom, isCustom := strings.CutPrefix(name, customPrefix)
		switch {
		case isCustom:
			of["custom"][custom] = map[string]any{"type": "string", "categories": []any{}}
		case f.search:
			of["search"][name] = s.describe(q, name, f)
		case f.kind == referenceField:
			of["references"][name] = s.describe(q, name, f)
		case f.kind == collectionField:
			of["collections"][name] = s.describe(q, name, f)
		default:
			of["fields"][name] = s.describe(q, name, f)
		}
	}
	operations := []string{"count", "get", "report", "search"}
	if q.object.writes {
		operations = append(operations, "add", "delete", "edit")
	}
	return data(map[string]any{"objCode": q.object.code, "name": q.object.name, "label": q.object.name, "flags": []string{},
		"fields": of["fields"], "references": of["references"], "collections": of["collections"], "search": of["search"], "custom": of["custom"],
		"actions": map[string]any{}, "queries": map[string]any{}, "operations": operations})
}

// fieldTypes are what metadata calls the kinds of values.
var fieldTypes = map[kind]string{textField: "string", idField: "string", booleanField: "boolean", numberField: "double", dateField: "dateTime"}

// describe is what metadata says of one field.
func (s *Server) describe(q *request, name string, f field) any {
	about := map[string]any{"label": name, "typeObjCode": nil, "targetTypeObjCode": nil, "enumTargetObjCode": nil, "enumType": nil, "url": nil, "fieldType": fieldTypes[f.kind]}
	if f.kind == referenceField || f.kind == collectionField {
		about["typeObjCode"], about["fieldType"] = f.target, s.types[f.target].name
		about["url"] = fmt.Sprintf("http://%s/attask/api/v%d.0/%s/metadata", q.http.Host, q.version, strings.ToLower(f.target))
	}
	return about
}
