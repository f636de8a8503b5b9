package workfront

// ParseDate is parseDate for the tests.
var ParseDate = parseDate
