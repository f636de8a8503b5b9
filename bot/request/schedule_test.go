package request_test

import (
	"errors"
	"testing"
	"time"
	_ "time/tzdata" // the zones are part of what is tested, not of the machine

	"github.com/google/go-cmp/cmp"

	"wfbot/bot/request"
)

func zone(t *testing.T, name string) *time.Location {
	t.Helper()
	loc, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return loc
}

func day(year int, month time.Month, day int) request.When {
	return request.When{Year: year, Month: month, Day: day}
}

func clock(w request.When, hour, minute int) request.When {
	w.Timed, w.Hour, w.Minute = true, hour, minute
	return w
}

// refusedAs checks that err is a *CommandError for why, about word.
func refusedAs(t *testing.T, err error, why request.Refusal, word string, instead ...string) {
	t.Helper()
	var wrong *request.CommandError
	if !errors.As(err, &wrong) || wrong.Refusal != why || wrong.Word != word || !errors.Is(err, why) {
		t.Fatalf("got %v, want %v about %q", err, why, word)
	}
	if diff := cmp.Diff(instead, wrong.Instead); diff != "" {
		t.Errorf("what fits instead (-want +got):\n%s", diff)
	}
}

func TestWhenIn(t *testing.T) {
	t.Parallel()
	tests := []struct {
		why  string
		when request.When
		zone string
		want string // RFC 3339, with the offset of the zone then
	}{
		{"winter", clock(day(2026, 12, 31), 17, 0), "Europe/Berlin", "2026-12-31T17:00:00+01:00"},
		{"summer", clock(day(2026, 7, 1), 17, 0), "Europe/Berlin", "2026-07-01T17:00:00+02:00"},
		{"the other side of the Atlantic", clock(day(2026, 7, 1), 17, 0), "America/New_York", "2026-07-01T17:00:00-04:00"},
		{"a zone without changes", clock(day(2026, 7, 1), 17, 0), "Asia/Kolkata", "2026-07-01T17:00:00+05:30"},
		{"furthest east", clock(day(2026, 12, 31), 0, 0), "Pacific/Kiritimati", "2026-12-31T00:00:00+14:00"},
		{"furthest west", clock(day(2026, 12, 31), 23, 59), "Etc/GMT+12", "2026-12-31T23:59:00-12:00"},
		{"UTC", clock(day(2026, 12, 31), 0, 0), "UTC", "2026-12-31T00:00:00Z"},
		{"leap day", day(2028, 2, 29), "Europe/Berlin", "2028-02-29T23:59:00+01:00"},
		{"a bare date is the end of the day", day(2026, 12, 31), "Europe/Berlin", "2026-12-31T23:59:00+01:00"},
		{"a bare date on which clocks go forward", day(2026, 3, 29), "Europe/Berlin", "2026-03-29T23:59:00+02:00"},
		{"a bare date on which clocks go back", day(2026, 10, 25), "Europe/Berlin", "2026-10-25T23:59:00+01:00"},
		{"midnight of a day that begins at one", clock(day(2026, 4, 24), 1, 0), "Africa/Cairo", "2026-04-24T01:00:00+03:00"},
		{"the end of a day that ends twice is its second end", day(2026, 10, 29), "Africa/Cairo", "2026-10-29T23:59:00+02:00"},

		{"the last minute before clocks go forward", clock(day(2026, 3, 29), 1, 59), "Europe/Berlin", "2026-03-29T01:59:00+01:00"},
		{"the first minute after clocks went forward", clock(day(2026, 3, 29), 3, 0), "Europe/Berlin", "2026-03-29T03:00:00+02:00"},
		{"before the hour that comes twice", clock(day(2026, 10, 25), 1, 59), "Europe/Berlin", "2026-10-25T01:59:00+02:00"},
		{"the hour that comes twice: the later", clock(day(2026, 10, 25), 2, 0), "Europe/Berlin", "2026-10-25T02:00:00+01:00"},
		{"its last minute: the later", clock(day(2026, 10, 25), 2, 59), "Europe/Berlin", "2026-10-25T02:59:00+01:00"},
		{"after the hour that comes twice", clock(day(2026, 10, 25), 3, 0), "Europe/Berlin", "2026-10-25T03:00:00+01:00"},
		{"New York: the later", clock(day(2026, 11, 1), 1, 30), "America/New_York", "2026-11-01T01:30:00-05:00"},
		{"New York: unique again", clock(day(2026, 11, 1), 2, 0), "America/New_York", "2026-11-01T02:00:00-05:00"},
		{"Lord Howe goes back by half an hour: unique", clock(day(2026, 4, 5), 1, 29), "Australia/Lord_Howe", "2026-04-05T01:29:00+11:00"},
		{"Lord Howe: the later", clock(day(2026, 4, 5), 1, 30), "Australia/Lord_Howe", "2026-04-05T01:30:00+10:30"},
		{"Lord Howe: unique again", clock(day(2026, 4, 5), 2, 0), "Australia/Lord_Howe", "2026-04-05T02:00:00+10:30"},
		{"Lord Howe, forward by half an hour: it goes on", clock(day(2026, 10, 4), 2, 30), "Australia/Lord_Howe", "2026-10-04T02:30:00+11:00"},
		{"the day before the one that Samoa left out", day(2011, 12, 29), "Pacific/Apia", "2011-12-29T23:59:00-10:00"},
		{"the day after", clock(day(2011, 12, 31), 0, 0), "Pacific/Apia", "2011-12-31T00:00:00+14:00"},
		{"Kwajalein left out a day too", clock(day(1993, 8, 20), 23, 59), "Pacific/Kwajalein", "1993-08-20T23:59:00-12:00"},
	}
	for _, tt := range tests {
		t.Run(tt.why, func(t *testing.T) {
			t.Parallel()
			loc := zone(t, tt.zone)
			got, err := tt.when.In(loc)
			if err != nil || got.Format(time.RFC3339) != tt.want || got.Location() != loc {
				t.Errorf("%v in %s is %v, %v; want %s", tt.when, tt.zone, got, err, tt.want)
			}
		})
	}
	if got, err := (request.When{}).In(time.UTC); err != nil || !got.IsZero() {
		t.Errorf("at once is %v, %v; want the zero time", got, err)
	}
}

