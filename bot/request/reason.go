package request

import (
	"cmp"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"
)

// A day that a reason names is more likely the day that is meant than one when something
// else happens: the account would be gone too early. So every usual way to write a day is
// looked for, in the languages of months. A day that can be read in several ways counts
// in each of them; one without a year is the nearest such day, before or behind today.

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
	monthsPiece = `(?:` + strings.Join(slices.Sorted(maps.Keys(months)), "|") + `)`
	inWords     = `(?<m>` + monthsPiece + `)`
	spelled     = strings.ReplaceAll(strings.Join(ordinals, "|"), "-", "[- ]")
	gap         = `[^a-z0-9]{0,3}` // between the parts of a date
	split       = `(?: ?[-./_] ?| )`
	ordinal     = `(?:st|nd|rd|th|er|ere|re|eme|ter|ten|te|ste|de|e|o|a|ª|º|°)?`
	filler      = `(?<de>(?:(?:day|of|the|de|del|di|do|den|der|d)[^a-z0-9]+)*)`
	shortYear   = `(?<y>\d{4}\b|'?\d{2}\b)`
	twoNumbers  = `(?<all>(?<a>\d{1,2}) ?[-./] ?(?<b>\d{1,2})\b\.?)`
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

// pieces are the parts of a day that a shape has found, by the names of its groups:
//
//	all       the day itself, always the first group
//	y         the year, of two or four digits
//	n, d      the month and the day in digits
//	m, o      the month and the day in words
//	a, b      two numbers: either may be the month
//	s, t      what stands around the month, where both must be the same
//	de        a word between the day and the month
type pieces map[string]string

// A shape is one way to write a day.
type shape struct {
	pattern *regexp.Regexp
	read    func(p pieces, today When) []When
}

