package request

import (
	"regexp"
	"slices"
	"time"
)

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
