package store_test

import (
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"wfbot/bot/loop"
	"wfbot/bot/request"
	"wfbot/bot/store"
)

// BenchmarkLife leads requests from the command to the outcome that its requester was
// told, through the claim loops and the database, with no one else to wait for: what a
// request costs the database. In turn each wakes loops that have nothing else to do; at
// once they always have. A history is 100,000 requests that are done and 10,000 that
// wait.
func BenchmarkLife(b *testing.B) {
	for database, fresh := range map[string]func(testing.TB) string{
		"SQLite":     func(b testing.TB) string { return "sqlite:" + filepath.Join(b.TempDir(), "wfbot.db") },
		"PostgreSQL": freshPostgres,
	} {
		b.Run(database, func(b *testing.B) {
			b.Run("in turn", func(b *testing.B) { live(b, fresh(b), 1, false) })
			b.Run("in turn, with a history", func(b *testing.B) { live(b, fresh(b), 1, true) })
			b.Run("twenty at once", func(b *testing.B) { live(b, fresh(b), 20, false) })
			b.Run("twenty at once, with a history", func(b *testing.B) { live(b, fresh(b), 20, true) })
		})
	}
}

func live(b *testing.B, address string, atOnce int, past bool) {
	s, err := store.Open(b.Context(), address, nil)
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	if past {
		history(b, s, 100_000, 10_000)
	}
	ran := &counts{}
	if strings.HasPrefix(address, "sqlite:") {
		if err := s.Observe(b.Context(), ran.count); err != nil {
			b.Fatal(err)
		}
	}
	l := newLives(b, s)
	ctx, cancel := context.WithCancel(b.Context())
	ended := make(chan struct{})
	go func() { l.loops.Run(ctx); close(ended) }()
	before := cpu(b)
	places := make(chan struct{}, atOnce)
	var all sync.WaitGroup
	n := 0
	for b.Loop() {
		n++
		id := fmt.Sprint("r", n)
		places <- struct{}{}
		all.Go(func() { l.live(id); <-places })
	}
	all.Wait()
	used := cpu(b) - before
	cancel()
	<-ended
	ran.report(b, n)
	b.ReportMetric(float64(used.Microseconds())/float64(n), "cpu-µs/op")
}

// counts says what ran, by kind.
type counts struct {
	mu                                           sync.Mutex
	statements, prepared, commits, claims, nexts float64
}

func (c *counts) count(query string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if strings.HasPrefix(query, "PREPARE ") {
		c.prepared++
		return
	}
	c.statements++
	switch {
	case query == "COMMIT":
		c.commits++
	case strings.HasPrefix(query, "UPDATE ") && strings.Contains(query, "RETURNING "):
		c.claims++
	case strings.HasPrefix(query, "SELECT (SELECT MIN("):
		c.nexts++
	}
}

func (c *counts) report(b *testing.B, n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for unit, total := range map[string]float64{
		"statements/op": c.statements, "prepared/op": c.prepared, "commits/op": c.commits, "claims/op": c.claims, "nexts/op": c.nexts,
	} {
		b.ReportMetric(total/float64(n), unit)
	}
}

