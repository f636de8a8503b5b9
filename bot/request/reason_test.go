package request_test

import (
	"errors"
	"testing"
	"time"

	"wfbot/bot/request"
)

// saturday is when the reasons below are typed: 28 November 2026, noon in Berlin.
var saturday = time.Date(2026, 11, 28, 11, 0, 0, 0, time.UTC)

// dueAs is what becomes of a reason that is typed behind "jane@acme.com ", in
// Berlin.
func dueAs(t *testing.T, text string) (request.Command, error) {
	t.Helper()
	c, err := request.ParseCommand("jane@acme.com " + text)
	if err == nil {
		_, err = c.Due(zone(t, "Europe/Berlin"), saturday)
	}
	return c, err
}

// Each row is a reason that names a future day, and how to type that day.
func TestReasonNamesADay(t *testing.T) {
	t.Parallel()
	const eve = "2026-12-31"
	tests := []struct {
		text    string
		word    string
		instead []string // none: more than a year ahead
	}{
		// Digits, the year first.
		{"last day 2026-12-31", "2026-12-31", []string{eve}},
		{"last day 2026/12/31", "2026/12/31", []string{eve}},
		{"last day 2026.12.31", "2026.12.31", []string{eve}},
		{"last day 2026 12 31", "2026 12 31", []string{eve}},
		{"last day 2026_12_31", "2026_12_31", []string{eve}},
		{"last day 20261231", "20261231", []string{eve}},
		{"last day 2026-12-31T17:00", "2026-12-31T17:00", []string{eve}},
		{"last day 2026–12–31", "2026–12–31", []string{eve}},
		{"last day 2026-31-12", "2026-31-12", []string{eve}},
		{"last day 2027-1-5", "2027-1-5", []string{"2027-01-05"}},

		// Digits, the year last.
		{"last day 12/31/2026", "12/31/2026", []string{eve}},
		{"last day 31/12/2026", "31/12/2026", []string{eve}},
		{"last day 12-31-2026", "12-31-2026", []string{eve}},
		{"last day 31-12-2026", "31-12-2026", []string{eve}},
		{"last day 31.12.2026", "31.12.2026", []string{eve}},
		{"last day 12.31.2026", "12.31.2026", []string{eve}},
		{"last day 31 12 2026", "31 12 2026", []string{eve}},
		{"last day 31. 12. 2026", "31. 12. 2026", []string{eve}},
		{"last day 31 / 12 / 2026", "31 / 12 / 2026", []string{eve}},
		{"last day 31/12-2026", "31/12-2026", []string{eve}},
		{"last day 31122026", "31122026", []string{eve}},
		{"last day 12312026", "12312026", []string{eve}},
		{"le 31/12/2026", "31/12/2026", []string{eve}},
		{"am 31.12.2026", "31.12.2026", []string{eve}},
		{"her last day (31.12.2026)", "31.12.2026", []string{eve}},
		{"leaving:31/12/2026.", "31/12/2026", []string{eve}},
		{"last day ３１／１２／２０２６", "３１／１２／２０２６", []string{eve}},
		{"last day ٣١/١٢/٢٠٢٦", "٣١/١٢/٢٠٢٦", []string{eve}},
		{"最終日 2026年12月31日", "2026年12月31日", []string{eve}},

		// A year of two digits.
		{"contract 31.12.26", "31.12.26", []string{eve}},
		{"contract 12/31/26", "12/31/26", []string{eve}},
		{"contract 31/12/26", "31/12/26", []string{eve}},
		{"contract 31-12-26", "31-12-26", []string{eve}},
		{"contract 26-12-31", "26-12-31", []string{eve}},
		{"contract 31.12.'26", "31.12.'26", []string{eve}},
		{"contract 5/1/27", "5/1/27", []string{"2027-01-05", "2027-05-01"}},

		// Both ways: refused if either lies ahead.
		{"last day 1/12/2026", "1/12/2026", []string{"2026-12-01"}}, // or 12 January
		{"last day 12/1/2026", "12/1/2026", []string{"2026-12-01"}},
		{"last day 02/03/2027", "02/03/2027", []string{"2027-03-02", "2027-02-03"}},
		{"last day 5.4.2027", "5.4.2027", []string{"2027-04-05", "2027-05-04"}},

		// Months in words.
		{"leaving Dec 31", "Dec 31", []string{eve}},
		{"leaving Dec. 31st", "Dec. 31st", []string{eve}},
		{"leaving December 31, 2026", "December 31, 2026", []string{eve}},
		{"leaving December 31 2026", "December 31 2026", []string{eve}},
		{"leaving 31 December", "31 December", []string{eve}},
		{"leaving 31 Dec 2026", "31 Dec 2026", []string{eve}},
		{"leaving 31 Dec 26", "31 Dec 26", []string{eve}},
		{"leaving 31 Dec '26", "31 Dec '26", []string{eve}},
		{"leaving 31-Dec-2026", "31-Dec-2026", []string{eve}},
		{"leaving 31/Dec/26", "31/Dec/26", []string{eve}},
		{"leaving 31Dec2026", "31Dec2026", []string{eve}},
		{"leaving 31dec", "31dec", []string{eve}},
		{"leaving Dec-31-2026", "Dec-31-2026", []string{eve}},
		{"leaving 2026-Dec-31", "2026-Dec-31", []string{eve}},
		{"leaving 2026, December 31", "2026, December 31", []string{eve}},
		{"leaving the 31st of December", "31st of December", []string{eve}},
		{"leaving the 31st day of December 2026", "31st day of December 2026", []string{eve}},
		{"leaving December the 31st", "December the 31st", []string{eve}},
		{"leaving on Thursday, December 31", "December 31", []string{eve}},
		{"leaving Dec 31 17:00", "Dec 31", []string{eve + " 17:00"}},
		{"leaving 31 Dec 17:00", "31 Dec", []string{eve + " 17:00"}},
		{"leaving Dec 31, 5pm, her last shift", "Dec 31", []string{eve + " 17:00"}},
		{"leaving Dec 31 17:00 EST", "Dec 31", []string{eve}},
		{"leaving 31.12. 17:00 Europe/Berlin", "31.12.", []string{eve}},
		{"leaving the first of January", "first of January", []string{"2027-01-01"}},
		{"leaving December thirty-first", "December thirty-first", []string{eve}},
		{"leaving 3 Feb", "3 Feb", []string{"2027-02-03"}},
		{"LEAVING DECEMBER 31", "DECEMBER 31", []string{eve}},
		{"contract ends sept 1st 2027", "sept 1st 2027", []string{"2027-09-01"}},

		// In other languages.
		{"am 31. Dezember", "31. Dezember", []string{eve}},
		{"endet am 31. Dez. 2026", "31. Dez. 2026", []string{eve}},
		{"zum 1. Jänner", "1. Jänner", []string{"2027-01-01"}},
		{"ab 15. März 2027", "15. März 2027", []string{"2027-03-15"}},
		{"fin de contrat le 31 décembre 2026", "31 décembre 2026", []string{eve}},
		{"fin le 31 déc. 2026", "31 déc. 2026", []string{eve}},
		{"fin le 31 de\u0301cembre", "31 de\u0301cembre", []string{eve}},
		{"part le 1er janvier", "1er janvier", []string{"2027-01-01"}},
		{"le 3 février", "3 février", []string{"2027-02-03"}},
		{"15 août 2027", "15 août 2027", []string{"2027-08-15"}},
		{"el 31 de diciembre", "31 de diciembre", []string{eve}},
		{"termina el 31 de diciembre de 2026", "31 de diciembre de 2026", []string{eve}},
		{"1 de enero de 2027", "1 de enero de 2027", []string{"2027-01-01"}},
		{"il 31 dicembre 2026", "31 dicembre 2026", []string{eve}},
		{"dal 1º gennaio", "1º gennaio", []string{"2027-01-01"}},
		{"per 31 december 2026", "31 december 2026", []string{eve}},
		{"laatste dag 1 maart", "1 maart", []string{"2027-03-01"}},
		{"a partir de 31 de dezembro", "31 de dezembro", []string{eve}},
		{"1º de março de 2027", "1º de março de 2027", []string{"2027-03-01"}},
		{"12 set 2027", "12 set 2027", []string{"2027-09-12"}},
		{"slutar 31 december", "31 december", []string{eve}},

		// Without a year, behind a word that asks for a day.
		{"leaving on 12/31", "12/31", []string{eve}},
		{"last day 12/31", "12/31", []string{eve}},
		{"last day is 31/12", "31/12", []string{eve}},
		{"last working day: 31.12.", "31.12.", []string{eve}},
		{"contract until 31.12.", "31.12.", []string{eve}},
		{"done by 12/31", "12/31", []string{eve}},
		{"bis 31.12.", "31.12.", []string{eve}},
		{"Vertrag bis zum 31.12.", "31.12.", []string{eve}},
		{"endet am 31.12.", "31.12.", []string{eve}},
		{"jusqu’au 31/12", "31/12", []string{eve}},
		{"le 31/12", "31/12", []string{eve}},
		{"hasta el 31/12", "31/12", []string{eve}},
		{"dal 31/12", "31/12", []string{eve}},
		{"tot 31-12", "31-12", []string{eve}},
		{"até 31/12", "31/12", []string{eve}},
		{"LWD 12/31", "12/31", []string{eve}},
		{"leaving date 12/31", "12/31", []string{eve}},
		{"Austrittsdatum: 31.12.", "31.12.", []string{eve}},
		{"last day 31 12 26", "31 12 26", []string{eve}},
		{"last day the 15th", "15th", []string{"2026-12-15"}}, // the next is meant, although the last is nearer
		{"leaves on the 5th", "5th", []string{"2026-12-05"}},
		{"Ende am 5.", "5.", []string{"2026-12-05"}},

		// In the place of the date, or behind other words of those who leave.
		{"12/31 contract ends", "12/31", []string{eve}},
		{"31-12", "31-12", []string{eve}},
		{"31.12. Vertragsende", "31.12.", []string{eve}},
		{"termination 12/31", "12/31", []string{eve}},
		{"offboarding 31.12", "31.12", []string{eve}},
		{"leaves company 31.12.", "31.12.", []string{eve}},
		{"Austritt: 31.12.", "31.12.", []string{eve}},
		{"Vertragsende 31.12.", "31.12.", []string{eve}},
		{"letzter Tag ist der 31.12.", "31.12.", []string{eve}},
		{"scheidet mit Ablauf des 31.12. aus", "31.12.", []string{eve}},
		{"départ 31/12", "31/12", []string{eve}},
		{"baja 31/12", "31/12", []string{eve}},
		{"uit dienst 31-12", "31-12", []string{eve}},
		{"saída 31/12", "31/12", []string{eve}},
		{"leaves Thu 31/12", "31/12", []string{eve}},
		{"last day: 31st", "31st", []string{eve}},
		{"last day 31st please", "31st", []string{eve}},
		{"leaves Friday the 4th, they say", "4th", []string{"2026-12-04"}},
		{"leaves Dec31", "Dec31", []string{eve}},
		{"leaves December thirty first", "December thirty first", []string{eve}},
		{`contract 31\12\2026`, `31\12\2026`, []string{eve}},
		{"contract 31,12,2026", "31,12,2026", []string{eve}},

		// Behind other words that ask for a day of a month.
		{"no later than 31/12", "31/12", []string{eve}},
		{"spätestens 31.12.", "31.12.", []string{eve}},
		{"last day of work 12/31", "12/31", []string{eve}},
		{"last day in the office is 12/31", "12/31", []string{eve}},
		{"final working day 31/12", "31/12", []string{eve}},
		{"term 12/31", "12/31", []string{eve}},
		{"leaves us 12/31", "12/31", []string{eve}},
		{"until and including 31/12", "31/12", []string{eve}},
		{"gone 12/31", "12/31", []string{eve}},
		{"eff. 12/31", "12/31", []string{eve}},
		{"w.e.f. 31/12", "31/12", []string{eve}},
		{"notice 31/12", "31/12", []string{eve}},
		{"Renteneintritt 31.12.", "31.12.", []string{eve}},
		{"sista dagen 31/12", "31/12", []string{eve}},

		{"room 32 Dec 25", "Dec 25", []string{"2026-12-25"}},
		{"last day 31-12-2026-", "31-12-2026", []string{eve}},
		{"termina 15 de mar", "15 de mar", []string{"2027-03-15"}},
		{"2027年3月3日", "2027年3月3日", []string{"2027-03-03"}},
		{"3月3日", "3月3日", []string{"2027-03-03"}},
		{"leaves Dec 31 17:00 europe/berlin", "Dec 31", []string{eve}},
		{"last day 15.01.27T17:00:00", "15.01.27T17:00", []string{"2027-01-15"}},
		// More than wfbot waits for.
		{"last day 27.01.31", "27.01.31", nil},
		{"last day 28-12-25", "28-12-25", nil},
		{"contract until 31.12.36", "31.12.36", nil},
		{"contract until 2028-12-31", "2028-12-31", nil},
		{"contract until 31 December 2029", "31 December 2029", nil},

		// Neither the first day of a reason nor the first thing in it.
		{"contract from 1.1.2026 until 31.12.2026", "31.12.2026", []string{eve}},
		{"contract 1.1.2026-31.12.2026", "31.12.2026", []string{eve}},
		{"version 4.10 was hers, leaving Dec 31", "Dec 31", []string{eve}},
		{"see <https://acme.com/t/1|last day 12/31/2026>", "12/31/2026", []string{eve}},
		{"last day <tel:31122026|31.12.2026>", "31.12.2026", []string{eve}},
	}
	for _, tt := range tests {
		t.Run(tt.text, func(t *testing.T) {
			t.Parallel()
			_, err := dueAs(t, tt.text)
			refusedAs(t, err, request.RefusedDateInReason, tt.word, tt.instead...)
		})
	}
}

