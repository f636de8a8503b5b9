//go:build !race

package machine

// perProcessor is how many tests run at once for each processor: they wait for
// pauses and retries much longer than they compute.
const perProcessor = 8
