package request_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"wfbot/bot/request"
)

// Each row is typed behind "jane@acme.com ".
func TestTypedDate(t *testing.T) {
	t.Parallel()
	last := day(2026, 12, 31)
	five := clock(last, 17, 0)
	half := clock(last, 17, 30)
	tests := []struct {
		why, text string
		when      request.When
		reason    string
	}{
		// The date.
		{"date", "on 2026-12-31", last, ""},
		{"date and reason", "on 2026-12-31 contract ends", last, "contract ends"},
		{"without on", "2026-12-31 contract ends", last, "contract ends"},
		{"as written in Germany", "on 31.12.2026 contract ends", last, "contract ends"},
		{"that without on", "31.12.2026", last, ""},
		{"without noughts", "on 2026-1-5", day(2026, 1, 5), ""},
		{"days and months without noughts", "on 5.1.2026", day(2026, 1, 5), ""},
		{"leap day", "on 2028-02-29", day(2028, 2, 29), ""},
		{"shouted", "ON 2026-12-31 CONTRACT ENDS", last, "CONTRACT ENDS"},
		{"no space", "on2026-12-31", last, ""},
		{"colon", "on: 2026-12-31: contract ends", last, "contract ends"},
		{"stray spaces", "  on \t 2026-12-31 \n contract ends ", last, "contract ends"},
		{"no-break spaces", "on\u00a02026-12-31\u00a017:00\u202fcontract ends", five, "contract ends"},
		{"invisible characters", "on \u200b2026\u200b-12-31\u2060 contract ends", last, "contract ends"},
		{"no-break hyphens", "on 2026\u201112\u201131 contract ends", last, "contract ends"},
		{"en dashes", "on 2026–12–31 contract ends", last, "contract ends"},
		{"quoted", `on "2026-12-31" contract ends`, last, "contract ends"},
		{"quoted by a telephone", "on “2026-12-31” contract ends", last, "contract ends"},
		{"in code ticks", "on `2026-12-31 17:00` contract ends", five, "contract ends"},
		{"in brackets", "(on 2026-12-31) contract ends", last, "contract ends"},
		{"behind a comma", ", on 2026-12-31, contract ends", last, "contract ends"},
		{"behind a dash", "- on 2026-12-31 - contract ends", last, "contract ends"},
		{"behind an em dash", "— 2026-12-31 — contract ends", last, "contract ends"},
		{"a full stop", "on 2026-12-31. Contract ends.", last, "Contract ends."},
		{"a quoted reason keeps its quotes", `on 2026-12-31 "contract ends"`, last, `"contract ends"`},
		{"taken for a telephone number by Slack", "on <tel:20261231|2026-12-31> 17:00 contract ends", five, "contract ends"},
		{"all of it taken for one", "on <tel:202612311700|2026-12-31 17:00> contract ends", five, "contract ends"},
		{"escapes in the reason, undone once", "on 2026-12-31 R&amp;D &amp;lt;", last, "R&D &lt;"},
		{"a later date belongs to the reason", "on 2026-12-31 back on 2027-03-01", last, "back on 2027-03-01"},
		{"a day in words belongs to the reason, as the date is known", "on 2026-12-31 Thursday", last, "Thursday"},
		{"a number later in the reason", "on 2026-12-31 after 20 years", last, "after 20 years"},
		{"a word that begins with at", "on 2026-12-31 attrition", last, "attrition"},

		// The time.
		{"time", "on 2026-12-31 17:00 contract ends", five, "contract ends"},
		{"without on", "2026-12-31 17:00", five, ""},
		{"at", "on 2026-12-31 at 17:00 contract ends", five, "contract ends"},
		{"@", "on 2026-12-31 @ 17:00", five, ""},
		{"with a T", "on 2026-12-31T17:00 contract ends", five, "contract ends"},
		{"with a small t", "on 2026-12-31t17:00", five, ""},
		{"comma", "on 2026-12-31, 5pm, contract ends", five, "contract ends"},
		{"comma without a space", "on 2026-12-31,17:00,contract ends", five, "contract ends"},
		{"in brackets", "on 2026-12-31 (17:00) contract ends", five, "contract ends"},
		{"quoted apart", `on "2026-12-31" at "17:00" contract ends`, five, "contract ends"},
		{"5pm", "on 2026-12-31 5pm contract ends", five, "contract ends"},
		{"1pm", "on 2026-12-31 1pm", clock(day(2026, 12, 31), 13, 0), ""},
		{"5 PM", "on 2026-12-31 5 PM contract ends", five, "contract ends"},
		{"5 p.m.", "on 2026-12-31 5 p.m. contract ends", five, "contract ends"},
		{"5:30 pm", "on 2026-12-31, 5:30 pm", half, ""},
		{"5:30pm.", "on 2026-12-31 at 5:30pm.", half, ""},
		{"as in Germany", "on 31.12.2026 17:30 Uhr", half, ""},
		{"early", "on 2026-12-31 0:05", clock(last, 0, 5), ""},
		{"9am", "on 2026-12-31 9am", clock(last, 9, 0), ""},
		{"noon", "on 2026-12-31 12pm", clock(last, 12, 0), ""},
		{"midnight is when the day begins", "on 2026-12-31 12:00 am", clock(last, 0, 0), ""},
		{"the last minute", "on 2026-12-31 23:59", clock(last, 23, 59), ""},
		{"the reason begins like a zone", "on 2026-12-31 17:00 left the team", five, "left the team"},
		{"small words that are zones in capitals", "on 2026-12-31 17:00 west office closes", five, "west office closes"},

		// The line: ordinary reasons.
		{"a wish", "on her own wish", request.When{}, "on her own wish"},
		{"leave", "on leave since May", request.When{}, "on leave since May"},
		{"parental leave", "on parental leave", request.When{}, "on parental leave"},
		{"mondays", "on Mondays only", request.When{}, "on Mondays only"},
		{"a word that begins with on", "once 2 weeks are over", request.When{}, "once 2 weeks are over"},
		{"a word that begins with a month", "on marketing's wish", request.When{}, "on marketing's wish"},
		{"a word that is a month elsewhere", "may no longer work here", request.When{}, "may no longer work here"},
		{"a number", "3 warnings", request.When{}, "3 warnings"},
		{"a version", "24 h rule", request.When{}, "24 h rule"},
		{"since a day", "since Monday on leave", request.When{}, "since Monday on leave"},
		{"left on a day", "left on 2026-01-31", request.When{}, "left on 2026-01-31"},
		{"day later in the reason", "contract ended Friday", request.When{}, "contract ended Friday"},
		{"end of something else", "end of contract", request.When{}, "end of contract"},
		{"effective, but no day", "effective immediately", request.When{}, "effective immediately"},
		{"after years", "after 20 years with us", request.When{}, "after 20 years with us"},
		{"in a place", "in Berlin for 2 weeks", request.When{}, "in Berlin for 2 weeks"},
		{"a company named after a star", "Sun Microsystems contract over", request.When{}, "Sun Microsystems contract over"},
		{"a ticket", "#20261 INC-2026", request.When{}, "#20261 INC-2026"},
	}
	for _, tt := range tests {
		t.Run(tt.why, func(t *testing.T) {
			t.Parallel()
			got, err := request.ParseCommand("jane@acme.com " + tt.text)
			if err != nil {
				t.Fatalf("%q: %v", tt.text, err)
			}
			want := asking(tt.reason, "jane@acme.com")
			want.When = tt.when
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%q (-want +got):\n%s", tt.text, diff)
			}
		})
	}
}

