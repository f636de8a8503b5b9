package card_test

import (
	"fmt"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"wfbot/bot/card"
	"wfbot/bot/request"
)

type fields = map[string]string

func berlin(t *testing.T) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

func TestReadAsk(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC) // 13:00 in Berlin
	mail := func(e string) request.Mention { return request.Mention{Email: e} }
	user := func(id string) request.Mention { return request.Mention{UserID: id} }
	rows := []struct {
		why  string
		in   fields
		want request.Command
	}{
		{"one e-mail is enough", fields{"emails": "jane@acme.com"}, request.Command{People: []request.Mention{mail("jane@acme.com")}}},
		{
			"people chosen come before those typed, nobody twice",
			fields{"people": "U1 U2 U1", "emails": "Jane@acme.com\n\njoe@acme.com; jane@ACME.com", "reason": " left\nthe  company "},
			request.Command{
				People: []request.Mention{user("U1"), user("U2"), mail("jane@acme.com"), mail("joe@acme.com")},
				Reason: "left the company",
			},
		},
		{
			"names around e-mails", fields{"emails": "Doe, Jane <jane@acme.com>; Roe, Joe <joe@acme.com>\nli.wu@acme.com (Li Wu)"},
			request.Command{People: []request.Mention{mail("jane@acme.com"), mail("joe@acme.com"), mail("li.wu@acme.com")}},
		},
		{
			"rows of a sheet", fields{"emails": "E-mail\tName\njane@acme.com\tJane Doe\njoe@acme.com\tJoe Roe"},
			request.Command{People: []request.Mention{mail("jane@acme.com"), mail("joe@acme.com")}},
		},
		{"what is no id is nobody", fields{"people": "U1 <!channel>"}, request.Command{People: []request.Mention{user("U1")}}},
		{
			"a day alone", fields{"people": "U1", "date": "2026-12-31"},
			request.Command{People: []request.Mention{user("U1")}, When: request.When{Year: 2026, Month: 12, Day: 31}},
		},
		{
			"a day and a time", fields{"people": "U1", "date": "2026-12-31", "time": "17:05"},
			request.Command{
				People: []request.Mention{user("U1")},
				When:   request.When{Year: 2026, Month: 12, Day: 31, Timed: true, Hour: 17, Minute: 5},
			},
		},
		{
			"today, later", fields{"people": "U1", "date": "2026-03-01", "time": "13:01"},
			request.Command{
				People: []request.Mention{user("U1")},
				When:   request.When{Year: 2026, Month: 3, Day: 1, Timed: true, Hour: 13, Minute: 1},
			},
		},
		{
			"a date in the reason where one is picked", fields{"people": "U1", "date": "2026-12-31", "reason": "on Friday, they say"},
			request.Command{
				People: []request.Mention{user("U1")}, Reason: "on Friday, they say",
				When: request.When{Year: 2026, Month: 12, Day: 31},
			},
		},
		{
			"a day to come in the reason, and the box ticked", fields{"people": "U1", "reason": "last day 12/31/2026", "now": "now"},
			request.Command{People: []request.Mention{user("U1")}, Reason: "last day 12/31/2026", Now: true},
		},
		{
			"a day in front of the reason, and the box ticked", fields{"people": "U1", "reason": "on Friday, they say", "now": "now"},
			request.Command{People: []request.Mention{user("U1")}, Reason: "on Friday, they say", Now: true},
		},
		{
			"a day that has passed", fields{"people": "U1", "reason": "last day was 02/28/2026"},
			request.Command{People: []request.Mention{user("U1")}, Reason: "last day was 02/28/2026"},
		},
		{
			"softer words", fields{"people": "U1", "reason": "leaves Friday"},
			request.Command{People: []request.Mention{user("U1")}, Reason: "leaves Friday"},
		},
		{
			"a time in the reason where one is picked", fields{"people": "U1", "date": "2026-12-31", "time": "17:05", "reason": "ends at 5pm"},
			request.Command{
				People: []request.Mention{user("U1")}, Reason: "ends at 5pm",
				When: request.When{Year: 2026, Month: 12, Day: 31, Timed: true, Hour: 17, Minute: 5},
			},
		},
		{
			"a reason that is no command of its own", fields{"people": "U1", "reason": "bob@acme.com & <!here> take over; list"},
			request.Command{People: []request.Mention{user("U1")}, Reason: "bob@acme.com & <!here> take over; list"},
		},
		{
			"on leave is no date", fields{"people": "U1", "reason": "on parental leave since May"},
			request.Command{People: []request.Mention{user("U1")}, Reason: "on parental leave since May"},
		},
	}
	for _, row := range rows {
		row.want.Verb = request.Ask
		got, problems := card.ReadRequestForm(row.in, berlin(t), now)
		if len(problems) > 0 {
			t.Errorf("%s: %q", row.why, problems)
		}
		if diff := cmp.Diff(row.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", row.why, diff)
		}
	}
}

func TestReadAskSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC) // 13:00 in Berlin
	one := func(more fields) fields {
		in := fields{"emails": "jane@acme.com"}
		maps.Copy(in, more)
		return in
	}
	many := func(n int) (emails string) {
		for i := range n {
			emails += fmt.Sprintf("p%d@acme.com ", i)
		}
		return emails
	}
	rows := []struct {
		why  string
		in   fields
		want fields
	}{
		{"nothing", fields{}, fields{"emails": "at least one person"}},
		{"spaces", fields{"emails": " \n\u200b "}, fields{"emails": "at least one person"}},
		{"a name alone", one(fields{"emails": "Jane Doe"}), fields{"emails": "not an e-mail address: Jane"}},
		{"a letter of another script", one(fields{"emails": "jаne@acme.com"}), fields{"emails": "jаne@acme.com, because of “а” (Cyrillic, U+0430). Please"}},
		{"somebody of the same first name below", one(fields{"emails": "jane.doe@acme.com\nJane Roe"}), fields{"emails": "not an e-mail address: Roe"}},
		{"somebody else and a name", one(fields{"emails": "Joe Roe and Jane Doe <jane@acme.com>"}), fields{"emails": "not an e-mail address: Joe"}},
		{"a department", one(fields{"emails": "jane@acme.com\tJane Doe\tIT\njoe@acme.com\tJoe Roe\tHR"}), fields{"emails": "not an e-mail address: IT"}},
		{"a manager's column", one(fields{"emails": "jane@acme.com\tboss@acme.com\tIT\njoe@acme.com\tboss@acme.com\tIT"}), fields{"emails": "what stands beside"}},
		{"a deputy", one(fields{"emails": "jane@acme.com replaced by joe@acme.com"}), fields{"emails": "what stands beside joe@acme.com."}},
		{"a slip in the second", one(fields{"emails": "jane@acme.com joe@acme"}), fields{"emails": "not an e-mail address: joe@acme."}},
		{"words behind", one(fields{"emails": "jane@acme.com left"}), fields{"emails": "not an e-mail address: left"}},
		{"a date behind", one(fields{"emails": "jane@acme.com on 2026-12-31"}), fields{"emails": "not an e-mail address: on"}},
		{"a command", one(fields{"emails": "help"}), fields{"emails": "not an e-mail address: help"}},
		{"a mention", one(fields{"emails": "@jane"}), fields{"emails": "not an e-mail address: @jane"}},
		{"51", one(fields{"emails": many(51)}), fields{"emails": "at most 50 people at once, and these are 51"}},
		{"50 and 1", one(fields{"emails": many(50), "people": "U1"}), fields{"emails": "these are 51"}},
		{"50", one(fields{"emails": many(50)}), fields{}},
		{"a reason just long enough", one(fields{"reason": strings.Repeat("x", 500)}), fields{}},
		{"a long reason that names a day", one(fields{"reason": strings.Repeat("x", 501) + " 2026-12-31"}), fields{"reason": "500 characters"}},
		{"another script, and no address", one(fields{"emails": "jаne"}), fields{"emails": "not an e-mail address: jаne. Please"}},
		{"a reason too long", one(fields{"reason": strings.Repeat("x", 501)}), fields{"reason": "500 characters"}},
		{"a day that is over", one(fields{"date": "2026-02-28"}), fields{"date": "in the past"}},
		{"a day that is over, with a time", one(fields{"date": "2026-02-28", "time": "17:00"}), fields{"date": "in the past"}},
		{"a time that is over", one(fields{"date": "2026-03-01", "time": "12:59"}), fields{"time": "in the past"}},
		{"too far", one(fields{"date": "2027-03-02"}), fields{"date": "a year at most"}},
		{"skipped by the clocks", one(fields{"date": "2026-03-29", "time": "02:30"}), fields{"time": "2026-03-29 01:59 or 2026-03-29 03:00"}},
		{"no such day", one(fields{"date": "2026-02-30"}), fields{"date": "no such day"}},
		{"no such time", one(fields{"date": "2026-12-31", "time": "25:00"}), fields{"time": "no such day or time"}},
		{"a time alone", one(fields{"time": "17:00"}), fields{"time": "the day as well"}},
		{"a day in front of the reason", one(fields{"reason": "on 2026-12-31 contract ends"}), fields{"reason": "none is picked above"}},
		{"a day in other words", one(fields{"reason": "tomorrow, please"}), fields{"reason": "none is picked above"}},
		{"a day in words", one(fields{"reason": "leaving Apr 30"}), fields{"reason": "names a future day, Apr 30, but none is picked above"}},
		{"a day without a year", one(fields{"reason": "Vertrag bis 31.3."}), fields{"reason": "names a future day, 31.3., but"}},
		{"a time, but none is picked", one(fields{"date": "2026-12-31", "reason": "ends at 5pm"}), fields{"time": "names a time, 5pm."}},
		{"a day picked, and the box ticked", one(fields{"date": "2026-12-31", "now": "now"}), fields{"now": "A day is picked above"}},
		{"a day within the reason", one(fields{"reason": "contract ends 2026-12-31"}), fields{"reason": "tick the box below"}},
		{
			"several at once", fields{"emails": "x", "time": "17:00", "reason": strings.Repeat("x", 501)},
			fields{"emails": "not an e-mail", "time": "the day as well", "reason": "500"},
		},
	}
	for _, row := range rows {
		_, problems := card.ReadRequestForm(row.in, berlin(t), now)
		for input, says := range row.want {
			if !strings.Contains(problems[input], says) {
				t.Errorf("%s: %q at %s, want %q", row.why, problems[input], input, says)
			}
		}
		if len(problems) != len(row.want) {
			t.Errorf("%s: %d problems: %q", row.why, len(problems), problems)
		}
	}
}

