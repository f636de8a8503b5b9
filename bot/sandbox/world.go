package sandbox

import (
	"log/slog"
	"time"

	"wfbot/bot/card"
	"wfbot/bot/request"
	"wfbot/bot/slacksim"
	"wfbot/workfront/workfrontsim"
)

// The slash commands that the simulated workspace has.
const (
	deactivate = "/wf-deactivate"
	reactivate = "/wf-reactivate"
)

// world is the small company where the sandbox plays.
type world struct {
	people []person
	home   string // channel that is shown first
	policy request.Policy
	levels map[string]string // names of Workfront's access levels by ID
	// suggestions are commands worth trying, the first for a newcomer.
	suggestions []suggestion
	shortcuts   []shortcut
	work        map[string]workfrontsim.Work // what users of Workfront hold, by their ID
}

// person is somebody that the visitor can play.
type person struct {
	ID   string // Slack user id
	Name string
	Role string // in a few words
}

type suggestion struct {
	Label, Command string
	Next           bool // it is offered when the steps are done
}

// shortcut is one of the app's global shortcuts.
type shortcut struct{ CallbackID, Label string }

// The people that the hints name.
const (
	requester = "U0RITA"
	approver  = "U0ADA"
)

// The channels.
const (
	offboarding = "C0OFFBOARDING"
	general     = "C0GENERAL"
	partners    = "C0PARTNERS"
)

func (w world) person(id string) (person, bool) {
	for _, p := range w.people {
		if p.ID == id {
			return p, true
		}
	}
	return person{}, false
}

// seed fills both simulators. now is when the story begins.
func seed(slack *slacksim.Server, tenant *workfrontsim.Server, now time.Time) world {
	w := world{
		home: offboarding,
		suggestions: []suggestion{
			{Label: "Jane leaves", Command: deactivate + " jane@acme.com left the company"},
			{Label: "By mention, at a time", Command: deactivate + " @jane on " + now.AddDate(0, 0, 14).Format(time.DateOnly) + " 17:00 contract ends"},
			{Label: "Several people", Command: deactivate + " noor@acme.com sam@acme.com paul@acme.com the studio closes", Next: true},
			{Label: "With a form", Command: deactivate},
			{Label: "Somebody unknown", Command: deactivate + " nobody@acme.com left the company"},
			{Label: "An administrator", Command: deactivate + " alex@acme.com moves to another team"},
			{Label: "A protected person", Command: deactivate + " dana@acme.com"},
			{Label: "One e-mail, two accounts", Command: deactivate + " kim@acme.com"},
			{Label: "Already inactive", Command: deactivate + " paul@acme.com"},
			{Label: "A typing mistake", Command: deactivate + " jane.acme.com left"},
			{Label: "Bring Jane back", Command: reactivate + " jane@acme.com came back", Next: true},
			{Label: "What is open", Command: deactivate + " list"},
			{Label: "How it stands with Jane", Command: deactivate + " status jane@acme.com"},
			{Label: "Help", Command: deactivate + " help"},
		},
		shortcuts: []shortcut{{card.CallbackRequest, "Deactivate in Workfront"}},
	}
	seedTenant(tenant, now, &w)
	seedPeople(slack, &w)
	seedChannels(slack, w)
	const itSupport, itManagers = "S0ITSUPPORT", "S0ITMANAGERS"
	slack.AddGroup(slacksim.Group{ID: itSupport, Handle: "it-support", Members: []string{requester, approver}})
	slack.AddGroup(slacksim.Group{ID: itManagers, Handle: "it-managers", Members: []string{approver, "U0BEN"}})
	w.policy = request.Policy{
		Requesters: request.Members{Groups: []string{itSupport}},
		Approvers:  request.Members{Groups: []string{itManagers}, Manager: true},
		Approvals:  1, AdminApprovals: 2,
		Protected: []string{"dana@acme.com"},
	}
	return w
}

