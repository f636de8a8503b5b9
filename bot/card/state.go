package card

import (
	"slices"
	"strings"

	"wfbot/bot/request"
)

// standing is where a request stands, in words: all that is said because of its
// state. It claims nothing that is not known.
type standing struct {
	symbol, words markup // in a list: ⏳ waiting for approval
	heading       heading

	// On the card of one person.
	now     markup // what is known
	next    markup // what follows; may be empty
	meaning markup // what the change means, and what Workfront leaves undone; may be empty
	said    quote  // what somebody else had to say about it
	buttons []button

	// Behind the words.
	listed markup // in lists and on the Home tab
	among  markup // on the card of several people
	ended  markup // in what the requester of several people is told

	told    markup // to the requester, before the link to the card; empty: nothing
	further markup // likewise, behind it
	late    markup // to who wants to decide and cannot any more, or not yet
}

// heading is a title around a name from outside.
type heading struct {
	before markup
	name   string
	after  markup
}

// plain is the heading for a header block, which holds 150 characters.
func (h heading) plain() string {
	return string(h.before) + outside(h.name, "this user", 70) + string(h.after)
}

func (h heading) markup() markup { return h.before + literal(h.name, "this user", 200) + h.after }

// quote is text from outside, which may be empty, and what it is.
type quote struct{ label, text string }

// standingOf has a row for each state.
func standingOf(r *request.Request) standing {
	switch r.State {
	case request.Received:
		return received(r)
	case request.Rejected:
		return standing{
			symbol: "🚫", words: "not possible", heading: headed(r, "Not possible"),
			now:  "*Not possible.* Nothing was changed in Workfront.",
			late: undecidable,
		}
	case request.Pending:
		return waiting(r)
	case request.Denied:
		return endedBy(r, request.Deny, "✖️", "denied")
	case request.Cancelled:
		return endedBy(r, request.Cancel, "➖", "cancelled")
	case request.Expired:
		return standing{
			symbol: "⌛", words: "expired", heading: headed(r, "Expired"),
			now:    "*Expired*, " + date(r.ExpiresAt) + ": " + tally(r) + " approvals came in time. " + effect(r),
			listed: ", " + date(r.ExpiresAt),
			among:  ", " + date(r.ExpiresAt) + "\n" + tally(r) + " approvals",
			ended:  " with " + tally(r) + " approvals",
			told: "Your request to " + toDo(r) + " expired: it got " + tally(r) + " approvals in time. " + effect(r) +
				" If it is still needed, please type " + again(r) + ".",
			late: "This request has expired already" + tooLate,
		}
	case request.Approved:
		return approved(r)
	case request.Executing:
		return executing(r)
	case request.Done:
		return done(r)
	case request.Failed:
		return standing{
			symbol: "❌", words: "failed", heading: headed(r, "Failed"),
			now:  "❌ *Failed.* " + effect(r),
			said: happened(r),
			next: "An approver can press Retry until this time: " + date(r.ExpiresAt) +
				". Workfront is read first, and changed only if that is still needed.",
			meaning: unlessDryRun(r, ""),
			buttons: []button{pressRetry},
			among:   "\n" + effectBriefly(r) + "\nRetry until: " + date(r.ExpiresAt),
			ended:   ": " + trouble(r, 200) + ". " + effectBriefly(r) + ". An approver can press Retry until " + date(r.ExpiresAt),
			told: "Your request to " + toDo(r) + " failed: " + trouble(r, 1000) + ". " + effect(r) +
				" An approver can press Retry on the card until this time: " + date(r.ExpiresAt) + ".",
			late: "This request has failed, so there is nothing to decide; an approver can press Retry on its card.",
		}
	}
	return standing{symbol: "❓", words: "not known", heading: headed(r, ""), late: undecidable}
}

// What is said to people whose decision comes too late, or too early.
const (
	closed      markup = "This request is not open any more, so nothing was changed; its card shows how it ended."
	tooLate     markup = ", so your click came too late; if it is still needed, please have it asked for again."
	undecidable markup = "This request is not waiting for a decision, so your click changed nothing; its card shows where it stands."
)

