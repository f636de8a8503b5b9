package card

import (
	"slices"
	"strings"

	"github.com/slack-go/slack"

	"wfbot/bot/request"
)

// The action ids of the card's buttons. A button's value is the request's ID.
// They never change: cards outlive upgrades.
const (
	ActionApprove = "approve" // asks for confirmation first
	ActionDeny    = "deny"    // opens DecisionForm
	ActionCancel  = "cancel"  // opens DecisionForm
	ActionRetry   = "retry"   // "Retry now" while it is tried again, "Retry" when it failed

	ActionDetails    = "details"    // shows one person what the target still holds, by name
	ActionReactivate = "reactivate" // asks for a reactivation, as the slash command would
	ActionList       = "list"       // under a page of the list: its value is the number of the page to show

	// ActionLeaveOut is a menu on the card of several people: it cancels for the one
	// whose request ID is the value of the option.
	ActionLeaveOut = "leave_out"
)

// ActionMore is the menu with the buttons that a card has no room for; see Pressed.
const ActionMore = "more"

// Pressed is the action id and the value of the button that was pressed, or that an
// option of ActionMore stands for. The arguments are those that Slack delivers.
func Pressed(actionID, value string) (button, about string) {
	if actionID == ActionMore {
		button, about, _ = strings.Cut(value, " ")
		return button, about
	}
	return actionID, value
}

// valueOfSeveral is the value of a button that is about several people: the card and
// a request.Card.Selection, so that pressing it is about the people that the card showed
// and no others.
func valueOfSeveral(cardID, selection string) string { return cardID + ":" + selection }

// ParseValue reads the value of a button or an option: the ID of a request, or
// that of a card about several people with a selection.
func ParseValue(value string) (id, selection string, several bool) { return strings.Cut(value, ":") }

// button is one that a card can have.
type button struct {
	action, label string
	style         slack.Style
}

var (
	pressApprove    = button{ActionApprove, "Approve", slack.StylePrimary}
	pressDeny       = button{ActionDeny, "Deny", slack.StyleDanger}
	pressCancel     = button{action: ActionCancel, label: "Cancel request"}
	pressRetry      = button{action: ActionRetry, label: "Retry"}
	pressRetryNow   = button{action: ActionRetry, label: "Retry now"}
	pressDetails    = button{action: ActionDetails, label: "See all"}
	pressReactivate = button{action: ActionReactivate, label: "Request reactivation"}
)

// element is the button with that value. Screen readers, which do not see the card
// around it, read out what it does.
func (b button) element(value, label, does string) *slack.ButtonBlockElement {
	e := slack.NewButtonBlockElement(b.action, value, plain(label)).WithStyle(b.style)
	e.AccessibilityLabel = does
	return e
}

// buttons are those that make sense as r stands.
func (r one) buttons(v View) (elements []*slack.ButtonBlockElement) {
	for _, b := range standingOf(r.Request).buttons {
		e := r.element(b)
		switch b {
		case pressApprove:
			e.Confirm = confirmApprove(r.Request, v)
		case pressReactivate:
			e.Confirm = confirmReactivate(r.Request)
		}
		elements = append(elements, e)
	}
	return elements
}

// element is a button about r.
func (r one) element(b button) *slack.ButtonBlockElement {
	does := b.label + ": "
	if b != pressDetails && b != pressReactivate {
		does += string(wordsOf(r.Action).verb) + " "
	}
	return b.element(r.ID, b.label, does+outside(name(r.Request), "this user", 45))
}

// seeAll is the button beside what there is to hand over; nil if there is nothing to see.
func (r one) seeAll(v View) *slack.ButtonBlockElement {
	if !v.Buttons || !HasDetails(r.Request) {
		return nil
	}
	return r.element(pressDetails)
}

// buttons are each about the people that it applies to, and say how many they are.
func (b several) buttons(v View) (elements []*slack.ButtonBlockElement) {
	for _, row := range []struct {
		button
		who string
		is  func(*request.Request) bool
	}{
		{pressApprove, " all", pending}, {pressDeny, " all", pending}, {button{action: ActionCancel, label: "Cancel"}, " all", cancellable}, {pressRetry, "", retriable},
	} {
		n := b.number(row.is)
		if n == 0 {
			continue
		}
		label := row.label + row.who
		e := row.element(valueOfSeveral(b.ID, b.Selection(row.is)), label+" ("+string(count(n))+")", label+": "+string(wordsOf(b.Action).verb+" "+people(n)))
		if row.button == pressApprove {
			e.Confirm = b.confirmApprove(v)
		}
		elements = append(elements, e)
	}
	return elements
}

