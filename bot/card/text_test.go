package card

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf16"
	"unicode/utf8"

	"pgregory.net/rapid"
)

func TestLiteral(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		why, in string
		want    markup
	}{
		{"an ordinary name", "Jane Doe", "Jane Doe"},
		{"a name in another script", "Łukasz 山田", "Łukasz 山田"},
		{"an abbreviation is no host name", "J. R. Doe Jr.", "J. R. Doe Jr."},
		{"only the three characters are escaped", "R&D", "R&amp;D"},
		{"a channel mention", "<!channel>", "`&lt;!channel&gt;`"},
		{"a link", "<https://evil|https://good>", "`&lt;https://evil|https://good&gt;`"},
		{"an address by itself", "https://evil.example.com", "`https://evil.example.com`"},
		{"a host name alone becomes a link too", "evil.example.com", "`evil.example.com`"},
		{"an e-mail becomes a link too", "jane@acme.com", "`jane@acme.com`"},
		{"a mention that Slack finds by itself", "@here", "`@here`"},
		{"bold", "*done*", "`*done*`"},
		{"an underscore", "jane_doe", "`jane_doe`"},
		{"an emoji code", ":white_check_mark:", "`:white_check_mark:`"},
		{"a colon in a sentence is none", "Workfront says: no", "Workfront says: no"},
		{"a code span is closed by nothing", "a`*b*", "`a'*b*`"},
		{"a quotation", "> said", "`&gt; said`"},
		{"a list", "- one", "`- one`"},
		{"what is escaped already is shown as it is", "&lt;", "&amp;lt;"},
		{"lines become one", "one\r\n*two*\u2028three", "`one *two* three`"},
		{"right to left is isolated", "دانا", "\u2068دانا\u2069"},
		{"also in a code span", "דנה_1", "`\u2068דנה_1\u2069`"},
		{"an override of the direction is dropped", "a\u202eb\u2066c", "abc"},
		{"invisible characters are dropped", "ja\u200bne\ufeff", "jane"},
		{"the joiner of an emoji stays", "👩\u200d💻", "👩\u200d💻"},
		{"not UTF-8", "a\xff\xfeb", "a\uFFFDb"},
		{"nothing", " \t ", "(none)"},
		{"nothing visible", "\u200d\u202e", "(none)"},
	} {
		if got := literal(row.in, "(none)", 200); got != row.want {
			t.Errorf("%s: literal(%q) = %q, want %q", row.why, row.in, got, row.want)
		}
	}
}

func TestClip(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		why, in string
		limit   int
		want    string
	}{
		{"fits exactly", "abcde", 5, "abcde"},
		{"one too many", "abcdef", 5, "abcd…"},
		{"an emoji is two units", "😀😀😀", 6, "😀😀😀"},
		{"and is never halved", "😀😀😀", 5, "😀😀…"},
		{"nor is a space left before the mark", "abc defg", 5, "abc…"},
		{"nor a joiner", "👩\u200d💻ab", 4, "👩…"},
	} {
		if got := clip(row.in, row.limit, width); got != row.want {
			t.Errorf("%s: clip(%q, %d) = %q, want %q", row.why, row.in, row.limit, got, row.want)
		}
	}
}

func TestOutsideTextIsBoundedAndVisible(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.OneOf(rapid.String(), rapid.Map(rapid.SliceOf(rapid.Byte()), func(b []byte) string { return string(b) })).Draw(t, "s")
		limit := rapid.IntRange(20, 300).Draw(t, "limit")
		for _, got := range []string{outside(s, "-", limit), string(literal(s, "-", limit))} {
			if n := len(utf16.Encode([]rune(got))); n > limit || n == 0 {
				t.Errorf("%q has %d units, limit %d", got, n, limit)
			}
			if !utf8.ValidString(got) || strings.ContainsAny(got, "\n\r\t\x00\u202e") {
				t.Errorf("%q is not one clean line", got)
			}
		}
		if got := string(literal(s, "-", limit)); strings.ContainsAny(got, "<>") {
			t.Errorf("%q is not escaped", got)
		}
	})
}

