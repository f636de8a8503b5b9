package workfrontsim

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Access levels that every tenant has. AccessStandard is what [Server.AddUser]
// gives to a user without one.
const (
	AccessAdministrator = "ac500000000000000000000000000001"
	AccessStandard      = "ac500000000000000000000000000002"
	AccessLight         = "ac500000000000000000000000000003"
	AccessContributor   = "ac500000000000000000000000000004"
)

// A User is a Workfront account as a test or the sandbox page sees it.
type User struct {
	ID            string // 32 lower-case hex digits; empty makes one up
	Name          string // empty: first and last name, or what stands before the @ of the e-mail
	FirstName     string
	LastName      string
	Email         string // emailAddr
	Username      string // empty: the e-mail
	Active        bool
	Title         string
	Phone         string
	AccessLevelID string // empty: AccessStandard
	ManagerID     string
	HomeGroupID   string
	HomeTeamID    string
	RoleID        string
	CompanyID     string
	TeamIDs       []string
	Custom        map[string]string // values of [Config.CustomFields] by name
	LastLogin     time.Time         // zero: never
	Deactivation  time.Time         // scheduledDeactivationDate, when Workfront is to deactivate the user; zero: none. The simulator only shows it
	Deactivated   time.Time         // actualDeactivationDate, kept by the simulator; a reactivation leaves it
	Entered       time.Time         // zero: when the user was added
	LastUpdated   time.Time         // kept by the simulator
	UpdatedByID   string            // kept by the simulator; empty after a change that no API call made
}

// An AccessLevel decides what its users may do through the API.
type AccessLevel struct {
	ID          string // empty makes one up
	Name        string
	Admin       bool       // system administrator: sees and edits everybody
	LicenseType string     // one letter: F Standard, C Light, R Contributor, X External; older plans may have others
	Users       UserRights // what a caller who is no administrator may do with users
}

// UserRights is what an access level allows on USER objects.
type UserRights int

const (
	ViewUsers UserRights = iota
	EditUsers
	NoUsers // every user but the caller is absent
)

// AddUser stores u, replacing a user of the same ID, and returns it with its
// empty fields filled in. It is no API call: the journal does not show it. It
// panics if u.ID is not of Workfront's form, which no call could address, or if
// u has a custom field that the tenant has not.
func (s *Server) AddUser(u User) User {
	s.mu.Lock()
	defer s.mu.Unlock()
	u = s.addUserLocked(u)
	s.changedLocked()
	return u
}

func (s *Server) addUserLocked(u User) User {
	now := s.cfg.Now()
	u.ID = cmp.Or(u.ID, s.nextIDLocked())
	mustBeID(u.ID)
	local, _, _ := strings.Cut(u.Email, "@")
	u.Name = cmp.Or(u.Name, strings.TrimSpace(u.FirstName+" "+u.LastName), local)
	u.Username = cmp.Or(u.Username, u.Email)
	u.AccessLevelID = cmp.Or(u.AccessLevelID, AccessStandard)
	if u.Entered.IsZero() {
		u.Entered = now
	}
	u.LastUpdated, u.UpdatedByID = now, ""
	s.tables["USER"].put(s.recordOfUser(u))
	return u
}

// User returns the user with the given ID.
func (s *Server) User(id string) (User, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, ok := s.tables["USER"].rows[id]
	if !ok {
		return User{}, false
	}
	return userOfRecord(r), true
}

// UserByEmail returns the first user, in the order of [Server.Users], whose
// e-mail address is email in any case.
func (s *Server) UserByEmail(email string) (User, bool) {
	users := s.Users()
	i := slices.IndexFunc(users, func(u User) bool { return strings.EqualFold(u.Email, email) })
	if i < 0 {
		return User{}, false
	}
	return users[i], true
}

// Users returns all users, the caller included, sorted by name, then ID.
func (s *Server) Users() []User {
	s.mu.Lock()
	defer s.mu.Unlock()
	var users []User
	for _, r := range s.tables["USER"].rows {
		users = append(users, userOfRecord(r))
	}
	slices.SortFunc(users, func(a, b User) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.ID, b.ID))
	})
	return users
}

// UpdateUser changes a user without an API call, as an administrator, an
// identity synchronisation or another integration does. A change of Active
// appears in [Server.Writes] without caller and call. It reports whether the
// user exists. ID, LastUpdated and UpdatedByID are not the function's to set;
// the function must not call the server.
func (s *Server) UpdateUser(id string, change func(*User)) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, ok := s.tables["USER"].rows[id]
	if !ok {
		return false
	}
	before := userOfRecord(r)
	after := before
	change(&after)
	after.ID, after.LastUpdated, after.UpdatedByID = id, s.cfg.Now(), ""
	if before.Active && !after.Active {
		after.Deactivated = s.cfg.Now()
	}
	next := s.recordOfUser(after)
	for name, value := range r { // keep what User has no field for
		if _, ok := next[name]; !ok {
			next[name] = value
		}
	}
	s.tables["USER"].put(next)
	if before.Active != after.Active {
		s.recordWriteLocked(0, "", id, before.Active, after.Active)
	}
	s.changedLocked()
	return true
}

