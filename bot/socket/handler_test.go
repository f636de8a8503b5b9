package socket_test

import (
	"context"
	"testing"

	"wfbot/bot/socket"
)

// gate is a Handler that tells when it is called and returns when it is opened.
type gate struct {
	started chan string // envelope ids
	open    chan struct{}
}

func newGate() *gate {
	return &gate{started: make(chan string, 5000), open: make(chan struct{})}
}

func (g *gate) handle(_ context.Context, e socket.Envelope) (any, error) {
	g.started <- e.ID
	<-g.open
	return nil, nil
}

func (g *gate) wantStarted(t *testing.T, id string) {
	t.Helper()
	if got := receive(t, g.started, "a handler's start"); got != id {
		t.Errorf("handler called for %q, want %q", got, id)
	}
}
