package card

import (
	"fmt"

	"github.com/slack-go/slack"
)

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
	Ended   []Item // ended of late, by whomever, the latest first
}

// HomeTab draws the Home tab. It has no buttons that decide: those are on the
// cards, to which it links.
func HomeTab(h Home) slack.HomeTabViewRequest {
	p := &page{prefix: "home"}
	if h.MayAsk {
		ask := slack.NewButtonBlockElement(ActionAsk, ActionAsk, plain("New request")).WithStyle(slack.StylePrimary)
		ask.AccessibilityLabel = "New request: opens a form"
		p.buttons("ask", []slack.BlockElement{ask})
	}
	p.items("waiting", "Waits for you", "Nothing waits for you.", h.Waiting, HomeWaiting)
	if h.MayAsk || len(h.Asked) > 0 {
		p.items("asked", "What you asked for", "You have asked for nothing yet.", h.Asked, HomeAsked)
	}
	p.items("ended", "What happened lately", "Nothing has happened lately.", h.Ended, HomeEnded)
	p.note("live", mrkdwn("Always as things stand. Type `"+Command+" help` to see what else I understand."))
	return homeView(p)
}

// HomeOfOthers is the Home tab of people who may not see requests.
func HomeOfOthers() slack.HomeTabViewRequest {
	p := &page{prefix: "home"}
	p.header("Hello")
	p.say("hello", "I switch off Workfront accounts of people who leave, after others have approved it. "+
		"Those who may ask or approve see here how that stands. If you should be one of them, please ask the people who run me.")
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
		r := item.Request
		who := wordsOf(r.Action).title + " " + outside(name(r), "this user", 150)
		if line(r.Target.Name) != "" {
			who += " (" + outside(email(r), "no e-mail", 150) + ")"
		}
		if len(r.Target.Twins) > 0 { // others have the same name and e-mail
			who += ", Workfront ID " + outside(r.Target.ID, "unknown", 60)
		}
		who += "\n" + outside(r.Reason, "no reason given", 200)
		p.fields(fmt.Sprintf("%s-%d", part, i), []*slack.TextBlockObject{
			plain(who), mrkdwn(stands(r) + "\nAsked by " + mention(r.Requester.ID) + ", " + date(r.CreatedAt) + followed(item.Link)),
		})
	}
	if more := len(items) - most; more > 0 {
		p.note(part+"-more", mrkdwn("… and "+count(more)+" more. Type `"+Command+" list` to see them."))
	}
}
