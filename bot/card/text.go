package card

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"

	"wfbot/bot/request"
)

// markup is mrkdwn in our own words. Text from outside enters through literal
// alone, ids through mention and its siblings.
type markup string

var escaper = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")

// line makes outside text one visible line: valid UTF-8, every control character
// and run of spaces one space, invisible format characters dropped (among them
// those that change the direction of writing). The two joiners stay, since
// emoji and some languages need them.
func line(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case r == '\u200c' || r == '\u200d':
			return r
		case unicode.Is(unicode.Cf, r):
			return -1
		case unicode.IsControl(r):
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
	return strings.Trim(strings.Join(strings.Fields(s), " "), "\u200c\u200d")
}

// outside returns s as one line of at most limit UTF-16 units for a plain_text
// object, or instead if nothing visible is left.
func outside(s, instead string, limit int) string {
	if s = line(s); s == "" {
		return instead
	}
	return isolate(clip(s, limit-2, width))
}

// literal returns s as one line of mrkdwn that shows s and nothing else, or
// instead if nothing visible is left. It is at most limit UTF-16 units long.
func literal(s string, instead markup, limit int) markup {
	if s = line(s); s == "" {
		return instead
	}
	safe := harmless(s)
	if !safe {
		// A code span shows everything as it stands, except for its own delimiter.
		s = strings.ReplaceAll(s, "`", "'")
	}
	s = isolate(escaper.Replace(clip(s, limit-4, escapedWidth)))
	if !safe {
		s = "`" + s + "`"
	}
	return markup(s)
}

// harmless reports whether nothing in s can be taken for formatting, an emoji, a
// mention, or an address that Slack would make a link of.
func harmless(s string) bool {
	runes := []rune(s)
	for i, r := range runes {
		switch {
		case r > unicode.MaxASCII, r == ' ', isAlphanumeric(r), strings.ContainsRune(",;'\"()&!?", r):
		case r == '-' && i > 0: // not the start of a list or a rule
		case (r == '.' || r == ':') && (i+1 == len(runes) || runes[i+1] == ' '): // not inside a host name, an emoji or an address
		default:
			return false
		}
	}
	return true
}

func isAlphanumeric(r rune) bool {
	return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9'
}

// isolate keeps text from right to left from reordering what stands around it.
//
// Source: https://www.unicode.org/reports/tr9/#Explicit_Directional_Isolates
func isolate(s string) string {
	if !strings.ContainsFunc(s, rightToLeft) {
		return s
	}
	return "\u2068" + s + "\u2069"
}

// rightToLeft reports whether r lies in one of the ranges that Unicode keeps for
// scripts written from right to left.
func rightToLeft(r rune) bool {
	return 0x0590 <= r && r <= 0x08FF || 0xFB1D <= r && r <= 0xFDFF || 0xFE70 <= r && r <= 0xFEFC ||
		0x10800 <= r && r <= 0x10FFF || 0x1E800 <= r && r <= 0x1EFFF
}

// clip cuts s, between characters, so that their widths are at most limit
// together, and marks the cut with "…".
func clip(s string, limit int, width func(rune) int) string {
	total, cut := 0, 0
	for i, r := range s {
		if total+1 <= limit {
			cut = i // "…" fits behind what came before r
		}
		if total += width(r); total > limit {
			return strings.TrimRight(s[:cut], " \u200d") + "…"
		}
	}
	return s
}

// width is the number of UTF-16 code units of r.
func width(r rune) int {
	if r > 0xFFFF {
		return 2
	}
	return 1
}

// escapedWidth is the width of r after escaping.
func escapedWidth(r rune) int {
	switch r {
	case '&':
		return len("&amp;")
	case '<', '>':
		return len("&lt;")
	}
	return width(r)
}

// isID reports whether id has the form of a Slack id, and so cannot break out
// of a mention.
func isID(id string) bool {
	return id != "" && len(id) <= 32 && !strings.ContainsFunc(id, func(r rune) bool { return !isAlphanumeric(r) })
}

// mention names a Slack user; it notifies them where a message is new.
func mention(id string) markup { return reference("<@", id, "somebody") }

// whoAndWhen names who did something, and when.
func whoAndWhen(id string, at time.Time) markup { return mention(id) + ", " + date(at) }

func mentionGroup(id string) markup { return reference("<!subteam^", id, "a group") }

func channel(id string, instead markup) markup { return reference("<#", id, instead) }