// RemoveUser deletes a user without an API call and reports whether the user
// existed. References to the user stay and read as null.
func (s *Server) RemoveUser(id string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	defer s.changedLocked()
	return s.tables["USER"].remove(id)
}

// Caller returns the integration user that owns [Server.APIKey].
func (s *Server) Caller() User {
	u, _ := s.User(s.callerID)
	return u
}

// AddAccessLevel stores l, replacing a level of the same ID, and returns it with
// its ID filled in.
func (s *Server) AddAccessLevel(l AccessLevel) AccessLevel {
	s.mu.Lock()
	defer s.mu.Unlock()
	defer s.changedLocked()
	return s.addAccessLevelLocked(l)
}

func (s *Server) addAccessLevelLocked(l AccessLevel) AccessLevel {
	l.ID = cmp.Or(l.ID, s.nextIDLocked())
	s.tables["ACSLVL"].put(record{
		"ID": l.ID, "name": l.Name, "isAdmin": l.Admin, "licenseType": l.LicenseType,
	})
	s.rights[l.ID] = l.Users
	for _, id := range slices.Clone(s.tables["ALVPER"].order) { // of a level that is replaced
		if s.tables["ALVPER"].rows[id].text("accessLevelID") == l.ID {
			s.tables["ALVPER"].remove(id)
		}
	}
	if action, ok := coreActions[l.Users]; ok && !l.Admin { // an administrator needs no permissions
		s.putNewLocked("ALVPER", record{"accessLevelID": l.ID, "objObjCode": "USER", "coreAction": action})
	}
	return l
}

// coreActions are what the permissions of a level say of users.
var coreActions = map[UserRights]string{ViewUsers: "VIEW", EditUsers: "EDIT"}

// AddGroup stores a group and returns its ID.
func (s *Server) AddGroup(name string) string { return s.addNamed("GROUP", name) }

// AddTeam stores a team and returns its ID.
func (s *Server) AddTeam(name string) string { return s.addNamed("TEAMOB", name) }

func (s *Server) addNamed(objCode, name string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	defer s.changedLocked()
	id := s.nextIDLocked()
	s.tables[objCode].put(record{"ID": id, "name": name})
	return id
}

// recordOfUser writes u in Workfront's field names. Empty text is null there.
func (s *Server) recordOfUser(u User) record {
	r := record{
		"ID": u.ID, "name": u.Name, "firstName": text(u.FirstName), "lastName": text(u.LastName),
		"emailAddr": text(u.Email), "username": text(u.Username), "isActive": u.Active,
		"title": text(u.Title), "phoneNumber": text(u.Phone), "accessLevelID": text(u.AccessLevelID),
		"managerID": text(u.ManagerID), "homeGroupID": text(u.HomeGroupID), "homeTeamID": text(u.HomeTeamID),
		"roleID": text(u.RoleID), "companyID": text(u.CompanyID), "teams": slices.Clone(u.TeamIDs),
		"lastLoginDate": date(u.LastLogin), "entryDate": date(u.Entered),
		"scheduledDeactivationDate": date(u.Deactivation), "actualDeactivationDate": date(u.Deactivated),
		"lastUpdateDate": date(u.LastUpdated), "lastUpdatedByID": text(u.UpdatedByID),
		"customerID": s.customerID,
	}
	for name, value := range u.Custom {
		if _, ok := s.types["USER"].fields[customPrefix+name]; !ok {
			panic(fmt.Sprintf("workfrontsim: no custom field %q in Config.CustomFields", name))
		}
		r[customPrefix+name] = text(value)
	}
	return r
}

func userOfRecord(r record) User {
	u := User{
		ID: r.text("ID"), Name: r.text("name"), FirstName: r.text("firstName"), LastName: r.text("lastName"),
		Email: r.text("emailAddr"), Username: r.text("username"),
		Title: r.text("title"), Phone: r.text("phoneNumber"), AccessLevelID: r.text("accessLevelID"),
		ManagerID: r.text("managerID"), HomeGroupID: r.text("homeGroupID"), HomeTeamID: r.text("homeTeamID"),
		RoleID: r.text("roleID"), CompanyID: r.text("companyID"), UpdatedByID: r.text("lastUpdatedByID"),
	}
	u.Active, _ = r["isActive"].(bool)
	teams, _ := r["teams"].([]string)
	u.TeamIDs = slices.Clone(teams)
	for name := range r {
		if custom, ok := strings.CutPrefix(name, customPrefix); ok {
			if u.Custom == nil {
				u.Custom = make(map[string]string)
			}
			u.Custom[custom] = r.text(name)
		}
	}
	u.LastLogin, _ = r["lastLoginDate"].(time.Time)
	u.Entered, _ = r["entryDate"].(time.Time)
	u.Deactivation, _ = r["scheduledDeactivationDate"].(time.Time)
	u.Deactivated, _ = r["actualDeactivationDate"].(time.Time)
	u.LastUpdated, _ = r["lastUpdateDate"].(time.Time)
	return u
}

func text(s string) any {
	if s == "" {
		return nil
	}
	return s
}

func date(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t
}
