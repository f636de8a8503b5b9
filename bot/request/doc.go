// Package request is the life of one request to switch a Workfront user off, or on
// again, as pure values and functions: no network, no clock, no database. Time, identity
// and the facts about people come in as arguments.
//
// # Life cycle
//
//	received ─▶ pending ─▶ approved ─▶ executing ─▶ done (read again later: still so, or not)
//	   │          │  ▲        │  ▲         │
//	   │          │  └────────┤  │         │             AskAgain: long overdue
//	   ▼          ▼           ▼  └─────────┤ nothing was changed: tried again later
//	rejected   denied     cancelled        ▼
//	           cancelled                 failed ─▶ approved (Retry by an approver)
//	           expired
//
// A [Request] changes only through its methods (Found, Approve, Begin, Succeed,
// …). Each checks that the change is allowed from the present state, answers
// [Refusal] or an error when it is not, and records an [Event] for the audit
// trail, so that no change can be saved without its entry.
//
// Whether a request is approved is never stored as an opinion: it is computed
// from the appended [Decision] values ([Request.IsApproved]).
//
// # What happens next
//
// [Request.Next] says what a request needs at a given moment: look up, find the manager,
// count, execute, verify, expire, ask again, or nothing until some time; [Card.Next] says
// the same of a card: post, paint, tell, remind. Package worker claims what is due, does
// that one thing and comes back. A crash at any point is healed by asking Next again.
//
// # The way back
//
// A deactivation and a reactivation are the same thing with another [Action]: the
// value of isActive that is wanted. What wfbot did to a user before decides whether
// there is a way back ([DeactivatedByUs]) and until when a request must wait, since
// a write of the opposite may still arrive ([LastOpposed], Request.ClearAt).
//
// # Who may
//
// [Policy] decides from a [Person]'s facts who may ask, decide and cancel, and
// which Workfront users may not be touched at all. It answers with a Refusal, a
// code that package card turns into a sentence and the audit trail keeps.
//
// Who manages a user can change. If somebody may decide only as the manager
// ([Policy.AsManager]), it is found out again first ([Request.ManagerFound]). Several
// users may have one e-mail: [Meant] says which of them is meant.
//
// # What was typed
//
// [ParseCommand] turns the text behind a slash command into a [Command], and
// [Command.Due] finds out when it is to take effect. Both refuse what is not understood
// for certain. A time or a zone never becomes part of a reason. A day to come that only
// the reason names is always noticed. [Hint] finds the softer words for such days.
package request