func seedPeople(slack *slacksim.Server, w *world) {
	for _, p := range []struct {
		user slacksim.User
		role string
	}{
		{slacksim.User{ID: requester, Name: "rita", RealName: "Rita Young", Email: "rita@acme.com", Title: "IT support"}, "IT, may ask"},
		{slacksim.User{ID: approver, Name: "ada", RealName: "Ada Okafor", Email: "ada@acme.com", Title: "IT manager"}, "IT, may approve"},
		{slacksim.User{ID: "U0BEN", Name: "ben", RealName: "Ben Larsen", Email: "ben@acme.com", Title: "IT manager", TZ: "America/New_York"}, "IT, in New York"},
		{slacksim.User{ID: "U0MIA", Name: "mia", RealName: "Mia Chen", Email: "mia@acme.com", Title: "Head of Marketing"}, "Jane’s manager"},
		{slacksim.User{ID: "U0JANE", Name: "jane", RealName: "Jane Doe", Email: "jane@acme.com", Title: "Campaign manager"}, "leaves the company"},
		{slacksim.User{ID: "U0OTTO", Name: "otto", RealName: "Otto Brandt", Email: "otto@acme.com", Title: "Sales"}, "Sales, an outsider"},
		{slacksim.User{ID: "U0GUS", Name: "gus", RealName: "Gus Varga", Email: "gus@example.com", Kind: slacksim.MultiChannelGuest}, "guest"},
		{slacksim.User{ID: "U0PIA", Name: "pia", RealName: "Pia Novak", Email: "pia@example.com", Kind: slacksim.External}, "partner company"},
	} {
		added := slack.AddUser(p.user)
		w.people = append(w.people, person{ID: added.ID, Name: added.RealName, Role: p.role})
	}
}

// seedChannels makes the conversations. Everybody of the company is in the
// channel for the cards, so that one can see each of them being refused.
func seedChannels(slack *slacksim.Server, w world) {
	all := []string{slack.BotUserID()}
	var inside []string
	for _, p := range w.people {
		all = append(all, p.ID)
		if p.ID != "U0PIA" {
			inside = append(inside, p.ID)
		}
	}
	slack.AddChannel(slacksim.Channel{ID: offboarding, Name: "it-offboarding", Private: true, Members: append([]string{slack.BotUserID()}, inside...)})
	slack.AddChannel(slacksim.Channel{ID: general, Name: "general", Members: inside})
	slack.AddChannel(slacksim.Channel{ID: partners, Name: "with-partners", Members: all, ExternallyShared: true})
	for _, id := range inside {
		slack.AddChannel(slacksim.Channel{IM: true, Private: true, Members: []string{slack.BotUserID(), id}})
	}
}

func tenantConfig(log *slog.Logger) workfrontsim.Config {
	return workfrontsim.Config{
		Log:    log,
		Caller: workfrontsim.User{Name: "wfbot", Email: "wfbot@acme.com", Active: true, Title: "Integration", AccessLevelID: workfrontsim.AccessAdministrator},
	}
}

