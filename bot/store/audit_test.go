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
		if found, err := s.VerifyTrail(ctx); found != (store.Verified{Entries: writers * each}) || err != nil {
			t.Errorf("VerifyTrail = %+v, %v, want %d entries in order", found, err, writers*each)
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
		"an added entry": `INSERT INTO audit (seq, at, request_id, kind, actor, salt, detail, detail_hash, prev, hash)
			SELECT 4, at, request_id, kind, actor, salt, detail, detail_hash, hash, hash FROM audit WHERE seq = 3`,
		"an emptied trail":         `DELETE FROM audit`,
		"a changed hash of detail": `UPDATE audit SET detail_hash = (SELECT detail_hash FROM audit WHERE seq = 3) WHERE seq = 1`,
		"another salt":             `UPDATE audit SET salt = '00112233445566778899aabbccddeeff' WHERE seq = 2`,
		"a lost salt":              `UPDATE audit SET salt = '' WHERE seq = 2`,
		"a lost detail":            `UPDATE audit SET detail = '' WHERE seq = 2`,
		"an exchanged detail with its salt": `UPDATE audit SET detail = (SELECT detail FROM audit WHERE seq = 3),
			salt = (SELECT salt FROM audit WHERE seq = 3) WHERE seq = 1`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := mustOpen(t, "sqlite:"+filepath.Join(t.TempDir(), "wfbot.db"))
			for i := range 3 {
				insert(t, s, newRequest(fmt.Sprint("r", i)))
			}
			if found, err := s.VerifyTrail(t.Context()); found != (store.Verified{Entries: 3}) || err != nil {
				t.Fatalf("before the damage: %+v, %v", found, err)
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

// The details of entries are erased, and the chain still verifies; what is left of
// them cannot be found out by trying.
func TestErasedDetailsStayInTheChain(t *testing.T) {
	onEach(t, func(t *testing.T, open func() *store.Store) {
		s := open()
		for i := range 4 {
			insert(t, s, newRequest(fmt.Sprint("r", i)))
		}
		before, err := s.Trail(t.Context(), 0, 10)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.DB().ExecContext(t.Context(), `UPDATE audit SET detail = '', salt = '' WHERE seq IN (1, 3)`); err != nil {
			t.Fatal(err)
		}
		if found, err := s.VerifyTrail(t.Context()); found != (store.Verified{Entries: 4, Erased: 2}) || err != nil {
			t.Errorf("VerifyTrail = %+v, %v, want 4 entries in order, 2 of them erased", found, err)
		}
		after, err := s.Trail(t.Context(), 0, 10)
		if err != nil {
			t.Fatal(err)
		}
		for i, e := range after {
			erased := i == 0 || i == 2
			if e.Hash != before[i].Hash || e.Erased != erased || (e.Detail == nil) != erased {
				t.Errorf("entry %d is read as %+v", e.Seq, e)
			}
		}
		insert(t, s, newRequest("later"))
		if found, err := s.VerifyTrail(t.Context()); found != (store.Verified{Entries: 5, Erased: 2}) || err != nil {
			t.Errorf("after another entry: %+v, %v", found, err)
		}
	})
}

// Entries that tell the same have hashes of their own: who knows what an erased
// detail may have been cannot tell that it was.
func TestEqualDetailsHaveHashesOfTheirOwn(t *testing.T) {
	t.Parallel()
	s := mustOpen(t, "sqlite:"+filepath.Join(t.TempDir(), "wfbot.db"))
	if err := s.Update(t.Context(), start, func(tx *store.Tx) error {
		for range 3 {
			tx.Record("", request.Event{At: start, Kind: "refused", Actor: "U1", Detail: map[string]string{"email": "jane@acme.com"}})
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	var salts, hashes int
	if err := s.DB().QueryRowContext(t.Context(), `SELECT COUNT(DISTINCT salt), COUNT(DISTINCT detail_hash) FROM audit WHERE length(salt) = 32`).
		Scan(&salts, &hashes); err != nil || salts != 3 || hashes != 3 {
		t.Errorf("%d salts and %d hashes of three equal details, %v", salts, hashes, err)
	}
}
