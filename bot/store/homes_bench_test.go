package store_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"wfbot/bot/request"
	"wfbot/bot/store"
)

// BenchmarkHomeTab reads what a Home tab shows where there have been 20,000
// requests, with a trail of eight entries each, and 100 are open: for so long
// nothing else gets at SQLite.
func BenchmarkHomeTab(b *testing.B) {
	s, err := store.Open(b.Context(), "sqlite:"+filepath.Join(b.TempDir(), "wfbot.db"), nil)
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	fill(b, s, 20000, 100)
	for b.Loop() {
		open, _, err := s.OpenRequests(b.Context(), start, 500)
		if err != nil || len(open) != 100 {
			b.Fatalf("%d open, %v", len(open), err)
		}
		ended, _, err := s.EndedRequests(b.Context(), 200)
		if err != nil || len(ended) == 0 {
			b.Fatalf("%d ended, %v", len(ended), err)
		}
		if _, _, err := s.RequestsBy(b.Context(), 20, "U1", ""); err != nil {
			b.Fatal(err)
		}
	}
}

// fill stores that many requests by 50 people. The last ones are open.
func fill(t testing.TB, s *store.Store, all, open int) {
	t.Helper()
	for done := 0; done < all; {
		if err := s.Update(t.Context(), start, func(tx *store.Tx) error {
			for range min(100, all-done) {
				r := newRequest(fmt.Sprintf("r%d", done))
				r.CreatedAt = start.Add(time.Duration(done) * time.Minute)
				r.Requester.ID = fmt.Sprintf("U%d", done%50)
				r.Reason = strings.Repeat("and what a count has found ", 100) // as long as a real one in all
				if done++; done <= all-open {
					r.State = request.Done
				}
				for _, kind := range []string{"a", "b", "c", "d", "e", "f", "g"} {
					tx.Record(r.ID, request.Event{At: start, Kind: kind, Actor: request.Bot})
				}
				if err := tx.InsertCard(newCard(r)); err != nil {
					return err
				}
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
	}
}
