package request

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
)

// A day that a reason names is more likely the day that is meant than one on which
// something else happens: the account would be gone too early. So every usual way to
// write a day is looked for, in the languages of months. A day that can be read in
// several ways counts in each of them; one without a year is the nearest such day,
// before or behind today.

// months are the names of the months without accents, in English, German, French,
// Spanish, Italian, Dutch, Portuguese and the languages of Scandinavia, in full and
// as they are cut short.
var months = func() map[string]time.Month {
	names := map[string]time.Month{}
	for i, month := range []string{
		"january jan januar jaenner janner janvier janv enero ene gennaio gen januari janeiro",
		"february feb februar feber fevrier fevr fev febrero febbraio februari fevereiro",
		"march mar maerz marz mrz mars marzo maart mrt marco marts",
		"april apr avril avr abril abr aprile",
		"may mai mayo maggio mag mei maio maj",
		"june jun juni juin junio giugno giu junho",
		"july jul juli juillet juil julio luglio lug julho",
		"august aug aout agosto ago augustus augusti",
		"september sep sept septembre septiembre setiembre settembre set setembro",
		"october oct oktober okt octobre octubre ottobre ott outubro out",
		"november nov novembre noviembre novembro",
		"december dec dezember dez decembre diciembre dic dicembre dezembro desember des",
	} {
		for name := range strings.FieldsSeq(month) {
			names[name] = time.Month(i + 1)
		}
	}
	return names
}()

// doubtfulMonths mean other things as well: they are months only with a year in full
// or a "de".
var doubtfulMonths = []string{"set", "out", "ago", "gen", "mag", "lug", "des", "mar"}

var ordinals = strings.Fields("first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth " +
	"fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth twentieth twenty-first twenty-second twenty-third " +
	"twenty-fourth twenty-fifth twenty-sixth twenty-seventh twenty-eighth twenty-ninth thirtieth thirty-first")

// Pieces of the expressions below, for folded text.
var (
	monthsPiece = alternatives(months)
	spelled     = strings.ReplaceAll(strings.Join(ordinals, "|"), "-", "[- ]")
	gap         = `[^a-z0-9]{0,3}` // between the parts of a date
	split       = `(?: ?[-./_] ?| )`
	ordinal     = `(?:st|nd|rd|th|er|ere|re|eme|ter|ten|te|ste|de|e|o|a|ª|º|°)?`
	filler      = `((?:(?:day|of|the|de|del|di|do|den|der|d)[^a-z0-9]+)*)`
	shortYear   = `(\d{4}\b|'?\d{2}\b)`
	// asks is what stands in front of a day, so that two numbers are one.
	asks = `\b(?:on|by|until|till?|before|after|from|effective|starting|as of|due|through|thru|up to|lea(?:ves?|ver|ving)(?: company)?|end(?:s|ing)|expir(?:es|ing)|lwd|w/?[ec]|exit|depart(?:s|ing|ure)|resign(?:s|ation)|retire(?:s|ment)|finish(?:es|ing)|separation` +
		`|terminat(?:es|ion)|offboard(?:ing)?|final day|contract|mon|tues?|wed|thu(?:rs)?|fri|sat|sun|` + weekdays +
		`|last (?:working |work )?day(?: is| was| will be)?|date(?: is)?|[a-z]*datum(?: ist)?` +
		`|am|bis|zum|ab|vom|per|den|der|[a-z]*ende|endet|letzter (?:arbeits)?tag|austritt|kundigung|mo|di|mi|fr|sa` +
		`|le|au|du|jusqu'au|des|dernier jour|sortie|depart|contrat` +
		`|el|al|hasta|del|desde|dia|fecha|termina|ultimo dia|baja|salida|contrato` +
		`|il|dal|entro|ultimo giorno|data|contratto|dienst|op|tot|vanaf|laatste (?:werk)?dag|em|ate|no dia|saida)` +
		filling
	filling = `[^a-z0-9]+(?:(?:the|den|dem|zum|el|il|al|o|dia|is)[^a-z0-9]+)?`
	// asksDate is what stands in front of a day of a month, but also of other numbers.
	asksDate = `\b(?:(?:later|earlier|sooner) than|at (?:the )?latest|latest|spatestens|plus tard|including|inclusive|about|around|w\.?e\.?f\.?|eff|as (?:at|from)` +
		`|last (?:working |work )?day (?:of|in|at) [a-z ]{1,20}?(?: is)?|(?:last|final) (?:working |work )?(?:day|date|shift)|term(?:ed|ing|inating|inated)?|gone|going|goes|out|quit(?:s|ting)?|resign(?:ing|ed)|retir(?:ing|ed)|separat(?:es|ing|ed)` +
		`|notice|expiry|expiration|end|over|ended|lea(?:ves?|ving) (?:us|the company|work|here)|left|exits|moves` +
		`|geht|verlasst uns|rente|[a-z]*eintritt|letzter|fin|fine|baja|dernier jour [a-z]+|sista dag(?:en)?|siste dag|sidste dag|ostatni dzien|posledni den)` + filling
)

