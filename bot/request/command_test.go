package request_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"wfbot/bot/request"
)

// asking is a command for people, by e-mail or by id, at once.
func asking(reason string, people ...string) request.Command {
	return request.Command{Verb: request.Ask, People: mentions(people...), Reason: reason}
}

func status(person string) request.Command {
	return request.Command{Verb: request.Status, People: mentions(person)}
}

func withdraw(reason, person string) request.Command {
	return request.Command{Verb: request.Withdraw, People: mentions(person), Reason: reason}
}

func mentions(people ...string) []request.Mention {
	var all []request.Mention
	for _, person := range people {
		if strings.Contains(person, "@") {
			all = append(all, request.Mention{Email: person})
		} else {
			all = append(all, request.Mention{UserID: person})
		}
	}
	return all
}

func TestParseCommand(t *testing.T) {
	t.Parallel()
	const (
		nbsp  = "\u00a0" // what some keyboards type for a space
		jane  = "jane@acme.com"
		left  = "left the company"
		zwsp  = "\u200b"
		rtlo  = "\u202e" // turns the reading direction around
		longs = 500
	)
	email := func(reason string) request.Command { return asking(reason, jane) }
	tests := []struct {
		why  string
		text string
		want request.Command
		no   request.Refusal
		word string
	}{
		// Nothing, and words of their own.
		{why: "nothing typed", text: "", want: request.Command{Verb: request.Form}},
		{why: "only spaces", text: " \t" + nbsp, want: request.Command{Verb: request.Form}},
		{why: "only invisible characters", text: zwsp + rtlo, want: request.Command{Verb: request.Form}},
		{why: "help", text: "help", want: request.Command{Verb: request.Help}},
		{why: "help, shouted", text: " HELP ", want: request.Command{Verb: request.Help}},
		{why: "help, quoted and with a full stop", text: "“Help.”", want: request.Command{Verb: request.Help}},
		{why: "help, called for", text: "Help!", want: request.Command{Verb: request.Help}},
		{why: "help with something", text: "help me please", want: request.Command{Verb: request.Help}},
		{why: "help is a word of its own", text: "helpme", no: request.RefusedNotAnEmail, word: "helpme"},
		{why: "help is no mailbox", text: "help@acme.com", want: asking("", "help@acme.com")},
		{why: "list", text: "list", want: request.Command{Verb: request.List}},
		{why: "a page of the list", text: "list 2", want: request.Command{Verb: request.List, Page: 2}},
		{why: "no page of the list", text: "list -2", want: request.Command{Verb: request.List}},
		{why: "a page that no machine counts to", text: "list 99999999999999999999", want: request.Command{Verb: request.List}},
		{why: "list, capital", text: "List", want: request.Command{Verb: request.List}},
		{why: "list of something: all there is", text: "list open requests", want: request.Command{Verb: request.List}},
		{why: "list does nothing to people", text: "list jane@acme.com", want: request.Command{Verb: request.List}},
		{why: "list is no mailbox", text: "list@acme.com", want: asking("", "list@acme.com")},
		{why: "status", text: "status Jane@acme.com", want: status(jane)},
		{why: "status, shouted, with a colon", text: "STATUS: <mailto:jane@acme.com|Jane>", want: status(jane)},
		{why: "status of a mention", text: "status <@U012|jane>", want: status("U012")},
		{why: "status, quoted", text: "`status jane@acme.com`", want: status(jane)},
		{why: "status with a question mark apart", text: "status jane@acme.com ?", want: status(jane)},
		{why: "status of the same person twice", text: "status jane@acme.com JANE@acme.com", want: status(jane)},
		{why: "status of nobody", text: "status", no: request.RefusedStatusOfWhom},
		{why: "status of a mark", text: "status: -", no: request.RefusedStatusOfWhom},
		{why: "status of a name", text: "status jane", no: request.RefusedStatusOfWhom, word: "jane"},
		{why: "status of a broken e-mail", text: "status jane@acme", no: request.RefusedStatusOfWhom, word: "jane@acme"},
		{why: "status of two", text: "status jane@acme.com, bob@acme.com", no: request.RefusedStatusOfWhom, word: "jane@acme.com, bob@acme.com"},
		{why: "status of one and a slip", text: "status jane@acme.com bob@acme", no: request.RefusedStatusOfWhom, word: "bob@acme"},
		{why: "cancel", text: "Cancel Jane@acme.com", want: withdraw("", jane)},
		{why: "cancel, with a reason", text: "cancel: <mailto:jane@acme.com|Jane>, she stays &amp; works", want: withdraw("she stays & works", jane)},
		{why: "cancel a mention", text: "cancel <@U012|jane> by mistake", want: withdraw("by mistake", "U012")},
		{why: "cancel nobody", text: "cancel", no: request.RefusedCancelOfWhom},
		{why: "cancel a name", text: "cancel jane", no: request.RefusedCancelOfWhom, word: "jane"},
		{why: "cancel two", text: "cancel jane@acme.com bob@acme.com", no: request.RefusedCancelOfWhom, word: "jane@acme.com bob@acme.com"},
		{why: "cancel one, and somebody in the reason", text: "cancel jane@acme.com as bob@acme.com said", no: request.RefusedCancelOfWhom, word: "bob@acme.com"},
		{why: "cancel at length", text: "cancel jane@acme.com " + strings.Repeat("x", longs+1), no: request.RefusedReasonTooLong},
		{why: "cancel is no mailbox", text: "cancel@acme.com", want: asking("", "cancel@acme.com")},
		{why: "status of a day", text: "status on Friday", no: request.RefusedStatusOfWhom, word: "on Friday"},

		// The address as typed.
		{why: "plain", text: "jane@acme.com left the company", want: email(left)},
		{why: "no reason", text: "jane@acme.com", want: email("")},
		{why: "capitals", text: "Jane@ACME.com Left", want: email("Left")},
		{why: "stray spaces", text: "  jane@acme.com   left the company  ", want: email(left)},
		{why: "inner spaces of a reason stay", text: "jane@acme.com left  now", want: email("left  now")},
		{why: "tab", text: "jane@acme.com\tleft", want: email("left")},
		{why: "line ends become spaces", text: "jane@acme.com\nleft\r\nnow", want: email("left now")},
		{why: "no-break space", text: nbsp + "jane@acme.com" + nbsp + "left", want: email("left")},
		{why: "narrow no-break, em and ideographic space", text: "jane@acme.com\u202f\u2003\u3000left", want: email("left")},
		{why: "zero-width space pasted along", text: zwsp + "jane@acme.com" + zwsp + " left", want: email("left")},
		{why: "byte order mark pasted along", text: "\ufeffjane@acme.com left", want: email("left")},
		{why: "plus address", text: "jane+wf@acme.com", want: asking("", "jane+wf@acme.com")},
		{why: "apostrophe inside", text: "o'brien@acme.com", want: asking("", "o'brien@acme.com")},
		{why: "sub-domain", text: "jane@mail.eu.acme.com", want: asking("", "jane@mail.eu.acme.com")},
		{why: "internationalised", text: "zoë@exämple.com", want: asking("", "zoë@exämple.com")},

		// Marks around it.
		{why: "quotes", text: `"jane@acme.com" left`, want: email("left")},
		{why: "single quotes", text: `'jane@acme.com' left`, want: email("left")},
		{why: "smart quotes", text: "“jane@acme.com” left", want: email("left")},
		{why: "single smart quotes", text: "‘jane@acme.com’ left", want: email("left")},
		{why: "German quotes", text: "„jane@acme.com“ left", want: email("left")},
		{why: "guillemets", text: "«jane@acme.com» left", want: email("left")},
		{why: "code ticks", text: "`jane@acme.com` left", want: email("left")},
		{why: "trailing comma", text: "jane@acme.com, left", want: email("left")},
		{why: "trailing semicolon", text: "jane@acme.com; left", want: email("left")},
		{why: "trailing colon", text: "jane@acme.com: left", want: email("left")},
		{why: "trailing full stop", text: "jane@acme.com.", want: email("")},
		{why: "quoted with a comma inside", text: `"jane@acme.com," left`, want: email("left")},
		{why: "a leading dot would be another address", text: ".jane@acme.com", no: request.RefusedNotAnEmail, word: ".jane@acme.com"},
		{why: "angle brackets of a mail program", text: "&lt;jane@acme.com&gt; left", want: email("left")},
		{why: "mailto typed", text: "mailto:jane@acme.com left", want: email("left")},
		{why: "MAILTO typed", text: "MAILTO:jane@acme.com", want: email("")},

		// Slack's escaped forms.
		{why: "e-mail link", text: "<mailto:jane@acme.com|jane@acme.com> left", want: email("left")},
		{why: "e-mail link without a label", text: "<mailto:jane@acme.com> left", want: email("left")},
		{why: "e-mail link, empty label", text: "<mailto:jane@acme.com|> left", want: email("left")},
		{why: "e-mail link, capitals", text: "<mailto:Jane@Acme.COM|Jane@Acme.COM>", want: email("")},
		{why: "label with spaces", text: "<mailto:jane@acme.com|Jane Doe (HR)> left", want: email("left")},
		{why: "e-mail link with a subject", text: "<mailto:jane@acme.com?subject=Leaving|jane@acme.com> left", want: email("left")},
		{why: "a label that shows another address", text: "<mailto:jane@acme.com|eve@acme.com> left", no: request.RefusedNotAnEmail, word: "eve@acme.com"},
		{why: "a label that hides another address", text: "<mailto:jane@acme.com?cc=eve@acme.com|jane@acme.com> left", no: request.RefusedNotAnEmail, word: "jane@acme.com"},
		{why: "quotes around a link", text: `"<mailto:jane@acme.com|jane@acme.com>" left`, want: email("left")},
		{why: "comma after a link", text: "<mailto:jane@acme.com|jane@acme.com>, left", want: email("left")},
		{why: "no-break space after a link", text: "<mailto:jane@acme.com|jane@acme.com>" + nbsp + "left", want: email("left")},
		{why: "mention", text: "<@U012ABCDEF> left", want: asking("left", "U012ABCDEF")},
		{why: "mention with a label", text: "<@U012ABCDEF|jane>", want: asking("", "U012ABCDEF")},
		{why: "mention with spaces in its label", text: "<@W012|Jane Doe> left", want: asking("left", "W012")},
		{why: "a name that Slack did not resolve", text: "@jane left", no: request.RefusedNotAnEmail, word: "@jane"},
		{why: "public channel", text: "<#C012|general>", no: request.RefusedNotAnEmail, word: "general"},
		{why: "private channel", text: "<#C012|>", no: request.RefusedNotAnEmail, word: "#C012"},
		{why: "user group", text: "<!subteam^S012|@it>", no: request.RefusedNotAnEmail, word: "@it"},
		{why: "everybody", text: "<!here>", no: request.RefusedNotAnEmail, word: "!here"},
		{why: "web link", text: "<https://acme.com|acme.com>", no: request.RefusedNotAnEmail, word: "acme.com"},

		// The reason.
		{why: "escaped once, shown once", text: "jane@acme.com R&amp;D &lt;team&gt;", want: email("R&D <team>")},
		{why: "what looks like an escape was typed so", text: "jane@acme.com &amp;lt;b&amp;gt;", want: email("&lt;b&gt;")},
		{why: "link with a label", text: "jane@acme.com see <https://acme.com/t/1?a=1&amp;b=2|ticket 1>", want: email("see ticket 1")},
		{why: "link without a label", text: "jane@acme.com see <https://acme.com/t?a=1&amp;b=2>", want: email("see https://acme.com/t?a=1&b=2")},
		{why: "mention in the reason", text: "jane@acme.com ask <@U1|rita> or <@U2>", no: request.RefusedNamedLate, word: "rita"},
		{why: "e-mail later in the reason", text: "jane@acme.com replaced by <mailto:bob@acme.com|bob@acme.com>", no: request.RefusedNamedLate, word: "bob@acme.com"},
		{why: "control characters", text: "jane@acme.com left\x00\x07\u0085 now", want: email("left    now")},
		{why: "not UTF-8", text: "jane@acme.com left \xff\xfe", want: email("left \ufffd\ufffd")},
		{why: "nothing may turn the text of a card around", text: "jane@acme.com " + rtlo + "left\u2066", want: email("left")},
		{why: "joiners belong to emoji", text: "jane@acme.com 👩\u200d💻", want: email("👩\u200d💻")},
		{why: "as long as what is read at all", text: strings.Repeat(" ", 32<<10-len(jane)) + jane, want: email("")},
		{why: "joiners at the ends of a word", text: "jane@acme.com \u200cé é\u200c left", want: email("\u200cé é\u200c left")},
		{why: "unclosed bracket", text: "jane@acme.com <left", want: email("<left")},
		{why: "the longest reason", text: "jane@acme.com " + strings.Repeat("é", longs), want: email(strings.Repeat("é", longs))},
		{why: "longer than a card shows", text: "jane@acme.com " + strings.Repeat("é", longs+1), no: request.RefusedReasonTooLong},
		{why: "longer than is read at all", text: strings.Repeat("jane@acme.com ", 2500), no: request.RefusedReasonTooLong},
		{why: "length is counted after unescaping", text: "jane@acme.com " + strings.Repeat("&amp;", longs), want: email(strings.Repeat("&", longs))},
		{why: "on, but no date", text: "jane@acme.com on her own wish", want: email("on her own wish")},
		{why: "a dash opens the reason", text: "jane@acme.com - left", want: email("left")},
		{why: "a quoted reason keeps its quotes", text: "jane@acme.com: “left”", want: email("“left”")},
		{why: "a web address with an @", text: "jane@acme.com <https://acme.com/@bob> says so", want: email("https://acme.com/@bob says so")},
		{why: "a channel", text: "jane@acme.com <#C012|leavers>", want: email("leavers")},

		// Not understood.
		{why: "no address", text: "jane left", no: request.RefusedNotAnEmail, word: "jane"},
		{why: "no domain", text: "jane@", no: request.RefusedNotAnEmail, word: "jane@"},
		{why: "bare host", text: "jane@localhost", no: request.RefusedNotAnEmail, word: "jane@localhost"},
		{why: "two at signs", text: "jane@acme@com.com", no: request.RefusedNotAnEmail, word: "jane@acme@com.com"},
		{why: "empty label of the domain", text: "jane@acme..com", no: request.RefusedNotAnEmail, word: "jane@acme..com"},
		{why: "an & inside", text: "r&amp;d@acme.com", no: request.RefusedNotAnEmail, word: "r&d@acme.com"},
		{why: "empty mailto", text: "<mailto:>", no: request.RefusedNotAnEmail, word: ""},
		{why: "not UTF-8 in the address", text: "jan\xff@acme.com", no: request.RefusedNotAnEmail, word: "jan\ufffd@acme.com"},
		{why: "a joiner in the address", text: "jane\u200d@acme.com", want: email("")},
		{why: "a control character splits", text: "jane\x00@acme.com", no: request.RefusedNotAnEmail, word: "@acme.com"},
		{why: "longer than an address can be", text: strings.Repeat("j", 491) + "@acme.com", no: request.RefusedNotAnEmail, word: strings.Repeat("j", 491) + "@acme.com"},
	}
	for _, tt := range tests {
		t.Run(tt.why, func(t *testing.T) {
			t.Parallel()
			got, err := request.ParseCommand(tt.text)
			if tt.no == request.Allowed {
				if diff := cmp.Diff(tt.want, got); err != nil || diff != "" {
					t.Errorf("ParseCommand(%q): %v (-want +got):\n%s", tt.text, err, diff)
				}
				return
			}
			refusedAs(t, err, tt.no, tt.word)
			if diff := cmp.Diff(request.Command{}, got); diff != "" {
				t.Errorf("a refused command came with something (-want +got):\n%s", diff)
			}
		})
	}
}

