package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// part is a part of the measurement.
type part struct {
	name string
	run  func(*bench, context.Context) error
}

// parts are all of them, in their order. What each puts into figures is in report.go.
var parts = []part{
	{"rest-80", func(b *bench, ctx context.Context) error { return b.rest(ctx, 80*time.Millisecond, 10) }},
	{"rest-300", func(b *bench, ctx context.Context) error { return b.rest(ctx, 300*time.Millisecond, 4) }},
	{"commands-80", func(b *bench, ctx context.Context) error { return b.commands(ctx, false) }},
	{"busy-200", (*bench).busy},
	{"whole-0", func(b *bench, ctx context.Context) error { return b.throughput(ctx, 0, 16) }},
	{"whole-80", func(b *bench, ctx context.Context) error { return b.throughput(ctx, 80*time.Millisecond, 32) }},
	{"acknowledge", (*bench).acknowledge},
	{"idle", (*bench).idle},
	{"fifty-300", (*bench).fifty},
	{"kill", (*bench).kill},
	{"commands-80-tiers", func(b *bench, ctx context.Context) error { return b.commands(ctx, true) }},
}

// with runs do in a world where the program runs and has done one request.
func (b *bench) with(ctx context.Context, set setting, do func(*world, *program) error) (err error) {
	w, err := b.newWorld(set)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, w.close()) }()
	p, err := w.start(ctx)
	if err != nil {
		return err
	}
	defer p.end()
	if err := w.plan(1).whole(ctx); err != nil {
		return fmt.Errorf("the first request: %w; the program said:\n%s", err, p.said)
	}
	if err := do(w, p); err != nil {
		return fmt.Errorf("%w; the program said:\n%s", err, p.said)
	}
	return nil
}

// variants are the programs that most parts run with: wfbot, an older one if there is
// one, and the bare program.
func (b *bench) variants(set setting) []setting {
	all := b.wfbots(set)
	set.bare = true
	return append(all, set)
}

// wfbots are wfbot, and an older one if there is one.
func (b *bench) wfbots(set setting) []setting {
	all := []setting{set}
	if b.old != "" {
		set.old = true
		all = append(all, set)
	}
	return all
}