// A shape is one way to write a day. Its first group is the day itself; where the
// month is in words, its last is the year.
type shape struct {
	pattern *regexp.Regexp
	read    func(part []string, today When) []When
	lacks   lack
}

// lack is what a shape never names.
type lack int

const (
	nothing lack = iota
	theYear
	theMonth // nor the year
)

// The last two need no digits.
var shapes = []shape{
	{regexp.MustCompile(`\b(((?:19|20|21)\d{2})` + split + `(\d{1,2})` + split + `(\d{1,2})(?:t\d{1,2}:\d{2}|\b))`), yearFirst, nothing},
	{regexp.MustCompile(`((\d{4})年 ?(\d{1,2})月 ?(\d{1,2})日)`), yearFirst, nothing},
	{regexp.MustCompile(`\b((\d{1,2}) ?[-./_,|\\] ?(\d{1,2}) ?[-./_,|\\] ?(\d{4}|'?\d{2})(?:t\d{1,2}:\d{2}|\b))`), yearLast, nothing},
	{regexp.MustCompile(`\b((\d{1,2}) (\d{1,2}) (20\d{2})\b)`), yearLast, nothing},
	{regexp.MustCompile(asks + `((\d{1,2}) (\d{1,2}) (\d{2})\b)`), yearLast, nothing},
	{regexp.MustCompile(`\b(\d{8}\b)`), eightDigits, nothing},
	{regexp.MustCompile(asks + `((\d{1,2}) ?[-./] ?(\d{1,2})\b\.?)`), noYear, theYear},
	{regexp.MustCompile(asksDate + `((\d{1,2}) ?[-./] ?(\d{1,2})\b\.?)`), noYear, theYear},
	{regexp.MustCompile(`^[^a-z0-9]*((\d{1,2}) ?[-./] ?(\d{1,2})\b\.?)`), inPlaceOfADate, theYear},
	{regexp.MustCompile(`((\d{1,2})月 ?(\d{1,2})日)`), noYear, theYear},
	{regexp.MustCompile(`\b((\d{1,2})` + ordinal + `\.?` + gap + filler + `(` + monthsPiece + `)\b(?:\.?` + gap + `(?:(?:of|de|del|d)[^a-z0-9]+)?` + shortYear + `)?)`), monthInWords, nothing},
	{regexp.MustCompile(`\b((\d{1,2})` + ordinal + gap + `()(` + monthsPiece + `)` + shortYear + `)`), monthInWords, nothing},
	{regexp.MustCompile(`\b((\d{4})` + gap + `(` + monthsPiece + `)` + gap + `(\d{1,2})` + ordinal + `\b)`), yearAndWord, nothing},
	{regexp.MustCompile(asks + `((\d{1,2})(?:st|nd|rd|th|er|º|\.)?)[^a-z0-9]*$`), dayAlone, theMonth},
	{regexp.MustCompile(asks + `((\d{1,2})(?:st|nd|rd|th))[^a-z0-9 ]`), dayAlone, theMonth},
	{regexp.MustCompile(`\b(?:last (?:working |work )?day|lwd|leav(?:es|ing)|` + weekdays + `)[^a-z0-9]+(?:(?:is|will|be|on|the)[^a-z0-9]+)*((\d{1,2})(?:st|nd|rd|th))\b`), dayAlone, theMonth},
	{regexp.MustCompile(`\b((` + spelled + `|ersten?r?|premier|primero|primo|primeiro|eerste)[^a-z0-9]+((?:(?:day|of|the|de|di)[^a-z0-9]+)*)(` + monthsPiece + `)\b(?:` + gap + shortYear + `)?)`), monthInWords, nothing},
	{regexp.MustCompile(`\b((` + monthsPiece + `)\.?` + gap + `(the[^a-z0-9]+)?(?:(\d{1,2})` + ordinal + `|(` + spelled + `))\b(?:` + gap + shortYear + `)?)`), monthFirst, nothing},
}

