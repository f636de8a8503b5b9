package store

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// beside is what SQLite and the lock keep next to a database file, by what is
// added to its name.
var beside = []string{"-wal", "-shm", "-journal", ".lock"}

// checkFileName says what is wrong with the name of a SQLite file as it was
// configured.
func checkFileName(name string) error {
	switch {
	case name == "":
		return errors.New("names no file: write sqlite: and a file name, such as sqlite:wfbot.db")
	case name == ":memory:" || strings.HasPrefix(name, "file:"):
		return errors.New("must be sqlite: and a plain file name, such as sqlite:wfbot.db. A database in memory would forget everything at the end")
	case strings.HasPrefix(name, "//") && !strings.HasPrefix(name, "///"):
		return errors.New("must be sqlite: and a file name: sqlite:wfbot.db in the working directory, or sqlite:/folder/wfbot.db")
	}
	if strings.Trim(name, " \t\"'`“”‘’") != name {
		return errors.New("has a space or a quotation mark around the file name, and so names another file than it seems to: leave it out")
	}
	if _, parameters, ok := strings.Cut(name, "?"); ok && strings.Contains(parameters, "=") {
		return errors.New("takes no parameters behind a file name: leave out the ? and what follows. " +
			"Where a file has been made under the whole name, rename it")
	}
	return nil
}

// resolveFile returns the absolute name of a file without symbolic links, so that
// every way to it leads to the same name. The file itself need not exist, its
// folder does.
func resolveFile(name string) (string, error) {
	name, err := filepath.Abs(name)
	if err != nil {
		return "", err
	}
	for range 40 { // as many links as Linux follows
		folder, err := filepath.EvalSymlinks(filepath.Dir(name))
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return "", fmt.Errorf("the folder %s does not exist: create it, or name another one in WFBOT_DATABASE_URL", filepath.Dir(name))
		case errors.Is(err, fs.ErrPermission):
			return "", fmt.Errorf("the folder %s is closed to %s: %w", filepath.Dir(name), whoWeAre(), err)
		case err != nil:
			return "", fmt.Errorf("its folder cannot be used: %w", err)
		}
		name = filepath.Join(folder, filepath.Base(name))
		target, err := os.Readlink(name)
		if err != nil { // no link, or nothing there yet
			return name, nil
		}
		if !filepath.IsAbs(target) {
			target = filepath.Join(folder, target)
		}
		name = target
	}
	return "", errors.New("its symbolic links lead in a circle")
}

// checkFile refuses a resolved file that another process could open by a name
// of its own, with another lock and another WAL, and what cannot be a database.
func checkFile(file string) error {
	var at unix.Stat_t
	err := unix.Lstat(file, &at)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	}
	switch at.Mode & unix.S_IFMT {
	case unix.S_IFREG:
	case unix.S_IFDIR:
		return errors.New("it is a folder: WFBOT_DATABASE_URL has to name a file")
	default:
		return errors.New("it is no ordinary file: WFBOT_DATABASE_URL has to name one")
	}
	if at.Nlink > 1 {
		return fmt.Errorf("the file has %d names (hard links), and by another one a second wfbot could work on it unseen: "+
			"keep one name. \"find / -xdev -samefile %s\" shows all", at.Nlink, file)
	}
	alone, err := mountedAlone(file)
	if err != nil {
		return fmt.Errorf("finding out how it is mounted: %w", err)
	}
	if alone {
		return fmt.Errorf("the file is mounted alone. What is newest stands in files beside it, which would be lost, "+
			"and a second wfbot could work on it unseen: mount the folder that holds it, as %s", filepath.Dir(file))
	}
	return nil
}

// checkAccess says which of the files we may not use, and what to do. SQLite itself
// would not say which.
func checkAccess(file string) error {
	folder := filepath.Dir(file)
	if err := access(folder, unix.W_OK|unix.X_OK); err != nil {
		return refusedAccess("the folder "+folder, "create files in", folder, err)
	}
	for _, name := range append([]string{file}, filesBeside(file)...) {
		if err := access(name, unix.R_OK|unix.W_OK); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return refusedAccess(name, "read and write", name, err)
		}
	}
	return nil
}

func access(name string, mode uint32) error {
	return unix.Faccessat(unix.AT_FDCWD, name, mode, unix.AT_EACCESS)
}

