package card

import (
	"wfbot/bot/request"
)

// About is what a refusal is about. All of it may be zero.
type About struct {
	Request *request.Request // nil: none, or not known
	Action  request.Action   // what was asked for; zero: to deactivate, or not known
	Word    string           // the part of the command that is meant, as typed
	Link    string           // address of the card to use instead
	Instead []string         // what can be typed in place of Word
}

// Refused is the private sentence for a person whose interaction is refused: why, and
// what to do instead. It is mrkdwn to be sent unescaped; empty for Allowed.
func Refused(why request.Refusal, about About) string { return string(refusal(why, about)) }

func refusal(why request.Refusal, about About) markup {
	for _, sentence := range []func(request.Refusal, About) markup{
		ofPerson, ofRequest, ofTarget, ofChannel, ofCommand, ofDate,
	} {
		if words := sentence(why, about); words != "" {
			return words
		}
	}
	if why == request.Allowed {
		return ""
	}
	return "I may not do that, so nothing was changed; please ask the people who run wfbot."
}

func ofPerson(why request.Refusal, about About) markup {
	switch why {
	case request.RefusedUnknownPerson:
		return "Slack could not tell me who you are, so I did nothing; please try again in a minute."
	case request.RefusedDeactivated:
		return "Slack says that your account is deactivated, so I did nothing; please use your current account."
	case request.RefusedBot:
		return "Only people can do this, and Slack says that you are a bot or an app; please use your own account."
	case request.RefusedExternal:
		return "Only people of our own Slack workspace can do this; please ask your contact there."
	case request.RefusedGuest:
		return "Guests cannot do this; please ask a full member of the workspace."
	case request.RefusedNotRequester:
		return "You are not on the list of people who may ask for this; please let your IT team ask, or have them add you."
	case request.RefusedNotApprover:
		return "You are not an approver of this request, so nothing was changed; please leave it to those who are asked on the card."
	case request.RefusedManagerNoMore:
		return "You are not " + managerOf(about.Request) + " in Workfront any more, so you cannot decide on this; please leave it to those who are asked on the card."
	case request.RefusedNotReader:
		return "Only people who may ask or approve can see requests; please ask your IT team, or have them add you."
	case request.RefusedOwnRequest:
		return "You asked for this yourself, so somebody else has to decide; please leave it to another approver."
	case request.RefusedOwnAccount:
		return "This is about your own Workfront account, so you cannot decide on it; please leave it to another approver."
	case request.RefusedNoEmail:
		return "Your Slack profile shows no e-mail address, which I need to tell people apart; please have it added and try again."
	}
	return ""
}

func ofRequest(why request.Refusal, about About) markup {
	switch why {
	case request.RefusedUnknownRequest:
		return "I do not know this request, so nothing was changed: another wfbot may be using the same Slack app; please tell whoever runs it, " +
			"and if the request is still needed, type " + again(about.Request) + "."
	case request.RefusedStaleCard:
		return "This message is not the request's card any more, so nothing was changed; please use " + link(about.Link, "the current card") + "."
	case request.RefusedNotOpen:
		return notOpen(about.Request)
	case request.RefusedExpired:
		if about.Request != nil && about.Request.State == request.Failed {
			return "It is too late to retry this request; if it is still needed, please type " + again(about.Request) + "."
		}
		return "This request has expired, so nothing was changed; if it is still needed, please type " + again(about.Request) + "."
	case request.RefusedAlreadyApproved:
		if r := about.Request; r != nil && r.Needed > 0 {
			return "You have approved this already (" + tally(r) + "); please leave the next approval to somebody else."
		}
		return "You have approved this already; please leave the next approval to somebody else."
	case request.RefusedUnderWay:
		return "This request is being carried out already, so it can no longer be cancelled; the card will show how it ends."
	case request.RefusedNobodyLeft:
		return "There is nobody on this card for whom you could do that now, so nothing was changed; please look at the card again."
	case request.RefusedNotTheOpener:
		return "This form was opened for somebody else, so nothing was changed; please open it yourself."
	case request.RefusedPressedLate:
		return "I could deal with what you pressed only after more than a day, so I did nothing; please look at the card as it is now, and press it again if it is still right."
	case request.RefusedFormLate:
		return "I could not open the form in time, so nothing was changed; please try again."
	case request.RefusedUnknownAction:
		return "I do not know this button, so nothing was changed; please use the request's newest card."
	case request.RefusedWorkspace:
		return "I work for another Slack workspace than the one you are in, so I did nothing; please use me there."
	case request.RefusedManagerUnknown:
		return "I could not find out whether you are " + managerOf(about.Request) + " now, so nothing was changed; please try again in a few minutes."
	case request.RefusedUnreachable:
		if r := about.Request; r != nil && r.State == request.Rejected {
			return "I could not look up " + person(r) + " for too long and have given up; please type " + again(r) + " when Workfront works."
		}
		return "Slack or Workfront did not answer for too long, so nothing was changed; please try again in a few minutes."
	}
	return ""
}

