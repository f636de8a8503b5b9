package store_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"wfbot/bot/store"
)

// reading opens a database for reading.
func reading(t *testing.T, address string) *store.Reader {
	t.Helper()
	r, err := store.OpenReader(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close() })
	return r
}

// A copy is made while somebody writes: it is whole, private, the only file that was
// made, and a database of its own.
func TestBackupBesideAWriter(t *testing.T) {
	t.Parallel()
	address := "sqlite:" + filepath.Join(t.TempDir(), "wfbot.db")
	s := mustOpen(t, address)
	for i := range 20 {
		insert(t, s, newRequest(fmt.Sprint("r", i)))
	}
	written, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(written)
		for i := 20; ; i++ {
			select {
			case <-done:
				return
			default:
				insert(t, s, newRequest(fmt.Sprint("r", i)))
			}
		}
	}()
	dir := t.TempDir()
	var copies []store.Copy
	for i := range 3 {
		made, err := reading(t, address).Backup(t.Context(), filepath.Join(dir, fmt.Sprint("a copy ?#", i, ".db")))
		if err != nil {
			t.Error(err)
		}
		copies = append(copies, made)
	}
	close(done)
	<-written
	for _, made := range copies {
		if at, err := os.Stat(made.File); err != nil || at.Mode() != 0o600 {
			t.Fatalf("the copy: %v, %v", at, err)
		}
		if found, err := s.VerifyTrail(t.Context(), made.Head); err != nil {
			t.Errorf("the original does not lead through the head of the copy: %+v, %v", found, err)
		}
	}
	if files, err := os.ReadDir(dir); err != nil || len(files) != len(copies) {
		t.Errorf("%v besides the copies, %v", files, err)
	}
	for _, made := range copies {
		c := mustOpen(t, "sqlite:"+made.File)
		inOrder(t, c, made.Head.Seq, 0)
		if all, err := c.Requests(t.Context()); int64(len(all)) != made.Requests || made.Requests < 20 || err != nil {
			t.Errorf("%d requests in the copy, %v, want %d", len(all), err, made.Requests)
		}
		insert(t, c, newRequest("new"))
	}
}

// Whatever is at its place stays, and what goes wrong leaves nothing.
func TestBackupOverwritesNothing(t *testing.T) {
	t.Parallel()
	dir, place := t.TempDir(), t.TempDir()
	address := "sqlite:" + filepath.Join(dir, "wfbot.db")
	s := mustOpen(t, address)
	insert(t, s, newRequest("r1"))
	r := reading(t, address)
	for name, put := range map[string]func(name string) error{
		"file":     func(name string) error { return os.WriteFile(name, []byte("x"), 0o644) },
		"empty":    func(name string) error { return os.WriteFile(name, nil, 0o644) },
		"folder":   func(name string) error { return os.Mkdir(name, 0o755) },
		"link":     func(name string) error { return os.Symlink(filepath.Join(dir, "wfbot.db"), name) },
		"dangling": func(name string) error { return os.Symlink(filepath.Join(dir, "none"), name) },
	} {
		file := filepath.Join(place, name)
		if err := put(file); err != nil {
			t.Fatal(err)
		}
		before, err := os.Lstat(file)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := r.Backup(t.Context(), file); !errors.Is(err, fs.ErrExist) {
			t.Errorf("%s: %v, want fs.ErrExist", name, err)
		}
		if after, err := os.Lstat(file); err != nil || after.Size() != before.Size() || !os.SameFile(before, after) {
			t.Errorf("%s was changed: %v, %v", name, after, err)
		}
	}
	if _, err := r.Backup(t.Context(), filepath.Join(place, "none", "copy.db")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("in a folder that is not there: %v", err)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := r.Backup(ended, filepath.Join(place, "copy.db")); err == nil {
		t.Error("a copy was made although nobody wants it any more")
	}
	if files, err := os.ReadDir(place); err != nil || len(files) != 5 {
		t.Errorf("files %v, %v, want those of before", files, err)
	}
	if files, err := filepath.Glob(filepath.Join(dir, "none*")); err != nil || len(files) > 0 {
		t.Errorf("files %v, %v, want none behind the link", files, err)
	}
}

// What SQLite cannot read whole is not taken for a copy.
func TestBackupOfADamagedDatabase(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "wfbot.db")
	s := mustOpen(t, "sqlite:"+file)
	for i := range 40 {
		insert(t, s, newRequest(fmt.Sprint("r", i)))
	}
	s.Close()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for i := len(text) - 4096; i < len(text)-4000; i++ { // the begin of the last page
		text[i] = 0xa5
	}
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
	place := t.TempDir()
	if _, err := reading(t, "sqlite:"+file).Backup(t.Context(), filepath.Join(place, "copy.db")); err == nil || !strings.Contains(err.Error(), "malformed") {
		t.Errorf("Backup: %v", err)
	}
	if files, err := os.ReadDir(place); err != nil || len(files) > 0 {
		t.Errorf("files %v, %v, want none", files, err)
	}
}

// A database is copied before a new version first works on it.
func TestBackupOfAnOlderSchema(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "wfbot.db")
	older(t, "sqlite", file, 5).Close()
	made, err := reading(t, "sqlite:"+file).Backup(t.Context(), filepath.Join(t.TempDir(), "copy.db"))
	if err != nil || made.Requests != 16 {
		t.Fatalf("%+v, %v, want 16 requests", made, err)
	}
	inOrder(t, mustOpen(t, "sqlite:"+made.File), 91, 0)
}
