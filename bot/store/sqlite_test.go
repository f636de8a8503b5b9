package store_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"wfbot/bot/store"
)

func TestSQLiteKeepsASecondProcessOut(t *testing.T) {
	t.Parallel()
	address := "sqlite:" + filepath.Join(t.TempDir(), "wf bot?#%.db") // an awkward name
	first := mustOpen(t, address)
	if _, err := store.Open(t.Context(), address, nil); !errors.Is(err, store.ErrInUse) {
		t.Errorf("opening it twice: %v, want ErrInUse", err)
	}
	first.Close()
	mustOpen(t, address)
}

// Closing waits for those who still use the database, so that the file alone is all of
// it.
func TestSQLiteIsOneFileWhenItIsClosed(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "wfbot.db")
	s := mustOpen(t, "sqlite:"+file)
	insert(t, s, newRequest("r1"))
	used, err := s.DB().Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	closed := make(chan error, 1)
	go func() { closed <- s.Close() }()
	for s.DB().Stats().WaitCount == 0 && len(closed) == 0 { // it waits, or does not
		runtime.Gosched()
	}
	if len(closed) > 0 {
		t.Error("it was closed while somebody uses it")
	}
	used.Close()
	if err := <-closed; err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(file + "-wal"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("there is still something beside the file: %v", err)
	}
}

func TestSQLiteVoidsLeasesOfTheDead(t *testing.T) {
	t.Parallel()
	address := "sqlite:" + filepath.Join(t.TempDir(), "wfbot.db")
	s := mustOpen(t, address)
	insert(t, s, newRequest("r1"))
	if _, err := s.Accept(t.Context(), store.Interaction{ID: "w1", Key: "k", ReceivedAt: start}); err != nil {
		t.Fatal(err)
	}
	for range 2 { // claimed and never given back
		if _, _, err := s.ClaimRequest(t.Context(), start, time.Hour); err != nil {
			t.Fatal(err)
		}
		if _, _, err := s.ClaimInteraction(t.Context(), start, time.Hour); err != nil {
			t.Fatal(err)
		}
	}
	s.Close()
	s = mustOpen(t, address)
	if r, _, err := s.ClaimRequest(t.Context(), start, time.Hour); r == nil || err != nil {
		t.Errorf("the request cannot be claimed after a restart: %v", err)
	}
	if w, _, err := s.ClaimInteraction(t.Context(), start, time.Hour); w == nil || err != nil {
		t.Errorf("the interaction cannot be claimed after a restart: %v", err)
	}
}

func TestSQLiteFileIsPrivate(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "wfbot.db")
	s := mustOpen(t, "sqlite:"+file)
	insert(t, s, newRequest("r1"))
	files, err := filepath.Glob(file + "*")
	if err != nil || len(files) < 2 {
		t.Fatalf("files %v, %v", files, err)
	}
	for _, name := range files {
		info, err := os.Stat(name)
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s can be read by others: %v", filepath.Base(name), info.Mode())
		}
	}
}