func TestTypedDateRefused(t *testing.T) {
	t.Parallel()
	tests := []struct {
		why, text string
		no        request.Refusal
		word      string
	}{
		{"month or day first?", "on 12/31/2026 contract ends", request.RefusedUnclearDate, "on 12/31/2026"},
		{"day or year first?", "on 31/12/26", request.RefusedUnclearDate, "on 31/12/26"},
		{"that without on", "01/02/2026 contract ends", request.RefusedUnclearDate, "01/02/2026"},
		{"slashes, even with the year first", "on 2026/12/31", request.RefusedUnclearDate, "on 2026/12/31"},
		{"a short year", "on 31.12.26", request.RefusedUnclearDate, "on 31.12.26"},
		{"no year", "on 31.12. contract ends", request.RefusedUnclearDate, "on 31.12."},
		{"digits alone", "20261231 contract ends", request.RefusedUnclearDate, "20261231"},
		{"too many digits", "on 2026-12-311", request.RefusedUnclearDate, "on 2026-12-311"},
		{"digits of another script", "on ２０２６-12-31", request.RefusedUnclearDate, "on ２０２６-12-31"},
		{"any number behind on", "on 3 projects", request.RefusedUnclearDate, "on 3"},
		{"without a space", "on3 projects", request.RefusedUnclearDate, "on3"},
		{"on the 31st", "on the 31st", request.RefusedUnclearDate, "on the 31st"},
		{"on and nothing", "on", request.RefusedUnclearDate, "on"},
		{"on and marks", "on …", request.RefusedUnclearDate, "on"},
		{"month in words", "on 31 December 2026", request.RefusedUnclearDate, "on 31"},
		{"month first", "on December 31, 2026", request.RefusedUnclearDate, "on December 31"},
		{"short month", "on Dec 31", request.RefusedUnclearDate, "on Dec 31"},
		{"first of", "on the first of May", request.RefusedUnclearDate, "on the first of May"},
		{"month in words without on", "31st of December contract ends", request.RefusedUnclearDate, "31st of December"},
		{"month first without on", "December 31 contract ends", request.RefusedUnclearDate, "December 31"},
		{"joined", "31-Dec-2026", request.RefusedUnclearDate, "31-Dec-2026"},
		{"weekday", "on Friday", request.RefusedUnclearDate, "on Friday"},
		{"weekday, next", "on next Friday contract ends", request.RefusedUnclearDate, "on next Friday"},
		{"weekday, short", "on fri.", request.RefusedUnclearDate, "on fri."},
		{"weekday, quoted", "on “Friday” contract ends", request.RefusedUnclearDate, "on “Friday”"},
		{"weekday without on", "Friday, contract ends", request.RefusedUnclearDate, "Friday"},
		{"weekday before the date", "on Thursday 2026-12-31", request.RefusedUnclearDate, "on Thursday"},
		{"tomorrow", "on tomorrow", request.RefusedUnclearDate, "on tomorrow"},
		{"tomorrow without on", "Tomorrow contract ends", request.RefusedUnclearDate, "Tomorrow"},
		{"today may mean its end", "today is her last day", request.RefusedUnclearDate, "today"},
		{"by", "by Friday", request.RefusedUnclearDate, "by Friday"},
		{"from", "from 2026-12-31 on", request.RefusedUnclearDate, "from 2026-12-31"},
		{"effective", "effective 2026-12-31", request.RefusedUnclearDate, "effective 2026-12-31"},
		{"as of", "as of 1 January", request.RefusedUnclearDate, "as of 1 January"},
		{"until", "until tomorrow", request.RefusedUnclearDate, "until tomorrow"},
		{"a time alone", "17:00 contract ends", request.RefusedUnclearDate, "17:00"},
		{"at a time", "at 5pm", request.RefusedUnclearDate, "at 5pm"},
		{"in two weeks", "in two weeks", request.RefusedUnclearDate, "in two weeks"},
		{"in 2 days", "in 2 days", request.RefusedUnclearDate, "in 2 days"},
		{"next week", "next week", request.RefusedUnclearDate, "next week"},
		{"end of the month", "at the end of the month", request.RefusedUnclearDate, "at the end of the month"},
		{"end of day", "EOD please", request.RefusedUnclearDate, "EOD"},

		{"no minutes", "on 2026-12-31 17 contract ends", request.RefusedUnclearTime, "on 2026-12-31 17"},
		{"minutes behind a full stop", "on 2026-12-31 17.00", request.RefusedUnclearTime, "on 2026-12-31 17.00"},
		{"hours with an h", "on 2026-12-31 17h", request.RefusedUnclearTime, "on 2026-12-31 17h"},
		{"digits alone", "on 2026-12-31 1700", request.RefusedUnclearTime, "on 2026-12-31 1700"},
		{"one digit for the minutes", "on 2026-12-31 17:0", request.RefusedUnclearTime, "on 2026-12-31 17:0"},
		{"seconds", "on 2026-12-31T17:00:00", request.RefusedUnclearTime, "on 2026-12-31T17:00:00"},
		{"at noon", "on 2026-12-31 at noon", request.RefusedUnclearTime, "on 2026-12-31 at noon"},
		{"at and nothing", "on 2026-12-31 at", request.RefusedUnclearTime, "on 2026-12-31 at"},
		{"Zulu", "on 2026-12-31T17:00Z", request.RefusedUnclearTime, "on 2026-12-31T17:00Z"},
		{"an offset", "on 2026-12-31 17:00 +01:00", request.RefusedUnclearTime, "on 2026-12-31 17:00 +01:00"},
		{"an offset without a space", "on 2026-12-31T17:00+01:00", request.RefusedUnclearTime, "on 2026-12-31T17:00+01:00"},
		{"central European time", "on 2026-12-31 17:00 CET", request.RefusedUnclearTime, "on 2026-12-31 17:00 CET"},
		{"Pacific time", "on 2026-12-31 5pm PST", request.RefusedUnclearTime, "on 2026-12-31 5pm PST"},
		{"a span of time", "on 2026-12-31 17:00 - 18:00", request.RefusedUnclearTime, "on 2026-12-31 17:00 - 18:00"},
		{"a span of days", "on 2026-12-31 – 2027-01-05", request.RefusedUnclearTime, "on 2026-12-31 – 2027-01-05"},
		{"two dates", "on 2026-12-31 2027-01-05", request.RefusedUnclearTime, "on 2026-12-31 2027-01-05"},
		{"twice on", "on 2026-12-31 on 2027-01-05", request.RefusedUnclearTime, "on 2026-12-31 on 2027-01-05"},
		{"something glued to it", "on 2026-12-31x", request.RefusedUnclearDate, "on 2026-12-31x"},
		{"a date behind a link", "<https://acme.com/t/1|on 2026-12-31> contract ends", request.RefusedUnclearDate, "2026-12-31"},
		{"a day behind a link", "<https://acme.com/t/1|on Friday> contract ends", request.RefusedUnclearDate, "on Friday"},

		{"30 February", "on 2026-02-30 contract ends", request.RefusedImpossibleDate, "on 2026-02-30"},
		{"29 February 2026", "on 29.2.2026", request.RefusedImpossibleDate, "on 29.2.2026"},
		{"month 13", "2026-13-01", request.RefusedImpossibleDate, "2026-13-01"},
		{"months and days the wrong way round", "on 12.31.2026", request.RefusedImpossibleDate, "on 12.31.2026"},
		{"year 0, month 0, day 0", "on 0000-00-00", request.RefusedImpossibleDate, "on 0000-00-00"},
		{"25:00", "on 2026-12-31 25:00 contract ends", request.RefusedImpossibleDate, "on 2026-12-31 25:00"},
		{"24:00", "on 2026-12-31 24:00", request.RefusedImpossibleDate, "on 2026-12-31 24:00"},
		{"minute 60", "on 2026-12-31 17:60", request.RefusedImpossibleDate, "on 2026-12-31 17:60"},
		{"17 pm", "on 2026-12-31 17:00 pm", request.RefusedImpossibleDate, "on 2026-12-31 17:00 pm"},
		{"0 am", "on 2026-12-31 0am", request.RefusedImpossibleDate, "on 2026-12-31 0am"},

		{"a person behind the date", "on 2026-12-31 bob@acme.com", request.RefusedNamedLate, "bob@acme.com"},
		{"a person behind an and", "on 2026-12-31 and <mailto:bob@acme.com|bob@acme.com>", request.RefusedNamedLate, "bob@acme.com"},
		{"a mention behind the time", "on 2026-12-31 17:00, <@U2|bob> too", request.RefusedNamedLate, "bob"},
		{"a slip behind the date", "2026-12-31 bob@acme", request.RefusedNamedLate, "bob@acme"},
	}
	for _, tt := range tests {
		t.Run(tt.why, func(t *testing.T) {
			t.Parallel()
			got, err := request.ParseCommand("jane@acme.com " + tt.text)
			if err == nil {
				t.Fatalf("%q is %+v", tt.text, got)
			}
			refusedAs(t, err, tt.no, tt.word)
		})
	}
}

