package card

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/slack-go/slack"

	"wfbot/bot/request"
)

// CallbackRequest is the callback_id of the form that people ask in, and of the
// global shortcut that opens it; ActionRequest is the action id of a button that does.
const (
	CallbackRequest = "request"
	ActionRequest   = "request"
)

// The inputs of the form: the block_id of each and the action id of its element.
const (
	InputPeople  = "people"  // Slack user ids
	InputEmails  = "emails"  // e-mails, as typed
	InputDate    = "date"    // 2026-12-31
	InputTime    = "time"    // 17:00
	InputReason  = "reason"  // as typed
	InputNow     = "now"     // InputNow if the box is ticked
	InputChannel = "channel" // id of the conversation for the card
)

// RequestForm is how the form was opened. It travels with the form and comes back when it
// is submitted: nothing in it is to be trusted before it is judged.
type RequestForm struct {
	Action request.Action `json:"action"`
	Opener string         `json:"opener"`         // Slack user id; only that person may submit the form
	From   string         `json:"from,omitempty"` // conversation where it was opened; empty: none
	// Zone is the opener's time zone as the form names it, and Offset how many
	// seconds east of UTC it was then.
	Zone   string `json:"zone"`
	Offset int    `json:"offset,omitempty"`
}

// View is the modal where people ask for what a slash command would. channelID is
// where the cards go; empty: the form asks for it.
func (f RequestForm) View(channelID string) slack.ModalViewRequest {
	f.Zone = clip(line(f.Zone), 64, width)
	metadata, _ := json.Marshal(f) // texts and a number always marshal
	words := wordsOf(f.Action)
	p := &page{prefix: CallbackRequest}
	p.say("what", words.lookUp+channel(channelID, "the channel below")+". Nothing changes before it is approved.")
	p.inputs(f)
	if channelID == "" {
		menu := slack.NewOptionsSelectBlockElement(slack.OptTypeConversations, plain("Choose a channel"), InputChannel)
		menu.DefaultToCurrentConversation = true
		menu.Filter = &slack.SelectBlockElementFilter{
			Include: []string{"public", "private"}, ExcludeExternalSharedChannels: true, ExcludeBotUsers: true,
		}
		p.add(slack.NewInputBlock(InputChannel, plain("Channel for the request"), plain("I have to be a member of it."), menu))
	}
	return p.modal(CallbackRequest, words.title+" in Workfront", "Ask for approval", "Close", metadata)
}

// inputs adds what the form asks for in every case.
func (p *page) inputs(f RequestForm) {
	words := wordsOf(f.Action)
	add := func(name, label, hint string, element slack.BlockElement) {
		p.add(slack.NewInputBlock(name, plain(label), plain(hint), element).WithOptional(true))
	}
	people := slack.NewOptionsMultiSelectBlockElement(slack.MultiOptTypeUser, plain("Choose people"), InputPeople).
		WithMaxSelectedItems(request.MaxPeople)
	add(InputPeople, "Who, if they are in Slack", "Their Slack e-mail must be the same as in Workfront.", people)

	emails := slack.NewPlainTextInputBlockElement(plain("jane@acme.com"), InputEmails).WithMultiline(true).WithMaxLength(3000)
	add(InputEmails, "Who, by the e-mail of their Workfront account", fmt.Sprintf("One or several, up to %d people in all.", request.MaxPeople), emails)

	add(InputDate, "On which day", "Leave it empty if it should happen on approval.", slack.NewDatePickerBlockElement(InputDate))
	add(InputTime, "At what time", "In your time zone, "+outside(f.Zone, "UTC", 70)+". Without a time: "+words.endOfDay+".",
		slack.NewTimePickerBlockElement(InputTime))

	reason := slack.NewPlainTextInputBlockElement(plain(words.example), InputReason).WithMultiline(true).WithMaxLength(request.MaxReason)
	add(InputReason, "Reason", "Shown on the card.", reason)

	box := slack.NewOptionBlockObject(InputNow, plain("Do it on approval, not on that day"), nil)
	add(InputNow, "If the reason names a future day", "Otherwise pick that day above.", slack.NewCheckboxGroupsBlockElement(InputNow, box))
}

// ParseRequestForm reads the private_metadata of a submitted form. The error says that it
// is not that of a RequestForm.
func ParseRequestForm(privateMetadata string) (RequestForm, error) {
	var f RequestForm
	if err := json.Unmarshal([]byte(privateMetadata), &f); err != nil {
		return RequestForm{}, fmt.Errorf("reading the form's metadata: %w", err)
	}
	if f.Action != request.Deactivate && f.Action != request.Reactivate || f.Opener == "" {
		return RequestForm{}, errors.New("the form's metadata lacks the action or the opener")
	}
	return f, nil
}

