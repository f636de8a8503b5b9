package card

import (
	"slices"
	"time"

	"github.com/slack-go/slack"

	"wfbot/bot/request"
)

func (r one) message(v View) (markup, *page) {
	s := standingOf(r.Request)
	s.now += asking(r.Request, v)
	p := newPage(r.ID, r.card.Look, v.Buttons)

	p.title("header", s.heading.plain())
	p.say("status", s.now)
	if s.said.text != "" {
		p.quote("said", s.said.label, outside(s.said.text, "nothing", 1200))
	}
	p.say("next", s.next)
	p.say("admin", administrator(r.Request))
	p.say("twins", twins(r.Request))
	p.fields("target", facts(r.Request))
	p.fields("extra", extras(r.Request))
	if !rejected(r.Request) { // nobody needs to know
		p.say("held", held(r.Request))
		p.quote("unread", "Could not be read", unread(r.Request))
	}
	p.quote("reason", "Reason", outside(r.Reason, "none given", 1200))
	p.say("history", r.history(v))
	p.note("consequences", mrkdwn(s.meaning))
	if v.Buttons {
		p.buttons("decide", r.buttons(v))
	}
	p.note("ids", plain("Workfront ID "+outside(r.Target.ID, "unknown", 100)+" · request "+outside(r.ID, "unknown", 200)))
	return r.summary(v, s), p
}

func (b several) message(v View) (markup, *page) {
	p := newPage(b.ID, b.Look, v.Buttons)
	heading := b.heading()
	p.title("header", string(heading))
	p.say("status", b.tally())
	if who := deciders(b.members, v, mostDeciders); who != "" {
		p.say("asked", "Please approve or deny: "+who)
	}
	p.quote("reason", "Reason", outside(b.Reason, "none given", 1200))
	p.say("history", b.history(v))
	p.people("person", b.lines(v, func(r *request.Request) bool { return !rejected(r) }))
	if n := b.number(rejected); n > 0 {
		p.say("rejected", "*Not possible for "+people(n)+"*")
		p.people("not", b.lines(v, rejected))
	}
	p.note("consequences", mrkdwn(b.meaning()))
	if v.Buttons {
		p.buttons("decide", b.buttons(v))
		p.buttons("one", b.menus())
	}
	p.note("ids", plain("Batch "+outside(b.ID, "unknown", 200)))
	return b.summary(v, heading), p
}

// summary is the card for notifications and screen readers.
func (r one) summary(v View, s standing) markup {
	words := s.heading.markup() + ". " + literal(email(r.Request), "No e-mail", 300) + ", asked for by " + mention(r.Requester.ID) +
		". Reason: " + literal(r.Reason, "none given", 500)
	for _, more := range []markup{administrator(r.Request), twins(r.Request), s.now} {
		if more != "" {
			words += "\n" + more
		}
	}
	if pending(r.Request) {
		words += "\nCarried out " + r.when(v) + "."
	}
	if s.said.text != "" {
		words += "\n" + markup(s.said.label) + ": " + literal(s.said.text, "nothing", 500)
	}
	if s.next != "" {
		words += "\n" + s.next
	}
	return words
}

// summary is as many people as there is room for.
func (b several) summary(v View, heading markup) markup {
	words := heading + ". Asked for by " + mention(b.Requester.ID) + ". Reason: " + literal(b.Reason, "none given", 300) + "\n" + b.tally()
	if who := deciders(b.members, v, 15); who != "" {
		words += "\nPlease approve or deny: " + who
	}
	var lines []markup
	for i, r := range b.members {
		line := numbered(i) + literal(name(r), "somebody", 30) + ": " + standingOf(r).words
		if r.Target.Admin && pending(r) {
			line += ", administrator"
		}
		lines = append(lines, line)
	}
	return fitted(words, lines)
}

// heading is in our own words alone; at most 150 characters.
func (b several) heading() markup {
	in := func(states ...request.State) int {
		return b.number(func(r *request.Request) bool { return slices.Contains(states, r.State) })
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
	case in(request.Done) == len(b.members):
		word = "Done"
	}
	if b.DryRun {
		word += " (dry run)"
	}
	return word + ": " + b.toDo() + " in Workfront"
}

// toDo is what is asked for: deactivate 3 people.
func (b several) toDo() markup { return wordsOf(b.Action).verb + " " + people(len(b.members)) }

