package card

import (
	"github.com/slack-go/slack"

	"wfbot/bot/request"
)

func batchButtons(b *request.Card, v View) (all []slack.BlockElement) {
	if number(b, pending) > 0 {
		all = append(all,
			batchButton(b, ActionApprove, "Approve all", pending).WithStyle(slack.StylePrimary).WithConfirm(confirmApproveAll(b, v)),
			batchButton(b, ActionDeny, "Deny all", pending).WithStyle(slack.StyleDanger))
	}
	if number(b, cancellable) > 0 {
		all = append(all, batchButton(b, ActionCancel, "Cancel all", cancellable))
	}
	if number(b, retriable) > 0 {
		all = append(all, batchButton(b, ActionRetry, "Retry", retriable))
	}
	return all
}

// batchButton is about those for whom is holds, and says how many they are.
func batchButton(b *request.Card, action, label string, is func(*request.Request) bool) *slack.ButtonBlockElement {
	n := number(b, is)
	button := slack.NewButtonBlockElement(action, BatchValue(b.ID, b.Selection(is)), plain(label+" ("+string(count(n))+")"))
	button.AccessibilityLabel = label + ": " + string(wordsOf(b.Action).verb) + " " + string(plural(n, "person", "people"))
	return button
}

// confirmApproveAll says what one press does. Its words stay true if somebody else
// decides while the dialog is open.
func confirmApproveAll(b *request.Card, v View) *slack.ConfirmationBlockObject {
	n := plural(number(b, pending), "person", "people")
	title := wordsOf(b.Action).title + " " + string(n) + "?"
	words := "You approve for those of the " + string(n) + " on this card about whom you may decide, and for nobody who comes later. "
	switch {
	case b.DryRun:
		words += "Dry run: nothing will be changed in Workfront."
	case !b.NotBefore.IsZero():
		words += "Each is carried out at the time on the card, or later when enough people have approved."
	case v.StopWindow > 0:
		words += "Each is carried out " + string(period(v.StopWindow)) + " after enough people have approved."
	default:
		words += "Each is carried out as soon as enough people have approved."
	}
	return slack.NewConfirmationBlockObject(plain(title), plain(words), plain("Approve"), plain("Not now"))
}

// batchMenus are for what is about one person of many.
func batchMenus(b *request.Card) []slack.BlockElement {
	var menus []slack.BlockElement
	if options := peopleOptions(b, cancellable); len(options) > 0 {
		menu := slack.NewOptionsSelectBlockElement(slack.OptTypeStatic, plain("Leave somebody out…"), ActionLeaveOut, options...)
		menu.Confirm = slack.NewConfirmationBlockObject(plain("Leave this person out?"),
			plain("The request for this one person is cancelled; the others stay. To go on later, it has to be asked for again."),
			plain("Leave out"), plain("Keep"))
		menus = append(menus, menu)
	}
	if options := peopleOptions(b, func(r *request.Request) bool { return pending(r) && holdsSomething(r) }); len(options) > 0 {
		menus = append(menus, slack.NewOptionsSelectBlockElement(slack.OptTypeStatic, plain("Details of…"), ActionDetails, options...))
	}
	return menus
}

// peopleOptions are the members for whom is holds, at most as many as a batch has.
func peopleOptions(b *request.Card, is func(*request.Request) bool) (options []*slack.OptionBlockObject) {
	for i, r := range b.Requests {
		if !is(r) {
			continue
		}
		label := string(numbered(i)) + outside(name(r), "unknown", 40)
		if mail := outside(email(r), "", 24); mail != "" && line(r.Target.Name) != "" {
			label += " (" + mail + ")"
		}
		options = append(options, slack.NewOptionBlockObject(r.ID, plain(label), nil))
	}
	return options
}
