package request_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"wfbot/bot/request"
)

func TestSeveralPeople(t *testing.T) {
	t.Parallel()
	const ann, bob, cid = "ann@acme.com", "bob@acme.com", "cid@acme.com"
	tests := []struct {
		why, text string
		people    []string
		reason    string
	}{
		{why: "spaces", text: "ann@acme.com bob@acme.com left", people: []string{ann, bob}, reason: "left"},
		{why: "commas", text: "ann@acme.com, bob@acme.com, left", people: []string{ann, bob}, reason: "left"},
		{why: "commas without spaces", text: "ann@acme.com,bob@acme.com,cid@acme.com left, all", people: []string{ann, bob, cid}, reason: "left, all"},
		{why: "comma and reason without a space", text: "ann@acme.com,left", people: []string{ann}, reason: "left"},
		{why: "semicolons, as a mail program lists them", text: "ann@acme.com; bob@acme.com;cid@acme.com;", people: []string{ann, bob, cid}},
		{why: "semicolons and angle brackets", text: "&lt;ann@acme.com&gt;; &lt;bob@acme.com&gt;;&lt;cid@acme.com&gt;", people: []string{ann, bob, cid}},
		{why: "full-width comma", text: "ann@acme.com，bob@acme.com 、cid@acme.com left", people: []string{ann, bob, cid}, reason: "left"},
		{why: "full-width semicolon", text: "ann@acme.com；bob@acme.com", people: []string{ann, bob}},
		{why: "Arabic comma", text: "ann@acme.com، bob@acme.com", people: []string{ann, bob}},
		{why: "and", text: "ann@acme.com and bob@acme.com left", people: []string{ann, bob}, reason: "left"},
		{why: "comma and AND", text: "ann@acme.com, bob@acme.com, AND cid@acme.com", people: []string{ann, bob, cid}},
		{why: "ampersand", text: "ann@acme.com &amp; bob@acme.com left", people: []string{ann, bob}, reason: "left"},
		{why: "ampersand that Slack did not escape", text: "ann@acme.com & bob@acme.com", people: []string{ann, bob}},
		{why: "plus", text: "ann@acme.com + bob@acme.com", people: []string{ann, bob}},
		{why: "a pasted column", text: "ann@acme.com\r\nbob@acme.com\ncid@acme.com\nleft", people: []string{ann, bob, cid}, reason: "left"},
		{why: "a pasted column with tabs", text: "ann@acme.com\t\nbob@acme.com\t\n", people: []string{ann, bob}},
		{why: "a pasted list", text: "• ann@acme.com\n• bob@acme.com\n- cid@acme.com", people: []string{ann, bob, cid}},
		{why: "no-break spaces", text: "ann@acme.com\u00a0bob@acme.com\u00a0left", people: []string{ann, bob}, reason: "left"},
		{why: "quoted one by one", text: `"ann@acme.com","bob@acme.com" left`, people: []string{ann, bob}, reason: "left"},
		{why: "quoted together", text: "“ann@acme.com, bob@acme.com” left", people: []string{ann, bob}, reason: "left"},
		{why: "many separators", text: ", ann@acme.com ,, ; , bob@acme.com ; - left", people: []string{ann, bob}, reason: "left"},
		{why: "links", text: "<mailto:ann@acme.com|ann@acme.com> <mailto:Bob@acme.com|Bob@acme.com> left", people: []string{ann, bob}, reason: "left"},
		{why: "links with commas only", text: "<mailto:ann@acme.com|ann@acme.com>,<mailto:bob@acme.com|bob@acme.com>,left", people: []string{ann, bob}, reason: "left"},
		{why: "links with nothing between them", text: "<mailto:ann@acme.com|ann@acme.com><mailto:bob@acme.com|bob@acme.com> left", people: []string{ann, bob}, reason: "left"},
		{why: "labels with commas", text: "<mailto:ann@acme.com|Doe, Ann> <mailto:bob@acme.com|bob@acme.com > left", people: []string{ann, bob}, reason: "left"},
		{why: "mentions", text: "<@U1|ann> <@U2>, <@W3|cid d> left", people: []string{"U1", "U2", "W3"}, reason: "left"},
		{why: "mentions with nothing between them", text: "<@U1><@U2> left", people: []string{"U1", "U2"}, reason: "left"},
		{why: "an address and a mention", text: "ann@acme.com and <@U2|bob> left", people: []string{ann, "U2"}, reason: "left"},
		{why: "in the order typed", text: "cid@acme.com ann@acme.com bob@acme.com", people: []string{cid, ann, bob}},

		{why: "twice", text: "ann@acme.com ann@acme.com left", people: []string{ann}, reason: "left"},
		{why: "twice, capitals", text: "ann@acme.com bob@acme.com Ann@ACME.com", people: []string{ann, bob}},
		{why: "twice, once as a link", text: "ann@acme.com <mailto:ANN@acme.com|Ann>", people: []string{ann}},
		{why: "three times is once", text: "ann@acme.com ann@acme.com bob@acme.com bob@acme.com ann@acme.com", people: []string{ann, bob}},
		{why: "a mention twice", text: "<@U1|ann> <@U1>", people: []string{"U1"}},
		{why: "addresses that differ in a dot are two", text: "a.nn@acme.com ann@acme.com", people: []string{"a.nn@acme.com", ann}},

		{why: "and belongs to the reason", text: "ann@acme.com and her contract ends", people: []string{ann}, reason: "and her contract ends"},
		{why: "an ampersand too", text: "ann@acme.com &amp; team moves", people: []string{ann}, reason: "& team moves"},
	}
	for _, tt := range tests {
		t.Run(tt.why, func(t *testing.T) {
			t.Parallel()
			got, err := request.ParseCommand(tt.text)
			if err != nil {
				t.Fatalf("%q: %v", tt.text, err)
			}
			want := asking(tt.reason, tt.people...)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%q (-want +got):\n%s", tt.text, diff)
			}
		})
	}
}

