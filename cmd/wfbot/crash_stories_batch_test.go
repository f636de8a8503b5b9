package main

import (
	"net/http"

	"wfbot/bot/request"
	"wfbot/bot/slacksim"
	"wfbot/workfront/workfrontsim"
)

// batchStories are about several people at once.
var batchStories = []crashStory{
	{
		name: "several", ends: standings{request.Done: 2, request.Rejected: 1}, changes: 2,
		rest: func(w *crashWorld) {
			w.asksForAll("jane@acme.com joe@acme.com")
			w.pressesEach(w.ada, "Approve all")
			w.areOff(w.jane.ID, w.joe.ID)
		},
	},
	{
		name: "several, one left out, the others denied", ends: standings{request.Cancelled: 1, request.Denied: 2, request.Rejected: 1},
		opening: func(w *crashWorld) { w.asksForAll("jane@acme.com joe@acme.com max@acme.com") },
		rest: func(w *crashWorld) {
			w.leavesOut(w.rita, "4. Max Moe (max@acme.com)")
			w.await("one is left out", func() bool { return len(w.live("Deny all (2)")) > 0 })
			w.declines(w.ada, "Deny all (2)", "They stay.")
			w.hears("has ended")
		},
	},
	{
		name: "several, one failed and retried", ends: standings{request.Done: 2, request.Rejected: 1}, changes: 2,
		opening: func(w *crashWorld) { w.asksForAll("jane@acme.com joe@acme.com") },
		rest: func(w *crashWorld) {
			no := w.workfront.Inject(workfrontsim.Fault{
				Operation: "user/put", UserID: w.joe.ID, Answer: workfrontsim.Answer{Kind: workfrontsim.JSONError, Status: http.StatusForbidden},
			})
			w.pressesEach(w.ada, "Approve all")
			w.await("one has failed", func() bool { return len(w.live("Retry (1)")) > 0 })
			w.workfront.RemoveFault(no)
			w.pressesEach(w.ada, "Retry")
			w.areOff(w.jane.ID, w.joe.ID)
		},
	},
	{
		name: "several, at their time", ends: standings{request.Done: 2, request.Rejected: 1}, changes: 2,
		opening: func(w *crashWorld) { w.asksForAll("jane@acme.com joe@acme.com on " + inTwoDays()) },
		rest: func(w *crashWorld) {
			w.pressesEach(w.ada, "Approve all")
			w.awaitButtons("Cancel all (2)")
			w.database.timePasses(false)
			w.areOff(w.jane.ID, w.joe.ID)
		},
	},
	{
		name: "several, reminded", ends: standings{request.Pending: 2, request.Rejected: 1},
		opening: func(w *crashWorld) { w.asksForAll("jane@acme.com joe@acme.com") },
		rest:    func(w *crashWorld) { w.database.timePasses(false); w.reads("Still waiting") },
	},
}

// formStories are about the form and the Home tab.
var formStories = []crashStory{
	{
		name: "the form, from the shortcut", end: request.Pending,
		rest: func(w *crashWorld) {
			w.opensForm(w.rita, func() (slacksim.Reply, error) { return w.slack.Shortcut(w.rita, "request") })
			w.submits(w.rita, map[string]any{"emails": "jane@acme.com", "reason": "left the company", "channel": "#it"})
			w.awaitButtons("Approve", "Deny", "Cancel request")
		},
	},
	{
		name: "the form, with a date", end: request.Done, changes: 1,
		rest: func(w *crashWorld) {
			w.opensForm(w.rita, func() (slacksim.Reply, error) { return w.slack.Command(w.rita, w.channel, "/wf-deactivate") })
			w.submits(w.rita, map[string]any{"emails": "jane@acme.com", "date": inTwoDays(), "time": "17:00"})
			w.presses(w.ada, "Approve")
			w.awaitButtons("Cancel request")
			w.database.timePasses(false)
			w.hears("Deactivated: ")
		},
	},
	{ // drawn when it is opened, and again when something happens
		name: "the Home tab", end: request.Done, changes: 1, opening: (*crashWorld).asks,
		rest: func(w *crashWorld) {
			w.opensHome(w.rita, "Jane Doe", "0 of 1")
			w.presses(w.ada, "Approve")
			w.await("the Home tab says that it is done", func() bool { return w.homeSays(w.rita, "Jane Doe", "✅ done") })
		},
	},
}
