package request_test

import (
	"errors"
	"testing"
	"time"

	"wfbot/bot/request"
)

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
		{"by her own interaction", date, "by her own interaction"},
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
	for name, want := range map[string]int{"UTC": 0, "UTC+2": 7200, "UTC-5": -18000, "UTC+5:30": 19800, "UTC-3:30": -12600, "UTC+14": 50400} {
		zone := request.FixedZone(name)
		if zone == nil || zone.String() != name {
			t.Fatalf("%s is %v", name, zone)
		}
		if _, offset := saturday.In(zone).Zone(); offset != want {
			t.Errorf("%s is %d seconds east", name, offset)
		}
	}
	for _, name := range []string{"Europe/Berlin", "", "UTC+25", "CET", "Local"} {
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
