package card

import (
	"cmp"
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
	return "ℹ️ Workfront holds " + plural(len(r.Target.Twins), "other user", "other users") + " with the same e-mail, inactive when this was asked for (Workfront ID " +
		upTo(3, ids, ", ") + "). This request leaves them as they are."
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
			add("Last login", "not known")
		default:
			add("Last login", "none recorded")
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

// noManager says why the manager is not asked, for the middle of a sentence.
func noManager(why request.NoManager) markup {
	words := map[request.NoManager]markup{
		request.ManagerNone:      "Workfront names none with an e-mail",
		request.ManagerUnread:    "Workfront did not tell who it is",
		request.ManagerNotHere:   "nobody active in Slack has the manager's e-mail",
		request.ManagerRequester: "they asked for this themselves",
		request.ManagerMayNot:    "they may not decide in Slack, as a guest for example or because it is about themselves",
	}
	return cmp.Or(words[why], "none was found who may decide this in Slack")
}
