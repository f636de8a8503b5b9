package workfrontsim

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"reflect"
	"strconv"
	"strings"
	"unicode"
)

const maxBulk = 100 // objects in one bulk write

// put serves an edit in any of its three forms, of one object or of many.
func (s *Server) put(q *request) (any, error) {
	if q.action != "put" {
		return nil, modelError(http.StatusUnprocessableEntity, q.version, "action", q.action, q.object.code)
	}
	if !q.object.writes {
		return nil, notSimulated("writes of %s", q.object.code)
	}
	fields, err := s.parseFields(q)
	if err != nil {
		return nil, err
	}
	updates, bulk, err := q.updates()
	if err != nil {
		return nil, err
	}
	if bulk {
		return s.putMany(q, fields, updates)
	}
	id, err := q.singleTarget()
	if err != nil {
		return nil, err
	}
	e, err := s.prepare(q, id, updates[0])
	if err != nil {
		return nil, err
	}
	return data(s.project(q, fields, s.store(q, e))), nil
}

// putMany serves a bulk edit. With atomic=true either all are made or none, and
// the answer says only success. Otherwise the first refusal ends the call and
// what came before it stays: the shape of a partial failure is not known.
func (s *Server) putMany(q *request, fields *projection, updates []map[string]any) (any, error) {
	if len(updates) > maxBulk {
		return nil, invalid("Can not add more than %d objects at once.", maxBulk)
	}
	atomic := q.params.value("atomic") == "true"
	edits := make([]edit, len(updates))
	list := make([]any, len(updates))
	for i, update := range updates {
		id, ok := update["ID"].(string)
		if !ok {
			return nil, invalidParameter("ID", fmt.Sprint(update["ID"]))
		}
		var err error
		if edits[i], err = s.prepare(q, id, update); err != nil {
			return nil, err
		}
		if !atomic {
			list[i] = s.project(q, fields, s.store(q, edits[i]))
		}
	}
	if !atomic {
		return data(list), nil
	}
	for _, e := range edits {
		s.store(q, e)
	}
	return data(map[string]any{"success": true}), nil
}

// updates reads the three forms: plain parameters, updates=, a raw JSON body.
func (q *request) updates() (list []map[string]any, bulk bool, err error) {
	encoded, hasUpdates := q.params.get("updates")
	plain := make(map[string]any)
	for _, p := range q.params {
		if reserved[p.name] || p.name == "id" || p.name == "ID" {
			continue
		}
		if hasUpdates || q.body != nil {
			return nil, false, invalid("Cannot mix 'updates' JSON parameter with non-JSON update parameter '%s'", p.name)
		}
		plain[p.name] = p.value
	}
	switch {
	case hasUpdates && q.body != nil:
		return nil, false, invalid("Cannot mix 'updates' JSON parameter with a JSON body")
	case hasUpdates:
		return decodeUpdates([]byte(quoteKeys(encoded)))
	case q.body != nil:
		return decodeUpdates(q.body)
	case len(plain) == 0:
		return nil, false, invalid("no updates given")
	}
	return []map[string]any{plain}, false, nil
}

func decodeUpdates(encoded []byte) (list []map[string]any, bulk bool, err error) {
	if err := json.Unmarshal(encoded, &list); err == nil && list != nil {
		return list, true, nil
	}
	var one map[string]any
	if err := json.Unmarshal(encoded, &one); err != nil || one == nil {
		return nil, false, &apiError{status: http.StatusBadRequest, class: classArgument, message: "updates are no JSON object or array"}
	}
	return []map[string]any{one}, false, nil
}

// quoteKeys puts quotes around bare object keys, which Adobe's examples of
// updates= leave out: {isActive:false}.
func quoteKeys(encoded string) string {
	var b strings.Builder
	quoted, escaped, keyNext := false, false, false
	for i := 0; i < len(encoded); {
		c := encoded[i]
		if !quoted && keyNext && (unicode.IsLetter(rune(c)) || c == '_') {
			n := strings.IndexAny(encoded[i:]+":", ": \t")
			b.WriteString(strconv.Quote(encoded[i : i+n]))
			i += n
			keyNext = false
			continue
		}
		switch {
		case escaped:
			escaped = false
		case quoted && c == '\\':
			escaped = true
		case c == '"':
			quoted, keyNext = !quoted, false
		case !quoted && (c == '{' || c == ','):
			keyNext = true
		}
		b.WriteByte(c)
		i++
	}
	return b.String()
}

// bulkTargets names the objects of a bulk write for journal and faults.
func (q *request) bulkTargets() []string {
	list, _, err := q.updates()
	if err != nil {
		return nil
	}
	var ids []string
	for _, update := range list {
		if id, ok := update["ID"].(string); ok {
			ids = append(ids, id)
		}
	}
	return ids
}

// singleTarget finds the ID of an edit: in the path, in id=, or in the update.
func (q *request) singleTarget() (string, error) {
	if len(q.targets) == 0 {
		return "", badRequest("you must specify an ID")
	}
	for _, id := range q.targets {
		if id != q.targets[0] {
			return "", invalidParameter("ID", id)
		}
	}
	return q.targets[0], nil
}

// edit is a checked change of one record.
type edit struct {
	before, after record
	setsActive    bool
	changes       bool
}

