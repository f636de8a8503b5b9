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

// Refused is what a person whose interaction is refused is told in private: why, and
// what to do instead. It is mrkdwn to be sent unescaped; empty for Allowed.
func Refused(why request.Refusal, about About) string { return string(refusal(why, about)) }

func refusal(why request.Refusal, about About) markup {
	row, known := refusals[why]
	switch {
	case why == request.Allowed:
		return ""
	case !known:
		return "I may not do that, so nothing was changed. Please ask the people who run wfbot."
	case row.when != nil && about.Request != nil && row.when(about.Request):
		return about.fill(row.then, row.word)
	}
	return about.fill(row.full, row.word)
}

// briefly is a refusal in a few words, for a list. r is what was refused about.
func briefly(why request.Refusal, r *request.Request) markup {
	if brief := refusals[why].brief; brief != "" {
		return About{Request: r}.fill(brief, "")
	}
	return "not possible"
}

// reasonAmong says in a few words why r, one of members, was rejected.
func reasonAmong(members []*request.Request, r *request.Request) markup {
	if r.Refused == request.RefusedAlreadyOpen {
		for i, other := range members {
			if other.ID == r.InTheWay {
				return "the same user as no. " + count(i+1)
			}
		}
	}
	return briefly(r.Refused, r)
}

// refusalWords are what is said of a refusal; fill says what {…} stands for.
type refusalWords struct {
	brief markup // in a list of people, for the middle of a line
	word  markup // {word} where nothing was typed
	full  markup // to the person, in short sentences: why, and what to do instead

	// then is said in place of full about a request that when returns true for.
	then markup
	when func(*request.Request) bool
}

