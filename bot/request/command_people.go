package request

import (
	"slices"
	"strings"
)

// list collects the people whom a text names.
type list struct {
	text  string
	parts []part

	people []Mention
	notes  []string // what stands beside them in the rows of a sheet
	wordy  bool     // there are names between them
	end    int      // offset of what follows
	last   int      // index of the last person in parts
}

// readPeople takes the people off the front of text, with what stands around them.
// There must be one. Nobody is named behind what it leaves: it is either a list of
// people, with their names or without, or the rows of a sheet, or refused.
func readPeople(text string) (*list, *CommandError) {
	text = untangle(text)
	l := &list{text: text, parts: partsOf(text)}
	no := l.readList()
	if no == nil && !l.wordy {
		if at := l.columns(); at >= 0 {
			return nil, &CommandError{Refusal: RefusedColumns, Word: Plain(l.parts[at].text)}
		}
		return l, nil
	}
	if sheet, isSheet, wrong := readSheet(text, l.parts); isSheet {
		return sheet, wrong
	}
	return l, no
}

// ParsePeople understands a text in which nothing but people stands, as in the
// form in which people ask: e-mails and mentions, names around them.
//
// The error is a *CommandError.
func ParsePeople(text string) ([]Mention, error) {
	if len(text) > maxText {
		return nil, &CommandError{Refusal: RefusedReasonTooLong}
	}
	l, no := readPeople(lines(text))
	if no != nil {
		return nil, no
	}
	if no := l.nothingElse(); no != nil {
		return nil, no
	}
	return l.people, nil
}

// nothingElse refuses what is neither a person nor the name of one.
func (l *list) nothingElse() *CommandError {
	if len(l.notes) > 0 {
		return &CommandError{Refusal: RefusedNotAnEmail, Word: l.notes[0]}
	}
	var words []string
	who, below := l.parts[l.last].who, false
	for _, p := range l.parts[l.last+1:] {
		below = below || p.kind == linePart
		if p.kind != wordPart || p.start < l.end {
			continue
		}
		// A line of its own may be somebody else of the same name.
		if words = append(words, p.text); below && !isIn(p.text, who) {
			return &CommandError{Refusal: RefusedNotAnEmail, Word: Plain(p.text)}
		}
	}
	if len(words) > 0 && !isNameOf(words, who, false) {
		return &CommandError{Refusal: RefusedNotAnEmail, Word: Plain(words[0])}
	}
	return nil
}

// add notes that somebody is meant, perhaps again.
func (l *list) add(who Mention) {
	if !slices.Contains(l.people, who) {
		l.people = append(l.people, who)
	}
}

// readList reads people one after the other, in which nothing but separators and
// their names may stand between them.
func (l *list) readList() *CommandError {
	g := spacing{}
	previous := -1
	for i, p := range l.parts {
		if !p.names() {
			continue
		}
		between := l.parts[previous+1 : i]
		switch fits := g.fits(l, previous, i); {
		case p.kind == brokenPart && (fits || previous < 0):
			return &CommandError{Refusal: RefusedNotAnEmail, Word: Plain(p.text)}
		case !fits && previous < 0:
			return nobody(l.text, between)
		case !fits:
			return &CommandError{Refusal: RefusedNamedLate, Word: Plain(p.text)}
		}
		l.add(p.who)
		previous = i
	}
	if previous < 0 {
		return nobody(l.text, l.parts)
	}
	l.endAt(previous)
	return nil
}

// columns returns the index of the first person who stands in a further cell of a
// row, where several rows have such people: they may be the managers of those in
// front of them. -1: there is none.
func (l *list) columns() int {
	first, rows := -1, 0
	tabs, people := 0, 0 // in this line
	for i, p := range l.parts {
		switch {
		case p.kind == linePart:
			tabs, people = 0, 0
		case p.text == "\t":
			tabs = people
		case p.names():
			if people++; tabs == 1 && people == 2 {
				if rows++; first < 0 {
					first = i
				}
			}
		}
	}
	if rows < 2 {
		return -1
	}
	return first
}

// namedIn returns a word of a reason, as people read it, by which somebody may be
// meant, or "".
func namedIn(reason string) string {
	for word := range strings.FieldsSeq(reason) {
		if looksLikePerson(word) {
			return word
		}
	}
	return veiled.FindString(reason)
}

// endAt ends the list with the person at index i and with the marks glued to them.
func (l *list) endAt(i int) {
	l.last, l.end = i, l.parts[i].end
	for _, p := range l.parts[i+1:] {
		if p.start != l.end || p.kind != markPart && p.kind != cellPart || strings.Contains(openers, p.text) {
			break
		}
		l.end = p.end
	}
}

// nobody refuses text, which does not begin with a person but with parts.
func nobody(text string, parts []part) *CommandError {
	w, _, no := cutWhen(clean(text))
	switch {
	case no != nil:
		return &CommandError{Refusal: RefusedNobodyNamed, Word: no.Word}
	case w != When{}:
		return &CommandError{Refusal: RefusedNobodyNamed, Word: w.String()}
	}
	for _, p := range parts {
		if p.kind == wordPart && !and[strings.ToLower(p.text)] {
			return &CommandError{Refusal: RefusedNotAnEmail, Word: Plain(p.text)}
		}
	}
	return &CommandError{Refusal: RefusedNobodyNamed}
}

