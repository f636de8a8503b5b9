package socket_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"wfbot/bot/slacksim"
	"wfbot/bot/socket"
	"wfbot/workfront/secret"
)

// simulated starts a simulated Slack and a Pool with two connections to it, over
// TCP. The pace is that of a test; every other setting is the default.
func simulated(t *testing.T, cfg slacksim.Config, handler socket.Handler) (*slacksim.Server, *socket.Pool) {
	t.Helper()
	cfg.AckDeadline = time.Minute // a slow machine is no failure
	cfg.PingInterval = 20 * time.Millisecond
	s := slacksim.New(cfg)
	t.Cleanup(s.Close)
	if _, err := s.Start("127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	jane := s.AddUser(slacksim.User{ID: "U0JANE", Name: "jane", Email: "jane@acme.com"}).ID
	s.AddChannel(slacksim.Channel{ID: "C0IT", Name: "it", Members: []string{s.BotUserID(), jane}})

	pool, err := socket.New(socket.Config{
		AppToken: secret.Value(s.AppToken()),
		APIURL:   s.APIURL(),
		Handler:  handler,
		Timeout:  time.Minute,
		Pace:     socket.Pace{Every: time.Millisecond, Burst: 10},
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- pool.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("Run: %v", err)
		}
		for _, ignored := range s.IgnoredAcks() {
			t.Errorf("Slack ignored a frame of ours: %+v", ignored)
		}
	})
	waitConnected(t, s, pool)
	return s, pool
}

// waitConnected waits until two connections work that Slack does not want back.
func waitConnected(t *testing.T, s *slacksim.Server, pool *socket.Pool) {
	t.Helper()
	err := s.WaitFor(t.Context(), func() bool {
		staying := slices.DeleteFunc(s.Connections(), func(c slacksim.Connection) bool { return c.Leaving })
		return len(staying) == 2 && pool.Connected() == 2
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestThroughSimulator recycles, closes and breaks connections in turn while
// people type commands: every command is handled once and acknowledged with its
// response, on the connection that delivered it.
func TestThroughSimulator(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	handled := make(map[string]int)
	s, pool := simulated(t, slacksim.Config{Unknown: slacksim.Unknown{RejectForeignAcks: true}},
		func(_ context.Context, e socket.Envelope) (any, error) {
			mu.Lock()
			defer mu.Unlock()
			handled[e.ID]++
			return map[string]string{"text": "noted"}, nil
		})
	const rounds, each = 20, 5
	reasons := []string{slacksim.Warning, slacksim.RefreshRequested}
	for round := range rounds {
		oldest := s.Connections()[0].ID
		s.Disconnect(reasons[round%len(reasons)], oldest)
		var typing sync.WaitGroup
		for i := range each {
			typing.Go(func() {
				reply, err := s.Command("U0JANE", "C0IT", fmt.Sprintf("/wf-deactivate jane@acme.com %d-%d", round, i))
				if err != nil || !reply.Acked || reply.Payload["text"] != "noted" {
					t.Errorf("command %d-%d: %+v, %v; want it acknowledged with its response", round, i, reply, err)
				}
			})
		}
		typing.Wait()
		before := s.Connections()[:1]
		s.CloseConnections(oldest) // as Slack does some seconds later
		waitReplaced(t, s, before)
		waitConnected(t, s, pool)
	}
	mu.Lock()
	defer mu.Unlock()
	if len(handled) != rounds*each {
		t.Errorf("%d commands handled, want %d", len(handled), rounds*each)
	}
	for id, n := range handled {
		if n != 1 {
			t.Errorf("%s handled %d times", id, n)
		}
	}
}

// TestBrokenThroughSimulator: connections break without a word, or are closed in
// due form; both are replaced.
func TestBrokenThroughSimulator(t *testing.T) {
	t.Parallel()
	s, pool := simulated(t, slacksim.Config{}, accept)
	for round := range 10 {
		before := s.Connections()
		if round%2 == 0 {
			s.DropConnections()
		} else {
			s.CloseConnections()
		}
		waitReplaced(t, s, before)
		waitConnected(t, s, pool)
		if reply, err := s.Command("U0JANE", "C0IT", "/wf-deactivate jane@acme.com"); err != nil || !reply.Acked {
			t.Errorf("round %d: %+v, %v; want it acknowledged", round, reply, err)
		}
	}
}

// TestOneFrame: the largest acknowledgement is written as one WebSocket frame. The
// simulator ignores fragmented ones, as Slack seems to.
func TestOneFrame(t *testing.T) {
	t.Parallel()
	s, _ := simulated(t, slacksim.Config{}, func(context.Context, socket.Envelope) (any, error) {
		return map[string]string{"text": strings.Repeat("x", 20_000)}, nil
	})
	reply := s.SendEnvelope(slacksim.SlashCommands, map[string]any{"command": "/wf-deactivate"})
	if text, _ := reply.Payload["text"].(string); !reply.Acked || len(text) != 20_000 {
		t.Errorf("acknowledged: %v, with a text of %d bytes; want 20000", reply.Acked, len(text))
	}
}

// waitReplaced waits until none of the connections of before is left.
func waitReplaced(t *testing.T, s *slacksim.Server, before []slacksim.Connection) {
	t.Helper()
	err := s.WaitFor(t.Context(), func() bool {
		return !slices.ContainsFunc(s.Connections(), func(c slacksim.Connection) bool {
			return slices.ContainsFunc(before, func(b slacksim.Connection) bool { return b.ID == c.ID })
		})
	})
	if err != nil {
		t.Fatal(err)
	}
}
