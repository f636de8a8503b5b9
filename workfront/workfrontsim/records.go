package workfrontsim

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A record is one object: values by field name, of the Go type its field's kind
// names, nil or absent for null; a collection without via holds a []string.
type record map[string]any

func (r record) text(name string) string {
	s, _ := r[name].(string)
	return s
}

// table holds the records of one object type in the order they were added.
type table struct {
	order []string
	rows  map[string]record
}

func (t *table) put(r record) {
	id := r.text("ID")
	if _, ok := t.rows[id]; !ok {
		t.order = append(t.order, id)
	}
	t.rows[id] = r
}

func (t *table) remove(id string) bool {
	_, ok := t.rows[id]
	delete(t.rows, id)
	t.order = slices.DeleteFunc(t.order, func(s string) bool { return s == id })
	return ok
}

func mustBeID(id string) {
	if !idPattern.MatchString(id) {
		panic(fmt.Sprintf("workfrontsim: ID %q is not 32 lower-case hex digits", id))
	}
}

// nextIDLocked makes up an ID of Workfront's form, the same ones in each server.
func (s *Server) nextIDLocked() string {
	s.lastID++
	sum := sha256.Sum256([]byte("workfrontsim " + strconv.Itoa(s.lastID)))
	return hex.EncodeToString(sum[:16])
}

// AddRecord stores an object of any type but USER by its Workfront field names and
// returns its ID, made up where values has none. Values are strings, booleans,
// numbers, time.Time, and []string for the IDs of a collection. A record of the
// same ID is replaced. An unknown objCode or field, or a value of the wrong type,
// is an error.
func (s *Server) AddRecord(objCode string, values map[string]any) (id string, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	t, ok := s.types[objCode]
	if !ok || objCode == "USER" {
		return "", fmt.Errorf("adding a record: no object type %q", objCode)
	}
	r := make(record, len(values)+1)
	maps.Copy(r, values)
	for name, value := range r {
		f, ok := t.fields[name]
		if !ok {
			return "", fmt.Errorf("adding a record: %s has no field %q", objCode, name)
		}
		if number, ok := value.(int); ok {
			value = float64(number)
			r[name] = value
		}
		if !f.holds(value) {
			return "", fmt.Errorf("adding a record: %s.%s cannot hold %T", objCode, name, value)
		}
	}
	if id, _ = r["ID"].(string); id == "" {
		id = s.nextIDLocked()
		r["ID"] = id
	}
	if !idPattern.MatchString(id) {
		return "", fmt.Errorf("adding a record: ID %q is not 32 lower-case hex digits", id)
	}
	s.tables[objCode].put(r)
	s.changedLocked()
	return id, nil
}

// holds reports whether a stored value of the field may have value's type.
func (f field) holds(value any) bool {
	ok := value == nil
	switch value.(type) {
	case string:
		ok = f.kind == textField || f.kind == idField
	case bool:
		ok = f.kind == booleanField
	case float64:
		ok = f.kind == numberField
	case time.Time:
		ok = f.kind == dateField
	case []string:
		ok = f.kind == collectionField && f.via == ""
	}
	return ok && f.from == ""
}

// value reads a field that is neither reference nor collection.
func (s *Server) value(q *request, t *objectType, r record, name string) any {
	if name == "objCode" {
		return t.code
	}
	if from := t.fields[name].from; from != "" {
		reference, far, _ := strings.Cut(from, ":")
		found := s.related(q, t, r, reference)
		if t.fields[reference].kind == collectionField {
			all := make([]any, len(found))
			for i, other := range found {
				all[i] = other[far]
			}
			return all
		}
		if len(found) > 0 {
			return found[0][far]
		}
		return nil
	}
	return r[name]
}

// related returns the records a reference (at most one) or collection leads to,
// without those the caller cannot see.
func (s *Server) related(q *request, t *objectType, r record, name string) []record {
	f := t.fields[name]
	target := s.tables[f.target]
	var ids []string
	switch {
	case f.kind == referenceField:
		ids = []string{r.text(f.via)}
	case f.via == "":
		ids, _ = r[name].([]string)
	default:
		for _, id := range target.order {
			if target.rows[id].text(f.via) == r.text("ID") {
				ids = append(ids, id)
			}
		}
	}
	var found []record
	for _, id := range ids {
		if other, ok := target.rows[id]; ok && s.access(q, s.types[f.target], other) != Hidden {
			found = append(found, other)
		}
	}
	return found
}
