package loop

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"wfbot/bot/request"
	"wfbot/bot/store"
)

// rows are rows of a kind that are due at their time. A step that is done ends them.
type rows struct {
	places int
	mu     sync.Mutex
	due    map[string]time.Time
	do     func(ctx context.Context, row string) error
	fail   error  // of a claim
	before func() // a claim

	claims int
}

func (r *rows) add(row string, at time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.due[row] = at
}

func (r *rows) claim(context.Context) (*Step, error) {
	if r.before != nil {
		r.before()
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.claims++
	if r.fail != nil {
		return nil, r.fail
	}
	for row, at := range r.due {
		if !at.After(time.Now()) {
			delete(r.due, row)
			return &Step{Row: row, Lease: store.Lease{Token: row}, Do: func(ctx context.Context) error { return r.do(ctx, row) }}, nil
		}
	}
	return nil, nil
}

func (r *rows) next() (first time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, at := range r.due {
		if first.IsZero() || at.Before(first) {
			first = at
		}
	}
	return first
}

func (r *rows) claimed() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.claims
}

func newRows(places int, do func(ctx context.Context, row string) error) *rows {
	return &rows{places: places, due: map[string]time.Time{}, do: do}
}

// heard is what loops said, and who they said it to.
type heard struct {
	mu    sync.Mutex
	words []string
	asked int // how often they asked what is due next
	log   bytes.Buffer
}

func (h *heard) ask() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.asked++
}

func (h *heard) questions() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.asked
}

func (h *heard) say(word string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.words = append(h.words, word)
}

func (h *heard) take() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	words := strings.Join(h.words, ", ")
	h.words = nil
	return words
}

// running starts loops for kinds of row. Their tables are numbered. stop ends them, and
// waits for that.
func running(t *testing.T, all ...*rows) (l *Loops, h *heard, stop func()) {
	h = &heard{}
	var kinds []Kind
	tables := map[store.Table]*rows{}
	for i, r := range all {
		table := store.Table(fmt.Sprint(i))
		tables[table] = r
		kinds = append(kinds, Kind{Table: table, Claim: r.claim, Waiting: func() store.Waiting { return store.Waiting{Table: table} }, Places: r.places})
	}
	l = New(Config{
		Kinds: kinds,
		Next: func(_ context.Context, _ time.Time, of ...store.Waiting) (next []time.Time, err error) {
			h.ask()
			for _, w := range of {
				next = append(next, tables[w.Table].next())
			}
			return next, nil
		},
		Release: func(_ context.Context, lease store.Lease, wait time.Duration) error {
			h.say(fmt.Sprint("released ", lease.Token, " for ", wait))
			return nil
		},
		SetAside: func(_ context.Context, lease store.Lease, row string, why error) error {
			h.say(fmt.Sprint("set aside ", lease.Token, ": ", why))
			return nil
		},
		Failed:    func(err error) { h.say("failed: " + err.Error()) },
		NotStored: func(_ context.Context, row string, err error) { h.say("not stored: " + row) },
		Log:       slog.New(slog.NewTextHandler(&h.log, nil)),
		Now:       time.Now,
	})
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { l.Run(ctx); close(ended) }()
	return l, h, func() { cancel(); <-ended }
}

// A kind works on as many rows as it has places, and another kind does not wait for
// it.
func TestPlaces(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		var mu sync.Mutex
		at := map[string]int{}
		do := func(_ context.Context, row string) error {
			mu.Lock()
			at[row[:4]]++
			mu.Unlock()
			<-release
			return nil
		}
		slow, quick := newRows(2, do), newRows(3, do)
		for i := range 5 {
			slow.add(fmt.Sprint("slow", i), time.Now())
		}
		l, h, stop := running(t, slow, quick)
		synctest.Wait()
		quick.add("quick", time.Now())
		l.Due("1", time.Now())
		synctest.Wait()
		mu.Lock()
		if at["slow"] != 2 || at["quic"] != 1 {
			t.Errorf("at work are %v", at)
		}
		mu.Unlock()
		close(release)
		synctest.Wait()
		if at["slow"] != 5 { // each step that ends makes room
			t.Errorf("in all %v were worked on", at)
		}
		stop()
		if said := h.take(); said != "" {
			t.Errorf("it said %s", said)
		}
	})
}

