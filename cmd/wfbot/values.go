package main

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"wfbot/bot/request"
	"wfbot/workfront/secret"
)

// quotationMarks are those that people put around a value, and those that word
// processors make of them.
const quotationMarks = "\"'`“”„‟‘’‚‛«»‹›"

// checkValue names what surrounds a value or hides in it and was not meant to be
// part of it: a rule or a key with it would be another one, and look the same.
func checkValue(name, value string, m *mistakes) {
	if strings.HasPrefix(value, name+"=") {
		m.add(name, "holds its own name and a =, which belong in front of the value only: leave them out there (a file that a variable names holds the value alone)")
	}
	if name == "WFBOT_PROTECTED" { // its entries have a grammar of their own, which takes such things off
		return
	}
	first, size := utf8.DecodeRuneInString(value)
	last, _ := utf8.DecodeLastRuneInString(value[min(size, len(value)):])
	if strings.ContainsRune(quotationMarks, first) && strings.ContainsRune(quotationMarks, last) {
		m.add(name, "stands in quotation marks, which count as part of it: leave them out (docker's --env-file keeps what a shell takes off)")
	}
	for _, r := range value {
		hidden := unicode.In(r, unicode.Cf, unicode.Z, unicode.Variation_Selector, unicode.Other_Default_Ignorable_Code_Point)
		if r == utf8.RuneError || r != ' ' && hidden || unicode.IsControl(r) && !strings.ContainsRune("\t\r\n", r) {
			m.add(name, "holds %s: type it anew instead of pasting it", request.Character(r))
		}
	}
}

// workfrontID is the form of what Workfront calls ID, as far as it is certain.
var workfrontID = regexp.MustCompile(`^[A-Za-z0-9_.-]+$`)

func checkWorkfrontID(m *mistakes, name, id string) {
	if id != "" && !workfrontID.MatchString(id) {
		m.add(name, "takes an ID as Workfront shows it, letters and digits alone, and no name or e-mail")
	}
}

// checkKey names a key or secret that cannot be whole, or has more around it.
func checkKey(m *mistakes, name string, key secret.Value) {
	if strings.ContainsFunc(key.Reveal(), func(r rune) bool { return r <= ' ' || r >= 0x7f || strings.ContainsRune(quotationMarks+"<>", r) }) {
		m.add(name, "holds spaces, quotation marks or other characters that no key has")
	}
}
