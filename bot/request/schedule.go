package request

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// When is a date and perhaps a time of day as a person typed or picked them: what
// a calendar and a clock on their wall show, in no zone yet. The zero value means
// at once. Values are comparable.
type When struct {
	Year  int
	Month time.Month
	Day   int
	// Timed: Hour and Minute were given. Without them the end of the day is meant,
	// 23:59, so that the last day can be worked.
	Timed        bool
	Hour, Minute int
	// Zone is the zone by whose clock this is meant, if a person named one: that of
	// the IANA database, as typed, or UTC, UTC+2, UTC-3:30. See FixedZone. Empty: the
	// zone of whoever asks.
	Zone string
}

// String is the date, and the time and the zone if there are, the way people are asked to
// type it; empty for the zero value.
func (w When) String() string {
	if w == (When{}) {
		return ""
	}
	words := fmt.Sprintf("%04d-%02d-%02d", w.Year, w.Month, w.Day)
	if w.Timed {
		words += fmt.Sprintf(" %02d:%02d", w.Hour, w.Minute)
	}
	if w.Zone != "" {
		words += " " + w.Zone
	}
	return words
}

// In returns the moment that is meant by the clocks of loc, which must not be nil:
// those of w.Zone, or those that whoever asks lives by; the zero time for the zero When.
//
// Where clocks are put back, a time comes twice: the later one is meant, since
// somebody may still work through the first. Where they are put forward, a time
// does not come at all: that is refused as RefusedSkippedTime, with the last
// minute before and the first one after in Instead. A date or time that no
// calendar has is RefusedImpossibleDate. The error is a *CommandError.
func (w When) In(loc *time.Location) (time.Time, error) {
	if w == (When{}) {
		return time.Time{}, nil
	}
	if !w.possible() {
		return time.Time{}, &CommandError{Refusal: RefusedImpossibleDate, Word: w.String()}
	}
	hour, minute := w.Hour, w.Minute
	if !w.Timed {
		hour, minute = 23, 59
	}
	wall := time.Date(w.Year, w.Month, w.Day, hour, minute, 0, 0, time.UTC) // as if the clock showed UTC
	// No clock is further than this from UTC, so only the periods between two
	// changes of the clocks that reach into these days can hold the moment.
	const reach = 36 * time.Hour
	var found, gap time.Time
	for start, end := wall.Add(-reach), wall; !end.IsZero() && start.Before(wall.Add(reach)); start = end {
		here := start.In(loc)
		_, offset := here.Zone()
		_, end = here.ZoneBounds() // zero: for ever
		switch t := wall.Add(-time.Duration(offset) * time.Second); {
		case t.Before(start):
			if gap.IsZero() {
				gap = start
			}
		case end.IsZero() || t.Before(end):
			found = t
		}
	}
	if found.IsZero() {
		before, after := at(gap.Add(-time.Minute).In(loc)), at(gap.In(loc))
		before.Zone, after.Zone = w.Zone, w.Zone
		return time.Time{}, &CommandError{Refusal: RefusedSkippedTime, Word: w.String(), Instead: []string{before.String(), after.String()}}
	}
	return found.In(loc), nil
}

// Check is In for somebody who asks at now: a moment before now is RefusedPast,
// one on a later day than this day next year is RefusedTooFarAhead, since that is
// more likely a slip in the year. The error is a *CommandError.
func (w When) Check(loc *time.Location, now time.Time) (time.Time, error) {
	t, err := w.In(loc)
	if err != nil || t.IsZero() {
		return time.Time{}, err
	}
	if t.Before(now) {
		return time.Time{}, &CommandError{Refusal: RefusedPast, Word: w.String()}
	}
	if year, month, day := now.In(loc).Date(); w.day().After(time.Date(year+1, month, day, 0, 0, 0, 0, time.UTC)) {
		return time.Time{}, &CommandError{Refusal: RefusedTooFarAhead, Word: w.String()}
	}
	return t, nil
}

