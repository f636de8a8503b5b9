package request

import (
	"net/url"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// part is a piece of a text that names people.
type part struct {
	kind       partKind
	text       string // as delivered; of a mark the mark itself
	start, end int    // where in the text it stands
	who        Mention
}

type partKind int

const (
	wordPart   partKind = iota
	personPart          // who is meant
	brokenPart          // somebody is meant, but one cannot tell who
	markPart            // a separator, a bracket, or nothing but signs
	cellPart            // the end of a cell in a row
	linePart            // the end of a line
)

// names reports whether somebody is meant, whether or not one can tell who.
func (p part) names() bool { return p.kind == personPart || p.kind == brokenPart }

const (
	separators = ",;，；、،؛" // between people, as several scripts write them
	openers    = "([{<（［｛〈《【"
	closers    = ")]}>）］｝〉》】"
	// bullets may stand as words of their own before and between people: of a
	// pasted list, or in front of a reason.
	bullets = "|-‐–—•·*:.‣◦▪●○■□☐☑✓✔…"
)

var (
	slackLink = regexp.MustCompile(`^<([@#!][^<>\n]*|(?:mailto|tel|https?|ftp|slack):[^<>\n]*)>`)
	mention   = regexp.MustCompile(`^@([UW][A-Z0-9]+)(\|.*)?$`)
	// typedLink is what Slack makes of an address, or half of one, that was typed as
	// plain text: its label is what was typed.
	typedLink = regexp.MustCompile(`<(mailto:|https?://)([^|<>\n]+)\|([^|<>\n]+)>`)
	// veiled is an address that somebody wants to keep from being read as one.
	veiled = regexp.MustCompile(`(?i)[(\[{] ?at ?[)\]}]|\bat [^ ]+ dot (?:com|org|net|\pL\pL)\b`)
)

// lines is clean, but for the ends of lines and cells, which become "\n" and "\t".
func lines(text string) string {
	var kept strings.Builder
	for i, line := range strings.FieldsFunc(strings.ReplaceAll(text, "\r\n", "\n"), isLineEnd) {
		if i > 0 {
			kept.WriteByte('\n')
		}
		for j, cell := range strings.Split(line, "\t") {
			if j > 0 {
				kept.WriteByte('\t')
			}
			kept.WriteString(clean(cell))
		}
	}
	return kept.String()
}

func isLineEnd(r rune) bool { return strings.ContainsRune("\n\r\v\f\u0085\u2028\u2029", r) }

// untangle puts back what was typed where Slack has made a link of it, so that an
// address of which it took only a part for a link is whole again. Two links side by
// side stay two.
func untangle(text string) string {
	var plain strings.Builder
	behind := 0
	for _, m := range typedLink.FindAllStringSubmatchIndex(text, -1) {
		scheme, target, label := text[m[2]:m[3]], text[m[4]:m[5]], text[m[6]:m[7]]
		before, after := text[:m[0]], text[m[1]:]
		if !strings.EqualFold(strings.TrimSuffix(target, "/"), label) ||
			(scheme != "mailto:" || !strings.Contains(label, "@")) && !strings.HasSuffix(before, "@") && !strings.HasPrefix(after, "@") {
			continue
		}
		if plain.WriteString(text[behind:m[0]]); strings.HasSuffix(before, ">") {
			plain.WriteByte(' ')
		}
		plain.WriteString(label)
		if behind = m[1]; strings.HasPrefix(after, "<") {
			plain.WriteByte(' ')
		}
	}
	return plain.String() + text[behind:]
}

// partsOf takes apart a text that went through lines and untangle.
func partsOf(text string) (parts []part) {
	start := 0 // of the word
	flush := func(end int) {
		if start < end {
			parts = append(parts, readWord(text[start:end], start)...)
		}
	}
	for i := 0; i < len(text); {
		sign, size := signAt(text[i:])
		link := ""
		if text[i] == '<' {
			link = slackLink.FindString(text[i:])
		}
		kind := wordPart
		switch {
		case link != "":
			flush(i)
			p := readLink(link)
			p.start, p.end = i, i+len(link)
			parts, size = append(parts, p), len(link)
			start = i + size
		case sign == ' ':
			flush(i)
			for size = 1; i+size < len(text) && text[i+size] == ' '; size++ {
			}
			if start = i + size; size > 1 {
				kind = cellPart
			}
		case sign == '\n':
			kind = linePart
		case sign == '\t', sign == '|':
			kind = cellPart
		case strings.ContainsRune(separators, sign):
			if kind = markPart; i+size < len(text) && text[i+size] > ' ' {
				kind = cellPart // nobody types it like that, but programs do
			}
		case strings.ContainsRune(openers+closers, sign):
			kind = markPart
		}
		if kind != wordPart {
			flush(i)
			parts = append(parts, part{kind: kind, text: string(sign), start: i, end: i + size})
			start = i + size
		}
		i += size
	}
	flush(len(text))
	return parts
}

// signAt reads the first character, which Slack may have escaped.
func signAt(text string) (sign rune, size int) {
	switch {
	case strings.HasPrefix(text, "&amp;"):
		return '&', 5
	case strings.HasPrefix(text, "&lt;"):
		return '<', 4
	case strings.HasPrefix(text, "&gt;"):
		return '>', 4
	}
	return utf8.DecodeRuneInString(text)
}

// readLink reads one of Slack's links. Somebody whom its label names must be the
// one whom it leads to.
func readLink(link string) part {
	p := part{kind: wordPart, text: link}
	target, label, _ := strings.Cut(strings.Trim(link, "<>"), "|")
	m := mention.FindStringSubmatch(target)
	address, mail := strings.CutPrefix(target, "mailto:")
	switch {
	case m != nil:
		p.kind, p.who = personPart, Mention{UserID: m[1]}
	case mail:
		p.kind = brokenPart
		address, query, _ := strings.Cut(unescape(address), "?")
		if plain, err := url.PathUnescape(address); err == nil {
			address = plain
		}
		email, err := ParseAddress(address)
		if shown := readWord(label, 0); err == nil && !looksLikePerson(query) &&
			(!looksLikePerson(label) || len(shown) == 1 && shown[0].who.Email == email) {
			p.kind, p.who = personPart, Mention{Email: email}
		}
	case strings.HasPrefix(target, "@"), strings.HasPrefix(target, "!subteam"), looksLikePerson(target), looksLikePerson(label):
		p.kind = brokenPart
	}
	return p
}

// looksLikePerson reports whether somebody may be meant by a word: by an e-mail,
// perhaps with a slip in it, or a name that Slack did not resolve. A web address
// may have an @ of its own, and an @ alone is none.
func looksLikePerson(word string) bool {
	word = strings.ReplaceAll(foldAddress(word), "%40", "@")
	return strings.Contains(word, "@") && strings.ContainsFunc(word, func(r rune) bool { return !isMark(r) }) && !strings.Contains(word, "://") ||
		strings.Contains(word, "mailto:")
}

// readWord reads a word, which stands at start. It names several people if nothing
// but a sign that no address has is between them.
func readWord(word string, start int) []part {
	p := part{kind: wordPart, text: word, start: start, end: start + len(word)}
	plain := strings.TrimRight(strings.TrimLeft(unescape(word), quotes+"-‐–—*•·+&/"), quotes+"-‐–—*•·+&/.:!?…")
	if !looksLikePerson(word) {
		if strings.IndexFunc(plain, func(r rune) bool { return !isMark(r) }) < 0 {
			p.kind, p.text = markPart, unescape(word)
		}
		return []part{p}
	}
	var people []part
	for _, one := range strings.FieldsFunc(plain, func(r rune) bool { return r == '/' || r == '&' }) {
		for one != "" {
			var rest string
			if at := strings.Index(one, "@"); strings.Count(one, "@") > 1 {
				if plus := strings.Index(one[at:], "+"); plus > 0 {
					one, rest = one[:at+plus], one[at+plus+1:]
				}
			}
			if len(one) > 7 && strings.EqualFold(one[:7], "mailto:") {
				if address, query, _ := strings.Cut(one, "?"); !looksLikePerson(query) {
					one = address
				}
			}
			email, err := ParseAddress(one)
			if err != nil {
				p.kind = brokenPart
				return []part{p}
			}
			p.kind, p.who = personPart, Mention{Email: email}
			people = append(people, p)
			one = rest
		}
	}
	return people
}

// numbering reports whether a word, behind which the next part stands, counts the
// people of a list: position is that of whoever comes next, from 1.
func numbering(word string, next part, position int) bool {
	shut := strings.HasSuffix(word, ".") || next.kind == markPart && next.text == ")"
	bare := strings.Trim(word, "#.:")
	if bare == "" || len(bare) > 3 {
		return false
	}
	if strings.Trim(bare, "0123456789") == "" {
		return shut || number(bare) == position
	}
	return shut && (len(bare) == 1 && unicode.IsLetter(rune(bare[0])) || strings.Trim(strings.ToLower(bare), "ivx") == "")
}
