package store_test

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"wfbot/bot/store"
)

// bindMounts lets this test's goroutine, and nothing else, mount files and folders
// in other places. The mounts end with it.
func bindMounts(t *testing.T) (mount func(from, to string)) {
	t.Helper()
	runtime.LockOSThread() // never unlocked: the thread ends with the goroutine
	if err := unix.Unshare(unix.CLONE_NEWNS); err != nil {
		t.Skipf("a mount takes a right that is missing here: %v", err) // in CI it is root
	}
	if err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""); err != nil {
		t.Skipf("a mount takes a right that is missing here: %v", err) // in CI it is root
	}
	return func(from, to string) {
		t.Helper()
		if err := unix.Mount(from, to, "", unix.MS_BIND, ""); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { // before the folders are removed
			if err := unix.Unmount(to, unix.MNT_DETACH); err != nil {
				t.Error(err)
			}
		})
	}
}

// A file that is mounted without its folder has another lock and another WAL there.
func TestSQLiteFileMountedAlone(t *testing.T) {
	t.Parallel()
	mount := bindMounts(t)
	file := filepath.Join(t.TempDir(), "wfbot.db")
	s := mustOpen(t, "sqlite:"+file)
	other := filepath.Join(t.TempDir(), "wfbot.db")
	if err := os.WriteFile(other, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	mount(file, other)
	for _, opened := range []bool{true, false} {
		for _, name := range []string{other, link(t, other)} {
			_, err := store.Open(t.Context(), "sqlite:"+name, nil)
			if err == nil || !strings.Contains(err.Error(), "mounted alone") || !strings.Contains(err.Error(), "mount the folder that holds it") {
				t.Errorf("while the file is open: %v: %v", opened, err)
			}
		}
		s.Close()
	}
}

// A folder that is mounted in two places holds one lock.
func TestSQLiteFolderMountedTwice(t *testing.T) {
	t.Parallel()
	mount := bindMounts(t)
	folder, other := t.TempDir(), t.TempDir()
	mount(folder, other)
	s := mustOpen(t, "sqlite:"+filepath.Join(folder, "wfbot.db"))
	if _, err := store.Open(t.Context(), "sqlite:"+filepath.Join(other, "wfbot.db"), nil); !errors.Is(err, store.ErrInUse) {
		t.Errorf("opened in both places: %v, want ErrInUse", err)
	}
	s.Close()
}

// On a file system that is mounted read-only, the message says so.
func TestSQLiteOnAReadOnlyMount(t *testing.T) {
	t.Parallel()
	mount := bindMounts(t)
	folder, other := t.TempDir(), t.TempDir()
	mustOpen(t, "sqlite:"+filepath.Join(folder, "wfbot.db")).Close()
	mount(folder, other)
	if err := unix.Mount("", other, "", unix.MS_BIND|unix.MS_REMOUNT|unix.MS_RDONLY, ""); err != nil {
		t.Fatal(err)
	}
	_, err := store.Open(t.Context(), "sqlite:"+filepath.Join(other, "wfbot.db"), nil)
	if err == nil || !strings.Contains(err.Error(), "mounted read-only") || !strings.Contains(err.Error(), other) {
		t.Errorf("opened: %v", err)
	}
}
