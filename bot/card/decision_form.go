package card

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/slack-go/slack"

	"wfbot/bot/request"
)

// The ids of the forms that ask for a comment on a decision. The comment is at
// state.values[CommentBlock][CommentInput].value, null when left empty.
const (
	CallbackDeny   = "deny"
	CallbackCancel = "cancel"
	CommentBlock   = "comment"
	CommentInput   = "comment"
)

// MaxComment is the longest comment, in characters, that a form takes.
const MaxComment = 500

// Form is what a submitted decision form says by itself: nothing in it is to be
// trusted before it is judged.
type Form struct {
	Kind   request.DecisionKind // Deny or Cancel
	Value  string               // that of the button which opened the form
	Opener string               // Slack user id; only that person may submit the form
}

// formMetadata travels with a form and comes back when it is submitted.
type formMetadata struct {
	Value  string `json:"request"`
	Opener string `json:"opener"`
}

// formWords are what differs between the decisions that are asked about.
type formWords struct {
	callback, title, submit, back, question string
	consequence                             markup
}

var decisionForms = map[request.DecisionKind]formWords{
	request.Deny: {CallbackDeny, "Deny this request", "Deny", "Back", "Why not?", ""},
	request.Cancel: {CallbackCancel, "Cancel this request", "Cancel the request", "Keep it", "Why?",
		"Nobody can approve it any more. To do it later, ask again."},
}

var formsAboutSeveral = map[request.DecisionKind]formWords{
	request.Deny: {CallbackDeny, "Deny these requests", "Deny", "Back", "Why not?", ""},
	request.Cancel: {CallbackCancel, "Cancel these requests", "Cancel them", "Keep them", "Why?",
		"Nobody can approve them any more. To do it later, ask again."},
}

func (r one) form(kind request.DecisionKind) (formWords, *page) {
	words := decisionForms[kind]
	p := &page{prefix: words.callback}
	p.quote("target", wordsOf(r.Action).title+" in Workfront", outside(name(r.Request), "unknown", 400)+" ("+outside(email(r.Request), "no e-mail", 400)+")")
	return words, p
}

func (b several) form(kind request.DecisionKind) (formWords, *page) {
	words := formsAboutSeveral[kind]
	p := &page{prefix: words.callback}
	var names []string
	for _, r := range b.members {
		names = append(names, outside(name(r), "unknown", 80))
	}
	n := 0
	for some := range slices.Chunk(names, 25) { // as many as fit a paragraph
		n++
		p.quote("people"+string(count(n)), wordsOf(b.Action).title+" in Workfront", strings.Join(some, ", "))
	}
	return words, p
}

// decisionForm is the form about what d draws of c; value comes back with it.
func decisionForm(c *request.Card, d drawing, kind request.DecisionKind, value, opener string) slack.ModalViewRequest {
	words, p := d.form(kind)
	p.quote("reason", "Reason", outside(c.Reason, "none given", 1200))
	p.say("requester", askedBy(c.Requester, c.CreatedAt))
	p.say("consequence", words.consequence)
	input := slack.NewPlainTextInputBlockElement(nil, CommentInput).WithMultiline(true).WithMaxLength(MaxComment)
	input.FocusOnLoad = true
	p.add(slack.NewInputBlock(CommentBlock, plain(words.question),
		plain("Shown on the card and to the requester."), input).WithOptional(true))
	metadata, _ := json.Marshal(formMetadata{Value: value, Opener: opener}) // two strings always marshal
	return p.modal(words.callback, words.title, words.submit, words.back, metadata)
}

// ParseDecisionForm reads the callback_id and private_metadata of a submitted
// form. The error says that it is not a decision form.
func ParseDecisionForm(callback, privateMetadata string) (Form, error) {
	for kind, words := range decisionForms {
		if words.callback != callback {
			continue
		}
		var m formMetadata
		if err := json.Unmarshal([]byte(privateMetadata), &m); err != nil {
			return Form{}, fmt.Errorf("reading the form's metadata: %w", err)
		}
		if m.Value == "" || m.Opener == "" {
			return Form{}, errors.New("the form's metadata lacks the request or the opener")
		}
		return Form{Kind: kind, Value: m.Value, Opener: m.Opener}, nil
	}
	return Form{}, fmt.Errorf("%.60q is not a form that asks for a decision", callback)
}
