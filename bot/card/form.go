package card

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/slack-go/slack"

	"wfbot/bot/request"
)

// The ids of the form that asks why a request is denied. The comment is at
// state.values[DenyCommentBlock][DenyCommentInput].value, null when left empty.
const (
	CallbackDeny     = "deny"
	DenyCommentBlock = "comment"
	DenyCommentInput = "comment"
)

// MaxComment is the longest comment, in characters, that the form takes.
const MaxComment = 500

// formMetadata travels with a form and comes back when it is submitted.
type formMetadata struct {
	Request string `json:"request"`
	Opener  string `json:"opener"`
}

// DenyForm is the modal in which opener, a Slack user id, denies r, with a
// comment if they like.
func DenyForm(r *request.Request, opener string) slack.ModalViewRequest {
	// Two strings in a struct always marshal.
	metadata, _ := json.Marshal(formMetadata{Request: r.ID, Opener: opener})

	p := &page{prefix: "deny"}
	p.quote("target", "Deactivate in Workfront", outside(name(r), "unknown", 400)+" ("+outside(email(r), "no e-mail", 400)+")")
	p.quote("reason", "Reason", outside(r.Reason, "none given", 1200))
	p.say("requester", "*Asked by* "+mention(r.Requester.ID)+", "+date(r.CreatedAt))

	input := slack.NewPlainTextInputBlockElement(nil, DenyCommentInput).WithMultiline(true).WithMaxLength(MaxComment)
	input.FocusOnLoad = true
	p.add(slack.NewInputBlock(DenyCommentBlock, plain("Why not?"),
		plain("Shown on the card and to whoever asked."), input).WithOptional(true))

	return slack.ModalViewRequest{
		Type:            slack.VTModal,
		CallbackID:      CallbackDeny,
		Title:           plain("Deny this request"),
		Submit:          plain("Deny"),
		Close:           plain("Back"),
		Blocks:          slack.Blocks{BlockSet: p.blocks},
		PrivateMetadata: string(metadata),
	}
}

// ParseDenyForm reads the private_metadata of a submitted DenyForm: the request
// it is about, and the Slack user id of the person it was opened for. Only that
// person may submit it.
func ParseDenyForm(privateMetadata string) (requestID, opener string, err error) {
	var m formMetadata
	if err := json.Unmarshal([]byte(privateMetadata), &m); err != nil {
		return "", "", fmt.Errorf("reading the form's metadata: %w", err)
	}
	if m.Request == "" || m.Opener == "" {
		return "", "", errors.New("the form's metadata lacks the request or the opener")
	}
	return m.Request, m.Opener, nil
}