// number is for how many of them is holds.
func (b several) number(is func(*request.Request) bool) (n int) { return len(b.those(is)) }

// those are those of them for whom is holds.
func (b several) those(is func(*request.Request) bool) (some []*request.Request) {
	for _, r := range b.members {
		if is(r) {
			some = append(some, r)
		}
	}
	return some
}

// tally says for how many people it stands how.
func (b several) tally() markup {
	var seen []markup
	counts := map[markup]int{}
	for _, r := range b.members {
		s := standingOf(r)
		state := s.symbol + " " + s.words
		if counts[state] == 0 {
			seen = append(seen, state)
		}
		counts[state]++
	}
	for i, state := range seen {
		seen[i] = count(counts[state]) + " " + state
	}
	return "*" + people(len(b.members)) + "*: " + list(seen, " · ")
}

// lines are two fields for each of those for whom is holds: who it is on the left,
// how it stands on the right.
func (b several) lines(v View, is func(*request.Request) bool) (fields []*slack.TextBlockObject) {
	for i, r := range b.members {
		if is(r) {
			fields = append(fields, plain(whom(i, r)), mrkdwn(b.progress(r, v)))
		}
	}
	return fields
}

// people adds the fields of people, five of them in each section: fifty take ten.
func (p *page) people(part string, fields []*slack.TextBlockObject) {
	n := 0
	for some := range slices.Chunk(fields, 2*5) {
		n++
		p.fields(part+string(count(n)), some)
	}
}

// numbered is how the i-th of several is called on the card: "3. ".
func numbered(i int) markup { return count(i+1) + ". " }

// whom is who the i-th of several is and what somebody had to say, in plain text.
func whom(i int, r *request.Request) string {
	words := string(numbered(i)) + outside(name(r), "unknown", 60)
	if line(r.Target.Name) != "" && email(r) != "" {
		words += "\n" + outside(email(r), "no e-mail", 70)
	}
	if line(r.Target.Title) != "" && !rejected(r) {
		words += "\n" + outside(r.Target.Title, "", 40)
	}
	if said := standingOf(r).said; line(said.text) != "" {
		words += "\n" + said.label + ": " + outside(said.text, "nothing", 110)
	}
	return words
}

// progress is how r stands, in our own words.
func (b several) progress(r *request.Request, v View) markup {
	s := standingOf(r)
	words := s.symbol + " *" + capital(s.words) + "*" + s.among + warnings(r, v)
	if rejected(r) {
		words += "\n" + reasonAmong(b.members, r)
	}
	return words
}

// warnings are what to think of before deciding about one of several.
func warnings(r *request.Request, v View) (words markup) {
	if !pending(r) {
		return ""
	}
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
	return words + heldInAll(r)
}