// cpu is the processor time that this process has used.
func cpu(b *testing.B) time.Duration {
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		b.Fatal(err)
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

// lives does what handler and worker do to the rows, and nothing outside.
type lives struct {
	b     *testing.B
	s     *store.Store
	loops *loop.Loops

	mu   sync.Mutex
	seen map[string]chan struct{} // gets a word when a card has nothing more to do
}

func newLives(b *testing.B, s *store.Store) *lives {
	l := &lives{b: b, s: s, seen: map[string]chan struct{}{}}
	l.loops = loop.New(loop.Config{
		Kinds: []loop.Kind{
			kind(store.Requests, l.request), kind(store.Cards, l.card), kind(store.Interactions, l.interaction),
			kind(store.Homes, func(ctx context.Context) (*loop.Step, error) {
				_, _, err := s.ClaimHome(ctx, now(), loop.LeaseFor, false)
				return nil, err
			}),
		},
		Next:    s.Next,
		Release: s.Release,
		SetAside: func(_ context.Context, _ store.Lease, row string, why error) error {
			b.Errorf("%s is set aside: %v", row, why)
			return nil
		},
		Failed:    func(err error) { b.Error(err) },
		NotStored: func(_ context.Context, row string, err error) { b.Errorf("%s: %v", row, err) },
		Log:       slog.New(slog.DiscardHandler),
		Now:       now,
	})
	s.WhenDue(l.loops.Due)
	return l
}

func kind(table store.Table, claim func(context.Context) (*loop.Step, error)) loop.Kind {
	return loop.Kind{Table: table, Claim: claim, Waiting: func() store.Waiting { return store.Waiting{Table: table} }, Places: 8}
}

func now() time.Time { return time.Now().UTC().Truncate(time.Millisecond) }

// live is what people do: a command, and Approve once the card has its buttons.
func (l *lives) live(id string) {
	rested := make(chan struct{}, 1)
	l.mu.Lock()
	l.seen[id] = rested
	l.mu.Unlock()
	for _, kind := range []store.InteractionKind{store.Command, store.Click} {
		if _, err := l.s.Accept(l.b.Context(), store.Interaction{ID: string(kind) + id, Key: string(kind) + id, Kind: kind, ReceivedAt: now(), Value: id}); err != nil {
			l.b.Error(err)
			return
		}
		<-rested
	}
}

func (l *lives) interaction(ctx context.Context) (*loop.Step, error) {
	in, lease, err := l.s.ClaimInteraction(ctx, now(), loop.LeaseFor)
	if in == nil || err != nil {
		return nil, err
	}
	return &loop.Step{Row: in.ID, Lease: lease, Do: func(ctx context.Context) error {
		return l.s.Update(ctx, now(), func(tx *store.Tx) error {
			in.Handled = true
			if in.Kind == store.Command {
				r := request.New(request.Request{ID: in.Value, CardID: in.Value, Action: request.Deactivate, Email: in.Value + "@acme.com",
					Requester: request.Identity{ID: "U1", Email: "it@acme.com"}, Place: request.Place{Channel: "C1"}}, now(), time.Hour)
				if err := tx.InsertCard(newCard(r)); err != nil {
					return err
				}
				return tx.SaveInteraction(in, lease, true)
			}
			r, err := tx.Request(in.Value)
			if err != nil {
				return err
			}
			if err := r.Approve(request.Identity{ID: "U2", Email: "anna@acme.com"}, 0, now()); err != nil {
				return err
			}
			if err := tx.Save(r); err != nil {
				return err
			}
			return tx.SaveInteraction(in, lease, true)
		})
	}}, nil
}

func (l *lives) request(ctx context.Context) (*loop.Step, error) {
	r, lease, err := l.s.ClaimRequest(ctx, now(), loop.LeaseFor)
	if r == nil || err != nil {
		return nil, err
	}
	change := func(ctx context.Context, apply func(*request.Request) error, save func(*store.Tx, *request.Request) error) error {
		return l.s.Update(ctx, now(), func(tx *store.Tx) error {
			r, err := tx.Claimed(r.ID, lease)
			if err != nil {
				return err
			}
			if err := apply(r); err != nil {
				return err
			}
			return save(tx, r)
		})
	}
	return &loop.Step{Row: r.ID, Lease: lease, Do: func(ctx context.Context) error {
		apply := func(*request.Request) error { return nil }
		switch what, _ := r.Next(now()); what {
		case request.LookUp:
			apply = func(r *request.Request) error {
				return r.Found(request.Finding{Target: request.Target{ID: "wf" + r.ID, Email: r.Email, Active: true}, Needed: 1}, now())
			}
		case request.CountHoldings:
			apply = func(r *request.Request) error { return r.Counted(nil, now()) }
		case request.Execute:
			if err := change(ctx, func(r *request.Request) error { return r.Begin(now()) }, (*store.Tx).Save); err != nil {
				return err
			}
			if err := change(ctx, func(r *request.Request) error { return r.WriteAttempted(now()) },
				func(tx *store.Tx, r *request.Request) error { return tx.SaveAndKeep(r, loop.LeaseFor) }); err != nil {
				return err
			}
			apply = func(r *request.Request) error { return r.Succeed(now()) }
		}
		return change(ctx, apply, (*store.Tx).SaveAndRelease)
	}}, nil
}

func (l *lives) card(ctx context.Context) (*loop.Step, error) {
	c, lease, err := l.s.ClaimCard(ctx, now(), loop.LeaseFor)
	if c == nil || err != nil {
		return nil, err
	}
	return &loop.Step{Row: c.ID, Lease: lease, Do: func(ctx context.Context) error {
		look, news, asks := c.Look, c.News(), c.Asks()
		what, _ := c.Next(now())
		var rested bool
		err := l.s.Update(ctx, now(), func(tx *store.Tx) error {
			c, err := tx.ClaimedCard(c.ID, lease)
			if err != nil {
				return err
			}
			switch what {
			case request.PostCard:
				c.Posted(request.Place{Channel: "C1", TS: "1.1"}, asks, now())
			case request.PaintCard:
				c.Paint(look, now())
			case request.Tell:
				c.TellRequester(news)
			}
			next, at := c.Next(now())
			state := c.One().State
			rested = (state == request.Done || state == request.Pending && c.One().Counts > 0) && c.TS != "" && (next == request.Nothing || at.After(now()))
			return tx.SaveCardAndRelease(c)
		})
		if rested {
			l.mu.Lock()
			seen := l.seen[c.ID]
			l.mu.Unlock()
			select {
			case seen <- struct{}{}:
			default:
			}
		}
		return err
	}}, nil
}
