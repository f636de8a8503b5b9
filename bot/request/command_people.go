package request

import (
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

var (
	mailtoLink = regexp.MustCompile(`^<mailto:([^|>?]+)(\?[^|>]*)?(\|[^>]*)?>$`)
	mention    = regexp.MustCompile(`^<@([UW][A-Z0-9]+)(\|[^>]*)?>$`)
)

const (
	separators = ",;，；、،؛" // between people, as several scripts write them
	// bullets may stand as words of their own before and between people: of a
	// pasted list, or in front of a reason.
	bullets = "-‐–—•·*:."
)

// named is the next word, or what it is if it names somebody.
type named struct {
	Mention
	broken bool   // it looks like an e-mail or a mention, but is neither
	word   string // as typed
}

// meant reports whether somebody is meant, whether or not one can tell who.
func (n named) meant() bool { return n.broken || n.Mention != Mention{} }

// cutPeople takes the people off the front of text, with what stands between
// them. There must be one.
func (c *Command) cutPeople(text string) (rest string, no *CommandError) {
	for seen := map[Mention]bool{}; ; {
		next, behind := nextPerson(text)
		switch {
		case next.broken:
			return "", &CommandError{Refusal: RefusedNotAnEmail, Word: next.word}
		case !next.meant() && len(c.People) == 0:
			return "", nobody(text, next.word)
		case !next.meant():
			return skipMarks(text), nil
		case !seen[next.Mention]:
			seen[next.Mention] = true
			c.People = append(c.People, next.Mention)
		case !slices.Contains(c.Repeated, next.Mention):
			c.Repeated = append(c.Repeated, next.Mention)
		}
		text = behind
	}
}

// nobody refuses text, which does not begin with a person.
func nobody(text, word string) *CommandError {
	w, _, no := cutWhen(text)
	switch {
	case no != nil:
		return &CommandError{Refusal: RefusedNobodyNamed, Word: no.Word}
	case w != When{}:
		return &CommandError{Refusal: RefusedNobodyNamed, Word: w.String()}
	case word == "":
		return &CommandError{Refusal: RefusedNobodyNamed}
	}
	return &CommandError{Refusal: RefusedNotAnEmail, Word: word}
}

// nextPerson reads the first word of text, or the second if the first is an
// "and".
func nextPerson(text string) (next named, rest string) {
	word, rest := cutWord(skipMarks(text))
	if strings.EqualFold(word, "and") || word == "&amp;" || word == "&" || word == "+" {
		word, rest = cutWord(skipMarks(rest))
	}
	next = named{Mention: parsePerson(word), word: Plain(word)}
	next.broken = !next.meant() && looksLikePerson(word)
	return next, rest
}

// looksLikePerson reports whether somebody may be meant by a word that names
// nobody: an e-mail with a slip in it, a name that Slack did not resolve, a user
// group. A web address may have an @ of its own.
func looksLikePerson(word string) bool {
	return strings.HasPrefix(word, "<!subteam") ||
		(strings.ContainsAny(word, "@＠") || strings.Contains(word, "mailto:")) && !strings.Contains(word, "://")
}

// skipMarks takes off spaces, separators and words of nothing but marks.
func skipMarks(text string) string {
	for {
		text = strings.TrimLeft(text, " "+separators)
		end := strings.IndexByte(text, ' ')
		if end < 0 {
			end = len(text)
		}
		if end == 0 || strings.Trim(text[:end], bullets+quotes+separators) != "" {
			return text
		}
		text = text[end:]
	}
}

// cutWord splits cleaned text after its first word, which ends at a space, a
// separator, or where one link follows another. A link in angle brackets is one
// word, even with spaces in its label; the semicolon of an escape belongs to it.
func cutWord(text string) (word, rest string) {
	text = strings.TrimLeft(text, " ")
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRuneInString(text[i:])
		switch {
		case r == '<':
			if i > 0 && text[i-1] == '>' {
				return text[:i], text[i:]
			}
			if shut := strings.IndexByte(text[i:], '>'); shut >= 0 {
				size = shut + 1
			}
		case r == ' ', strings.ContainsRune(separators, r) && !endsEscape(text[:i+size]):
			return text[:i], text[i:]
		}
		i += size
	}
	return text, ""
}

func endsEscape(text string) bool {
	return strings.HasSuffix(text, "&amp;") || strings.HasSuffix(text, "&lt;") || strings.HasSuffix(text, "&gt;")
}

// parsePerson reads one word; the zero Mention is nobody.
func parsePerson(word string) Mention {
	link := trimMarks(word)
	if m := mention.FindStringSubmatch(link); m != nil {
		return Mention{UserID: m[1]}
	}
	if m := mailtoLink.FindStringSubmatch(link); m != nil {
		word = m[1]
	}
	word = trimMarks(unescape(word)) // in this order: an escape ends in a semicolon
	address, err := ParseAddress(word)
	if err != nil {
		return Mention{}
	}
	return Mention{Email: address}
}

// trimMarks takes off what people put around an e-mail and what ends a sentence
// or opens a reason.
func trimMarks(word string) string {
	return strings.TrimRight(strings.Trim(word, quotes+",;"), quotes+",;.:")
}