// prepare checks an update and makes the record it leads to.
func (s *Server) prepare(q *request, id string, update map[string]any) (edit, error) {
	before, err := s.visible(q, id)
	if err != nil {
		return edit{}, err
	}
	if s.access(q, q.object, before) != Editable {
		return edit{}, noAccess("edit", q.object)
	}
	e := edit{before: before, after: maps.Clone(before)}
	for name, value := range update {
		if name == "ID" {
			continue
		}
		f, err := s.field(q.object, q.version, name)
		if err != nil {
			return edit{}, err
		}
		stored, ok := s.convert(q, f, value)
		if !ok || !f.editable {
			return edit{}, invalidParameter(name, fmt.Sprint(value))
		}
		if id, isText := stored.(string); isText && f.kind == idField && f.target != "" {
			if _, ok := s.tables[f.target].rows[id]; !ok {
				return edit{}, notFound(s.types[f.target], id)
			}
		}
		e.changes = e.changes || !reflect.DeepEqual(stored, e.before[name])
		e.after[name] = stored
	}
	_, e.setsActive = update["isActive"]
	if e.setsActive {
		if err := s.checkActive(q, e, update); err != nil {
			return edit{}, err
		}
	}
	if e.before["isActive"] == true && e.after["isActive"] == false {
		e.after["actualDeactivationDate"] = s.cfg.Now()
	}
	if e.changes {
		e.after["lastUpdateDate"], e.after["lastUpdatedByID"] = s.cfg.Now(), q.caller
	}
	return e, nil
}

// convert turns a value of an update into one of the field: strings do for
// booleans, numbers and dates, an empty string for null.
func (s *Server) convert(q *request, f field, value any) (any, bool) {
	text, isText := value.(string)
	switch {
	case value == nil || isText && text == "":
		return nil, f.kind != booleanField
	case isText:
		return s.parseValue(q, f, text)
	}
	return value, f.holds(value)
}

// checkActive applies what the configuration forbids for isActive.
func (s *Server) checkActive(q *request, e edit, update map[string]any) error {
	id, target := e.before.text("ID"), e.after["isActive"] == true
	switch {
	case e.before["isActive"] == e.after["isActive"]:
		if s.cfg.RepeatStatus != http.StatusOK {
			return &apiError{status: s.cfg.RepeatStatus, class: classInvalid,
				message: fmt.Sprintf("Invalid Parameter: isActive value \"%t\"", target)}
		}
	case !target && s.cfg.RefuseAdminTarget && s.isAdmin(id):
		return noAccess("edit", q.object)
	case !target && s.cfg.RefuseSelfTarget && id == q.caller:
		return invalid("You cannot deactivate yourself")
	case target && s.cfg.ActivateNeedsLevel && update["accessLevelID"] == nil:
		return invalid("accessLevelID cannot be null")
	case target && s.cfg.ActivateNeedsGroup && e.after.text("homeGroupID") == "":
		return invalid("homeGroupID cannot be null")
	case target && s.cfg.RefusePending && s.pending(id):
		return invalid("The user is pending approval")
	case target && s.cfg.FullLicenses > 0 && s.licensed(e.after) && s.licensesInUse(id) >= s.cfg.FullLicenses:
		return invalid("There are no more licenses available")
	case target && !s.cfg.DuplicateActiveEmail && s.emailInUse(e.before):
		return invalidParameter("emailAddr", e.before.text("emailAddr"))
	}
	return nil
}

// pending reports whether an approval of the user is on record.
func (s *Server) pending(userID string) bool {
	for _, r := range s.tables["USRAPV"].rows {
		if r.text("userID") == userID {
			return true
		}
	}
	return false
}

// licensed reports whether the user's access level is one with a full licence.
func (s *Server) licensed(user record) bool {
	return s.tables["ACSLVL"].rows[user.text("accessLevelID")].text("licenseType") == "F"
}

// licensesInUse counts the active users with a full licence, except for one.
func (s *Server) licensesInUse(except string) (n int) {
	for id, user := range s.tables["USER"].rows {
		if id != except && user["isActive"] == true && s.licensed(user) {
			n++
		}
	}
	return n
}

// emailInUse reports whether another active user has the e-mail address.
func (s *Server) emailInUse(r record) bool {
	for id, other := range s.tables["USER"].rows {
		if id != r.text("ID") && other["isActive"] == true && strings.EqualFold(other.text("emailAddr"), r.text("emailAddr")) {
			return true
		}
	}
	return false
}

// store makes an edit unless a fault forbids it, journals it, and returns the
// record to be shown in the answer.
func (s *Server) store(q *request, e edit) record {
	if q.unchanged {
		return e.before
	}
	if !q.commit {
		return e.after // claimed, not done
	}
	s.tables[q.object.code].put(e.after)
	if e.setsActive {
		from, _ := e.before["isActive"].(bool)
		to, _ := e.after["isActive"].(bool)
		s.recordWriteLocked(q.call.Seq, q.caller, e.before.text("ID"), from, to)
	}
	return e.after
}

// delete serves DELETE, which exists and loses what hangs on the user: wfbot must
// never send it, so it is logged as a warning and marked in the journal.
func (s *Server) delete(q *request) (any, error) {
	if !q.object.writes {
		return nil, notSimulated("writes of %s", q.object.code)
	}
	if q.action != "delete" || len(q.targets) != 1 {
		return nil, badRequest("you must specify an ID")
	}
	r, err := s.visible(q, q.targets[0])
	if err != nil {
		return nil, err
	}
	if !s.isAdmin(q.caller) || s.access(q, q.object, r) != Editable {
		return nil, noAccess("delete", q.object)
	}
	if q.commit {
		id := r.text("ID")
		s.tables[q.object.code].remove(id)
		q.call.Deleted = append(q.call.Deleted, id)
		s.cfg.Log.Warn("user deleted through the API", "seq", q.call.Seq, "user", id, "caller", q.caller)
	}
	return data(map[string]any{"success": true}), nil
}
