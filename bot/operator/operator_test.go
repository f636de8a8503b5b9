package operator

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"wfbot/bot/slackapi"
	"wfbot/workfront"
)

// channel is a Slack that takes messages, or does not, and keeps their texts.
type channel struct {
	mu      sync.Mutex
	url     string
	refuses bool
	texts   []string
}

// client is one that has posted nothing yet, and need not wait for a second.
func (c *channel) client() *slackapi.Client {
	return slackapi.New(slackapi.Config{URL: c.url, Log: slog.New(slog.DiscardHandler)})
}

func (c *channel) read() (texts []string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	texts, c.texts = c.texts, nil
	return texts
}

func (c *channel) refuse(refuses bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.refuses = refuses
}

// clock is the time of day, as the test sets it.
type clock struct{ at time.Time }

func (c *clock) now() time.Time { return c.at }

func newOperator(t *testing.T, clock *clock) (*Operator, *channel) {
	c := &channel{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c.mu.Lock()
		defer c.mu.Unlock()
		if c.refuses {
			fmt.Fprint(w, `{"ok":false,"error":"is_archived"}`)
			return
		}
		c.texts = append(c.texts, r.FormValue("text"))
		fmt.Fprint(w, `{"ok":true,"channel":"C1","ts":"1.1"}`)
	}))
	t.Cleanup(server.Close)
	c.url = server.URL + "/"
	return New(c.client(), "C1", slog.New(slog.DiscardHandler), clock.now), c
}

// The same is said once an hour, or again once a message has failed, or the clock has
// been set back.
func TestAlarmOnceAnHour(t *testing.T) {
	t.Parallel()
	clock := &clock{at: time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC)}
	o, c := newOperator(t, clock)
	steps := []struct {
		why     string
		by      time.Duration
		what    string
		refuses bool
		want    bool
	}{
		{"the channel takes nothing", 0, "a", true, false}, {"it is tried again", 0, "a", false, true}, {"within the hour", time.Hour - 1, "a", false, false},
		{"the hour is over", 1, "a", false, true}, {"the clock is set back", -time.Minute, "a", false, true}, {"another trouble", 0, "b", false, true},
	}
	for _, s := range steps {
		clock.at = clock.at.Add(s.by)
		c.refuse(s.refuses)
		o.slack = c.client()
		told := o.Alarm(t.Context(), s.what, "it says <%s>", "a & b")
		if said := len(c.read()) == 1; told != s.want || said != s.want {
			t.Errorf("%s: told %v, said %v, want %v", s.why, told, said, s.want)
		}
	}
	o.slack = c.client()
	if !o.Note(t.Context(), "hello %s", "*a*") || len(c.read()) != 1 {
		t.Error("a note was not said")
	}
}

// Without a channel the log has all alarms, and nobody waits for the operator.
func TestAlarmWithoutAChannel(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	o := New(slackapi.New(slackapi.Config{}), "", slog.New(slog.NewTextHandler(&log, nil)), time.Now)
	for range 2 {
		if o.Alarm(t.Context(), "trouble", "set %s", "it") {
			t.Error("a channel was told")
		}
	}
	if !o.Note(t.Context(), "hello") {
		t.Error("a note that nobody has to read has failed")
	}
	if n := strings.Count(log.String(), `msg=trouble what_to_do="set it"`); n != 2 {
		t.Errorf("the log has it %d times:\n%s", n, log.String())
	}
}

// A database that fails is told when that begins, in the first words for it, and
// when it ends; one that works again at once is not worth a word.
func TestDatabase(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		o := New(nil, "", slog.New(slog.NewTextHandler(&log, nil)), time.Now)
		var fails atomic.Bool
		d := NewDatabase(o, func(context.Context) error {
			if fails.Load() {
				return errors.New("disk full")
			}
			return nil
		})
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() { d.Watch(ctx); close(ended) }()

		d.Failed(errors.New("a hiccup"))
		synctest.Wait()
		if log.Len() > 0 {
			t.Errorf("of one that works the log says %s", log.String())
		}
		fails.Store(true)
		for range 3 { // never blocks
			d.Failed(errors.New("no space"))
		}
		time.Sleep(10*time.Second + time.Millisecond)
		fails.Store(false)
		time.Sleep(time.Second)
		synctest.Wait()
		text := log.String()
		if strings.Count(text, "level=ERROR") != 1 || !strings.Contains(text, "no space") || strings.Count(text, "works again\"") != 1 {
			t.Errorf("the log says %s", text)
		}
		fails.Store(true)
		d.Failed(errors.New("disk full"))
		synctest.Wait()
		cancel() // while it fails
		<-ended
	})
}

