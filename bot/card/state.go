package card

import (
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
	further markup // the same, behind the link
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
			now:    "*Expired* with " + approvals(r) + ", " + date(r.ExpiresAt) + ". " + effect(r),
			listed: ", " + date(r.ExpiresAt),
			among:  ", " + date(r.ExpiresAt) + "\n" + approvals(r),
			ended:  " with " + approvals(r),
			told: "Expired with " + approvals(r) + ": " + toDo(r) + ". " + effect(r) +
				" If it is still needed, please type " + again(r) + ".",
			late: "This request has expired already" + tooLate,
		}
	case request.Approved:
		return approved(r)
	case request.Executing:
		if paused(r) && !r.WriteOpen { // it is only being tried whether Workfront still turns wfbot away
			return approved(r)
		}
		return executing(r)
	case request.Done:
		return done(r)
	case request.Failed:
		return standing{
			symbol: "❌", words: "failed", heading: headed(r, "❌ Failed"),
			said:    happened(r),
			now:     effect(r) + " Approvers can press Retry until " + date(r.ExpiresAt) + ".",
			buttons: []button{pressRetry},
			among:   "\n" + effectBriefly(r) + "\nRetry until: " + date(r.ExpiresAt),
			ended:   ": " + trouble(r, 200) + ". " + effectBriefly(r) + ". An approver can press Retry until " + date(r.ExpiresAt),
			told: "❌ Failed: " + toDo(r) + ". " + trouble(r, 1000) + ". " + effect(r) +
				" An approver can press Retry until " + date(r.ExpiresAt) + ".",
			late: "This request has failed, so there is nothing to decide. An approver can press Retry on its card.",
		}
	}
	return standing{symbol: "❓", words: "not known", heading: headed(r, ""), late: undecidable}
}

// What is said to people whose decision comes too late, or too early.
const (
	closed      markup = "This request is not open any more, so nothing was changed. Its card shows how it ended."
	tooLate     markup = ", so your click came too late. If it is still needed, please have somebody ask again."
	undecidable markup = "This request is not waiting for a decision, so your click changed nothing. Its card shows where it stands."
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
		said: happened(r),
		late: undecidable,
	}
	if r.Trouble == "" {
		return s
	}
	s.symbol, s.words, s.among = "🔁", "not looked up yet", nextTryBriefly(r, r.LookUpRetry)
	s.told = "I could not look up " + person(r) + " yet: " + trouble(r, 1000) + ". "
	if paused(r) {
		s.told += "The operator has been told. I go on as soon as it works again. You need not do anything."
	} else {
		s.told += "I keep trying until " + givenUpAt(r.LookUpRetry) + ". You need not do anything."
	}
	return s
}

// waiting is while decisions are wanted.
func waiting(r *request.Request) standing {
	s := standing{
		symbol: "⏳", words: "waiting for approval", heading: headed(r, "Approval needed"),
		meaning: unlessDryRun(r, ""),
		buttons: []button{pressApprove, pressDeny, pressCancel},
		listed:  ", " + tally(r),
		among:   "\n" + approvals(r),
		told:    "Sent to " + channel(r.Channel, "the channel") + ": " + toDo(r) + ". Expires " + date(r.ExpiresAt) + ".",
		further: scheduled(r.NotBefore, r.NotBeforeWords, r.Reason, r.CreatedAt),
		late:    "This request is still waiting for approval, so there is nothing to retry. Please approve or deny it on its card.",
	}
	if !r.NotBefore.IsZero() {
		s.listed += ", for " + date(r.NotBefore)
	}
	late := "did not happen within " + period(request.OverdueAfter) + " of its time"
	if r.Void > 0 {
		s.now = "*Please decide again:* it was approved, but " + late + "."
		s.among = ", again: it " + late + s.among
	}
	noneToAsk := r.Stuck && r.Manager.ID == ""
	if noneToAsk {
		s.ended = ". Their manager cannot be asked: " + noManager(r.NoManager)
	}
	switch {
	case noneToAsk:
		s.told = "Nobody can approve this now: " + toDo(r) + ". Their manager has changed in Workfront and cannot be asked: " +
			noManager(r.NoManager) + ". Please have the manager corrected in Workfront, or cancel the request."
	case r.Stuck:
		s.told = "Too few people can approve this now: " + toDo(r) + ". " +
			"Please ask the people who run wfbot to add approvers, or cancel the request."
	case r.Void > 0:
		s.told = "Approval needed again: " + toDo(r) + ". It was approved, but " + late + "."
	default:
		return s
	}
	s.told += " Expires " + date(r.ExpiresAt) + "."
	s.further = ""
	return s
}

