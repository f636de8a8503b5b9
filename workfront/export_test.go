package workfront

// ParseDate is parseDate for the tests.
var ParseDate = parseDate

// UsualFields are usualFields for the tests.
var UsualFields = usualFields
