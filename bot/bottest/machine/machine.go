// Package machine fits the tests of the bot to the machine they run on, and says
// how much of them runs. Only tests import it.
package machine

import (
	"flag"
	"os"
	"runtime"
	"runtime/debug"
	"strconv"
	"testing"

	"golang.org/x/sys/unix"
)

// memoryRoom is how much a file system in memory must have free to be used, in bytes.
const memoryRoom = 2 << 30

// Prepare is called by a TestMain, before anything else. It has many tests run at
// once, collects less garbage than usual, and puts the databases of the tests into
// memory where there is a file system for that: SQLite waits for the disk at each
// commit, and no test outlives the machine. What the command line or the
// environment says (-parallel, GOGC, TMPDIR) still counts.
func Prepare() {
	if err := flag.Set("test.parallel", strconv.Itoa(perProcessor*runtime.GOMAXPROCS(0))); err != nil {
		panic(err) // no test binary
	}
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(400)
	}
	const memory = "/dev/shm"
	var room unix.Statfs_t
	if os.Getenv("TMPDIR") == "" && unix.Statfs(memory, &room) == nil && uint64(room.Bavail)*uint64(room.Bsize) >= memoryRoom &&
		unix.Access(memory, unix.W_OK) == nil {
		if err := os.Setenv("TMPDIR", memory); err != nil {
			panic(err)
		}
	}
}

// All reports whether nothing is left to a sample: WFBOT_TEST_ALL is set, as CI sets it
// for the tests that .ci/run lists. It fails where a test that asks is not listed.
func All() bool { return os.Getenv("WFBOT_TEST_ALL") != "" }

// Pair reports whether a test of cases of two kinds, such as calls and answers, tries
// this pair, each by its place in the list: with [All] it tries every pair, and
// otherwise one of three, so that each call meets a third of the answers and each
// answer a third of the calls; with the race detector one of six.
func Pair(call, answer int) bool { return All() || (call+answer)%oneOf == 0 }

// Slow skips a test that takes seconds, or a part of the machine to itself, with
// -short; because says what it needs.
func Slow(t testing.TB, because string) {
	t.Helper()
	if testing.Short() {
		t.Skip("-short: " + because) // without -short, as in CI, it runs
	}
}
