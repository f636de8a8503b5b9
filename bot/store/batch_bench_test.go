package store_test

import (
	"fmt"
	"path/filepath"
	"testing"

	"wfbot/bot/request"
	"wfbot/bot/store"
)

// BenchmarkMemberOfBatch changes one member of a batch of fifty, which draws the
// batch along: what a look-up or an execution costs the database.
func BenchmarkMemberOfBatch(b *testing.B) {
	s, err := store.Open(b.Context(), "sqlite:"+filepath.Join(b.TempDir(), "wfbot.db"), nil)
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	var members []*request.Request
	for i := range request.MaxPeople {
		r := newRequest(fmt.Sprintf("b-%d", i))
		r.BatchID = "b"
		members = append(members, r)
	}
	update := func(change func(*store.Tx) error) {
		if err := s.Update(b.Context(), start, change); err != nil {
			b.Fatal(err)
		}
	}
	update(func(tx *store.Tx) error {
		return tx.InsertBatch(request.NewBatch(request.Batch{ID: "b"}, members, start))
	})
	i := 0
	for b.Loop() {
		i++
		update(func(tx *store.Tx) error {
			r, err := tx.Request(fmt.Sprintf("b-%d", i%request.MaxPeople))
			if err != nil {
				return err
			}
			r.Look++
			return tx.Save(r)
		})
	}
}
