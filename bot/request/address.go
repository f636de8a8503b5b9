package request

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// AddressError says why a text is no e-mail address.
type AddressError struct {
	Text  string // as written
	Wrong rune   // the character that is wrong; 0: a part is missing, or it is too long
}

// Error implements error.
func (e *AddressError) Error() string {
	return fmt.Sprintf("%q is not an e-mail address", e.Text) + e.Because()
}

// Because names the character that is wrong, behind a clause; empty if none is.
func (e *AddressError) Because() string {
	if e.Wrong == 0 {
		return ""
	}
	return ", because of " + Character(e.Wrong)
}

// quotes are the quotation marks that people and their keyboards put around an
// e-mail.
const quotes = "\"'`“”„‟‘’‚‛«»‹›「」『』"

// longest is how many bytes an address may have.
// Source: https://www.rfc-editor.org/rfc/rfc3696, erratum 1690
const longest = 254

// ParseAddress reads one e-mail address as a person or a configuration writes it
// and returns it as addresses are compared: in lower case, each letter as one code
// point. Spaces, quotation marks and brackets around it and "mailto:" in front of
// it are taken off, and characters that keyboards, word processors and web pages
// put in place of others become those others, where only one can be meant: see
// foldAddress.
//
// An address is one as people have them: letters, digits and ._+-'# in front of the
// @, and a domain with a dot behind it; no wildcard, no comment, no quoted part, no
// bare host. Letters may be of any script, but not of several in one word, where
// they look alike. Whether the address exists is not known here.
//
// The error is an *AddressError.
func ParseAddress(text string) (string, error) {
	const around = quotes + openers + closers + separators
	address := strings.TrimFunc(text, func(r rune) bool {
		return unicode.IsSpace(r) || invisible(r) || strings.ContainsRune(around, r)
	})
	if len(address) > 7 && strings.EqualFold(address[:7], "mailto:") {
		address = strings.Trim(address[7:], around+" ")
	}
	address = foldAddress(address)
	if wrong, ok := checkAddress(address); !ok {
		return "", &AddressError{Text: strings.ToValidUTF8(text, "\uFFFD"), Wrong: wrong}
	}
	return address, nil
}

// lookalikes are characters that are typed, or put by autocorrection, in place of
// one that addresses have, and can mean nothing else in one.
var lookalikes = strings.NewReplacer(
	"’", "'", "‘", "'", "‛", "'", "ʼ", "'", "ʹ", "'", "′", "'", "´", "'",
	"\u2010", "-", "\u2011", "-", "\u2012", "-", "\u2013", "-", "\u2212", "-", "\uFE63", "-",
	"。", ".", "｡", ".", "․", ".",
	"ﬀ", "ff", "ﬁ", "fi", "ﬂ", "fl", "ﬃ", "ffi", "ﬄ", "ffl", "ﬅ", "st", "ﬆ", "st",
)

// foldAddress writes an address as addresses are compared. Invisible characters go,
// typographic apostrophes and hyphens, full-width characters and ligatures become
// the plain ones, a letter and its accent one code point, capitals small. Letters
// of another script stay what they are, however much they look like Latin ones.
func foldAddress(text string) string {
	// ASCII: only capitals look like something else there.
	if !strings.ContainsFunc(text, func(r rune) bool { return r == 0 || r >= utf8.RuneSelf }) {
		return strings.ToLower(text)
	}
	var plain strings.Builder
	letters := []rune(text)
	for i, r := range letters {
		switch {
		case r == '\u200c' || r == '\u200d':
			// A joiner means something between letters of the scripts that have it.
			if i > 0 && letters[i-1] >= utf8.RuneSelf && i+1 < len(letters) && letters[i+1] >= utf8.RuneSelf {
				plain.WriteRune(r)
			}
		case invisible(r):
		case r == 0: // no character is the zero of AddressError
			plain.WriteRune(utf8.RuneError)
		case r >= '\uFF01' && r <= '\uFF5E', r >= '\uFF61' && r <= '\uFFDC':
			plain.WriteString(norm.NFKC.String(string(r)))
		default:
			plain.WriteRune(r)
		}
	}
	return norm.NFC.String(strings.ToLower(norm.NFC.String(lookalikes.Replace(plain.String()))))
}

// invisible reports whether r shows nothing and takes no place.
func invisible(r rune) bool {
	return unicode.In(r, unicode.Cf, unicode.Variation_Selector, unicode.Other_Default_Ignorable_Code_Point)
}

