package slacksim_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/slack-go/slack/slackevents"
	"github.com/slack-go/slack/socketmode"

	"wfbot/bot/slacksim"
)

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
	seen := make(chan string, 10)
	w.connect(t, func(c *socketmode.Client, e socketmode.Event) {
		inner := e.Data.(slackevents.EventsAPIEvent).InnerEvent.Data.(*slackevents.AppHomeOpenedEvent)
		seen <- fmt.Sprint(inner.User, " ", inner.Tab, " ", e.Request.RetryAttempt, " ", e.Request.RetryReason)
		if e.Request.RetryAttempt == 2 {
			_ = c.Ack(*e.Request)
		}
	})
	if err := w.OpenHome(w.jane); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"U0JANE home 0 ", "U0JANE home 1 timeout", "U0JANE home 2 timeout"} {
		if got := <-seen; got != want {
			t.Errorf("delivery %q, want %q", got, want)
		}
	}
	w.wait(t, "the acknowledgement", func() bool {
		return slices.ContainsFunc(w.Envelopes(), func(e slacksim.Envelope) bool { return !e.AckedAt.IsZero() })
	})
	for _, e := range w.Envelopes() {
		if e.ID != w.Envelopes()[0].ID || e.Payload["event_id"] != w.Envelopes()[0].Payload["event_id"] {
			t.Errorf("redelivered as %s of event %v", e.ID, e.Payload["event_id"])
		}
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
