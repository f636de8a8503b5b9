package request_test

import (
	"errors"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"wfbot/bot/request"
)

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
	email := func(reason string) request.Command { return request.Command{Email: jane, Reason: reason} }
	tests := []struct {
		why  string
		text string
		want request.Command
		no   request.Refusal
		word string
	}{
		// Nothing, and help.
		{why: "nothing typed", text: "", want: request.Command{Help: true}},
		{why: "only spaces", text: " \t" + nbsp, want: request.Command{Help: true}},
		{why: "help", text: "help", want: request.Command{Help: true}},
		{why: "help, shouted", text: " HELP ", want: request.Command{Help: true}},
		{why: "help is a word of its own", text: "helpme", no: request.RefusedNotAnEmail, word: "helpme"},

		// The address as typed.
		{why: "plain", text: "jane@acme.com left the company", want: email(left)},
		{why: "no reason", text: "jane@acme.com", want: email("")},
		{why: "capitals", text: "Jane@ACME.com Left", want: email("Left")},
		{why: "stray spaces", text: "  jane@acme.com   left the company  ", want: email(left)},
		{why: "inner spaces of a reason stay", text: "jane@acme.com left  now", want: email("left  now")},
		{why: "tab", text: "jane@acme.com\tleft", want: email("left")},
		{why: "line ends become spaces", text: "jane@acme.com\nleft\r\nnow", want: email("left  now")},
		{why: "no-break space", text: nbsp + "jane@acme.com" + nbsp + "left", want: email("left")},
		{why: "narrow no-break, em and ideographic space", text: "jane@acme.com\u202f\u2003\u3000left", want: email("left")},
		{why: "zero-width space pasted along", text: zwsp + "jane@acme.com" + zwsp + " left", want: email("left")},
		{why: "byte order mark pasted along", text: "\ufeffjane@acme.com left", want: email("left")},
		{why: "plus address", text: "jane+wf@acme.com", want: request.Command{Email: "jane+wf@acme.com"}},
		{why: "apostrophe inside", text: "o'brien@acme.com", want: request.Command{Email: "o'brien@acme.com"}},
		{why: "sub-domain", text: "jane@mail.eu.acme.com", want: request.Command{Email: "jane@mail.eu.acme.com"}},
		{why: "internationalised", text: "zoë@exämple.com", want: request.Command{Email: "zoë@exämple.com"}},

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
		{why: "a leading dot would be another address", text: ".jane@acme.com", want: request.Command{Email: ".jane@acme.com"}},
		{why: "angle brackets of a mail program", text: "&lt;jane@acme.com&gt; left", want: email("left")},
		{why: "mailto typed", text: "mailto:jane@acme.com left", want: email("left")},
		{why: "MAILTO typed", text: "MAILTO:jane@acme.com", want: email("")},

		// Slack's escaped forms.
		{why: "e-mail link", text: "<mailto:jane@acme.com|jane@acme.com> left", want: email("left")},
		{why: "e-mail link without a label", text: "<mailto:jane@acme.com> left", want: email("left")},
		{why: "e-mail link, empty label", text: "<mailto:jane@acme.com|> left", want: email("left")},
		{why: "e-mail link, capitals", text: "<mailto:Jane@Acme.COM|Jane@Acme.COM>", want: email("")},
		{why: "label with spaces", text: "<mailto:jane@acme.com|Jane Doe (HR)> left", want: email("left")},
		{why: "the address counts, not its label", text: "<mailto:jane@acme.com|eve@acme.com> left", want: email("left")},
		{why: "quotes around a link", text: `"<mailto:jane@acme.com|jane@acme.com>" left`, want: email("left")},
		{why: "comma after a link", text: "<mailto:jane@acme.com|jane@acme.com>, left", want: email("left")},
		{why: "no-break space after a link", text: "<mailto:jane@acme.com|jane@acme.com>" + nbsp + "left", want: email("left")},
		{why: "mention", text: "<@U012ABCDEF> left", want: request.Command{UserID: "U012ABCDEF", Reason: "left"}},
		{why: "mention with a label", text: "<@U012ABCDEF|jane>", want: request.Command{UserID: "U012ABCDEF"}},
		{why: "mention with spaces in its label", text: "<@W012|Jane Doe> left", want: request.Command{UserID: "W012", Reason: "left"}},
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
		{why: "mention in the reason", text: "jane@acme.com ask <@U1|rita> or <@U2>", want: email("ask rita or @U2")},
		{why: "e-mail later in the reason", text: "jane@acme.com replaced by <mailto:bob@acme.com|bob@acme.com>", want: email("replaced by bob@acme.com")},
		{why: "control characters", text: "jane@acme.com left\x00\x07\u0085 now", want: email("left    now")},
		{why: "not UTF-8", text: "jane@acme.com left \xff\xfe", want: email("left \ufffd\ufffd")},
		{why: "nothing may turn the text of a card around", text: "jane@acme.com " + rtlo + "left\u2066", want: email("left")},
		{why: "joiners belong to emoji", text: "jane@acme.com 👩\u200d💻", want: email("👩\u200d💻")},
		{why: "unclosed bracket", text: "jane@acme.com <left", want: email("<left")},
		{why: "the longest reason", text: "jane@acme.com " + strings.Repeat("é", longs), want: email(strings.Repeat("é", longs))},
		{why: "longer than a card shows", text: "jane@acme.com " + strings.Repeat("é", longs+1), no: request.RefusedReasonTooLong},
		{why: "length is counted after unescaping", text: "jane@acme.com " + strings.Repeat("&amp;", longs), want: email(strings.Repeat("&", longs))},
		{why: "on, but no date", text: "jane@acme.com on her own wish", want: email("on her own wish")},
		{why: "once", text: "jane@acme.com once 2 weeks are over", want: email("once 2 weeks are over")},

		// Not understood.
		{why: "no address", text: "jane left", no: request.RefusedNotAnEmail, word: "jane"},
		{why: "name before the address", text: "Jane &lt;jane@acme.com&gt;", no: request.RefusedNotAnEmail, word: "Jane"},
		{why: "no domain", text: "jane@", no: request.RefusedNotAnEmail, word: "jane@"},
		{why: "bare host", text: "jane@localhost", no: request.RefusedNotAnEmail, word: "jane@localhost"},
		{why: "two at signs", text: "jane@acme@com.com", no: request.RefusedNotAnEmail, word: "jane@acme@com.com"},
		{why: "empty label of the domain", text: "jane@acme..com", no: request.RefusedNotAnEmail, word: "jane@acme..com"},
		{why: "two addresses without a space", text: "jane@acme.com,bob@acme.com", no: request.RefusedNotAnEmail, word: "jane@acme.com,bob@acme.com"},
		{why: "query of a mailto link", text: "&amp;jane@acme.com", no: request.RefusedNotAnEmail, word: "&jane@acme.com"},
		{why: "empty mailto", text: "<mailto:>", no: request.RefusedNotAnEmail, word: ""},
		{why: "not UTF-8 in the address", text: "jan\xff@acme.com", no: request.RefusedNotAnEmail, word: "jan\ufffd@acme.com"},
		{why: "a joiner in the address", text: "jane\u200d@acme.com", no: request.RefusedNotAnEmail, word: "jane\u200d@acme.com"},
		{why: "a control character splits", text: "jane\x00@acme.com", no: request.RefusedNotAnEmail, word: "jane"},
		{why: "longer than an address can be", text: strings.Repeat("j", 491) + "@acme.com", no: request.RefusedNotAnEmail, word: strings.Repeat("j", 491) + "@acme.com"},

		// Understood, but not done.
		{why: "second address", text: "jane@acme.com bob@acme.com left", no: request.RefusedOneAtATime, word: "bob@acme.com"},
		{why: "second address after a comma", text: "jane@acme.com, <mailto:bob@acme.com|bob@acme.com>", no: request.RefusedOneAtATime, word: "bob@acme.com"},
		{why: "a person mentioned second", text: "jane@acme.com <@U2|bob> left", no: request.RefusedOneAtATime, word: "bob"},
		{why: "the same address twice", text: "jane@acme.com jane@acme.com", no: request.RefusedOneAtATime, word: "jane@acme.com"},
		{why: "date", text: "jane@acme.com on 2026-12-31 17:00 contract ends", no: request.RefusedSchedule, word: "on 2026-12-31 17:00 contract ends"},
		{why: "another notation", text: "jane@acme.com On 31.12.2026", no: request.RefusedSchedule, word: "On 31.12.2026"},
		{why: "bare date", text: "jane@acme.com 2026-12-31 contract ends", no: request.RefusedSchedule, word: "2026-12-31 contract ends"},
		{why: "quoted date", text: "jane@acme.com on “2026-12-31”", no: request.RefusedSchedule, word: "on “2026-12-31”"},
		{why: "date behind a no-break space", text: "jane@acme.com on" + nbsp + "2026-12-31", no: request.RefusedSchedule, word: "on 2026-12-31"},
		{why: "date behind an invisible character", text: "jane@acme.com on " + zwsp + "2026-12-31", no: request.RefusedSchedule, word: "on 2026-12-31"},
		{why: "date that Slack took for a telephone number", text: "jane@acme.com on <tel:20261231|2026-12-31>", no: request.RefusedSchedule, word: "on 2026-12-31"},
	}
	for _, tt := range tests {
		t.Run(tt.why, func(t *testing.T) {
			t.Parallel()
			got, err := request.ParseCommand(tt.text)
			if tt.no == request.Allowed {
				if err != nil || got != tt.want {
					t.Errorf("ParseCommand(%q) = %+v, %v\nwant %+v", tt.text, got, err, tt.want)
				}
				return
			}
			var wrong *request.CommandError
			if !errors.As(err, &wrong) || wrong.Refusal != tt.no || wrong.Word != tt.word {
				t.Errorf("ParseCommand(%q) = %+v, %v\nwant %v about %q", tt.text, got, err, tt.no, tt.word)
			}
			if !errors.Is(err, tt.no) {
				t.Errorf("the error does not lead to its refusal: %v", err)
			}
			if got != (request.Command{}) {
				t.Errorf("a refused command came with %+v", got)
			}
		})
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

func FuzzParseCommand(f *testing.F) {
	for _, seed := range []string{
		"", "help", "jane@acme.com left the company", "<mailto:jane@acme.com|Jane Doe>, left", "<@U012|jane> R&amp;D",
		"jane@acme.com on 2026-12-31", "a@acme.com b@acme.com", "“jane@acme.com”\u00a0left", "<#C012|> <!here>", "<mailto:|>", "\xff<",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		c, err := request.ParseCommand(text)
		if err != nil {
			var wrong *request.CommandError
			if !errors.As(err, &wrong) || wrong.Refusal == request.Allowed || c != (request.Command{}) {
				t.Fatalf("ParseCommand(%q) = %+v, %#v", text, c, err)
			}
			checkReadable(t, wrong.Word)
			return
		}
		ways := 0
		for _, way := range []bool{c.Help, c.Email != "", c.UserID != ""} {
			if way {
				ways++
			}
		}
		if ways != 1 || c.Help && c.Reason != "" {
			t.Fatalf("ParseCommand(%q) = %+v: exactly one of help, e-mail and person is meant", text, c)
		}
		if utf8.RuneCountInString(c.Reason) > request.MaxReason {
			t.Fatalf("ParseCommand(%q) let a reason of %d characters through", text, utf8.RuneCountInString(c.Reason))
		}
		checkReadable(t, c.Reason)
		if c.Email == "" {
			return
		}
		local, domain, ok := strings.Cut(c.Email, "@")
		if !ok || local == "" || !strings.Contains(domain, ".") || strings.ContainsAny(c.Email, " <>|&,;:\"()[]\\") ||
			strings.Contains(domain, "@") || len(c.Email) > 300 || c.Email != strings.ToLower(c.Email) {
			t.Fatalf("ParseCommand(%q) took %q for an e-mail", text, c.Email)
		}
		checkReadable(t, c.Email)
		// What it understood, it understands again in the same way.
		again, err := request.ParseCommand(c.Email)
		if err != nil || again.Email != c.Email {
			t.Fatalf("ParseCommand(%q) found %q, which it then reads as %+v, %v", text, c.Email, again, err)
		}
	})
}

// checkReadable fails for text that must not reach a card or the audit trail.
func checkReadable(t *testing.T, s string) {
	t.Helper()
	if !utf8.ValidString(s) || s != strings.TrimSpace(s) {
		t.Fatalf("%q is not UTF-8 or has spaces around it", s)
	}
	for _, r := range s {
		if unicode.Is(unicode.Cc, r) || unicode.Is(unicode.Bidi_Control, r) {
			t.Fatalf("%q contains %U", s, r)
		}
	}
}
