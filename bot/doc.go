// Package bot is the approval bot: what people do in Slack comes in, is judged
// by the policy and stored; what is approved is executed in Workfront; cards and answers
// go out.
//
// # The one idea
//
// The row in the database is the authority. Slack only delivers interactions, and the
// message in a channel is only a picture of rows. Open rows say when they want
// attention next; [request.Request.Next] and [request.Card.Next] say what they then
// need. A claim loop hands a due row to a goroutine under a lease; the goroutine does
// one outside effect and stores its result together with the audit entries in one
// transaction. No step needs to know who caused it, so that a crash anywhere is
// healed by doing the step again.
//
// # The rooms
//
// This package wires the rooms together and has nothing else. The three stages do not
// know one another: what connects them are the rows.
//
//	inbox         envelope → stored → acknowledged; forms that must open within 3 s
//	handler       a stored interaction → who, what, may they → card, decision, answer
//	worker        the steps of requests and cards, a file for each; Home tabs
//
//	loop          the claim loop: rows of a kind that are due, their leases and places
//	slackapi      Slack as the bot uses it: who the bot is, people and groups, channels,
//	              reply routes, messages and their limits, what an error means
//	workfrontapi  Workfront as the bot uses it: what its answers mean, what somebody
//	              holds, who manages somebody
//	operator      what the operator is told: alarms, the pause while Workfront turns the
//	              bot away, the watch of the database
//	request       pure: requests and cards, their life and policy, what people type
//	card          pure: what people see of them
//	socket        Socket Mode: connections, envelopes
//	store         the rows, their claims, and the audit trail
//	metrics       what is counted, for Prometheus
//	health        whether the process lives and is ready, and its metrics, over HTTP
//
//	check         a set-up as the bot will find it, for the operator; changes nothing
//	manifest      the Slack app that the bot is, for the person who makes it
//
// Where to put a new …
//
//	sub-command of the slash command  request/command.go; handler/handler.go, read.go
//	button, menu                      card/buttons.go; handler/decision.go
//	refusal                           request/refusal.go; its row in card/refusal.go
//	state of a request                request/request.go, transition.go; its row in card/state.go
//	step                              request/next.go, result.go; a file in worker
//	fault of Slack, of Workfront      slackapi/errors.go; workfrontapi/answer.go
//	column                            a migration in store; requests.go or cards.go there
//	fact about a channel              slackapi/people.go; worker/shared.go
//	alarm                             operator; the table of troubles below
//	duty, from time to time           worker/duty.go
//	scope, event of Slack's            slackapi/identify.go; inbox/event.go; manifest/manifest.yaml
//	finding of wfbot check            a file of check; its row in cmd/wfbot/checkup_test.go
//	metric, check of /readyz          metrics; observe.go
//	variable                          cmd/wfbot/config.go, which makes docs/configuration.md
//
// # The way of one command
//
//	envelope     inbox            stored as an interaction, once by its dedupe key; then acknowledged; no network, no decision
//	interaction  handler          who is it, what did they mean, may they → card and requests, or a decision, or a refusal; with its audit entry
//	request: received  worker/lookup   Workfront: find the user; Slack: who is concerned → pending, or rejected
//	         pending   worker/count    count what the user holds, 5 s in all; what is not known then is asked for again.
//	                                   A decision ends the claim: what was decided does not wait for it
//	         pending   worker/manager  before people are asked again: who manages the user now?
//	         approved  worker/execute  read, record the write, write, read back → done, failed, or later
//	         overdue   worker          ask for approval again what should have been done more than a day ago
//	         done      worker/verify   read the user again a day later: still so, changed back, gone
//	card:    found     worker/post     the message, without buttons; its place is stored
//	         new look  worker/paint    make it show its requests, with buttons
//	         news      worker/tell     tell the requester
//	         pending   worker/remind   mention those who can decide, or retry, in its thread
//
// # Two rows, two lives
//
// A command makes one card (a message, what its requester was told, reminders) and a
// request for each of the 1 to 50 people that it names. A request that is alone has the
// id of its card. The two are claimed, tried again and stored apart: Slack never waits
// for Workfront, nor the other way round. A card is posted while what its person holds is
// counted, and a request is executed while its card is repainted.
//
// Whatever changes a request raises its card's look, and makes it due, in the same
// transaction, by one statement that does not read the card. Any number of changes are
// one repaint. A card about one person is repainted at once, so that who clicks sees
// their click; one about several at most every two seconds. Buttons come with the first
// repaint: of one person when what they hold has been counted, or after 5 seconds.
//
// What a requester was told is a fact of each request. About one person they are told, as
// soon as it is so: that the look-up has to wait, or that it cannot be asked for; that
// people have been asked, when the card has its buttons; that they are asked again, or
// too few can approve; how it ended; that it was changed back. About several they are
// told first that people have been asked, or that nobody could be asked for. Then they
// are told as above for some of them: what went wrong while others may take days, and how
// it ended for all.
//
// A crash between the steps of the two rows means nothing to either: the request goes
// on by what is stored of it, and the card shows it when it is claimed next.
//
// A button of a card about several holds who the card showed. A decision is taken for
// those of them who can take it and that the person may decide about, in one transaction.
// A private answer says who it was not taken for, and why.
//
// # Guarantees
//
//   - An envelope is acknowledged only after its interaction is on disk. The same thing
//     delivered again is the same interaction; a form sent again with something else in it
//     is another. Opening the form that people ask in is no interaction: see below.
//   - Whoever is named in a command is asked for, or the command is refused.
//   - A write is sent only for a request that enough other people approved, under a
//     lease that was checked just before, after it has been recorded as attempted.
//   - It is sent to the Workfront that it was approved for: the database is bound to
//     its host, which is compared before the first claim, and to the Slack workspace,
//     which is compared before the first interaction is handled (binding.go).
//   - "Done" means that Workfront was read after the write, or before one was
//     needed, and showed the user as was asked for.
//   - A write counts as not made if it could not be sent, if Workfront's API itself
//     refused it in its own error object, or if it declined it for now and a read
//     shows the user unchanged. Any other answer, whatever its status, leaves it open
//     until the user is read, and until then it is too late to cancel.
//   - A change is not sent while the opposite one, for another request, can still arrive:
//     the lease and the deadline of that write must have passed.
//   - Names of what somebody holds go to people who may decide or asked, and to
//     nobody else; that they looked is recorded before they are answered.
//   - Whatever was accepted ends in an outcome on the card and a message to the
//     requester, or in a private answer.
//   - Rules are applied after the interaction is on disk, by Slack user id, with facts at
//     most a minute old. What cannot be found out is asked for again for 30
//     seconds and then refused.
//   - In a channel that people of another organisation can read, or are about to, nothing
//     is decided, and nothing about people is written once that is known: see below.
//   - Whoever decides, or sees details, only as the manager of the user must be the manager
//     then, by Workfront and Slack. What they approved stands when they are not any more.
//
// # The form and the Home tab
//
// Slack lets a form be opened for three seconds after somebody asked for it. The
// form that people ask in (the slash command alone, the shortcut, the button of
// the Home tab) is therefore opened straight from the envelope (inbox), by the
// facts about the person and without the database, which may be busy for longer;
// the envelope is acknowledged at once. Nothing is lost if it does not open. A person who
// may not ask, or whose form did not open in time, is answered as for an interaction, and
// the refusal is recorded. What is filled in wrongly is said at its input in the
// acknowledgement, and nothing is stored; a form without such mistakes is an interaction
// that goes the way of a typed command.
//
// An opened Home tab is noted before its event is acknowledged, and drawn
// (worker/home.go) when what it shows has changed since, until half a day after it was
// opened last: looked at whenever something has happened to a request, but sent to
// Slack only if it is another view than the one before, and at a pace that Slack
// takes however many people look. It is private and decides nothing: it links to the
// cards. People who may not see requests, or not any more, see a view without them.
//
// # See all
//
// Who may see what somebody holds is judged by facts that a process has to ask for, so
// the modal is opened by the handler, as a form for a comment is, and not straight from
// the envelope: somebody who may not see it never sees anything in it, not for a moment.
// It shows the counts of the row and is opened before the names are read. It is made to
// show the names once it is stored that they are shown (handler/details.go). Only the
// process that opened it knows which modal it is. After a crash, or where another process
// gives the answer, the modal stays with its counts and says that the names come in a
// private message, and they do. They also do if it did not open in time or has been
// closed. A refusal is private.
//
// # When a channel is shared
//
// Slack says who can read a channel only when it is asked. It is asked before a card is
// posted, and when a card is painted or pressed: then facts may be a minute old. It is
// also asked every five minutes about the channels of cards that are open or have Retry
// (worker/shared.go), once for all cards in a channel. If others can read the channel, or
// are invited, a card is painted once more, as one line about nobody. Its row notes that
// (Hidden). Requester and operator are told; the row notes too that the requester was
// (ToldHidden). A hidden card is not painted, and nobody is reminded of it. What is
// pressed on it, or submitted in a form opened from it, is refused. Its requests go on,
// wait, expire, and can be cancelled by a command. It is looked at again every quarter of
// an hour, and less and less often once it has ended. The card is shown when the bot is in
// the channel and Slack says that the channel is its organisation's alone.
//
// # When Workfront turns the bot away
//
// A refused credential (401, with a fresh token where there are tokens; a JWT that
// is not exchanged) and an address that answers with a redirect are nobody's
// request's fault. They pause all look-ups and executions: nothing is sent except one
// question, whether it is still so, after 2, 5 and 15 seconds and then each minute, or at
// once when an approver presses Retry now. The cards say so, the operations channel is
// told when it begins, each hour, and when it ends, in Workfront's words and with what
// may be the cause, and the 48 hours of a request do not run meanwhile.
//
// # What is due from time to time
//
// The table duties holds what one of the processes does again and again, claimed like
// other rows (worker/duty.go): each day the head of the audit trail goes into the log,
// and each week to the operations channel, where people who can write to the database
// cannot change it. Each hour interactions that were dealt with 30 days ago are deleted.
// If the configuration says so, what is known of people is then erased from requests that
// nothing has happened to for long enough and that want nothing any more. What rules go
// by stays: the way back and the pause between opposite writes are as before. A duty
// whose process dies is done by another; one that fails is done a second later.
//
// # When the database fails
//
// Whatever was not stored is not accepted: a command and a form say so in the
// acknowledgement, a click is not acknowledged, so that Slack shows its error.
// Where the database does not answer at all it may still store what it was sent;
// the person is told that it is not certain. No call waits for the database for
// longer than some seconds; everything is tried again until it works. The
// operations channel is told when that begins, each hour, and when it ends.
//
// # When another wfbot uses the same Slack app
//
// Slack gives each of them a part of what people do, and neither knows the other's
// requests. Each process keeps a row in the database with the connections to Slack that
// it holds, from before the first one until two minutes after it ends. Whatever Slack
// counts beyond all rows, with two new connections at least a minute apart, is another
// database's (deployment.go). To find out, a process that sees more than it should opens
// one more connection a minute later, and then each hour. Connections that have ended
// count for two minutes more, so that a restart, a rolling update or a broken network
// does not look like that; where they could hide somebody else's, one more connection is
// opened three minutes after the start.
//
// # What trouble means
//
// Passing trouble is 408, 409, 429, 5xx, a refused or broken connection, no answer,
// a slow, garbled or foreign one; of Slack also ok:false without a
// code or with one that is not known. It is tried again after 2 s, 4 s, … 30 min,
// or later if Retry-After says so, for 48 hours. "Operator" is a message to the
// operations channel, at most one an hour of each kind, and an error in the log.
//
//	Workfront                 requester                 card                          tried again
//	passing, at the look-up   told once; when given up  none yet                      48 h, then rejected
//	passing, before a write   when failed               why, next try; Retry now      48 h, then failed
//	passing, a write is out   when failed               not confirmed yet; Retry now  48 h, each time read first
//	403 404 410 422, error    failed, why               failed, why; Retry            when an approver says so
//	  inside 200
//	the same, at the look-up  why, privately            none                          no; operator, except for 404
//	no change despite 200     failed, why               failed, why; Retry            when an approver says so
//	user another or gone      failed, why               failed, why; Retry            when an approver says so
//	user as wanted already    done, nothing written     done, nothing written         no need
//	any, counting             –                         which count                   4 times, if it may pass
//	passing, who manages      –                         the manager as known          48 h; people are asked meanwhile
//	the same, at a decision   refused, privately        unchanged                     30 s
//	refused, who manages      when too few can approve  no manager, and why           at the next reminder or decision
//	any, reading again        when changed back         what was found                48 h, then not known
//	401, a redirect           at the look-up            paused; Retry now             for ever, at most each minute; operator
//	the same, at a decision   refused, privately        unchanged                     30 s; operator
//	  as the manager
//
//	Slack                     the person                card                          tried again
//	passing, about people     refused, privately        unchanged                     30 s
//	refused, about people     refused, privately        unchanged                     30 s; operator
//	refused, who manages      –                         the manager as known          48 h; operator
//	passing, posting          when rejected             none yet                      48 h, then rejected; operator
//	passing, repainting       the outcome, directly     behind                        48 h; operator
//	passing, telling          late                      unchanged                     48 h, by each way; operator
//	any, opening a form       at once, privately        unchanged                     when pressed again; operator if refused
//	refused, posting          why, privately            none                          no; operator where it is theirs
//	refused, posting again    the outcome, directly     none                          48 h; operator
//	refused, repainting       the outcome, directly     behind                        48 h; operator
//	refused, telling          late                      unchanged                     48 h; operator
//	refused, person is gone   never                     unchanged                     no; the trail says so
//	channel is shared         once, directly            one line about nobody         until it is not; operator
//	the same, refused         once it is hidden         as it was; clicks refused     while it is shared; operator
//	not shown who reads it    refused, privately        unchanged                     when pressed again
//	card deleted by people    the outcome, directly     a new one, if still needed    at the next change
//	token or scope gone       after the restart         after the restart             no: the process ends
//
// Nothing that Slack answers about one person, conversation or message ends the
// process. Where the answer may mean that the token is dead or has lost a scope,
// auth.test is asked, and only what it says counts (package slackapi): then the process
// ends with the words of the start; otherwise the call is one that Slack refuses.
//
// A message that the operator's channel does not take is told there later, when it does
// (operator). What is still owed to it when the process ends is in the log.
//
// After a 429 no call of that method is sent for as long as Slack asks, but at most for
// 10 minutes (package slackapi): those made meanwhile fail at once, as if sent.
//
// "Privately" is by the reply route that Slack lent, or a message that only
// they see in the channel. Half an hour later nobody waits there any more, and what
// is left to say goes by direct message.
//
// If a clock is set, what waits for a time comes as much earlier or later. No facts
// become fresh again, and Retry now works at once. The database's clock set forward while
// a step is under way may end its lease, so that the step is done twice: a person told
// twice, a write sent twice with the same value.
//
// # What a crash means
//
//	before the interaction is stored       not acknowledged: Slack shows the person an error
//	stored, not acknowledged               executed; Slack may show an error although it works (**)
//	handled, answer not given              the answer is stored and given later, by another route
//	card posted, its place not stored      a second card is posted; the first never gets buttons
//	place stored, not painted              painted on restart
//	card hidden, not stored                hidden again; the operator is told again
//	request changed, card not repainted    painted on restart; the request goes on meanwhile
//	executing, write not recorded          the user is read; then as if for the first time (*)
//	write recorded, perhaps sent           the user is read: as wanted is done, anything else is tried again (*)
//	write answered, not read back          the same
//	requester told, not stored             told a second time
//	people reminded, not stored            reminded a second time
//	counted, not stored                    counted again
//	manager found, not stored              looked for again; nobody has decided as the manager
//	manager stored, click not handled      judged by who is the manager now
//	details recorded, not answered         the answer is stored and given later, by another route
//	form asked for, not opened             nothing: the person asks again
//	Home tab drawn, not stored             drawn a second time
//	cannot be handled, not set aside       tried again, and set aside then
//
// (*) Unless it should have been executed more than 24 hours ago: people are asked again.
//
// (**) An approval or a retry that can be judged only more than 24 hours after it
// was pressed is refused, and the person told to press again.
//
// On SQLite the leases of the dead process are void when the next one starts, and
// due rows are worked on at once. On PostgreSQL another process, or the next one, takes
// over within two seconds: each holds a lock as long as it is there. If a recorded write
// has no outcome, or a process is frozen, it takes over when the lease of a minute has
// ended: a process that works and has only lost its lock may have the write under way.
// Its other steps are cut short, and it goes on under a new id.
//
// # What is set aside
//
// A row that cannot be decoded, a step that panics and a transition that does not exist
// would starve the others or be tried for ever. Such a row is set aside: set_aside_at and
// set_aside_why say since when and why, the audit trail says so, claims pass over it,
// lists and Home say how many requests cannot be read, the operator is told. Its columns
// still count: it is open for whoever asks for the same user. The worst is assumed of
// what cannot be read: nobody is reactivated because of it, and the opposite may have
// been sent until now. If one request of a card cannot be decoded, the whole card is set
// aside: its buttons name people by their places. The other requests on it go on in
// Workfront, unseen until it is fixed. Each start tries all of it again.
//
// # What remains
//
// A write cannot be fenced. A process frozen after it checked its lease and woken
// after the lease has ended may send its write late; so may a network that held a
// request back. The lease is renewed just before the write and the write's
// deadline is shorter than the lease, so this takes a process that is stopped in
// between. A late write can only repeat the value that was approved, and what the
// process finds out then is refused: somebody else has the row.
//
// Slack offers no idempotency key: a crash between a message and the storing of
// its receipt makes a second message.
package bot
