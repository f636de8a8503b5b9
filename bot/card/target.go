package card

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/slack-go/slack"

	"wfbot/bot/request"
)

// name is what the target is called, or their e-mail before the look-up.
func name(r *request.Request) string {
	if line(r.Target.Name) != "" {
		return r.Target.Name
	}
	return email(r)
}

func email(r *request.Request) string {
	if !r.ErasedAt.IsZero() {
		return request.Erased
	}
	return cmp.Or(r.Target.Email, r.Email)
}

// called is what the target is called, and the e-mail behind a name, if there is one
// or anything to say instead. show is literal or outside.
func called[T ~string](r *request.Request, show func(s string, instead T, limit int) T, nobody, noEmail T, nameLimit, emailLimit int) T {
	who := show(name(r), nobody, nameLimit)
	if mail := show(email(r), noEmail, emailLimit); mail != "" && line(r.Target.Name) != "" {
		who += " (" + mail + ")"
	}
	return who
}

// person names the target in a sentence: Jane Doe (`jane@acme.com`).
func person(r *request.Request) markup {
	mail := literal(email(r), "no e-mail", 300)
	if line(r.Target.Name) == "" {
		return mail
	}
	return literal(r.Target.Name, "", 200) + " (" + mail + ")"
}

// administrator says that the target is one; empty if not.
func administrator(r *request.Request) markup {
	if !r.Target.Admin {
		return ""
	}
	return "⚠️ *Workfront system administrator.* " + wordsOf(r.Action).admin
}

// twins says that there are other users with the target's e-mail; empty if not.
func twins(r *request.Request) markup {
	if len(r.Target.Twins) == 0 {
		return ""
	}
	var ids []markup
	for _, id := range r.Target.Twins {
		ids = append(ids, literal(id, "unknown", 60))
	}
	return "ℹ️ " + plural(len(r.Target.Twins), "other Workfront user has", "other Workfront users have") + " the same e-mail (Workfront ID " + upTo(3, ids, ", ") +
		"). Inactive when this was asked for; this request does not change them."
}

// workfrontID are the IDs that stand for themselves in an address: Workfront's are 32
// digits and letters.
var workfrontID = regexp.MustCompile(`^[A-Za-z0-9]{1,64}$`)

// linkable are e-mails that Slack shows as they are where a link has a label. Others may
// look like formatting.
var linkable = regexp.MustCompile(`^[A-Za-z0-9.+-]{1,64}@[A-Za-z0-9.-]{1,200}$`)

// mailOf is the target's e-mail, which leads to their page in Workfront where that is
// known.
func mailOf(r *request.Request, v View) *slack.TextBlockObject {
	mail := email(r)
	if v.UserPage == "" || !workfrontID.MatchString(r.Target.ID) || !linkable.MatchString(mail) {
		return plain("E-mail: " + outside(mail, "unknown", 400))
	}
	return mrkdwn("E-mail: " + link(strings.Replace(v.UserPage, "{id}", r.Target.ID, 1), markup(mail)))
}

// facts are what is known of the target; all of it is from outside.
func facts(r *request.Request, v View) []*slack.TextBlockObject {
	t := r.Target
	var fields []*slack.TextBlockObject
	add := func(parts ...string) { // a label and a value each; those without a value are left out
		var known []string
		for part := range slices.Chunk(parts, 2) {
			if part[1] != "" {
				known = append(known, part[0]+": "+part[1])
			}
		}
		if len(known) > 0 {
			fields = append(fields, plain(strings.Join(known, ", ")))
		}
	}
	fields = append(fields, mailOf(r, v))
	add("Title", outside(t.Title, "", 200))
	add("Access level", outside(t.AccessLevel, "", 200), "licence", outside(t.License, "", 200))
	if r.State != request.Received && r.State != request.Rejected {
		add("Manager", manager(t))
		switch {
		case !t.LastLogin.IsZero():
			fields = append(fields, mrkdwn("Last login: "+date(t.LastLogin)))
		case slices.Contains(t.Missing, request.MissingLastLogin):
			add("Last login", "not known")
		default:
			add("Last login", "none recorded")
		}
	}
	add("Home group", outside(t.HomeGroup, "", 200), "team", outside(t.HomeTeam, "", 200))
	if at := t.ScheduledOff; !at.IsZero() && r.State.Open() && r.Action == request.Deactivate {
		fields = append(fields, mrkdwn(scheduledOff(r, at)))
	}
	if at := t.InactiveSince; !at.IsZero() && r.State.Open() && r.Action == request.Reactivate {
		fields = append(fields, mrkdwn("Inactive since: "+date(at)))
	}
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

// noManager says why the manager is not asked, for the middle of a sentence.
func noManager(why request.NoManager) markup {
	words := map[request.NoManager]markup{
		request.ManagerNone:      "Workfront names no manager with an e-mail",
		request.ManagerUnread:    "Workfront did not say who it is",
		request.ManagerNotHere:   "nobody active in Slack has the manager's e-mail",
		request.ManagerRequester: "they asked for this themselves",
		request.ManagerMayNot:    "they may not decide (a guest, for example, or it is about themselves)",
	}
	return cmp.Or(words[why], "I found no manager in Slack who may decide")
}
