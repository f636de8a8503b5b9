package store_test

import (
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"golang.org/x/sys/unix"

	"wfbot/bot/store"
)

// A process that is just being started has copies of all descriptors until it runs
// its program. What it has of the lock must not keep the database closed.
func TestLockEndsAlthoughItsDescriptorLives(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "wfbot.db")
	s, err := store.Open(t.Context(), "sqlite:"+file, nil)
	if err != nil {
		t.Fatal(err)
	}
	copied, err := unix.FcntlInt(descriptorOf(t, file+".lock"), unix.F_DUPFD_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { unix.Close(copied) })
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	again, err := store.Open(t.Context(), "sqlite:"+file, nil)
	if err != nil {
		t.Fatal(err)
	}
	again.Close()
}

// descriptorOf returns the descriptor that this process has a file open with.
func descriptorOf(t *testing.T, file string) uintptr {
	t.Helper()
	const all = "/proc/self/fd"
	entries, err := os.ReadDir(all)
	if err != nil {
		t.Fatal(err)
	}
	want, err := os.Stat(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if at, err := os.Stat(filepath.Join(all, e.Name())); err == nil && os.SameFile(at, want) {
			n, err := strconv.Atoi(e.Name())
			if err != nil {
				t.Fatal(err)
			}
			return uintptr(n)
		}
	}
	t.Fatalf("%s is not open", file)
	return 0
}
