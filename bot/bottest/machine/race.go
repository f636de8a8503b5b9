//go:build race

package machine

// perProcessor is how many tests run at once for each processor. With the race
// detector they compute all the time, and more of them would only make one another
// too slow for the deadlines that they live by.
const perProcessor = 2