// spacing is what stands between two people, or in front of the first one.
type spacing struct {
	open  int  // brackets that are open
	named bool // the first person had their name in front, so that the others may
}

// segment is the words between two separators.
type segment struct {
	sign  string // in front of it: the separator
	words []string
	loose bool // some of them stand in no brackets
}

// fits reports whether what stands in front of the person at index next, and behind
// the one at previous, if there is one, belongs to a list of people: separators,
// marks, numbers that count, a name in front of the address, a name in brackets
// behind it.
//
// A name is taken for one only if the address proves it, or stands in angle brackets
// behind it: any other word may say that the person is not meant.
func (g *spacing) fits(l *list, previous, next int) bool {
	segments := []segment{{}}
	apart, opened := previous < 0, g.open
	for i := previous + 1; i < next; i++ {
		p := l.parts[i]
		at := &segments[len(segments)-1]
		switch {
		case p.kind == linePart, p.kind == cellPart, strings.Contains(separators, p.text), and[strings.ToLower(unescape(p.text))]:
			segments, apart = append(segments, segment{sign: strings.ToLower(unescape(p.text))}), true
		case p.kind == markPart:
			if !g.mark(l, i) {
				return false
			}
			apart = apart || strings.Trim(p.text, quotes+openers) != ""
		case emailLabel.MatchString(p.text), numbering(p.text, l.parts[i+1], len(l.people)+1):
		default:
			at.words = append(at.words, p.text)
			at.loose = at.loose || g.open <= opened
			l.wordy = true
		}
	}
	behind, before := segments[:0], segments
	if previous >= 0 {
		cut := 1
		for i, s := range segments { // what stands in brackets behind the one is theirs
			if len(s.words) > 0 && !s.loose {
				cut = i + 1
			}
		}
		behind, before = segments[:cut], segments[cut:]
	}
	name, bracketed := wordsOf(before), isBracketed(l.parts, next)
	switch who := l.parts[next].who; {
	case len(name) > 0 && (!isNameOf(name, who, bracketed) || !ofOne(before, who)):
		return false
	case previous < 0:
		g.named = len(name) > 0
		return true
	case len(name) > 0 && !bracketed && !g.named:
		return false
	case !apart && g.open > opened && l.parts[previous].who != who: // "a@acme.com (b@acme.com)": who knows what that says
		return false
	}
	name = wordsOf(behind)
	return len(name) == 0 || !slices.ContainsFunc(behind, func(s segment) bool { return s.loose }) && isNameOf(name, l.parts[previous].who, false) && ofOne(behind, l.parts[previous].who)
}

// ofOne reports whether the words of segments, which are the name of who, can be the
// name of nobody else as well. A name is in one line, without "and", and with a comma
// at most where the surname stands first: of "Joe Roe, Jane Doe <jane@acme.com>" who
// knows whether Joe is meant.
func ofOne(segments []segment, who Mention) bool {
	type count struct{ words, found int }
	var all []count
	sign := ""
	for _, s := range segments {
		if s.sign == "\n" || s.sign == ";" || sign == "" || and[s.sign] && sign != "\n" {
			sign = s.sign
		}
		if len(s.words) == 0 {
			continue
		}
		var c count
		for _, word := range s.words {
			switch {
			case isIn(word, who):
				c.found++
				c.words++
			case !particles[word]:
				c.words++
			}
		}
		if len(all) > 0 {
			before := all[len(all)-1]
			switch {
			case sign == "\n", sign == ";", and[sign] && (!particles[sign] || before.found == 0):
				return false
			case and[sign]: // Ortega y Gasset
				sign = ""
				continue
			}
		}
		all, sign = append(all, c), ""
	}
	full := slices.ContainsFunc(all, func(c count) bool { return c.found > 1 })
	return len(all) < 2 || !slices.ContainsFunc(all, func(c count) bool { return c.found == 0 && (c.words > 1 || full) })
}

func wordsOf(segments []segment) (words []string) {
	for _, s := range segments {
		words = append(words, s.words...)
	}
	return words
}

// mark reports whether the mark at index i may stand in a list, and keeps count of
// the brackets.
func (g *spacing) mark(l *list, i int) bool {
	switch text := l.parts[i].text; {
	case strings.Contains(openers, text):
		g.open++
	case !strings.Contains(closers, text):
		return strings.Trim(text, bullets+quotes+"/") == ""
	case g.open > 0:
		g.open--
	default: // "1)", or the sign of a quoted mail
		return i > 0 && l.parts[i-1].kind == wordPart && numbering(l.parts[i-1].text, l.parts[i], len(l.people)+1) ||
			text == ">" && (i == 0 || l.parts[i-1].kind == linePart)
	}
	return true
}

// isBracketed reports whether the person at index i stands in angle brackets, as an
// address does behind the name that a mail program shows.
func isBracketed(parts []part, i int) bool {
	return i > 0 && i+1 < len(parts) && parts[i-1].text == "<" && parts[i+1].text == ">"
}

// cutFirst splits a text after its first word, which may have marks around it.
func cutFirst(text string) (word, rest string) {
	text = skipMarks(text)
	end := strings.IndexAny(text, " "+separators)
	if end < 0 {
		end = len(text)
	}
	return strings.Trim(text[:end], quotes+",;.:!?"), text[end:]
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