// Of two days that are as near, the later is meant, since it may be still to come.
func TestReasonNamesADayAsNearAsAnother(t *testing.T) {
	t.Parallel()
	c := request.Command{Verb: request.Ask, People: mentions("jane@acme.com"), Reason: "until 1 March"}
	_, err := c.Due(time.UTC, time.Date(2027, 8, 31, 9, 0, 0, 0, time.UTC)) // 183 days from each
	refusedAs(t, err, request.RefusedDateInReason, "1 March", "2028-03-01")
}

// What a refusal says to type can be typed in front of the reason as it stands.
func TestReasonNamesADayAndIsTypedAsSaid(t *testing.T) {
	t.Parallel()
	for _, reason := range []string{
		"31/12 contract ends", "31.12. contract ends", "12/31 last day", "31 Dez", "1er janvier", "31 de diciembre", "2026年12月31日", "３１／１２／２０２６",
		"le 31/12/2026", "am 31. Dezember", "zum 31.12.", "bis 31.12.26", "not before 2026-12-31", "31 12 2026", "31122026",
		"leaves Dec 31 17:00", "leaves Dec 31 at 5pm", "when: 2026-12-31 17:00", "last day 5/1/27", "due 2026-12-31",
	} {
		var no *request.CommandError
		if _, err := dueAs(t, reason); !errors.As(err, &no) || no.Refusal != request.RefusedDateInReason || len(no.Instead) == 0 {
			t.Errorf("%q: %v", reason, err)
			continue
		}
		for _, day := range no.Instead {
			if c, err := dueAs(t, "on "+day+" "+reason); err != nil || c.When.String() != day || c.Reason != reason {
				t.Errorf("%q: %+v, %v", "on "+day+" "+reason, c, err)
			}
		}
		if c, err := dueAs(t, "now "+reason); err != nil || !c.Now || c.Reason != reason {
			t.Errorf("%q: %+v, %v", "now "+reason, c, err)
		}
	}
	// But what follows is no time and no zone either.
	for text, word := range map[string]string{
		"on 2026-12-31 30/12": "on 2026-12-31 30/12", "on 2026-12-31 31/12 5pm": "on 2026-12-31 31/12 5pm", "on 2026-12-31 31/12 EST": "on 2026-12-31 31/12 EST",
		"on 2026-12-31 17:00 in the UK": "on 2026-12-31 17:00 in the UK", "on 2026-12-31 17:00 (Lagos)": "on 2026-12-31 17:00 (Lagos)",
		"on 2026-10-12 10.12": "on 2026-10-12 10.12", "on 2026-12-31 Etc/GMT+2 left": "on 2026-12-31 Etc/GMT+2",
	} {
		_, err := dueAs(t, text)
		refusedAs(t, err, request.RefusedUnclearTime, word)
	}
}

