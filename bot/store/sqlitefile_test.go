package store_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"wfbot/bot/store"
)

// link makes a symbolic link in a new folder and returns its name.
func link(t *testing.T, target string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "link.db")
	if err := os.Symlink(target, name); err != nil {
		t.Fatal(err)
	}
	return name
}

// One file has one lock, whatever way leads to it.
func TestSQLiteIsLockedByWhateverName(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	file := filepath.Join(folder, "wfbot.db")
	relative, err := filepath.Rel(mustGetwd(t), file)
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]string{
		"a link":                  link(t, file),
		"a link to a link":        link(t, link(t, file)),
		"a relative link":         filepath.Join(folder, "beside.db"),
		"a link to the folder":    filepath.Join(link(t, folder), "wfbot.db"),
		"a relative name":         relative,
		"dots and slashes":        folder + "//./wfbot.db",
		"three slashes, as a URL": "//" + file,
	}
	names["a relative link"] = filepath.Join(folder, "beside.db")
	if err := os.Symlink("wfbot.db", names["a relative link"]); err != nil {
		t.Fatal(err)
	}
	for _, first := range []string{file, names["a link to a link"]} { // then the links lead to nothing yet, or to a file
		s := mustOpen(t, "sqlite:"+first)
		for what, name := range names {
			if _, err := store.Open(t.Context(), "sqlite:"+name, nil); !errors.Is(err, store.ErrInUse) {
				t.Errorf("%s: %v, want ErrInUse", what, err)
			}
		}
		s.Close()
		for _, ending := range []string{"", ".lock"} {
			if err := os.Remove(file + ending); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func mustGetwd(t *testing.T) string {
	t.Helper()
	wd, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	return wd
}

// What is made behind a link that leads to nothing yet is as private as anything.
func TestSQLiteFileBehindADanglingLinkIsPrivate(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "wfbot.db")
	s := mustOpen(t, "sqlite:"+link(t, link(t, file)))
	insert(t, s, newRequest("r1"))
	want := []string{file, file + "-wal", file + "-shm", file + ".lock"}
	if got := s.Files(); !slices.Equal(got, want) {
		t.Errorf("files %v, want %v", got, want)
	}
	for _, name := range s.Files() {
		info, err := os.Stat(name)
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %v", filepath.Base(name), info.Mode())
		}
	}
}

// Nobody works on a file with several names, in whichever order they came about.
func TestSQLiteFileWithTwoNames(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "wfbot.db")
	other := filepath.Join(t.TempDir(), "other.db")
	s := mustOpen(t, "sqlite:"+file)
	if err := os.Link(file, other); err != nil {
		t.Fatal(err)
	}
	refused := func(name string) {
		t.Helper()
		_, err := store.Open(t.Context(), "sqlite:"+name, nil)
		if err == nil || !strings.Contains(err.Error(), "2 names (hard links)") {
			t.Errorf("opened by %s: %v", name, err)
		}
		for _, ending := range []string{"-wal", ".lock"} {
			if _, err := os.Stat(other + ending); err == nil {
				t.Errorf("%s was made beside the other name", ending)
			}
		}
	}
	refused(other) // while the first one works
	s.Close()
	refused(other)
	refused(file)
	if err := os.Remove(other); err != nil {
		t.Fatal(err)
	}
	mustOpen(t, "sqlite:"+file)
}

func TestSQLiteNamesThatAreRefused(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	circle := filepath.Join(folder, "circle.db")
	if err := os.Symlink("circle.db", circle); err != nil {
		t.Fatal(err)
	}
	for _, row := range []struct{ name, want string }{
		{"", "names no file"},
		{":memory:", "in memory"},
		{"file::memory:", "plain file name"},
		{"file:" + folder + "/wfbot.db", "plain file name"},
		{folder + "/wfbot.db?mode=memory", "takes no parameters"},
		{folder + "/wfbot.db?cache=shared&mode=ro", "takes no parameters"},
		{"//wfbot.db", "sqlite:wfbot.db in the working directory"},
		{folder, "it is a folder"},
		{"/dev/null", "no ordinary file"},
		{circle, "circle"},
		{folder + "/none/wfbot.db", "the folder " + folder + "/none does not exist: create it"},
		{link(t, folder+"/none/wfbot.db"), "the folder " + folder + "/none does not exist: create it"},
	} {
		_, err := store.Open(t.Context(), "sqlite:"+row.name, nil)
		if err == nil || !strings.Contains(err.Error(), row.want) {
			t.Errorf("%q: %v, want %q", row.name, err, row.want)
		}
	}
	if files, _ := filepath.Glob(folder + "/*"); len(files) != 1 {
		t.Errorf("something was made: %v", files)
	}
	if files, _ := filepath.Glob(":memory:*"); len(files) != 0 {
		t.Errorf("something was made: %v", files)
	}
}