func TestWhenInRefuses(t *testing.T) {
	t.Parallel()
	tests := []struct {
		why     string
		when    request.When
		zone    string
		no      request.Refusal
		instead []string
	}{
		{"Berlin, the first minute left out", clock(day(2026, 3, 29), 2, 0), "Europe/Berlin", request.RefusedSkippedTime, []string{"2026-03-29 01:59", "2026-03-29 03:00"}},
		{"Berlin, the last minute left out", clock(day(2026, 3, 29), 2, 59), "Europe/Berlin", request.RefusedSkippedTime, []string{"2026-03-29 01:59", "2026-03-29 03:00"}},
		{"New York", clock(day(2026, 3, 8), 2, 30), "America/New_York", request.RefusedSkippedTime, []string{"2026-03-08 01:59", "2026-03-08 03:00"}},
		{"Lord Howe leaves out half an hour", clock(day(2026, 10, 4), 2, 29), "Australia/Lord_Howe", request.RefusedSkippedTime, []string{"2026-10-04 01:59", "2026-10-04 02:30"}},
		{"Cairo begins the day at one", clock(day(2026, 4, 24), 0, 30), "Africa/Cairo", request.RefusedSkippedTime, []string{"2026-04-23 23:59", "2026-04-24 01:00"}},
		{"Samoa left out a whole day", day(2011, 12, 30), "Pacific/Apia", request.RefusedSkippedTime, []string{"2011-12-29 23:59", "2011-12-31 00:00"}},
		{"and each minute of it", clock(day(2011, 12, 30), 0, 0), "Pacific/Apia", request.RefusedSkippedTime, []string{"2011-12-29 23:59", "2011-12-31 00:00"}},
		{"31 April", day(2026, 4, 31), "UTC", request.RefusedImpossibleDate, nil},
		{"30 February", day(2026, 2, 30), "UTC", request.RefusedImpossibleDate, nil},
		{"29 February of no leap year", day(2026, 2, 29), "UTC", request.RefusedImpossibleDate, nil},
		{"month 13", day(2026, 13, 1), "UTC", request.RefusedImpossibleDate, nil},
		{"month 0", day(2026, 0, 1), "UTC", request.RefusedImpossibleDate, nil},
		{"day 0", day(2026, 1, 0), "UTC", request.RefusedImpossibleDate, nil},
		{"24:00 is no time of the day", clock(day(2026, 1, 1), 24, 0), "UTC", request.RefusedImpossibleDate, nil},
		{"minute 60", clock(day(2026, 1, 1), 23, 60), "UTC", request.RefusedImpossibleDate, nil},
		{"a time without a date", request.When{Timed: true, Hour: 17}, "UTC", request.RefusedImpossibleDate, nil},
	}
	for _, tt := range tests {
		t.Run(tt.why, func(t *testing.T) {
			t.Parallel()
			got, err := tt.when.In(zone(t, tt.zone))
			refusedAs(t, err, tt.no, tt.when.String(), tt.instead...)
			if !got.IsZero() {
				t.Errorf("a refused date came with %v", got)
			}
		})
	}
}