// TestOpensWithDate: a form has a field for the date, which people do not see.
func TestOpensWithDate(t *testing.T) {
	t.Parallel()
	for reason, want := range map[string]bool{
		"": false, "left": false, "on parental leave": false, "leaves on 2026-12-31": false,
		"2026-12-31": true, "- on 31.12.2026: left": true, "on Friday": true, "2026-02-30 left": true, "at 5pm": true,
	} {
		if got := request.OpensWithDate(reason); got != want {
			t.Errorf("OpensWithDate(%q) = %v", reason, got)
		}
	}
}

func TestPlain(t *testing.T) {
	t.Parallel()
	tests := []struct{ why, text, want string }{
		{"nothing", "", ""},
		{"untouched", "left the company", "left the company"},
		{"escapes, once", "&lt;a&gt; &amp;amp;", "<a> &amp;"},
		{"channel wide mentions lose their force", "<!channel> <!here|@here>", "!channel @here"},
		{"private channel has no label", "<#C012|>", "#C012"},
		{"date of Slack falls back to its label", "<!date^1392734382^{date}|Feb 18>", "Feb 18"},
		{"typed brackets are no link", "&lt;!channel&gt;", "<!channel>"},
		{"brackets in brackets", "<<https://acme.com>>", "<https://acme.com>"},
		{"a bare less-than", "a < b", "a < b"},
		{"surrounding spaces", "\u00a0 left \n", "left"},
		{"line separator", "a\u2028b", "a b"},
		{"soft hyphen and tags are invisible", "co\u00admpany\U000e0041", "company"},
	}
	for _, tt := range tests {
		t.Run(tt.why, func(t *testing.T) {
			t.Parallel()
			if got := request.Plain(tt.text); got != tt.want {
				t.Errorf("Plain(%q) = %q, want %q", tt.text, got, tt.want)
			}
		})
	}
}
