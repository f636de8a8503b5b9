package request_test

import (
	"errors"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"wfbot/bot/request"
)

// FuzzParseCommand checks what holds for every text; and of the text behind
// people, and behind "on" and a digit, that it can neither hide the people nor
// make a date vanish.
func FuzzParseCommand(f *testing.F) {
	for _, seed := range []string{
		"", "help", "list", "status jane@acme.com", "cancel jane@acme.com she stays", "jane@acme.com left the company", "<mailto:jane@acme.com|Jane Doe>, left", "<@U012|jane> R&amp;D",
		"jane@acme.com on 2026-12-31", "jane@acme.com on 2026-12-31, 5:30 p.m. contract ends", "a@acme.com, b@acme.com and <@U1><@U2> left", "31.12.2026T17:00Z",
		"026-12-31 17:00 left", "now last day 12/31/2026", "jane@acme.com on 2026-12-31 17:00 Europe/Berlin left", "17:00 UTC+5:30", "leaves 31. 12. 26", "“jane@acme.com”\u00a0left", "<#C012|> <!here>", "<mailto:|>", "\xff<", "on <tel:1|2026-12-31>", "@bob", "and bob@acme", "on Friday",
	} {
		f.Add(seed)
	}
	for _, seed := range []string{
		"jane@acme.com\tJane Doe\tMarketing\njoe@acme.com\tJoe Roe\tIT\nleft", "E-mail|Name\njane@acme.com|Jane", "Doe, Jane &lt;<mailto:jane@acme.com|jane@acme.com>&gt;; Roe, Joe &lt;joe@acme.com&gt;",
		"1) jane@acme.com 2) joe@acme.com", "Jane jane@acme.com und Joe joe@acme.com", "(jane@acme.com/joe@acme.com) left", "jane@acme.com+joe@acme.com&amp;li@acme.com", "o’<mailto:brien@acme.com|brien@acme.com>",
		"jane@<http://acme.com|acme.com>", "jane＠acme。com", "jane@acme.com (Jane), joe@acme.com", "jane@acme.com replaced by joe@acme.com", "<mailto:a@acme.com?cc=b%40acme.com|a@acme.com>", "<https://acme.com|joe@acme.com>",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		c := checkCommand(t, text)
		checkPeople(t, text)
		if c.Verb == request.Ask {
			checkAgain(t, c)
		}
		// Space, comma, line end and "and" keep people apart from whatever follows.
		for _, people := range []string{"jane@acme.com, <@U012|bob> ", "jane@acme.com and <@U012>\n", "<mailto:jane@acme.com|x>;<@U012>,"} {
			c := checkCommand(t, people+text)
			if c.Verb != "" && (len(c.People) < 2 || !slices.Equal(c.People[:2], mentions("jane@acme.com", "U012"))) {
				t.Fatalf("ParseCommand(%q) lost somebody: %+v", people+text, c)
			}
		}
		for _, date := range []string{"jane@acme.com on 2", "jane@acme.com, On “3", "<@U012>\non\u00a00", "jane@acme.com on 2026-12-31"} {
			if c := checkCommand(t, date+text); c.Verb != "" && c.When == (request.When{}) {
				t.Fatalf("ParseCommand(%q) does not wait: %+v", date+text, c)
			}
		}
		// Nor can it undo "now".
		if c := checkCommand(t, "jane@acme.com now "+text); c.Verb != "" && (!c.Now || c.When != request.When{}) {
			t.Fatalf("now %q is not at once: %+v", text, c)
		}
	})
}

