package card

import (
	"encoding/json"
	"errors"
	"fmt"
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
}

var decisionForms = map[request.DecisionKind]formWords{
	request.Deny:   {CallbackDeny, "Deny this request", "Deny", "Back", "Why not?"},
	request.Cancel: {CallbackCancel, "Cancel this request", "Cancel the request", "Keep it", "Why?"},
}

// DecisionForm is the modal in which opener, a Slack user id, denies or cancels
// r, with a comment if they like.
func DecisionForm(kind request.DecisionKind, r *request.Request, opener string) slack.ModalViewRequest {
	p := &page{prefix: decisionForms[kind].callback}
	p.quote("target", wordsOf(r.Action).title+" in Workfront", outside(name(r), "unknown", 400)+" ("+outside(email(r), "no e-mail", 400)+")")
	p.quote("reason", "Reason", outside(r.Reason, "none given", 1200))
	p.say("requester", "*Asked by* "+mention(r.Requester.ID)+", "+date(r.CreatedAt))
	if kind == request.Cancel {
		p.say("consequence", "Nobody will be able to approve it any more. To go on later, it has to be asked for again.")
	}
	return decisionForm(decisionForms[kind], r.ID, opener, p)
}

// decisionForm is the modal that begins with p. value is that of the button which
// opened it.
func decisionForm(words formWords, value, opener string, p *page) slack.ModalViewRequest {
	// Two strings in a struct always marshal.
	metadata, _ := json.Marshal(formMetadata{Value: value, Opener: opener})

	input := slack.NewPlainTextInputBlockElement(nil, CommentInput).WithMultiline(true).WithMaxLength(MaxComment)
	input.FocusOnLoad = true
	p.add(slack.NewInputBlock(CommentBlock, plain(words.question),
		plain("Shown on the card and to whoever asked."), input).WithOptional(true))

	return slack.ModalViewRequest{
		Type:            slack.VTModal,
		CallbackID:      words.callback,
		Title:           plain(words.title),
		Submit:          plain(words.submit),
		Close:           plain(words.back),
		Blocks:          slack.Blocks{BlockSet: p.blocks},
		PrivateMetadata: string(metadata),
	}
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

var batchForms = map[request.DecisionKind]formWords{
	request.Deny:   {CallbackDeny, "Deny these requests", "Deny", "Back", "Why not?"},
	request.Cancel: {CallbackCancel, "Cancel these requests", "Cancel them", "Keep them", "Why?"},
}

// BatchForm is the modal in which opener, a Slack user id, denies or cancels for
// those of b whom selection names, with a comment if they like. It comes back as
// that of one request does; see ParseDecisionForm.
func BatchForm(kind request.DecisionKind, b *request.Batch, selection string, members []*request.Request, opener string) slack.ModalViewRequest {
	p := &page{prefix: batchForms[kind].callback}
	label := wordsOf(b.Action).title + " in Workfront"
	for i, names := range inPieces(members) {
		p.quote("people"+string(count(i+1)), label, names)
	}
	p.quote("reason", "Reason", outside(b.Reason, "none given", 1200))
	p.say("requester", "*Asked by* "+mention(b.Requester.ID)+", "+date(b.CreatedAt))
	if kind == request.Cancel {
		p.say("consequence", "Nobody will be able to approve for them any more. To go on later, it has to be asked for again.")
	}
	return decisionForm(batchForms[kind], BatchValue(b.ID, selection), opener, p)
}

// inPieces names people in texts that each fit a paragraph.
func inPieces(members []*request.Request) (pieces []string) {
	const inEach = 25
	for len(members) > 0 {
		n := min(inEach, len(members))
		var names []string
		for _, r := range members[:n] {
			names = append(names, outside(name(r), "unknown", 80))
		}
		pieces, members = append(pieces, strings.Join(names, ", ")), members[n:]
	}
	return pieces
}
