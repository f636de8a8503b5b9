package card

import (
	"slices"
	"strings"
	"time"

	"github.com/slack-go/slack"

	"wfbot/bot/request"
)

// The action ids of the card's buttons. A button's value is the request's ID.
// They never change: cards outlive upgrades.
const (
	ActionApprove = "approve" // asks for confirmation first
	ActionDeny    = "deny"    // opens DecisionForm
	ActionCancel  = "cancel"  // opens DecisionForm
	ActionRetry   = "retry"   // "Retry now" while it is tried again, "Retry" when it failed

	ActionDetails    = "details"    // answers privately what the target still holds, by name
	ActionReactivate = "reactivate" // asks for the way back, as the slash command would
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

// Message draws a card with its requests as they now stand. text is what notifications and
// screen readers use, mrkdwn of at most 4000 characters; it is meant to be sent
// unescaped, as it is. The message should be sent without unfurling.
func Message(c *request.Card, v View) (text string, blocks []slack.Block) {
	if r := c.One(); r != nil {
		return messageOfOne(r, c.Look, v)
	}
	return messageOfSeveral(c, v)
}

// messageOfOne draws a card about one person, in full.
func messageOfOne(r *request.Request, look int64, v View) (text string, blocks []slack.Block) {
	s := statusOf(r, v)
	p := newPage(r.ID, look, v.Buttons)

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

func administrator(r *request.Request) markup {
	return "⚠️ *Workfront system administrator.* " + wordsOf(r.Action).admin
}

// twins says that there are other users with the target's e-mail.
func twins(r *request.Request) markup {
	const most = 3
	var ids []markup
	for _, id := range r.Target.Twins[:min(len(r.Target.Twins), most)] {
		ids = append(ids, literal(id, "unknown", 60))
	}
	words := list(ids, ", ")
	if more := len(r.Target.Twins) - most; more > 0 {
		words += ", and " + count(more) + " more"
	}
	return "ℹ️ Workfront holds " + plural(len(r.Target.Twins), "other user", "other users") + " with the same e-mail, inactive when this was asked for (Workfront ID " +
		words + "). This request leaves them as they are."
}

// facts are what is known of the target; all of it is from outside.
func facts(r *request.Request) []*slack.TextBlockObject {
	t := r.Target
	var fields []*slack.TextBlockObject
	add := func(label, value string) {
		fields = append(fields, plain(label+": "+value))
	}
	addKnown := func(label, value string) {
		if line(value) != "" {
			add(label, outside(value, "", 400))
		}
	}
	add("Name", outside(t.Name, "unknown", 400))
	add("E-mail", outside(email(r), "unknown", 400))
	addKnown("Title", t.Title)
	addKnown("Access level", t.AccessLevel)
	addKnown("Licence", t.License)
	if r.State != request.Received && r.State != request.Rejected {
		add("Manager", manager(t))
		switch {
		case !t.LastLogin.IsZero():
			fields = append(fields, mrkdwn("Last login: "+date(t.LastLogin)))
		case slices.Contains(t.Missing, request.MissingLastLogin):
			fields = append(fields, plain("Last login: not known"))
		default:
			fields = append(fields, plain("Last login: none recorded"))
		}
	}
	if at := t.ScheduledOff; !at.IsZero() && r.State.Open() && r.Action == request.Deactivate {
		fields = append(fields, mrkdwn(scheduledOff(r, at)))
	}
	if at := t.InactiveSince; !at.IsZero() && r.State.Open() && r.Action == request.Reactivate {
		fields = append(fields, mrkdwn("Inactive since: "+date(at)))
	}
	addKnown("Home group", t.HomeGroup)
	addKnown("Home team", t.HomeTeam)
	return fields
}

// scheduledOff says when Workfront itself was to deactivate the target.
func scheduledOff(r *request.Request, at time.Time) markup {
	words := "Scheduled in Workfront: deactivation " + date(at)
	if at.Before(r.CreatedAt) {
		words += ", which did not happen"
	}
	return words
}

// extras are the further fields that the configuration names, at most ten.
func extras(r *request.Request) []*slack.TextBlockObject {
	var fields []*slack.TextBlockObject
	for _, f := range r.Target.Extra {
		name, _, _ := strings.Cut(strings.TrimPrefix(f.Name, "DE:"), ":")
		fields = append(fields, plain(outside(name, "Field", 100)+": "+outside(f.Value, "none", 400)))
	}
	return fields
}

func manager(t request.Target) string {
	mail := outside(t.ManagerEmail, "", 400)
	switch {
	case slices.Contains(t.Missing, request.MissingManager):
		return "not known"
	case line(t.Manager) == "" && mail == "":
		return "none"
	case mail == "":
		return outside(t.Manager, "", 400)
	}
	return outside(t.Manager, "name unknown", 400) + " (" + mail + ")"
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