// checkAddress reports whether a folded address is one; if not, which character is
// wrong, or 0.
func checkAddress(address string) (wrong rune, ok bool) {
	local, domain, _ := strings.Cut(address, "@")
	if wrong := wrongInLocal(local); wrong != 0 {
		return wrong, false
	}
	for i, r := range domain {
		switch {
		case r == '.' && (i == 0 || domain[i-1] == '.'), !unicode.In(r, unicode.L, unicode.M) && !isDigit(r) && r != '-' && r != '.':
			return r, false
		case r == '-' && (i == 0 || domain[i-1] == '.' || i+1 == len(domain) || domain[i+1] == '.'):
			return r, false
		}
	}
	labels := strings.Split(domain, ".")
	for _, label := range labels {
		if wrong := strangeIn(label); wrong != 0 {
			return wrong, false
		}
	}
	top := labels[len(labels)-1]
	if i := strings.IndexAny(top, "-0123456789"); i >= 0 && !strings.HasPrefix(top, "xn--") {
		return rune(top[i]), false
	}
	return 0, local != "" && len(labels) > 1 && utf8.RuneCountInString(top) > 1 && len(address) <= longest
}

// wrongInLocal returns what is wrong in the part in front of the @, or 0.
func wrongInLocal(local string) rune {
	var before rune
	for i, r := range local {
		switch {
		case unicode.IsLetter(r), isDigit(r), r == '_', i > 0 && unicode.IsMark(r):
		case r == '.' && (i == 0 || i+1 == len(local) || before == '.'):
			return r
		case i > 0 && strings.ContainsRune(".+-'#", r):
		default:
			return r
		}
		before = r
	}
	return strangeIn(local)
}

func isDigit(r rune) bool { return r >= '0' && r <= '9' }

// together are scripts that are written in one word, also with Latin.
var together = []*unicode.RangeTable{unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul, unicode.Bopomofo}

// likeLatin are letters of other scripts that nobody can tell from Latin ones.
const likeLatin = "аеорсухіјѕԁһԛԝӏ" + "ορνικυ" + "օսոհց"

// strangeIn returns a letter that does not belong in a word, or 0: one of a script
// that the others are not of, or a variant of a Latin letter that no keyboard has.
// A word of nothing but letters like Latin ones is as strange.
//
// Source: https://www.unicode.org/reports/tr39/#Restriction_Level_Detection, "highly
// restrictive"
func strangeIn(word string) rune {
	var latin, other []rune
	alike := true
	for _, r := range word {
		switch {
		case !unicode.IsLetter(r) || unicode.In(r, together...):
			continue
		case unicode.Is(unicode.Latin, r):
			if norm.NFKC.String(string(r)) != string(r) || r >= '\u0250' && r <= '\u02AF' {
				return r
			}
			latin = append(latin, r)
			continue
		case unicode.In(r, unicode.Common, unicode.Inherited), len(other) > 0 && scriptOf(r) != scriptOf(other[0]):
			return r
		}
		other = append(other, r)
		alike = alike && strings.ContainsRune(likeLatin, r)
	}
	switch {
	case len(other) == 0, len(latin) == 0 && !alike:
		return 0
	case len(latin) > 0 && len(latin) < len(other) && !alike:
		return latin[0]
	}
	return other[0]
}

// scriptOf returns the name of the script that r belongs to.
func scriptOf(r rune) string {
	for name, table := range unicode.Scripts {
		if unicode.Is(table, r) {
			return name
		}
	}
	return "Unknown"
}

// Character names a character to people, who may not see it or take it for another
// one.
func Character(r rune) string {
	switch script := scriptOf(r); {
	case r == ' ':
		return "the space"
	case r == utf8.RuneError:
		return "a character that cannot be read"
	case r > ' ' && r < unicode.MaxASCII:
		return "“" + string(r) + "”"
	case !unicode.IsGraphic(r) || unicode.IsSpace(r) || invisible(r):
		return fmt.Sprintf("an invisible character (%U)", r)
	case unicode.IsLetter(r) && script != "Common":
		return fmt.Sprintf("“%c” (%s, %U)", r, script, r)
	case unicode.IsMark(r):
		return fmt.Sprintf("“◌%c” (%U)", r, r)
	default:
		return fmt.Sprintf("“%c” (%U)", r, r)
	}
}
