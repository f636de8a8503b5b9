//go:build !linux

package store

import "path/filepath"

// mountedAlone reports whether a file is a mount of its own rather than a part of
// what its folder is on, as far as the file system tells.
func mountedAlone(file string) (bool, error) {
	at, err := deviceOf(file)
	if err != nil {
		return false, err
	}
	folder, err := deviceOf(filepath.Dir(file))
	return at != folder, err
}