func TestDue(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 5, 4, 8, 0, 0, 0, time.UTC) // ten in Berlin, still 3 May in Honolulu
	tests := []struct {
		why, text, zone string
		want            string // empty: at once
		no              request.Refusal
		word            string
		instead         string // of RefusedDateInReason: how to type that day
	}{
		{why: "no date", text: "left", zone: "Europe/Berlin"},
		{why: "a date", text: "on 2026-12-31 17:00 contract ends", zone: "Europe/Berlin", want: "2026-12-31T17:00:00+01:00"},
		{why: "a date in the reason too", text: "on 2026-12-31 17:00 back on 2027-03-01", zone: "Europe/Berlin", want: "2026-12-31T17:00:00+01:00"},
		{why: "too late", text: "on 2026-05-04 9:59", zone: "Europe/Berlin", no: request.RefusedPast, word: "2026-05-04 09:59"},
		{why: "skipped", text: "on 2027-03-28 at 2:30am", zone: "Europe/Berlin", no: request.RefusedSkippedTime, word: "2027-03-28 02:30"},
		{why: "a day gone by in the reason", text: "left on 2026-04-30", zone: "Europe/Berlin"},
		{why: "today in the reason", text: "last day 2026-05-04", zone: "Europe/Berlin"},
		{why: "which is tomorrow in Honolulu", text: "last day 2026-05-04", zone: "Pacific/Honolulu", no: request.RefusedDateInReason, word: "2026-05-04", instead: "2026-05-04"},
		{why: "a day to come at the end of the reason", text: "contract ends on 2026-12-31", zone: "Europe/Berlin", no: request.RefusedDateInReason, word: "2026-12-31", instead: "2026-12-31"},
		{why: "in another language", text: "am 31.12.2026", zone: "Europe/Berlin", no: request.RefusedDateInReason, word: "31.12.2026", instead: "2026-12-31"},
		{why: "the second of two", text: "from 1.1.2026 contract, until 31.12.2026", zone: "Europe/Berlin", no: request.RefusedUnclearDate, word: "from 1.1.2026"},
		{why: "both in the reason", text: "contract from 1.1.2026 until 31.12.2026", zone: "Europe/Berlin", no: request.RefusedDateInReason, word: "31.12.2026", instead: "2026-12-31"},
		{why: "no day of any calendar", text: "ticket 2026-99-99", zone: "Europe/Berlin"},
		{why: "part of a longer number", text: "ticket 12026-12-31", zone: "Europe/Berlin"},
	}
	for _, tt := range tests {
		t.Run(tt.why, func(t *testing.T) {
			t.Parallel()
			c, err := request.ParseCommand("jane@acme.com " + tt.text)
			var got time.Time
			if err == nil {
				got, err = c.Due(zone(t, tt.zone), now)
			}
			if tt.no != request.Allowed {
				var instead []string
				switch tt.no {
				case request.RefusedSkippedTime:
					instead = []string{"2027-03-28 01:59", "2027-03-28 03:00"}
				case request.RefusedDateInReason:
					instead = []string{tt.instead}
				}
				refusedAs(t, err, tt.no, tt.word, instead...)
				return
			}
			if err != nil || got.IsZero() != (tt.want == "") || !got.IsZero() && got.Format(time.RFC3339) != tt.want {
				t.Errorf("%q is due %v, %v; want %q", tt.text, got, err, tt.want)
			}
		})
	}
}