func TestSeveralPeopleRefused(t *testing.T) {
	t.Parallel()
	tests := []struct {
		why, text string
		no        request.Refusal
		word      string
	}{
		{"a slip in the second", "ann@acme.com bob@acme left", request.RefusedNotAnEmail, "bob@acme"},
		{"a slip in the third, behind an and", "ann@acme.com bob@acme.com and cid@ left", request.RefusedNotAnEmail, "cid@"},
		{"two at signs", "ann@acme.com, bob@@acme.com", request.RefusedNotAnEmail, "bob@@acme.com"},
		{"a name that Slack did not resolve", "ann@acme.com @bob left", request.RefusedNotAnEmail, "@bob"},
		{"a broken link", "ann@acme.com <mailto:bob|bob> left", request.RefusedNotAnEmail, "bob"},
		{"a link to two", "<mailto:ann@acme.com,bob@acme.com|both>", request.RefusedNotAnEmail, "both"},
		{"a user group", "ann@acme.com <!subteam^S012|@leavers> left", request.RefusedNotAnEmail, "@leavers"},
		{"a user group without a label", "ann@acme.com <!subteam^S012>", request.RefusedNotAnEmail, "!subteam^S012"},
		{"a word first", "please ann@acme.com", request.RefusedNotAnEmail, "please"},
		{"another name first", "Bob ann@acme.com", request.RefusedNotAnEmail, "Bob"},
		{"and first", "and left", request.RefusedNotAnEmail, "left"},
		{"only marks", "- , ;", request.RefusedNobodyNamed, ""},
		{"only a date", "on 2026-12-31", request.RefusedNobodyNamed, "2026-12-31"},
		{"the date first", "2026-12-31 17:00 ann@acme.com", request.RefusedNobodyNamed, "2026-12-31 17:00"},
		{"an impossible date first", "on 2026-02-30 ann@acme.com", request.RefusedNobodyNamed, "on 2026-02-30"},
		{"a day first", "tomorrow ann@acme.com", request.RefusedNobodyNamed, "tomorrow"},
		{"a mailbox named after a day is one", "friday@acme", request.RefusedNotAnEmail, "friday@acme"},
	}
	for _, tt := range tests {
		t.Run(tt.why, func(t *testing.T) {
			t.Parallel()
			got, err := request.ParseCommand(tt.text)
			if err == nil {
				t.Fatalf("%q is %+v", tt.text, got)
			}
			refusedAs(t, err, tt.no, tt.word)
		})
	}
	for _, mailbox := range []string{"friday@acme.com", "2026-12-31@acme.com", "may.5@acme.com"} {
		if got, err := request.ParseCommand(mailbox); err != nil || len(got.People) != 1 || got.People[0].Email != mailbox {
			t.Errorf("%s is %+v, %v", mailbox, got, err)
		}
	}
}

