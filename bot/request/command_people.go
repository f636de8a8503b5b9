package request

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// list collects the people that a text names.
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

// ParsePeople understands a text with nothing but people in it, as in the form that
// people ask in: e-mails and mentions, names around them.
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

// readList reads people one after the other. Only separators and their names may stand
// between them.
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
	l.last, l.end = previous, l.parts[previous].end
	for _, p := range l.parts[previous+1:] { // the marks glued to the last one
		if p.start != l.end || p.kind != markPart && p.kind != cellPart || strings.Contains(openers, p.text) {
			break
		}
		l.end = p.end
	}
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

// namedIn returns a word of a reason, as people read it, that may mean somebody, or "".
func namedIn(reason string) string {
	for word := range strings.FieldsSeq(reason) {
		if looksLikePerson(word) {
			return word
		}
	}
	return veiled.FindString(reason)
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
	theirs := 0
	if previous >= 0 {
		theirs = 1
		for i, s := range segments { // what stands in brackets behind the one is theirs
			if len(s.words) > 0 && !s.loose {
				theirs = i + 1
			}
		}
	}
	behind, before := segments[:theirs], segments[theirs:]
	who, named := l.parts[next].who, len(wordsOf(before)) > 0
	// In angle brackets, as an address stands behind the name that a mail program shows.
	bracketed := next > 0 && next+1 < len(l.parts) && l.parts[next-1].text == "<" && l.parts[next+1].text == ">"
	switch {
	case !areNameOf(before, who, bracketed):
		return false
	case previous < 0:
		g.named = named
		return true
	case named && !bracketed && !g.named:
		return false
	case !apart && g.open > opened && l.parts[previous].who != who: // "a@acme.com (b@acme.com)": who knows what that says
		return false
	}
	return areNameOf(behind, l.parts[previous].who, false) && !slices.ContainsFunc(behind, func(s segment) bool { return s.loose })
}

