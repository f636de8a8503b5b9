package card

import (
	"strings"

	"github.com/slack-go/slack"

	"wfbot/bot/request"
)

var batchForms = map[request.DecisionKind]formWords{
	request.Deny:   {CallbackDeny, "Deny these requests", "Deny", "Back", "Why not?"},
	request.Cancel: {CallbackCancel, "Cancel these requests", "Cancel them", "Keep them", "Why?"},
}

// BatchForm is the modal in which opener, a Slack user id, denies or cancels for
// those of b whom selection names, with a comment if they like. It comes back as
// that of one request does; see ParseDecisionForm.
func BatchForm(kind request.DecisionKind, b *request.Card, selection string, members []*request.Request, opener string) slack.ModalViewRequest {
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
