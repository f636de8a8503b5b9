// Package store keeps wishes, requests, decisions and the audit trail in a SQL
// database.
//
// # Transactions
//
// [Store.Update] runs a function in one transaction. Whatever it saves becomes
// durable together, with the audit entries of every transition, or not at all.
// It must not span a call to Slack or Workfront: SQLite has one connection.
//
// # Claims
//
// A row that wants attention says so by its next_at. [Store.ClaimRequest] and
// [Store.ClaimWish] hand a due row to one worker under a [Lease]; until the lease
// ends nobody else gets it. A result is accepted only under the lease it was
// claimed with: [Tx.Claimed] answers [ErrLeaseLost] otherwise. Saving a claimed
// request ends the claim if [Tx.SaveAndRelease] is used.
//
// # Audit trail
//
// Entries are numbered without gaps and each holds the SHA-256 of itself and of
// the entry before, so that a changed, removed or inserted entry is found by
// [Store.VerifyTrail]. Every transaction that appends locks the head last.
//
// # Databases
//
// SQLite, in WAL mode with synchronous=FULL: a commit that returned survives the
// loss of the process. An flock on <file>.lock keeps a second process out; the
// database file itself is never opened by anything but the driver, since closing
// another descriptor on it would drop SQLite's own locks. PostgreSQL runs the
// same statements; several processes may share one database.
package store