// namedDay is a day that a text names.
type namedDay struct {
	words    string // as typed
	from, to int    // where, in the folded text
	end      int    // where it ends, as typed
	readings []When
	nearest  bool // no year is named: the readings are the nearest such days
}

// daysIn finds the days that text names for somebody who types it today, in their
// order. Each can be read in at least one way.
func daysIn(text folded, today When) []namedDay {
	if !strings.ContainsAny(text.text, "0123456789") {
		return daysOf(shapes[len(shapes)-2:], text, today)
	}
	return daysOf(shapes, text, today)
}

// daysOf is daysIn for some shapes.
func daysOf(tried []shape, text folded, today When) []namedDay {
	var all []namedDay
	for _, shape := range tried {
		for _, at := range shape.pattern.FindAllStringSubmatchIndex(text.text, -1) {
			from, to := at[2], at[3]
			part := make([]string, len(at)/2)
			for i := range part {
				if at[2*i] >= 0 {
					part[i] = text.text[at[2*i]:at[2*i+1]]
				}
			}
			read, lacks := shape.read, shape.lacks
			// "31 Dec 17:00" ends in no year, nor does "31.12. 17:00".
			if year := at[len(at)-2]; year >= 0 && to-year == 2 && clockBehind.MatchString(text.text[to:]) {
				inWords := slices.ContainsFunc(part, isMonth)
				inNumbers := lacks == nothing && len(part) == 5 && len(part[2]) <= 2
				if inNumbers {
					read, lacks = noYear, theYear
				}
				if inWords || inNumbers {
					part[len(part)-1] = ""
					to = len(strings.TrimRight(text.text[:year], " ,."))
				}
			}
			nearest := lacks == theYear || slices.ContainsFunc(part, isMonth) && part[len(part)-1] == ""
			readings := slices.DeleteFunc(read(part, today), func(w When) bool { return !w.possible() })
			if len(readings) > 0 && !partOfMore(text.text, from, to) && !(shape.lacks == theMonth && overBefore.MatchString(text.text[:from])) {
				all = append(all, namedDay{words: text.quote(from, to), from: from, to: to, end: text.at[to], readings: readings, nearest: nearest})
			}
		}
	}
	slices.SortStableFunc(all, func(a, b namedDay) int { return cmp.Or(a.from-b.from, b.to-a.to) })
	end := 0
	return slices.DeleteFunc(all, func(d namedDay) bool { // "Dec 25" in "28 Dec 25"
		within := d.to <= end
		end = max(end, d.to)
		return within
	})
}

var clockBehind = regexp.MustCompile(`^(?::\d| ?(?:uhr|h\b|h\d|uur|[ap]\.?m\b|o'clock))`)

func isMonth(word string) bool { return months[word] != 0 }