// refusals has a row for each refusal, in the order of package request.
var refusals = map[request.Refusal]refusalWords{
	request.RefusedUnknownPerson: {full: "Slack could not tell me who you are, so I did nothing. Please try again in a minute."},
	request.RefusedDeactivated:   {full: "Slack says that your account is deactivated, so I did nothing. Please use your current account."},
	request.RefusedBot:           {full: "Only people can do this, and Slack says that you are a bot or an app. Please use your own account."},
	request.RefusedExternal:      {full: "Only people of our own Slack workspace can do this. Please ask your contact there."},
	request.RefusedGuest:         {full: "Guests cannot do this. Please ask a full member of the workspace."},
	request.RefusedNotRequester:  {full: "You are not on the list of people who may ask for this. Please let your IT team ask, or have them add you."},
	request.RefusedNotApprover:   {brief: "you are not an approver for them", full: "You are not an approver of this request, so nothing was changed. Please leave it to the approvers named on the card."},
	request.RefusedManagerNoMore: {brief: "you are not their manager any more", full: "You are not {the manager} in Workfront any more, so you cannot decide. Please leave it to the approvers named on the card."},
	request.RefusedNotReader:     {full: "I switch off Workfront accounts of people who leave. Only people who may ask or approve can use me and see requests. Please ask your IT team to do it for you, or to add you."},
	request.RefusedOwnRequest:    {brief: "you asked for it yourself", full: "You asked for this yourself, so somebody else has to decide. Please leave it to another approver."},
	request.RefusedOwnAccount:    {brief: "it is about your own account", full: "This is about your own Workfront account, so you cannot decide. Please leave it to another approver."},
	request.RefusedNoEmail:       {brief: "your Slack profile shows no e-mail address", full: "Your Slack profile shows no e-mail address, and I need one to tell people apart. Please have it added and try again."},

	request.RefusedUnknownRequest: {full: "I do not know this request, so nothing was changed. Another wfbot may be using the same Slack app: please tell whoever runs it. If the request is still needed, type {again}."},
	request.RefusedStaleCard:      {full: "This message is not the request's card any more, so nothing was changed. Please use the current card{: link}."},
	request.RefusedNotOpen:        {brief: "by now {state}", full: "{too late}"},
	request.RefusedExpired: {
		brief: "the time to decide is over",
		full:  "This request has expired, so nothing was changed. If it is still needed, please type {again}.",
		then:  "It is too late to retry this request. If it is still needed, please type {again}.",
		when:  func(r *request.Request) bool { return r.State == request.Failed },
	},
	request.RefusedAlreadyApproved: {
		brief: "you have approved already",
		full:  "You have approved this already. Please leave the next approval to somebody else.",
		then:  "You have approved this already ({tally}). Please leave the next approval to somebody else.",
		when:  func(r *request.Request) bool { return r.Needed > 0 },
	},
	request.RefusedUnderWay:      {brief: "in progress already", full: "This request is in progress already, so it can no longer be cancelled. The card will show how it ends."},
	request.RefusedNobodyLeft:    {full: "You cannot do that for anybody on this card now, so nothing was changed. Please look at the card again."},
	request.RefusedNotTheOpener:  {full: "This form was opened for somebody else, so nothing was changed. Please open it yourself."},
	request.RefusedFormLate:      {full: "I could not open the form in time, so nothing was changed. Please try again."},
	request.RefusedPressedLate:   {full: "You pressed this more than a day ago and I could not act before, so I did nothing. Please look at the card, and press again if it is still right."},
	request.RefusedUnknownAction: {full: "I do not know this button, so nothing was changed. Please use the request's newest card."},
	request.RefusedUnreachable: {
		brief: "Workfront did not answer for too long",
		full:  "Slack or Workfront did not answer for too long, so nothing was changed. Please try again in a few minutes.",
		then:  "I could not look up {who} for too long and have given up. Please type {again} when Workfront works again.",
		when:  rejected,
	},
	request.RefusedManagerUnknown: {full: "I could not find out whether you are {the manager} now, so nothing was changed. Please try again in a few minutes."},
	request.RefusedUnreadable: {
		brief: "what is stored about them cannot be read",
		full:  "I cannot read all that is stored about {who}, so nothing was changed. I have told the people who run me. Please ask them.",
	},

	request.RefusedNotFound: {brief: "not found in Workfront", full: "I cannot find {who} in Workfront. Please check the spelling. If it is right, ask your Workfront administrator whether wfbot may see this user."},
	request.RefusedAmbiguous: {
		brief: "several Workfront users have this e-mail",
		full:  "Several active Workfront users have the e-mail of {who}, so I cannot know which one you mean. Please have a Workfront administrator correct the e-mails first.",
		then:  "Several inactive Workfront users have the e-mail of {who}, and I deactivated none of them. I cannot know which one you mean. Please ask a Workfront administrator to do it.",
		when:  func(r *request.Request) bool { return r.Action == request.Reactivate },
	},
	request.RefusedCrowd:        {brief: "too many Workfront users have this e-mail", full: "Too many Workfront users have the e-mail of {who}, so I cannot look at them all. Please have a Workfront administrator correct the e-mails first."},
	request.RefusedActiveTwin:   {brief: "another Workfront user with this e-mail is active", full: "Another Workfront user with the e-mail of {who} is active already. Nobody could tell two active ones apart, so I do not bring this one back. Please ask a Workfront administrator which one is right."},
	request.RefusedAlreadyOpen:  {brief: "another request for them is open", full: "There is an open request for {who} already. Please follow that one instead{: link}."},
	request.RefusedInactive:     {brief: "inactive already", full: "{Who} is already inactive in Workfront, so there is nothing to do. Please check the e-mail if you meant somebody else."},
	request.RefusedSelf:         {brief: "wfbot itself works as this user", full: "{Who} is the Workfront user that wfbot itself works as, so I cannot switch it off. Please ask the people who run wfbot."},
	request.RefusedProtected:    {brief: "protected", full: "{Who} is protected, so I may not deactivate this user. Please ask the people who run wfbot if that should change."},
	request.RefusedAdmin:        {brief: "a Workfront administrator", full: "{Who} is a Workfront system administrator, and I may not change those. Please ask another Workfront administrator to do it."},
	request.RefusedWorkfront:    {brief: "Workfront refused the look-up", full: "Workfront did not let me look up {who}. Please tell the people who run wfbot: the reason is in its log."},
	request.RefusedNoApprover:   {brief: "only their manager may approve, and cannot be asked: {no manager}", full: "Only their manager may approve for {who}, and cannot be asked: {no manager}. Please have the manager corrected in Workfront, or ask the people who run wfbot to add approvers."},
	request.RefusedTooFew:       {brief: "too few people may approve", full: "Too few people may approve this for {who}: nobody approves for themselves, or what they asked for. Please have somebody else ask, or ask the people who run wfbot to add approvers."},
	request.RefusedNoSlackEmail: {brief: "Slack shows no e-mail address for them", full: "Slack shows me no e-mail address for the person you mentioned. Please type the e-mail of their Workfront account instead."},
	request.RefusedActive:       {brief: "active already", full: "{Who} is already active in Workfront, so there is nothing to do. Please check the e-mail if you meant somebody else."},
	request.RefusedNotOurs:      {brief: "not deactivated through wfbot", full: "{Who} was not deactivated through wfbot, so I may not bring them back. Please ask a Workfront administrator to do it."},
	request.RefusedNewUser:      {brief: "a new user who may need approval in Workfront", full: "{Who} is a new user who may still need approval in Workfront itself. Please ask a Workfront administrator."},
	request.RefusedNoZone:       {full: "Slack does not tell me your time zone, so I cannot know which moment you mean. Please set it in your Slack preferences and try again."},
	request.RefusedNothingHeld:  {full: "I found nothing that {who} holds in Workfront, so there is nothing to show. Please look in Workfront if in doubt."},

	request.RefusedDirectMessage:  {brief: notPosted, full: "I do not post requests in direct messages, where approvers could not see them. Please type the command in the channel for it."},
	request.RefusedSharedChannel:  {brief: notPosted, full: "People of another organisation can read {channel}, or soon will, so I post and decide nothing there. Please use a channel that only our people can read."},
	request.RefusedArchived:       {brief: notPosted, full: "I cannot post the request because {channel} is archived. Please use another channel."},
	request.RefusedNotInChannel:   {brief: notPosted, full: "I am not a member of {channel}, so I cannot post there or know who reads it. Please invite me with `/invite` and try again."},
	request.RefusedUnknownChannel: {brief: notPosted, full: "I cannot find the channel for the request. Please type the command in a channel that I am a member of."},
	request.RefusedCard:           {brief: notPosted, full: "Slack refused the card, so nobody was asked and nothing was changed. Please tell the people who run wfbot: the reason is in its log."},

	request.RefusedNotAnEmail:    {word: "That", full: "{word} is not an e-mail address{because of}. Please type it like this: {example}."},
	request.RefusedReasonTooLong: {full: "The reason is longer than " + count(request.MaxReason) + " characters. Please shorten it and send the command again."},
	request.RefusedNobodyNamed:   {word: "anything else", full: "I need to know first who is meant, before {word}. Please begin with the e-mail, like this: {example}."},
	request.RefusedTooManyPeople: {word: "more", full: "I take at most " + count(request.MaxPeople) + " people at once, and you named {word}. Please split them over several commands."},
	request.RefusedNamedLate:     {word: "Somebody", full: "{word} stands among other words, where I might miss people, so I asked for nobody. Please put every e-mail first, then the reason: {example of two}. If you only mention somebody, write the name without e-mail or @."},
	request.RefusedColumns:       {word: "each column", full: "I cannot tell what {word} means in the rows you pasted, so I asked for nobody. Please paste the e-mails alone, then type the reason."},
	request.RefusedStatusOfWhom:  {word: "fewer or more", full: "I need the e-mail of one person, not {word}. Please type it like this: {status}."},
	request.RefusedCancelOfWhom:  {word: "fewer or more", full: "I need the e-mail of one person, not {word}. Please type it like this: {cancel}."},
	request.RefusedNothingOpen:   {word: "this person", full: "There is no open request about {word} that I could cancel. Type `" + Command + " list` to see those that are open."},

	request.RefusedUnclearDate:    {word: "the date", full: "I am not sure which day or time you mean with {word}, so I did nothing. Please type it in your own time zone right behind the e-mail, like " + dates + ". Or begin the reason with another word."},
	request.RefusedUnclearTime:    {word: "the date", full: "I am not sure which time or time zone you mean with {word}, so I did nothing. Please type the time by your own clock, like `on 2026-12-31 17:00`, or with a zone, like " + zones + ". Or begin the reason with another word."},
	request.RefusedUnknownZone:    {word: "you mean", full: "I do not know the time zone {word}, so I did nothing. Please type it like " + zones + ", or leave it out if you mean your own clock."},
	request.RefusedImpossibleDate: {word: "the date", full: "There is no such day or time as {word}. Please type it like " + dates + "."},
	request.RefusedSkippedTime:    {word: "the date", full: "The clocks skip {word} when they are put forward. Please type {other times}."},
	request.RefusedPast:           {word: "The date", full: "{word} is in the past. Please type a later time, or no date if it should happen on approval."},
	request.RefusedTooFarAhead:    {word: "The date", full: "{word} is more than a year ahead, and I wait for a year at most. Please check the year."},
	request.RefusedDateInReason:   {word: "it seems", full: "Your reason names a future day, {word}, so I did nothing. Behind the e-mail, please type {those days}`now …` to do it on approval."},
}

