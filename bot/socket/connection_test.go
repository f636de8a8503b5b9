package socket_test

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gorilla/websocket"

	"wfbot/bot/socket"
)

// TestTwoConnections: two are opened, not in the same moment, and when one goes
// the other works on while the first is replaced.
func TestTwoConnections(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, f *fake) {
		r := run(t, f, socket.Config{})
		first, second := f.greeted(), f.greeted()
		synctest.Wait()
		if r.Connected() != 2 {
			t.Fatalf("Connected() = %d, want 2", r.Connected())
		}
		if gap := f.openedAt[1].Sub(f.openedAt[0]); gap < 3*time.Second {
			t.Errorf("opened %v apart, want 3 s", gap)
		}
		first.ws.Close()
		synctest.Wait()
		if r.Connected() != 1 {
			t.Errorf("Connected() = %d with one gone, want 1", r.Connected())
		}
		second.command("e1")
		second.wantAck("e1")
		third := f.greeted()
		third.command("e2")
		third.wantAck("e2")
		second.command("e3")
		second.wantAck("e3")
		if r.Connected() != 2 || f.opens.Load() != 3 {
			t.Errorf("Connected() = %d after %d calls, want 2 after 3", r.Connected(), f.opens.Load())
		}
	})
}

// TestAcknowledgedWhereDelivered: acknowledgements go down the connection their
// envelope came from. Two Run loops on one slack-go client mix them up.
func TestAcknowledgedWhereDelivered(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, f *fake) {
		h := newGate()
		run(t, f, socket.Config{Connections: 3, Handler: h.handle})
		links := []*link{f.greeted(), f.greeted(), f.greeted()}
		const each = 100
		for i := range each {
			for n, l := range links {
				l.command(fmt.Sprint(n, "-", i))
			}
		}
		for range each * len(links) {
			receive(t, h.started, "a handler's start")
		}
		close(h.open)
		for n, l := range links {
			seen := make(map[string]bool)
			for range each {
				seen[l.ack().EnvelopeID] = true
			}
			for i := range each {
				if id := fmt.Sprint(n, "-", i); !seen[id] {
					t.Errorf("no acknowledgement of %s on its connection", id)
				}
			}
		}
	})
}

// TestNeverOnTheNextConnection: what is handled after its connection has gone is
// not acknowledged on the one that replaces it. slack-go keeps its queue across
// reconnections and does.
func TestNeverOnTheNextConnection(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, f *fake) {
		h := newGate()
		run(t, f, socket.Config{Connections: 1, Handler: h.handle})
		first := f.greeted()
		first.command("e1")
		h.wantStarted(t, "e1")
		first.ws.Close()
		second := f.greeted()
		close(h.open)
		synctest.Wait()
		second.command("e2")
		second.wantAck("e2")
		if len(second.acks) != 0 {
			t.Errorf("a stray acknowledgement: %+v", second.ack())
		}
	})
}

// TestRecycle: when Slack announces the end of a connection, its replacement is
// opened first, and what Slack still delivers on the old one is not lost. slack-go
// closes at once.
func TestRecycle(t *testing.T) {
	t.Parallel()
	for _, reason := range []string{"warning", "refresh_requested"} {
		t.Run(reason, func(t *testing.T) {
			t.Parallel()
			inBubble(t, func(t *testing.T, f *fake) {
				r := run(t, f, socket.Config{Connections: 1})
				old := f.greeted()
				old.hello() // a second hello changes nothing
				start := time.Now()
				old.disconnect(reason)
				old.command("after the warning")
				old.wantAck("after the warning")
				if r.Connected() != 0 {
					t.Errorf("Connected() = %d, want the old one not counted", r.Connected())
				}
				fresh := f.greeted()
				fresh.command("e1")
				fresh.wantAck("e1")
				old.command("late")
				old.wantAck("late")
				if r.Connected() != 1 {
					t.Errorf("Connected() = %d, want 1", r.Connected())
				}
				time.Sleep(time.Until(start.Add(10 * time.Second)))
				old.disconnect("refresh_requested") // a second demand changes nothing
				old.hello()                         // nor does a hello
				receive(t, old.closed, "the end of the old connection")
				if took := time.Since(start); took > 15*time.Second {
					t.Errorf("given up after %v, want 15 s at most", took)
				}
				synctest.Wait()
				if r.Connected() != 1 {
					t.Errorf("Connected() = %d at the end, want 1", r.Connected())
				}
				if n := f.opens.Load(); n != 2 {
					t.Errorf("%d connections, want 2", n)
				}
			})
		})
	}
}

