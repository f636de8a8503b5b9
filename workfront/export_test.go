package workfront

import "time"

// ParseDate is parseDate for the tests.
func ParseDate(s string) time.Time { return parseDate(text(s)) }

// UsualFields are usualFields for the tests.
var UsualFields = usualFields
