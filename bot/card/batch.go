package card

import (
	"slices"
	"strings"

	"github.com/slack-go/slack"

	"wfbot/bot/request"
)

// ActionLeaveOut is the menu on the card of a batch that cancels for one person.
// The value of an option is that person's request ID.
const ActionLeaveOut = "leave_out"

// BatchValue is the value of a button that is about several people: the batch and
// a request.Card.Selection, so that pressing it is about those whom the card
// showed and no others.
func BatchValue(batchID, selection string) string { return batchID + ":" + selection }

// ParseValue reads the value of a button or an option: the ID of a request, or
// that of a batch with a selection.
func ParseValue(value string) (id, selection string, batch bool) { return strings.Cut(value, ":") }

// people is one line of the card in each message, and five in each section:
// fifty people take ten.
const peopleInSection = 5

// messageOfSeveral draws a card about several people.
func messageOfSeveral(b *request.Card, v View) (text string, blocks []slack.Block) {
	p := newPage(b.ID, b.Look, v.Buttons)
	heading := batchHeading(b)
	p.header(string(heading))
	p.say("status", tallyOf(b))
	if askedFor := askedOf(b, v, mostAsked); askedFor != "" {
		p.say("asked", "Please approve or deny: "+askedFor)
	}
	p.quote("reason", "Reason", outside(b.Reason, "none given", 1200))
	p.say("history", batchHistory(b, v))
	p.people(b, v, "person", func(r *request.Request) bool { return r.State != request.Rejected })
	if n := number(b, rejected); n > 0 {
		p.say("rejected", "*Not possible for "+plural(n, "person", "people")+"*")
		p.people(b, v, "not", rejected)
	}
	if words := batchConsequences(b); words != "" {
		p.note("consequences", mrkdwn(words))
	}
	if v.Buttons {
		p.buttons("decide", batchButtons(b, v))
		p.buttons("one", batchMenus(b))
	}
	p.note("ids", plain("Batch "+outside(b.ID, "unknown", 200)))
	return string(batchSummary(b, v, heading)), p.blocks
}

// people adds the members for whom is holds, in their order: who it is on the
// left, how it stands on the right.
func (p *page) people(b *request.Card, v View, part string, is func(*request.Request) bool) {
	var fields []*slack.TextBlockObject
	for i, r := range b.Requests {
		if is(r) {
			fields = append(fields, plain(whom(i, r)), mrkdwn(progress(b, r, v)))
		}
	}
	n := 0
	for some := range slices.Chunk(fields, 2*peopleInSection) {
		n++
		p.fields(part+string(count(n)), some)
	}
}

// batchSummary is the card for notifications and screen readers: as many people
// as there is room for.
func batchSummary(b *request.Card, v View, heading markup) markup {
	words := heading + ". Asked for by " + mention(b.Requester.ID) + ". Reason: " + literal(b.Reason, "none given", 300) + "\n" + tallyOf(b)
	if askedFor := askedOf(b, v, 15); askedFor != "" {
		words += "\nPlease approve or deny: " + askedFor
	}
	var lines []markup
	for i, r := range b.Requests {
		_, state := standing(r)
		line := numbered(i) + literal(name(r), "somebody", 30) + ": " + state
		if r.Target.Admin && r.State == request.Pending {
			line += ", administrator"
		}
		lines = append(lines, line)
	}
	return fitted(words, lines)
}

// fitted adds as many of the lines as a message of 4000 characters holds, and says
// how many there are besides.
func fitted(words markup, lines []markup) markup {
	const room = 3900
	used := units(words)
	for i, line := range lines {
		if used += units(line) + 1; used > room {
			return words + "\n… and " + count(len(lines)-i) + " more, whom the card shows."
		}
		words += "\n" + line
	}
	return words
}

// units is the length of s in UTF-16 code units.
func units(s markup) (n int) {
	for _, r := range s {
		n += width(r)
	}
	return n
}

func rejected(r *request.Request) bool { return r.State == request.Rejected }

func pending(r *request.Request) bool { return r.State == request.Pending }

// cancellable reports whether r can be cancelled as it stands.
func cancellable(r *request.Request) bool { return r.MayTake(request.Cancel) == request.Allowed }

// retriable reports whether Retry makes a difference to r.
func retriable(r *request.Request) bool {
	return r.State == request.Failed || r.State != request.Received && waiting(r)
}

// number is for how many members is holds.
func number(b *request.Card, is func(*request.Request) bool) (n int) {
	for _, r := range b.Requests {
		if is(r) {
			n++
		}
	}
	return n
}

