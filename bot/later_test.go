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
	first := card.ExpectReply("still waiting for approval, 0 of 2", "<@"+w.anna+">", "<!subteam^"+w.group+">")
	card.Click(w.anna, "Approve")
	card.ExpectText("1 of 2")
	w.skip(25 * time.Hour)
	second := card.ExpectReply("1 of 2")
	if contains(second.Now().Text, "<@"+w.anna+">") || contains(first.Now().Text, w.rita) {
		t.Errorf("reminded are also those who cannot decide: %s, %s", first.Now().Text, second.Now().Text)
	}
	w.settle()
	card.Click(w.otto, "Approve")
	w.ExpectDM(w.rita, "deactivated in Workfront")
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
	w.ExpectDM(w.rita, "deactivated in Workfront")
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
	w.Channel(ops).ExpectMessage("does not take a reminder in the thread of request", "restricted_action", "still says it")
}

// The user is read again a day later.
func TestReadAgain(t *testing.T) {
	t.Parallel()
	rows := []struct {
		name      string
		meanwhile func(*world)
		shows     []string
		buttons   []string
		told      string
		found     request.Drift
	}{
		{"still so", func(*world) {}, []string{"Read again", "still so"}, []string{"Reactivate"}, "", request.NoDrift},
		{"changed back", func(w *world) {
			w.workfront.UpdateUser(w.target.ID, func(u *workfrontsim.User) { u.Active = true })
		}, []string{"Changed back", "showed the user active again"}, nil, "is active in Workfront again", request.Drifted},
		{"not there any more", func(w *world) {
			w.workfront.SetAccess(w.workfront.Caller().ID, w.target.ID, workfrontsim.Hidden)
		}, []string{"Read again", "not in Workfront any more"}, nil, "", request.TargetGone},
		{"after a pause of Workfront", func(w *world) {
			w.workfront.Inject(workfrontsim.Fault{Operation: "user/get", Times: 5, Answer: jsonError(503, nil)})
		}, []string{"Read again", "still so"}, []string{"Reactivate"}, "", request.NoDrift},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.config.VerifyAfter = 24 * time.Hour
			w.start()
			card := w.ask()
			card.Click(w.anna, "Approve")
			w.ExpectDM(w.rita, "deactivated in Workfront")
			card.ExpectText("Done", "read once more at this time")
			w.settle()
			row.meanwhile(w)
			w.clock.Skip(25 * time.Hour)
			card.ExpectText(row.shows...).ExpectButtons(row.buttons...)
			if row.told != "" {
				w.ExpectDM(w.rita, row.told)
			}
			w.quiet()
			if r := w.requests()[0]; r.Verified.Result != row.found || !r.VerifyAt.IsZero() {
				t.Errorf("found %q, next at %v", r.Verified.Result, r.VerifyAt)
			}
			if n := len(w.writes()); n != 1 {
				t.Errorf("%d writes: nothing is mended by itself", n)
			}
		})
	}
}

// What wfbot itself has changed since is on the card at once, and not taken for
// drift.
func TestReadAgainAfterTheWayBack(t *testing.T) {
	t.Parallel()
	newWorld(t).readAgainAfterTheWayBack()
}

func (w *world) readAgainAfterTheWayBack() {
	w.t.Helper()
	w.config.VerifyAfter = 24 * time.Hour
	w.start()
	off := w.deactivated()
	on := w.asksBack()
	w.skip(2 * time.Minute)
	on.Click(w.anna, "Approve")
	w.ExpectDM(w.rita, "is active again")
	on.ExpectText("Done")
	off.ExpectText("Changed again since", "Done at the time").ExpectButtons()
	w.skip(25 * time.Hour)
	on.ExpectText("Read again", "still so")
	w.quiet()
	if r := w.requests()[0]; r.SupersededAt.IsZero() || r.Verified.Result != "" {
		w.t.Errorf("superseded at %v, verified as %q", r.SupersededAt, r.Verified.Result)
	}
}

// A reactivation that failed may have changed the user all the same: that is not
// taken for drift either.
func TestReadAgainAfterAFailedWayBack(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.config.VerifyAfter = 24 * time.Hour
	w.start()
	off := w.deactivated()
	on := w.asksBack()
	w.skip(2 * time.Minute)
	w.workfront.Inject(workfrontsim.Fault{Operation: "user/put", Times: 1, Answer: workfrontsim.Answer{Kind: workfrontsim.JSONError, Status: 200, Message: "No"}})
	on.Click(w.anna, "Approve")
	w.ExpectDM(w.rita, "failed")
	on.ExpectText("Failed")
	w.skip(25 * time.Hour)
	off.ExpectText("Since then wfbot has been asked for the opposite").ExpectButtons()
	w.quiet()
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
		}, "Workfront names none with an e-mail"},
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
		}, "they may not decide in Slack"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			row.prepare(w)
			w.config.Policy.Approvers.Manager = true
			w.start()
			w.ask().ExpectText("Their manager cannot be asked, since " + row.says)
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
