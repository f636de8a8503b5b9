package bot_test

import (
	"testing"

	"wfbot/bot/request"
	"wfbot/bot/slacksim"
)

// grid is a workspace of an Enterprise Grid organisation.
var grid = slacksim.Config{EnterpriseID: "E0ACME"}

// newGrid makes a world on Grid where rita and anna have an id in the organisation
// besides the one in the workspace.
func newGrid(t *testing.T) *world {
	t.Helper()
	w := newWorldWith(t, grid)
	w.UpdateUser(w.rita, func(u *slacksim.User) { u.OrgID = "W0RITA" })
	w.UpdateUser(w.anna, func(u *slacksim.User) { u.OrgID = "W0ANNA" })
	return w
}

// as has all payloads of a person name them by their id in the organisation.
func (w *world) as(user, inOrganisation string) (stop func()) {
	return w.Rewrite(func(_ string, payload map[string]any) {
		if payload["user_id"] == user {
			payload["user_id"] = inOrganisation
		}
		if who, ok := payload["user"].(map[string]any); ok && who["id"] == user {
			who["id"] = inOrganisation
		}
	})
}

// The lists may name a person by either id.
func TestListsTakeEitherIDOfAPerson(t *testing.T) {
	t.Parallel()
	w := newGrid(t)
	w.config.Policy.Requesters = request.Members{Users: []string{"W0RITA"}}
	w.config.Policy.Approvers = request.Members{Users: []string{"W0ANNA"}}
	w.start()
	card := w.ask()
	card.Click(w.anna, "Approve")
	w.ExpectDM(w.rita, "Deactivated: ")
	card.ExpectButtons("Request reactivation")
	w.quiet()
}

// A group's list may hold the other id.
func TestGroupsTakeEitherIDOfAPerson(t *testing.T) {
	t.Parallel()
	w := newGrid(t)
	w.SetGroupMembers(w.group, "W0ANNA")
	w.config.Policy.Approvers = request.Members{Groups: []string{w.group}}
	w.start()
	card := w.ask()
	card.Click(w.anna, "Approve")
	w.ExpectDM(w.rita, "Deactivated: ")
	card.ExpectButtons("Request reactivation")
	w.quiet()
}

// Nobody becomes another person by their other id, also where their e-mail has
// changed in between.
func TestOtherIDIsTheSamePerson(t *testing.T) {
	t.Parallel()
	rows := []struct {
		name string
		do   func(w *world)
	}{
		{"the requester approves", func(w *world) {
			card := w.ask()
			w.newEmail(w.rita)
			w.as(w.rita, "W0RITA")
			card.Click(w.rita, "Approve")
			w.ExpectPrivate(w.rita, "asked for this yourself")
			card.ExpectText("0 of 2")
		}},
		{"one person approves twice", func(w *world) {
			card := w.ask()
			card.Click(w.anna, "Approve")
			card.ExpectText("1 of 2")
			w.newEmail(w.anna)
			w.as(w.anna, "W0ANNA")
			card.Click(w.anna, "Approve")
			w.ExpectPrivate(w.anna, "already")
			card.ExpectText("1 of 2")
		}},
		{"the requester cancels", func(w *world) {
			w.config.Policy.Approvers.Users = []string{w.anna}
			card := w.ask()
			w.newEmail(w.rita)
			w.as(w.rita, "W0RITA")
			w.cancels(card, w.rita, "mistake")
			w.ExpectDM(w.rita, "You cancelled")
			card.ExpectButtons()
		}},
		{"the requester opens their Home tab", func(w *world) {
			w.config.Policy.Approvers.Users = []string{w.anna}
			w.ask()
			stop := w.Rewrite(func(_ string, payload map[string]any) {
				if event, ok := payload["event"].(map[string]any); ok {
					event["user"] = "W0RITA"
				}
			})
			defer stop()
			w.As(w.rita).OpensHome()
			w.ExpectHome(w.rita, "Jane Doe", "What you asked for")
		}},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			w := newGrid(t)
			w.config.Policy.Approvals = 2
			w.config.Policy.Approvers.Users = []string{w.anna, w.rita}
			w.start()
			row.do(w)
			w.quiet()
			if !w.active() {
				t.Error("jane was switched off")
			}
		})
	}
}

