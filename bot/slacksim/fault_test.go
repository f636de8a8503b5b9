package slacksim_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/slack-go/slack"

	"wfbot/bot/slacksim"
)

func TestRateLimits(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	w := newWorld(t, slacksim.Config{RateLimits: true, Now: func() time.Time { return now }})
	var limited *slack.RateLimitedError
	for i := range 4 {
		_, _, err := w.api.PostMessageContext(t.Context(), w.it, slack.MsgOptionText("x", false))
		if want := i == 3; errors.As(err, &limited) != want {
			t.Errorf("message %d at once: %v", i+1, err)
		}
	}
	if limited == nil || limited.RetryAfter < time.Second {
		t.Errorf("limited = %+v", limited)
	}
	if times := w.PostTimes(w.it); len(times) != 3 || !times[0].Equal(now) {
		t.Errorf("post times = %v", times)
	}
}

func TestFaults(t *testing.T) {
	t.Parallel()
	w := newWorld(t, slacksim.Config{})
	say := func(patience time.Duration) error {
		client := slack.New(w.BotToken(), slack.OptionAPIURL(w.APIURL()), slack.OptionHTTPClient(&http.Client{
			Timeout: patience, Transport: &http.Transport{DisableKeepAlives: true}, // no silent retry on a reused connection
		}))
		_, _, err := client.PostMessageContext(t.Context(), w.it, slack.MsgOptionText("x", false))
		return err
	}
	var status slack.StatusCodeError
	var limited *slack.RateLimitedError
	var unreachable *url.Error
	for _, row := range []struct {
		why   string
		fault slacksim.Fault
		as    any // what the client's error is; nil: any error
	}{
		{"429", slacksim.Fault{Answer: slacksim.RateLimited(7)}, &limited},
		{"429 without Retry-After", slacksim.Fault{Answer: slacksim.RateLimited(-1)}, &status},
		{"503 page", slacksim.Fault{Answer: slacksim.HTML(503)}, &status},
		{"page at 200", slacksim.Fault{Answer: slacksim.HTML(200)}, nil},
		{"half an answer", slacksim.Fault{Answer: slacksim.Truncated()}, nil},
		{"error code", slacksim.Fault{Answer: slacksim.ErrorCode("internal_error")}, nil},
		{"reset", slacksim.Fault{Answer: slacksim.Reset()}, &unreachable},
		{"hang", slacksim.Fault{Answer: slacksim.Hang()}, &unreachable},
		{"applied, then reset", slacksim.Fault{Answer: slacksim.Reset(), Apply: true}, &unreachable},
	} {
		before := len(w.Messages(w.it))
		row.fault.Method = "chat.postMessage"
		w.Inject(row.fault)
		patience := time.Minute
		if row.why == "hang" {
			patience = 50 * time.Millisecond
		}
		err := say(patience)
		if err == nil || (row.as != nil && !errors.As(err, row.as)) {
			t.Errorf("%s: error = %v", row.why, err)
		}
		if applied := len(w.Messages(w.it)) > before; applied != row.fault.Apply {
			t.Errorf("%s: applied = %v", row.why, applied)
		}
		if err := say(time.Minute); err != nil {
			t.Errorf("%s: the next call still fails: %v", row.why, err)
		}
	}
	w.Inject(slacksim.Fault{Answer: slacksim.NoErrorCode()})
	if err := say(time.Minute); err != nil {
		t.Errorf("slack-go sees no error in ok:false without a code; got %v", err)
	}
}

func TestObserversSeeEveryPhase(t *testing.T) {
	t.Parallel()
	w := newWorld(t, slacksim.Config{})
	var seen []string
	answered := make(chan struct{})
	stop := w.Observe(func(c slacksim.Call, p slacksim.Phase) {
		seen = append(seen, fmt.Sprintf("%s %d messages", p, len(w.Messages(w.it))))
		if p == slacksim.Answered {
			close(answered)
		}
	})
	if _, _, err := w.api.PostMessageContext(t.Context(), w.it, slack.MsgOptionText("x", false)); err != nil {
		t.Fatal(err)
	}
	<-answered // the caller has its answer before observers are told of it
	stop()
	w.Close() // joins the goroutine that calls observers
	if diff := cmp.Diff([]string{"arrived 0 messages", "applied 1 messages", "answered 1 messages"}, seen); diff != "" {
		t.Errorf("phases (-want +got):\n%s", diff)
	}
}

func TestObserverDropsACall(t *testing.T) {
	t.Parallel()
	w := newWorld(t, slacksim.Config{})
	w.Observe(func(c slacksim.Call, p slacksim.Phase) {
		if p == slacksim.Arrived {
			w.DropCall(c.Seq)
		}
	})
	if _, _, err := w.api.PostMessageContext(t.Context(), w.it, slack.MsgOptionText("x", false)); err == nil {
		t.Error("the call was answered")
	}
	if n := len(w.Messages(w.it)); n != 0 {
		t.Errorf("%d messages, want none", n)
	}
}
