package card

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/slack-go/slack"

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

// List is the private answer with a page of the open requests, in the given order, as text
// and as blocks; with a button that shows the next page if there is one. Each page shows as
// many as a message holds; beyond the last page it is the last. more says that there are
// others besides, and unread how many cannot be read.
func List(items []Item, more bool, number, unread int) (text string, blocks []slack.Block) {
	if len(items) == 0 {
		return "There are no open requests." + Unread(unread), nil
	}
	heading := markup("*Open requests*")
	words, shown := entries(heading, items, entry)
	n := 1
	for ; n < number && 0 < shown && shown < len(items); n++ {
		items = items[shown:]
		heading = "*Open requests*, page " + count(n+1)
		words, shown = entries(heading, items, entry)
	}
	var rest markup
	left := len(items) - shown
	switch {
	case left > 0 && more:
		rest = "… and more than " + count(left) + " others."
	case left > 0:
		rest = "… and " + count(left) + " more."
	case more:
		rest = "… and more."
	}
	p := &page{prefix: ActionList}
	p.say("heading", heading)
	for i, item := range items[:shown] {
		p.item("open-"+strconv.Itoa(i), item)
	}
	p.say("rest", markup(strings.TrimSpace(string(rest)+Unread(unread))))
	if rest != "" {
		words += "\n" + rest
	}
	if left > 0 {
		words += " Type `" + markup(Command) + " list " + count(n+1) + "` to see them."
		show := slack.NewButtonBlockElement(ActionList, strconv.Itoa(n+1), plain("Show page "+strconv.Itoa(n+1)))
		show.AccessibilityLabel = "Show page " + strconv.Itoa(n+1) + " of the open requests"
		p.buttons("next", []slack.BlockElement{show})
	}
	return string(words) + Unread(unread), p.blocks
}

// entries adds as many of the items to words as a list may hold, and counts them.
func entries(words markup, items []Item, entry func(Item) markup) (all markup, n int) {
	for i, item := range items {
		next := "\n• " + entry(item)
		if units(words+next) > listWidth {
			return words, i
		}
		words += next
	}
	return words, len(items)
}

// StatusOf is the private answer to how it stands with the person of that e-mail,
// by the newest requests about them, newest first.
func StatusOf(email string, items []Item) string {
	who := literal(email, "this person", 300)
	if len(items) == 0 {
		return string("I know of no request about " + who + ". If they are still active in Workfront, nobody has asked me to change that.")
	}
	words, _ := entries("*Requests about* "+who, items, func(item Item) markup {
		words := entry(item)
		if r := item.Request; rejected(r) {
			words += ". " + refusal(r.Refused, About{Request: r})
		}
		return words
	})
	return string(words)
}

// entry is a request in one line.
func entry(item Item) markup {
	r := item.Request
	words := markup(wordsOf(r.Action).title) + " " + called(r, literal, "this user", "no e-mail", 100, 120)
	if len(r.Target.Twins) > 0 { // others have the same name and e-mail
		words += ", Workfront ID " + literal(r.Target.ID, "unknown", 60)
	}
	words += ": " + stands(r) + ". Asked by " + whoAndWhen(r.Requester.ID, r.CreatedAt)
	return words + followed(item.Link)
}

// followed is the link to a card, behind a sentence.
func followed(address string) markup {
	if len(address) > 300 {
		return ""
	}
	return behind(" · ", seeCard(address))
}

// stands says in a few words where r stands. There is nothing from outside in it.
func stands(r *request.Request) markup {
	s := standingOf(r)
	words := s.symbol + " " + s.words
	if r.DryRun && !r.State.Ended() {
		words += " (dry run)"
	}
	return words + s.listed
}

// How many requests each part of a Home tab shows: with what stands around them
// fewer than the 100 blocks that Slack allows.
const (
	HomeWaiting = 40
	HomeAsked   = 20
	HomeEnded   = 20
)

// Home is what a Home tab shows to somebody who may see requests.
type Home struct {
	MayAsk  bool   // they may ask: there is a button that opens the form
	Waiting []Item // pending, and theirs to decide
	Asked   []Item // asked for by them, newest first
	Ended   []Item // ended recently, by anybody, the latest first
	Unread  int    // how many requests cannot be read
}