// A loop sleeps until a row is due, and no longer than a second without a word.
func TestSleeps(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var done []time.Time
		start := time.Now()
		r := newRows(1, func(context.Context, string) error { done = append(done, time.Now()); return nil })
		r.add("soon", start.Add(300*time.Millisecond))
		l, h, stop := running(t, r)
		time.Sleep(300 * time.Millisecond)
		synctest.Wait()
		if len(done) != 1 {
			t.Fatalf("done at %v", done)
		}
		time.Sleep(time.Second)
		before, claims := h.questions(), r.claimed()
		time.Sleep(10*lookEvery + time.Millisecond)
		if n := h.questions() - before; n < 10 || n > 11 {
			t.Errorf("it asked %d times in 10 seconds", n)
		}
		if n := r.claimed() - claims; n > 0 {
			t.Errorf("it tried %d times to claim what is not there", n)
		}
		r.add("now", time.Now()) // by somebody who says so
		l.Wake()
		l.Wake() // never blocks
		synctest.Wait()
		if len(done) != 2 || !done[1].Equal(time.Now()) {
			t.Errorf("done at %v", done)
		}
		r.add("silent", time.Now()) // by another process
		time.Sleep(lookEvery)
		synctest.Wait()
		if len(done) != 3 {
			t.Errorf("done at %v", done)
		}
		stop()
	})
}

// Who says that a row is due has it claimed at its time, by its own kind, with one claim
// for each, and nobody asks the database.
func TestWokenByWhatConcernsIt(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		done := map[string]time.Duration{}
		start := time.Now()
		do := func(_ context.Context, row string) error {
			mu.Lock()
			defer mu.Unlock()
			done[row] = time.Since(start)
			return nil
		}
		mine, other := newRows(4, do), newRows(4, do)
		l, h, stop := running(t, mine, other)
		time.Sleep(10 * time.Millisecond) // until everything there was is known
		synctest.Wait()
		asked, claims, others := h.questions(), mine.claimed(), other.claimed()
		start = time.Now()
		for i := range 3 {
			at := start.Add(time.Duration(i) * 50 * time.Millisecond)
			row := fmt.Sprint("row", i)
			mine.add(row, at)
			l.Due("0", at)
		}
		time.Sleep(60 * time.Millisecond)
		synctest.Wait()
		if mine.claimed()-claims > 3 || h.questions()-asked > 1 || other.claimed() != others {
			t.Errorf("%d claims for 2 rows, %d of the other kind, %d questions", mine.claimed()-claims, other.claimed()-others, h.questions()-asked)
		}
		time.Sleep(60 * time.Millisecond)
		synctest.Wait()
		for i := range 3 {
			if at, want := done[fmt.Sprint("row", i)], time.Duration(i)*50*time.Millisecond; at != want {
				t.Errorf("row%d was done after %v, want %v", i, at, want)
			}
		}
		stop()
		if said := h.take(); said != "" {
			t.Errorf("it said %s", said)
		}
	})
}

// Rows that wait for what a step of their kind holds are claimed when it ends; where the
// question fails all kinds look for themselves.
func TestLimitedAndUnasked(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		held := make(chan struct{}, 1) // what there is one of
		var done []string
		r := newRows(4, nil)
		claim := r.claim
		k := Kind{Table: "0", Places: 4, Limited: true, Waiting: func() store.Waiting { return store.Waiting{} },
			Claim: func(ctx context.Context) (*Step, error) {
				select {
				case held <- struct{}{}:
				default:
					return nil, nil
				}
				step, err := claim(ctx)
				if step == nil {
					<-held
				}
				return step, err
			}}
		r.do = func(_ context.Context, row string) error {
			time.Sleep(10 * time.Millisecond)
			done = append(done, row)
			<-held
			return nil
		}
		var asked atomic.Int64
		l := New(Config{Kinds: []Kind{k}, Log: slog.New(slog.DiscardHandler), Now: time.Now,
			Next: func(context.Context, time.Time, ...store.Waiting) ([]time.Time, error) {
				asked.Add(1)
				return []time.Time{{}}, errors.New("no such table")
			}})
		for i := range 5 {
			r.add(fmt.Sprint("row", i), time.Now())
		}
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() { l.Run(ctx); close(ended) }()
		time.Sleep(51 * time.Millisecond)
		synctest.Wait()
		if len(done) != 5 {
			t.Errorf("done are %v", done)
		}
		r.add("late", time.Now())
		time.Sleep(lookEvery + 10*time.Millisecond)
		synctest.Wait()
		if len(done) != 6 || asked.Load() > 4 {
			t.Errorf("done are %v, after %d questions", done, asked.Load())
		}
		cancel()
		<-ended
	})
}

