package workfrontsim

import (
	"fmt"
	"slices"
	"strings"
)

// kind is how a field's values are stored, compared and written.
type kind int

const (
	textField       kind = iota // string
	idField                     // string, the ID of a record of field.target if that is set
	booleanField                // bool
	numberField                 // float64
	dateField                   // time.Time
	referenceField              // the record whose ID stands in field.via
	collectionField             // records of field.target: those whose field.via is this ID; without via, IDs held in the record
)

// field describes one field of an object type. Absent values are null.
type field struct {
	kind     kind
	target   string // objCode that a reference, collection or ID points to
	via      string // see referenceField and collectionField
	from     string // not stored but read through this path, such as accessLevel:isAdmin; through a collection, all that it gives
	editable bool   // by PUT
	search   bool   // a filter only, not to be asked for
	since    int    // first API version that has it; 0: all
	until    int    // first API version that has it no more; 0: none
}

func (f field) in(version int) bool {
	return version >= f.since && (f.until == 0 || version < f.until)
}

// objectType is an object of the API: everything the query, field and update
// code knows of it.
type objectType struct {
	code    string   // USER
	name    string   // as in error texts: User
	aliases []string // long names of the URL, lower case; the code in any case works too
	fields  map[string]field
	writes  bool // PUT and DELETE are served
	part    bool // a secondary object: reached through others, refused when asked for itself
	absent  bool // withheld from this tenant's URLs
}

// modelError is the answer to an action or named query that the version does not
// have.
func modelError(status, version int, what, name, object string) error {
	return &apiError{status: status, class: classModel,
		message: fmt.Sprintf("APIModel V%d_0 does not support %s %s (%s)", version, what, name, object)}
}

// fieldError is the answer to a field that the version does not have, in the words
// of this tenant.
func (s *Server) fieldError(version int, name, object string) error {
	words := strings.NewReplacer("{version}", fmt.Sprintf("V%d_0", version), "{field}", name, "{object}", object)
	return &apiError{status: s.cfg.UnknownFieldStatus, class: classModel, message: words.Replace(s.cfg.UnknownFieldWords)}
}

// field looks up a field by its case-sensitive name.
func (s *Server) field(t *objectType, version int, name string) (field, error) {
	f, ok := t.fields[name]
	if !ok || !f.in(version) {
		return field{}, s.fieldError(version, name, t.name)
	}
	return f, nil
}

// customPrefix begins the name of a custom field, which may hold anything else,
// also colons.
const customPrefix = "DE:"

// segments splits a path of field names.
func segments(path string) []string {
	if strings.HasPrefix(path, customPrefix) {
		return []string{path}
	}
	return strings.Split(path, ":")
}

// objectType finds a type by the name in a URL: objCode or long name, any case.
func (s *Server) objectType(name string) (*objectType, bool) {
	if t, ok := s.types[strings.ToUpper(name)]; ok {
		return t, !t.absent
	}
	for _, t := range s.types {
		if slices.Contains(t.aliases, strings.ToLower(name)) {
			return t, !t.absent
		}
	}
	return nil, false
}

// withhold makes an object (USER) or field (USER.title) unknown to callers. It
// panics if there is none, since that is a mistake in a test.
func (s *Server) withhold(name string) {
	code, fieldName, hasField := strings.Cut(name, ".")
	t, ok := s.types[code]
	if ok && hasField {
		var f field
		f, ok = t.fields[fieldName]
		f.until = 1
		t.fields[fieldName] = f
	} else if ok {
		t.absent = true
	}
	if !ok {
		panic(fmt.Sprintf("workfrontsim: nothing called %q to withhold", name))
	}
}

// schema returns the object types by objCode. A further object is one more
// entry here. custom are the names of the custom fields of users.
func schema(custom []string) map[string]*objectType {
	types := []*objectType{
		userType(custom),
		{code: "ACSLVL", name: "AccessLevel", aliases: []string{"accesslevel"}, fields: fields(
			texts("name", "licenseType"), booleans("isAdmin"), numbers("rank"),
			map[string]field{"accessLevelPermissions": {kind: collectionField, target: "ALVPER", via: "accessLevelID"}})},
		// What a level allows with each kind of object. Names: Adobe's notes on API versions
		// 11 and 18, and a client made of the API's metadata.
		{code: "ALVPER", part: true, name: "AccessLevelPermissions", fields: fields(
			texts("coreAction", "objObjCode"), booleans("isAdmin"), references("accessLevel", "ACSLVL"))},
		{code: "GROUP", name: "Group", fields: fields(texts("name"))},
		{code: "TEAMOB", name: "Team", aliases: []string{"team"}, fields: fields(texts("name"))},
		{code: "ROLE", name: "Role", fields: fields(texts("name"))},
		{code: "RSPL", name: "ResourcePool", aliases: []string{"resourcepool"}, fields: fields(texts("name"))},
		{code: "USRDEL", name: "UserDelegation", aliases: []string{"userdelegation"}, fields: fields(
			references("fromUser", "USER", "toUser", "USER"), dates("startDate", "endDate"))},
		{code: "CMPY", name: "Company", aliases: []string{"company"}, fields: fields(texts("name"))},
		{code: "CUST", name: "Customer", aliases: []string{"customer"}, fields: fields(texts("name"))},
	}
	types = append(types, workTypes()...)
	types = append(types, statusType())
	byCode := make(map[string]*objectType, len(types))
	for _, t := range types {
		t.fields["ID"] = field{kind: idField}
		t.fields["objCode"] = field{kind: textField}
		byCode[t.code] = t
	}
	return byCode
}

