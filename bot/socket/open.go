package socket

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/gorilla/websocket"
)

// writeBufferSize holds the largest acknowledgement Slack reads, so that each is
// written as one frame: Slack ignores fragmented ones.
const writeBufferSize = 32 << 10

// connect asks Slack for an address and opens a WebSocket connection to it.
func (p *Pool) connect(ctx context.Context) (*connection, error) {
	address, err := p.address(ctx)
	if err != nil {
		return nil, err
	}
	p.held.begin()
	ws, err := p.dialWebSocket(ctx, address)
	if err != nil {
		p.held.end(time.Now()) // Slack may count it all the same
		return nil, fmt.Errorf("opening the WebSocket: %w", err)
	}
	return &connection{
		pool:    p,
		ws:      ws,
		log:     p.cfg.Log,
		hello:   func() {},
		retired: make(chan error, 1),
		ended:   make(chan struct{}),
		writing: make(chan struct{}, 1),
	}, nil
}

// address asks Slack for the address of a new connection.
func (p *Pool) address(ctx context.Context) (string, error) {
	_, address, err := p.api.StartSocketModeContext(ctx)
	if err != nil {
		return "", fmt.Errorf("calling apps.connections.open: %w", err)
	}
	// An answer {"ok":false} without a code is no error to slack-go; it has no
	// address either.
	if err := checkURL(address, "wss", "ws"); err != nil {
		return "", fmt.Errorf("address from apps.connections.open: %w", err)
	}
	return address, nil
}

// dialWebSocket is bounded by Config.Timeout and by ctx.
func (p *Pool) dialWebSocket(ctx context.Context, address string) (*websocket.Conn, error) {
	release := func() bool { return true }
	dialer := websocket.Dialer{
		Proxy:            http.ProxyFromEnvironment,
		HandshakeTimeout: p.cfg.Timeout,
		WriteBufferSize:  writeBufferSize,
		// The library heeds the end of ctx while it dials, not while it waits for
		// the server's half of the handshake.
		NetDialContext: func(hctx context.Context, network, address string) (net.Conn, error) {
			conn, err := p.dial(hctx, network, address)
			if err == nil {
				release = context.AfterFunc(ctx, func() { conn.Close() })
			}
			return conn, err
		},
	}
	ws, response, err := dialer.DialContext(ctx, address, nil)
	release()
	if errors.Is(err, websocket.ErrBadHandshake) {
		// Slack answers 409 when several processes of an app connect at once.
		return nil, fmt.Errorf("%w: HTTP status %d", err, response.StatusCode)
	}
	return ws, err
}
