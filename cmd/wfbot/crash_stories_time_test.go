package main

import (
	"time"

	"wfbot/bot/request"
	"wfbot/bot/slacksim"
	"wfbot/workfront/workfrontsim"
)

// timeStories go through what happens at a time, and through the way back.
var timeStories = []crashStory{
	{
		name: "carried out at its time", end: request.Done, changes: 1,
		rest: func(w *crashWorld) {
			w.types(w.rita, "/wf-deactivate jane@acme.com on "+inTwoDays()+" 17:00 contract ends")
			w.presses(w.ada, "Approve")
			w.awaitButtons("Cancel request")
			w.database.timePasses(false)
			w.hears("Deactivated: ")
		},
	},
	{ // approved for a time when the program did not run, and approved again
		name: "overdue", end: request.Done, changes: 1,
		opening: func(w *crashWorld) {
			w.types(w.rita, "/wf-deactivate jane@acme.com on "+inTwoDays()+" contract ends")
			w.presses(w.ada, "Approve")
			w.awaitButtons("Cancel request")
		},
		rest: func(w *crashWorld) {
			w.database.daysPass()
			w.reads("Approval needed again")
			w.presses(w.ada, "Approve")
			w.hears("Deactivated: ")
		},
	},
	{
		name: "reminded", end: request.Pending, opening: (*crashWorld).asks,
		rest: func(w *crashWorld) { w.database.timePasses(false); w.reads("Still waiting: deactivate Jane Doe") },
	},
	{ // a count is missing on the card, and comes
		name: "counted later", end: request.Pending,
		before: func(w *crashWorld) { w.workfront.AddWork(w.jane.ID, workfrontsim.Work{Tasks: 3, Issues: 4}) },
		rest: func(w *crashWorld) {
			end := w.breaks("optask/count")
			w.asks()
			w.reads("3 tasks", "Not counted yet")
			end()
			w.database.timePasses(false)
			w.reads("3 tasks", "4 issues")
		},
	},
	{ // hidden while others can read the channel, and shown again; each start asks about it again
		name: "hidden", end: request.Pending, opening: (*crashWorld).asks,
		rest: func(w *crashWorld) {
			w.shares(true)
			w.awaitButtons()
			w.hears("shared with another organisation")
			w.shares(false)
			w.database.timePasses(false)
			w.awaitButtons("Approve", "Deny", "Cancel request")
		},
	},
	{
		name: "details", end: request.Pending, opening: (*crashWorld).asks,
		before: func(w *crashWorld) { w.workfront.AddWork(w.jane.ID, workfrontsim.Work{Tasks: 3}) },
		rest:   func(w *crashWorld) { w.presses(w.ada, "See all"); w.learns(w.ada, "3 tasks: ") },
	},
	{
		name: "read again, still so", end: request.Done, changes: 1, opening: (*crashWorld).isDeactivated,
		rest: func(w *crashWorld) { w.database.timePasses(false); w.reads("Still so", "when I checked again") },
	},
	{
		name: "read again, changed back", end: request.Done, changes: 2, back: true, opening: (*crashWorld).isDeactivated,
		rest: func(w *crashWorld) {
			w.workfront.UpdateUser(w.jane.ID, func(u *workfrontsim.User) { u.Active = true })
			w.database.timePasses(false)
			w.hears("is active in Workfront again")
		},
	},
	{
		name: "the way back", ends: standings{request.Done: 2}, changes: 2, back: true, opening: (*crashWorld).isDeactivated,
		rest: func(w *crashWorld) {
			w.types(w.rita, "/wf-reactivate jane@acme.com she stays")
			w.goesBack()
		},
	},
	{
		name: "the way back by the button", ends: standings{request.Done: 2}, changes: 2, back: true, opening: (*crashWorld).isDeactivated,
		rest: func(w *crashWorld) { w.presses(w.rita, "Request reactivation"); w.goesBack() },
	},
}

// inTwoDays is a date.
func inTwoDays() string { return time.Now().UTC().AddDate(0, 0, 2).Format(time.DateOnly) }

// shares makes people of another organisation read the channel, or not any more, and has
// the program notice it.
func (w *crashWorld) shares(shared bool) {
	w.t.Helper()
	w.slack.UpdateChannel(w.channel, func(c *slacksim.Channel) { c.ExternallyShared = shared })
	w.program.restart()
}

// isDeactivated has jane deactivated.
func (w *crashWorld) isDeactivated() {
	w.t.Helper()
	w.asks()
	w.presses(w.ada, "Approve")
	w.hears("Deactivated: ")
}

// goesBack has what rita asked for executed, when nothing of the deactivation can arrive
// any more.
func (w *crashWorld) goesBack() {
	w.t.Helper()
	w.presses(w.ada, "Approve")
	w.awaitButtons("Cancel request")
	w.database.timePasses(false)
	w.hears("Reactivated: ")
}
