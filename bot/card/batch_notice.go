package card

import (
	"slices"
	"strings"

	"wfbot/bot/request"
)

// noticeOfSeveral is what the requester of several is told: that
// people have been asked, or are asked again about some, or what went wrong for some
// while others are under way, or how it ended for all;
// see Notice. address is where the card is; empty if there is none.
func noticeOfSeveral(b *request.Card, address string) string {
	open := number(b, func(r *request.Request) bool { return !r.State.Ended() })
	if open == 0 {
		return string(batchOutcome(b, address))
	}
	wrong := number(b, (*request.Request).WentWrong)
	if !b.Told {
		wrong = 0
	}
	untold := number(b, func(r *request.Request) bool { return askedAgain(r) && r.Told < r.News })
	if again := number(b, askedAgain); again > 0 && (wrong == 0 || untold > 0) {
		words := "Your request to " + wordsOf(b.Action).verb + " " + plural(len(b.Requests), "person", "people") + ": " +
			plural(again, "of them was", "of them were") + " approved, but I could not carry that out within " + period(request.OverdueAfter) +
			" of its time, so I am asking for approval again. " + seeCard(address) + " What is not approved in time expires."
		return string(fitted(words, linesFor(b, askedAgain)))
	}
	if stuck := number(b, tooFew); stuck > 0 && wrong == 0 && b.Told {
		words := "Your request to " + wordsOf(b.Action).verb + " " + plural(len(b.Requests), "person", "people") + " cannot be approved for " +
			count(stuck) + " of them now, since fewer people can approve that than have to. Please have their managers set right in Workfront, " +
			"or cancel the request for them. " + seeCard(address)
		return string(fitted(words, linesFor(b, tooFew)))
	}
	if wrong > 0 {
		words := "Your request to " + wordsOf(b.Action).verb + " " + plural(len(b.Requests), "person", "people") + " is not over yet, but not all is well for " +
			count(wrong) + " of them. " + seeCard(address)
		return string(fitted(words, linesFor(b, (*request.Request).WentWrong)))
	}
	n := number(b, func(r *request.Request) bool { return r.State != request.Rejected })
	words := "I asked in " + channel(b.Channel) + " for approval to " + wordsOf(b.Action).verb + " " + plural(n, "person", "people") + ". " + seeCard(address)
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
func batchOutcome(b *request.Card, address string) markup {
	plainly := func(r *request.Request) bool {
		_, state := standing(r)
		return state == "done" || state == "done, as a dry run"
	}
	done := number(b, plainly)
	words := "Your request to " + wordsOf(b.Action).verb + " " + plural(len(b.Requests), "person", "people") + " has ended. "
	switch {
	case number(b, rejected) == len(b.Requests):
		words = "I could not ask for any of the " + plural(len(b.Requests), "person", "people") + " you named, and nothing was changed in Workfront. "
	case done > 0 && b.DryRun:
		words += "The dry run is done for " + count(done) + ": nothing was written to Workfront. "
	case done > 0:
		words += "✅ " + plural(done, "person is ", "people are ") + wordsOf(b.Action).verb + "d in Workfront; I read " +
			map[bool]markup{true: "them", false: "each of them"}[done == 1] + " back. "
		if b.Action == request.Deactivate {
			words += "Their open work is not reassigned, and their product profiles in the Adobe Admin Console stay. "
		}
	}
	if b.TS != "" {
		words += seeCard(address)
	}
	return fitted(words, linesFor(b, func(r *request.Request) bool { return !plainly(r) }))
}

// linesFor is a line for each member for whom is holds.
func linesFor(b *request.Card, is func(*request.Request) bool) (lines []markup) {
	for _, r := range b.Requests {
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
func endOf(b *request.Card, r *request.Request) markup {
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

func reminderOfSeveral(b *request.Card, v View) string {
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