// What becomes of a claim is in how its step ends.
func TestHowAStepEnds(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		do   func(context.Context) error
		want string
	}{
		"stored":     {func(context.Context) error { return nil }, ""},
		"lease lost": {func(context.Context) error { return fmt.Errorf("saving: %w", store.ErrLeaseLost) }, ""},
		"conflict":   {func(context.Context) error { return fmt.Errorf("saving: %w", store.ErrConflict) }, "released row for 1s"},
		"not stored": {func(context.Context) error { return errors.New("disk full") }, "failed: disk full, not stored: row, released row for 1s"},
		"unreadable": {func(context.Context) error {
			return fmt.Errorf("reading: %w", &store.UnreadableError{Row: "request r9", Cause: errors.New("not JSON")})
		}, "set aside row: reading: request r9 cannot be decoded: not JSON"},
		"impossible": {func(context.Context) error {
			return fmt.Errorf("storing: %w", &request.ImpossibleError{What: "no such step"})
		},
			"set aside row: storing: no such step"},
		"panic": {func(context.Context) error { panic("no such card") }, "set aside row: a panic in its step (string); the log says where"},
		"too slow": {func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() },
			"failed: context deadline exceeded, not stored: row, released row for 1s"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				r := newRows(1, func(ctx context.Context, _ string) error { return row.do(ctx) })
				r.add("row", time.Now())
				_, h, stop := running(t, r)
				time.Sleep(LeaseFor - time.Millisecond) // a step ends before its lease
				synctest.Wait()
				if said := h.take(); said != row.want {
					t.Errorf("it said %q, want %q", said, row.want)
				}
				stop()
			})
		})
	}
}

// A database that does not answer is told of, and asked again each second.
func TestClaimFails(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newRows(1, nil)
		r.fail = errors.New("connection refused")
		l, h, stop := running(t, r)
		time.Sleep(2*lookEvery + time.Millisecond)
		l.Wake() // is not a reason to ask sooner
		synctest.Wait()
		if said := h.take(); said != strings.Repeat("failed: connection refused, ", 2)+"failed: connection refused" {
			t.Errorf("it said %q", said)
		}
		stop()
	})
}

// A step in hand may go on for a while after the end, but not for ever, and nothing
// is claimed any more.
func TestShutdown(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		needs, takes time.Duration
		want         string
	}{
		"in time":  {5 * time.Second, 5 * time.Second, ""},
		"too long": {time.Minute, ShutdownGrace, "released row for 1s"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				r := newRows(1, func(ctx context.Context, _ string) error {
					select {
					case <-time.After(row.needs):
						return nil
					case <-ctx.Done():
						return ctx.Err()
					}
				})
				r.add("row", time.Now())
				_, h, stop := running(t, r)
				synctest.Wait()
				r.add("late", time.Now())
				begin, claims := time.Now(), r.claimed()
				stop()
				if took := time.Since(begin); took != row.takes {
					t.Errorf("it took %v, want %v", took, row.takes)
				}
				if said := h.take(); said != row.want {
					t.Errorf("it said %q, want %q", said, row.want)
				}
				if n := r.claimed() - claims; n > 1 || len(r.due) != 1 {
					t.Errorf("it claimed %d times after the end", n)
				}
			})
		})
	}
}

// A row that was claimed while the end came is worked on: nobody else would before
// its lease ends.
func TestClaimedAtTheEnd(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		done := false
		r := newRows(1, func(ctx context.Context, _ string) error { done = true; return ctx.Err() })
		r.add("row", time.Now())
		begun := make(chan struct{})
		r.before = func() { close(begun); time.Sleep(time.Second) }
		_, h, stop := running(t, r)
		<-begun
		stop()
		if said := h.take(); !done || said != "" {
			t.Errorf("done: %v; it said %q", done, said)
		}
	})
}

// Loops work as long as they look for rows, however slow a step is within its time; one
// that does not look any more, while there is something to look for, is found out.
func TestWorking(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		r := newRows(1, func(context.Context, string) error { <-release; return nil })
		l, _, stop := running(t, r)
		time.Sleep(time.Hour)
		if err := l.Working(); err != nil {
			t.Errorf("with nothing to do: %v", err)
		}
		r.add("slow", time.Now())
		r.add("behind it", time.Now())
		l.Wake()
		time.Sleep(stuckAfter - 10*time.Second)
		if err := l.Working(); err != nil {
			t.Errorf("with a slow step: %v", err)
		}
		time.Sleep(20 * time.Second)
		if err := l.Working(); err == nil {
			t.Error("no word of a loop that has not looked for so long")
		}
		close(release)
		synctest.Wait()
		if err := l.Working(); err != nil {
			t.Errorf("afterwards: %v", err)
		}
		stop()
	})
}