const (
	notPosted markup = "the card could not be posted"
	dates     markup = "`on 2026-12-31` or `on 2026-12-31 17:00`"
	zones     markup = "`on 2026-12-31 17:00 Europe/Berlin` or `on 2026-12-31 17:00 UTC+2`"
)

// fill puts what the refusal is about in the places of words; unnamed is {word}
// where nothing was typed. What is put in is not looked at again: a name in braces
// stays what it is.
func (about About) fill(words, unnamed markup) markup {
	r, who, subject := about.Request, markup("this person"), markup("This person")
	manager, where := markup("their manager"), markup("this channel")
	late, state, approvals := closed, markup(""), markup("")
	var why request.NoManager
	switch {
	case r != nil:
		s := standingOf(r)
		late, state, approvals, why = s.late, s.words, tally(r), r.NoManager
		who, subject, manager = person(r), person(r), "the manager of "+person(r)
		where = channel(r.Channel, where)
	case line(about.Word) != "":
		who = literal(about.Word, "", 300)
		subject = who
	}
	example := wordsOf(about.Action)
	command, reason := "`"+markup(example.command), " "+example.reason+"`"
	return words.with(
		"{who}", who, "{Who}", subject, "{the manager}", manager, "{no manager}", noManager(why), "{tally}", approvals,
		"{again}", again(r), "{: link}", followedBy(about.Link),
		"{too late}", late, "{state}", state, "{channel}", where,
		"{word}", literal(about.Word, unnamed, 300), "{because of}", markup(escaper.Replace(becauseOf(about.Word))),
		"{example}", command+" jane@acme.com"+reason, "{example of two}", command+" a@acme.com b@acme.com"+reason,
		"{status}", command+" status jane@acme.com`", "{cancel}", command+" cancel jane@acme.com`", "{other times}", otherTimes(about.Instead), "{those days}", thoseDays(about.Instead),
	)
}

// followedBy is the link to a card, at the end of a sentence; empty if there is none.
func followedBy(address string) markup {
	if words := seeCard(address); words != "" {
		return ": " + words
	}
	return ""
}

// otherTimes are what to type in place of a time that the clocks skip.
func otherTimes(instead []string) markup {
	if len(instead) != 2 {
		return "an earlier or a later time"
	}
	return literal("on "+instead[0], "", 100) + " or " + literal("on "+instead[1], "", 100) + " instead"
}

// thoseDays is how to type the days that a reason may mean.
func thoseDays(instead []string) (words markup) {
	for _, day := range instead {
		words += "`on " + literal(day, "2026-12-31", 50) + " …` to do it then, "
	}
	if len(instead) > 0 {
		words += "or "
	}
	return words
}
