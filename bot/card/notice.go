package card

import (
	"slices"
	"time"

	"wfbot/bot/request"
)

// NotStored answers a person whose command, click or form could not be put on
// disk.
const NotStored = "I could not store this, so nothing will happen. Please try again in a moment."

// PerhapsNotStored is said instead where the database gave no answer at all.
const PerhapsNotStored = "Perhaps I could not store this. Please try again if nothing has happened in a minute."

func (r one) notice(address string) markup {
	s := standingOf(r.Request)
	switch {
	case r.State == request.Rejected:
		return refusal(r.Refused, About{Request: r.Request, Link: address})
	case r.State == request.Received || s.told == "": // there is no card yet, or nothing to say
		return s.told
	}
	return s.told + " " + seeCard(address) + s.further
}

func (b several) notice(address string) markup {
	if b.number(func(r *request.Request) bool { return !r.State.Ended() }) == 0 {
		return b.outcome(address)
	}
	first := !b.Told // the requester has been told nothing so far
	wrong := b.number((*request.Request).WentWrong)
	if first {
		wrong = 0
	}
	yours := "Your request to " + b.toDo()
	untold := b.number(func(r *request.Request) bool { return askedAgain(r) && r.Told < r.News })
	if again := b.number(askedAgain); again > 0 && (wrong == 0 || untold > 0) {
		return fitted(yours+": "+plural(again, "of them was", "of them were")+" approved, but it did not happen within "+
			period(request.OverdueAfter)+" of its time, so I am asking for approval again. "+seeCard(address)+
			" What is not approved in time expires.", b.lineOfEach(askedAgain))
	}
	if stuck := b.number(tooFew); stuck > 0 && wrong == 0 && !first {
		return fitted(yours+" cannot be approved for "+count(stuck)+" of them now: too few people can approve it. "+
			"Please have their managers corrected in Workfront, or cancel the request for them. "+seeCard(address), b.lineOfEach(tooFew))
	}
	if wrong > 0 {
		return fitted(yours+" goes on, but something went wrong for "+count(wrong)+" of them. "+seeCard(address),
			b.lineOfEach((*request.Request).WentWrong))
	}
	no := b.number(rejected)
	words := "Sent to " + channel(b.Channel, "the channel") + ": " + wordsOf(b.Action).verb + " " + people(len(b.members)-no) + ". " + seeCard(address)
	if missing := b.number(func(r *request.Request) bool { return r.State == request.Received }); missing > 0 {
		words += " " + plural(missing, "of them is", "of them are") + " not looked up yet. I keep trying, and the card shows it."
	}
	words += " Requests that are not approved in time expire." + scheduled(b.NotBefore, b.NotBeforeWords, b.Reason, b.CreatedAt)
	if no > 0 {
		words += "\n*Not possible for " + people(no) + ":*"
	}
	return fitted(words, b.lineOfEach(rejected))
}

// askedAgain reports whether r waits for approval once more.
func askedAgain(r *request.Request) bool { return pending(r) && r.Void > 0 }

// tooFew reports whether fewer people can approve r than have to.
func tooFew(r *request.Request) bool { return pending(r) && r.Stuck }

// outcome is how it ended: in numbers, and with a line for each person where it was not
// simply done.
func (b several) outcome(address string) markup {
	done := b.number(plainlyDone)
	words := "Your request to " + b.toDo() + " has ended. "
	switch {
	case b.number(rejected) == len(b.members):
		words = "I could not ask for any of the " + people(len(b.members)) + " you named, and nothing was changed in Workfront. "
	case done > 0 && b.DryRun:
		words += "The dry run is done for " + count(done) + ": nothing was changed in Workfront. "
	case done > 0:
		words = "✅ " + people(done) + " " + wordsOf(b.Action).done() + ", confirmed in Workfront. " + b.meaning() + " "
	}
	if b.TS != "" {
		words += seeCard(address)
	}
	return fitted(words, b.lineOfEach(func(r *request.Request) bool { return !plainlyDone(r) }))
}