// Rows may hold days, whatever is typed below them.
func TestRowsWithDays(t *testing.T) {
	t.Parallel()
	const rows = "jane@acme.com\t2026-12-31\njoe@acme.com\t2027-01-31\n"
	due := func(text string) (c request.Command, err error) {
		if c, err = request.ParseCommand(text); err == nil {
			_, err = c.Due(zone(t, "Europe/Berlin"), saturday)
		}
		return c, err
	}
	_, err := due(rows)
	refusedAs(t, err, request.RefusedDateInReason, "2026-12-31", "2026-12-31")
	if c, err := due(rows + "on 2026-12-31"); err != nil || len(c.People) != 2 || c.When != day(2026, 12, 31) || c.Reason != "2026-12-31; 2027-01-31" {
		t.Errorf("%+v, %v", c, err)
	}
	if c, err := due(rows + "now"); err != nil || len(c.People) != 2 || !c.Now || c.Reason != "2026-12-31; 2027-01-31" {
		t.Errorf("%+v, %v", c, err)
	}
	_, err = due("jane@acme.com\tFriday\njoe@acme.com\tMonday")
	refusedAs(t, err, request.RefusedUnclearDate, "Friday")
	if c, err := due("jane@acme.com\tFriday\njoe@acme.com\tMonday\nnow"); err != nil || len(c.People) != 2 || !c.Now {
		t.Errorf("%+v, %v", c, err)
	}
}

