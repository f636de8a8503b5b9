package card_test

import (
	"encoding/json"
	"strings"
	"testing"

	"wfbot/bot/card"
	"wfbot/bot/request"
)

// What Workfront says of dates is on the card: a deactivation that it has planned
// itself before, its own date of the deactivation after the proof, and since when
// somebody is inactive who is to come back.
func TestDatesOfWorkfront(t *testing.T) {
	t.Parallel()
	scheduled := found(t, 1)
	scheduled.r.Target.ScheduledOff = after(60 * 24)
	missed := found(t, 1)
	missed.r.Target.ScheduledOff = after(-60 * 24)
	back := found(t, 1, backwards)
	back.r.Target.InactiveSince, back.r.Target.ScheduledOff = after(-60*24), after(60)
	done := written(t)
	done.do(done.r.Succeed(after(7)))
	done.r.Dated(after(6))
	already := begun(t)
	already.do(already.r.Succeed(after(7)))
	already.r.Dated(after(-60))
	for _, row := range []struct {
		name         string
		r            *request.Request
		says, silent string
	}{
		{"scheduled", scheduled.r, "Scheduled in Workfront: deactivation <!date^1777971600^", "did not happen"},
		{"scheduled for a day gone by", missed.r, "Scheduled in Workfront: deactivation <!date^1777798800^{date_short_pretty} at {time}|2026-05-03 09:00 UTC>, which did not happen", "Inactive since"},
		{"to come back", back.r, "Inactive since: <!date^1777798800^", "Scheduled in Workfront"},
		{"done", done.r, "`false`, <!date^1777885620^{date_short_pretty} at {time}|2026-05-04 09:07 UTC>. Workfront's date of the deactivation: <!date^1777885560^", "Scheduled"},
		{"already", already.r, "nothing was written. Workfront's date of the deactivation: <!date^1777881600^", "Scheduled"},
		{"not given", found(t, 1).r, "Jane Doe", "Scheduled in Workfront"},
	} {
		_, blocks := card.Message(row.r, painted())
		var b strings.Builder
		encoder := json.NewEncoder(&b)
		encoder.SetEscapeHTML(false)
		if err := encoder.Encode(blocks); err != nil {
			t.Fatal(err)
		}
		if text := b.String(); !strings.Contains(text, row.says) || strings.Contains(text, row.silent) {
			t.Errorf("%s: %s", row.name, text)
		}
	}
}
