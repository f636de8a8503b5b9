package card

import (
	"wfbot/bot/request"
)

// Item is a request in a list.
type Item struct {
	Request *request.Request
	Link    string // address of its card; empty: none
}

// Items are requests with the addresses of their cards: link makes one of a
// channel and a ts.
func Items(requests []*request.Request, link func(channel, ts string) string) []Item {
	items := make([]Item, len(requests))
	for i, r := range requests {
		items[i] = Item{Request: r, Link: link(r.Channel, r.TS)}
	}
	return items
}

const (
	// MostOpen and MostEnded are how many requests are looked at for an overview,
	// which shows fewer. Beyond MostOpen the number of those left out is not exact.
	MostOpen  = 500
	MostEnded = 200
)

// listWidth is how long a list may become, in UTF-16 units: what Slack shows of a
// message without cutting it, and room for the line that says what is left out.
const listWidth = 3800

// List is the private answer with the open requests, in the given order. As many
// are shown as a message holds; more says that there are others besides.
func List(items []Item, more bool) string {
	if len(items) == 0 {
		return "There are no open requests."
	}
	words := markup("*Open requests*")
	for i, item := range items {
		next := "\n• " + entry(item)
		if units(words+next) > listWidth {
			return string(words + leftOut(len(items)-i, more))
		}
		words += next
	}
	if more {
		words += leftOut(0, true)
	}
	return string(words)
}

func leftOut(n int, more bool) markup {
	switch {
	case n == 0:
		return "\n… and more."
	case more:
		return "\n… and more than " + count(n) + " others."
	}
	return "\n… and " + count(n) + " more."
}

// StatusOf is the private answer to how it stands with the person of that e-mail,
// by the newest requests about them, newest first.
func StatusOf(email string, items []Item) string {
	who := literal(email, "this person", 300)
	if len(items) == 0 {
		return string("I know of no request about " + who + ". If they are still in Workfront, nobody has asked me to change that.")
	}
	words := "*Requests about* " + who
	for _, item := range items {
		next := "\n• " + entry(item)
		if r := item.Request; r.State == request.Rejected {
			next += ". " + refusal(r.Refused, About{Request: r})
		}
		if units(words+next) > listWidth {
			break
		}
		words += next
	}
	return string(words)
}

// entry is a request in one line.
func entry(item Item) markup {
	r := item.Request
	words := markup(wordsOf(r.Action).title) + " " + literal(name(r), "this user", 100)
	if line(r.Target.Name) != "" {
		words += " (" + literal(email(r), "no e-mail", 120) + ")"
	}
	if len(r.Target.Twins) > 0 { // others have the same name and e-mail
		words += ", Workfront ID " + literal(r.Target.ID, "unknown", 60)
	}
	words += ": " + stands(r) + ". Asked by " + mention(r.Requester.ID) + ", " + date(r.CreatedAt)
	return words + followed(item.Link)
}

// followed is the link to a card, behind a sentence.
func followed(address string) markup {
	if len(address) > 300 {
		return ""
	}
	if words := link(address, "card"); words != "card" {
		return " · " + words
	}
	return ""
}

// stands says in a few words where r stands. There is nothing from outside in it.
func stands(r *request.Request) markup {
	symbol, words := standing(r)
	words = symbol + " " + words
	if r.DryRun && !r.State.Ended() {
		words += " (dry run)"
	}
	switch r.State {
	case request.Pending:
		words += ", " + tally(r)
		if !r.NotBefore.IsZero() {
			words += ", wanted " + date(r.NotBefore)
		}
	case request.Denied:
		d, _ := r.Denial()
		words += " by " + mention(d.By.ID) + ", " + date(d.At)
	case request.Cancelled:
		d, _ := r.Cancellation()
		words += " by " + mention(d.By.ID) + ", " + date(d.At)
	case request.Expired:
		words += ", " + date(r.ExpiresAt)
	case request.Approved:
		if r.Trouble == "" && r.DueAt.After(lastDecision(r).At) {
			words += ", due " + date(r.DueAt)
		}
	case request.Done:
		switch {
		case r.Verified.Result == request.Drifted:
			words += ", " + date(r.Verified.At)
		case !r.Outcome.ReadAt.IsZero():
			words += ", " + date(r.Outcome.ReadAt)
		}
		if !r.SupersededAt.IsZero() {
			words += ", changed again " + date(r.SupersededAt)
		}
	}
	return words
}
