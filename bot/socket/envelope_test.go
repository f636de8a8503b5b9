package socket_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/gorilla/websocket"

	"wfbot/bot/socket"
)

// TestEnvelopes: every frame that has an envelope id reaches the handler as Slack
// sent it and is acknowledged, whatever its payload looks like. slack-go's own
// decoding loses most of these, acknowledgement included.
func TestEnvelopes(t *testing.T) {
	t.Parallel()
	const click = `{"type":"block_actions","user":{"id":"U1"},"actions":[{"action_id":"approve","value":"r1"}],"message":{"blocks":%s}}`
	for _, test := range []struct {
		name string
		sent string // the frame, without its envelope_id
		want socket.Envelope
	}{
		{"a command",
			`"type":"slash_commands","payload":{"text":"a  b"},"accepts_response_payload":true`,
			socket.Envelope{Type: "slash_commands", Payload: json.RawMessage(`{"text":"a  b"}`), AcceptsResponse: true}},
		{"an event delivered again",
			`"type":"events_api","payload":{"event":{"type":"app_home_opened"}},"retry_attempt":2,"retry_reason":"timeout"`,
			socket.Envelope{Type: "events_api", Payload: json.RawMessage(`{"event":{"type":"app_home_opened"}}`)}},
		{"an unknown event",
			`"type":"events_api","payload":{"type":"event_callback","event":{"type":"brand_new"}}`,
			socket.Envelope{Type: "events_api", Payload: json.RawMessage(`{"type":"event_callback","event":{"type":"brand_new"}}`)}},
		{"a click on a message with a block nobody can decode",
			`"type":"interactive","payload":` + fmt.Sprintf(click, `[{"type":5}]`),
			socket.Envelope{Type: "interactive", Payload: json.RawMessage(fmt.Sprintf(click, `[{"type":5}]`))}},
		{"a click on a message whose blocks are no list",
			`"type":"interactive","payload":` + fmt.Sprintf(click, `"none"`),
			socket.Envelope{Type: "interactive", Payload: json.RawMessage(fmt.Sprintf(click, `"none"`))}},
		{"a payload that is a string",
			`"type":"interactive","payload":"text"`,
			socket.Envelope{Type: "interactive", Payload: json.RawMessage(`"text"`)}},
		{"an unknown type of envelope",
			`"type":"brand_new","payload":{}`,
			socket.Envelope{Type: "brand_new", Payload: json.RawMessage(`{}`)}},
		{"fields of other types than documented",
			`"type":"slash_commands","payload":{},"retry_attempt":"1","retry_reason":7,"accepts_response_payload":"true"`,
			socket.Envelope{Type: "slash_commands", Payload: json.RawMessage(`{}`)}},
		{"bytes are not changed",
			`"type":"slash_commands","payload":{ "b":1,"a":"<&\u0026ü>",  "b":2 }`,
			socket.Envelope{Type: "slash_commands", Payload: json.RawMessage(`{ "b":1,"a":"<&\u0026ü>",  "b":2 }`)}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			inBubble(t, func(t *testing.T, f *fake) {
				got := make(chan socket.Envelope, 1)
				run(t, f, socket.Config{Connections: 1, Handler: func(_ context.Context, e socket.Envelope) (any, error) {
					got <- e
					return nil, nil
				}})
				l := f.greeted()
				l.send(`{"envelope_id":"e1",%s}`, test.sent)
				test.want.ID = "e1"
				if diff := cmp.Diff(test.want, receive(t, got, "the handler's call")); diff != "" {
					t.Errorf("envelope (-want +got):\n%s", diff)
				}
				if diff := cmp.Diff(ack{EnvelopeID: "e1"}, l.ack()); diff != "" {
					t.Errorf("acknowledgement (-want +got):\n%s", diff)
				}
			})
		})
	}
}

