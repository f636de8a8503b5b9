package workfront

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
)

// taken is a place that is free, or the test fails.
func taken(t *testing.T, p *places, how Importance) place {
	t.Helper()
	p.mu.Lock()
	free := p.free(how)
	p.mu.Unlock()
	if !free {
		t.Fatalf("no place for %d", how)
	}
	at, err := p.take(t.Context(), how)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

// full checks that there is no place.
func full(t *testing.T, p *places, how Importance) {
	t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.free(how) {
		t.Errorf("there is a place for %d: %d of %d are taken, %d by others", how, p.used, p.limit, p.others)
	}
}

var busy = &Error{Status: http.StatusTooManyRequests}

// grown are places: as many as there may be.
func grown(t *testing.T, most int) *places {
	t.Helper()
	p := newPlaces(most)
	for range most * most {
		p.give(taken(t, p, ForApproved), nil)
	}
	if p.limit != most {
		t.Fatalf("%d places after %d answers, want %d", p.limit, most*most, most)
	}
	return p
}

func TestPlacesFollowTheTenant(t *testing.T) {
	t.Parallel()
	p := newPlaces(6)
	answered := func(n int, e *Error) {
		for range n {
			p.give(taken(t, p, ForApproved), e)
		}
	}
	expect := func(what string, want int) {
		t.Helper()
		if p.limit != want {
			t.Errorf("%s there are %d places, want %d", what, p.limit, want)
		}
	}
	expect("at first", 3)
	answered(2, nil)
	expect("before a round was answered", 3)
	answered(1, &Error{Status: 404}) // an answer as well
	expect("after a round", 4)
	answered(50, &Error{Err: errors.New("no answer")})
	expect("without answers", 4)
	answered(40, nil)
	expect("after many answers", 6)

	var out []place
	for range 6 {
		out = append(out, taken(t, p, ForApproved))
	}
	for _, at := range out {
		p.give(at, busy)
	}
	expect("when six that were under way together are refused", 3)
	answered(1, busy)
	expect("when one is refused after that", 2)
	answered(5, busy)
	expect("however busy it is", 2)
	answered(2*carefully-1, nil)
	expect("before it is known for long that it is not busy", 2)
	answered(1, nil)
	expect("when that is known", 3)

	for most, first := range map[int]int{1: 1, 2: 2, 3: 3} {
		p = newPlaces(most)
		expect("where there may be few", first)
		answered(100, nil)
		expect("where there may be few, after many answers", most)
		answered(100, busy)
		expect("where there may be few, when it is busy", min(most, 2))
	}
}

// However many calls are under way or wait, and however few places are left, there is
// one for what was approved.
func TestOnePlaceIsKept(t *testing.T) {
	t.Parallel()
	for most := 2; most <= 7; most++ {
		p := grown(t, most)
		var others []place
		for range most - 1 {
			others = append(others, taken(t, p, ForCounts))
		}
		for how := ForLookUp; how < importances; how++ {
			full(t, p, how)
		}
		approved := taken(t, p, ForApproved)
		full(t, p, ForApproved)
		p.give(approved, busy)
		p.give(taken(t, p, ForApproved), busy) // although more are under way than there are places now
		full(t, p, ForLookUp)
		for _, at := range others {
			p.give(at, nil)
		}
		if p.used != 0 || p.others != 0 {
			t.Errorf("%d places, %d of others are taken by nobody", p.used, p.others)
		}
	}
	p := newPlaces(1)
	p.give(taken(t, p, ForLater), nil)
	at := taken(t, p, ForApproved)
	full(t, p, ForLookUp)
	p.give(at, nil)
	at = taken(t, p, ForLookUp)
	full(t, p, ForApproved) // there are never more than the operator allows
	p.give(at, nil)
}

// order is which calls get the places that they wait for, one at a time, in that order.
func order(t *testing.T, waiting ...Importance) (got []Importance) {
	synctest.Test(t, func(t *testing.T) {
		p := newPlaces(1)
		first := taken(t, p, ForLookUp)
		var mu sync.Mutex
		var calls sync.WaitGroup
		for _, how := range waiting {
			calls.Go(func() {
				at, err := p.take(t.Context(), how)
				if err != nil {
					t.Error(err)
					return
				}
				mu.Lock()
				got = append(got, how)
				mu.Unlock()
				p.give(at, nil)
			})
			synctest.Wait() // it waits
		}
		p.give(first, nil)
		calls.Wait()
	})
	return got
}

func TestPlacesGoByImportance(t *testing.T) {
	t.Parallel()
	if got, want := order(t, ForCounts, ForReader, ForApproved), []Importance{ForApproved, ForReader, ForCounts}; !slices.Equal(got, want) {
		t.Errorf("the order is %v, want %v", got, want)
	}
}

// Nothing waits for ever: the fourth place goes to the caller that has waited longest.
func TestNoImportanceStarves(t *testing.T) {
	t.Parallel()
	waiting := []Importance{ForLater, ForCounts}
	for range 20 {
		waiting = append(waiting, ForLookUp)
	}
	got := order(t, waiting...)
	if at := slices.Index(got, ForLater); at != 3 {
		t.Errorf("what had waited longest was number %d, want the fourth: %v", at+1, got)
	}
	if at := slices.Index(got, ForCounts); at != 7 {
		t.Errorf("what had waited longest after that was number %d, want the eighth: %v", at+1, got)
	}
}

// A call that gives up waiting, or is given a place at that very moment, keeps none.
func TestGivingUpKeepsNoPlace(t *testing.T) {
	t.Parallel()
	p := newPlaces(2)
	var calls sync.WaitGroup
	for i := range 200 {
		calls.Go(func() {
			ctx, cancel := context.WithCancel(t.Context())
			go cancel()
			if at, err := p.take(ctx, Importance(i)%importances); err == nil {
				p.give(at, nil)
			}
		})
	}
	calls.Wait()
	if p.used != 0 || p.others != 0 {
		t.Errorf("%d places, %d of others are taken by nobody", p.used, p.others)
	}
	for how := range importances {
		if len(p.waiting[how]) > 0 {
			t.Errorf("%d wait that have given up", len(p.waiting[how]))
		}
	}
	if _, err := p.take(func() context.Context { ctx, cancel := context.WithCancel(t.Context()); cancel(); return ctx }(), ForApproved); !errors.Is(err, context.Canceled) {
		t.Errorf("a place for who has given up: %v", err)
	}
}