// The last two need no digits.
var shapes = []shape{
	{regexp.MustCompile(`\b(?<all>(?<y>(?:19|20|21)\d{2})(?<s>` + split + `)(?<n>\d{1,2})(?<t>` + split + `)(?<d>\d{1,2})(?:t\d{1,2}:\d{2}|\b))`), readings},
	{regexp.MustCompile(`(?<all>(?<y>\d{4})年 ?(?<n>\d{1,2})月 ?(?<d>\d{1,2})日)`), readings},
	{regexp.MustCompile(`\b(?<all>(?<a>\d{1,2}) ?[-./_,|\\] ?(?<b>\d{1,2}) ?[-./_,|\\] ?(?<y>\d{4}|'?\d{2})(?:t\d{1,2}:\d{2}|\b))`), readings},
	{regexp.MustCompile(`\b(?<all>(?<a>\d{1,2}) (?<b>\d{1,2}) (?<y>20\d{2})\b)`), readings},
	{regexp.MustCompile(asks + `(?<all>(?<a>\d{1,2}) (?<b>\d{1,2}) (?<y>\d{2})\b)`), readings},
	{regexp.MustCompile(`\b(?<all>\d{8}\b)`), eightDigits},
	{regexp.MustCompile(asks + twoNumbers), readings},
	{regexp.MustCompile(asksDate + twoNumbers), readings},
	{regexp.MustCompile(`^[^a-z0-9]*` + twoNumbers), notAlways},
	{regexp.MustCompile(`(?<all>(?<n>\d{1,2})月 ?(?<d>\d{1,2})日)`), readings},
	{regexp.MustCompile(`\b(?<all>(?<d>\d{1,2})` + ordinal + `\.?` + gap + filler + inWords + `\b(?:\.?` + gap + `(?:(?:of|de|del|d)[^a-z0-9]+)?` + shortYear + `)?)`), readings},
	{regexp.MustCompile(`\b(?<all>(?<d>\d{1,2})` + ordinal + gap + inWords + shortYear + `)`), readings},
	{regexp.MustCompile(`\b(?<all>(?<y>\d{4})` + gap + inWords + gap + `(?<d>\d{1,2})` + ordinal + `\b)`), readings},
	{regexp.MustCompile(asks + `(?<all>(?<d>\d{1,2})(?:st|nd|rd|th|er|º|\.)?)[^a-z0-9]*$`), dayAlone},
	{regexp.MustCompile(asks + `(?<all>(?<d>\d{1,2})(?:st|nd|rd|th))[^a-z0-9 ]`), dayAlone},
	{regexp.MustCompile(`\b(?:last (?:working |work )?day|lwd|leav(?:es|ing)|` + weekdays + `)[^a-z0-9]+(?:(?:is|will|be|on|the)[^a-z0-9]+)*(?<all>(?<d>\d{1,2})(?:st|nd|rd|th))\b`), dayAlone},
	{regexp.MustCompile(`\b(?<all>(?<o>` + spelled + `|ersten?r?|premier|primero|primo|primeiro|eerste)[^a-z0-9]+(?<de>(?:(?:day|of|the|de|di)[^a-z0-9]+)*)` + inWords + `\b(?:` + gap + shortYear + `)?)`), readings},
	{regexp.MustCompile(`\b(?<all>` + inWords + `\.?` + gap + `(?<de>the[^a-z0-9]+)?(?:(?<d>\d{1,2})` + ordinal + `|(?<o>` + spelled + `))\b(?:` + gap + shortYear + `)?)`), readings},
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
		groups := shape.pattern.SubexpNames()
		yearAt := 2 * slices.Index(groups, "y")
		for _, at := range shape.pattern.FindAllStringSubmatchIndex(text.text, -1) {
			p := pieces{}
			for i, name := range groups {
				if at[2*i] >= 0 {
					p[name] = text.text[at[2*i]:at[2*i+1]]
				}
			}
			from, to := at[2], at[3] // "all" is the first group
			// "31 Dec 17:00" ends in no year, nor does "31.12. 17:00".
			if len(p["y"]) == 2 && at[yearAt+1] == to && clockBehind.MatchString(text.text[to:]) {
				p["y"], to = "", len(strings.TrimRight(text.text[:at[yearAt]], " ,."))
			}
			month := p["m"] + p["n"] + p["b"]
			over := month == "" && p["d"] != "" && overBefore.MatchString(text.text[:from])
			readings := slices.DeleteFunc(shape.read(p, today), func(w When) bool { return !w.possible() })
			if len(readings) > 0 && !over && !partOfMore(text.text, from, to) {
				all = append(all, namedDay{text.quote(from, to), from, to, text.at[to], readings, month != "" && p["y"] == ""})
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

// partOfMore reports whether text[from:to] goes on in front or behind, as the number
// of a version, a telephone or a computer does, or is an amount.
func partOfMore(text string, from, to int) bool {
	day := text[from:to]
	i := strings.IndexFunc(day, func(r rune) bool { return !isDigit(r) })
	if i < 0 || !strings.ContainsRune("-./_", rune(day[i])) {
		return false
	}
	digit := func(i int) bool { return 0 <= i && i < len(text) && isDigit(rune(text[i])) }
	return from > 0 && text[from-1] == day[i] && digit(from-2) || to < len(text) && text[to] == day[i] && digit(to+1) ||
		strings.HasSuffix(day, ".") && digit(to) || strings.HasPrefix(strings.TrimLeft(text[to:], " "), "%")
}

// readings are the days that p may be; some of them no calendar has.
func readings(p pieces, today When) (all []When) {
	add := func(month time.Month, day int) {
		if p["y"] == "" {
			all = append(all, nearest(month, day, today))
		} else {
			all = append(all, When{Year: fullYear(p["y"], today), Month: month, Day: day})
		}
	}
	switch day, month := number(p["d"]), time.Month(number(p["n"])); {
	case p["s"] != p["t"]: // "1.1.2026-31.12.2026"
	case p["de"] == "" && len(p["y"]) < 4 && slices.Contains(doubtfulMonths, p["m"]):
	case p["o"] != "":
		add(months[p["m"]], max(1, 1+slices.Index(ordinals, strings.ReplaceAll(p["o"], " ", "-")))) // "premier janvier"
	case p["m"] != "":
		add(months[p["m"]], day)
	case month > 12 && p["y"] != "": // 2026-31-12
		add(time.Month(day), int(month))
	case month > 0:
		add(month, day)
	default:
		a, b := number(p["a"]), number(p["b"])
		add(time.Month(b), a)
		if a != b {
			add(time.Month(a), b)
		}
		// 26-12-31
		if y := 2000 + a; strings.Contains(p["all"], "-") && len(p["y"]) == 2 && today.Year <= y && y <= today.Year+2 {
			all = append(all, When{Year: y, Month: time.Month(b), Day: number(p["y"])})
		}
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
func eightDigits(p pieces, today When) []When {
	d := p["all"]
	all := []When{
		{Year: number(d[:4]), Month: time.Month(number(d[4:6])), Day: number(d[6:])},
		{Year: number(d[4:]), Month: time.Month(number(d[2:4])), Day: number(d[:2])},
		{Year: number(d[4:]), Month: time.Month(number(d[:2])), Day: number(d[2:4])},
	}
	return slices.DeleteFunc(all, func(w When) bool { return w.day().After(today.day().AddDate(1, 0, 0)) })
}

// notAlways is readings, except for what is often said of a service.
func notAlways(p pieces, today When) []When {
	if p["all"] == "24/7" {
		return nil
	}
	return readings(p, today)
}

// nearest is the day of that month and number which is nearest to today; of two that
// are as near, the later. The zero When: there is none.
func nearest(month time.Month, day int, today When) (best When) {
	var least time.Duration
	for year := today.Year - 4; year <= today.Year+4; year++ { // for 29 February
		w := When{Year: year, Month: month, Day: day}
		if d := w.day().Sub(today.day()).Abs(); w.possible() && (best == When{} || d <= least) {
			best, least = w, d
		}
	}
	return best
}

// dayAlone is the next day with that number in its month: few people write so of a
// day gone by.
func dayAlone(p pieces, today When) []When {
	for ahead := range 3 { // no two months without a 31st follow one another
		month := time.Date(today.Year, today.Month+time.Month(ahead), 1, 0, 0, 0, 0, time.UTC)
		w := When{Year: month.Year(), Month: month.Month(), Day: number(p["d"])}
		if w.possible() && !w.day().Before(today.day()) {
			return []When{w}
		}
	}
	return nil
}

// ahead is the first of the days that lies behind today in one of its readings. Only
// those readings are left in it. nil if there is none.
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

// Due is Check for the whole command: when it is to take effect, or the zero time for at
// once. loc is the zone of the person who asks, or that of c.When, if it has one. What is
// to happen at once must not have a reason that names a day still to come
// (RefusedDateInReason), unless the person has said now: more likely that day was meant,
// and the account would be gone too early. How such a day can be typed is in Instead,
// once for each reading; nothing if it is too far ahead. A date without a time must not
// have a reason that names a time (RefusedUnclearTime): it would wait for the end of the
// day.
func (c Command) Due(loc *time.Location, now time.Time) (time.Time, error) {
	reason := fold(c.Reason)
	if c.When != (When{}) {
		if at := clockWithin.FindStringIndex(reason.text); at != nil && !c.When.Timed {
			return time.Time{}, &CommandError{Refusal: RefusedUnclearTime, Word: reason.quote(at[0], at[1])}
		}
		return c.When.Check(loc, now)
	}
	if c.Now {
		return time.Time{}, nil
	}
	today := at(now.In(loc)).date()
	named := ahead(daysIn(reason, today), today)
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
	{regexp.MustCompile(`(?:^|[^a-z0-9/])(?<all>(?<a>\d{1,2})/(?<b>\d{1,2}))(?:[^a-z0-9/]|$)`), noFraction},
	{regexp.MustCompile(`(?:^|[^\pL\pN])(?<all>\d{1,2}[. -]{1,2}(?<m>\pL+)[. -]{1,2}(?<y>20\d\d))(?:[^\pL\pN]|$)`), strangeMonth},
}

// noFraction is notAlways for what is no fraction: 12/31 and 01/05, but not 3/4.
func noFraction(p pieces, today When) []When {
	if number(p["a"]) <= 12 && number(p["b"]) <= 12 && p["a"][0] != '0' && p["b"][0] != '0' {
		return nil
	}
	return notAlways(p, today)
}

// strangeMonth is the last day of the year, since any day of it may be meant.
func strangeMonth(p pieces, _ When) []When {
	if months[p["m"]] != 0 {
		return nil
	}
	return []When{{Year: number(p["y"]), Month: time.December, Day: 31}}
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
	today := at(asked).date()
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
