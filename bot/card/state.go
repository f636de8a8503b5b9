package card

import (
	"strings"

	"wfbot/bot/request"
)

// status is where a request stands, in words.
type status struct {
	heading heading
	now     markup // what is known
	label   string // what said is
	said    string // what somebody else had to say about it, from outside; may be empty
	next    markup // what follows; may be empty
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

// statusOf says where r stands. It claims nothing that is not known.
func statusOf(r *request.Request, v View) status {
	s := status{heading: headingOf(r)}
	switch r.State {
	case request.Received:
		s.now = "*Being looked up* in Workfront."
		s.label, s.said = "What happened", r.Trouble
	case request.Rejected:
		s.now = "*Not possible.* Nothing was changed in Workfront."
	case request.Pending:
		s.now = pendingNow(r, v)
	case request.Denied:
		d, _ := r.Denial()
		s.now = "*Denied* by " + mention(d.By.ID) + ", " + date(d.At) + ". " + changed(r)
		s.label, s.said = "Comment", d.Comment
	case request.Cancelled:
		d, _ := r.Cancellation()
		s.now = "*Cancelled* by " + mention(d.By.ID) + ", " + date(d.At) + ". " + changed(r)
		s.label, s.said = "Comment", d.Comment
	case request.Expired:
		s.now = "*Expired*, " + date(r.ExpiresAt) + ": " + tally(r) + " approvals came in time. " + changed(r)
	case request.Approved:
		s.now = approvedNow(r)
		s.label, s.said, s.next = "What happened", r.Trouble, nextTry(r)
	case request.Executing:
		s.now = executingNow(r)
		s.label, s.said, s.next = "What happened", r.Trouble, nextTry(r)
	case request.Done:
		s.now, s.next = doneNow(r), readAgain(r)
	case request.Failed:
		s.now = "❌ *Failed.* " + changed(r)
		s.label, s.said = "What happened", r.Trouble
		s.next = "An approver can press Retry until this time: " + date(r.ExpiresAt) + ". Workfront is read first, and changed only if that is still needed."
	}
	return s
}

func headingOf(r *request.Request) heading {
	h := heading{name: name(r), after: " in Workfront"}
	word := markup("")
	switch r.State {
	case request.Received:
		word = "Being looked up"
	case request.Rejected:
		word = "Not possible"
	case request.Pending:
		word = "Approval needed"
	case request.Denied:
		word = "Denied"
	case request.Cancelled:
		word = "Cancelled"
	case request.Expired:
		word = "Expired"
	case request.Approved:
		word = "Approved"
		if r.Trouble != "" {
			word = "Approved, not done yet"
		}
	case request.Executing:
		word = "Being carried out"
		if unconfirmed(r) {
			word = "Not confirmed yet"
		}
	case request.Failed:
		word = "Failed"
	case request.Done:
		return doneHeading(h, r)
	}
	if r.DryRun {
		word += " (dry run)"
	}
	h.before = word + ": " + wordsOf(r.Action).verb + " "
	return h
}

func doneHeading(h heading, r *request.Request) heading {
	words := wordsOf(r.Action)
	h.before, h.after = "Done: ", " "+words.result+" in Workfront"
	switch {
	case !r.SupersededAt.IsZero():
		h.before, h.after = "Done, and changed again since: ", ""
	case r.Verified.Result == request.Drifted:
		h.before, h.after = "Changed back: ", " is "+opposite(r)+" in Workfront"
	case r.Outcome.Already:
		h.after = " " + words.already + " in Workfront"
	case r.DryRun:
		h.before, h.after = "Done (dry run): ", " was not changed in Workfront"
	}
	return h
}

func pendingNow(r *request.Request, v View) markup {
	words := markup("*Waiting for approval*, " + tally(r) + " so far.")
	if r.Void > 0 {
		words = "*Waiting for approval again*, " + tally(r) + " so far. It was approved before, but not carried out within " +
			period(request.OverdueAfter) + " of its time, so people have to decide again."
	}
	if who := asked(r, v); who != "" {
		words += "\nPlease approve or deny: " + who
	}
	if v.Approvers.Manager && r.Manager.ID == "" {
		words += "\nTheir manager cannot be asked, since " + noManager(r.NoManager) + "."
	}
	if r.Stuck {
		words += "\n⚠️ Fewer people can approve this now than have to. It goes on when the manager is set right in Workfront."
	}
	return words
}

func approvedNow(r *request.Request) markup {
	switch {
	case r.Trouble != "":
		return "*Approved, but not done yet.* " + changed(r)
	case r.DueAt.After(lastDecision(r).At):
		return "*Approved.* It will be carried out at this time: " + date(r.DueAt) + ". Until then it can be cancelled."
	}
	return "*Approved.* It is being carried out now."
}

func executingNow(r *request.Request) markup {
	switch {
	case !unconfirmed(r):
		return "*Being carried out now.*"
	case r.Accepted:
		return "*Not confirmed yet.* Workfront accepted the change (sent " + date(r.WriteSentAt) + "), but it could not be read back so far."
	}
	return "*Not confirmed yet.* The change was sent to Workfront (" + date(r.WriteSentAt) + "), but it is not known whether it took effect. Workfront is read again before anything else is sent."
}

// doneNow is the proof.
func doneNow(r *request.Request) markup {
	words := wordsOf(r.Action)
	switch {
	case r.Outcome.Already:
		return "✅ *Done.* The user " + words.already + " when Workfront was read (" + date(r.Outcome.ReadAt) + "); nothing was written." + dated(r)
	case r.DryRun:
		return "✅ *Done, as a dry run.* Everything but the change was carried out; nothing was written."
	}
	if r.Verified.Result == request.Drifted || !r.SupersededAt.IsZero() {
		return "*Done at the time.* Read back from Workfront then: `isActive` = `" + words.active + "`, " + date(r.Outcome.ReadAt) + "."
	}
	return "✅ *Done.* Read back from Workfront: `isActive` = `" + words.active + "`, " + date(r.Outcome.ReadAt) + "." + dated(r)
}

// dated is Workfront's own date of a deactivation, where it gives one.
func dated(r *request.Request) markup {
	if r.Outcome.InactiveSince.IsZero() {
		return ""
	}
	return " Workfront's date of the deactivation: " + date(r.Outcome.InactiveSince) + "."
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
		return "⚠️ *Changed back.* Workfront showed the user " + opposite(r) + " again, " + at + ". wfbot did not do that; an identity sync or an administrator may have. " +
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

// opposite is what the user is when the change of r has been undone.
func opposite(r *request.Request) markup {
	if r.Action.Active() {
		return "inactive"
	}
	return "active"
}

// nextTry says when a request that met trouble goes on.
func nextTry(r *request.Request) markup {
	if r.Trouble == "" {
		return ""
	}
	if !waiting(r) {
		return "It is being tried again now."
	}
	if !r.HeldSince.IsZero() {
		return "*Paused* since " + date(r.HeldSince) + ": nothing is sent to Workfront for anybody. The operator has been told. It goes on by itself once Workfront works for the bot again."
	}
	return "*Next try* " + date(r.ExecuteRetry.At) + ". It is tried again until this time: " + date(r.ExecuteRetry.Since.Add(request.RetryFor)) + "."
}

// waiting reports whether r met trouble and waits for its next try, so that
// "Retry now" makes a difference.
func waiting(r *request.Request) bool {
	held := !r.HeldSince.IsZero()
	if r.Trouble == "" || r.ExecuteRetry.Failures == 0 && !held || r.State == request.Executing && !unconfirmed(r) {
		return false
	}
	d, retried := lastOf(r, request.RunAgain)
	return !retried || r.ExecuteRetry.At.After(d.At)
}

// unconfirmed reports whether a write may have reached Workfront and its effect
// has not been read back.
func unconfirmed(r *request.Request) bool { return r.Trouble != "" && r.WriteOpen }

// changed says whether Workfront may have been changed, for a request that is
// not done.
func changed(r *request.Request) markup {
	if !r.WriteOpen {
		return "Nothing was changed in Workfront."
	}
	return "A change was sent to Workfront (" + date(r.WriteSentAt) + ") and has not been seen to take effect; please look there whether the user is active."
}

// lastDecision is the newest decision of any kind, zero if there is none.
func lastDecision(r *request.Request) request.Decision {
	if len(r.Decisions) == 0 {
		return request.Decision{}
	}
	return r.Decisions[len(r.Decisions)-1]
}

func lastOf(r *request.Request, kind request.DecisionKind) (request.Decision, bool) {
	for i := len(r.Decisions) - 1; i >= 0; i-- {
		if r.Decisions[i].Kind == kind {
			return r.Decisions[i], true
		}
	}
	return request.Decision{}, false
}

// standing is how r stands in a word or two, and a symbol for it. It claims
// nothing that is not known.
func standing(r *request.Request) (symbol, words markup) {
	switch r.State {
	case request.Received:
		if r.Trouble != "" {
			return "🔁", "not looked up yet"
		}
		return "🔎", "being looked up"
	case request.Rejected:
		return "🚫", "not possible"
	case request.Pending:
		return "⏳", "waiting for approval"
	case request.Denied:
		return "✖️", "denied"
	case request.Cancelled:
		return "➖", "cancelled"
	case request.Expired:
		return "⌛", "expired"
	case request.Approved:
		if r.Trouble != "" {
			return "🔁", "approved, not done yet"
		}
		return "👍", "approved"
	case request.Executing:
		if unconfirmed(r) {
			return "❓", "not confirmed yet"
		}
		return "▶️", "being carried out"
	case request.Failed:
		return "❌", "failed"
	case request.Done:
		return doneStanding(r)
	}
	return "❓", "not known"
}

func doneStanding(r *request.Request) (symbol, words markup) {
	switch {
	case r.Verified.Result == request.Drifted && r.Action == request.Deactivate:
		return "⚠️", "active again"
	case r.Verified.Result == request.Drifted:
		return "⚠️", "inactive again"
	case r.Outcome.Already && r.Action == request.Deactivate:
		return "✅", "was inactive already"
	case r.Outcome.Already:
		return "✅", "was active already"
	case r.DryRun:
		return "✅", "done, as a dry run"
	}
	return "✅", "done"
}

// saidOf is what somebody else had to say about how r stands, from outside, and
// what that is; empty if nothing.
func saidOf(r *request.Request) (label, said string) {
	switch r.State {
	case request.Received, request.Approved, request.Executing, request.Failed:
		return "What happened", line(r.Trouble)
	case request.Denied:
		d, _ := r.Denial()
		return "Comment", line(d.Comment)
	case request.Cancelled:
		d, _ := r.Cancellation()
		return "Comment", line(d.Comment)
	}
	return "", ""
}

// progress is how a member stands, in our own words.
func progress(b *request.Batch, r *request.Request, v View) markup {
	symbol, state := standing(r)
	words := symbol + " *" + markup(strings.ToUpper(string(state[:1]))) + state[1:] + "*"
	switch r.State {
	case request.Rejected:
		words += "\n" + reasonIn(b, r)
	case request.Pending:
		if r.Void > 0 {
			words += ", again: it was not carried out in time"
		}
		words += "\n" + tally(r) + " approvals" + warnings(r, v)
	case request.Denied:
		d, _ := r.Denial()
		words += " by " + mention(d.By.ID) + ", " + date(d.At)
	case request.Cancelled:
		d, _ := r.Cancellation()
		words += " by " + mention(d.By.ID) + ", " + date(d.At)
	case request.Expired:
		words += ", " + date(r.ExpiresAt) + "\n" + tally(r) + " approvals"
	case request.Received:
		words += retryAt(r, r.LookUpRetry)
	case request.Approved:
		words += retryAt(r, r.ExecuteRetry)
		if r.Trouble == "" && r.DueAt.After(lastDecision(r).At) {
			words += "\nDue: " + date(r.DueAt)
		}
	case request.Executing:
		if unconfirmed(r) {
			words += "\nSent: " + date(r.WriteSentAt) + retryAt(r, r.ExecuteRetry)
		}
	case request.Done:
		words += doneProgress(r)
	case request.Failed:
		words += "\n" + changedBriefly(r) + "\nRetry until: " + date(r.ExpiresAt)
	}
	return words
}

// retryAt says when a member that met trouble goes on.
func retryAt(r *request.Request, retry request.Retry) markup {
	switch {
	case r.Trouble == "":
		return ""
	case !r.HeldSince.IsZero():
		return "\nPaused since " + date(r.HeldSince)
	}
	return "\nNext try: " + date(retry.At)
}

func doneProgress(r *request.Request) markup {
	switch {
	case r.Verified.Result == request.Drifted:
		return "\nSeen: " + date(r.Verified.At)
	case r.DryRun && !r.Outcome.Already:
		return "\nNothing was written"
	}
	words := "\nRead back: " + date(r.Outcome.ReadAt)
	if r.Verified.Result == request.NoDrift {
		words += "\nStill so: " + date(r.Verified.At)
	}
	if !r.SupersededAt.IsZero() {
		words += "\nChanged again since: " + date(r.SupersededAt)
	}
	return words
}

// changedBriefly is changed for a line of its own.
func changedBriefly(r *request.Request) markup {
	if !r.WriteOpen {
		return "Nothing was changed"
	}
	return "A change was sent, and not seen to take effect: " + date(r.WriteSentAt)
}

// warnings are what to think of before approving.
func warnings(r *request.Request, v View) (words markup) {
	if r.Target.Admin {
		words += "\n⚠️ Workfront administrator"
	}
	if len(r.Target.Twins) > 0 {
		words += "\n" + plural(len(r.Target.Twins), "other, inactive user has", "other, inactive users have") + " the same e-mail"
	}
	if at := r.Target.ScheduledOff; !at.IsZero() && r.Action == request.Deactivate {
		words += "\n" + scheduledOff(r, at)
	}
	if v.Approvers.Manager && r.Manager.ID == "" {
		words += "\nManager not asked: " + noManager(r.NoManager)
	}
	if r.Stuck {
		words += "\n⚠️ Too few people can approve this now"
	}
	things, unknown := 0, false
	for _, h := range r.Holdings {
		things += h.Count
		unknown = unknown || h.Trouble != "" || h.Pending || h.AtLeast
	}
	switch {
	case things > 0 && unknown:
		words += "\nStill holds at least " + plural(things, "thing", "things")
	case things > 0:
		words += "\nStill holds " + plural(things, "thing", "things")
	case unknown:
		words += "\nWhat they hold could not be counted"
	}
	return words
}
