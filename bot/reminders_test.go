package bot_test

import (
	"strings"
	"testing"
	"time"

	"wfbot/bot/request"
	"wfbot/bot/slacksim"
	"wfbot/workfront/workfrontsim"
)

func contains(text, part string) bool { return strings.Contains(text, part) }

// Those who can still decide are reminded, and nobody else.
func TestReminders(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.config.RemindEvery = 24 * time.Hour
	w.config.Policy.Approvals = 2
	w.start()
	card := w.ask()
	w.skip(25 * time.Hour)
	first := card.ExpectReply("Still waiting: deactivate Jane Doe", "<@"+w.anna+">", "<!subteam^"+w.group+">")
	card.Click(w.anna, "Approve")
	card.ExpectText("1 of 2")
	w.skip(25 * time.Hour)
	second := card.ExpectReply("1 of 2")
	if contains(second.Now().Text, "<@"+w.anna+">") || contains(first.Now().Text, w.rita) {
		t.Errorf("reminded are also those who cannot decide: %s, %s", first.Now().Text, second.Now().Text)
	}
	w.settle()
	card.Click(w.otto, "Approve")
	w.ExpectDM(w.rita, "Deactivated: ")
	w.skip(49 * time.Hour)
	w.quiet() // nobody is reminded any more
}

func TestNoRemindersWhereNobodyWantsThem(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.start()
	w.ask()
	w.skip(60 * time.Hour)
	w.quiet()
}

// A reminder that cannot be posted is tried again, and holds nothing up.
func TestReminderThatCannotBePosted(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.config.RemindEvery = 24 * time.Hour
	w.start()
	card := w.ask()
	w.settle()
	remove := w.Inject(slacksim.Fault{Method: "chat.postMessage", Count: -1, Answer: slacksim.ErrorCode("internal_error")})
	w.clock.Skip(25 * time.Hour)
	w.poll("it has been tried", func() bool { return w.cards()[0].RemindRetry.Failures > 0 })
	card.Click(w.anna, "Approve")
	w.poll("it is done", func() bool { return w.requests()[0].State == request.Done })
	remove()
	w.ExpectDM(w.rita, "Deactivated: ")
	w.quiet()
}

// A reminder that Slack refuses for good: the operator is told that nobody hears of
// what waits.
func TestReminderRefusedForGood(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ops := w.withOps()
	w.config.RemindEvery = 24 * time.Hour
	w.start()
	w.ask()
	w.settle()
	w.Inject(slacksim.Fault{Method: "chat.postMessage", Match: w.toChannel(), Count: -1, Answer: slacksim.ErrorCode("restricted_action")})
	w.clock.Skip(25 * time.Hour)
	w.Channel(ops).ExpectMessage("does not take a reminder in the thread of request", "restricted_action", "still shows that it waits")
}

// Why the manager is not asked is on the card, where others can decide, and in the
// answer, where nobody can.
func TestWhyTheManagerIsNotAsked(t *testing.T) {
	t.Parallel()
	rows := []struct {
		name    string
		prepare func(*world)
		says    string
	}{
		{"none in Workfront", func(w *world) {
			w.workfront.UpdateUser(w.target.ID, func(u *workfrontsim.User) { u.ManagerID = "" })
		}, "Workfront names no manager with an e-mail"},
		{"not in Slack", func(w *world) {
			boss := w.workfront.AddUser(workfrontsim.User{Name: "Nobody", Email: "nobody@acme.com", Active: true})
			w.workfront.UpdateUser(w.target.ID, func(u *workfrontsim.User) { u.ManagerID = boss.ID })
		}, "nobody active in Slack has the manager's e-mail"},
		{"switched off in Slack", func(w *world) {
			boss := w.workfront.AddUser(workfrontsim.User{Name: "Zoe", Email: "zoe@acme.com", Active: true})
			w.workfront.UpdateUser(w.target.ID, func(u *workfrontsim.User) { u.ManagerID = boss.ID })
		}, "nobody active in Slack has the manager's e-mail"},
		{"the requester", func(w *world) {
			boss := w.workfront.AddUser(workfrontsim.User{Name: "Rita", Email: "rita@acme.com", Active: true})
			w.workfront.UpdateUser(w.target.ID, func(u *workfrontsim.User) { u.ManagerID = boss.ID })
		}, "they asked for this themselves"},
		{"a guest", func(w *world) {
			boss := w.workfront.AddUser(workfrontsim.User{Name: "Gary", Email: "gary@acme.com", Active: true})
			w.workfront.UpdateUser(w.target.ID, func(u *workfrontsim.User) { u.ManagerID = boss.ID })
		}, "they may not decide"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			row.prepare(w)
			w.config.Policy.Approvers.Manager = true
			w.start()
			w.ask().ExpectText("Their manager cannot be asked: " + row.says)
			w.quiet()
		})
		t.Run(row.name+", and nobody else can approve", func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			row.prepare(w)
			w.config.Policy.Approvers = request.Members{Manager: true}
			w.start()
			w.As(w.rita).Types(w.channel, "/wf-deactivate jane@acme.com left the company")
			w.ExpectPrivate(w.rita, "Only their manager may approve", row.says)
			w.quiet()
		})
	}
}
