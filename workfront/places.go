package workfront

import (
	"context"
	"net/http"
	"slices"
	"sync"
)

// Importance is which of the calls that wait for their turn goes first.
type Importance int

// The importances, the highest first.
const (
	ForApproved Importance = iota // reads and writes of what was approved. One place is kept for them
	ForLookUp                     // finding out who a request is about. That of a call that names none
	ForReader                     // what somebody waits to read
	ForCounts                     // what users hold
	ForLater                      // what can wait
	importances
)

type importanceKey struct{}

// With makes the calls under the context so important.
func With(ctx context.Context, how Importance) context.Context {
	return context.WithValue(ctx, importanceKey{}, how)
}

func importanceOf(ctx context.Context) Importance {
	if how, ok := ctx.Value(importanceKey{}).(Importance); ok && how >= 0 && how < importances {
		return how
	}
	return ForLookUp
}

const (
	// firstPlaces is how many requests are under way at a time before anything is
	// known of the tenant.
	firstPlaces = 3
	// fewestPlaces is how many are left however busy the tenant is: one for what was
	// approved, and one for the rest.
	fewestPlaces = 2
	// carefully is how many more rounds of answers it takes until there is one place more,
	// once the tenant has been busy: each try too many costs somebody a call.
	carefully = 20
	// oldestEvery is how many places are given before one goes to the caller that has
	// waited longest, so that nothing waits for ever.
	oldestEvery = 4
)

// places are the requests that may be under way at a time. How many there are follows
// what the tenant takes. They may be used by several goroutines.
type places struct {
	most int // there are never more

	mu      sync.Mutex
	limit   int // how many there are now
	used    int
	others  int // of the used ones, those for less than what was approved
	waiting [importances][]*waiter
	waited  int // how many have ever waited
	given   int // to who had waited, so far
	good    int // answers since the last change of limit
	halved  int // how often limit was
}

// place is one that was taken.
type place struct {
	how    Importance
	halved int // when it was taken
}

// waiter is a call that waits for a place.
type waiter struct {
	nth int
	got chan place // of one element
}

func newPlaces(most int) *places {
	return &places{most: most, limit: min(firstPlaces, most)}
}

// take waits for a place. The error is the context's.
func (p *places) take(ctx context.Context, how Importance) (place, error) {
	if err := ctx.Err(); err != nil {
		return place{}, err
	}
	p.mu.Lock()
	if p.free(how) && len(p.waiting[how]) == 0 {
		defer p.mu.Unlock()
		return p.occupy(how), nil
	}
	p.waited++
	w := &waiter{nth: p.waited, got: make(chan place, 1)}
	p.waiting[how] = append(p.waiting[how], w)
	p.mu.Unlock()
	select {
	case got := <-w.got:
		return got, nil
	case <-ctx.Done():
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.waiting[how] = slices.DeleteFunc(p.waiting[how], func(other *waiter) bool { return other == w })
	select {
	case got := <-w.got: // at the last moment
		p.leave(got)
	default:
	}
	return place{}, ctx.Err()
}

// give gives a place back, with what came of the request.
func (p *places) give(at place, e *Error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case e != nil && e.Status == http.StatusTooManyRequests:
		if at.halved == p.halved { // those sent before say nothing new
			p.limit = max(p.limit/2, min(fewestPlaces, p.most))
			p.halved++
			p.good = 0
		}
	case e == nil || e.Status != 0:
		answers := p.limit
		if p.halved > 0 {
			answers *= carefully
		}
		if p.good++; p.good >= answers && p.limit < p.most {
			p.limit++
			p.good = 0
		}
	}
	p.leave(at)
}

// free reports whether there is a place for a call of that importance; mu is held.
func (p *places) free(how Importance) bool {
	if how == ForApproved {
		return p.used < p.limit || p.used == p.others && p.used < p.most
	}
	return p.used < p.limit && p.others < max(p.limit-1, 1)
}

// occupy takes a place that is free; mu is held.
func (p *places) occupy(how Importance) place {
	p.used++
	if how != ForApproved {
		p.others++
	}
	return place{how, p.halved}
}

// leave frees a place and gives what is free to those who wait; mu is held.
func (p *places) leave(at place) {
	p.used--
	if at.how != ForApproved {
		p.others--
	}
	for {
		how, ok := p.next()
		if !ok {
			return
		}
		w := p.waiting[how][0]
		p.waiting[how] = p.waiting[how][1:]
		p.given++
		w.got <- p.occupy(how)
	}
}

// next is the importance that the next place is given to; not ok if nobody waits for one
// that is free. mu is held.
func (p *places) next() (how Importance, ok bool) {
	oldest := p.given%oldestEvery == oldestEvery-1
	for candidate := range importances {
		if len(p.waiting[candidate]) == 0 || !p.free(candidate) {
			continue
		}
		if !ok || oldest && p.waiting[candidate][0].nth < p.waiting[how][0].nth {
			how, ok = candidate, true
		}
	}
	return how, ok
}