// partOfMore reports whether text[from:to] goes on in front or behind, as the number
// of a version, a telephone or a computer does, or is an amount.
func partOfMore(text string, from, to int) bool {
	day := text[from:to]
	i := strings.IndexFunc(day, func(r rune) bool { return r < '0' || '9' < r })
	if i < 0 {
		return false
	}
	mark := day[i]
	digit := func(i int) bool { return 0 <= i && i < len(text) && '0' <= text[i] && text[i] <= '9' }
	switch {
	case !strings.ContainsRune("-./_", rune(mark)):
		return false
	case from > 0 && text[from-1] == mark && digit(from-2), to < len(text) && text[to] == mark && digit(to+1):
		return true
	case strings.HasSuffix(day, ".") && digit(to):
		return true
	}
	return strings.HasPrefix(strings.TrimLeft(text[to:], " "), "%")
}

func yearFirst(part []string, _ When) []When {
	before, behind, _ := strings.Cut(strings.TrimPrefix(part[1], part[2]), part[3])
	if behind, _, _ = strings.Cut(behind, part[4]); before != behind && !strings.HasPrefix(before, "年") { // "1.1.2026-31.12.2026"
		return nil
	}
	year, a, b := number(part[2]), number(part[3]), number(part[4])
	if a > 12 { // 2026-31-12
		a, b = b, a
	}
	return []When{{Year: year, Month: time.Month(a), Day: b}}
}

func yearLast(part []string, today When) []When {
	a, b, year := number(part[2]), number(part[3]), fullYear(part[4], today)
	all := []When{{Year: year, Month: time.Month(b), Day: a}}
	if a != b {
		all = append(all, When{Year: year, Month: time.Month(a), Day: b})
	}
	// 26-12-31
	if y := 2000 + a; strings.Contains(part[1], "-") && len(part[4]) == 2 && today.Year <= y && y <= today.Year+2 {
		all = append(all, When{Year: y, Month: time.Month(b), Day: number(part[4])})
	}
	return all
}

// fullYear is the year of four or two digits: of the latter, one of the last ninety
// or the next ten.
func fullYear(digits string, today When) int {
	year := number(strings.TrimLeft(digits, "'"))
	if len(digits) >= 4 {
		return year
	}
	if year += 2000; year > today.Year+10 {
		year -= 100
	}
	return year
}

// eightDigits counts what might be typed as a date alone: many other numbers have
// eight digits.
func eightDigits(part []string, today When) []When {
	d := part[1]
	all := []When{
		{Year: number(d[:4]), Month: time.Month(number(d[4:6])), Day: number(d[6:])},
		{Year: number(d[4:]), Month: time.Month(number(d[2:4])), Day: number(d[:2])},
		{Year: number(d[4:]), Month: time.Month(number(d[:2])), Day: number(d[2:4])},
	}
	return slices.DeleteFunc(all, func(w When) bool { return w.day().After(today.day().AddDate(1, 0, 0)) })
}

func noYear(part []string, today When) []When {
	a, b := number(part[2]), number(part[3])
	all := []When{nearest(time.Month(b), a, today)}
	if a != b {
		all = append(all, nearest(time.Month(a), b, today))
	}
	if strings.Contains(part[1], "月") {
		return all[1:]
	}
	return all
}

// inPlaceOfADate is noYear, but for what is often said first of a service.
func inPlaceOfADate(part []string, today When) []When {
	if part[1] == "24/7" {
		return nil
	}
	return noYear(part, today)
}

func monthInWords(part []string, today When) []When {
	day := number(part[2])
	if i := ordinalOf(part[2]); i >= 0 {
		day = i + 1
	} else if !startsWithNumber(part[2]) {
		day = 1 // "premier janvier"
	}
	return inMonth(part[4], day, part[5], part[3] != "", today)
}

func monthFirst(part []string, today When) []When {
	day := number(part[4])
	if i := ordinalOf(part[5]); i >= 0 {
		day = i + 1
	}
	return inMonth(part[2], day, part[6], part[3] != "", today)
}

