package card

import (
	"slices"
	"strings"

	"wfbot/bot/request"
)

// thing names things of one kind that somebody holds in Workfront.
type thing struct {
	kind      string // as in request.Holding
	one, many markup
}

// things are the kinds in the order of Adobe's check-list.
var things = []thing{
	{"tasks", "open task", "open tasks"},
	{"issues", "open issue", "open issues"},
	{"projects", "owned project", "owned projects"},
	{"portfolios", "owned portfolio", "owned portfolios"},
	{"programs", "owned program", "owned programs"},
	{"templates", "owned template", "owned templates"},
	{"reports", "report run with their rights", "reports run with their rights"},
	{"scheduled_reports", "scheduled report run with their rights", "scheduled reports run with their rights"},
	{"managed_projects", "project as resource manager", "projects as resource manager"},
	{"managed_templates", "template as resource manager", "templates as resource manager"},
	{"routing_rules", "queue routing rule", "queue routing rules"},
	{"approval_processes", "approval process with a stage of theirs", "approval processes with a stage of theirs"},
	{"approvals", "approval waiting for them", "approvals waiting for them"},
	{"proofs", "proof waiting for them", "proofs waiting for them"},
	{"timesheets", "timesheet to approve", "timesheets to approve"},
	{"timesheet_profiles", "timesheet profile as approver", "timesheet profiles as approver"},
	{"checked_out_documents", "checked-out document", "checked-out documents"},
	{"direct_reports", "direct report", "direct reports"},
}

func thingOf(kind string) thing {
	if i := slices.IndexFunc(things, func(t thing) bool { return t.kind == kind }); i >= 0 {
		return things[i]
	}
	return thing{kind, "thing of another kind", "things of another kind"}
}

// held says what the target still holds, in counts, or that these are awaited;
// empty if there are none.
func held(r *request.Request) markup {
	words := markup("*Still holds in Workfront:* ")
	switch {
	case r.NeedsCount() && r.Counts == 0:
		return words + "being counted…"
	case len(r.Holdings) == 0:
		return ""
	}
	var counted, nothing, uncountedYet []markup
	for _, h := range r.Holdings {
		t := thingOf(h.Kind)
		switch {
		case h.Pending:
			uncountedYet = append(uncountedYet, t.many)
		case h.Trouble != "": // said by unread
		case h.Count == 0 && !h.AtLeast:
			nothing = append(nothing, t.many)
		case h.AtLeast:
			counted = append(counted, "at least "+plural(h.Count, t.one, t.many))
		default:
			counted = append(counted, plural(h.Count, t.one, t.many))
		}
	}
	switch {
	case len(counted) > 0:
		words += list(counted, " · ")
	case len(nothing) > 0:
		words += "nothing of what could be counted."
	default:
		words += "not known."
	}
	if len(counted) > 0 && len(nothing) > 0 {
		words += "\n*Nothing:* " + list(nothing, ", ")
	}
	if len(uncountedYet) > 0 {
		words += "\n*Not counted yet:* " + list(uncountedYet, ", ")
	}
	return words
}

// uncounted is what Workfront's API does not tell of anybody.
const uncounted markup = "Automated proof workflows that name them cannot be counted."

// unread says what could not be read, and why: kinds with the same reason
// together. Reasons are from outside. Empty if everything could be.
func unread(r *request.Request) string {
	var reasons []string
	kinds := map[string][]string{}
	for _, h := range r.Holdings {
		if h.Trouble == "" || h.Pending {
			continue
		}
		if kinds[h.Trouble] == nil {
			reasons = append(reasons, h.Trouble)
		}
		kinds[h.Trouble] = append(kinds[h.Trouble], string(thingOf(h.Kind).many))
	}
	var parts []string
	for _, why := range reasons {
		parts = append(parts, strings.Join(kinds[why], ", ")+" ("+outside(strings.TrimRight(why, ". "), "no reason given", 200)+")")
	}
	return clip(strings.Join(parts, "; "), 2000, width)
}

// holdsSomething reports whether there are details to ask for.
func holdsSomething(r *request.Request) bool {
	return slices.ContainsFunc(r.Holdings, func(h request.Holding) bool { return h.Count > 0 })
}

// heldInAll says in a line how much the target still holds; empty if nothing.
func heldInAll(r *request.Request) markup {
	things, unknown := 0, false
	for _, h := range r.Holdings {
		things += h.Count
		unknown = unknown || h.Trouble != "" || h.Pending || h.AtLeast
	}
	switch {
	case things > 0 && unknown:
		return "\nStill holds at least " + plural(things, "thing", "things")
	case things > 0:
		return "\nStill holds " + plural(things, "thing", "things")
	case unknown:
		return "\nWhat they hold could not be counted"
	}
	return ""
}

// HeldList is what the target holds of one kind, by name.
type HeldList struct {
	Kind    string   // as in request.Holding
	Names   []string // empty ones are things without a name
	More    bool     // there are more of them
	Trouble string   // why the names could not be read, for people; empty: they were
}

// Details is the private answer with the names of what the target of r holds, as
// mrkdwn to be sent unescaped. What does not fit into one message is left out,
// and that is said.
func Details(r *request.Request, lists []HeldList) string {
	const most = 3500
	words := "*What " + person(r) + " still holds in Workfront*, shown to you alone"
	for i, l := range lists {
		line := "\n• " + thingOf(l.Kind).many + ": "
		switch {
		case l.Trouble != "":
			line += "could not be read (" + literal(strings.TrimRight(l.Trouble, ". "), "no reason given", 200) + ")"
		case len(l.Names) == 0:
			line += "none any more"
		}
		var names []markup
		for _, name := range l.Names {
			names = append(names, literal(name, "one without a name", 70))
		}
		line += list(names, ", ")
		if l.More {
			line += ", and more"
		}
		if len(words)+len(line) > most {
			return string(words + "\n• and things of " + plural(len(lists)-i, "more kind", "more kinds") + ", which do not fit here: please look in Workfront")
		}
		words += line
	}
	return string(words)
}
