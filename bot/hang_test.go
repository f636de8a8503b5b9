package bot_test

import (
	"net"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"wfbot/bot/request"
	"wfbot/bot/slacksim"
)

// hose is a network between the bot and its database that can stop carrying
// anything, while every connection stands.
type hose struct {
	listener net.Listener
	server   string
	mu       sync.Mutex
	open     chan struct{} // closed while bytes flow
	conns    []net.Conn
	carrying sync.WaitGroup
}

// throughHose puts a hose in front of the world's database.
func (w *world) throughHose() *hose {
	w.t.Helper()
	address, err := url.Parse(w.database)
	if err != nil {
		w.t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		w.t.Fatal(err)
	}
	h := &hose{listener: listener, server: address.Host, open: make(chan struct{})}
	close(h.open)
	address.Host = listener.Addr().String()
	w.database = address.String()
	h.carrying.Go(h.accept)
	w.t.Cleanup(h.close)
	return h
}

func (h *hose) accept() {
	for {
		client, err := h.listener.Accept()
		if err != nil {
			return
		}
		server, err := net.Dial("tcp", h.server)
		if err != nil {
			client.Close()
			continue
		}
		h.mu.Lock()
		h.conns = append(h.conns, client, server)
		h.mu.Unlock()
		for _, way := range [][2]net.Conn{{client, server}, {server, client}} {
			h.carrying.Go(func() { h.carry(way[0], way[1]) })
		}
	}
}

// carry takes bytes from one side to the other. What it holds when the hose is
// shut arrives when it is opened again.
func (h *hose) carry(from, to net.Conn) {
	defer from.Close()
	defer to.Close()
	buffer := make([]byte, 4096)
	for {
		n, err := from.Read(buffer)
		h.mu.Lock()
		open := h.open
		h.mu.Unlock()
		<-open
		if n > 0 {
			if _, err := to.Write(buffer[:n]); err != nil {
				return
			}
		}
		if err != nil {
			return
		}
	}
}

func (h *hose) shut() (reopen func()) {
	h.mu.Lock()
	defer h.mu.Unlock()
	open := make(chan struct{})
	h.open = open
	return sync.OnceFunc(func() { close(open) })
}

func (h *hose) close() {
	h.listener.Close()
	h.mu.Lock()
	for _, c := range h.conns {
		c.Close()
	}
	h.mu.Unlock()
	h.carrying.Wait()
}

// The database's network goes dead without a word. Everybody is answered in time,
// nobody is told that something was accepted, the operator is told, and when it
// comes back the bot goes on by itself.
func TestHangingDatabaseHangsNobody(t *testing.T) {
	t.Parallel()
	// The bot answers within Slack's 3 seconds; a slow machine gets more.
	w := newWorldWith(t, slacksim.Config{AckDeadline: 10 * time.Second})
	w.usePostgres()
	hose := w.throughHose()
	ops := w.withOps()
	w.start()
	card := w.ask()
	button := card.Button("Approve")
	button.Answer = button.Confirm.Confirm
	w.settle()

	reopen := hose.shut()
	t.Cleanup(reopen)
	var people sync.WaitGroup
	people.Go(func() {
		reply, err := w.Command(w.rita, w.channel, "/wf-deactivate joe@acme.com left")
		if text, _ := reply.Payload["text"].(string); err != nil || !strings.Contains(text, "Perhaps I could not store this") {
			t.Errorf("a command while the database hangs: %+v, %v", reply, err)
		}
	})
	people.Go(func() {
		reply, err := w.Click(w.anna, card.ChannelID(), card.TS(), button)
		if err != nil || reply.Acked || reply.Failure == "" {
			t.Errorf("a press while the database hangs: %+v, %v; want Slack's own error", reply, err)
		}
	})
	people.Wait()
	w.pollFor(time.Minute, "the operator is told", func() bool { return strings.Contains(w.text(ops), "does not take what is written") })
	if n := len(w.writes()); n != 0 {
		t.Errorf("%d writes", n)
	}

	reopen()
	w.pollFor(time.Minute, "the operator is told that it works again", func() bool { return strings.Contains(w.text(ops), "works again") })
	// The press may have been stored, when it was stuck on its way.
	w.insist(w.otto, card, button)
	w.pollFor(time.Minute, "jane is deactivated", func() bool { return len(w.requests()) > 0 && w.requests()[0].State == request.Done })
	w.settle()
	w.Forgive()
	w.check(true)
}

// text is all that the bot wrote in a channel.
func (w *world) text(channel string) string {
	var all strings.Builder
	for _, m := range w.Messages(channel) {
		all.WriteString(m.Text + "\n")
	}
	return all.String()
}