// inMonth is a day of a month with that name; bound: with a word such as "de"
// between the two.
func inMonth(name string, day int, year string, bound bool, today When) []When {
	switch {
	case !bound && len(year) < 4 && slices.Contains(doubtfulMonths, name):
		return nil
	case year != "":
		return []When{{Year: fullYear(year, today), Month: months[name], Day: day}}
	}
	return []When{nearest(months[name], day, today)}
}

// ordinalOf is the place in ordinals of a word that spelled finds, or -1.
func ordinalOf(word string) int { return slices.Index(ordinals, strings.ReplaceAll(word, " ", "-")) }

func yearAndWord(part []string, _ When) []When {
	return []When{{Year: number(part[2]), Month: months[part[3]], Day: number(part[4])}}
}

// nearest is the day of that month and number which is nearest to today; of two that
// are as near, the later.
func nearest(month time.Month, day int, today When) When {
	var found []When
	for year := today.Year - 4; year <= today.Year+4; year++ { // for 29 February
		found = append(found, When{Year: year, Month: month, Day: day})
	}
	return nearestOf(found, today)
}

// dayAlone is the next day with that number in its month: few people write so of a
// day gone by.
func dayAlone(part []string, today When) []When {
	w := When{Year: today.Year, Month: today.Month, Day: number(part[2])}
	for range 3 { // no two months without a 31st follow one another
		if w.possible() && !w.day().Before(today.day()) {
			return []When{w}
		}
		next := time.Date(w.Year, w.Month+1, 1, 0, 0, 0, 0, time.UTC)
		w.Year, w.Month = next.Year(), next.Month()
	}
	return nil
}

// nearestOf is the zero When if none of the days is possible.
func nearestOf(days []When, today When) (best When) {
	var least time.Duration
	for _, w := range days {
		if d := w.day().Sub(today.day()).Abs(); w.possible() && (best == When{} || d <= least) {
			best, least = w, d
		}
	}
	return best
}

// ahead is the first of the days that lies behind today in one of its readings, which
// are those left in it; nil if there is none.
func ahead(days []namedDay, today When) *namedDay {
	for _, d := range days {
		readings := slices.DeleteFunc(slices.Clone(d.readings), func(w When) bool { return !w.day().After(today.day()) })
		if len(readings) > 0 {
			d.readings = readings
			return &d
		}
	}
	return nil
}

// alternatives is an expression for one of the names.
func alternatives[V any](names map[string]V) string {
	var all []string
	for name := range names {
		all = append(all, name)
	}
	slices.Sort(all)
	return `(?:` + strings.Join(all, "|") + `)`
}

// A reason may speak of a moment to come without naming it: "leaves Friday". Most
// such words mean nothing for when it is to happen, so they are not refused, but
// repeated to those who ask and decide. These are the usual ones, for folded text.
const (
	weekdays = `(?:monday|tuesday|tues|wednesday|thursday|thurs|friday|fri|saturday|sunday` +
		`|montag|dienstag|mittwoch|donnerstag|freitag|samstag|sonnabend|sonntag` +
		`|lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche` +
		`|lunes|martes|miercoles|jueves|viernes|sabado|domingo` +
		`|lunedi|martedi|mercoledi|giovedi|venerdi|sabato|domenica` +
		`|maandag|dinsdag|woensdag|donderdag|vrijdag|zaterdag|zondag` +
		`|(?:segunda|terca|quarta|quinta|sexta)-feira)`
	period = `(?:days?|weeks?|months?|quarters?|years?|hours?|minutes?|tag(?:en?|es|s)?|wochen?|monat(?:en?|s|es)?|jahr(?:en?|es|s)?|quartals?|stunden?` +
		`|jours?|semaines?|mois|annee|heures?|dias?|semanas?|mes(?:es)?|ano|giorn[io]|settiman[ae]|mes[ei]|anno|dag(?:en)?|wek(?:en)|week|maand(?:en)?|jaar)`
)

