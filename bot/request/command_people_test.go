package request_test

import (
	"errors"
	"fmt"
	"slices"
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

		{why: "a bracket that nobody closed", text: "&lt;ann@acme.com", people: []string{ann}},
		{why: "a list that goes on from a hundred", text: "100. ann@acme.com 101. bob@acme.com", people: []string{ann, bob}},
		{why: "a name of six words", text: "Ann Mary Jane Rose Eve Doe &lt;ann@acme.com&gt;", people: []string{ann}},
		{why: "names of two letters", text: "Li Wu li.wu@acme.com left", people: []string{"li.wu@acme.com"}, reason: "left"},
		{why: "an address that cuts the name short", text: "Benjamin ben@acme.com left", people: []string{"ben@acme.com"}, reason: "left"},

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
		{"a number that counts nobody", "1000. ann@acme.com", request.RefusedNotAnEmail, "1000."},
		{"a name of seven words", "Ann Mary Jane Rose Eve Sue Doe &lt;ann@acme.com&gt;", request.RefusedNotAnEmail, "Ann"},
		{"a name with a day in it", "Ann Friday ann@acme.com", request.RefusedNotAnEmail, "Ann"},
		{"two letters prove no name", "Al sally@acme.com", request.RefusedNotAnEmail, "Al"},
		{"nor does an initial", "J Brown j.roe@acme.com", request.RefusedNotAnEmail, "J"},
		{"nor do two letters that begin it", "Linus Brown li.roe@acme.com", request.RefusedNotAnEmail, "Linus"},
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

// TestParsePeople: in the form, only people and their names are in the field.
func TestParsePeople(t *testing.T) {
	t.Parallel()
	const ann, bob = "ann@acme.com", "bob@acme.com"
	tests := []struct {
		why, text string
		people    []string // or
		no        request.Refusal
		word      string
	}{
		{why: "one", text: "ann@acme.com", people: []string{ann}},
		{why: "lines, an empty one, and spaces around them", text: "\n ann@acme.com \n\nbob@acme.com\n", people: []string{ann, bob}},
		{why: "a mention", text: "<@U1|ann>, bob@acme.com", people: []string{"U1", bob}},
		{why: "a name behind the last", text: "bob@acme.com, ann@acme.com (Ann)", people: []string{bob, ann}},
		{why: "a name of two words behind the last", text: "ann@acme.com Ann Doe", people: []string{ann}},
		{why: "marks glued to the last", text: "ann@acme.com,;", people: []string{ann}},
		{why: "the name on a line of its own", text: "ann@acme.com\nAnn", people: []string{ann}},
		{why: "as long as what is read at all", text: strings.Repeat(" ", 32<<10-len(ann)) + ann, people: []string{ann}},
		{why: "longer", text: strings.Repeat(" ", 32<<10-len(ann)+1) + ann, no: request.RefusedReasonTooLong},
		{why: "nobody", text: "", no: request.RefusedNobodyNamed},
		{why: "a slip", text: "ann@acme.com bob@acme", no: request.RefusedNotAnEmail, word: "bob@acme"},
		{why: "a reason", text: "ann@acme.com left", no: request.RefusedNotAnEmail, word: "left"},
		{why: "another name", text: "ann@acme.com Bob", no: request.RefusedNotAnEmail, word: "Bob"},
		{why: "somebody of the same surname on a line of their own", text: "ann.doe@acme.com\nBob Doe", no: request.RefusedNotAnEmail, word: "Bob"},
		{why: "another name glued to the last", text: "ann@acme.com,Bob", no: request.RefusedNotAnEmail, word: "Bob"},
		{why: "a date", text: "ann@acme.com 2026-12-31", no: request.RefusedNotAnEmail, word: "2026-12-31"},
		{why: "rows that say more", text: "ann@acme.com\tSales\nbob@acme.com\tIT", no: request.RefusedNotAnEmail, word: "Sales"},
	}
	for _, tt := range tests {
		t.Run(tt.why, func(t *testing.T) {
			t.Parallel()
			got, err := request.ParsePeople(tt.text)
			if tt.no != request.Allowed {
				refusedAs(t, err, tt.no, tt.word)
				return
			}
			if diff := cmp.Diff(mentions(tt.people...), got); err != nil || diff != "" {
				t.Errorf("%q: %v (-want +got):\n%s", tt.text, err, diff)
			}
		})
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
		{"Joe,\nJane <jane@acme.com> left", request.RefusedNotAnEmail, "Joe"},
		{"Joe, ; Jane <jane@acme.com>", request.RefusedNotAnEmail, "Joe"},
		{"Joe, and Jane <jane@acme.com>", request.RefusedNotAnEmail, "Joe"},
		{"Ortega\ny Gasset <ortega.gasset@acme.com>", request.RefusedNotAnEmail, "Ortega"},
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

// TestPastes pastes several people in all the ways that were thought of. Everybody
// in the text is asked for, or the command is refused.
func TestPastes(t *testing.T) {
	t.Parallel()
	jane, joe, li := "jane@acme.com", "joe@acme.com", "li.wu@acme.com"
	both := []string{jane, joe}
	const late, columns, slip = request.RefusedNamedLate, request.RefusedColumns, request.RefusedNotAnEmail
	for _, tt := range []struct {
		why, text string
		people    []string        // all of them, or
		no        request.Refusal // why not
		reason    string
	}{
		// Rows of a sheet.
		{why: "rows with name and department", text: "jane@acme.com\tJane Doe\tMarketing\njoe@acme.com\tJoe Roe\tIT", people: both, reason: "Marketing; IT"},
		{why: "line ends of Windows, cells left empty", text: "jane@acme.com\tJane Doe\t\r\njoe@acme.com\t\t\r\n", people: both},
		{why: "a reason below the rows", text: "jane@acme.com\tJane Doe\njoe@acme.com\tJoe Roe\nleft the company", people: both, reason: "left the company"},
		{why: "a reason beside the rows and one below", text: "jane@acme.com\tIT\njoe@acme.com\tIT\nleft", people: both, reason: "left; IT"},
		{why: "the same in each row is said once", text: "jane@acme.com\tleft the company\njoe@acme.com\tleft the company", people: both, reason: "left the company"},
		{why: "what differs may matter", text: "jane@acme.com\tleaver\njoe@acme.com\tstays", people: both, reason: "leaver; stays"},
		{why: "names in front", text: "Jane Doe\tjane@acme.com\nJoe Roe\tjoe@acme.com", people: both},
		{why: "names in front, departments behind", text: "Jane Doe\tjane@acme.com\tMarketing\nJoe Roe\tjoe@acme.com\tIT", people: both, reason: "Marketing; IT"},
		{why: "first and last name apart", text: "Doe\tJane\tjane@acme.com\tIT\nRoe\tJoe\tjoe@acme.com\tIT", no: columns},
		{why: "the same below the names of the columns", text: "Last name\tFirst name\tE-mail\tTeam\nDoe\tJane\tjane@acme.com\tIT\nRoe\tJoe\tjoe@acme.com\tIT", people: both, reason: "Doe, IT; Roe, IT"},
		{why: "names of columns", text: "Email\tName\njane@acme.com\tJane Doe\njoe@acme.com\tJoe Roe", people: both},
		{why: "names of columns, tabs lost", text: "Email Name\njane@acme.com\njoe@acme.com", people: both},
		{why: "names of columns in German", text: "Name\tE-Mail-Adresse\nJane Doe\tjane@acme.com\nJoe Roe\tjoe@acme.com", people: both},
		{why: "names of columns, one row", text: "E-mail\tName\njane@acme.com\tJane Doe", people: []string{jane}},
		{why: "a comma in a cell", text: "jane@acme.com\tSales, North\njoe@acme.com\tIT", people: both, reason: "Sales North; IT"},
		{why: "a reason of two lines below the rows", text: "jane@acme.com\tIT\njoe@acme.com\tIT\nleft\nthe company", people: both, reason: "left the company; IT"},
		{why: "a row of empty cells", text: "jane@acme.com\tIT\n\t\njoe@acme.com\tHR", people: both, reason: "IT; HR"},
		{why: "as much in the cells as a card shows", text: "jane@acme.com\t" + strings.Repeat("é", 500) + "\njoe@acme.com\t" + strings.Repeat("é", 500), people: both, reason: strings.Repeat("é", 500)},
		{why: "people in two columns", text: "E-mail\tTeam\njane@acme.com\tIT\nSales\tjoe@acme.com", no: columns},
		{why: "two people in a cell", text: "jane@acme.com joe@acme.com\tIT\nli.wu@acme.com\tHR", no: columns},
		{why: "a word behind the first person of a cell", text: "jane@acme.com Jane\tIT\njoe@acme.com\tHR", no: columns},
		{why: "a number in the cell of a person", text: "4711 jane@acme.com\tIT\n4712 joe@acme.com\tHR", no: columns},
		{why: "small numbers behind people", text: "jane@acme.com\t12\njoe@acme.com\t13", people: both, reason: "12; 13"},
		{why: "rows that count from a hundred", text: "100\tjane@acme.com\n101\tjoe@acme.com", people: both},
		{why: "rows that count", text: "1\tjane@acme.com\tIT\n2\tjoe@acme.com\tIT", people: both, reason: "IT"},
		{why: "numbers of employees", text: "10471\tjane@acme.com\n10472\tjoe@acme.com", people: both, reason: "10471; 10472"},
		{why: "columns of a table in text", text: "| jane@acme.com | Jane Doe | Marketing |\n| joe@acme.com | Joe Roe | IT |", people: both, reason: "Marketing; IT"},
		{why: "comma-separated values", text: "jane@acme.com,Jane Doe,Marketing\njoe@acme.com,Joe Roe,IT", people: both, reason: "Marketing; IT"},
		{why: "comma-separated values in quotes", text: "\"jane@acme.com\",\"Jane Doe\"\n\"joe@acme.com\",\"Joe Roe\"", people: both},
		{why: "semicolon-separated values", text: "jane@acme.com;Jane Doe;Marketing\njoe@acme.com;Joe Roe;IT", people: both, reason: "Marketing; IT"},
		{why: "tabs that became spaces", text: "jane@acme.com    Jane Doe    Marketing\njoe@acme.com    Joe Roe    IT", people: both, reason: "Marketing; IT"},
		{why: "tabs that became one space", text: "jane@acme.com Jane Doe Marketing\njoe@acme.com Joe Roe IT", no: late},
		{why: "rows that became one line", text: "jane@acme.com Jane Doe Marketing joe@acme.com Joe Roe IT", no: late},
		{why: "rows that became one line, with the tabs", text: "jane@acme.com\tJane Doe\tMarketing\tjoe@acme.com\tJoe Roe\tIT", no: late},
		{why: "links of Slack in the cells", text: "<mailto:jane@acme.com|jane@acme.com>\tJane Doe\n<mailto:joe@acme.com|joe@acme.com>\tJoe Roe", people: both},
		{why: "the managers' column", text: "jane@acme.com\tJane Doe\tboss@acme.com\njoe@acme.com\tJoe Roe\tboss@acme.com", no: columns},
		{why: "a form: labels in front", text: "Employee\tjane@acme.com\nManager\tjoe@acme.com", no: columns},
		{why: "the e-mail in another column", text: "jane@acme.com\tIT\nIT\tjoe@acme.com", no: columns},
		{why: "a slip in a row", text: "jane@acme.com\tIT\njoe@acme\tIT", no: slip},
		{why: "a paragraph between the rows", text: "jane@acme.com\tIT\nand from the other team\njoe@acme.com\tIT", no: late},
		{why: "nothing but e-mails in the columns", text: "jane@acme.com\tjoe@acme.com\nli.wu@acme.com", people: []string{jane, joe, li}},

		// Lists of a mail program.
		{why: "last name first", text: "Doe, Jane &lt;<mailto:jane@acme.com|jane@acme.com>&gt;; Roe, Joe &lt;<mailto:joe@acme.com|joe@acme.com>&gt;", people: both},
		{why: "last name first, no links", text: "Doe, Jane &lt;jane@acme.com&gt;; Roe, Joe &lt;joe@acme.com&gt; left", people: both, reason: "left"},
		{why: "last name first, commas between", text: "Doe, Jane &lt;jane@acme.com&gt;, Roe, Joe &lt;joe@acme.com&gt;", people: both},
		{why: "names in quotes", text: `"Jane Doe" &lt;jane@acme.com&gt;, "Joe Roe" &lt;joe@acme.com&gt;`, people: both},
		{why: "names in quotes with more", text: `"Doe, Jane (IT)" &lt;jane@acme.com&gt;; "Roe, Joe (HR)" &lt;joe@acme.com&gt;`, people: both},
		{why: "names that the addresses do not show", text: "Jane Doe &lt;x93@acme.com&gt;; Joe Roe &lt;x94@acme.com&gt;", people: []string{"x93@acme.com", "x94@acme.com"}},
		{why: "some with a name, some without", text: "jane@acme.com; Joe Roe &lt;joe@acme.com&gt;", people: both},
		{why: "the address for a name", text: "jane@acme.com &lt;jane@acme.com&gt;; joe@acme.com &lt;joe@acme.com&gt;", people: both},
		{why: "particles and apostrophes", text: "Jane van der O’Hara &lt;jane@acme.com&gt;; Joe D'Arc-Roe &lt;joe@acme.com&gt;", people: both},
		{why: "accents and umlauts", text: "José Müller jmueller@acme.com", people: []string{"jmueller@acme.com"}},
		{why: "no capitals in the script", text: "吴丽 &lt;li.wu@acme.com&gt;; Joe &lt;joe@acme.com&gt;", people: []string{li, joe}},
		{why: "names in small letters that the address shows", text: "jane &lt;jane@acme.com&gt;, joe &lt;joe@acme.com&gt;", people: both},
		{why: "names in parentheses behind", text: "jane@acme.com (Jane Doe), joe@acme.com (Joe Roe)", people: both, reason: "(Joe Roe)"},
		{why: "names in front, addresses in parentheses", text: "Jane Doe (jane@acme.com), Joe Roe (joe@acme.com) left", people: both, reason: "left"},
		{why: "names in front, no brackets", text: "Jane Doe jane@acme.com, Joe Roe joe@acme.com", people: both},
		{why: "names in front, on lines", text: "Jane Doe jane@acme.com\nJoe Roe joe@acme.com\nleft", people: both, reason: "left"},
		{why: "names in front, with a colon", text: "Jane Doe: jane@acme.com\nJoe Roe: joe@acme.com", people: both},
		{why: "labels and names", text: "Email: jane@acme.com, email: joe@acme.com", people: both},
		{why: "another address in brackets", text: "Jane &lt;jane@acme.com&gt; &lt;joe@acme.com&gt;", people: both},
		{why: "another address where the name stands", text: "jane@acme.com &lt;joe@acme.com&gt;", no: late},
		{why: "a former address in parentheses", text: "jane@acme.com (joe@acme.com)", no: late},

		// Words and signs between them.
		{why: "and", text: "jane@acme.com and joe@acme.com left", people: both, reason: "left"},
		{why: "und", text: "jane@acme.com und joe@acme.com", people: both},
		{why: "et", text: "jane@acme.com et joe@acme.com", people: both},
		{why: "y", text: "jane@acme.com y joe@acme.com", people: both},
		{why: "e", text: "jane@acme.com e joe@acme.com", people: both},
		{why: "en", text: "jane@acme.com en joe@acme.com", people: both},
		{why: "och", text: "jane@acme.com och joe@acme.com", people: both},
		{why: "og", text: "jane@acme.com og joe@acme.com", people: both},
		{why: "i", text: "jane@acme.com i joe@acme.com", people: both},
		{why: "ja", text: "jane@acme.com ja joe@acme.com", people: both},
		{why: "и", text: "jane@acme.com и joe@acme.com", people: both},
		{why: "と", text: "jane@acme.com と joe@acme.com", people: both},
		{why: "or", text: "jane@acme.com or joe@acme.com", no: late},
		{why: "not", text: "jane@acme.com not joe@acme.com", no: late},
		{why: "slash", text: "jane@acme.com/joe@acme.com", people: both},
		{why: "slash between spaces", text: "jane@acme.com / joe@acme.com", people: both},
		{why: "ampersand, glued", text: "jane@acme.com&amp;joe@acme.com", people: both},
		{why: "plus, glued", text: "jane@acme.com+joe@acme.com", people: both},
		{why: "plus in an address, and glued", text: "jane+x@acme.com+joe+y@acme.com", people: []string{"jane+x@acme.com", "joe+y@acme.com"}},
		{why: "pipes", text: "jane@acme.com | joe@acme.com", people: both},
		{why: "cells of one row", text: "Jane Doe | jane@acme.com | left", people: []string{jane}, reason: "left"},
		{why: "an arrow", text: "jane@acme.com -&gt; joe@acme.com", no: late},
		{why: "an arrow of its own code", text: "jane@acme.com → joe@acme.com", no: late},
		{why: "nothing", text: "jane@acme.comjoe@acme.com", no: slip},
		{why: "a role", text: "jane@acme.com, Manager: joe@acme.com", no: late},
		{why: "a role in a language that has capitals", text: "jane@acme.com, Nachfolger joe@acme.com", no: late},
		{why: "a role and a name", text: "jane@acme.com, Nachfolger Joe joe@acme.com", no: late},
		{why: "a role in front of parentheses", text: "jane@acme.com; Team Manager (joe@acme.com)", no: late},
		{why: "a role in front of angle brackets", text: "jane@acme.com; Manager &lt;joe@acme.com&gt;", no: late},
		{why: "a name, and a slip in the address", text: "Jane Doe jane@acme, joe@acme.com", no: slip},
		{why: "names and addresses on lines of their own", text: "Jane Doe\njane@acme.com\nJoe Roe\njoe@acme.com", people: both},
		{why: "addresses and names on lines of their own", text: "jane@acme.com\nJane Doe\njoe@acme.com\nJoe Roe", no: late},
		{why: "copies of a mail", text: "To: jane@acme.com Cc: joe@acme.com", no: slip},

		// Lists.
		{why: "numbers", text: "1. jane@acme.com\n2. joe@acme.com", people: both},
		{why: "numbers in one line", text: "1. jane@acme.com 2. joe@acme.com", people: both},
		{why: "numbers and parentheses", text: "1) jane@acme.com 2) joe@acme.com left", people: both, reason: "left"},
		{why: "numbers between parentheses", text: "(1) jane@acme.com (2) joe@acme.com", people: both},
		{why: "bare numbers that count", text: "1 jane@acme.com 2 joe@acme.com", people: both},
		{why: "bare numbers that do not", text: "jane@acme.com 24 joe@acme.com 31", no: late},
		{why: "letters", text: "a) jane@acme.com\nb) joe@acme.com", people: both},
		{why: "Roman numbers", text: "i. jane@acme.com\nii. joe@acme.com", people: both},
		{why: "a day in front of each", text: "31.12. jane@acme.com 15.1. joe@acme.com", no: request.RefusedNotAnEmail},
		{why: "bullets", text: "• jane@acme.com\n• joe@acme.com\n• left", people: both, reason: "left"},
		{why: "bullets, glued", text: "-jane@acme.com\n-joe@acme.com", people: both},
		{why: "stars, glued", text: "*jane@acme.com\n*joe@acme.com", people: both},
		{why: "boxes to tick", text: "[ ] jane@acme.com\n[x] joe@acme.com", no: late},
		{why: "empty boxes to tick", text: "[ ] jane@acme.com\n[ ] joe@acme.com", people: both},
		{why: "a quoted mail", text: "&gt; jane@acme.com\n&gt; joe@acme.com", people: both},
		{why: "parentheses", text: "(jane@acme.com) (joe@acme.com) left", people: both, reason: "left"},
		{why: "parentheses around all", text: "(jane@acme.com, joe@acme.com) left", people: both, reason: "left"},
		{why: "brackets", text: "[jane@acme.com, joe@acme.com]", people: both},
		{why: "JSON", text: `["jane@acme.com","joe@acme.com"] left`, people: both, reason: "left"},
		{why: "braces", text: "{jane@acme.com; joe@acme.com}", people: both},

		// In the reason.
		{why: "a deputy", text: "jane@acme.com replaced by joe@acme.com", no: late},
		{why: "a deputy on a line of their own", text: "jane@acme.com left\njoe@acme.com takes over", no: late},
		{why: "a deputy in brackets", text: "jane@acme.com left, hand over to Joe Roe &lt;joe@acme.com&gt;", no: late},
		{why: "a deputy in brackets behind a comma", text: "jane@acme.com, please hand over to Joe Roe &lt;joe@acme.com&gt;", no: late},
		{why: "a deputy mentioned", text: "jane@acme.com replaced by <@U1|joe>", no: late},
		{why: "a deputy whom Slack did not find", text: "jane@acme.com replaced by @joe", no: late},
		{why: "a deputy with a slip", text: "jane@acme.com replaced by joe@acme", no: late},
		{why: "a deputy behind a date", text: "jane@acme.com on 2026-12-31 replaced by joe@acme.com", no: late},
		{why: "a deputy veiled", text: "jane@acme.com replaced by joe(at)acme.com", no: late},
		{why: "a deputy veiled in words", text: "jane@acme.com replaced by joe at acme dot com", no: late},
		{why: "a deputy from a web address", text: "jane@acme.com replaced by joe%40acme.com", no: late},
		{why: "a label of a link", text: "jane@acme.com replaced by <https://acme.com/joe|joe@acme.com>", no: late},
		{why: "a group", text: "jane@acme.com and the rest of <!subteam^S1|@leavers>", no: late},
		{why: "an @ that is no person", text: "jane@acme.com left @ 5", people: []string{jane}, reason: "left @ 5"},
		{why: "a web page", text: "jane@acme.com see <https://acme.com/@joe>", people: []string{jane}, reason: "see https://acme.com/@joe"},

		// Links that Slack made of a part.
		{why: "behind an apostrophe", text: "o'<mailto:brien@acme.com|brien@acme.com> <mailto:joe@acme.com|joe@acme.com>", people: []string{"o'brien@acme.com", joe}},
		{why: "behind a typographic apostrophe", text: "o’<mailto:brien@acme.com|brien@acme.com>, joe@acme.com", people: []string{"o'brien@acme.com", joe}},
		{why: "behind an accent", text: "jose\u0301.<mailto:doe@acme.com|doe@acme.com>", people: []string{"jos\u00e9.doe@acme.com"}},
		{why: "the domain alone", text: "jane@<http://acme.com|acme.com>, joe@<http://acme.com|acme.com> left", people: both, reason: "left"},
		{why: "the domain with a slash", text: "jane@<http://acme.com/|acme.com>", people: []string{jane}},
		{why: "the part in front", text: "<http://jane.do|jane.do>@acme.com", people: []string{"jane.do@acme.com"}},
		{why: "more behind", text: "<mailto:jane@acme.co|jane@acme.co>-op", no: slip},
		{why: "percent signs of a link", text: "<mailto:o%27brien@acme.com|O'Brien>", people: []string{"o'brien@acme.com"}},
		{why: "a typed link to one with a copy to another", text: "mailto:jane@acme.com?cc=joe@acme.com", no: slip},
		{why: "a typed link with a subject", text: "mailto:jane@acme.com?subject=Leaving", people: []string{jane}},
		{why: "a link to two", text: "<mailto:jane@acme.com,joe@acme.com|both>", no: slip},
		{why: "a link to one with a copy to another", text: "<mailto:jane@acme.com?cc=joe%40acme.com|Jane>", no: slip},
	} {
		got, err := request.ParseCommand(tt.text)
		if tt.no != request.Allowed {
			if !errors.Is(err, tt.no) {
				t.Errorf("%s: %q is %+v, %v, want %v", tt.why, tt.text, got, err, tt.no)
			}
			continue
		}
		if err != nil || !slices.Equal(got.People, mentions(tt.people...)) || got.Reason != tt.reason {
			t.Errorf("%s: %q is %+v, %v", tt.why, tt.text, got, err)
		}
	}
}