// seedTenant fills Workfront.
func seedTenant(tenant *workfrontsim.Server, now time.Time, w *world) {
	marketing, it := tenant.AddGroup("Marketing"), tenant.AddGroup("IT")
	campaigns, brand, support := tenant.AddTeam("Campaigns"), tenant.AddTeam("Brand"), tenant.AddTeam("Support")
	ago := func(days int) time.Time { return now.AddDate(0, 0, -days).Truncate(time.Minute) }

	mia := tenant.AddUser(workfrontsim.User{Name: "Mia Chen", Email: "mia@acme.com", Active: true, Title: "Head of Marketing", HomeGroupID: marketing, HomeTeamID: brand, LastLogin: ago(1)})
	dana := tenant.AddUser(workfrontsim.User{Name: "Dana Reyes", Email: "dana@acme.com", Active: true, Title: "Managing director", AccessLevelID: workfrontsim.AccessLight, LastLogin: ago(9)})
	for _, u := range []workfrontsim.User{
		{Name: "Jane Doe", Email: "jane@acme.com", Active: true, Title: "Campaign manager", ManagerID: mia.ID, HomeGroupID: marketing, HomeTeamID: campaigns, LastLogin: ago(3)},
		{Name: "Alex Moreau", Email: "alex@acme.com", Active: true, Title: "Workfront administrator", AccessLevelID: workfrontsim.AccessAdministrator, ManagerID: dana.ID, HomeGroupID: it, LastLogin: ago(0)},
		{Name: "Ben Larsen", Email: "ben@acme.com", Active: true, Title: "IT manager", AccessLevelID: workfrontsim.AccessLight, ManagerID: dana.ID, HomeGroupID: it, HomeTeamID: support, LastLogin: ago(12)},
		{Name: "Kim Park", Email: "kim@acme.com", Active: true, Title: "Designer", ManagerID: mia.ID, HomeGroupID: marketing, HomeTeamID: brand, LastLogin: ago(2)},
		{Name: "Kim Park (until 2024)", Email: "kim@acme.com", Title: "Intern", HomeGroupID: marketing, LastLogin: ago(700)},
		{Name: "Noor Haddad", Email: "noor@acme.com", Active: true, Title: "Copywriter", AccessLevelID: workfrontsim.AccessContributor, ManagerID: mia.ID, HomeGroupID: marketing, HomeTeamID: campaigns, LastLogin: ago(30)},
		{Name: "Otto Brandt", Email: "otto@acme.com", Active: true, Title: "Sales", AccessLevelID: workfrontsim.AccessContributor, ManagerID: dana.ID, LastLogin: ago(5)},
		{Name: "Paul Weber", Email: "paul@acme.com", Title: "Designer", ManagerID: mia.ID, HomeGroupID: marketing, HomeTeamID: brand, LastLogin: ago(64)},
		{Name: "Sam Rivera", Email: "sam@acme.com", Active: true, Title: "Trainee", AccessLevelID: workfrontsim.AccessContributor, HomeGroupID: marketing},
	} {
		tenant.AddUser(u)
	}
	w.levels = map[string]string{
		workfrontsim.AccessAdministrator: "System administrator", workfrontsim.AccessStandard: "Standard",
		workfrontsim.AccessLight: "Light", workfrontsim.AccessContributor: "Contributor",
	}
	w.work = map[string]workfrontsim.Work{}
	for email, held := range map[string]workfrontsim.Work{
		"jane@acme.com": {
			Tasks: 14, SharedTasks: 3, DoneTasks: 61, Issues: 5, Projects: 3, Programs: 1, Templates: 2, Reports: 4, ManagedProjects: 2,
			RoutingRules: 1, ApprovalProcesses: 2, Approvals: 3, Proofs: 2, Timesheets: 1, TimesheetProfiles: 1,
		},
		"mia@acme.com":  {Tasks: 2, Projects: 9, Portfolios: 2, Programs: 3, Reports: 7, ApprovalProcesses: 6, Approvals: 11, Timesheets: 8},
		"alex@acme.com": {Projects: 1, Templates: 12, Reports: 31, RoutingRules: 9, ApprovalProcesses: 4},
		"kim@acme.com":  {Tasks: 9, SharedTasks: 2, DoneTasks: 40, Issues: 1, Proofs: 6},
		"noor@acme.com": {Tasks: 6, DoneTasks: 112, Issues: 2, Proofs: 1},
		"sam@acme.com":  {Tasks: 1},
		"ben@acme.com":  {Issues: 4, RoutingRules: 1, Approvals: 1},
	} {
		user, _ := tenant.UserByEmail(email)
		tenant.AddWork(user.ID, held)
		w.work[user.ID] = held
	}
}
