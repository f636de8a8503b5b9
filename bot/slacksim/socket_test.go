package slacksim_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"github.com/slack-go/slack/slackevents"
	"github.com/slack-go/slack/socketmode"

	"wfbot/bot/slacksim"
)

// dial opens a connection without slack-go and reads the first message. Messages
// of more than 32 KiB would go out in fragments.
func (w *world) dial(t *testing.T) (*websocket.Conn, map[string]any) {
	t.Helper()
	return w.dialWith(t, &websocket.Dialer{WriteBufferSize: 32 << 10})
}

func (w *world) dialWith(t *testing.T, dialer *websocket.Dialer) (*websocket.Conn, map[string]any) {
	t.Helper()
	_, url, err := w.api.StartSocketModeContext(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	before := len(w.Connections())
	socket, _, err := dialer.DialContext(t.Context(), url, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { socket.Close() })
	first := receive(t, socket)
	if first["type"] == "hello" {
		w.wait(t, "the connection", func() bool { return len(w.Connections()) > before })
	}
	return socket, first
}

// receive reads one message.
func receive(t *testing.T, socket *websocket.Conn) map[string]any {
	t.Helper()
	var message map[string]any
	if err := socket.ReadJSON(&message); err != nil {
		t.Error(err)
	}
	return message
}

// meanwhile runs a driver and returns what gives its reply.
func meanwhile(act func() (slacksim.Reply, error)) func() slacksim.Reply {
	replies := make(chan slacksim.Reply, 1)
	go func() {
		reply, err := act()
		if err != nil {
			panic(err)
		}
		replies <- reply
	}()
	return func() slacksim.Reply { return <-replies }
}

func (w *world) types(text string) func() (slacksim.Reply, error) {
	return func() (slacksim.Reply, error) { return w.Command(w.jane, w.it, text) }
}

func TestTicketsWorkOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t, slacksim.Config{})
	_, url, err := w.api.StartSocketModeContext(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []int{http.StatusSwitchingProtocols, http.StatusUnauthorized} {
		socket, resp, err := websocket.DefaultDialer.DialContext(t.Context(), url, nil)
		if resp == nil || resp.StatusCode != want {
			t.Errorf("use %d: %v, %v, want status %d", i+1, resp, err, want)
		}
		if socket != nil {
			defer socket.Close()
		}
	}
}

func TestHelloAndTooManyConnections(t *testing.T) {
	t.Parallel()
	w := newWorld(t, slacksim.Config{})
	for i := range 10 {
		_, hello := w.dial(t)
		if hello["type"] != "hello" || hello["num_connections"] != float64(i+1) {
			t.Fatalf("connection %d: %v", i+1, hello)
		}
	}
	if _, refused := w.dial(t); refused["type"] != "disconnect" || refused["reason"] != slacksim.TooManyWebSockets {
		t.Errorf("connection 11: %v", refused)
	}
	if n := len(w.Connections()); n != 10 {
		t.Errorf("%d connections, want 10", n)
	}
}

func TestEnvelopesSpreadOverConnections(t *testing.T) {
	t.Parallel()
	w := newWorld(t, slacksim.Config{})
	w.connect(t, ack(nil))
	w.connect(t, ack(nil))
	by := map[int]int{}
	for range 40 {
		if reply, err := w.types("/wf-deactivate")(); err != nil || !reply.Acked {
			t.Fatalf("%+v, %v", reply, err)
		}
	}
	for _, e := range w.Envelopes() {
		by[e.Connection]++
		if e.AckedBy != e.Connection {
			t.Errorf("delivered on %d, acknowledged on %d", e.Connection, e.AckedBy)
		}
	}
	if len(by) != 2 {
		t.Errorf("deliveries by connection: %v, want both used", by)
	}
}

func TestNoConnection(t *testing.T) {
	t.Parallel()
	w := newWorld(t, slacksim.Config{})
	reply, err := w.types("/wf-deactivate")()
	if err != nil || reply.Failure != slacksim.DispatchFailed {
		t.Fatalf("reply = %+v, %v", reply, err)
	}
	if seen := w.Ephemerals(w.jane); len(seen) != 1 || !seen[0].Contains("dispatch_failed") || seen[0].User != slacksim.FromSlack {
		t.Errorf("jane sees %+v", seen)
	}
}

