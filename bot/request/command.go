package request

import (
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

const (
	// MaxReason is the longest reason, in characters: what a card shows in full.
	MaxReason = 500
	// MaxPeople is how many people one command may name.
	MaxPeople = 50
	// maxText is the longest text that is read at all, in bytes: more than MaxPeople
	// and MaxReason take up, and far more than Slack lets anybody type.
	maxText = 32 << 10
)

// Verb is what a typed command wants. The zero value is not a verb.
type Verb string

// What a command can want.
const (
	Ask    Verb = "ask"    // that accounts are switched off, or on again: the slash command's name says which
	Form   Verb = "form"   // nothing was typed: the same to be filled in
	Help   Verb = "help"   // to be told what can be typed
	List   Verb = "list"   // the open requests
	Status Verb = "status" // how it stands with one person
	// Withdraw: that the open request about one person is cancelled.
	Withdraw Verb = "cancel"
)

// Command is what a person typed behind the name of a slash command.
type Command struct {
	Verb Verb
	// People are meant by Ask, one to MaxPeople of them, and by Status and Withdraw,
	// exactly one: distinct and in the order typed. The same person by e-mail and by
	// mention is two here, since only Slack knows.
	People []Mention
	When   When   // of Ask; zero: at once
	Now    bool   // of Ask: at once is meant even if the reason names a day
	Reason string // of Ask and Withdraw; may be empty; as typed, without Slack's escapes
	Page   int    // of List, counted from 1; 0: the first
}

// Mention is a person as named in a command: by exactly one of the two.
type Mention struct {
	Email  string // of the user in Workfront, lower case
	UserID string // a Slack user, whose e-mail is meant
}

// CommandError says what is wrong with a typed command.
type CommandError struct {
	Refusal Refusal
	Word    string   // the part that is wrong, as typed; for RefusedTooManyPeople how many there are
	Instead []string // what fits in its place, if that is known
}

// Error implements error.
func (e *CommandError) Error() string { return e.Refusal.Error() + ": " + e.Word }

// Unwrap lets errors.As find the Refusal.
func (e *CommandError) Unwrap() error { return e.Refusal }

var (
	lineEnds = regexp.MustCompile(`[\n\r\v\f\x{85}\x{2028}\x{2029}]+`)
	anyLink  = regexp.MustCompile(`<([^|<>]+)(?:\|([^<>]*))?>`)
	// andAnother is somebody without an address behind the people.
	andAnother = regexp.MustCompile(`(?i)^[ ,;]*(?:and|und|sowie|et|plus|\+|&amp;) +(?-i:(\p{Lu}\p{Ll}[^ ,;]*)|(\d+ (?:others?|more|people|colleagues)))`)
	// typedLink is what Slack makes of an address, or half of one, that was typed as
	// plain text: its label is what was typed.
	typedLink = regexp.MustCompile(`<(mailto:|https?://)([^|<>\n]+)\|([^|<>\n]+)>`)
	phoneLink = regexp.MustCompile(`<tel:[^|<>]*\|([^<>]*)>`) // what Slack makes of some dates
)

// ParseCommand understands the text of a slash command as Slack delivers it: the
// people, then perhaps a date with time and zone, or "now", then the reason; or
// one of the words help, list, status. Slack's escaped forms (<mailto:…|…>,
// <@U…|…>, &amp;), stray spaces, capitals and quotation marks are understood.
//
// Around the people, names, brackets, bullets and numbers may stand, and they may be
// rows of a sheet; what the other columns say is reason. Whoever is named anywhere
// in the text is one of the people, or the command is refused: nobody is dropped
// into the reason. Where a date begins and a reason does not is said at cutWhen;
// what is wrong with the date, or with the days that the reason names, here and now,
// only [Command.Due] can say.
//
// The error is a *CommandError.
//
// Source: https://docs.slack.dev/interactivity/implementing-slash-commands
func ParseCommand(text string) (Command, error) {
	if len(text) > maxText {
		return Command{}, &CommandError{Refusal: RefusedReasonTooLong}
	}
	text = strings.TrimSpace(lines(text))
	if text == "" {
		return Command{Verb: Form}, nil
	}
	switch first, rest := cutFirst(clean(text)); Verb(strings.ToLower(first)) {
	case Help:
		return Command{Verb: Help}, nil
	case List: // all of them, whatever was typed behind it but the number of a page
		c := Command{Verb: List}
		if page, err := strconv.Atoi(strings.TrimSpace(rest)); err == nil && page > 0 {
			c.Page = page
		}
		return c, nil
	case Status:
		c, _, err := parseOne(Status, rest, RefusedStatusOfWhom)
		return c, err
	case Withdraw:
		c, reason, err := parseOne(Withdraw, rest, RefusedCancelOfWhom)
		switch c.Reason = Plain(skipMarks(reason)); {
		case err != nil:
			return Command{}, err
		case utf8.RuneCountInString(c.Reason) > MaxReason:
			return Command{}, &CommandError{Refusal: RefusedReasonTooLong}
		}
		return c, nil
	}
	return parseAsk(text)
}

// parseOne reads what one person is named for, and returns what stands behind them; no
// is why, if it is not one.
func parseOne(verb Verb, text string, no Refusal) (c Command, behind string, err error) {
	if text = skipMarks(text); text == "" {
		return Command{}, "", &CommandError{Refusal: no}
	}
	switch l, wrong := readPeople(text); {
	case wrong != nil:
		return Command{}, "", &CommandError{Refusal: no, Word: wrong.Word}
	case len(l.people) > 1:
		return Command{}, "", &CommandError{Refusal: no, Word: Plain(strings.TrimRight(l.text[:l.end], " "+separators))}
	default:
		return Command{Verb: verb, People: l.people}, clean(l.text[l.end:]), nil
	}
}

func parseAsk(text string) (Command, error) {
	l, no := readPeople(text)
	if no != nil {
		return Command{}, no
	}
	c := Command{Verb: Ask, People: l.people}
	if n := len(c.People); n > MaxPeople {
		return Command{}, &CommandError{Refusal: RefusedTooManyPeople, Word: strconv.Itoa(n)}
	}
	rest := clean(l.text[l.end:])
	if m := andAnother.FindStringSubmatch(rest); m != nil {
		return Command{}, &CommandError{Refusal: RefusedNotAnEmail, Word: Plain(m[1] + m[2])}
	}
	rest = skipMarks(rest)
	if c.Now, c.When, rest, no = cutMoment(phoneLink.ReplaceAllString(rest, "$1")); no != nil {
		return Command{}, no
	}
	said := Plain(rest)
	c.Reason = strings.Join(slices.DeleteFunc(append([]string{said}, l.notes...), func(s string) bool { return s == "" }), "; ")
	if late := namedIn(c.Reason); late != "" {
		return Command{}, &CommandError{Refusal: RefusedNamedLate, Word: late}
	}
	// A second date, or one that a link or an escape has hidden so far.
	if w, _, no := cutWhen(said); no != nil && c.When == (When{}) {
		return Command{}, no
	} else if w != (When{}) {
		return Command{}, &CommandError{Refusal: RefusedUnclearDate, Word: w.String()}
	}
	// A cell may hold a day, which Due looks at, or what may be one.
	for _, note := range l.notes {
		if _, _, no := cutWhen(note); no != nil && c.When == (When{}) && !c.Now {
			return Command{}, no
		}
	}
	switch n := utf8.RuneCountInString(c.Reason); {
	case n > MaxReason && len(l.notes) > 0:
		return Command{}, &CommandError{Refusal: RefusedColumns, Word: l.notes[0]}
	case n > MaxReason:
		return Command{}, &CommandError{Refusal: RefusedReasonTooLong}
	}
	return c, nil
}

// OpensWithDate reports whether a reason from a form would have a date if it were
// typed in a command, or be refused because of it: people are used to type it there.
func OpensWithDate(reason string) bool {
	w, _, no := cutWhen(skipMarks(clean(reason)))
	return no != nil || w != When{}
}

// Plain turns text as Slack delivers it into what the person typed: links and
// mentions become their label or address, the three escaped characters
// themselves, line ends and control characters spaces. Invisible characters are
// dropped, since some of them reorder what is read around them.
func Plain(text string) string {
	text = anyLink.ReplaceAllStringFunc(text, func(link string) string {
		m := anyLink.FindStringSubmatch(link)
		if m[2] != "" {
			return m[2]
		}
		return strings.TrimPrefix(m[1], "mailto:")
	})
	return strings.TrimSpace(clean(unescape(text)))
}

// clean makes every kind of space and control character a plain space, drops
// invisible characters but the two joiners that scripts and emoji need, and puts
// U+FFFD for what is not UTF-8.
func clean(text string) string { return strings.Map(cleanRune, text) }

func cleanRune(r rune) rune {
	switch {
	case unicode.IsSpace(r), unicode.Is(unicode.Cc, r):
		return ' '
	case unicode.Is(unicode.Cf, r) && r != '\u200c' && r != '\u200d':
		return -1
	}
	return r
}

// lines is clean, except for the ends of lines and cells, which become "\n" and "\t".
func lines(text string) string {
	return strings.Map(func(r rune) rune {
		if r == '\n' || r == '\t' {
			return r
		}
		return cleanRune(r)
	}, strings.Trim(lineEnds.ReplaceAllString(text, "\n"), "\n"))
}

// escapes are the three characters that Slack escapes.
var escapes = strings.NewReplacer("&lt;", "<", "&gt;", ">", "&amp;", "&")

// unescape undoes the escapes that Slack applies, once.
func unescape(s string) string { return escapes.Replace(s) }

// signAt reads the first character, which Slack may have escaped.
func signAt(text string) (sign rune, size int) {
	for _, escaped := range []string{"&amp;", "&lt;", "&gt;"} {
		if strings.HasPrefix(text, escaped) {
			return rune(unescape(escaped)[0]), len(escaped)
		}
	}
	return utf8.DecodeRuneInString(text)
}

// untangle puts back what was typed where Slack has made a link of it. If Slack took only
// a part of an address for a link, the address is whole again. Two links side by side
// stay two.
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
		word, rest, _ := strings.Cut(text, " ")
		if word == "" || strings.Trim(word, bullets+quotes+separators) != "" {
			return text
		}
		text = rest
	}
}

