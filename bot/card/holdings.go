package card

import (
	"slices"

	"wfbot/bot/request"
)

// thing names things of one kind that somebody holds in Workfront.
type thing struct {
	kind      string // as in request.Holding
	one, many markup
}

// things are the kinds in the order of Adobe's check-list.
var things = []thing{
	{"tasks", "task", "tasks"},
	{"issues", "issue", "issues"},
	{"projects", "project", "projects"},
	{"portfolios", "portfolio", "portfolios"},
	{"programs", "program", "programs"},
	{"templates", "template", "templates"},
	{"reports", "report that runs as them", "reports that run as them"},
	{"scheduled_reports", "scheduled report that runs as them", "scheduled reports that run as them"},
	{"managed_projects", "project as resource manager", "projects as resource manager"},
	{"managed_templates", "template as resource manager", "templates as resource manager"},
	{"routing_rules", "queue routing rule", "queue routing rules"},
	{"approval_processes", "approval stage", "approval stages"},
	{"approvals", "approval", "approvals"},
	{"proofs", "proof to decide", "proofs to decide"},
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

const unknownHoldings markup = "Not known what there is to hand over"

// weightiest is how many kinds of things a card names.
const weightiest = 4

// held says what there is to hand over, as a sum with the weightiest counts, and what
// is not known of it; empty if it is not counted.
func held(r *request.Request) markup {
	switch {
	case r.NeedsCount() && r.Counts == 0:
		return "*Items to hand over:* being counted…"
	case len(r.Holdings) == 0:
		return ""
	}
	var found []request.Holding
	var awaited, unread []markup
	for _, h := range r.Holdings {
		switch {
		case h.Pending:
			awaited = append(awaited, thingOf(h.Kind).many)
		case h.Trouble != "":
			unread = append(unread, thingOf(h.Kind).many)
		case h.Count > 0:
			found = append(found, h)
		}
	}
	words := markup("*Nothing to hand over*, as far as I could count.")
	switch sum, least := items(r); {
	case sum > 0:
		words = "*" + capital(least+plural(sum, "item", "items")) + " to hand over:* " + heaviest(found)
	case least != "":
		words = "*" + unknownHoldings + ".*"
	}
	if len(awaited) > 0 {
		words += "\nNot counted yet: " + upTo(weightiest, awaited, ", ")
	}
	if len(unread) > 0 {
		words += "\nCould not be counted: " + upTo(weightiest, unread, ", ")
	}
	return words
}

// heaviest names the kinds with the highest counts, and sums up the others.
func heaviest(found []request.Holding) markup {
	slices.SortStableFunc(found, func(a, b request.Holding) int { return b.Count - a.Count })
	var words []markup
	others := 0
	for i, h := range found {
		if i < weightiest || len(found) == weightiest+1 {
			words = append(words, number(h))
		} else {
			others += h.Count
		}
	}
	if others > 0 {
		words = append(words, count(others)+" more")
	}
	return list(words, " · ")
}

// number is how many things of one kind there are.
func number(h request.Holding) markup {
	t := thingOf(h.Kind)
	if h.AtLeast {
		return "at least " + plural(h.Count, t.one, t.many)
	}
	return plural(h.Count, t.one, t.many)
}

// items is how many things r's target holds, of those counted, and what to say before
// the number where there may be more.
func items(r *request.Request) (n int, least markup) {
	for _, h := range r.Holdings {
		n += h.Count
		if h.AtLeast || h.Pending || h.Trouble != "" {
			least = "at least "
		}
	}
	return n, least
}

// HasDetails reports whether there is more to see than the card shows: names, or why
// something could not be counted.
func HasDetails(r *request.Request) bool {
	return slices.ContainsFunc(r.Holdings, func(h request.Holding) bool { return h.Count > 0 || h.Trouble != "" && !h.Pending })
}

// heldInAll says in a line how much there is to hand over; empty if nothing.
func heldInAll(r *request.Request) markup {
	switch n, least := items(r); {
	case n > 0:
		return "\n" + capital(least+plural(n, "item", "items")) + " to hand over"
	case least != "":
		return "\n" + unknownHoldings
	}
	return ""
}
