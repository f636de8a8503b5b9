package store

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"math"
	"strconv"
	"strings"
)

// Head is the end of the audit trail: whoever has noted it finds out later whether
// what came before it was changed, or is missing.
type Head struct {
	Seq  int64  // number of the last entry; 0: there is none
	Hash string // of that entry
}

// String is the form that a head is noted in: 17:4be0….
func (h Head) String() string { return strconv.FormatInt(h.Seq, 10) + ":" + h.Hash }

// Verified is what VerifyTrail found.
type Verified struct {
	Entries int64 // in order
	Erased  int64 // of these, entries whose detail was erased since
	Head    Head  // the last of them
	// Before is the fault that the trail had before it was hashed again: no hash shows it
	// any more. Empty: none. See rehashTrail.
	Before string
}

// BrokenTrailError: the audit trail is not as it was written.
type BrokenTrailError struct {
	Seq int64  // number of the first entry that is not in order
	Why string // a sentence without its end, for people
}

// Error implements error.
func (e *BrokenTrailError) Error() string { return e.Why }

func broken(seq int64, why string, args ...any) error {
	return &BrokenTrailError{seq, fmt.Sprintf(why, args...)}
}

// VerifyTrail reads the whole audit trail and checks its numbers and hashes, and
// that each detail is the one that was written, or was erased by wfbot, which is an
// entry too. Each of noted is a head of an earlier day, which the trail must still
// lead through. A *BrokenTrailError says where the first fault is; what comes before
// it is in order.
func (s *Store) VerifyTrail(ctx context.Context, noted ...Head) (Verified, error) {
	return verifyTrail(ctx, s.db, noted)
}

func verifyTrail(ctx context.Context, q queryer, noted []Head) (Verified, error) {
	before, err := readHead(ctx, q)
	if err != nil {
		return Verified{}, err
	}
	v := verifier{wanted: append([]Head{before}, noted...), gone: []bool{false}}
	if err := eachEntry(ctx, q, math.MinInt64, v.take); err != nil {
		return v.found, err
	}
	// What was appended meanwhile is checked as far as it was read.
	after, err := readHead(ctx, q)
	if err != nil {
		return v.found, err
	}
	return v.found, v.end(after)
}

func readHead(ctx context.Context, q queryer) (h Head, err error) {
	if err := q.QueryRowContext(ctx, `SELECT seq, hash FROM audit_head WHERE id = 1`).Scan(&h.Seq, &h.Hash); err != nil {
		return Head{}, fmt.Errorf("reading the head of the audit trail: %w", err)
	}
	return h, nil
}

// verifier reads a trail from its first entry to its last.
type verifier struct {
	found  Verified
	wanted []Head // first that of the database, then those that somebody noted
	// gone holds for each number whether the detail is erased and no entry has said yet
	// that wfbot did it. That entry comes later.
	gone []bool
}

// take checks the next entry.
func (v *verifier) take(n int64, e entry, prev, hash string) error {
	next := v.found.Entries + 1
	switch {
	case n > next:
		return broken(next, "audit entry %d is missing", next)
	case n < next:
		return broken(n, "audit entry %d has no place in the trail, which begins with 1", n)
	case prev != v.found.Head.Hash || hash != e.hash(n, prev):
		return broken(n, "audit entry %d was changed after it was written", n)
	case e.erased():
		v.found.Erased++
	case e.detailHash != hexSHA256(e.salt+e.detail):
		return broken(n, "the detail of audit entry %d was changed after it was written", n)
	}
	for i, head := range v.wanted {
		if n == head.Seq && hash != head.Hash {
			return broken(n, "audit entry %d is not the one that %s", n, whose(i))
		}
	}
	v.gone = append(v.gone, e.erased())
	switch {
	case e.erased():
	case e.kind == rehashed && v.found.Before == "":
		v.found.Before = faultBefore(e.detail)
	case e.kind == erasing:
		for erased := range erasedBy(e.detail) {
			if erased >= n {
				break
			}
			v.gone[erased] = false
		}
	}
	v.found.Entries, v.found.Head = n, Head{n, hash}
	return nil
}

func whose(i int) string {
	if i == 0 {
		return "the head of the trail names"
	}
	return "was noted"
}

// end checks what only shows when all entries have been read. now is the head of the
// trail since then.
func (v *verifier) end(now Head) error {
	last := v.found.Entries
	for n, gone := range v.gone {
		if gone {
			return broken(int64(n), "the detail of audit entry %d is gone, and no entry says that wfbot erased it", n)
		}
	}
	for i, head := range v.wanted {
		if last < head.Seq {
			return broken(last+1, "the audit trail ends at entry %d, but entry %d is the one that %s", last, head.Seq, whose(i))
		}
	}
	if last > now.Seq {
		return broken(now.Seq+1, "the head of the audit trail says that it ends at entry %d, but there are entries after it", now.Seq)
	}
	return nil
}

// erasing is the kind of the entry that says that wfbot erased details; its own detail
// holds the numbers of their entries and is never erased.
const erasing = "details erased"

// spans writes ascending numbers in short: 3-7 12.
func spans(numbers []int64) string {
	var all []string
	for i := 0; i < len(numbers); {
		end := i
		for end+1 < len(numbers) && numbers[end+1] == numbers[end]+1 {
			end++
		}
		span := strconv.FormatInt(numbers[i], 10)
		if end > i {
			span += "-" + strconv.FormatInt(numbers[end], 10)
		}
		all, i = append(all, span), end+1
	}
	return strings.Join(all, " ")
}

// erasedBy are the numbers that an entry of the kind erasing names.
func erasedBy(detail string) iter.Seq[int64] {
	return func(yield func(int64) bool) {
		var said struct{ Entries string }
		if json.Unmarshal([]byte(detail), &said) != nil {
			return
		}
		for _, span := range strings.Fields(said.Entries) {
			first, last, several := strings.Cut(span, "-")
			if !several {
				last = first
			}
			n, err := strconv.ParseInt(first, 10, 64)
			end, err2 := strconv.ParseInt(last, 10, 64)
			for ; err == nil && err2 == nil && 0 < n && n <= end; n++ {
				if !yield(n) {
					return
				}
			}
		}
	}
}