var hints = regexp.MustCompile(`\b(?:(?:(?:this|next|coming|nachste[nrs]?|naechste[nrs]?|kommende[nrs]?|volgende|proxim[ao]|prossim[ao]) )?` + weekdays +
	`|(?:day after )?tomorrow|tonight|later today|ubermorgen|morgen|heute abend|apres-demain|demain|ce soir|pasado manana|manana|esta noche|dopodomani|domani|stasera|overmorgen|depois de amanha|amanha` +
	`|(?:this|next|coming|nachste[nrs]?|naechste[nrs]?|kommende[nrs]?|volgende|proxim[ao]|prossim[ao]|que) ` + period +
	`|(?:semaine|mois|annee) prochaine?|(?:semana|mes) que viene|(?:settimana|mese) prossim[ao]` +
	`|(?:month|year|quarter|week)(?:-| )?end|(?:monats|jahres|quartals|wochen)ende` +
	`|(?:end|ende|fin|fine|eind|einde|fim) (?:(?:of|the|this|next|der|des|dieses|dieser|du|de|la|l'|del|della|van|do|da) ?){0,3}(?:day|business|` + period + `|` + monthsPiece + `)` +
	`|(?:in|within|dans|en|tra|fra|over|em) (?:\d{1,3}|an?|one|two|three|four|five|six|einem|einer|zwei|drei|vier|un|une|deux|trois|dos|tres|due|tre|een|twee|drie|um|uma|dois|duas) ` + period +
	`|(?:in|by|until|till|before|mid|early|late|this|next|leaves|leaving|ends|anfang|mitte|bis|ab|im|en|debut|mi|comienzos|inizio|begin|eind) (?:de |di )?` + monthsPiece +
	`|q[1-4]|fortnight|christmas|new year|weihnachten|neujahr|silvester|noel|navidad|natale|natal|kerst|\d{1,2}/20\d\d` +
	`|last day of (?:the month|` + monthsPiece + `)|the \d{1,2}(?:st|nd|rd|th)` +
	`|eod|cob|eow|eom|eoy|(?:kw|cw) ?\d{1,2}` +
	`|\d{1,2}:\d{2}|\d{1,2} ?[ap]\.?m|\d{1,2} ?uhr|\d{1,2}h\d{2}|noon|midnight)\b`)

// perhapsDays are ways to write a day that mostly mean something else, or a day that
// cannot be told: in numbers behind any word, and of a month in another language.
var perhapsDays = []shape{
	{regexp.MustCompile(`(?:^|[^a-z0-9/])((\d{1,2})/(\d{1,2}))(?:[^a-z0-9/]|$)`), noFraction, theYear},
	{regexp.MustCompile(`(?:^|[^\pL\pN])(\d{1,2}[. -]{1,2}(\pL+)[. -]{1,2}(20\d\d))(?:[^\pL\pN]|$)`), strangeMonth, nothing},
}

// noFraction is noYear for what is no fraction: 12/31 and 01/05, but not 3/4.
func noFraction(part []string, today When) []When {
	if number(part[2]) <= 12 && number(part[3]) <= 12 && part[2][0] != '0' && part[3][0] != '0' {
		return nil
	}
	return inPlaceOfADate(part, today)
}

// strangeMonth is the last day of the year, since any day of it may be meant.
func strangeMonth(part []string, _ When) []When {
	if isMonth(part[2]) {
		return nil
	}
	return []When{{Year: number(part[3]), Month: time.December, Day: 31}}
}

// nearEnough is how long ago a day without a year is surely over: of "leaving 1 July"
// in November, the next may be meant all the same.
const nearEnough = 60 * 24 * time.Hour

var (
	overBefore = regexp.MustCompile(`\b(?:last|past|since|left|ended|quit|resigned|was|joined|hired|started|began|born|dated|letzte[nrsm]?|vorige[nrs]?|vergangene[nr]?|seit|depuis|desde|sinds|afgelopen)(?: (?:on|am|le|el|the|der|den)){0,2} $`)
	overBehind = regexp.MustCompile(`^ (?:dernier|derniere|passee?|pasad[oa]|passad[oa]|scors[oa]|ago)\b`)
)