// What is no day, or none to come, is a reason like any other.
func TestReasonNamesNoDayToCome(t *testing.T) {
	t.Parallel()
	tests := []struct{ why, text string }{
		// Days gone by, in the same ways.
		{"year first", "left 2026-10-31"},
		{"month first", "left 10/31/2026"},
		{"day first", "ended 31.10.2026"},
		{"both readings are over", "ended 2/3/2026"},
		{"a short year", "ended 31.10.26"},
		{"a year of the last century", "born 12/11/99"},
		{"in words", "contract ended 31 October 2026"},
		{"in words, last year", "contract ended Dec 31, 2025"},
		{"in words, last year, short", "contract ended 31 Dec 25"},
		{"in German", "Vertrag endete am 31. Oktober"},
		{"no year: the nearest is over", "last day 11/15"},
		{"no year, in words: the nearest is over", "leaving 1 July"},
		{"a day of the month that is over, it says", "her last day was on the 15th"},
		{"today", "last day 2026-11-28"},
		{"today in words", "last day is Nov 28"},
		{"today without a year", "last day 28.11."},

		// What only looks like one.
		{"around the clock", "no 24/7 work any more"},
		{"around the clock, said first", "24/7 support is over"},
		{"a version", "maintained version 4.10"},
		{"a version with three parts", "maintained version 4.10.2"},
		{"an address", "owns 10.12.31.26"},
		{"a longer number", "ticket 12026-12-31"},
		{"the end of a code", "1-2026-12-31 was her ticket"},
		{"part of a code", "ticket AB31.12.2026"},
		{"no such month", "ticket 2026-99-99"},
		{"no such day", "ticket 31.11.2027"},
		{"a telephone number", "call 555-12-31-2026"},
		{"a ratio without a word that asks for a day", "worked 3/4 of the week"},
		{"a range without such a word", "some 5-10 people left"},
		{"eight digits that are no day", "ticket 48151623"},
		{"eight digits far ahead", "ticket 20541231"},
		{"a year", "budget 2027 cut"},
		{"a month and a year", "budget of December 2027"},
		{"a word that begins with a month", "3 marketing people left"},
		{"may", "may leave 3 things behind"},
		{"words that are months elsewhere", "3 out of 5 projects, set 3 to done, 2 ago"},
		{"a percentage", "cut by 10.5%"},
		{"an amount", "overdrawn by 1.250,00"},
		{"weeks", "after 3 weeks"},
		{"a number behind a word that asks for a day", "blocked by 3 tickets"},
		{"an ordinal that goes on", "on leave until the 3rd party decides"},
		{"more than a half", "worked more than 1/2 of the week"},
		{"a number behind a word that asks for a day of a month", "notice 3, room 12"},
		{"nothing", ""},
	}
	for _, tt := range tests {
		t.Run(tt.why, func(t *testing.T) {
			t.Parallel()
			if c, err := dueAs(t, tt.text); err != nil || c.Reason != tt.text || c.When != (request.When{}) {
				t.Errorf("%q is %+v, %v; want a reason", tt.text, c, err)
			}
		})
	}
}