// newEmail gives somebody another e-mail, and lets what is known of them grow old.
func (w *world) newEmail(user string) {
	w.UpdateUser(user, func(u *slacksim.User) { u.Email = "new." + u.Email })
	w.clock.Skip(61e9)
}

// On Grid whoever is a member of the workspace counts, wherever their account is at
// home; members of sister workspaces alone do not, whatever the lists say.
func TestWhoIsAtHomeOnGrid(t *testing.T) {
	t.Parallel()
	rows := []struct {
		name string
		user slacksim.User
		may  bool
	}{
		{"at home in a sister workspace, and a member", slacksim.User{Kind: slacksim.OtherWorkspace, Teams: []string{"T0SISTER", "T0ACME"}}, true},
		{"at home in the organisation, and a member", slacksim.User{TeamID: "E0ACME", Teams: []string{"T0ACME"}}, true},
		{"of a sister workspace alone", slacksim.User{Kind: slacksim.OtherWorkspace}, false},
		{"of the organisation alone", slacksim.User{TeamID: "E0ACME", Teams: []string{}}, false},
		{"of another organisation with the same workspace id", slacksim.User{Kind: slacksim.External, EnterpriseID: "E0OTHER", Teams: []string{"T0ACME"}}, false},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			w := newGrid(t)
			row.user.Name, row.user.Email = "ines", "ines@acme.com"
			ines := w.AddUser(row.user).ID
			w.Invite(w.channel, ines)
			w.config.Policy.Approvers.Users = []string{w.anna, ines}
			w.start()
			card := w.ask()
			card.Click(ines, "Approve")
			if row.may {
				w.ExpectDM(w.rita, "Deactivated: ")
				card.ExpectButtons("Request reactivation")
			} else {
				w.ExpectPrivate(ines, "our own Slack workspace")
				card.ExpectText("0 of 1")
			}
			w.quiet()
		})
	}
}

// Who has authorised the app is no bot.
func TestPersonWhoInstalledTheAppMayAct(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, who := range []string{w.rita, w.anna} {
		w.UpdateUser(who, func(u *slacksim.User) { u.AppUser = true })
	}
	w.start()
	card := w.ask()
	card.Click(w.anna, "Approve")
	w.ExpectDM(w.rita, "Deactivated: ")
	card.ExpectButtons("Request reactivation")
	w.quiet()
}

// A channel where all of the organisation are is its own; one that is shared with
// another organisation is not, whatever else it is.
func TestOrganisationWideChannelTakesCards(t *testing.T) {
	t.Parallel()
	w := newGrid(t)
	w.UpdateChannel(w.channel, func(c *slacksim.Channel) { c.OrgWide = true })
	w.UpdateChannel(w.shared, func(c *slacksim.Channel) { c.OrgWide = true })
	w.start()
	w.ask()
	w.As(w.rita).Types(w.shared, "/wf-deactivate jane@acme.com left")
	w.ExpectPrivate(w.rita, "another organisation")
	w.quiet()
}

// Somebody with two Slack accounts of the same e-mail, in whatever letters, is one person:
// they cannot approve what they asked for, nor for themselves, nor twice.
func TestSecondAccountIsTheSamePerson(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	account := func(name, email string) string {
		return w.AddUser(slacksim.User{Name: name, RealName: name, Email: email}).ID
	}
	rita, jane, anna := account("rita-admin", "RITA@acme.com"), account("jane-admin", "Jane@ACME.com"), account("anna-admin", "anna@Acme.com")
	w.UpdateChannel(w.channel, func(c *slacksim.Channel) { c.Members = append(c.Members, rita, jane, anna) })
	w.config.Policy.Approvals = 2
	w.config.Policy.Approvers.Users = append(w.config.Policy.Approvers.Users, rita, jane, anna)
	w.start()
	card := w.ask()
	card.Click(w.anna, "Approve")
	card.ExpectText("1 of 2")
	for who, says := range map[string]string{rita: "You asked for this yourself", jane: "about your own", anna: "approved this already"} {
		card.Click(who, "Approve")
		w.ExpectPrivate(who, says)
	}
	w.settle()
	if r := w.requests()[0]; r.State != request.Pending || len(r.Decisions) != 1 {
		t.Errorf("the request is %s with %d decisions", r.State, len(r.Decisions))
	}
	card.Click(w.otto, "Approve")
	w.ExpectDM(w.rita, "Deactivated: ")
	w.settle()
	w.Forgive()
}
