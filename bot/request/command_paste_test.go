package request_test

import (
	"errors"
	"slices"
	"testing"

	"wfbot/bot/request"
)

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
