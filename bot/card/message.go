package card

import (
	"cmp"
	"slices"
	"time"

	"github.com/slack-go/slack"

	"wfbot/bot/request"
)

func (r one) message(v View) (markup, *page) {
	s := standingOf(r.Request)
	p := newPage(r.ID, r.card.Look, v.Buttons)
	p.title("header", s.heading.plain())
	if s.said.label == whatHappened {
		p.quoteSaid(s.said)
	}
	p.say("status", s.now)
	if s.said.label != whatHappened {
		p.quoteSaid(s.said)
	}
	p.say("next", s.next)
	p.quote("reason", "Reason", outside(r.Reason, "none given", 1200))
	p.say("asked", r.history(v))
	p.say("approvers", r.approvers(v))
	p.say("admin", administrator(r.Request))
	p.say("twins", twins(r.Request))
	if r.State.Open() || r.State == request.Failed {
		p.fields("target", facts(r.Request, v))
		p.fields("extra", extras(r.Request))
		p.sayBeside("held", held(r.Request), r.seeAll(v))
		p.say("consequences", s.meaning)
	} else {
		p.fields("target", []*slack.TextBlockObject{mailOf(r.Request, v)})
		p.sayBeside("consequences", s.meaning, r.seeAll(v))
	}
	if v.Buttons {
		p.decide(r.buttons(v))
	}
	return r.summary(v, s), p
}

func (p *page) quoteSaid(said quote) {
	if said.text != "" {
		p.quote("said", said.label, outside(said.text, "nothing", 1200))
	}
}

func (b several) message(v View) (markup, *page) {
	p := newPage(b.ID, b.Look, v.Buttons)
	heading := b.heading()
	p.title("header", string(heading))
	p.say("status", b.tally())
	p.quote("reason", "Reason", outside(b.Reason, "none given", 1200))
	p.say("asked", b.history(v))
	p.say("approvers", b.approvers(v))
	p.people("person", b.lines(v, func(r *request.Request) bool { return !rejected(r) }))
	if n := b.number(rejected); n > 0 {
		p.say("rejected", "*Not possible for "+people(n)+"*")
		p.people("not", b.lines(v, rejected))
	}
	p.say("consequences", b.meaning())
	if v.Buttons {
		p.decide(b.buttons(v))
		p.buttons("one", b.menus())
	}
	return b.summary(v, heading), p
}

// summary is the card for notifications and screen readers.
func (r one) summary(v View, s standing) markup {
	words := s.heading.markup() + ". " + literal(email(r.Request), "No e-mail", 300) + ". Reason: " + literal(r.Reason, "none given", 500)
	for _, more := range []markup{administrator(r.Request), twins(r.Request), s.now, r.history(v), r.approvers(v)} {
		words += behind("\n", more)
	}
	if s.said.text != "" {
		words += "\n" + markup(s.said.label) + ": " + literal(s.said.text, "nothing", 500)
	}
	return words + behind("\n", s.next)
}

// summary is as many people as there is room for.
func (b several) summary(v View, heading markup) markup {
	words := heading + ". Asked by " + mention(b.Requester.ID) + ". Reason: " + literal(b.Reason, "none given", 300) + "\n" + b.tally()
	words += behind("\nApprovers ", deciders(b.those(pending), v, 15))
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
	word, who := markup("Ended"), len(b.members)
	failed, changed, not := in(request.Failed), in(request.Done), in(request.Rejected)
	switch {
	case in(request.Pending) > 0:
		word, who = "Approval needed", who-not
	case in(request.Received) > 0:
		word = "Being looked up"
	case in(request.Approved, request.Executing) > 0:
		word = "In progress"
	case failed > 0:
		word = "Failed for " + count(failed)
	case changed > 0:
		return b.doneFor(changed, not)
	}
	if b.DryRun {
		word += " (dry run)"
	}
	return word + ": " + wordsOf(b.Action).verb + " " + people(who) + " in Workfront"
}

// doneFor is the heading when all has ended, well for changed of them.
func (b several) doneFor(changed, not int) markup {
	word := markup("✅ Done: ")
	if b.DryRun {
		word = "✅ Dry run done: "
	}
	if changed < len(b.members) {
		word += count(changed) + " of "
	}
	word += people(len(b.members))
	if !b.DryRun {
		word += " " + wordsOf(b.Action).done()
	}
	if not > 0 {
		word += " (" + count(not) + " not possible)"
	}
	return word
}

// toDo is what is asked for: deactivate 3 people.
func (b several) toDo() markup { return wordsOf(b.Action).verb + " " + people(len(b.members)) }

// number is for how many of them is holds.
func (b several) number(is func(*request.Request) bool) (n int) { return len(b.those(is)) }

// those are the members that is returns true for.
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

// lines are two fields for each member that is returns true for: who it is on the left,
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
	if by := approvedBy(r); by != "" {
		words += "\n" + capital(by[2:])
	}
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
		words += "\nManager cannot be asked: " + noManager(r.NoManager)
	}
	if r.Stuck {
		words += "\n⚠️ Too few people can approve this now"
	}
	return words + heldInAll(r)
}

// hindrances are why r may not be approved as it is.
func hindrances(r *request.Request, v View) (words markup) {
	if v.Approvers.Manager && r.Manager.ID == "" {
		words += "\nTheir manager cannot be asked: " + noManager(r.NoManager) + "."
	}
	if r.Stuck {
		words += "\n⚠️ Too few people can approve this now. It goes on when the manager is corrected in Workfront."
	}
	return words
}

