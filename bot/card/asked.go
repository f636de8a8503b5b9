package card

import (
	"errors"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"wfbot/bot/request"
)

// ReadAsk understands what was entered in an AskForm, by the inputs' names, by
// somebody who lives by the clocks of zone: as the command that could have been
// typed instead. problems are sentences for the inputs that are wrong; with any
// of them the command is not to be used. Nothing but what was entered is looked
// at.
func ReadAsk(fields map[string]string, zone *time.Location, now time.Time) (c request.Command, problems map[string]string) {
	problems = map[string]string{}
	note := func(input, sentence string) {
		if sentence != "" && problems[input] == "" {
			problems[input] = sentence
		}
	}
	c = request.Command{Verb: request.Ask, Reason: line(fields[AskReason]), Now: fields[AskNow] != ""}
	if utf8.RuneCountInString(c.Reason) > request.MaxReason {
		note(AskReason, "Please shorten this to "+string(count(request.MaxReason))+" characters.")
	}
	var sentence string
	c.People, sentence = readPeople(fields[AskPeople], fields[AskEmails])
	note(AskEmails, sentence)
	c.When = readWhen(fields[AskDate], fields[AskTime])
	switch {
	case fields[AskDate] == "" && fields[AskTime] != "":
		note(AskTime, "Please pick the day as well, or take the time away.")
	case fields[AskDate] != "" && c.Now:
		note(AskNow, "A day is picked above. Please take it away, or do not tick this box.")
	case fields[AskDate] == "" && !c.Now && opensWithDate(c.Reason):
		note(AskReason, dateInReason)
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
			return nil, notAnEmail(no.Word)
		}
		people = append(people, named...)
	}
	switch n := len(people); {
	case n == 0:
		return nil, "Please name at least one person, here or above."
	case n > request.MaxPeople:
		return nil, tooMany(string(count(n)))
	}
	return people, ""
}

func notAnEmail(word string) string {
	return "This is not an e-mail address: " + outside(word, "…", 80) + becauseOf(word) + ". Please write nothing else here, such as jane@acme.com."
}

// becauseOf names the character that makes a word no e-mail address, if it is a
// single one.
func becauseOf(word string) string {
	var wrong *request.AddressError
	if _, err := request.ParseAddress(word); !errors.As(err, &wrong) || wrong.Wrong == 0 || !strings.Contains(word, "@") || strings.Contains(word, " ") {
		return ""
	}
	return ", because of " + request.Character(wrong.Wrong)
}

func tooMany(n string) string {
	return "I take at most " + string(count(request.MaxPeople)) + " people at once, and these are " + outside(n, "more", 20) + "."
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

const dateInReason = "This names a day or a time, but none is picked above, so it would happen right after the approval. Please pick it above, tick the box below, or leave it out here."

// opensWithDate reports whether a command with that reason would have a date, or
// be refused because of it: people are used to type it there.
func opensWithDate(reason string) bool { return request.OpensWithDate(reason) }

// problemOfDate says at which input what is wrong with when it is to happen.
func problemOfDate(c request.Command, zone *time.Location, now time.Time, err error) (input, sentence string) {
	var no *request.CommandError
	if !errors.As(err, &no) {
		return AskDate, "I do not understand this."
	}
	// If the day alone would do, it is the time that is wrong.
	day := c.When
	day.Timed, day.Hour, day.Minute = false, 0, 0
	input = AskDate
	if _, err := day.Check(zone, now); err == nil {
		input = AskTime
	}
	switch no.Refusal {
	case request.RefusedDateInReason:
		return AskReason, "This names a day to come, " + outside(no.Word, "", 60) + ", but none is picked above. To do it then, please pick it above; to do it on approval, tick the box below."
	case request.RefusedUnclearTime:
		return AskTime, "The reason names a time, " + outside(no.Word, "", 60) + ". Please pick it here, or leave it out there."
	case request.RefusedPast:
		return input, "This is over already. Please pick a time to come, or none if it is to happen right after the approval."
	case request.RefusedTooFarAhead:
		return input, "I wait for a year at most. Please check the year."
	case request.RefusedSkippedTime:
		if len(no.Instead) == 2 {
			return input, "Your clocks skip this time when they are put forward. Please pick " + no.Instead[0] + " or " + no.Instead[1] + "."
		}
		return input, "Your clocks skip this time when they are put forward. Please pick another."
	}
	return input, "There is no such day or time."
}
