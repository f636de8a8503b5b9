package socket

import (
	"context"
	"errors"
	"fmt"
	"net"
	"time"

	"github.com/gorilla/websocket"

	"wfbot/workfront/secret"
)

// Greeting is what Slack says on a new connection.
type Greeting struct {
	Connections int    // how many the app has, this one included
	AppID       string // of the app, A…; empty: not said
}

// Probe asks Slack once whether it lets the app open a connection: at the address of
// the Web API as [Config] has it. Where Slack does, and connect is set, it opens one,
// waits for the greeting and closes it. What Slack delivers in between is not
// acknowledged: a person sees Slack's own error then, so that this is for an
// operator who asked for it.
//
// The error is a *FatalError where it stays the same until somebody changes
// something.
func Probe(ctx context.Context, token secret.Value, apiURL string, connect bool) (Greeting, error) {
	cfg := Config{AppToken: token, APIURL: apiURL, Handler: func(context.Context, Envelope) (any, error) { return nil, nil }}
	cfg.setDefaults()
	if err := cfg.validate(); err != nil {
		return Greeting{}, err
	}
	p := newPool(cfg, (&net.Dialer{Timeout: cfg.Timeout}).DialContext)
	ctx, cancel := context.WithTimeout(ctx, 3*cfg.Timeout) // the call, the handshake, the greeting
	defer cancel()
	greeting, err := p.probe(ctx, connect)
	if fatal, ok := asFatal(err); ok {
		return greeting, fatal
	}
	return greeting, err
}

func (p *Pool) probe(ctx context.Context, connect bool) (Greeting, error) {
	if !connect {
		_, err := p.address(ctx)
		return Greeting{}, err
	}
	c, err := p.connect(ctx)
	if err != nil {
		return Greeting{}, err
	}
	defer c.ws.Close() // whatever Slack says to the goodbye
	// The library does not know of contexts.
	defer context.AfterFunc(ctx, func() { c.ws.Close() })()
	c.ws.SetReadLimit(readLimit)
	for {
		_, raw, err := c.ws.ReadMessage()
		if err != nil {
			return Greeting{}, fmt.Errorf("waiting for Slack's greeting: %w", errors.Join(ctx.Err(), err))
		}
		f, err := decodeFrame(raw)
		if err != nil {
			continue
		}
		switch f.kind() {
		case "hello":
			bye := websocket.FormatCloseMessage(websocket.CloseNormalClosure, "")
			_ = c.ws.WriteControl(websocket.CloseMessage, bye, time.Now().Add(farewell)) // Slack may be gone
			info := field[struct {
				AppID string `json:"app_id"`
			}](f, "connection_info")
			return Greeting{Connections: field[int](f, "num_connections"), AppID: info.AppID}, nil
		case "disconnect":
			return Greeting{}, disconnectError{field[string](f, "reason")}
		}
	}
}

// TooMany reports whether err is Slack's turning a connection away because the app
// has as many as it may.
func TooMany(err error) bool { return surplus(err) }