// checkCommand parses text and checks what came of it; the zero Command if it was
// refused.
func checkCommand(t *testing.T, text string) request.Command {
	t.Helper()
	c, err := request.ParseCommand(text)
	if err != nil {
		var wrong *request.CommandError
		if !errors.As(err, &wrong) || wrong.Refusal == request.Allowed || !cmp.Equal(c, request.Command{}) {
			t.Fatalf("ParseCommand(%q) = %+v, %#v", text, c, err)
		}
		checkReadable(t, wrong.Word)
		return request.Command{}
	}
	switch n := len(c.People); c.Verb {
	case request.Ask:
		if n < 1 || n > request.MaxPeople {
			t.Fatalf("ParseCommand(%q) asks for %d people", text, n)
		}
	case request.Status:
		if !cmp.Equal(c, request.Command{Verb: request.Status, People: c.People}) || n != 1 {
			t.Fatalf("ParseCommand(%q) = %+v: the status of one person is meant", text, c)
		}
	case request.Withdraw:
		if !cmp.Equal(c, request.Command{Verb: request.Withdraw, People: c.People, Reason: c.Reason}) || n != 1 {
			t.Fatalf("ParseCommand(%q) = %+v: the request about one person is meant", text, c)
		}
	case request.Form, request.Help, request.List:
		if !cmp.Equal(c, request.Command{Verb: c.Verb}) {
			t.Fatalf("ParseCommand(%q) = %+v: only the verb is meant", text, c)
		}
	default:
		t.Fatalf("ParseCommand(%q) has no verb: %+v", text, c)
	}
	seen := map[request.Mention]bool{}
	for _, m := range c.People {
		checkMention(t, text, m)
		if seen[m] {
			t.Fatalf("ParseCommand(%q) = %+v: %v twice", text, c, m)
		}
		seen[m] = true
	}
	if utf8.RuneCountInString(c.Reason) > request.MaxReason {
		t.Fatalf("ParseCommand(%q) let a reason of %d characters through", text, utf8.RuneCountInString(c.Reason))
	}
	checkReadable(t, c.Reason)
	if c.Verb == request.Ask || c.Verb == request.Status || c.Verb == request.Withdraw {
		checkNobodyLost(t, text, c.People)
	}
	for word := range strings.FieldsSeq(c.Reason) {
		if aPerson.MatchString(word) && !strings.Contains(word, "://") {
			t.Fatalf("ParseCommand(%q) has %q in the reason: %+v", text, word, c)
		}
	}
	if c.When != (request.When{}) {
		if _, err := c.When.In(time.UTC); err != nil { // UTC skips nothing
			t.Fatalf("ParseCommand(%q) is for %v, which is impossible: %v", text, c.When, err)
		}
	}
	return c
}

var (
	// aPerson is the middle of every plain address, and a mention that Slack has not
	// resolved.
	aPerson  = regexp.MustCompile(`(?i)[a-z0-9]@[a-z0-9]+\.[a-z]{2}|^@[a-z]`)
	inAnyWeb = regexp.MustCompile(`<[a-zA-Z]+://[^<>|]*>|[^\s|]*://[^\s|]*`)
	address  = regexp.MustCompile(`[a-z0-9]+@[a-z0-9]+\.[a-z]{2,}`)
	byID     = regexp.MustCompile(`<@([UW][A-Z0-9]+)[|>]`)
)

// checkNobodyLost looks for people in the text in a way of its own: all of them must
// have been found.
func checkNobodyLost(t *testing.T, text string, people []request.Mention) {
	t.Helper()
	for _, found := range address.FindAllString(strings.ToLower(inAnyWeb.ReplaceAllString(text, " ")), -1) {
		if !slices.ContainsFunc(people, func(m request.Mention) bool { return strings.Contains(m.Email, found) }) {
			t.Fatalf("%q lost %s: %+v", text, found, people)
		}
	}
	for _, found := range byID.FindAllStringSubmatch(text, -1) {
		if closed := strings.Contains(text, found[0][:len(found[0])-1]+">"); closed && !slices.Contains(people, request.Mention{UserID: found[1]}) {
			t.Fatalf("%q lost %s: %+v", text, found[1], people)
		}
	}
}

// checkPeople reads the text as the people of a form, where nothing else may stand.
func checkPeople(t *testing.T, text string) {
	t.Helper()
	people, err := request.ParsePeople(text)
	if err != nil {
		var wrong *request.CommandError
		if !errors.As(err, &wrong) || people != nil {
			t.Fatalf("ParsePeople(%q) = %+v, %#v", text, people, err)
		}
		checkReadable(t, wrong.Word)
		return
	}
	checkNobodyLost(t, text, people)
	for _, m := range people {
		checkMention(t, text, m)
	}
}

