package bot_test

import (
	"strings"
	"testing"

	"wfbot/bot/request"
	"wfbot/bot/slacksim"
	"wfbot/workfront/workfrontsim"
)

// Every refused command gets one private sentence, and nothing is posted.
func TestRefusedCommands(t *testing.T) {
	t.Parallel()
	rows := []struct {
		name    string
		prepare func(*world)
		who     func(*world) string // nil: rita, who may ask
		where   func(*world) string // nil: the channel
		typed   string
		says    string
	}{
		{name: "not a requester", who: func(w *world) string { return w.anna }, typed: "jane@acme.com left", says: "not on the list"},
		{name: "the target themselves", who: func(w *world) string { return w.jane }, typed: "jane@acme.com left", says: "not on the list"},
		{name: "a guest", who: func(w *world) string { return w.gary }, typed: "jane@acme.com left", says: "Guests"},
		{name: "an external person", who: func(w *world) string { return w.eve }, typed: "jane@acme.com left", says: "our own Slack workspace"},
		{name: "a deactivated person", who: func(w *world) string { return w.zoe }, typed: "jane@acme.com left", says: "deactivated"},
		{name: "a bot", who: func(w *world) string { return w.bert }, typed: "jane@acme.com left", says: "bot"},
		{name: "not an e-mail", typed: "jane left", says: "not an e-mail"},
		{name: "two people of whom one is not an e-mail", typed: "jane@acme.com joe@ left", says: "not an e-mail"},
		{name: "a date gone by", typed: "jane@acme.com on 2020-12-31 contract ended", says: "is in the past"},
		{name: "a mentioned person without e-mail", typed: "@bert left", says: "no e-mail address"},
		{name: "nobody of that e-mail", typed: "john@acme.com left", says: "cannot find"},
		{name: "a user the bot may not see", typed: "jane@acme.com left", says: "cannot find", prepare: func(w *world) {
			w.workfront.SetAccess(w.workfront.Caller().ID, w.target.ID, workfrontsim.Hidden)
		}},
		{name: "two users of one e-mail", typed: "jane@acme.com left", says: "Several", prepare: func(w *world) {
			w.workfront.AddUser(workfrontsim.User{Name: "Jane Twin", Email: "jane@acme.com", Active: true})
		}},
		{name: "an inactive user", typed: "jane@acme.com left", says: "already inactive", prepare: func(w *world) {
			w.workfront.UpdateUser(w.target.ID, func(u *workfrontsim.User) { u.Active = false })
		}},
		{name: "a protected e-mail", typed: "boss@acme.com left", says: "protected", prepare: func(w *world) {
			w.workfront.AddUser(workfrontsim.User{Name: "Big Boss", Email: "Boss@acme.com", Active: true})
		}},
		{name: "an administrator", typed: "jane@acme.com left", says: "administrator", prepare: func(w *world) {
			w.workfront.UpdateUser(w.target.ID, func(u *workfrontsim.User) { u.AccessLevelID = workfrontsim.AccessAdministrator })
		}},
		{name: "the only approver", typed: "anna@acme.com left", says: "Too few people may approve", prepare: func(w *world) {
			w.config.Policy.Approvers = request.Members{Users: []string{w.anna}}
			w.workfront.AddUser(workfrontsim.User{Name: "Anna", Email: "anna@acme.com", Active: true})
		}},
		{name: "the manager cannot be asked, and there is one approver of two", typed: "jane@acme.com left", says: "Too few people may approve", prepare: func(w *world) {
			w.config.Policy.Approvals = 2
			w.config.Policy.Approvers = request.Members{Users: []string{w.anna}, Manager: true}
			w.UpdateUser(w.mark, func(u *slacksim.User) { u.Kind = slacksim.Deactivated })
		}},
		{name: "the bot's own user", typed: "robot@acme.com left", says: "wfbot itself", prepare: func(w *world) {
			w.workfront.UpdateUser(w.workfront.Caller().ID, func(u *workfrontsim.User) { u.Email = "robot@acme.com" })
		}},
		{name: "a shared channel", where: func(w *world) string { return w.shared }, typed: "jane@acme.com left", says: "another organisation"},
		{name: "a direct message", where: func(w *world) string { return w.direct }, typed: "jane@acme.com left", says: "direct messages"},
		{name: "a channel without the bot", where: func(w *world) string { return w.secretRoom }, typed: "jane@acme.com left", says: "invite me"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			if row.prepare != nil {
				row.prepare(w)
			}
			w.start()
			who, where := w.rita, w.channel
			if row.who != nil {
				who = row.who(w)
			}
			if row.where != nil {
				where = row.where(w)
			}
			w.As(who).Types(where, "/wf-deactivate "+row.typed)
			w.ExpectPrivate(who, row.says)
			w.quiet()
			if n := len(w.writes()); n != 0 {
				t.Errorf("%d writes reached Workfront", n)
			}
		})
	}
}