func TestTooManyPeople(t *testing.T) {
	t.Parallel()
	people := func(n int) string {
		var all strings.Builder
		for i := range n {
			fmt.Fprintf(&all, "<mailto:p%d@acme.com|p%d@acme.com>\n", i, i)
		}
		return all.String()
	}
	if got, err := request.ParseCommand(people(50) + "left"); err != nil || len(got.People) != 50 || got.Reason != "left" {
		t.Errorf("50 people: %d, %v", len(got.People), err)
	}
	if got, err := request.ParseCommand(people(50) + people(50)); err != nil || len(got.People) != 50 {
		t.Errorf("50 people, each twice: %d, %v", len(got.People), err)
	}
	_, err := request.ParseCommand(people(51) + "left")
	refusedAs(t, err, request.RefusedTooManyPeople, "51")
	_, err = request.ParseCommand(people(120))
	refusedAs(t, err, request.RefusedTooManyPeople, "120")
}

// TestEverybodyNamedIsMeant lists random people in every notation with
// everything that may stand between them.
func TestEverybodyNamedIsMeant(t *testing.T) {
	t.Parallel()
	notations := []string{
		"%s", "%s", "<mailto:%[1]s|%[1]s>", "<mailto:%s|Doe, Jane (HR)>", "<mailto:%s>", "“%s”", "'%s'", "; &lt;%s&gt;", "mailto:%s", "`<mailto:%s|x>`",
	}
	between := []string{" ", ", ", ",", ";", "; ", " and ", ", and ", " &amp; ", "\n", "\r\n- ", "\u00a0", "，", "\n• ", " , ; "}
	rapid.Check(t, func(t *rapid.T) {
		var text strings.Builder
		var want []string
		times := map[string]int{}
		for i := range rapid.IntRange(1, 12).Draw(t, "people") {
			if i > 0 {
				text.WriteString(rapid.SampledFrom(between).Draw(t, "between"))
			}
			person := rapid.StringMatching(`[UW][A-Z0-9]{2,4}|[a-c](\.?[a-z0-9+_-]){0,2}[a-z]@(acme|example)\.com`).Draw(t, "person")
			if strings.Contains(person, "@") {
				typed := person
				if rapid.Bool().Draw(t, "shouted") {
					typed = strings.ToUpper(typed)
				}
				fmt.Fprintf(&text, rapid.SampledFrom(notations).Draw(t, "notation"), typed)
			} else {
				fmt.Fprintf(&text, rapid.SampledFrom([]string{"<@%s>", "<@%s|Jane D, HR>"}).Draw(t, "mention"), person)
			}
			if times[person]++; times[person] == 1 {
				want = append(want, person)
			}
		}
		rest := rapid.SampledFrom([]struct {
			text, reason string
			when         request.When
		}{
			{"", "", request.When{}},
			{" left", "left", request.When{}},
			{", left x", "left x", request.When{}},
			{" on 2026-12-31 contract ends", "contract ends", day(2026, 12, 31)},
			{"\n2026-12-31 at 5pm.", "", clock(day(2026, 12, 31), 17, 0)},
		}).Draw(t, "rest")
		got, err := request.ParseCommand(text.String() + rest.text)
		expected := asking(rest.reason, want...)
		expected.When = rest.when
		if diff := cmp.Diff(expected, got); err != nil || diff != "" {
			t.Fatalf("%q: %v (-want +got):\n%s", text.String()+rest.text, err, diff)
		}
	})
}

