package socket_test

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"wfbot/bot/socket"
)

// TestSurplus: Slack turns one of two connections away, for an hour. It is tried
// each minute, the operator is told once, and the other works all the time. When
// there is room again it is taken, and the next time the operator is told again.
// Whether Slack greets a connection before it turns it away is not known.
func TestSurplus(t *testing.T) {
	t.Parallel()
	t.Run("not greeted", func(t *testing.T) { testSurplus(t, func(l *link) { l.disconnect("too_many_websockets") }) })
	t.Run("greeted first", func(t *testing.T) {
		testSurplus(t, func(l *link) {
			l.hello()
			l.disconnect("too_many_websockets")
		})
	})
}

func testSurplus(t *testing.T, turnAway func(*link)) {
	inBubble(t, func(t *testing.T, f *fake) {
		var told atomic.Int64
		start := time.Now()
		r := run(t, f, socket.Config{TooMany: func(context.Context) { told.Add(1) }})
		first := f.greeted()
		var second *link
		for second = f.next(); time.Since(start) < time.Hour; second = f.next() {
			turnAway(second)
			first.command("e1")
			first.wantAck("e1")
		}
		if n := f.opens.Load(); n < 50 || n > 65 {
			t.Errorf("%d calls of apps.connections.open in an hour, want about one a minute", n)
		}
		second.hello()
		second.command("e2")
		second.wantAck("e2")
		if n := told.Load(); n != 1 || r.Connected() != 2 {
			t.Errorf("the operator was told %d times, want once; %d connections, want 2", n, r.Connected())
		}
		second.ws.Close()
		turnAway(f.next())
		f.next().hello()
		if n := told.Load(); n != 2 {
			t.Errorf("the operator was told %d times, want once more", n)
		}
	})
}