// rest is requests one after the other, each by other people.
func (b *bench) rest(ctx context.Context, latency time.Duration, n int) error {
	all := b.variants(setting{slack: latency, workfront: latency})
	if latency == 80*time.Millisecond {
		all = append(all, noBatch(80, 80))
	}
	for _, set := range all {
		err := b.with(ctx, set, func(w *world, p *program) error {
			w.forget()
			var all []*conversation
			for range n {
				c := w.plan(1)
				all = append(all, c)
				if err := c.command(); err != nil {
					return err
				}
				if err := c.complete.waitUnless(ctx, set.bare); err != nil {
					return err
				}
				if err := c.buttons.wait(ctx); err != nil {
					return err
				}
				if err := c.approve(); err != nil {
					return err
				}
				if err := c.told.wait(ctx); err != nil {
					return err
				}
			}
			b.note("card", set, between(all, typed, posted))
			b.note("complete", set, between(all, typed, complete))
			b.note("put", set, between(all, clicked, put))
			if set == ms(80, 80) {
				b.noteCalls(w, n)
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// commands is ten commands a second for ten seconds. Nobody approves.
func (b *bench) commands(ctx context.Context, tiers bool) error {
	const every, n = 100 * time.Millisecond, 100
	for _, set := range b.variants(setting{slack: 80 * time.Millisecond, workfront: 80 * time.Millisecond, tiers: tiers}) {
		err := b.with(ctx, set, func(w *world, p *program) error {
			all := w.commands(ctx, n, every)
			limit := patience
			if tiers { // what has not come by then would come by the minute
				limit /= 2
			}
			deadline, cancel := context.WithTimeout(ctx, limit)
			defer cancel()
			for _, c := range all { // what has not come by then is missing in the sample
				_ = c.posted.wait(deadline)
				_ = c.complete.waitUnless(deadline, set.bare)
			}
			b.note("card at 10/s", set, between(all, typed, posted).within(limit))
			b.note("complete at 10/s", set, between(all, typed, complete).within(limit))
			return ctx.Err()
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// commands has n people type a command, one after the other, and returns when all have
// been acknowledged.
func (w *world) commands(ctx context.Context, n int, every time.Duration) []*conversation {
	var all []*conversation
	for range n {
		all = append(all, w.plan(1))
	}
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	var typing sync.WaitGroup
	defer typing.Wait()
	for _, c := range all {
		typing.Go(func() { _ = c.command() }) // one that was not acknowledged is missing in the sample
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return all
		}
	}
	return all
}

// busy is approvals while the 50 people of another command are being looked at.
func (b *bench) busy(ctx context.Context) error {
	for _, set := range b.wfbots(setting{slack: 200 * time.Millisecond, workfront: 200 * time.Millisecond}) {
		err := b.with(ctx, set, func(w *world, p *program) error {
			all := w.commands(ctx, 6, 10*time.Millisecond)
			for _, c := range all {
				if err := c.buttons.wait(ctx); err != nil {
					return err
				}
			}
			fifty := w.plan(50)
			if err := fifty.command(); err != nil {
				return err
			}
			for _, c := range all {
				if err := c.approve(); err != nil {
					return err
				}
				if err := c.put.wait(ctx); err != nil {
					return err
				}
			}
			b.note("put while busy", set, between(all, clicked, put))
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// fifty is one command about 50 people.
func (b *bench) fifty(ctx context.Context) error {
	for _, set := range append(b.wfbots(ms(100, 300)), noBatch(100, 300)) {
		err := b.with(ctx, set, func(w *world, p *program) error {
			c := w.plan(50)
			if err := c.command(); err != nil {
				return err
			}
			if err := c.buttons.wait(ctx); err != nil {
				return err
			}
			_ = c.complete.wait(ctx) // or it is missing in the sample
			if err := c.approve(); err != nil {
				return err
			}
			_ = c.told.wait(ctx)
			b.note("fifty complete", set, between([]*conversation{c}, typed, complete))
			b.note("fifty done", set, between([]*conversation{c}, clicked, told))
			return ctx.Err()
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// throughput is as many whole requests as go, with so many at once.
func (b *bench) throughput(ctx context.Context, latency time.Duration, atOnce int) error {
	const length, most = 10 * time.Second, 5000
	for _, set := range b.variants(setting{slack: latency, workfront: latency}) {
		err := b.with(ctx, set, func(w *world, p *program) error {
			before, err := p.used()
			if err != nil {
				return err
			}
			window, cancel := context.WithTimeout(ctx, length) // what is not done by then does not count
			defer cancel()
			var done, started atomic.Int64
			var people sync.WaitGroup
			for range atOnce {
				people.Go(func() {
					for window.Err() == nil && started.Add(1) <= most {
						if w.plan(1).whole(window) == nil {
							done.Add(1)
						}
					}
				})
			}
			people.Wait()
			after, err := p.used()
			if err != nil {
				return err
			}
			n := float64(max(1, done.Load()))
			b.noteNumber("whole requests a second", set, float64(done.Load())/length.Seconds())
			b.noteNumber("CPU seconds per 1000 requests", set, (after-before).Seconds()/n*1000)
			_, peak, err := p.memory()
			b.noteNumber("peak RSS, MB", set, peak/1e6)
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// acknowledge is 150 commands a second for four seconds: how soon they are
// acknowledged, whatever becomes of them.
func (b *bench) acknowledge(ctx context.Context) error {
	for _, set := range b.variants(setting{}) {
		err := b.with(ctx, set, func(w *world, p *program) error {
			var s sample
			for _, c := range w.commands(ctx, 600, time.Second/150) {
				if c.acked > 0 {
					s = append(s, c.acked)
				}
			}
			b.note("acknowledgement at 150/s", set, outcome{came: s, of: 600})
			p.kill() // what is left to do is of no interest
			return ctx.Err()
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// idle is what it costs to do nothing.
func (b *bench) idle(ctx context.Context) error {
	const length = 20 * time.Second
	for _, set := range b.variants(setting{}) {
		err := b.with(ctx, set, func(w *world, p *program) error {
			if err := pause(ctx, 2*time.Second); err != nil { // what the first request left
				return err
			}
			before, err := p.used()
			if err != nil {
				return err
			}
			if err := pause(ctx, length); err != nil {
				return err
			}
			after, err := p.used()
			if err != nil {
				return err
			}
			now, _, err := p.memory()
			b.noteNumber("idle CPU, % of a core", set, 100*(after-before).Seconds()/length.Seconds())
			b.noteNumber("idle RSS, MB", set, now/1e6)
			b.note("start to connected", set, outcome{came: sample{p.connected}, of: 1})
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// waitUnless waits, unless there is nothing to wait for.
func (m *moment) waitUnless(ctx context.Context, nothing bool) error {
	if nothing {
		return nil
	}
	return m.wait(ctx)
}

// Moments of a conversation.
func typed(c *conversation) *moment    { return c.typed }
func posted(c *conversation) *moment   { return c.posted }
func complete(c *conversation) *moment { return c.complete }
func clicked(c *conversation) *moment  { return c.clicked }
func put(c *conversation) *moment      { return c.put }
func told(c *conversation) *moment     { return c.told }

// sample is times that were taken.
type sample []time.Duration

// quantile is the time that so much of the sample, between 0 and 1, is at most.
func (s sample) quantile(q float64) time.Duration {
	if len(s) == 0 {
		return 0
	}
	sorted := slices.Clone(s)
	slices.Sort(sorted)
	return sorted[min(len(sorted)-1, int(q*float64(len(sorted))))]
}

// outcome is a sample, how many were awaited, and for how long.
type outcome struct {
	came  sample
	of    int
	limit time.Duration // 0: patience
}

func (o outcome) within(limit time.Duration) outcome {
	o.limit = limit
	return o
}

// between are the times from one moment of each conversation to another.
func between(all []*conversation, from, to func(*conversation) *moment) outcome {
	out := outcome{of: len(all)}
	for _, c := range all {
		if d, ok := to(c).since(from(c)); ok {
			out.came = append(out.came, d)
		}
	}
	return out
}
