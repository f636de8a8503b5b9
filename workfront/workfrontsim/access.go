package workfrontsim

// Access is what a caller may do with one object.
type Access int

const (
	Editable Access = iota
	ReadOnly        // a write answers 403
	Hidden          // the object is absent: not in a search, 404 by ID
)

// Everyone stands for all callers in [Server.SetAccess].
const Everyone = ""

type accessKey struct{ caller, object string }

// SetAccess says what a caller (or [Everyone]) may do with the object of the given
// ID, over what the caller's access level says. An entry for the caller goes
// before one for everyone.
func (s *Server) SetAccess(callerID, objectID string, a Access) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.accessRules[accessKey{callerID, objectID}] = a
	s.changedLocked()
}

// access decides for the caller of q.
func (s *Server) access(q *request, t *objectType, r record) Access {
	id := r.text("ID")
	if a, ok := s.accessRules[accessKey{q.caller, id}]; ok {
		return a
	}
	if a, ok := s.accessRules[accessKey{Everyone, id}]; ok {
		return a
	}
	if t.code != "USER" || s.isAdmin(q.caller) {
		return Editable
	}
	switch s.rights[s.tables["USER"].rows[q.caller].text("accessLevelID")] {
	case EditUsers:
		return Editable
	case NoUsers:
		if id != q.caller {
			return Hidden
		}
	}
	return ReadOnly
}

func (s *Server) isAdmin(userID string) bool {
	level := s.tables["USER"].rows[userID].text("accessLevelID")
	admin, _ := s.tables["ACSLVL"].rows[level]["isAdmin"].(bool)
	return admin
}
