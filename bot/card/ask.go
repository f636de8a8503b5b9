package card

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/slack-go/slack"

	"wfbot/bot/request"
)

// CallbackAsk is the callback_id of the form in which people ask, and of the
// global shortcut that opens it; ActionAsk is the action id of a button that does.
const (
	CallbackAsk = "request"
	ActionAsk   = "request"
)

// The inputs of the form: the block_id of each and the action id of its element.
const (
	AskPeople  = "people"  // Slack user ids
	AskEmails  = "emails"  // e-mails, as typed
	AskDate    = "date"    // 2026-12-31
	AskTime    = "time"    // 17:00
	AskReason  = "reason"  // as typed
	AskNow     = "now"     // AskNow if the box is ticked
	AskChannel = "channel" // id of the conversation for the card
)

// Ask is how the form was opened. It travels with the form and comes back when it
// is submitted: nothing in it is to be trusted before it is judged.
type Ask struct {
	Action request.Action `json:"action"`
	Opener string         `json:"opener"`         // Slack user id; only that person may submit the form
	From   string         `json:"from,omitempty"` // conversation in which it was opened; empty: none
	// Zone is the opener's time zone as the form names it, and Offset how many
	// seconds east of UTC it was then.
	Zone   string `json:"zone"`
	Offset int    `json:"offset,omitempty"`
}

// askWords are what differs between the two actions.
type askWords struct {
	title, endOfDay, reason string
	what                    markup // where follows
}

var asks = map[request.Action]askWords{
	request.Deactivate: {
		title: "Deactivate in Workfront", endOfDay: "23:59, so that the last day can be worked", reason: "left the company",
		what: "I look them up in Workfront and ask for approval in ",
	},
	request.Reactivate: {
		title: "Reactivate in Workfront", endOfDay: "23:59", reason: "is back from leave",
		what: "I look them up in Workfront and ask for approval to bring them back, in ",
	},
}

// AskForm is the modal in which people ask for what a slash command would. channelID
// is where the cards go; empty: the form asks for it.
func AskForm(a Ask, channelID string) slack.ModalViewRequest {
	a.Zone = clip(line(a.Zone), 64, width)
	metadata, _ := json.Marshal(a) // texts and a number always marshal
	words := asks[a.Action]
	where := markup("the channel below")
	if channelID != "" {
		where = channel(channelID)
	}
	p := &page{prefix: CallbackAsk}
	p.say("what", words.what+where+". Nothing is changed before others have approved.")
	p.inputs(a)
	if channelID == "" {
		menu := slack.NewOptionsSelectBlockElement(slack.OptTypeConversations, plain("Choose a channel"), AskChannel)
		menu.DefaultToCurrentConversation = true
		menu.Filter = &slack.SelectBlockElementFilter{
			Include: []string{"public", "private"}, ExcludeExternalSharedChannels: true, ExcludeBotUsers: true,
		}
		p.add(slack.NewInputBlock(AskChannel, plain("Channel for the request"), plain("I have to be a member of it."), menu))
	}
	return slack.ModalViewRequest{
		Type:            slack.VTModal,
		CallbackID:      CallbackAsk,
		Title:           plain(words.title),
		Submit:          plain("Ask for approval"),
		Close:           plain("Close"),
		Blocks:          slack.Blocks{BlockSet: p.blocks},
		PrivateMetadata: string(metadata),
	}
}

// inputs adds what the form asks for in every case.
func (p *page) inputs(a Ask) {
	words := asks[a.Action]
	add := func(name, label, hint string, element slack.BlockElement) {
		p.add(slack.NewInputBlock(name, plain(label), plain(hint), element).WithOptional(true))
	}
	people := slack.NewOptionsMultiSelectBlockElement(slack.MultiOptTypeUser, plain("Choose people"), AskPeople).
		WithMaxSelectedItems(request.MaxPeople)
	add(AskPeople, "Who, if they are in Slack", "Their Slack e-mail has to be the one of their Workfront account.", people)

	emails := slack.NewPlainTextInputBlockElement(plain("jane@acme.com"), AskEmails).WithMultiline(true).WithMaxLength(3000)
	add(AskEmails, "Who, by the e-mail of their Workfront account", fmt.Sprintf("One or several, up to %d people in all.", request.MaxPeople), emails)

	add(AskDate, "On which day", "Leave it empty if it is to happen as soon as it is approved.", slack.NewDatePickerBlockElement(AskDate))
	add(AskTime, "At what time", "In your time zone, "+outside(a.Zone, "UTC", 70)+". Without a time: "+words.endOfDay+".",
		slack.NewTimePickerBlockElement(AskTime))

	reason := slack.NewPlainTextInputBlockElement(plain(words.reason), AskReason).WithMultiline(true).WithMaxLength(request.MaxReason)
	add(AskReason, "Reason", "Shown on the card.", reason)

	box := slack.NewOptionBlockObject(AskNow, plain("On approval, although the reason names a day"), nil)
	add(AskNow, "If the reason names a day to come", "Otherwise pick that day above.", slack.NewCheckboxGroupsBlockElement(AskNow, box))
}

// ParseAsk reads the private_metadata of a submitted form. The error says that it
// is not that of an AskForm.
func ParseAsk(privateMetadata string) (Ask, error) {
	var a Ask
	if err := json.Unmarshal([]byte(privateMetadata), &a); err != nil {
		return Ask{}, fmt.Errorf("reading the form's metadata: %w", err)
	}
	if _, ok := asks[a.Action]; !ok || a.Opener == "" {
		return Ask{}, errors.New("the form's metadata lacks the action or the opener")
	}
	return a, nil
}