func TestMentionsAndLinksHoldOnlyIDsAndAddresses(t *testing.T) {
	t.Parallel()
	for got, want := range map[markup]markup{
		mention("U012"):                           "<@U012>",
		mention(""):                               "somebody",
		mention("U1> <!channel"):                  "somebody",
		mentionGroup("S1"):                        "<!subteam^S1>",
		mentionGroup("S1|x"):                      "a group",
		channel("C1", "the channel"):              "<#C1>",
		channel("C1|x", "the channel"):            "the channel",
		link("https://a.example.com/?a=1&b", "x"): "<https://a.example.com/?a=1&amp;b|x>",
		link("", "none"):                          "none",
		link("javascript:alert(1)", "script"):     "script",
		link("https://a|b", "bar"):                "bar",
		link("https://a>", "bracket"):             "bracket",
	} {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestPeriod(t *testing.T) {
	t.Parallel()
	for d, want := range map[time.Duration]markup{
		time.Second: "1 second", 90 * time.Second: "90 seconds", 15 * time.Minute: "15 minutes",
		time.Hour: "1 hour", 90 * time.Minute: "90 minutes", 48 * time.Hour: "48 hours",
		1500 * time.Millisecond: "2 seconds", 0: "0 seconds", time.Minute: "1 minute", 59 * time.Second: "59 seconds",
	} {
		if got := period(d); got != want {
			t.Errorf("period(%v) = %q, want %q", d, got, want)
		}
	}
}

func TestDateHasAFallback(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 12, 31, 18, 0, 0, 0, time.FixedZone("", 3600))
	if got, want := date(at), markup("<!date^1798736400^{date_short_pretty} at {time}|2026-12-31 17:00 UTC>"); got != want {
		t.Errorf("date = %q, want %q", got, want)
	}
	if got := date(time.Time{}); strings.Contains(string(got), "<") {
		t.Errorf("the zero time is %q", got)
	}
}

// Whatever is from outside is shown as it stands in a message to the operator, and
// does nothing; numbers and our own words stay what they are.
func TestOperator(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		outside any
		want    string
	}{
		{"plain words", "status 403: plain words. Do this & that."},
		{"<!channel> & <@U1>", "status 403: `&lt;!channel&gt; &amp; &lt;@U1&gt;`. Do this & that."},
		{errors.New("pq: *no* `way` https://example.com/x"), "status 403: `pq: *no* 'way' https://example.com/x`. Do this & that."},
		{"two\nlines\u202e", "status 403: two lines. Do this & that."},
		{"", "status 403: nothing. Do this & that."},
		{"100 %d", "status 403: `100 %d`. Do this & that."},
	} {
		want := strings.ReplaceAll(row.want, "this & that", "this &amp; that")
		if got := Operator("status %d: %v. Do this & that.", 403, row.outside); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	if got := Operator("%s", strings.Repeat("<", 10_000)); len(got) > 500 {
		t.Errorf("%d characters", len(got))
	}
}

// TestEdgesOfScripts: the first and the last character of each range, and those
// beside them.
func TestEdgesOfScripts(t *testing.T) {
	t.Parallel()
	for _, edges := range [][2]rune{{0x0590, 0x08FF}, {0xFB1D, 0xFDFF}, {0xFE70, 0xFEFC}, {0x10800, 0x10FFF}, {0x1E800, 0x1EFFF}} {
		for r, want := range map[rune]bool{edges[0] - 1: false, edges[0]: true, edges[1]: true, edges[1] + 1: false} {
			if got := rightToLeft(r); got != want {
				t.Errorf("%U is from right to left: %v", r, got)
			}
		}
	}
	for r, want := range map[rune]bool{
		'a': true, 'z': true, 'A': true, 'Z': true, '0': true, '9': true, '`': false, '{': false, '@': false, '[': false, '/': false, ':': false,
	} {
		if got := isAlphanumeric(r); got != want {
			t.Errorf("%q is a letter or a digit: %v", r, got)
		}
	}
	for in, want := range map[string]string{"a\u200db": "a\u200db", "a\u200cb": "a\u200cb", "a\u200bb": "ab"} {
		if got := line(in); got != want {
			t.Errorf("%q becomes %q", in, got)
		}
	}
}

// TestLimitsToTheCharacter: what just fits is taken, and what is one longer is not.
func TestLimitsToTheCharacter(t *testing.T) {
	t.Parallel()
	if width(0xFFFF) != 1 || width(0x10000) != 2 {
		t.Error("a character of two units is one beyond U+FFFF")
	}
	if !isID(strings.Repeat("U", 32)) || isID(strings.Repeat("U", 33)) {
		t.Error("an id has at most 32 characters")
	}
	address := func(scheme string, n int) string { return scheme + strings.Repeat("a", n-len(scheme)) }
	for scheme, want := range map[string]bool{"https://": true, "http://": true, "ftp://": false} {
		for _, n := range []int{20, 1000, 1001} {
			if got := link(address(scheme, n), "x") != "x"; got != (want && n <= 1000) {
				t.Errorf("a %s address of %d characters is a link: %v", scheme, n, got)
			}
		}
	}
	for n, want := range map[int]markup{0: "", 1: "a", 2: "a, a", 3: "a, a, and 1 more"} {
		if got := upTo(2, slices.Repeat([]markup{"a"}, n), ", "); got != want {
			t.Errorf("%d words: %q, want %q", n, got, want)
		}
	}
	line := markup(strings.Repeat("a", 99)) // 100 with the line break
	for words, want := range map[int]markup{0: "", 100: "", 101: "\n… and 1 more; the card shows everybody."} {
		all := fitted(markup(strings.Repeat("w", words)), slices.Repeat([]markup{line}, 38))
		if !strings.HasSuffix(string(all), string(line+want)) {
			t.Errorf("38 lines behind %d characters end in %q", words, all[len(all)-150:])
		}
	}
}
