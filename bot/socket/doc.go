// Package socket keeps Socket Mode connections to Slack open and passes on what
// arrives on them, so that neither Slack's recycling of connections nor a failing
// network loses what a person typed or clicked.
//
// A [Pool] holds some connections, two by default. Each has its own reader. What
// a reader receives goes to the [Handler] in a goroutine of its own; when the
// handler has stored it, the acknowledgement is written to the connection that
// delivered it. If the handler fails, nothing is acknowledged and Slack tells the
// person. The package decides nothing and stores nothing: deliveries may repeat,
// and the handler must recognise what it has stored before.
//
//	pool, err := socket.New(socket.Config{AppToken: token, Handler: store, Log: log})
//	...
//	err = pool.Run(ctx) // nil when ctx has ended, or a *socket.FatalError
//
// # What may still be lost
//
// An envelope is lost only if its connection breaks before the envelope was read,
// or if the program dies before the handler has stored it. In both cases it was
// not acknowledged, and Slack shows an error to the person who typed or clicked.
// The reverse can happen: stored, but the acknowledgement did not arrive. Then the
// person sees Slack's error although the interaction will take effect.
//
// # Which part of slack-go is used
//
// slack-go calls apps.connections.open, and its typed errors say what went wrong.
// The loop of its socketmode package is not used; the WebSocket, of the same
// library as slack-go's, is read here. Three promises cannot be kept on top of
// that loop (v0.35.0): it swallows the reason of a disconnect, so that
// link_disabled could never end the program; it closes at once on a disconnect and
// loses what Slack still delivers; and it acknowledges through a queue that
// outlives connections and does not say whether anything was written.
//
// # Traps, and what is done about each
//
// Endless retries. slack-go gives up on four errors and retries all others for
// ever, such as an expired token, a token of the wrong kind, a missing scope. Here
// every answer that stays the same until somebody changes something ends
// [Pool.Run] with a [*FatalError] that says what to change, and so does Socket Mode
// being switched off. Errors are recognised by type and code. Everything else, an
// answer {"ok":false} without a code included, is tried again.
//
// Spinning. Where Slack accepts connections and breaks them at once, slack-go
// reconnects without a pause. Here all connections of the process share one token
// bucket with jitter, see [Pace]. It needs no growing pauses: even its steady rate
// is one call every 11 s, so that work resumes quickly after an outage of any
// length. Retry-After holds all connections back.
//
// Hanging calls. slack-go sets no time-out on the opening call. Here the call, the
// handshake and the wait for the hello each have [Config.Timeout], and the end of
// the context interrupts them.
//
// One connection too many. Slack turns it away. Here the operator is told
// ([Config.TooMany]), and as long as other connections of the process stand, the
// surplus is tried again each minute only.
//
// Another process that is not known. With each new connection Slack says how many the
// app has ([Config.Greeted]); [Pool.Ask] opens one to hear it, and [Pool.Held] is how
// many of them may be the pool's own.
//
// A look without a place. [Probe] asks for an address, and on demand opens one
// connection until Slack has greeted it, without a pool: an operator wants to know
// whether a token works, and how many connections the app has.
//
// Break before make. On a disconnect announced by Slack (warning,
// refresh_requested) the old connection is read until Slack closes it or
// drainTimeout (15 s) has passed, while its replacement is opened. The
// connections are opened some seconds apart, so that they are not recycled
// together.
//
// Acknowledgements gone astray. An acknowledgement is written where its envelope
// came from or nowhere, within ackTimeout (2.5 s), by the goroutine of that
// envelope. A connection that does not take it is replaced.
//
// A blocked reader. Nothing a handler does keeps a connection from being read.
// The number of envelopes in hand is bounded (1000); beyond it they are left
// unacknowledged, not queued.
//
// What cannot be decoded. Each field of a frame is decoded on its own and the
// payload not at all, so an unknown type, an unknown event or an odd block inside
// the clicked message reaches the handler like anything else. An envelope without
// a type or a payload is acknowledged and logged. Messages that are no frames are
// ignored; ten in a row end the connection. A failed read ends it at once, and a
// message over 4 MiB does.
//
// Missing pings. slack-go drops a connection where Slack has not pinged for 30 s. Here
// the connection is pinged every pingEvery (10 s), and anything that arrives counts as
// life. Silence for deadAfter (30 s) ends it.
//
// Responses that Slack ignores. An acknowledgement of 20 KiB or more, or in
// several frames, is read by Slack and then ignored. A response of that size is
// dropped and the envelope acknowledged without it; every acknowledgement is one
// frame.
//
// Debug mode. slack-go's debug option shortens connections to 360 s and logs
// message texts. It is never set. Nothing here logs tokens, WebSocket addresses
// (they contain a ticket) or payloads.
//
// # Shutdown
//
// When Run's context ends, no further envelope is taken. Those in hand are
// finished and acknowledged, and each connection is closed with a WebSocket closing
// handshake: Slack's half of it shows that Slack has read the acknowledgements
// before it.
package socket
