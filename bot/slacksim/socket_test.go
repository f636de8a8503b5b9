package slacksim_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

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