// reference is what Slack makes a name of; instead stands for what is no id.
func reference(opening markup, id string, instead markup) markup {
	if !isID(id) {
		return instead
	}
	return opening + markup(id) + ">"
}

// link is a link to address, which is a web address from Slack; without one the
// label stands alone.
func link(address string, label markup) markup {
	if !strings.HasPrefix(address, "https://") && !strings.HasPrefix(address, "http://") ||
		len(address) > 1000 || strings.ContainsAny(address, "<>|` \t\r\n") {
		return label
	}
	return "<" + markup(escaper.Replace(address)) + "|" + label + ">"
}

// date is t in the reader's time zone, such as "today at 17:00".
func date(t time.Time) markup {
	if t.IsZero() {
		return "at an unknown time"
	}
	return markup(fmt.Sprintf("<!date^%d^{date_short_pretty} at {time}|%s>", t.Unix(), t.UTC().Format("2006-01-02 15:04 UTC")))
}

// OnTheClock is t by the clock of its zone, which it names: "Dec 31, 2026, 17:00
// Europe/Berlin"; empty for the zero time.
func OnTheClock(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format("Jan 2, 2006, 15:04 ") + cmp.Or(t.Location().String(), t.Format("UTC-07:00"))
}

// although says that what takes effect on approval has a reason that speaks of a day
// to come; empty if it has none. notBefore is the time that was asked for.
func although(reason string, notBefore, asked time.Time) markup {
	hint := request.Hint(reason, notBefore, asked)
	if hint == "" {
		return ""
	}
	return ", although the reason says " + literal("“"+hint+"”", "", 100)
}

func count(n int) markup { return markup(strconv.Itoa(n)) }

// plural is "1 person", "2 people".
func plural(n int, one, many markup) markup {
	if n == 1 {
		return "1 " + one
	}
	return count(n) + " " + many
}

func people(n int) markup { return plural(n, "person", "people") }

// period is a length of time in words, in the largest unit that is exact.
func period(d time.Duration) markup {
	switch {
	case d >= time.Hour && d%time.Hour == 0:
		return plural(int(d/time.Hour), "hour", "hours")
	case d >= time.Minute && d%time.Minute == 0:
		return plural(int(d/time.Minute), "minute", "minutes")
	}
	return plural(int((d+time.Second-1)/time.Second), "second", "seconds")
}

// with puts values in the places of names, a name and its value each. It does not
// look again at what it has put in.
func (words markup) with(pairs ...markup) markup {
	texts := make([]string, len(pairs))
	for i, text := range pairs {
		texts[i] = string(text)
	}
	return markup(strings.NewReplacer(texts...).Replace(string(words)))
}

// capital is words at the beginning of a line; they begin with an ASCII character.
func capital(words markup) markup { return markup(strings.ToUpper(string(words[:1]))) + words[1:] }

// behind is words behind what leads to them; empty where there are none.
func behind(lead, words markup) markup {
	if words == "" {
		return ""
	}
	return lead + words
}

// list joins words.
func list(words []markup, between markup) (all markup) {
	for i, w := range words {
		if i > 0 {
			all += between
		}
		all += w
	}
	return all
}

// upTo is the first words, most at most, and how many more there are.
func upTo(most int, words []markup, between markup) markup {
	if more := len(words) - most; more > 0 {
		return list(words[:most], between) + ", and " + count(more) + " more"
	}
	return list(words, between)
}

// units is the length of s in UTF-16 code units.
func units(s markup) (n int) {
	for _, r := range s {
		n += width(r)
	}
	return n
}

// fitted adds as many of the lines as a message of 4000 characters holds, and says
// how many there are besides.
func fitted(words markup, lines []markup) markup {
	const room = 3900
	used := units(words)
	for i, line := range lines {
		if used += units(line) + 1; used > room {
			return words + "\n… and " + count(len(lines)-i) + " more; the card shows everybody."
		}
		words += "\n" + line
	}
	return words
}

// Operator is a message to the people who run wfbot, as mrkdwn to be sent
// unescaped. format is in our own words. Texts and errors among args are shown as
// they stand and do nothing, like all text from outside: they may be Workfront's,
// Slack's or a database's.
func Operator(format string, args ...any) string {
	safe := make([]any, len(args))
	for i, arg := range args {
		switch arg.(type) {
		case string, error:
			safe[i] = literal(fmt.Sprint(arg), "nothing", 400)
		default:
			safe[i] = arg
		}
	}
	return fmt.Sprintf(escaper.Replace(format), safe...)
}
