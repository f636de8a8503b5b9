package card

import (
	"time"

	"github.com/slack-go/slack"

	"wfbot/bot/request"
)

// View is what a card needs to know besides the request.
type View struct {
	// Buttons puts buttons on the card where the state has some. False for the
	// first posting: only the message recorded on the request carries buttons.
	Buttons bool
	// Approvers are those who may decide; they are mentioned while decisions are
	// wanted. Manager stands for the request's Manager.
	Approvers request.Members
	// StopWindow is how long after the last approval the request is executed.
	StopWindow time.Duration
	// UserPage is the address of a user's page in Workfront, with {id} for their ID
	// there; without it the card links to nobody.
	UserPage string
}

// drawing is one of the two ways to show what a command asks for: one person in
// full, or several with a line each. Which of them is used is decided in this file
// alone.
type drawing interface {
	// message is the card, and its text for notifications and screen readers.
	message(v View) (markup, *page)
	// notice is what the requester is told; empty: nothing.
	notice(address string) markup
	// reminder is what those are told at now who can still decide.
	reminder(v View, now time.Time) markup
	// form is the beginning of a decision form: who it is about.
	form(kind request.DecisionKind) (formWords, *page)
}

// one is the drawing of one person in full.
type one struct {
	*request.Request
	card *request.Card
}

// several is the drawing of all people of a card, or of those chosen of it, with a
// line each.
type several struct {
	*request.Card
	members []*request.Request
}

// drawingOf is how a card is drawn.
func drawingOf(c *request.Card) drawing {
	if r := c.One(); r != nil {
		return one{r, c}
	}
	return several{c, c.Requests}
}

// Message draws a card with its requests as they now stand. text is what
// notifications and screen readers use, mrkdwn of at most 4000 characters; it is meant
// to be sent unescaped, as it is. The message should be sent without unfurling. A hidden
// card is one line, without buttons, that is about nobody.
func Message(c *request.Card, v View) (text string, blocks []slack.Block) {
	if c.Hidden {
		return hiddenMessage()
	}
	words, p := drawingOf(c).message(v)
	return string(words), p.blocks
}

// Notice is what the requester of a card is told as its requests now stand, as mrkdwn
// to be sent unescaped; empty where there is nothing to say. With several it is that
// people have been asked, or are asked again about some, or what went wrong for some
// while others are under way, or how it ended for all. address is where the card is or,
// if its one request was rejected because of another, the card of that; empty if there is
// none. If the card was hidden since, that is told too.
func Notice(c *request.Card, address string) string {
	words := drawingOf(c).notice(address)
	if c.Hidden && !c.ToldHidden {
		words = hiddenNotice(c, words)
	}
	return string(words)
}

// Reminder is what is said at now in the thread of a card to those who can still
// decide, or to a new manager alone, as mrkdwn to be sent unescaped.
func Reminder(c *request.Card, v View, now time.Time) string {
	return string(drawingOf(c).reminder(v, now))
}

// DecisionForm is the modal where opener, a Slack user id, denies or cancels for
// the chosen requests of a card, with a comment if they like. value is that of the
// button that was pressed, which says whether it is about one or several.
func DecisionForm(kind request.DecisionKind, c *request.Card, value string, chosen []*request.Request, opener string) slack.ModalViewRequest {
	var d drawing = several{c, chosen}
	if _, _, some := ParseValue(value); !some {
		d = one{chosen[0], c}
	}
	return decisionForm(c, d, kind, value, opener)
}

// hidden is all that a card shows in a channel that people of another organisation can
// read, or are about to.
const hidden markup = "This channel is shared with another organisation, or about to be, so this request is not shown here. " +
	"The requester is told directly how it ends."

// hiddenMessage is the card with that line as its only block: without a block Slack
// would keep those of before.
func hiddenMessage() (string, []slack.Block) {
	return string(hidden), []slack.Block{slack.NewSectionBlock(slack.NewTextBlockObject(slack.PlainTextType, string(hidden), false, false), nil, nil)}
}

// hiddenNotice tells the requester that the card is hidden, below what else there is to
// say, if there is something.
func hiddenNotice(c *request.Card, words markup) markup {
	if r := c.One(); r != nil && words == "" {
		words = "This is about your request to " + toDo(r) + "."
	}
	return words + "\n" + channel(c.Channel, "The channel of its card") + " is shared with another organisation, or about to be. So the card is hidden there, and nobody can decide. " +
		"What is approved already goes on. For what still needs approval, please have the channel made internal again: the card comes back. " +
		"Or type `" + Command + " cancel` with the e-mail of who it is about, and ask again in another channel."
}