// confirmApprove says once more who it is about and what will happen. Its words
// stay true if somebody else decides while the dialog is open.
func confirmApprove(r *request.Request, v View) *slack.ConfirmationBlockObject {
	who := outside(email(r), "This user", 60)
	if r.Target.Admin {
		who += ", a Workfront system administrator,"
	}
	approval, moment := "your approval", "on your approval"
	if r.Needed > 1 {
		approval = string(people(r.Needed)) + " have approved"
		moment = "when " + approval
	}
	if v.StopWindow > 0 {
		moment = string(period(v.StopWindow)) + " after " + approval
	}
	if !r.NotBefore.IsZero() {
		// Date tokens work in mrkdwn only, and names from outside must not stand there.
		moment = "on " + r.NotBefore.UTC().Format("2006-01-02 15:04") + " UTC, or " + moment + " if that is later"
	}
	words := who + " becomes " + wordsOf(r.Action).becomes + " " + moment + "."
	if n, least := items(r); n > 0 && r.Action == request.Deactivate {
		words += " " + string(capital(least+plural(n, "item stays", "items stay"))) + " assigned to them."
	}
	title, press := wordsOf(r.Action).title, "Approve"
	if r.DryRun {
		words, title = "Dry run: wfbot does everything except the change in Workfront.", "Dry run: "+strings.ToLower(title)
	} else if r.Needed-len(r.Approvals()) <= 1 {
		press = title
	}
	return confirmation(title+" "+outside(name(r), "this user", 60)+"?", words, press, r.Action)
}

// confirmation is a dialog; what switches somebody off looks dangerous.
func confirmation(title, words, press string, action request.Action) *slack.ConfirmationBlockObject {
	dialog := slack.NewConfirmationBlockObject(plain(title), plain(words), plain(press), plain("Go back"))
	if action == request.Deactivate {
		return dialog.WithStyle(slack.StyleDanger)
	}
	return dialog
}

// canComeBack reports whether the card of r, which is done, can offer a reactivation:
// wfbot made the change, and as far as it knows that still is so.
func canComeBack(r *request.Request) bool {
	return r.Action == request.Deactivate && !r.DryRun && !r.Outcome.Already && r.SupersededAt.IsZero() &&
		slices.Contains([]request.Drift{"", request.NoDrift, request.Unread}, r.Verified.Result)
}

func confirmReactivate(r *request.Request) *slack.ConfirmationBlockObject {
	words := "You ask for approval to make " + outside(email(r), "this user", 100) + " active again in Workfront. Somebody else has to approve it."
	return confirmation("Reactivate "+outside(name(r), "this user", 60)+"?", words, "Ask for approval", request.Reactivate)
}

// confirmApprove says what one press does. Its words stay true if somebody else
// decides while the dialog is open.
func (b several) confirmApprove(v View) *slack.ConfirmationBlockObject {
	var names []string
	waiting := b.those(pending)
	for _, r := range waiting[:min(len(waiting), 5)] {
		names = append(names, outside(name(r), "somebody", 24))
	}
	words := strings.Join(names, ", ")
	if more := len(waiting) - len(names); more > 0 {
		words += " and " + string(count(more)) + " more"
	}
	words += ". Anyone you can't approve is skipped, and so is anyone not looked up yet."
	switch {
	case b.DryRun:
		words += " Dry run: nothing is changed in Workfront."
	case !b.NotBefore.IsZero():
		words += " Takes effect at the time on the card, or on the last approval if that is later."
	case v.StopWindow > 0:
		words += " Takes effect " + string(period(v.StopWindow)) + " after the last approval."
	}
	title := wordsOf(b.Action).title + " " + string(people(len(waiting))) + "?"
	return confirmation(title, words, "Approve", b.Action)
}

// menus are for what is about one person of many.
func (b several) menus() (menus []slack.BlockElement) {
	if options := b.options(cancellable); len(options) > 0 {
		menu := slack.NewOptionsSelectBlockElement(slack.OptTypeStatic, plain("Leave somebody out…"), ActionLeaveOut, options...)
		menu.Confirm = slack.NewConfirmationBlockObject(plain("Leave this person out?"),
			plain("The request for this person is cancelled; the others stay. To do it later, ask again."),
			plain("Leave out"), plain("Keep"))
		menus = append(menus, menu)
	}
	if options := b.options(func(r *request.Request) bool { return pending(r) && HasDetails(r) }); len(options) > 0 {
		menus = append(menus, slack.NewOptionsSelectBlockElement(slack.OptTypeStatic, plain("See all items of…"), ActionDetails, options...))
	}
	return menus
}

// options has one for each member that is returns true for.
func (b several) options(is func(*request.Request) bool) (options []*slack.OptionBlockObject) {
	for i, r := range b.members {
		if is(r) {
			label := string(numbered(i)) + called(r, outside, "unknown", "", 40, 24)
			options = append(options, slack.NewOptionBlockObject(r.ID, plain(label), nil))
		}
	}
	return options
}
