package card

import (
	"slices"
	"time"

	"github.com/slack-go/slack"

	"wfbot/bot/request"
)

// View is what a card needs to know besides the request.
type View struct {
	// Buttons puts buttons on the card where the state has some. False for the
	// first posting: only the message recorded on the request carries buttons.
	Buttons bool
	// Approvers are those who may decide; they are mentioned while decisions are
	// wanted. Manager stands for the request's Manager.
	Approvers request.Members
	// StopWindow is how long after the last approval the request is carried out.
	StopWindow time.Duration
}

// Message draws the card of r as it now stands. text is what notifications and
// screen readers use, mrkdwn of at most 4000 characters; it is meant to be sent
// unescaped, as it is. The message should be sent without unfurling.
func Message(r *request.Request, v View) (text string, blocks []slack.Block) {
	s := statusOf(r, v)
	p := newPage(r.ID, r.Look, v.Buttons)

	p.header(s.heading.plain())
	p.say("status", s.now)
	if s.said != "" {
		p.quote("said", s.label, outside(s.said, "nothing", 1200))
	}
	p.say("next", s.next)
	if r.Target.Admin {
		p.say("admin", administrator(r))
	}
	if len(r.Target.Twins) > 0 {
		p.say("twins", twins(r))
	}
	p.fields("target", facts(r))
	if extra := extras(r); len(extra) > 0 {
		p.fields("extra", extra)
	}
	p.say("held", held(r))
	if text := unread(r); text != "" {
		p.quote("unread", "Could not be read", text)
	}
	p.quote("reason", "Reason", outside(r.Reason, "none given", 1200))
	p.say("history", history(r, v))
	if words := consequences(r, v); words != "" {
		p.note("consequences", mrkdwn(words))
	}
	if v.Buttons {
		p.buttons("decide", buttons(r, v))
	}
	p.note("ids", plain("Workfront ID "+outside(r.Target.ID, "unknown", 100)+" · request "+outside(r.ID, "unknown", 200)))
	return string(summary(r, v, s)), p.blocks
}

// summary is the card for notifications and screen readers.
func summary(r *request.Request, v View, s status) markup {
	words := s.heading.markup() + ". " + literal(email(r), "No e-mail", 300) + ", asked for by " + mention(r.Requester.ID) +
		". Reason: " + literal(r.Reason, "none given", 500)
	if r.Target.Admin {
		words += "\n" + administrator(r)
	}
	if len(r.Target.Twins) > 0 {
		words += "\n" + twins(r)
	}
	words += "\n" + s.now
	if r.State == request.Pending {
		words += "\nCarried out " + when(r, v) + "."
	}
	if s.said != "" {
		words += "\n" + markup(s.label) + ": " + literal(s.said, "nothing", 500)
	}
	if s.next != "" {
		words += "\n" + s.next
	}
	return words
}

// people is one line of the card in each message, and five in each section:
// fifty people take ten.
const peopleInSection = 5