// at is what the clock of t's zone shows at t.
func at(t time.Time) When {
	return When{Year: t.Year(), Month: t.Month(), Day: t.Day(), Timed: true, Hour: t.Hour(), Minute: t.Minute()}
}

// date is w without a time.
func (w When) date() When { return When{Year: w.Year, Month: w.Month, Day: w.Day} }

// day is the date in UTC, to be compared and reckoned with.
func (w When) day() time.Time { return time.Date(w.Year, w.Month, w.Day, 0, 0, 0, 0, time.UTC) }

func (w When) possible() bool {
	day := w.day()
	return day.Month() == w.Month && day.Day() == w.Day && 0 <= w.Hour && w.Hour < 24 && 0 <= w.Minute && w.Minute < 60
}

// What dates and times look like, as pieces of regular expressions.
const (
	dashes  = `[-\x{2010}-\x{2013}\x{2212}]` // a hyphen, or what word processors make of it
	apart   = `[^\pL\pN]+`                   // between two words
	near    = `[^\pL\pN]*`                   // between words, or nothing
	ends    = `(?:[^\pL\pN]|$)`              // behind a word
	closing = `["'\x60“”‘’„«»)\]]*(?:$|[ ,;!]|[.:](?: |$))`

	numericDate = `(?:(\d{4})` + dashes + `(\d{1,2})` + dashes + `(\d{1,2})|(\d{1,2})\.(\d{1,2})\.(\d{4}))`

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
	leadingNow  = regexp.MustCompile(`(?i)^` + near + `now` + closing)
	leadingDate = regexp.MustCompile(`(?i)^` + near + `(?:on` + near + `)?` + numericDate)
	// leadingMoment is a day or a time, or "on" alone or with a number. The short
	// names of days and months count only behind "on".
	leadingMoment = regexp.MustCompile(`(?i)^` + near + `(?:on(?:` + near + `$|\pN|` + apart + qualifiers +
		`(?:\pN|(?:` + moment + `|mon|tues?|wed|thu(?:rs?)?|fri|sat|sun|(?:\pL+` + apart + `of` + apart + `)?` + monthName + `)` + ends + `))` +
		`|(?:(?:at|by|from|until|till|before|after|effective|starting|as of|as from)` + apart + `)?` + qualifiers + moment + ends + `)`)
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
// since May"; and so is the same day once more: "on 2026-12-31 31/12 contract
// ends". What days it names further on, Command.Due looks for.
func cutWhen(text string) (w When, rest string, no *CommandError) {
	m := leadingDate.FindStringSubmatch(text)
	if m == nil {
		if found := leadingMoment.FindString(text); found != "" {
			no = unclearDate(text, len(strings.TrimRightFunc(found, isMark)))
		}
		return When{}, text, no
	}
	if w = (When{Year: number(m[1]), Month: time.Month(number(m[2])), Day: number(m[3])}); m[1] == "" {
		w = When{Year: number(m[6]), Month: time.Month(number(m[5])), Day: number(m[4])}
	}
	rest, ok := text[len(m[0]):], true
	if !afterDate.MatchString(rest) || w.behindItself(rest) == rest {
		rest, ok = w.cutClock(rest)
	}
	if ok {
		rest = w.cutZone(rest)
	}
	typed := len(text) - len(rest)
	if !ok {
		no = unclearDate(text, typed+1)
		if rest != text[len(m[0]):] { // else it is the date that goes on
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

// cutMoment is cutWhen, but understands the word "now" as well where a date might
// stand: at once is meant, whatever days the reason names. The word is taken off, so
// that "now works elsewhere" leaves "works elsewhere". Now and a date are too much.
func cutMoment(text string) (now bool, w When, rest string, no *CommandError) {
	word := leadingNow.FindString(text)
	if word == "" {
		w, rest, no = cutWhen(text)
		return false, w, rest, no
	}
	if w, rest, no = cutWhen(strings.TrimLeft(text[len(word):], " ,;:.!-–—")); no == nil && w != (When{}) {
		no = &CommandError{Word: w.String()}
	}
	if no != nil {
		return false, When{}, "", &CommandError{Refusal: RefusedUnclearDate, Word: "now " + no.Word}
	}
	return true, When{}, rest, nil
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

// unclearDate refuses text. It quotes the first n bytes, and the rest of the word that
// they end in.
func unclearDate(text string, n int) *CommandError {
	n = min(n, len(text))
	if end := strings.IndexByte(text[n:], ' '); end >= 0 {
		text = text[:n+end]
	}
	return &CommandError{Refusal: RefusedUnclearDate, Word: strings.TrimRight(Plain(text), ",;")}
}

// What stands behind a date is a time, a zone, a reason, or all three in that
// order. Nothing that may be a time or a zone becomes part of the reason: the
// account would be gone at another time than the one that was typed. When in doubt
// it is refused, and the person begins the reason with another word.

const (
	// zoneArea is how the names of the IANA database begin. Etc is not among them, since
	// the signs there are the other way round: it is refused.
	zoneArea = `(?:africa|america|antarctica|arctic|asia|atlantic|australia|europe|indian|pacific|us|canada|brazil|mexico|chile)`
	before   = `^[ ,;(\["'\x60“”‘’„«»]*`
)

var (
	afterDate   = regexp.MustCompile(`^` + closing)
	beforeClock = regexp.MustCompile(`(?i)^[ ,;(@"'\x60“”‘’„«»]*((?:at|um)(?:` + apart + `|$))?`)
	clock       = regexp.MustCompile(`(?i)^(\d{1,2})(?::(\d{2})(?: ?(?:uhr|hrs|hours|h|uur))?)?(?: ?([ap])\.?m\.?)?` + closing)
	zoneName    = regexp.MustCompile(`(?i)` + before + `(` + zoneArea + `(?:/[a-z][a-z_+\-0-9]*)+)` + closing)
	zoneOffset  = regexp.MustCompile(`(?i)` + before + `(?:utc|gmt)(?: ?([+\-\x{2010}-\x{2013}\x{2212}]) ?(\d{1,2})(?::?(\d{2}))?)?` + closing)
	// mayBeClock are days that may be times as well: 10.12
	mayBeClock = regexp.MustCompile(`^(?:[01]?\d|2[0-3])\.[0-5]\d\.?$`)
	// clockWithin is a time that stands somewhere in a reason.
	clockWithin = regexp.MustCompile(`\b(?:\d{1,2}:\d{2}|\d{1,2} ?[ap]\.? ?m|\d{1,2}(?:[.:]\d{2})? ?uhr|\d{1,2} ?h \d{2}|\d{1,2}h\d{2}|\d{1,2} o'clock|noon|midnight|eod|cob|end of day|close of business|in the (?:morning|afternoon|evening)` +
		`|at (?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve))\b`)
)

// cutClock takes the time, if there is one, off the front of what follows the
// date. Where it does not understand that, rest is what it does not understand.
func (w *When) cutClock(text string) (rest string, ok bool) {
	if len(text) > 1 && (text[0] == 'T' || text[0] == 't') && startsWithNumber(text[1:]) {
		text = text[1:]
	} else {
		end := afterDate.FindString(text)
		if end == "" && text != "" {
			return text, false
		}
		text = text[len(end):]
		opening := beforeClock.FindStringSubmatch(text)
		if opening[1] == "" && !startsWithNumber(text[len(opening[0]):]) {
			return text, true
		}
		text = text[len(opening[0]):]
	}
	m := clock.FindStringSubmatch(text)
	if m == nil || m[2] == "" && m[3] == "" {
		return text, false
	}
	w.Timed, w.Hour, w.Minute = true, number(m[1]), number("0"+m[2])
	switch half := strings.ToLower(m[3]); {
	case half == "":
	case w.Hour < 1 || w.Hour > 12:
		w.Hour = -1 // no clock shows that
	case half == "p":
		w.Hour = w.Hour%12 + 12
	default:
		w.Hour %= 12
	}
	return text[len(m[0]):], true
}

// cutZone takes the time zone, if there is one that can be understood, off the
// front of text.
func (w *When) cutZone(text string) (rest string) {
	if m := zoneName.FindStringSubmatch(text); m != nil {
		w.Zone = m[1]
		return text[len(m[0]):]
	}
	if m := zoneOffset.FindStringSubmatch(text); m != nil {
		if zone := fixedZone(m); zone != nil {
			w.Zone = zone.String()
			return text[len(m[0]):]
		}
	}
	return text
}

// FixedZone is the zone of that name if the name says how far it is from UTC, as
// When.Zone may; nil if it is one that only the IANA database knows.
func FixedZone(name string) *time.Location { return fixedZone(zoneOffset.FindStringSubmatch(name)) }

// fixedZone is the zone that m, which may be nil, is a match of zoneOffset for: UTC,
// UTC+2 or UTC-3:30; nil if there is none.
func fixedZone(m []string) *time.Location {
	if m == nil {
		return nil
	}
	hours, minutes, sign := number("0"+m[2]), number("0"+m[3]), 1
	name := fmt.Sprintf("UTC+%d:%02d", hours, minutes)
	if m[1] != "" && m[1] != "+" {
		sign, name = -1, strings.Replace(name, "+", "-", 1)
	}
	east := sign * (60*hours + minutes)
	if minutes >= 60 || east < -12*60 || east > 14*60 {
		return nil
	}
	if name = strings.TrimSuffix(name, ":00"); east == 0 {
		name = "UTC"
	}
	return time.FixedZone(name, 60*east)
}

// Words that a time or a zone is known by, without accents. A word that means something
// else as well is refused all the same, unless it begins many reasons.
var (
	// smallWords may stand in front of a time: they decide nothing by themselves.
	smallWords = wordSet(`in at by the on a an and or to of for from until till til before after between within around about approx approximately circa ca c roughly
		through thru past no not than early late mid this that same say half
		am um gegen ab bis vor nach von zu zum zur der die das dem den des halb viertel kl klo godz
		le la les l au aux vers avant apres dans en du di de d
		el las los al hacia por antes despues alle dalle il verso entro
		om tegen voor na as pelas ao`)
	timeWords = wordSet(`noon midnight midday morning mornings afternoon evening night lunch lunchtime eod cob eob sod bod eow endofday day dawn dusk sunrise sunset overnight
		sharp latest later earlier earliest exactly precisely ish asap whenever sometime anytime o'clock oclock am pm p hrs hours hour h today tonight tomorrow
		mittag mittags mitternacht morgen morgens vormittag vormittags nachmittag nachmittags abend abends nachts nacht fruh feierabend dienstschluss geschaftsschluss buroschluss schichtende dienstende tagesende arbeitsende uhr
		midi minuit matin matinee soir soiree nuit heures heure mediodia medianoche manana tarde noche horas hora
		mezzogiorno mezzanotte mattina mattino sera pomeriggio notte ore ora middag middernacht ochtend avond uur manha noite`)
	hours = wordSet(`one two three four five six seven eight nine ten eleven twelve
		eins zwei drei vier funf sechs sieben acht neun zehn elf zwolf une deux trois quatre cinq sept huit neuf dix onze douze`)
	// durations behind a number make it no time.
	durations = wordSet(`minutes day days week weeks month months year years jahren jahre monaten monate wochen tagen tage ans annees mois semaines jours anos meses semanas dias anni mesi settimane giorni jaar maanden weken dagen`)

	// abbreviations of zones in letters of any size; those that are words elsewhere
	// only in capitals.
	abbreviations = wordSet(`utc gmt pst pdt pt mst mdt cst cdt edt ct ast adt akst akdt hdt ndt bst cet cest mez mesz eet eest msk trt gst pkt npt ict wib sgt myt hkt pht phst
		jst kst awst acst acdt aest aedt aet nzst nzdt nzt brt uyt sast idt zulu ortszeit sommerzeit winterzeit weltzeit`)
	abbreviationWords = wordSet(`EST ET MT MET MEST WET WEST IST ART CLT COT PET CAT EAT WAT WIT HST NST Z`)
	// initials may begin a reason behind a time; other words in capitals may be zones.
	initials = wordSet(`HR IT CEO CFO CTO COO CIO CISO VP QA UX NDA PIP ID MD`)
	// zonePlaces are words that stand for a zone behind a time.
	zonePlaces = wordSet(`local pacific eastern central mountain atlantic
		accra adelaide amsterdam arizona athens atlanta auckland austin bangalore bangkok barcelona beijing bengaluru berlin bern boston brisbane brussel bruxelles brussels bucharest budapest cairo california chennai chicago cologne copenhagen dallas delhi denver dubai dublin
		edinburgh frankfurt geneva geneve genf hamburg helsinki houston hyderabad istanbul jakarta johannesburg koln kyiv kolkata lagos lisboa lisbon london londres luxembourg madrid manila melbourne miami milan milano montreal moscow mumbai munchen munich
		nairobi nyc oslo ottawa paris perth phoenix praha prague pune roma rome seattle seoul shanghai singapore sofia stockholm sydney taipei tallinn texas tokyo toronto utah vancouver vienna vilnius warsaw warszawa washington wellington wien zagreb zurich
		america asia australia austria belgium brazil canada china cuba denmark egypt eire england europe finland france germany greece hawaii iceland india iran ireland israel italy jamaica japan libya mexico navajo netherlands norway
		poland portugal scotland spain sweden switzerland turkey uk usa
		american british english european french german indian japanese`)
	zonePlacesOfTwo = []string{"new york", "hong kong", "los angeles", "san francisco", "sao paulo", "mexico city", "tel aviv", "new delhi", "new zealand", "kuala lumpur", "buenos aires", "cape town", "east coast", "west coast"}
	zoneWords       = wordSet(`time zeit timezone tz`)
	// noZone in front of "time" makes it no zone.
	noZone = wordSet(`part full last first long some any every no of`)
)

var (
	// dayEnds are phrases for a time of the working day.
	dayEnds = regexp.MustCompile(`^(?:(?:end|close|start|beginning|ende|fin|fine|einde|fim) (?:(?:of|the|his|her|their|my|de|des|der|du|la|l|del|della|van|do|da) )*` +
		`(?:day|business|work|workday|play|shift|office|tages|arbeitstages|journee|dia|giornata|dag|jornada)` +
		`|(?:first|last) thing|half past|quarter (?:to|past|after)|next day|following day|any time|meio dia|shift end|after work|(?:office|business|working|opening) hours)\b`)
	// joined are two words with a mark between them that some put for a space.
	joined       = regexp.MustCompile(`(\pL)[-\x{2010}\x{2011}_\\](\pL)`)
	dotted       = regexp.MustCompile(`^(?:\pL\.)+\pL?$`) // E.S.T.
	weekday      = regexp.MustCompile(`^` + weekdays + `$`)
	signedNumber = regexp.MustCompile(`^[^a-z0-9]*[-+] ?\d`)
	// leading is the letters that a word begins with, and what follows them.
	leading   = regexp.MustCompile(`^([a-zA-Z]+)(?:[^a-zA-Z]|$)`)
	capitals  = regexp.MustCompile(`^[A-Z]{2,5}$`)
	areaShape = regexp.MustCompile(`^[A-Z][a-z]+/[A-Z]`)
)

// timeBehind reports how many words that stand behind w are, or go up to, what may
// be a time or a zone; 0: they are a reason.
func (w When) timeBehind(text string) int {
	if number := signedNumber.FindString(fold(text).text); number != "" {
		return len(strings.Fields(number))
	}
	typed := strings.Fields(joined.ReplaceAllString(text, "$1 $2"))
	if len(typed) == 0 {
		return 0
	}
	typed = typed[:min(len(typed), 10)]
	words := make([]string, len(typed), len(typed)+2)
	for i, word := range typed {
		if dotted.MatchString(word) {
			word = strings.ReplaceAll(word, ".", "")
		}
		typed[i] = strings.TrimFunc(word, isMark)
		words[i] = strings.TrimFunc(fold(word).text, isMark)
	}
	n := 0 // words that stand in front of a time
	for n < len(words)-1 && (words[n] == "" || smallWords[words[n]] || weekday.MatchString(words[n])) {
		n++
	}
	words = append(words, "", "")
	switch first, second := words[n], words[n+1]; {
	case timeWords[first], words[0] == "or", w.Timed && zoneWords[words[0]]:
		return n + 1
	case startsWithNumber(first) && (n == 0 || !durations[second]):
		return n + 1
	case hours[first] && (n > 0 && !durations[second] || timeWords[second]):
		return n + 1
	case w.zoneAt(n, typed[n], words):
		return n + 1
	}
	for _, from := range []int{0, n} {
		if phrase := dayEnds.FindString(strings.Join(words[from:], " ")); phrase != "" {
			return from + len(strings.Fields(phrase))
		}
	}
	for i := 1; i < min(4, len(words)); i++ {
		if zoneWords[words[i]] && !noZone[words[i-1]] || words[i-1] == "time" && words[i] == "zone" {
			return i + 1
		}
	}
	return 0
}

// behindItself is a reason without the day that it begins with, if that is the day of
// w once more: "on 2026-12-31 31/12 contract ends", where somebody has put the date in
// front of what they had typed.
func (w When) behindItself(reason string) string {
	const enough = 200 // bytes, for a few words and a day
	day, text := w.date(), fold(reason[:min(len(reason), enough)])
	days := daysIn(text, day)
	if len(days) == 0 || !slices.Contains(days[0].readings, day) || mayBeClock.MatchString(days[0].words) {
		return reason
	}
	for word := range strings.FieldsSeq(text.text[:days[0].from]) {
		if word = strings.TrimFunc(word, isMark); word != "" && !smallWords[word] {
			return reason
		}
	}
	return reason[days[0].end:]
}

// withClock is w with the time that stands behind its day in a reason; w itself if
// there is none, or what may be a zone with it.
func (w When) withClock(behind string) When {
	timed := w
	rest, ok := timed.cutClock(behind)
	if !ok || timed.cutZone(rest) != rest || timed.timeBehind(Plain(rest)) > 0 {
		return w
	}
	return timed
}

// zoneAt reports whether word n, as typed, may be a zone. What is a word of other
// meaning too is one only behind a time of day.
func (w When) zoneAt(n int, typed string, words []string) bool {
	if m := leading.FindStringSubmatch(typed); m != nil {
		name := strings.ToLower(m[1])
		switch {
		case abbreviations[name], abbreviationWords[m[1]], name == "etc" && strings.HasPrefix(typed[3:], "/"):
			return true
		case w.Timed && n == 0 && slices.Contains([]string{"est", "et", "ist"}, name):
			return true
		case w.Timed && n == 0 && capitals.MatchString(m[1]) && (!initials[m[1]] || words[1] == ""):
			return true
		}
	}
	if !w.Timed || n > 0 && !slices.Contains([]string{"", "in", "the", "at", "for", "by"}, words[n-1]) {
		return false
	}
	return areaShape.MatchString(typed) || zonePlaces[words[n]] || slices.Contains(zonePlacesOfTwo, words[n]+" "+words[n+1])
}
