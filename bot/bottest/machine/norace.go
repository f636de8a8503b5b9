//go:build !race

package machine

// perProcessor is how many tests run at once for each processor: they wait for
// pauses and retries much longer than they compute.
const perProcessor = 8

// oneOf is how many pairs there are for each one that is tried.
const oneOf = 3