// BatchMessage draws the card of a batch with its members as they stand; see
// Message.
func BatchMessage(b *request.Batch, v View) (text string, blocks []slack.Block) {
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
func (p *page) people(b *request.Batch, v View, part string, is func(*request.Request) bool) {
	var fields []*slack.TextBlockObject
	for i, r := range b.Members {
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
func batchSummary(b *request.Batch, v View, heading markup) markup {
	words := heading + ". Asked for by " + mention(b.Requester.ID) + ". Reason: " + literal(b.Reason, "none given", 300) + "\n" + tallyOf(b)
	if askedFor := askedOf(b, v, 15); askedFor != "" {
		words += "\nPlease approve or deny: " + askedFor
	}
	var lines []markup
	for i, r := range b.Members {
		_, state := standing(r)
		line := numbered(i) + literal(name(r), "somebody", 30) + ": " + state
		if r.Target.Admin && r.State == request.Pending {
			line += ", administrator"
		}
		lines = append(lines, line)
	}
	return fitted(words, lines)
}

// batchHeading is in our own words alone; at most 150 characters.
func batchHeading(b *request.Batch) markup {
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
	case in(request.Done) == len(b.Members):
		word = "Done"
	}
	if b.DryRun {
		word += " (dry run)"
	}
	return word + ": " + wordsOf(b.Action).verb + " " + plural(len(b.Members), "person", "people") + " in Workfront"
}

// tallyOf says for how many people it stands how.
func tallyOf(b *request.Batch) markup {
	var seen []markup
	counts := map[markup]int{}
	for _, r := range b.Members {
		symbol, words := standing(r)
		state := symbol + " " + words
		if counts[state] == 0 {
			seen = append(seen, state)
		}
		counts[state]++
	}
	words := "*" + plural(len(b.Members), "person", "people") + "*"
	for i, state := range seen {
		words += map[bool]markup{true: ": ", false: " · "}[i == 0] + count(counts[state]) + " " + state
	}
	return words
}

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

// history says who did what so far, and what the request waits for.
func history(r *request.Request, v View) markup {
	words := "*Asked by* " + mention(r.Requester.ID) + ", " + date(r.CreatedAt)
	if r.Needed > 0 {
		approvals := r.Approvals()
		if n := min(r.Void, len(r.Decisions)); n > 0 {
			words += "\n*Approved before* by " + voided(r.Decisions[:n])
		}
		words += "\n*Approvals* " + tally(r)
		for i, d := range approvals[:min(len(approvals), 15)] {
			words += separator(i) + mention(d.By.ID) + ", " + date(d.At)
		}
		if more := len(approvals) - 15; more > 0 {
			words += ", and " + count(more) + " more"
		}
	}
	if d, ok := lastOf(r, request.RunAgain); ok {
		words += "\n*Retried by* " + mention(d.By.ID) + ", " + date(d.At)
	}
	if r.State == request.Pending {
		words += "\n*Carried out* " + when(r, v) + "\n*Expires* " + date(r.ExpiresAt)
	}
	return words
}

// voided names who gave approvals that count no more.
func voided(decisions []request.Decision) markup {
	var who []markup
	for _, d := range decisions {
		if m := mention(d.By.ID); d.Kind == request.Approve && !slices.Contains(who, m) {
			who = append(who, m)
		}
	}
	words := list(who[:min(len(who), 10)], ", ")
	if more := len(who) - 10; more > 0 {
		words += ", and " + count(more) + " more"
	}
	return words
}

func separator(i int) markup {
	if i == 0 {
		return ": "
	}
	return "; "
}

// tally is "1 of 2".
func tally(r *request.Request) markup { return count(len(r.Approvals())) + " of " + count(r.Needed) }

// when says when a pending request will be carried out.
func when(r *request.Request, v View) markup {
	approval := markup("the approval")
	if r.Needed > 1 {
		approval = "the last approval"
	}
	soonest := "at once after " + approval
	if v.StopWindow > 0 {
		soonest = period(v.StopWindow) + " after " + approval
	}
	if r.NotBefore.IsZero() {
		return soonest + although(r.Reason, r.NotBefore, r.CreatedAt)
	}
	return "at this time: " + date(r.NotBefore) + "; or " + soonest + ", if that is later"
}

func batchHistory(b *request.Batch, v View) markup {
	words := "*Asked by* " + mention(b.Requester.ID) + ", " + date(b.CreatedAt)
	first := slices.IndexFunc(b.Members, pending)
	if first < 0 {
		return words
	}
	words += "\n*Carried out* " + batchWhen(b, v)
	expires := b.Members[first].ExpiresAt
	for _, r := range b.Members {
		if pending(r) && r.ExpiresAt.Before(expires) {
			expires = r.ExpiresAt
		}
	}
	return words + "\n*Expires* " + date(expires)
}

// batchWhen says when those who are pending will be carried out.
func batchWhen(b *request.Batch, v View) markup {
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

// consequences says what the change means, and what Workfront leaves undone.
func consequences(r *request.Request, v View) markup {
	words := wordsOf(r.Action)
	switch r.State {
	case request.Pending, request.Approved, request.Executing:
		meaning := "*What happens:* " + words.happens + " " + words.undone
		if r.DryRun {
			meaning += "\n" + dryRun
		}
		if len(r.Holdings) > 0 {
			meaning += "\n" + uncounted
		}
		return meaning
	case request.Done:
		if r.DryRun {
			return dryRun
		}
		return words.undone
	case request.Failed:
		if r.DryRun {
			return dryRun
		}
	}
	return ""
}

func batchConsequences(b *request.Batch) markup {
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

const dryRun markup = "*Dry run:* wfbot is set up to do everything but the change, so nothing is changed in Workfront."

// asked are those who can still decide, in the words that mention them.
func asked(r *request.Request, v View) markup {
	const most = 30
	out := []string{r.Requester.ID, r.Requester.OtherID}
	out = append(out, r.TargetIDs...)
	for _, d := range r.Approvals() {
		out = append(out, d.By.ID)
	}
	var mentions []markup
	add := func(id string) {
		if id != "" && !slices.Contains(out, id) {
			out = append(out, id)
			mentions = append(mentions, mention(id))
		}
	}
	if v.Approvers.Manager {
		add(r.Manager.ID)
		out = append(out, r.Manager.OtherID)
	}
	for _, g := range v.Approvers.Groups {
		mentions = append(mentions, mentionGroup(g))
	}
	for _, id := range v.Approvers.Users {
		add(id)
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

// mostAsked is how many mentions a paragraph has room for: all managers of a batch,
// and some more.
const mostAsked = 64

// askedOf are those who can still decide about somebody, in the words that mention
// them: most of them at most, managers first.
func askedOf(b *request.Batch, v View, most int) markup {
	var mentions []markup
	var ids []string
	add := func(id string, about func(*request.Request) bool) {
		if id == "" || b.Requester.Is(id) || slices.Contains(ids, id) {
			return
		}
		for _, r := range b.Members {
			if pending(r) && about(r) && !slices.Contains(r.TargetIDs, id) &&
				!slices.ContainsFunc(r.Approvals(), func(d request.Decision) bool { return d.By.Is(id) }) {
				ids, mentions = append(ids, id), append(mentions, mention(id))
				return
			}
		}
	}
	if v.Approvers.Manager {
		for _, r := range b.Members {
			add(r.Manager.ID, func(other *request.Request) bool { return other.Manager.Is(r.Manager.ID) })
			if slices.Contains(ids, r.Manager.ID) {
				ids = append(ids, r.Manager.OtherID)
			}
		}
	}
	if slices.ContainsFunc(b.Members, pending) {
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

func rejected(r *request.Request) bool { return r.State == request.Rejected }

func pending(r *request.Request) bool { return r.State == request.Pending }

// cancellable reports whether r can be cancelled as it stands.
func cancellable(r *request.Request) bool { return r.MayTake(request.Cancel) == request.Allowed }

// retriable reports whether Retry makes a difference to r.
func retriable(r *request.Request) bool {
	return r.State == request.Failed || r.State != request.Received && waiting(r)
}

// number is for how many members is holds.
func number(b *request.Batch, is func(*request.Request) bool) (n int) {
	for _, r := range b.Members {
		if is(r) {
			n++
		}
	}
	return n
}