// headed is the heading that begins with word.
func headed(r *request.Request, word markup) heading {
	if r.DryRun {
		word += " (dry run)"
	}
	return heading{word + ": " + wordsOf(r.Action).verb + " ", name(r), " in Workfront"}
}

// received is before the look-up.
func received(r *request.Request) standing {
	s := standing{
		symbol: "🔎", words: "being looked up", heading: headed(r, "Being looked up"),
		now:  "*Being looked up* in Workfront.",
		said: happened(r),
		late: undecidable,
	}
	if r.Trouble == "" {
		return s
	}
	s.symbol, s.words, s.among = "🔁", "not looked up yet", nextTryBriefly(r, r.LookUpRetry)
	s.told = "I could not look up " + person(r) + " yet: " + trouble(r, 1000) + ". "
	if paused(r) {
		s.told += "The operator has been told. I go on by myself once that is mended, and you need not do anything."
	} else {
		s.told += "I keep trying until " + givenUpAt(r.LookUpRetry) + ", and you need not do anything."
	}
	return s
}

// waiting is while decisions are wanted.
func waiting(r *request.Request) standing {
	s := standing{
		symbol: "⏳", words: "waiting for approval", heading: headed(r, "Approval needed"),
		now:     "*Waiting for approval*, " + tally(r) + " so far.",
		meaning: meaningOf(r),
		buttons: []button{pressApprove, pressDeny, pressCancel},
		listed:  ", " + tally(r),
		among:   "\n" + tally(r) + " approvals",
		told:    "I asked in " + channel(r.Channel, "the channel") + " for approval to " + toDo(r) + ".",
		further: " The request expires if it is not approved in time: " + date(r.ExpiresAt) + "." +
			scheduled(r.NotBefore, r.NotBeforeWords, r.Reason, r.CreatedAt),
		late: "This request is still waiting for approval, so there is nothing to retry; please approve or deny it on its card.",
	}
	if holdsSomething(r) {
		s.buttons = append(s.buttons, pressDetails)
	}
	if !r.NotBefore.IsZero() {
		s.listed += ", wanted " + date(r.NotBefore)
	}
	if r.Void > 0 {
		s.now = "*Waiting for approval again*, " + tally(r) + " so far. It was approved before, but not carried out within " +
			period(request.OverdueAfter) + " of its time, so people have to decide again."
		s.among = ", again: it was not carried out in time" + s.among
	}
	noneToAsk := r.Stuck && r.Manager.ID == ""
	if noneToAsk {
		s.ended = ". Their manager cannot be asked, since " + noManager(r.NoManager)
	}
	switch yours := "Your request to " + toDo(r); {
	case noneToAsk:
		s.told = yours + " cannot be approved now: their manager has changed in Workfront and cannot be asked, since " +
			noManager(r.NoManager) + ". Please have the manager set right in Workfront, or cancel the request."
	case r.Stuck:
		s.told = yours + " cannot be approved now: fewer people can approve it than have to. " +
			"Please ask the people who run wfbot to add approvers, or cancel the request."
	case r.Void > 0:
		s.told = yours + " was approved, but I could not carry it out within " + period(request.OverdueAfter) +
			" of its time, so I am asking for approval again."
	default:
		return s
	}
	s.further = " It expires if it is not approved in time: " + date(r.ExpiresAt) + "."
	return s
}

// endedBy is when a person has denied or cancelled it.
func endedBy(r *request.Request, kind request.DecisionKind, symbol, word markup) standing {
	d, _ := lastOf(r, kind)
	by := " by " + whoAndWhen(d.By.ID, d.At)
	s := standing{
		symbol: symbol, words: word, heading: headed(r, capital(word)),
		now:    "*" + capital(word) + "*" + by + ". " + effect(r),
		said:   quote{"Comment", d.Comment},
		listed: by, among: by,
		ended: " by " + mention(d.By.ID),
		told:  mention(d.By.ID) + " " + word + " your request to " + toDo(r) + ".",
		late:  mention(d.By.ID) + " has " + word + " this request already" + tooLate,
	}
	if kind == request.Cancel && r.Requester.Is(d.By.ID) {
		s.told = "You cancelled your request to " + toDo(r) + "."
	}
	if line(d.Comment) != "" {
		s.ended += ", who said: " + literal(d.Comment, "", 150)
		s.told += " Comment: " + literal(strings.TrimRight(d.Comment, ". "), "none", 1000) + "."
	}
	s.told += " " + effect(r)
	return s
}

