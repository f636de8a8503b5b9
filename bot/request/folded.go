package request

import (
	"strings"
	"unicode"
)

// folded is text made simple to compare: small letters without accents, the digits
// 0 to 9, one kind of hyphen, apostrophe, slash and full stop. What stands in it can
// be quoted as it was typed.
type folded struct {
	text  string
	typed string
	at    []int // where in typed each byte of text comes from, and the end
}

const (
	accented = "àáâãäåāăąçćčďèéêëēęěìíîïīıñńňòóôõöøōőřśšșťțùúûüūůűýÿžźż"
	bare     = "aaaaaaaaacccdeeeeeeeiiiiiinnnoooooooorsssttuuuuuuuyyzzz"
)

// plainRunes are the simple forms of letters and marks.
var plainRunes = func() map[rune]rune {
	simple := map[rune]rune{}
	letters := []rune(bare)
	for i, r := range []rune(accented) {
		simple[r] = letters[i]
	}
	for to, from := range map[rune]string{'-': "‐‑‒–—−－", '\'': "’‘ʼ´`", '/': "／⁄∕", '.': "．。·", ':': "：", '+': "＋"} {
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
		r = unicode.ToLower(r)
		if simple, ok := plainRunes[r]; ok {
			r = simple
		} else if unicode.IsDigit(r) {
			r = asciiDigit(r)
		} else if unicode.IsSpace(r) {
			r = ' '
		}
		n := text.Len()
		text.WriteRune(r)
		for range text.Len() - n {
			f.at = append(f.at, i)
		}
	}
	f.text, f.at = text.String(), append(f.at, len(typed))
	return f
}

// quote is what was typed for text[from:to].
func (f folded) quote(from, to int) string { return f.typed[f.at[from]:f.at[to]] }

// asciiDigit is the digit 0 to 9 that r, a decimal digit of any script, stands for.
// In Unicode those of a script follow one another, from nought.
func asciiDigit(r rune) rune {
	for _, digits := range unicode.Nd.R16 {
		if rune(digits.Lo) <= r && r <= rune(digits.Hi) {
			return '0' + (r-rune(digits.Lo))%10
		}
	}
	for _, digits := range unicode.Nd.R32 {
		if rune(digits.Lo) <= r && r <= rune(digits.Hi) {
			return '0' + (r-rune(digits.Lo))%10
		}
	}
	return r
}
