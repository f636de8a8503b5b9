package card

import (
	"strings"

	"wfbot/bot/request"
)

// numbered is how the i-th member is called on the card: "3. ".
func numbered(i int) markup { return count(i+1) + ". " }

// whom is who the i-th member is and what somebody had to say, in plain text.
func whom(i int, r *request.Request) string {
	words := string(numbered(i)) + outside(name(r), "unknown", 60)
	if line(r.Target.Name) != "" && email(r) != "" {
		words += "\n" + outside(email(r), "no e-mail", 70)
	}
	if line(r.Target.Title) != "" && r.State != request.Rejected {
		words += "\n" + outside(r.Target.Title, "", 40)
	}
	if label, said := saidOf(r); said != "" {
		words += "\n" + label + ": " + outside(said, "nothing", 110)
	}
	return words
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

// progress is how a member stands, in our own words.
func progress(b *request.Card, r *request.Request, v View) markup {
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
	case !r.PausedSince.IsZero():
		return "\nPaused since " + date(r.PausedSince)
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

// reasonIn says in a few words why a member was rejected.
func reasonIn(b *request.Card, r *request.Request) markup {
	if r.Refused == request.RefusedAlreadyOpen {
		for i, other := range b.Requests {
			if other.ID == r.InTheWay {
				return "the same user as no. " + count(i+1)
			}
		}
	}
	return briefly(r.Refused, r)
}

// briefly is a refusal in a few words, for a list. r is what was refused about.
func briefly(why request.Refusal, r *request.Request) markup {
	switch why {
	case request.RefusedNotOpen:
		_, state := standing(r)
		return "by now " + state
	case request.RefusedExpired:
		return "the time to decide is over"
	case request.RefusedNotApprover:
		return "you are not an approver for them"
	case request.RefusedManagerNoMore:
		return "you are not their manager any more"
	case request.RefusedOwnRequest:
		return "you asked for it yourself"
	case request.RefusedOwnAccount:
		return "it is about your own account"
	case request.RefusedNoEmail:
		return "your Slack profile shows no e-mail address"
	case request.RefusedAlreadyApproved:
		return "you have approved already"
	case request.RefusedUnderWay:
		return "being carried out already"
	case request.RefusedNotFound:
		return "not found in Workfront"
	case request.RefusedAmbiguous:
		return "several Workfront users have this e-mail"
	case request.RefusedCrowd:
		return "too many Workfront users have this e-mail"
	case request.RefusedActiveTwin:
		return "another Workfront user with this e-mail is active"
	case request.RefusedAlreadyOpen:
		return "another request for them is open"
	case request.RefusedInactive:
		return "inactive already"
	case request.RefusedActive:
		return "active already"
	case request.RefusedSelf:
		return "wfbot itself works as this user"
	case request.RefusedProtected:
		return "protected"
	case request.RefusedAdmin:
		return "a Workfront administrator"
	case request.RefusedWorkfront:
		return "Workfront refused the look-up"
	case request.RefusedNoApprover:
		return "only their manager may approve, and cannot be asked, since " + noManager(r.NoManager)
	case request.RefusedTooFew:
		return "fewer people may approve than have to"
	case request.RefusedNoSlackEmail:
		return "Slack shows no e-mail address for them"
	case request.RefusedNotOurs:
		return "not deactivated through wfbot"
	case request.RefusedNewUser:
		return "a new user who awaits approval in Workfront"
	case request.RefusedUnreachable:
		return "Workfront did not answer for too long"
	case request.RefusedCard, request.RefusedArchived, request.RefusedNotInChannel, request.RefusedUnknownChannel,
		request.RefusedSharedChannel, request.RefusedDirectMessage:
		return "the card could not be posted"
	}
	return "not possible"
}