// approved is until it is carried out, at its time and whenever Workfront takes it.
func approved(r *request.Request) standing {
	s := standing{
		symbol: "👍", words: "approved", heading: headed(r, "Approved"),
		now:  "*Approved.* It is being carried out now.",
		said: happened(r), next: nextTry(r), meaning: meaningOf(r),
		buttons: []button{pressCancel},
		late:    "This request is approved already, so your click changed nothing; the card shows when it is carried out.",
	}
	switch last, _ := lastOf(r); {
	case r.Trouble != "":
		s.symbol, s.words, s.heading = "🔁", "approved, not done yet", headed(r, "Approved, not done yet")
		s.now = "*Approved, but not done yet.* " + effect(r)
		s.among = nextTryBriefly(r, r.ExecuteRetry)
	case r.DueAt.After(last.At):
		s.now = "*Approved.* It will be carried out at this time: " + date(r.DueAt) + ". Until then it can be cancelled."
		s.listed, s.among = ", due "+date(r.DueAt), "\nDue: "+date(r.DueAt)
	}
	if betweenTries(r) {
		s.buttons = []button{pressRetryNow, pressCancel}
	}
	return s
}

// executing is while the change is made, and while it is not known whether it was.
func executing(r *request.Request) standing {
	s := standing{
		symbol: "▶️", words: "being carried out", heading: headed(r, "Being carried out"),
		now:  "*Being carried out now.*",
		said: happened(r), next: nextTry(r), meaning: meaningOf(r),
		late: "This request is being carried out right now, so your click changed nothing; the card will show how it ends.",
	}
	if betweenTries(r) {
		s.buttons = []button{pressRetryNow}
	}
	if !unconfirmed(r) {
		return s
	}
	s.symbol, s.words, s.heading = "❓", "not confirmed yet", headed(r, "Not confirmed yet")
	s.now = "*Not confirmed yet.* The change was sent to Workfront (" + date(r.WriteSentAt) +
		"), but it is not known whether it took effect. Workfront is read again before anything else is sent."
	if r.Accepted {
		s.now = "*Not confirmed yet.* Workfront accepted the change (sent " + date(r.WriteSentAt) + "), but it could not be read back so far."
	}
	s.among = "\nSent: " + date(r.WriteSentAt) + nextTryBriefly(r, r.ExecuteRetry)
	return s
}

// done is the proof.
func done(r *request.Request) standing {
	words, read := wordsOf(r.Action), date(r.Outcome.ReadAt)
	s := standing{
		symbol: "✅", words: "done", heading: heading{"Done: ", name(r), " " + words.result + " in Workfront"},
		now:  "✅ *Done.* Read back from Workfront: `isActive` = `" + words.active + "`, " + read + "." + dated(r),
		next: readAgain(r), meaning: unlessDryRun(r, words.undone),
		among: "\nRead back: " + read,
		told:  "✅ " + person(r) + " " + words.result + " in Workfront. I read it back: `isActive` = `" + words.active + "`, " + read + ". " + words.undone,
		late:  "This request is done already, so your click changed nothing; the card shows the outcome.",
	}
	if !r.Outcome.ReadAt.IsZero() {
		s.listed = ", " + read
	}
	if canComeBack(r) {
		s.buttons = []button{pressReactivate}
	}
	switch {
	case r.Outcome.Already:
		s.words, s.heading.after = words.stayed, " "+words.already+" in Workfront"
		s.now = "✅ *Done.* The user " + words.already + " when Workfront was read (" + read + "); nothing was written." + dated(r)
		s.told = person(r) + " " + words.already + " when I read Workfront (" + read + "), so I wrote nothing."
	case r.DryRun:
		s.words, s.heading = "done, as a dry run", heading{"Done (dry run): ", name(r), " was not changed in Workfront"}
		s.now = "✅ *Done, as a dry run.* Everything but the change was carried out; nothing was written."
		s.among = "\nNothing was written"
		s.told = "The dry run for " + person(r) + " is done: everything but the change was carried out, and nothing was written to Workfront."
	}
	return s.since(r)
}

