//go:build race

package machine

// perProcessor is how many tests run at once for each processor. With the race
// detector they compute all the time, and more of them would only make one another
// too slow for the deadlines that they live by.
const perProcessor = 2

// oneOf is how many pairs there are for each one that is tried. They differ in what
// they meet more than in what runs at the same time, and the race detector makes each
// several times slower.
const oneOf = 6