func refusedAccess(what, wanted, name string, err error) error {
	if errors.Is(err, unix.EROFS) {
		return fmt.Errorf("%s is on a file system that is mounted read-only: mount it so that it can be written to", what)
	}
	var at unix.Stat_t
	if e := unix.Stat(name, &at); e != nil {
		return fmt.Errorf("%s: %w", what, e)
	}
	if at.Uid == uint32(os.Geteuid()) {
		return fmt.Errorf("wfbot has to %s %s: \"chmod u+rwX %s\" allows it (%w)", wanted, what, name, err)
	}
	owner := nameOfUser(at.Uid)
	return fmt.Errorf("%s belongs to %s, and wfbot, which runs as %s, has to %s it: \"chown %d %s\" as root, or start wfbot as %s (%w)",
		what, owner, whoWeAre(), wanted, os.Geteuid(), name, owner, err)
}

// deviceOf returns the id of the file system that a file is on.
func deviceOf(name string) (uint64, error) {
	var at unix.Stat_t
	err := unix.Lstat(name, &at)
	return uint64(at.Dev), err
}

func whoWeAre() string { return nameOfUser(uint32(os.Geteuid())) }

func nameOfUser(uid uint32) string {
	id := strconv.FormatUint(uint64(uid), 10)
	if u, err := user.LookupId(id); err == nil {
		return u.Username
	}
	return "user " + id
}

func filesBeside(file string) []string {
	var names []string
	for _, ending := range beside {
		names = append(names, file+ending)
	}
	return names
}

// opened is a file as it was when we opened it.
type opened struct {
	name string
	at   os.FileInfo
}

func openedNow(names ...string) ([]opened, error) {
	var files []opened
	for _, name := range names {
		at, err := os.Lstat(name)
		if err != nil {
			return nil, err
		}
		files = append(files, opened{name, at})
	}
	return files, nil
}

// inPlace says which of our files is no longer where it was opened. What is stored
// in a file that has been removed or moved away is gone at the next start, and
// without its lock a second process may work on the database. A file that is put
// back is taken as it is.
func (s *Store) inPlace() error {
	for _, f := range s.opened {
		at, err := os.Lstat(f.name)
		if errors.Is(err, fs.ErrNotExist) || err == nil && !os.SameFile(at, f.at) {
			return fmt.Errorf("%s has been removed or replaced while wfbot works on it: put back the file that was there, or end every wfbot before you restart it", f.name)
		}
	}
	return nil
}

// createPrivate makes a missing database file that only its owner can read: it
// holds names and e-mails, and SQLite gives what it makes beside it the same mode.
// Nothing has the file open yet, so closing it here drops nobody's locks.
func createPrivate(file string) error {
	f, err := os.OpenFile(file, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("creating it: %w", err)
	}
	return f.Close()
}

// lockFile takes the lock that keeps a second process from the database. It is
// released by unlockFile or when the process ends, however it ends. It is
// never the database file itself: closing another descriptor on that would drop
// SQLite's own locks.
func lockFile(name string) (*os.File, error) {
	// By a symbolic link the lock would be another file on another machine or in
	// another container, or the database itself. A named pipe is not waited for.
	f, err := os.OpenFile(name, os.O_CREATE|os.O_RDWR|unix.O_NOFOLLOW|unix.O_NONBLOCK, 0o600)
	if err != nil && (errors.Is(err, unix.ELOOP) || errors.Is(err, unix.EISDIR)) {
		return nil, errNoLock(name)
	}
	if err != nil {
		return nil, fmt.Errorf("opening its lock: %w", err)
	}
	if at, err := f.Stat(); err != nil || !at.Mode().IsRegular() {
		f.Close()
		return nil, errNoLock(name)
	}
	if err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		f.Close()
		if errors.Is(err, unix.EWOULDBLOCK) {
			return nil, ErrInUse
		}
		return nil, fmt.Errorf("its file system does not lock %s, so that nothing would keep a second wfbot out: "+
			"use a local disk, not a network file system, or PostgreSQL (%w)", name, err)
	}
	return f, nil
}

// unlockFile gives up a lock and closes its file. Closing alone would leave the lock to
// whoever has the descriptor too. A process that is just being started has it.
func unlockFile(f *os.File) error {
	return errors.Join(unix.Flock(int(f.Fd()), unix.LOCK_UN), f.Close())
}

func errNoLock(name string) error {
	return fmt.Errorf("its lock %s is no ordinary file: end every wfbot that works on it and remove that", name)
}