// endedBy is when a person has denied or cancelled it.
func endedBy(r *request.Request, kind request.DecisionKind, symbol, word markup) standing {
	d, _ := r.Last(kind)
	by := " by " + whoAndWhen(d.By.ID, d.At)
	s := standing{
		symbol: symbol, words: word, heading: headed(r, capital(word)),
		now:    "*" + capital(word) + "*" + by + ". " + effect(r),
		said:   quote{"Comment", d.Comment},
		listed: by, among: by,
		ended: " by " + mention(d.By.ID),
		told:  capital(word) + " by " + mention(d.By.ID) + ": " + toDo(r) + ".",
		late:  mention(d.By.ID) + " has " + word + " this request already" + tooLate,
	}
	if kind == request.Cancel && r.Requester.Is(d.By.ID) {
		s.told = "You cancelled: " + toDo(r) + "."
	}
	if line(d.Comment) != "" {
		s.ended += ", who said: " + literal(d.Comment, "", 150)
		s.told += " Comment: " + literal(strings.TrimRight(d.Comment, ". "), "none", 1000) + "."
	}
	s.told += " " + effect(r)
	return s
}

// approved is until the change is made, at its time and whenever Workfront takes it.
func approved(r *request.Request) standing {
	s := standing{
		symbol: "👍", words: "approved", heading: headed(r, "Approved"),
		now:  "*Approved.* It takes effect now.",
		said: happened(r), next: nextTry(r), meaning: unlessDryRun(r, ""),
		buttons: []button{pressCancel},
		late:    "This request is approved already, so your click changed nothing. The card shows when it takes effect.",
	}
	switch last, _ := r.Last(); {
	case r.Trouble != "":
		s.symbol, s.words, s.heading = "🔁", "approved, not done yet", headed(r, "Approved, not done yet")
		s.now = effect(r)
		s.among = nextTryBriefly(r, r.ExecuteRetry)
	case r.DueAt.After(last.At):
		s.now = "*Approved.* It takes effect " + date(r.DueAt) + "; until then it can be cancelled."
		s.listed, s.among = ", takes effect "+date(r.DueAt), "\nTakes effect: "+date(r.DueAt)
	}
	if betweenTries(r) {
		s.buttons = []button{pressRetryNow, pressCancel}
	}
	return s
}

// executing is while the change is made, and while it is not known whether it was.
func executing(r *request.Request) standing {
	s := standing{
		symbol: "▶️", words: "in progress", heading: headed(r, "In progress"),
		now:  "*Workfront is being changed now.*",
		said: happened(r), next: nextTry(r), meaning: unlessDryRun(r, ""),
		late: "This request is in progress, so your click changed nothing. The card will show how it ends.",
	}
	if r.DryRun {
		s.now = "*In progress.*"
	}
	if betweenTries(r) {
		s.buttons = []button{pressRetryNow}
	}
	if !unconfirmed(r) {
		return s
	}
	s.symbol, s.words, s.heading = "❓", "not confirmed yet", headed(r, "Not confirmed yet")
	s.now = "*Not confirmed yet.* The change was sent to Workfront (" + date(r.WriteSentAt) +
		"), but it is not known whether it took effect. I read Workfront again before I send anything else."
	if r.Accepted {
		s.now = "*Not confirmed yet.* Workfront took the change (sent " + date(r.WriteSentAt) + "), but could not be read since."
	}
	s.among = "\nSent: " + date(r.WriteSentAt) + nextTryBriefly(r, r.ExecuteRetry)
	return s
}

