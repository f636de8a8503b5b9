package card

import (
	"github.com/slack-go/slack"

	"wfbot/bot/request"
)

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