// behindDate is typed behind "jane@acme.com on 2026-12-31 ".
type behindDate struct {
	text   string
	when   string // empty: refused
	reason string
}

func (tt behindDate) check(t *testing.T) {
	t.Helper()
	c, err := dueAs(t, "on 2026-12-31 "+tt.text)
	switch {
	case tt.when == "":
		if err == nil || !errors.Is(err, request.RefusedUnclearTime) {
			t.Errorf("%q is %v and %q, %v; want a refusal", tt.text, c.When, c.Reason, err)
		}
	case err != nil || c.When.String() != tt.when || c.Reason != tt.reason:
		t.Errorf("%q is %v and %q, %v; want %s and %q", tt.text, c.When, c.Reason, err, tt.when, tt.reason)
	}
}

// What names a zone is understood or refused, and never becomes reason.
func TestTypedZone(t *testing.T) {
	t.Parallel()
	const date, five = "2026-12-31", "2026-12-31 17:00"
	for _, tt := range []behindDate{
		// Understood: names of the IANA database, and distances from UTC.
		{"17:00 Europe/Berlin", five + " Europe/Berlin", ""},
		{"17:00 Europe/Berlin contract ends", five + " Europe/Berlin", "contract ends"},
		{"17:00 europe/berlin contract ends", five + " europe/berlin", "contract ends"},
		{"17:00, Europe/Berlin, contract ends", five + " Europe/Berlin", "contract ends"},
		{"17:00 (Europe/Berlin) contract ends", five + " Europe/Berlin", "contract ends"},
		{"5pm America/New_York - contract ends", five + " America/New_York", "contract ends"},
		{"17:00 America/Argentina/Buenos_Aires", five + " America/Argentina/Buenos_Aires", ""},
		{"17:00 US/Pacific", five + " US/Pacific", ""},
		{"17:00 Mars/Phobos base closes", "", ""},
		{"Europe/Berlin contract ends", date + " Europe/Berlin", "contract ends"},
		{"17:00 UTC", five + " UTC", ""},
		{"17:00 utc contract ends", five + " UTC", "contract ends"},
		{"17:00 GMT", five + " UTC", ""},
		{"17:00 (UTC) contract ends", five + " UTC", "contract ends"},
		{"UTC contract ends", date + " UTC", "contract ends"},
		{"17:00 UTC+2 contract ends", five + " UTC+2", "contract ends"},
		{"17:00 UTC +2", five + " UTC+2", ""},
		{"17:00 UTC+02:00", five + " UTC+2", ""},
		{"17:00 UTC+0530", five + " UTC+5:30", ""},
		{"17:00 GMT-5", five + " UTC-5", ""},
		{"17:00 UTC−5 contract ends", five + " UTC-5", "contract ends"},
		{"17:00 UTC+0", five + " UTC", ""},

		// Refused: abbreviations, which several zones share or which say nothing of
		// the time of the year.
		{"5pm PT", "", ""},
		{"5pm pst", "", ""},
		{"5pm Pst", "", ""},
		{"17:00 PST contract ends", "", ""},
		{"17:00 ET", "", ""},
		{"17:00 est", "", ""},
		{"17:00 EDT, contract ends", "", ""},
		{"17:00 CET", "", ""},
		{"17:00 cest contract ends", "", ""},
		{"17:00 MEZ", "", ""},
		{"17:00 SGT", "", ""},
		{"17:00 sgt contract ends", "", ""},
		{"17:00 IST", "", ""},
		{"17:00 BST", "", ""},
		{"17:00 AEST", "", ""},
		{"17:00 HKT contract ends", "", ""},
		{"17:00 XYZT", "", ""},
		{"17:00 CET/CEST", "", ""},
		{"17:00 EST5EDT", "", ""},
		{"17:00 Z", "", ""},
		{"17:00Z", "", ""},
		{"17:00 Zulu", "", ""},
		{"17:00 WEST", "", ""},
		{"CET contract ends", "", ""},
		{"PT", "", ""},
		{"sgt contract ends", "", ""},
		{"17:00 <https://acme.com/|PT> contract ends", "", ""},

		// Refused: places and descriptions.
		{"17:00 Berlin time", "", ""},
		{"17:00 Egypt", "", ""},
		{"17:00 Iceland contract ends", "", ""},
		{"17:00 Eire", "", ""},
		{"17:00 New York time contract ends", "", ""},
		{"17:00 Eastern Standard Time", "", ""},
		{"17:00 local time", "", ""},
		{"17:00 her time, contract ends", "", ""},
		{"17:00 UK time", "", ""},
		{"Berlin time contract ends", "", ""},
		{"17:00 Pacific", "", ""},
		{"17:00 Eastern", "", ""},
		{"17:00 Berlin", "", ""},
		{"17:00 in Berlin", "", ""},
		{"17:00 (London) contract ends", "", ""},
		{"17:00 new york", "", ""},
		{"17:00 Ortszeit", "", ""},
		{"17:00 Berliner Zeit", "", ""},
		{"17:00 heure de Paris", "", ""},
		{"17:00 hora de Madrid", "", ""},
		{"17:00 time zone Europe/Berlin", "", ""},
		{"17:00 local", "", ""},

		{"17:00 P.T.", "", ""},
		{"17:00 e.s.t.", "", ""},
		{"17:00 Europe-Berlin", "", ""},
		{"17:00 - Berlin", "", ""},
		{"17:00 at Europe/Berlin", "", ""},
		{"17:00 time in Berlin", "", ""},
		{"17:00 Köln", "", ""},
		{"17:00 Sommerzeit", "", ""},

		// Refused: distances that no zone has, or from nothing.
		{"17:00 +1", "", ""},
		{"17:00 +01:00 contract ends", "", ""},
		{"17:00+01:00", "", ""},
		{"17:00 -5", "", ""},
		{"17:00 UTC+25", "", ""},
		{"17:00 UTC+2:99", "", ""},
		{"17:00 UTC-13", "", ""},
		{"17:00 UTC 2", "", ""},
		{"17:00 UTC+two", "", ""},
		{"17:00 UTC+2 CET", "", ""},
		{"17:00 Europe/Berlin 18:00", "", ""},
		{"Europe/Berlin 17:00", "", ""},
		{"17:00 Etc/GMT+5", "", ""}, // which is behind UTC, as few people know
		{"17:00 Europe / Berlin", "", ""},

		// Reasons.
		{"17:00 HR asked for it", five, "HR asked for it"},
		{"17:00 IT contract ends", five, "IT contract ends"},
		{"17:00 IT", "", ""}, // may be Italy
		{"17:00 contract ends", five, "contract ends"},
		{"17:00 Contract ends in Berlin", five, "Contract ends in Berlin"},
		{"17:00 R&amp;D is over", five, "R&D is over"},
		{"17:00 A/B test is over", five, "A/B test is over"},
		{"17:00 west office closes", five, "west office closes"},
		{"17:00 part time contract ends", five, "part time contract ends"},
		{"17:00 the last time she comes", five, "the last time she comes"},
		{"17:00 left the team", five, "left the team"},
		{"HR asked for it", date, "HR asked for it"},
		{"IT", date, "IT"},
		{"Berlin office closes", date, "Berlin office closes"},
		{"est en retraite", date, "est en retraite"},
		{"west office closes", date, "west office closes"},
		{"NDA expired", date, "NDA expired"},
		{"time to go", date, "time to go"},
	} {
		t.Run(tt.text, func(t *testing.T) {
			t.Parallel()
			tt.check(t)
		})
	}
}