// done is the proof.
func done(r *request.Request) standing {
	words, read := wordsOf(r.Action), date(r.Outcome.ReadAt)
	s := standing{
		symbol: "✅", words: "done", heading: heading{"✅ " + capital(words.done()) + ": ", name(r), ""},
		now:  "*Confirmed in Workfront* " + read + decided(r) + "." + dated(r),
		next: readAgain(r), meaning: unlessDryRun(r, stillToDo(r)),
		among: "\nConfirmed: " + read,
		told:  "✅ " + capital(words.done()) + ": " + person(r) + approvedBy(r) + ". Confirmed in Workfront " + read + ". " + stillToDo(r),
		late:  "This request is done already, so your click changed nothing. The card shows the outcome.",
	}
	if !r.Outcome.ReadAt.IsZero() {
		s.listed = ", " + read
	}
	if canComeBack(r) {
		s.buttons = []button{pressReactivate}
	}
	switch {
	case r.Outcome.Already:
		s.words, s.heading = words.stayed, heading{"✅ Nothing to do: ", name(r), " " + words.already}
		s.now = "*Nothing was changed:* the user " + words.already + " when I read Workfront, " + read + decided(r) + "." + dated(r)
		s.told = "✅ Nothing to do: " + person(r) + " " + words.already + " when I read Workfront (" + read + "), so I changed nothing."
	case r.DryRun:
		s.words, s.heading = "done, as a dry run", heading{"✅ Dry run done: ", name(r), " was not changed"}
		s.now = "*Nothing was changed in Workfront*" + decided(r) + "."
		s.among = "\nNothing was changed"
		s.told = "✅ Dry run done: " + person(r) + approvedBy(r) + ". Nothing was changed in Workfront."
	}
	return s.since(r)
}

