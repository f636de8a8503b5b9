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
	// StopWindow is how long after the last approval the request is carried out.
	StopWindow time.Duration
}

// drawing is one of the two ways to show what a command asks for: one person in
// full, or several with a line each. Which of them is used is decided in this file
// alone.
type drawing interface {
	// message is the card, and its text for notifications and screen readers.
	message(v View) (markup, *page)
	// notice is what the requester is told; empty: nothing.
	notice(address string) markup
	// reminder is what those are told who can still decide.
	reminder(v View) markup
	// form is a decision form without its comment.
	form(kind request.DecisionKind) (formWords, *page)
}

// one is the drawing of one person in full.
type one struct{ *request.Request }

// several is the drawing of all people of a batch, or of those chosen of it, with a
// line each.
type several struct {
	*request.Batch
	members []*request.Request
}

func everybody(b *request.Batch) several { return several{b, b.Members} }

// Message draws the card of r as it now stands. text is what notifications and
// screen readers use, mrkdwn of at most 4000 characters; it is meant to be sent
// unescaped, as it is. The message should be sent without unfurling.
func Message(r *request.Request, v View) (text string, blocks []slack.Block) {
	return message(one{r}, v)
}

// BatchMessage draws the card of a batch with its members as they stand; see
// Message.
func BatchMessage(b *request.Batch, v View) (text string, blocks []slack.Block) {
	return message(everybody(b), v)
}

func message(d drawing, v View) (text string, blocks []slack.Block) {
	words, p := d.message(v)
	return string(words), p.blocks
}

// Notice is what the requester is told about r as it now stands, as mrkdwn to be
// sent unescaped; empty where there is nothing to say. address is where the card
// is: that of r, or, if r was rejected because of another request, that of the
// other; empty if there is none.
func Notice(r *request.Request, address string) string { return string(one{r}.notice(address)) }

// BatchNotice is what the requester of a batch is told as it now stands: that
// people have been asked, or are asked again about some, or what went wrong for some
// while others are under way, or how it ended for all; see Notice. address is where
// the card is; empty if there is none.
func BatchNotice(b *request.Batch, address string) string {
	return string(everybody(b).notice(address))
}

// Reminder is what is said in the thread of r's card to those who can still decide,
// or to a new manager alone, as mrkdwn to be sent unescaped.
func Reminder(r *request.Request, v View) string { return string(one{r}.reminder(v)) }

// BatchReminder is posted to the thread of a batch's card while somebody has to
// decide.
func BatchReminder(b *request.Batch, v View) string { return string(everybody(b).reminder(v)) }

// DecisionForm is the modal in which opener, a Slack user id, denies or cancels
// r, with a comment if they like.
func DecisionForm(kind request.DecisionKind, r *request.Request, opener string) slack.ModalViewRequest {
	return decisionForm(one{r}, kind, r.ID, opener)
}

// BatchForm is the modal in which opener, a Slack user id, denies or cancels for
// those of b whom selection names, with a comment if they like. It comes back as
// that of one request does; see ParseDecisionForm.
func BatchForm(kind request.DecisionKind, b *request.Batch, selection string, members []*request.Request, opener string) slack.ModalViewRequest {
	return decisionForm(several{b, members}, kind, valueOfSeveral(b.ID, selection), opener)
}
