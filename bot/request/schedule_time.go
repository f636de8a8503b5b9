package request

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
)

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
	clock       = regexp.MustCompile(`(?i)^` + clockTime + closing)
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
	w.setClock(m)
	return text[len(m[0]):], true
}

// cutZone takes the time zone, if there is one that can be understood, off the
// front of text.
func (w *When) cutZone(text string) (rest string) {
	if m := zoneName.FindStringSubmatch(text); m != nil {
		w.Zone = m[1]
		return text[len(m[0]):]
	}
	m := zoneOffset.FindStringSubmatch(text)
	if m == nil {
		return text
	}
	minutes, ok := offset(m)
	if !ok {
		return text
	}
	w.Zone = offsetName(minutes)
	return text[len(m[0]):]
}

// offset is how many minutes a match of zoneOffset is east of UTC, and whether there
// is such a zone.
func offset(m []string) (minutes int, ok bool) {
	minutes = 60*number("0"+m[2]) + number("0"+m[3])
	if m[1] != "" && m[1] != "+" {
		minutes = -minutes
	}
	return minutes, number("0"+m[3]) < 60 && -12*60 <= minutes && minutes <= 14*60
}

// offsetName is UTC, UTC+2 or UTC-3:30.
func offsetName(minutes int) string {
	sign := '+'
	if minutes < 0 {
		sign, minutes = '-', -minutes
	}
	switch {
	case minutes == 0:
		return "UTC"
	case minutes%60 == 0:
		return fmt.Sprintf("UTC%c%d", sign, minutes/60)
	}
	return fmt.Sprintf("UTC%c%d:%02d", sign, minutes/60, minutes%60)
}

// FixedZone is the zone of that name if the name says how far it is from UTC, as
// When.Zone may; nil if it is one that only the IANA database knows.
func FixedZone(name string) *time.Location {
	m := zoneOffset.FindStringSubmatch(name)
	if m == nil {
		return nil
	}
	minutes, ok := offset(m)
	if !ok {
		return nil
	}
	return time.FixedZone(offsetName(minutes), 60*minutes)
}

