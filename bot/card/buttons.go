package card

import (
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
)

// ActionLeaveOut is the menu on the card of a batch that cancels for one person.
// The value of an option is that person's request ID.
const ActionLeaveOut = "leave_out"

// BatchValue is the value of a button that is about several people: the batch and
// a request.Batch.Selection, so that pressing it is about those whom the card
// showed and no others.
func BatchValue(batchID, selection string) string { return batchID + ":" + selection }

// ParseValue reads the value of a button or an option: the ID of a request, or
// that of a batch with a selection.
func ParseValue(value string) (id, selection string, batch bool) { return strings.Cut(value, ":") }

// buttons are those that make sense as r stands.
func buttons(r *request.Request, v View) []slack.BlockElement {
	switch {
	case r.State == request.Pending:
		all := []slack.BlockElement{
			button(r, ActionApprove, "Approve").WithStyle(slack.StylePrimary).WithConfirm(confirmApprove(r, v)),
			button(r, ActionDeny, "Deny").WithStyle(slack.StyleDanger),
			button(r, ActionCancel, "Cancel"),
		}
		if holdsSomething(r) {
			all = append(all, button(r, ActionDetails, "Details"))
		}
		return all
	case r.State == request.Approved && waiting(r):
		return []slack.BlockElement{
			button(r, ActionRetry, "Retry now"),
			button(r, ActionCancel, "Cancel"),
		}
	case r.State == request.Approved:
		return []slack.BlockElement{button(r, ActionCancel, "Cancel")}
	case r.State == request.Executing && waiting(r):
		return []slack.BlockElement{button(r, ActionRetry, "Retry now")}
	case r.State == request.Failed:
		return []slack.BlockElement{button(r, ActionRetry, "Retry")}
	case canComeBack(r):
		return []slack.BlockElement{button(r, ActionReactivate, "Reactivate").WithConfirm(confirmReactivate(r))}
	}
	return nil
}

func button(r *request.Request, action, label string) *slack.ButtonBlockElement {
	b := slack.NewButtonBlockElement(action, r.ID, plain(label))
	// Read out by screen readers, which do not see the card around the button.
	b.AccessibilityLabel = label + ": " + string(wordsOf(r.Action).verb) + " " + outside(name(r), "this user", 50)
	return b
}

// confirmApprove says once more whom it is about and what will happen. Its words
// stay true if somebody else decides while the dialog is open.
func confirmApprove(r *request.Request, v View) *slack.ConfirmationBlockObject {
	who := outside(name(r), "This user", 50) + " (" + outside(email(r), "no e-mail", 70) + ")"
	if r.Target.Admin {
		who += ", a Workfront system administrator,"
	}
	moment := "as soon as you approve"
	switch {
	case r.Needed > 1 && v.StopWindow > 0:
		moment = string(period(v.StopWindow)) + " after " + string(count(r.Needed)) + " people have approved"
	case r.Needed > 1:
		moment = "as soon as " + string(count(r.Needed)) + " people have approved"
	case v.StopWindow > 0:
		moment = string(period(v.StopWindow)) + " after your approval"
	}
	if !r.NotBefore.IsZero() {
		// Date tokens work in mrkdwn only, and names from outside must not stand there.
		moment = "at " + r.NotBefore.UTC().Format("2006-01-02 15:04") + " UTC, or " + moment + " if that is later"
	}
	words := who + " will be " + wordsOf(r.Action).change + " " + moment + "."
	if r.DryRun {
		words = who + " would be " + wordsOf(r.Action).change + " " + moment + ". Dry run: nothing will be changed."
	}
	return slack.NewConfirmationBlockObject(plain(wordsOf(r.Action).title+" this user?"), plain(words), plain("Approve"), plain("Not now"))
}

// canComeBack reports whether the card of a deactivation can offer the way back:
// wfbot made the change, and as far as it knows that still is so.
func canComeBack(r *request.Request) bool {
	if r.State != request.Done || r.Action != request.Deactivate || r.DryRun || r.Outcome.Already || !r.SupersededAt.IsZero() {
		return false
	}
	return r.Verified.Result == "" || r.Verified.Result == request.NoDrift || r.Verified.Result == request.Unread
}

func confirmReactivate(r *request.Request) *slack.ConfirmationBlockObject {
	words := "This asks that " + outside(name(r), "this user", 50) + " (" + outside(email(r), "no e-mail", 70) +
		") be " + reactivateWords.change + ", with you as the one who asks. Others have to approve it."
	return slack.NewConfirmationBlockObject(plain("Ask for the way back?"), plain(words), plain("Ask"), plain("Not now"))
}

func batchButtons(b *request.Batch, v View) (all []slack.BlockElement) {
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
func batchButton(b *request.Batch, action, label string, is func(*request.Request) bool) *slack.ButtonBlockElement {
	n := number(b, is)
	button := slack.NewButtonBlockElement(action, BatchValue(b.ID, b.Selection(is)), plain(label+" ("+string(count(n))+")"))
	button.AccessibilityLabel = label + ": " + string(wordsOf(b.Action).verb) + " " + string(plural(n, "person", "people"))
	return button
}

// confirmApproveAll says what one press does. Its words stay true if somebody else
// decides while the dialog is open.
func confirmApproveAll(b *request.Batch, v View) *slack.ConfirmationBlockObject {
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
func batchMenus(b *request.Batch) []slack.BlockElement {
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
func peopleOptions(b *request.Batch, is func(*request.Request) bool) (options []*slack.OptionBlockObject) {
	for i, r := range b.Members {
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