// since is s with what became of the change since it was done.
func (s standing) since(r *request.Request) standing {
	words, at := wordsOf(r.Action), date(r.Verified.At)
	drifted, superseded := r.Verified.Result == request.Drifted, !r.SupersededAt.IsZero()
	if (drifted || superseded) && !r.Outcome.Already {
		s.now = "*Done at the time.* Read back from Workfront then: `isActive` = `" + words.active + "`, " + date(r.Outcome.ReadAt) + "."
	}
	switch {
	case drifted:
		s.symbol, s.words, s.heading = "⚠️", words.opposite+" again", heading{"Changed back: ", name(r), " is " + words.opposite + " in Workfront"}
		s.listed, s.among, s.ended = ", "+at, "\nSeen: "+at, " when I looked, "+at
		s.told = "⚠️ " + person(r) + " is " + words.opposite + " in Workfront again. I read it back as `isActive` = `" + words.active + "`, " + date(r.Outcome.ReadAt) +
			", and it had changed when I read it again, " + at + ". I did not do that; an identity sync or an administrator may have. " +
			"If it is not meant to be, please have that found first, and then type " + again(r) + "."
	case r.Verified.Result == request.NoDrift:
		s.among += "\nStill so: " + at
	}
	if superseded {
		s.heading = heading{"Done, and changed again since: ", name(r), ""}
		s.listed += ", changed again " + date(r.SupersededAt)
		if !drifted {
			s.among += "\nChanged again since: " + date(r.SupersededAt)
		}
	}
	return s
}

// plainlyDone reports whether r went as it should, so that nothing needs to be said
// of it: not changed back since, and not so before.
func plainlyDone(r *request.Request) bool {
	return r.State == request.Done && r.Verified.Result != request.Drifted && !r.Outcome.Already
}

// readAgain says what Workfront showed some time after the request was done, or
// when it will be asked.
func readAgain(r *request.Request) markup {
	if !r.SupersededAt.IsZero() {
		return "*Changed again since*, " + date(r.SupersededAt) + ": wfbot was asked for the opposite, and has done it."
	}
	at := date(r.Verified.At)
	switch r.Verified.Result {
	case request.NoDrift:
		return "*Read again*, " + at + ": it is still so."
	case request.Drifted:
		return "⚠️ *Changed back.* Workfront showed the user " + wordsOf(r.Action).opposite + " again, " + at + ". wfbot did not do that; an identity sync or an administrator may have. " +
			"If this is not meant to be, please have that found first, and then type " + again(r) + "."
	case request.TargetGone:
		return "*Read again*, " + at + ": the user is not in Workfront any more, or wfbot may not see them."
	case request.Unread:
		return "Workfront could not be read again later, so it is not known whether it is still so."
	case request.Superseded:
		return "Since then wfbot has been asked for the opposite, and may have changed this user again."
	}
	if r.VerifyAt.IsZero() {
		return ""
	}
	return "Workfront is read once more at this time, in case something changes it back: " + date(r.VerifyAt) + "."
}

// dated is Workfront's own date of a deactivation, where it gives one.
func dated(r *request.Request) markup {
	if r.Outcome.InactiveSince.IsZero() {
		return ""
	}
	return " Workfront's date of the deactivation: " + date(r.Outcome.InactiveSince) + "."
}

