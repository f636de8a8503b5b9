package card

import (
	"strings"

	"wfbot/bot/request"
)

// Command is the slash command that asks for a deactivation.
const Command = "/wf-deactivate"

// NotStored answers a person whose command, click or form could not be put on
// disk.
const NotStored = "I could not store this, so nothing will happen; please try again in a moment."

// PerhapsNotStored is said instead where the database gave no answer at all.
const PerhapsNotStored = "I could not store this for certain; please try again if nothing has happened in a minute."

// Notice is what the requester is told about r as it now stands, as mrkdwn to be
// sent unescaped; empty where there is nothing to say. address is where the card
// is: that of r, or, if r was rejected because of another request, that of the
// other; empty if there is none.
func Notice(r *request.Request, address string) string {
	return string(notice(r, address))
}

func notice(r *request.Request, address string) markup {
	who := person(r)
	card := " " + seeCard(address)
	switch r.State {
	case request.Received:
		if r.Trouble == "" {
			return ""
		}
		if !r.HeldSince.IsZero() {
			return "I could not look up " + who + " yet: " + trouble(r) + ". The operator has been told. I go on by myself once that is mended, and you need not do anything."
		}
		return "I could not look up " + who + " yet: " + trouble(r) + ". I keep trying until " + until(r.LookUpRetry) +
			", and you need not do anything."
	case request.Rejected:
		return refusal(r.Refused, About{Request: r, Link: address})
	case request.Pending:
		return "I asked in " + channel(r.Card.Channel) + " for approval to deactivate " + who + "." + card +
			" The request expires if it is not approved in time: " + date(r.ExpiresAt) + "."
	case request.Denied:
		d, _ := r.Denial()
		return mention(d.By.ID) + " denied your request to deactivate " + who + "." + comment(d) + " " + changed(r) + card
	case request.Cancelled:
		d, _ := r.Cancellation()
		if d.By.ID == r.Requester.ID {
			return "You cancelled your request to deactivate " + who + ". " + changed(r) + card
		}
		return mention(d.By.ID) + " cancelled your request to deactivate " + who + "." + comment(d) + " " + changed(r) + card
	case request.Expired:
		return "Your request to deactivate " + who + " expired: it got " + tally(r) + " approvals in time. " + changed(r) +
			" If it is still needed, please type " + again + "." + card
	case request.Done:
		return outcome(r, who) + card
	case request.Failed:
		return "Your request to deactivate " + who + " failed: " + trouble(r) + ". " + changed(r) +
			" An approver can press Retry on the card until this time: " + date(r.ExpiresAt) + "." + card
	}
	return ""
}

// again is what to type when a request is over and still wanted.
const again = "`" + Command + "` again"

func outcome(r *request.Request, who markup) markup {
	switch {
	case r.Outcome.Already:
		return who + " was already inactive when I read Workfront (" + date(r.Outcome.ReadAt) + "), so I wrote nothing."
	case r.DryRun:
		return "The dry run for " + who + " is done: everything but the change was carried out, and nothing was written to Workfront."
	}
	return "✅ " + who + " is deactivated in Workfront. I read it back: `isActive` = `false`, " + date(r.Outcome.ReadAt) +
		". Their open work is not reassigned, and their product profile in the Adobe Admin Console stays."
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