func TestNoAcknowledgementInTime(t *testing.T) {
	t.Parallel()
	w := newWorld(t, slacksim.Config{AckDeadline: 30 * time.Millisecond})
	socket, _ := w.dial(t)
	reply := meanwhile(w.types("/wf-deactivate"))
	envelope := receive(t, socket)
	if r := reply(); r.Failure != slacksim.OperationTimeout || !r.Message.Contains("operation_timeout") {
		t.Errorf("reply = %+v", r)
	}
	if err := socket.WriteJSON(map[string]any{"envelope_id": envelope["envelope_id"]}); err != nil {
		t.Fatal(err)
	}
	w.wait(t, "the late acknowledgement", func() bool { return !w.Envelopes()[0].AckedAt.IsZero() })
	if e := w.Envelopes()[0]; !e.Late {
		t.Errorf("envelope = %+v, want it late", e)
	}
}

func TestAcknowledgementsThatSlackIgnores(t *testing.T) {
	t.Parallel()
	w := newWorld(t, slacksim.Config{AckDeadline: time.Minute})
	socket, _ := w.dial(t)
	reply := meanwhile(w.types("/wf-deactivate"))
	id := receive(t, socket)["envelope_id"].(string)
	splitting, _ := w.dialWith(t, &websocket.Dialer{WriteBufferSize: 512}) // sends longer messages in fragments

	good := []byte(`{"envelope_id":"` + id + `","payload":{}}`)
	padded := func(size int) []byte {
		frame := `{"envelope_id":"` + id + `","payload":{"text":"`
		return []byte(frame + long(size-len(frame)-3) + `"}}`)
	}
	writes := []struct {
		reason string
		write  func() error
	}{
		{"20480 bytes or more", func() error { return socket.WriteMessage(websocket.TextMessage, padded(20480)) }},
		{"sent in fragments", func() error {
			writer, err := splitting.NextWriter(websocket.TextMessage)
			if err != nil {
				return err
			}
			if _, err := writer.Write(append(slices.Clone(good), strings.Repeat(" ", 1000)...)); err != nil {
				return err
			}
			return writer.Close()
		}},
		{"no such envelope", func() error { return socket.WriteMessage(websocket.TextMessage, []byte(`{"envelope_id":"x"}`)) }},
		{"not an acknowledgement", func() error { return socket.WriteMessage(websocket.TextMessage, []byte(`hello`)) }},
		{"not a text frame", func() error { return socket.WriteMessage(websocket.BinaryMessage, good) }},
	}
	for i, row := range writes {
		if err := row.write(); err != nil {
			t.Fatal(err)
		}
		w.wait(t, row.reason, func() bool { return len(w.IgnoredAcks()) == i+1 })
		if got := w.IgnoredAcks()[i].Reason; !strings.HasPrefix(got, row.reason) {
			t.Errorf("ignored because %q, want %q", got, row.reason)
		}
	}
	if w.Envelopes()[0].AckedAt != (time.Time{}) {
		t.Fatal("one of them counted")
	}
	if err := socket.WriteMessage(websocket.TextMessage, padded(20479)); err != nil {
		t.Fatal(err)
	}
	if r := reply(); !r.Acked || r.Message == nil {
		t.Errorf("an acknowledgement of 20479 bytes: %+v", r)
	}
	if err := socket.WriteMessage(websocket.TextMessage, good); err != nil {
		t.Fatal(err)
	}
	w.wait(t, "the second acknowledgement", func() bool { return w.Envelopes()[0].ExtraAcks == 1 })
}

func TestAcknowledgementOnAnotherConnection(t *testing.T) {
	t.Parallel()
	for _, reject := range []bool{false, true} {
		t.Run(fmt.Sprintf("reject=%v", reject), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, slacksim.Config{AckDeadline: time.Minute, Unknown: slacksim.Unknown{RejectForeignAcks: reject}})
			first, _ := w.dial(t)
			reply := meanwhile(w.types("/wf-deactivate"))
			acknowledgement := map[string]any{"envelope_id": receive(t, first)["envelope_id"]}
			second, _ := w.dial(t)
			if err := second.WriteJSON(acknowledgement); err != nil {
				t.Fatal(err)
			}
			if reject {
				w.wait(t, "the refusal", func() bool { return len(w.IgnoredAcks()) == 1 })
				if err := first.WriteJSON(acknowledgement); err != nil {
					t.Fatal(err)
				}
			}
			if r := reply(); !r.Acked {
				t.Errorf("reply = %+v", r)
			}
		})
	}
}