// folded is text made simple to compare: small letters without accents, the digits
// 0 to 9, one kind of hyphen, apostrophe, slash and full stop. What stands in it can
// be quoted as it was typed.
type folded struct {
	text  string
	typed string
	at    []int // where in typed each byte of text comes from, and the end
}

// plainRunes are the simple forms of letters and marks that Unicode does not take
// apart itself.
var plainRunes = func() map[rune]rune {
	simple := map[rune]rune{}
	for to, from := range map[rune]string{'o': "ø", 'i': "ı", '-': "‐‑‒–—−－", '\'': "’‘ʼ´`", '/': "／⁄∕", '.': "．。·", ':': "：", '+': "＋"} {
		for _, r := range from {
			simple[r] = to
		}
	}
	return simple
}()

func fold(typed string) folded {
	f := folded{typed: typed}
	var text strings.Builder
	for i, r := range typed {
		if unicode.Is(unicode.Mn, r) { // an accent apart from its letter
			continue
		}
		r = foldRune(unicode.ToLower(r))
		text.WriteRune(r)
		for range utf8.RuneLen(r) {
			f.at = append(f.at, i)
		}
	}
	f.text, f.at = text.String(), append(f.at, len(typed))
	return f
}

func foldRune(r rune) rune {
	switch simple, ok := plainRunes[r]; {
	case ok:
		return simple
	case unicode.IsSpace(r):
		return ' '
	case unicode.IsDigit(r): // those of a script follow one another, from nought
		zero := r
		for unicode.IsDigit(zero - 1) {
			zero--
		}
		return '0' + (r-zero)%10
	}
	letter, _ := utf8.DecodeRuneInString(norm.NFD.String(string(r)))
	return letter
}

