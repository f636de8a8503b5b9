package request

import (
	"fmt"
	"time"
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
	wall, ok := w.wall()
	if !ok {
		return time.Time{}, &CommandError{Refusal: RefusedImpossibleDate, Word: w.String()}
	}
	// No clock is further than this from UTC, so only the periods between two
	// changes of the clocks that reach into these days can hold the moment.
	const reach = 36 * time.Hour
	var found, gap time.Time
	var before time.Duration // offset of the period before
	for start := wall.Add(-reach); ; {
		here := start.In(loc)
		_, seconds := here.Zone()
		offset := time.Duration(seconds) * time.Second
		_, end := here.ZoneBounds() // zero: for ever
		t := wall.Add(-offset)
		if !t.Before(start) && (end.IsZero() || t.Before(end)) {
			found = t
		} else if t.Before(start) && !wall.Add(-before).Before(start) {
			gap = start
		}
		if end.IsZero() || end.After(wall.Add(reach)) {
			break
		}
		start, before = end, offset
	}
	if found.IsZero() {
		return time.Time{}, &CommandError{Refusal: RefusedSkippedTime, Word: w.String(), Instead: []string{
			w.at(gap.Add(-time.Minute).In(loc)).String(), w.at(gap.In(loc)).String(),
		}}
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

// at is what the clock of t's zone, which is that of w, shows at t.
func (w When) at(t time.Time) When {
	shown := at(t)
	shown.Zone = w.Zone
	return shown
}

// at is what the clock of t's zone shows at t.
func at(t time.Time) When {
	return When{Year: t.Year(), Month: t.Month(), Day: t.Day(), Timed: true, Hour: t.Hour(), Minute: t.Minute()}
}

// day is the date in UTC, to be compared and reckoned with.
func (w When) day() time.Time { return time.Date(w.Year, w.Month, w.Day, 0, 0, 0, 0, time.UTC) }

// wall is the date and time as if the clock on the wall showed UTC, and whether
// there is such a date and time.
func (w When) wall() (time.Time, bool) {
	if !w.Timed {
		w.Hour, w.Minute = 23, 59
	}
	return time.Date(w.Year, w.Month, w.Day, w.Hour, w.Minute, 0, 0, time.UTC), w.possible()
}

func (w When) possible() bool {
	day := w.day()
	return day.Month() == w.Month && day.Day() == w.Day && 0 <= w.Hour && w.Hour < 24 && 0 <= w.Minute && w.Minute < 60
}