// Nor do words around a time.
func TestWordsAroundATime(t *testing.T) {
	t.Parallel()
	const date, five = "2026-12-31", "2026-12-31 17:00"
	for _, tt := range []behindDate{
		// Understood.
		{"um 17:00 Uhr", five, ""},
		{"um 17:00 Uhr Vertrag endet", five, "Vertrag endet"},
		{"17:00 Uhr", five, ""},
		{"17:00h contract ends", five, "contract ends"},
		{"17:00 hrs", five, ""},
		{"at 5 p.m., contract ends", five, "contract ends"},
		{"at 17:00 UTC+1", five + " UTC+1", ""},

		// Refused.
		{"by 5pm", "", ""},
		{"by 5pm contract ends", "", ""},
		{"by 5", "", ""},
		{"by five", "", ""},
		{"before 17:00", "", ""},
		{"after 5pm", "", ""},
		{"from 5pm", "", ""},
		{"until 17:00 contract ends", "", ""},
		{"around 5", "", ""},
		{"around noon", "", ""},
		{"no later than 5pm", "", ""},
		{"noon", "", ""},
		{"at noon contract ends", "", ""},
		{"midnight", "", ""},
		{"at midnight", "", ""},
		{"midday, contract ends", "", ""},
		{"morning", "", ""},
		{"in the morning", "", ""},
		{"early afternoon", "", ""},
		{"evening contract ends", "", ""},
		{"at night", "", ""},
		{"EOD", "", ""},
		{"eod contract ends", "", ""},
		{"COB", "", ""},
		{"end of day", "", ""},
		{"at the end of the day", "", ""},
		{"by close of business", "", ""},
		{"end of business, contract ends", "", ""},
		{"first thing", "", ""},
		{"lunchtime", "", ""},
		{"17h30", "", ""},
		{"17h", "", ""},
		{"17.00", "", ""},
		{"17.30 Uhr", "", ""},
		{"17 Uhr", "", ""},
		{"1700", "", ""},
		{"5 o'clock", "", ""},
		{"5 o’clock contract ends", "", ""},
		{"five o'clock", "", ""},
		{"half past five", "", ""},
		{"quarter to six", "", ""},
		{"fünf Uhr", "", ""},
		{"um Mitternacht", "", ""},
		{"gegen 17 Uhr", "", ""},
		{"mittags", "", ""},
		{"am Abend", "", ""},
		{"nach Feierabend", "", ""},
		{"à 17h", "", ""},
		{"à midi", "", ""},
		{"vers 17h30", "", ""},
		{"le soir", "", ""},
		{"a las 17", "", ""},
		{"por la tarde", "", ""},
		{"alle 17", "", ""},
		{"di sera", "", ""},
		{"om 17 uur", "", ""},
		{"às 17h", "", ""},
		{"@ 5", "", ""},
		{"~5pm", "", ""},
		{"5:00 in the afternoon", "", ""},
		{"17:00 sharp", "", ""},
		{"17:00 at the latest", "", ""},
		{"17:00 or later", "", ""},
		{"17:00 or 18:00", "", ""},
		{"17:00 18:00", "", ""},
		{"17:00 to 18:00", "", ""},
		{"17:00-18:00", "", ""},
		{"17:00 bis 18:00", "", ""},
		{"17:00 3 people left", "", ""},
		{"17:00:00", "", ""},
		{"17:00 o'clock", "", ""},
		{"Thursday 5pm", "", ""},
		{"contract ends at 5pm", "", ""},
		{"contract ends at 17:00", "", ""},
		{"Vertrag endet um 17 Uhr", "", ""},
		{"contract ends at noon", "", ""},
		{"3 people take over", "", ""},

		{"Thursday evening", "", ""},
		{"end-of-day", "", ""},
		{"E.O.D.", "", ""},
		{"end of her shift", "", ""},
		{"five p.m.", "", ""},
		{"half five", "", ""},
		{"between 5 and 6", "", ""},
		{"after office hours", "", ""},
		{"kl 17", "", ""},
		{"en fin de journée", "", ""},
		{"17:00 P M", "", ""},
		{"17:00 or so", "", ""},
		{"17:00 exactly", "", ""},
		{"17:00 the next day", "", ""},
		{"contract ends in the evening", "", ""},
		{"contract ends COB", "", ""},

		// Reasons.
		{"Thursday", date, "Thursday"},
		{"end of contract", date, "end of contract"},
		{"after 20 years", date, "after 20 years"},
		{"after 20 years with us", date, "after 20 years with us"},
		{"by her own wish", date, "by her own wish"},
		{"two people left", date, "two people left"},
		{"her zone closes", date, "her zone closes"},
		{"17:00 from London", five, "from London"},
		{"late payment of wages", date, "late payment of wages"},
		{"the team is dissolved", date, "the team is dissolved"},
		{"no longer needed", date, "no longer needed"},
		{"back on 2027-03-01", date, "back on 2027-03-01"},
		{"17:00 decided at 10:30", five, "decided at 10:30"},
		{"17:00 end of contract", five, "end of contract"},
		{"17:00 after 20 years", five, "after 20 years"},
		{"17:00 to join a customer", five, "to join a customer"},
		{"early retirement", date, "early retirement"},
		{"fin de contrat", date, "fin de contrat"},
		{"Ende der Probezeit", date, "Ende der Probezeit"},
	} {
		t.Run(tt.text, func(t *testing.T) {
			t.Parallel()
			tt.check(t)
		})
	}
}

