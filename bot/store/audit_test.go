package store_test

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"
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
		inOrder(t, s, writers*each, 0)
	})
}

// Every damage is found, and the first entry that is not in order is named.
func TestVerifyTrailFindsTampering(t *testing.T) {
	damages := map[string]struct {
		damage string
		first  int64
	}{
		"a changed actor":        {`UPDATE audit SET actor = 'U9' WHERE seq = 2`, 2},
		"a changed time":         {`UPDATE audit SET at = at + 1 WHERE seq = 2`, 2},
		"another request":        {`UPDATE audit SET request_id = 'r0' WHERE seq = 3`, 3},
		"another kind":           {`UPDATE audit SET kind = 'done' WHERE seq = 1`, 1},
		"one byte of a detail":   {`UPDATE audit SET detail = replace(detail, 'r1@', 'r2@') WHERE seq = 2`, 2},
		"a changed detail":       {`UPDATE audit SET detail = '{"email":"x@acme.com"}' WHERE seq = 1`, 1},
		"a removed entry":        {`DELETE FROM audit WHERE seq = 2`, 2},
		"a removed first entry":  {`DELETE FROM audit WHERE seq = 1`, 1},
		"a removed last entry":   {`DELETE FROM audit WHERE seq = 3`, 3},
		"two entries exchanged":  {`UPDATE audit SET seq = CASE seq WHEN 1 THEN 9 ELSE 1 END WHERE seq < 3; UPDATE audit SET seq = 2 WHERE seq = 9`, 1},
		"the last two exchanged": {`UPDATE audit SET seq = 9 WHERE seq = 2; UPDATE audit SET seq = 2 WHERE seq = 3; UPDATE audit SET seq = 3 WHERE seq = 9`, 2},
		"an added entry": {`INSERT INTO audit (seq, at, request_id, kind, actor, salt, detail, detail_hash, prev, hash)
			SELECT 4, at, request_id, kind, actor, salt, detail, detail_hash, hash, hash FROM audit WHERE seq = 3`, 4},
		"an entry before the first": {`INSERT INTO audit (seq, at, request_id, kind, actor, salt, detail, detail_hash, prev, hash)
			SELECT 0, at, request_id, kind, actor, salt, detail, detail_hash, '', hash FROM audit WHERE seq = 1`, 0},
		"an emptied trail":         {`DELETE FROM audit`, 1},
		"a tail cut, with a head":  {`DELETE FROM audit WHERE seq = 3; UPDATE audit_head SET seq = 2`, 2},
		"a head moved back":        {`UPDATE audit_head SET seq = 2, hash = (SELECT hash FROM audit WHERE seq = 2)`, 3},
		"a head moved on":          {`UPDATE audit_head SET seq = 4`, 4},
		"a changed head":           {`UPDATE audit_head SET hash = 'x'`, 3},
		"a changed hash of detail": {`UPDATE audit SET detail_hash = (SELECT detail_hash FROM audit WHERE seq = 3) WHERE seq = 1`, 1},
		"another salt":             {`UPDATE audit SET salt = '00112233445566778899aabbccddeeff' WHERE seq = 2`, 2},
		"a lost salt":              {`UPDATE audit SET salt = '' WHERE seq = 2`, 2},
		"a lost detail":            {`UPDATE audit SET detail = '' WHERE seq = 2`, 2},
		"a detail erased unsaid":   {`UPDATE audit SET detail = '', salt = '' WHERE seq = 2`, 2},
		"an exchanged detail with its salt": {`UPDATE audit SET detail = (SELECT detail FROM audit WHERE seq = 3),
			salt = (SELECT salt FROM audit WHERE seq = 3) WHERE seq = 1`, 1},
	}
	onEach(t, func(t *testing.T, open func() *store.Store) {
		s := open()
		for i := range 3 {
			insert(t, s, newRequest(fmt.Sprint("r", i)))
		}
		for name, tc := range damages {
			t.Run(name, func(t *testing.T) {
				inOrder(t, s, 3, 0)
				tx, err := s.DB().BeginTx(t.Context(), nil)
				if err != nil {
					t.Fatal(err)
				}
				defer tx.Rollback()
				for statement := range strings.SplitSeq(tc.damage, ";") {
					if _, err := tx.ExecContext(t.Context(), statement); err != nil {
						t.Fatal(err)
					}
				}
				_, err = store.VerifyTrailIn(t.Context(), tx)
				if broken, ok := errors.AsType[*store.BrokenTrailError](err); !ok || broken.Seq != tc.first {
					t.Errorf("VerifyTrail = %+v (%v), want entry %d as the first that is not in order", broken, err, tc.first)
				}
			})
		}
	})
}

