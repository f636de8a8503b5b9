package main

import (
	"slices"
	"time"

	"wfbot/bot/request"
	"wfbot/bot/slacksim"
	"wfbot/workfront/workfrontsim"
)

// crashStory is what people do while the program dies once, and how it ends.
//
// To add a transition of the life cycle, add a story that goes through it: what
// leads there as the opening, what people do then as the rest. Every call, every
// acknowledgement and every commit of the rest is then tried by itself, on both
// databases; nothing else has to be named. A story is written so that it can be
// played whatever the program forgets on the way: it has people do things through
// the methods in crash_people_test.go, which do again what Slack showed an error
// for, and it waits for what must come in any case. Where a crash may lead past
// something, as a lost failure leads past Retry, it waits for either. What it
// injects stays in force for as long as it is needed, not for one call, unless the
// one call is the point of it.
type crashStory struct {
	name       string
	vars       map[string]string // of the program's configuration, besides what all have
	stopWindow time.Duration
	before     func(*crashWorld) // the program starts; nil: nothing
	// opening is a part that other stories have as well; its points are tried
	// there. Nil: there is none.
	opening func(*crashWorld)
	rest    func(*crashWorld)
	end     request.State // of the one request that is not a repetition; empty: there is none
	ends    standings     // instead, of a story about several requests
	changes int           // in Workfront, whoever made them
	back    bool          // jane is active in the end although she was changed
}

// standings is how many requests stand how.
type standings map[request.State]int

// crashStories go through every transition of the life cycle.
var crashStories = slices.Concat(requestStories, timeStories, batchStories, formStories)

// requestStories are about one person, now.
var requestStories = []crashStory{
	{ // received, pending, approved, executing, done
		name: "approved", end: request.Done, changes: 1,
		rest: func(w *crashWorld) { w.asks(); w.presses(w.ada, "Approve"); w.hears("Deactivated: ") },
	},
	{
		name: "denied", end: request.Denied, opening: (*crashWorld).asks,
		rest: func(w *crashWorld) { w.declines(w.ada, "Deny", "She stays."); w.hears("Denied by") },
	},
	{
		name: "cancelled", end: request.Cancelled, opening: (*crashWorld).asks,
		rest: func(w *crashWorld) { w.declines(w.rita, "Cancel request", "She stays."); w.hears("You cancelled") },
	},
	{
		name: "cancelled after approval", end: request.Cancelled,
		vars: map[string]string{"WFBOT_STOP_WINDOW": "1h"}, stopWindow: time.Hour,
		opening: func(w *crashWorld) { w.asks(); w.presses(w.ada, "Approve"); w.awaitButtons("Cancel request") },
		rest:    func(w *crashWorld) { w.declines(w.rita, "Cancel request", "She stays."); w.hears("You cancelled") },
	},
	{
		name: "expired", end: request.Expired, opening: (*crashWorld).asks,
		rest: func(w *crashWorld) { w.database.timePasses(true); w.hears("Expired with") },
	},
	{
		name: "not found", end: request.Rejected,
		rest: func(w *crashWorld) {
			w.types(w.rita, "/wf-deactivate nobody@acme.com left the company")
			w.learns(w.rita, "nobody@acme.com")
		},
	},
	{ // rejected when it is pending already
		name: "no place for the card", end: request.Rejected,
		before: func(w *crashWorld) {
			w.slack.Inject(slacksim.Fault{
				Method: "chat.postMessage", Count: -1, Answer: slacksim.ErrorCode("is_archived"),
				Match: func(c slacksim.Call) bool { return c.Args["channel"] == w.channel },
			})
		},
		rest: func(w *crashWorld) {
			w.types(w.rita, "/wf-deactivate jane@acme.com left the company")
			w.learns(w.rita, "archived")
		},
	},
	{
		name: "not allowed",
		rest: func(w *crashWorld) {
			w.types(w.eve, "/wf-deactivate jane@acme.com left the company")
			w.learns(w.eve, "not")
		},
	},
	{
		name: "failed and retried", end: request.Done, changes: 1, opening: (*crashWorld).asks,
		before: func(w *crashWorld) { // a success that changes nothing
			w.workfront.Inject(workfrontsim.Fault{Operation: "user/put", Times: 1})
		},
		rest: func(w *crashWorld) {
			w.presses(w.ada, "Approve")
			// A program that dies before it knows of the failure reads the user, who is
			// active, and writes again: then there is nothing to retry.
			w.pressesUnlessDone(w.ada, "Retry")
			w.hears("Deactivated: ")
		},
	},
	{
		name: "answer lost", end: request.Done, changes: 1, opening: (*crashWorld).asks,
		before: func(w *crashWorld) {
			w.workfront.Inject(workfrontsim.Fault{
				Operation: "user/put", Times: 1, Apply: true, Answer: workfrontsim.Answer{Kind: workfrontsim.Reset},
			})
		},
		rest: func(w *crashWorld) { w.presses(w.ada, "Approve"); w.hears("Deactivated: ") },
	},
	{ // approved again, and tried at once
		name: "postponed", end: request.Done, changes: 1, opening: (*crashWorld).asks,
		rest: func(w *crashWorld) {
			end := w.breaks("user/get")
			w.presses(w.ada, "Approve")
			w.awaitButtons("Retry now", "Cancel request")
			end()
			w.pressesUnlessDone(w.ada, "Retry now")
			w.hears("Deactivated: ")
		},
	},
	{ // written, and cannot be read back: it stays executing
		name: "unresolved", end: request.Done, changes: 1, opening: (*crashWorld).asks,
		rest: func(w *crashWorld) {
			broken := w.breaksAfter("user/put", "user/get")
			w.presses(w.ada, "Approve")
			end := broken()
			w.awaitButtons("Retry now")
			end()
			w.pressesUnlessDone(w.ada, "Retry now")
			w.hears("Deactivated: ")
		},
	},
	{ // the credential is refused, and accepted again
		name: "held", end: request.Done, changes: 1, opening: (*crashWorld).asks,
		rest: func(w *crashWorld) {
			w.workfront.RevokeKeys()
			w.presses(w.ada, "Approve")
			w.awaitButtons("Retry now", "Cancel request")
			w.workfront.SetAPIKey(w.workfront.Caller().ID, w.workfront.APIKey(), time.Time{})
			w.pressesUnlessDone(w.ada, "Retry now")
			w.hears("Deactivated: ")
		},
	},
	{
		name: "look-up held", end: request.Pending,
		before: func(w *crashWorld) { w.workfront.RevokeKeys() },
		rest: func(w *crashWorld) {
			w.types(w.rita, "/wf-deactivate jane@acme.com left the company")
			w.learns(w.rita, "could not look up")
			w.workfront.SetAPIKey(w.workfront.Caller().ID, w.workfront.APIKey(), time.Time{})
			w.program.restart() // as the operator was told to, after replacing the key
			w.database.timePasses(false)
			w.awaitButtons("Approve", "Deny", "Cancel request")
		},
	},
	{
		name: "dry run", end: request.Done, opening: (*crashWorld).asks, vars: map[string]string{"WFBOT_DRY_RUN": "true"},
		rest: func(w *crashWorld) { w.presses(w.ada, "Approve"); w.hears("Dry run") },
	},
}
