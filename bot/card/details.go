package card

import (
	"slices"
	"strings"

	"github.com/slack-go/slack"

	"wfbot/bot/request"
)

// HeldList is what the target holds of one kind, by name.
type HeldList struct {
	Kind    string   // as in request.Holding
	Names   []string // empty ones are things without a name
	More    bool     // there are more of them
	Trouble string   // why the names could not be read, for people; empty: they were
}

// Details says to one person what the target of r holds: the names in lists, all other
// counts, and why some are missing. It is mrkdwn to be sent unescaped, short enough for
// one message: names that do not fit are left out, and that is said.
func Details(r *request.Request, lists []HeldList) string {
	return "*What " + string(person(r)) + " still holds in Workfront*, shown to you alone" + string(heldBy(r, lists, literal))
}

// DetailsOpening is the modal that *See all* opens: what is counted, while the names
// are being read.
func DetailsOpening(r *request.Request) slack.ModalViewRequest {
	return detailsModal(r, nil, "The names are being read in Workfront. They follow here, or in a private message.")
}

// DetailsModal is that modal with all that Details says.
func DetailsModal(r *request.Request, lists []HeldList) slack.ModalViewRequest {
	return detailsModal(r, lists, "")
}

func detailsModal(r *request.Request, lists []HeldList, note string) slack.ModalViewRequest {
	const most = 3000 // of a section
	p := &page{prefix: ActionDetails}
	words := "What " + called(r, outside, "this user", "no e-mail", 200, 300) + " still holds in Workfront, shown to you alone"
	add := func() {
		p.add(slack.NewSectionBlock(plain(words), nil, nil, slack.SectionBlockOptionBlockID(p.id(string(count(len(p.blocks)))))))
	}
	for line := range strings.SplitSeq(strings.TrimPrefix(heldBy(r, lists, outside), "\n"), "\n") {
		if len(words)+1+len(line) > most { // bytes: there are never fewer than units
			add()
			words = line
		} else {
			words += "\n" + line
		}
	}
	add()
	p.note("note", plain(note))
	return slack.ModalViewRequest{
		Type: slack.VTModal, Title: plain("Items to hand over"), Close: plain("Close"), Blocks: slack.Blocks{BlockSet: p.blocks},
	}
}

// heldBy is a line for each kind that is held or could not be counted, one for all kinds
// with nothing, and the ids, each after a line break. show is literal or outside.
func heldBy[T ~string](r *request.Request, lists []HeldList, show func(s string, instead T, limit int) T) (words T) {
	const most, noRoom = 3200, ": the names do not fit here, please look in Workfront"
	rest := counts(r, lists, show) + "\nWorkfront user " + show(r.Target.ID, "not known", 100) + ", request " + show(r.ID, "not known", 100)
	left := most - len(rest)
	for _, l := range lists {
		left -= len(countOf(r, l.Kind)) + len(noRoom)
	}
	for _, l := range lists {
		names := namesIn(l, show)
		if more := len(names) - len(noRoom); more > left {
			names = noRoom
		} else {
			left -= more
		}
		words += T(countOf(r, l.Kind)) + names
	}
	return words + rest
}

// countOf begins the line about one kind, with the count if there is one.
func countOf(r *request.Request, kind string) markup {
	i := slices.IndexFunc(r.Holdings, func(h request.Holding) bool { return h.Kind == kind && h.Count > 0 })
	if i < 0 {
		return "\n• " + thingOf(kind).many
	}
	return "\n• " + number(r.Holdings[i])
}

// namesIn ends the line about what is held of one kind.
func namesIn[T ~string](l HeldList, show func(s string, instead T, limit int) T) T {
	switch {
	case l.Trouble != "":
		return ": the names could not be read (" + show(strings.TrimRight(l.Trouble, ". "), "no reason given", 200) + ")"
	case len(l.Names) == 0:
		return ": none any more"
	}
	words := T(": ")
	for i, name := range l.Names {
		if i > 0 {
			words += ", "
		}
		words += show(name, "one without a name", 70)
	}
	if l.More {
		words += ", and more"
	}
	return words
}

// counts are the lines about what no list names.
func counts[T ~string](r *request.Request, lists []HeldList, show func(s string, instead T, limit int) T) (words T) {
	var none []markup
	for _, h := range r.Holdings {
		many := T(thingOf(h.Kind).many)
		switch {
		case slices.ContainsFunc(lists, func(l HeldList) bool { return l.Kind == h.Kind }):
		case h.Pending:
			words += "\n• " + many + ": not counted yet"
		case h.Trouble != "":
			words += "\n• " + many + ": could not be counted (" + show(strings.TrimRight(h.Trouble, ". "), "no reason given", 100) + ")"
		case h.Count > 0:
			words += "\n• " + T(number(h))
		default:
			none = append(none, thingOf(h.Kind).many)
		}
	}
	if len(none) > 0 {
		words += "\n• none: " + T(list(none, ", "))
	}
	return words
}