// areNameOf reports whether the words of segments, if there are any, are the name of who,
// and cannot be somebody else's name too. A name is in one line, without "and", and with
// a comma at most where the surname stands first: of "Joe Roe, Jane Doe <jane@acme.com>"
// who knows whether Joe is meant.
func areNameOf(segments []segment, who Mention, bracketed bool) bool {
	if words := wordsOf(segments); len(words) == 0 || !isNameOf(words, who, bracketed) {
		return len(words) == 0
	}
	type count struct{ found, other int }
	var all []count
	sign := ""
	for _, s := range segments {
		if s.sign == "\n" || s.sign == ";" || and[s.sign] && sign != "\n" {
			sign = s.sign
		}
		if len(s.words) == 0 {
			continue
		}
		var c count
		for _, word := range s.words {
			if isIn(word, who) {
				c.found++
			} else if !particles[word] {
				c.other++
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
	return len(all) < 2 || !slices.ContainsFunc(all, func(c count) bool { return c.found == 0 && (c.other > 1 || full) })
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

// numbering reports whether a word, behind which the next part stands, counts the
// people of a list: position is that of whoever comes next, from 1.
func numbering(word string, next part, position int) bool {
	shut := strings.HasSuffix(word, ".") || next.kind == markPart && next.text == ")"
	bare := strings.Trim(word, "#.:")
	switch {
	case len(bare) > 3:
		return false
	case strings.Trim(bare, "0123456789") == "":
		return shut || number(bare) == position
	}
	return shut && (len(bare) == 1 && unicode.IsLetter(rune(bare[0])) || strings.Trim(strings.ToLower(bare), "ivx") == "")
}

// and holds the words and signs for "and" that people put between two others.
var and = wordSet("and & + plus und sowie et y e en och og i ja és és a si și oraz ve и та і й και 和 及 と や および 및")

// particles are words in names that are not capitalised.
var particles = wordSet("von van der den de del della di da do dos das du la le ter ten zu zur af av bin ibn al el y e i")

// emailLabel stands in front of an address, or above a column of them.
var emailLabel = regexp.MustCompile(`(?i)^["'“”„]?(?:e-?mails?|mail|(?:e-?)?mail-?(?:address|addresses|adressen?)|courriels?|correos?|メール|メールアドレス)["'“”„]?:?$`)

// mostNames is how many words a name has at most.
const mostNames = 6

func wordSet(words string) map[string]bool {
	set := map[string]bool{}
	for word := range strings.FieldsSeq(words) {
		set[word] = true
	}
	return set
}

// isNameOf reports whether words are the name of who and nothing else: each looks
// like a part of a name, and one of them is found in the address, unless the address
// stands in brackets behind them; one word with a capital may then be a role. A day is a
// name only if the address has it as well.
func isNameOf(words []string, who Mention, bracketed bool) bool {
	var rest []string
	for _, word := range words {
		switch {
		case isIn(word, who):
		case isName(word):
			rest = append(rest, word)
		default:
			return false
		}
	}
	first, _ := utf8.DecodeRuneInString(words[0])
	role := len(words) == 1 && unicode.IsUpper(first) || strings.HasSuffix(words[len(words)-1], ":")
	if proven := len(rest) < len(words); len(words) > mostNames || !proven && (!bracketed || role) {
		return false
	}
	_, _, no := cutWhen(clean(strings.Join(rest, " "))) // no word of these has a digit
	return no == nil
}

// isName reports whether a word can be a part of any name: it has a capital, if
// its script has capitals, and nothing but letters, apostrophes, hyphens and full
// stops.
func isName(word string) bool {
	word = strings.Trim(Plain(word), quotes+",:")
	if particles[word] {
		return true
	}
	for i, r := range word {
		if i == 0 && (!unicode.IsLetter(r) || unicode.IsLower(r)) || !unicode.In(r, unicode.L, unicode.M) && !strings.ContainsRune("'’.-\u2010\u2011", r) {
			return false
		}
	}
	return word != ""
}

// isIn reports whether a word is found in the address of who: "Jane" in jane.doe,
// "Doe" in jdoe, "Benjamin" for ben.
func isIn(word string, who Mention) bool {
	local, _, _ := strings.Cut(who.Email, "@")
	for _, name := range spellings(strings.Trim(Plain(word), quotes+",:.")) {
		if len(name) > 2 && strings.Contains(letters(local), name) {
			return true
		}
		for piece := range strings.FieldsFuncSeq(local, isMark) {
			if piece = letters(piece); piece == name && len(name) > 1 || len(piece) > 2 && strings.HasPrefix(name, piece) {
				return true
			}
		}
	}
	return false
}

// umlauts are written so where there are none.
var umlauts = strings.NewReplacer("ä", "ae", "ö", "oe", "ü", "ue", "ß", "ss", "ø", "oe", "å", "aa", "æ", "ae")

// spellings are the ways an address may write a name. There are none if there is a number
// in it: then it is no name.
func spellings(name string) []string {
	if strings.ContainsFunc(name, unicode.IsNumber) {
		return nil
	}
	name = norm.NFC.String(strings.ToLower(name))
	return []string{letters(name), letters(umlauts.Replace(name))}
}

// letters leaves of a text its letters, without their accents.
func letters(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) {
			return r
		}
		return -1
	}, norm.NFD.String(strings.ToLower(text)))
}

// readSheet reads rows as they come from a sheet: a person in each, always in the
// same column, and something else in the others. isSheet says whether the rows are of a
// sheet. What is not the person's name becomes a note, that is, reason: all that may say
// something about the person is kept. Lines behind the rows are left; a line above them
// may have the names of the columns.
func readSheet(text string, parts []part) (l *list, isSheet bool, no *CommandError) {
	rows, header, isSheet := rowsOf(parts)
	if !isSheet {
		return nil, false, nil
	}
	l = &list{text: text, parts: parts}
	column := -1
	for _, row := range rows {
		at := row.person()
		if at < 0 {
			continue // an empty one
		}
		if column < 0 {
			column = at
		}
		who := parts[row[at].person]
		if who.kind == brokenPart {
			return nil, true, &CommandError{Refusal: RefusedNotAnEmail, Word: Plain(who.text)}
		}
		if row[at+1:].person() >= 0 || row[at].several || at != column {
			return nil, true, &CommandError{Refusal: RefusedColumns, Word: Plain(who.text)}
		}
		note, odd := row.note(at, who.who, header)
		if odd != "" {
			return nil, true, &CommandError{Refusal: RefusedColumns, Word: odd}
		}
		if note != "" && !slices.Contains(l.notes, note) {
			l.notes = append(l.notes, note)
		}
		l.add(who.who)
		l.last = row[at].person
		l.end = row[len(row)-1].end
	}
	return l, true, nil
}

// cell is one cell of a row.
type cell struct {
	words   []string
	person  int  // index of its part; -1: none
	several bool // there is another person in it
	behind  bool // there are words behind the person
	end     int  // offset behind it
}

type row []cell

// rowsOf splits parts into rows, up to the last with a person in it. It is a sheet
// if there are several people on lines of their own that have several cells.
func rowsOf(parts []part) (rows []row, header, isSheet bool) {
	rows = []row{{{person: -1}}}
	for i, p := range parts {
		current := &rows[len(rows)-1]
		switch at := &(*current)[len(*current)-1]; {
		case p.kind == linePart:
			rows = append(rows, row{{person: -1, end: p.end}})
		case p.kind == cellPart:
			*current = append(*current, cell{person: -1, end: p.end})
		default:
			if at.end = p.end; p.names() && at.person < 0 {
				at.person = i
			} else if p.names() {
				at.several = true
			} else if p.kind == wordPart {
				at.words, at.behind = append(at.words, p.text), at.person >= 0
			}
		}
	}
	for len(rows) > 0 && rows[len(rows)-1].person() < 0 {
		rows = rows[:len(rows)-1]
	}
	if len(rows) > 0 && rows[0].person() < 0 && rows[0].isHeader() {
		rows, header = rows[1:], true
	}
	for i, r := range rows { // the last one may have lost its empty cells
		if i+1 < len(rows) && (r.person() >= 0 && len(r) == 1 && !header || r.person() < 0 && r.text() != "") {
			return nil, false, false
		}
	}
	return rows, header, len(rows) > 1 || header
}

// person is the index of the first cell with a person in it; -1: none.
func (r row) person() int {
	return slices.IndexFunc(r, func(c cell) bool { return c.person >= 0 })
}

// text is what the cells say.
func (r row) text() string {
	var cells []string
	for _, c := range r {
		if len(c.words) > 0 {
			cells = append(cells, Plain(strings.Join(c.words, " ")))
		}
	}
	return strings.Join(cells, ", ")
}

// isHeader reports whether the cells are names of columns, one of them that of the
// e-mails.
func (r row) isHeader() bool {
	return !strings.ContainsAny(r.text(), "0123456789") && slices.ContainsFunc(r, func(c cell) bool {
		return slices.ContainsFunc(c.words, emailLabel.MatchString)
	})
}

// note is what the row says about who except for their name. at is the cell with who in
// it. odd is a word in front of them which may say that they are not meant.
func (r row) note(at int, who Mention, header bool) (note, odd string) {
	var notes row
	for i, c := range r {
		switch text := (row{c}).text(); {
		case len(c.words) == 0, !c.behind && isNameOf(c.words, who, false):
		case i < at && len(c.words) == 1 && strings.Trim(text, "0123456789.") == "":
			if len(text) > 3 {
				notes = append(notes, c)
			}
		case i < at && !header, i == at:
			return "", text
		default:
			notes = append(notes, c)
		}
	}
	return notes.text(), ""
}