// TestOnlyTheEnvelopeID: an envelope with nothing else that is readable is acknowledged,
// so that Slack does not count it as failed, and logged.
func TestOnlyTheEnvelopeID(t *testing.T) {
	t.Parallel()
	for _, sent := range []string{
		`{"envelope_id":"e1"}`,
		`{"envelope_id":"e1","type":"interactive"}`,
		`{"envelope_id":"e1","type":"interactive","payload":null}`,
		`{"envelope_id":"e1","type":5,"payload":{"text":"PAYLOADTEXT"}}`,
	} {
		t.Run(sent, func(t *testing.T) {
			t.Parallel()
			inBubble(t, func(t *testing.T, f *fake) {
				r := run(t, f, socket.Config{Connections: 1, Handler: func(_ context.Context, e socket.Envelope) (any, error) {
					t.Errorf("handler called with %+v", e)
					return nil, nil
				}})
				l := f.greeted()
				l.send("%s", sent)
				l.wantAck("e1")
				if !strings.Contains(r.log.String(), "not handled") || !strings.Contains(r.log.String(), "e1") {
					t.Errorf("log says nothing of it:\n%s", r.log)
				}
			})
		})
	}
}

// TestUnreadable: a stray message nobody can read is ignored, and neither ends the
// connection nor delays what follows; ten in a row do end it.
func TestUnreadable(t *testing.T) {
	t.Parallel()
	stray := []string{``, `null`, `[]`, `"text"`, `{"type":"slash_commands","payload":{}}`, `{`, `{"envelope_id":5}`, `PAYLOADTEXT`, `{}`}
	inBubble(t, func(t *testing.T, f *fake) {
		run(t, f, socket.Config{Connections: 1})
		l := f.greeted()
		for i := range 3 {
			for _, s := range stray { // nine
				l.send("%s", s)
			}
			id := fmt.Sprint("e", i)
			l.command(id)
			l.wantAck(id)
		}
		l.ws.WriteMessage(websocket.BinaryMessage, []byte{0, 1, 2})
		l.command("e9")
		l.wantAck("e9")
		if n := f.opens.Load(); n != 1 {
			t.Errorf("%d connections, want the first to live on", n)
		}
		for range 10 {
			l.send("noise")
		}
		receive(t, l.closed, "the end of the connection")
		again := f.greeted()
		again.command("e10")
		again.wantAck("e10")
	})
}

// TestTooLong: one message beyond the read limit costs its connection, not the
// process its memory.
func TestTooLong(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, f *fake) {
		run(t, f, socket.Config{Connections: 1})
		l := f.greeted()
		l.send(`{"envelope_id":"e1","type":"x","payload":"%s"}`, strings.Repeat("x", 5<<20))
		receive(t, l.closed, "the end of the connection")
		again := f.greeted()
		again.command("e2")
		again.wantAck("e2")
	})
}

// TestResponse: what travels in the acknowledgement.
func TestResponse(t *testing.T) {
	t.Parallel()
	text := func(n int) map[string]string { return map[string]string{"text": strings.Repeat("x", n)} }
	for _, test := range []struct {
		name     string
		response any
		accepts  bool
		want     string // payload of the acknowledgement
		logged   string
	}{
		{"none", nil, true, ``, ""},
		{"accepted", map[string]string{"text": "hello"}, true, `{"text":"hello"}`, ""},
		{"not accepted by the envelope", map[string]string{"text": "hello"}, false, ``, "accepts none"},
		{"the largest Slack reads", text(20479 - len(`{"envelope_id":"e1","payload":{"text":""}}`)), true,
			`{"text":"` + strings.Repeat("x", 20479-len(`{"envelope_id":"e1","payload":{"text":""}}`)) + `"}`, ""},
		{"one byte more would be ignored with its acknowledgement", text(20480 - len(`{"envelope_id":"e1","payload":{"text":""}}`)), true, ``, "without its response"},
		{"cannot be encoded", make(chan int), true, ``, "without its response"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			inBubble(t, func(t *testing.T, f *fake) {
				r := run(t, f, socket.Config{Connections: 1, Handler: func(context.Context, socket.Envelope) (any, error) {
					return test.response, nil
				}})
				l := f.greeted()
				l.send(`{"envelope_id":"e1","type":"slash_commands","payload":{},"accepts_response_payload":%t}`, test.accepts)
				got := l.ack()
				if got.EnvelopeID != "e1" || string(got.Payload) != test.want {
					t.Errorf("acknowledgement of %q with payload %.60s, want e1 with %.60s", got.EnvelopeID, got.Payload, test.want)
				}
				if !strings.Contains(r.log.String(), test.logged) {
					t.Errorf("log lacks %q:\n%s", test.logged, r.log)
				}
			})
		})
	}
}