// FuzzParseAddress checks that an address is read as it is written, and that the
// character that is wrong is one of the text.
func FuzzParseAddress(f *testing.F) {
	for _, seed := range []string{"jane@acme.com", "“O’Brien@ACME。com”", "jаne@acme.com", "mailto:jane@acme.com", "rene\u0301@acme.com", "*@acme.com", "ＪＡＮＥ＠ａｃｍｅ．ｃｏｍ", "jane\u200d@acme.com"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		email, err := request.ParseAddress(text)
		var wrong *request.AddressError
		switch {
		case err == nil:
			checkMention(t, text, request.Mention{Email: email})
			if again, err := request.ParseAddress(email); err != nil || again != email {
				t.Fatalf("ParseAddress(%q) = %q, which is read as %q, %v", text, email, again, err)
			}
		case !errors.As(err, &wrong) || email != "" || !utf8.ValidString(err.Error()):
			t.Fatalf("ParseAddress(%q) = %q, %#v", text, email, err)
		}
	})
}

func checkMention(t *testing.T, text string, m request.Mention) {
	t.Helper()
	if (m.Email == "") == (m.UserID == "") {
		t.Fatalf("ParseCommand(%q) names %+v: exactly one of the two is meant", text, m)
	}
	if m.Email == "" {
		return
	}
	local, domain, ok := strings.Cut(m.Email, "@")
	if !ok || local == "" || !strings.Contains(domain, ".") || strings.ContainsAny(m.Email, " <>|&,;:\"()[]\\") ||
		strings.Contains(domain, "@") || len(m.Email) > 300 || m.Email != strings.ToLower(m.Email) {
		t.Fatalf("ParseCommand(%q) took %q for an e-mail", text, m.Email)
	}
	checkReadable(t, m.Email)
}

// checkAgain writes out what was understood, which has to be understood in the
// same way.
func checkAgain(t *testing.T, c request.Command) {
	t.Helper()
	var words []string
	for _, m := range c.People {
		if m.UserID != "" {
			words = append(words, "<@"+m.UserID+">")
		} else {
			words = append(words, m.Email)
		}
	}
	switch {
	case c.Now:
		words = append(words, "now")
	case c.When != request.When{}:
		words = append(words, "on "+c.When.String())
	}
	text := strings.Join(words, " ")
	want := c
	want.Reason = ""
	if again, err := request.ParseCommand(text); err != nil || !cmp.Equal(again, want) {
		t.Fatalf("%+v, written %q, is read as %+v, %v", c, text, again, err)
	}
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

// FuzzReason checks what a reason says of the time: what is refused can be typed
// again as the refusal says, and is then as was said.
func FuzzReason(f *testing.F) {
	for _, seed := range []string{
		"left", "last day 12/31/2026", "leaving Dec 31", "31.12.26", "am 31. Dezember", "le 1er janvier", "2026年12月31日", "by 5/6", "until the 5th", "20261231",
		"31 Dec 17:00", "first of January", "29 February", "leaves Friday", "ends at 5pm", "٣١/١٢/٢٠٢٦", "12-31-26-1-5-27", "31 de\u0301cembre", "İ 31 dec",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, reason string) {
		c, err := request.ParseCommand("jane@acme.com " + reason)
		if err != nil || c.Verb != request.Ask || len(c.People) != 1 || c.When != (request.When{}) {
			return
		}
		if hint := request.Hint(c.Reason, time.Time{}, saturday); !strings.Contains(c.Reason, hint) {
			t.Fatalf("the hint of %q is %q", c.Reason, hint)
		}
		_, err = c.Due(time.UTC, saturday)
		if err == nil {
			return
		}
		var no *request.CommandError
		if !errors.As(err, &no) || no.Refusal != request.RefusedDateInReason || no.Word == "" || !strings.Contains(c.Reason, no.Word) {
			t.Fatalf("%q is refused with %+v", c.Reason, err)
		}
		for _, day := range no.Instead {
			dated, err := request.ParseCommand("jane@acme.com on " + day)
			if at, due := dated.Due(time.UTC, saturday); err != nil || due != nil || !at.After(saturday) {
				t.Fatalf("on %s, instead of %q: %v, %v, %v", day, no.Word, at, err, due)
			}
		}
		again, err := request.ParseCommand("jane@acme.com now " + reason)
		if at, due := again.Due(time.UTC, saturday); err != nil || !again.Now || due != nil || !at.IsZero() || !strings.HasSuffix(c.Reason, again.Reason) {
			t.Fatalf("now %q is %+v, %v, %v", reason, again, err, due)
		}
	})
}