// TestWhenInIsWhatTheClockShows goes through whole days with a change of the
// clocks, minute by minute: what In answers shows the wanted time on the clock,
// and nothing later does; what it refuses no minute of the days around shows.
func TestWhenInIsWhatTheClockShows(t *testing.T) {
	t.Parallel()
	for name, changes := range map[string][]request.When{
		"Europe/Berlin":       {day(2026, 3, 29), day(2026, 10, 25), day(2038, 3, 28)}, // the last beyond the table of the zone
		"America/New_York":    {day(2026, 3, 8), day(2026, 11, 1)},
		"Australia/Lord_Howe": {day(2026, 4, 5), day(2026, 10, 4)},
		"Africa/Cairo":        {day(2026, 4, 24), day(2026, 10, 29)},
		"Pacific/Apia":        {day(2011, 12, 30)},
		"America/St_Johns":    {day(2006, 10, 29)}, // at one minute past midnight
	} {
		loc := zone(t, name)
		for _, d := range changes {
			last := map[request.When]time.Time{}
			from := time.Date(d.Year, d.Month, d.Day-2, 0, 0, 0, 0, time.UTC)
			for at := from; at.Before(from.AddDate(0, 0, 5)); at = at.Add(time.Minute) {
				here := at.In(loc)
				last[clock(day(here.Year(), here.Month(), here.Day()), here.Hour(), here.Minute())] = here
			}
			for minute := range 24 * 60 {
				w := clock(d, minute/60, minute%60)
				got, err := w.In(loc)
				if want := last[w]; !got.Equal(want) || (err == nil) == want.IsZero() {
					t.Fatalf("%v in %s is %v, %v; the clock shows it last at %v", w, name, got, err, want)
				}
			}
		}
	}
}

func TestWhenCheck(t *testing.T) {
	t.Parallel()
	// Ten o'clock on 4 May 2026 in Berlin, still 3 May in Honolulu.
	now := time.Date(2026, 5, 4, 8, 0, 0, 0, time.UTC)
	tests := []struct {
		why  string
		when request.When
		zone string
		want string
		no   request.Refusal
	}{
		{why: "today, without a time", when: day(2026, 5, 4), zone: "Europe/Berlin", want: "2026-05-04T23:59:00+02:00"},
		{why: "this very minute", when: clock(day(2026, 5, 4), 10, 0), zone: "Europe/Berlin", want: "2026-05-04T10:00:00+02:00"},
		{why: "a minute ago", when: clock(day(2026, 5, 4), 9, 59), zone: "Europe/Berlin", no: request.RefusedPast},
		{why: "yesterday", when: day(2026, 5, 3), zone: "Europe/Berlin", no: request.RefusedPast},
		{why: "yesterday in Berlin is today in Honolulu", when: day(2026, 5, 3), zone: "Pacific/Honolulu", want: "2026-05-03T23:59:00-10:00"},
		{why: "last year, as people type in January", when: day(2025, 5, 5), zone: "Europe/Berlin", no: request.RefusedPast},
		{why: "this day next year", when: day(2027, 5, 4), zone: "Europe/Berlin", want: "2027-05-04T23:59:00+02:00"},
		{why: "the day after that", when: clock(day(2027, 5, 5), 0, 0), zone: "Europe/Berlin", no: request.RefusedTooFarAhead},
		{why: "which is a day earlier in Honolulu", when: day(2027, 5, 4), zone: "Pacific/Honolulu", no: request.RefusedTooFarAhead},
		{why: "a slip in the year", when: day(2062, 12, 31), zone: "Europe/Berlin", no: request.RefusedTooFarAhead},
		{why: "the end of time", when: day(9999, 12, 31), zone: "Europe/Berlin", no: request.RefusedTooFarAhead},
		{why: "the beginning of time", when: day(1, 1, 1), zone: "Europe/Berlin", no: request.RefusedPast},
		{why: "no such day", when: day(2026, 6, 31), zone: "Europe/Berlin", no: request.RefusedImpossibleDate},
	}
	for _, tt := range tests {
		t.Run(tt.why, func(t *testing.T) {
			t.Parallel()
			got, err := tt.when.Check(zone(t, tt.zone), now)
			if tt.no != request.Allowed {
				refusedAs(t, err, tt.no, tt.when.String())
				return
			}
			if err != nil || got.Format(time.RFC3339) != tt.want {
				t.Errorf("%v is %v, %v; want %s", tt.when, got, err, tt.want)
			}
		})
	}
	if got, err := (request.When{}).Check(time.UTC, now); err != nil || !got.IsZero() {
		t.Errorf("at once is %v, %v; want the zero time", got, err)
	}
	leap := time.Date(2028, 2, 29, 12, 0, 0, 0, time.UTC)
	if _, err := day(2029, 3, 1).Check(time.UTC, leap); err != nil {
		t.Errorf("a year from a leap day ends with its 1 March: %v", err)
	}
	if _, err := day(2029, 3, 2).Check(time.UTC, leap); !errors.Is(err, request.RefusedTooFarAhead) {
		t.Errorf("more than a year from a leap day: %v", err)
	}
	if _, err := clock(day(2027, 3, 28), 2, 30).Check(zone(t, "Europe/Berlin"), now); !errors.Is(err, request.RefusedSkippedTime) {
		t.Errorf("a time that the clocks skip: %v", err)
	}
}

func TestWhenString(t *testing.T) {
	t.Parallel()
	for want, w := range map[string]request.When{
		"": {}, "2026-01-05": day(2026, 1, 5), "2026-01-05 00:00": clock(day(2026, 1, 5), 0, 0), "2026-12-31 17:05": clock(day(2026, 12, 31), 17, 5),
	} {
		if got := w.String(); got != want {
			t.Errorf("%#v is %q, want %q", w, got, want)
		}
	}
}