// since is s with what became of the change since it was done.
func (s standing) since(r *request.Request) standing {
	words, at := wordsOf(r.Action), date(r.Verified.At)
	drifted, superseded := r.Verified.Result == request.Drifted, !r.SupersededAt.IsZero()
	if (drifted || superseded) && !r.Outcome.Already {
		s.now = "*Done at the time:* confirmed in Workfront " + date(r.Outcome.ReadAt) + decided(r) + "."
		s.meaning = ""
	}
	switch {
	case drifted:
		s.symbol, s.words, s.heading = "⚠️", words.opposite+" again", heading{"⚠️ Changed back: ", name(r), " is " + words.opposite + " in Workfront"}
		s.listed, s.among, s.ended = ", "+at, "\nSeen: "+at, " when I checked again, "+at
		s.told = "⚠️ Changed back: " + person(r) + " is " + words.opposite + " in Workfront again. I had confirmed the change " + date(r.Outcome.ReadAt) +
			", but it was gone when I checked again, " + at + ". " + changedBack(r)
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

// changedBack says what to do about a change that did not last.
func changedBack(r *request.Request) markup {
	return "That was not wfbot. If it is wrong, fix the cause first (an identity sync, say), then type " + again(r) + "."
}

// approvedBy names everybody whose approval counted, behind a clause; empty if nobody.
func approvedBy(r *request.Request) markup {
	var who []markup
	for _, d := range r.Approvals() {
		who = append(who, mention(d.By.ID))
	}
	return behind(", approved by ", upTo(10, who, ", "))
}

// decided names everybody who had a part in r, behind a clause.
func decided(r *request.Request) markup {
	words := approvedBy(r)
	if d, ok := r.Last(request.RunAgain); ok {
		words += ", retried by " + mention(d.By.ID)
	}
	return words + ", asked by " + mention(r.Requester.ID)
}

// stillToDo is what Workfront leaves to people once r is done.
func stillToDo(r *request.Request) markup {
	words := markup("*Still to do:* ")
	if n, more := items(r); n > 0 && r.Action == request.Deactivate {
		words += "reassign " + more + plural(n, "item", "items") + "; "
	}
	return words + wordsOf(r.Action).undone
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
		return "*Changed again since*, " + date(r.SupersededAt) + ": wfbot was asked to do the opposite, and did it."
	}
	at := date(r.Verified.At)
	switch r.Verified.Result {
	case request.NoDrift:
		return "*Still so* when I checked again, " + at + "."
	case request.Drifted:
		return "*Changed back:* the user was " + wordsOf(r.Action).opposite + " again when I checked, " + at + ". " + changedBack(r)
	case request.TargetGone:
		return "*Checked again*, " + at + ": the user is not in Workfront any more, or wfbot may not see them."
	case request.Unread:
		return "I could not read Workfront again later, so I do not know whether it is still so."
	case request.Superseded:
		return "Since then wfbot was asked to do the opposite, and may have changed this user again."
	}
	if r.VerifyAt.IsZero() {
		return ""
	}
	return "I check again " + date(r.VerifyAt) + ", in case something changes it back."
}

// dated is Workfront's own date of a deactivation, where it gives one.
func dated(r *request.Request) markup {
	if r.Outcome.InactiveSince.IsZero() {
		return ""
	}
	return " Deactivation date in Workfront: " + date(r.Outcome.InactiveSince) + "."
}

const dryRun markup = "*Dry run:* wfbot does everything except the change in Workfront."

// unlessDryRun is words, or that nothing is changed where that is so.
func unlessDryRun(r *request.Request, words markup) markup {
	if r.DryRun {
		return dryRun
	}
	return words
}

// whatHappened stands first on a card: it is the news.
const whatHappened = "What happened"

// happened is what Workfront or Slack had to say.
func happened(r *request.Request) quote { return quote{whatHappened, r.Trouble} }

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
	return "A change was sent to Workfront (" + date(r.WriteSentAt) + "), but I did not see it take effect. Please look in Workfront whether the user is active."
}

// effectBriefly is effect for a line of its own.
func effectBriefly(r *request.Request) markup {
	if !r.WriteOpen {
		return "Nothing was changed"
	}
	return "A change was sent, but not seen to take effect: " + date(r.WriteSentAt)
}

// nextTry says when a request that met trouble goes on.
func nextTry(r *request.Request) markup {
	switch {
	case r.Trouble == "":
		return ""
	case !betweenTries(r):
		return "It is being tried again now."
	case paused(r):
		return "*Paused* since " + date(r.PausedSince) + ": nothing is sent to Workfront for anybody. The operator has been told. It goes on when Workfront accepts wfbot again."
	}
	return "*Next try* " + date(r.ExecuteRetry.At) + "; I give up " + givenUpAt(r.ExecuteRetry) + "."
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
	if r.Trouble == "" || r.ExecuteRetry.Failures == 0 && !paused(r) || r.State == request.Executing && !unconfirmed(r) && !paused(r) {
		return false
	}
	d, retried := r.Last(request.RunAgain)
	return !retried || r.ExecuteRetry.At.After(d.At)
}

// unconfirmed reports whether a write may have reached Workfront and its effect
// has not been read back.
func unconfirmed(r *request.Request) bool { return r.Trouble != "" && r.WriteOpen }

func rejected(r *request.Request) bool { return r.State == request.Rejected }

func pending(r *request.Request) bool { return r.State == request.Pending }

// cancellable reports whether r can be cancelled as it stands.
func cancellable(r *request.Request) bool { return r.MayTake(request.Cancel) == request.Allowed }

// retriable reports whether Retry makes a difference to r.
func retriable(r *request.Request) bool {
	return r.State == request.Failed || r.State != request.Received && betweenTries(r)
}
