package request

import (
	"regexp"
	"strings"
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
	Word    string // the part that is wrong, as typed
}

// Error implements error.
func (e *CommandError) Error() string { return e.Refusal.Error() + ": " + e.Word }

// Unwrap lets errors.As find the Refusal.
func (e *CommandError) Unwrap() error { return e.Refusal }

var (
	mailtoLink = regexp.MustCompile(`^<mailto:([^|>]+)(\|[^>]*)?>$`)
	mention    = regexp.MustCompile(`^<@([UW][A-Z0-9]+)(\|[^>]*)?>$`)
	anyLink    = regexp.MustCompile(`<([^|<>]+)(?:\|([^<>]*))?>`)
	dateAhead  = regexp.MustCompile(`(?i)^on\s+["'“”‘’]?\d`)
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
	text = strings.TrimSpace(text)
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
	// Never taken for a reason: the user would be switched off at once.
	if dateAhead.MatchString(rest) {
		return Command{}, &CommandError{Refusal: RefusedSchedule, Word: Plain(rest)}
	}
	c.Reason = Plain(rest)
	if utf8.RuneCountInString(c.Reason) > MaxReason {
		return Command{}, &CommandError{Refusal: RefusedReasonTooLong}
	}
	return c, nil
}

// cutWord splits off the first word; a link in angle brackets is one word, even
// with spaces in its label.
func cutWord(text string) (word, rest string) {
	text = strings.TrimSpace(text)
	end := strings.IndexFunc(text, func(r rune) bool { return r == ' ' || r == '\t' || r == '\n' || r == '\u00a0' })
	if open := strings.IndexByte(text, '<'); open >= 0 && (end < 0 || open < end) {
		if shut := strings.IndexByte(text[open:], '>'); shut >= 0 {
			tail := text[open+shut+1:]
			end = strings.IndexFunc(tail, func(r rune) bool { return r == ' ' || r == '\t' || r == '\n' || r == '\u00a0' })
			if end >= 0 {
				end += open + shut + 1
			}
		}
	}
	if end < 0 {
		return text, ""
	}
	return text[:end], strings.TrimSpace(text[end:])
}

func parsePerson(word string) (email, userID string) {
	word = strings.Trim(word, quotes+",;")
	if m := mention.FindStringSubmatch(word); m != nil {
		return "", m[1]
	}
	if m := mailtoLink.FindStringSubmatch(word); m != nil {
		word = m[1]
	}
	word = unescape(word)
	word = strings.TrimSuffix(strings.TrimPrefix(word, "<"), ">")
	if len(word) > 7 && strings.EqualFold(word[:7], "mailto:") {
		word = word[7:]
	}
	word = strings.Trim(word, quotes+",;")
	if !isEmail(word) {
		return "", ""
	}
	return strings.ToLower(word), ""
}

// emailShape is an address as people have them: no comments, no quoted local
// parts, no bare host names. Workfront decides whether it exists.
var emailShape = regexp.MustCompile(`^[^\s@<>()\[\]\\,;:"|&]+@[^\s@<>()\[\]\\,;:"|&.]+(\.[^\s@<>()\[\]\\,;:"|&.]+)+$`)

func isEmail(s string) bool {
	return len(s) <= 254 && utf8.ValidString(s) && emailShape.MatchString(s) && !strings.ContainsFunc(s, isControl)
}

// Plain turns text as Slack delivers it into what the person typed: links and
// mentions become their label or address, the three escaped characters
// themselves, and control characters spaces.
func Plain(text string) string {
	text = anyLink.ReplaceAllStringFunc(text, func(link string) string {
		m := anyLink.FindStringSubmatch(link)
		if m[2] != "" {
			return m[2]
		}
		return strings.TrimPrefix(m[1], "mailto:")
	})
	text = strings.Map(func(r rune) rune {
		if isControl(r) {
			return ' '
		}
		return r
	}, unescape(strings.ToValidUTF8(text, "\uFFFD")))
	return strings.TrimSpace(text)
}

func isControl(r rune) bool { return r < 0x20 || r == 0x7f || (r >= 0x80 && r < 0xa0) }

// unescape undoes the three escapes Slack applies, once.
func unescape(s string) string {
	return strings.NewReplacer("&lt;", "<", "&gt;", ">", "&amp;", "&").Replace(s)
}