// now stands in the place of the date, and is no part of the reason.
func TestNow(t *testing.T) {
	t.Parallel()
	tests := []struct{ text, reason string }{
		{"now contract ended 30 November", "contract ended 30 November"},
		{"now", ""},
		{"Now, last day 12/31/2026", "last day 12/31/2026"},
		{"“now” last day 12/31/2026", "last day 12/31/2026"},
		{"(now) leaving Dec 31", "leaving Dec 31"},
		{"NOW: am 31. Dezember", "am 31. Dezember"},
		{"- now - until 31.12.", "until 31.12."},
		{"now works elsewhere", "works elsewhere"},
		{"now now or never", "now or never"},
		{"now leaves tomorrow", "leaves tomorrow"},
		{"left now", "left now"}, // not in the place of the date: a reason like any other
		{"nowhere to be seen", "nowhere to be seen"},
		{"know-how is gone", "know-how is gone"},
	}
	for _, tt := range tests {
		t.Run(tt.text, func(t *testing.T) {
			t.Parallel()
			c, err := dueAs(t, tt.text)
			now := tt.reason != tt.text
			if err != nil || c.Now != now || c.Reason != tt.reason || c.When != (request.When{}) {
				t.Errorf("%+v, %v; want now (%t) and %q", c, err, now, tt.reason)
			}
		})
	}
	for text, word := range map[string]string{
		"now on 2026-12-31 contract ends": "now 2026-12-31", "now 2026-12-31 17:00": "now 2026-12-31 17:00", "now on Friday": "now on Friday",
		"now tomorrow": "now tomorrow", "now by 12/31/2026": "now by 12/31/2026", "now on 2026-12-31 5pm PT": "now on 2026-12-31 5pm PT",
	} {
		_, err := dueAs(t, text)
		refusedAs(t, err, request.RefusedUnclearDate, word)
	}
	_, err := dueAs(t, "now bob@acme.com left")
	refusedAs(t, err, request.RefusedNamedLate, "bob@acme.com")
}

