package main

import (
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"

	"wfbot/bot/check"
)

// The folder of the database cannot be written to.
func TestCheckClosedFolder(t *testing.T) {
	t.Parallel()
	vars, folder := services(t), t.TempDir()
	do := `"chmod u+rwX `
	if os.Geteuid() == 0 { // who may write everywhere
		if err := unix.Mount("tmpfs", folder, "tmpfs", unix.MS_RDONLY, ""); err != nil {
			t.Skipf("a mount takes a right that is missing here: %v", err)
		}
		t.Cleanup(func() {
			if err := unix.Unmount(folder, 0); err != nil {
				t.Error(err)
			}
		})
		do = "mount it so that it can be written to"
	} else if err := os.Chmod(folder, 0o500); err != nil {
		t.Fatal(err)
	}
	vars["WFBOT_DATABASE_URL"] = "sqlite:" + filepath.Join(folder, "wfbot.db")
	if r := checkup(t, vars); r.status != 2 || !r.says(check.Fault, "WFBOT_DATABASE_URL", do, "") {
		t.Errorf("exit status %d\n%s", r.status, r)
	}
}
