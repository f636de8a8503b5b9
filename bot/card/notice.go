package card

import (
	"slices"
	"strings"
	"time"

	"wfbot/bot/request"
)

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
	words := wordsOf(r.Action)
	wish := "your request to " + words.verb + " " + who
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
		return "I asked in " + channel(r.Card.Channel) + " for approval to " + words.verb + " " + who + "." + card +
			" The request expires if it is not approved in time: " + date(r.ExpiresAt) + "." + scheduled(r.NotBefore, r.NotBeforeWords, r.Reason, r.CreatedAt)
	case request.Denied:
		d, _ := r.Denial()
		return mention(d.By.ID) + " denied " + wish + "." + comment(d) + " " + changed(r) + card
	case request.Cancelled:
		d, _ := r.Cancellation()
		if r.Requester.Is(d.By.ID) {
			return "You cancelled " + wish + "." + comment(d) + " " + changed(r) + card
		}
		return mention(d.By.ID) + " cancelled " + wish + "." + comment(d) + " " + changed(r) + card
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

// Reminder is what is said in the thread of r's card to those who can still decide,
// or to a new manager alone, as mrkdwn to be sent unescaped.
func Reminder(r *request.Request, v View) string {
	words := wordsOf(r.Action)
	text := "⏰ The request to " + words.verb + " " + person(r) + " is still waiting for approval, " + tally(r) + " so far."
	if r.Void > 0 {
		text = "⏰ The request to " + words.verb + " " + person(r) + " was approved, but not carried out within " + period(request.OverdueAfter) +
			" of its time, so it needs approval again, " + tally(r) + " so far."
	}
	who := asked(r, v)
	if r.NewManager != "" && r.NewManager == r.Manager.ID {
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

// BatchNotice is what the requester of a batch is told as it now stands: that
// people have been asked, or are asked again about some, or what went wrong for some
// while others are under way, or how it ended for all;
// see Notice. address is where the card is; empty if there is none.
func BatchNotice(b *request.Batch, address string) string {
	open := number(b, func(r *request.Request) bool { return !r.State.Ended() })
	if open == 0 {
		return string(batchOutcome(b, address))
	}
	wrong := number(b, (*request.Request).WentWrong)
	if b.Told < b.News {
		wrong = 0
	}
	untold := number(b, func(r *request.Request) bool { return askedAgain(r) && r.Told < r.News })
	if again := number(b, askedAgain); again > 0 && (wrong == 0 || untold > 0) {
		words := "Your request to " + wordsOf(b.Action).verb + " " + plural(len(b.Members), "person", "people") + ": " +
			plural(again, "of them was", "of them were") + " approved, but I could not carry that out within " + period(request.OverdueAfter) +
			" of its time, so I am asking for approval again. " + seeCard(address) + " What is not approved in time expires."
		return string(fitted(words, linesFor(b, askedAgain)))
	}
	if stuck := number(b, tooFew); stuck > 0 && wrong == 0 && b.Told >= b.News {
		words := "Your request to " + wordsOf(b.Action).verb + " " + plural(len(b.Members), "person", "people") + " cannot be approved for " +
			count(stuck) + " of them now, since fewer people can approve that than have to. Please have their managers set right in Workfront, " +
			"or cancel the request for them. " + seeCard(address)
		return string(fitted(words, linesFor(b, tooFew)))
	}
	if wrong > 0 {
		words := "Your request to " + wordsOf(b.Action).verb + " " + plural(len(b.Members), "person", "people") + " is not over yet, but not all is well for " +
			count(wrong) + " of them. " + seeCard(address)
		return string(fitted(words, linesFor(b, (*request.Request).WentWrong)))
	}
	n := number(b, func(r *request.Request) bool { return r.State != request.Rejected })
	words := "I asked in " + channel(b.Card.Channel) + " for approval to " + wordsOf(b.Action).verb + " " + plural(n, "person", "people") + ". " + seeCard(address)
	if missing := number(b, func(r *request.Request) bool { return r.State == request.Received }); missing > 0 {
		words += " " + plural(missing, "of them is", "of them are") + " not looked up yet; I keep trying, and the card shows it."
	}
	words += " Requests that are not approved in time expire." + scheduled(b.NotBefore, b.NotBeforeWords, b.Reason, b.CreatedAt)
	if no := number(b, rejected); no > 0 {
		words += "\n*Not possible for " + plural(no, "person", "people") + ":*"
	}
	return string(fitted(words, linesFor(b, rejected)))
}

// askedAgain reports whether r waits for approval once more.
func askedAgain(r *request.Request) bool { return pending(r) && r.Void > 0 }

// tooFew reports whether fewer people can approve r than have to.
func tooFew(r *request.Request) bool { return pending(r) && r.Stuck }

// batchOutcome is how it ended: in numbers, and for each for whom it was not simply
// done.
func batchOutcome(b *request.Batch, address string) markup {
	plainly := func(r *request.Request) bool {
		_, state := standing(r)
		return state == "done" || state == "done, as a dry run"
	}
	done := number(b, plainly)
	words := "Your request to " + wordsOf(b.Action).verb + " " + plural(len(b.Members), "person", "people") + " has ended. "
	switch {
	case number(b, rejected) == len(b.Members):
		words = "I could not ask for any of the " + plural(len(b.Members), "person", "people") + " you named, and nothing was changed in Workfront. "
	case done > 0 && b.DryRun:
		words += "The dry run is done for " + count(done) + ": nothing was written to Workfront. "
	case done > 0:
		words += "✅ " + plural(done, "person is ", "people are ") + wordsOf(b.Action).verb + "d in Workfront; I read " +
			map[bool]markup{true: "them", false: "each of them"}[done == 1] + " back. "
		if b.Action == request.Deactivate {
			words += "Their open work is not reassigned, and their product profiles in the Adobe Admin Console stay. "
		}
	}
	if b.Card.TS != "" {
		words += seeCard(address)
	}
	return fitted(words, linesFor(b, func(r *request.Request) bool { return !plainly(r) }))
}

// linesFor is a line for each member for whom is holds.
func linesFor(b *request.Batch, is func(*request.Request) bool) (lines []markup) {
	for _, r := range b.Members {
		if !is(r) {
			continue
		}
		who := literal(name(r), "somebody", 50)
		if mail := literal(email(r), "", 70); mail != "" && line(r.Target.Name) != "" {
			who += " (" + mail + ")"
		}
		lines = append(lines, "• "+who+": "+endOf(b, r))
	}
	return lines
}

// endOf is how it ended for a member, for the middle of a line.
func endOf(b *request.Batch, r *request.Request) markup {
	_, words := standing(r)
	switch r.State {
	case request.Rejected:
		return reasonIn(b, r)
	case request.Pending:
		if r.Stuck && r.Manager.ID == "" {
			return words + ". Their manager cannot be asked, since " + noManager(r.NoManager)
		}
	case request.Denied:
		d, _ := r.Denial()
		return words + " by " + mention(d.By.ID) + commented(d)
	case request.Cancelled:
		d, _ := r.Cancellation()
		return words + " by " + mention(d.By.ID) + commented(d)
	case request.Expired:
		return words + " with " + tally(r) + " approvals"
	case request.Failed:
		return words + ": " + literal(strings.TrimRight(r.Trouble, ". "), "the reason is not known", 200) + ". " + changedBriefly(r) +
			". An approver can press Retry until " + date(r.ExpiresAt)
	case request.Done:
		if r.Verified.Result == request.Drifted {
			return words + " when I looked, " + date(r.Verified.At)
		}
	}
	return words
}

func commented(d request.Decision) markup {
	if line(d.Comment) == "" {
		return ""
	}
	return ", who said: " + literal(d.Comment, "", 150)
}

// BatchReminder is posted to the thread of a batch's card while somebody has to
// decide.
func BatchReminder(b *request.Batch, v View) string {
	waiting := number(b, pending)
	verb := markup(" still wait")
	if waiting == 1 {
		verb = " still waits"
	}
	words := "*Reminder:* " + plural(waiting, "request", "requests") + " to " + wordsOf(b.Action).verb + " somebody" + verb + " for approval."
	if who := askedOf(b, v, mostAsked); who != "" {
		words += " Please approve or deny: " + who
	}
	return string(words)
}

// Left is a member for whom a decision about several was not taken, and why.
type Left struct {
	Request *request.Request
	Why     request.Refusal
}

// BatchAnswer tells a person for whom of several a decision was taken, as those
// stand since, and for whom not and why.
func BatchAnswer(kind request.DecisionKind, taken []*request.Request, left []Left) string {
	people := plural(len(taken), "person", "people")
	var words markup
	switch kind {
	case request.Approve:
		words = "You approved for " + people + "."
		if more := len(slices.DeleteFunc(slices.Clone(taken), func(r *request.Request) bool { return !pending(r) })); more > 0 {
			words += " " + plural(more, "of them needs", "of them need") + " another approval."
		}
	case request.Deny:
		words = "You denied for " + people + "."
	case request.Cancel:
		words = "You cancelled for " + people + "."
	case request.RunAgain:
		words = "I try again for " + people + "."
	}
	if len(left) == 0 {
		return string(words)
	}
	return string(fitted(words+"\n*Not for "+plural(len(left), "person", "people")+":*", reasons(left)))
}

// reasons is a line for each reason with the names of those whom it is about.
func reasons(left []Left) (lines []markup) {
	const most = 10
	var seen []markup
	about := map[markup][]markup{}
	for _, l := range left {
		why := briefly(l.Why, l.Request)
		if about[why] == nil {
			seen = append(seen, why)
		}
		about[why] = append(about[why], literal(name(l.Request), "somebody", 40))
	}
	for _, why := range seen {
		line := "• " + why + ": "
		for i, who := range about[why][:min(len(about[why]), most)] {
			if i > 0 {
				line += ", "
			}
			line += who
		}
		if more := len(about[why]) - most; more > 0 {
			line += ", and " + count(more) + " more"
		}
		lines = append(lines, line)
	}
	return lines
}