// Hint returns the first words of a reason, as typed, that name a day to come or
// speak of one, for somebody who asked at that time; empty: there are none. What is
// to happen at a time of its own needs no hint: notBefore is that time, zero for
// none.
func Hint(reason string, notBefore, asked time.Time) string {
	if !notBefore.IsZero() {
		return ""
	}
	text := fold(reason)
	today := dateAt(asked)
	days := daysIn(text, today)
	if named := ahead(days, today); named != nil {
		return named.words
	}
	for _, d := range days {
		longAgo := func(w When) bool { return w.day().Before(asked.Add(-nearEnough)) }
		if d.nearest && slices.ContainsFunc(d.readings, longAgo) && !overBefore.MatchString(text.text[:d.from]) {
			return d.words
		}
	}
	if named := ahead(daysOf(perhapsDays, text, today), today); named != nil {
		return named.words
	}
	for _, at := range hints.FindAllStringIndex(text.text, -1) {
		if !overBefore.MatchString(text.text[:at[0]]) && !overBehind.MatchString(text.text[at[1]:]) {
			return text.quote(at[0], at[1])
		}
	}
	return ""
}

// dateAt is the date of t in its zone.
func dateAt(t time.Time) When {
	w := at(t)
	return When{Year: w.Year, Month: w.Month, Day: w.Day}
}

// folded is text made simple to compare: small letters without accents, the digits
// 0 to 9, one kind of hyphen, apostrophe, slash and full stop. What stands in it can
// be quoted as it was typed.
type folded struct {
	text  string
	typed string
	at    []int // where in typed each byte of text comes from, and the end
}

const (
	accented = "àáâãäåāăąçćčďèéêëēęěìíîïīıñńňòóôõöøōőřśšșťțùúûüūůűýÿžźż"
	bare     = "aaaaaaaaacccdeeeeeeeiiiiiinnnoooooooorsssttuuuuuuuyyzzz"
)

// plainRunes are the simple forms of letters and marks.
var plainRunes = func() map[rune]rune {
	simple := map[rune]rune{}
	letters := []rune(bare)
	for i, r := range []rune(accented) {
		simple[r] = letters[i]
	}
	for to, from := range map[rune]string{'-': "‐‑‒–—−－", '\'': "’‘ʼ´`", '/': "／⁄∕", '.': "．。·", ':': "：", '+': "＋"} {
		for _, r := range from {
			simple[r] = to
		}
	}
	return simple
}()

func fold(typed string) folded {
	f := folded{typed: typed}
	var text strings.Builder
	for i, r := range typed {
		if unicode.Is(unicode.Mn, r) { // an accent apart from its letter
			continue
		}
		r = unicode.ToLower(r)
		if simple, ok := plainRunes[r]; ok {
			r = simple
		} else if unicode.IsDigit(r) {
			r = asciiDigit(r)
		} else if unicode.IsSpace(r) {
			r = ' '
		}
		n := text.Len()
		text.WriteRune(r)
		for range text.Len() - n {
			f.at = append(f.at, i)
		}
	}
	f.text, f.at = text.String(), append(f.at, len(typed))
	return f
}

// quote is what was typed for text[from:to].
func (f folded) quote(from, to int) string { return f.typed[f.at[from]:f.at[to]] }

// asciiDigit is the digit 0 to 9 that r, a decimal digit of any script, stands for.
// In Unicode those of a script follow one another, from nought.
func asciiDigit(r rune) rune {
	for _, digits := range unicode.Nd.R16 {
		if rune(digits.Lo) <= r && r <= rune(digits.Hi) {
			return '0' + (r-rune(digits.Lo))%10
		}
	}
	for _, digits := range unicode.Nd.R32 {
		if rune(digits.Lo) <= r && r <= rune(digits.Hi) {
			return '0' + (r-rune(digits.Lo))%10
		}
	}
	return r
}