// TestReadAskTakesWhateverComes enters anything anywhere: there is always either a
// command about somebody or a sentence at one of the form's own inputs.
func TestReadAskTakesWhateverComes(t *testing.T) {
	t.Parallel()
	inputs := []string{card.InputPeople, card.InputEmails, card.InputDate, card.InputTime, card.InputReason, card.InputNow, card.InputChannel}
	zone := berlin(t)
	rapid.Check(t, func(rt *rapid.T) {
		in := rapid.MapOf(rapid.SampledFrom(inputs), rapid.OneOf(outsideText(), rapid.StringMatching(
			`(2026-1[0-2]-[0-3][0-9]|[0-2][0-9]:[0-6][0-9]|U[A-Z0-9]{3,9}|[a-z]+@acme\.com)( [a-z]+@acme\.com)*`))).Draw(rt, "fields")
		c, problems := card.ReadRequestForm(in, zone, t0)
		if len(problems) == 0 && (c.Verb != request.Ask || len(c.People) == 0 || len(c.People) > request.MaxPeople) {
			rt.Errorf("%q became %+v", in, c)
		}
		for input, sentence := range problems {
			if n := units(sentence); n == 0 || n > 300 || !strings.Contains(strings.Join(inputs, " "), input) {
				rt.Errorf("at %s: %q", input, sentence)
			}
		}
	})
}

// TestRequestFormComesBack: what a form carries is read again, and nothing that
// lacks who opened it or what it asks for.
func TestRequestFormComesBack(t *testing.T) {
	t.Parallel()
	for _, action := range []request.Action{request.Deactivate, request.Reactivate} {
		want := card.RequestForm{Action: action, Opener: "URITA", From: "C1", Zone: "Europe/Berlin", Offset: 7200}
		if got, err := card.ParseRequestForm(want.View("").PrivateMetadata); err != nil || got != want {
			t.Errorf("got %+v, %v, want %+v", got, err, want)
		}
	}
	for _, bad := range []string{"", "{", "[]", "{}", `{"action":"deactivate"}`, `{"opener":"URITA"}`, `{"action":"delete","opener":"URITA"}`, `{"action":"deactivate","opener":1}`} {
		if got, err := card.ParseRequestForm(bad); err == nil {
			t.Errorf("%q is accepted as %+v", bad, got)
		}
	}
}
