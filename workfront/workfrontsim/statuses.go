package workfrontsim

import "fmt"

// The kinds of statuses that Workfront keeps as objects.
const (
	TaskStatus    = "STATUS_TASK"
	IssueStatus   = "STATUS_OPTASK"
	ProjectStatus = "STATUS_PROJ"
)

// baseStatuses are those that every tenant has; each equates with itself.
var baseStatuses = map[string][]string{
	TaskStatus:    {"NEW", "INP", "CPL"},
	IssueStatus:   {"NEW", "INP", "AWF", "ONH", "RUP", "CND", "RLV", "VCP", "WTR", "CLS"},
	ProjectStatus: {"CUR", "PLN", "APR", "REQ", "ONH", "IDA", "CPL", "DED", "REJ"},
}

// statusType is CSTEM, an object for each value of a list that a tenant can extend:
// value is the code that objects hold, equatesWith the base status that it stands
// for, groupID the group that alone has it, if one has.
func statusType() *objectType {
	return &objectType{code: "CSTEM", name: "CustomEnum", aliases: []string{"customenum"}, fields: fields(
		texts("value", "label", "equatesWith", "enumClass", "color", "description"), booleans("isPrimary"),
		references("group", "GROUP"))}
}

func (s *Server) addBaseStatusesLocked() {
	for _, class := range []string{TaskStatus, IssueStatus, ProjectStatus} {
		for _, value := range baseStatuses[class] {
			s.putNewLocked("CSTEM", record{"enumClass": class, "value": value, "label": value, "equatesWith": value, "isPrimary": true})
		}
	}
}

// AddStatus gives the tenant a status of its own that stands for a base status; class
// is [TaskStatus] or one of its siblings. It panics if there is no such class, a
// mistake in the caller.
func (s *Server) AddStatus(class, value, equatesWith string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if baseStatuses[class] == nil {
		panic(fmt.Sprintf("workfrontsim: no class of statuses %q", class))
	}
	s.putNewLocked("CSTEM", record{"enumClass": class, "value": value, "label": "Own " + value, "equatesWith": equatesWith})
	s.changedLocked()
}