// batchHeading is in our own words alone; at most 150 characters.
func batchHeading(b *request.Card) markup {
	in := func(states ...request.State) int {
		return number(b, func(r *request.Request) bool { return slices.Contains(states, r.State) })
	}
	word := markup("Ended")
	switch failed := in(request.Failed); {
	case in(request.Pending) > 0:
		word = "Approval needed"
	case in(request.Received) > 0:
		word = "Being looked up"
	case in(request.Approved, request.Executing) > 0:
		word = "Being carried out"
	case failed > 0:
		word = "Failed for " + count(failed)
	case in(request.Done) == len(b.Requests):
		word = "Done"
	}
	if b.DryRun {
		word += " (dry run)"
	}
	return word + ": " + wordsOf(b.Action).verb + " " + plural(len(b.Requests), "person", "people") + " in Workfront"
}

// tallyOf says for how many people it stands how.
func tallyOf(b *request.Card) markup {
	var seen []markup
	counts := map[markup]int{}
	for _, r := range b.Requests {
		symbol, words := standing(r)
		state := symbol + " " + words
		if counts[state] == 0 {
			seen = append(seen, state)
		}
		counts[state]++
	}
	words := "*" + plural(len(b.Requests), "person", "people") + "*"
	for i, state := range seen {
		words += map[bool]markup{true: ": ", false: " · "}[i == 0] + count(counts[state]) + " " + state
	}
	return words
}

func batchHistory(b *request.Card, v View) markup {
	words := "*Asked by* " + mention(b.Requester.ID) + ", " + date(b.CreatedAt)
	first := slices.IndexFunc(b.Requests, pending)
	if first < 0 {
		return words
	}
	words += "\n*Carried out* " + batchWhen(b, v)
	expires := b.Requests[first].ExpiresAt
	for _, r := range b.Requests {
		if pending(r) && r.ExpiresAt.Before(expires) {
			expires = r.ExpiresAt
		}
	}
	return words + "\n*Expires* " + date(expires)
}

// batchWhen says when those who are pending will be carried out.
func batchWhen(b *request.Card, v View) markup {
	words := markup("at once after each person's last approval")
	if v.StopWindow > 0 {
		words = period(v.StopWindow) + " after each person's last approval"
	}
	switch {
	case b.NotBefore.IsZero():
		return words + although(b.Reason, b.NotBefore, b.CreatedAt)
	case v.StopWindow > 0: // who is approved shortly before that time is late all the same
		return date(b.NotBefore) + "; or " + words + ", if that is later"
	}
	return date(b.NotBefore) + ", for whom it is approved by then; else " + words
}

func batchConsequences(b *request.Card) markup {
	words := wordsOf(b.Action)
	open := number(b, func(r *request.Request) bool { return r.State.Open() })
	switch {
	case b.DryRun:
		return dryRun
	case open > 0:
		return "*What happens:* " + words.happens + " " + words.undone
	case number(b, func(r *request.Request) bool { return r.State == request.Done }) > 0:
		return words.undone
	}
	return ""
}

// mostAsked is how many mentions a paragraph has room for: all managers of a batch,
// and some more.
const mostAsked = 64

// askedOf are those who can still decide about somebody, in the words that mention
// them: most of them at most, managers first.
func askedOf(b *request.Card, v View, most int) markup {
	var mentions []markup
	var ids []string
	add := func(id string, about func(*request.Request) bool) {
		if id == "" || b.Requester.Is(id) || slices.Contains(ids, id) {
			return
		}
		for _, r := range b.Requests {
			if pending(r) && about(r) && !slices.Contains(r.TargetIDs, id) &&
				!slices.ContainsFunc(r.Approvals(), func(d request.Decision) bool { return d.By.Is(id) }) {
				ids, mentions = append(ids, id), append(mentions, mention(id))
				return
			}
		}
	}
	if v.Approvers.Manager {
		for _, r := range b.Requests {
			add(r.Manager.ID, func(other *request.Request) bool { return other.Manager.Is(r.Manager.ID) })
			if slices.Contains(ids, r.Manager.ID) {
				ids = append(ids, r.Manager.OtherID)
			}
		}
	}
	if slices.ContainsFunc(b.Requests, pending) {
		for _, g := range v.Approvers.Groups {
			mentions = append(mentions, mentionGroup(g))
		}
	}
	for _, id := range v.Approvers.Users {
		add(id, func(*request.Request) bool { return true })
	}
	var words markup
	for i, m := range mentions[:min(len(mentions), most)] {
		if i > 0 {
			words += ", "
		}
		words += m
	}
	if more := len(mentions) - most; more > 0 {
		words += ", and " + count(more) + " more"
	}
	return words
}