// Every refused press of a button gets one private sentence; the card stays as
// it is and the attempt is in the audit trail.
func TestRefusedClicks(t *testing.T) {
	t.Parallel()
	rows := []struct {
		name   string
		who    func(*world) string
		button string
		says   string
	}{
		{"the requester approves", func(w *world) string { return w.rita }, "Approve", "asked for this yourself"},
		{"the target approves", func(w *world) string { return w.jane }, "Approve", "your own Workfront account"},
		{"the target cancels", func(w *world) string { return w.jane }, "Cancel request", "your own Workfront account"},
		{"a colleague approves", func(w *world) string { return w.mark }, "Approve", "not an approver"},
		{"a colleague denies", func(w *world) string { return w.mark }, "Deny", "not an approver"},
		{"a colleague cancels", func(w *world) string { return w.mark }, "Cancel request", "not an approver"},
		{"a guest in the group approves", func(w *world) string { return w.gary }, "Approve", "Guests"},
		{"an external person in the group approves", func(w *world) string { return w.eve }, "Approve", "our own Slack workspace"},
		{"an external person denies", func(w *world) string { return w.eve }, "Deny", "our own Slack workspace"},
		{"a deactivated person approves", func(w *world) string { return w.zoe }, "Approve", "deactivated"},
		{"a bot approves", func(w *world) string { return w.bert }, "Approve", "bot"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.config.Policy.Approvers.Users = []string{w.anna, w.rita, w.jane} // also those who may not
			w.start()
			card := w.ask()
			who := row.who(w)
			card.Click(who, row.button)
			w.ExpectPrivate(who, row.says)
			card.ExpectText("0 of 1").ExpectButtons("Approve", "Deny", "Cancel request")
			w.quiet()
			if !w.active() {
				t.Error("jane was switched off")
			}
			last := w.trail()[len(w.trail())-1]
			if last.Kind != "refused" || last.Actor != who {
				t.Errorf("the last audit entry is %q by %s, want a refusal of %s", last.Kind, last.Actor, who)
			}
		})
	}
}

func TestSecondCommandGetsALinkToTheCard(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.start()
	card := w.ask()
	w.As(w.rita).Types(w.channel, `/wf-deactivate "JANE@ACME.COM" again`)
	w.ExpectPrivate(w.rita, "open request", "/archives/"+w.channel+"/p")
	card.Click(w.anna, "Approve")
	w.ExpectDM(w.rita, "Deactivated: ")
	// It has ended: asking again is answered with what Workfront shows.
	w.As(w.rita).Types(w.channel, "/wf-deactivate jane@acme.com again")
	w.ExpectPrivate(w.rita, "already inactive")
}

func TestLateClicksAreAnswered(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.start()
	card := w.ask()
	card.Click(w.anna, "Approve")
	w.ExpectDM(w.rita, "Deactivated: ")
	// otto's client has not redrawn the card yet.
	for action, says := range map[string]string{"approve": "done already", "deny": "done already", "cancel": "done already", "retry": "done already"} {
		w.pressLate(w.otto, action)
		w.ExpectPrivate(w.otto, says)
	}
	if n := len(w.writes()); n != 1 {
		t.Errorf("%d writes, want 1", n)
	}
}

func TestSomebodyElseSubmitsTheForm(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.start()
	card := w.ask()
	stop := w.Rewrite(func(kind string, payload map[string]any) {
		if payload["type"] == "view_submission" {
			payload["user"].(map[string]any)["id"] = w.otto
		}
	})
	w.opens(card, w.anna, "Deny")
	w.ExpectModal(w.anna, "Deny").Submit(nil)
	w.ExpectPrivate(w.otto, "opened for somebody else")
	stop()
	card.ExpectButtons("Approve", "Deny", "Cancel request")
}

// What a refusal shows to be typed is about the command that was typed: whoever wants
// somebody back is not told to type what switches them off.
func TestRefusalsShowTheCommandThatWasTyped(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.start()
	for _, typed := range []string{"jane is back", "on 2026-12-31 jane@acme.com", "jane@acme.com asked by mark@acme.com", "status jane"} {
		w.As(w.rita).Types(w.channel, "/wf-reactivate "+typed)
		if said := w.ExpectPrivate(w.rita, "`/wf-reactivate ").Now().Text; strings.Contains(said, "/wf-deactivate") {
			t.Errorf("%q: %s", typed, said)
		}
	}
	w.quiet()
}
