package bot_test

import (
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"wfbot/bot/bottest/machine"
	"wfbot/bot/request"
	"wfbot/bot/slacksim"
	"wfbot/workfront/workfrontsim"
)

// Fifty people, a Workfront that takes a tenth of a second for each answer, and a
// Slack that keeps to its limits: one card, two look-ups at a time, and
// everybody done within a minute of waiting for the bot. It has the machine to itself
// then. Unless nothing is left to a sample Workfront answers sooner, others run
// beside it, and its calls are counted instead.
func TestFiftyPeopleTakeLessThanAMinute(t *testing.T) {
	machine.Slow(t, "repaints a card every two seconds")
	delay := 100 * time.Millisecond
	if !machine.All() {
		t.Parallel()
		delay /= 5
	}
	w := newWorldWith(t, slacksim.Config{RateLimits: true})
	users := w.staff(50)
	w.workfront.Inject(workfrontsim.Fault{Apply: true, Answer: workfrontsim.Answer{Delay: delay}})
	lookUps := w.countLookUps()
	w.start()

	started := time.Now()
	w.As(w.rita).Types(w.channel, "/wf-deactivate "+emails(users)+" the project ends")
	w.pollFor(time.Minute, "everybody is asked for", func() bool { return w.stands()[request.Pending] == 50 })
	card := w.Channel(w.channel).ExpectMessage("50 people in Workfront")
	card.ExpectButtons("Approve all (50)", "Deny all (50)", "Cancel all (50)")
	asked := time.Since(started)
	card.Click(w.anna, "Approve all (50)")
	w.pollFor(time.Minute, "everybody is done", func() bool { return w.stands()[request.Done] == 50 })
	card.ExpectText("50 ✅ done").ExpectButtons()
	took := time.Since(started)
	t.Logf("asked after %v, done after %v", asked.Round(10*time.Millisecond), took.Round(10*time.Millisecond))
	if machine.All() && took > time.Minute {
		t.Errorf("it took %v", took)
	}
	if n := len(w.workfront.Journal()); n > 50*25 {
		t.Errorf("%d calls to Workfront, more than 25 for each of them", n)
	}
	if most := lookUps.most(); most < 1 || most > 5 { // of six places one is kept for what was approved
		t.Errorf("%d look-ups at a time, want at most 5", most)
	}
	if n := len(w.PostTimes(w.channel)); n != 1 {
		t.Errorf("%d messages in the channel, want the card alone", n)
	}
	for _, c := range w.Calls("chat.update") {
		if c.Status == http.StatusTooManyRequests {
			t.Error("the card was repainted faster than Slack takes it")
		}
	}
	w.ExpectPrivate(w.rita, ": deactivate 50 people")
	w.ExpectPrivate(w.anna, "You approved this for 50 people.")
	w.ExpectDM(w.rita, "50 people deactivated")
	w.quiet()
}

// crowdCount counts the look-ups that are at Workfront at the same time.
type crowdCount struct {
	mu        sync.Mutex
	now, peak int
}

func (c *crowdCount) add(n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now += n
	c.peak = max(c.peak, c.now)
}

func (c *crowdCount) most() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.peak
}

// countLookUps counts from now on; it comes before the bot is started. Other calls
// may be given up by the client while they are still at Workfront.
func (w *world) countLookUps() *crowdCount {
	count := new(crowdCount)
	w.wfServer.Config.Handler = http.HandlerFunc(func(out http.ResponseWriter, r *http.Request) {
		if !strings.HasSuffix(r.URL.Path, "/user/search") {
			w.workfront.ServeHTTP(out, r)
			return
		}
		count.add(1)
		w.workfront.ServeHTTP(&leaving{ResponseWriter: out, leave: sync.OnceFunc(func() { count.add(-1) })}, r)
	})
	return count
}

// leaving says when the first byte of the answer is about to be written: once the
// client has it, it may send the next call.
type leaving struct {
	http.ResponseWriter
	leave func()
}

func (l *leaving) WriteHeader(status int) {
	l.leave()
	l.ResponseWriter.WriteHeader(status)
}

func (l *leaving) Write(b []byte) (int, error) {
	l.leave()
	return l.ResponseWriter.Write(b)
}

func (l *leaving) Unwrap() http.ResponseWriter { return l.ResponseWriter }
