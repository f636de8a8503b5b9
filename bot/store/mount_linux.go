package store

import (
	"errors"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// mountedAlone reports whether a file is a mount of its own, such as a bind mount,
// rather than a part of what its folder is on.
func mountedAlone(file string) (bool, error) {
	at, device, err := mountOf(file)
	if err != nil {
		return false, err
	}
	folder, folderDevice, err := mountOf(filepath.Dir(file))
	if err != nil {
		return false, err
	}
	if at == 0 || folder == 0 {
		return device != folderDevice, nil
	}
	return at != folder, nil
}

// mountOf returns the id of the mount that a file is on, 0 where the kernel does
// not say (before Linux 5.8, or in some sandboxes), and that of the file system.
func mountOf(name string) (mount, device uint64, err error) {
	var at unix.Statx_t
	err = unix.Statx(unix.AT_FDCWD, name, unix.AT_SYMLINK_NOFOLLOW, unix.STATX_MNT_ID, &at)
	if errors.Is(err, unix.ENOSYS) || errors.Is(err, unix.EPERM) { // what some sandboxes answer
		device, err = deviceOf(name)
		return 0, device, err
	}
	if at.Mask&unix.STATX_MNT_ID != 0 {
		mount = at.Mnt_id
	}
	return mount, unix.Mkdev(at.Dev_major, at.Dev_minor), err
}