// asking is what is wanted of whom while r waits for decisions.
func asking(r *request.Request, v View) (words markup) {
	if !pending(r) {
		return ""
	}
	if who := deciders([]*request.Request{r}, v, 30); who != "" {
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

// mostDeciders is how many mentions a paragraph has room for: all managers of fifty
// people, and some more.
const mostDeciders = 64

// deciders are those who can still decide about somebody of members, in the words
// that mention them: most of them at most, managers first.
func deciders(members []*request.Request, v View, most int) markup {
	var mentions []markup
	var seen []string
	approvals := make(map[*request.Request][]request.Decision, len(members)) // once, and not for each who may decide
	for _, r := range members {
		approvals[r] = r.Approvals()
	}
	add := func(id string, about func(*request.Request) bool) {
		if id != "" && !slices.Contains(seen, id) &&
			slices.ContainsFunc(members, func(r *request.Request) bool { return about(r) && canDecide(r, approvals[r], id) }) {
			seen, mentions = append(seen, id), append(mentions, mention(id))
		}
	}
	if v.Approvers.Manager {
		for _, r := range members {
			add(r.Manager.ID, func(other *request.Request) bool { return other.Manager.Is(r.Manager.ID) })
			if slices.Contains(seen, r.Manager.ID) {
				seen = append(seen, r.Manager.OtherID)
			}
		}
	}
	if slices.ContainsFunc(members, pending) {
		for _, g := range v.Approvers.Groups {
			mentions = append(mentions, mentionGroup(g))
		}
	}
	for _, id := range v.Approvers.Users {
		add(id, func(*request.Request) bool { return true })
	}
	return upTo(most, mentions, ", ")
}

// canDecide reports whether a decision of id, a Slack user id, would still count:
// they did not ask for it, it is not about them, and they have not given one of
// r's approvals.
func canDecide(r *request.Request, approvals []request.Decision, id string) bool {
	return pending(r) && !r.Requester.Is(id) && !slices.Contains(r.TargetIDs, id) &&
		!slices.ContainsFunc(approvals, func(d request.Decision) bool {
			return d.By.Is(id) || r.Manager.Is(id) && (d.By.Is(r.Manager.ID) || d.By.Is(r.Manager.OtherID))
		})
}

// history says who did what so far, and what the request waits for.
func (r one) history(v View) markup {
	words := askedBy(r.Requester, r.CreatedAt)
	if r.Needed > 0 {
		if n := min(r.Void, len(r.Decisions)); n > 0 {
			words += "\n*Approved before* by " + voided(r.Decisions[:n])
		}
		words += "\n*Approvals* " + tally(r.Request)
		var approvals []markup
		for _, d := range r.Approvals() {
			approvals = append(approvals, whoAndWhen(d.By.ID, d.At))
		}
		if len(approvals) > 0 {
			words += ": " + upTo(15, approvals, "; ")
		}
	}
	if d, ok := lastOf(r.Request, request.RunAgain); ok {
		words += "\n*Retried by* " + whoAndWhen(d.By.ID, d.At)
	}
	if pending(r.Request) {
		words += "\n*Carried out* " + r.when(v) + "\n*Expires* " + date(r.ExpiresAt)
	}
	return words
}

func (b several) history(v View) markup {
	words := askedBy(b.Requester, b.CreatedAt)
	waiting := b.those(pending)
	if len(waiting) == 0 {
		return words
	}
	first := slices.MinFunc(waiting, func(r, other *request.Request) int { return r.ExpiresAt.Compare(other.ExpiresAt) })
	return words + "\n*Carried out* " + b.when(v) + "\n*Expires* " + date(first.ExpiresAt)
}

func askedBy(who request.Identity, at time.Time) markup {
	return "*Asked by* " + whoAndWhen(who.ID, at)
}

// voided names who gave approvals that count no more.
func voided(decisions []request.Decision) markup {
	var who []markup
	for _, d := range decisions {
		if m := mention(d.By.ID); d.Kind == request.Approve && !slices.Contains(who, m) {
			who = append(who, m)
		}
	}
	return upTo(10, who, ", ")
}

// tally is "1 of 2".
func tally(r *request.Request) markup { return count(len(r.Approvals())) + " of " + count(r.Needed) }

// when says when a pending request will be carried out.
func (r one) when(v View) markup {
	approval := markup("the approval")
	if r.Needed > 1 {
		approval = "the last approval"
	}
	soonest := soonest(v) + approval
	if r.NotBefore.IsZero() {
		return soonest + although(r.Reason, r.NotBefore, r.CreatedAt)
	}
	return "at this time: " + date(r.NotBefore) + "; or " + soonest + ", if that is later"
}

// when says when those who are pending will be carried out.
func (b several) when(v View) markup {
	soonest := soonest(v) + "each person's last approval"
	switch {
	case b.NotBefore.IsZero():
		return soonest + although(b.Reason, b.NotBefore, b.CreatedAt)
	case v.StopWindow > 0: // who is approved shortly before that time is late all the same
		return date(b.NotBefore) + "; or " + soonest + ", if that is later"
	}
	return date(b.NotBefore) + ", for whom it is approved by then; else " + soonest
}

// soonest is how long after an approval something is carried out; which follows.
func soonest(v View) markup {
	if v.StopWindow > 0 {
		return period(v.StopWindow) + " after "
	}
	return "at once after "
}

// meaning says what the change means, and what Workfront leaves undone.
func (b several) meaning() markup {
	words := wordsOf(b.Action)
	switch {
	case b.DryRun:
		return dryRun
	case b.number(func(r *request.Request) bool { return r.State.Open() }) > 0:
		return words.meaning()
	case b.number(func(r *request.Request) bool { return r.State == request.Done }) > 0:
		return words.undone
	}
	return ""
}