// quote is what was typed for text[from:to].
func (f folded) quote(from, to int) string { return f.typed[f.at[from]:f.at[to]] }

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
	// onePerson is one of several in a word: a plus sign in front of the @ is theirs.
	onePerson = regexp.MustCompile(`([^/&@]*(?:@[^/&+]*)?)[/&+]?`)
	// veiled is an address that somebody wants to keep from being read as one.
	veiled = regexp.MustCompile(`(?i)[(\[{] ?at ?[)\]}]|\bat [^ ]+ dot (?:com|org|net|\pL\pL)\b`)
)

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
		p := part{text: string(sign)}
		switch link := slackLink.FindString(text[i:]); {
		case link != "":
			p, size = readLink(link), len(link)
		case sign == ' ':
			if size = len(text[i:]) - len(strings.TrimLeft(text[i:], " ")); size > 1 {
				p.kind = cellPart
			}
		case sign == '\n':
			p.kind = linePart
		case sign == '\t', sign == '|', strings.ContainsRune(separators, sign) && i+size < len(text) && text[i+size] > ' ':
			p.kind = cellPart // with a separator nobody types like that, but programs do
		case strings.ContainsRune(separators+openers+closers, sign):
			p.kind = markPart
		default:
			i += size
			continue
		}
		flush(i)
		p.start, p.end = i, i+size
		if start = p.end; p.text != " " || p.kind == cellPart {
			parts = append(parts, p)
		}
		i = start
	}
	flush(len(text))
	return parts
}