// meaningOf says what the change that r asks for means.
func meaningOf(r *request.Request) markup {
	words := wordsOf(r.Action).meaning()
	if r.DryRun {
		words += "\n" + dryRun
	}
	if len(r.Holdings) > 0 {
		words += "\n" + uncounted
	}
	return words
}

const dryRun markup = "*Dry run:* wfbot is set up to do everything but the change, so nothing is changed in Workfront."

// unlessDryRun is words, or that nothing is changed where that is so.
func unlessDryRun(r *request.Request, words markup) markup {
	if r.DryRun {
		return dryRun
	}
	return words
}

// happened is what Workfront or Slack had to say.
func happened(r *request.Request) quote { return quote{"What happened", r.Trouble} }

// trouble is r's trouble for the middle of a sentence.
func trouble(r *request.Request, limit int) markup {
	return literal(strings.TrimRight(r.Trouble, ". "), "the reason is not known", limit)
}

// effect says whether Workfront may have been changed, for a request that is not
// done.
func effect(r *request.Request) markup {
	if !r.WriteOpen {
		return "Nothing was changed in Workfront."
	}
	return "A change was sent to Workfront (" + date(r.WriteSentAt) + ") and has not been seen to take effect; please look there whether the user is active."
}

// effectBriefly is effect for a line of its own.
func effectBriefly(r *request.Request) markup {
	if !r.WriteOpen {
		return "Nothing was changed"
	}
	return "A change was sent, and not seen to take effect: " + date(r.WriteSentAt)
}

// nextTry says when a request that met trouble goes on.
func nextTry(r *request.Request) markup {
	switch {
	case r.Trouble == "":
		return ""
	case !betweenTries(r):
		return "It is being tried again now."
	case paused(r):
		return "*Paused* since " + date(r.PausedSince) + ": nothing is sent to Workfront for anybody. The operator has been told. It goes on by itself once Workfront works for the bot again."
	}
	return "*Next try* " + date(r.ExecuteRetry.At) + ". It is tried again until this time: " + givenUpAt(r.ExecuteRetry) + "."
}

// nextTryBriefly is nextTry for a line of its own.
func nextTryBriefly(r *request.Request, retry request.Retry) markup {
	switch {
	case r.Trouble == "":
		return ""
	case paused(r):
		return "\nPaused since " + date(r.PausedSince)
	}
	return "\nNext try: " + date(retry.At)
}

// givenUpAt is when what fails is given up.
func givenUpAt(retry request.Retry) markup { return date(retry.Since.Add(request.RetryFor)) }

// paused reports whether r waits until Workfront takes the bot's credential again.
func paused(r *request.Request) bool { return !r.PausedSince.IsZero() }

// betweenTries reports whether r met trouble and its next try is to come, so that
// "Retry now" makes a difference.
func betweenTries(r *request.Request) bool {
	if r.Trouble == "" || r.ExecuteRetry.Failures == 0 && !paused(r) || r.State == request.Executing && !unconfirmed(r) {
		return false
	}
	d, retried := lastOf(r, request.RunAgain)
	return !retried || r.ExecuteRetry.At.After(d.At)
}

// unconfirmed reports whether a write may have reached Workfront and its effect
// has not been read back.
func unconfirmed(r *request.Request) bool { return r.Trouble != "" && r.WriteOpen }

// lastOf is the newest decision of one of the kinds; without any, of all.
func lastOf(r *request.Request, kinds ...request.DecisionKind) (request.Decision, bool) {
	for _, d := range slices.Backward(r.Decisions) {
		if len(kinds) == 0 || slices.Contains(kinds, d.Kind) {
			return d, true
		}
	}
	return request.Decision{}, false
}

func rejected(r *request.Request) bool { return r.State == request.Rejected }

func pending(r *request.Request) bool { return r.State == request.Pending }

// cancellable reports whether r can be cancelled as it stands.
func cancellable(r *request.Request) bool { return r.MayTake(request.Cancel) == request.Allowed }

// retriable reports whether Retry makes a difference to r.
func retriable(r *request.Request) bool {
	return r.State == request.Failed || r.State != request.Received && betweenTries(r)
}
