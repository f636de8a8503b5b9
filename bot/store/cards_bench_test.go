package store_test

import (
	"fmt"
	"path/filepath"
	"testing"

	"wfbot/bot/request"
	"wfbot/bot/store"
)

// BenchmarkRequestOfMany changes one request of a card about fifty: what a look-up or
// an execution costs the database.
func BenchmarkRequestOfMany(b *testing.B) {
	s, err := store.Open(b.Context(), "sqlite:"+filepath.Join(b.TempDir(), "wfbot.db"), nil)
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	var all []*request.Request
	for i := range request.MaxPeople {
		r := newRequest(fmt.Sprintf("r%d", i))
		r.CardID = "c1"
		all = append(all, r)
	}
	update := func(change func(*store.Tx) error) {
		if err := s.Update(b.Context(), start, change); err != nil {
			b.Fatal(err)
		}
	}
	update(func(tx *store.Tx) error { return tx.InsertCard(newCard(all...)) })
	i := 0
	for b.Loop() {
		i++
		update(func(tx *store.Tx) error {
			r, err := tx.Request(fmt.Sprintf("r%d", i%request.MaxPeople))
			if err != nil {
				return err
			}
			r.Look++
			return tx.Save(r)
		})
	}
}