// Whoever can write to the database can write a trail of their own, whose hashes fit:
// it does not lead through a head that was noted elsewhere.
func TestVerifyTrailComparesNotedHeads(t *testing.T) {
	onEach(t, func(t *testing.T, open func() *store.Store) {
		s := open()
		var heads []store.Head
		for i := range 4 {
			insert(t, s, newRequest(fmt.Sprint("r", i)))
			heads = append(heads, inOrder(t, s, int64(i+1), 0).Head)
		}
		if _, err := s.VerifyTrail(t.Context(), heads...); err != nil {
			t.Errorf("of its own heads: %v", err)
		}
		for _, statement := range []string{
			`DELETE FROM audit WHERE seq > 2`, // and nothing shows it
			`UPDATE audit_head SET seq = 2, hash = (SELECT hash FROM audit WHERE seq = 2)`,
		} {
			if _, err := s.DB().ExecContext(t.Context(), statement); err != nil {
				t.Fatal(err)
			}
		}
		inOrder(t, s, 2, 0)
		if _, err := s.VerifyTrail(t.Context(), heads[1], heads[0]); err != nil {
			t.Errorf("of heads from before the cut: %v", err)
		}
		if _, err := s.VerifyTrail(t.Context(), heads[1], heads[2]); err == nil || !strings.Contains(err.Error(), "ends at entry 2, but entry 3 is the one that was noted") {
			t.Errorf("of a tail that was cut: %v", err)
		}
		insert(t, s, newRequest("other"))
		insert(t, s, newRequest("another"))
		inOrder(t, s, 4, 0)
		for _, head := range heads[2:] {
			if _, err := s.VerifyTrail(t.Context(), head); err == nil || err.Error() != fmt.Sprintf("audit entry %d is not the one that was noted", head.Seq) {
				t.Errorf("of a tail that was written anew: %v", err)
			}
		}
	})
}

// inOrder checks that the trail is, with so many entries.
func inOrder(t *testing.T, s *store.Store, entries, erased int64) store.Verified {
	t.Helper()
	found, err := s.VerifyTrail(t.Context())
	if err != nil || found.Entries != entries || found.Erased != erased || found.Head.Seq != entries || found.Before != "" {
		t.Fatalf("VerifyTrail = %+v, %v, want %d entries in order, %d of them erased", found, err, entries, erased)
	}
	return found
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
		if err := s.Update(t.Context(), start, func(tx *store.Tx) error {
			tx.Record("", request.Event{At: start, Kind: "details erased", Actor: request.Bot, Detail: map[string]string{"entries": "1 3-3"}})
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		inOrder(t, s, 5, 2)
		after, err := s.Trail(t.Context(), 0, 10)
		if err != nil {
			t.Fatal(err)
		}
		for i, e := range after[:4] {
			erased := i == 0 || i == 2
			if e.Hash != before[i].Hash || e.Erased != erased || (e.Detail == nil) != erased {
				t.Errorf("entry %d is read as %+v", e.Seq, e)
			}
		}
		insert(t, s, newRequest("later"))
		inOrder(t, s, 6, 2)
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
