package socket_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gorilla/websocket"

	"wfbot/bot/socket"
)

// TestShutdown: the envelope in hand is finished and acknowledged, later ones are
// left alone, and the connections end with a closing handshake.
func TestShutdown(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, f *fake) {
		started, release := make(chan string, 10), make(chan struct{})
		r := run(t, f, socket.Config{Handler: func(ctx context.Context, e socket.Envelope) (any, error) {
			started <- e.ID
			<-release
			return nil, ctx.Err() // a cancelled context would lose the acknowledgement
		}})
		first, second := f.greeted(), f.greeted()
		first.command("in hand")
		receive(t, started, "the handler's start")
		r.stop()
		synctest.Wait()
		first.command("too late")
		second.command("too late as well")
		synctest.Wait()
		close(release)
		first.wantAck("in hand")
		if err := r.wait(); err != nil {
			t.Errorf("Run: %v, want nil", err)
		}
		for _, l := range []*link{first, second} {
			if code := l.closeCode(); code != websocket.CloseNormalClosure {
				t.Errorf("connection %d closed with %d, want %d", l.n, code, websocket.CloseNormalClosure)
			}
			if len(l.acks) != 0 || len(started) != 0 {
				t.Errorf("an envelope was taken after the end: %d acknowledged, %d handled", len(l.acks), len(started))
			}
		}
	})
}

// TestShutdownAtAnyPoint: Run ends soon, whatever it is waiting for.
func TestShutdownAtAnyPoint(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name string
		set  func(*fake)
		then func(*fake)
	}{
		{"at once", func(*fake) {}, func(*fake) {}},
		{"in the open call", func(f *fake) { f.open = hangFirst }, func(*fake) { synctest.Wait() }},
		{"in the handshake", func(f *fake) { f.upgrade = hangFirst }, func(*fake) { synctest.Wait() }},
		{"before hello", func(*fake) {}, func(f *fake) { f.next() }},
		{"waiting for the throttle", func(f *fake) {}, func(f *fake) {
			for range 4 {
				f.next().ws.Close()
			}
			synctest.Wait()
		}},
		{"with an old connection still open", func(*fake) {}, func(f *fake) {
			l := f.greeted()
			l.disconnect("warning")
			f.greeted()
		}},
		{"with a peer that answers nothing", func(f *fake) {
			dead := make(chan struct{})
			f.t.Cleanup(func() { close(dead) })
			f.prepare = func(l *link) { l.resume = dead }
		}, func(f *fake) { f.greeted().command("e1") }},
		{"with a peer that ignores the goodbye", func(f *fake) {
			gone := make(chan struct{})
			f.t.Cleanup(func() { close(gone) })
			f.prepare = func(l *link) {
				l.ws.SetCloseHandler(func(int, string) error {
					<-gone
					return nil
				})
			}
		}, func(f *fake) { f.greeted() }},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			inBubble(t, func(t *testing.T, f *fake) {
				test.set(f)
				r := run(t, f, socket.Config{})
				test.then(f)
				start := time.Now()
				r.stop()
				if err := r.wait(); err != nil {
					t.Errorf("Run: %v, want nil", err)
				}
				if took := time.Since(start); took > 6*time.Second {
					t.Errorf("Run ended after %v, want 6 s at most", took)
				}
			})
		})
	}
}