func TestDisconnectReasons(t *testing.T) {
	t.Parallel()
	for _, reason := range []string{slacksim.Warning, slacksim.RefreshRequested, slacksim.LinkDisabled} {
		t.Run(reason, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, slacksim.Config{})
			w.connect(t, ack(nil))
			old := w.Connections()[0].ID
			w.Disconnect(reason)
			w.wait(t, "the next connection", func() bool {
				open := w.Connections()
				return len(open) == 1 && open[0].ID != old && !open[0].Leaving
			})
			w.wait(t, "an acknowledged command", func() bool {
				reply, err := w.types("/wf-deactivate")()
				return err == nil && reply.Acked
			})
		})
	}
}

func TestDroppedConnectionIsReplaced(t *testing.T) {
	t.Parallel()
	w := newWorld(t, slacksim.Config{})
	w.connect(t, ack(nil))
	for range 3 {
		old := w.Connections()[0].ID
		w.DropConnections()
		w.wait(t, "the next connection", func() bool { open := w.Connections(); return len(open) == 1 && open[0].ID != old })
	}
	w.CloseConnections()
	w.wait(t, "a connection after a close frame", func() bool { return len(w.Calls("apps.connections.open")) == 5 && len(w.Connections()) == 1 })
}

func TestRefusedUpgradeAndInstantDisconnects(t *testing.T) {
	t.Parallel()
	w := newWorld(t, slacksim.Config{})
	w.SetSocketMode(func(m *slacksim.SocketMode) { m.RefuseUpgrade = http.StatusConflict })
	_, url, err := w.api.StartSocketModeContext(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, resp, err := websocket.DefaultDialer.DialContext(t.Context(), url, nil); err == nil || resp.StatusCode != http.StatusConflict {
		t.Errorf("upgrade: %v, %v", resp, err)
	}
	w.SetSocketMode(func(m *slacksim.SocketMode) { *m = slacksim.SocketMode{DisconnectAtOnce: slacksim.RefreshRequested} })
	socket, _ := w.dial(t)
	if frame := receive(t, socket); frame["type"] != "disconnect" || frame["reason"] != slacksim.RefreshRequested {
		t.Errorf("after hello: %v", frame)
	}
}

func TestPingsAndPongs(t *testing.T) {
	t.Parallel()
	w := newWorld(t, slacksim.Config{PingInterval: 5 * time.Millisecond})
	w.connect(t, ack(nil))
	w.wait(t, "three pongs", func() bool { open := w.Connections(); return len(open) == 1 && open[0].Pongs >= 3 })
}

func TestLostDuplicateAndHeldDeliveries(t *testing.T) {
	t.Parallel()
	w := newWorld(t, slacksim.Config{AckDeadline: 50 * time.Millisecond})
	socket, _ := w.dial(t)
	w.SetSocketMode(func(m *slacksim.SocketMode) { m.Lose = 1 })
	if reply, err := w.types("/lost")(); err != nil || reply.Failure != slacksim.OperationTimeout {
		t.Errorf("lost: %+v, %v", reply, err)
	}
	w.SetSocketMode(func(m *slacksim.SocketMode) { m.Duplicate = 1 })
	reply := meanwhile(w.types("/twice"))
	if one, two := receive(t, socket), receive(t, socket); one["envelope_id"] != two["envelope_id"] {
		t.Errorf("duplicates %v and %v", one, two)
	}
	reply()
	release := w.HoldDeliveries()
	if reply, err := w.types("/held")(); err != nil || reply.Failure != slacksim.OperationTimeout {
		t.Errorf("held: %+v, %v", reply, err)
	}
	release()
	if late := receive(t, socket)["payload"].(map[string]any); late["command"] != "/held" {
		t.Errorf("released: %v", late)
	}
}

func TestRedelivery(t *testing.T) {
	t.Parallel()
	w := newWorld(t, slacksim.Config{})
	w.connect(t, ack(nil))
	if _, err := w.types("/wf-deactivate x")(); err != nil {
		t.Fatal(err)
	}
	first := w.Envelopes()[0]
	for _, same := range []bool{true, false} {
		if reply := w.Redeliver(first, same); !reply.Acked || (reply.EnvelopeID == first.ID) != same {
			t.Errorf("same id %v: %+v", same, reply)
		}
	}
	payloads := w.Envelopes()
	if payloads[1].Payload["trigger_id"] != payloads[2].Payload["trigger_id"] {
		t.Error("a redelivered payload differs")
	}
}

func TestStrangeFrames(t *testing.T) {
	t.Parallel()
	w := newWorld(t, slacksim.Config{})
	bad := make(chan json.RawMessage, 1)
	w.connect(t, func(c *socketmode.Client, e socketmode.Event) {
		message := e.Data.(*socketmode.ErrorBadMessage).Message
		var envelope struct {
			ID string `json:"envelope_id"`
		}
		_ = json.Unmarshal(message, &envelope)
		bad <- message
		_ = c.AckCtx(context.Background(), envelope.ID, nil)
	})
	reply, err := w.SendRaw([]byte(`{"envelope_id":"odd","type":"moon_phase","payload":{}}`), 0)
	if err != nil || !reply.Acked || !strings.Contains(string(<-bad), "moon_phase") {
		t.Errorf("reply = %+v, %v", reply, err)
	}
}

func TestRewrittenPayload(t *testing.T) {
	t.Parallel()
	w := newWorld(t, slacksim.Config{})
	w.connect(t, ack(nil))
	stop := w.Rewrite(func(kind string, payload map[string]any) { payload["team_id"] = "E0ORG" })
	_, _ = w.types("/one")()
	stop()
	_, _ = w.types("/two")()
	if got := []any{w.Envelopes()[0].Payload["team_id"], w.Envelopes()[1].Payload["team_id"]}; got[0] != "E0ORG" || got[1] != w.TeamID() {
		t.Errorf("team ids = %v", got)
	}
}

func TestEventsAreRedelivered(t *testing.T) {
	t.Parallel()
	w := newWorld(t, slacksim.Config{AckDeadline: 20 * time.Millisecond, EventRetries: []time.Duration{0, 0, 0}})
	var seen []string
	w.connect(t, func(c *socketmode.Client, e socketmode.Event) {
		inner := e.Data.(slackevents.EventsAPIEvent).InnerEvent.Data.(*slackevents.AppHomeOpenedEvent)
		seen = append(seen, fmt.Sprint(inner.User, " ", inner.Tab, " ", e.Request.RetryAttempt, " ", e.Request.RetryReason))
		if e.Request.RetryAttempt == 2 {
			_ = c.Ack(*e.Request)
		}
	})
	if err := w.OpenHome(w.jane); err != nil {
		t.Fatal(err)
	}
	w.wait(t, "the acknowledgement", func() bool {
		all := w.Envelopes()
		return len(all) == 3 && !all[2].AckedAt.IsZero()
	})
	if got, want := strings.Join(seen, ", "), "U0JANE home 0 , U0JANE home 1 timeout, U0JANE home 2 timeout"; got != want {
		t.Errorf("deliveries: %s, want %s", got, want)
	}
	if id := w.SendEvent(map[string]any{"type": "team_join"}); id != "" {
		t.Error("an event was sent without a subscription")
	}
}

func TestEnvelopeObservers(t *testing.T) {
	t.Parallel()
	w := newWorld(t, slacksim.Config{})
	phases := make(chan slacksim.Phase, 4)
	w.ObserveEnvelopes(func(e slacksim.Envelope, p slacksim.Phase) { phases <- p })
	w.connect(t, ack(nil))
	_, _ = w.types("/one")()
	if got := []slacksim.Phase{<-phases, <-phases}; !slices.Contains(got, slacksim.Delivered) || !slices.Contains(got, slacksim.Acknowledged) {
		t.Errorf("phases = %v", got)
	}
}

func TestCloseEndsEverything(t *testing.T) {
	t.Parallel()
	w := newWorld(t, slacksim.Config{AckDeadline: time.Hour})
	socket, _ := w.dial(t)
	w.Inject(slacksim.Fault{Method: "auth.test", Answer: slacksim.Hang()})
	hung := make(chan error, 1)
	go func() {
		_, err := w.api.AuthTestContext(context.Background())
		hung <- err
	}()
	w.wait(t, "the hung call", func() bool { return len(w.Calls("auth.test")) == 1 })
	reply := meanwhile(w.types("/unanswered"))
	receive(t, socket)
	w.Close()
	if r := reply(); r.Acked {
		t.Errorf("reply = %+v", r)
	}
	if err := <-hung; err == nil {
		t.Error("the hung call was answered")
	}
	if _, err := net.Dial("tcp", strings.TrimPrefix(w.URL(), "http://")); err == nil {
		t.Error("still listening")
	}
	w.Close() // twice is harmless
}