// Somebody who is named without an address is not taken for a part of somebody
// else's name, nor for the beginning of the reason.
func TestNobodyIsDroppedIntoAName(t *testing.T) {
	t.Parallel()
	tests := []struct {
		text string
		no   request.Refusal
		word string
	}{
		{"Joe Roe and Jane Doe <jane@acme.com> left", request.RefusedNotAnEmail, "Joe"},
		{"Joe and Jane <jane@acme.com> left", request.RefusedNotAnEmail, "Joe"},
		{"Juan y Ana <ana@acme.com>", request.RefusedNotAnEmail, "Juan"},
		{"Joe Roe, Jane Doe <jane@acme.com> left", request.RefusedNotAnEmail, "Joe"},
		{"Joe, Jane Doe <jane.doe@acme.com> left", request.RefusedNotAnEmail, "Joe"},
		{"Joe Roe; Jane Doe <jane@acme.com>", request.RefusedNotAnEmail, "Joe"},
		{"Joe\nJane <jane@acme.com>", request.RefusedNotAnEmail, "Joe"},
		{"jane@acme.com, Joe Roe, Bob Bee <bob@acme.com> left", request.RefusedNamedLate, "bob@acme.com"},
		{"Doe, Jane <jane@acme.com>; Roe, Joe; Bee, Bob <bob@acme.com>", request.RefusedNamedLate, "bob@acme.com"},
		{"Jane Doe <jane@acme.com> and Joe and Bob Bee <bob@acme.com>", request.RefusedNamedLate, "bob@acme.com"},
		{"Jane\tjane@acme.com\nJoe Roe\t\nBob\tbob@acme.com", request.RefusedNamedLate, "bob@acme.com"},
		{"jane@acme.com (Jane and Joe), bob@acme.com", request.RefusedNamedLate, "bob@acme.com"},
		{"jane@acme.com (Jane), (Joe Roe), bob@acme.com", request.RefusedNamedLate, "bob@acme.com"},
		{"jane@acme.com and Joe left", request.RefusedNotAnEmail, "Joe"},
		{"jane@acme.com, und Joe Roe", request.RefusedNotAnEmail, "Joe"},
		{"jane@acme.com + 2 others", request.RefusedNotAnEmail, "2 others"},
		{"jane@acme.com\tboss@acme.com\njoe@acme.com\tboss@acme.com", request.RefusedColumns, "boss@acme.com"},
	}
	for _, tt := range tests {
		_, err := request.ParseCommand(tt.text)
		if refusedAs(t, err, tt.no, tt.word); t.Failed() {
			t.Fatalf("of %q", tt.text)
		}
	}
	for text, people := range map[string]int{
		"Doe, Jane <jane@acme.com>; Roe, Joe <joe@acme.com> left":         2,
		"García Márquez, Ana <ana.garcia@acme.com> left":                  1,
		"José Ortega y Gasset <jose.ortega@acme.com> left":                1,
		"Doe, Jane M. <jane@acme.com> left":                               1,
		"Jane Doe\njane@acme.com\nJoe Roe\njoe@acme.com\nleft":            2,
		"jane@acme.com\tjoe@acme.com left":                                2,
		"\"Doe, Jane\" <jane.doe@acme.com>, \"Roe, Joe\" <joe@acme.com>x": 2,
	} {
		if c, err := request.ParseCommand(text); err != nil || len(c.People) != people {
			t.Errorf("%q: %+v, %v; want %d people", text, c, err, people)
		}
	}
}
