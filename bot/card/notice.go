package card

import (
	"strings"
	"time"

	"wfbot/bot/request"
)

// NotStored answers a person whose command, click or form could not be put on
// disk.
const NotStored = "I could not store this, so nothing will happen; please try again in a moment."

// PerhapsNotStored is said instead where the database gave no answer at all.
const PerhapsNotStored = "I could not store this for certain; please try again if nothing has happened in a minute."

// Notice is what the requester of a card is told as its requests now stand, as
// mrkdwn to be sent unescaped; empty where there is nothing to say. address is where
// the card is or, if its one request was rejected because of another, the card of
// that; empty if there is none.
func Notice(c *request.Card, address string) string {
	if r := c.One(); r != nil {
		return string(notice(r, address))
	}
	return noticeOfSeveral(c, address)
}

func notice(r *request.Request, address string) markup {
	who := person(r)
	card := " " + seeCard(address)
	words := wordsOf(r.Action)
	interaction := "your request to " + words.verb + " " + who
	switch r.State {
	case request.Received:
		if r.Trouble == "" {
			return ""
		}
		if !r.PausedSince.IsZero() {
			return "I could not look up " + who + " yet: " + trouble(r) + ". The operator has been told. I go on by myself once that is mended, and you need not do anything."
		}
		return "I could not look up " + who + " yet: " + trouble(r) + ". I keep trying until " + until(r.LookUpRetry) +
			", and you need not do anything."
	case request.Rejected:
		return refusal(r.Refused, About{Request: r, Link: address})
	case request.Pending:
		switch {
		case r.Stuck && r.Manager.ID == "":
			return "Your request to " + words.verb + " " + who + " cannot be approved now: their manager has changed in Workfront and cannot be asked, since " +
				noManager(r.NoManager) + ". Please have the manager set right in Workfront, or cancel the request." + card + " " + expiry(r)
		case r.Stuck:
			return "Your request to " + words.verb + " " + who + " cannot be approved now: fewer people can approve it than have to. " +
				"Please ask the people who run wfbot to add approvers, or cancel the request." + card + " " + expiry(r)
		case r.Void > 0:
			return "Your request to " + words.verb + " " + who + " was approved, but I could not carry it out within " + period(request.OverdueAfter) +
				" of its time, so I am asking for approval again." + card + " " + expiry(r)
		}
		return "I asked in " + channel(r.Channel) + " for approval to " + words.verb + " " + who + "." + card +
			" The request expires if it is not approved in time: " + date(r.ExpiresAt) + "." + scheduled(r.NotBefore, r.NotBeforeWords, r.Reason, r.CreatedAt)
	case request.Denied:
		d, _ := r.Denial()
		return mention(d.By.ID) + " denied " + interaction + "." + comment(d) + " " + changed(r) + card
	case request.Cancelled:
		d, _ := r.Cancellation()
		if r.Requester.Is(d.By.ID) {
			return "You cancelled " + interaction + "." + comment(d) + " " + changed(r) + card
		}
		return mention(d.By.ID) + " cancelled " + interaction + "." + comment(d) + " " + changed(r) + card
	case request.Expired:
		return "Your request to " + words.verb + " " + who + " expired: it got " + tally(r) + " approvals in time. " + changed(r) +
			" If it is still needed, please type " + again(r) + "." + card
	case request.Done:
		return outcome(r, who) + card
	case request.Failed:
		return "Your request to " + words.verb + " " + who + " failed: " + trouble(r) + ". " + changed(r) +
			" An approver can press Retry on the card until this time: " + date(r.ExpiresAt) + "." + card
	}
	return ""
}

func outcome(r *request.Request, who markup) markup {
	words := wordsOf(r.Action)
	switch {
	case r.Verified.Result == request.Drifted:
		return "⚠️ " + who + " is " + opposite(r) + " in Workfront again. I read it back as `isActive` = `" + words.active + "`, " + date(r.Outcome.ReadAt) +
			", and it had changed when I read it again, " + date(r.Verified.At) + ". I did not do that; an identity sync or an administrator may have. " +
			"If it is not meant to be, please have that found first, and then type " + again(r) + "."
	case r.Outcome.Already:
		return who + " " + words.already + " when I read Workfront (" + date(r.Outcome.ReadAt) + "), so I wrote nothing."
	case r.DryRun:
		return "The dry run for " + who + " is done: everything but the change was carried out, and nothing was written to Workfront."
	}
	return "✅ " + who + " " + words.result + " in Workfront. I read it back: `isActive` = `" + words.active + "`, " + date(r.Outcome.ReadAt) +
		". " + words.undone
}

// expiry says what becomes of a request that nobody approves.
func expiry(r *request.Request) markup {
	return "It expires if it is not approved in time: " + date(r.ExpiresAt) + "."
}

// scheduled says for when it is asked, if not simply for at once. words are notBefore
// by the clock that was meant, if that is known.
func scheduled(notBefore time.Time, words, reason string, asked time.Time) markup {
	if notBefore.IsZero() {
		if but := although(reason, notBefore, asked); but != "" {
			return " It takes effect on approval" + but + ". To have it wait, cancel it and ask again with a date behind the e-mail, like `on 2026-12-31`."
		}
		return ""
	}
	if words == "" {
		return " Once approved, it takes effect at this time: " + date(notBefore) + "."
	}
	return " Once approved, it takes effect " + literal(words, "", 100) + " (your time: " + date(notBefore) + ")."
}

// Reminder is what is said at now in the thread of a card to those who can still
// decide, or to a new manager alone, as mrkdwn to be sent unescaped.
func Reminder(c *request.Card, v View, now time.Time) string {
	if r := c.One(); r != nil {
		return reminderOfOne(r, v, c.OnlyNewManagers(now))
	}
	return reminderOfSeveral(c, v)
}

func reminderOfOne(r *request.Request, v View, newManager bool) string {
	words := wordsOf(r.Action)
	text := "⏰ The request to " + words.verb + " " + person(r) + " is still waiting for approval, " + tally(r) + " so far."
	if r.Void > 0 {
		text = "⏰ The request to " + words.verb + " " + person(r) + " was approved, but not carried out within " + period(request.OverdueAfter) +
			" of its time, so it needs approval again, " + tally(r) + " so far."
	}
	who := asked(r, v)
	if newManager {
		who = mention(r.NewManager)
		text = "⏰ " + person(r) + " has a new manager. The request to " + words.verb + " them is waiting for approval, " + tally(r) + " so far."
	}
	if who != "" {
		text += "\nPlease approve or deny it on the card above: " + who
	}
	return string(text + "\nIt expires at this time: " + date(r.ExpiresAt) + ".")
}

// comment is what the decision was given with, as a sentence; empty if nothing.
func comment(d request.Decision) markup {
	if line(d.Comment) == "" {
		return ""
	}
	return " Comment: " + literal(strings.TrimRight(d.Comment, ". "), "none", 1000) + "."
}

// trouble is r's trouble for the middle of a sentence.
func trouble(r *request.Request) markup {
	return literal(strings.TrimRight(r.Trouble, ". "), "the reason is not known", 1000)
}

// until is when a failing effect is given up.
func until(retry request.Retry) markup { return date(retry.Since.Add(request.RetryFor)) }

func seeCard(address string) markup {
	if words := link(address, "See the card"); words != "See the card" {
		return words + "."
	}
	return "The card shows the details."
}