// managerOf is the manager of whom r is about, for the middle of a sentence; r may
// be nil.
func managerOf(r *request.Request) markup {
	if r == nil {
		return "their manager"
	}
	return "the manager of " + person(r)
}

// notOpen says why a decision comes too late.
func notOpen(r *request.Request) markup {
	if r == nil {
		return "This request is not open any more, so nothing was changed; its card shows how it ended."
	}
	switch r.State {
	case request.Pending:
		return "This request is still waiting for approval, so there is nothing to retry; please approve or deny it on its card."
	case request.Denied:
		d, _ := r.Denial()
		return mention(d.By.ID) + " has denied this request already, so your click came too late; if it is still needed, please have it asked for again."
	case request.Cancelled:
		d, _ := r.Cancellation()
		return mention(d.By.ID) + " has cancelled this request already, so your click came too late; if it is still needed, please have it asked for again."
	case request.Expired:
		return "This request has expired already, so your click came too late; if it is still needed, please have it asked for again."
	case request.Approved:
		return "This request is approved already, so your click changed nothing; the card shows when it is carried out."
	case request.Executing:
		return "This request is being carried out right now, so your click changed nothing; the card will show how it ends."
	case request.Done:
		return "This request is done already, so your click changed nothing; the card shows the outcome."
	case request.Failed:
		return "This request has failed, so there is nothing to decide; an approver can press Retry on its card."
	}
	return "This request is not waiting for a decision, so your click changed nothing; its card shows where it stands."
}

func ofTarget(why request.Refusal, about About) markup {
	who, subject := markup("this person"), markup("This person")
	if about.Request != nil {
		who = person(about.Request)
		subject = who
	} else if line(about.Word) != "" {
		who = literal(about.Word, "", 300)
		subject = who
	}
	switch why {
	case request.RefusedNotFound:
		return "I cannot find " + who + " in Workfront; please check the spelling, and if it is right, ask your Workfront administrator whether wfbot may see this user."
	case request.RefusedAmbiguous:
		if about.Request != nil && about.Request.Action == request.Reactivate {
			return "Several inactive Workfront users have the e-mail of " + who + ", and I deactivated none of them, so I cannot know which one is meant; please ask a Workfront administrator to do it."
		}
		return "Several active Workfront users have the e-mail of " + who + ", so I cannot know which one is meant; please have a Workfront administrator correct the e-mails first."
	case request.RefusedCrowd:
		return "So many Workfront users have the e-mail of " + who + " that I cannot look at them all, so I cannot know which one is meant; please have a Workfront administrator correct the e-mails first."
	case request.RefusedActiveTwin:
		return "Another Workfront user with the e-mail of " + who + " is active already, and two of them could not be told apart, so I do not bring the inactive one back; please ask a Workfront administrator which one is right."
	case request.RefusedAlreadyOpen:
		return "There is an open request for " + who + " already; please follow " + link(about.Link, "its card") + " instead."
	case request.RefusedInactive:
		return subject + " is already inactive in Workfront, so there is nothing to do; please check the e-mail if you meant somebody else."
	case request.RefusedSelf:
		return subject + " is the Workfront user that wfbot itself works with, so I cannot switch it off; please ask the people who run wfbot."
	case request.RefusedProtected:
		return subject + " is protected from being deactivated through wfbot; please ask the people who run wfbot if that should change."
	case request.RefusedAdmin:
		return subject + " is a Workfront system administrator, whom I may not change; please ask another Workfront administrator to do it."
	case request.RefusedWorkfront:
		return "Workfront refused to let me look up " + who + "; please tell the people who run wfbot, who find the reason in its log."
	case request.RefusedNoApprover:
		why := request.NoManager("")
		if about.Request != nil {
			why = about.Request.NoManager
		}
		return "Only their manager may approve for " + who + ", and the manager cannot be asked, since " + noManager(why) + "; please have the manager set right in Workfront, or ask the people who run wfbot to add approvers."
	case request.RefusedTooFew:
		return "Fewer people may approve this for " + who + " than have to, since nobody approves for themselves or what they asked for; please have somebody else ask, or ask the people who run wfbot to add approvers."
	case request.RefusedActive:
		return subject + " is active in Workfront already, so there is nothing to do; please check the e-mail if you meant somebody else."
	case request.RefusedNotOurs:
		return subject + " was not deactivated through wfbot, so I do not bring them back; please ask a Workfront administrator to do it."
	case request.RefusedNewUser:
		return subject + " is a new user who still waits for approval in Workfront itself, or Workfront does not say; please ask a Workfront administrator."
	case request.RefusedNoZone:
		return "Slack does not tell me your time zone, so I cannot know which moment you mean; please set it in your Slack preferences and try again."
	case request.RefusedNothingHeld:
		return subject + " holds nothing in Workfront that I could read, so there are no details to show; please look in Workfront if in doubt."
	case request.RefusedNoSlackEmail:
		return "Slack shows me no e-mail address for the person you mentioned; please type the e-mail of their Workfront account instead."
	}
	return ""
}

