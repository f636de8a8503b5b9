package socket_test

import (
	"context"
	"slices"
	"sync"
	"testing"
	"time"

	"wfbot/bot/slacksim"
	"wfbot/bot/socket"
	"wfbot/workfront/secret"
)

// counts keeps what Slack said.
type counts struct {
	mu   sync.Mutex
	said []int
}

func (c *counts) add(n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.said = append(c.said, n)
}

func (c *counts) all() []int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.said)
}

// pool starts a Pool with two connections to s.
func (c *counts) pool(t *testing.T, s *slacksim.Server) *socket.Pool {
	t.Helper()
	pool, err := socket.New(socket.Config{
		AppToken: secret.Value(s.AppToken()), APIURL: s.APIURL(), Timeout: time.Minute,
		Handler: func(context.Context, socket.Envelope) (any, error) { return nil, nil },
		Greeted: c.add,
		Pace:    socket.Pace{Every: time.Millisecond, Burst: 10},
	})
	if err != nil {
		t.Fatal(err)
	}
	if n := pool.Held(); n != 2 {
		t.Errorf("%d connections are held before all stand, want the 2 that are to be opened", n)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- pool.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("Run: %v", err)
		}
	})
	return pool
}

// Slack says with each connection how many there are; Ask hears it without touching
// those that stand, and what has ended counts as held for a while.
func TestHeldAndAsk(t *testing.T) {
	t.Parallel()
	s := slacksim.New(slacksim.Config{PingInterval: 20 * time.Millisecond}) // whose answers have conditions looked at again
	t.Cleanup(s.Close)
	if _, err := s.Start("127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	until := func(cond func() bool) {
		t.Helper()
		if err := s.WaitFor(t.Context(), cond); err != nil {
			t.Fatal(err)
		}
	}
	ids := func() (all []int) {
		for _, c := range s.Connections() {
			all = append(all, c.ID)
		}
		return all
	}
	var heard counts
	pool := heard.pool(t, s)
	waitConnected(t, s, pool)
	stand := ids()
	for i := range 3 {
		pool.Ask()
		until(func() bool { return len(heard.all()) == 3+i && len(s.Connections()) == 2 && pool.Connected() == 2 })
		if now := ids(); !slices.Equal(now, stand) {
			t.Errorf("the connections %v stand, want those of before, %v", now, stand)
		}
	}
	if got := heard.all(); !slices.Equal(got[2:], []int{3, 3, 3}) {
		t.Errorf("Slack said %v", got)
	}
	if n := pool.Held(); n != 5 {
		t.Errorf("%d connections are held, want 2 and the 3 that have ended just now", n)
	}
	var elsewhere counts
	other := elsewhere.pool(t, s)
	until(func() bool { return other.Connected() == 2 })
	pool.Ask()
	until(func() bool { return len(heard.all()) == 6 })
	if got := heard.all(); got[5] != 5 {
		t.Errorf("Slack said %v, want 5 at the end", got)
	}
}
