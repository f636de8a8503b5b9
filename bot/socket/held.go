package socket

import (
	"context"
	"slices"
	"sync"
	"time"
)

// lingers is how long Slack may count a connection that has ended: of one that broke
// it learns only when its own pings are not answered.
const lingers = 2 * time.Minute

// held counts the connections that Slack may count as the pool's. The zero value
// counts none.
type held struct {
	mu    sync.Mutex
	open  int
	ended []time.Time // the connections that have ended, oldest first
}

func (h *held) begin() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.open++
}

func (h *held) end(now time.Time) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.open--
	h.ended = append(h.lately(now), now)
}

func (h *held) count(now time.Time) int {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.ended = h.lately(now)
	return h.open + len(h.ended)
}

func (h *held) lately(now time.Time) []time.Time {
	return slices.DeleteFunc(h.ended, func(at time.Time) bool { return now.Sub(at) > lingers })
}

// Held returns how many connections Slack may count as this pool's at most: those
// that are open, whatever for, those that have ended lately, and those that are still
// to be opened.
func (p *Pool) Held() int { return max(p.held.count(time.Now()), p.cfg.Connections) }

// Ask has the pool find out how many connections the app has, which Config.Greeted is
// then told: it opens one more and closes it when it was greeted. It does not wait
// for that.
func (p *Pool) Ask() {
	select {
	case p.asked <- struct{}{}:
	default: // it is about to
	}
}

// answer does what Ask asks for, until ctx ends. What Slack delivers on the
// connection in between is handled like anything else.
func (p *Pool) answer(ctx context.Context) {
	for {
		select {
		case <-p.asked:
		case <-ctx.Done():
			return
		}
		if p.throttle.wait(ctx) != nil {
			return
		}
		c, err := p.connect(ctx)
		if err != nil { // who wants to know asks again
			p.cfg.Log.Warn("opening no further connection until Slack says how many the app has", "reason", err)
			continue
		}
		greeted, end := context.WithCancel(ctx)
		c.hello = end
		c.serve(greeted)
		end()
	}
}