func ofChannel(why request.Refusal, about About) markup {
	where := markup("this channel")
	if about.Request != nil && isID(about.Request.Channel) {
		where = channel(about.Request.Channel)
	}
	switch why {
	case request.RefusedDirectMessage:
		return "I do not post requests to direct messages, where approvers could not see them; please type the command in the channel meant for it."
	case request.RefusedSharedChannel:
		return "Another organisation can read " + where + ", so I post nothing about people there; please use a channel of ours alone."
	case request.RefusedArchived:
		return "I cannot post the request, since " + where + " is archived; please use another channel."
	case request.RefusedNotInChannel:
		return "I cannot post the request, since I am not a member of " + where + "; please invite me there with `/invite` and try again."
	case request.RefusedCard:
		return "Slack refused the card with the request, so nobody was asked and nothing was changed; please tell the people who run wfbot, who find the reason in its log."
	case request.RefusedUnknownChannel:
		return "I cannot find the channel for the request; please type the command in a channel that I am a member of."
	}
	return ""
}

func ofCommand(why request.Refusal, about About) markup {
	command, reason := markup(Command), markup("left the company")
	if about.Action == request.Reactivate {
		command, reason = CommandBack, "is back"
	}
	example := "`" + command + " jane@acme.com " + reason + "`"
	switch why {
	case request.RefusedNotAnEmail:
		return literal(about.Word, "That", 300) + " is not an e-mail address" + markup(escaper.Replace(becauseOf(about.Word))) + "; please type it like this: " + example + "."
	case request.RefusedReasonTooLong:
		return "The reason is longer than " + count(request.MaxReason) + " characters; please shorten it and send the command again."
	case request.RefusedNobodyNamed:
		return "I need to know first who is meant, before " + literal(about.Word, "anything else", 300) + "; please begin with the e-mail, like this: " + example + "."
	case request.RefusedTooManyPeople:
		return "I take at most " + count(request.MaxPeople) + " people at once, and you named " + literal(about.Word, "more", 300) + "; please split them over several commands."
	case request.RefusedNamedLate:
		return literal(about.Word, "Somebody", 300) + " stands among other words, where I might miss people, so I asked for nobody; please put every e-mail first, then the reason, as in `" +
			command + " a@acme.com b@acme.com " + reason + "`, and name those who are only mentioned without e-mail or @."
	case request.RefusedColumns:
		return "I cannot tell what " + literal(about.Word, "each column", 300) + " means in the rows you pasted, so I asked for nobody; please paste the e-mails alone, then type the reason."
	case request.RefusedStatusOfWhom:
		return "I can only tell you the status of one person by e-mail, not of " + literal(about.Word, "nobody", 300) + "; please type it like this: `" + command + " status jane@acme.com`."
	}
	return ""
}

func ofDate(why request.Refusal, about About) markup {
	const example = "`on 2026-12-31` or `on 2026-12-31 17:00`"
	const zones = "`on 2026-12-31 17:00 Europe/Berlin` or `on 2026-12-31 17:00 UTC+2`"
	when := literal(about.Word, "the date", 300)
	switch why {
	case request.RefusedUnclearDate:
		return "I am not sure which day or time you mean with " + when + ", so I did nothing; please type it in your own time zone right behind the e-mail, like " + example + ", or begin the reason with another word."
	case request.RefusedUnclearTime:
		return "I am not sure which time or time zone you mean with " + when + ", so I did nothing; please type the time by your own clock, like `on 2026-12-31 17:00`, or with a zone, like " + zones + ", or begin the reason with another word."
	case request.RefusedUnknownZone:
		return "I do not know the time zone " + literal(about.Word, "you mean", 100) + ", so I did nothing; please type it like " + zones + ", or leave it out if you mean your own clock."
	case request.RefusedImpossibleDate:
		return "There is no such day or time as " + when + "; please type it like " + example + "."
	case request.RefusedSkippedTime:
		if len(about.Instead) == 2 {
			return "The clocks skip " + when + ", when they are put forward; please type " + literal("on "+about.Instead[0], "", 100) + " or " + literal("on "+about.Instead[1], "", 100) + " instead."
		}
		return "The clocks skip " + when + ", when they are put forward; please type an earlier or a later time."
	case request.RefusedPast:
		return "It is later than " + when + " already; please type a time to come, or no date at all if it is to happen right after the approval."
	case request.RefusedTooFarAhead:
		return "I wait for a year at most, and " + when + " is later than that; please check the year."
	case request.RefusedDateInReason:
		return dayInReason(about)
	}
	return ""
}

// dayInReason says how to type what may be meant by a reason that names a day.
func dayInReason(about About) markup {
	words := "Your reason names a day to come, " + literal(about.Word, "as it seems", 100) + ", so I did nothing; please type behind the e-mail "
	for _, day := range about.Instead {
		words += "`on " + literal(day, "2026-12-31", 50) + " …` to do it then, "
	}
	if len(about.Instead) > 0 {
		words += "or "
	}
	return words + "`now …` to do it on approval."
}