// lineOfEach says how it stands with each member that is returns true for.
func (b several) lineOfEach(is func(*request.Request) bool) (lines []markup) {
	for _, r := range b.those(is) {
		s := standingOf(r)
		end := s.words + s.ended
		if rejected(r) {
			end = reasonAmong(b.members, r)
		}
		lines = append(lines, "• "+called(r, literal, "somebody", "", 50, 70)+": "+end)
	}
	return lines
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
		return " Once approved, it takes effect " + date(notBefore) + "."
	}
	return " Once approved, it takes effect " + literal(words, "", 100) + " (your time: " + date(notBefore) + ")."
}

func (r one) reminder(v View, now time.Time) markup {
	who := deciders([]*request.Request{r.Request}, v, 30)
	if r.State == request.Failed {
		return standingOf(r.Request).told + " " + who
	}
	words := "⏰ Still waiting: " + toDo(r.Request) + "."
	switch {
	case r.card.OnlyNewManagers(now):
		who = mention(r.Manager.ID)
		words = "⏰ " + person(r.Request) + " has a new manager. Still waiting: " + wordsOf(r.Action).verb + " them."
	case r.Void > 0:
		words = "⏰ Approval needed again: " + toDo(r.Request) + ". It was approved, but did not happen within " + period(request.OverdueAfter) + " of its time."
	}
	if len(r.Approvals()) > 0 {
		words += " " + approvals(r.Request) + " so far."
	}
	return words + " Decide by " + date(r.ExpiresAt) + ". " + who
}

func (b several) reminder(v View, _ time.Time) markup {
	verb, waiting, failed := wordsOf(b.Action).verb, b.those(pending), b.those(failedUntold)
	var words markup
	if len(failed) > 0 {
		words = "❌ Failed: " + verb + " " + people(len(failed)) + ". "
	}
	if len(waiting) > 0 || len(failed) == 0 {
		words += "⏰ Still waiting: " + verb + " " + people(len(waiting)) + ". "
	}
	if len(waiting) > 0 {
		words += "The first one " + b.expires() + ". "
	}
	return fitted(words+deciders(slices.Concat(waiting, failed), v, mostDeciders), b.lineOfEach(failedUntold))
}

// failedUntold reports whether r has failed, and those who can retry it have not been
// told.
func failedUntold(r *request.Request) bool { return r.State == request.Failed && r.Asked < r.Ask }

// seeCard is the link to a card; empty without an address.
func seeCard(address string) markup {
	if words := link(address, "View request"); words != "View request" {
		return words
	}
	return ""
}

// Left is a member that a decision about several was not taken for, and why.
type Left struct {
	Request *request.Request
	Why     request.Refusal
}

// Decided tells a person about a decision on several people: who it was taken for, and
// how those stand now; who it was not taken for, and why.
func Decided(kind request.DecisionKind, taken []*request.Request, left []Left) string {
	words := map[request.DecisionKind]markup{
		request.Approve: "You approved this for ", request.Deny: "You denied this for ", request.Cancel: "You cancelled this for ", request.RunAgain: "I try again for ",
	}[kind] + people(len(taken)) + "."
	if more := (several{members: taken}).number(pending); more > 0 && kind == request.Approve {
		words += " " + plural(more, "of them needs", "of them need") + " another approval."
	}
	if len(left) == 0 {
		return string(words)
	}
	return string(fitted(words+"\n*Not for "+people(len(left))+":*", reasons(left)))
}

// reasons is a line for each reason with the names of the people that it is about.
func reasons(left []Left) (lines []markup) {
	var seen []markup
	about := map[markup][]markup{}
	for _, l := range left {
		why := briefly(l.Why, l.Request)
		if !slices.Contains(seen, why) {
			seen = append(seen, why)
		}
		about[why] = append(about[why], literal(name(l.Request), "somebody", 40))
	}
	for _, why := range seen {
		lines = append(lines, "• "+why+": "+upTo(10, about[why], ", "))
	}
	return lines
}
