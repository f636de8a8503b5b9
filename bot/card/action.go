package card

import "wfbot/bot/request"

// The slash commands: what asks for a deactivation and for a reactivation.
const (
	Command     = "/wf-deactivate"
	CommandBack = "/wf-reactivate"
)

// ActionOf is what a slash command asks for, or "" if it is not one of ours.
func ActionOf(command string) request.Action {
	switch command {
	case Command:
		return request.Deactivate
	case CommandBack:
		return request.Reactivate
	}
	return ""
}

// actionWords are what differs between the actions.
type actionWords struct {
	command  string // the slash command that asks for it
	reason   markup // one that could be typed behind it
	verb     markup // what it does to somebody
	title    string // the same at the beginning of a line
	opposite markup // what somebody is when it has been undone
	already  markup // what somebody was who needed no change
	stayed   markup // the same behind a name
	becomes  string // what becomes of somebody, behind their e-mail
	undone   markup // what Workfront leaves to people
	admin    markup // what to think of where it is an administrator

	// In the request form.
	lookUp   markup // what happens then; the channel follows
	endOfDay string // when it happens if no time is picked
	example  string // of a reason
}

var deactivateWords = actionWords{
	command: Command, reason: "left the company", verb: "deactivate", title: "Deactivate",
	opposite: "active", already: "was already inactive", stayed: "was inactive already",
	becomes:  "inactive in Workfront",
	undone:   "remove the product profile in the Adobe Admin Console.",
	admin:    "Make sure that somebody else can administer Workfront before this account is switched off.",
	lookUp:   "I look them up in Workfront and ask for approval in ",
	endOfDay: "23:59, so that they can work that day", example: "left the company",
}

var reactivateWords = actionWords{
	command: CommandBack, reason: "is back", verb: "reactivate", title: "Reactivate",
	opposite: "inactive", already: "was already active", stayed: "was active already",
	becomes:  "active again in Workfront",
	undone:   "check their access level, proof role and proof licence. Work that was reassigned stays where it is.",
	admin:    "They will be able to administer Workfront again.",
	lookUp:   "I look them up in Workfront and ask for approval to bring them back, in ",
	endOfDay: "23:59", example: "is back from leave",
}

// wordsOf are those of a deactivation for whatever is no reactivation.
func wordsOf(a request.Action) actionWords {
	if a == request.Reactivate {
		return reactivateWords
	}
	return deactivateWords
}

// done is what somebody is afterwards: deactivated.
func (w actionWords) done() markup { return w.verb + "d" }

// toDo is what r asks for, for the middle of a sentence: deactivate Jane Doe.
func toDo(r *request.Request) markup { return wordsOf(r.Action).verb + " " + person(r) }

// again is what to type when r, nil if not known, is over and still wanted.
func again(r *request.Request) markup {
	command := Command
	if r != nil {
		command = wordsOf(r.Action).command
	}
	return "`" + markup(command) + "` again"
}
