// Package invariant checks what must hold at every moment, whatever crashed,
// was lost or happened twice.
//
// A test collects what can be seen from outside into a [World]: the stored
// requests, the audit trail, what reached Workfront, what stands in Slack, and
// what people were promised. [Check] compares these witnesses with each other.
// It trusts none of them, and uses none of the program's own rules: it walks the life
// cycle along the trail again and counts the approvals again, so that a mistake in
// package request is not repeated here.
//
// Most invariants hold always, also in the middle of things. Some hold once
// everything has come to rest; World.Settled asks for these too.
//
// # Times
//
// The trail and the journal of Workfront are put in order by their times. They
// must come from one clock; World.Tolerance allows for times that were stored
// with less precision. An audit entry's time must have been taken when the entry
// was made: after the read it rests on, before the write it announces.
package invariant
