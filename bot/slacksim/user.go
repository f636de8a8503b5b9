package slacksim

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// Kind is what somebody is to the workspace.
type Kind int

// The kinds of people and other users.
const (
	Member             Kind = iota // full member of the workspace
	MultiChannelGuest              // is_restricted
	SingleChannelGuest             // is_restricted and is_ultra_restricted
	Bot                            // a bot user, such as the app's own
	Deactivated                    // a former member
	External                       // of another organisation, here through Slack Connect
	OtherWorkspace                 // of another workspace of the same organisation
)

// String returns the kind as a person would say it.
func (k Kind) String() string {
	names := []string{"member", "multi-channel guest", "single-channel guest", "bot", "deactivated", "external", "other workspace"}
	if k < 0 || int(k) >= len(names) {
		return "unknown"
	}
	return names[k]
}

// User is somebody who appears in the workspace.
type User struct {
	ID       string // U…; default random
	Name     string // the handle others mention: @jane
	RealName string // default Name
	Email    string // of the profile; may be empty
	TZ       string // IANA name; default Europe/London
	Title    string
	Kind     Kind
	Admin    bool // workspace administrator
	// TeamID is the person's own workspace; default the simulated one, or T0OTHER
	// for External and T0SISTER for OtherWorkspace.
	TeamID string
	// EnterpriseID is the person's own organisation; default the simulated one,
	// or none for External.
	EnterpriseID string
	// OrgID is the person's id in their organisation (W… or U…), where they have
	// one; default ID. Slack knows them by either.
	OrgID string
	// Teams are the workspaces of the organisation that the person is a member of;
	// nil: TeamID alone.
	Teams     []string
	AppUser   bool // is_app_user: has authorised the calling app, which bots never need
	UpdatedAt time.Time
}

// AddUser adds somebody and returns them with their id. Adding an id twice
// replaces the first.
func (s *Server) AddUser(u User) User {
	s.mu.Lock()
	defer s.mu.Unlock()
	defer s.touch()
	u.ID = cmp.Or(u.ID, s.id("U"))
	u.RealName = cmp.Or(u.RealName, u.Name)
	u.TZ = cmp.Or(u.TZ, "Europe/London")
	switch u.Kind {
	case External:
		u.TeamID = cmp.Or(u.TeamID, "T0OTHER")
	case OtherWorkspace:
		u.TeamID = cmp.Or(u.TeamID, "T0SISTER")
		u.EnterpriseID = cmp.Or(u.EnterpriseID, s.cfg.EnterpriseID, "E0ACME")
	default:
		u.TeamID = cmp.Or(u.TeamID, s.cfg.TeamID)
		u.EnterpriseID = cmp.Or(u.EnterpriseID, s.cfg.EnterpriseID)
	}
	u.OrgID = cmp.Or(u.OrgID, u.ID)
	if u.Teams == nil {
		u.Teams = []string{u.TeamID}
	}
	u.UpdatedAt = s.cfg.Now()
	if old := s.user(u.ID); old != nil {
		*old = u
		return u
	}
	s.users = append(s.users, &u)
	return u
}

// UpdateUser changes somebody, as an administrator or they themselves would. It
// reports whether the user exists.
func (s *Server) UpdateUser(id string, change func(*User)) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	u := s.user(id)
	if u == nil {
		return false
	}
	own := u.ID
	change(u)
	u.ID = own
	u.UpdatedAt = s.cfg.Now()
	s.touch()
	return true
}

// User returns the user of that id.
func (s *Server) User(id string) (User, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if u := s.user(id); u != nil {
		return *u, true
	}
	return User{}, false
}

// Users returns everybody, in the order they were added.
func (s *Server) Users() []User {
	s.mu.Lock()
	defer s.mu.Unlock()
	users := make([]User, len(s.users))
	for i, u := range s.users {
		users[i] = *u
	}
	return users
}

// user returns the user of that id, in the workspace or in the organisation, or
// nil. The caller holds s.mu.
func (s *Server) user(id string) *User {
	i := slices.IndexFunc(s.users, func(u *User) bool { return u.ID == id || u.OrgID == id })
	if i < 0 {
		return nil
	}
	return s.users[i]
}

