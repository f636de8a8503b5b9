package request

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

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
// stands in brackets behind them; one word with a capital may then be a role. A day
// is no name, unless the address has it as well.
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
	proven := len(rest) < len(words)
	if len(words) > mostNames || !proven && (!bracketed || mayBeRole(words)) {
		return false
	}
	w, _, no := cutWhen(clean(strings.Join(rest, " ")))
	return no == nil && w == When{}
}

// mayBeRole reports whether words may be what somebody is rather than their name.
func mayBeRole(words []string) bool {
	first, _ := utf8.DecodeRuneInString(words[0])
	return len(words) == 1 && unicode.IsUpper(first) || strings.HasSuffix(words[len(words)-1], ":")
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
			if piece = letters(piece); piece != "" && (piece == name && len(name) > 1 || len(piece) > 2 && strings.HasPrefix(name, piece)) {
				return true
			}
		}
	}
	return false
}

// umlauts are written so where there are none.
var umlauts = strings.NewReplacer("ä", "ae", "ö", "oe", "ü", "ue", "ß", "ss", "ø", "oe", "å", "aa", "æ", "ae")

// spellings are the ways in which an address may write a name; none of what is no
// name, since there is a number in it.
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
