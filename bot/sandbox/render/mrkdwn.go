package render

import (
	"html/template"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Mrkdwn draws Slack's own markup. autolink makes links of bare addresses, as
// Slack does unless a text object is verbatim.
func (v Viewer) Mrkdwn(text string, autolink bool) template.HTML {
	w := &writer{viewer: v, autolink: autolink}
	for {
		before, block, after, ok := cutFence(text)
		if !ok {
			break
		}
		w.paragraphs(before)
		w.out.WriteString("<pre><code>")
		w.literal(strings.Trim(block, "\n"))
		w.out.WriteString("</code></pre>")
		text = strings.TrimPrefix(after, "\n")
	}
	w.paragraphs(text)
	return template.HTML(w.out.String()) // writer escapes everything that is not its own
}

// cutFence finds the first block between two lines of three backticks.
func cutFence(text string) (before, block, after string, ok bool) {
	const fence = "```"
	before, rest, ok := strings.Cut(text, fence)
	if !ok {
		return "", "", "", false
	}
	block, after, ok = strings.Cut(rest, fence)
	return strings.TrimSuffix(before, "\n"), block, after, ok && strings.TrimSpace(block) != ""
}

// writer collects HTML. Text gets into out only through its methods.
type writer struct {
	viewer   Viewer
	autolink bool
	out      strings.Builder
	// within are the marks of the styles being written, which do not begin again
	// inside themselves, and unclosed those that nothing closes in what is left of
	// the text: both keep the work in proportion to the length of the text.
	within, unclosed string
}

// paragraphs writes lines, with those that begin with > as quotations.
func (w *writer) paragraphs(text string) {
	if text == "" {
		return
	}
	quoting := false
	for i, line := range strings.Split(text, "\n") {
		quoted, isQuote := cutQuote(line)
		switch {
		case isQuote && !quoting:
			w.out.WriteString("<blockquote>")
		case !isQuote && quoting:
			w.out.WriteString("</blockquote>")
		case i > 0:
			w.out.WriteString("<br>")
		}
		quoting = isQuote
		w.inline(quoted)
	}
	if quoting {
		w.out.WriteString("</blockquote>")
	}
}

func cutQuote(line string) (text string, ok bool) {
	for _, mark := range []string{"&gt;", ">"} {
		if rest, ok := strings.CutPrefix(line, mark); ok {
			return strings.TrimPrefix(rest, " "), true
		}
	}
	return line, false
}

// inline writes text that may hold every kind of markup within a line.
func (w *writer) inline(s string) {
	outer := w.unclosed
	defer func() { w.unclosed = outer }()
	w.unclosed = ""
	for i := 0; i < len(s); {
		if n := w.markup(s, i); n > 0 {
			i += n
			continue
		}
		i += writeRune(&w.out, s[i:])
	}
}

// markup writes the markup that begins at s[i] and returns its length, 0 if there
// is none.
func (w *writer) markup(s string, i int) int {
	switch s[i] {
	case '<':
		end := strings.IndexByte(s[i:], '>')
		if end < 0 || !w.control(s[i+1:i+end]) {
			return 0
		}
		return end + 1
	case '&':
		return writeEntity(&w.out, s[i:])
	case ':':
		return writeEmoji(&w.out, s[i:])
	case '`':
		end := strings.IndexByte(s[i+1:], '`')
		if end <= 0 {
			return 0
		}
		w.out.WriteString("<code>")
		w.literal(s[i+1 : i+1+end])
		w.out.WriteString("</code>")
		return end + 2
	case '*', '_', '~':
		return w.styled(s, i)
	}
	return w.bareLink(s, i)
}

var tags = map[byte]string{'*': "strong", '_': "em", '~': "s"}

// styled writes *bold*, _italic_ or ~struck~ text. Both marks must stand at the
// edge of a word.
func (w *writer) styled(s string, i int) int {
	mark := s[i : i+1]
	if strings.Contains(w.within+w.unclosed, mark) || !atWordEdge(s, i) || !opens(s, i) {
		return 0
	}
	end := closing(s, i)
	if end < 0 {
		w.unclosed += mark
		return 0
	}
	tag := tags[s[i]]
	outer := w.within
	w.within += mark
	w.out.WriteString("<" + tag + ">")
	w.inline(s[i+1 : end])
	w.out.WriteString("</" + tag + ">")
	w.within = outer
	return end - i + 1
}

// opens reports whether text follows the mark at s[i] at once.
func opens(s string, i int) bool { return i+1 < len(s) && s[i+1] != ' ' && s[i+1] != s[i] }

// closing returns where the mark at s[i] is closed, or -1. Marks inside control
// forms and code do not count.
func closing(s string, i int) int {
	for k := i + 1; k < len(s); k++ {
		switch s[k] {
		case '<', '`':
			end := map[byte]byte{'<': '>', '`': '`'}[s[k]]
			if n := strings.IndexByte(s[k+1:], end); n >= 0 {
				k += n + 1
			}
		case s[i]:
			after, _ := utf8.DecodeRuneInString(s[k+1:])
			if s[k-1] != ' ' && (k+1 == len(s) || !isWord(after)) {
				return k
			}
		}
	}
	return -1
}

// atWordEdge reports whether no word runs into s[i] from before.
func atWordEdge(s string, i int) bool {
	before, _ := utf8.DecodeLastRuneInString(s[:i])
	return i == 0 || !isWord(before)
}

func isWord(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }

var (
	bareAddress = regexp.MustCompile(`^https?://[^\s<>"|]+`)
	bareEmail   = regexp.MustCompile(`^[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,}`)
)

// bareLink writes a link of an address that stands in the text as it is.
func (w *writer) bareLink(s string, i int) int {
	if !w.autolink || !atWordEdge(s, i) {
		return 0
	}
	if found := bareAddress.FindString(s[i:]); found != "" {
		found = strings.TrimRight(found, ".,;:!?)'*_~`")
		w.link(unescape(found), unescape(found))
		return len(found)
	}
	if found := bareEmail.FindString(s[i:]); found != "" {
		w.link("mailto:"+found, found)
		return len(found)
	}
	return 0
}

// literal writes text where only entities and control forms mean anything.
func (w *writer) literal(s string) {
	for i := 0; i < len(s); {
		n := 0
		if s[i] == '<' || s[i] == '&' {
			n = w.markup(s, i)
		}
		if n == 0 {
			n = writeRune(&w.out, s[i:])
		}
		i += n
	}
}

// writeRune writes the first character of s escaped and returns its length.
func writeRune(out *strings.Builder, s string) int {
	r, size := utf8.DecodeRuneInString(s)
	if r == '\n' {
		out.WriteString("<br>")
		return size
	}
	out.WriteString(template.HTMLEscapeString(string(r)))
	return size
}

// The three entities of Slack. Any other & is itself.
var entities = [][2]string{{"&amp;", "&"}, {"&lt;", "<"}, {"&gt;", ">"}}

func writeEntity(out *strings.Builder, s string) int {
	for _, e := range entities {
		if strings.HasPrefix(s, e[0]) {
			out.WriteString(e[0])
			return len(e[0])
		}
	}
	return 0
}

// unescape returns s without Slack's three entities.
func unescape(s string) string {
	return strings.NewReplacer("&lt;", "<", "&gt;", ">", "&amp;", "&").Replace(s)
}