// HomeTab draws the Home tab. It has no buttons that decide: those are on the cards, and
// it links to them.
func HomeTab(h Home) slack.HomeTabViewRequest {
	p := &page{prefix: "home"}
	if h.MayAsk {
		ask := slack.NewButtonBlockElement(ActionRequest, ActionRequest, plain("New request")).WithStyle(slack.StylePrimary)
		ask.AccessibilityLabel = "New request: opens a form"
		p.buttons("ask", []slack.BlockElement{ask})
	}
	p.items("waiting", "Waiting for you", "Nothing is waiting for you.", h.Waiting, HomeWaiting)
	if h.MayAsk || len(h.Asked) > 0 {
		p.items("asked", "What you asked for", "You have asked for nothing yet.", h.Asked, HomeAsked)
	}
	p.items("ended", "What happened recently", "Nothing has happened recently.", h.Ended, HomeEnded)
	if h.Unread > 0 {
		p.note("unread", mrkdwn(markup(strings.TrimSpace(Unread(h.Unread)))))
	}
	p.note("live", mrkdwn("Updates automatically. Type `"+Command+" help` to see what I can do."))
	return homeView(p)
}

// HomeOfOthers is the Home tab of people who may not see requests.
func HomeOfOthers() slack.HomeTabViewRequest {
	p := &page{prefix: "home"}
	p.title("header", "Hello")
	p.say("hello", "I switch off Workfront accounts of people who leave, once somebody has approved it. "+
		"People who may ask or approve see their requests here. If you should be one of them, please ask your IT team.")
	return homeView(p)
}

func homeView(p *page) slack.HomeTabViewRequest {
	return slack.HomeTabViewRequest{Type: slack.VTHomeTab, Blocks: slack.Blocks{BlockSet: p.blocks}}
}

// items adds a part of the Home tab with up to most requests.
func (p *page) items(part, title string, none markup, items []Item, most int) {
	p.title(part, title)
	if len(items) == 0 {
		p.say(part+"-none", none)
	}
	for i, item := range items[:min(len(items), most)] {
		p.item(fmt.Sprintf("%s-%d", part, i), item)
	}
	if more := len(items) - most; more > 0 {
		p.note(part+"-more", mrkdwn("… and "+count(more)+" more. Type `"+Command+" list` to see them."))
	}
}

// item adds a request: who and why, and how it stands.
func (p *page) item(part string, item Item) {
	r := item.Request
	who := wordsOf(r.Action).title + " " + called(r, outside, "this user", "no e-mail", 150, 150)
	if len(r.Target.Twins) > 0 { // others have the same name and e-mail
		who += ", Workfront ID " + outside(r.Target.ID, "unknown", 60)
	}
	who += "\n" + outside(r.Reason, "no reason given", 200)
	p.fields(part, []*slack.TextBlockObject{
		plain(who), mrkdwn(stands(r) + "\nAsked by " + whoAndWhen(r.Requester.ID, r.CreatedAt) + followed(item.Link)),
	})
}

// Unread is the line under a list that says how many requests cannot be read; empty
// for none.
func Unread(n int) string {
	if n == 0 {
		return ""
	}
	return string("\nI cannot read " + plural(n, "request", "requests") + ". The operator has been told.")
}

// SetAside is what a person is told whose interaction cannot be handled.
const SetAside = "Because of a fault in wfbot, I could not act on what you did. The people who run me have been told, and I try once more when they restart me. " +
	"Before you do it again, please look at the card, or type `" + Command + " list`."

// Withdrawn says that a request has been cancelled by a command.
func Withdrawn(r *request.Request) string { return string("Cancelled: " + toDo(r) + ".") }

// Help explains the commands. channelID is where the cards go; empty if they go
// to the channel where the command is typed.
func Help(channelID string) string {
	return string("*Switch off the Workfront account of somebody who leaves*\n" +
		"`" + Command + " jane@acme.com left the company`: the e-mail of their Workfront account, or `@jane`, then the reason.\n" +
		"`" + Command + " jane@acme.com on 2026-12-31 17:00 contract ends`: the same, taking effect then, by your clock. Without a time: at 23:59. With a zone: `on 2026-12-31 17:00 Europe/Berlin` or `… UTC+2`.\n" +
		"`" + Command + " jane@acme.com now contract ended 30 November`: on approval, even though the reason names a day. The word `now` does not become part of the reason.\n" +
		"`" + Command + " a@acme.com b@acme.com left the company`: several people, up to " + count(request.MaxPeople) + ". You can paste them with their names, or as rows of a sheet.\n" +
		"`" + Command + "` alone: a form to fill in.\n" +
		"`" + Command + " list`: the open requests, page by page. `" + Command + " status jane@acme.com`: how it stands with one person. My Home tab shows both.\n" +
		"`" + CommandBack + " jane@acme.com reason`: switches the account on again, with the same approval.\n" +
		"I look people up and ask for approval in " + channel(channelID, "this channel") + ". Once approved, I make the change, read it back from Workfront, and tell you how it went.\n" +
		"• Approvers press Approve or Deny. Nobody can approve what they asked for, or decide about themselves.\n" +
		"• You can cancel on the card until it takes effect, or by `" + Command + " cancel jane@acme.com`.\n" +
		"• I do not reassign work, and I do not remove the product profile in the Adobe Admin Console. History stays.")
}