// Words by which a time or a zone is known, without accents. A word that means
// something else as well is refused all the same, unless it begins many reasons.
var (
	// smallWords may stand in front of a time: they decide nothing by themselves.
	smallWords = strings.Fields(`in at by the on a an and or to of for from until till til before after between within around about approx approximately circa ca c roughly
		through thru past no not than early late mid this that same say half
		am um gegen ab bis vor nach von zu zum zur der die das dem den des halb viertel kl klo godz
		le la les l au aux vers avant apres dans en du di de d
		el las los al hacia por antes despues alle dalle il verso entro
		om tegen voor na as pelas ao`)
	timeWords = strings.Fields(`noon midnight midday morning mornings afternoon evening night lunch lunchtime eod cob eob sod bod eow endofday day dawn dusk sunrise sunset overnight
		sharp latest later earlier earliest exactly precisely ish asap whenever sometime anytime o'clock oclock am pm p hrs hours hour h today tonight tomorrow
		mittag mittags mitternacht morgen morgens vormittag vormittags nachmittag nachmittags abend abends nachts nacht fruh feierabend dienstschluss geschaftsschluss buroschluss schichtende dienstende tagesende arbeitsende uhr
		midi minuit matin matinee soir soiree nuit heures heure mediodia medianoche manana tarde noche horas hora
		mezzogiorno mezzanotte mattina mattino sera pomeriggio notte ore ora middag middernacht ochtend avond uur manha noite`)
	hours = strings.Fields(`one two three four five six seven eight nine ten eleven twelve
		eins zwei drei vier funf sechs sieben acht neun zehn elf zwolf une deux trois quatre cinq sept huit neuf dix onze douze`)
	// durations behind a number make it no time.
	durations = strings.Fields(`minutes day days week weeks month months year years jahren jahre monaten monate wochen tagen tage ans annees mois semaines jours anos meses semanas dias anni mesi settimane giorni jaar maanden weken dagen`)

	// abbreviations of zones in letters of any size; those that are words elsewhere
	// only in capitals.
	abbreviations = strings.Fields(`utc gmt pst pdt pt mst mdt cst cdt edt ct ast adt akst akdt hdt ndt bst cet cest mez mesz eet eest msk trt gst pkt npt ict wib sgt myt hkt pht phst
		jst kst awst acst acdt aest aedt aet nzst nzdt nzt brt uyt sast idt zulu ortszeit sommerzeit winterzeit weltzeit`)
	abbreviationWords = strings.Fields(`EST ET MT MET MEST WET WEST IST ART CLT COT PET CAT EAT WAT WIT HST NST Z`)
	// initials may begin a reason behind a time; other words in capitals may be zones.
	initials = strings.Fields(`HR IT CEO CFO CTO COO CIO CISO VP QA UX NDA PIP ID MD`)
	// zonePlaces are words that stand for a zone behind a time.
	zonePlaces = strings.Fields(`local pacific eastern central mountain atlantic
		accra adelaide amsterdam arizona athens atlanta auckland austin bangalore bangkok barcelona beijing bengaluru berlin bern boston brisbane brussel bruxelles brussels bucharest budapest cairo california chennai chicago cologne copenhagen dallas delhi denver dubai dublin
		edinburgh frankfurt geneva geneve genf hamburg helsinki houston hyderabad istanbul jakarta johannesburg koln kyiv kolkata lagos lisboa lisbon london londres luxembourg madrid manila melbourne miami milan milano montreal moscow mumbai munchen munich
		nairobi nyc oslo ottawa paris perth phoenix praha prague pune roma rome seattle seoul shanghai singapore sofia stockholm sydney taipei tallinn texas tokyo toronto utah vancouver vienna vilnius warsaw warszawa washington wellington wien zagreb zurich
		america asia australia austria belgium brazil canada china cuba denmark egypt eire england europe finland france germany greece hawaii iceland india iran ireland israel italy jamaica japan libya mexico navajo netherlands norway
		poland portugal scotland spain sweden switzerland turkey uk usa
		american british english european french german indian japanese`)
	zonePlacesOfTwo = []string{"new york", "hong kong", "los angeles", "san francisco", "sao paulo", "mexico city", "tel aviv", "new delhi", "new zealand", "kuala lumpur", "buenos aires", "cape town", "east coast", "west coast"}
	zoneWords       = strings.Fields(`time zeit timezone tz`)
	// noZone in front of "time" makes it no zone.
	noZone = strings.Fields(`part full last first long some any every no of`)
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
	for n < len(words)-1 && (words[n] == "" || slices.Contains(smallWords, words[n]) || weekday.MatchString(words[n])) {
		n++
	}
	words = append(words, "", "")
	switch first, second := words[n], words[n+1]; {
	case slices.Contains(timeWords, first), words[0] == "or", w.Timed && slices.Contains(zoneWords, words[0]):
		return n + 1
	case startsWithNumber(first) && (n == 0 || !slices.Contains(durations, second)):
		return n + 1
	case slices.Contains(hours, first) && (n > 0 && !slices.Contains(durations, second) || slices.Contains(timeWords, second)):
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
		if slices.Contains(zoneWords, words[i]) && !slices.Contains(noZone, words[i-1]) || words[i-1] == "time" && words[i] == "zone" {
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
	day := When{Year: w.Year, Month: w.Month, Day: w.Day}
	text := fold(reason[:min(len(reason), enough)])
	days := daysIn(text, day)
	if len(days) == 0 || !slices.Contains(days[0].readings, day) || mayBeClock.MatchString(days[0].words) {
		return reason
	}
	for word := range strings.FieldsSeq(text.text[:days[0].from]) {
		if word = strings.TrimFunc(word, isMark); word != "" && !slices.Contains(smallWords, word) {
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

// timeIn is the first time of day that text names, as typed; empty: none.
func timeIn(text folded) string {
	if at := clockWithin.FindStringIndex(text.text); at != nil {
		return text.quote(at[0], at[1])
	}
	return ""
}

// zoneAt reports whether word n, as typed, may be a zone. What is a word of other
// meaning too is one only behind a time of day.
func (w When) zoneAt(n int, typed string, words []string) bool {
	if m := leading.FindStringSubmatch(typed); m != nil {
		name := strings.ToLower(m[1])
		switch {
		case slices.Contains(abbreviations, name), slices.Contains(abbreviationWords, m[1]), name == "etc" && strings.HasPrefix(typed[3:], "/"):
			return true
		case w.Timed && n == 0 && slices.Contains([]string{"est", "et", "ist"}, name):
			return true
		case w.Timed && n == 0 && capitals.MatchString(m[1]) && (!slices.Contains(initials, m[1]) || words[1] == ""):
			return true
		}
	}
	if !w.Timed || n > 0 && !slices.Contains([]string{"", "in", "the", "at", "for", "by"}, words[n-1]) {
		return false
	}
	return areaShape.MatchString(typed) || slices.Contains(zonePlaces, words[n]) || slices.Contains(zonePlacesOfTwo, words[n]+" "+words[n+1])
}
