package request

import (
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// What dates and times look like, as pieces of regular expressions.
const (
	dashes  = `[-\x{2010}-\x{2013}\x{2212}]` // a hyphen, or what word processors make of it
	apart   = `[^\pL\pN]+`                   // between two words
	near    = `[^\pL\pN]*`                   // between words, or nothing
	ends    = `(?:[^\pL\pN]|$)`              // behind a word
	closing = `["'\x60“”‘’„«»)\]]*(?:$|[ ,;!]|[.:](?: |$))`

	numericDate = `(?:(\d{4})` + dashes + `(\d{1,2})` + dashes + `(\d{1,2})|(\d{1,2})\.(\d{1,2})\.(\d{4}))`
	clockTime   = `(\d{1,2})(?::(\d{2})(?: ?(?:uhr|hrs|hours|h|uur))?)?(?: ?([ap])\.?m\.?)?`

	monthName = `(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)`
	// moment is what names a day or a time without doubt.
	moment = `(?:(?:mon|tues|wednes|thurs|fri|satur|sun)day|today|tomorrow|tonight` +
		`|\pN{1,4}[./\-\x{2010}-\x{2013}]\pN{1,2}[./\-\x{2010}-\x{2013}]\pN{1,4}|20\pN{6}` + // any order of year, month and day
		`|\pN{1,2}:\pN{2}|\pN{1,2} ?[ap]\.?m` +
		`|\pN{1,2}(?:st|nd|rd|th)?` + near + `(?:of` + apart + `)?` + monthName + `|` + monthName + near + `\pN{1,4}(?:st|nd|rd|th)?` +
		`|(?:this|next|coming)` + apart + `(?:week|month|quarter|year)` +
		`|in` + apart + `(?:\pN+|an?|one|two|three|four|five|six)` + apart + `(?:minute|hour|day|week|month|year)s?` +
		`|end` + apart + `of` + apart + `(?:the` + apart + `)?(?:day|week|month|quarter|year|` + monthName + `)|eod|cob|eom)`
	qualifiers = `(?:(?:the|this|next|coming|last)` + apart + `)*?`
)

var (
	dateOpening = regexp.MustCompile(`(?i)^[^\pL\pN]*(on[^\pL\pN]*)?`)
	leadingNow  = regexp.MustCompile(`(?i)^[^\pL\pN]*now` + closing)
	leadingDate = regexp.MustCompile(`^` + numericDate)
	// onADay: "on" alone, or on a day that is not in numbers. The short names of
	// days and months count only here.
	onADay = regexp.MustCompile(`(?i)^[^\pL\pN]*on(?:[^\pL\pN]*$|` + apart + qualifiers +
		`(?:\pN|(?:` + moment + `|mon|tues?|wed|thu(?:rs?)?|fri|sat|sun|(?:\pL+` + apart + `of` + apart + `)?` + monthName + `)` + ends + `))`)
	opensWithMoment = regexp.MustCompile(`(?i)^[^\pL\pN]*(?:(?:at|by|from|until|till|before|after|effective|starting|as of|as from)` + apart + `)?` + qualifiers + moment + ends)
)

// cutWhen takes the date and time off the front of what follows the people; no
// date is the zero When and the text as it is. rest still has Slack's escapes. It
// takes 2026-12-31 and 31.12.2026, with or without "on", and behind them 17:00,
// 5pm or 5:30 p.m., with or without "at", and behind that Europe/Berlin or UTC+2.
//
// The line between a date and a reason: a text that opens with a day or a time in
// any other form ("on 12/31/2026", "on Friday", "tomorrow", "by 31 December", "at
// 5pm", "in 2 weeks") or with "on" and any number is refused as unclear and never
// taken for a reason, since then the user would be switched off at once. So is a
// date with something behind it that may be a time or a zone: see timeBehind. Any
// other text is a reason, even with "on" in front: "on parental leave", "on leave
// since May"; and so is the same day once more: "on 2026-12-31 31/12 contract ends". What days it names further on, Command.Due looks for.
func cutWhen(text string) (w When, rest string, no *CommandError) {
	head := dateOpening.FindStringSubmatch(text)
	body := text[len(head[0]):]
	m := leadingDate.FindStringSubmatch(body)
	if m == nil {
		return When{}, text, opensUnclearly(text, head)
	}
	w = dateOf(m)
	rest, ok := body[len(m[0]):], true
	if !afterDate.MatchString(rest) || w.behindItself(rest) == rest {
		rest, ok = w.cutClock(rest)
	}
	if ok {
		rest = w.cutZone(rest)
	}
	typed := len(text) - len(rest)
	if !ok {
		no = unclearDate(text, typed+1)
		if rest != body[len(m[0]):] { // else it is the date that goes on
			no.Refusal = RefusedUnclearTime
		}
		return When{}, "", no
	}
	behind := Plain(rest)
	again := w.behindItself(behind)
	if n := w.timeBehind(again); n > 0 {
		words := strings.Fields(behind)
		n += len(words) - len(strings.Fields(again))
		quoted := Plain(text[:typed]) + " " + strings.Join(words[:min(n, len(words))], " ")
		return When{}, "", &CommandError{Refusal: RefusedUnclearTime, Word: strings.TrimRight(quoted, ",;")}
	}
	if !w.possible() {
		return When{}, "", &CommandError{Refusal: RefusedImpossibleDate, Word: Plain(text[:typed])}
	}
	return w, strings.TrimLeft(rest, " ,;:.!-–—"), nil
}

// opensUnclearly refuses a text that opens with a day or a time, but no date that is
// understood. head is its match of dateOpening.
func opensUnclearly(text string, head []string) *CommandError {
	for _, unclear := range []*regexp.Regexp{onADay, opensWithMoment} {
		if found := unclear.FindString(text); found != "" {
			return unclearDate(text, len(strings.TrimRightFunc(found, isMark)))
		}
	}
	if head[1] != "" && startsWithNumber(text[len(head[0]):]) { // "on2026", which onADay does not see
		return unclearDate(text, len(head[0])+1)
	}
	return nil
}

// cutMoment is cutWhen, but understands the word "now" as well where a date might
// stand: at once is meant, whatever days the reason names. The word is taken off, so
// that "now works elsewhere" leaves "works elsewhere". Now and a date are too much.
func cutMoment(text string) (now bool, w When, rest string, no *CommandError) {
	word := leadingNow.FindString(text)
	if word == "" {
		w, rest, no = cutWhen(text)
		return false, w, rest, no
	}
	w, rest, no = cutWhen(strings.TrimLeft(text[len(word):], " ,;:.!-–—"))
	switch {
	case no != nil:
		return false, When{}, "", &CommandError{Refusal: RefusedUnclearDate, Word: "now " + no.Word}
	case w != When{}:
		return false, When{}, "", &CommandError{Refusal: RefusedUnclearDate, Word: "now " + w.String()}
	}
	return true, When{}, rest, nil
}

// Due is Check for the whole command: when it is to be carried out, or the zero
// time for at once. loc is the zone of the person who asks, or that of c.When, if
// it has one. What is to happen at once must not have a reason that names a day
// still to come (RefusedDateInReason), unless the person has said now: more likely
// that day was meant, and the account would be gone too early. How such a day can
// be typed is in Instead, once for each reading; nothing if it is too far ahead. Nor
// must a date without a time have a reason that names one (RefusedUnclearTime): it
// would wait for the end of the day.
func (c Command) Due(loc *time.Location, now time.Time) (time.Time, error) {
	if word := timeIn(fold(c.Reason)); word != "" && c.When != (When{}) && !c.When.Timed {
		return time.Time{}, &CommandError{Refusal: RefusedUnclearTime, Word: word}
	}
	if c.When != (When{}) {
		return c.When.Check(loc, now)
	}
	if c.Now {
		return time.Time{}, nil
	}
	today := dateAt(now.In(loc))
	named := ahead(daysIn(fold(c.Reason), today), today)
	if named == nil {
		return time.Time{}, nil
	}
	no := &CommandError{Refusal: RefusedDateInReason, Word: named.words}
	for _, w := range named.readings {
		if timed := w.withClock(c.Reason[named.end:]); timed.passes(loc, now) {
			w = timed
		}
		if w.passes(loc, now) {
			no.Instead = append(no.Instead, w.String())
		}
	}
	return time.Time{}, no
}

func (w When) passes(loc *time.Location, now time.Time) bool {
	_, err := w.Check(loc, now)
	return err == nil
}

// dateOf reads a match of numericDate.
func dateOf(m []string) When {
	if m[1] != "" {
		return When{Year: number(m[1]), Month: time.Month(number(m[2])), Day: number(m[3])}
	}
	return When{Year: number(m[6]), Month: time.Month(number(m[5])), Day: number(m[4])}
}

// setClock reads a match of clockTime; a time that no clock shows becomes one
// that is not possible.
func (w *When) setClock(m []string) {
	w.Timed, w.Hour, w.Minute = true, number(m[1]), number("0"+m[2])
	if m[3] == "" {
		return
	}
	if w.Hour < 1 || w.Hour > 12 {
		w.Hour = -1
		return
	}
	w.Hour %= 12
	if strings.EqualFold(m[3], "p") {
		w.Hour += 12
	}
}

// number reads what a regular expression has found to be a few digits.
func number(digits string) int {
	n, _ := strconv.Atoi(digits)
	return n
}

func startsWithNumber(text string) bool {
	r, _ := utf8.DecodeRuneInString(text)
	return unicode.IsNumber(r)
}

func isMark(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsNumber(r) }

// unclearDate refuses text, of which it quotes the first n bytes and what is left
// of the word that they end in.
func unclearDate(text string, n int) *CommandError {
	n = min(n, len(text))
	if end := strings.IndexByte(text[n:], ' '); end >= 0 {
		text = text[:n+end]
	}
	return &CommandError{Refusal: RefusedUnclearDate, Word: strings.TrimRight(Plain(text), ",;")}
}