func userType(custom []string) *objectType {
	f := fields(
		texts("name", "firstName", "lastName", "emailAddr", "username", "ssoUsername", "extRefID", "locale", "timeZone", "persona"),
		booleans("ssoAccessOnly", "hasAPIAccess", "hasProofLicense"),
		dates("lastLoginDate", "lastUpdateDate", "entryDate", "scheduledDeactivationDate"),
		since(12, dates("actualDeactivationDate")),
		numbers("loginCount", "workHoursPerDay"),
		ids("customerID", "enteredByID", "lastUpdatedByID", "categoryID", "uumUserID", "layoutTemplateID",
			"uiTemplateID", "scheduleID", "resourcePoolID", "timesheetProfileID"),
		editable(texts("title", "phoneNumber")),
		editable(booleans("isActive", "logTimeInDays")),
		editable(references("accessLevel", "ACSLVL", "manager", "USER", "homeGroup", "GROUP", "homeTeam", "TEAMOB",
			"role", "ROLE", "company", "CMPY")),
		references("lastUpdatedBy", "USER", "enteredBy", "USER", "customer", "CUST"),
		references("delegationTo", "USRDEL"),
		since(15, references("userApproval", "USRAPV")),
		map[string]field{
			"isAdmin":       {kind: booleanField, from: "accessLevel:isAdmin"},
			"licenseType":   {kind: textField, from: "accessLevel:licenseType"},
			"directReports": {kind: collectionField, target: "USER", via: "managerID"},
			"teams":         {kind: collectionField, target: "TEAMOB"},
			"roles":         {kind: collectionField, target: "ROLE", search: true},
			"userRoles":     {kind: collectionField, target: "ROLE"},
			"resourcePools": {kind: collectionField, target: "RSPL"},
			"userGroups":    {kind: collectionField, target: "GROUP", since: 8},
			"workTime":      {kind: textField, since: 17},
			"userLocations": {kind: textField, since: 17, until: 22},
			"eauthUserID":   {kind: idField, since: 22},
		},
	)
	for _, name := range custom {
		f[customPrefix+name] = field{kind: textField}
	}
	return &objectType{code: "USER", name: "User", fields: f, writes: true}
}

// The following build parts of a field table.

func fields(parts ...map[string]field) map[string]field {
	all := make(map[string]field)
	for _, part := range parts {
		for name, f := range part {
			all[name] = f
		}
	}
	return all
}

func each(k kind, names []string) map[string]field {
	m := make(map[string]field, len(names))
	for _, name := range names {
		m[name] = field{kind: k}
	}
	return m
}

func texts(names ...string) map[string]field    { return each(textField, names) }
func booleans(names ...string) map[string]field { return each(booleanField, names) }
func numbers(names ...string) map[string]field  { return each(numberField, names) }
func dates(names ...string) map[string]field    { return each(dateField, names) }
func ids(names ...string) map[string]field      { return each(idField, names) }

// references takes pairs of name and target and gives both the reference and
// its ID field: manager and managerID.
func references(pairs ...string) map[string]field {
	m := make(map[string]field, len(pairs))
	for pair := range slices.Chunk(pairs, 2) {
		name, target := pair[0], pair[1]
		m[name] = field{kind: referenceField, target: target, via: name + "ID"}
		m[name+"ID"] = field{kind: idField, target: target}
	}
	return m
}

// since gives fields to API versions from v on.
func since(v int, m map[string]field) map[string]field {
	for name, f := range m {
		f.since = v
		m[name] = f
	}
	return m
}

func editable(m map[string]field) map[string]field {
	for name, f := range m {
		f.editable = f.kind != referenceField
		m[name] = f
	}
	return m
}
