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

	ActionDetails    = "details"    // answers privately what the target still holds, by name
	ActionReactivate = "reactivate" // asks for the way back, as the slash command would

	// ActionLeaveOut is a menu on the card of several people: it cancels for the one
	// whose request ID is the value of the option.
	ActionLeaveOut = "leave_out"
)

// valueOfSeveral is the value of a button that is about several people: the card and
// a request.Card.Selection, so that pressing it is about those whom the card
// showed and no others.
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
	pressCancel     = button{action: ActionCancel, label: "Cancel"}
	pressRetry      = button{action: ActionRetry, label: "Retry"}
	pressRetryNow   = button{action: ActionRetry, label: "Retry now"}
	pressDetails    = button{action: ActionDetails, label: "Details"}
	pressReactivate = button{action: ActionReactivate, label: "Reactivate"}
)

// element is the button with that value. Screen readers, which do not see the card
// around it, read out what it does.
func (b button) element(value, label, does string) *slack.ButtonBlockElement {
	e := slack.NewButtonBlockElement(b.action, value, plain(label)).WithStyle(b.style)
	e.AccessibilityLabel = does
	return e
}

// buttons are those that make sense as r stands.
func (r one) buttons(v View) (elements []slack.BlockElement) {
	for _, b := range standingOf(r.Request).buttons {
		e := b.element(r.ID, b.label, b.label+": "+string(wordsOf(r.Action).verb)+" "+outside(name(r.Request), "this user", 50))
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

// buttons are each about those to whom it applies, and say how many they are.
func (b several) buttons(v View) (elements []slack.BlockElement) {
	for _, row := range []struct {
		button
		who string
		is  func(*request.Request) bool
	}{
		{pressApprove, " all", pending}, {pressDeny, " all", pending}, {pressCancel, " all", cancellable}, {pressRetry, "", retriable},
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

// confirmApprove says once more whom it is about and what will happen. Its words
// stay true if somebody else decides while the dialog is open.
func confirmApprove(r *request.Request, v View) *slack.ConfirmationBlockObject {
	who := outside(name(r), "This user", 40) + " (" + outside(email(r), "no e-mail", 50) + ")"
	if r.Target.Admin {
		who += ", a Workfront system administrator,"
	}
	moment, after := "as soon as you approve", "your approval"
	if r.Needed > 1 {
		after = string(people(r.Needed)) + " have approved"
		moment = "as soon as " + after
	}
	if v.StopWindow > 0 {
		moment = string(period(v.StopWindow)) + " after " + after
	}
	if !r.NotBefore.IsZero() {
		// Date tokens work in mrkdwn only, and names from outside must not stand there.
		moment = "at " + r.NotBefore.UTC().Format("2006-01-02 15:04") + " UTC, or " + moment + " if that is later"
	}
	will, but := " will be ", ""
	if r.DryRun {
		will, but = " would be ", " Dry run: nothing will be changed."
	}
	words := who + will + wordsOf(r.Action).change + " " + moment + "." + but
	return slack.NewConfirmationBlockObject(plain(wordsOf(r.Action).title+" this user?"), plain(words), plain("Approve"), plain("Not now"))
}

// canComeBack reports whether the card of r, which is done, can offer the way back:
// wfbot made the change, and as far as it knows that still is so.
func canComeBack(r *request.Request) bool {
	return r.Action == request.Deactivate && !r.DryRun && !r.Outcome.Already && r.SupersededAt.IsZero() &&
		slices.Contains([]request.Drift{"", request.NoDrift, request.Unread}, r.Verified.Result)
}

func confirmReactivate(r *request.Request) *slack.ConfirmationBlockObject {
	words := "This asks that " + outside(name(r), "this user", 50) + " (" + outside(email(r), "no e-mail", 70) +
		") be " + reactivateWords.change + ", with you as the one who asks. Others have to approve it."
	return slack.NewConfirmationBlockObject(plain("Ask for the way back?"), plain(words), plain("Ask"), plain("Not now"))
}

// confirmApprove says what one press does. Its words stay true if somebody else
// decides while the dialog is open.
func (b several) confirmApprove(v View) *slack.ConfirmationBlockObject {
	n := people(b.number(pending))
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

// menus are for what is about one person of many.
func (b several) menus() (menus []slack.BlockElement) {
	if options := b.options(cancellable); len(options) > 0 {
		menu := slack.NewOptionsSelectBlockElement(slack.OptTypeStatic, plain("Leave somebody out…"), ActionLeaveOut, options...)
		menu.Confirm = slack.NewConfirmationBlockObject(plain("Leave this person out?"),
			plain("The request for this one person is cancelled; the others stay. To go on later, it has to be asked for again."),
			plain("Leave out"), plain("Keep"))
		menus = append(menus, menu)
	}
	if options := b.options(func(r *request.Request) bool { return pending(r) && holdsSomething(r) }); len(options) > 0 {
		menus = append(menus, slack.NewOptionsSelectBlockElement(slack.OptTypeStatic, plain("Details of…"), ActionDetails, options...))
	}
	return menus
}

// options are those of them for whom is holds.
func (b several) options(is func(*request.Request) bool) (options []*slack.OptionBlockObject) {
	for i, r := range b.members {
		if is(r) {
			label := string(numbered(i)) + called(r, outside, "unknown", "", 40, 24)
			options = append(options, slack.NewOptionBlockObject(r.ID, plain(label), nil))
		}
	}
	return options
}
