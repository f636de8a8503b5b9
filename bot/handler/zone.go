package handler

import (
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"wfbot/bot/request"
)

// zoneTyped is the zone of a request.When; a *request.CommandError if there is none
// of that name. Capitals and small letters are as people type them.
func zoneTyped(name string) (*time.Location, error) {
	if zone := request.FixedZone(name); zone != nil {
		return zone, nil
	}
	for _, name := range []string{capitalised(name), name} {
		if zone, err := time.LoadLocation(name); err == nil {
			return zone, nil
		}
	}
	return nil, &request.CommandError{Refusal: request.RefusedUnknownZone, Word: name}
}

// capitalised writes the name of a zone as nearly all are written: America/New_York,
// Africa/Dar_es_Salaam, US/Pacific.
func capitalised(name string) string {
	var all strings.Builder
	for i, word := range nameParts(strings.ToLower(name)) {
		first, size := utf8.DecodeRuneInString(word)
		switch {
		case i == 0 && word == "us/":
			word = "US/"
		case word != "of_" && word != "es_" && word != "au-":
			word = string(unicode.ToUpper(first)) + word[size:]
		}
		all.WriteString(word)
	}
	return all.String()
}

// nameParts splits the name of a zone behind each mark.
func nameParts(name string) (all []string) {
	for name != "" {
		end := strings.IndexAny(name, "/_-") + 1
		if end == 0 {
			end = len(name)
		}
		all, name = append(all, name[:end]), name[end:]
	}
	return all
}