// mostDeciders is how many mentions a paragraph has room for: all managers of fifty
// people, and some more.
const mostDeciders = 64

// deciders are those who can still decide about somebody of members, who are pending or
// have failed, in the words that mention them: most of them at most, managers first.
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
	if len(members) > 0 {
		for _, g := range v.Approvers.Groups {
			mentions = append(mentions, mentionGroup(g))
		}
	}
	for _, id := range v.Approvers.Users {
		add(id, func(*request.Request) bool { return true })
	}
	return upTo(most, mentions, ", ")
}

// canDecide reports whether a decision or a retry by id, a Slack user id, would count:
// they did not ask for it, it is not about them, and where it is to be decided they have
// not given one of r's approvals.
func canDecide(r *request.Request, approvals []request.Decision, id string) bool {
	return !r.Requester.Is(id) && !slices.Contains(r.TargetIDs, id) && !(pending(r) && slices.ContainsFunc(approvals, func(d request.Decision) bool {
		return d.By.Is(id) || r.Manager.Is(id) && (d.By.Is(r.Manager.ID) || d.By.Is(r.Manager.OtherID))
	}))
}

// history says who asked, when it takes effect and who decided; empty when what is
// known says so already.
func (r one) history(v View) markup {
	switch r.State {
	case request.Done:
		return ""
	case request.Pending:
		return mention(r.Requester.ID) + " asks · " + r.takesEffect(v)
	}
	words := askedBy(r.Requester, r.CreatedAt) + approvedSoFar(r.Request)
	if d, ok := r.Last(request.RunAgain); ok {
		words += "\nRetried by " + whoAndWhen(d.By.ID, d.At)
	}
	return words
}

// approvers says who is asked to decide, and how far that is; empty if nobody is.
func (r one) approvers(v View) markup {
	if !pending(r.Request) {
		return ""
	}
	words := approversOf([]*request.Request{r.Request}, v, 20) + " · " + tally(r.Request) + " · expires " + date(r.ExpiresAt)
	if n := min(r.Void, len(r.Decisions)); n > 0 {
		words += "\nApproved before by " + voided(r.Decisions[:n])
	}
	return words + approvedSoFar(r.Request) + hindrances(r.Request, v)
}

// approvedSoFar is a line that names everybody whose approval counts; empty if nobody.
func approvedSoFar(r *request.Request) markup {
	var who []markup
	for _, d := range r.Approvals() {
		who = append(who, whoAndWhen(d.By.ID, d.At))
	}
	return behind("\nApproved by ", upTo(10, who, "; "))
}

func (b several) history(v View) markup {
	if b.number(pending) == 0 {
		return askedBy(b.Requester, b.CreatedAt)
	}
	return mention(b.Requester.ID) + " asks · " + b.takesEffect(v)
}

func (b several) approvers(v View) markup {
	if b.number(pending) == 0 {
		return ""
	}
	return approversOf(b.those(pending), v, mostDeciders) + " · " + b.expires()
}

// expires is when the first of those who are pending does.
func (b several) expires() markup {
	first := slices.MinFunc(b.those(pending), func(r, other *request.Request) int { return r.ExpiresAt.Compare(other.ExpiresAt) })
	return "expires " + date(first.ExpiresAt)
}

// approversOf names those who can still decide; most of them at most.
func approversOf(members []*request.Request, v View, most int) markup {
	return cmp.Or(behind("Approvers ", deciders(members, v, most)), "Approvers: nobody can decide now")
}

func askedBy(who request.Identity, at time.Time) markup {
	return "Asked by " + whoAndWhen(who.ID, at)
}

// voided names who gave approvals that no longer count.
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

// approvals is "1 of 2 approvals".
func approvals(r *request.Request) markup {
	return count(len(r.Approvals())) + " of " + plural(r.Needed, "approval", "approvals")
}

// takesEffect says when a pending request does.
func (r one) takesEffect(v View) markup {
	approval := markup("approval")
	if r.Needed > 1 {
		approval = "the last approval"
	}
	return takesEffect(v, r.NotBefore, r.Reason, r.CreatedAt, approval)
}

// takesEffect says when it does for those who are pending.
func (b several) takesEffect(v View) markup {
	return takesEffect(v, b.NotBefore, b.Reason, b.CreatedAt, "each person's approval")
}

func takesEffect(v View, notBefore time.Time, reason string, asked time.Time, approval markup) markup {
	soonest := "on " + approval
	if v.StopWindow > 0 {
		soonest = period(v.StopWindow) + " after " + approval
	}
	if notBefore.IsZero() {
		return "takes effect " + soonest + although(reason, notBefore, asked)
	}
	return "takes effect " + date(notBefore) + ", or " + soonest + " if that is later"
}

// meaning says what Workfront leaves to people.
func (b several) meaning() markup {
	switch {
	case b.DryRun:
		return dryRun
	case b.number(func(r *request.Request) bool { return r.State.Open() }) == 0 && b.number(plainlyDone) > 0:
		return "*Still to do:* " + map[request.Action]markup{request.Deactivate: "reassign what they still hold; "}[b.Action] + wordsOf(b.Action).undone
	}
	return ""
}