func TestFixedZone(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]int{"UTC": 0, "UTC+2": 7200, "UTC-5": -18000, "UTC+5:30": 19800, "UTC-3:30": -12600, "UTC+14": 50400, "UTC-12": -43200} {
		zone := request.FixedZone(name)
		if zone == nil || zone.String() != name {
			t.Fatalf("%s is %v", name, zone)
		}
		if _, offset := saturday.In(zone).Zone(); offset != want {
			t.Errorf("%s is %d seconds east", name, offset)
		}
	}
	for _, name := range []string{"Europe/Berlin", "", "UTC+25", "UTC+15", "UTC-13", "UTC+5:60", "CET", "Local"} {
		if zone := request.FixedZone(name); zone != nil {
			t.Errorf("%q is %v", name, zone)
		}
	}
}

// A zone that was typed stays with what is said about the date.
func TestTypedZoneIsNamed(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]struct {
		no      request.Refusal
		word    string
		instead []string
	}{
		"on 2026-11-28 11:00 Europe/Berlin":      {request.RefusedPast, "2026-11-28 11:00 Europe/Berlin", nil},
		"on 2027-03-28 02:30 Europe/Berlin":      {request.RefusedSkippedTime, "2027-03-28 02:30 Europe/Berlin", []string{"2027-03-28 01:59 Europe/Berlin", "2027-03-28 03:00 Europe/Berlin"}},
		"on 2026-12-31 25:00 UTC+2 contract end": {request.RefusedImpossibleDate, "on 2026-12-31 25:00 UTC+2", nil},
	} {
		_, err := dueAs(t, text)
		refusedAs(t, err, want.no, want.word, want.instead...)
	}
	c, err := dueAs(t, "on 2026-12-31 17:00 UTC-3:30")
	if at, _ := c.Due(request.FixedZone(c.When.Zone), saturday); err != nil || !at.Equal(time.Date(2026, 12, 31, 20, 30, 0, 0, time.UTC)) {
		t.Errorf("%v, %v", at, err)
	}
}
