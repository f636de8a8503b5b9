package request_test

import (
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