// TestHandlerRefuses: an envelope that could not be stored is not acknowledged,
// and the reason is logged.
func TestHandlerRefuses(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, f *fake) {
		r := run(t, f, socket.Config{Connections: 1, Handler: func(_ context.Context, e socket.Envelope) (any, error) {
			if e.ID == "bad" {
				return "response", errors.New("disk full")
			}
			return nil, nil
		}})
		l := f.greeted()
		l.command("bad")
		synctest.Wait()
		l.command("good")
		l.wantAck("good")
		if !strings.Contains(r.log.String(), "disk full") {
			t.Errorf("log lacks the reason:\n%s", r.log)
		}
	})
}

// TestHandlerDeadline: a handler has until shortly before Slack gives up, and the
// connection goes on without it.
func TestHandlerDeadline(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, f *fake) {
		run(t, f, socket.Config{Connections: 1, Handler: func(ctx context.Context, e socket.Envelope) (any, error) {
			if e.ID == "slow" {
				<-ctx.Done()
			}
			return nil, ctx.Err()
		}})
		l := f.greeted()
		start := time.Now()
		l.command("slow")
		l.command("fast")
		l.wantAck("fast")
		time.Sleep(3 * time.Second)
		synctest.Wait()
		if n := len(l.acks); n != 0 {
			t.Errorf("%d acknowledgements of an envelope that was not stored", n)
		}
		l.command("after")
		l.wantAck("after")
		if took := time.Since(start); took > 4*time.Second {
			t.Errorf("took %v", took)
		}
	})
}

// TestBurst: 200 envelopes that nobody handles yet do not keep the connection from
// being read: pings are answered, nothing is lost, everything is acknowledged
// once, on the same connection. slack-go's own reader stops after 50.
func TestBurst(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, f *fake) {
		h := newGate()
		run(t, f, socket.Config{Connections: 1, Handler: h.handle})
		l := f.greeted()
		ponged := make(chan string, 1)
		l.ws.SetPongHandler(func(text string) error { ponged <- text; return nil })
		want := make(map[string]int)
		for i := range 200 {
			id := fmt.Sprint("e", i)
			want[id] = 1
			l.command(id)
		}
		l.ws.WriteControl(websocket.PingMessage, []byte("still there?"), time.Now().Add(time.Second))
		if text := receive(t, ponged, "a pong"); text != "still there?" {
			t.Errorf("pong %q", text)
		}
		for range 200 {
			receive(t, h.started, "a handler's start")
		}
		close(h.open)
		got := make(map[string]int)
		for range 200 {
			got[l.ack().EnvelopeID]++
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("acknowledgements (-want +got):\n%s", diff)
		}
		if n := f.opens.Load(); n != 1 {
			t.Errorf("%d connections, want 1", n)
		}
	})
}

// TestTooManyInHand: the number of envelopes in hand is bounded; what is beyond is
// left to Slack to report, and the bound frees itself.
func TestTooManyInHand(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, f *fake) {
		h := newGate()
		r := run(t, f, socket.Config{Connections: 1, Handler: h.handle})
		l := f.greeted()
		for i := range 1000 {
			l.command(fmt.Sprint("e", i))
		}
		l.command("too many")
		synctest.Wait()
		if !strings.Contains(r.log.String(), "too many are being handled") {
			t.Error("the 1001st envelope was taken")
		}
		close(h.open)
		for range 1000 {
			if id := l.ack().EnvelopeID; id == "too many" {
				t.Error("the 1001st envelope was acknowledged")
			}
		}
		synctest.Wait()
		l.command("next")
		l.wantAck("next")
	})
}
