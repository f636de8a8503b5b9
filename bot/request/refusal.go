package request

// Refusal says why something is not done: a code for the audit trail and the
// log. Package card has the sentence that people read. It is an error, so that
// transitions can answer it. The zero value is Allowed.
type Refusal string

// Error implements error with the code.
func (r Refusal) Error() string { return "refused: " + string(r) }

// Allowed is the absence of a refusal.
const Allowed Refusal = ""

// Refusals because of who a person is.
const (
	RefusedUnknownPerson Refusal = "unknown person"       // Slack could not say who it is
	RefusedDeactivated   Refusal = "deactivated person"   // their Slack account is switched off
	RefusedBot           Refusal = "bot"                  // a bot or an app
	RefusedExternal      Refusal = "external person"      // another workspace or organisation
	RefusedGuest         Refusal = "guest"                //
	RefusedNotRequester  Refusal = "not a requester"      //
	RefusedNotApprover   Refusal = "not an approver"      //
	RefusedManagerNoMore Refusal = "manager no more"      // they were the target's manager, and are not now
	RefusedNotReader     Refusal = "may not read"         // neither a requester nor an approver
	RefusedOwnRequest    Refusal = "own request"          // the requester, by id or e-mail
	RefusedOwnAccount    Refusal = "own account"          // the target, by id or e-mail
	RefusedNoEmail       Refusal = "no e-mail in profile" // cannot be told apart from the target
)

// Refusals because of how the request stands.
const (
	RefusedUnknownRequest  Refusal = "unknown request"    // no request with that id
	RefusedStaleCard       Refusal = "not the card"       // pressed on a message that is not the card
	RefusedNotOpen         Refusal = "not open any more"  //
	RefusedExpired         Refusal = "expired"            //
	RefusedAlreadyApproved Refusal = "approved already"   // by the same person
	RefusedUnderWay        Refusal = "being carried out"  // too late to cancel
	RefusedNobodyLeft      Refusal = "nobody left"        // of several: it applies to nobody
	RefusedNotTheOpener    Refusal = "form of another"    // a form submitted by someone who did not open it
	RefusedFormLate        Refusal = "form opened late"   // the form could not be opened in time
	RefusedPressedLate     Refusal = "pressed long ago"   // a press that was dealt with only a day later
	RefusedUnknownAction   Refusal = "unknown action"     // a button that wfbot does not have
	RefusedUnreachable     Refusal = "no answer for long" // Slack or Workfront did not answer for too long
	RefusedManagerUnknown  Refusal = "manager not known"  // it could not be found out whether they are the manager
	RefusedUnreadable      Refusal = "cannot be read"     // what is stored of it, or of others for the same user, cannot be decoded
)

// Refusals because of who the request is about.
const (
	RefusedNotFound     Refusal = "no such user"       // or not visible to the bot's user
	RefusedAmbiguous    Refusal = "several users"      // with the same e-mail, and nothing tells which is meant
	RefusedCrowd        Refusal = "too many users"     // with the same e-mail: not all of them were read
	RefusedActiveTwin   Refusal = "active twin"        // to be reactivated, and another user with the same e-mail is active
	RefusedAlreadyOpen  Refusal = "already open"       // another request for the same user
	RefusedInactive     Refusal = "inactive"           // already switched off
	RefusedSelf         Refusal = "bot's own user"     //
	RefusedProtected    Refusal = "protected"          // by WFBOT_PROTECTED
	RefusedAdmin        Refusal = "administrator"      // a Workfront system administrator
	RefusedWorkfront    Refusal = "workfront says no"  // the look-up was refused for good
	RefusedNoApprover   Refusal = "nobody to approve"  // only the manager may, and there is none
	RefusedTooFew       Refusal = "too few to approve" // fewer may approve than have to
	RefusedNoSlackEmail Refusal = "no Slack e-mail"    // a mentioned person has no e-mail in Slack
	RefusedActive       Refusal = "active"             // to be reactivated, and active already
	RefusedNotOurs      Refusal = "not by wfbot"       // to be reactivated, and wfbot did not deactivate them
	RefusedNewUser      Refusal = "awaits approval"    // to be reactivated, and never was active: awaits approval in Workfront
	RefusedNoZone       Refusal = "no time zone"       // Slack does not say which clock the requester lives by
	RefusedNothingHeld  Refusal = "nothing held"       // there are no details to show
)

// Refusals because of where.
const (
	RefusedDirectMessage  Refusal = "direct message"
	RefusedSharedChannel  Refusal = "shared channel"
	RefusedArchived       Refusal = "archived channel"
	RefusedNotInChannel   Refusal = "not in the channel"
	RefusedUnknownChannel Refusal = "unknown channel"
	RefusedCard           Refusal = "card refused" // Slack does not take the card as it is
)

// Refusals because of what was typed.
const (
	RefusedNotAnEmail    Refusal = "not an e-mail"
	RefusedReasonTooLong Refusal = "reason too long"
)

// Refusals because of the people named in a command.
const (
	RefusedNobodyNamed   Refusal = "nobody named"     // in front of the date, or no word at all
	RefusedTooManyPeople Refusal = "too many people"  // more than MaxPeople
	RefusedNamedLate     Refusal = "named too late"   // behind the date or in the reason
	RefusedColumns       Refusal = "unclear columns"  // rows of a sheet that do not say who is meant
	RefusedStatusOfWhom  Refusal = "status of nobody" // or not of one person who can be told
	RefusedCancelOfWhom  Refusal = "cancel of nobody" // the same
	RefusedNothingOpen   Refusal = "nothing open"     // about the person, that somebody may see
)

// Refusals because of the date that was typed or picked.
const (
	RefusedUnclearDate    Refusal = "unclear date"         // several readings, or none
	RefusedUnclearTime    Refusal = "unclear time"         // behind a date: perhaps a time or a zone, but which
	RefusedUnknownZone    Refusal = "unknown time zone"    // of a name that the zone data do not know
	RefusedImpossibleDate Refusal = "no such date"         // nor time, in any calendar
	RefusedSkippedTime    Refusal = "skipped by the clock" // put forward over it in the person's zone
	RefusedPast           Refusal = "in the past"          //
	RefusedTooFarAhead    Refusal = "too far ahead"        // more than a year
	RefusedDateInReason   Refusal = "date in the reason"   // still to come, of what is to happen at once
)
