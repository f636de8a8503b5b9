package request

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// MaxReason is the longest reason, in characters: what a card shows in full.
const MaxReason = 500

// Command is what a person typed behind the name of a slash command.
type Command struct {
	Help   bool   // nothing, or "help"
	Email  string // of the user in Workfront, lower case; empty if UserID is set
	UserID string // a mentioned Slack user, whose e-mail is meant
	Reason string // may be empty; as typed, without Slack's escapes
}

// CommandError says what is wrong with a typed command.
type CommandError struct {
	Refusal Refusal
	Word    string   // the part that is wrong, as typed
	Instead []string // what fits in its place, if that is known
}

// Error implements error.
func (e *CommandError) Error() string { return e.Refusal.Error() + ": " + e.Word }

// Unwrap lets errors.As find the Refusal.
func (e *CommandError) Unwrap() error { return e.Refusal }

var (
	mailtoLink = regexp.MustCompile(`^<mailto:([^|>]+)(\|[^>]*)?>$`)
	mention    = regexp.MustCompile(`^<@([UW][A-Z0-9]+)(\|[^>]*)?>$`)
	anyLink    = regexp.MustCompile(`<([^|<>]+)(?:\|([^<>]*))?>`)
	dateAhead  = regexp.MustCompile(`(?i)^(on\s+["'“”‘’]?\d|["'“”‘’]?\d{4}-\d{2}-\d{2})`)
)

// quotes are the quotation marks that people and their keyboards put around an
// e-mail.
const quotes = "\"'`“”‘’„«»"

// ParseCommand understands the text of a slash command as Slack delivers it: an
// e-mail or a mentioned person, then the reason. Slack's escaped forms
// (<mailto:…|…>, <@U…|…>, &amp;), stray spaces, capitals and quotation marks are
// understood. The error is a *CommandError.
//
// Source: https://docs.slack.dev/interactivity/implementing-slash-commands
func ParseCommand(text string) (Command, error) {
	text = strings.TrimSpace(clean(text))
	if text == "" || strings.EqualFold(text, "help") {
		return Command{Help: true}, nil
	}
	first, rest := cutWord(text)
	var c Command
	if c.Email, c.UserID = parsePerson(first); c.Email == "" && c.UserID == "" {
		return Command{}, &CommandError{Refusal: RefusedNotAnEmail, Word: Plain(first)}
	}
	if second, _ := cutWord(rest); second != "" {
		if email, id := parsePerson(second); email != "" || id != "" {
			return Command{}, &CommandError{Refusal: RefusedOneAtATime, Word: Plain(second)}
		}
	}
	c.Reason = Plain(rest)
	// Never taken for a reason: the user would be switched off at once.
	if dateAhead.MatchString(c.Reason) {
		return Command{}, &CommandError{Refusal: RefusedSchedule, Word: c.Reason}
	}
	if utf8.RuneCountInString(c.Reason) > MaxReason {
		return Command{}, &CommandError{Refusal: RefusedReasonTooLong}
	}
	return c, nil
}

// cutWord splits cleaned text after its first word; a link in angle brackets is
// one word, even with spaces in its label.
func cutWord(text string) (word, rest string) {
	text = strings.TrimSpace(text)
	end := strings.IndexByte(text, ' ')
	if open := strings.IndexByte(text, '<'); open >= 0 && open < end {
		if shut := strings.IndexByte(text[open:], '>'); shut >= 0 {
			after := open + shut + 1
			if end = strings.IndexByte(text[after:], ' '); end >= 0 {
				end += after
			}
		}
	}
	if end < 0 {
		return text, ""
	}
	return text[:end], strings.TrimSpace(text[end:])
}

func parsePerson(word string) (email, userID string) {
	link := trimMarks(word)
	if m := mention.FindStringSubmatch(link); m != nil {
		return "", m[1]
	}
	if m := mailtoLink.FindStringSubmatch(link); m != nil {
		word = m[1]
	}
	word = trimMarks(unescape(word)) // in this order: an escape ends in a semicolon
	word = strings.TrimSuffix(strings.TrimPrefix(word, "<"), ">")
	if len(word) > 7 && strings.EqualFold(word[:7], "mailto:") {
		word = word[7:]
	}
	word = trimMarks(word)
	if !isEmail(word) {
		return "", ""
	}
	return strings.ToLower(word), ""
}

// trimMarks takes off what people put around an e-mail and what ends a sentence
// or opens a reason. A leading dot stays: it would make another address of it.
func trimMarks(word string) string {
	return strings.TrimRight(strings.Trim(word, quotes+",;"), quotes+",;.:")
}

// emailShape is an address as people have them: no comments, no quoted local
// parts, no bare host names. Workfront decides whether it exists.
var emailShape = regexp.MustCompile(`^[^\s@<>()\[\]\\,;:"|&]+@[^\s@<>()\[\]\\,;:"|&.]+(\.[^\s@<>()\[\]\\,;:"|&.]+)+$`)

func isEmail(s string) bool {
	return len(s) <= 254 && emailShape.MatchString(s) && !strings.ContainsFunc(s, func(r rune) bool {
		return r == utf8.RuneError || unicode.IsSpace(r) || unicode.In(r, unicode.Cc, unicode.Cf)
	})
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
func clean(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r), unicode.Is(unicode.Cc, r), r == '\u2028', r == '\u2029':
			return ' '
		case r == '\u200c', r == '\u200d':
			return r
		case unicode.Is(unicode.Cf, r):
			return -1
		}
		return r
	}, text)
}

// unescape undoes the three escapes Slack applies, once.
func unescape(s string) string {
	return strings.NewReplacer("&lt;", "<", "&gt;", ">", "&amp;", "&").Replace(s)
}
