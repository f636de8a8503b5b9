package store_test

import (
	"fmt"
	"path/filepath"
	"sync"
	"testing"

	"wfbot/bot/request"
	"wfbot/bot/store"
)

func TestTrailStaysWholeUnderConcurrency(t *testing.T) {
	onEach(t, func(t *testing.T, open func() *store.Store) {
		s, ctx := open(), t.Context()
		const writers, each = 8, 10
		var group sync.WaitGroup
		for w := range writers {
			group.Go(func() {
				for i := range each {
					if err := s.Update(ctx, start, func(tx *store.Tx) error {
						tx.Record("", request.Event{At: start, Kind: "refused", Actor: fmt.Sprintf("U%d-%d", w, i)})
						return nil
					}); err != nil {
						t.Error(err)
					}
				}
			})
		}
		group.Wait()
		if n, err := s.VerifyTrail(ctx); n != writers*each || err != nil {
			t.Errorf("VerifyTrail = %d, %v, want %d entries in order", n, err, writers*each)
		}
	})
}

func TestVerifyTrailFindsTampering(t *testing.T) {
	for name, damage := range map[string]string{
		"a changed actor":       `UPDATE audit SET actor = 'U9' WHERE seq = 2`,
		"a changed time":        `UPDATE audit SET at = at + 1 WHERE seq = 2`,
		"a changed detail":      `UPDATE audit SET detail = '{"email":"x@acme.com"}' WHERE seq = 1`,
		"a removed entry":       `DELETE FROM audit WHERE seq = 2`,
		"a removed last entry":  `DELETE FROM audit WHERE seq = 3`,
		"two entries exchanged": `UPDATE audit SET seq = CASE seq WHEN 1 THEN -2 ELSE -1 END WHERE seq < 3; UPDATE audit SET seq = -seq WHERE seq < 0`,
		"an added entry": `INSERT INTO audit (seq, at, request_id, kind, actor, detail, prev, hash)
			SELECT 4, at, request_id, kind, actor, detail, hash, hash FROM audit WHERE seq = 3`,
		"an emptied trail": `DELETE FROM audit`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := mustOpen(t, "sqlite:"+filepath.Join(t.TempDir(), "wfbot.db"))
			for i := range 3 {
				insert(t, s, newRequest(fmt.Sprint("r", i)))
			}
			if n, err := s.VerifyTrail(t.Context()); n != 3 || err != nil {
				t.Fatalf("before the damage: %d, %v", n, err)
			}
			if _, err := s.DB().ExecContext(t.Context(), damage); err != nil {
				t.Fatal(err)
			}
			if _, err := s.VerifyTrail(t.Context()); err == nil {
				t.Error("the damage was not found")
			}
		})
	}
}