// TestNoServerPings: a Slack that never pings costs nothing. slack-go drops such a
// connection every 30 s.
func TestNoServerPings(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, f *fake) {
		r := run(t, f, socket.Config{})
		links := []*link{f.greeted(), f.greeted()}
		time.Sleep(time.Hour)
		if n := f.opens.Load(); n != 2 || r.Connected() != 2 {
			t.Errorf("%d connections opened in an hour, %d alive; want 2 and 2", n, r.Connected())
		}
		for i, l := range links {
			l.command(fmt.Sprint("e", i))
			l.wantAck(fmt.Sprint("e", i))
			if n := l.pings.Load(); n < 300 {
				t.Errorf("pinged %d times in an hour, want about 360", n)
			}
		}
	})
}

// TestOnlyServerPings: a Slack that pings but does not answer ours is alive too.
func TestOnlyServerPings(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, f *fake) {
		f.prepare = func(l *link) { mute(l) }
		run(t, f, socket.Config{Connections: 1})
		l := f.greeted()
		for range 120 {
			time.Sleep(20 * time.Second)
			l.ws.WriteControl(websocket.PingMessage, []byte("Ping from applink-2"), time.Now().Add(time.Second))
		}
		l.command("e1")
		l.wantAck("e1")
		if n := f.opens.Load(); n != 1 {
			t.Errorf("%d connections, want 1", n)
		}
	})
}

// mute makes l answer no ping.
func mute(l *link) {
	resume := make(chan struct{})
	l.resume = resume
	go func() {
		// After read has installed its own handler there is no safe moment to
		// replace it, so the library's is replaced before.
		l.ws.SetPingHandler(func(string) error { return nil })
		close(resume)
	}()
}

// TestNoPingsAtAll: a Slack that neither pings nor answers pings makes us replace
// its connections for ever. They are staggered, so no click is lost all the same.
func TestNoPingsAtAll(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, f *fake) {
		f.prepare = func(l *link) { mute(l) }
		run(t, f, socket.Config{})
		newest := f.greeted()
		for i := range 200 { // half an hour and more
			time.Sleep(9900 * time.Millisecond)
			for len(f.links) > 0 {
				newest = f.greeted()
			}
			id := fmt.Sprint("e", i)
			newest.command(id)
			newest.wantAck(id)
		}
		if n := f.opens.Load(); n < 10 {
			t.Errorf("%d connections: the test does not test what it says", n)
		}
	})
}

// TestDeadConnection: a peer that has vanished without a word, packets going
// nowhere, is noticed within 40 s while the other connection works on.
func TestDeadConnection(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, f *fake) {
		dead := make(chan struct{})
		defer close(dead)
		f.prepare = func(l *link) {
			if l.n == 1 {
				l.resume = dead // never reads, so never answers
			}
		}
		r := run(t, f, socket.Config{})
		f.greeted()
		start := time.Now()
		second := f.greeted()
		third := f.greeted()
		if took := time.Since(start); took > 45*time.Second {
			t.Errorf("replaced after %v, want 40 s and the pace", took)
		}
		for i, l := range []*link{second, third} {
			l.command(fmt.Sprint("e", i))
			l.wantAck(fmt.Sprint("e", i))
		}
		if r.Connected() != 2 {
			t.Errorf("Connected() = %d, want 2", r.Connected())
		}
	})
}

// TestAcknowledgementBlocked: a connection that does not take acknowledgements is
// replaced within the acknowledgement's deadline. slack-go waits for ever.
func TestAcknowledgementBlocked(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, f *fake) {
		dead := make(chan struct{})
		defer close(dead)
		f.prepare = func(l *link) {
			if l.n == 1 {
				l.resume = dead // the network in memory buffers nothing
			}
		}
		run(t, f, socket.Config{Connections: 1})
		l := f.greeted()
		start := time.Now()
		for i := range 30 {
			l.command(fmt.Sprint("e", i))
		}
		again := f.greeted()
		if took := time.Since(start); took > 8*time.Second { // 2.5 s, spacing and jitter
			t.Errorf("replaced after %v", took)
		}
		again.command("next")
		again.wantAck("next")
	})
}