func TestHint(t *testing.T) {
	t.Parallel()
	tests := []struct{ reason, hint string }{
		{"leaves Friday", "Friday"},
		{"leaves next Friday", "next Friday"},
		{"last day is FRIDAY", "FRIDAY"},
		{"her last day: fri", "fri"},
		{"leaves tomorrow", "tomorrow"},
		{"leaves the day after tomorrow", "day after tomorrow"},
		{"leaves tonight", "tonight"},
		{"leaves at 5pm", "5pm"},
		{"leaves at 17:00", "17:00"},
		{"contract runs out at the end of the month", "end of the month"},
		{"contract until end of December", "end of December"},
		{"contract ends month-end", "month-end"},
		{"leaves in two weeks", "in two weeks"},
		{"leaves in 10 days", "in 10 days"},
		{"leaves next week", "next week"},
		{"switch off EOD", "EOD"},
		{"leaves December", "leaves December"},
		{"leaves in January", "in January"},
		{"contract until Christmas", "Christmas"},
		{"contract ends 12/2026", "12/2026"},
		{"contractor - 12/31", "12/31"},
		{"contractor (01/05)", "01/05"},
		{"contractor - 12/5", ""},
		{"contractor - 5/12", ""},
		{"ostatni dzień 31 grudnia 2026", "31 grudnia 2026"},
		{"last day 31.XII.2026", "31.XII.2026"},
		{"последний день 31 декабря 2026", "31 декабря 2026"},
		{"a half: 1/2, three quarters: 3/4, works 24/7", ""},
		{"odszedł 31 grudnia 2025", ""},
		{"geht Anfang Januar", "Anfang Januar"},
		{"geht am Freitag", "Freitag"},
		{"geht nächsten Freitag", "nächsten Freitag"},
		{"geht morgen", "morgen"},
		{"Vertrag bis Ende des Monats", "Ende des Monats"},
		{"Vertrag bis Monatsende", "Monatsende"},
		{"geht in zwei Wochen", "in zwei Wochen"},
		{"part vendredi", "vendredi"},
		{"part demain", "demain"},
		{"contrat jusqu’à la fin du mois", "fin du mois"},
		{"part la semaine prochaine", "semaine prochaine"},
		{"se va mañana", "mañana"},
		{"hasta fin de mes", "fin de mes"},
		{"va via venerdì", "venerdì"},
		{"fino a fine mese", "fine mese"},
		{"vertrekt vrijdag", "vrijdag"},
		{"sai na sexta-feira", "sexta-feira"},
		{"sai amanhã", "amanhã"},
		{"leaves 12/31/2026, as of now", "12/31/2026"}, // with now, or asked for by an older version

		{"leaving 1 July", "1 July"}, // the nearest is five months ago, but the next may be meant
		{"last day 6/30", "6/30"},
		{"contract ended 1 July", ""},
		{"on leave since July 1st", ""},
		{"leaving 15 November", ""},
		{"leaving 1 July 2026", ""},

		{"24/7 support is over", ""},
		{"left the company", ""},
		{"left on Friday", ""},
		{"left last Friday", ""},
		{"contract ended Friday", ""},
		{"since Monday on leave", ""},
		{"seit Montag freigestellt", ""},
		{"parti vendredi dernier", ""},
		{"last day was Friday", ""},
		{"works on Mondays only", ""},
		{"end of contract", ""},
		{"in Berlin for years", ""},
		{"contract ended 31 October 2026", ""},
		{"fin de contrat", ""},
		{"", ""},
	}
	for _, tt := range tests {
		t.Run(tt.reason, func(t *testing.T) {
			t.Parallel()
			if got := request.Hint(tt.reason, time.Time{}, saturday); got != tt.hint {
				t.Errorf("%q, want %q", got, tt.hint)
			}
			if got := request.Hint(tt.reason, saturday.AddDate(0, 1, 0), saturday); got != "" {
				t.Errorf("%q, although it waits", got)
			}
		})
	}
}
