// Package store keeps interactions, requests, decisions and the audit trail in a SQL
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
// A row that wants attention says so by its due_at. [Store.ClaimRequest] and
// [Store.ClaimInteraction] hand a due row to one worker under a [Lease]; until the lease
// ends nobody else gets it. A result is accepted only under the lease it was
// claimed with: [Tx.Claimed] answers [ErrLeaseLost] otherwise. Saving a claimed
// request ends the claim if [Tx.SaveAndRelease] is used.
//
// [Store.Next] says what is due next, in one question for all tables. [Store.WhenDue]
// tells of what this process itself commits, so that nobody needs to ask.
//
// Leases run by the database's clock: a process with a wrong clock of its own does not
// take a row too early, or hold one for longer. When a row is due is a matter of the
// clocks of those who say so and ask; keep them together with NTP.
//
// On PostgreSQL a process that is gone is noticed before its leases have ended: each
// holds an advisory lock on the id that it claims under ([Store.Attend]). If two looks a
// second apart find the lock free, its leases become void, in one statement for each
// table. Only the lease on a request with a recorded write that has no outcome stays:
// there the lease's time decides, as it does for a process that is frozen or has no lock.
// NOTIFY tells the others at once what a process has made due; each asks once a second as
// well.
//
// # A database that hangs
//
// Every call except those that read everything ends within seconds, with an error if need
// be, and can be repeated. An interaction is stored or refused within the time that Slack
// gives for the acknowledgement. What an error leaves open is found out afterwards:
// whether an interaction was stored is looked up, and a claim that may have been made is
// asked for again.
//
// # Audit trail
//
// Entries are numbered without gaps and each holds the SHA-256 of itself and of
// the entry before, so that a changed, removed or inserted entry is found by
// [Store.VerifyTrail], which names the first that is not in order. In place of its
// detail, which holds what is known of people, the chain has the SHA-256 of a random
// salt and the detail: both can be emptied, and the chain still verifies, if a later
// entry says so. Every transaction that appends locks the head last.
//
// # Erasure
//
// What is known of people is erased from requests that are at rest
// ([request.Request.AtRest]), in their time by [Store.EraseEnded] or at once by
// [Store.Forget], together with the details and salts of their audit entries; the entry
// "details erased" names those. Ids, states and times stay, which is what later rules go
// by. SQLite overwrites what is erased (secure_delete). [OpenBeside] opens a database to
// do so beside the process that works on it.
//
// # Readers
//
// A [Reader] reads a database beside the process that works on it. It takes no lock,
// changes nothing and never migrates.
//
// [Inspect] looks at a database before anybody works on it, or while somebody does: where
// it is and on what, its form, what it works for, and who works on it. It says what Open
// would refuse.
//
// # Duties
//
// What is to be done from time to time is a row too. One process claims it each time that
// it is due: [Store.ClaimDuty].
//
// # Processes
//
// Each process keeps a row of its own, with the connections to Slack that it holds
// at most: [Store.ProcessSeen] from before it connects until it ends.
//
// # Binding
//
// One row says which Workfront and which Slack workspace the database works for; see
// [Binding].
//
// # Databases
//
// SQLite, in WAL mode with synchronous=FULL: a commit that returned survives the
// loss of the process and of power. Two kinds of commits survive only the loss of the
// process, and cost no sync: a claim, which nobody holds after a start, and what
// [Store.UpdateUnsynced] notes of a step that may be done again. Whatever is
// committed after them by others takes them to the disk too, so that a database never
// lacks something in the middle. There is one connection. Work takes turns at it; an
// interaction does not wait for its turn, only for the end of the present one.
//
// An flock on <file>.lock, beside the file that symbolic links lead to, keeps a second
// process out. A file that could be reached by another name all the same, by a hard link
// or since it is mounted without its folder, is refused. The database file itself is never
// opened by anything but the driver, since closing another descriptor on it would drop
// SQLite's own locks. Statements stay prepared, as pgx keeps those of PostgreSQL.
//
// PostgreSQL runs the same statements; several processes may share one database. They
// migrate it in turn, under an advisory lock. Such locks belong to a session, so a pooler
// that keeps no sessions is refused. A database that a newer version has migrated is
// refused. Interactions are stored over connections of their own, so that work that waits
// for locks does not keep Slack waiting.
package store