// Access pauses for all when one is turned away, asks once for all, and tells the
// operator of the beginning and the end.
func TestAccess(t *testing.T) {
	t.Parallel()
	clock := &clock{at: time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC)}
	o, c := newOperator(t, clock)
	var refused bool
	asked := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked++
		w.Header().Set("Content-Type", "application/json")
		if refused {
			w.WriteHeader(http.StatusUnauthorized)
			fmt.Fprint(w, `{"error":{"class":"com.attask.common.AuthenticationException","message":"You are not logged in"}}`)
			return
		}
		fmt.Fprint(w, `{"data":{"ID":"6ac1","objCode":"USER","name":"wfbot","isActive":true}}`)
	}))
	t.Cleanup(server.Close)
	client, err := workfront.New(workfront.Config{URL: server.URL, APIKey: "key", Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	a := NewAccess(client, o, slog.New(slog.DiscardHandler), clock.now)

	refused = true
	_, err = a.Self(t.Context())
	if !TurnedAway(err) || TurnedAwayIn([]error{nil, err}) == nil || TurnedAwayIn(nil) != nil {
		t.Fatalf("a refused credential is %v", err)
	}
	until := a.Pause(t.Context(), err)
	if said := strings.Join(c.read(), ""); !until.Equal(clock.at.Add(2*time.Second)) || !strings.Contains(said, "not logged in") {
		t.Errorf("paused for %v, said %s", until.Sub(clock.at), said)
	}
	before := asked
	if until, why := a.AskIfPaused(t.Context(), time.Time{}); until.IsZero() || why == nil || asked != before {
		t.Error("it does not wait")
	}
	if until, _ := a.AskIfPaused(t.Context(), clock.at); !until.Equal(clock.at.Add(5*time.Second)) || asked != before+1 {
		t.Error("it does not ask when an approver wants it")
	}
	refused = false
	clock.at = clock.at.Add(5 * time.Second)
	if until, why := a.AskIfPaused(t.Context(), time.Time{}); !until.IsZero() || why != nil {
		t.Errorf("it still waits until %v: %v", until, why)
	}
	if said := strings.Join(c.read(), ""); !strings.Contains(said, "accepts wfbot's credential again") {
		t.Errorf("of the end it says %q", said)
	}
	before = asked
	if id, err := a.Self(t.Context()); id != "6ac1" || err != nil || asked != before {
		t.Errorf("the bot is %q, %v, asked anew: %v", id, err, asked != before)
	}
	if until, _ := a.AskIfPaused(t.Context(), time.Time{}); !until.IsZero() || asked != before {
		t.Error("it asks although nobody is turned away")
	}
	moved := fmt.Errorf("reading: %w", workfront.ErrMoved)
	if TurnedAwayIn([]error{moved, nil}) != nil || TurnedAwayIn([]error{moved, moved}) == nil {
		t.Error("one redirect among answers is about all calls, or redirects alone are not")
	}
}

// However often somebody asks whether it works, Workfront is asked every 30 seconds at
// most while it does not say; what another has learned meanwhile counts at once.
func TestAccessAsksSeldomWhetherItWorks(t *testing.T) {
	t.Parallel()
	clock := &clock{at: time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC)}
	o, _ := newOperator(t, clock)
	asked, works := 0, false
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked++
		w.Header().Set("Content-Type", "application/json")
		if !works { // for good, as far as one call knows: it is not repeated
			w.WriteHeader(http.StatusUnprocessableEntity)
			fmt.Fprint(w, `{"error":{"class":"com.attask.common.AttaskException","message":"No"}}`)
			return
		}
		fmt.Fprint(w, `{"data":{"ID":"6ac1","objCode":"USER","name":"wfbot","isActive":true}}`)
	}))
	t.Cleanup(server.Close)
	client, err := workfront.New(workfront.Config{URL: server.URL, APIKey: "key", Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	a := NewAccess(client, o, slog.New(slog.DiscardHandler), clock.now)
	for second := range 60 {
		before := asked
		if err := a.Works(t.Context()); err == nil || TurnedAway(err) {
			t.Fatalf("after %d s: %v", second, err)
		}
		if asks := asked != before; asks != (second%30 == 0) {
			t.Fatalf("after %d s Workfront is asked: %t", second, asks)
		}
		clock.at = clock.at.Add(time.Second)
	}
	clock.at = clock.at.Add(-time.Hour) // somebody sets the clock right
	before := asked
	if err := a.Works(t.Context()); err == nil || asked == before {
		t.Errorf("after the clock was set: %v, asked %d times", err, asked-before)
	}
	works = true
	if err := a.Works(t.Context()); err == nil {
		t.Error("Workfront was asked again at once")
	}
	if _, err := a.Self(t.Context()); err != nil {
		t.Fatal(err)
	}
	before = asked
	if err := a.Works(t.Context()); err != nil || asked != before {
		t.Errorf("Workfront has said so to another: %v, asked %d times", err, asked-before)
	}
}
