package operator

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"
)

// later tells what is owed and returns what the channel was told.
func (c *channel) later(t *testing.T, o *Operator) string {
	t.Helper()
	o.slack = c.client()
	o.tellOwed(t.Context())
	return strings.Join(c.read(), "\n")
}

// What the channel does not take is told when it does, once, after growing pauses.
func TestAlarmThatFailsIsToldLater(t *testing.T) {
	t.Parallel()
	clock := &clock{at: time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC)}
	o, c := newOperator(t, clock)
	c.refuse(true)
	if o.Alarm(t.Context(), "aside", "row %s is set aside", "<7>") {
		t.Fatal("a channel that takes nothing was told")
	}
	for range 2 {
		if said := c.later(t, o); said != "" {
			t.Errorf("said %s", said)
		}
		clock.at = clock.at.Add(4 * time.Second)
	}
	c.refuse(false)
	clock.at = clock.at.Add(-time.Second)
	if said := c.later(t, o); said != "" {
		t.Errorf("before the pause is over it says %s", said)
	}
	clock.at = clock.at.Add(time.Second)
	if said := c.later(t, o); said != "row `&lt;7&gt;` is set aside" {
		t.Errorf("later it says %q", said)
	}
	clock.at = clock.at.Add(3 * time.Hour)
	if said := c.later(t, o); said != "" {
		t.Errorf("a second time it says %s", said)
	}
}

// A second trouble of a kind within the hour is told after it, and how many others there
// were; the same one is not, and trouble that is over is not either.
func TestAlarmWithinTheHourIsToldAfterIt(t *testing.T) {
	t.Parallel()
	clock := &clock{at: time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC)}
	o, c := newOperator(t, clock)
	o.Alarm(t.Context(), "untold", "%s cannot be told", "Ada")
	c.read()
	for _, who := range []string{"Ada", "Ben", "Cem", "Dan", "Dan"} {
		o.Alarm(t.Context(), "untold", "%s cannot be told", who)
	}
	o.Later("another", "the group is gone")
	if said := c.later(t, o); said != "the group is gone" {
		t.Errorf("within the hour it says %q", said)
	}
	clock.at = clock.at.Add(time.Hour)
	if said := c.later(t, o); said != "Dan cannot be told (2 more of the kind are in the log.)" {
		t.Errorf("after the hour it says %q", said)
	}
	o.Later("another", "the group is gone") // still
	if said := c.later(t, o); said != "the group is gone" {
		t.Errorf("of what is still so it says %q", said)
	}
	o.Later("over", "soon over")
	o.forget("over")
	if said := c.later(t, o); said != "" {
		t.Errorf("of what is over it says %s", said)
	}
}

// Of more kinds of trouble than there are places for the operator hears how many.
func TestMoreIsOwedThanThereArePlaces(t *testing.T) {
	t.Parallel()
	clock := &clock{at: time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC)}
	o, c := newOperator(t, clock)
	for i := range owedMost + 3 {
		o.Later(fmt.Sprint("row ", i), "row %d", i)
	}
	o.owed = map[string]owed{}
	if said := c.later(t, o); !strings.Contains(said, "3 more troubles") {
		t.Errorf("it says %q", said)
	}
	if said := c.later(t, o); said != "" {
		t.Errorf("a second time it says %s", said)
	}
}

// Watch says what is owed by itself, and ends with its context; without a channel
// nothing is owed.
func TestWatchTellsWhatIsOwed(t *testing.T) {
	t.Parallel()
	clock := &clock{at: time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC)}
	o, c := newOperator(t, clock)
	o.Later("gone", "the group is gone")
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { o.Watch(ctx); close(ended) }()
	for len(c.read()) == 0 && ctx.Err() == nil {
		time.Sleep(time.Millisecond)
	}
	cancel()
	<-ended
	silent := New(o.slack, "", o.log, clock.now)
	silent.Later("gone", "the group is gone")
	if len(silent.owes()) != 0 {
		t.Error("something is owed to nobody")
	}
}