// ReadRequestForm understands what was entered in a RequestForm, by the inputs' names, by
// somebody who lives by the clocks of zone: as the command that could have been
// typed instead. problems are sentences for the inputs that are wrong; with any
// of them the command is not to be used. Nothing but what was entered is looked
// at.
func ReadRequestForm(fields map[string]string, zone *time.Location, now time.Time) (c request.Command, problems map[string]string) {
	problems = map[string]string{}
	note := func(input, sentence string) {
		if sentence != "" && problems[input] == "" {
			problems[input] = sentence
		}
	}
	c = request.Command{Verb: request.Ask, Reason: line(fields[InputReason]), Now: fields[InputNow] != ""}
	if utf8.RuneCountInString(c.Reason) > request.MaxReason {
		note(InputReason, "Please shorten this to "+string(count(request.MaxReason))+" characters.")
	}
	var sentence string
	c.People, sentence = readPeople(fields[InputPeople], fields[InputEmails])
	note(InputEmails, sentence)
	c.When = readWhen(fields[InputDate], fields[InputTime])
	switch {
	case fields[InputDate] == "" && fields[InputTime] != "":
		note(InputTime, "Please pick the day as well, or take the time away.")
	case fields[InputDate] != "" && c.Now:
		note(InputNow, "A day is picked above. Please take it away, or do not tick this box.")
	case fields[InputDate] == "" && !c.Now && request.OpensWithDate(c.Reason): // people are used to type it there
		note(InputReason, "This names a day or a time, but none is picked above, so it would happen on approval. "+
			"Please pick it above, tick the box below, or leave it out here.")
	}
	if _, err := c.Due(zone, now); err != nil {
		note(problemOfDate(c, zone, now, err))
	}
	return c, problems
}

// readPeople puts the people that were chosen and typed into one list; nobody is
// in it twice. The sentence says what is wrong with it.
func readPeople(chosen, typed string) (people []request.Mention, sentence string) {
	for id := range strings.FieldsSeq(chosen) {
		if m := (request.Mention{UserID: id}); isID(id) && !slices.Contains(people, m) {
			people = append(people, m)
		}
	}
	if line(typed) != "" {
		named, err := request.ParsePeople(typed)
		var no *request.CommandError
		switch {
		case errors.As(err, &no) && (no.Refusal == request.RefusedNamedLate || no.Refusal == request.RefusedColumns):
			return nil, "I cannot tell what stands beside " + outside(no.Word, "the people", 80) + ". Please write the e-mail addresses alone, one on each line."
		case errors.As(err, &no):
			return nil, "This is not an e-mail address: " + outside(no.Word, "…", 80) + becauseOf(no.Word) + ". Please write nothing else here, such as jane@acme.com."
		}
		people = append(people, named...)
	}
	switch n := len(people); {
	case n == 0:
		return nil, "Please name at least one person, here or above."
	case n > request.MaxPeople:
		return nil, fmt.Sprintf("I take at most %d people at once, and these are %d.", request.MaxPeople, n)
	}
	return people, ""
}

// becauseOf names the character that makes a word no e-mail address, if it is a
// single one.
func becauseOf(word string) string {
	_, err := request.ParseAddress(word)
	if wrong, ok := errors.AsType[*request.AddressError](err); ok && strings.Contains(word, "@") && !strings.Contains(word, " ") {
		return wrong.Because()
	}
	return ""
}

// readWhen reads what the pickers deliver; what they would never deliver becomes a
// date that no calendar has.
func readWhen(date, clock string) (w request.When) {
	if date == "" {
		return w
	}
	day, err := time.Parse(time.DateOnly, date)
	if err != nil {
		return request.When{Year: 1, Month: 2, Day: 30}
	}
	w.Year, w.Month, w.Day = day.Date()
	if clock == "" {
		return w
	}
	w.Timed, w.Hour = true, 24
	if t, err := time.Parse("15:04", clock); err == nil {
		w.Hour, w.Minute = t.Hour(), t.Minute()
	}
	return w
}

// problemOfDate says what is wrong with the time when it is to happen, at the right
// input.
func problemOfDate(c request.Command, zone *time.Location, now time.Time, err error) (input, sentence string) {
	var no *request.CommandError
	if !errors.As(err, &no) {
		return InputDate, "I do not understand this day. Please pick it again."
	}
	// If the day alone would do, it is the time that is wrong.
	day := c.When
	day.Timed, day.Hour, day.Minute = false, 0, 0
	input = InputDate
	if _, err := day.Check(zone, now); err == nil {
		input = InputTime
	}
	switch no.Refusal {
	case request.RefusedDateInReason:
		return InputReason, "This names a future day, " + outside(no.Word, "", 60) + ", but none is picked above. To do it then, please pick it above; to do it on approval, tick the box below."
	case request.RefusedUnclearTime:
		return InputTime, "The reason names a time, " + outside(no.Word, "", 60) + ". Please pick it here, or leave it out there."
	case request.RefusedPast:
		return input, "This is in the past. Please pick a later time, or none if it should happen on approval."
	case request.RefusedTooFarAhead:
		return input, "I wait for a year at most. Please check the year."
	case request.RefusedSkippedTime:
		return input, "Your clocks skip this time when they are put forward. Please pick " + cmp.Or(strings.Join(no.Instead, " or "), "another") + "."
	}
	return input, "There is no such day or time."
}