// readLink reads one of Slack's links. If its label names somebody, it must lead to the
// same person.
func readLink(link string) part {
	p := part{kind: wordPart, text: link}
	target, label, _ := strings.Cut(strings.Trim(link, "<>"), "|")
	switch m := mention.FindStringSubmatch(target); {
	case m != nil:
		p.kind, p.who = personPart, Mention{UserID: m[1]}
	case strings.HasPrefix(target, "mailto:"):
		p.kind = brokenPart
		address, query, _ := strings.Cut(unescape(target[len("mailto:"):]), "?")
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
	return strings.Contains(word, "@") && strings.TrimFunc(word, isMark) != "" && !strings.Contains(word, "://") ||
		strings.Contains(word, "mailto:")
}

// readWord reads a word, which stands at start. It names several people if nothing
// but a sign that no address has is between them.
func readWord(word string, start int) []part {
	p := part{kind: wordPart, text: word, start: start, end: start + len(word)}
	plain := strings.TrimRight(strings.TrimLeft(unescape(word), quotes+"-‐–—*•·+&/"), quotes+"-‐–—*•·+&/.:!?…")
	if !looksLikePerson(word) {
		if strings.TrimFunc(plain, isMark) == "" {
			p.kind, p.text = markPart, unescape(word)
		}
		return []part{p}
	}
	var people []part
	for _, one := range onePerson.FindAllStringSubmatch(plain, -1) {
		if one[1] == "" {
			continue
		}
		address, query, _ := strings.Cut(one[1], "?")
		if !strings.HasPrefix(strings.ToLower(address), "mailto:") || looksLikePerson(query) {
			address = one[1]
		}
		email, err := ParseAddress(address)
		if err != nil {
			p.kind = brokenPart
			return []part{p}
		}
		p.kind, p.who = personPart, Mention{Email: email}
		people = append(people, p)
	}
	return people
}