// wireUser returns the user as users.info shows it to the app. The caller holds
// s.mu.
func (s *Server) wireUser(u *User, withEmail bool) object {
	first, last, _ := strings.Cut(u.RealName, " ")
	profile := object{
		"title": u.Title, "real_name": u.RealName, "real_name_normalized": u.RealName,
		"display_name": u.Name, "display_name_normalized": u.Name,
		"first_name": first, "last_name": last, "team": u.TeamID,
		"status_text": "", "status_emoji": "", "avatar_hash": "",
	}
	if withEmail && u.Email != "" {
		profile["email"] = u.Email
	}
	wire := object{
		"id": u.ID, "team_id": u.TeamID, "name": u.Name, "deleted": u.Kind == Deactivated,
		"profile": profile, "is_bot": u.Kind == Bot, "is_app_user": u.AppUser,
		"updated": u.UpdatedAt.Unix(),
	}
	if u.Kind == Bot && u.ID == s.bot {
		profile["bot_id"], profile["api_app_id"] = s.botID, s.cfg.AppID
	}
	if u.Kind == External {
		wire["is_stranger"] = !s.sharesChannelWithBot(u.ID)
	}
	if u.Kind != Deactivated { // Slack leaves these out for former members
		zone, offset := s.zone(u.TZ)
		for key, value := range (object{
			"real_name": u.RealName, "color": "4bbe2e",
			"tz": u.TZ, "tz_label": zone, "tz_offset": offset,
			"is_admin": u.Admin, "is_owner": false, "is_primary_owner": false,
			"is_restricted":       u.Kind == MultiChannelGuest || u.Kind == SingleChannelGuest,
			"is_ultra_restricted": u.Kind == SingleChannelGuest,
			"is_email_confirmed":  u.Email != "", "who_can_share_contact_card": "EVERYONE",
		}) {
			wire[key] = value
		}
	}
	if u.EnterpriseID != "" {
		wire["enterprise_user"] = object{
			"id": u.OrgID, "enterprise_id": u.EnterpriseID, "enterprise_name": s.cfg.EnterpriseName,
			"is_admin": false, "is_owner": false, "teams": strings2any(u.Teams),
		}
	}
	return wire
}

// zone returns the abbreviation and the offset in seconds that hold now in the
// named time zone; UTC if there is none of that name.
func (s *Server) zone(name string) (string, int) {
	location, err := time.LoadLocation(name)
	if err != nil {
		location = time.UTC
	}
	return s.cfg.Now().In(location).Zone()
}

// Group is a user group, such as @it-managers.
type Group struct {
	ID      string // S…; default random
	Handle  string // without @
	Name    string // default Handle
	Members []string
	// Disabled groups have no members for usergroups.users.list unless
	// include_disabled is set.
	Disabled bool
}

// AddGroup adds a user group and returns it with its id.
func (s *Server) AddGroup(g Group) Group {
	s.mu.Lock()
	defer s.mu.Unlock()
	defer s.touch()
	g.ID = cmp.Or(g.ID, s.id("S"))
	g.Name = cmp.Or(g.Name, g.Handle)
	g.Members = slices.Clone(g.Members)
	s.groups = append(s.groups, &g)
	return g
}

// SetGroupMembers replaces the members of a group and reports whether it exists.
func (s *Server) SetGroupMembers(id string, users ...string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	g := s.group(id)
	if g == nil {
		return false
	}
	g.Members = slices.Clone(users)
	s.touch()
	return true
}

// Groups returns all user groups, in the order they were added.
func (s *Server) Groups() []Group {
	s.mu.Lock()
	defer s.mu.Unlock()
	groups := make([]Group, len(s.groups))
	for i, g := range s.groups {
		groups[i] = *g
		groups[i].Members = slices.Clone(g.Members)
	}
	return groups
}

// group returns the user group of that id, or nil. The caller holds s.mu.
func (s *Server) group(id string) *Group {
	i := slices.IndexFunc(s.groups, func(g *Group) bool { return g.ID == id })
	if i < 0 {
		return nil
	}
	return s.groups[i]
}
